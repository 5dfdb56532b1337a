//! `greenroom review`: interviews held elsewhere, read from transcripts and graded as if they were ours.
//!
//! A review is a session: `report`, `sessions` and grading again work as for interviews.

mod batch;
mod judge;
mod recording;
mod second_reader;
mod source;

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::Context;
use crate::assets::FIRST_PACK;
use crate::error::{Exit, Failure};
use crate::grading::{InterviewGrader, PhasesFoundBy, SeniorityLevel};
use crate::interview::{Event, Phase, Plan, Record, SessionKind, Start, State, Style, TimeMode, Why};
use crate::material::{Pack, Problem};
use crate::model::Cancel;
use crate::report::Conversation;
use crate::store::Store;
use crate::transcript::{FoundBy, Imported};
use judge::Judge;
use recording::Ear;

/// Grade transcripts of interviews held elsewhere
///
/// Reads Markdown and text with speaker labels (Otter, Zoom, Teams, Meet), WebVTT, SRT, JSON (chat messages, Whisper
/// segments, any list of speaker and text), greenroom's own exports and sessions, and recordings if a model is connected.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  greenroom review mock.vtt\n  greenroom review part1.txt part2.txt --candidate Tom --problem messaging\n  greenroom review recordings/ --out graded     each file on its own; run it again to go on\n  greenroom review mock.m4a --model openai:gpt-5-mini     a recording is written down first\n  greenroom review mock.vtt --second-reader > for-a-friend.md\n  greenroom review mock.vtt --compare for-a-friend.md"
)]
pub struct ReviewArgs {
    /// Transcripts of one interview, in order; `-` reads standard input; the id of a session reviews it; of a folder, each file is reviewed on its own
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Who is graded, as the transcript names them
    #[arg(long, value_name = "NAME")]
    pub candidate: Option<String>,
    /// The problem it is about; recognised if it is one of the pack's
    #[arg(long, value_name = "PROBLEM")]
    pub problem: Option<String>,
    /// Model that writes recordings down; the profile's `audio_model`, or whisper-1, unless named here
    #[arg(long, value_name = "[PROFILE:]NAME")]
    pub audio_model: Option<String>,
    /// Pack whose problems and rubric are used
    #[arg(long, value_name = "NAME", default_value = FIRST_PACK)]
    pub pack: String,
    /// Review each file on its own, as in a folder
    #[arg(long)]
    pub batch: bool,
    /// Folder for a report of each file, as Markdown and JSON; a second run does what is missing in it
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Files reviewed at the same time
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub jobs: Option<u16>,
    /// Times a model marks each criterion; more shows how sure it is
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub samples: u32,
    /// Write the transcript without names, with an empty rubric, for a friend to fill in
    #[arg(long, conflicts_with_all = ["batch", "out", "compare"])]
    pub second_reader: bool,
    /// Set the grades beside those that a second reader filled in
    #[arg(long, value_name = "FILLED", conflicts_with_all = ["batch", "out"])]
    pub compare: Option<PathBuf>,
}

/// Reviews transcripts.
///
/// # Errors
///
/// [`Failure`] if a transcript cannot be read; one that could not be graded is kept, and can be graded later.
pub fn run(context: &mut Context<'_>, args: &ReviewArgs) -> Result<Exit, Failure> {
    let cancel = Cancel::new();
    super::llm::stop_on_interrupt(&cancel, super::llm::Idle::Exit);
    if args.batch || args.out.is_some() || args.files.iter().any(|file| file.is_dir()) {
        return batch::run(context, args, &cancel);
    }
    let pack = context.assets.pack(&args.pack)?;
    let grader = InterviewGrader::new(&pack).map_err(|error| broken(&pack, &error))?;
    let named =
        args.problem.as_deref().map(|asked| super::interview::choose(&pack, Some(asked), 0)).transpose()?;
    let store = context.store()?;
    let imported = source::read(context, &store, &args.files, args.candidate.as_deref(), &mut |context| {
        Ear::choose(context, args.audio_model.as_deref(), &cancel)
    })?;
    let review = Review::new(imported, &args.files, named, &pack, &grader);
    review.tell(context, args.problem.is_none());
    if args.second_reader {
        let rubric = context.assets.rubric(&pack.manifest.rubric)?;
        let sheet = second_reader::sheet(&review, &rubric);
        context.out.write_all(sheet.as_bytes())?;
        return Ok(Exit::Done);
    }
    // What a friend filled in is read before anything is graded.
    let filled = args.compare.as_ref().map(|path| second_reader::read(context, path, &pack)).transpose()?;
    let judge = Judge::choose(context, &pack, grader, args.samples, &cancel)?;
    let mut store = store;
    let (id, failure) = keep_and_grade(context, &mut store, &review, &pack, &judge)?;
    if let Some(failure) = failure {
        return Err(
            failure.hint(format!("the transcript is kept; try again with `greenroom report --grade {id}`"))
        );
    }
    match filled {
        Some(filled) => second_reader::compare(context, &store, &id, &filled),
        None => super::report::print(context, &store, &id),
    }
}

