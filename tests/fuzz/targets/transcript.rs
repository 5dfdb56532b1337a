//! Bytes as a transcript: read and put together, or refused with a sentence and a hint.
//!
//! `READER=web-vtt|srt|json|json-lines|labelled|unlabelled` keeps to the inputs that this reader takes.
#![no_main]

use std::sync::LazyLock;

use greenroom::transcript::{assemble, parse};
use libfuzzer_sys::{Corpus, fuzz_target};

static READER: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("READER").ok());

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let parsed = match parse(bytes) {
        Ok(parsed) => parsed,
        Err(error) => {
            assert!(!error.to_string().is_empty() && !error.hint().is_empty());
            return Corpus::Keep;
        }
    };
    if READER.as_deref().is_some_and(|reader| reader != parsed.format.name()) {
        return Corpus::Reject;
    }
    if let Ok(imported) = assemble(vec![parsed], None) {
        let words: usize = imported.transcript.turns.iter().map(|turn| turn.text.len()).sum();
        assert!(!imported.transcript.turns.is_empty());
        assert!(words <= 4 * bytes.len() + 64, "{words} bytes from {}", bytes.len());
        assert!(imported.transcript.turns.iter().filter_map(|turn| turn.at_seconds).is_sorted());
    }
    Corpus::Keep
});
