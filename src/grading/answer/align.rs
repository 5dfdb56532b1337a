//! PURE. Which words of the reference an answer says, in these or kindred words, asserted or denied.

use super::reading::Reading;
use super::reference::Word;

/// A word of the reference, found in an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Link {
    /// Position in the answer.
    pub at: usize,
    /// 1 for the same word, less for a kindred one.
    pub nearness: f64,
    /// False if the one asserts what the other denies.
    pub agrees: bool,
}

const SAME_BEGINNING: f64 = 0.6;
const SLIP_OF_THE_PEN: f64 = 1.0;
const OPPOSITE_DENIED: f64 = 0.8;

/// Looks for `word` in the sentences of the answer that `within` allows.
pub(super) fn find(word: &Word, answer: &Reading<'_>, within: impl Fn(usize) -> bool) -> Option<Link> {
    let mut best: Option<Link> = None;
    let allowed = |at: &usize| within(answer.sentence_of(*at));
    for &at in answer.places(&word.key).iter().filter(|at| allowed(at)) {
        offer(&mut best, Link { at, nearness: 1.0, agrees: answer.units[at].negated == word.negated });
    }
    if best.is_some_and(|link| link.agrees) {
        return best;
    }
    let exact = best.is_some();
    for kin in &word.kin {
        for at in answer.phrase(&kin.words).into_iter().filter(&allowed) {
            offer(
                &mut best,
                Link { at, nearness: kin.nearness, agrees: answer.units[at].negated == word.negated },
            );
        }
    }
    if best.is_none() {
        let similar = answer.content().filter(|(at, _)| allowed(at)).filter_map(|(at, unit)| {
            let folded = &answer.prepared.tokens()[at].word;
            let nearness = if is_slip(&word.folded, folded) {
                SLIP_OF_THE_PEN
            } else if same_beginning(&word.key, &unit.key) {
                SAME_BEGINNING
            } else {
                return None;
            };
            Some(Link { at, nearness, agrees: unit.negated == word.negated })
        });
        similar.for_each(|link| offer(&mut best, link));
    }
    if !exact {
        for opposite in &word.opposites {
            for &at in answer.places(opposite).iter().filter(|at| allowed(at)) {
                let agrees = answer.units[at].negated != word.negated;
                offer(&mut best, Link { at, nearness: OPPOSITE_DENIED, agrees });
            }
        }
    }
    best
}

/// Keeps the better of two: agreement first, then nearness, then the earlier.
fn offer(best: &mut Option<Link>, link: Link) {
    let better = |held: &Link| (link.agrees, link.nearness) > (held.agrees, held.nearness);
    if best.as_ref().is_none_or(better) {
        *best = Some(link);
    }
}

/// One letter wrong, missing or swapped in a word of five, two in a word of nine.
pub(super) fn is_slip(one: &str, other: &str) -> bool {
    let (long, short) = (one.len().max(other.len()), one.len().min(other.len()));
    if short < 5 || long - short > 2 || one.bytes().any(|b| b.is_ascii_digit()) {
        return false;
    }
    let allowed = if short >= 9 { 2 } else { 1 };
    one.as_bytes()[0] == other.as_bytes()[0]
        && long - short <= allowed
        && strsim::osa_distance(one, other) <= allowed
}

/// Long words that begin alike and end differently: `replicat`, `replica`.
fn same_beginning(one: &str, other: &str) -> bool {
    let common = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let short = one.len().min(other.len());
    common >= 5 && common + 3 >= one.len().max(other.len()) && common + 2 >= short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_from_another_word() {
        for (one, other, want) in [
            ("replicate", "replciate", true),
            ("latency", "latncy", true),
            ("server", "serve", true),
            ("hash", "cash", false),
            ("client", "clients", true),
            ("horizontal", "vertical", false),
            ("stateless", "stateful", false),
        ] {
            assert_eq!(is_slip(one, other), want, "{one} {other}");
        }
    }
}
