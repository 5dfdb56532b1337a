//! `greenroom` alone: where you stand, and the next best step.

use super::Context;
use super::desk::Desk;
use crate::config::CoachKind;
use crate::error::{Exit, Failure};
use crate::report::progress::{Progress, duration, several};
use crate::terminal::{hanging, wrap};
use crate::text::sanitise;

/// Prints six lines; the first time they say what this is.
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
    let mut steps: Vec<(&str, &str)> =
        progress.next.iter().take(2).map(|step| (step.command.as_str(), step.why.as_str())).collect();
    let heads = if is_new(&progress) {
        steps.push(match context.settings.coach.value {
            CoachKind::Embedded => ("greenroom doctor --find", "Connect a model, if you want one."),
            CoachKind::Llm => ("greenroom doctor", "Check the model and its server."),
        });
        ["Practice interviews, graded on your own words.".to_owned(), coach(context)]
    } else {
        steps.push(("greenroom progress", "The whole picture."));
        [stands(&progress), weakest(&progress)]
    };
    steps.push(("greenroom --help", "All commands."));
    let columns = context.columns();
    for head in heads {
        writeln!(context.out, "{}", wrap(&sanitise(&head), columns, ""))?;
    }
    let width = steps.iter().map(|(command, _)| command.len()).max().unwrap_or(0);
    let steps: Vec<String> = steps.iter().map(|(command, why)| format!("{command:width$}  {why}")).collect();
    writeln!(context.out, "{}", hanging(&sanitise(&steps.join("\n")), columns))?;
    Ok(Exit::Done)
}

fn is_new(progress: &Progress) -> bool {
    let practice = &progress.practice;
    practice.interviews + practice.answers + practice.reviews + practice.diagrams == 0
}

/// Who coaches, and where words go.
fn coach(context: &Context<'_>) -> String {
    match context.settings.coach.value {
        CoachKind::Embedded => format!(
            "Coach: {}, rules and no model; nothing leaves this machine.",
            crate::coach::embedded::name()
        ),
        CoachKind::Llm => format!(
            "Coach: a model, chosen by {}; each session first says where your words go.",
            context.settings.coach.source
        ),
    }
}

fn stands(progress: &Progress) -> String {
    let practice = &progress.practice;
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
