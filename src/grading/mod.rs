//! PURE. What is judged and how: rubrics, evidence, grades, verdicts.
//!
//! A quote counts only if it was found in what the candidate said; "could not grade" is never a
//! low grade; every grade names who gave it.

pub mod answer;
pub mod calibration;
pub mod capacity;
mod evidence;
mod grade;
pub mod interview;
mod rubric;

pub use evidence::Evidence;
pub use grade::{AnswerGrade, Confidence, Flag, GradedPoint, Grader, PointStatus, Usage};
pub use interview::{
    AskedTopic, Assessment, Clarified, Correction, CriterionGrade, InterviewGrade, InterviewGrader,
    InterviewInput, PhasesFoundBy, PointGrade, Verdicts,
};
pub use rubric::{Bar, Bars, Criterion, Level, Rubric, SeniorityLevel, Verdict};
