//! What partners signed on devices of their own.

use doorstep_domain::measure::Micros;
use doorstep_store::visit::Visit;
use doorstep_wire::sync::Joined;
use uuid::Uuid;

use super::{Thing, digest};
use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::joined::APART;

const NOUN_JOINED: &str = "joined";

impl App {
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
