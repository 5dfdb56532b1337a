//! PURE. The grade of a whole interview, whoever gave it, in the shape of the contract's JSON.

use serde::{Deserialize, Serialize};

use crate::grading::{Evidence, Flag, Level, PointStatus, Rubric, Usage, Verdict};
use crate::transcript::Transcript;

/// The grade of one interview.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InterviewGrade {
    /// Who graded: `embedded@VERSION` or `llm:PROFILE:MODEL@PROMPT_HASH`.
    pub grader: String,
    /// One grade for each criterion of the rubric, in its order.
    pub criteria: Vec<CriterionGrade>,
    /// Would it have passed? All `None` if no criterion was assessed.
    pub verdicts: Verdicts,
    /// The problem's agenda, in its order; empty for a problem that no pack holds.
    pub points: Vec<PointGrade>,
    /// What was said and is wrong, with what is right.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub corrections: Vec<Correction>,
    /// What was noticed about the interview as a whole.
    pub flags: Vec<Flag>,
    /// The first gap, the sentence that would have closed it, and one drill.
    pub feedback: Vec<String>,
    /// Tokens used, for a language model.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub usage: Option<Usage>,
}

/// The verdict at each seniority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdicts {
    /// At mid.
    pub mid: Option<Verdict>,
    /// At senior.
    pub senior: Option<Verdict>,
    /// At staff.
    pub staff: Option<Verdict>,
}

impl Verdicts {
    /// The verdicts that `criteria` earn by the rubric's bars.
    pub fn of(rubric: &Rubric, criteria: &[CriterionGrade]) -> Self {
        let scores = criteria.iter().filter_map(|criterion| match &criterion.assessment {
            Assessment::Assessed { score, .. } => Some((criterion.id.as_str(), *score)),
            Assessment::NotAssessed { .. } => None,
        });
        let scores = scores.collect();
        let verdict = |bar| rubric.verdict(&scores, bar);
        Self {
            mid: verdict(&rubric.bars.mid),
            senior: verdict(&rubric.bars.senior),
            staff: verdict(&rubric.bars.staff),
        }
    }
}

/// The grade of one criterion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "CriterionRecord", try_from = "CriterionRecord")]
pub struct CriterionGrade {
    /// Id of the rubric's criterion.
    pub id: String,
    /// What was found, or why nothing could be.
    pub assessment: Assessment,
    /// What was good about it, as sentences.
    pub strengths: Vec<String>,
    /// What would raise it, as sentences.
    pub improvements: Vec<String>,
}

/// A criterion's level, or the reason for there being none.
#[derive(Clone, Debug, PartialEq)]
pub enum Assessment {
    /// Judged.
    Assessed {
        /// 1 to 4.
        level: Level,
        /// The level before rounding, 1.0 to 4.0.
        score: f64,
        /// Highest less lowest score of several samples.
        spread: Option<f64>,
        /// The candidate's words that it rests on.
        evidence: Vec<Evidence>,
    },
    /// Nobody raised it, or nobody could grade it. Never a zero.
    NotAssessed {
        /// Why, as a sentence.
        reason: String,
    },
}

impl Assessment {
    /// Takes a score of 1.0 to 4.0, or beyond, which counts as the nearest of the two.
    pub fn of_score(score: f64, evidence: Vec<Evidence>) -> Self {
        let score = (score.clamp(1.0, 4.0) * 100.0).round() / 100.0;
        let level = Level::of_score(score);
        Self::Assessed { level, score, spread: None, evidence }
    }
}

/// How the interview did on one point of the agenda.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PointGrade {
    /// Id of the problem's point.
    pub id: String,
    /// Phase in which the agenda has it.
    pub phase: String,
    /// Criterion that it counts for.
    pub criterion: String,
    /// The point as a sentence.
    pub point: String,
    /// How the candidate did on it.
    pub status: PointStatus,
    /// The candidate's words; empty if missed.
    pub quote: String,
    /// Index of the turn of the quote.
    pub turn: Option<usize>,
    /// Seconds from the start, where known.
    pub at: Option<u64>,
    /// Hints given on it before it was covered.
    pub hints: usize,
    /// The interviewer said it first.
    pub said_by_interviewer: bool,
}

/// Something that was said and is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// Id of the criterion that it costs.
    pub criterion: String,
    /// The candidate's words, and where they stand.
    #[serde(flatten)]
    pub evidence: Evidence,
    /// What is right, as a sentence.
    pub correction: String,
}

impl InterviewGrade {
    /// Drops every quote that is not in `transcript`: for a grade that was read back from outside.
    #[must_use]
    pub fn checked_against(mut self, transcript: &Transcript) -> Self {
        let was_said = |item: &Evidence| {
            let found = Evidence::find(transcript, item.quote(), Some(item.turn()));
            found.is_some_and(|found| found.turn() == item.turn())
        };
        for criterion in &mut self.criteria {
            if let Assessment::Assessed { evidence, .. } = &mut criterion.assessment {
                evidence.retain(was_said);
            }
        }
        self.corrections.retain(|correction| was_said(&correction.evidence));
        for point in &mut self.points {
            if !point.quote.is_empty() && Evidence::find(transcript, &point.quote, point.turn).is_none() {
                (point.status, point.quote, point.turn) = (PointStatus::Missed, String::new(), None);
            }
        }
        self
    }

    /// The grade of the criterion with this id.
    pub fn criterion(&self, id: &str) -> Option<&CriterionGrade> {
        self.criteria.iter().find(|criterion| criterion.id == id)
    }
}

/// A criterion as the contract's JSON has it.
#[derive(Serialize, Deserialize)]
struct CriterionRecord {
    id: String,
    level: Option<Level>,
    score: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    spread: Option<f64>,
    assessed: bool,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    reason: Option<String>,
    evidence: Vec<Evidence>,
    strengths: Vec<String>,
    improvements: Vec<String>,
}

impl From<CriterionGrade> for CriterionRecord {
    fn from(grade: CriterionGrade) -> Self {
        let CriterionGrade { id, assessment, strengths, improvements } = grade;
        let (level, score, spread, reason, evidence) = match assessment {
            Assessment::Assessed { level, score, spread, evidence } => {
                (Some(level), Some(score), spread, None, evidence)
            }
            Assessment::NotAssessed { reason } => (None, None, None, Some(reason), Vec::new()),
        };
        let assessed = level.is_some();
        Self { id, level, score, spread, assessed, reason, evidence, strengths, improvements }
    }
}

impl TryFrom<CriterionRecord> for CriterionGrade {
    type Error = String;

    fn try_from(record: CriterionRecord) -> Result<Self, String> {
        let assessment = match (record.assessed, record.level, record.score) {
            (true, Some(level), Some(score)) => {
                Assessment::Assessed { level, score, spread: record.spread, evidence: record.evidence }
            }
            (false, _, _) => Assessment::NotAssessed { reason: record.reason.unwrap_or_default() },
            _ => return Err(format!("`{}` is assessed but has no level and score", record.id)),
        };
        let CriterionRecord { id, strengths, improvements, .. } = record;
        Ok(Self { id, assessment, strengths, improvements })
    }
}
