//! PURE. Rubrics: criteria, the anchors of levels 1 to 4, and the bars for mid, senior and staff.

use serde::{Deserialize, Serialize};

/// Seniority that an interview aims at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SeniorityLevel {
    /// Mid-level engineer.
    Mid,
    /// Senior engineer.
    Senior,
    /// Staff engineer.
    Staff,
}

/// A criterion's level, 1 (lowest) to 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Level(u8);

impl Level {
    /// The highest level.
    pub const MAX: Self = Self(4);

    /// Returns the level for 1 to 4.
    pub fn new(level: u8) -> Option<Self> {
        (1..=4).contains(&level).then_some(Self(level))
    }

    /// 1 to 4.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Level {
    type Error = String;
    fn try_from(level: u8) -> Result<Self, String> {
        Self::new(level).ok_or_else(|| format!("a level is 1 to 4, not {level}"))
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> u8 {
        level.0
    }
}

/// Would the candidate have passed at a level?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Far under the bar.
    StrongNo,
    /// Under the bar.
    No,
    /// At the bar.
    Yes,
    /// Well over the bar.
    StrongYes,
}

/// What an interview is judged by (`rubrics/ID.toml`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rubric {
    /// Unique; also the file's name.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Raised when a level changes meaning.
    pub version: u32,
    /// Criteria in the order of the report.
    #[serde(rename = "criterion")]
    pub criteria: Vec<Criterion>,
    /// What each seniority must show.
    pub bars: Bars,
}

/// One thing that is judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Unique in the rubric.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// The question the judge answers.
    pub asks: String,
    /// Weight in the verdict.
    pub weight: f64,
    /// Anchors of levels 1, 2, 3 and 4.
    pub anchors: [String; 4],
    /// One drill that raises it.
    pub drill: String,
}

/// Bars for the verdicts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bars {
    /// Bar for mid.
    pub mid: Bar,
    /// Bar for senior.
    pub senior: Bar,
    /// Bar for staff.
    pub staff: Bar,
}

/// A bar: the mean level that passes, and the floors under which nothing passes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bar {
    /// Weighted mean level (1 to 4) from which the verdict is `yes`.
    pub yes: f64,
    /// Weighted mean level from which it is `strong-yes`.
    pub strong_yes: f64,
    /// Weighted mean level under which it is `strong-no`.
    pub strong_no: f64,
    /// Lowest level allowed by criterion id; under it the verdict is at most `no`.
    #[serde(default)]
    pub floors: std::collections::BTreeMap<String, u8>,
    /// What it means, one sentence.
    pub means: String,
}
