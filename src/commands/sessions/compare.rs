//! Two sessions side by side, and a session tried again from a turn.

use super::short;
use crate::cli::Format;
use crate::clock::{rfc3339, wall_ms};
use crate::commands::Context;
use crate::error::{Exit, Failure};
use crate::grading::AnswerGrade;
use crate::interview::{Event, Record, SessionKind, fork as fork_of};
use crate::report::{Comparison, Side};
use crate::store::{Listed, Store};
use crate::terminal::wrap;
use crate::text::sanitise;

/// Makes a new session that stands where another stood before a turn.
///
/// # Errors
///
/// [`Failure`] if there is no such session or turn.
pub(super) fn fork(
    context: &mut Context<'_>,
    store: &mut Store,
    asked: &str,
    turn: usize,
) -> Result<Exit, Failure> {
    let listed = store.find(asked)?;
    if listed.summary.kind != SessionKind::Interview {
        return Err(Failure::user(format!("the session {} is no interview", listed.id))
            .hint("an answer is tried again with `greenroom answer`"));
    }
    let forked = fork_of(&listed.id, &store.read(&listed.id)?, turn, wall_ms()).map_err(|error| {
        Failure::user(error.to_string())
            .hint(format!("`greenroom sessions show {}` numbers the turns", short(&listed.id)))
    })?;
    let id = uuid::Uuid::now_v7().to_string();
    store.append(&id, &forked)?;
    if context.format() == Format::Json {
        context.json(&super::row(&store.find(&id)?))?;
    } else {
        writeln!(context.out, "{id}")?;
    }
    context.note(&format!(
        "Go on with `greenroom interview --resume {0}`, then `greenroom sessions compare {1} {0}`.",
        short(&id),
        short(&listed.id)
    ));
    Ok(Exit::Done)
}

/// Prints two grades side by side.
///
/// # Errors
///
/// [`Failure`] if a session is not there, has no grade, or the two are of different kinds.
pub(super) fn compare(context: &mut Context<'_>, store: &Store, a: &str, b: &str) -> Result<Exit, Failure> {
    let (a, b) = (store.find(a)?, store.find(b)?);
    let is_answer = |listed: &Listed| listed.summary.kind == SessionKind::Answer;
    if is_answer(&a) != is_answer(&b) {
        return Err(Failure::user("an answer and an interview do not compare").hint("name two of a kind"));
    }
    let (comparison, rubric) = if is_answer(&a) {
        let (first, second) = (answer(store, &a)?, answer(store, &b)?);
        let sides = (side(&a, &first.grader), side(&b, &second.grader));
        (Comparison::of_answers((sides.0, &first), (sides.1, &second)), None)
    } else {
        let graded = |listed: &Listed| {
            let state = crate::commands::interview::state_of(store, &listed.id)?;
            let grade = state.grade.ok_or_else(|| no_grade(listed))?;
            Ok::<_, Failure>((grade, state.start.rubric))
        };
        let ((first, rubric), (second, _)) = (graded(&a)?, graded(&b)?);
        let sides = (side(&a, &first.grader), side(&b, &second.grader));
        let rubric = context.assets.rubric(&rubric)?;
        (Comparison::of_interviews((sides.0, &first), (sides.1, &second)), Some(rubric))
    };
    if context.format() == Format::Json {
        context.json(&comparison)?;
        return Ok(Exit::Done);
    }
    let width = if context.terminal.output { context.terminal.width } else { 80 };
    for line in sanitise(&comparison.text(rubric.as_ref())).lines() {
        writeln!(context.out, "{}", wrap(line, width, "    ").trim_end())?;
    }
    Ok(Exit::Done)
}

fn side(listed: &Listed, grader: &str) -> Side {
    Side {
        id: listed.id.clone(),
        title: listed.summary.title.clone(),
        started_at: rfc3339(listed.summary.started_at_ms),
        grader: grader.to_owned(),
    }
}

/// The latest grade of an answer: that of the last try.
fn answer(store: &Store, listed: &Listed) -> Result<AnswerGrade, Failure> {
    let graded = |record: Record| match record.event {
        Event::AnswerGraded { grade } => Some(*grade),
        _ => None,
    };
    store.read(&listed.id)?.into_iter().filter_map(graded).next_back().ok_or_else(|| no_grade(listed))
}

fn no_grade(listed: &Listed) -> Failure {
    Failure::user(format!("the session {} has no grade", listed.id))
        .hint(format!("grade it with `greenroom report --grade {}`", short(&listed.id)))
}