fn broken(pack: &Pack, error: &crate::text::PatternError) -> Failure {
    Failure::user(format!("the pack {} has a fault", pack.manifest.id))
        .because(error)
        .hint("`greenroom pack lint` gives the place")
}

/// What every review of a run has in common.
pub(super) struct Frame {
    level: SeniorityLevel,
    digests: BTreeMap<String, String>,
    coach: String,
}

impl Frame {
    fn new(context: &Context<'_>, pack: &Pack, coach: String) -> Result<Self, Failure> {
        let digests = super::interview::digests(context, pack)?;
        Ok(Self { level: context.settings.level.value, digests, coach })
    }
}

/// A transcript, ready to be kept and graded.
pub(super) struct Review {
    /// The interview, phases marked.
    imported: Imported,
    files: Vec<String>,
    problem: Option<Problem>,
    title: String,
    phases_found_by: PhasesFoundBy,
}

impl Review {
    fn new(
        mut imported: Imported,
        files: &[PathBuf],
        named: Option<Problem>,
        pack: &Pack,
        grader: &InterviewGrader,
    ) -> Self {
        let files: Vec<String> = files
            .iter()
            .map(|file| file.file_name().map_or("-".to_owned(), |name| name.to_string_lossy().into_owned()))
            .collect();
        let headings = imported.headings.iter().flatten().map(String::as_str);
        let titles: Vec<&str> = imported.titles.iter().map(String::as_str).chain(headings).collect();
        let names: Vec<String> = files.iter().map(|file| file.replace(['_', '-', '.'], " ")).collect();
        let titles: Vec<&str> = titles.into_iter().chain(names.iter().map(String::as_str)).collect();
        let problem =
            named.or_else(|| grader.recognise(&imported.transcript, &titles, &pack.problems).cloned());
        let own_title = imported.titles.first().filter(|title| title.len() < 80).cloned();
        let title = match &problem {
            Some(problem) => problem.title.clone(),
            None => own_title.unwrap_or_else(|| files.join(", ")),
        };
        let phases_found_by =
            grader.mark_phases(&mut imported.transcript, &imported.headings, &pack.manifest.phases);
        Self { imported, files, problem, title, phases_found_by }
    }

    /// Says what was taken for granted, so that it can be put right.
    fn tell(&self, context: &mut Context<'_>, recognised: bool) {
        let words: usize = self.imported.speakers.iter().map(|speaker| speaker.words).sum();
        match (self.imported.found_by, self.imported.speakers.iter().find(|speaker| speaker.candidate)) {
            (FoundBy::Talk, Some(candidate)) => context.note(&format!(
                "{} is taken for the candidate ({} % of the words); --candidate NAME chooses another.",
                candidate.name,
                100 * candidate.words / words.max(1)
            )),
            (FoundBy::Guess, _) => context.note(
                "Nobody is named in it: paragraphs that ask are taken for the interviewer's, the others for the candidate's. Grades of such a transcript are rough.",
            ),
            _ => {}
        }
        match &self.problem {
            Some(problem) if recognised => {
                context.note(&format!("Recognised: {}. --problem chooses another.", problem.title));
            }
            None => context.note("The pack has no such problem: graded without an agenda."),
            Some(_) => {}
        }
        if self.phases_found_by != PhasesFoundBy::Headings {
            context.note("It has no headings: phases are placed by what was said.");
        }
    }

