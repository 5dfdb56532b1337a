//! PURE. Spaced practice: what a log says about memory, and which cards are due.
//!
//! [`practice`] folds a session's log into an outcome and reviews; [`Card`] folds reviews into what
//! is remembered (FSRS); [`pick`] chooses what to ask today; [`fit`] learns from the user's history.

mod card;
mod day;
mod fit;
mod mastery;
mod memory;
mod outcome;
mod queue;
mod rating;

pub use card::{Card, CardId, Review};
pub use day::Day;
pub use fit::{ENOUGH, Fit, fit, worth_fitting};
pub use mastery::{PROOF, Proof, TickedBy};
pub use memory::{Memory, Parameters, Scheduler, TARGET};
pub use outcome::{CriterionMark, Outcome, Practice, PracticeDay, Standing, practice};
pub use queue::{NEW_A_DAY, Pick, Why, pick};
pub use rating::Rating;

#[cfg(test)]
mod tests;
