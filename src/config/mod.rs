//! Settings: flag over environment over project `greenroom.toml` over the user's `config.toml` over default.
//!
//! Every value remembers where it came from. Reads files, and only here; what it reads the
//! environment, folders and flags from is passed in as a value ([`Environment`], [`Flags`]).

mod edit;
mod environment;
mod error;
mod file;
mod key;
mod profile;
mod setting;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub use edit::{EditError, set};
pub use environment::Environment;
pub use error::ConfigError;
pub use key::{ApiKey, KeyError, KeySource};
pub use profile::{ModelChoice, OPENAI_BASE_URL, Prices, Profile};
pub use setting::{CoachKind, ColorChoice, Minutes};

use crate::grading::SeniorityLevel;
use crate::interview::{Style, TimeMode};
use file::{Layer, Trust};
use setting::Setting;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A flag on the command line, with its dashes.
    Flag(&'static str),
    /// A variable of the environment.
    Variable(&'static str),
    /// A file, and the line in it.
    File {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
    },
    /// Nobody said anything.
    Default,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag(flag) => f.write_str(flag),
            Self::Variable(name) => write!(f, "${name}"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub source: Source,
}

/// What was said on the command line; `None` is "nothing".
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Flags {
    /// `--coach`.
    pub coach: Option<CoachKind>,
    /// `--model [PROFILE:]NAME`.
    pub model: Option<String>,
    /// `--config`: read in place of the user's file, and trusted like it.
    pub config: Option<PathBuf>,
    /// `--data-dir`.
    pub data_dir: Option<PathBuf>,
    /// `--color`.
    pub color: Option<ColorChoice>,
    /// `--level`.
    pub level: Option<SeniorityLevel>,
    /// `--style`.
    pub style: Option<Style>,
    /// `--minutes`.
    pub minutes: Option<Minutes>,
    /// `--time`.
    pub time: Option<TimeMode>,
    /// `--max-cost`, in US dollars.
    pub max_cost: Option<f64>,
}

/// All settings, resolved.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who interviews and grades.
    pub coach: Sourced<CoachKind>,
    /// Seniority the interview aims at.
    pub level: Sourced<SeniorityLevel>,
    /// How the interviewer behaves.
    pub style: Sourced<Style>,
    /// Length of an interview; `None` is the pack's own.
    pub minutes: Sourced<Option<Minutes>>,
    /// What happens when a phase's time is up.
    pub time: Sourced<TimeMode>,
    /// Colour on the terminal.
    pub color: Sourced<ColorChoice>,
    /// US dollars that one session may cost; `None` is no limit.
    pub max_cost: Sourced<Option<f64>>,
    /// Profile used when `--model` names none.
    pub default_profile: Sourced<Option<String>>,
    /// Profiles by name: the files', and `openai` from the environment.
    pub profiles: BTreeMap<String, Profile>,
    /// The user's configuration file, there or not.
    pub config_file: PathBuf,
    /// Folder of `packs/`, `rubrics/`, `prompts/`.
    pub config_dir: PathBuf,
    /// Folder of the database.
    pub data_dir: Sourced<PathBuf>,
    model: Sourced<Option<String>>,
}

impl Settings {
    /// Reads the files and resolves every setting; opens no connection and runs no command.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with file, line and column, or the variable at fault.
    pub fn load(environment: &Environment, flags: &Flags) -> Result<Self, ConfigError> {
        let config_dir = environment.config_dir.clone();
        let named = flags.config.clone().or_else(|| environment.path("GREENROOM_CONFIG"));
        let config_file = named.clone().unwrap_or_else(|| config_dir.join("config.toml"));
        let user = Layer::read(&config_file, Trust::User, named.is_some())?;
        let project_file = environment.current_dir.join("greenroom.toml");
        let project = if named.as_ref().is_some_and(|named| same_file(named, &project_file)) {
            Layer::default()
        } else {
            Layer::read(&project_file, Trust::Project, false)?
        };
        let layers = Layers { environment, project: &project, user: &user };
        let mut profiles = user.profiles()?;
        for (name, profile) in project.profiles()? {
            if let Some(own) = profiles.get(&name) {
                return Err(project.refuse_profile(&name, own));
            }
            profiles.insert(name, profile);
        }
        if let Some(profile) = Profile::from_environment(environment)
            && !profiles.contains_key("openai")
        {
            profiles.insert("openai".to_owned(), profile);
        }
        let model = layers.pick("model", "--model", flags.model.clone(), "GREENROOM_MODEL")?;
        let default_profile = layers.pick("default_profile", "", None::<String>, "GREENROOM_PROFILE")?;
        if let Some(name) = &default_profile.value
            && !profiles.contains_key(name)
        {
            return Err(ConfigError::unknown_profile(name, &default_profile.source, profiles.keys()));
        }
        let coach = layers.pick("coach", "--coach", flags.coach, "GREENROOM_COACH")?;
        let coach = resolve_coach(coach, &model, &default_profile, &profiles, environment);
        let data_dir = layers.pick(
            "data_dir",
            "--data-dir",
            flags.data_dir.clone().map(DataDir),
            "GREENROOM_DATA_DIR",
        )?;
        let default_data = environment.data_dir.clone();
        // Conventions of no-color.org and bixense.com/clicolors.
        let asked = if environment.variable("NO_COLOR").is_some() {
            Some((ColorChoice::Never, "NO_COLOR"))
        } else if environment.variable("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
            Some((ColorChoice::Always, "CLICOLOR_FORCE"))
        } else if environment.variable("CLICOLOR") == Some("0") {
            Some((ColorChoice::Never, "CLICOLOR"))
        } else {
            None
        };
        let color = layers.pick("color", "--color", flags.color, "GREENROOM_COLOR")?;
        Ok(Self {
            coach,
            level: layers
                .pick("level", "--level", flags.level, "GREENROOM_LEVEL")?
                .or(SeniorityLevel::Senior),
            style: layers.pick("style", "--style", flags.style, "GREENROOM_STYLE")?.or(Style::Neutral),
            minutes: layers.pick("minutes", "--minutes", flags.minutes, "GREENROOM_MINUTES")?,
            time: layers.pick("time", "--time", flags.time, "GREENROOM_TIME")?.or(TimeMode::Soft),
            color: match (color.value, asked) {
                (None, Some((value, name))) => Sourced { value, source: Source::Variable(name) },
                _ => color.or(ColorChoice::Auto),
            },
            max_cost: layers.pick("max_cost", "--max-cost", flags.max_cost, "GREENROOM_MAX_COST")?,
            default_profile,
            profiles,
            config_file,
            config_dir,
            data_dir: Sourced {
                value: data_dir.value.map_or(default_data, |dir| dir.0),
                source: data_dir.source,
            },
            model,
        })
    }

    /// The profile and model that an LLM coach uses.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoModel`] if no profile is there, [`ConfigError::SeveralProfiles`] if none is chosen.
    pub fn model_choice(&self) -> Result<ModelChoice, ConfigError> {
        self.chosen(self.model.value.as_deref())
    }

    /// The same for `[PROFILE:]NAME` in place of the chosen model.
    ///
    /// # Errors
    ///
    /// As [`Settings::model_choice`].
    pub fn model_choice_for(&self, model: &str) -> Result<ModelChoice, ConfigError> {
        self.chosen(Some(model))
    }

    fn chosen(&self, model: Option<&str>) -> Result<ModelChoice, ConfigError> {
        let (named, model) = match model {
            Some(text) => match text.split_once(':') {
                // A model's own name may have a colon (`llama3:8b`): only a known profile counts.
                Some((profile, name)) if self.profiles.contains_key(profile) => {
                    (Some(profile.to_owned()), Some(name.to_owned()))
                }
                _ => (None, Some(text.to_owned())),
            },
            None => (None, None),
        };
        let name = match named.or_else(|| self.default_profile.value.clone()) {
            Some(name) => name,
            None => self.only_profile()?,
        };
        let profile = self.profile(&name)?.clone();
        let model = model.filter(|model| !model.is_empty()).or_else(|| profile.model.clone());
        Ok(ModelChoice { profile_name: name, model, profile })
    }

    /// The profile with this name.
    ///
    /// # Errors
    ///
    /// [`ConfigError::UnknownProfile`] with the nearest name there is.
    pub fn profile(&self, name: &str) -> Result<&Profile, ConfigError> {
        let source = Source::Flag("--profile");
        self.profiles
            .get(name)
            .ok_or_else(|| ConfigError::unknown_profile(name, &source, self.profiles.keys()))
    }

    fn only_profile(&self) -> Result<String, ConfigError> {
        let mut names = self.profiles.keys();
        match (names.next(), names.next()) {
            (None, _) => Err(ConfigError::NoModel),
            (Some(only), None) => Ok(only.clone()),
            _ if self.profiles.contains_key("openai") => Ok("openai".to_owned()),
            _ => Err(ConfigError::SeveralProfiles { names: self.profiles.keys().cloned().collect() }),
        }
    }

    /// Every setting as (key, value, source), in the order of the documentation; keys are never in it.
    pub fn rows(&self) -> Vec<(String, String, Source)> {
        fn row<T: std::fmt::Display>(key: &str, value: &Sourced<T>) -> (String, String, Source) {
            (key.to_owned(), value.value.to_string(), value.source.clone())
        }
        fn optional<T: std::fmt::Display>(key: &str, value: &Sourced<Option<T>>) -> (String, String, Source) {
            let shown = value.value.as_ref().map_or_else(|| "-".to_owned(), T::to_string);
            (key.to_owned(), shown, value.source.clone())
        }
        let data_dir = self.data_dir.value.display().to_string();
        let mut rows = vec![
            row("coach", &self.coach),
            optional("model", &self.model),
            optional("default_profile", &self.default_profile),
            row("level", &Sourced { value: self.level.value.name(), source: self.level.source.clone() }),
            row("style", &self.style),
            optional("minutes", &self.minutes),
            row("time", &self.time),
            row("color", &self.color),
            optional("max_cost", &self.max_cost),
            row("data_dir", &Sourced { value: data_dir, source: self.data_dir.source.clone() }),
        ];
        for (name, profile) in &self.profiles {
            rows.extend(
                profile
                    .rows()
                    .into_iter()
                    .map(|(key, value, source)| (format!("profile.{name}.{key}"), value, source)),
            );
        }
        rows
    }
}

/// With nothing said: a chosen model, a default profile or a key in the environment selects the
/// LLM coach; otherwise the embedded one.
fn resolve_coach(
    said: Sourced<Option<CoachKind>>,
    model: &Sourced<Option<String>>,
    default_profile: &Sourced<Option<String>>,
    profiles: &BTreeMap<String, Profile>,
    environment: &Environment,
) -> Sourced<CoachKind> {
    let llm = |source: &Source| Sourced { value: CoachKind::Llm, source: source.clone() };
    // `--model` on the command line says more than a file's `coach`.
    if matches!(model.source, Source::Flag(_)) && !matches!(said.source, Source::Flag(_)) {
        return llm(&model.source);
    }
    if let Some(value) = said.value {
        return Sourced { value, source: said.source };
    }
    if model.value.is_some() {
        return llm(&model.source);
    }
    if default_profile.value.is_some() {
        return llm(&default_profile.source);
    }
    let from_files = profiles.values().filter(|profile| matches!(profile.source, Source::File { .. }));
    if from_files.clone().count() == 1
        && let Some(profile) = from_files.into_iter().next()
    {
        return llm(&profile.source);
    }
    if environment.variable("OPENAI_API_KEY").is_some() {
        return llm(&Source::Variable("OPENAI_API_KEY"));
    }
    Sourced { value: CoachKind::Embedded, source: Source::Default }
}

fn same_file(one: &std::path::Path, other: &std::path::Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// The layers under the flags, strongest first.
struct Layers<'a> {
    environment: &'a Environment,
    project: &'a Layer,
    user: &'a Layer,
}

impl Layers<'_> {
    /// The strongest layer's value of `key`.
    fn pick<T: Setting>(
        &self,
        key: &'static str,
        flag_name: &'static str,
        flag: Option<T>,
        variable: &'static str,
    ) -> Result<Sourced<Option<T>>, ConfigError> {
        if let Some(value) = flag {
            return Ok(Sourced { value: Some(value), source: Source::Flag(flag_name) });
        }
        if let Some(text) = self.environment.variable(variable) {
            let value = T::parse(text).map_err(|message| ConfigError::Variable { variable, message })?;
            return Ok(Sourced { value: Some(value), source: Source::Variable(variable) });
        }
        for layer in [self.project, self.user] {
            if let Some(Sourced { value, source }) = layer.get(key)? {
                return Ok(Sourced { value: Some(value), source });
            }
        }
        Ok(Sourced { value: None, source: Source::Default })
    }
}

impl<T> Sourced<Option<T>> {
    fn or(self, default: T) -> Sourced<T> {
        Sourced { value: self.value.unwrap_or(default), source: self.source }
    }
}

/// A folder as a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
struct DataDir(PathBuf);

impl Setting for DataDir {
    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() { Err("a folder is needed".to_owned()) } else { Ok(Self(PathBuf::from(text))) }
    }
}

#[cfg(test)]
mod tests;
