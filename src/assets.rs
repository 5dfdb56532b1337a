//! Prompts, rubrics and packs: embedded in the binary, shadowed by the user's file of the same name.
//!
//! Reads files, and only here; parsing is the business of [`crate::material`] and [`crate::grading`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use crate::diagram;
use crate::grading::Rubric;
use crate::grading::answer::Knowledge;
use crate::material::compile::Words;
use crate::material::{LoadError, Pack, PackSource, parse_toml};

static MATERIAL: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/material");
static RUBRICS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rubrics");
static PROMPTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/prompts");

/// The pack that commands mean when none is named; first in every list.
pub const FIRST_PACK: &str = "system-design";

/// Where content comes from.
#[derive(Clone, Debug, Default)]
pub struct Assets {
    user: Option<PathBuf>,
}

/// Why content is not there.
#[derive(Debug, thiserror::Error)]
pub enum AssetError {
    /// No such pack, rubric or prompt.
    #[error("there is no {kind} `{name}`{}", near.as_ref().map_or(String::new(), |n| format!("; did you mean `{n}`?")))]
    Unknown {
        /// "pack", "rubric", "prompt".
        kind: &'static str,
        /// As asked for.
        name: String,
        /// The nearest name there is.
        near: Option<String>,
    },
    /// Content with faults.
    #[error("{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Faulty {
        /// Every fault found.
        faults: Vec<LoadError>,
    },
    /// A file of the user's that cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Assets {
    /// Only what is in the binary.
    pub fn embedded() -> Self {
        Self::default()
    }

    /// What is in the binary, shadowed by `packs/`, `rubrics/` and `prompts/` in `folder`.
    pub fn with_user(folder: impl Into<PathBuf>) -> Self {
        Self { user: Some(folder.into()) }
    }

    /// Names of all packs, built in and the user's: [`FIRST_PACK`], then by name.
    pub fn packs(&self) -> Vec<String> {
        let built_in = |dir: &Dir<'_>| {
            let name = dir.path().file_name()?.to_str()?.to_owned();
            MATERIAL.get_file(format!("{name}/pack.toml")).map(|_| name)
        };
        let mut names: Vec<String> = MATERIAL.dirs().filter_map(built_in).collect();
        if let Some(entries) = self.user.as_ref().and_then(|user| std::fs::read_dir(user.join("packs")).ok())
        {
            names.extend(
                entries
                    .flatten()
                    .filter(|entry| entry.path().join("pack.toml").is_file())
                    .filter_map(|entry| entry.file_name().into_string().ok()),
            );
        }
        names.sort_by(|a, b| (a != FIRST_PACK, a).cmp(&(b != FIRST_PACK, b)));
        names.dedup();
        names
    }

    /// The files of a pack, the user's in place of built-in ones of the same name.
    ///
    /// # Errors
    ///
    /// [`AssetError::Unknown`], [`AssetError::Unreadable`].
    pub fn pack_source(&self, name: &str) -> Result<PackSource, AssetError> {
        let mut source = PackSource::new();
        if let Some(dir) = MATERIAL.get_dir(name) {
            collect_embedded(dir, name, &mut source);
        }
        if let Some(user) = self.user.as_ref().filter(|_| is_plain_name(name)) {
            collect_files(&user.join("packs").join(name), "", &mut source)?;
        }
        if source.is_empty() {
            return Err(unknown("pack", name, self.packs()));
        }
        Ok(source)
    }

    /// The files of the pack in `folder`, wherever that is, by every name in it; only the text of
    /// files that a pack may hold. What a pack that ships has and `folder` has not is added if `folder`
    /// replaces single files of it: its name, and no `pack.toml`.
    ///
    /// # Errors
    ///
    /// [`AssetError::Unreadable`].
    pub fn pack_folder(folder: &Path) -> Result<PackSource, AssetError> {
        let mut source = PackSource::new();
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !folder.join("pack.toml").exists()
            && let Some(dir) = MATERIAL.get_dir(name).filter(|_| Self::is_built_in(name))
        {
            collect_embedded(dir, name, &mut source);
        }
        collect_everything(folder, "", &mut source)?;
        Ok(source)
    }

    /// The files of a new pack by this name, from the template.
    pub fn new_pack(name: &str, title: &str) -> PackSource {
        let mut source = PackSource::new();
        if let Some(dir) = MATERIAL.get_dir("template/pack") {
            collect_embedded(dir, "template/pack", &mut source);
        }
        source
            .values_mut()
            .for_each(|text| *text = text.replace("{{name}}", name).replace("{{title}}", title));
        source
    }

    /// Lines for what notes do not say when they are made into a pack.
    ///
    /// # Errors
    ///
    /// [`AssetError::Faulty`] if the file has a fault.
    pub fn compile_words() -> Result<Words, AssetError> {
        let file = "template/notes.toml";
        let text = MATERIAL.get_file(file).and_then(|file| file.contents_utf8()).unwrap_or_default();
        parse_toml(file, text).map_err(|fault| AssetError::Faulty { faults: vec![fault] })
    }

    /// True if a pack of this name is in the binary.
    pub fn is_built_in(name: &str) -> bool {
        is_plain_name(name) && MATERIAL.contains(format!("{name}/pack.toml"))
    }

    /// The folder for the user's pack of this name; `None` without a folder of the user's.
    pub fn pack_path(&self, name: &str) -> Option<PathBuf> {
        self.user.as_ref().map(|user| user.join("packs").join(name))
    }

    /// A pack, parsed.
    ///
    /// # Errors
    ///
    /// [`AssetError`], with every fault's file, line and column.
    pub fn pack(&self, name: &str) -> Result<Pack, AssetError> {
        Pack::parse(&self.pack_source(name)?).map_err(|faults| AssetError::Faulty { faults })
    }

    /// What the embedded grader of answers knows: `material/grader`, shadowed by `grader/` in the
    /// user's folder, and its feedback template.
    ///
    /// # Errors
    ///
    /// [`AssetError`], with every fault's file, line and column.
    pub fn grader_knowledge(&self) -> Result<Knowledge, AssetError> {
        let mut files = PackSource::new();
        if let Some(dir) = MATERIAL.get_dir("grader") {
            collect_embedded(dir, "grader", &mut files);
        }
        if let Some(user) = &self.user {
            collect_files(&user.join("grader"), "", &mut files)?;
        }
        let feedback = self.prompt("embedded-feedback")?;
        Knowledge::parse(&files, feedback).map_err(|faults| AssetError::Faulty { faults })
    }

    /// What is known about drawings: `material/diagram`, shadowed by `diagram/` in the user's folder.
    ///
    /// # Errors
    ///
    /// [`AssetError`], with file, line and column.
    pub fn diagram_rules(&self) -> Result<diagram::Rules, AssetError> {
        let mut files = PackSource::new();
        if let Some(dir) = MATERIAL.get_dir("diagram") {
            collect_embedded(dir, "diagram", &mut files);
        }
        if let Some(user) = &self.user {
            collect_files(&user.join("diagram"), "", &mut files)?;
        }
        diagram::Rules::parse(&files).map_err(|fault| AssetError::Faulty { faults: vec![fault] })
    }

    /// A rubric, parsed and checked.
    ///
    /// # Errors
    ///
    /// [`AssetError`].
    pub fn rubric(&self, name: &str) -> Result<Rubric, AssetError> {
        let (file, text) = self.text("rubric", &RUBRICS, "rubrics", name, "toml")?;
        parse_toml(&file, &text).map_err(|fault| AssetError::Faulty { faults: vec![fault] })
    }

    /// Names of all rubrics, built in and the user's, sorted.
    pub fn rubrics(&self) -> Vec<String> {
        let stem = |path: &Path| Some(path.file_stem()?.to_str()?.to_owned());
        let mut names: Vec<String> = RUBRICS.files().filter_map(|file| stem(file.path())).collect();
        let theirs = self.user.as_ref().and_then(|user| std::fs::read_dir(user.join("rubrics")).ok());
        let files = theirs.into_iter().flatten().flatten().map(|entry| entry.path());
        names.extend(
            files
                .filter(|path| path.extension().is_some_and(|end| end == "toml"))
                .filter_map(|path| stem(&path)),
        );
        names.sort();
        names.dedup();
        names
    }

    /// A prompt's text.
    ///
    /// # Errors
    ///
    /// [`AssetError`].
    pub fn prompt(&self, name: &str) -> Result<String, AssetError> {
        Ok(self.text("prompt", &PROMPTS, "prompts", name, "md")?.1)
    }

    /// The text of a data file among the prompts (`prompts/NAME.toml`).
    ///
    /// # Errors
    ///
    /// [`AssetError`].
    pub fn prompt_data(&self, name: &str) -> Result<String, AssetError> {
        Ok(self.text("prompt", &PROMPTS, "prompts", name, "toml")?.1)
    }

    fn text(
        &self,
        kind: &'static str,
        embedded: &Dir<'_>,
        folder: &str,
        name: &str,
        extension: &str,
    ) -> Result<(String, String), AssetError> {
        let file = format!("{name}.{extension}");
        if let Some(user) = self.user.as_ref().filter(|_| is_plain_name(name)) {
            let path = user.join(folder).join(&file);
            match std::fs::read_to_string(&path) {
                Ok(text) => return Ok((path.display().to_string(), text)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(source) => return Err(AssetError::Unreadable { path, source }),
            }
        }
        let found = embedded.get_file(&file).and_then(|found| found.contents_utf8());
        match found {
            Some(text) => Ok((format!("{folder}/{file}"), text.to_owned())),
            None => {
                let names = embedded.files().filter_map(|f| Some(f.path().file_stem()?.to_str()?.to_owned()));
                Err(unknown(kind, name, names.collect()))
            }
        }
    }
}

