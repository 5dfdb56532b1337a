//! `greenroom report`: the report of a session, and grading it again.

use std::path::{Path, PathBuf};

use super::Context;
use super::llm::Idle;
use crate::cli::Format;
use crate::clock::day;
use crate::diagram::{self, Reviewer};
use crate::error::{Exit, Failure};
use crate::grading::InterviewGrade;
use crate::interview::{Event, Record, SessionKind, State};
use crate::report::{
    self, Drawing, Interviewer, LastDrawing, PhaseTime, Reader, Report, TimeUse, talk_ratio,
};
use crate::store::{SessionLock, Store};
use crate::transcript::Anonymous;

/// Accounts that many have.
const ANYBODY: [&str; 8] = ["root", "user", "admin", "administrator", "runner", "ubuntu", "debian", "guest"];

/// Print the report of a session
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  greenroom report\n  greenroom report --out report.html          one page, for a browser or a printer\n  greenroom report 3f9a --format md > report.md\n  greenroom report --share --out for-a-friend.html\n  greenroom report --grade --coach embedded"
)]
pub struct ReportArgs {
    /// Session, as `greenroom sessions list` shows it; the latest one without ID
    pub id: Option<String>,
    /// File to write it to; its ending chooses the format unless --format does
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write it for others: Markdown or HTML without names, session id, date, folders and cost
    #[arg(long)]
    pub share: bool,
    /// A name that --share takes out beside those it finds; may be given more than once
    #[arg(long = "name", value_name = "NAME", requires = "share")]
    pub names: Vec<String>,
    /// Grade the session again with the chosen coach; both grades are kept
    #[arg(long)]
    pub grade: bool,
}

/// Prints the report.
///
/// # Errors
///
/// [`Failure`] if there is no such session, or no grade.
pub fn run(context: &mut Context<'_>, args: &ReportArgs) -> Result<Exit, Failure> {
    let mut store = context.store()?;
    let id = match &args.id {
        Some(asked) => store.find(asked)?.id,
        None => {
            let latest = store.latest(&[SessionKind::Interview, SessionKind::Review])?;
            latest.map(|listed| listed.id).ok_or_else(|| {
                Failure::user("there is no session yet").hint("hold one with `greenroom interview`")
            })?
        }
    };
    if args.grade {
        grade(context, &mut store, &id)?;
    }
    let named = args.out.as_deref().map(format_of);
    let format = context.format.or(named);
    let text = if args.share {
        share(context, &store, &id, args, format.unwrap_or(Format::Md))?
    } else {
        render(context, &store, &id, format.unwrap_or_default())?
    };
    match &args.out {
        Some(file) => write(context, file, &text)?,
        None => writeln!(context.out, "{}", text.trim_end())?,
    }
    Ok(Exit::Done)
}

/// The report as others may see it.
fn share(
    context: &mut Context<'_>,
    store: &Store,
    id: &str,
    args: &ReportArgs,
    format: Format,
) -> Result<String, Failure> {
    if !matches!(format, Format::Md | Format::Html) {
        return Err(Failure::user("a report is shared as Markdown or as a page")
            .exit(Exit::Usage)
            .hint("use --format md or --format html, or name a file that ends in one of them"));
    }
    let (state, grade) = graded(store, id)?;
    let anonymous = anonymous(context, &state, &[], &args.names);
    let (state, grade) = report::shared(&state, &grade, &anonymous);
    let text = shown(context, "", None, &state, grade, format)?;
    context.note(TAKEN_OUT);
    Ok(text)
}

/// What is said of everything that is made for others.
pub(super) const TAKEN_OUT: &str = "Taken out: the names that speakers bear, introduce or greet each other with, and your account's; mail \
addresses, ids, folders, the date and the cost. Read it before you send it; --name NAME takes out another name.";

/// Who must not be recognised in a session: those that its speakers and `answers` name, `names`, and
/// the account's own.
pub(super) fn anonymous(
    context: &Context<'_>,
    state: &State,
    answers: &[&str],
    names: &[String],
) -> Anonymous {
    let labels = state.provenance.iter().flat_map(|from| &from.speakers).map(|speaker| speaker.name.as_str());
    let said = state.said.iter().map(|said| said.text.as_str()).chain(answers.iter().copied());
    Anonymous::of(labels, said, names.iter().map(String::as_str).chain(own_names(context)))
}

