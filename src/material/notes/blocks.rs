//! PURE. Markdown as a list of blocks with their bytes, which the finders of `notes` read.
//!
//! Containers nested deeper than [`DEEPEST`] are read as if they were not there, so that no file
//! can exhaust the stack.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

const DEEPEST: usize = 24;

/// One block of a document.
#[derive(Clone, Debug)]
pub struct Block {
    /// Bytes of the document.
    pub at: Range<usize>,
    /// What it is.
    pub kind: BlockKind,
}

/// Kinds of blocks.
#[derive(Clone, Debug)]
pub enum BlockKind {
    /// A heading of level 1 to 6.
    Heading(u8, Inline),
    /// Plain text.
    Paragraph(Inline),
    /// A list, numbered or not.
    List(Vec<ListItem>),
    /// Header cells, then rows.
    Table(Vec<String>, Vec<Row>),
    /// Language and text of a code block.
    Code(String, String),
    /// A quotation, or anything else that holds blocks.
    Quote(Vec<Block>),
    /// Raw HTML.
    Html,
    /// A line across the page.
    Rule,
    /// A term and its definition, of a definition list.
    Definition(String, Range<usize>),
}

/// A row of a table.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Bytes of the document.
    pub at: Range<usize>,
    /// Cells, as plain text.
    pub cells: Vec<String>,
}

/// An item of a list.
#[derive(Clone, Debug, Default)]
pub struct ListItem {
    /// Bytes of the document.
    pub at: Range<usize>,
    /// Ticked or not, for a task.
    pub task: Option<bool>,
    /// Its first paragraph.
    pub text: Inline,
    /// What follows in the same item.
    pub rest: Vec<Block>,
}

/// Text without its marks, and where it came from.
#[derive(Clone, Debug, Default)]
pub struct Inline {
    /// The words; a line break of the source is a line break.
    pub text: String,
    /// Bytes of `text` that are bold.
    pub bold: Vec<Range<usize>>,
    /// Bytes of `text` that are code.
    pub code: Vec<Range<usize>>,
    /// Where pieces of `text` stand in the document: (byte of `text`, byte of the document).
    pieces: Vec<(usize, usize)>,
}

impl Inline {
    /// The place in the document of byte `at` of `text`.
    pub fn source(&self, at: usize) -> usize {
        let index = self.pieces.partition_point(|&(start, _)| start <= at);
        let Some(&(start, source)) = self.pieces.get(index.saturating_sub(1)) else { return 0 };
        source + at.saturating_sub(start)
    }

    /// The bytes of each line of `text`.
    pub fn lines(&self) -> Vec<Range<usize>> {
        let mut start = 0;
        self.text
            .split('\n')
            .map(|line| {
                let range = start..start + line.len();
                start = range.end + 1;
                range
            })
            .collect()
    }

    /// Whether all words of `range` are bold.
    pub fn is_bold(&self, range: Range<usize>) -> bool {
        let piece = &self.text[range.clone()];
        let start = range.start + (piece.len() - piece.trim_start().len());
        let end = range.end - (piece.len() - piece.trim_end().len());
        start < end && self.bold.iter().any(|bold| bold.start <= start && end <= bold.end)
    }

    /// The bold text that `range` begins with.
    pub fn opening_bold(&self, range: Range<usize>) -> Option<Range<usize>> {
        let piece = &self.text[range.clone()];
        let start = range.start
            + (piece.len() - piece.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '`').len());
        self.bold.iter().find(|bold| bold.start <= start && start < bold.end).cloned()
    }

    fn push(&mut self, words: &str, source: usize) {
        self.pieces.push((self.text.len(), source));
        self.text.push_str(words);
    }
}

/// Reads `text` from byte `from` on; linear in its length.
pub fn blocks(text: &str, from: usize) -> Vec<Block> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_DEFINITION_LIST;
    let mut builder = Builder { stack: vec![Frame::Blocks(Vec::new())], ..Builder::default() };
    for (event, range) in Parser::new_ext(&text[from..], options).into_offset_iter() {
        builder.take(event, range.start + from..range.end + from);
    }
    builder.finish()
}

#[derive(Debug)]
enum Frame {
    /// The document or a quotation.
    Blocks(Vec<Block>),
    List(Vec<ListItem>),
    Item(Box<ListItem>),
    Table(Vec<Row>),
}

