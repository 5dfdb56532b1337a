//! PURE. The embedded coach's grade of a whole interview, live or imported.
//!
//! Reads the candidate's turns sentence by sentence: [`heard`] drops what may not earn, [`facets`]
//! and [`points`] count, [`talk`] measures, [`judge`] turns it all into levels and feedback.

mod book;
mod facets;
mod grade;
mod heard;
mod judge;
mod points;
mod talk;

use std::collections::BTreeMap;

use super::{Flag, Grader, Rubric, SeniorityLevel, capacity};
use crate::material::{Pack, Problem};
use crate::text::PatternError;
use crate::transcript::Transcript;
use book::{Book, patterns};
use heard::{Heard, clean};
use judge::Counted;
use points::Agenda;
use talk::Talk;

pub use grade::{Assessment, CriterionGrade, InterviewGrade, PointGrade, Verdicts};

/// What an interview is graded on.
#[derive(Clone, Copy, Debug)]
pub struct InterviewInput<'a> {
    /// Everything that was said; phases of the turns where they are known.
    pub transcript: &'a Transcript,
    /// The problem, if a pack holds it.
    pub problem: Option<&'a Problem>,
    /// What is judged.
    pub rubric: &'a Rubric,
    /// Rungs of the hint ladder that were given, by id of the point.
    pub hints: &'a BTreeMap<String, usize>,
    /// The seniority aimed at; it chooses the gap that the feedback names.
    pub level: SeniorityLevel,
}

/// Grades interviews by a pack's words; made once, used for any number.
#[derive(Clone, Debug)]
pub struct InterviewGrader {
    book: Book,
}

impl InterviewGrader {
    /// Compiles the words of `pack`.
    ///
    /// # Errors
    ///
    /// [`PatternError`] if one of its patterns cannot be read; `pack lint` gives the place.
    pub fn new(pack: &Pack) -> Result<Self, PatternError> {
        Ok(Self { book: Book::compile(pack)? })
    }

    /// Grades one interview; the same input gives the same grade, to the byte.
    ///
    /// # Errors
    ///
    /// [`PatternError`] if a pattern of the problem cannot be read.
    pub fn grade(&self, input: &InterviewInput<'_>) -> Result<InterviewGrade, PatternError> {
        let book = &self.book;
        let (cleaned, noticed) = clean(input.transcript, book);
        let heard = Heard::new(input.transcript, &cleaned, book);
        let estimates: Vec<_> =
            heard.candidate.iter().flat_map(|turn| capacity::estimates(&turn.prepared, turn.turn)).collect();
        let facts = input.problem.map_or(&[][..], |problem| &problem.facts);
        let facts = facts
            .iter()
            .map(|fact| Ok((fact, patterns(&fact.asks, &book.synonyms)?)))
            .collect::<Result<Vec<_>, _>>()?;
        let filled: Vec<_> = book
            .facets
            .iter()
            .map(|(facet, says)| (facet, facets::fill(facet, says, &heard, book, &facts, &estimates)))
            .collect();
        let signposts = book.facets.iter().find(|(facet, _)| facet.id == "structure");
        let talk =
            Talk::of(input.transcript, &heard, book, signposts.map_or(&[][..], |(_, says)| says.as_slice()));
        let agenda = input.problem.map(|problem| Agenda::compile(problem, book)).transpose()?;
        let points = agenda
            .as_ref()
            .map_or_else(Vec::new, |agenda| agenda.grade(input.transcript, &heard, book, input.hints));
        let mistakes = facets::mistakes(&heard, book);
        let counted = Counted {
            transcript: input.transcript,
            heard: &heard,
            book,
            filled,
            talk,
            agenda,
            points,
            mistakes,
            estimates,
        };
        let criteria: Vec<_> = input.rubric.criteria.iter().map(|c| counted.criterion(c)).collect();
        let mut flags = noticed.flags.clone();
        if heard.words == 0 {
            flags.insert(Flag::Empty);
        } else if heard.words < 60 {
            flags.insert(Flag::TooShort);
        }
        if counted.talk.replies > 3 && counted.talk.dont_know * 2 > counted.talk.replies {
            flags.insert(Flag::DontKnow);
        }
        if counted.slips().next().is_some() || !counted.mistakes.is_empty() {
            flags.insert(Flag::Contradiction);
        }
        Ok(InterviewGrade {
            grader: Grader::embedded().to_string(),
            verdicts: Verdicts::of(input.rubric, &criteria),
            feedback: counted.feedback(input.rubric, &criteria),
            criteria,
            points: counted.points,
            flags: flags.into_iter().collect(),
            usage: None,
        })
    }
}

#[cfg(test)]
mod tests;
