//! `config set`: changes one key of a file and leaves its comments and order alone.

use std::io::Write;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table, value};

use super::ConfigError;
use super::file::{Layer, Trust};

/// Why a key was not set.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The file would be wrong with it, or is wrong already.
    #[error(transparent)]
    Refused(#[from] ConfigError),
    /// The key has the wrong form.
    #[error("`{0}` is no key; keys look like `level` or `profile.NAME.base_url`")]
    Key(String),
    /// The file cannot be written.
    #[error("{} cannot be written", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Sets `key` to `text` in the file at `path`, which is made if it is not there; writes nothing
/// unless the result is a configuration without fault.
///
/// # Errors
///
/// [`EditError`].
pub fn set(path: &Path, key: &str, text: &str) -> Result<(), EditError> {
    let old = match std::fs::read_to_string(path) {
        Ok(old) => old,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(source) => return Err(ConfigError::Unreadable { path: path.to_owned(), source }.into()),
    };
    let new = edited(path, &old, key, text)?;
    let unwritable = |source| EditError::Unwritable { path: path.to_owned(), source };
    write_whole(path, &new).map_err(unwritable)
}

fn edited(path: &Path, old: &str, key: &str, text: &str) -> Result<String, EditError> {
    Layer::parse(path, old, Trust::User)?.profiles()?;
    let mut document: DocumentMut = old.parse().map_err(|_| EditError::Key(key.to_owned()))?;
    let parts: Vec<&str> = key.split('.').collect();
    match parts.as_slice() {
        [top] if !top.is_empty() && *top != "profile" => put(document.as_table_mut(), top, text),
        ["profile", name, field] if !name.is_empty() && !field.is_empty() => {
            let profiles = document.entry("profile").or_insert_with(implicit);
            let profiles = profiles.as_table_mut().ok_or_else(|| EditError::Key(key.to_owned()))?;
            let profile = profiles.entry(name).or_insert_with(|| Item::Table(Table::new()));
            put(profile.as_table_mut().ok_or_else(|| EditError::Key(key.to_owned()))?, field, text);
        }
        _ => return Err(EditError::Key(key.to_owned())),
    }
    let new = document.to_string();
    let layer = Layer::parse(path, &new, Trust::User)?;
    layer.profiles()?;
    layer.check()?;
    Ok(new)
}

fn implicit() -> Item {
    let mut table = Table::new();
    table.set_implicit(true);
    Item::Table(table)
}

/// A number stays a number; everything else is a text. What stands around the old value stays.
fn put(table: &mut Table, key: &str, text: &str) {
    let mut new = match (text.parse::<i64>(), text.parse::<f64>()) {
        (Ok(number), _) => value(number),
        (_, Ok(number)) if number.is_finite() => value(number),
        _ => value(text),
    };
    if let (Some(old), Some(new)) = (table.get(key).and_then(Item::as_value), new.as_value_mut()) {
        *new.decor_mut() = old.decor().clone();
    }
    table[key] = new;
}

/// Writes beside the file and renames, so that a crash leaves the old one or the new one.
fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let beside = path.with_extension(format!("toml.{}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}
