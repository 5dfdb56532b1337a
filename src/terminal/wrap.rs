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

/// Sets `label` in a column of its own, `column` wide with its gap, and `text` in lines beside it; under it
/// if the label is too wide.
pub fn beside(label: &str, text: &str, column: usize, width: usize) -> String {
    let indent = " ".repeat(column);
    let lines = wrap(&format!("{indent}{}", text.trim_start()), width, &indent);
    if label.width() + 1 > column {
        return format!("{label}\n{lines}");
    }
    // The first line begins with the indent, whatever the text.
    let rest = lines.get(column..).unwrap_or_default();
    format!("{label}{}{rest}", &indent[label.width()..])
}

#[cfg(test)]
mod tests {
    use super::{beside, wrap};

    #[test]
    fn a_label_keeps_its_column() {
        assert_eq!(beside("id", "one two three", 5, 12), "id   one two\n     three");
        assert_eq!(beside("a-long-id", "one two", 5, 12), "a-long-id\n     one two");
        assert_eq!(beside("id", "", 5, 12), "id   ");
    }

    #[test]
    fn lines_fit_and_nothing_is_lost() {
        assert_eq!(wrap("one two three", 7, ""), "one two\nthree");
        assert_eq!(wrap("  one two\n\nthree", 6, "  "), "  one\n  two\n\nthree");
        assert_eq!(wrap("日本語 日本語", 8, ""), "日本語\n日本語");
        assert_eq!(wrap("unbreakable", 4, ""), "unbreakable");
        assert_eq!(wrap("a   b", 7, ""), "a   b");
    }
}
