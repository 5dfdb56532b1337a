//! The language model as commands use it: made from the settings, stopped by Ctrl-C.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use super::Context;
use crate::coach::PackQuestions;
use crate::coach::llm::{
    AnswerJudge, BriefInput, InterviewJudge, LlmAnswers, LlmCoach, LlmCoachParts, LlmError, Meter, PROMPTS,
    Prompts, Study, StudyPassage, make_brief,
};
use crate::config::ModelChoice;
use crate::error::{Exit, Failure};
use crate::grading::Usage;
use crate::material::{Lexicon, Pack, Problem};
use crate::model::{Cancel, ChatModel, OpenAi};
use crate::text::sanitise;

/// The chosen model, metered; nothing is sent yet.
///
/// # Errors
///
/// [`Failure`] if no model is configured.
pub fn meter(context: &Context<'_>, spent: Option<Usage>) -> Result<(Arc<Meter>, ModelChoice), Failure> {
    meter_of(context, None, spent)
}

/// The same for `[PROFILE:]NAME` in place of the settings' model.
///
/// # Errors
///
/// [`Failure`] if no such model is configured.
pub fn meter_of(
    context: &Context<'_>,
    model: Option<&str>,
    spent: Option<Usage>,
) -> Result<(Arc<Meter>, ModelChoice), Failure> {
    let choice = match model {
        Some(model) => context.settings.model_choice_for(model)?,
        None => context.settings.model_choice()?,
    };
    let quiet = context.quiet;
    let client = OpenAi::new(choice.clone(), context.environment).with_notice(move |notice| {
        if !quiet {
            // Nobody may be reading.
            let _ = writeln!(std::io::stderr(), "{}", sanitise(notice));
        }
    });
    let spent = spent.and_then(|usage| usage.cost_usd).unwrap_or(0.0);
    let limit = context.settings.max_cost.value;
    Ok((Arc::new(Meter::new(Arc::new(client), choice.profile.prices(), limit, spent)), choice))
}

/// A number that nobody can guess, for the fences around what the candidate says.
pub fn random() -> u64 {
    std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), uuid::Uuid::now_v7().as_u128())
}

/// The LLM coach for a problem; nothing is sent yet.
///
/// # Errors
///
/// [`Failure`] if a prompt, rubric or pattern has a fault.
pub fn coach(
    context: &Context<'_>,
    model: Arc<Meter>,
    problem: &Problem,
    pack: &Pack,
    rubric: &str,
    samples: u32,
) -> Result<LlmCoach, Failure> {
    let points = problem.points.iter().map(|point| point.text.as_str());
    let study = study(context, pack, points.chain([problem.statement.as_str()]))?;
    let parts = LlmCoachParts {
        model,
        prompts: Prompts::load(&context.assets).map_err(LlmError::from)?,
        problem: problem.clone(),
        rubric: context.assets.rubric(rubric)?,
        synonyms: pack.lexicon.synonyms(),
        study: Arc::new(study),
        samples,
        random: random(),
    };
    LlmCoach::new(parts)
        .map_err(|error| Failure::user(format!("the problem `{}` has a fault", problem.id)).because(&error))
}

/// Notes found for one thing that is asked.
const NOTES_FOR_EACH: usize = 4;

/// The pack's questions with their answers, and what the user's notes say about `wants`.
///
/// # Errors
///
/// [`Failure`] if the store cannot be read.
pub fn study<'w>(
    context: &Context<'_>,
    pack: &Pack,
    wants: impl IntoIterator<Item = &'w str>,
) -> Result<Study, Failure> {
    let questions = pack.questions.iter();
    let packed = questions.map(|question| StudyPassage {
        title: question.title.clone(),
        text: question.model_answer.clone(),
        own: false,
    });
    let mut passages: Vec<StudyPassage> = notes(context, wants)?;
    passages.extend(packed);
    Ok(Study::new(passages, &pack.lexicon))
}

/// What the user's notes say about `wants`.
///
/// # Errors
///
/// [`Failure`] if the store cannot be read.
fn notes<'w>(
    context: &Context<'_>,
    wants: impl IntoIterator<Item = &'w str>,
) -> Result<Vec<StudyPassage>, Failure> {
    let store = context.store()?;
    let mut found = BTreeMap::new();
    for want in wants {
        for passage in store.search_material(want, NOTES_FOR_EACH)? {
            let title = match passage.heading.as_str() {
                "" => format!("Your notes, {}", passage.title),
                heading => format!("Your notes, {}: {heading}", passage.title),
            };
            found.insert(
                (passage.material, passage.line),
                StudyPassage { title, text: passage.text, own: true },
            );
        }
    }
    Ok(found.into_values().collect())
}

/// Grades single answers with the chosen model, or with `[PROFILE:]NAME`; nothing is sent yet. The user's
/// notes are looked at for `questions` that have no reference.
///
/// # Errors
///
/// [`Failure`] if no model is configured, or a prompt or pack has a fault.
pub fn answers(
    context: &Context<'_>,
    model: Option<&str>,
    samples: u32,
    questions: &[&str],
    packs: PackQuestions,
    cancel: &Cancel,
) -> Result<(LlmAnswers, ModelChoice), Failure> {
    let (model, choice) = meter_of(context, model, None)?;
    let answers = answers_of(context, model, &choice, samples, packs, cancel)?;
    let study = match questions {
        [] => Study::default(),
        questions => Study::new(notes(context, questions.iter().copied())?, &Lexicon::default()),
    };
    Ok((answers.with_study(study), choice))
}

