//! PURE. Study notes in Markdown, or cards as text: what is asked, drawn, timed and ticked in them.
//!
//! [`Notes::read`] finds; nothing is invented: every part has its bytes in the text, and the
//! reference of a question is the Markdown of its answer.

mod blocks;
mod cards;
mod drawings;
mod front;
mod labels;
mod outline;
mod parts;
mod passages;
mod plan;
mod questions;
mod sections;
#[cfg(test)]
mod tests;

use std::ops::Range;

use serde::Serialize;

pub use labels::slug;
pub use passages::{Passage, passages};

/// What was found in one file of notes.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Notes {
    /// Of the front matter, else the first heading of level 1, else the file's name.
    pub title: String,
    /// Of the front matter.
    pub tags: Vec<String>,
    /// Headings in order.
    pub sections: Vec<NotesSection>,
    /// Questions with an answer.
    pub questions: Vec<NotesQuestion>,
    /// Questions without one.
    pub unanswered: Vec<String>,
    /// Diagram tasks.
    pub diagrams: Vec<NotesDiagram>,
    /// Phases of an interview.
    pub phases: Vec<NotesPhase>,
    /// What an interview is judged by.
    pub criteria: Vec<String>,
    /// Questions to ask the interviewer.
    pub clarifying: Vec<String>,
    /// Topics of a cheat sheet.
    pub topics: Vec<NotesTopic>,
    /// Things to master.
    pub checklist: Vec<NotesItem>,
    /// Terms with their definition.
    pub terms: Vec<NotesTerm>,
    /// Tables.
    pub tables: Vec<NotesTable>,
    /// Code and drawings.
    pub code: Vec<NotesCode>,
}

/// A heading and what stands under it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NotesSection {
    /// The heading's words.
    pub title: String,
    /// 1 to 6.
    pub level: u8,
    /// Bytes from the heading to the next one that is not deeper.
    pub at: Range<usize>,
}

/// A question with the answer that the notes give.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NotesQuestion {
    /// Unique in the file.
    pub id: String,
    /// The question in plain words.
    pub question: String,
    /// Markdown of the answer.
    pub answer: String,
    /// Bytes of question and answer.
    pub at: Range<usize>,
    /// Headings above it.
    pub path: Vec<String>,
    /// Made from a heading or an outline, because the notes ask nothing themselves.
    pub derived: bool,
}

/// Something to draw.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct NotesDiagram {
    /// Unique in the file.
    pub id: String,
    /// Its heading, without a number.
    pub title: String,
    /// The sentence that says what to draw.
    pub task: String,
    /// What to draw.
    pub draw: Vec<String>,
    /// What to include.
    pub include: Vec<String>,
    /// Bytes of the task.
    pub at: Range<usize>,
}

/// A timed part of an interview.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct NotesPhase {
    /// Its name.
    pub title: String,
    /// Its length.
    pub minutes: u32,
    /// What to do in it.
    pub items: Vec<String>,
    /// Bytes of its heading.
    pub at: Range<usize>,
}

/// A topic of a cheat sheet.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NotesTopic {
    /// Its heading.
    pub title: String,
    /// Markdown under the heading.
    pub body: String,
    /// Bytes of heading and body.
    pub at: Range<usize>,
}

/// Something to master.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NotesItem {
    /// Unique in the file.
    pub id: String,
    /// What one can do.
    pub item: String,
    /// Ticked in the notes.
    pub done: bool,
    /// Bytes of the item.
    pub at: Range<usize>,
}

/// A term and what it means.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NotesTerm {
    /// The term.
    pub term: String,
    /// Its definition in plain words.
    pub definition: String,
    /// Byte at which it stands.
    pub at: usize,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NotesTable {
    /// Header cells.
    pub header: Vec<String>,
    /// Cells of each row.
    pub rows: Vec<Vec<String>>,
    /// Bytes of the table.
    pub at: Range<usize>,
}

