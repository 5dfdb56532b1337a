//! PURE. The small pattern language in which packs say what counts as having said a thing.
//!
//! `hash|digest + collision|clash + retry|check again`: concepts joined by ` + ` must all be
//! said close together, in any order; `|` separates wordings of one concept; a wording is a
//! phrase of words compared by stem; `idempoten*` matches by prefix; `#` is any number.
//! `forward proxy > hides > server` is one concept whose parts stand in that order, in one clause.

use std::collections::HashMap;

use super::glance::Probe;
use super::prepared::{Prepared, fold, stem};

/// Words within which all concepts of a pattern must stand: about one long spoken sentence, so that
/// talk without full stops is not one place.
const REACH: usize = 30;

/// Words that may stand between two parts joined by ` > `; enough for "in front of the", too
/// few for the next claim.
const ORDERED_GAP: usize = 3;

/// Words that begin another clause, or deny this one.
const CLAUSE_BREAKS: [&str; 14] = [
    "but", "whereas", "while", "not", "no", "never", "cannot", "dont", "doesnt", "isnt", "arent", "cant",
    "wont", "instead",
];

/// Groups of words that mean the same, by folded wording; made from a lexicon.
#[derive(Clone, Debug, Default)]
pub struct Synonyms(HashMap<String, Vec<String>>);

impl Synonyms {
    /// Takes groups of wordings, each group one meaning.
    pub fn new(groups: impl IntoIterator<Item = Vec<String>>) -> Self {
        let mut map: HashMap<String, Vec<String>> = HashMap::new();
        for group in groups {
            for wording in &group {
                let others = map.entry(key(wording)).or_default();
                others.extend(group.iter().filter(|other| *other != wording).cloned());
            }
        }
        Self(map)
    }

    fn of(&self, wording: &str) -> &[String] {
        self.0.get(&key(wording)).map_or(&[], Vec::as_slice)
    }
}

fn key(wording: &str) -> String {
    wording.split([' ', '-']).map(fold).collect::<Vec<_>>().join(" ")
}

/// Why a pattern cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// A pattern, or one of its parts between `+`, `>` or `|`, has no word.
    #[error("the pattern `{0}` has an empty part")]
    Empty(String),
}

/// Where a pattern was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// First sentence that takes part.
    pub first_sentence: usize,
    /// Last sentence that takes part; at most one later.
    pub last_sentence: usize,
    /// Position of the first token that takes part.
    pub first_token: usize,
    /// Position of the last token that takes part.
    pub last_token: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    Stem(String, Probe),
    /// With what tells it at a glance, if it is long enough.
    Prefix(String, Option<Probe>),
    Number,
}

/// A phrase, word by word.
type Wording = Vec<Word>;

/// One or more parts in order, each with its wordings; most concepts have one part.
type Concept = Vec<Vec<Wording>>;

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    source: String,
    concepts: Vec<Concept>,
    gates: Vec<Gate>,
}

/// Which concepts a text can have, at a glance; most patterns stand in no text, and are turned away here.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Gate {
    concept: usize,
    /// One of these words must be there: the longest of each wording of one part.
    any: Vec<Probe>,
}

impl Gate {
    /// The gates of all parts that can be told at a glance.
    fn all(concepts: &[Concept]) -> Vec<Self> {
        let parts = concepts
            .iter()
            .enumerate()
            .flat_map(|(concept, parts)| parts.iter().map(move |part| (concept, part)));
        let gate = |(concept, part): (usize, &Vec<Wording>)| {
            let telling = |wording: &Wording| {
                let told = wording.iter().filter_map(|word| match word {
                    Word::Stem(stem, probe) => Some((stem.len(), *probe)),
                    Word::Prefix(prefix, probe) => probe.map(|probe| (prefix.len(), probe)),
                    Word::Number => None,
                });
                told.max_by_key(|&(length, _)| length).map(|(_, probe)| probe)
            };
            let mut any = part.iter().map(telling).collect::<Option<Vec<Probe>>>()?;
            any.sort_unstable();
            any.dedup();
            Some(Self { concept, any })
        };
        parts.filter_map(gate).collect()
    }

    fn is_shut(&self, text: &Prepared<'_>) -> bool {
        !self.any.iter().any(|&probe| text.may_have(probe))
    }
}

