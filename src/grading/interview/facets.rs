//! PURE. Counting what earns: each facet's hits, how full it is, and where it was said.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

use super::book::{Book, any, matches};
use super::heard::{Heard, HeardTurn, Sentence};
use crate::grading::capacity::Estimate;
use crate::material::{Count, Facet, Fact, Need};
use crate::text::{Match, Pattern};

/// Content words of one's own from which an answer adds to what the interviewer said.
const OWN_WORDS: usize = 5;
/// What a thing earns that the interviewer said first and the candidate took further.
const TAKEN_FURTHER: f64 = 0.35;
/// Sentences after a match in which its reason may stand.
const WEIGHED_AFTER: usize = 2;
/// What a name without a number, a reason or a condition earns where mechanisms are asked for.
const SHALLOW: f64 = 0.4;
/// Tokens before a match in which a denial turns it round.
const DENIAL_REACH: usize = 3;

/// A place where a facet was said.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hit {
    pub turn: usize,
    pub range: Range<usize>,
    pub credit: f64,
}

/// How full a facet is, 0 to 1, and by what.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Filled {
    pub share: f64,
    pub hits: Vec<Hit>,
}

/// Fills one facet.
pub(super) fn fill(
    facet: &Facet,
    patterns: &[Pattern],
    heard: &Heard<'_>,
    book: &Book,
    facts: &[(&Fact, Vec<Pattern>)],
    estimates: &[Estimate],
) -> Filled {
    let hits = match facet.count {
        Count::Sentences => sentences(facet, patterns, heard, book),
        Count::Topics => topics(heard, book, facts),
        Count::Kinds => kinds(heard, book),
        Count::Estimates => estimates
            .iter()
            .map(|estimate| Hit {
                turn: estimate.turn,
                range: estimate.range.clone(),
                credit: if estimate.slip().is_some() { 0.3 } else { 1.0 },
            })
            .collect(),
    };
    let sum: f64 = hits.iter().map(|hit| hit.credit).sum();
    Filled { share: (sum / facet.enough).min(1.0), hits }
}

fn sentences(facet: &Facet, patterns: &[Pattern], heard: &Heard<'_>, book: &Book) -> Vec<Hit> {
    let mut hits = Vec::new();
    // What must say something cannot be a question.
    let claims = [Need::Specific, Need::Solid, Need::Weighed, Need::TwoTerms]
        .iter()
        .any(|need| facet.needs.contains(need));
    let mut said: HashSet<&str> = HashSet::new();
    for turn in &heard.candidate {
        let mut best: BTreeMap<usize, (Match, f64)> = BTreeMap::new();
        for pattern in patterns {
            for found in matches(pattern, &turn.prepared) {
                if !facet.needs.iter().all(|&need| holds(need, found, turn))
                    || denied(found, turn)
                    || window(found, turn).any(|index| turn.sentences[index].wrong)
                    || (claims && turn.sentences[found.first_sentence].question)
                {
                    continue;
                }
                let own = originality(pattern, found, turn, heard, book);
                let entry = best.entry(found.first_sentence).or_insert((found, 0.0));
                if own > entry.1 {
                    *entry = (found, own);
                }
            }
        }
        for (found, own) in best.into_values() {
            let content: Vec<&str> = window(found, turn)
                .flat_map(|index| turn.sentences[index].content.iter().map(String::as_str))
                .collect();
            let new = content.iter().filter(|stem| !said.contains(**stem)).count();
            let novelty = if content.is_empty() { 0.0 } else { new as f64 / content.len() as f64 };
            said.extend(content);
            let deep = !facet.deep || window(found, turn).any(|index| turn.sentences[index].deep);
            let credit = own * (2.0 * novelty).min(1.0) * if deep { 1.0 } else { SHALLOW };
            if credit > 0.05 {
                hits.push(Hit { turn: turn.turn, range: range(found, turn), credit });
            }
        }
    }
    hits
}

/// The sentences of a match.
fn window(found: Match, turn: &HeardTurn<'_>) -> Range<usize> {
    found.first_sentence..(found.last_sentence + 1).min(turn.sentences.len())
}

