//! The packs in use: which of them apply at an address, and a digest that names them all.

use crate::embedded::{BUILTIN, Embedded, UNVERIFIED};
use crate::facts::{Facts, Subject};
use crate::load::{PackError, PackProblem, parse_pack, plain_error};
use crate::pack::{DayKind, Kind, Pack, Rule};
use crate::sentence::DoorSentence;
use crate::text::{PackDigest, PackRef};
use crate::verdict::Verdict;
use doorstep_domain::credential::CredentialKind;
use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// What the digest covers besides the packs: a change of meaning in the engine changes it too.
const DIGEST_CONTEXT: &str = "doorstep-rules engine 3\n";

/// A pack that is in use beside those that always are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Further {
    /// The pack and its version.
    pub pack: PackRef,
    /// Its text, as it was read.
    pub text: String,
    /// Whether it came with the program and is not verified: somebody accepted that.
    pub is_unverified: bool,
}

impl Further {
    /// The pack's id.
    #[must_use]
    pub fn id(&self) -> &str {
        let whole = self.pack.as_str();
        whole.split_once('@').map_or(whole, |(id, _)| id)
    }
}

/// The packs in use, with the time zones they need.
#[derive(Debug, Clone)]
pub struct PackSet {
    /// Sorted by id.
    packs: Vec<(PackRef, Pack)>,
    /// What does not come with every program of this version.
    further: Vec<Further>,
    digest: PackDigest,
    /// Bundled with the program: the machine's own zones may be older and would change verdicts.
    zones: TimeZoneDatabase,
}

impl PackSet {
    /// The packs that come with the program.
    ///
    /// # Panics
    ///
    /// Never: a test reads the same bytes.
    #[must_use]
    pub fn builtin() -> Self {
        Self::with(&[]).expect("the packs that come with the program are read by its tests")
    }

    /// The packs that come with the program and others: pairs of file name and text.
    pub fn with(extra: &[(&str, &str)]) -> Result<Self, PackError> {
        let builtin = BUILTIN.iter().map(|one| one.pack);
        Self::only(&builtin.chain(extra.iter().copied()).collect::<Vec<_>>())
    }

    /// The packs that come with the program, except those that are named, and others: pairs of file name and text.
    pub fn without(ids: &BTreeSet<String>, extra: &[(&str, &str)]) -> Result<Self, PackError> {
        let kept = BUILTIN.iter().filter(|one| !ids.contains(one.id)).map(|one| one.pack);
        Self::only(&kept.chain(extra.iter().copied()).collect::<Vec<_>>())
    }

