//! The facts of an example, written shortly: only what differs from a visit that nothing speaks against, in local times.

use crate::facts::{
    AddressFacts, AgencyFacts, Attempt, Ban, Closing, Consent, Facts, Held, Member, Notice, PastContact, StaffFacts,
    Subject,
};
use crate::hours::DayHours;
use crate::pack::RetentionOf;
use crate::text::RuleId;
use doorstep_domain::address::{AddressState, PlaceKind};
use doorstep_domain::case::{CaseStatus, Flag};
use doorstep_domain::contact::{Channel, ContactOutcome};
use doorstep_domain::measure::Micros;
use doorstep_domain::person::PersonRole;
use doorstep_domain::words::{ConsentScope, Lift, Requirement};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeSet;

/// One example's facts; every time is local to the address, `2026-11-24T08:00`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    country: Option<String>,
    region: Option<String>,
    pub(crate) zone: String,
    #[serde(default = "visit")]
    channel: Channel,
    start: Local,
    /// Length of the visit.
    #[serde(default = "half_an_hour")]
    minutes: i64,
    #[serde(default)]
    flags: BTreeSet<Flag>,
    #[serde(default = "open")]
    status: CaseStatus,
    #[serde(default = "debtor")]
    party: PersonRole,
    #[serde(default)]
    portfolio: String,
    #[serde(default)]
    days_past_due: i64,
    #[serde(default)]
    amount_stale: bool,
    #[serde(default)]
    available: Vec<DayHours>,
    #[serde(default)]
    bans: Vec<Barred>,
    #[serde(default = "current")]
    address: AddressState,
    #[serde(default = "home")]
    place: PlaceKind,
    #[serde(default)]
    contacts: Vec<Contact>,
    #[serde(default)]
    visits_before: i64,
    #[serde(default)]
    consents: Vec<Agreed>,
    /// When notices were handed over.
    #[serde(default)]
    notices: Vec<Local>,
    #[serde(default = "two")]
    staff: u8,
    /// How many of them are certified; all, unless said otherwise.
    certified: Option<u8>,
    /// What each of them holds; without it only the numbers are known.
    holds: Option<Vec<Held>>,
    /// The agency that comes; without it the creditor's own staff do.
    agency: Option<AgencyFacts>,
    /// What is there at the check-out; without it the visit has not ended.
    present: Option<BTreeSet<Requirement>>,
    /// Whether somebody was met.
    #[serde(default = "yes")]
    met: bool,
    /// What a retention rule is asked of.
    pub(crate) record: Option<Record>,
}

/// A local time, `2026-11-24T08:00`.
#[derive(Debug, Clone, Copy)]
struct Local(DateTime);

impl Local {
    fn at(self, zone: &TimeZone) -> Option<Micros> {
        let at = zone.to_ambiguous_timestamp(self.0).compatible().ok()?;
        Some(Micros(at.as_microsecond()))
    }
}

/// A date, `2026-11-24`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Day(pub(crate) Date);

impl<'de> Deserialize<'de> for Local {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed(deserializer, "local time; write it like 2026-11-24T08:00").map(Self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed(deserializer, "date; write it like 2026-11-24").map(Self)
    }
}

fn parsed<'de, T: std::str::FromStr, D: Deserializer<'de>>(deserializer: D, what: &str) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    let error = |_| serde::de::Error::custom(format!("`{text}` is no {what}"));
    text.parse().map_err(error)
}

/// Something that is kept, and the day on which it would go.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    pub(crate) of: RetentionOf,
    pub(crate) made: Day,
    pub(crate) last_activity: Day,
    pub(crate) settled: Option<Day>,
    pub(crate) day: Day,
}

