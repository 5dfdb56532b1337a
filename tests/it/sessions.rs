//! `greenroom sessions` and `greenroom report`: what history offers.

use crate::support::{Home, fixture};

#[test]
fn a_deleted_session_leaves_no_word_behind() {
    let home = Home::new();
    home.run(&["interview", "url-shortener"], "We store xylophonic zeppelins in the database.");
    let found = home.run(&["sessions", "search", "zeppelin", "--format", "json"], "").json();
    let id = found[0]["id"].as_str().expect("an id").to_owned();
    let deleted = home.run(&["sessions", "delete", &id[id.len() - 8..]], "");
    assert_eq!(deleted.code, 0, "{deleted:?}");
    assert_eq!(home.run(&["sessions", "list", "--format", "json"], "").out.trim(), "[]");
    for entry in std::fs::read_dir(home.path()).expect("a folder").flatten() {
        let bytes = std::fs::read(entry.path()).expect("a file");
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(!text.contains("xylophon") && !text.contains("zeppelin"), "{}", entry.path().display());
    }
}

#[test]
fn an_unknown_session_says_how_to_find_one() {
    let ran = Home::new().run(&["report", "nosuch"], "");
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.err, @r"
    error: there is no session `nosuch`
    hint: `greenroom sessions list` shows them; the first or last few characters of an id are enough
    ");
}

#[test]
fn a_newer_database_is_refused_with_a_clear_message() {
    let home = Home::new();
    home.run(&["interview", "url-shortener"], "Hello there.");
    let database = rusqlite::Connection::open(home.path().join("greenroom.db")).expect("the database");
    database.execute_batch("PRAGMA user_version = 99").expect("set");
    drop(database);
    let ran = home.run(&["sessions"], "");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("newer greenroom") && ran.err.contains("hint: update"), "{}", ran.err);
}

/// Holds an interview and returns the id of the latest session.
fn held(home: &Home, problem: &str, turns: &str) -> String {
    home.run(&["interview", problem, "--minutes", "45"], turns);
    latest(home)
}

fn latest(home: &Home) -> String {
    let list = home.run(&["sessions", "list", "--format", "json"], "").json();
    list[0]["id"].as_str().expect("an id").to_owned()
}

fn folder_holds(folder: &std::path::Path, word: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let bytes = std::fs::read(entry.path()).expect("a file");
        if String::from_utf8_lossy(&bytes).to_lowercase().contains(word) {
            found.push(entry.path().display().to_string());
        }
    }
    found
}

#[test]
fn an_exported_session_gives_the_same_report_byte_for_byte() {
    let (home, other) = (Home::new(), Home::new());
    let ids = [
        held(&home, "url-shortener", &fixture("interviews/url-shortener-mid.txt")),
        held(&home, "messaging", &fixture("interviews/messaging-weak.txt")),
    ];
    home.run(&["answer", "cdn"], "A CDN keeps copies close to users, so pages load faster.");
    let export = home.run(&["sessions", "export", "--all"], "");
    assert_eq!(export.code, 0, "{export:?}");
    std::fs::write(other.path().join("all.jsonl"), &export.out).expect("written");
    let imported = other.run(&["sessions", "import", "all.jsonl"], "");
    assert_eq!((imported.code, imported.out.lines().count()), (0, 3), "{imported:?}");
    assert!(!imported.err.contains("dropped"), "every quote was said: {}", imported.err);
    for id in &ids {
        for format in ["text", "md", "json", "html"] {
            let report = |home: &Home| home.run(&["report", id, "--format", format], "").out;
            assert!(report(&home) == report(&other), "{format} of {id}");
        }
    }
    let all = |home: &Home, arguments: &[&str]| home.run(arguments, "").out;
    for arguments in [
        &["sessions", "export", "--all"][..],
        &["sessions", "list", "--format", "json"],
        &["progress", "--format", "json"],
    ] {
        assert_eq!(all(&home, arguments), all(&other, arguments), "{arguments:?}");
    }
    let again = other.run(&["sessions", "import", "-"], &export.out);
    assert!(again.out.is_empty() && again.err.contains("known already 3"), "{again:?}");
}

