//! A lane: one caller's runtime and connections. A call borrows a free lane and blocks on it.
//!
//! All work of a call happens on the caller's own thread: no word waits for another thread to
//! wake. Dropping a lane closes its connections at once, which frees the server.

use std::io::ErrorKind;
use std::sync::Once;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

static TLS: Once = Once::new();

pub(super) struct Lane {
    runtime: Option<Runtime>,
    client: reqwest::Client,
}

impl Lane {
    /// Makes a runtime and a client; opens no connection.
    pub(super) fn open(base_url: &str, connect: Duration) -> Result<Self, String> {
        // Twice is harmless: the error only says that a provider is there already.
        TLS.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        let plain = base_url.starts_with("http://");
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("greenroom/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(connect)
            .pool_idle_timeout(Duration::from_secs(if plain { 4 } else { 60 }))
            .tcp_nodelay(true);
        if plain {
            // No certificate is needed, and reading them all would cost more than the request.
            builder = builder.tls_certs_only([]);
        }
        if is_loopback(base_url) {
            builder = builder.no_proxy();
        }
        let client = builder
            .build()
            .map_err(|error| format!("{}; install ca-certificates or set SSL_CERT_FILE", causes(&error)))?;
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
        Ok(Self { runtime: Some(runtime), client })
    }

    /// Blocks on `work`.
    pub(super) fn run<T, E>(&self, work: impl AsyncFnOnce(&reqwest::Client) -> Result<T, E>) -> Result<T, E>
    where
        E: From<NoRuntime>,
    {
        match &self.runtime {
            Some(runtime) => runtime.block_on(work(&self.client)),
            None => Err(NoRuntime.into()),
        }
    }
}

/// A lane that was closed; it is never given out again.
pub(super) struct NoRuntime;

impl From<NoRuntime> for crate::model::ModelError {
    fn from(_: NoRuntime) -> Self {
        Self::BrokeOff { reason: "the connection was closed".to_owned(), partial: String::new() }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        // A name being looked up may take long; nobody waits for it any more.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// An error and what is behind it, innermost last, each said once.
pub(super) fn causes(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        if !said.contains(&words) {
            said.push_str(": ");
            said.push_str(&words);
        }
        next = cause.source();
    }
    said
}

/// How a connection was lost, in few words that are the same on every system.
pub(super) fn lost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    match innermost.downcast_ref::<std::io::Error>().map(std::io::Error::kind) {
        Some(ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe) => {
            "it was reset".to_owned()
        }
        Some(ErrorKind::UnexpectedEof) => "it was closed".to_owned(),
        _ => innermost.to_string(),
    }
}

/// Is the server on this machine or in this house, where it serves one person?
pub(super) fn is_nearby(base_url: &str) -> bool {
    let rest = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    let host = rest.split(['/', '?']).next().unwrap_or("");
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_private = name.parse().is_ok_and(|address: std::net::Ipv4Addr| address.is_private());
    is_loopback(base_url) || is_private || name.ends_with(".local")
}

pub(super) fn is_loopback(base_url: &str) -> bool {
    let rest = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    let host = rest.split(['/', '?']).next().unwrap_or("");
    host.starts_with("127.") || host.starts_with("[::1]") || host.split(':').next() == Some("localhost")
}