#[allow(clippy::struct_excessive_bools, reason = "as the facts have them")]
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contact {
    at: Local,
    #[serde(default = "visit")]
    channel: Channel,
    outcome: Option<ContactOutcome>,
    #[serde(default = "yes")]
    same_address: bool,
    #[serde(default = "yes")]
    same_person: bool,
    #[serde(default = "yes")]
    same_case: bool,
    #[serde(default = "yes")]
    same_number: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Agreed {
    scope: ConsentScope,
    given: Lift,
    rule: Option<String>,
    from: Local,
    until: Option<Local>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Barred {
    #[serde(default)]
    channels: Vec<Channel>,
    #[serde(default)]
    places: Vec<PlaceKind>,
    #[serde(default)]
    hours: Vec<DayHours>,
    from: Local,
    until: Option<Local>,
}

const fn visit() -> Channel {
    Channel::Visit
}
const fn half_an_hour() -> i64 {
    30
}
const fn open() -> CaseStatus {
    CaseStatus::Open
}
const fn debtor() -> PersonRole {
    PersonRole::Debtor
}
const fn current() -> AddressState {
    AddressState::Current
}
const fn home() -> PlaceKind {
    PlaceKind::Home
}
const fn two() -> u8 {
    2
}
const fn yes() -> bool {
    true
}

impl Scenario {
    /// The facts; `None` where a time lies outside the calendar.
    pub(crate) fn facts(&self, zone: &TimeZone) -> Option<Facts> {
        let at = |local: Local| local.at(zone);
        let start = at(self.start)?;
        let contact = |one: &Contact| {
            Some(PastContact {
                at: at(one.at)?,
                channel: one.channel,
                outcome: one.outcome,
                same_address: one.same_address,
                same_person: one.same_person,
                same_case: one.same_case,
                same_number: one.same_number,
                date_only: false,
            })
        };
        let consent = |one: &Agreed| {
            Some(Consent {
                scope: one.scope,
                given: one.given,
                rule: one.rule.as_deref().map(RuleId::from),
                from: at(one.from)?,
                until: one.until.map(|until| at(until).ok_or(())).transpose().ok()?,
            })
        };
        let notice = |local: &Local| {
            let handed_over_at = at(*local)?;
            Some(Notice { handed_over_at })
        };
        let ban = |one: &Barred| {
            Some(Ban {
                channels: one.channels.clone(),
                places: one.places.clone(),
                hours: one.hours.clone(),
                from: at(one.from)?,
                until: one.until.map(|until| at(until).ok_or(())).transpose().ok()?,
            })
        };
        Some(Facts {
            subject: self.subject(self.bans.iter().map(ban).collect::<Option<_>>()?),
            address: AddressFacts {
                country: self.country.clone(),
                region: self.region.clone(),
                zone: self.zone.clone(),
                state: self.address,
                kind: self.place,
            },
            contacts: self.contacts.iter().map(contact).collect::<Option<_>>()?,
            visits_before: self.visits_before,
            consents: self.consents.iter().map(consent).collect::<Option<_>>()?,
            notices: self.notices.iter().map(notice).collect::<Option<_>>()?,
            staff: self.staff_facts(),
            agency: self.agency,
            attempt: Attempt {
                channel: self.channel,
                start,
                end: start.checked_add(Micros::from_seconds(self.minutes.checked_mul(60)?))?,
            },
            closing: self.present.clone().map(|present| Closing { present, met: self.met }),
            as_of: start,
        })
    }

    fn staff_facts(&self) -> StaffFacts {
        let member = |number: u8, held: &Vec<Held>| Member {
            staff: format!("S{number:03}"),
            held: held.clone(),
        };
        let members = self.holds.iter();
        StaffFacts {
            count: self.staff,
            certified: self.certified.unwrap_or(self.staff),
            members: members
                .flat_map(|held| (1..=self.staff).map(move |number| member(number, held)))
                .collect(),
        }
    }

    fn subject(&self, bans: Vec<Ban>) -> Subject {
        Subject {
            status: self.status,
            flags: self.flags.clone(),
            party: self.party,
            portfolio_kind: self.portfolio.clone(),
            days_past_due: self.days_past_due,
            amount_stale: self.amount_stale,
            available: self.available.clone(),
            bans,
        }
    }
}
