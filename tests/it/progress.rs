//! `greenroom progress`: where you stand.

use crate::support::{Home, fixture};

#[test]
fn a_newcomer_is_told_where_to_begin() {
    let home = Home::new();
    let ran = home.run(&["progress"], "");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("Nothing practised yet."), "{}", ran.out);
    assert!(ran.out.contains("greenroom interview "), "{}", ran.out);
    assert!(ran.out.lines().all(|line| line.chars().count() <= 80), "{}", ran.out);
}

#[test]
fn interviews_and_answers_show_in_every_format() {
    let home = Home::new();
    home.run(&["interview", "url-shortener"], fixture("interviews/url-shortener-mid.txt"));
    home.run(&["answer", "cdn"], "A CDN keeps copies close to users, so pages load faster.");
    let progress = home.run(&["progress", "--format", "json"], "").json();
    assert_eq!(
        (&progress["practice"]["interviews"], &progress["practice"]["answers"]),
        (&1.into(), &1.into())
    );
    assert_eq!(progress["practice"]["streak_days"], 1);
    let criteria = progress["criteria"].as_array().unwrap();
    assert_eq!(criteria.len(), 5);
    assert!(criteria.iter().all(|track| track["change"]["direction"] == "too_few"), "{progress}");
    assert_eq!(progress["coverage"]["questions"]["done"], 1);
    assert!(
        progress["topics"].as_array().unwrap().iter().any(|track| track["id"] == "caching"),
        "{progress}"
    );
    let text = home.run(&["progress"], "").out;
    assert!(
        text.contains("too few to compare") && text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    let markdown = home.run(&["progress", "--format", "md"], "").out;
    assert!(markdown.contains("\n## Criteria, levels 1 to 4, by embedded\n"), "{markdown}");
}

#[test]
fn what_was_held_elsewhere_is_graded_but_no_practice_time() {
    let home = Home::new();
    let transcript = "Interviewer: Design a URL shortener.\n\nCandidate: How many users do we expect, and is it read heavy?\n";
    std::fs::write(home.path().join("mock.md"), transcript).unwrap();
    assert_eq!(home.run(&["review", "mock.md"], "").code, 0);
    let practice = home.run(&["progress", "--format", "json"], "").json()["practice"].clone();
    assert_eq!(
        (&practice["reviews"], &practice["days"], &practice["used_s"]),
        (&1.into(), &0.into(), &0.into())
    );
}