/// The bytes of a match's sentences; only the first if something between them was blanked out.
pub(super) fn range(found: Match, turn: &HeardTurn<'_>) -> Range<usize> {
    let (first, last) =
        (&turn.prepared.sentences()[found.first_sentence], &turn.prepared.sentences()[found.last_sentence]);
    if last.start > first.end + 3 { first.clone() } else { first.start..last.end }
}

fn holds(need: Need, found: Match, turn: &HeardTurn<'_>) -> bool {
    let window = || window(found, turn).map(|index| &turn.sentences[index]);
    match need {
        Need::Question => window().any(|sentence| sentence.question),
        Need::Statement => window().any(|sentence| !sentence.question),
        Need::Early => window().all(|sentence| sentence.early),
        Need::Late => window().all(|sentence| !sentence.early),
        Need::Concrete => window().any(Sentence::is_concrete),
        Need::Specific => window().any(Sentence::is_specific),
        Need::Solid => window().any(Sentence::is_solid),
        Need::Weighed => {
            let from = found.first_sentence.saturating_sub(1);
            let to = (found.last_sentence + WEIGHED_AFTER).min(turn.sentences.len() - 1);
            let near = &turn.sentences[from..=to];
            near.iter().any(|s| s.weighs)
                && near.iter().any(|s| s.property || s.number)
                && near.iter().filter(|s| s.is_specific()).count() >= 1
                && window().any(Sentence::is_solid)
        }
        Need::Property => window().any(|sentence| sentence.property || sentence.number),
        Need::TwoTerms => window().any(|sentence| {
            let things = sentence.terms.len() + sentence.things;
            things >= 2 || (things == 1 && !sentence.general_terms.is_empty())
        }),
        Need::Number => window().any(|sentence| sentence.number),
        Need::Reason => {
            let after = (found.last_sentence + 1).min(turn.sentences.len().saturating_sub(1));
            turn.sentences[found.first_sentence..=after.max(found.first_sentence)].iter().any(|s| s.reason)
        }
    }
}

/// Whether a denial stands right before the match.
pub(super) fn denied(found: Match, turn: &HeardTurn<'_>) -> bool {
    turn.denials.iter().any(|&denial| denial < found.first_token && denial + DENIAL_REACH > found.first_token)
}

/// 1 for the candidate's own; less for what the interviewer stated first.
pub(super) fn originality(
    pattern: &Pattern,
    found: Match,
    turn: &HeardTurn<'_>,
    heard: &Heard<'_>,
    book: &Book,
) -> f64 {
    let content: BTreeSet<&str> = window(found, turn)
        .flat_map(|index| turn.sentences[index].content.iter().map(String::as_str))
        .collect();
    for (_, said) in heard.said_before(turn.turn) {
        let stated = matches(pattern, said).iter().any(|m| {
            (m.first_sentence..=m.last_sentence).any(|s| !said.sentence(s).trim_end().ends_with('?'))
        });
        if stated {
            let theirs = book.content(said);
            let own = content.iter().filter(|stem| !theirs.contains(**stem)).count();
            return if own >= OWN_WORDS && pattern.concepts() == 1 {
                1.0
            } else if own >= OWN_WORDS {
                TAKEN_FURTHER
            } else {
                0.0
            };
        }
    }
    1.0
}

/// The clarifying topics that the candidate asked for, and other early questions.
fn topics(heard: &Heard<'_>, book: &Book, facts: &[(&Fact, Vec<Pattern>)]) -> Vec<Hit> {
    let mut hits: Vec<Hit> = asked(heard, book, facts).into_values().collect();
    // A question that the bank does not know is a question all the same.
    let known: Vec<(usize, usize)> = hits.iter().map(|hit| (hit.turn, hit.range.start)).collect();
    let other = questions(heard).into_iter().filter(|hit| !known.contains(&(hit.turn, hit.range.start)));
    let worth = if book.topics.is_empty() { 1.0 } else { OTHER_QUESTION };
    hits.extend(other.map(|hit| Hit { credit: worth, ..hit }).take(OTHER_QUESTIONS_MOST));
    hits.sort_by_key(|hit| (hit.turn, hit.range.start));
    hits
}

