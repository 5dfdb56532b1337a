//! PURE. Where the time went, who spoke how much, how a conversation held elsewhere went, and how a model
//! interviewed.

use maud::{Markup, html};

use super::document::Section;
use super::text::Line;
use super::{Page, chart};
use crate::report::PhaseTime;
use crate::report::words::{clock, used_of};

pub(super) fn time(page: &Page<'_>) -> Option<Section> {
    let time = &page.report.time;
    let timed = time.phases.iter().any(|phase| phase.used_s.is_some() || phase.planned_s.is_some());
    if !timed && time.talk_ratio.is_none() {
        return None;
    }
    let body = html! {
        @if timed { (phases(page, &time.phases)) }
        @if let Some(ratio) = time.talk_ratio { (talk(page, ratio)) }
    };
    Some(Section { id: "time", title: "Time and talk", body })
}

fn phases(page: &Page<'_>, phases: &[PhaseTime]) -> Markup {
    let time = &page.report.time;
    let longest =
        phases.iter().map(|phase| phase.used_s.max(phase.planned_s).unwrap_or(0)).max().unwrap_or(0);
    let is_planned = phases.iter().any(|phase| phase.planned_s.is_some());
    let cell = |seconds: Option<u64>| seconds.map_or("\u{2013}".to_owned(), clock);
    html! {
        p { "In all " (used_of(time.used_s, time.planned_s)) "." }
        table.time {
            caption.hidden { "Time used in each phase, and planned for it" }
            thead {
                tr {
                    th scope="col" { "Phase" }
                    th.chart scope="col" { span.hidden { "Chart" } }
                    th.number scope="col" { "Used" }
                    @if is_planned { th.number scope="col" { "Plan" } }
                }
            }
            tbody {
                @for phase in phases {
                    tr {
                        th scope="row" { (Line(&page.phase(&phase.id))) }
                        td.chart { (chart::span(phase.used_s, phase.planned_s, longest)) }
                        td.number {
                            (cell(phase.used_s))
                            @if let Some(over) = over(phase) { span.over { (clock(over)) " over" } }
                        }
                        @if is_planned { td.number { (cell(phase.planned_s)) } }
                    }
                }
            }
        }
    }
}

/// Seconds over the plan.
fn over(phase: &PhaseTime) -> Option<u64> {
    phase.used_s?.checked_sub(phase.planned_s?).filter(|over| *over > 0)
}

fn talk(page: &Page<'_>, ratio: f64) -> Markup {
    let own = (100.0 * ratio).round();
    html! {
        figure.talk {
            (chart::parts(&[("own", ratio), ("other", 1.0 - ratio)]))
            figcaption {
                span.own { (page.candidate()) " " (own) " % of the words" }
                span.other { "interviewer " (100.0 - own) " %" }
            }
        }
    }
}

pub(super) fn conversation(page: &Page<'_>) -> Option<Section> {
    let conversation = page.report.conversation.as_ref()?;
    let body = html! { ul { @for line in conversation.lines() { li { (Line(&line)) } } } };
    Some(Section { id: "conversation", title: "Conversation", body })
}

pub(super) fn interviewer(page: &Page<'_>) -> Option<Section> {
    let interviewer = page.report.interviewer.as_ref()?;
    let body = html! { ul { @for line in interviewer.lines() { li { (Line(&line)) } } } };
    Some(Section { id: "interviewer", title: "Interviewer", body })
}
