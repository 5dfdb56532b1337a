//! PURE. Slips of the pen in an answer: a word that is none, and nearly one of the matter.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::align::is_slip;
use super::knowledge::Knowledge;
use crate::text::{Token, fold, stem};

/// Shorter words have too many neighbours.
const SHORTEST: usize = 5;

/// The words of one question, by which slips are recognised.
#[derive(Clone, Debug, Default)]
pub(super) struct Spelling {
    /// Sorted, so that those with the same first letter stand together.
    words: BTreeSet<String>,
    stems: FxHashSet<String>,
}

impl Spelling {
    /// Takes the words of texts and patterns.
    pub(super) fn new<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let mut spelling = Self::default();
        for word in texts.flat_map(|text| text.split(|c: char| !c.is_alphabetic() && c != '*')) {
            let folded = fold(word);
            // What ends in a star is the beginning of a word.
            if folded.len() >= SHORTEST && folded.is_ascii() && !word.ends_with('*') {
                spelling.stems.insert(stem(&folded));
                spelling.words.insert(folded);
            }
        }
        spelling
    }

    /// The word of the matter that `token` is a slip of; `None` if it is a word, or far from any.
    pub(super) fn mend(&self, known: &Knowledge, token: &Token) -> Option<String> {
        let word = token.word.as_str();
        let is_plain = word.len() >= SHORTEST && word.bytes().all(|b| b.is_ascii_lowercase());
        // A word of the matter has its stem among the stems.
        if !is_plain || self.stems.contains(&token.stem) || known.is_word(word, &token.stem) {
            return None;
        }
        let first = &word[..1];
        let same_letter = self.words.range(first.to_owned()..).take_while(|other| other.starts_with(first));
        let near = same_letter.filter(|other| is_slip(word, other));
        near.min_by_key(|other| strsim::osa_distance(word, other)).cloned()
    }
}
