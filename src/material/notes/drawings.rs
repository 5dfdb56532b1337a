//! PURE. Diagram tasks in notes: what to draw, and what to include.

use super::NotesDiagram;
use super::blocks::{BlockKind, ListItem};
use super::labels::{mentions, without_number};
use super::parts::{Finder, begins, item_text, lists};

const DIAGRAMS: [&str; 8] = [
    "diagram",
    "diagrams",
    "draw",
    "drawing",
    "sketch",
    "whiteboard",
    "whiteboarding",
    "architecture practice",
];
const DRAW: [&str; 8] =
    ["draw", "sketch", "diagram", "whiteboard", "please draw", "your task", "design and draw", "model"];
const INCLUDE: [&str; 6] = ["include", "includes", "including", "components", "must have", "should contain"];

impl Finder<'_> {
    /// Reads section `index` as a diagram task, if it is one.
    pub(super) fn drawn(&mut self, index: usize, children: &[usize]) {
        let under = self.above(index).take(2).any(|above| mentions(above, &DIAGRAMS));
        if under || mentions(&self.sections[index].title, &DIAGRAMS) || self.draws(index) {
            self.diagram(index, children, under);
        }
    }

    fn draws(&self, index: usize) -> bool {
        self.own(index).iter().any(|block| match &block.kind {
            BlockKind::Paragraph(inline) => begins(&inline.text, &DRAW[..4]),
            _ => false,
        })
    }

    fn diagram(&mut self, index: usize, children: &[usize], under: bool) {
        let section = &self.sections[index];
        let mut task = NotesDiagram { at: section.at.clone(), ..NotesDiagram::default() };
        let mut including = false;
        let mut tasks: Vec<&ListItem> = Vec::new();
        for block in self.own(index) {
            match &block.kind {
                BlockKind::Paragraph(inline) => {
                    let line = inline.text.trim();
                    if begins(line, &INCLUDE) {
                        including = true;
                        let rest = line.split_once(':').map_or("", |(_, rest)| rest);
                        task.include.extend(commas(rest));
                    } else if begins(line, &DRAW) || (under && task.task.is_empty()) {
                        including = false;
                        task.task = line.trim_end_matches(':').to_owned();
                    }
                }
                BlockKind::List(items) => {
                    let texts = items.iter().map(item_text);
                    match including {
                        true => task.include.extend(texts),
                        false
                            if task.task.is_empty()
                                && items.iter().all(|item| begins(&item.text.text, &DRAW)) =>
                        {
                            tasks.extend(items);
                        }
                        false => task.draw.extend(texts),
                    }
                }
                _ => {}
            }
        }
        for &child in children {
            if begins(&self.sections[child].title, &INCLUDE) {
                task.include.extend(lists(self.own(child)));
            }
        }
        for item in tasks {
            self.listed_diagram(item);
        }
        let whole = !task.task.is_empty() && (!task.draw.is_empty() || !task.include.is_empty());
        if whole || (under && children.is_empty() && !task.draw.is_empty()) {
            task.title = without_number(&section.title);
            task.id = self.ids.of(&task.title);
            if task.task.is_empty() {
                task.task = format!("Draw: {}", task.title);
            }
            self.notes.diagrams.push(task);
        }
    }

    /// "Draw a chat system, including: gateway, queue" as one item of a list.
    fn listed_diagram(&mut self, item: &ListItem) {
        let line = item.text.text.replace('\n', " ");
        let lower = line.to_lowercase();
        let cut = ["include:", "including:", "including ", "with: "].iter().find_map(|word| {
            lower.find(word).filter(|_| lower.len() == line.len()).map(|at| (at, at + word.len()))
        });
        let (task, mut include) = match cut {
            Some((at, after)) => (&line[..at], commas(&line[after..]).collect()),
            None => (line.as_str(), Vec::new()),
        };
        include.extend(lists(&item.rest));
        let task = task.trim().trim_end_matches([',', '.', ':']).to_owned();
        let title = task.split_once(' ').map_or(task.as_str(), |(_, rest)| rest);
        let title =
            title.trim_start_matches("an ").trim_start_matches("a ").trim_start_matches("the ").to_owned();
        let id = self.ids.of(&title);
        self.notes.diagrams.push(NotesDiagram {
            id,
            title,
            task,
            include,
            at: item.at.clone(),
            draw: Vec::new(),
        });
    }
}

fn commas(text: &str) -> impl Iterator<Item = String> {
    text.split([',', ';'])
        .map(|item| item.trim().trim_start_matches("and ").trim_end_matches('.').to_owned())
        .filter(|item| !item.is_empty())
}

/// Whether code is a drawing: a language for diagrams, or lines of boxes and arrows.
pub(super) fn is_drawing(language: &str, code: &str) -> bool {
    if matches!(language, "mermaid" | "dot" | "graphviz" | "d2" | "plantuml" | "puml" | "ascii") {
        return true;
    }
    if !matches!(language, "" | "text" | "txt" | "plain" | "plaintext") {
        return false;
    }
    let signs = code
        .chars()
        .filter(|c| matches!(c, '\u{2500}'..='\u{257f}' | '→' | '←' | '↓' | '↑' | '▼' | '▲' | '►'))
        .count();
    let ascii =
        ["-->", "->", "+--", "--+", "<--"].iter().map(|sign| code.matches(sign).count()).sum::<usize>();
    signs + ascii >= 2
}
