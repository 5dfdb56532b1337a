//! PURE. One report of an interview, live or reviewed; renderers only render.
//!
//! [`Report`] serialises to exactly the keys of the contract; [`text()`], [`markdown()`], [`json()`] and
//! [`html()`] show the same content.

mod compare;
mod html;
mod interviewer;
mod json;
mod markdown;
pub mod progress;
mod share;
mod shared_log;
mod terminal_markdown;
mod text;
mod words;

use serde::{Deserialize, Serialize};

use crate::diagram::Compared;
use crate::grading::{
    Clarified, Correction, CriterionGrade, Flag, InterviewGrade, PointGrade, Usage, Verdicts,
};
use crate::transcript::{FoundBy, Provenance, Speaker, Transcript};

pub use compare::{ComparedPoint, ComparedScore, Comparison, Side};
pub use html::{Drawing, Page, Reader, html};
pub use interviewer::Interviewer;
pub use json::json;
pub use markdown::markdown;
pub use share::shared;
pub use shared_log::shared_log;
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
    /// How the conversation went; for one held elsewhere.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub conversation: Option<Conversation>,
    /// How a model interviewed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub interviewer: Option<Interviewer>,
    /// What the last drawing that can be read shows beside what was said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub drawing: Option<LastDrawing>,
    /// What was said and is wrong, with what is right.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub corrections: Vec<Correction>,
    /// What was noticed about the interview as a whole.
    pub flags: Vec<Flag>,
    /// The first gap, what would have closed it, one drill.
    pub feedback: Vec<String>,
    /// Tokens used, for a language model.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub usage: Option<Usage>,
}

/// How a conversation that was held elsewhere went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Who spoke, what the times show, and how the candidate was found.
    #[serde(flatten)]
    pub provenance: Provenance,
    /// First turn after the requirements, and its time; `None` if they never ended.
    pub requirements_ended: Option<RequirementsEnded>,
    /// Clarifying questions asked, and missing.
    pub clarifying: Clarified,
}

/// The last drawing that can be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastDrawing {
    /// Which of the drawings, from 1.
    pub number: usize,
    /// How it was written.
    pub format: String,
    /// Parts in it.
    pub components: usize,
    /// Connections in it.
    pub connections: usize,
    /// What to look at again, as sentences.
    pub issues: Vec<String>,
    /// What was said and is not drawn, and the other way round.
    #[serde(flatten)]
    pub compared: Compared,
}

impl LastDrawing {
    /// Lines for people, as sentences.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "Drawing {} ({}): {} components, {} connections.",
            self.number, self.format, self.components, self.connections
        )];
        lines.extend(self.issues.iter().cloned());
        lines.extend(self.differences());
        lines
    }

    /// Where speech and drawing differ, as sentences.
    pub(crate) fn differences(&self) -> Vec<String> {
        let told = |what: &str, names: &[String]| {
            (!names.is_empty()).then(|| format!("{what}: {}.", names.join(", ")))
        };
        [
            told("Spoken of and not drawn", &self.compared.not_drawn),
            told("Drawn and not spoken of", &self.compared.not_said),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// When the requirements ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequirementsEnded {
    /// Index of the first turn after them.
    pub turn: usize,
    /// Seconds from the start, where known.
    pub at: Option<u64>,
}

impl Conversation {
    /// What `transcript`, with its phases marked, shows.
    pub fn new(transcript: &Transcript, provenance: Provenance, clarifying: Clarified) -> Self {
        let first = transcript.turns.first().and_then(|turn| turn.phase.clone());
        let ended = transcript.turns.iter().position(|turn| turn.phase != first);
        let requirements_ended =
            ended.map(|turn| RequirementsEnded { turn, at: transcript.turns[turn].at_seconds });
        Self { provenance, requirements_ended, clarifying }
    }

    /// Lines for people, as sentences.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let words: usize = self.provenance.speakers.iter().map(|speaker| speaker.words).sum();
        for speaker in self.provenance.speakers.iter().filter(|speaker| speaker.candidate) {
            let share = 100 * speaker.words / words.max(1);
            let how = match self.provenance.found_by {
                FoundBy::Name => "as you said",
                FoundBy::Label => "by the label",
                FoundBy::Talk | FoundBy::Guess => "who answers more than asks",
            };
            lines.push(format!("Candidate: {} ({how}), {share} % of the words.", speaker.name));
        }
        if self.provenance.found_by == FoundBy::Guess {
            lines.push(
                "Nobody is named: paragraphs that ask were taken for the interviewer's, the others for the candidate's."
                    .to_owned(),
            );
        }
        if let Some(ended) = self.requirements_ended {
            let at = ended.at.map_or(String::new(), |at| format!(", {}", words::clock(at)));
            lines.push(format!("Requirements ended with turn {}{at}.", ended.turn));
        }
        if let Some(longest) = self.provenance.timing.longest_turn {
            let seconds = longest.seconds.map_or(String::new(), |s| format!(", {}", words::clock(s)));
            lines.push(format!(
                "Longest turn: {} words{seconds} (turn {}).",
                longest.words,
                longest.turn + 1
            ));
        }
        let silences = &self.provenance.timing.silences;
        if let Some(longest) = silences.iter().max_by_key(|silence| silence.seconds) {
            lines.push(format!(
                "Pauses of 8 seconds or more: {}; the longest {} before turn {}.",
                silences.len(),
                words::clock(longest.seconds),
                longest.turn + 1
            ));
        }
        let asked: Vec<&str> = self.clarifying.asked.iter().map(|asked| asked.topic.as_str()).collect();
        let asked = if asked.is_empty() { "nothing".to_owned() } else { asked.join(", ") };
        lines.push(format!("Clarifying questions asked about: {asked}."));
        lines.extend(self.clarifying.missing.iter().map(|missing| format!("Not asked: {missing}")));
        lines
    }
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
        let InterviewGrade { grader, criteria, verdicts, points, corrections, flags, feedback, usage } =
            grade;
        let session_id = session_id.into();
        let (conversation, interviewer, drawing) = (None, None, None);
        Self {
            session_id,
            problem,
            grader,
            criteria,
            verdicts,
            points,
            time,
            conversation,
            interviewer,
            drawing,
            corrections,
            flags,
            feedback,
            usage,
        }
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
