//! Where transcripts come from: files, standard input, sessions in the store.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::commands::Context;
use crate::error::Failure;
use crate::interview::State;
use crate::store::Store;
use crate::transcript::{
    Format, Imported, LARGEST, Parsed, ReadError, Speaker, Utterance, assemble, is_audio, parse,
};

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
) -> Result<Imported, Failure> {
    let mut parts = Vec::new();
    for file in files {
        parts.push(match own_session(store, file)? {
            Some(parsed) => parsed,
            None => read_file(context, file)?,
        });
    }
    assemble(parts, candidate).map_err(|error| failed("the transcript", &error))
}

fn read_file(context: &mut Context<'_>, file: &Path) -> Result<Parsed, Failure> {
    let bytes = bytes(file)?;
    let parsed = read_bytes(file, &bytes)?;
    if !parsed.repairs.is_empty() {
        let (name, characters) = (file.display(), parsed.repairs.characters);
        context.note(&format!("{name}: {characters} damaged characters repaired."));
    }
    Ok(parsed)
}

/// Reads what is in a file; the message names it.
pub(super) fn read_bytes(file: &Path, bytes: &[u8]) -> Result<Parsed, Failure> {
    if is_audio(bytes) {
        return Err(Failure::user(format!("{} is a recording", file.display()))
            .hint("recordings cannot be transcribed yet; give a transcript of it"));
    }
    parse(bytes).map_err(|error| failed(&file.display().to_string(), &error))
}

/// The bytes of a file; at most one more than is read, so that a huge one costs nothing.
pub(super) fn bytes(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let most = LARGEST as u64 + 1;
    let read = if file.as_os_str() == "-" {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(most).read_to_end(&mut bytes))
    };
    read.map_err(|error| {
        Failure::user(format!("{} cannot be read", file.display()))
            .because(&error)
            .hint("name a transcript, a folder of them, or a session of `greenroom sessions list`")
    })?;
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
