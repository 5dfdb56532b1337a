//! PURE. Grades of one criterion or topic over time.

use serde::{Deserialize, Serialize};

use super::change::{Change, mean};
use crate::schedule::Day;

/// Buckets of a track at most: as many as a chart can show.
const BUCKETS: usize = 40;

/// Grades of one criterion or topic over time, all by the same grader.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// Id of the criterion, or the topic.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// The scale's lowest grade.
    pub lowest: f64,
    /// The scale's highest grade.
    pub highest: f64,
    /// Who gave these grades, without version: `embedded`, `llm:PROFILE:MODEL`. Empty without grades.
    pub grader: String,
    /// How many grades.
    pub grades: u64,
    /// Grades of other graders, left out: they do not compare.
    pub left_out: u64,
    /// The grades, oldest first; neighbours share a bucket where there are many.
    pub series: Vec<Bucket>,
    /// Mean of the latest grades (as many as [`Change::window`], at least one).
    pub now: Option<f64>,
    /// What became of them.
    pub change: Change,
}

/// Neighbouring grades.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    /// Day of the first.
    pub from: Day,
    /// Day of the last.
    pub to: Day,
    /// How many.
    pub grades: u64,
    /// Their mean.
    pub mean: f64,
    /// The lowest.
    pub low: f64,
    /// The highest.
    pub high: f64,
}

/// One grade of a track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Mark<'a> {
    pub day: Day,
    pub grader: &'a str,
    pub grade: f64,
    pub spread: Option<f64>,
}

impl Track {
    /// A track of `marks`, which are in order of time; those of the latest mark's grader count.
    /// `unknown` stands for the spread of grades that do not say theirs.
    pub(super) fn of(id: &str, title: &str, scale: (f64, f64), marks: &[Mark<'_>], unknown: f64) -> Self {
        let grader = marks.last().map_or("", |mark| mark.grader);
        let own: Vec<Mark<'_>> = marks.iter().filter(|mark| mark.grader == grader).copied().collect();
        let grades: Vec<f64> = own.iter().map(|mark| mark.grade).collect();
        let change = Change::of(&grades, spread(&own, unknown));
        let latest = grades.len().min(usize::try_from(change.window).unwrap_or(1).max(1));
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            lowest: scale.0,
            highest: scale.1,
            grader: grader.to_owned(),
            grades: grades.len() as u64,
            left_out: (marks.len() - own.len()) as u64,
            series: buckets(&own),
            now: (!grades.is_empty()).then(|| round(mean(&grades[grades.len() - latest..]))),
            change,
        }
    }
}

/// The median of the spreads that were measured, else `unknown`.
fn spread(marks: &[Mark<'_>], unknown: f64) -> f64 {
    let mut measured: Vec<f64> = marks.iter().filter_map(|mark| mark.spread).collect();
    measured.sort_by(f64::total_cmp);
    measured.get(measured.len() / 2).copied().unwrap_or(unknown)
}

fn buckets(marks: &[Mark<'_>]) -> Vec<Bucket> {
    let size = marks.len().div_ceil(BUCKETS).max(1);
    let bucket = |marks: &[Mark<'_>]| {
        let grades: Vec<f64> = marks.iter().map(|mark| mark.grade).collect();
        Bucket {
            from: marks[0].day,
            to: marks[marks.len() - 1].day,
            grades: marks.len() as u64,
            mean: round(mean(&grades)),
            low: round(grades.iter().copied().fold(f64::INFINITY, f64::min)),
            high: round(grades.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
        }
    };
    marks.chunks(size).map(bucket).collect()
}

pub(super) fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
