//! Keeping and letting go: what goes when and why, legal holds, purges.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::org::ApprovalItem;

/// Which persons.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct RetentionQuery {
    /// Only those in this state: `over` (goes), `margin`, `minimum`, `held`, `visit`, `device`, `no-end` or `running`; all
    /// but `running` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Only those that may be kept no longer than until this day, ISO date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// `goes` (what goes first, first) or `ended` (what ended last, first); `goes` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// At most so many, up to 500.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A person all of whose data goes together, and what keeps them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RetentionItem {
    /// The person.
    pub person: Uuid,
    /// What stands for the person in the log.
    pub alias: Uuid,
    /// Why the person is kept, or `over`: goes with the next purge.
    pub state: String,
    /// The last day on which a rule asks that something of them is kept, ISO date; absent where no rule does, or where no
    /// end can be seen yet.
    pub keep_until: Option<String>,
    /// The rule that asks the longest.
    pub keep_rule: Option<String>,
    /// The last day on which they may be kept, ISO date; absent where no rule sets an end yet.
    pub may_until: Option<String>,
    /// The rule that sets it.
    pub may_rule: Option<String>,
    /// A rule with an earlier end that gave way, because another asks that it is kept.
    pub overruled: Option<String>,
    /// Their cases.
    pub cases: Vec<RetentionCase>,
}

/// A case of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RetentionCase {
    /// The case.
    pub case: Uuid,
    /// What stands for the case in the log.
    pub alias: Uuid,
    /// The lender's number, for those who may see cases.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub case_no: Option<String>,
    /// Where it stands.
    pub status: String,
    /// Why it is kept, or `over`.
    pub state: String,
    /// The day on which it ended, ISO date.
    pub ended: Option<String>,
}

/// A legal hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HoldItem {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case: Uuid,
    /// `litigation`, `authority`, `person-asked` or `misconduct`.
    pub reason: String,
    /// Whether it stands.
    pub stands: bool,
    /// Who placed it.
    pub by: Uuid,
    /// When.
    pub at: i64,
    /// When it ends by itself.
    pub ends: Option<i64>,
    /// Who lifted it.
    pub released_by: Option<Uuid>,
    /// When.
    pub released_at: Option<i64>,
    /// `over`, `ordered` or `mistake`.
    pub released_why: Option<String>,
}

/// Places a legal hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlaceHold {
    /// `litigation`, `authority`, `person-asked` or `misconduct`.
    pub reason: String,
    /// The last day on which it stands, ISO date at the address; without it somebody must lift it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<String>,
}

/// Lifts a legal hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReleaseHold {
    /// Which one; needed where several stand.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hold: Option<Uuid>,
    /// `over`, `ordered` or `mistake`.
    pub reason: String,
}

/// A purge that a second person is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PurgeAsked {
    /// The approval that is asked for; its subject stands for exactly these persons.
    pub approval: ApprovalItem,
    /// Aliases of the persons in the log.
    pub persons: Vec<Uuid>,
    /// Recordings of others that go.
    #[serde(default)]
    pub recordings: Vec<Uuid>,
    /// How many more would go, and are left for another purge.
    pub left: u64,
}

/// What a purge did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PurgeDone {
    /// Persons whose keys were destroyed.
    pub erased: u64,
    /// Persons who were kept, because something keeps them since the purge was asked for.
    pub kept: u64,
    /// Recordings whose keys were destroyed, while their persons stay.
    #[serde(default)]
    pub recordings: u64,
    /// Recordings that were kept for the same reason.
    #[serde(default)]
    pub recordings_kept: u64,
}

/// A recording, and what keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RetentionRecording {
    /// The recording.
    pub recording: Uuid,
    /// What stands for the person in the log.
    pub person: Uuid,
    /// The case whose rules keep it the longest.
    pub case: Uuid,
    /// The day on which it was made, ISO date.
    pub made: String,
    /// Why it is kept, or `over`: goes with the next purge.
    pub state: String,
    /// The last day on which a rule asks for it, ISO date; absent where no rule does, or where no end can be seen yet.
    pub keep_until: Option<String>,
    /// The rule that asks the longest.
    pub keep_rule: Option<String>,
    /// The last day on which it may be kept, ISO date; absent where no end can be seen yet.
    pub may_until: Option<String>,
    /// The rule that sets it.
    pub may_rule: Option<String>,
}
