//! The line editor: rustyline on a thread of its own, so that the clock runs while somebody types.
//!
//! Warnings are printed above the line through rustyline's external printer and leave what is being
//! typed alone, as does the clock in the prompt; the draft can be read at any time. History lives in
//! memory: what was said is in the store alone, so that deleting it there deletes it.

use std::borrow::Cow;
use std::io::Write;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::MemHistory;
use rustyline::validate::Validator;
use rustyline::{
    Cmd, ConditionalEventHandler, Context, Editor, Event, EventContext, EventHandler, ExternalPrinter,
    Helper, KeyCode, KeyEvent, Modifiers, RepeatCount,
};

use super::prompt::fitted;
use super::spinner::Spinner;
use super::{Choice, Console, Entry, PROSE, hanging, keyboard};
use crate::config::Environment;
use crate::interview::COMMANDS;
use crate::report::{Paint, TerminalMarkdown, terminal_markdown};
use crate::text::sanitise;

/// A request to the editor's thread.
enum Request {
    Read { prompt: String, draft: String },
    Remember(String),
}

/// Edits lines for a person at a terminal.
pub struct TerminalConsole {
    requests: Sender<Request>,
    entries: Receiver<Entry>,
    /// None where the terminal cannot redraw a line.
    printer: Option<Box<dyn ExternalPrinter + Send>>,
    shared: Arc<Shared>,
    next_draft: String,
    waiting: bool,
    /// The reply that is streaming.
    reply: Option<TerminalMarkdown>,
    spinner: Option<Spinner>,
    look: Look,
    before: keyboard::Mode,
}

/// What the editor's thread and the session see of each other.
#[derive(Debug, Default)]
struct Shared {
    /// What is being typed.
    draft: Mutex<String>,
    /// The prompt as it should be by now.
    prompt: Mutex<String>,
}

fn locked(text: &Mutex<String>) -> std::sync::MutexGuard<'_, String> {
    text.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How a console looks and which programs it starts.
#[derive(Clone, Debug)]
pub struct Look {
    /// Columns that the user named; else the terminal is asked each time.
    columns: Option<usize>,
    /// Colour may be used.
    color: bool,
    /// The terminal can redraw a line.
    redraws: bool,
    /// `$VISUAL` or `$EDITOR`.
    editor: Option<String>,
    /// Folder for the editor's files; private.
    scratch: PathBuf,
}

impl Look {
    /// The look that `environment` asks for; the editor's files go to `scratch`.
    pub fn new(environment: &Environment, color: bool, scratch: PathBuf) -> Self {
        let variable = |name| environment.variable(name).filter(|value| !value.is_empty());
        Self {
            columns: variable("COLUMNS").and_then(|columns| columns.parse().ok()),
            color,
            redraws: !matches!(variable("TERM"), Some("dumb" | "cons25" | "emacs")),
            editor: variable("VISUAL").or_else(|| variable("EDITOR")).map(str::to_owned),
            scratch,
        }
    }
}

impl TerminalConsole {
    /// Starts the editor's thread.
    ///
    /// # Errors
    ///
    /// If the terminal cannot be put into raw mode.
    pub fn start(look: Look) -> Result<Self, ReadlineError> {
        let before = keyboard::Mode::now();
        let shared = Arc::new(Shared::default());
        let config = rustyline::Config::builder()
            .bracketed_paste(true)
            .auto_add_history(false)
            .max_history_size(1000)?
            .completion_type(rustyline::CompletionType::List)
            .build();
        let history = MemHistory::with_config(&config);
        let mut editor: Editor<Line, MemHistory> = Editor::with_history(config, history)?;
        editor.set_helper(Some(Line { shared: Arc::clone(&shared), color: look.color }));
        editor.bind_sequence(KeyEvent(KeyCode::Enter, Modifiers::ALT), EventHandler::Simple(Cmd::Newline));
        for (key, cmd) in
            [(KeyCode::Up, Cmd::HistorySearchBackward), (KeyCode::Down, Cmd::HistorySearchForward)]
        {
            let handler = EventHandler::Conditional(Box::new(OfItsKind(cmd)));
            editor.bind_sequence(KeyEvent(key, Modifiers::NONE), handler);
        }
        let handler = EventHandler::Conditional(Box::new(Suspend(before.clone())));
        editor.bind_sequence(KeyEvent::ctrl('Z'), handler);
        let printer: Option<Box<dyn ExternalPrinter + Send>> = match look.redraws {
            true => Some(Box::new(editor.create_external_printer()?)),
            false => None,
        };
        let (requests, asked) = channel();
        let (sender, entries) = channel();
        std::thread::spawn(move || edit(&mut editor, &asked, &sender));
        Ok(Self {
            requests,
            entries,
            printer,
            shared,
            next_draft: String::new(),
            waiting: false,
            reply: None,
            spinner: None,
            look,
            before,
        })
    }

    fn width(&self) -> usize {
        super::columns(self.look.columns).min(PROSE)
    }

    /// Draws the prompt anew where it says something else by now, in its place.
    fn refresh(&mut self, prompt: &str) {
        let Some(printer) = &mut self.printer else { return };
        let mut shown = locked(&self.shared.prompt);
        if *shown == prompt {
            return;
        }
        prompt.clone_into(&mut shown);
        drop(shown);
        // The printer ends what it prints with a line break: one line up first.
        let _ = printer.print("\u{1b}[A\n".to_owned());
    }

