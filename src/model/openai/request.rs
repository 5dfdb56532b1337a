//! The body of a request, and how it changes when a server refuses a part of it. Touches nothing.

use std::collections::BTreeSet;

use base64::Engine;
use serde::Serialize;
use serde_json::{Value, json};

use super::failure::ServerError;
use crate::model::{ChatRequest, Message, Role, Schema};

/// Asks for JSON in words, where the server cannot be made to.
const ASK_FOR_JSON: &str = include_str!("../../../prompts/json.md");

/// Fields that can be left out; what they do is then up to the server.
const OPTIONAL: [&str; 4] = ["temperature", "seed", "stream_options", "reasoning_effort"];

/// What has been learnt about one model on one server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Adaptation {
    pub(super) length: LengthField,
    pub(super) rung: Rung,
    left_out: BTreeSet<&'static str>,
    swapped_length: bool,
    no_system_role: bool,
}

/// The name under which a limit for the reply is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum LengthField {
    /// What all but OpenAI's newer models take.
    #[default]
    MaxTokens,
    /// What OpenAI's newer models take.
    MaxCompletionTokens,
    /// Neither is taken.
    None,
}

/// How JSON is asked for, the strictest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rung {
    /// `json_schema`, enforced by the server.
    #[default]
    Schema,
    /// `json_object`, and the schema in words.
    Object,
    /// In words only.
    Words,
}

impl Adaptation {
    /// What to try first at this server.
    pub(super) fn first(is_openai: bool) -> Self {
        let length = if is_openai { LengthField::MaxCompletionTokens } else { LengthField::MaxTokens };
        Self { length, ..Self::default() }
    }

    /// What to try after `error`, or `None` if it names nothing that can be changed.
    pub(super) fn after(&self, error: &ServerError, status: u16, request: &ChatRequest) -> Option<Self> {
        if !matches!(status, 400 | 415 | 422 | 500 | 501) || error.is_overflow() {
            return None;
        }
        let mut next = self.clone();
        if request.schema.is_some() && error.is_about_format() && self.rung < Rung::Words {
            next.rung = if self.rung == Rung::Schema { Rung::Object } else { Rung::Words };
            return Some(next);
        }
        if status >= 500 {
            return None;
        }
        let sent = match self.length {
            LengthField::MaxTokens => Some("max_tokens"),
            LengthField::MaxCompletionTokens => Some("max_completion_tokens"),
            LengthField::None => None,
        };
        if request.max_output_tokens.is_some() && sent.is_some_and(|field| error.names(field)) {
            next.length = match (self.length, self.swapped_length) {
                (_, true) => LengthField::None,
                (LengthField::MaxTokens, _) => LengthField::MaxCompletionTokens,
                _ => LengthField::MaxTokens,
            };
            next.swapped_length = true;
            return Some(next);
        }
        if let Some(field) =
            OPTIONAL.into_iter().find(|field| !self.left_out.contains(field) && error.names(field))
        {
            next.left_out.insert(field);
            return Some(next);
        }
        let message = error.message.to_lowercase();
        if !self.no_system_role && message.contains("system") && message.contains("role") {
            next.no_system_role = true;
            return Some(next);
        }
        None
    }
}

/// What a profile adds to every request.
#[derive(Clone, Debug, Default)]
pub(super) struct Defaults {
    pub(super) temperature: Option<f64>,
    pub(super) seed: Option<i64>,
    pub(super) max_output_tokens: Option<u32>,
    pub(super) reasoning_effort: Option<String>,
}

/// Messages stand first: two requests of one conversation begin with the same bytes.
#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: Vec<Value>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<Value>,
}

