//! Entries: what a change or a read writes into a log. A transaction commits only with at least one.

use std::collections::BTreeMap;

use doorstep_domain::codes;
use doorstep_domain::id::{Alias, EventId, SessionId, TenantId};
use doorstep_log::hash::Hash;
use doorstep_log::leaf::Algorithm;

codes!(
    /// The logs: two of each tenant, and one of the operator.
    LogName, "name of a log" {
        /// Every change.
        Events = "events",
        /// Every read of personal data.
        Access = "access",
        /// The checkpoints of all tenants' logs; it belongs to [`OPERATOR`].
        Meta = "meta",
    }
);

/// Whose the meta log is: no tenant's.
pub const OPERATOR: TenantId = TenantId(uuid::Uuid::nil());

impl LogName {
    /// The two logs of a tenant.
    pub const OF_TENANT: &'static [Self] = &[Self::Events, Self::Access];
}

codes!(
    /// What an entry of the server says. Entries of devices are signed by them and keep their own kind.
    EntryKind, "kind of entry" {
        /// A tenant was set up.
        TenantCreated = "tenant.created",
        /// A portfolio, agency, team or crew was set up or changed.
        OrgChanged = "org.changed",
        /// A staff member was added or changed.
        StaffChanged = "staff.changed",
        /// A staff member's password was set.
        StaffPassword = "staff.password",
        /// What a staff member holds was noted.
        CredentialNoted = "credential.noted",
        /// What a staff member held was ended, or replaced.
        CredentialEnded = "credential.ended",
        /// An agency was put on the white list or taken off.
        AgencyListed = "agency.listed",
        /// An agency was evaluated.
        AgencyEvaluated = "agency.evaluated",
        /// Cases were taken back from an agency, or somebody asks a second person for it.
        AgencyRecalled = "agency.recalled",
        /// A case came back to the creditor from its agency.
        CaseReturned = "case.returned",
        /// An agency says that it destroyed what it had of recalled cases.
        DestructionConfirmed = "destruction.confirmed",
        /// The creditor took an agency's word for it, or sent it back.
        DestructionAnswered = "destruction.answered",
        /// A one-time code for somebody's device was given out.
        DeviceCode = "device.code",
        /// A device was enrolled; names its public key.
        DeviceEnrolled = "device.enrolled",
        /// A device was revoked.
        DeviceRevoked = "device.revoked",
        /// A device was reported lost; names the last that is known of its chain.
        DeviceLost = "device.lost",
        /// An administrator lets a suspended device go on.
        DeviceResumed = "device.resumed",
        /// A device signed two different headers with one number; it is suspended.
        DeviceFork = "device.fork",
        /// Stands for an event of a device whose signed header is kept sealed, because the log may not show it.
        DeviceWithheld = "device.withheld",
        /// Somebody registered a key of their own on a colleague's device; names the public key.
        PartnerAdded = "partner.added",
        /// Such a key was ended.
        PartnerRemoved = "partner.removed",
        /// A file landed.
        ImportLanded = "import.landed",
        /// An import was taken back.
        ImportTakenBack = "import.taken-back",
        /// A case was made from an imported row.
        CaseImported = "case.imported",
        /// A case was changed by an imported row.
        CaseUpdated = "case.updated",
        /// A case was recalled because a complete file no longer listed it.
        CaseRecalled = "case.recalled",
        /// A case was restored or removed by taking an import back.
        CaseTakenBack = "case.taken-back",
        /// A loan was made, or its instalments were stated anew.
        LoanLanded = "loan.landed",
        /// What fell due of loans was booked, without a case that changed by it.
        LoanBooked = "loan.booked",
        /// A case was opened for a loan that comes near its due day or is overdue, or opened again.
        CaseOpened = "case.opened",
        /// A case got another amount, another age or another stage.
        CaseAged = "case.aged",
        /// Nothing is owed in a case any more.
        CaseSettled = "case.settled",
        /// Money that came in or went back counts for a case.
        PaymentCounted = "payment.counted",
        /// Money that came in or went back waits for a person.
        PaymentHeld = "payment.held",
        /// A person decided that held money counts nowhere.
        PaymentRefused = "payment.refused",
        /// Daily work was done for a day.
        DailyDone = "daily.done",
        /// A restriction was put on a case.
        CaseRestricted = "case.restricted",
        /// A restriction was taken off.
        RestrictionLifted = "restriction.lifted",
        /// A person agreed to something, a court ordered it, or the office asked a second person for it.
        ConsentNoted = "consent.noted",
        /// A second person agreed that a rule is lifted in one case.
        RuleOverridden = "rule.overridden",
        /// A consent was withdrawn.
        ConsentWithdrawn = "consent.withdrawn",
        /// A planned visit was withdrawn, because a rule forbids it now.
        VisitWithdrawn = "visit.withdrawn",
        /// Something was said on the page of a notice.
        WishMade = "wish.made",
        /// The office answered it.
        WishAnswered = "wish.answered",
        /// A plan was made and checked.
        PlanProposed = "plan.proposed",
        /// A plan became binding.
        PlanPublished = "plan.published",
        /// A visit stands in a published plan.
        VisitPlanned = "visit.planned",
        /// A notice of a visit waits to be handed over.
        NoticeQueued = "notice.queued",
        /// A notice left the house.
        NoticeHandedOver = "notice.handed_over",
        /// A notice reached the person.
        NoticeDelivered = "notice.delivered",
        /// A notice came back.
        NoticeReturned = "notice.returned",
        /// A notice was withdrawn before it left.
        NoticeWithdrawn = "notice.withdrawn",
        /// A permit was given to a device.
        PermitGiven = "permit.given",
        /// The office corrected a contact field of a person.
        ContactChanged = "contact.changed",
        /// A call, message or letter was made or tried.
        ContactRecorded = "contact.recorded",
        /// Two stories contradict each other.
        ConflictFound = "conflict.found",
        /// A person settled a conflict.
        ConflictSettled = "conflict.settled",
        /// A check-out is overdue.
        VisitOverdue = "visit.overdue",
        /// Somebody called for help, or an extended alarm opened again.
        AlarmRaised = "alarm.raised",
        /// Somebody looks after an alarm.
        AlarmAcknowledged = "alarm.acknowledged",
        /// An overdue check-out may be quiet for some more minutes.
        AlarmExtended = "alarm.extended",
        /// An alarm is over.
        AlarmEnded = "alarm.ended",
        /// A body recorder was added or ended, or given to somebody.
        RecorderChanged = "recorder.changed",
        /// A recording of a visit came whole and is kept.
        RecordingAdded = "recording.added",
        /// A recording that a visit owes did not come in time.
        RecordingMissing = "recording.missing",
        /// Somebody who was not there said why there is no recording.
        RecordingExcused = "recording.excused",
        /// A recording's key was destroyed, because its time for keeping is over.
        RecordingErased = "recording.erased",
        /// A supervisor decided about a visit with remarks.
        ReviewDecided = "review.decided",
        /// Somebody proposes what a second person must agree to.
        AgreementProposed = "agreement.proposed",
        /// Something was agreed about paying; commits to its terms.
        AgreementMade = "agreement.made",
        /// A second person refused it.
        AgreementRefused = "agreement.refused",
        /// Payments and days say that it stands otherwise.
        AgreementJudged = "agreement.judged",
        /// It ended without blame.
        AgreementEnded = "agreement.ended",
        /// Some of what is owed was given up by an agreement, or that was taken back.
        AmountWaived = "amount.waived",
        /// A person spoke about their month.
        MeansNoted = "means.noted",
        /// A complaint came in.
        ComplaintOpened = "complaint.opened",
        /// Somebody took a complaint up.
        ComplaintTaken = "complaint.taken",
        /// A complaint was answered or withdrawn.
        ComplaintAnswered = "complaint.answered",
        /// The last open complaint of a person was answered: it restricts their case no more.
        CaseFreed = "case.freed",
        /// Visits were drawn for quality checks.
        QualityDrawn = "quality.drawn",
        /// A visit was scored.
        QualityScored = "quality.scored",
        /// Whoever made a visit appealed against what was found.
        QualityAppealed = "quality.appealed",
        /// An appeal was decided.
        QualityDecided = "quality.decided",
        /// A member of staff answered what is remarked about them.
        FlagAnswered = "flag.answered",
        /// Somebody looked at rates by staff, crew, portfolio or rule.
        QualityRates = "quality.rates",
        /// An approval was asked for.
        ApprovalAsked = "approval.asked",
        /// An approval was answered.
        ApprovalAnswered = "approval.answered",
        /// A subject's key was destroyed.
        SubjectErased = "subject.erased",
        /// A legal hold was placed on a case.
        HoldPlaced = "hold.placed",
        /// A legal hold was lifted.
        HoldReleased = "hold.released",
        /// Persons whose time for keeping is over are erased; each leaves an entry of its own.
        RetentionPurge = "retention.purge",
        /// Rule packs became active.
        RulesActivated = "rules.activated",
        /// Somebody said what they found about a read outside a caseload.
        ReadReviewed = "read.reviewed",
        /// A witness says that a log does not extend what it cosigned.
        WitnessRefused = "witness.refused",
        /// Personal data was read.
        Access = "access",
        /// Data left the system as a file.
        Export = "export",
        /// A command opened the data folder.
        FolderOpened = "folder.opened",
        /// The data was restored from a backup.
        Restored = "restored",
        /// The first leaf of a log that goes on after one that lost entries.
        LogContinued = "log.continued",
        /// A checkpoint of a tenant's log was published; in the meta log.
        LogCheckpoint = "log.checkpoint",
    }
);

