//! PURE. The points of a reference given as plain prose or notes: list items, table rows, sentences.

use rustc_hash::{FxHashMap, FxHashSet};

use super::align::{Finder, Place};
use super::contrast::Contrast;
use super::features::triples;
use super::knowledge::{Kin, Knowledge};
use super::reading::Reading;
use crate::text::Prepared;

/// More points than this are not told apart; notes of a whole chapter are no reference.
const MOST_POINTS: usize = 40;

/// A word of the reference, and what may stand for it.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub key: String,
    /// Folded, for telling a slip of the pen.
    pub folded: String,
    pub in_question: bool,
    pub negated: bool,
    pub kin: Vec<Kin>,
    pub opposites: Vec<String>,
}

/// One point of a reference.
#[derive(Clone, Debug)]
pub(super) struct RefPoint {
    /// As a plain sentence.
    pub text: String,
    pub weight: f64,
    pub words: Vec<Word>,
    /// Where the reference's finder has each word.
    pub places: Vec<Place>,
}

/// A reference, taken apart once for all answers to its question.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub points: Vec<RefPoint>,
    /// Finds the words of all points.
    pub finder: Finder,
    /// Keys of the question's content words.
    pub question: FxHashSet<String>,
    /// Keys of the sentence of it that asks, the last one.
    pub asked: FxHashSet<String>,
    /// Stems that stand side by side in the question.
    pub question_pairs: FxHashSet<(String, String)>,
    pub contrast: Contrast,
    /// Letter triples of the words that the question has not, numbered.
    pub triples: FxHashMap<[u8; 3], usize>,
    /// (Point, word) of each key's first word.
    pub once: Vec<(usize, usize)>,
    /// The alternative that a "which" question offers and the reference takes, as folded words.
    pub choice: Choice,
    /// Share of small words: a bare list of names has few.
    pub small_share: f64,
    /// Number of words.
    pub size: usize,
}

/// What a question offers to choose from.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Choice {
    /// Words by which the right alternative is named.
    pub right: Vec<String>,
    /// Words by which the others are named.
    pub wrong: Vec<String>,
}

impl Reference {
    pub(super) fn new(known: &Knowledge, question: &str, reference: &str) -> Self {
        let asked = Reading::new(known, question);
        let question_keys: FxHashSet<String> = asked.content().map(|(_, unit)| unit.key.clone()).collect();
        let question_pairs = asked
            .prepared
            .tokens()
            .windows(2)
            .map(|two| (two[0].stem.clone(), two[1].stem.clone()))
            .collect();
        let last = asked.prepared.sentences().len().saturating_sub(1);
        let asked_keys: FxHashSet<String> = asked
            .content()
            .filter(|(at, _)| asked.sentence_of(*at) == last)
            .map(|(_, u)| u.key.clone())
            .collect();
        let mut pieces = pieces(reference);
        pieces.truncate(MOST_POINTS);
        let mut points: Vec<RefPoint> = Vec::new();
        let mut finder = Finder::default();
        for (text, weight) in pieces {
            let words = words(known, &text, &question_keys);
            if !words.is_empty() {
                let places = words.iter().map(|word| finder.add(word)).collect();
                points.push(RefPoint { text, weight, words, places });
            }
        }
        let text = points.iter().map(|p| p.text.as_str()).collect::<Vec<_>>().join("\n");
        let reading = Reading::new(known, &text);
        let small = reading.units.iter().filter(|unit| unit.small.is_some()).count();
        let contrast = Contrast::new(known, &asked, &reading);
        let choice = choice(&asked, &Prepared::new(reference));
        let size = reading.units.len();
        let new_words = points.iter().flat_map(|point| &point.words).filter(|word| !word.in_question);
        let mut numbered = FxHashMap::default();
        for three in new_words.flat_map(|word| triples(&word.folded)) {
            let next = numbered.len();
            numbered.entry(three).or_insert(next);
        }
        let mut seen = FxHashSet::default();
        let all = points.iter().enumerate().flat_map(|(at, point)| {
            point.words.iter().enumerate().map(move |(index, word)| ((at, index), &word.key))
        });
        let once = all.filter(|(_, key)| seen.insert(*key)).map(|(place, _)| place).collect();
        let small_share = small as f64 / size.max(1) as f64;
        Self {
            points,
            finder,
            question: question_keys,
            asked: asked_keys,
            question_pairs,
            contrast,
            triples: numbered,
            once,
            choice,
            small_share,
            size,
        }
    }
}

