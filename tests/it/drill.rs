//! `greenroom drill`: what is due is asked, weakest first, and comes back by its grade.

use greenroom::store::Store;
use serde_json::Value;

use crate::support::{Home, Ran, fixture, graded};

const DAY_MS: i64 = 86_400_000;

const LOAD_BALANCER: &str = "A load balancer spreads requests over several servers, checks their health and takes \
failed ones out. Round robin gives each server the next request in turn; least connections picks the server with \
the fewest open ones; a hash of the client's address keeps a client on one server.";

/// Moves everything that was practised `days` into the past.
fn age(home: &Home, days: i64) {
    let database = rusqlite::Connection::open(home.path().join("greenroom.db")).unwrap();
    database.execute("UPDATE events SET at_ms = at_ms - ?1", [days * DAY_MS]).unwrap();
    drop(database);
    Store::open(home.path()).unwrap().rebuild().unwrap();
}

fn cards(rows: &Value) -> Vec<&str> {
    rows.as_array().unwrap().iter().map(|row| row["card"].as_str().unwrap()).collect()
}

fn listed(home: &Home, extra: &[&str]) -> Value {
    let arguments = [&["drill", "--list", "--format", "json"], extra].concat();
    home.run(&arguments, "").json()
}

fn drilled(home: &Home, arguments: &[&str], input: &str) -> (Ran, Value) {
    let ran = home.run(&[&["drill", "--format", "json"], arguments].concat(), input);
    assert_eq!(ran.code, 0, "{ran:?}");
    let value = ran.json();
    (ran, value)
}

#[test]
fn new_questions_are_rationed_and_what_was_forgotten_comes_back_first() {
    let home = Home::new();
    let fresh = listed(&home, &[]);
    assert_eq!(cards(&fresh), ["question:load-balancing", "question:proxies", "question:cache-invalidation"]);
    let input = format!("{LOAD_BALANCER}\n\n/skip\n\nI do not know.\n");
    let (ran, result) = drilled(&home, &[], &input);
    assert!(ran.err.contains("What is a load balancer"), "questions go to standard error: {}", ran.err);
    let answers = result["answers"].as_array().unwrap();
    assert_eq!(cards(&result["answers"]), ["question:load-balancing", "question:cache-invalidation"]);
    assert_eq!(result["skipped"], serde_json::json!(["question:proxies"]));
    assert!(answers[0]["grade"]["score"].as_f64() > answers[1]["grade"]["score"].as_f64(), "{result}");
    assert_eq!(answers[1]["rating"], "again");
    assert!(answers[0]["due"].as_str() > answers[1]["due"].as_str(), "{result}");
    assert_eq!(result["next_due"], answers[1]["due"]);
    // One of today's three is left, and nothing is due before tomorrow.
    assert_eq!(cards(&listed(&home, &[])), ["question:proxies"]);
    age(&home, 40);
    let due = listed(&home, &["--count", "2"]);
    assert_eq!(cards(&due), ["question:cache-invalidation", "question:load-balancing"]);
    assert!(due[0]["recall"].as_f64() < due[1]["recall"].as_f64(), "{due}");
    let list = home.run(&["sessions", "list", "--format", "json"], "").json();
    assert_eq!(list.as_array().unwrap().len(), 2, "each answer is a session; a skipped one is none");
}

#[test]
fn weak_points_of_an_interview_are_drilled_on_their_own() {
    let home = Home::new();
    home.run(
        &["interview", "url-shortener", "--minutes", "45"],
        fixture("interviews/url-shortener-weak.txt"),
    );
    age(&home, 2);
    let due = listed(&home, &["--topic", "url-shortener", "--count", "50"]);
    let points: Vec<&Value> = due
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["card"].as_str().unwrap().starts_with("point:"))
        .collect();
    assert!(points.len() > 2, "{due}");
    let first = points[0]["card"].as_str().unwrap().to_owned();
    let point = first.rsplit('/').next().unwrap();
    // The point in the pack's own words is a full answer to it.
    let problem = home.run(&["problems", "show", "url-shortener", "--spoil", "--format", "json"], "").json();
    let find =
        |point: &str| problem["point"].as_array().unwrap().iter().find(|it| it["id"] == *point).cloned();
    let text = find(point).unwrap()["text"].as_str().unwrap().to_owned();
    let (_, result) = drilled(&home, &["--topic", "url-shortener", "--count", "1"], &text);
    assert_eq!(result["answers"][0]["card"], first.as_str());
    assert!(result["answers"][0]["grade"]["score"].as_f64().unwrap() >= 9.0, "{result}");
    let after = listed(&home, &["--topic", "url-shortener", "--count", "50"]);
    assert!(!cards(&after).contains(&first.as_str()), "known again: {after}");
}

