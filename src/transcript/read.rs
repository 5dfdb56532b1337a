//! PURE. One file into utterances: the format is found by content, never by the file's name.

use super::audio::Container;
use super::{cues, json, labelled};
use crate::text::{Encoding, Repairs, decode, sanitise};

/// The largest transcript that is read, in bytes; a day of talk has about 1 MB.
pub const LARGEST: usize = 16 << 20;
/// Utterances above which a file is no conversation.
pub(super) const MOST_UTTERANCES: usize = 200_000;

/// Something said without a break, as a file has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Utterance {
    /// Who, as the file names them.
    pub name: Option<String>,
    /// Seconds on the file's clock.
    pub start: Option<f64>,
    /// Seconds on the file's clock.
    pub end: Option<f64>,
    /// What was said.
    pub text: String,
    /// The heading under which it stands, if the file has headings.
    pub heading: Option<String>,
}

/// How a transcript was written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// WebVTT.
    WebVtt,
    /// SubRip.
    Srt,
    /// JSON: messages, segments, or any array of objects with a text.
    Json,
    /// One JSON object a line.
    JsonLines,
    /// Markdown or plain text in which lines or headings name the speaker.
    Labelled,
    /// Text that names nobody.
    Unlabelled,
    /// Sound, as a provider wrote it down.
    Recording,
}

impl Format {
    /// The name by which logs and reports call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::WebVtt => "web-vtt",
            Self::Srt => "srt",
            Self::Json => "json",
            Self::JsonLines => "json-lines",
            Self::Labelled => "labelled",
            Self::Unlabelled => "unlabelled",
            Self::Recording => "recording",
        }
    }
}

/// One file, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// How it was written.
    pub format: Format,
    /// Its first heading or title line, if that stands before everything said.
    pub title: Option<String>,
    /// What was said, in order.
    pub utterances: Vec<Utterance>,
    /// How the bytes were read.
    pub encoding: Encoding,
    /// What of the text had to be repaired.
    pub repairs: Repairs,
}

/// Why a file is no transcript. The messages never hold the file's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// No words in it.
    #[error("there is nothing in it to read")]
    Empty,
    /// More than [`LARGEST`] bytes.
    #[error("it is larger than the {} MB that are read of a transcript", LARGEST >> 20)]
    TooLarge,
    /// Not text.
    #[error("{what}, not a transcript")]
    Binary {
        /// What it looks like.
        what: &'static str,
    },
    /// JSON that cannot be read.
    #[error("broken JSON at line {line}, column {column}{}", if *cut { ": the file ends too early" } else { "" })]
    BrokenJson {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// The end came too early.
        cut: bool,
    },
    /// JSON without turns.
    #[error("no turns in this JSON; looked for objects with a text and a speaker or role")]
    NoTurns,
    /// Cues without words.
    #[error("the captions hold no words")]
    NoCues,
    /// No speaker goes by that name.
    #[error("nobody is called `{asked}`; the speakers are {}", known.join(", "))]
    UnknownSpeaker {
        /// As asked for.
        asked: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// A name that fits several speakers.
    #[error("`{asked}` may be {}", known.join(" or "))]
    AmbiguousSpeaker {
        /// As asked for.
        asked: String,
        /// The names that fit.
        known: Vec<String>,
    },
}

impl ReadError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Empty => "give a file with what was said",
            Self::TooLarge => "cut it to the one interview",
            Self::Binary { .. } => "export the transcript as text, WebVTT, SRT or JSON",
            Self::BrokenJson { .. } => "export it again; the file must be complete",
            Self::NoTurns => {
                "give [{\"speaker\": .., \"text\": ..}], chat messages, or Whisper's verbose_json"
            }
            Self::NoCues => "check that the recording was transcribed",
            Self::UnknownSpeaker { .. } | Self::AmbiguousSpeaker { .. } => {
                "give --candidate one of the names"
            }
        }
    }
}

/// Reads one file.
///
/// # Errors
///
/// [`ReadError`], if it is empty, too large, no text, or broken.
pub fn parse(bytes: &[u8]) -> Result<Parsed, ReadError> {
    if bytes.len() > LARGEST {
        return Err(ReadError::TooLarge);
    }
    if let Some(what) = binary(bytes) {
        return Err(ReadError::Binary { what });
    }
    let decoded = decode(bytes);
    if is_data(&decoded.text) {
        return Err(ReadError::Binary { what: "binary data" });
    }
    let text = sanitise(&decoded.text);
    if !text.chars().any(char::is_alphanumeric) {
        return Err(ReadError::Empty);
    }
    if unreadable(&text) {
        return Err(ReadError::Binary { what: "binary data" });
    }
    let (format, mut utterances) = read(&text)?;
    utterances.truncate(MOST_UTTERANCES);
    utterances.retain(|utterance| utterance.text.chars().any(|c| !c.is_whitespace()));
    if utterances.is_empty() {
        return Err(if format == Format::Json { ReadError::NoTurns } else { ReadError::NoCues });
    }
    let title = title(&text).filter(|_| !matches!(format, Format::Json | Format::JsonLines));
    Ok(Parsed { format, title, utterances, encoding: decoded.encoding, repairs: decoded.repairs })
}

/// A first line that is a heading or a short line without a colon.
fn title(text: &str) -> Option<String> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    let plain = line.trim_start_matches(['#', ' ']).trim_matches('*');
    let is_heading = line.starts_with('#');
    let is_short = plain.len() < 80 && !plain.contains(':') && !plain.ends_with(['.', '?']);
    (is_heading || is_short)
        .then(|| plain.to_owned())
        .filter(|title| !title.starts_with("WEBVTT") && title.len() < 120)
}

