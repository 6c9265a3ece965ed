//! Complaints as the office sees them.

use std::cmp::Reverse;
use std::collections::HashMap;

use doorstep_domain::complaint::{ComplaintOutcome, ComplaintState};
use doorstep_domain::id::{CaseId, StaffId};
use doorstep_domain::read::FieldClass;
use doorstep_store::case::CaseView;
use doorstep_store::complaint::Complaint;
use doorstep_store::grant::Purpose;
use doorstep_wire::Page;
use doorstep_wire::complaint::{ComplaintDetail, ComplaintItem, ComplaintQuery};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::read::Opening;
use uuid::Uuid;

use super::bad_code;
use crate::actor::Actor;
use crate::error::AppError;
use crate::facts::open_fields;
use crate::policy::{self, Action};
use crate::reads::purpose_of;
use crate::{App, note};

/// Staff numbers, as far as the caller may know them.
pub(crate) struct Logins(HashMap<StaffId, String>);

impl Logins {
    pub(crate) fn of(&self, staff: StaffId) -> Option<String> {
        self.0.get(&staff).cloned()
    }
}

impl App {
    pub(crate) async fn staff_numbers(&self, actor: &Actor) -> Result<Logins, AppError> {
        let staff = self.store().staff_list(actor.tenant).await?.into_iter();
        let near = staff.filter(|one| policy::reaches(actor, one.agency));
        Ok(Logins(near.map(|one| (one.id, one.login)).collect()))
    }

    /// The complaints of the caller's cases. Their words are opened one by one.
    pub async fn list_complaints(
        &self,
        actor: &Actor,
        query: &ComplaintQuery,
    ) -> Result<Page<ComplaintItem>, AppError> {
        policy::check(actor, Action::SeeComplaints)?;
        let state = query.state.as_deref().map(str::parse::<ComplaintState>).transpose();
        let state = state.map_err(bad_code("state"))?;
        let by_due = match query.sort.as_deref() {
            None | Some("due") => true,
            Some("received") => false,
            Some(_) => {
                let detail = "`sort` is `due` or `received`.";
                return Err(AppError::at(ProblemCode::BadRequest, "sort", detail));
            }
        };
        let now = self.now();
        let mut found = self.store().complaint_list(actor.tenant, state).await?;
        found.retain(|one| query.overdue != Some(true) || one.is_overdue(now));
        let views = self.cases_in_scope(actor, found.iter().map(|one| one.case)).await?;
        found.retain(|one| views.contains_key(&one.case));
        if by_due {
            found.sort_by_key(|one| (Reverse(one.state.is_open()), due(one), one.id));
        }
        let known = self
            .know(actor, views.values().cloned().collect(), Purpose::Complaint, None)
            .await?;
        let numbers: HashMap<CaseId, String> = known.iter().map(|one| (one.view.case.id, one.case_no())).collect();
        let logins = self.staff_numbers(actor).await?;
        let items = found.iter().filter_map(|one| {
            let number = numbers.get(&one.case).cloned().unwrap_or_default();
            Some(item(one, (views.get(&one.case)?, number), &logins, one.is_overdue(now)))
        });
        Ok(Page {
            items: items.collect(),
            next: None,
        })
    }

    /// One complaint in full. Outside the caller's caseload it needs a purpose.
    pub async fn show_complaint(
        &self,
        actor: &Actor,
        id: Uuid,
        opening: &Opening,
    ) -> Result<ComplaintDetail, AppError> {
        policy::check(actor, Action::SeeComplaints)?;
        let (complaint, view) = self.complaint_in_reach(actor, id).await?;
        let outside = purpose_of(actor, &view, opening)?;
        let classes = &[FieldClass::Identity, FieldClass::Words];
        let persons = vec![(complaint.person, view.person_alias)];
        let mut request = actor.reads(Purpose::Complaint, classes, persons);
        request.outside = outside;
        let grant = self.store().grant(actor.tenant, request, self.now()).await?;
        let records = [Some(view.case.payload), complaint.words, complaint.answer];
        let records: Vec<Uuid> = records.into_iter().flatten().map(|id| id.0).collect();
        let mut said = self.store().payload_get_many(actor.tenant, &records).await?;
        let fields = said.iter().position(|(record, ..)| *record == view.case.payload);
        let fields = match fields.map(|at| said.swap_remove(at)) {
            Some((.., sealed)) => open_fields(&grant, &view, &sealed)?,
            None => None,
        };
        let mut texts = note::open(&grant, &said)?;
        let logins = self.staff_numbers(actor).await?;
        let about = self.complained_of(actor.tenant, &complaint).await?;
        let mut about: Vec<String> = about.into_iter().filter_map(|staff| logins.of(staff)).collect();
        about.sort_unstable();
        let number = fields.map(|fields| fields.case_no).unwrap_or_default();
        let login = |staff: Option<StaffId>| staff.and_then(|staff| logins.of(staff));
        Ok(ComplaintDetail {
            item: item(&complaint, (&view, number), &logins, complaint.is_overdue(self.now())),
            words: complaint.words.and_then(|id| texts.remove(&id)),
            about,
            opened_by: login(complaint.opened_by),
            event: complaint.event.map(|id| id.0),
            taken_at: complaint.taken_at.map(doorstep_domain::measure::Micros::get),
            closed_by: login(complaint.closed_by),
            closed_at: complaint.closed_at.map(doorstep_domain::measure::Micros::get),
            answer: complaint.answer.and_then(|id| texts.remove(&id)),
        })
    }
}

/// What is due next.
fn due(one: &Complaint) -> i64 {
    match one.state {
        ComplaintState::Received => one.acknowledge_by.get(),
        ComplaintState::InProgress => one.answer_by.get(),
        // Of those that are over the newest first.
        ComplaintState::Answered | ComplaintState::Withdrawn | ComplaintState::Erased => -one.received_at.get(),
    }
}

fn item(one: &Complaint, (view, case_no): (&CaseView, String), logins: &Logins, overdue: bool) -> ComplaintItem {
    ComplaintItem {
        id: one.id.0,
        case: one.case.0,
        case_no,
        visit: one.visit.map(|id| id.0),
        staff: one.staff.and_then(|staff| logins.of(staff)),
        channel: one.channel.code().to_owned(),
        state: one.state.code().to_owned(),
        outcome: one.outcome.map(ComplaintOutcome::code).map(str::to_owned),
        received_at: one.received_at.get(),
        acknowledge_by: one.acknowledge_by.get(),
        answer_by: one.answer_by.get(),
        overdue,
        owner: one.owner.and_then(|staff| logins.of(staff)),
        zone: view.address.zone.clone(),
    }
}
