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

/// An upper bound for most prose that needs no vocabulary: one token for three bytes.
pub fn at_most(text: &str) -> usize {
    text.len().div_ceil(3)
}

/// Reads the vocabulary on a thread of its own, so that the first count does not wait for it.
pub fn warm_up() {
    std::thread::spawn(|| count("ready"));
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
    fn counts_are_those_of_the_vocabulary() {
        assert_eq!(count("Design a URL shortener."), 6);
        assert_eq!(count(""), 0);
    }
}
