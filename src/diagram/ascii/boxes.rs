//! PURE. Boxes in a grid: found by their corners, with walls that may be crooked by three columns.

use super::super::graph::Builder;
use super::Node;
use super::grid::{Grid, head, is_horizontal, is_vertical};
use super::runs::Run;

/// Boxes that are read.
const MOST_BOXES: usize = 1_500;
/// Columns by which a right wall may be out of line.
const CROOKED: usize = 3;
/// Columns of a title in a border.
const LONGEST_TITLE: usize = 60;

/// What was found in a grid so far, and which cell belongs to what.
pub(super) struct Sheet {
    pub(super) nodes: Vec<Node>,
    pub(super) runs: Vec<Run>,
    /// Runs that label a line.
    pub(super) used_runs: Vec<bool>,
    /// By row and column: box whose border is there, + 1.
    pub(super) border: Vec<Vec<u32>>,
    /// By row and column: innermost box whose inside is there, + 1.
    pub(super) inside: Vec<Vec<u32>>,
    /// By row and column: run that is there, + 1.
    pub(super) run_at: Vec<Vec<u32>>,
}

/// A box: first and last row, first and last column, and the title in its border.
#[derive(Clone, Debug)]
struct Frame {
    top: usize,
    bottom: usize,
    left: usize,
    /// The right wall at its outermost.
    right: usize,
    /// Column of the top right corner.
    corner: usize,
    title: String,
}

impl Frame {
    fn area(&self) -> usize {
        (self.bottom - self.top) * (self.right - self.left)
    }

    fn holds(&self, other: &Frame) -> bool {
        self.top < other.top
            && other.bottom < self.bottom
            && self.left < other.left
            && other.right <= self.right
    }
}

/// Finds all boxes, outer ones first.
pub(super) fn find(grid: &Grid, builder: &mut Builder) -> Sheet {
    let mut budget = 40 * grid.cells() + 10_000;
    let mut frames = Vec::new();
    'rows: for row in 0..grid.rows() {
        for column in 0..grid.width(row) {
            if !is_top_left(grid, row, column) {
                continue;
            }
            if let Some(frame) = frame(grid, row, column, &mut budget) {
                frames.push(frame);
            }
            if frames.len() >= MOST_BOXES || budget == 0 {
                builder.remark(row + 1, "too many lines cross here: boxes from here on are not read");
                break 'rows;
            }
        }
    }
    frames.sort_by_key(|frame| std::cmp::Reverse(frame.area()));
    let blank = || (0..grid.rows()).map(|row| vec![0_u32; grid.width(row) + 3]).collect::<Vec<_>>();
    let mut sheet = Sheet {
        nodes: Vec::new(),
        runs: Vec::new(),
        used_runs: Vec::new(),
        border: blank(),
        inside: blank(),
        run_at: blank(),
    };
    let mut paint = 40 * grid.cells() + 10_000;
    for (index, frame) in frames.iter().enumerate() {
        let parent = frames[..index].iter().rposition(|outer| outer.holds(frame));
        if paint < frame.area() {
            break;
        }
        paint -= frame.area();
        sheet.paint(grid, frame, u32::try_from(index + 1).unwrap_or(u32::MAX));
        sheet.nodes.push(Node {
            label: frame.title.clone(),
            row: frame.top,
            is_box: true,
            is_word: false,
            is_group: false,
            parent,
        });
        if let Some(parent) = parent.and_then(|parent| sheet.nodes.get_mut(parent)) {
            parent.is_group = true;
        }
    }
    for (index, frame) in frames.iter().enumerate().take(sheet.nodes.len()) {
        let label = sheet.label(grid, frame, index);
        sheet.nodes[index].label = label;
    }
    sheet
}

impl Sheet {
    pub(super) fn border_at(&self, row: usize, column: usize) -> Option<usize> {
        let owner = self.border.get(row).and_then(|row| row.get(column)).copied().unwrap_or(0);
        (owner > 0).then(|| owner as usize - 1)
    }

    pub(super) fn inside_at(&self, row: usize, column: usize) -> Option<usize> {
        let owner = self.inside.get(row).and_then(|row| row.get(column)).copied().unwrap_or(0);
        (owner > 0).then(|| owner as usize - 1)
    }

