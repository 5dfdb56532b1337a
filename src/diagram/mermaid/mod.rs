//! PURE. Mermaid: which kind of diagram a source is, and what all kinds share.
//!
//! Written by hand and tolerant: a candidate's drawing is half right, and what is readable counts.

mod architecture;
mod c4;
mod flowchart;
mod sequence;

use super::graph::{Builder, Graph, InputFormat};
use super::read::ReadError;

/// Kinds of Mermaid diagrams that draw no components of a system.
const OTHER_KINDS: [&str; 46] = [
    "classDiagram",
    "stateDiagram",
    "erDiagram",
    "journey",
    "gantt",
    "pie",
    "quadrantChart",
    "requirementDiagram",
    "requirement",
    "gitGraph",
    "mindmap",
    "timeline",
    "zenuml",
    "sankey",
    "xychart",
    "block",
    "packet",
    "kanban",
    "radar",
    "treemap",
    "info",
    "swimlane",
    "treeView",
    "eventmodeling",
    "agentflow",
    "bpmn",
    "c4",
    "cynefin",
    "ditaa",
    "domainStorytelling",
    "fileTree",
    "ishikawa",
    "matrixChart",
    "network",
    "neuralnet",
    "quantumCircuit",
    "railroad",
    "threatModel",
    "threat-model",
    "timing",
    "usecase",
    "usecaseDiagram",
    "venn",
    "vsm",
    "wardley",
    "wireframe",
];

/// A kind of diagram that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Flowchart,
    Sequence,
    C4,
    Architecture,
}

/// The kind that the first word of a source names; an error for one that is not read.
fn kind_of(word: &str) -> Option<Result<Kind, &'static str>> {
    let plain = word.trim_end_matches([';', ':']);
    let base = plain.trim_end_matches("-beta").trim_end_matches("-v2").trim_end_matches("-elk");
    Some(Ok(match base {
        "graph" | "flowchart" => Kind::Flowchart,
        "sequenceDiagram" => Kind::Sequence,
        "architecture" => Kind::Architecture,
        "C4Context" | "C4Container" | "C4Component" | "C4Dynamic" | "C4Deployment" => Kind::C4,
        _ => return OTHER_KINDS.iter().find(|kind| **kind == base).map(|kind| Err(*kind)),
    }))
}

/// Whether `line` is the first line of a Mermaid diagram.
pub(super) fn is_header(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let Some(found) = words.next().and_then(kind_of) else { return false };
    let next = words.next().unwrap_or("");
    match found {
        // `graph {` and `graph G {` are DOT; `block` and `info` are words.
        Ok(Kind::Flowchart) => {
            !line.contains('{') || matches!(next.trim_end_matches(';'), "TB" | "TD" | "BT" | "RL" | "LR")
        }
        Ok(_) => next.is_empty() || next.starts_with("%%"),
        // `c4-beta container`; a box may be called Network.
        Err("c4") => line.starts_with("c4-beta"),
        Err("network" | "timing" | "railroad" | "wireframe") => line.contains("-beta"),
        Err(_) => next.is_empty() || next.starts_with("title") || line.starts_with("gitGraph"),
    }
}

/// Reads a Mermaid diagram; without a header it is taken for a flowchart.
///
/// # Errors
///
/// [`ReadError`] for a kind that draws no components.
pub(super) fn read(source: &str) -> Result<Graph, ReadError> {
    let source = without_asides(source);
    let mut builder = Builder::new(InputFormat::Mermaid);
    let mut start = 0;
    for (number, line) in source.split_inclusive('\n').enumerate() {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            start += line.len();
            continue;
        }
        let first = trimmed.split(|c: char| c.is_whitespace() || c == ';').next().unwrap_or("");
        return match kind_of(first).filter(|_| is_header(trimmed)) {
            Some(Err("c4")) => Err(ReadError::at(
                number + 1,
                "`c4-beta` is not read: write it as `C4Container`, whose macros are the same as PlantUML's",
            )),
            Some(Err(kind)) => Err(ReadError::at(
                number + 1,
                format!(
                    "a Mermaid `{kind}` shows no components of a system: draw a flowchart, C4, architecture or sequence diagram"
                ),
            )),
            Some(Ok(Kind::Flowchart)) => {
                // Statements may follow on the header's line.
                let header = line.find(first).unwrap_or(0) + first.len();
                let after = start + header;
                let rest = source[after..].trim_start_matches([' ', '\t']);
                let skipped = source.len() - rest.len();
                let word: usize = ["TB", "TD", "BT", "RL", "LR", ">", "<", "^", "v"]
                    .iter()
                    .find(|word| {
                        rest.strip_prefix(**word).is_some_and(|rest| {
                            rest.starts_with([';', ' ', '\n', '\r', '\t']) || rest.is_empty()
                        })
                    })
                    .map_or(0, |word| word.len());
                flowchart::read(&source[skipped + word..], number + 1, &mut builder);
                Ok(builder.finish())
            }
            Some(Ok(kind)) => {
                let body = source[start + line.len()..].lines().enumerate();
                let lines = body.map(|(index, text)| (number + index + 2, text));
                match kind {
                    Kind::Sequence => sequence::read(lines, &mut builder),
                    Kind::C4 => c4::read(lines, &mut builder),
                    _ => architecture::read(lines, &mut builder),
                }
                Ok(builder.finish())
            }
            None => {
                flowchart::read(&source[start..], number + 1, &mut builder);
                Ok(builder.finish())
            }
        };
    }
    Ok(builder.finish())
}

/// Blanks front matter, directives and comments; lines keep their numbers.
fn without_asides(source: &str) -> String {
    let mut kept = String::with_capacity(source.len());
    let mut front = false;
    let mut directive = false;
    let mut begun = false;
    for line in source.split_inclusive('\n') {
        let trimmed = line.trim();
        let end = if line.ends_with('\n') { "\n" } else { "" };
        let mut keep = line;
        if (front || !begun) && trimmed == "---" {
            front = !front;
            keep = end;
        } else if front {
            keep = end;
        } else if directive || trimmed.starts_with("%%{") {
            directive = !trimmed.contains("}%%");
            keep = end;
        } else if trimmed.starts_with("%%") {
            keep = end;
        } else if let Some(at) = line.find(" %%") {
            // Mermaid has no comments at the end of a line, but people write them.
            if !line[..at].contains('"') || line[..at].matches('"').count() % 2 == 0 {
                kept.push_str(&line[..at]);
                keep = end;
            }
        }
        begun |= !trimmed.is_empty();
        kept.push_str(keep);
    }
    kept
}
