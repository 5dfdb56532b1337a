//! PURE. What a provider wrote down of a recording, piece by piece, as one transcript with the recording's times.

use super::read::{Format, Parsed, Utterance};

/// Puts the pieces together; each comes with the second at which it begins. `None` if nobody says a word.
pub fn recorded(pieces: Vec<(f64, Parsed)>) -> Option<Parsed> {
    let mut whole: Option<Parsed> = None;
    for (at, mut piece) in pieces {
        for utterance in &mut piece.utterances {
            utterance.start = utterance.start.map(|start| start + at);
            utterance.end = utterance.end.map(|end| end + at);
        }
        // Without times in it, a piece still begins somewhere.
        if let Some(first) = piece.utterances.first_mut() {
            first.start = first.start.or(Some(at));
        }
        match &mut whole {
            None => whole = Some(Parsed { format: Format::Recording, title: None, ..piece }),
            Some(whole) => whole.utterances.append(&mut piece.utterances),
        }
    }
    let mut whole = whole?;
    whole.utterances = sentences(std::mem::take(&mut whole.utterances));
    Some(whole)
}

/// Joins what nobody is named for up to the end of a sentence: segments end where breath does.
fn sentences(utterances: Vec<Utterance>) -> Vec<Utterance> {
    let mut joined: Vec<Utterance> = Vec::new();
    for utterance in utterances {
        match joined.last_mut() {
            Some(last) if last.name.is_none() && utterance.name.is_none() && !ends_sentence(&last.text) => {
                let more = utterance.text.trim();
                if !last.text.is_empty() && !more.is_empty() {
                    last.text.push(' ');
                }
                last.text.push_str(more);
                last.end = utterance.end.or(last.end);
            }
            _ => joined.push(utterance),
        }
    }
    joined
}

fn ends_sentence(text: &str) -> bool {
    text.trim_end().ends_with(['.', '?', '!', '…', '。', '？'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::parse;

    #[test]
    fn times_go_on_through_the_pieces_and_sentences_are_whole() {
        let pieces = [
            (
                0.0,
                r#"{"segments":[{"start":0.5,"end":2.0,"text":" How many users"},{"start":2.0,"end":3.0,"text":" do you expect?"},{"start":3.5,"end":5.0,"text":" Ten million."}]}"#,
            ),
            (600.0, r#"{"text":"We cache the hot ones."}"#),
            (1200.0, r#"{"segments":[{"start":1.0,"end":2.5,"text":"Done."}]}"#),
        ];
        let pieces = pieces.map(|(at, text)| (at, parse(text.as_bytes()).expect("a piece")));
        let whole = recorded(pieces.into()).expect("words");
        let told: Vec<_> =
            whole.utterances.iter().map(|said| (said.start, said.end, said.text.trim())).collect();
        assert_eq!(
            told,
            [
                (Some(0.5), Some(3.0), "How many users do you expect?"),
                (Some(3.5), Some(5.0), "Ten million."),
                (Some(600.0), None, "We cache the hot ones."),
                (Some(1201.0), Some(1202.5), "Done."),
            ]
        );
        assert_eq!(whole.format, Format::Recording);
        assert_eq!(recorded(Vec::new()), None);
    }
}
