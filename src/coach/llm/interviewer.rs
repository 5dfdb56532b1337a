//! The interviewer that is a language model, behind the same seam as the embedded one.
//!
//! What could break a promise is checked before it is shown; what fails is asked for once more, and if
//! that fails too, the pack's own question is asked instead. Grading runs while the interview goes on.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use serde::Serialize;

use super::check::{Checks, Fault, LeakMeter, asked_about};
use super::judge::{Collected, InterviewJudge, JudgeInput};
use super::listener::{Heard, Listener, Tag};
use super::memory::{self, Brief, Window};
use super::prompts::Prompts;
use super::study::Study;
use super::{LlmError, Meter, smaller_until_it_fits};
use crate::coach::{Coach, CoachError, Scene};
use crate::diagram::told;
use crate::grading::{InterviewGrade, Rubric};
use crate::interview::{Act, Ask, Event, Reply, State};
use crate::material::{Point, Problem};
use crate::model::{Cancel, ChatModel, ModelError};
use crate::text::{PatternError, Prepared, Synonyms, sanitise};
use crate::transcript::{Speaker, Transcript, Turn};

/// Seconds before the end of a phase from which no new topic is opened.
const HURRY_S: i64 = 90;
/// Bytes that are kept of a reply that broke off: one without end must not fill log and context.
const MOST_KEPT: usize = 16 << 10;

/// Interviews and grades with a language model.
pub struct LlmCoach {
    model: Arc<Meter>,
    prompts: Prompts,
    judge: InterviewJudge,
    leaks: LeakMeter,
    problem: Problem,
    rubric: Rubric,
    study: Arc<Study>,
    /// The instructions of a phase, for a room: the same words every time they are sent.
    instructions: Option<(Option<usize>, usize, String)>,
    random: u64,
    background: Vec<Background>,
    stop_background: Cancel,
    events: Vec<Event>,
}

/// Evidence being collected from a part of the interview.
struct Background {
    turns: Vec<Turn>,
    evidence: Collecting,
}

enum Collecting {
    Running(JoinHandle<Result<Vec<Collected>, LlmError>>),
    Done(Vec<Collected>),
}

impl Collecting {
    fn is_done(&self) -> bool {
        match self {
            Self::Running(thread) => thread.is_finished(),
            Self::Done(_) => true,
        }
    }

    /// Waits; `None` if the provider failed.
    fn finish(self) -> Option<Vec<Collected>> {
        match self {
            Self::Running(thread) => thread.join().ok()?.ok(),
            Self::Done(collected) => Some(collected),
        }
    }
}

/// What an LLM coach is made from.
pub struct LlmCoachParts {
    /// The model, metered.
    pub model: Arc<Meter>,
    /// The prompts in force.
    pub prompts: Prompts,
    /// What the interview is about.
    pub problem: Problem,
    /// What it is graded by.
    pub rubric: Rubric,
    /// The words of the pack.
    pub synonyms: Synonyms,
    /// Study material to choose from.
    pub study: Arc<Study>,
    /// Times each criterion is judged.
    pub samples: u32,
    /// Begins the fences around what the candidate said.
    pub random: u64,
}

impl LlmCoach {
    /// Makes the coach ready; sends nothing.
    ///
    /// # Errors
    ///
    /// [`PatternError`] if a pattern of the problem cannot be read.
    pub fn new(parts: LlmCoachParts) -> Result<Self, PatternError> {
        let LlmCoachParts { model, prompts, problem, rubric, synonyms, study, samples, random } = parts;
        let judge = InterviewJudge::new(model.clone(), prompts.clone(), samples, random)
            .with_study(Arc::clone(&study));
        Ok(Self {
            leaks: LeakMeter::new(&problem, &synonyms)?,
            model,
            prompts,
            judge,
            problem,
            rubric,
            study,
            instructions: None,
            random: random.wrapping_add(1 << 40),
            background: Vec::new(),
            stop_background: Cancel::new(),
            events: Vec::new(),
        })
    }

