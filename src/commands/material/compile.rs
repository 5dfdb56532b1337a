//! `greenroom material compile`: a pack from notes, in the user's folder for packs, to be changed by hand.

use std::path::Path;

use super::resolve;
use crate::assets::{Assets, FIRST_PACK};
use crate::commands::Context;
use crate::commands::pack::write_pack;
use crate::error::{Exit, Failure};
use crate::material::compile::compile as pack_of;
use crate::material::notes::Notes;
use crate::material::{Pack, PackSource};
use crate::text::sanitise;

pub(super) fn compile(
    context: &mut Context<'_>,
    asked: &str,
    name: Option<&str>,
    into: Option<&Path>,
) -> Result<Exit, Failure> {
    let store = context.store()?;
    let material = resolve(&store, asked)?;
    let notes = Notes::read(&store.material_text(&material.id)?, &material.path);
    let name = name.unwrap_or(&material.id);
    let folder = crate::commands::pack::place(context, name, into)?;
    let parts = [notes.diagrams.len(), notes.phases.len(), notes.topics.len(), notes.checklist.len()];
    if parts.iter().sum::<usize>() == 0 {
        return Err(Failure::user(format!("`{}` has nothing for a pack but questions", material.id)).hint(
            "its questions can be answered as they are; a pack takes interview phases with minutes, diagram tasks, a cheat sheet or a checklist",
        ));
    }
    let base = context.assets.pack(FIRST_PACK)?;
    let source = pack_of(&notes, name, &base, &Assets::compile_words()?);
    write_pack(&folder, &source)?;
    writeln!(context.out, "{}", sanitise(&folder.display().to_string()))?;
    let lines = next_steps(&source, name, into.is_none(), notes.questions.len(), &material.id);
    context.note(&lines);
    Ok(Exit::Done)
}

/// What can be done with the pack now.
fn next_steps(source: &PackSource, name: &str, in_use: bool, questions: usize, material: &str) -> String {
    let mut lines = vec![format!("A draft for you to change: {}.", parts(source))];
    if in_use {
        lines.push(format!("Check it after a change:  greenroom pack lint {name}"));
        lines.push(format!("Interview in its phases:  greenroom interview url-shortener --pack {name}"));
        if let Some(task) =
            source.keys().find_map(|file| file.strip_prefix("diagrams/")?.strip_suffix(".toml"))
        {
            lines.push(format!("Draw one of its tasks:    greenroom diagram {task} --pack {name}"));
        }
        if source.contains_key("checklist.toml") {
            lines.push(format!("See its checklist:        greenroom checklist --pack {name}"));
        }
    }
    if questions > 0 {
        lines.push(format!("The questions stay in your notes: greenroom drill --topic {material}"));
    }
    lines.join("\n")
}

fn parts(source: &PackSource) -> String {
    let Ok(pack) = Pack::parse(source) else { return source.keys().cloned().collect::<Vec<_>>().join(", ") };
    let phases = pack.manifest.phases.len();
    let counts = [
        (phases, "phase", "phases"),
        (pack.diagrams.len(), "diagram task", "diagram tasks"),
        (pack.clarify.topics.len(), "clarifying question", "clarifying questions"),
        (
            crate::material::cheatsheet::topics(&pack.cheatsheet).len(),
            "cheat-sheet topic",
            "cheat-sheet topics",
        ),
        (pack.checklist.items.len(), "checklist item", "checklist items"),
    ];
    let counts = counts.iter().filter(|(count, ..)| *count > 0);
    let counts: Vec<String> = counts
        .map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many }))
        .collect();
    counts.join(", ")
}
