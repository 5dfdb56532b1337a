//! PURE. Whether grades changed, or only scattered.

use serde::{Deserialize, Serialize};

/// Grades compared at each end, at most.
const WINDOW: usize = 10;

/// The two-sided 95 % points of Student's t for 1 to 18 degrees of freedom.
const T95: [f64; 18] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101,
];

/// What became of the grades from the first to the latest.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Up, down, or neither that could be told from noise.
    pub direction: Direction,
    /// Mean of the latest grades less that of the first; `None` with fewer than four grades.
    pub by: Option<f64>,
    /// What `by` must exceed: the larger of the grader's spread and of what chance explains (95 %).
    pub noise: Option<f64>,
    /// Grades compared at each end.
    pub window: u64,
}

/// Where grades went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Better, beyond noise.
    Better,
    /// Worse, beyond noise.
    Worse,
    /// No change that noise would not explain.
    WithinNoise,
    /// Fewer than four grades.
    TooFew,
}

impl Change {
    /// Compares the first grades with the latest. `spread` is how far one grade of the same thing may
    /// lie from another of the same grader.
    pub fn of(grades: &[f64], spread: f64) -> Self {
        let window = (grades.len() / 2).min(WINDOW);
        if window < 2 {
            return Self { direction: Direction::TooFew, by: None, noise: None, window: window as u64 };
        }
        let (first, latest) = (&grades[..window], &grades[grades.len() - window..]);
        let by = mean(latest) - mean(first);
        let scatter = (squares(first) + squares(latest)) / (2 * window - 2) as f64;
        let chance = T95[(2 * window - 3).min(T95.len() - 1)] * (scatter * 2.0 / window as f64).sqrt();
        let noise = chance.max(spread);
        let direction = if by.abs() <= noise {
            Direction::WithinNoise
        } else if by > 0.0 {
            Direction::Better
        } else {
            Direction::Worse
        };
        let rounded = |value: f64| Some((value * 100.0).round() / 100.0);
        Self { direction, by: rounded(by), noise: rounded(noise), window: window as u64 }
    }
}

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn squares(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|value| (value - mean).powi(2)).sum()
}
