//! PURE. A pack's question as the grader uses it: points, relations and misconceptions, compiled.

use std::cell::OnceCell;

use rustc_hash::FxHashSet;

use super::align::{Finder, Link, Place, best_window};
use super::knowledge::Knowledge;
use super::reading::Reading;
use super::reference::{Word, words};
use crate::grading::PointStatus;
use crate::material::{KeyPoint, Misconception, Question, Relation};
use crate::text::{Match, Pattern, Synonyms};

/// A pack's question, compiled once for all its answers.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    pub points: Vec<PackedPoint>,
    /// Finds the words of all points.
    finder: Finder,
    misconceptions: Vec<PackedMisconception>,
    /// Keys of the words that the pack itself uses for question and points.
    usual: FxHashSet<String>,
    /// Follow-up questions, mid level first.
    pub follow_ups: Vec<String>,
}

#[derive(Clone, Debug)]
pub(super) struct PackedPoint {
    pub id: String,
    pub text: String,
    pub weight: f64,
    says: Vec<Telling>,
    partly: Vec<Telling>,
    relations: Vec<PackedRelation>,
    words: Vec<Word>,
    /// Where the question's finder has each word.
    places: Vec<Place>,
}

/// A pattern, and whether its own wording denies.
#[derive(Clone, Debug)]
struct Telling {
    pattern: Pattern,
    denies: bool,
}

#[derive(Clone, Debug)]
struct PackedRelation {
    subject: Vec<Pattern>,
    verb: Vec<Pattern>,
    object: Vec<Pattern>,
    wrong: Vec<Pattern>,
}

#[derive(Clone, Debug)]
struct PackedMisconception {
    text: String,
    words: Vec<Word>,
    correction: String,
    says: Vec<Telling>,
    unless: Vec<Pattern>,
    spoils: Vec<String>,
}

/// How an answer did on one point.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Outcome {
    pub status: PointStatus,
    /// Sentences that show it, first and last.
    pub sentences: Option<(usize, usize)>,
    /// 0 to 1: what of the point is credited.
    pub credit: f64,
    /// Decided by the pack's own patterns, not by likeness of words.
    pub certain: bool,
    /// Wrong because a misconception is stated, which has its own correction.
    pub spoiled: bool,
}

impl Outcome {
    pub(super) const MISSED: Self =
        Self { status: PointStatus::Missed, sentences: None, credit: 0.0, certain: true, spoiled: false };
}

/// A misconception that an answer states.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Error {
    pub belief: String,
    pub correction: String,
    pub sentences: (usize, usize),
}

impl Packed {
    pub(super) fn new(known: &Knowledge, question: &Question, synonyms: &Synonyms) -> Self {
        let asked = Reading::new(known, &question.question);
        let keys: FxHashSet<String> = asked.content().map(|(_, unit)| unit.key.clone()).collect();
        let mut finder = Finder::default();
        let mut point = |point: &KeyPoint| {
            let words = words(known, &point.text, &keys);
            PackedPoint {
                places: words.iter().map(|word| finder.add(word)).collect(),
                words,
                id: point.id.clone(),
                text: point.text.clone(),
                weight: point.weight,
                says: tellings(known, &point.says, synonyms),
                partly: tellings(known, &point.partly, synonyms),
                relations: point
                    .relations
                    .iter()
                    .map(|relation| packed_relation(relation, synonyms))
                    .collect(),
            }
        };
        let misconception = |wrong: &Misconception| PackedMisconception {
            text: wrong.text.clone(),
            words: words(known, &wrong.text, &FxHashSet::default()),
            correction: wrong.correction.clone(),
            says: tellings(known, &wrong.says, synonyms),
            unless: patterns(&wrong.unless, synonyms),
            spoils: wrong.spoils.clone(),
        };
        let texts = question.points.iter().map(|point| point.text.as_str());
        let usual = texts
            .chain([question.question.as_str(), question.model_answer.as_str()])
            .flat_map(|text| words(known, text, &keys))
            .map(|word| word.key)
            .collect();
        let mut follow_ups: Vec<_> = question.follow_ups.iter().collect();
        follow_ups.sort_by_key(|follow_up| follow_up.level);
        let points = question.points.iter().map(&mut point).collect();
        Self {
            points,
            finder,
            misconceptions: question.misconceptions.iter().map(misconception).collect(),
            usual,
            follow_ups: follow_ups.into_iter().map(|follow_up| follow_up.question.clone()).collect(),
        }
    }

    /// Share of the answer's words that the pack uses too: a right answer in words of its own has few.
    pub(super) fn usual_share(&self, answer: &Reading<'_>) -> f64 {
        let (mut all, mut usual) = (0.0, 0.0);
        for (_, unit) in answer.content() {
            all += 1.0;
            usual += f64::from(u8::from(self.usual.contains(&unit.key)));
        }
        if all > 0.0 { usual / all } else { 1.0 }
    }

