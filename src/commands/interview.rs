//! `greenroom interview`: a mock interview, new or gone on with.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::Context;
use super::llm::Idle;
use crate::assets::{Assets, FIRST_PACK};
use crate::cli::Format;
use crate::clock::SystemClock;
use crate::coach::llm::Meter;
use crate::coach::{Coach, EmbeddedCoach, LateCoach};
use crate::config::{CoachKind, Flags, Minutes};
use crate::error::{Exit, Failure};
use crate::grading::{SeniorityLevel, Usage};
use crate::interrupt::Interrupts;
use crate::interview::{Plan, SessionKind, SessionState, Start, State, Style, TimeMode, Why};
use crate::material::{Pack, Problem};
use crate::model::Cancel;
use crate::session::{Session, replay};
use crate::store::Store;
use crate::terminal::{Console, Look, PipeConsole, TerminalConsole};

/// Hold a mock interview
///
/// Turns are read from standard input when it is no terminal: paragraphs separated by blank lines
/// are turns, a paragraph that begins with `/` is a command.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  greenroom interview                         choose a problem for me\n  greenroom interview url-shortener --minutes 45 --level staff\n  greenroom interview --resume\n  greenroom interview messaging --format json < turns.txt"
)]
pub struct InterviewArgs {
    /// Problem (`greenroom problems list`), or what to design in your own words
    pub problem: Option<String>,
    /// Length in minutes; 120, 60 and 45 are usual, any other scales
    #[arg(long, value_name = "N")]
    pub minutes: Option<Minutes>,
    /// Level you aim at
    #[arg(long, value_enum)]
    pub level: Option<SeniorityLevel>,
    /// How the interviewer behaves
    #[arg(long, value_enum)]
    pub style: Option<Style>,
    /// When a phase's time is over: `soft` moves on after your turn, `strict` at once
    #[arg(long, value_enum)]
    pub time: Option<TimeMode>,
    /// Go on with a session; the latest one without ID
    #[arg(long, value_name = "ID", num_args = 0..=1, default_missing_value = "")]
    pub resume: Option<String>,
    /// Practise one phase only
    #[arg(long, value_name = "NAME", conflicts_with = "resume")]
    pub phase: Option<String>,
    /// US dollars that the model may cost in this session (needs prices in the profile)
    #[arg(long, value_name = "USD")]
    pub max_cost: Option<f64>,
    /// Times a model judges each criterion; more shows how sure it is
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub samples: u32,
    /// Pack the problem is in
    #[arg(long, value_name = "NAME", default_value = FIRST_PACK)]
    pub pack: String,
    /// Seed of everything drawn at random, to hold the same interview again
    #[arg(long, hide = true)]
    pub seed: Option<u64>,
}

impl InterviewArgs {
    /// The settings that this command's own flags change.
    pub fn flags(&self) -> Flags {
        Flags {
            level: self.level,
            style: self.style,
            minutes: self.minutes,
            time: self.time,
            max_cost: self.max_cost,
            ..Flags::default()
        }
    }
}

