//! Many transcripts, each an interview of its own: at the same time, with progress and a summary.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use comfy_table::{Table, presets};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::judge::Judge;
use super::recording::Ear;
use super::{Frame, Review, ReviewArgs, source};
use crate::cli::Format;
use crate::commands::Context;
use crate::commands::material::stays_within;
use crate::error::{Exit, Failure};
use crate::grading::{Assessment, CriterionGrade, InterviewGrader, Rubric, Verdict, Verdicts};
use crate::interview::{Record, State};
use crate::material::{Pack, Problem};
use crate::model::Cancel;
use crate::report;
use crate::text::sanitise;
use crate::transcript::assemble;

/// Requests to a model at the same time, unless `--jobs` says otherwise: each interview makes several.
const JOBS_OF_A_MODEL: usize = 4;

/// One line of the summary.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    file: String,
    session_id: Option<String>,
    candidate: Option<String>,
    problem: Option<String>,
    levels: Vec<(String, Option<u8>)>,
    verdicts: Verdicts,
    error: Option<String>,
}

/// What a thread made of a file.
struct Done {
    index: usize,
    result: Result<Box<Made>, Failure>,
}

/// A session, ready to be kept.
struct Made {
    id: String,
    records: Vec<Record>,
    state: State,
    candidate: Option<String>,
    digest: String,
    failure: Option<Failure>,
}

pub(super) fn run(context: &mut Context<'_>, args: &ReviewArgs, cancel: &Cancel) -> Result<Exit, Failure> {
    let files = files(&args.files)?;
    let pack = context.assets.pack(&args.pack)?;
    let grader = InterviewGrader::new(&pack).map_err(|error| super::broken(&pack, &error))?;
    let named = args
        .problem
        .as_deref()
        .map(|asked| super::super::interview::choose(&pack, Some(asked), 0))
        .transpose()?;
    let judge = Judge::choose(context, &pack, grader.clone(), args.samples, cancel)?;
    if let Some(out) = &args.out {
        std::fs::create_dir_all(out)
            .map_err(|error| Failure::user(format!("{} cannot be made", out.display())).because(&error))?;
    }
    let names = report_names(&files);
    let mut rows: Vec<Option<Row>> = vec![None; files.len()];
    if let Some(out) = &args.out {
        for (index, file) in files.iter().enumerate() {
            rows[index] = finished(out, &names[index], file, &judge.name());
        }
    }
    let kept = rows.iter().flatten().count();
    let waiting: Vec<usize> = (0..files.len()).filter(|&index| rows[index].is_none()).collect();
    let jobs = args.jobs.map_or_else(|| usual_jobs(&judge), usize::from).min(waiting.len()).max(1);
    let frame = Frame::new(context, &pack, judge.name())?;
    let is_heard = waiting.iter().any(|&index| source::is_recording(&files[index]));
    let ear = is_heard.then(|| Ear::choose(context, args.audio_model.as_deref(), cancel)).transpose()?;
    let work = Work {
        files: &files,
        names: &names,
        waiting: &waiting,
        args,
        named: named.as_ref(),
        pack: &pack,
        grader: &grader,
        judge: &judge,
        ear,
        cancel,
        frame,
    };
    work.all(context, jobs, &mut rows)?;
    if context.terminal.error && !context.quiet {
        // Nobody may be reading.
        let _ = write!(context.err, "\r\x1b[K");
    }
    if cancel.is_cancelled() {
        return Err(Failure::user("stopped")
            .exit(Exit::Interrupted)
            .hint("the same command with the same --out goes on where this stopped"));
    }
    let rows: Vec<Row> = rows.into_iter().flatten().collect();
    let failed = rows.iter().filter(|row| row.error.is_some()).count();
    summary(context, &rows)?;
    let kept = if kept > 0 { format!(", {kept} kept from before") } else { String::new() };
    context.note(&format!("{} reviewed, {failed} failed{kept}.", rows.len() - failed));
    Ok(if failed > 0 { Exit::SomeFailed } else { Exit::Done })
}

fn usual_jobs(judge: &Judge) -> usize {
    if judge.is_model() {
        JOBS_OF_A_MODEL
    } else {
        std::thread::available_parallelism().map_or(1, usize::from)
    }
}

/// The files named, and those of the folders named, by name; hidden ones are left out.
fn files(asked: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for path in asked {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let entries = std::fs::read_dir(path)
            .map_err(|error| Failure::user(format!("{} cannot be read", path.display())).because(&error))?;
        let mut inner: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|inner| inner.is_file() && stays_within(path, inner))
            .filter(|path| path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.')))
            .collect();
        inner.sort();
        found.append(&mut inner);
    }
    if found.is_empty() {
        return Err(
            Failure::user("there are no files to review").hint("name transcripts, or a folder of them")
        );
    }
    Ok(found)
}

