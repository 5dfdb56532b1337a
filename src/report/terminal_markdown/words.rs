//! PURE. Words of one block broken into lines, with bold, code and links as they come.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Paint;

/// Longest text of a link that is waited for, in bytes; a longer one is shown as it was written.
const LONGEST_LINK: usize = 400;

/// Words of one block, broken into lines, with their inline marks.
#[derive(Debug)]
pub(super) struct Words {
    width: usize,
    paint: Paint,
    /// Printed at the start of each further line.
    indent: String,
    column: usize,
    is_open: bool,
    pub(super) heading: bool,
    level: u8,
    word: String,
    word_width: usize,
    /// Bytes and columns of the word that were printed before it was whole.
    shown: (usize, usize),
    space: bool,
    /// A run of `*`, `_` or `` ` `` whose meaning the next character tells.
    marks: Option<(char, usize)>,
    escaped: bool,
    previous: char,
    bold: bool,
    italic: Option<char>,
    /// Length of the run that opened a span of code.
    code: Option<usize>,
    link: Option<String>,
    styled: bool,
    /// Width of the heading so far, for the line under it.
    widest: usize,
}

impl Words {
    pub(super) fn new(width: usize, paint: Paint) -> Self {
        Self {
            width,
            paint,
            indent: String::new(),
            column: 0,
            is_open: false,
            heading: false,
            level: 0,
            word: String::new(),
            word_width: 0,
            shown: (0, 0),
            space: false,
            marks: None,
            escaped: false,
            previous: ' ',
            bold: false,
            italic: None,
            code: None,
            link: None,
            styled: false,
            widest: 0,
        }
    }

    /// Breaks lines at another width from the next word on.
    pub(super) fn set_width(&mut self, width: usize) {
        self.width = width;
    }

    pub(super) fn open(&self) -> bool {
        self.is_open
    }

    pub(super) fn quoted(&self) -> bool {
        self.is_open && self.indent == "│ "
    }

    pub(super) fn begin(&mut self, lead: &str, indent: &str, out: &mut String) {
        out.push_str(lead);
        self.indent = indent.to_owned();
        self.column = lead.width();
        (self.is_open, self.heading, self.space) = (true, false, false);
        (self.previous, self.widest) = (' ', self.column);
    }

    pub(super) fn begin_heading(&mut self, level: u8, out: &mut String) {
        self.begin("", "", out);
        (self.heading, self.level, self.bold) = (true, level, true);
        self.style();
    }

    /// One line of code, as it is.
    pub(super) fn code_line(&self, line: &str, out: &mut String) {
        let line = line.replace('\t', "    ");
        match self.paint {
            Paint::Colour if !line.trim().is_empty() => {
                out.push_str(&format!("  \u{1b}[36m{line}\u{1b}[0m"));
            }
            _ if line.trim().is_empty() => {}
            _ => {
                out.push_str("  ");
                out.push_str(&line);
            }
        }
        out.push('\n');
    }

    /// Ends the block: everything open is closed, and the line is.
    pub(super) fn end(&mut self, out: &mut String) {
        if !self.is_open {
            return;
        }
        if let Some(link) = self.link.take() {
            self.literal(&link, out);
        }
        self.resolve(None, out);
        if self.escaped {
            self.letter('\\');
        }
        (self.bold, self.italic, self.code, self.escaped) = (false, None, None, false);
        self.style();
        self.flush(out);
        out.push('\n');
        if self.heading && self.paint == Paint::Plain && self.level <= 2 {
            let line = if self.level == 1 { "═" } else { "─" };
            out.push_str(&line.repeat(self.widest.min(self.width)));
            out.push('\n');
        }
        (self.is_open, self.heading) = (false, false);
    }

    pub(super) fn take(&mut self, character: char, out: &mut String) {
        if let Some(link) = &mut self.link {
            link.push(character);
            let ended = link.len() > LONGEST_LINK
                || match link.find(']') {
                    None => false,
                    Some(close) => {
                        link[close + 1..].chars().next().is_some_and(|c| c != '(') || character == ')'
                    }
                };
            if ended && let Some(link) = self.link.take() {
                self.linked(&link, out);
            }
            return;
        }
        if let Some((mark, count)) = self.marks
            && mark == character
            && !self.escaped
        {
            self.marks = Some((mark, count + 1));
            return;
        }
        self.resolve(Some(character), out);
        match character {
            _ if self.escaped => {
                self.escaped = false;
                if !character.is_ascii_punctuation() {
                    self.letter('\\');
                }
                self.plain(character, out);
            }
            '`' => self.marks = Some(('`', 1)),
            _ if self.code.is_some() => self.plain(character, out),
            '\\' => self.escaped = true,
            '*' | '_' => self.marks = Some((character, 1)),
            '[' => self.link = Some("[".to_owned()),
            _ => self.plain(character, out),
        }
    }

