//! What a reply says so far, folded from the chunks of its stream. Touches nothing else.
//!
//! Chunks are read with borrowed strings: a token costs no allocation but its own text.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::failure::ServerError;
use super::sse::SseParser;
use crate::model::TokenUsage;

/// A reply as far as it has come.
#[derive(Debug, Default)]
pub(super) struct Reply {
    /// The text, without hidden reasoning.
    pub text: String,
    /// The last `finish_reason` that was not null.
    pub finish: Option<String>,
    /// Tokens, if the server told.
    pub usage: Option<TokenUsage>,
    /// An error inside the reply.
    pub error: Option<ServerError>,
    /// What a model says when it declines in the field made for it.
    pub refusal: String,
    /// An event was no JSON: text may be missing.
    pub damaged: bool,
    /// `[DONE]` came.
    pub done: bool,
    /// The model wants to call a tool.
    pub called_tool: bool,
    thinking: Thinking,
}

/// What a body of server-sent events says, in `pieces` as they came: its text, and whether that is whole.
/// `None` if one event of it is longer than 4 MiB. Clients read as they go; this is for measuring and for fuzzing.
pub fn read_stream<'b>(pieces: impl IntoIterator<Item = &'b [u8]>) -> Option<(String, bool)> {
    let (mut parser, mut reply, mut shown) = (SseParser::default(), Reply::default(), String::new());
    for piece in pieces {
        parser.push(piece, &mut |data| reply.take(data, &mut shown)).ok()?;
    }
    parser.finish(&mut |data| reply.take(data, &mut shown)).ok()?;
    reply.close(&mut shown);
    let is_whole = reply.finish.is_some() && !reply.damaged && reply.error.is_none();
    Some((shown, is_whole))
}

/// Where in the text a leading `<think>...</think>` stands.
#[derive(Debug, Default, PartialEq)]
enum Thinking {
    /// Nothing but white space, or the beginning of the tag, has come.
    #[default]
    Before,
    /// The text is that: a thought.
    Hidden,
    /// The text is the reply.
    Over,
}

impl Reply {
    /// Takes one event's data; what of it may be shown is added to `shown`.
    pub(super) fn take(&mut self, data: &[u8], shown: &mut String) {
        let trimmed = data.trim_ascii();
        if self.done || trimmed.is_empty() {
            return;
        }
        if trimmed == b"[DONE]" {
            self.done = true;
            return;
        }
        let lossy;
        let chunk = match serde_json::from_slice::<Chunk<'_>>(trimmed) {
            Ok(chunk) => Ok(chunk),
            Err(_) if std::str::from_utf8(trimmed).is_err() => {
                lossy = String::from_utf8_lossy(trimmed).into_owned();
                serde_json::from_str(&lossy)
            }
            Err(error) => Err(error),
        };
        match chunk {
            Ok(chunk) => self.fold(chunk, trimmed, shown),
            Err(_) => self.damaged = true,
        }
    }

    fn fold(&mut self, chunk: Chunk<'_>, data: &[u8], shown: &mut String) {
        if chunk.error.is_some() {
            self.error = Some(ServerError::read(data));
        }
        if let Some(usage) = chunk.usage {
            self.usage = Some(usage.into());
        }
        let Some(choice) = chunk.choices.and_then(|choices| choices.0) else { return };
        if let Some(part) = choice.delta.or(choice.message) {
            if let Some(Text(text)) = part.content {
                self.say(&text, shown);
            }
            if let Some(Text(refusal)) = part.refusal {
                self.refusal.push_str(&refusal);
            }
            self.called_tool |= part.tool_calls.is_some();
        }
        if let Some(Text(reason)) = choice.finish_reason
            && !reason.is_empty()
        {
            self.finish = Some(reason.into_owned());
        }
    }

    fn say(&mut self, text: &str, shown: &mut String) {
        let from = self.text.len();
        self.text.push_str(text);
        if self.thinking == Thinking::Over {
            shown.push_str(&self.text[from..]);
            return;
        }
        const OPEN: &str = "<think>";
        const CLOSE: &str = "</think>";
        let begun = self.text.trim_start();
        if self.thinking == Thinking::Before {
            if begun.starts_with(OPEN) {
                self.thinking = Thinking::Hidden;
            } else if OPEN.starts_with(begun) {
                return;
            } else {
                self.thinking = Thinking::Over;
                self.text = begun.to_owned();
                shown.push_str(&self.text);
                return;
            }
        }
        if let Some(at) = self.text.find(CLOSE) {
            let rest = self.text[at + CLOSE.len()..].trim_start().to_owned();
            // White space after a thought is dropped with it, however it is cut.
            self.thinking = if rest.is_empty() { Thinking::Before } else { Thinking::Over };
            self.text = rest;
            shown.push_str(&self.text);
        }
    }

    /// The stream is over: a text that only looked like the beginning of a thought is the reply.
    pub(super) fn close(&mut self, shown: &mut String) {
        match self.thinking {
            Thinking::Before => {
                self.text = self.text.trim_start().to_owned();
                shown.push_str(&self.text);
            }
            Thinking::Hidden => self.text.clear(),
            Thinking::Over => {}
        }
        self.thinking = Thinking::Over;
    }

    /// Anything at all that the user could have seen.
    pub(super) fn has_text(&self) -> bool {
        self.thinking == Thinking::Over && !self.text.is_empty()
    }
}

