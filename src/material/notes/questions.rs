//! PURE. Questions with their answers, in the shapes that people write them in.
//!
//! Headings that ask, `Q:`/`A:` lines, bold questions, list items, `<details>`, tables with a
//! column for each, and the `front :: back` and `?` lines of flash-card plug-ins.

use std::ops::Range;

use super::blocks::{Block, BlockKind, Inline, ListItem};
use super::labels::{answer_label, asks, heading_question, mentions, plain, question_label, without_number};
use super::sections::{Section, path};
use super::{Ids, Notes, NotesQuestion};

/// Headings over lists of questions.
const AMONG: [&str; 8] =
    ["questions", "question", "faq", "faqs", "q a", "flashcards", "flash cards", "frequently asked"];

/// Fills `notes.questions`; returns the bytes that belong to them, ascending.
pub fn find(text: &str, blocks: &[Block], sections: &[Section], notes: &mut Notes) -> Vec<Range<usize>> {
    let mut finder = Finder { text, found: Vec::new(), unanswered: Vec::new(), path: Vec::new() };
    let mut end = sections.first().map_or(blocks.len(), |section| section.own.start - 1);
    finder.scan(&blocks[..end]);
    let mut skip = 0;
    for (index, section) in sections.iter().enumerate() {
        if section.at.start < skip {
            continue;
        }
        finder.path = path(sections, section.parent);
        if let Some(covered) = finder.heading(blocks, sections, index) {
            skip = covered;
            continue;
        }
        finder.path = path(sections, Some(index));
        end = section.own.end.min(blocks.len());
        finder.scan(&blocks[section.own.start.min(end)..end]);
    }
    finder.found.sort_by_key(|found| found.at.start);
    let mut ids = Ids::default();
    let taken = finder.found.iter().map(|found| found.at.clone()).collect();
    notes.questions = finder
        .found
        .into_iter()
        .map(|found| NotesQuestion { id: ids.of(&found.question), ..found })
        .collect();
    notes.unanswered = finder.unanswered;
    taken
}

struct Finder<'t> {
    text: &'t str,
    found: Vec<NotesQuestion>,
    unanswered: Vec<String>,
    path: Vec<String>,
}

/// A question whose answer is still being read.
struct Open {
    question: String,
    start: usize,
    answer: Option<usize>,
    labelled: bool,
}