/// Who caused an entry. Names nobody: staff have random aliases too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct By {
    /// The staff member's alias; `None` for the program itself.
    pub actor: Option<Alias>,
    /// The session in which it happened.
    pub session: Option<SessionId>,
}

impl By {
    /// The program itself: jobs, and commands on the data folder.
    pub const PROGRAM: Self = Self {
        actor: None,
        session: None,
    };
}

/// A detail of an entry: codes and numbers, never personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    /// A code, an id or a hash.
    Text(String),
    /// A count, a time or an amount of work.
    Int(i64),
    /// Several codes or ids.
    List(Vec<String>),
}

impl From<&str> for Detail {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Detail {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<i64> for Detail {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

/// What the server writes about a change or a read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerEntry {
    /// What happened.
    pub kind: EntryKind,
    /// Who caused it.
    pub by: By,
    /// Aliases of the persons (or cases) concerned.
    pub subjects: Vec<Alias>,
    /// Alias of the visit concerned.
    pub visit: Option<Alias>,
    /// The record that holds the payload, where there is one.
    pub event: Option<EventId>,
    /// Commitment to that payload.
    pub commitment: Option<Hash>,
    /// Why, as a code.
    pub reason: Option<String>,
    /// Codes and numbers.
    pub detail: BTreeMap<String, Detail>,
}

/// What a device signed, as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceEntry {
    /// The exact bytes that were signed.
    pub hdr: Vec<u8>,
    /// Which key signed.
    pub kid: String,
    /// With which algorithm.
    pub alg: Algorithm,
    /// The signature.
    pub sig: Vec<u8>,
}

/// One entry of one log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Made by the server.
    Server(ServerEntry),
    /// Signed by a device.
    Device(DeviceEntry),
}

