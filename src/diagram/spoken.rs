//! PURE. What was said against what was drawn: parts spoken of and not in the drawing, and the other way round.
//!
//! Only names of the lexicon count in speech: on a box "people" is a client, in a sentence it is people.

use std::collections::HashSet;
use std::ops::Range;

use super::classify::{Classifier, Heard};
use super::graph::Graph;
use super::rules::{Role, Rules};
use crate::text::{fold, stem};

/// Parts that are named on either side.
const MOST: usize = 8;
/// Words before a name in which a denial is looked for.
const NEAR: usize = 4;
/// Bytes of speech that are listened to.
const LISTENED: usize = 1 << 20;

/// Where speech and drawing differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Compared {
    /// Spoken of and not drawn, in the speaker's own words.
    pub not_drawn: Vec<String>,
    /// Drawn and not spoken of, by label.
    pub not_said: Vec<String>,
}

/// A word of speech, and where it stands.
struct Word {
    stem: String,
    folded: String,
    at: Range<usize>,
    sentence: usize,
}

/// Compares a classified drawing with what was said.
pub(super) fn compare(classifier: &Classifier, rules: &Rules, graph: &Graph, said: &str) -> Compared {
    let said = &said[..said.floor_char_boundary(LISTENED)];
    let words = words(said);
    let stems: Vec<String> = words.iter().map(|word| word.stem.clone()).collect();
    let denied = |from: usize| {
        let sentence = words[from].sentence;
        let before = &words[from.saturating_sub(NEAR)..from];
        let near: Vec<&str> =
            before.iter().filter(|word| word.sentence == sentence).map(|word| word.folded.as_str()).collect();
        let text = format!(" {} ", near.join(" "));
        rules.denied.iter().any(|denied| text.contains(&format!(" {denied} ")))
    };
    let heard: Vec<(Heard<'_>, Range<usize>)> = classifier
        .heard(&stems)
        .into_iter()
        .filter(|(_, range)| !denied(range.start))
        .filter(|(heard, _)| counts(heard.role, heard.kind))
        .collect();
    let drawn: Vec<(&str, Role)> =
        graph.components.iter().map(|part| (part.kind.as_str(), rules.role(&part.kind))).collect();
    let labels: HashSet<String> = graph
        .components
        .iter()
        .flat_map(|part| self::words(&format!("{} {}", part.label, part.detail)))
        .map(|word| word.stem)
        .collect();
    let mut compared = Compared::default();
    let mut kinds = HashSet::new();
    for (heard, range) in &heard {
        let is_drawn = drawn.iter().any(|(kind, role)| {
            *kind == heard.kind
                || (heard.is_generic && *role == heard.role)
                || *kind == "unknown" && { stems[range.clone()].iter().all(|stem| labels.contains(stem)) }
        });
        let written = stems[range.clone()].iter().all(|stem| labels.contains(stem));
        if !is_drawn && !written && kinds.insert(heard.kind) && compared.not_drawn.len() < MOST {
            let at = words[range.start].at.start..words[range.end - 1].at.end;
            compared.not_drawn.push(said[at].to_owned());
        }
    }
    let spoken: HashSet<&String> = stems.iter().collect();
    let mut told = HashSet::new();
    for (part, (kind, role)) in graph.components.iter().zip(&drawn) {
        let is_said =
            heard.iter().any(|(heard, _)| heard.kind == *kind || (heard.is_generic && heard.role == *role));
        let own = self::words(&part.label);
        let is_named = own.iter().filter(|word| word.stem.len() > 2).any(|word| spoken.contains(&word.stem));
        if counts(*role, kind)
            && !is_said
            && !is_named
            && told.insert(*kind)
            && compared.not_said.len() < MOST
        {
            compared.not_said.push(part.label.clone());
        }
    }
    compared
}

/// Parts that are worth a word: everybody has clients and services.
fn counts(role: Role, kind: &str) -> bool {
    match role {
        Role::Edge | Role::Entry | Role::Store | Role::Cache | Role::Queue => true,
        Role::Compute | Role::Worker | Role::Source => !matches!(kind, "service" | "worker"),
        Role::Client | Role::External | Role::Watch | Role::Other => false,
    }
}

fn words(text: &str) -> Vec<Word> {
    let mut found = Vec::new();
    let (mut start, mut sentence) = (None, 0);
    for (at, character) in text.char_indices().chain([(text.len(), ' ')]) {
        let inside =
            character.is_alphanumeric() || (start.is_some() && matches!(character, '\'' | '’' | '+'));
        match (start, inside) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                let word: &str = &text[from..at];
                let folded = fold(&word.replace('’', "'"));
                found.push(Word { stem: stem(&folded), folded, at: from..at, sentence });
                start = None;
            }
            _ => {}
        }
        if matches!(character, '.' | '!' | '?' | ';' | '\n') {
            sentence += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::diagram::read;
    use crate::diagram::tests::reviewer;

    #[test]
    fn what_is_said_and_not_drawn_is_named_and_the_other_way_round() {
        let rows: [(&str, &str, &[&str], &[&str]); 5] = [
            (
                "I put Redis in front of Postgres, and Kafka takes the events. A CDN serves the images.",
                "Client --> LB[Load balancer] --> App[App servers] --> DB[(Postgres)]\nApp --> Redis",
                &["Kafka", "CDN"],
                &["Load balancer"],
            ),
            (
                "The load balancer spreads requests over servers; they read the cache, then the database.",
                "Client --> LB --> App --> Redis\nApp --> DB[(MySQL)]",
                &[],
                &[],
            ),
            (
                "We do not need Kafka here, and I would go without a CDN. Instead of Redis I keep it in Postgres.",
                "Client --> App[App servers] --> DB[(Postgres)]",
                &[],
                &[],
            ),
            (
                "Orders go to Postgres.",
                "Client --> App[Order service] --> DB[(Postgres)]\nApp --> Q[RabbitMQ] --> W[Mail worker]",
                &[],
                &["RabbitMQ"],
            ),
            ("People queue for tickets and users read a lot.", "Client --> App[App servers]", &[], &[]),
        ];
        let reviewer = reviewer();
        for (said, drawn, not_drawn, not_said) in rows {
            let mut graph = read(&format!("flowchart LR\n{drawn}")).expect("a drawing");
            reviewer.classifier().classify(&mut graph);
            let compared = reviewer.compare(&graph, said);
            assert_eq!(
                (compared.not_drawn, compared.not_said),
                (
                    not_drawn.iter().map(|s| (*s).to_owned()).collect(),
                    not_said.iter().map(|s| (*s).to_owned()).collect()
                ),
                "{said}"
            );
        }
    }
}
