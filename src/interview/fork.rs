//! PURE. A session forked at a turn: the same conversation up to there, to be gone on with differently.

use super::{Event, Record, ReplayError, State, Why};
use crate::transcript::Speaker;

/// Why a session cannot be forked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForkError {
    /// The log is no interview.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// No such turn.
    #[error("there is no turn {asked} of the candidate to try again; the last one is turn {last}")]
    NoTurn {
        /// As asked for, from 1.
        asked: usize,
        /// The candidate's last turn, from 1; 0 if there is none.
        last: usize,
    },
}

/// The log of a new session that stands where `log`, of the session `id`, stood before the candidate's
/// turn `turn` (from 1, as reports count), or the next one of his, was said. Grades and what they cost stay
/// behind.
///
/// # Errors
///
/// [`ForkError`] if there is no such turn.
pub fn fork(id: &str, log: &[Record], turn: usize, at_ms: i64) -> Result<Vec<Record>, ForkError> {
    let state = State::replay(log)?;
    let own = |said: &super::Said| said.speaker == Speaker::Candidate;
    let found = state.said.iter().enumerate().skip(turn.saturating_sub(1)).find(|(_, said)| own(said));
    let Some((index, said)) = found.filter(|_| turn > 0) else {
        let last = state.said.iter().rposition(own).map_or(0, |index| index + 1);
        return Err(ForkError::NoTurn { asked: turn, last });
    };
    let kept = log.iter().take_while(|record| record.seq < said.seq).filter(|record| {
        !matches!(record.event, Event::Graded { .. } | Event::GradeFailed { .. } | Event::Used { .. })
    });
    let mut forked: Vec<Record> =
        (0..).zip(kept).map(|(seq, record)| Record { seq, ..record.clone() }).collect();
    if let Some(first) = forked.first_mut() {
        first.at_ms = at_ms;
        if let Event::Started(start) = &mut first.event {
            start.forked_from = Some((id.to_owned(), index));
        }
    }
    let active_ms = forked.last().map_or(0, |record| record.active_ms);
    let event = Event::Paused { why: Why::SavedForLater };
    forked.push(Record { seq: forked.len() as u64, at_ms, active_ms, event });
    Ok(forked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interview::{Plan, SessionKind, Start, Style, Summary, TimeMode};

    fn log() -> Vec<Record> {
        let start = Start {
            kind: SessionKind::Interview,
            version: "0".into(),
            title: "URL shortener".into(),
            pack: "system-design".into(),
            pack_version: 1,
            problem_id: Some("url-shortener".into()),
            problem: None,
            rubric: "system-design".into(),
            digests: Default::default(),
            plan: Plan::default(),
            level: crate::grading::SeniorityLevel::Senior,
            style: Style::Neutral,
            time: TimeMode::Soft,
            coach: "embedded@0".into(),
            seed: 1,
            forked_from: None,
        };
        let said =
            |speaker, text: &str| Event::Said { speaker, text: text.into(), acts: vec![], partial: false };
        let events = vec![
            Event::Started(Box::new(start)),
            said(Speaker::Interviewer, "Design it."),
            said(Speaker::Candidate, "Taken back."),
            Event::TookBack,
            said(Speaker::Candidate, "How many users?"),
            Event::GradeFailed { grader: "g".into(), message: "m".into() },
            said(Speaker::Interviewer, "Many."),
            said(Speaker::Candidate, "One server, then."),
        ];
        (0..).zip(events).map(|(seq, event)| Record { seq, at_ms: 5, active_ms: seq * 1000, event }).collect()
    }

    #[test]
    fn a_fork_stands_right_before_the_turn() {
        let forked = fork("a1", &log(), 4, 99).expect("a fork");
        let state = State::replay(&forked).expect("a session");
        let said: Vec<&str> = state.said.iter().map(|said| said.text.as_str()).collect();
        assert_eq!(said, ["Design it.", "How many users?", "Many."]);
        assert_eq!((state.start.forked_from, state.paused), (Some(("a1".into(), 3)), true));
        assert_eq!(
            (state.grade_failure, state.active_ms),
            (None, 6000),
            "the time to think it over is not kept"
        );
        assert_eq!(
            fork("a1", &log(), 3, 99),
            fork("a1", &log(), 4, 99),
            "an interviewer's turn means the next answer"
        );
    }

    #[test]
    fn a_turn_that_was_never_said_is_named() {
        assert_eq!(fork("a1", &log(), 5, 99), Err(ForkError::NoTurn { asked: 5, last: 4 }));
        assert_eq!(fork("a1", &log(), 0, 99), Err(ForkError::NoTurn { asked: 0, last: 4 }));
    }

    #[test]
    fn a_forks_time_counts_from_where_it_goes_on() {
        let mut forked = fork("a1", &log(), 4, 99).expect("a fork");
        let summary = |log: &[Record]| {
            let mut summary = Summary::begin(&log[0]).expect("a summary");
            log.iter().for_each(|record| summary.apply(record));
            summary
        };
        assert_eq!(summary(&forked).used_ms, 0);
        let seq = forked.len() as u64;
        let event = Event::Resumed { why: Why::NewProcess };
        forked.push(Record { seq, at_ms: 100, active_ms: 6000, event });
        forked.push(Record { seq: seq + 1, at_ms: 100, active_ms: 8500, event: Event::HintAsked });
        assert_eq!(summary(&forked).used_ms, 2500);
    }
}
