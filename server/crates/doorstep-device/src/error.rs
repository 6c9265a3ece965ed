//! Everything that can go wrong on a device, each with a stable code and what to do.

use std::path::PathBuf;

use crate::gate::Blocked;
use crate::transport::TransportError;

/// Why the device did not do what was asked. Unless a case says otherwise, nothing was recorded and nothing is lost.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The folder holds no enrolled device.
    #[error("{} holds no enrolled device; enrol it with a one-time code first", .dir.display())]
    NotEnrolled {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder already holds an enrolled device.
    #[error("{} already holds an enrolled device; use it, or choose another folder", .dir.display())]
    AlreadyEnrolled {
        /// The folder.
        dir: PathBuf,
    },
    /// The database was made by a newer program.
    #[error("the device's database has schema {version}, made by a newer program; update this one")]
    SchemaNewer {
        /// The schema found.
        version: i64,
    },
    /// The local database failed.
    #[error("the device's database failed; check the disk, then try again")]
    Database(#[source] sqlx::Error),
    /// The disk is full.
    #[error("the disk is full; free some space, then try again")]
    DiskFull,
    /// A migration of the local database failed.
    #[error("the device's database could not be brought up to date; check the disk, then try again")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// Something that this program wrote to its database cannot be read.
    #[error("the device's database holds a {what} that cannot be read; send what waits, then enrol anew")]
    Corrupt {
        /// What cannot be read.
        what: &'static str,
    },
    /// A file cannot be read or written.
    #[error("{}: the file cannot be read or kept; check path, rights and disk", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        cause: std::io::Error,
    },
    /// A file is larger than evidence may be.
    #[error("{}: {bytes} bytes are more than the {max} that one capture may have; record a shorter one", .path.display())]
    FileTooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
        /// The limit.
        max: u64,
    },
    /// The PIN is not this device's. Nothing was changed but the count of wrong tries.
    #[error("that is not this device's PIN; {}", after_wrong(*.left, *.wait_s))]
    WrongPin {
        /// How many more wrong ones in a row until doors and permits are wiped; 0 where they are.
        left: u32,
        /// Seconds until the next one is looked at.
        wait_s: i64,
    },
    /// Too many wrong PINs: nothing was looked at.
    #[error("too many wrong PINs; wait {seconds} s, then try again")]
    PinWait {
        /// Seconds until the next one is looked at.
        seconds: i64,
    },
    /// The PIN is not the partner's. Nothing was signed.
    #[error("that is not the partner's PIN; {}", after_wrong_partner(*.left, *.wait_s))]
    WrongPartnerPin {
        /// How many more wrong ones in a row until the partner's key is destroyed; 0 where it is.
        left: u32,
        /// Seconds until the next one is looked at.
        wait_s: i64,
    },
    /// There is no key of the partner on this device.
    #[error(
        "this device holds no key of {staff}; make one while there is a network: `doorstep device partner add LOGIN`"
    )]
    NoPartnerKey {
        /// Who was meant.
        staff: uuid::Uuid,
    },
    /// A partner's statement does not count here; nothing was recorded.
    #[error("the partner's statement does not count: {0}")]
    Joined(#[source] doorstep_log::joined::JoinedError),
    /// That cannot be a PIN.
    #[error("this PIN is too easy to guess or too long; {remedy}")]
    PinWeak {
        /// What to give instead.
        remedy: &'static str,
    },
    /// The machine gives no random bytes.
    #[error("the machine gives no random bytes; restart it")]
    NoRandomness,
    /// There is no such visit on this device.
    #[error("visit {visit} is not on this device; pull first, or ask the office who has it")]
    NoSuchVisit {
        /// The visit.
        visit: uuid::Uuid,
    },
    /// There is no such conflict on this device.
    #[error(
        "conflict {conflict} is not on this device; pull first, it may be settled already; what is disputed shows when the person is identified"
    )]
    NoSuchConflict {
        /// The conflict.
        conflict: uuid::Uuid,
    },
    /// The conflict was settled on this device before.
    #[error("conflict {conflict} was settled on this device before; sync, then see what holds")]
    ConflictSettled {
        /// The conflict.
        conflict: uuid::Uuid,
    },
    /// The visit was begun, closed or skipped before.
    #[error("visit {visit} is {state} already; nothing was recorded a second time")]
    AlreadyDone {
        /// The visit.
        visit: uuid::Uuid,
        /// Its state.
        state: &'static str,
    },
    /// The visit was not begun.
    #[error("visit {visit} was not started on this device; start it first")]
    NotStarted {
        /// The visit.
        visit: uuid::Uuid,
    },
    /// No notice of the person has this stop code.
    #[error("no notice for this visit has this stop code; read it again, and leave all the same if you are asked to")]
    StopCode,
    /// What a receipt must say is not on this device.
    #[error("the receipt of visit {visit} needs the permit of its day; pull, then give it out")]
    NoOffice {
        /// The visit.
        visit: uuid::Uuid,
    },
    /// Permit or rules forbid the visit now.
    #[error("the visit is blocked by {}; do not visit", codes(.0))]
    Blocked(Vec<Blocked>),
    /// What rules require before check-out is missing.
    #[error("required before check-out and not done: {}; do it and tick it", .0.join(", "))]
    RequiredMissing(Vec<String>),
    /// A value of the input cannot be.
    #[error("{field}: {remedy}")]
    Input {
        /// Which one.
        field: &'static str,
        /// What to give instead.
        remedy: &'static str,
    },
    /// The event is too long for a header.
    #[error("the event cannot be written as a signed header; shorten it")]
    Header(#[source] doorstep_log::leaf::LeafError),
    /// The server's address cannot be used.
    #[error("{url:?} is no usable server address; give https://HOST, or http:// on this machine only")]
    ServerUrl {
        /// The address given.
        url: String,
    },
    /// The server was not reached or its answer did not arrive; everything is kept and is sent again.
    #[error("the server was not reached; everything is kept, try again with a network")]
    Network(#[source] TransportError),
    /// The server's answer cannot be read.
    #[error("the answer to {request} cannot be read; update this program or ask the operator")]
    Answer {
        /// Which request.
        request: &'static str,
    },
    /// The server refused for a reason of its own.
    #[error("the server refuses ({code}): {detail}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Stable code of the problem.
        code: String,
        /// What it says to do.
        detail: String,
    },
    /// The server is busy.
    #[error("the server is busy; everything is kept, try again later")]
    Busy,
    /// The device was revoked: doors and permits are gone, the outbox is kept.
    #[error("this device was revoked: doors and permit are wiped, unsent events are kept; ask the office")]
    Revoked,
    /// The program is too old for the server; everything is kept.
    #[error("this program is too old for the server; everything is kept, update it and sync again")]
    TooOld,
    /// The server is too old for the program; everything is kept.
    #[error("the server is too old for this program; everything is kept, ask the office to update it and sync again")]
    TooNew,
    /// The device's session has ended.
    #[error(
        "the device's session has ended and the server did not renew it; everything is kept, check the clock and ask the office"
    )]
    SessionEnded,
    /// The server saw two events with one number.
    #[error(
        "the server has another event under a number of this device: it was copied; everything is kept, ask the office"
    )]
    Forked,
    /// A note of the server does not hold; it is kept as evidence and nothing of it was applied.
    #[error("the {noun} of the server does not hold ({reason}); it is kept as evidence, tell an auditor")]
    Forged {
        /// `permit` or `acknowledgement`.
        noun: &'static str,
        /// What is wrong.
        reason: String,
    },
}

