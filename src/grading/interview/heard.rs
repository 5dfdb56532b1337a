//! PURE. What the candidate said, sentence by sentence, less what may not earn.
//!
//! Quotations, lists of keywords, text that speaks to the grader, repetitions, and echoes of the
//! interviewer are blanked out before anything is counted; byte positions stay those of the turn.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use super::book::{Book, any, matches};
use crate::grading::Flag;
use crate::text::Prepared;
use crate::transcript::{Speaker, Transcript};

/// Interviewer turns whose words count as still in the air.
const RECENT_TURNS: usize = 3;
/// Least share of a sentence's content words that must be the candidate's own.
const OWN_SHARE: f64 = 0.34;
/// Words in quotation marks from which they are somebody else's text.
const QUOTED_WORDS: usize = 6;

/// A candidate's turn with what may not earn blanked out.
#[derive(Clone, Debug)]
pub(super) struct Cleaned {
    pub turn: usize,
    pub text: String,
}

/// What was noticed while cleaning.
#[derive(Clone, Debug, Default)]
pub(super) struct Noticed {
    pub flags: BTreeSet<Flag>,
    pub echoes: usize,
    pub repeated: usize,
    pub sentences: usize,
}

/// Blanks out what may not earn.
pub(super) fn clean(transcript: &Transcript, book: &Book) -> (Vec<Cleaned>, Noticed) {
    let mut noticed = Noticed::default();
    let mut cleaned = Vec::new();
    let mut heard: HashSet<Vec<String>> = HashSet::new();
    let mut recent: Vec<HashSet<String>> = Vec::new();
    for (turn, spoken) in transcript.turns.iter().enumerate() {
        match spoken.speaker {
            Speaker::Interviewer => {
                recent.push(book.content(&Prepared::new(&spoken.text)));
                if recent.len() > RECENT_TURNS {
                    recent.remove(0);
                }
            }
            Speaker::Candidate => {
                let text = with_breaks(&spoken.text, book);
                let drop = unearning(&text, book, &recent, &mut heard, &mut noticed);
                cleaned.push(Cleaned { turn, text: blank(&text, &drop) });
            }
            Speaker::Other => {}
        }
    }
    if noticed.repeated * 5 > noticed.sentences && noticed.repeated > 3 {
        noticed.flags.insert(Flag::Padding);
    }
    if noticed.echoes * 3 > noticed.sentences && noticed.echoes > 3 {
        noticed.flags.insert(Flag::Echo);
    }
    (cleaned, noticed)
}

/// Words of a sentence from which it is talk without full stops.
const LONG_SENTENCE: usize = 40;
/// Least words between two breaks in it.
const THOUGHT: usize = 14;

