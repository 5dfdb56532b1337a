//! PURE. The vocabulary of a domain: terms, their other names, and the kind of component they are.

use serde::{Deserialize, Serialize};

use crate::text::Synonyms;

/// The terms of a pack (`lexicon.toml`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lexicon {
    /// Terms, each with its aliases.
    #[serde(rename = "term", default)]
    pub terms: Vec<Term>,
}

/// A term and the other names by which it goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// The usual name, lower case.
    pub name: String,
    /// Abbreviations and wordings that mean exactly the same.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Products that are an instance of it: they name a component, and are no synonyms.
    #[serde(default)]
    pub products: Vec<String>,
    /// Component kind (`load_balancer`, `cache`, ...), if one can draw it as a box.
    #[serde(default)]
    pub kind: Option<String>,
}

impl Lexicon {
    /// The groups of wordings that mean the same.
    pub fn synonyms(&self) -> Synonyms {
        Synonyms::new(self.terms.iter().map(|term| {
            let mut group = vec![term.name.clone()];
            group.extend(term.aliases.iter().cloned());
            group
        }))
    }
}
