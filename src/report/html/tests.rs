use super::*;
use crate::assets::Assets;
use crate::diagram;
use crate::grading::{
    Assessment, Clarified, Correction, CriterionGrade, Evidence, Flag, InterviewGrade, PointGrade,
    PointStatus, SeniorityLevel, Verdicts,
};
use crate::interview::{Event, Phase, Plan, Record, SessionKind, Start, Style, TimeMode, Why};
use crate::report::{Conversation, PhaseTime, TimeUse};
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
    let plain = page_of("plain words");
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
    for attack in attacks {
        let page = page_of(attack);
        let (ours, theirs) = (tags(&page), tags(&plain));
        let differs = ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs);
        assert_eq!((differs, ours.len()), (None, theirs.len()), "{attack:?}");
        assert!(sanitise(&page) == page, "{attack:?}");
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

#[test]
fn a_page_has_its_headings_in_order() {
    let page = page_of("plain words");
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
    insta::assert_snapshot!(outline.join("\n"), @r"
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
      Drawings
        Look again at
      What was said
        plain words
    ");
}
