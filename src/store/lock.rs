//! One process a session: a lock that the system gives back when the process ends, however it ends.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::StoreError;

/// Held while a session is open.
#[derive(Debug)]
pub struct SessionLock {
    path: PathBuf,
    _file: File,
}

impl SessionLock {
    /// Takes the lock of `session` in the data folder.
    ///
    /// # Errors
    ///
    /// [`StoreError::Locked`] if another process holds it; [`StoreError::Folder`] if it cannot be made.
    pub fn take(folder: &Path, session: &str) -> Result<Self, StoreError> {
        let path = folder.join(format!(".{session}.lock"));
        let at = |source| StoreError::Folder { path: path.clone(), source };
        let file = super::open_private(&path).map_err(at)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { path, _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Locked { session: session.to_owned() }),
            // A file system without locks: the numbers of the records still guard the log.
            Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {
                Ok(Self { path, _file: file })
            }
            Err(TryLockError::Error(source)) => Err(StoreError::Folder { path, source }),
        }
    }
}

impl Drop for SessionLock {
    fn drop(&mut self) {
        // A leftover file is harmless: the lock is the system's, not the file's being there.
        let _ = std::fs::remove_file(&self.path);
    }
}
