//! The session in the README is what the program shows: played in a terminal from the script below.
//!
//! `RECORD=1 cargo test --test it recorded` plays it and writes it into the README. Times and session
//! ids differ from run to run and are not compared.

use std::error::Error;
use std::num::NonZero;
use std::path::PathBuf;

use rexpect::session::{PtySession, spawn_command};

use crate::support::Home;

/// Rows that are more than the session takes, so that nothing scrolls away.
const ROWS: NonZero<u16> = NonZero::new(200).unwrap();
const COLUMNS: NonZero<u16> = NonZero::new(80).unwrap();
/// What is typed, and what has to be seen before the next line.
const SCRIPT: [(&str, &str); 3] = [
    ("How many links are made a day, and is it read heavy?", "nine clicks of ten[.]\\s+.*\\[Requirements"),
    ("/time", "in all[.].*\\s+.*\\[Requirements"),
    ("/save", "--resume [-0-9a-f]+\\s"),
];
const CALL: &str = "greenroom interview url-shortener --minutes 45";

/// Plays the script; returns what a person sees in the end.
fn play() -> Result<String, Box<dyn Error>> {
    let home = Home::new();
    let mut arguments = CALL.split(' ').skip(1).collect::<Vec<_>>();
    arguments.extend(["--color", "never"]);
    let mut command = home.command(&arguments);
    command.env("COLUMNS", COLUMNS.to_string());
    let mut terminal = spawn_command(command, Some(30_000))?;
    let mut bytes = seen(&mut terminal, "\\[Requirements")?;
    for (line, wait) in SCRIPT {
        terminal.send_line(line)?;
        bytes += &seen(&mut terminal, wait)?;
    }
    bytes += &terminal.exp_eof()?;
    let mut screen = vt100::Parser::new(ROWS, COLUMNS, 0);
    // Each character stands for one byte.
    let bytes: Vec<u8> = bytes.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
    screen.process(&bytes);
    let shown = screen.screen().contents();
    let lines = shown.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    Ok(format!("$ {CALL}\n{}\n", lines.trim_end()))
}

/// All that came up to what was waited for, and that.
fn seen(terminal: &mut PtySession, wait: &str) -> Result<String, Box<dyn Error>> {
    let (before, matched) = terminal.exp_regex(wait)?;
    Ok(before + &matched)
}

/// The text with each time and each session id made the same.
fn without_times(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_inclusive(char::is_whitespace) {
        let is_time = word.contains(':') && word.chars().any(|c| c.is_ascii_digit());
        let is_id = word.matches('-').count() == 4 && word.trim().len() > 30;
        match is_time || is_id {
            true => out.push_str("# "),
            false => out.push_str(word),
        }
    }
    // Times stand at the right: their width decides how many spaces are before them.
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_session_in_the_readme_is_what_is_shown() -> Result<(), Box<dyn Error>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path)?;
    let from = readme.find(&format!("$ {CALL}\n")).ok_or("the README shows no session")?;
    let to = from + readme[from..].find("```").ok_or("the session has no end")?;
    let shown = play()?;
    #[allow(clippy::disallowed_methods, reason = "the one who calls this test says what it is for")]
    if std::env::var_os("RECORD").is_some() {
        std::fs::write(&path, format!("{}{shown}{}", &readme[..from], &readme[to..]))?;
        return Ok(());
    }
    let again = "write it anew with `RECORD=1 cargo test --test it recorded`";
    assert_eq!(without_times(&readme[from..to]), without_times(&shown), "{again}");
    Ok(())
}
