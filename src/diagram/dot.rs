//! PURE. Graphviz DOT: graphs and digraphs, clusters, chains, attributes, records, HTML labels, ports.
//!
//! Tokens first, then one pass with a stack of open braces; a token out of place is skipped and named.

use std::collections::HashMap;

use super::graph::{Builder, Direction, Graph, InputFormat, Shape};

/// Braces within braces.
const DEEPEST: usize = 60;
/// Nodes of one subgraph that take part in an edge.
const MOST_ENDS: usize = 500;

/// Whether `line` is the first line of a DOT graph.
pub(super) fn is_header(line: &str) -> bool {
    let line = line.trim_start();
    let lower = line.get(..7).unwrap_or(line).to_ascii_lowercase();
    let line = if lower.starts_with("strict") { line[6..].trim_start() } else { line };
    let word: String = line.chars().take_while(char::is_ascii_alphabetic).collect();
    let rest = line[word.len()..].trim_start();
    match word.to_ascii_lowercase().as_str() {
        "digraph" => true,
        "graph" => rest.contains('{') || rest.is_empty(),
        _ => false,
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// An id: bare, quoted, or HTML.
    Id(String),
    /// `->` is true.
    Edge(bool),
    /// `{ } [ ] = ; , :`
    Sign(char),
}

/// Reads a DOT graph.
pub(super) fn read(source: &str) -> Graph {
    let mut builder = Builder::new(InputFormat::Dot);
    let tokens = tokens(source, &mut builder);
    Parser { tokens, at: 0, builder, scopes: Vec::new(), anonymous: 0 }.graph()
}

fn tokens(source: &str, builder: &mut Builder) -> Vec<(Token, usize)> {
    let bytes = source.as_bytes();
    let mut found: Vec<(Token, usize)> = Vec::new();
    let (mut at, mut line, mut line_start) = (0, 1, true);
    while let Some(character) = source[at..].chars().next() {
        let begin_line = line;
        let was_start = line_start;
        line_start = character == '\n' || (line_start && character.is_whitespace());
        let next = bytes.get(at + 1).copied();
        let length = match character {
            '\n' => {
                line += 1;
                1
            }
            c if c.is_whitespace() => c.len_utf8(),
            '#' if was_start => line_end(source, at) - at,
            '/' if next == Some(b'/') => line_end(source, at) - at,
            '/' if next == Some(b'*') => {
                let end = source[at..].find("*/").map_or(source.len() - at, |end| end + 2);
                line += source[at..at + end].matches('\n').count();
                end
            }
            '"' => {
                let (text, length) = quoted(&source[at..]);
                line += source[at..at + length].matches('\n').count();
                // `"a" + "b"` is one text.
                let joins = matches!(found.last(), Some((Token::Sign('+'), _)));
                if joins {
                    found.pop();
                    if let Some((Token::Id(before), _)) = found.last_mut() {
                        before.push_str(&text);
                    }
                } else {
                    found.push((Token::Id(text), begin_line));
                }
                length
            }
            '<' => {
                let (text, length) = html(&source[at..]);
                line += source[at..at + length].matches('\n').count();
                found.push((Token::Id(text), begin_line));
                length
            }
            '-' if matches!(next, Some(b'>' | b'-')) => {
                found.push((Token::Edge(next == Some(b'>')), line));
                2
            }
            '→' => {
                found.push((Token::Edge(true), line));
                character.len_utf8()
            }
            '{' | '}' | '[' | ']' | '=' | ';' | ',' | ':' | '+' => {
                found.push((Token::Sign(character), line));
                1
            }
            _ => {
                let inside = |(index, c): &(usize, char)| {
                    c.is_alphanumeric()
                        || matches!(c, '_' | '.' | '/' | '\'')
                        || (*c == '-' && !source[at + index + 1..].starts_with(['>', '-']))
                        || (!c.is_ascii() && !c.is_whitespace() && *c != '→')
                };
                let length = source[at..].char_indices().take_while(inside).map(|(_, c)| c.len_utf8()).sum();
                if length == 0 {
                    builder.remark(line, format!("`{character}` means nothing in DOT"));
                    character.len_utf8()
                } else {
                    found.push((Token::Id(source[at..at + length].to_owned()), line));
                    length
                }
            }
        };
        at += length;
    }
    found
}

fn line_end(source: &str, at: usize) -> usize {
    source[at..].find('\n').map_or(source.len(), |end| at + end)
}

/// The text in quotes and its length with them; unclosed, it ends with the line.
fn quoted(text: &str) -> (String, usize) {
    let mut inner = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (inner, at + 1),
            '\\' => match characters.next() {
                Some((_, '"')) => inner.push('"'),
                Some((_, '\n')) => {}
                Some((_, other)) => {
                    inner.push('\\');
                    inner.push(other);
                }
                None => {}
            },
            _ => inner.push(character),
        }
        if at > 20_000 {
            break;
        }
    }
    let end = line_end(text, 0);
    (text[1.min(end)..end].to_owned(), end.max(1))
}

