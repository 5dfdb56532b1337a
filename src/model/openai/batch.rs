//! The Batch API: many requests as one file, answered within a day for less. Files up, files down, and
//! what became of a batch; the order of the answers is not the order of the requests.

use std::time::Duration;

use reqwest::multipart::{Form, Part};
use serde_json::Value;

use super::OpenAi;
use super::attempt::Failed;
use super::failure::{Retry, ServerError};
use super::reply::Reply;
use super::request::{self, Adaptation, Defaults};
use crate::model::{Cancel, ChatRequest, Completion, ModelError};

/// Most bytes of an answer that is no file.
const MAX_ANSWER: usize = 1 << 20;
/// Longest time that a file may take to go up.
const UPLOAD: Duration = Duration::from_secs(30 * 60);

/// How far a batch is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchLook {
    /// Running, ended or failed.
    pub state: BatchState,
    /// Requests answered.
    pub done: u64,
    /// Requests that failed.
    pub failed: u64,
    /// All requests.
    pub total: u64,
    /// Files with answers and errors, once it has ended.
    pub files: Vec<String>,
    /// Why it failed as a whole.
    pub reason: String,
}

/// What state a batch is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchState {
    /// Not yet done.
    Running,
    /// Done, expired or cancelled: what there is can be fetched.
    Ended,
    /// Refused as a whole.
    Failed,
}

/// How requests are written for one model: what it does not take is left out.
#[derive(Clone, Debug)]
pub struct Habits(Adaptation);

impl OpenAi {
    /// The model's name; where none was chosen, the server is asked for one.
    ///
    /// # Errors
    ///
    /// [`ModelError`].
    pub fn settle_model(&self, cancel: &Cancel) -> Result<String, ModelError> {
        match self.model.get() {
            Some(name) => Ok(name.clone()),
            None => self.on_lane(async |client: &reqwest::Client| self.model_name(client, cancel).await),
        }
    }

    /// One line of a batch's file: `request` under the name `id`.
    ///
    /// # Errors
    ///
    /// [`ModelError`] if no model is named and the server lists none.
    pub fn batch_line(&self, id: &str, request: &ChatRequest, cancel: &Cancel) -> Result<String, ModelError> {
        let model = self.settle_model(cancel)?;
        let profile = &self.choice.profile;
        let defaults = Defaults {
            temperature: profile.temperature,
            seed: profile.seed,
            max_output_tokens: profile.max_output_tokens,
            reasoning_effort: profile.reasoning_effort.clone(),
        };
        let body = request::body(request, &model, &defaults, &self.learnt(&model));
        let mut body: Value = serde_json::from_slice(&body).unwrap_or_default();
        if let Some(fields) = body.as_object_mut() {
            // A file has nobody to stream to.
            fields.remove("stream");
            fields.remove("stream_options");
        }
        let line = serde_json::json!({
            "custom_id": id, "method": "POST", "url": "/v1/chat/completions", "body": body,
        });
        Ok(line.to_string())
    }

    /// Sends a file of such lines and starts a batch; returns the batch's id.
    ///
    /// # Errors
    ///
    /// [`ModelError`].
    pub fn start_batch(&self, lines: &[u8], cancel: &Cancel) -> Result<String, ModelError> {
        let _call = cancel.enter();
        self.key()?;
        self.on_lane(async |client: &reqwest::Client| {
            let file = self
                .ask(cancel, UPLOAD, || {
                    let never = |error: reqwest::Error| self.unreachable(&error).error;
                    let part = Part::bytes(lines.to_vec()).file_name("requests.jsonl");
                    let part = part.mime_str("application/jsonl").map_err(never)?;
                    let form = Form::new().text("purpose", "batch").part("file", part);
                    Ok(self.request(client, reqwest::Method::POST, &self.url("files"))?.multipart(form))
                })
                .await?;
            let file = self.id_in(&file)?;
            let started = self
                .ask(cancel, self.timing.first_byte, || {
                    let request = self.request(client, reqwest::Method::POST, &self.url("batches"))?;
                    Ok(request.json(&serde_json::json!({
                        "input_file_id": file,
                        "endpoint": "/v1/chat/completions",
                        "completion_window": "24h",
                    })))
                })
                .await?;
            self.id_in(&started)
        })
    }

