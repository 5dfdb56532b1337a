//! PURE. What the grader knows of English: forms, kindred words, opposites, telling phrases.
//!
//! Read once from the files of `material/grader`; all wordings are there, none are here.

use std::borrow::Cow;

use minijinja::{Environment, UndefinedBehavior};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;

use super::order::WordOrder;
use super::score::Scoring;
use crate::material::{LoadError, PackSource, parse_toml};
use crate::text::{Pattern, Synonyms, Token, fold, stem};

/// How near a kindred word is to the one it stands for, 0 to 1.
pub(super) type Nearness = f64;

const SAME_ROOT: Nearness = 0.9;
const OF_THE_FIELD: Nearness = 0.85;
const OF_THE_LANGUAGE: Nearness = 0.7;

/// A wording that can stand for another: the keys of its words in order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Kin {
    pub words: Vec<String>,
    pub nearness: Nearness,
}

/// Phrases of folded words, looked up by their first word.
#[derive(Clone, Debug, Default)]
pub(super) struct PhraseBook(FxHashMap<String, Vec<Vec<String>>>);

impl PhraseBook {
    fn new(phrases: &[String]) -> Self {
        let mut book = Self::default();
        for phrase in folded(phrases) {
            if let Some(first) = phrase.first() {
                book.0.entry(first.clone()).or_default().push(phrase);
            }
        }
        book
    }

    /// The phrases that begin with token `start`, in the order of the file.
    pub(super) fn standing_at<'b>(
        &'b self,
        tokens: &'b [Token],
        start: usize,
    ) -> impl Iterator<Item = &'b Vec<String>> {
        let begin = tokens.get(start).and_then(|token| self.0.get(&token.word)).into_iter().flatten();
        begin.filter(move |phrase| {
            tokens
                .get(start..start + phrase.len())
                .is_some_and(|tokens| phrase.iter().zip(tokens).all(|(word, token)| *word == token.word))
        })
    }
}

/// Classes of small words, by what may follow them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SmallWord {
    Article,
    Determiner,
    Preposition,
    Auxiliary,
    Pronoun,
    Conjunction,
    Other,
}

