//! Who grades a transcript: the rules in the binary, or a language model.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::coach::llm::{InterviewJudge, JudgeInput, Meter};
use crate::commands::{Context, llm};
use crate::config::CoachKind;
use crate::error::Failure;
use crate::grading::{Grader, InterviewGrade, InterviewGrader, InterviewInput, Rubric};
use crate::interview::{Event, State};
use crate::material::Pack;
use crate::model::Cancel;

/// Grades whole interviews; may be used from several threads.
pub(super) enum Judge {
    /// Rules.
    Embedded(Box<InterviewGrader>),
    /// A model.
    Llm { judge: Box<InterviewJudge>, meter: Arc<Meter>, cancel: Cancel },
}

impl Judge {
    /// The judge that the settings name; says which, and where words are sent.
    pub fn choose(
        context: &mut Context<'_>,
        pack: &Pack,
        grader: InterviewGrader,
        samples: u32,
        cancel: &Cancel,
    ) -> Result<Self, Failure> {
        if context.settings.coach.value == CoachKind::Embedded {
            context.note(&format!(
                "Coach: {}, rules in this program over the pack {}; nothing leaves this machine. To connect a model: greenroom doctor --find",
                Grader::embedded(),
                pack.manifest.id
            ));
            return Ok(Self::Embedded(Box::new(grader)));
        }
        let choice = context.settings.model_choice()?;
        let (judge, meter) = llm::judge(context, pack, samples)?;
        context.note(&format!(
            "Coach: llm:{}, chosen by {}. The transcript is sent to {}.",
            choice.name(),
            context.settings.coach.source,
            choice.profile.host()
        ));
        Ok(Self::Llm { judge: Box::new(judge), meter, cancel: cancel.clone() })
    }

    /// `embedded@VERSION` or `llm:PROFILE:MODEL@PROMPT_HASH`.
    pub fn name(&self) -> String {
        match self {
            Self::Embedded(_) => Grader::embedded().to_string(),
            Self::Llm { judge, .. } => judge.name(),
        }
    }

    /// True for a model, whose answers one waits for.
    pub fn is_model(&self) -> bool {
        matches!(self, Self::Llm { .. })
    }

    /// The grade of a kept transcript.
    pub fn grade(&self, state: &State, rubric: &Rubric) -> Result<InterviewGrade, Failure> {
        let (transcript, hints) = (state.transcript(), BTreeMap::new());
        let (problem, level) = (state.start.problem.as_deref(), state.start.level);
        match self {
            Self::Embedded(grader) => {
                let input = InterviewInput { transcript: &transcript, problem, rubric, hints: &hints, level };
                grader.grade(&input).map_err(|error| Failure::user("the problem has a fault").because(&error))
            }
            Self::Llm { judge, meter, cancel } => {
                let input = JudgeInput { transcript: &transcript, problem, rubric, hints: &hints, level };
                let mut grade = judge.grade(&input, &[], cancel)?;
                grade.usage = meter.take();
                Ok(grade)
            }
        }
    }

    /// The grade as the log keeps it, or why there is none.
    pub fn event(&self, state: &State, rubric: &Rubric) -> (Event, Option<Failure>) {
        match self.grade(state, rubric) {
            Ok(grade) => (Event::Graded { grade: Box::new(grade) }, None),
            Err(failure) => {
                let message = failure.to_string();
                let message = message.strip_prefix("error: ").unwrap_or(&message).to_owned();
                (Event::GradeFailed { grader: self.name(), message }, Some(failure))
            }
        }
    }
}
