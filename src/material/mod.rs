//! PURE. What is studied and asked: packs with their questions and problems, and study notes.
//!
//! Content comes in as text with a name; errors give file, line and column. Reading files is
//! the business of [`crate::assets`] and [`crate::commands`].

pub mod cheatsheet;
pub mod compile;
mod content;
mod lexicon;
mod lint;
pub mod notes;
mod pack;
mod problem;
mod question;
pub mod search;
mod signals;
mod toml_file;

pub use content::{Checklist, ChecklistItem, ClarifyingTopic, ClarifyingTopics, DiagramItem, DiagramTask};
pub use lexicon::{Lexicon, Term};
pub(crate) use lint::nearest;
pub use lint::{Around, advice, lint};
pub use pack::{Manifest, Pack, PackSource, PhaseFormat};
pub use problem::{Change, Fact, Failure, Figure, Inconsistency, LevelNotes, Point, Problem};
pub use question::{FollowUp, KeyPoint, Misconception, Question, Relation};
pub use signals::{
    Count, CriterionSignals, Facet, Measure, MeasureId, Need, PhaseCue, SignalWords, Signals, WrongClaim,
};
pub use toml_file::{LoadError, parse_toml};
