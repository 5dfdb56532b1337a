//! PURE. How headings and lines of notes say what they are: questions, answers, minutes, lists.

use std::ops::Range;

/// Words with which a question begins that has no question mark.
const IMPERATIVES: [&str; 22] = [
    "explain",
    "describe",
    "compare",
    "contrast",
    "define",
    "discuss",
    "design",
    "list",
    "name",
    "what",
    "how",
    "why",
    "when",
    "which",
    "who",
    "where",
    "walk",
    "tell",
    "give",
    "outline",
    "summarise",
    "summarize",
];

/// Beginnings of headings that ask even without a question mark.
const ASKING: [&str; 20] = [
    "what is ",
    "what are ",
    "what does ",
    "what do ",
    "what would ",
    "how is ",
    "how are ",
    "how does ",
    "how do ",
    "how would ",
    "how can ",
    "why is ",
    "why are ",
    "why do ",
    "why does ",
    "why use ",
    "when should ",
    "when would ",
    "when to use ",
    "which is ",
];

/// The byte after a question's label (`Q:`, `Q1.`, `Question 3 -`) at the start of `line`.
pub fn question_label(line: &str) -> Option<usize> {
    label(line, &["question", "ques", "q"], true)
}

/// The byte after an answer's label (`A:`, `Answer:`, `Ans 1.`) at the start of `line`; a line
/// of nothing but the word counts.
pub fn answer_label(line: &str) -> Option<usize> {
    let words = [
        "model answer",
        "sample answer",
        "short answer",
        "reference answer",
        "answer",
        "ans",
        "solution",
        "a",
    ];
    let bare = line.trim().trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    if words.iter().any(|&word| word == bare && word.len() > 1) {
        return Some(line.len());
    }
    label(line, &words, false)
}

/// A label: one of `words`, perhaps a number, and `:`, `.`, `)` or a dash.
fn label(line: &str, words: &[&str], question: bool) -> Option<usize> {
    let trimmed = line.trim_start_matches(|c: char| !c.is_alphanumeric());
    let start = line.len() - trimmed.len();
    let word = words.iter().find(|word| {
        trimmed.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
            && !trimmed[word.len()..].starts_with(char::is_alphabetic)
    })?;
    let rest = &trimmed[word.len()..];
    let number = rest.trim_start_matches([' ', '#', '.']);
    let after = number.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = after.len() < number.len();
    let rest = if numbered { after } else { rest };
    let rest = rest.trim_start_matches([' ', '*']);
    let mark = rest.chars().next()?;
    let fits = match mark {
        ':' | '：' => true,
        '.' | ')' => numbered || word.len() == 1,
        '-' | '–' | '—' => numbered || (!question && word.len() > 2),
        _ => false,
    };
    fits.then(|| start + (trimmed.len() - rest.len()) + mark.len_utf8())
}

/// Whether `text` ends in a question mark and has more than one word.
pub fn asks(text: &str) -> bool {
    let text = text.trim_end_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '?' | '？' | ')'));
    let text = text.trim_end_matches(')');
    text.ends_with(['?', '？']) && (text.split_whitespace().count() > 1 || !text.is_ascii())
}

/// The question that a heading asks, without its label and number; `among` says that it stands
/// under a heading of questions, where `Explain sharding` asks too.
pub fn heading_question(title: &str, among: bool) -> Option<String> {
    let labelled = question_label(title);
    let text = labelled.map_or(title, |at| &title[at..]);
    let text = if labelled.is_some() { plain(text) } else { without_number(title) };
    if text.is_empty() {
        return None;
    }
    let lower = text.to_lowercase();
    let first = lower.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
    let words = text.split_whitespace().count();
    let numbered = text.len() < plain(title).len();
    let imperative = IMPERATIVES.contains(&first) && words > 1;
    let asks = labelled.is_some()
        || asks(title)
        || (words > 2 && ASKING.iter().any(|beginning| lower.starts_with(beginning)))
        || (among && imperative)
        || (numbered && imperative && words > 2 && first != "design");
    asks.then_some(text)
}

/// Text without the emoji and signs around it.
pub fn plain(text: &str) -> String {
    let text = text.trim_start_matches(|c: char| {
        !c.is_alphanumeric() && !matches!(c, '(' | '[' | '"' | '\'' | '“' | '.' | '/' | '<' | '`')
    });
    text.trim_end_matches(|c: char| {
        !c.is_alphanumeric() && !c.is_ascii_punctuation() && !matches!(c, '”' | '’' | '？' | '…')
    })
    .trim()
    .to_owned()
}

