//! PURE. How the candidate talked: shares over the whole conversation.

use super::book::{Book, any, matches};
use super::heard::Heard;
use crate::material::MeasureId;
use crate::text::Prepared;
use crate::transcript::{Speaker, Transcript};

/// Content words from which a reply has content.
const REPLY_WORDS: usize = 4;

/// The measured shares; `None` where there was nothing to measure.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Talk {
    pub answered: Option<f64>,
    pub one_word: Option<f64>,
    pub monologue: Option<f64>,
    pub filler: Option<f64>,
    pub asked_again: Option<f64>,
    pub concrete: Option<f64>,
    pub absolute: Option<f64>,
    pub dont_know: usize,
    pub replies: usize,
}

impl Talk {
    pub fn get(&self, id: MeasureId) -> Option<f64> {
        match id {
            MeasureId::Answered => self.answered,
            MeasureId::OneWord => self.one_word,
            MeasureId::Monologue => self.monologue,
            MeasureId::Filler => self.filler,
            MeasureId::AskedAgain => self.asked_again,
            MeasureId::Concrete => self.concrete,
            MeasureId::Absolute => self.absolute,
        }
    }

    /// Listens to `heard`; `signposts` are patterns that break a long turn into parts.
    pub fn of(
        transcript: &Transcript,
        heard: &Heard<'_>,
        book: &Book,
        signposts: &[crate::text::Pattern],
    ) -> Self {
        let mut talk = Self::default();
        let (mut questions, mut open, mut short, mut again) = (0, 0, 0, 0);
        let mut answered = 0.0;
        for (index, said) in &heard.interviewer {
            let asks = said.sentences().iter().any(|range| said.text()[range.clone()].ends_with('?'));
            let is_open = any(&book.words.open_question, said);
            again += usize::from(any(&book.words.asks_again, said));
            if !asks && !is_open {
                continue;
            }
            let reply = (index + 1..transcript.turns.len())
                .find(|&next| transcript.turns[next].speaker != Speaker::Other)
                .filter(|&next| transcript.turns[next].speaker == Speaker::Candidate);
            questions += 1;
            let Some(reply) = reply.and_then(|reply| heard.candidate.iter().find(|turn| turn.turn == reply))
            else {
                continue;
            };
            let content: usize = reply.sentences.iter().map(|sentence| sentence.content.len()).sum();
            let unknown = any(&book.words.dont_know, &reply.prepared) && content < 3 * REPLY_WORDS;
            talk.dont_know += usize::from(unknown);
            let concrete = reply.sentences.iter().any(|sentence| sentence.is_concrete() || sentence.asks);
            answered += match () {
                () if unknown || content < REPLY_WORDS && !concrete => 0.0,
                () if concrete && content >= 2 => 1.0,
                () => 0.4,
            };
            if is_open {
                open += 1;
                let words = transcript.turns[reply.turn].text.split_whitespace().count();
                short += usize::from(words <= 3);
            }
        }
        talk.replies = questions;
        let share = |part: usize, whole: usize| (whole > 0).then(|| part as f64 / whole as f64);
        talk.answered = (questions > 0).then(|| answered / questions as f64);
        talk.one_word = share(short, open).or_else(|| {
            let turns = heard.candidate.len();
            let brief = heard.candidate.iter().filter(|turn| turn.prepared.tokens().len() <= 3).count();
            share(brief, turns)
        });
        talk.asked_again = share(again, questions);
        talk.monologue =
            heard.candidate.iter().map(|turn| longest(&turn.prepared, signposts)).max_by(f64::total_cmp);
        let fill: usize = heard
            .candidate
            .iter()
            .flat_map(|turn| book.words.filler.iter().map(|pattern| matches(pattern, &turn.prepared).len()))
            .sum();
        talk.filler = share(fill, heard.words);
        let statements: Vec<_> = heard
            .candidate
            .iter()
            .flat_map(|turn| &turn.sentences)
            .filter(|sentence| sentence.words >= 5)
            .collect();
        let concrete = statements
            .iter()
            .filter(|sentence| sentence.is_concrete() || sentence.reason || sentence.asks)
            .count();
        talk.concrete = share(concrete, statements.len());
        let absolute = statements.iter().filter(|sentence| sentence.absolute).count();
        talk.absolute = share(absolute, statements.len());
        talk
    }
}

/// Words of a turn, fewer where signposts divide it.
fn longest(turn: &Prepared<'_>, signposts: &[crate::text::Pattern]) -> f64 {
    let posts: usize = signposts.iter().map(|pattern| matches(pattern, turn).len()).sum();
    turn.tokens().len() as f64 / (1.0 + posts as f64 / 4.0)
}
