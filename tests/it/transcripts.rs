//! One interview as the common exporters write it: the same turns, speakers and grade from all.

use greenroom::transcript::{Format, FoundBy, Imported, ReadError, Speaker, assemble, parse};

use crate::interview_grades::{grade, import};

/// Who says what, and when: the interviewer is Priya Raman, the candidate Tom Weber.
fn talk() -> Vec<(&'static str, String, u64)> {
    let mut at = 4;
    import("leaderboard-strong.md")
        .transcript
        .turns
        .into_iter()
        .map(|turn| {
            let name = if turn.speaker == Speaker::Candidate { "Tom Weber" } else { "Priya Raman" };
            let start = at;
            at += 2 + turn.text.split_whitespace().count() as u64 / 3;
            (name, turn.text, start)
        })
        .collect()
}

fn clock(seconds: u64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn short_clock(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// Captions of about twelve words each, as recorders cut them.
fn cues(text: &str, start: u64) -> Vec<(String, f64, f64)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut at = start as f64;
    words
        .chunks(12)
        .map(|chunk| {
            let begin = at;
            at += chunk.len() as f64 / 3.0;
            (chunk.join(" "), begin, at)
        })
        .collect()
}

fn fraction(seconds: f64, sign: char) -> String {
    let millis = (seconds * 1000.0).round() as u64;
    format!("{}{sign}{:03}", clock(millis / 1000), millis % 1000)
}

fn written() -> Vec<(&'static str, Format, String)> {
    let talk = talk();
    let each = |line: &dyn Fn(usize, &str, &str, u64) -> String| -> String {
        talk.iter().enumerate().map(|(index, (name, text, at))| line(index, name, text, *at)).collect()
    };
    let cue_list: Vec<(&str, String, f64, f64)> = talk
        .iter()
        .flat_map(|(name, text, at)| cues(text, *at).into_iter().map(move |(text, a, b)| (*name, text, a, b)))
        .collect();
    let json = |value: serde_json::Value| serde_json::to_string_pretty(&value).unwrap();
    let role = |name: &str| if name == "Tom Weber" { "user" } else { "assistant" };
    let wrapped = |text: &str| {
        let words: Vec<&str> = text.split(' ').collect();
        words.chunks(14).map(|chunk| chunk.join(" ")).collect::<Vec<_>>().join("\n")
    };
    vec![
        (
            "Markdown labels",
            Format::Labelled,
            format!("# Mock, 14 March\n\n{}", each(&|_, name, text, _| format!("**{name}:** {text}\n\n"))),
        ),
        (
            "Markdown headings",
            Format::Labelled,
            each(&|_, name, text, at| format!("### {name} ({})\n\n{}\n\n", short_clock(at), wrapped(text))),
        ),
        ("plain labels", Format::Labelled, each(&|_, name, text, _| format!("{name}: {}\n", wrapped(text)))),
        (
            "times before labels",
            Format::Labelled,
            each(&|_, name, text, at| format!("[{}] {name}: {text}\n", clock(at))),
        ),
        (
            "Otter",
            Format::Labelled,
            format!(
                "{}\nTranscribed by https://otter.ai\n",
                each(&|_, name, text, at| format!("{name}  {}  \n{text}\n\n", short_clock(at)))
            ),
        ),
        (
            "Zoom captions",
            Format::WebVtt,
            format!(
                "WEBVTT\r\n\r\n{}",
                cue_list
                    .iter()
                    .enumerate()
                    .map(|(n, (name, text, a, b))| format!(
                        "{}\r\n{} --> {}\r\n{name}: {text}\r\n\r\n",
                        n + 1,
                        fraction(*a, '.'),
                        fraction(*b, '.')
                    ))
                    .collect::<String>()
            ),
        ),
        (
            "Teams captions",
            Format::WebVtt,
            format!(
                "WEBVTT\n\n{}",
                cue_list
                    .iter()
                    .enumerate()
                    .map(|(n, (name, text, a, b))| format!(
                        "6b7a1c1e-7d0f-4c5e-9c1a-1f2e3d4c5b6a/{n}-0\n{} --> {}\n<v {name}>{}</v>\n\n",
                        fraction(*a, '.'),
                        fraction(*b, '.'),
                        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
                    ))
                    .collect::<String>()
            ),
        ),
        (
            "Teams document",
            Format::Labelled,
            each(&|_, name, text, at| format!("{name}   {}\n{text}\n\n", short_clock(at))),
        ),
        (
            "Google Meet",
            Format::Labelled,
            format!(
                "Mock interview (2026-03-14 10:02 GMT+1) - Transcript\nAttendees\nPriya Raman, Tom Weber\nTranscript\n\n{}",
                each(&|index, name, text, at| {
                    let time = if index % 5 == 0 { format!("{}\n \n", clock(at)) } else { String::new() };
                    format!("{time}{name}: {text}\n")
                })
            ),
        ),
        (
            "SubRip",
            Format::Srt,
            cue_list
                .iter()
                .enumerate()
                .map(|(n, (name, text, a, b))| {
                    format!("{}\n{} --> {}\n{name}: {text}\n\n", n + 1, fraction(*a, ','), fraction(*b, ','))
                })
                .collect(),
        ),
        (
            "chat messages",
            Format::Json,
            json(serde_json::json!({"model": "gpt", "messages": std::iter::once(serde_json::json!({
                    "role": "system", "content": "You are an interviewer."}))
                .chain(talk.iter().map(|(name, text, _)| serde_json::json!({"role": role(name), "content": text})))
                .collect::<Vec<_>>()})),
        ),
        (
            "speakers and starts",
            Format::Json,
            json(serde_json::json!(
                talk.iter()
                    .map(|(name, text, at)| serde_json::json!({"speaker": name, "text": text, "start": at}))
                    .collect::<Vec<_>>()
            )),
        ),
        (
            "Whisper segments with speakers",
            Format::Json,
            json(serde_json::json!({"task": "transcribe", "language": "english", "duration": 2000.0,
                "text": talk.iter().map(|(_, text, _)| text.as_str()).collect::<Vec<_>>().join(" "),
                "segments": cue_list.iter().enumerate().map(|(id, (name, text, a, b))| serde_json::json!({
                    "id": id, "seek": 0, "start": a, "end": b, "text": format!(" {text}"), "temperature": 0.0,
                    "avg_logprob": -0.2, "speaker": if *name == "Tom Weber" {"SPEAKER_01"} else {"SPEAKER_00"},
                })).collect::<Vec<_>>()})),
        ),
        (
            "one object a line",
            Format::JsonLines,
            each(&|_, name, text, at| {
                format!(
                    "{}\n",
                    serde_json::json!({"speaker_name": name, "text": text, "start_time": clock(at)})
                )
            }),
        ),
    ]
}

fn read(text: &str, candidate: Option<&str>) -> Imported {
    assemble(vec![parse(text.as_bytes()).unwrap()], candidate).unwrap()
}

#[test]
fn one_interview_is_the_same_from_every_format() {
    let original = import("leaderboard-strong.md");
    let turns = |imported: &Imported| -> Vec<(Speaker, String)> {
        let turns = imported.transcript.turns.iter();
        turns.map(|turn| (turn.speaker, turn.text.split_whitespace().collect::<Vec<_>>().join(" "))).collect()
    };
    let want = grade(&original, None);
    for (name, format, text) in written() {
        let imported = read(&text, None);
        assert_eq!(imported.formats, [format], "{name}");
        assert_eq!(turns(&imported), turns(&original), "{name}");
        let got = grade(&imported, None);
        for (got, want) in got.criteria.iter().zip(&want.criteria) {
            let (got, want) = (serde_json::to_value(got).unwrap(), serde_json::to_value(want).unwrap());
            assert_eq!((&got["level"], &got["score"]), (&want["level"], &want["score"]), "{name}");
        }
        assert_eq!(got.verdicts, want.verdicts, "{name}");
    }
}

#[test]
fn times_come_through_where_the_format_has_them() {
    for (name, _, text) in written() {
        let imported = read(&text, None);
        let timed = imported.transcript.turns.iter().filter(|turn| turn.at_seconds.is_some()).count();
        let all = imported.transcript.turns.len();
        let want = match name {
            "Markdown labels" | "plain labels" | "chat messages" => 0,
            "Google Meet" => all.div_ceil(5),
            _ => all,
        };
        assert_eq!(timed, want, "{name}");
        assert_eq!(imported.transcript.turns[0].at_seconds.is_some(), want > 0, "{name}");
    }
}

#[test]
fn the_candidate_is_named_or_the_likelier_one() {
    let all = written();
    let text =
        |wanted: &str| all.iter().find(|(name, ..)| *name == wanted).map(|(.., text)| text.as_str()).unwrap();
    let candidate = |imported: &Imported| {
        imported.speakers.iter().find(|speaker| speaker.candidate).map(|speaker| speaker.name.clone())
    };
    let likelier = read(text("Otter"), None);
    assert_eq!((candidate(&likelier).as_deref(), likelier.found_by), (Some("Tom Weber"), FoundBy::Talk));
    let told = read(text("chat messages"), None);
    assert_eq!((candidate(&told).as_deref(), told.found_by), (Some("user"), FoundBy::Label));
    for asked in ["Priya Raman", "priya", "Raman"] {
        let named = read(text("Otter"), Some(asked));
        assert_eq!((candidate(&named).as_deref(), named.found_by), (Some("Priya Raman"), FoundBy::Name));
    }
    let parsed = || vec![parse(text("Otter").as_bytes()).unwrap()];
    assert_eq!(
        assemble(parsed(), Some("Ana")).unwrap_err().to_string(),
        "nobody is called `Ana`; the speakers are Priya Raman, Tom Weber"
    );
    let both = "Ann Lee: Design a chat.\n\nAnn Ray: How many users?\n\nAnn Lee: Ten.\n\nAnn Ray: Fine.\n";
    assert_eq!(
        assemble(vec![parse(both.as_bytes()).unwrap()], Some("ann")).unwrap_err(),
        ReadError::AmbiguousSpeaker { asked: "ann".into(), known: vec!["Ann Lee".into(), "Ann Ray".into()] }
    );
}

#[test]
fn a_transcript_that_names_nobody_is_read_by_who_asks() {
    let text: String = talk().iter().map(|(_, text, _)| format!("{text}\n\n")).collect();
    let imported = read(&text, None);
    assert_eq!((imported.formats.as_slice(), imported.found_by), (&[Format::Unlabelled][..], FoundBy::Guess));
    let candidate: usize =
        imported.transcript.candidate().map(|(_, turn)| turn.text.split_whitespace().count()).sum();
    let said: usize = talk()
        .iter()
        .filter(|(name, ..)| *name == "Tom Weber")
        .map(|(_, text, _)| text.split_whitespace().count())
        .sum();
    assert!(candidate * 10 > said * 8 && candidate * 10 < said * 12, "{candidate} of {said} words");
}

#[test]
fn several_files_are_one_interview() {
    let talk = talk();
    let (first, second) = talk.split_at(talk.len() / 2);
    let write = |part: &[(&str, String, u64)], zero: u64| -> String {
        part.iter().map(|(name, text, at)| format!("[{}] {name}: {text}\n", clock(at - zero))).collect()
    };
    // The second recording's clock begins again.
    let parts = [write(first, 0), write(second, second[0].2)];
    let parts = parts.iter().map(|text| parse(text.as_bytes()).unwrap()).collect();
    let joined = assemble(parts, None).unwrap();
    let whole = read(&write(&talk, 0), None);
    let texts =
        |imported: &Imported| imported.transcript.turns.iter().map(|t| t.text.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&joined), texts(&whole));
    let times: Vec<_> = joined.transcript.turns.iter().filter_map(|turn| turn.at_seconds).collect();
    assert!(times.is_sorted() && times.len() == talk.len(), "{times:?}");
}