/// The text between nested `<` and `>`, with cells and lines parted, and its length with them.
fn html(text: &str) -> (String, usize) {
    let mut depth = 0_usize;
    for (at, character) in text.char_indices().take(20_000) {
        match character {
            '<' => depth += 1,
            '>' => {
                depth -= 1;
                if depth == 0 {
                    return (strip_tags(&text[1..at]), at + 1);
                }
            }
            _ => {}
        }
    }
    let end = line_end(text, 0);
    (strip_tags(&text[1.min(end)..end]), end.max(1))
}

fn strip_tags(text: &str) -> String {
    let mut plain = String::new();
    let mut inside = 0_usize;
    for character in text.chars() {
        match character {
            '<' => {
                inside += 1;
                plain.push(' ');
            }
            '>' => inside = inside.saturating_sub(1),
            _ if inside == 0 => plain.push(character),
            _ => {}
        }
    }
    plain
}

type Attributes = Vec<(String, String)>;

/// An open brace.
#[derive(Default)]
struct Scope {
    group: Option<usize>,
    /// Given a name by a keyword: a cluster is a group once its label is known.
    cluster: bool,
    node: HashMap<String, String>,
    edge: HashMap<String, String>,
    /// Nodes named in it, for edges that end at it.
    members: Vec<usize>,
    /// The edge statement it is an end of.
    chain: Option<Chain>,
}

/// An edge statement being read.
struct Chain {
    last: Vec<usize>,
    directed: Option<bool>,
    made: Vec<usize>,
    line: usize,
}

struct Parser {
    tokens: Vec<(Token, usize)>,
    at: usize,
    builder: Builder,
    scopes: Vec<Scope>,
    anonymous: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn line(&self) -> usize {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(0, |(_, line)| *line)
    }

    fn takes(&mut self, sign: char) -> bool {
        let takes = self.peek() == Some(&Token::Sign(sign));
        self.at += usize::from(takes);
        takes
    }

    fn keyword(&self) -> Option<String> {
        match self.peek() {
            Some(Token::Id(word)) if word.len() <= 8 => Some(word.to_ascii_lowercase()),
            _ => None,
        }
    }

    fn graph(mut self) -> Graph {
        while let Some(word) =
            self.keyword().filter(|word| matches!(word.as_str(), "strict" | "graph" | "digraph"))
        {
            self.at += 1;
            if word != "strict" {
                break;
            }
        }
        if let Some(Token::Id(_)) = self.peek() {
            self.at += 1;
        }
        self.takes('{');
        self.scopes.push(Scope::default());
        while self.at < self.tokens.len() {
            self.statement(None);
        }
        if self.scopes.len() > 1 {
            let line = self.line();
            self.builder.remark(line, "a brace is not closed");
        }
        while self.scopes.len() > 1 {
            self.close();
        }
        self.builder.finish()
    }

    /// One statement, or the end of an edge statement that `chain` began.
    fn statement(&mut self, chain: Option<Chain>) {
        let line = self.line();
        match self.peek() {
            Some(Token::Sign('{')) => self.open(None, chain),
            Some(Token::Sign('}')) => {
                self.at += 1;
                if self.scopes.len() > 1 {
                    self.close();
                }
            }
            Some(Token::Sign(';' | ',')) => self.at += 1,
            Some(Token::Id(_)) => match self.keyword().as_deref() {
                Some("subgraph") => {
                    self.at += 1;
                    let name = match self.peek() {
                        Some(Token::Id(name)) => Some(name.clone()),
                        _ => None,
                    };
                    self.at += usize::from(name.is_some());
                    self.open(name, chain);
                }
                Some(word @ ("node" | "edge" | "graph"))
                    if self.tokens.get(self.at + 1).map(|(token, _)| token) == Some(&Token::Sign('[')) =>
                {
                    let word = word.to_owned();
                    self.at += 1;
                    let attributes = self.attributes();
                    self.defaults(&word, attributes);
                }
                _ => self.node_or_edge(chain, line),
            },
            Some(_) => {
                self.builder.remark(line, "an arrow or a bracket stands where a node should");
                self.at += 1;
            }
            None => {}
        }
    }

