//! PURE. One report of an interview, live or reviewed; renderers only render.
//!
//! [`Report`] serialises to exactly the keys of the contract; [`text`], [`markdown`] and
//! [`json`] show the same content.

mod json;
mod markdown;
mod terminal_markdown;
mod text;
mod words;

use serde::{Deserialize, Serialize};

use crate::grading::{CriterionGrade, Flag, InterviewGrade, PointGrade, Usage, Verdicts};
use crate::transcript::{Speaker, Transcript};

pub use json::json;
pub use markdown::markdown;
pub use terminal_markdown::{Paint, TerminalMarkdown, terminal_markdown};
pub use text::text;

/// The report of one interview.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Id of the session; a review's too.
    pub session_id: String,
    /// Id of the problem, or what it is called where no pack holds it.
    pub problem: Option<String>,
    /// Who graded.
    pub grader: String,
    /// One grade a criterion, in the rubric's order.
    pub criteria: Vec<CriterionGrade>,
    /// Would it have passed?
    pub verdicts: Verdicts,
    /// The agenda.
    pub points: Vec<PointGrade>,
    /// Where the time went.
    pub time: TimeUse,
    /// What was noticed about the interview as a whole.
    pub flags: Vec<Flag>,
    /// The first gap, what would have closed it, one drill.
    pub feedback: Vec<String>,
    /// Tokens used, for a language model.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub usage: Option<Usage>,
}

/// Time planned and used, in seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TimeUse {
    /// Planned for the whole interview; `None` for one held elsewhere.
    pub planned_s: Option<u64>,
    /// Used; `None` where the transcript has no times.
    pub used_s: Option<u64>,
    /// By phase, in order.
    pub phases: Vec<PhaseTime>,
    /// Share of the words that the candidate spoke, 0 to 1; `None` if nobody spoke.
    pub talk_ratio: Option<f64>,
}

/// Time of one phase, in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseTime {
    /// Id of the phase.
    pub id: String,
    /// Planned.
    pub planned_s: Option<u64>,
    /// Used.
    pub used_s: Option<u64>,
}

impl Report {
    /// Puts a grade and the time together.
    pub fn new(
        session_id: impl Into<String>,
        problem: Option<String>,
        grade: InterviewGrade,
        time: TimeUse,
    ) -> Self {
        let InterviewGrade { grader, criteria, verdicts, points, flags, feedback, usage } = grade;
        let session_id = session_id.into();
        Self { session_id, problem, grader, criteria, verdicts, points, time, flags, feedback, usage }
    }
}

/// Share of the words of candidate and interviewer that the candidate spoke, to three decimals.
pub fn talk_ratio(transcript: &Transcript) -> Option<f64> {
    let words = |speaker| -> usize {
        let turns = transcript.turns.iter().filter(|turn| turn.speaker == speaker);
        turns.map(|turn| turn.text.split_whitespace().count()).sum()
    };
    let (candidate, interviewer) = (words(Speaker::Candidate), words(Speaker::Interviewer));
    let all = candidate + interviewer;
    (all > 0).then(|| (1000.0 * candidate as f64 / all as f64).round() / 1000.0)
}

#[cfg(test)]
mod tests;