impl Pattern {
    /// Compiles `source`; a wording that the lexicon knows is joined by its synonyms.
    ///
    /// # Errors
    ///
    /// [`PatternError::Empty`] if a part has no word.
    pub fn parse(source: &str, synonyms: &Synonyms) -> Result<Self, PatternError> {
        let concepts = source
            .split(" + ")
            .map(|concept| concept.split(" > ").map(|part| wordings(source, part, synonyms)).collect())
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { source: source.to_owned(), gates: Gate::all(&concepts), concepts })
    }

    /// The pattern as written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Calls `each` with every word that can take part, and whether it is only the word's beginning.
    pub fn each_word(&self, mut each: impl FnMut(&str, bool)) {
        for word in self.concepts.iter().flatten().flatten().flatten() {
            match word {
                Word::Stem(stem, _) => each(stem, false),
                Word::Prefix(prefix, _) => each(prefix, true),
                Word::Number => {}
            }
        }
    }

    /// Number of concepts that must be said together.
    pub fn concepts(&self) -> usize {
        self.concepts.len()
    }

    /// Finds the first place where all concepts stand in one sentence or in two adjacent ones.
    pub fn find(&self, text: &Prepared<'_>) -> Option<Match> {
        let hits = self.hits(text)?;
        (0..2).find_map(|span| {
            let firsts = first_sentences(&hits, text, span);
            firsts.into_iter().find_map(|first| within(&hits, text, first, first + span))
        })
    }

    /// Every sentence, or pair of adjacent sentences, in which all concepts stand; each
    /// sentence starts at most one match.
    pub fn find_all(&self, text: &Prepared<'_>) -> Vec<Match> {
        let Some(hits) = self.hits(text) else { return Vec::new() };
        first_sentences(&hits, text, 1)
            .into_iter()
            .filter_map(|first| {
                within(&hits, text, first, first).or_else(|| within(&hits, text, first, first + 1))
            })
            .collect()
    }

    /// Share of the concepts said anywhere in the text, 0 to 1.
    pub fn share(&self, text: &Prepared<'_>) -> f64 {
        let said = self.concepts.iter().filter(|parts| !concept_places(parts, text).is_empty()).count();
        said as f64 / self.concepts.len() as f64
    }

    /// The first place where all concepts but one stand close together; only for patterns of three
    /// concepts or more.
    pub fn find_nearly(&self, text: &Prepared<'_>) -> Option<Match> {
        if self.concepts.len() < 3 {
            return None;
        }
        let mut shut = self.gates.iter().filter(|gate| gate.is_shut(text)).map(|gate| gate.concept);
        if shut.next().is_some_and(|first| shut.any(|other| other != first)) {
            return None;
        }
        let (mut hits, mut nowhere) = (Vec::with_capacity(self.concepts.len()), 0);
        for parts in &self.concepts {
            let places = concept_places(parts, text);
            nowhere += usize::from(places.is_empty());
            if nowhere > 1 {
                return None;
            }
            hits.push(places);
        }
        let last = text.sentences().len().saturating_sub(1);
        (0..hits.len()).find_map(|without| {
            let left = hits.remove(without);
            let sound = hits.iter().all(|places| !places.is_empty());
            let found = sound.then(|| {
                (0..=last).find_map(|first| {
                    within(&hits, text, first, first)
                        .or_else(|| within(&hits, text, first, (first + 1).min(last)))
                })
            });
            hits.insert(without, left);
            found.flatten()
        })
    }

    /// For each concept its first (first token, last token) pair inside a match.
    pub fn concepts_in(&self, text: &Prepared<'_>, place: &Match) -> Vec<(usize, usize)> {
        let inside = |&(from, to): &(usize, usize)| from >= place.first_token && to <= place.last_token;
        self.concepts
            .iter()
            .filter_map(|parts| concept_places(parts, text).into_iter().find(inside))
            .collect()
    }

    /// The (first token, last token) pairs where the first concept stands, wherever the others are.
    pub fn occurrences(&self, text: &Prepared<'_>) -> Vec<(usize, usize)> {
        if self.gates.iter().any(|gate| gate.concept == 0 && gate.is_shut(text)) {
            return Vec::new();
        }
        self.concepts.first().map_or_else(Vec::new, |parts| concept_places(parts, text))
    }

    /// For each concept the (first token, last token) pairs where one of its wordings stands;
    /// `None` as soon as one stands nowhere.
    fn hits(&self, text: &Prepared<'_>) -> Option<Vec<Vec<(usize, usize)>>> {
        if self.gates.iter().any(|gate| gate.is_shut(text)) {
            return None;
        }
        let places = |parts: &Vec<Vec<Wording>>| Some(concept_places(parts, text)).filter(|p| !p.is_empty());
        self.concepts.iter().map(places).collect()
    }
}

