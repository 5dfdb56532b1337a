//! Listens to a reply while it streams, and shows of it what is good, as soon as that is certain.
//!
//! Plain words are shown the moment they come. Questions, sentences with a word of a point that nobody
//! has said, and everything after the question wait until they are whole and checked.

use super::check::{Checks, Fault, MAX_WORDS, is_abbreviation, words};
use super::memory;
use crate::interview::{Act, State};
use crate::material::Problem;
use crate::model::{Cancel, ChatModel, ChatRequest, Finish, Message, ModelError};
use crate::text::Sanitiser;

/// Follow-ups and probes of one point, at most.
const MOST_ASKED: u8 = 2;
/// Words that are held back at most: what goes on for longer is no sentence that could be asked or told.
const LONGEST_HELD: usize = 40;
/// Words that may come while none is shown; then the reply counts as over.
const LONGEST_SILENCE: usize = 60;
/// Bytes at the end of a reply in which leaks are looked for when it has no sentences.
const WINDOW: usize = 1200;
/// Words that may stand before a question's first word.
const OPENINGS: &[&str] = &[
    "and",
    "so",
    "but",
    "now",
    "then",
    "well",
    "ok",
    "okay",
    "right",
    "alright",
    "great",
    "good",
    "fine",
    "thanks",
    "also",
    "next",
    "first",
    "yes",
    "no",
    "sure",
    "interesting",
    "understood",
    "i",
    "see",
];
/// Words that begin a question, or a part of a sentence that asks.
const ASKING: &[&str] = &["how", "what", "why", "which", "where", "who", "when", "whether"];
/// Words that ask only where a sentence begins with them.
const ASKING_FIRST: &[&str] = &[
    "can", "could", "would", "will", "should", "do", "does", "did", "is", "are", "have", "has", "may",
    "might", "tell", "walk", "explain", "describe", "let",
];

/// Shows a reply, as far as it is good.
pub(super) struct Listener<'a> {
    pub(super) checks: Checks<'a>,
    /// Does a tag announce what must not be done again?
    pub(super) too_often: &'a dyn Fn(&Tag) -> bool,
    /// Something was shown already; only the question is still wanted.
    pub(super) only_question: bool,
    /// The phase is about to close: a question would get no answer.
    pub(super) no_question: bool,
    /// A bad sentence is left out instead of ending the reply.
    pub(super) lenient: bool,
    pub(super) shown: &'a mut String,
    pub(super) show: &'a mut dyn FnMut(&str),
    heard: Heard,
}

/// What a reply was found to be.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// What it says that it does.
    pub(super) tags: Vec<Tag>,
    /// Why it was cut.
    pub(super) fault: Option<Fault>,
    sanitiser: Sanitiser,
    /// The sentence that is coming.
    sentence: Sentence,
    asked: bool,
    /// Something was left out because it is no question.
    left_out: bool,
    /// Words since one was shown.
    silent: usize,
}

#[derive(Debug, Default)]
struct Sentence {
    text: String,
    /// Bytes of `text` that are shown.
    shown: usize,
    /// Length of everything shown before it.
    before: usize,
    /// First byte of the word that is coming.
    word: usize,
    /// Words so far.
    words: usize,
    /// Words since the last look for leaks.
    unchecked: usize,
    flow: Flow,
    stopped: bool,
    /// It is whole.
    ended: bool,
    /// A line break was the last that came.
    line_over: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Flow {
    /// It is not known yet what the sentence will be.
    #[default]
    Opening,
    /// Words are shown as they come.
    Open,
    /// It waits until it is whole.
    Held,
    /// It is longer than any sentence: shown as it comes, with a look for leaks now and then.
    Endless,
}

impl<'a> Listener<'a> {
    /// A listener to one reply; what it lets pass is appended to `shown` and given to `show`.
    pub(super) fn new(
        checks: Checks<'a>,
        too_often: &'a dyn Fn(&Tag) -> bool,
        shown: &'a mut String,
        show: &'a mut dyn FnMut(&str),
    ) -> Self {
        let mut heard = Heard { asked: shown.contains(['?', '？']), ..Heard::default() };
        heard.sentence.before = shown.len();
        Self {
            checks,
            too_often,
            only_question: false,
            no_question: false,
            lenient: false,
            shown,
            show,
            heard,
        }
    }

