//! PURE. Markdown and plain text: who speaks is found from the lines that keep naming people.

use std::collections::BTreeMap;

use super::label::{Certainty, Label, label, lone_time, role};
use super::read::{Format, Utterance};

/// Reads text with labels; without any, every paragraph is an utterance of nobody's.
pub(super) fn read(text: &str) -> (Format, Vec<Utterance>) {
    let names = speakers(text);
    if names.is_empty() {
        return (Format::Unlabelled, paragraphs(text));
    }
    let mut found: Vec<Utterance> = Vec::new();
    let mut heading: Option<String> = None;
    let mut time = None;
    let mut lines: Vec<&str> = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        fenced ^= line.trim_start().starts_with("```");
        let named = label(line).filter(|label| !fenced && names.contains_key(&key(&label.name)));
        if let Some(Label { name, at, rest, .. }) = named {
            close(&mut found, &mut lines);
            let name = names.get(&key(&name)).cloned().unwrap_or(name);
            let start = at.or_else(|| time.take());
            found.push(Utterance {
                name: Some(name),
                start,
                end: None,
                text: rest,
                heading: heading.clone(),
            });
        } else if let Some(at) = lone_time(line).filter(|_| !fenced) {
            close(&mut found, &mut lines);
            // Teams repeats a label's time on the next line; Meet puts it before what follows.
            let fresh = found.last().is_some_and(|last| last.text.is_empty() && last.start.is_some());
            time = (!fresh).then_some(at);
        } else if let Some(title) = heading_of(line).filter(|_| !fenced) {
            close(&mut found, &mut lines);
            heading = Some(title.to_owned());
        } else if fenced || !is_footer(line) {
            lines.push(line);
        }
    }
    close(&mut found, &mut lines);
    (Format::Labelled, found)
}

fn close(found: &mut [Utterance], lines: &mut Vec<&str>) {
    if let Some(last) = found.last_mut() {
        let more = join_lines(lines);
        if !last.text.is_empty() && !more.is_empty() {
            last.text.push(if more.starts_with('\n') || is_own_line(&more) { '\n' } else { ' ' });
        }
        last.text.push_str(&more);
    }
    lines.clear();
}

/// What exporters add and nobody said.
fn is_footer(line: &str) -> bool {
    const FOOTERS: [&str; 8] = [
        "transcribed by http",
        "transcribed by otter",
        "transcription ended",
        "transcript ended",
        "meeting ended after",
        "recording ended",
        "this editable transcript was",
        "end of transcript",
    ];
    let lower = line.trim().trim_start_matches(['[', '(', '*', '_']).to_lowercase();
    lower.len() < 160 && FOOTERS.iter().any(|footer| lower.starts_with(footer))
}

fn key(name: &str) -> String {
    name.to_lowercase()
}

/// `## Deep dive (45 min)`, `--- Requirements ---`.
fn heading_of(line: &str) -> Option<&str> {
    let trimmed = line.trim();
    let title = if trimmed.starts_with('#') {
        trimmed.trim_start_matches('#')
    } else {
        trimmed.strip_prefix("---").or_else(|| trimmed.strip_prefix("==="))?.trim_end_matches(['-', '='])
    };
    let title = title.trim();
    (!title.is_empty() && title.len() < 120).then_some(title)
}

/// The names that lines keep giving, by lower case, each as it is written most.
fn speakers(text: &str) -> BTreeMap<String, String> {
    #[derive(Default)]
    struct Seen {
        count: usize,
        sure: usize,
        likely: usize,
        name: String,
        role: bool,
    }
    let mut seen: BTreeMap<String, Seen> = BTreeMap::new();
    for found in text.lines().filter_map(label) {
        let entry = seen.entry(key(&found.name)).or_default();
        entry.count += 1;
        entry.sure += usize::from(found.certainty == Certainty::Sure);
        entry.likely += usize::from(found.certainty >= Certainty::Likely);
        entry.role = role(&found.name).is_some();
        if entry.name.is_empty() {
            entry.name = found.name;
        }
    }
    let letters = |seen: &Seen| seen.name.chars().count() == 1;
    seen.retain(|_, seen| match () {
        () if seen.role && !letters(seen) => true,
        () if seen.sure > 0 && !seen.role => true,
        () if seen.likely > 0 => seen.count >= 2,
        () => seen.count >= 3,
    });
    let top = seen.values().map(|seen| seen.count).max().unwrap_or(0);
    let roles = seen.values().filter(|seen| seen.role).count();
    let timed = seen.values().filter(|seen| seen.sure * 2 > seen.count && !seen.role).count();
    seen.retain(|_, seen| {
        let is_sure = seen.sure * 2 > seen.count;
        match () {
            () if seen.role => true,
            // Where every speaker has a time, a word before a colon is part of the talk.
            () if timed >= 2 => is_sure,
            () if roles >= 2 => is_sure && seen.count * 4 >= top,
            () if roles == 1 => seen.count * 4 >= top,
            () => seen.count * 12 >= top && seen.count >= 2 || is_sure,
        }
    });
    let alone = seen.len() == 1 && seen.values().all(|seen| !seen.role && seen.sure == 0);
    if alone {
        return BTreeMap::new();
    }
    seen.into_iter().map(|(key, seen)| (key, seen.name)).collect()
}

fn paragraphs(text: &str) -> Vec<Utterance> {
    let mut found = Vec::new();
    let mut heading: Option<String> = None;
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().chain([""]) {
        if let Some(title) = heading_of(line) {
            heading = Some(title.to_owned());
        } else if line.trim().is_empty() {
            let text = join_lines(&lines);
            if !text.is_empty() {
                found.push(Utterance { text, heading: heading.clone(), ..Utterance::default() });
            }
            lines.clear();
        } else {
            lines.push(line);
        }
    }
    found
}

/// Joins wrapped lines by spaces; lists, tables, drawings and paragraphs keep their lines.
pub(super) fn join_lines(lines: &[&str]) -> String {
    let mut out = String::new();
    let (mut fenced, mut blank) = (false, false);
    for line in lines {
        let trimmed = line.trim_end();
        let fence = trimmed.trim_start().starts_with("```");
        if trimmed.is_empty() {
            blank = !out.is_empty();
            continue;
        }
        let own = fenced || fence || is_own_line(trimmed);
        if !out.is_empty() {
            out.push_str(match (blank, own) {
                (true, _) => "\n\n",
                (false, true) => "\n",
                (false, false) => " ",
            });
        }
        out.push_str(if own { trimmed } else { trimmed.trim_start() });
        fenced ^= fence;
        blank = false;
    }
    out
}

fn is_own_line(line: &str) -> bool {
    let start = line.trim_start();
    let numbered = start.split_once(['.', ')']).is_some_and(|(digits, rest)| {
        !digits.is_empty()
            && digits.len() <= 2
            && digits.bytes().all(|b| b.is_ascii_digit())
            && rest.starts_with(' ')
    });
    numbered
        || ["- ", "* ", "\u{2022} ", "|", "+-", "```", "> "].iter().any(|mark| start.starts_with(mark))
        || line.starts_with("    ")
        || start.contains("-->")
        || start.contains("---")
}
