//! PURE. Mermaid sequence diagrams as a graph: who calls whom, and with what.

use std::collections::HashMap;

use super::super::graph::{Builder, Direction, Shape};

/// Arrows, longest first: sign, and whether it is a call (a dashed one answers).
const ARROWS: [(&str, bool); 12] = [
    ("<<-->>", true),
    ("<<->>", true),
    ("-->>", false),
    ("->>", true),
    ("--x", false),
    ("--)", false),
    ("-->", false),
    ("-x", true),
    ("-)", true),
    ("->", true),
    ("--|\\", false),
    ("-|\\", true),
];

/// Reads the lines after the header.
pub(super) fn read<'a>(lines: impl Iterator<Item = (usize, &'a str)>, builder: &mut Builder) {
    let mut known: HashMap<(usize, usize), usize> = HashMap::new();
    let mut answers = Vec::new();
    let mut group = None;
    let mut blocks = 0_usize;
    for (number, line) in lines {
        let line = line.trim().trim_end_matches(';');
        let word = line.split_whitespace().next().unwrap_or("");
        let rest = line[word.len()..].trim();
        match word {
            "" | "autonumber" | "activate" | "deactivate" | "destroy" | "link" | "links" | "title"
            | "accTitle:" | "accDescr:" | "else" | "and" | "option" => {}
            "create" | "participant" | "actor" => {
                let rest = rest.trim_start_matches("participant ").trim_start_matches("actor ");
                let (id, label) = rest.split_once(" as ").unwrap_or((rest, rest));
                let id = id.split("@{").next().unwrap_or(id).trim();
                let index = builder.component(id, number);
                builder.label(index, label.split("@{").next().unwrap_or(label));
                if word == "actor" {
                    builder.at(index).shape = Shape::Person;
                }
                builder.put(index, group);
            }
            "box" => {
                // The colour stands before the title.
                let title = rest.rsplit_once(')').map_or(rest, |(_, title)| title).trim();
                group = Some(builder.group(&format!("box {number}"), title, None, number));
            }
            "loop" | "alt" | "opt" | "par" | "critical" | "break" | "rect" | "par_over" => blocks += 1,
            "end" => {
                if blocks > 0 {
                    blocks -= 1;
                } else {
                    group = None;
                }
            }
            "Note" | "note" => {
                if let Some((_, text)) = rest.split_once(':') {
                    builder.text(text);
                }
            }
            _ => match message(line) {
                Some((from, to, call, both, text)) => {
                    let (from, to) = (builder.component(from, number), builder.component(to, number));
                    if !call {
                        answers.push((from, to, text, number));
                        continue;
                    }
                    let directed = if both { Direction::Both } else { Direction::Forward };
                    call_once(builder, &mut known, (from, to), text, directed, number);
                }
                None => {
                    let wrong: String = line.chars().take(40).collect();
                    builder.remark(number, format!("`{wrong}` is no message of a sequence diagram"));
                }
            },
        }
    }
    // An answer belongs to its call; only one without a call is a connection of its own.
    for (from, to, text, number) in answers {
        if !known.contains_key(&(to, from)) && from != to {
            call_once(builder, &mut known, (from, to), text, Direction::Forward, number);
        }
    }
}

/// One edge a pair; what is said on it is collected.
fn call_once(
    builder: &mut Builder,
    known: &mut HashMap<(usize, usize), usize>,
    pair: (usize, usize),
    text: &str,
    directed: Direction,
    line: usize,
) {
    match known.get(&pair) {
        Some(&edge) => {
            let label = &mut builder.edge_at(edge).label;
            let text = super::super::graph::clean(text);
            if !text.is_empty() && label.len() + text.len() < 300 && !label.contains(&text) {
                *label = if label.is_empty() { text } else { format!("{label}; {text}") };
            }
        }
        None if pair.0 != pair.1 && builder.has_room() => {
            let before = builder.edges().len();
            builder.edge(pair.0, pair.1, text, directed, line);
            if builder.edges().len() > before {
                known.insert(pair, before);
            }
        }
        None => {}
    }
}

/// `A->>+B: text`: both ends, whether it is a call, whether it goes both ways, and the text.
fn message(line: &str) -> Option<(&str, &str, bool, bool, &str)> {
    let (ends, text) = line.split_once(':').unwrap_or((line, ""));
    let (at, (sign, call)) = ends.char_indices().find_map(|(at, c)| {
        let here = matches!(c, '-' | '<');
        here.then(|| ARROWS.iter().find(|(sign, _)| ends[at..].starts_with(sign)))?.map(|arrow| (at, *arrow))
    })?;
    let (from, to) =
        (ends[..at].trim(), ends[at + sign.len()..].trim().trim_start_matches(['+', '-']).trim());
    let from = from.trim_end_matches("()").trim();
    let to = to.trim_start_matches("()").trim();
    if from.is_empty() || to.is_empty() {
        return None;
    }
    Some((from, to, call, sign.starts_with("<<"), text.trim()))
}
