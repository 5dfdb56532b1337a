//! Lets a grader grade labelled answers and attacks, several times over.

use crate::coach::{AnswerGrader, AnswerRequest, GradeError};
use crate::commands::grade::line::Line;
use crate::commands::grade::stream::{Outcome, Work, run};
use crate::error::Failure;
use crate::grading::AnswerGrade;
use crate::grading::calibration::{Attack, Attempt, GoldAnswer, Pair};
use crate::material::Question;

/// What a grader made of a gold set and its attacks.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Labels and grades, of the first time.
    pub pairs: Vec<Pair>,
    /// Attacks and what they got.
    pub attempts: Vec<Attempt>,
    /// Answers without a grade, and why.
    pub failed: Vec<(String, GradeError)>,
    /// Answers graded every time, and those of them that got the same score each time.
    pub repeated: (usize, usize),
    /// Largest difference between two scores of one answer, in points of 10.
    pub largest_difference: f64,
}

/// How the grader is asked about a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Help {
    /// By the pack's question: points, relations, misconceptions.
    Pack,
    /// With the model answer as a plain reference only.
    ReferenceOnly,
}

/// Gold answers, attacks, and the questions they belong to.
#[derive(Clone, Debug)]
pub struct Material {
    /// Labelled answers.
    pub gold: Vec<GoldAnswer>,
    /// Answers that must earn next to nothing.
    pub attacks: Vec<Attack>,
    /// Questions of the pack.
    pub questions: Vec<Question>,
}

impl Material {
    /// Grades everything `repeats` times, `jobs` at a time.
    ///
    /// # Errors
    ///
    /// None of the graders: answers without a grade are counted.
    pub fn measure(
        &self,
        grader: &dyn AnswerGrader,
        help: Help,
        jobs: usize,
        repeats: usize,
    ) -> Result<Measured, Failure> {
        let attacks: Vec<GoldAnswer> = self.attacks.iter().map(as_answer).collect();
        let gold = self.grade(grader, &self.gold, help, jobs)?;
        let tried = self.grade(grader, &attacks, help, jobs)?;
        let mut measured = Measured::default();
        for (answer, grade) in self.gold.iter().zip(&gold) {
            match grade {
                Ok(grade) => measured.pairs.push(Pair {
                    question: answer.question_id.clone(),
                    kind: answer.kind.clone(),
                    label: answer.score,
                    grade: grade.score,
                    confidence: grade.confidence.0,
                }),
                Err(error) => measured.failed.push((answer.id.clone(), error.clone())),
            }
        }
        for (attack, grade) in self.attacks.iter().zip(tried) {
            match grade {
                Ok(grade) => measured.attempts.push(Attempt {
                    id: attack.id.clone(),
                    kind: attack.kind.clone(),
                    allowed: attack.max_allowed,
                    grade: grade.score,
                }),
                Err(error) => measured.failed.push((attack.id.clone(), error)),
            }
        }
        let mut spread: Vec<Option<(f64, f64)>> =
            gold.iter().map(|grade| grade.as_ref().ok().map(|grade| (grade.score, grade.score))).collect();
        for _ in 1..repeats {
            let again = self.grade(grader, &self.gold, help, jobs)?;
            for (spread, grade) in spread.iter_mut().zip(again) {
                *spread = match (*spread, grade) {
                    (Some((low, high)), Ok(grade)) => Some((low.min(grade.score), high.max(grade.score))),
                    _ => None,
                };
            }
        }
        if repeats > 1 {
            for (low, high) in spread.into_iter().flatten() {
                measured.repeated.0 += 1;
                measured.repeated.1 += usize::from(low == high);
                measured.largest_difference = measured.largest_difference.max(high - low);
            }
        }
        Ok(measured)
    }

    fn grade(
        &self,
        grader: &dyn AnswerGrader,
        answers: &[GoldAnswer],
        help: Help,
        jobs: usize,
    ) -> Result<Vec<Result<AnswerGrade, GradeError>>, Failure> {
        let mut requests = answers.iter().map(|answer| {
            let id = serde_json::Value::from(answer.id.clone());
            Work::Grade(Line { id, request: Ok(self.request(answer, help)) })
        });
        let mut grades = Vec::with_capacity(answers.len());
        run(
            grader,
            jobs,
            || Ok(requests.next()),
            |outcome| {
                if let Outcome::Item(item) = outcome {
                    grades.push(item.result);
                }
                Ok(())
            },
        )?;
        Ok(grades)
    }

    fn request(&self, answer: &GoldAnswer, help: Help) -> AnswerRequest {
        let question = self.questions.iter().find(|question| question.id == answer.question_id);
        let asked = answer.question.clone().or_else(|| question.map(|q| q.question.clone()));
        let reference = match help {
            Help::Pack => answer.reference.clone(),
            Help::ReferenceOnly => {
                answer.reference.clone().or_else(|| question.map(|q| q.model_answer.clone()))
            }
        };
        AnswerRequest {
            question: asked.unwrap_or_default(),
            question_id: (help == Help::Pack).then(|| answer.question_id.clone()),
            reference,
            answer: answer.answer.clone(),
            max_score: 10.0,
        }
    }
}

/// An attack as an answer, so that it is asked about in the same way.
fn as_answer(attack: &Attack) -> GoldAnswer {
    GoldAnswer {
        id: attack.id.clone(),
        question_id: attack.question_id.clone(),
        question: None,
        reference: None,
        kind: attack.kind.clone(),
        answer: attack.answer.clone(),
        score: 0.0,
        why: String::new(),
    }
}
