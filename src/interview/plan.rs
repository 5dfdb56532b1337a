//! PURE. The plan of an interview: its phases and their budgets in seconds.

use serde::{Deserialize, Serialize};

use crate::material::PhaseFormat;

/// Lengths that are named in the help, in minutes. Any other length scales.
pub const PRESETS: [u32; 3] = [120, 60, 45];

/// The longest interview, in minutes: a day.
const LONGEST: u32 = 24 * 60;

/// A timed part of an interview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// Id of the pack's phase.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Budget in seconds.
    pub budget_s: u64,
    /// What the interviewer says when it begins.
    pub opening: String,
    /// What the interviewer says when it ends.
    pub closing: String,
}

/// Phases in order; their budgets add up to the total.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Phases in order.
    pub phases: Vec<Phase>,
}

/// Why a plan cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Out of range.
    #[error("an interview takes 1 to {LONGEST} minutes, not {0}")]
    Length(u32),
    /// No phase with this id.
    #[error("there is no phase `{0}`; the phases are {1}")]
    UnknownPhase(String, String),
}

impl Plan {
    /// Scales the pack's phases to `minutes` in all. Each boundary is rounded to the nearest
    /// second, so that the budgets add up exactly.
    ///
    /// # Errors
    ///
    /// [`PlanError::Length`].
    pub fn scaled(format: &[PhaseFormat], minutes: u32) -> Result<Self, PlanError> {
        if !(1..=LONGEST).contains(&minutes) {
            return Err(PlanError::Length(minutes));
        }
        let standard: u64 = format.iter().map(|phase| u64::from(phase.minutes)).sum::<u64>().max(1);
        let total_s = u64::from(minutes) * 60;
        let (mut passed, mut boundary) = (0, 0);
        let phases = format
            .iter()
            .map(|phase| {
                passed += u64::from(phase.minutes);
                let next = (2 * total_s * passed + standard) / (2 * standard);
                let budget_s = next - boundary;
                boundary = next;
                Phase {
                    id: phase.id.clone(),
                    title: phase.title.clone(),
                    budget_s,
                    opening: phase.opening.clone(),
                    closing: phase.closing.clone(),
                }
            })
            .collect();
        Ok(Self { phases })
    }

    /// Keeps one phase only, with its budget.
    ///
    /// # Errors
    ///
    /// [`PlanError::UnknownPhase`].
    pub fn only(mut self, phase: &str) -> Result<Self, PlanError> {
        let wanted = phase.to_lowercase().replace([' ', '-'], "_");
        let known = self.phases.iter().map(|p| p.id.as_str()).collect::<Vec<_>>().join(", ");
        self.phases.retain(|p| p.id == wanted);
        if self.phases.is_empty() {
            return Err(PlanError::UnknownPhase(phase.to_owned(), known));
        }
        Ok(self)
    }

    /// Seconds in all.
    pub fn total_s(&self) -> u64 {
        self.phases.iter().map(|phase| phase.budget_s).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format() -> Vec<PhaseFormat> {
        [("requirements", 15), ("high_level_design", 30), ("detailed_design", 45), ("discussion", 30)]
            .map(|(id, minutes)| PhaseFormat {
                id: id.into(),
                title: id.into(),
                minutes,
                opening: "o".into(),
                closing: "c".into(),
            })
            .into()
    }

    #[test]
    fn any_length_scales_to_the_second() {
        let budgets = |minutes| {
            let plan = Plan::scaled(&format(), minutes).expect("a valid length");
            plan.phases.iter().map(|phase| phase.budget_s).collect::<Vec<_>>()
        };
        assert_eq!(budgets(120), [900, 1800, 2700, 1800]);
        assert_eq!(budgets(60), [450, 900, 1350, 900]);
        assert_eq!(budgets(45), [338, 675, 1012, 675]);
        assert_eq!(budgets(1), [8, 15, 22, 15]);
        for minutes in 1..=LONGEST {
            assert_eq!(budgets(minutes).iter().sum::<u64>(), u64::from(minutes) * 60, "{minutes} minutes");
        }
    }

    #[test]
    fn an_impossible_length_is_refused() {
        assert_eq!(Plan::scaled(&format(), 0), Err(PlanError::Length(0)));
        assert_eq!(Plan::scaled(&format(), 1441), Err(PlanError::Length(1441)));
    }

    #[test]
    fn one_phase_can_be_held_alone() {
        let plan = Plan::scaled(&format(), 120).expect("a valid length");
        assert_eq!(plan.clone().only("Detailed design").expect("a known phase").total_s(), 2700);
        assert!(plan.only("warmup").is_err());
    }
}