#[test]
fn a_topic_chooses_and_an_unknown_one_is_named() {
    let home = Home::new();
    let rows = listed(&home, &["--topic", "caching"]);
    assert!(cards(&rows).contains(&"question:cdn"), "{rows}");
    for card in cards(&rows) {
        let id = card.trim_start_matches("question:");
        let shown = home.run(&["questions", "show", id, "--format", "json"], "").json();
        assert!(shown["topics"].as_array().unwrap().contains(&"caching".into()), "{shown}");
    }
    let ran = home.run(&["drill", "--topic", "cooking"], "");
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.err, @r"
    error: nothing is about `cooking`
    hint: `greenroom questions list` shows the topics in brackets
    ");
}

#[test]
fn questions_of_the_notes_are_drilled_too() {
    let home = Home::new();
    let notes = "# Notes\n\n### Q1: What is a bloom filter?\n\nA **bloom filter** says that a key may be there, or \
surely is not. It never misses a key that was added.\n";
    std::fs::write(home.path().join("notes.md"), notes).unwrap();
    assert_eq!(home.run(&["material", "add", "notes.md"], "").code, 0);
    let rows = listed(&home, &["--topic", "bloom filter"]);
    let card = rows[0]["card"].as_str().unwrap().to_owned();
    assert!(card.starts_with("notes:"), "{rows}");
    let answer = "It tells that a key may be there or is surely not; a key that was added is never missed.";
    let (_, result) = drilled(&home, &["--topic", "bloom filter"], answer);
    assert_eq!(result["answers"][0]["card"], card.as_str());
    assert!(result["answers"][0]["grade"]["score"].as_f64().unwrap() > 5.0, "{result}");
}

#[test]
fn a_drill_for_people_says_when_each_comes_back() {
    let home = Home::new();
    let ran = home.run(&["drill", "--count", "2"], format!("{LOAD_BALANCER}\n\nI do not know.\n"));
    assert_eq!(ran.code, 0, "{ran:?}");
    for part in [
        "── 1 of 2 · new ──",
        "What is a load balancer",
        "comes back in ",
        "Not known yet: comes back tomorrow.",
        "Answered 2, known 1.",
    ] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
}

#[test]
fn the_schedule_is_fitted_once_there_is_enough_history_and_says_so() {
    let home = Home::new();
    let mut store = Store::open(home.path()).unwrap();
    let questions = home.run(&["questions", "list", "--format", "json"], "").json();
    let ids: Vec<String> =
        questions.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    // One who forgets within three days what others keep for weeks.
    let today = 20_700;
    for (number, id) in ids.iter().enumerate() {
        for step in 0..22 {
            let day = today - 90 + 4 * step + i64::try_from(number % 3).unwrap();
            let score = if step % 4 == 0 { 9.0 } else { 1.0 };
            let session = format!("{id}-{step}");
            store.append(&session, &graded(id, None, score, day * DAY_MS + DAY_MS / 2, 60_000)).unwrap();
        }
    }
    drop(store);
    let (ran, _) = drilled(&home, &["--count", "1"], "I do not know.");
    assert!(ran.err.contains("The schedule was fitted to your "), "{}", ran.err);
    let (again, _) = drilled(&home, &["--count", "1"], "I do not know.");
    assert!(!again.err.contains("fitted"), "not again before there is a quarter more: {}", again.err);
}
