use super::*;
use crate::grading::{AnswerGrade, Confidence, SeniorityLevel};
use crate::interview::{Plan, Start, Style, TimeMode, Why};
use crate::schedule::{CardId, PracticeDay, Rating, fit};
use crate::transcript::Speaker;

fn started() -> Event {
    Event::Started(Box::new(Start {
        kind: SessionKind::Interview,
        version: "0".into(),
        title: "URL shortener".into(),
        pack: "system-design".into(),
        pack_version: 1,
        problem_id: Some("url-shortener".into()),
        problem: None,
        rubric: "system-design".into(),
        digests: Default::default(),
        plan: Plan::default(),
        level: SeniorityLevel::Senior,
        style: Style::Neutral,
        time: TimeMode::Soft,
        coach: "embedded@0".into(),
        seed: 1,
        forked_from: None,
    }))
}

fn said(text: &str) -> Event {
    Event::Said { speaker: Speaker::Candidate, text: text.into(), acts: vec![], partial: false }
}

fn record(seq: u64, event: Event) -> Record {
    Record { seq, at_ms: 1_000 + i64::try_from(seq).expect("small"), active_ms: seq * 10, event }
}

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open_in(&folder.path().join("data"), TimeZone::UTC).expect("a store");
    (folder, store)
}

#[test]
fn what_is_appended_is_read_back_in_order() {
    let (_folder, mut store) = store();
    let log = vec![
        record(0, started()),
        record(1, said("shard by user")),
        record(2, Event::Ended { why: Why::PlanDone }),
    ];
    store.append("a1", &log[..1]).expect("the start");
    store.append("a1", &log[1..]).expect("the rest");
    assert_eq!(store.read("a1").expect("the log"), log);
    let listed = store.find("a1").expect("the session");
    assert_eq!((listed.summary.turns, listed.summary.ended_at_ms), (1, Some(1_002)));
}

#[test]
fn two_writers_cannot_both_append() {
    let (_folder, mut store) = store();
    store.append("a1", &[record(0, started()), record(1, said("one"))]).expect("the start");
    let late = store.append("a1", &[record(1, said("other"))]);
    assert!(matches!(late, Err(StoreError::Conflict { .. })), "{late:?}");
    assert_eq!(store.read("a1").expect("the log").len(), 2);
}

#[test]
fn deleted_words_are_in_no_file() {
    let (folder, mut store) = store();
    store.append("a1", &[record(0, started()), record(1, said("xylophonic zeppelins"))]).expect("appended");
    store.append("b2", &[record(0, started()), record(1, said("other words"))]).expect("appended");
    assert_eq!(store.search("zeppelin", 5).expect("a search").len(), 1);
    store.delete(&["a1".into()]).expect("deleted");
    drop(store);
    for entry in std::fs::read_dir(folder.path().join("data")).expect("the folder").flatten() {
        let bytes = std::fs::read(entry.path()).expect("a file");
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(!text.contains("xylophon") && !text.contains("zeppelin"), "{}", entry.path().display());
    }
}

#[test]
fn a_newer_database_is_refused_and_left_alone() {
    let (folder, store) = store();
    store.database().execute_batch("PRAGMA user_version = 99").expect("set");
    drop(store);
    let error = Store::open(&folder.path().join("data")).expect_err("too new");
    assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error:?}");
}

#[test]
fn a_file_that_is_no_database_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(FILE), "this is no database, but it is long enough to be one")
        .expect("written");
    let error = Store::open(folder.path()).expect_err("no database");
    assert!(error.to_string().contains(FILE), "{error}");
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, mut store) = store();
    store.append("a1", &[record(0, started())]).expect("appended");
    let mode = |path: &Path| std::fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    let data = folder.path().join("data");
    assert_eq!(mode(&data), 0o700);
    for entry in std::fs::read_dir(&data).expect("the folder").flatten() {
        assert_eq!(mode(&entry.path()), 0o600, "{}", entry.path().display());
    }
}

