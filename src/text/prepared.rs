//! PURE. Text cut into sentences and stemmed tokens, each with its place in the original.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::OnceLock;

use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::FxHashMap;
use unicode_normalization::UnicodeNormalization;

use super::glance::{Glance, Probe};
use super::wrap::wraps;

/// A word as it is compared, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The folded word, before stemming.
    pub word: String,
    /// The English Snowball stem of `word`; a number is its own stem.
    pub stem: String,
    /// Bytes of the original text.
    pub at: Range<usize>,
    /// Index of the sentence it stands in.
    pub sentence: usize,
}

/// A text ready to be matched: its tokens, sentences, and an index of its stems.
#[derive(Clone, Debug)]
pub struct Prepared<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    sentences: Vec<Range<usize>>,
    /// What tells the stem of each token, and its position; sorted.
    index: Vec<(Probe, usize)>,
    /// Positions in the order of their words, for looking up beginnings; few texts need them.
    sorted: OnceLock<Vec<usize>>,
    glance: Glance,
}

impl<'a> Prepared<'a> {
    /// Cuts `text` into sentences and tokens; linear in its length.
    pub fn new(text: &'a str) -> Self {
        let stemmer = Stemmer::create(Algorithm::English);
        let sentences = sentences(text);
        let mut tokens = Vec::new();
        for (sentence, range) in sentences.iter().enumerate() {
            for at in words(text, range.clone()) {
                let word = fold(&text[at.clone()]);
                if word.is_empty() {
                    continue;
                }
                let stem = stem_with(&stemmer, &word);
                tokens.push(Token { word, stem, at, sentence });
            }
        }
        let mut prepared = Self {
            text,
            tokens,
            sentences,
            index: Vec::new(),
            sorted: OnceLock::new(),
            glance: Glance::default(),
        };
        prepared.reindex();
        prepared
    }

    /// The same text with some of its words read as others, told by token; places stay.
    pub fn respelled(mut self, mend: impl Fn(&Token) -> Option<String>) -> Self {
        let mut changed = false;
        for token in &mut self.tokens {
            if let Some(word) = mend(token) {
                token.stem = stem(&word);
                token.word = word;
                changed = true;
            }
        }
        if changed {
            self.reindex();
        }
        self
    }

    fn reindex(&mut self) {
        self.index.clear();
        self.glance = Glance::default();
        self.sorted = OnceLock::new();
        for (position, token) in self.tokens.iter().enumerate() {
            let probe = Probe::stem(&token.stem);
            self.glance.add(probe, &token.word);
            self.index.push((probe, position));
        }
        self.index.sort_unstable();
    }

    /// False if certainly no token is what `probe` looks for.
    pub(super) fn may_have(&self, probe: Probe) -> bool {
        self.glance.may_have(probe)
    }

    /// The text as it was given.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// All tokens in order.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Byte ranges of the sentences, without the white space around them.
    pub fn sentences(&self) -> &[Range<usize>] {
        &self.sentences
    }

    /// The words of sentence `index`, trimmed.
    ///
    /// # Panics
    ///
    /// If there is no such sentence.
    pub fn sentence(&self, index: usize) -> &'a str {
        &self.text[self.sentences[index].clone()]
    }

    /// Positions of the tokens with this stem, ascending.
    pub fn positions<'s>(&'s self, stem: &'s str) -> impl Iterator<Item = usize> + 's {
        self.positions_of(stem, Probe::stem(stem))
    }

    /// The same, if what tells the stem is known.
    pub(super) fn positions_of<'s>(
        &'s self,
        stem: &'s str,
        probe: Probe,
    ) -> impl Iterator<Item = usize> + 's {
        let from = self.index.partition_point(|&(other, _)| other < probe);
        let alike = self.index[from..].iter().take_while(move |&&(other, _)| other == probe);
        alike.map(|&(_, position)| position).filter(move |&position| self.tokens[position].stem == stem)
    }

    /// Positions of the tokens whose folded word starts with `prefix`, ascending.
    pub fn positions_with_prefix(&self, prefix: &str) -> Vec<usize> {
        let sorted = self.sorted.get_or_init(|| {
            let mut sorted: Vec<usize> = (0..self.tokens.len()).collect();
            sorted.sort_by(|&a, &b| self.tokens[a].word.cmp(&self.tokens[b].word));
            sorted
        });
        let from = sorted.partition_point(|&i| self.tokens[i].word.as_str() < prefix);
        let begins = |&&i: &&usize| self.tokens[i].word.starts_with(prefix);
        let mut found: Vec<usize> = sorted[from..].iter().take_while(begins).copied().collect();
        found.sort_unstable();
        found
    }
}

/// Lower-cases, applies NFKC, drops accents and joiners, straightens apostrophes, and drops
/// thousands separators, so that `Café`, `cafe` and `1,000`, `1000` compare equal.
pub fn fold(word: &str) -> String {
    if word.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return word.to_ascii_lowercase();
    }
    let numeric = word.starts_with(|c: char| c.is_ascii_digit());
    word.nfkd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .filter(|c| c.is_alphanumeric() || matches!(c, '.' | '+' | '#') || (*c == '\'') || *c == '’')
        .filter(|c| !(numeric && *c == ','))
        .flat_map(char::to_lowercase)
        .filter(|c| *c != '\'' && *c != '’')
        .collect()
}

