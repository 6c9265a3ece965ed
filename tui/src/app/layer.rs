//! What lies over a screen: one thing at a time gets the keys, Esc takes it away, nothing entered elsewhere is lost.

use std::path::PathBuf;

use doorstep_device::Suspect;
use doorstep_domain::notice::NoticeWaiver;
use doorstep_domain::read::ReadReason;
use uuid::Uuid;

use super::day::{DayShown, DayState};
use super::desk::{ScoreForm, Step};
use super::effect::Trouble;
use super::form::Field;
use super::list::ListState;
use super::office::Wanted;

/// A layer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Layer {
    /// Keys of the screen.
    Help(ListState),
    /// Every command by name.
    Palette {
        /// What is searched.
        field: Field,
        /// The chosen one.
        list: ListState,
    },
    /// A call for help is about to go out; whether the sign was typed into a text.
    Sos {
        /// Whether going back types the sign.
        typed: bool,
    },
    /// Check-in: who is there, what was shown, where.
    CheckIn(CheckInForm),
    /// Is this the person?
    Identify,
    /// Check-out: what is still required.
    CheckOut {
        /// Open items, by code.
        open: Vec<String>,
    },
    /// A line of text for something.
    Text {
        /// What it is for.
        purpose: Purpose,
        /// The text.
        field: Field,
    },
    /// A promise.
    Promise {
        /// Amount, then day.
        fields: [Field; 2],
        /// Which one is typed into.
        at: usize,
        /// What is wrong with it.
        trouble: Option<String>,
    },
    /// Files to choose from.
    Files {
        /// The files; nothing before the answer.
        files: Option<Vec<PathBuf>>,
        /// The chosen one.
        list: ListState,
    },
    /// Colleagues who may need help.
    Colleagues,
    /// The visit that was on the screen is off.
    Off(Off),
    /// Links to navigation programs.
    Navigate(usize),
    /// The receipt that the person gets.
    Receipt(Box<doorstep_device::Receipt>),
    /// Why something is blocked.
    Why(Uuid),
    /// The day is about to be opened or closed, as it stood when this was read.
    Day(DayState, DayShown),
    /// What is kept as evidence against the server.
    Kept(Vec<Suspect>),
    /// Old PIN, new PIN, new PIN again.
    ChangePin {
        /// The fields.
        fields: [Field; 3],
        /// Which one is typed into.
        at: usize,
        /// What is wrong.
        trouble: Option<String>,
    },
    /// A correction: phone, address, language.
    Correct {
        /// The fields.
        fields: [Field; 3],
        /// Which one is typed into.
        at: usize,
    },
    /// Something of the office in full: title and lines.
    Details {
        /// The title.
        title: String,
        /// The lines.
        lines: Vec<String>,
        /// How far it is scrolled.
        list: ListState,
    },
    /// The sheet of a quality check.
    Score(ScoreForm),
    /// One of several is asked for.
    Choose {
        /// What is chosen.
        choice: Choice,
        /// The chosen one.
        list: ListState,
    },
    /// Something that needs a yes.
    Confirm {
        /// The question.
        question: String,
        /// What a yes does.
        intent: Intent,
    },
    /// Something went wrong and needs to be read.
    Trouble(Trouble),
}

/// A visit that was on the screen and is off: nothing that names anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Off {
    /// Its number in the route, before.
    pub(crate) number: usize,
    /// The lender's number.
    pub(crate) case_no: String,
    /// The rule.
    pub(crate) rule: String,
    /// Whether it has begun and must be ended.
    pub(crate) begun: bool,
}

/// What a line of text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Why this visit is left out.
    SkipReason(Uuid),
    /// The stop code of a notice, typed at this door.
    StopCode(Uuid),
    /// The note of the visit.
    Note,
    /// What to look for.
    Find,
    /// The path of a file as evidence.
    EvidencePath,
    /// A note to a decision of a review.
    ReviewNote,
    /// A note that ends an alarm.
    AlarmNote,
    /// The day that is planned; also with visits for which no notice can leave in time.
    PlanDay(bool),
    /// The number of a case that is opened.
    CaseNumber,
    /// Words to what is done about something on the desk.
    Words(Uuid, Step),
    /// A remark to a line of a sheet.
    Remark,
}

/// What is chosen among several.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Choice {
    /// Why this person outside the caseload is opened.
    Purpose(Wanted),
    /// What was found about this read, by its reason.
    Finding(Uuid),
    /// What came of this complaint.
    Complaint(Uuid),
    /// What is said to the appeal against this check.
    Appeal(Uuid),
    /// Why this plan, of which this version was seen, is published without notices.
    Waiver(Uuid, i64),
}

/// What a yes does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Intent {
    /// Ends the program.
    Quit,
    /// Publishes this plan of which this version was seen.
    Publish(Option<(Uuid, i64)>),
    /// Publishes it without announcing its visits, for this reason.
    PublishBare(Uuid, i64, NoticeWaiver),
    /// Settles this conflict.
    Settle(Uuid),
    /// Leaves the door at once.
    Leave,
    /// Keeps what was found about this read, for good.
    SettleRead(Uuid, ReadReason),
    /// Does something about what waits.
    Desk(Uuid, Step),
}

/// A check-in before it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct CheckInForm {
    /// Of each of the crew's others, whether they are there.
    pub(crate) present: Vec<bool>,
    /// Whether identity and authority were shown.
    pub(crate) identity_shown: bool,
    /// Record it although it is forbidden, because it has happened.
    pub(crate) anyway: bool,
    /// The chosen line.
    pub(crate) list: ListState,
}

impl Layer {
    /// Whether characters are text here.
    pub(crate) fn takes_text(&self) -> bool {
        matches!(
            self,
            Self::Palette { .. }
                | Self::Text { .. }
                | Self::Promise { .. }
                | Self::ChangePin { .. }
                | Self::Correct { .. }
        )
    }
}
