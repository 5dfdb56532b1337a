//! PURE. What a component is, by what is written on it and by its outline.
//!
//! The last words of a label say what a thing is (`Kafka consumer` consumes, `user service` serves);
//! what stands in brackets makes it exact. A label that says nothing stays `unknown`.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::graph::{Component, Direction, Graph, Shape};
use super::rules::{Role, Rules};
use crate::material::Lexicon;
use crate::text::{fold, stem};

/// Words of one name at most.
const LONGEST: usize = 6;
/// Words of a label that are looked at.
const MOST_WORDS: usize = 60;

/// A name that is known.
#[derive(Clone, Debug)]
struct Name {
    kind: String,
    role: Role,
    is_product: bool,
    is_generic: bool,
    is_front: bool,
    /// The lexicon's: it means the same in a sentence as on a box.
    is_said: bool,
}

/// Knows names, and what they name.
#[derive(Clone, Debug)]
pub struct Classifier {
    names: HashMap<String, Name>,
    words: HashSet<String>,
    trailing: HashSet<String>,
    parting: HashSet<String>,
    store: Name,
    queue: Name,
    client: Name,
    service: Name,
}

/// A name found in speech.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heard<'a> {
    pub(super) kind: &'a str,
    pub(super) role: Role,
    pub(super) is_generic: bool,
}

/// A name found in a label.
#[derive(Clone, Copy, Debug)]
struct Hit<'a> {
    name: &'a Name,
    from: usize,
    to: usize,
}

impl Classifier {
    /// Knows the names of a lexicon and of the rules; the lexicon's come first.
    pub fn new(lexicon: &Lexicon, rules: &Rules) -> Self {
        let mut names = HashMap::new();
        let generic: HashSet<String> = rules.generic.iter().map(|name| key(name)).collect();
        let front: HashSet<String> = rules.front.iter().map(|name| key(name)).collect();
        let name = |kind: &str, is_product, key: &str| Name {
            kind: kind.to_owned(),
            role: rules.role(kind),
            is_product,
            is_generic: generic.contains(key),
            is_front: false,
            is_said: false,
        };
        for rule in &rules.kinds {
            for label in &rule.names {
                let key = key(label);
                let name = name(&rule.id, false, &key);
                names.entry(key).or_insert(name);
            }
        }
        for term in &lexicon.terms {
            let Some(kind) = &term.kind else { continue };
            for (label, is_product) in std::iter::once(&term.name)
                .chain(&term.aliases)
                .map(|label| (label, false))
                .chain(term.products.iter().map(|label| (label, true)))
            {
                let key = key(label);
                let known = names.get(&key).is_some_and(|known: &Name| !known.is_product && is_product);
                if !known {
                    names.insert(key.clone(), Name { is_said: true, ..name(kind, is_product, &key) });
                }
            }
        }
        for label in front {
            let mut front = name("client", false, &label);
            front.is_front = true;
            names.insert(label, front);
        }
        let words = names.keys().flat_map(|key| key.split(' ')).map(str::to_owned).collect();
        let known = |label: &str, kind: &str| {
            names.get(&key(label)).cloned().unwrap_or_else(|| name(kind, false, label))
        };
        Self {
            store: known("database", "sql_database"),
            queue: known("message queue", "message_queue"),
            client: known("client", "client"),
            service: known("service", "service"),
            trailing: rules.trailing.iter().map(|word| stem(word)).collect(),
            parting: rules.parting.iter().map(|word| fold(word)).collect(),
            names,
            words,
        }
    }

    /// Gives every component its kind.
    pub fn classify(&self, graph: &mut Graph) {
        let mut entered = vec![false; graph.components.len()];
        for edge in &graph.edges {
            entered[edge.to] |= edge.directed == Direction::Forward;
        }
        for (component, entered) in graph.components.iter_mut().zip(entered) {
            component.kind = self.kind(component, entered).to_owned();
        }
    }

    fn kind(&self, component: &Component, entered: bool) -> &str {
        let by_outline = match component.shape {
            Shape::Cylinder => Some(&self.store),
            Shape::Queue => Some(&self.queue),
            Shape::Person => Some(&self.client),
            Shape::Plain | Shape::Several => None,
        };
        let Some(name) = self.name_of(component) else {
            return by_outline.map_or("unknown", |name| &name.kind);
        };
        if name.is_front {
            return if entered { &self.service.kind } else { &name.kind };
        }
        match by_outline {
            // A cylinder called "Users" keeps users.
            Some(outline)
                if matches!(name.role, Role::Client | Role::Compute | Role::External)
                    && outline.role != name.role =>
            {
                &outline.kind
            }
            _ => &name.kind,
        }
    }

