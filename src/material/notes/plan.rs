//! PURE. The plan of an interview in notes: phases with their minutes.

use super::NotesPhase;
use super::blocks::{Block, BlockKind, Row};
use super::labels::{mentions, minutes, without_number};
use super::parts::{Finder, item_text, lists};

const INTERVIEW: [&str; 11] = [
    "interview",
    "structure",
    "phase",
    "phases",
    "format",
    "schedule",
    "agenda",
    "round",
    "timeline",
    "mock",
    "framework",
];

impl Finder<'_> {
    /// The first group of lines with minutes that reads like an interview's plan.
    pub(super) fn phases(&mut self) {
        let mut groups: Vec<(bool, Vec<NotesPhase>)> = Vec::new();
        for (index, section) in self.sections.iter().enumerate() {
            if self.is_taken(section.at.start) {
                continue;
            }
            let context = mentions(&section.title, &INTERVIEW)
                || self.above(index).any(|title| mentions(title, &INTERVIEW));
            let mut group = Vec::new();
            for child in self.children(index) {
                let child_section = &self.sections[child];
                if let Some((minutes, title)) = timed(&child_section.title) {
                    let items = lists(self.own(child)).collect();
                    group.push(NotesPhase { title, minutes, items, at: child_section.at.clone() });
                }
            }
            groups.push((context, group));
            groups.extend(phases_in(self.own(index)).into_iter().map(|group| (context, group)));
        }
        let preamble = self.sections.first().map_or(self.blocks.len(), |section| section.own.start - 1);
        groups.extend(phases_in(&self.blocks[..preamble]).into_iter().map(|group| (false, group)));
        let plan = groups.into_iter().find(|(context, group)| {
            let sum: u32 = group.iter().map(|phase| phase.minutes).sum();
            let fits = (20..=480).contains(&sum);
            fits && (group.len() >= 3 || (*context && group.len() == 2)) && (*context || group.len() >= 3)
        });
        self.notes.phases = plan.map(|(_, group)| group).unwrap_or_default();
    }
}

/// Groups of timed paragraphs, items and rows among `blocks`.
fn phases_in(blocks: &[Block]) -> Vec<Vec<NotesPhase>> {
    let (mut paragraphs, mut groups): (Vec<NotesPhase>, Vec<Vec<NotesPhase>>) = (Vec::new(), Vec::new());
    for block in blocks {
        match &block.kind {
            BlockKind::Paragraph(inline) => {
                for range in inline.lines() {
                    if let Some((minutes, title)) = timed(&inline.text[range]) {
                        paragraphs.push(NotesPhase {
                            title,
                            minutes,
                            at: block.at.clone(),
                            items: Vec::new(),
                        });
                    }
                }
            }
            BlockKind::List(items) => {
                let group: Vec<NotesPhase> = items
                    .iter()
                    .filter_map(|item| {
                        let (minutes, title) = timed(item.text.text.lines().next().unwrap_or(""))?;
                        let items = lists(&item.rest).collect();
                        Some(NotesPhase { title, minutes, items, at: item.at.clone() })
                    })
                    .collect();
                if group.len() > 1 {
                    groups.push(group);
                } else if let Some(phase) = paragraphs.last_mut() {
                    phase.items.extend(items.iter().map(item_text));
                }
            }
            BlockKind::Table(header, rows) => groups.push(timed_rows(header, rows)),
            _ => {}
        }
    }
    groups.insert(0, paragraphs);
    groups
}

fn timed_rows(header: &[String], rows: &[Row]) -> Vec<NotesPhase> {
    let column =
        header.iter().position(|cell| mentions(cell, &["minutes", "min", "mins", "time", "duration"]));
    let in_minutes = column.is_some_and(|column| mentions(&header[column], &["minutes", "min", "mins"]));
    let read = |row: &Row| {
        let cell = row.cells.get(column?)?;
        let number = || in_minutes.then(|| cell.trim().parse().ok()).flatten();
        let minutes = minutes(cell).map(|(minutes, _)| minutes).or_else(number)?;
        let (_, title) = row
            .cells
            .iter()
            .enumerate()
            .find(|&(at, cell)| Some(at) != column && cell.contains(char::is_alphabetic))?;
        let items = row
            .cells
            .iter()
            .enumerate()
            .filter(|&(at, other)| Some(at) != column && other != title && !other.is_empty());
        let items = items
            .filter(|(_, cell)| cell.contains(char::is_alphabetic))
            .map(|(_, cell)| cell.clone())
            .collect();
        Some(NotesPhase { title: without_number(title), minutes, items, at: row.at.clone() })
    };
    rows.iter().filter_map(read).filter(|phase| !mentions(&phase.title, &["total", "sum"])).collect()
}

/// A short line that names a time: its minutes, and its words without them.
fn timed(line: &str) -> Option<(u32, String)> {
    let (minutes, at) = minutes(line)?;
    let (before, after) = (&line[..at.start], &line[at.end..]);
    // "Expires in 15 min" is a sentence: the time must stand apart, or lead the line.
    let apart = line[at].starts_with(['(', '['])
        || before.trim_end().ends_with([':', '-', '–', '—', '|', ','])
        || before.trim().is_empty();
    let (title, rest) = if before.contains(char::is_alphabetic) { (before, after) } else { (after, "") };
    let title =
        title.trim().trim_matches(|c: char| matches!(c, '-' | '–' | '—' | '|' | ':' | ',' | '*' | ' '));
    let short = title.split_whitespace().count() <= 8 && rest.split_whitespace().count() <= 12;
    let title = without_number(title);
    (apart && short && !title.is_empty()).then_some((minutes, title))
}
