//! `greenroom material list`, `show` and `search`.

use serde_json::json;

use super::resolve;
use crate::cli::Format;
use crate::clock::rfc3339;
use crate::commands::Context;
use crate::error::{Exit, Failure};
use crate::material::notes::{Notes, NotesCounts};
use crate::report::{Paint, terminal_markdown};
use crate::store::{About, Material};
use crate::terminal::wrap;
use crate::text::{Encoding, sanitise};

pub(super) fn list(context: &mut Context<'_>) -> Result<Exit, Failure> {
    let materials = context.store()?.materials()?;
    if context.format() == Format::Json {
        let rows: Vec<_> = materials.iter().map(row).collect();
        context.json(&rows)?;
        return Ok(Exit::Done);
    }
    if materials.is_empty() {
        writeln!(context.out, "No notes yet. Add some with `greenroom material add FILE`.")?;
    }
    let widest = materials.iter().map(|material| material.id.chars().count()).max().unwrap_or(0).min(30);
    for material in &materials {
        let questions = material.about.found.questions + material.about.found.derived;
        writeln!(
            context.out,
            "{:widest$}  {questions:>4} questions  {}  {}",
            material.id,
            &rfc3339(material.changed_at_ms)[..10],
            sanitise(&material.title)
        )?;
    }
    Ok(Exit::Done)
}

fn row(material: &Material) -> serde_json::Value {
    let mut row = json!({
        "id": material.id,
        "title": material.title,
        "path": material.path,
        "digest": material.digest,
        "added_at": rfc3339(material.added_at_ms),
        "changed_at": rfc3339(material.changed_at_ms),
    });
    if let (Some(row), Ok(serde_json::Value::Object(about))) =
        (row.as_object_mut(), serde_json::to_value(material.about))
    {
        row.extend(about);
    }
    row
}

pub(super) fn show(context: &mut Context<'_>, asked: &str, found: bool) -> Result<Exit, Failure> {
    let store = context.store()?;
    let material = resolve(&store, asked)?;
    let text = store.material_text(&material.id)?;
    match context.format() {
        Format::Json => {
            let notes = Notes::read(&text, &material.path);
            let mut value = row(&material);
            value["notes"] = serde_json::to_value(&notes).unwrap_or_default();
            value["text"] = json!(text);
            context.json(&value)?;
        }
        Format::Md if !found => context.out.write_all(sanitise(&text).as_bytes())?,
        _ => {
            let shown = if found { parts(&material, &Notes::read(&text, &material.path)) } else { text };
            if context.format() == Format::Md {
                context.out.write_all(sanitise(&shown).as_bytes())?;
            } else {
                let paint = if context.terminal.color { Paint::Colour } else { Paint::Plain };
                context.out.write_all(terminal_markdown(&shown, context.terminal.width, paint).as_bytes())?;
            }
        }
    }
    Ok(Exit::Done)
}

/// What was found, as Markdown.
fn parts(material: &Material, notes: &Notes) -> String {
    let mut text = format!("# {}\n\n{}\n", material.title, found_line(&material.about.found));
    let repaired = repaired_line(&material.about);
    if !repaired.is_empty() {
        text += &format!("\n{repaired}\n");
    }
    let mut part = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            text += &format!("\n## {title}\n\n{}\n", lines.join("\n"));
        }
    };
    let id = &material.id;
    part("Questions", notes.questions.iter().map(|q| format!("- `{id}/{}` {}", q.id, q.question)).collect());
    part("Without an answer", notes.unanswered.iter().map(|question| format!("- {question}")).collect());
    part(
        "Diagram tasks",
        notes
            .diagrams
            .iter()
            .map(|task| {
                let list = |items: &[String]| items.join(", ");
                format!(
                    "- **{}:** {} {}; include {}",
                    task.title,
                    task.task,
                    list(&task.draw),
                    list(&task.include)
                )
            })
            .collect(),
    );
    let minutes: u32 = notes.phases.iter().map(|phase| phase.minutes).sum();
    part(
        &format!("Interview, {minutes} minutes"),
        notes
            .phases
            .iter()
            .map(|phase| format!("- **{}, {} min:** {}", phase.title, phase.minutes, phase.items.join(", ")))
            .collect(),
    );
    let plain = |items: &[String]| items.iter().map(|item| format!("- {item}")).collect();
    part("Criteria", plain(&notes.criteria));
    part("To ask the interviewer", plain(&notes.clarifying));
    part("Cheat sheet", notes.topics.iter().map(|topic| format!("- {}", topic.title)).collect());
    let tick = |done: bool| if done { "x" } else { " " };
    part(
        "Checklist",
        notes.checklist.iter().map(|item| format!("- [{}] {}", tick(item.done), item.item)).collect(),
    );
    part(
        "Terms",
        notes.terms.iter().map(|term| format!("- **{}:** {}", term.term, term.definition)).collect(),
    );
    text
}

