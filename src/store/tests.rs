use super::*;
use crate::grading::SeniorityLevel;
use crate::interview::{Plan, Start, Style, TimeMode, Why};
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
    let store = Store::open(&folder.path().join("data")).expect("a store");
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
    store.delete("a1").expect("deleted");
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
    let before = store.list().expect("a list");
    store.database().execute_batch("DELETE FROM sessions; DELETE FROM turns").expect("emptied");
    store.rebuild().expect("rebuilt");
    assert_eq!(store.list().expect("a list"), before);
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
