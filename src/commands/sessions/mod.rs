//! `greenroom sessions`: history: list, show, search, try again, compare, export, import, back up, delete.

mod compare;
mod show;
mod transfer;

use std::path::PathBuf;

use clap::Subcommand;
use serde::Serialize;
use serde_json::json;

use super::Context;
use crate::cli::Format;
use crate::clock::rfc3339;
use crate::error::{Exit, Failure};
use crate::store::{Listed, Store};
use crate::text::sanitise;

/// List, show, search, compare, export and delete sessions
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  greenroom sessions\n  greenroom sessions search consistent hashing\n  greenroom sessions export ID > session.jsonl"
)]
pub struct SessionsArgs {
    /// What to do; lists without it
    #[command(subcommand)]
    pub action: Option<Action>,
}

/// What to do with sessions.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// All sessions, the latest first
    List,
    /// What was said in a session
    Show {
        /// Session, or the beginning or end of its id
        id: String,
    },
    /// Find words in everything that was said, the latest first
    Search {
        /// Words; the last may be a beginning
        #[arg(required = true)]
        words: Vec<String>,
        /// Turns at most
        #[arg(long, value_name = "N", default_value_t = 50)]
        count: usize,
    },
    /// Try an interview again from a turn on; the first try stays as it is
    Fork {
        /// Interview, or the beginning or end of its id
        id: String,
        /// Turn to say differently, as reports and `sessions show` number it
        #[arg(long, value_name = "N")]
        turn: usize,
    },
    /// Show two grades side by side, and what is more than noise
    Compare {
        /// Session
        a: String,
        /// Session
        b: String,
    },
    /// Write sessions to standard output: JSON lines that `import` reads, or Markdown with `--format md`
    Export {
        /// Sessions, or the beginnings or ends of their ids
        #[arg(required_unless_present = "all")]
        ids: Vec<String>,
        /// Every session
        #[arg(long, conflicts_with = "ids")]
        all: bool,
        /// For others: without names, ids, dates, folders, private notes and cost
        #[arg(long)]
        share: bool,
        /// A name that --share takes out beside those it finds; may be given more than once
        #[arg(long = "name", value_name = "NAME", requires = "share")]
        names: Vec<String>,
    },
    /// Take in sessions that were exported
    Import {
        /// Files with JSON lines; `-` reads standard input
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Copy the database to a new file, while it is in use
    Backup {
        /// File
        file: PathBuf,
    },
    /// Delete sessions, and their words from every file
    Delete {
        /// Sessions; without any, cleans up after a delete that another greenroom was in the way of
        ids: Vec<String>,
    },
}

/// Runs `greenroom sessions`.
///
/// # Errors
///
/// [`Failure`] if the store cannot be read or a session is not there.
pub fn run(context: &mut Context<'_>, args: &SessionsArgs) -> Result<Exit, Failure> {
    let mut store = context.store()?;
    match args.action.as_ref().unwrap_or(&Action::List) {
        Action::List => list(context, &store),
        Action::Show { id } => show::show(context, &store, id),
        Action::Search { words, count } => search(context, &store, &words.join(" "), *count),
        Action::Fork { id, turn } => compare::fork(context, &mut store, id, *turn),
        Action::Compare { a, b } => compare::compare(context, &store, a, b),
        Action::Export { ids, all, share, names } => {
            let names = share.then_some(names.as_slice());
            transfer::export(context, &store, ids, *all, names)
        }
        Action::Import { files } => transfer::import(context, &mut store, files),
        Action::Backup { file } => transfer::backup(context, &store, file),
        Action::Delete { ids } => delete(context, &mut store, ids),
    }
}

fn list(context: &mut Context<'_>, store: &Store) -> Result<Exit, Failure> {
    let sessions = store.list()?;
    if context.format() == Format::Json {
        let rows: Vec<_> = sessions.iter().map(row).collect();
        context.json(&rows)?;
        return Ok(Exit::Done);
    }
    if sessions.is_empty() {
        writeln!(context.out, "No sessions yet. Hold one with `greenroom interview`.")?;
    }
    for listed in &sessions {
        let summary = &listed.summary;
        writeln!(
            context.out,
            "{}  {:9}  {:8}  {:>3} turns  {}  {}",
            rfc3339(summary.started_at_ms),
            summary.kind.name(),
            summary.state.name(),
            summary.turns,
            short(&listed.id),
            sanitise(&summary.title)
        )?;
    }
    Ok(Exit::Done)
}

/// A session in JSON.
#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    title: &'a str,
    kind: &'static str,
    problem: &'a str,
    started_at: String,
    ended_at: Option<String>,
    state: &'static str,
    turns: u64,
    graded: bool,
    forked_from: Option<Fork<'a>>,
}

#[derive(Serialize)]
struct Fork<'a> {
    id: &'a str,
    turn: usize,
}

fn row(listed: &Listed) -> Row<'_> {
    let summary = &listed.summary;
    Row {
        id: &listed.id,
        title: &summary.title,
        kind: summary.kind.name(),
        problem: &summary.problem,
        started_at: rfc3339(summary.started_at_ms),
        ended_at: summary.ended_at_ms.map(rfc3339),
        state: summary.state.name(),
        turns: summary.turns,
        graded: summary.graded,
        forked_from: summary.forked_from.as_ref().map(|(id, turn)| Fork { id, turn: *turn }),
    }
}

/// The end of an id: its random part, enough to name it.
pub(super) fn short(id: &str) -> &str {
    &id[id.floor_char_boundary(id.len().saturating_sub(8))..]
}

fn search(context: &mut Context<'_>, store: &Store, words: &str, count: usize) -> Result<Exit, Failure> {
    let found = store.search(words, count)?;
    if context.format() == Format::Json {
        let rows: Vec<_> = found
            .iter()
            .map(|found| json!({"id": found.session, "title": found.title, "started_at": rfc3339(found.started_at_ms), "seq": found.seq, "snippet": sanitise(&found.snippet)}))
            .collect();
        context.json(&rows)?;
        return Ok(Exit::Done);
    }
    if found.is_empty() {
        writeln!(context.out, "Nobody said that.")?;
    }
    for found in &found {
        let snippet = sanitise(&found.snippet).replace('\n', " ");
        let title = sanitise(&found.title);
        let at = rfc3339(found.started_at_ms);
        let date = at.get(..10).unwrap_or(&at);
        writeln!(context.out, "{date}  {}  {title}: {snippet}", short(&found.session))?;
    }
    Ok(Exit::Done)
}

fn delete(context: &mut Context<'_>, store: &mut Store, ids: &[String]) -> Result<Exit, Failure> {
    // All are looked up first: a misspelt one deletes nothing.
    let found = ids.iter().map(|asked| store.find(asked)).collect::<Result<Vec<_>, _>>()?;
    let ids: Vec<String> = found.iter().map(|listed| listed.id.clone()).collect();
    store.delete(&ids)?;
    for listed in found {
        context.note(&format!("Deleted {}: {}.", short(&listed.id), listed.summary.title));
    }
    Ok(Exit::Done)
}
