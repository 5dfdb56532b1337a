//! Reports as pages: from each command that ends in a report, to standard output or to a file.

use crate::support::{Home, fixture};

#[test]
fn an_interview_a_review_and_a_report_each_give_one_whole_page() {
    let home = Home::new();
    std::fs::write(home.path().join("mock.md"), fixture("transcripts/leaderboard-fluent-wrong.md")).unwrap();
    let turns = fixture("interviews/hostile.txt");
    let pages = [
        home.run(&["interview", "messaging", "--seed", "1", "--format", "html"], turns),
        home.run(&["review", "mock.md", "--format", "html"], ""),
        home.run(&["report", "--format", "html"], ""),
    ];
    for ran in &pages {
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.out.starts_with("<!DOCTYPE html>") && ran.out.ends_with("</html>\n"), "{}", ran.out);
        assert!(!ran.out.contains("<script") && !ran.out.contains('\u{1b}'), "{}", ran.out);
        assert!(ran.out.len() < 300_000, "{} bytes", ran.out.len());
    }
    assert_eq!(pages[1].out, pages[2].out, "the latest report is the review's");
}

#[test]
fn a_report_goes_to_a_file_in_the_format_of_its_ending() {
    let home = Home::new();
    let turns = fixture("interviews/url-shortener-mid.txt");
    assert_eq!(home.run(&["interview", "url-shortener", "--seed", "1", "-q"], turns).code, 0);
    let rows = [
        (["report", "--out", "r.html"].to_vec(), "r.html", "<!DOCTYPE html>"),
        (["report", "--out", "r.md"].to_vec(), "r.md", "# url-shortener"),
        (["report", "--out", "r.json"].to_vec(), "r.json", "{"),
        (["report", "--out", "r.txt", "--format", "html"].to_vec(), "r.txt", "<!DOCTYPE html>"),
    ];
    for (arguments, file, begins) in rows {
        let ran = home.run(&arguments, "");
        assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
        let text = std::fs::read_to_string(home.path().join(file)).unwrap();
        assert!(text.starts_with(begins), "{arguments:?}: {}", &text[..60]);
    }
    let ran = home.run(&["report", "--out", "no/such/folder.html"], "");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("cannot be written"), "{}", ran.err);
}