/// The bytes to send.
pub(super) fn body(request: &ChatRequest, model: &str, defaults: &Defaults, adapted: &Adaptation) -> Vec<u8> {
    let kept = |field: &'static str| !adapted.left_out.contains(field);
    let limit = [request.max_output_tokens, defaults.max_output_tokens].into_iter().flatten().min();
    let schema = request.schema.as_ref();
    let body = Body {
        model,
        messages: messages(request, adapted),
        stream: true,
        stream_options: kept("stream_options").then(|| json!({"include_usage": true})),
        temperature: request.temperature.or(defaults.temperature).filter(|_| kept("temperature")),
        seed: request.seed.or(defaults.seed).filter(|_| kept("seed")),
        max_tokens: limit.filter(|_| adapted.length == LengthField::MaxTokens),
        max_completion_tokens: limit.filter(|_| adapted.length == LengthField::MaxCompletionTokens),
        reasoning_effort: defaults.reasoning_effort.as_deref().filter(|_| kept("reasoning_effort")),
        response_format: schema.and_then(|schema| format(schema, adapted.rung)),
    };
    // Serialising strings, numbers and JSON values into memory cannot fail.
    serde_json::to_vec(&body).unwrap_or_default()
}

fn format(schema: &Schema, rung: Rung) -> Option<Value> {
    match rung {
        Rung::Schema => Some(json!({
            "type": "json_schema",
            "json_schema": {"name": schema.name, "strict": true, "schema": schema.schema},
        })),
        Rung::Object => Some(json!({"type": "json_object"})),
        Rung::Words => None,
    }
}

fn messages(request: &ChatRequest, adapted: &Adaptation) -> Vec<Value> {
    let last = request.messages.len().saturating_sub(1);
    let mut carried = String::new();
    let mut values = Vec::with_capacity(request.messages.len());
    for (index, message) in request.messages.iter().enumerate() {
        let mut text = message.text.clone();
        if adapted.no_system_role && message.role == Role::System && index != last {
            carried.push_str(&text);
            carried.push_str("\n\n");
            continue;
        }
        if message.role != Role::Assistant && !carried.is_empty() {
            text.insert_str(0, &std::mem::take(&mut carried));
        }
        if let Some(schema) = request.schema.as_ref().filter(|_| index == last && adapted.rung > Rung::Schema)
        {
            text.push_str("\n\n");
            text.push_str(&ASK_FOR_JSON.replace("{{ schema }}", &schema.schema.to_string()));
        }
        let role = match message.role {
            Role::System if !adapted.no_system_role => "system",
            Role::System | Role::User => "user",
            Role::Assistant => "assistant",
        };
        values.push(json!({"role": role, "content": content(message, text)}));
    }
    values
}

