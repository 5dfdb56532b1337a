//! greenroom runs practice interviews in a terminal and grades the answers.
//!
//! Read it in this order:
//! 1. [`text`] - words, sentences and patterns; the ground under all the rest.
//! 2. [`material`] - packs: questions, problems, points; and the user's notes.
//! 3. [`grading`] - rubrics, grades and the quotes that justify them.

pub mod assets;
pub mod coach;
pub mod config;
pub mod grading;
pub mod material;
pub mod model;
pub mod report;
pub mod text;
pub mod transcript;
