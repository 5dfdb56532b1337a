//! PURE. Words and shapes that the renderers share: titles, clock times, flags, wrapped lines.

use unicode_width::UnicodeWidthStr;

use crate::grading::{Flag, PointStatus, Rubric, Verdict};
use crate::text::sanitise;

/// A criterion's title, or its id if the rubric does not have it.
pub(super) fn title<'a>(rubric: &'a Rubric, id: &'a str) -> &'a str {
    rubric.criterion(id).map_or(id, |criterion| criterion.title.as_str())
}

/// A verdict as it is printed.
pub(super) fn verdict(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::StrongYes) => "strong yes",
        Some(Verdict::Yes) => "yes",
        Some(Verdict::No) => "no",
        Some(Verdict::StrongNo) => "strong no",
        None => "not assessed",
    }
}

/// `1:02:03` or `12:03`.
pub(super) fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// Used time, and of how much: `12:03 of 15:00`.
pub(super) fn used_of(used: Option<u64>, planned: Option<u64>) -> String {
    match (used, planned) {
        (Some(used), Some(planned)) => format!("{} of {}", clock(used), clock(planned)),
        (Some(used), None) => clock(used),
        (None, Some(planned)) => format!("planned {}", clock(planned)),
        (None, None) => "not known".to_owned(),
    }
}

/// A phase's or another id for people: `high_level_design` as `High level design`.
pub(super) fn name_of(id: &str) -> String {
    let spaced = id.replace(['_', '-'], " ");
    let mut letters = spaced.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// What a flag means, as a sentence.
pub(super) fn flag(flag: Flag) -> &'static str {
    match flag {
        Flag::Empty => "Nothing was said.",
        Flag::TooShort => "Too little was said to judge much.",
        Flag::DontKnow => "Most questions were answered with not knowing.",
        Flag::Echo => "Much of it repeats what the interviewer had just said; that earned nothing.",
        Flag::KeywordList => "There are bare lists of keywords; they earned nothing.",
        Flag::WordSalad => "Some sentences are words in no order; they earned nothing.",
        Flag::Padding => "The same sentences come again and again; only the first counted.",
        Flag::OffTopic => "Much of it is about something else.",
        Flag::AddressesGrader => {
            "Some of it speaks to the grader instead of the interviewer; it earned nothing."
        }
        Flag::HiddenText => "Invisible characters were removed.",
        Flag::Contradiction => "Some claims or figures are wrong or do not go together.",
        Flag::LowConfidence => "The grader does not trust its own judgement here.",
        Flag::OtherLanguage => "Parts are in a language that the grader does not read.",
        Flag::Truncated => "It was too long to be read whole.",
    }
}

/// The mark of a point: covered, in part, missed, wrong.
pub(super) fn mark(status: PointStatus) -> &'static str {
    match status {
        PointStatus::Covered => "x",
        PointStatus::Partial => "~",
        PointStatus::Missed => " ",
        PointStatus::Wrong => "!",
    }
}

/// Where a quote stands: `turn 4, 12:03`; turns are counted from 1 for people.
pub(super) fn place(turn: usize, at: Option<u64>) -> String {
    match at {
        Some(at) => format!("turn {}, {}", turn + 1, clock(at)),
        None => format!("turn {}", turn + 1),
    }
}

/// The candidate's words on one line, safe to show.
pub(super) fn quoted(quote: &str) -> String {
    format!("\u{201c}{}\u{201d}", one_line(quote))
}

/// Text from outside on one line, safe to show.
pub(super) fn one_line(text: &str) -> String {
    sanitise(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Breaks `text` into lines of at most `width` columns; the first starts with `first`, the
/// others with `rest`. A word longer than a line stands on its own.
pub(super) fn wrap(text: &str, first: &str, rest: &str, width: usize) -> String {
    let mut out = String::from(first);
    let mut column = first.width();
    let mut fresh = true;
    for word in text.split_whitespace() {
        if !fresh && column + 1 + word.width() > width {
            out.push('\n');
            out.push_str(rest);
            (column, fresh) = (rest.width(), true);
        }
        if !fresh {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += word.width();
        fresh = false;
    }
    out.push('\n');
    out
}
