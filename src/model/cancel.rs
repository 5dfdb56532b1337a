//! A flag that ends a reply from another thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

/// Ends the calls it was passed to, at once; clones share the flag.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    flag: AtomicBool,
    notify: Notify,
    calls: AtomicUsize,
    parent: Option<Cancel>,
}

impl Cancel {
    /// A flag that nobody has raised.
    pub fn new() -> Self {
        Self::default()
    }

    /// A flag of its own that is raised with this one too.
    #[must_use]
    pub fn child(&self) -> Self {
        Self(Arc::new(Inner { parent: Some(self.clone()), ..Inner::default() }))
    }

    /// Raises the flag; what waits on it wakes.
    pub fn cancel(&self) {
        self.0.flag.store(true, Ordering::SeqCst);
        self.0.notify.notify_waiters();
    }

    /// Lowers the flag for the next call.
    pub fn reset(&self) {
        self.0.flag.store(false, Ordering::SeqCst);
    }

    /// Has the flag been raised?
    pub fn is_cancelled(&self) -> bool {
        self.0.flag.load(Ordering::SeqCst) || self.0.parent.as_ref().is_some_and(Self::is_cancelled)
    }

    /// Is there a call that raising the flag would end?
    pub fn has_calls(&self) -> bool {
        self.0.calls.load(Ordering::SeqCst) > 0
    }

    /// Waits until `is_over` or `time` has passed, as a call that raising the flag ends; true if it did.
    pub fn wait(&self, time: Duration, is_over: impl Fn() -> bool) -> bool {
        const STEP: Duration = Duration::from_millis(20);
        let _call = self.enter();
        let mut waited = Duration::ZERO;
        while waited < time && !is_over() {
            if self.is_cancelled() {
                return true;
            }
            std::thread::sleep(STEP);
            waited += STEP;
        }
        self.is_cancelled()
    }

    /// Counts a call until the guard is dropped.
    pub(super) fn enter(&self) -> Call<'_> {
        let mut flag = Some(self);
        while let Some(cancel) = flag {
            cancel.0.calls.fetch_add(1, Ordering::SeqCst);
            flag = cancel.0.parent.as_ref();
        }
        Call(self)
    }

    /// Waits until the flag is raised.
    pub(super) async fn cancelled(&self) {
        match &self.0.parent {
            None => self.raised().await,
            Some(parent) => tokio::select! {
                () = self.raised() => {}
                () = Box::pin(parent.cancelled()) => {}
            },
        }
    }

    async fn raised(&self) {
        loop {
            // Registered before the flag is read: a cancel in between is not missed.
            let mut waiting = std::pin::pin!(self.0.notify.notified());
            waiting.as_mut().enable();
            if self.0.flag.load(Ordering::SeqCst) {
                return;
            }
            waiting.await;
        }
    }
}

/// A call in progress.
pub(super) struct Call<'a>(&'a Cancel);

impl Drop for Call<'_> {
    fn drop(&mut self) {
        let mut flag = Some(self.0);
        while let Some(cancel) = flag {
            cancel.0.calls.fetch_sub(1, Ordering::SeqCst);
            flag = cancel.0.parent.as_ref();
        }
    }
}