#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow, default)]
    choices: Option<First<Choice<'a>>>,
    #[serde(default)]
    usage: Option<Counts>,
    #[serde(default)]
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow, default)]
    delta: Option<Part<'a>>,
    #[serde(borrow, default)]
    message: Option<Part<'a>>,
    #[serde(borrow, default)]
    finish_reason: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow, default)]
    content: Option<Text<'a>>,
    #[serde(borrow, default)]
    refusal: Option<Text<'a>>,
    #[serde(default)]
    tool_calls: Option<First<IgnoredAny>>,
}

/// The first item of a list; the rest is skipped, and so is anything that is no list.
struct First<T>(Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for First<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Items<T> {
            type Value = First<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(First(None))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let first = items.next_element()?;
                while items.next_element::<IgnoredAny>()?.is_some() {}
                Ok(First(first))
            }
        }
        deserializer.deserialize_any(Items(std::marker::PhantomData))
    }
}

/// Text as servers send it: a string, null, or a list of blocks with a `text` each.
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Any<'a> {
            type Value = Text<'a>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed("")))
            }
            fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed("")))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut blocks: A) -> Result<Self::Value, A::Error> {
                let mut text = String::new();
                while let Some(Block(block)) = blocks.next_element()? {
                    text.push_str(&block);
                }
                Ok(Text(Cow::Owned(text)))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Text(Cow::Borrowed("")))
            }
        }
        deserializer.deserialize_any(Any(std::marker::PhantomData))
    }
}

/// A content block; only those of type `text`, or of none, are said aloud.
struct Block(String);

impl<'de> Deserialize<'de> for Block {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        if let Some(text) = value.as_str() {
            return Ok(Self(text.to_owned()));
        }
        let kind = value.get("type").and_then(serde_json::Value::as_str).unwrap_or("text");
        let text = value.get("text").and_then(serde_json::Value::as_str).filter(|_| kind == "text");
        Ok(Self(text.unwrap_or_default().to_owned()))
    }
}

#[derive(Deserialize, Default)]
struct Counts {
    #[serde(default)]
    prompt_tokens: Option<f64>,
    #[serde(default)]
    completion_tokens: Option<f64>,
    #[serde(default)]
    prompt_tokens_details: Option<Details>,
    #[serde(default)]
    prompt_cache_hit_tokens: Option<f64>,
}

#[derive(Deserialize, Default)]
struct Details {
    #[serde(default)]
    cached_tokens: Option<f64>,
}