    /// `[words](address)`, or anything else that began with a bracket.
    fn linked(&mut self, link: &str, out: &mut String) {
        let parts = link
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(')'))
            .and_then(|rest| rest.split_once("]("));
        let Some((words, address)) = parts else {
            self.literal(link, out);
            return;
        };
        words.chars().for_each(|character| self.take_plainly(character, out));
        if !words.is_empty() && words != address && !address.starts_with('#') {
            for character in format!(" ({address})").chars() {
                self.plain(character, out);
            }
        }
    }

    /// Text in which a bracket means nothing.
    fn literal(&mut self, text: &str, out: &mut String) {
        text.chars().for_each(|character| self.take_plainly(character, out));
    }

    fn take_plainly(&mut self, character: char, out: &mut String) {
        if character == '[' {
            self.resolve(Some(character), out);
            self.plain(character, out);
        } else {
            self.take(character, out);
        }
    }

    /// Gives a run of marks its meaning, now that the character after it is known.
    fn resolve(&mut self, next: Option<char>, out: &mut String) {
        let Some((mark, count)) = self.marks.take() else { return };
        let next_space = next.is_none_or(char::is_whitespace);
        let next_letter = next.is_some_and(char::is_alphanumeric);
        let after_space = self.previous.is_whitespace();
        let after_letter = self.previous.is_alphanumeric();
        if mark == '`' {
            let inner = self.code.is_some_and(|open| open != count);
            if inner || self.paint == Paint::Plain {
                // Without colour the marks are what tells code from words.
                (0..count).for_each(|_| self.letter('`'));
            }
            if !inner {
                self.code = if self.code.is_some() { None } else { Some(count) };
                self.style();
            }
            return;
        }
        if self.code.is_some() {
            (0..count).for_each(|_| self.letter(mark));
            return;
        }
        // `snake_case` and `62*7` keep their marks.
        let inside = after_letter && next_letter;
        let mut left = count;
        let turns = if self.bold { !after_space } else { !next_space };
        if left >= 2 && turns && (mark != '_' || !inside) {
            self.bold = !self.bold;
            left -= 2;
        }
        if left == 1 {
            let closes = self.italic == Some(mark) && !after_space && !(mark == '_' && next_letter);
            let opens = self.italic.is_none() && !next_space && !after_letter;
            if closes || opens {
                self.italic = if closes { None } else { Some(mark) };
                left = 0;
            }
        }
        if self.heading {
            self.bold = true;
        }
        self.style();
        for _ in 0..left {
            self.plain(mark, out);
        }
    }

    fn plain(&mut self, character: char, out: &mut String) {
        self.previous = character;
        if character.is_whitespace() && character != '\u{a0}' {
            self.flush(out);
            self.space = self.column > self.indent.width() || self.space;
            return;
        }
        // Between wide characters a line may be broken anywhere.
        let wide = character.width().unwrap_or(0) > 1 && character.is_alphabetic();
        if wide {
            self.flush(out);
        }
        self.letter(character);
        if wide {
            self.flush(out);
        }
    }

    fn letter(&mut self, character: char) {
        self.previous = character;
        self.word.push(character);
        self.word_width = self.word_width.saturating_add(character.width().unwrap_or(0));
    }

    /// Prints what there is of the word that is coming, as long as it fits on this line.
    pub(super) fn show_partial(&mut self, out: &mut String) {
        let (bytes, columns) = self.shown;
        let needed = self.column + usize::from(self.space) + self.word_width;
        if !self.is_open || self.word_width == columns || needed > self.width {
            return;
        }
        if bytes == 0 && self.space {
            out.push(' ');
        }
        out.push_str(&self.word[bytes..]);
        self.shown = (self.word.len(), self.word_width);
    }

    /// Prints the word that is whole now, on the next line if it does not fit on this one.
    fn flush(&mut self, out: &mut String) {
        let (mut bytes, columns) = std::mem::take(&mut self.shown);
        if self.word_width == 0 {
            out.push_str(&std::mem::take(&mut self.word));
            return;
        }
        let needed = self.column + usize::from(self.space) + self.word_width;
        if needed > self.width && self.column > self.indent.width() {
            if bytes > 0 {
                // Its beginning stands on this line already: take it back.
                let back = columns + usize::from(self.space);
                out.push_str(&"\u{8}".repeat(back));
                out.push_str(&" ".repeat(back));
                out.push_str(&"\u{8}".repeat(back));
                bytes = 0;
            }
            out.push('\n');
            out.push_str(&self.indent);
            self.column = self.indent.width();
        } else if self.space {
            if bytes == 0 {
                out.push(' ');
            }
            self.column += 1;
        }
        out.push_str(&std::mem::take(&mut self.word)[bytes..]);
        self.column += self.word_width;
        self.widest = self.widest.max(self.column);
        (self.space, self.word_width) = (false, 0);
    }

    /// Writes the sequence for the present style into the word.
    fn style(&mut self) {
        if self.paint == Paint::Plain {
            return;
        }
        let codes: Vec<&str> = [(self.bold, "1"), (self.italic.is_some(), "3"), (self.code.is_some(), "36")]
            .into_iter()
            .filter_map(|(on, code)| on.then_some(code))
            .collect();
        if codes.is_empty() && !self.styled {
            return;
        }
        self.styled = !codes.is_empty();
        self.word.push_str(&format!(
            "\u{1b}[{}m",
            if codes.is_empty() { "0".to_owned() } else { format!("0;{}", codes.join(";")) }
        ));
    }
}
