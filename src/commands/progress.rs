//! `greenroom progress`: where you stand: grades over time, time practised, the drill, the checklist.

use super::Context;
use super::desk::Desk;
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
#[command(after_help = "Examples:\n  greenroom progress\n  greenroom progress --format md > progress.md")]
pub struct ProgressArgs {}

/// Prints where the user stands.
///
/// # Errors
///
/// [`Failure`] if the store or a pack cannot be read.
pub fn run(context: &mut Context<'_>, _: &ProgressArgs) -> Result<Exit, Failure> {
    let store = context.store()?;
    let progress = Desk::load(context, &store, false)?.progress(&store)?;
    match context.format() {
        Format::Json => context.json(&progress)?,
        Format::Md => context.out.write_all(sanitise(&progress::markdown(&progress)).as_bytes())?,
        Format::Html => return Err(Failure::user("there is no HTML progress yet").hint("use --format md")),
        Format::Text => {
            let width = if context.terminal.output { context.terminal.width } else { 80 };
            for line in sanitise(&progress::text(&progress)).lines() {
                let indent = line.len() - line.trim_start().len();
                let mark = if line.trim_start().starts_with('[') { 4 } else { 0 };
                writeln!(context.out, "{}", wrap(line, width, &" ".repeat(indent + mark)).trim_end())?;
            }
        }
    }
    Ok(Exit::Done)
}
