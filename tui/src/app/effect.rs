//! What `update` wants done, as values, and what comes back. Nothing here does anything.

use std::path::PathBuf;

use doorstep_device::{OwnReads, Receipt, Suspect};
use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_domain::measure::Micros;
use doorstep_wire::quality::{QualityDetail, QualityItem};
use doorstep_wire::sync::{Position, PromiseMade};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::day::DayShown;
use super::field::{Conflict, DeviceFacts, Draft, Route, Sheet, Waiting};
use super::office::{OfficeAnswer, OfficeAsk};

/// What an answer is about. Of several questions of one topic only the newest answer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Topic {
    /// Unlocking or signing in.
    Entry,
    /// The device's route and state.
    Route,
    /// One visit.
    Visit,
    /// Who signed for a visit.
    Joined,
    /// An event is recorded: every answer counts.
    Record,
    /// A draft is kept.
    Draft,
    /// The outbox.
    Outbox,
    /// Sending and fetching.
    Sync,
    /// What the end of the day would state.
    Day,
    /// Who looked, as it was fetched last.
    Looked,
    /// Who looked, fetched anew.
    Looking,
    /// What is kept as evidence.
    Kept,
    /// Checks of the own visits.
    Checks,
    /// One of them.
    Check,
    /// The position.
    Position,
    /// A call for help.
    Sos,
    /// Files to choose from.
    Files,
    /// The live view.
    Live,
    /// The list of plans.
    Plans,
    /// One plan.
    Plan,
    /// Planning.
    Planning,
    /// The list of cases.
    Cases,
    /// One case.
    Case,
    /// The review queue.
    Review,
    /// Entries of the log.
    Log,
    /// Reads outside a caseload.
    Reads,
    /// What waits for a person.
    Desk,
    /// A report.
    Measures,
    /// How good the chances are.
    Odds,
    /// Verifying the log.
    Verify,
    /// The demo's own commands.
    Demo,
}

/// Something to do.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effect {
    /// Do it and answer under the number.
    Ask {
        /// The number.
        request: u64,
        /// What it is about.
        topic: Topic,
        /// What to do.
        ask: Ask,
    },
    /// Stop what runs under this topic.
    Cancel(Topic),
    /// Put a text on the clipboard.
    Copy(String),
    /// Ring the bell.
    Bell,
    /// End the program.
    Quit,
}

/// A question to the device, the server or the machine.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ask {
    /// Open the device.
    Unlock(Zeroizing<String>),
    /// Close the device.
    Lock,
    /// Change the PIN.
    ChangePin {
        /// The PIN of now.
        old: Zeroizing<String>,
        /// The new one.
        new: Zeroizing<String>,
    },
    /// Sign in to the server.
    SignIn {
        /// Staff number.
        login: String,
        /// Password.
        password: Zeroizing<String>,
        /// A new password.
        renewed: Option<Zeroizing<String>>,
    },
    /// The route and the state of the device.
    Route,
    /// One visit.
    Visit(Uuid),
    /// Check in.
    CheckIn {
        /// The visit.
        visit: Uuid,
        /// Where.
        position: Option<Position>,
        /// Partners who are there.
        partners: Vec<Uuid>,
        /// A partner who signs here, with what they typed.
        pin: Option<(Uuid, Zeroizing<String>)>,
        /// Whether identity and authority were shown.
        identity_shown: bool,
        /// Record it although it is blocked.
        anyway: bool,
    },
    /// Which partners signed for a visit on devices of their own.
    Joined(Uuid),
    /// Sign that the owner of this device is at a partner's visit, and send it.
    ConfirmVisit(Uuid),
    /// The person's identity is confirmed.
    Identify(Uuid),
    /// Check out.
    CheckOut(Box<CheckOut>),
    /// Ends a visit by the stop code of a notice.
    StopCode {
        /// The visit.
        visit: Uuid,
        /// The code as it was typed.
        code: String,
    },
    /// Ends a visit at once.
    Leave {
        /// The visit.
        visit: Uuid,
        /// Whether somebody is in distress.
        distress: bool,
    },
    /// Leave it out.
    Skip {
        /// The visit.
        visit: Uuid,
        /// Why.
        reason: String,
    },
    /// Correct contact data.
    Correct {
        /// The visit.
        visit: Uuid,
        /// Field code and new value.
        changes: Vec<(String, String)>,
    },
    /// Keep what was entered.
    KeepDraft {
        /// The visit.
        visit: Uuid,
        /// What was entered.
        draft: Box<Draft>,
    },
    /// What waits to be sent.
    Outbox,
    /// Settle a conflict.
    Settle {
        /// The conflict.
        conflict: Uuid,
        /// `left` or `right`.
        take: &'static str,
    },
    /// Send and fetch.
    Sync,
    /// What the end of the day would state.
    DayCounts,
    /// Open the day.
    DayOpen,
    /// Close the day.
    DayClose,
    /// Who looked at whoever carries the device, as it was fetched last.
    OwnReads,
    /// The same, fetched anew.
    FetchOwnReads,
    /// What is kept as evidence against the server.
    Kept,
    /// Checks of the own visits.
    OwnChecks,
    /// One of them in full.
    OwnCheck(Uuid),
    /// Appeal against it with these words.
    Appeal(Uuid, String),
    /// Ask the machine where it is; a demo walks to the door, which is named for it.
    Position([i64; 2]),
    /// Call for help.
    Sos(Option<Position>),
    /// Files that may be evidence, newest first.
    Files,
    /// Whether a file can be evidence.
    CheckFile(PathBuf),
    /// Write the day sheet.
    Sheet,
    /// Give the person of this visit a receipt.
    Receipt(Uuid),
    /// Ask the office's server.
    Office(OfficeAsk),
    /// A command of the demo.
    Demo(DemoAsk),
}

