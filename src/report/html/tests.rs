use super::*;
use crate::assets::Assets;
use crate::diagram;
use crate::grading::{
    Assessment, Clarified, Correction, CriterionGrade, Evidence, Flag, InterviewGrade, PointGrade,
    PointStatus, SeniorityLevel, Verdicts,
};
use crate::interview::{Event, Phase, Plan, Record, SessionKind, Start, Style, TimeMode, Why};
use crate::report::{Conversation, Interviewer, PhaseTime, TimeUse};
use crate::text::sanitise;
use crate::transcript::{FoundBy, Provenance, Speaker, SpeakerShare, Timing};

/// A page on which every text from outside is `text`.
fn page_of(text: &str) -> String {
    let assets = Assets::embedded();
    let mut rubric = assets.rubric("system-design").expect("the built-in rubric");
    let mut graph = diagram::read("flowchart LR\n a[Client] --> b[Store]").expect("a drawing");
    let known = rubric.criteria[0].id.clone();
    rubric.title = text.to_owned();
    rubric.criteria[0].title = text.to_owned();
    rubric.criteria[0].asks = text.to_owned();
    rubric.criteria[0].anchors.iter_mut().for_each(|anchor| *anchor = text.to_owned());
    rubric.bars.mid.means = text.to_owned();
    let pack = assets.pack("system-design").expect("the built-in pack");
    let rules = assets.diagram_rules().expect("the built-in rules");
    let mut review = diagram::Reviewer::new(&pack.lexicon, rules).review(&mut graph, None).expect("a review");
    graph.components.iter_mut().for_each(|part| part.label = text.to_owned());
    review.issues = vec![diagram::Issue {
        kind: text.into(),
        at: text.into(),
        line: 1,
        message: text.into(),
        parts: Vec::new(),
    }];
    let phase = |id: &str| Phase {
        id: id.to_owned(),
        title: text.to_owned(),
        budget_s: 900,
        opening: text.to_owned(),
        closing: text.to_owned(),
    };
    let start = Start {
        kind: SessionKind::Interview,
        version: "0.1.0".into(),
        title: text.to_owned(),
        pack: text.to_owned(),
        pack_version: 1,
        problem_id: Some(text.to_owned()),
        problem: None,
        rubric: text.to_owned(),
        digests: std::collections::BTreeMap::new(),
        plan: Plan { phases: vec![phase("requirements"), phase("discussion")] },
        level: SeniorityLevel::Senior,
        style: Style::Neutral,
        time: TimeMode::Soft,
        coach: text.to_owned(),
        seed: 1,
        forked_from: None,
    };
    let said = |speaker| Event::Said { speaker, text: text.to_owned(), acts: vec![], partial: false };
    let events = [
        Event::Started(Box::new(start)),
        Event::PhaseEntered { phase: 0 },
        said(Speaker::Interviewer),
        said(Speaker::Candidate),
        said(Speaker::Other),
        Event::Ended { why: Why::PlanDone },
    ];
    let record = |(seq, event)| Record { seq, at_ms: 0, active_ms: 61_000 * seq, event };
    let log: Vec<Record> = (0..).zip(events).map(record).collect();
    let state = State::replay(&log).expect("a session");
    let transcript = state.transcript();
    let evidence = || Evidence::find(&transcript, text, Some(1)).expect("it was said");
    let criteria = vec![
        CriterionGrade {
            id: known.clone(),
            assessment: Assessment::of_score(2.6, vec![evidence()]),
            strengths: vec![text.to_owned()],
            improvements: vec![text.to_owned()],
        },
        CriterionGrade {
            id: text.to_owned(),
            assessment: Assessment::NotAssessed { reason: text.to_owned() },
            strengths: vec![],
            improvements: vec![],
        },
    ];
    let point = |status, turn: Option<usize>| PointGrade {
        id: text.to_owned(),
        phase: text.to_owned(),
        criterion: known.clone(),
        point: text.to_owned(),
        status,
        quote: turn.map_or(String::new(), |_| text.to_owned()),
        turn,
        at: None,
        hints: 1,
        said_by_interviewer: true,
    };
    let points = vec![
        point(PointStatus::Covered, Some(1)),
        point(PointStatus::Wrong, Some(1)),
        // A turn that is not there: no link.
        point(PointStatus::Partial, Some(99)),
        point(PointStatus::Missed, None),
    ];
    let grade = InterviewGrade {
        grader: text.to_owned(),
        verdicts: Verdicts::of(&rubric, &criteria),
        criteria,
        points,
        corrections: vec![Correction {
            criterion: known,
            evidence: evidence(),
            correction: format!("No: {text}"),
        }],
        flags: vec![Flag::TooShort],
        feedback: vec![format!("Drill: {text}"), format!("You said: {text} No: {text}")],
        usage: None,
    };
    let phase = |id: &str, used_s| PhaseTime { id: id.into(), planned_s: Some(900), used_s };
    let time = TimeUse {
        planned_s: Some(1800),
        used_s: Some(1000),
        phases: vec![phase("requirements", Some(1000)), phase(text, None)],
        talk_ratio: Some(0.75),
    };
    let mut report = Report::new(text, Some(text.to_owned()), grade, time);
    let speakers = vec![SpeakerShare { name: text.to_owned(), words: 3, candidate: true }];
    let provenance = Provenance { speakers, found_by: FoundBy::Label, timing: Timing::default() };
    report.conversation = Some(Conversation::new(&transcript, provenance, Clarified::default()));
    report.interviewer = Interviewer::of(&state);
    let drawings = [
        Drawing { source: text.to_owned(), read: None },
        Drawing { source: text.to_owned(), read: Some((graph, review)) },
    ];
    let reader = Reader::Candidate;
    html(&Page {
        report: &report,
        rubric: &rubric,
        state: &state,
        drawings: &drawings,
        held: Some(text),
        reader,
    })
}

