//! What an event from the door changes: the visit, the contact, promises, restrictions, conflicts, alarms.
//!
//! The most restrictive fact wins and sticks: an outcome that restricts does so at once, also where two devices disagree.

mod contact;
mod doors;
mod joined;
mod promise;
mod recording;

use std::collections::HashSet;

use doorstep_domain::address::AddressState;
use doorstep_domain::alarm::{AlarmEnd, AlarmKind};
use doorstep_domain::case::{CaseStatus, Flag};
use doorstep_domain::conflict::ConflictState;
use doorstep_domain::contact::{Channel, ContactOutcome, MatterOutcome};
use doorstep_domain::event::{EventFlag, EventKind};
use doorstep_domain::id::{ConflictId, ContactId, EventId, StaffId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::place::Point;
use doorstep_domain::restriction::{RestrictionKind, RightSource};
use doorstep_domain::staff::Travel;
use doorstep_domain::visit::{CHECK_OUT_GRACE, PLACE_RADIUS_M, VisitState};
use doorstep_roads::{Estimate, Mode, Roads};
use doorstep_rules::{Attempt, Closing, Requirement, Verdict, evaluate};
use doorstep_store::WriteTx;
use doorstep_store::alarm::Alarm;
use doorstep_store::conflict::Conflict;
use doorstep_store::contact::Contact;
use doorstep_store::entry::{Entry, EntryKind, ServerEntry};
use doorstep_store::event::StoredEvent;
use doorstep_store::restriction::Restriction;
use doorstep_store::staff::Staff;
use doorstep_store::visit::Visit;
use uuid::Uuid;

use crate::actor::Actor;
use crate::alarm::raise;
use crate::contact_log::forbidding;
use crate::error::AppError;
use crate::facts::{Crewed, Known};
use crate::joined::JoinKeys;
use crate::planning::SERVICE;
use crate::push::{Present, Signed};
use crate::{App, complaint, day, restriction};

pub(crate) use doors::Doors;

/// One event about to take effect.
pub(crate) struct Apply<'a> {
    pub(crate) app: &'a App,
    pub(crate) actor: &'a Actor,
    pub(crate) doors: &'a mut Doors,
    pub(crate) event: &'a Signed,
    /// When it happened, by the server's time.
    pub(crate) at: Micros,
    /// Who is there counts only if known.
    pub(crate) present: &'a Present,
    /// The keys with which partners sign.
    pub(crate) keys: &'a JoinKeys,
    /// Whether nothing of the visit changes by what it says: the device was revoked or lost, or the event is not what the
    /// program of a device makes.
    pub(crate) ended: bool,
}

