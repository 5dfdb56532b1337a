//! PURE. The log: what can happen in a session, as facts that are never changed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Plan;
use super::summary::SessionKind;
use crate::diagram::Review;
use crate::grading::{AnswerGrade, InterviewGrade, SeniorityLevel, Usage};
use crate::material::Problem;
use crate::transcript::{Provenance, Speaker};

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Number in the session, from 0, without gaps.
    pub seq: u64,
    /// Milliseconds since 1970, UTC.
    pub at_ms: i64,
    /// Active time since the session began, in milliseconds.
    pub active_ms: u64,
    /// What happened.
    pub event: Event,
}

/// A line of an export: a record, and the session it is of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exported {
    /// Id of the session.
    pub session: String,
    /// The record.
    #[serde(flatten)]
    pub record: Record,
}

/// How the interviewer behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// Encourages.
    Friendly,
    /// Keeps to the matter.
    #[default]
    Neutral,
    /// Presses.
    Tough,
}

impl Style {
    /// The name by which flags, files and reports call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Friendly => "friendly",
            Self::Neutral => "neutral",
            Self::Tough => "tough",
        }
    }

    /// Reads [`Style::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Friendly, Self::Neutral, Self::Tough].into_iter().find(|value| value.name() == name)
    }
}

impl std::fmt::Display for Style {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// What happens when a phase's time is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum TimeMode {
    /// The interviewer moves on after the turn.
    #[default]
    Soft,
    /// The phase closes at once.
    Strict,
}

impl TimeMode {
    /// The name by which flags, files and reports call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Soft => "soft",
            Self::Strict => "strict",
        }
    }

    /// Reads [`TimeMode::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Soft, Self::Strict].into_iter().find(|value| value.name() == name)
    }
}

impl std::fmt::Display for TimeMode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Everything that was fixed when a session began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Start {
    /// What the session is.
    pub kind: SessionKind,
    /// greenroom's version.
    pub version: String,
    /// Title for lists.
    pub title: String,
    /// Pack the content came from.
    pub pack: String,
    /// Version of that pack.
    pub pack_version: u32,
    /// Id of the problem or question, if it has one.
    pub problem_id: Option<String>,
    /// The problem as it was, so that a session can be read and graded after the pack has changed.
    pub problem: Option<Box<Problem>>,
    /// Rubric that grades it.
    pub rubric: String,
    /// Digests of rubric, pack and prompts, by name.
    pub digests: BTreeMap<String, String>,
    /// Phases and budgets; empty where nothing is timed.
    pub plan: Plan,
    /// Level the candidate aims at.
    pub level: SeniorityLevel,
    /// How the interviewer behaves.
    pub style: Style,
    /// What happens when time is over.
    pub time: TimeMode,
    /// Who coaches: `embedded@VERSION` or `llm:PROFILE:MODEL`.
    pub coach: String,
    /// Seed of everything drawn at random.
    pub seed: u64,
    /// Session and turn that this one was forked from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forked_from: Option<(String, usize)>,
}

/// What an utterance of the interviewer does; kept, so that nothing is done twice.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// States the problem.
    Statement,
    /// Opens a phase.
    Opening,
    /// Closes a phase.
    Closing,
    /// Gives a fact that was asked for.
    Fact {
        /// Id of the fact.
        id: String,
    },
    /// Has no fact for what was asked.
    Assume,
    /// Asks an agenda point's probe.
    Probe {
        /// Id of the point.
        id: String,
    },
    /// Follows a point up.
    FollowUp {
        /// Id of the point.
        id: String,
    },
    /// Gives a rung of a point's hint ladder.
    Hint {
        /// Id of the point.
        id: String,
        /// 1 to 3.
        rung: u8,
    },
    /// Announces the change of requirements.
    Change,
    /// Asks a failure scenario.
    Failure {
        /// Id of the scenario.
        id: String,
    },
    /// Presses on an inconsistency.
    Inconsistency {
        /// Id of the inconsistency.
        id: String,
    },
    /// Presses on a figure that does not follow from its inputs.
    Figure,
    /// Asks about a component that was just named.
    Component {
        /// The lexicon's name of it.
        name: String,
    },
    /// Asks for numbers.
    Numbers,
    /// Asks for more, or brings the candidate back.
    Nudge {
        /// Which of the lines.
        line: String,
    },
}

/// Why a session goes on or stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The plan is done.
    PlanDone,
    /// The candidate ended it.
    Quit,
    /// The input ended.
    EndOfInput,
    /// The candidate left it for later.
    SavedForLater,
    /// `/pause` or `/resume`.
    Asked,
    /// `--resume` after the process had ended.
    NewProcess,
    /// The model's provider is waited for, or has come back.
    Provider,
}

