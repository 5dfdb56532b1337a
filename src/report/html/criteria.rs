//! PURE. The criteria with their anchors and evidence, and what was said and is wrong.

use maud::{Markup, html};

use super::document::Section;
use super::text::Line;
use super::{Page, chart, criterion_anchor};
use crate::grading::{Assessment, Criterion, CriterionGrade, Level, PointStatus};
use crate::report::words::title;

pub(super) fn criteria(page: &Page<'_>) -> Option<Section> {
    let criteria = &page.report.criteria;
    if criteria.is_empty() {
        return None;
    }
    let body = html! {
        table.overview {
            caption.hidden { "Level and score of each criterion, from 1 to 4" }
            thead { tr { th scope="col" { "Criterion" } th scope="col" { "Score" } th.number scope="col" { "Level" } } }
            tbody {
                @for (index, criterion) in criteria.iter().enumerate() {
                    tr {
                        th scope="row" {
                            a href={ "#" (criterion_anchor(index)) } { (Line(title(page.rubric, &criterion.id))) }
                        }
                        @match &criterion.assessment {
                            Assessment::Assessed { level, score, spread, .. } => {
                                td { div { (chart::score(*score, *spread)) span.figure { (figure(*score, *spread)) } } }
                                td.number { (level.get()) }
                            }
                            Assessment::NotAssessed { .. } => { td { span.figure { "not assessed" } } td.number { "\u{2013}" } }
                        }
                    }
                }
            }
        }
        @for (index, criterion) in criteria.iter().enumerate() { (one(page, index, criterion)) }
    };
    Some(Section { id: "criteria", title: "Criteria", body })
}

fn figure(score: f64, spread: Option<f64>) -> String {
    match spread {
        Some(spread) => format!("{score:.1}, spread {spread:.1}"),
        None => format!("{score:.1}"),
    }
}

fn one(page: &Page<'_>, index: usize, grade: &CriterionGrade) -> Markup {
    let known = page.rubric.criterion(&grade.id);
    let anchor = criterion_anchor(index);
    // What was wrong stands once, beside the words that it corrects.
    let is_correction =
        |line: &&String| page.report.corrections.iter().any(|known| known.correction == **line);
    let (corrections, improvements): (Vec<&String>, Vec<&String>) =
        grade.improvements.iter().partition(is_correction);
    let corrected = corrections.len();
    html! {
        article.criterion id=(anchor) aria-labelledby={ (anchor) "-title" } {
            h3 id={ (anchor) "-title" } {
                (Line(title(page.rubric, &grade.id)))
                @match &grade.assessment {
                    Assessment::Assessed { level, .. } => { " " span.badge { "level " (level.get()) " of 4" } }
                    Assessment::NotAssessed { .. } => { " " span.badge.none { "not assessed" } }
                }
            }
            @if let Some(known) = known { p.asks { (Line(&known.asks)) } }
            @match &grade.assessment {
                Assessment::Assessed { level, evidence, .. } => {
                    @if let Some(known) = known { (anchors(known, *level)) }
                    @for item in evidence { (page.quote(item.quote(), Some(item.turn()), item.at_seconds())) }
                }
                Assessment::NotAssessed { reason } => {
                    p { "Why: " (Line(reason)) "." }
                }
            }
            @if !grade.strengths.is_empty() {
                h4 { "What was good" }
                ul.strengths { @for line in &grade.strengths { li { (Line(line)) } } }
            }
            @if !improvements.is_empty() || corrected > 0 {
                h4 { "What would raise it" }
                ul.improvements {
                    @for line in improvements { li { (Line(line)) } }
                    @if corrected > 0 {
                        li {
                            a href="#corrections" {
                                @if corrected == 1 { "A correction" } @else { (corrected) " corrections" }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What the level reached means, the next one, and all four on demand.
fn anchors(criterion: &Criterion, level: Level) -> Markup {
    let reached = usize::from(level.get());
    html! {
        dl.anchors {
            @if let Some(anchor) = criterion.anchors.get(reached - 1) {
                dt { "Level " (reached) } dd { (Line(anchor)) }
            }
            @if let Some(anchor) = criterion.anchors.get(reached) {
                dt.ahead { "Level " (reached + 1) } dd.ahead { (Line(anchor)) }
            }
        }
        details {
            summary { "All four levels" }
            ol.levels {
                @for (number, anchor) in (1..).zip(&criterion.anchors) {
                    li {
                        (Line(anchor))
                        @if number == reached { " " strong { "(this one)" } }
                    }
                }
            }
        }
    }
}

pub(super) fn corrections(page: &Page<'_>) -> Option<Section> {
    let report = page.report;
    let wrong = || {
        let wrong = report.points.iter().filter(|point| point.status == PointStatus::Wrong);
        wrong.filter(|point| !point.quote.is_empty())
    };
    if report.corrections.is_empty() && wrong().next().is_none() {
        return None;
    }
    let body = html! {
        ul.corrections {
            @for wrong in &report.corrections {
                li {
                    (page.quote(wrong.evidence.quote(), Some(wrong.evidence.turn()), wrong.evidence.at_seconds()))
                    p.right { (Line(&wrong.correction)) }
                }
            }
            @for point in wrong() {
                li {
                    (page.quote(&point.quote, point.turn, point.at))
                    p.right { (Line(&point.point)) }
                }
            }
        }
    };
    Some(Section { id: "corrections", title: "Corrections", body })
}
