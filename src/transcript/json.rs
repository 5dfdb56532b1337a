//! PURE. JSON transcripts: chat messages, Whisper segments, utterances of other services, greenroom's
//! own exports, and any array of objects that have a text and perhaps a speaker and a time.

use serde_json::{Map, Value};

use super::read::{Format, MOST_UTTERANCES, ReadError, Utterance, clock};

const TEXT: [&str; 8] = ["text", "content", "utterance", "message", "transcript", "body", "said", "sentence"];
const NAME: [&str; 12] = [
    "speaker",
    "role",
    "speaker_name",
    "speakerName",
    "speaker_label",
    "name",
    "author",
    "participant",
    "from",
    "user",
    "username",
    "sender",
];
const START: [&str; 14] = [
    "start",
    "start_time",
    "startTime",
    "start_s",
    "at_seconds",
    "at",
    "timestamp",
    "time",
    "offset",
    "begin",
    "begin_time",
    "start_ms",
    "ts",
    "startTimestamp",
];
const END: [&str; 7] = ["end", "end_time", "endTime", "end_s", "stop", "end_ms", "endTimestamp"];
/// Deepest nesting in which turns are looked for.
const DEPTH: usize = 8;

/// Reads a JSON document, or one object a line.
pub(super) fn read(text: &str) -> Result<(Format, Vec<Utterance>), ReadError> {
    match serde_json::from_str::<Value>(text) {
        Ok(value) => Ok((Format::Json, turns(&value)?)),
        Err(error) => match lines(text) {
            Some(values) => {
                let found = own_log(&values).map_or_else(|| turns(&Value::Array(values)), Ok)?;
                Ok((Format::JsonLines, found))
            }
            None => {
                Err(ReadError::BrokenJson { line: error.line(), column: error.column(), cut: error.is_eof() })
            }
        },
    }
}

fn lines(text: &str) -> Option<Vec<Value>> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.len() < 2 || lines.len() > MOST_UTTERANCES {
        return None;
    }
    lines.into_iter().map(|line| serde_json::from_str::<Value>(line).ok().filter(Value::is_object)).collect()
}

/// A session's log as greenroom exports it: what was taken back was not said.
fn own_log(values: &[Value]) -> Option<Vec<Utterance>> {
    let event = |value: &Value, name: &str| value["event"]["event"] == name;
    let start = values.first().filter(|first| event(first, "started"))?;
    let phases = &start["event"]["plan"]["phases"];
    let mut heading = None;
    let mut found: Vec<Utterance> = Vec::new();
    for value in values {
        if event(value, "phase_entered") {
            let phase = value["event"]["phase"].as_u64().and_then(|index| usize::try_from(index).ok())?;
            heading = phases[phase]["id"].as_str().map(str::to_owned);
        } else if event(value, "said") {
            let name = value["event"]["speaker"].as_str().map(str::to_owned);
            let text = value["event"]["text"].as_str().unwrap_or_default().to_owned();
            let start = value["active_ms"].as_f64().map(|ms| ms / 1000.0);
            found.push(Utterance { name, start, end: None, text, heading: heading.clone() });
        } else if event(value, "took_back") {
            let last = found.iter().rposition(|said| said.name.as_deref() == Some("candidate"));
            found.truncate(last.unwrap_or(found.len()));
        }
    }
    Some(found).filter(|found| !found.is_empty())
}

fn turns(value: &Value) -> Result<Vec<Utterance>, ReadError> {
    let mut best: (usize, Vec<Utterance>) = (0, Vec::new());
    search(value, 0, &mut best);
    if best.1.is_empty() {
        // Whisper's plain answer has a text and nothing else.
        let text = value.get("text").and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        let Some(text) = text else { return Err(ReadError::NoTurns) };
        best.1 = vec![Utterance { text: text.to_owned(), ..Utterance::default() }];
    }
    let mut found = best.1;
    seconds_from_milliseconds(&mut found);
    Ok(found)
}

