//! What partners sign with, as the permit lists it, and what they signed on devices of their own.

use doorstep_domain::id::CrewId;
use doorstep_domain::measure::Micros;
use doorstep_log::hash::base64url_encode;
use doorstep_store::visit::Visit;
use doorstep_wire::sync::{Joined, PermitKey, PermitStaff};
use uuid::Uuid;

use super::{Thing, digest};
use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::joined::APART;

const NOUN_JOINED: &str = "joined";

impl App {
    /// Who is in a crew, with the keys of each.
    pub(super) async fn permit_staff(
        &self,
        actor: &Actor,
        crew: CrewId,
        today: i64,
    ) -> Result<Vec<PermitStaff>, AppError> {
        let crew = self.store().staff_of_crew(actor.tenant, crew).await?;
        let ids: Vec<Uuid> = crew.iter().map(|one| one.id.0).collect();
        let (devices, partners) = self.signing_keys(actor, &ids).await?;
        let staff = crew.into_iter().map(|one| {
            let own = devices.iter().filter(|device| device.staff == one.id);
            let own = own.map(|device| PermitKey {
                kid: device.kid.clone(),
                alg: device.alg.name().to_owned(),
                key: base64url_encode(&device.public_key),
                dev: None,
            });
            let lent = partners.iter().filter(|key| key.staff == one.id);
            let lent = lent.map(|key| PermitKey {
                kid: key.kid.clone(),
                alg: key.alg.name().to_owned(),
                key: base64url_encode(&key.public_key),
                dev: Some(key.device.0),
            });
            PermitStaff {
                id: one.id.0,
                keys: own.chain(lent).collect(),
                login: one.login,
                certified: one.active && one.certificate_until.is_none_or(|until| until >= today),
            }
        });
        Ok(staff.collect())
    }

    /// What the caller's partners signed for these visits within the last half hour.
    pub(super) async fn joined_things(
        &self,
        actor: &Actor,
        visits: &[Visit],
        now: Micros,
    ) -> Result<Vec<Thing>, AppError> {
        let visits: Vec<Uuid> = visits.iter().map(|visit| visit.id.0).collect();
        let rows = self
            .store()
            .joined_of_visits(actor.tenant, &visits, now - APART)
            .await?;
        let others = rows.into_iter().filter(|row| row.staff != actor.staff);
        others
            .map(|row| {
                let joined = Joined {
                    said: row.said,
                    sig: row.sig,
                };
                Ok(Thing {
                    noun: NOUN_JOINED,
                    id: row.event.0,
                    digest: digest(&joined)?,
                    body: serde_json::to_string(&joined).map_err(|_| AppError::Fault("statements serialise"))?,
                })
            })
            .collect()
    }
}
