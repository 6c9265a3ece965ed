//! A place where a person may be visited, with provenance, confidence and state.

use crate::codes;

codes!(
    /// What is known of an address.
    AddressState, "address state" {
        /// Taken from a file and not yet confirmed by anybody.
        Unverified = "unverified",
        /// The person was met there or confirmed it.
        Current = "current",
        /// The person has moved away; not to be used.
        Moved = "moved",
        /// There is no such address, or the person is unknown there; not to be used.
        Wrong = "wrong",
    }
);

codes!(
    /// Where an address came from. Addresses are never bought and never come from contact lists or social media.
    Provenance, "provenance" {
        /// The lender's case file.
        LenderFile = "lender-file",
        /// The contract.
        Contract = "contract",
        /// The person themselves.
        Person = "person",
        /// A court.
        Court = "court",
    }
);

codes!(
    /// What sort of place it is; rules treat a workplace differently from a home.
    PlaceKind, "kind of place" {
        /// Where the person lives.
        Home = "home",
        /// Where the person works.
        Workplace = "workplace",
        /// Anything else.
        Other = "other",
    }
);

impl AddressState {
    /// Whether a visit may be planned there at all.
    #[must_use]
    pub const fn usable(self) -> bool {
        matches!(self, Self::Unverified | Self::Current)
    }
}
