//! What the office sees: who is where, plans, cases, visits to review, the log. In the shapes of the interface; lists that
//! may be long are held in part.

use doorstep_domain::complaint::ComplaintOutcome;
use doorstep_domain::notice::NoticeWaiver;
use doorstep_domain::quality::AppealDecision;
use doorstep_domain::read::{OutsidePurpose, ReadReason};
use doorstep_log::verify::{Report, Severity};
use doorstep_wire::alarm::AlarmItem;
use doorstep_wire::case::CaseItem;
use doorstep_wire::live::LiveView;
use doorstep_wire::odds::OddsReport;
use doorstep_wire::plan::look::{LeftOutItem, PlanDiff, PlanPoints};
use doorstep_wire::plan::{PlanDetail, PlanItem};
use doorstep_wire::quality::ItemScored;
use doorstep_wire::read::{ReadItem, ReadReview, ReadReviewItem};
use doorstep_wire::report::{ReportQuery, ReportView};
use doorstep_wire::review::{ReviewDetail, ReviewItem};
use uuid::Uuid;

use super::desk::{Desk, Fetched, Opened, Standing, Thing};
use super::list::ListState;
use super::measures::Measures;
use super::model::{OFFICE_TABS, Place};
use super::rights::RightStep;

/// A question to the server.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum OfficeAsk {
    /// The live view and the alarms.
    Live,
    /// Take an alarm up, or end it with a note.
    Alarm {
        /// The alarm.
        id: Uuid,
        /// Ends it; otherwise it is acknowledged.
        end: Option<String>,
    },
    /// Plans.
    Plans,
    /// A plan with its places and what it leaves out.
    Plan(Uuid),
    /// Make a plan for a day; also of visits for which no notice can leave in time.
    Propose(String, bool),
    /// Stop the planning and keep the best.
    StopPlanning,
    /// Publish a plan of which this version was seen; with why, where its visits are not announced.
    Publish(Uuid, i64, Option<NoticeWaiver>),
    /// What a plan changes.
    Diff(Uuid),
    /// Cases, from a cursor on.
    Cases {
        /// What is searched.
        search: String,
        /// What they are sorted by.
        sort: &'static str,
        /// Where the page before ended.
        cursor: Option<String>,
    },
    /// One case, with why, where it is outside the caseload.
    Case(Wanted, Option<OutsidePurpose>),
    /// Who looked at a case.
    CaseReads(Uuid),
    /// Who looked at the caller.
    OwnReads,
    /// The reads outside a caseload of a week; where none is named, of the newest in which one waits.
    Reads(Option<String>),
    /// What was found about one of them.
    SettleRead(Uuid, ReadReason),
    /// Visits to review.
    Review,
    /// One of them in full.
    ReviewOne(Uuid),
    /// Decide about a visit.
    Decide {
        /// The visit.
        visit: Uuid,
        /// The decision, by code.
        decision: &'static str,
        /// A note.
        note: Option<String>,
    },
    /// Something of the desk.
    Desk(DeskAsk),
    /// Do something about the rights of a person, with these words.
    Right(RightStep, String),
    /// A report.
    Report(ReportQuery),
    /// How good the chances are.
    Odds,
    /// The newest entries of the log.
    Log,
    /// Verify the whole log on this machine.
    Verify,
}

/// A question about the desk.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum DeskAsk {
    /// What waits.
    List,
    /// One of it in full, with why, where it is outside the caseload.
    Open(Box<Thing>, Option<OutsidePurpose>),
    /// Do something about one.
    Act(Uuid, DeskAct),
}

/// What is done about something that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DeskAct {
    /// Agree to what somebody asked, or not.
    Approve(bool),
    /// Agree to a wish, or not.
    Accept(bool),
    /// Take a complaint up.
    Take,
    /// Answer it.
    Answer(ComplaintOutcome, String),
    /// Score a check.
    Score(Vec<ItemScored>),
    /// Decide an appeal.
    Decide(AppealDecision, String),
}

/// An answer about the desk.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum DeskAnswer {
    /// What waits.
    List(Box<Fetched>),
    /// One of it in full.
    Opened(Box<Opened>),
    /// It is done.
    Done,
}

/// A case that somebody wants to open.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Wanted {
    /// By its id.
    Case(Uuid),
    /// By its number.
    Number(String),
    /// What something on the desk is about.
    Thing(Box<Thing>),
}

