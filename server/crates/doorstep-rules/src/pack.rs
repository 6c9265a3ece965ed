//! A rule pack: versioned rules with their sources, as they stand in TOML. One rule a table; the kinds are closed.

use crate::dates::{date_text, dates_text};
use crate::facts::Subject;
use crate::hours::DayHours;
use crate::sentence::DoorSentence;
use crate::text::{PackRef, RuleId, SharedText};
use doorstep_domain::address::{AddressState, PlaceKind};
use doorstep_domain::case::{CaseStatus, Flag};
use doorstep_domain::codes;
use doorstep_domain::contact::{Channel, ContactOutcome};
use doorstep_domain::credential::CredentialKind;
use doorstep_domain::person::PersonRole;
use doorstep_domain::words::{Confidence, ConsentScope, Effect, Forbidden, Lang, Lift, Requirement, RuleStatus};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A rule pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// The version of the pack format.
    pub format: u32,
    /// The pack's name: lower-case letters, digits and hyphens.
    pub id: String,
    /// The pack's version, counted up with every change.
    pub version: u32,
    /// What it is called.
    pub title: Title,
    /// The countries whose law it holds, ISO 3166-1 alpha-2. Empty: house rules, which apply everywhere in addition.
    #[serde(default)]
    pub countries: Vec<String>,
    /// The kinds of portfolio of which it speaks; empty means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub portfolio_kinds: Vec<String>,
    /// The kinds of portfolio to which it says nothing: what binds a collector of debts does not bind a nurse.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except_portfolio_kinds: Vec<String>,
    /// Whether it only adds to the law of its countries: with it alone that law is not known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub supplement: bool,
    /// What kind of norms it holds.
    pub status: RuleStatus,
    /// The first day on which it applies.
    #[serde(default, with = "date_text", skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// The last day on which it applies.
    #[serde(default, with = "date_text", skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
    /// Public holidays, year by year as they were published.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<HolidayYear>,
    /// The rules, in the order in which they are asked.
    #[serde(rename = "rule", default)]
    pub rules: Vec<Rule>,
    /// What is said at the door, and what is not.
    #[serde(rename = "sentence", default, skip_serializing_if = "Vec::is_empty")]
    pub sentences: Vec<DoorSentence>,
}

/// The public holidays of a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HolidayYear {
    /// The year.
    pub year: i16,
    /// The regions in which they hold, ISO 3166-2; empty means all of the pack's countries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// The days, `2026-01-01`, sorted.
    #[serde(with = "dates_text")]
    pub days: Vec<Date>,
    /// Who published them.
    pub citation: SharedText,
    /// Where they were read.
    #[serde(default)]
    pub source_url: String,
}

/// What is known of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DayKind {
    /// No public holiday.
    Plain,
    /// A public holiday.
    Holiday,
    /// Nobody published the holidays of that year yet, as far as the pack knows.
    Unpublished,
}

/// A title in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Title {
    /// English.
    pub en: String,
    /// 简体中文.
    pub zh: String,
}

