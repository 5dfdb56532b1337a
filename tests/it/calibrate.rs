//! `greenroom calibrate`: figures, thresholds, exit codes.

use std::fs;

use crate::support::Home;

/// Answers to a question that brings its own reference, so that no pack decides.
fn gold(home: &Home, scores: [f64; 4]) {
    let answers = [
        "A cache keeps copies of data close to those who read it, and entries expire after a time to live.",
        "It keeps copies close by.",
        "It is a kind of server that people use a lot in big companies.",
        "I don't know.",
    ];
    let lines: Vec<String> = answers
        .iter()
        .zip(scores)
        .enumerate()
        .map(|(index, (answer, score))| {
            serde_json::json!({"id": index.to_string(), "kind": "any", "answer": answer, "score": score,
                "question": "What is a cache?",
                "reference": "A cache keeps copies of data close to those who read it. An entry expires after its time to live."})
            .to_string()
        })
        .collect();
    fs::write(home.path().join("gold.jsonl"), lines.join("\n")).expect("written");
}

#[test]
fn a_grader_that_agrees_passes_its_threshold_and_one_that_does_not_fails() {
    let home = Home::new();
    let command = ["calibrate", "--gold", "gold.jsonl", "--min-pearson", "0.8", "--format", "json"];
    gold(&home, [10.0, 5.0, 1.0, 0.0]);
    let ran = home.run(&command, "");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let report: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    let coach = &report["coaches"][0];
    assert!(coach["agreement"]["pearson"]["value"].as_f64().expect("a number") > 0.8);
    assert_eq!(
        coach["stability"],
        serde_json::json!({"answers": 4, "identical": 4, "largest_difference": 0.0})
    );

    gold(&home, [0.0, 1.0, 5.0, 10.0]);
    let ran = home.run(&command, "");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("the coach is below the threshold: Pearson -"), "{}", ran.err);
}

#[test]
fn the_same_command_prints_the_same_bytes() {
    let home = Home::new();
    gold(&home, [10.0, 5.0, 1.0, 0.0]);
    let run = || home.run(&["calibrate", "--gold", "gold.jsonl", "--also", "reference-only"], "").out;
    assert_eq!(run(), run());
}

#[test]
fn a_fault_in_the_gold_set_is_told_with_its_line() {
    let home = Home::new();
    fs::write(home.path().join("gold.jsonl"), "\n{\"id\":\"a\"}\n").expect("written");
    let ran = home.run(&["calibrate", "--gold", "gold.jsonl"], "");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("gold.jsonl:2:"), "{}", ran.err);
}
