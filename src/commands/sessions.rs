//! `greenroom sessions`: history: list, show, search, export, delete.

use clap::Subcommand;
use serde_json::json;

use super::Context;
use crate::cli::Format;
use crate::clock::rfc3339;
use crate::error::{Exit, Failure};
use crate::interview::State;
use crate::store::{Listed, Store};
use crate::terminal::wrap;
use crate::text::sanitise;
use crate::transcript::Speaker;

/// List, show, search, export and delete sessions
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
    /// Find words in everything that was said
    Search {
        /// Words; the last may be a beginning
        words: Vec<String>,
    },
    /// Write a session's log to standard output: JSON lines, or Markdown with `--format md`
    Export {
        /// Session, or the beginning or end of its id
        id: String,
    },
    /// Delete sessions, and their words from every file
    Delete {
        /// Sessions
        #[arg(required = true)]
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
        Action::Show { id } => show(context, &store, id),
        Action::Search { words } => search(context, &store, &words.join(" ")),
        Action::Export { id } => export(context, &store, id),
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

fn row(listed: &Listed) -> serde_json::Value {
    let summary = &listed.summary;
    json!({
        "id": listed.id,
        "title": summary.title,
        "kind": summary.kind.name(),
        "problem": summary.problem,
        "started_at": rfc3339(summary.started_at_ms),
        "ended_at": summary.ended_at_ms.map(rfc3339),
        "state": summary.state.name(),
        "turns": summary.turns,
        "graded": summary.graded,
    })
}

/// The end of an id: its random part, enough to name it.
pub(super) fn short(id: &str) -> &str {
    &id[id.floor_char_boundary(id.len().saturating_sub(8))..]
}

fn show(context: &mut Context<'_>, store: &Store, asked: &str) -> Result<Exit, Failure> {
    let listed = store.find(asked)?;
    let state = super::interview::state_of(store, &listed.id)?;
    if context.format() == Format::Json {
        let turns: Vec<_> = state
            .transcript()
            .turns
            .iter()
            .map(|turn| json!({"speaker": turn.speaker, "at": turn.at_seconds, "phase": turn.phase, "text": turn.text}))
            .collect();
        let mut value = row(&listed);
        value["transcript"] = json!(turns);
        context.json(&value)?;
        return Ok(Exit::Done);
    }
    let text =
        if context.format() == Format::Md { markdown(&state) } else { plain(&state, context.terminal.width) };
    context.out.write_all(text.as_bytes())?;
    Ok(Exit::Done)
}

fn plain(state: &State, width: usize) -> String {
    let mut text = format!("{}\n", sanitise(&state.start.title));
    for said in &state.said {
        let at = said.active_ms / 1000;
        let line =
            format!("[{:02}:{:02}] {}: {}", at / 60, at % 60, label(said.speaker), sanitise(&said.text));
        text += &format!("\n{}\n", wrap(&line, width, "  "));
    }
    text
}

fn markdown(state: &State) -> String {
    let mut text = format!("# {}\n", sanitise(&state.start.title));
    let mut phase = None;
    for said in &state.said {
        if said.phase != phase {
            phase = said.phase;
            if let Some(planned) = phase.and_then(|index| state.start.plan.phases.get(index)) {
                text += &format!("\n## {}\n", planned.title);
            }
        }
        let at = said.active_ms / 1000;
        text += &format!(
            "\n**{}** ({:02}:{:02}): {}\n",
            label(said.speaker),
            at / 60,
            at % 60,
            sanitise(&said.text)
        );
    }
    text
}

fn label(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::Candidate => "Candidate",
        Speaker::Interviewer => "Interviewer",
        Speaker::Other => "Other",
    }
}

fn search(context: &mut Context<'_>, store: &Store, words: &str) -> Result<Exit, Failure> {
    let found = store.search(words, 50)?;
    if context.format() == Format::Json {
        let rows: Vec<_> = found
            .iter()
            .map(|found| json!({"id": found.session, "title": sanitise(&found.snippet), "seq": found.seq, "snippet": sanitise(&found.snippet)}))
            .collect();
        context.json(&rows)?;
        return Ok(Exit::Done);
    }
    if found.is_empty() {
        writeln!(context.out, "Nobody said that.")?;
    }
    for found in &found {
        let snippet = sanitise(&found.snippet).replace('\n', " ");
        writeln!(context.out, "{}  {}", short(&found.session), snippet)?;
    }
    Ok(Exit::Done)
}

/// The log as it is, one record a line, or a transcript as Markdown. Reads what it can of a damaged one.
fn export(context: &mut Context<'_>, store: &Store, asked: &str) -> Result<Exit, Failure> {
    let listed = store.find(asked)?;
    if context.format() == Format::Md {
        return show(context, store, &listed.id);
    }
    for record in store.read(&listed.id)? {
        let line = serde_json::to_string(&record).map_err(std::io::Error::from)?;
        writeln!(context.out, "{}", crate::text::tame_json(&line))?;
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
