//! PURE. Flash cards as text: Anki exports, and lines of front and back apart by tab or semicolon.

use super::{Ids, Notes, NotesQuestion, labels, title_of};

/// Reads `text` as cards if nearly all of its lines are cards.
pub fn read(text: &str, name: &str) -> Option<Notes> {
    let (separator, start, headers) = header(text);
    let separator = separator.or_else(|| guess(&text[start..]))?;
    let mut notes = Notes { title: title_of(name), ..Notes::default() };
    let mut ids = Ids::default();
    let records = records(text, start, separator);
    let mut kept = 0;
    for (at, fields) in &records {
        let content: Vec<String> = fields
            .iter()
            .enumerate()
            .filter(|(column, _)| !headers.skip.contains(column))
            .map(|(_, field)| without_tags(field))
            .collect();
        let (Some(front), Some(back)) = (content.first(), content.get(1)) else {
            // A cloze note is one field.
            if let Some((question, answer)) = content.first().and_then(|field| cloze(field)) {
                kept += 1;
                add(&mut notes, &mut ids, question, answer, at.clone());
            }
            continue;
        };
        let (front, back) = match cloze(front) {
            Some((question, answer)) => (question, format!("{answer}\n\n{back}").trim().to_owned()),
            None => (front.clone(), back.clone()),
        };
        if front.trim().is_empty() || back.trim().is_empty() {
            notes.unanswered.extend(Some(labels::plain(&front)).filter(|front| !front.is_empty()));
            continue;
        }
        kept += 1;
        add(&mut notes, &mut ids, front, back, at.clone());
    }
    (kept > 0).then_some(notes)
}

fn add(notes: &mut Notes, ids: &mut Ids, front: String, back: String, at: std::ops::Range<usize>) {
    let front = labels::plain(&front.split_whitespace().collect::<Vec<_>>().join(" "));
    let question = match labels::heading_question(&front, true) {
        Some(_) => front,
        None if front.contains("[...]") => front,
        None => format!("Explain: {front}"),
    };
    let id = ids.of(question.trim_start_matches("Explain: "));
    notes.questions.push(NotesQuestion { id, question, answer: back, at, path: Vec::new(), derived: false });
}

#[derive(Debug, Default)]
struct Headers {
    /// Columns that hold no content: tags, deck, note type, id.
    skip: Vec<usize>,
}

/// Reads the `#separator:tab` lines that Anki writes.
fn header(text: &str) -> (Option<char>, usize, Headers) {
    let (mut separator, mut start, mut headers) = (None, 0, Headers::default());
    for line in text.split_inclusive('\n') {
        let Some((key, value)) = line.trim_end().strip_prefix('#').and_then(|line| line.split_once(':'))
        else {
            break;
        };
        match key {
            "separator" => {
                separator = Some(match value.to_lowercase().as_str() {
                    "tab" | "\\t" => '\t',
                    "semicolon" => ';',
                    "comma" => ',',
                    "pipe" => '|',
                    "colon" => ':',
                    "space" => ' ',
                    other => other.chars().next().unwrap_or('\t'),
                });
            }
            "tags column" | "deck column" | "notetype column" | "guid column" => {
                headers
                    .skip
                    .extend(value.trim().parse::<usize>().ok().and_then(|column| column.checked_sub(1)));
            }
            "html" | "tags" | "deck" | "notetype" | "columns" | "if matches" => {}
            _ => break,
        }
        start += line.len();
    }
    // "# Title: x" is Markdown.
    if start > 0 && separator.is_none() && headers.skip.is_empty() && !text.starts_with("#html:") {
        return (None, 0, Headers::default());
    }
    (separator, start, headers)
}