    pub(super) fn run_at(&self, row: usize, column: usize) -> Option<usize> {
        let owner = self.run_at.get(row).and_then(|row| row.get(column)).copied().unwrap_or(0);
        (owner > 0).then(|| owner as usize - 1)
    }

    /// Whether lines may run here: neither on a border nor in a box without boxes in it.
    pub(super) fn is_open(&self, row: usize, column: usize) -> bool {
        self.border_at(row, column).is_none()
            && self.inside_at(row, column).is_none_or(|index| self.nodes[index].is_group)
    }

    fn paint(&mut self, grid: &Grid, frame: &Frame, mark: u32) {
        for row in frame.top..=frame.bottom {
            let edge = row == frame.top || row == frame.bottom;
            let right = right_wall(grid, row, frame).unwrap_or(frame.right);
            for column in frame.left..=right {
                let Some(border) = self.border.get_mut(row).and_then(|row| row.get_mut(column)) else {
                    continue;
                };
                if edge || column == frame.left || column == right {
                    *border = mark;
                } else {
                    *border = 0;
                    self.inside[row][column] = mark;
                }
            }
        }
    }

    /// What is written in a box: all of it, or for a group its title.
    fn label(&self, grid: &Grid, frame: &Frame, index: usize) -> String {
        if self.nodes[index].is_group && !frame.title.is_empty() {
            return frame.title.clone();
        }
        let mut lines = Vec::new();
        if !frame.title.is_empty() {
            lines.push(frame.title.clone());
        }
        for row in frame.top + 1..frame.bottom {
            let right = right_wall(grid, row, frame).unwrap_or(frame.right);
            let cells = (frame.left + 1..right).map(|column| match self.inside_at(row, column) {
                Some(owner) if owner == index => grid.at(row, column),
                _ => '\n',
            });
            let line: String = cells.filter(|c| *c != '\0').collect();
            if self.nodes[index].is_group {
                // The first words that are no line lead the group.
                let words = line.split('\n').map(str::trim).find(|words| {
                    words.chars().any(char::is_alphanumeric)
                        && !words.contains(['│', '─', '|', '►', '▼', '>'])
                });
                if let Some(words) = words {
                    return words.trim_matches(['-', ' ', '[', ']', ':']).to_owned();
                }
                continue;
            }
            let line = line.replace('\n', " ");
            let line = line.trim_matches(|c: char| c.is_whitespace() || "─━═│┃║┌┐└┘├┤".contains(c));
            if line.chars().any(char::is_alphanumeric) {
                lines.push(line.to_owned());
            }
        }
        lines.join(" ")
    }
}

fn is_top_left(grid: &Grid, row: usize, column: usize) -> bool {
    match grid.at(row, column) {
        '┌' | '╔' | '╭' | '┏' => true,
        '+' => is_horizontal(grid.at(row, column + 1)) && is_wall(grid.at(row + 1, column)),
        '.' | ',' => grid.at(row, column + 1) == '-' && matches!(grid.at(row + 1, column), '|' | '('),
        _ => false,
    }
}

fn is_top_right(c: char) -> bool {
    matches!(c, '+' | '┐' | '╗' | '╮' | '┓' | '.')
}

fn is_bottom_left(c: char) -> bool {
    matches!(c, '+' | '└' | '╚' | '╰' | '┗' | '\'' | '`')
}

fn is_bottom_right(c: char) -> bool {
    matches!(c, '+' | '┘' | '╝' | '╯' | '┛' | '\'')
}

/// A wall, or an arrow or a branch on it.
fn is_wall(c: char) -> bool {
    is_vertical(c)
        || matches!(c, '+' | '├' | '┤' | '┼' | '╟' | '╢' | '╠' | '╣' | '>' | '<' | '►' | '◄' | '▶' | '◀')
}

/// A floor or ceiling, or an arrow or a branch on it.
fn is_floor(c: char) -> bool {
    is_horizontal(c) || matches!(c, '┬' | '┴' | '┼' | '╤' | '╧' | '╦' | '╩' | '_') || matches!(head(c), 1 | 2)
}

