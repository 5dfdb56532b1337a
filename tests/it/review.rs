//! `greenroom review`: transcripts in, reports out; a review is a session like any other.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::Home;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/transcripts").join(name)
}

fn review(home: &Home, name: &str, more: &[&str]) -> Value {
    let path = fixture(name);
    let mut arguments = vec!["review", path.to_str().unwrap(), "--format", "json"];
    arguments.extend(more);
    let ran = home.run(&arguments, "");
    assert_eq!(ran.code, 0, "{}", ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn a_review_prints_the_report_and_is_a_session() {
    let home = Home::new();
    let report = review(&home, "url-shortener-strong.md", &[]);
    assert_eq!(report["problem"], "url-shortener");
    assert_eq!(report["verdicts"]["senior"], "strong-yes");
    let text = std::fs::read_to_string(fixture("url-shortener-strong.md")).unwrap();
    let mut quotes = 0;
    for criterion in report["criteria"].as_array().unwrap() {
        assert_eq!(criterion["assessed"], true);
        for evidence in criterion["evidence"].as_array().unwrap() {
            assert!(text.contains(evidence["quote"].as_str().unwrap()), "{evidence}");
            quotes += 1;
        }
    }
    assert!(quotes >= 10, "{quotes}");
    assert_eq!(report["time"]["used_s"], Value::Null, "it has no times");
    assert_eq!(report["time"]["planned_s"], Value::Null, "and was not planned here");
    assert_eq!(report["conversation"]["requirements_ended"]["turn"], 11);

    let listed: Value =
        serde_json::from_str(&home.run(&["sessions", "list", "--format", "json"], "").out).unwrap();
    assert_eq!((&listed[0]["kind"], &listed[0]["state"]), (&"review".into(), &"finished".into()));
    let again = home.run(&["report", "--format", "json"], "");
    assert_eq!(serde_json::from_str::<Value>(&again.out).unwrap(), report);
    let graded = home.run(&["report", "--grade", "--coach", "embedded", "--format", "json"], "");
    assert_eq!(serde_json::from_str::<Value>(&graded.out).unwrap()["criteria"], report["criteria"]);
}

#[test]
fn an_exported_session_reads_as_it_was() {
    let home = Home::new();
    let report = review(&home, "leaderboard-strong.md", &[]);
    assert_eq!(report["problem"], "Mock interview: leaderboard for a mobile game");
    for format in ["text", "md"] {
        let exported =
            home.run(&["sessions", "export", report["session_id"].as_str().unwrap(), "--format", format], "");
        let file = home.path().join("exported");
        std::fs::write(&file, exported.out).unwrap();
        let ran = home.run(&["review", "exported", "--format", "json"], "");
        assert_eq!(ran.code, 0, "{}", ran.err);
        let again: Value = serde_json::from_str(&ran.out).unwrap();
        for (one, other) in
            report["criteria"].as_array().unwrap().iter().zip(again["criteria"].as_array().unwrap())
        {
            assert_eq!((&one["id"], &one["score"]), (&other["id"], &other["score"]), "{format}");
        }
    }
    let id = report["session_id"].as_str().unwrap();
    let by_id = home.run(&["review", id, "--format", "json"], "");
    assert_eq!(serde_json::from_str::<Value>(&by_id.out).unwrap()["verdicts"], report["verdicts"]);
}

#[test]
fn who_is_graded_and_what_about_can_be_said() {
    let home = Home::new();
    let text = "Ana: Design a chat.\n\nBen: How many users do we have, and may I leave groups out?\n\nAna: Ten million.\n\nBen: Then each client holds a WebSocket to a gateway, because polling 10 million phones costs too much.\n";
    let ran = home.run(&["review", "-", "--candidate", "ben"], text);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("Candidate: Ben (as you said)"), "{}", ran.out);
    assert!(ran.err.contains("Recognised: "), "{}", ran.err);
    let wrong = home.run(&["review", "-", "--candidate", "Eve"], text);
    assert_eq!(wrong.code, 1);
    assert!(wrong.err.contains("nobody is called `Eve`; the speakers are Ana, Ben"), "{}", wrong.err);
    let unknown = home.run(&["review", "-", "--problem", "mesaging"], text);
    assert_eq!(unknown.code, 1);
    assert!(unknown.err.contains("did you mean `messaging`"), "{}", unknown.err);
}

#[test]
fn what_cannot_be_read_is_told_and_not_kept() {
    let home = Home::new();
    std::fs::write(home.path().join("noise.mp3"), b"ID3\x04\x00rest").unwrap();
    std::fs::write(home.path().join("cut.json"), b"[{\"speaker\": \"A\", \"text\": \"hi").unwrap();
    std::fs::write(
        home.path().join("binary.md"),
        (0..60_000_u32).flat_map(|i| i.wrapping_mul(2_654_435_761).to_be_bytes()).collect::<Vec<_>>(),
    )
    .unwrap();
    std::fs::write(home.path().join("empty.txt"), b"  \n").unwrap();
    std::fs::write(home.path().join("scan.pdf"), b"%PDF-1.7").unwrap();
    std::fs::write(home.path().join("large.txt"), vec![b'x'; 17 << 20]).unwrap();
    for (name, want) in [
        ("noise.mp3", "a recording needs a model that writes it down"),
        ("cut.json", "the file ends too early"),
        ("binary.md", "binary data, not a transcript"),
        ("empty.txt", "there is nothing in it to read"),
        ("scan.pdf", "a PDF, not a transcript"),
        ("large.txt", "it is larger than the 16 MB that are read of a transcript"),
        ("missing.txt", "missing.txt cannot be read"),
    ] {
        let ran = home.run(&["review", name, "--coach", "embedded"], "");
        assert!(ran.code == 1 && ran.out.is_empty(), "{name}: {}", ran.code);
        assert!(ran.err.contains(want) && ran.err.contains("hint: "), "{name}: {}", ran.err);
    }
    assert_eq!(home.run(&["sessions", "list", "--format", "json"], "").out.trim(), "[]");
}

#[test]
fn a_folder_is_reviewed_file_by_file_and_can_be_gone_on_with() {
    let home = Home::new();
    let folder = home.path().join("mocks");
    std::fs::create_dir(&folder).unwrap();
    for name in ["url-shortener-weak.md", "leaderboard-terse-excellent.md"] {
        std::fs::copy(fixture(name), folder.join(name)).unwrap();
    }
    std::fs::write(folder.join("broken.json"), "[{\"speaker\": \"A\",").unwrap();
    let run = || home.run(&["review", "mocks", "--out", "graded", "--format", "json"], "");
    let first = run();
    assert_eq!(first.code, 3, "{}", first.err);
    let rows: Vec<Value> = serde_json::from_str(&first.out).unwrap();
    let files: Vec<&str> = rows.iter().map(|row| row["file"].as_str().unwrap()).collect();
    assert_eq!(
        files,
        ["mocks/broken.json", "mocks/leaderboard-terse-excellent.md", "mocks/url-shortener-weak.md"]
    );
    assert!(rows[0]["error"].as_str().unwrap().contains("broken JSON at line 1"));
    assert_eq!(rows[1]["verdicts"]["mid"], "strong-yes");
    assert_eq!(rows[2]["verdicts"]["mid"], "strong-no");
    assert!(first.err.contains("2 reviewed, 1 failed."), "{}", first.err);
    let markdown = std::fs::read_to_string(home.path().join("graded/url-shortener-weak.md.md")).unwrap();
    assert!(markdown.starts_with("# url-shortener"), "{markdown}");

    std::fs::write(folder.join("broken.json"), "[{\"speaker\": \"I\", \"text\": \"Design a chat.\"}, {\"speaker\": \"C\", \"text\": \"How many users write how many messages a day, and must they be kept in order?\"}]").unwrap();
    let second = run();
    assert_eq!(second.code, 0, "{}", second.err);
    assert!(second.err.contains("3 reviewed, 0 failed, 2 kept from before."), "{}", second.err);
    let again: Vec<Value> = serde_json::from_str(&second.out).unwrap();
    assert_eq!(again[1..], rows[1..]);
}

#[test]
fn files_of_the_same_name_keep_their_own_reports() {
    let home = Home::new();
    for (folder, name) in [("ana", "url-shortener-weak.md"), ("ben", "url-shortener-strong.md")] {
        std::fs::create_dir(home.path().join(folder)).unwrap();
        std::fs::copy(fixture(name), home.path().join(folder).join("mock.md")).unwrap();
    }
    let ran = home.run(&["review", "ana/mock.md", "ben/mock.md", "--out", "graded", "--format", "json"], "");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let grade = |name: &str| -> Value {
        serde_json::from_str(&std::fs::read_to_string(home.path().join("graded").join(name)).unwrap())
            .unwrap()
    };
    assert_eq!(grade("ana-mock.md.json")["verdicts"]["mid"], "strong-no");
    assert_eq!(grade("ben-mock.md.json")["verdicts"]["mid"], "strong-yes");
}

#[test]
fn a_second_reader_gets_no_names_and_is_compared() {
    let home = Home::new();
    let path = home.path().join("mock.txt");
    let text = std::fs::read_to_string(fixture("leaderboard-strong.md")).unwrap();
    let text =
        text.replace("**Interviewer:**", "**Priya Raman:**").replace("**Candidate:**", "**Tom Weber:**");
    std::fs::write(&path, text.replace("Nice. Before", "Nice, Priya. Before")).unwrap();
    let sheet = home.run(&["review", "mock.txt", "--second-reader"], "");
    assert_eq!(sheet.code, 0, "{}", sheet.err);
    assert!(!sheet.out.contains("Priya") && !sheet.out.contains("Tom"), "{}", sheet.out);
    assert!(sheet.out.contains("Nice, [name]. Before"));
    let filled = sheet
        .out
        .replace("\ntradeoffs: \n", "\ntradeoffs: 4\n")
        .replace("\nscalability: \n", "\nscalability: 3\n")
        .replace("\nmid: \n", "\nmid: strong-yes\n");
    std::fs::write(home.path().join("filled.md"), filled).unwrap();
    let compared = home.run(&["review", "mock.txt", "--compare", "filled.md", "--format", "json"], "");
    assert_eq!(compared.code, 0, "{}", compared.err);
    let value: Value = serde_json::from_str(&compared.out).unwrap();
    assert_eq!(value["agreement"]["criteria"], 2);
    assert_eq!(value["verdicts"]["mid"]["second_reader"], "strong-yes");
    let criterion =
        |id: &str| value["criteria"].as_array().unwrap().iter().find(|c| c["id"] == id).unwrap().clone();
    assert_eq!(criterion("scalability")["second_reader"], 3);
    assert_eq!(criterion("communication")["second_reader"], Value::Null);
}
