//! One request and its reply: headers, stream, end. What to do about a failure is decided elsewhere.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use tokio::time::Instant;

use super::OpenAi;
use super::failure::{Retry, ServerError, retry_after_ms};
use super::lane::{causes, lost};
use super::reply::Reply;
use super::sse::SseParser;
use crate::model::{Cancel, Completion, Finish, ModelError, Refusal};

/// Most bytes of a reply that is one JSON text instead of a stream.
const MAX_BODY: usize = 16 << 20;
/// Most bytes of a stream; a long thought may take tens of MiB, one that never ends must not take all memory.
const MAX_STREAM: usize = 64 << 20;
/// Most bytes of the text in it: twice what the longest reply of any model comes to.
const MAX_TEXT: usize = 1 << 20;
/// A reply without a word: what one server sends when the conversation does not fit.
pub(super) const NO_TEXT: &str = "the server sent no text at all";
/// Most bytes of an error that are read.
const MAX_ERROR: usize = 64 << 10;
/// Bytes of text that are shown together at most while more of it is there already.
const TOGETHER: usize = 1024;
/// How long an error's body, or what follows the end of a reply, may take.
const TAIL: Duration = Duration::from_secs(2);

/// A try that did not succeed.
pub(super) struct Failed {
    pub(super) error: ModelError,
    pub(super) retry: Retry,
    /// How long the server asks to wait.
    pub(super) wait: Option<Duration>,
    /// What the server said, and with which status.
    pub(super) told: Option<Box<(ServerError, u16)>>,
}

impl Failed {
    fn new(error: ModelError, retry: Retry) -> Self {
        Self { error, retry, wait: None, told: None }
    }
}

/// What kind of body comes, judged by its first byte.
enum Kind {
    Unknown,
    Events,
    Json(Vec<u8>),
    Page(Vec<u8>),
}

impl OpenAi {
    pub(super) fn request(
        &self,
        client: &reqwest::Client,
        method: reqwest::Method,
        url: &str,
    ) -> Result<reqwest::RequestBuilder, ModelError> {
        let mut request = client.request(method, url);
        if let Some(key) = self.key()? {
            let is_azure = self.host().ends_with(".azure.com");
            let (name, value) = if is_azure {
                (HeaderName::from_static("api-key"), key.expose().to_owned())
            } else {
                (AUTHORIZATION, format!("Bearer {}", key.expose()))
            };
            let mut value = HeaderValue::from_str(&value).map_err(|_| ModelError::Refused {
                host: self.host().to_owned(),
                status: 0,
                refusal: Refusal::Key,
                reason: "the key holds characters that no header can carry".to_owned(),
            })?;
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        Ok(request)
    }

    pub(super) async fn attempt(
        &self,
        client: &reqwest::Client,
        body: Vec<u8>,
        cancel: &Cancel,
        on_delta: &mut dyn FnMut(&str),
    ) -> Result<Completion, Failed> {
        let sent = Instant::now();
        let url = self.url("chat/completions");
        let request = self
            .request(client, reqwest::Method::POST, &url)
            .map_err(|error| Failed::new(error, Retry::Never))?
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        let response = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(cancelled(String::new())),
            response = request.send() => response.map_err(|error| self.unreachable(&error))?,
            () = tokio::time::sleep(self.timing.first_byte) => return Err(self.silent(self.timing.first_byte, String::new())),
        };
        if !response.status().is_success() {
            return Err(self.refused(response, cancel).await);
        }
        self.read(response, sent, cancel, on_delta).await
    }

