//! `greenroom answer`: from a file, from a pipe, as text and JSON, kept as a session.

use std::fs;

use serde_json::Value;

use crate::support::Home;

const CACHE: &str =
    "A cache keeps copies of data close to those who read it. An entry expires after its time to live.";

#[test]
fn one_grade_is_printed_and_the_session_is_kept() {
    let home = Home::new();
    let answer = "A forward proxy acts for the clients and hides them; a reverse proxy stands in front of the servers.";
    let ran = home.run(&["answer", "proxies", "--format", "json"], answer);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let grade: Value = serde_json::from_str(&ran.out).expect("one object");
    assert!(grade["score"].as_f64().expect("a number") > 2.0, "{grade}");
    for point in grade["points"].as_array().expect("points") {
        assert!(answer.contains(point["quote"].as_str().expect("a quote")));
    }
    let listed: Value =
        serde_json::from_str(&home.run(&["sessions", "list", "--format", "json"], "").out).expect("an array");
    assert_eq!(listed[0]["id"], grade["id"]);
    assert_eq!((&listed[0]["kind"], &listed[0]["problem"]), (&"answer".into(), &"proxies".into()));
}

#[test]
fn a_question_in_free_words_is_held_to_a_reference() {
    let home = Home::new();
    fs::write(home.path().join("notes.md"), CACHE).expect("written");
    fs::write(home.path().join("mine.txt"), "It keeps copies of data near the readers.").expect("written");
    let ran =
        home.run(&["answer", "What is a cache for?", "--reference", "notes.md", "--file", "mine.txt"], "");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("Right:\n- \"It keeps copies of data near the readers.\""), "{}", ran.out);
    assert!(ran.out.contains("First gap: An entry expires after its time to live."), "{}", ran.out);
}

#[test]
fn without_a_reference_no_score_is_made_up() {
    let home = Home::new();
    let ran = home.run(&["answer", "What is the meaning of life?"], "42");
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains("add --reference FILE"), "{}", ran.err);
    let ran = home.run(&["answer", "proxis"], "A proxy.");
    assert!(ran.err.contains("did you mean `proxies`?"), "{}", ran.err);
    let ran = home.run(&["answer"], "A proxy.");
    assert!(ran.err.contains("which question does this answer?"), "{}", ran.err);
}

#[test]
fn what_steers_a_terminal_does_not_come_back_in_a_quote() {
    let home = Home::new();
    fs::write(home.path().join("notes.md"), CACHE).expect("written");
    let answer = "It keeps copies \u{1b}]0;owned\u{7}of data close to \u{202e}those who read it.";
    let ran = home.run(&["answer", "What is a cache?", "--reference", "notes.md"], answer);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!ran.out.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{:?}", ran.out);
    assert!(ran.out.contains("invisible or disguised characters"), "{}", ran.out);
}
