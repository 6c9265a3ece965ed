//! What a member of staff shows before they are sent to a door, and until when it holds.

use crate::codes;

codes!(
    /// What somebody holds.
    CredentialKind, "kind of credential" {
        /// The certificate of the trade.
        Certificate = "certificate",
        /// A training that was attended.
        Training = "training",
        /// An examination that was passed.
        Exam = "exam",
        /// A check of their past before they were hired.
        BackgroundCheck = "background_check",
        /// The signed promise to keep to themselves what they learn.
        Confidentiality = "confidentiality",
        /// The letter by which a creditor sends them, for one portfolio or for all.
        Authority = "authority",
        /// The badge that they show at the door.
        Badge = "badge",
    }
);

codes!(
    /// Why a credential counts no more.
    CredentialEnd, "end of a credential" {
        /// A later one took its place.
        Replaced = "replaced",
        /// It was taken away, or lost: from then on its holder is without it.
        Withdrawn = "withdrawn",
        /// It was noted by mistake: it never was.
        Mistake = "mistake",
    }
);

/// How many days before its end a credential is warned of.
pub const WARNED_DAYS: i64 = 30;
