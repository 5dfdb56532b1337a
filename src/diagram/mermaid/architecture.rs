//! PURE. Mermaid's `architecture-beta`: groups, services with icons, junctions, edges with sides.

use super::super::graph::{Builder, Direction, Shape};

/// Reads the lines after the header.
pub(super) fn read<'a>(lines: impl Iterator<Item = (usize, &'a str)>, builder: &mut Builder) {
    for (number, line) in lines {
        let line = line.trim();
        let word = line.split_whitespace().next().unwrap_or("");
        match word {
            "" | "title" | "accTitle:" | "accDescr:" | "align" => {}
            "group" | "service" | "junction" => declared(word, line[word.len()..].trim(), number, builder),
            _ => {
                if edge(line, number, builder).is_none() {
                    let wrong: String = line.chars().take(40).collect();
                    builder.remark(number, format!("`{wrong}` is no line of an architecture diagram"));
                }
            }
        }
    }
}

/// `db(database)[Orders] in backend`.
fn declared(word: &str, text: &str, line: usize, builder: &mut Builder) {
    let id_end = text.find(|c: char| c.is_whitespace() || matches!(c, '(' | '[')).unwrap_or(text.len());
    let id = &text[..id_end];
    let rest = &text[id_end..];
    let between = |open: char, close: char| {
        let from = rest.find(open)? + 1;
        Some(rest[from..from + rest[from..].find(close)?].to_owned())
    };
    let icon = between('(', ')').unwrap_or_default();
    let label = between('[', ']').unwrap_or_default();
    let label = label.trim_matches('"');
    let parent = rest.rsplit_once(" in ").map(|(_, parent)| parent.trim());
    let parent = parent.map(|parent| builder.group(parent, parent, None, line));
    if word == "group" {
        let group = builder.group(id, label, parent, line);
        if !label.is_empty() {
            builder.group_at(group).label = super::super::graph::clean(label);
        }
        return;
    }
    let index = builder.component(id, line);
    if word == "service" {
        builder.label(index, label);
    }
    builder.put(index, parent);
    builder.at(index).shape = match icon.as_str() {
        "database" | "disk" => Shape::Cylinder,
        _ => Shape::Plain,
    };
    // Icons of packs name products: `logos:aws-s3`.
    if let Some((_, product)) = icon.split_once(':') {
        builder.at(index).detail = product.replace(['-', '_'], " ");
    }
}

/// `db:L <--> R:server`, `a{group}:R -[text]-> L:b`.
fn edge(line: &str, number: usize, builder: &mut Builder) -> Option<()> {
    let start = line.find("--").into_iter().chain(line.find("-[")).min()?;
    let back = line[..start].ends_with('<');
    let left = line[..start].trim_end_matches('<').trim();
    let tail = &line[start..];
    let (label, after) = match tail.strip_prefix("-[") {
        Some(rest) => {
            let (label, rest) = rest.split_once(']')?;
            (label, rest.strip_prefix('-')?)
        }
        None => ("", tail.trim_start_matches('-')),
    };
    let forward = after.starts_with('>');
    let right = after.trim_start_matches('>').trim();
    let name = |text: &str| {
        let text = text.replace("{group}", "");
        let mut parts = text.split(':').map(str::trim);
        let (one, two) = (parts.next()?.to_owned(), parts.next().unwrap_or("").to_owned());
        let side = |text: &str| matches!(text, "L" | "R" | "T" | "B");
        Some(if side(&one) && !two.is_empty() { two } else { one })
    };
    let (left, right) = (name(left)?, name(right)?);
    if left.is_empty() || right.is_empty() {
        return None;
    }
    let (from, to) = (builder.component(&left, number), builder.component(&right, number));
    match (back, forward) {
        (true, true) => builder.edge(from, to, label, Direction::Both, number),
        (true, false) => builder.edge(to, from, label, Direction::Forward, number),
        (false, true) => builder.edge(from, to, label, Direction::Forward, number),
        (false, false) => builder.edge(from, to, label, Direction::None, number),
    }
    Some(())
}
