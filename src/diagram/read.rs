//! PURE. A source in any format into a [`Graph`]: finds the format by content, and the reader by format.
//!
//! A Markdown file may hold the drawing in a fence; lines are counted in the whole file.

use super::graph::{Graph, InputFormat};
use super::{ascii, d2, dot, excalidraw, mermaid};

/// Longest source that is read, in bytes.
pub const LONGEST_SOURCE: usize = 8 << 20;

/// Why a source is no drawing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", if *line > 0 { format!("line {line}: ") } else { String::new() })]
pub struct ReadError {
    /// Line of the source, from 1; 0 for the whole.
    pub line: usize,
    /// What is wrong, and what to do.
    pub message: String,
}

impl ReadError {
    pub(super) fn at(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}

/// Reads a drawing in the format that its content shows.
///
/// # Errors
///
/// [`ReadError`] if there is no component in it, or it is in a format that is not read.
pub fn read(source: &str) -> Result<Graph, ReadError> {
    if source.len() > LONGEST_SOURCE {
        return Err(ReadError::at(0, "the drawing is larger than 8 MB"));
    }
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    let (body, before, fence) = fenced(source);
    let format = match fence {
        Some(format) => format,
        None => detect(body)?,
    };
    let shift = |mut error: ReadError| {
        error.line += if error.line > 0 { before } else { 0 };
        error
    };
    let mut graph = read_as(body, format).map_err(shift)?;
    if before > 0 {
        let lines = graph.components.iter_mut().map(|component| &mut component.line);
        let lines = lines.chain(graph.edges.iter_mut().map(|edge| &mut edge.line));
        let lines = lines.chain(graph.groups.iter_mut().map(|group| &mut group.line));
        lines.chain(graph.remarks.iter_mut().map(|remark| &mut remark.line)).for_each(|line| *line += before);
    }
    if graph.components.is_empty() {
        let first = graph.remarks.first();
        let why = first.map_or(String::new(), |remark| format!("; {}", remark.message));
        return Err(ReadError::at(
            first.map_or(0, |remark| remark.line),
            format!("no component is drawn here (read as {}){why}", format.name()),
        ));
    }
    Ok(graph)
}

/// Reads a drawing in a known format.
///
/// # Errors
///
/// [`ReadError`] if the format has a kind that is not read, or is broken beyond reading.
pub fn read_as(source: &str, format: InputFormat) -> Result<Graph, ReadError> {
    match format {
        InputFormat::Mermaid => mermaid::read(source),
        InputFormat::Dot => Ok(dot::read(source)),
        InputFormat::D2 => Ok(d2::read(source)),
        InputFormat::Excalidraw => excalidraw::read(source),
        InputFormat::Ascii => Ok(ascii::read(source)),
    }
}

/// The first fence with a drawing, lines before it, and the format its language names.
fn fenced(source: &str) -> (&str, usize, Option<InputFormat>) {
    let mut at = 0;
    let mut open: Option<(usize, usize, Option<InputFormat>, &str)> = None;
    for (number, line) in source.split_inclusive('\n').enumerate() {
        let trimmed = line.trim();
        let fence = ["```", "~~~"].into_iter().find(|fence| trimmed.starts_with(fence));
        match (&open, fence) {
            (None, Some(fence)) if trimmed != "~~~" => {
                let language = trimmed.trim_start_matches(['`', '~']).trim().to_ascii_lowercase();
                let format = match language.as_str() {
                    "mermaid" => Some(Some(InputFormat::Mermaid)),
                    "dot" | "graphviz" | "gv" => Some(Some(InputFormat::Dot)),
                    "d2" => Some(Some(InputFormat::D2)),
                    "" | "text" | "txt" | "ascii" | "diagram" | "plain" => Some(None),
                    _ => None,
                };
                if let Some(format) = format {
                    open = Some((at + line.len(), number + 1, format, fence));
                }
            }
            (Some((start, before, format, mark)), Some(fence)) if fence == *mark => {
                let body = &source[*start..at];
                if !body.trim().is_empty() {
                    return (body, *before, *format);
                }
                open = None;
            }
            _ => {}
        }
        at += line.len();
    }
    match open {
        Some((start, before, format, _)) if start < source.len() => (&source[start..], before, format),
        _ => (source, 0, None),
    }
}

/// The format that the content shows.
///
/// # Errors
///
/// [`ReadError`] for nothing, and for formats that are known but not read.
pub fn detect(source: &str) -> Result<InputFormat, ReadError> {
    let trimmed = source.trim_start();
    if trimmed.is_empty() {
        return Err(ReadError::at(0, "the drawing is empty"));
    }
    if trimmed.starts_with('{') && trimmed.contains("\"elements\"") {
        return Ok(InputFormat::Excalidraw);
    }
    if trimmed.starts_with("@startuml") || trimmed.starts_with("!include") {
        return Err(ReadError::at(
            1,
            "PlantUML is not read: write it as Mermaid (C4 macros are the same there)",
        ));
    }
    if trimmed.starts_with("<mxfile") || trimmed.starts_with("<mxGraphModel") {
        return Err(ReadError::at(1, "draw.io files are not read: export a PNG, or write it as Mermaid"));
    }
    if trimmed.starts_with("<svg") || trimmed.starts_with("<?xml") {
        return Err(ReadError::at(
            1,
            "an SVG shows lines, not components: use the source of the drawing, or a PNG",
        ));
    }
    let first = meaningful(source);
    if mermaid::is_header(first) {
        return Ok(InputFormat::Mermaid);
    }
    if dot::is_header(first) {
        return Ok(InputFormat::Dot);
    }
    if ascii::has_boxes(source) {
        return Ok(InputFormat::Ascii);
    }
    let mut votes = [0_usize; 3];
    for line in source.lines().take(400) {
        let line = line.trim();
        let bracketed =
            line.starts_with(['[', '(', '|', '<', '{']) || line.contains(" [") || line.contains(" (");
        if line.contains("-->") || line.contains("-.->") || line.contains("==>") || line.contains("]--") {
            let named = line.split(['[', '(', '{']).next().is_some_and(|id| {
                !id.is_empty() && !id.contains(char::is_whitespace) && line.len() > id.len()
            });
            votes[if bracketed && !named { 2 } else { 0 }] += 2;
        } else if line.contains("->") || line.contains("<-") || line.contains(" -- ") {
            votes[if bracketed && line.contains(['[', '(']) && !line.contains(':') { 2 } else { 1 }] += 2;
        } else if line.ends_with('{') || line.contains(": ") || line == "}" {
            votes[1] += 1;
        } else if line.starts_with('|')
            || matches!(line, "v" | "V" | "↓" | "▼")
            || line.contains(['→', '─', '│'])
        {
            votes[2] += 2;
        }
    }
    let most = votes.iter().max().copied().unwrap_or(0);
    if most == 0 {
        return Err(ReadError::at(
            0,
            "this is no drawing: Mermaid, DOT, D2, an Excalidraw scene, or boxes and arrows of characters",
        ));
    }
    Ok(match votes.iter().rposition(|&vote| vote == most) {
        Some(0) => InputFormat::Mermaid,
        Some(1) => InputFormat::D2,
        _ => InputFormat::Ascii,
    })
}

/// The first line that is neither blank, comment, directive nor front matter.
fn meaningful(source: &str) -> &str {
    let mut front = false;
    let mut begun = false;
    let mut block = false;
    for line in source.lines() {
        let line = line.trim();
        if line == "---" && (!begun || front) {
            front = !front;
            begun = true;
            continue;
        }
        if front || line.is_empty() {
            continue;
        }
        begun = true;
        if block || line.starts_with("/*") {
            block = !line.contains("*/");
            continue;
        }
        if ["%%", "//", "#", "'"].iter().any(|comment| line.starts_with(comment)) {
            continue;
        }
        return line;
    }
    ""
}
