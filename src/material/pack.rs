//! PURE. A pack: one domain's interview format, questions, problems and words, read from TOML.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::content::{Checklist, ClarifyingTopics, DiagramTask};
use super::toml_file::{LoadError, parse_toml_whole};
use super::{Lexicon, Problem, Question, Signals};

/// `pack.toml`: what the pack is and how its interviews run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Unique; also the folder's name.
    pub id: String,
    /// Name for lists.
    pub title: String,
    /// Raised when the content changes meaning.
    pub version: u32,
    /// One sentence.
    pub description: String,
    /// Rubric that grades its interviews.
    pub rubric: String,
    /// Minutes of the standard interview; must be the sum of the phases.
    pub minutes: u32,
    /// Phases in order.
    #[serde(rename = "phase")]
    pub phases: Vec<PhaseFormat>,
}

/// A phase as the pack plans it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseFormat {
    /// Unique in the pack: `requirements`, `high_level_design`, `detailed_design`, `discussion`.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Minutes in the standard interview.
    pub minutes: u32,
    /// What the candidate should do in it; one sentence that the interviewer says.
    pub opening: String,
    /// What the interviewer says when it ends; one sentence.
    pub closing: String,
}

/// The files of a pack by path relative to its folder: built in, or the user's.
pub type PackSource = BTreeMap<String, String>;

/// One domain's content, parsed; [`super::lint`] checks what types cannot.
#[derive(Clone, Debug)]
pub struct Pack {
    /// What the pack is.
    pub manifest: Manifest,
    /// Concept questions by file name.
    pub questions: Vec<Question>,
    /// Problems by file name.
    pub problems: Vec<Problem>,
    /// Diagram tasks by file name.
    pub diagrams: Vec<DiagramTask>,
    /// The vocabulary.
    pub lexicon: Lexicon,
    /// What to ask about any system, and how people ask it.
    pub clarify: ClarifyingTopics,
    /// What shows a criterion in any interview.
    pub signals: Signals,
    /// The mastery checklist.
    pub checklist: Checklist,
    /// The cheat sheet, Markdown; a level-2 heading a topic.
    pub cheatsheet: String,
}

impl Pack {
    /// Reads a pack from its files; only `pack.toml` must be there.
    ///
    /// # Errors
    ///
    /// Every fault found, in file order.
    pub fn parse(source: &PackSource) -> Result<Self, Vec<LoadError>> {
        let mut faults = Vec::new();
        let pack = Self {
            manifest: required(source, "pack.toml", &mut faults),
            questions: folder(source, "questions/", &mut faults),
            problems: folder(source, "problems/", &mut faults),
            diagrams: folder(source, "diagrams/", &mut faults),
            lexicon: optional(source, "lexicon.toml", &mut faults),
            clarify: optional(source, "clarify.toml", &mut faults),
            signals: optional(source, "signals.toml", &mut faults),
            checklist: optional(source, "checklist.toml", &mut faults),
            cheatsheet: source.get("cheatsheet.md").cloned().unwrap_or_default(),
        };
        if faults.is_empty() { Ok(pack) } else { Err(faults) }
    }

    /// The question with this id.
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.id == id)
    }

    /// The problem with this id.
    pub fn problem(&self, id: &str) -> Option<&Problem> {
        self.problems.iter().find(|problem| problem.id == id)
    }
}

fn required(source: &PackSource, name: &str, faults: &mut Vec<LoadError>) -> Manifest {
    let text = source.get(name).map_or("", String::as_str);
    if text.is_empty() && !source.contains_key(name) {
        faults.push(LoadError::at(name, "", 0, "the pack has no such file; it says what the pack is"));
        return Manifest::default();
    }
    read(name, text, faults).unwrap_or_default()
}

fn optional<T: serde::de::DeserializeOwned + Default>(
    source: &PackSource,
    name: &str,
    faults: &mut Vec<LoadError>,
) -> T {
    source.get(name).and_then(|text| read(name, text, faults)).unwrap_or_default()
}

fn folder<T: serde::de::DeserializeOwned>(
    source: &PackSource,
    prefix: &str,
    faults: &mut Vec<LoadError>,
) -> Vec<T> {
    let files = source.iter().filter(|(name, _)| name.starts_with(prefix) && name.ends_with(".toml"));
    files.filter_map(|(name, text)| read(name, text, faults)).collect()
}

fn read<T: serde::de::DeserializeOwned>(name: &str, text: &str, faults: &mut Vec<LoadError>) -> Option<T> {
    parse_toml_whole(name, text).map_err(|found| faults.extend(found)).ok()
}
