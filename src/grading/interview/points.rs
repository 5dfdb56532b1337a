//! PURE. The problem's agenda: which points the candidate covered, when, and with whose words.

use std::collections::BTreeMap;

use super::book::{Book, matches, patterns};
use super::facets::{denied, originality, range};
use super::grade::PointGrade;
use super::heard::Heard;
use crate::grading::{Evidence, PointStatus};
use crate::material::{Point, Problem};
use crate::text::{Pattern, PatternError};
use crate::transcript::Transcript;

/// Id of the phase whose points count while nothing is designed yet.
const REQUIREMENTS: &str = "requirements";

/// A problem's patterns, compiled.
#[derive(Clone, Debug)]
pub(super) struct Agenda<'a> {
    points: Vec<(&'a Point, Vec<Pattern>, Vec<Pattern>)>,
}

impl<'a> Agenda<'a> {
    pub fn compile(problem: &'a Problem, book: &Book) -> Result<Self, PatternError> {
        let point = |point: &'a Point| {
            Ok((point, patterns(&point.says, &book.synonyms)?, patterns(&point.partly, &book.synonyms)?))
        };
        Ok(Self { points: problem.points.iter().map(point).collect::<Result<_, _>>()? })
    }

    /// Grades every point of the agenda.
    pub fn grade(
        &self,
        transcript: &Transcript,
        heard: &Heard<'_>,
        book: &Book,
        hints: &BTreeMap<String, usize>,
    ) -> Vec<PointGrade> {
        self.points
            .iter()
            .map(|(point, says, partly)| {
                let hinted = hints.get(&point.id).copied().unwrap_or(0);
                let mut said_first = false;
                let mut find = |patterns: &[Pattern], full: PointStatus| {
                    let mut best: Option<(PointStatus, Evidence)> = None;
                    for turn in &heard.candidate {
                        for pattern in patterns {
                            for found in matches(pattern, &turn.prepared) {
                                let sentence = &turn.sentences[found.first_sentence];
                                // What was found out after the design had begun was not found out first.
                                let too_late =
                                    point.phase == REQUIREMENTS && !sentence.early && !sentence.asks;
                                if denied(found, turn) || too_late || sentence.wrong {
                                    continue;
                                }
                                let own = originality(pattern, found, turn, heard, book);
                                said_first |= own < 1.0;
                                let status = if own >= 1.0 { full } else { PointStatus::Partial };
                                if own == 0.0 {
                                    continue;
                                }
                                let evidence = Evidence::at(transcript, turn.turn, range(found, turn));
                                if let Some(evidence) = evidence
                                    && best.as_ref().is_none_or(|(s, _)| *s != full && status == full)
                                {
                                    best = Some((status, evidence));
                                }
                            }
                        }
                    }
                    best
                };
                let found = find(says, PointStatus::Covered).or_else(|| find(partly, PointStatus::Partial));
                let (status, evidence) = match found {
                    Some((_, evidence)) if hinted >= 3 => (PointStatus::Partial, Some(evidence)),
                    Some((status, evidence)) => (status, Some(evidence)),
                    None => (PointStatus::Missed, None),
                };
                PointGrade {
                    id: point.id.clone(),
                    phase: point.phase.clone(),
                    criterion: point.criterion.clone(),
                    point: point.text.clone(),
                    status,
                    quote: evidence.as_ref().map_or(String::new(), |e| e.quote().to_owned()),
                    turn: evidence.as_ref().map(Evidence::turn),
                    at: evidence.as_ref().and_then(Evidence::at_seconds),
                    hints: hinted,
                    said_by_interviewer: said_first && status != PointStatus::Covered,
                }
            })
            .collect()
    }

    /// Share of a criterion's agenda that was covered, 0 to 1; `None` with fewer than three points.
    pub fn share(&self, criterion: &str, grades: &[PointGrade]) -> Option<f64> {
        let (mut got, mut all, mut count) = (0.0, 0.0, 0);
        for ((point, ..), grade) in self.points.iter().zip(grades) {
            if point.criterion != criterion {
                continue;
            }
            count += 1;
            all += point.weight;
            let hinted = [1.0, 0.85, 0.65, 0.5][grade.hints.min(3)];
            got += point.weight
                * match grade.status {
                    PointStatus::Covered => hinted,
                    PointStatus::Partial => 0.5 * hinted,
                    PointStatus::Missed | PointStatus::Wrong => 0.0,
                };
        }
        (count >= 3 && all > 0.0).then(|| got / all)
    }

    /// The heaviest point of a criterion that was missed.
    pub fn gap(&self, criterion: &str, grades: &[PointGrade]) -> Option<&'a Point> {
        self.points
            .iter()
            .zip(grades)
            .filter(|((point, ..), grade)| {
                point.criterion == criterion && grade.status == PointStatus::Missed
            })
            .map(|((point, ..), _)| *point)
            .min_by(|a, b| a.level.cmp(&b.level).then(b.weight.total_cmp(&a.weight)))
    }
}
