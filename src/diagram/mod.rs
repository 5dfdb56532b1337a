//! PURE. Drawings: five formats into one [`Graph`], its components classified, a task's items found,
//! faults named with their place, and the graph laid out for a page and for a terminal.
//!
//! [`read()`] → [`Reviewer::review`] → [`svg`], [`text`].

mod ascii;
mod check;
mod classify;
mod d2;
mod dot;
mod excalidraw;
mod graph;
mod layout;
mod mermaid;
mod read;
mod review;
mod rules;
mod spoken;
mod svg;
mod text;

pub use classify::Classifier;
pub use graph::{Component, Direction, Edge, Graph, Group, InputFormat, Remark, Shape};
pub use read::{LONGEST_SOURCE, ReadError, detect, read, read_as};
pub use review::{Included, Issue, Review, Reviewer};
pub use rules::Rules;
pub use spoken::Compared;
pub use svg::svg;
pub use text::{text, told};

#[cfg(test)]
mod tests;