    /// The ids of the packs that come with the program and are loaded only where somebody accepts that they are not verified.
    pub fn unverified() -> impl Iterator<Item = &'static str> {
        UNVERIFIED.iter().map(|one| one.id)
    }

    /// The file of a pack that is not verified: its name and text.
    #[must_use]
    pub fn unverified_pack(id: &str) -> Option<(&'static str, &'static str)> {
        UNVERIFIED.iter().find(|one| one.id == id).map(|one| one.pack)
    }

    /// Only these packs: pairs of file name and text.
    pub fn only(texts: &[(&str, &str)]) -> Result<Self, PackError> {
        let mut packs = Vec::with_capacity(texts.len());
        let mut further = Vec::new();
        let (mut pack_ids, mut rule_ids) = (BTreeSet::new(), BTreeSet::new());
        for (file, text) in texts {
            let pack = parse_pack(file, text)?;
            if !pack_ids.insert(pack.id.clone()) {
                return Err(plain_error(file, text, None, PackProblem::Twice(pack.id)));
            }
            let rules = pack.rules.iter().map(|rule| &rule.id);
            for id in rules.chain(pack.sentences.iter().map(|sentence| &sentence.id)) {
                if !rule_ids.insert(id.clone()) {
                    let id = id.to_string();
                    return Err(plain_error(file, text, Some(id.clone()), PackProblem::Twice(id)));
                }
            }
            further.extend(further_of(&pack, text));
            packs.push((pack.reference(), pack));
        }
        packs.sort_by(|(_, left), (_, right)| left.id.cmp(&right.id));
        let digest = digest_of(&packs);
        Ok(Self {
            packs,
            further,
            digest,
            zones: TimeZoneDatabase::bundled(),
        })
    }

    /// SHA-256 over the content of all packs (not their comments or layout), in hexadecimal.
    #[must_use]
    pub const fn digest(&self) -> &PackDigest {
        &self.digest
    }

    /// All packs, sorted by id.
    pub fn packs(&self) -> impl Iterator<Item = &Pack> {
        self.packs.iter().map(|(_, pack)| pack)
    }

    /// What is in use beside the packs that every program of this version has, in the order in which it was named.
    #[must_use]
    pub fn further(&self) -> &[Further] {
        &self.further
    }

    /// Whether a pack came with the program and is not verified.
    #[must_use]
    pub fn is_unverified(&self, pack: &Pack) -> bool {
        let reference = pack.reference();
        self.further
            .iter()
            .any(|one| one.is_unverified && one.pack == reference)
    }

    /// A rule by its id, with its pack.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<(&Pack, &Rule)> {
        self.packs()
            .find_map(|pack| Some((pack, pack.rules.iter().find(|rule| rule.id.as_str() == id)?)))
    }

    /// The sentences of packs that a verdict names, pack by pack in their order.
    pub fn sentences<'a>(&'a self, names: &'a [impl AsRef<str>]) -> impl Iterator<Item = &'a DoorSentence> {
        let named = |known: &PackRef| names.iter().any(|name| name.as_ref() == known.as_str());
        let packs = self.packs.iter().filter(move |(known, _)| named(known));
        packs.flat_map(|(_, pack)| &pack.sentences)
    }

    /// Whether one of the rules that were asked wants the visit announced, whatever it does where that is missing.
    #[must_use]
    pub fn asks_for_notice(&self, verdict: &Verdict) -> bool {
        let wants = |rule: &&Rule| matches!(rule.kind, Kind::Notice { .. }) && verdict.checked.contains(&rule.id);
        self.packs().flat_map(|pack| &pack.rules).any(|rule| wants(&rule))
    }

    /// Whether this is a rule that wants a visit announced.
    #[must_use]
    pub fn is_notice(&self, rule: &str) -> bool {
        let mut rules = self.packs().flat_map(|pack| &pack.rules);
        rules.any(|one| one.id.as_str() == rule && matches!(one.kind, Kind::Notice { .. }))
    }

    /// After how many months what was given ends by the rules of some countries and of the house, on a day: the shortest of
    /// those that forbid. `None` where no rule says so.
    #[must_use]
    pub fn credential_months(&self, countries: &[String], (kind, day): (CredentialKind, Date)) -> Option<u32> {
        let here = |pack: &&Pack| pack.is_house() || pack.countries.iter().any(|code| countries.contains(code));
        let rules = self
            .packs()
            .filter(|pack| pack.holds_on(day))
            .filter(here)
            .flat_map(|pack| &pack.rules);
        let months = |rule: &Rule| match &rule.kind {
            Kind::Credential { items, months_max, .. } if items.contains(&kind) => *months_max,
            _ => None,
        };
        rules
            .filter(|rule| rule.effect.forbids() && rule.holds_on(day))
            .filter_map(months)
            .min()
    }

    /// Whether a day is a working day in a country and region: no Saturday or Sunday, and no public holiday that a pack of the
    /// country knows. Of a year whose holidays nobody published yet only the weekends are known.
    #[must_use]
    pub fn is_working(&self, (country, region): (Option<&str>, Option<&str>), day: Date) -> bool {
        let is_weekday = day.weekday().to_monday_zero_offset() < 5;
        let mut packs = self
            .packs()
            .filter(|pack| pack.countries.iter().any(|code| Some(code.as_str()) == country));
        is_weekday && !packs.any(|pack| pack.day_kind(day, region) == DayKind::Holiday)
    }

    /// A time zone by its IANA name; `None` where it is not known. Never the machine's.
    #[must_use]
    pub fn zone(&self, name: &str) -> Option<TimeZone> {
        self.zones.get(name).ok().filter(|zone| !zone.is_unknown())
    }

    /// The packs of a country and the house's, whatever the day; all of them where the country is unknown.
    pub(crate) fn of_country<'a>(&'a self, country: Option<&'a str>) -> impl Iterator<Item = &'a Pack> {
        let here = move |code: &str| country.is_none_or(|country| country == code);
        self.packs()
            .filter(move |pack| pack.is_house() || pack.countries.iter().any(|code| here(code)))
    }

    /// The packs that apply at an address in `country` on `day`: its own and the house's.
    pub(crate) fn covering(&self, country: Option<&str>, day: Date) -> impl Iterator<Item = (&PackRef, &Pack)> {
        let here =
            move |pack: &Pack| pack.is_house() || pack.countries.iter().any(|known| Some(known.as_str()) == country);
        self.packs
            .iter()
            .filter(move |(_, pack)| here(pack) && pack.holds_on(day))
            .map(|(name, pack)| (name, pack))
    }
}

/// The pack as one beside those that always are; `None` where it is one of these.
fn further_of(pack: &Pack, text: &str) -> Option<Further> {
    let is = |known: &Embedded| known.id == pack.id && known.pack.1 == text;
    (!BUILTIN.iter().any(is)).then(|| Further {
        pack: pack.reference(),
        text: text.to_owned(),
        is_unverified: UNVERIFIED.iter().any(is),
    })
}

/// Whether a rule concerns these facts at all.
pub(crate) fn concerns(rule: &Rule, facts: &Facts, day: Date) -> bool {
    rule.applies_to.channels.contains(&facts.attempt.channel)
        && concerns_case(rule, &facts.subject, facts.address.region.as_ref())
        && rule.holds_on(day)
}

/// Whether a rule concerns a case in a region, whatever is done.
pub(crate) fn concerns_case(rule: &Rule, subject: &Subject, region: Option<&String>) -> bool {
    let (applies, kind) = (&rule.applies_to, &subject.portfolio_kind);
    (applies.parties.is_empty() || applies.parties.contains(&subject.party))
        && (applies.portfolio_kinds.is_empty() || kind.is_empty() || applies.portfolio_kinds.contains(kind))
        && (applies.flags.is_empty() || applies.flags.iter().any(|flag| subject.flags.contains(flag)))
        && applies
            .days_past_due_max
            .is_none_or(|max| subject.days_past_due <= i64::from(max))
        && (rule.regions.is_empty() || region.is_none_or(|region| rule.regions.contains(region)))
}

fn digest_of(packs: &[(PackRef, Pack)]) -> PackDigest {
    let mut hash = Sha256::new_with_prefix(DIGEST_CONTEXT);
    for (_, pack) in packs {
        let content = toml::to_string(pack).expect("a pack that was read from TOML can be written as TOML");
        hash.update((content.len() as u64).to_be_bytes());
        hash.update(content);
    }
    let digits = hash
        .finalize()
        .iter()
        .fold(String::with_capacity(64), |mut digits, byte| {
            use std::fmt::Write;
            write!(digits, "{byte:02x}").expect("writing to a string cannot fail");
            digits
        });
    PackDigest::from(digits)
}