    /// Judges every point, and lists the misconceptions that are stated.
    pub(super) fn judge(&self, answer: &Reading<'_>, denied: &[bool]) -> (Vec<Outcome>, Vec<Error>) {
        let found = OnceCell::new();
        let found = || found.get_or_init(|| self.finder.find(answer));
        let mut outcomes: Vec<Outcome> =
            self.points.iter().map(|point| point.judge(answer, denied, &found)).collect();
        let mut errors = Vec::new();
        for wrong in &self.misconceptions {
            let Some(place) = wrong.stated(answer, denied) else { continue };
            let sentences = sentences(answer, &place);
            for (point, outcome) in self.points.iter().zip(&mut outcomes) {
                if wrong.spoils.contains(&point.id) {
                    *outcome = Outcome {
                        status: PointStatus::Wrong,
                        sentences: Some(sentences),
                        credit: 0.0,
                        certain: true,
                        spoiled: true,
                    };
                }
            }
            errors.push(Error {
                belief: wrong.text.clone(),
                correction: wrong.correction.clone(),
                sentences,
            });
        }
        (outcomes, errors)
    }
}

impl PackedPoint {
    /// Judges the point; `found` finds the words of all points, which few answers need.
    fn judge<'f>(
        &self,
        answer: &Reading<'_>,
        denied: &[bool],
        found: &impl Fn() -> &'f Vec<Vec<Link>>,
    ) -> Outcome {
        let outcome = |status, credit, place: Match| Outcome {
            status,
            sentences: Some(sentences(answer, &place)),
            credit,
            certain: true,
            spoiled: false,
        };
        let mut related = None;
        for relation in &self.relations {
            match relation.direction(answer, denied) {
                Some((false, sentence)) => {
                    let sentences = Some((sentence, sentence));
                    return Outcome {
                        status: PointStatus::Wrong,
                        sentences,
                        credit: 0.0,
                        certain: true,
                        spoiled: false,
                    };
                }
                Some((true, sentence)) => related = Some(sentence),
                None => {}
            }
        }
        let (mut said, mut turned) = (None::<Match>, None::<Match>);
        let wide = |place: &Match| {
            let (first, last) = sentences(answer, place);
            last > first
        };
        for telling in &self.says {
            for place in telling.pattern.find_all(&answer.prepared) {
                if !counts(answer, &place) {
                    continue;
                }
                let held = if is_denied(answer, denied, telling, &place, &self.words) {
                    &mut turned
                } else {
                    &mut said
                };
                if held.as_ref().is_none_or(|held| wide(held) && !wide(&place)) {
                    *held = Some(place);
                }
            }
        }
        // What one sentence denies is not put together from two others.
        let outweighed = turned.is_some_and(|turned| !wide(&turned));
        if let Some(place) = said.filter(|said| !(wide(said) && outweighed)) {
            return outcome(PointStatus::Covered, 1.0, place);
        }
        if let Some(sentence) = related {
            let sentences = Some((sentence, sentence));
            return Outcome {
                status: PointStatus::Covered,
                sentences,
                credit: 1.0,
                certain: true,
                spoiled: false,
            };
        }
        if let Some(place) = turned {
            return outcome(PointStatus::Wrong, 0.0, place);
        }
        for telling in &self.partly {
            let found = telling.pattern.find_all(&answer.prepared).into_iter().find(|place| {
                counts(answer, place) && !is_denied(answer, denied, telling, place, &self.words)
            });
            if let Some(place) = found {
                return outcome(PointStatus::Partial, 0.5, place);
            }
        }
        for telling in &self.says {
            let found = telling.pattern.find_nearly(&answer.prepared);
            let sound = |place: &Match| {
                counts(answer, place) && !is_denied(answer, denied, telling, place, &self.words)
            };
            if let Some(place) = found.filter(sound) {
                return Outcome { certain: false, ..outcome(PointStatus::Partial, NEARLY, place) };
            }
        }
        self.by_likeness(answer, denied, found())
    }

    /// Credits a point, at most in part, whose own words stand close together in the answer.
    fn by_likeness(&self, answer: &Reading<'_>, denied: &[bool], found: &[Vec<Link>]) -> Outcome {
        let links: Vec<&[Link]> = self.places.iter().map(|&place| found[place].as_slice()).collect();
        let in_denied = |at: usize| denied.get(answer.sentence_of(at)) == Some(&true);
        let window = best_window(&self.words, &links, answer, LIKENESS_ASKED, in_denied);
        let share = window.map_or(0.0, |window| window.said - window.turned);
        if share < LIKENESS_LEAST {
            return Outcome::MISSED;
        }
        Outcome {
            status: PointStatus::Partial,
            sentences: window.map(|window| window.sentences),
            credit: share.min(LIKENESS_MOST),
            certain: false,
            spoiled: false,
        }
    }
}

