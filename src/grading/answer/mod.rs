//! PURE. The embedded grader of single answers: rules over words, no model.
//!
//! Screens an answer, sets it against the points of a reference or of a pack's question, and says
//! what is covered, missing and wrong. The same input gives the same bytes on every platform.

mod align;
mod clean;
mod contrast;
mod features;
mod feedback;
mod guard;
mod judge;
mod knowledge;
mod order;
mod packed;
mod reading;
mod reference;
mod score;
mod spelling;
mod target;

pub use guard::addresses_grader;
pub use judge::grade_answer;
pub use knowledge::Knowledge;
pub use target::Target;

#[cfg(test)]
mod built_in;
#[cfg(test)]
mod held_out;
#[cfg(test)]
mod tests;
