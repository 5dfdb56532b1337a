//! PURE. What happens in an interview: the plan, the log of events, its fold, and the next step.
//!
//! A session is an append-only list of [`Record`]s; [`State`] is a fold over them; [`step`] says
//! what follows from what was said and the time. Nothing here reads a clock or speaks.

mod event;
mod fork;
mod plan;
mod state;
mod step;
mod summary;

pub use event::{Act, Event, Exported, Mark, Record, Start, Style, TimeMode, Why};
pub use fork::{ForkError, fork};
pub use plan::{PRESETS, Phase, Plan, PlanError};
pub use state::{ReplayError, Said, State, TimeUsed};
pub use step::{Ask, COMMANDS, Command, CommandHelp, Effect, Input, Reply, Step, parse_command, step};
pub use summary::{SessionKind, SessionState, Summary};
