//! PURE. One graph for every format: components, edges and groups, each with the line it was drawn on.
//!
//! Readers fill a [`Builder`]; it joins what has the same id, turns containers into groups and
//! keeps within bounds, so that no input makes a graph that is too large to check.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// Components that are read at most; a drawing for people has far fewer.
pub(super) const MOST_COMPONENTS: usize = 5_000;
/// Edges that are read at most; `a & b --> c & d` multiplies.
pub(super) const MOST_EDGES: usize = 20_000;
/// Characters of a label that are kept.
const LONGEST_LABEL: usize = 300;
/// Remarks about what was not read that are kept.
const MOST_REMARKS: usize = 50;

/// How a drawing was written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputFormat {
    /// Mermaid: flowchart, architecture, C4, sequence.
    Mermaid,
    /// Graphviz DOT.
    Dot,
    /// D2.
    D2,
    /// A scene of Excalidraw, JSON.
    Excalidraw,
    /// Boxes and arrows of characters.
    #[default]
    Ascii,
}

impl InputFormat {
    /// The name in JSON and in the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mermaid => "mermaid",
            Self::Dot => "dot",
            Self::D2 => "d2",
            Self::Excalidraw => "excalidraw",
            Self::Ascii => "ascii",
        }
    }
}

/// What the outline of a component says about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// A box, or anything that says nothing.
    #[default]
    Plain,
    /// A cylinder: data is kept here.
    Cylinder,
    /// A lying cylinder: messages wait here.
    Queue,
    /// A person.
    Person,
    /// Several sheets or boxes behind one another: more than one of it.
    Several,
}

/// A part of the system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    /// Unique in the graph.
    pub id: String,
    /// What is written on it.
    pub label: String,
    /// Technology or description written below the label.
    pub detail: String,
    /// The lexicon's kind, or `unknown`.
    pub kind: String,
    /// Its outline.
    pub shape: Shape,
    /// Index of the innermost group it is in.
    pub group: Option<usize>,
    /// Line of the source, from 1; 0 where a format has none.
    pub line: usize,
}

/// Where the arrowheads are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// At the end.
    #[default]
    Forward,
    /// At both ends.
    Both,
    /// Nowhere.
    None,
}

/// A connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    /// Index of the component it leaves.
    pub from: usize,
    /// Index of the component it enters.
    pub to: usize,
    /// What is written on it; empty if nothing is.
    pub label: String,
    /// Where the arrowheads are.
    pub directed: Direction,
    /// Line of the source, from 1; 0 where a format has none.
    pub line: usize,
}

/// A frame around components.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Unique among groups.
    pub id: String,
    /// What is written on it.
    pub label: String,
    /// Index of the group around it; always smaller than its own.
    pub parent: Option<usize>,
    /// The component that stands for the whole group where an edge ends at its frame.
    pub component: Option<usize>,
    /// Line of the source, from 1.
    pub line: usize,
}

/// Something in the source that was not read, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// Line of the source, from 1; 0 for the whole.
    pub line: usize,
    /// What was not read.
    pub message: String,
}

/// A drawing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Graph {
    /// How it was written down.
    pub format: InputFormat,
    /// In order of appearance.
    pub components: Vec<Component>,
    /// In order of appearance.
    pub edges: Vec<Edge>,
    /// In order of appearance; outer before inner.
    pub groups: Vec<Group>,
    /// Text that belongs to no component.
    pub texts: Vec<String>,
    /// What was not read.
    pub remarks: Vec<Remark>,
}

impl Graph {
    /// Label of the component at `index`, or its id where nothing is written on it.
    pub fn name(&self, index: usize) -> &str {
        self.components.get(index).map_or("", |component| &component.label)
    }

    /// `A -> B`, for messages.
    pub fn edge_name(&self, edge: &Edge) -> String {
        let arrow = match edge.directed {
            Direction::Forward => "->",
            Direction::Both => "<->",
            Direction::None => "--",
        };
        format!("{} {arrow} {}", self.name(edge.from), self.name(edge.to))
    }

    /// Indices of the groups around `component`, innermost first.
    pub fn groups_of(&self, component: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut next = self.components.get(component).and_then(|component| component.group);
        while let Some(group) = next {
            found.push(group);
            next = self.groups.get(group).and_then(|group| group.parent);
        }
        found
    }
}

/// Collects what a reader finds.
#[derive(Debug, Default)]
pub(super) struct Builder {
    graph: Graph,
    components: HashMap<String, usize>,
    groups: HashMap<String, usize>,
    dropped: Vec<bool>,
    full: bool,
}

