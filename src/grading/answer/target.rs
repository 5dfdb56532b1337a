//! PURE. What answers to one question are set against: a reference, a pack's question, or both.

use super::knowledge::Knowledge;
use super::packed::Packed;
use super::reference::Reference;
use crate::material::Question;
use crate::text::{Synonyms, sanitise};

/// A question with its reference, prepared once for all answers.
#[derive(Clone, Debug)]
pub struct Target {
    /// The plain reference, or the pack's model answer.
    pub(super) reference: Reference,
    /// The reference came with the input, and not from the pack.
    pub(super) own_reference: bool,
    pub(super) packed: Option<Packed>,
}

impl Target {
    /// Prepares a question; `synonyms` are those of the pack's lexicon. `None` if there is neither
    /// a reference with a word in it nor a pack's question: then no score can be honest.
    pub fn new(
        known: &Knowledge,
        question: &str,
        reference: Option<&str>,
        packed: Option<(&Question, &Synonyms)>,
    ) -> Option<Self> {
        let given = reference.map(sanitise).filter(|text| text.chars().any(char::is_alphanumeric));
        let (asked, text) = match (&given, packed) {
            (Some(text), _) => (question, text.as_str()),
            (None, Some((question, _))) => (question.question.as_str(), question.model_answer.as_str()),
            (None, None) => return None,
        };
        Some(Self {
            reference: Reference::new(known, asked, text),
            own_reference: given.is_some(),
            packed: packed.map(|(question, synonyms)| Packed::new(known, question, synonyms)),
        })
    }
}