#[test]
fn an_import_takes_all_or_nothing_and_no_quote_that_nobody_said() {
    let (home, other) = (Home::new(), Home::new());
    let id = held(&home, "url-shortener", &fixture("interviews/url-shortener-mid.txt"));
    let export = home.run(&["sessions", "export", &id], "").out;
    let lines: Vec<&str> = export.lines().collect();
    // One record is missing.
    let cut: String =
        lines.iter().enumerate().filter(|(n, _)| *n != 3).map(|(_, line)| format!("{line}\n")).collect();
    let refused = other.run(&["sessions", "import", "-"], cut);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.err.contains("out of order"), "{}", refused.err);
    let refused = other.run(&["sessions", "import", "-"], export.replace(&id, "../../etc"));
    assert!(refused.err.contains("its id is none"), "{}", refused.err);
    let refused = other.run(&["sessions", "import", "-"], format!("{export}{{}}\n"));
    assert!(refused.err.contains(&format!("-:{}: no record", lines.len() + 1)), "{}", refused.err);
    assert_eq!(other.run(&["sessions", "list", "--format", "json"], "").out.trim(), "[]");
    // A quote is put into the candidate's mouth.
    let report = home.run(&["report", &id, "--format", "json"], "").json();
    let quote = report["criteria"][0]["evidence"][0]["quote"].as_str().expect("a quote");
    let forged = format!("\"quote\":{},", serde_json::json!(quote));
    assert!(export.contains(&forged));
    let taken =
        other.run(&["sessions", "import", "-"], export.replace(&forged, "\"quote\":\"I invented Kafka\","));
    assert_eq!(taken.code, 0, "{taken:?}");
    assert!(taken.err.contains("quotes are in no turn"), "{}", taken.err);
    assert!(!other.run(&["report", &id], "").out.contains("invented Kafka"));
}

#[test]
fn an_interview_is_tried_again_from_a_turn_and_compared() {
    let home = Home::new();
    let first = held(&home, "url-shortener", &fixture("interviews/url-shortener-weak.txt"));
    let shown = home.run(&["sessions", "show", &first], "").out;
    let third = shown.lines().find(|line| line.starts_with("3 [")).unwrap_or_default();
    assert!(third.contains("] Candidate: "), "turns are numbered: {shown}");
    let forked = home.run(&["sessions", "fork", &first, "--turn", "3"], "");
    assert_eq!(forked.code, 0, "{forked:?}");
    let second = forked.out.trim().to_owned();
    assert!(forked.err.contains("greenroom sessions compare"), "{}", forked.err);
    let list = home.run(&["sessions", "list", "--format", "json"], "").json();
    let row = list.as_array().unwrap().iter().find(|row| row["id"] == second.as_str()).unwrap();
    assert_eq!((&row["forked_from"]["id"], &row["state"]), (&first.as_str().into(), &"paused".into()));
    let gone_on =
        home.run(&["interview", "--resume", &second], fixture("interviews/url-shortener-strong.txt"));
    assert_eq!(gone_on.code, 0, "{gone_on:?}");
    let compared = home.run(&["sessions", "compare", &first, &second, "--format", "json"], "").json();
    let change = |id: &str| {
        let rows = compared["criteria"].as_array().unwrap();
        rows.iter().find(|row| row["id"] == id).unwrap()["change"].as_f64().unwrap()
    };
    assert!(change("scalability") > 0.5, "{compared}");
    let text = home.run(&["sessions", "compare", &first, &second], "").out;
    assert!(text.contains("senior") && text.contains("\nWon\n"), "{text}");
    // A fork shares its turns with the first try: it neither adds to progress nor feeds cards twice.
    let progress = home.run(&["progress", "--format", "json"], "").json();
    assert_eq!(progress["verdicts"].as_array().unwrap().len(), 1, "{progress}");
    let none = home.run(&["sessions", "fork", &first, "--turn", "999"], "");
    assert_eq!(none.code, 1);
    assert!(none.err.contains("there is no turn 999 of the candidate"), "{}", none.err);
}

#[test]
fn two_answers_compare_point_by_point() {
    let home = Home::new();
    home.run(&["answer", "cdn"], "It makes pages load faster.");
    let first = latest(&home);
    home.run(
        &["answer", "cdn"],
        "A CDN keeps copies on edge servers close to users, so latency falls and the origin has less load.",
    );
    let text = home.run(&["sessions", "compare", &first, &latest(&home)], "").out;
    assert!(text.contains("\nscore ") && text.contains("\nWon\n"), "{text}");
    held(&home, "url-shortener", "Hello there.");
    assert_eq!(home.run(&["sessions", "compare", &first, &latest(&home)], "").code, 1);
}

