//! `greenroom pack`: packs that there are, what is wrong with one, and a new one to begin with.

mod lint;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};

use super::Context;
use crate::assets::Assets;
use crate::cli::Format;
use crate::error::{Exit, Failure};
use crate::text::sanitise;

/// List and check packs, and begin new ones
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  greenroom pack new mypack\n  greenroom pack lint mypack")]
pub struct PackArgs {
    /// What to do; lists without it
    #[command(subcommand)]
    pub action: Option<Action>,
}

/// What to do with packs.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// All packs, built in and yours
    List,
    /// Say what is wrong with a pack, with file, line and column
    ///
    /// Ends with 1 if there are faults. Remarks are what an author may want to look at.
    Lint {
        /// Folder of a pack, or a pack's name
        #[arg(required = true, value_name = "DIR|NAME")]
        packs: Vec<String>,
    },
    /// Make a small sound pack to begin with
    New {
        /// Its name: lower case, with hyphens
        name: String,
        /// Folder to make it in instead of yours for packs
        #[arg(long, value_name = "DIR")]
        into: Option<PathBuf>,
    },
}

/// Runs `greenroom pack`.
///
/// # Errors
///
/// [`Failure`] if there is no such pack, or a file cannot be read or written.
pub fn run(context: &mut Context<'_>, args: &PackArgs) -> Result<Exit, Failure> {
    match args.action.as_ref().unwrap_or(&Action::List) {
        Action::List => list(context),
        Action::Lint { packs } => lint::lint(context, packs),
        Action::New { name, into } => new(context, name, into.as_deref()),
    }
}

fn list(context: &mut Context<'_>) -> Result<Exit, Failure> {
    let mut rows = Vec::new();
    for name in context.assets.packs() {
        let pack = context.assets.pack(&name)?;
        let own = context.assets.pack_path(&name).filter(|path| path.is_dir());
        let place = match (&own, Assets::is_built_in(&name)) {
            (Some(_), true) => "built in, some of it replaced by you",
            (Some(_), false) => "yours",
            (None, _) => "built in",
        };
        rows.push(json!({
            "id": name,
            "title": pack.manifest.title,
            "version": pack.manifest.version,
            "description": pack.manifest.description,
            "place": place,
            "path": own.map(|path| path.display().to_string()),
            "questions": pack.questions.len(),
            "problems": pack.problems.len(),
            "diagrams": pack.diagrams.len(),
        }));
    }
    if context.format() == Format::Json {
        context.json(&rows)?;
        return Ok(Exit::Done);
    }
    let text = |row: &Value, key: &str| sanitise(row[key].as_str().unwrap_or_default());
    let width = rows.iter().map(|row| text(row, "id").chars().count()).max().unwrap_or(0);
    for row in &rows {
        let id = text(row, "id");
        let counts = [("questions", "questions"), ("problems", "problems"), ("diagrams", "diagram tasks")];
        let counts = counts.iter().filter(|(key, _)| row[key] != 0);
        let counts: Vec<String> = counts.map(|(key, name)| format!("{} {name}", row[key])).collect();
        writeln!(context.out, "{id:width$}  {} ({})", counts.join(", "), text(row, "place"))?;
    }
    Ok(Exit::Done)
}

/// The folder for a new pack by this name, which nobody has.
///
/// # Errors
///
/// [`Failure`] if it is no name, or taken.
pub(super) fn place(context: &Context<'_>, name: &str, into: Option<&Path>) -> Result<PathBuf, Failure> {
    let plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !plain || !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err(Failure::user(format!("`{name}` is no name for a pack"))
            .hint("lower-case letters, digits and hyphens, for instance `my-pack`"));
    }
    if context.assets.packs().iter().any(|other| other == name) {
        return Err(Failure::user(format!("there is a pack `{name}` already"))
            .hint("take another name; `greenroom pack list` shows those there are"));
    }
    let folder = into.map(|into| into.join(name)).or_else(|| context.assets.pack_path(name));
    folder.ok_or_else(|| Failure::user("there is no folder for packs").hint("name one: --into DIR"))
}

fn new(context: &mut Context<'_>, name: &str, into: Option<&Path>) -> Result<Exit, Failure> {
    let folder = place(context, name, into)?;
    let title = titled(name);
    write_pack(&folder, &Assets::new_pack(name, &title))?;
    writeln!(context.out, "{}", sanitise(&folder.display().to_string()))?;
    let target = if into.is_some() { folder.display().to_string() } else { name.to_owned() };
    context.note(&format!(
        "A small pack is there: one question, one diagram task, a cheat sheet, a checklist. Change what you\nlike, then check it: `greenroom pack lint {target}`. How to write one: material/AUTHORING.md."
    ));
    Ok(Exit::Done)
}

/// Writes the files of a new pack.
///
/// # Errors
///
/// [`Failure`] if something is there already, or cannot be written.
pub(super) fn write_pack(folder: &Path, source: &crate::material::PackSource) -> Result<(), Failure> {
    if folder.exists() {
        return Err(Failure::user(format!("{} is there already", folder.display()))
            .hint("move it away, or take another name; nothing was written"));
    }
    for (name, text) in source {
        let path = folder.join(name);
        let written = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        written.and_then(|()| std::fs::write(&path, text)).map_err(|error| {
            Failure::user(format!("{} cannot be written", path.display())).because(&error)
        })?;
    }
    Ok(())
}

/// A name as a title: `my-pack` is "My pack".
fn titled(name: &str) -> String {
    let mut words = name.replace(['-', '_'], " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}
