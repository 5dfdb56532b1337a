//! PURE. D2: shapes, containers, connections, labels, nested ids, block strings, comments.
//!
//! Statements are cut out first, with the braces between them; then each is a key, a connection or
//! an attribute. Styles, layers and imports draw no components and are left out, imports with a remark.

use std::collections::{HashMap, HashSet};

use super::graph::{Builder, Direction, Graph, InputFormat, Shape};

/// Containers within containers.
const DEEPEST: usize = 60;

/// Keys that set something and are no shapes.
const ATTRIBUTES: [&str; 40] = [
    "label",
    "shape",
    "style",
    "near",
    "icon",
    "width",
    "height",
    "direction",
    "class",
    "constraint",
    "link",
    "tooltip",
    "grid-rows",
    "grid-columns",
    "grid-gap",
    "vertical-gap",
    "horizontal-gap",
    "top",
    "left",
    "source-arrowhead",
    "target-arrowhead",
    "desc",
    "d2-config",
    "text-transform",
    "fill",
    "stroke",
    "opacity",
    "font-size",
    "font-color",
    "bold",
    "italic",
    "animated",
    "shadow",
    "multiple",
    "3d",
    "double-border",
    "stroke-width",
    "stroke-dash",
    "border-radius",
    "d2-legend",
];
/// Keys whose blocks draw nothing on this board.
const BLOCKS: [&str; 6] = ["classes", "vars", "layers", "scenarios", "steps", "style"];

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// A statement: key, value after the colon, line.
    Statement {
        key: String,
        value: String,
        line: usize,
    },
    Open,
    Close,
}

/// Reads a D2 drawing.
pub(super) fn read(source: &str) -> Graph {
    let mut reader = Reader {
        builder: Builder::new(InputFormat::D2),
        scopes: vec![Scope { path: Vec::new(), edges: Vec::new(), ignored: false }],
        tables: HashSet::new(),
        named: HashMap::new(),
        members: Vec::new(),
        several: Vec::new(),
    };
    for piece in pieces(source, &mut reader.builder) {
        reader.take(piece);
    }
    reader.finish()
}

/// Cuts the source into statements and braces.
fn pieces(source: &str, builder: &mut Builder) -> Vec<Piece> {
    let mut found = Vec::new();
    let (mut key, mut value): (String, Option<String>) = (String::new(), None);
    let (mut at, mut line, mut begun) = (0, 1, 1);
    let push = |key: &mut String, value: &mut Option<String>, line: usize, found: &mut Vec<Piece>| {
        let (taken, text) = (std::mem::take(key), value.take().unwrap_or_default());
        if !taken.trim().is_empty() {
            found.push(Piece::Statement {
                key: taken.trim().to_owned(),
                value: text.trim().to_owned(),
                line,
            });
        }
    };
    while let Some(character) = source[at..].chars().next() {
        let rest = &source[at..];
        if key.trim().is_empty() && value.is_none() {
            begun = line;
        }
        let fresh = value.as_ref().map_or(key.trim().is_empty(), |value| value.trim().is_empty());
        let spaced = at == 0 || source[..at].ends_with([' ', '\n', '\t']);
        let mut length = character.len_utf8();
        match character {
            '\\' if rest[1..].starts_with('\n') => {
                length = 2;
                line += 1;
            }
            '\n' | ';' => {
                push(&mut key, &mut value, begun, &mut found);
                line += usize::from(character == '\n');
            }
            '#' if fresh || spaced => length = rest.find('\n').unwrap_or(rest.len()),
            '"' if rest.starts_with("\"\"\"") && key.trim().is_empty() => {
                length = rest[3..].find("\"\"\"").map_or(rest.len(), |end| end + 6);
                line += rest[..length].matches('\n').count();
            }
            '"' | '\'' if fresh || (value.is_none() && is_key_start(&key)) => {
                let (text, taken) = quoted(rest, character);
                line += rest[..taken].matches('\n').count();
                match &mut value {
                    Some(value) => value.push_str(&text),
                    // Dots, colons and arrows in a quoted key are letters.
                    None => key.extend(text.chars().map(hide)),
                }
                length = taken;
            }
            '|' if value.as_ref().is_some_and(|value| value.trim().is_empty()) => {
                let (text, taken) = block(rest);
                if taken == rest.len() && !rest.trim_end().ends_with('|') {
                    builder.remark(line, "a block of text is not closed by `|`");
                }
                line += rest[..taken].matches('\n').count();
                value = Some(text);
                length = taken;
            }
            '{' if !source[..at].ends_with('$') => {
                push(&mut key, &mut value, begun, &mut found);
                found.push(Piece::Open);
            }
            '}' if value.as_ref().is_none_or(|value| !value.contains("${")) => {
                push(&mut key, &mut value, begun, &mut found);
                found.push(Piece::Close);
            }
            ':' if value.is_none() => value = Some(String::new()),
            _ => match &mut value {
                Some(value) => value.push(character),
                None => key.push(character),
            },
        }
        at += length;
    }
    push(&mut key, &mut value, begun, &mut found);
    found
}

