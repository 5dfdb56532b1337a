//! PURE. Words outside of boxes: `[Client]`, `(LB)` and plain names that an arrow may end at.

use super::Node;
use super::boxes::Sheet;
use super::grid::{Grid, arms, head, is_horizontal, is_vertical, is_whole_arrow};

/// Characters of a name in brackets.
const LONGEST: usize = 80;

/// Words in one row.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) text: String,
    pub(super) row: usize,
    pub(super) from: usize,
    /// The column after the last.
    pub(super) to: usize,
    /// Index of the node it would be.
    pub(super) node: usize,
}

/// Finds all words outside of boxes and on no line.
pub(super) fn find(grid: &Grid, sheet: &mut Sheet) {
    for row in 0..grid.rows() {
        let mut column = 0;
        while column < grid.width(row) {
            if !sheet.is_open(row, column) || !starts(grid, row, column) {
                column += 1;
                continue;
            }
            let (text, end, bracketed) = match bracketed(grid, sheet, row, column) {
                Some((text, end)) => (text, end, true),
                None => {
                    let end = words(grid, sheet, row, column);
                    (grid.text(row, column, end), end, false)
                }
            };
            if text.chars().any(char::is_alphanumeric) {
                let parent = sheet.inside_at(row, column);
                let node = sheet.nodes.len();
                let is_square = bracketed && grid.at(row, column) == '[';
                sheet.nodes.push(Node {
                    label: text.trim().to_owned(),
                    row,
                    is_box: is_square,
                    is_word: true,
                    is_group: false,
                    parent,
                });
                sheet.runs.push(Run { text: text.trim().to_owned(), row, from: column, to: end, node });
                sheet.used_runs.push(false);
                let mark = u32::try_from(sheet.runs.len()).unwrap_or(u32::MAX);
                sheet.run_at[row][column..end].iter_mut().for_each(|cell| *cell = mark);
            }
            column = end.max(column + 1);
        }
    }
    // The title of a group is no word of its own.
    let titles: Vec<usize> = sheet
        .runs
        .iter()
        .enumerate()
        .filter(|(_, run)| {
            sheet.nodes[run.node]
                .parent
                .is_some_and(|parent| sheet.nodes[parent].label.contains(run.text.as_str()))
        })
        .map(|(index, _)| index)
        .collect();
    for index in titles {
        sheet.used_runs[index] = true;
        let run = sheet.runs[index].clone();
        sheet.run_at[run.row][run.from..run.to].iter_mut().for_each(|cell| *cell = 0);
        sheet.nodes[run.node].is_box = false;
    }
}

fn starts(grid: &Grid, row: usize, column: usize) -> bool {
    let c = grid.at(row, column);
    (c.is_alphanumeric() && !is_connector(grid, row, column))
        || matches!(c, '[' | '(' | '{' | '"' | '#' | '@')
        || (!c.is_ascii() && !c.is_whitespace() && c != '\0' && arms(c) == 0 && !is_whole_arrow(c))
}

/// `[text]`, `(text)`, `{text}`, with brackets within brackets.
fn bracketed(grid: &Grid, sheet: &Sheet, row: usize, column: usize) -> Option<(String, usize)> {
    let open = grid.at(row, column);
    let close = match open {
        '[' => ']',
        '(' => ')',
        '{' => '}',
        _ => return None,
    };
    let mut depth = 0_usize;
    for end in column..grid.width(row).min(column + LONGEST) {
        if !sheet.is_open(row, end) {
            return None;
        }
        let c = grid.at(row, end);
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                let text = grid.text(row, column + 1, end);
                return Some((unwrapped(&text).to_owned(), end + 1));
            }
        }
    }
    None
}

/// A name without the brackets and quotes around the whole of it: `(LB)` in `[(LB)]`.
fn unwrapped(text: &str) -> &str {
    let mut text = text.trim();
    for _ in 0..4 {
        let inner = [('[', ']'), ('(', ')'), ('{', '}'), ('"', '"')].into_iter().find_map(|(open, close)| {
            text.strip_prefix(open)?.strip_suffix(close).filter(|inner| !inner.contains([open, close]))
        });
        match inner {
            Some(inner) => text = inner.trim(),
            None => break,
        }
    }
    text
}

/// The column after words parted by single blanks.
fn words(grid: &Grid, sheet: &Sheet, row: usize, column: usize) -> usize {
    let mut end = column;
    let mut at = column;
    while at < grid.width(row) && sheet.is_open(row, at) {
        let c = grid.at(row, at);
        if c == ' ' {
            let next = grid.at(row, at + 1);
            if next == ' ' || next == '[' || at + 1 >= grid.width(row) || is_connector(grid, row, at + 1) {
                break;
            }
        } else if is_connector(grid, row, at) {
            break;
        } else {
            end = at + 1;
        }
        at += 1;
    }
    end
}

/// Whether the character is part of a line, and not of a word.
pub(super) fn is_connector(grid: &Grid, row: usize, column: usize) -> bool {
    let c = grid.at(row, column);
    let before = if column == 0 { ' ' } else { grid.at(row, column - 1) };
    let after = grid.at(row, column + 1);
    let above = if row == 0 { ' ' } else { grid.at(row - 1, column) };
    let below = grid.at(row + 1, column);
    let word = |c: char| c.is_alphanumeric();
    let drawn = |c: char| !c.is_ascii() && arms(c) != 0;
    match c {
        _ if is_whole_arrow(c) || drawn(c) => true,
        '-' | '=' | '~' => {
            let joined =
                |c: char| is_horizontal(c) || matches!(c, '>' | '<' | '+' | '.' | '\'' | '`') || drawn(c);
            // `read-write` is a word, `--` and `->` are lines; so is a dash between two walls.
            (joined(before) || joined(after) || is_vertical(before) || is_vertical(after))
                && !(word(before) && word(after))
        }
        '|' => !(word(before) && word(after)),
        '+' => {
            let line = |c: char| is_horizontal(c) || c == '>' || c == '<';
            line(before) || line(after) || (is_vertical(above) && is_vertical(below))
        }
        '*' => is_horizontal(before) && is_horizontal(after),
        '>' => {
            is_horizontal(before) || (before == '>' && column > 1 && is_horizontal(grid.at(row, column - 2)))
        }
        '<' => is_horizontal(after) || (after == '<' && is_horizontal(grid.at(row, column + 2))),
        'v' | 'V' | '^' => {
            let lone = !word(before) && !word(after);
            let line = |c: char| is_vertical(c) || c == '+' || drawn(c) && head(c) == 0;
            lone && if c == '^' {
                line(below) || (ends_word(above) && starts_word(below))
            } else {
                line(above) || (ends_word(above) && starts_word(below))
            }
        }
        '.' => (is_horizontal(before) || is_horizontal(after)) && is_vertical(below),
        '\'' | '`' => (is_horizontal(before) || is_horizontal(after)) && is_vertical(above),
        '/' | '\\' => before == ' ' && matches!(after, ' ' | '\0'),
        _ => false,
    }
}

fn ends_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, ']' | ')' | '}' | '[' | '(' | '-' | '─' | '+')
}

fn starts_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '[' | '(' | '{' | ']' | ')' | '-' | '─' | '+')
}
