//! PURE. What can be seen of an answer before it is compared with anything: talk to the grader,
//! heaps of words, repetition, "I don't know".

use std::collections::BTreeMap;
use std::hash::BuildHasher;

use rustc_hash::{FxBuildHasher, FxHashSet};

use super::knowledge::{Knowledge, SmallWord};
use super::reading::Reading;
use crate::text::{Pattern, Prepared};

/// Sentences that are no part of the answer, and why.
#[derive(Clone, Debug, Default)]
pub(super) struct Screened {
    /// By sentence: speaks to the grader.
    pub to_grader: Vec<bool>,
    /// By sentence: talks of the speaker's own merits.
    pub boasts: Vec<bool>,
    /// By sentence: says what an earlier sentence said.
    pub repeated: Vec<bool>,
    /// How often the sentence is said that is said most often.
    pub most_often: usize,
    /// By sentence: denies a belief ("it is a myth that ...").
    pub denied: Vec<bool>,
    /// The raw text has marks by which prompts separate roles.
    pub role_marks: bool,
    /// By sentence: says that one does not know.
    pub dont_know: Vec<bool>,
}

/// Looks for what speaks to the grader, repeats, or gives up.
pub(super) fn screen(known: &Knowledge, prepared: &Prepared<'_>) -> Screened {
    let sentences = prepared.sentences().len();
    let lower = prepared.text().to_lowercase();
    let marks = known.role_marks.iter().any(|mark| lower.contains(mark.as_str()));
    let mut screened = Screened {
        to_grader: within_one_sentence(&known.addresses_grader, prepared),
        boasts: within_one_sentence(&known.boasts, prepared),
        repeated: vec![false; sentences],
        most_often: 0,
        denied: within_one_sentence(&known.denial, prepared),
        role_marks: marks,
        dont_know: within_one_sentence(&known.dont_know, prepared),
    };
    if marks {
        for (index, range) in prepared.sentences().iter().enumerate() {
            let lower = prepared.text()[range.clone()].to_lowercase();
            screened.to_grader[index] |= known.role_marks.iter().any(|mark| lower.contains(mark.as_str()));
        }
    }
    let mut seen: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
    let mut words: Vec<Vec<&str>> = vec![Vec::new(); sentences];
    for token in prepared.tokens() {
        words[token.sentence].push(&token.word);
    }
    for (index, words) in words.into_iter().enumerate() {
        let counted = words.len() > 1;
        let times = seen.entry(words).or_default();
        *times += usize::from(counted);
        screened.repeated[index] = *times > 1;
        screened.most_often = screened.most_often.max(*times);
    }
    screened
}

/// True if any sentence of `text` speaks to the grader; for graders of other kinds.
pub fn addresses_grader(known: &Knowledge, text: &str) -> bool {
    let screened = screen(known, &Prepared::new(text));
    screened.role_marks || screened.to_grader.contains(&true)
}

fn within_one_sentence(patterns: &[Pattern], prepared: &Prepared<'_>) -> Vec<bool> {
    let mut found = vec![false; prepared.sentences().len()];
    for pattern in patterns {
        for sentence in one_sentence(pattern, prepared) {
            found[sentence] = true;
        }
    }
    found
}

fn one_sentence<'p>(pattern: &'p Pattern, prepared: &'p Prepared<'_>) -> impl Iterator<Item = usize> + 'p {
    let places = pattern.find_all(prepared).into_iter();
    places.filter(|place| place.first_sentence == place.last_sentence).map(|place| place.first_sentence)
}

/// How an answer's words are laid out, whatever they say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Shape {
    /// Tokens that count.
    pub words: usize,
    /// Share of small words among them.
    pub small_share: f64,
    /// How much oftener than by chance its neighbours are neighbours in English, as a power of two.
    pub fluency: f64,
    /// Share of the words that stand in pieces of at most three words between commas or line ends.
    pub listed: f64,
    /// Number of such pieces.
    pub pieces: usize,
    /// Share of word triples that were there before.
    pub repetition: f64,
    /// Share of words with letters beyond ASCII.
    pub foreign: f64,
    /// Number of small words of other languages.
    pub foreign_words: usize,
}

/// Measures the words of an answer.
pub(super) fn shape(known: &Knowledge, reading: &Reading<'_>) -> Shape {
    let tokens = reading.prepared.tokens();
    let counted: Vec<usize> = (0..tokens.len()).filter(|&i| !reading.left_out[tokens[i].sentence]).collect();
    let words = counted.len();
    if words == 0 {
        return Shape::default();
    }
    let share = |count: usize, of: usize| if of == 0 { 0.0 } else { count as f64 / of as f64 };
    let small = counted.iter().filter(|&&i| reading.units[i].small.is_some()).count();
    let foreign = counted.iter().filter(|&&i| !tokens[i].word.is_ascii()).count();
    let in_order = counted.iter().map(|&i| (tokens[i].word.as_str(), reading.units[i].small));
    let told: Vec<u64> = counted.iter().map(|&i| FxBuildHasher.hash_one(&tokens[i].word)).collect();
    let mut triples = FxHashSet::with_capacity_and_hasher(words, FxBuildHasher);
    let mut again = 0;
    for three in told.windows(3) {
        again += usize::from(!triples.insert([three[0], three[1], three[2]]));
    }
    let (pieces, listed) = pieces(reading, &counted);
    Shape {
        words,
        small_share: share(small, words),
        fluency: known.order.fluency(in_order),
        listed: share(listed, words),
        pieces,
        repetition: share(again, words.saturating_sub(2)),
        foreign: share(foreign, words),
        foreign_words: counted.iter().filter(|&&i| known.is_foreign(&tokens[i].word)).count(),
    }
}

/// Number of the short pieces between commas, line ends and "and", and the words in them.
fn pieces(reading: &Reading<'_>, counted: &[usize]) -> (usize, usize) {
    let tokens = reading.prepared.tokens();
    let text = reading.prepared.text();
    let mut lengths: Vec<usize> = Vec::new();
    let (mut length, mut verbs, mut joining) = (0, 0, 0);
    for (order, &i) in counted.iter().enumerate() {
        let before = order.checked_sub(1).map(|o| &tokens[counted[o]]);
        let between = text.get(before.map_or(0, |b| b.at.end)..tokens[i].at.start).unwrap_or("");
        let other_sentence = before.is_some_and(|before| before.sentence != tokens[i].sentence);
        let joins = matches!(tokens[i].word.as_str(), "and" | "or" | "plus" | "also");
        let apart = other_sentence || between.contains([',', ';', '/', '|', '•', '.', '+', '→', '>']);
        if order > 0 && (joins || apart) {
            lengths.push(if verbs == 0 { length } else { 0 });
            (length, verbs) = (0, 0);
        }
        if joins {
            joining += 1;
            continue;
        }
        length += 1;
        verbs +=
            usize::from(matches!(reading.units[i].small, Some(SmallWord::Auxiliary | SmallWord::Pronoun)));
    }
    lengths.push(if verbs == 0 { length } else { 0 });
    lengths.retain(|length| (1..=3).contains(length));
    (lengths.len(), lengths.iter().sum::<usize>() + joining)
}