/// Whether a name may begin after what was read of a key.
fn is_key_start(key: &str) -> bool {
    let key = key.trim_end();
    key.is_empty() || key.ends_with(['.', '>', '-', '(', '<'])
}

/// Signs that mean something in a key, taken out of the way while they are letters.
fn hide(character: char) -> char {
    match character {
        '.' => '\u{e000}',
        '-' => '\u{e001}',
        '<' => '\u{e002}',
        '>' => '\u{e003}',
        '*' => '\u{e004}',
        _ => character,
    }
}

fn shown(text: &str) -> String {
    let show = |character| match character {
        '\u{e000}' => '.',
        '\u{e001}' => '-',
        '\u{e002}' => '<',
        '\u{e003}' => '>',
        '\u{e004}' => '*',
        _ => character,
    };
    text.chars().map(show).collect()
}

fn quoted(text: &str, quote: char) -> (String, usize) {
    let mut inner = String::new();
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        if !escaped && character == quote {
            return (inner, at + 1);
        }
        if !escaped && character == '\n' {
            return (inner, at);
        }
        escaped = !escaped && character == '\\';
        if !escaped {
            inner.push(character);
        }
    }
    (inner, text.len())
}

/// `|md ... |`, with `||` or `` |` `` as longer fences; the language is dropped.
fn block(text: &str) -> (String, usize) {
    let bars = text.bytes().take_while(|&b| b == b'|').count();
    let extra: String = text[bars..]
        .chars()
        .take_while(|c| !c.is_alphanumeric() && !c.is_whitespace() && *c != '|')
        .take(2)
        .collect();
    let begin = bars + extra.len();
    let fence: String = extra.chars().rev().chain(std::iter::repeat_n('|', bars)).collect();
    let inner = &text[begin..];
    let (end, past) = match inner.find(&fence) {
        Some(end) => (end, end + fence.len()),
        None => (inner.len(), inner.len()),
    };
    let body = &inner[..end];
    let word = body.chars().take_while(char::is_ascii_alphanumeric).count();
    let body = if body[word..].starts_with(char::is_whitespace) && word <= 10 { &body[word..] } else { body };
    let plain: Vec<&str> = body.lines().map(|line| line.trim_start_matches(['#', ' ', '\t', '-'])).collect();
    (plain.join(" "), begin + past)
}

struct Scope {
    /// Ids of the containers around, lower case.
    path: Vec<String>,
    /// The edges that this block is about.
    edges: Vec<usize>,
    ignored: bool,
}

struct Reader {
    builder: Builder,
    scopes: Vec<Scope>,
    /// Shapes whose children are rows.
    tables: HashSet<String>,
    /// What the last statement named, for the block that may follow.
    named: HashMap<&'static str, Vec<String>>,
    members: Vec<usize>,
    several: Vec<usize>,
}

