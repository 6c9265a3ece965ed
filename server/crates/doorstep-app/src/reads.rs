//! Who looked: at a case, at the caller, and outside a caseload. Nothing here opens anything; it tells of what was opened.
//!
//! A caseload is what somebody's work is about: for a supervisor the cases of their team, or all of their side where they
//! have none; for field staff what their crew is sent; for auditors and administrators nothing. Whoever opens a person
//! outside it says why, and somebody else looks at that within the week.

pub(crate) mod week;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use doorstep_domain::code::UnknownCode;
use doorstep_domain::id::{Alias, CaseId, DeviceId, StaffId};
use doorstep_domain::measure::Micros;
use doorstep_domain::read::{OutsidePurpose, ReadChannel, ReadFinding, ReadReason};
use doorstep_store::case::CaseView;
use doorstep_store::entry::{Entries, EntryKind, ServerEntry};
use doorstep_store::grant::Purpose;
use doorstep_store::reads::{Read, ReadReview as Found};
use doorstep_store::staff::Staff;
use doorstep_wire::Page;
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::read::{
    Opening, ReadCase, ReadFound, ReadItem, ReadQuery, ReadReview, ReadReviewItem, ReadReviewQuery, ReadWeek,
    SettleRead,
};
use uuid::Uuid;

use crate::App;
use crate::actor::Actor;
use crate::case::in_scope;
use crate::cursor;
use crate::error::AppError;
use crate::policy::{self, Action};
use week::Week;

/// Entries of one look lie no further apart.
const ONE_LOOK: Micros = Micros::from_seconds(300);
/// Reads on a page where the caller names no number, and the most of them.
const PAGE: u32 = 50;
const PAGE_MAX: u32 = 500;
/// How many cases of a read get their numbers: one that listed a whole scope names no more.
const NAMED_MAX: usize = 20;

fn bad_code(field: &'static str) -> impl Fn(UnknownCode) -> AppError {
    move |error| AppError::at(ProblemCode::BadRequest, field, error.to_string())
}

/// The purpose that a caller names, where they name one.
pub(crate) fn purpose_named(opening: &Opening) -> Result<Option<OutsidePurpose>, AppError> {
    let named = opening.purpose.as_deref().map(str::parse);
    named.transpose().map_err(bad_code("purpose"))
}

/// Why a person is opened, where the case is outside the caller's caseload; refused where nothing is said.
pub(crate) fn purpose_of(
    actor: &Actor,
    view: &CaseView,
    opening: &Opening,
) -> Result<Option<OutsidePurpose>, AppError> {
    let named = purpose_named(opening)?;
    if policy::in_caseload(actor, view) {
        return Ok(None);
    }
    if named.is_some() {
        return Ok(named);
    }
    let codes: Vec<&str> = OutsidePurpose::ALL.iter().map(|purpose| purpose.code()).collect();
    Err(AppError::at(
        ProblemCode::PurposeNeeded,
        "purpose",
        format!(
            "This person is outside your caseload. Say why you open the file with `purpose`, on the command line `--purpose`, one of: {}. \
             Somebody else will look at it.",
            codes.join(", ")
        ),
    ))
}

/// Who the readers are, as far as the caller may know.
struct Readers {
    by_alias: HashMap<Alias, Staff>,
    by_id: HashMap<StaffId, Alias>,
    owners: HashMap<DeviceId, StaffId>,
}

impl Readers {
    fn of(&self, read: &Read) -> Option<&Staff> {
        let owner = || self.by_id.get(self.owners.get(&read.device?)?).copied();
        self.by_alias.get(&read.reader.or_else(owner)?)
    }

    fn login(actor: &Actor, staff: Option<&Staff>) -> Option<String> {
        let near = staff.filter(|staff| policy::reaches(actor, staff.agency));
        near.map(|staff| staff.login.clone())
    }

    fn item(&self, actor: &Actor, read: &Read) -> ReadItem {
        let channel = read.channel.parse::<ReadChannel>();
        ReadItem {
            id: read.id,
            log: read.log.clone(),
            at: read.at.get(),
            happened_at: read.happened_at.get(),
            who: Self::login(actor, self.of(read)),
            device: read.device.map(|device| device.0),
            role: read.role.clone(),
            purpose: read.purpose.clone(),
            outside: Some(read.outside.clone()).filter(|code| !code.is_empty()),
            classes: read
                .classes
                .split(',')
                .filter(|code| !code.is_empty())
                .map(str::to_owned)
                .collect(),
            channel: read.channel.clone(),
            online: channel.is_ok_and(ReadChannel::is_online),
            persons: read.persons,
        }
    }
}

