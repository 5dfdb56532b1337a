//! What of an interview a model is sent: the same beginning every time, the turns, the moment at the end.
//!
//! When the turns outgrow the model's context, the older ones are condensed, and the log says so;
//! nothing is ever left out silently.

use serde::Serialize;
use serde_json::json;

use super::prompts::{Fence, Prompts};
use super::study::{self, Study};
use super::{LlmError, PromptError};
use crate::grading::{Rubric, SeniorityLevel};
use crate::interview::{Said, State};
use crate::material::{LevelNotes, Problem};
use crate::model::{Cancel, ChatModel, ChatRequest, Message, Role, tokens};
use crate::text::sanitise;
use crate::transcript::Speaker;

/// Tokens kept for a reply.
pub(super) const REPLY: u32 = 320;
/// Tokens that a chat template adds to a message, about.
const PER_MESSAGE: usize = 6;
/// Tokens of study material, at most, and of the words around it.
const MOST_MATERIAL: usize = 3000;
const FENCE: usize = 120;
/// Most bytes of one turn that are sent; a longer one is sent with its beginning and end.
const LONGEST_TURN: usize = 6000;

/// How much of the brief is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Detail {
    /// Everything.
    Full,
    /// No study material, no rubric.
    NoRubric,
    /// The agenda of the current phase only.
    OnePhase,
    /// The same without ways to ask.
    Least,
}

/// Every name that `prompts/interviewer.md` may use.
#[derive(Serialize)]
struct InterviewerValues<'a> {
    max_words: usize,
    style: &'a str,
    level: &'a str,
    expected: &'a str,
    statement: &'a str,
    facts: Vec<serde_json::Value>,
    points: Vec<serde_json::Value>,
    change: &'a str,
    failures: Vec<serde_json::Value>,
    criteria: Vec<serde_json::Value>,
    fence: &'a str,
    material: &'a str,
}

/// What the instructions are made from.
#[derive(Clone, Copy)]
pub(super) struct Brief<'a> {
    pub(super) problem: &'a Problem,
    pub(super) rubric: &'a Rubric,
    pub(super) study: &'a Study,
}

/// The role of each turn, and where the summary ends.
pub(super) struct Window {
    /// Turns before this one are in the summary.
    pub(super) from: usize,
    /// The summary; empty if there is none.
    pub(super) summary: String,
}

impl Window {
    pub(super) fn of(state: &State) -> Self {
        match state.condensed.last() {
            Some((turns, text)) => Self { from: (*turns).min(state.said.len()), summary: text.clone() },
            None => Self { from: 0, summary: String::new() },
        }
    }
}

/// The instructions: byte for byte the same from turn to turn (from phase to phase, if little fits).
pub(super) fn instructions(
    prompts: &Prompts,
    brief: Brief<'_>,
    state: &State,
    detail: Detail,
    material: &str,
) -> Result<String, PromptError> {
    let problem = brief.problem;
    let fence = Fence::new(study::number_of(material));
    let material = fence.guard(material).0;
    let phases = &state.start.plan.phases;
    let now = state.phase.and_then(|phase| phases.get(phase)).map_or("", |phase| phase.id.as_str());
    let title =
        |id: &str| phases.iter().find(|phase| phase.id == id).map_or(id.to_owned(), |p| p.title.clone());
    let one_phase = detail >= Detail::OnePhase;
    let points = problem.points.iter().filter(|point| !one_phase || point.phase == now);
    let probe = |text: &str| if detail == Detail::Least { String::new() } else { text.to_owned() };
    let values = InterviewerValues {
        max_words: super::check::MAX_WORDS,
        style: state.start.style.name(),
        level: state.start.level.name(),
        expected: expected(&problem.levels, state.start.level),
        statement: &problem.statement,
        facts: problem.facts.iter().map(|fact| json!({"id": fact.id, "answer": fact.answer})).collect(),
        points: points
            .map(|p| json!({"id": p.id, "phase": title(&p.phase), "text": p.text, "probe": probe(&p.probe)}))
            .collect(),
        change: if one_phase && now != "detailed_design" { "" } else { &problem.change.announcement },
        failures: problem
            .failures
            .iter()
            .filter(|_| !one_phase || now == "discussion")
            .map(|failure| json!({"id": failure.id, "scenario": failure.scenario}))
            .collect(),
        criteria: brief
            .rubric
            .criteria
            .iter()
            .filter(|_| detail == Detail::Full)
            .map(|criterion| json!({"title": criterion.title, "asks": criterion.asks}))
            .collect(),
        fence: fence.mark(),
        material: &material,
    };
    prompts.text("interviewer", &values)
}

fn expected(levels: &LevelNotes, level: SeniorityLevel) -> &str {
    match level {
        SeniorityLevel::Mid => &levels.mid,
        SeniorityLevel::Senior => &levels.senior,
        SeniorityLevel::Staff => &levels.staff,
    }
}

/// The most detailed instructions that leave half of the room for the conversation; study material
/// takes what is left of the other half.
pub(super) fn fitting(
    prompts: &Prompts,
    brief: Brief<'_>,
    state: &State,
    room: usize,
) -> Result<String, PromptError> {
    let mut text = String::new();
    for detail in [Detail::Full, Detail::NoRubric, Detail::OnePhase, Detail::Least] {
        text = instructions(prompts, brief, state, detail, "")?;
        // The bound is an eighth above the count, which would need the vocabulary.
        if tokens::at_most(&text) > room * 9 / 16 {
            continue;
        }
        let left = (room / 2).saturating_sub(tokens::at_most(&text) + FENCE).min(MOST_MATERIAL);
        if detail == Detail::Full && left > 0 {
            let problem = brief.problem;
            let points = problem.points.iter().map(|point| point.text.as_str());
            let material = brief.study.about(points.chain([problem.statement.as_str()]), left);
            if !material.is_empty() {
                text = instructions(prompts, brief, state, detail, &material)?;
            }
        }
        break;
    }
    Ok(text)
}

