//! `greenroom material add`: read, repair, find, store; say exactly what happened to each file.

use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::read;
use super::show::{found_line, repaired_line};
use crate::cli::Format;
use crate::clock::wall_ms;
use crate::commands::Context;
use crate::error::{Exit, Failure};
use crate::material::notes::Notes;
use crate::store::{About, MaterialWriter, NewMaterial};
use crate::terminal::wrap;
use crate::text::{decode, sanitise};

/// Bytes of text after which what was read is put on disk: bounds the memory, and a sudden end
/// loses little.
const BATCH: usize = 8 * 1024 * 1024;

/// Files about which everything is said; of more, one line each.
const FEW: usize = 3;

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Added,
    Updated,
    Unchanged,
    Moved,
    Duplicate,
    Failed,
}

/// One file, as `--format json` prints it.
#[derive(Debug, Serialize)]
struct Outcome {
    id: String,
    title: String,
    path: String,
    status: Status,
    /// Id of the file with the same content.
    #[serde(skip_serializing_if = "Option::is_none")]
    same_as: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip)]
    hint: &'static str,
    #[serde(flatten)]
    about: About,
    /// A question to begin with.
    #[serde(skip)]
    first: Option<String>,
}

/// Adds all files; those that fail do not stop the others.
pub(super) fn add(context: &mut Context<'_>, paths: &[PathBuf]) -> Result<Exit, Failure> {
    let files = read::files(paths);
    let mut store = context.store()?;
    let mut outcomes: Vec<Outcome> = files.failures.iter().map(failed).collect();
    let mut queue = files.paths.iter().peekable();
    let mut others = files.others;
    while queue.peek().is_some() {
        let writer = store.write_materials()?;
        let mut written = 0;
        while written < BATCH
            && let Some((path, named)) = queue.next()
        {
            let Some(outcome) = one(&writer, path, *named)? else {
                others += 1;
                continue;
            };
            if matches!(outcome.status, Status::Added | Status::Updated) {
                written += usize::try_from(outcome.about.bytes).unwrap_or(usize::MAX);
            }
            outcomes.push(outcome);
        }
        writer.commit()?;
    }
    if outcomes.is_empty() {
        return Err(Failure::user("there are no notes in what you named")
            .hint("notes are files that end in .md, .txt, .tsv or .org; name another file by itself"));
    }
    report(context, &outcomes, others)?;
    let failures = outcomes.iter().filter(|outcome| outcome.status == Status::Failed).count();
    Ok(match failures {
        0 => Exit::Done,
        all if all == outcomes.len() => Exit::User,
        _ => Exit::SomeFailed,
    })
}

/// Reads and writes one file; `None` if it is an empty one of a folder, which nobody named.
fn one(writer: &MaterialWriter<'_>, path: &Path, named: bool) -> Result<Option<Outcome>, Failure> {
    let read = read::read(path).and_then(|bytes| {
        let decoded = decode(&bytes);
        read::not_empty(path, &decoded.text).map(|()| (bytes, decoded))
    });
    let (bytes, mut decoded) = match read {
        Ok(read) => read,
        Err(read::ReadError::Empty { .. }) if !named => return Ok(None),
        Err(error) => return Ok(Some(failed(&error))),
    };
    // Names and places are made from it too: nothing that steers a terminal goes further.
    decoded.text = sanitise(&decoded.text);
    let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let place = read::place(path);
    let known = writer.at(&place)?;
    let mut outcome = Outcome {
        id: known.as_ref().map_or(String::new(), |known| known.id.clone()),
        title: known.as_ref().map_or(String::new(), |known| known.title.clone()),
        path: place.clone(),
        status: if known.is_some() { Status::Updated } else { Status::Added },
        same_as: None,
        error: None,
        hint: "",
        about: known.as_ref().map_or(About::default(), |known| known.about),
        first: None,
    };
    if known.is_some_and(|known| known.digest == digest) {
        outcome.status = Status::Unchanged;
        return Ok(Some(outcome));
    }
    let twins = writer.with_digest(&digest)?;
    if let Some(twin) = twins.first().filter(|_| outcome.status == Status::Added) {
        let gone = twins.iter().find(|twin| !Path::new(&twin.path).exists());
        let twin = gone.unwrap_or(twin);
        outcome.status = if gone.is_some() { Status::Moved } else { Status::Duplicate };
        (outcome.id, outcome.title, outcome.about) = (twin.id.clone(), twin.title.clone(), twin.about);
        outcome.same_as = Some(twin.id.clone());
        if gone.is_some() {
            writer.moved(&twin.id, &place)?;
        }
        return Ok(Some(outcome));
    }
    let name = path.file_name().map_or_else(String::new, |name| sanitise(&name.to_string_lossy()));
    let notes = Notes::read(&decoded.text, &name);
    let passages = notes.passages(&decoded.text);
    outcome.about = About {
        bytes: bytes.len() as u64,
        encoding: decoded.encoding,
        repairs: decoded.repairs,
        found: notes.counts(passages.len()),
    };
    outcome.id = writer.save(&NewMaterial {
        path: &place,
        digest: &digest,
        text: &decoded.text,
        notes: &notes,
        passages: &passages,
        about: outcome.about,
        at_ms: wall_ms(),
    })?;
    outcome.first = notes.questions.first().map(|question| format!("{}/{}", outcome.id, question.id));
    outcome.title = notes.title;
    Ok(Some(outcome))
}