    fn name_of(&self, component: &Component) -> Option<&Name> {
        let mut best = self.label(&component.label);
        // An id says more than an empty label does.
        if best.is_none()
            && !component.id.contains(['/', '{'])
            && component.id.len() < 40
            && component.label == "unnamed"
        {
            best = self.label(&component.id);
        }
        let exact = || self.parts(&component.detail).into_iter().find_map(|(words, _)| self.product(&words));
        match best {
            None => exact(),
            Some(name) if name.is_generic => {
                Some(exact().filter(|exact| refines(name, exact)).unwrap_or(name))
            }
            Some(name) => Some(name),
        }
    }

    /// The name that a label gives.
    fn label(&self, label: &str) -> Option<&Name> {
        let parts = self.parts(label);
        let (first, rest) = parts.split_first()?;
        let head = self.head(&first.0);
        let later =
            || rest.iter().filter(|(_, bracketed)| *bracketed).find_map(|(words, _)| self.head(words));
        match head {
            Some(name) if name.is_generic => {
                let exact =
                    rest.iter().find_map(|(words, _)| self.head(words)).filter(|exact| refines(name, exact));
                Some(exact.unwrap_or(name))
            }
            Some(name) => Some(name),
            None => later(),
        }
    }

    /// A label's words in parts: at punctuation (true) and at prepositions (false).
    fn parts(&self, label: &str) -> Vec<(Vec<String>, bool)> {
        let mut parts: Vec<(Vec<String>, bool)> = vec![(Vec::new(), true)];
        let mut count = 0;
        let spaced = label.replace(" - ", " : ").replace(" / ", " : ");
        let mut word = String::new();
        for character in spaced.chars().chain([' ']) {
            if character.is_alphanumeric()
                || (matches!(character, '\'' | '*' | '.' | '+') && !word.is_empty())
            {
                word.push(character);
                continue;
            }
            if !word.is_empty() && count < MOST_WORDS {
                for word in self.split(word.trim_end_matches(['.', '\''])) {
                    count += 1;
                    if self.parting.contains(&word) {
                        parts.push((Vec::new(), false));
                    } else if let Some(last) = parts.last_mut() {
                        last.0.push(self.stem(&word));
                    }
                }
            }
            word.clear();
            if matches!(
                character,
                '(' | ')' | '[' | ']' | '{' | '}' | ':' | ',' | ';' | '|' | '–' | '—' | '→' | '=' | '"'
            ) {
                parts.push((Vec::new(), true));
            }
        }
        parts.retain(|(words, _)| !words.is_empty());
        parts
    }

    /// `orderService` and `db2` into words, unless the whole is known.
    fn split(&self, word: &str) -> Vec<String> {
        let whole = fold(word);
        if self.words.contains(&stem(&whole))
            || self.words.contains(&whole)
            || !word.chars().any(char::is_alphabetic)
        {
            return vec![whole];
        }
        let mut found: Vec<String> = Vec::new();
        let mut previous = ' ';
        for character in word.chars() {
            let begins = (character.is_uppercase() && previous.is_lowercase())
                || (character.is_numeric() != previous.is_numeric() && previous != ' ')
                || matches!(character, '.' | '\'' | '+' | '*');
            if begins || found.is_empty() {
                found.push(String::new());
            }
            if let Some(last) = found.last_mut().filter(|_| character.is_alphanumeric()) {
                last.push(character);
            }
            previous = character;
        }
        found.iter().map(|word| fold(word)).filter(|word| !word.is_empty()).collect()
    }

    fn stem(&self, word: &str) -> String {
        let stemmed = stem(word);
        match word.strip_suffix('s') {
            // `DBs`, `LBs`: the stemmer keeps an `s` after consonants alone.
            Some(single) if !self.words.contains(&stemmed) && self.words.contains(&stem(single)) => {
                stem(single)
            }
            _ => stemmed,
        }
    }

    /// What the last words of a part name; a product counts anywhere in it.
    fn head(&self, words: &[String]) -> Option<&Name> {
        let hits = self.hits(words);
        let mut end = words.len();
        while end > 0
            && (self.trailing.contains(&words[end - 1])
                || words[end - 1].chars().all(|c| c.is_numeric() || c == 'x'))
        {
            end -= 1;
        }
        let at_end = hits.iter().filter(|hit| hit.to >= end).max_by_key(|hit| (hit.to - hit.from, hit.to));
        if let Some(head) = at_end {
            if head.name.is_generic {
                let before = hits.iter().filter(|hit| hit.to == head.from && hit.name.role != Role::Client);
                if let Some(exact) = before.max_by_key(|hit| hit.to - hit.from) {
                    return Some(exact.name);
                }
            }
            return Some(head.name);
        }
        let anywhere = hits.iter().filter(|hit| hit.name.is_product || hit.to - hit.from > 1);
        anywhere.max_by_key(|hit| (hit.to - hit.from, hit.to)).map(|hit| hit.name)
    }