/// Breaks talk without full stops where another thought begins, so that it is not one sentence; a
/// form feed takes the place of a space, and no byte moves.
fn with_breaks(text: &str, book: &Book) -> String {
    let prepared = Prepared::new(text);
    let mut lengths = vec![0; prepared.sentences().len()];
    prepared.tokens().iter().for_each(|token| lengths[token.sentence] += 1);
    if lengths.iter().all(|&length| length <= LONG_SENTENCE) {
        return text.to_owned();
    }
    let mut bytes = text.as_bytes().to_vec();
    let (mut sentence, mut since) = (0, 0);
    for token in prepared.tokens() {
        if token.sentence != sentence {
            (sentence, since) = (token.sentence, 0);
        }
        let before = token.at.start.checked_sub(1).filter(|&at| bytes[at] == b' ');
        if let Some(before) = before
            && lengths[sentence] > LONG_SENTENCE
            && since >= THOUGHT
            && book.words.breaks.contains(&token.word)
        {
            bytes[before] = b'\x0c';
            since = 0;
        }
        since += 1;
    }
    // Spaces became form feeds: still the text it was.
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// The byte ranges of `text` that may not earn.
fn unearning(
    text: &str,
    book: &Book,
    recent: &[HashSet<String>],
    heard: &mut HashSet<Vec<String>>,
    noticed: &mut Noticed,
) -> Vec<Range<usize>> {
    let mut drop = quotations(text);
    let prepared = Prepared::new(text);
    let mut grader: HashSet<usize> = HashSet::new();
    for pattern in &book.words.addresses_grader {
        for found in matches(pattern, &prepared) {
            grader.extend(found.first_sentence..=found.last_sentence);
        }
    }
    if !grader.is_empty() {
        noticed.flags.insert(Flag::AddressesGrader);
    }
    for (index, range) in prepared.sentences().iter().enumerate() {
        noticed.sentences += 1;
        let tokens: Vec<&str> = prepared
            .tokens()
            .iter()
            .filter(|token| token.sentence == index)
            .map(|token| token.stem.as_str())
            .collect();
        let content: HashSet<&str> = tokens.iter().copied().filter(|stem| book.is_content(stem)).collect();
        let dropped = if grader.contains(&index) {
            true
        } else if is_keyword_list(&text[range.clone()], &tokens, book) {
            noticed.flags.insert(Flag::KeywordList);
            true
        } else if content.len() >= 4 && !heard.insert(sorted(&content)) {
            noticed.repeated += 1;
            true
        } else if !text[range.clone()].ends_with('?') && is_echo(&content, recent) {
            noticed.echoes += 1;
            true
        } else {
            false
        };
        if dropped {
            drop.push(range.clone());
        }
    }
    drop
}

fn sorted(content: &HashSet<&str>) -> Vec<String> {
    content.iter().map(|stem| (*stem).to_owned()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// A sentence whose content words stand in one of the interviewer's recent turns.
fn is_echo(content: &HashSet<&str>, recent: &[HashSet<String>]) -> bool {
    content.len() >= 3
        && recent.iter().any(|said| {
            let own = content.iter().filter(|stem| !said.contains(**stem)).count();
            (own as f64) < OWN_SHARE * content.len() as f64
        })
}

/// Names in a row, without a word that would make them a claim.
fn is_keyword_list(sentence: &str, stems: &[&str], book: &Book) -> bool {
    let pieces = sentence.split([',', ';', '/', '|', '+', '\u{2022}']).count();
    let function = stems.iter().filter(|stem| !book.is_content(stem)).count();
    let has_number = stems.iter().any(|stem| stem.starts_with(|c: char| c.is_ascii_digit()));
    pieces >= 5
        && !sentence.contains(':')
        && stems.len() >= 6
        && stems.len() <= pieces * 3
        && function * 6 <= stems.len()
        && !has_number
        && !sentence.trim_end().ends_with('?')
}

/// Block quotations, and quotation marks around more than a phrase.
fn quotations(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with('>') {
            found.push(start..start + line.len());
        }
        start += line.len();
    }
    let mut open: Option<(usize, char)> = None;
    for (at, character) in text.char_indices() {
        match (character, open) {
            ('“' | '"', None) => open = Some((at, if character == '"' { '"' } else { '”' })),
            (close, Some((begin, wanted))) if close == wanted => {
                let range = begin..at + close.len_utf8();
                if text[range.clone()].split_whitespace().count() >= QUOTED_WORDS {
                    found.push(range);
                }
                open = None;
            }
            ('\n', Some((_, '"'))) => open = None,
            _ => {}
        }
    }
    found
}

/// Replaces `drop` by as many spaces.
fn blank(text: &str, drop: &[Range<usize>]) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        if character != '\n' && drop.iter().any(|range| range.contains(&at)) {
            out.extend(std::iter::repeat_n(' ', character.len_utf8()));
        } else {
            out.push(character);
        }
    }
    out
}

/// A sentence that may earn.
#[derive(Clone, Debug)]
pub(super) struct Sentence {
    pub question: bool,
    /// Asks, with or without a question mark.
    pub asks: bool,
    /// Takes for granted what could have been asked.
    pub assumes: bool,
    pub early: bool,
    /// Terms of the lexicon that name a part or a mechanism.
    pub terms: BTreeSet<usize>,
    /// Terms that fit any system.
    pub general_terms: BTreeSet<usize>,
    /// Things of which the candidate keeps talking.
    pub things: usize,
    pub number: bool,
    pub property: bool,
    pub reason: bool,
    /// Gives a number, a reason or a condition.
    pub deep: bool,
    /// Gives a reason or sets one thing against another.
    pub weighs: bool,
    pub absolute: bool,
    /// Part of a wrong claim; earns nothing.
    pub wrong: bool,
    pub content: BTreeSet<String>,
    pub words: usize,
}