struct Work<'a> {
    files: &'a [PathBuf],
    names: &'a [String],
    waiting: &'a [usize],
    args: &'a ReviewArgs,
    named: Option<&'a Problem>,
    pack: &'a Pack,
    grader: &'a InterviewGrader,
    judge: &'a Judge,
    ear: Option<Ear>,
    cancel: &'a Cancel,
    frame: Frame,
}

impl Work<'_> {
    /// Threads read and grade; this one keeps, writes and counts, in the order in which they finish.
    fn all(&self, context: &mut Context<'_>, jobs: usize, rows: &mut [Option<Row>]) -> Result<(), Failure> {
        let mut store = context.store()?;
        let rubric = context.assets.rubric(&self.pack.manifest.rubric)?;
        let next = AtomicUsize::new(0);
        let (sender, receiver) = mpsc::sync_channel::<Done>(jobs);
        std::thread::scope(|scope| -> Result<(), Failure> {
            for _ in 0..jobs {
                let (sender, next, rubric) = (sender.clone(), &next, &rubric);
                scope.spawn(move || {
                    while let Some(&index) = self.waiting.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if self.cancel.is_cancelled() {
                            break;
                        }
                        let result = self.make(&self.files[index], rubric).map(Box::new);
                        if sender.send(Done { index, result }).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(sender);
            for (count, Done { index, result }) in (1_usize..).zip(receiver) {
                let file = &self.files[index];
                rows[index] = Some(match result {
                    Ok(made) => {
                        store.append(&made.id, &made.records)?;
                        self.write(file, &self.names[index], &made, &rubric)?;
                        made.row(file)
                    }
                    Err(failure) => Row::failed(file, &failure),
                });
                if context.terminal.error && !context.quiet {
                    // Nobody may be reading.
                    let _ = write!(context.err, "\r{count} of {} reviewed", self.waiting.len());
                }
            }
            Ok(())
        })
    }

    /// Reads and grades one file.
    fn make(&self, file: &Path, rubric: &Rubric) -> Result<Made, Failure> {
        let bytes = source::bytes(file)?;
        let parsed = source::read_bytes(file, &bytes, self.ear.as_ref(), &mut |_| {})?;
        let imported = assemble(vec![parsed], self.args.candidate.as_deref())
            .map_err(|error| source::failed(&file.display().to_string(), &error))?;
        let candidate = imported.speakers.iter().find(|speaker| speaker.candidate);
        let candidate = candidate.map(|speaker| speaker.name.clone());
        let review = Review::new(imported, &[file.to_owned()], self.named.cloned(), self.pack, self.grader);
        let mut records = review.records(&self.frame, self.pack);
        let broken = |error| Failure::user("the transcript makes no session").because(&error);
        let mut state = State::replay(&records).map_err(broken)?;
        let (event, failure) = self.judge.event(&state, rubric);
        let (seq, active_ms) = (state.next_seq, state.active_ms);
        let graded = Record { seq, at_ms: crate::clock::wall_ms(), active_ms, event };
        state.apply(&graded).map_err(broken)?;
        records.push(graded);
        let id = uuid::Uuid::now_v7().to_string();
        Ok(Made { id, records, state, candidate, digest: digest(&bytes), failure })
    }

    /// Writes the report of a graded file into the folder, if one was named.
    fn write(&self, file: &Path, to: &str, made: &Made, rubric: &Rubric) -> Result<(), Failure> {
        let (Some(out), Some(grade)) = (&self.args.out, &made.state.grade) else { return Ok(()) };
        let mut report = super::super::report::build(&made.id, &made.state, grade.clone());
        report.conversation = super::conversation_by(self.grader, self.pack, &made.state)?;
        let failed = |path: &Path| {
            let path = path.display().to_string();
            move |error: std::io::Error| Failure::user(format!("{path} cannot be written")).because(&error)
        };
        let mut value = serde_json::to_value(&report)
            .map_err(|error| Failure::user("the report cannot be written").because(&error))?;
        value["source"] = json!({"file": name(file), "sha256": made.digest, "candidate": made.candidate});
        let (markdown, json) = (out.join(format!("{to}.md")), out.join(format!("{to}.json")));
        std::fs::write(&markdown, report::markdown(&report, rubric)).map_err(failed(&markdown))?;
        // The JSON comes last and whole: it says that the file is done.
        let beside = out.join(format!("{to}.json.part"));
        std::fs::write(&beside, format!("{value:#}\n")).map_err(failed(&beside))?;
        std::fs::rename(&beside, &json).map_err(failed(&json))
    }
}

fn name(file: &Path) -> String {
    file.file_name().map_or("transcript".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// A name for each file's report: its own, with folders before it where two files have the same.
fn report_names(files: &[PathBuf]) -> Vec<String> {
    let joined = |file: &Path, parts: usize| -> String {
        let all: Vec<_> = file
            .components()
            .filter_map(|part| match part {
                std::path::Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
                _ => None,
            })
            .collect();
        if all.is_empty() { name(file) } else { all[all.len().saturating_sub(parts)..].join("-") }
    };
    let deepest = files.iter().map(|file| file.components().count()).max().unwrap_or(1);
    (0..files.len())
        .map(|index| {
            let differs = |parts: &usize| {
                let own = joined(&files[index], *parts);
                !files.iter().enumerate().any(|(other, file)| other != index && joined(file, *parts) == own)
            };
            let parts = (1..=deepest).find(differs).unwrap_or(deepest);
            joined(&files[index], parts)
        })
        .collect()
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The row of a file that an earlier run finished with the same grader, unless the file has changed.
fn finished(out: &Path, name: &str, file: &Path, grader: &str) -> Option<Row> {
    let text = std::fs::read_to_string(out.join(format!("{name}.json"))).ok()?;
    let value: Value = serde_json::from_str(&text).ok()?;
    let report: report::Report = serde_json::from_value(value.clone()).ok()?;
    let same = value["source"]["sha256"].as_str()? == digest(&source::bytes(file).ok()?);
    let candidate = value["source"]["candidate"].as_str().map(str::to_owned);
    (same && report.grader == grader).then(|| Row {
        file: file.display().to_string(),
        session_id: Some(report.session_id),
        candidate,
        problem: report.problem,
        levels: levels(&report.criteria),
        verdicts: report.verdicts,
        error: None,
    })
}

/// What the report calls the problem.
fn report_problem(state: &State) -> String {
    state.start.problem_id.clone().unwrap_or_else(|| state.start.title.clone())
}

fn levels(criteria: &[CriterionGrade]) -> Vec<(String, Option<u8>)> {
    let level = |criterion: &CriterionGrade| match criterion.assessment {
        Assessment::Assessed { level, .. } => Some(level.get()),
        Assessment::NotAssessed { .. } => None,
    };
    criteria.iter().map(|criterion| (criterion.id.clone(), level(criterion))).collect()
}

impl Made {
    fn row(&self, file: &Path) -> Row {
        let grade = self.state.grade.as_ref();
        Row {
            file: file.display().to_string(),
            session_id: Some(self.id.clone()),
            candidate: self.candidate.clone(),
            problem: Some(report_problem(&self.state)),
            levels: grade.map_or_else(Vec::new, |grade| levels(&grade.criteria)),
            verdicts: grade.map(|grade| grade.verdicts).unwrap_or_default(),
            error: self.failure.as_ref().map(|failure| first_line(&failure.to_string())),
        }
    }
}

impl Row {
    fn failed(file: &Path, failure: &Failure) -> Self {
        Self {
            file: file.display().to_string(),
            session_id: None,
            candidate: None,
            problem: None,
            levels: Vec::new(),
            verdicts: Verdicts::default(),
            error: Some(first_line(&failure.to_string())),
        }
    }

    fn json(&self) -> Value {
        let levels: serde_json::Map<String, Value> =
            self.levels.iter().map(|(id, level)| (id.clone(), json!(level))).collect();
        json!({"file": self.file, "session_id": self.session_id, "candidate": self.candidate, "problem": self.problem,
            "levels": levels, "verdicts": self.verdicts, "error": self.error})
    }
}

fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

/// One line a file, in the order they were named.
fn summary(context: &mut Context<'_>, rows: &[Row]) -> Result<(), Failure> {
    if context.format() == Format::Json {
        let rows: Vec<Value> = rows.iter().map(Row::json).collect();
        return context.json(&rows);
    }
    let verdict = |verdict: Option<Verdict>| match verdict {
        Some(Verdict::StrongYes) => "strong yes",
        Some(Verdict::Yes) => "yes",
        Some(Verdict::No) => "no",
        Some(Verdict::StrongNo) => "strong no",
        None => "-",
    };
    let mut table = Table::new();
    let bars = if context.format() == Format::Md { presets::ASCII_MARKDOWN } else { presets::NOTHING };
    table.load_style(bars).set_header(["file", "candidate", "problem", "levels", "mid", "senior", "staff"]);
    for row in rows {
        let cells = match &row.error {
            Some(error) => vec![row.file.clone(), format!("failed: {error}")],
            None => {
                let levels =
                    row.levels.iter().map(|(_, level)| level.map_or("-".to_owned(), |l| l.to_string()));
                let Verdicts { mid, senior, staff } = row.verdicts;
                vec![
                    row.file.clone(),
                    row.candidate.clone().unwrap_or_else(|| "-".to_owned()),
                    row.problem.clone().unwrap_or_else(|| "-".to_owned()),
                    levels.collect::<Vec<_>>().join(" "),
                    verdict(mid).to_owned(),
                    verdict(senior).to_owned(),
                    verdict(staff).to_owned(),
                ]
            }
        };
        table.add_row(cells.iter().map(|cell| sanitise(cell)));
    }
    let table = table.to_string();
    let lines: Vec<&str> = table.lines().map(str::trim_end).collect();
    writeln!(context.out, "{}", lines.join("\n"))?;
    Ok(())
}
