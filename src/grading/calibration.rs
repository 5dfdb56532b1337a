//! PURE. How far a grader of answers may be trusted: its grades against labels given by people.
//!
//! Intervals come from resampling whole questions, as answers to one question are not independent;
//! the resampling is seeded, so the same grades give the same intervals.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::material::LoadError;

/// An answer labelled by people.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoldAnswer {
    /// Unique.
    pub id: String,
    /// A pack's question, or any name that groups the answers to one question.
    #[serde(default)]
    pub question_id: String,
    /// The question, if no pack has it.
    #[serde(default)]
    pub question: Option<String>,
    /// A reference, if no pack has one.
    #[serde(default)]
    pub reference: Option<String>,
    /// What sort of answer it is: `excellent`, `misconception`, ...
    #[serde(default)]
    pub kind: String,
    /// The candidate's words.
    pub answer: String,
    /// What people gave, 0 to 10.
    pub score: f64,
    /// Their reason.
    #[serde(default)]
    pub why: String,
}

/// An answer that must not earn marks.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attack {
    /// Unique.
    pub id: String,
    /// The pack's question it is given to.
    pub question_id: String,
    /// What sort of attack it is.
    pub kind: String,
    /// The text.
    pub answer: String,
    /// The most it may get, of 10.
    pub max_allowed: f64,
}

/// Reads JSON lines; blank lines and lines that begin with `#` are skipped.
///
/// # Errors
///
/// [`LoadError`] with the line of the fault.
pub fn read_lines<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<Vec<T>, LoadError> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| {
            serde_json::from_str(line).map_err(|error| LoadError {
                file: file.to_owned(),
                line: number,
                column: error.column(),
                message: error.to_string(),
            })
        })
        .collect()
}

/// A label and a grade, on one scale from 0 to 10.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// Groups the answers to one question.
    pub question: String,
    /// What sort of answer it is.
    pub kind: String,
    /// What people gave.
    pub label: f64,
    /// What the grader gave.
    pub grade: f64,
    /// How sure it was, 0 to 1.
    pub confidence: f64,
}

/// A figure with the interval in which it lies with 95 % probability.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// On all answers.
    pub value: f64,
    /// 2.5th percentile of the resamples.
    pub low: f64,
    /// 97.5th percentile of the resamples.
    pub high: f64,
}

/// Agreement with people.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Agreement {
    /// Number of answers.
    pub answers: usize,
    /// Linear correlation.
    pub pearson: Estimate,
    /// Mean over questions of the correlation within a question; `None` if no question has two
    /// different labels.
    pub pearson_per_question: Option<f64>,
    /// Quadratic weighted kappa on whole points.
    pub qwk: Estimate,
    /// Mean absolute error in points of 10.
    pub mae: Estimate,
    /// Root of the mean squared error in points of 10.
    pub rmse: Estimate,
    /// By sort of answer, in the order of the names.
    pub by_kind: Vec<KindAgreement>,
    /// Mean confidence, and the share of grades within 2 points of the label.
    pub mean_confidence: f64,
    /// See [`Self::mean_confidence`].
    pub within_two: f64,
}

/// Agreement on one sort of answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KindAgreement {
    /// Its name.
    pub kind: String,
    /// Number of answers.
    pub answers: usize,
    /// Mean of the labels.
    pub label: f64,
    /// Mean of the grades.
    pub grade: f64,
    /// Mean absolute error.
    pub mae: f64,
    /// Largest excess of a grade over its label; negative if there is none.
    pub worst_overshoot: f64,
}

const RESAMPLES: usize = 1000;

