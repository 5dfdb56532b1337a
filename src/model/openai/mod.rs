//! Any OpenAI-compatible server: requests, retries, and what a server turns out not to take.
//!
//! Always streams, JSON too: only then does leaving early free the server. Nothing of the runtime
//! or of TLS is made before the first request. Keys go into one header and nowhere else.

mod attempt;
mod batch;
mod failure;
mod gate;
mod lane;
mod models;
mod reply;
mod request;
mod sse;
mod transcription;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

pub use batch::{BatchLook, BatchState, Habits};
pub use models::ListedModel;
pub use reply::read_stream;
pub use request::Rung;
pub use transcription::HearingError;

use super::{Cancel, ChatModel, ChatRequest, Completion, Delivery, ModelError, tokens};
use crate::config::{ApiKey, Environment, ModelChoice, OPENAI_BASE_URL};
use attempt::Failed;
use failure::Retry;
use gate::{Gate, Permit};
use lane::Lane;
use request::{Adaptation, Defaults};

/// How long to wait for what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing {
    /// For a connection.
    pub connect: Duration,
    /// For the first text of a reply; the server may be loading its model.
    pub first_byte: Duration,
    /// For the next bytes of a reply.
    pub idle: Duration,
    /// Before the first retry; doubles with each.
    pub backoff: Duration,
    /// Longest wait that a server may ask for.
    pub longest_wait: Duration,
    /// How long a server may go on loading its model.
    pub loading: Duration,
    /// Retries after the first try.
    pub retries: u32,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(300),
            idle: Duration::from_secs(90),
            backoff: Duration::from_millis(500),
            longest_wait: Duration::from_secs(120),
            loading: Duration::from_secs(120),
            retries: 2,
        }
    }
}

/// Longest wait between two tries when the server asks for none.
const LONGEST_BACKOFF: Duration = Duration::from_secs(8);

/// What has been learnt about models, by base URL and name, for the life of the process.
static LEARNT: Mutex<BTreeMap<(String, String), Adaptation>> = Mutex::new(BTreeMap::new());

/// Tokens that a model's context is taken to hold when nobody says, and the least that is tried.
const ASSUMED_WINDOW: u32 = 8192;
const LEAST_WINDOW: u32 = 1024;

type Notice = Box<dyn Fn(&str) + Send + Sync>;

/// A model on an OpenAI-compatible server.
pub struct OpenAi {
    choice: ModelChoice,
    environment: Environment,
    timing: Timing,
    notice: Option<Notice>,
    key: OnceLock<Option<ApiKey>>,
    model: OnceLock<String>,
    window: Mutex<Window>,
    gate: Gate,
    lanes: Mutex<Vec<Lane>>,
}

/// What is known of the model's context, in tokens.
#[derive(Clone, Copy, Debug, Default)]
struct Window {
    was_asked: bool,
    /// As the server lists it.
    told: Option<u32>,
    /// As a refusal has shown.
    most: Option<u32>,
}

impl std::fmt::Debug for OpenAi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OpenAi({} at {})", self.choice.name(), self.host())
    }
}

impl OpenAi {
    /// A model as the settings choose it; opens no connection and asks for no key.
    pub fn new(choice: ModelChoice, environment: &Environment) -> Self {
        let timing = Timing {
            first_byte: Duration::from_secs_f64(choice.profile.first_byte_timeout_s),
            idle: Duration::from_secs_f64(choice.profile.idle_timeout_s),
            ..Timing::default()
        };
        let profile = &choice.profile;
        let gate = Gate::new(lane::is_nearby(&profile.base_url), profile.parallel.map(|most| most as usize));
        let model = OnceLock::new();
        if let Some(name) = &choice.model {
            let _ = model.set(name.clone());
        }
        Self {
            choice,
            environment: environment.clone(),
            timing,
            notice: None,
            key: OnceLock::new(),
            model,
            window: Mutex::default(),
            gate,
            lanes: Mutex::new(Vec::new()),
        }
    }

    /// The same with other waits.
    pub fn with_timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// The same, telling `notice` in a sentence when it waits before a retry.
    pub fn with_notice(mut self, notice: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.notice = Some(Box::new(notice));
        self
    }

    /// Profile and model as chosen.
    pub fn choice(&self) -> &ModelChoice {
        &self.choice
    }

    /// How this model is asked for JSON, as far as is known.
    pub fn rung(&self) -> Rung {
        self.learnt(self.model.get().map_or("", String::as_str)).rung
    }

