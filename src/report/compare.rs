//! PURE. Two grades side by side: what was won, what was lost, and what is only noise.

use serde::{Deserialize, Serialize};

use super::progress::{UNKNOWN_LEVEL, UNKNOWN_POINTS};
use super::words::{title, verdict};
use crate::grading::{AnswerGrade, Assessment, InterviewGrade, PointStatus, Rubric, Verdicts};

/// One of two graded sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// Id of the session.
    pub id: String,
    /// Its title.
    pub title: String,
    /// When it began, RFC 3339.
    pub started_at: String,
    /// Who graded.
    pub grader: String,
}

/// Two grades of interviews or answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The first.
    pub a: Side,
    /// The second.
    pub b: Side,
    /// The same grader gave both, so that they compare.
    pub same_grader: bool,
    /// Scores of the criteria that either has; for answers one, `score`, of 10.
    pub criteria: Vec<ComparedScore>,
    /// Verdicts of the first; `None` for an answer.
    pub verdicts_a: Option<Verdicts>,
    /// Verdicts of the second.
    pub verdicts_b: Option<Verdicts>,
    /// Points that both were graded on and that went differently.
    pub points: Vec<ComparedPoint>,
}

/// A score on both sides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparedScore {
    /// Id of the criterion.
    pub id: String,
    /// The first score; `None` if not assessed.
    pub a: Option<f64>,
    /// The second.
    pub b: Option<f64>,
    /// The second less the first.
    pub change: Option<f64>,
    /// What a change must exceed to be more than the grader's spread.
    pub noise: f64,
}

/// A point that went differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparedPoint {
    /// The point as a sentence.
    pub point: String,
    /// On the first side.
    pub a: PointStatus,
    /// On the second.
    pub b: PointStatus,
}

impl Comparison {
    /// Compares two interviews or reviews.
    pub fn of_interviews(a: (Side, &InterviewGrade), b: (Side, &InterviewGrade)) -> Self {
        let ((a, first), (b, second)) = (a, b);
        let ids = first.criteria.iter().map(|criterion| &criterion.id);
        let new = second.criteria.iter().map(|criterion| &criterion.id);
        let mut ids: Vec<&String> = ids.collect();
        ids.extend(new.filter(|id| first.criterion(id).is_none()));
        let criteria = ids.into_iter().map(|id| {
            let (from, to) = (score(first, id), score(second, id));
            let spreads = [from, to].into_iter().flatten().filter_map(|(_, spread)| spread);
            let noise = spreads.reduce(f64::max).unwrap_or(UNKNOWN_LEVEL);
            ComparedScore::of(id, from.map(|it| it.0), to.map(|it| it.0), noise)
        });
        let points = first.points.iter().filter_map(|from| {
            let to = second.points.iter().find(|to| to.id == from.id)?;
            changed(&from.point, from.status, to.status)
        });
        Self {
            same_grader: first.grader == second.grader,
            criteria: criteria.collect(),
            verdicts_a: Some(first.verdicts),
            verdicts_b: Some(second.verdicts),
            points: points.collect(),
            a,
            b,
        }
    }

    /// Compares two answers.
    pub fn of_answers(a: (Side, &AnswerGrade), b: (Side, &AnswerGrade)) -> Self {
        let ((a, first), (b, second)) = (a, b);
        let of_ten = |grade: &AnswerGrade| 10.0 * grade.score / grade.max_score.max(f64::EPSILON);
        let points = first.points.iter().filter_map(|from| {
            let to = second.points.iter().find(|to| to.point == from.point)?;
            changed(&from.point, from.status, to.status)
        });
        Self {
            same_grader: first.grader == second.grader,
            criteria: vec![ComparedScore::of(
                "score",
                Some(of_ten(first)),
                Some(of_ten(second)),
                UNKNOWN_POINTS,
            )],
            verdicts_a: None,
            verdicts_b: None,
            points: points.collect(),
            a,
            b,
        }
    }

    /// The comparison for people; `rubric` gives the criteria their titles.
    pub fn text(&self, rubric: Option<&Rubric>) -> String {
        let mut out = String::new();
        for (name, side) in [("A", &self.a), ("B", &self.b)] {
            out += &format!("{name}  {}, {}, graded by {}\n", side.title, side.started_at, side.grader);
        }
        if !self.same_grader {
            out += "Graded by different graders: the scores do not compare. `greenroom report ID --grade` grades again.\n";
        }
        out += &format!("\n{:<28}{:>5}{:>7}\n", "", "A", "B");
        for row in &self.criteria {
            let name = rubric.map_or(row.id.as_str(), |rubric| title(rubric, &row.id));
            let shown = |score: Option<f64>| score.map_or("-".to_owned(), |score| format!("{score:.1}"));
            let change = match row.change {
                Some(change) if !self.same_grader || change.abs() > row.noise => format!("{change:+.1}"),
                Some(change) => format!("{change:+.1}, within noise ({:.1})", row.noise),
                None => String::new(),
            };
            out += format!("{name:<28}{:>5}{:>7}   {change}", shown(row.a), shown(row.b)).trim_end();
            out += "\n";
        }
        if let (Some(a), Some(b)) = (self.verdicts_a, self.verdicts_b) {
            for (level, from, to) in
                [("mid", a.mid, b.mid), ("senior", a.senior, b.senior), ("staff", a.staff, b.staff)]
            {
                out += &format!("{level:<28}{} → {}\n", verdict(from), verdict(to));
            }
        }
        let (won, lost): (Vec<_>, Vec<_>) =
            self.points.iter().partition(|point| rank(point.b) > rank(point.a));
        for (heading, sign, points) in [("Won", '+', won), ("Lost", '-', lost)] {
            if !points.is_empty() {
                out += &format!("\n{heading}\n");
                points.iter().for_each(|point| out += &format!("  {sign} {}\n", point.point));
            }
        }
        out
    }
}

impl ComparedScore {
    fn of(id: &str, a: Option<f64>, b: Option<f64>, noise: f64) -> Self {
        let rounded = |value: f64| (value * 100.0).round() / 100.0;
        let change = a.zip(b).map(|(a, b)| rounded(b - a));
        Self { id: id.to_owned(), a, b, change, noise }
    }
}

fn score(grade: &InterviewGrade, id: &str) -> Option<(f64, Option<f64>)> {
    match grade.criterion(id)?.assessment {
        Assessment::Assessed { score, spread, .. } => Some((score, spread)),
        Assessment::NotAssessed { .. } => None,
    }
}

fn changed(point: &str, a: PointStatus, b: PointStatus) -> Option<ComparedPoint> {
    (a != b).then(|| ComparedPoint { point: point.to_owned(), a, b })
}

fn rank(status: PointStatus) -> u8 {
    match status {
        PointStatus::Wrong => 0,
        PointStatus::Missed => 1,
        PointStatus::Partial => 2,
        PointStatus::Covered => 3,
    }
}