/// Tokens that fit beside the reply; a tenth is kept because other models count otherwise.
pub(super) fn room(model: &dyn ChatModel) -> usize {
    (model.context_window() as usize * 9 / 10).saturating_sub(REPLY as usize).max(512)
}

/// Tokens of a whole request, or a bound for them where that is enough to know that it fits.
pub(super) fn size(messages: &[Message], room: usize) -> usize {
    let overhead = messages.len() * PER_MESSAGE;
    let bound: usize = messages.iter().map(|message| tokens::at_most(&message.text)).sum();
    if bound + overhead <= room {
        return bound + overhead;
    }
    overhead + messages.iter().map(|message| tokens::count(&message.text)).sum::<usize>()
}

/// The conversation as messages: instructions, the beginning, the turns, the moment.
///
/// Turns of one speaker that follow each other are one message: some chat templates take no other.
pub(super) fn messages(
    prompts: &Prompts,
    instructions: &str,
    state: &State,
    window: &Window,
    moment: &str,
) -> Result<Vec<Message>, PromptError> {
    let begin = prompts.text("begin", &json!({"summary": window.summary}))?;
    let mut messages = vec![Message::system(instructions.trim()), Message::user(begin.trim())];
    for said in &state.said[window.from..] {
        let role = if said.speaker == Speaker::Candidate { Role::User } else { Role::Assistant };
        let text = shown(said);
        match messages.last_mut() {
            Some(last) if last.role == role => {
                last.text.push_str("\n\n");
                last.text.push_str(&text);
            }
            _ => messages.push(Message { role, text, images: Vec::new() }),
        }
    }
    match messages.last_mut() {
        Some(last) if last.role == Role::User => {
            last.text.push_str("\n\n");
            last.text.push_str(moment);
        }
        _ => messages.push(Message::user(moment)),
    }
    Ok(messages)
}

/// A turn as it is sent.
fn shown(said: &Said) -> String {
    let text = sanitise(&said.text);
    if text.len() <= LONGEST_TURN {
        return text;
    }
    let head = text.floor_char_boundary(LONGEST_TURN * 2 / 3);
    let tail = text.ceil_char_boundary(text.len() - LONGEST_TURN / 3);
    format!("{} [... {} characters left out ...] {}", &text[..head], tail - head, &text[tail..])
}

/// Where to cut when the conversation outgrows the context: at the start of the current phase if
/// there is something before it, else so that about a third of the room stays for the latest turns.
pub(super) fn cut(state: &State, window: &Window, room: usize) -> usize {
    let phase_start = state.said.iter().position(|said| said.phase == state.phase).unwrap_or(0);
    let latest = state.said.len().saturating_sub(2);
    let mut kept = 0;
    let mut from = state.said.len();
    while from > window.from {
        kept += tokens::count(&shown(&state.said[from - 1])) + PER_MESSAGE;
        if kept > room / 3 {
            break;
        }
        from -= 1;
    }
    let cut = if phase_start > window.from && phase_start >= from { phase_start } else { from };
    cut.clamp(window.from.min(latest), latest.max(window.from))
}

/// Condenses the turns from `window.from` to `to`, on top of the earlier summary.
pub(super) fn condense(
    model: &dyn ChatModel,
    prompts: &Prompts,
    state: &State,
    window: &Window,
    to: usize,
    random: u64,
    cancel: &Cancel,
) -> Result<String, LlmError> {
    let fence = Fence::new(random);
    let room = room(model);
    let max_words = (room / 8).clamp(60, 400);
    let part_room = room.saturating_sub(room / 4 + 200).max(300);
    let mut summary = window.summary.clone();
    let mut from = window.from;
    while from < to {
        let (mut end, mut used) = (from, 0);
        while end < to {
            used += tokens::count(&shown(&state.said[end])) + PER_MESSAGE;
            if used > part_room && end > from {
                break;
            }
            end += 1;
        }
        let turns: Vec<_> = state.said[from..end]
            .iter()
            .map(|said| {
                let speaker = if said.speaker == Speaker::Candidate { "Candidate" } else { "Interviewer" };
                json!({"speaker": speaker, "text": fence.guard(&shown(said)).0})
            })
            .collect();
        let earlier = fence.guard(&summary).0;
        let values =
            json!({"max_words": max_words, "earlier": earlier, "fence": fence.mark(), "turns": turns});
        let request = ChatRequest {
            messages: prompts.render("condense", &values)?,
            temperature: Some(0.0),
            max_output_tokens: Some((max_words * 2) as u32),
            delivery: crate::model::Delivery::Whole,
            ..ChatRequest::default()
        };
        summary = sanitise(&model.complete(&request, cancel, &mut |_| ())?.text).trim().to_owned();
        from = end;
    }
    Ok(summary)
}

/// A summary without a model: the beginning of each turn. Used when the model cannot condense.
pub(super) fn excerpt(state: &State, window: &Window, to: usize, room: usize) -> String {
    let turns = to.saturating_sub(window.from).max(1);
    let words = (room / 4 / turns).clamp(4, 24);
    let mut lines = vec![window.summary.clone()];
    for said in &state.said[window.from..to] {
        let speaker = if said.speaker == Speaker::Candidate { "Candidate" } else { "Interviewer" };
        let beginning: Vec<&str> = said.text.split_whitespace().take(words).collect();
        lines.push(format!("{speaker}: {} ...", beginning.join(" ")));
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}
