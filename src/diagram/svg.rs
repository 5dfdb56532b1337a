//! PURE. A graph as SVG: self-contained, no script, light and dark, every label escaped.

use std::fmt::Write;

use super::graph::{Direction, Graph};
use super::layout::{At, Sizes, layout};
use crate::text::sanitise;

/// Width of a letter at the size of labels, in pixels; a wide estimate for common fonts.
const LETTER: f64 = 7.4;
const SMALL_LETTER: f64 = 6.2;
/// Letters of a line in a box, and on an edge.
const WRAP: usize = 20;
const EDGE_WRAP: usize = 24;
/// Lines of a label.
const MOST_LINES: usize = 4;
const LINE: f64 = 16.0;
/// Length of an arrow's head, and a little.
const HEAD: f64 = 10.0;

const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#1b1f24;text-anchor:middle}.s{font-size:10.5px;fill:#57606a}\
.b{fill:#fff;stroke:#57606a;stroke-width:1.3}.e{fill:none;stroke:#57606a;stroke-width:1.3}.h{fill:#57606a}\
.l{font-size:11px;fill:#1b1f24}.p{fill:#fff;opacity:.86}.client{fill:#eef4ff}.store{fill:#e9f7ec}.cache{fill:#fff3e0}.queue{fill:#f6ecff}\
.edge{fill:#e8f6fa}.bg{fill:#fff}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.s{fill:#9da7b3}.b{fill:#22272e;stroke:#9da7b3}.e{stroke:#9da7b3}.h{fill:#9da7b3}\
.l{fill:#e6edf3}.p{fill:#161b22}.client{fill:#1d2b44}.store{fill:#1b3324}.cache{fill:#3d2c14}.queue{fill:#33244a}.edge{fill:#16333d}.bg{fill:#161b22}}";

/// Draws a graph.
pub fn svg(graph: &Graph) -> String {
    let labels: Vec<Vec<String>> = graph.components.iter().map(|part| wrap(&part.label, WRAP)).collect();
    let captions: Vec<String> = (0..graph.components.len()).map(|index| caption(graph, index)).collect();
    let edge_labels: Vec<Vec<String>> = graph
        .edges
        .iter()
        .map(|edge| if edge.label.is_empty() { Vec::new() } else { wrap(&edge.label, EDGE_WRAP) })
        .collect();
    let widest =
        |lines: &[String], letter: f64| lines.iter().map(|line| width(line) * letter).fold(0.0, f64::max);
    let sizes = Sizes {
        components: labels
            .iter()
            .zip(&captions)
            .map(|(lines, caption)| {
                let across = widest(lines, LETTER).max(width(caption) * SMALL_LETTER) + 26.0;
                (across.max(80.0), lines.len() as f64 * LINE + 14.0 + 24.0)
            })
            .collect(),
        labels: edge_labels
            .iter()
            .map(|lines| match lines.len() {
                0 => (0.0, 0.0),
                count => (widest(lines, SMALL_LETTER) + 8.0, count as f64 * 13.0 + 2.0),
            })
            .collect(),
    };
    let page = layout(graph, &sizes);
    let (across, along) = (page.width.max(120.0), page.height.max(60.0));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {across:.0} {along:.0}\" width=\"{across:.0}\" height=\"{along:.0}\" role=\"img\">\
<title>{} components, {} connections</title><style>{STYLE}</style>\
<defs><marker id=\"a\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto-start-reverse\"><path class=\"h\" d=\"M0 0 10 5 0 10z\"/></marker></defs>\
<rect class=\"bg\" width=\"100%\" height=\"100%\"/>\n",
        graph.components.len(),
        graph.edges.len()
    );
    for (edge, path) in graph.edges.iter().zip(&page.paths) {
        if edge.from == edge.to {
            continue;
        }
        let start = " marker-start=\"url(#a)\"";
        let end = " marker-end=\"url(#a)\"";
        let heads = match edge.directed {
            Direction::Forward => end.to_owned(),
            Direction::Both => format!("{start}{end}"),
            Direction::None => String::new(),
        };
        let d = curve(path, sizes.components[edge.from].0, sizes.components[edge.to].0);
        let _ = writeln!(out, "<path class=\"e\" d=\"{d}\"{heads}/>");
    }
    for (index, at) in page.components.iter().enumerate() {
        component(&mut out, graph, index, *at, sizes.components[index], &labels[index], &captions[index]);
    }
    for (index, lines) in edge_labels.iter().enumerate() {
        if lines.is_empty() || graph.edges[index].from == graph.edges[index].to {
            continue;
        }
        let ((x, y), (w, h)) = (page.labels[index], sizes.labels[index]);
        let _ = writeln!(
            out,
            "<rect class=\"p\" x=\"{:.1}\" y=\"{:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" rx=\"3\"/>",
            x - w / 2.0,
            y - h / 2.0
        );
        for (line, text) in lines.iter().enumerate() {
            let _ = writeln!(
                out,
                "<text class=\"l\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>",
                y - h / 2.0 + 11.0 + line as f64 * 13.0,
                escape(text)
            );
        }
    }
    out.push_str("</svg>\n");
    out
}

/// The kind of a component and the groups around it.
fn caption(graph: &Graph, index: usize) -> String {
    let part = &graph.components[index];
    let kind = if part.kind == "unknown" { String::new() } else { part.kind.replace('_', " ") };
    let group = graph
        .groups_of(index)
        .first()
        .map(|&group| graph.groups[group].label.clone())
        .filter(|label| *label != part.label);
    let text = match group {
        Some(group) if kind.is_empty() => format!("in {group}"),
        Some(group) => format!("{kind} · in {group}"),
        None => kind,
    };
    let cut: String = text.chars().take(34).collect();
    if cut.len() < text.len() { format!("{cut}…") } else { cut }
}

fn component(
    out: &mut String,
    graph: &Graph,
    index: usize,
    at: At,
    size: (f64, f64),
    lines: &[String],
    caption: &str,
) {
    let part = &graph.components[index];
    let (w, h) = size;
    let (x, y) = (at.0 - w / 2.0, at.1 - h / 2.0);
    let class = class(&part.kind);
    let _ = match class {
        "store" => writeln!(
            out,
            "<path class=\"b store\" d=\"M{x:.1} {0:.1}v{1:.1}a{2:.1} 7 0 0 0 {w:.1} 0v-{1:.1}a{2:.1} 7 0 0 0 -{w:.1} 0a{2:.1} 7 0 0 0 {w:.1} 0\"/>",
            y + 7.0,
            h - 14.0,
            w / 2.0
        ),
        "client" => writeln!(
            out,
            "<rect class=\"b client\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" rx=\"{:.1}\"/>",
            h / 2.5
        ),
        "queue" => writeln!(
            out,
            "<path class=\"b queue\" d=\"M{:.1} {y:.1}h{1:.1}a7 {2:.1} 0 0 1 0 {h:.1}h-{1:.1}a7 {2:.1} 0 0 1 0 -{h:.1}a7 {2:.1} 0 0 1 0 {h:.1}\"/>",
            x + 7.0,
            w - 14.0,
            h / 2.0
        ),
        _ => writeln!(
            out,
            "<rect class=\"b {class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" rx=\"5\"/>"
        ),
    };
    let block = lines.len() as f64 * LINE + if caption.is_empty() { 0.0 } else { 13.0 };
    let shift = if class == "store" { 4.0 } else { 0.0 };
    let first = at.1 - block / 2.0 + 12.0 + shift;
    for (line, text) in lines.iter().enumerate() {
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            at.0,
            first + line as f64 * LINE,
            escape(text)
        );
    }
    if !caption.is_empty() {
        let below = first + lines.len() as f64 * LINE - 1.0;
        let _ =
            writeln!(out, "<text class=\"s\" x=\"{:.1}\" y=\"{below:.1}\">{}</text>", at.0, escape(caption));
    }
}

fn class(kind: &str) -> &'static str {
    match kind {
        "client" | "third_party" => "client",
        "cache" => "cache",
        "message_queue" | "event_stream" | "pub_sub" => "queue",
        "cdn" | "dns" | "load_balancer" | "api_gateway" | "reverse_proxy" | "firewall" => "edge",
        kind if kind.ends_with("database")
            || kind.ends_with("store")
            || kind.ends_with("storage")
            || kind == "data_warehouse"
            || kind == "search_index" =>
        {
            "store"
        }
        _ => "plain",
    }
}

/// A smooth line through points, from border to border.
fn curve(points: &[At], from_width: f64, to_width: f64) -> String {
    let mut points = points.to_vec();
    let count = points.len();
    let goes_right = points[count - 1].0 >= points[0].0;
    let side = if goes_right { 1.0 } else { -1.0 };
    points[0].0 += side * from_width / 2.0;
    points[count - 1].0 -= side * (to_width / 2.0 + 1.0);
    // A box that is as wide as its layer leaves no way to go straight: the bend ends at its border, and the head has room.
    let ends = [points[0].0, points[count - 1].0];
    let far = |point: &At| {
        ends.iter().all(|end| {
            (point.0 - end).abs() >= HEAD
                && (ends[0] - point.0) * side < 0.0
                && (point.0 - ends[1]) * side < 0.0
        })
    };
    let (first, last) = (points[0], points[count - 1]);
    let inner = points[1..count - 1].iter().filter(|point| far(point)).copied();
    let points: Vec<At> = std::iter::once(first).chain(inner).chain([last]).collect();
    let mut d = format!("M{:.1} {:.1}", points[0].0, points[0].1);
    for pair in points.windows(2) {
        let [one, two] = pair else { continue };
        let middle = f64::midpoint(one.0, two.0);
        let _ = write!(d, "C{middle:.1} {:.1} {middle:.1} {:.1} {:.1} {:.1}", one.1, two.1, two.0, two.1);
    }
    d
}

fn width(text: &str) -> f64 {
    unicode_width::UnicodeWidthStr::width(text) as f64
}

/// Lines of at most `most` letters.
fn wrap(text: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let pieces: Vec<char> = word.chars().collect();
        for piece in pieces.chunks(most) {
            let piece: String = piece.iter().collect();
            let Some(last) = lines.last_mut() else { continue };
            if last.is_empty() {
                *last = piece;
            } else if last.chars().count() + 1 + piece.chars().count() <= most {
                *last = format!("{last} {piece}");
            } else {
                lines.push(piece);
            }
        }
    }
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        lines[MOST_LINES - 1].push('…');
    }
    lines
}

