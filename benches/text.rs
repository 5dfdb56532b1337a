//! Work on text in memory: tokens counted, answers graded, beside a plain pass over the same text.
//!
//! The embedded coach has 10 ms an answer, so that the next prompt feels immediate.

#![allow(clippy::unwrap_used, reason = "a bench that panics has failed, as it should")]

mod comparison;

use std::hint::black_box;

use comparison::{compare, table};
use greenroom::assets::Assets;
use greenroom::coach::{AnswerGrader, AnswerRequest, EmbeddedAnswers};
use greenroom::model::{read_stream, tokens};
use greenroom::text::{Prepared, sanitise};

/// `words` words of the pack's own model answers.
fn prose(words: usize) -> String {
    let pack = Assets::embedded().pack("system-design").unwrap();
    let all = pack.questions.iter().map(|question| question.model_answer.as_str()).cycle();
    let mut text = String::new();
    for word in all.flat_map(str::split_whitespace).take(words) {
        text.push_str(word);
        text.push(' ');
    }
    text
}

/// Splits, folds and counts: what any reader of words does at least.
fn plain_pass(text: &str) -> usize {
    text.split_whitespace().map(|word| word.to_lowercase().len()).sum()
}

fn main() {
    table("Tokens (o200k), the vocabulary read");
    for words in [1_000, 10_000, 100_000] {
        let text = prose(words);
        let ours = || {
            black_box(tokens::count(black_box(&text)));
        };
        compare(&format!("{words} words"), 9, "split and lower-case", ours, || {
            black_box(plain_pass(black_box(&text)));
        });
    }

    table("One answer graded by the embedded coach");
    let grader = EmbeddedAnswers::new(&Assets::embedded()).unwrap();
    for words in [50, 500, 5_000] {
        let answer = prose(words);
        let request = AnswerRequest {
            question: "What is a CDN?".into(),
            question_id: Some("cdn".into()),
            reference: None,
            answer: answer.clone(),
            max_score: 10.0,
        };
        let ours = || drop(black_box(grader.grade(black_box(&request)).unwrap()));
        compare(&format!("{words} words"), 25, "its words read and stemmed", ours, || {
            black_box(Prepared::new(black_box(&answer)).tokens().len());
        });
    }

    table("A model's text made safe for a terminal");
    for words in [1_000, 10_000, 100_000] {
        let text = prose(words);
        compare(
            &format!("{words} words"),
            25,
            "copied character by character",
            || drop(black_box(sanitise(&text))),
            || {
                black_box(black_box(&text).chars().collect::<String>());
            },
        );
    }

    table("A stream of events read, an event a word");
    for words in [1_000, 10_000, 100_000] {
        let event = |word: &str| {
            format!(
                "data: {}\n\n",
                serde_json::json!({"choices": [{"index": 0, "delta": {"content": word}}]})
            )
        };
        let body: String = prose(words).split_inclusive(' ').map(event).collect();
        let ours = || drop(black_box(read_stream([body.as_bytes()])));
        compare(&format!("{words} events"), 9, "each line parsed as JSON", ours, || {
            let lines = body.lines().filter_map(|line| line.strip_prefix("data: "));
            lines.for_each(|line| drop(black_box(serde_json::from_str::<serde_json::Value>(line).unwrap())));
        });
    }
}
