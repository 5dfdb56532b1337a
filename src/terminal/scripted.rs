//! A console for tests: plays entries, lets time pass between them, and keeps what was shown.

use std::collections::VecDeque;
use std::time::Duration;

use super::{Choice, Console, Entry};

/// Plays entries in order; then the input ends.
#[derive(Debug, Default)]
pub struct ScriptedConsole {
    entries: VecDeque<Entry>,
    /// The interviewer's utterances, in order.
    pub said: Vec<String>,
    /// greenroom's own words, in order.
    pub told: Vec<String>,
    /// Answers to choices, in order.
    pub answers: VecDeque<char>,
    stream: String,
}

impl ScriptedConsole {
    /// Plays `entries`.
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Self {
        Self { entries: entries.into_iter().collect(), ..Self::default() }
    }
}

impl Console for ScriptedConsole {
    fn read(&mut self, _prompt: &str, _wait: Duration) -> Entry {
        self.entries.pop_front().unwrap_or(Entry::EndOfInput)
    }

    fn say(&mut self, text: &str) {
        self.said.push(text.to_owned());
    }

    fn stream(&mut self, piece: &str) {
        self.stream.push_str(piece);
    }

    fn end_stream(&mut self) {
        self.said.push(std::mem::take(&mut self.stream));
    }

    fn tell(&mut self, text: &str) {
        self.told.push(text.to_owned());
    }

    fn choose(&mut self, choice: Choice<'_>) -> char {
        let first = choice.answers.first().map_or('n', |&(letter, _)| letter);
        self.answers.pop_front().unwrap_or(first)
    }
}