impl Entry {
    /// The log that the entry belongs to.
    #[must_use]
    pub fn log(&self) -> LogName {
        match self {
            Self::Server(entry) if matches!(entry.kind, EntryKind::Access | EntryKind::Export) => LogName::Access,
            _ => LogName::Events,
        }
    }
}

impl ServerEntry {
    /// An entry with nothing but kind and cause.
    #[must_use]
    pub fn new(kind: EntryKind, by: By) -> Self {
        Self {
            kind,
            by,
            subjects: Vec::new(),
            visit: None,
            event: None,
            commitment: None,
            reason: None,
            detail: BTreeMap::new(),
        }
    }
    /// The same, about a person or case.
    #[must_use]
    pub fn about(mut self, subject: Alias) -> Self {
        self.subjects.push(subject);
        self
    }
    /// The same, about a visit.
    #[must_use]
    pub fn visit(mut self, visit: Alias) -> Self {
        self.visit = Some(visit);
        self
    }
    /// The same, with a commitment to a sealed payload.
    #[must_use]
    pub fn payload(mut self, event: EventId, commitment: Hash) -> Self {
        self.event = Some(event);
        self.commitment = Some(commitment);
        self
    }
    /// The same, with a reason code.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }
    /// The same, with a detail.
    #[must_use]
    pub fn with(mut self, name: &str, detail: impl Into<Detail>) -> Self {
        self.detail.insert(name.to_owned(), detail.into());
        self
    }
}

impl From<ServerEntry> for Entry {
    fn from(entry: ServerEntry) -> Self {
        Self::Server(entry)
    }
}

/// At least one entry: what a commit demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entries(Vec<Entry>);

impl Entries {
    /// One entry.
    #[must_use]
    pub fn one(entry: impl Into<Entry>) -> Self {
        Self(vec![entry.into()])
    }
    /// Several entries; `None` where there is none.
    #[must_use]
    pub fn of(entries: Vec<Entry>) -> Option<Self> {
        (!entries.is_empty()).then_some(Self(entries))
    }
    /// One more.
    #[must_use]
    pub fn and(mut self, entry: impl Into<Entry>) -> Self {
        self.0.push(entry.into());
        self
    }
    pub(crate) fn into_vec(self) -> Vec<Entry> {
        self.0
    }
}

codes!(
    /// Writes that are nobody's data and leave no entry: a closed list.
    Housekeeping, "kind of housekeeping" {
        /// Sessions begin, are used and end.
        Sessions = "sessions",
        /// Counters against guessing.
        Throttles = "throttles",
        /// Leases and background work.
        Jobs = "jobs",
        /// The sequencer moves queued leaves into the tree.
        Sequencer = "sequencer",
        /// What witnesses answered.
        Witnesses = "witnesses",
        /// An outside authority's time stamp of a checkpoint came.
        Stamps = "stamps",
        /// Pieces of a recording that has not come whole, and bytes of one whose key is gone.
        Recordings = "recordings",
        /// What can be made again: blind indexes, answers kept for repeats, what devices hold.
        Caches = "caches",
    }
);
