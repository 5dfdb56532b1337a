//! PURE. Where somebody stands: one [`Progress`], which renderers only render.
//!
//! A change counts as one only if it is larger than the grader's own spread and than what chance
//! explains: see [`Change`].

mod build;
mod change;
mod text;
mod track;

use serde::{Deserialize, Serialize};

use crate::schedule::{CardId, Day, TickedBy};

pub use super::html::progress_page as html;
pub use build::{Content, History, UNKNOWN_LEVEL, UNKNOWN_POINTS};
pub use change::{Change, Direction};
pub(super) use text::{change, graders, noise};
pub use text::{duration, markdown, several, text};
pub use track::{Bucket, Track};

/// Where somebody stands on a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// The day.
    pub date: Day,
    /// What was practised, and when.
    pub practice: PracticeTime,
    /// One a criterion of the rubric, in its order: levels 1 to 4 of interviews and reviews.
    pub criteria: Vec<Track>,
    /// One a topic that was practised, weakest first: shares of what was asked, 0 to 10.
    pub topics: Vec<Track>,
    /// Verdicts at senior, oldest first, the latest twelve.
    pub verdicts: Vec<PastVerdict>,
    /// The drill.
    pub drill: DrillState,
    /// How much of the packs was practised.
    pub coverage: Coverage,
    /// What to master, in the pack's order.
    pub checklist: Vec<ChecklistState>,
    /// What to do next, best first.
    pub next: Vec<NextStep>,
}

/// What was practised, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PracticeTime {
    /// Mock interviews with at least one turn.
    pub interviews: u64,
    /// Answers to single questions.
    pub answers: u64,
    /// Transcripts reviewed.
    pub reviews: u64,
    /// Drawings checked.
    pub diagrams: u64,
    /// Active seconds in all; reviews are not practice.
    pub used_s: u64,
    /// Active seconds of the last seven days.
    pub last_week_s: u64,
    /// Days with practice.
    pub days: u64,
    /// Days in a row with practice, up to today or yesterday.
    pub streak_days: u64,
    /// The longest such row.
    pub longest_streak_days: u64,
    /// The latest twelve weeks, oldest first, those without practice too.
    pub weeks: Vec<Week>,
}

/// A week's practice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Week {
    /// Its Monday.
    pub monday: Day,
    /// Sessions.
    pub sessions: u64,
    /// Days with practice, of seven.
    pub days: u64,
    /// Active seconds.
    pub used_s: u64,
}

/// A verdict at senior.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastVerdict {
    /// The session.
    pub session_id: String,
    /// Its day.
    pub date: Day,
    /// Id of the problem, if a pack has it.
    pub problem: Option<String>,
    /// Who graded, without version.
    pub grader: String,
    /// The verdict.
    pub senior: crate::grading::Verdict,
}

/// The state of the drill.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DrillState {
    /// Cards in the drill.
    pub cards: u64,
    /// Of these, due today or earlier.
    pub due: u64,
    /// Questions that were never asked.
    pub unseen: u64,
    /// Cards that come due on each of the next seven days, tomorrow first.
    pub ahead: Vec<u64>,
    /// Mean chance that a card in the drill is known today, 0 to 1.
    pub known: Option<f64>,
    /// Share of reviews on a later day that were remembered, the latest 30 days, 0 to 1.
    pub retention: Option<f64>,
    /// The weakest cards.
    pub weakest: Vec<WeakCard>,
}

/// A card that is likely to be forgotten.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeakCard {
    /// Which.
    pub card: CardId,
    /// Title for people.
    pub title: String,
    /// The chance that it is known today, 0 to 1.
    pub recall: f64,
    /// When it comes due.
    pub due: Day,
    /// How often it was forgotten.
    pub lapses: u32,
}

/// How much of the packs was practised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Questions answered.
    pub questions: Part,
    /// Problems held or reviewed.
    pub problems: Part,
    /// Points of all problems that came up.
    pub points: Part,
    /// Items of the checklist.
    pub checklist: Part,
}

/// A part of a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Done.
    pub done: u64,
    /// Of.
    pub all: u64,
}

/// An item of the checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecklistState {
    /// Its id.
    pub id: String,
    /// What one can do when it is ticked.
    pub item: String,
    /// What ticked it; `None` while it is open.
    pub ticked_by: Option<TickedBy>,
}

/// Something to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextStep {
    /// The command.
    pub command: String,
    /// Why.
    pub why: String,
}

#[cfg(test)]
mod tests;