/// Holds the interview and prints its report.
///
/// # Errors
///
/// [`Failure`]; whatever was acknowledged is in the store.
pub fn run(context: &mut Context<'_>, args: &InterviewArgs) -> Result<Exit, Failure> {
    let mut store = context.store()?;
    let clock = SystemClock::start();
    let interrupts = Interrupts::catch();
    let (id, why) = match &args.resume {
        Some(asked) => {
            let id = resumable(&store, asked)?;
            let state = replay(&store, &id)?;
            let pack = pack_to_hold(context, &state.start.pack)?;
            let Some(problem) = state.start.problem.clone() else {
                return Err(Failure::user(format!("the session {id} is no interview")));
            };
            let chosen = choose_coach(context, state.usage)?;
            let coach = coach(context, &chosen, &problem, &pack, &state.start.rubric, args.samples)?;
            let mut session = Session::reopen(&mut store, id, &clock, coach)?;
            session = session.with_interrupts(chosen.cancel(Idle::Session), interrupts);
            if let Chosen::Llm { .. } = &chosen {
                session = session.with_fallback(in_reserve(context, &problem, &pack, &state.start.rubric));
            }
            let why = hold(context, &mut session)?;
            (session.id().to_owned(), why)
        }
        None => {
            let pack = pack_to_hold(context, &args.pack)?;
            let seed = args.seed.unwrap_or_else(seed);
            let by_model = context.settings.coach.value == CoachKind::Llm;
            let task = args.problem.as_deref().filter(|asked| by_model && is_task(&pack, asked));
            // A name that is wrong is told before anybody is introduced.
            let named = match task {
                Some(_) => None,
                None => Some(choose(&pack, args.problem.as_deref(), seed)?),
            };
            let chosen = choose_coach(context, None)?;
            let cancel = chosen.cancel(Idle::Session);
            let problem = match (named, task, &chosen) {
                (Some(problem), ..) => problem,
                (None, Some(task), Chosen::Llm { model, .. }) => {
                    super::llm::brief(context, model, &pack, task, &cancel)?
                }
                (None, ..) => choose(&pack, args.problem.as_deref(), seed)?,
            };
            let coach = coach(context, &chosen, &problem, &pack, &pack.manifest.rubric, args.samples)?;
            let start = start(context, args, &pack, &problem, coach.as_ref(), seed)?;
            let id = uuid::Uuid::now_v7().to_string();
            let mut session = Session::begin(&mut store, id, start, &clock, coach)?;
            session = session.with_interrupts(cancel, interrupts);
            if let Chosen::Llm { .. } = &chosen {
                session = session.with_fallback(in_reserve(context, &problem, &pack, &pack.manifest.rubric));
            }
            let why = hold(context, &mut session)?;
            (session.id().to_owned(), why)
        }
    };
    if why == Why::SavedForLater {
        context.note(&format!("Saved. Go on with:\n  greenroom interview --resume {id}"));
        return Ok(Exit::Done);
    }
    super::report::print(context, &store, &id)
}

/// Who coaches.
pub(super) enum Chosen {
    /// The rules in the binary.
    Embedded,
    /// A language model; `cancel` ends what it is doing.
    Llm { model: Arc<Meter>, cancel: Cancel },
}

impl Chosen {
    /// What Ctrl-C raises to end what the coach does. Rules are done before anybody could stop them.
    pub(super) fn cancel(&self, idle: Idle) -> Cancel {
        match self {
            Self::Embedded => Cancel::new(),
            Self::Llm { cancel, .. } => {
                super::llm::stop_on_interrupt(cancel, idle);
                cancel.clone()
            }
        }
    }
}

/// Finds out who coaches, and says it, with the place that words are sent to, before any are.
///
/// What the session has `spent` already counts against the limit.
pub(super) fn choose_coach(context: &mut Context<'_>, spent: Option<Usage>) -> Result<Chosen, Failure> {
    match context.settings.coach.value {
        CoachKind::Embedded => {
            context.note(&format!(
                "Coach: {}, rules and no model; nothing leaves this machine.\nTo connect a model: greenroom doctor --find; /help shows the commands.",
                crate::coach::embedded::name()
            ));
            Ok(Chosen::Embedded)
        }
        CoachKind::Llm => {
            let (model, choice) = super::llm::meter(context, spent)?;
            context.note(&format!(
                "Coach: llm:{}, chosen by {}. What you write is sent to {}. /help shows the commands.",
                choice.name(),
                context.settings.coach.source,
                choice.profile.host()
            ));
            Ok(Chosen::Llm { model, cancel: Cancel::new() })
        }
    }
}

/// The coach for a problem.
pub(super) fn coach(
    context: &Context<'_>,
    chosen: &Chosen,
    problem: &Problem,
    pack: &Pack,
    rubric: &str,
    samples: u32,
) -> Result<Box<dyn Coach>, Failure> {
    match chosen {
        Chosen::Embedded => embedded(&context.assets, problem, pack, rubric),
        Chosen::Llm { model, .. } => {
            Ok(Box::new(super::llm::coach(context, Arc::clone(model), problem, pack, rubric, samples)?))
        }
    }
}

