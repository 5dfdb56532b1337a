//! One log, one report: sessions that were recorded once are replayed on every platform and by every version
//! that follows, and what is made of them stays the same to the byte.

use std::path::{Path, PathBuf};

use crate::support::Home;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/replays")
}

/// Names of the recorded sessions.
fn names() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).unwrap().flatten().map(|entry| entry.path());
    let logs = entries.filter(|path| path.extension().is_some_and(|end| end == "jsonl"));
    let mut names: Vec<String> =
        logs.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// A home with the session in it, and its id; another zone and language change nothing.
fn replayed(name: &str) -> (Home, String) {
    let home = Home::new();
    let log = folder().join(format!("{name}.jsonl"));
    let away = [("TZ", "Pacific/Auckland"), ("LC_ALL", "de_DE.UTF-8"), ("COLUMNS", "40")];
    let ran = home.run_with(&["sessions", "import", log.to_str().unwrap()], "", &away);
    assert_eq!((ran.code, ran.err.contains("dropped")), (0, false), "{ran:?}");
    let id = home.session();
    (home, id)
}

/// `GREENROOM_RECORD=1` writes the reports anew, for a change that is meant; the logs are never written.
#[test]
#[allow(clippy::disallowed_methods, reason = "whoever means to change them says so")]
fn a_recorded_session_gives_the_report_it_always_gave() {
    let names = names();
    assert!(names.len() >= 6, "{names:?}");
    let mut differ = Vec::new();
    for name in &names {
        let (home, id) = replayed(name);
        let pages: &[(&str, &[&str])] = match name.starts_with("interview") || name.starts_with("review") {
            true => &[("md", &["report", "--format", "md"]), ("json", &["report", "--format", "json"])],
            false => &[("txt", &["sessions", "show"])],
        };
        for (extension, arguments) in pages {
            let mut arguments = arguments.to_vec();
            arguments.insert(if arguments[0] == "report" { 1 } else { 2 }, &id);
            let ran = home.run_with(&arguments, "", &[("TZ", "America/St_Johns"), ("LC_ALL", "C")]);
            assert_eq!(ran.code, 0, "{ran:?}");
            let path = folder().join(format!("{name}.{extension}"));
            if std::env::var_os("GREENROOM_RECORD").is_some() {
                std::fs::write(&path, &ran.out).unwrap();
            }
            if std::fs::read_to_string(&path).unwrap_or_default() != ran.out {
                differ.push(path);
            }
        }
    }
    assert!(differ.is_empty(), "not as they were recorded: {differ:?}");
}

#[test]
fn a_recorded_session_is_exported_as_it_came() {
    for name in names() {
        let (home, id) = replayed(&name);
        let log = std::fs::read_to_string(folder().join(format!("{name}.jsonl"))).unwrap();
        assert!(home.run(&["sessions", "export", &id], "").out == log, "{name}");
    }
}

#[test]
fn an_interview_replayed_turn_by_turn_is_graded_as_it_was() {
    for name in names().iter().filter(|name| name.starts_with("interview") || name.starts_with("review")) {
        let (home, id) = replayed(name);
        let before = home.run(&["report", &id, "--format", "json"], "").json();
        let again =
            home.run(&["report", &id, "--grade", "--coach", "embedded", "--format", "json"], "").json();
        for part in ["criteria", "verdicts", "points", "corrections"] {
            assert_eq!(before[part], again[part], "{name}: {part}");
        }
    }
}