impl Reader {
    fn take(&mut self, piece: Piece) {
        match piece {
            Piece::Open => {
                let outer = self.scopes.last();
                let (path, ignored) =
                    outer.map_or((Vec::new(), false), |scope| (scope.path.clone(), scope.ignored));
                let ignored = ignored || self.named.contains_key("block") || path.len() >= DEEPEST;
                let path = self.named.get("path").cloned().unwrap_or(path);
                let edges = std::mem::take(&mut self.members);
                self.scopes.push(Scope { path, edges, ignored });
                self.named.clear();
            }
            Piece::Close => {
                if self.scopes.len() > 1 {
                    self.scopes.pop();
                }
                self.named.clear();
                self.members.clear();
            }
            Piece::Statement { key, value, line } => {
                self.named.clear();
                self.members.clear();
                if self.scopes.last().is_some_and(|scope| scope.ignored) {
                    return;
                }
                self.statement(&key, &value, line);
            }
        }
    }

    fn statement(&mut self, key: &str, value: &str, line: usize) {
        let bare = key.trim_start_matches(['!', '&']);
        if key.starts_with("...") || value.starts_with('@') || bare != key {
            if key.contains('@') || value.starts_with('@') {
                self.builder.remark(line, "imports are not followed: only this file is read");
            }
            self.named.insert("block", Vec::new());
            return;
        }
        if key.starts_with('(') {
            // `(a -> b)[0].style`: speaks about an edge that was drawn elsewhere.
            self.named.insert("block", Vec::new());
            return;
        }
        if key.contains('*') {
            self.builder.remark(line, "globs (`*`) are not read");
            self.named.insert("block", Vec::new());
            return;
        }
        if value.contains("${") {
            self.builder.remark(line, "variables (`${..}`) are not filled in");
        }
        let parts = connection(key);
        if parts.len() > 1 {
            self.connection(&parts, value, line);
            return;
        }
        let mut path: Vec<String> = key.split('.').map(|part| shown(part.trim())).collect();
        let attribute = path.iter().position(|part| is_attribute(part));
        if let Some(at) = attribute {
            let name = path[at].to_ascii_lowercase();
            path.truncate(at);
            self.attribute(&path, &name, key, value);
            return;
        }
        let full = self.full(&path);
        if full.is_empty() {
            return;
        }
        let index = self.shape(&full, &path, line);
        if let Some(index) = index {
            if value == "null" {
                self.builder.drop_component(index);
            } else {
                self.builder.label(index, value);
            }
        }
        self.named.insert("path", full);
    }

    /// The path from the board: the scope's, `_` going up.
    fn full(&self, path: &[String]) -> Vec<String> {
        let mut full = self.scopes.last().map_or_else(Vec::new, |scope| scope.path.clone());
        for part in path {
            if part == "_" {
                full.pop();
            } else if !part.is_empty() {
                full.push(part.to_lowercase());
            }
        }
        full.truncate(DEEPEST);
        full
    }

    /// The shape at a path; its containers become groups.
    fn shape(&mut self, full: &[String], written: &[String], line: usize) -> Option<usize> {
        let mut group = None;
        let mut id = String::new();
        for (depth, part) in full.iter().enumerate() {
            if depth > 0 {
                id.push('.');
            }
            id.push_str(part);
            let index = self.builder.component(&id, line);
            if self.builder.at(index).label == super::graph::clean(&id) {
                let offset = full.len() - depth;
                let name = written.len().checked_sub(offset).and_then(|at| written.get(at));
                let name = name.map_or(part.as_str(), String::as_str).to_owned();
                self.builder.label(index, &name);
            }
            self.builder.put(index, group);
            if depth + 1 == full.len() {
                return Some(index);
            }
            if self.tables.contains(&id) {
                return None;
            }
            group = Some(self.builder.group(&id, "", group, line));
        }
        None
    }

