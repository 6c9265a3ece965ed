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

codes!(
    /// How an address was confirmed. A neighbour's word is none of these: it never makes an address current.
    Verification, "way of confirming an address" {
        /// A letter was answered, or its delivery to the person signed.
        Letter = "letter",
        /// The person said so on the phone.
        Call = "call",
        /// The person said so at the office or in writing.
        Person = "person",
        /// The lender's file says so again.
        LenderFile = "lender-file",
        /// A court says so.
        Court = "court",
        /// The person was met there.
        Visit = "visit",
    }
);

codes!(
    /// How sure it is that the person lives there.
    AddressConfidence, "confidence in an address" {
        /// Confirmed, and not long ago.
        High = "high",
        /// From the person, the contract, a court or a young file, not confirmed yet.
        Medium = "medium",
        /// Old, or from before the person was not found.
        Low = "low",
        /// Known to be wrong.
        None = "none",
    }
);

codes!(
    /// Where addresses and numbers never come from, whoever offers them.
    RefusedSource, "refused source of an address" {
        /// Bought from a dealer in data.
        Bought = "bought",
        /// Read from somebody's contacts.
        Contacts = "contacts",
        /// Social media.
        SocialMedia = "social-media",
        /// A neighbour's or colleague's word.
        Neighbour = "neighbour",
        /// Followed, traced or tracked.
        Tracking = "tracking",
    }
);

impl AddressConfidence {
    /// How sure it is, by what is known of an address; `stale` where it must be confirmed before it is used.
    #[must_use]
    pub const fn of(state: AddressState, confirmed: bool, stale: bool) -> Self {
        match state {
            AddressState::Moved | AddressState::Wrong => Self::None,
            AddressState::Unverified | AddressState::Current if stale => Self::Low,
            AddressState::Unverified | AddressState::Current if confirmed => Self::High,
            AddressState::Unverified | AddressState::Current => Self::Medium,
        }
    }
}

impl RefusedSource {
    /// The refused source that a text means, in whatever words it is offered.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        const WORDS: &[(RefusedSource, &[&str])] = &[
            (
                RefusedSource::Bought,
                &[
                    "bought",
                    "broker",
                    "dealer",
                    "vendor",
                    "purchas",
                    "skip trac",
                    "购买",
                    "数据商",
                ],
            ),
            (
                RefusedSource::Contacts,
                &[
                    "contacts",
                    "contact list",
                    "phonebook",
                    "phone book",
                    "address book",
                    "通讯录",
                ],
            ),
            (
                RefusedSource::SocialMedia,
                &[
                    "social",
                    "facebook",
                    "instagram",
                    "whatsapp",
                    "wechat",
                    "weixin",
                    "weibo",
                    "linkedin",
                    "微信",
                    "社交",
                    "微博",
                ],
            ),
            (
                RefusedSource::Neighbour,
                &[
                    "neighbour",
                    "neighbor",
                    "colleague",
                    "relative",
                    "friend",
                    "landlord",
                    "guard",
                    "邻居",
                    "同事",
                    "亲属",
                    "朋友",
                    "物业",
                ],
            ),
            (
                RefusedSource::Tracking,
                &["tracking", "tracked", "traced", "gps", "geoloc", "sim ", "定位", "跟踪"],
            ),
        ];
        let lower = text.to_lowercase().replace(['-', '_'], " ");
        let found = WORDS
            .iter()
            .find(|(_, words)| words.iter().any(|word| lower.contains(word)));
        found.map(|(source, _)| *source)
    }
}

impl AddressState {
    /// Whether a visit may be planned there at all.
    #[must_use]
    pub const fn usable(self) -> bool {
        matches!(self, Self::Unverified | Self::Current)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_doorstep_takes_no_address_from_is_recognised_and_what_it_does_is_not() {
        for (text, source) in [
            ("bought", RefusedSource::Bought),
            ("Data broker", RefusedSource::Bought),
            ("social-media", RefusedSource::SocialMedia),
            ("微信好友", RefusedSource::SocialMedia),
            ("phone_book", RefusedSource::Contacts),
            ("neighbour", RefusedSource::Neighbour),
            ("邻居", RefusedSource::Neighbour),
            ("GPS", RefusedSource::Tracking),
        ] {
            assert_eq!(RefusedSource::named(text), Some(source), "{text}");
        }
        for provenance in Provenance::ALL {
            assert_eq!(RefusedSource::named(provenance.code()), None, "{provenance}");
        }
        for how in Verification::ALL {
            assert_eq!(RefusedSource::named(how.code()), None, "{how}");
        }
    }
}