    /// Streams one reply.
    pub(super) fn listen(
        &mut self,
        model: &dyn ChatModel,
        messages: &[Message],
        cancel: &Cancel,
    ) -> Result<(), ModelError> {
        let request = ChatRequest {
            messages: messages.to_vec(),
            max_output_tokens: Some(memory::REPLY),
            ..ChatRequest::default()
        };
        let stop = cancel.child();
        let result = model.complete(&request, &stop, &mut |piece| {
            if !self.hear(piece) {
                stop.cancel();
            }
        });
        let enough = stop.is_cancelled() && !cancel.is_cancelled();
        match result {
            Err(_) if enough => Ok(()),
            Err(error) => Err(error),
            Ok(reply) => {
                if !enough {
                    self.end(reply.finish == Finish::Stop);
                }
                Ok(())
            }
        }
    }

    /// What the reply was found to be.
    pub(super) fn into_heard(self) -> Heard {
        self.heard
    }

    /// Takes the next piece; false if the reply is over.
    fn hear(&mut self, piece: &str) -> bool {
        let mut clean = String::with_capacity(piece.len());
        self.heard.sanitiser.push(piece, &mut clean);
        for character in clean.chars() {
            let space = character.is_whitespace();
            // A line break alone ends no sentence: models break their lines where they like.
            let block = self.heard.sentence.line_over && is_block_mark(character);
            if (self.heard.sentence.ended || block) && !space && !self.end_sentence() {
                return false;
            }
            let sentence = &mut self.heard.sentence;
            let stop = matches!(character, '.' | '!' | '?' | '…' | '。' | '？' | '！');
            if space {
                // "3.5" and "e.g." end nothing.
                let full_stop = sentence.stopped
                    && !is_abbreviation(sentence.text.trim_end_matches(['.', '!', '?', '…']));
                let line_end = character == '\n';
                let blank_line = line_end && sentence.line_over;
                sentence.ended |= full_stop || blank_line || line_end && sentence.is_mark();
                sentence.line_over |= line_end;
            } else {
                sentence.line_over = false;
            }
            let word_over = space && sentence.word < sentence.text.len();
            sentence.stopped = stop && !space;
            sentence.text.push(character);
            if word_over {
                self.word();
                if self.heard.silent > LONGEST_SILENCE {
                    self.miss_question();
                    return false;
                }
            }
            if space {
                self.heard.sentence.word = self.heard.sentence.text.len();
            }
            if self.heard.fault.is_some() && !self.lenient {
                return false;
            }
        }
        self.flush();
        true
    }

    /// Ends the reply; a sentence that was cut off is not shown unless the reply is `whole`.
    fn end(&mut self, whole: bool) {
        if self.heard.sentence.word < self.heard.sentence.text.len() {
            self.word();
        }
        let sentence = &self.heard.sentence;
        if whole || sentence.text.trim_end().ends_with(['.', '?', '!', '…', '。', '？', '！']) {
            self.end_sentence();
        } else if sentence.shown > 0 {
            self.emit("…");
        }
        if self.heard.left_out {
            self.miss_question();
        }
    }

    /// Must every sentence be whole before it is shown?
    fn is_wary(&self) -> bool {
        self.only_question || self.no_question || self.lenient || self.heard.asked
    }

    /// A word of the sentence is whole: decides how the sentence goes on.
    fn word(&mut self) {
        let wary = self.is_wary();
        let Self { heard, checks, shown, .. } = self;
        let sentence = &mut heard.sentence;
        sentence.words += 1;
        sentence.unchecked += 1;
        let (said, word) = sentence.text.split_at(sentence.word);
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let is_one_of = |list: &[&str]| list.iter().any(|listed| listed.eq_ignore_ascii_case(bare));
        let is_suspect = || checks.meter.suspects(word, checks.heard);
        let flow = match sentence.flow {
            Flow::Opening if wary || sentence.is_mark() => Flow::Held,
            Flow::Opening if is_one_of(ASKING) || is_one_of(ASKING_FIRST) => Flow::Held,
            Flow::Opening if sentence.words <= 3 && is_one_of(OPENINGS) => Flow::Opening,
            Flow::Opening | Flow::Open if is_one_of(ASKING) || is_suspect() => Flow::Held,
            Flow::Opening => Flow::Open,
            flow => flow,
        };
        let is_endless = sentence.unchecked >= LONGEST_HELD && !wary && !sentence.is_mark();
        let tells = match flow {
            // What was held has never been looked at.
            Flow::Held => is_endless,
            // A word that has just been there tells nothing new.
            Flow::Endless => {
                is_suspect()
                    && !tail(shown).contains(word.trim())
                    && !said[sentence.shown..].contains(word.trim())
            }
            Flow::Opening | Flow::Open => false,
        };
        let leak = if tells {
            let window = format!("{}{}", tail(shown), &sentence.text[sentence.shown..]);
            checks.meter.leak(&window, checks.heard, checks.allowed)
        } else {
            None
        };
        let was = std::mem::replace(&mut sentence.flow, if is_endless { Flow::Endless } else { flow });
        if is_endless {
            sentence.unchecked = 0;
        }
        match sentence.flow {
            Flow::Open | Flow::Endless => heard.silent = 0,
            Flow::Opening | Flow::Held => heard.silent += 1,
        }
        if leak.is_some() || (was, sentence.flow) == (Flow::Open, Flow::Held) {
            // What stood before this word can be shown.
            let to = sentence.word;
            if was != Flow::Held {
                self.show_to(to);
            }
        }
        if leak.is_some() {
            self.heard.fault = leak;
        }
    }

