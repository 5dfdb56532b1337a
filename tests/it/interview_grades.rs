//! Whole interviews whose worth is known: ranks and verdicts of the embedded coach.

use std::collections::BTreeMap;
use std::path::Path;

use greenroom::assets::Assets;
use greenroom::grading::{Assessment, InterviewGrade, InterviewGrader, InterviewInput, SeniorityLevel};
use greenroom::transcript::{Imported, Speaker, Transcript, Turn, assemble, parse};

#[derive(serde::Deserialize)]
struct Gold {
    transcript: Vec<Known>,
}

#[derive(serde::Deserialize)]
struct Known {
    file: String,
    problem: Option<String>,
    levels: [u8; 5],
    verdicts: [String; 3],
}

pub fn import(file: &str) -> Imported {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/transcripts").join(file);
    assemble(vec![parse(&std::fs::read(path).unwrap()).unwrap()], None).unwrap()
}

pub fn grade(imported: &Imported, problem: Option<&str>) -> InterviewGrade {
    let assets = Assets::embedded();
    let pack = assets.pack("system-design").unwrap();
    let rubric = assets.rubric("system-design").unwrap();
    let input = InterviewInput {
        transcript: &imported.transcript,
        problem: problem.and_then(|id| pack.problem(id)),
        rubric: &rubric,
        hints: &BTreeMap::new(),
        level: SeniorityLevel::Senior,
    };
    InterviewGrader::new(&pack).unwrap().grade(&input).unwrap()
}

fn score(grade: &InterviewGrade, criterion: usize) -> Option<f64> {
    match grade.criteria[criterion].assessment {
        Assessment::Assessed { score, .. } => Some(score),
        Assessment::NotAssessed { .. } => None,
    }
}

/// Spearman's rank correlation, ties at their mean rank.
fn spearman(pairs: &[(f64, f64)]) -> f64 {
    let ranks = |values: Vec<f64>| -> Vec<f64> {
        values
            .iter()
            .map(|v| {
                let below = values.iter().filter(|other| *other < v).count() as f64;
                let same = values.iter().filter(|other| *other == v).count() as f64;
                below + (same + 1.0) / 2.0
            })
            .collect()
    };
    let (a, b) = (ranks(pairs.iter().map(|p| p.0).collect()), ranks(pairs.iter().map(|p| p.1).collect()));
    let mean = (pairs.len() as f64 + 1.0) / 2.0;
    let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| (x - mean) * (y - mean)).sum::<f64>();
    dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt()
}

#[test]
fn interviews_of_known_worth_rank_as_they_should() {
    let gold = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/transcripts/gold.toml");
    let gold: Gold = toml::from_str(&std::fs::read_to_string(gold).unwrap()).unwrap();
    for with_problem in [true, false] {
        let mut pairs: [Vec<(f64, f64)>; 5] = Default::default();
        let (mut right, mut near, mut all) = (0, 0, 0);
        for known in &gold.transcript {
            let imported = import(&known.file);
            let grade = grade(&imported, known.problem.as_deref().filter(|_| with_problem));
            let mut row = format!("{:<38}", known.file);
            for (index, pairs) in pairs.iter_mut().enumerate() {
                let got = score(&grade, index);
                row +=
                    &format!(" {} {}", known.levels[index], got.map_or("  - ".into(), |s| format!("{s:.2}")));
                pairs.push((f64::from(known.levels[index]), got.unwrap_or(0.0)));
            }
            let verdicts = serde_json::to_value(grade.verdicts).unwrap();
            for (level, want) in ["mid", "senior", "staff"].iter().zip(&known.verdicts) {
                let got = verdicts[level].as_str().unwrap_or("none").to_owned();
                let passed = |verdict: &str| verdict.ends_with("yes");
                right += usize::from(got == *want);
                near += usize::from(passed(&got) == passed(want));
                all += 1;
                row += &format!("  {got}{}", if got == *want { "" } else { "*" });
            }
            println!("{row}  {:?}", grade.flags);
        }
        let each: Vec<f64> = pairs.iter().map(|pairs| spearman(pairs)).collect();
        let mean = each.iter().sum::<f64>() / 5.0;
        println!(
            "problem known: {with_problem}; rank correlation {mean:.2} ({each:.2?}); verdicts {right}/{all} exact, {near}/{all} pass or fail\n"
        );
        assert!(mean > 0.8, "mean rank correlation {mean:.2}: {each:.2?}");
        assert!(near * 5 >= all * 4, "{near} of {all} verdicts");
    }
}

