//! What SECURITY.md promises: files that nobody else can read, names that lead nowhere else, memory that
//! does not grow with what is said.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Stdio;

use crate::support::Home;

/// Folders are 0700 and files 0600; returns how many files there are.
fn assert_private(folder: &Path) -> usize {
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(folder), 0o700, "{}", folder.display());
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            files += assert_private(&entry.path());
        } else {
            assert_eq!(mode(&entry.path()), 0o600, "{}", entry.path().display());
            files += 1;
        }
    }
    files
}

#[test]
fn nobody_else_can_read_what_is_kept() {
    let home = Home::new();
    let data = home.path().join("data");
    let arguments = ["interview", "url-shortener", "--coach", "embedded", "--data-dir", "data"];
    let mut command = home.command(&arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"We keep the links in a table.\n\n/time\n\n").unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(told.any(|line| line.unwrap().starts_with("Left: ")), "the turn is taken");
    // Database, log, index of the log and the session's lock, while all are in use.
    assert!(assert_private(&data) >= 4);
    drop(stdin);
    child.wait().unwrap();
    let ran = home.run(&["sessions", "backup", "data/copy.db", "--data-dir", "data"], "");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(assert_private(&data) >= 2);
}

#[test]
fn names_lead_to_nothing_else() {
    let home = Home::new();
    std::fs::write(home.path().join("secret.md"), "the secret words").unwrap();
    std::fs::write(home.path().join("secret.toml"), "title = \"the secret words\"").unwrap();
    for name in
        ["../secret", "..", ".", "/etc/passwd", "../../etc/passwd", "a/../../secret", "%2e%2e", "\u{202e}x"]
    {
        for arguments in [
            &["sessions", "show"][..],
            &["sessions", "export"],
            &["sessions", "delete"],
            &["report"],
            &["interview", "--resume"],
            &["prompt", "show"],
            &["rubric", "show"],
            &["questions", "show"],
            &["problems", "show"],
            &["material", "show"],
            &["material", "remove"],
            &["questions", "list", "--pack"],
            &["pack", "new"],
        ] {
            let ran = home.run(&[arguments, &[name]].concat(), "");
            assert!(matches!(ran.code, 1 | 2), "{arguments:?} {name}: {ran:?}");
            assert!(!ran.out.contains("the secret words"), "{arguments:?} {name}: {ran:?}");
        }
    }
    let mut left: Vec<String> = std::fs::read_dir(home.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("greenroom.db"))
        .collect();
    left.sort();
    assert_eq!(left, ["secret.md", "secret.toml"], "nothing was made anywhere");
}

