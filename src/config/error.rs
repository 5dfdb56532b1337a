//! What can be wrong with the configuration, as the user reads it.

use std::path::PathBuf;

use super::Source;
use super::setting::nearest;
use crate::material::LoadError;

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A fault in a file, with its place.
    #[error(transparent)]
    Faulty(#[from] LoadError),
    /// A project's file wants what only the user's own may say.
    #[error("{place}: a project's file may not {wants}")]
    Untrusted {
        /// File, line and column.
        place: String,
        /// What it wants.
        wants: String,
    },
    /// A variable of the environment that cannot be read.
    #[error("the variable {variable} is wrong: {message}")]
    Variable {
        /// Its name.
        variable: &'static str,
        /// What would have been right.
        message: String,
    },
    /// A file that cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A profile that is nowhere.
    #[error("there is no profile `{name}` ({from}){}", near.as_ref().map_or(String::new(), |n| format!("; did you mean `{n}`?")))]
    UnknownProfile {
        /// As asked for.
        name: String,
        /// Who asked for it.
        from: String,
        /// The nearest name there is.
        near: Option<String>,
    },
    /// The LLM coach is asked for, and no model is known.
    #[error("no model is configured")]
    NoModel,
    /// Several profiles, and nothing says which.
    #[error("several profiles are configured ({}) and none is the default", names.join(", "))]
    SeveralProfiles {
        /// Their names.
        names: Vec<String>,
    },
}

impl ConfigError {
    pub(super) fn unknown_profile<'n>(
        name: &str,
        source: &Source,
        names: impl IntoIterator<Item = &'n String>,
    ) -> Self {
        let near = nearest(name, names.into_iter().map(String::as_str)).map(ToOwned::to_owned);
        Self::UnknownProfile { name: name.to_owned(), from: source.to_string(), near }
    }

    /// What to try next; printed on its own line, after `hint:`.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Faulty(_) => "mend the file; `greenroom config show` prints what is in force",
            Self::Untrusted { .. } => {
                "put it into your own file (`greenroom config path`), or, if you trust this one, pass it with --config"
            }
            Self::Variable { .. } => "mend or unset the variable",
            Self::Unreadable { .. } => "check the path and that the file may be read",
            Self::UnknownProfile { .. } => "`greenroom config show` lists the profiles there are",
            Self::NoModel => {
                "set OPENAI_API_KEY, or run `greenroom doctor --find` to look for a local server, or add --coach embedded"
            }
            Self::SeveralProfiles { .. } => {
                "choose one with `greenroom config set default_profile NAME` or --model NAME:MODEL"
            }
        }
    }
}
