//! PURE. The report as one page: self-contained, without a script, for screens light and dark and for paper.
//!
//! Everything that was said or came from a model passes [`text`] before it is markup; [`document`] is the
//! frame that every page has, with a policy that lets the page load nothing.

mod agenda;
mod chart;
mod criteria;
mod document;
mod drawings;
mod progress;
mod summary;
mod text;
mod time;
mod turns;

use maud::{Markup, html};

use super::Report;
use super::words::place;
use crate::diagram::{Graph, Review};
use crate::grading::{Rubric, SeniorityLevel};
use crate::interview::State;
pub use progress::progress_page;

use document::Section;
use text::Line;

/// Who reads the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// The one who was interviewed.
    Candidate,
    /// Somebody else.
    Other,
}

/// An interview with all that its page shows.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// The report.
    pub report: &'a Report,
    /// Titles, anchors and bars.
    pub rubric: &'a Rubric,
    /// The session: what was said, and the plan.
    pub state: &'a State,
    /// What was drawn, in order.
    pub drawings: &'a [Drawing],
    /// When it was held, for people.
    pub held: Option<&'a str>,
    /// Who reads it.
    pub reader: Reader,
}

/// A drawing of an interview.
#[derive(Clone, Debug)]
pub struct Drawing {
    /// As it was typed.
    pub source: String,
    /// As it was understood; `None` if it is in no format that is read.
    pub read: Option<(Graph, Review)>,
}

/// The report as a page.
pub fn html(page: &Page<'_>) -> String {
    let sections: Vec<Section> = [
        summary::verdicts(page),
        summary::next(page),
        criteria::criteria(page),
        criteria::corrections(page),
        agenda::agenda(page),
        time::time(page),
        time::conversation(page),
        time::interviewer(page),
        drawings::drawings(page),
        turns::transcript(page),
    ]
    .into_iter()
    .flatten()
    .collect();
    let title = page.title();
    document::document(title, &head(page), &sections, &foot(page))
}

fn head(page: &Page<'_>) -> Markup {
    let start = &page.state.start;
    let kind = if page.is_live() { "Mock interview" } else { "Review of an interview" };
    html! {
        p.kind { (kind) }
        h1 { (Line(page.title())) }
        p.meta {
            @if let Some(held) = page.held { span { (Line(held)) } " " }
            @if page.report.time.used_s.is_some() {
                span { (super::words::used_of(page.report.time.used_s, page.report.time.planned_s)) }
            }
            @if page.is_live() {
                " " span { "aimed at " (level(start.level)) }
                " " span { (start.style.name()) " interviewer" }
            }
        }
    }
}

fn foot(page: &Page<'_>) -> Markup {
    let report = page.report;
    html! {
        p {
            "Graded by " code { (Line(&report.grader)) } " with the rubric " (Line(&page.rubric.title)) ", version "
            (page.rubric.version) "."
            @if !report.session_id.is_empty() { " Session " code { (Line(&report.session_id)) } "." }
        }
        p {
            "Every quote was found by the program in what was said. What nobody raised is not assessed, and is no zero. "
            "The verdicts are computed from the scores and the rubric\u{2019}s bars."
        }
    }
}

impl Page<'_> {
    fn title(&self) -> &str {
        &self.state.start.title
    }

    fn is_live(&self) -> bool {
        self.state.start.kind == crate::interview::SessionKind::Interview
    }

    /// It is known when each turn was said.
    fn is_timed(&self) -> bool {
        self.state.provenance.as_ref().is_none_or(|from| from.timing.length_s.is_some())
    }

    /// A phase's name for people.
    fn phase(&self, id: &str) -> String {
        let planned = self.state.start.plan.phases.iter().find(|phase| phase.id == id);
        planned.map_or_else(|| super::words::name_of(id), |phase| phase.title.clone())
    }

    /// What the candidate is called.
    fn candidate(&self) -> &'static str {
        match self.reader {
            Reader::Candidate => "You",
            Reader::Other => "Candidate",
        }
    }

    /// `turn 4, 12:03`, leading there.
    fn turn(&self, turn: usize, at: Option<u64>) -> Markup {
        let place = place(turn, at);
        html! {
            @if turn < self.state.said.len() { a.turn-link href={ "#turn-" (turn + 1) } { (place) } }
            @else { (place) }
        }
    }

    /// The candidate's words, and where they were said.
    fn quote(&self, quote: &str, turn: Option<usize>, at: Option<u64>) -> Markup {
        html! {
            blockquote {
                p dir="auto" { "\u{201c}" (Line(quote)) "\u{201d}" }
                @if let Some(turn) = turn { footer { (self.turn(turn, at)) } }
            }
        }
    }
}

/// A seniority's name.
fn level(level: SeniorityLevel) -> &'static str {
    match level {
        SeniorityLevel::Mid => "mid",
        SeniorityLevel::Senior => "senior",
        SeniorityLevel::Staff => "staff",
    }
}

/// Id on the page of the criterion at `index` of the report.
fn criterion_anchor(index: usize) -> String {
    format!("criterion-{}", index + 1)
}

#[cfg(test)]
mod tests;
