//! PURE. What was drawn: the picture, its parts as a list, and what to look at again.
//!
//! A picture is an image of its own, so that nothing in it can reach the page.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, html};

use super::document::Section;
use super::text::{Line, Lines};
use super::{Drawing, Page};
use crate::diagram::{self, Graph, Review};

pub(super) fn drawings(page: &Page<'_>) -> Option<Section> {
    if page.drawings.is_empty() {
        return None;
    }
    let body = html! {
        @for (number, drawing) in (1..).zip(page.drawings) { (one(number, drawing)) }
        @let differences = page.report.drawing.as_ref().map_or(Vec::new(), |drawing| drawing.differences());
        @if !differences.is_empty() {
            h3 { "Said and drawn" }
            ul { @for line in &differences { li { (Line(line)) } } }
        }
    };
    Some(Section { id: "drawings", title: "Drawings", body })
}

fn one(number: usize, drawing: &Drawing) -> Markup {
    html! {
        figure.drawing {
            @match &drawing.read {
                Some((graph, review)) => (picture(number, graph, review)),
                None => {
                    div.scroll tabindex="0" role="region" aria-label={ "Drawing " (number) } {
                        pre { (Lines(&drawing.source)) }
                    }
                    figcaption { "Drawing " (number) ", as it was typed." }
                }
            }
        }
    }
}

fn picture(number: usize, graph: &Graph, review: &Review) -> Markup {
    let image = STANDARD.encode(diagram::svg(graph));
    let (parts, arrows) = (graph.components.len(), graph.edges.len());
    html! {
        div.scroll tabindex="0" role="region" aria-label={ "Drawing " (number) } {
            img src={ "data:image/svg+xml;base64," (image) }
                alt={ "Drawing " (number) ": " (parts) " components, " (arrows) " connections; a list follows." };
        }
        figcaption { "Drawing " (number) ": " (parts) " components, " (arrows) " connections." }
        details {
            summary { "The drawing as a list" }
            ul {
                @for part in &graph.components {
                    li { (Line(&part.label)) @if part.kind != "unknown" { " (" (Line(&part.kind.replace('_', " "))) ")" } }
                }
            }
            @if !graph.edges.is_empty() {
                ul {
                    @for edge in &graph.edges {
                        li { (Line(&graph.edge_name(edge))) @if !edge.label.is_empty() { ": " (Line(&edge.label)) } }
                    }
                }
            }
        }
        @if !review.issues.is_empty() {
            h3 { "Look again at" }
            ul { @for issue in &review.issues { li { (Line(&issue.message)) } } }
        }
    }
}