impl Builder {
    pub(super) fn new(format: InputFormat) -> Self {
        Self { graph: Graph { format, ..Graph::default() }, ..Self::default() }
    }

    /// The component with this id, made if it is new; the first one stands in when there is no more room.
    pub(super) fn component(&mut self, id: &str, line: usize) -> usize {
        if let Some(&index) = self.components.get(id) {
            return index;
        }
        if self.graph.components.len() >= MOST_COMPONENTS {
            if !self.full {
                self.full = true;
                self.remark(line, format!("only the first {MOST_COMPONENTS} components are read"));
            }
            return 0;
        }
        let index = self.graph.components.len();
        self.components.insert(id.to_owned(), index);
        self.graph.components.push(Component {
            id: id.to_owned(),
            label: clean(id),
            detail: String::new(),
            kind: String::from("unknown"),
            shape: Shape::Plain,
            group: None,
            line,
        });
        self.dropped.push(false);
        index
    }

    /// The index of the component with this id.
    pub(super) fn find(&self, id: &str) -> Option<usize> {
        self.components.get(id).copied()
    }

    /// The component at `index`.
    pub(super) fn at(&mut self, index: usize) -> &mut Component {
        &mut self.graph.components[index]
    }

    /// Writes `label` on a component, unless there is nothing to write.
    pub(super) fn label(&mut self, index: usize, label: &str) {
        let label = clean(label);
        if !label.is_empty() {
            self.graph.components[index].label = label;
        }
    }

    /// Puts a component into a group, unless it is in one already.
    pub(super) fn put(&mut self, index: usize, group: Option<usize>) {
        let component = &mut self.graph.components[index];
        if component.group.is_none() {
            component.group = group;
        }
    }

    /// The component is none after all: a column of a table, a note.
    pub(super) fn drop_component(&mut self, index: usize) {
        self.dropped[index] = true;
    }

    pub(super) fn edge(&mut self, from: usize, to: usize, label: &str, directed: Direction, line: usize) {
        if self.graph.edges.len() >= MOST_EDGES || self.graph.components.len() >= MOST_COMPONENTS {
            if self.graph.edges.len() == MOST_EDGES {
                self.remark(line, format!("only the first {MOST_EDGES} connections are read"));
            }
            return;
        }
        self.graph.edges.push(Edge { from, to, label: clean(label), directed, line });
    }

    pub(super) fn edges(&self) -> &[Edge] {
        &self.graph.edges
    }

    pub(super) fn edge_at(&mut self, index: usize) -> &mut Edge {
        &mut self.graph.edges[index]
    }

    /// Whether more edges are kept; a product of two long lists stops here.
    pub(super) fn has_room(&self) -> bool {
        self.graph.edges.len() < MOST_EDGES
    }

    /// The group with this id, made if it is new.
    pub(super) fn group(&mut self, id: &str, label: &str, parent: Option<usize>, line: usize) -> usize {
        if let Some(&index) = self.groups.get(id) {
            return index;
        }
        let index = self.graph.groups.len();
        self.groups.insert(id.to_owned(), index);
        let parent = parent.filter(|&parent| parent < index);
        self.graph.groups.push(Group {
            id: id.to_owned(),
            label: clean(label),
            parent,
            component: None,
            line,
        });
        index
    }

    pub(super) fn group_at(&mut self, index: usize) -> &mut Group {
        &mut self.graph.groups[index]
    }

    pub(super) fn text(&mut self, text: &str) {
        let text = clean(text);
        if !text.is_empty() && self.graph.texts.len() < MOST_COMPONENTS {
            self.graph.texts.push(text);
        }
    }

    /// Says what was not read; the first few of many are enough.
    pub(super) fn remark(&mut self, line: usize, message: impl Into<String>) {
        if self.graph.remarks.len() < MOST_REMARKS {
            self.graph.remarks.push(Remark { line, message: message.into() });
        }
    }

    /// The graph: a component with a group's id is that group; it stays only where an edge needs it.
    pub(super) fn finish(mut self) -> Graph {
        let mut used = vec![false; self.graph.components.len()];
        for edge in &self.graph.edges {
            used[edge.from] = true;
            used[edge.to] = true;
        }
        for index in 0..self.graph.groups.len() {
            let Some(component) = self.components.get(&self.graph.groups[index].id).copied() else {
                continue;
            };
            if self.graph.groups[index].label.is_empty() {
                self.graph.groups[index].label = self.graph.components[component].label.clone();
            }
            if used[component] {
                self.graph.components[component].label = self.graph.groups[index].label.clone();
                self.graph.components[component].group = Some(index);
                self.graph.groups[index].component = Some(component);
            } else {
                self.dropped[component] = true;
            }
        }
        self.compact();
        self.graph
    }