impl Title {
    /// The title in a language.
    #[must_use]
    pub fn in_lang(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

impl Pack {
    /// The pack and its version, as verdicts name it.
    #[must_use]
    pub fn reference(&self) -> PackRef {
        PackRef::from(format!("{}@{}", self.id, self.version))
    }
    /// Whether the pack applies in every country.
    #[must_use]
    pub fn is_house(&self) -> bool {
        self.countries.is_empty()
    }
    /// Whether the pack speaks of a case; of one whose kind is unknown every pack does. Whoever is behind with a payment keeps
    /// the protection of a debtor, whatever somebody calls the portfolio.
    pub(crate) fn speaks_of(&self, subject: &Subject) -> bool {
        let kind = subject.portfolio_kind.as_str();
        let is = |kinds: &[String]| kinds.iter().any(|one| one == kind);
        let is_excepted = is(&self.except_portfolio_kinds) && subject.days_past_due <= 0;
        kind.is_empty() || (!is_excepted && (self.portfolio_kinds.is_empty() || is(&self.portfolio_kinds)))
    }
    /// What is known of `day` in a region; where the region is unknown, one of any region counts.
    pub(crate) fn day_kind(&self, day: Date, region: Option<&str>) -> DayKind {
        let here = |year: &&HolidayYear| {
            let anywhere = year.regions.is_empty() || region.is_none();
            year.year == day.year() && (anywhere || year.regions.iter().any(|one| Some(one.as_str()) == region))
        };
        let mut known = self.holidays.iter().filter(here).peekable();
        if known.peek().is_none() {
            return DayKind::Unpublished;
        }
        if known.any(|year| year.days.contains(&day)) {
            DayKind::Holiday
        } else {
            DayKind::Plain
        }
    }
    /// Whether the pack applies on `day`.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        holds(self.valid_from, self.valid_to, day)
    }
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The stable id.
    pub id: RuleId,
    /// The regions in which it holds, ISO 3166-2; empty means all of the pack's countries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// What and whom it applies to.
    #[serde(default)]
    pub applies_to: AppliesTo,
    /// What it does.
    pub effect: Effect,
    /// Who can lift it.
    #[serde(default)]
    pub lifted_by: Vec<Lift>,
    /// The first day on which it applies.
    #[serde(default, with = "date_text", skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// The last day on which it applies.
    #[serde(default, with = "date_text", skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
    /// What kind of norm it is.
    pub status: RuleStatus,
    /// Where it stands.
    pub citation: SharedText,
    /// Where the text was read; empty where there is no page.
    #[serde(default)]
    pub source_url: String,
    /// How sure the source is.
    pub confidence: Confidence,
    /// What it asks, with its parameters.
    pub kind: Kind,
}

impl Rule {
    /// Whether the rule applies on `day`.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        holds(self.valid_from, self.valid_to, day)
    }

    /// Whether the rule asks whether a day is a public holiday.
    pub(crate) const fn goes_by_holidays(&self) -> bool {
        matches!(self.kind, Kind::TimeWindow { holidays: Some(_), .. })
    }

    /// The consents that lift this rule without naming it.
    pub(crate) const fn scope(&self) -> Option<ConsentScope> {
        match self.kind {
            Kind::TimeWindow { .. } => Some(ConsentScope::Hours),
            Kind::Counter { .. } => Some(ConsentScope::Frequency),
            Kind::Place { .. } => Some(ConsentScope::Place),
            Kind::Notice { .. } => Some(ConsentScope::Notice),
            _ => None,
        }
    }
}

fn holds(from: Option<Date>, to: Option<Date>, day: Date) -> bool {
    from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to)
}

/// What and whom a rule applies to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppliesTo {
    /// The channels; visits unless said otherwise.
    #[serde(default = "visits")]
    pub channels: Vec<Channel>,
    /// The roles of the person; empty means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<PersonRole>,
    /// The kinds of portfolio; empty means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub portfolio_kinds: Vec<String>,
    /// Only where one of these is known of case or person; empty means always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    /// Only up to so many days past due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_past_due_max: Option<u32>,
}

fn visits() -> Vec<Channel> {
    vec![Channel::Visit]
}

impl Default for AppliesTo {
    fn default() -> Self {
        Self {
            channels: visits(),
            parties: Vec::new(),
            portfolio_kinds: Vec::new(),
            flags: Vec::new(),
            days_past_due_max: None,
        }
    }
}

