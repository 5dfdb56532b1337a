//! PURE. What notes hold beside questions: diagram tasks, phases, criteria, checklists, topics, terms.

use std::ops::Range;

use super::blocks::{Block, BlockKind, Inline, ListItem};
use super::drawings;
use super::labels::{asks, mentions, plain, without_number};
use super::sections::Section;
use super::{Ids, Notes, NotesCode, NotesItem, NotesTable, NotesTerm, NotesTopic};

const CRITERIA: [&str; 8] = [
    "evaluation",
    "criteria",
    "rubric",
    "scoring",
    "assessment",
    "graded on",
    "judged on",
    "what interviewers look for",
];
const CHECKLIST: [&str; 8] = [
    "checklist",
    "mastery",
    "you should be able to",
    "learning goals",
    "learning objectives",
    "objectives",
    "i can",
    "self assessment",
];
const CHEATSHEET: [&str; 8] = [
    "cheat sheet",
    "cheatsheet",
    "quick reference",
    "reference sheet",
    "at a glance",
    "summary sheet",
    "crib sheet",
    "tl dr",
];
const CLARIFYING: [&str; 6] =
    ["questions to ask", "clarifying", "clarify", "ask the interviewer", "things to ask", "what to ask"];

/// Labels that name a part of an answer, and no term.
const NO_TERMS: [&str; 26] = [
    "answer",
    "question",
    "note",
    "notes",
    "example",
    "examples",
    "pros",
    "cons",
    "benefits",
    "include",
    "use case",
    "use cases",
    "best for",
    "when to use",
    "tip",
    "warning",
    "important",
    "summary",
    "problem",
    "solution",
    "advantages",
    "disadvantages",
    "good",
    "bad",
    "q",
    "a",
];

/// Fills all of `notes` but its questions, whose bytes are `taken`.
pub fn find(text: &str, blocks: &[Block], sections: &[Section], taken: &[Range<usize>], notes: &mut Notes) {
    let mut finder = Finder { text, blocks, sections, taken, ids: Ids::default(), notes };
    for (index, section) in sections.iter().enumerate() {
        if !finder.is_taken(section.at.start) {
            finder.section(index);
        }
    }
    finder.phases();
    finder.checklist();
    finder.walk(blocks);
}

/// The notes being read.
pub(super) struct Finder<'a> {
    text: &'a str,
    pub(super) blocks: &'a [Block],
    pub(super) sections: &'a [Section],
    taken: &'a [Range<usize>],
    pub(super) ids: Ids,
    pub(super) notes: &'a mut Notes,
}

impl<'a> Finder<'a> {
    pub(super) fn is_taken(&self, at: usize) -> bool {
        let after = self.taken.partition_point(|range| range.start <= at);
        after > 0 && at < self.taken[after - 1].end
    }