impl PackedMisconception {
    fn stated(&self, answer: &Reading<'_>, denied: &[bool]) -> Option<Match> {
        let qualified = |place: &Match| {
            let (first, last) = sentences(answer, place);
            self.unless.iter().any(|pattern| {
                pattern.find_all(&answer.prepared).iter().any(|other| {
                    let (from, to) = sentences(answer, other);
                    from <= last + 1 && to + 1 >= first
                })
            })
        };
        self.says.iter().find_map(|telling| {
            telling.pattern.find_all(&answer.prepared).into_iter().find(|place| {
                counts(answer, place)
                    && !is_denied(answer, denied, telling, place, &self.words)
                    && !qualified(place)
            })
        })
    }
}

/// How much a word of the question still counts when a point is recognised by its own words.
const LIKENESS_ASKED: f64 = 0.3;
/// Share of a point's words that must stand together, and the most that they earn.
const LIKENESS_LEAST: f64 = 0.6;
const LIKENESS_MOST: f64 = 0.6;

/// What a point earns of which all concepts but one are said.
const NEARLY: f64 = 0.3;

/// Words that may stand between a subject and its verb.
const VERB_REACH: usize = 5;

impl PackedRelation {
    /// The first sentence that states the relation: `true` if the right way round.
    fn direction(&self, answer: &Reading<'_>, denied: &[bool]) -> Option<(bool, usize)> {
        let mut right = None;
        let subjects = places(&self.subject, answer);
        let verbs = places(&self.verb, answer);
        let objects = places(&self.object, answer);
        let wrongs = places(&self.wrong, answer);
        for &(subject, subject_end) in &subjects {
            let sentence = answer.sentence_of(subject);
            if answer.left_out[sentence] || denied.get(sentence) == Some(&true) {
                continue;
            }
            let clause = answer.units[subject_end].clause;
            let end = answer.units.iter().rposition(|unit| unit.clause == clause).map_or(0, |i| i + 1);
            let verb =
                verbs.iter().find(|&&(at, _)| at > subject_end && at < end && at - subject_end <= VERB_REACH);
            let Some(&(verb, verb_end)) = verb else { continue };
            let reach = |&&(at, _): &&(usize, usize)| at > verb_end && at < end;
            let negated = answer.units[verb].negated;
            let object = objects.iter().find(reach).map(|place| place.0);
            let wrong = wrongs.iter().find(reach).map(|place| place.0);
            let says_right = match (object, wrong) {
                (Some(object), Some(wrong)) => object <= wrong,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => continue,
            };
            if says_right != negated {
                right = right.or(Some((true, sentence)));
            } else if !negated {
                return Some((false, sentence));
            }
        }
        right
    }
}

/// (First, last) tokens of every place where a one-concept pattern stands.
fn places(patterns: &[Pattern], answer: &Reading<'_>) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> =
        patterns.iter().flat_map(|pattern| pattern.occurrences(&answer.prepared)).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The sentences in which a match begins and ends; the match's own may be a wider window.
fn sentences(answer: &Reading<'_>, place: &Match) -> (usize, usize) {
    (answer.sentence_of(place.first_token), answer.sentence_of(place.last_token))
}

fn counts(answer: &Reading<'_>, place: &Match) -> bool {
    let (first, last) = sentences(answer, place);
    !answer.left_out[first] && !answer.left_out[last]
}

fn denied_sentence(answer: &Reading<'_>, denied: &[bool], place: &Match) -> bool {
    let (first, last) = sentences(answer, place);
    denied.get(first) == Some(&true) || denied.get(last) == Some(&true)
}

/// Half of the concepts or more stand in the scope of a negation that the point does not have, or
/// the sentence is denied as a whole.
fn is_denied(
    answer: &Reading<'_>,
    denied: &[bool],
    telling: &Telling,
    place: &Match,
    point: &[Word],
) -> bool {
    if denied_sentence(answer, denied, place) {
        return true;
    }
    if telling.denies {
        return false;
    }
    let turned = |&(from, to): &(usize, usize)| {
        answer.units[from..=to]
            .iter()
            .any(|unit| unit.denied && !point.iter().any(|word| word.negated && word.key == unit.key))
    };
    let concepts = telling.pattern.concepts_in(&answer.prepared, place);
    let negated = concepts.iter().filter(|concept| turned(concept)).count();
    negated > 0 && negated * 2 >= concepts.len()
}

fn denies(known: &Knowledge, text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'')
        .any(|word| known.is_negator(&crate::text::fold(word)))
}

fn tellings(known: &Knowledge, sources: &[String], synonyms: &Synonyms) -> Vec<Telling> {
    let parse = |source: &String| {
        let pattern = Pattern::parse(source, synonyms).ok()?;
        Some(Telling { pattern, denies: denies(known, source) })
    };
    sources.iter().filter_map(parse).collect()
}

fn patterns(sources: &[String], synonyms: &Synonyms) -> Vec<Pattern> {
    sources.iter().filter_map(|source| Pattern::parse(source, synonyms).ok()).collect()
}

fn packed_relation(relation: &Relation, synonyms: &Synonyms) -> PackedRelation {
    let one = |source: &String| Pattern::parse(source, synonyms).into_iter().collect();
    PackedRelation {
        subject: one(&relation.subject),
        verb: one(&relation.verb),
        object: one(&relation.object),
        wrong: one(&relation.wrong),
    }
}
