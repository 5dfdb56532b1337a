//! PURE. What to say to the candidate: facts for the template `prompts/embedded-feedback.md`.

use serde::Serialize;

use super::knowledge::Knowledge;
use crate::grading::{Flag, GradedPoint, PointStatus};
use crate::text::sanitise;

/// Something wrong that was said, and what is right.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Correction {
    pub said: String,
    pub correction: String,
}

impl std::fmt::Display for Correction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\": {}", self.said, self.correction)
    }
}

/// What the feedback is made of.
pub(super) struct Notes<'a> {
    pub points: &'a [GradedPoint],
    pub weights: &'a [f64],
    pub corrections: &'a [Correction],
    pub flags: &'a [Flag],
    pub follow_ups: &'a [String],
    /// Of the mark, 0 to 1.
    pub share: f64,
}

/// Every name that the template may use; any other is an error when it is rendered.
#[derive(Serialize)]
struct Context<'a> {
    right: Vec<&'a GradedPoint>,
    partial: Vec<&'a GradedPoint>,
    gap: Option<&'a str>,
    errors: &'a [Correction],
    ten: Vec<&'a str>,
    follow_up: Option<&'a str>,
    flags: &'a [Flag],
    full: bool,
}

/// Writes the feedback in a coach's order: right, first gap, errors, what a ten would add, one
/// question.
pub(super) fn write(known: &Knowledge, notes: &Notes<'_>) -> String {
    let with = |status| notes.points.iter().filter(move |point| point.status == status).collect::<Vec<_>>();
    let mut open: Vec<(usize, &GradedPoint)> = notes
        .points
        .iter()
        .enumerate()
        .filter(|(_, point)| matches!(point.status, PointStatus::Missed | PointStatus::Partial))
        .collect();
    // The heaviest gap first; of equals the one that comes first in the reference, missed before partial.
    open.sort_by(|(a, one), (b, other)| {
        let half = |point: &GradedPoint| if point.status == PointStatus::Partial { 0.5 } else { 1.0 };
        let weight = |index: usize, point: &GradedPoint| {
            notes.weights.get(index).copied().unwrap_or(1.0) * half(point)
        };
        weight(*b, other).total_cmp(&weight(*a, one)).then(a.cmp(b))
    });
    let level = if notes.share >= 0.8 { 2 } else { usize::from(notes.share >= 0.5) };
    let follow_up = notes.follow_ups.get(level.min(notes.follow_ups.len().saturating_sub(1)));
    let context = Context {
        right: with(PointStatus::Covered),
        partial: with(PointStatus::Partial),
        gap: open.first().map(|(_, point)| point.point.as_str()),
        errors: notes.corrections,
        ten: open.iter().skip(1).take(2).map(|(_, point)| point.point.as_str()).collect(),
        follow_up: follow_up.map(String::as_str),
        flags: notes.flags,
        full: open.is_empty(),
    };
    let rendered = known
        .feedback
        .get_template("feedback")
        .and_then(|template| template.render(minijinja::value::Serde(&context)));
    match rendered {
        Ok(text) => sanitise(text.trim()),
        // A user's own template that fails must not cost the grade.
        Err(error) => format!("(the feedback template failed: {error})"),
    }
}