/// Keeps the array that says most; one whose objects name speakers beats one whose do not.
fn search(value: &Value, depth: usize, best: &mut (usize, Vec<Utterance>)) {
    if depth > DEPTH {
        return;
    }
    match value {
        Value::Array(items) => {
            let found: Vec<Utterance> = items
                .iter()
                .take(MOST_UTTERANCES)
                .filter_map(Value::as_object)
                .filter_map(utterance)
                .collect();
            let words: usize = found.iter().map(|u| u.text.split_whitespace().count()).sum();
            let named = found.iter().any(|utterance| utterance.name.is_some());
            // Single words with times are the finer copy of the segments beside them.
            let pieces = if found.len() * 2 > words { 1 } else { 4 };
            let weight = words * if named { 2 * pieces } else { pieces };
            if weight > best.0 {
                *best = (weight, found);
            }
            items.iter().take(MOST_UTTERANCES).for_each(|item| search(item, depth + 1, best));
        }
        Value::Object(fields) => fields.values().for_each(|field| search(field, depth + 1, best)),
        _ => {}
    }
}

fn utterance(fields: &Map<String, Value>) -> Option<Utterance> {
    // An event of a session's log wraps the turn.
    let inner = ["event", "body", "turn", "message"].iter().find_map(|key| fields.get(*key)?.as_object());
    let text = TEXT.iter().find_map(|key| fields.get(*key).and_then(said));
    let Some(text) = text else {
        let mut found = utterance(inner?)?;
        found.name = found.name.or_else(|| name(fields));
        found.start = found.start.or_else(|| time(fields, &START));
        return Some(found);
    };
    let name = name(fields);
    if matches!(name.as_deref(), Some("system" | "developer" | "tool" | "function")) {
        return None;
    }
    let heading = ["phase", "section"].iter().find_map(|key| fields.get(*key)?.as_str()).map(str::to_owned);
    Some(Utterance { name, start: time(fields, &START), end: time(fields, &END), text, heading })
}

/// A string, or the text parts of a message.
fn said(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Array(parts) => {
            let texts: Vec<&str> = parts
                .iter()
                .filter_map(|part| part.as_str().or_else(|| part.get("text").and_then(Value::as_str)))
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .collect();
            (!texts.is_empty()).then(|| texts.join("\n"))
        }
        _ => None,
    }
}

fn name(fields: &Map<String, Value>) -> Option<String> {
    NAME.iter().find_map(|key| match fields.get(*key)? {
        Value::String(name) => Some(name.trim().to_owned()).filter(|name| !name.is_empty()),
        Value::Number(number) => Some(format!("Speaker {number}")),
        Value::Object(inner) => ["name", "role", "display_name"]
            .iter()
            .find_map(|key| inner.get(*key)?.as_str())
            .map(str::to_owned),
        _ => None,
    })
}

fn time(fields: &Map<String, Value>, keys: &[&str]) -> Option<f64> {
    keys.iter().find_map(|key| {
        let seconds = match fields.get(*key)? {
            Value::Number(number) => number.as_f64()?,
            Value::String(text) => {
                clock(text.trim()).or_else(|| text.trim().trim_end_matches('s').parse().ok())?
            }
            _ => return None,
        };
        let seconds = if key.ends_with("_ms") { seconds / 1000.0 } else { seconds };
        (seconds.is_finite() && (0.0..1e13).contains(&seconds)).then_some(seconds)
    })
}

/// Some services count milliseconds: nobody needs a minute for a word.
fn seconds_from_milliseconds(found: &mut [Utterance]) {
    let words: usize = found.iter().map(|u| u.text.split_whitespace().count()).sum();
    let first = found.iter().find_map(|u| u.start).unwrap_or(0.0);
    let last = found.iter().rev().find_map(|u| u.start).unwrap_or(0.0);
    if last - first > 30.0 * (words as f64) + 7200.0 {
        for utterance in found {
            utterance.start = utterance.start.map(|start| start / 1000.0);
            utterance.end = utterance.end.map(|end| end / 1000.0);
        }
    }
}
