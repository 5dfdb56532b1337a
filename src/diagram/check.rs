//! PURE. Faults of a drawing, each with its place: what leads nowhere, what is missing behind what,
//! and what should not talk to what. A part of unknown kind is never accused.

use std::collections::HashSet;

use super::graph::{Direction, Edge, Graph, Shape};
use super::review::Issue;
use super::rules::{Role, Rules};
use crate::text::{Pattern, Prepared};

/// Collects the faults of one drawing.
pub(super) struct Checker<'a> {
    graph: &'a Graph,
    rules: &'a Rules,
    roles: Vec<Role>,
    out: Vec<Vec<usize>>,
    into: Vec<Vec<usize>>,
    issues: Vec<Issue>,
}

fn says(patterns: &[Pattern], text: &str) -> bool {
    let prepared = Prepared::new(text);
    patterns.iter().any(|pattern| pattern.find(&prepared).is_some())
}

impl<'a> Checker<'a> {
    pub(super) fn new(graph: &'a Graph, rules: &'a Rules) -> Self {
        let roles = graph.components.iter().map(|component| rules.role(&component.kind)).collect();
        let mut out = vec![Vec::new(); graph.components.len()];
        let mut into = vec![Vec::new(); graph.components.len()];
        for (index, edge) in graph.edges.iter().enumerate() {
            out[edge.from].push(index);
            into[edge.to].push(index);
            if edge.directed != Direction::Forward {
                out[edge.to].push(index);
                into[edge.from].push(index);
            }
        }
        Self { graph, rules, roles, out, into, issues: Vec::new() }
    }

    /// Looks for every kind of fault.
    pub(super) fn run(mut self) -> Vec<Issue> {
        if self.graph.edges.is_empty() {
            if self.graph.components.len() > 1 {
                self.add("no_connections", None, "", "");
            }
            return self.issues;
        }
        self.dangling();
        self.ends();
        self.reach();
        self.caches();
        self.queues();
        self.balancers();
        self.straight();
        self.replicas();
        self.media();
        self.single_points();
        self.boundaries();
        self.issues
    }

    fn of(&self, role: Role) -> Vec<usize> {
        (0..self.roles.len()).filter(|&index| self.roles[index] == role).collect()
    }

    /// The other end of an edge.
    fn other(&self, edge: usize, end: usize) -> usize {
        let edge = &self.graph.edges[edge];
        if edge.from == end { edge.to } else { edge.from }
    }

    fn next(&self, index: usize) -> Vec<usize> {
        self.out[index].iter().map(|&edge| self.other(edge, index)).collect()
    }

    fn before(&self, index: usize) -> Vec<usize> {
        self.into[index].iter().map(|&edge| self.other(edge, index)).collect()
    }

    fn neighbours(&self, index: usize) -> Vec<usize> {
        let mut found = self.next(index);
        found.extend(self.before(index));
        found
    }

    fn add(&mut self, kind: &str, component: Option<usize>, a: &str, b: &str) {
        let (at, line) = match component {
            Some(index) => (self.graph.name(index).to_owned(), self.graph.components[index].line),
            None => (String::new(), 0),
        };
        self.push(kind, at, line, a, b);
    }

    fn add_edge(&mut self, kind: &str, edge: &Edge, a: usize, b: usize) {
        let graph = self.graph;
        self.push(kind, graph.edge_name(edge), edge.line, graph.name(a), graph.name(b));
    }

    fn push(&mut self, kind: &str, at: String, line: usize, a: &str, b: &str) {
        let Some(rule) = self.rules.issue(kind) else { return };
        let message = rule.message.replace("{a}", &quote(a)).replace("{b}", &quote(b));
        let parts = [a, b].into_iter().filter(|part| !part.is_empty()).map(str::to_owned).collect();
        self.issues.push(Issue { kind: kind.to_owned(), at, line, message, parts });
    }

    /// Whether a part is, or stands in, something drawn as a whole that has arrows.
    fn is_joined(&self, index: usize) -> bool {
        let graph = self.graph;
        !self.out[index].is_empty()
            || !self.into[index].is_empty()
            || graph.groups_of(index).iter().any(|&group| graph.groups[group].component.is_some())
    }