#[test]
fn projections_can_be_made_anew_from_the_events() {
    let (_folder, mut store) = store();
    store.append("a1", &[record(0, started()), record(1, said("shard by user"))]).expect("appended");
    store.append("b2", &on_day(10, answered("cdn", 9.5))).expect("appended");
    let (before, cards) = (store.list().expect("a list"), store.cards().expect("cards"));
    assert_eq!((before.len(), cards.len()), (2, 1));
    store
        .database()
        .execute_batch("DELETE FROM sessions; DELETE FROM turns; DELETE FROM cards")
        .expect("emptied");
    store.rebuild().expect("rebuilt");
    assert_eq!((store.list().expect("a list"), store.cards().expect("cards")), (before, cards));
    assert_eq!(store.search("sharding", 5).expect("a search").len(), 1);
}

#[test]
fn a_session_is_open_in_one_process_at_a_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let held = SessionLock::take(folder.path(), "a1").expect("the lock");
    assert!(matches!(SessionLock::take(folder.path(), "a1"), Err(StoreError::Locked { .. })));
    drop(held);
    SessionLock::take(folder.path(), "a1").expect("the lock again");
}

#[test]
fn a_full_disk_is_named_and_what_was_acknowledged_stays() {
    let (_folder, mut store) = store();
    store.append("a1", &[record(0, started()), record(1, said("one"))]).expect("appended");
    store.database().execute_batch("PRAGMA max_page_count = 1").expect("set");
    let error = store.append("a1", &[record(2, said(&"words ".repeat(100_000)))]).expect_err("no room");
    assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
    assert_eq!(store.read("a1").expect("the log").len(), 2);
}

fn answered(question: &str, score: f64) -> Vec<Event> {
    let mut start = match started() {
        Event::Started(start) => start,
        other => panic!("{other:?}"),
    };
    (start.kind, start.problem_id) = (SessionKind::Answer, Some(question.into()));
    let grade = AnswerGrade {
        score,
        max_score: 10.0,
        confidence: Confidence(0.9),
        grader: "embedded@0".into(),
        points: vec![],
        errors: vec![],
        flags: vec![],
        feedback: String::new(),
        usage: None,
    };
    let asked =
        Event::Asked { question_id: Some(question.into()), question: "What?".into(), reference: None };
    let answered = Event::Answered { text: "That.".into() };
    vec![Event::Started(start), asked, answered, Event::AnswerGraded { grade: Box::new(grade) }]
}

const DAY_MS: i64 = 86_400_000;

/// A session on a day, at noon.
fn on_day(day: i64, events: Vec<Event>) -> Vec<Record> {
    let record =
        |(seq, event)| Record { seq, at_ms: day * DAY_MS + DAY_MS / 2, active_ms: seq * 1000, event };
    (0..).zip(events).map(record).collect()
}

fn cdn() -> CardId {
    CardId::Question("cdn".into())
}

#[test]
fn a_graded_answer_becomes_a_card_and_goes_with_its_session() {
    let (_folder, mut store) = store();
    store.append("a1", &on_day(10, answered("cdn", 9.5))).expect("appended");
    store.append("a2", &on_day(15, answered("cdn", 2.0))).expect("appended");
    let card = store.card(&cdn()).expect("a card").expect("a card");
    assert_eq!((card.reviews, card.lapses, card.last, card.due), (2, 1, Day(15), Some(Day(16))));
    assert_eq!(store.tested_since(Day(0)).expect("a count"), (1, 0));
    store.delete(&["a2".into()]).expect("deleted");
    let before = store.card(&cdn()).expect("a card").expect("a card");
    assert_eq!((before.reviews, before.last), (1, Day(10)));
    store.delete(&["a1".into()]).expect("deleted");
    assert_eq!((store.cards().expect("cards"), store.outcomes().expect("outcomes")), (vec![], vec![]));
}

