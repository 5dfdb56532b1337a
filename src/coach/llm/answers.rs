//! The seam of `grade` and `answer`: a language model behind [`AnswerGrader`].

use std::sync::atomic::{AtomicU64, Ordering};

use super::{AnswerJudge, AnswerTask, Study};
use crate::coach::{AnswerGrader, AnswerRequest, GradeError, PackQuestions};
use crate::grading::AnswerGrade;
use crate::model::Cancel;

/// Tokens of notes that are shown for a question without a reference, at most.
const ROOM_FOR_STUDY: usize = 1000;

/// Grades single answers with a language model, against the packs' points where the question is theirs.
pub struct LlmAnswers {
    judge: AnswerJudge,
    packs: PackQuestions,
    cancel: Cancel,
    random: AtomicU64,
    study: Study,
}

impl LlmAnswers {
    /// `packs` knows the questions; `random` begins the fences around answers; `cancel` ends all calls.
    pub fn new(judge: AnswerJudge, packs: PackQuestions, random: u64, cancel: Cancel) -> Self {
        Self { judge, packs, cancel, random: AtomicU64::new(random), study: Study::default() }
    }

    /// The same, with notes to look in where a question has no reference.
    pub fn with_study(mut self, study: Study) -> Self {
        self.study = study;
        self
    }
}

impl AnswerGrader for LlmAnswers {
    fn name(&self) -> String {
        self.judge.name()
    }

    fn grade(&self, request: &AnswerRequest) -> Result<AnswerGrade, GradeError> {
        // Numbers that follow each other make fences that do not: the constant is odd.
        let random = self.random.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.grade_fenced(request, random)
    }
}

impl LlmAnswers {
    /// Grades with a fence made of `random`, which nobody may guess, and which no other answer may have.
    ///
    /// # Errors
    ///
    /// [`GradeError`] if there is no grade.
    pub fn grade_fenced(&self, request: &AnswerRequest, random: u64) -> Result<AnswerGrade, GradeError> {
        let given = request.reference.as_deref().filter(|text| text.chars().any(char::is_alphanumeric));
        let packed = self.packs.find(request.question_id.as_deref(), &request.question);
        let study = match (given, packed) {
            (None, None) => self.study.about([request.question.as_str()], ROOM_FOR_STUDY),
            _ => String::new(),
        };
        let task = AnswerTask {
            study: &study,
            question: match (request.question.trim(), packed) {
                ("", Some(packed)) => &packed.question,
                _ => &request.question,
            },
            reference: given,
            packed,
            max_score: request.max_score,
        };
        self.judge.grade(&task, &request.answer, random, &self.cancel).map_err(|error| {
            let hint = error.hint();
            GradeError::new(error.kind(), format!("{error}; {hint}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::assets::Assets;
    use crate::coach::llm::Prompts;
    use crate::model::{ModelError, ScriptedModel, Step};

    fn grader(steps: Vec<Step>) -> LlmAnswers {
        let assets = Assets::embedded();
        let prompts = Prompts::load(&assets).expect("the built-in prompts");
        let judge = AnswerJudge::new(Arc::new(ScriptedModel::new(steps)), prompts, 1);
        let packs = PackQuestions::load(&assets).expect("the built-in packs");
        LlmAnswers::new(judge, packs, 5, Cancel::new())
    }

    #[test]
    fn a_providers_failure_is_an_error_and_never_a_score() {
        let failure = ModelError::Unreachable { host: "http://h".to_owned(), reason: "refused".to_owned() };
        let request = AnswerRequest {
            question: "What is a cache?".to_owned(),
            question_id: None,
            reference: Some("It keeps copies.".to_owned()),
            answer: "It keeps copies near.".to_owned(),
            max_score: 10.0,
        };
        let error = grader(vec![Step::Fail(failure)]).grade(&request).expect_err("no grade");
        assert_eq!(error.kind, "unreachable");
        assert!(error.message.starts_with("http://h cannot be reached: refused; "), "{}", error.message);
    }
}
