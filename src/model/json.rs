//! JSON from a model: found in its reply, checked here, and mended once by the model itself.

use serde_json::Value;

use super::{Cancel, ChatModel, ChatRequest, Delivery, Finish, Message, ModelError, TokenUsage};

/// What a model is told when its JSON cannot be used.
const REPAIR: &str = include_str!("../../prompts/repair.md");

/// A value that a model gave, and what it took.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged<T> {
    /// The value, checked.
    pub value: T,
    /// The reply it was read from.
    pub raw: String,
    /// Tokens of all requests, as far as the server told.
    pub usage: TokenUsage,
    /// Replies that it took: 1, 2 after a repair or a longer limit.
    pub replies: u32,
    /// The server seems to have read only a part of the prompt.
    pub prompt_was_cut: bool,
}

/// Asks for JSON and reads it with `read`, whose errors go back to the model once. A reply cut by
/// its token limit is asked for again with a limit four times as high, instead of being mended.
///
/// # Errors
///
/// [`ModelError::Unreadable`] if the second reply is no better; else what the model's server did.
pub fn complete_json<T>(
    model: &dyn ChatModel,
    request: &ChatRequest,
    cancel: &Cancel,
    read: &dyn Fn(&Value) -> Result<T, Vec<String>>,
) -> Result<Judged<T>, ModelError> {
    let mut request = ChatRequest { delivery: Delivery::Whole, ..request.clone() };
    let mut usage = TokenUsage::default();
    let mut replies = 0;
    loop {
        let reply = model.complete(&request, cancel, &mut |_| ())?;
        replies += 1;
        if let Some(more) = reply.usage {
            usage.prompt += more.prompt;
            usage.cached += more.cached;
            usage.completion += more.completion;
        }
        let faults = match extract_object(&reply.text).map(|value| read(&value)) {
            Some(Ok(value)) => {
                return Ok(Judged {
                    value,
                    raw: reply.text,
                    usage,
                    replies,
                    prompt_was_cut: reply.prompt_was_cut,
                });
            }
            Some(Err(faults)) => faults,
            None if reply.finish == Finish::Length => vec!["it was cut by its token limit".to_owned()],
            None => vec!["it holds no JSON object".to_owned()],
        };
        if replies > 1 {
            return Err(ModelError::Unreadable { faults, partial: reply.text });
        }
        if reply.finish == Finish::Length {
            request.max_output_tokens = request.max_output_tokens.map(|limit| limit.saturating_mul(4));
        } else {
            let faults: Vec<String> = faults.iter().map(|fault| format!("- {fault}")).collect();
            request.messages.push(Message::assistant(reply.text));
            request.messages.push(Message::user(REPAIR.replace("{{ faults }}", &faults.join("\n"))));
        }
    }
}

/// The first JSON object in a reply: thoughts and code fences around it do not count.
pub fn extract_object(text: &str) -> Option<Value> {
    let text = match text.rsplit_once("</think>") {
        Some((_, after)) => after,
        None => text,
    };
    let mut from = 0;
    while let Some(start) = text[from..].find('{').map(|at| from + at) {
        let mut values = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>();
        if let Some(Ok(value @ Value::Object(_))) = values.next() {
            return Some(value);
        }
        if begins_with_a_member(&text[start..]) {
            // What stands whole inside a cut or broken object is a part that must not pass for it.
            return None;
        }
        from = start + 1;
        // Prose with many braces must not cost quadratic time: past the first few, give up.
        if text[..from].matches('{').count() > 32 {
            return None;
        }
    }
    None
}

/// Does the text after `{` begin with `"name":`, as only JSON does?
fn begins_with_a_member(text: &str) -> bool {
    let name = text[1..].trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"'));
    name.is_some_and(|(_, rest)| rest.trim_start().starts_with(':'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{ScriptedModel, Step};

    fn level(value: &Value) -> Result<u64, Vec<String>> {
        let level = value.get("level").and_then(Value::as_u64);
        level.filter(|level| (1..=4).contains(level)).ok_or_else(|| vec!["level must be 1 to 4".to_owned()])
    }

    #[test]
    fn the_object_is_found_in_whatever_stands_around_it() {
        let rows = [
            (r#"{"a":1}"#, Some(json!({"a": 1}))),
            ("```json\n{\"a\": \"}\"}\n```", Some(json!({"a": "}"}))),
            ("<think>{\"a\":0}</think>\n{\"a\":1} done {\"a\":2}", Some(json!({"a": 1}))),
            ("Use {braces}: {\"a\":1}", Some(json!({"a": 1}))),
            ("{\"a\":", None),
            (r#"{"a": [{"b": 1}, {"c": "#, None),
            (r#"{"a": [{"b": 1}, oops]}"#, None),
            ("[1]", None),
            ("none", None),
        ];
        for (text, want) in rows {
            assert_eq!(extract_object(text), want, "{text}");
        }
    }

    #[test]
    fn a_wrong_value_is_mended_once_with_its_faults_named() {
        let model = ScriptedModel::new([r#"{"level":9}"#, r#"{"level":3}"#]);
        let request = ChatRequest { messages: vec![Message::user("Judge.")], ..ChatRequest::default() };
        let judged = complete_json(&model, &request, &Cancel::new(), &level).expect("a level");
        assert_eq!((judged.value, judged.replies), (3, 2));
        let sent = &model.requests()[1].messages;
        assert_eq!(sent[1], Message::assistant(r#"{"level":9}"#));
        assert!(sent[2].text.contains("level must be 1 to 4"), "{}", sent[2].text);

        let model = ScriptedModel::new(["no", "still no"]);
        let error = complete_json(&model, &request, &Cancel::new(), &level).expect_err("no JSON");
        assert_eq!(error.to_string(), "the model's answer could not be read: it holds no JSON object");
    }

    #[test]
    fn a_reply_cut_by_its_limit_gets_a_higher_limit_instead_of_a_repair() {
        let model = ScriptedModel::new([Step::Cut(r#"{"lev"#.to_owned()), r#"{"level":2}"#.into()]);
        let request = ChatRequest { max_output_tokens: Some(50), ..ChatRequest::default() };
        let judged = complete_json(&model, &request, &Cancel::new(), &level).expect("a level");
        assert_eq!(judged.value, 2);
        assert_eq!(model.requests()[1].max_output_tokens, Some(200));
        assert_eq!(model.requests()[1].messages.len(), 0);
    }
}
