//! PURE. Files into one interview: speakers given their roles, turns joined, clocks set to zero.

use serde::{Deserialize, Serialize};

use super::read::{Format, Parsed, ReadError, Utterance};
use super::speakers::{FoundBy, SpeakerShare, asks, find};
use super::{Speaker, Transcript, Turn};

/// Silence from which a pause is worth a line, in seconds.
const SILENCE: f64 = 8.0;
/// Words a minute, where a file gives no end.
const WORDS_A_SECOND: f64 = 2.5;

/// An interview from one or more files.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The turns.
    pub transcript: Transcript,
    /// How each file was written.
    pub formats: Vec<Format>,
    /// Titles of the files, where they have one.
    pub titles: Vec<String>,
    /// Who spoke, in the order in which they first did; empty if nobody is named.
    pub speakers: Vec<SpeakerShare>,
    /// How the candidate was found.
    pub found_by: FoundBy,
    /// Times, where the files have them.
    pub timing: Timing,
    /// Heading over each turn, where the file has headings.
    pub headings: Vec<Option<String>>,
}

/// Where a transcript came from, kept with the session: what its turns alone do not tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Who spoke; empty if nobody is named.
    pub speakers: Vec<SpeakerShare>,
    /// How the candidate was found.
    pub found_by: FoundBy,
    /// What the times show.
    pub timing: Timing,
}

impl Imported {
    /// What the turns alone do not tell.
    pub fn provenance(&self) -> Provenance {
        Provenance { speakers: self.speakers.clone(), found_by: self.found_by, timing: self.timing.clone() }
    }
}

/// What the times of a transcript show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// Seconds from the first word to the last; `None` without times.
    pub length_s: Option<u64>,
    /// The candidate's longest turn: its index, its words, and its seconds where known.
    pub longest_turn: Option<LongestTurn>,
    /// Pauses of 8 seconds or more before a turn.
    pub silences: Vec<Silence>,
}

/// The candidate's longest turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LongestTurn {
    /// Index of the turn.
    pub turn: usize,
    /// Words in it.
    pub words: usize,
    /// How long it took, where known.
    pub seconds: Option<u64>,
}

/// A pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// Turn that follows.
    pub turn: usize,
    /// When it began, in seconds from the start.
    pub at: u64,
    /// How long it was.
    pub seconds: u64,
}

/// Puts files together, in the order given, as one interview.
///
/// # Errors
///
/// [`ReadError`] if nobody, or more than one, goes by the name of `candidate`.
pub fn assemble(parts: Vec<Parsed>, candidate: Option<&str>) -> Result<Imported, ReadError> {
    let formats = parts.iter().map(|part| part.format).collect();
    let titles = parts.iter().filter_map(|part| part.title.clone()).collect();
    let mut utterances: Vec<Utterance> = Vec::new();
    for part in parts {
        let mut more = part.utterances;
        let shift = shift(&utterances, &more);
        more.iter_mut().for_each(|u| {
            u.start = u.start.map(|start| start + shift);
            u.end = u.end.map(|end| end + shift);
            u.text = without_noises(&u.text);
        });
        utterances.append(&mut more);
    }
    utterances.retain(|u| u.text.chars().any(|c| !c.is_whitespace()));
    if utterances.is_empty() {
        return Err(ReadError::Empty);
    }
    let (speakers, found_by) = find(&utterances, candidate)?;
    let speaker = |utterance: &Utterance| match &utterance.name {
        Some(name) if speakers.iter().any(|s| s.candidate && s.name == *name) => Speaker::Candidate,
        Some(_) => Speaker::Interviewer,
        None if found_by == FoundBy::Guess && is_question(&utterance.text) => Speaker::Interviewer,
        None if found_by == FoundBy::Guess => Speaker::Candidate,
        None => Speaker::Other,
    };
    let (mut turns, mut ends, mut headings): (Vec<Turn>, Vec<Option<f64>>, Vec<Option<String>>) =
        Default::default();
    let mut names: Vec<Option<&str>> = Vec::new();
    for utterance in &utterances {
        let who = speaker(utterance);
        let name = utterance.name.as_deref();
        if let (Some(last), Some(said_by)) = (turns.last_mut(), names.last())
            && last.speaker == who
            && (*said_by == name || (name.is_none() && found_by != FoundBy::Guess))
            && headings.last() == Some(&utterance.heading)
        {
            let own = utterance.text.starts_with(['-', '*', '|', '`', '+']) || found_by == FoundBy::Guess;
            last.text.push(if own { '\n' } else { ' ' });
            last.text.push_str(utterance.text.trim());
            if let Some(end) = ends.last_mut() {
                *end = utterance.end.or(*end);
            }
            continue;
        }
        turns.push(Turn {
            speaker: who,
            at_seconds: utterance.start.map(|start| start as u64),
            phase: None,
            text: utterance.text.trim().to_owned(),
        });
        ends.push(utterance.end);
        headings.push(utterance.heading.clone());
        names.push(name);
    }
    set_clock(&mut turns, &mut ends);
    let timing = timing(&turns, &ends);
    Ok(Imported { transcript: Transcript { turns }, formats, titles, speakers, found_by, timing, headings })
}

