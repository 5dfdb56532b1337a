//! What `greenroom diagram` prints: the drawing, what is in it, what is wrong with it, what to try next.

use std::fmt::Write;

use serde_json::{Value, json};

use super::Context;
use crate::cli::Format;
use crate::diagram::{self, Graph, Issue, Review};
use crate::error::{Exit, Failure};
use crate::material::{DiagramTask, Pack};
use crate::text::sanitise;

/// A reviewed drawing, ready to be shown.
pub(super) struct Shown<'a> {
    pub(super) id: &'a str,
    pub(super) graph: &'a Graph,
    pub(super) review: &'a Review,
    pub(super) task: Option<&'a DiagramTask>,
    pub(super) hint: Option<String>,
    /// `png` or `jpeg`, if it was a picture.
    pub(super) picture: Option<&'a str>,
    /// It is still being drawn: what is missing is not named.
    pub(super) is_coached: bool,
}

impl Shown<'_> {
    fn format(&self) -> &str {
        self.picture.unwrap_or_else(|| self.graph.format.name())
    }

    fn title(&self) -> &str {
        self.task.map_or("Drawing", |task| &task.title)
    }
}

/// The tasks of a pack.
pub(super) fn tasks(context: &mut Context<'_>, pack: &Pack) -> Result<Exit, Failure> {
    if context.format() == Format::Json {
        let rows: Vec<Value> = pack
            .diagrams
            .iter()
            .map(|task| {
                let items: Vec<&str> = task.items.iter().map(|item| item.item.as_str()).collect();
                json!({"id": task.id, "title": task.title, "task": task.task, "include": items})
            })
            .collect();
        context.json(&rows)?;
        return Ok(Exit::Done);
    }
    let width = context.terminal.width.saturating_sub(2).max(20);
    for task in &pack.diagrams {
        let items: Vec<&str> = task.items.iter().map(|item| item.item.as_str()).collect();
        writeln!(context.out, "{}  {}", task.id, task.title)?;
        writeln!(context.out, "  {}", crate::terminal::wrap(&task.task, width, "  "))?;
        let include = format!("Include: {}.", items.join(", "));
        writeln!(context.out, "  {}\n", crate::terminal::wrap(&include, width, "  "))?;
    }
    context.note("Draw one: greenroom diagram TASK, or check a file: greenroom diagram TASK FILE");
    Ok(Exit::Done)
}

/// For people in a terminal.
pub(super) fn text(shown: &Shown<'_>) -> String {
    let mut out = String::new();
    let graph = shown.graph;
    let _ = writeln!(
        out,
        "{} ({}): {} components, {} connections\n",
        shown.title(),
        shown.format(),
        graph.components.len(),
        graph.edges.len()
    );
    out += &diagram::text(graph);
    let review = shown.review;
    if !review.include.is_empty() {
        let present = review.include.iter().filter(|item| item.present).count();
        let _ = writeln!(out, "\nAsked for: {present} of {} are there", review.include.len());
        for item in review.include.iter().filter(|item| item.present || !shown.is_coached) {
            let mark = if item.present { '✓' } else { '✗' };
            let by = match item.matched.len() {
                0 => String::new(),
                _ => format!(": {}", item.matched.join(", ")),
            };
            let alone = if item.present && item.worth < 0.5 { " (no arrow reaches it)" } else { "" };
            let _ = writeln!(out, "  {mark} {}{by}{alone}", item.item);
        }
    }
    if !review.issues.is_empty() {
        out += "\nLook again at\n";
        for issue in &review.issues {
            let _ = writeln!(out, "  - {}{}", place(issue), issue.message);
        }
    }
    if !review.remarks.is_empty() {
        out += "\nNot read\n";
        for remark in &review.remarks {
            let _ = writeln!(out, "  - line {}: {}", remark.line, remark.message);
        }
    }
    if let Some(score) = review.score {
        let _ = writeln!(out, "\nScore: {score} of 10");
    }
    if let Some(hint) = &shown.hint {
        let _ = writeln!(out, "\nTo think about: {hint}");
    }
    sanitise(&out)
}

/// For a notebook: the picture as Mermaid, and the findings.
pub(super) fn markdown(shown: &Shown<'_>) -> String {
    let review = shown.review;
    let mut out = format!("# {}\n\n", escape(shown.title()));
    if let Some(score) = review.score {
        let _ = writeln!(out, "**Score: {score} of 10**\n");
    }
    let _ = writeln!(out, "| component | kind |\n|---|---|");
    for part in &shown.graph.components {
        let _ = writeln!(out, "| {} | {} |", escape(&part.label), part.kind.replace('_', " "));
    }
    out += "\n## Connections\n\n";
    for edge in &shown.graph.edges {
        let label = if edge.label.is_empty() { String::new() } else { format!(": {}", escape(&edge.label)) };
        let _ = writeln!(out, "- {}{label}", escape(&shown.graph.edge_name(edge)));
    }
    if !review.include.is_empty() {
        out += "\n## Asked for\n\n";
        for item in &review.include {
            let mark = if item.present { 'x' } else { ' ' };
            let by: Vec<String> = item.matched.iter().map(|label| escape(label)).collect();
            let by = if by.is_empty() { String::new() } else { format!(": {}", by.join(", ")) };
            let _ = writeln!(out, "- [{mark}] {}{by}", escape(&item.item));
        }
    }
    if !review.issues.is_empty() {
        out += "\n## Look again at\n\n";
        for issue in &review.issues {
            let _ = writeln!(out, "- {}{}", place(issue), escape(&issue.message));
        }
    }
    if !review.remarks.is_empty() {
        out += "\n## Not read\n\n";
        for remark in &review.remarks {
            let _ = writeln!(out, "- line {}: {}", remark.line, escape(&remark.message));
        }
    }
    if let Some(hint) = &shown.hint {
        let _ = writeln!(out, "\n## To think about\n\n{}", escape(hint));
    }
    sanitise(&out)
}

fn place(issue: &Issue) -> String {
    if issue.line > 0 { format!("line {}: ", issue.line) } else { String::new() }
}

/// For programs.
pub(super) fn json(shown: &Shown<'_>) -> Value {
    let graph = shown.graph;
    let group = |part: &diagram::Component| {
        part.group.and_then(|group| graph.groups.get(group)).map(|group| &group.label)
    };
    let components: Vec<Value> = graph
        .components
        .iter()
        .map(|part| json!({"id": part.id, "label": part.label, "kind": part.kind, "group": group(part), "line": part.line}))
        .collect();
    let edges: Vec<Value> = super::ends(graph)
        .map(|(from, to, edge)| json!({"from": from, "to": to, "label": edge.label, "directed": edge.directed, "line": edge.line}))
        .collect();
    let include: Vec<Value> = shown
        .review
        .include
        .iter()
        .map(|item| json!({"id": item.id, "item": item.item, "present": item.present, "matched": item.matched}))
        .collect();
    json!({
        "session_id": shown.id,
        "task": shown.review.task,
        "input_format": shown.format(),
        "components": components,
        "edges": edges,
        "include": include,
        "issues": shown.review.issues,
        "score": shown.review.score,
        "not_read": shown.review.remarks,
        "hint": shown.hint,
    })
}

/// Text that means nothing to Markdown.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '|' | '#') {
            out.push('\\');
        }
        out.push(if character == '\n' { ' ' } else { character });
    }
    out
}