#[test]
fn a_backup_is_whole_and_private_and_never_overwrites() {
    let home = Home::new();
    let id = held(&home, "url-shortener", &fixture("interviews/url-shortener-mid.txt"));
    let report = home.run(&["report", &id], "").out;
    let ran = home.run(&["sessions", "backup", "copy.db"], "");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(home.run(&["sessions", "backup", "copy.db"], "").code, 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(home.path().join("copy.db")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let other = Home::new();
    std::fs::copy(home.path().join("copy.db"), other.path().join("greenroom.db")).unwrap();
    assert_eq!(other.run(&["report", &id], "").out, report);
}

#[test]
fn words_leave_every_file_also_when_another_process_was_reading() {
    let home = Home::new();
    let id = held(&home, "url-shortener", "We store xylophonic zeppelins in the database.");
    held(&home, "messaging", "Other words.");
    let reader = rusqlite::Connection::open(home.path().join("greenroom.db")).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    let count: i64 = reader.query_row("SELECT COUNT(*) FROM events", [], |row| row.get(0)).unwrap();
    assert!(count > 0);
    let deleted = home.run(&["sessions", "delete", &id], "");
    assert_eq!(deleted.code, 1, "{deleted:?}");
    assert!(deleted.err.contains("some of their words are left"), "{}", deleted.err);
    drop(reader);
    assert_eq!(home.run(&["sessions", "delete"], "").code, 0);
    assert_eq!(folder_holds(home.path(), "zeppelin"), Vec::<String>::new());
    assert_eq!(folder_holds(home.path(), "xylophon"), Vec::<String>::new());
}

#[test]
fn the_latest_finds_come_first_with_their_session() {
    let home = Home::new();
    held(&home, "url-shortener", "We put a cache in front of the database.");
    held(&home, "messaging", "The cache keeps who is online.");
    let found = home.run(&["sessions", "search", "cache", "--format", "json"], "").json();
    let titles: Vec<&str> =
        found.as_array().unwrap().iter().map(|row| row["title"].as_str().unwrap()).collect();
    assert_eq!(titles.first().map(|title| title.contains("essag")), Some(true), "{found}");
    assert!(titles.last().is_some_and(|title| title.contains("URL")), "{found}");
}

#[test]
fn an_export_for_others_names_nobody_and_can_be_read_again() {
    let (home, other) = (Home::new(), Home::new());
    let transcript = "Interviewer: Hello Wilhelmina, design a URL shortener.\n\nWilhelmina: How many links a day? My address is \
        wilhelmina@example.org. We keep each short link beside its long one in a key-value store.\n";
    std::fs::write(home.path().join("acme-round.md"), transcript).expect("written");
    let ran = home.run(&["review", "acme-round.md", "--problem", "url-shortener"], "");
    assert_eq!(ran.code, 0, "{ran:?}");
    home.run(&["answer", "cdn"], "A CDN keeps copies close to users, as Zebulon told me.");
    home.run(&["interview", "url-shortener"], "/notes ask about Zebulon\n\nHow many links are made a day?");
    let ids: Vec<String> = {
        let list = home.run(&["sessions", "list", "--format", "json"], "").json();
        list.as_array()
            .expect("a list")
            .iter()
            .map(|row| row["id"].as_str().expect("an id").to_owned())
            .collect()
    };
    assert_eq!(ids.len(), 3);
    let export = |format: &str| {
        let ran = home
            .run(&["sessions", "export", "--all", "--share", "--name", "Zebulon", "--format", format], "");
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.err.contains("Taken out: the names"), "{}", ran.err);
        ran.out
    };
    let (lines, markdown) = (export("json"), export("md"));
    for text in [&lines, &markdown] {
        let lower = text.to_lowercase();
        for word in ["wilhelmina", "zebulon", "example.org", "acme"] {
            assert!(!lower.contains(word), "{word}: {text}");
        }
        assert!(!ids.iter().any(|id| text.contains(id)), "{text}");
        assert!(text.contains("[name]") && text.contains("key-value store"), "{text}");
    }
    std::fs::write(other.path().join("shared.jsonl"), &lines).expect("written");
    let imported = other.run(&["sessions", "import", "shared.jsonl"], "");
    assert_eq!((imported.code, imported.out.lines().count()), (0, 3), "{imported:?}");
    assert!(imported.out.lines().all(|id| id.starts_with("shared-")), "{imported:?}");
    assert!(!imported.err.contains("dropped"), "every quote is in a turn: {}", imported.err);
    let review = imported
        .out
        .lines()
        .find(|id| other.run(&["sessions", "show", id], "").out.contains("key-value store"));
    let report = other.run(&["report", review.expect("the review"), "--format", "json"], "").json();
    assert!(report["criteria"].as_array().is_some_and(|criteria| !criteria.is_empty()), "{report}");
}
