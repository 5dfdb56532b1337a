//! The embedded coach: rules and packs, no model, no network, the same every time.
//!
//! It listens with the patterns of the pack and speaks the pack's words and those of
//! `prompts/embedded-interviewer.toml`; it invents nothing.

mod agenda;
mod hearing;
mod interviewer;
mod lines;

pub use interviewer::EmbeddedCoach;
pub use lines::Lines;

/// The name by which logs and grades call it.
pub fn name() -> String {
    crate::grading::Grader::embedded().to_string()
}
