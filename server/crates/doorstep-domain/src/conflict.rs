//! Conflicts: two stories about one thing. Both are kept; a rule says which counts until a person settles it.

use crate::codes;

codes!(
    /// What of a person may be corrected, by whoever meets them and by the office.
    ContactField, "contact field" {
        /// The phone number.
        Phone = "phone",
        /// The text of the address. It never moves the point.
        Address = "address",
        /// The language tag.
        Language = "language",
    }
);

codes!(
    /// What two stories disagree on.
    ConflictKind, "kind of conflict" {
        /// A contact field.
        Contact = "contact",
        /// What came of a visit.
        Outcome = "outcome",
        /// Day and amount of a promise.
        Promise = "promise",
    }
);

codes!(
    /// Where a conflict stands.
    ConflictState, "state of a conflict" {
        /// Nobody has settled it.
        Open = "open",
        /// Somebody has said which side holds.
        Settled = "settled",
        /// The person was erased before anybody settled it; nothing is left to choose from.
        Erased = "erased",
    }
);

codes!(
    /// One of the two stories.
    Side, "side of a conflict" {
        /// The one that came first in the log.
        Left = "left",
        /// The other.
        Right = "right",
    }
);

codes!(
    /// What counts while a conflict is open.
    ConflictRule, "rule of a conflict" {
        /// The value that came last in the log.
        LastInLog = "last-in-log",
        /// What was reported first stands, and the rules go by the stricter of the two.
        FirstStands = "first-stands",
        /// Both count: money never merges by itself.
        BothCount = "both-count",
    }
);

impl ConflictKind {
    /// The kind of a conflict about a field; what is no contact field and no promise is part of an outcome.
    #[must_use]
    pub fn of_field(field: &str) -> Self {
        match field {
            "promise" => Self::Promise,
            _ if field.parse::<ContactField>().is_ok() => Self::Contact,
            _ => Self::Outcome,
        }
    }

    /// What counts until it is settled.
    #[must_use]
    pub const fn rule(self) -> ConflictRule {
        match self {
            Self::Contact => ConflictRule::LastInLog,
            Self::Outcome => ConflictRule::FirstStands,
            Self::Promise => ConflictRule::BothCount,
        }
    }
}

/// The longest value of a contact field, in bytes.
pub const CONTACT_BYTES_MAX: usize = 500;
/// The longest language tag, in bytes.
const LANGUAGE_BYTES_MAX: usize = 35;

impl ContactField {
    /// The value as it is kept: without outer white space. `None` for one that cannot be: too long, with control
    /// characters, no language tag, or an address of nothing. A phone may be empty: then there is none.
    #[must_use]
    pub fn value(self, given: &str) -> Option<String> {
        let value = given.trim();
        let fits = match self {
            Self::Phone => value.len() <= CONTACT_BYTES_MAX,
            Self::Address => !value.is_empty() && value.len() <= CONTACT_BYTES_MAX,
            Self::Language => {
                value.len() <= LANGUAGE_BYTES_MAX && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            }
        };
        (fits && !value.chars().any(char::is_control)).then(|| value.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_trimmed_and_what_cannot_be_is_refused() {
        assert_eq!(ContactField::Phone.value(" 91 000 ").as_deref(), Some("91 000"));
        assert_eq!(
            ContactField::Phone.value("").as_deref(),
            Some(""),
            "a wrong number may be taken away"
        );
        assert_eq!(ContactField::Address.value("  "), None);
        assert_eq!(ContactField::Address.value("Rua\nNova"), None);
        assert_eq!(ContactField::Address.value(&"x".repeat(CONTACT_BYTES_MAX + 1)), None);
        assert_eq!(ContactField::Language.value("zh-Hans").as_deref(), Some("zh-Hans"));
        assert_eq!(ContactField::Language.value("<pt>"), None);
    }

    #[test]
    fn every_field_has_a_kind_and_the_kind_a_rule() {
        for field in ContactField::ALL {
            assert_eq!(ConflictKind::of_field(field.code()), ConflictKind::Contact);
        }
        assert_eq!(ConflictKind::of_field("matter").rule(), ConflictRule::FirstStands);
        assert_eq!(ConflictKind::of_field("promise").rule(), ConflictRule::BothCount);
    }
}
