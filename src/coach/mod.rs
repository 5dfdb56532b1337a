//! Who interviews and grades: by rules, or a language model.

mod answers;
pub mod llm;

pub use answers::{AnswerGrader, AnswerRequest, EmbeddedAnswers, GradeError};
