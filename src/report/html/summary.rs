//! PURE. The top of a report: verdicts, what holds them, what was noticed, what to practise next.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::document::Section;
use super::text::Line;
use super::{Page, chart};
use crate::grading::{Assessment, Bar, SeniorityLevel, Verdict};
use crate::report::words::{flag, name_of, title, verdict};

/// Style of a verdict.
pub(super) fn style(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::StrongYes | Verdict::Yes) => "good",
        Some(Verdict::No | Verdict::StrongNo) => "bad",
        None => "none",
    }
}

fn sign(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::StrongYes) => "\u{2713}\u{2713}",
        Some(Verdict::Yes) => "\u{2713}",
        Some(Verdict::No) => "\u{2717}",
        Some(Verdict::StrongNo) => "\u{2717}\u{2717}",
        None => "\u{2013}",
    }
}

pub(super) fn verdicts(page: &Page<'_>) -> Option<Section> {
    let (report, bars) = (page.report, &page.rubric.bars);
    let levels = [
        (SeniorityLevel::Mid, report.verdicts.mid, &bars.mid),
        (SeniorityLevel::Senior, report.verdicts.senior, &bars.senior),
        (SeniorityLevel::Staff, report.verdicts.staff, &bars.staff),
    ];
    let scores: BTreeMap<&str, f64> = report
        .criteria
        .iter()
        .filter_map(|criterion| match criterion.assessment {
            Assessment::Assessed { score, .. } => Some((criterion.id.as_str(), score)),
            Assessment::NotAssessed { .. } => None,
        })
        .collect();
    let aimed = |level| page.is_live() && page.state.start.level == level;
    let mean = page.rubric.mean(&scores);
    let body = html! {
        ul.verdicts {
            @for (level, given, bar) in levels {
                li class={ "verdict " (style(given)) } {
                    span.level {
                        (name_of(super::level(level)))
                        @if aimed(level) { " \u{b7} " span.aimed { "aimed at" } }
                    }
                    strong { span.sign aria-hidden="true" { (sign(given)) } " " (verdict(given)) }
                    span.means { (Line(&bar.means)) }
                }
            }
        }
        @if let Some(mean) = mean {
            figure.mean-and-bars {
                (chart::bars(mean, &[("mid", bars.mid.yes), ("senior", bars.senior.yes), ("staff", bars.staff.yes)]))
                figcaption { "Weighted mean of the criteria, from 1 to 4, and where a yes begins at each level." }
            }
            (held(page, &scores, mean))
        }
        @if !report.flags.is_empty() {
            div.noticed {
                h3 { "Noticed" }
                ul { @for &noticed in &report.flags { li { (flag(noticed)) } } }
            }
        }
    };
    Some(Section { id: "verdict", title: "Verdict", body })
}

/// Where the mean would have passed and a criterion holds the verdict down, which.
fn held(page: &Page<'_>, scores: &BTreeMap<&str, f64>, mean: f64) -> Markup {
    let bars = &page.rubric.bars;
    let held = |bar: &Bar| -> Vec<String> {
        let holding = page.rubric.held_by(scores, bar).into_iter();
        holding
            .map(|criterion| match (scores.get(criterion.id.as_str()), bar.floors.get(&criterion.id)) {
                (Some(_), Some(floor)) => format!("{} is under level {floor}", criterion.title),
                _ => format!("{} was not assessed", criterion.title),
            })
            .collect()
    };
    let lines: Vec<(&str, Vec<String>)> =
        [("mid", &bars.mid), ("senior", &bars.senior), ("staff", &bars.staff)]
            .into_iter()
            .filter(|(_, bar)| mean >= bar.yes)
            .map(|(name, bar)| (name, held(bar)))
            .filter(|(_, reasons)| !reasons.is_empty())
            .collect();
    html! {
        @for (name, reasons) in &lines {
            p.held { "The mean is enough for " (name) "; what holds it at no: " (Line(&reasons.join("; "))) "." }
        }
    }
}

pub(super) fn next(page: &Page<'_>) -> Option<Section> {
    let report = page.report;
    // What was wrong has a section of its own.
    let corrected =
        |line: &&String| report.corrections.iter().any(|known| line.ends_with(known.correction.as_str()));
    let lines: Vec<&String> = report.feedback.iter().filter(|line| !corrected(line)).collect();
    // Feedback that names a criterion has said already where most is to be gained.
    let named = |name: &str| lines.iter().any(|line| line.contains(name));
    let is_named = report.criteria.iter().any(|criterion| named(title(page.rubric, &criterion.id)));
    let weakest = weakest(page).filter(|_| !is_named);
    if lines.is_empty() && weakest.is_none() {
        return None;
    }
    let body = html! {
        ol.next { @for line in lines { li { (lead(line)) } } }
        @if let Some((index, name)) = weakest {
            p { "Most is to be gained in " a href={ "#" (super::criterion_anchor(index)) } { (Line(name)) } "." }
        }
    };
    Some(Section { id: "next", title: "What to practise next", body })
}

/// A line whose first words name it, those words set off: `Drill: ...`.
fn lead(line: &str) -> Markup {
    match line.split_once(": ").filter(|(lead, _)| lead.chars().count() <= 40) {
        Some((lead, rest)) => html! { strong { (Line(lead)) ":" } " " (Line(rest)) },
        None => html! { (Line(line)) },
    }
}

/// The criterion that costs the mean most, if any is under the highest level.
fn weakest<'a>(page: &'a Page<'_>) -> Option<(usize, &'a str)> {
    let lost = page.report.criteria.iter().enumerate().filter_map(|(index, criterion)| {
        let Assessment::Assessed { score, .. } = criterion.assessment else { return None };
        let weight = page.rubric.criterion(&criterion.id).map_or(1.0, |known| known.weight);
        Some((weight * (4.0 - score), index, title(page.rubric, &criterion.id)))
    });
    let (lost, index, name) = lost.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (lost > 0.0).then_some((index, name))
}
