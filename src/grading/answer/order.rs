//! PURE. Whether small words follow each other as they do in English: language against a heap of words.

use rustc_hash::FxHashMap;

use super::knowledge::SmallWord;

/// How much oftener than by chance one word or class follows another, in tenths of a power of two.
#[derive(Clone, Debug, Default)]
pub(super) struct WordOrder {
    states: FxHashMap<String, usize>,
    tenths: FxHashMap<(usize, usize), i32>,
}

impl WordOrder {
    /// Reads the lines of `word_order.txt`; an entry that cannot be read counts as chance.
    pub(super) fn read<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let mut order = Self::default();
        for line in lines {
            let mut words = line.split(' ');
            let first = words.next().map(|word| order.state(word));
            for entry in words {
                let Some((word, tenths)) = entry.split_once('=') else { continue };
                let next = order.state(word);
                if let (Some(first), Ok(tenths)) = (first, tenths.parse()) {
                    order.tenths.insert((first, next), tenths);
                }
            }
        }
        order
    }

    fn state(&mut self, word: &str) -> usize {
        let next = self.states.len();
        *self.states.entry(word.to_owned()).or_insert(next)
    }

    /// The mean over all neighbours in these words, beginning and end included: about 0.4 in
    /// prose, under -0.3 in a heap of the same words.
    pub(super) fn fluency<'a>(&self, words: impl Iterator<Item = (&'a str, Option<SmallWord>)>) -> f64 {
        let known = |name: &str| self.states.get(name).copied();
        let of = |(word, small): (&str, Option<SmallWord>)| known(word).or_else(|| known(class(small)));
        let (mut sum, mut count, mut before) = (0, 0, known("*begin"));
        let words: Vec<Option<usize>> = words.map(of).chain([known("*end")]).collect();
        for now in words {
            if let (Some(before), Some(now)) = (before, now) {
                sum += self.tenths.get(&(before, now)).copied().unwrap_or(0);
            }
            count += 1;
            before = now;
        }
        if count > 1 { f64::from(sum) / 10.0 / f64::from(count) } else { 0.0 }
    }
}

fn class(small: Option<SmallWord>) -> &'static str {
    match small {
        None => "*content",
        Some(SmallWord::Article) => "*article",
        Some(SmallWord::Determiner) => "*determiner",
        Some(SmallWord::Preposition) => "*preposition",
        Some(SmallWord::Auxiliary) => "*auxiliary",
        Some(SmallWord::Pronoun) => "*pronoun",
        Some(SmallWord::Conjunction) => "*conjunction",
        Some(SmallWord::Other) => "*other",
    }
}