fn read(text: &str) -> Result<(Format, Vec<Utterance>), ReadError> {
    let start = text.trim_start();
    if start.starts_with("WEBVTT") {
        return Ok((Format::WebVtt, cues::read(text)));
    }
    if start.starts_with(['{', '[']) && looks_like_json(start) {
        return json::read(start);
    }
    if cues::looks_like_srt(text) {
        return Ok((Format::Srt, cues::read(text)));
    }
    Ok(labelled::read(text))
}

/// `[00:01:23] Name: ...` begins with a bracket too.
fn looks_like_json(text: &str) -> bool {
    let mut rest = text.chars().skip(1).skip_while(|c| c.is_whitespace());
    match text.chars().next() {
        Some('{') => matches!(rest.next(), Some('"' | '}') | None),
        _ => matches!(rest.next(), Some('{' | '[' | ']') | None),
    }
}

/// What a file is by its first bytes, if it is no text.
pub fn binary(bytes: &[u8]) -> Option<&'static str> {
    let starts = |mark: &[u8]| bytes.starts_with(mark);
    if Container::of(bytes).is_some() {
        return Some("a recording");
    }
    Some(match () {
        () if starts(b"%PDF") => "a PDF",
        () if starts(b"PK\x03\x04") => "a zip or Office file",
        () if starts(b"\x89PNG") || starts(b"\xff\xd8\xff") || starts(b"GIF8") => "an image",
        () if starts(b"\x1f\x8b") || starts(b"\xfd7zXZ") || starts(b"7z\xbc\xaf") => "a compressed file",
        () if starts(b"\x7fELF") || starts(b"MZ") && bytes.contains(&0) => "a program",
        () if starts(b"SQLite format 3") => "a database",
        () if starts(b"{\\rtf") => "an RTF file",
        () => return None,
    })
}

/// More control characters than a text has by accident.
fn is_data(text: &str) -> bool {
    let (mut controls, mut all) = (0, 0);
    for character in text.chars().take(100_000) {
        all += 1;
        controls +=
            usize::from(character.is_control() && !matches!(character, '\t'..='\r' | '\u{8}' | '\u{1b}'));
    }
    controls * 50 > all
}

/// Mostly signs that no one types: what is left of bytes that are no text.
fn unreadable(text: &str) -> bool {
    let sample: Vec<char> = text.chars().take(20_000).collect();
    let strange = sample
        .iter()
        .filter(|c| {
            matches!(**c, '\u{80}'..='\u{ff}' | '\u{fffd}' | '\u{e000}'..='\u{f8ff}') && !c.is_alphabetic()
        })
        .count();
    let letters = sample.iter().filter(|c| c.is_alphanumeric()).count();
    strange * 5 > sample.len() || letters * 10 < sample.iter().filter(|c| !c.is_whitespace()).count()
}

/// `1:02:03.5`, `02:03`, `00:02:03,500` as seconds.
pub(super) fn clock(text: &str) -> Option<f64> {
    let parts: Vec<&str> = text.split(':').collect();
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    let mut seconds = 0.0;
    for (index, part) in parts.iter().enumerate() {
        let last = index + 1 == parts.len();
        let part = part.replace(',', ".");
        let plain = part.bytes().all(|b| b.is_ascii_digit() || (last && b == b'.'));
        let whole = part.split('.').next().unwrap_or("").len();
        if !plain || part.is_empty() || whole > if index == 0 { 4 } else { 2 } || (index > 0 && whole < 1) {
            return None;
        }
        let value: f64 = part.parse().ok()?;
        if index > 0 && value >= 60.0 {
            return None;
        }
        seconds = seconds * 60.0 + value;
    }
    Some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_transcript_is_named() {
        let rows: [(&str, &[u8], &str); 10] = [
            ("empty", b"", "there is nothing in it to read"),
            ("blank", b" \n\t\n", "there is nothing in it to read"),
            ("a PDF", b"%PDF-1.7 ...", "a PDF, not a transcript"),
            ("a Word file", b"PK\x03\x04....", "a zip or Office file, not a transcript"),
            ("sound", b"RIFF\x00\x00\x00\x00WAVEfmt ", "a recording, not a transcript"),
            ("noise", &[0x81, 0x8d, 0x8f, 0x90, 0x9d, 0xa4, 0x00, 0x81], "binary data, not a transcript"),
            ("letters between controls", b"ab\x01c\x02de\x03\x04fgh", "binary data, not a transcript"),
            (
                "cut JSON",
                b"[{\"speaker\": \"A\", \"text\": \"hi\"}, {\"spea",
                "broken JSON at line 1, column 39: the file ends too early",
            ),
            (
                "other JSON",
                b"{\"name\": \"greenroom\", \"version\": 3}",
                "no turns in this JSON; looked for objects with a text and a speaker or role",
            ),
            (
                "captions without words",
                b"WEBVTT\n\n00:01.000 --> 00:02.000\n\n",
                "the captions hold no words",
            ),
        ];
        for (name, bytes, want) in rows {
            assert_eq!(parse(bytes).map_err(|e| e.to_string()), Err(want.to_owned()), "{name}");
        }
        let large = vec![b'a'; LARGEST + 1];
        assert_eq!(parse(&large), Err(ReadError::TooLarge));
    }

    #[test]
    fn a_clock_time_is_read_as_seconds() {
        let rows = [
            ("0:03", Some(3.0)),
            ("1:02:03.5", Some(3723.5)),
            ("00:00:01,250", Some(1.25)),
            ("120:00", Some(7200.0)),
            ("1:75", None),
            ("12", None),
            ("a:b", None),
            ("1:2:3:4", None),
        ];
        for (text, want) in rows {
            assert_eq!(clock(text), want, "{text}");
        }
    }
}
