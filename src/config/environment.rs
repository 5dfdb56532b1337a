//! What the process finds around it, as a value: variables and folders.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// Variables and folders that settings are resolved against.
#[derive(Clone, Default)]
pub struct Environment {
    /// Variables by name.
    pub variables: BTreeMap<String, String>,
    /// Where a project's `greenroom.toml` would stand.
    pub current_dir: PathBuf,
    /// Folder of `config.toml`, `packs/`, `rubrics/`, `prompts/`.
    pub config_dir: PathBuf,
    /// Folder of the database, unless a setting says otherwise.
    pub data_dir: PathBuf,
}

impl Environment {
    /// Reads the process's variables and folders; `GREENROOM_HOME` puts both folders under one.
    /// Returns `None` on a system that names no home directory.
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the environment for settings")]
    pub fn of_process() -> Option<Self> {
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let current_dir = std::env::current_dir().unwrap_or_default();
        let (config_dir, data_dir) = match variables.get("GREENROOM_HOME").filter(|home| !home.is_empty()) {
            Some(home) => {
                let home = current_dir.join(home);
                (home.clone(), home)
            }
            None => {
                let project = directories::ProjectDirs::from("", "", "greenroom")?;
                (project.config_dir().to_owned(), project.data_dir().to_owned())
            }
        };
        Some(Self { variables, current_dir, config_dir, data_dir })
    }

    /// A variable that is set and not empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.variable(name).map(PathBuf::from)
    }
}

/// Shows the names of the variables only: a value may be a key.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Environment")
            .field("variables", &self.variables.keys().collect::<Vec<_>>())
            .field("current_dir", &self.current_dir)
            .field("config_dir", &self.config_dir)
            .field("data_dir", &self.data_dir)
            .finish()
    }
}