/// The embedded coach, made if it is needed.
fn in_reserve<'p>(
    context: &Context<'_>,
    problem: &'p Problem,
    pack: &'p Pack,
    rubric: &'p str,
) -> Box<dyn Coach + 'p> {
    let assets = context.assets.clone();
    let make = move || embedded(&assets, problem, pack, rubric).map_err(|failure| failure.to_string());
    Box::new(LateCoach::new(crate::coach::embedded::name(), make))
}

fn embedded(
    assets: &Assets,
    problem: &Problem,
    pack: &Pack,
    rubric: &str,
) -> Result<Box<dyn Coach>, Failure> {
    let rubric = assets.rubric(rubric)?;
    let lines = assets.prompt_data("embedded-interviewer")?;
    Ok(Box::new(EmbeddedCoach::new(problem, pack.clone(), rubric, &lines, assets.diagram_rules()?)?))
}

/// Several words that name no problem of the pack are a task of the candidate's own.
fn is_task(pack: &Pack, asked: &str) -> bool {
    asked.split_whitespace().count() > 1 && choose(pack, Some(asked), 0).is_err()
}

fn hold(context: &mut Context<'_>, session: &mut Session<'_>) -> Result<Why, Failure> {
    if context.terminal.input && context.terminal.output {
        let scratch = context.settings.data_dir.value.clone();
        let look = Look::new(context.environment, context.terminal.color, scratch);
        let mut console = TerminalConsole::start(look)
            .map_err(|error| Failure::user("the terminal cannot be used").because(&error))?;
        return Ok(session.hold(&mut console)?);
    }
    let input = BufReader::new(std::io::stdin());
    // A program that asked for another format gets the report alone on standard output.
    let quiet = context.quiet;
    let mut both = std::io::sink();
    let why = if context.format() == Format::Text {
        let mut console = PipeConsole::new(input, context.out, context.err, quiet);
        session.hold(&mut console as &mut dyn Console)?
    } else {
        let mut console = if quiet {
            PipeConsole::new(input, &mut both, context.err, quiet)
        } else {
            PipeConsole::new(input, context.err, &mut both, quiet)
        };
        session.hold(&mut console)?
    };
    context.out.flush()?;
    Ok(why)
}

/// The pack by this name; one without problems holds its interviews on those of [`FIRST_PACK`], in its
/// own phases, if they are phases of those.
pub(super) fn pack_to_hold(context: &Context<'_>, name: &str) -> Result<Pack, Failure> {
    let pack = context.assets.pack(name)?;
    if !pack.problems.is_empty() {
        return Ok(pack);
    }
    let first = context.assets.pack(FIRST_PACK)?;
    let (own, known) = (&pack.manifest, &first.manifest);
    let fits = own.phases.iter().all(|phase| known.phases.iter().any(|other| other.id == phase.id));
    if fits && own.rubric == known.rubric {
        return Ok(Pack { manifest: pack.manifest, ..first });
    }
    Err(Failure::user(format!("the pack `{name}` has no problems to hold an interview on")).hint(
        "its questions are answered one by one: `greenroom questions list`, `greenroom answer QUESTION`",
    ))
}