/// The reads of a list with what the caller may know of whom they concern.
struct Listed {
    readers: Readers,
    /// Cases in the caller's scope, by the aliases of persons and cases.
    cases: HashMap<Alias, Vec<CaseId>>,
    views: HashMap<CaseId, CaseView>,
    /// The numbers of those that were opened for it.
    numbers: HashMap<CaseId, String>,
    found: HashMap<Uuid, Found>,
}

impl Listed {
    fn cases(&self, read: &Read) -> BTreeSet<CaseId> {
        let cases = read.about.iter().filter_map(|alias| self.cases.get(alias));
        cases.flatten().copied().collect()
    }

    fn waits(&self, read: &Read) -> bool {
        !self.found.contains_key(&read.id)
    }

    /// Whether a read is the caller's to look at: by somebody of theirs, or at a case of theirs.
    fn is_seen(&self, actor: &Actor, read: &Read) -> bool {
        let team = policy::scope(actor).team;
        let ours = self.readers.of(read).is_some_and(|staff| {
            policy::reaches(actor, staff.agency) && team.is_none_or(|team| staff.team == Some(team))
        });
        ours || !self.cases(read).is_empty()
    }

    fn item(&self, actor: &Actor, read: &Read) -> ReadReviewItem {
        let by = |found: &Found| self.readers.by_alias.get(self.readers.by_id.get(&found.staff)?);
        ReadReviewItem {
            read: self.readers.item(actor, read),
            cases: self
                .cases(read)
                .into_iter()
                .map(|case| ReadCase {
                    id: case.0,
                    case_no: self.numbers.get(&case).cloned(),
                })
                .collect(),
            own: read.reader == Some(actor.alias),
            found: self.found.get(&read.id).map(|found| ReadFound {
                finding: found.finding.code().to_owned(),
                reason: found.reason.code().to_owned(),
                by: Readers::login(actor, by(found)),
                at: found.at.get(),
            }),
        }
    }
}

/// One look at a person is often two entries: found by number, then opened in full. Who reviews sees the wider one.
fn without_narrower(reads: Vec<Read>) -> Vec<Read> {
    let classes = |read: &Read| -> BTreeSet<String> { read.classes.split(',').map(str::to_owned).collect() };
    let mut alike: HashMap<_, Vec<&Read>> = HashMap::new();
    for read in &reads {
        alike
            .entry((read.reader, &read.about, &read.outside))
            .or_default()
            .push(read);
    }
    let is_narrower = |read: &Read| {
        let own = classes(read);
        alike[&(read.reader, &read.about, &read.outside)].iter().any(|other| {
            let near = (other.at - read.at).get().abs() <= ONE_LOOK.get();
            let all = classes(other);
            near && all.len() > own.len() && all.is_superset(&own)
        })
    };
    let narrower: HashSet<Uuid> = reads
        .iter()
        .filter(|read| is_narrower(read))
        .map(|read| read.id)
        .collect();
    reads.into_iter().filter(|read| !narrower.contains(&read.id)).collect()
}

impl App {
    /// Who looked at a case, newest first: at its person, its visits, and the plans that it stood in.
    pub async fn list_case_reads(
        &self,
        actor: &Actor,
        case: Uuid,
        query: &ReadQuery,
    ) -> Result<Page<ReadItem>, AppError> {
        policy::check(actor, Action::SeeReads)?;
        let view = self.case_in_scope(actor, case).await?;
        let visits = self.store().visit_of_cases(actor.tenant, &[case]).await?;
        let mut aliases = vec![view.person_alias.0, view.case.alias.0];
        aliases.extend(visits.iter().map(|visit| visit.alias.0));
        let plans = self.store().plans_of_case(actor.tenant, case).await?;
        aliases.extend(plans.iter().map(|alias| alias.0));
        self.reads_page(actor, &aliases, query).await
    }

