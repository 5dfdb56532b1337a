//! PURE. One ranking for everything that packs hold: BM25 over weighted fields, stems and synonyms.
//!
//! Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009): fields
//! are weighted before they saturate. Misspelt and unfinished words find what they were meant for.

use std::collections::{BTreeMap, HashMap};

use super::{ClarifyingTopic, DiagramTask, Lexicon, Problem, Question};
use crate::text::Prepared;

/// How fast repeated words stop counting.
const K1: f64 = 1.2;
/// How much longer texts are held back.
const B: f64 = 0.6;
/// Weight of a synonym against the word itself.
const SYNONYM: f64 = 0.5;
/// Weight of a word that is only like the one asked for.
const ALIKE: f64 = 0.6;

/// Weight of a title against running text.
const TITLE: f64 = 6.0;

/// A text to be found, in fields of different weight.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Weight and text of each field; 1 is running text.
    pub fields: Vec<(f64, String)>,
}

/// A document found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Position in the order in which the documents were given.
    pub index: usize,
    /// Above 0; comparable within one search only.
    pub score: f64,
}

/// Documents ready to be searched.
#[derive(Debug, Default)]
pub struct SearchIndex {
    /// For each stem its documents, with the weighted count in each.
    postings: HashMap<String, Vec<(usize, f64)>>,
    /// All stems in order, for beginnings and misspelt words.
    stems: BTreeMap<String, ()>,
    lengths: Vec<f64>,
    average: f64,
    /// Wordings of the lexicon: stems of one, and of each that means the same.
    synonyms: Vec<(Vec<String>, Vec<Vec<String>>)>,
}

impl SearchIndex {
    /// Reads all documents; linear in their length.
    pub fn new<'d>(documents: impl IntoIterator<Item = &'d Document>, lexicon: &Lexicon) -> Self {
        let mut index = Self::default();
        for (number, document) in documents.into_iter().enumerate() {
            let mut counts: HashMap<String, f64> = HashMap::new();
            let mut length = 0.0;
            let title = (TITLE, format!("{} {}", document.id.replace('-', " "), document.title));
            for (weight, text) in std::iter::once(&title).chain(&document.fields) {
                for token in Prepared::new(text).tokens() {
                    *counts.entry(token.stem.clone()).or_default() += weight;
                    length += weight;
                }
            }
            for (stem, count) in counts {
                index.stems.insert(stem.clone(), ());
                index.postings.entry(stem).or_default().push((number, count));
            }
            index.lengths.push(length);
        }
        let total: f64 = index.lengths.iter().sum();
        index.average = (total / index.lengths.len().max(1) as f64).max(1.0);
        for term in &lexicon.terms {
            let wordings: Vec<Vec<String>> =
                std::iter::once(&term.name).chain(&term.aliases).map(|wording| stems(wording)).collect();
            for (at, wording) in wordings.iter().enumerate() {
                let others = wordings
                    .iter()
                    .enumerate()
                    .filter(|(other, _)| *other != at)
                    .map(|(_, stems)| stems.clone());
                index.synonyms.push((wording.clone(), others.collect()));
            }
        }
        index
    }

    /// The documents that `words` are about, best first; equal ones in the order they were given.
    pub fn search(&self, words: &str) -> Vec<Hit> {
        let asked = stems(words);
        let mut scores: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
        for (position, stem) in asked.iter().enumerate() {
            let mut best: HashMap<usize, f64> = HashMap::new();
            for (other, weight) in self.meant(stem, position + 1 == asked.len()) {
                self.add(&other, weight, &mut best);
            }
            for (wording, others) in &self.synonyms {
                let here = !wording.is_empty()
                    && wording.contains(stem)
                    && asked.windows(wording.len()).any(|window| window == wording.as_slice());
                if here {
                    // Each word of the phrase brings its share of the words that mean the same.
                    let share = SYNONYM / wording.len() as f64;
                    others.iter().flatten().for_each(|other| self.add(other, share, &mut best));
                }
            }
            for (document, score) in best {
                let entry = scores.entry(document).or_default();
                entry.0 += score;
                entry.1 += 1.0;
            }
        }
        let mut hits: Vec<Hit> = scores
            .into_iter()
            // Both words of two beat one of them said often.
            .map(|(index, (score, matched))| Hit {
                index,
                score: score * (matched / asked.len() as f64).powi(2),
            })
            .filter(|hit| hit.score > 0.0)
            .collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.index.cmp(&b.index)));
        hits
    }

    /// What a text would score that has each of these words in its title, and is of average length:
    /// the measure of how much of them a find has.
    pub fn most(&self, words: &str) -> f64 {
        let documents = self.lengths.len() as f64;
        let worth = |stem: &String| {
            let found = self.postings.get(stem).map_or(0.0, |postings| postings.len() as f64);
            let rarity = (1.0 + (documents - found + 0.5) / (found + 0.5)).ln();
            rarity * TITLE * (K1 + 1.0) / (TITLE + K1)
        };
        stems(words).iter().map(worth).sum()
    }

    /// Adds what `stem` is worth to each document that has it; the best reading of a word counts.
    fn add(&self, stem: &str, weight: f64, best: &mut HashMap<usize, f64>) {
        let Some(postings) = self.postings.get(stem) else { return };
        let documents = self.lengths.len() as f64;
        let found = postings.len() as f64;
        let rarity = (1.0 + (documents - found + 0.5) / (found + 0.5)).ln();
        for &(document, count) in postings {
            let norm = K1 * (1.0 - B + B * self.lengths[document] / self.average);
            let score = weight * rarity * count * (K1 + 1.0) / (count + norm);
            let entry = best.entry(document).or_default();
            *entry = entry.max(score);
        }
    }

    /// The stems that a word may mean: itself, else those like it, and for the last word those
    /// that begin with it.
    fn meant(&self, stem: &str, last: bool) -> Vec<(String, f64)> {
        if self.postings.contains_key(stem) {
            return vec![(stem.to_owned(), 1.0)];
        }
        let letters = stem.chars().count();
        let mut found: Vec<(String, f64)> = Vec::new();
        if last && letters >= 2 {
            let after = self.stems.range(stem.to_owned()..).map(|(known, ())| known);
            found.extend(
                after
                    .take_while(|known| known.starts_with(stem))
                    .take(20)
                    .map(|known| (known.clone(), ALIKE)),
            );
        }
        let most = match letters {
            0..=3 => 0,
            4..=7 => 1,
            _ => 2,
        };
        if found.is_empty() && most > 0 {
            let near = |known: &&String| {
                known.chars().count().abs_diff(letters) <= most && strsim::osa_distance(known, stem) <= most
            };
            found.extend(self.stems.keys().filter(near).take(20).map(|known| (known.clone(), ALIKE)));
        }
        found
    }
}

