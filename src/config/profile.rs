//! A profile: one server, one model, and how to talk to it.

use super::file::Place;
use super::setting::Setting;
use super::{ApiKey, ConfigError, Environment, KeyError, KeySource, Source};

/// Where requests go when nothing else is said.
pub const OPENAI_BASE_URL: &str = "https://api.openai.com/v1";
/// The model asked for at api.openai.com when none is named.
const OPENAI_MODEL: &str = "gpt-5-mini";

/// One server and how to talk to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// The folder above `/chat/completions`.
    pub base_url: String,
    /// The model's name as the server knows it; without one, the server's first is taken.
    pub model: Option<String>,
    /// The model that writes recordings down.
    pub audio_model: Option<String>,
    /// Where the key comes from.
    pub key: KeySource,
    /// Tokens that fit into the model's context; without it, what the server says, or 8,192.
    pub context_window: Option<u32>,
    /// Sampling temperature of the interviewer; graders use 0 unless it is set.
    pub temperature: Option<f64>,
    /// Sampling seed.
    pub seed: Option<i64>,
    /// Upper bound for the tokens of one reply.
    pub max_output_tokens: Option<u32>,
    /// `low`, `medium`, `high`, ...: sent to reasoning models as it stands.
    pub reasoning_effort: Option<String>,
    /// US dollars for a million tokens sent.
    pub price_input: Option<f64>,
    /// US dollars for a million tokens sent that the server had cached; `price_input` if not given.
    pub price_cached: Option<f64>,
    /// US dollars for a million tokens received.
    pub price_output: Option<f64>,
    /// Seconds until the first byte of a reply; the server may be loading the model.
    pub first_byte_timeout_s: f64,
    /// Seconds of silence within a reply; comments count as life.
    pub idle_timeout_s: f64,
    /// Requests at the same time, at most; without it, as many as there are to send, but only one of
    /// those that can wait to a server nearby.
    pub parallel: Option<u32>,
    /// Where the profile was defined.
    pub source: Source,
    said: Vec<(&'static str, String, Source)>,
}

/// US dollars for a million tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prices {
    /// Sent.
    pub input: f64,
    /// Sent, and read from the server's cache.
    pub cached: f64,
    /// Received.
    pub output: f64,
}

impl Prices {
    /// US dollars for these tokens; `cached` is a part of `input`.
    pub fn cost(&self, input: u64, cached: u64, output: u64) -> f64 {
        let fresh = input.saturating_sub(cached) as f64;
        (fresh * self.input + cached as f64 * self.cached + output as f64 * self.output) / 1e6
    }
}

/// What an LLM coach talks to.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelChoice {
    /// The profile's name.
    pub profile_name: String,
    /// The model; `None` asks the server for its first.
    pub model: Option<String>,
    /// The profile.
    pub profile: Profile,
}

/// Every key of `[profile.NAME]`.
pub(super) const PROFILE_KEYS: &[&str] = &[
    "base_url",
    "model",
    "audio_model",
    "api_key_env",
    "api_key_command",
    "api_key_keyring",
    "context_window",
    "temperature",
    "seed",
    "max_output_tokens",
    "reasoning_effort",
    "price_input",
    "price_cached",
    "price_output",
    "first_byte_timeout_s",
    "idle_timeout_s",
    "parallel",
];

impl Profile {
    /// A profile with nothing but its base URL.
    pub fn new(base_url: &str, source: Source) -> Self {
        Self {
            base_url: normalise_base_url(base_url),
            model: is_openai(base_url).then(|| OPENAI_MODEL.to_owned()),
            audio_model: None,
            key: KeySource::None,
            context_window: None,
            temperature: None,
            seed: None,
            max_output_tokens: None,
            reasoning_effort: None,
            price_input: None,
            price_cached: None,
            price_output: None,
            first_byte_timeout_s: 300.0,
            idle_timeout_s: 90.0,
            parallel: None,
            source,
            said: Vec::new(),
        }
    }

    /// The profile `openai` that `OPENAI_API_KEY` and `OPENAI_BASE_URL` describe, if either is set.
    pub(super) fn from_environment(environment: &Environment) -> Option<Self> {
        let has_key = environment.variable("OPENAI_API_KEY").is_some();
        let (base, source) = ["OPENAI_BASE_URL", "OPENAI_API_BASE"]
            .into_iter()
            .find_map(|name| Some((environment.variable(name)?, Source::Variable(name))))
            .or_else(|| has_key.then_some((OPENAI_BASE_URL, Source::Variable("OPENAI_API_KEY"))))?;
        let mut profile = Self::new(base, source.clone());
        profile.said.push(("base_url", profile.base_url.clone(), source));
        if has_key {
            profile.key = KeySource::Variable("OPENAI_API_KEY".to_owned());
            let source = Source::Variable("OPENAI_API_KEY");
            profile.said.push(("api_key_env", "OPENAI_API_KEY".to_owned(), source));
        }
        if let Some(model) = environment.variable("OPENAI_MODEL") {
            profile.model = Some(model.to_owned());
            profile.said.push(("model", model.to_owned(), Source::Variable("OPENAI_MODEL")));
        }
        Some(profile)
    }

