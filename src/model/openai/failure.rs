//! What a server's error means, whatever its shape. Touches nothing: bytes in, a verdict out.

use serde_json::Value;

use crate::model::{ModelError, Refusal};
use crate::text::sanitise;

/// An error as the server told it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ServerError {
    /// Its words, on one line.
    pub message: String,
    /// `type` and `code`, lower case, joined by a space; numbers as text.
    pub codes: String,
    /// Fields of the request that it names outside its words.
    pub fields: Vec<String>,
    /// The context window, if it tells.
    pub context_window: Option<u32>,
}

impl ServerError {
    /// Reads a body of any shape.
    pub(super) fn read(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let text = text.trim();
        let Ok(mut value) = serde_json::from_str::<Value>(text) else {
            return Self { message: plain(text), ..Self::default() };
        };
        if let Value::Array(items) = &mut value {
            value = items.first_mut().map(Value::take).unwrap_or(Value::Null);
        }
        let mut error = Self::default();
        error.read_value(&value);
        if error.message.is_empty() {
            error.message = one_line(text);
        }
        if error.context_window.is_none() && error.is_overflow() {
            error.context_window = window_in(&error.message);
        }
        error
    }

    fn read_value(&mut self, value: &Value) {
        let inner = value.get("error").filter(|error| !error.is_null());
        match inner {
            Some(Value::String(text)) => self.message = one_line(text),
            Some(inner @ Value::Object(_)) => self.read_object(inner),
            _ => self.read_object(value),
        }
        if self.codes.is_empty() {
            self.read_codes(value);
        }
    }

    fn read_object(&mut self, object: &Value) {
        self.read_codes(object);
        for key in ["message", "detail", "msg"] {
            match object.get(key) {
                Some(Value::String(text)) if self.message.is_empty() => self.message = one_line(text),
                Some(Value::Array(items)) => self.read_details(items),
                Some(inner @ Value::Object(_)) => self.read_object(inner),
                _ => {}
            }
        }
        if let Some(param) = object.get("param").and_then(Value::as_str).filter(|param| *param != "None") {
            self.fields.push(param.to_owned());
        }
        if let Some(window) = object.get("n_ctx").and_then(Value::as_u64) {
            self.context_window = u32::try_from(window).ok();
        }
    }

    fn read_codes(&mut self, object: &Value) {
        for key in ["type", "code", "status"] {
            let code = match object.get(key) {
                Some(Value::String(code)) => code.to_lowercase(),
                Some(Value::Number(code)) => code.to_string(),
                _ => continue,
            };
            if !self.codes.is_empty() {
                self.codes.push(' ');
            }
            self.codes.push_str(&code);
        }
    }

    /// FastAPI's list of what is wrong where.
    fn read_details(&mut self, items: &[Value]) {
        let mut said = Vec::new();
        for item in items {
            let place: Vec<&str> = item
                .get("loc")
                .and_then(Value::as_array)
                .map(|parts| parts.iter().filter_map(Value::as_str).filter(|part| *part != "body").collect())
                .unwrap_or_default();
            let words = item.get("msg").and_then(Value::as_str).unwrap_or("is wrong");
            said.push(format!("{}: {words}", place.join(".")));
            self.fields.extend(place.first().map(|field| (*field).to_owned()));
        }
        if self.message.is_empty() {
            self.message = one_line(&said.join("; "));
        }
    }

    /// Does it name this field of the request?
    pub(super) fn names(&self, field: &str) -> bool {
        let named = |name: &String| {
            name == field || name.strip_prefix(field).is_some_and(|rest| rest.starts_with('.'))
        };
        self.fields.iter().any(named) || has_word(&self.message, field)
    }

    /// Does the conversation not fit?
    pub(super) fn is_overflow(&self) -> bool {
        const CODES: [&str; 3] =
            ["context_length_exceeded", "exceed_context_size", "context_window_exceeded"];
        const WORDS: [&str; 9] = [
            "maximum context length",
            "exceeds the available context size",
            "contextwindowexceeded",
            "exceed context limit",
            "longer than the model's context length",
            "maximum input length",
            "context length exceeded",
            "prompt is too long",
            "input token count exceeds",
        ];
        let message = self.message.to_lowercase();
        CODES.iter().any(|code| self.codes.contains(code))
            || WORDS.iter().any(|words| message.contains(words))
    }

