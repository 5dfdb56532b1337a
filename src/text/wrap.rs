//! PURE. Line breaks that only fold a long line, as mail programs and editors put them.
//!
//! A break is a wrap if the next line's first word would not have fit on the line before it.

/// Narrower text than this is not wrapped; its lines are lines.
const NARROWEST: usize = 40;

/// The bytes of the line feeds that are wraps, ascending; linear in the text's length.
pub(super) fn wraps(text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let mut paragraph: Vec<(usize, &str)> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let plain = line.trim_end();
        if plain.is_empty() || is_apart(plain) {
            close(&mut paragraph, &mut found);
        } else {
            if is_item(plain.trim_start()) {
                close(&mut paragraph, &mut found);
            }
            paragraph.push((at, line));
        }
        at += line.len();
    }
    close(&mut paragraph, &mut found);
    found
}

/// Takes the wraps of a paragraph; a list item is one.
fn close(paragraph: &mut Vec<(usize, &str)>, found: &mut Vec<usize>) {
    let width = |line: &str| line.trim_end().chars().count();
    let widest = paragraph.iter().map(|(_, line)| width(line)).max().unwrap_or(0);
    for two in paragraph.windows(2) {
        let [(at, line), (_, next)] = two else { continue };
        let word = next.split_whitespace().next().map_or(0, |word| word.chars().count());
        // A line that begins with a capital after one without a full stop is a line of its own.
        let goes_on = next.trim_start().starts_with(|c: char| !c.is_uppercase())
            || line.trim_end().ends_with(',')
            || paragraph.len() > 2;
        if widest >= NARROWEST
            && width(line) + 1 + word > widest
            && goes_on
            && !line.trim_end().ends_with(':')
        {
            found.push(at + line.len() - 1);
        }
    }
    paragraph.clear();
}

/// Headings, rows of tables, quotes and fences stand apart.
fn is_apart(line: &str) -> bool {
    line.trim_start().starts_with(['#', '|', '>']) || line.trim_start().starts_with("```")
}

fn is_item(line: &str) -> bool {
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    ["- ", "* ", "+ ", "\u{2022} ", "\u{2013} "].iter().any(|bullet| line.starts_with(bullet))
        || (digits > 0 && digits < 3 && line[digits..].starts_with(['.', ')']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_folds_of_a_long_line_are_wraps() {
        let long = "A load balancer spreads requests over several servers, so that no server";
        let rows = [
            ("folded", format!("{long}\nis overloaded and one may fail."), 1),
            ("folded twice", format!("{long}\n{long}\nis overloaded."), 2),
            ("with carriage returns", format!("{long}\r\nis overloaded."), 1),
            ("an item that is folded", format!("- {long}\n  is overloaded\n- round robin"), 1),
            ("a blank line", format!("{long}\n\nis overloaded"), 0),
            ("a list", format!("{long}\n- round robin\n- least connections"), 0),
            ("a heading", format!("# {long}\nis overloaded"), 0),
            ("what a colon opens", format!("{long}:\nround robin"), 0),
            ("short lines", "cache aside\nwrite through\nwrite back".to_owned(), 0),
            ("a line that had room for more", format!("round robin\n{long}"), 0),
            ("two lines of notes", format!("{long}\nRound robin goes in turn"), 0),
        ];
        for (name, text, want) in rows {
            assert_eq!(wraps(&text).len(), want, "{name}");
        }
    }
}
