//! PURE. The phases of an interview held elsewhere: by headings, else by what is said, else by time.

use serde::{Deserialize, Serialize};

use super::InterviewGrader;
use super::book::{Book, any};
use super::heard::{Heard, clean};
use crate::material::PhaseFormat;
use crate::text::Prepared;
use crate::transcript::{Speaker, Transcript};

/// How the phases of a transcript were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PhasesFoundBy {
    /// The transcript has headings.
    Headings,
    /// By what the two of them said.
    Content,
    /// By the share of the plan, where nobody said anything of the kind.
    Time,
}

impl InterviewGrader {
    /// Gives every turn its phase; `headings` has one entry a turn.
    pub fn mark_phases(
        &self,
        transcript: &mut Transcript,
        headings: &[Option<String>],
        phases: &[PhaseFormat],
    ) -> PhasesFoundBy {
        let book = &self.book;
        let named: Vec<Option<usize>> =
            headings.iter().map(|heading| by_heading(heading.as_deref()?, phases, book)).collect();
        let mut kinds: Vec<usize> = named.iter().flatten().copied().collect();
        kinds.sort_unstable();
        kinds.dedup();
        if kinds.len() >= 2 {
            let mut current = 0;
            for (turn, phase) in transcript.turns.iter_mut().zip(named) {
                current = phase.unwrap_or(current);
                turn.phase = Some(phases[current].id.clone());
            }
            return PhasesFoundBy::Headings;
        }
        let (starts, found_by) = starts(transcript, phases, book);
        for (index, turn) in transcript.turns.iter_mut().enumerate() {
            let phase = starts.iter().rposition(|&start| start <= index).unwrap_or(0);
            turn.phase = phases.get(phase).map(|phase| phase.id.clone());
        }
        found_by
    }
}

fn by_heading(heading: &str, phases: &[PhaseFormat], book: &Book) -> Option<usize> {
    let lower = heading.to_lowercase();
    let exact = phases.iter().position(|phase| {
        lower.starts_with(&phase.title.to_lowercase())
            || lower.replace([' ', '-'], "_").starts_with(&phase.id)
    });
    exact.or_else(|| {
        let prepared = Prepared::new(heading);
        let cue = book.phases.iter().find(|cue| any(&cue.headings, &prepared))?;
        phases.iter().position(|phase| phase.id == cue.id)
    })
}

/// The turn at which each phase begins, ascending; phases without a cue begin by their share of what is left.
fn starts(transcript: &Transcript, phases: &[PhaseFormat], book: &Book) -> (Vec<usize>, PhasesFoundBy) {
    let count = transcript.turns.len();
    let mut found: Vec<Option<usize>> = vec![None; phases.len()];
    if let Some(first) = found.first_mut() {
        *first = Some(0);
    }
    let (cleaned, _) = clean(transcript, book);
    let heard = Heard::new(transcript, &cleaned, book);
    let designing =
        heard.candidate.iter().find(|turn| turn.sentences.iter().any(|s| !s.early)).map(|turn| turn.turn);
    let mut from = 1;
    for (index, phase) in phases.iter().enumerate().skip(1) {
        let cues = book.phases.iter().find(|cue| cue.id == phase.id);
        let cued = cues.and_then(|cues| {
            (from..count).find(|&turn| {
                let spoken = &transcript.turns[turn];
                spoken.speaker == Speaker::Interviewer && any(&cues.begins, &Prepared::new(&spoken.text))
            })
        });
        let begins = if index == 1 { [cued, designing].into_iter().flatten().min() } else { cued };
        if let Some(begins) = begins {
            found[index] = Some(begins);
            from = begins + 1;
        }
    }
    let by =
        if found.iter().skip(1).any(Option::is_some) { PhasesFoundBy::Content } else { PhasesFoundBy::Time };
    (filled(&found, transcript, phases), by)
}

/// Puts the phases without a cue between those that have one, by minutes and by time, else by words.
fn filled(found: &[Option<usize>], transcript: &Transcript, phases: &[PhaseFormat]) -> Vec<usize> {
    let mut passed: Vec<f64> = Vec::with_capacity(transcript.turns.len() + 1);
    let mut words = 0.0;
    for turn in &transcript.turns {
        passed.push(words);
        words += 1.0 + turn.text.split_whitespace().count() as f64;
    }
    passed.push(words);
    let mut starts: Vec<usize> = Vec::new();
    for index in 0..phases.len() {
        let previous = starts.last().copied().unwrap_or(0);
        let start = found[index].unwrap_or_else(|| {
            let next = found[index + 1..].iter().flatten().next().copied().unwrap_or(transcript.turns.len());
            let until =
                found[index + 1..].iter().position(Option::is_some).map_or(phases.len(), |at| index + 1 + at);
            let minutes = |range: std::ops::Range<usize>| -> f64 {
                phases[range].iter().map(|phase| f64::from(phase.minutes)).sum()
            };
            let before = index.saturating_sub(1);
            let share = minutes(before..index) / minutes(before..until).max(1.0);
            let goal = passed[previous] + share * (passed[next.max(previous)] - passed[previous]);
            passed.partition_point(|&at| at < goal).min(next)
        });
        starts.push(start.max(previous));
    }
    starts
}
