//! PURE. What is judged and how: rubrics, evidence, grades, verdicts.
//!
//! A quote counts only if it was found in what the candidate said; "could not grade" is never a
//! low grade; every grade names who gave it.

mod evidence;
mod grade;
mod rubric;

pub use evidence::Evidence;
pub use grade::{AnswerGrade, Confidence, Flag, GradedPoint, Grader, PointStatus, Usage};
pub use rubric::{Bar, Bars, Criterion, Level, Rubric, SeniorityLevel, Verdict};
