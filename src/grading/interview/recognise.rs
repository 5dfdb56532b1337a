//! PURE. Which problem a transcript is about, and what was asked about it before it was designed.

use serde::{Deserialize, Serialize};

use super::InterviewGrader;
use super::book::patterns;
use super::facets::asked;
use super::heard::{Heard, clean};
use crate::material::Problem;
use crate::text::{Pattern, PatternError, Prepared, Synonyms};
use crate::transcript::{Speaker, Transcript};

/// Turns at the start in which the interviewer names the task.
const OPENING_TURNS: usize = 3;
/// Share of an agenda that must be talked about to recognise a problem that nobody names.
const AGENDA_SHARE: f64 = 0.4;
/// How much better the best problem must fit than the next.
const CLEARLY: f64 = 1.4;
/// Topics named as missing, at most.
const MISSING_MOST: usize = 8;

/// The clarifying questions that were asked, and those that were not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clarified {
    /// Asked for, with the turn.
    pub asked: Vec<AskedTopic>,
    /// Not asked for, as the bank puts the question; the ones that the problem has facts for, or else
    /// the first of the bank.
    pub missing: Vec<String>,
}

/// A topic that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedTopic {
    /// Id of the topic.
    pub topic: String,
    /// Index of the turn.
    pub turn: usize,
}

impl InterviewGrader {
    /// The problem that `titles` (headings, file names) or the interviewer's first words name, or whose
    /// agenda the conversation covers as no other's.
    pub fn recognise<'p>(
        &self,
        transcript: &Transcript,
        titles: &[&str],
        problems: &'p [Problem],
    ) -> Option<&'p Problem> {
        let opening = transcript.turns.iter().take(OPENING_TURNS);
        let opening =
            opening.filter(|turn| turn.speaker != Speaker::Candidate).map(|turn| turn.text.as_str());
        let texts: Vec<Prepared<'_>> = titles.iter().copied().chain(opening).map(Prepared::new).collect();
        let named = problems.iter().filter_map(|problem| {
            let names = [&problem.id, &problem.title].into_iter().chain(&problem.aliases);
            let longest = names.filter(|name| is_named(name, &texts)).map(String::len).max()?;
            Some((longest, problem))
        });
        if let Some((_, problem)) = named.max_by_key(|(length, _)| *length) {
            return Some(problem);
        }
        let said: Vec<Prepared<'_>> = transcript.turns.iter().map(|turn| Prepared::new(&turn.text)).collect();
        let mut fits: Vec<(f64, &Problem)> =
            problems.iter().map(|problem| (self.fit(problem, &said), problem)).collect();
        fits.sort_by(|a, b| b.0.total_cmp(&a.0));
        let next = fits.get(1).map_or(0.0, |(fit, _)| *fit);
        fits.first()
            .filter(|(fit, _)| *fit >= AGENDA_SHARE && *fit >= CLEARLY * next)
            .map(|(_, problem)| *problem)
    }

    /// Share of the problem's agenda that anybody talked about.
    fn fit(&self, problem: &Problem, said: &[Prepared<'_>]) -> f64 {
        let covered = problem.points.iter().filter(|point| {
            patterns(&point.says, &self.book.synonyms).is_ok_and(|patterns| {
                said.iter().any(|turn| patterns.iter().any(|pattern| pattern.find(turn).is_some()))
            })
        });
        covered.count() as f64 / problem.points.len().max(1) as f64
    }

    /// What the candidate asked before designing, and what not.
    ///
    /// # Errors
    ///
    /// [`PatternError`] if a pattern of the problem cannot be read.
    pub fn clarified(
        &self,
        transcript: &Transcript,
        problem: Option<&Problem>,
    ) -> Result<Clarified, PatternError> {
        let book = &self.book;
        let (cleaned, _) = clean(transcript, book);
        let heard = Heard::new(transcript, &cleaned, book);
        let facts = problem.map_or(&[][..], |problem| &problem.facts);
        let facts = facts
            .iter()
            .map(|fact| Ok((fact, patterns(&fact.asks, &book.synonyms)?)))
            .collect::<Result<Vec<_>, _>>()?;
        let found = asked(&heard, book, &facts);
        let is_asked = |topic: &str| found.get(topic).is_some_and(|hit| hit.credit >= 0.4);
        let mut asked: Vec<AskedTopic> = found
            .iter()
            .filter(|(topic, _)| is_asked(topic))
            .map(|(topic, hit)| AskedTopic { topic: (*topic).to_owned(), turn: hit.turn })
            .collect();
        asked.sort_by_key(|topic| topic.turn);
        let wanted = |topic: &str| {
            problem.is_none() || facts.iter().any(|(fact, _)| fact.topic.as_deref() == Some(topic))
        };
        let missing = book
            .topics
            .iter()
            .filter(|(topic, ..)| wanted(topic) && !is_asked(topic))
            .map(|(_, question, _)| question.clone())
            .take(MISSING_MOST)
            .collect();
        Ok(Clarified { asked, missing })
    }
}

/// Whether one of `texts` says the name; a name of one common word must stand alone in a title.
fn is_named(name: &str, texts: &[Prepared<'_>]) -> bool {
    let spaced = name.replace(['-', '_'], " ");
    if spaced.len() < 4 {
        return false;
    }
    Pattern::parse(&spaced.replace(" + ", " "), &Synonyms::default())
        .is_ok_and(|pattern| texts.iter().any(|text| pattern.find(text).is_some()))
}