pub(super) fn search(context: &mut Context<'_>, words: &str, count: usize) -> Result<Exit, Failure> {
    let store = context.store()?;
    let found = store.search_material(words, count)?;
    if context.format() == Format::Json {
        let rows: Vec<_> = found
            .iter()
            .map(|passage| {
                json!({
                    "id": format!("{}:{}", passage.material, passage.line),
                    "title": passage.title,
                    "material": passage.material,
                    "line": passage.line,
                    "heading": passage.heading,
                    "snippet": passage.snippet,
                    "text": passage.text,
                    "score": passage.score,
                })
            })
            .collect();
        context.json(&rows)?;
        return Ok(Exit::Done);
    }
    if found.is_empty() {
        let note = match store.materials()?.is_empty() {
            true => "No notes yet. Add some with `greenroom material add FILE`.".to_owned(),
            false => format!("Nothing in your notes is about `{words}`."),
        };
        context.note(&note);
    }
    for passage in &found {
        let (on, off) = if context.terminal.color { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
        let place = format!("{}:{}", passage.material, passage.line);
        let heading = if passage.heading.is_empty() { &passage.title } else { &passage.heading };
        writeln!(context.out, "{on}{}{off}  {}", place, sanitise(heading))?;
        let snippet = sanitise(&passage.snippet).split_whitespace().collect::<Vec<_>>().join(" ");
        let lines = wrap(&format!("    {snippet}"), context.terminal.width, "    ");
        let lines = if context.terminal.color { lines.replace('«', on).replace('»', off) } else { lines };
        writeln!(context.out, "{lines}\n")?;
    }
    Ok(Exit::Done)
}

/// "20 questions, 3 diagram tasks, 4 phases, ..."
pub(super) fn found_line(found: &NotesCounts) -> String {
    let parts = [
        (found.questions, "question"),
        (found.derived, "topic to explain"),
        (found.unanswered, "question without an answer"),
        (found.diagrams, "diagram task"),
        (found.phases, "interview phase"),
        (found.criteria, "criterion"),
        (found.clarifying, "clarifying question"),
        (found.topics, "cheat-sheet topic"),
        (found.checklist, "checklist item"),
        (found.terms, "term"),
        (found.tables, "table"),
        (found.drawings, "drawing"),
        (found.passages, "passage"),
    ];
    let plural = |count: usize, name: &str| match (count, name) {
        (1, name) => format!("1 {name}"),
        (count, "criterion") => format!("{count} criteria"),
        (count, "topic to explain") => format!("{count} topics to explain"),
        (count, "question without an answer") => format!("{count} questions without an answer"),
        (count, name) => format!("{count} {name}s"),
    };
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|&(count, name)| plural(count, name)).collect();
    if parts.is_empty() { "nothing but its text".to_owned() } else { parts.join(", ") }
}

/// "repaired 293 characters on 106 lines"; empty if the file was sound.
pub(super) fn repaired_line(about: &About) -> String {
    let repairs = &about.repairs;
    let read = match about.encoding {
        Encoding::Utf8 => "",
        Encoding::Utf16Le | Encoding::Utf16Be => "read as UTF-16",
        Encoding::Windows1252 => "read as windows-1252",
        Encoding::Mixed => "read as UTF-8 with windows-1252 in between",
    };
    if repairs.is_empty() {
        return read.to_owned();
    }
    let mut text = format!("repaired {} damaged characters on {} lines", repairs.characters, repairs.lines);
    if repairs.layers > 1 {
        text += &format!(", damaged {} times over", repairs.layers);
    }
    if repairs.guessed > 0 {
        text += &format!("; {} of them had lost bytes, and the likeliest was taken", repairs.guessed);
    }
    if read.is_empty() { text } else { format!("{read}; {text}") }
}