    fn defaults(&mut self, word: &str, attributes: Attributes) {
        for (name, value) in attributes {
            match word {
                "graph" => self.graph_attribute(&name, &value),
                _ => {
                    let Some(scope) = self.scopes.last_mut() else { return };
                    let table = if word == "node" { &mut scope.node } else { &mut scope.edge };
                    table.insert(name, value);
                }
            }
        }
    }

    fn graph_attribute(&mut self, name: &str, value: &str) {
        let group = self.scopes.last().and_then(|scope| if scope.cluster { scope.group } else { None });
        if let Some(group) = group.filter(|_| name == "label") {
            self.builder.group_at(group).label = super::graph::clean(value);
        }
    }

    fn open(&mut self, name: Option<String>, chain: Option<Chain>) {
        if !self.takes('{') {
            // `subgraph x` alone refers to it.
            return;
        }
        let line = self.line();
        let outer = self.scopes.last();
        let parent = outer.and_then(|scope| scope.group);
        let (node, edge) = outer.map(|scope| (scope.node.clone(), scope.edge.clone())).unwrap_or_default();
        if self.scopes.len() > DEEPEST {
            self.builder.remark(line, format!("more than {DEEPEST} braces within one another"));
            return;
        }
        let cluster = name.as_ref().is_some_and(|name| name.to_ascii_lowercase().starts_with("cluster"));
        let group = if cluster {
            self.anonymous += 1;
            let name = name.unwrap_or_default();
            let label = name.trim_start_matches("cluster").trim_matches('_').replace('_', " ");
            Some(self.builder.group(&name, &label, parent, line))
        } else {
            parent
        };
        self.scopes.push(Scope { group, cluster, node, edge, members: Vec::new(), chain });
    }

    /// Closes a brace; it may be an end of an edge.
    fn close(&mut self) {
        let Some(scope) = self.scopes.pop() else { return };
        let mut members = scope.members;
        if let Some(outer) = self.scopes.last_mut() {
            let room = MOST_ENDS.saturating_sub(outer.members.len());
            outer.members.extend(members.iter().take(room));
        }
        let line = self.line();
        let chain = match scope.chain {
            Some(chain) => chain,
            None if matches!(self.peek(), Some(Token::Edge(_))) => {
                Chain { last: Vec::new(), directed: None, made: Vec::new(), line }
            }
            None => return,
        };
        members.sort_unstable();
        members.dedup();
        self.go_on(chain, members);
    }

    fn node_or_edge(&mut self, chain: Option<Chain>, line: usize) {
        let Some(Token::Id(id)) = self.peek().cloned() else { return };
        self.at += 1;
        if chain.is_none() && self.takes('=') {
            if let Some(Token::Id(value)) = self.peek().cloned() {
                self.at += 1;
                self.graph_attribute(&id, &value);
            }
            return;
        }
        let index = self.end(&id, line);
        let chain = chain.unwrap_or(Chain { last: Vec::new(), directed: None, made: Vec::new(), line });
        self.go_on(chain, vec![index]);
    }

    /// The node with this id, past its port and the side of it.
    fn end(&mut self, id: &str, line: usize) -> usize {
        while self.takes(':') {
            if let Some(Token::Id(_)) = self.peek() {
                self.at += 1;
            }
        }
        self.node(id, line)
    }

    fn node(&mut self, id: &str, line: usize) -> usize {
        let known = self.builder.find(id).is_some();
        let index = self.builder.component(id, line);
        let Some(scope) = self.scopes.last_mut() else { return index };
        if scope.members.len() < MOST_ENDS {
            scope.members.push(index);
        }
        let group = scope.group;
        let defaults: Attributes = if known {
            Vec::new()
        } else {
            scope.node.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
        };
        self.builder.put(index, group);
        self.node_attributes(index, id, &defaults);
        index
    }

