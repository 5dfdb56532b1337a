//! PURE. Which words of the reference an answer says, in these or kindred words, asserted or denied.

use rustc_hash::FxHashMap;

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

/// Looks many words up in answers at once: each of an answer's words is looked up in it, not the
/// other way round, since there are many more ways of saying a reference than words in an answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Finder {
    words: Vec<Sought>,
    /// By the key of its first word: each wording that stands for a word.
    wordings: FxHashMap<String, Vec<Wording>>,
}

/// What of a word is needed to find it.
#[derive(Clone, Debug)]
struct Sought {
    key: String,
    folded: String,
    negated: bool,
    letters: Letters,
    beginning: Option<[u8; ALIKE]>,
}

/// A wording of a word.
#[derive(Clone, Debug)]
struct Wording {
    /// Index of the word.
    word: usize,
    /// In the order of trust among the word's wordings.
    rank: usize,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Same,
    /// The keys after the first, and how near they are.
    Kin(Vec<String>, f64),
    Opposite,
}

/// Where a finder has a word.
pub(super) type Place = usize;

impl Finder {
    /// Takes a word in, once; what is asked for later is told by the place.
    pub(super) fn add(&mut self, word: &Word) -> Place {
        let same = |other: &Sought| {
            other.key == word.key && other.folded == word.folded && other.negated == word.negated
        };
        if let Some(place) = self.words.iter().position(same) {
            return place;
        }
        let place = self.words.len();
        self.words.push(Sought {
            key: word.key.clone(),
            folded: word.folded.clone(),
            negated: word.negated,
            letters: Letters::of(&word.folded),
            beginning: alike(&word.key),
        });
        let kin = word.kin.iter().filter_map(|kin| {
            let (first, rest) = kin.words.split_first()?;
            Some((first, Kind::Kin(rest.to_vec(), kin.nearness)))
        });
        let opposites = word.opposites.iter().map(|opposite| (opposite, Kind::Opposite));
        let all = std::iter::once((&word.key, Kind::Same)).chain(kin).chain(opposites);
        for (rank, (first, kind)) in all.enumerate() {
            self.wordings.entry(first.clone()).or_default().push(Wording { word: place, rank, kind });
        }
        place
    }

    /// By place: everywhere the answer says the word, in the order of trust: the same word, kindred
    /// ones, then, if there is none of these, slips of the pen and words that begin alike;
    /// opposites last, and only where the word itself stands nowhere.
    pub(super) fn find(&self, answer: &Reading<'_>) -> Vec<Vec<Link>> {
        let mut told: Vec<Vec<(usize, usize, &Kind)>> = vec![Vec::new(); self.words.len()];
        for (at, unit) in answer.units.iter().enumerate() {
            for wording in self.wordings.get(&unit.key).into_iter().flatten() {
                let stands = match &wording.kind {
                    Kind::Kin(rest, _) if !rest.is_empty() => {
                        answer.counts_at(at) && answer.goes_on(at + 1, rest)
                    }
                    _ => unit.content,
                };
                if stands {
                    told[wording.word].push((wording.rank, at, &wording.kind));
                }
            }
        }
        let beginnings = Beginnings::new(answer);
        let links = |(word, mut told): (&Sought, Vec<(usize, usize, &Kind)>)| {
            told.sort_unstable_by_key(|&(rank, at, _)| (rank, at));
            let agrees = |at: usize| answer.units[at].negated == word.negated;
            let is_opposite = |(_, _, kind): &&(usize, usize, &Kind)| matches!(kind, Kind::Opposite);
            let mut found: Vec<Link> = told
                .iter()
                .filter(|told| !is_opposite(told))
                .map(|&(_, at, kind)| {
                    let nearness = if let Kind::Kin(_, nearness) = kind { *nearness } else { 1.0 };
                    Link { at, nearness, agrees: agrees(at) }
                })
                .collect();
            if found.is_empty() {
                let near = beginnings.near(word, answer);
                found.extend(near.into_iter().map(|(at, nearness)| Link {
                    at,
                    nearness,
                    agrees: agrees(at),
                }));
            }
            if !told.iter().any(|(_, _, kind)| matches!(kind, Kind::Same)) {
                found.extend(told.iter().filter(is_opposite).map(|&(_, at, _)| Link {
                    at,
                    nearness: OPPOSITE_DENIED,
                    agrees: !agrees(at),
                }));
            }
            found
        };
        self.words.iter().zip(told).map(links).collect()
    }
}