    /// A row of a table stands for the table.
    fn without_row<'e>(&self, mut full: Vec<String>, end: &'e [String]) -> (Vec<String>, &'e [String]) {
        let parent = full.len().saturating_sub(1);
        if parent > 0 && end.len() > 1 && self.tables.contains(&full[..parent].join(".")) {
            full.truncate(parent);
            return (full, &end[..end.len() - 1]);
        }
        (full, end)
    }

    fn connection(&mut self, parts: &[(String, Arrow)], value: &str, line: usize) {
        let mut made = Vec::new();
        for pair in parts.windows(2) {
            let [(from, arrow), (to, _)] = pair else { continue };
            let ends: Vec<Vec<String>> = [from, to]
                .iter()
                .map(|end| end.split('.').map(|part| shown(part.trim())).collect())
                .collect();
            if ends.iter().any(|end| end.iter().all(String::is_empty)) {
                self.builder.remark(line, "a connection has only one end");
                continue;
            }
            let mut indices = ends.iter().filter_map(|end| {
                let (full, end) = self.without_row(self.full(end), end);
                self.shape(&full, end, line)
            });
            let (Some(from), Some(to)) = (indices.next(), indices.next()) else { continue };
            let (from, to, directed) = match arrow {
                Arrow::Right => (from, to, Direction::Forward),
                Arrow::Left => (to, from, Direction::Forward),
                Arrow::Both => (from, to, Direction::Both),
                Arrow::Line => (from, to, Direction::None),
            };
            let before = self.builder.edges().len();
            self.builder.edge(from, to, value, directed, line);
            if self.builder.edges().len() > before {
                made.push(before);
            }
        }
        self.members = made;
        // The block after a connection is about it.
        self.named.insert("edge", Vec::new());
    }

    fn attribute(&mut self, path: &[String], name: &str, key: &str, value: &str) {
        if BLOCKS.contains(&name) {
            self.named.insert("block", Vec::new());
        }
        let edges = self.scopes.last().map_or_else(Vec::new, |scope| scope.edges.clone());
        if path.is_empty() && !edges.is_empty() {
            if name == "label" {
                for edge in edges {
                    self.builder.edge_at(edge).label = super::graph::clean(value);
                }
            }
            self.named.insert("block", Vec::new());
            return;
        }
        let full = self.full(path);
        let Some(index) = self.shape(&full, path, 0) else {
            self.named.insert("block", Vec::new());
            return;
        };
        match name {
            "label" => {
                self.builder.label(index, value);
                self.named.insert("block", Vec::new());
            }
            "shape" => {
                let shape = match value.to_ascii_lowercase().as_str() {
                    "cylinder" | "stored_data" => Shape::Cylinder,
                    "queue" => Shape::Queue,
                    "person" | "c4-person" => Shape::Person,
                    "sql_table" | "class" => {
                        self.tables.insert(full.join("."));
                        if value == "sql_table" { Shape::Cylinder } else { Shape::Plain }
                    }
                    _ => Shape::Plain,
                };
                self.builder.at(index).shape = shape;
            }
            "style" | "multiple" if key.ends_with("multiple") && value == "true" => self.several.push(index),
            "style" => {
                // `multiple` within the block makes several of it.
                self.named.insert("block", Vec::new());
            }
            _ => {
                self.named.insert("block", Vec::new());
            }
        }
    }

    fn finish(mut self) -> Graph {
        for index in self.several {
            if self.builder.at(index).shape == Shape::Plain {
                self.builder.at(index).shape = Shape::Several;
            }
        }
        self.builder.finish()
    }
}

fn is_attribute(part: &str) -> bool {
    let part = part.to_ascii_lowercase();
    ATTRIBUTES.contains(&part.as_str()) || BLOCKS.contains(&part.as_str())
}

/// What stands between two ends of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrow {
    Right,
    Left,
    Both,
    Line,
}

/// The ends of a connection, each with the arrow after it; one end if it is none.
fn connection(key: &str) -> Vec<(String, Arrow)> {
    let mut parts = Vec::new();
    let mut end = String::new();
    let mut rest = key;
    while let Some(character) = rest.chars().next() {
        let dashes = rest.trim_start_matches('<').bytes().take_while(|&b| b == b'-').count();
        let left = rest.starts_with('<');
        let length = usize::from(left) + dashes;
        let right = rest.get(length..).is_some_and(|after| after.starts_with('>'));
        let arrow = match (left, right) {
            _ if rest.starts_with('→') => Some((Arrow::Right, '→'.len_utf8())),
            _ if dashes == 0 => None,
            (true, true) => Some((Arrow::Both, length + 1)),
            (true, false) => Some((Arrow::Left, length)),
            (false, true) => Some((Arrow::Right, length + 1)),
            (false, false) if dashes >= 2 => Some((Arrow::Line, length)),
            (false, false) => None,
        };
        match arrow {
            Some((arrow, length)) => {
                parts.push((std::mem::take(&mut end).trim().to_owned(), arrow));
                rest = &rest[length..];
            }
            None => {
                end.push(character);
                rest = &rest[character.len_utf8()..];
            }
        }
    }
    parts.push((end.trim().to_owned(), Arrow::Line));
    parts
}