/// An answer of the server.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum OfficeAnswer {
    /// The live view and the alarms that are not over.
    Live(Box<LiveView>, Vec<AlarmItem>),
    /// An alarm was answered.
    AlarmAnswered,
    /// Plans, newest first.
    Plans(Vec<PlanItem>),
    /// A plan.
    Plan(Box<PlanShown>),
    /// A plan was made.
    Proposed,
    /// The planning was stopped before anything was found.
    NothingPlanned,
    /// A plan was published.
    Published,
    /// What a plan changes.
    Diff(Box<PlanDiff>),
    /// A page of cases.
    Cases {
        /// The cases.
        items: Vec<CaseItem>,
        /// Where the next page begins.
        next: Option<String>,
        /// Whether it follows what is there.
        more: bool,
    },
    /// One case, with what stands on it.
    Case(Box<Standing>),
    /// What was asked about reads.
    Reads(ReadsAnswer),
    /// Visits to review.
    Review(Vec<ReviewItem>),
    /// One of them.
    ReviewOne(Box<ReviewDetail>),
    /// It was decided.
    Decided,
    /// What was asked about the desk.
    Desk(DeskAnswer),
    /// It was done about the rights of a person.
    Right,
    /// A report.
    Report(Box<ReportView>),
    /// How good the chances are.
    Odds(Box<OddsReport>),
    /// The log: its head, and its newest entries.
    Log(Box<LogShown>),
    /// The log was verified.
    Verified(Box<Report>),
}

/// An answer about reads.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ReadsAnswer {
    /// Who looked at a case.
    OfCase(Vec<ReadItem>),
    /// Who looked at the caller.
    Own(Vec<ReadItem>),
    /// Reads of a week outside a caseload.
    Week(Box<ReadReview>),
    /// It is kept what was found about one.
    Settled,
}

/// A plan as its screen shows it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PlanShown {
    /// The plan.
    pub(crate) detail: PlanDetail,
    /// Where its stops are.
    pub(crate) points: PlanPoints,
    /// What it leaves out: the first page.
    pub(crate) left_out: Vec<LeftOutItem>,
}

/// The log as its screen shows it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct LogShown {
    /// How many entries there are.
    pub(crate) size: u64,
    /// How many of them the newest signed checkpoint covers.
    pub(crate) checkpoint_size: u64,
    /// The newest entries: place, time, kind, who, what it concerns.
    pub(crate) entries: Vec<[String; 5]>,
}

/// What verifying found. Its words are made where it is drawn, in the language of then.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Verified {
    /// The report.
    pub(crate) report: Box<Report>,
    /// Whether it is on the screen in full, before the entries.
    pub(crate) open: bool,
    /// How far it is scrolled.
    pub(crate) list: ListState,
}

impl Verified {
    /// A report that has just come: open, and what does not hold before what is only remarkable, each in the order of
    /// checking.
    pub(crate) fn seen(mut report: Box<Report>) -> Self {
        report
            .findings
            .sort_by_key(|finding| finding.severity == Severity::Warning);
        Self {
            report,
            open: true,
            list: ListState::default(),
        }
    }
}

/// What the plan's lower part shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum PlanView {
    /// Routes as bars.
    #[default]
    Routes,
    /// What is left out and why.
    LeftOut,
    /// What it changes.
    Diff,
}

/// Something long that runs: how far, and what it is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Work {
    /// In thousandths.
    pub(crate) permille: u16,
    /// In words.
    pub(crate) text: String,
}

/// Cases as far as they were fetched.
#[derive(Debug, Clone, Default)]
pub(crate) struct CaseList {
    /// The cases.
    pub(crate) items: Vec<CaseItem>,
    /// Where the next page begins.
    pub(crate) next: Option<String>,
    /// What is searched.
    pub(crate) search: String,
    /// What they are sorted by: a place in [`CASE_SORTS`].
    pub(crate) sort: usize,
    /// The chosen one.
    pub(crate) list: ListState,
    /// Whether a page has come.
    pub(crate) known: bool,
}

/// By what cases can be sorted.
pub(crate) const CASE_SORTS: [&str; 4] = ["days", "amount", "updated", "name"];