fn stems(text: &str) -> Vec<String> {
    Prepared::new(text).tokens().iter().map(|token| token.stem.clone()).collect()
}

impl From<&Question> for Document {
    fn from(question: &Question) -> Self {
        let mut fields = vec![
            (4.0, question.topics.join(" ")),
            (3.0, question.question.clone()),
            (1.0, question.model_answer.clone()),
        ];
        fields.extend(question.points.iter().map(|point| (1.5, point.text.clone())));
        fields.extend(question.misconceptions.iter().map(|wrong| (0.5, wrong.text.clone())));
        fields.extend(question.follow_ups.iter().map(|follow_up| (0.5, follow_up.question.clone())));
        Self { id: question.id.clone(), title: question.title.clone(), fields }
    }
}

impl From<&Problem> for Document {
    fn from(problem: &Problem) -> Self {
        let mut fields = vec![
            (5.0, problem.aliases.join(" ")),
            (4.0, problem.topics.join(" ")),
            (3.0, problem.statement.clone()),
            (0.5, problem.change.announcement.clone()),
        ];
        fields.extend(problem.points.iter().map(|point| (1.0, point.text.clone())));
        fields.extend(problem.facts.iter().map(|fact| (0.5, fact.answer.clone())));
        Self { id: problem.id.clone(), title: problem.title.clone(), fields }
    }
}

impl From<&DiagramTask> for Document {
    fn from(task: &DiagramTask) -> Self {
        let mut fields = vec![(3.0, task.task.clone())];
        fields.extend(task.items.iter().map(|item| (2.0, item.item.clone())));
        Self { id: task.id.clone(), title: task.title.clone(), fields }
    }
}

impl From<&ClarifyingTopic> for Document {
    fn from(topic: &ClarifyingTopic) -> Self {
        let fields = vec![(2.0, topic.question.clone()), (1.0, topic.why.clone())];
        Self { id: topic.id.clone(), title: topic.question.clone(), fields }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::material::Term;

    fn index() -> (Vec<Document>, SearchIndex) {
        let document = |id: &str, title: &str, text: &str| Document {
            id: id.into(),
            title: title.into(),
            fields: vec![(1.0, text.into())],
        };
        let documents = vec![
            document("cdn", "Content delivery networks", "Edges cache near the user."),
            document(
                "hashing",
                "Consistent hashing",
                "Servers and keys stand on a ring; virtual nodes spread them. A hash.",
            ),
            document("passwords", "Passwords", "Hash hash hash, and a salt."),
            document("queues", "Message queues", "A buffer between producers and consumers."),
        ];
        let term = |name: &str, alias: &str| Term {
            name: name.into(),
            aliases: vec![alias.into()],
            products: vec![],
            kind: None,
        };
        let lexicon =
            Lexicon { terms: vec![term("message queue", "mq"), term("content delivery network", "cdn")] };
        let index = SearchIndex::new(&documents, &lexicon);
        (documents, index)
    }

    #[test]
    fn the_best_document_comes_first() {
        let (documents, index) = index();
        let rows = [
            ("hash ring", "hashing"),
            ("edge caching", "cdn"),
            ("mq", "queues"),
            ("consistant hashing", "hashing"),
            ("producer", "queues"),
            ("pass", "passwords"),
            ("salted hashes", "passwords"),
        ];
        for (words, want) in rows {
            let hits = index.search(words);
            assert_eq!(hits.first().map(|hit| documents[hit.index].id.as_str()), Some(want), "{words}");
        }
    }

    #[test]
    fn what_nobody_says_is_not_found() {
        let (_, index) = index();
        for words in ["", "zebra", "???", "xyz qqq"] {
            assert_eq!(index.search(words), [], "{words}");
        }
        assert_eq!(SearchIndex::default().search("hash"), []);
    }
}
