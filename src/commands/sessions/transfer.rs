//! Sessions out of the database and into it: export, import, backup.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::short;
use crate::cli::Format;
use crate::commands::{Context, report};
use crate::error::{Exit, Failure};
use crate::interview::{Event, Exported, Record, State};
use crate::store::{Listed, Store};

/// Longest line that is read of an export, in bytes.
const LONGEST: u64 = 64 << 20;

/// Writes logs as they are, one record a line, or transcripts as Markdown. With `share`, the names to be
/// taken out beside those that are found, they are written as others may see them.
///
/// # Errors
///
/// [`Failure`] if a session is not there or cannot be read.
pub(super) fn export(
    context: &mut Context<'_>,
    store: &Store,
    ids: &[String],
    all: bool,
    share: Option<&[String]>,
) -> Result<Exit, Failure> {
    let mut listed: Vec<Listed> = if all {
        store.list()?
    } else {
        ids.iter().map(|asked| Ok(store.find(asked)?)).collect::<Result<_, Failure>>()?
    };
    if all {
        // The oldest first, as they will be read.
        listed.reverse();
    }
    for listed in listed {
        let (mut id, mut log) = (listed.id.clone(), store.read(&listed.id)?);
        if let Some(names) = share {
            (id, log) = shared(context, &log, names)?;
        }
        if context.format() == Format::Md {
            let text = super::show::as_markdown(&replayed(&log)?, &log);
            context.out.write_all(text.as_bytes())?;
            continue;
        }
        for record in log {
            let line = Exported { session: id.clone(), record };
            let line = serde_json::to_string(&line).map_err(std::io::Error::from)?;
            writeln!(context.out, "{}", crate::text::tame_json(&line))?;
        }
    }
    if share.is_some() {
        context.note(report::TAKEN_OUT);
    }
    Ok(Exit::Done)
}

/// A log as others may see it, and an id that tells nothing but what is in it.
fn shared(context: &Context<'_>, log: &[Record], names: &[String]) -> Result<(String, Vec<Record>), Failure> {
    let answers: Vec<&str> = log
        .iter()
        .filter_map(|record| match &record.event {
            Event::Answered { text } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    let anonymous = report::anonymous(context, &replayed(log)?, &answers, names);
    let log = crate::report::shared_log(log, &anonymous).map_err(|error| unreadable(&error))?;
    let text = serde_json::to_vec(&log).map_err(std::io::Error::from)?;
    let digest = Sha256::digest(&text);
    let id = digest.iter().take(8).fold("shared-".to_owned(), |id, byte| id + &format!("{byte:02x}"));
    Ok((id, log))
}

fn replayed(log: &[Record]) -> Result<State, Failure> {
    State::replay(log).map_err(|error| unreadable(&error))
}

fn unreadable(error: &dyn std::error::Error) -> Failure {
    Failure::user("the session's log cannot be read").because(error)
}

/// Takes exported sessions in; all that the files hold, or nothing.
///
/// # Errors
///
/// [`Failure`], naming file and line; nothing is written then.
pub(super) fn import(
    context: &mut Context<'_>,
    store: &mut Store,
    files: &[PathBuf],
) -> Result<Exit, Failure> {
    let mut sessions: BTreeMap<String, Vec<Record>> = BTreeMap::new();
    for file in files {
        read(file, &mut sessions)?;
    }
    let (mut fresh, mut known, mut dropped) = (Vec::new(), 0, 0);
    for (id, mut log) in sessions {
        dropped += check(&id, &mut log)?;
        match store.find(&id).ok().filter(|listed| listed.id == id) {
            None => fresh.push((id, log)),
            Some(_) if store.read(&id)? == log => known += 1,
            Some(_) => {
                return Err(Failure::user(format!("the session {id} is here already, and differs"))
                    .hint(format!("delete it first: `greenroom sessions delete {}`", short(&id))));
            }
        }
    }
    if dropped > 0 {
        context.note(&format!("{dropped} quotes are in no turn of their session; they were dropped."));
    }
    store.append_many(fresh.iter().map(|(id, log)| (id.as_str(), log.as_slice())))?;
    for (id, _) in &fresh {
        if context.format() != Format::Json {
            writeln!(context.out, "{id}")?;
        }
    }
    if context.format() == Format::Json {
        context.json(&fresh.iter().map(|(id, _)| id).collect::<Vec<_>>())?;
    }
    context.note(&format!("Imported {}, known already {known}.", fresh.len()));
    Ok(Exit::Done)
}

/// Reads a file's lines into logs by session.
fn read(file: &Path, sessions: &mut BTreeMap<String, Vec<Record>>) -> Result<(), Failure> {
    let failed = |error: &std::io::Error| {
        Failure::user(format!("{} cannot be read", file.display()))
            .because(error)
            .hint("name a file that `greenroom sessions export` wrote, or `-`")
    };
    let input: Box<dyn Read> = if file.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(file).map_err(|error| failed(&error))?)
    };
    let mut input = BufReader::new(input);
    for number in 1.. {
        let mut line = Vec::new();
        let read =
            input.by_ref().take(LONGEST).read_until(b'\n', &mut line).map_err(|error| failed(&error))?;
        if read == 0 {
            break;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let exported: Exported = serde_json::from_slice(&line).map_err(|error| {
            Failure::user(format!("{}:{number}: no record of a session", file.display()))
                .because(&error)
                .hint("name a file that `greenroom sessions export` wrote; transcripts are for `greenroom review`")
        })?;
        sessions.entry(exported.session).or_default().push(exported.record);
    }
    Ok(())
}

/// Checks that a log is a session, and drops from its grades what nobody said; returns how many quotes.
fn check(id: &str, log: &mut [Record]) -> Result<usize, Failure> {
    // It names a lock file too.
    let is_id = (4..=64).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let no_session = |why: String| {
        Failure::user(format!("the session {} cannot be taken in: {why}", crate::text::sanitise(id)))
            .hint("export it again; nothing was imported")
    };
    if !is_id {
        return Err(no_session("its id is none".to_owned()));
    }
    let (mut state, mut dropped): (Option<State>, usize) = (None, 0);
    for record in log {
        if let (Some(state), Event::Graded { grade }) = (&state, &mut record.event) {
            let checked = grade.clone().checked_against(&state.transcript());
            let quotes = |grade: &crate::grading::InterviewGrade| {
                let value = serde_json::to_string(grade).unwrap_or_default();
                value.matches("\"quote\":\"").count() - value.matches("\"quote\":\"\"").count()
            };
            dropped += quotes(grade) - quotes(&checked);
            **grade = checked;
        }
        match &mut state {
            None => state = Some(State::replay([&*record]).map_err(|error| no_session(error.to_string()))?),
            Some(state) => state.apply(record).map_err(|error| no_session(error.to_string()))?,
        }
    }
    Ok(dropped)
}

/// Copies the database while it is in use.
///
/// # Errors
///
/// [`Failure`] if the file is there already or cannot be written.
pub(super) fn backup(context: &mut Context<'_>, store: &Store, file: &Path) -> Result<Exit, Failure> {
    if file.exists() {
        return Err(Failure::user(format!("{} is there already", file.display())).hint("name a new file"));
    }
    store.backup(file)?;
    context.note(&format!(
        "Backed up to {}. To go back to it, put it in the place of {}.",
        file.display(),
        store.folder().join(crate::store::FILE).display()
    ));
    Ok(Exit::Done)
}
