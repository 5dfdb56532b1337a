//! PURE. How well something was remembered, read off its grade; nobody is asked.

use serde::{Deserialize, Serialize};

use crate::grading::{AnswerGrade, Flag, PointGrade, PointStatus};

/// The four ratings of FSRS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rating {
    /// Forgotten, or wrong.
    Again,
    /// Remembered in part, or with help.
    Hard,
    /// Remembered.
    Good,
    /// All of it.
    Easy,
}

impl Rating {
    /// The word in lists and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Again => "again",
            Self::Hard => "hard",
            Self::Good => "good",
            Self::Easy => "easy",
        }
    }

    /// 1 to 4, as FSRS counts them.
    pub fn number(self) -> u32 {
        match self {
            Self::Again => 1,
            Self::Hard => 2,
            Self::Good => 3,
            Self::Easy => 4,
        }
    }

    /// Reads [`Self::number`].
    pub fn from_number(number: u32) -> Option<Self> {
        [Self::Again, Self::Hard, Self::Good, Self::Easy].into_iter().find(|it| it.number() == number)
    }

    /// Not yet mastered: what makes a point worth a card.
    pub fn is_weak(self) -> bool {
        self <= Self::Hard
    }

    /// The rating of an answer. A grader that does not trust itself gives neither the best nor the worst.
    pub fn of_answer(grade: &AnswerGrade) -> Self {
        let unsure = grade.flags.iter().any(|flag| matches!(flag, Flag::LowConfidence | Flag::OtherLanguage));
        let rating = Self::of_share(share(grade));
        if unsure { rating.clamp(Self::Hard, Self::Good) } else { rating }
    }

    fn of_share(share: f64) -> Self {
        if share < 0.5 {
            Self::Again
        } else if share < 0.7 {
            Self::Hard
        } else if share < 0.9 {
            Self::Good
        } else {
            Self::Easy
        }
    }

    /// The rating of an agenda point that an interview raised.
    pub fn of_point(point: &PointGrade) -> Self {
        match point.status {
            PointStatus::Covered if point.hints > 1 => Self::Again,
            PointStatus::Covered if point.hints == 1 || point.said_by_interviewer => Self::Hard,
            PointStatus::Covered => Self::Good,
            PointStatus::Partial if point.hints > 1 => Self::Again,
            PointStatus::Partial => Self::Hard,
            PointStatus::Missed | PointStatus::Wrong => Self::Again,
        }
    }
}

/// What an answer earned, 0 to 1.
pub(super) fn share(grade: &AnswerGrade) -> f64 {
    if grade.max_score > 0.0 { (grade.score / grade.max_score).clamp(0.0, 1.0) } else { 0.0 }
}
