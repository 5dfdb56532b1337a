//! PURE. Patterns that can never match, and patterns that match too much.

use std::collections::BTreeMap;

use super::Linter;
use crate::text::{Pattern, Prepared, Synonyms};

/// Other questions' answers that a pattern of a point may match before it counts as too broad:
/// a third of them, and more than this many.
const BROAD_AT_LEAST: usize = 5;

/// Why no text at all can match `source`.
pub(super) fn cannot_match(source: &str) -> Option<String> {
    for concept in source.split(" + ") {
        for part in concept.split(" > ") {
            for wording in part.split('|') {
                if let Some(reason) = wording_cannot_match(wording.trim()) {
                    return Some(reason);
                }
            }
        }
        let order = concept.split(" > ").count() > 1;
        let said = said(&concept.split(" > ").map(first_wording).collect::<Vec<_>>().join(" "));
        if order && !matches(concept, &said) {
            return Some(format!("`{concept}` breaks off between its parts"));
        }
    }
    None
}

fn wording_cannot_match(wording: &str) -> Option<String> {
    if wording.split_whitespace().any(|word| matches!(word, "+" | ">" | "|") || stray_joint(word)) {
        return Some(format!("the sign in `{wording}` needs a space on each side"));
    }
    if wording.split_whitespace().any(|word| word.trim_end_matches('*').contains('*')) {
        return Some(format!("a `*` stands only at the end of a word, not as in `{wording}`"));
    }
    if wording.contains(char::is_alphanumeric) && !matches(wording, &said(wording)) {
        return Some(format!("no text is read as `{wording}`"));
    }
    None
}

/// `hash +collision`: a joint that was typed without its space.
fn stray_joint(word: &str) -> bool {
    let sign = |c: char| matches!(c, '+' | '>');
    word.len() > 1
        && (word.starts_with(sign) || (word.ends_with('>') || word.ends_with('+') && !word.ends_with("++")))
}

fn first_wording(part: &str) -> &str {
    part.split('|').next().unwrap_or(part).trim()
}

/// The words of a wording as a candidate might say them.
fn said(wording: &str) -> String {
    let words = wording.split_whitespace().map(|word| match word {
        "#" => "5".to_owned(),
        word => word.trim_end_matches('*').to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

fn matches(pattern: &str, text: &str) -> bool {
    Pattern::parse(pattern, &Synonyms::default())
        .map_or(true, |pattern| pattern.find(&Prepared::new(text)).is_some())
}

impl Linter<'_> {
    /// A `says` that a third of the other questions' answers match says nothing of its own point.
    pub(super) fn breadth(&mut self) {
        let pack = self.pack;
        let answers: Vec<Prepared<'_>> =
            pack.questions.iter().map(|question| Prepared::new(&question.model_answer)).collect();
        for (index, question) in pack.questions.iter().enumerate() {
            let file = format!("questions/{}.toml", question.id);
            for point in &question.points {
                for source in &point.says {
                    let Ok(pattern) = Pattern::parse(source, &self.synonyms) else { continue };
                    let others = answers.iter().enumerate().filter(|&(other, _)| other != index);
                    let hits = others.filter(|(_, answer)| pattern.find(answer).is_some()).count();
                    if hits > BROAD_AT_LEAST && hits * 3 > answers.len() {
                        let message = format!(
                            "`{source}` of `{}` is too broad: {hits} other questions' answers match it",
                            point.id
                        );
                        self.fault_in(&file, &point.id, source, message);
                    }
                }
            }
        }
        for problem in &pack.problems {
            let file = format!("problems/{}.toml", problem.id);
            let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
            for point in &problem.points {
                for source in &point.says {
                    if let Some(other) = owners.insert(source, &point.id)
                        && other != point.id
                    {
                        let message = format!("`{source}` covers both `{other}` and `{}`", point.id);
                        self.fault_in(&file, &point.id, source, message);
                    }
                }
            }
        }
    }
}