    fn host(&self) -> &str {
        self.choice.profile.host()
    }

    fn key(&self) -> Result<Option<&ApiKey>, ModelError> {
        if let Some(key) = self.key.get() {
            return Ok(key.as_ref());
        }
        let key = self.choice.profile.api_key(&self.environment)?;
        Ok(self.key.get_or_init(|| key).as_ref())
    }

    /// The address of `path` under the base URL; a query of the base URL goes to the end.
    fn url(&self, path: &str) -> String {
        match self.choice.profile.base_url.split_once('?') {
            Some((base, query)) => format!("{base}/{path}?{query}"),
            None => format!("{}/{path}", self.choice.profile.base_url),
        }
    }

    /// Runs `work` on a free connection; it is kept for the next request if all went well.
    fn on_lane<T>(
        &self,
        work: impl AsyncFnOnce(&reqwest::Client) -> Result<T, ModelError>,
    ) -> Result<T, ModelError> {
        let free = locked(&self.lanes).pop();
        let lane = match free {
            Some(lane) => lane,
            None => Lane::open(&self.choice.profile.base_url, self.timing.connect)
                .map_err(|reason| ModelError::Unreachable { host: self.host().to_owned(), reason })?,
        };
        let result = lane.run(work);
        if result.is_ok() {
            locked(&self.lanes).push(lane);
        }
        result
    }

    fn learnt(&self, model: &str) -> Adaptation {
        let base_url = &self.choice.profile.base_url;
        let known = locked(&LEARNT).get(&(base_url.clone(), model.to_owned())).cloned();
        known.unwrap_or_else(|| Adaptation::first(base_url.starts_with(OPENAI_BASE_URL)))
    }

    fn learn(&self, model: &str, adaptation: &Adaptation) {
        let key = (self.choice.profile.base_url.clone(), model.to_owned());
        locked(&LEARNT).insert(key, adaptation.clone());
    }

    /// Takes from a refusal how much the model holds. Where the server does not say, and where one that
    /// was never asked sends nothing at all for a long prompt, half of what was thought is tried.
    fn learn_window(&self, request: &ChatRequest, error: &ModelError) {
        let thought = self.context_window();
        let said = match error {
            ModelError::ContextOverflow { context_window, .. } => {
                context_window.filter(|window| *window < thought).unwrap_or(thought / 2)
            }
            ModelError::BrokeOff { reason, .. } if reason == attempt::NO_TEXT => {
                let is_guess = self.choice.profile.context_window.is_none()
                    && locked(&self.window).told.is_none()
                    && !self.choice.profile.base_url.starts_with(OPENAI_BASE_URL);
                let sent: usize = request.messages.iter().map(|message| tokens::count(&message.text)).sum();
                if !is_guess || sent < thought as usize / 4 {
                    return;
                }
                thought / 2
            }
            _ => return,
        };
        locked(&self.window).most = Some(said.max(LEAST_WINDOW));
    }