fn concept_places(parts: &[Vec<Wording>], text: &Prepared<'_>) -> Vec<(usize, usize)> {
    let mut found = parts.iter().map(|part| part_places(part, text));
    let first = found.next().unwrap_or_default();
    found.fold(first, |so_far, next| in_order(&so_far, &next, text))
}

/// Compiles one part: its wordings and their synonyms.
fn wordings(source: &str, part: &str, synonyms: &Synonyms) -> Result<Vec<Wording>, PatternError> {
    let mut wordings = Vec::new();
    for wording in part.split('|') {
        let words = phrase(wording);
        if words.is_empty() {
            return Err(PatternError::Empty(source.to_owned()));
        }
        wordings.push(words);
        wordings.extend(synonyms.of(wording.trim()).iter().map(|s| phrase(s)).filter(|p| !p.is_empty()));
    }
    wordings.dedup();
    Ok(wordings)
}

/// All places of a part's wordings, by their first token.
fn part_places(part: &[Wording], text: &Prepared<'_>) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for words in part {
        places(words, text, &mut found);
    }
    found.sort_unstable();
    found
}

/// Joins each place of `so_far` to the places of `next` that follow it in the same clause.
fn in_order(so_far: &[(usize, usize)], next: &[(usize, usize)], text: &Prepared<'_>) -> Vec<(usize, usize)> {
    let mut joined = Vec::new();
    for &(from, to) in so_far {
        let after = next.partition_point(|&(start, _)| start <= to);
        let near = next[after..].iter().take_while(|&&(start, _)| start - to - 1 <= ORDERED_GAP);
        joined
            .extend(near.filter(|&&(start, _)| is_one_clause(text, to, start)).map(|&(_, end)| (from, end)));
    }
    joined
}

/// Whether nothing between two tokens ends the clause or denies it.
fn is_one_clause(text: &Prepared<'_>, before: usize, after: usize) -> bool {
    let tokens = text.tokens();
    let between = &text.text()[tokens[before].at.end..tokens[after].at.start];
    tokens[before].sentence == tokens[after].sentence
        && !between.contains([',', ';', ':', '(', ')', '–', '—'])
        && !tokens[before + 1..after].iter().any(|token| CLAUSE_BREAKS.contains(&token.word.as_str()))
}

/// Sentences at which a match of `span` more sentences can begin: those near the rarest concept.
fn first_sentences(hits: &[Vec<(usize, usize)>], text: &Prepared<'_>, span: usize) -> Vec<usize> {
    let rarest = hits.iter().min_by_key(|places| places.len()).map_or(&[][..], Vec::as_slice);
    let mut firsts: Vec<usize> = rarest
        .iter()
        .flat_map(|&(from, _)| {
            let sentence = text.tokens()[from].sentence;
            sentence.saturating_sub(span)..=sentence
        })
        .collect();
    firsts.sort_unstable();
    firsts.dedup();
    firsts
}

/// The tightest place in the sentences `first..=last` where all concepts stand, if it is tight enough.
fn within(hits: &[Vec<(usize, usize)>], text: &Prepared<'_>, first: usize, last: usize) -> Option<Match> {
    if last >= text.sentences().len() {
        return None;
    }
    let tokens = text.tokens();
    let mut inside = Vec::with_capacity(hits.len());
    for places in hits {
        let begin = places.partition_point(|&(from, _)| tokens[from].sentence < first);
        let end = places.partition_point(|&(from, _)| tokens[from].sentence <= last);
        let mut kept: Vec<(usize, usize)> =
            places[begin..end].iter().filter(|&&(_, to)| tokens[to].sentence <= last).copied().collect();
        if kept.is_empty() {
            return None;
        }
        // Each place now ends where the earliest of it and its successors does.
        for index in (1..kept.len()).rev() {
            kept[index - 1].1 = kept[index - 1].1.min(kept[index].1);
        }
        inside.push(kept);
    }
    let spans = inside.iter().flatten().filter_map(|&(start, _)| {
        let mut furthest = 0;
        for places in &inside {
            let next = places.partition_point(|&(from, _)| from < start);
            furthest = furthest.max(places.get(next)?.1);
        }
        Some((start, furthest))
    });
    let (first_token, last_token) = spans.min_by_key(|&(from, to)| (to - from, from))?;
    (last_token - first_token < REACH).then_some(Match {
        first_sentence: first,
        last_sentence: last,
        first_token,
        last_token,
    })
}