impl Sentence {
    /// Says something that does not fit any system.
    pub fn is_concrete(&self) -> bool {
        self.number || !self.terms.is_empty() || self.things >= 2
    }

    /// Is specific, or says something about a property.
    pub fn is_solid(&self) -> bool {
        self.is_specific() || (self.property && self.content.len() >= 3)
    }

    /// Says how, how much, or by what.
    pub fn is_specific(&self) -> bool {
        let named = self.terms.len() + self.things + usize::from(self.property);
        self.number || (self.things >= 1 && named >= 2)
    }
}

/// A cleaned turn with its sentences.
#[derive(Clone, Debug)]
pub(super) struct HeardTurn<'a> {
    pub turn: usize,
    pub prepared: Prepared<'a>,
    pub sentences: Vec<Sentence>,
    /// Last token of every denial.
    pub denials: Vec<usize>,
}

/// The whole conversation, ready to be counted.
#[derive(Clone, Debug)]
pub(super) struct Heard<'a> {
    pub candidate: Vec<HeardTurn<'a>>,
    pub interviewer: Vec<(usize, Prepared<'a>)>,
    /// Words of the candidate that may earn.
    pub words: usize,
}

impl<'a> Heard<'a> {
    pub fn new(transcript: &'a Transcript, cleaned: &'a [Cleaned], book: &Book) -> Self {
        let mut candidate: Vec<HeardTurn<'_>> = cleaned
            .iter()
            .map(|Cleaned { turn, text }| {
                let prepared = Prepared::new(text);
                let sentences = sentences(&prepared, book);
                let denials = book
                    .words
                    .denial
                    .iter()
                    .flat_map(|pattern| matches(pattern, &prepared))
                    .map(|found| found.last_token)
                    .collect();
                HeardTurn { turn: *turn, prepared, sentences, denials }
            })
            .collect();
        mark_things(&mut candidate, book);
        mark_early(&mut candidate, transcript, book);
        let interviewer = transcript
            .turns
            .iter()
            .enumerate()
            .filter(|(_, turn)| turn.speaker == Speaker::Interviewer)
            .map(|(index, turn)| (index, Prepared::new(&turn.text)))
            .collect();
        let words = candidate.iter().map(|turn| turn.prepared.tokens().len()).sum();
        Self { candidate, interviewer, words }
    }

    /// Marks the sentences of a wrong claim, so that they earn nothing.
    pub fn mark_wrong(&mut self, turn: usize, sentences: Range<usize>) {
        if let Some(heard) = self.candidate.iter_mut().find(|heard| heard.turn == turn) {
            heard.sentences[sentences].iter_mut().for_each(|sentence| sentence.wrong = true);
        }
    }

    /// The interviewer's turns before turn `turn`.
    pub fn said_before(&self, turn: usize) -> impl Iterator<Item = &(usize, Prepared<'a>)> {
        self.interviewer.iter().filter(move |(index, _)| *index < turn)
    }
}

/// Numbers that are no figure of speech.
const NUMBER_WORDS: [&str; 22] = [
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
    "hundreds",
    "thousand",
    "thousands",
    "million",
    "billion",
    "dozen",
];
/// Sentences of the candidate in which a word must come back to be a thing that is talked about.
const THING_SENTENCES: usize = 3;
/// Share of the candidate's turns after which clarifying questions come late, whatever was said.
const EARLY_SHARE: f64 = 0.5;