#[derive(Debug, Default)]
struct Builder {
    stack: Vec<Frame>,
    /// Text being read, and the byte at which its block starts.
    inline: Option<(Inline, usize)>,
    /// Start in `Inline::text` of the bold text being read.
    bold: Option<usize>,
    code: Option<(String, String)>,
    /// Containers that were opened beyond the deepest level.
    ignored: usize,
    term: String,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, at: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, at),
            Event::End(tag) => self.end(tag, at),
            Event::Text(words) => match &mut self.code {
                Some((_, code)) => code.push_str(&words),
                None => self.inline(at.start).push(&words, at.start),
            },
            Event::Code(words) => {
                let inline = self.inline(at.start);
                let start = inline.text.len();
                inline.push(&words, at.start + 1);
                inline.code.push(start..start + words.len());
            }
            Event::InlineMath(words) | Event::DisplayMath(words) => {
                self.inline(at.start).push(&words, at.start);
            }
            Event::InlineHtml(html) if html.to_ascii_lowercase().starts_with("<br") => {
                self.inline(at.start).push("\n", at.end.saturating_sub(1));
            }
            // The break belongs to the line before it: what follows brings its own place.
            Event::SoftBreak | Event::HardBreak => {
                self.inline(at.start).push("\n", at.end.saturating_sub(1));
            }
            Event::Rule => {
                self.flush(at.start);
                self.block(at, BlockKind::Rule);
            }
            Event::TaskListMarker(done) => {
                if let Some(Frame::Item(item)) = self.stack.last_mut() {
                    item.task = Some(done);
                }
            }
            Event::Html(_) | Event::InlineHtml(_) | Event::FootnoteReference(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, at: Range<usize>) {
        match tag {
            Tag::Strong => {
                let inline = self.inline(at.start);
                let start = inline.text.len();
                inline.pieces.push((start, at.start + 2));
                self.bold = Some(start);
                return;
            }
            Tag::Emphasis | Tag::Strikethrough | Tag::Superscript | Tag::Subscript => return,
            Tag::Link { .. } | Tag::Image { .. } => return,
            _ => self.flush(at.start),
        }
        match tag {
            Tag::Paragraph | Tag::Heading { .. } | Tag::TableCell | Tag::DefinitionListTitle => {
                self.inline = Some((Inline::default(), at.start));
            }
            Tag::CodeBlock(kind) => {
                let language = match kind {
                    CodeBlockKind::Fenced(info) => {
                        info.split([' ', ',', '{']).next().unwrap_or("").to_lowercase()
                    }
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((language, String::new()));
            }
            Tag::BlockQuote(_) | Tag::FootnoteDefinition(_) | Tag::DefinitionListDefinition => {
                self.open(Frame::Blocks(Vec::new()));
            }
            Tag::List(_) => self.open(Frame::List(Vec::new())),
            Tag::Item => self.open(Frame::Item(Box::new(ListItem { at, ..ListItem::default() }))),
            Tag::Table(_) => self.stack.push(Frame::Table(Vec::new())),
            Tag::TableHead | Tag::TableRow => {
                if let Some(Frame::Table(rows)) = self.stack.last_mut() {
                    rows.push(Row { at, cells: Vec::new() });
                }
            }
            _ => {}
        }
    }

    fn open(&mut self, frame: Frame) {
        // A list and its items count as one level each.
        if self.ignored > 0 || self.stack.len() >= 2 * DEEPEST {
            self.ignored += 1;
        } else {
            self.stack.push(frame);
        }
    }

    fn end(&mut self, tag: TagEnd, at: Range<usize>) {
        match tag {
            TagEnd::Strong => {
                if let (Some(start), Some((inline, _))) = (self.bold.take(), &mut self.inline) {
                    let end = inline.text.len();
                    inline.bold.push(start..end);
                    inline.pieces.push((end, at.end));
                }
            }
            TagEnd::Paragraph => self.paragraph(at.end),
            TagEnd::Heading(level) => {
                if let Some((inline, _)) = self.inline.take() {
                    self.block(at, BlockKind::Heading(level as u8, inline));
                }
            }
            TagEnd::CodeBlock => {
                if let Some((language, code)) = self.code.take() {
                    self.block(at, BlockKind::Code(language, code));
                }
            }
            TagEnd::HtmlBlock => self.block(at, BlockKind::Html),
            TagEnd::TableCell => {
                let text = self.inline.take().map_or(String::new(), |(inline, _)| inline.text);
                if let Some(Frame::Table(rows)) = self.stack.last_mut()
                    && let Some(row) = rows.last_mut()
                {
                    row.cells.push(text.trim().to_owned());
                }
            }
            TagEnd::Table => {
                if let Some(Frame::Table(_)) = self.stack.last()
                    && let Some(Frame::Table(rows)) = self.stack.pop()
                {
                    let mut rows = rows.into_iter();
                    let header = rows.next().unwrap_or_default().cells;
                    self.block(at, BlockKind::Table(header, rows.collect()));
                }
            }
            TagEnd::DefinitionListTitle => {
                self.term = self.inline.take().map_or(String::new(), |(inline, _)| inline.text);
            }
            TagEnd::BlockQuote(_)
            | TagEnd::FootnoteDefinition
            | TagEnd::DefinitionListDefinition
            | TagEnd::List(_)
            | TagEnd::Item => self.close(tag, at),
            _ => {}
        }
    }

    fn close(&mut self, tag: TagEnd, at: Range<usize>) {
        self.flush(at.end);
        if self.ignored > 0 {
            self.ignored -= 1;
            return;
        }
        match self.stack.pop() {
            Some(Frame::Blocks(..)) if tag == TagEnd::DefinitionListDefinition => {
                let term = self.term.trim().to_owned();
                self.block(at.clone(), BlockKind::Definition(term, at));
            }
            Some(Frame::Blocks(blocks)) => self.block(at, BlockKind::Quote(blocks)),
            Some(Frame::List(items)) => self.block(at, BlockKind::List(items)),
            Some(Frame::Item(mut item)) => {
                item.at = at;
                if let Some(Frame::List(items)) = self.stack.last_mut() {
                    items.push(*item);
                }
            }
            Some(other) => self.stack.push(other),
            None => {}
        }
    }

    /// The text being read; a tight list item has no paragraph, so one begins with its first word.
    fn inline(&mut self, start: usize) -> &mut Inline {
        &mut self.inline.get_or_insert_with(|| (Inline::default(), start)).0
    }

    /// Ends the text of a tight list item.
    fn flush(&mut self, end: usize) {
        if self.inline.as_ref().is_some_and(|(inline, _)| !inline.text.trim().is_empty()) {
            self.paragraph(end);
        }
        self.inline = None;
        self.bold = None;
    }

    fn paragraph(&mut self, end: usize) {
        let Some((inline, start)) = self.inline.take() else { return };
        if let Some(Frame::Item(item)) = self.stack.last_mut()
            && item.text.text.is_empty()
            && item.rest.is_empty()
        {
            item.text = inline;
        } else {
            self.block(start..end, BlockKind::Paragraph(inline));
        }
    }

    fn block(&mut self, at: Range<usize>, kind: BlockKind) {
        let block = Block { at, kind };
        match self.stack.last_mut() {
            Some(Frame::Blocks(blocks)) => blocks.push(block),
            Some(Frame::Item(item)) => item.rest.push(block),
            _ => {}
        }
    }

    fn finish(mut self) -> Vec<Block> {
        while self.stack.len() > 1 {
            self.stack.pop();
        }
        match self.stack.pop() {
            Some(Frame::Blocks(blocks)) => blocks,
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_knows_its_place_in_the_document() {
        let text = "# A **b** `c`\n\n- [x] one\n  two **three** &amp; four\n\n  five\n\n> six\n\n| a | b |\n|--|--|\n| c | d |\n";
        fn check(inline: &Inline, text: &str) {
            for (at, word) in inline.text.split_inclusive([' ', '\n']).scan(0, |at, word| {
                let start = *at;
                *at += word.len();
                Some((start, word.trim()))
            }) {
                if word.chars().all(char::is_alphanumeric) {
                    assert!(text[inline.source(at)..].starts_with(word), "{word:?} in {:?}", inline.text);
                }
            }
        }
        for block in blocks(text, 0) {
            match block.kind {
                BlockKind::Heading(_, inline) | BlockKind::Paragraph(inline) => check(&inline, text),
                BlockKind::List(items) => {
                    assert_eq!(items[0].task, Some(true));
                    check(&items[0].text, text);
                    assert_eq!(items[0].rest.len(), 1);
                }
                BlockKind::Table(header, rows) => {
                    assert_eq!(
                        (header, rows[0].cells.clone()),
                        (vec!["a".into(), "b".into()], vec!["c".into(), "d".into()])
                    );
                }
                _ => {}
            }
        }
    }

    #[test]
    fn depth_is_bounded() {
        for text in [">".repeat(50_000), "- ".repeat(20_000), format!("{}x", "> - ".repeat(5_000))] {
            drop(blocks(&text, 0));
        }
    }
}