    /// Does it speak of the form in which the answer was asked for?
    pub(super) fn is_about_format(&self) -> bool {
        let message = self.message.to_lowercase();
        self.names("response_format")
            || ["json_schema", "json schema", "grammar", "structured output", "json_object"]
                .iter()
                .any(|word| message.contains(word))
    }

    /// A request that is wrong stays wrong, whatever the status says.
    fn is_permanent(&self) -> bool {
        let message = self.message.to_lowercase();
        ["validation error", "not supported", "unsupported", "invalid"]
            .iter()
            .any(|word| message.contains(word))
    }

    fn is_loading(&self) -> bool {
        self.message.to_lowercase().contains("loading model")
    }

    /// Sampling made no valid JSON this time; another try may.
    fn is_bad_luck(&self) -> bool {
        self.codes.contains("json_validate_failed")
    }

    /// What the user is told.
    pub(super) fn into_model_error(self, status: u16, host: &str) -> ModelError {
        if self.is_overflow() || (status == 413 && !self.codes.contains("rate_limit")) {
            return ModelError::ContextOverflow { reason: self.message, context_window: self.context_window };
        }
        if self.codes.contains("content_filter") || self.codes.contains("content_policy") {
            return ModelError::Declined { reason: self.message, partial: String::new() };
        }
        let quota = ["insufficient_quota", "billing", "insufficient_balance", "credit"];
        let codes_or_words = |words: &[&str]| {
            let message = self.message.to_lowercase();
            words.iter().any(|word| self.codes.contains(word) || message.contains(word))
        };
        let refusal = match status {
            402 => Refusal::Quota,
            429 | 403 | 400 if codes_or_words(&quota) => Refusal::Quota,
            401 | 403 => Refusal::Key,
            400 if codes_or_words(&[
                "invalid_api_key",
                "no_db_connection",
                "api key not valid",
                "api_key_invalid",
            ]) =>
            {
                Refusal::Key
            }
            404 if codes_or_words(&["model_not_found", "model"]) => Refusal::Model,
            400 if codes_or_words(&[
                "model_not_found",
                "invalid model",
                "unknown model",
                "model does not exist",
            ]) =>
            {
                Refusal::Model
            }
            404 | 405 => Refusal::Path,
            429 => Refusal::RateLimit,
            300..=399 => Refusal::Redirect,
            200 | 408 | 409 | 425 | 498 => Refusal::Busy,
            500.. if !self.is_permanent() => Refusal::Busy,
            _ => Refusal::Request,
        };
        let reason = if self.message.is_empty() { "it gave no reason".to_owned() } else { self.message };
        ModelError::Refused { host: host.to_owned(), status, refusal, reason }
    }

    /// May the same request succeed later?
    pub(super) fn retry(&self, status: u16, says_retry: Option<bool>) -> Retry {
        if self.is_bad_luck() {
            return Retry::Soon;
        }
        if status == 503 && self.is_loading() {
            return Retry::Loading;
        }
        if let Some(says_retry) = says_retry {
            return if says_retry { Retry::Soon } else { Retry::Never };
        }
        let transient = matches!(status, 200 | 408 | 409 | 425 | 429 | 498 | 500..=599);
        let quota = self.codes.contains("insufficient_quota");
        if !transient || quota || (status >= 500 && self.is_permanent()) { Retry::Never } else { Retry::Soon }
    }
}

/// When to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Retry {
    /// Not at all.
    Never,
    /// After the usual wait, a few times.
    Soon,
    /// Without a wait the first time, then as usual: a kept connection was dead.
    Now,
    /// Every second, for a minute or so: the server loads its model.
    Loading,
}