    fn node_attributes(&mut self, index: usize, id: &str, attributes: &Attributes) {
        let record = attributes
            .iter()
            .any(|(name, value)| name == "shape" && value.to_ascii_lowercase().ends_with("record"));
        for (name, value) in attributes {
            match name.as_str() {
                "label" | "xlabel"
                    if name == "label" || !attributes.iter().any(|(name, _)| name == "label") =>
                {
                    let value = value.replace("\\N", id);
                    let looks = value.starts_with('{') && value.ends_with('}');
                    let label = if record || looks { fields(&value) } else { value };
                    self.builder.label(index, &label);
                }
                "shape" => {
                    let shape = match value.to_ascii_lowercase().as_str() {
                        "cylinder" => Shape::Cylinder,
                        "box3d" | "folder" => Shape::Plain,
                        "person" => Shape::Person,
                        _ => Shape::Plain,
                    };
                    self.builder.at(index).shape = shape;
                }
                "tooltip" | "comment" => {}
                _ => {}
            }
        }
    }

    /// What follows an end: another arrow, attributes, or nothing. A chain may be long: no recursion.
    fn go_on(&mut self, mut chain: Chain, mut ends: Vec<usize>) {
        loop {
            self.join(&mut chain, &ends);
            match self.peek() {
                Some(Token::Edge(directed)) => chain.directed = Some(*directed),
                Some(Token::Sign('[')) => return self.described(&chain, &ends),
                _ => return,
            }
            chain.line = self.line();
            chain.last = std::mem::take(&mut ends);
            self.at += 1;
            match self.peek().cloned() {
                Some(Token::Id(id)) if !id.eq_ignore_ascii_case("subgraph") => {
                    self.at += 1;
                    ends = vec![self.end(&id, chain.line)];
                }
                Some(Token::Id(_) | Token::Sign('{')) => return self.statement(Some(chain)),
                _ => {
                    let line = self.line();
                    return self.builder.remark(line, "an arrow leads nowhere");
                }
            }
        }
    }

    /// Draws the edges from the last ends of a chain to `ends`.
    fn join(&mut self, chain: &mut Chain, ends: &[usize]) {
        let Some(directed) = chain.directed else { return };
        let default = |name: &str| {
            let value = self.scopes.last().and_then(|scope| scope.edge.get(name));
            value.cloned().unwrap_or_default()
        };
        let (dir, label) = (default("dir"), default("label"));
        for &from in chain.last.iter().take(MOST_ENDS) {
            for &to in ends.iter().take(MOST_ENDS) {
                if !self.builder.has_room() {
                    return;
                }
                let before = self.builder.edges().len();
                let direction = if directed { Direction::Forward } else { Direction::None };
                self.builder.edge(from, to, &label, direction, chain.line);
                if self.builder.edges().len() > before {
                    self.turn(before, &dir);
                    chain.made.push(before);
                }
            }
        }
    }

    /// The attributes of a statement, for its edges or its node.
    fn described(&mut self, chain: &Chain, ends: &[usize]) {
        let attributes = self.attributes();
        if chain.directed.is_some() {
            self.edge_attributes(&chain.made, &attributes);
        } else if let [index] = ends {
            let id = self.builder.at(*index).id.clone();
            self.node_attributes(*index, &id, &attributes);
        }
    }

    fn edge_attributes(&mut self, made: &[usize], attributes: &Attributes) {
        for (name, value) in attributes {
            for &edge in made {
                match name.as_str() {
                    "label" | "xlabel" | "taillabel" | "headlabel" if !value.trim().is_empty() => {
                        self.builder.edge_at(edge).label = super::graph::clean(value);
                    }
                    "dir" => self.turn(edge, value),
                    _ => {}
                }
            }
        }
    }

    fn turn(&mut self, edge: usize, dir: &str) {
        let edge = self.builder.edge_at(edge);
        match dir {
            "both" => edge.directed = Direction::Both,
            "none" => edge.directed = Direction::None,
            "back" => {
                std::mem::swap(&mut edge.from, &mut edge.to);
                edge.directed = Direction::Forward;
            }
            "forward" => edge.directed = Direction::Forward,
            _ => {}
        }
    }

