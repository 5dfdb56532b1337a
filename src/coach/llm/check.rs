//! PURE. What a reply of the interviewer may be: short, one question, nothing repeated, nothing given away.
//!
//! Questions, and sentences with a word of a point that nobody has said, are checked whole before
//! they are shown; other words cannot break a promise and need not wait.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::material::{Point, Problem};
use crate::text::{Pattern, PatternError, Prepared, Synonyms};

/// Words of a reply at most; a sentence that begins under the limit may end a little over it.
pub const MAX_WORDS: usize = 60;
/// Words over which nothing more is shown, and over which no question is asked.
const HARD_WORDS: usize = 80;
const HARD_WORDS_WITH_QUESTION: usize = 100;
/// Share of a point's own words from which a reply has said the point.
const LEAK: f64 = 0.6;
/// Words of a point, at least, before shares mean anything.
const LEAST_OWN: usize = 3;
/// Likeness from which two questions are the same.
const SAME_QUESTION: f64 = 0.75;

/// What is wrong with a reply.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// It says what the candidate has not said.
    Leak {
        /// Id of the point.
        point: String,
        /// Share of the point that was said, 0 to 1.
        share: f64,
    },
    /// It asks what was asked before.
    Repeated,
    /// It asks a second question.
    SecondQuestion,
    /// It is too long.
    TooLong,
}

impl Fault {
    /// A short name for the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Leak { .. } => "leak",
            Self::Repeated => "repeated",
            Self::SecondQuestion => "second_question",
            Self::TooLong => "too_long",
        }
    }

    /// What the model is told when it tries again; names no content.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Leak { .. } => "it said something that the candidate has to find.",
            Self::Repeated => "it repeated an earlier question.",
            Self::SecondQuestion => "it asked more than one question.",
            Self::TooLong => "it was too long.",
        }
    }
}

/// Compares what the interviewer says with the points that nobody has said yet.
#[derive(Clone, Debug)]
pub struct LeakMeter {
    points: Vec<Guarded>,
    /// Stems that can take part in a leak.
    stems: HashSet<String>,
    /// Beginnings of words that can.
    prefixes: Vec<String>,
    /// First two bytes of all of these; a zero for a second that is not there.
    firsts: HashSet<[u8; 2]>,
}

#[derive(Clone, Debug)]
struct Guarded {
    id: String,
    /// What counts as having said it.
    all_says: Vec<Pattern>,
    /// The same without what the interviewer is given to say.
    says: Vec<Pattern>,
    own: HashSet<String>,
}

impl LeakMeter {
    /// Compiles a problem's points.
    ///
    /// # Errors
    ///
    /// [`PatternError`] if one of its patterns cannot be read.
    pub fn new(problem: &Problem, synonyms: &Synonyms) -> Result<Self, PatternError> {
        // Words that the interviewer is given to say anyway tell nothing.
        let given: Vec<&str> = [problem.statement.as_str(), problem.change.announcement.as_str()]
            .into_iter()
            .chain(problem.facts.iter().map(|fact| fact.answer.as_str()))
            .chain(problem.failures.iter().map(|failure| failure.scenario.as_str()))
            .collect();
        let spoken: HashSet<String> = given.iter().flat_map(|text| stems(text)).collect();
        let given: Vec<Prepared<'_>> = given.into_iter().map(Prepared::new).collect();
        let points: Vec<Guarded> = problem
            .points
            .iter()
            .map(|point| {
                let all_says =
                    point.says.iter().map(|p| Pattern::parse(p, synonyms)).collect::<Result<Vec<_>, _>>()?;
                let mut says = all_says.clone();
                says.retain(|pattern| given.iter().all(|text| pattern.find(text).is_none()));
                let asked = stems(&point.probe);
                let own =
                    stems(&point.text).into_iter().filter(|w| !spoken.contains(w) && !asked.contains(w));
                Ok(Guarded { id: point.id.clone(), all_says, says, own: own.collect() })
            })
            .collect::<Result<_, _>>()?;
        let (mut stems, mut prefixes) = (HashSet::new(), Vec::new());
        for point in &points {
            stems.extend(point.own.iter().cloned());
            for pattern in point.says.iter().filter(|pattern| pattern.concepts() > 1) {
                pattern.each_word(|word, begins| match begins {
                    true => prefixes.push(word.to_owned()),
                    false => drop(stems.insert(word.to_owned())),
                });
            }
        }
        prefixes.sort_unstable();
        prefixes.dedup();
        let firsts = stems.iter().chain(&prefixes).map(|known| firsts(known.as_bytes())).collect();
        Ok(Self { points, stems, prefixes, firsts })
    }

