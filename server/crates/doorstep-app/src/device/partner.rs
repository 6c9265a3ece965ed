//! Keys of partners on a colleague's device: registered with the partner's own password, ended by whoever may.

use doorstep_domain::id::DeviceId;
use doorstep_domain::staff::Role;
use doorstep_log::hash::base64url_encode;
use doorstep_log::leaf::Algorithm;
use doorstep_store::entry::{By, Entries, EntryKind, ServerEntry};
use doorstep_store::partner::PartnerKey;
use doorstep_wire::device::{AddPartner, PartnerItem};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::session::SignIn;
use uuid::Uuid;

use super::key_given;
use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::push::not_a_device;

impl App {
    /// Registers a key of a partner on the calling device. The partner proves with login and password that it is theirs; an
    /// earlier key of theirs on this device ends.
    pub async fn add_partner(
        &self,
        actor: &Actor,
        device: Uuid,
        request: &AddPartner,
        client: &str,
    ) -> Result<PartnerItem, AppError> {
        policy::check(actor, Action::Sync)?;
        own_device(actor, device)?;
        let given = key_given(&request.public_key, request.alg.as_deref())?;
        let sign_in = SignIn {
            login: request.login.clone(),
            password: request.password.clone(),
            tenant: Some(actor.tenant.0),
            new_password: None,
        };
        let partner = self.prove_password(&sign_in, client).await?;
        if partner.staff == actor.staff {
            let detail = "The owner of the device signs with the device's own key. A partner signs in here.";
            return Err(AppError::at(ProblemCode::BadRequest, "login", detail));
        }
        self.staff_in_reach(actor, partner.staff).await?;
        let (now, id) = (self.now(), doorstep_store::fresh_id(self.now()));
        let key = PartnerKey {
            id,
            device: DeviceId(device),
            staff: partner.staff,
            kid: format!("{id}/1"),
            alg: given.algorithm(),
            public_key: given.as_bytes().to_vec(),
            added_at: now,
            ended_at: None,
        };
        let by = By {
            actor: Some(partner.alias),
            session: None,
        };
        let earlier = self.store().partner_keys_of(actor.tenant, &[partner.staff.0]).await?;
        let mut tx = self.store().write(actor.tenant, now).await?;
        let mut entries = Vec::new();
        for before in earlier {
            if before.device == key.device && before.ended_at.is_none() {
                tx.partner_key_end(&PartnerKey {
                    ended_at: Some(now),
                    ..before.clone()
                })
                .await?;
                entries.push(removed(by, &before).into());
            }
        }
        tx.partner_key_insert(&key).await?;
        let mut entry = ServerEntry::new(EntryKind::PartnerAdded, by)
            .with("dev", device.to_string())
            .with("kid", key.kid.as_str())
            .with("key", base64url_encode(&key.public_key));
        if key.alg != Algorithm::Ed25519 {
            entry = entry.with("alg", key.alg.name());
        }
        entries.push(entry.into());
        tx.commit(Entries::of(entries).ok_or(AppError::Fault("an entry was just added"))?)
            .await?;
        self.wake_devices();
        Ok(partner_item(&key))
    }

    /// Ends a partner's key: from the device on which it lies, by whose it is, or by an administrator.
    pub async fn end_partner(&self, actor: &Actor, device: Uuid, id: Uuid) -> Result<(), AppError> {
        if actor.device.is_some() {
            policy::check(actor, Action::Sync)?;
            own_device(actor, device)?;
        } else {
            policy::check(actor, Action::EndPartnerKeys)?;
            let known = self.store().device_get(actor.tenant, DeviceId(device)).await?;
            self.staff_in_reach(actor, known.staff).await?;
        }
        let mut tx = self.store().write(actor.tenant, self.now()).await?;
        let mut key = tx.partner_key_get(id).await?;
        let of_another = actor.role == Role::Field && actor.device.is_none() && key.staff != actor.staff;
        if key.device.0 != device || key.ended_at.is_some() || of_another {
            return Err(doorstep_store::StoreError::NotFound.into());
        }
        key.ended_at = Some(tx.now());
        tx.partner_key_end(&key).await?;
        tx.commit(Entries::one(removed(actor.by(), &key))).await?;
        self.wake_devices();
        Ok(())
    }
}

fn removed(by: By, key: &PartnerKey) -> ServerEntry {
    ServerEntry::new(EntryKind::PartnerRemoved, by)
        .with("dev", key.device.to_string())
        .with("kid", key.kid.as_str())
}

/// A device speaks for itself alone.
fn own_device(actor: &Actor, device: Uuid) -> Result<(), AppError> {
    match actor.device {
        Some(own) if own.0 == device => Ok(()),
        Some(_) => Err(doorstep_store::StoreError::NotFound.into()),
        None => Err(not_a_device()),
    }
}

/// A key as lists show it.
pub(super) fn partner_item(key: &PartnerKey) -> PartnerItem {
    PartnerItem {
        id: key.id,
        staff: key.staff.0,
        kid: key.kid.clone(),
        added_at: key.added_at.get(),
    }
}
