//! Where transcripts come from: files, standard input, sessions in the store.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::recording::{self, Ear};
use crate::commands::Context;
use crate::error::Failure;
use crate::interview::State;
use crate::store::Store;
use crate::transcript::audio::Container;
use crate::transcript::{Format, Imported, LARGEST, Parsed, ReadError, Speaker, Utterance, assemble, parse};

/// Reads the files, in order, as one interview.
///
/// # Errors
///
/// [`Failure`], naming the file and what to do about it.
pub(super) fn read(
    context: &mut Context<'_>,
    store: &Store,
    files: &[PathBuf],
    candidate: Option<&str>,
    ear: &mut dyn FnMut(&mut Context<'_>) -> Result<Ear, Failure>,
) -> Result<Imported, Failure> {
    let mut open = None;
    let mut parts = Vec::new();
    for file in files {
        parts.push(match own_session(store, file)? {
            Some(parsed) => parsed,
            None => read_file(context, file, &mut open, ear)?,
        });
    }
    assemble(parts, candidate).map_err(|error| failed("the transcript", &error))
}

fn read_file(
    context: &mut Context<'_>,
    file: &Path,
    open: &mut Option<Ear>,
    ear: &mut dyn FnMut(&mut Context<'_>) -> Result<Ear, Failure>,
) -> Result<Parsed, Failure> {
    let bytes = bytes(file)?;
    if Container::of(&bytes).is_some() && open.is_none() {
        *open = Some(ear(context)?);
    }
    let parsed = read_bytes(file, &bytes, open.as_ref(), &mut |line| context.note(line))?;
    if !parsed.repairs.is_empty() {
        let (name, characters) = (file.display(), parsed.repairs.characters);
        context.note(&format!("{name}: {characters} damaged characters repaired."));
    }
    Ok(parsed)
}

/// Reads what is in a file; the message names it. Recordings go to the `ear`.
pub(super) fn read_bytes(
    file: &Path,
    bytes: &[u8],
    ear: Option<&Ear>,
    tell: &mut dyn FnMut(&str),
) -> Result<Parsed, Failure> {
    match ear.filter(|_| Container::of(bytes).is_some()) {
        Some(ear) => ear.hear(bytes, &file.display().to_string(), tell),
        None => parse(bytes).map_err(|error| failed(&file.display().to_string(), &error)),
    }
}

/// Whether a file is a recording, by its first bytes.
pub(super) fn is_recording(file: &Path) -> bool {
    let mut first = Vec::new();
    let read = std::fs::File::open(file).and_then(|file| file.take(16).read_to_end(&mut first));
    read.is_ok() && Container::of(&first).is_some()
}

/// The bytes of a file; of a text at most one more than is read, so that a huge one costs nothing.
pub(super) fn bytes(file: &Path) -> Result<Vec<u8>, Failure> {
    let read = if file.as_os_str() == "-" {
        limited(std::io::stdin().lock())
    } else {
        std::fs::File::open(file).and_then(limited)
    };
    let bytes = read.map_err(|error| {
        Failure::user(format!("{} cannot be read", file.display()))
            .because(&error)
            .hint("name a transcript, a folder of them, or a session of `greenroom sessions list`")
    })?;
    if bytes.len() > recording::LARGEST {
        return Err(Failure::user(format!(
            "{} is larger than the 2 GB that are read of a recording",
            file.display()
        ))
        .hint("cut it, or take the sound out of the film"));
    }
    Ok(bytes)
}

fn limited(mut from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.by_ref().take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    if Container::of(&bytes).is_some() {
        from.take((recording::LARGEST - LARGEST) as u64).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

pub(super) fn failed(what: &str, error: &ReadError) -> Failure {
    Failure::user(format!("{what}: {error}")).hint(error.hint())
}

/// A session of ours, where no file has that name.
fn own_session(store: &Store, file: &Path) -> Result<Option<Parsed>, Failure> {
    let asked = file.to_string_lossy();
    let is_id = asked.len() >= 4 && asked.chars().all(|c| c.is_ascii_hexdigit() || c == '-') && asked != "-";
    if !is_id || file.exists() {
        return Ok(None);
    }
    let listed = store.find(&asked)?;
    let state = crate::commands::interview::state_of(store, &listed.id)?;
    Ok(Some(of_state(&state)))
}

fn of_state(state: &State) -> Parsed {
    let name = |speaker: Speaker| match speaker {
        Speaker::Candidate => Some("Candidate".to_owned()),
        Speaker::Interviewer => Some("Interviewer".to_owned()),
        Speaker::Other => None,
    };
    let utterances = state
        .transcript()
        .turns
        .into_iter()
        .map(|turn| Utterance {
            name: name(turn.speaker),
            start: turn.at_seconds.map(|at| at as f64),
            end: None,
            text: turn.text,
            heading: turn.phase,
        })
        .collect();
    Parsed {
        format: Format::JsonLines,
        title: Some(state.start.title.clone()),
        utterances,
        encoding: Default::default(),
        repairs: Default::default(),
    }
}
