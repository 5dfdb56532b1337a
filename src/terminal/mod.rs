//! The screen and the keyboard: consoles that a session talks through.
//!
//! [`TerminalConsole`] edits lines for a person, [`PipeConsole`] reads turns for a script, and
//! [`ScriptedConsole`] plays both in tests. Whatever they show has passed [`crate::text::Sanitiser`].

mod editor;
mod keyboard;
mod pipe;
mod prompt;
mod scripted;
mod spinner;
mod wrap;

use std::time::Duration;

pub use editor::{Look, TerminalConsole};
pub use pipe::PipeConsole;
pub use scripted::ScriptedConsole;
pub use wrap::{beside, hanging, wrap};

use crate::config::Environment;

/// What came from the keyboard or the pipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A turn.
    Turn(String),
    /// A line that begins with `/`.
    Command(String),
    /// Ctrl-C at the prompt.
    Interrupted,
    /// Ctrl-D at the prompt, or the end of the pipe.
    EndOfInput,
    /// Nothing yet.
    Nothing,
}

/// A question with few answers, each one letter.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// The question.
    pub question: &'a str,
    /// Letter and meaning; the first is taken where nobody can answer.
    pub answers: &'a [(char, &'a str)],
}

/// Where a session speaks and listens.
pub trait Console {
    /// Waits at most `wait` for what the candidate types after `prompt`.
    fn read(&mut self, prompt: &str, wait: Duration) -> Entry;
    /// Shows a whole utterance of the interviewer.
    fn say(&mut self, text: &str);
    /// Shows a piece of an utterance as it comes.
    fn stream(&mut self, piece: &str);
    /// Ends a streamed utterance.
    fn end_stream(&mut self);
    /// Says that something is being waited for, until the next word or [`Console::idle`].
    fn busy(&mut self, _doing: &str) {}
    /// Nothing is waited for any more.
    fn idle(&mut self) {}
    /// Lets a line that was said earlier be brought back with the up key.
    fn remember(&mut self, _line: &str) {}
    /// Shows greenroom's own words: warnings, time, help.
    fn tell(&mut self, text: &str);
    /// Asks the person; takes the first answer where there is none.
    fn choose(&mut self, choice: Choice<'_>) -> char;
    /// What is being typed and not yet sent.
    fn draft(&self) -> String {
        String::new()
    }
    /// Puts a text into the next line to be edited.
    fn set_draft(&mut self, _text: String) {}
    /// Opens the user's editor on `text`; `None` where there is none.
    fn edit(&mut self, _text: &str, _extension: &str) -> Option<String> {
        None
    }
    /// A person types.
    fn is_interactive(&self) -> bool {
        false
    }
}

/// Longer lines of prose are hard to read; a wider terminal stays empty at the right.
pub const PROSE: usize = 100;

/// Columns of the terminal, from `COLUMNS` or the terminal itself; 80 where unknown, 20 to 200.
pub fn width(environment: &Environment) -> usize {
    columns(environment.variable("COLUMNS").and_then(|columns| columns.parse().ok()))
}

/// `named` columns, or those that the terminal has now; 80 where unknown, 20 to 200.
fn columns(named: Option<usize>) -> usize {
    let columns = named.or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)));
    columns.unwrap_or(80).clamp(20, 200)
}
