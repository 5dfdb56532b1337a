//! PURE. Takes out of an answer what a reader cannot see, and straightens look-alike letters.
//!
//! What is left can be matched; each of its characters still knows its byte in the original, so
//! that quotes stay verbatim.

use std::ops::Range;

/// An answer without hidden characters.
#[derive(Clone, Debug)]
pub(super) struct Clean<'a> {
    original: &'a str,
    text: Option<String>,
    /// (byte in `text`, byte in `original`) of each character; only if something was changed.
    places: Vec<(usize, usize)>,
    /// Something was hidden or disguised.
    pub hidden: bool,
    /// The answer was longer than is read.
    pub truncated: bool,
}

impl<'a> Clean<'a> {
    /// Cleans the first `most` bytes of `original`.
    pub(super) fn new(original: &'a str, most: usize) -> Self {
        let read = &original[..original.floor_char_boundary(most)];
        let truncated = read.len() < original.len();
        if read.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')) {
            let text = truncated.then(|| read.to_owned());
            return Self { original, text, places: Vec::new(), hidden: false, truncated };
        }
        let suspicious = |c: char| is_hidden(c) || (c.is_control() && !c.is_whitespace());
        let disguised = has_disguised_word(read);
        if !disguised && !read.chars().any(suspicious) {
            let text = truncated.then(|| read.to_owned());
            return Self { original, text, places: Vec::new(), hidden: false, truncated };
        }
        let (mut text, mut places) = (String::with_capacity(read.len()), Vec::new());
        for (at, character) in read.char_indices().filter(|&(_, c)| !suspicious(c)) {
            places.push((text.len(), at));
            text.push(if disguised { plain_letter(character) } else { character });
        }
        // A lone byte order mark or soft hyphen comes from an editor, not from a trickster.
        let hidden = disguised || read.chars().filter(|&c| is_steering(c)).count() > 0;
        Self { original, text: Some(text), places, hidden, truncated }
    }

    /// What can be matched.
    pub(super) fn text(&self) -> &str {
        self.text.as_deref().unwrap_or(self.original)
    }

    /// The original's words at `range` of the clean text.
    pub(super) fn quote(&self, range: Range<usize>) -> &'a str {
        if self.places.is_empty() {
            return &self.original[range];
        }
        let place = |byte: usize| self.places.partition_point(|&(clean, _)| clean < byte);
        let start = self.places.get(place(range.start)).map_or(self.original.len(), |&(_, at)| at);
        let last = place(range.end).saturating_sub(1);
        let end = self
            .places
            .get(last)
            .map_or(start, |&(_, at)| at + self.original[at..].chars().next().map_or(0, char::len_utf8));
        &self.original[start..end.max(start)]
    }
}

fn is_hidden(character: char) -> bool {
    is_steering(character)
        || matches!(character, '\u{ad}' | '\u{feff}' | '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

/// Invisible characters that no editor puts into an answer by itself.
fn is_steering(character: char) -> bool {
    matches!(character,
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{180e}' | '\u{2060}'..='\u{2064}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}' | '\u{1b}')
}

/// True if a word mixes Latin letters with look-alikes of other alphabets.
fn has_disguised_word(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    text.split(|c: char| !c.is_alphabetic()).any(|word| {
        !word.is_ascii()
            && word.chars().any(|c| c.is_ascii_alphabetic())
            && word.chars().any(|c| plain_letter(c) != c)
    })
}

fn plain_letter(character: char) -> char {
    const LOOK_ALIKE: &str =
        "аaеeоoрpсcхxуyіiјjѕsԁdһhқkмmтtнhвbкkАAВBЕEКKМMНHОOРPСCТTХXІIЅSοoαaνvρpιiΑAΒBΕEΗHΙIΚKΜMΝNΟOΡPΤTΧXΥY";
    if character.is_ascii() {
        return character;
    }
    let mut pairs = LOOK_ALIKE.chars();
    while let (Some(disguise), Some(plain)) = (pairs.next(), pairs.next()) {
        if disguise == character {
            return plain;
        }
    }
    character
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_of_a_cleaned_answer_is_verbatim() {
        let original = "A cdn\u{200b} caches\u{202e} near the usеr.";
        let clean = Clean::new(original, 1_000);
        assert!(clean.hidden);
        assert_eq!(clean.text(), "A cdn caches near the user.");
        assert_eq!(clean.quote(2..12), "cdn\u{200b} caches");
        assert_eq!(clean.quote(22..27), "usеr.");
    }

    #[test]
    fn a_sound_answer_is_left_alone() {
        for text in ["plain", "naïve café — “quoted”", "целое предложение", "a\u{ad}b"]
        {
            assert!(!Clean::new(text, 1_000).hidden, "{text}");
        }
    }

    #[test]
    fn only_the_beginning_of_an_endless_answer_is_read() {
        let clean = Clean::new("ééé", 3);
        assert!(clean.truncated);
        assert_eq!(clean.text(), "é");
    }
}
