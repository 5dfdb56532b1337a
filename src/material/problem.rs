//! PURE. A design problem for a whole interview: what the interviewer knows, asks and expects.

use serde::{Deserialize, Serialize};

use super::question::{KeyPoint, Question, one};
use crate::grading::SeniorityLevel;

/// One design problem of a pack (`problems/ID.toml`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// Unique in the pack; also the file's name.
    pub id: String,
    /// Short name for lists: "URL shortener".
    pub title: String,
    /// Other names by which it is asked for or recognised in a transcript.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What the interviewer says at the start; gives no fact away.
    pub statement: String,
    /// Topic tags.
    #[serde(default)]
    pub topics: Vec<String>,
    /// What the interviewer knows and gives only when asked.
    #[serde(rename = "fact")]
    pub facts: Vec<Fact>,
    /// The agenda: at least 20 points over the phases.
    #[serde(rename = "point")]
    pub points: Vec<Point>,
    /// A deliberate change of requirements in the detailed design.
    pub change: Change,
    /// Failure scenarios for the discussion.
    #[serde(rename = "failure")]
    pub failures: Vec<Failure>,
    /// Expected capacity figures.
    #[serde(rename = "figure", default)]
    pub figures: Vec<Figure>,
    /// Claims that do not go together.
    #[serde(rename = "inconsistency", default)]
    pub inconsistencies: Vec<Inconsistency>,
    /// What each level must show on this problem.
    pub levels: LevelNotes,
}

impl Problem {
    /// A point of the agenda as a question of its own, called `id`: its probe, and what it hopes to hear.
    pub fn question(&self, point: &Point, id: String) -> Question {
        Question {
            id,
            title: format!("{}: {}", self.title, point.id.replace(['-', '_'], " ")),
            question: format!("{} {}", self.statement, point.probe),
            topics: self.topics.clone(),
            model_answer: point.text.clone(),
            points: vec![KeyPoint {
                id: point.id.clone(),
                text: point.text.clone(),
                weight: point.weight,
                says: point.says.clone(),
                partly: point.partly.clone(),
                relations: Vec::new(),
            }],
            misconceptions: Vec::new(),
            follow_ups: Vec::new(),
        }
    }
}

/// Something the interviewer knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Unique in the problem.
    pub id: String,
    /// A topic of the pack's `clarify.toml`, whose wordings ask for it.
    #[serde(default)]
    pub topic: Option<String>,
    /// Patterns of this problem's own wordings that ask for it.
    #[serde(default)]
    pub asks: Vec<String>,
    /// What the interviewer says when asked; one or two sentences.
    pub answer: String,
}

/// An agenda item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// Unique in the problem.
    pub id: String,
    /// Id of the phase it belongs to.
    pub phase: String,
    /// Id of the rubric's criterion it counts for.
    pub criterion: String,
    /// The point as one plain sentence; never said to the candidate before the debrief.
    pub text: String,
    /// Weight in the criterion; 1 if not given.
    #[serde(default = "one")]
    pub weight: f64,
    /// The lowest level that is expected to raise it.
    #[serde(default = "mid")]
    pub level: SeniorityLevel,
    /// Patterns (see [`crate::text::Pattern`]); any one found in a candidate's turn covers it.
    pub says: Vec<String>,
    /// Patterns that show a part of the point only.
    #[serde(default)]
    pub partly: Vec<String>,
    /// The open question that leads to it without saying it; under 40 words.
    pub probe: String,
    /// A second question when the answer to the probe was partial.
    #[serde(default)]
    pub follow_up: Option<String>,
    /// Three rungs, each telling more.
    pub hints: [String; 3],
}

fn mid() -> SeniorityLevel {
    SeniorityLevel::Mid
}

/// A deliberate change of requirements.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// What the interviewer announces; under 50 words.
    pub announcement: String,
    /// Points of the agenda that the change opens; asked only after it.
    pub opens: Vec<String>,
}

/// A failure scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// Unique in the problem.
    pub id: String,
    /// What the interviewer asks; under 50 words.
    pub scenario: String,
    /// Points of the agenda that a good answer covers.
    pub opens: Vec<String>,
}

/// An expected capacity figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// Unique in the problem.
    pub id: String,
    /// What it measures: "redirects per second, average".
    pub name: String,
    /// Lowest value that is accepted, in `unit`.
    pub low: f64,
    /// Highest value that is accepted, in `unit`.
    pub high: f64,
    /// `per second`, `bytes`, `bytes per second`, `count`.
    pub unit: String,
    /// How it comes about, for the debrief: "100M a day / 86,400 s x 100 reads".
    pub working: String,
}

/// Two claims that do not go together, and the question that presses on them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inconsistency {
    /// Unique in the problem.
    pub id: String,
    /// Patterns of the one claim.
    pub one: Vec<String>,
    /// Patterns of the other.
    pub other: Vec<String>,
    /// The question; names both sides in the candidate's terms, under 40 words.
    pub probe: String,
}

/// What each level must show on a problem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelNotes {
    /// One or two sentences.
    pub mid: String,
    /// One or two sentences.
    pub senior: String,
    /// One or two sentences.
    pub staff: String,
}
