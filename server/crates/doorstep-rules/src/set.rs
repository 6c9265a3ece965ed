//! The packs in use: which of them apply at an address, and a digest that names them all.

use crate::facts::Facts;
use crate::load::{PackError, PackProblem, parse_pack, plain_error};
use crate::pack::{Kind, Pack, Rule};
use crate::text::{PackDigest, PackRef};
use crate::verdict::Verdict;
use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// The packs that come with the program, each with its file name.
const BUILTIN: [(&str, &str); 10] = [
    ("house.toml", include_str!("../../../packs/house.toml")),
    ("rights.toml", include_str!("../../../packs/rights.toml")),
    ("lone-worker.toml", include_str!("../../../packs/lone-worker.toml")),
    ("home-care.toml", include_str!("../../../packs/home-care.toml")),
    ("cn.toml", include_str!("../../../packs/cn.toml")),
    ("eu.toml", include_str!("../../../packs/eu.toml")),
    ("de.toml", include_str!("../../../packs/de.toml")),
    ("in.toml", include_str!("../../../packs/in.toml")),
    ("uk.toml", include_str!("../../../packs/uk.toml")),
    ("us.toml", include_str!("../../../packs/us.toml")),
];

/// Packs that were read in secondary sources only, each with its id. Loaded only where somebody accepts that.
const UNVERIFIED: [(&str, &str, &str); 10] = [
    (
        "au",
        "unverified/au.toml",
        include_str!("../../../packs/unverified/au.toml"),
    ),
    (
        "br",
        "unverified/br.toml",
        include_str!("../../../packs/unverified/br.toml"),
    ),
    (
        "id",
        "unverified/id.toml",
        include_str!("../../../packs/unverified/id.toml"),
    ),
    (
        "jp",
        "unverified/jp.toml",
        include_str!("../../../packs/unverified/jp.toml"),
    ),
    (
        "ke",
        "unverified/ke.toml",
        include_str!("../../../packs/unverified/ke.toml"),
    ),
    (
        "kr",
        "unverified/kr.toml",
        include_str!("../../../packs/unverified/kr.toml"),
    ),
    (
        "ph",
        "unverified/ph.toml",
        include_str!("../../../packs/unverified/ph.toml"),
    ),
    (
        "qfc",
        "unverified/qfc.toml",
        include_str!("../../../packs/unverified/qfc.toml"),
    ),
    (
        "th",
        "unverified/th.toml",
        include_str!("../../../packs/unverified/th.toml"),
    ),
    (
        "vn",
        "unverified/vn.toml",
        include_str!("../../../packs/unverified/vn.toml"),
    ),
];

/// What the digest covers besides the packs: a change of meaning in the engine changes it too.
const DIGEST_CONTEXT: &str = "doorstep-rules engine 3\n";

/// The packs in use, with the time zones they need.
#[derive(Debug, Clone)]
pub struct PackSet {
    /// Sorted by id.
    packs: Vec<(PackRef, Pack)>,
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
        let texts: Vec<(&str, &str)> = BUILTIN.iter().chain(extra).copied().collect();
        Self::only(&texts)
    }

    /// The ids of the packs that come with the program and are loaded only where somebody accepts that they are not verified.
    pub fn unverified() -> impl Iterator<Item = &'static str> {
        UNVERIFIED.iter().map(|(id, ..)| *id)
    }

    /// The file of a pack that is not verified: its name and text.
    #[must_use]
    pub fn unverified_pack(id: &str) -> Option<(&'static str, &'static str)> {
        let found = UNVERIFIED.iter().find(|(known, ..)| *known == id);
        found.map(|(_, file, text)| (*file, *text))
    }

    /// Only these packs: pairs of file name and text.
    pub fn only(texts: &[(&str, &str)]) -> Result<Self, PackError> {
        let mut packs = Vec::with_capacity(texts.len());
        let (mut pack_ids, mut rule_ids) = (BTreeSet::new(), BTreeSet::new());
        for (file, text) in texts {
            let pack = parse_pack(file, text)?;
            if !pack_ids.insert(pack.id.clone()) {
                return Err(plain_error(file, text, None, PackProblem::Twice(pack.id)));
            }
            for rule in &pack.rules {
                if !rule_ids.insert(rule.id.clone()) {
                    let id = rule.id.to_string();
                    return Err(plain_error(file, text, Some(id.clone()), PackProblem::Twice(id)));
                }
            }
            packs.push((pack.reference(), pack));
        }
        packs.sort_by(|(_, left), (_, right)| left.id.cmp(&right.id));
        let digest = digest_of(&packs);
        Ok(Self {
            packs,
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

    /// A rule by its id, with its pack.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<(&Pack, &Rule)> {
        self.packs()
            .find_map(|pack| Some((pack, pack.rules.iter().find(|rule| rule.id.as_str() == id)?)))
    }

    /// Whether one of the rules that were asked wants the visit announced, whatever it does where that is missing.
    #[must_use]
    pub fn asks_for_notice(&self, verdict: &Verdict) -> bool {
        let wants = |rule: &&Rule| matches!(rule.kind, Kind::Notice { .. }) && verdict.checked.contains(&rule.id);
        self.packs().flat_map(|pack| &pack.rules).any(|rule| wants(&rule))
    }

    /// A time zone by its IANA name; `None` where it is not known. Never the machine's.
    #[must_use]
    pub fn zone(&self, name: &str) -> Option<TimeZone> {
        self.zones.get(name).ok().filter(|zone| !zone.is_unknown())
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

/// Whether a rule concerns these facts at all.
pub(crate) fn concerns(rule: &Rule, facts: &Facts, day: Date) -> bool {
    let (applies, subject) = (&rule.applies_to, &facts.subject);
    let kind = &subject.portfolio_kind;
    let region = |region: &String| rule.regions.contains(region);
    applies.channels.contains(&facts.attempt.channel)
        && (applies.parties.is_empty() || applies.parties.contains(&subject.party))
        && (applies.portfolio_kinds.is_empty() || kind.is_empty() || applies.portfolio_kinds.contains(kind))
        && (applies.flags.is_empty() || applies.flags.iter().any(|flag| subject.flags.contains(flag)))
        && applies
            .days_past_due_max
            .is_none_or(|max| subject.days_past_due <= i64::from(max))
        && (rule.regions.is_empty() || facts.address.region.as_ref().is_none_or(region))
        && rule.holds_on(day)
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
