//! PURE. The line that names a speaker, in the ways of the common exporters.
//!
//! `Name: text`, `**Name:** text`, `[00:01:23] Name: text`, `Name (1:23): text`, `Name  1:23` on its
//! own (Otter, Teams), `[Name] 10:02:03` (Zoom), `### Name`, `Name 1 minute 3 seconds` (Teams).

use super::read::clock;

/// Names by which people call the two roles; compared in lower case.
pub(super) const CANDIDATE: [&str; 13] = [
    "candidate",
    "interviewee",
    "applicant",
    "me",
    "user",
    "student",
    "c",
    "cand",
    "you",
    "mentee",
    "a",
    "answer",
    "examinee",
];
pub(super) const INTERVIEWER: [&str; 21] = [
    "interviewer",
    "int",
    "i",
    "host",
    "coach",
    "examiner",
    "assistant",
    "ai",
    "chatgpt",
    "claude",
    "gemini",
    "gpt",
    "bot",
    "greenroom",
    "recruiter",
    "hiring manager",
    "mentor",
    "q",
    "question",
    "panel",
    "model",
];
/// Words of names that are written small.
pub(super) const PARTICLES: [&str; 14] =
    ["de", "van", "von", "der", "den", "al", "el", "bin", "ibn", "la", "di", "da", "dos", "le"];

/// What a name says about the role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Candidate,
    Interviewer,
}

/// The role that a name itself tells, if any: `Interviewer`, `Candidate 1`, `Jane (interviewer)`.
pub(super) fn role(name: &str) -> Option<Role> {
    let lower = name.to_lowercase();
    let bare = lower.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ' || c == '#' || c == '_');
    let inside =
        lower.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map(|(inside, _)| inside.trim());
    let is = |list: &[&str]| list.contains(&bare) || inside.is_some_and(|inside| list.contains(&inside));
    match () {
        () if is(&CANDIDATE) => Some(Role::Candidate),
        () if is(&INTERVIEWER) => Some(Role::Interviewer),
        () => None,
    }
}

/// How sure it is that a line names a speaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Certainty {
    /// A word or two in small letters before a colon.
    Weak,
    /// The shape of a name before a colon, or alone in a heading.
    Likely,
    /// With a time, or a role by its own name.
    Sure,
}

/// A line that may name a speaker.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Label {
    pub name: String,
    pub at: Option<f64>,
    /// What is said on the same line.
    pub rest: String,
    pub certainty: Certainty,
}

/// Reads a line as a label.
pub(super) fn label(line: &str) -> Option<Label> {
    let trimmed = line.trim();
    if trimmed.is_empty() || trimmed.len() > 100_000 {
        return None;
    }
    let heading = trimmed.starts_with('#');
    let plain = undecorated(trimmed.trim_start_matches(['#', '>']).trim_start());
    let bold = plain.1;
    let (lead, body) = leading_time(&plain.0);
    if let Some((name, after)) = body.strip_prefix('[').and_then(|rest| rest.split_once(']'))
        && let Some((name, certainty)) = valid(name)
    {
        let after = after.trim_start();
        let (at, rest) = leading_time(after);
        let rest = rest.trim_start();
        if at.is_some() || rest.starts_with(':') {
            let rest = rest.strip_prefix(':').unwrap_or(rest).trim();
            let certainty = if at.or(lead).is_some() { Certainty::Sure } else { certainty };
            return Some(Label { name, at: lead.or(at), rest: rest.to_owned(), certainty });
        }
    }
    if let Some(colon) = name_colon(&body) {
        let (name, at) = trailing_time(&body[..colon]);
        if let Some((name, certainty)) = valid(name) {
            let at = lead.or(at);
            let certainty = if at.is_some() { Certainty::Sure } else { certainty };
            let rest = body[colon + 1..].trim().to_owned();
            return Some(Label { name, at, rest, certainty });
        }
    }
    let (name, at) = trailing_time(&body);
    let (name, at) = if at.is_some() { (name, at) } else { trailing_spoken_time(&body) };
    if at.is_some() || heading || bold == Bold::Whole {
        let (name, certainty) = valid(name)?;
        let certainty = if at.is_some() { Certainty::Sure } else { certainty };
        return Some(Label { name, at: lead.or(at), rest: String::new(), certainty });
    }
    None
}

