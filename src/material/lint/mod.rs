//! PURE. What types cannot check in a pack: references, reachability, leaks, sums.
//!
//! [`lint`] returns faults: what would make an interview or a grade go wrong. [`advice`] returns
//! what an author may want to look at, and may have meant.

mod advice;
mod figures;
mod parts;
mod patterns;
mod problem;
mod question;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use advice::advice;

use super::{LoadError, Pack, PackSource};
use crate::grading::Rubric;
use crate::text::{Pattern, Synonyms};

/// What a pack is checked against beside itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around<'a> {
    /// The rubric that it names, for the criteria.
    pub rubric: Option<&'a Rubric>,
    /// Name of its folder.
    pub folder: Option<&'a str>,
    /// The other packs.
    pub packs: &'a [Pack],
}

/// Returns every fault of a parsed pack, in the order of the files; `source` gives the places.
pub fn lint(pack: &Pack, source: &PackSource, around: &Around<'_>) -> Vec<LoadError> {
    let mut linter = Linter::new(pack, source);
    linter.files();
    linter.manifest(around.folder);
    linter.lexicon();
    linter.clarify();
    linter.signals(&pack.signals);
    let criteria: Option<Vec<&str>> =
        around.rubric.map(|rubric| rubric.criteria.iter().map(|criterion| criterion.id.as_str()).collect());
    linter.clashes();
    linter.taken(around.packs);
    for problem in &pack.problems {
        linter.problem(problem, criteria.as_deref());
    }
    for question in &pack.questions {
        linter.question(question);
    }
    linter.breadth();
    linter.checklist(around.packs);
    linter.diagrams();
    linter.cheatsheet();
    linter.finish()
}

struct Linter<'a> {
    pack: &'a Pack,
    source: &'a PackSource,
    synonyms: Synonyms,
    faults: Vec<LoadError>,
}

impl<'a> Linter<'a> {
    fn new(pack: &'a Pack, source: &'a PackSource) -> Self {
        Self { pack, source, synonyms: pack.lexicon.synonyms(), faults: Vec::new() }
    }

    fn finish(mut self) -> Vec<LoadError> {
        self.faults.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        self.faults.dedup();
        self.faults
    }

    /// Adds a fault at the place in `file` where `word` is defined, else where it first stands.
    fn fault(&mut self, file: &str, word: &str, message: impl Into<String>) {
        let text = self.source.get(file).map_or("", String::as_str);
        let offset = place(text, word);
        self.faults.push(LoadError::at(file, text, offset, message));
    }

    /// Adds a fault at `word`, looked for after the definition of `owner`.
    fn fault_in(&mut self, file: &str, owner: &str, word: &str, message: impl Into<String>) {
        let text = self.source.get(file).map_or("", String::as_str);
        let from = definition(text, owner).unwrap_or(0);
        // TOML writes quotes and backslashes of a basic string with a backslash.
        let escaped = word.replace('\\', "\\\\").replace('"', "\\\"");
        let found = text[from..].find(word).or_else(|| text[from..].find(&escaped));
        self.faults.push(LoadError::at(file, text, found.map_or(from, |at| from + at), message));
    }

    fn unique<'i>(&mut self, file: &str, ids: impl Iterator<Item = &'i str>) {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for id in ids {
            let count = seen.entry(id).or_default();
            *count += 1;
            if *count == 2 {
                let text = self.source.get(file).map_or("", String::as_str);
                let offset = second_definition(text, id).unwrap_or_else(|| place(text, id));
                self.faults.push(LoadError::at(file, text, offset, format!("`{id}` is there twice")));
            }
        }
    }

    fn known(&mut self, file: &str, owner: &str, what: &str, id: &str, known: &[&str]) {
        if known.contains(&id) {
            return;
        }
        let hint = nearest(id, known.iter().copied())
            .map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        self.fault_in(file, owner, &format!("\"{id}\""), format!("there is no {what} `{id}`{hint}"));
    }

    /// Compiles patterns, each of which must be able to match.
    fn patterns(&mut self, file: &str, owner: &str, sources: &[String]) -> Vec<Pattern> {
        let mut parsed = Vec::new();
        for source in sources {
            match Pattern::parse(source, &self.synonyms) {
                Ok(pattern) => parsed.push(pattern),
                Err(error) => self.fault_in(file, owner, source, format!("in `{owner}`: {error}")),
            }
            if let Some(reason) = patterns::cannot_match(source) {
                self.fault_in(
                    file,
                    owner,
                    source,
                    format!("in `{owner}`: `{source}` can never match: {reason}"),
                );
            }
        }
        for (at, source) in sources.iter().enumerate() {
            if sources[..at].contains(source) {
                self.fault_in(file, owner, source, format!("`{owner}` has the pattern `{source}` twice"));
            }
        }
        parsed
    }

    /// A text of at least one word and at most `most`.
    fn short(&mut self, file: &str, owner: &str, text: &str, most: usize) {
        let words = text.split_whitespace().count();
        if words > most {
            self.fault_in(file, owner, text, format!("`{owner}` says {words} words; {most} at most"));
        }
        self.filled(file, owner, "text", text);
    }

    fn filled(&mut self, file: &str, owner: &str, what: &str, text: &str) {
        if !text.contains(char::is_alphanumeric) {
            self.fault(file, owner, format!("`{owner}` has an empty {what}"));
        }
    }
}

/// Where `word` is defined as an id, else where it stands as a string, else where it stands at all.
fn place(text: &str, word: &str) -> usize {
    definition(text, word)
        .or_else(|| text.find(&format!("\"{word}\"")))
        .or_else(|| text.find(word))
        .unwrap_or(0)
}

/// The byte at which the line `id = "..."`, or `name = "..."`, of `id` stands.
fn definition(text: &str, id: &str) -> Option<usize> {
    definitions(text, id).next()
}

fn second_definition(text: &str, id: &str) -> Option<usize> {
    definitions(text, id).nth(1)
}

fn definitions(text: &str, id: &str) -> impl Iterator<Item = usize> {
    let mut start = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let at = start;
        start += line.len();
        let (key, value) = line.split_once('=')?;
        let defines = matches!(key.trim(), "id" | "name");
        let value = value.trim().trim_start_matches(['"', '\'']);
        let same = value.strip_prefix(id).is_some_and(|rest| rest.starts_with(['"', '\'']));
        (defines && same).then_some(at)
    })
}

/// The nearest of `known`, if it is near enough to be what was meant.
pub(crate) fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    known
        .map(|known| (strsim::jaro_winkler(known, word), known))
        .filter(|&(similarity, _)| similarity > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}
