//! `greenroom prompt`: the prompts in force, and a copy to change.

use clap::Subcommand;
use serde_json::json;

use super::Context;
use crate::cli::Format;
use crate::coach::llm::PROMPTS;
use crate::error::{Exit, Failure};
use crate::text::sanitise;

/// List, show and change the prompts that a language model gets
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  greenroom prompt\n  greenroom prompt show interviewer\n  greenroom prompt eject interviewer"
)]
pub struct PromptArgs {
    /// What to do; lists without it
    #[command(subcommand)]
    pub action: Option<Action>,
}

/// What to do with prompts.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// All prompts, and whether you have changed them
    List,
    /// A prompt as it is in force
    Show {
        /// Its name
        name: String,
    },
    /// Copy a prompt into your configuration folder, where you can change it
    Eject {
        /// Its name
        name: String,
        /// Replace your own copy
        #[arg(long)]
        force: bool,
    },
}

/// Runs `greenroom prompt`.
///
/// # Errors
///
/// [`Failure`] if there is no such prompt, or the copy cannot be written.
pub fn run(context: &mut Context<'_>, args: &PromptArgs) -> Result<Exit, Failure> {
    match args.action.as_ref().unwrap_or(&Action::List) {
        Action::List => list(context),
        Action::Show { name } => {
            let text = context.assets.prompt(name)?;
            write!(context.out, "{}", sanitise(&text))?;
            Ok(Exit::Done)
        }
        Action::Eject { name, force } => eject(context, name, *force),
    }
}

fn list(context: &mut Context<'_>) -> Result<Exit, Failure> {
    let folder = context.settings.config_dir.join("prompts");
    let rows: Vec<_> = PROMPTS
        .iter()
        .map(|&(name, title)| (name, title, folder.join(format!("{name}.md")).exists()))
        .collect();
    if context.format() == Format::Json {
        let rows: Vec<_> = rows
            .iter()
            .map(|(name, title, own)| json!({"id": name, "title": title, "source": if *own { "yours" } else { "built in" }}))
            .collect();
        context.json(&rows)?;
        return Ok(Exit::Done);
    }
    for (name, title, own) in rows {
        writeln!(context.out, "{name:16}  {:8}  {title}", if own { "yours" } else { "built in" })?;
    }
    Ok(Exit::Done)
}

fn eject(context: &mut Context<'_>, name: &str, force: bool) -> Result<Exit, Failure> {
    let text = crate::assets::Assets::embedded().prompt(name)?;
    let folder = context.settings.config_dir.join("prompts");
    let path = folder.join(format!("{name}.md"));
    if path.exists() && !force {
        return Err(Failure::user(format!("{} is there already", path.display()))
            .hint("change it, or replace it with --force"));
    }
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&path, text))
        .map_err(|error| Failure::user(format!("{} cannot be written", path.display())).because(&error))?;
    writeln!(context.out, "{}", path.display())?;
    context.note("Change it as you like; remove it to get the built-in one back.");
    Ok(Exit::Done)
}
