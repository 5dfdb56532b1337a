//! Speech to text through `/audio/transcriptions`: one file up, what was said down, in the richest form the server gives.

use std::collections::BTreeMap;
use std::sync::Mutex;

use reqwest::multipart::{Form, Part};
use serde_json::Value;

use super::attempt::Failed;
use super::failure::{Retry, ServerError};
use super::{OpenAi, locked};
use crate::model::{Cancel, ModelError};

/// Most bytes of a transcription; a day of talk with times has about 20 MB.
const MAX_BODY: usize = 32 << 20;

/// Why a recording was not transcribed.
#[derive(Debug, thiserror::Error)]
pub enum HearingError {
    /// It is more than the provider takes at once: fewer bytes, or fewer seconds where it says how many.
    #[error("the provider takes no recording of that size at once: {reason}")]
    TooLarge {
        /// The server's words.
        reason: String,
        /// Seconds that it takes, if it says so.
        seconds: Option<f64>,
    },
    /// Anything else.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// How the answer is asked for, the richest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Segments with times and speakers.
    Diarized,
    /// Segments with times.
    Verbose,
    /// The text alone.
    Plain,
}

impl Shape {
    /// What models of this name are known to give.
    fn first(model: &str) -> Self {
        let model = model.to_ascii_lowercase();
        match () {
            () if model.contains("diarize") => Self::Diarized,
            () if model.starts_with("gpt-") => Self::Plain,
            () => Self::Verbose,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Diarized => "diarized_json",
            Self::Verbose => "verbose_json",
            Self::Plain => "json",
        }
    }

    fn next(self) -> Option<Self> {
        match self {
            Self::Diarized => Some(Self::Verbose),
            Self::Verbose => Some(Self::Plain),
            Self::Plain => None,
        }
    }
}

/// What has been learnt about models, by base URL and name, for the life of the process.
static SHAPES: Mutex<BTreeMap<(String, String), Shape>> = Mutex::new(BTreeMap::new());

impl OpenAi {
    /// Sends a recording and returns what the server wrote down: JSON with segments, with a text alone, or plain
    /// text. `file_name` tells the server the format. Blocks; `cancel` ends it at once.
    ///
    /// # Errors
    ///
    /// [`HearingError::TooLarge`] if the recording is to be cut; [`HearingError::Model`] else, after retries.
    pub fn transcribe(
        &self,
        bytes: &[u8],
        file_name: &'static str,
        cancel: &Cancel,
    ) -> Result<Vec<u8>, HearingError> {
        if cancel.is_cancelled() {
            return Err(ModelError::Cancelled { partial: String::new() }.into());
        }
        let _call = cancel.enter();
        self.key()?;
        let mut too_large = None;
        let heard = self.on_lane(async |client: &reqwest::Client| {
            self.hear(client, bytes, file_name, cancel, &mut too_large).await
        });
        match too_large {
            Some(error) => Err(error),
            None => Ok(heard?),
        }
    }