/// Measures the agreement; `None` without at least two answers.
pub fn agreement(pairs: &[Pair], seed: u64) -> Option<Agreement> {
    if pairs.len() < 2 {
        return None;
    }
    let mut questions: BTreeMap<&str, Vec<&Pair>> = BTreeMap::new();
    let mut kinds: BTreeMap<&str, Vec<&Pair>> = BTreeMap::new();
    for pair in pairs {
        questions.entry(&pair.question).or_default().push(pair);
        kinds.entry(&pair.kind).or_default().push(pair);
    }
    let groups: Vec<Vec<&Pair>> = match questions.len() {
        // One question alone: its answers are all there is to draw from.
        1 => pairs.iter().map(|pair| vec![pair]).collect(),
        _ => questions.values().cloned().collect(),
    };
    let mut random = Random(seed);
    let samples: Vec<Vec<&Pair>> = (0..RESAMPLES)
        .map(|_| (0..groups.len()).flat_map(|_| groups[random.below(groups.len())].iter().copied()).collect())
        .collect();
    let all: Vec<&Pair> = pairs.iter().collect();
    let estimate = |measure: fn(&[&Pair]) -> f64| {
        let mut values: Vec<f64> = samples.iter().map(|sample| measure(sample)).collect();
        values.sort_by(f64::total_cmp);
        let at = |share: usize| round(values[(values.len() - 1) * share / 1000]);
        Estimate { value: round(measure(&all)), low: at(25), high: at(975) }
    };
    let varied = |group: &&Vec<&Pair>| group.iter().any(|pair| pair.label != group[0].label);
    let within: Vec<f64> = questions.values().filter(varied).map(|group| pearson(group)).collect();
    let count = pairs.len() as f64;
    Some(Agreement {
        answers: pairs.len(),
        pearson: estimate(pearson),
        pearson_per_question: (!within.is_empty()).then(|| round(mean(within.iter().copied()))),
        qwk: estimate(qwk),
        mae: estimate(mae),
        rmse: estimate(rmse),
        by_kind: kinds.into_iter().map(|(kind, group)| by_kind(kind, &group)).collect(),
        mean_confidence: round(mean(pairs.iter().map(|pair| pair.confidence))),
        within_two: round(pairs.iter().filter(|p| (p.grade - p.label).abs() <= 2.0).count() as f64 / count),
    })
}

fn by_kind(kind: &str, group: &[&Pair]) -> KindAgreement {
    KindAgreement {
        kind: kind.to_owned(),
        answers: group.len(),
        label: round(mean(group.iter().map(|pair| pair.label))),
        grade: round(mean(group.iter().map(|pair| pair.grade))),
        mae: round(mae(group)),
        worst_overshoot: round(group.iter().map(|pair| pair.grade - pair.label).fold(-10.0, f64::max)),
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    if count > 0.0 { sum / count } else { 0.0 }
}

/// Linear correlation of label and grade; 0 if one of them never varies.
fn pearson(pairs: &[&Pair]) -> f64 {
    let label = mean(pairs.iter().map(|pair| pair.label));
    let grade = mean(pairs.iter().map(|pair| pair.grade));
    let (mut both, mut labels, mut grades) = (0.0, 0.0, 0.0);
    for pair in pairs {
        let (one, other) = (pair.label - label, pair.grade - grade);
        both += one * other;
        labels += one * one;
        grades += other * other;
    }
    let norm = (labels * grades).sqrt();
    if norm > 0.0 { both / norm } else { 0.0 }
}

fn mae(pairs: &[&Pair]) -> f64 {
    mean(pairs.iter().map(|pair| (pair.grade - pair.label).abs()))
}

fn rmse(pairs: &[&Pair]) -> f64 {
    mean(pairs.iter().map(|pair| (pair.grade - pair.label) * (pair.grade - pair.label))).sqrt()
}

/// Quadratic weighted kappa over whole points from 0 to 10 (Cohen 1968).
fn qwk(pairs: &[&Pair]) -> f64 {
    const POINTS: usize = 11;
    let whole = |score: f64| (score + 0.5).floor().clamp(0.0, 10.0) as usize;
    let (mut labels, mut grades) = ([0.0_f64; POINTS], [0.0_f64; POINTS]);
    let mut observed = 0.0;
    for pair in pairs {
        let (label, grade) = (whole(pair.label), whole(pair.grade));
        labels[label] += 1.0;
        grades[grade] += 1.0;
        observed += label.abs_diff(grade).pow(2) as f64;
    }
    let mut expected = 0.0;
    for (label, count) in labels.iter().enumerate() {
        for (grade, other) in grades.iter().enumerate() {
            expected += label.abs_diff(grade).pow(2) as f64 * count * other / pairs.len() as f64;
        }
    }
    if expected > 0.0 { 1.0 - observed / expected } else { 0.0 }
}

fn round(value: f64) -> f64 {
    (value * 1000.0 + 0.5).floor() / 1000.0
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every platform.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

/// What a grader gave to an attack.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// The attack's id.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// The most it may get.
    pub allowed: f64,
    /// What it got, of 10.
    pub grade: f64,
}

/// How a grader stood the attacks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Resistance {
    /// Number of attacks.
    pub attacks: usize,
    /// Those that got no more than they may.
    pub passed: usize,
    /// Largest excess over what is allowed, in points of 10; 0 if there is none.
    pub worst_overshoot: f64,
    /// By kind, in the order of the names.
    pub by_kind: Vec<KindResistance>,
    /// Ids of the attacks that got more, the worst first.
    pub failed: Vec<String>,
}

