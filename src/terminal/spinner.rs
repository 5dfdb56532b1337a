//! Says that something is being waited for, and for how long, until there is something to read.
//!
//! Only where a person looks at a terminal that can redraw a line; gone without a trace when it ends.

use std::io::Write;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// What is quicker than this needs no spinner.
const PATIENCE: Duration = Duration::from_millis(300);
const STEP: Duration = Duration::from_millis(100);
const FRAMES: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/// Turns until it is dropped.
pub(super) struct Spinner {
    stop: Option<Sender<()>>,
    turning: Option<JoinHandle<()>>,
}

impl Spinner {
    /// Starts after a moment; `doing` is a few words, such as "thinking".
    pub(super) fn start(doing: &str) -> Self {
        let (stop, stopped) = channel::<()>();
        let doing = doing.to_owned();
        let turning = std::thread::spawn(move || {
            if stopped.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let mut out = std::io::stdout();
            let mut waited = PATIENCE;
            for frame in FRAMES.iter().cycle() {
                let _ = write!(out, "\r\u{1b}[2m{frame} {doing}, {} s\u{1b}[0m", waited.as_secs());
                let _ = out.flush();
                if stopped.recv_timeout(STEP) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
                waited += STEP;
            }
            let _ = write!(out, "\r\u{1b}[K");
            let _ = out.flush();
        });
        Self { stop: Some(stop), turning: Some(turning) }
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(turning) = self.turning.take() {
            // It has nothing to panic about; if it did, there is nothing to clean up.
            let _ = turning.join();
        }
    }
}