    /// Who looked at the caller: their record, where they were last heard of, their day. For everybody, and for their
    /// device, whose session may otherwise only sync: it tells of nobody else.
    pub async fn list_own_reads(&self, actor: &Actor, query: &ReadQuery) -> Result<Page<ReadItem>, AppError> {
        self.reads_page(actor, &[actor.alias.0], query).await
    }

    async fn reads_page(&self, actor: &Actor, aliases: &[Uuid], query: &ReadQuery) -> Result<Page<ReadItem>, AppError> {
        let limit = i64::from(query.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX));
        let before = cursor::before(query.cursor.as_deref())?;
        let reads = self.store().read_list(actor.tenant, aliases, before, limit).await?;
        let readers = self.readers(actor).await?;
        let full = reads.len() as i64 == limit;
        Ok(Page {
            items: reads.iter().map(|read| readers.item(actor, read)).collect(),
            next: reads
                .last()
                .filter(|_| full)
                .map(|last| cursor::after(last.at, last.id)),
        })
    }

    async fn readers(&self, actor: &Actor) -> Result<Readers, AppError> {
        let staff = self.store().staff_list(actor.tenant).await?;
        let devices = self.store().device_list(actor.tenant).await?;
        Ok(Readers {
            by_id: staff.iter().map(|one| (one.id, one.alias)).collect(),
            by_alias: staff.into_iter().map(|one| (one.alias, one)).collect(),
            owners: devices.into_iter().map(|device| (device.id, device.staff)).collect(),
        })
    }

    /// The reads of a week outside the caseload of their readers, by the caller's people or at the caller's cases, with the
    /// numbers of these cases, which are opened for it: an entry of its own.
    pub async fn review_reads(&self, actor: &Actor, query: &ReadReviewQuery) -> Result<ReadReview, AppError> {
        policy::check(actor, Action::SeeReads)?;
        let waiting = self.weeks_waiting(actor).await?;
        let newest = || match waiting.first() {
            Some(waiting) => Week::named(&waiting.week),
            None => Ok(Week::of(self.now())),
        };
        let week = match (query.read, query.week.as_deref()) {
            (Some(id), _) => Week::of(self.read_outside(actor, id).await?.at),
            (None, Some(named)) => Week::named(named)?,
            (None, None) => newest()?,
        };
        let mut reads = without_narrower(self.store().read_outside(actor.tenant, week.span()).await?);
        let mut listed = self.listed(actor, &reads).await?;
        reads.retain(|read| listed.is_seen(actor, read));
        let open = reads.iter().filter(|read| listed.waits(read)).count() as u64;
        reads.retain(|read| match query.read {
            Some(id) => read.id == id,
            None => query.all == Some(true) || listed.waits(read),
        });
        self.open_numbers(actor, &mut listed, &reads).await?;
        Ok(ReadReview {
            week: week.to_string(),
            open,
            waiting,
            items: reads.iter().map(|read| listed.item(actor, read)).collect(),
        })
    }

    /// The weeks in which reads wait, newest first.
    async fn weeks_waiting(&self, actor: &Actor) -> Result<Vec<ReadWeek>, AppError> {
        let span = Week::of(self.now()).and_before();
        let mut reads = without_narrower(self.store().read_outside(actor.tenant, span).await?);
        let ids: Vec<Uuid> = reads.iter().map(|read| read.id).collect();
        let found = self.store().read_reviews(actor.tenant, &ids).await?;
        let found: HashSet<Uuid> = found.iter().map(|found| found.read).collect();
        reads.retain(|read| !found.contains(&read.id));
        let listed = self.listed(actor, &reads).await?;
        let mut weeks: BTreeMap<Week, u64> = BTreeMap::new();
        for read in reads.iter().filter(|read| listed.is_seen(actor, read)) {
            *weeks.entry(Week::of(read.at)).or_default() += 1;
        }
        let week = |(week, open): (Week, u64)| ReadWeek {
            week: week.to_string(),
            open,
        };
        Ok(weeks.into_iter().rev().map(week).collect())
    }

    /// Opens the numbers of the cases that these reads concern.
    async fn open_numbers(&self, actor: &Actor, listed: &mut Listed, reads: &[Read]) -> Result<(), AppError> {
        let first = |read| listed.cases(read).into_iter().take(NAMED_MAX);
        let named: BTreeSet<CaseId> = reads.iter().flat_map(first).collect();
        let views = named.iter().filter_map(|case| listed.views.get(case).cloned());
        let known = self.know(actor, views.collect(), Purpose::Audit, None).await?;
        let known = known.iter().filter(|known| known.fields.is_some());
        listed.numbers = known.map(|known| (known.view.case.id, known.case_no())).collect();
        Ok(())
    }

    async fn listed(&self, actor: &Actor, reads: &[Read]) -> Result<Listed, AppError> {
        let aliases: HashSet<Uuid> = reads.iter().flat_map(|read| &read.about).map(|alias| alias.0).collect();
        let aliases: Vec<Uuid> = aliases.into_iter().collect();
        let scope = policy::scope(actor);
        let mut cases: HashMap<Alias, Vec<CaseId>> = HashMap::new();
        let mut views = self.store().case_by_aliases(actor.tenant, &aliases).await?;
        views.retain(|view| in_scope(view, &scope));
        for view in &views {
            for alias in [view.person_alias, view.case.alias] {
                cases.entry(alias).or_default().push(view.case.id);
            }
        }
        let ids: Vec<Uuid> = reads.iter().map(|read| read.id).collect();
        let found = self.store().read_reviews(actor.tenant, &ids).await?;
        Ok(Listed {
            readers: self.readers(actor).await?,
            cases,
            views: views.into_iter().map(|view| (view.case.id, view)).collect(),
            numbers: HashMap::new(),
            found: found.into_iter().map(|found| (found.read, found)).collect(),
        })
    }

    /// Says what was found about a read outside a caseload. Said once, and by nobody about a read of their own.
    pub async fn settle_read(&self, actor: &Actor, id: Uuid, request: &SettleRead) -> Result<ReadReviewItem, AppError> {
        policy::check(actor, Action::SettleReads)?;
        let finding: ReadFinding = request.finding.parse().map_err(bad_code("finding"))?;
        let reason: ReadReason = request.reason.parse().map_err(bad_code("reason"))?;
        if reason.finding() != finding {
            let detail = format!(
                "`{reason}` is a reason for `{}`; choose one that fits.",
                reason.finding()
            );
            return Err(AppError::at(ProblemCode::BadRequest, "reason", detail));
        }
        let read = self.read_to_settle(actor, id).await?;
        let now = self.now();
        let mut tx = self.store().write(actor.tenant, now).await?;
        let found = Found {
            read: id,
            staff: actor.staff,
            finding,
            reason,
            at: now,
        };
        if !tx.read_review_add(&found).await? {
            let detail = "Somebody said before what they found. `doorstep reads list --all` shows it.";
            return Err(AppError::refuse(ProblemCode::Changed, detail));
        }
        let mut entry = ServerEntry::new(EntryKind::ReadReviewed, actor.by())
            .reason(reason.code())
            .with("finding", finding.code())
            .with("read", id.to_string());
        entry.subjects.clone_from(&read.about);
        entry.subjects.extend(read.reader);
        tx.commit(Entries::one(entry)).await?;
        let listed = self.listed(actor, std::slice::from_ref(&read)).await?;
        Ok(listed.item(actor, &read))
    }

    async fn read_to_settle(&self, actor: &Actor, id: Uuid) -> Result<Read, AppError> {
        let read = self.read_outside(actor, id).await?;
        if read.reader == Some(actor.alias) {
            let detail = "You opened this file yourself. Ask another supervisor or an auditor to look at it.";
            return Err(AppError::refuse(ProblemCode::NotAllowed, detail));
        }
        Ok(read)
    }

    /// A read outside the caseload of its reader that is the caller's to look at.
    async fn read_outside(&self, actor: &Actor, id: Uuid) -> Result<Read, AppError> {
        let missing = || AppError::not_found("read outside a caseload");
        let read = match self.store().read_get(actor.tenant, id).await {
            Ok(read) if !read.outside.is_empty() => read,
            Ok(_) | Err(doorstep_store::StoreError::NotFound) => return Err(missing()),
            Err(other) => return Err(other.into()),
        };
        let listed = self.listed(actor, std::slice::from_ref(&read)).await?;
        if listed.is_seen(actor, &read) {
            Ok(read)
        } else {
            Err(missing())
        }
    }
}