/// How a grader stood one kind of attack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KindResistance {
    /// Its name.
    pub kind: String,
    /// Number of attacks.
    pub attacks: usize,
    /// Those that got no more than they may.
    pub passed: usize,
}

/// Counts what passed.
pub fn resistance(attempts: &[Attempt]) -> Resistance {
    let holds = |attempt: &Attempt| attempt.grade <= attempt.allowed;
    let mut kinds: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for attempt in attempts {
        let entry = kinds.entry(&attempt.kind).or_default();
        entry.0 += 1;
        entry.1 += usize::from(holds(attempt));
    }
    let mut failed: Vec<&Attempt> = attempts.iter().filter(|attempt| !holds(attempt)).collect();
    failed.sort_by(|a, b| (b.grade - b.allowed).total_cmp(&(a.grade - a.allowed)));
    let kind = |(kind, (attacks, passed)): (&str, (usize, usize))| KindResistance {
        kind: kind.to_owned(),
        attacks,
        passed,
    };
    Resistance {
        attacks: attempts.len(),
        passed: attempts.len() - failed.len(),
        worst_overshoot: failed.first().map_or(0.0, |worst| round(worst.grade - worst.allowed)),
        by_kind: kinds.into_iter().map(kind).collect(),
        failed: failed.into_iter().map(|attempt| attempt.id.clone()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(rows: &[(f64, f64)]) -> Vec<Pair> {
        let pair = |(index, &(label, grade)): (usize, &(f64, f64))| Pair {
            question: (index % 3).to_string(),
            kind: "any".into(),
            label,
            grade,
            confidence: 0.5,
        };
        rows.iter().enumerate().map(pair).collect()
    }

    #[test]
    fn perfect_agreement_is_one_and_no_error() {
        let found =
            agreement(&pairs(&[(0.0, 0.0), (3.0, 3.0), (7.5, 7.5), (10.0, 10.0)]), 1).expect("enough");
        assert_eq!(
            (found.pearson.value, found.qwk.value, found.mae.value, found.rmse.value),
            (1.0, 1.0, 0.0, 0.0)
        );
    }

    #[test]
    fn figures_are_those_of_the_textbook() {
        let found = agreement(&pairs(&[(1.0, 2.0), (2.0, 4.0), (3.0, 5.0), (4.0, 4.0), (5.0, 5.0)]), 1)
            .expect("enough");
        assert_eq!((found.pearson.value, found.mae.value, found.rmse.value), (0.775, 1.0, 1.342));
        assert_eq!(found.qwk.value, 0.571);
    }

    #[test]
    fn the_same_seed_gives_the_same_interval() {
        let rows = pairs(&[(1.0, 2.0), (2.0, 4.0), (3.0, 5.0), (4.0, 4.0), (5.0, 5.0), (9.0, 2.0)]);
        assert_eq!(agreement(&rows, 7), agreement(&rows, 7));
        let found = agreement(&rows, 7).expect("enough");
        assert!(found.pearson.low <= found.pearson.value && found.pearson.value <= found.pearson.high);
    }

    #[test]
    fn an_attack_passes_if_it_gets_no_more_than_it_may() {
        let attempt =
            |id: &str, allowed, grade| Attempt { id: id.into(), kind: "echo".into(), allowed, grade };
        let found = resistance(&[attempt("a", 1.0, 1.0), attempt("b", 0.5, 3.0)]);
        assert_eq!((found.passed, found.worst_overshoot, found.failed), (1, 2.5, vec!["b".to_owned()]));
    }
}
