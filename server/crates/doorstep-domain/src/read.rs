//! Reads of personal data: why, what of it, over which way, and what became of a read outside the reader's caseload.
//! Knows no storage.

use crate::codes;

codes!(
    /// Why personal data is read.
    Purpose, "purpose" {
        /// A case was opened or listed.
        Case = "case",
        /// A plan is made: addresses and stated times in bulk.
        Planning = "planning",
        /// A crew carries out its route.
        Visit = "visit",
        /// A file is imported and compared with what is there.
        Import = "import",
        /// Cases leave as a file.
        Export = "export",
        /// An auditor opens payloads to check them against the log.
        Audit = "audit",
        /// A whole scope is opened to search its names and addresses; what is shown of it has entries of its own.
        Search = "search",
        /// A supervisor watches the day: crews, their stops, and where they were last heard of.
        Live = "live",
        /// Somebody may need help: where they were last heard of, and what was noted about it.
        Safety = "safety",
        /// A supervisor looks at a visit with remarks.
        Review = "review",
        /// Somebody handles a complaint.
        Complaint = "complaint",
        /// Somebody outside the line checks the quality of a visit, or whoever made it sees what was found.
        Quality = "quality",
        /// Somebody who holds a receipt asked for what it says.
        Receipt = "receipt",
        /// A staff file: names of colleagues.
        Staff = "staff",
        /// A notice of a visit is handed over, looked at or printed again.
        Notice = "notice",
    }
);

codes!(
    /// Why somebody opens a person outside their caseload.
    OutsidePurpose, "purpose of opening a person outside the caseload" {
        /// The person complained, or somebody did for them.
        Complaint = "complaint",
        /// The person asked for help: hardship, illness, a payment they cannot make.
        Hardship = "hardship",
        /// The person asked what is kept about them, or to have it corrected or erased.
        DataRequest = "data-request",
        /// A colleague whose case it is cannot be reached.
        Cover = "cover",
        /// Somebody may be in danger.
        Safety = "safety",
        /// An authority or a court asked.
        Authority = "authority",
        /// The work on the case is checked.
        Inspection = "inspection",
    }
);

codes!(
    /// What of somebody's data was opened.
    FieldClass, "class of fields" {
        /// Name, phone, address, numbers: what names and places a person.
        Identity = "identity",
        /// The whole record of one case, opened by itself: the phone in full, every version of each field, all contacts.
        Whole = "whole",
        /// What was said and noted.
        Words = "words",
        /// Where somebody was last heard of.
        Whereabouts = "whereabouts",
        /// The record of a staff member: name and home.
        Staff = "staff",
        /// Rows of an imported file.
        File = "file",
        /// A sound or video recording of a visit.
        Recording = "recording",
    }
);

codes!(
    /// Over which way the data went.
    ReadChannel, "way of a read" {
        /// To a signed-in program of the office.
        Office = "office",
        /// To an enrolled device, which keeps it for the lease.
        Sync = "sync",
        /// On a device, from what it keeps: told with the next push.
        Device = "device",
        /// To whoever holds a receipt, without an account.
        Receipt = "receipt",
        /// Nobody asked: the program itself.
        Program = "program",
    }
);

impl ReadChannel {
    /// Whether the server opened it while somebody asked. What a device shows it shows from its own store, with or without
    /// a network.
    #[must_use]
    pub const fn is_online(self) -> bool {
        !matches!(self, Self::Device)
    }
}

codes!(
    /// What somebody else says about a read outside the caseload.
    ReadFinding, "finding about a read" {
        /// There was a reason, and it fits.
        Right = "right",
        /// The reader must be talked to.
        Talk = "talk",
    }
);

codes!(
    /// Why a read looked right, or needs a talk.
    ReadReason, "reason of a finding about a read" {
        /// The duty that was named is the reader's.
        DutyKnown = "duty-known",
        /// A letter, a call or an order shows it.
        RequestSeen = "request-seen",
        /// The colleague whose case it is knew of it.
        ColleagueKnew = "colleague-knew",
        /// Nothing shows what was named.
        NothingShows = "nothing-shows",
        /// More was opened than that needed.
        TooMuch = "too-much",
        /// The reader knows the person.
        KnowsPerson = "knows-person",
    }
);

impl ReadReason {
    /// The finding that it is a reason for.
    #[must_use]
    pub const fn finding(self) -> ReadFinding {
        match self {
            Self::DutyKnown | Self::RequestSeen | Self::ColleagueKnew => ReadFinding::Right,
            Self::NothingShows | Self::TooMuch | Self::KnowsPerson => ReadFinding::Talk,
        }
    }
}