    fn say(
        &mut self,
        scene: Scene<'_>,
        cancel: &Cancel,
        shown: &mut String,
        show: &mut dyn FnMut(&str),
    ) -> Result<Reply, LlmError> {
        let state = scene.state;
        let hint = (*scene.ask == Ask::Hint).then(|| self.next_hint(state)).flatten();
        self.model.prepare(cancel)?;
        let room = memory::room(self.model.as_ref());
        let instructions = self.instructions(state, room)?;
        let mut window = Window::of(state);
        let mut moment = self.moment(scene, hint.as_ref(), "")?;
        let mut messages = memory::messages(&self.prompts, &instructions, state, &window, &moment)?;
        if memory::size(&messages, room) > room {
            window = self.condense(state, window, room, cancel)?;
            messages = memory::messages(&self.prompts, &instructions, state, &window, &moment)?;
        }
        let heard = candidate_words(state);
        let heard = Prepared::new(&heard);
        let asked: Vec<String> = interviewer_words(state);
        let exhausted = *scene.ask == Ask::Reply && self.is_exhausted(state, &heard);
        let mut attempt = 0;
        loop {
            attempt += 1;
            let allowed =
                |id: &str| hint.as_ref().is_some_and(|hint| hint.point == id) || state.hints.contains_key(id);
            let checks = Checks {
                meter: &self.leaks,
                heard: &heard,
                asked: &asked,
                allowed: &allowed,
                again: matches!(scene.ask, Ask::Clarify | Ask::Hint),
            };
            let too_often = |tag: &Tag| tag.is_too_often(state);
            let only_question = !shown.is_empty();
            let mut listener = Listener::new(checks, &too_often, shown, show);
            (listener.only_question, listener.no_question) = (only_question, exhausted);
            listener.lenient = attempt > 1;
            let done = listener.listen(self.model.as_ref(), &messages, cancel);
            let Heard { tags, fault, .. } = listener.into_heard();
            if let Some(fault) = &fault {
                self.note_fault(fault);
            }
            match done {
                Err(error) if shown.is_empty() && attempt == 1 && worth_another_try(&error) => continue,
                Err(error) => return Err(error.into()),
                Ok(()) => {}
            }
            // A reply that was cut before its question is no reply yet.
            let lost_question = fault.is_some() && !shown.contains('?');
            if tags.contains(&Tag::Done) || exhausted || !shown.trim().is_empty() && !lost_question {
                let reply = self.finished(state, shown, &tags, hint.as_ref());
                return Ok(Reply { phase_done: reply.phase_done || exhausted, ..reply });
            }
            if attempt > 1 {
                return Ok(self.own_words(state, hint.as_ref(), shown, show));
            }
            moment =
                self.moment(scene, hint.as_ref(), fault.as_ref().map_or("it was empty.", Fault::advice))?;
            messages = memory::messages(&self.prompts, &instructions, state, &window, &moment)?;
        }
    }

    fn instructions(&mut self, state: &State, room: usize) -> Result<String, LlmError> {
        if let Some((phase, of_room, text)) = &self.instructions
            && (*phase, *of_room) == (state.phase, room)
        {
            return Ok(text.clone());
        }
        let brief = Brief { problem: &self.problem, rubric: &self.rubric, study: &self.study };
        let text = memory::fitting(&self.prompts, brief, state, room)?;
        self.instructions = Some((state.phase, room, text.clone()));
        Ok(text)
    }

    /// Has everything on the agenda of this phase been said or asked about?
    fn is_exhausted(&self, state: &State, heard: &Prepared<'_>) -> bool {
        let Some(phase) = state.phase.and_then(|phase| state.start.plan.phases.get(phase)) else {
            return false;
        };
        let mut points = self.problem.points.iter().filter(|point| point.phase == phase.id).peekable();
        points.peek().is_some()
            && points.all(|point| state.asked.contains_key(&point.id) || self.leaks.is_said(&point.id, heard))
    }

