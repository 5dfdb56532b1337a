//! PURE. What a session's log says about what is mastered: an outcome for progress, reviews for cards.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::rating::share;
use super::{CardId, Day, Rating};
use crate::grading::{Assessment, InterviewGrade, PointStatus, Verdict};
use crate::interview::{Act, Event, Record, SessionKind, Start};
use crate::material::Problem;

/// The result of a graded session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// What the session was.
    pub kind: SessionKind,
    /// Card or problem that it was about, as [`CardId`] writes it, or `problem:ID`; `None` for one's own words.
    pub subject: Option<String>,
    /// Who graded, without version or prompt: `embedded`, `llm:PROFILE:MODEL`.
    pub grader: String,
    /// Id of the rubric; empty for an answer.
    pub rubric: String,
    /// Share of the marks, or of the points raised, 0 to 1; `None` if there were none.
    pub score: Option<f64>,
    /// The verdict at senior.
    pub senior: Option<Verdict>,
    /// Scores of the criteria that were assessed.
    pub criteria: Vec<CriterionMark>,
}

/// The score of one criterion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CriterionMark {
    /// Id of the criterion.
    pub id: String,
    /// 1.0 to 4.0.
    pub score: f64,
    /// Highest less lowest score of several samples.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub spread: Option<f64>,
}

/// A graded session.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// Id of the session.
    pub session: String,
    /// The day of its grade.
    pub day: Day,
    /// What came of it.
    pub outcome: Outcome,
}

/// A day's practice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PracticeDay {
    /// Which.
    pub day: Day,
    /// Sessions with at least one turn.
    pub sessions: u64,
    /// Active milliseconds.
    pub used_ms: u64,
}

/// What a session leaves behind.
#[derive(Clone, Debug, PartialEq)]
pub struct Practice {
    /// For progress.
    pub outcome: Outcome,
    /// For cards: each with its rating and what it earned, 0 to 1.
    pub reviews: Vec<(CardId, Rating, f64)>,
}

/// Folds a log; `None` if nothing was graded, and for a fork, whose first turns were counted already.
///
/// The latest grade of an interview counts. Of an answer it is the first: a second try comes right
/// after the feedback, and says little about memory.
pub fn practice(log: &[Record]) -> Option<Practice> {
    let Event::Started(start) = &log.first()?.event else { return None };
    if start.forked_from.is_some() {
        return None;
    }
    match start.kind {
        SessionKind::Answer => answer(log),
        SessionKind::Interview | SessionKind::Review => interview(start, log),
        SessionKind::Diagram => None,
    }
}

fn answer(log: &[Record]) -> Option<Practice> {
    let card = log.iter().find_map(|record| match &record.event {
        Event::Asked { question_id, reference, .. } => {
            Some(question_id.as_ref().map(|id| CardId::of_question(id, reference.is_some())))
        }
        _ => None,
    })?;
    let grade = log.iter().find_map(|record| match &record.event {
        Event::AnswerGraded { grade } => Some(grade),
        _ => None,
    })?;
    let score = share(grade);
    let outcome = Outcome {
        kind: SessionKind::Answer,
        subject: card.as_ref().map(CardId::to_string),
        grader: family(&grade.grader).to_owned(),
        rubric: String::new(),
        score: Some(score),
        senior: None,
        criteria: Vec::new(),
    };
    let reviews = card.map(|card| (card, Rating::of_answer(grade), score)).into_iter().collect();
    Some(Practice { outcome, reviews })
}

fn interview(start: &Start, log: &[Record]) -> Option<Practice> {
    let grade = log.iter().rev().find_map(|record| match &record.event {
        Event::Graded { grade } => Some(grade.as_ref()),
        _ => None,
    })?;
    let raised = raised(start.problem.as_deref(), log, grade);
    let problem = start.problem_id.as_ref();
    let reviews: Vec<_> = problem
        .into_iter()
        .flat_map(|problem| {
            let points = grade.points.iter().filter(|point| raised.contains(point.id.as_str()));
            points.map(|point| {
                let id = CardId::Point { problem: problem.clone(), point: point.id.clone() };
                (id, Rating::of_point(point), worth(point.status))
            })
        })
        .collect();
    let worth: f64 = reviews.iter().map(|(_, _, score)| score).sum();
    let outcome = Outcome {
        kind: start.kind,
        subject: problem.map(|problem| format!("problem:{problem}")),
        grader: family(&grade.grader).to_owned(),
        rubric: start.rubric.clone(),
        score: (!reviews.is_empty()).then(|| worth / reviews.len() as f64),
        senior: grade.verdicts.senior,
        criteria: criteria(grade),
    };
    Some(Practice { outcome, reviews })
}

fn criteria(grade: &InterviewGrade) -> Vec<CriterionMark> {
    let assessed = grade.criteria.iter().filter_map(|criterion| match criterion.assessment {
        Assessment::Assessed { score, spread, .. } => {
            Some(CriterionMark { id: criterion.id.clone(), score, spread })
        }
        Assessment::NotAssessed { .. } => None,
    });
    assessed.collect()
}

fn worth(status: PointStatus) -> f64 {
    match status {
        PointStatus::Covered => 1.0,
        PointStatus::Partial => 0.5,
        PointStatus::Missed | PointStatus::Wrong => 0.0,
    }
}

/// Points that came up: the candidate spoke of them, or was asked. What nobody raised says nothing.
fn raised<'a>(
    problem: Option<&'a Problem>,
    log: &'a [Record],
    grade: &'a InterviewGrade,
) -> BTreeSet<&'a str> {
    let spoken = grade.points.iter().filter(|point| point.status != PointStatus::Missed);
    let mut raised: BTreeSet<&str> = spoken.map(|point| point.id.as_str()).collect();
    for record in log {
        let Event::Said { acts, .. } = &record.event else { continue };
        for act in acts {
            match act {
                Act::Probe { id } | Act::FollowUp { id } | Act::Hint { id, .. } => {
                    raised.insert(id);
                }
                Act::Change => {
                    raised
                        .extend(problem.iter().flat_map(|problem| &problem.change.opens).map(String::as_str));
                }
                Act::Failure { id } => {
                    let scenarios = problem.iter().flat_map(|problem| &problem.failures);
                    let opened = scenarios.filter(|scenario| scenario.id == *id);
                    raised.extend(opened.flat_map(|scenario| &scenario.opens).map(String::as_str));
                }
                _ => {}
            }
        }
    }
    raised
}

/// A grader's name without the version or prompt behind `@`.
fn family(grader: &str) -> &str {
    grader.split_once('@').map_or(grader, |(family, _)| family)
}
