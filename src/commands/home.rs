//! `greenroom` alone: where you stand, and the next step.

use super::Context;
use crate::error::{Exit, Failure};
use crate::interview::SessionKind;
use crate::text::sanitise;

/// Prints at most six lines.
///
/// # Errors
///
/// [`Failure`] if the store cannot be read.
pub fn run(context: &mut Context<'_>) -> Result<Exit, Failure> {
    writeln!(context.out, "greenroom: practice interviews, graded on your own words.")?;
    let store = context.store()?;
    match store.latest_unfinished(SessionKind::Interview)? {
        Some(listed) => writeln!(
            context.out,
            "An interview waits: {} ({} turns). Go on with `greenroom interview --resume`.",
            sanitise(&listed.summary.title),
            listed.summary.turns
        )?,
        None => {
            writeln!(context.out, "Start an interview:   greenroom interview url-shortener --minutes 45")?
        }
    }
    writeln!(context.out, "Look at the last one: greenroom report")?;
    writeln!(context.out, "See all commands:     greenroom --help")?;
    Ok(Exit::Done)
}