    /// The lexicon's names in stemmed words of speech, in order; of two at one place the longer.
    pub(super) fn heard(&self, words: &[String]) -> Vec<(Heard<'_>, Range<usize>)> {
        let mut found: Vec<(Heard<'_>, Range<usize>)> = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let longest = (at + 1..=(at + LONGEST).min(words.len())).rev().find_map(|to| {
                let name = self.names.get(&words[at..to].join(" ")).filter(|name| name.is_said)?;
                Some((Heard { kind: &name.kind, role: name.role, is_generic: name.is_generic }, at..to))
            });
            at = longest.as_ref().map_or(at + 1, |(_, range)| range.end);
            found.extend(longest);
        }
        found
    }

    fn product(&self, words: &[String]) -> Option<&Name> {
        self.hits(words).into_iter().find(|hit| hit.name.is_product).map(|hit| hit.name)
    }

    fn hits(&self, words: &[String]) -> Vec<Hit<'_>> {
        let mut found = Vec::new();
        for from in 0..words.len() {
            for to in from + 1..=(from + LONGEST).min(words.len()) {
                if let Some(name) = self.names.get(&words[from..to].join(" ")) {
                    found.push(Hit { name, from, to });
                }
            }
        }
        found
    }
}

/// Whether `exact` says more exactly what `name` says.
fn refines(name: &Name, exact: &Name) -> bool {
    let data = |role| matches!(role, Role::Store | Role::Cache);
    let work = |role| matches!(role, Role::Compute | Role::Worker | Role::Entry);
    (data(name.role) && data(exact.role)) || (work(name.role) && work(exact.role) && !exact.is_generic)
}

/// A name as it is looked up.
fn key(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric() && !matches!(c, '*' | '+'));
    words.filter(|word| !word.is_empty()).map(stem).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use crate::diagram::read;
    use crate::diagram::tests::reviewer;

    #[test]
    fn a_label_says_what_a_thing_is() {
        let rows = [
            ("Redis", "cache"),
            ("Redis cache", "cache"),
            ("Feed Cache (Redis)", "cache"),
            ("Redis Pub/Sub", "pub_sub"),
            ("User Service", "service"),
            ("UserService", "service"),
            ("user-service", "service"),
            ("Order DB", "sql_database"),
            ("User DB (MongoDB)", "document_store"),
            ("Orders - PostgreSQL", "sql_database"),
            ("Posts (Cassandra)", "wide_column_store"),
            ("Cassandra cluster", "wide_column_store"),
            ("DynamoDB", "key_value_store"),
            ("S3", "object_storage"),
            ("S3 bucket", "object_storage"),
            ("Amazon S3 - media", "object_storage"),
            ("nginx", "reverse_proxy"),
            ("Load Balancer", "load_balancer"),
            ("LB", "load_balancer"),
            ("AWS ALB", "load_balancer"),
            ("API Gateway", "api_gateway"),
            ("Kafka", "event_stream"),
            ("Kafka consumer", "worker"),
            ("Order queue", "message_queue"),
            ("RabbitMQ", "message_queue"),
            ("Message Queue (Kafka)", "message_queue"),
            ("CloudFront CDN", "cdn"),
            ("Mobile app", "client"),
            ("Users", "client"),
            ("Browser", "client"),
            ("App servers x3", "service"),
            ("Lambda (transcoding)", "service"),
            ("Transcoding workers", "media_transcoder"),
            ("WebSocket servers", "websocket_gateway"),
            ("Stripe", "third_party"),
            ("Payment gateway", "third_party"),
            ("Elasticsearch", "search_index"),
            ("MySQL read replica", "sql_database"),
            ("Prometheus + Grafana", "monitoring"),
            ("Foo", "unknown"),
            ("User profile", "unknown"),
            ("Cache hit?", "unknown"),
            ("Zebra", "unknown"),
        ];
        let reviewer = reviewer();
        let mut wrong = Vec::new();
        for (label, want) in rows {
            let mut graph =
                read(&format!("flowchart LR\n a --> x[\"{label}\"]\n x --> y")).expect("a drawing");
            reviewer.classifier().classify(&mut graph);
            if graph.components[1].kind != want {
                wrong.push(format!("{label}: {} and not {want}", graph.components[1].kind));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn an_outline_says_what_a_label_does_not() {
        let mut graph = read("flowchart LR\n a[Web app] --> b[(Orders)] --> c[(Users)]\n d[Web app] --> a")
            .expect("a drawing");
        reviewer().classifier().classify(&mut graph);
        let kinds: Vec<_> = graph.components.iter().map(|component| component.kind.as_str()).collect();
        assert_eq!(kinds, ["service", "sql_database", "sql_database", "client"]);
    }
}
