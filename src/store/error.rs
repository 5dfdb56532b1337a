//! Why the store could not do what it was asked.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::error::Failure;

/// Why the store could not do what it was asked. Nothing acknowledged is lost by any of them.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder or file cannot be made.
    #[error("{} cannot be made or opened", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database cannot be written.
    #[error("{} cannot be written", path.display())]
    ReadOnly {
        /// Which.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// No space.
    #[error("the disk that holds {} is full", path.display())]
    Full {
        /// Which.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// The disk did not do what it was asked.
    #[error("reading or writing {} failed", path.display())]
    Device {
        /// Which.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// Another process holds the database.
    #[error("{} is in use by another program", path.display())]
    Busy {
        /// Which.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// Not a database, or a damaged one.
    #[error("{} is no greenroom database, or it is damaged", path.display())]
    NoDatabase {
        /// Which.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// Anything else that SQLite reports.
    #[error("the database failed")]
    Sqlite {
        /// Why.
        #[from]
        source: rusqlite::Error,
    },
    /// Written by a later greenroom.
    #[error("{} was written by a newer greenroom (schema {found}; this one knows {known})", path.display())]
    Newer {
        /// Which.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// No such session.
    #[error("there is no session `{asked}`")]
    UnknownSession {
        /// As asked for.
        asked: String,
    },
    /// More than one session.
    #[error("`{asked}` means {several} sessions")]
    AmbiguousSession {
        /// As asked for.
        asked: String,
        /// How many.
        several: usize,
    },
    /// Another process appended to the session.
    #[error("another greenroom is writing to the session {session}")]
    Conflict {
        /// Which.
        session: String,
    },
    /// Another process holds the session.
    #[error("another greenroom has the session {session} open")]
    Locked {
        /// Which.
        session: String,
    },
    /// Words of what was deleted are still in a file.
    #[error("the sessions are deleted, but another greenroom still reads {}, so some of their words are left in it", path.display())]
    Traces {
        /// Which.
        path: PathBuf,
    },
    /// A record that cannot be read.
    #[error("record {seq} of the session {session} cannot be read")]
    Damaged {
        /// Which.
        session: String,
        /// Its number.
        seq: u64,
    },
}

impl StoreError {
    /// Sorts SQLite's errors by what the user can do about them.
    pub(super) fn from_sqlite(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::ReadOnly { path, source }
            }
            Some(ErrorCode::DiskFull) => Self::Full { path, source },
            Some(ErrorCode::SystemIoFailure) => Self::Device { path, source },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path, source },
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::NoDatabase { path, source },
            _ => Self::Sqlite { source },
        }
    }

    /// Names the file in an error that does not know it yet.
    pub(super) fn at(self, path: &Path) -> Self {
        match self {
            Self::Sqlite { source } => Self::from_sqlite(path, source),
            Self::Newer { found, known, .. } => Self::Newer { path: path.to_owned(), found, known },
            other => other,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Folder { .. } | Self::ReadOnly { .. } => {
                "make the folder writable, or name another with --data-dir or GREENROOM_HOME"
            }
            Self::Full { .. } => {
                "free some space and go on with `greenroom interview --resume`; what was acknowledged is kept"
            }
            Self::Device { .. } => {
                "check the disk and the space on it, then go on with `greenroom interview --resume`; what was acknowledged is kept"
            }
            Self::Busy { .. } | Self::Conflict { .. } | Self::Locked { .. } => {
                "close the other greenroom, or wait for it, and try again"
            }
            Self::NoDatabase { .. } | Self::Damaged { .. } => {
                "keep a copy of the file; `greenroom sessions export` still reads sound sessions"
            }
            Self::Traces { .. } => {
                "close the other greenroom, then `greenroom sessions delete` without ids cleans up"
            }
            Self::Newer { .. } => "update greenroom; the database was left as it is",
            Self::Sqlite { .. } => "try again; `greenroom doctor` looks at the database",
            Self::UnknownSession { .. } | Self::AmbiguousSession { .. } => {
                "`greenroom sessions list` shows them; the first or last few characters of an id are enough"
            }
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let failure = Self::user(error.to_string()).hint(error.hint());
        match std::error::Error::source(&error) {
            Some(source) => failure.because(source),
            None => failure,
        }
    }
}