/// The content words of a point, each key once.
pub(super) fn words(known: &Knowledge, text: &str, question: &FxHashSet<String>) -> Vec<Word> {
    let reading = Reading::new(known, text);
    let mut seen = FxHashSet::default();
    let tokens = reading.prepared.tokens();
    let content = reading.content().filter(|(_, unit)| seen.insert(unit.key.clone()));
    content
        .map(|(position, unit)| Word {
            key: unit.key.clone(),
            folded: tokens[position].word.clone(),
            in_question: question.contains(&unit.key),
            negated: unit.negated,
            kin: known.kin(&unit.key).to_vec(),
            opposites: known.opposites(&unit.key).to_vec(),
        })
        .collect()
}

/// If the question says "A or B": which of the two the reference names, and which it does not.
fn choice(asked: &Reading<'_>, reference: &Prepared<'_>) -> Choice {
    let tokens = asked.prepared.tokens();
    let Some(or) = tokens.iter().rposition(|token| token.word == "or") else { return Choice::default() };
    let meant = |i: &usize| asked.units[*i].small.is_none() || tokens[*i].word.len() == 1;
    let side = |range: std::ops::Range<usize>| range.filter(meant).map(|i| tokens[i].word.clone());
    let before: Vec<String> = side(or.saturating_sub(3)..or).collect();
    let after: Vec<String> = side(or + 1..(or + 4).min(tokens.len())).collect();
    let (Some(left), Some(right)) = (before.last(), after.first()) else { return Choice::default() };
    let says = |word: &String| reference.tokens().iter().any(|token| token.word == *word);
    match (says(left), says(right)) {
        (true, false) => Choice { right: vec![left.clone()], wrong: vec![right.clone()] },
        (false, true) => Choice { right: vec![right.clone()], wrong: vec![left.clone()] },
        _ => Choice::default(),
    }
}

/// Cuts a reference into points with their weight.
fn pieces(reference: &str) -> Vec<(String, f64)> {
    let mut found: Vec<(String, f64)> = Vec::new();
    let (mut paragraph, mut fenced, mut header) = (String::new(), false, None::<usize>);
    for line in reference.lines() {
        let trimmed = line.trim();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            fenced = !fenced;
            continue;
        }
        if fenced {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let row = trimmed.starts_with('|') && trimmed.len() > 1;
        if trimmed.is_empty() || trimmed.starts_with('#') || is_rule(trimmed) {
            if row || is_rule(trimmed) && header.is_some() {
                // The line above was the heading of a table.
                if let Some(at) = header.take() {
                    found.truncate(at);
                }
            }
            flush(&mut paragraph, &mut found);
        } else if row {
            flush(&mut paragraph, &mut found);
            if header.is_none() {
                header = Some(found.len());
            }
            let cells = trimmed.trim_matches('|').split('|').map(plain).filter(|cell| !cell.is_empty());
            found.push((cells.collect::<Vec<_>>().join(": "), 1.0));
        } else if let Some(item) = list_item(trimmed) {
            flush(&mut paragraph, &mut found);
            let text = plain(item);
            if !text.ends_with(':') {
                found.push((text, if indent >= 2 { 0.6 } else { 1.0 }));
            }
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph += trimmed;
        }
    }
    flush(&mut paragraph, &mut found);
    if found.is_empty() && !reference.trim().is_empty() {
        found.push((reference.split_whitespace().collect::<Vec<_>>().join(" "), 1.0));
    }
    found
}

