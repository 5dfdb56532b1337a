//! `greenroom calibrate`: how far a coach's grades of single answers may be trusted.

mod measure;
mod table;

use std::path::PathBuf;

use serde::Serialize;

use self::measure::{Help, Material, Measured};
use super::Context;
use super::graders::{self, Chosen};
use crate::assets::FIRST_PACK;
use crate::cli::Format;
use crate::coach::{EmbeddedAnswers, PackQuestions};
use crate::config::CoachKind;
use crate::error::{Exit, Failure};
use crate::grading::calibration::{Agreement, Resistance, agreement, read_lines, resistance};
use crate::model::Cancel;

/// Grade labelled answers and attacks, and say how far to trust the coach
///
/// Without --gold: the pack's own gold set and attacks.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  greenroom calibrate\n  greenroom calibrate --also reference-only --also openai:gpt-5 --format md\n  greenroom calibrate --min-pearson 0.7 --min-withstood 95     for CI: exit code 1 below"
)]
pub struct CalibrateArgs {
    /// Labelled answers, one JSON object a line: id, question_id or question and reference, kind, answer, score
    #[arg(long, value_name = "FILE")]
    pub gold: Option<PathBuf>,
    /// Attacks, one JSON object a line: id, question_id, kind, answer, max_allowed
    #[arg(long, value_name = "FILE")]
    pub attacks: Option<PathBuf>,
    /// Pack whose questions, gold set and attacks are used
    #[arg(long, value_name = "NAME", default_value = FIRST_PACK)]
    pub pack: String,
    /// Another coach beside the chosen one: `embedded`, `reference-only` (no pack), or [PROFILE:]MODEL
    #[arg(long, value_name = "COACH")]
    pub also: Vec<String>,
    /// Times each answer is graded, for stability
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=20))]
    pub repeats: u16,
    /// Times a model marks each answer
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub samples: u32,
    /// Answers graded at the same time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: u16,
    /// Seed of the resampling behind the intervals
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Fail if the chosen coach's correlation with people is lower
    #[arg(long, value_name = "X")]
    pub min_pearson: Option<f64>,
    /// Fail if its root mean squared error is higher, in points of 10
    #[arg(long, value_name = "X")]
    pub max_rmse: Option<f64>,
    /// Fail if it withstands less of the attacks, in percent
    #[arg(long, value_name = "PERCENT")]
    pub min_withstood: Option<f64>,
}

/// What is known of one coach.
#[derive(Debug, Serialize)]
pub struct Calibrated {
    /// Its name.
    coach: String,
    agreement: Option<Agreement>,
    resistance: Resistance,
    stability: Stability,
    /// Ids without a grade.
    failed: Vec<String>,
}

/// Do the same answers get the same grades again?
#[derive(Debug, Serialize)]
struct Stability {
    /// Answers graded every time.
    answers: usize,
    /// Of these, the same score each time.
    identical: usize,
    /// Largest difference, in points of 10.
    largest_difference: f64,
}

#[derive(Debug, Serialize)]
struct Report<'a> {
    gold: usize,
    questions: usize,
    attacks: usize,
    coaches: &'a [Calibrated],
}

/// Grades, measures, prints.
///
/// # Errors
///
/// [`Failure`] if a file cannot be read, nothing could be graded, or a threshold is missed.
pub fn run(context: &mut Context<'_>, args: &CalibrateArgs) -> Result<Exit, Failure> {
    let material = material(context, args)?;
    let mut coaches = Vec::new();
    let chosen = graders::choose(context, args.samples)?;
    coaches.push(calibrated(&material, &chosen, chosen.grader.name(), Help::Pack, args)?);
    for asked in &args.also {
        let (chosen, name, help) = other(context, asked, args.samples)?;
        coaches.push(calibrated(&material, &chosen, name, help, args)?);
    }
    let mut questions: Vec<&str> = material.gold.iter().map(|answer| answer.question_id.as_str()).collect();
    questions.sort_unstable();
    questions.dedup();
    let report = Report {
        gold: material.gold.len(),
        questions: questions.len(),
        attacks: material.attacks.len(),
        coaches: &coaches,
    };
    match context.format() {
        Format::Json => context.json(&report)?,
        Format::Md | Format::Html => {
            write!(context.out, "{}", table::render(&report, table::Style::Markdown))?
        }
        Format::Text => write!(context.out, "{}", table::render(&report, table::Style::Plain))?,
    }
    let missed = coaches.first().map_or_else(Vec::new, |coach| missed(coach, args));
    if !missed.is_empty() {
        return Err(Failure::user(format!("the coach is below the threshold: {}", missed.join(", "))));
    }
    Ok(if coaches.iter().all(|coach| coach.failed.is_empty()) { Exit::Done } else { Exit::SomeFailed })
}

