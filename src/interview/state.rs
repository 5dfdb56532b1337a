//! PURE. The state of an interview: the fold over its log, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use super::event::{Act, Event, Mark, Record, Start, Why};
use crate::grading::{InterviewGrade, Usage};
use crate::transcript::{Provenance, Speaker, Transcript, Turn};

/// Something said, with its place and time.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// Number of the record.
    pub seq: u64,
    /// Who.
    pub speaker: Speaker,
    /// What.
    pub text: String,
    /// What the interviewer did with it.
    pub acts: Vec<Act>,
    /// Index of the phase it fell in.
    pub phase: Option<usize>,
    /// Active time at which it was said, in milliseconds.
    pub active_ms: u64,
    /// The reply broke off.
    pub partial: bool,
}

/// Planned and used time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeUsed {
    /// Used milliseconds by phase; they add up to the active time since the first phase began.
    pub phases_ms: Vec<u64>,
}

/// An interview as its log tells it.
#[derive(Clone, Debug)]
pub struct State {
    /// What was fixed at the start.
    pub start: Start,
    /// Number of the next record.
    pub next_seq: u64,
    /// Everything said and not taken back.
    pub said: Vec<Said>,
    /// Index of the current phase.
    pub phase: Option<usize>,
    /// Acts of the interviewer, those of taken-back replies too: they were heard.
    pub acts: BTreeSet<Act>,
    /// How often each point was probed or followed up.
    pub asked: BTreeMap<String, u8>,
    /// Highest rung of the hint ladder given, by point.
    pub hints: BTreeMap<String, u8>,
    /// Points whose hint the candidate asked for, or got for not knowing.
    pub warned: BTreeSet<(usize, Mark)>,
    /// Where the transcript came from, for one held elsewhere.
    pub provenance: Option<Provenance>,
    /// The candidate's private notes.
    pub notes: Vec<String>,
    /// Drawings: format and source, in order.
    pub drawings: Vec<(String, String)>,
    /// Summaries of condensed phases: turns before the number, text.
    pub condensed: Vec<(usize, String)>,
    /// The clock is stopped.
    pub paused: bool,
    /// The session has ended.
    pub ended: Option<Why>,
    /// Who coaches now.
    pub coach: String,
    /// Coaches that took over, in order.
    pub switches: Vec<String>,
    /// How often a coach failed.
    pub failures: u64,
    /// How often a model's replies broke a rule before they were shown, by rule.
    pub corrected: BTreeMap<String, u64>,
    /// The latest grade.
    pub grade: Option<InterviewGrade>,
    /// The latest grading failed, with this message.
    pub grade_failure: Option<String>,
    /// Tokens used so far; `None` if no model was asked.
    pub usage: Option<Usage>,
    /// Active time of the last record, in milliseconds.
    pub active_ms: u64,
    entered_ms: u64,
    used_ms: Vec<u64>,
}

/// Why a log is no interview.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// The first record is not the start.
    #[error("the log does not begin with its start")]
    NoStart,
    /// A gap, a repetition, or an event at the wrong time.
    #[error("record {seq} ({event}) is out of order")]
    OutOfOrder {
        /// Its number.
        seq: u64,
        /// Its name.
        event: &'static str,
    },
}

