//! `greenroom review` of recordings: written down by a server of the test's, in as many pieces as it takes.

use serde_json::{Value, json};

use crate::support::server::{Answer, Server, plain};
use crate::support::{Home, Ran};

/// Samples at 1 kHz, two bytes each.
fn wav(seconds: usize) -> Vec<u8> {
    let size = u32::try_from(seconds * 2000).unwrap().to_le_bytes();
    let mut bytes =
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\xe8\x03\0\0\xd0\x07\0\0\x02\0\x10\0data".to_vec();
    bytes.extend(size);
    bytes.extend((0..seconds * 1000).flat_map(|i| i16::to_le_bytes(((i * 37) % 9000) as i16)));
    bytes
}

fn review(server: &Server, recording: &[u8], more: &[&str]) -> Ran {
    let home = Home::new();
    std::fs::write(home.path().join("mock.wav"), recording).unwrap();
    let arguments =
        [&["review", "mock.wav", "--coach", "embedded", "--audio-model", "whisper-1"], more].concat();
    let base = server.base_url();
    home.run_with(&arguments, "", &[("OPENAI_BASE_URL", &base), ("OPENAI_API_KEY", "sk-secret-9")])
}

fn answer(value: &Value) -> Answer {
    plain(200, "Content-Type: application/json\r\n", &value.to_string())
}

fn refusal(status: u16, message: &str) -> Answer {
    plain(status, "Content-Type: application/json\r\n", &json!({"error": {"message": message}}).to_string())
}

fn segments(said: &[(f64, f64, &str)]) -> Value {
    let segments: Vec<_> =
        said.iter().map(|(start, end, text)| json!({"start": start, "end": end, "text": text})).collect();
    json!({"task": "transcribe", "segments": segments})
}

const TALK: [(f64, f64, &str); 5] = [
    (0.0, 4.0, " Design a URL shortener, please."),
    (5.0, 9.0, " How many links are made a day, and is it read heavy?"),
    (10.0, 12.0, " Can you tell me what you would do first?"),
    (30.0, 39.0, " I put Redis in front of the database as a cache,"),
    (39.0, 46.0, " because one link in a hundred gets nine clicks of ten."),
];

#[test]
fn what_a_recording_says_is_graded_with_its_times() {
    let server = Server::start([answer(&segments(&TALK))]);
    let ran = review(&server, &wav(4), &["--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let report = ran.json();
    assert_eq!(report["time"]["used_s"], 46);
    assert_eq!(report["conversation"]["timing"]["silences"][0]["seconds"], 18);
    let quotes: Vec<_> = report["criteria"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|c| c["evidence"].as_array().unwrap())
        .collect();
    assert!(quotes.iter().any(|quote| quote["at"].is_u64()), "{quotes:?}");
    assert!(ran.err.contains("The recording is sent to http://127.0.0.1:"), "{}", ran.err);
    assert!(ran.err.contains("Nobody is named in it"), "{}", ran.err);
    let asked = &server.requests()[0];
    assert!(asked.head.starts_with("POST /v1/audio/transcriptions "), "{}", asked.head);
    for part in
        ["name=\"model\"\r\n\r\nwhisper-1", "\r\n\r\nverbose_json", "filename=\"recording.wav\"", "WAVEfmt "]
    {
        assert!(asked.body.contains(part), "{part}");
    }
}

#[test]
fn a_recording_is_cut_until_the_provider_takes_it() {
    let too_large = || refusal(413, "Maximum content size limit exceeded");
    let words = |text: &str| answer(&segments(&[(0.5, 2.0, text)]));
    // 960,044 bytes: refused, refused in halves, and taken in quarters with room for the rest of a request.
    let server = Server::start([
        too_large(),
        too_large(),
        words("Interviewer: Design a chat."),
        words("Candidate: How many users write a day?"),
        answer(&json!({"text": ""})),
        words("Candidate: Kafka keeps the messages in order by chat."),
        words("Interviewer: Thank you."),
    ]);
    let ran = review(&server, &wav(480), &["--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let sent: Vec<usize> = server.requests().iter().map(|request| request.body.len() / 10_000).collect();
    assert!(ran.err.contains("piece 1 of 5"), "{}", ran.err);
    assert_eq!(sent.len(), 7, "{sent:?}");
    let used = ran.json()["time"]["used_s"].as_u64().unwrap();
    assert!((400..=480).contains(&used), "the last piece begins where the fourth ended: {used}");
}

#[test]
fn a_provider_that_counts_seconds_is_heard() {
    let words = |text: &str| answer(&json!({"text": text}));
    let server = Server::start([
        refusal(
            400,
            "audio duration 120.0 seconds is longer than 60 seconds which is the maximum for this model",
        ),
        words("Design a chat. How many users are there?"),
        words("Kafka keeps the messages in order."),
        words("That is all."),
    ]);
    let ran = review(&server, &wav(120), &["--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("piece 3 of 3"), "{}", ran.err);
}

#[test]
fn a_server_that_gives_no_segments_is_asked_for_text() {
    let server = Server::start([
        refusal(400, "response_format 'verbose_json' is not compatible with this model"),
        answer(
            &json!({"text": "Design a chat. How many users are there? Kafka keeps the messages in order."}),
        ),
    ]);
    let ran = review(&server, &wav(4), &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(server.requests()[1].body.contains("\r\n\r\njson\r\n"));
}

#[test]
fn what_hinders_a_transcription_is_told() {
    let rows: [(Answer, i32, &str); 5] = [
        (refusal(404, "not found"), 4, "may take no recordings; --audio-model"),
        (refusal(401, "bad key sk-secret-9"), 4, "did not accept the API key"),
        (answer(&json!({"segments": []})), 1, "nobody speaks in it"),
        (refusal(501, "this model does not support audio"), 4, "mock.wav was not transcribed"),
        (plain(200, "", "<html>log in</html>"), 4, "does not answer like an OpenAI-compatible server"),
    ];
    for (answer, code, want) in rows {
        let server = Server::start([answer]);
        let ran = review(&server, &wav(4), &[]);
        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{want}: {}", ran.err);
        assert!(ran.err.contains(want) && ran.err.contains("hint: "), "{want}: {}", ran.err);
        assert!(!ran.err.contains("sk-secret-9"), "{}", ran.err);
    }
}
