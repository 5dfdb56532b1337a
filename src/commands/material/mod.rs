//! `greenroom material`: study notes: add, list, show, search, compile, remove.

mod add;
mod compile;
mod read;
mod show;

use std::path::PathBuf;

use clap::Subcommand;

pub(super) use read::stays_within;

use super::Context;
use crate::error::{Exit, Failure};
use crate::store::{Material, Store};

/// Study notes: add them, search them, answer what they ask
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  greenroom material add notes.md\n  greenroom material search cache\n  greenroom material remove notes"
)]
pub struct MaterialArgs {
    /// What to do; lists without it
    #[command(subcommand)]
    pub action: Option<Action>,
}

/// What to do with notes.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Read notes: Markdown, text, or cards exported by Anki; again to take changes over
    Add {
        /// Files, or folders with files
        #[arg(required = true, value_name = "FILE|DIR")]
        paths: Vec<PathBuf>,
    },
    /// All notes that were added
    List,
    /// The notes of a file, repaired; with --found what was found in them
    Show {
        /// Id, the beginning of it, or the file
        id: String,
        /// Questions, tasks, phases and the rest instead of the text
        #[arg(long)]
        found: bool,
    },
    /// Find words in all notes, best passages first
    Search {
        /// Words; the last may be a beginning
        #[arg(required = true)]
        words: Vec<String>,
        /// Passages at most
        #[arg(long, default_value_t = 10)]
        count: usize,
    },
    /// Make a pack of what notes hold beside questions: phases, diagram tasks, cheat sheet, checklist
    Compile {
        /// Id of the notes, the beginning of it, or the file
        id: String,
        /// Name of the pack; the notes' id without it
        #[arg(long)]
        name: Option<String>,
        /// Folder to make it in instead of yours for packs
        #[arg(long, value_name = "DIR")]
        into: Option<PathBuf>,
    },
    /// Forget notes, and their words in every file of ours; your files stay
    Remove {
        /// Ids, beginnings of them, or files
        #[arg(required = true)]
        ids: Vec<String>,
    },
}

/// Runs `greenroom material`.
///
/// # Errors
///
/// [`Failure`] if the store fails, or nothing of what was asked for could be done.
pub fn run(context: &mut Context<'_>, args: &MaterialArgs) -> Result<Exit, Failure> {
    match args.action.as_ref().unwrap_or(&Action::List) {
        Action::Add { paths } => add::add(context, paths),
        Action::List => show::list(context),
        Action::Show { id, found } => show::show(context, id, *found),
        Action::Search { words, count } => show::search(context, &words.join(" "), *count),
        Action::Compile { id, name, into } => compile::compile(context, id, name.as_deref(), into.as_deref()),
        Action::Remove { ids } => remove(context, ids),
    }
}

fn remove(context: &mut Context<'_>, ids: &[String]) -> Result<Exit, Failure> {
    let mut store = context.store()?;
    // All or nothing: a misspelt name must not leave half of the work done.
    let found = ids.iter().map(|id| resolve(&store, id)).collect::<Result<Vec<_>, _>>()?;
    for material in found {
        store.remove_material(&material.id)?;
        context.note(&format!("Forgot {}; {} stays as it is.", material.id, material.path));
    }
    Ok(Exit::Done)
}

/// The file that `asked` means: its id, the beginning of it, or its path.
///
/// # Errors
///
/// [`Failure`], with the nearest id.
pub(super) fn resolve(store: &Store, asked: &str) -> Result<Material, Failure> {
    if let Some(exact) = store.material(asked)? {
        return Ok(exact);
    }
    let all = store.materials()?;
    let path = read::place(std::path::Path::new(asked));
    let by_path = all.iter().find(|material| material.path == path || material.path == asked);
    let mut beginning = all.iter().filter(|material| material.id.starts_with(asked));
    let found = by_path.or_else(|| beginning.next().filter(|_| beginning.next().is_none()));
    if let Some(found) = found {
        return Ok(found.clone());
    }
    let near = all
        .iter()
        .max_by(|a, b| strsim::jaro_winkler(&a.id, asked).total_cmp(&strsim::jaro_winkler(&b.id, asked)));
    let failure = Failure::user(format!("there are no notes `{asked}`"));
    Err(match near {
        Some(near) => {
            failure.hint(format!("did you mean `{}`? `greenroom material list` shows them all", near.id))
        }
        None => failure.hint("add some with `greenroom material add FILE`"),
    })
}