    /// Takes dropped components and their edges out.
    fn compact(&mut self) {
        let mut place = Vec::with_capacity(self.dropped.len());
        let mut next = 0;
        for &dropped in &self.dropped {
            place.push((!dropped).then_some(next));
            next += usize::from(!dropped);
        }
        let dropped = &self.dropped;
        let mut index = 0;
        self.graph.components.retain(|_| {
            index += 1;
            !dropped[index - 1]
        });
        self.graph.edges.retain_mut(|edge| match (place[edge.from], place[edge.to]) {
            (Some(from), Some(to)) => {
                (edge.from, edge.to) = (from, to);
                true
            }
            _ => false,
        });
        for group in &mut self.graph.groups {
            group.component = group.component.and_then(|component| place[component]);
        }
    }
}

/// What a label says: without markup, entities, icons and line breaks, and not longer than a label is.
pub(super) fn clean(label: &str) -> String {
    let label = crate::text::sanitise(label);
    let mut plain = String::with_capacity(label.len().min(LONGEST_LABEL * 2));
    let mut rest = label.as_str();
    while let Some(character) = rest.chars().next() {
        if plain.len() > LONGEST_LABEL * 6 {
            break;
        }
        let taken = match character {
            '<' => tag(rest).inspect(|_| plain.push(' ')),
            '&' | '#' => entity(rest).map(|(length, c)| {
                plain.push(c);
                length
            }),
            '\\' if rest[1..].starts_with(['n', 'l', 'r']) => {
                plain.push(' ');
                Some(2)
            }
            '`' => Some(1),
            '*' if rest.starts_with("**") => Some(2),
            _ => None,
        };
        rest = &rest[taken.unwrap_or_else(|| {
            plain.push(character);
            character.len_utf8()
        })..];
    }
    let words = plain.split_whitespace().filter(|word| !is_icon(word));
    words.collect::<Vec<_>>().join(" ").chars().take(LONGEST_LABEL).collect()
}

/// Length of the markup tag at the beginning of `text`.
fn tag(text: &str) -> Option<usize> {
    let inner = text[1..].trim_start_matches('/');
    if !inner.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let end = text.char_indices().take(200).find(|&(_, c)| c == '>')?.0;
    // `a < b and c > d` is no tag.
    let name: &str = inner.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
    const TAGS: [&str; 24] = [
        "br", "b", "i", "u", "s", "em", "strong", "sub", "sup", "small", "span", "div", "p", "font", "table",
        "tr", "td", "th", "hr", "vr", "img", "code", "o", "center",
    ];
    TAGS.contains(&name.to_ascii_lowercase().as_str()).then_some(end + 1)
}

/// Length and character of the entity at the beginning of `text`: `&amp;`, `&#35;`, `#quot;`, `#35;`.
fn entity(text: &str) -> Option<(usize, char)> {
    let end = text.char_indices().take(10).find(|&(_, c)| c == ';')?.0;
    let name = text[1..end].trim_start_matches('#');
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => char::from_u32(name.parse().ok()?).filter(|c| !c.is_control())?,
    };
    Some((end + 1, character))
}

/// `fa:fa-server` and its like.
fn is_icon(word: &str) -> bool {
    let mut parts = word.splitn(2, ':');
    matches!(parts.next(), Some("fa" | "fas" | "far" | "fab" | "fal" | "mdi" | "logos"))
        && parts.next().is_some_and(|rest| !rest.is_empty())
}

/// An id made of a label, for formats without ids.
pub(super) fn slug(label: &str) -> String {
    let mut id = String::new();
    for character in label.chars().flat_map(char::to_lowercase) {
        if character.is_alphanumeric() {
            id.push(character);
        } else if !id.ends_with('-') && !id.is_empty() {
            id.push('-');
        }
    }
    id.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_what_people_read() {
        let rows = [
            ("Load<br/>Balancer", "Load Balancer"),
            ("a < b and c > d", "a < b and c > d"),
            ("fa:fa-server **App** `server`", "App server"),
            ("R&amp;D #quot;x#quot;", "R&D \"x\""),
            ("one\\ntwo\nthree", "one two three"),
            ("esc\u{1b}[31maped", "escaped"),
        ];
        for (label, want) in rows {
            assert_eq!(clean(label), want);
        }
    }
}
