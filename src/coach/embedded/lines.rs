//! PURE. The embedded interviewer's own words, read from `prompts/embedded-interviewer.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::interview::Style;
use crate::material::{LoadError, parse_toml};
use crate::text::{Pattern, Synonyms};

/// The file as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    dont_know: Vec<String>,
    move_on: Vec<String>,
    asks_for_answer: Vec<String>,
    empty_words: Vec<String>,
    acknowledge: BTreeMap<String, Vec<String>>,
    lines: LineSource,
    component: Vec<ComponentSource>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LineSource {
    assume: Vec<String>,
    numbers: Vec<String>,
    short: Vec<String>,
    refuse: Vec<String>,
    no_more_hints: Vec<String>,
    stuck: Vec<String>,
    again: Vec<String>,
    phase_done: Vec<String>,
    facts_more: String,
    wrap_up: String,
    drawn: Vec<String>,
    undrawn: Vec<String>,
    not_drawn: Vec<String>,
    not_said: Vec<String>,
    faults: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ComponentSource {
    kinds: Vec<String>,
    answered_by: Vec<String>,
    ask: Vec<String>,
}

/// Questions about a kind of component.
#[derive(Clone, Debug)]
pub(super) struct ComponentLines {
    pub kinds: Vec<String>,
    pub answered_by: Vec<Pattern>,
    pub ask: Vec<String>,
}

/// The lines, their patterns compiled.
#[derive(Clone, Debug)]
pub struct Lines {
    pub(super) dont_know: Vec<Pattern>,
    pub(super) move_on: Vec<Pattern>,
    pub(super) asks_for_answer: Vec<Pattern>,
    pub(super) empty_words: Vec<String>,
    acknowledge: BTreeMap<String, Vec<String>>,
    pub(super) assume: Vec<String>,
    pub(super) numbers: Vec<String>,
    pub(super) short: Vec<String>,
    pub(super) refuse: Vec<String>,
    pub(super) no_more_hints: Vec<String>,
    pub(super) stuck: Vec<String>,
    pub(super) again: Vec<String>,
    pub(super) phase_done: Vec<String>,
    pub(super) facts_more: String,
    pub(super) wrap_up: String,
    pub(super) drawn: Vec<String>,
    /// When a drawing cannot be read.
    pub(super) undrawn: Vec<String>,
    /// `{name}` was spoken of and is not drawn.
    pub(super) not_drawn: Vec<String>,
    /// `{name}` is drawn and was not spoken of.
    pub(super) not_said: Vec<String>,
    /// By fault of a drawing; `{a}` and `{b}` are the labels of the parts.
    pub(super) faults: BTreeMap<String, Vec<String>>,
    pub(super) components: Vec<ComponentLines>,
}

impl Lines {
    /// Reads the file `name` with the text `text`.
    ///
    /// # Errors
    ///
    /// [`LoadError`] with line and column.
    pub fn parse(name: &str, text: &str, synonyms: &Synonyms) -> Result<Self, LoadError> {
        let source: Source = parse_toml(name, text)?;
        let compile = |patterns: &[String]| {
            patterns
                .iter()
                .map(|pattern| {
                    Pattern::parse(pattern, synonyms).map_err(|error| {
                        LoadError::at(name, text, text.find(pattern).unwrap_or(0), error.to_string())
                    })
                })
                .collect::<Result<Vec<_>, _>>()
        };
        let components = source
            .component
            .iter()
            .map(|component| {
                Ok(ComponentLines {
                    kinds: component.kinds.clone(),
                    answered_by: compile(&component.answered_by)?,
                    ask: component.ask.clone(),
                })
            })
            .collect::<Result<Vec<_>, LoadError>>()?;
        Ok(Self {
            dont_know: compile(&source.dont_know)?,
            move_on: compile(&source.move_on)?,
            asks_for_answer: compile(&source.asks_for_answer)?,
            empty_words: source.empty_words,
            acknowledge: source.acknowledge,
            assume: source.lines.assume,
            numbers: source.lines.numbers,
            short: source.lines.short,
            refuse: source.lines.refuse,
            no_more_hints: source.lines.no_more_hints,
            stuck: source.lines.stuck,
            again: source.lines.again,
            phase_done: source.lines.phase_done,
            facts_more: source.lines.facts_more,
            wrap_up: source.lines.wrap_up,
            drawn: source.lines.drawn,
            undrawn: source.lines.undrawn,
            not_drawn: source.lines.not_drawn,
            not_said: source.lines.not_said,
            faults: source.lines.faults,
            components,
        })
    }

    /// The acknowledgement for the `turn`-th turn in this style; the seed decides where it begins.
    pub(super) fn acknowledgement(&self, style: Style, seed: u64, turn: usize) -> &str {
        let lines = self.acknowledge.get(style.name()).map_or(&[][..], Vec::as_slice);
        if lines.is_empty() {
            return "";
        }
        let begin = usize::try_from(seed % lines.len() as u64).unwrap_or(0);
        &lines[(begin + turn) % lines.len()]
    }
}
