//! greenroom runs practice interviews in a terminal and grades the answers.
//!
//! Read it in this order:
//! 1. [`text`] - words, sentences and patterns; the ground under all the rest.
//! 2. [`material`] - packs: questions, problems, points; and the user's notes.
//! 3. [`interview`] - what happens, as events; a session is a fold over them.
//! 4. [`grading`] - rubrics, grades and the quotes that justify them.
//! 5. [`diagram`] - drawings in five formats, read into one graph and checked.
//! 6. [`coach`] - who asks and grades: the embedded rules or a language model.
//! 7. [`session`] - the driver that joins coach, store, clock and terminal.
//! 8. [`commands`] - one file a command; the only code that knows all the rest.
//!
//! The modules marked PURE do no I/O: `tests/it/architecture.rs` fails if they reach for a file, a
//! clock, a socket or a printer.

pub mod assets;
pub mod cli;
pub mod clock;
pub mod coach;
pub mod commands;
pub mod config;
pub mod diagram;
pub mod error;
pub mod grading;
pub mod interrupt;
pub mod interview;
pub mod material;
pub mod model;
pub mod report;
pub mod schedule;
pub mod session;
pub mod store;
pub mod terminal;
pub mod text;
pub mod transcript;