    /// Looks how far a batch is.
    ///
    /// # Errors
    ///
    /// [`ModelError`].
    pub fn look_at_batch(&self, id: &str, cancel: &Cancel) -> Result<BatchLook, ModelError> {
        let _call = cancel.enter();
        self.key()?;
        let url = self.url(&format!("batches/{id}"));
        let value = self.on_lane(async |client: &reqwest::Client| {
            self.ask(cancel, self.timing.first_byte, || self.request(client, reqwest::Method::GET, &url))
                .await
        })?;
        read_look(&value).ok_or_else(|| self.no_batch(&value))
    }

    /// Fetches a file of answers and hands its pieces to `sink` as they come.
    ///
    /// # Errors
    ///
    /// [`ModelError`]; then what `sink` got is not whole.
    pub fn fetch_batch_file(
        &self,
        file: &str,
        cancel: &Cancel,
        sink: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), ModelError> {
        let _call = cancel.enter();
        self.key()?;
        let url = self.url(&format!("files/{file}/content"));
        let broke_off = |reason: String| ModelError::BrokeOff { reason, partial: String::new() };
        self.on_lane(async |client: &reqwest::Client| {
            let request = self.request(client, reqwest::Method::GET, &url)?;
            let work = async {
                let mut response = request.send().await.map_err(|error| self.unreachable(&error).error)?;
                if !response.status().is_success() {
                    return Err(self.refused(response, cancel).await.error);
                }
                loop {
                    let idle = tokio::time::timeout(self.timing.idle, response.chunk()).await;
                    match idle {
                        Ok(Ok(Some(bytes))) => sink(&bytes).map_err(|error| broke_off(error.to_string()))?,
                        Ok(Ok(None)) => return Ok(()),
                        Ok(Err(_)) => {
                            return Err(broke_off("the connection was lost within a file".to_owned()));
                        }
                        Err(_) => return Err(broke_off("nothing more of a file came".to_owned())),
                    }
                }
            };
            tokio::select! {
                biased;
                () = cancel.cancelled() => Err(ModelError::Cancelled { partial: String::new() }),
                done = work => done,
            }
        })
    }

    /// Reads the answer in a line of such a file.
    ///
    /// # Errors
    ///
    /// [`ModelError`]: what the provider says instead of an answer.
    pub fn read_batch_line(&self, line: &Value) -> Result<Completion, ModelError> {
        let body = &line["response"]["body"];
        let status = status_of(line);
        if !(200..300).contains(&status) || body.is_null() {
            return Err(batch_error(line).into_model_error(status, self.host()));
        }
        let (mut reply, mut text) = (Reply::default(), String::new());
        reply.take(body.to_string().as_bytes(), &mut text);
        reply.close(&mut text);
        let read = self.conclude(reply, Ok(()), true).map_err(|failed| failed.error)?;
        Ok(Completion { requests: 1, ..read })
    }

    /// What is known of the model now: with it the next batch's lines are written.
    pub fn batch_habits(&self) -> Habits {
        Habits(self.learnt(self.model.get().map_or("", String::as_str)))
    }

    /// Learns from a line that refuses a field what the server does not take; true if the request, written
    /// with `habits`, is worth another try.
    pub fn learn_from_batch_line(&self, habits: &Habits, line: &Value) -> bool {
        let status = status_of(line);
        let (Some(model), false) = (self.model.get(), (200..300).contains(&status)) else { return false };
        // All that a batch asks for is JSON, and has a limit.
        let schema = crate::model::Schema { name: "any", schema: Value::Null };
        let request =
            ChatRequest { schema: Some(schema), max_output_tokens: Some(1), ..ChatRequest::default() };
        let next = habits.0.after(&batch_error(line), status, &request);
        if let Some(next) = &next {
            self.learn(model, next);
        }
        next.is_some()
    }

