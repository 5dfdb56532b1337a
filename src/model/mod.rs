//! Language models behind one blocking seam: messages in, streamed text and a completion out.
//!
//! [`ChatModel`] has two implementations: [`OpenAi`] talks to any OpenAI-compatible server,
//! [`ScriptedModel`] replays what a test wrote down. Nothing starts before a request is made.

mod cancel;
mod error;
mod json;
mod openai;
mod scripted;
pub mod tokens;

pub use crate::config::Prices;
pub use cancel::Cancel;
pub use error::{ModelError, Refusal};
pub use json::{Judged, complete_json, extract_object};
pub use openai::{
    BatchLook, BatchState, Habits, HearingError, ListedModel, OpenAi, Rung, Timing, read_stream,
};
pub use scripted::{ScriptedModel, Step};

use serde_json::Value;

/// Something that continues a conversation.
pub trait ChatModel: Send + Sync {
    /// Sends `request` and hands each piece of the reply to `on_delta` as it comes; returns when the
    /// reply is complete. Blocks; [`Cancel::cancel`] from another thread ends it at once.
    ///
    /// # Errors
    ///
    /// [`ModelError`], with the text that came before it.
    fn complete(
        &self,
        request: &ChatRequest,
        cancel: &Cancel,
        on_delta: &mut dyn FnMut(&str),
    ) -> Result<Completion, ModelError>;

    /// `PROFILE:MODEL`, as grades name their grader.
    fn name(&self) -> String;

    /// Finds out what is not known of the model before the first request: how much it holds.
    ///
    /// # Errors
    ///
    /// [`ModelError::Cancelled`]; a server that does not say is no error.
    fn prepare(&self, _cancel: &Cancel) -> Result<(), ModelError> {
        Ok(())
    }

    /// Tokens that fit into the model's context, the reply included, as far as is known.
    fn context_window(&self) -> u32 {
        8192
    }
}

/// Who a message is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Instructions.
    System,
    /// What the model answers to.
    User,
    /// What the model said before.
    Assistant,
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What is said.
    pub text: String,
    /// Pictures that go with it, for models that see.
    pub images: Vec<Image>,
}

/// A picture in a message.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    /// `image/png` or `image/jpeg`.
    pub media_type: &'static str,
    /// The file's bytes.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Image({}, {} bytes)", self.media_type, self.bytes.len())
    }
}

impl Message {
    /// Instructions.
    pub fn system(text: impl Into<String>) -> Self {
        Self { role: Role::System, text: text.into(), images: Vec::new() }
    }

    /// What the model answers to.
    pub fn user(text: impl Into<String>) -> Self {
        Self { role: Role::User, text: text.into(), images: Vec::new() }
    }

    /// What the model said before.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self { role: Role::Assistant, text: text.into(), images: Vec::new() }
    }
}

/// How a reply reaches its reader; decides whether a reply that broke off may be asked for again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// Shown while it streams: once a word is out, a retry would show it twice.
    #[default]
    Shown,
    /// Used only when whole: `on_delta` starts over with an empty slate after a retry.
    Whole,
}

/// Whether somebody waits for a reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Priority {
    /// The person does.
    #[default]
    Now,
    /// It is needed by and by: a server on this machine may be asked again later.
    Later,
}

/// The JSON a reply must be.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// Letters, digits, `_` and `-`; 64 at most.
    pub name: &'static str,
    /// A JSON schema in the subset that every engine takes: objects closed, every property
    /// required, no patterns and no lengths.
    pub schema: Value,
}

/// What is asked of a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatRequest {
    /// The conversation, oldest first; what changes least stands first.
    pub messages: Vec<Message>,
    /// 0 is as steady as the server can be; `None` is the profile's, or the server's own.
    pub temperature: Option<f64>,
    /// Sampling seed; `None` is the profile's, or none.
    pub seed: Option<i64>,
    /// Tokens of the reply at most.
    pub max_output_tokens: Option<u32>,
    /// The JSON the reply must be, if it must be JSON.
    pub schema: Option<Schema>,
    /// How the reply reaches its reader.
    pub delivery: Delivery,
    /// Whether somebody waits for it.
    pub priority: Priority,
}

/// Why a reply ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Finish {
    /// The model was done.
    #[default]
    Stop,
    /// The token limit was reached: the reply is cut.
    Length,
}

/// Tokens as the server counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenUsage {
    /// Tokens sent.
    pub prompt: u64,
    /// Of these, read from the server's cache.
    pub cached: u64,
    /// Tokens received, hidden reasoning included.
    pub completion: u64,
}

/// A complete reply.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Completion {
    /// The text, without hidden reasoning.
    pub text: String,
    /// Why it ended.
    pub finish: Finish,
    /// Tokens, if the server told.
    pub usage: Option<TokenUsage>,
    /// The server seems to have read only a part of the prompt: it counted far fewer tokens than were sent.
    pub prompt_was_cut: bool,
    /// Requests that it took: 1, and one more for each retry and each field a server refused.
    pub requests: u32,
}
