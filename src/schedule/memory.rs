//! PURE. What is remembered, by FSRS: its state, its forgetting, and when to ask again.

use fsrs::{DEFAULT_PARAMETERS, FSRS, FSRSItem, FSRSReview, MemoryState, current_retrievability};
use serde::{Deserialize, Serialize};

use super::Rating;

/// The share of answers that should still be known when they come due.
pub const TARGET: f64 = 0.9;

/// The longest pause, in days: an interview is never further away than that.
const LONGEST: u32 = 180;

/// A memory of one card.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// Days until the chance of recall falls to nine in ten.
    pub stability: f64,
    /// 1 (easy) to 10.
    pub difficulty: f64,
}

/// The parameters of FSRS, 21 numbers; those of the average learner by default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameters(pub(super) Vec<f32>);

impl Default for Parameters {
    fn default() -> Self {
        Self(DEFAULT_PARAMETERS.to_vec())
    }
}

/// Schedules by one set of parameters.
#[derive(Clone, Debug)]
pub struct Scheduler {
    fsrs: FSRS,
    decay: f32,
}

impl Default for Scheduler {
    fn default() -> Self {
        Self::new(&Parameters::default())
    }
}

impl Scheduler {
    /// Schedules by `parameters`; by the average learner's if they are no parameters.
    pub fn new(parameters: &Parameters) -> Self {
        match FSRS::new(&parameters.0) {
            Ok(fsrs) => Self { fsrs, decay: parameters.0.get(20).copied().unwrap_or(DEFAULT_PARAMETERS[20]) },
            Err(_) => Self { fsrs: FSRS::default(), decay: DEFAULT_PARAMETERS[20] },
        }
    }

    /// The memory after one more review, `days` after the one before; `None` if the numbers run out of range.
    pub fn after(&self, before: Option<Memory>, rating: Rating, days: u32) -> Option<Memory> {
        let state = before.map(|memory| MemoryState {
            stability: memory.stability as f32,
            difficulty: memory.difficulty as f32,
        });
        let review = FSRSReview { rating: rating.number(), delta_t: if state.is_none() { 0 } else { days } };
        let after = self.fsrs.memory_state(FSRSItem { reviews: vec![review] }, state).ok()?;
        Some(Memory { stability: after.stability.into(), difficulty: after.difficulty.into() })
    }

    /// The chance of recall `days` after the last review.
    pub fn recall(&self, memory: Memory, days: u32) -> f64 {
        let state = MemoryState { stability: memory.stability as f32, difficulty: memory.difficulty as f32 };
        current_retrievability(state, days as f32, self.decay).into()
    }

    /// Days until the chance of recall falls to [`TARGET`], at least 1.
    pub fn pause(&self, memory: Memory) -> u32 {
        let days = self.fsrs.next_interval(Some(memory.stability as f32), TARGET as f32, 3).round();
        (days as u32).clamp(1, LONGEST)
    }
}