    fn dangling(&mut self) {
        for index in 0..self.graph.components.len() {
            if !self.is_joined(index) {
                let name = self.graph.name(index).to_owned();
                self.add("dangling", Some(index), &name, "");
            }
        }
    }

    /// All parts that can be reached from `starts`; frames lead to what is in them.
    fn reached(&self, starts: &[usize], backwards_too: bool) -> Vec<bool> {
        let graph = self.graph;
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); graph.components.len()];
        for index in 0..graph.components.len() {
            for group in graph.groups_of(index) {
                if let Some(whole) = graph.groups[group].component.filter(|&whole| whole != index) {
                    members[whole].push(index);
                    members[index].push(whole);
                }
            }
        }
        let mut seen = vec![false; graph.components.len()];
        let mut waiting = starts.to_vec();
        starts.iter().for_each(|&start| seen[start] = true);
        while let Some(index) = waiting.pop() {
            let mut next = self.next(index);
            if backwards_too {
                next.extend(self.before(index));
            } else if self.roles[index] == Role::Queue {
                // `worker -> queue`, where the worker takes from it.
                next.extend(
                    self.before(index).into_iter().filter(|&taker| self.roles[taker] == Role::Worker),
                );
            }
            next.extend(&members[index]);
            for other in next {
                if !seen[other] {
                    seen[other] = true;
                    waiting.push(other);
                }
            }
        }
        seen
    }

    fn ends(&mut self) {
        if self.of(Role::Client).is_empty() {
            self.add("no_client", None, "", "");
        }
        // A part of unknown kind may keep data.
        let unknown = self.graph.components.iter().any(|part| part.kind == "unknown");
        if self.of(Role::Store).is_empty() && !unknown {
            self.add("no_data", None, "", "");
        }
    }

    fn reach(&mut self) {
        let clients = self.of(Role::Client);
        let stores = self.of(Role::Store);
        if clients.is_empty() {
            return;
        }
        let joined = self.reached(&clients, true);
        for (index, joined) in joined.into_iter().enumerate() {
            if !joined && self.is_joined(index) && self.roles[index] != Role::Watch {
                let name = self.graph.name(index).to_owned();
                self.add("unreachable", Some(index), &name, "");
            }
        }
        let led = self.reached(&clients, false);
        if !stores.is_empty() && !stores.iter().any(|&store| led[store]) {
            let name = self.graph.name(clients[0]).to_owned();
            self.add("no_path_to_data", Some(clients[0]), &name, "");
        }
    }

    fn caches(&mut self) {
        for cache in self.of(Role::Cache) {
            let near = self.neighbours(cache);
            if near.is_empty() {
                continue;
            }
            let mut around = near.clone();
            near.iter().for_each(|&user| around.extend(self.neighbours(user)));
            let data = |index: &usize| {
                matches!(self.roles[*index], Role::Store) || self.graph.components[*index].kind == "unknown"
            };
            if !around.iter().any(data) {
                let name = self.graph.name(cache).to_owned();
                self.add("cache_without_store", Some(cache), &name, "");
            }
        }
        for edge in self.of(Role::Edge) {
            if self.graph.components[edge].kind != "cdn" {
                continue;
            }
            let near = self.neighbours(edge);
            let origin = |index: &usize| !matches!(self.roles[*index], Role::Client | Role::Edge);
            if !near.is_empty() && !near.iter().any(origin) {
                let name = self.graph.name(edge).to_owned();
                self.add("cdn_without_origin", Some(edge), &name, "");
            }
        }
    }

    fn queues(&mut self) {
        for queue in self.of(Role::Queue) {
            if !self.is_joined(queue) || self.graph.groups.iter().any(|group| group.component == Some(queue))
            {
                continue;
            }
            let edge_says =
                |edge: &usize, patterns: &[Pattern]| says(patterns, &self.graph.edges[*edge].label);
            let takes = |edge: &usize| {
                let taker = self.other(*edge, queue);
                edge_says(edge, &self.rules.words.read) || self.roles[taker] == Role::Worker
            };
            let taken = !self.out[queue].is_empty() || self.into[queue].iter().any(takes);
            let gives = |edge: &usize| !edge_says(edge, &self.rules.words.read);
            let given = self.into[queue].iter().any(gives);
            let name = self.graph.name(queue).to_owned();
            if !taken {
                self.add("queue_without_consumer", Some(queue), &name, "");
            }
            if !given {
                self.add("queue_without_producer", Some(queue), &name, "");
            }
        }
    }

    fn balancers(&mut self) {
        for balancer in self.of(Role::Entry) {
            let part = &self.graph.components[balancer];
            if part.kind == "firewall" || !self.is_joined(balancer) {
                continue;
            }
            let serves = |index: &usize| {
                matches!(
                    self.roles[*index],
                    Role::Compute | Role::Worker | Role::Entry | Role::Other | Role::External
                ) || self.graph.components[*index].kind == "unknown"
            };
            let next = self.next(balancer);
            let whole = self.graph.groups.iter().any(|group| group.component == Some(balancer));
            // A frame may be what it leads to; a database behind a proxy is served by it.
            let behind = next.iter().any(|index| {
                serves(index) || (part.kind != "load_balancer" && self.roles[*index] == Role::Store)
            });
            let led_to_group = next
                .iter()
                .any(|index| self.graph.groups.iter().any(|group| group.component == Some(*index)));
            if !behind && !whole && !led_to_group {
                let name = self.graph.name(balancer).to_owned();
                self.add("balancer_without_servers", Some(balancer), &name, "");
            }
        }
    }

    fn straight(&mut self) {
        let graph = self.graph;
        let mut told = HashSet::new();
        for edge in &graph.edges {
            let (client, other) = match (self.roles[edge.from], self.roles[edge.to]) {
                (Role::Client, _) => (edge.from, edge.to),
                (_, Role::Client) => (edge.to, edge.from),
                _ => continue,
            };
            if !told.insert((client, other)) {
                continue;
            }
            let kind = graph.components[other].kind.as_str();
            match self.roles[other] {
                // Files are fetched and sent with signed addresses, and a search service may be public.
                Role::Store if kind != "object_storage" => {
                    self.add_edge("client_to_database", edge, client, other)
                }
                Role::Cache => self.add_edge("client_to_database", edge, client, other),
                Role::Queue => self.add_edge("client_to_queue", edge, client, other),
                _ => {}
            }
        }
    }

    fn replicas(&mut self) {
        let graph = self.graph;
        for edge in graph.edges.iter().filter(|edge| edge.directed == Direction::Forward) {
            let to = &graph.components[edge.to];
            let words = &self.rules.words;
            let data = matches!(self.roles[edge.to], Role::Store | Role::Other);
            let source = matches!(self.roles[edge.from], Role::Store);
            if data
                && !source
                && says(&words.replica, &to.label)
                && !says(&words.primary, &to.label)
                && says(&words.write, &edge.label)
                && !says(&words.replicating, &edge.label)
            {
                self.add_edge("write_to_replica", edge, edge.from, edge.to);
            }
        }
    }

    /// Uploads that pass a server, where nothing says that they go straight.
    fn media(&mut self) {
        let graph = self.graph;
        let words = &self.rules.words;
        let stores: HashSet<usize> = (0..graph.components.len())
            .filter(|&index| graph.components[index].kind == "object_storage")
            .collect();
        let client_edge = |edge: &Edge| {
            [(edge.from, edge.to), (edge.to, edge.from)]
                .iter()
                .any(|&(one, two)| self.roles[one] == Role::Client && stores.contains(&two))
        };
        let labels = graph.components.iter().map(|part| part.label.as_str());
        let labels = labels
            .chain(graph.edges.iter().map(|edge| edge.label.as_str()))
            .chain(graph.texts.iter().map(String::as_str));
        if graph.edges.iter().any(client_edge) || labels.into_iter().any(|label| says(&words.direct, label)) {
            return;
        }
        let led = self.reached(&self.of(Role::Client), false);
        let found = graph.edges.iter().find(|edge| {
            let server = matches!(self.roles[edge.from], Role::Compute) && led[edge.from];
            let text = format!("{}. {}. {}", graph.name(edge.from), edge.label, graph.name(edge.to));
            server
                && stores.contains(&edge.to)
                && edge.directed != Direction::None
                && !says(&words.read, &edge.label)
                && says(&words.media, &text)
        });
        if let Some(edge) = found {
            self.add_edge("media_through_servers", edge, edge.from, edge.to);
        }
    }

    fn is_several(&self, index: usize) -> bool {
        let part = &self.graph.components[index];
        let text = format!("{} {}", part.label, part.detail);
        part.shape == Shape::Several
            || self.graph.groups.iter().any(|group| group.component == Some(index))
            || plural(&part.label)
            || says(&self.rules.words.several, &text)
            || says(&self.rules.words.managed, &text)
            || self.graph.groups_of(index).iter().any(|&group| {
                says(&self.rules.words.several, &self.graph.groups[group].label)
                    || plural(&self.graph.groups[group].label)
            })
    }

    /// A server or database of which only one is drawn, without which no client gets to any data.
    fn single_points(&mut self) {
        let clients = self.of(Role::Client);
        let stores = self.of(Role::Store);
        if clients.is_empty() || stores.is_empty() || self.graph.components.len() > 300 {
            return;
        }
        for index in 0..self.graph.components.len() {
            let candidate = match self.roles[index] {
                // Behind a balancer one box stands for many.
                Role::Compute => !self.before(index).iter().any(|&before| self.roles[before] == Role::Entry),
                Role::Store => {
                    stores.len() == 1
                        && self.graph.components[index].kind.contains("database")
                        && self.before(index).len() > 1
                }
                _ => false,
            };
            if !candidate || self.is_several(index) {
                continue;
            }
            if self.roles[index] == Role::Compute && self.passes_without(index, &clients, &stores) {
                continue;
            }
            let name = self.graph.name(index).to_owned();
            self.add("single_point_of_failure", Some(index), &name, "");
        }
    }

    /// Whether some client gets to some store without `index`, or none does at all.
    fn passes_without(&self, index: usize, clients: &[usize], stores: &[usize]) -> bool {
        let led = self.reached(clients, false);
        if !stores.iter().any(|&store| led[store]) {
            return true;
        }
        let mut seen = vec![false; self.graph.components.len()];
        seen[index] = true;
        let mut waiting: Vec<usize> = clients.to_vec();
        while let Some(next) = waiting.pop() {
            if std::mem::replace(&mut seen[next], true) {
                continue;
            }
            if self.roles[next] == Role::Store {
                return true;
            }
            waiting.extend(self.next(next));
        }
        false
    }

    fn boundaries(&mut self) {
        let graph = self.graph;
        let trusted = |index: usize| {
            graph
                .groups_of(index)
                .into_iter()
                .find(|&group| says(&self.rules.words.trust, &graph.groups[group].label))
        };
        for edge in graph.edges.iter().filter(|edge| edge.label.is_empty()) {
            let outside =
                [edge.from, edge.to].iter().filter(|&&end| self.roles[end] == Role::External).count() == 1;
            let crosses = trusted(edge.from) != trusted(edge.to);
            if outside || crosses {
                self.add_edge("unlabelled_trust_boundary", edge, edge.from, edge.to);
            }
        }
    }
}

/// Whether the last word of a label is more than one thing.
fn plural(label: &str) -> bool {
    let main = label.split(['(', ':', ',']).next().unwrap_or("");
    let word = main.split_whitespace().last().unwrap_or("").to_lowercase();
    let plural = word.len() > 3
        && word.ends_with('s')
        && !word.ends_with("ss")
        && !word.ends_with("us")
        && !word.ends_with("is");
    plural
        && !matches!(
            word.as_str(),
            "redis"
                | "postgres"
                | "dns"
                | "aws"
                | "sns"
                | "sqs"
                | "nats"
                | "kinesis"
                | "analytics"
                | "orders"
                | "payments"
                | "posts"
                | "kubernetes"
        )
}

fn quote(label: &str) -> String {
    format!("\"{label}\"")
}
