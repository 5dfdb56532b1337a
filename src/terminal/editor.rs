//! The line editor: rustyline on a thread of its own, so that the clock runs while somebody types.
//!
//! Warnings are printed above the line through rustyline's external printer and leave what is being
//! typed alone; the draft can be read at any time.

use std::borrow::Cow;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::Validator;
use rustyline::{Cmd, Context, Editor, EventHandler, ExternalPrinter, Helper, KeyCode, KeyEvent, Modifiers};

use super::{Choice, Console, Entry, wrap};
use crate::interview::COMMANDS;
use crate::report::{Paint, TerminalMarkdown, terminal_markdown};
use crate::text::sanitise;

/// A request to the editor's thread.
struct Read {
    prompt: String,
    draft: String,
}

/// Edits lines for a person at a terminal.
pub struct TerminalConsole {
    requests: Sender<Read>,
    entries: Receiver<Entry>,
    printer: Box<dyn ExternalPrinter + Send>,
    draft: Arc<Mutex<String>>,
    next_draft: String,
    waiting: bool,
    /// The reply that is streaming.
    reply: Option<TerminalMarkdown>,
    width: usize,
    color: bool,
    editor: Option<String>,
    scratch: PathBuf,
}

/// How a console looks and which programs it starts.
#[derive(Clone, Debug)]
pub struct Look {
    /// Columns.
    pub width: usize,
    /// Colour may be used.
    pub color: bool,
    /// `$VISUAL` or `$EDITOR`.
    pub editor: Option<String>,
    /// File that keeps the history of turns.
    pub history: PathBuf,
    /// Folder for the editor's files; private.
    pub scratch: PathBuf,
}

impl TerminalConsole {
    /// Starts the editor's thread.
    ///
    /// # Errors
    ///
    /// If the terminal cannot be put into raw mode.
    pub fn start(look: Look) -> Result<Self, ReadlineError> {
        let draft = Arc::new(Mutex::new(String::new()));
        let config = rustyline::Config::builder()
            .bracketed_paste(true)
            .auto_add_history(false)
            .max_history_size(1000)?
            .completion_type(rustyline::CompletionType::List)
            .build();
        let mut editor: Editor<Line, FileHistory> = Editor::with_config(config)?;
        editor.set_helper(Some(Line { draft: Arc::clone(&draft), color: look.color }));
        editor.bind_sequence(KeyEvent(KeyCode::Enter, Modifiers::ALT), EventHandler::Simple(Cmd::Newline));
        // A missing history is an empty one.
        let _ = editor.load_history(&look.history);
        let printer = Box::new(editor.create_external_printer()?);
        let (requests, asked) = channel();
        let (sender, entries) = channel();
        let history = look.history.clone();
        std::thread::spawn(move || edit(&mut editor, &asked, &sender, &history));
        Ok(Self {
            requests,
            entries,
            printer,
            draft,
            next_draft: String::new(),
            waiting: false,
            reply: None,
            width: look.width,
            color: look.color,
            editor: look.editor,
            scratch: look.scratch,
        })
    }

    /// Writes above the line that is being edited, or plainly where none is.
    fn print(&mut self, text: &str) {
        if self.waiting {
            // Where the printer fails the terminal is gone; the log has it all.
            let _ = self.printer.print(format!("{text}\n"));
        } else {
            let mut out = std::io::stdout();
            let _ = writeln!(out, "{text}");
            let _ = out.flush();
        }
    }

    fn paint(&self) -> Paint {
        if self.color { Paint::Colour } else { Paint::Plain }
    }

