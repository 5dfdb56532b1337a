//! PURE. The characters of a drawing by row and column; wide ones take two columns.

use unicode_width::UnicodeWidthChar;

/// Columns of a row that are read.
const WIDEST: usize = 1_000;

/// Directions in which a line may go on.
pub(super) const UP: u8 = 1;
pub(super) const DOWN: u8 = 2;
pub(super) const LEFT: u8 = 4;
pub(super) const RIGHT: u8 = 8;

/// All characters by place.
pub(super) struct Grid {
    rows: Vec<Vec<char>>,
}

impl Grid {
    pub(super) fn new(source: &str) -> Self {
        let row = |line: &str| {
            let mut cells = Vec::new();
            for character in line.chars() {
                if cells.len() >= WIDEST {
                    break;
                }
                match character {
                    '\t' => cells.resize((cells.len() / 8 + 1) * 8, ' '),
                    _ => match character.width().unwrap_or(0) {
                        0 => {}
                        1 => cells.push(character),
                        _ => cells.extend([character, '\0']),
                    },
                }
            }
            cells
        };
        Self { rows: source.lines().map(row).collect() }
    }

    pub(super) fn rows(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn width(&self, row: usize) -> usize {
        self.rows.get(row).map_or(0, Vec::len)
    }

    pub(super) fn cells(&self) -> usize {
        self.rows.iter().map(Vec::len).sum()
    }

    /// The character at a place; a blank outside.
    pub(super) fn at(&self, row: usize, column: usize) -> char {
        self.rows.get(row).and_then(|row| row.get(column)).copied().unwrap_or(' ')
    }

    /// The place one step away, if it is in the grid.
    pub(super) fn step(&self, row: usize, column: usize, direction: u8) -> Option<(usize, usize)> {
        let (row, column) = match direction {
            UP => (row.checked_sub(1)?, column),
            DOWN => (row + 1, column),
            LEFT => (row, column.checked_sub(1)?),
            _ => (row, column + 1),
        };
        (row < self.rows.len() && column < WIDEST + 2).then_some((row, column))
    }

    /// The text between two columns.
    pub(super) fn text(&self, row: usize, from: usize, to: usize) -> String {
        (from..to).map(|column| self.at(row, column)).filter(|c| *c != '\0').collect()
    }
}

pub(super) fn opposite(direction: u8) -> u8 {
    match direction {
        UP => DOWN,
        DOWN => UP,
        LEFT => RIGHT,
        _ => LEFT,
    }
}

pub(super) fn is_horizontal(c: char) -> bool {
    matches!(c, '-' | '─' | '━' | '═' | '┄' | '┈' | '╌' | '=' | '~')
}

pub(super) fn is_vertical(c: char) -> bool {
    matches!(c, '|' | '│' | '┃' | '║' | '┆' | '┊' | '╎')
}

/// The directions that a line character joins; 0 for others. Heads join at their tail.
pub(super) fn arms(c: char) -> u8 {
    match c {
        _ if is_horizontal(c) => LEFT | RIGHT,
        _ if is_vertical(c) => UP | DOWN,
        '+' | '┼' | '╋' | '╬' | '*' => UP | DOWN | LEFT | RIGHT,
        '┌' | '╔' | '╭' | '┏' => RIGHT | DOWN,
        '┐' | '╗' | '╮' | '┓' => LEFT | DOWN,
        '└' | '╚' | '╰' | '┗' => RIGHT | UP,
        '┘' | '╝' | '╯' | '┛' => LEFT | UP,
        '├' | '╠' | '┣' | '╟' => UP | DOWN | RIGHT,
        '┤' | '╣' | '┫' | '╢' => UP | DOWN | LEFT,
        '┬' | '╦' | '┳' | '╤' => LEFT | RIGHT | DOWN,
        '┴' | '╩' | '┻' | '╧' => LEFT | RIGHT | UP,
        '.' => LEFT | RIGHT | DOWN,
        '\'' | '`' => LEFT | RIGHT | UP,
        _ => opposite_or_none(head(c)),
    }
}

fn opposite_or_none(direction: u8) -> u8 {
    if direction == 0 { 0 } else { opposite(direction) }
}

/// The direction in which an arrowhead points; 0 for others.
pub(super) fn head(c: char) -> u8 {
    match c {
        '>' | '▶' | '►' | '→' | '⟶' | '▸' | '➜' | '➔' | '⇒' => RIGHT,
        '<' | '◀' | '◄' | '←' | '⟵' | '◂' | '⇐' => LEFT,
        'v' | 'V' | '▼' | '↓' | '▽' | '▾' | '⇓' => DOWN,
        '^' | '▲' | '↑' | '△' | '▴' | '⇑' => UP,
        _ => 0,
    }
}

/// An arrow in one character, shaft and all.
pub(super) fn is_whole_arrow(c: char) -> bool {
    matches!(c, '→' | '⟶' | '←' | '⟵' | '↓' | '↑' | '➜' | '➔' | '⇒' | '⇐' | '⇓' | '⇑' | '↔' | '↕')
}
