//! Everything a verdict depends on, as plain data. Whoever asks gathers the facts; nothing else is looked up.
//!
//! The JSON form is the documented format of `rules eval`. Unknown fields are ignored, so that an older engine can
//! read newer facts; fields with a default may be left out.

use crate::dates::date_text;
use crate::hours::StatedTime;
use crate::text::RuleId;
use doorstep_domain::address::{AddressState, PlaceKind};
use doorstep_domain::case::{CaseStatus, Flag};
use doorstep_domain::contact::{Channel, ContactOutcome};
use doorstep_domain::credential::CredentialKind;
use doorstep_domain::measure::Micros;
use doorstep_domain::person::PersonRole;
use doorstep_domain::words::{ConsentScope, Lift, Requirement};
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The facts of one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Case and person.
    pub subject: Subject,
    /// Where.
    pub address: AddressFacts,
    /// Known contacts with this person, or at this address, on every channel; in any order. The attempt itself must
    /// not be among them.
    #[serde(default)]
    pub contacts: Vec<PastContact>,
    /// Visits of the case before its file was imported, as the file counts them; contacts with `date_only` come from
    /// the same file and are contained in this number. Zero or more.
    #[serde(default)]
    pub visits_before: i64,
    /// What the person agreed to, a court ordered or a colleague approved, as far as it holds for this person and this
    /// address. What was withdrawn ends at its withdrawal.
    #[serde(default)]
    pub consents: Vec<Consent>,
    /// Notices of the visit.
    #[serde(default)]
    pub notices: Vec<Notice>,
    /// Who would come. [`crate::intervals`] ignores it.
    #[serde(default)]
    pub staff: StaffFacts,
    /// The agency that has the case; `None` for the creditor's own staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agency: Option<AgencyFacts>,
    /// When it would be. [`crate::intervals`] ignores start and end.
    pub attempt: Attempt,
    /// What there is at the check-out; `None` before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Closing>,
    /// The age of these facts. Contacts after it are planned ones, and count against every day near them.
    pub as_of: Micros,
}

/// Case and person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Where the case stands.
    pub status: CaseStatus,
    /// What is known of case and person.
    #[serde(default)]
    pub flags: BTreeSet<Flag>,
    /// What the person to be visited is to the case.
    pub party: PersonRole,
    /// The portfolio's kind, for example `card`; empty where unknown, then the rules of every kind apply.
    #[serde(default)]
    pub portfolio_kind: String,
    /// Days past due.
    #[serde(default)]
    pub days_past_due: i64,
    /// Whether the amount is older than the portfolio allows: it may not be stated then.
    #[serde(default)]
    pub amount_stale: bool,
    /// Times the person stated: a hard window. Empty means any lawful time.
    #[serde(default)]
    pub available: Vec<StatedTime>,
    /// How, where and when the person does not want to be contacted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bans: Vec<Ban>,
}

/// A wish of the person not to be contacted. Each list narrows it; an empty one means every channel, place or hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    /// The channels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Channel>,
    /// The kinds of place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<PlaceKind>,
    /// The hours, local time at the address; where a change of the clocks makes them doubtful, the longer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<StatedTime>,
    /// From when.
    pub from: Micros,
    /// Until when; `None` until the person says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Micros>,
}

impl Ban {
    /// Whether it is about contacts on this channel at this kind of place.
    #[must_use]
    pub fn concerns(&self, channel: Channel, place: PlaceKind) -> bool {
        (self.channels.is_empty() || self.channels.contains(&channel))
            && (self.places.is_empty() || self.places.contains(&place))
    }
}

/// Where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressFacts {
    /// Country, ISO 3166-1 alpha-2 in capitals; `None` where unknown.
    #[serde(default)]
    pub country: Option<String>,
    /// Region, ISO 3166-2 (`US-MA`); `None` where unknown, then the rules of every region of the country apply.
    #[serde(default)]
    pub region: Option<String>,
    /// Time zone, IANA name (`Asia/Shanghai`). An unknown zone blocks.
    pub zone: String,
    /// What is known of the address.
    pub state: AddressState,
    /// What sort of place it is.
    pub kind: PlaceKind,
}

/// A contact that was made, tried or (after `as_of`) is planned.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a plain fact of the documented format"
)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastContact {
    /// When; with `date_only` any instant of that day at the address.
    pub at: Micros,
    /// How.
    pub channel: Channel,
    /// What came of it; `None` where unknown, which counts like a contact that met somebody.
    #[serde(default)]
    pub outcome: Option<ContactOutcome>,
    /// Whether it was at this address.
    #[serde(default)]
    pub same_address: bool,
    /// Whether it was this person; `false` for another person at this address.
    #[serde(default = "yes")]
    pub same_person: bool,
    /// Whether it belongs to this case; `false` for another case of the person.
    #[serde(default = "yes")]
    pub same_case: bool,
    /// Whether it was on this phone number; says nothing of a visit or letter.
    #[serde(default = "yes")]
    pub same_number: bool,
    /// Whether only the date is known, from the case file.
    #[serde(default)]
    pub date_only: bool,
}