#[cfg(test)]
mod tests {
    use crate::diagram::{InputFormat, Shape, read_as};

    fn graph(source: &str) -> crate::diagram::Graph {
        read_as(source, InputFormat::D2).expect("a drawing")
    }

    fn edges(source: &str) -> Vec<String> {
        let graph = graph(source);
        let name = |edge: &crate::diagram::Edge| match edge.label.as_str() {
            "" => graph.edge_name(edge),
            label => format!("{}: {label}", graph.edge_name(edge)),
        };
        graph.edges.iter().map(name).collect()
    }

    #[test]
    fn connections_of_every_kind_are_read() {
        let rows: [(&str, &[&str]); 9] = [
            ("x -> y", &["x -> y"]),
            ("x <- y: back", &["y -> x: back"]),
            ("x <-> y", &["x <-> y"]),
            ("x -- y", &["x -- y"]),
            ("a -> b -> c: all", &["a -> b: all", "b -> c: all"]),
            ("a--->b; c-d -> e", &["a -> b", "c-d -> e"]),
            ("aws.ec2 -> aws.rds: {style.stroke: red}", &["ec2 -> rds"]),
            (
                "x -> y: {\n  label: hello\n  source-arrowhead: 1\n  target-arrowhead: * {shape: diamond}\n}",
                &["x -> y: hello"],
            ),
            ("\"a -> b\" -> 'c.d': |md\n  # hi\n|", &["a -> b -> c.d: hi"]),
        ];
        for (source, want) in rows {
            assert_eq!(edges(source), want, "{source}");
        }
    }

    #[test]
    fn containers_are_groups_and_may_be_ends() {
        let graph = graph(
            "# a comment\ncloud: Our cloud {\n  api: API {shape: hexagon}\n  db: {\n    shape: cylinder\n    label: Orders DB\n  }\n  api -> db\n  _.user -> api: HTTPS\n}\nuser: {shape: person}\nuser -> cloud\ncloud.cache.shape: cylinder\n\"\"\"\nx -> y\n\"\"\"\n",
        );
        let labels: Vec<_> = graph.components.iter().map(|component| component.label.as_str()).collect();
        assert_eq!(labels, ["Our cloud", "API", "Orders DB", "user", "cache"]);
        assert_eq!(graph.groups[0].label, "Our cloud");
        assert_eq!(graph.groups[0].component, Some(0));
        assert_eq!(graph.components[2].shape, Shape::Cylinder);
        assert_eq!(graph.components[3].shape, Shape::Person);
        assert_eq!(graph.edges.len(), 3);
    }

    #[test]
    fn tables_classes_and_styles_draw_nothing_more() {
        let graph = graph(
            "direction: right\nvars: {\n  d2-config: {theme-id: 4}\n}\nclasses: {\n  hot: {style.fill: red}\n}\nusers: {\n  shape: sql_table\n  id: int {constraint: primary_key}\n  name: text\n}\nweb.class: hot\nweb -> users\n",
        );
        let labels: Vec<_> = graph.components.iter().map(|component| component.label.as_str()).collect();
        assert_eq!(labels, ["users", "web"]);
        assert_eq!(graph.groups, []);
    }

    #[test]
    fn imports_and_globs_are_named() {
        let graph = graph("...@base\n*.style.fill: red\na -> b\n");
        let remarks: Vec<_> = graph.remarks.iter().map(|remark| remark.line).collect();
        assert_eq!(remarks, [1, 2]);
    }
}
