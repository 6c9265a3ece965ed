//! Sentences of verdicts: a key with named arguments, rendered for a language only when somebody reads it.

use super::{Forbidden, Lang, Lift, Requirement, Weekday, word, word_list, words};
use crate::address::{AddressState, PlaceKind};
use crate::case::{CaseStatus, Flag};
use crate::codes;
use crate::contact::{Channel, ContactOutcome};
use crate::credential::CredentialKind;
use crate::person::PersonRole;
use serde::{Deserialize, Serialize};

codes!(
    /// Which sentence.
    SentenceKey, "sentence" {
        /// The status of the case stops visits.
        StatusStops = "status-stops",
        /// A flag stops visits.
        FlagStops = "flag-stops",
        /// A flag sends the case to another desk.
        FlagRoutes = "flag-routes",
        /// Staff should know of a flag.
        FlagNoted = "flag-noted",
        /// Someone in this role is not visited.
        PartyStops = "party-stops",
        /// The address is not to be used.
        AddressStops = "address-stops",
        /// No visits at this kind of place.
        PlaceForbidden = "place-forbidden",
        /// Outside the hours of a rule.
        OutsideHours = "outside-hours",
        /// A rule gives no hours on this weekday.
        NoHoursThatDay = "no-hours-that-day",
        /// A rule gives no hours on a public holiday.
        NoHoursOnHolidays = "no-hours-on-holidays",
        /// The public holidays of a year are not known.
        HolidaysUnknown = "holidays-unknown",
        /// A visit is planned for longer than a rule lets it.
        TooLong = "too-long",
        /// Outside the times that the person stated.
        OutsideStatedTimes = "outside-stated-times",
        /// The person barred this channel, place or time.
        PersonBarred = "person-barred",
        /// The allowed hours of several rules leave no time.
        HoursDoNotMeet = "hours-do-not-meet",
        /// As many contacts as one day allows.
        CountOfDay = "count-of-day",
        /// As many contacts as a period allows.
        CountOfPeriod = "count-of-period",
        /// As many contacts as a case allows.
        CountOfCase = "count-of-case",
        /// Rest after an outcome, for some days.
        RestAfter = "rest-after",
        /// An outcome ends visits there.
        EndedBy = "ended-by",
        /// Too few staff.
        StaffTooFew = "staff-too-few",
        /// A certificate is missing or has expired.
        CertificateMissing = "certificate-missing",
        /// Items that must be there.
        ItemsRequired = "items-required",
        /// Acts that are forbidden.
        ActsForbidden = "acts-forbidden",
        /// No notice was handed over in time.
        NoticeMissing = "notice-missing",
        /// No law is known for the place.
        NoLawKnown = "no-law-known",
        /// The region is not known.
        RegionUnknown = "region-unknown",
        /// The time zone is not known.
        ZoneUnknown = "zone-unknown",
        /// The projected end is not after the start, or a time is outside all calendars.
        TimeUnusable = "time-unusable",
        /// A rule of a newer kind.
        UpdateNeeded = "update-needed",
        /// A rule that was lifted.
        Lifted = "lifted",
        /// A status of the case stops a call, message or letter.
        StatusStopsContact = "status-stops-contact",
        /// A flag stops one.
        FlagStopsContact = "flag-stops-contact",
        /// A flag leads the case elsewhere; nobody calls or writes meanwhile.
        FlagRoutesContact = "flag-routes-contact",
        /// The person is none to be called or written to.
        PartyStopsContact = "party-stops-contact",
        /// Outside the hours in which somebody may be called or written to.
        OutsideContactHours = "outside-contact-hours",
        /// No such hours on a day of the week.
        NoContactThatDay = "no-contact-that-day",
        /// No such hours on a public holiday.
        NoContactOnHolidays = "no-contact-on-holidays",
        /// Rest after an outcome, on other channels than visits.
        ContactRestAfter = "contact-rest-after",
        /// An outcome ended contact for good.
        ContactEndedBy = "contact-ended-by",
        /// Something that a visitor held ran out.
        CredentialEnded = "credential-ended",
        /// Something that a visitor holds ends soon.
        CredentialEnds = "credential-ends",
        /// Something that a visitor should hold is not on record.
        CredentialMissing = "credential-missing",
        /// The agency is not on the creditor's white list.
        AgencyNotListed = "agency-not-listed",
        /// The agency was not evaluated in time.
        AgencyNotEvaluated = "agency-not-evaluated",
        /// The agency's contract is over.
        AgencyContractOver = "agency-contract-over",
    }
);

