use super::*;
use crate::assets::Assets;
use crate::grading::{Assessment, Evidence, PointStatus, Rubric};
use crate::transcript::Turn;

fn rubric() -> Rubric {
    Assets::embedded().rubric("system-design").expect("the built-in rubric")
}

fn report() -> Report {
    let turn = |speaker, at, text: &str| Turn { speaker, at_seconds: at, phase: None, text: text.to_owned() };
    let transcript = Transcript {
        turns: vec![
            turn(Speaker::Interviewer, Some(0), "Design a chat."),
            turn(Speaker::Candidate, Some(75), "How many users? I would *push* over a WebSocket\u{1b}[31m."),
        ],
    };
    let evidence = Evidence::find(&transcript, "How many users?", None).into_iter().collect();
    let assessed = CriterionGrade {
        id: "requirements_clarification".into(),
        assessment: Assessment::of_score(2.6, evidence),
        strengths: vec!["You put numbers on the goals.".into()],
        improvements: vec![],
    };
    let unseen = CriterionGrade {
        id: "tradeoffs".into(),
        assessment: Assessment::NotAssessed { reason: "nobody raised it in this interview".into() },
        strengths: vec![],
        improvements: vec![],
    };
    let point = PointGrade {
        id: "push".into(),
        phase: "high_level_design".into(),
        criterion: "high_level_thinking".into(),
        point: "Pushes messages over an open connection.".into(),
        status: PointStatus::Partial,
        quote: "I would *push* over a WebSocket".into(),
        turn: Some(1),
        at: Some(75),
        hints: 1,
        said_by_interviewer: false,
    };
    let grade = InterviewGrade {
        grader: "embedded@0.1.0".into(),
        verdicts: Verdicts::of(&rubric(), std::slice::from_ref(&assessed)),
        criteria: vec![assessed, unseen],
        points: vec![point],
        corrections: vec![],
        flags: vec![Flag::TooShort],
        feedback: vec!["First gap: Trade-offs.".into(), "Drill: write it down.".into()],
        usage: None,
    };
    let phase = |id: &str, planned_s, used_s| PhaseTime { id: id.into(), planned_s, used_s };
    let time = TimeUse {
        planned_s: Some(3600),
        used_s: Some(3723),
        phases: vec![phase("requirements", Some(900), Some(871)), phase("discussion", Some(600), None)],
        talk_ratio: talk_ratio(&transcript),
    };
    Report::new("7", Some("messaging".into()), grade, time)
}

#[test]
fn a_text_report_fits_eighty_columns_and_tells_unseen_from_low() {
    let text = text(&report(), &rubric(), 80);
    assert!(text.lines().all(|line| line.chars().count() <= 80));
    insta::assert_snapshot!(text, @r#"
    messaging, session 7
    graded by embedded@0.1.0

    Verdict
      mid     no
      senior  no
      staff   no

    Criteria, 1 to 4
      Requirements clarification    3  (2.6)
          “How many users?” [turn 2, 1:15]
        + You put numbers on the goals.
      Trade-offs                    not assessed: nobody raised it in this interview

    Agenda: 0 of 1 covered, 1 in part
      High level design
        [~] Pushes messages over an open connection. [turn 2, 1:15] (1 hint)

    Time: 1:02:03 of 1:00:00; you spoke 75 % of the words
      Requirements            14:31 of 15:00
      Discussion                  - of 10:00

    Noticed
      ! Too little was said to judge much.

    Next
      First gap: Trade-offs.
      Drill: write it down.
    "#);
}

#[test]
fn a_markdown_report_sets_off_what_came_from_outside() {
    insta::assert_snapshot!(markdown(&report(), &rubric()), @r#"
    # messaging

    Session `7`, graded by `embedded@0.1.0`.

    | mid | senior | staff |
    |---|---|---|
    | no | no | no |

    ## Criteria

    ### Requirements clarification: 3 of 4

    Score 2.6.

    > “How many users?” (turn 2, 1:15)

    - ✓ You put numbers on the goals.

    ### Trade-offs: not assessed

    Nobody raised it in this interview.


    ## Agenda: 0 of 1 covered

    High level design

    - [~] Pushes messages over an open connection. (turn 2, 1:15)

    ## Time: 1:02:03 of 1:00:00

    You spoke 75 % of the words.

    | phase | used | planned |
    |---|---|---|
    | Requirements | 14:31 | 15:00 |
    | Discussion | - | 10:00 |

    ## Noticed

    - Too little was said to judge much.

    ## Next

    - First gap: Trade-offs.
    - Drill: write it down.
    "#);
}

#[test]
fn the_json_has_the_keys_of_the_contract() {
    let value: serde_json::Value = serde_json::from_str(&json(&report()).expect("JSON")).expect("JSON");
    let keys = |value: &serde_json::Value| -> Vec<String> {
        value.as_object().map(|object| object.keys().cloned().collect()).unwrap_or_default()
    };
    let top =
        ["session_id", "problem", "grader", "criteria", "verdicts", "points", "time", "flags", "feedback"];
    let top: std::collections::BTreeSet<String> = top.into_iter().map(String::from).collect();
    assert_eq!(keys(&value).into_iter().collect::<std::collections::BTreeSet<_>>(), top);
    let unseen = &value["criteria"][1];
    assert_eq!(
        (&unseen["assessed"], &unseen["level"], &unseen["score"]),
        (&false.into(), &().into(), &().into())
    );
    let seen = &value["criteria"][0];
    assert_eq!(seen["evidence"][0], serde_json::json!({"quote": "How many users?", "turn": 1, "at": 75}));
    assert_eq!((&seen["level"], &seen["assessed"]), (&3.into(), &true.into()));
    assert_eq!(value["verdicts"], serde_json::json!({"mid": "no", "senior": "no", "staff": "no"}));
    assert_eq!(
        value["time"]["phases"][0],
        serde_json::json!({"id": "requirements", "planned_s": 900, "used_s": 871})
    );
}

#[test]
fn a_report_reads_back_as_it_was_written() {
    let report = report();
    let back: Report = serde_json::from_str(&json(&report).expect("JSON")).expect("a report");
    assert_eq!(back, report);
}
