//! PURE. Topics to explain, made from headings and outlines of notes that ask nothing themselves.

use super::blocks::{Block, BlockKind, ListItem};
use super::labels::{mentions, plain, without_number};
use super::sections::{Section, path};
use super::{Ids, Notes, NotesQuestion};

/// Fewest words of a body that is worth explaining.
const FEWEST_WORDS: usize = 12;

/// Headings that name no topic.
const NO_TOPICS: [&str; 22] = [
    "introduction",
    "intro",
    "overview",
    "summary",
    "conclusion",
    "references",
    "resources",
    "links",
    "notes",
    "table of contents",
    "contents",
    "toc",
    "further reading",
    "todo",
    "appendix",
    "checklist",
    "cheat sheet",
    "example",
    "examples",
    "about",
    "license",
    "changelog",
];

/// Adds a derived question for each heading, or each outline item, that is explained.
pub fn derive(text: &str, blocks: &[Block], sections: &[Section], notes: &mut Notes) {
    let mut ids = Ids::default();
    let mut add = |title: &str, at: std::ops::Range<usize>, answer: &str, path: Vec<String>| {
        let title = without_number(&plain(title));
        let words = answer.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
        let fits = (1..=8).contains(&title.split_whitespace().count()) && !mentions(&title, &NO_TOPICS);
        if fits && words >= FEWEST_WORDS {
            let question = format!("Explain: {title}");
            let answer = answer.trim().to_owned();
            notes.questions.push(NotesQuestion {
                id: ids.of(&title),
                question,
                answer,
                at,
                path,
                derived: true,
            });
        }
    };
    for (index, section) in sections.iter().enumerate() {
        // The title of the document is its subject, not a topic of it.
        let is_document =
            section.parent.is_none() && section.last == blocks.len() && index == 0 && sections.len() > 1;
        let own = &blocks[section.own.start.min(section.own.end)..section.own.end];
        let deep = !is_document && sections.get(index + 1).is_none_or(|next| next.parent != Some(index));
        let Some(last) = own.last() else { continue };
        if deep && !outlines(own) {
            let answer = text[section.body..last.at.end].trim();
            add(&section.title, section.at.start..last.at.end, answer, path(sections, section.parent));
        } else {
            let above = path(sections, Some(index));
            items(own, &mut |item| add(head(item), item.at.clone(), &body(text, item), above.clone()));
        }
    }
    if sections.is_empty() {
        items(blocks, &mut |item| add(head(item), item.at.clone(), &body(text, item), Vec::new()));
    }
}

/// Whether the text is a list whose items have items of their own.
fn outlines(blocks: &[Block]) -> bool {
    let mut nested = 0;
    items(blocks, &mut |_| nested += 1);
    nested > 1
}

fn items<'b>(blocks: &'b [Block], take: &mut impl FnMut(&'b ListItem)) {
    for block in blocks {
        if let BlockKind::List(items) = &block.kind {
            items.iter().filter(|item| !item.rest.is_empty() && item.task.is_none()).for_each(&mut *take);
        }
    }
}

fn head(item: &ListItem) -> &str {
    item.text.text.lines().next().unwrap_or("")
}

fn body(text: &str, item: &ListItem) -> String {
    let Some(first) = item.rest.first() else { return String::new() };
    let start = text[..first.at.start].rfind('\n').map_or(0, |at| at + 1);
    let lines: Vec<&str> = text[start..item.at.end].lines().collect();
    let indent = lines
        .iter()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(0);
    lines.iter().map(|line| line.get(indent..).unwrap_or("")).collect::<Vec<_>>().join("\n")
}