/// The stem under which a single word is compared.
pub fn stem(word: &str) -> String {
    stem_with(&Stemmer::create(Algorithm::English), &fold(word))
}

/// Stems that are kept; text has few words that are not frequent.
const KEPT_STEMS: usize = 1 << 14;

thread_local! {
    /// Stems of words met before: stemming costs more than all that is done with the stem.
    static STEMS: RefCell<FxHashMap<String, String>> = RefCell::default();
}

fn stem_with(stemmer: &Stemmer, folded: &str) -> String {
    if folded.bytes().any(|b| !b.is_ascii_lowercase()) {
        return folded.to_owned();
    }
    STEMS.with_borrow_mut(|known| {
        if let Some(stem) = known.get(folded) {
            return stem.clone();
        }
        let stem = stemmer.stem(folded).into_owned();
        if known.len() >= KEPT_STEMS {
            known.clear();
        }
        known.insert(folded.to_owned(), stem.clone());
        stem
    })
}

/// Ends a sentence at `.`, `!`, `?` or `;` before white space, at a line break that is no mere
/// wrap, and at a form feed; an abbreviation such as `e.g.` or `vs.` ends none.
fn sentences(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let wraps = wraps(text);
    let mut found = Vec::new();
    let mut start = 0;
    for (at, character) in text.char_indices() {
        let after = at + character.len_utf8();
        let next_is_space = bytes.get(after).is_none_or(u8::is_ascii_whitespace);
        let ends = match character {
            '.' => next_is_space && !is_abbreviation(&text[start..at]),
            '!' | '?' | ';' => next_is_space,
            '。' | '！' | '？' => true,
            '\n' => wraps.binary_search(&at).is_err(),
            '\u{c}' => true,
            _ => false,
        };
        if ends {
            push_trimmed(text, start..after, &mut found);
            start = after;
        }
    }
    push_trimmed(text, start..text.len(), &mut found);
    found
}

fn is_abbreviation(before: &str) -> bool {
    let last = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or("");
    matches!(
        last.to_ascii_lowercase().as_str(),
        "e.g" | "i.e" | "eg" | "vs" | "approx" | "resp" | "cf" | "ca" | "no"
    )
}

fn push_trimmed(text: &str, range: Range<usize>, into: &mut Vec<Range<usize>>) {
    let piece = &text[range.clone()];
    let trimmed = piece.trim();
    if !trimmed.chars().any(char::is_alphanumeric) {
        return;
    }
    let start = range.start + (piece.len() - piece.trim_start().len());
    into.push(start..start + trimmed.len());
}

/// Words are runs of letters and digits; an apostrophe inside a word, a dot or comma between
/// digits, and the signs of `C++` and `C#` belong to it.
fn words(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    let piece = &text[range.clone()];
    let mut characters = piece.char_indices().peekable();
    let mut previous = ' ';
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map_or(' ', |&(_, c)| c);
        let inside = character.is_alphanumeric()
            || unicode_normalization::char::is_combining_mark(character)
            || (matches!(character, '\'' | '’') && previous.is_alphabetic() && next.is_alphabetic())
            || (matches!(character, '.' | ',') && previous.is_ascii_digit() && next.is_ascii_digit())
            || (matches!(character, '+' | '#') && start.is_some() && matches!(previous, 'c' | 'C' | '+'));
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(begin)) => {
                found.push(range.start + begin..range.start + at);
                start = None;
            }
            _ => {}
        }
        previous = character;
    }
    if let Some(begin) = start {
        found.push(range.start + begin..range.end);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stems(text: &str) -> Vec<String> {
        Prepared::new(text).tokens().iter().map(|t| t.stem.clone()).collect()
    }

    #[test]
    fn words_keep_what_belongs_to_them() {
        assert_eq!(stems("C++ isn't 1,000 or 1.5"), ["c++", "isnt", "1000", "or", "1.5"]);
        assert_eq!(stems("read-heavy Café"), ["read", "heavi", "cafe"]);
    }

    #[test]
    fn sentences_end_where_a_reader_would_end_them() {
        let text = "Use a cache, e.g. Redis. Why? It is fast\n- and small\n\n# Next";
        let prepared = Prepared::new(text);
        let found: Vec<_> = (0..prepared.sentences().len()).map(|i| prepared.sentence(i)).collect();
        assert_eq!(found, ["Use a cache, e.g. Redis.", "Why?", "It is fast", "- and small", "# Next"]);
    }

    #[test]
    fn a_wrapped_line_goes_on_and_a_list_does_not() {
        let text = "A cache keeps copies of what is read often, so that the database\nhas less to do; an entry is dropped after its time to live.\n- one\n- two";
        let prepared = Prepared::new(text);
        let ends: Vec<_> = (0..prepared.sentences().len())
            .map(|i| prepared.sentence(i).split(' ').next_back().unwrap_or(""))
            .collect();
        assert_eq!(ends, ["do;", "live.", "one", "two"]);
    }

    #[test]
    fn every_token_points_at_its_word() {
        let text = "Ünïcode — “quotes” and 日本語 text";
        for token in Prepared::new(text).tokens() {
            assert_eq!(fold(&text[token.at.clone()]), token.word);
        }
    }
}
