//! Token counts by the o200k vocabulary: exact for OpenAI's models, an estimate for others.
//!
//! The vocabulary is read at the first count (about 0.1 s), never before.

/// Longest piece given to the tokeniser: it overflows its stack on a million spaces in a row.
const SLICE: usize = 64 * 1024;

/// Tokens of `text`; at most a few per slice of 64 KiB more than an uncut count.
pub fn count(text: &str) -> usize {
    let tokeniser = tiktoken_rs::o200k_base_singleton();
    slices(text).map(|slice| tokeniser.encode_ordinary(slice).len()).sum()
}

/// An upper bound for prose that needs no vocabulary, an eighth too much or so. A word costs a token, and more
/// if it is long; three digits and each other mark cost one, and so do two bytes of letters beyond ASCII.
pub fn at_most(text: &str) -> usize {
    let (mut tokens, mut letters, mut digits, mut wide) = (0, 0_usize, 0_usize, 0);
    let mut previous = ' ';
    for character in text.chars().chain(['\0']) {
        match character {
            'a'..='z' | 'A'..='Z' => letters += 1,
            '0'..='9' => digits += 1,
            _ => {
                // Most words are in the vocabulary; long ones are put together.
                tokens += letters.div_ceil(10) + digits.div_ceil(3);
                (letters, digits) = (0, 0);
                // The space before a word belongs to it.
                let is_gap = character == ' ' && !previous.is_ascii_whitespace();
                match character.is_ascii() {
                    true => tokens += usize::from(!is_gap && character != '\0'),
                    false => wide += character.len_utf8(),
                }
            }
        }
        previous = character;
    }
    tokens + wide.div_ceil(2)
}

/// Cuts at a line end if there is one, else between two characters.
fn slices(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        if text.is_empty() {
            return None;
        }
        let limit = text.floor_char_boundary(SLICE.min(text.len()));
        let end =
            if limit == text.len() { limit } else { text[..limit].rfind('\n').map_or(limit, |at| at + 1) };
        let (head, tail) = text.split_at(end);
        text = tail;
        Some(head)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_spaces_do_not_overflow_the_tokeniser() {
        assert!(count(&" ".repeat(1_000_000)) > 0);
    }

    #[test]
    fn slices_put_together_are_the_text() {
        let text = "né\n".repeat(50_000) + &"日".repeat(100_000);
        assert_eq!(slices(&text).collect::<String>(), text);
        assert!(slices(&text).all(|slice| slice.len() <= SLICE && !slice.is_empty()));
    }

    #[test]
    fn the_bound_is_one_for_what_is_sent_and_not_far_off() {
        let assets = crate::assets::Assets::embedded();
        let pack = assets.pack("system-design").expect("the built-in pack");
        for problem in &pack.problems {
            let texts = problem
                .points
                .iter()
                .map(|point| format!("- {}: {} | {}\n", point.id, point.text, point.probe));
            let text = texts.chain(problem.facts.iter().map(|fact| fact.answer.clone())).collect::<String>();
            let (bound, counted) = (at_most(&text), count(&text));
            assert!(counted <= bound && bound * 3 <= counted * 4, "{}: {bound} for {counted}", problem.id);
        }
        for text in [
            "naïve café Привет 日本語 नमस्ते 👩‍💻",
            "x=[1,22,333,4444];\n\tif (a && b) {}",
            "internationalisation",
        ] {
            assert!(count(text) <= at_most(text), "{text}");
        }
    }

    #[test]
    fn counts_are_those_of_the_vocabulary() {
        assert_eq!(count("Design a URL shortener."), 6);
        assert_eq!(count(""), 0);
    }
}
