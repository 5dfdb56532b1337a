//! PURE. Lines: every connected set of line characters, what it touches, and the edges it draws.
//!
//! Each cell is visited once an axis, so following lines is linear in the size of the drawing.

use std::collections::HashSet;

use super::super::graph::Direction;
use super::boxes::Sheet;
use super::grid::{
    DOWN, Grid, LEFT, RIGHT, UP, arms, head, is_horizontal, is_vertical, is_whole_arrow, opposite,
};
use super::runs::is_connector;

/// Columns that a label may take in a line.
const LONGEST_LABEL: usize = 48;
/// Ends of one network.
const MOST_ENDS: usize = 200;

/// Where a line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct End {
    pub(super) node: usize,
    has_head: bool,
}

/// A connected set of line characters.
#[derive(Debug, Default)]
pub(super) struct Network {
    pub(super) ends: Vec<End>,
    label: String,
    row: usize,
}

impl Network {
    /// Calls `edge` with (from, to, label, direction, row) for every edge that the lines draw.
    pub(super) fn edges(&self, mut edge: impl FnMut(usize, usize, &str, Direction, usize)) {
        let heads: Vec<usize> = self.ends.iter().filter(|end| end.has_head).map(|end| end.node).collect();
        let tails: Vec<usize> = self.ends.iter().filter(|end| !end.has_head).map(|end| end.node).collect();
        if heads.is_empty() || tails.is_empty() {
            let directed = if heads.is_empty() { Direction::None } else { Direction::Both };
            let ends = if heads.is_empty() { tails } else { heads };
            if let Some((first, others)) = ends.split_first() {
                others.iter().for_each(|other| edge(*first, *other, &self.label, directed, self.row));
            }
            return;
        }
        for from in &tails {
            for to in &heads {
                edge(*from, *to, &self.label, Direction::Forward, self.row);
            }
        }
    }
}

/// What lies beyond the last character of a line.
enum Beyond {
    /// The line goes on there.
    Line(usize, usize),
    /// The line goes on after a label.
    Label {
        text: String,
        run: Option<usize>,
        row: usize,
        column: usize,
    },
    /// A box or a word.
    Node(usize, bool),
    Nothing,
}

struct Tracer<'a> {
    grid: &'a Grid,
    sheet: &'a mut Sheet,
    seen: HashSet<(usize, usize, bool)>,
}

/// Finds all networks that touch something.
pub(super) fn find(grid: &Grid, sheet: &mut Sheet) -> Vec<Network> {
    let mut tracer = Tracer { grid, sheet, seen: HashSet::new() };
    let mut found = Vec::new();
    for row in 0..grid.rows() {
        for column in 0..grid.width(row) {
            if !tracer.is_line(row, column) {
                continue;
            }
            for axis in [false, true] {
                if !tracer.seen.contains(&tracer.key(row, column, axis)) {
                    let network = tracer.follow(row, column, axis);
                    if network.ends.len() > 1 {
                        found.push(network);
                    }
                }
            }
        }
    }
    found
}