impl Finder<'_> {
    fn add(&mut self, question: &str, at: Range<usize>, answer: &str) {
        let question = plain(&question.split_whitespace().collect::<Vec<_>>().join(" "));
        let answer = tidy(answer);
        if question.is_empty() {
            return;
        }
        if answer.chars().any(char::is_alphanumeric) {
            let path = self.path.clone();
            let id = String::new();
            self.found.push(NotesQuestion { id, question, answer, at, path, derived: false });
        } else {
            self.unanswered.push(question);
        }
    }

    /// Reads a heading that asks; returns the byte after its answer.
    fn heading(&mut self, blocks: &[Block], sections: &[Section], index: usize) -> Option<usize> {
        let section = &sections[index];
        let parent = section.parent.map(|parent| sections[parent].title.as_str());
        let among = parent.is_some_and(|title| mentions(title, &AMONG));
        let bare = question_label(&format!("{}:", section.title.trim_end_matches(':')))
            .is_some_and(|at| at > section.title.trim_end_matches(':').len());
        let children = || sections[index + 1..].iter().take_while(|child| child.at.start < section.at.end);
        let own = &blocks[section.own.start.min(section.own.end)..section.own.end.min(blocks.len())];
        let empty = own.iter().all(|block| matches!(block.kind, BlockKind::Rule));
        let question = if bare {
            // "### Question 3", with the question in the paragraph under it.
            let BlockKind::Paragraph(inline) = &own.first()?.kind else { return None };
            inline.text.clone()
        } else {
            heading_question(&section.title, among)?
        };
        let start = if bare { own.first()?.at.end } else { section.body };
        let has_children = children().next().is_some();
        if empty
            && has_children
            && children().all(|child| {
                child.level > section.level + 1 || heading_question(&child.title, true).is_some()
            })
        {
            return None;
        }
        let next = sections.get(index + 1);
        // "### What is X?" and then "### Answer" on the same level.
        let sibling = next.filter(|next| next.level == section.level && answer_label(&next.title).is_some());
        let after_bare = bare && own.len() == 1;
        if let Some(answer) = sibling.filter(|_| empty || after_bare) {
            self.add(&question, section.at.start..answer.at.end, &self.text[answer.body..answer.at.end]);
            return Some(answer.at.end);
        }
        let mut body = &self.text[start..section.at.end];
        if let Some(first) =
            next.filter(|first| first.at.end <= section.at.end && answer_label(&first.title).is_some())
            && self.text[start..first.at.start].trim().is_empty()
        {
            body = &self.text[first.body..section.at.end];
        }
        // A heading that only introduces questions of another shape is none itself.
        if question_label(&section.title).is_none() && !among && own.iter().any(is_labelled) {
            return None;
        }
        self.add(&question, section.at.start..section.at.end, body);
        Some(section.at.end)
    }

    /// Reads blocks in which questions and answers follow each other.
    fn scan(&mut self, blocks: &[Block]) {
        let mut open: Option<Open> = None;
        let mut skip = 0;
        for block in blocks {
            if block.at.start < skip {
                continue;
            }
            match &block.kind {
                BlockKind::Heading(..) => self.close(&mut open, block.at.start),
                BlockKind::Rule if open.as_ref().is_none_or(|open| open.answer.is_some()) => {
                    self.close(&mut open, block.at.start);
                }
                BlockKind::Paragraph(inline) => self.lines(inline, &mut open),
                BlockKind::Html => skip = self.details(block, &mut open),
                BlockKind::List(items) => {
                    let before = open.take();
                    if self.items(items) {
                        self.close(&mut { before }, block.at.start);
                    } else {
                        open = before;
                        answered_by(&mut open, block.at.start);
                    }
                }
                BlockKind::Table(header, rows) => {
                    let column = |words: &[&str]| header.iter().position(|cell| mentions(cell, words));
                    let question = column(&["question", "questions", "q", "front", "prompt"]);
                    let answer = column(&["answer", "answers", "a", "back", "response"]);
                    if let (Some(question), Some(answer)) = (question, answer) {
                        self.close(&mut open, block.at.start);
                        for row in rows {
                            if let (Some(asked), Some(told)) =
                                (row.cells.get(question), row.cells.get(answer))
                            {
                                self.add(asked, row.at.clone(), told);
                            }
                        }
                    } else {
                        answered_by(&mut open, block.at.start);
                    }
                }
                BlockKind::Quote(inner) if inner.iter().any(is_labelled) => {
                    self.close(&mut open, block.at.start);
                    self.scan(inner);
                }
                _ => answered_by(&mut open, block.at.start),
            }
        }
        let end = blocks.last().map_or(0, |block| block.at.end);
        self.close(&mut open, end);
    }

    fn close(&mut self, open: &mut Option<Open>, end: usize) {
        let Some(open) = open.take() else { return };
        match open.answer {
            Some(answer) if answer < end => {
                self.add(&open.question, open.start..end, &self.text[answer..end])
            }
            _ if open.labelled => self.unanswered.push(plain(&open.question)),
            _ => {}
        }
    }

    /// Reads the lines of a paragraph.
    fn lines(&mut self, inline: &Inline, open: &mut Option<Open>) {
        let lines = inline.lines();
        let mut question_line = usize::MAX;
        for (number, range) in lines.iter().enumerate() {
            let line = &inline.text[range.clone()];
            let start = self.line_start(inline.source(range.start));
            if let Some(at) = question_label(line) {
                self.close(open, start);
                let rest = range.start + at..range.end;
                let (question, answer) = one_line(inline, rest);
                let answer = answer.map(|at| inline.source(at));
                *open = Some(Open { question, start, answer, labelled: true });
                question_line = number;
            } else if let Some(at) =
                answer_label(line).filter(|_| open.as_ref().is_some_and(|open| open.answer.is_none()))
            {
                if let Some(open) = open {
                    open.answer = Some(inline.source(range.start + at));
                }
            } else if let Some((question, answer)) = bold_question(inline, range.clone()) {
                self.close(open, start);
                let answer = answer.map(|at| inline.source(at));
                *open = Some(Open { question, start, answer, labelled: false });
            } else if let Some((front, back)) = double_colon(inline, range.clone()) {
                self.close(open, start);
                let end = self.text[start..].find('\n').map_or(self.text.len(), |length| start + length);
                self.add(&front, start..end, &inline.text[back]);
            } else if line.trim() == "?"
                && number > 0
                && open.as_ref().is_none_or(|open| open.answer.is_some())
            {
                let start = self.line_start(inline.source(0));
                self.close(open, start);
                let question = inline.text[..range.start].trim().to_owned();
                let answer = lines.get(number + 1).map(|next| inline.source(next.start));
                *open = Some(Open { question, start, answer, labelled: true });
            } else if let Some(open) = open.as_mut().filter(|open| open.answer.is_none()) {
                let continues =
                    open.labelled && number > 0 && number == question_line + 1 && !asks(&open.question);
                if continues {
                    open.question = format!("{} {line}", open.question);
                    question_line = number;
                } else {
                    open.answer = Some(start);
                }
            }
        }
    }

    /// Reads list items that ask; says whether the list was one of questions.
    fn items(&mut self, items: &[ListItem]) -> bool {
        let labelled = items.iter().any(|item| question_label(&item.text.text).is_some());
        let asking: Vec<&ListItem> = items
            .iter()
            .filter(|item| item_question(item).is_some_and(|(_, answer)| answer.is_some()))
            .collect();
        if labelled || asking.len() > 1 || (asking.len() == 1 && items.len() == 1) {
            let mut open = None;
            for item in items {
                if let Some((question, answer)) = item_question(item) {
                    self.close(&mut open, item.at.start);
                    let answer = answer.map(|at| at.min(item.at.end));
                    open = Some(Open { question, start: item.at.start, answer, labelled: true });
                } else if let Some(at) = answer_label(&item.text.text)
                    && let Some(open) = &mut open
                    && open.answer.is_none()
                {
                    open.answer = Some(item.text.source(at));
                }
            }
            self.close(&mut open, items.last().map_or(0, |item| item.at.end));
            return true;
        }
        // Questions may stand deeper in an outline.
        let before = self.found.len();
        for item in items {
            for block in &item.rest {
                if let BlockKind::List(inner) = &block.kind {
                    let title = item.text.text.lines().next().unwrap_or("").to_owned();
                    self.path.push(title);
                    self.items(inner);
                    self.path.pop();
                }
            }
        }
        self.found.len() > before
    }

    /// Reads `<details>`; returns the byte after it.
    fn details(&mut self, block: &Block, open: &mut Option<Open>) -> usize {
        let html = self.text[block.at.clone()].trim_start();
        if find_tag(&html[..html.floor_char_boundary(8)], "<details").is_none() {
            answered_by(open, block.at.start);
            return 0;
        }
        let Some(length) = closing(&self.text[block.at.start..]) else {
            answered_by(open, block.at.start);
            return 0;
        };
        let end = block.at.start + length;
        let inner = &self.text[block.at.start..end];
        let (summary, body) = match (find_tag(inner, "<summary"), find_tag(inner, "</summary>")) {
            (Some(from), Some(to)) if from < to => {
                let from = inner[from..].find('>').map_or(to, |close| from + close + 1).min(to);
                (
                    super::cards::without_tags(&inner[from..to]).replace("**", ""),
                    &inner[to + "</summary>".len()..],
                )
            }
            _ => (String::new(), inner),
        };
        let body = body.trim_end().strip_suffix("</details>").unwrap_or(body);
        let label = question_label(&summary);
        if answer_label(&summary).is_some()
            || mentions(&summary, &["answer", "solution", "show", "reveal"]) && !asks(&summary)
        {
            if let Some(asked) = open.take() {
                self.add(&asked.question, asked.start..end, body);
            }
        } else if label.is_some() || asks(&summary) || heading_question(&summary, true).is_some() {
            self.close(open, block.at.start);
            let question = label.map_or_else(|| without_number(&summary), |at| summary[at..].to_owned());
            self.add(&question, block.at.start..end, body);
        } else {
            answered_by(open, block.at.start);
        }
        end
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at.min(self.text.len())].rfind('\n').map_or(0, |before| before + 1)
    }
}

