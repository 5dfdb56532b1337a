//! PURE. From measured quantities to a score: weights and score maps, read from `scoring.toml`.
//!
//! Only the four operations and comparisons of IEEE 754 are used, and what is printed is rounded:
//! the same input gives the same bytes everywhere.

use serde::Deserialize;

/// Weights and maps of the embedded grader.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scoring {
    pub general: General,
    pub packed: PackedScoring,
    pub screen: Screen,
    pub confidence: Certainty,
}

/// An answer against a plain reference.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct General {
    pub coverage: f64,
    pub letters: f64,
    pub precision: f64,
    pub choice: f64,
    pub number: f64,
    /// Taken off per swapped binding, as a share.
    pub swapped: f64,
    /// Taken off for words asserted that the reference denies, or the other way, as a share.
    pub conflict: f64,
    /// From the weighted sum (over the weights of coverage, letters and precision) to a share of the mark.
    pub map: Map,
    /// From the number of new words in the reference to the coverage that is expected of a full answer.
    pub expected: Map,
    /// From the number of points to the share of the mark that is given point by point.
    pub points: Map,
    /// From the mean share of a point that one place says to a share of the mark.
    pub by_point: Map,
    /// From the share of an answer's words that the reference has to what is left of the mark; and
    /// how far that counts, by the words of the answer and by the new words of the reference: a
    /// short reference has few words, and a short answer tells little.
    pub own_ways: Map,
    pub own_ways_words: Map,
    pub own_ways_reference: Map,
    /// A point is covered, or partly, from this coverage of its words.
    pub covered: f64,
    pub partial: f64,
}

/// An answer against a pack's points.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackedScoring {
    /// From the weighted share of points to a share of the mark.
    pub map: Map,
    /// From the share of words in sentences that bear on the question to a factor of the mark.
    pub bearing: Map,
    /// The same from the number of points told, each in a sentence of its own: answers to something
    /// else tell one or two by chance, hardly ever four. The larger factor counts.
    pub bearing_points: Map,
    /// From the share of an answer's words that are the pack's own to the share of points that is
    /// recognised of a full answer.
    pub recognised: Map,
    /// From the number of points told to how sure it is that this question is answered at all.
    pub about: Map,
    /// Bearing counts only under this weighted share of points, and from this number of words.
    pub bearing_below: f64,
    pub bearing_words: f64,
    /// From the number of misconceptions stated to what is left of the mark.
    pub faults: Map,
    /// From the share of sentences that deny something to what is left of the mark.
    pub denying: Map,
    /// As how much of a misconception a point counts that is turned round.
    pub wrong: f64,
    /// Share of the general score when the input brings a reference of its own.
    pub reference: f64,
}

/// What is needed before anything is compared.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Screen {
    /// Highest share of the mark for a flagged answer.
    pub cap: f64,
    /// Highest share of the mark when the answer also speaks to the grader.
    pub to_grader_cap: f64,
    /// Words that must be left for anything to be graded beside talk to the grader.
    pub to_grader_words: usize,
    /// Under this share of small words a text of enough words is a list.
    pub list_small_share: f64,
    /// From so many words a list is a list.
    pub list_words: usize,
    /// From this share of words in short pieces, and this number of pieces, it is a list too.
    pub listed: f64,
    pub pieces: usize,
    /// From the number of words to the fluency under which they are a heap.
    pub fluency: Map,
    /// Under this share of small words more fluency is needed, by as much as is missing.
    pub fluent_small: f64,
    /// From so many words on.
    pub fluency_words: usize,
    /// From this share of repeated triples, in a text of enough words, it is padding.
    pub repetition: f64,
    pub repetition_words: usize,
    /// From this share of an answer's words that only repeat the question.
    pub echo: f64,
    /// "I don't know" is the answer under this share of the mark; the second where it fills most of the words.
    pub gives_up: f64,
    pub gives_up_mostly: f64,
    /// It always is beside fewer words with a meaning.
    pub gives_up_words: usize,
    /// From so many words on an answer is no longer too short.
    pub enough_words: usize,
    /// Under this share of the mark an answer may be about something else; and under this share of
    /// words in sentences that bear on a pack's question it is.
    pub off_topic: f64,
    pub off_topic_bearing: f64,
    /// Bytes that are read.
    pub longest: usize,
}

/// How sure the grader is.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Certainty {
    /// Of a flagged answer.
    pub flagged: f64,
    /// Of one that seems to answer something else.
    pub off_topic: f64,
    /// By share of the mark, against a plain reference.
    pub general: Map,
    /// By share of the mark, against a pack's points.
    pub packed: Map,
    /// Taken off for each share of points decided by likeness only.
    pub likeness: f64,
    /// Taken off for the share of a full answer that is not recognised in such words.
    pub unusual: f64,
    /// Under this the grader says that it does not trust itself.
    pub low: f64,
}

/// A piecewise linear map, given by its corners with ascending first coordinates.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Vec<[f64; 2]>")]
pub(super) struct Map(Vec<[f64; 2]>);

impl TryFrom<Vec<[f64; 2]>> for Map {
    type Error = String;
    fn try_from(corners: Vec<[f64; 2]>) -> Result<Self, String> {
        let ascending = corners.windows(2).all(|two| two[0][0] < two[1][0]);
        if corners.is_empty() || !ascending {
            return Err("a map needs corners, the first numbers ascending".into());
        }
        Ok(Self(corners))
    }
}

impl Map {
    pub(super) fn at(&self, x: f64) -> f64 {
        let after = self.0.partition_point(|corner| corner[0] <= x);
        match (after.checked_sub(1).and_then(|i| self.0.get(i)), self.0.get(after)) {
            (Some(low), Some(high)) => low[1] + (high[1] - low[1]) * (x - low[0]) / (high[0] - low[0]),
            (Some(only), None) | (None, Some(only)) => only[1],
            (None, None) => 0.0,
        }
    }
}

/// Rounds half up to a number of steps per unit.
pub(super) fn rounded(value: f64, steps: f64) -> f64 {
    (value * steps + 0.5).floor() / steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_joins_its_corners_and_ends_flat() {
        let map = Map::try_from(vec![[0.0, 0.0], [0.5, 0.8], [1.0, 1.0]]).expect("a map");
        for (x, want) in [(-1.0, 0.0), (0.0, 0.0), (0.25, 0.4), (0.5, 0.8), (0.75, 0.9), (2.0, 1.0)] {
            assert!((map.at(x) - want).abs() < 1e-12, "{x}");
        }
        assert!(Map::try_from(vec![[1.0, 0.0], [1.0, 1.0]]).is_err());
    }
}