    pub(super) fn own(&self, index: usize) -> &'a [Block] {
        let own = &self.sections[index].own;
        &self.blocks[own.start.min(own.end)..own.end]
    }

    pub(super) fn children(&self, index: usize) -> Vec<usize> {
        (index + 1..self.sections.len())
            .take_while(|&child| self.sections[child].at.start < self.sections[index].at.end)
            .filter(|&child| self.sections[child].parent == Some(index))
            .collect()
    }

    /// Titles of the sections above, the nearest first.
    pub(super) fn above(&self, index: usize) -> impl Iterator<Item = &str> {
        std::iter::successors(self.sections[index].parent, |&at| self.sections[at].parent)
            .map(|at| self.sections[at].title.as_str())
    }

    fn section(&mut self, index: usize) {
        let title = self.sections[index].title.clone();
        let children = self.children(index);
        if mentions(&title, &CHEATSHEET) {
            self.topics(index, &children);
        } else if mentions(&title, &CLARIFYING) {
            let asked = lists(self.own(index))
                .filter(|item| asks(item))
                .map(|item| item.trim_matches(['"', '“', '”', ' ']).to_owned());
            self.notes.clarifying.extend(asked);
        } else if mentions(&title, &CRITERIA) {
            let named = lists(self.own(index)).chain(first_column(self.own(index)));
            self.notes.criteria.extend(named);
        } else {
            self.labelled_criteria(index);
            self.drawn(index, &children);
        }
    }

    /// "**Evaluation criteria:**" and a list.
    fn labelled_criteria(&mut self, index: usize) {
        for pair in self.own(index).windows(2) {
            if let [Block { kind: BlockKind::Paragraph(inline), .. }, list] = pair
                && is_label(inline)
                && mentions(&inline.text, &CRITERIA)
            {
                self.notes.criteria.extend(lists(std::slice::from_ref(list)));
            }
        }
    }

    fn topics(&mut self, index: usize, children: &[usize]) {
        for &child in children {
            let section = &self.sections[child];
            let body = without_rule(&self.text[section.body..section.at.end]);
            if !body.is_empty() {
                let title = without_number(&section.title);
                self.notes.topics.push(NotesTopic { title, body: body.to_owned(), at: section.at.clone() });
            }
        }
        if !children.is_empty() {
            return;
        }
        // A sheet that is one list: each item with a bold beginning is a topic.
        for block in self.own(index) {
            let BlockKind::List(items) = &block.kind else { continue };
            for item in items {
                if let Some(bold) = item.text.opening_bold(0..item.text.text.len()) {
                    let title = without_number(&item.text.text[bold.clone()]);
                    let body = self.text[item.text.source(bold.end)..item.at.end]
                        .trim_start_matches(['*', ':', ' ']);
                    let body = body.trim().to_owned();
                    if !body.is_empty() {
                        self.notes.topics.push(NotesTopic { title, body, at: item.at.clone() });
                    }
                }
            }
        }
    }

    fn checklist(&mut self) {
        let mut ids = Ids::default();
        let (mut items, mut loose) = (Vec::new(), Vec::new());
        self.tasks(self.blocks, &mut items);
        if items.is_empty() {
            for (index, section) in self.sections.iter().enumerate() {
                if !self.is_taken(section.at.start) && mentions(&section.title, &CHECKLIST) {
                    self.own(index).iter().for_each(|block| collect_items(block, &mut loose));
                    for child in self.children(index) {
                        self.own(child).iter().for_each(|block| collect_items(block, &mut loose));
                    }
                }
            }
            let labelled = self.blocks.windows(2).filter_map(|pair| match &pair[0].kind {
                BlockKind::Paragraph(inline) if is_label(inline) && mentions(&inline.text, &CHECKLIST) => {
                    Some(&pair[1])
                }
                _ => None,
            });
            if loose.is_empty() {
                labelled.for_each(|block| collect_items(block, &mut loose));
            }
            if loose.is_empty() {
                for block in self.blocks {
                    if let BlockKind::List(list) = &block.kind
                        && list.len() > 1
                        && list.iter().all(|item| begins(&item.text.text, &["i can", "i could", "i know"]))
                    {
                        collect_items(block, &mut loose);
                    }
                }
            }
            items = loose;
        }
        self.notes.checklist = items
            .into_iter()
            .map(|(item, done, at)| NotesItem { id: ids.of(&item), item, done, at })
            .filter(|item| !item.item.is_empty())
            .collect();
    }

    /// Items with a box, wherever they stand.
    fn tasks(&self, blocks: &[Block], into: &mut Vec<(String, bool, Range<usize>)>) {
        for block in blocks {
            match &block.kind {
                BlockKind::List(items) => {
                    for item in items {
                        if let Some(done) = item.task {
                            into.push((item_text(item), done, item.at.clone()));
                        }
                        self.tasks(&item.rest, into);
                    }
                }
                BlockKind::Quote(inner) => self.tasks(inner, into),
                _ => {}
            }
        }
    }

    /// Terms, tables and code of all blocks.
    fn walk(&mut self, blocks: &[Block]) {
        for block in blocks {
            match &block.kind {
                BlockKind::Paragraph(inline) => self.terms(inline),
                BlockKind::List(items) => {
                    for item in items {
                        self.terms(&item.text);
                        self.walk(&item.rest);
                    }
                }
                BlockKind::Quote(inner) => self.walk(inner),
                BlockKind::Definition(term, at) => {
                    let definition = self.text[at.clone()].trim_start_matches([':', '~', ' ']).trim();
                    let definition = definition.split_whitespace().collect::<Vec<_>>().join(" ");
                    self.notes.terms.push(NotesTerm { term: plain(term), definition, at: at.start });
                }
                BlockKind::Table(header, rows) => {
                    let rows = rows.iter().map(|row| row.cells.clone()).collect();
                    self.notes.tables.push(NotesTable { header: header.clone(), rows, at: block.at.clone() });
                }
                BlockKind::Code(language, code) => {
                    let drawing = drawings::is_drawing(language, code);
                    let language = language.clone();
                    self.notes.code.push(NotesCode { language, drawing, at: block.at.clone() });
                }
                _ => {}
            }
        }
    }

    /// "**Term:** what it means", at the start of a line.
    fn terms(&mut self, inline: &Inline) {
        for range in inline.lines() {
            let Some(bold) = inline.opening_bold(range.clone()) else { continue };
            if bold.end > range.end {
                continue;
            }
            let name = without_number(&inline.text[bold.clone()]);
            let rest = &inline.text[bold.end..range.end];
            let said = rest.trim_start();
            let colon = inline.text[bold.clone()].trim_end().ends_with(':');
            let definition = said.trim_start_matches([':', '-', '–', '—', '=']).trim();
            let linked = colon
                || said.starts_with([':', '–', '—', '='])
                || said.starts_with("- ")
                || ["is ", "are ", "means ", "(", "refers to "].iter().any(|word| said.starts_with(word));
            let words = name.split_whitespace().count();
            let known = mentions(&name, &NO_TERMS) && words < 3;
            if linked
                && !known
                && (1..=6).contains(&words)
                && definition.split_whitespace().count() >= 2
                && !asks(&name)
            {
                self.notes.terms.push(NotesTerm {
                    term: name,
                    definition: definition.to_owned(),
                    at: inline.source(range.start),
                });
            }
        }
    }
}

