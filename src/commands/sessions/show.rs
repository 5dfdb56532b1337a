//! What was said in a session, as text, Markdown or JSON.

use serde_json::json;

use super::row;
use crate::cli::Format;
use crate::commands::Context;
use crate::error::{Exit, Failure};
use crate::interview::{Event, Record, SessionKind, State};
use crate::store::Store;
use crate::terminal::wrap;
use crate::text::sanitise;
use crate::transcript::Speaker;

/// Prints a session.
///
/// # Errors
///
/// [`Failure`] if it is not there or cannot be read.
pub(super) fn show(context: &mut Context<'_>, store: &Store, asked: &str) -> Result<Exit, Failure> {
    let listed = store.find(asked)?;
    let state = crate::commands::interview::state_of(store, &listed.id)?;
    let answers = match listed.summary.kind {
        SessionKind::Answer => answers(&store.read(&listed.id)?),
        _ => Vec::new(),
    };
    if context.format() == Format::Json {
        let mut turns: Vec<_> = state
            .transcript()
            .turns
            .iter()
            .map(|turn| json!({"speaker": turn.speaker, "at": turn.at_seconds, "phase": turn.phase, "text": turn.text}))
            .collect();
        turns.extend(
            answers
                .iter()
                .map(|(speaker, text)| json!({"speaker": speaker, "at": null, "phase": null, "text": text})),
        );
        let mut value = json!(row(&listed));
        value["transcript"] = json!(turns);
        context.json(&value)?;
        return Ok(Exit::Done);
    }
    let width = context.terminal.width;
    let text = match (context.format(), listed.summary.kind) {
        (Format::Md, _) => as_markdown(&state, &store.read(&listed.id)?),
        (_, SessionKind::Answer) => of_answers(&state, &answers, width, false),
        (_, _) => plain(&state, width),
    };
    context.out.write_all(text.as_bytes())?;
    Ok(Exit::Done)
}

/// A session's transcript as Markdown.
pub(super) fn as_markdown(state: &State, log: &[Record]) -> String {
    match state.start.kind {
        SessionKind::Answer => of_answers(state, &answers(log), 0, true),
        _ => markdown(state),
    }
}

/// The question, the answers, and what was said to them.
fn answers(log: &[Record]) -> Vec<(Speaker, String)> {
    let said = log.iter().filter_map(|record| match &record.event {
        Event::Asked { question, .. } => Some((Speaker::Interviewer, question.clone())),
        Event::Answered { text } => Some((Speaker::Candidate, text.clone())),
        Event::AnswerGraded { grade } => {
            let text = format!("{} of {}. {}", grade.score, grade.max_score, grade.feedback);
            Some((Speaker::Interviewer, text))
        }
        _ => None,
    });
    said.collect()
}

fn of_answers(state: &State, answers: &[(Speaker, String)], width: usize, markdown: bool) -> String {
    let title = sanitise(&state.start.title);
    let mut text = if markdown { format!("# {title}\n") } else { format!("{title}\n") };
    for (speaker, said) in answers {
        let (label, said) = (label(*speaker), sanitise(said));
        text += &match markdown {
            true => format!("\n**{label}**: {said}\n"),
            false => format!("\n{}\n", wrap(&format!("{label}: {said}"), width, "  ")),
        };
    }
    text
}

fn plain(state: &State, width: usize) -> String {
    let mut text = format!("{}\n", sanitise(&state.start.title));
    for (turn, said) in (1..).zip(&state.said) {
        let at = said.active_ms / 1000;
        let line = format!(
            "{turn} [{:02}:{:02}] {}: {}",
            at / 60,
            at % 60,
            label(said.speaker),
            sanitise(&said.text)
        );
        text += &format!("\n{}\n", wrap(&line, width, "  "));
    }
    text
}

fn markdown(state: &State) -> String {
    let mut text = format!("# {}\n", sanitise(&state.start.title));
    let mut phase = None;
    for said in &state.said {
        if said.phase != phase {
            phase = said.phase;
            if let Some(planned) = phase.and_then(|index| state.start.plan.phases.get(index)) {
                text += &format!("\n## {}\n", planned.title);
            }
        }
        let at = said.active_ms / 1000;
        text += &format!(
            "\n**{}** ({:02}:{:02}): {}\n",
            label(said.speaker),
            at / 60,
            at % 60,
            sanitise(&said.text)
        );
    }
    text
}

fn label(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::Candidate => "Candidate",
        Speaker::Interviewer => "Interviewer",
        Speaker::Other => "Other",
    }
}
