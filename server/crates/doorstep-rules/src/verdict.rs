//! What the rules say.

use crate::text::{PackDigest, PackRef, RuleId, SharedText};
use doorstep_domain::measure::Micros;
use doorstep_domain::words::{Confidence, Effect, Forbidden, Lift, Requirement, RuleStatus, Sentence};
use serde::{Deserialize, Serialize};

/// The engine's own rule: without a known time zone no hour can be judged, so it blocks.
pub const RULE_ZONE: &str = "ENGINE-ZONE";
/// The engine's own rule: the attempt must be a span of time within the calendar.
pub const RULE_TIME: &str = "ENGINE-TIME";
/// The engine's own finding: no pack knows the law of the place.
pub const RULE_LAW: &str = "ENGINE-LAW";
/// The engine's own finding: a rule goes by public holidays, and those of the year are not known.
pub const RULE_HOLIDAYS: &str = "ENGINE-HOLIDAYS";
/// The engine's own finding: the region is unknown, so the rules of every region apply.
pub const RULE_REGION: &str = "ENGINE-REGION";

/// What the rules say of one attempt or one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The strictest effect of all findings. Only [`Effect::forbids`] means that no visit may be made.
    pub effect: Effect,
    /// Each rule that has something to say, strictest first.
    pub findings: Vec<Finding>,
    /// What must be there before the visit starts or is closed; sorted, each once.
    pub required: Vec<Requirement>,
    /// What must not be said or done; sorted, each once.
    pub forbidden: Vec<Forbidden>,
    /// How many staff must come together; at least 1.
    pub min_staff: u8,
    /// Every rule that was asked, whatever it said.
    pub checked: Vec<RuleId>,
    /// The packs that apply at the address.
    pub packs: Vec<PackRef>,
    /// The digest of all loaded packs.
    pub digest: PackDigest,
}

/// What one rule says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which rule.
    pub rule: RuleId,
    /// What it does.
    pub effect: Effect,
    /// How sure its source is.
    pub confidence: Confidence,
    /// What kind of norm it is.
    pub status: RuleStatus,
    /// Where it stands.
    pub citation: SharedText,
    /// Why, to be rendered in a language.
    pub sentence: Sentence,
    /// When it stops to apply if nothing else changes; `None` where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Micros>,
    /// Who can lift it; empty or `nobody` means nobody.
    pub lifted_by: Vec<Lift>,
}

/// What the rules say of a day, for planning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayVerdict {
    /// The spans in which a visit must start and end; sorted, disjoint, each at least the service time long. Empty
    /// where the verdict forbids.
    pub intervals: Vec<(Micros, Micros)>,
    /// The verdict over the day. Number of staff and certificates are not judged: they stand in `min_staff` and
    /// `required`.
    pub verdict: Verdict,
}