const fn yes() -> bool {
    true
}

impl PastContact {
    /// A visit of this person for this case at this address.
    #[must_use]
    pub const fn visit(at: Micros, outcome: Option<ContactOutcome>) -> Self {
        Self {
            at,
            channel: Channel::Visit,
            outcome,
            same_address: true,
            same_person: true,
            same_case: true,
            same_number: true,
            date_only: false,
        }
    }
}

/// A consent of the person, an order of a court or an approval of a colleague.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// What it is about.
    pub scope: ConsentScope,
    /// Who gave it and how.
    #[serde(default = "plain_consent")]
    pub given: Lift,
    /// The one rule it lifts; `None` lifts the rules of the scope.
    #[serde(default)]
    pub rule: Option<RuleId>,
    /// From when it holds.
    pub from: Micros,
    /// Until when; `None` until withdrawn.
    #[serde(default)]
    pub until: Option<Micros>,
}

const fn plain_consent() -> Lift {
    Lift::Consent
}

/// A notice of the visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// When it left the house.
    pub handed_over_at: Micros,
}

/// Who would come.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StaffFacts {
    /// How many.
    pub count: u8,
    /// How many of them hold a certificate that is valid at the attempt.
    pub certified: u8,
    /// What each of them holds; empty where only the numbers are known, then nothing but the certificate is judged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
}

impl StaffFacts {
    /// So many, of whom so many are certified; what else they hold is not known.
    #[must_use]
    pub const fn counted(count: u8, certified: u8) -> Self {
        Self {
            count,
            certified,
            members: Vec::new(),
        }
    }
}

/// One of those who would come.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Member {
    /// The staff number.
    pub staff: String,
    /// What is on record of them, also what ran out; in any order.
    #[serde(default)]
    pub held: Vec<Held>,
}

/// Something on record of a member of staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// What.
    pub kind: CredentialKind,
    /// The day on which it was given, attended, passed or signed; `None` where unknown.
    #[serde(default, with = "date_text", skip_serializing_if = "Option::is_none")]
    pub issued: Option<Date>,
    /// The last day on which it holds; `None` where it names none.
    #[serde(default, with = "date_text", skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

impl Held {
    /// The last day on which it holds, where it holds for so many months from the day on which it was given; `None` where it
    /// has no end, or where those months are asked for and the day is not known.
    #[must_use]
    pub fn last_day(&self, months_max: Option<u32>) -> Option<Date> {
        let by_age = months_max.and_then(|months| Some(self.issued?.saturating_add(i64::from(months).months())));
        match (self.until, by_age) {
            (Some(until), Some(by_age)) => Some(until.min(by_age)),
            (until, by_age) => until.or(by_age),
        }
    }
}

/// The agency that would come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgencyFacts {
    /// Whether it is on the creditor's white list for the portfolio on the day of the attempt.
    pub listed: bool,
    /// The day of its last evaluation; before the first the day on which it was listed. `None` where neither is known.
    #[serde(default, with = "date_text", skip_serializing_if = "Option::is_none")]
    pub evaluated_on: Option<Date>,
    /// The last day of its contract; `None` where none is known.
    #[serde(default, with = "date_text", skip_serializing_if = "Option::is_none")]
    pub contract_until: Option<Date>,
}

/// What there is when a visit is closed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Closing {
    /// The items that are there.
    pub present: BTreeSet<Requirement>,
    /// Whether somebody was met: without that some items cannot be asked for.
    #[serde(default)]
    pub met: bool,
}

impl Closing {
    /// A check-out with what was done before: it states the outcome, and is the check-out.
    #[must_use]
    pub fn at_check_out(done: impl IntoIterator<Item = Requirement>, met: bool) -> Self {
        let states = [Requirement::Outcome, Requirement::CheckOut];
        Self {
            present: done.into_iter().chain(states).collect(),
            met,
        }
    }

    /// Whether an item is there, or cannot be asked for.
    #[must_use]
    pub fn settles(&self, item: Requirement) -> bool {
        self.present.contains(&item) || (!self.met && item.needs_somebody())
    }
}

/// When and how it would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// On which channel; a visit unless said otherwise.
    #[serde(default = "by_visit")]
    pub channel: Channel,
    /// When it would begin.
    pub start: Micros,
    /// When it is expected to end; not before it begins.
    pub end: Micros,
}

const fn by_visit() -> Channel {
    Channel::Visit
}

impl Attempt {
    /// A visit from `start` to the projected `end`.
    #[must_use]
    pub const fn visit(start: Micros, end: Micros) -> Self {
        Self {
            channel: Channel::Visit,
            start,
            end,
        }
    }
}