/// A moment of a phase at which the candidate is warned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// A fifth of the budget is left.
    LastFifth,
    /// A minute is left.
    LastMinute,
    /// The budget is used up.
    Over,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The session began.
    Started(Box<Start>),
    /// A phase began.
    PhaseEntered {
        /// Index in the plan.
        phase: usize,
    },
    /// A warning about time was given.
    Warned {
        /// Index of the phase in the plan.
        phase: usize,
        /// Which warning.
        mark: Mark,
    },
    /// Somebody spoke.
    Said {
        /// Who.
        speaker: Speaker,
        /// What.
        text: String,
        /// What the interviewer did with it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        acts: Vec<Act>,
        /// The reply broke off; the text is the part that came.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        partial: bool,
    },
    /// The candidate's last turn, and the reply to it, were taken back.
    TookBack,
    /// The candidate asked for a hint.
    HintAsked,
    /// The candidate wrote a private note; the interviewer and the grader never see it.
    Noted {
        /// The note.
        text: String,
    },
    /// The candidate drew.
    Drawn {
        /// Format of the source: `mermaid`, `dot`, `d2`, `excalidraw`, `ascii`.
        format: String,
        /// The source as drawn.
        source: String,
    },
    /// A drawing was reviewed (sessions of kind `diagram`).
    DrawingReviewed {
        /// What was found in it.
        review: Box<Review>,
    },
    /// The clock was stopped.
    Paused {
        /// Why.
        why: Why,
    },
    /// The clock runs again.
    Resumed {
        /// Why.
        why: Why,
    },
    /// The coach could not answer.
    CoachFailed {
        /// What the user was told.
        message: String,
    },
    /// Another coach took over.
    CoachSwitched {
        /// Its name, as in [`Start::coach`].
        coach: String,
    },
    /// Earlier talk was condensed for a model's context.
    Condensed {
        /// Index of the phase in the plan.
        phase: usize,
        /// Turns before this one are in the summary.
        turns: usize,
        /// The summary.
        text: String,
    },
    /// A reply of a model broke a rule: it was asked for again, or cut before the place.
    Corrected {
        /// `leak`, `repeated`, `second_question`, `too_long`.
        why: String,
        /// The point that it would have given away.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        point: Option<String>,
    },
    /// Tokens were used.
    Used {
        /// By what: `reply`, `grade`, ...
        by: String,
        /// How many.
        usage: Usage,
    },
    /// The session was graded.
    Graded {
        /// The grade.
        grade: Box<InterviewGrade>,
    },
    /// Grading failed; it can be asked for again.
    GradeFailed {
        /// Who should have graded.
        grader: String,
        /// What the user was told.
        message: String,
    },
    /// A question was asked (sessions of kind `answer`).
    Asked {
        /// Id of the question, if it is a pack's or the notes'.
        question_id: Option<String>,
        /// The question.
        question: String,
        /// The reference it is graded against, if one was given.
        reference: Option<String>,
    },
    /// It was answered.
    Answered {
        /// The answer.
        text: String,
    },
    /// The answer was graded.
    AnswerGraded {
        /// The grade.
        grade: Box<AnswerGrade>,
    },
    /// A transcript was read (sessions of kind `review`).
    Imported {
        /// Names of the files, without their folders.
        files: Vec<String>,
        /// Format found in them.
        format: String,
        /// Who spoke, and what the times show.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        provenance: Option<Box<Provenance>>,
    },
    /// The session ended.
    Ended {
        /// Why.
        why: Why,
    },
}

impl Event {
    /// The event's name in the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Started(_) => "started",
            Self::PhaseEntered { .. } => "phase_entered",
            Self::Warned { .. } => "warned",
            Self::Said { .. } => "said",
            Self::TookBack => "took_back",
            Self::HintAsked => "hint_asked",
            Self::Noted { .. } => "noted",
            Self::Drawn { .. } => "drawn",
            Self::DrawingReviewed { .. } => "drawing_reviewed",
            Self::Paused { .. } => "paused",
            Self::Resumed { .. } => "resumed",
            Self::CoachFailed { .. } => "coach_failed",
            Self::CoachSwitched { .. } => "coach_switched",
            Self::Condensed { .. } => "condensed",
            Self::Corrected { .. } => "corrected",
            Self::Used { .. } => "used",
            Self::Graded { .. } => "graded",
            Self::GradeFailed { .. } => "grade_failed",
            Self::Asked { .. } => "asked",
            Self::Answered { .. } => "answered",
            Self::AnswerGraded { .. } => "answer_graded",
            Self::Imported { .. } => "imported",
            Self::Ended { .. } => "ended",
        }
    }
}