    fn note_fault(&mut self, fault: &Fault) {
        let point = match fault {
            Fault::Leak { point, .. } => Some(point.clone()),
            _ => None,
        };
        self.events.push(Event::Corrected { why: fault.name().to_owned(), point });
    }

    fn moment(&self, scene: Scene<'_>, hint: Option<&HintDue>, wrong: &str) -> Result<String, LlmError> {
        let state = scene.state;
        let phase = state.phase.and_then(|phase| state.start.plan.phases.get(phase));
        let left_s = state.left_in_phase_ms(scene.active_ms).unwrap_or(0) / 1000;
        let drawing = match (scene.ask, state.drawings.last()) {
            (Ask::Drawing, Some((_, source))) => sanitise(&told(source)).chars().take(2000).collect(),
            _ => String::new(),
        };
        let values = MomentValues {
            phase: phase.map_or("", |phase| phase.title.as_str()),
            phase_left: face(left_s),
            left: face(state.left_ms(scene.active_ms) / 1000),
            hurry: left_s < HURRY_S,
            exhausted: {
                let heard = candidate_words(state);
                *scene.ask == Ask::Reply && self.is_exhausted(state, &Prepared::new(&heard))
            },
            hint: hint.map(|hint| HintValues { id: &hint.point, text: &hint.text }),
            clarify: *scene.ask == Ask::Clarify,
            drawing,
            wrong,
        };
        Ok(self.prompts.text("moment", &values)?.trim().to_owned())
    }

    fn condense(
        &mut self,
        state: &State,
        window: Window,
        room: usize,
        cancel: &Cancel,
    ) -> Result<Window, LlmError> {
        let to = memory::cut(state, &window, room);
        self.random = self.random.wrapping_add(1);
        let fence = self.random.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let condensed =
            memory::condense(self.model.as_ref(), &self.prompts, state, &window, to, fence, cancel);
        let summary = match condensed {
            Ok(summary) if !summary.is_empty() => summary,
            Err(error) if error.is_cancelled() => return Err(error),
            // Worse than a summary, better than silence: the interview goes on.
            Ok(_) | Err(_) => memory::excerpt(state, &window, to, room),
        };
        let phase = state.phase.unwrap_or(0);
        self.events.push(Event::Condensed { phase, turns: to, text: summary.clone() });
        Ok(Window { from: to, summary })
    }

    /// The point that a hint is due for, and the rung.
    fn next_hint(&self, state: &State) -> Option<HintDue> {
        let phase = state.phase.and_then(|phase| state.start.plan.phases.get(phase));
        let phase = phase.map_or("", |phase| phase.id.as_str());
        let asked =
            state.said.iter().rev().flat_map(|said| said.acts.iter().rev()).find_map(|act| match act {
                Act::Probe { id } | Act::FollowUp { id } | Act::Hint { id, .. } => Some(id.clone()),
                _ => None,
            });
        let heard = candidate_words(state);
        let heard = Prepared::new(&heard);
        let open = |point: &&Point| point.phase == phase && !self.leaks.is_said(&point.id, &heard);
        let point = self
            .problem
            .points
            .iter()
            .filter(open)
            .find(|point| asked.as_ref() == Some(&point.id))
            .or_else(|| self.problem.points.iter().find(open))?;
        let rung = state.hints.get(&point.id).map_or(1, |rung| (rung + 1).min(3));
        let text = point.hints[usize::from(rung) - 1].clone();
        Some(HintDue { point: point.id.clone(), rung, text })
    }

