//! PURE. What answers to one question are set against: a reference, a pack's question, or both.

use super::knowledge::Knowledge;
use super::packed::Packed;
use super::reference::Reference;
use super::spelling::Spelling;
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
    pub(super) spelling: Spelling,
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
        let mut texts: Vec<&str> = vec![asked, text];
        texts.extend(packed.iter().flat_map(|(question, _)| texts_of(question)));
        Some(Self {
            spelling: Spelling::new(texts.into_iter()),
            reference: Reference::new(known, asked, text),
            own_reference: given.is_some(),
            packed: packed.map(|(question, synonyms)| Packed::new(known, question, synonyms)),
        })
    }
}

/// Everything a pack's question says and listens for.
fn texts_of(question: &Question) -> impl Iterator<Item = &str> {
    let points = question.points.iter().flat_map(|point| {
        let own = std::iter::once(&point.text).chain(&point.says).chain(&point.partly);
        own.chain(point.relations.iter().flat_map(|r| [&r.subject, &r.verb, &r.object, &r.wrong]))
    });
    let wrong = question.misconceptions.iter().flat_map(|m| std::iter::once(&m.text).chain(&m.says));
    std::iter::once(&question.model_answer).chain(points).chain(wrong).map(String::as_str)
}
