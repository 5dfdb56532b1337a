//! PURE. The grade of one answer, in the shape that `greenroom grade` prints.

use serde::{Deserialize, Serialize};

/// Who graded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grader {
    /// The rules in the binary, by greenroom's version.
    Embedded {
        /// `CARGO_PKG_VERSION`.
        version: String,
    },
    /// A language model.
    Llm {
        /// Profile in the configuration.
        profile: String,
        /// Model, as the provider calls it.
        model: String,
        /// Digest of the prompt.
        prompt_hash: String,
    },
}

impl Grader {
    /// The rules in this binary.
    pub fn embedded() -> Self {
        Self::Embedded { version: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

impl std::fmt::Display for Grader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Embedded { version } => write!(f, "embedded@{version}"),
            Self::Llm { profile, model, prompt_hash } => write!(f, "llm:{profile}:{model}@{prompt_hash}"),
        }
    }
}

/// The grade of one answer; serialises to the object that `grade` and `answer` print.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerGrade {
    /// 0 to `max_score`.
    pub score: f64,
    /// 10 unless given.
    pub max_score: f64,
    /// How sure the grader is, 0 to 1.
    pub confidence: Confidence,
    /// Who graded: `embedded@VERSION` or `llm:PROFILE:MODEL@PROMPT_HASH`.
    pub grader: String,
    /// Each reference point and how the answer did on it.
    pub points: Vec<GradedPoint>,
    /// Wrong claims with their correction, as sentences.
    pub errors: Vec<String>,
    /// What was noticed about the answer as a whole.
    pub flags: Vec<Flag>,
    /// What to say to the candidate, in a coach's order.
    pub feedback: String,
    /// Tokens used, for a language model.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub usage: Option<Usage>,
}

/// 0 (a guess) to 1 (certain).
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Confidence(pub f64);

/// One reference point in a grade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GradedPoint {
    /// The point as a sentence.
    pub point: String,
    /// How the answer did on it.
    pub status: PointStatus,
    /// The candidate's words; empty if missed.
    pub quote: String,
}

/// How an answer did on a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PointStatus {
    /// Said, and right.
    Covered,
    /// Half said.
    Partial,
    /// Not said.
    Missed,
    /// Said, and wrong.
    Wrong,
}

/// What is noticed about an answer or a transcript as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// Nothing was said.
    Empty,
    /// Too little to judge ("fine").
    TooShort,
    /// "I don't know".
    DontKnow,
    /// Repeats the question.
    Echo,
    /// A list of words without claims.
    KeywordList,
    /// Words in no order.
    WordSalad,
    /// The same thing over and over.
    Padding,
    /// Answers something else.
    OffTopic,
    /// Speaks to the grader.
    AddressesGrader,
    /// Invisible characters were removed.
    HiddenText,
    /// Contradicts itself or the reference.
    Contradiction,
    /// The grader does not trust its own judgement here.
    LowConfidence,
    /// Not in a language the grader reads.
    OtherLanguage,
    /// Too long to be read whole.
    Truncated,
}

/// Tokens used by a language model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens sent.
    pub prompt_tokens: u64,
    /// Of these, read from the server's cache.
    pub cached_tokens: u64,
    /// Tokens received.
    pub completion_tokens: u64,
    /// Cost in US dollars, if the profile has prices.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cost_usd: Option<f64>,
}
