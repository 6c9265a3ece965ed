//! The lock on the data folder: two programs that write to it would each keep half of the truth in memory.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use crate::error::ServerError;

/// Name of the lock file. It stays when the lock is given back; the system ends the lock with the process.
pub const LOCK_FILE: &str = "doorstep.lock";

/// The lock; given back when it is dropped.
#[derive(Debug)]
pub struct FolderLock(#[expect(dead_code, reason = "the open file is the lock")] File);

impl FolderLock {
    /// Takes the lock or says who has it. `what` is how this program is called in that message.
    pub fn take(folder: &Path, what: &str) -> Result<Self, ServerError> {
        let path = folder.join(LOCK_FILE);
        let opened = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let mut file = opened.map_err(ServerError::file(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // The holder may be just writing it; its name only helps, the refusal stands without.
                let _ = file.take(200).read_to_string(&mut holder);
                let unknown = holder.is_empty();
                return Err(ServerError::Locked {
                    holder: if unknown { "another program".to_owned() } else { holder },
                });
            }
            Err(TryLockError::Error(source)) => return Err(ServerError::File { path, source }),
        }
        let said = format!("{what} (process {})", std::process::id());
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(said.as_bytes()))
            .map_err(ServerError::file(&path))?;
        Ok(Self(file))
    }

    /// For commands that may work beside a server: the lock where it is free, so that no server starts meanwhile, and
    /// nothing where another program has it.
    pub(crate) fn beside_server(folder: &Path, what: &str) -> Result<Option<Self>, ServerError> {
        match Self::take(folder, what) {
            Ok(lock) => Ok(Some(lock)),
            Err(ServerError::Locked { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn the_second_is_told_who_was_first() {
        let folder = tempfile::tempdir().unwrap();
        let first = FolderLock::take(folder.path(), "a restore with a long name").unwrap();
        let message = FolderLock::take(folder.path(), "the server").unwrap_err().to_string();
        assert!(message.contains("a restore with a long name"), "{message}");
        assert!(message.contains(&std::process::id().to_string()), "{message}");
        drop(first);
        let third = FolderLock::take(folder.path(), "it").unwrap();
        let said = std::fs::read_to_string(folder.path().join(LOCK_FILE)).unwrap();
        assert!(said.starts_with("it (process "), "{said}");
        drop(third);
    }

    #[test]
    fn a_missing_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing");
        assert!(
            FolderLock::take(&missing, "x")
                .unwrap_err()
                .to_string()
                .contains("missing")
        );
    }
}