/// A name that cannot leave its folder.
fn is_plain_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

fn unknown(kind: &'static str, name: &str, names: Vec<String>) -> AssetError {
    let near = names.into_iter().max_by(|a, b| strsim::jaro(a, name).total_cmp(&strsim::jaro(b, name)));
    AssetError::Unknown { kind, name: name.to_owned(), near }
}

fn collect_embedded(dir: &Dir<'_>, root: &str, into: &mut PackSource) {
    for file in dir.files() {
        let name = file.path().strip_prefix(root).ok().and_then(Path::to_str);
        if let (Some(name), Some(text)) = (name, file.contents_utf8()) {
            into.insert(name.replace('\\', "/"), text.to_owned());
        }
    }
    for inner in dir.dirs() {
        collect_embedded(inner, root, into);
    }
}

fn collect_files(folder: &Path, prefix: &str, into: &mut BTreeMap<String, String>) -> Result<(), AssetError> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    for entry in entries.flatten() {
        let (path, Ok(name)) = (entry.path(), entry.file_name().into_string()) else { continue };
        if path.is_dir() && prefix.is_empty() {
            collect_files(&path, &format!("{name}/"), into)?;
        } else if [".toml", ".md", ".txt", ".jsonl"].iter().any(|end| name.ends_with(end)) {
            let text =
                std::fs::read_to_string(&path).map_err(|source| AssetError::Unreadable { path, source })?;
            into.insert(format!("{prefix}{name}"), text);
        }
    }
    Ok(())
}

