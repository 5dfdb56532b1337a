//! PURE. A pack's words, compiled once: terms, topics, facets, wrong claims.

use std::collections::HashSet;

use crate::material::{
    ClarifyingTopics, CriterionSignals, Facet, Lexicon, Measure, Pack, Signals, WrongClaim,
};
use crate::text::{Match, Pattern, PatternError, Prepared, Synonyms, fold, stem};

/// What the embedded coach listens for.
#[derive(Clone, Debug)]
pub(super) struct Book {
    pub synonyms: Synonyms,
    pub terms: Vec<Term>,
    pub topics: Vec<(String, String, Vec<Pattern>)>,
    pub criteria: Vec<(CriterionSignals, Vec<Pattern>)>,
    pub facets: Vec<(Facet, Vec<Pattern>)>,
    pub measures: Vec<Measure>,
    pub wrong: Vec<Wrong>,
    pub phases: Vec<Cue>,
    pub words: Words,
}

#[derive(Clone, Debug)]
pub(super) struct Term {
    pub pattern: Pattern,
    pub kind: Option<String>,
    pub general: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Wrong {
    pub claim: WrongClaim,
    pub says: Vec<Pattern>,
    pub unless: Vec<Pattern>,
}

/// A phase's id, and what begins it in a heading and in the interviewer's words.
#[derive(Clone, Debug)]
pub(super) struct Cue {
    pub id: String,
    pub headings: Vec<Pattern>,
    pub begins: Vec<Pattern>,
}

#[derive(Clone, Debug)]
pub(super) struct Words {
    pub function: HashSet<String>,
    pub reason: Vec<Pattern>,
    pub condition: Vec<Pattern>,
    pub contrast: Vec<Pattern>,
    pub property: Vec<Pattern>,
    pub vague_reason: Vec<Pattern>,
    pub question_start: Vec<Pattern>,
    pub design_begins: Vec<Pattern>,
    pub open_question: Vec<Pattern>,
    pub asks_again: Vec<Pattern>,
    pub addresses_grader: Vec<Pattern>,
    pub dont_know: Vec<Pattern>,
    pub denial: Vec<Pattern>,
    pub filler: Vec<Pattern>,
    pub general: HashSet<String>,
    pub breaks: HashSet<String>,
    pub request: Vec<Pattern>,
    pub assume: Vec<Pattern>,
    pub absolute: Vec<Pattern>,
}

impl Book {
    pub fn compile(pack: &Pack) -> Result<Self, PatternError> {
        let synonyms = pack.lexicon.synonyms();
        let all = |sources: &[String]| patterns(sources, &synonyms);
        let plain = |sources: &[String]| patterns(sources, &Synonyms::default());
        let Signals { words, criteria, facets, measures, wrong, phases } = &pack.signals;
        Ok(Self {
            terms: terms(&pack.lexicon, &words.general_terms)?,
            topics: topics(&pack.clarify, &synonyms)?,
            criteria: criteria.iter().map(|c| Ok((c.clone(), all(&c.raised)?))).collect::<Result<_, _>>()?,
            facets: facets.iter().map(|f| Ok((f.clone(), all(&f.says)?))).collect::<Result<_, _>>()?,
            measures: measures.clone(),
            wrong: wrong
                .iter()
                .map(|w| Ok(Wrong { says: all(&w.says)?, unless: all(&w.unless)?, claim: w.clone() }))
                .collect::<Result<_, _>>()?,
            phases: phases
                .iter()
                .map(|cue| {
                    let (headings, begins) = (plain(&cue.headings)?, plain(&cue.begins)?);
                    Ok(Cue { id: cue.id.clone(), headings, begins })
                })
                .collect::<Result<_, _>>()?,
            words: Words {
                function: words.function.iter().map(|word| stem(word)).collect(),
                reason: plain(&words.reason)?,
                condition: plain(&words.condition)?,
                contrast: plain(&words.contrast)?,
                property: all(&words.property)?,
                vague_reason: plain(&words.vague_reason)?,
                question_start: plain(&words.question_start)?,
                design_begins: plain(&words.design_begins)?,
                open_question: plain(&words.open_question)?,
                asks_again: plain(&words.asks_again)?,
                addresses_grader: plain(&words.addresses_grader)?,
                dont_know: plain(&words.dont_know)?,
                denial: plain(&words.denial)?,
                filler: plain(&words.filler)?,
                breaks: words.breaks.iter().map(|word| fold(word)).collect(),
                general: words.general.iter().map(|word| stem(word)).collect(),
                request: plain(&words.request)?,
                assume: plain(&words.assume)?,
                absolute: plain(&words.absolute)?,
            },
            synonyms,
        })
    }

    pub fn is_content(&self, stem: &str) -> bool {
        !self.words.function.contains(stem)
    }

    /// The stems of `text` that carry content.
    pub fn content(&self, text: &Prepared<'_>) -> HashSet<String> {
        text.tokens().iter().map(|token| &token.stem).filter(|stem| self.is_content(stem)).cloned().collect()
    }
}

pub(super) fn patterns(sources: &[String], synonyms: &Synonyms) -> Result<Vec<Pattern>, PatternError> {
    sources.iter().map(|source| Pattern::parse(source, synonyms)).collect()
}

/// Whether one of `patterns` stands in `text`.
pub(super) fn any(patterns: &[Pattern], text: &Prepared<'_>) -> bool {
    patterns.iter().any(|pattern| pattern.find(text).is_some())
}

/// Every match that begins in its first sentence; the same words are not found twice.
pub(super) fn matches(pattern: &Pattern, text: &Prepared<'_>) -> Vec<Match> {
    let mut found = pattern.find_all(text);
    found.retain(|m| text.tokens()[m.first_token].sentence == m.first_sentence);
    found
}

fn terms(lexicon: &Lexicon, general: &[String]) -> Result<Vec<Term>, PatternError> {
    let general: HashSet<String> = general.iter().map(|name| fold(name)).collect();
    let term = |term: &crate::material::Term| {
        let wordings: Vec<&str> = std::iter::once(&term.name)
            .chain(&term.aliases)
            .chain(&term.products)
            .map(String::as_str)
            .collect();
        Ok(Term {
            pattern: Pattern::parse(&wordings.join("|"), &Synonyms::default())?,
            kind: term.kind.clone(),
            general: general.contains(&fold(&term.name)),
        })
    };
    lexicon.terms.iter().map(term).collect()
}

fn topics(
    clarify: &ClarifyingTopics,
    synonyms: &Synonyms,
) -> Result<Vec<(String, String, Vec<Pattern>)>, PatternError> {
    let topic = |topic: &crate::material::ClarifyingTopic| {
        Ok((topic.id.clone(), topic.question.clone(), patterns(&topic.asks, synonyms)?))
    };
    clarify.topics.iter().map(topic).collect()
}
