//! How well the general part tells right from wrong on judged answers that do not ship.
//!
//! `GREENROOM_ANSWERS=FILE cargo test --release --lib held_out -- --ignored --nocapture`

#![allow(clippy::disallowed_methods, reason = "a test that is told where its file is")]

use std::collections::BTreeMap;

use super::{Target, grade_answer};
use crate::assets::Assets;

struct Judged {
    question: String,
    right: bool,
    score: f64,
}

#[test]
#[ignore = "needs the file of judged answers named by GREENROOM_ANSWERS"]
fn the_general_part_tells_right_from_wrong() {
    let path = std::env::var("GREENROOM_ANSWERS").expect("GREENROOM_ANSWERS names a file");
    let known = Assets::embedded().grader_knowledge().expect("what ships is valid");
    let text = std::fs::read_to_string(path).expect("a readable file");
    let mut targets: BTreeMap<(String, String), Target> = BTreeMap::new();
    let mut judged = Vec::new();
    let mut grades = String::new();
    for line in text.lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("a JSON object");
        let get = |key: &str| row[key].as_str().unwrap_or("").to_owned();
        let (question, reference) = (get("question"), get("reference"));
        let target = targets
            .entry((question.clone(), reference.clone()))
            .or_insert_with(|| Target::new(&known, &question, Some(&reference), None).expect("a reference"));
        let grade = grade_answer(&known, target, &get("answer"), 10.0);
        let right = row["score01"].as_f64() == Some(1.0);
        judged.push(Judged { question: get("qid"), right, score: grade.score });
        let mut object = serde_json::to_value(&grade).expect("JSON");
        object["id"] = row["id"].clone();
        grades += &format!("{object}\n");
    }
    if let Ok(out) = std::env::var("GREENROOM_GRADES") {
        std::fs::write(out, grades).expect("a writable file");
    }
    let questions: Vec<&str> = {
        let mut ids: Vec<&str> = judged.iter().map(|j| j.question.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    // Each tenth of the questions is judged with the threshold that is best on the other nine.
    let mut decided = vec![false; judged.len()];
    for fold in 0..10 {
        let held = |j: &Judged| questions.binary_search(&j.question.as_str()).is_ok_and(|i| i % 10 == fold);
        let best = (10..90)
            .map(|tenths| f64::from(tenths) / 10.0)
            .map(|threshold| {
                let others = judged.iter().filter(|j| !held(j)).map(|j| (j.right, j.score >= threshold));
                (macro_f1(others), threshold)
            })
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let threshold = best.map_or(5.0, |(_, threshold)| threshold);
        for (index, one) in judged.iter().enumerate().filter(|(_, j)| held(j)) {
            decided[index] = one.score >= threshold;
        }
    }
    let folds = macro_f1(judged.iter().zip(&decided).map(|(j, &d)| (j.right, d)));
    let half = macro_f1(judged.iter().map(|j| (j.right, j.score >= 5.0)));
    println!("{} answers: macro-F1 {folds:.3} in ten folds, {half:.3} at half the mark", judged.len());
    assert!(folds > 0.6, "macro-F1 {folds}");
}

fn macro_f1(pairs: impl Iterator<Item = (bool, bool)>) -> f64 {
    let mut counts = [[0.0_f64; 2]; 2];
    for (right, said) in pairs {
        counts[usize::from(right)][usize::from(said)] += 1.0;
    }
    let f1 = |class: usize| {
        let hit = counts[class][class];
        let missed = counts[class][1 - class];
        let false_alarm = counts[1 - class][class];
        2.0 * hit / (2.0 * hit + missed + false_alarm).max(1.0)
    };
    (f1(0) + f1(1)) / 2.0
}
