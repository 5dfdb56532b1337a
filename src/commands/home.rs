//! `greenroom` alone: where you stand, and the next best step.

use super::Context;
use super::desk::Desk;
use crate::error::{Exit, Failure};
use crate::report::progress::{Progress, duration, several};
use crate::terminal::wrap;
use crate::text::sanitise;

/// Prints five lines.
///
/// # Errors
///
/// [`Failure`] if the store or a pack cannot be read.
pub fn run(context: &mut Context<'_>) -> Result<Exit, Failure> {
    let store = context.store()?;
    let progress = Desk::load(context, &store, false)?.progress(&store)?;
    if context.format() == crate::cli::Format::Json {
        context.json(&progress)?;
        return Ok(Exit::Done);
    }
    let mut lines = vec![stands(&progress), weakest(&progress)];
    let width = progress.next.iter().take(2).map(|step| step.command.len()).max().unwrap_or(0);
    lines.extend(progress.next.iter().take(2).map(|step| format!("{:width$}  {}", step.command, step.why)));
    lines.push(format!("{:width$}  The whole picture; all commands: greenroom --help", "greenroom progress"));
    let columns = if context.terminal.output { context.terminal.width } else { 80 };
    for line in lines {
        writeln!(context.out, "{}", wrap(&sanitise(&line), columns, &" ".repeat(width + 2)))?;
    }
    Ok(Exit::Done)
}

fn stands(progress: &Progress) -> String {
    let practice = &progress.practice;
    if practice.interviews + practice.answers + practice.reviews + practice.diagrams == 0 {
        return "greenroom: practice interviews, graded on your own words.".to_owned();
    }
    let mut line = format!(
        "{}, {}; {} in the last seven days",
        several(practice.interviews, "interview"),
        several(practice.answers, "answer"),
        duration(practice.last_week_s)
    );
    if practice.streak_days > 1 {
        line += &format!(", {} in a row", several(practice.streak_days, "day"));
    }
    line + "."
}

fn weakest(progress: &Progress) -> String {
    let graded = progress.criteria.iter().filter_map(|track| Some((track.now?, track)));
    match graded.min_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((now, track)) => {
            let mastered = progress.coverage.checklist;
            format!(
                "Weakest criterion: {}, {now:.1} of 4. Mastered: {} of {}.",
                track.title.to_lowercase(),
                mastered.done,
                mastered.all
            )
        }
        None => "No interview was graded yet.".to_owned(),
    }
}
