//! PURE. Headings and the blocks that stand under them.

use std::ops::Range;

use super::blocks::{Block, BlockKind};

/// A heading with its place in the document and in the list of blocks.
#[derive(Clone, Debug)]
pub struct Section {
    /// The heading's words.
    pub title: String,
    /// 1 to 6.
    pub level: u8,
    /// Bytes from the heading to the next one that is not deeper.
    pub at: Range<usize>,
    /// Byte at which the text under the heading begins.
    pub body: usize,
    /// Blocks directly under the heading.
    pub own: Range<usize>,
    /// Index after the last block under it or under a deeper heading.
    pub last: usize,
    /// Section that holds it.
    pub parent: Option<usize>,
}

/// The sections of a document of `length` bytes.
pub fn sections(blocks: &[Block], length: usize) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        let BlockKind::Heading(level, inline) = &block.kind else { continue };
        if let Some(before) = sections.last_mut() {
            before.own.end = index;
        }
        while let Some(&deepest) = open.last().filter(|&&deepest| sections[deepest].level >= *level) {
            sections[deepest].at.end = block.at.start;
            sections[deepest].last = index;
            open.pop();
        }
        sections.push(Section {
            title: inline.text.replace('\n', " ").trim().to_owned(),
            level: *level,
            at: block.at.start..length,
            body: block.at.end,
            own: index + 1..blocks.len(),
            last: blocks.len(),
            parent: open.last().copied(),
        });
        open.push(sections.len() - 1);
    }
    sections
}

/// The titles from the outermost heading to that of section `index`.
pub fn path(sections: &[Section], index: Option<usize>) -> Vec<String> {
    let mut path: Vec<String> = std::iter::successors(index, |&at| sections[at].parent)
        .map(|at| sections[at].title.clone())
        .collect();
    path.reverse();
    path
}
