//! PURE. Which speaker is the candidate: named, told by the label, or the likelier one.

use std::collections::BTreeMap;

use super::label::{Role, role};
use super::read::{ReadError, Utterance};

/// A speaker and what shows who it is.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SpeakerShare {
    /// As the file names them.
    pub name: String,
    /// Words said.
    pub words: usize,
    /// Whether this one is graded.
    pub candidate: bool,
}

/// How the candidate was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FoundBy {
    /// By the name that was asked for.
    Name,
    /// By a label that says so.
    Label,
    /// By who answers and who asks.
    Talk,
    /// Nobody is named: by paragraph, who asks and who answers.
    Guess,
}

/// Decides who the candidate is; speakers come in the order in which they first speak.
pub(super) fn find(
    utterances: &[Utterance],
    asked: Option<&str>,
) -> Result<(Vec<SpeakerShare>, FoundBy), ReadError> {
    let mut order: Vec<String> = Vec::new();
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for utterance in utterances {
        let Some(name) = utterance.name.as_deref() else { continue };
        if !order.iter().any(|known| known == name) {
            order.push(name.to_owned());
        }
        let entry = counts.entry(name).or_default();
        entry.0 += utterance.text.split_whitespace().count();
        entry.1 += asks(&utterance.text);
    }
    if order.is_empty() {
        return match asked {
            Some(asked) => Err(ReadError::UnknownSpeaker {
                asked: asked.to_owned(),
                known: vec!["not named".to_owned()],
            }),
            None => Ok((Vec::new(), FoundBy::Guess)),
        };
    }
    let (candidate, by) = match asked {
        Some(asked) => (named(&order, asked)?, FoundBy::Name),
        None => match told(&order) {
            Some(index) => (index, FoundBy::Label),
            None => (likelier(&order, &counts), FoundBy::Talk),
        },
    };
    let shares = order
        .iter()
        .enumerate()
        .map(|(index, name)| SpeakerShare {
            name: name.clone(),
            words: counts.get(name.as_str()).map_or(0, |count| count.0),
            candidate: index == candidate,
        })
        .collect();
    Ok((shares, by))
}

/// The speaker of that name: whole, else the only one that begins with it or has the word.
fn named(order: &[String], asked: &str) -> Result<usize, ReadError> {
    let wanted = asked.trim().to_lowercase();
    let lower: Vec<String> = order.iter().map(|name| name.to_lowercase()).collect();
    if let Some(index) = lower.iter().position(|name| *name == wanted) {
        return Ok(index);
    }
    let fits: Vec<usize> = (0..lower.len())
        .filter(|&index| !wanted.is_empty() && lower[index].split(' ').any(|word| word.starts_with(&wanted)))
        .collect();
    match fits[..] {
        [only] => Ok(only),
        [] => Err(ReadError::UnknownSpeaker { asked: asked.to_owned(), known: order.to_vec() }),
        _ => Err(ReadError::AmbiguousSpeaker {
            asked: asked.to_owned(),
            known: fits.iter().map(|&index| order[index].clone()).collect(),
        }),
    }
}

/// The one whose label says candidate; or the only one beside those whose label says interviewer.
fn told(order: &[String]) -> Option<usize> {
    // Beside Q, A answers; beside B, it is only the first of two.
    let asked = order.iter().any(|name| matches!(name.to_lowercase().as_str(), "q" | "question"));
    let is = |wanted| {
        move |name: &String| role(name) == Some(wanted) && (asked || !name.eq_ignore_ascii_case("a"))
    };
    let candidates: Vec<usize> = (0..order.len()).filter(|&i| is(Role::Candidate)(&order[i])).collect();
    if let [only] = candidates[..] {
        return Some(only);
    }
    let interviewers = order.iter().filter(|name| is(Role::Interviewer)(name)).count();
    let others: Vec<usize> = (0..order.len()).filter(|&i| !is(Role::Interviewer)(&order[i])).collect();
    match others[..] {
        [only] if interviewers > 0 => Some(only),
        _ => None,
    }
}

/// The candidate talks more and asks "you" less.
fn likelier(order: &[String], counts: &BTreeMap<&str, (usize, usize)>) -> usize {
    let words: usize = counts.values().map(|count| count.0).sum();
    let asked: usize = counts.values().map(|count| count.1).sum();
    let score = |name: &String| {
        let (said, asks) = counts.get(name.as_str()).copied().unwrap_or_default();
        said as f64 / words.max(1) as f64 - asks as f64 / asked.max(1) as f64
    };
    // Of two that are alike, the one who does not open the conversation.
    (0..order.len())
        .rev()
        .max_by(|&a, &b| score(&order[a]).total_cmp(&score(&order[b])).then(a.cmp(&b)))
        .unwrap_or(0)
}

/// Sentences that ask the other to do something.
pub(super) fn asks(text: &str) -> usize {
    let lower = text.to_lowercase();
    lower
        .split_inclusive(['?', '.', '!'])
        .filter(|sentence| {
            let to_you = [" you ", " your ", " you?", "you "].iter().any(|you| sentence.contains(you));
            let asks = sentence.ends_with('?') && to_you;
            let tells = [
                "walk me",
                "tell me",
                "talk me",
                "describe ",
                "design a ",
                "design an ",
                "explain ",
                "let's move",
                "lets move",
            ];
            asks || tells
                .iter()
                .any(|tell| sentence.trim_start().starts_with(tell) || sentence.contains(&format!(" {tell}")))
        })
        .count()
}
