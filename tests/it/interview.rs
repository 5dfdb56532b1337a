//! `greenroom interview` through a pipe: turns in, conversation and report out.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use crate::support::{Home, fixture};

#[test]
fn an_unknown_problem_brings_the_nearest_one() {
    let ran = Home::new().run(&["interview", "url-shortner"], "hello");
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.err, @r"
    error: there is no problem `url-shortner`
    hint: did you mean `url-shortener`? `greenroom problems list` shows all
    ");
}

#[test]
fn silence_is_an_interview_without_a_grade() {
    let home = Home::new();
    let ran = home.run(&["interview", "url-shortener", "--format", "json"], "\n\n  \n\n");
    assert_eq!(ran.code, 0, "{ran:?}");
    let report = ran.json();
    let criteria = report["criteria"].as_array().expect("criteria");
    assert_eq!(criteria.len(), 5);
    assert!(criteria.iter().all(|criterion| criterion["assessed"] == false), "{criteria:?}");
    assert!(report["verdicts"]["senior"].is_null());
}

#[test]
fn a_killed_interview_goes_on_with_every_acknowledged_turn() {
    let home = Home::new();
    let mut child = home
        .command(&["interview", "url-shortener"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut next = || loop {
        let line = lines.next().expect("more output").expect("text");
        if !line.is_empty() {
            return line;
        }
    };
    next();
    next();
    writeln!(stdin, "How many users do you expect?\n").expect("written");
    let answer = next();
    child.kill().expect("killed");
    child.wait().expect("ended");

    let ran = home.run(&["interview", "--resume"], "And is it read heavy?\n\n/time\n");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("1 turns in"), "{}", ran.err);
    let sessions = home.run(&["sessions", "list", "--format", "json"], "").json();
    assert_eq!(sessions.as_array().expect("an array").len(), 1);
    let id = sessions[0]["id"].as_str().expect("an id");
    let shown = home.run(&["sessions", "show", id], "").out;
    let plain = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        plain.contains("How many users do you expect?") && plain.contains("And is it read heavy?"),
        "{shown}"
    );
    assert!(plain.contains(answer.trim()), "{answer} in {shown}");
}

#[test]
fn commands_in_a_pipe_do_what_they_say() {
    let home = Home::new();
    let ran = home.run(
        &["interview", "url-shortener"],
        "/time\n\n/hint\n\n/nonsense\n\n/notes look up 302\n\n/notes\n\n/next\n\n/pause\n\n/resume\n\n/save\n",
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    for words in ["used", "did you mean", "- look up 302", "High-level design", "Paused", "--resume"] {
        assert!(ran.err.contains(words), "{words} in {}", ran.err);
    }
    let sessions = home.run(&["sessions", "list", "--format", "json"], "").json();
    assert_eq!(sessions[0]["state"], "paused");
}

#[test]
fn hostile_turns_end_in_a_report_like_any_other() {
    let home = Home::new();
    let ran =
        home.run(&["interview", "url-shortener", "--format", "json"], fixture("interviews/hostile.txt"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!ran.out.contains('\u{1b}') && !ran.err.contains('\u{1b}'));
    assert!(ran.json()["verdicts"]["senior"] != "yes", "{}", ran.out);
}

#[test]
fn a_five_megabyte_paste_and_binary_input_lose_nothing() {
    let home = Home::new();
    let mut input = b"How many users?\n\n".to_vec();
    input.extend("we shard the links by their code. ".repeat(5 * 1024 * 1024 / 34).bytes());
    input.extend(b"\n\n\xff\xfe\x00 binary \x80\n\nlast words");
    let ran = home.run(&["interview", "url-shortener", "--format", "json"], input);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let sessions = home.run(&["sessions", "list", "--format", "json"], "").json();
    assert_eq!(sessions[0]["turns"], 4);
}

#[test]
fn a_drawing_is_read_back_and_asked_about() {
    let home = Home::new();
    let turns = "Reads go to Redis, then to Postgres.\n\n/draw flowchart LR\nBrowser --> DB[(Postgres)]\n\n/draw not a drawing\n\n/quit\n";
    let ran = home.run(&["interview", "url-shortener"], turns);
    assert_eq!(ran.code, 0, "{ran:?}");
    let told = format!("{}{}", ran.out, ran.err);
    for want in [
        "Drawing 1 (mermaid): 2 components, 1 connections.",
        "Drawing 2 is kept as you wrote it, but cannot be read",
    ] {
        assert!(told.contains(want), "{want}: {told}");
    }
    assert!(ran.out.contains("Browser talks straight to Postgres"), "{}", ran.out);
    let listed = home.run(&["sessions", "list", "--format", "json"], "").json();
    let id = listed[0]["id"].as_str().expect("an id");
    let exported = home.run(&["sessions", "export", id, "--format", "json"], "").out;
    assert_eq!(exported.matches("\"drawn\"").count(), 2, "{exported}");
    let report = home.run(&["report", "--format", "json"], "").json();
    assert_eq!(report["drawing"]["number"], 1, "the last one that can be read");
    assert_eq!(report["drawing"]["not_drawn"], serde_json::json!(["Redis"]));
    let text = home.run(&["report"], "").out;
    assert!(text.contains("Spoken of and not drawn: Redis."), "{text}");
}
