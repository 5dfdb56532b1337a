//! The README stays true: each of its greenroom commands runs.

use crate::support::{Home, fixture};

/// Commands of the README's shell blocks, without comments.
fn commands() -> Vec<String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let blocks = readme.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines = blocks.flat_map(str::lines).map(|line| line.split(" #").next().unwrap().trim().to_owned());
    lines.filter(|line| line.starts_with("greenroom")).collect()
}

#[test]
fn each_command_of_the_readme_runs() {
    let home = Home::new();
    std::fs::write(home.path().join("turns.txt"), fixture("interviews/url-shortener-mid.txt")).unwrap();
    std::fs::write(
        home.path().join("answer.txt"),
        "A CDN keeps copies close to users, so pages load faster.",
    )
    .unwrap();
    let answer =
        r#"{"id":"1","question_id":"cdn","question":"What is a CDN?","answer":"Copies close to users."}"#;
    std::fs::write(home.path().join("answers.jsonl"), answer).unwrap();
    let notes = "# Notes\n\n### Q1: What is a cache?\n\nA **cache** keeps results that are asked for often.\n\n## Checklist\n\n- [ ] Explain caching\n";
    std::fs::write(home.path().join("notes.md"), notes).unwrap();
    let transcript = "Interviewer: Design a URL shortener.\n\nCandidate: How many users do we expect, and is it read heavy?\n";
    std::fs::write(home.path().join("transcript.md"), transcript).unwrap();
    let commands = commands();
    assert!(commands.len() > 15, "{commands:?}");
    let mut failed = Vec::new();
    for command in commands {
        let (call, file) = command.split_once(" < ").unwrap_or((&command, ""));
        let input = if file.is_empty() {
            String::new()
        } else {
            std::fs::read_to_string(home.path().join(file)).unwrap()
        };
        let latest = || {
            let list = home.run(&["sessions", "list", "--format", "json"], "").json();
            list[0]["id"].as_str().unwrap_or_default().to_owned()
        };
        let arguments: Vec<String> = call
            .split_whitespace()
            .skip(1)
            .map(|word| if word == "LATEST" { latest() } else { word.to_owned() })
            .collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ran = home.run(&arguments, input);
        // Without a model there is nothing for the doctor to check, and it says so.
        let expected = if arguments.first() == Some(&"doctor") { [0, 1] } else { [0, 0] };
        if !expected.contains(&ran.code) {
            failed.push(format!("{command}: {} {}", ran.code, ran.err));
        }
    }
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
}