    /// What the model may not say, the pack can: the next question, or the hint as it is written.
    fn own_words(
        &self,
        state: &State,
        hint: Option<&HintDue>,
        shown: &mut String,
        show: &mut dyn FnMut(&str),
    ) -> Reply {
        let phase = state.phase.and_then(|phase| state.start.plan.phases.get(phase));
        let heard = candidate_words(state);
        let heard = Prepared::new(&heard);
        let next = self.problem.points.iter().find(|point| {
            phase.is_some_and(|phase| phase.id == point.phase)
                && !state.asked.contains_key(&point.id)
                && !self.problem.change.opens.contains(&point.id)
                && !self.leaks.is_said(&point.id, &heard)
        });
        let (words, act) = match (hint, next) {
            (Some(hint), _) => (hint.text.as_str(), hint.act()),
            (None, Some(point)) => (point.probe.as_str(), Act::Probe { id: point.id.clone() }),
            (None, None) => {
                let text = shown.trim().to_owned();
                return Reply { text, phase_done: true, ..Reply::default() };
            }
        };
        let gap = if shown.is_empty() || shown.ends_with(char::is_whitespace) { "" } else { " " };
        let words = format!("{gap}{words}");
        shown.push_str(&words);
        show(&words);
        Reply { text: shown.trim().to_owned(), acts: vec![act], ..Reply::default() }
    }

    /// What the reply does: as the model says, and as its words show.
    fn finished(&self, state: &State, shown: &str, tags: &[Tag], hint: Option<&HintDue>) -> Reply {
        let text = shown.trim().to_owned();
        let mut acts: Vec<Act> = tags.iter().filter_map(|tag| tag.act(&self.problem, state)).collect();
        if acts.is_empty() && hint.is_none() && text.contains('?') {
            let phase = state.phase.and_then(|phase| state.start.plan.phases.get(phase));
            let points = self.problem.points.iter();
            let here = points.filter(|point| phase.is_some_and(|phase| phase.id == point.phase));
            acts.extend(asked_about(&text, here).map(|point| {
                let id = point.id.clone();
                if state.asked.contains_key(&id) { Act::FollowUp { id } } else { Act::Probe { id } }
            }));
        }
        if let Some(hint) = hint {
            acts.retain(|act| !matches!(act, Act::Hint { .. }));
            acts.push(hint.act());
        }
        acts.dedup();
        Reply { text, acts, phase_done: tags.contains(&Tag::Done), partial: false }
    }

    fn note_usage(&mut self, by: &str) {
        if let Some(usage) = self.model.take() {
            self.events.push(Event::Used { by: by.to_owned(), usage });
        }
    }

    /// Evidence of the beginning that was collected in the background and still holds; it is kept.
    fn collected(&mut self, transcript: &Transcript, cancel: &Cancel) -> Result<Vec<Collected>, LlmError> {
        if cancel.wait(Duration::MAX, || self.background.iter().all(|part| part.evidence.is_done())) {
            return Err(ModelError::Cancelled { partial: String::new() }.into());
        }
        let (mut collected, mut from) = (Vec::new(), 0);
        for part in std::mem::take(&mut self.background) {
            let to = from + part.turns.len();
            let holds = transcript.turns.get(from..to).is_some_and(|turns| turns == part.turns);
            match part.evidence.finish() {
                Some(more) if holds => {
                    collected.extend(more.iter().cloned());
                    self.background.push(Background { turns: part.turns, evidence: Collecting::Done(more) });
                }
                // A turn was taken back, or the provider failed: from here on all is read again.
                _ => break,
            }
            from = to;
        }
        Ok(collected)
    }
}

impl Coach for LlmCoach {
    fn name(&self) -> String {
        format!("llm:{}", self.model.name())
    }

    fn reply(
        &mut self,
        scene: Scene<'_>,
        cancel: &Cancel,
        show: &mut dyn FnMut(&str),
    ) -> Result<Reply, CoachError> {
        let mut shown = String::new();
        let model = Arc::clone(&self.model);
        let result = smaller_until_it_fits(model.as_ref(), || self.say(scene, cancel, &mut shown, show));
        self.note_usage("reply");
        result.map_err(|error| failed(&error, shown))
    }

