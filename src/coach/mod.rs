//! Who interviews and grades: by rules, or a language model.

pub mod llm;
