//! What waits for a person of the office: approvals, wishes, complaints, quality checks, notices, as one list. Pure.

use doorstep_domain::complaint::{ComplaintOutcome, ComplaintState};
use doorstep_domain::measure::Micros;
use doorstep_domain::notice::NoticeState;
use doorstep_domain::quality::{AppealDecision, CheckState, ItemFound};
use doorstep_wire::agreement::AgreementItem;
use doorstep_wire::case::CaseDetail;
use doorstep_wire::complaint::{ComplaintDetail, ComplaintItem};
use doorstep_wire::notice::{NoticeDetail, NoticeItem};
use doorstep_wire::org::ApprovalItem;
use doorstep_wire::payment::PaymentItem;
use doorstep_wire::quality::{ItemScored, QualityDetail, QualityItem};
use doorstep_wire::right::{ConsentItem, RestrictionItem};
use doorstep_wire::wish::WishItem;
use doorstep_wire::work::NextDetail;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::list::ListState;

/// After this time what waits is counted again, also while another screen is shown: counting it opens case numbers.
const FRESH: Micros = Micros::from_seconds(600);

/// A kind of thing that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A second person is asked.
    Approval,
    /// Something said on the page of a notice.
    Wish,
    /// A complaint.
    Complaint,
    /// A quality check, or an appeal against one.
    Check,
    /// A notice that did not leave, or came back.
    Notice,
}

impl Kind {
    /// All kinds, in the order in which the filter goes through them.
    pub(crate) const ALL: [Self; 5] = [Self::Approval, Self::Wish, Self::Complaint, Self::Check, Self::Notice];
}

/// Something that waits.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Thing {
    /// An approval; whether whoever sees it has asked for it.
    Approval(ApprovalItem, bool),
    /// A wish, and the day that its notice announces.
    Wish(WishItem, Option<String>),
    /// A complaint.
    Complaint(ComplaintItem),
    /// A check.
    Check(QualityItem),
    /// A notice.
    Notice(NoticeItem),
}

impl Thing {
    /// Its kind.
    pub(crate) const fn kind(&self) -> Kind {
        match self {
            Self::Approval(..) => Kind::Approval,
            Self::Wish(..) => Kind::Wish,
            Self::Complaint(_) => Kind::Complaint,
            Self::Check(_) => Kind::Check,
            Self::Notice(_) => Kind::Notice,
        }
    }

    /// Its id.
    pub(crate) const fn id(&self) -> Uuid {
        match self {
            Self::Approval(one, _) => one.id,
            Self::Wish(one, _) => one.id,
            Self::Complaint(one) => one.id,
            Self::Check(one) => one.id,
            Self::Notice(one) => one.id,
        }
    }

    /// The case that it is about.
    pub(crate) const fn case(&self) -> Option<Uuid> {
        match self {
            Self::Approval(one, _) => one.case,
            Self::Wish(one, _) => Some(one.case),
            Self::Complaint(one) => Some(one.case),
            Self::Check(one) => Some(one.case),
            Self::Notice(one) => Some(one.case),
        }
    }

    /// When it began to wait.
    pub(crate) fn since(&self) -> i64 {
        match self {
            Self::Approval(one, _) => one.asked_at,
            Self::Wish(one, _) => one.made_at,
            Self::Complaint(one) => one.received_at,
            Self::Check(one) => one.drawn_at,
            Self::Notice(one) => one.returned_at.unwrap_or(one.queued_at),
        }
    }

    /// By when it is due; nothing where nothing says so.
    pub(crate) fn due(&self, zone: &TimeZone) -> Option<i64> {
        match self {
            Self::Approval(one, _) => Some(one.expires),
            Self::Wish(_, day) => morning(day.as_deref()?, zone),
            Self::Complaint(one) => match one.state.parse() {
                Ok(ComplaintState::Received) => Some(one.acknowledge_by),
                _ => Some(one.answer_by),
            },
            Self::Check(_) => None,
            Self::Notice(one) => morning(&one.day, zone),
        }
    }

    /// Whether somebody else has to do it: what one has asked for oneself.
    pub(crate) const fn is_others(&self) -> bool {
        matches!(self, Self::Approval(_, true))
    }
}

/// When a day begins.
fn morning(day: &str, zone: &TimeZone) -> Option<i64> {
    let day: jiff::civil::Date = day.parse().ok()?;
    let begins = day.to_zoned(zone.clone()).ok()?;
    Some(begins.timestamp().as_microsecond())
}