    /// `[a=b, c="d"; e]`, any number of brackets.
    fn attributes(&mut self) -> Attributes {
        let mut found = Attributes::new();
        while self.takes('[') {
            loop {
                match self.peek().cloned() {
                    None => return found,
                    Some(Token::Sign(']')) => {
                        self.at += 1;
                        break;
                    }
                    Some(Token::Id(name)) => {
                        self.at += 1;
                        let value = if self.takes('=') {
                            match self.peek().cloned() {
                                Some(Token::Id(value)) => {
                                    self.at += 1;
                                    value
                                }
                                _ => String::new(),
                            }
                        } else {
                            String::from("true")
                        };
                        found.push((name.to_ascii_lowercase(), value));
                    }
                    Some(Token::Sign('{' | '}') | Token::Edge(_)) => {
                        let line = self.line();
                        self.builder.remark(line, "a bracket is not closed");
                        return found;
                    }
                    Some(Token::Sign(_)) => self.at += 1,
                }
            }
        }
        found
    }
}

/// The fields of a record's label, parted by `|`.
fn fields(label: &str) -> String {
    let mut plain = String::new();
    let mut port = false;
    for character in label.chars() {
        match character {
            '<' => port = true,
            '>' if port => port = false,
            '{' | '}' => plain.push(' '),
            '|' => plain.push_str(" | "),
            _ if !port => plain.push(character),
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use crate::diagram::{Shape, read};

    fn edges(source: &str) -> Vec<String> {
        let graph = read(source).expect("a graph");
        let name = |edge: &crate::diagram::Edge| match edge.label.as_str() {
            "" => graph.edge_name(edge),
            label => format!("{}: {label}", graph.edge_name(edge)),
        };
        graph.edges.iter().map(name).collect()
    }

    #[test]
    fn statements_of_every_kind_are_read() {
        let rows: [(&str, &[&str]); 10] = [
            ("digraph { a -> b -> c }", &["a -> b", "b -> c"]),
            ("strict graph G { a -- b; b -- c [label=x] }", &["a -- b", "b -- c: x"]),
            ("digraph{a->b[dir=both,label=\"read\\nwrite\"]}", &["a <-> b: read write"]),
            ("digraph { a -> {b c} -> d }", &["a -> b", "a -> c", "b -> d", "c -> d"]),
            ("digraph { {a b} -> c }", &["a -> c", "b -> c"]),
            ("digraph { a:p:ne -> b:q }", &["a -> b"]),
            ("digraph { a -> b [dir=back] }", &["b -> a"]),
            ("digraph { edge [label=sync dir=none]; a -> b }", &["a -- b: sync"]),
            ("digraph { \"a\" + \"b\" -> c /* x -> y */ // z\n# w -> u\n}", &["ab -> c"]),
            ("digraph { subgraph s { a; b } -> subgraph t { c } }", &["a -> c", "b -> c"]),
        ];
        for (source, want) in rows {
            assert_eq!(edges(source), want, "{source}");
        }
    }

    #[test]
    fn labels_may_be_records_or_html() {
        let graph = read(
            "digraph { node [shape=box]; a [shape=record, label=\"{<f0> Orders|{id|total}}\"]; b [label=<<b>Cart</b><br/>service>, shape=cylinder]; c [label=\"\\N!\"]; a -> b -> c }",
        )
        .expect("a graph");
        let labels: Vec<_> = graph.components.iter().map(|component| component.label.as_str()).collect();
        assert_eq!(labels, ["Orders | id | total", "Cart service", "c!"]);
        assert_eq!(graph.components[1].shape, Shape::Cylinder);
    }

    #[test]
    fn clusters_are_groups() {
        let graph = read(
            "digraph {\n subgraph cluster_0 { label=\"Edge\"; cdn; subgraph cluster_in { lb } }\n subgraph other { x }\n cdn -> lb -> x\n}",
        )
        .expect("a graph");
        let groups: Vec<_> = graph.groups.iter().map(|group| (group.label.as_str(), group.parent)).collect();
        assert_eq!(groups, [("Edge", None), ("in", Some(0))]);
        let places: Vec<_> = graph.components.iter().map(|component| component.group).collect();
        assert_eq!(places, [Some(0), Some(1), None]);
    }

    #[test]
    fn what_is_half_right_still_counts() {
        let graph = read("digraph {\n client -> lb\n lb -> \n app [label=\"App\"\n}\n").expect("a graph");
        assert_eq!(graph.edges.len(), 2);
        let remarks: Vec<_> = graph.remarks.iter().map(|remark| remark.message.as_str()).collect();
        assert_eq!(remarks, ["a bracket is not closed"]);
    }
}
