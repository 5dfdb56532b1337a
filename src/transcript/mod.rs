//! PURE. Any conversation as turns: live interviews and imported transcripts alike.
//!
//! [`parse`] reads one file, whatever its format; [`assemble`] puts files together as one interview.

mod anonymous;
mod assemble;
pub mod audio;
mod cues;
mod json;
mod label;
mod labelled;
mod read;
mod recorded;
mod speakers;

use serde::{Deserialize, Serialize};

pub use anonymous::Anonymous;
pub use assemble::{Imported, LongestTurn, Provenance, Silence, Timing, assemble};
pub use read::{Format, LARGEST, Parsed, ReadError, Utterance, binary, parse};
pub use recorded::recorded;
pub use speakers::{FoundBy, SpeakerShare};

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// The one who is graded.
    Candidate,
    /// The one who asks.
    Interviewer,
    /// Anybody else; earns and costs nothing.
    Other,
}

/// One uninterrupted contribution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Who speaks.
    pub speaker: Speaker,
    /// Seconds from the start of the interview, where known.
    pub at_seconds: Option<u64>,
    /// Id of the phase it fell in, where known.
    pub phase: Option<String>,
    /// What was said.
    pub text: String,
}

/// A conversation in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcript {
    /// Turns in order.
    pub turns: Vec<Turn>,
}

impl Transcript {
    /// The candidate's turns with their index.
    pub fn candidate(&self) -> impl Iterator<Item = (usize, &Turn)> {
        self.turns.iter().enumerate().filter(|(_, turn)| turn.speaker == Speaker::Candidate)
    }
}