impl Apply<'_> {
    /// Lets the event take effect. Returns the visit and what the server has to say about it in the log.
    pub(crate) async fn run(
        &mut self,
        tx: &mut WriteTx,
        flags: &mut Vec<EventFlag>,
    ) -> Result<(Option<VisitId>, Vec<Entry>), AppError> {
        let Ok(kind) = self.event.header.kind.parse::<EventKind>() else {
            // A newer device knows more kinds; the event is kept as it came.
            flags.push(EventFlag::UnknownKind);
            return Ok((None, Vec::new()));
        };
        let Some(alias) = self.event.visit() else {
            return Ok((None, Vec::new()));
        };
        // As an event before this one has left it.
        let Some(mut visit) = self.doors.visits.get(&alias).cloned() else {
            flags.push(EventFlag::NotPlanned);
            return Ok((None, Vec::new()));
        };
        let Some(known) = self.doors.known_of(alias).cloned() else {
            return Ok((Some(visit.id), Vec::new()));
        };
        if kind == EventKind::VisitArrived {
            tx.visit_staff_add(visit.id, &self.present()).await?;
        }
        let mut entries = Vec::new();
        let theirs = self.is_theirs(&visit);
        if self.ended || !theirs {
            if !theirs {
                flags.push(EventFlag::OtherCrew);
            }
            self.of_strangers(tx, kind, &visit, &known).await?;
            self.protect(tx, kind, (&visit, &known), &mut entries).await?;
            return Ok((Some(visit.id), entries));
        }
        match kind {
            EventKind::VisitArrived => self.arrived(tx, &mut visit, &known, flags).await?,
            EventKind::VisitJoined => self.joins(tx, &visit, flags).await?,
            EventKind::VisitOutcome => self.outcome(tx, &mut visit, &known, flags, &mut entries).await?,
            EventKind::VisitPromise => self.promise(tx, &visit, &known, flags, &mut entries).await?,
            EventKind::VisitDeparted => self.departed(tx, &mut visit, &known, (flags, &mut entries)).await?,
            EventKind::ContactChanged => {
                self.contact_changed(tx, &visit, &known, flags, &mut entries).await?;
            }
            EventKind::ConflictSettled => {
                self.conflict_settled(tx, &mut visit, &known, flags, &mut entries)
                    .await?;
            }
            EventKind::StopSkipped if visit.state == VisitState::Planned => {
                visit.state = VisitState::Cancelled;
                tx.visit_update(&visit).await?;
                visit.version += 1;
            }
            _ => {}
        }
        self.doors.visits.insert(alias, visit.clone());
        self.protect(tx, kind, (&visit, &known), &mut entries).await?;
        Ok((Some(visit.id), entries))
    }

    /// Who was at the door: whose device says so, and the colleagues whom it names. A device whose word changes nothing names
    /// nobody else.
    fn present(&self) -> Vec<StaffId> {
        let named = self
            .event
            .payload
            .staff
            .iter()
            .filter_map(|id| self.present.staff.get(id));
        let colleagues = named.filter(|one| !self.ended && one.agency == self.actor.agency);
        let mut present: Vec<StaffId> = colleagues.map(|one| one.id).collect();
        present.push(self.actor.staff);
        present.sort_unstable();
        present.dedup();
        present
    }

    /// Whether the crew was sent there, or the device was given the door before its owner changed crews.
    fn is_theirs(&self, visit: &Visit) -> bool {
        let given = || self.doors.since(visit.id).is_some_and(|since| since.given.is_some());
        self.present.crew == Some(visit.crew) || self.actor.device.is_some() && given()
    }

    /// A crew that was not sent, or a device that was revoked, changes nothing of the visit. But if somebody was at the door, the person was visited: that
    /// counts against the next visit, and the office hears of it.
    async fn of_strangers(
        &self,
        tx: &mut WriteTx,
        kind: EventKind,
        visit: &Visit,
        known: &Known,
    ) -> Result<(), AppError> {
        if kind != EventKind::VisitArrived {
            return Ok(());
        }
        tx.contact_insert(&self.contact(ContactId(self.event.id.0), known))
            .await?;
        if self.ended {
            // The flag brings it to the review; what came late from a drawer is no alarm.
            return Ok(());
        }
        let alarm = Alarm {
            visit: Some(visit.id),
            crew: self.present.crew,
            staff: Some(self.actor.staff),
            device: self.actor.device,
            ..Alarm::open(doorstep_store::fresh_id(tx.now()), AlarmKind::OtherCrew, tx.now())
        };
        tx.alarm_raise(&alarm).await?;
        Ok(())
    }

    /// A call at the door of a case, just now.
    fn contact(&self, id: ContactId, known: &Known) -> Contact {
        let case = &known.view.case;
        Contact {
            id,
            case: case.id,
            person: case.person,
            address: Some(case.address),
            channel: Channel::Visit,
            at: self.at,
            outcome: None,
            event: Some(self.event.id),
            number: None,
            staff: Some(self.actor.staff),
            rules: String::new(),
            reason: None,
            step: None,
        }
    }

    /// Restricts the case where the event says that the person asked for it, or why they must be left in peace.
    async fn protect(
        &mut self,
        tx: &mut WriteTx,
        kind: EventKind,
        (visit, known): (&Visit, &Known),
        entries: &mut Vec<Entry>,
    ) -> Result<(), AppError> {
        let matter = self.matter().filter(|_| kind == EventKind::VisitOutcome);
        let flag = match kind {
            EventKind::DoNotContact => Some(Flag::CeaseContact),
            _ => matter.and_then(MatterOutcome::restriction),
        };
        if let Some(flag) = flag {
            self.restrict(tx, (visit, known), flag, entries).await?;
        }
        if matter == Some(MatterOutcome::Complaint) {
            let said = (self.actor, self.event.id);
            let done = complaint::at_door((self.app, tx), said, (&known.view, visit), self.at).await?;
            entries.extend(done.entries);
            for (visit, rule) in done.withdrawn {
                self.doors.withdrawn(&visit, rule);
            }
        }
        if matter.is_some_and(MatterOutcome::settles) && tx.case_settle(&known.view.case).await? {
            let entry = ServerEntry::new(EntryKind::CaseRestricted, self.actor.by()).about(known.view.person_alias);
            let entry = entry
                .with("case", known.view.case.alias.to_string())
                .with("event", self.event.id.to_string());
            entries.push(entry.reason(CaseStatus::Settled.code()).into());
        }
        Ok(())
    }

    fn matter(&self) -> Option<MatterOutcome> {
        self.event.payload.matter.as_deref()?.parse().ok()
    }

    async fn arrived(
        &self,
        tx: &mut WriteTx,
        visit: &mut Visit,
        known: &Known,
        flags: &mut Vec<EventFlag>,
    ) -> Result<(), AppError> {
        // The partner's device reports the same check-in: neither a second contact nor a second question to the rules,
        // which may forbid by now what was allowed when the two rang.
        let first = visit.started_at.is_none();
        let mut contact = self.contact(contact_of(visit.id), known);
        let verdict = first.then(|| self.verdict(visit, known));
        if let Some(verdict) = &verdict {
            if verdict.effect.forbids() {
                flags.push(EventFlag::RuleBlocked);
            }
            contact.rules = forbidding(verdict).join(",");
        }
        self.remark_unsigned(tx, visit, verdict.as_ref(), flags).await?;
        if self.far(known) {
            flags.push(EventFlag::FarFromDoor);
        }
        if visit.state == VisitState::Cancelled {
            // The crew could not know; what happened counts more than what the office had in mind.
            flags.push(EventFlag::NotPlanned);
        }
        if !first {
            return Ok(());
        }
        let planned = visit.planned_end - visit.planned_start;
        visit.state = VisitState::Started;
        visit.started_at = Some(self.at);
        visit.due_out = Some(self.at + if planned > Micros::ZERO { planned } else { SERVICE });
        tx.visit_update(visit).await?;
        visit.version += 1;
        Ok(tx.contact_insert(&contact).await?)
    }

    /// What the rules said of the visit when it began, with the staff who were there.
    fn verdict(&self, visit: &Visit, known: &Known) -> Verdict {
        let present: HashSet<Uuid> = self.event.payload.staff.iter().copied().collect();
        let on = day::local(self.at, &day::zone(&known.view.address.zone));
        let present: Vec<&Staff> = present.iter().filter_map(|id| self.present.staff.get(id)).collect();
        let staff = self.present.records.facts(&present, known.portfolio.id, on);
        let mut facts = known.facts(Attempt::visit(self.at, self.at + SERVICE), Crewed::By(staff), self.at);
        // The visit itself is no contact before it, also where a colleague at the same door reported it first.
        facts.contacts.retain(|contact| visit.started_at != Some(contact.at));
        evaluate(self.app.packs(), &facts)
    }

    /// Whether something that a rule requires before check-out was not done. That who came held certificates was judged when
    /// they checked in.
    fn incomplete(&self, visit: &Visit, known: &Known) -> bool {
        let met = visit.outcome.is_some_and(ContactOutcome::contacted);
        let done = self.event.payload.done.iter().filter_map(|code| code.parse().ok());
        let closing = Closing::at_check_out(done.chain([Requirement::Certificate]), met);
        let required = self.verdict(visit, known).required;
        required.into_iter().any(|item| !closing.settles(item))
    }

    fn far(&self, known: &Known) -> bool {
        let (Some(position), Some(door)) = (&self.event.payload.position, known.point()) else {
            return false;
        };
        let Ok(here) = Point::new(position.lat_e7, position.lon_e7) else {
            return true;
        };
        let mode = Mode {
            travel: Travel::Foot,
            time_of_day: doorstep_domain::measure::Seconds::ZERO,
        };
        let way = Estimate.path(mode, here, door);
        way.is_ok_and(|way| way.metres.get() > i64::from(PLACE_RADIUS_M) + i64::from(position.accuracy_m))
    }

    async fn outcome(
        &self,
        tx: &mut WriteTx,
        visit: &mut Visit,
        known: &Known,
        flags: &mut Vec<EventFlag>,
        entries: &mut Vec<Entry>,
    ) -> Result<(), AppError> {
        let payload = &self.event.payload;
        let outcome = payload
            .outcome
            .as_deref()
            .and_then(|code| code.parse::<ContactOutcome>().ok());
        let matter = self.matter();
        let differs = |old: Option<&str>, new: Option<&str>| matches!((old, new), (Some(old), Some(new)) if old != new);
        let disagrees = differs(
            visit.outcome.map(ContactOutcome::code),
            outcome.map(ContactOutcome::code),
        );
        let first = visit.outcome.is_none();
        if disagrees || differs(visit.matter.map(MatterOutcome::code), matter.map(MatterOutcome::code)) {
            flags.push(EventFlag::Conflict);
            let field = if disagrees { "outcome" } else { "matter" };
            let before = tx.event_read_visit(visit.id).await?;
            let left = before
                .iter()
                .find(|event| event.kind == EventKind::VisitOutcome.code() && is_of_crew(event))
                .ok_or(AppError::Fault("an outcome that is contradicted came from an event"))?;
            entries.push(self.conflict(tx, visit, field, left.id).await?);
        } else {
            visit.outcome = visit.outcome.or(outcome);
            visit.matter = visit.matter.or(matter);
            tx.visit_update(visit).await?;
            visit.version += 1;
        }
        let Some(outcome) = outcome else { return Ok(()) };
        if visit.started_at.is_some() {
            // The rules go by the stricter of two reports until somebody settles which is right.
            tx.contact_outcome(contact_of(visit.id), outcome).await?;
        }
        let state = match outcome {
            // A later report of a meeting does not take back that the person has moved.
            ContactOutcome::MetBorrower if first => AddressState::Current,
            ContactOutcome::Moved => AddressState::Moved,
            ContactOutcome::AddrInvalid | ContactOutcome::UnknownHere => AddressState::Wrong,
            _ => return Ok(()),
        };
        Ok(tx.address_state(known.view.case.address, state).await?)
    }

    /// Keeps both sides of a contradiction, for a person to settle.
    async fn conflict(&self, tx: &mut WriteTx, visit: &Visit, field: &str, left: EventId) -> Result<Entry, AppError> {
        let now = tx.now();
        let id = ConflictId(doorstep_store::fresh_id(now));
        tx.conflict_insert(&Conflict {
            id,
            case: visit.case,
            visit: Some(visit.id),
            field: field.to_owned(),
            left,
            right: self.event.id,
            state: ConflictState::Open,
            found_at: now,
            settled: None,
        })
        .await?;
        let entry = ServerEntry::new(EntryKind::ConflictFound, self.actor.by()).visit(visit.alias);
        let entry = entry.with("conflict", id.to_string()).with("field", field);
        Ok(entry
            .with("left", left.to_string())
            .with("right", self.event.id.to_string())
            .into())
    }

    async fn restrict(
        &mut self,
        tx: &mut WriteTx,
        (visit, known): (&Visit, &Known),
        flag: Flag,
        entries: &mut Vec<Entry>,
    ) -> Result<(), AppError> {
        let case = known.view.case.id;
        let kind = RestrictionKind::of_flag(flag).ok_or(AppError::Fault("what a crew reports restricts"))?;
        // The partner's device reports the same. What was known before and is said again at another visit is kept again: who
        // is about to lift it must see that.
        let person = known.view.case.person.0;
        let said = |one: &Restriction| one.kind == kind && one.visit == Some(visit.id);
        if !tx.case_restrict(case, flag.bit()).await? && tx.restriction_list(&[person]).await?.iter().any(said) {
            return Ok(());
        }
        let new = restriction::New {
            staff: Some(self.actor.staff),
            visit: Some(visit.id),
            event: Some(self.event.id),
            ..restriction::New::of(kind, RightSource::Door, self.at)
        };
        let done = restriction::put_on(self.app, tx, &known.view, (&new, self.actor.by())).await?;
        entries.extend(done.entries);
        for (visit, rule) in done.withdrawn {
            self.doors.withdrawn(&visit, rule);
        }
        Ok(())
    }

    async fn departed(
        &self,
        tx: &mut WriteTx,
        visit: &mut Visit,
        known: &Known,
        (flags, entries): (&mut Vec<EventFlag>, &mut Vec<Entry>),
    ) -> Result<(), AppError> {
        if self.incomplete(visit, known) {
            flags.push(EventFlag::EvidenceMissing);
        }
        if visit.finished_at.is_none() {
            visit.state = VisitState::Finished;
            visit.finished_at = Some(self.at);
            tx.visit_update(visit).await?;
            visit.version += 1;
        }
        self.owe_recording(tx, visit, known).await?;
        let in_time = visit.due_out.is_none_or(|due| self.at <= due + CHECK_OUT_GRACE);
        let why = if in_time {
            AlarmEnd::DepartedInTime
        } else {
            AlarmEnd::Departed
        };
        entries.extend(raise::end_with_departure(tx, visit, why).await?);
        Ok(())
    }
}

/// Whether an event was taken as one of the crew that was sent.
fn is_of_crew(event: &StoredEvent) -> bool {
    let without_effect = [EventFlag::OtherCrew, EventFlag::DeviceEnded];
    let mut flags = event.flags.split(',');
    !flags.any(|flag| without_effect.iter().any(|one| one.code() == flag))
}

/// The contact that a visit is: one for each visit, so its id follows from the visit's.
fn contact_of(visit: VisitId) -> ContactId {
    ContactId(visit.0)
}
