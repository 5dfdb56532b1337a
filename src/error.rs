//! How a command ends: exit codes, and the failure a user reads.
//!
//! Library errors stay typed in their modules; here they become `error:`, `caused by:` and `hint:`.

use std::fmt;
use std::io;

use crate::assets::AssetError;
use crate::text::sanitise;

/// Exit codes, fixed by the product's contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: done.
    Done,
    /// 1: the user can fix it; the message says how.
    User,
    /// 2: wrong usage.
    Usage,
    /// 3: some items of a batch failed, the rest are written.
    SomeFailed,
    /// 4: the model's provider failed after retries; nothing is lost.
    Provider,
    /// 130: interrupted; nothing is lost.
    Interrupted,
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::User => 1,
            Self::Usage => 2,
            Self::SomeFailed => 3,
            Self::Provider => 4,
            Self::Interrupted => 130,
        }
    }
}

/// Why a command stopped, as the user reads it.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    what: String,
    causes: Vec<String>,
    hint: Option<String>,
}

impl Failure {
    /// A failure that the user can fix (exit code 1).
    pub fn user(what: impl Into<String>) -> Self {
        Self { exit: Exit::User, what: what.into(), causes: Vec::new(), hint: None }
    }

    /// Sets the exit code.
    pub fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// Adds what to try next.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds `error` and the errors behind it.
    pub fn because(mut self, error: &dyn std::error::Error) -> Self {
        let mut next = Some(error);
        while let Some(error) = next {
            self.causes.push(error.to_string());
            next = error.source();
        }
        self
    }

    /// True if the reader of standard output has gone away: no failure of ours.
    pub fn is_broken_pipe(&self) -> bool {
        self.exit == Exit::Done
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", sanitise(&self.what))?;
        for cause in &self.causes {
            write!(f, "\ncaused by: {}", sanitise(cause))?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\nhint: {}", sanitise(hint))?;
        }
        Ok(())
    }
}

impl From<AssetError> for Failure {
    fn from(error: AssetError) -> Self {
        let mut failure = Self::user(error.to_string());
        if let Some(source) = std::error::Error::source(&error) {
            failure = failure.because(source);
        }
        match error {
            AssetError::Unknown { kind, .. } => {
                failure.hint(format!("`greenroom {kind} list` shows what there is"))
            }
            AssetError::Faulty { .. } => {
                failure.hint("mend the file, or remove it to get the built-in one back")
            }
            AssetError::Unreadable { .. } => failure.hint("check that the file can be read"),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        let exit = if error.kind() == io::ErrorKind::BrokenPipe { Exit::Done } else { Exit::User };
        Self::user("reading or writing failed").exit(exit).because(&error)
    }
}

impl From<crate::config::ConfigError> for Failure {
    fn from(error: crate::config::ConfigError) -> Self {
        let failure = Self::user(error.to_string()).hint(error.hint());
        match std::error::Error::source(&error) {
            Some(source) => failure.because(source),
            None => failure,
        }
    }
}
