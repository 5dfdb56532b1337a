//! Who grades single answers, made from the settings, and said before anything is sent.

use super::Context;
use crate::coach::llm::{AnswerJudge, LlmAnswers, LlmError, Prompts};
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
    let cancel = Cancel::new();
    let kind = context.settings.coach.value;
    let grader: Box<dyn AnswerGrader> = match kind {
        CoachKind::Embedded => {
            let grader = EmbeddedAnswers::new(&context.assets)?;
            context.note(&format!(
                "Coach: {}, rules in this program; nothing leaves this machine. To connect a model: greenroom doctor --find",
                grader.name()
            ));
            Box::new(grader)
        }
        CoachKind::Llm => {
            let (model, choice) = super::llm::meter(context, None)?;
            context.note(&format!(
                "Coach: llm:{}, chosen by {}. Answers are sent to {}.",
                choice.name(),
                context.settings.coach.source,
                choice.profile.host()
            ));
            let prompts = Prompts::load(&context.assets).map_err(LlmError::from)?;
            let prices = choice.profile.prices();
            let judge = AnswerJudge::new(model, prompts, samples).with_prices(prices);
            let questions = PackQuestions::load(&context.assets)?;
            Box::new(LlmAnswers::new(judge, questions, super::llm::random(), cancel.clone()))
        }
    };
    super::llm::stop_on_interrupt(&cancel);
    Ok(Chosen { grader, is_model: kind == CoachKind::Llm, cancel })
}