    async fn read(
        &self,
        mut response: reqwest::Response,
        sent: Instant,
        cancel: &Cancel,
        on_delta: &mut dyn FnMut(&str),
    ) -> Result<Completion, Failed> {
        if let Some(encoding) = response.headers().get("content-encoding")
            && encoding != "identity"
        {
            return Err(self.not_an_api("it sends compressed text that nobody asked for".to_owned()));
        }
        let (mut parser, mut reply, mut kind) = (SseParser::default(), Reply::default(), Kind::Unknown);
        let (mut shown, mut received) = (String::new(), 0);
        let mut last = sent;
        let mut limit = self.timing.first_byte;
        let mut alarm = std::pin::pin!(tokio::time::sleep_until(sent + limit));
        let mut cancelling = std::pin::pin!(cancel.cancelled());
        let ended = loop {
            let piece = tokio::select! {
                biased;
                () = &mut cancelling => return Err(cancelled(reply.text)),
                piece = response.chunk() => piece,
                // The connection has had its turn and nothing more has come: now all is shown, in one piece.
                () = tokio::task::yield_now(), if !shown.is_empty() => {
                    on_delta(&shown);
                    shown.clear();
                    continue;
                }
                () = &mut alarm => {
                    // Moving the alarm at every word would cost more than looking again here.
                    if last + limit > Instant::now() {
                        alarm.as_mut().reset(last + limit);
                        continue;
                    }
                    if reply.finish.is_some() {
                        break Ok(());
                    }
                    return Err(self.silent(limit, reply.text));
                }
            };
            last = Instant::now();
            let bytes = match piece {
                Ok(Some(bytes)) => bytes,
                Ok(None) => break Ok(()),
                Err(error) => break Err(lost(&error)),
            };
            received += bytes.len();
            let taken = self.take(&bytes, &mut kind, &mut parser, &mut reply, &mut shown);
            let was_too_long = match taken {
                Ok(()) if reply.text.len() > MAX_TEXT => {
                    Some("the server sent a reply of more than 1 MiB".to_owned())
                }
                Ok(()) if received > MAX_STREAM => Some("the server sent more than 64 MiB".to_owned()),
                taken => taken.err(),
            };
            // The first words do not wait for company.
            let most = if reply.text.len() > shown.len() { TOGETHER } else { 1 };
            if shown.len() >= most || !shown.is_empty() && (reply.done || was_too_long.is_some()) {
                on_delta(&shown);
                shown.clear();
            }
            if let Some(reason) = was_too_long {
                return Err(Failed { retry: Retry::Never, ..broke_off(reason, reply.text) });
            }
            let before = limit;
            if reply.finish.is_some() {
                limit = TAIL;
            } else if reply.has_text() {
                limit = self.timing.idle;
            }
            if limit < before {
                alarm.as_mut().reset(last + limit);
            }
            if reply.done {
                // What closes the body usually stands in the same packet: then the connection can be used again.
                let _ = tokio::time::timeout(Duration::from_millis(5), response.chunk()).await;
                break Ok(());
            }
            if reply.error.is_some() || reply.damaged {
                break Ok(());
            }
        };
        let mut take = |data: &[u8]| reply.take(data, &mut shown);
        match &kind {
            Kind::Json(body) => take(body),
            Kind::Page(body) => return Err(self.not_an_api(ServerError::read(body).message)),
            Kind::Events | Kind::Unknown => {
                // A break within an event leaves half of it, which says nothing.
                if ended.is_ok() {
                    let _ = parser.finish(&mut take);
                }
            }
        }
        reply.close(&mut shown);
        if !shown.is_empty() {
            on_delta(&shown);
        }
        let is_json = matches!(kind, Kind::Json(_));
        self.conclude(reply, ended, is_json)
    }

    /// Takes the next bytes of the body.
    fn take(
        &self,
        mut bytes: &[u8],
        kind: &mut Kind,
        parser: &mut SseParser,
        reply: &mut Reply,
        shown: &mut String,
    ) -> Result<(), String> {
        if matches!(kind, Kind::Unknown) {
            bytes = bytes.trim_ascii_start();
            *kind = match bytes.first() {
                None => Kind::Unknown,
                Some(b'{' | b'[') => Kind::Json(Vec::new()),
                Some(b'<') => Kind::Page(Vec::new()),
                Some(_) => Kind::Events,
            };
        }
        match kind {
            Kind::Unknown => Ok(()),
            Kind::Events => parser
                .push(bytes, &mut |data| reply.take(data, shown))
                .map_err(|_| "the server sent one event of more than 4 MiB".to_owned()),
            Kind::Json(body) if body.len() + bytes.len() > MAX_BODY => {
                Err("the server sent more than 16 MiB".to_owned())
            }
            Kind::Json(body) => {
                body.extend_from_slice(bytes);
                Ok(())
            }
            Kind::Page(body) => {
                body.extend_from_slice(&bytes[..bytes.len().min(MAX_ERROR.saturating_sub(body.len()))]);
                Ok(())
            }
        }
    }

