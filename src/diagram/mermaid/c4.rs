//! PURE. C4 diagrams in Mermaid's notation (PlantUML's macros): people, systems, containers, relations.

use super::super::graph::{Builder, Direction, Shape};

/// Reads the lines after the header.
pub(super) fn read<'a>(lines: impl Iterator<Item = (usize, &'a str)>, builder: &mut Builder) {
    let mut open = Vec::new();
    for (number, line) in lines {
        let line = line.trim();
        let closing = line.chars().take_while(|c| *c == '}').count();
        for _ in 0..closing {
            open.pop();
        }
        let line = line[closing..].trim();
        if line.is_empty() || line.starts_with('\'') || line.starts_with("%%") || line == "{" {
            continue;
        }
        let Some((name, inner)) = line.split_once('(') else {
            let word = line.split_whitespace().next().unwrap_or("");
            if !matches!(word, "title" | "accTitle:" | "accDescr:" | "direction") {
                let wrong: String = line.chars().take(40).collect();
                builder.remark(number, format!("`{wrong}` is no element of a C4 diagram"));
            }
            continue;
        };
        let opens = inner.trim_end().ends_with('{');
        let end = inner.rfind(')').unwrap_or(inner.len());
        let values = arguments(&inner[..end]);
        let value = |index: usize| values.get(index).map_or("", String::as_str);
        let base = name.trim();
        let parent = open.last().copied();
        if base.starts_with("Update")
            || base.starts_with("Lay_")
            || base.starts_with("Add")
            || base.starts_with("SHOW")
        {
            continue;
        }
        if base.starts_with("Rel") || base.starts_with("BiRel") {
            // `RelIndex(1, a, b, ..)` numbers its steps.
            let first = usize::from(base.starts_with("RelIndex"));
            let (from, to) = (value(first), value(first + 1));
            if from.is_empty() || to.is_empty() {
                builder.remark(number, "this relation has not two ends");
                continue;
            }
            let (from, to) = (builder.component(from, number), builder.component(to, number));
            let (from, to) = if base == "Rel_Back" { (to, from) } else { (from, to) };
            let directed = if base.starts_with("Bi") { Direction::Both } else { Direction::Forward };
            let label = match value(first + 3) {
                "" => value(first + 2).to_owned(),
                technology => format!("{} ({technology})", value(first + 2)),
            };
            builder.edge(from, to, &label, directed, number);
        } else if base.ends_with("Boundary")
            || base.starts_with("Node")
            || base.starts_with("Deployment_Node")
        {
            let group = builder.group(value(0), value(1), parent, number);
            if opens {
                open.push(group);
            }
        } else if ["Person", "System", "Container", "Component"].iter().any(|kind| base.starts_with(kind)) {
            let index = builder.component(value(0), number);
            builder.label(index, value(1));
            builder.put(index, parent);
            let component = builder.at(index);
            component.detail = values[2.min(values.len())..].join(" ");
            component.shape = if base.contains("Db") {
                Shape::Cylinder
            } else if base.contains("Queue") {
                Shape::Queue
            } else if base.starts_with("Person") {
                Shape::Person
            } else {
                Shape::Plain
            };
            if base.ends_with("_Ext") {
                component.detail = format!("{} (external)", component.detail).trim().to_owned();
            }
        } else {
            builder.remark(number, format!("`{base}` is no element of a C4 diagram"));
        }
    }
}

/// Values between commas; commas in quotes part nothing, `$name=` is dropped.
fn arguments(text: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut quoted = false;
    for character in text.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => values.push(String::new()),
            _ => {
                if let Some(last) = values.last_mut() {
                    last.push(character);
                }
            }
        }
    }
    let plain = |value: &String| {
        let value = value.trim();
        if value.starts_with('$') { String::new() } else { super::super::graph::clean(value) }
    };
    values.iter().map(plain).collect()
}