    /// The session's log, up to the grade.
    fn records(&self, frame: &Frame, pack: &Pack) -> Vec<Record> {
        let phases = &pack.manifest.phases;
        let plan = Plan {
            phases: phases
                .iter()
                .map(|phase| Phase {
                    id: phase.id.clone(),
                    title: phase.title.clone(),
                    budget_s: u64::from(phase.minutes) * 60,
                    opening: String::new(),
                    closing: String::new(),
                })
                .collect(),
        };
        let start = Start {
            kind: SessionKind::Review,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            title: self.title.clone(),
            pack: pack.manifest.id.clone(),
            pack_version: pack.manifest.version,
            problem_id: self.problem.as_ref().map(|problem| problem.id.clone()),
            problem: self.problem.clone().map(Box::new),
            rubric: pack.manifest.rubric.clone(),
            digests: frame.digests.clone(),
            plan,
            level: frame.level,
            style: Style::default(),
            time: TimeMode::default(),
            coach: frame.coach.clone(),
            seed: 0,
            forked_from: None,
        };
        let formats: Vec<&str> = self.imported.formats.iter().map(|format| format.name()).collect();
        let provenance = Some(Box::new(self.imported.provenance()));
        let mut events = vec![
            (0, Event::Started(Box::new(start))),
            (0, Event::Imported { files: self.files.clone(), format: formats.join(", "), provenance }),
        ];
        let (mut at_ms, mut current) = (0, None);
        for turn in &self.imported.transcript.turns {
            at_ms = turn.at_seconds.map_or(at_ms, |at| at_ms.max(at * 1000));
            let phase = phases.iter().position(|phase| Some(&phase.id) == turn.phase.as_ref());
            if let Some(phase) = phase.filter(|_| phase != current) {
                events.push((at_ms, Event::PhaseEntered { phase }));
                current = Some(phase);
            }
            let (speaker, text) = (turn.speaker, turn.text.clone());
            events.push((at_ms, Event::Said { speaker, text, acts: Vec::new(), partial: false }));
        }
        let end = self.imported.timing.length_s.map_or(at_ms, |length| at_ms.max(length * 1000));
        events.push((end, Event::Ended { why: Why::PlanDone }));
        let now = crate::clock::wall_ms();
        let record = |(seq, (active_ms, event))| Record { seq, at_ms: now, active_ms, event };
        (0..).zip(events).map(record).collect()
    }
}

/// Keeps the transcript as a session, then grades it; a grade that failed is a record too.
fn keep_and_grade(
    context: &mut Context<'_>,
    store: &mut Store,
    review: &Review,
    pack: &Pack,
    judge: &Judge,
) -> Result<(String, Option<Failure>), Failure> {
    let id = uuid::Uuid::now_v7().to_string();
    let records = review.records(&Frame::new(context, pack, judge.name())?, pack);
    store.append(&id, &records)?;
    let state = super::interview::state_of(store, &id)?;
    let failure = grade(context, store, &id, &state, judge)?;
    Ok((id, failure))
}

/// Grades a kept transcript and appends the grade, or the failure, which is returned.
fn grade(
    context: &Context<'_>,
    store: &mut Store,
    id: &str,
    state: &State,
    judge: &Judge,
) -> Result<Option<Failure>, Failure> {
    let rubric = context.assets.rubric(&state.start.rubric)?;
    let (event, failure) = judge.event(state, &rubric);
    let at_ms = crate::clock::wall_ms();
    store.append(id, &[Record { seq: state.next_seq, at_ms, active_ms: state.active_ms, event }])?;
    Ok(failure)
}

/// Grades a review once more with the chosen coach; both grades are kept.
///
/// # Errors
///
/// [`Failure`] if there is no grade; the log says so too.
pub(super) fn grade_again(
    context: &mut Context<'_>,
    store: &mut Store,
    id: &str,
    state: &State,
) -> Result<(), Failure> {
    let pack = context.assets.pack(&state.start.pack)?;
    let grader = InterviewGrader::new(&pack).map_err(|error| broken(&pack, &error))?;
    let cancel = Cancel::new();
    super::llm::stop_on_interrupt(&cancel, super::llm::Idle::Exit);
    let judge = Judge::choose(context, &pack, grader, 1, &cancel)?;
    grade(context, store, id, state, &judge)?.map_or(Ok(()), Err)
}

/// What a report of a review tells beside the grade; `None` for a session held here.
///
/// # Errors
///
/// [`Failure`] if the pack has a fault.
pub(super) fn conversation(context: &Context<'_>, state: &State) -> Result<Option<Conversation>, Failure> {
    if state.provenance.is_none() {
        return Ok(None);
    }
    let pack = context.assets.pack(&state.start.pack)?;
    let grader = InterviewGrader::new(&pack).map_err(|error| broken(&pack, &error))?;
    conversation_by(&grader, &pack, state)
}

fn conversation_by(
    grader: &InterviewGrader,
    pack: &Pack,
    state: &State,
) -> Result<Option<Conversation>, Failure> {
    let Some(provenance) = state.provenance.clone() else { return Ok(None) };
    let transcript = state.transcript();
    let clarified = grader
        .clarified(&transcript, state.start.problem.as_deref())
        .map_err(|error| broken(pack, &error))?;
    Ok(Some(Conversation::new(&transcript, provenance, clarified)))
}