impl SentenceKey {
    /// The same said of a call, message or letter; what names no visit stays as it is.
    #[must_use]
    pub const fn of_contact(self) -> Self {
        match self {
            Self::StatusStops => Self::StatusStopsContact,
            Self::FlagStops => Self::FlagStopsContact,
            Self::FlagRoutes => Self::FlagRoutesContact,
            Self::PartyStops => Self::PartyStopsContact,
            Self::OutsideHours => Self::OutsideContactHours,
            Self::NoHoursThatDay => Self::NoContactThatDay,
            Self::NoHoursOnHolidays => Self::NoContactOnHolidays,
            Self::RestAfter => Self::ContactRestAfter,
            Self::EndedBy => Self::ContactEndedBy,
            other => other,
        }
    }
}

words!(SentenceKey {
    StatusStops => "The case is {status}: no visit.", "案件{status}，不得外访。";
    FlagStops => "{flag}: no visit.", "{flag}：不得外访。";
    FlagRoutes => "{flag}: the case goes to the desk for it, no visit.", "{flag}：转专门部门处理，不得外访。";
    FlagNoted => "Note for staff: {flag}.", "外访提示：{flag}。";
    PartyStops => "A {party} is not visited.", "不得外访{party}。";
    AddressStops => "The address is {address}: not to be used.", "该地址{address}，不得使用。";
    PlaceForbidden => "No visit at this place ({place}) without consent.", "未经同意不得前往{place}外访。";
    OutsideHours => "Visits only {from}–{to} at the address, from start to expected end.",
        "外访须在当地{from}至{to}之间开始并结束。";
    NoHoursThatDay => "No visits on a {weekday}.", "{weekday}不得外访。";
    NoHoursOnHolidays => "No visits on a public holiday.", "法定节假日不得外访。";
    HolidaysUnknown => "The public holidays of this year ({date}) are not known for {place}: look before you go.",
        "尚未收录{place}{date}年的法定节假日，外访前请先确认。";
    TooLong => "{count} minutes planned, at most {max}.", "计划{count}分钟，最多{max}分钟。";
    OutsideStatedTimes => "Outside the times that the person stated.", "不在本人约定的时间内。";
    PersonBarred => "The person asked not to be contacted this way, here or then.", "本人要求不要以此方式、在此处或此时联系。";
    HoursDoNotMeet => "The allowed hours leave no time for a visit on this day.", "当日各规则允许的时段没有足够的交集。";
    CountOfDay => "{channel}: {count} on this day, at most {max}.", "{channel}：当日已有{count}次，最多{max}次。";
    CountOfPeriod => "{channel}: {count} within {days} days, at most {max}.",
        "{channel}：{days}天内已有{count}次，最多{max}次。";
    CountOfCase => "{channel}: {count} in this case, at most {max} before a review.",
        "{channel}：本案已有{count}次，最多{max}次，须先复核。";
    RestAfter => "{outcome} on {date}: rest for {days} days.", "{date}{outcome}，{days}天内暂停外访。";
    EndedBy => "{outcome} on {date}: no more visits there.", "{date}{outcome}，不再前往该地址。";
    StaffTooFew => "At least {min} staff together; {count} named.", "至少{min}人共同外访，现有{count}人。";
    CertificateMissing => "Every visitor needs a valid certificate; {count} have one.",
        "每名外访员须持有效证书，现有{count}人持证。";
    ItemsRequired => "Needed: {items}.", "必须具备：{items}。";
    ActsForbidden => "Forbidden: {items}.", "禁止：{items}。";
    NoticeMissing => "No notice was handed over {hours} hours before.", "未在外访前{hours}小时送达通知。";
    NoLawKnown => "No law is known for this place ({place}); only house rules were checked.",
        "尚未收录该地（{place}）的法律，仅按内部规定检查。";
    RegionUnknown => "The region is not known: the rules of every region of {place} apply.",
        "地区不明，按{place}各地区规则从严处理。";
    ZoneUnknown => "The time zone of the address ({zone}) is not known: no visit until it is.",
        "该地址时区（{zone}）不明，确认前不得外访。";
    TimeUnusable => "Start and expected end make no span of time: no visit.", "开始与预计结束时间无效，不得外访。";
    UpdateNeeded => "The rule is of a newer kind ({kind}): update Doorstep; no visit until then.",
        "规则类型（{kind}）较新，请更新程序，更新前不得外访。";
    Lifted => "Would forbid the visit, lifted by {by}.", "原本禁止，已由{by}解除。";
    StatusStopsContact => "The case is {status}: no contact.", "案件{status}，不得联系。";
    FlagStopsContact => "{flag}: no contact.", "{flag}：不得联系。";
    FlagRoutesContact => "{flag}: only the desk for it makes contact.", "{flag}：转专门部门处理，其他人员不得联系。";
    PartyStopsContact => "A {party} is not contacted.", "不得联系{party}。";
    OutsideContactHours => "Contact only {from}–{to} at the address.", "联系须在当地{from}至{to}之间。";
    NoContactThatDay => "No contact on a {weekday}.", "{weekday}不得联系。";
    NoContactOnHolidays => "No contact on a public holiday.", "法定节假日不得联系。";
    ContactRestAfter => "{outcome} on {date}: no contact on this channel for {days} days.",
        "{date}{outcome}，{days}天内不得经该渠道联系。";
    ContactEndedBy => "{outcome} on {date}: no more contact on this channel.", "{date}{outcome}，不得再经该渠道联系。";
    CredentialEnded => "{staff}: {credential} held until {date}, not after.", "{staff}：{credential}有效期至{date}，已失效。";
    CredentialEnds => "{staff}: {credential} ends on {date}; renew it.", "{staff}：{credential}将于{date}到期，请及时续办。";
    CredentialMissing => "{staff}: no valid {credential} on record.", "{staff}：未登记有效的{credential}。";
    AgencyNotListed => "The agency is not on the creditor's white list for this portfolio.",
        "该机构不在委托方针对此资产包的白名单内。";
    AgencyNotEvaluated => "The agency's evaluation was due by {date}.", "该机构的年度评估应于{date}前完成，已逾期。";
    AgencyContractOver => "The agency's contract ended on {date}.", "该机构的合同已于{date}到期。";
});

