//! Bytes as a drawing: read, reviewed against a task, and drawn again, or refused with a sentence.
//!
//! `READER=mermaid|dot|d2|excalidraw|ascii` reads everything in this format; without it the content decides.
#![no_main]

use std::sync::LazyLock;

use greenroom::assets::Assets;
use greenroom::diagram::{Graph, InputFormat, ReadError, Reviewer, read, read_as, svg, text};
use greenroom::material::Pack;
use libfuzzer_sys::fuzz_target;

static READER: LazyLock<Option<InputFormat>> = LazyLock::new(|| {
    use InputFormat::{Ascii, D2, Dot, Excalidraw, Mermaid};
    let asked = std::env::var("READER").ok()?;
    let known = [Mermaid, Dot, D2, Excalidraw, Ascii].into_iter().find(|format| format.name() == asked);
    Some(known.expect("a format"))
});

static REVIEWER: LazyLock<(Pack, Reviewer)> = LazyLock::new(|| {
    let assets = Assets::embedded();
    let pack = assets.pack("system-design").expect("the pack");
    let reviewer = Reviewer::new(&pack.lexicon, assets.diagram_rules().expect("the rules"));
    (pack, reviewer)
});

fn check(mut graph: Graph) {
    let count = graph.components.len();
    assert!(graph.edges.iter().all(|edge| edge.from < count && edge.to < count));
    assert!(graph.components.iter().all(|part| part.group.is_none_or(|group| group < graph.groups.len())));
    let (pack, reviewer) = &*REVIEWER;
    let review = reviewer.review(&mut graph, pack.diagrams.first()).expect("the pack's patterns");
    assert!(review.score.is_some_and(|score| (0.0..=10.0).contains(&score)));
    assert!(svg(&graph).ends_with("</svg>\n"));
    let _ = text(&graph);
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(source) = std::str::from_utf8(bytes) else { return };
    let graph: Result<Graph, ReadError> = match *READER {
        Some(format) => read_as(source, format),
        None => read(source),
    };
    match graph {
        Ok(graph) => check(graph),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
