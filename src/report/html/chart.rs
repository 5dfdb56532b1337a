//! PURE. Charts as inline SVG. Widths are shares of the place they stand in, so that letters keep their size.

use maud::{Markup, html};

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
