//! PURE. The mastery checklist: items that tick themselves from grades, or are ticked by hand.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CardId, Outcome};
use crate::grading::Verdict;
use crate::material::ChecklistItem;

/// What the best answer to a question must have earned to prove it, 0 to 1.
pub const PROOF: f64 = 0.8;

/// What ticked an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TickedBy {
    /// Grades.
    Grades,
    /// The user.
    Hand,
}

/// What a user's grades prove.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    best: BTreeMap<String, f64>,
    passed: BTreeMap<String, bool>,
}

impl Proof {
    /// Gathers it from outcomes, in any order.
    pub fn of<'o>(outcomes: impl IntoIterator<Item = &'o Outcome>) -> Self {
        let mut proof = Self::default();
        for outcome in outcomes {
            let Some(subject) = &outcome.subject else { continue };
            if let Some(problem) = subject.strip_prefix("problem:") {
                let passed = matches!(outcome.senior, Some(Verdict::Yes | Verdict::StrongYes));
                *proof.passed.entry(problem.to_owned()).or_default() |= passed;
            } else if let (Some(CardId::Question(id)), Some(score)) = (CardId::parse(subject), outcome.score)
            {
                let best = proof.best.entry(id).or_default();
                *best = best.max(score);
            }
        }
        proof
    }

    /// The best share that an answer to the question earned; `None` if it was never answered.
    pub fn best(&self, question: &str) -> Option<f64> {
        self.best.get(question).copied()
    }

    /// Whether the problem was passed at senior; `None` if it was never held or reviewed.
    pub fn passed(&self, problem: &str) -> Option<bool> {
        self.passed.get(problem).copied()
    }

    /// What ticks `item`: the user's own word first, where there is one.
    pub fn ticks(&self, item: &ChecklistItem, by_hand: Option<bool>) -> Option<TickedBy> {
        match by_hand {
            Some(true) => return Some(TickedBy::Hand),
            Some(false) => return None,
            None => {}
        }
        let answered = !item.questions.is_empty()
            && item.questions.iter().all(|id| self.best(id).is_some_and(|best| best >= PROOF));
        let passed = item.problems.iter().any(|id| self.passed(id) == Some(true));
        (answered || passed).then_some(TickedBy::Grades)
    }
}