/// How long the server asks to wait, in milliseconds, from `retry-after-ms` or `retry-after`
/// (seconds, or an HTTP date that is compared with the server's own `date`, else with `now_ms`).
pub(super) fn retry_after_ms(header: &dyn Fn(&str) -> Option<String>, now_ms: i64) -> Option<u64> {
    if let Some(ms) = header("retry-after-ms").and_then(|text| text.trim().parse::<f64>().ok()) {
        return Some(ms.clamp(0.0, 1e9) as u64);
    }
    let text = header("retry-after")?;
    if let Ok(seconds) = text.trim().parse::<f64>() {
        return Some((seconds.clamp(0.0, 1e6) * 1000.0) as u64);
    }
    let until = jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp();
    let now = header("date")
        .and_then(|date| jiff::fmt::rfc2822::parse(date.trim()).ok())
        .map_or(now_ms, |date| date.timestamp().as_millisecond());
    Some(u64::try_from(until.as_millisecond() - now).unwrap_or(0))
}

/// A web page's title, or the beginning of a text.
fn plain(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    if lower.starts_with('<') {
        let title = lower.find("<title>").map(|at| at + 7).and_then(|from| {
            let to = lower[from..].find("</title>")? + from;
            Some(one_line(&text[from..to]))
        });
        return title.map_or("a web page".to_owned(), |title| format!("a web page, \"{title}\""));
    }
    one_line(text)
}

/// One line of at most 240 characters that may be shown; a traceback's paths are left out.
fn one_line(text: &str) -> String {
    let text = text.split("\n\n").next().unwrap_or("");
    let clean = sanitise(text);
    let mut line = String::new();
    for word in clean.split_whitespace() {
        if line.chars().count() + word.chars().count() > 240 {
            line.push_str(" ...");
            break;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().take(240));
    }
    line.trim_end_matches('.').to_owned()
}

/// Does `word` stand in `text` with no letter, digit or underscore beside it?
fn has_word(text: &str, word: &str) -> bool {
    let beside = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    text.match_indices(word).any(|(at, _)| {
        !beside(text[..at].chars().next_back()) && !beside(text[at + word.len()..].chars().next())
    })
}

