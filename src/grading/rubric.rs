//! PURE. Rubrics: criteria, the anchors of levels 1 to 4, and the bars for mid, senior and staff.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Seniority that an interview aims at.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum SeniorityLevel {
    /// Mid-level engineer.
    Mid,
    /// Senior engineer.
    Senior,
    /// Staff engineer.
    Staff,
}

/// A criterion's level, 1 (lowest) to 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Level(u8);

impl Level {
    /// The highest level.
    pub const MAX: Self = Self(4);

    /// Returns the level for 1 to 4.
    pub fn new(level: u8) -> Option<Self> {
        (1..=4).contains(&level).then_some(Self(level))
    }

    /// The level nearest to a score; a score in the middle between two is the higher.
    pub fn of_score(score: f64) -> Self {
        let nearest = (1..4).filter(|&level| score >= f64::from(level) + 0.5).count();
        Self(1 + nearest as u8)
    }

    /// 1 to 4.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Level {
    type Error = String;
    fn try_from(level: u8) -> Result<Self, String> {
        Self::new(level).ok_or_else(|| format!("a level is 1 to 4, not {level}"))
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> u8 {
        level.0
    }
}

/// Would the candidate have passed at a level?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Far under the bar.
    StrongNo,
    /// Under the bar.
    No,
    /// At the bar.
    Yes,
    /// Well over the bar.
    StrongYes,
}

/// What an interview is judged by (`rubrics/ID.toml`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rubric {
    /// Unique; also the file's name.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Raised when a level changes meaning.
    pub version: u32,
    /// Criteria in the order of the report.
    #[serde(rename = "criterion")]
    pub criteria: Vec<Criterion>,
    /// What each seniority must show.
    pub bars: Bars,
}

/// From this share of the weight of all criteria on, a criterion without a level is a key one.
const KEY_SHARE: f64 = 0.2;

impl Rubric {
    /// Returns the verdict at `bar` on the scores (1.0 to 4.0) of the assessed criteria, by
    /// criterion id; `None` if there are none.
    ///
    /// The mean is weighted by criterion. A floor that is not met, or a key criterion (one with a
    /// floor, or one that weighs most) that was not assessed, holds the verdict at `no`: what was
    /// not seen cannot pass, and is no failure either.
    pub fn verdict(&self, scores: &BTreeMap<&str, f64>, bar: &Bar) -> Option<Verdict> {
        let mean = self.mean(scores)?;
        let verdict = match mean {
            _ if mean >= bar.strong_yes => Verdict::StrongYes,
            _ if mean >= bar.yes => Verdict::Yes,
            _ if mean >= bar.strong_no => Verdict::No,
            _ => Verdict::StrongNo,
        };
        let held = !self.held_by(scores, bar).is_empty();
        Some(if held { verdict.min(Verdict::No) } else { verdict })
    }

    /// The mean of the scores, weighted by criterion; `None` if there are none.
    pub fn mean(&self, scores: &BTreeMap<&str, f64>) -> Option<f64> {
        let (mut sum, mut weights) = (0.0, 0.0);
        for criterion in &self.criteria {
            if let Some(&score) = scores.get(criterion.id.as_str()) {
                sum += criterion.weight * score;
                weights += criterion.weight;
            }
        }
        (weights > 0.0).then(|| sum / weights)
    }

    /// The criteria that hold the verdict at `bar` at `no` whatever the mean: under their floor, or
    /// key and not assessed.
    pub fn held_by(&self, scores: &BTreeMap<&str, f64>, bar: &Bar) -> Vec<&Criterion> {
        let total: f64 = self.criteria.iter().map(|criterion| criterion.weight).sum();
        let holds = |criterion: &&Criterion| {
            let floor = bar.floors.get(&criterion.id).copied();
            match scores.get(criterion.id.as_str()) {
                Some(&score) => floor.is_some_and(|floor| Level::of_score(score).get() < floor),
                None => floor.is_some() || criterion.weight > KEY_SHARE * total,
            }
        };
        self.criteria.iter().filter(holds).collect()
    }

    /// The criterion with this id.
    pub fn criterion(&self, id: &str) -> Option<&Criterion> {
        self.criteria.iter().find(|criterion| criterion.id == id)
    }
}

