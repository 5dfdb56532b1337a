//! Who grades single answers, made from the settings, and said before anything is sent.

use super::Context;
use crate::coach::{AnswerGrader, EmbeddedAnswers, PackQuestions};
use crate::config::CoachKind;
use crate::error::Failure;
use crate::model::Cancel;

/// A grader of single answers.
pub struct Chosen {
    /// Grades.
    pub grader: Box<dyn AnswerGrader>,
    /// A language model, so that each answer takes time and money.
    pub is_model: bool,
    /// Ends what is under way.
    pub cancel: Cancel,
}

/// The grader that the settings name; says which, and where words are sent.
///
/// # Errors
///
/// [`Failure`] if content has a fault or no model is configured.
pub fn choose(context: &mut Context<'_>, samples: u32) -> Result<Chosen, Failure> {
    choose_for(context, samples, &[], PackQuestions::load(&context.assets)?)
}

/// The same for these questions, about which the user's notes may say something; `known` are those whose
/// points are known.
///
/// # Errors
///
/// [`Failure`] if content has a fault or no model is configured.
pub fn choose_for(
    context: &mut Context<'_>,
    samples: u32,
    questions: &[&str],
    known: PackQuestions,
) -> Result<Chosen, Failure> {
    choose_as(context, context.settings.coach.value, None, samples, questions, known)
}

/// The same for a kind of coach, and `model` in place of the settings' model.
///
/// # Errors
///
/// [`Failure`] if content has a fault or no such model is configured.
pub fn choose_as(
    context: &mut Context<'_>,
    kind: CoachKind,
    model: Option<&str>,
    samples: u32,
    questions: &[&str],
    known: PackQuestions,
) -> Result<Chosen, Failure> {
    let cancel = Cancel::new();
    let grader: Box<dyn AnswerGrader> = match kind {
        CoachKind::Embedded => {
            let grader = EmbeddedAnswers::with_questions(&context.assets, known)?;
            context.note(&format!(
                "Coach: {}, rules in this program; nothing leaves this machine. To connect a model: greenroom doctor --find",
                grader.name()
            ));
            Box::new(grader)
        }
        CoachKind::Llm => {
            let (grader, choice) = super::llm::answers(context, model, samples, questions, known, &cancel)?;
            context.note(&format!(
                "Coach: llm:{}, chosen by {}. Answers are sent to {}.",
                choice.name(),
                context.settings.coach.source,
                choice.profile.host()
            ));
            Box::new(grader)
        }
    };
    super::llm::stop_on_interrupt(&cancel, super::llm::Idle::Exit);
    Ok(Chosen { grader, is_model: kind == CoachKind::Llm, cancel })
}