    async fn hear(
        &self,
        client: &reqwest::Client,
        bytes: &[u8],
        file_name: &'static str,
        cancel: &Cancel,
        too_large: &mut Option<HearingError>,
    ) -> Result<Vec<u8>, ModelError> {
        let model = self.model_name(client, cancel).await?;
        let known = (self.choice.profile.base_url.clone(), model.clone());
        let mut shape = locked(&SHAPES).get(&known).copied().unwrap_or_else(|| Shape::first(&model));
        let mut retries = 0;
        loop {
            let part = Part::bytes(bytes.to_vec()).file_name(file_name);
            let mut form = Form::new().text("model", model.clone()).text("response_format", shape.name());
            if shape == Shape::Diarized {
                form = form.text("chunking_strategy", "auto");
            }
            let failed = match self.post_audio(client, form.part("file", part), cancel).await {
                Ok(body) => {
                    locked(&SHAPES).insert(known, shape);
                    return Ok(body);
                }
                Err(failed) => failed,
            };
            if let Some((error, status)) = failed.told.as_deref() {
                if let Some(seconds) = error.is_too_large(*status) {
                    *too_large = Some(HearingError::TooLarge { reason: error.message.clone(), seconds });
                    return Err(failed.error);
                }
                let about_shape = error.is_about_format() || error.names("chunking_strategy");
                if let Some(next) = shape.next().filter(|_| about_shape && *status != 429) {
                    shape = next;
                    continue;
                }
            }
            let again = matches!(failed.retry, Retry::Soon | Retry::Loading) && retries < self.timing.retries;
            retries += 1;
            let Some(wait) = self.wait_before(retries, &failed).filter(|_| again) else {
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

    async fn post_audio(
        &self,
        client: &reqwest::Client,
        form: Form,
        cancel: &Cancel,
    ) -> Result<Vec<u8>, Failed> {
        let never = |error| Failed { error, retry: Retry::Never, wait: None, told: None };
        let request = self.request(client, reqwest::Method::POST, &self.url("audio/transcriptions"));
        let request = request.map_err(never)?.multipart(form);
        let work = async {
            let mut response = request.send().await.map_err(|error| self.unreachable(&error))?;
            if !response.status().is_success() {
                return Err(self.refused(response, cancel).await);
            }
            let mut body = Vec::new();
            loop {
                match response.chunk().await {
                    Ok(Some(bytes)) if body.len() + bytes.len() <= MAX_BODY => body.extend_from_slice(&bytes),
                    Ok(None) => return Ok(body),
                    Ok(Some(_)) => return Err(never(broke_off("the server sent more than 32 MiB"))),
                    Err(_) => {
                        let error = broke_off("the connection was lost within it");
                        return Err(Failed { error, retry: Retry::Soon, wait: None, told: None });
                    }
                }
            }
        };
        let body = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(never(ModelError::Cancelled { partial: String::new() })),
            body = work => body?,
            () = tokio::time::sleep(self.timing.first_byte) => {
                let (host, seconds) = (self.host().to_owned(), self.timing.first_byte.as_secs_f64().ceil() as u64);
                return Err(never(ModelError::Silent { host, seconds, partial: String::new() }));
            }
        };
        // Some servers answer 200 and say within that it failed.
        let value = serde_json::from_slice::<Value>(&body).unwrap_or(Value::Null);
        if value.get("error").is_some_and(|error| !error.is_null()) {
            let error = ServerError::read(&body);
            let told = Some(Box::new((error.clone(), 400)));
            return Err(Failed { told, ..never(error.into_model_error(200, self.host())) });
        }
        if body.trim_ascii_start().starts_with(b"<") {
            let (host, reason) = (self.host().to_owned(), ServerError::read(&body).message);
            return Err(never(ModelError::NotAnApi { host, reason }));
        }
        Ok(body)
    }
}

fn broke_off(reason: &str) -> ModelError {
    ModelError::BrokeOff { reason: reason.to_owned(), partial: String::new() }
}

impl ServerError {
    /// Is the file more than the server takes? Then also for how many seconds, if it says so.
    fn is_too_large(&self, status: u16) -> Option<Option<f64>> {
        let message = self.message.to_lowercase();
        let words: Vec<&str> = message.split_whitespace().collect();
        let seconds = words.windows(2).filter(|pair| pair[1].starts_with("second"));
        let seconds =
            seconds.filter_map(|pair| pair[0].parse::<f64>().ok().filter(|seconds| *seconds >= 1.0));
        let seconds = seconds.min_by(f64::total_cmp);
        if seconds.is_some()
            && ["longer", "maximum", "exceed", "too long", "duration"]
                .iter()
                .any(|word| message.contains(word))
        {
            return Some(seconds);
        }
        let large = ["content size limit", "too large", "file size", "entity too large", "maximum size"];
        let is_large = status == 413 || (status < 500 && large.iter().any(|word| message.contains(word)));
        is_large.then_some(None)
    }
}