/// What was fetched.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Fetched {
    /// Approvals that nobody answered, each with whether the caller asked for it.
    pub(crate) approvals: Vec<(ApprovalItem, bool)>,
    /// Wishes to answer.
    pub(crate) wishes: Vec<WishItem>,
    /// Complaints that are open.
    pub(crate) complaints: Vec<ComplaintItem>,
    /// Checks to score and appeals to decide.
    pub(crate) checks: Vec<QualityItem>,
    /// Notices of days ahead.
    pub(crate) notices: Vec<NoticeItem>,
}

impl Fetched {
    /// Everything that waits. Of the notices, those that hinder a visit ahead: what waits in the house, and what came back.
    pub(crate) fn things(self, today: &str) -> Vec<Thing> {
        let days: Vec<(Uuid, String)> = self.notices.iter().map(|one| (one.visit, one.day.clone())).collect();
        let day_of = |visit: Uuid| days.iter().find(|(one, _)| *one == visit).map(|(_, day)| day.clone());
        let hinders = |one: &NoticeItem| {
            let state = one.state.parse();
            matches!(state, Ok(NoticeState::Queued | NoticeState::Returned)) && one.day.as_str() >= today
        };
        let mut things: Vec<Thing> = Vec::new();
        things.extend(self.approvals.into_iter().map(|(one, own)| Thing::Approval(one, own)));
        things.extend(self.wishes.into_iter().map(|one| {
            let day = day_of(one.visit);
            Thing::Wish(one, day)
        }));
        things.extend(self.complaints.into_iter().map(Thing::Complaint));
        things.extend(self.checks.into_iter().map(Thing::Check));
        things.extend(self.notices.into_iter().filter(hinders).map(Thing::Notice));
        things
    }
}

/// Something in full.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Opened {
    /// An approval, with the case and what stands on it where it is about one.
    Approval(Box<ApprovalItem>, Option<Box<Standing>>),
    /// A wish with its words, and the case.
    Wish(Box<WishItem>, Box<CaseDetail>),
    /// A complaint.
    Complaint(Box<ComplaintDetail>),
    /// A check.
    Check(Box<QualityDetail>),
    /// A notice.
    Notice(Box<NoticeDetail>),
}

impl Opened {
    /// Its id.
    pub(crate) fn id(&self) -> Uuid {
        match self {
            Self::Approval(one, _) => one.id,
            Self::Wish(one, _) => one.id,
            Self::Complaint(one) => one.item.id,
            Self::Check(one) => one.item.id,
            Self::Notice(one) => one.item.id,
        }
    }
}

/// A case with what narrows and widens contacts with the person.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Standing {
    /// The case.
    pub(crate) case: CaseDetail,
    /// Restrictions, also those that were lifted.
    pub(crate) restrictions: Vec<RestrictionItem>,
    /// Consents, also those that have ended.
    pub(crate) consents: Vec<ConsentItem>,
    /// Notices of its visits, newest first.
    pub(crate) notices: Vec<NoticeItem>,
    /// What comes next with it, by the strategy of its portfolio; nothing where the role does not see it.
    pub(crate) next: Option<NextDetail>,
    /// What was agreed about paying, newest first.
    pub(crate) agreements: Vec<AgreementItem>,
    /// What was paid, oldest first.
    pub(crate) payments: Vec<PaymentItem>,
}

/// By what the list can be sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum DeskSort {
    /// What is due first.
    #[default]
    Due,
    /// What has waited longest.
    Since,
    /// By kind, then by what is due.
    Kind,
}

impl DeskSort {
    /// The next one.
    pub(crate) const fn next(self) -> Self {
        match self {
            Self::Due => Self::Since,
            Self::Since => Self::Kind,
            Self::Kind => Self::Due,
        }
    }
}

/// What is done about a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Agrees to what somebody asked, or does not.
    Approve(bool),
    /// Agrees to a wish, or does not.
    Accept(bool),
    /// Takes a complaint up.
    Take,
    /// Answers a complaint.
    Answer(ComplaintOutcome),
    /// Scores a check.
    Score,
    /// Decides an appeal.
    Decide(AppealDecision),
}

/// The sheet of a check while it is scored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScoreForm {
    /// The check.
    pub(crate) check: Uuid,
    /// Whose part in which visit.
    pub(crate) title: String,
    /// Its lines.
    pub(crate) lines: Vec<ScoreLine>,
    /// The chosen one.
    pub(crate) list: ListState,
    /// What is wrong with it.
    pub(crate) trouble: Option<String>,
}

/// A line of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScoreLine {
    /// The item's id.
    pub(crate) id: String,
    /// What it says.
    pub(crate) text: String,
    /// What was found.
    pub(crate) found: Option<ItemFound>,
    /// A remark.
    pub(crate) remark: String,
}