/// What the account is called, unless it is called as anybody's.
fn own_names<'c>(context: &'c Context<'_>) -> impl Iterator<Item = &'c str> {
    let names = ["USER", "LOGNAME", "USERNAME"].into_iter().filter_map(|it| context.environment.variable(it));
    names.filter(|name| name.len() > 2 && !ANYBODY.contains(&name.to_lowercase().as_str()))
}

/// The format that a file's ending names.
pub(super) fn format_of(file: &Path) -> Format {
    match file.extension().and_then(|ending| ending.to_str()) {
        Some("html" | "htm") => Format::Html,
        Some("md" | "markdown") => Format::Md,
        Some("json") => Format::Json,
        _ => Format::Text,
    }
}

/// Writes a result to a file, and says so.
///
/// # Errors
///
/// [`Failure`] if it cannot be written.
pub(super) fn write(context: &mut Context<'_>, file: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(file, format!("{}\n", text.trim_end())).map_err(|error| {
        Failure::user(format!("{} cannot be written", file.display()))
            .because(&error)
            .hint("name a file in a folder that is there")
    })?;
    context.note(&format!("Written to {}.", file.display()));
    Ok(())
}

/// Grades the session with the chosen coach and appends the grade to its log.
fn grade(context: &mut Context<'_>, store: &mut Store, id: &str) -> Result<(), Failure> {
    let _lock = SessionLock::take(store.folder(), id)?;
    let state = super::interview::state_of(store, id)?;
    if state.start.kind == SessionKind::Review {
        return super::review::grade_again(context, store, id, &state);
    }
    let pack = super::interview::pack_to_hold(context, &state.start.pack)?;
    let Some(problem) = state.start.problem.clone() else {
        return Err(Failure::user(format!("the session {id} has no interview to grade")));
    };
    let chosen = super::interview::choose_coach(context, state.usage)?;
    let mut coach = super::interview::coach(context, &chosen, &problem, &pack, &state.start.rubric, 1)?;
    let cancel = chosen.cancel(Idle::Exit);
    let graded = coach.grade(&state, &cancel);
    let mut events = coach.take_events();
    let failure = match graded {
        Ok(grade) => {
            events.push(Event::Graded { grade: Box::new(grade) });
            None
        }
        Err(error) => {
            events.push(Event::GradeFailed { grader: coach.name(), message: error.to_string() });
            Some(Failure::user(format!("there is no grade: {error}")).exit(Exit::Provider))
        }
    };
    let at_ms = crate::clock::wall_ms();
    let records: Vec<Record> = events
        .into_iter()
        .zip(state.next_seq..)
        .map(|(event, seq)| Record { seq, at_ms, active_ms: state.active_ms, event })
        .collect();
    store.append(id, &records)?;
    failure.map_or(Ok(()), Err)
}

/// Prints the report of the session `id` in the format asked for.
///
/// # Errors
///
/// [`Failure`] if the session has no grade.
pub fn print(context: &mut Context<'_>, store: &Store, id: &str) -> Result<Exit, Failure> {
    let text = render(context, store, id, context.format())?;
    writeln!(context.out, "{}", text.trim_end())?;
    Ok(Exit::Done)
}

/// The report of the session `id`.
fn render(context: &Context<'_>, store: &Store, id: &str, format: Format) -> Result<String, Failure> {
    let (state, grade) = graded(store, id)?;
    let day = match state.start.kind {
        SessionKind::Interview => Some(day(store.find(id)?.summary.started_at_ms)),
        // The day of a review is not the day of the interview.
        _ => None,
    };
    shown(context, id, day.as_deref(), &state, grade, format)
}

/// A session with its grade.
fn graded(store: &Store, id: &str) -> Result<(State, InterviewGrade), Failure> {
    let state = super::interview::state_of(store, id)?;
    match state.grade.clone() {
        Some(grade) => Ok((state, grade)),
        None => {
            let why = state.grade_failure.as_ref().map_or(String::new(), |message| format!(": {message}"));
            let exit = if state.grade_failure.is_some() { Exit::Provider } else { Exit::User };
            Err(Failure::user(format!("the session {id} has no grade yet{why}"))
                .exit(exit)
                .hint(format!("grade it with `greenroom report --grade {id}`")))
        }
    }
}