    fn dim(&self, text: &str) -> String {
        if self.color { format!("\u{1b}[2m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

fn edit(
    editor: &mut Editor<Line, FileHistory>,
    asked: &Receiver<Read>,
    sender: &Sender<Entry>,
    history: &Path,
) {
    while let Ok(Read { prompt, draft }) = asked.recv() {
        let entry = match editor.readline_with_initial(&prompt, (&draft, "")) {
            Ok(line) => {
                let line = sanitise(&line).trim().to_owned();
                if !line.is_empty() {
                    let _ = editor.add_history_entry(&line);
                    // History is a convenience: a full disk must not end the interview.
                    let _ = editor.append_history(history);
                }
                if line.starts_with('/') { Entry::Command(line) } else { Entry::Turn(line) }
            }
            Err(ReadlineError::Interrupted) => Entry::Interrupted,
            Err(_) => Entry::EndOfInput,
        };
        if sender.send(entry).is_err() {
            return;
        }
    }
}

impl Console for TerminalConsole {
    fn read(&mut self, prompt: &str, wait: Duration) -> Entry {
        if !self.waiting {
            let request = Read { prompt: prompt.to_owned(), draft: std::mem::take(&mut self.next_draft) };
            if self.requests.send(request).is_err() {
                return Entry::EndOfInput;
            }
            self.waiting = true;
        }
        match self.entries.recv_timeout(wait) {
            Ok(entry) => {
                self.waiting = false;
                self.draft.lock().unwrap_or_else(PoisonError::into_inner).clear();
                entry
            }
            Err(RecvTimeoutError::Timeout) => Entry::Nothing,
            Err(RecvTimeoutError::Disconnected) => Entry::EndOfInput,
        }
    }

    fn say(&mut self, text: &str) {
        let text = terminal_markdown(text, self.width, self.paint());
        self.print(&format!("\n{}\n", text.trim_end()));
    }

    fn stream(&mut self, piece: &str) {
        let (width, paint) = (self.width, self.paint());
        let mut out = std::io::stdout();
        let reply = self.reply.get_or_insert_with(|| {
            let _ = writeln!(out);
            TerminalMarkdown::new(width, paint)
        });
        let _ = out.write_all(reply.push(piece).as_bytes());
        let _ = out.flush();
    }

    fn end_stream(&mut self) {
        if let Some(mut reply) = self.reply.take() {
            let mut out = std::io::stdout();
            let _ = writeln!(out, "{}", reply.finish());
            let _ = out.flush();
        }
    }

    fn tell(&mut self, text: &str) {
        let wrapped = wrap(&sanitise(text), self.width, "  ");
        let text = self.dim(&wrapped);
        self.print(&text);
    }

    fn choose(&mut self, choice: Choice<'_>) -> char {
        let answers: Vec<String> =
            choice.answers.iter().map(|(letter, meaning)| format!("[{letter}] {meaning}")).collect();
        let prompt = format!("{} {}: ", choice.question, answers.join("  "));
        let first = choice.answers.first().map_or('n', |&(letter, _)| letter);
        loop {
            match self.read(&prompt, Duration::from_secs(3600)) {
                Entry::Turn(text) => {
                    let typed = text.chars().next().map_or(first, |c| c.to_ascii_lowercase());
                    if choice.answers.iter().any(|&(letter, _)| letter == typed) {
                        return typed;
                    }
                }
                Entry::Command(_) | Entry::Nothing => {}
                Entry::Interrupted | Entry::EndOfInput => return first,
            }
        }
    }

    fn draft(&self) -> String {
        self.draft.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_draft(&mut self, text: String) {
        self.next_draft = text;
    }

    fn edit(&mut self, text: &str, extension: &str) -> Option<String> {
        let editor = self.editor.clone()?;
        let path = self.scratch.join(format!("draft.{extension}"));
        std::fs::write(&path, text).ok()?;
        // `$EDITOR` may carry arguments; the shell splits them as the user wrote them.
        let status = std::process::Command::new("sh")
            .arg("-c")
            .arg(format!("{editor} \"$1\""))
            .arg("greenroom")
            .arg(&path)
            .status();
        let edited = std::fs::read(&path).ok();
        let _ = std::fs::remove_file(&path);
        if !status.is_ok_and(|status| status.success()) {
            return None;
        }
        Some(sanitise(&String::from_utf8_lossy(&edited?)))
    }

    fn is_interactive(&self) -> bool {
        true
    }
}

/// Completes and hints commands, and keeps the draft for others to see.
struct Line {
    draft: Arc<Mutex<String>>,
    color: bool,
}

impl Helper for Line {}
impl Validator for Line {}

impl Completer for Line {
    type Candidate = Pair;
    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let typed = &line[..at];
        if !typed.starts_with('/') || typed.contains(char::is_whitespace) {
            return Ok((at, Vec::new()));
        }
        let found = COMMANDS.iter().filter(|command| command.name.starts_with(typed)).map(|command| Pair {
            display: format!("{:9} {}", command.name, command.does),
            replacement: command.name.to_owned(),
        });
        Ok((0, found.collect()))
    }
}

impl Hinter for Line {
    type Hint = String;
    fn hint(&self, line: &str, at: usize, _: &Context<'_>) -> Option<String> {
        self.draft.lock().unwrap_or_else(PoisonError::into_inner).replace_range(.., line);
        if at < line.len() || !line.starts_with('/') || line.len() < 2 {
            return None;
        }
        let command = COMMANDS.iter().find(|command| command.name.starts_with(line))?;
        Some(command.name[line.len()..].to_owned()).filter(|rest| !rest.is_empty())
    }
}

impl Highlighter for Line {
    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        if self.color { Cow::Owned(format!("\u{1b}[2m{hint}\u{1b}[0m")) } else { Cow::Borrowed(hint) }
    }

    fn highlight_char(&self, _line: &str, _at: usize, _kind: CmdKind) -> bool {
        false
    }
}
