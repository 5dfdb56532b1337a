//! `greenroom completions` and `greenroom man`: what a shell and `man` want to know.

use clap::CommandFactory;
use clap_complete::Shell;

use super::Context;
use crate::cli::Cli;
use crate::error::{Exit, Failure};

/// Print the completion script of a shell
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  greenroom completions bash > ~/.local/share/bash-completion/completions/greenroom\n  greenroom completions fish > ~/.config/fish/completions/greenroom.fish"
)]
pub struct CompletionsArgs {
    /// Shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Prints the completion script.
///
/// # Errors
///
/// [`Failure`] if standard output cannot be written.
pub fn completions(context: &mut Context<'_>, args: &CompletionsArgs) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "greenroom", &mut script);
    context.out.write_all(&script)?;
    Ok(Exit::Done)
}

/// Prints the manual page, in roff.
///
/// # Errors
///
/// [`Failure`] if standard output cannot be written.
pub fn man(context: &mut Context<'_>) -> Result<Exit, Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page)?;
    context.out.write_all(&page)?;
    Ok(Exit::Done)
}