    /// Reads `[profile.NAME]`; `get` returns a key's text and place.
    pub(super) fn from_table(
        place: &Place,
        get: &dyn Fn(&str) -> Option<(String, Place)>,
    ) -> Result<Self, ConfigError> {
        let Some((base_url, base_place)) = get("base_url") else {
            return Err(place
                .fault("a profile needs a base_url, such as \"http://127.0.0.1:8080/v1\"")
                .into());
        };
        if let Err(message) = check_base_url(&base_url) {
            return Err(base_place.fault(message).into());
        }
        let mut profile = Self::new(&base_url, place.source());
        let mut keys = Vec::new();
        for &key in PROFILE_KEYS {
            let Some((text, at)) = get(key) else { continue };
            profile.set(key, &text).map_err(|message| at.fault(format!("`{key}`: {message}")))?;
            let shown = if key == "base_url" { profile.base_url.clone() } else { text };
            profile.said.push((key, shown, at.source()));
            if key.starts_with("api_key_") {
                keys.push(at);
            }
        }
        if let [_, second, ..] = keys.as_slice() {
            return Err(second
                .fault("one of api_key_env, api_key_command and api_key_keyring is enough")
                .into());
        }
        if keys.is_empty() && is_openai(&profile.base_url) {
            profile.key = KeySource::Variable("OPENAI_API_KEY".to_owned());
        }
        Ok(profile)
    }

    fn set(&mut self, key: &str, text: &str) -> Result<(), String> {
        match key {
            "base_url" => {}
            "model" => self.model = Some(Setting::parse(text)?),
            "audio_model" => self.audio_model = Some(Setting::parse(text)?),
            "api_key_env" => {
                let name: String = Setting::parse(text)?;
                if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') || name.starts_with("sk_") {
                    return Err("this is the name of a variable, not the key itself".to_owned());
                }
                self.key = KeySource::Variable(name);
            }
            "api_key_command" => self.key = KeySource::Command(Setting::parse(text)?),
            "api_key_keyring" => self.key = KeySource::Keyring(Setting::parse(text)?),
            "context_window" => self.context_window = Some(at_least(Setting::parse(text)?, 1024)?),
            "temperature" => self.temperature = Some(Setting::parse(text)?),
            "seed" => self.seed = Some(Setting::parse(text)?),
            "max_output_tokens" => self.max_output_tokens = Some(at_least(Setting::parse(text)?, 16)?),
            "reasoning_effort" => self.reasoning_effort = Some(Setting::parse(text)?),
            "price_input" => self.price_input = Some(Setting::parse(text)?),
            "price_cached" => self.price_cached = Some(Setting::parse(text)?),
            "price_output" => self.price_output = Some(Setting::parse(text)?),
            "first_byte_timeout_s" => self.first_byte_timeout_s = seconds(text)?,
            "parallel" => self.parallel = Some(at_least(Setting::parse(text)?, 1)?),
            "idle_timeout_s" => self.idle_timeout_s = seconds(text)?,
            _ => return Err("there is no such key".to_owned()),
        }
        Ok(())
    }

    /// Gets the key; this may run a command.
    ///
    /// # Errors
    ///
    /// [`KeyError`].
    pub fn api_key(&self, environment: &Environment) -> Result<Option<ApiKey>, KeyError> {
        self.key.resolve(environment)
    }

    /// What tokens cost, if the profile says so.
    pub fn prices(&self) -> Option<Prices> {
        let (input, output) = (self.price_input?, self.price_output?);
        Some(Prices { input, cached: self.price_cached.unwrap_or(input), output })
    }

    /// Scheme and host, for the line that says where words are sent.
    pub fn host(&self) -> &str {
        let end = self.base_url.find("://").map_or(0, |at| at + 3);
        let path = self.base_url[end..].find(['/', '?']).map_or(self.base_url.len(), |at| end + at);
        &self.base_url[..path]
    }

    pub(super) fn rows(&self) -> Vec<(&'static str, String, Source)> {
        self.said.clone()
    }

    /// Is a key sent with requests?
    pub fn has_key(&self) -> bool {
        self.key != KeySource::None
    }
}

impl ModelChoice {
    /// `PROFILE:MODEL`, as graders are named.
    pub fn name(&self) -> String {
        format!("{}:{}", self.profile_name, self.model.as_deref().unwrap_or("default"))
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = Setting::parse(text)?;
    if (0.05..=86_400.0).contains(&seconds) {
        Ok(seconds)
    } else {
        Err(format!("`{text}` is no number of seconds"))
    }
}

fn at_least(number: u32, least: u32) -> Result<u32, String> {
    if number < least { Err(format!("{number} is too small; {least} is the least")) } else { Ok(number) }
}

/// True for api.openai.com, and for nothing that only looks like it.
pub(crate) fn is_openai(base_url: &str) -> bool {
    let rest = base_url.trim().strip_prefix("https://").unwrap_or("");
    rest.split(['/', '?', ':']).next() == Some("api.openai.com")
}

fn check_base_url(text: &str) -> Result<(), String> {
    let text = text.trim();
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.starts_with('/') => {
            if rest.split('/').next().is_some_and(|host| host.contains('@')) {
                return Err("a base_url must not hold a password; use api_key_env".to_owned());
            }
            Ok(())
        }
        _ => Err(format!("`{text}` is no base URL; it begins with http:// or https://")),
    }
}

/// Drops what people paste too much: white space, trailing slashes, `/chat/completions`. A query stays.
pub(crate) fn normalise_base_url(text: &str) -> String {
    let (path, query) = match text.trim().split_once('?') {
        Some((path, query)) => (path, format!("?{query}")),
        None => (text.trim(), String::new()),
    };
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix("/chat/completions").unwrap_or(path).trim_end_matches('/');
    // A host alone: every server but LM Studio's old ones and gateways serves /v1 there.
    let bare = path.split_once("://").is_some_and(|(_, rest)| !rest.contains('/'));
    let path = if bare && query.is_empty() { format!("{path}/v1") } else { path.to_owned() };
    format!("{path}{query}")
}