/// Everything the embedded grader knows before it sees a question.
#[derive(Debug)]
pub struct Knowledge {
    forms: FxHashMap<String, String>,
    kin: FxHashMap<String, Vec<Kin>>,
    opposites: FxHashMap<String, Vec<String>>,
    small: FxHashMap<String, SmallWord>,
    negators: FxHashSet<String>,
    foreign: FxHashSet<String>,
    deniers: FxHashSet<String>,
    conditionals: FxHashSet<String>,
    relatives: FxHashSet<String>,
    pub(super) not_negation: Vec<Vec<String>>,
    pub(super) contrast: PhraseBook,
    pub(super) filler: PhraseBook,
    pub(super) contrasting: FxHashSet<String>,
    pub(super) addresses_grader: Vec<Pattern>,
    pub(super) boasts: Vec<Pattern>,
    pub(super) dont_know: Vec<Pattern>,
    pub(super) denial: Vec<Pattern>,
    pub(super) role_marks: Vec<String>,
    pub(super) order: WordOrder,
    pub(super) scoring: Scoring,
    pub(super) feedback: Environment<'static>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Phrases {
    addresses_grader: Vec<String>,
    role_marks: Vec<String>,
    boasts: Vec<String>,
    dont_know: Vec<String>,
    filler: Vec<String>,
    negators: Vec<String>,
    not_negation: Vec<String>,
    contrast: Vec<String>,
    denial: Vec<String>,
    contrasting: Vec<String>,
    foreign: Vec<String>,
    deniers: Vec<String>,
    conditionals: Vec<String>,
    relatives: Vec<String>,
    small_words: SmallWords,
    near: Near,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SmallWords {
    articles: Vec<String>,
    determiners: Vec<String>,
    prepositions: Vec<String>,
    auxiliaries: Vec<String>,
    pronouns: Vec<String>,
    conjunctions: Vec<String>,
    others: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Near {
    groups: Vec<Vec<String>>,
    opposites: Vec<Vec<String>>,
}

impl Knowledge {
    /// Reads the files of `material/grader` and the feedback template.
    ///
    /// # Errors
    ///
    /// Every fault found, with its place.
    pub fn parse(files: &PackSource, feedback: String) -> Result<Self, Vec<LoadError>> {
        let text = |name: &str| files.get(name).map_or("", String::as_str);
        let phrases: Phrases = parse_toml("phrases.toml", text("phrases.toml")).map_err(|e| vec![e])?;
        let scoring: Scoring = parse_toml("scoring.toml", text("scoring.toml")).map_err(|e| vec![e])?;
        let mut faults = Vec::new();
        let mut patterns = |sources: &[String]| -> Vec<Pattern> {
            let parse = |source: &String| Pattern::parse(source, &Synonyms::default());
            let (good, bad): (Vec<_>, Vec<_>) = sources.iter().map(parse).partition(Result::is_ok);
            faults.extend(
                bad.into_iter()
                    .filter_map(Result::err)
                    .map(|error| LoadError::at("phrases.toml", text("phrases.toml"), 0, error.to_string())),
            );
            good.into_iter().filter_map(Result::ok).collect()
        };
        let boasts = patterns(&phrases.boasts);
        let (addresses_grader, dont_know, denial) =
            (patterns(&phrases.addresses_grader), patterns(&phrases.dont_know), patterns(&phrases.denial));
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        if let Err(error) = environment.add_template_owned("feedback", feedback) {
            let line = error.line().unwrap_or(1);
            faults.push(LoadError {
                file: "embedded-feedback.md".into(),
                line,
                column: 1,
                message: error.to_string(),
            });
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut known = Self {
            forms: FxHashMap::default(),
            kin: FxHashMap::default(),
            opposites: FxHashMap::default(),
            small: FxHashMap::default(),
            negators: FxHashSet::default(),
            deniers: phrases.deniers.iter().map(|word| fold(word)).collect(),
            conditionals: phrases.conditionals.iter().map(|word| fold(word)).collect(),
            relatives: phrases.relatives.iter().map(|word| fold(word)).collect(),
            foreign: phrases.foreign.iter().map(|word| fold(word)).collect(),
            not_negation: Vec::new(),
            contrast: PhraseBook::new(&phrases.contrast),
            filler: PhraseBook::new(&phrases.filler),
            contrasting: FxHashSet::default(),
            addresses_grader,
            boasts,
            dont_know,
            denial,
            role_marks: phrases.role_marks.iter().map(|mark| mark.to_lowercase()).collect(),
            order: WordOrder::read(lines(text("word_order.txt"))),
            scoring,
            feedback: environment,
        };
        for line in lines(text("forms.txt")) {
            let mut words = line.split(' ');
            let Some(base) = words.next() else { continue };
            let base = stem(base);
            known.forms.extend(words.map(|form| (fold(form), base.clone())));
        }
        known.add_small(&phrases.small_words);
        known.negators = phrases.negators.iter().map(|word| fold(word)).collect();
        known.contrasting = phrases.contrasting.iter().map(|word| fold(word)).collect();
        known.not_negation = folded(&phrases.not_negation);
        known.add_kin(lines(text("derived.txt")).map(|line| line.split(' ')), SAME_ROOT);
        known.add_kin(phrases.near.groups.iter().map(|group| group.iter().map(String::as_str)), OF_THE_FIELD);
        known.add_kin(lines(text("synonyms.txt")).map(|line| line.split(' ')), OF_THE_LANGUAGE);
        let pairs = phrases.near.opposites.iter().map(|pair| pair.iter().map(String::as_str).collect());
        let pairs: Vec<Vec<&str>> =
            pairs.chain(lines(text("antonyms.txt")).map(|l| l.split(' ').collect())).collect();
        for pair in pairs {
            if let [one, other] = pair[..] {
                let (one, other) = (known.key(&fold(one)), known.key(&fold(other)));
                known.opposites.entry(one.clone()).or_default().push(other.clone());
                known.opposites.entry(other).or_default().push(one);
            }
        }
        Ok(known)
    }

    fn add_small(&mut self, words: &SmallWords) {
        let classes = [
            (&words.others, SmallWord::Other),
            (&words.conjunctions, SmallWord::Conjunction),
            (&words.pronouns, SmallWord::Pronoun),
            (&words.prepositions, SmallWord::Preposition),
            (&words.determiners, SmallWord::Determiner),
            (&words.auxiliaries, SmallWord::Auxiliary),
            (&words.articles, SmallWord::Article),
        ];
        for (words, class) in classes {
            self.small.extend(words.iter().map(|word| (fold(word), class)));
        }
    }

    fn add_kin<'a, G: Iterator<Item = &'a str>>(
        &mut self,
        groups: impl Iterator<Item = G>,
        nearness: Nearness,
    ) {
        for group in groups {
            let wordings: Vec<Vec<String>> =
                group.map(|wording| wording.split(' ').map(|word| self.key(&fold(word))).collect()).collect();
            for one in &wordings {
                let [head] = &one[..] else { continue };
                let known = self.kin.entry(head.clone()).or_default();
                for other in &wordings {
                    if other != one && !known.iter().any(|kin| kin.words == *other) {
                        known.push(Kin { words: other.clone(), nearness });
                    }
                }
            }
        }
    }

    /// The key under which a folded word is compared: its stem, American spelling, base form,
    /// and a numeral for a number word.
    pub(super) fn key(&self, folded: &str) -> String {
        if let Some(base) = self.forms.get(folded) {
            return base.clone();
        }
        if let Some(digits) = numeral(folded) {
            return digits.to_owned();
        }
        stem(&american(folded))
    }

    /// The key of a word whose stem is known already.
    pub(super) fn key_of(&self, folded: &str, stemmed: &str) -> String {
        if let Some(base) = self.forms.get(folded) {
            return base.clone();
        }
        if let Some(digits) = numeral(folded) {
            return digits.to_owned();
        }
        match american(folded) {
            Cow::Borrowed(_) => stemmed.to_owned(),
            Cow::Owned(american) => stem(&american),
        }
    }

    pub(super) fn kin(&self, key: &str) -> &[Kin] {
        self.kin.get(key).map_or(&[], Vec::as_slice)
    }

    pub(super) fn opposites(&self, key: &str) -> &[String] {
        self.opposites.get(key).map_or(&[], Vec::as_slice)
    }

    pub(super) fn small_word(&self, folded: &str) -> Option<SmallWord> {
        self.small.get(folded).copied()
    }

    pub(super) fn is_denier(&self, folded: &str) -> bool {
        self.deniers.contains(folded)
    }

    pub(super) fn is_conditional(&self, folded: &str) -> bool {
        self.conditionals.contains(folded)
    }

    pub(super) fn is_relative(&self, folded: &str) -> bool {
        self.relatives.contains(folded)
    }

    /// A word of the dictionaries, in any form a stemmer knows.
    pub(super) fn is_word(&self, folded: &str, stem: &str) -> bool {
        self.kin.contains_key(stem)
            || self.small.contains_key(folded)
            || self.forms.contains_key(folded)
            || self.opposites.contains_key(stem)
    }

    pub(super) fn is_foreign(&self, folded: &str) -> bool {
        self.foreign.contains(folded)
    }

    pub(super) fn is_negator(&self, folded: &str) -> bool {
        self.negators.contains(folded)
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn folded(phrases: &[String]) -> Vec<Vec<String>> {
    phrases.iter().map(|phrase| phrase.split(' ').map(fold).collect()).collect()
}

fn numeral(word: &str) -> Option<&'static str> {
    Some(match word {
        "zero" => "0",
        "two" | "twice" | "double" => "2",
        "three" => "3",
        "four" => "4",
        "five" => "5",
        "six" => "6",
        "seven" => "7",
        "eight" => "8",
        "nine" => "9",
        "ten" => "10",
        "hundred" => "100",
        "thousand" => "1000",
        _ => return None,
    })
}

/// British endings in American spelling; what it does to other words it does on both sides.
fn american(word: &str) -> Cow<'_, str> {
    const ENDINGS: [(&str, &str); 9] = [
        ("isation", "ization"),
        ("isations", "izations"),
        ("ise", "ize"),
        ("ised", "ized"),
        ("ises", "izes"),
        ("ising", "izing"),
        ("our", "or"),
        ("ours", "ors"),
        ("yse", "yze"),
    ];
    if word.len() < 6 || !word.is_ascii() {
        return word.into();
    }
    let found = ENDINGS.iter().find(|(british, _)| word.ends_with(british));
    found.map_or_else(
        || word.into(),
        |(british, us)| format!("{}{us}", &word[..word.len() - british.len()]).into(),
    )
}
