//! `greenroom sessions` and `greenroom report`: what history offers.

use crate::support::Home;

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
