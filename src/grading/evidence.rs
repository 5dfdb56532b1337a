//! PURE. Evidence: words that were really said, and where.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::text::find_quote;
use crate::transcript::{Speaker, Transcript};

/// A verbatim quote from a candidate's turn. It can only be made by finding it there; one that is
/// read back from outside is checked by [`super::InterviewGrade::checked_against`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    quote: String,
    turn: usize,
    at: Option<u64>,
}

impl Evidence {
    /// Looks for `quote` in the candidate's turns, in turn `hint` first; the text kept is the
    /// candidate's own, not the one looked for.
    pub fn find(transcript: &Transcript, quote: &str, hint: Option<usize>) -> Option<Self> {
        let order = hint.into_iter().chain(0..transcript.turns.len());
        order
            .filter_map(|turn| transcript.turns.get(turn).map(|t| (turn, t)))
            .filter(|(_, turn)| turn.speaker == Speaker::Candidate)
            .find_map(|(index, turn)| {
                let range = find_quote(&turn.text, quote)?;
                Some(Self { quote: turn.text[range].to_owned(), turn: index, at: turn.at_seconds })
            })
    }

    /// Takes the bytes `range` of turn `turn`, if that is a candidate's turn and they are words.
    pub fn at(transcript: &Transcript, turn: usize, range: Range<usize>) -> Option<Self> {
        let found = transcript.turns.get(turn).filter(|found| found.speaker == Speaker::Candidate)?;
        let quote = found.text.get(range)?.trim();
        quote.chars().any(char::is_alphanumeric).then(|| Self {
            quote: quote.to_owned(),
            turn,
            at: found.at_seconds,
        })
    }

    /// The candidate's words.
    pub fn quote(&self) -> &str {
        &self.quote
    }

    /// Index of the turn, from 0.
    pub fn turn(&self) -> usize {
        self.turn
    }

    /// Seconds from the start, where known.
    pub fn at_seconds(&self) -> Option<u64> {
        self.at
    }
}