#[test]
fn links_in_a_folder_lead_to_nothing_outside_it() {
    let home = Home::new();
    let outside = home.path().join("outside.md");
    std::fs::write(&outside, "# Keys\n\nthe secret words\n").unwrap();
    let notes = home.path().join("notes");
    std::fs::create_dir_all(notes.join("inner")).unwrap();
    std::fs::write(notes.join("caches.md"), "# Caches\n\nA cache keeps copies near.\n").unwrap();
    symlink(&outside, notes.join("innocent.md")).unwrap();
    symlink("/etc", notes.join("system")).unwrap();
    symlink(&notes, notes.join("inner/around")).unwrap();
    symlink(notes.join("missing.md"), notes.join("dangling.md")).unwrap();
    symlink(notes.join("caches.md"), notes.join("inner/again.md")).unwrap();
    let added = home.run(&["material", "add", "notes"], "");
    assert_eq!(added.code, 0, "{added:?}");
    assert_eq!(added.out.matches("added").count(), 2, "{}", added.out);
    assert!(!home.run(&["material", "search", "secret words"], "").out.contains("the secret words"));
    // Named by itself it is what the user asked for.
    assert_eq!(home.run(&["material", "add", "notes/innocent.md"], "").code, 0);

    let talks = home.path().join("talks");
    std::fs::create_dir(&talks).unwrap();
    std::fs::write(talks.join("a.md"), "Ann: Design a cache.\n\nBob: I would ask how large it gets.\n")
        .unwrap();
    symlink(&outside, talks.join("b.md")).unwrap();
    let ran =
        home.run(&["review", "talks", "--out", "graded", "--coach", "embedded", "--format", "json"], "");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(!ran.out.contains("b.md"), "{}", ran.out);
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let home = Home::new();
    assert_eq!(home.run(&["answer", "cdn", "--coach", "embedded"], "Copies close to users.").code, 0);
    std::fs::write(home.path().join("answers.jsonl"), "{\"id\":1}\n").unwrap();
    std::fs::create_dir(home.path().join("folder")).unwrap();
    std::fs::write(home.path().join("mine.txt"), "my own words\n").unwrap();
    for arguments in [
        &["grade", "answers.jsonl", "--coach", "embedded", "--out", "folder"][..],
        &["grade", "answers.jsonl", "--coach", "embedded", "--out", "missing/grades.jsonl"],
        &["grade", "answers.jsonl", "--coach", "embedded", "--out", "mine.txt"],
        &["progress", "--out", "folder"],
        &["progress", "--out", "missing/progress.html"],
        &["sessions", "backup", "folder"],
        &["sessions", "backup", "missing/copy.db"],
    ] {
        let ran = home.run(arguments, "");
        assert_eq!(ran.code, 1, "{arguments:?}: {ran:?}");
        assert!(
            ran.err.contains(arguments.last().unwrap()) && ran.err.contains("hint: "),
            "{arguments:?}: {}",
            ran.err
        );
    }
    assert_eq!(std::fs::read_to_string(home.path().join("mine.txt")).unwrap(), "my own words\n");
    // What stands beside the grades under the name that a resumption takes is somebody's, too.
    std::fs::write(home.path().join("new.jsonl.resume"), "my own words\n").unwrap();
    let ran = home.run(&["grade", "answers.jsonl", "--coach", "embedded", "--out", "new.jsonl"], "");
    assert!(ran.code == 1 && ran.err.contains("new.jsonl.resume"), "{ran:?}");
    assert_eq!(std::fs::read_to_string(home.path().join("new.jsonl.resume")).unwrap(), "my own words\n");
}

/// Kilobytes of memory in use, and at most.
#[cfg(target_os = "linux")]
fn memory(process: u32) -> (u64, u64) {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    (field("VmRSS:"), field("VmHWM:"))
}

/// `GREENROOM_TURNS=2000 cargo test --release --test it -- --ignored --nocapture memory`
#[cfg(target_os = "linux")]
#[test]
#[ignore = "takes minutes in a debug build"]
#[allow(clippy::disallowed_methods, reason = "whoever runs it says how many")]
fn memory_stays_flat_in_an_interview_of_thousands_of_turns() {
    let turns: usize = std::env::var("GREENROOM_TURNS").map_or(2000, |text| text.parse().expect("a number"));
    let home = Home::new();
    let arguments = ["interview", "url-shortener", "--coach", "embedded", "--minutes", "120"];
    let mut command = home.command(&arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut looks = Vec::new();
    for turn in 0..turns {
        let text = format!(
            "In step {turn} we keep the links in a table of their own, sharded by the hash of the code.\n\n/time\n\n"
        );
        stdin.write_all(text.as_bytes()).unwrap();
        if !told.any(|line| line.unwrap().starts_with("Left: ")) {
            panic!("it ended after {turn} turns");
        }
        if (turn + 1).is_multiple_of(turns / 10) {
            let (now, most) = memory(child.id());
            println!("{} turns: {now} kB in use, {most} kB at most", turn + 1);
            looks.push(now);
        }
    }
    drop(stdin);
    child.wait().unwrap();
    // What was said stays in memory once, a few hundred bytes a turn; anything on top of it would show.
    let (early, late) = (looks[4], looks[9]);
    let grown = late.saturating_sub(early) * 1024 / (turns as u64 / 2);
    println!("{grown} bytes a turn");
    assert!(grown < 16 * 1024, "{looks:?}");
}