/// Counts in each sentence the things of which the candidate keeps talking.
fn mark_things(candidate: &mut [HeardTurn<'_>], book: &Book) {
    let mut count: HashMap<&str, usize> = HashMap::new();
    for sentence in candidate.iter().flat_map(|turn| &turn.sentences) {
        sentence.content.iter().for_each(|stem| *count.entry(stem).or_default() += 1);
    }
    let is_thing = |stem: &&str| {
        stem.len() >= 3 && stem.chars().all(char::is_alphabetic) && !book.words.general.contains(*stem)
    };
    let things: HashSet<String> = count
        .iter()
        .filter(|(stem, count)| **count >= THING_SENTENCES && is_thing(stem))
        .map(|(stem, _)| (*stem).to_owned())
        .collect();
    for sentence in candidate.iter_mut().flat_map(|turn| &mut turn.sentences) {
        sentence.things = sentence.content.iter().filter(|stem| things.contains(*stem)).count();
    }
}

/// Marks what was said before the design began: by phase, else by what was said.
fn mark_early(candidate: &mut [HeardTurn<'_>], transcript: &Transcript, book: &Book) {
    let late = (EARLY_SHARE * candidate.len() as f64).max(6.0) as usize;
    let mut designing = false;
    for (index, turn) in candidate.iter_mut().enumerate() {
        let kinds: BTreeSet<&str> = turn
            .sentences
            .iter()
            .filter(|sentence| !sentence.question)
            .flat_map(|sentence| &sentence.terms)
            .filter_map(|&term| book.terms[term].kind.as_deref())
            .collect();
        designing |= match transcript.turns[turn.turn].phase.as_deref() {
            Some(phase) => phase != "requirements",
            None => kinds.len() >= 3 || index >= late || any(&book.words.design_begins, &turn.prepared),
        };
        turn.sentences.iter_mut().for_each(|sentence| sentence.early = !designing);
    }
}

fn sentences(prepared: &Prepared<'_>, book: &Book) -> Vec<Sentence> {
    let count = prepared.sentences().len();
    let mut sentences: Vec<Sentence> = (0..count)
        .map(|index| Sentence {
            question: prepared.sentence(index).trim_end().ends_with(['?', '？']),
            asks: false,
            assumes: false,
            early: false,
            terms: BTreeSet::new(),
            general_terms: BTreeSet::new(),
            things: 0,
            number: false,
            property: false,
            reason: false,
            deep: false,
            weighs: false,
            absolute: false,
            wrong: false,
            content: BTreeSet::new(),
            words: 0,
        })
        .collect();
    for token in prepared.tokens() {
        let sentence = &mut sentences[token.sentence];
        sentence.words += 1;
        sentence.number |= token.word.starts_with(|c: char| c.is_ascii_digit())
            || NUMBER_WORDS.contains(&token.word.as_str());
        if book.is_content(&token.stem) {
            sentence.content.insert(token.stem.clone());
        }
    }
    for (id, term) in book.terms.iter().enumerate() {
        for found in matches(&term.pattern, prepared) {
            if found.last_sentence == found.first_sentence {
                let sentence = &mut sentences[found.first_sentence];
                let terms = if term.general { &mut sentence.general_terms } else { &mut sentence.terms };
                terms.insert(id);
            }
        }
    }
    // Talk without any punctuation asks without a question mark.
    let unmarked = count > 0 && !prepared.text().contains(['.', '?', '!']);
    for pattern in &book.words.question_start {
        for found in matches(pattern, prepared) {
            let first =
                prepared.tokens().iter().position(|t| t.sentence == found.first_sentence).unwrap_or(0);
            if found.first_token <= first + if unmarked { 6 } else { 1 } {
                sentences[found.first_sentence].question = true;
            }
        }
    }
    reasons(prepared, book, &mut sentences);
    sentences
}

/// Marks the sentences that ask, assume, claim without measure, or give a reason that rests on
/// something of this system.
fn reasons(prepared: &Prepared<'_>, book: &Book, sentences: &mut [Sentence]) {
    let found_in = |patterns: &[crate::text::Pattern]| {
        patterns
            .iter()
            .flat_map(|pattern| matches(pattern, prepared))
            .map(|found| found.first_sentence)
            .collect::<HashSet<_>>()
    };
    let words = &book.words;
    let (given, property, vague) =
        (found_in(&words.reason), found_in(&words.property), found_in(&words.vague_reason));
    let (condition, contrast) = (found_in(&words.condition), found_in(&words.contrast));
    let (request, assume, absolute) =
        (found_in(&words.request), found_in(&words.assume), found_in(&words.absolute));
    for (index, sentence) in sentences.iter_mut().enumerate() {
        sentence.property = property.contains(&index);
        let solid = sentence.property || sentence.number;
        sentence.reason = given.contains(&index) && solid && (sentence.number || !vague.contains(&index));
        sentence.deep = sentence.number || given.contains(&index) || condition.contains(&index);
        sentence.weighs = given.contains(&index) || contrast.contains(&index);
        sentence.asks = sentence.question || request.contains(&index);
        sentence.assumes = assume.contains(&index);
        sentence.absolute = absolute.contains(&index);
    }
}
