//! `greenroom rubric`: what interviews are judged by.

use std::path::Path;

use clap::Subcommand;
use serde_json::json;

use super::Context;
use crate::cli::Format;
use crate::error::{Exit, Failure};
use crate::grading::Rubric;
use crate::material::parse_toml;
use crate::text::sanitise;

/// List, show and check rubrics
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  greenroom rubric\n  greenroom rubric show system-design\n  greenroom rubric check my-rubric.toml"
)]
pub struct RubricArgs {
    /// What to do; lists without it
    #[command(subcommand)]
    pub action: Option<Action>,
}

/// What to do with rubrics.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// All rubrics
    List,
    /// Criteria, levels and bars of one
    Show {
        /// Its id; the built-in one without it
        #[arg(default_value = "system-design")]
        id: String,
    },
    /// Check a rubric, and say what is wrong with it
    Check {
        /// Its id, or a file
        #[arg(default_value = "system-design")]
        id: String,
    },
}

/// Runs `greenroom rubric`.
///
/// # Errors
///
/// [`Failure`] if a rubric is not there or has a fault.
pub fn run(context: &mut Context<'_>, args: &RubricArgs) -> Result<Exit, Failure> {
    match args.action.as_ref().unwrap_or(&Action::List) {
        Action::List => list(context),
        Action::Show { id } => {
            let rubric = context.assets.rubric(id)?;
            show(context, &rubric)
        }
        Action::Check { id } => check(context, id),
    }
}

fn list(context: &mut Context<'_>) -> Result<Exit, Failure> {
    let names = context.assets.rubrics();
    let rubrics: Vec<Rubric> =
        names.iter().map(|name| context.assets.rubric(name)).collect::<Result<_, _>>()?;
    if context.format() == Format::Json {
        let rows: Vec<_> = rubrics
            .iter()
            .map(|rubric| {
                let criteria: Vec<&str> = rubric.criteria.iter().map(|criterion| criterion.id.as_str()).collect();
                json!({"id": rubric.id, "title": rubric.title, "version": rubric.version, "criteria": criteria})
            })
            .collect();
        context.json(&rows)?;
        return Ok(Exit::Done);
    }
    for rubric in &rubrics {
        writeln!(
            context.out,
            "{}  {} (version {})",
            sanitise(&rubric.id),
            sanitise(&rubric.title),
            rubric.version
        )?;
    }
    Ok(Exit::Done)
}

fn show(context: &mut Context<'_>, rubric: &Rubric) -> Result<Exit, Failure> {
    if context.format() == Format::Json {
        context.json(rubric)?;
        return Ok(Exit::Done);
    }
    let mut text = format!("# {} (version {})\n", rubric.title, rubric.version);
    for criterion in &rubric.criteria {
        text += &format!(
            "\n## {} (`{}`, weight {})\n\n{}\n\n",
            criterion.title, criterion.id, criterion.weight, criterion.asks
        );
        for (level, anchor) in (1..).zip(&criterion.anchors) {
            text += &format!("{level}. {anchor}\n");
        }
        text += &format!("\nDrill: {}\n", criterion.drill);
    }
    text += "\n## Bars\n\n";
    for (name, bar) in
        [("mid", &rubric.bars.mid), ("senior", &rubric.bars.senior), ("staff", &rubric.bars.staff)]
    {
        text += &format!(
            "- {name}: {} Mean level for strong-no under {}, yes from {}, strong-yes from {}.",
            bar.means, bar.strong_no, bar.yes, bar.strong_yes
        );
        let floors: Vec<String> = bar.floors.iter().map(|(id, level)| format!("{id} {level}")).collect();
        text +=
            &if floors.is_empty() { "\n".to_owned() } else { format!(" Floors: {}.\n", floors.join(", ")) };
    }
    write!(context.out, "{}", sanitise(&text))?;
    Ok(Exit::Done)
}

fn check(context: &mut Context<'_>, asked: &str) -> Result<Exit, Failure> {
    let path = Path::new(asked);
    let rubric = if path.is_file() {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::user(format!("{asked} cannot be read")).because(&error))?;
        parse_toml(asked, &text).map_err(|fault| Failure::user(fault.to_string()))?
    } else {
        context.assets.rubric(asked)?
    };
    let faults = rubric.faults();
    if faults.is_empty() {
        writeln!(context.out, "{} is sound: {} criteria.", sanitise(&rubric.id), rubric.criteria.len())?;
        return Ok(Exit::Done);
    }
    Err(Failure::user(format!("{asked}: {}", faults.join("; ")))
        .hint("mend the file; `greenroom rubric show` prints a sound one"))
}