    fn grade(&mut self, state: &State, cancel: &Cancel) -> Result<InterviewGrade, CoachError> {
        self.note_usage("reply");
        let transcript = state.transcript();
        let collected = self.collected(&transcript, cancel).map_err(|error| failed(&error, String::new()))?;
        let hints = state.hints.iter().map(|(id, rung)| (id.clone(), usize::from(*rung))).collect();
        let input = JudgeInput {
            transcript: &transcript,
            problem: Some(&self.problem),
            rubric: &self.rubric,
            hints: &hints,
            level: state.start.level,
        };
        let graded = self.judge.grade(&input, &collected, cancel);
        let usage = self.model.take();
        self.events.extend(usage.map(|usage| Event::Used { by: "grade".to_owned(), usage }));
        let grade = graded.map_err(|error| failed(&error, String::new()))?;
        Ok(InterviewGrade { usage, ..grade })
    }

    fn phase_ended(&mut self, state: &State) {
        if state.ended.is_some() {
            return;
        }
        let transcript = state.transcript();
        let from = self.background.iter().map(|part| part.turns.len()).sum::<usize>();
        let to = transcript.turns.len();
        let spoken = transcript.turns.get(from..to).unwrap_or_default();
        if !spoken.iter().any(|turn| turn.speaker == Speaker::Candidate) {
            return;
        }
        let turns = spoken.to_vec();
        let (judge, problem, rubric) = (self.judge.clone(), self.problem.clone(), self.rubric.clone());
        let (level, cancel) = (state.start.level, self.stop_background.clone());
        let collecting = std::thread::spawn(move || {
            let hints = std::collections::BTreeMap::new();
            let input = JudgeInput {
                transcript: &transcript,
                problem: Some(&problem),
                rubric: &rubric,
                hints: &hints,
                level,
            };
            judge.collect(&input, from..to, &cancel)
        });
        self.background.push(Background { turns, evidence: Collecting::Running(collecting) });
    }

    fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }
}

impl Drop for LlmCoach {
    fn drop(&mut self) {
        self.stop_background.cancel();
    }
}

struct HintDue {
    point: String,
    rung: u8,
    text: String,
}

impl HintDue {
    fn act(&self) -> Act {
        Act::Hint { id: self.point.clone(), rung: self.rung }
    }
}

/// Every name that `prompts/moment.md` may use.
#[derive(Serialize)]
struct MomentValues<'a> {
    phase: &'a str,
    phase_left: String,
    left: String,
    hurry: bool,
    exhausted: bool,
    hint: Option<HintValues<'a>>,
    clarify: bool,
    drawing: String,
    wrong: &'a str,
}

#[derive(Serialize)]
struct HintValues<'a> {
    id: &'a str,
    text: &'a str,
}

fn failed(error: &LlmError, mut partial: String) -> CoachError {
    partial.truncate(partial.floor_char_boundary(MOST_KEPT));
    if error.is_cancelled() {
        return CoachError::Stopped { partial };
    }
    CoachError::Failed { message: error.to_string(), hint: error.hint(), partial }
}

/// A reply that broke off before a word was shown is worth asking for again; a wrong key is not.
fn worth_another_try(error: &ModelError) -> bool {
    matches!(error, ModelError::BrokeOff { .. })
}

fn candidate_words(state: &State) -> String {
    let turns = state.said.iter().filter(|said| said.speaker == Speaker::Candidate);
    turns.map(|said| said.text.as_str()).collect::<Vec<_>>().join("\n")
}

fn interviewer_words(state: &State) -> Vec<String> {
    let turns = state.said.iter().filter(|said| said.speaker == Speaker::Interviewer);
    turns.map(|said| said.text.clone()).collect()
}

/// Minutes and seconds.
fn face(seconds: i64) -> String {
    let sign = if seconds < 0 { "-" } else { "" };
    format!("{sign}{}:{:02}", seconds.abs() / 60, seconds.abs() % 60)
}
