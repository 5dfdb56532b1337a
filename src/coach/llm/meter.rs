//! Counts what a model costs, and stops before a limit is passed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::grading::Usage;
use crate::model::{Cancel, ChatModel, ChatRequest, Completion, ModelError, Prices, TokenUsage, tokens};

/// Tokens that a reply may take when the request sets no limit.
const USUAL_REPLY: u64 = 1024;

/// A model whose tokens are counted.
pub struct Meter {
    model: Arc<dyn ChatModel>,
    prices: Option<Prices>,
    limit: Option<f64>,
    counted: Mutex<Counted>,
}

#[derive(Debug, Default)]
struct Counted {
    total: Usage,
    untold: Usage,
}

impl Meter {
    /// Counts the requests of `model` at the prices of `prices`; `limit` is in US dollars, and what
    /// an earlier part of the session has `spent` counts.
    pub fn new(model: Arc<dyn ChatModel>, prices: Option<Prices>, limit: Option<f64>, spent: f64) -> Self {
        let total = Usage { cost_usd: (spent > 0.0).then_some(spent), ..Usage::default() };
        Self { model, prices, limit, counted: Mutex::new(Counted { total, untold: Usage::default() }) }
    }

    /// What was used since this was last asked; `None` if nothing was.
    pub fn take(&self) -> Option<Usage> {
        let untold = std::mem::take(&mut self.lock().untold);
        (untold.prompt_tokens + untold.completion_tokens > 0).then_some(untold)
    }

    fn lock(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses a request whose prompt and longest reply could pass the limit.
    fn afford(&self, request: &ChatRequest) -> Result<(), ModelError> {
        let (Some(limit), Some(prices)) = (self.limit, &self.prices) else { return Ok(()) };
        let sent: usize = request.messages.iter().map(|message| tokens::at_most(&message.text) + 8).sum();
        let reply = request.max_output_tokens.map_or(USUAL_REPLY, u64::from);
        let spent = self.lock().total.cost_usd.unwrap_or(0.0);
        if spent + prices.cost(sent as u64, 0, reply) > limit {
            return Err(ModelError::OverBudget { limit, spent });
        }
        Ok(())
    }

    fn count(&self, used: TokenUsage) {
        let cost = self.prices.map(|prices| prices.cost(used.prompt, used.cached, used.completion));
        let usage = Usage {
            prompt_tokens: used.prompt,
            cached_tokens: used.cached,
            completion_tokens: used.completion,
            cost_usd: cost,
        };
        let mut counted = self.lock();
        counted.total = sum(counted.total, usage);
        counted.untold = sum(counted.untold, usage);
    }
}

/// Adds two counts.
pub fn sum(one: Usage, other: Usage) -> Usage {
    Usage {
        prompt_tokens: one.prompt_tokens + other.prompt_tokens,
        cached_tokens: one.cached_tokens + other.cached_tokens,
        completion_tokens: one.completion_tokens + other.completion_tokens,
        cost_usd: match (one.cost_usd, other.cost_usd) {
            (None, None) => None,
            (one, other) => Some(one.unwrap_or(0.0) + other.unwrap_or(0.0)),
        },
    }
}

impl ChatModel for Meter {
    fn complete(
        &self,
        request: &ChatRequest,
        cancel: &Cancel,
        on_delta: &mut dyn FnMut(&str),
    ) -> Result<Completion, ModelError> {
        self.afford(request)?;
        let result = self.model.complete(request, cancel, on_delta);
        let guess = |text: &str| TokenUsage {
            // A server that tells nothing, or a reply that was left, is counted by hand.
            prompt: request.messages.iter().map(|message| tokens::count(&message.text) as u64).sum(),
            cached: 0,
            completion: tokens::count(text) as u64,
        };
        match &result {
            Ok(reply) => self.count(reply.usage.unwrap_or_else(|| guess(&reply.text))),
            Err(error) if !error.partial().is_empty() => self.count(guess(error.partial())),
            Err(_) => {}
        }
        result
    }

    fn name(&self) -> String {
        self.model.name()
    }

    fn prepare(&self, cancel: &Cancel) -> Result<(), ModelError> {
        self.model.prepare(cancel)
    }

    fn context_window(&self) -> u32 {
        self.model.context_window()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Message, ScriptedModel};

    #[test]
    fn a_limit_stops_before_it_is_passed() {
        let prices = Prices { input: 10.0, cached: 10.0, output: 10.0 };
        let model = Arc::new(ScriptedModel::new(["one two three", "four"]));
        let meter = Meter::new(model.clone(), Some(prices), Some(0.001), 0.0);
        let request = |limit| ChatRequest {
            messages: vec![Message::user("a question")],
            max_output_tokens: Some(limit),
            ..ChatRequest::default()
        };
        let ask = |limit| meter.complete(&request(limit), &Cancel::new(), &mut |_| ());
        assert_eq!(ask(50).expect("affordable").text, "one two three");
        assert_eq!(ask(5000).expect_err("too dear").kind(), "max_cost");
        assert_eq!(model.requests().len(), 1, "what is too dear is not sent");
        let used = meter.take().expect("something was used");
        assert!(used.cost_usd.is_some_and(|cost| cost > 0.0 && cost < 0.001));
        assert_eq!(meter.take(), None);
    }
}
