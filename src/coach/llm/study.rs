//! Study material that goes with what is asked: passages of packs and of the user's notes.
//!
//! One ranking, that of [`crate::material::search`], over all of them; a passage must share words that
//! carry meaning with what it is to help with. What does not fit is left out whole, never cut.

use std::collections::{BTreeMap, HashSet};
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use super::check::stems;
use crate::material::Lexicon;
use crate::material::search::{Document, SearchIndex};
use crate::text::sanitise;

/// Places in a ranking that count; the first counts most.
const PLACES: usize = 4;
/// Weight of the user's own notes against a pack's.
const OWN: f64 = 1.5;
/// Share of meaningful words, of what is asked or of the passage if that is shorter, that both must hold.
const SHARED: f64 = 0.2;
/// Share of the best passage's score below which one is left out.
const WORTH: f64 = 0.2;
/// Longest passage, in bytes; longer ones end with their last whole sentence before it.
const LONGEST: usize = 1800;

/// A piece of study material.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StudyPassage {
    /// Where it is from and what it is about.
    pub title: String,
    /// Markdown or plain text.
    pub text: String,
    /// The user's own: it goes before a pack's that helps as much.
    pub own: bool,
}

/// Study material. It is made ready for a search by the first one: a model that holds little gets none of it.
#[derive(Debug, Default)]
pub struct Study {
    passages: Vec<StudyPassage>,
    lexicon: Lexicon,
    ready: OnceLock<Ready>,
}

#[derive(Debug)]
struct Ready {
    stems: Vec<HashSet<String>>,
    index: SearchIndex,
}

impl Study {
    /// Takes all passages.
    pub fn new(passages: Vec<StudyPassage>, lexicon: &Lexicon) -> Self {
        let passages: Vec<StudyPassage> = passages
            .into_iter()
            .map(|passage| StudyPassage {
                title: sanitise(&passage.title).split_whitespace().collect::<Vec<_>>().join(" "),
                text: shortened(sanitise(&passage.text).trim()).to_owned(),
                own: passage.own,
            })
            .filter(|passage| !passage.text.is_empty())
            .collect();
        Self { passages, lexicon: lexicon.clone(), ready: OnceLock::new() }
    }

    fn make_ready(&self) -> Ready {
        let documents: Vec<Document> = self
            .passages
            .iter()
            .map(|passage| Document {
                id: String::new(),
                title: passage.title.clone(),
                fields: vec![(1.0, passage.text.clone())],
            })
            .collect();
        let whole = |passage: &StudyPassage| stems(&format!("{}\n{}", passage.title, passage.text));
        Ready {
            index: SearchIndex::new(&documents, &self.lexicon),
            stems: self.passages.iter().map(whole).collect(),
        }
    }

    /// What helps with `wants`, as text for a prompt, the most helpful first, in at most `room` tokens;
    /// empty if there is nothing.
    pub fn about<'w>(&self, wants: impl IntoIterator<Item = &'w str>, room: usize) -> String {
        let Ready { stems: held_by, index } = self.ready.get_or_init(|| self.make_ready());
        let mut scores: BTreeMap<usize, f64> = BTreeMap::new();
        for want in wants {
            let asked = stems(want);
            let is_near = |index: &usize| {
                let held = &held_by[*index];
                let least = (held.len().min(asked.len()) as f64 * SHARED).floor().max(2.0);
                held.intersection(&asked).count() as f64 >= least
            };
            let hits = index.search(want).into_iter().map(|hit| hit.index);
            let (own, packed): (Vec<usize>, Vec<usize>) =
                hits.filter(is_near).partition(|&index| self.passages[index].own);
            for (ranking, weight) in [(own, OWN), (packed, 1.0)] {
                for (place, index) in ranking.into_iter().take(PLACES).enumerate() {
                    *scores.entry(index).or_default() += weight / (place + 1) as f64;
                }
            }
        }
        let mut ranked: Vec<(usize, f64)> = scores.into_iter().collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let least = ranked.first().map_or(0.0, |(_, best)| best * WORTH);
        let (mut parts, mut used) = (Vec::new(), 0);
        for (index, _) in ranked.into_iter().filter(|(_, score)| *score >= least) {
            let StudyPassage { title, text, .. } = &self.passages[index];
            let part = format!("{title}:\n{text}");
            // Generously measured: the tail of a ranking helps least.
            let size = part.len().div_ceil(3) + 4;
            if used + size <= room {
                used += size;
                parts.push(part);
            }
        }
        parts.join("\n\n")
    }
}

/// A number that stands for `text`, and that nothing in it can know: for a fence that is the same
/// each time the text is.
pub(super) fn number_of(text: &str) -> u64 {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn shortened(text: &str) -> &str {
    if text.len() <= LONGEST {
        return text;
    }
    let head = &text[..text.floor_char_boundary(LONGEST)];
    let end = head.rfind(['.', '!', '?', '\n']).map_or(head.len(), |at| at + 1);
    head[..end].trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn study() -> Study {
        let passage =
            |title: &str, text: &str| StudyPassage { title: title.into(), text: text.into(), own: false };
        let passages = vec![
            passage("Caching", "A cache keeps hot rows in memory; stale entries expire by a time to live."),
            passage("Queues", "A queue buffers messages between a producer and a slow consumer."),
            passage("Cooking", "Boil the water, then add salt and rows of pasta."),
        ];
        Study::new(passages, &Lexicon::default())
    }

    #[test]
    fn what_is_about_the_matter_comes_first_and_the_rest_stays_away() {
        let study = study();
        let wants = [
            "Slow consumers are decoupled by a queue that buffers messages.",
            "Hot rows stay in a cache in memory.",
            "A queue keeps messages for the producer.",
        ];
        let text = study.about(wants, 500);
        assert!(text.starts_with("Queues:\n") && text.contains("\n\nCaching:\n"), "{text}");
        assert!(!text.contains("Cooking"), "{text}");
        assert_eq!(study.about(["What is a zebra made of?"], 500), "");
    }

    #[test]
    fn what_does_not_fit_is_left_out_whole() {
        let text = study().about(["A queue buffers messages. A cache keeps hot rows in memory."], 34);
        assert!(text.ends_with('.') && text.split("\n\n").count() == 1, "{text}");
        assert_eq!(study().about(["A queue buffers messages."], 3), "");
    }

    #[test]
    fn a_long_passage_ends_with_a_whole_sentence() {
        let long = "One more sentence about it. ".repeat(200);
        assert!(shortened(&long).len() <= LONGEST && shortened(&long).ends_with("it."));
    }
}
