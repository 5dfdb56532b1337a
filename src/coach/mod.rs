//! Who interviews and grades: [`EmbeddedCoach`] by rules, or a language model.
//!
//! A coach sees the interview's state and says one thing; when to ask, what to keep and what the
//! clock says is decided by [`crate::interview`] and [`crate::session`].

mod answers;
pub mod embedded;
mod late;
pub mod llm;

pub use answers::{AnswerGrader, AnswerRequest, EmbeddedAnswers, GradeError, PackQuestions};
pub use embedded::EmbeddedCoach;
pub use late::LateCoach;

use crate::grading::InterviewGrade;
use crate::interview::{Ask, Event, Reply, State};
use crate::model::Cancel;

/// What a coach is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The interview so far.
    pub state: &'a State,
    /// Active time now, in milliseconds.
    pub active_ms: u64,
    /// What is wanted.
    pub ask: &'a Ask,
}

/// Why a coach did not do what it was asked; the session goes on without it.
#[derive(Debug, thiserror::Error)]
pub enum CoachError {
    /// The provider failed after retries. What came of the reply is kept.
    #[error("{message}")]
    Failed {
        /// One sentence for the user.
        message: String,
        /// What to try next.
        hint: String,
        /// The part of the reply that was shown.
        partial: String,
    },
    /// Ctrl-C. What came of the reply is kept.
    #[error("stopped")]
    Stopped {
        /// The part of the reply that was shown.
        partial: String,
    },
}

/// Interviews and grades.
pub trait Coach {
    /// `embedded@VERSION` or `llm:PROFILE:MODEL`, as the log names it.
    fn name(&self) -> String;

    /// Says what is wanted; pieces go to `show` as they come, and together they are the reply's text.
    ///
    /// # Errors
    ///
    /// [`CoachError`]; the candidate's turn is safe in the log.
    fn reply(
        &mut self,
        scene: Scene<'_>,
        cancel: &Cancel,
        show: &mut dyn FnMut(&str),
    ) -> Result<Reply, CoachError>;

    /// Grades what was said so far.
    ///
    /// # Errors
    ///
    /// [`CoachError`]; a grade can be asked for again.
    fn grade(&mut self, state: &State, cancel: &Cancel) -> Result<InterviewGrade, CoachError>;

    /// A phase has ended: a coach that takes long may begin to grade it in the background.
    fn phase_ended(&mut self, _state: &State) {}

    /// What the log should know beside the replies: tokens used, what was condensed.
    fn take_events(&mut self) -> Vec<Event> {
        Vec::new()
    }
}
