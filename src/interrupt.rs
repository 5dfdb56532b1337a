//! Ctrl-C and its kin: a signal raises a flag that the session looks at, so that it ends in order.
//!
//! At a prompt the line editor has the keyboard raw and sees Ctrl-C as a key; this is for pipes,
//! closed terminals, and for being asked to end.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

/// The last signal that asked the process to stop something.
#[derive(Clone, Debug, Default)]
pub struct Interrupts {
    signal: Arc<AtomicI32>,
}

impl Interrupts {
    /// Catches the signals from now on. Where signals cannot be caught,
    /// nothing changes.
    #[cfg(unix)]
    pub fn catch() -> Self {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        let caught = Self::default();
        if let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP]) {
            let shared = Arc::clone(&caught.signal);
            std::thread::spawn(move || {
                for signal in signals.forever() {
                    shared.store(signal, Ordering::SeqCst);
                }
            });
        }
        caught
    }

    /// Signals are not caught here.
    #[cfg(not(unix))]
    pub fn catch() -> Self {
        Self::default()
    }

    /// Takes the signal that has just stopped a reply: a Ctrl-C must not end the session too. Waits a
    /// moment, since two threads hear of one signal.
    pub fn take_late(&self) -> Option<Asked> {
        for _ in 0..20 {
            if let Some(asked) = self.take() {
                return Some(asked);
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        None
    }

    /// What was asked since the last look.
    pub fn take(&self) -> Option<Asked> {
        match self.signal.swap(0, Ordering::SeqCst) {
            0 => None,
            // SIGINT is 2 on every Unix.
            2 => Some(Asked::Interrupt),
            _ => Some(Asked::End),
        }
    }
}

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Ctrl-C: stop what is being done.
    Interrupt,
    /// The terminal was closed, or the system shuts down: leave, and lose nothing.
    End,
}
