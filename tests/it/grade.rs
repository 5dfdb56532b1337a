//! `greenroom grade`: order, error lines, exit codes, resuming.

use std::fmt::Write as _;
use std::fs;

use crate::support::Home;

const REFERENCE: &str =
    "A cache keeps copies of data close to those who read it. An entry expires after its time to live.";

fn answers(count: usize) -> String {
    let mut lines = String::new();
    for index in 0..count {
        let answer = match index % 4 {
            0 => "It keeps copies of data near the readers, and entries expire after a time to live.",
            1 => "fine",
            2 => "It keeps copies close by.",
            _ => "What is a cache?",
        };
        let line = serde_json::json!({
            "id": format!("a{index}"), "question": "What is a cache?", "answer": format!("{answer} {}", "It is quick. ".repeat(index % 3)),
            "reference": REFERENCE,
        });
        writeln!(lines, "{line}").expect("a string");
    }
    lines
}

fn ids(output: &str) -> Vec<String> {
    let id = |line: &str| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["id"].clone();
    output.lines().map(|line| id(line).as_str().expect("a string").to_owned()).collect()
}

#[test]
fn grades_come_in_the_order_of_the_answers_and_twice_the_same() {
    let (home, input) = (Home::new(), answers(200));
    let one = home.run(&["grade", "-", "--jobs", "1"], &input);
    let many = home.run(&["grade", "-", "--jobs", "8"], &input);
    assert_eq!((one.code, many.code), (0, 0), "{}", one.err);
    assert_eq!(one.out, many.out);
    assert_eq!(ids(&one.out), (0..200).map(|index| format!("a{index}")).collect::<Vec<_>>());
    let first: serde_json::Value =
        serde_json::from_str(one.out.lines().next().expect("a line")).expect("JSON");
    assert!(first["score"].as_f64().expect("a number") > 8.0, "{first}");
    assert!(first["grader"].as_str().expect("a name").starts_with("embedded@"));
    for point in first["points"].as_array().expect("points") {
        assert!(answers(1).contains(point["quote"].as_str().expect("a quote")));
    }
}

#[test]
fn a_bad_line_is_an_error_line_and_the_rest_is_graded() {
    let home = Home::new();
    let good = answers(2);
    let (first, second) = good.split_once('\n').expect("two lines");
    let input = format!(
        "\u{feff}{first}\n\n{{\"id\":\"broken\",\"question\":\n{{\"id\":7,\"question\":\"Why is the sky blue?\",\"answer\":\"light\"}}\n{second}"
    );
    let ran = home.run(&["grade", "-"], input);
    assert_eq!(ran.code, 3, "{}", ran.err);
    let lines: Vec<serde_json::Value> =
        ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let kinds: Vec<_> =
        lines.iter().map(|line| (line["id"].clone(), line["error"]["kind"].clone())).collect();
    assert_eq!(
        serde_json::json!(kinds),
        serde_json::json!([["a0", null], ["broken", "bad_input"], [7, "no_reference"], ["a1", null]])
    );
}

#[test]
fn max_score_scales_the_score() {
    let home = Home::new();
    let line = |most: f64| {
        serde_json::json!({"id": "x", "question": "What is a cache?", "reference": REFERENCE, "max_score": most,
            "answer": "It keeps copies of data near the readers, and entries expire after a time to live."})
        .to_string()
    };
    let score = |most| {
        let ran = home.run(&["grade", "-"], line(most));
        serde_json::from_str::<serde_json::Value>(&ran.out).expect("JSON")["score"]
            .as_f64()
            .expect("a number")
    };
    assert!((score(5.0) * 2.0 - score(10.0)).abs() <= 0.2);
}

#[test]
fn a_run_that_was_stopped_goes_on_to_the_same_output() {
    let home = Home::new();
    let input = home.path().join("in.jsonl");
    fs::write(&input, answers(120)).expect("written");
    let run = |out: &str| home.run(&["grade", "in.jsonl", "--out", out], "");
    assert_eq!(run("whole.jsonl").code, 0);
    let whole = fs::read(home.path().join("whole.jsonl")).expect("an output");
    for cut in [0, 1, whole.len() / 2, whole.len() / 2 + 37, whole.len() - 1] {
        let torn = home.path().join("torn.jsonl");
        fs::write(&torn, &whole[..cut]).expect("written");
        let ran = run("torn.jsonl");
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(fs::read(&torn).expect("an output") == whole, "cut at byte {cut}");
        assert!(!home.path().join("torn.jsonl.resume").exists());
    }
}

#[test]
fn a_resumption_that_was_stopped_too_loses_nothing() {
    let home = Home::new();
    fs::write(home.path().join("in.jsonl"), answers(60)).expect("written");
    let run = |out: &str| home.run(&["grade", "in.jsonl", "--out", out], "");
    assert_eq!(run("whole.jsonl").code, 0);
    let whole = fs::read_to_string(home.path().join("whole.jsonl")).expect("an output");
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    fs::write(home.path().join("out.jsonl"), lines[..20].concat()).expect("written");
    fs::write(home.path().join("out.jsonl.resume"), lines[..45].concat() + "{\"id\":\"a4").expect("written");
    let ran = run("out.jsonl");
    assert!(ran.err.contains("15 graded, 0 failed, 45 kept"), "{}", ran.err);
    assert_eq!(fs::read_to_string(home.path().join("out.jsonl")).expect("an output"), whole);
}

#[test]
fn error_lines_are_done_again_in_their_place() {
    let home = Home::new();
    let lines = answers(6);
    let broken: Vec<String> = lines
        .lines()
        .enumerate()
        .map(|(index, line)| if index == 2 { "{\"id\":\"a2\"}".to_owned() } else { line.to_owned() })
        .collect();
    fs::write(home.path().join("in.jsonl"), broken.join("\n")).expect("written");
    let run = || home.run(&["grade", "in.jsonl", "--out", "out.jsonl"], "");
    assert_eq!(run().code, 3);
    fs::write(home.path().join("in.jsonl"), lines).expect("written");
    let ran = run();
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("1 graded, 0 failed, 5 kept"), "{}", ran.err);
    let out = fs::read_to_string(home.path().join("out.jsonl")).expect("an output");
    assert_eq!(ids(&out), ["a0", "a1", "a2", "a3", "a4", "a5"]);
    assert!(!out.contains("\"error\":{"));
}

#[test]
fn another_graders_output_is_not_mixed_in() {
    let home = Home::new();
    fs::write(home.path().join("in.jsonl"), answers(2)).expect("written");
    fs::write(home.path().join("out.jsonl"), "{\"id\":\"a0\",\"score\":1.0,\"grader\":\"llm:x:y@z\"}\n")
        .expect("written");
    let ran = home.run(&["grade", "in.jsonl", "--out", "out.jsonl"], "");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("was graded by llm:x:y@z"), "{}", ran.err);
}

#[test]
fn a_file_that_is_no_output_is_left_alone() {
    let home = Home::new();
    fs::write(home.path().join("in.jsonl"), answers(2)).expect("written");
    for theirs in ["my notes", "my notes\nmore\n", &answers(1)] {
        fs::write(home.path().join("out.jsonl"), theirs).expect("written");
        let ran = home.run(&["grade", "in.jsonl", "--out", "out.jsonl"], "");
        assert_eq!(ran.code, 1, "{}", ran.err);
        assert!(ran.err.contains("line 1 is no output of `greenroom grade`"), "{}", ran.err);
        assert_eq!(fs::read_to_string(home.path().join("out.jsonl")).expect("kept"), theirs);
    }
}