/// The problem asked for, by id, title or alias; one of the pack's, the seed's choice, without a name.
pub(super) fn choose(pack: &Pack, asked: Option<&str>, seed: u64) -> Result<Problem, Failure> {
    let Some(asked) = asked else {
        let index = usize::try_from(seed % pack.problems.len().max(1) as u64).unwrap_or(0);
        return pack
            .problems
            .get(index)
            .cloned()
            .ok_or_else(|| Failure::user(format!("the pack {} has no problems", pack.manifest.id)));
    };
    let plain = |text: &str| text.to_lowercase().replace(['-', '_'], " ").trim().to_owned();
    let wanted = plain(asked);
    let named = pack.problems.iter().find(|problem| {
        let mut names = [&problem.id, &problem.title].into_iter().chain(&problem.aliases);
        names.any(|name| plain(name) == wanted)
    });
    if let Some(problem) = named {
        return Ok(problem.clone());
    }
    let likeness = |problem: &Problem| {
        let names = [&problem.id, &problem.title].into_iter().chain(&problem.aliases);
        names.map(|name| strsim::jaro_winkler(&plain(name), &wanted)).fold(0.0, f64::max)
    };
    let near = pack.problems.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let failure = Failure::user(format!("there is no problem `{asked}`"));
    Err(match near.filter(|near| likeness(near) > 0.7) {
        Some(near) => failure.hint(format!("did you mean `{}`? `greenroom problems list` shows all", near.id)),
        None => failure.hint(
            "`greenroom problems list` shows the built-in ones; a task in your own words needs a model (`greenroom doctor --find`)",
        ),
    })
}

fn start(
    context: &Context<'_>,
    args: &InterviewArgs,
    pack: &Pack,
    problem: &Problem,
    coach: &dyn Coach,
    seed: u64,
) -> Result<Start, Failure> {
    let minutes = context.settings.minutes.value.map_or(pack.manifest.minutes, Minutes::get);
    let mut plan =
        Plan::scaled(&pack.manifest.phases, minutes).map_err(|error| Failure::user(error.to_string()))?;
    if let Some(phase) = &args.phase {
        plan = plan.only(phase).map_err(|error| Failure::user(error.to_string()))?;
    }
    Ok(Start {
        kind: SessionKind::Interview,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        title: problem.title.clone(),
        pack: pack.manifest.id.clone(),
        pack_version: pack.manifest.version,
        problem_id: Some(problem.id.clone()),
        problem: Some(Box::new(problem.clone())),
        rubric: pack.manifest.rubric.clone(),
        digests: digests(context, pack)?,
        plan,
        level: context.settings.level.value,
        style: context.settings.style.value,
        time: context.settings.time.value,
        coach: coach.name(),
        seed,
        forked_from: None,
    })
}

pub(super) fn digests(context: &Context<'_>, pack: &Pack) -> Result<BTreeMap<String, String>, Failure> {
    let rubric = serde_json::to_vec(&context.assets.rubric(&pack.manifest.rubric)?).unwrap_or_default();
    let lines = context.assets.prompt_data("embedded-interviewer")?;
    let of = |bytes: &[u8]| {
        Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let mut digests = BTreeMap::from([
        (format!("rubric:{}", pack.manifest.rubric), of(&rubric)),
        (String::from("prompt:embedded-interviewer"), of(lines.as_bytes())),
    ]);
    if context.settings.coach.value == CoachKind::Llm {
        digests.extend(super::llm::digests(context)?);
    }
    Ok(digests)
}

fn seed() -> u64 {
    uuid::Uuid::now_v7().as_u64_pair().1
}

/// The id of the session to go on with.
fn resumable(store: &Store, asked: &str) -> Result<String, Failure> {
    if asked.is_empty() {
        let latest = store.latest_unfinished(SessionKind::Interview)?;
        return latest.map(|listed| listed.id).ok_or_else(|| {
            Failure::user("no interview waits to be gone on with")
                .hint("start one with `greenroom interview`, or name one: `greenroom sessions list`")
        });
    }
    let listed = store.find(asked)?;
    if listed.summary.kind != SessionKind::Interview {
        return Err(Failure::user(format!("the session {} is no interview", listed.id)));
    }
    if listed.summary.state == SessionState::Finished {
        return Err(Failure::user(format!("the interview {} is finished", listed.id))
            .hint(format!("`greenroom report {}` shows its report", listed.id)));
    }
    Ok(listed.id)
}

/// The state of a stored interview.
pub(super) fn state_of(store: &Store, id: &str) -> Result<State, Failure> {
    Ok(replay(store, id)?)
}
