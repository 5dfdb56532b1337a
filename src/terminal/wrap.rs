//! PURE. Breaking text into lines that fit a terminal.

use unicode_width::UnicodeWidthStr;

/// Breaks `text` at spaces into lines of at most `width` columns, each after the first of a
/// paragraph beginning with `indent`. Words wider than a line stand alone; line breaks stay.
pub fn wrap(text: &str, width: usize, indent: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for (number, paragraph) in text.split('\n').enumerate() {
        if number > 0 {
            out.push('\n');
        }
        // What fits keeps its own spaces: tables and aligned columns.
        if paragraph.width() <= width {
            out.push_str(paragraph);
            continue;
        }
        let lead: String = paragraph.chars().take_while(|c| *c == ' ').collect();
        out.push_str(&lead);
        let mut column = lead.width();
        let mut first = true;
        for word in paragraph.split_whitespace() {
            let wide = word.width();
            if !first && column + 1 + wide > width {
                out.push('\n');
                out.push_str(indent);
                column = indent.width();
            } else if !first {
                out.push(' ');
                column += 1;
            }
            out.push_str(word);
            column += wide;
            first = false;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn lines_fit_and_nothing_is_lost() {
        assert_eq!(wrap("one two three", 7, ""), "one two\nthree");
        assert_eq!(wrap("  one two\n\nthree", 6, "  "), "  one\n  two\n\nthree");
        assert_eq!(wrap("日本語 日本語", 8, ""), "日本語\n日本語");
        assert_eq!(wrap("unbreakable", 4, ""), "unbreakable");
        assert_eq!(wrap("a   b", 7, ""), "a   b");
    }
}