/// A block of code.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NotesCode {
    /// Language of the fence; empty if none.
    pub language: String,
    /// It draws boxes and arrows.
    pub drawing: bool,
    /// Bytes of the block.
    pub at: Range<usize>,
}

impl Notes {
    /// Finds what `text` holds; `name` is the file's name without its folder. Linear in the
    /// length of `text`, which should have passed [`crate::text::decode`].
    pub fn read(text: &str, name: &str) -> Self {
        if let Some(cards) = cards::read(text, name) {
            return cards;
        }
        let front = front::read(text);
        let blocks = blocks::blocks(text, front.end);
        let sections = sections::sections(&blocks, text.len());
        let mut notes = Self { tags: front.tags, ..Self::default() };
        let first = sections.iter().find(|section| section.level == 1).or(sections.first());
        notes.title = front
            .title
            .or_else(|| first.map(|section| labels::plain(&section.title)))
            .filter(|title| !title.is_empty())
            .unwrap_or_else(|| title_of(name));
        let taken = questions::find(text, &blocks, &sections, &mut notes);
        parts::find(text, &blocks, &sections, &taken, &mut notes);
        if notes.questions.is_empty() {
            outline::derive(text, &blocks, &sections, &mut notes);
        }
        notes.sections = sections
            .into_iter()
            .map(|section| NotesSection { title: section.title, level: section.level, at: section.at })
            .collect();
        notes
    }
}

/// A file's name as a title: `day-21_notes.md` gives `Day 21 notes`.
fn title_of(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let words =
        stem.split(['-', '_', ' ', '.']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let mut letters = words.chars();
    letters.next().map_or_else(|| "Notes".to_owned(), |first| first.to_uppercase().chain(letters).collect())
}

/// Ids made from texts, unique by a number where two are the same.
#[derive(Debug, Default)]
struct Ids(std::collections::HashMap<String, usize>);

impl Ids {
    fn of(&mut self, text: &str) -> String {
        let id = slug(text);
        let mut unique = id.clone();
        // "cdn-2" may be somebody's own id as well, so the number goes on until one is free.
        while self.0.contains_key(&unique) {
            let count = self.0.entry(id.clone()).or_insert(1);
            *count += 1;
            unique = format!("{id}-{count}");
        }
        self.0.insert(unique.clone(), 1);
        unique
    }
}

/// How many of each part were found in a file; kept with it, and printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(default)]
pub struct NotesCounts {
    /// Questions with an answer, derived ones not counted.
    pub questions: usize,
    /// Topics to explain, made from headings or an outline.
    pub derived: usize,
    /// Questions without an answer.
    pub unanswered: usize,
    /// Diagram tasks.
    pub diagrams: usize,
    /// Phases of an interview.
    pub phases: usize,
    /// Criteria.
    pub criteria: usize,
    /// Questions to ask the interviewer.
    pub clarifying: usize,
    /// Topics of a cheat sheet.
    pub topics: usize,
    /// Things to master.
    pub checklist: usize,
    /// Terms with a definition.
    pub terms: usize,
    /// Tables.
    pub tables: usize,
    /// Blocks of code.
    pub code: usize,
    /// Of these, drawings.
    pub drawings: usize,
    /// Passages for search.
    pub passages: usize,
}

impl Notes {
    /// Counts what was found; `passages` is the number of passages.
    pub fn counts(&self, passages: usize) -> NotesCounts {
        let derived = self.questions.iter().filter(|question| question.derived).count();
        NotesCounts {
            questions: self.questions.len() - derived,
            derived,
            unanswered: self.unanswered.len(),
            diagrams: self.diagrams.len(),
            phases: self.phases.len(),
            criteria: self.criteria.len(),
            clarifying: self.clarifying.len(),
            topics: self.topics.len(),
            checklist: self.checklist.len(),
            terms: self.terms.len(),
            tables: self.tables.len(),
            code: self.code.len(),
            drawings: self.code.iter().filter(|code| code.drawing).count(),
            passages,
        }
    }
}
