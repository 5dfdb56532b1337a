//! `greenroom questions`, `problems` and `rubric`: lists for programs, nothing spoiled unasked.

use serde_json::Value;

use crate::support::Home;

fn rows(home: &Home, arguments: &[&str]) -> Vec<Value> {
    let ran = home.run(arguments, "");
    assert_eq!(ran.code, 0, "{}", ran.err);
    serde_json::from_str(&ran.out).expect("an array")
}

#[test]
fn every_list_is_an_array_of_objects_with_id_and_title() {
    let home = Home::new();
    for list in ["questions", "problems", "rubric"] {
        let rows = rows(&home, &[list, "list", "--format", "json"]);
        assert!(!rows.is_empty(), "{list}");
        assert!(rows.iter().all(|row| row["id"].is_string() && row["title"].is_string()), "{list}");
    }
}

#[test]
fn a_search_finds_by_stem_and_by_beginning() {
    let home = Home::new();
    let ids = |words: &str| -> Vec<Value> {
        rows(&home, &["questions", "search", words, "--format", "json"])
            .iter()
            .map(|row| row["id"].clone())
            .collect()
    };
    assert!(ids("forward proxies").contains(&"proxies".into()));
    assert!(ids("prox").contains(&"proxies".into()));
    assert_eq!(ids("zebra"), Vec::<Value>::new());
}

#[test]
fn what_a_good_answer_covers_is_shown_only_when_asked_for() {
    let home = Home::new();
    let plain = home.run(&["questions", "show", "proxies"], "");
    let spoilt = home.run(&["questions", "show", "proxies", "--spoil"], "");
    assert_eq!((plain.code, spoilt.code), (0, 0));
    assert!(!plain.out.contains("covers:\n") && spoilt.out.contains("A good answer covers:"));
    let ran = home.run(&["questions", "show", "proxis"], "");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("did you mean `proxies`?"), "{}", ran.err);
}

#[test]
fn a_rubric_with_faults_is_told_all_of_them() {
    let home = Home::new();
    assert_eq!(home.run(&["rubric", "check"], "").code, 0);
    let sound = home.run(&["rubric", "show", "--format", "json"], "").out;
    let mut rubric: Value = serde_json::from_str(&sound).expect("JSON");
    rubric["criterion"][0]["weight"] = 0.0.into();
    rubric["bars"]["mid"]["yes"] = 9.0.into();
    let broken = toml::to_string(&rubric).expect("TOML");
    std::fs::write(home.path().join("mine.toml"), broken).expect("written");
    let ran = home.run(&["rubric", "check", "mine.toml"], "");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("must be above 0") && ran.err.contains("the bar for mid"), "{}", ran.err);
}
