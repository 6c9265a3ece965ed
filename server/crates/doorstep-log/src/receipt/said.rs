//! What a receipt says: read strictly, so that nothing hides in it.

use std::collections::BTreeMap;

use crate::canonical::{self, Value};

/// What a receipt says, as its device signed it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Said {
    /// The reference on the paper.
    pub reference: String,
    /// When the visit began, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Badge numbers of who came.
    pub staff: Vec<String>,
    /// For whom they came.
    pub office: String,
    /// Where to complain.
    pub complaints: String,
    /// By whose authority they came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
    /// What was agreed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreed: Option<Agreed>,
    /// What follows, by code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// What the person agreed to.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Agreed {
    /// How much, with its decimals.
    pub amount: String,
    /// ISO 4217 code.
    pub currency: String,
    /// By when, ISO date.
    pub day: String,
}

impl Said {
    /// Whether it says more than the first version knew.
    pub(super) const fn is_longer(&self) -> bool {
        self.authority.is_some() || self.agreed.is_some() || self.next.is_some()
    }

    /// Reads the payload of the event: `{"receipt":{…}}` in canonical JSON with these members and no others; what the first
    /// version did not know may be absent.
    pub fn of_payload(payload: &[u8]) -> Option<Self> {
        let value = canonical::decode(payload).ok()?;
        let [(name, value)] = value.as_object()?.iter().collect::<Vec<_>>()[..] else {
            return None;
        };
        let is_known = |member: &String| MEMBERS.contains(&member.as_str());
        let members = value
            .as_object()
            .filter(|members| name == "receipt" && members.keys().all(is_known))?;
        let text = |name: &str| Some(members.get(name)?.as_text()?.to_owned());
        let staff = members.get("staff")?.as_array()?.iter();
        Some(Self {
            reference: text("ref")?,
            at_ms: members.get("at_ms")?.as_integer()?,
            staff: staff
                .map(|one| one.as_text().map(str::to_owned))
                .collect::<Option<_>>()?,
            office: text("office")?,
            complaints: text("complaints")?,
            authority: optional(members, "authority", |value| Some(value.as_text()?.to_owned())).ok()?,
            agreed: optional(members, "agreed", Agreed::of).ok()?,
            next: optional(members, "next", |value| Some(value.as_text()?.to_owned())).ok()?,
        })
    }
}

/// The members of a text.
const MEMBERS: [&str; 8] = [
    "agreed",
    "at_ms",
    "authority",
    "complaints",
    "next",
    "office",
    "ref",
    "staff",
];

/// A member that is there and is not what it must be.
struct Wrong;

/// A member that may be absent.
fn optional<T>(
    members: &BTreeMap<String, Value>,
    name: &str,
    read: impl Fn(&Value) -> Option<T>,
) -> Result<Option<T>, Wrong> {
    members.get(name).map(|value| read(value).ok_or(Wrong)).transpose()
}

impl Agreed {
    fn of(value: &Value) -> Option<Self> {
        let members = value.as_object().filter(|members| members.len() == 3)?;
        let text = |name: &str| Some(members.get(name)?.as_text()?.to_owned());
        Some(Self {
            amount: text("amount")?,
            currency: text("currency")?,
            day: text("day")?,
        })
    }
}
