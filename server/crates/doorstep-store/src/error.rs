//! What can go wrong in storage. Outward words name no row, no value and no address of the database.

/// A failure of storage; `retryable` says whether trying again makes sense.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address of the database cannot be read.
    #[error("the database address is neither `sqlite:PATH` nor `postgres://…`")]
    Url,
    /// The engine refused or could not be reached.
    #[error("the database did not carry out the request")]
    Database(#[source] sqlx::Error),
    /// The disk is full.
    #[error("the disk that holds the data is full; free space, nothing was lost")]
    DiskFull,
    /// All connections are busy.
    #[error("the database is busy; try again")]
    Busy,
    /// A stored row has another shape than this version expects.
    #[error("column {column} is no {expected}; was the database made by another version?")]
    Shape {
        /// Zero-based column of the statement.
        column: usize,
        /// What was expected there.
        expected: &'static str,
    },
    /// The schema is newer than the program.
    #[error(
        "the database was made by a newer version (schema {found}, this program knows {known}); update the program"
    )]
    NewerSchema {
        /// The number of the newest migration found.
        found: i64,
        /// The number of the newest migration known.
        known: i64,
    },
    /// A migration failed.
    #[error("the database could not be brought to this version")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    /// The key file is missing or unreadable.
    #[error("the key file `{0}` is missing or unreadable; put it back from where you keep it, it cannot be made again")]
    KeyFile(String),
    /// The key file is not the one that wrapped the keys, or a key was changed.
    #[error("a key does not open: the key file is not the one this data was sealed with")]
    WrongKey,
    /// The person's key was destroyed.
    #[error("the person was erased")]
    Erased,
    /// Sealed bytes do not open under the right key: they were changed.
    #[error("sealed data was altered")]
    Altered,
    /// Something changed since it was read.
    #[error("it was changed by somebody else in the meantime; read it again")]
    Changed,
    /// There is no such row in the caller's scope.
    #[error("not found")]
    NotFound,
    /// A file of the data folder cannot be read or written.
    #[error("file `{path}` cannot be used")]
    File {
        /// The path, relative to the data folder.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A file is no backup that can be restored.
    #[error("line {line} of the backup cannot be restored: {fault}")]
    Backup {
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        fault: crate::backup::BackupFault,
    },
    /// A backup is restored only into a store without data.
    #[error("the store holds data already; restore into an empty folder or database")]
    NotEmpty,
    /// The key store beside a restored database is another one or empty.
    #[error(
        "the key store does not hold the keys of this backup; put the key store and the key file of that time beside it"
    )]
    KeysMissing,
    /// The bytes are not those that their name says.
    #[error("the evidence does not have the hash under which it was sent; send it again")]
    WrongHash,
    /// A leaf would be larger than the log takes.
    #[error("a log entry cannot be written as a leaf")]
    Leaf(#[source] doorstep_log::leaf::LeafError),
    /// The log is not signed any more, so nothing may leave that only its entry would show.
    #[error("the log is halted: {0}. `doorstep log head` says what is known, docs/log.md what to do")]
    Halted(crate::sign::Halt),
    /// A checkpoint that is known contradicts the mark of its log.
    #[error("the checkpoint and the key store know two different histories of {0}; keep both as evidence")]
    TwoHistories(String),
    /// What should be a signed checkpoint of a log of this deployment is none.
    #[error("it is no checkpoint that a log of this deployment signed")]
    NoCheckpoint(#[source] doorstep_log::checkpoint::CheckpointError),
    /// A row that only this program may write was written or changed by somebody else.
    #[error(
        "a row of table {0} was written or changed by somebody else; `doorstep doctor` says more, a backup has the right one"
    )]
    Forged(&'static str),
    /// Nothing in the key store allows that a person's key is destroyed.
    #[error("nothing allows that this person's key is destroyed; ask for an approval of kind `person.erase`")]
    NotAllowed,
    /// A read was asked for that the grant does not cover.
    #[error("the read grant does not cover this person")]
    NotGranted,
}

impl StoreError {
    /// A failure of a file; `path` is its name or its path within the data folder.
    pub(crate) fn file(path: &str, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::StorageFull => Self::DiskFull,
            _ => Self::File {
                path: path.to_owned(),
                source,
            },
        }
    }

    /// Whether the same request may succeed a little later.
    #[must_use]
    pub fn retryable(&self) -> bool {
        matches!(self, Self::Busy)
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut => return Self::Busy,
            sqlx::Error::Database(inner) => {
                let code = inner.code().unwrap_or_default().into_owned();
                // 13 is SQLITE_FULL, 53100 is PostgreSQL's disk_full; 5 and 6 are SQLITE_BUSY and SQLITE_LOCKED.
                match code.as_str() {
                    "13" | "53100" => return Self::DiskFull,
                    "5" | "6" | "40001" | "40P01" | "53300" => return Self::Busy,
                    _ => {}
                }
            }
            _ => {}
        }
        Self::Database(error)
    }
}