    /// May `word` take part in a leak? Not if the candidate has `heard` it from themselves.
    pub fn suspects(&self, word: &str, heard: &Prepared<'_>) -> bool {
        if word.is_ascii() && !self.may_be_known(word) {
            return false;
        }
        let prepared = Prepared::new(word);
        prepared.tokens().iter().any(|token| {
            let known = self.stems.contains(&token.stem)
                || self.prefixes.iter().any(|prefix| token.word.starts_with(prefix.as_str()));
            known && !is_common(&token.word) && heard.positions(&token.stem).next().is_none()
        })
    }

    /// False if no part of an ASCII word begins like a word that can take part in a leak: most words, at little cost.
    fn may_be_known(&self, word: &str) -> bool {
        let kind = |byte: &u8| (byte.is_ascii_alphabetic(), byte.is_ascii_digit());
        let parts = word.as_bytes().chunk_by(|a, b| kind(a) == kind(b));
        // Words may be taken apart between letters and digits, or not.
        let mut whole = word.as_bytes().split(|byte| !byte.is_ascii_alphanumeric()).chain(parts);
        whole.any(|part| {
            let [first, second] = firsts(part);
            self.firsts.contains(&[first, second]) || self.firsts.contains(&[first, 0])
        })
    }

    /// Has the candidate said this point?
    pub fn is_said(&self, id: &str, heard: &Prepared<'_>) -> bool {
        self.points
            .iter()
            .filter(|point| point.id == id)
            .any(|point| point.all_says.iter().any(|pattern| pattern.find(heard).is_some()))
    }

    /// Could a word that begins with `partial` take part in a leak?
    pub fn may_suspect(&self, partial: &str) -> bool {
        let partial = partial.to_lowercase();
        let partial = partial.trim_start_matches(|c: char| !c.is_alphanumeric());
        partial.is_empty()
            || self.prefixes.iter().any(|prefix| prefix.starts_with(partial) || partial.starts_with(prefix))
            || self.stems.iter().any(|stem| stem.starts_with(partial))
            || self.stems.contains(&crate::text::stem(partial))
    }

    /// The point that `reply` gives away most, if any; `heard` is all that the candidate has said,
    /// `allowed` the points that may be said: hinted at, or known to be covered.
    pub fn leak(&self, reply: &str, heard: &Prepared<'_>, allowed: &dyn Fn(&str) -> bool) -> Option<Fault> {
        let reply = Prepared::new(reply);
        let mut worst: Option<(f64, &str)> = None;
        for point in &self.points {
            if allowed(&point.id) || point.all_says.iter().any(|pattern| pattern.find(heard).is_some()) {
                continue;
            }
            let told = point.says.iter().any(|p| p.concepts() > 1 && p.find(&reply).is_some());
            let unsaid: Vec<&String> =
                point.own.iter().filter(|word| heard.positions(word).next().is_none()).collect();
            let said = unsaid.iter().filter(|word| reply.positions(word).next().is_some()).count();
            let share = if told {
                1.0
            } else if unsaid.len() < LEAST_OWN {
                0.0
            } else {
                said as f64 / unsaid.len() as f64
            };
            if share >= LEAK && worst.is_none_or(|(most, _)| share > most) {
                worst = Some((share, &point.id));
            }
        }
        worst.map(|(share, point)| Fault::Leak { point: point.to_owned(), share })
    }
}

/// What a reply is checked against.
pub struct Checks<'a> {
    /// The problem's points.
    pub meter: &'a LeakMeter,
    /// All that the candidate has said.
    pub heard: &'a Prepared<'a>,
    /// What the interviewer has said, for questions that must not come again.
    pub asked: &'a [String],
    /// Points that may be said.
    pub allowed: &'a dyn Fn(&str) -> bool,
    /// The same question in other words is wanted.
    pub again: bool,
}

