//! Files that only their owner may read, from their first moment on.

use std::fs::OpenOptions;
use std::path::Path;

use crate::error::StoreError;

/// Options that make files private; how they are opened is the caller's to add.
pub(crate) fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes an empty private file where there is none, for a program that would make an open one. SQLite gives the files
/// that it keeps beside a database the rights of the database.
pub(crate) fn touch(path: &Path) -> Result<(), StoreError> {
    let opened = options().create(true).truncate(false).open(path);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    opened.map(drop).map_err(|source| StoreError::file(&name, source))
}
