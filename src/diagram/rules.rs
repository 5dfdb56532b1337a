//! PURE. What is known about drawings, as data: roles of kinds, names on boxes, faults and their cost.
//!
//! Comes from `material/diagram`, or from the user's `diagram` folder in its place.

use std::collections::HashMap;

use serde::Deserialize;

use crate::material::{LoadError, PackSource, parse_toml};
use crate::text::{Pattern, Synonyms};

/// What a component does for the system; faults are about roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    /// Asks for something.
    Client,
    /// Stands near the client: DNS, CDN.
    Edge,
    /// Lets requests in: balancers, gateways.
    Entry,
    /// Serves requests.
    Compute,
    /// Does work that nobody waits for.
    Worker,
    /// Begins work by itself: a scheduler.
    Source,
    /// Keeps data.
    Store,
    /// Keeps copies.
    Cache,
    /// Holds messages.
    Queue,
    /// Belongs to somebody else.
    External,
    /// Watches: metrics, logs.
    Watch,
    /// Anything else.
    Other,
}

/// The faults that the program looks for; each needs a message.
pub(super) const FAULTS: [&str; 17] = [
    "dangling",
    "unreachable",
    "no_connections",
    "no_client",
    "no_data",
    "no_path_to_data",
    "single_point_of_failure",
    "cache_without_store",
    "cdn_without_origin",
    "balancer_without_servers",
    "queue_without_consumer",
    "queue_without_producer",
    "write_to_replica",
    "client_to_database",
    "client_to_queue",
    "media_through_servers",
    "unlabelled_trust_boundary",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KindsFile {
    trailing: Vec<String>,
    parting: Vec<String>,
    generic: Vec<String>,
    front: Vec<String>,
    absent: Vec<String>,
    denied: Vec<String>,
    kind: Vec<KindRule>,
}

/// A kind of component.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KindRule {
    pub(super) id: String,
    pub(super) role: Role,
    pub(super) names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IssuesFile {
    scoring: Scoring,
    words: HashMap<String, Vec<String>>,
    issue: Vec<IssueRule>,
}

/// How a score is made.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scoring {
    /// What all faults together cost at most.
    pub(super) most_cost: f64,
    /// Worth of an item that no arrow reaches, 0 to 1.
    pub(super) alone: f64,
    /// Items that one component may stand for at full worth.
    pub(super) crowded: usize,
}

/// A fault: what it costs, and what is said about it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IssueRule {
    pub(super) kind: String,
    pub(super) cost: f64,
    pub(super) most: f64,
    pub(super) message: String,
}

/// Patterns over labels.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    pub(super) several: Vec<Pattern>,
    pub(super) replica: Vec<Pattern>,
    pub(super) primary: Vec<Pattern>,
    pub(super) write: Vec<Pattern>,
    pub(super) read: Vec<Pattern>,
    pub(super) media: Vec<Pattern>,
    pub(super) direct: Vec<Pattern>,
    pub(super) managed: Vec<Pattern>,
    pub(super) trust: Vec<Pattern>,
    pub(super) replicating: Vec<Pattern>,
}

/// Everything that is known about drawings.
#[derive(Clone, Debug)]
pub struct Rules {
    pub(super) trailing: Vec<String>,
    pub(super) parting: Vec<String>,
    pub(super) generic: Vec<String>,
    pub(super) front: Vec<String>,
    pub(super) absent: Vec<String>,
    pub(super) denied: Vec<String>,
    pub(super) kinds: Vec<KindRule>,
    pub(super) scoring: Scoring,
    pub(super) issues: Vec<IssueRule>,
    pub(super) words: Words,
}

impl Rules {
    /// Reads `kinds.toml` and `issues.toml`.
    ///
    /// # Errors
    ///
    /// [`LoadError`] with file, line and column.
    pub fn parse(files: &PackSource) -> Result<Self, LoadError> {
        let text = |name: &str| {
            let found = files.get(name).map(String::as_str);
            found.ok_or_else(|| LoadError::at(name, "", 0, "the file is not there"))
        };
        let kinds: KindsFile = parse_toml("diagram/kinds.toml", text("kinds.toml")?)?;
        let file = text("issues.toml")?;
        let mut issues: IssuesFile = parse_toml("diagram/issues.toml", file)?;
        if let Some(missing) =
            FAULTS.iter().find(|fault| !issues.issue.iter().any(|rule| rule.kind == **fault))
        {
            let message = format!("there is no message for `{missing}`");
            return Err(LoadError::at("diagram/issues.toml", file, 0, message));
        }
        let mut patterns = |name: &str| {
            let sources = issues.words.remove(name).unwrap_or_default();
            let compiled = sources.iter().map(|source| Pattern::parse(source, &Synonyms::default()));
            compiled.collect::<Result<Vec<_>, _>>().map_err(|error| {
                LoadError::at("diagram/issues.toml", file, file.find(name).unwrap_or(0), error.to_string())
            })
        };
        let words = Words {
            several: patterns("several")?,
            replica: patterns("replica")?,
            primary: patterns("primary")?,
            write: patterns("write")?,
            read: patterns("read")?,
            media: patterns("media")?,
            direct: patterns("direct")?,
            managed: patterns("managed")?,
            trust: patterns("trust")?,
            replicating: patterns("replicating")?,
        };
        Ok(Self {
            trailing: kinds.trailing,
            parting: kinds.parting,
            generic: kinds.generic,
            front: kinds.front,
            absent: kinds.absent,
            denied: kinds.denied,
            kinds: kinds.kind,
            scoring: issues.scoring,
            issues: issues.issue,
            words,
        })
    }

    /// The role of a kind; [`Role::Other`] for one without a rule.
    pub(super) fn role(&self, kind: &str) -> Role {
        self.kinds.iter().find(|rule| rule.id == kind).map_or(Role::Other, |rule| rule.role)
    }

    pub(super) fn issue(&self, kind: &str) -> Option<&IssueRule> {
        self.issues.iter().find(|rule| rule.kind == kind)
    }
}