    async fn converse(
        &self,
        client: &reqwest::Client,
        request: &ChatRequest,
        permit: &Permit<'_>,
        on_delta: &mut dyn FnMut(&str),
    ) -> Result<Completion, ModelError> {
        let cancel = &permit.way;
        let model = self.model_name(client, cancel).await?;
        let profile = &self.choice.profile;
        let defaults = Defaults {
            temperature: profile.temperature,
            seed: profile.seed,
            max_output_tokens: profile.max_output_tokens,
            reasoning_effort: profile.reasoning_effort.clone(),
        };
        let mut adapted = self.learnt(&model);
        let (mut requests, mut retries, mut at_once, mut loading) = (0, 0, true, Duration::ZERO);
        loop {
            requests += 1;
            let body = request::body(request, &model, &defaults, &adapted);
            let failed = match self.attempt(client, body, cancel, on_delta).await {
                Ok(reply) => {
                    let prompt_was_cut = reply.usage.is_some_and(|usage| was_cut(request, usage.prompt));
                    return Ok(Completion { requests, prompt_was_cut, ..reply });
                }
                Err(failed) => failed,
            };
            if let Some((error, status)) = failed.told.as_deref()
                && requests < 10
                && let Some(next) = adapted.after(error, *status, request)
            {
                adapted = next;
                self.learn(&model, &adapted);
                continue;
            }
            if was_pushed_out(permit, &failed.error) {
                return Err(failed.error);
            }
            let may_repeat = request.delivery == Delivery::Whole || failed.error.partial().is_empty();
            if failed.retry == Retry::Now && std::mem::take(&mut at_once) {
                continue;
            }
            let wait = match failed.retry {
                Retry::Soon | Retry::Now if may_repeat && retries < self.timing.retries => {
                    retries += 1;
                    self.wait_before(retries, &failed)
                }
                Retry::Loading if loading < self.timing.loading => {
                    let wait = self.timing.backoff.max(Duration::from_millis(1)) * 2;
                    loading += wait;
                    Some(wait)
                }
                _ => None,
            };
            let Some(wait) = wait else {
                self.learn_window(request, &failed.error);
                return Err(failed.error);
            };
            if let Some(notice) = &self.notice {
                notice(&format!("{}; trying again in {:.1} s", failed.error, wait.as_secs_f64()));
            }
            tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(ModelError::Cancelled { partial: String::new() }),
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// How long to wait before this retry; `None` if the server asks for too much.
    fn wait_before(&self, retry: u32, failed: &Failed) -> Option<Duration> {
        if let Some(asked) = failed.wait {
            return (asked <= self.timing.longest_wait).then_some(asked);
        }
        let doubled = self.timing.backoff * 2_u32.saturating_pow(retry.saturating_sub(1)).min(64);
        // Up to a quarter less, so that many clients do not come back together.
        let jitter = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), retry) % 256;
        Some(doubled.min(LONGEST_BACKOFF).mul_f64(1.0 - jitter as f64 / 1024.0))
    }
}

impl ChatModel for OpenAi {
    fn complete(
        &self,
        request: &ChatRequest,
        cancel: &Cancel,
        on_delta: &mut dyn FnMut(&str),
    ) -> Result<Completion, ModelError> {
        if cancel.is_cancelled() {
            return Err(ModelError::Cancelled { partial: String::new() });
        }
        let _call = cancel.enter();
        self.key()?;
        loop {
            let Some(permit) = self.gate.enter(request.priority, cancel) else {
                return Err(ModelError::Cancelled { partial: String::new() });
            };
            let result = self.on_lane(async |client: &reqwest::Client| {
                self.converse(client, request, &permit, on_delta).await
            });
            let Err(error) = result else { return result };
            let made_way = permit.way.is_cancelled() && !cancel.is_cancelled();
            let pushed_out = was_pushed_out(&permit, &error);
            if pushed_out {
                self.gate.narrow();
            }
            let may_repeat = request.delivery == Delivery::Whole || error.partial().is_empty();
            if !(may_repeat && (made_way || pushed_out)) {
                return Err(error);
            }
        }
    }

    fn name(&self) -> String {
        let model = self.model.get().map_or("default", String::as_str);
        format!("{}:{model}", self.choice.profile_name)
    }

    fn prepare(&self, cancel: &Cancel) -> Result<(), ModelError> {
        let profile = &self.choice.profile;
        if profile.context_window.is_none() && !profile.base_url.starts_with(OPENAI_BASE_URL) {
            self.discover_window(cancel)?;
        }
        Ok(())
    }

    fn context_window(&self) -> u32 {
        let window = *locked(&self.window);
        let most = window.most.unwrap_or(u32::MAX);
        if let Some(own) = self.choice.profile.context_window {
            return own.min(most);
        }
        if self.choice.profile.base_url.starts_with(OPENAI_BASE_URL) {
            return 128_000;
        }
        window.told.unwrap_or(ASSUMED_WINDOW).min(most)
    }
}

/// Did another request end this one? Some servers on people's own machines serve one at a time.
fn was_pushed_out(permit: &Permit<'_>, error: &ModelError) -> bool {
    matches!(error, ModelError::BrokeOff { .. }) && permit.is_local() && permit.was_beside_another()
}

/// Did the server count far fewer tokens than were sent? Only a small share of what any
/// tokeniser would count is taken as proof.
fn was_cut(request: &ChatRequest, counted: u64) -> bool {
    let bytes: usize = request.messages.iter().map(|message| message.text.len()).sum();
    if counted == 0 || bytes < 4000 || (bytes as u64) < counted * 6 {
        return false;
    }
    let estimate: usize = request.messages.iter().map(|message| tokens::count(&message.text)).sum();
    counted * 5 < estimate as u64 * 3
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
