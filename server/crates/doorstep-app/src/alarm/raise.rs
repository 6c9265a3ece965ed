//! Raising alarms: from silence after an expected check-out, and from calls for help; and ending them when the crew has
//! left. Knows nobody in the office.

use doorstep_domain::alarm::{AlarmEnd, AlarmKind, AlarmState, SOS_REASON};
use doorstep_domain::event::EventKind;
use doorstep_domain::id::{DeviceId, TenantId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::visit::{CHECK_OUT_GRACE, VisitState};
use doorstep_store::WriteTx;
use doorstep_store::alarm::{Alarm, Overdue};
use doorstep_store::entry::{By, Entries, Entry, EntryKind, Housekeeping, ServerEntry};
use doorstep_store::visit::Visit;
use uuid::Uuid;

use super::place;
use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::push::Signed;

/// How long the last place of a device is kept when nothing is wrong: 18 hours, longer than any shift.
const PLACE_KEPT: Micros = Micros::from_seconds(18 * 3_600);

impl App {
    /// Raises an alarm for every visit whose crew is silent after the expected check-out plus the grace, and opens
    /// extended ones again. It goes by the server's clock and by what the server was told, so it needs nothing more from
    /// the device. Any process may run it, also after a restart; each alarm is raised once. Returns how many.
    pub async fn run_overdue(&self) -> Result<usize, AppError> {
        let now = self.now();
        let mut raised = 0;
        for overdue in self.store().visit_overdue(now - CHECK_OUT_GRACE).await? {
            raised += usize::from(self.raise_overdue(&overdue, now).await?);
        }
        for (tenant, alarm) in self.store().alarm_quiet_over(now).await? {
            raised += usize::from(self.open_again(tenant, alarm.id, now).await?);
        }
        if raised > 0 {
            self.wake_devices();
        }
        self.store().device_places_forget(now - PLACE_KEPT, now).await?;
        Ok(raised)
    }

    async fn raise_overdue(&self, overdue: &Overdue, now: Micros) -> Result<bool, AppError> {
        let visit = &overdue.visit;
        let alarm = Alarm {
            visit: Some(visit.id),
            crew: Some(visit.crew),
            device: overdue.told_by.map(|(device, _)| device),
            staff: overdue.told_by.map(|(_, staff)| staff),
            ..Alarm::open(doorstep_store::fresh_id(now), AlarmKind::CheckOutOverdue, now)
        };
        let mut tx = self.store().write(overdue.tenant, now).await?;
        // The check-out may have come since the scan.
        let aliases = [visit.alias.0];
        tx.visit_lock(&aliases).await?;
        let begun = |visit: &Visit| visit.state == VisitState::Started;
        let still = tx.visit_by_alias(&aliases).await?.iter().any(begun);
        if !still || !tx.alarm_raise(&alarm).await? {
            tx.commit_housekeeping(Housekeeping::Jobs).await?;
            return Ok(false);
        }
        let entry = ServerEntry::new(EntryKind::VisitOverdue, By::PROGRAM)
            .visit(visit.alias)
            .with("alarm", alarm.id.to_string())
            .with("due_ms", visit.due_out.map_or(0, Micros::millis));
        tx.commit(Entries::one(entry)).await?;
        Ok(true)
    }

    /// Opens an extended alarm again whose time is over; the crew is still at the door.
    async fn open_again(&self, tenant: TenantId, id: Uuid, now: Micros) -> Result<bool, AppError> {
        let mut tx = self.store().write(tenant, now).await?;
        let mut alarm = tx.alarm_lock(id).await?;
        let over = alarm.quiet_until.is_some_and(|until| until <= now);
        if alarm.state != AlarmState::Acknowledged || !over {
            tx.commit_housekeeping(Housekeeping::Jobs).await?;
            return Ok(false);
        }
        alarm.state = AlarmState::Open;
        alarm.quiet_until = None;
        tx.alarm_update(&alarm).await?;
        let entry = ServerEntry::new(EntryKind::AlarmRaised, By::PROGRAM)
            .with("alarm", id.to_string())
            .reason(alarm.kind.code());
        tx.commit(Entries::one(entry)).await?;
        Ok(true)
    }

    /// Raises an alarm for every call for help in a push, before anything else of it is looked at: what is wrong with
    /// the device, its chain or the rest of the push is settled later, and keeps nobody from being heard. An event that
    /// comes again, because it was held or the answer was lost, raises nothing new.
    pub(crate) async fn hear_calls(
        &self,
        actor: &Actor,
        device: DeviceId,
        calls: &[&Signed],
        sent: Micros,
    ) -> Result<(), AppError> {
        if calls.is_empty() {
            return Ok(());
        }
        let now = self.now();
        let roster = self.store().roster_of_staff(actor.tenant, actor.staff).await?;
        let keys = self.store().sealing_keys(actor.tenant, &[actor.staff.0]).await?;
        let aliases: Vec<Uuid> = calls
            .iter()
            .filter_map(|call| call.visit())
            .map(|alias| alias.0)
            .collect();
        let visits = self.store().visit_by_aliases(actor.tenant, &aliases).await?;
        let mut entries = Vec::new();
        let mut tx = self.store().write(actor.tenant, now).await?;
        for call in calls {
            let visit = visits.iter().find(|visit| Some(visit.alias) == call.visit());
            let alarm = Alarm {
                visit: visit.map(|visit| visit.id),
                crew: roster.map(|line| line.crew),
                staff: Some(actor.staff),
                device: Some(device),
                ..Alarm::open(call.id.0, AlarmKind::Sos, now)
            };
            if !tx.alarm_raise(&alarm).await? {
                continue;
            }
            let at = Micros::from_millis(call.header.wall_ms)
                .saturating_add(now.saturating_sub(sent))
                .min(now);
            let told = (call.payload.position.as_ref(), alarm.visit, at);
            place::keep(&mut tx, (actor.staff, device), told, &keys).await?;
            entries.push(call_entry(actor, &alarm, visit));
        }
        match Entries::of(entries) {
            Some(entries) => tx.commit(entries).await?,
            None => return Ok(tx.commit_housekeeping(Housekeeping::Jobs).await?),
        }
        self.wake_devices();
        Ok(())
    }
}

fn call_entry(actor: &Actor, alarm: &Alarm, visit: Option<&Visit>) -> Entry {
    let entry = ServerEntry::new(EntryKind::AlarmRaised, actor.by())
        .with("alarm", alarm.id.to_string())
        .reason(alarm.kind.code());
    match visit {
        Some(visit) => entry.visit(visit.alias).into(),
        None => entry.into(),
    }
}

/// Whether an event calls for help. An incident whose content did not come or cannot be read counts as one: whoever
/// looks after it in vain has lost less than whoever is not heard.
pub(crate) fn is_call(event: &Signed) -> bool {
    event.header.kind == EventKind::Incident.code()
        && (event.payload.reason.as_deref() == Some(SOS_REASON) || event.is_unreadable())
}

/// Ends the overdue alarm of a visit whose crew has left, with its entry; nothing where there is none.
pub(crate) async fn end_with_departure(
    tx: &mut WriteTx,
    visit: &Visit,
    why: AlarmEnd,
) -> Result<Option<Entry>, AppError> {
    let id: VisitId = visit.id;
    let Some(mut alarm) = tx.alarm_lock_of_visit(id, AlarmKind::CheckOutOverdue).await? else {
        return Ok(None);
    };
    alarm.state = AlarmState::Ended;
    alarm.quiet_until = None;
    alarm.ended_at = Some(tx.now());
    alarm.ended_why = Some(why);
    tx.alarm_update(&alarm).await?;
    let entry = ServerEntry::new(EntryKind::AlarmEnded, By::PROGRAM)
        .visit(visit.alias)
        .with("alarm", alarm.id.to_string())
        .reason(why.code());
    Ok(Some(entry.into()))
}