/// The separator of files without a header: nine of ten lines must have the same, and more than
/// two lines there must be.
fn guess(text: &str) -> Option<char> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.len() < 3 {
        return None;
    }
    ['\t', ';'].into_iter().find(|&separator| {
        let is_card = |line: &&&str| {
            let Some((front, back)) = line.split_once(separator) else { return false };
            let indented = line.starts_with([' ', '\t']) || front.trim().is_empty();
            let code = separator == ';'
                && (back.trim().is_empty() || front.contains(['{', '(', '=']) && !front.contains(' '));
            !indented && !code && !back.trim().is_empty() && !line.starts_with(['#', '-', '*', '|', '>'])
        };
        lines.iter().filter(is_card).count() * 10 >= lines.len() * 9
    })
}

type Record = (std::ops::Range<usize>, Vec<String>);

/// Records with quoted fields, in which quotes are doubled and line breaks allowed.
fn records(text: &str, start: usize, separator: char) -> Vec<Record> {
    let (mut records, mut fields, mut field) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut begin) = (false, start);
    let mut characters = text[start..].char_indices().peekable();
    while let Some((offset, character)) = characters.next() {
        let at = start + offset;
        match character {
            '"' if quoted => {
                if characters.peek().is_some_and(|&(_, next)| next == '"') {
                    field.push('"');
                    characters.next();
                } else {
                    quoted = false;
                }
            }
            // A quote that nothing closes before the text ends is a plain one.
            '"' if field.is_empty() && text[at + 1..].contains('"') => quoted = true,
            '\n' if !quoted => {
                fields.push(std::mem::take(&mut field));
                push_record(&mut records, begin..at, std::mem::take(&mut fields));
                begin = at + 1;
            }
            '\r' if !quoted => {}
            c if c == separator && !quoted => fields.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    fields.push(field);
    push_record(&mut records, begin..text.len(), fields);
    records
}

fn push_record(records: &mut Vec<Record>, at: std::ops::Range<usize>, fields: Vec<String>) {
    if fields.iter().any(|field| !field.trim().is_empty()) {
        records.push((at, fields));
    }
}

/// `{{c1::word::hint}}`: the text with gaps, and the text without.
fn cloze(text: &str) -> Option<(String, String)> {
    let (mut question, mut answer, mut rest) = (String::new(), String::new(), text);
    let mut gaps = 0;
    while let Some(start) = rest.find("{{c") {
        let Some(end) = rest[start..].find("}}").map(|end| start + end) else { break };
        let inner = &rest[start + 3..end];
        let Some((_, inner)) = inner.split_once("::") else { break };
        let word = inner.split("::").next().unwrap_or(inner);
        for side in [&mut question, &mut answer] {
            side.push_str(&rest[..start]);
        }
        question.push_str("[...]");
        answer.push_str(word);
        rest = &rest[end + 2..];
        gaps += 1;
    }
    question.push_str(rest);
    answer.push_str(rest);
    (gaps > 0).then_some((question, answer))
}

/// HTML of a card as Markdown: breaks, lists, bold and code stay, other tags go.
pub fn without_tags(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((entity, length)) = entity(rest) {
            out.push(entity);
            rest = &rest[length..];
            continue;
        }
        let name: String = rest[1..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '/').collect();
        let close = rest.find('>').filter(|_| rest.starts_with('<') && !name.trim_matches('/').is_empty());
        let Some(close) = close else {
            out.push_str(&rest[..1]);
            rest = &rest[1..];
            continue;
        };
        match name.to_ascii_lowercase().trim_end_matches('/') {
            "br" | "div" | "/div" | "p" | "/p" | "/ul" | "/ol" | "/tr"
                if !out.ends_with('\n') && !out.is_empty() =>
            {
                out.push('\n')
            }
            "li" => out.push_str(if out.is_empty() || out.ends_with('\n') { "- " } else { "\n- " }),
            "b" | "/b" | "strong" | "/strong" => out.push_str("**"),
            "code" | "/code" => out.push('`'),
            "pre" | "/pre" => out.push_str("\n```\n"),
            "td" | "th" => out.push(' '),
            _ => {}
        }
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    out.trim().to_owned()
}

fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.strip_prefix('&')?.find(';').filter(|&end| end <= 8)? + 1;
    let name = &text[1..end];
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "rarr" => '→',
        "larr" => '←',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((character, end + 1))
}
