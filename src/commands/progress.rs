//! `greenroom progress`: where you stand: grades over time, time practised, the drill, the checklist.

use std::path::PathBuf;

use super::Context;
use super::desk::Desk;
use super::report::{format_of, write};
use crate::cli::Format;
use crate::error::{Exit, Failure};
use crate::report::progress;
use crate::terminal::wrap;
use crate::text::sanitise;

/// Show where you stand: grades over time, time practised, what is due, the checklist
///
/// A change of a grade counts only if it is larger than the grader's own spread and than what chance explains.
/// Grades of different coaches are never compared.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  greenroom progress\n  greenroom progress --out progress.html       one page, with charts\n  greenroom progress --format md > progress.md"
)]
pub struct ProgressArgs {
    /// File to write it to; its ending chooses the format unless --format does
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Prints where the user stands.
///
/// # Errors
///
/// [`Failure`] if the store or a pack cannot be read.
pub fn run(context: &mut Context<'_>, args: &ProgressArgs) -> Result<Exit, Failure> {
    let store = context.store()?;
    let progress = Desk::load(context, &store, false)?.progress(&store)?;
    let format = context.format.or(args.out.as_deref().map(format_of)).unwrap_or_default();
    let text = match format {
        Format::Json => {
            let written = match context.terminal.output {
                true => serde_json::to_string_pretty(&progress),
                false => serde_json::to_string(&progress),
            };
            written.map_err(|error| Failure::user("progress cannot be written").because(&error))?
        }
        Format::Md => sanitise(&progress::markdown(&progress)),
        Format::Html => progress::html(&progress),
        Format::Text => {
            let width = context.columns();
            let text = sanitise(&progress::text(&progress));
            let lines = text.lines().map(|line| {
                let indent = line.len() - line.trim_start().len();
                let mark = if line.trim_start().starts_with('[') { 4 } else { 0 };
                wrap(line, width, &" ".repeat(indent + mark)).trim_end().to_owned()
            });
            lines.collect::<Vec<_>>().join("\n")
        }
    };
    match &args.out {
        Some(file) => write(context, file, &text)?,
        None => writeln!(context.out, "{}", text.trim_end())?,
    }
    Ok(Exit::Done)
}
