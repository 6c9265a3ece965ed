//! May this visit begin now: the signed permit says where and when, the rules look again at the moment itself.
//!
//! Pure: permit, door, time, staff and packs in, reasons out. The rules are asked only with the packs that the permit names;
//! where this device has others, the permit alone decides.

use doorstep_domain::measure::Micros;
pub use doorstep_domain::plan::PermitReason;
use doorstep_domain::words::{Lang, word};
use doorstep_log::hash::Hash;
use doorstep_rules::{Attempt, Facts, Finding};
use doorstep_wire::sync::{Door, Permit, PermitDoor, PermitPlace, Position};
use uuid::Uuid;

use crate::packs::Packs;
use crate::route::metres_apart;

/// Facts older than this allow nothing: as long as the longest lease.
const AS_OF_AGE_MAX_MS: i64 = 72 * 3_600_000;
/// A device's clock may be this much behind the server's.
const CLOCK_BEHIND_MAX_MS: i64 = 5 * 60_000;

/// A position is good if it is known to within so many metres.
const ACCURACY_GOOD_M: u32 = 100;

/// One reason why a visit may not begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blocked {
    /// The permit says so.
    Permit(PermitReason),
    /// A rule says so at this moment.
    Rule(Box<Finding>),
    /// The permit names this rule, which was judged by the server.
    Named {
        /// Its id.
        rule: String,
        /// Where it stands; `None` where this device does not have its pack.
        citation: Option<String>,
    },
}

impl Blocked {
    /// The id of the rule, or the code of the permit's reason.
    pub fn rule(&self) -> &str {
        match self {
            Self::Permit(reason) => reason.code(),
            Self::Rule(finding) => finding.rule.as_str(),
            Self::Named { rule, .. } => rule,
        }
    }

    /// The reason in words.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            Self::Permit(reason) => word(lang, *reason).to_owned(),
            Self::Rule(finding) => finding.sentence.render(lang),
            Self::Named { rule, citation } => citation.as_ref().unwrap_or(rule).clone(),
        }
    }
}

/// A visit that is about to begin.
pub(crate) struct Question<'a> {
    pub(crate) permit: Option<&'a Permit>,
    pub(crate) door: &'a Door,
    pub(crate) packs: &'a Packs,
    pub(crate) now: Micros,
    /// Who is there.
    pub(crate) staff: &'a [Uuid],
    /// How many of them sign: the owner of the device, and partners whose statements count.
    pub(crate) signed: usize,
    /// Whether something heard at an earlier visit on this device stops visits to the person.
    pub(crate) stopped: bool,
    /// Where the device is, where that is known.
    pub(crate) position: Option<&'a Position>,
}

/// What permit and rules say of it.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    /// Empty where the visit may begin.
    pub(crate) blocked: Vec<Blocked>,
    /// What must be done before check-out, by code.
    pub(crate) required: Vec<String>,
    /// What may not be said, by code.
    pub(crate) not_said: Vec<String>,
    /// Digest of the rule packs that the permit names.
    pub(crate) rules: Option<Hash>,
}

/// Judges the start of a visit.
pub(crate) fn judge(question: &Question<'_>) -> Judgement {
    let mut judgement = Judgement::default();
    let blocked = &mut judgement.blocked;
    let Some(permit) = question.permit else {
        blocked.push(Blocked::Permit(PermitReason::Missing));
        return judgement;
    };
    judgement.rules = rules_of(permit);
    let found = by_rules(question, permit);
    let listed = permit.doors.iter().find(|door| door.visit == question.door.visit_alias);
    for reason in by_permit(question, permit, listed) {
        blocked.push(Blocked::Permit(reason));
        if reason == PermitReason::NotAllowed && found.is_empty() {
            let named = listed.into_iter().flat_map(|door| &door.rules);
            blocked.extend(named.map(|rule| Blocked::Named {
                rule: rule.clone(),
                citation: question.packs.rule(rule).map(|rule| rule.citation.to_string()),
            }));
        }
    }
    blocked.extend(found);
    if let Some(door) = listed {
        judgement.required.clone_from(&door.required);
        judgement.not_said.clone_from(&door.not_said);
    }
    judgement
}

