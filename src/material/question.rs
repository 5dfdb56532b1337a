//! PURE. A concept question: what a good answer covers, and what people get wrong.

use serde::{Deserialize, Serialize};

use crate::grading::SeniorityLevel;

/// One concept question of a pack (`questions/ID.toml`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Unique in the pack; also the file's name.
    pub id: String,
    /// Short name for lists.
    pub title: String,
    /// The question as it is asked.
    pub question: String,
    /// Topic tags, most specific first.
    #[serde(default)]
    pub topics: Vec<String>,
    /// An answer that a strong candidate might give; covers every point.
    pub model_answer: String,
    /// What a good answer covers.
    #[serde(rename = "point")]
    pub points: Vec<KeyPoint>,
    /// Known wrong beliefs, with the correction.
    #[serde(rename = "misconception", default)]
    pub misconceptions: Vec<Misconception>,
    /// Questions to go on with, by level.
    #[serde(rename = "follow_up", default)]
    pub follow_ups: Vec<FollowUp>,
}

/// One thing a good answer covers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyPoint {
    /// Unique in the question.
    pub id: String,
    /// The point as one plain sentence.
    pub text: String,
    /// Weight in the score; 1 if not given.
    #[serde(default = "one")]
    pub weight: f64,
    /// Patterns (see [`crate::text::Pattern`]); any one found covers the point.
    pub says: Vec<String>,
    /// Patterns that show a part of the point only.
    #[serde(default)]
    pub partly: Vec<String>,
    /// Relations whose direction matters.
    #[serde(rename = "relation", default)]
    pub relations: Vec<Relation>,
}

/// A relation with a direction: "a forward proxy hides the client".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// Wordings of the subject, separated by `|`.
    pub subject: String,
    /// Wordings of the verb, separated by `|`.
    pub verb: String,
    /// Wordings of the right object, separated by `|`.
    pub object: String,
    /// Wordings of the object that turns the relation round, separated by `|`.
    #[serde(default)]
    pub wrong: String,
}

/// A wrong belief, as people put it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Misconception {
    /// Unique in the question.
    pub id: String,
    /// The belief as one sentence.
    pub text: String,
    /// What is right instead, in one or two sentences.
    pub correction: String,
    /// Patterns; any one found, and not denied, is the belief.
    pub says: Vec<String>,
    /// Patterns that show that the belief is being rejected or qualified.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Points that cannot be credited while the belief stands.
    #[serde(default)]
    pub spoils: Vec<String>,
}

/// A question to go on with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowUp {
    /// For whom it is meant.
    pub level: SeniorityLevel,
    /// The question.
    pub question: String,
}

pub(super) fn one() -> f64 {
    1.0
}