impl Rubric {
    /// What types cannot check: ids, weights, anchors, and bars that a grade can reach in order.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut ids: Vec<&str> = self.criteria.iter().map(|criterion| criterion.id.as_str()).collect();
        ids.sort_unstable();
        if ids.is_empty() {
            faults.push("there is no criterion".to_owned());
        }
        for pair in ids.windows(2).filter(|pair| pair[0] == pair[1]) {
            faults.push(format!("the criterion `{}` is there twice", pair[0]));
        }
        for criterion in &self.criteria {
            if !(criterion.weight.is_finite() && criterion.weight > 0.0) {
                faults.push(format!("the weight of `{}` must be above 0", criterion.id));
            }
            if criterion.anchors.iter().any(|anchor| anchor.trim().is_empty()) {
                faults.push(format!("`{}` has a level without an anchor", criterion.id));
            }
        }
        for (name, bar) in
            [("mid", &self.bars.mid), ("senior", &self.bars.senior), ("staff", &self.bars.staff)]
        {
            let levels = [1.0, bar.strong_no, bar.yes, bar.strong_yes, 4.0];
            if !levels.windows(2).all(|two| two[0] <= two[1]) {
                faults.push(format!("the bar for {name} must have 1 <= strong_no <= yes <= strong_yes <= 4"));
            }
            for (id, level) in &bar.floors {
                if ids.binary_search(&id.as_str()).is_err() {
                    faults.push(format!("a floor for {name} names `{id}`, which is no criterion"));
                }
                if !(1..=4).contains(level) {
                    faults.push(format!("the floor of `{id}` for {name} must be a level from 1 to 4"));
                }
            }
        }
        faults
    }
}

/// One thing that is judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Unique in the rubric.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// The question the judge answers.
    pub asks: String,
    /// Weight in the verdict.
    pub weight: f64,
    /// Anchors of levels 1, 2, 3 and 4.
    pub anchors: [String; 4],
    /// One drill that raises it.
    pub drill: String,
}

/// Bars for the verdicts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bars {
    /// Bar for mid.
    pub mid: Bar,
    /// Bar for senior.
    pub senior: Bar,
    /// Bar for staff.
    pub staff: Bar,
}

/// A bar: the mean level that passes, and the floors under which nothing passes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bar {
    /// Weighted mean level (1 to 4) from which the verdict is `yes`.
    pub yes: f64,
    /// Weighted mean level from which it is `strong-yes`.
    pub strong_yes: f64,
    /// Weighted mean level under which it is `strong-no`.
    pub strong_no: f64,
    /// Lowest level allowed by criterion id; under it the verdict is at most `no`.
    #[serde(default)]
    pub floors: BTreeMap<String, u8>,
    /// What it means, one sentence.
    pub means: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::Assets;

    #[test]
    fn a_verdict_weighs_the_criteria_and_holds_the_floors() {
        let rubric = Assets::embedded().rubric("system-design").expect("the built-in rubric");
        let verdict = |scores: [Option<f64>; 5], bar: &Bar| {
            let ids = rubric.criteria.iter().map(|criterion| criterion.id.as_str());
            let scores = ids.zip(scores).filter_map(|(id, score)| Some((id, score?))).collect();
            rubric.verdict(&scores, bar)
        };
        let (mid, senior, staff) = (&rubric.bars.mid, &rubric.bars.senior, &rubric.bars.staff);
        let all = |score| [Some(score); 5];
        let rows = [
            ("nothing assessed", [None; 5], mid, None),
            ("level 1 throughout", all(1.0), mid, Some(Verdict::StrongNo)),
            ("at the bar", all(2.0), mid, Some(Verdict::Yes)),
            ("one bar's strong yes is another's no", all(2.8), staff, Some(Verdict::No)),
            ("level 4 throughout", all(4.0), staff, Some(Verdict::StrongYes)),
            (
                "a floor outweighs the mean",
                [Some(4.0), Some(4.0), Some(1.0), Some(3.0), Some(4.0)],
                senior,
                Some(Verdict::No),
            ),
            (
                "a key criterion that was not seen cannot pass",
                [Some(4.0), Some(4.0), None, Some(4.0), Some(4.0)],
                mid,
                Some(Verdict::No),
            ),
            (
                "another that was not seen is no zero",
                [Some(3.0), Some(3.0), Some(3.0), Some(3.0), None],
                senior,
                Some(Verdict::Yes),
            ),
        ];
        for (name, scores, bar, want) in rows {
            assert_eq!(verdict(scores, bar), want, "{name}");
        }
    }
}