/// Every file that is not hidden, at any depth; what a pack cannot hold has no text here.
fn collect_everything(folder: &Path, prefix: &str, into: &mut PackSource) -> Result<(), AssetError> {
    let unreadable = |path: &Path, source| AssetError::Unreadable { path: path.to_owned(), source };
    for entry in std::fs::read_dir(folder).map_err(|source| unreadable(folder, source))? {
        let entry = entry.map_err(|source| unreadable(folder, source))?;
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if name.starts_with('.') {
            continue;
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect_everything(&path, &format!("{prefix}{name}/"), into)?;
            continue;
        }
        let is_text = [".toml", ".md", ".jsonl"].iter().any(|end| name.ends_with(end));
        let text = if is_text {
            std::fs::read_to_string(&path).map_err(|source| unreadable(&path, source))?
        } else {
            String::new()
        };
        into.insert(format!("{prefix}{name}"), text);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::material::{Around, lint};

    #[test]
    fn what_ships_has_no_fault() {
        let assets = Assets::embedded();
        let mut report = String::new();
        let mut sources: Vec<(String, PackSource)> = vec![("new".to_owned(), Assets::new_pack("new", "New"))];
        for name in assets.packs() {
            sources.push((name.clone(), assets.pack_source(&name).expect("an embedded pack")));
        }
        for (name, source) in &sources {
            let others = assets.packs().into_iter().filter(|other| other != name);
            let others: Vec<Pack> = others.map(|other| assets.pack(&other).expect("a sound pack")).collect();
            let faults = match Pack::parse(source) {
                Ok(pack) => {
                    let rubric = assets.rubric(&pack.manifest.rubric).expect("the pack's rubric");
                    lint(&pack, source, &Around { rubric: Some(&rubric), folder: Some(name), packs: &others })
                }
                Err(faults) => faults,
            };
            faults.iter().for_each(|fault| report += &format!("{name}/{fault}\n"));
        }
        assert_eq!(report, "");
    }

    #[test]
    fn the_first_pack_is_what_most_come_for() {
        assert_eq!(Assets::embedded().packs(), [FIRST_PACK, "behavioral"]);
    }

    #[test]
    fn an_unknown_name_brings_the_nearest() {
        let error = Assets::embedded().rubric("system-desing").expect_err("no such rubric");
        assert_eq!(error.to_string(), "there is no rubric `system-desing`; did you mean `system-design`?");
    }
}
