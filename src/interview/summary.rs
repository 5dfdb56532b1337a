//! PURE. What a list shows of a session, folded from its events.

use serde::{Deserialize, Serialize};

use super::event::{Event, Record, Why};
use crate::transcript::Speaker;

/// What a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SessionKind {
    /// A mock interview.
    Interview,
    /// One answer.
    Answer,
    /// The review of a transcript.
    Review,
    /// A diagram attempt.
    Diagram,
}

impl SessionKind {
    /// The word in lists and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Interview => "interview",
            Self::Answer => "answer",
            Self::Review => "review",
            Self::Diagram => "diagram",
        }
    }
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SessionState {
    /// Began and not ended: it runs, or its process was killed.
    Open,
    /// Left for later.
    Paused,
    /// Ended before its plan was done.
    Ended,
    /// Ended with its plan done.
    Finished,
}

impl SessionState {
    /// The word in lists and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paused => "paused",
            Self::Ended => "ended",
            Self::Finished => "finished",
        }
    }
}

/// What a list shows of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// What it is.
    pub kind: SessionKind,
    /// Id of its problem or question, else its title.
    pub problem: String,
    /// Title for people.
    pub title: String,
    /// Milliseconds since 1970.
    pub started_at_ms: i64,
    /// Milliseconds since 1970, once ended.
    pub ended_at_ms: Option<i64>,
    /// Where it stands.
    pub state: SessionState,
    /// Turns of the candidate.
    pub turns: u64,
    /// Whether a grade was given.
    pub graded: bool,
    /// Active milliseconds; none for what was held elsewhere.
    #[serde(default)]
    pub used_ms: u64,
    /// Session and turn that it was forked from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forked_from: Option<(String, usize)>,
    /// Of a fork: active milliseconds that are the first session's, once it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried_ms: Option<u64>,
}

impl Summary {
    /// Begins with the first record; `None` if it is not [`Event::Started`].
    pub fn begin(record: &Record) -> Option<Self> {
        let Event::Started(start) = &record.event else { return None };
        Some(Self {
            kind: start.kind,
            problem: start.problem_id.clone().unwrap_or_else(|| start.title.clone()),
            title: start.title.clone(),
            started_at_ms: record.at_ms,
            ended_at_ms: None,
            state: SessionState::Open,
            turns: 0,
            graded: false,
            used_ms: 0,
            forked_from: start.forked_from.clone(),
            carried_ms: start.forked_from.is_none().then_some(0),
        })
    }

    /// Takes in one more record.
    pub fn apply(&mut self, record: &Record) {
        match &record.event {
            Event::Said { speaker: Speaker::Candidate, .. } | Event::Answered { .. } => self.turns += 1,
            Event::Drawn { .. } if self.kind == SessionKind::Diagram => self.turns += 1,
            Event::TookBack => self.turns = self.turns.saturating_sub(1),
            Event::Paused { .. } => self.state = SessionState::Paused,
            Event::Resumed { .. } => {
                self.state = SessionState::Open;
                self.ended_at_ms = None;
                self.carried_ms.get_or_insert(record.active_ms);
            }
            Event::Graded { .. } | Event::AnswerGraded { .. } | Event::DrawingReviewed { .. } => {
                self.graded = true
            }
            Event::Ended { why } => {
                self.ended_at_ms = Some(record.at_ms);
                self.state = match why {
                    Why::PlanDone => SessionState::Finished,
                    Why::SavedForLater => SessionState::Paused,
                    _ => SessionState::Ended,
                };
            }
            _ => {}
        }
        if let (Some(carried_ms), false) = (self.carried_ms, self.kind == SessionKind::Review) {
            self.used_ms = record.active_ms.saturating_sub(carried_ms);
        }
    }
}
