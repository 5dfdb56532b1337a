//! PURE. The embedded coach's grade of a whole interview, live or imported.
//!
//! Reads the candidate's turns sentence by sentence: [`heard`] drops what may not earn, [`facets`]
//! and [`points`] count, [`talk`] measures, [`judge`] turns it all into levels and feedback.

mod book;
mod facets;
mod grade;
mod heard;
mod judge;
mod phases;
mod points;
mod recognise;
mod talk;

use std::collections::BTreeMap;

use super::{Grader, Rubric, SeniorityLevel, capacity};
use crate::material::{Pack, Problem};
use crate::text::PatternError;
use crate::transcript::Transcript;
use book::{Book, patterns};
use heard::{Heard, Noticed, clean};
use judge::Counted;
use points::Agenda;
use talk::Talk;

pub use grade::{Assessment, Correction, CriterionGrade, InterviewGrade, PointGrade, Verdicts};
pub use phases::PhasesFoundBy;
pub use recognise::{AskedTopic, Clarified};

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
        self.counted(input, |counted, noticed| {
            let criteria: Vec<_> = input.rubric.criteria.iter().map(|c| counted.criterion(c)).collect();
            InterviewGrade {
                grader: Grader::embedded().to_string(),
                verdicts: Verdicts::of(input.rubric, &criteria),
                feedback: counted.feedback(input.rubric, &criteria),
                criteria,
                points: counted.points.clone(),
                corrections: counted.corrections(),
                flags: counted.flags(noticed).into_iter().collect(),
                usage: None,
            }
        })
    }

    /// What each facet and measure found, for those who tune `signals.toml`.
    ///
    /// # Errors
    ///
    /// As [`Self::grade`].
    pub fn trace(&self, input: &InterviewInput<'_>) -> Result<Vec<Trace>, PatternError> {
        self.counted(input, |counted, _| counted.trace())
    }

    fn counted<T>(
        &self,
        input: &InterviewInput<'_>,
        judge: impl FnOnce(&Counted<'_>, &Noticed) -> T,
    ) -> Result<T, PatternError> {
        let book = &self.book;
        let (cleaned, noticed) = clean(input.transcript, book);
        let mut heard = Heard::new(input.transcript, &cleaned, book);
        let mistakes = facets::mistakes(&heard, book);
        for mistake in &mistakes {
            heard.mark_wrong(mistake.turn, mistake.sentences.clone());
        }
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
        Ok(judge(&counted, &noticed))
    }
}

/// What one facet or measure found.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// Criterion it counts for.
    pub criterion: String,
    /// Facet, measure, or `wrong`, `estimate`.
    pub id: String,
    /// How full it is, 0 to 1.
    pub share: f64,
    /// The words it was found in.
    pub quotes: Vec<String>,
}

#[cfg(test)]
mod tests;
