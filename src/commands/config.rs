//! `greenroom config`: what is in force and why, where the file is, and changing one key of it.

use clap::Subcommand;
use serde_json::json;

use super::Context;
use crate::cli::Format;
use crate::config::{self, EditError};
use crate::error::{Exit, Failure};
use crate::text::sanitise;

/// Show and change the configuration
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  greenroom config show\n  greenroom config set level staff\n  greenroom config set profile.local.base_url http://127.0.0.1:8080/v1\n  greenroom config set default_profile local"
)]
pub struct ConfigArgs {
    /// What to do; shows without it
    #[command(subcommand)]
    pub action: Option<Action>,
}

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Every setting, and where its value came from
    Show,
    /// The configuration file's path
    Path,
    /// Change one key of the file; the rest of it stays as it is
    Set {
        /// `level`, `profile.NAME.base_url`, ...
        key: String,
        /// The new value
        #[arg(allow_hyphen_values = true)]
        value: String,
    },
}

/// Runs `greenroom config`.
///
/// # Errors
///
/// [`Failure`] if the key or the value is wrong, or the file cannot be written.
pub fn run(context: &mut Context<'_>, args: &ConfigArgs) -> Result<Exit, Failure> {
    match args.action.as_ref().unwrap_or(&Action::Show) {
        Action::Show => show(context),
        Action::Path => path(context),
        Action::Set { key, value } => set(context, key, value),
    }
}

fn show(context: &mut Context<'_>) -> Result<Exit, Failure> {
    let rows = context.settings.rows();
    if context.format() == Format::Json {
        let rows: Vec<_> = rows
            .iter()
            .map(|(key, value, source)| json!({"key": key, "value": value, "source": source.to_string()}))
            .collect();
        context.json(&rows)?;
        return Ok(Exit::Done);
    }
    let widest = |of: fn(&(String, String, config::Source)) -> usize| rows.iter().map(of).max().unwrap_or(0);
    let (keys, values) = (widest(|row| row.0.len()).min(40), widest(|row| row.1.len()).min(44));
    for (key, value, source) in &rows {
        writeln!(context.out, "{:keys$}  {:values$}  {source}", sanitise(key), sanitise(value))?;
    }
    Ok(Exit::Done)
}

fn path(context: &mut Context<'_>) -> Result<Exit, Failure> {
    let file = context.settings.config_file.clone();
    if context.format() == Format::Json {
        let data = context.settings.data_dir.value.clone();
        let folder = context.settings.config_dir.clone();
        context.json(&json!({"config_file": file, "config_dir": folder, "data_dir": data}))?;
    } else {
        writeln!(context.out, "{}", file.display())?;
    }
    Ok(Exit::Done)
}

fn set(context: &mut Context<'_>, key: &str, value: &str) -> Result<Exit, Failure> {
    let file = context.settings.config_file.clone();
    config::set(&file, key, value)?;
    context.note(&format!("{key} is set in {}", file.display()));
    Ok(Exit::Done)
}

impl From<EditError> for Failure {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Refused(error) => error.into(),
            EditError::Key(_) => {
                Self::user(error.to_string()).hint("`greenroom config show` lists the keys there are")
            }
            EditError::Unwritable { ref source, .. } => {
                Self::user(error.to_string()).because(source).hint("check the folder and its rights")
            }
        }
    }
}