impl Tracer<'_> {
    fn is_line(&self, row: usize, column: usize) -> bool {
        let c = self.grid.at(row, column);
        (arms(c) != 0 || is_whole_arrow(c) || matches!(c, '/' | '\\'))
            && self.sheet.run_at(row, column).is_none()
            && self.sheet.is_open(row, column)
            && is_connector(self.grid, row, column)
    }

    /// A crossing is two places: one for each axis.
    fn key(&self, row: usize, column: usize, vertical: bool) -> (usize, usize, bool) {
        (row, column, vertical && matches!(self.grid.at(row, column), '┼' | '╋' | '╬'))
    }

    fn follow(&mut self, row: usize, column: usize, axis: bool) -> Network {
        let mut network = Network { row, ..Network::default() };
        let mut ends = HashSet::new();
        let mut cells = Vec::new();
        let mut waiting = vec![self.key(row, column, axis)];
        self.seen.insert(waiting[0]);
        while let Some((row, column, vertical)) = waiting.pop() {
            cells.push((row, column));
            for direction in self.directions(row, column, vertical) {
                match self.beyond(row, column, direction) {
                    Beyond::Line(row, column) => self.visit(row, column, direction, &mut waiting),
                    Beyond::Label { text, run, row, column } => {
                        if network.label.is_empty() {
                            network.label = text;
                        }
                        if let Some(run) = run {
                            self.sheet.used_runs[run] = true;
                        }
                        self.visit(row, column, direction, &mut waiting);
                    }
                    Beyond::Node(node, has_head) => {
                        let end = End { node, has_head };
                        if network.ends.len() < MOST_ENDS && ends.insert(end) {
                            network.ends.push(end);
                        }
                    }
                    Beyond::Nothing => {}
                }
            }
        }
        // A box that a line both leaves and enters is where it ends.
        let with_head: HashSet<usize> =
            network.ends.iter().filter(|end| end.has_head).map(|end| end.node).collect();
        network.ends.retain(|end| end.has_head || !with_head.contains(&end.node));
        network.ends.sort_by_key(|end| end.node);
        if network.label.is_empty() && network.ends.len() > 1 {
            network.label = self.label_beside(&cells, &network.ends);
        }
        network
    }

    fn visit(&mut self, row: usize, column: usize, direction: u8, waiting: &mut Vec<(usize, usize, bool)>) {
        let key = self.key(row, column, matches!(direction, UP | DOWN));
        if self.seen.insert(key) {
            waiting.push(key);
        }
    }

    fn directions(&self, row: usize, column: usize, vertical: bool) -> Vec<u8> {
        let c = self.grid.at(row, column);
        let both = match c {
            '┼' | '╋' | '╬' => return if vertical { vec![UP, DOWN] } else { vec![LEFT, RIGHT] },
            '↔' => LEFT | RIGHT,
            '↕' | '/' | '\\' => UP | DOWN,
            _ => arms(c) | head(c),
        };
        [UP, DOWN, LEFT, RIGHT].into_iter().filter(|direction| both & direction != 0).collect()
    }

    fn beyond(&self, row: usize, column: usize, direction: u8) -> Beyond {
        let c = self.grid.at(row, column);
        let points = head(c) == direction || matches!(c, '↔' | '↕');
        let step = |row, column| self.grid.step(row, column, direction);
        if matches!(c, '/' | '\\') {
            return self.diagonal(row, column, direction, c);
        }
        let Some((row, column)) = step(row, column) else { return Beyond::Nothing };
        let next = self.grid.at(row, column);
        if self.is_line(row, column) {
            if arms(next) & opposite(direction) != 0 && (!points || head(next) == direction) {
                return Beyond::Line(row, column);
            }
            // Heads that point at the line they begin: `<--`.
            if head(next) == opposite(direction) || head(next) == direction {
                return Beyond::Line(row, column);
            }
            // A line that is crossed.
            let crossed =
                if matches!(direction, LEFT | RIGHT) { is_vertical(next) } else { is_horizontal(next) };
            if crossed
                && let Some((row, column)) = step(row, column)
                && self.is_line(row, column)
                && arms(self.grid.at(row, column)) & opposite(direction) != 0
            {
                return Beyond::Line(row, column);
            }
            return Beyond::Nothing;
        }
        let across = matches!(direction, LEFT | RIGHT);
        if across
            && !points
            && let Some(label) = self.label_gap(row, column, direction)
        {
            return label;
        }
        let (mut row, mut column) = (row, column);
        for gap in 0..=(if across { 2 } else { 1 }) {
            if let Some(node) = self.node_at(row, column, across || gap == 0) {
                let on_border = head(self.grid.at(row, column)) == direction
                    && self.sheet.border_at(row, column).is_some();
                return Beyond::Node(node, points || on_border);
            }
            if self.grid.at(row, column) != ' ' {
                return Beyond::Nothing;
            }
            match step(row, column) {
                Some(next) => (row, column) = next,
                None => return Beyond::Nothing,
            }
        }
        Beyond::Nothing
    }

    fn node_at(&self, row: usize, column: usize, words: bool) -> Option<usize> {
        if let Some(node) = self.sheet.border_at(row, column) {
            return Some(node);
        }
        self.sheet.run_at(row, column).filter(|_| words).map(|run| self.sheet.runs[run].node)
    }

    fn diagonal(&self, row: usize, column: usize, direction: u8, c: char) -> Beyond {
        let Some((row, _)) = self.grid.step(row, column, direction) else { return Beyond::Nothing };
        let left = (c == '/') == (direction == DOWN);
        let shifted = if left { column.checked_sub(1) } else { Some(column + 1) };
        let Some(shifted) = shifted else { return Beyond::Nothing };
        if self.grid.at(row, shifted) == c && self.is_line(row, shifted) {
            return Beyond::Line(row, shifted);
        }
        let further = if left { shifted.checked_sub(1) } else { Some(shifted + 1) };
        for column in [Some(shifted), Some(column), further].into_iter().flatten() {
            if let Some(node) = self.node_at(row, column, true) {
                return Beyond::Node(node, false);
            }
        }
        Beyond::Nothing
    }

    /// `--- HTTP --->`: words between two pieces of one line.
    fn label_gap(&self, row: usize, column: usize, direction: u8) -> Option<Beyond> {
        let mut at = column;
        let mut words = String::new();
        let mut run = None;
        for _ in 0..LONGEST_LABEL {
            if self.sheet.border_at(row, at).is_some() || at >= self.grid.width(row) {
                return None;
            }
            let c = self.grid.at(row, at);
            if self.is_line(row, at) {
                let c_head = head(c);
                let goes_on = is_horizontal(c) || c_head == direction;
                if !goes_on || !words.chars().any(char::is_alphanumeric) {
                    return None;
                }
                let text = if direction == LEFT { words.chars().rev().collect() } else { words };
                let text = text.trim().to_owned();
                return Some(Beyond::Label { text, run, row, column: at });
            }
            if let Some(index) = self.sheet.run_at(row, at) {
                // A name in square brackets is a node, never a label.
                if self.sheet.nodes[self.sheet.runs[index].node].is_box
                    || matches!(self.grid.at(row, self.sheet.runs[index].from), '(' | '{' | '[')
                {
                    return None;
                }
                run = Some(index);
            }
            if c != '\0' {
                words.push(c);
            }
            at = if direction == LEFT { at.checked_sub(1)? } else { at + 1 };
        }
        None
    }

    /// Words right beside the line: after a vertical piece, above or below a horizontal one.
    fn label_beside(&mut self, cells: &[(usize, usize)], ends: &[End]) -> String {
        for &(row, column) in cells.iter().take(2_000) {
            let c = self.grid.at(row, column);
            let mut places = Vec::new();
            if is_vertical(c) {
                places.extend([
                    (Some(row), Some(column + 2)),
                    (Some(row), Some(column + 1)),
                    (Some(row), column.checked_sub(2)),
                ]);
            } else if is_horizontal(c) {
                places.extend([(row.checked_sub(1), Some(column)), (Some(row + 1), Some(column))]);
            }
            for (row, column) in places {
                let (Some(row), Some(column)) = (row, column) else { continue };
                let Some(index) = self.sheet.run_at(row, column) else { continue };
                let run = &self.sheet.runs[index];
                let node = &self.sheet.nodes[run.node];
                if self.sheet.used_runs[index] || node.is_box || ends.iter().any(|end| end.node == run.node) {
                    continue;
                }
                if self.is_touched(run.row, run.from, run.to) {
                    continue;
                }
                let text = run.text.clone();
                self.sheet.used_runs[index] = true;
                return text;
            }
        }
        String::new()
    }

    /// Whether some line ends at the words: then they are a node.
    fn is_touched(&self, row: usize, from: usize, to: usize) -> bool {
        let beside = (from > 1
            && self.is_line(row, from - 2)
            && self.is_line(row, from - 2)
            && is_horizontal(self.grid.at(row, from - 2)))
            || (from > 1 && head(self.grid.at(row, from - 2)) == RIGHT)
            || (is_horizontal(self.grid.at(row, to + 1)) && self.is_line(row, to + 1));
        let above = row > 0
            && (from..to)
                .any(|column| head(self.grid.at(row - 1, column)) == DOWN && self.is_line(row - 1, column));
        beside || above
    }
}