/// The context's size in words such as "maximum context length is 8192 tokens".
fn window_in(message: &str) -> Option<u32> {
    const BEFORE: [&str; 4] =
        ["context size (", "context length is ", "context length of ", "context length ("];
    let message = message.to_lowercase();
    BEFORE.iter().find_map(|words| {
        let rest = &message[message.find(words)? + words.len()..];
        let digits: String = rest.chars().filter(|c| *c != ',').take_while(char::is_ascii_digit).collect();
        digits.parse().ok().filter(|window| *window >= 256)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_found_in_every_shape() {
        let rows = [
            ("OpenAI", r#"{"error":{"message":"No.","type":"t","param":"temperature","code":null}}"#, "No"),
            ("a number as code", r#"{"error":{"code":400,"message":"No","type":"x"}}"#, "No"),
            (
                "a string",
                r#"{"error":"'response_format.type' must be 'json_schema' or 'text'"}"#,
                "'response_format.type' must be 'json_schema' or 'text'",
            ),
            (
                "Gemini's list",
                r#"[{"error":{"code":400,"message":"Bad","status":"INVALID_ARGUMENT"}}]"#,
                "Bad",
            ),
            ("a detail", r#"{"detail":"Invalid API key"}"#, "Invalid API key"),
            (
                "FastAPI",
                r#"{"detail":[{"loc":["body","seed"],"msg":"Extra inputs are not permitted"}]}"#,
                "seed: Extra inputs are not permitted",
            ),
            (
                "Mistral",
                r#"{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","max_completion_tokens"],"msg":"Extra"}]}}"#,
                "max_completion_tokens: Extra",
            ),
            ("old vLLM", r#"{"object":"error","message":"Too long","code":400}"#, "Too long"),
            (
                "a web page",
                "<html>\n<head><title>502 Bad Gateway</title></head></html>",
                "a web page, \"502 Bad Gateway\"",
            ),
            ("text", "Internal Server Error", "Internal Server Error"),
            ("other JSON", r#"{"oops":1}"#, r#"{"oops":1}"#),
            (
                "a traceback",
                "{\"error\":{\"message\":\"1 validation error\\n\\n File \\\"/home/x/app.py\\\"\"}}",
                "1 validation error",
            ),
            ("an escape sequence", "{\"error\":\"a\\u001b[31mb\"}", "ab"),
            ("nothing", "", ""),
        ];
        for (name, body, want) in rows {
            assert_eq!(ServerError::read(body.as_bytes()).message, want, "{name}");
        }
    }

    #[test]
    fn a_field_is_named_in_param_in_loc_or_in_words() {
        let rows = [
            (r#"{"error":{"message":"x","param":"max_tokens"}}"#, "max_tokens", true),
            (r#"{"error":{"message":"Unsupported parameter: 'max_tokens'"}}"#, "max_tokens", true),
            (r#"{"error":{"message":"Unknown name \"seed\": Cannot find field."}}"#, "seed", true),
            (r#"{"error":{"message":"x does not support parameters: ['seed']"}}"#, "seed", true),
            (r#"{"error":{"message":"max_completion_tokens"}}"#, "max_tokens", false),
            (r#"{"error":{"message":"x","param":"response_format.type"}}"#, "response_format", true),
        ];
        for (body, field, want) in rows {
            assert_eq!(ServerError::read(body.as_bytes()).names(field), want, "{body}");
        }
    }

    #[test]
    fn every_error_has_a_kind_and_says_whether_to_wait() {
        let rows = [
            (401, r#"{"error":{"code":"invalid_api_key","message":"Incorrect"}}"#, "bad_key", Retry::Never),
            (
                400,
                r#"{"error":{"message":"No connected db.","type":"no_db_connection","code":"400"}}"#,
                "bad_key",
                Retry::Never,
            ),
            (
                404,
                r#"{"error":{"message":"The model `x` does not exist","code":"model_not_found"}}"#,
                "no_such_model",
                Retry::Never,
            ),
            (404, r#"{"error":{"message":"File Not Found","code":404}}"#, "not_found", Retry::Never),
            (429, r#"{"error":{"code":"insufficient_quota","message":"quota"}}"#, "quota", Retry::Never),
            (
                429,
                r#"{"error":{"code":"rate_limit_exceeded","message":"slow down"}}"#,
                "rate_limit",
                Retry::Soon,
            ),
            (402, r#"{"error":{"message":"Insufficient Balance"}}"#, "quota", Retry::Never),
            (
                400,
                r#"{"error":{"code":400,"message":"request (7532 tokens) exceeds the available context size (4096 tokens)","type":"exceed_context_size_error","n_ctx":4096}}"#,
                "context_overflow",
                Retry::Never,
            ),
            (500, r#"{"error":{"message":"1 validation error:"}}"#, "refused", Retry::Never),
            (500, r#"{"error":{"message":"image input is not supported"}}"#, "refused", Retry::Never),
            (500, "Internal Server Error", "server_error", Retry::Soon),
            (502, "<html><title>502</title></html>", "server_error", Retry::Soon),
            (503, r#"{"error":{"message":"Loading model","code":503}}"#, "server_error", Retry::Loading),
            (529, r#"{"error":{"message":"Overloaded"}}"#, "server_error", Retry::Soon),
            (400, r#"{"error":{"code":"json_validate_failed","message":"x"}}"#, "refused", Retry::Soon),
            (400, r#"{"error":{"code":"content_filter","message":"x"}}"#, "declined", Retry::Never),
            (307, "", "redirect", Retry::Never),
        ];
        for (status, body, kind, retry) in rows {
            let error = ServerError::read(body.as_bytes());
            assert_eq!(error.retry(status, None), retry, "{status} {body}");
            assert_eq!(error.into_model_error(status, "http://h").kind(), kind, "{status} {body}");
        }
    }

    #[test]
    fn the_wait_is_read_in_all_three_forms() {
        let rows = [
            (vec![("retry-after-ms", "250"), ("retry-after", "9")], Some(250)),
            (vec![("retry-after", "1.5")], Some(1500)),
            (
                vec![
                    ("retry-after", "Sun, 06 Nov 1994 08:49:39 GMT"),
                    ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
                ],
                Some(2000),
            ),
            (vec![("retry-after", "soon")], None),
            (vec![], None),
        ];
        for (headers, want) in rows {
            let header =
                |name: &str| headers.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(retry_after_ms(&header, 0), want, "{headers:?}");
        }
    }
}
