//! PURE. What is measured of an answer against its reference, as numbers from 0 to 1.

use super::align::{Link, Window, best, best_window};
use super::reading::Reading;
use super::reference::Reference;

/// How much a word still counts that the question has said already: in the sentence that asks,
/// and in what is told before it.
const ASKED: f64 = 0.2;
const TOLD: f64 = 0.7;
/// The same when single points are judged.
const POINT_ASKED: f64 = 0.35;

/// The measured quantities; `scoring.toml` weighs them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Measured {
    /// Words of the reference that the answer says, those of the question discounted.
    pub coverage: f64,
    /// Points of the reference, by how much of each one place of the answer says.
    pub by_point: f64,
    /// Letter triples of the reference's new words that the answer has.
    pub letters: f64,
    /// Words of the answer, beyond the question's, that the reference has.
    pub precision: f64,
    /// Takes the alternative that the reference takes; the other one.
    pub choice_right: f64,
    pub choice_wrong: f64,
    /// Numbers of the reference that the answer replaces by others.
    pub number_missing: f64,
    /// Words that one asserts and the other denies.
    pub conflict: f64,
    /// Attributes given to the other side of a contrast.
    pub swapped: f64,
    /// Words that only repeat the question.
    pub from_question: f64,
}

/// An answer set against a reference.
#[derive(Clone, Debug)]
pub(super) struct Comparison {
    /// For each point: the place of the answer that says most of it.
    pub windows: Vec<Option<Window>>,
    pub measured: Measured,
    /// Words of the reference that the question has not.
    pub new_words: usize,
    /// Of these, said in the answer.
    pub new_said: usize,
}

/// Sets an answer against a reference.
pub(super) fn compare(reference: &Reference, answer: &Reading<'_>) -> Comparison {
    let found = reference.finder.find(answer);
    let best_found: Vec<Option<Link>> = found.iter().map(|links| best(links.iter())).collect();
    let all: Vec<Vec<&[Link]>> = reference
        .points
        .iter()
        .map(|point| point.places.iter().map(|&place| found[place].as_slice()).collect())
        .collect();
    let links: Vec<Vec<Option<Link>>> = reference
        .points
        .iter()
        .map(|point| point.places.iter().map(|&place| best_found[place]).collect())
        .collect();
    let bindings = reference.contrast.compare(answer);
    let swapped = |at: usize| bindings.places.contains(&at);
    let points = reference.points.iter().zip(&all);
    let windows: Vec<Option<Window>> =
        points.map(|(point, links)| best_window(&point.words, links, answer, POINT_ASKED, swapped)).collect();
    let mut by_point = Mean::default();
    for (point, window) in reference.points.iter().zip(&windows) {
        by_point.add(window.map_or(0.0, |w| (w.said - w.turned).max(0.0)), point.weight);
    }

    let (mut coverage, mut conflict) = (Mean::default(), Mean::default());
    let (mut new_words, mut new_said) = (0, 0);
    for (word, link) in
        reference.once.iter().map(|&(point, word)| (&reference.points[point].words[word], links[point][word]))
    {
        let weight = match word.in_question {
            true if reference.asked.contains(&word.key) => ASKED,
            true => TOLD,
            false => 1.0,
        };
        coverage.add(link.map_or(0.0, |l| if l.agrees { l.nearness } else { 0.0 }), weight);
        conflict.add(yes(link.is_some_and(|l| !l.agrees)), 1.0);
        if !word.in_question {
            new_words += 1;
            new_said += usize::from(link.is_some());
        }
    }
    let mut linked = vec![false; answer.units.len()];
    links.iter().flatten().flatten().for_each(|link| linked[link.at] = true);
    let (mut precision, mut from_question) = (Mean::default(), Mean::default());
    for (at, unit) in answer.content() {
        let asked = reference.question.contains(&unit.key);
        from_question.add(yes(asked), 1.0);
        if !asked {
            precision.add(yes(linked[at]), 1.0);
        }
    }
    let (choice_right, choice_wrong) = choice(reference, answer);
    let measured = Measured {
        coverage: coverage.value(),
        by_point: by_point.value(),
        letters: letters(reference, answer),
        precision: precision.value(),
        choice_right,
        choice_wrong,
        number_missing: number_missing(reference, answer, &links),
        conflict: conflict.value(),
        swapped: if bindings.swapped > 1 + bindings.kept {
            share(bindings.swapped, bindings.swapped + bindings.kept)
        } else {
            0.0
        },
        from_question: from_question.value(),
    };
    Comparison { windows, measured, new_words, new_said }
}

/// Which alternative of the question the answer takes.
fn choice(reference: &Reference, answer: &Reading<'_>) -> (f64, f64) {
    let tokens = answer.prepared.tokens();
    let first = |words: &[String]| {
        let says = |t: &&crate::text::Token| words.contains(&t.word) && (t.word.len() > 1 || t.at.start < 4);
        tokens.iter().filter(|t| !answer.left_out[t.sentence]).find(says).map(|t| t.at.start)
    };
    match (first(&reference.choice.right), first(&reference.choice.wrong)) {
        (Some(right), Some(wrong)) if wrong < right => (0.0, 0.5),
        (Some(_), _) => (1.0, 0.0),
        (None, Some(_)) => (0.0, 1.0),
        (None, None) => (0.0, 0.0),
    }
}

/// The reference has numbers that the question has not, and the answer has other ones.
fn number_missing(reference: &Reference, answer: &Reading<'_>, links: &[Vec<Option<Link>>]) -> f64 {
    let is_number = |key: &str| key.starts_with(|c: char| c.is_ascii_digit());
    let words = reference.points.iter().zip(links).flat_map(|(point, links)| point.words.iter().zip(links));
    let numbers: Vec<bool> =
        words.filter(|(w, _)| is_number(&w.key) && !w.in_question).map(|(_, link)| link.is_some()).collect();
    let said =
        answer.content().any(|(_, unit)| is_number(&unit.key) && !reference.question.contains(&unit.key));
    if said { share(numbers.iter().filter(|found| !**found).count(), numbers.len()) } else { 0.0 }
}

/// Share of the letter triples of the reference's new words that the answer has.
fn letters(reference: &Reference, answer: &Reading<'_>) -> f64 {
    let mut said = vec![false; reference.triples.len()];
    for (at, _) in answer.content() {
        for three in triples(&answer.prepared.tokens()[at].word) {
            if let Some(&index) = reference.triples.get(&three) {
                said[index] = true;
            }
        }
    }
    share(said.iter().filter(|said| **said).count(), said.len())
}

/// The letter triples of a word.
pub(super) fn triples(word: &str) -> impl Iterator<Item = [u8; 3]> + '_ {
    word.as_bytes().windows(3).map(|three| [three[0], three[1], three[2]])
}

fn share(count: usize, of: usize) -> f64 {
    if of == 0 { 0.0 } else { count as f64 / of as f64 }
}

#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: f64,
    weight: f64,
}

impl Mean {
    fn add(&mut self, value: f64, weight: f64) {
        self.sum += value * weight;
        self.weight += weight;
    }

    fn value(&self) -> f64 {
        if self.weight == 0.0 { 0.0 } else { self.sum / self.weight }
    }
}

fn yes(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}