    /// Shows what has come of an open sentence: whole words, and of the last one the beginning if
    /// no word that must wait begins like it.
    fn flush(&mut self) {
        let sentence = &self.heard.sentence;
        if !matches!(sentence.flow, Flow::Open | Flow::Endless) {
            return;
        }
        let partial = &sentence.text[sentence.word..];
        let waits = !partial.is_empty()
            && !partial.ends_with(char::is_whitespace)
            && (ASKING.iter().any(|asking| asking.starts_with(&partial.to_lowercase()))
                || self.checks.meter.may_suspect(partial));
        self.show_to(if waits { sentence.word } else { sentence.text.len() });
    }

    /// Shows the sentence up to this byte of it.
    fn show_to(&mut self, to: usize) {
        let sentence = &mut self.heard.sentence;
        if to > sentence.shown {
            let text = sentence.text[sentence.shown..to].to_owned();
            sentence.shown = to;
            self.emit(&text);
        }
    }

    fn emit(&mut self, text: &str) {
        let text = if self.shown.is_empty() { text.trim_start() } else { text };
        if !text.is_empty() {
            self.heard.silent = 0;
            self.shown.push_str(text);
            (self.show)(text);
        }
    }

    /// The sentence is whole: shows what was held of it if it is good; false if the reply is over.
    fn end_sentence(&mut self) -> bool {
        self.flush();
        let sentence = std::mem::take(&mut self.heard.sentence);
        let over = self.judge(&sentence);
        self.heard.sentence.before = self.shown.len();
        !over
    }

    /// True if the reply is over.
    fn judge(&mut self, sentence: &Sentence) -> bool {
        if sentence.text.trim().is_empty() {
            return false;
        }
        if let Some(tag) = Tag::read(sentence.text.trim()) {
            let too_often = self.shown.is_empty()
                && !self.lenient
                && tag.as_ref().is_some_and(|tag| (self.too_often)(tag));
            self.heard.tags.extend(tag);
            if too_often {
                self.heard.fault = Some(Fault::Repeated);
            }
            return too_often;
        }
        let asks = sentence.text.contains(['?', '？']);
        if sentence.shown < sentence.text.len() {
            if self.only_question && !asks || self.no_question && asks {
                self.heard.left_out = true;
                return false;
            }
            let before = &self.shown[..sentence.before];
            if let Some(fault) = self.checks.fault(before, &sentence.text) {
                let ends = !self.lenient || matches!(fault, Fault::TooLong | Fault::SecondQuestion);
                self.heard.fault = Some(fault);
                if sentence.shown > 0 {
                    self.emit("… ");
                }
                return ends;
            }
            self.emit(&sentence.text[sentence.shown..]);
        }
        self.heard.asked |= asks;
        if words(self.shown) < MAX_WORDS || sentence.flow == Flow::Endless {
            return false;
        }
        // Enough was said: of what follows only the question is shown, and it is waited for a while.
        self.only_question = true;
        self.heard.asked || self.no_question
    }

