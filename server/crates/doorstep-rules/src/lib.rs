//! Rule packs as data, and their evaluation: may this person be visited, there, then, by whom, and which rule says so.
//!
//! Pure: no I/O, no clock, no machine time zone. The same facts and the same pack digest give the same verdict on every
//! machine. Start with [`PackSet`] and [`Facts`], then [`evaluate`] for one attempt and [`intervals`] for a day.
//!
//! ```
//! use doorstep_rules::{Effect, Facts, PackSet, evaluate};
//! let packs = PackSet::builtin();
//! let facts: Facts = serde_json::from_str(
//!     r#"{"subject": {"status": "open", "flags": ["deceased"], "party": "debtor", "portfolio_kind": "card"},
//!         "address": {"country": "CN", "zone": "Asia/Shanghai", "state": "current", "kind": "home"},
//!         "staff": {"count": 2, "certified": 2},
//!         "attempt": {"start": 1795485600000000, "end": 1795487400000000}, "as_of": 1795449600000000}"#,
//! )?;
//! let verdict = evaluate(&packs, &facts);
//! assert_eq!(verdict.effect, Effect::Block);
//! assert_eq!(verdict.findings[0].rule.as_str(), "HOUSE-STOP-DECEASED");
//! # Ok::<(), serde_json::Error>(())
//! ```

mod bars;
mod boundary;
mod change;
mod counter;
mod coverage;
mod credential;
mod dates;
mod difference;
mod embedded;
mod evaluate;
mod facts;
mod hours;
mod load;
mod pack;
mod pressure;
mod retention;
mod scenario;
mod scene;
mod sentence;
mod set;
mod sheet;
mod spans;
mod text;
mod verdict;
mod wording;

pub use boundary::{Boundary, Step};
pub use change::{Change, Changes, Outcome, example_facts};
pub use coverage::{Coverage, CoverageError, Expected, Lack, PURGED_BY, RuleCoverage, Stands};
pub use doorstep_domain::door::{Hearer, Moment, Saying};
pub use doorstep_domain::words::{
    Confidence, ConsentScope, Effect, Forbidden, Lift, Requirement, RuleStatus, Sentence, SentenceKey, Weekday,
};
pub use embedded::SCHEMA;
pub use evaluate::{evaluate, fitness, intervals};
pub use facts::{
    AddressFacts, AgencyFacts, Attempt, Ban, Closing, Consent, Facts, Held, Member, Notice, PastContact, StaffFacts,
    Subject,
};
pub use hours::{ClockTime, DayHours, StatedTime, StatedTimesError, parse_stated_times};
pub use load::{FORMAT, PackError, PackProblem, parse_pack};
pub use pack::{
    AppliesTo, ContentWhen, Counted, HolidayYear, Kind, Pack, Per, RetentionFrom, RetentionOf, Rule, Title, Window,
};
pub use pressure::{Refusal, pressure};
pub use retention::{Retention, RetentionBound, RetentionFacts, retention};
pub use sentence::{DoorSentence, SentenceProblem};
pub use set::{Further, PackSet};
pub use sheet::{Sheet, SheetItem};
pub use text::{PackDigest, PackRef, RuleId, SharedText};
pub use verdict::{DayVerdict, Finding, RULE_HOLIDAYS, RULE_LAW, RULE_REGION, RULE_TIME, RULE_ZONE, Verdict};
pub use wording::{Hit, Wording};

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]
mod tests;