fn flush(paragraph: &mut String, found: &mut Vec<(String, f64)>) {
    let text = plain(&std::mem::take(paragraph));
    // "**1. Range:**" is a heading of its own kind; its number is no point.
    let text = list_item(&text).unwrap_or(&text);
    let prepared = Prepared::new(text);
    for index in 0..prepared.sentences().len() {
        let sentence = prepared.sentence(index);
        if !sentence.ends_with(':') {
            found.push((sentence.to_owned(), 1.0));
        }
    }
}

fn is_rule(line: &str) -> bool {
    line.len() >= 3 && line.chars().all(|c| matches!(c, '-' | '=' | '*' | '_' | '|' | ':' | ' ' | '+'))
}

/// The text of a list item, or `None`.
fn list_item(line: &str) -> Option<&str> {
    for bullet in ["- ", "* ", "+ ", "• ", "– "] {
        if let Some(rest) = line.strip_prefix(bullet) {
            return Some(rest.trim());
        }
    }
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    let rest = line[digits..].strip_prefix(['.', ')'])?;
    (digits > 0 && digits < 3 && rest.starts_with(' ')).then(|| rest.trim())
}

/// A tick, a cross, an arrow or a picture, as notes set them before a line.
fn is_ornament(c: char) -> bool {
    c >= '\u{2190}' && !c.is_alphanumeric() && !('\u{3000}'..='\u{303f}').contains(&c)
}

/// Removes the marks of emphasis, code and links, and what only adorns the beginning.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim();
    while let Some(at) = rest.find(['*', '`', '[', '_']) {
        out += &rest[..at];
        let mark = &rest[at..];
        let link = mark
            .strip_prefix('[')
            .and_then(|inner| inner.split_once("]("))
            .filter(|(label, _)| !label.contains('['));
        if let Some((label, tail)) = link {
            out += label;
            rest = tail.split_once(')').map_or("", |(_, after)| after);
        } else {
            let keep = mark.starts_with('[')
                || (mark.starts_with('_') && out.ends_with(char::is_alphanumeric))
                || (mark.starts_with("* ") && out.ends_with(' '));
            if keep {
                out += &mark[..1];
            }
            rest = &mark[1..];
        }
    }
    out += rest;
    out.trim_start_matches(|c: char| c.is_whitespace() || is_ornament(c)).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_become_points() {
        let notes = "## Load balancer\nA **load balancer** spreads requests. It checks health.\n\n**Algorithms:**\n\n1. **Round robin:** in turn\n   - Use case: equal servers\n2. `Least connections`\n\n| kind | works on |\n|---|---|\n| L4 | ports |\n| [L7](x) | content |\n```\nclient -> lb\n```\n";
        let found: Vec<String> = pieces(notes).into_iter().map(|(text, _)| text).collect();
        assert_eq!(
            found,
            [
                "A load balancer spreads requests.",
                "It checks health.",
                "Round robin: in turn",
                "Use case: equal servers",
                "Least connections",
                "L4: ports",
                "L7: content"
            ]
        );
    }

    #[test]
    fn numbers_and_ornaments_are_no_points() {
        let notes = "**1. Range:**\n```\nA to M\n```\n- ✅ Simple\n- ❌ Hot spots\n\n**2. Hash (modulo):** Spreads keys evenly.\n\n→ Both move data.\n";
        let found: Vec<String> = pieces(notes).into_iter().map(|(text, _)| text).collect();
        assert_eq!(found, ["Simple", "Hot spots", "Hash (modulo): Spreads keys evenly.", "Both move data."]);
    }

    #[test]
    fn a_reference_of_code_alone_is_still_a_reference() {
        assert_eq!(pieces("```\nx = 1\n```").len(), 1);
        assert!(pieces("  \n").is_empty());
    }
}
