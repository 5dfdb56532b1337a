//! `greenroom grade`: many answers, one a line, in input order; resumable.

mod batch;
pub mod line;
pub mod resume;
pub mod stream;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use self::resume::{Earlier, Output};
use self::stream::{Outcome, Work};
use super::Context;
use super::graders::{Chosen, choose};
use crate::error::{Exit, Failure};

/// Grade many answers, one JSON object a line
///
/// Reads {"id","question","answer","reference"?,"question_id"?,"max_score"?} and writes one grade a line, in the
/// same order. Lines that cannot be graded become error lines, and the exit code is 3.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  greenroom grade answers.jsonl --out grades.jsonl     run it again to finish what failed or was stopped\n  greenroom grade answers.jsonl --out grades.jsonl --coach llm --batch --no-wait\n  cat answers.jsonl | greenroom grade - --coach embedded"
)]
pub struct GradeArgs {
    /// File with one answer a line; `-` reads standard input
    pub input: PathBuf,
    /// File for the grades instead of standard output; a second run does what is missing in it
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Answers graded at the same time
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// Times a model marks each answer; more shows how sure it is
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub samples: u32,
    /// Send the answers to the provider's Batch API: about half the price, within a day. Run it again to collect
    #[arg(long, requires = "out")]
    pub batch: bool,
    /// Seconds between two looks at a batch
    #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "batch")]
    pub poll: u32,
    /// Send or collect, and leave: exit code 3 while the provider is at it
    #[arg(long, requires = "batch")]
    pub no_wait: bool,
}

/// Requests to a model at the same time, unless `--jobs` says otherwise.
const JOBS_OF_A_MODEL: usize = 8;

/// How often progress is shown, in lines.
const PROGRESS_EVERY: u64 = 250;

/// What became of the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    graded: u64,
    failed: u64,
    kept: u64,
}

/// Grades every line.
///
/// # Errors
///
/// [`Failure`] if input or output cannot be used; what was written stays.
pub fn run(context: &mut Context<'_>, args: &GradeArgs) -> Result<Exit, Failure> {
    let mut input = open(&args.input)?;
    let (chosen, rounds) = if args.batch {
        match batch::run(context, args)? {
            Some((chosen, rounds)) => (chosen, Some(rounds)),
            None => return Ok(Exit::SomeFailed),
        }
    } else {
        (choose(context, args.samples)?, None)
    };
    let jobs = match (args.jobs, chosen.is_model) {
        (Some(jobs), _) => usize::from(jobs),
        (None, true) => JOBS_OF_A_MODEL,
        (None, false) => std::thread::available_parallelism().map_or(1, usize::from),
    };
    let tally = match &args.out {
        Some(path) => to_file(context, &chosen, jobs, &mut *input, path)?,
        None => to_standard_output(context, &chosen, jobs, &mut *input)?,
    };
    if context.terminal.error && !context.quiet {
        // Nobody may be reading.
        let _ = write!(context.err, "\r\x1b[K");
    }
    if chosen.cancel.is_cancelled() {
        return Err(Failure::user("stopped")
            .exit(Exit::Interrupted)
            .hint("the same command with the same --out goes on where this stopped"));
    }
    if let Some(rounds) = rounds {
        rounds.forget().map_err(|error| {
            Failure::user("the grades are written, but the folder of the batches cannot be removed")
                .because(&error)
        })?;
    }
    let kept = if tally.kept > 0 { format!(", {} kept from before", tally.kept) } else { String::new() };
    context.note(&format!("{} graded, {} failed{kept}.", tally.graded, tally.failed));
    Ok(if tally.failed > 0 { Exit::SomeFailed } else { Exit::Done })
}

fn open(path: &Path) -> Result<Box<dyn BufRead + Send>, Failure> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let failed = |error: io::Error| {
        Failure::user(format!("{} cannot be read", path.display()))
            .because(&error)
            .hint("name a file with one JSON object a line, or `-` for standard input")
    };
    let file = File::open(path).map_err(failed)?;
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err(Failure::user(format!("{} is a folder", path.display())).hint("name a file"));
    }
    Ok(Box::new(BufReader::with_capacity(1 << 16, file)))
}

