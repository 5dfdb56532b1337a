//! PURE. Markdown for a terminal while it streams: words appear as soon as they are there.
//!
//! Headings, lists, quotes, tables, code, bold and links; lines are broken at a width. The result does not
//! depend on how the text was cut, and steering characters of it never pass.

mod table;
mod words;

use unicode_width::UnicodeWidthStr;

use crate::text::Sanitiser;
use table::TableLines;
use words::Words;

/// Whether colours and bold may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Words and line breaks only.
    Plain,
    /// With ANSI sequences.
    Colour,
}

/// Renders a whole text.
pub fn terminal_markdown(text: &str, width: usize, paint: Paint) -> String {
    let mut stream = TerminalMarkdown::new(width, paint);
    let mut out = stream.push(text);
    out.push_str(&stream.finish());
    out
}

/// Renders a text that comes in pieces.
#[derive(Debug)]
pub struct TerminalMarkdown {
    width: usize,
    sanitiser: Sanitiser,
    /// The start of a line, until it is known what the line is.
    start: String,
    state: State,
    out: String,
    words: Words,
    table: TableLines,
    /// A blank line stands between what was printed and what comes.
    gap: bool,
    /// Something was printed, so that a gap may be.
    printed: bool,
    /// Indent of the list item that text without a mark goes on.
    item: usize,
    paragraph: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// At the start of a line.
    Start,
    /// In the words of a paragraph, an item or a heading.
    Text,
    /// Reading a whole line that is, or may be, a row of a table.
    Row,
    /// In a block of code, with the fence that ends it.
    Code(String),
}

/// What a line turns out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Line {
    Heading(u8),
    /// The mark to print, and columns before it.
    Item(String, usize),
    Quote,
    Row,
    Fence(String),
    Rule,
    Blank,
    Ignored,
    Text,
}

impl TerminalMarkdown {
    /// Starts with nothing printed, at the first column of a line.
    pub fn new(width: usize, paint: Paint) -> Self {
        Self {
            width: width.max(20),
            sanitiser: Sanitiser::default(),
            start: String::new(),
            state: State::Start,
            out: String::new(),
            words: Words::new(width.max(20), paint),
            table: TableLines::default(),
            gap: false,
            printed: false,
            item: 0,
            paragraph: false,
        }
    }

    /// Takes the next piece; returns all that a terminal can show of it, the beginning of a word too.
    ///
    /// A beginning that turns out not to fit on its line is taken back with backspaces.
    pub fn push_eagerly(&mut self, piece: &str) -> String {
        let mut out = self.push(piece);
        // The last word of a line is whole, though it is not known yet what follows it.
        if matches!(self.state, State::Text | State::Start) {
            self.words.show_partial(&mut out);
        }
        out
    }

    /// The terminal has another width now; lines that are printed stay as they are.
    pub fn set_width(&mut self, width: usize) {
        self.width = width.max(20);
        self.words.set_width(self.width);
    }

    /// Takes the next piece; returns the words that are whole now.
    pub fn push(&mut self, piece: &str) -> String {
        let mut clean = String::new();
        self.sanitiser.push(piece, &mut clean);
        for character in clean.chars() {
            self.take(character);
        }
        std::mem::take(&mut self.out)
    }

    /// Ends the text; returns what is left, with a line break at its end if anything was printed.
    pub fn finish(&mut self) -> String {
        if !self.start.is_empty() || self.state == State::Row {
            self.take('\n');
        }
        self.end_block();
        self.flush_table();
        self.state = State::Start;
        std::mem::take(&mut self.out)
    }

    fn take(&mut self, character: char) {
        match &self.state {
            State::Text if character == '\n' => self.state = State::Start,
            State::Text => self.words.take(character, &mut self.out),
            State::Start | State::Row | State::Code(_) if character != '\n' => {
                self.start.push(character);
                if self.state == State::Start
                    && let Some(line) = decide(&self.start, false)
                {
                    self.begin(line);
                }
            }
            State::Start => {
                let line = decide(&self.start, true).unwrap_or(Line::Text);
                self.begin(line);
                if self.state == State::Row {
                    self.row();
                } else if self.state == State::Text {
                    self.state = State::Start;
                }
            }
            State::Row => self.row(),
            State::Code(fence) => {
                let line = std::mem::take(&mut self.start);
                let mark = line.trim();
                if mark.len() >= fence.len()
                    && mark.starts_with(fence.as_str())
                    && mark.chars().all(|c| fence.starts_with(c))
                {
                    self.state = State::Start;
                    self.gap = true;
                } else {
                    self.words.code_line(&line, &mut self.out);
                }
            }
        }
    }

    fn row(&mut self) {
        let line = std::mem::take(&mut self.start);
        self.state = State::Start;
        if !self.table.push(&line) {
            self.flush_table();
        }
    }