impl Checks<'_> {
    /// What is wrong with `sentence` after `before`, which was found good.
    pub fn fault(&self, before: &str, sentence: &str) -> Option<Fault> {
        let whole = format!("{before}{sentence}");
        if let Some(leak) = self.meter.leak(&whole, self.heard, self.allowed) {
            return Some(leak);
        }
        let questions = |text: &str| text.matches(['?', '？']).count();
        if questions(before) > 0 && questions(sentence) > 0 || questions(sentence) > 1 {
            return Some(Fault::SecondQuestion);
        }
        if questions(sentence) > 0 && !self.again && self.asked.iter().any(|asked| repeats(asked, sentence)) {
            return Some(Fault::Repeated);
        }
        // A question that is asked late is better than none.
        let is_too_long = match questions(sentence) {
            0 => words(before) >= MAX_WORDS || words(&whole) > HARD_WORDS,
            _ => words(&whole) > HARD_WORDS_WITH_QUESTION,
        };
        is_too_long.then_some(Fault::TooLong)
    }
}

/// The first two letters or digits that stand together, in lower case.
fn firsts(word: &[u8]) -> [u8; 2] {
    let mut parts = word.split(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric());
    let part = parts.find(|part| !part.is_empty()).unwrap_or_default();
    let at = |index: usize| part.get(index).map_or(0, u8::to_ascii_lowercase);
    [at(0), at(1)]
}

/// Number of words.
pub(super) fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// Does `sentence` ask one of the questions in `asked` again?
fn repeats(asked: &str, sentence: &str) -> bool {
    let new = stems(sentence);
    if new.len() < 2 {
        // Too few words to be like another; only the same ones are the same question.
        return asked.contains(sentence.trim());
    }
    let prepared = Prepared::new(asked);
    (0..prepared.sentences().len())
        .map(|index| prepared.sentence(index))
        .filter(|old| old.ends_with('?'))
        .any(|old| {
            let old = stems(old);
            let both = new.intersection(&old).count() as f64;
            both / (new.len().max(old.len()).max(1) as f64) >= SAME_QUESTION
        })
}

/// The point that a question asks about, if its words show it: for models that do not say.
pub fn asked_about<'p>(question: &str, points: impl Iterator<Item = &'p Point>) -> Option<&'p Point> {
    let asked = stems(question);
    let alike = |point: &Point| {
        let probe = stems(&point.probe);
        let both = asked.intersection(&probe).count();
        if both < 3 { 0.0 } else { both as f64 / asked.len().min(probe.len()) as f64 }
    };
    points
        .map(|point| (alike(point), point))
        .filter(|(share, _)| *share >= 0.5)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, point)| point)
}

/// Stems of the words that carry meaning.
pub(super) fn stems(text: &str) -> HashSet<String> {
    let prepared = Prepared::new(text);
    let meaningful = prepared.tokens().iter().filter(|token| token.word.len() > 2 && !is_common(&token.word));
    meaningful.map(|token| token.stem.clone()).collect()
}

/// Words that say nothing about a design.
fn is_common(word: &str) -> bool {
    const COMMON: &str = "a an i to of in on at by is it be as or if we us me my he no up do so go am the and that this with for from are was were will would could should can may might must have has had \
        its it's his her their they them then than when where which what who whom how why you your our ours one two each every \
        any all some more most less least many much few not but also only just even very still such like into onto over under \
        about after before between during through out off per via does did done doing been being use used uses using make makes \
        made get gets got give gives take takes need needs want wants say says said tell let's walk think know here there those \
        these other another same new own because while until unless both either neither so too now ";
    static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| COMMON.split_whitespace().collect());
    WORDS.contains(word)
}