/// What a rule asks, with its parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Kind {
    /// Stops on any of the listed facts.
    HardStop {
        /// Flags of case or person.
        #[serde(default)]
        flags: Vec<Flag>,
        /// Statuses of the case.
        #[serde(default)]
        statuses: Vec<CaseStatus>,
        /// States of the address.
        #[serde(default)]
        address_states: Vec<AddressState>,
        /// Roles of the person.
        #[serde(default)]
        parties: Vec<PersonRole>,
    },
    /// Start and projected end must lie within the hours, in the zone of the address.
    TimeWindow {
        /// The hours; on a weekday without hours nothing is allowed.
        hours: Vec<DayHours>,
        /// The hours of a public holiday, in place of the weekday's; an empty list allows nothing. Without it a holiday is a
        /// day like any other.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        holidays: Option<Vec<DayHours>>,
    },
    /// Start and projected end must lie within the times that the person stated, if any.
    StatedTimes {},
    /// Nothing may lie within what the person barred, by channel, place and hour.
    Bans {},
    /// Only so many contacts.
    Counter {
        /// What is counted.
        count: Counted,
        /// On which channels together; visits unless said otherwise.
        #[serde(default = "visits")]
        channels: Vec<Channel>,
        /// Per what.
        per: Per,
        /// Within which time.
        window: Window,
        /// How many there may be: the next one is refused.
        max: u32,
    },
    /// So many staff together.
    Staff {
        /// At least this many.
        min: u8,
    },
    /// No visit at these kinds of place.
    Place {
        /// The kinds of place.
        forbidden: Vec<PlaceKind>,
    },
    /// A visit is planned for no longer.
    Length {
        /// At most so many minutes.
        max_minutes: u32,
    },
    /// Every visitor holds these.
    Credential {
        /// What each must hold.
        items: Vec<CredentialKind>,
        /// For how many months it holds from the day on which it was given, whatever its own end is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        months_max: Option<u32>,
        /// Whether only what is on record and ran out counts, and not what was never recorded.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        if_recorded: bool,
    },
    /// An agency that visits is on the creditor's white list, within its contract, and evaluated in time.
    Agency {
        /// For how many days an evaluation is enough.
        evaluated_days_max: u32,
    },
    /// Items that must be there before the visit is closed.
    Evidence {
        /// The items.
        items: Vec<Requirement>,
    },
    /// A notice must have been handed over so long before.
    Notice {
        /// Hours before the start.
        hours: u32,
    },
    /// Rest after an outcome.
    Hold {
        /// The outcomes of earlier contacts.
        after: Vec<ContactOutcome>,
        /// The channels of those contacts; visits unless said otherwise.
        #[serde(default = "visits")]
        channels: Vec<Channel>,
        /// Per what.
        per: Per,
        /// For how many days, the day of the contact being the first; without it for good.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        days: Option<u32>,
    },
    /// How long something is kept: a minimum or a maximum, never both; says nothing about a visit.
    Retention {
        /// What is kept.
        of: RetentionOf,
        /// At least so many days; only a minimum from the settlement can do without, it lasts until then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        days: Option<u32>,
        /// At most so many days.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_most: Option<u32>,
        /// Counted from when.
        from: RetentionFrom,
    },
    /// What must not be said or done.
    Content {
        /// The forbidden acts.
        forbid: Vec<Forbidden>,
        /// When it applies.
        #[serde(default)]
        when: ContentWhen,
    },
    /// A rule of a kind that this version does not know; it blocks. Holds the name of the kind.
    #[serde(skip_deserializing)]
    Unknown(String),
}

codes!(
    /// What a counter counts. A visit that a rule refused is never counted.
    Counted, "counted contact" {
        /// Every attempt.
        Attempt = "attempt",
        /// Only where somebody was spoken to, or where that is not known.
        Contacted = "contacted",
        /// Only where nobody was spoken to, or where that is not known.
        Unanswered = "unanswered",
    }
);

codes!(
    /// Per what a counter counts.
    Per, "counted subject" {
        /// Per person, over all their cases and addresses.
        Person = "person",
        /// Per address, over all persons there.
        Address = "address",
        /// Per person at this address.
        PersonAtAddress = "person_at_address",
        /// Per case.
        Case = "case",
        /// Per phone number.
        Number = "number",
    }
);

/// Within which time a counter counts. Days are calendar days at the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// The day of the attempt.
    CalendarDay,
    /// Any so many days in a row: after a visit on day 1 of 7, day 8 is free.
    RollingDays(u32),
    /// The whole life of the case, with what its file counts.
    CaseTotal,
}

codes!(
    /// When a content rule applies.
    #[derive(Default)]
    ContentWhen, "condition of a content rule" {
        /// At every visit.
        #[default]
        Always = "always",
        /// When the amount is stale.
        AmountStale = "amount_stale",
        /// When the person visited is not the debtor.
        PartyNotDebtor = "party_not_debtor",
    }
);

codes!(
    /// What a retention rule keeps.
    RetentionOf, "retained thing" {
        /// The record of visits and other contacts.
        ContactRecord = "contact_record",
        /// Sound and video recordings.
        Recording = "recording",
        /// Security logs.
        SecurityLog = "security_log",
        /// Assessments and records of processing.
        ProcessingRecord = "processing_record",
    }
);

codes!(
    /// From when a retention is counted.
    RetentionFrom, "start of a retention" {
        /// From its making.
        Creation = "creation",
        /// From the last activity in the case.
        LastActivity = "last_activity",
        /// From when the debt was settled; before that a minimum has no end.
        Settlement = "settlement",
        /// From the end of the longest minimum that applies; only a maximum can.
        MinimumEnd = "minimum_end",
    }
);
