//! A model that answers with what batches brought, and notes what has no answer yet.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use super::folder::Folder;
use crate::coach::llm::LlmAnswers;
use crate::coach::{AnswerGrader, AnswerRequest, GradeError};
use crate::grading::AnswerGrade;
use crate::model::{Cancel, ChatModel, ChatRequest, Completion, ModelError, OpenAi, Prices, Role, tokens};

/// Stands for the provider's model between two batches.
pub struct Deferred {
    provider: Arc<OpenAi>,
    noted: Mutex<Noted>,
}

/// What was asked for, and where it is kept.
pub struct Noted {
    /// Requests, batches and replies.
    pub folder: Folder,
    /// Requests without a reply.
    pub requests: u64,
    /// Tokens that they send at most.
    prompt_tokens: u64,
    /// Tokens that they bring at most.
    reply_tokens: u64,
}

impl Noted {
    /// What the noted requests cost at most, in US dollars, and starts counting anew.
    pub fn take_cost(&mut self, prices: Option<Prices>) -> Option<f64> {
        let (sent, brought) =
            (std::mem::take(&mut self.prompt_tokens), std::mem::take(&mut self.reply_tokens));
        self.requests = 0;
        prices.map(|prices| prices.cost(sent, 0, brought))
    }
}

impl Deferred {
    /// Answers from `folder`, in the place of `provider`.
    pub fn new(provider: Arc<OpenAi>, folder: Folder) -> Self {
        let noted = Noted { folder, requests: 0, prompt_tokens: 0, reply_tokens: 0 };
        Self { provider, noted: Mutex::new(noted) }
    }

    /// What is noted.
    pub fn noted(&self) -> MutexGuard<'_, Noted> {
        // Each change is made in one step: nothing is left half-changed by a panic.
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ChatModel for Deferred {
    fn complete(
        &self,
        request: &ChatRequest,
        cancel: &Cancel,
        on_delta: &mut dyn FnMut(&str),
    ) -> Result<Completion, ModelError> {
        let unusable = |error: std::io::Error| ModelError::BrokeOff {
            reason: error.to_string(),
            partial: String::new(),
        };
        let id = id_of(request);
        let reply = self.noted().folder.reply(&id).map_err(unusable)?;
        if let Some(reply) = reply {
            let reply = self.provider.read_batch_line(&reply)?;
            on_delta(&reply.text);
            return Ok(reply);
        }
        let line = self.provider.batch_line(&id, request, cancel)?;
        let mut noted = self.noted();
        if noted.folder.ask(&id, &line).map_err(unusable)? {
            let sent: usize = request.messages.iter().map(|message| tokens::at_most(&message.text) + 8).sum();
            noted.requests += 1;
            noted.prompt_tokens += sent as u64;
            noted.reply_tokens += request.max_output_tokens.map_or(0, u64::from);
        }
        // Not an answer, and not a failure either: it waits for the next batch.
        Err(ModelError::Cancelled { partial: String::new() })
    }

    fn name(&self) -> String {
        self.provider.name()
    }

    fn prepare(&self, cancel: &Cancel) -> Result<(), ModelError> {
        self.provider.prepare(cancel)
    }

    fn context_window(&self) -> u32 {
        self.provider.context_window()
    }
}

/// The name of a request: the same for the same words, in every run.
fn id_of(request: &ChatRequest) -> String {
    let mut hasher = Sha256::new();
    let mut add = |part: &[u8]| {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    };
    for message in &request.messages {
        let role = match message.role {
            Role::System => b"s",
            Role::User => b"u",
            Role::Assistant => b"a",
        };
        add(role);
        add(message.text.as_bytes());
    }
    let asked = serde_json::json!([request.temperature, request.seed, request.max_output_tokens]);
    add(asked.to_string().as_bytes());
    add(request.schema.as_ref().map_or(String::new(), |schema| schema.schema.to_string()).as_bytes());
    hasher.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Grades with fences that are the same in every run for the same answer.
pub struct Steady {
    /// Grades.
    pub answers: LlmAnswers,
    /// What the fences are made of.
    pub seed: u64,
}

impl AnswerGrader for Steady {
    fn name(&self) -> String {
        self.answers.name()
    }

    fn grade(&self, request: &AnswerRequest) -> Result<AnswerGrade, GradeError> {
        let mut hasher = Sha256::new();
        hasher.update(self.seed.to_le_bytes());
        hasher.update(request.answer.as_bytes());
        let digest = hasher.finalize();
        let mut random = [0; 8];
        random.copy_from_slice(&digest[..8]);
        self.answers.grade_fenced(request, u64::from_le_bytes(random))
    }
}