/// A page of progress on which every text from outside is `text`.
fn progress_of(text: &str) -> String {
    let bucket = |from: &str, mean: f64| serde_json::json!({"from": from, "to": from, "grades": 2, "mean": mean, "low": mean - 0.2, "high": mean + 0.2});
    let change = serde_json::json!({"direction": "within_noise", "by": 0.2, "noise": 0.5, "window": 2});
    let track = |lowest: f64, highest: f64| {
        serde_json::json!({"id": text, "title": text, "lowest": lowest, "highest": highest, "grader": text, "grades": 4,
            "left_out": 1, "series": [bucket("2026-05-01", 2.0), bucket("2026-05-09", 2.5)], "now": 2.5, "change": change})
    };
    let weeks: Vec<_> = (1..=3)
        .map(|n| serde_json::json!({"monday": format!("2026-05-0{n}"), "sessions": n, "days": n, "used_s": 600 * n}))
        .collect();
    let part = serde_json::json!({"done": 1, "all": 4});
    let value = serde_json::json!({
        "date": "2026-05-09",
        "practice": {"interviews": 2, "answers": 1, "reviews": 0, "diagrams": 0, "used_s": 3600, "last_week_s": 600, "days": 4,
            "streak_days": 2, "longest_streak_days": 3, "weeks": weeks},
        "criteria": [track(1.0, 4.0)],
        "topics": [track(0.0, 10.0)],
        "verdicts": [{"session_id": text, "date": "2026-05-09", "problem": text, "grader": text, "senior": "yes"}],
        "drill": {"cards": 3, "due": 1, "unseen": 7, "ahead": [1, 0, 2, 0, 0, 0, 0], "known": 0.9, "retention": 0.88,
            "weakest": [{"card": "question:cdn", "title": text, "recall": 0.6, "due": "2026-05-10", "lapses": 1}]},
        "coverage": {"questions": part, "problems": part, "points": part, "checklist": part},
        "checklist": [{"id": text, "item": text, "ticked_by": "hand"}, {"id": text, "item": text, "ticked_by": null}],
        "next": [{"command": text, "why": text}],
    });
    progress_page(&serde_json::from_value(value).expect("progress"))
}