/// Digest of the rule packs that a permit names.
pub(crate) fn rules_of(permit: &Permit) -> Option<Hash> {
    Hash::from_hex(&permit.rules)
}

/// When the visit would end, in microseconds.
fn planned_end(question: &Question<'_>) -> Micros {
    let planned = (question.door.ends - question.door.starts).max(0);
    Micros(question.now.get().saturating_add(planned))
}

fn by_permit(question: &Question<'_>, permit: &Permit, listed: Option<&PermitDoor>) -> Vec<PermitReason> {
    let (start, end) = (question.now.millis(), planned_end(question).millis());
    let mut reasons = Vec::new();
    if question.stopped {
        // The office may not know of it yet: what protects the person counts from the moment it was heard.
        reasons.push(PermitReason::Stopped);
    }
    if start > permit.expires_ms {
        reasons.push(PermitReason::Expired);
    }
    let age = start - permit.as_of_ms;
    if !(-CLOCK_BEHIND_MAX_MS..=AS_OF_AGE_MAX_MS).contains(&age) {
        reasons.push(PermitReason::AsOf);
    }
    let Some(door) = listed else {
        reasons.push(PermitReason::NotListed);
        return reasons;
    };
    if door.allowed_ms.is_empty() {
        reasons.push(PermitReason::NotAllowed);
    } else if !door.allowed_ms.iter().any(|[from, to]| *from <= start && end <= *to) {
        reasons.push(PermitReason::Hours);
    }
    if question.staff.len() < usize::from(door.staff_min) {
        reasons.push(PermitReason::Staff);
    } else if door.staff_min >= 2 && question.signed < usize::from(door.staff_min) {
        reasons.push(PermitReason::Unsigned);
    }
    if is_elsewhere(question.position, door.place.as_ref()) {
        reasons.push(PermitReason::Place);
    }
    reasons
}

/// Whether the device is surely not at the place of the visit. Without a position, or with a poor one, nothing is sure: the office
/// sees such a check-in flagged.
fn is_elsewhere(position: Option<&Position>, place: Option<&PermitPlace>) -> bool {
    let (Some(position), Some(place)) = (position, place) else {
        return false;
    };
    let Some(radius) = place.radius_m else { return false };
    let is_good = !position.mock && (1..=ACCURACY_GOOD_M).contains(&position.accuracy_m);
    let apart = metres_apart([position.lat_e7, position.lon_e7], [place.lat_e7, place.lon_e7]);
    is_good && apart > f64::from(radius) + f64::from(position.accuracy_m)
}

/// Asks the rules again, with the start and projected end as they are now.
fn by_rules(question: &Question<'_>, permit: &Permit) -> Vec<Blocked> {
    if let Some(doubt) = question.packs.doubt() {
        return vec![Blocked::Permit(doubt)];
    }
    let asked = question
        .packs
        .asked(&permit.rules)
        .filter(|_| !question.door.facts.is_empty());
    let Some(asked) = asked else {
        return Vec::new();
    };
    let Ok(mut facts) = serde_json::from_str::<Facts>(&question.door.facts) else {
        return vec![Blocked::Permit(PermitReason::Facts)];
    };
    let number = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
    let count = number(question.staff.len());
    let certified = |id: &&Uuid| permit.staff.iter().any(|one| one.id == **id && one.certified);
    facts.attempt = Attempt::visit(question.now, planned_end(question));
    facts.staff.certified = if permit.staff.is_empty() {
        facts.staff.certified.min(count)
    } else {
        number(question.staff.iter().filter(certified).count())
    };
    facts.staff.count = count;
    let is_there = |login: &str| {
        let of_login = |one: &&doorstep_wire::sync::PermitStaff| one.login == login && question.staff.contains(&one.id);
        permit.staff.iter().find(of_login).is_some()
    };
    facts.staff.members.retain(|member| is_there(&member.staff));
    let forbids = asked.forbidding(&facts).into_iter();
    forbids.map(|finding| Blocked::Rule(Box::new(finding))).collect()
}
