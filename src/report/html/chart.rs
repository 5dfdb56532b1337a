//! PURE. Charts as inline SVG. Widths are shares of the place they stand in, so that letters keep their size.

use maud::{Markup, html};

use crate::report::progress::{Bucket, Track};

/// Score at the left and at the right end of a scale.
const LOWEST: f64 = 1.0;
const HIGHEST: f64 = 4.0;

/// A share of the width.
pub(super) fn percent(share: f64) -> String {
    format!("{:.2}%", 100.0 * share.clamp(0.0, 1.0))
}

/// Where a score stands between the ends of a scale.
fn along(score: f64) -> f64 {
    (score - LOWEST) / (HIGHEST - LOWEST)
}

/// A score from 1 to 4, with the spread of several samples. The figure stands beside it.
pub(super) fn score(score: f64, spread: Option<f64>) -> Markup {
    let ticks = [2.0, 3.0];
    html! {
        svg.scale width="100%" height="14" aria-hidden="true" focusable="false" {
            rect.track x="0" y="4" width="100%" height="6" rx="3" {}
            rect.fill x="0" y="4" width=(percent(along(score).max(0.02))) height="6" rx="3" {}
            @for tick in ticks { line.tick x1=(percent(along(tick))) x2=(percent(along(tick))) y1="2" y2="12" {} }
            @if let Some(spread) = spread.filter(|spread| *spread > 0.0) {
                line.spread x1=(percent(along(score - spread / 2.0))) x2=(percent(along(score + spread / 2.0))) y1="7" y2="7" {}
            }
        }
    }
}

/// The mean of an interview beside the bars of the three levels.
pub(super) fn bars(mean: f64, bars: &[(&str, f64)]) -> Markup {
    // Room at both ends for the letters of a mark.
    let x = |score: f64| percent(0.04 + 0.92 * along(score));
    let mut rows = Vec::new();
    let mut last = f64::NEG_INFINITY;
    for &(_, bar) in bars {
        // Two marks close to each other are named on two lines.
        let crowded = bar - last < 0.55 && rows.last() == Some(&26);
        rows.push(if crowded { 12 } else { 26 });
        last = bar;
    }
    let named: Vec<String> = bars.iter().map(|(name, bar)| format!("{name} {bar:.1}")).collect();
    html! {
        svg.bars width="100%" height="84" role="img" aria-labelledby="bars-title bars-text" {
            title #bars-title { "The mean and the bars" }
            desc #bars-text { "The weighted mean is " (format!("{mean:.2}")) " of 4. A yes begins at: " (named.join(", ")) "." }
            rect.track x="4%" y="42" width="92%" height="8" rx="4" {}
            rect.fill x="4%" y="42" width=(percent(0.92 * along(mean).max(0.01))) height="8" rx="4" {}
            @for (&(name, bar), row) in bars.iter().zip(rows) {
                line.bar x1=(x(bar)) x2=(x(bar)) y1=(row + 4) y2="56" {}
                text x=(x(bar)) y=(row) text-anchor="middle" { (name) }
            }
            circle.mean cx=(x(mean)) cy="46" r="7" {}
            text.mean-text x=(x(mean)) y="76" text-anchor=(anchor(along(mean))) { "mean " (format!("{mean:.2}")) }
        }
    }
}

/// Letters at either end of a chart stay inside it.
fn anchor(share: f64) -> &'static str {
    match share {
        share if share < 0.1 => "start",
        share if share > 0.9 => "end",
        _ => "middle",
    }
}

/// Parts of a whole, side by side; the numbers stand beside it. Each part is a style and a size.
pub(super) fn parts(parts: &[(&str, f64)]) -> Markup {
    let whole: f64 = parts.iter().map(|(_, size)| size).sum::<f64>().max(f64::MIN_POSITIVE);
    let mut passed = 0.0;
    html! {
        svg.parts width="100%" height="14" aria-hidden="true" focusable="false" {
            @for (style, size) in parts.iter().filter(|(_, size)| *size > 0.0) {
                rect class=(style) x=(percent(passed / whole)) y="0" width=(percent(size / whole)) height="14" {}
                ({ passed += size; "" })
            }
        }
    }
}