/// The time that stands alone on a line, as Google Meet has it.
pub(super) fn lone_time(line: &str) -> Option<f64> {
    clock(line.trim().trim_matches(['[', ']', '(', ')', '*']))
}

/// `Name: text` in a caption; a name there has at most four words.
pub(super) fn caption_label(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start_matches("- ").trim_start_matches(">> ");
    if let Some((name, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']'))
        && let Some((name, certainty)) = valid(name)
        && certainty > Certainty::Weak
    {
        return Some((name, rest.trim_start_matches(':').trim()));
    }
    let colon = name_colon(text)?;
    let (name, certainty) = valid(&text[..colon])?;
    (certainty > Certainty::Weak && name.split(' ').count() <= 4).then(|| (name, text[colon + 1..].trim()))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bold {
    No,
    Begins,
    Whole,
}

/// Takes away the first pair of `**` or `__`, and a list mark before it.
fn undecorated(line: &str) -> (String, Bold) {
    let inner = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")).unwrap_or(line).trim_start();
    for mark in ["**", "__", "*", "_"] {
        let Some(rest) = inner.strip_prefix(mark) else { continue };
        let Some(end) = rest.find(mark) else { continue };
        let after = &rest[end + mark.len()..];
        let bold = if after.trim().is_empty() { Bold::Whole } else { Bold::Begins };
        return (format!("{}{after}", &rest[..end]), bold);
    }
    (line.to_owned(), Bold::No)
}

/// `[00:01:23] rest`, `(1:23) rest`, `00:01:23 - rest`.
fn leading_time(text: &str) -> (Option<f64>, String) {
    let text = text.trim_start();
    let bracketed = text
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
        .or_else(|| text.strip_prefix('(').and_then(|rest| rest.split_once(')')));
    if let Some((time, rest)) = bracketed
        && let Some(at) = clock(time.trim())
    {
        return (Some(at), rest.trim_start_matches([' ', '-', '\u{2013}', '|', '\t']).to_owned());
    }
    let first = text.split([' ', '\t']).next().unwrap_or("");
    if let Some(at) = clock(first.trim_end_matches(',')) {
        let rest = text[first.len()..].trim_start_matches([' ', '-', '\u{2013}', '|', '\t']);
        return (Some(at), rest.to_owned());
    }
    (None, text.to_owned())
}

/// `Name (1:23)`, `Name [00:01:23]`, `Name  1:23`, `Name - 1:23`.
fn trailing_time(text: &str) -> (&str, Option<f64>) {
    let text = text.trim_end();
    let start = text.rfind([' ', '\t', '(', '[']).map_or(0, |at| at + 1);
    let time = text[start..].trim_end_matches([')', ']']);
    match clock(time) {
        Some(at) if start > 0 => (
            text[..start].trim_end_matches([' ', '\t', '(', '[', '-', '\u{2013}', '|', ',', '\u{a0}']),
            Some(at),
        ),
        _ => (text, None),
    }
}

/// `Name 1 hour 2 minutes 3 seconds`.
fn trailing_spoken_time(text: &str) -> (&str, Option<f64>) {
    let mut seconds = None;
    let mut rest = text.trim_end();
    for (unit, factor) in [("second", 1.0), ("minute", 60.0), ("hour", 3600.0)] {
        let bare = rest.strip_suffix('s').unwrap_or(rest);
        let Some(before) = bare.strip_suffix(unit).map(str::trim_end) else { continue };
        let digits = before.len() - before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let Ok(value) = before[before.len() - digits..].parse::<f64>() else { continue };
        seconds = Some(seconds.unwrap_or(0.0) + factor * value);
        rest = before[..before.len() - digits].trim_end();
    }
    (rest, seconds)
}

/// The colon after a name: among the first characters, not inside a time or an address.
fn name_colon(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    text.char_indices().take(64).find_map(|(at, character)| {
        let digit = |index: Option<&u8>| index.is_some_and(u8::is_ascii_digit);
        let in_time = at > 0 && digit(bytes.get(at - 1)) && digit(bytes.get(at + 1));
        (matches!(character, ':') && !in_time && !text[at..].starts_with("://")).then_some(at)
    })
}

/// A name as it is kept, if it has the shape of one.
fn valid(name: &str) -> Option<(String, Certainty)> {
    let name = name.trim().trim_matches(['*', '_', '`']).trim();
    let name = name.strip_suffix(" said").unwrap_or(name);
    let words: Vec<&str> = name.split_whitespace().collect();
    let strange = |c: char| {
        !(c.is_alphanumeric()
            || matches!(c, ' ' | '.' | '\'' | '’' | '-' | '_' | '(' | ')' | '#' | ',' | '&' | '@'))
    };
    if words.is_empty() || words.len() > 5 || name.chars().count() > 40 || name.contains(strange) {
        return None;
    }
    if !name.chars().any(char::is_alphabetic) {
        return None;
    }
    if role(name).is_some() {
        return Some((words.join(" "), Certainty::Sure));
    }
    // "Dr. Ana": a dot ends only a short word of a name.
    if words.iter().any(|word| word.trim_end_matches(',').ends_with('.') && word.chars().count() > 4) {
        return None;
    }
    let capital = |word: &&str| {
        let first = word.trim_start_matches('(').chars().next().unwrap_or(' ');
        first.is_uppercase() || first.is_ascii_digit() || (first.is_alphabetic() && !first.is_lowercase())
    };
    let certainty =
        if words.iter().all(|word| capital(word) || PARTICLES.contains(word)) && capital(&words[0]) {
            Certainty::Likely
        } else if words.len() == 1 || (words[0] == "speaker" && words.len() == 2) {
            Certainty::Weak
        } else {
            return None;
        };
    Some((words.join(" "), certainty))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_of_naming_a_speaker() {
        let rows = [
            ("Interviewer: Hello", Some(("Interviewer", None, "Hello"))),
            ("**Candidate:** Hello", Some(("Candidate", None, "Hello"))),
            ("- **Jane Doe**: Hello", Some(("Jane Doe", None, "Hello"))),
            ("[00:01:23] Jane Doe: Hello", Some(("Jane Doe", Some(83.0), "Hello"))),
            ("Jane Doe (1:23): Hello", Some(("Jane Doe", Some(83.0), "Hello"))),
            ("00:01:23 Jane: Hello", Some(("Jane", Some(83.0), "Hello"))),
            ("Jane Doe  0:03 ", Some(("Jane Doe", Some(3.0), ""))),
            ("[Jane Doe] 16:04:32", Some(("Jane Doe", Some(57872.0), ""))),
            ("Jane Doe 1 minute 3 seconds", Some(("Jane Doe", Some(63.0), ""))),
            ("### Interviewer", Some(("Interviewer", None, ""))),
            ("SPEAKER_00: Hello", Some(("SPEAKER_00", None, "Hello"))),
            ("You said:", Some(("You", None, ""))),
            ("Ludwig van Beethoven: Hello", Some(("Ludwig van Beethoven", None, "Hello"))),
            ("So the ratio is 100:1 here", None),
            ("see https://example.org/a", None),
            ("We do this in two steps: first we write", None),
            ("We meet at 10:30", None),
            ("", None),
        ];
        for (line, want) in rows {
            let got = label(line);
            let got = got.as_ref().map(|l| (l.name.as_str(), l.at, l.rest.as_str()));
            assert_eq!(got, want, "{line}");
        }
    }
}
