//! The review queue: visits with remarks, scored by reasons that are shown one by one, and what supervisors decide. The
//! score orders the queue; nothing follows from it by itself.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use doorstep_domain::event::EventFlag;
use doorstep_domain::id::{CaseId, EventId, PersonId, StaffId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::read::{FieldClass, OutsidePurpose};
use doorstep_domain::recording::RecordingDue;
use doorstep_domain::review::{ReviewDecision, ReviewReason, SHORT_VISIT_S};
use doorstep_domain::visit::VisitState;
use doorstep_store::case::CaseView;
use doorstep_store::entry::{Entries, EntryKind, ServerEntry};
use doorstep_store::event::StoredEvent;
use doorstep_store::grant::{Purpose, ReadGrant};
use doorstep_store::recording::Due;
use doorstep_store::review::Review;
use doorstep_store::staff::Staff;
use doorstep_store::visit::Visit;
use doorstep_wire::Page;
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::read::Opening;
use doorstep_wire::review::{
    DecideReview, ReviewDetail, ReviewEvent, ReviewItem, ReviewMade, ReviewQuery, ReviewReasonItem,
};
use doorstep_wire::sync::Payload;
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::actor::Actor;
use crate::error::AppError;
use crate::facts::open_fields;
use crate::flag::answered;
use crate::policy::{self, Action};
use crate::reads::purpose_of;
use crate::recording::standing;
use crate::{App, day, note};

/// How many days back the queue reaches where no day is named.
const DAYS: i64 = 7;
/// The highest score, in permille.
const SCORE_MAX: u32 = 1_000;

/// A visit with what is remarkable about it.
struct Remarked {
    visit: Visit,
    view: CaseView,
    reasons: BTreeSet<ReviewReason>,
    reporters: BTreeSet<StaffId>,
    decisions: Vec<Review>,
    recording: Option<Due>,
}

impl Remarked {
    fn score(&self) -> u32 {
        let sum: u32 = self.reasons.iter().map(|reason| reason.weight()).sum();
        sum.min(SCORE_MAX)
    }
}

impl App {
    /// Visits with remarks in the caller's scope, the highest score first; those that were decided only with `all`.
    pub async fn list_reviews(&self, actor: &Actor, query: &ReviewQuery) -> Result<Page<ReviewItem>, AppError> {
        policy::check(actor, Action::SeeReviews)?;
        let date = query.day.as_deref().map(|text| day::parse("day", text)).transpose()?;
        // One day more than there can be, for what is today anywhere.
        let today = day::number(day::local(self.now(), &TimeZone::UTC));
        let named = date.map(day::number).map(|number| (number, number));
        let (first, last) = named.unwrap_or((today - DAYS, today + 1));
        let visits = self.store().visit_of_days(actor.tenant, first, last).await?;
        let mut found = self.remarked(actor, visits).await?;
        let all = query.all == Some(true);
        found.retain(|one| !one.reasons.is_empty() && (all || one.decisions.is_empty()));
        found.sort_by_key(|one| (Reverse(one.score()), one.visit.planned_start, one.visit.id));
        let staff = self.staff_by_id(actor).await?;
        let Some(opened) = self.open_reviews(actor, &found, (&[], &staff), None).await? else {
            return Ok(Page {
                items: Vec::new(),
                next: None,
            });
        };
        let items = found.iter().map(|one| item(one, &opened, &staff)).collect();
        Ok(Page { items, next: None })
    }

    /// One visit in full: what was reported, noted and decided.
    pub async fn show_review(&self, actor: &Actor, visit: Uuid, opening: &Opening) -> Result<ReviewDetail, AppError> {
        policy::check(actor, Action::SeeReviews)?;
        let one = self.review_in_scope(actor, visit).await?;
        let outside = purpose_of(actor, &one.view, opening)?;
        let events = self.store().event_of_visit(actor.tenant, one.visit.id).await?;
        let mut records: Vec<Uuid> = events.iter().map(|event| event.id.0).collect();
        records.extend(one.decisions.iter().filter_map(|made| Some(made.note?.0)));
        let excuse = one.recording.as_ref().and_then(|due| due.words);
        records.extend(excuse.map(|words| words.0));
        let answers = self.store().flag_answers_of(actor.tenant, one.visit.id).await?;
        records.extend(answers.iter().map(|answer| answer.words.0));
        let payloads = self.store().payload_get_many(actor.tenant, &records).await?;
        let writers: Vec<StaffId> = payloads.iter().map(|(_, subject, _)| StaffId(subject.0)).collect();
        let staff = self.staff_by_id(actor).await?;
        let found = std::slice::from_ref(&one);
        let opened = self.open_reviews(actor, found, (&writers, &staff), outside).await?;
        let opened = opened.ok_or(AppError::Fault("one visit was asked for"))?;
        let (told, said): (Vec<_>, Vec<_>) = payloads
            .into_iter()
            .partition(|(record, ..)| events.iter().any(|event| event.id == *record));
        let said = note::open(&opened.grant, &said)?;
        let made = one.decisions.iter().map(|made| ReviewMade {
            decision: made.decision.code().to_owned(),
            by: staff.get(&made.staff).map(|one| one.login.clone()).unwrap_or_default(),
            at: made.at.get(),
            note: made.note.and_then(|id| said.get(&id).cloned()),
        });
        Ok(ReviewDetail {
            item: item(&one, &opened, &staff),
            notes: notes_of(&opened.grant, &events, &told)?,
            events: events.iter().map(event_item).collect(),
            decisions: made.collect(),
            answers: answered(&answers, &staff, &said),
            no_recording: excuse.and_then(|words| said.get(&words).cloned()),
        })
    }

    /// Decides about a visit; a later decision replaces it. Nobody decides about a visit of their own.
    pub async fn decide_review(
        &self,
        actor: &Actor,
        visit: Uuid,
        request: &DecideReview,
    ) -> Result<ReviewDetail, AppError> {
        policy::check(actor, Action::Review)?;
        let decision: ReviewDecision =
            request
                .decision
                .parse()
                .map_err(|error: doorstep_domain::code::UnknownCode| {
                    AppError::at(ProblemCode::BadRequest, "decision", error.to_string())
                })?;
        let text = request
            .note
            .as_deref()
            .map(|text| note::checked("note", text))
            .transpose()?;
        let one = self.review_in_scope(actor, visit).await?;
        let crew = self.store().staff_of_crew(actor.tenant, one.visit.crew).await?;
        if one.reporters.contains(&actor.staff) || crew.iter().any(|member| member.id == actor.staff) {
            let detail = "Nobody reviews a visit of their own. Another supervisor must decide.";
            return Err(AppError::refuse(ProblemCode::NotAllowed, detail));
        }
        if !matches!(one.visit.state, VisitState::Started | VisitState::Finished) && one.reasons.is_empty() {
            let detail = "The visit has not begun, so there is nothing to decide. See `review list`.";
            return Err(AppError::at(ProblemCode::BadRequest, "visit", detail));
        }
        let now = self.now();
        let keys = self.store().sealing_keys(actor.tenant, &[actor.staff.0]).await?;
        let mut tx = self.store().write(actor.tenant, now).await?;
        let mut entry = ServerEntry::new(EntryKind::ReviewDecided, actor.by())
            .visit(one.visit.alias)
            .reason(decision.code());
        let mut made = Review {
            id: doorstep_store::fresh_id(now),
            visit: one.visit.id,
            staff: actor.staff,
            decision,
            note: None,
            at: now,
        };
        if let Some(text) = text {
            let (record, commitment) = note::keep(&mut tx, actor.staff, &text, &keys).await?;
            made.note = Some(record);
            entry = entry.payload(record, commitment);
        }
        tx.review_insert(&made).await?;
        tx.commit(Entries::one(entry)).await?;
        self.wake_office();
        self.show_review(actor, visit, &Opening::default()).await
    }

    async fn review_in_scope(&self, actor: &Actor, visit: Uuid) -> Result<Remarked, AppError> {
        let visits = self.store().visit_get_many(actor.tenant, &[visit]).await?;
        let found = self.remarked(actor, visits).await?.pop();
        found.ok_or_else(|| AppError::not_found("visit"))
    }

    /// What is remarkable about visits, as far as the caller may see their cases.
    async fn remarked(&self, actor: &Actor, visits: Vec<Visit>) -> Result<Vec<Remarked>, AppError> {
        let scope = policy::scope(actor);
        let flags = self.flags_of_visits(actor, &visits).await?;
        let ids: Vec<Uuid> = visits.iter().map(|visit| visit.id.0).collect();
        let overdue = self.store().alarm_overdue_of(actor.tenant, &ids).await?;
        let mut owed = self.owed(actor.tenant, &ids).await?;
        let mut reporters: HashMap<VisitId, BTreeSet<StaffId>> = HashMap::new();
        for (visit, _, staff) in self.store().event_reporters(actor.tenant, &ids).await? {
            reporters.entry(visit).or_default().insert(staff);
        }
        let mut decisions: HashMap<VisitId, Vec<Review>> = HashMap::new();
        for made in self.store().review_list(actor.tenant, &ids).await? {
            decisions.entry(made.visit).or_default().push(made);
        }
        let cases: Vec<Uuid> = visits.iter().map(|visit| visit.case.0).collect();
        let views = self.store().case_get_many(actor.tenant, &cases).await?.into_iter();
        let views = views.filter(|view| crate::case::in_scope(view, &scope));
        let views: HashMap<CaseId, CaseView> = views.map(|view| (view.case.id, view)).collect();
        let remarked = visits.into_iter().filter_map(|visit| {
            let flags = flags.get(&visit.id).into_iter().flatten();
            let mut reasons: BTreeSet<ReviewReason> = flags
                .filter_map(|flag| flag.parse().ok())
                .filter_map(reason_of)
                .collect();
            if overdue.contains(&visit.id) {
                reasons.insert(ReviewReason::Overdue);
            }
            if is_short(&visit) {
                reasons.insert(ReviewReason::Short);
            }
            let recording = owed.remove(&visit.id);
            if recording.as_ref().is_some_and(|due| due.state == RecordingDue::Missing) {
                reasons.insert(ReviewReason::RecordingMissing);
            }
            Some(Remarked {
                recording,
                view: views.get(&visit.case)?.clone(),
                reporters: reporters.remove(&visit.id).unwrap_or_default(),
                decisions: decisions.remove(&visit.id).unwrap_or_default(),
                reasons,
                visit,
            })
        });
        Ok(remarked.collect())
    }

    async fn staff_by_id(&self, actor: &Actor) -> Result<HashMap<StaffId, Staff>, AppError> {
        let staff = self.store().staff_list(actor.tenant).await?;
        Ok(staff.into_iter().map(|one| (one.id, one)).collect())
    }

    /// Opens the case numbers of visits, with leave to open what their persons and some colleagues wrote; nothing where
    /// there is no visit.
    async fn open_reviews(
        &self,
        actor: &Actor,
        found: &[Remarked],
        (writers, staff): (&[StaffId], &HashMap<StaffId, Staff>),
        outside: Option<OutsidePurpose>,
    ) -> Result<Option<Opened>, AppError> {
        let mut persons: Vec<_> = found
            .iter()
            .map(|one| (one.view.case.person, one.view.person_alias))
            .collect();
        persons.extend(
            writers
                .iter()
                .filter_map(|id| Some((PersonId(id.0), staff.get(id)?.alias))),
        );
        if persons.is_empty() {
            return Ok(None);
        }
        let mut request = actor.reads(Purpose::Review, &[FieldClass::Identity, FieldClass::Words], persons);
        request.outside = outside;
        let grant = self.store().grant(actor.tenant, request, self.now()).await?;
        let records: Vec<Uuid> = found.iter().map(|one| one.view.case.payload.0).collect();
        let payloads = self.store().payload_get_many(actor.tenant, &records).await?;
        let sealed: HashMap<EventId, Vec<u8>> =
            payloads.into_iter().map(|(record, _, bytes)| (record, bytes)).collect();
        let mut numbers = HashMap::new();
        for one in found {
            let Some(bytes) = sealed.get(&one.view.case.payload) else {
                continue;
            };
            if let Some(fields) = open_fields(&grant, &one.view, bytes)? {
                numbers.insert(one.view.case.id, fields.case_no);
            }
        }
        Ok(Some(Opened { grant, numbers }))
    }
}

/// What was opened to show reviews.
struct Opened {
    grant: ReadGrant,
    numbers: HashMap<CaseId, String>,
}

/// What somebody must look at because of a flag; `None` where both changes hold and nothing contradicts.
const fn reason_of(flag: EventFlag) -> Option<ReviewReason> {
    Some(match flag {
        EventFlag::RuleBlocked => ReviewReason::RuleBlocked,
        EventFlag::FarFromDoor => ReviewReason::Distance,
        EventFlag::ClockDoubt => ReviewReason::ClockDoubt,
        EventFlag::Conflict => ReviewReason::Conflict,
        EventFlag::NotPlanned => ReviewReason::NotPlanned,
        EventFlag::PositionDoubt => ReviewReason::PositionDoubt,
        EventFlag::UnknownKind => ReviewReason::UnknownKind,
        EventFlag::OtherCrew => ReviewReason::OtherCrew,
        EventFlag::DeviceEnded => ReviewReason::DeviceEnded,
        EventFlag::EvidenceMissing => ReviewReason::EvidenceMissing,
        EventFlag::NotApplied => ReviewReason::NotApplied,
        EventFlag::SubjectMismatch | EventFlag::Withheld => ReviewReason::Malformed,
        EventFlag::UnsignedPartner => ReviewReason::UnsignedPartner,
        EventFlag::Parallel => return None,
    })
}

fn is_short(visit: &Visit) -> bool {
    match (visit.started_at, visit.finished_at) {
        (Some(since), Some(out)) => (out - since).seconds() < SHORT_VISIT_S,
        _ => false,
    }
}

/// The notes that a crew made, in the order in which they came. What cannot be read was flagged when it came.
pub(crate) fn notes_of(
    grant: &ReadGrant,
    events: &[StoredEvent],
    payloads: &[(EventId, PersonId, Vec<u8>)],
) -> Result<Vec<String>, AppError> {
    let mut notes = Vec::new();
    for event in events {
        let Some((record, subject, sealed)) = payloads.iter().find(|(record, ..)| *record == event.id) else {
            continue;
        };
        let plain = match grant.open(*subject, *record, sealed) {
            Ok(opened) => opened.payload,
            Err(doorstep_store::StoreError::Erased) => continue,
            Err(error) => return Err(error.into()),
        };
        let payload: Payload = serde_json::from_slice(&plain).unwrap_or_default();
        notes.extend(payload.note);
    }
    Ok(notes)
}

fn event_item(event: &StoredEvent) -> ReviewEvent {
    ReviewEvent {
        id: event.id.0,
        kind: event.kind.clone(),
        device: event.device.0,
        dseq: event.dseq,
        received_at: event.received_at.get(),
        flags: event
            .flags
            .split(',')
            .filter(|flag| !flag.is_empty())
            .map(str::to_owned)
            .collect(),
    }
}

fn item(one: &Remarked, opened: &Opened, staff: &HashMap<StaffId, Staff>) -> ReviewItem {
    let visit = &one.visit;
    let mut reasons: Vec<ReviewReason> = one.reasons.iter().copied().collect();
    reasons.sort_by_key(|reason| Reverse(reason.weight()));
    let logins = one.reporters.iter().filter_map(|id| Some(staff.get(id)?.login.clone()));
    ReviewItem {
        visit: visit.id.0,
        case: visit.case.0,
        case_no: opened.numbers.get(&visit.case).cloned().unwrap_or_default(),
        crew: visit.crew.0,
        staff: logins.collect(),
        day: day::text(visit.day),
        zone: one.view.address.zone.clone(),
        score: one.score(),
        reasons: reasons
            .iter()
            .map(|reason| ReviewReasonItem {
                code: reason.code().to_owned(),
                weight: reason.weight(),
            })
            .collect(),
        started_at: visit.started_at.map(Micros::get),
        finished_at: visit.finished_at.map(Micros::get),
        outcome: visit.outcome.map(|code| code.code().to_owned()),
        matter: visit.matter.map(|code| code.code().to_owned()),
        decision: one.decisions.last().map(|made| made.decision.code().to_owned()),
        recording: one.recording.as_ref().map(standing),
    }
}