impl ScoreForm {
    /// An empty sheet.
    pub(crate) fn of(detail: &QualityDetail) -> Self {
        let lines = detail.sheet.iter().map(|item| ScoreLine {
            id: item.id.clone(),
            text: item.text.clone(),
            found: None,
            remark: String::new(),
        });
        Self {
            check: detail.item.id,
            title: format!("{} {}", detail.item.staff, detail.item.week),
            lines: lines.collect(),
            list: ListState::default(),
            trouble: None,
        }
    }

    /// The findings as they are sent; nothing while one is missing.
    pub(crate) fn items(&self) -> Option<Vec<ItemScored>> {
        let scored = |line: &ScoreLine| {
            Some(ItemScored {
                id: line.id.clone(),
                found: line.found?.code().to_owned(),
                remark: Some(line.remark.clone()).filter(|remark| !remark.is_empty()),
            })
        };
        self.lines.iter().map(scored).collect()
    }
}

/// The list as it is shown.
#[derive(Debug, Clone, Default)]
pub(crate) struct Desk {
    /// What waits; nothing before it was fetched.
    pub(crate) things: Option<Vec<Thing>>,
    /// When it was fetched.
    pub(crate) fetched_at: Micros,
    /// The chosen one, of those that are shown.
    pub(crate) list: ListState,
    /// Only this kind.
    pub(crate) only: Option<Kind>,
    /// What is searched.
    pub(crate) search: String,
    /// In what order.
    pub(crate) sort: DeskSort,
    /// What is open in full.
    pub(crate) opened: Option<Uuid>,
    /// What it is as it was read: what an answer is given to.
    pub(crate) detail: Option<Opened>,
    /// Whether its sheet is wanted as soon as it was read.
    pub(crate) wants_sheet: bool,
    /// Words of an answer that waits to be confirmed.
    pub(crate) words: String,
    /// The sheet that waits to be confirmed.
    pub(crate) scored: Option<ScoreForm>,
}

impl Desk {
    /// How many wait for whoever looks.
    pub(crate) fn count(&self) -> usize {
        let things = self.things.as_deref().unwrap_or_default();
        things.iter().filter(|thing| !thing.is_others()).count()
    }

    /// Whether it should be counted again.
    pub(crate) fn is_old(&self, now: Micros) -> bool {
        self.things.is_none() || now - self.fetched_at >= FRESH
    }

    /// What the filters leave, in order, by place. `said` is what a row of the screen says.
    pub(crate) fn shown(&self, zone: &TimeZone, said: impl Fn(&Thing) -> String) -> Vec<usize> {
        let things = self.things.as_deref().unwrap_or_default();
        let wanted = self.search.to_lowercase();
        let fits = |thing: &Thing| {
            self.only.is_none_or(|only| thing.kind() == only)
                && (wanted.is_empty() || said(thing).to_lowercase().contains(&wanted))
        };
        let mut places: Vec<usize> = (0..things.len()).filter(|place| fits(&things[*place])).collect();
        places.sort_by_key(|place| {
            let thing = &things[*place];
            let due = thing.due(zone);
            let (undated, due) = (due.is_none(), due.unwrap_or_default());
            let since = thing.since();
            match self.sort {
                DeskSort::Due => (thing.is_others(), 0, undated, due, since),
                DeskSort::Since => (thing.is_others(), 0, false, since, due),
                DeskSort::Kind => (thing.is_others(), thing.kind() as u8, undated, due, since),
            }
        });
        places
    }

    /// A thing by its id.
    pub(crate) fn thing(&self, id: Uuid) -> Option<&Thing> {
        self.things.as_deref()?.iter().find(|thing| thing.id() == id)
    }
}

/// What whoever looks may do about a thing: with the first key, and with the second.
pub(crate) fn steps(role: &str, thing: &Thing) -> (Option<Step>, Option<Step>) {
    let decides = role == "supervisor";
    match thing {
        Thing::Approval(_, true) => (None, None),
        Thing::Approval(..) => (Some(Step::Approve(true)), Some(Step::Approve(false))),
        Thing::Wish(..) if decides => (Some(Step::Accept(true)), Some(Step::Accept(false))),
        Thing::Complaint(one) if decides => match one.state.parse() {
            Ok(ComplaintState::Received) => (Some(Step::Take), None),
            _ => (Some(Step::Answer(ComplaintOutcome::Upheld)), None),
        },
        Thing::Check(one) => match one.state.parse() {
            Ok(CheckState::Appealed) => (Some(Step::Decide(AppealDecision::Stands)), None),
            _ => (Some(Step::Score), None),
        },
        // Letters leave with `notice dispatch`, which prints them: nothing is said to have left that did not.
        Thing::Wish(..) | Thing::Complaint(_) | Thing::Notice(_) => (None, None),
    }
}