fn answered_by(open: &mut Option<Open>, start: usize) {
    if let Some(open) = open.as_mut().filter(|open| open.answer.is_none()) {
        open.answer = Some(start);
    }
}

fn is_labelled(block: &Block) -> bool {
    match &block.kind {
        BlockKind::Paragraph(inline) => question_label(&inline.text).is_some(),
        BlockKind::List(items) => items.iter().any(|item| question_label(&item.text.text).is_some()),
        _ => false,
    }
}

/// "What is X? A: Y" on one line: the question, and the byte of the answer.
fn one_line(inline: &Inline, range: Range<usize>) -> (String, Option<usize>) {
    let line = &inline.text[range.clone()];
    let split = line.char_indices().filter(|&(_, c)| c == '?' || c == ' ').find_map(|(at, character)| {
        let after = at + character.len_utf8();
        let label = answer_label(&line[after..]).filter(|&label| after + label < line.len())?;
        let colon = line[..after + label].ends_with(':');
        (colon && (character == '?' || line[..at].trim_end().ends_with(['?', '.'])))
            .then_some((after, after + label))
    });
    match split {
        Some((question, answer)) => (line[..question].to_owned(), Some(range.start + answer)),
        None => (line.to_owned(), None),
    }
}

/// A line that is, or begins with, a question in bold: the question, and the answer's byte.
fn bold_question(inline: &Inline, range: Range<usize>) -> Option<(String, Option<usize>)> {
    let bold = inline.opening_bold(range.clone())?;
    let question = &inline.text[bold.start..bold.end.min(range.end)];
    if !asks(question) {
        return None;
    }
    let rest = &inline.text[bold.end.min(range.end)..range.end];
    let answer = rest.chars().any(char::is_alphanumeric).then_some(bold.end);
    Some((without_number(question), answer))
}

