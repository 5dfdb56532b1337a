//! One configuration file: its keys with their places; unknown ones are errors with the nearest name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml_edit::{Document, Item, Table, Value};

use super::profile::{PROFILE_KEYS, Profile};
use super::setting::{Setting, nearest};
use super::{ConfigError, Source, Sourced};
use crate::material::LoadError;

/// Every key at the top of a file.
pub(super) const TOP_KEYS: &[&str] = &[
    "coach",
    "model",
    "default_profile",
    "level",
    "style",
    "minutes",
    "time",
    "color",
    "max_cost",
    "data_dir",
    "profile",
];

/// Top keys that only the user's own file may set: they decide where files and money go.
const USER_ONLY: &[&str] = &["data_dir", "max_cost"];

/// Whose file it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Trust {
    /// The user's own.
    #[default]
    User,
    /// Found in the current folder: whoever made the folder wrote it.
    Project,
}

/// A place in a file.
#[derive(Clone, Debug)]
pub(super) struct Place {
    path: PathBuf,
    line: usize,
    column: usize,
}

impl Place {
    pub(super) fn fault(&self, message: impl Into<String>) -> LoadError {
        let file = self.path.display().to_string();
        LoadError { file, line: self.line, column: self.column, message: message.into() }
    }

    pub(super) fn source(&self) -> Source {
        Source::File { path: self.path.clone(), line: self.line }
    }
}

/// Texts by key, each with its place.
type Values = BTreeMap<String, (String, Place)>;

/// What one file says.
#[derive(Debug, Default)]
pub(super) struct Layer {
    path: PathBuf,
    trust: Trust,
    values: Values,
    tables: BTreeMap<String, (Place, Values)>,
}

impl Layer {
    /// Reads a file; one that is not there says nothing, unless it was asked for by name.
    pub(super) fn read(path: &Path, trust: Trust, must_exist: bool) -> Result<Self, ConfigError> {
        match std::fs::read(path) {
            Ok(bytes) => {
                let text = String::from_utf8(bytes).map_err(|error| {
                    let valid = error.utf8_error().valid_up_to();
                    let before = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
                    LoadError::at(&path.display().to_string(), &before, valid, "this is not UTF-8 text")
                })?;
                Self::parse(path, &text, trust)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must_exist => {
                Ok(Self { path: path.to_owned(), trust, ..Self::default() })
            }
            Err(source) => Err(ConfigError::Unreadable { path: path.to_owned(), source }),
        }
    }

    pub(super) fn parse(path: &Path, text: &str, trust: Trust) -> Result<Self, ConfigError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let file = path.display().to_string();
        let document = Document::parse(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            LoadError::at(&file, text, offset, error.message().trim())
        })?;
        let reader = Reader { path, text };
        let mut layer = Self { path: path.to_owned(), trust, ..Self::default() };
        for (key, item) in document.as_table() {
            let place = reader.place(document.as_table(), key);
            reader.known(key, TOP_KEYS, &place)?;
            if key == "profile" {
                layer.read_profiles(&reader, item, &place)?;
            } else {
                if trust == Trust::Project && USER_ONLY.contains(&key) {
                    return Err(layer.untrusted(&place, format!("set `{key}`")));
                }
                layer.values.insert(key.to_owned(), (reader.scalar(item, key, &place)?, place));
            }
        }
        Ok(layer)
    }

    fn read_profiles(&mut self, reader: &Reader<'_>, item: &Item, place: &Place) -> Result<(), ConfigError> {
        let profiles = item.as_table_like().ok_or_else(|| place.fault("write profiles as [profile.NAME]"))?;
        for (name, item) in profiles.iter() {
            let at = reader.place_in(item, place);
            if name.is_empty() || name.contains(':') || name.contains(char::is_whitespace) {
                return Err(at.fault(format!("`{name}` cannot name a profile")).into());
            }
            let table = item.as_table_like().ok_or_else(|| at.fault("write profiles as [profile.NAME]"))?;
            let mut values = BTreeMap::new();
            for (key, item) in table.iter() {
                let key_place = reader.key_place(table, key).unwrap_or_else(|| at.clone());
                reader.known(key, PROFILE_KEYS, &key_place)?;
                if self.trust == Trust::Project && key.starts_with("api_key_") {
                    let wants = format!(
                        "say where a key comes from (`{key}`): it could run a command or send your key elsewhere"
                    );
                    return Err(self.untrusted(&key_place, wants));
                }
                values.insert(key.to_owned(), (reader.scalar(item, key, &key_place)?, key_place));
            }
            self.tables.insert(name.to_owned(), (at, values));
        }
        Ok(())
    }

    /// The value of a top key.
    pub(super) fn get<T: Setting>(&self, key: &str) -> Result<Option<Sourced<T>>, ConfigError> {
        let Some((text, place)) = self.values.get(key) else { return Ok(None) };
        let value = T::parse(text).map_err(|message| place.fault(format!("`{key}`: {message}")))?;
        Ok(Some(Sourced { value, source: place.source() }))
    }

    /// Reads every top key as its type.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        self.get::<super::CoachKind>("coach")?;
        self.get::<String>("model")?;
        self.get::<String>("default_profile")?;
        self.get::<crate::grading::SeniorityLevel>("level")?;
        self.get::<super::Style>("style")?;
        self.get::<super::Minutes>("minutes")?;
        self.get::<super::TimeMode>("time")?;
        self.get::<super::ColorChoice>("color")?;
        self.get::<f64>("max_cost")?;
        self.get::<String>("data_dir")?;
        Ok(())
    }

    /// All profiles of the file.
    pub(super) fn profiles(&self) -> Result<BTreeMap<String, Profile>, ConfigError> {
        let mut profiles = BTreeMap::new();
        for (name, (place, values)) in &self.tables {
            if self.trust == Trust::Project && name == "openai" {
                return Err(self.untrusted(place, "change the profile `openai`, which your key belongs to"));
            }
            let mut profile = Profile::from_table(place, &|key| values.get(key).cloned())?;
            if self.trust == Trust::Project && profile.has_key() {
                // api.openai.com takes OPENAI_API_KEY by itself; a project's file may not spend it.
                profile.key = super::KeySource::None;
            }
            profiles.insert(name.clone(), profile);
        }
        Ok(profiles)
    }

    /// A project's file defines a profile of the user's again.
    pub(super) fn refuse_profile(&self, name: &str, own: &Profile) -> ConfigError {
        let (place, _) = &self.tables[name];
        self.untrusted(place, format!("change the profile `{name}`, which {} defines", own.source))
    }

    fn untrusted(&self, place: &Place, wants: impl Into<String>) -> ConfigError {
        let place = format!("{}:{}:{}", self.path.display(), place.line, place.column);
        ConfigError::Untrusted { place, wants: wants.into() }
    }
}