    /// A reply of which something was left out is not whole without its question.
    fn miss_question(&mut self) {
        if !self.heard.asked && !self.no_question {
            self.heard.fault.get_or_insert(Fault::TooLong);
        }
    }
}

impl Sentence {
    /// Is it a line that says what the reply does, or a heading: over where the line is?
    fn is_mark(&self) -> bool {
        self.text.trim_start().starts_with('#')
    }
}

/// The end of what was shown, as far as it is looked at for leaks.
fn tail(shown: &str) -> &str {
    &shown[shown.ceil_char_boundary(shown.len().saturating_sub(WINDOW))..]
}

/// Does a line that begins like this begin something new: an item, a heading, a quote, a table?
fn is_block_mark(character: char) -> bool {
    matches!(character, '#' | '-' | '*' | '+' | '•' | '>' | '|')
}

/// What a reply does, as the model says in its first line.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tag {
    Does { what: &'static str, id: String },
    Done,
}

impl Tag {
    /// Reads `#probe ID`; `None` if the line is none of it, an empty tag if it says nothing.
    fn read(line: &str) -> Option<Option<Self>> {
        let rest = line.strip_prefix('#')?;
        let mut words = rest.split(|c: char| c.is_whitespace() || c == ':').filter(|word| !word.is_empty());
        let id =
            |word: Option<&str>| word.unwrap_or("").trim_matches(['[', ']', '<', '>', '`', '.']).to_owned();
        let what = match words.next()?.to_ascii_lowercase().as_str() {
            "done" => return Some(Some(Self::Done)),
            "none" => return Some(None),
            "probe" => "probe",
            "follow" | "follow-up" | "followup" => "follow",
            "fact" => "fact",
            "hint" => "hint",
            "change" => "change",
            "failure" => "failure",
            _ => return None,
        };
        Some(Some(Self::Does { what, id: id(words.next()) }))
    }

    /// The act in the log, if the problem knows the id.
    pub(super) fn act(&self, problem: &Problem, state: &State) -> Option<Act> {
        let Self::Does { what, id } = self else { return None };
        let id = id.clone();
        let point = problem.points.iter().any(|point| point.id == id);
        match *what {
            "probe" | "follow" if point && state.asked.contains_key(&id) => Some(Act::FollowUp { id }),
            "probe" | "follow" if point => Some(Act::Probe { id }),
            "fact" if problem.facts.iter().any(|fact| fact.id == id) => Some(Act::Fact { id }),
            "hint" if point => {
                let rung = state.hints.get(&id).map_or(1, |rung| (rung + 1).min(3));
                Some(Act::Hint { id, rung })
            }
            "change" => Some(Act::Change),
            "failure" if problem.failures.iter().any(|failure| failure.id == id) => Some(Act::Failure { id }),
            _ => None,
        }
    }