/// The tags of a page, pictures without their content.
fn tags(page: &str) -> Vec<String> {
    let style = page.find("<style>").expect("a style")..page.find("</style>").expect("its end");
    let page = page.replace(&page[style], "");
    let mut tags: Vec<String> = page
        .split('<')
        .skip(1)
        .map(|piece| piece.split_inclusive('>').next().unwrap_or_default().to_owned())
        .collect();
    tags.retain(|tag| !tag.starts_with("img src=\"data:image/svg+xml;base64,"));
    tags
}

#[test]
fn nothing_that_was_said_becomes_markup_or_steers_the_reader() {
    let attacks = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</p></article></main><h1>other</h1>",
        "</style></title><!-- --> ]]>",
        "&lt;b&gt; &#x3c;b&#62; &amp;",
        "a javascript:alert(1) url(http://evil.example/) @import",
        "a\u{202e}gnp.exe \u{2066}b\u{2069}",
        "a \u{1b}[31mred\u{1b}]0;title\u{7} \u{0}\u{1}\u{9b}2J b",
        "a\r\n\r\n<td>\u{2028}b\u{feff}\u{200b}c",
        "{{ words }} ${words} %s",
    ];
    for page_with in [page_of, progress_of] {
        let theirs = tags(&page_with("plain words"));
        for attack in attacks {
            let page = page_with(attack);
            let ours = tags(&page);
            let differs = ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs);
            assert_eq!((differs, ours.len()), (None, theirs.len()), "{attack:?}");
            assert!(sanitise(&page) == page, "{attack:?}");
        }
    }
}

#[test]
fn every_link_leads_somewhere_on_the_page_and_every_id_is_there_once() {
    let page = page_of("plain words");
    let values = |name: &str| -> Vec<String> {
        let start = format!(" {name}=\"");
        let pieces = page.split(start.as_str()).skip(1);
        pieces.map(|piece| piece.split('"').next().unwrap_or_default().to_owned()).collect()
    };
    let ids = values("id");
    let unique: std::collections::BTreeSet<&String> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "{ids:?}");
    let links = values("href");
    assert!(links.iter().filter(|link| link.starts_with("#turn-")).count() >= 4, "{links:?}");
    for link in links.iter().filter(|link| *link != "data:,") {
        assert!(ids.iter().any(|id| Some(id.as_str()) == link.strip_prefix('#')), "{link}");
    }
}

#[test]
fn the_policy_lets_the_page_load_nothing_and_use_its_own_style_alone() {
    use base64::Engine;
    use sha2::Digest;
    let page = page_of("plain words");
    let style = &page[page.find("<style>").expect("a style") + 7..page.find("</style>").expect("its end")];
    let digest = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(style.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    );
    assert!(page.contains(&format!("content=\"{policy}\"")));
    assert!(!page.contains(" style=\""), "the policy would drop it");
    assert!(!page.contains("http:") && !page.contains("https:"), "nothing is elsewhere");
}

/// The headings of a page, each set in by its level.
fn outline(page: &str) -> String {
    let outline: Vec<String> = page
        .split("<h")
        .skip(1)
        .filter_map(|piece| {
            let (level, rest) = piece.split_at(1);
            let level: usize = level.parse().ok()?;
            let text = rest.split_once('>')?.1.split("</h").next()?;
            let mut is_tag = false;
            let mut plain = String::new();
            for character in text.chars() {
                match character {
                    '<' => is_tag = true,
                    '>' => is_tag = false,
                    c if !is_tag => plain.push(c),
                    _ => {}
                }
            }
            Some(format!("{}{plain}", "  ".repeat(level - 1)))
        })
        .collect();
    outline.join("\n")
}

#[test]
fn a_page_has_its_headings_in_order() {
    insta::assert_snapshot!(outline(&page_of("plain words")), @r"
    plain words
      Verdict
        Noticed
      What to practise next
      Criteria
        plain words level 3 of 4
          What was good
          What would raise it
        plain words not assessed
      Corrections
      Agenda
        Plain words
      Time and talk
      Conversation
      Interviewer
      Drawings
        Look again at
      What was said
        plain words
    ");
    insta::assert_snapshot!(outline(&progress_of("plain words")), @r"
    Where you stand
      What to do next
      Practice
      Criteria
        plain words 2.5
      Topics
      Verdicts
      Drill
        Most likely forgotten
      Coverage and checklist
        What to master
    ");
}