/// Time used, over time planned, on a scale whose end is `longest`; in seconds.
pub(super) fn span(used: Option<u64>, planned: Option<u64>, longest: u64) -> Markup {
    let share = |seconds: u64| seconds as f64 / longest.max(1) as f64;
    let (used, planned) = (used.map(share), planned.map(share));
    let within = used.map(|used| planned.map_or(used, |planned| used.min(planned)));
    let over = used.zip(planned).filter(|(used, planned)| used > planned);
    html! {
        svg.span width="100%" height="18" aria-hidden="true" focusable="false" {
            @if let Some(planned) = planned { rect.plan x="0" y="1" width=(percent(planned)) height="16" rx="3" {} }
            @if let Some(within) = within { rect.fill x="0" y="5" width=(percent(within)) height="8" rx="2" {} }
            @if let Some((used, planned)) = over { rect.over x=(percent(planned)) y="5" width=(percent(used - planned)) height="8" rx="2" {} }
        }
    }
}

/// A share of a whole; the figure stands beside it.
pub(super) fn share(share: f64) -> Markup {
    html! {
        svg.scale width="100%" height="14" aria-hidden="true" focusable="false" {
            rect.track x="0" y="4" width="100%" height="6" rx="3" {}
            rect.fill x="0" y="4" width=(percent(share)) height="6" rx="3" {}
        }
    }
}

/// Height of a chart over time, and of the room above and below it, in pixels.
const HEIGHT: f64 = 88.0;
const ROOM: f64 = 10.0;

/// A column a value, from nothing to the highest. A table or a sentence stands beside it.
pub(super) fn columns(values: &[f64]) -> Markup {
    let most = values.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let wide = 1.0 / values.len().max(1) as f64;
    html! {
        svg.columns-chart width="100%" height=(HEIGHT) aria-hidden="true" focusable="false" {
            line.ground x1="0" x2="100%" y1=(HEIGHT - 1.0) y2=(HEIGHT - 1.0) {}
            @for (number, value) in values.iter().enumerate().filter(|(_, value)| **value > 0.0) {
                @let tall = (value / most * (HEIGHT - ROOM)).max(2.0);
                rect.fill x=(percent((number as f64 + 0.14) * wide)) width=(percent(0.72 * wide))
                    y=(format!("{:.1}", HEIGHT - 1.0 - tall)) height=(format!("{tall:.1}")) rx="2" {}
            }
        }
    }
}

/// Grades by day: the mean as a line, and from the lowest to the highest where several share a place.
pub(super) fn over_time(track: &Track) -> Markup {
    let (first, last) =
        (track.series.first().map_or(0, |b| b.from.0), track.series.last().map_or(0, |b| b.to.0));
    let days = f64::from(last - first).max(1.0);
    let x = |bucket: &Bucket| {
        let middle = f64::midpoint(f64::from(bucket.from.0), f64::from(bucket.to.0));
        percent(0.05 + 0.93 * (middle - f64::from(first)) / days)
    };
    let y = |grade: f64| {
        let share = ((grade - track.lowest) / (track.highest - track.lowest)).clamp(0.0, 1.0);
        format!("{:.1}", HEIGHT - ROOM - share * (HEIGHT - 2.0 * ROOM))
    };
    let steps = (track.lowest.ceil() as i64..=track.highest as i64).map(|grade| grade as f64);
    html! {
        svg.over-time width="100%" height=(HEIGHT) aria-hidden="true" focusable="false" {
            @for grade in steps {
                line.grid x1="4%" x2="100%" y1=(y(grade)) y2=(y(grade)) {}
                text x="0" y=(y(grade)) dy="4" { (grade) }
            }
            @for bucket in track.series.iter().filter(|bucket| bucket.high > bucket.low) {
                line.range x1=(x(bucket)) x2=(x(bucket)) y1=(y(bucket.low)) y2=(y(bucket.high)) {}
            }
            @for two in track.series.windows(2) {
                line.line x1=(x(&two[0])) y1=(y(two[0].mean)) x2=(x(&two[1])) y2=(y(two[1].mean)) {}
            }
            @for bucket in &track.series { circle.dot cx=(x(bucket)) cy=(y(bucket.mean)) r="3" {} }
        }
    }
}