/// A title without `1.`, `2)`, `Task 3:`, `Phase 1 -` before it, and without a colon after it.
pub fn without_number(title: &str) -> String {
    let mut text = plain(title);
    let lower = text.to_lowercase();
    let names =
        ["task", "step", "part", "phase", "section", "topic", "exercise", "chapter", "stage", "diagram"];
    if let Some(name) = names.iter().find(|name| lower.starts_with(**name)) {
        let rest = text[name.len()..].trim_start();
        let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        if after.len() < rest.len()
            && let Some(title) = after.trim_start().strip_prefix([':', '.', ')', '-', '–', '—'])
        {
            text = plain(title);
        }
    } else {
        let after = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let digits = text.len() - after.len();
        if digits > 0 && digits < 8 {
            let inner = text[..digits].contains('.') && after.starts_with(' ');
            let numbered = inner || text[..digits].ends_with('.') || after.starts_with([')', ':']);
            let rest = after.trim_start_matches([')', ':', ' ', '-', '–', '—']);
            if numbered && !rest.is_empty() {
                text = plain(rest);
            }
        }
    }
    text.trim_end_matches(':').trim().to_owned()
}

/// Whether one of `words` stands in `title`, whole words, hyphens and case aside.
pub fn mentions(title: &str, words: &[&str]) -> bool {
    let mut folded = String::from(" ");
    for character in title.chars().flat_map(char::to_lowercase) {
        folded.push(if character.is_alphanumeric() { character } else { ' ' });
    }
    folded.push(' ');
    let folded = folded.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    words.iter().any(|word| format!(" {folded} ").contains(&format!(" {word} ")))
}

/// Minutes named in `text` ("15 min", "1.5 hours", "10-15 minutes": the longer), and where.
pub fn minutes(text: &str) -> Option<(u32, Range<usize>)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let starts = bytes[at].is_ascii_digit() && (at == 0 || !bytes[at - 1].is_ascii_alphanumeric());
        if starts && let Some((minutes, end)) = minutes_at(text, at) {
            let (mut from, mut to) = (at, end);
            let before = text[..from].trim_end_matches(['~', '≈', ' ']);
            let after = text[to..].trim_start();
            if before.ends_with(['(', '[']) && after.starts_with([')', ']']) {
                from = before.len() - 1;
                to = text.len() - after.len() + 1;
            }
            return Some((minutes, from..to));
        }
        at += 1;
    }
    None
}

fn minutes_at(text: &str, at: usize) -> Option<(u32, usize)> {
    let number = |from: usize| {
        let rest = &text[from..];
        let length = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let value: f64 = rest[..length].trim_end_matches('.').parse().ok()?;
        Some((value, from + length))
    };
    let (mut value, mut end) = number(at)?;
    let rest = text[end..].trim_start();
    if let Some(after) = rest.strip_prefix(['-', '–', '—']).or_else(|| rest.strip_prefix("to "))
        && let Some((upper, upper_end)) = number(text.len() - after.trim_start().len())
    {
        (value, end) = (upper, upper_end);
    }
    let rest = &text[end..];
    let unit = rest.trim_start_matches([' ', '-']);
    let gap = rest.len() - unit.len();
    let length = unit.len() - unit.trim_start_matches(|c: char| c.is_alphabetic()).len();
    let factor = match unit[..length].to_lowercase().as_str() {
        "min" | "mins" | "minute" | "minutes" => 1.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 60.0,
        "m" if gap == 0 => 1.0,
        _ => return None,
    };
    let minutes = (value * factor).round();
    (1.0..=600.0).contains(&minutes).then_some((minutes as u32, end + gap + length))
}

