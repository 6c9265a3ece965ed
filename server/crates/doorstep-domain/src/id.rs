//! One registry of typed ids. Ids are random or time-ordered UUIDs made outside this crate.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )* };
}

ids! {
    /// An organisation; every row belongs to one.
    TenantId,
    /// A party that visits for a creditor.
    AgencyId,
    /// A creditor's product or programme.
    PortfolioId,
    /// The matter that calls for visits.
    CaseId,
    /// Someone a case concerns.
    PersonId,
    /// A place a person may be visited.
    AddressId,
    /// Someone who logs in: field staff, supervisor, auditor or administrator.
    StaffId,
    /// The one or two staff who travel together in a shift.
    CrewId,
    /// Who works which shift.
    RosterId,
    /// The staff and territory of one supervisor.
    TeamId,
    /// An area and the team it belongs to.
    TerritoryId,
    /// One call at one address by one crew, planned or made.
    VisitId,
    /// An immutable, versioned result for a team and a span of days.
    PlanId,
    /// The ordered stops of one crew in one shift.
    RouteId,
    /// Any attempt on any channel that counters count.
    ContactId,
    /// An immutable fact signed by a device or made by the server.
    EventId,
    /// An immutable capture from a visit.
    EvidenceId,
    /// One run of an import.
    ImportId,
    /// A body recorder.
    RecorderId,
    /// A recording of a visit by a body recorder.
    RecordingId,
    /// Money that came in, or went back.
    PaymentId,
    /// A field device.
    DeviceId,
    /// A signed-in session.
    SessionId,
    /// A question that a second person must answer.
    ApprovalId,
    /// Two facts that contradict each other, kept until someone settles them.
    ConflictId,
    /// A matter of its own that a visited person raised.
    ComplaintId,
    /// A promise, repayment plan, waiver, settlement or reward.
    AgreementId,
    /// A visit of a member of staff that is scored on a sheet.
    CheckId,
    /// A piece of background work.
    JobId,
    /// A random name that stands for a person, a case or a visit in the log; without the alias table it means nothing.
    Alias,
}