    /// Writes above the line that is being edited, or plainly where none is.
    fn print(&mut self, text: &str) {
        match &mut self.printer {
            // Where the printer fails the terminal is gone; the log has it all.
            Some(printer) if self.waiting => drop(printer.print(format!("{text}\n"))),
            _ => {
                let mut out = std::io::stdout();
                let _ = writeln!(out, "{text}");
                let _ = out.flush();
            }
        }
    }

    fn paint(&self) -> Paint {
        if self.look.color { Paint::Colour } else { Paint::Plain }
    }

    fn dim(&self, text: &str) -> String {
        if self.look.color { format!("\u{1b}[2m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

impl Drop for TerminalConsole {
    /// A session that ends while somebody types leaves the line and gives the keyboard back.
    fn drop(&mut self) {
        self.idle();
        if self.waiting {
            self.before.restore();
            let mut out = std::io::stdout();
            let _ = writeln!(out, "{}", if self.look.redraws { keyboard::PASTE_OFF } else { "" });
            let _ = out.flush();
        }
    }
}

fn edit(editor: &mut Editor<Line, MemHistory>, asked: &Receiver<Request>, sender: &Sender<Entry>) {
    while let Ok(request) = asked.recv() {
        let (prompt, draft) = match request {
            Request::Remember(line) => {
                let _ = editor.add_history_entry(line);
                continue;
            }
            Request::Read { prompt, draft } => (prompt, draft),
        };
        let entry = match editor.readline_with_initial(&prompt, (&draft, "")) {
            Ok(line) => {
                let line = sanitise(&line).trim().to_owned();
                if !line.is_empty() {
                    // History is a convenience.
                    let _ = editor.add_history_entry(&line);
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
        if self.waiting {
            self.refresh(prompt);
        } else {
            prompt.clone_into(&mut locked(&self.shared.prompt));
            let draft = std::mem::take(&mut self.next_draft);
            if self.requests.send(Request::Read { prompt: prompt.to_owned(), draft }).is_err() {
                return Entry::EndOfInput;
            }
            self.waiting = true;
        }
        match self.entries.recv_timeout(wait) {
            Ok(entry) => {
                self.waiting = false;
                locked(&self.shared.draft).clear();
                entry
            }
            Err(RecvTimeoutError::Timeout) => Entry::Nothing,
            Err(RecvTimeoutError::Disconnected) => Entry::EndOfInput,
        }
    }

    fn say(&mut self, text: &str) {
        self.idle();
        let text = terminal_markdown(text, self.width(), self.paint());
        self.print(&format!("\n{}\n", text.trim_end()));
    }

    fn stream(&mut self, piece: &str) {
        self.idle();
        let (width, paint) = (self.width(), self.paint());
        let mut out = std::io::stdout();
        let reply = self.reply.get_or_insert_with(|| {
            let _ = writeln!(out);
            TerminalMarkdown::new(width, paint)
        });
        reply.set_width(width);
        let _ = out.write_all(reply.push_eagerly(piece).as_bytes());
        let _ = out.flush();
    }

    fn end_stream(&mut self) {
        self.idle();
        if let Some(mut reply) = self.reply.take() {
            let mut out = std::io::stdout();
            let _ = writeln!(out, "{}", reply.finish());
            let _ = out.flush();
        }
    }

    fn busy(&mut self, doing: &str) {
        self.idle();
        if self.look.redraws && !self.waiting {
            self.spinner = Some(Spinner::start(doing));
        }
    }

    fn idle(&mut self) {
        self.spinner = None;
    }

    fn remember(&mut self, line: &str) {
        // A thread that has gone needs no history.
        let _ = self.requests.send(Request::Remember(line.to_owned()));
    }

    fn tell(&mut self, text: &str) {
        self.idle();
        let text = self.dim(&hanging(&sanitise(text), self.width()));
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
        locked(&self.shared.draft).clone()
    }

    fn set_draft(&mut self, text: String) {
        self.next_draft = text;
    }

    fn edit(&mut self, text: &str, extension: &str) -> Option<String> {
        let editor = self.look.editor.clone()?;
        let path = self.look.scratch.join(format!("draft.{extension}"));
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
    shared: Arc<Shared>,
    color: bool,
}

/// The up and down keys in a command go through commands; elsewhere they do what they always do.
struct OfItsKind(Cmd);

impl ConditionalEventHandler for OfItsKind {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext<'_>) -> Option<Cmd> {
        (context.line().starts_with('/') && !context.line().contains('\n')).then(|| self.0.clone())
    }
}

/// Ctrl-Z: the shell gets its terminal as it was, and the line is drawn again when the job goes on.
struct Suspend(keyboard::Mode);

impl ConditionalEventHandler for Suspend {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, _: &EventContext<'_>) -> Option<Cmd> {
        self.0.suspend();
        Some(Cmd::Repaint)
    }
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
        line.clone_into(&mut locked(&self.shared.draft));
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

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _default: bool) -> Cow<'b, str> {
        let prompt = fitted(&locked(&self.shared.prompt), prompt);
        Cow::Owned(if self.color { format!("\u{1b}[1m{prompt}\u{1b}[0m") } else { prompt })
    }

    fn highlight_char(&self, _line: &str, _at: usize, _kind: CmdKind) -> bool {
        false
    }
}
