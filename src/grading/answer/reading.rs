//! PURE. A text as the grader reads it: which words carry meaning, which are denied, what belongs together.

use super::knowledge::{Knowledge, SmallWord};
use crate::text::Prepared;

/// One token as the grader sees it; `units[i]` belongs to token `i`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unit {
    /// Under which it is compared.
    pub key: String,
    /// Its class, if it is a small word.
    pub small: Option<SmallWord>,
    /// Carries meaning, and stands in text that counts.
    pub content: bool,
    /// In the scope of a negation of any sort.
    pub negated: bool,
    /// In the scope of a plain denial of what a subject does: "it doesn't ...", not "must not ...".
    pub denied: bool,
    /// Index of its clause, over the whole text.
    pub clause: usize,
}

/// A text and its units.
#[derive(Clone, Debug)]
pub(super) struct Reading<'a> {
    pub prepared: Prepared<'a>,
    pub units: Vec<Unit>,
    /// Sentences that do not count, by index.
    pub left_out: Vec<bool>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(known: &Knowledge, text: &'a str) -> Self {
        Self::without(known, Prepared::new(text), |_| false)
    }

    /// Reads a text, leaving out the sentences for which `leave_out` says so.
    pub(super) fn without(
        known: &Knowledge,
        prepared: Prepared<'a>,
        leave_out: impl Fn(usize) -> bool,
    ) -> Self {
        let left_out: Vec<bool> = (0..prepared.sentences().len()).map(leave_out).collect();
        let clauses = clauses(&prepared);
        let mut units: Vec<Unit> = prepared
            .tokens()
            .iter()
            .zip(clauses)
            .map(|(token, clause)| {
                let small = known.small_word(&token.word);
                let negator = known.is_negator(&token.word);
                Unit {
                    key: known.key_of(&token.word, &token.stem),
                    small,
                    content: small.is_none() && !negator && !left_out[token.sentence],
                    negated: false,
                    denied: false,
                    clause,
                }
            })
            .collect();
        mark_filler(known, &prepared, &mut units);
        mark_negated(known, &prepared, &mut units);
        Self { prepared, units, left_out }
    }

    /// True if these keys stand one after another from `start` on.
    pub(super) fn goes_on(&self, start: usize, keys: &[String]) -> bool {
        self.units
            .get(start..start + keys.len())
            .is_some_and(|units| keys.iter().zip(units).all(|(key, unit)| *key == unit.key))
    }

    /// True if the sentence of this position counts.
    pub(super) fn counts_at(&self, position: usize) -> bool {
        !self.left_out[self.sentence_of(position)]
    }

    /// Content units with their position.
    pub(super) fn content(&self) -> impl Iterator<Item = (usize, &Unit)> {
        self.units.iter().enumerate().filter(|(_, unit)| unit.content)
    }

    /// Sentence of a position.
    pub(super) fn sentence_of(&self, position: usize) -> usize {
        self.prepared.tokens()[position].sentence
    }
}

/// Numbers the clauses: a new one at each sentence, at `, ; : ( )`, dashes, and before words that
/// open a clause of their own.
fn clauses(prepared: &Prepared<'_>) -> Vec<usize> {
    let (mut clause, mut end, mut sentence) = (0, 0, 0);
    let tokens = prepared.tokens();
    let mut found = Vec::with_capacity(tokens.len());
    for (position, token) in tokens.iter().enumerate() {
        let between = &prepared.text()[end..token.at.start];
        let cut = between.contains([',', ';', ':', '(', ')', '—', '–', '|', '.', '!', '?'])
            || between.contains(" - ")
            || matches!(
                token.word.as_str(),
                "but" | "while" | "whereas" | "because" | "although" | "though" | "so"
            );
        if position > 0 && (cut || token.sentence != sentence) {
            clause += 1;
        }
        (end, sentence) = (token.at.end, token.sentence);
        found.push(clause);
    }
    found
}

fn mark_filler(known: &Knowledge, prepared: &Prepared<'_>, units: &mut [Unit]) {
    for start in 0..units.len() {
        for phrase in known.filler.standing_at(prepared.tokens(), start) {
            units[start..start + phrase.len()].iter_mut().for_each(|unit| unit.content = false);
        }
    }
}

/// A negator denies the rest of its clause; "X rather than Y" denies Y.
fn mark_negated(known: &Knowledge, prepared: &Prepared<'_>, units: &mut [Unit]) {
    let tokens = prepared.tokens();
    let stands = |phrase: &[String], start: usize| {
        start + phrase.len() <= tokens.len()
            && phrase.iter().zip(&tokens[start..]).all(|(word, token)| *word == token.word)
    };
    for start in 0..tokens.len() {
        let exempt = || {
            known
                .not_negation
                .iter()
                .any(|phrase| (0..phrase.len()).any(|back| start >= back && stands(phrase, start - back)))
        };
        let negator = known.is_negator(&tokens[start].word) && !exempt();
        let contrast = known.contrast.standing_at(tokens, start).next();
        if !negator && contrast.is_none() {
            continue;
        }
        let clause = units[start].clause;
        let from = start + contrast.map_or(1, Vec::len);
        let first = units[..start].iter().rposition(|unit| unit.clause != clause).map_or(0, |i| i + 1);
        // "And don't ..." tells what to do; "those that don't ..." tells which ones are meant.
        let has_subject = (first..start).any(|at| {
            units[at].small != Some(SmallWord::Conjunction) && !known.is_relative(&tokens[at].word)
        });
        let is_relative = start > first && known.is_relative(&tokens[start - 1].word);
        let denies = known.is_denier(&tokens[start].word)
            && has_subject
            && !is_relative
            && !tokens[first..start].iter().any(|token| known.is_conditional(&token.word));
        for unit in units.iter_mut().skip(from).take_while(|unit| unit.clause == clause) {
            unit.negated = !unit.negated;
            unit.denied = denies && !unit.denied;
        }
    }
}
