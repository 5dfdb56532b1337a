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

#[test]
fn progress_is_a_page_with_the_figures_of_the_text() {
    let home = Home::new();
    let turns = fixture("interviews/url-shortener-mid.txt");
    assert_eq!(home.run(&["interview", "url-shortener", "--seed", "1", "-q"], turns).code, 0);
    let page = home.run(&["progress", "--format", "html"], "");
    assert_eq!(page.code, 0, "{}", page.err);
    assert!(page.out.starts_with("<!DOCTYPE html>") && page.out.ends_with("</html>\n"), "{}", page.out);
    let values = home.run(&["progress", "--format", "json"], "").json();
    for track in values["criteria"].as_array().unwrap() {
        let now = track["now"].as_f64().unwrap();
        let shown = format!("{} <span class=\"badge\">{now:.1}</span>", track["title"].as_str().unwrap());
        assert!(page.out.contains(&shown), "{shown} is not in\n{}", page.out);
    }
    assert_eq!(home.run(&["progress", "--out", "p.html"], "").code, 0);
    assert_eq!(std::fs::read_to_string(home.path().join("p.html")).unwrap(), page.out);
}

#[test]
fn a_shared_report_names_nobody_and_no_session() {
    let home = Home::new();
    let transcript = "Priya Raman: Hi Tomasz, design a URL shortener.\n\n\
        Tomasz Weber: Hi, I'm Tomasz. How many links are created per day, and is it read heavy? Mail me at tomasz@example.org.\n\n\
        Priya Raman: Thanks Tomasz. A hundred million a day, mostly reads.\n\n\
        Tomasz Weber: As Priya says, it is read heavy, so I, Tomasz, would put a cache before the key-value store, because reads \
        dominate a hundred to one; the price is staleness of a minute. My colleague Oluwaseun wrote one in /home/tomasz/short/notes.md.\n";
    std::fs::write(home.path().join("tomasz-mock.txt"), transcript).unwrap();
    let reviewed =
        home.run(&["review", "tomasz-mock.txt", "--candidate", "Tomasz", "--format", "json", "-q"], "");
    let id = reviewed.json()["session_id"].as_str().unwrap().to_owned();
    let levels = home.run(&["report", "--format", "md"], "").out;
    for format in ["md", "html"] {
        let ran = home.run(&["report", "--share", "--format", format, "--name", "Oluwaseun"], "");
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.err.contains("Read it before you send it"), "{}", ran.err);
        let lower = ran.out.to_lowercase();
        for told in [
            "tomasz",
            "weber",
            "priya",
            "raman",
            "oluwaseun",
            "example.org",
            "/home",
            &id,
            &id[id.len() - 8..],
        ] {
            assert!(!lower.contains(told), "{told} is in\n{}", ran.out);
        }
        assert!(ran.out.contains("would put a cache before the key-value store"), "{}", ran.out);
    }
    // Nothing but names is changed: the same levels and verdicts.
    let shared = home.run(&["report", "--share", "--name", "Oluwaseun"], "").out;
    let headings = |text: &str| -> Vec<String> {
        text.lines()
            .filter(|line| line.starts_with(['#', '|']) && !line.starts_with("# "))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(headings(&shared), headings(&levels));
    let ran = home.run(&["report", "--share", "--format", "json"], "");
    assert_eq!(ran.code, 2, "{}", ran.err);
}
