//! A coach that is made when it is first asked: one that waits in reserve costs nothing at the start.

use super::{Coach, CoachError, Scene};
use crate::grading::InterviewGrade;
use crate::interview::{Event, Reply, State};
use crate::model::Cancel;

/// Makes a coach, or says in a sentence why it cannot.
type Make<'a> = dyn FnMut() -> Result<Box<dyn Coach>, String> + 'a;

/// A coach to be made.
pub struct LateCoach<'a> {
    name: String,
    make: Box<Make<'a>>,
    made: Option<Box<dyn Coach>>,
}

impl<'a> LateCoach<'a> {
    /// The coach of this name, which `make` makes.
    pub fn new(name: String, make: impl FnMut() -> Result<Box<dyn Coach>, String> + 'a) -> Self {
        Self { name, make: Box::new(make), made: None }
    }

    fn coach(&mut self) -> Result<&mut Box<dyn Coach>, CoachError> {
        let coach = match self.made.take() {
            Some(coach) => coach,
            None => (self.make)().map_err(|message| CoachError::Failed {
                message,
                hint: "`greenroom pack lint` finds faults in packs".to_owned(),
                partial: String::new(),
            })?,
        };
        Ok(self.made.insert(coach))
    }
}

impl Coach for LateCoach<'_> {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn reply(
        &mut self,
        scene: Scene<'_>,
        cancel: &Cancel,
        show: &mut dyn FnMut(&str),
    ) -> Result<Reply, CoachError> {
        self.coach()?.reply(scene, cancel, show)
    }

    fn grade(&mut self, state: &State, cancel: &Cancel) -> Result<InterviewGrade, CoachError> {
        self.coach()?.grade(state, cancel)
    }

    fn phase_ended(&mut self, state: &State) {
        if let Some(coach) = &mut self.made {
            coach.phase_ended(state);
        }
    }

    fn take_events(&mut self) -> Vec<Event> {
        self.made.as_mut().map_or_else(Vec::new, |coach| coach.take_events())
    }
}