/// Plain text stays a string: some servers take nothing else.
fn content(message: &Message, text: String) -> Value {
    if message.images.is_empty() {
        return Value::String(text);
    }
    let mut parts = vec![json!({"type": "text", "text": text})];
    for image in &message.images {
        let data = base64::engine::general_purpose::STANDARD.encode(&image.bytes);
        let url = format!("data:{};base64,{data}", image.media_type);
        parts.push(json!({"type": "image_url", "image_url": {"url": url}}));
    }
    Value::Array(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> ChatRequest {
        ChatRequest {
            messages: vec![Message::system("Be brief."), Message::user("Hi")],
            temperature: Some(0.0),
            seed: Some(7),
            max_output_tokens: Some(100),
            ..ChatRequest::default()
        }
    }

    fn sent(request: &ChatRequest, adapted: &Adaptation) -> Value {
        let bytes = body(request, "m", &Defaults::default(), adapted);
        serde_json::from_slice(&bytes).expect("JSON")
    }

    fn error(body: &str) -> ServerError {
        ServerError::read(body.as_bytes())
    }

    #[test]
    fn a_request_holds_what_is_needed_and_no_more() {
        let bytes = body(&request(), "m", &Defaults::default(), &Adaptation::first(false));
        let want = r#"{"model":"m","messages":[{"content":"Be brief.","role":"system"},{"content":"Hi","role":"user"}],"stream":true,"stream_options":{"include_usage":true},"temperature":0.0,"seed":7,"max_tokens":100}"#;
        assert_eq!(String::from_utf8_lossy(&bytes), want);
        let bare = ChatRequest { messages: vec![Message::user("Hi")], ..ChatRequest::default() };
        let fields: Vec<String> =
            sent(&bare, &Adaptation::first(true)).as_object().expect("an object").keys().cloned().collect();
        assert_eq!(fields, ["messages", "model", "stream", "stream_options"]);
    }

    #[test]
    fn a_named_field_is_swapped_or_left_out_and_nothing_else() {
        let first = Adaptation::first(false);
        let swap = error(
            r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","param":"max_tokens"}}"#,
        );
        let swapped = first.after(&swap, 400, &request()).expect("a change");
        assert_eq!(sent(&request(), &swapped)["max_completion_tokens"], 100);
        let again = error(r#"{"error":{"message":"max_completion_tokens is not permitted"}}"#);
        let none = swapped.after(&again, 422, &request()).expect("a change");
        assert!(sent(&request(), &none).get("max_tokens").is_none());
        assert!(sent(&request(), &none).get("max_completion_tokens").is_none());

        let rows = [
            (
                "temperature",
                r#"{"error":{"message":"Unsupported value: 'temperature' does not support 0","param":"temperature"}}"#,
            ),
            ("seed", r#"{"detail":[{"loc":["body","seed"],"msg":"Extra inputs are not permitted"}]}"#),
            (
                "stream_options",
                r#"[{"error":{"message":"Unknown name \"stream_options\": Cannot find field."}}]"#,
            ),
        ];
        for (field, body) in rows {
            let next = first.after(&error(body), 400, &request()).expect(field);
            assert!(sent(&request(), &next).get(field).is_none(), "{field}");
            assert_eq!(next.after(&error(body), 400, &request()), None, "{field}: only once");
        }
        assert_eq!(first.after(&error(r#"{"error":{"message":"No"}}"#), 400, &request()), None);
        assert_eq!(first.after(&error(r#"{"error":{"message":"seed"}}"#), 503, &request()), None);
    }

    #[test]
    fn an_overflow_that_names_max_tokens_changes_nothing() {
        let body = r#"{"error":{"message":"This model's maximum context length is 8192 tokens; reduce max_tokens","code":"context_length_exceeded"}}"#;
        assert_eq!(Adaptation::first(false).after(&error(body), 400, &request()), None);
    }

    #[test]
    fn the_ladder_for_json_has_three_rungs() {
        let schema = Schema { name: "grade", schema: json!({"type": "object"}) };
        let request = ChatRequest { schema: Some(schema), ..request() };
        let first = Adaptation::first(false);
        assert_eq!(sent(&request, &first)["response_format"]["type"], "json_schema");
        assert_eq!(sent(&request, &first)["messages"][1]["content"], "Hi");

        let refused =
            error(r#"{"error":{"message":"1 validation error: loc ('body', 'response_format', 'type')"}}"#);
        let second = first.after(&refused, 500, &request).expect("a change");
        assert_eq!(sent(&request, &second)["response_format"], json!({"type": "json_object"}));
        let words = sent(&request, &second)["messages"][1]["content"].as_str().expect("text").to_owned();
        assert!(
            words.starts_with("Hi\n\n") && words.contains("JSON") && words.contains(r#"{"type":"object"}"#),
            "{words}"
        );

        let refused = error(r#"{"error":"'response_format.type' must be 'json_schema' or 'text'"}"#);
        let third = second.after(&refused, 400, &request).expect("a change");
        assert!(sent(&request, &third).get("response_format").is_none());
        assert_eq!(third.after(&refused, 400, &request), None);
    }

    #[test]
    fn without_a_system_role_the_instructions_go_to_the_user_message() {
        let refused = error(r#"{"error":{"message":"System role not supported"}}"#);
        let next = Adaptation::first(false).after(&refused, 400, &request()).expect("a change");
        let messages = sent(&request(), &next)["messages"].clone();
        assert_eq!(messages, json!([{"role": "user", "content": "Be brief.\n\nHi"}]));
    }

    #[test]
    fn a_picture_goes_as_a_data_url() {
        let mut request = request();
        request.messages[1]
            .images
            .push(crate::model::Image { media_type: "image/png", bytes: vec![1, 2, 3] });
        let content = sent(&request, &Adaptation::default())["messages"][1]["content"].clone();
        assert_eq!(content[1]["image_url"]["url"], "data:image/png;base64,AQID");
    }
}