/// The report of `state`; without an id it is for others.
fn shown(
    context: &Context<'_>,
    id: &str,
    held: Option<&str>,
    state: &State,
    grade: InterviewGrade,
    format: Format,
) -> Result<String, Failure> {
    let rubric = context.assets.rubric(&state.start.rubric)?;
    let mut report = build(id, state, grade);
    report.conversation = super::review::conversation(context, state)?;
    let drawings = drawings(context, state)?;
    report.drawing = last_drawing(context, state, &drawings)?;
    match format {
        Format::Text => Ok(report::text(&report, &rubric, context.columns())),
        Format::Md => Ok(report::markdown(&report, &rubric)),
        Format::Json => report::json(&report)
            .map_err(|error| Failure::user("the report cannot be written").because(&error)),
        Format::Html => {
            let reader = match state.start.kind {
                SessionKind::Interview if !id.is_empty() => Reader::Candidate,
                _ => Reader::Other,
            };
            let (report, rubric, drawings) = (&report, &rubric, &drawings[..]);
            Ok(report::html(&report::Page { report, rubric, state, drawings, held, reader }))
        }
    }
}

/// What was drawn, read and looked over.
fn drawings(context: &Context<'_>, state: &State) -> Result<Vec<Drawing>, Failure> {
    if state.drawings.is_empty() {
        return Ok(Vec::new());
    }
    let pack = context.assets.pack(&state.start.pack)?;
    let reviewer = Reviewer::new(&pack.lexicon, context.assets.diagram_rules()?);
    let drawing = |(_, source): &(String, String)| {
        let read = diagram::read(source).ok().and_then(|mut graph| {
            let review = reviewer.review(&mut graph, None).ok()?;
            Some((graph, review))
        });
        Drawing { source: source.clone(), read }
    };
    Ok(state.drawings.iter().map(drawing).collect())
}

/// The last drawing that can be read, beside what the candidate said.
fn last_drawing(
    context: &Context<'_>,
    state: &State,
    drawings: &[Drawing],
) -> Result<Option<LastDrawing>, Failure> {
    let mut read = drawings.iter().enumerate().rev();
    let last = read.find_map(|(index, drawing)| Some((index + 1, drawing.read.as_ref()?)));
    let Some((number, (graph, review))) = last else { return Ok(None) };
    let pack = context.assets.pack(&state.start.pack)?;
    let reviewer = Reviewer::new(&pack.lexicon, context.assets.diagram_rules()?);
    let said: Vec<String> = state.transcript().candidate().map(|(_, turn)| turn.text.clone()).collect();
    Ok(Some(LastDrawing {
        number,
        format: graph.format.name().to_owned(),
        components: graph.components.len(),
        connections: graph.edges.len(),
        issues: review.issues.iter().map(|issue| issue.message.clone()).collect(),
        compared: reviewer.compare(graph, &said.join("\n")),
    }))
}

/// The report of `state` with `grade`.
pub fn build(id: &str, state: &State, mut grade: InterviewGrade) -> Report {
    if grade.usage.is_none() {
        grade.usage = state.usage;
    }
    let problem = state.start.problem_id.clone().unwrap_or_else(|| state.start.title.clone());
    let interviewer = Interviewer::of(state);
    Report { interviewer, ..Report::new(id, Some(problem), grade, time_use(state)) }
}

/// Whole seconds whose sum is the whole: each boundary is rounded down, not each part.
fn time_use(state: &State) -> TimeUse {
    // What was held elsewhere had no plan of ours, and may have no times.
    let elsewhere = state.start.kind == SessionKind::Review;
    let timed = state.provenance.as_ref().is_none_or(|from| from.timing.length_s.is_some());
    let used = state.time_used(state.active_ms);
    let (mut passed_ms, mut passed_s) = (0, 0);
    let phases = state
        .start
        .plan
        .phases
        .iter()
        .zip(&used.phases_ms)
        .map(|(phase, used_ms)| {
            passed_ms += used_ms;
            let used_s = passed_ms / 1000 - passed_s;
            passed_s = passed_ms / 1000;
            PhaseTime {
                id: phase.id.clone(),
                planned_s: Some(phase.budget_s).filter(|_| !elsewhere),
                used_s: Some(used_s).filter(|_| timed),
            }
        })
        .collect();
    TimeUse {
        planned_s: Some(state.start.plan.total_s()).filter(|_| !elsewhere),
        used_s: Some(passed_s).filter(|_| timed),
        phases,
        talk_ratio: talk_ratio(&state.transcript()),
    }
}