/// The turns of a script for a pipe; commands are no turns.
fn script(file: &str) -> Imported {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/interviews").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let turns = text.split("\n\n").map(str::trim).filter(|turn| !turn.is_empty() && !turn.starts_with('/'));
    let turns: Vec<_> = turns.map(|turn| serde_json::json!({"speaker": "candidate", "text": turn})).collect();
    let mut imported =
        assemble(vec![parse(serde_json::json!(turns).to_string().as_bytes()).unwrap()], None).unwrap();
    // One speaker makes one turn; a piped interview has an answer between any two.
    let turns = text.split("\n\n").map(str::trim).filter(|turn| !turn.is_empty() && !turn.starts_with('/'));
    let turn =
        |text: &str| Turn { speaker: Speaker::Candidate, at_seconds: None, phase: None, text: text.into() };
    imported.transcript = Transcript { turns: turns.map(turn).collect() };
    imported
}

#[test]
fn scripted_candidates_rank_strong_over_middling_over_weak() {
    for problem in ["url-shortener", "messaging", "file-upload"] {
        for known in [Some(problem), None] {
            let scores = |kind: &str| -> Option<Vec<f64>> {
                let file = format!("{problem}-{kind}.txt");
                if problem == "file-upload" && kind == "mid" {
                    return None;
                }
                let grade = grade(&script(&file), known);
                let scores: Vec<f64> =
                    (0..5).map(|criterion| score(&grade, criterion).unwrap_or(0.0)).collect();
                println!("{file:<28} {scores:.2?} {:?} {:?}", grade.verdicts, grade.flags);
                Some(scores)
            };
            let (strong, mid, weak) = (scores("strong").unwrap(), scores("mid"), scores("weak").unwrap());
            for criterion in 0..5 {
                let mid = mid.as_ref().map_or(strong[criterion], |mid| mid[criterion]);
                assert!(strong[criterion] >= mid && mid >= weak[criterion], "{problem} {criterion}");
                assert!(strong[criterion] > weak[criterion] + 1.0, "{problem} {criterion}");
            }
        }
    }
}

/// `TRACE=leaderboard-weak.md cargo test --test it traces -- --nocapture` prints what was counted.
#[test]
#[allow(clippy::disallowed_methods, reason = "whoever tunes the signals names a file")]
fn traces_show_what_was_counted() {
    let file = std::env::var("TRACE").unwrap_or_else(|_| "leaderboard-weak.md".to_owned());
    let imported = if file.ends_with(".txt") { script(&file) } else { import(&file) };
    let assets = Assets::embedded();
    let pack = assets.pack("system-design").unwrap();
    let rubric = assets.rubric("system-design").unwrap();
    let input = InterviewInput {
        transcript: &imported.transcript,
        problem: std::env::var("PROBLEM").ok().and_then(|id| pack.problem(&id)),
        rubric: &rubric,
        hints: &BTreeMap::new(),
        level: SeniorityLevel::Senior,
    };
    let traces = InterviewGrader::new(&pack).unwrap().trace(&input).unwrap();
    for trace in &traces {
        println!("{:<28}{:<24}{:.2}", trace.criterion, trace.id, trace.share);
        trace.quotes.iter().for_each(|quote| println!("      {quote}"));
    }
    assert!(traces.iter().any(|trace| trace.id == "topics"));
}
