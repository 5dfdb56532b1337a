//! The coach that is a language model: prompts, what its replies may be, and its grades.
//!
//! Talks to any [`crate::model::ChatModel`]; everything a model says is checked here before it counts.

mod answer;
mod answers;
mod brief;
pub mod check;
mod interviewer;
mod judge;
mod listener;
mod memory;
mod meter;
mod prompts;
mod study;

pub use answer::{AnswerJudge, AnswerTask, estimate};
pub use answers::LlmAnswers;
pub use brief::{BriefInput, make_brief};
pub use interviewer::{LlmCoach, LlmCoachParts};
pub use judge::{Collected, InterviewJudge, JudgeInput};
pub use meter::Meter;
pub use prompts::{Fence, PROMPTS, PromptError, Prompts};
pub use study::{Study, StudyPassage};

use crate::model::{ChatModel, ModelError};
use crate::text::find_quote;

/// Why a language model did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum LlmError {
    /// The model or its server.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A prompt, most likely one of the user's own.
    #[error(transparent)]
    Prompt(#[from] PromptError),
}

impl LlmError {
    /// What to try next.
    pub fn hint(&self) -> String {
        match self {
            Self::Model(error) => error.hint(),
            Self::Prompt(_) => "mend the prompt, or remove your copy to get the built-in one back".to_owned(),
        }
    }

    /// A short name for error lines.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Model(error) => error.kind(),
            Self::Prompt(_) => "prompt",
        }
    }

    /// True if the user ended it.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Model(error) if error.is_cancelled())
    }
}

/// Does `work` again after a refusal that has shown that the model holds less than was thought.
fn smaller_until_it_fits<T>(
    model: &dyn ChatModel,
    mut work: impl FnMut() -> Result<T, LlmError>,
) -> Result<T, LlmError> {
    loop {
        let thought = model.context_window();
        match work() {
            Err(LlmError::Model(ModelError::ContextOverflow { .. } | ModelError::BrokeOff { .. }))
                if model.context_window() < thought => {}
            done => return done,
        }
    }
}

/// The words of `text` that `quote` repeats. Models shorten with dots: then the longest part counts.
fn verbatim<'t>(text: &'t str, quote: &str) -> Option<&'t str> {
    let whole = find_quote(text, quote.trim_matches(['"', '“', '”', ' ']));
    let range = whole.or_else(|| {
        let parts = quote.split("...").flat_map(|part| part.split('…')).map(str::trim);
        let long = parts.filter(|part| part.split_whitespace().count() >= 3);
        long.filter_map(|part| find_quote(text, part)).max_by_key(|range| range.len())
    })?;
    Some(&text[range])
}
