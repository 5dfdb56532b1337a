//! PURE. A session's log as others may see it: what [`super::shared`] takes out of a report, taken out of
//! every record, so that the log can still be read, graded and reported on.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::share::{UNTITLED, cleaned, grader};
use crate::interview::{Event, Record, ReplayError, SessionKind, State};
use crate::transcript::Anonymous;

/// `log` without what `anonymous` takes out, private notes, failures and cost. Its time begins at zero:
/// what is left tells how long things took, and no day.
///
/// # Errors
///
/// [`ReplayError`] if `log` is no session.
pub fn shared_log(log: &[Record], anonymous: &Anonymous) -> Result<Vec<Record>, ReplayError> {
    let begun = log.first().map_or(0, |record| record.at_ms);
    let mut kept: Vec<Record> = Vec::with_capacity(log.len());
    let mut state: Option<State> = None;
    for record in log {
        let Some(event) = shared_event(&record.event, state.as_ref(), anonymous) else { continue };
        let seq = kept.len() as u64;
        let record = Record { seq, at_ms: record.at_ms - begun, active_ms: record.active_ms, event };
        match &mut state {
            None => state = Some(State::replay([&record])?),
            Some(state) => state.apply(&record)?,
        }
        kept.push(record);
    }
    Ok(kept)
}

/// `None` for what others have no business with.
fn shared_event(event: &Event, state: Option<&State>, anonymous: &Anonymous) -> Option<Event> {
    let mut event = event.clone();
    match &mut event {
        Event::Noted { .. } | Event::Used { .. } | Event::CoachFailed { .. } | Event::GradeFailed { .. } => {
            return None;
        }
        Event::Started(start) => {
            start.title = match (&start.problem, start.kind) {
                // It may be a file's name.
                (None, SessionKind::Review) => UNTITLED.to_owned(),
                _ => anonymous.clean(&start.title),
            };
            start.coach = grader(&start.coach);
            start.forked_from = None;
        }
        Event::Said { text, .. } | Event::Condensed { text, .. } | Event::Answered { text } => {
            *text = anonymous.clean(text);
        }
        Event::Drawn { source, .. } => *source = anonymous.clean(source),
        Event::DrawingReviewed { review } => *review = words_cleaned(review, anonymous)?,
        Event::CoachSwitched { coach } => *coach = grader(coach),
        Event::Graded { grade } => **grade = cleaned(grade, &state?.transcript(), anonymous),
        Event::Asked { question, reference, .. } => {
            *question = anonymous.clean(question);
            *reference = reference.as_deref().map(|text| anonymous.clean(text));
        }
        Event::AnswerGraded { grade } => {
            let by = grader(&grade.grader);
            *grade = words_cleaned(grade, anonymous)?;
            (grade.grader, grade.usage) = (by, None);
        }
        Event::Imported { files, provenance, .. } => {
            *files = (1..=files.len()).map(|number| format!("transcript-{number}")).collect();
            for speaker in provenance.iter_mut().flat_map(|from| &mut from.speakers) {
                speaker.name = "[name]".to_owned();
            }
        }
        Event::PhaseEntered { .. }
        | Event::Warned { .. }
        | Event::TookBack
        | Event::HintAsked
        | Event::Paused { .. }
        | Event::Resumed { .. }
        | Event::Corrected { .. }
        | Event::Ended { .. } => {}
    }
    Some(event)
}

/// `value` with each of its strings cleaned; `None` if it cannot be read again then: it is left out.
fn words_cleaned<T: Serialize + DeserializeOwned>(value: &T, anonymous: &Anonymous) -> Option<T> {
    let mut json = serde_json::to_value(value).ok()?;
    clean(&mut json, anonymous);
    serde_json::from_value(json).ok()
}

fn clean(json: &mut Value, anonymous: &Anonymous) {
    match json {
        Value::String(text) => *text = anonymous.clean(text),
        Value::Array(values) => values.iter_mut().for_each(|value| clean(value, anonymous)),
        Value::Object(values) => values.values_mut().for_each(|value| clean(value, anonymous)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