/// The topics asked for, each with its best place; less for one that was only assumed, or asked
/// for after the design had begun.
pub(super) fn asked<'b>(
    heard: &Heard<'_>,
    book: &'b Book,
    facts: &'b [(&Fact, Vec<Pattern>)],
) -> BTreeMap<&'b str, Hit> {
    let mut found: BTreeMap<&str, Hit> = BTreeMap::new();
    let asked = book.topics.iter().map(|(id, _, patterns)| (id.as_str(), patterns));
    let own = facts.iter().map(|(fact, patterns)| (fact.topic.as_deref().unwrap_or(&fact.id), patterns));
    for (topic, patterns) in asked.chain(own) {
        for turn in &heard.candidate {
            for pattern in patterns {
                for place in matches(pattern, &turn.prepared) {
                    let sentence = &turn.sentences[place.first_sentence];
                    let credit = match (sentence.asks, sentence.early) {
                        (true, true) => 1.0,
                        (true, false) => 0.4,
                        (false, true) if sentence.assumes => 0.3,
                        (false, _) => 0.0,
                    };
                    let hit = Hit { turn: turn.turn, range: range(place, turn), credit };
                    if credit > found.get(topic).map_or(0.0, |best| best.credit) {
                        found.insert(topic, hit);
                    }
                }
            }
        }
    }
    found
}

/// What an early question earns that asks for none of the bank's topics, and how many may.
const OTHER_QUESTION: f64 = 0.5;
const OTHER_QUESTIONS_MOST: usize = 4;

/// The early questions with content.
fn questions(heard: &Heard<'_>) -> Vec<Hit> {
    let early = |turn: &HeardTurn<'_>| {
        let hits: Vec<Hit> = turn
            .sentences
            .iter()
            .zip(turn.prepared.sentences())
            .filter(|(sentence, _)| sentence.question && sentence.early && sentence.content.len() >= 3)
            .map(|(_, range)| Hit { turn: turn.turn, range: range.clone(), credit: 1.0 })
            .collect();
        hits
    };
    heard.candidate.iter().flat_map(early).collect()
}

/// The kinds of component named in statements, each at its first place.
fn kinds(heard: &Heard<'_>, book: &Book) -> Vec<Hit> {
    let mut found: BTreeMap<&str, Hit> = BTreeMap::new();
    for turn in &heard.candidate {
        for (sentence, range) in turn.sentences.iter().zip(turn.prepared.sentences()) {
            let terms = sentence.terms.iter().chain(&sentence.general_terms);
            for kind in terms.filter(|_| !sentence.wrong).filter_map(|&term| book.terms[term].kind.as_deref())
            {
                found.entry(kind).or_insert_with(|| Hit {
                    turn: turn.turn,
                    range: range.clone(),
                    credit: 1.0,
                });
            }
        }
    }
    let mut hits: Vec<Hit> = found.into_values().collect();
    hits.sort_by_key(|hit| (hit.turn, hit.range.start));
    hits
}

/// A wrong claim that the candidate made.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mistake {
    pub criterion: String,
    pub correction: String,
    pub turn: usize,
    pub range: Range<usize>,
    pub sentences: Range<usize>,
}

/// The wrong claims made and not denied, each once.
pub(super) fn mistakes(heard: &Heard<'_>, book: &Book) -> Vec<Mistake> {
    let mut found = Vec::new();
    for wrong in &book.wrong {
        let place = heard.candidate.iter().find_map(|turn| {
            wrong.says.iter().find_map(|pattern| {
                matches(pattern, &turn.prepared).into_iter().find_map(|place| {
                    let range = range(place, turn);
                    let around = crate::text::Prepared::new(&turn.prepared.text()[range.clone()]);
                    let asked = turn.sentences[place.first_sentence].question;
                    let one = place.first_sentence == place.last_sentence;
                    (one && !asked && !any(&wrong.unless, &around) && !denied(place, turn))
                        .then(|| (turn.turn, range, window(place, turn)))
                })
            })
        });
        if let Some((turn, range, sentences)) = place {
            let (criterion, correction) = (wrong.claim.criterion.clone(), wrong.claim.correction.clone());
            found.push(Mistake { criterion, correction, turn, range, sentences });
        }
    }
    found
}