/// `front :: back` of flash-card plug-ins: the front, and the bytes of the back.
fn double_colon(inline: &Inline, range: Range<usize>) -> Option<(String, Range<usize>)> {
    let line = &inline.text[range.clone()];
    let at = line.find("::")?;
    let (front, back) = (&line[..at], &line[at + 2..]);
    let back = back.trim_start_matches(':');
    let spaced = front.ends_with(' ') || back.starts_with(' ') || front.ends_with('?');
    let in_code = inline.code.iter().any(|code| code.contains(&(range.start + at)));
    let fits =
        spaced && !in_code && !back.contains("::") && !front.trim().is_empty() && !back.trim().is_empty();
    fits.then(|| (front.trim().to_owned(), range.end - back.len()..range.end))
}

/// The question of a list item, and the byte at which its answer begins, if it has one.
fn item_question(item: &ListItem) -> Option<(String, Option<usize>)> {
    if item.task.is_some() {
        return None;
    }
    let inline = &item.text;
    let lines = inline.lines();
    let first = lines.first()?.clone();
    let line = &inline.text[first.clone()];
    let after = || {
        let next = lines.get(1).map(|range| {
            let at =
                answer_label(&inline.text[range.clone()]).map_or(range.start, |label| range.start + label);
            inline.source(at)
        });
        next.or_else(|| item.rest.first().map(|block| block.at.start))
    };
    if let Some(at) = question_label(line) {
        let (question, answer) = one_line(inline, at..first.end);
        return Some((question, answer.map(|at| inline.source(at)).or_else(after)));
    }
    if let Some((question, answer)) = bold_question(inline, first.clone()) {
        return Some((question, answer.map(|at| inline.source(at)).or_else(after)));
    }
    let tagged = line.replace("#card", "").replace("#flashcard", "");
    if asks(&tagged) && !line.trim_start().starts_with(['"', '“']) {
        return Some((without_number(&tagged), after()));
    }
    if let Some((front, back)) = double_colon(inline, first) {
        return Some((front, Some(inline.source(back.start))));
    }
    None
}

/// The first place of `tag` in `text`, whatever its case.
fn find_tag(text: &str, tag: &str) -> Option<usize> {
    text.as_bytes().windows(tag.len()).position(|window| window.eq_ignore_ascii_case(tag.as_bytes()))
}

/// Bytes up to and with the `</details>` that closes the one at the start; nothing longer than
/// an answer may be is searched, so that tags nobody closes cost no quadratic time.
fn closing(text: &str) -> Option<usize> {
    const LONGEST: usize = 64 * 1024;
    let text = &text[..text.floor_char_boundary(LONGEST)];
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        let rest = &text[at..];
        match (find_tag(rest, "<details"), find_tag(rest, "</details>")) {
            (Some(open), Some(close)) if open < close => {
                depth += 1;
                at += open + "<details".len();
            }
            (_, Some(close)) => {
                depth = depth.saturating_sub(1);
                at += close + "</details>".len();
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => break,
        }
    }
    None
}

/// An answer without its label, the rule after it, a quotation's marks and an item's indent.
fn tidy(answer: &str) -> String {
    let mut text = answer.trim_matches(['\n', '\r']).trim_end().to_owned();
    let quoted = text.lines().skip(1).filter(|line| !line.trim().is_empty());
    if text.lines().count() > 1 && quoted.clone().all(|line| line.trim_start().starts_with('>')) {
        let lines = text.lines().map(|line| {
            line.trim_start()
                .trim_start_matches('>')
                .strip_prefix(' ')
                .unwrap_or(line.trim_start().trim_start_matches('>'))
        });
        text = lines.collect::<Vec<_>>().join("\n");
    }
    let indent = text
        .lines()
        .skip(usize::from(!text.starts_with([' ', '\t'])))
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start_matches([' ', '\t']).len())
        .min()
        .unwrap_or(0);
    if indent > 0 {
        let lines = text.lines().map(|line| {
            let own = line.len() - line.trim_start_matches([' ', '\t']).len();
            &line[indent.min(own)..]
        });
        text = lines.collect::<Vec<_>>().join("\n");
    }
    let mut text = text.trim();
    for rule in ["---", "***", "___", "</details>"] {
        text = text.strip_suffix(rule).map_or(text, |rest| {
            if rest.ends_with('\n') || rest.is_empty() { rest.trim_end() } else { text }
        });
    }
    if let Some(at) = answer_label(text.lines().next().unwrap_or("")) {
        // Marks that follow at once close those of the label.
        let rest = &text[at..];
        let rest = rest.strip_prefix("**").or_else(|| rest.strip_prefix("__")).unwrap_or(rest);
        return rest.trim().to_owned();
    }
    text.to_owned()
}