/// Does the last word of `before` carry a full stop that ends no sentence?
pub(super) fn is_abbreviation(before: &str) -> bool {
    let word = before.rsplit(char::is_whitespace).next().unwrap_or("");
    matches!(word.trim_start_matches('('), "e.g" | "i.e" | "vs" | "etc" | "approx")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::Assets;

    fn shortener() -> (Problem, Synonyms) {
        let pack = Assets::embedded().pack("system-design").expect("the built-in pack");
        (pack.problem("url-shortener").expect("a built-in problem").clone(), pack.lexicon.synonyms())
    }

    #[test]
    fn what_a_pack_lets_the_interviewer_say_is_no_leak_and_every_point_is() {
        let (problem, synonyms) = shortener();
        let meter = LeakMeter::new(&problem, &synonyms).expect("valid patterns");
        let nothing = Prepared::new("");
        let mut spoken = vec![("statement", problem.statement.as_str())];
        spoken.extend(problem.points.iter().map(|point| (point.id.as_str(), point.probe.as_str())));
        spoken.extend(problem.facts.iter().map(|fact| (fact.id.as_str(), fact.answer.as_str())));
        let leaks: Vec<_> = spoken
            .iter()
            .filter_map(|(id, text)| Some((*id, meter.leak(text, &nothing, &|_| false)?)))
            .collect();
        assert_eq!(leaks, [], "no leak in what may be said");
        let told: Vec<&str> = problem
            .points
            .iter()
            .filter(|point| meter.leak(&point.text, &nothing, &|_| false).is_none())
            .map(|point| point.id.as_str())
            .collect();
        assert!(told.len() * 10 <= problem.points.len(), "points that could be told unnoticed: {told:?}");
        let point = &problem.points[problem.points.len() / 2];
        assert_eq!(meter.leak(&point.text, &Prepared::new(&point.text), &|_| true), None);
    }

    #[test]
    fn the_quick_look_at_a_word_never_misses_one() {
        let (problem, synonyms) = shortener();
        let meter = LeakMeter::new(&problem, &synonyms).expect("valid patterns");
        let nothing = Prepared::new("");
        let texts = problem.points.iter().flat_map(|point| point.text.split_whitespace());
        let suspected: Vec<&str> = texts.filter(|word| meter.suspects(word, &nothing)).collect();
        assert!(suspected.len() > 50, "{suspected:?}");
        for word in suspected {
            let (upper, marked) = (word.to_uppercase(), format!("(**{word}**),"));
            assert!(meter.suspects(&upper, &nothing) && meter.suspects(&marked, &nothing), "{word}");
        }
        let known = meter.stems.iter().chain(&meter.prefixes).filter(|known| known.is_ascii());
        assert!(known.into_iter().all(|known| meter.may_be_known(known)));
        assert!(!meter.may_be_known("w00017 "));
        // Words of every sentence must not hold every sentence back.
        let plain = "So it is up to you; we go on with that as it is, or not, by what was said of it.";
        let held: Vec<&str> = plain.split(' ').filter(|word| meter.suspects(word, &nothing)).collect();
        assert_eq!(held, Vec::<&str>::new());
    }

    #[test]
    fn a_question_shows_the_point_that_it_asks_about() {
        let (problem, _) = shortener();
        for point in &problem.points {
            let found = asked_about(&format!("I see. {}", point.probe), problem.points.iter());
            assert!(
                found.is_none_or(|found| found.id == point.id),
                "{}: {:?}",
                point.id,
                found.map(|p| &p.id)
            );
        }
        let found =
            problem.points.iter().filter(|point| asked_about(&point.probe, problem.points.iter()).is_some());
        assert!(found.count() * 10 >= problem.points.len() * 9);
        assert_eq!(asked_about("And how does that feel?", problem.points.iter()), None);
    }

    #[test]
    fn a_reply_asks_one_new_short_question() {
        let (problem, synonyms) = shortener();
        let meter = LeakMeter::new(&problem, &synonyms).expect("valid patterns");
        let heard = Prepared::new("We keep the links in a table.");
        let asked = vec!["I see. How would you size the table of links?".to_owned()];
        let checks =
            Checks { meter: &meter, heard: &heard, asked: &asked, allowed: &|_| false, again: false };
        let long = "word ".repeat(MAX_WORDS);
        let rows = [
            ("All right. ", "What happens next?", None),
            ("What happens next? ", "And then?", Some(Fault::SecondQuestion)),
            ("", "How do you size that table of links?", Some(Fault::Repeated)),
            (long.as_str(), "And so on.", Some(Fault::TooLong)),
            (long.as_str(), "And what is next for you?", None),
        ];
        for (before, sentence, want) in rows {
            assert_eq!(checks.fault(before, sentence), want, "{sentence}");
        }
    }
}
