//! A model that says what a test wrote down, and remembers what it was asked.

use std::collections::VecDeque;
use std::sync::Mutex;

use super::{Cancel, ChatModel, ChatRequest, Completion, Finish, ModelError, TokenUsage};

/// What happens at one request.
#[derive(Debug)]
pub enum Step {
    /// This text is the reply.
    Say(String),
    /// The reply is this text and was cut by its token limit.
    Cut(String),
    /// The request fails.
    Fail(ModelError),
}

impl From<&str> for Step {
    fn from(text: &str) -> Self {
        Self::Say(text.to_owned())
    }
}

impl From<String> for Step {
    fn from(text: String) -> Self {
        Self::Say(text)
    }
}

/// Replays steps in order; asked once more than it has steps, it fails.
#[derive(Debug)]
pub struct ScriptedModel {
    steps: Mutex<VecDeque<Step>>,
    requests: Mutex<Vec<ChatRequest>>,
    context_window: u32,
}

impl ScriptedModel {
    /// A model with these replies.
    pub fn new<S: Into<Step>>(steps: impl IntoIterator<Item = S>) -> Self {
        Self {
            steps: Mutex::new(steps.into_iter().map(Into::into).collect()),
            requests: Mutex::new(Vec::new()),
            context_window: 128_000,
        }
    }

    /// The same with another context.
    pub fn with_context_window(mut self, tokens: u32) -> Self {
        self.context_window = tokens;
        self
    }

    /// What it was asked so far.
    pub fn requests(&self) -> Vec<ChatRequest> {
        self.requests.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

impl ChatModel for ScriptedModel {
    fn complete(
        &self,
        request: &ChatRequest,
        cancel: &Cancel,
        on_delta: &mut dyn FnMut(&str),
    ) -> Result<Completion, ModelError> {
        self.requests.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(request.clone());
        if cancel.is_cancelled() {
            return Err(ModelError::Cancelled { partial: String::new() });
        }
        let step = self.steps.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop_front();
        let (text, finish) = match step {
            Some(Step::Say(text)) => (text, Finish::Stop),
            Some(Step::Cut(text)) => (text, Finish::Length),
            Some(Step::Fail(error)) => return Err(error),
            None => {
                let reason = "the script has no more replies".to_owned();
                return Err(ModelError::BrokeOff { reason, partial: String::new() });
            }
        };
        for word in text.split_inclusive(' ') {
            on_delta(word);
        }
        let prompt = request.messages.iter().map(|message| message.text.len() as u64 / 4).sum();
        let usage = TokenUsage { prompt, cached: 0, completion: text.len() as u64 / 4 };
        Ok(Completion { text, finish, usage: Some(usage), prompt_was_cut: false, requests: 1 })
    }

    fn name(&self) -> String {
        "test:scripted".to_owned()
    }

    fn context_window(&self) -> u32 {
        self.context_window
    }
}