/// A later file whose clock starts again goes on where the earlier one ended.
fn shift(before: &[Utterance], after: &[Utterance]) -> f64 {
    let end = before.iter().filter_map(|u| u.end.or(u.start)).fold(0.0, f64::max);
    let start = after.iter().find_map(|u| u.start).unwrap_or(end);
    if start < end { end - start.min(0.0) } else { 0.0 }
}

/// Counts from the first turn's time, where that is a time of day; times that run backwards go.
fn set_clock(turns: &mut [Turn], ends: &mut [Option<f64>]) {
    let Some(first) = turns.iter().find_map(|turn| turn.at_seconds) else { return };
    // Recordings that begin within an hour begin at zero.
    let zero = if first > 3600 { first } else { 0 };
    let mut last = 0;
    for (turn, end) in turns.iter_mut().zip(ends) {
        turn.at_seconds = turn.at_seconds.map(|at| at.saturating_sub(zero)).filter(|&at| at >= last);
        *end = end.map(|end| (end - zero as f64).max(0.0));
        last = turn.at_seconds.unwrap_or(last);
    }
}

fn timing(turns: &[Turn], ends: &[Option<f64>]) -> Timing {
    let words = |turn: &Turn| turn.text.split_whitespace().count();
    let seconds = |index: usize| -> Option<u64> {
        let start = turns[index].at_seconds?;
        let end = ends[index].map(|end| end as u64).or_else(|| turns.get(index + 1)?.at_seconds)?;
        Some(end.saturating_sub(start))
    };
    let longest = turns
        .iter()
        .enumerate()
        .filter(|(_, turn)| turn.speaker == Speaker::Candidate)
        .max_by_key(|(index, turn)| (words(turn), usize::MAX - index));
    let longest_turn =
        longest.map(|(turn, said)| LongestTurn { turn, words: words(said), seconds: seconds(turn) });
    let mut silences = Vec::new();
    for (turn, pair) in turns.windows(2).enumerate() {
        let (Some(start), Some(next)) = (pair[0].at_seconds, pair[1].at_seconds) else { continue };
        // Without an end the words say how long it took.
        let end = ends[turn].unwrap_or(start as f64 + words(&pair[0]) as f64 / WORDS_A_SECOND);
        let gap = next as f64 - end;
        if gap >= SILENCE && ends[turn].is_some() {
            silences.push(Silence { turn: turn + 1, at: end as u64, seconds: gap as u64 });
        }
    }
    let first = turns.iter().find_map(|turn| turn.at_seconds);
    let last = turns.iter().zip(ends).rev().find_map(|(turn, end)| {
        let start = turn.at_seconds?;
        Some(end.map_or(start + (words(turn) as f64 / WORDS_A_SECOND) as u64, |end| end as u64))
    });
    let length_s = first.zip(last).map(|(first, last)| last.saturating_sub(first));
    Timing { length_s, longest_turn, silences }
}

/// Paragraphs that ask, where nobody is named: short, to "you", or ending in a question.
fn is_question(text: &str) -> bool {
    let words = text.split_whitespace().count();
    words < 60 && asks(text) > 0
}

/// Bytes of the longest note of a transcriber that is taken out.
const LONGEST_NOISE: usize = 40;

/// Takes out what a transcriber noted and nobody said: `[laughter]`, `(silence)`.
fn without_noises(text: &str) -> String {
    const NOISES: [&str; 16] = [
        "silence",
        "silent",
        "pause",
        "long pause",
        "laugh",
        "inaudible",
        "crosstalk",
        "music",
        "applause",
        "unintelligible",
        "cough",
        "no response",
        "no answer",
        "sigh",
        "typing",
        "background",
    ];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find(['[', '(']) {
        let close = if rest[open..].starts_with('[') { ']' } else { ')' };
        out.push_str(&rest[..open]);
        // A note is short; looking no further keeps this linear.
        let near = &rest[open + 1..rest.floor_char_boundary(open + 1 + LONGEST_NOISE)];
        let inside = near.find(close).map(|end| &near[..end]);
        match inside {
            Some(inside) if NOISES.iter().any(|noise| inside.trim().to_lowercase().starts_with(noise)) => {
                rest = &rest[open + inside.len() + 2..];
            }
            _ => {
                out.push_str(&rest[open..=open]);
                rest = &rest[open + 1..];
            }
        }
    }
    out.push_str(rest);
    out
}