impl From<Counts> for TokenUsage {
    fn from(counts: Counts) -> Self {
        let whole = |count: Option<f64>| count.map_or(0, |count| count.max(0.0) as u64);
        let cached = counts.prompt_tokens_details.and_then(|details| details.cached_tokens);
        Self {
            prompt: whole(counts.prompt_tokens),
            cached: whole(cached.or(counts.prompt_cache_hit_tokens)),
            completion: whole(counts.completion_tokens),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(events: &[&str]) -> (Reply, String) {
        let (mut reply, mut shown) = (Reply::default(), String::new());
        events.iter().for_each(|event| reply.take(event.as_bytes(), &mut shown));
        reply.close(&mut shown);
        (reply, shown)
    }

    #[test]
    fn the_text_is_read_from_every_shape_of_chunk() {
        let rows: &[(&str, &[&str], &str)] = &[
            ("plain", &[r#"{"choices":[{"delta":{"content":"Hi"}}]}"#], "Hi"),
            ("escapes", &[r#"{"choices":[{"delta":{"content":"a\"\u00e9\n"}}]}"#], "a\"é\n"),
            ("null content", &[r#"{"choices":[{"delta":{"role":"assistant","content":null}}]}"#], ""),
            ("no choices", &[r#"{"id":"x"}"#, r#"{"choices":[]}"#, r#"{"choices":null}"#], ""),
            ("no delta", &[r#"{"choices":[{"index":0,"finish_reason":null}]}"#], ""),
            ("null delta", &[r#"{"choices":[{"delta":null}]}"#], ""),
            (
                "blocks",
                &[
                    r#"{"choices":[{"delta":{"content":[{"type":"thinking","text":"hm"},{"type":"text","text":"Hi"}]}}]}"#,
                ],
                "Hi",
            ),
            (
                "a whole message",
                &[r#"{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}"#],
                "Hi",
            ),
            (
                "reasoning beside it",
                &[r#"{"choices":[{"delta":{"reasoning_content":"hm","content":"Hi"}}]}"#],
                "Hi",
            ),
            ("after the end", &["[DONE]", r#"{"choices":[{"delta":{"content":"late"}}]}"#], ""),
            (
                "a thought inline",
                &[
                    r#"{"choices":[{"delta":{"content":"\n<thi"}}]}"#,
                    r#"{"choices":[{"delta":{"content":"nk>hm <b></thi"}}]}"#,
                    r#"{"choices":[{"delta":{"content":"nk>\n"}}]}"#,
                    r#"{"choices":[{"delta":{"content":"\nHi <think>"}}]}"#,
                ],
                "Hi <think>",
            ),
            ("only the beginning of a tag", &[r#"{"choices":[{"delta":{"content":"<thi"}}]}"#], "<thi"),
        ];
        for (name, events, want) in rows {
            let (reply, shown) = fold(events);
            assert_eq!((reply.text.as_str(), shown.as_str()), (*want, *want), "{name}");
            assert!(!reply.damaged, "{name}");
        }
    }

    #[test]
    fn the_end_and_the_counts_are_found_wherever_they_stand() {
        let usage = TokenUsage { prompt: 35, cached: 34, completion: 24 };
        let counts = r#""usage":{"completion_tokens":24,"prompt_tokens":35,"prompt_tokens_details":{"cached_tokens":34}}"#;
        let rows = [
            vec![
                r#"{"choices":[{"delta":{},"finish_reason":"length"}]}"#.to_owned(),
                format!(r#"{{"choices":[],{counts}}}"#),
            ],
            vec![format!(r#"{{"choices":[{{"delta":{{}},"finish_reason":"length"}}],{counts}}}"#)],
            vec![
                format!(r#"{{"choices":[],{counts}}}"#),
                r#"{"choices":[{"delta":{},"finish_reason":"length"}]}"#.to_owned(),
            ],
        ];
        for events in rows {
            let (reply, _) = fold(&events.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!((reply.finish.as_deref(), reply.usage), (Some("length"), Some(usage)));
        }
    }

    #[test]
    fn an_event_that_is_no_json_is_remembered() {
        assert!(fold(&[r#"{"choices":[{"delta":{"content":"bro"#]).0.damaged);
        let (mut reply, mut shown) = (Reply::default(), String::new());
        reply.take(b"{\"choices\":[{\"delta\":{\"content\":\"a\xff\"}}]}", &mut shown);
        assert_eq!(
            (shown.as_str(), reply.damaged),
            ("a\u{fffd}", false),
            "bad UTF-8 alone is no loss of an event"
        );
    }

    #[test]
    fn an_error_in_the_stream_is_an_error() {
        let (reply, _) = fold(&[r#"{"error":{"message":"upstream overloaded","code":502}}"#]);
        assert_eq!(reply.error.expect("an error").message, "upstream overloaded");
        assert!(fold(&[r#"{"error":null,"choices":[]}"#]).0.error.is_none());
    }
}
