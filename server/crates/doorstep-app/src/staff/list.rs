//! Colleagues and teams as they are listed, and their records as they are opened.

use std::collections::HashMap;

use doorstep_domain::credential::CredentialKind;
use doorstep_domain::id::{CrewId, EventId, PersonId, StaffId};
use doorstep_domain::read::FieldClass;
use doorstep_store::StoreError;
use doorstep_store::grant::Purpose;
use doorstep_store::staff::{Staff, StaffFields};
use doorstep_wire::Page;
use doorstep_wire::credential::HeldItem;
use doorstep_wire::org::{StaffItem, TeamItem};
use uuid::Uuid;

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};

impl App {
    /// The staff of the tenant, or of the caller's agency.
    pub async fn list_staff(&self, actor: &Actor) -> Result<Page<StaffItem>, AppError> {
        policy::check(actor, Action::SeeStaff)?;
        let mut names: HashMap<Uuid, (CrewId, String)> = HashMap::new();
        for team in self.store().team_list(actor.tenant).await? {
            let crews: HashMap<CrewId, String> = self
                .store()
                .crew_list(actor.tenant, team.id)
                .await?
                .into_iter()
                .map(|c| (c.id, c.name))
                .collect();
            for line in self.store().roster_list(actor.tenant, team.id).await? {
                let name = crews.get(&line.crew).cloned().unwrap_or_default();
                names.insert(line.staff.0, (line.crew, name));
            }
        }
        let mut staff = self.store().staff_list(actor.tenant).await?;
        staff.retain(|one| actor.agency.is_none() || one.agency == actor.agency);
        let mut held = self.held_items(actor, &staff).await?;
        let mut opened = self.staff_opened(actor, Purpose::Staff, &staff).await?;
        let mut items = Vec::new();
        for staff in staff {
            let fields = opened.remove(&staff.id).ok_or(StoreError::Erased)?;
            let crew = names.get(&staff.id.0);
            let held = held.remove(&staff.id).unwrap_or_default();
            items.push(StaffItem {
                id: staff.id.0,
                login: staff.login,
                name: fields.name,
                role: staff.role.code().to_owned(),
                crew: crew.map(|(id, _)| id.0),
                crew_name: crew.map(|(_, name)| name.clone()),
                certificate_until: certificate_until(&held),
                held,
            });
        }
        Ok(Page { items, next: None })
    }

    /// Opens the records of some staff under one grant, with one entry that names them.
    pub(crate) async fn staff_opened<'a>(
        &self,
        actor: &Actor,
        purpose: Purpose,
        staff: impl IntoIterator<Item = &'a Staff>,
    ) -> Result<HashMap<StaffId, StaffFields>, AppError> {
        let staff: Vec<&Staff> = staff.into_iter().collect();
        let persons = staff.iter().map(|one| (PersonId(one.id.0), one.alias)).collect();
        let request = actor.reads(purpose, &[FieldClass::Staff], persons);
        let grant = self.store().grant(actor.tenant, request, self.now()).await?;
        let mut opened = HashMap::new();
        for one in staff {
            let plain = grant.open(PersonId(one.id.0), EventId(one.id.0), &one.sealed)?.payload;
            let fields = serde_json::from_slice(&plain).map_err(|_| AppError::Fault("sealed staff fields are ours"))?;
            opened.insert(one.id, fields);
        }
        Ok(opened)
    }

    /// The teams that the caller may see.
    pub async fn list_teams(&self, actor: &Actor) -> Result<Page<TeamItem>, AppError> {
        policy::check(actor, Action::SeeStaff)?;
        let teams = self.store().team_list(actor.tenant).await?;
        let items = teams
            .into_iter()
            .filter(|team| actor.agency.is_none() || team.agency == actor.agency)
            .map(|team| TeamItem {
                id: team.id.0,
                name: team.name,
                agency: team.agency.map(|id| id.0),
            })
            .collect();
        Ok(Page { items, next: None })
    }
}

fn certificate_until(held: &[HeldItem]) -> Option<String> {
    let certificate = held.iter().find(|one| one.kind == CredentialKind::Certificate.code());
    certificate?.until.clone()
}