#[test]
fn cards_do_not_depend_on_the_order_in_which_sessions_came_in() {
    let logs = [
        ("a1", on_day(10, answered("cdn", 9.5))),
        ("a2", on_day(12, answered("cdn", 4.0))),
        ("a3", on_day(20, answered("cdn", 8.0))),
    ];
    let cards = |order: [usize; 3]| {
        let (_folder, mut store) = store();
        for index in order {
            store.append(logs[index].0, &logs[index].1).expect("appended");
        }
        store.cards().expect("cards")
    };
    assert_eq!(cards([0, 1, 2]), cards([2, 0, 1]));
    assert_eq!(cards([0, 1, 2])[0].reviews, 3);
}

#[test]
fn the_second_try_of_an_answer_is_no_second_review() {
    let (_folder, mut store) = store();
    let mut events = answered("cdn", 2.0);
    let again = answered("cdn", 9.0).pop().expect("a grade");
    events.extend([Event::Answered { text: "Better.".into() }, again]);
    let log = on_day(10, events);
    // One record at a time, as they are written.
    log.iter().for_each(|record| store.append("a1", std::slice::from_ref(record)).expect("appended"));
    let card = store.card(&cdn()).expect("a card").expect("a card");
    assert_eq!((card.reviews, card.score), (1, 0.2));
}

#[test]
fn a_database_of_the_first_schema_is_brought_up_to_date() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut store = Store::open_in(&data, TimeZone::UTC).expect("a store");
    store.append("a1", &on_day(10, answered("cdn", 9.5))).expect("appended");
    let (list, cards) = (store.list().expect("a list"), store.cards().expect("cards"));
    // As the first release left it: none of the tables and columns that came later.
    store
        .database()
        .execute_batch(
            "DROP TABLE outcomes; DROP TABLE reviews; DROP TABLE cards; DROP TABLE fits;
             DROP TABLE materials; DROP TABLE material_questions; DROP TABLE passages; DROP TABLE ticks;
             DROP INDEX sessions_by_day; DROP INDEX sessions_unfinished;
             ALTER TABLE sessions DROP COLUMN day; ALTER TABLE sessions DROP COLUMN turns;
             ALTER TABLE sessions DROP COLUMN used_ms;
             UPDATE sessions SET summary = json_remove(summary, '$.used_ms', '$.carried_ms');
             PRAGMA user_version = 1;",
        )
        .expect("taken back");
    drop(store);
    let store = Store::open_in(&data, TimeZone::UTC).expect("a store");
    assert_eq!((store.list().expect("a list"), store.cards().expect("cards")), (list, cards));
    assert_eq!(store.days().expect("days"), [PracticeDay { day: Day(10), sessions: 1, used_ms: 3000 }]);
    assert_eq!(store.outcomes().expect("outcomes")[0].outcome.score, Some(0.95));
}

#[test]
fn a_fit_reschedules_every_card() {
    let (_folder, mut store) = store();
    store.append("a1", &on_day(10, answered("cdn", 8.0))).expect("appended");
    let before = store.card(&cdn()).expect("a card").expect("a card");
    // One who forgets what he knew within a day.
    let forgets = (0..120).map(|n| {
        (0..5)
            .map(|step| (Day(n % 30 + 3 * step), if step % 2 == 0 { Rating::Good } else { Rating::Again }))
            .collect()
    });
    let histories: Vec<Vec<(Day, Rating)>> = forgets.collect();
    let fit = fit(&histories, &store.parameters().expect("parameters")).expect("a fit");
    store.keep_fit(1, &fit, false).expect("kept");
    assert_eq!(store.card(&cdn()).expect("a card").expect("a card"), before, "not adopted");
    store.keep_fit(2, &fit, true).expect("kept");
    let after = store.card(&cdn()).expect("a card").expect("a card");
    assert!(after.memory != before.memory, "{after:?}");
    assert_eq!(store.parameters().expect("parameters"), fit.parameters);
}
