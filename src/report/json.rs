//! PURE. The report as one JSON object, as the contract has it.

use super::Report;
use crate::text::tame_json;

/// The report as indented JSON with a newline at the end.
///
/// # Errors
///
/// None that a report can cause; `serde_json`'s type has to be passed on.
pub fn json(report: &Report) -> Result<String, serde_json::Error> {
    Ok(tame_json(&serde_json::to_string_pretty(report)?).into_owned() + "\n")
}
