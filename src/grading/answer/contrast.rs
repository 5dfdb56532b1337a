//! PURE. Which attribute belongs to which side: "X hides clients, Y hides servers" is not the
//! same as "X hides servers, Y hides clients", though the words are.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::knowledge::{Knowledge, SmallWord};
use super::reading::Reading;

/// Two things that exclude each other, by the keys that name them.
#[derive(Clone, Debug, PartialEq)]
struct Pair {
    one: FxHashSet<String>,
    other: FxHashSet<String>,
    /// To which side the reference binds a word: true for `one`.
    binds: BTreeMap<String, bool>,
}

/// The contrasts of a question and its reference.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Contrast {
    pairs: Vec<Pair>,
}

/// How an answer's bindings compare with the reference's.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Bindings {
    /// Words bound to the same side.
    pub kept: usize,
    /// Words bound to the other side.
    pub swapped: usize,
    /// Positions in the answer of the swapped words.
    pub places: Vec<usize>,
}

impl Contrast {
    pub(super) fn new(known: &Knowledge, asked: &Reading<'_>, reference: &Reading<'_>) -> Self {
        let mut pairs = asked_pairs(known, asked);
        let keys: FxHashSet<&str> = reference.content().map(|(_, unit)| unit.key.as_str()).collect();
        for one in &keys {
            for other in known.opposites(one) {
                let taken = |pair: &(FxHashSet<String>, FxHashSet<String>)| {
                    pair.0.contains(*one) || pair.1.contains(*one)
                };
                if *one < other.as_str() && keys.contains(other.as_str()) && !pairs.iter().any(taken) {
                    pairs.push((
                        std::iter::once((*one).to_owned()).collect(),
                        std::iter::once(other.clone()).collect(),
                    ));
                }
            }
        }
        let pairs = pairs.into_iter().filter_map(|(one, other)| {
            let mut binds: BTreeMap<String, Option<bool>> = BTreeMap::new();
            for (position, side) in sides(reference, &one, &other) {
                let word = &reference.units[position].key;
                let known_side = binds.entry(word.clone()).or_insert(Some(side));
                if *known_side != Some(side) {
                    *known_side = None;
                }
            }
            let binds: BTreeMap<String, bool> =
                binds.into_iter().filter_map(|(word, side)| Some((word, side?))).collect();
            (!binds.is_empty()).then_some(Pair { one, other, binds })
        });
        Self { pairs: pairs.collect() }
    }

    /// Compares the bindings of an answer.
    pub(super) fn compare(&self, answer: &Reading<'_>) -> Bindings {
        let mut found = Bindings::default();
        for pair in &self.pairs {
            let mut by_word: BTreeMap<&str, (usize, Vec<usize>)> = BTreeMap::new();
            for (position, side) in sides(answer, &pair.one, &pair.other) {
                let unit = &answer.units[position];
                let Some(&right) = pair.binds.get(&unit.key) else { continue };
                let entry = by_word.entry(&unit.key).or_default();
                if (side == right) != unit.negated {
                    entry.0 += 1;
                } else {
                    entry.1.push(position);
                }
            }
            for (kept, swapped) in by_word.into_values() {
                if kept > 0 {
                    found.kept += 1;
                } else {
                    found.swapped += 1;
                    found.places.extend(swapped);
                }
            }
        }
        found
    }
}

/// The pairs that a question sets against each other: "forward and reverse proxy", "A or B".
fn asked_pairs(known: &Knowledge, asked: &Reading<'_>) -> Vec<(FxHashSet<String>, FxHashSet<String>)> {
    let tokens = asked.prepared.tokens();
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if !known.contrasting.contains(&token.word) {
            continue;
        }
        let run = |range: &mut dyn Iterator<Item = usize>| -> FxHashSet<String> {
            range
                .skip_while(|&i| matches!(asked.units[i].small, Some(SmallWord::Article)))
                .take_while(|&i| asked.units[i].small.is_none())
                .take(3)
                .map(|i| asked.units[i].key.clone())
                .collect()
        };
        let left = run(&mut (0..at).rev());
        let right = run(&mut (at + 1..tokens.len()));
        let one: FxHashSet<String> = left.difference(&right).cloned().collect();
        let other: FxHashSet<String> = right.difference(&left).cloned().collect();
        if !one.is_empty() && !other.is_empty() {
            found.push((one, other));
        }
    }
    found
}

/// For each content word that is on neither side: the side named nearest to it, in its clause or
/// else last before it in the sentence; `true` for `one`. A word far from any side has none.
fn sides(reading: &Reading<'_>, one: &FxHashSet<String>, other: &FxHashSet<String>) -> Vec<(usize, bool)> {
    let mut named: Vec<(usize, bool)> = Vec::new();
    for (position, unit) in reading.content() {
        match (one.contains(&unit.key), other.contains(&unit.key)) {
            (true, false) => named.push((position, true)),
            (false, true) => named.push((position, false)),
            _ => {}
        }
    }
    if named.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (position, unit) in reading.content() {
        if one.contains(&unit.key) || other.contains(&unit.key) {
            continue;
        }
        let split = named.partition_point(|&(at, _)| at < position);
        let before = split.checked_sub(1).map(|i| named[i]);
        let after = named.get(split).copied();
        let same_clause = |&(at, _): &(usize, bool)| reading.units[at].clause == unit.clause;
        let near =
            |&(at, _): &(usize, bool)| reading.sentence_of(position).abs_diff(reading.sentence_of(at)) <= 1;
        let by_preposition = |&(at, _): &(usize, bool)| {
            (position + 1..at).any(|i| matches!(reading.units[i].small, Some(SmallWord::Preposition)))
        };
        let side = match (before.filter(same_clause), after.filter(same_clause)) {
            (Some(back), Some(ahead)) if by_preposition(&ahead) && ahead.0 - position < position - back.0 => {
                ahead.1
            }
            (Some(back), _) => back.1,
            (None, Some(ahead)) => ahead.1,
            (None, None) => match before.filter(near) {
                Some(back) => back.1,
                None => continue,
            },
        };
        found.push((position, side));
    }
    found
}