fn to_standard_output(
    context: &mut Context<'_>,
    chosen: &Chosen,
    jobs: usize,
    input: &mut (dyn BufRead + Send),
) -> Result<Tally, Failure> {
    let mut progress = Progress::new(context);
    let mut out = io::BufWriter::with_capacity(1 << 16, &mut *context.out);
    let (err, is_model) = (&mut *context.err, chosen.is_model);
    grade(chosen, jobs, input, &mut Earlier::default(), |outcome| {
        let Outcome::Item(item) = outcome else { return Ok(()) };
        writeln!(out, "{}", line::output(&item.id, &item.result))?;
        progress.count(item.result.is_ok(), &mut *err);
        // Who pipes a slow model wants each line as it comes.
        if is_model { out.flush() } else { Ok(()) }
    })?;
    out.flush()?;
    Ok(progress.tally)
}

fn to_file(
    context: &mut Context<'_>,
    chosen: &Chosen,
    jobs: usize,
    input: &mut (dyn BufRead + Send),
    path: &Path,
) -> Result<Tally, Failure> {
    let unusable = |error: io::Error| {
        Failure::user(format!("{} cannot be used for the grades", path.display()))
            .because(&error)
            .hint("name another file with --out, or remove this one")
    };
    let (mut output, mut earlier) = Output::open(path).map_err(unusable)?;
    let name = chosen.grader.name();
    if let Some(before) = earlier.grader.as_ref().filter(|before| **before != name) {
        return Err(Failure::user(format!("{} was graded by {before}, not by {name}", path.display()))
            .hint("name another file with --out: one file holds the grades of one grader"));
    }
    if earlier.graded > 0 {
        context.note(&format!("{} grades stand in {}.", earlier.graded, path.display()));
    }
    let mut progress = Progress::new(context);
    let (err, is_model) = (&mut *context.err, chosen.is_model);
    grade(chosen, jobs, input, &mut earlier, |outcome| match outcome {
        Outcome::Done(place) => {
            progress.tally.kept += 1;
            output.copy(place)
        }
        Outcome::Item(item) => {
            output.write(&line::output(&item.id, &item.result))?;
            progress.count(item.result.is_ok(), &mut *err);
            if is_model { output.flush() } else { Ok(()) }
        }
    })
    .map_err(unusable)?;
    if chosen.cancel.is_cancelled() {
        // What was done stands beside the file and is taken up by the next run.
        output.flush().map_err(unusable)?;
    } else {
        output.finish().map_err(unusable)?;
    }
    Ok(progress.tally)
}

/// Grades the lines of `input` and hands on the outcomes; ends early if the user stops it.
fn grade(
    chosen: &Chosen,
    jobs: usize,
    input: &mut (dyn BufRead + Send),
    earlier: &mut Earlier,
    mut sink: impl FnMut(Outcome) -> io::Result<()>,
) -> io::Result<()> {
    let (mut buffer, mut number) = (Vec::new(), 0);
    let next = || {
        if chosen.cancel.is_cancelled() || !stream::next_line(input, &mut buffer, &mut number)? {
            return Ok(None);
        }
        let line = stream::line(&buffer, number);
        Ok(Some(match earlier.take(&line.id) {
            Some(place) => Work::Done(place),
            None => Work::Grade(line),
        }))
    };
    stream::run(&*chosen.grader, jobs, next, |outcome| {
        // An answer whose grading was stopped is not failed, it is not done.
        let stopped = matches!(&outcome, Outcome::Item(item) if item.result.is_err());
        if stopped && chosen.cancel.is_cancelled() { Ok(()) } else { sink(outcome) }
    })
}

/// Counts, and shows the count where somebody looks on.
struct Progress {
    tally: Tally,
    shown: bool,
    every: u64,
}

impl Progress {
    fn new(context: &Context<'_>) -> Self {
        let shown = context.terminal.error && !context.quiet;
        Self { tally: Tally::default(), shown, every: PROGRESS_EVERY }
    }

    fn count(&mut self, good: bool, err: &mut dyn Write) {
        if good {
            self.tally.graded += 1;
        } else {
            self.tally.failed += 1;
        }
        let done = self.tally.graded + self.tally.failed;
        if self.shown && (done < self.every || done.is_multiple_of(self.every)) {
            // Nobody may be reading.
            let _ = write!(err, "\r\x1b[K{done} done, {} failed", self.tally.failed);
            let _ = err.flush();
        }
    }
}