/// The box whose top left corner is here.
fn frame(grid: &Grid, top: usize, left: usize, budget: &mut usize) -> Option<Frame> {
    let mut column = left + 1;
    let mut title = String::new();
    let mut tried = 0;
    while column < grid.width(top) {
        *budget = budget.checked_sub(1).unwrap_or(0);
        if *budget == 0 {
            return None;
        }
        let c = grid.at(top, column);
        if is_top_right(c) && column > left + 1 {
            if let Some((bottom, right)) = walls(grid, top, left, column, budget) {
                return Some(Frame { top, bottom, left, right, corner: column, title });
            }
            tried += 1;
            if tried > 3 || c != '+' {
                return None;
            }
        } else if !is_floor(c) {
            if !title.is_empty() || column == left + 1 && c != ' ' && !c.is_alphanumeric() && c != '[' {
                return None;
            }
            let end = (column + 1..grid.width(top).min(column + LONGEST_TITLE)).find(|&end| {
                is_horizontal(grid.at(top, end)) && is_floor(grid.at(top, end + 1))
                    || matches!(grid.at(top, end), '┐' | '╗' | '╮' | '┓' | '+')
            });
            let end = end?;
            let text = grid.text(top, column, end);
            if !text.chars().any(char::is_alphanumeric) || text.contains(['│', '|']) {
                return None;
            }
            title = text.trim_matches([' ', '[', ']', '(', ')', '┤', '├', '-', '─']).to_owned();
            column = end;
            continue;
        }
        column += 1;
    }
    None
}

/// The bottom row and right column of a box with this top.
fn walls(grid: &Grid, top: usize, left: usize, right: usize, budget: &mut usize) -> Option<(usize, usize)> {
    let mut missing = 0_usize;
    let mut outermost = right;
    for row in top + 1..grid.rows() {
        *budget = budget.checked_sub(2 * CROOKED + 2).unwrap_or(0);
        if *budget == 0 {
            return None;
        }
        let c = grid.at(row, left);
        if is_bottom_left(c) && row > top + 1 && is_floor_or_corner(grid.at(row, left + 1)) {
            let mut end = left + 1;
            while is_floor(grid.at(row, end)) {
                end += 1;
                *budget = budget.checked_sub(1).unwrap_or(0);
            }
            // `+` within the floor is a branch to the boxes below.
            while grid.at(row, end) == '+' && end + CROOKED < right && is_floor(grid.at(row, end + 1)) {
                end += 1;
                while is_floor(grid.at(row, end)) {
                    end += 1;
                    *budget = budget.checked_sub(1).unwrap_or(0);
                }
            }
            let closes = is_bottom_right(grid.at(row, end)) && end.abs_diff(right) <= CROOKED + 1;
            return (closes && missing * 2 <= row - top).then_some((row, outermost.max(end)));
        }
        if !is_wall(c) {
            return None;
        }
        let near = wall_near(grid, row, right);
        match near {
            Some(at) => outermost = outermost.max(at),
            None => missing += 1,
        }
        if missing > 2 && missing * 2 > row - top {
            return None;
        }
    }
    None
}

fn is_floor_or_corner(c: char) -> bool {
    is_floor(c) || c == '+'
}

/// The column of the right wall in a row.
fn right_wall(grid: &Grid, row: usize, frame: &Frame) -> Option<usize> {
    if row == frame.top || row == frame.bottom {
        let from = frame.right.saturating_sub(2 * CROOKED).max(frame.left + 1);
        let ends = |c| is_bottom_right(c) || is_top_right(c) || is_wall(c);
        return (from..=frame.right).rev().find(|&column| ends(grid.at(row, column)));
    }
    wall_near(grid, row, frame.corner).filter(|&column| column <= frame.right)
}

/// The wall nearest to where it should be; an arrowhead is one only right there.
fn wall_near(grid: &Grid, row: usize, column: usize) -> Option<usize> {
    if is_wall(grid.at(row, column)) {
        return Some(column);
    }
    let near = (1..=CROOKED).flat_map(|off| [Some(column + off), column.checked_sub(off)]).flatten();
    near.into_iter().find(|&at| is_vertical(grid.at(row, at)))
}
