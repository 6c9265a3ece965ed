//! Opening a complaint. The core asks for no account: the office, the page of a visited person and a device come here, each
//! with who it was for the log.

use doorstep_domain::case::Flag;
use doorstep_domain::complaint::{ComplaintChannel, ComplaintState, acknowledge_day, answer_day};
use doorstep_domain::id::{Alias, CaseId, ComplaintId, EventId, StaffId, TenantId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_store::case::CaseView;
use doorstep_store::complaint::Complaint;
use doorstep_store::entry::{By, Entries, Entry, EntryKind, ServerEntry};
use doorstep_store::visit::Visit;
use doorstep_store::{StoreError, WriteTx};
use doorstep_wire::complaint::{ComplaintDetail, OpenComplaint};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::read::Opening;

use super::{bad_code, entry_of};
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::restriction::{PutOn, withdraw};
use crate::{App, day, note};

/// A complaint as it comes in.
#[derive(Debug, Clone)]
pub struct Complaining {
    /// Who brings it, for the log: a member of staff, or `By::PROGRAM` for the person without an account.
    pub by: By,
    /// The member of staff who writes it down; `None` for the person without an account.
    pub opened_by: Option<StaffId>,
    /// The case.
    pub case: CaseId,
    /// The visit that it is about; one of that case.
    pub visit: Option<VisitId>,
    /// Whom it names.
    pub staff: Option<StaffId>,
    /// How it came in.
    pub channel: ComplaintChannel,
    /// What was said, in up to 2,000 characters.
    pub words: String,
}

impl App {
    /// Writes a complaint down that somebody of the office heard or received.
    pub async fn open_complaint(&self, actor: &Actor, request: &OpenComplaint) -> Result<ComplaintDetail, AppError> {
        policy::check(actor, Action::OpenComplaint)?;
        let channel: ComplaintChannel = request.channel.parse().map_err(bad_code("channel"))?;
        self.case_in_scope(actor, request.case).await?;
        let staff = match &request.staff {
            Some(login) => Some(self.staff_named(actor, login).await?),
            None => None,
        };
        let given = Complaining {
            by: actor.by(),
            opened_by: Some(actor.staff),
            case: CaseId(request.case),
            visit: request.visit.map(VisitId),
            staff,
            channel,
            words: request.words.clone(),
        };
        let id = self.open_complaint_by(actor.tenant, &given).await?;
        self.show_complaint(actor, id.0, &Opening::default()).await
    }

    async fn staff_named(&self, actor: &Actor, login: &str) -> Result<StaffId, AppError> {
        let staff = self.store().staff_list(actor.tenant).await?;
        let found = staff
            .into_iter()
            .find(|one| one.login == login && policy::reaches(actor, one.agency));
        Ok(found.ok_or_else(|| AppError::not_found("staff number"))?.id)
    }

    /// Opens a complaint, whoever brings it: asks no role, so whoever calls has found out that they may. Pauses visits to
    /// the person at once, also on connected devices.
    pub async fn open_complaint_by(&self, tenant: TenantId, given: &Complaining) -> Result<ComplaintId, AppError> {
        let words = note::checked("words", &given.words)?;
        let view = self.store().case_get(tenant, given.case).await?;
        let visit = self.visit_complained_of(tenant, given).await?;
        let (now, person) = (self.now(), view.case.person);
        let keys = self.store().sealing_keys(tenant, &[person.0]).await?;
        let mut tx = self.store().write(tenant, now).await?;
        tx.ahead_lock(&[person.0], &[]).await?;
        if !tx.complaint_lock(person).await? {
            return Err(StoreError::Erased.into());
        }
        let (record, commitment) = note::keep_for(&mut tx, person.0, &words, &keys).await?;
        let complaint = Complaint {
            visit: given.visit,
            staff: given.staff,
            opened_by: given.opened_by,
            words: Some(record),
            ..received(&view, given.channel, now, now)
        };
        tx.complaint_insert(&complaint).await?;
        let entry = opened(given.by, (&complaint, &view), visit.map(|visit| visit.alias));
        let mut entries: Vec<Entry> = vec![entry.payload(record, commitment).into()];
        entries.extend(pause(self, &mut tx, &view, (&complaint, given.by)).await?.entries);
        let entries = Entries::of(entries).ok_or(AppError::Fault("a complaint has its entry"))?;
        tx.commit(entries).await?;
        self.wake_devices();
        Ok(complaint.id)
    }

    async fn visit_complained_of(&self, tenant: TenantId, given: &Complaining) -> Result<Option<Visit>, AppError> {
        let Some(id) = given.visit else { return Ok(None) };
        let found = self.store().visit_get_many(tenant, &[id.0]).await?.pop();
        let visit = found.filter(|visit| visit.case == given.case);
        let missing = || {
            let detail = "The case has no such visit. `doorstep case show` lists its visits.";
            AppError::at(ProblemCode::NotFound, "visit", detail)
        };
        visit.map(Some).ok_or_else(missing)
    }
}

/// A complaint that a device reports as what came of a visit. Both partners may report it; it is one. Its words are those of
/// the visit's notes. Where the person was erased nothing is left to pause.
pub(crate) async fn at_door(
    (app, tx): (&App, &mut WriteTx),
    (actor, event): (&Actor, EventId),
    (view, visit): (&CaseView, &Visit),
    at: Micros,
) -> Result<PutOn, AppError> {
    if !tx.complaint_lock(view.case.person).await? || tx.complaint_at_door(visit.id).await? {
        return Ok(PutOn {
            entries: Vec::new(),
            withdrawn: Vec::new(),
        });
    }
    let complaint = Complaint {
        visit: Some(visit.id),
        opened_by: Some(actor.staff),
        event: Some(event),
        ..received(view, ComplaintChannel::Door, at, tx.now())
    };
    tx.complaint_insert(&complaint).await?;
    let entry = opened(actor.by(), (&complaint, view), Some(visit.alias)).with("event", event.to_string());
    let mut entries: Vec<Entry> = vec![entry.into()];
    let paused = pause(app, tx, view, (&complaint, actor.by())).await?;
    entries.extend(paused.entries);
    Ok(PutOn { entries, ..paused })
}

/// A complaint that came at `at`, with its clock: ends of days where the address is.
fn received(view: &CaseView, channel: ComplaintChannel, at: Micros, now: Micros) -> Complaint {
    let zone = day::zone(&view.address.zone);
    let today = day::number(day::local(at, &zone));
    let end_of = |last: i64| day::start(day::of_number(last + 1), &zone);
    Complaint {
        id: ComplaintId(doorstep_store::fresh_id(now)),
        case: view.case.id,
        person: view.case.person,
        visit: None,
        staff: None,
        channel,
        state: ComplaintState::Received,
        outcome: None,
        received_at: at,
        acknowledge_by: end_of(acknowledge_day(today)),
        answer_by: end_of(answer_day(today)),
        opened_by: None,
        event: None,
        words: None,
        owner: None,
        taken_at: None,
        closed_by: None,
        closed_at: None,
        answer: None,
    }
}

fn opened(by: By, of: (&Complaint, &CaseView), visit: Option<Alias>) -> ServerEntry {
    let entry = entry_of(EntryKind::ComplaintOpened, by, of);
    match visit {
        Some(visit) => entry.visit(visit),
        None => entry,
    }
}

/// Nobody is sent to the person until the complaint is answered: the flag is about the person and holds for all their cases,
/// and visits ahead are withdrawn.
async fn pause(
    app: &App,
    tx: &mut WriteTx,
    view: &CaseView,
    (complaint, by): (&Complaint, By),
) -> Result<PutOn, AppError> {
    let mut entries: Vec<Entry> = Vec::new();
    if tx.case_restrict(view.case.id, Flag::Complained.bit()).await? {
        let entry = ServerEntry::new(EntryKind::CaseRestricted, by).about(view.person_alias);
        let entry = entry
            .with("case", view.case.alias.to_string())
            .with("complaint", complaint.id.to_string());
        entries.push(entry.reason(Flag::Complained.code()).into());
    }
    let mut done = withdraw(app, tx, view, by).await?;
    done.entries.splice(0..0, entries);
    Ok(done)
}