/// What turns nearly all of an answer's words away before letters are compared one by one.
struct Beginnings {
    /// By first letter.
    letters: Vec<(Letters, usize)>,
    /// By the first letters of the key; only of keys that are long enough.
    keys: Vec<([u8; ALIKE], usize)>,
}

/// First byte, length and set of letters of a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Letters {
    first: u8,
    length: usize,
    /// A bit for each letter, told by the lowest bits of its bytes.
    set: u32,
}

impl Letters {
    fn of(word: &str) -> Self {
        let set = word.bytes().fold(0, |set, byte| set | 1 << (byte % 32));
        Self { first: word.bytes().next().unwrap_or_default(), length: word.len(), set }
    }

    /// False if these are certainly no slips of each other: each letter that is wrong changes at most
    /// two bits.
    fn may_be_slip(self, other: Self) -> bool {
        self.first == other.first
            && self.length.abs_diff(other.length) <= 2
            && (self.set ^ other.set).count_ones() <= 4
    }
}

impl Beginnings {
    fn new(answer: &Reading<'_>) -> Self {
        let tokens = answer.prepared.tokens();
        let content = || answer.content();
        let mut letters: Vec<_> = content().map(|(at, _)| (Letters::of(&tokens[at].word), at)).collect();
        let mut keys: Vec<_> = content().filter_map(|(at, unit)| Some((alike(&unit.key)?, at))).collect();
        letters.sort_unstable();
        keys.sort_unstable();
        Self { letters, keys }
    }

    /// Slips of the pen, and words that begin alike, by position.
    fn near(&self, word: &Sought, answer: &Reading<'_>) -> Vec<(usize, f64)> {
        let from = self.letters.partition_point(|(letters, _)| letters.first < word.letters.first);
        let same_letter = self.letters[from..].iter().take_while(|(l, _)| l.first == word.letters.first);
        let slips = same_letter
            .filter(|(letters, _)| letters.may_be_slip(word.letters))
            .filter(|&&(_, at)| is_slip(&word.folded, &answer.prepared.tokens()[at].word))
            .map(|&(_, at)| (at, SLIP_OF_THE_PEN));
        let mut found: Vec<(usize, f64)> = slips.collect();
        if let Some(beginning) = word.beginning {
            let from = self.keys.partition_point(|&(key, _)| key < beginning);
            let alike = self.keys[from..].iter().take_while(|&&(key, _)| key == beginning);
            for &(_, at) in alike {
                let slip = found.iter().any(|&(slip, _)| slip == at);
                if !slip && same_beginning(&word.key, &answer.units[at].key) {
                    found.push((at, SAME_BEGINNING));
                }
            }
        }
        found.sort_unstable_by_key(|&(at, _)| at);
        found
    }
}

/// Bytes that words have in common which begin alike.
const ALIKE: usize = 5;

/// The first bytes of a key; `None` for a shorter one.
fn alike(key: &str) -> Option<[u8; ALIKE]> {
    key.as_bytes().first_chunk().copied()
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
    links: &[&[Link]],
    answer: &Reading<'_>,
    asked: f64,
    is_turned: impl Fn(usize) -> bool,
) -> Option<Window> {
    let mut found: Option<Window> = None;
    let mut firsts: Vec<usize> =
        links.iter().copied().flatten().map(|link| answer.sentence_of(link.at)).collect();
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
    long - short <= allowed
        && Letters::of(one).may_be_slip(Letters::of(other))
        && strsim::osa_distance(one, other) <= allowed
}

/// Long words that begin alike and end differently: `replicat`, `replica`.
fn same_beginning(one: &str, other: &str) -> bool {
    let common = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let short = one.len().min(other.len());
    common >= ALIKE && common + 3 >= one.len().max(other.len()) && common + 2 >= short
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