impl State {
    /// Rebuilds a session from its log.
    ///
    /// # Errors
    ///
    /// [`ReplayError`], naming the record.
    pub fn replay<'a>(log: impl IntoIterator<Item = &'a Record>) -> Result<Self, ReplayError> {
        let mut log = log.into_iter();
        let first = log.next().ok_or(ReplayError::NoStart)?;
        let Event::Started(start) = &first.event else { return Err(ReplayError::NoStart) };
        let mut state = Self {
            coach: start.coach.clone(),
            used_ms: vec![0; start.plan.phases.len()],
            start: (**start).clone(),
            next_seq: first.seq + 1,
            said: Vec::new(),
            phase: None,
            acts: BTreeSet::new(),
            asked: BTreeMap::new(),
            hints: BTreeMap::new(),
            warned: BTreeSet::new(),
            provenance: None,
            notes: Vec::new(),
            drawings: Vec::new(),
            condensed: Vec::new(),
            paused: false,
            ended: None,
            switches: Vec::new(),
            failures: 0,
            corrected: BTreeMap::new(),
            grade: None,
            grade_failure: None,
            usage: None,
            active_ms: first.active_ms,
            entered_ms: first.active_ms,
        };
        log.try_for_each(|record| state.apply(record))?;
        Ok(state)
    }

    /// Takes in one more record; the only way to change a state.
    ///
    /// # Errors
    ///
    /// [`ReplayError::OutOfOrder`]; the state is unchanged then.
    pub fn apply(&mut self, record: &Record) -> Result<(), ReplayError> {
        let out_of_order = ReplayError::OutOfOrder { seq: record.seq, event: record.event.name() };
        if record.seq != self.next_seq || record.active_ms < self.active_ms {
            return Err(out_of_order);
        }
        match &record.event {
            Event::Started(_) => return Err(out_of_order),
            Event::PhaseEntered { phase } => {
                if *phase >= self.used_ms.len() {
                    return Err(out_of_order);
                }
                self.close_interval(record.active_ms);
                self.phase = Some(*phase);
            }
            Event::Warned { phase, mark } => {
                self.warned.insert((*phase, *mark));
            }
            Event::Said { speaker, text, acts, partial } => {
                acts.iter().for_each(|act| self.remember(act));
                self.said.push(Said {
                    seq: record.seq,
                    speaker: *speaker,
                    text: text.clone(),
                    acts: acts.clone(),
                    phase: self.phase,
                    active_ms: record.active_ms,
                    partial: *partial,
                });
            }
            Event::TookBack => {
                if let Some(last) = self.last_turn_of(Speaker::Candidate) {
                    self.said.truncate(last);
                }
            }
            Event::HintAsked | Event::Asked { .. } | Event::Answered { .. } => {}
            Event::Imported { provenance, .. } => self.provenance = provenance.as_deref().cloned(),
            Event::Noted { text } => self.notes.push(text.clone()),
            Event::Drawn { format, source } => self.drawings.push((format.clone(), source.clone())),
            Event::Paused { .. } => self.paused = true,
            Event::Resumed { .. } => {
                self.paused = false;
                self.ended = None;
            }
            Event::CoachFailed { .. } => self.failures += 1,
            Event::CoachSwitched { coach } => {
                self.coach.clone_from(coach);
                self.switches.push(coach.clone());
            }
            Event::Condensed { turns, text, .. } => self.condensed.push((*turns, text.clone())),
            Event::Corrected { why, .. } => *self.corrected.entry(why.clone()).or_default() += 1,
            Event::Used { usage, .. } => self.usage = Some(add(self.usage, *usage)),
            Event::Graded { grade } => {
                self.grade = Some((**grade).clone());
                self.grade_failure = None;
            }
            Event::GradeFailed { message, .. } => self.grade_failure = Some(message.clone()),
            Event::AnswerGraded { .. } | Event::DrawingReviewed { .. } => {}
            Event::Ended { why } => {
                self.close_interval(record.active_ms);
                self.ended = Some(*why);
            }
        }
        self.next_seq = record.seq + 1;
        self.active_ms = record.active_ms;
        Ok(())
    }

    fn remember(&mut self, act: &Act) {
        self.acts.insert(act.clone());
        match act {
            Act::Probe { id } | Act::FollowUp { id } => *self.asked.entry(id.clone()).or_default() += 1,
            Act::Hint { id, rung } => {
                let highest = self.hints.entry(id.clone()).or_default();
                *highest = (*highest).max(*rung);
            }
            _ => {}
        }
    }

    fn close_interval(&mut self, active_ms: u64) {
        if let Some(phase) = self.phase {
            self.used_ms[phase] += active_ms.saturating_sub(self.entered_ms);
        }
        self.entered_ms = active_ms;
    }

    /// Time used by phase at `active_ms`, the current phase's running time included.
    pub fn time_used(&self, active_ms: u64) -> TimeUsed {
        let mut phases_ms = self.used_ms.clone();
        if let (Some(phase), None) = (self.phase, self.ended) {
            phases_ms[phase] += active_ms.saturating_sub(self.entered_ms);
        }
        TimeUsed { phases_ms }
    }

    /// Milliseconds left in the current phase, negative when it is over; `None` outside phases.
    pub fn left_in_phase_ms(&self, active_ms: u64) -> Option<i64> {
        let phase = self.phase?;
        let budget_ms = self.start.plan.phases.get(phase)?.budget_s * 1000;
        let used_ms = self.time_used(active_ms).phases_ms[phase];
        Some(i64::try_from(budget_ms).unwrap_or(i64::MAX) - i64::try_from(used_ms).unwrap_or(i64::MAX))
    }

    /// Milliseconds left of the whole plan, negative when it is over.
    pub fn left_ms(&self, active_ms: u64) -> i64 {
        let used: u64 = self.time_used(active_ms).phases_ms.iter().sum();
        let total = self.start.plan.total_s() * 1000;
        i64::try_from(total).unwrap_or(i64::MAX) - i64::try_from(used).unwrap_or(i64::MAX)
    }

    /// The candidate's turn has no reply yet.
    pub fn awaits_reply(&self) -> bool {
        self.ended.is_none()
            && self.said.last().is_some_and(|last| last.speaker == Speaker::Candidate || last.partial)
    }

    /// Index in [`State::said`] of the last turn of `speaker`.
    pub fn last_turn_of(&self, speaker: Speaker) -> Option<usize> {
        self.said.iter().rposition(|said| said.speaker == speaker)
    }

    /// The conversation, for graders and reports.
    pub fn transcript(&self) -> Transcript {
        let phases = &self.start.plan.phases;
        let timed = self.provenance.as_ref().is_none_or(|from| from.timing.length_s.is_some());
        let turns = self.said.iter().map(|said| Turn {
            speaker: said.speaker,
            at_seconds: timed.then_some(said.active_ms / 1000),
            phase: said.phase.and_then(|phase| phases.get(phase)).map(|phase| phase.id.clone()),
            text: said.text.clone(),
        });
        Transcript { turns: turns.collect() }
    }
}

fn add(sum: Option<Usage>, more: Usage) -> Usage {
    let sum = sum.unwrap_or_default();
    Usage {
        prompt_tokens: sum.prompt_tokens + more.prompt_tokens,
        cached_tokens: sum.cached_tokens + more.cached_tokens,
        completion_tokens: sum.completion_tokens + more.completion_tokens,
        cost_usd: match (sum.cost_usd, more.cost_usd) {
            (None, None) => None,
            (a, b) => Some(a.unwrap_or(0.0) + b.unwrap_or(0.0)),
        },
    }
}
