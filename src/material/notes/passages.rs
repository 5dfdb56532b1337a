//! PURE. Notes cut into passages of bounded size for search and for a model's context.

use std::ops::Range;

use serde::Serialize;

use super::{Notes, blocks, front};
use blocks::BlockKind;

/// Size in bytes that a passage aims at; smaller neighbours under one heading are joined.
const AIM: usize = 900;
/// No passage is longer, in bytes.
const MOST: usize = 1800;

/// A piece of notes with the headings above it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Passage {
    /// Headings from the outermost to the nearest.
    pub path: Vec<String>,
    /// Bytes of the notes; the text is there as it stands.
    pub at: Range<usize>,
}

/// Cuts `text` at headings, then at blocks, then at lines and sentences; together the passages
/// hold every word but those of headings.
pub fn passages(text: &str) -> Vec<Passage> {
    let mut found: Vec<Passage> = Vec::new();
    let mut path: Vec<(u8, String)> = Vec::new();
    let mut fresh = true;
    for block in blocks::blocks(text, front::read(text).end) {
        if let BlockKind::Heading(level, inline) = block.kind {
            path.retain(|(above, _)| *above < level);
            path.push((level, inline.text.replace('\n', " ").trim().to_owned()));
            fresh = true;
            continue;
        }
        if matches!(block.kind, BlockKind::Rule) {
            continue;
        }
        for at in pieces(text, block.at) {
            match found.last_mut() {
                Some(last) if !fresh && at.end - last.at.start <= AIM => last.at.end = at.end,
                _ => {
                    let path = path.iter().map(|(_, title)| title.clone()).collect();
                    found.push(Passage { path, at });
                }
            }
            fresh = false;
        }
    }
    found.retain(|passage| text[passage.at.clone()].contains(char::is_alphanumeric));
    found
}

/// Cuts a block that is too long at its last line end, sentence end or space that still fits.
fn pieces(text: &str, at: Range<usize>) -> Vec<Range<usize>> {
    let (mut pieces, mut start) = (Vec::new(), at.start);
    while at.end - start > MOST {
        let window = &text[start..text.floor_char_boundary(start + MOST)];
        let half = window.floor_char_boundary(window.len() / 2);
        let cut = ["\n\n", "\n", ". ", " "]
            .iter()
            .find_map(|mark| window[half..].rfind(mark).map(|found| half + found + mark.len()))
            .unwrap_or(window.len())
            .max(1);
        pieces.push(start..start + cut);
        start += cut;
    }
    if start < at.end {
        pieces.push(start..at.end);
    }
    pieces
}

impl Notes {
    /// The passages of `text`; a file of cards has one a card.
    pub fn passages(&self, text: &str) -> Vec<Passage> {
        let cards =
            self.sections.is_empty() && !self.questions.is_empty() && super::cards::read(text, "").is_some();
        if cards {
            let card = |question: &super::NotesQuestion| Passage {
                path: vec![question.question.clone()],
                at: question.at.clone(),
            };
            return self.questions.iter().map(card).collect();
        }
        passages(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_passage_knows_its_headings() {
        let text = "# A\none\n\n## B\ntwo\n\nthree\n\n# C\nfour\n";
        let found: Vec<_> =
            passages(text).into_iter().map(|p| (p.path.join("/"), text[p.at].trim().to_owned())).collect();
        let want = [("A", "one"), ("A/B", "two\n\nthree"), ("C", "four")];
        assert_eq!(found, want.map(|(path, text)| (path.to_owned(), text.to_owned())));
    }

    proptest! {
        #[test]
        fn passages_are_bounded_ordered_and_lose_no_word(
            words in prop::collection::vec(
                prop::sample::select(vec!["a", "longer.", "é", "# ", "- ", "\n", "\n\n", "```\n", "日本"]), 0..900
            )
        ) {
            let text = words.join(" ");
            let found = passages(&text);
            let mut end = 0;
            for passage in &found {
                prop_assert!(passage.at.start >= end && passage.at.len() <= MOST);
                end = passage.at.end;
            }
            let count = |text: &str| text.matches("日本").count();
            let in_passages: usize = found.iter().map(|p| count(&text[p.at.clone()])).sum();
            let in_headings: usize = blocks::blocks(&text, 0).iter().map(|block| match &block.kind {
                BlockKind::Heading(_, inline) => count(&inline.text),
                _ => 0,
            }).sum();
            prop_assert!(in_passages + in_headings >= count(&text));
        }
    }
}