/// The texts of all items of the lists among `blocks`.
pub(super) fn lists(blocks: &[Block]) -> impl Iterator<Item = String> {
    blocks
        .iter()
        .filter_map(|block| match &block.kind {
            BlockKind::List(items) => Some(items.iter().map(item_text)),
            _ => None,
        })
        .flatten()
}

fn first_column(blocks: &[Block]) -> impl Iterator<Item = String> {
    blocks
        .iter()
        .filter_map(|block| match &block.kind {
            BlockKind::Table(_, rows) => {
                Some(rows.iter().filter_map(|row| row.cells.first().map(|cell| plain(cell))))
            }
            _ => None,
        })
        .flatten()
}

fn collect_items(block: &Block, into: &mut Vec<(String, bool, Range<usize>)>) {
    if let BlockKind::List(items) = &block.kind {
        into.extend(items.iter().map(|item| (item_text(item), false, item.at.clone())));
    }
}

pub(super) fn item_text(item: &ListItem) -> String {
    plain(&item.text.text.replace('\n', " "))
}

/// A paragraph that only names what follows.
fn is_label(inline: &Inline) -> bool {
    let text = inline.text.trim();
    !text.contains('\n') && (inline.is_bold(0..inline.text.len()) || text.ends_with(':'))
}

pub(super) fn begins(text: &str, words: &[&str]) -> bool {
    let text = plain(text).to_lowercase();
    words
        .iter()
        .any(|word| text.strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)))
}

fn without_rule(text: &str) -> &str {
    let text = text.trim();
    text.strip_suffix("---").map_or(text, str::trim)
}
