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

/// Every place where the answer says `word`, in the order of trust: the same word, kindred ones, then,
/// if there is none of these, slips of the pen and words that begin alike; opposites last.
pub(super) fn find(word: &Word, answer: &Reading<'_>) -> Vec<Link> {
    let link = |at: usize, nearness| Link { at, nearness, agrees: answer.units[at].negated == word.negated };
    let mut found: Vec<Link> = answer.places(&word.key).iter().map(|&at| link(at, 1.0)).collect();
    let exact = !found.is_empty();
    for kin in &word.kin {
        found.extend(answer.phrase(&kin.words).into_iter().map(|at| link(at, kin.nearness)));
    }
    if found.is_empty() {
        found.extend(answer.content().filter_map(|(at, unit)| {
            if is_slip(&word.folded, &answer.prepared.tokens()[at].word) {
                Some(link(at, SLIP_OF_THE_PEN))
            } else {
                same_beginning(&word.key, &unit.key).then(|| link(at, SAME_BEGINNING))
            }
        }));
    }
    if !exact {
        for opposite in &word.opposites {
            found.extend(answer.places(opposite).iter().map(|&at| Link {
                at,
                nearness: OPPOSITE_DENIED,
                agrees: answer.units[at].negated != word.negated,
            }));
        }
    }
    found
}

/// The best of some places: agreement first, then nearness, then the earlier in the list.
pub(super) fn best<'l>(links: impl Iterator<Item = &'l Link>) -> Option<Link> {
    links.fold(None, |held: Option<Link>, link| match held {
        Some(best) if (best.agrees, best.nearness) >= (link.agrees, link.nearness) => Some(best),
        _ => Some(*link),
    })
}

/// How much of some words one place of the answer says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Window {
    /// Weighted share of the words said there, asserted as in the reference, 0 to 1.
    pub said: f64,
    /// The same for words asserted the other way round.
    pub turned: f64,
    /// First and last sentence.
    pub sentences: (usize, usize),
}

/// The sentence, or pair of sentences, that says most of `words`; `links` are their places, and
/// `is_turned` tells places that count as turned round for another reason.
pub(super) fn best_window(
    words: &[Word],
    links: &[Vec<Link>],
    answer: &Reading<'_>,
    asked: f64,
    is_turned: impl Fn(usize) -> bool,
) -> Option<Window> {
    let mut found: Option<Window> = None;
    let mut firsts: Vec<usize> = links.iter().flatten().map(|link| answer.sentence_of(link.at)).collect();
    firsts.sort_unstable();
    firsts.dedup();
    let weight = |word: &Word| if word.in_question { asked } else { 1.0 };
    let all: f64 = words.iter().map(weight).sum();
    for &first in &firsts {
        let (mut said, mut turned, mut last) = (0.0, 0.0, first);
        for (word, links) in words.iter().zip(links) {
            let near = links.iter().filter(|link| (first..=first + 1).contains(&answer.sentence_of(link.at)));
            let Some(link) = best(near) else { continue };
            last = last.max(answer.sentence_of(link.at));
            if link.agrees && !is_turned(link.at) {
                said += weight(word) * link.nearness;
            } else {
                turned += weight(word) * link.nearness;
            }
        }
        let window = Window { said: said / all, turned: turned / all, sentences: (first, last) };
        if found.is_none_or(|held| window.said + window.turned > held.said + held.turned) {
            found = Some(window);
        }
    }
    found.filter(|_| all > 0.0)
}

/// One letter wrong, missing or swapped in a word of five, two in a word of nine.
pub(super) fn is_slip(one: &str, other: &str) -> bool {
    let (long, short) = (one.len().max(other.len()), one.len().min(other.len()));
    // Cheapest first: this is asked for every word of a reference and every word of an answer.
    if short < 5
        || long - short > 2
        || one.as_bytes()[0] != other.as_bytes()[0]
        || one.bytes().any(|b| b.is_ascii_digit())
    {
        return false;
    }
    let allowed = if short >= 9 { 2 } else { 1 };
    long - short <= allowed && strsim::osa_distance(one, other) <= allowed
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