codes!(
    /// The name of an argument in a sentence.
    ArgName, "argument" {
        /// A status.
        Status = "status",
        /// A flag.
        Flag = "flag",
        /// A role.
        Party = "party",
        /// The state of an address.
        Address = "address",
        /// A kind of place, or a country.
        Place = "place",
        /// The beginning of a span.
        From = "from",
        /// The end of a span.
        To = "to",
        /// A day of the week.
        Weekday = "weekday",
        /// A channel.
        Channel = "channel",
        /// How many there are.
        Count = "count",
        /// The most there may be.
        Max = "max",
        /// The least there must be.
        Min = "min",
        /// Days.
        Days = "days",
        /// Hours.
        Hours = "hours",
        /// An outcome.
        Outcome = "outcome",
        /// A date.
        Date = "date",
        /// A list.
        Items = "items",
        /// A time zone.
        Zone = "zone",
        /// A kind of rule.
        Kind = "kind",
        /// Who lifted it.
        By = "by",
        /// A member of staff, by number.
        Staff = "staff",
        /// What somebody holds.
        Credential = "credential",
    }
);

/// An argument of a sentence. Codes stay codes until the sentence is rendered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arg {
    /// Text that reads the same in every language: a date, a zone, a country code.
    Text(String),
    /// A number.
    Number(i64),
    /// A time of day, in seconds since midnight.
    Clock(i64),
    /// A flag.
    Flag(Flag),
    /// A case's status.
    Status(CaseStatus),
    /// A person's role.
    Party(PersonRole),
    /// An address's state.
    Address(AddressState),
    /// A kind of place.
    Place(PlaceKind),
    /// A channel.
    Channel(Channel),
    /// An outcome of a contact.
    Outcome(ContactOutcome),
    /// A day of the week.
    Weekday(Weekday),
    /// Who lifted a rule.
    Lift(Lift),
    /// Items that must be there.
    Requirements(Vec<Requirement>),
    /// Acts that are forbidden.
    Forbidden(Vec<Forbidden>),
    /// What somebody holds.
    Credential(CredentialKind),
}

