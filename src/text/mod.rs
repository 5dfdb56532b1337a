//! PURE. Words, sentences and patterns over what people typed.
//!
//! Grader, interviewer, search and leak meter all read text through [`Prepared`], so that
//! the same words count the same everywhere.

mod damage;
mod decode;
mod glance;
mod pattern;
mod prepared;
mod quote;
mod repair;
mod sanitise;
mod wrap;

pub use decode::{Decoded, Encoding, decode};
pub use pattern::{Match, Pattern, PatternError, Synonyms};
pub use prepared::{Prepared, Token, fold, stem};
pub use quote::find_quote;
pub use repair::{Repairs, repair};
pub use sanitise::{Sanitiser, sanitise, tame_json};
