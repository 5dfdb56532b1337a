//! A long history: thousands of sessions are listed, searched and summed up as fast as a few.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use greenroom::assets::Assets;
use greenroom::grading::{
    Assessment, CriterionGrade, Evidence, InterviewGrade, PointGrade, PointStatus, Verdicts,
};
use greenroom::interview::{Act, Event, Plan, Record, SessionKind, Start, Style, TimeMode, Why};
use greenroom::material::Pack;
use greenroom::store::Store;
use greenroom::transcript::{Speaker, Transcript, Turn};

use crate::support::Chance;

const DAY_MS: i64 = 86_400_000;
const TURNS: usize = 100;

/// An interview of [`TURNS`] turns in the pack's own sentences, graded, a third of a day after the one before.
fn interview(number: usize, pack: &Pack, sentences: &[&str], chance: &mut Chance) -> Vec<Record> {
    let problem = &pack.problems[chance.below(pack.problems.len())];
    let mut turns: Vec<Turn> = Vec::new();
    let mut events = vec![Event::Started(Box::new(Start {
        kind: SessionKind::Interview,
        version: "0".into(),
        title: problem.title.clone(),
        pack: pack.manifest.id.clone(),
        pack_version: 1,
        problem_id: Some(problem.id.clone()),
        problem: Some(Box::new(problem.clone())),
        rubric: pack.manifest.rubric.clone(),
        digests: Default::default(),
        plan: Plan::default(),
        level: greenroom::grading::SeniorityLevel::Senior,
        style: Style::Neutral,
        time: TimeMode::Soft,
        coach: "embedded@0".into(),
        seed: 1,
        forked_from: None,
    }))];
    for turn in 0..TURNS {
        let speaker = if turn % 2 == 0 { Speaker::Interviewer } else { Speaker::Candidate };
        let text = (0..2).map(|_| sentences[chance.below(sentences.len())]).collect::<Vec<_>>().join(" ");
        let acts = match turn % 4 {
            0 => vec![Act::Probe { id: problem.points[turn / 4 % problem.points.len()].id.clone() }],
            _ => vec![],
        };
        turns.push(Turn { speaker, at_seconds: None, phase: None, text: text.clone() });
        events.push(Event::Said { speaker, text, acts, partial: false });
    }
    let transcript = Transcript { turns };
    let quote = |turn: usize| Evidence::at(&transcript, turn, 0..transcript.turns[turn].text.len()).unwrap();
    let criteria =
        ["requirements_clarification", "high_level_thinking", "tradeoffs", "scalability", "communication"];
    let criteria = criteria.iter().map(|id| CriterionGrade {
        id: (*id).into(),
        assessment: Assessment::of_score(1.5 + chance.below(20) as f64 / 10.0, vec![quote(1), quote(3)]),
        strengths: vec!["It was clear.".into()],
        improvements: vec!["Name the price of it.".into()],
    });
    let criteria: Vec<_> = criteria.collect();
    let points = problem.points.iter().map(|point| PointGrade {
        id: point.id.clone(),
        phase: point.phase.clone(),
        criterion: point.criterion.clone(),
        point: point.text.clone(),
        status: [PointStatus::Covered, PointStatus::Partial, PointStatus::Missed][chance.below(3)],
        quote: quote(5).quote().to_owned(),
        turn: Some(5),
        at: None,
        hints: 0,
        said_by_interviewer: false,
    });
    let grade = InterviewGrade {
        grader: "embedded@0".into(),
        criteria,
        verdicts: Verdicts { senior: Some(greenroom::grading::Verdict::No), ..Verdicts::default() },
        points: points.collect(),
        corrections: vec![],
        flags: vec![],
        feedback: vec![],
        usage: None,
    };
    events.push(Event::Graded { grade: Box::new(grade) });
    events.push(Event::Ended { why: Why::PlanDone });
    let at_ms = 17_000 * DAY_MS + i64::try_from(number).unwrap() * DAY_MS / 3;
    (0..).zip(events).map(|(seq, event)| Record { seq, at_ms, active_ms: 27_000 * seq, event }).collect()
}

/// Fills a data folder with `sessions` interviews, a hundred in a transaction.
fn fill(folder: &Path, sessions: usize) {
    let pack = Assets::embedded().pack("system-design").unwrap();
    let answers = pack.questions.iter().map(|question| question.model_answer.as_str());
    let points =
        pack.problems.iter().flat_map(|problem| problem.points.iter().map(|point| point.text.as_str()));
    let sentences: Vec<&str> = answers.flat_map(|text| text.split_inclusive(". ")).chain(points).collect();
    let mut chance = Chance(7);
    let mut store = Store::open(folder).unwrap();
    for first in (0..sessions).step_by(100) {
        let logs: Vec<(String, Vec<Record>)> = (first..sessions.min(first + 100))
            .map(|number| (format!("{number:08}-scale"), interview(number, &pack, &sentences, &mut chance)))
            .collect();
        store.append_many(logs.iter().map(|(id, log)| (id.as_str(), log.as_slice()))).unwrap();
    }
}

/// The median of nine runs of the binary, in milliseconds.
#[allow(clippy::disallowed_methods, reason = "this measures, and asserts nothing about it")]
fn median_ms(binary: &Path, folder: &Path, arguments: &[&str]) -> f64 {
    let mut times: Vec<f64> = (0..9)
        .map(|_| {
            let begun = Instant::now();
            let mut command = Command::new(binary);
            command.args(arguments).env_clear().env("GREENROOM_HOME", folder);
            let status =
                command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
            assert!(status.success(), "{arguments:?}");
            begun.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[4]
}

/// `GREENROOM_SCALE=FOLDER [GREENROOM_BINARY=FILE] cargo test --test it -- --ignored --nocapture scale`
#[test]
#[ignore = "writes two gigabytes and prints figures; run it by hand"]
#[allow(clippy::disallowed_methods, reason = "whoever runs it says where")]
fn figures_at_100_1000_and_10000_sessions() {
    let root = PathBuf::from(std::env::var_os("GREENROOM_SCALE").expect("GREENROOM_SCALE names a folder"));
    let binary = std::env::var_os("GREENROOM_BINARY").map(PathBuf::from);
    let binary = binary.unwrap_or_else(|| assert_cmd::cargo::cargo_bin("greenroom"));
    for sessions in [100, 1_000, 10_000] {
        let folder = root.join(sessions.to_string());
        if !folder.join("greenroom.db").exists() {
            fill(&folder, sessions);
        }
        let size = std::fs::metadata(folder.join("greenroom.db")).unwrap().len() >> 20;
        println!("{sessions} sessions, {} turns, {size} MB", sessions * TURNS);
        for arguments in [
            &["--version"][..],
            &[],
            &["sessions", "list"],
            &["sessions", "list", "--format", "json"],
            &["sessions", "search", "consistent", "hashing"],
            &["sessions", "search", "the"],
            &["sessions", "search", "ca"],
            &["progress"],
            &["drill", "--list"],
            &["report"],
        ] {
            println!("  {:45} {:7.1} ms", arguments.join(" "), median_ms(&binary, &folder, arguments));
        }
    }
}

#[test]
fn a_history_of_two_hundred_interviews_is_summed_up() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path(), 200);
    let store = Store::open(folder.path()).unwrap();
    assert_eq!((store.list().unwrap().len(), store.outcomes().unwrap().len()), (200, 200));
    assert!(store.cards().unwrap().len() > 200);
    assert_eq!(store.search("consistent hashing", 50).unwrap().len(), 50);
    let days: u64 = store.days().unwrap().iter().map(|day| day.sessions).sum();
    assert_eq!(days, 200);
}
