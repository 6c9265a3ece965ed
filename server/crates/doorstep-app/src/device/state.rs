//! What an administrator decides about a device, and the list of them.

use std::collections::HashSet;

use doorstep_domain::id::{DeviceId, StaffId};
use doorstep_domain::live::SILENT_AFTER;
use doorstep_domain::measure::Micros;
use doorstep_log::hash::hex;
use doorstep_store::device::{Device, DeviceState};
use doorstep_store::entry::{Entries, EntryKind, ServerEntry};
use doorstep_store::partner::PartnerKey;
use doorstep_wire::Page;
use doorstep_wire::device::DeviceItem;
use doorstep_wire::problem::ProblemCode;
use uuid::Uuid;

use super::partner::partner_item;
use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};

impl App {
    /// Revokes a device: it is told to wipe the cases it holds. What it had not sent is still taken, and flagged.
    pub async fn revoke_device(&self, actor: &Actor, id: Uuid) -> Result<(), AppError> {
        self.decide(actor, id, (DeviceState::Revoked, EntryKind::DeviceRevoked))
            .await
    }

    /// Reports a device lost: as revoked, and the log keeps how far its chain is known, so that what it may have recorded
    /// after that is known to be missing.
    pub async fn lose_device(&self, actor: &Actor, id: Uuid) -> Result<(), AppError> {
        self.decide(actor, id, (DeviceState::Lost, EntryKind::DeviceLost)).await
    }

    /// Lets a suspended device go on from the head that the server has.
    pub async fn resume_device(&self, actor: &Actor, id: Uuid) -> Result<(), AppError> {
        self.decide(actor, id, (DeviceState::Active, EntryKind::DeviceResumed))
            .await
    }

    async fn decide(&self, actor: &Actor, id: Uuid, (state, kind): (DeviceState, EntryKind)) -> Result<(), AppError> {
        policy::check(actor, Action::ManageDevices)?;
        let known = self.store().device_get(actor.tenant, DeviceId(id)).await?;
        self.staff_in_reach(actor, known.staff).await?;
        let mut tx = self.store().write(actor.tenant, self.now()).await?;
        let mut device = tx.device_lock(DeviceId(id)).await?;
        if state == DeviceState::Active && device.state != DeviceState::Suspended {
            let detail = "Only a suspended device can go on. Enrol one that was revoked or lost anew, with a new code.";
            return Err(AppError::at(ProblemCode::BadRequest, "id", detail));
        }
        device.state = state;
        tx.device_update(&device).await?;
        let entry = ServerEntry::new(kind, actor.by())
            .with("dev", id.to_string())
            .with("kid", device.kid.as_str())
            .with("dseq", device.next_dseq - 1)
            .with("head", hex(&device.head_hash));
        tx.commit(Entries::one(entry)).await?;
        self.wake_devices();
        Ok(())
    }

    /// All devices of the tenant, or of the caller's agency.
    pub async fn list_devices(&self, actor: &Actor) -> Result<Page<DeviceItem>, AppError> {
        policy::check(actor, Action::SeeDevices)?;
        let staff = self.store().staff_list(actor.tenant).await?.into_iter();
        let reached: HashSet<StaffId> = staff
            .filter(|staff| policy::reaches(actor, staff.agency))
            .map(|staff| staff.id)
            .collect();
        let carrying = self.store().device_carrying(actor.tenant).await?;
        let now = self.now();
        let devices = self.store().device_list(actor.tenant).await?.into_iter();
        let keys = self.store().partner_keys(actor.tenant).await?;
        let items = devices
            .filter(|device| reached.contains(&device.staff))
            .map(|device| item(&device, &keys, carrying.contains(&device.id), now))
            .collect();
        Ok(Page { items, next: None })
    }
}

fn item(device: &Device, keys: &[PartnerKey], carries: bool, now: Micros) -> DeviceItem {
    let lasting = keys
        .iter()
        .filter(|key| key.device == device.id && key.ended_at.is_none());
    let waited_for = device.state == DeviceState::Active && carries;
    DeviceItem {
        id: device.id.0,
        staff: device.staff.0,
        state: device.state.code().to_owned(),
        silent: waited_for && device.seen_at + SILENT_AFTER < now,
        alg: device.alg.name().to_owned(),
        last_dseq: device.next_dseq - 1,
        head_hash: hex(&device.head_hash),
        app: device.app.clone(),
        seen_at: device.seen_at.get(),
        partners: lasting.map(partner_item).collect(),
    }
}