    /// Asks for a JSON object, again where that may help.
    async fn ask(
        &self,
        cancel: &Cancel,
        limit: Duration,
        make: impl Fn() -> Result<reqwest::RequestBuilder, ModelError>,
    ) -> Result<Value, ModelError> {
        let mut retries = 0;
        loop {
            let failed = match self.ask_once(cancel, limit, make()?).await {
                Ok(value) => return Ok(value),
                Err(failed) => failed,
            };
            let again = matches!(failed.retry, Retry::Soon | Retry::Loading) && retries < self.timing.retries;
            retries += 1;
            let Some(wait) = self.wait_before(retries, &failed).filter(|_| again) else {
                return Err(failed.error);
            };
            tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(ModelError::Cancelled { partial: String::new() }),
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    async fn ask_once(
        &self,
        cancel: &Cancel,
        limit: Duration,
        request: reqwest::RequestBuilder,
    ) -> Result<Value, Failed> {
        let never = |error| Failed { error, retry: Retry::Never, wait: None, told: None };
        let work = async {
            let mut response = request.send().await.map_err(|error| self.unreachable(&error))?;
            if !response.status().is_success() {
                return Err(self.refused(response, cancel).await);
            }
            let mut body = Vec::new();
            while let Ok(Some(bytes)) = response.chunk().await {
                if body.len() + bytes.len() > MAX_ANSWER {
                    break;
                }
                body.extend_from_slice(&bytes);
            }
            serde_json::from_slice(&body).map_err(|_| {
                let (host, reason) = (self.host().to_owned(), ServerError::read(&body).message);
                never(ModelError::NotAnApi { host, reason })
            })
        };
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(never(ModelError::Cancelled { partial: String::new() })),
            value = work => value,
            () = tokio::time::sleep(limit) => {
                let (host, seconds) = (self.host().to_owned(), limit.as_secs());
                Err(never(ModelError::Silent { host, seconds, partial: String::new() }))
            }
        }
    }

    /// The id of what was made.
    fn id_in(&self, value: &Value) -> Result<String, ModelError> {
        let plain = |id: &&str| {
            !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        let id = value["id"].as_str().filter(plain);
        id.map(ToOwned::to_owned).ok_or_else(|| self.no_batch(value))
    }

    fn no_batch(&self, value: &Value) -> ModelError {
        let error = ServerError::read(value.to_string().as_bytes());
        ModelError::NotAnApi { host: self.host().to_owned(), reason: error.message }
    }
}

/// The status of the answer in a line; 0 if there is none.
fn status_of(line: &Value) -> u16 {
    line["response"]["status_code"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(0)
}

/// What a line says instead of an answer.
fn batch_error(line: &Value) -> ServerError {
    let body = &line["response"]["body"];
    let said = if body.is_null() { serde_json::json!({"error": line["error"]}) } else { body.clone() };
    ServerError::read(said.to_string().as_bytes())
}

fn read_look(value: &Value) -> Option<BatchLook> {
    let state = match value["status"].as_str()? {
        "completed" | "expired" | "cancelled" => BatchState::Ended,
        "failed" => BatchState::Failed,
        _ => BatchState::Running,
    };
    let count = |name: &str| value["request_counts"][name].as_u64().unwrap_or(0);
    let files = ["output_file_id", "error_file_id"];
    let reason = value["errors"]["data"][0]["message"].as_str().unwrap_or("the provider does not say why");
    Some(BatchLook {
        state,
        done: count("completed"),
        failed: count("failed"),
        total: count("total"),
        files: files.iter().filter_map(|name| value[*name].as_str().map(ToOwned::to_owned)).collect(),
        reason: crate::text::sanitise(reason),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_batch_is_running_until_it_says_otherwise() {
        let look = |status: &str| {
            read_look(&json!({
                "status": status, "request_counts": {"total": 3, "completed": 2, "failed": 1},
                "output_file_id": "file-o", "error_file_id": null,
            }))
            .expect("a look")
        };
        for (status, want) in [
            ("validating", BatchState::Running),
            ("in_progress", BatchState::Running),
            ("finalizing", BatchState::Running),
            ("cancelling", BatchState::Running),
            ("completed", BatchState::Ended),
            ("expired", BatchState::Ended),
            ("cancelled", BatchState::Ended),
            ("failed", BatchState::Failed),
        ] {
            assert_eq!(look(status).state, want, "{status}");
        }
        assert_eq!((look("completed").files, look("completed").done), (vec!["file-o".to_owned()], 2));
        assert_eq!(read_look(&json!({"object": "batch"})), None);
    }

    #[test]
    fn an_error_is_read_wherever_the_line_has_it() {
        let rows = [
            (json!({"response": {"status_code": 429, "body": {"error": {"message": "slow"}}}}), "slow", 429),
            (json!({"response": null, "error": {"code": "batch_expired", "message": "late"}}), "late", 0),
        ];
        for (line, message, status) in rows {
            assert_eq!((batch_error(&line).message.as_str(), status_of(&line)), (message, status));
        }
    }
}
