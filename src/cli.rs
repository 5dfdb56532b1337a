//! The command line: what was typed, as types. Parsing does nothing else.
//!
//! The doc comments here are the help texts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands::{
    answer, calibrate, cheatsheet, checklist, config, diagram, doctor, grade, interview, pack, prompt,
    questions, report, review, rubric, sessions, setup,
};
use crate::config::{CoachKind, ColorChoice, Flags};

/// An interview coach in your terminal: mock interviews, graded on your own words.
#[derive(Debug, Parser)]
#[command(name = "greenroom", version, disable_help_subcommand = true)]
#[command(
    after_help = "Without a command: where you stand, and the next step.\n\nExamples:\n  greenroom interview url-shortener --minutes 45\n  greenroom report"
)]
pub struct Cli {
    /// Flags of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Set apart from a command's own flags in its help.
const EVERYWHERE: &str = "With every command";

/// Flags of every command.
#[derive(Args, Clone, Debug, Default)]
pub struct Global {
    /// Who interviews and grades: embedded (rules, no network) or llm (a model)
    #[arg(long, global = true, help_heading = EVERYWHERE, value_enum, hide_possible_values = true, value_name = "WHO")]
    pub coach: Option<CoachKind>,
    /// Model for the LLM coach
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "[PROFILE:]NAME")]
    pub model: Option<String>,
    /// Configuration file to use instead of yours
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder for the database
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Format of the result: text, json, md or html, where it fits
    #[arg(long, global = true, help_heading = EVERYWHERE, value_enum, hide_possible_values = true)]
    pub format: Option<Format>,
    /// Colour: auto, always or never
    #[arg(long, global = true, help_heading = EVERYWHERE, value_enum, hide_possible_values = true, value_name = "WHEN")]
    pub color: Option<ColorChoice>,
    /// Say less on standard error
    #[arg(short, long, global = true, help_heading = EVERYWHERE)]
    pub quiet: bool,
    /// Say more on standard error
    #[arg(short, long, global = true, help_heading = EVERYWHERE, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// Format of a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For reading in a terminal.
    #[default]
    Text,
    /// For programs.
    Json,
    /// Markdown.
    Md,
    /// One self-contained page.
    Html,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Hold a mock interview
    Interview(interview::InterviewArgs),
    /// Study notes: add them, search them, answer what they ask
    Material(crate::commands::material::MaterialArgs),
    /// Grade transcripts of interviews held elsewhere
    Review(review::ReviewArgs),
    /// Print the report of a session
    Report(report::ReportArgs),
    /// Show where you stand: grades over time, time practised, what is due, the checklist
    Progress(crate::commands::progress::ProgressArgs),
    /// List, show, search, export and delete sessions
    Sessions(sessions::SessionsArgs),
    /// List, show and search concept questions
    Questions(questions::QuestionsArgs),
    /// List, show and search design problems
    Problems(questions::ProblemsArgs),
    /// What to know, on a few pages
    Cheatsheet(cheatsheet::CheatsheetArgs),
    /// What to master before an interview
    Checklist(checklist::ChecklistArgs),
    /// List and check packs, and begin new ones
    Pack(pack::PackArgs),
    /// List, show and check rubrics
    Rubric(rubric::RubricArgs),
    /// Check a drawing of a system
    Diagram(diagram::DiagramArgs),
    /// Check the model's server, or find a local one
    Doctor(doctor::DoctorArgs),
    /// Get feedback on one answer
    Answer(answer::AnswerArgs),
    /// Answer what is due, weakest first
    Drill(crate::commands::drill::DrillArgs),
    /// Grade many answers, one JSON object a line
    Grade(grade::GradeArgs),
    /// Grade labelled answers, and say how far to trust the coach
    Calibrate(calibrate::CalibrateArgs),
    /// Show and change the configuration
    Config(config::ConfigArgs),
    /// List, show and change the prompts that a language model gets
    Prompt(prompt::PromptArgs),
    /// Print the completion script of a shell
    Completions(setup::CompletionsArgs),
    /// Print the manual page
    Man(setup::ManArgs),
}

impl Command {
    /// The settings that this command's own flags change.
    pub fn flags(&self) -> Flags {
        match self {
            Self::Interview(args) => args.flags(),
            _ => Flags::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::Cli;

    #[test]
    fn every_command_shows_examples_that_parse() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let examples: Vec<&str> = help
                .lines()
                .filter_map(|line| line.strip_prefix("  "))
                .filter(|l| l.contains("greenroom"))
                .collect();
            assert!(!examples.is_empty(), "{} shows no example", command.get_name());
            for example in examples {
                // What stands before or after a pipe or a comment is the shell's.
                let call = example.split(" | ").find(|part| part.trim_start().starts_with("greenroom"));
                let call = call.unwrap_or_else(|| panic!("{example}"));
                let call = call.split(['>', '<', '#']).next().unwrap_or_default();
                let call = call.split("   ").next().unwrap_or_default();
                let words = shlex::split(call).unwrap_or_else(|| panic!("{example}"));
                if let Err(error) = Cli::try_parse_from(words) {
                    panic!("{}: {example}: {error}", command.get_name());
                }
            }
        }
    }
}