    /// Begins the line that `self.start` turned out to be.
    fn begin(&mut self, line: Line) {
        let start = std::mem::take(&mut self.start);
        if line != Line::Row {
            self.flush_table();
        }
        match line {
            Line::Blank => {
                self.end_block();
                self.gap = self.printed;
            }
            Line::Ignored => {}
            Line::Rule => {
                self.block(self.printed);
                self.out.push_str(&"─".repeat(self.width.min(40)));
                self.out.push('\n');
                (self.gap, self.printed) = (true, true);
            }
            Line::Fence(fence) => {
                self.block(self.printed);
                self.printed = true;
                self.state = State::Code(fence);
            }
            Line::Row => {
                if self.table.is_empty() {
                    self.block(self.gap || self.paragraph);
                    self.printed = true;
                }
                self.start = start;
                self.state = State::Row;
            }
            Line::Heading(level) => {
                self.block(self.printed);
                self.item = 0;
                self.printed = true;
                self.words.begin_heading(level, &mut self.out);
                (self.state, self.paragraph) = (State::Text, false);
            }
            Line::Item(mark, indent) => {
                self.block(self.gap || (self.paragraph && self.item == 0));
                let lead = " ".repeat(indent);
                let column = indent + mark.width() + 1;
                self.words.begin(&format!("{lead}{mark} "), &" ".repeat(column), &mut self.out);
                (self.item, self.printed, self.paragraph) = (column, true, false);
                self.state = State::Text;
                // What followed the mark before it was certain to be one.
                let rest = start.trim_start().split_once(' ').map_or("", |(_, rest)| rest);
                rest.chars().for_each(|character| self.words.take(character, &mut self.out));
            }
            Line::Quote => {
                if !self.words.quoted() || self.gap {
                    self.block(self.printed && !self.words.quoted());
                    self.words.begin("│ ", "│ ", &mut self.out);
                    self.printed = true;
                } else {
                    self.words.take(' ', &mut self.out);
                }
                self.state = State::Text;
                let rest = start.trim_start().trim_start_matches('>').trim_start().to_owned();
                rest.chars().for_each(|character| self.words.take(character, &mut self.out));
            }
            Line::Text => self.text(&start),
        }
    }

    /// A line without a mark: more of the paragraph above, or a new one.
    fn text(&mut self, start: &str) {
        let indent = start.len() - start.trim_start_matches(' ').len();
        if self.words.open() && !self.words.heading {
            self.words.take(' ', &mut self.out);
        } else {
            let inside = self.gap && self.item > 0 && indent >= 2;
            self.block(self.gap);
            self.item = if inside { self.item } else { 0 };
            let lead = " ".repeat(self.item);
            self.words.begin(&lead, &lead, &mut self.out);
            (self.printed, self.paragraph) = (true, true);
        }
        self.state = State::Text;
        start.trim_start().chars().for_each(|character| self.words.take(character, &mut self.out));
    }

    /// Ends what is open; prints the gap before the next block if there should be one.
    fn block(&mut self, gap: bool) {
        self.end_block();
        if gap && self.printed {
            self.out.push('\n');
        }
        self.gap = false;
    }

    fn end_block(&mut self) {
        self.words.end(&mut self.out);
    }

    fn flush_table(&mut self) {
        let lines = self.table.render(self.width);
        if !lines.is_empty() {
            self.out.push_str(&lines);
            (self.gap, self.paragraph) = (true, false);
        }
    }
}

/// What the line that begins with `start` is, as soon as that is certain; `whole` says that it
/// ends there.
fn decide(start: &str, whole: bool) -> Option<Line> {
    let indent = start.chars().take_while(|c| matches!(c, ' ' | '\t')).count();
    let rest = &start[indent..];
    let Some(first) = rest.chars().next() else { return whole.then_some(Line::Blank) };
    let run = rest.chars().take_while(|&c| c == first).count();
    let after = rest[run * first.len_utf8()..].chars().next();
    match first {
        '#' if run <= 6 => match after {
            Some(' ') => Some(Line::Heading(run as u8)),
            None if !whole => None,
            _ => Some(Line::Text),
        },
        '`' | '~' if run >= 3 => {
            let inline = first == '`' && rest[run..].contains('`');
            match (inline, whole) {
                (true, _) => Some(Line::Text),
                (false, true) => Some(Line::Fence(rest[..run].to_owned())),
                (false, false) => None,
            }
        }
        '`' | '~' if after.is_none() && !whole => None,
        '-' | '*' | '_' | '=' => {
            let only = rest.chars().all(|c| c == first || c == ' ');
            let marks = rest.matches(first).count();
            match after {
                _ if only && whole && first == '=' => Some(Line::Ignored),
                _ if only && whole && marks >= 3 => Some(Line::Rule),
                _ if only && !whole => None,
                Some(' ') if run == 1 && matches!(first, '-' | '*') => Some(item("•", indent)),
                _ => Some(Line::Text),
            }
        }
        '+' => match after {
            Some(' ') if run == 1 => Some(item("•", indent)),
            None if !whole => None,
            _ => Some(Line::Text),
        },
        '0'..='9' => {
            let digits = rest.chars().take_while(char::is_ascii_digit).count();
            let mut marks = rest[digits..].chars();
            match (marks.next(), marks.next()) {
                (Some('.' | ')'), Some(' ')) if digits < 10 => Some(item(&rest[..=digits], indent)),
                (None, _) | (Some('.' | ')'), None) if !whole && digits < 10 => None,
                _ => Some(Line::Text),
            }
        }
        '>' if after.is_none() && !whole => None,
        '>' if after == Some(' ') && rest.trim_end().len() == run && !whole => None,
        '>' => Some(Line::Quote),
        '|' => Some(Line::Row),
        _ => Some(Line::Text),
    }
}

/// An item; two spaces, or four, or a tab go in by one step.
fn item(mark: &str, indent: usize) -> Line {
    Line::Item(mark.to_owned(), indent.div_ceil(2).min(6) * 2)
}

#[cfg(test)]
mod tests;
