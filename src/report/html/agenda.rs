//! PURE. The agenda by phase: what was said, what was missed.

use maud::{Markup, html};

use super::document::Section;
use super::text::Line;
use super::{Page, chart};
use crate::grading::{PointGrade, PointStatus};

/// Every status in the order of the legend, with its style, sign and word.
const STATUSES: [(PointStatus, &str, &str, &str); 4] = [
    (PointStatus::Covered, "covered", "\u{2713}", "said"),
    (PointStatus::Partial, "partial", "~", "in part"),
    (PointStatus::Wrong, "wrong", "!", "wrong"),
    (PointStatus::Missed, "missed", "\u{2013}", "missed"),
];

pub(super) fn agenda(page: &Page<'_>) -> Option<Section> {
    let points = &page.report.points;
    if points.is_empty() {
        return None;
    }
    let count = |status| points.iter().filter(|point| point.status == status).count();
    let sizes = STATUSES.map(|(status, style, ..)| (style, count(status) as f64));
    let body = html! {
        (chart::parts(&sizes))
        ul.legend {
            @for (status, style, sign, word) in STATUSES.into_iter().filter(|(status, ..)| count(*status) > 0) {
                li { span class={ "mark " (style) } aria-hidden="true" { (sign) } " " (count(status)) " " (word) }
            }
        }
        @for run in points.chunk_by(|one, two| one.phase == two.phase) {
            h3 { (Line(&page.phase(&run[0].phase))) }
            ul.points { @for point in run { (one(page, point)) } }
        }
    };
    Some(Section { id: "agenda", title: "Agenda", body })
}

fn one(page: &Page<'_>, point: &PointGrade) -> Markup {
    let known = STATUSES.iter().find(|(status, ..)| *status == point.status);
    let (style, sign, word) =
        known.map_or(("missed", "", ""), |(_, style, sign, word)| (*style, *sign, *word));
    html! {
        li class={ "point " (style) } {
            span class={ "mark " (style) } aria-hidden="true" { (sign) }
            div {
                p { span.hidden { (word) ": " } (Line(&point.point)) }
                @if !point.quote.is_empty() { (page.quote(&point.quote, point.turn, point.at)) }
                @if point.said_by_interviewer { p.aside { "The interviewer said it first." } }
                @match point.hints {
                    0 => {}
                    1 => { p.aside { "After a hint." } }
                    hints => { p.aside { "After " (hints) " hints." } }
                }
            }
        }
    }
}