/// The provider of the settings' model; nothing is sent yet.
///
/// # Errors
///
/// [`Failure`] if no model is configured.
pub fn provider(context: &Context<'_>) -> Result<(Arc<OpenAi>, ModelChoice), Failure> {
    let choice = context.settings.model_choice()?;
    Ok((Arc::new(OpenAi::new(choice.clone(), context.environment)), choice))
}

/// Grades single answers with a model that is at hand.
///
/// # Errors
///
/// [`Failure`] if a prompt has a fault.
pub fn answers_of(
    context: &Context<'_>,
    model: Arc<dyn ChatModel>,
    choice: &ModelChoice,
    samples: u32,
    packs: PackQuestions,
    cancel: &Cancel,
) -> Result<LlmAnswers, Failure> {
    let prompts = Prompts::load(&context.assets).map_err(LlmError::from)?;
    let judge = AnswerJudge::new(model, prompts, samples).with_prices(choice.profile.prices());
    Ok(LlmAnswers::new(judge, packs, random(), cancel.clone()))
}

/// Judges conversations held elsewhere with the chosen model; nothing is sent yet.
///
/// # Errors
///
/// [`Failure`] if no model is configured, or a prompt has a fault.
pub fn judge(
    context: &Context<'_>,
    pack: &Pack,
    samples: u32,
) -> Result<(InterviewJudge, Arc<Meter>), Failure> {
    let (model, _) = meter(context, None)?;
    let prompts = Prompts::load(&context.assets).map_err(LlmError::from)?;
    let points = pack.problems.iter().flat_map(|problem| &problem.points).map(|point| point.text.as_str());
    let study = study(context, pack, points)?;
    let judge = InterviewJudge::new(model.clone(), prompts, samples, random()).with_study(Arc::new(study));
    Ok((judge, model))
}

/// Digests of the prompts in force, by name, for the log.
///
/// # Errors
///
/// [`Failure`] if a prompt cannot be read.
pub fn digests(context: &Context<'_>) -> Result<BTreeMap<String, String>, Failure> {
    let prompts = Prompts::load(&context.assets).map_err(LlmError::from)?;
    let names = PROMPTS.iter().map(|(name, _)| *name).filter(|name| !name.starts_with("doctor"));
    Ok(names.map(|name| (format!("prompt:{name}"), prompts.digest(&[name]))).collect())
}

/// Makes a problem of a task in free words.
///
/// # Errors
///
/// [`Failure`] if the model's provider fails or what it writes is too thin.
pub fn brief(
    context: &mut Context<'_>,
    model: &Meter,
    pack: &Pack,
    task: &str,
    cancel: &Cancel,
) -> Result<Problem, Failure> {
    let prompts = Prompts::load(&context.assets).map_err(LlmError::from)?;
    let rubric = context.assets.rubric(&pack.manifest.rubric)?;
    let input = BriefInput {
        task,
        phases: &pack.manifest.phases,
        rubric: &rubric,
        synonyms: &pack.lexicon.synonyms(),
        random: random(),
    };
    context.note("Preparing the interview: facts and an agenda for your task. Ctrl-C stops.");
    let made = make_brief(model, &prompts, &input, cancel, &mut |done, all| {
        if done > 0 && done < all {
            context.note(&format!("  {done} of {all} parts ready"));
        }
    })?;
    Ok(made)
}

/// What Ctrl-C does while nothing is being waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// Ends the program.
    Exit,
    /// Raises the flag only: a session looks at signals itself.
    Session,
}

/// Lets Ctrl-C end what `cancel` was passed to. Pressed again while that lasts, it ends the program.
pub fn stop_on_interrupt(cancel: &Cancel, idle: Idle) {
    let cancel = cancel.clone();
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            while asked_to_stop(idle).await {
                let ends = match idle {
                    Idle::Exit => cancel.is_cancelled() || !cancel.has_calls(),
                    Idle::Session => cancel.is_cancelled() && cancel.has_calls(),
                };
                if ends {
                    // Everything acknowledged is on disk.
                    std::process::exit(i32::from(Exit::Interrupted.code()));
                }
                cancel.cancel();
            }
        });
    });
}

/// Waits for Ctrl-C, and in a session for a closed terminal and for being asked to end too.
#[cfg(unix)]
async fn asked_to_stop(idle: Idle) -> bool {
    use tokio::signal::unix::{SignalKind, signal};
    if idle == Idle::Exit {
        return tokio::signal::ctrl_c().await.is_ok();
    }
    let (Ok(mut end), Ok(mut closed)) = (signal(SignalKind::terminate()), signal(SignalKind::hangup()))
    else {
        return tokio::signal::ctrl_c().await.is_ok();
    };
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.is_ok(),
        _ = end.recv() => true,
        _ = closed.recv() => true,
    }
}

#[cfg(not(unix))]
async fn asked_to_stop(_: Idle) -> bool {
    tokio::signal::ctrl_c().await.is_ok()
}

impl From<LlmError> for Failure {
    fn from(error: LlmError) -> Self {
        let exit = match &error {
            LlmError::Prompt(_) => Exit::User,
            LlmError::Model(_) if error.is_cancelled() => Exit::Interrupted,
            LlmError::Model(crate::model::ModelError::Key(_)) => Exit::User,
            LlmError::Model(_) => Exit::Provider,
        };
        Self::user(error.to_string()).hint(error.hint()).exit(exit)
    }
}
