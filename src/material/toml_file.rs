//! PURE. One TOML file into a value; its faults with their place, and what may have been meant.

use serde::de::DeserializeOwned;

use super::lint::nearest;

/// Faults of one file that are reported at once; more are seldom more than one mistake.
const MOST_FAULTS: usize = 20;

/// Content that could not be read, with its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct LoadError {
    /// File, as the user knows it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong, and the nearest known name if a name is unknown.
    pub message: String,
}

impl LoadError {
    /// Places `message` at byte `offset` of `text`.
    pub fn at(file: &str, text: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = &text[..text.floor_char_boundary(offset.min(text.len()))];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
        Self { file: file.to_owned(), line, column, message: message.into() }
    }
}

/// Reads one TOML file into `T`.
///
/// # Errors
///
/// [`LoadError`] with the line and column of the fault.
pub fn parse_toml<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<T, LoadError> {
    toml::from_str(text).map_err(|error| placed(file, text, &error).0)
}

/// Reads one TOML file into `T`; goes on after a misspelt key, so that all of them are found.
///
/// # Errors
///
/// Every [`LoadError`], in the order of the lines.
pub fn parse_toml_whole<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Vec<LoadError>> {
    let mut faults: Vec<LoadError> = Vec::new();
    let mut mended = text.to_owned();
    loop {
        let error = match toml::from_str(&mended) {
            Ok(value) if faults.is_empty() => return Ok(value),
            Ok(_) => return Err(sorted(faults)),
            Err(error) => error,
        };
        let (fault, mend) = placed(file, &mended, &error);
        // A mended key that was there already is no second fault.
        if faults.is_empty() || !fault.message.starts_with("duplicate") {
            faults.push(fault);
        }
        match mend {
            Some((at, wrong, near)) if faults.len() < MOST_FAULTS => {
                mended.replace_range(at..at + wrong.len(), &near);
            }
            _ => return Err(sorted(faults)),
        }
    }
}

fn sorted(mut faults: Vec<LoadError>) -> Vec<LoadError> {
    faults.sort_by_key(|fault| (fault.line, fault.column));
    faults
}

/// Where a name stands, the name, and the one that was probably meant.
type Mend = (usize, String, String);

fn placed(file: &str, text: &str, error: &toml::de::Error) -> (LoadError, Option<Mend>) {
    let offset = error.span().map_or(0, |span| span.start);
    let mut message = error.message().trim().to_owned();
    let mut names = message.split('`').skip(1).step_by(2).map(str::to_owned);
    let mut mend = None;
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        let wrong = names.next().unwrap_or_default();
        let known: Vec<String> = names.collect();
        if let Some(near) = nearest(&wrong, known.iter().map(String::as_str)) {
            let at = text[offset..].find(&wrong).map(|found| offset + found);
            mend = at.map(|at| (at, wrong.clone(), near.to_owned()));
            let (head, rest) = message.split_once(',').unwrap_or((&message, ""));
            message = format!(
                "{head}; did you mean `{near}`?{}",
                if rest.is_empty() { String::new() } else { format!(" ({})", rest.trim()) }
            );
        }
    }
    (LoadError::at(file, text, offset, message), mend)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::material::ClarifyingTopics;

    #[test]
    fn every_misspelt_key_is_found_with_what_was_meant() {
        let text = "[[topic]]\nid = 'a'\nquestoin = 'x'\nwhy = ''\naskes = []\n\n[[topc]]\nid = 'b'\n";
        let faults = parse_toml_whole::<ClarifyingTopics>("clarify.toml", text).expect_err("three faults");
        let got: Vec<String> = faults.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(got.join("\n"), @r"
        clarify.toml:3:1: unknown field `questoin`; did you mean `question`? (expected one of `id`, `question`, `why`, `asks`)
        clarify.toml:5:1: unknown field `askes`; did you mean `asks`? (expected one of `id`, `question`, `why`, `asks`)
        clarify.toml:7:1: missing field `question`
        clarify.toml:7:3: unknown field `topc`; did you mean `topic`? (expected `topic`)
        ");
    }
}