struct Reader<'t> {
    path: &'t Path,
    text: &'t str,
}

impl Reader<'_> {
    fn at(&self, offset: usize) -> Place {
        let LoadError { line, column, .. } = LoadError::at("", self.text, offset, "");
        Place { path: self.path.to_owned(), line, column }
    }

    fn place(&self, table: &Table, key: &str) -> Place {
        let found = table.get_key_value(key);
        let offset =
            found.and_then(|(key, item)| key.span().or_else(|| item.span())).map_or(0, |span| span.start);
        self.at(offset)
    }

    fn place_in(&self, item: &Item, otherwise: &Place) -> Place {
        item.span().map_or_else(|| otherwise.clone(), |span| self.at(span.start))
    }

    fn key_place(&self, table: &dyn toml_edit::TableLike, key: &str) -> Option<Place> {
        let (key, item) = table.get_key_value(key)?;
        let span = key.span().or_else(|| item.span())?;
        Some(self.at(span.start))
    }

    fn known(&self, key: &str, known: &[&str], place: &Place) -> Result<(), ConfigError> {
        if known.contains(&key) {
            return Ok(());
        }
        if matches!(key, "api_key" | "key" | "token" | "secret") {
            let message = format!(
                "there is no key `{key}`: keys are not kept in files; use api_key_env, api_key_command or api_key_keyring"
            );
            return Err(place.fault(message).into());
        }
        let near = nearest(key, known.iter().copied());
        let near = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        Err(place.fault(format!("there is no key `{key}`{near}")).into())
    }

    /// The text of a string, number or boolean.
    fn scalar(&self, item: &Item, key: &str, place: &Place) -> Result<String, ConfigError> {
        match item.as_value() {
            Some(Value::String(text)) => Ok(text.value().clone()),
            Some(Value::Integer(number)) => Ok(number.value().to_string()),
            Some(Value::Float(number)) => Ok(number.value().to_string()),
            Some(Value::Boolean(truth)) => Ok(truth.value().to_string()),
            _ => Err(place.fault(format!("`{key}` takes a text or a number")).into()),
        }
    }
}
