//! Statements of partners who joined a visit: which keys may sign them, and which of them count.

use std::collections::{BTreeSet, HashMap};

use doorstep_domain::id::StaffId;
use doorstep_domain::measure::Micros;
use doorstep_log::device_key::DeviceKey;
use doorstep_log::hash::base64url_decode;
use doorstep_log::joined::{Arrival, JOINED_APART_MS, JoinKey, JoinedError, Joining, check_joined};
use doorstep_store::device::{Device, DeviceState};
use doorstep_store::partner::PartnerKey;
use doorstep_wire::sync::{Joined, Payload};
use uuid::Uuid;

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;

/// How far apart a statement and its check-in may be.
pub(crate) const APART: Micros = Micros::from_millis(JOINED_APART_MS);
/// The most statements of one event that are looked at: more than any crew has members.
const STATEMENTS_MAX: usize = 8;

/// A key that may sign, and since when it may not any more.
struct Known {
    key: JoinKey,
    ended_at: Option<Micros>,
}

/// The keys of the staff whom statements name.
#[derive(Default)]
pub(crate) struct JoinKeys(HashMap<String, Known>);

impl JoinKeys {
    fn of(devices: &[Device], partners: &[PartnerKey]) -> Self {
        // When the key of a device was ended is not known to the second: whoever lost it signs with it no more.
        let gone: HashMap<_, _> = devices.iter().map(|one| (one.id, one.is_ended())).collect();
        let own = devices.iter().filter_map(|device| {
            let key = JoinKey {
                staff: Some(device.staff.to_string()),
                dev: None,
                key: DeviceKey::parse(&device.alg, &device.public_key)?,
            };
            let ended_at = device.is_ended().then_some(Micros::ZERO);
            Some((device.kid.clone(), Known { key, ended_at }))
        });
        let lent = partners.iter().filter_map(|partner| {
            let key = JoinKey {
                staff: Some(partner.staff.to_string()),
                dev: Some(partner.device.to_string()),
                key: DeviceKey::parse(&partner.alg, &partner.public_key)?,
            };
            let is_gone = gone.get(&partner.device).copied().unwrap_or(false);
            let ended_at = if is_gone { Some(Micros::ZERO) } else { partner.ended_at };
            Some((partner.kid.clone(), Known { key, ended_at }))
        });
        Self(own.chain(lent).collect())
    }

    /// Who signed a statement that counts for a check-in at `at`, by the server's time.
    pub(crate) fn check(&self, joined: &Joined, arrival: Arrival<'_>, at: Micros) -> Result<StaffId, JoinedError> {
        let sig = base64url_decode(&joined.sig).ok_or(JoinedError::Form)?;
        let key_of = |joining: &Joining| {
            let known = self.0.get(&joining.kid)?;
            let lasts = known.ended_at.is_none_or(|ended| ended > at);
            lasts.then(|| known.key.clone())
        };
        let joining = check_joined((joined.said.as_bytes(), &sig), arrival, key_of)?;
        joining.staff.parse().map(StaffId).map_err(|_| JoinedError::Form)
    }
}

/// The statements of an event that are looked at.
pub(crate) fn statements(payload: &Payload) -> &[Joined] {
    payload.joined.get(..STATEMENTS_MAX).unwrap_or(&payload.joined)
}

impl App {
    /// The keys of those whom the statements of a push name.
    pub(crate) async fn join_keys<'a>(
        &self,
        actor: &Actor,
        payloads: impl Iterator<Item = &'a Payload>,
    ) -> Result<JoinKeys, AppError> {
        let said = payloads.flat_map(statements).filter_map(|joined| {
            let joining = Joining::decode(joined.said.as_bytes()).ok()?;
            joining.staff.parse().ok()
        });
        let staff: BTreeSet<Uuid> = said.collect();
        if staff.is_empty() {
            return Ok(JoinKeys::default());
        }
        let staff: Vec<Uuid> = staff.into_iter().collect();
        let mut devices = self.store().devices_of_staff(actor.tenant, &staff).await?;
        let partners = self.store().partner_keys_of(actor.tenant, &staff).await?;
        // Of the devices on which partners' keys lie only the pushing one matters: a statement counts on no other.
        if let Some(id) = actor.device
            && devices.iter().all(|device| device.id != id)
        {
            devices.push(self.store().device_get(actor.tenant, id).await?);
        }
        Ok(JoinKeys::of(&devices, &partners))
    }

    /// The devices whose keys may sign for a crew, and the keys of its members on colleagues' devices.
    pub(crate) async fn signing_keys(
        &self,
        actor: &Actor,
        staff: &[Uuid],
    ) -> Result<(Vec<Device>, Vec<PartnerKey>), AppError> {
        let mut devices = self.store().devices_of_staff(actor.tenant, staff).await?;
        devices.retain(|device| device.state == DeviceState::Active);
        let mut partners = self.store().partner_keys_of(actor.tenant, staff).await?;
        // A key counts on a device of the crew alone.
        partners.retain(|key| key.ended_at.is_none() && devices.iter().any(|device| device.id == key.device));
        Ok((devices, partners))
    }
}