/// What the office sees.
#[derive(Debug, Clone, Default)]
pub(crate) struct OfficeModel {
    /// `supervisor`, `administrator` or `auditor`.
    pub(crate) role: String,
    /// The day as it goes.
    pub(crate) live: Option<LiveView>,
    /// Alarms that are not over.
    pub(crate) alarms: Vec<AlarmItem>,
    /// The chosen row of the live view: alarms first, then crews.
    pub(crate) crews: ListState,
    /// Whether crews in trouble stand first; by name otherwise.
    pub(crate) by_name: bool,
    /// Plans.
    pub(crate) plans: Option<Vec<PlanItem>>,
    /// The chosen one.
    pub(crate) plan_list: ListState,
    /// The plan that is shown.
    pub(crate) plan: Option<PlanShown>,
    /// What it changes.
    pub(crate) diff: Option<PlanDiff>,
    /// What of it is shown.
    pub(crate) plan_view: PlanView,
    /// Planning, where it runs.
    pub(crate) planning: Option<Work>,
    /// Cases.
    pub(crate) cases: CaseList,
    /// Visits to review.
    pub(crate) review: Option<Vec<ReviewItem>>,
    /// The chosen one.
    pub(crate) review_list: ListState,
    /// The visit and the decision that wait for a note.
    pub(crate) deciding: Option<(Uuid, &'static str)>,
    /// The alarm that waits for a note.
    pub(crate) target: Option<Uuid>,
    /// It in full.
    pub(crate) review_one: Option<ReviewDetail>,
    /// What waits for a person.
    pub(crate) desk: Desk,
    /// What became of cases and visits.
    pub(crate) measures: Measures,
    /// The log.
    pub(crate) log: Option<LogShown>,
    /// The chosen entry.
    pub(crate) log_list: ListState,
    /// The week whose reads are looked at; none on coming to the screen, when the server chooses.
    pub(crate) reads_week: Option<String>,
    /// The reads outside a caseload of that week.
    pub(crate) reads: Option<ReadReview>,
    /// The chosen one.
    pub(crate) reads_list: ListState,
    /// The case that was opened last, with what stands on it.
    pub(crate) open_case: Option<Box<Standing>>,
    /// Words about its rights that wait to be confirmed.
    pub(crate) right_words: String,
    /// The case that was asked for last, until it comes.
    pub(crate) wanted: Option<Wanted>,
    /// Verifying, where it runs.
    pub(crate) verifying: Option<Work>,
    /// What verifying found.
    pub(crate) verified: Option<Verified>,
}

impl OfficeModel {
    /// The screens of the role: auditors see the log, who opened whom, and what waits.
    pub(crate) fn tabs(&self) -> &'static [Place] {
        if self.role == "auditor" {
            &OFFICE_TABS[4..]
        } else {
            &OFFICE_TABS
        }
    }

    /// The list of a screen with its length.
    pub(crate) fn list_mut(&mut self, place: Place) -> Option<(&mut ListState, usize)> {
        Some(match place {
            Place::Live => {
                let crews = self.live.as_ref().map_or(0, |live| live.crews.len());
                (&mut self.crews, self.alarms.len() + crews)
            }
            Place::Plan => {
                let plans = self.plans.as_ref().map_or(0, Vec::len);
                (&mut self.plan_list, plans)
            }
            Place::Cases => (&mut self.cases.list, self.cases.items.len()),
            Place::Review => {
                let visits = self.review.as_ref().map_or(0, Vec::len);
                (&mut self.review_list, visits)
            }
            Place::Log => {
                let entries = self.log.as_ref().map_or(0, |log| log.entries.len());
                (&mut self.log_list, entries)
            }
            Place::Reads => {
                let reads = self.reads.as_ref().map_or(0, |week| week.items.len());
                (&mut self.reads_list, reads)
            }
            _ => return None,
        })
    }

    /// The chosen alarm.
    pub(crate) fn alarm(&self) -> Option<&AlarmItem> {
        self.alarms.get(self.crews.chosen)
    }

    /// Crews in the order of the screen, by their place in the view: those in trouble first.
    pub(crate) fn crew_order(&self) -> Vec<usize> {
        let Some(live) = &self.live else { return Vec::new() };
        let mut order: Vec<usize> = (0..live.crews.len()).collect();
        if !self.by_name {
            order.sort_by_key(|place| trouble_of(&live.crews[*place].state));
        }
        order
    }

    /// The chosen plan.
    pub(crate) fn plan_item(&self) -> Option<&PlanItem> {
        self.plans.as_ref()?.get(self.plan_list.chosen)
    }

    /// The chosen case.
    pub(crate) fn case_item(&self) -> Option<&CaseItem> {
        self.cases.items.get(self.cases.list.chosen)
    }

    /// The chosen read.
    pub(crate) fn read_item(&self) -> Option<&ReadReviewItem> {
        self.reads.as_ref()?.items.get(self.reads_list.chosen)
    }

    /// A read of the week by its id.
    pub(crate) fn read_by(&self, id: Uuid) -> Option<&ReadReviewItem> {
        self.reads.as_ref()?.items.iter().find(|item| item.read.id == id)
    }

    /// What verifying found, where it is on the screen in full.
    pub(crate) fn report_mut(&mut self) -> Option<&mut Verified> {
        self.verified.as_mut().filter(|verified| verified.open)
    }

    /// The chosen visit of the queue.
    pub(crate) fn review_item(&self) -> Option<&ReviewItem> {
        self.review.as_ref()?.get(self.review_list.chosen)
    }
}

/// How urgent a crew's state is; the most urgent is the least.
fn trouble_of(state: &str) -> u8 {
    match state {
        "sos" => 0,
        "overdue" => 1,
        "silent" => 2,
        "on-site" => 3,
        "travelling" => 4,
        "not-started" => 5,
        _ => 6,
    }
}