impl Arg {
    fn render(&self, lang: Lang) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Clock(seconds) => format!("{:02}:{:02}", seconds / 3600, seconds % 3600 / 60),
            Self::Flag(code) => word(lang, *code).to_owned(),
            Self::Status(code) => word(lang, *code).to_owned(),
            Self::Party(code) => word(lang, *code).to_owned(),
            Self::Address(code) => word(lang, *code).to_owned(),
            Self::Place(code) => word(lang, *code).to_owned(),
            Self::Channel(code) => word(lang, *code).to_owned(),
            Self::Outcome(code) => word(lang, *code).to_owned(),
            Self::Weekday(code) => word(lang, *code).to_owned(),
            Self::Lift(code) => word(lang, *code).to_owned(),
            Self::Requirements(codes) => word_list(lang, codes),
            Self::Forbidden(codes) => word_list(lang, codes),
            Self::Credential(code) => word(lang, *code).to_owned(),
        }
    }
}

/// A sentence that is not yet in any language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// Which sentence.
    pub key: SentenceKey,
    /// Its arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<(ArgName, Arg)>,
}

impl Sentence {
    /// A sentence with its arguments.
    #[must_use]
    pub fn new<const N: usize>(key: SentenceKey, args: [(ArgName, Arg); N]) -> Self {
        Self {
            key,
            args: Vec::from(args),
        }
    }

    /// The sentence in `lang`. An argument that is missing shows as its name, so that nothing is silently left out.
    ///
    /// ```
    /// use doorstep_domain::words::{Arg, ArgName, Lang, Sentence, SentenceKey};
    /// let hours = [(ArgName::From, Arg::Clock(28_800)), (ArgName::To, Arg::Clock(79_200))];
    /// let sentence = Sentence::new(SentenceKey::OutsideHours, hours);
    /// assert_eq!(sentence.render(Lang::Zh), "外访须在当地08:00至22:00之间开始并结束。");
    /// ```
    #[must_use]
    pub fn render(&self, lang: Lang) -> String {
        let mut rest = word(lang, self.key);
        let mut text = String::with_capacity(rest.len() + 32);
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}').unwrap_or((after, ""));
            text.push_str(before);
            match self.args.iter().find(|(arg, _)| arg.code() == name) {
                Some((_, arg)) => text.push_str(&arg.render(lang)),
                None => text.push_str(name),
            }
            rest = behind;
        }
        text.push_str(rest);
        capitalise(text)
    }
}

/// Labels are lower case; a sentence that begins with one is not.
fn capitalise(text: String) -> String {
    match text.chars().next() {
        Some(first) if first.is_ascii_lowercase() => first.to_ascii_uppercase().to_string() + &text[1..],
        _ => text,
    }
}