fn phrase(wording: &str) -> Vec<Word> {
    wording
        .split(|c: char| c.is_whitespace() || matches!(c, '-' | '/' | '_'))
        .filter_map(|word| {
            if word == "#" {
                return Some(Word::Number);
            }
            let folded = fold(word);
            if folded.is_empty() {
                return None;
            }
            Some(if word.ends_with('*') {
                let probe = Probe::beginning(&folded);
                Word::Prefix(folded, probe)
            } else {
                let stem = stem(word);
                let probe = Probe::stem(&stem);
                Word::Stem(stem, probe)
            })
        })
        .collect()
}

/// Adds the (first token, last token) pairs where these words stand.
fn places(words: &[Word], text: &Prepared<'_>, found: &mut Vec<(usize, usize)>) {
    let may_stand = words.iter().all(|word| match word {
        Word::Stem(_, probe) | Word::Prefix(_, Some(probe)) => text.may_have(*probe),
        Word::Prefix(_, None) | Word::Number => true,
    });
    if !may_stand {
        return;
    }
    let tokens = text.tokens();
    let stands = |start: &usize| {
        let rest = tokens.get(start + 1..start + words.len());
        rest.is_some_and(|rest| {
            words[1..].iter().zip(rest).all(|(word, token)| match word {
                Word::Stem(stem, _) => *stem == token.stem,
                Word::Prefix(prefix, _) => token.word.starts_with(prefix.as_str()),
                Word::Number => is_number(&token.word),
            })
        })
    };
    let mut add = |start: usize| found.push((start, start + words.len() - 1));
    match &words[0] {
        Word::Stem(stem, probe) => text.positions_of(stem, *probe).filter(stands).for_each(&mut add),
        Word::Prefix(prefix, _) => {
            text.positions_with_prefix(prefix).into_iter().filter(stands).for_each(&mut add)
        }
        Word::Number => {
            (0..tokens.len()).filter(|&i| is_number(&tokens[i].word)).filter(stands).for_each(&mut add)
        }
    }
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(pattern: &str, text: &str) -> bool {
        Pattern::parse(pattern, &Synonyms::new([vec!["cdn".into(), "content delivery network".into()]]))
            .expect("a valid pattern")
            .find(&Prepared::new(text))
            .is_some()
    }

    #[test]
    fn a_pattern_matches_as_its_language_says() {
        let rows = [
            ("any order, any inflection", "hash + collision", "collisions of two hashes", true),
            ("one concept is missing", "hash + collision", "we hash the URL", false),
            ("adjacent sentences", "hash + collision", "We hash it. A collision is retried.", true),
            (
                "too far apart",
                "hash + collision",
                "We hash it. Then we store it. A collision happens.",
                false,
            ),
            (
                "out of reach",
                "hash + collision",
                &format!("hash {} collision", "and so on ".repeat(10)),
                false,
            ),
            ("a phrase is consecutive", "read replica", "replicas that we read", false),
            ("hyphens are spaces", "read heavy", "it is read-heavy", true),
            ("a prefix", "idempoten*", "with an idempotency key", true),
            ("a number", "# + per second", "about 12k per second", true),
            ("in order", "forward > hides > server", "a forward proxy hides the real server", true),
            ("in the other order", "forward > hides > server", "the server hides forward paths", false),
            ("another claim between", "forward > server", "forward hides the client from the server", false),
            ("another clause", "layer 4 > url", "layer 4: IP, url for layer 7", false),
            ("a denial between", "forward > hides > server", "a forward proxy does not hide servers", false),
            ("order and nearness", "layer 4 > url + fast", "Layer 4 reads the URL. It is fast.", true),
            ("a synonym of the lexicon", "cdn", "a content delivery network in front", true),
        ];
        for (name, pattern, text, want) in rows {
            assert_eq!(says(pattern, text), want, "{name}");
        }
    }

    #[test]
    fn a_part_without_a_word_is_refused() {
        assert_eq!(
            Pattern::parse("hash + ", &Synonyms::default()),
            Err(PatternError::Empty("hash + ".into()))
        );
    }
}
