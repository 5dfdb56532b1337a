//! What every command gets: settings, content, store, and where to write.

use std::io::Write;

use crate::assets::Assets;
use crate::cli::Format;
use crate::config::{Environment, Settings};
use crate::error::Failure;
use crate::store::Store;
use crate::terminal::{PROSE, wrap};

/// What standard input, output and error are connected to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terminal {
    /// Somebody types.
    pub input: bool,
    /// Somebody reads the result.
    pub output: bool,
    /// Somebody reads the messages.
    pub error: bool,
    /// Columns; 80 where unknown.
    pub width: usize,
    /// Colour may be used on standard output.
    pub color: bool,
}

/// What every command gets.
pub struct Context<'a> {
    /// Variables and folders of the process.
    pub environment: &'a Environment,
    /// All settings, resolved.
    pub settings: Settings,
    /// Prompts, rubrics and packs.
    pub assets: Assets,
    /// `--format`, if it was given.
    pub format: Option<Format>,
    /// `-q`.
    pub quiet: bool,
    /// Number of `-v`.
    pub verbose: u8,
    /// What the streams are connected to.
    pub terminal: Terminal,
    /// Carries the result.
    pub out: &'a mut dyn Write,
    /// Carries everything else.
    pub err: &'a mut dyn Write,
}

impl Context<'_> {
    /// Opens the store.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the database cannot be opened.
    pub fn store(&self) -> Result<Store, Failure> {
        Ok(Store::open(&self.settings.data_dir.value)?)
    }

    /// The format asked for, or text.
    pub fn format(&self) -> Format {
        self.format.unwrap_or_default()
    }

    /// Columns for prose on standard output: the terminal's, up to 100; 80 where there is none.
    pub fn columns(&self) -> usize {
        if self.terminal.output { self.terminal.width.min(PROSE) } else { 80 }
    }

    /// Tells the user something on standard error, unless `-q` was given.
    pub fn note(&mut self, text: &str) {
        if !self.quiet {
            let text = crate::text::sanitise(text);
            let text = match self.terminal.error {
                true => wrap(&text, self.terminal.width.min(PROSE), ""),
                false => text,
            };
            // Nobody may be reading; the result goes elsewhere.
            let _ = writeln!(self.err, "{text}");
        }
    }

    /// Writes a value as JSON on standard output, in one line for pipes and indented for people.
    ///
    /// # Errors
    ///
    /// [`Failure`] if standard output cannot be written.
    pub fn json(&mut self, value: &impl serde::Serialize) -> Result<(), Failure> {
        let written = match self.terminal.output {
            true => serde_json::to_string_pretty(value),
            false => serde_json::to_string(value),
        };
        let written = written.map_err(std::io::Error::from)?;
        writeln!(self.out, "{}", crate::text::tame_json(&written))?;
        Ok(())
    }
}
