//! One line of bulk grading: what comes in, what goes out.

use serde::Serialize;
use serde_json::Value;

use crate::coach::{AnswerRequest, GradeError};
use crate::grading::AnswerGrade;
use crate::text::tame_json;

/// A line that can be graded, or why not; with its id as far as it can be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The id as it came: a string, a number, or nothing.
    pub id: Value,
    /// What is asked of the grader.
    pub request: Result<AnswerRequest, GradeError>,
}

#[derive(Serialize)]
struct Graded<'a> {
    id: &'a Value,
    #[serde(flatten)]
    grade: &'a AnswerGrade,
}

#[derive(Serialize)]
struct Failed<'a> {
    id: &'a Value,
    error: &'a GradeError,
}

impl Line {
    /// Reads one line of input; `number` names it in messages, from 1.
    pub fn parse(bytes: &[u8], number: u64) -> Self {
        let bad =
            |message: String| GradeError::new(GradeError::BAD_INPUT, format!("line {number}: {message}"));
        let Ok(text) = std::str::from_utf8(bytes) else {
            let id = find_id(&String::from_utf8_lossy(bytes));
            return Self { id, request: Err(bad("not UTF-8".into())) };
        };
        let text = text.trim_start_matches('\u{feff}');
        match serde_json::from_str::<Value>(text) {
            Ok(Value::Object(object)) => {
                let id = object.get("id").filter(|id| id.is_string() || id.is_number()).cloned();
                let request = request(&object).map_err(bad);
                Self { id: id.unwrap_or(Value::Null), request }
            }
            Ok(_) => Self { id: Value::Null, request: Err(bad("not a JSON object".into())) },
            Err(error) => {
                let message = format!("no valid JSON, column {}", error.column());
                Self { id: find_id(text), request: Err(bad(message)) }
            }
        }
    }

    /// A line too long to be read.
    pub fn too_long(id: Value, number: u64, most: usize) -> Self {
        let message = format!("line {number}: longer than {} MiB", most >> 20);
        Self { id, request: Err(GradeError::new(GradeError::BAD_INPUT, message)) }
    }
}

/// The line that goes out, without its line end.
pub fn output(id: &Value, result: &Result<AnswerGrade, GradeError>) -> String {
    let written = match result {
        Ok(grade) => serde_json::to_string(&Graded { id, grade }),
        Err(error) => serde_json::to_string(&Failed { id, error }),
    };
    // Only maps with keys that are no strings cannot be written; there is none here.
    tame_json(&written.unwrap_or_default()).into_owned()
}

fn request(object: &serde_json::Map<String, Value>) -> Result<AnswerRequest, String> {
    let text = |key: &str| match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("`{key}` must be a string")),
    };
    let question_id = text("question_id")?;
    let question = text("question")?;
    if question.is_none() && question_id.is_none() {
        return Err("`question` is missing".into());
    }
    let answer = text("answer")?.ok_or("`answer` is missing")?;
    let max_score = match object.get("max_score") {
        None | Some(Value::Null) => 10.0,
        Some(value) => value
            .as_f64()
            .filter(|most| most.is_finite() && *most > 0.0)
            .ok_or("`max_score` must be a number above 0")?,
    };
    Ok(AnswerRequest {
        question: question.unwrap_or_default(),
        question_id,
        reference: text("reference")?,
        answer,
        max_score,
    })
}

/// The id in a line that is no JSON: the first `"id": "..."` or number.
pub fn find_id(text: &str) -> Value {
    let found = text.match_indices("\"id\"").find_map(|(at, key)| {
        let value = text[at + key.len()..].trim_start().strip_prefix(':')?.trim_start();
        serde_json::Deserializer::from_str(value).into_iter::<Value>().next()?.ok()
    });
    found.filter(|id| id.is_string() || id.is_number()).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_line_keeps_its_id_and_says_what_is_wrong() {
        let rows = [
            (
                r#"{"id":"a","question":"Q","answer":5}"#,
                Value::from("a"),
                "line 7: `answer` must be a string",
            ),
            (r#"{"id":3,"question":"Q"}"#, Value::from(3), "line 7: `answer` is missing"),
            (r#"{"id":"b","answer":"A"}"#, Value::from("b"), "line 7: `question` is missing"),
            (
                r#"{"id":"c","question":"Q","answer":"A","max_score":0}"#,
                Value::from("c"),
                "line 7: `max_score` must be a number above 0",
            ),
            (r#"{"id":"d","question":"Q,"#, Value::from("d"), "line 7: no valid JSON, column 24"),
            ("[1]", Value::Null, "line 7: not a JSON object"),
            ("", Value::Null, "line 7: no valid JSON, column 0"),
        ];
        for (text, id, message) in rows {
            let line = Line::parse(text.as_bytes(), 7);
            assert_eq!(line.id, id, "{text}");
            assert_eq!(line.request.expect_err("a bad line").message, message, "{text}");
        }
        let line = Line::parse(b"{\"id\":\"e\",\"question\":\"\xff\"}", 1);
        assert_eq!(line.id, Value::from("e"));
    }
}