    /// Does the tag announce what must not be done again?
    pub(super) fn is_too_often(&self, state: &State) -> bool {
        match self {
            Self::Does { what: "probe" | "follow", id } => {
                state.asked.get(id).is_some_and(|asked| *asked >= MOST_ASKED)
            }
            Self::Does { what: "change", .. } => state.acts.contains(&Act::Change),
            Self::Does { what: "failure", id } => state.acts.contains(&Act::Failure { id: id.clone() }),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::assets::Assets;
    use crate::coach::llm::check::LeakMeter;
    use crate::text::Prepared;

    /// What was shown after each piece, and what the reply was found to be.
    fn heard(pieces: &[&str], said: &str) -> (Vec<String>, String, Heard) {
        static METER: LazyLock<LeakMeter> = LazyLock::new(|| {
            let pack = Assets::embedded().pack("system-design").expect("the built-in pack");
            let problem = pack.problem("url-shortener").expect("a built-in problem");
            LeakMeter::new(problem, &pack.lexicon.synonyms()).expect("valid patterns")
        });
        let said = Prepared::new(said);
        let checks = Checks { meter: &METER, heard: &said, asked: &[], allowed: &|_| false, again: false };
        let (mut shown, out, mut after) = (String::new(), std::cell::RefCell::new(String::new()), Vec::new());
        let mut show = |text: &str| out.borrow_mut().push_str(text);
        let mut listener = Listener::new(checks, &|_| false, &mut shown, &mut show);
        let mut goes_on = true;
        for piece in pieces {
            goes_on = goes_on && listener.hear(piece);
            after.push(out.borrow().clone());
        }
        if goes_on {
            listener.end(true);
        }
        let heard = listener.into_heard();
        assert_eq!(shown, *out.borrow());
        (after, shown, heard)
    }

    #[test]
    fn plain_words_are_shown_as_they_come_and_questions_when_they_are_whole() {
        let (after, ..) =
            heard(&["#none\n", "That", " seems", " alright", ".", " And", " what", " is", " next?"], "");
        assert_eq!(after[2..5], ["That seems", "That seems alright", "That seems alright."]);
        assert_eq!(after[7], "That seems alright. ", "the question waits");
        let (_, shown, _) = heard(&["#none\nThat seems alright. And what is next?"], "");
        assert_eq!(shown, "That seems alright. And what is next?");
    }

    #[test]
    fn a_word_of_a_point_that_nobody_has_said_waits_and_one_that_was_said_does_not() {
        let sentence = ["You", " might", " keep", " a", " counter", " of", " links", " there."];
        let (after, shown, _) = heard(&sentence, "");
        assert!(!after[6].contains("counter"), "{after:?}");
        assert!(shown.ends_with("a counter of links there."), "it is no leak once it is whole: {shown}");
        let (after, ..) = heard(&sentence, "We keep a counter of links.");
        assert!(after[6].contains("counter of"), "{after:?}");
    }

    #[test]
    fn a_leak_is_not_shown_and_ends_the_reply() {
        let told = "It is clear. A counter service that hands out ranges of numbers, encoded in base62, never collides. Good.";
        let (_, shown, heard) = heard(&[told], "");
        assert!(matches!(heard.fault, Some(Fault::Leak { .. })), "{heard:?}");
        assert!(shown.starts_with("It is clear. ") && !shown.contains("base62"), "{shown}");
    }

    #[test]
    fn a_reply_is_the_same_however_it_streams() {
        let replies = [
            "#probe x\nFine, e.g. 3.5 ms is good. Why is that enough? Take your time. Is it?\n\nReally.",
            "I see. So how would a counter in base62 behave? \u{1b}]0;a title\u{7}Well.",
            "One two three. \n\nFour, five … six! #done",
        ];
        for reply in replies {
            let (_, whole, all) = heard(&[reply], "");
            for size in 1..reply.len() {
                let chars: Vec<char> = reply.chars().collect();
                let pieces: Vec<String> = chars.chunks(size).map(|piece| piece.iter().collect()).collect();
                let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
                let (_, shown, found) = heard(&pieces, "");
                assert_eq!(shown, whole, "{size} characters a piece");
                assert_eq!((found.tags, found.fault), (all.tags.clone(), all.fault.clone()));
            }
        }
    }

    #[test]
    fn what_has_no_sentences_is_shown_whole_and_still_watched() {
        let endless: Vec<String> = (0..2000).map(|n| format!("w{n:05} ")).collect();
        let pieces: Vec<&str> = endless.iter().map(String::as_str).collect();
        let (after, shown, found) = heard(&pieces, "");
        assert_eq!(shown.trim_end(), endless.concat().trim_end());
        assert_eq!(found.fault, None);
        assert!(after[99].ends_with("w00099 "), "each as it comes");
        let leak =
            "a counter service that hands out ranges of numbers encoded in base62 so that no code collides ";
        let (_, shown, found) = heard(&[&endless[..50].concat(), &leak.repeat(5)], "");
        assert!(matches!(found.fault, Some(Fault::Leak { .. })), "{shown}");
        assert!(!shown.contains("base62"), "{shown}");
    }

    #[test]
    fn enough_is_enough_at_the_end_of_a_sentence_and_the_question_is_waited_for() {
        let fine = "It is all quite fine with me so far. ";
        let (_, shown, found) = heard(&[&fine.repeat(20)], "");
        assert_eq!(found.fault, Some(Fault::TooLong), "the question is still wanted");
        assert!((MAX_WORDS..MAX_WORDS + 10).contains(&words(&shown)), "{shown}");
        let (_, shown, found) = heard(&[&fine.repeat(10), "And what is next? ", &fine.repeat(20)], "");
        assert_eq!(found.fault, None, "{shown}");
        assert!(shown.ends_with("so far. And what is next? "), "{shown}");
        assert!(words(&shown) < MAX_WORDS + 15, "{shown}");
        let (_, shown, found) = heard(&[&fine.repeat(7)], "");
        assert_eq!((shown.as_str(), found.fault), (fine.repeat(7).as_str(), None), "it ended by itself");
    }

    #[test]
    fn a_line_break_ends_a_line_and_no_sentence() {
        let broken = "That seems alright\nto me and\nseems alright.";
        let (after, shown, _) = heard(&["That seems alright\nto", " me and\nseems", " alright."], "");
        assert_eq!((shown.as_str(), after[1].as_str()), (broken, "That seems alright\nto me and\nseems"));
        let lines: Vec<String> =
            (0..500).map(|n| format!("w{n:05}{}", if n % 12 == 11 { '\n' } else { ' ' })).collect();
        let pieces: Vec<&str> = lines.iter().map(String::as_str).collect();
        let (after, shown, found) = heard(&pieces, "");
        assert_eq!((shown.trim_end(), found.fault), (lines.concat().trim_end(), None));
        assert!(after[299].ends_with("w00299\n".trim_end()) || after[299].ends_with("w00299\n"));
        let told = "That is clear so far\n- a counter service that hands out ranges of numbers, encoded in base62, so that none collides";
        let (_, shown, found) = heard(&[told], "");
        assert!(matches!(found.fault, Some(Fault::Leak { .. })), "{found:?}");
        assert_eq!(shown.trim_end(), "That is clear so far\n- a …", "an item is a sentence of its own");
    }
}