/// A short id from a title or question: "What is a CDN, and why?" gives `cdn`.
pub fn slug(text: &str) -> String {
    const EMPTY: [&str; 62] = [
        "a",
        "an",
        "the",
        "is",
        "are",
        "was",
        "do",
        "does",
        "did",
        "what",
        "whats",
        "how",
        "why",
        "when",
        "which",
        "who",
        "where",
        "would",
        "should",
        "could",
        "can",
        "you",
        "your",
        "we",
        "i",
        "it",
        "its",
        "of",
        "for",
        "in",
        "on",
        "to",
        "with",
        "by",
        "from",
        "at",
        "explain",
        "describe",
        "define",
        "discuss",
        "compare",
        "list",
        "name",
        "design",
        "tell",
        "me",
        "about",
        "give",
        "different",
        "difference",
        "differences",
        "between",
        "types",
        "type",
        "main",
        "key",
        "common",
        "mean",
        "meant",
        "some",
        "main",
        "us",
    ];
    let mut kept: Vec<String> = Vec::new();
    let mut all: Vec<String> = Vec::new();
    for word in text.split([' ', '\n', '\t', '/', '-', '_', '(', ')']) {
        let clean: String =
            word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        if clean.is_empty() {
            continue;
        }
        let stops = matches!(clean.as_str(), "and" | "or" | "but" | "versus") || kept.len() == 5;
        if stops && !kept.is_empty() {
            break;
        }
        all.push(clean.clone());
        if !EMPTY.contains(&clean.as_str()) {
            kept.push(clean);
        }
        if !kept.is_empty() && word.ends_with(['.', '?', ':', ';', ',', '!']) {
            break;
        }
    }
    if kept.is_empty() {
        all.truncate(5);
        kept = all;
    }
    let mut id = kept.join("-");
    id.truncate(id.floor_char_boundary(60));
    if id.is_empty() { "untitled".to_owned() } else { id }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_told_from_words() {
        let questions = [
            ("Q: What?", Some("What?")),
            ("Q1. What?", Some("What?")),
            ("**Question 12:** What?", Some("** What?")),
            ("Question 3 - What?", Some("What?")),
            ("q) What?", Some("What?")),
            ("Quick: no", None),
            ("Question everything", None),
            ("Q-learning is", None),
        ];
        for (line, want) in questions {
            let got = question_label(line).map(|at| line[at..].trim());
            assert_eq!(got, want, "{line}");
        }
        let answers = [
            ("A: yes", Some("yes")),
            ("Answer: yes", Some("yes")),
            ("**Answer**", Some("")),
            ("Ans 1. yes", Some("yes")),
            ("Solution - yes", Some("yes")),
            ("A cache is", None),
            ("Answering the door", None),
        ];
        for (line, want) in answers {
            let got = answer_label(line).map(|at| line[at..].trim_matches(['*', ' ']));
            assert_eq!(got, want, "{line}");
        }
    }

    #[test]
    fn a_heading_asks_or_does_not() {
        let rows = [
            ("Q1: What is X?", false, Some("What is X?")),
            ("Q2: Explain X.", false, Some("Explain X.")),
            ("❓ Why use queues?", false, Some("Why use queues?")),
            ("3. Explain how leases expire", false, Some("Explain how leases expire")),
            ("What is sharding", false, Some("What is sharding")),
            ("Explain sharding", true, Some("Explain sharding")),
            ("Explain sharding", false, None),
            ("How it works", false, None),
            ("2. Design", false, None),
            ("Caching", true, None),
        ];
        for (title, among, want) in rows {
            assert_eq!(heading_question(title, among).as_deref(), want, "{title}");
        }
    }

    #[test]
    fn minutes_are_read_as_people_write_them() {
        let rows = [
            ("Requirements (15 min)", Some((15, "(15 min)"))),
            ("10-15 minutes: design", Some((15, "10-15 minutes"))),
            ("Deep dive – 45m", Some((45, "45m"))),
            ("Structure (2 hours)", Some((120, "(2 hours)"))),
            ("1.5h", Some((90, "1.5h"))),
            ("Layer 7 routing", None),
            ("5 msec", None),
            ("HTTP2 minutes", None),
        ];
        for (text, want) in rows {
            assert_eq!(minutes(text).map(|(minutes, at)| (minutes, &text[at])), want, "{text}");
        }
    }

    #[test]
    fn an_id_keeps_what_the_question_is_about() {
        let rows = [
            ("What is a Load Balancer and name algorithms?", "load-balancer"),
            ("Explain Vertical vs Horizontal Scaling.", "vertical-vs-horizontal-scaling"),
            ("What is CAP Theorem? Explain with examples.", "cap-theorem"),
            ("What is it?", "what-is-it"),
            ("???", "untitled"),
            ("日本語とは？", "日本語とは"),
        ];
        for (text, want) in rows {
            assert_eq!(slug(text), want, "{text}");
        }
    }

    #[test]
    fn numbers_before_titles_go() {
        let rows = [
            ("Task 1: E-commerce System", "E-commerce System"),
            ("1. Requirements Gathering", "Requirements Gathering"),
            ("📚 2.1 Caching:", "Caching"),
            ("3) Scale", "Scale"),
            ("2-phase commit", "2-phase commit"),
            ("Part of the story", "Part of the story"),
        ];
        for (title, want) in rows {
            assert_eq!(without_number(title), want, "{title}");
        }
    }
}