fn escape(text: &str) -> String {
    // A control character would make the whole file unreadable.
    sanitise(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use crate::diagram::{read, svg};

    #[test]
    fn labels_are_text_and_never_markup() {
        let graph = read(
            "flowchart LR\n a[\"x\u{1}\u{202e} #lt;script#gt;alert(1)#lt;/script#gt;\"] -->|\"a & b\"| b",
        )
        .expect("a drawing");
        let drawn = svg(&graph);
        assert!(!drawn.contains("<script"), "{drawn}");
        assert!(!drawn.contains(['\u{1}', '\u{202e}']), "{drawn}");
        assert!(drawn.contains("&lt;script&gt;") && drawn.contains("a &amp; b"), "{drawn}");
    }

    #[test]
    fn an_arrow_comes_to_its_box_from_outside() {
        let source =
            "flowchart LR\n a --> b[The widest box of its layer]\n a --> c\n b --> d\n a --> d\n d --> a\n";
        let drawn = svg(&read(source).expect("a drawing"));
        let paths: Vec<&str> =
            drawn.split("class=\"e\" d=\"M").skip(1).filter_map(|path| path.split('"').next()).collect();
        assert_eq!(paths.len(), 5);
        for path in paths {
            let xs: Vec<f64> = path.split(['C', ' ']).step_by(2).filter_map(|x| x.parse().ok()).collect();
            let (first, before, last) = (xs[0], xs[xs.len() - 4], xs[xs.len() - 1]);
            assert!((last - before) * (last - first).signum() >= 10.0, "{path}");
        }
    }
}
