//! PURE. WebVTT and SubRip: timed captions, with the speaker in a voice tag or before a colon.

use super::label::caption_label;
use super::read::{Utterance, clock};

/// Whether the text has SubRip's time lines and nothing before the first but a number.
pub(super) fn looks_like_srt(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or("");
    let timed = if first.bytes().all(|b| b.is_ascii_digit()) { lines.next().unwrap_or("") } else { first };
    times(timed).is_some()
}

/// Reads the cues; what is not a cue (notes, styles, numbers) is left out.
pub(super) fn read(text: &str) -> Vec<Utterance> {
    let mut found: Vec<Utterance> = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let Some((start, end)) = times(line) else { continue };
        let mut payload = Vec::new();
        while let Some(next) = lines.peek() {
            if next.trim().is_empty() || times(next).is_some() {
                break;
            }
            payload.push(lines.next().unwrap_or(""));
        }
        // A cue's number may stand right before the next time line, without a blank line.
        if lines.peek().is_some_and(|next| times(next).is_some())
            && payload.len() > 1
            && payload.last().is_some_and(|last| last.trim().bytes().all(|b| b.is_ascii_digit()))
        {
            payload.pop();
        }
        cue(&payload.join("\n"), start, end, &mut found);
    }
    found
}

/// `00:00:01.000 --> 00:00:02.000 align:start` as seconds.
fn times(line: &str) -> Option<(f64, f64)> {
    let (start, rest) = line.split_once("-->")?;
    Some((clock(start.trim())?, clock(rest.split_whitespace().next()?)?))
}

/// One cue may hold several voices, each from its tag to the next.
fn cue(payload: &str, start: f64, end: f64, found: &mut Vec<Utterance>) {
    let mut voices: Vec<(Option<String>, String)> = vec![(None, String::new())];
    let mut rest = payload;
    while let Some(open) = rest.find('<') {
        push_text(&mut voices, &rest[..open]);
        let Some(close) = rest[open..].find('>') else {
            push_text(&mut voices, &rest[open..]);
            rest = "";
            break;
        };
        let tag = &rest[open + 1..open + close];
        let is_voice = tag.starts_with('v') && tag[1..].starts_with([' ', '.', '\t']);
        if let Some((_, name)) = tag.split_once([' ', '\t']).filter(|_| is_voice) {
            voices.push((Some(unescape(name.trim())), String::new()));
        } else if tag == "/v" {
            voices.push((None, String::new()));
        }
        rest = &rest[open + close + 1..];
    }
    push_text(&mut voices, rest);
    for (name, said) in voices {
        let said = unescape(&said).lines().map(str::trim).collect::<Vec<_>>().join(" ");
        if said.trim().is_empty() {
            continue;
        }
        let (name, said) = match name {
            Some(name) => (Some(name).filter(|name| !name.is_empty()), said),
            None => caption_label(&said).map_or((None, said.clone()), |(n, text)| (Some(n), text.to_owned())),
        };
        let text = said.trim().trim_start_matches("- ").to_owned();
        found.push(Utterance { name, start: Some(start), end: Some(end), text, heading: None });
    }
}

fn push_text(voices: &mut [(Option<String>, String)], text: &str) {
    if let Some((_, said)) = voices.last_mut() {
        said.push_str(text);
    }
}

fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", " ")
        .replace("&lrm;", "")
        .replace("&rlm;", "")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}