/// What a demo can do besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DemoAsk {
    /// Cut the network.
    Offline,
    /// Mend it.
    Online,
    /// Change a byte of the log.
    Tamper,
}

/// A check-out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CheckOut {
    /// The visit.
    pub(crate) visit: Uuid,
    /// Where.
    pub(crate) position: Option<Position>,
    /// Who was met.
    pub(crate) outcome: ContactOutcome,
    /// What came of the matter.
    pub(crate) matter: Option<MatterOutcome>,
    /// A promise.
    pub(crate) promise: Option<PromiseMade>,
    /// The note.
    pub(crate) note: Option<String>,
    /// What was required and done.
    pub(crate) done: Vec<String>,
    /// Files.
    pub(crate) evidence: Vec<PathBuf>,
    /// Record it although something is missing.
    pub(crate) anyway: bool,
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answered {
    /// The device is open.
    Unlocked,
    /// The session is open; the role.
    SignedIn(String),
    /// The server wants a new password first.
    NewPasswordNeeded,
    /// The route.
    Route(Box<Route>, Box<DeviceFacts>),
    /// A visit.
    Visit(Box<Sheet>),
    /// Something was recorded on this device; the visit that it is about, and a word for it.
    Recorded {
        /// The visit.
        visit: Option<Uuid>,
        /// What was done.
        what: Recorded,
    },
    /// The draft is safe.
    DraftKept,
    /// The outbox.
    Outbox(Vec<Waiting>, Vec<Conflict>),
    /// Sent and fetched: how many events were acknowledged.
    Synced {
        /// Events acknowledged.
        acknowledged: usize,
    },
    /// What the end of the day would state.
    DayCounts(DayShown),
    /// Who looked; nothing where it was never fetched.
    OwnReads(Option<Box<OwnReads>>),
    /// What is kept as evidence, newest first.
    Kept(Vec<Suspect>),
    /// Checks of the own visits.
    Checks(ChecksAnswer),
    /// Where the machine is.
    Position(Option<Position>),
    /// The call for help went out, or is kept.
    Sos {
        /// Whether the server has it.
        sent: bool,
    },
    /// Files.
    Files(Vec<PathBuf>),
    /// A file can be evidence.
    FileFits(PathBuf),
    /// A file was written.
    Written(PathBuf),
    /// The receipt that the person gets.
    Receipt(Box<Receipt>),
    /// An answer of the office's server.
    Office(Box<OfficeAnswer>),
    /// The demo did it; what to say.
    Demo(String),
    /// Which partners signed for a visit on devices of their own.
    Joined {
        /// The visit.
        visit: Uuid,
        /// Who.
        signed: Vec<Uuid>,
    },
    /// Done, nothing to say.
    Done,
}

/// An answer about checks of the own visits.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ChecksAnswer {
    /// The list.
    List(Vec<QualityItem>),
    /// One in full.
    One(Box<QualityDetail>),
    /// The appeal is with the server.
    Appealed,
}

/// What was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recorded {
    /// A check-in.
    CheckIn {
        /// How old the facts are by which it was judged, where no network confirmed them.
        as_of: Option<Micros>,
    },
    /// That the owner of this device is at a partner's visit, and whether the server has it.
    Joined {
        /// Whether it was sent.
        sent: bool,
    },
    /// That the person is who they should be.
    Identity,
    /// A check-out.
    CheckOut,
    /// A stop that was left out.
    Skip,
    /// A correction.
    Correction,
    /// A settled conflict.
    Settled,
    /// The opening of the day.
    DayOpened,
    /// The end of the day.
    DayClosed,
}

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// Stable code.
    pub(crate) code: String,
    /// What happened and what to do, in the language of the screen.
    pub(crate) text: String,
    /// Whether the server was not reached.
    pub(crate) network: bool,
    /// What to list: rules that block, things that are missing.
    pub(crate) details: Vec<String>,
}
