//! PURE. Finding a quote in what was said, after Unicode and white-space folding.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

/// Returns the bytes of `text` that `quote` repeats. Case, white space, Unicode form and the
/// shape of quotation marks and dashes do not count; every letter and digit does. An empty
/// quote is found nowhere.
pub fn find_quote(text: &str, quote: &str) -> Option<Range<usize>> {
    let needle: String = folded(quote).map(|(_, c)| c).collect::<String>().trim().to_owned();
    if !needle.chars().any(char::is_alphanumeric) {
        return None;
    }
    let (mut hay, mut places) = (String::new(), Vec::new());
    for (at, character) in folded(text) {
        places.push((hay.len(), at));
        hay.push(character);
    }
    let start = hay.find(&needle)?;
    let end = start + needle.len();
    let first = places[places.partition_point(|&(pos, _)| pos < start)].1;
    let (_, last) = places[places.partition_point(|&(pos, _)| pos < end) - 1];
    let last_len = text[last..].chars().next().map_or(0, char::len_utf8);
    Some(first..last + last_len)
}

/// The folded characters of `text`, each with the byte its original starts at; a run of white
/// space is one space.
fn folded(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let mut was_space = false;
    text.char_indices()
        .flat_map(|(at, character)| character.nfkd().flat_map(char::to_lowercase).map(move |c| (at, c)))
        .filter_map(move |(at, character)| {
            let plain = match character {
                '“' | '”' | '„' | '«' | '»' => '"',
                '‘' | '’' => '\'',
                '–' | '—' | '‐' | '‑' => '-',
                c if c.is_whitespace() => ' ',
                '\u{200b}'..='\u{200d}' | '\u{feff}' | '\u{ad}' => return None,
                c => c,
            };
            let skip = plain == ' ' && was_space;
            was_space = plain == ' ';
            (!skip).then_some((at, plain))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_is_found_whatever_its_dress() {
        let text = "First, “we\n  shard” by user—id. Café.";
        let rows = [
            ("\"we shard\" by", Some("“we\n  shard” by")),
            ("USER-ID", Some("user—id")),
            ("cafe\u{301}.", Some("Café.")),
            ("Café", Some("Café")),
            ("we never said this", None),
            ("  ", None),
            ("...", None),
        ];
        for (quote, want) in rows {
            let got = find_quote(text, quote).map(|range| &text[range]);
            assert_eq!(got, want, "{quote:?}");
        }
    }
}
