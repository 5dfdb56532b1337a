//! Turns from a pipe: paragraphs separated by blank lines; one that begins with `/` is a command.

use std::io::{BufRead, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use super::{Choice, Console, Entry};
use crate::text::sanitise;

/// A turn longer than this is cut, with a word about it; no memory is spent on the rest.
const LONGEST_TURN: usize = 16 * 1024 * 1024;

/// Reads turns from a pipe and writes the conversation to another.
pub struct PipeConsole<'a> {
    entries: Receiver<Entry>,
    ended: bool,
    conversation: &'a mut dyn Write,
    messages: &'a mut dyn Write,
    quiet: bool,
    at_line_start: bool,
}

impl<'a> PipeConsole<'a> {
    /// Reads `input` on a thread of its own. The interviewer's words go to `conversation`,
    /// greenroom's to `messages` unless `quiet`.
    pub fn new(
        input: impl BufRead + Send + 'static,
        conversation: &'a mut dyn Write,
        messages: &'a mut dyn Write,
        quiet: bool,
    ) -> Self {
        // One entry ahead: what is read is what is about to be answered.
        let (sender, entries) = sync_channel(1);
        std::thread::spawn(move || {
            let mut paragraphs = Paragraphs { input, done: false };
            while let Some(paragraph) = paragraphs.next() {
                for entry in entries_of(&paragraph) {
                    if sender.send(entry).is_err() {
                        return;
                    }
                }
            }
            // The session may be over already.
            let _ = sender.send(Entry::EndOfInput);
        });
        Self { entries, ended: false, conversation, messages, quiet, at_line_start: true }
    }
}

/// A paragraph of commands only is each of them; any other is one turn or one command.
fn entries_of(paragraph: &str) -> Vec<Entry> {
    if !paragraph.starts_with('/') {
        return vec![Entry::Turn(paragraph.to_owned())];
    }
    if paragraph.lines().all(|line| line.starts_with('/')) {
        return paragraph.lines().map(|line| Entry::Command(line.to_owned())).collect();
    }
    vec![Entry::Command(paragraph.to_owned())]
}

struct Paragraphs<R> {
    input: R,
    done: bool,
}

impl<R: BufRead> Paragraphs<R> {
    /// The next paragraph as clean text; invalid UTF-8 is replaced, control characters go.
    fn next(&mut self) -> Option<String> {
        let mut bytes = Vec::new();
        while !self.done {
            let mut line = Vec::new();
            match std::io::Read::take(&mut self.input, LONGEST_TURN as u64).read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => self.done = true,
                Ok(_) if line.iter().all(u8::is_ascii_whitespace) => {
                    if !bytes.is_empty() {
                        break;
                    }
                }
                Ok(_) if bytes.len() + line.len() <= LONGEST_TURN => bytes.extend_from_slice(&line),
                Ok(_) => {}
            }
        }
        let text = sanitise(&String::from_utf8_lossy(&bytes)).trim().to_owned();
        match (text.is_empty(), self.done) {
            (false, _) => Some(text),
            (true, true) => None,
            // Control characters only: as empty as a blank line.
            (true, false) => self.next(),
        }
    }
}

impl Console for PipeConsole<'_> {
    fn read(&mut self, _prompt: &str, wait: Duration) -> Entry {
        if self.ended {
            return Entry::EndOfInput;
        }
        match self.entries.recv_timeout(wait) {
            Ok(Entry::EndOfInput) | Err(RecvTimeoutError::Disconnected) => {
                self.ended = true;
                Entry::EndOfInput
            }
            Ok(entry) => entry,
            Err(RecvTimeoutError::Timeout) => Entry::Nothing,
        }
    }

    fn say(&mut self, text: &str) {
        self.stream(text);
        self.end_stream();
    }

    fn stream(&mut self, piece: &str) {
        // A reader that has gone away does not end the interview: the log has it all.
        let _ = self.conversation.write_all(piece.as_bytes());
        let _ = self.conversation.flush();
        if let Some(last) = piece.chars().last() {
            self.at_line_start = last == '\n';
        }
    }

    fn end_stream(&mut self) {
        let end = if self.at_line_start { "\n" } else { "\n\n" };
        let _ = self.conversation.write_all(end.as_bytes());
        let _ = self.conversation.flush();
        self.at_line_start = true;
    }

    fn tell(&mut self, text: &str) {
        if !self.quiet {
            let _ = writeln!(self.messages, "{text}");
        }
    }

    fn choose(&mut self, choice: Choice<'_>) -> char {
        choice.answers.first().map_or('n', |&(letter, _)| letter)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn entries(input: &[u8]) -> Vec<Entry> {
        let (mut said, mut told) = (Vec::new(), Vec::new());
        let mut console = PipeConsole::new(Cursor::new(input.to_vec()), &mut said, &mut told, false);
        let mut found = Vec::new();
        loop {
            match console.read("", Duration::from_secs(10)) {
                Entry::EndOfInput => return found,
                entry => found.push(entry),
            }
        }
    }

    #[test]
    fn paragraphs_are_turns_and_commands() {
        let turn = |text: &str| Entry::Turn(text.into());
        let command = |text: &str| Entry::Command(text.into());
        assert_eq!(
            entries(b"one\ntwo\n\n\n \r\n/time\n\n/draw graph TD\nA-->B\n\n/hint\n/time\n\nlast"),
            [
                turn("one\ntwo"),
                command("/time"),
                command("/draw graph TD\nA-->B"),
                command("/hint"),
                command("/time"),
                turn("last")
            ]
        );
    }

    #[test]
    fn bytes_that_are_no_text_lose_nothing_else() {
        assert_eq!(
            entries(b"a\xffb \x1b[31mc\n\n\x00\x01\n\nd"),
            [Entry::Turn("a\u{fffd}b c".into()), Entry::Turn("d".into())]
        );
        assert_eq!(entries(b""), []);
        assert_eq!(entries(b"\n\n \n"), []);
    }
}
