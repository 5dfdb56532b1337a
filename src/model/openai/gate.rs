//! How many requests a server gets at the same time, and which goes first.
//!
//! A server on this machine works for the person first: what can wait is sent alone, and broken off
//! when the person's own request comes. A server whose streams end each other is sent one at a time.

use std::cell::Cell;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::model::{Cancel, Priority};

/// The requests to one server.
#[derive(Debug)]
pub(super) struct Gate {
    is_local: bool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// At the same time, at most.
    limit: usize,
    running: usize,
    /// Requests of the person that run or wait.
    now: usize,
    /// Ends the request that can wait, if one runs.
    later: Option<Cancel>,
    /// Times that a request began while another ran.
    overlaps: u64,
}

/// A request that may be sent.
pub(super) struct Permit<'a> {
    gate: &'a Gate,
    priority: Priority,
    /// Raised if the request has to make way.
    pub(super) way: Cancel,
    overlaps: u64,
    began_beside: bool,
}

impl Gate {
    /// `limit` requests at the same time, if the profile says so.
    pub(super) fn new(is_local: bool, limit: Option<usize>) -> Self {
        let limit = limit.unwrap_or(usize::MAX).max(1);
        Self { is_local, state: Mutex::new(State { limit, running: 0, now: 0, later: None, overlaps: 0 }) }
    }

    /// Waits for its turn; `None` if `cancel` was raised.
    pub(super) fn enter(&self, priority: Priority, cancel: &Cancel) -> Option<Permit<'_>> {
        let way = cancel.child();
        if priority == Priority::Now {
            let mut state = self.state();
            state.now += 1;
            if let Some(later) = state.later.take() {
                later.cancel();
            }
        }
        let mut entered = self.try_enter(priority, &way);
        if entered.is_none() {
            let slot = Cell::new(None);
            let try_again = || {
                slot.set(self.try_enter(priority, &way));
                slot.get().is_some()
            };
            cancel.wait(Duration::MAX, try_again);
            entered = slot.get();
        }
        let Some((overlaps, began_beside)) = entered else {
            if priority == Priority::Now {
                self.state().now -= 1;
            }
            return None;
        };
        Some(Permit { gate: self, priority, way, overlaps, began_beside })
    }

    fn try_enter(&self, priority: Priority, way: &Cancel) -> Option<(u64, bool)> {
        let mut state = self.state();
        let shy = self.is_local && priority == Priority::Later;
        let free = state.running < state.limit && !(shy && (state.running > 0 || state.now > 0));
        if !free {
            return None;
        }
        if shy {
            state.later = Some(way.clone());
        }
        let began_beside = state.running > 0;
        state.overlaps += u64::from(began_beside);
        state.running += 1;
        Some((state.overlaps, began_beside))
    }

    /// From now on one request at a time.
    pub(super) fn narrow(&self) {
        self.state().limit = 1;
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit<'_> {
    /// Did another request run at some time beside this one?
    pub(super) fn was_beside_another(&self) -> bool {
        self.began_beside || self.gate.state().overlaps > self.overlaps
    }

    /// Is the server on this machine?
    pub(super) fn is_local(&self) -> bool {
        self.gate.is_local
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut state = self.gate.state();
        state.running -= 1;
        match self.priority {
            Priority::Now => state.now -= 1,
            Priority::Later if self.gate.is_local => state.later = None,
            Priority::Later => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_a_local_server_the_person_goes_first() {
        let gate = Gate::new(true, None);
        let nobody = Cancel::new();
        let later = gate.enter(Priority::Later, &nobody).expect("free");
        assert!(gate.try_enter(Priority::Later, &nobody).is_none(), "what can wait is sent alone");
        let now = gate.enter(Priority::Now, &nobody).expect("never waits for what can");
        assert!(later.way.is_cancelled() && !nobody.is_cancelled());
        assert!(later.was_beside_another() && now.was_beside_another());
        drop(later);
        assert!(gate.try_enter(Priority::Later, &nobody).is_none(), "not while the person waits");
        drop(now);
        assert!(gate.enter(Priority::Later, &nobody).is_some());
    }

    #[test]
    fn a_hosted_server_gets_all_at_once_unless_it_is_known_to_take_one() {
        let gate = Gate::new(false, None);
        let nobody = Cancel::new();
        let first = gate.enter(Priority::Later, &nobody).expect("free");
        let second = gate.enter(Priority::Now, &nobody).expect("free");
        assert!(!first.way.is_cancelled());
        gate.narrow();
        drop(first);
        assert!(gate.try_enter(Priority::Now, &nobody).is_none());
        drop(second);
        let alone = gate.enter(Priority::Now, &nobody).expect("free");
        assert!(!alone.was_beside_another());
    }

    #[test]
    fn who_is_cancelled_stops_waiting() {
        let gate = Gate::new(false, Some(1));
        let nobody = Cancel::new();
        let _one = gate.enter(Priority::Now, &nobody).expect("free");
        let stopped = Cancel::new();
        stopped.cancel();
        assert!(gate.enter(Priority::Now, &stopped).is_none());
        assert_eq!(gate.state().now, 1);
    }
}
