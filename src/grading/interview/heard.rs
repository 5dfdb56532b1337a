//! PURE. What the candidate said, sentence by sentence, less what may not earn.
//!
//! Quotations, lists of keywords, text that speaks to the grader, repetitions, and echoes of the
//! interviewer are blanked out before anything is counted; byte positions stay those of the turn.

use std::collections::{BTreeSet, HashSet};
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
                let drop = unearning(&spoken.text, book, &recent, &mut heard, &mut noticed);
                cleaned.push(Cleaned { turn, text: blank(&spoken.text, &drop) });
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
        } else if is_echo(&content, recent) {
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
    pub early: bool,
    pub terms: BTreeSet<usize>,
    pub number: bool,
    pub reason: bool,
    pub content: BTreeSet<String>,
    pub words: usize,
}

/// A cleaned turn with its sentences.
#[derive(Clone, Debug)]
pub(super) struct HeardTurn<'a> {
    pub turn: usize,
    pub prepared: Prepared<'a>,
    pub sentences: Vec<Sentence>,
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
        let mut designing = false;
        let mut candidate = Vec::new();
        for Cleaned { turn, text } in cleaned {
            let prepared = Prepared::new(text);
            let sentences = sentences(&prepared, book);
            let phase = transcript.turns[*turn].phase.as_deref();
            let kinds: BTreeSet<&str> = sentences
                .iter()
                .filter(|sentence| !sentence.question)
                .flat_map(|sentence| &sentence.terms)
                .filter(|&&term| !book.terms[term].general)
                .filter_map(|&term| book.terms[term].kind.as_deref())
                .collect();
            designing |= match phase {
                Some(phase) => phase != "requirements",
                None => kinds.len() >= 3 || any(&book.words.design_begins, &prepared),
            };
            let mut sentences = sentences;
            sentences.iter_mut().for_each(|sentence| sentence.early = !designing);
            candidate.push(HeardTurn { turn: *turn, prepared, sentences });
        }
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

    /// The interviewer's turns before turn `turn`.
    pub fn said_before(&self, turn: usize) -> impl Iterator<Item = &(usize, Prepared<'a>)> {
        self.interviewer.iter().filter(move |(index, _)| *index < turn)
    }
}

fn sentences(prepared: &Prepared<'_>, book: &Book) -> Vec<Sentence> {
    let count = prepared.sentences().len();
    let mut sentences: Vec<Sentence> = (0..count)
        .map(|index| Sentence {
            question: prepared.sentence(index).trim_end().ends_with(['?', '？']),
            early: false,
            terms: BTreeSet::new(),
            number: false,
            reason: false,
            content: BTreeSet::new(),
            words: 0,
        })
        .collect();
    for token in prepared.tokens() {
        let sentence = &mut sentences[token.sentence];
        sentence.words += 1;
        sentence.number |= token.word.starts_with(|c: char| c.is_ascii_digit())
            || matches!(token.stem.as_str(), "million" | "billion" | "thousand" | "hundr" | "dozen");
        if book.is_content(&token.stem) {
            sentence.content.insert(token.stem.clone());
        }
    }
    for (id, term) in book.terms.iter().enumerate() {
        for found in matches(&term.pattern, prepared) {
            if found.last_sentence == found.first_sentence {
                sentences[found.first_sentence].terms.insert(id);
            }
        }
    }
    for pattern in &book.words.question_start {
        for found in matches(pattern, prepared) {
            let first =
                prepared.tokens().iter().position(|t| t.sentence == found.first_sentence).unwrap_or(0);
            if found.first_token <= first + 1 {
                sentences[found.first_sentence].question = true;
            }
        }
    }
    reasons(prepared, book, &mut sentences);
    sentences
}

/// Marks the sentences that give a reason resting on something of this system.
fn reasons(prepared: &Prepared<'_>, book: &Book, sentences: &mut [Sentence]) {
    let found_in = |patterns: &[crate::text::Pattern]| {
        patterns
            .iter()
            .flat_map(|pattern| matches(pattern, prepared))
            .map(|found| found.first_sentence)
            .collect::<HashSet<_>>()
    };
    let (given, property, vague) =
        (found_in(&book.words.reason), found_in(&book.words.property), found_in(&book.words.vague_reason));
    for (index, sentence) in sentences.iter_mut().enumerate() {
        let solid = property.contains(&index) || sentence.number;
        sentence.reason = given.contains(&index) && solid && (sentence.number || !vague.contains(&index));
    }
}
