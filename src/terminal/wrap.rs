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

/// Breaks lines as [`wrap`] does; labels that stand before a gap of two spaces keep their column if there is
/// room for it, all of them or none, and what has no label goes on at the first column.
pub fn hanging(text: &str, width: usize) -> String {
    let labelled = |line: &'_ str| {
        let at = line.trim_end().find("  ").filter(|&at| at > 0)?;
        let rest = line[at..].trim_start();
        Some((at, line.width() - rest.width()))
    };
    let is_tight = text
        .split('\n')
        .any(|line| line.width() > width && labelled(line).is_some_and(|(_, column)| column > width * 2 / 3));
    let lines = text.split('\n').map(|line| match labelled(line) {
        Some((at, _)) if is_tight => {
            wrap(&format!("{} {}", &line[..at], line[at..].trim_start()), width, "    ")
        }
        Some((at, column)) if line.width() > width => beside(&line[..at], &line[at..], column, width),
        _ => wrap(line, width, ""),
    });
    lines.collect::<Vec<_>>().join("\n")
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
    use super::{beside, hanging, wrap};

    #[test]
    fn a_list_of_labels_reads_well_however_wide_the_terminal() {
        let list =
            "/time      how much time is left\n/pause     stop it\nA warning that is longer than the line.";
        assert_eq!(hanging(list, 80), list);
        let narrow = "/time      how much time\n           is left\n/pause     stop it\nA warning that is longer\nthan the line.";
        assert_eq!(hanging(list, 24), narrow);
        let narrowest = "/time how much\n    time is\n    left\n/pause stop it\nA warning that\nis longer than\nthe line.";
        assert_eq!(hanging(list, 15), narrowest);
    }

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