#[test]
fn damaged_and_foreign_encodings_read_the_same() {
    let text = "Interviewer: Let’s design a café finder, “fast”.\n\nCandidate: Sure – how many users do we expect?\n";
    let once: String = text.bytes().map(encoding).collect();
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for (name, bytes) in [("mojibake", once.into_bytes()), ("UTF-16", utf16)] {
        let imported = assemble(vec![parse(&bytes).unwrap()], None).unwrap();
        assert_eq!(imported.transcript.turns[0].text, "Let’s design a café finder, “fast”.", "{name}");
        assert_eq!(imported.transcript.turns[1].text, "Sure – how many users do we expect?", "{name}");
    }
}

/// A byte read as windows-1252.
fn encoding(byte: u8) -> char {
    encoding_rs::WINDOWS_1252.decode_without_bom_handling(&[byte]).0.chars().next().unwrap()
}

mod hostile {
    use proptest::prelude::*;

    use super::*;

    static WRITTEN: std::sync::LazyLock<Vec<(&str, Format, String)>> = std::sync::LazyLock::new(written);

    /// What a reader may do with bytes: an interview, or an error that says what to do.
    fn holds(bytes: &[u8]) {
        match parse(bytes).and_then(|parsed| assemble(vec![parsed], None)) {
            Ok(imported) => {
                let words: usize = imported.transcript.turns.iter().map(|turn| turn.text.len()).sum();
                assert!(!imported.transcript.turns.is_empty());
                assert!(words <= 4 * bytes.len() + 64, "{words} bytes from {}", bytes.len());
                assert!(imported.transcript.turns.iter().filter_map(|turn| turn.at_seconds).is_sorted());
            }
            Err(error) => assert!(!error.to_string().is_empty() && !error.hint().is_empty()),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_cut_or_garbled_file_is_read_or_refused(
            which in 0_usize..14,
            from in 0.0..1.0_f64,
            to in 0.0..1.0_f64,
            garble in proptest::collection::vec((0.0..1.0_f64, any::<u8>()), 0..12),
        ) {
            let bytes = WRITTEN[which % WRITTEN.len()].2.as_bytes();
            let place = |share: f64| (share * bytes.len() as f64) as usize;
            let (from, to) = (place(from.min(to)), place(from.max(to)));
            let mut bytes = bytes[from..to].to_vec();
            let len = bytes.len();
            for (share, byte) in garble {
                if len > 0 {
                    bytes[((share * len as f64) as usize).min(len - 1)] = byte;
                }
            }
            holds(&bytes);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "([A-Za-z0-9 :\\[\\]()*#>.,\"{}\n\r<-]|é|\u{0}|\u{1b}|WEBVTT|-->|00:01:02|\\*\\*A:\\*\\*){0,200}") {
            holds(text.as_bytes());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            holds(&bytes);
        }
    }

    #[test]
    fn a_large_file_is_read_in_bounds() {
        let line = "Interviewer: And what about the cache?\nCandidate: It holds the hot tenth, 50 GB over three nodes.\n";
        holds(line.repeat(4_000).as_bytes());
        holds("a".repeat(1 << 17).as_bytes());
        holds("[[[[{".repeat(1 << 17).as_bytes());
        holds("<v A>".repeat(1 << 17).as_bytes());
        holds("A: (b ".repeat(1 << 17).as_bytes());
        holds(format!("WEBVTT\n\n00:01.000 --> 00:02.000\n{}", "<".repeat(1 << 19)).as_bytes());
        holds(format!("A: b\nB: {}", "**x".repeat(1 << 17)).as_bytes());
    }
}
