//! The clock: wall time for people, active time for the interview.
//!
//! Active time runs only while the process does: a pause, a suspended laptop, a stopped process
//! and the time between a crash and its resume do not count.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// One look at the clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Milliseconds since 1970, UTC.
    pub at_ms: i64,
    /// Milliseconds of active time since the session began.
    pub active_ms: u64,
}

/// Tells the time.
pub trait Clock {
    /// Wall time and active time now.
    fn now(&self) -> Reading;
    /// Stops active time, or lets it run on.
    fn set_running(&self, running: bool);
    /// Sets the active time to go on from.
    fn set_active(&self, active_ms: u64);
}

/// How often active time is advanced.
const BEAT: Duration = Duration::from_millis(200);
/// A longer gap between two beats is no work of the process: it was stopped or suspended.
const SUSPENDED: Duration = Duration::from_secs(2);

/// The system's clock, with active time counted by a thread of its own.
#[derive(Debug)]
pub struct SystemClock {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    active_us: AtomicU64,
    running: AtomicBool,
    gone: AtomicBool,
}

impl SystemClock {
    /// Starts counting at 0.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn start() -> Self {
        let shared = Arc::new(Shared {
            active_us: AtomicU64::new(0),
            running: AtomicBool::new(true),
            gone: AtomicBool::new(false),
        });
        let counted = Arc::clone(&shared);
        std::thread::spawn(move || {
            let mut last = Instant::now();
            while !counted.gone.load(Ordering::Relaxed) {
                std::thread::sleep(BEAT);
                let now = Instant::now();
                let gap = now.duration_since(last);
                last = now;
                if counted.running.load(Ordering::Relaxed) && gap < SUSPENDED {
                    let micros = u64::try_from(gap.as_micros()).unwrap_or(0);
                    counted.active_us.fetch_add(micros, Ordering::Relaxed);
                }
            }
        });
        Self { shared }
    }
}

impl Drop for SystemClock {
    fn drop(&mut self) {
        self.shared.gone.store(true, Ordering::Relaxed);
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Reading {
        Reading { at_ms: wall_ms(), active_ms: self.shared.active_us.load(Ordering::Relaxed) / 1000 }
    }

    fn set_running(&self, running: bool) {
        self.shared.running.store(running, Ordering::Relaxed);
    }

    fn set_active(&self, active_ms: u64) {
        self.shared.active_us.store(active_ms * 1000, Ordering::Relaxed);
    }
}

/// Milliseconds since 1970, UTC.
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A clock that is moved by hand, for tests and replays.
#[derive(Debug, Default)]
pub struct ManualClock {
    at_ms: AtomicU64,
    active_ms: AtomicU64,
    paused: AtomicBool,
}

impl ManualClock {
    /// Starts at `at_ms` since 1970 with no active time.
    pub fn at(at_ms: u64) -> Self {
        Self { at_ms: AtomicU64::new(at_ms), ..Self::default() }
    }

    /// Lets `ms` milliseconds pass; they are active unless the clock is stopped.
    pub fn pass(&self, ms: u64) {
        self.at_ms.fetch_add(ms, Ordering::Relaxed);
        if !self.paused.load(Ordering::Relaxed) {
            self.active_ms.fetch_add(ms, Ordering::Relaxed);
        }
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Reading {
        Reading {
            at_ms: i64::try_from(self.at_ms.load(Ordering::Relaxed)).unwrap_or(i64::MAX),
            active_ms: self.active_ms.load(Ordering::Relaxed),
        }
    }

    fn set_running(&self, running: bool) {
        self.paused.store(!running, Ordering::Relaxed);
    }

    fn set_active(&self, active_ms: u64) {
        self.active_ms.store(active_ms, Ordering::Relaxed);
    }
}

/// Writes milliseconds since 1970 as RFC 3339 in UTC, to the second.
pub fn rfc3339(at_ms: i64) -> String {
    jiff::Timestamp::from_second(at_ms.div_euclid(1000))
        .map(|at| at.to_string())
        .unwrap_or_else(|_| String::from("unknown"))
}

/// Writes the day of milliseconds since 1970 in UTC, for people: `6 May 2026`.
pub fn day(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms)
        .map(|at| at.strftime("%-d %B %Y").to_string())
        .unwrap_or_else(|_| String::from("unknown"))
}
