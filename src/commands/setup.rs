//! `greenroom completions` and `greenroom man`: what a shell and `man` want to know.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Command, CommandFactory};
use clap_complete::Shell;

use super::Context;
use crate::cli::Cli;
use crate::error::{Exit, Failure};
use crate::text::sanitise;

/// Print the completion script of a shell
#[derive(clap::Args, Debug)]
#[command(
    after_help = "It completes the names of problems, questions and diagram tasks too, as they are when it is made.\n\nExamples:\n  greenroom completions bash > ~/.local/share/bash-completion/completions/greenroom\n  greenroom completions fish > ~/.config/fish/completions/greenroom.fish"
)]
pub struct CompletionsArgs {
    /// Shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Print the manual page
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  greenroom man | man -l -\n  greenroom man interview | man -l -\n  greenroom man --out ~/.local/share/man/man1"
)]
pub struct ManArgs {
    /// The page of one command
    pub command: Option<String>,
    /// Write all pages into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    pub out: Option<PathBuf>,
}

/// Prints the completion script.
///
/// # Errors
///
/// [`Failure`] if standard output cannot be written.
pub fn completions(context: &mut Context<'_>, args: &CompletionsArgs) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut named(context), "greenroom", &mut script);
    context.out.write_all(&script)?;
    Ok(Exit::Done)
}

/// The command line with the names that its arguments may take. A pack that cannot be read has none;
/// whoever uses it is told then.
fn named(context: &Context<'_>) -> Command {
    let (mut problems, mut questions, mut tasks) = (Vec::new(), Vec::new(), Vec::new());
    let value = |id: &str, title: &str| PossibleValue::new(id.to_owned()).help(sanitise(title));
    for name in context.assets.packs() {
        let Ok(pack) = context.assets.pack(&name) else { continue };
        problems.extend(pack.problems.iter().map(|problem| value(&problem.id, &problem.title)));
        questions.extend(pack.questions.iter().map(|question| value(&question.id, &question.title)));
        tasks.extend(pack.diagrams.iter().map(|task| value(&task.id, &task.title)));
    }
    let takes = |command: Command, name: &'static str, argument: &'static str, values: &[PossibleValue]| {
        command.mut_subcommand(name, |command| {
            command.mut_arg(argument, |argument| {
                argument.value_parser(PossibleValuesParser::new(values.iter().cloned()))
            })
        })
    };
    let command = takes(Cli::command(), "interview", "problem", &problems);
    let command = takes(command, "review", "problem", &problems);
    let command = takes(command, "answer", "question", &questions);
    takes(command, "diagram", "task", &tasks)
}

/// Prints the manual page, in roff.
///
/// # Errors
///
/// [`Failure`] if there is no such command, or the page cannot be written.
pub fn man(context: &mut Context<'_>, args: &ManArgs) -> Result<Exit, Failure> {
    if let Some(folder) = &args.out {
        let unwritten = |error: std::io::Error| {
            Failure::user(format!("the pages cannot be written to {}", folder.display())).because(&error)
        };
        std::fs::create_dir_all(folder).map_err(unwritten)?;
        clap_mangen::generate_to(Cli::command(), folder).map_err(unwritten)?;
        return Ok(Exit::Done);
    }
    let all = Cli::command();
    let command = match &args.command {
        None => all,
        Some(name) => match all.find_subcommand(name) {
            Some(command) => command.clone().name(format!("greenroom-{name}")),
            None => {
                return Err(Failure::user(format!("there is no command `{}`", sanitise(name)))
                    .hint("`greenroom --help` lists them"));
            }
        },
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    context.out.write_all(&page)?;
    Ok(Exit::Done)
}