    /// A reply counts as whole only if the server said why it ended.
    pub(super) fn conclude(
        &self,
        reply: Reply,
        ended: Result<(), String>,
        is_json: bool,
    ) -> Result<Completion, Failed> {
        let key = self.key().ok().flatten();
        let redacted = |text: String| key.map_or(text.clone(), |key| key.redact(&text));
        if let Some(mut error) = reply.error {
            error.message = redacted(error.message);
            let retry = error.retry(200, None);
            if reply.text.is_empty() {
                let told = Some(Box::new((error.clone(), 400)));
                return Err(Failed { told, ..Failed::new(error.into_model_error(200, self.host()), retry) });
            }
            return Err(Failed { retry, ..broke_off(error.message, reply.text) });
        }
        if reply.damaged {
            let reason = if is_json && ended.is_err() {
                "the connection was lost within it"
            } else {
                "the server sent a part of it that is no valid JSON"
            };
            return Err(broke_off(reason.to_owned(), reply.text));
        }
        let Some(finish) = reply.finish else {
            let reason = match ended {
                Err(reason) => format!("the connection was lost ({reason})"),
                Ok(()) if reply.done => "the server ended it without saying that it was whole".to_owned(),
                Ok(()) if reply.text.is_empty() => NO_TEXT.to_owned(),
                Ok(()) => "the server closed the connection before it was whole".to_owned(),
            };
            return Err(broke_off(redacted(reason), reply.text));
        };
        let text = reply.text;
        let is_blank = text.trim().is_empty();
        if is_blank && !reply.refusal.is_empty() {
            let error = ModelError::Declined { reason: crate::text::sanitise(&reply.refusal), partial: text };
            return Err(Failed::new(error, Retry::Never));
        }
        let finish = match finish.to_ascii_lowercase().as_str() {
            "error" | "network_error" => {
                return Err(broke_off("the provider failed within it".to_owned(), text));
            }
            "content_filter" | "safety" => {
                let reason = "its content filter ended the reply".to_owned();
                return Err(Failed::new(ModelError::Declined { reason, partial: text }, Retry::Never));
            }
            "length" | "max_tokens" => Finish::Length,
            _ if is_blank && reply.called_tool => {
                return Err(broke_off(
                    "the model wants to call a tool, and greenroom has none".to_owned(),
                    text,
                ));
            }
            _ if is_blank => return Err(broke_off("the reply was empty".to_owned(), text)),
            _ => Finish::Stop,
        };
        Ok(Completion { text, finish, usage: reply.usage, prompt_was_cut: false, requests: 0 })
    }

    pub(super) async fn refused(&self, mut response: reqwest::Response, cancel: &Cancel) -> Failed {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let header =
            |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
        let mut body = Vec::new();
        let reading = async {
            while let Ok(Some(bytes)) = response.chunk().await {
                body.extend_from_slice(&bytes[..bytes.len().min(MAX_ERROR - body.len())]);
                if body.len() >= MAX_ERROR {
                    break;
                }
            }
        };
        tokio::select! {
            biased;
            () = cancel.cancelled() => return cancelled(String::new()),
            () = reading => {}
            () = tokio::time::sleep(TAIL) => {}
        }
        let mut error = ServerError::read(&body);
        if let Some(key) = self.key().ok().flatten() {
            error.message = key.redact(&error.message);
        }
        if let Some(to) = header("location").filter(|_| (300..400).contains(&status)) {
            let end = to.find("://").and_then(|at| to[at + 3..].find(['/', '?']).map(|end| at + 3 + end));
            error.message = format!("to {}", crate::text::sanitise(&to[..end.unwrap_or(to.len())]));
        }
        let says_retry = header("x-should-retry").and_then(|text| text.trim().parse().ok());
        let now_ms = i64::try_from(now_ms()).unwrap_or(i64::MAX);
        let wait = retry_after_ms(&header, now_ms).map(Duration::from_millis);
        let retry = error.retry(status, says_retry);
        let told = Some(Box::new((error.clone(), status)));
        Failed { error: error.into_model_error(status, self.host()), retry, wait, told }
    }

    pub(super) fn unreachable(&self, error: &reqwest::Error) -> Failed {
        let reason = causes(error);
        // The outermost words only repeat the address.
        let reason = reason.split_once("): ").map_or(reason.clone(), |(_, rest)| rest.to_owned());
        let hopeless = error.is_builder()
            || ["certificate", "dns error", "invalid URL"].iter().any(|w| reason.contains(w));
        let reached = !error.is_connect() && !error.is_builder();
        if reached {
            let reason = format!("the connection was lost ({})", lost(error));
            return Failed::new(ModelError::BrokeOff { reason, partial: String::new() }, Retry::Now);
        }
        let error = ModelError::Unreachable { host: self.host().to_owned(), reason };
        Failed::new(error, if hopeless { Retry::Never } else { Retry::Soon })
    }

    fn silent(&self, limit: Duration, partial: String) -> Failed {
        let seconds = limit.as_secs_f64().ceil() as u64;
        Failed::new(ModelError::Silent { host: self.host().to_owned(), seconds, partial }, Retry::Never)
    }

    fn not_an_api(&self, reason: String) -> Failed {
        Failed::new(ModelError::NotAnApi { host: self.host().to_owned(), reason }, Retry::Never)
    }
}

fn broke_off(reason: String, partial: String) -> Failed {
    Failed::new(ModelError::BrokeOff { reason, partial }, Retry::Soon)
}

fn cancelled(partial: String) -> Failed {
    Failed::new(ModelError::Cancelled { partial }, Retry::Never)
}

/// Milliseconds since 1970, for servers that name the moment to come back.
#[allow(
    clippy::disallowed_methods,
    reason = "compared with a moment that a server named; nothing is recorded"
)]
fn now_ms() -> u128 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_millis())
}