fn material(context: &Context<'_>, args: &CalibrateArgs) -> Result<Material, Failure> {
    let source = context.assets.pack_source(&args.pack)?;
    let questions = context.assets.pack(&args.pack)?.questions;
    let read = |path: &Option<PathBuf>, built_in: &str| match path {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| {
                Failure::user(format!("{} cannot be read", path.display())).because(&error)
            })?;
            Ok::<_, Failure>((path.display().to_string(), text))
        }
        None => Ok((built_in.to_owned(), source.get(built_in).cloned().unwrap_or_default())),
    };
    let faulty = |fault: crate::material::LoadError| {
        Failure::user(fault.to_string()).hint(
            "each line needs at least id, question_id, answer and score (gold) or max_allowed (attacks)",
        )
    };
    let (file, text) = read(&args.gold, "gold.jsonl")?;
    let gold = read_lines(&file, &text).map_err(faulty)?;
    // A gold set of one's own comes with one's own attacks, or none.
    let attacks = if args.gold.is_some() && args.attacks.is_none() {
        Vec::new()
    } else {
        let (file, text) = read(&args.attacks, "attacks.jsonl")?;
        read_lines(&file, &text).map_err(faulty)?
    };
    let material = Material { gold, attacks, questions };
    if material.gold.is_empty() && material.attacks.is_empty() {
        return Err(Failure::user(format!("the pack `{}` has no gold set", args.pack))
            .hint("name a file of labelled answers with --gold"));
    }
    Ok(material)
}

/// The coach that `--also` names.
fn other(context: &mut Context<'_>, asked: &str, samples: u32) -> Result<(Chosen, String, Help), Failure> {
    match asked {
        "reference-only" => {
            let questions = PackQuestions::of(Vec::new());
            let grader = Box::new(EmbeddedAnswers::with_questions(&context.assets, questions)?);
            let chosen = Chosen { grader, is_model: false, cancel: Cancel::new() };
            Ok((chosen, "reference only".to_owned(), Help::ReferenceOnly))
        }
        "embedded" => {
            let chosen = graders::choose_as(
                context,
                CoachKind::Embedded,
                None,
                samples,
                &[],
                PackQuestions::load(&context.assets)?,
            )?;
            let name = chosen.grader.name();
            Ok((chosen, name, Help::Pack))
        }
        model => {
            let chosen = graders::choose_as(
                context,
                CoachKind::Llm,
                Some(model),
                samples,
                &[],
                PackQuestions::load(&context.assets)?,
            )?;
            let name = chosen.grader.name();
            Ok((chosen, name, Help::Pack))
        }
    }
}

fn calibrated(
    material: &Material,
    chosen: &Chosen,
    coach: String,
    help: Help,
    args: &CalibrateArgs,
) -> Result<Calibrated, Failure> {
    let measured: Measured =
        material.measure(&*chosen.grader, help, usize::from(args.jobs), usize::from(args.repeats))?;
    if chosen.cancel.is_cancelled() {
        return Err(Failure::user("stopped").exit(Exit::Interrupted));
    }
    if let (true, Some((_, error))) = (measured.pairs.is_empty(), measured.failed.first()) {
        let exit = if chosen.is_model { Exit::Provider } else { Exit::User };
        return Err(Failure::user(format!("{coach} graded nothing: {error}")).exit(exit));
    }
    Ok(Calibrated {
        agreement: agreement(&measured.pairs, args.seed),
        resistance: resistance(&measured.attempts),
        stability: Stability {
            answers: measured.repeated.0,
            identical: measured.repeated.1,
            largest_difference: measured.largest_difference,
        },
        failed: measured.failed.into_iter().map(|(id, _)| id).collect(),
        coach,
    })
}

/// The thresholds that are missed, as they are told.
fn missed(coach: &Calibrated, args: &CalibrateArgs) -> Vec<String> {
    let mut missed = Vec::new();
    let agreement = coach.agreement.as_ref();
    let pearson = agreement.map(|agreement| agreement.pearson.value);
    let rmse = agreement.map(|agreement| agreement.rmse.value);
    if let (Some(least), Some(value)) = (args.min_pearson, pearson)
        && value < least
    {
        missed.push(format!("Pearson {value:.3} is under {least}"));
    }
    if let (Some(most), Some(value)) = (args.max_rmse, rmse)
        && value > most
    {
        missed.push(format!("the root mean squared error {value:.3} is over {most}"));
    }
    if let Some(least) = args.min_withstood {
        let share = 100.0 * coach.resistance.passed as f64 / coach.resistance.attacks.max(1) as f64;
        if share < least {
            missed.push(format!("{share:.1} % of the attacks withstood is under {least}"));
        }
    }
    if coach.agreement.is_none() && (args.min_pearson.is_some() || args.max_rmse.is_some()) {
        missed.push("there are too few grades to measure agreement".to_owned());
    }
    missed
}
