//! PURE. What a report says of a model that interviewed: replies held back, failures, coaches that took over.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::interview::{Act, SessionKind, State};
use crate::transcript::Speaker;

/// How the interviewer did, where a language model was one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interviewer {
    /// Who began.
    pub coach: String,
    /// Replies that were shown, without the problem's statement and the words that open and close phases.
    pub replies: u64,
    /// Replies that broke a rule and were cut or asked for again, by rule.
    pub corrected: BTreeMap<String, u64>,
    /// Share of all replies of the model that would have given a point away; they were not shown.
    pub leak_rate: f64,
    /// How often it did not answer.
    pub failures: u64,
    /// Coaches that took over, in order.
    pub switches: Vec<String>,
}

impl Interviewer {
    /// What the log tells; `None` for a review, and where only rules interviewed.
    pub fn of(state: &State) -> Option<Self> {
        let by_rules = state.start.coach.starts_with("embedded") && state.switches.is_empty();
        if by_rules || state.start.kind != SessionKind::Interview {
            return None;
        }
        let is_reply = |acts: &[Act]| {
            !acts.iter().any(|act| matches!(act, Act::Statement | Act::Opening | Act::Closing))
        };
        let said = state.said.iter().filter(|said| said.speaker == Speaker::Interviewer);
        let replies = said.filter(|said| is_reply(&said.acts)).count() as u64;
        let corrected = state.corrected.clone();
        let all = replies + corrected.values().sum::<u64>();
        let leaks = corrected.get("leak").copied().unwrap_or(0);
        Some(Self {
            coach: state.start.coach.clone(),
            replies,
            corrected,
            leak_rate: (1000.0 * leaks as f64 / all.max(1) as f64).round() / 1000.0,
            failures: state.failures,
            switches: state.switches.clone(),
        })
    }

    /// Lines for people, as sentences.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "{}: {} shown; {:.1} % would have given a point away and were held back.",
            self.coach,
            counted(self.replies, "reply", "replies"),
            100.0 * self.leak_rate
        )];
        if !self.corrected.is_empty() {
            let rules =
                self.corrected.iter().map(|(rule, count)| format!("{} {count}", rule.replace('_', " ")));
            lines.push(format!("Cut or asked for again: {}.", rules.collect::<Vec<_>>().join(", ")));
        }
        if self.failures > 0 {
            lines.push(format!("The model did not answer {}.", counted(self.failures, "time", "times")));
        }
        if !self.switches.is_empty() {
            lines.push(format!("Another coach took over: {}.", self.switches.join(", then ")));
        }
        lines
    }
}

fn counted(count: u64, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}
