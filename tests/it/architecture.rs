//! The house's directions: which room may use which, and what the pure rooms may not touch.

use std::path::{Path, PathBuf};

/// Room, and the rooms it may use beside itself. Not in the table: a fault.
const ARROWS: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("transcript", &["text"]),
    ("material", &["grading", "text"]),
    ("grading", &["material", "text", "transcript"]),
    ("interview", &["diagram", "grading", "material", "text", "transcript"]),
    ("diagram", &["material", "text"]),
    ("schedule", &["grading", "interview", "material"]),
    ("report", &["diagram", "grading", "interview", "material", "schedule", "text", "transcript"]),
    ("clock", &[]),
    ("assets", &["diagram", "grading", "material"]),
    ("config", &["grading", "interview", "material", "text"]),
    ("model", &["config", "text"]),
    (
        "coach",
        &["assets", "config", "diagram", "grading", "interview", "material", "model", "text", "transcript"],
    ),
    ("store", &["error", "grading", "interview", "material", "schedule", "text", "transcript"]),
    ("interrupt", &[]),
    ("terminal", &["config", "interview", "report", "text"]),
    ("error", &["assets", "config", "model", "text"]),
    (
        "session",
        &[
            "clock",
            "coach",
            // Says what was read of a drawing.
            "diagram",
            "error",
            "grading",
            "interrupt",
            "interview",
            "material",
            "model",
            "store",
            "terminal",
            "text",
            "transcript",
        ],
    ),
];

/// Rooms that may know everything.
const TOP: &[&str] = &["cli", "commands", "main", "lib"];

/// Rooms without files, clocks, sockets, chance, tasks or printing.
const PURE: &[&str] =
    &["text", "transcript", "material", "grading", "interview", "diagram", "schedule", "report"];

/// What a pure room may not name.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::io",
    "Instant",
    "SystemTime",
    "tokio",
    "reqwest",
    "rusqlite",
    "println!",
    "eprintln!",
    "print!",
    "eprint!",
    "now_v7",
    "rand::",
];

fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut found) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source");
                found.push((path.strip_prefix(&root).expect("under src").to_owned(), text));
            }
        }
    }
    found
}

/// The first folder, or the file's own name.
fn room(path: &Path) -> String {
    let first = path.components().next().expect("a name").as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// The part of a source that ships, without comments.
fn shipped(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or("");
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// A file that its parent declares under `#[cfg(test)]`.
fn is_test(path: &Path, sources: &[(PathBuf, String)]) -> bool {
    let stem = path.file_stem().expect("a name").to_string_lossy();
    let declared = format!("#[cfg(test)]\nmod {stem};");
    let folder = path.parent().expect("a folder");
    sources.iter().any(|(other, text)| other.starts_with(folder) && text.contains(&declared))
}

#[test]
fn every_arrow_is_in_the_table() {
    let mut wrong = Vec::new();
    let sources = sources();
    for (path, text) in &sources {
        let from = room(path);
        if TOP.contains(&from.as_str()) || is_test(path, &sources) {
            continue;
        }
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == from) else {
            wrong.push(format!("{}: the room `{from}` is not in the table", path.display()));
            continue;
        };
        let code = shipped(text);
        for (at, _) in code.match_indices("crate::") {
            let to: String =
                code[at + 7..].chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            if !to.is_empty() && to != from && !allowed.contains(&to.as_str()) {
                wrong.push(format!("{}: {from} may not use {to}", path.display()));
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn pure_rooms_touch_nothing_outside() {
    let mut wrong = Vec::new();
    let sources = sources();
    for (path, text) in &sources {
        if !PURE.contains(&room(path).as_str()) || is_test(path, &sources) {
            continue;
        }
        let code = shipped(text);
        for name in IMPURE {
            if code.contains(name) {
                wrong.push(format!("{}: {name}", path.display()));
            }
        }
        if !text.starts_with("//! PURE.") {
            wrong.push(format!("{}: does not begin with `//! PURE.`", path.display()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_module_says_what_it_is_for() {
    let sources = sources();
    let silent: Vec<_> = sources
        .iter()
        .filter(|(path, text)| !text.starts_with("//!") && !is_test(path, &sources))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(silent.is_empty(), "no `//!` header: {silent:?}");
}