fn failed(error: &read::ReadError) -> Outcome {
    let (read::ReadError::Unreadable { path, .. }
    | read::ReadError::TooLarge { path, .. }
    | read::ReadError::NoText { path, .. }
    | read::ReadError::Empty { path }) = error;
    Outcome {
        id: String::new(),
        title: String::new(),
        path: path.clone(),
        status: Status::Failed,
        same_as: None,
        error: Some(error.to_string()),
        hint: error.hint(),
        about: About::default(),
        first: None,
    }
}

fn report(context: &mut Context<'_>, outcomes: &[Outcome], others: usize) -> Result<(), Failure> {
    for outcome in outcomes.iter().filter(|outcome| outcome.status == Status::Failed) {
        let error = outcome.error.as_deref().unwrap_or_default();
        // Said even with -q: it is why the command does not end well.
        writeln!(context.err, "error: {}\nhint: {}", sanitise(error), outcome.hint)?;
    }
    if context.format() == Format::Json {
        return context.json(&outcomes);
    }
    let done: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.status != Status::Failed).collect();
    let few = done.len() <= FEW;
    for outcome in &done {
        let title = sanitise(&outcome.title);
        let same = outcome.same_as.as_deref().unwrap_or_default();
        match outcome.status {
            Status::Unchanged => writeln!(context.out, "unchanged  {}: {title}", outcome.id)?,
            Status::Duplicate => writeln!(
                context.out,
                "duplicate  {}: the same as {same}; not added",
                sanitise(&outcome.path)
            )?,
            Status::Moved => {
                writeln!(context.out, "moved      {}: now read from {}", outcome.id, sanitise(&outcome.path))?
            }
            Status::Updated => writeln!(context.out, "updated    {}: {title}", outcome.id)?,
            _ => writeln!(context.out, "added      {}: {title}", outcome.id)?,
        }
        if matches!(outcome.status, Status::Added | Status::Updated) {
            let repaired = repaired_line(&outcome.about);
            let lines = [found_line(&outcome.about.found), repaired];
            for line in lines.into_iter().filter(|line| !line.is_empty()) {
                let lines = wrap(&format!("           {line}"), context.terminal.width, "           ");
                writeln!(context.out, "{lines}")?;
            }
            if let Some(first) = outcome.first.as_ref().filter(|_| few) {
                writeln!(context.out, "           try: greenroom answer {first}")?;
            }
            let found = &outcome.about.found;
            if few && found.diagrams + found.phases + found.checklist > 0 {
                writeln!(
                    context.out,
                    "           the rest as a pack: greenroom material compile {}",
                    outcome.id
                )?;
            }
        }
    }
    if !few || others > 0 {
        writeln!(context.out, "{}", totals(&done, others))?;
    }
    Ok(())
}

fn totals(done: &[&Outcome], others: usize) -> String {
    let count = |status: Status| done.iter().filter(|outcome| outcome.status == status).count();
    let names = [
        (count(Status::Added), "added"),
        (count(Status::Updated), "updated"),
        (count(Status::Unchanged), "unchanged"),
        (count(Status::Moved), "moved"),
        (count(Status::Duplicate), "duplicates"),
        (others, "other files passed over"),
    ];
    let parts: Vec<String> = names
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, name)| format!("{number} {name}"))
        .collect();
    let questions: usize = done.iter().map(|outcome| outcome.about.found.questions).sum();
    format!("{}; {questions} questions in all", parts.join(", "))
}
