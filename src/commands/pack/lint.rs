//! `greenroom pack lint`: every fault with its place, then what an author may want to look at.

use std::path::Path;

use serde_json::{Value, json};

use crate::assets::{AssetError, Assets};
use crate::cli::Format;
use crate::commands::Context;
use crate::error::{Exit, Failure};
use crate::material::{Around, LoadError, Pack, PackSource, advice, lint as faults_of};
use crate::terminal::wrap;
use crate::text::sanitise;

/// What the lint says of one pack.
struct Linted {
    /// As the user named it.
    asked: String,
    /// What there is in it, if it can be read at all.
    pack: Option<Pack>,
    faults: Vec<LoadError>,
    remarks: Vec<LoadError>,
}

/// Checks all; ends with [`Exit::User`] if any has a fault.
pub(super) fn lint(context: &mut Context<'_>, asked: &[String]) -> Result<Exit, Failure> {
    let all = asked.iter().map(|asked| check(context, asked)).collect::<Result<Vec<_>, _>>()?;
    if context.format() == Format::Json {
        let rows: Vec<Value> = all.iter().map(row).collect();
        context.json(&rows)?;
    } else {
        for linted in &all {
            print(context, linted)?;
        }
    }
    Ok(if all.iter().all(|linted| linted.faults.is_empty()) { Exit::Done } else { Exit::User })
}

fn check(context: &Context<'_>, asked: &str) -> Result<Linted, Failure> {
    let assets = &context.assets;
    let path = Path::new(asked);
    let (name, source) = if path.is_dir() {
        let whole = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let name = whole.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        (name, Assets::pack_folder(&whole)?)
    } else {
        match assets
            .pack_path(asked)
            .filter(|path| assets.packs().iter().any(|n| n == asked) && path.is_dir())
        {
            Some(path) => (asked.to_owned(), Assets::pack_folder(&path)?),
            None => (asked.to_owned(), assets.pack_source(asked)?),
        }
    };
    let mut linted = Linted { asked: asked.to_owned(), pack: None, faults: Vec::new(), remarks: Vec::new() };
    let pack = match Pack::parse(&source) {
        Ok(pack) => pack,
        Err(faults) => {
            linted.faults = faults;
            return Ok(linted);
        }
    };
    let rubric = match assets.rubric(&pack.manifest.rubric) {
        Ok(rubric) => Some(rubric),
        Err(error @ AssetError::Unknown { .. }) => {
            linted.faults.push(at_rubric(&source, &error.to_string()));
            None
        }
        Err(error) => return Err(error.into()),
    };
    let others: Vec<Pack> = assets
        .packs()
        .iter()
        .filter(|other| **other != name)
        // A pack of the user's that cannot be read is its own lint's business.
        .filter_map(|other| assets.pack(other).ok())
        .collect();
    let around = Around { rubric: rubric.as_ref(), folder: Some(&name), packs: &others };
    linted.faults.extend(faults_of(&pack, &source, &around));
    linted.remarks = advice(&pack, &source);
    linted.pack = Some(pack);
    Ok(linted)
}

fn at_rubric(source: &PackSource, message: &str) -> LoadError {
    let text = source.get("pack.toml").map_or("", String::as_str);
    let line = text.split_inclusive('\n').scan(0, |start, line| {
        let at = *start;
        *start += line.len();
        Some((at, line))
    });
    let offset = line.into_iter().find(|(_, line)| line.starts_with("rubric")).map_or(0, |(at, _)| at);
    LoadError::at("pack.toml", text, offset, message)
}

fn row(linted: &Linted) -> Value {
    let places = |list: &[LoadError]| -> Vec<Value> {
        list.iter()
            .map(|it| json!({"file": it.file, "line": it.line, "column": it.column, "message": it.message}))
            .collect()
    };
    json!({
        "id": linted.pack.as_ref().map_or(linted.asked.as_str(), |pack| &pack.manifest.id),
        "title": linted.pack.as_ref().map_or(linted.asked.as_str(), |pack| &pack.manifest.title),
        "sound": linted.faults.is_empty(),
        "faults": places(&linted.faults),
        "remarks": places(&linted.remarks),
    })
}

fn print(context: &mut Context<'_>, linted: &Linted) -> Result<(), Failure> {
    let width = if context.terminal.output { context.terminal.width } else { usize::MAX };
    for (what, list) in [("", &linted.faults), ("remark: ", &linted.remarks)] {
        for it in list {
            let line = format!("{}:{}:{}: {what}{}", it.file, it.line, it.column, it.message);
            writeln!(context.out, "{}", wrap(&sanitise(&line), width, "    "))?;
        }
    }
    let name = sanitise(&linted.asked);
    let count = |number: usize, name: &str| match number {
        1 => format!("1 {name}"),
        number => format!("{number} {name}s"),
    };
    let summary = match &linted.pack {
        Some(pack) if linted.faults.is_empty() => format!(
            "{name} is sound: {}, {}, {}, {}; {}.",
            count(pack.questions.len(), "question"),
            count(pack.problems.len(), "problem"),
            count(pack.diagrams.len(), "diagram task"),
            count(pack.checklist.items.len(), "checklist item"),
            count(linted.remarks.len(), "remark"),
        ),
        _ => format!("{name} has {}.", count(linted.faults.len(), "fault")),
    };
    writeln!(context.out, "{}", wrap(&summary, width, "  "))?;
    Ok(())
}
