//! PURE. What the embedded interviewer has heard so far, turn by turn.

use std::collections::BTreeMap;

use super::agenda::{Agenda, Named};
use super::lines::Lines;
use crate::interview::State;
use crate::text::Prepared;
use crate::transcript::Speaker;

/// What was heard in one turn.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard {
    pub seq: u64,
    pub phase: Option<usize>,
    /// Coverage by point index: 1 partly, 2 covered.
    pub points: BTreeMap<usize, u8>,
    pub components: Vec<Named>,
    pub has_number: bool,
    pub dont_know: bool,
    pub moves_on: bool,
    pub asks_for_answer: bool,
    pub is_empty: bool,
    /// Ids of facts asked for, in order.
    pub facts: Vec<String>,
    /// For each inconsistency of the problem, which of its sides was claimed.
    pub claims: Vec<(bool, bool)>,
    /// Indices of the component questions that the turn answers.
    pub answers: Vec<usize>,
    /// The turn ends in a question, or consists of little else.
    pub asks: bool,
    pub words: usize,
}

/// Everything heard; grows with the interview.
#[derive(Clone, Debug, Default)]
pub(super) struct Hearing {
    pub turns: Vec<Heard>,
}

impl Hearing {
    /// Listens to the turns that are new, and forgets those that were taken back.
    pub fn catch_up(&mut self, agenda: &Agenda, lines: &Lines, state: &State) {
        let said: Vec<_> = state.said.iter().filter(|said| said.speaker == Speaker::Candidate).collect();
        let same = self.turns.iter().zip(&said).take_while(|(heard, said)| heard.seq == said.seq).count();
        self.turns.truncate(same);
        for turn in &said[same..] {
            let mut heard = listen(agenda, lines, &turn.text);
            heard.seq = turn.seq;
            heard.phase = turn.phase;
            self.turns.push(heard);
        }
    }

    /// Best coverage of the point so far.
    pub fn coverage(&self, point: usize) -> u8 {
        self.turns.iter().filter_map(|turn| turn.points.get(&point)).max().copied().unwrap_or(0)
    }

    /// Indices of the inconsistencies both of whose sides were claimed.
    pub fn inconsistencies(&self) -> Vec<usize> {
        let count = self.turns.first().map_or(0, |turn| turn.claims.len());
        let claimed = |side: fn(&(bool, bool)) -> bool, index: usize| {
            self.turns.iter().any(|turn| side(&turn.claims[index]))
        };
        (0..count).filter(|&index| claimed(|c| c.0, index) && claimed(|c| c.1, index)).collect()
    }

    /// Any figure said so far.
    pub fn has_number(&self) -> bool {
        self.turns.iter().any(|turn| turn.has_number)
    }
}

/// Bytes of a turn that are listened to: an hour of speech. Pasted files are longer; nobody reads them aloud.
pub(super) const LISTENED: usize = 64 * 1024;

fn listen(agenda: &Agenda, lines: &Lines, turn: &str) -> Heard {
    let text = Prepared::new(&turn[..turn.floor_char_boundary(LISTENED)]);
    let matches = |patterns: &[crate::text::Pattern]| patterns.iter().any(|p| p.find(&text).is_some());
    let words = text.tokens().len();
    let questions: Vec<bool> = (0..text.sentences().len()).map(|s| is_question(&text, s)).collect();
    let asked = questions.iter().filter(|asks| **asks).count();
    let asks = asked > 0 && (questions.last() == Some(&true) || 2 * asked >= questions.len());
    let points = agenda
        .points
        .iter()
        .enumerate()
        .filter_map(|(index, point)| {
            Some((index, point.coverage(&text))).filter(|(_, coverage)| *coverage > 0)
        })
        .collect();
    Heard {
        points,
        components: agenda.components(&text),
        claims: agenda.claims(&text),
        answers: (0..lines.components.len()).filter(|&i| matches(&lines.components[i].answered_by)).collect(),
        has_number: text.tokens().iter().any(|token| token.word.starts_with(|c: char| c.is_ascii_digit())),
        // In a long turn it is modesty, not a white flag.
        dont_know: words <= 25 && matches(&lines.dont_know),
        moves_on: words <= 60 && matches(&lines.move_on),
        asks_for_answer: matches(&lines.asks_for_answer),
        is_empty: text.tokens().iter().all(|token| lines.empty_words.contains(&token.word)),
        facts: if asks {
            agenda.facts_asked(&text, &questions).into_iter().map(|fact| fact.id.clone()).collect()
        } else {
            Vec::new()
        },
        asks,
        words,
        ..Heard::default()
    }
}

/// Ends in a question mark, or begins as a question or a request does.
fn is_question(text: &Prepared<'_>, sentence: usize) -> bool {
    if text.sentence(sentence).trim_end_matches(['"', ')', '*', '_']).ends_with('?') {
        return true;
    }
    let first: Vec<&str> = text
        .tokens()
        .iter()
        .filter(|token| token.sentence == sentence)
        .take(3)
        .map(|t| t.word.as_str())
        .collect();
    match first.as_slice() {
        ["what" | "how" | "which" | "who" | "where" | "when", next, ..] => {
            !matches!(*next, "i" | "we" | "it" | "this")
        }
        [
            "is" | "are" | "do" | "does" | "should" | "can" | "could" | "will" | "would",
            "we" | "it" | "there" | "the" | "users" | "i" | "you",
            ..,
        ] => true,
        ["tell", "me", ..] | ["any", "idea" | "figure" | "constraints" | "requirements", ..] => true,
        _ => false,
    }
}