impl DeviceError {
    /// The stable code, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotEnrolled { .. } => "not-enrolled",
            Self::AlreadyEnrolled { .. } => "already-enrolled",
            Self::SchemaNewer { .. } => "schema-newer",
            Self::Database(_) | Self::Migration(_) => "database",
            Self::DiskFull => "disk-full",
            Self::Corrupt { .. } => "database-corrupt",
            Self::File { .. } => "file-unreadable",
            Self::FileTooLarge { .. } => "too-large",
            Self::WrongPin { .. } => "wrong-pin",
            Self::PinWait { .. } => "pin-wait",
            Self::PinWeak { .. } => "pin-weak",
            Self::WrongPartnerPin { .. } => "wrong-partner-pin",
            Self::NoPartnerKey { .. } => "no-partner-key",
            Self::Joined(cause) => cause.code(),
            Self::NoRandomness => "no-randomness",
            Self::NoSuchVisit { .. } | Self::NoSuchConflict { .. } => "not-found",
            Self::ConflictSettled { .. } => "conflict-settled",
            Self::AlreadyDone { .. } => "already-done",
            Self::NotStarted { .. } => "not-started",
            Self::StopCode => "stop-code-unknown",
            Self::NoOffice { .. } => "no-office",
            Self::Blocked(_) => "rule-blocked",
            Self::RequiredMissing(_) => "required-missing",
            Self::Input { .. } => "bad-input",
            Self::Header(_) => "event-too-long",
            Self::ServerUrl { .. } => "server-url",
            Self::Network(_) => "network",
            Self::Answer { .. } => "answer-unreadable",
            Self::Refused { .. } => "refused",
            Self::Busy => "busy",
            Self::Revoked => "device-revoked",
            Self::TooOld => "device-too-old",
            Self::TooNew => "device-too-new",
            Self::SessionEnded => "not-signed-in",
            Self::Forked => "device-fork",
            Self::Forged { .. } => "bad-signature",
        }
    }
}

impl From<sqlx::Error> for DeviceError {
    fn from(cause: sqlx::Error) -> Self {
        // SQLITE_FULL is 13; a full disk deserves its own advice.
        let full = cause
            .as_database_error()
            .and_then(|error| error.code().map(|code| code == "13"))
            .unwrap_or(false);
        if full { Self::DiskFull } else { Self::Database(cause) }
    }
}

impl From<sqlx::migrate::MigrateError> for DeviceError {
    fn from(cause: sqlx::migrate::MigrateError) -> Self {
        match cause {
            sqlx::migrate::MigrateError::VersionMissing(version) => Self::SchemaNewer { version },
            other => Self::Migration(other),
        }
    }
}

fn after_wrong(left: u32, wait_s: i64) -> String {
    let then = match left {
        0 => "doors and permits are wiped, unsent events are kept; ask the office".to_owned(),
        left => format!("after {left} more in a row doors and permits are wiped"),
    };
    if wait_s > 0 {
        format!("{then}; wait {wait_s} s before the next")
    } else {
        then
    }
}

fn after_wrong_partner(left: u32, wait_s: i64) -> String {
    let then = match left {
        0 => "their key on this device is destroyed; make a new one while there is a network".to_owned(),
        left => format!("after {left} more in a row their key on this device is destroyed"),
    };
    if wait_s > 0 {
        format!("{then}; wait {wait_s} s before the next")
    } else {
        then
    }
}

fn codes(blocked: &[Blocked]) -> String {
    let codes: Vec<&str> = blocked.iter().map(Blocked::rule).collect();
    codes.join(", ")
}
