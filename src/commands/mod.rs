//! One file a command: read, call, render, status. The only code that knows all the rest.

pub mod answer;
pub mod calibrate;
pub mod cheatsheet;
pub mod checklist;
pub mod config;
pub mod diagram;
pub mod doctor;
pub mod drill;
pub mod grade;
pub mod interview;
pub mod material;
pub mod pack;
pub mod progress;
pub mod prompt;
pub mod questions;
pub mod report;
pub mod review;
pub mod rubric;
pub mod sessions;
pub mod setup;

mod context;
mod desk;
mod graders;
mod home;
mod llm;

pub use context::{Context, Terminal};

use crate::cli::Command;
use crate::error::{Exit, Failure};

/// Runs a command.
///
/// # Errors
///
/// [`Failure`], with its exit code and what the user can do.
pub fn run(context: &mut Context<'_>, command: Option<&Command>) -> Result<Exit, Failure> {
    match command {
        None => home::run(context),
        Some(Command::Answer(args)) => answer::run(context, args),
        Some(Command::Calibrate(args)) => calibrate::run(context, args),
        Some(Command::Cheatsheet(args)) => cheatsheet::run(context, args),
        Some(Command::Checklist(args)) => checklist::run(context, args),
        Some(Command::Config(args)) => config::run(context, args),
        Some(Command::Diagram(args)) => diagram::run(context, args),
        Some(Command::Doctor(args)) => doctor::run(context, args),
        Some(Command::Progress(args)) => progress::run(context, args),
        Some(Command::Drill(args)) => drill::run(context, args),
        Some(Command::Prompt(args)) => prompt::run(context, args),
        Some(Command::Grade(args)) => grade::run(context, args),
        Some(Command::Interview(args)) => interview::run(context, args),
        Some(Command::Material(args)) => material::run(context, args),
        Some(Command::Pack(args)) => pack::run(context, args),
        Some(Command::Problems(args)) => questions::problems(context, args),
        Some(Command::Questions(args)) => questions::questions(context, args),
        Some(Command::Rubric(args)) => rubric::run(context, args),
        Some(Command::Report(args)) => report::run(context, args),
        Some(Command::Review(args)) => review::run(context, args),
        Some(Command::Sessions(args)) => sessions::run(context, args),
        Some(Command::Completions(args)) => setup::completions(context, args),
        Some(Command::Man(args)) => setup::man(context, args),
    }
}
