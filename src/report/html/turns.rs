//! PURE. The conversation, turn by turn, with the quotes of the report set off where they were said.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use maud::{Markup, html};

use super::document::Section;
use super::text::{Line, Lines};
use super::{Page, criterion_anchor};
use crate::grading::{Assessment, PointStatus};
use crate::interview::Said;
use crate::report::words::{clock, title};
use crate::text::{find_quote, sanitise};
use crate::transcript::Speaker;

/// What the report takes from a turn.
#[derive(Default)]
struct Cited<'a> {
    quotes: Vec<&'a str>,
    criteria: BTreeSet<usize>,
}

pub(super) fn transcript(page: &Page<'_>) -> Option<Section> {
    let said = &page.state.said;
    if said.is_empty() {
        return None;
    }
    let cited = cited(page);
    let body = html! {
        p.aside { "What the report quotes is marked." }
        @for (number, turn) in said.iter().enumerate() {
            @if number == 0 || said[number - 1].phase != turn.phase {
                @if let Some(phase) = turn.phase.and_then(|phase| page.state.start.plan.phases.get(phase)) {
                    h3 { (Line(&phase.title)) }
                }
            }
            (one(page, number, turn, cited.get(&number)))
        }
    };
    Some(Section { id: "transcript", title: "What was said", body })
}

/// The quotes of the report by turn, and the criteria they are evidence for.
fn cited<'a>(page: &Page<'a>) -> BTreeMap<usize, Cited<'a>> {
    let mut cited: BTreeMap<usize, Cited<'a>> = BTreeMap::new();
    for (index, criterion) in page.report.criteria.iter().enumerate() {
        let Assessment::Assessed { evidence, .. } = &criterion.assessment else { continue };
        for item in evidence {
            let turn = cited.entry(item.turn()).or_default();
            turn.quotes.push(item.quote());
            turn.criteria.insert(index);
        }
    }
    for correction in &page.report.corrections {
        cited.entry(correction.evidence.turn()).or_default().quotes.push(correction.evidence.quote());
    }
    for point in page.report.points.iter().filter(|point| point.status != PointStatus::Missed) {
        if let Some(turn) = point.turn {
            cited.entry(turn).or_default().quotes.push(&point.quote);
        }
    }
    cited
}

fn one(page: &Page<'_>, number: usize, said: &Said, cited: Option<&Cited<'_>>) -> Markup {
    let (style, speaker) = match said.speaker {
        Speaker::Candidate => ("candidate", page.candidate()),
        Speaker::Interviewer => ("interviewer", "Interviewer"),
        Speaker::Other => ("other", "Other"),
    };
    let at = page.is_timed().then(|| clock(said.active_ms / 1000));
    let text = sanitise(&said.text);
    let quotes = cited.map_or(&[][..], |cited| &cited.quotes);
    let criteria = cited.into_iter().flat_map(|cited| &cited.criteria);
    let id = format!("turn-{}", number + 1);
    html! {
        article class={ "turn " (style) } id=(id) aria-labelledby={ (id) "-by" } tabindex="-1" {
            p.by id={ (id) "-by" } {
                strong { (speaker) } " " span { "turn " (number + 1) }
                @if let Some(at) = at { " " span { (at) } }
            }
            p.text dir="auto" {
                @for (piece, is_quoted) in pieces(&text, quotes) {
                    @if is_quoted { mark { (Lines(piece)) } } @else { (Lines(piece)) }
                }
                @if said.partial { span.aside { " (broke off)" } }
            }
            @for (place, &index) in criteria.enumerate() {
                @if let Some(criterion) = page.report.criteria.get(index) {
                    @if place == 0 { span.cited { "Evidence for" } }
                    " " a.cited href={ "#" (criterion_anchor(index)) } { (Line(title(page.rubric, &criterion.id))) }
                }
            }
        }
    }
}

/// `text` cut where quotes begin and end, and whether each piece is in one.
fn pieces<'t>(text: &'t str, quotes: &[&str]) -> Vec<(&'t str, bool)> {
    let mut ranges: Vec<Range<usize>> =
        quotes.iter().filter_map(|quote| find_quote(text, &sanitise(quote))).collect();
    ranges.sort_by_key(|range| range.start);
    let (mut pieces, mut end) = (Vec::new(), 0);
    for range in ranges {
        if range.start > end {
            pieces.push((&text[end..range.start], false));
        }
        let start = range.start.max(end);
        if range.end > start {
            // Quotes that touch or overlap are one.
            match pieces.last_mut() {
                Some((last, true)) if start == end => {
                    let begin = end - last.len();
                    *last = &text[begin..range.end];
                }
                _ => pieces.push((&text[start..range.end], true)),
            }
        }
        end = end.max(range.end);
    }
    if end < text.len() {
        pieces.push((&text[end..], false));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn overlapping_quotes_are_one_mark_and_no_letter_is_lost() {
        let text = "We shard by user id, then cache.";
        let rows: [(&[&str], &str); 4] = [
            (&[], "We shard by user id, then cache."),
            (&["shard by"], "We [shard by] user id, then cache."),
            (&["user id, then", "shard by user", "by"], "We [shard by user id, then] cache."),
            (&["not said", "We", "cache."], "[We] shard by user id, then [cache.]"),
        ];
        for (quotes, want) in rows {
            let pieces = pieces(text, quotes).into_iter();
            let shown: String = pieces
                .map(|(piece, quoted)| if quoted { format!("[{piece}]") } else { piece.to_owned() })
                .collect();
            assert_eq!(shown, want, "{quotes:?}");
        }
    }
}
