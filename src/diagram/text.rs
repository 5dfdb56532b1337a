//! PURE. A graph for the terminal: every part in the order of a request, and where its arrows lead.

use std::fmt::Write;

use super::graph::{Direction, Graph};
use super::layout::ranks;
use super::read::read;

/// Parts that are written out.
const MOST_PARTS: usize = 200;

/// Writes a graph as lines.
pub fn text(graph: &Graph) -> String {
    let ranks = ranks(graph);
    let mut order: Vec<usize> = (0..graph.components.len()).collect();
    order.sort_by_key(|&index| (ranks[index], index));
    let widest = graph.components.iter().map(|part| part.label.chars().count()).max().unwrap_or(0).min(36);
    let mut out = String::new();
    for &index in order.iter().take(MOST_PARTS) {
        let part = &graph.components[index];
        let kind = if part.kind == "unknown" { String::from("?") } else { part.kind.replace('_', " ") };
        let group =
            graph.groups_of(index).first().map(|&group| format!(", in {}", graph.groups[group].label));
        let _ = writeln!(out, "  {:widest$}  {kind}{}", part.label, group.unwrap_or_default());
        let leaving = graph
            .edges
            .iter()
            .filter(|edge| edge.from == index || (edge.to == index && edge.directed == Direction::Both));
        let leaving: Vec<_> = leaving.collect();
        for (number, edge) in leaving.iter().enumerate() {
            let branch = if number + 1 == leaving.len() { '└' } else { '├' };
            let arrow = match edge.directed {
                Direction::Forward => "─▶",
                Direction::Both => "◀▶",
                Direction::None => "──",
            };
            let other = if edge.from == index { edge.to } else { edge.from };
            let label = if edge.label.is_empty() { String::new() } else { format!("  ({})", edge.label) };
            let _ = writeln!(out, "    {branch}{arrow} {}{label}", graph.name(other));
        }
    }
    if order.len() > MOST_PARTS {
        let _ = writeln!(out, "  and {} more", order.len() - MOST_PARTS);
    }
    out
}

/// A drawing in any format as lines that need no picture: parts, then arrows; a source that is no drawing as it is.
pub fn told(source: &str) -> String {
    let Ok(graph) = read(source) else { return source.to_owned() };
    let mut out = String::new();
    for index in (0..graph.components.len()).take(MOST_PARTS) {
        let part = &graph.components[index];
        let detail = if part.detail.is_empty() { String::new() } else { format!(" ({})", part.detail) };
        let group =
            graph.groups_of(index).first().map(|&group| format!(", in {}", graph.groups[group].label));
        let _ = writeln!(out, "- {}{detail}{}", part.label, group.unwrap_or_default());
    }
    for edge in graph.edges.iter().take(2 * MOST_PARTS) {
        let label = if edge.label.is_empty() { String::new() } else { format!(": {}", edge.label) };
        let _ = writeln!(out, "{}{label}", graph.edge_name(edge));
    }
    out
}
