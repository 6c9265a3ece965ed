//! Setting up: a tenant with its first administrator, supervisor, auditor and team.

use doorstep_domain::id::{AgencyId, StaffId, TeamId, TenantId};
use doorstep_domain::staff::Role;
use doorstep_store::entry::{By, Entries, EntryKind, ServerEntry};
use doorstep_store::org::{NewTenant, Team};
use doorstep_store::staff::{SetBy, Staff, StaffFields};

use crate::App;
use crate::error::AppError;
use crate::session::password_hash;

/// What a new tenant is called.
#[derive(Debug, Clone)]
pub struct TenantRequest {
    /// Name of the organisation.
    pub name: String,
    /// Name of its first team.
    pub team: String,
}

/// A new tenant.
#[derive(Debug, Clone, Copy)]
pub struct TenantMade {
    /// Its id.
    pub tenant: TenantId,
    /// Its first team.
    pub team: TeamId,
}

/// Somebody to be added by name rather than by a staff file.
pub struct StaffRequest<'a> {
    /// Login.
    pub login: &'a str,
    /// Full name.
    pub name: &'a str,
    /// Role.
    pub role: Role,
    /// Team, if any.
    pub team: Option<TeamId>,
    /// Agency, if any.
    pub agency: Option<AgencyId>,
    /// Password.
    pub password: &'a str,
}

impl App {
    /// Makes a tenant with a first team. Only for commands that hold the data folder.
    pub async fn create_tenant(&self, request: &TenantRequest) -> Result<TenantMade, AppError> {
        let now = self.now();
        let new = NewTenant {
            id: TenantId(doorstep_store::fresh_id(now)),
            name: request.name.clone(),
            deployment: self.0.parts.deployment.clone(),
        };
        self.store().tenant_create(&new, now).await?;
        let team = Team {
            id: TeamId(doorstep_store::fresh_id(now)),
            agency: None,
            name: request.team.clone(),
        };
        let mut tx = self.store().write(new.id, now).await?;
        tx.team_insert(&team).await?;
        let entry = ServerEntry::new(EntryKind::OrgChanged, By::PROGRAM).with("team", team.id.to_string());
        tx.rules_activate(1, &self.packs_text()).await?;
        tx.commit(Entries::one(entry).and(self.rules_entry())).await?;
        Ok(TenantMade {
            tenant: new.id,
            team: team.id,
        })
    }

    pub(crate) fn pack_names(&self) -> Vec<String> {
        self.packs()
            .packs()
            .map(|pack| format!("{}@{}", pack.id, pack.version))
            .collect()
    }

    /// Adds somebody who can sign in. Only for commands that hold the data folder.
    pub async fn create_staff(&self, tenant: TenantId, request: &StaffRequest<'_>) -> Result<StaffId, AppError> {
        let hash = password_hash("password", request.password).await?;
        let now = self.now();
        let id = StaffId(doorstep_store::fresh_id(now));
        let alias = doorstep_store::fresh_alias();
        let subject = [(id.0, Some(alias))];
        let keys = self.store().keys().subjects_create(tenant.0, &subject).await?;
        let fields = StaffFields {
            name: request.name.to_owned(),
            ..StaffFields::default()
        };
        let plain = serde_json::to_vec(&fields).map_err(|_| AppError::Fault("staff fields always serialise"))?;
        let staff = Staff {
            id,
            alias,
            team: request.team,
            agency: request.agency,
            login: request.login.to_owned(),
            role: request.role,
            active: true,
            languages: String::new(),
            sealed: keys.get(id.0)?.seal(id.0, &plain).0,
        };
        let mut tx = self.store().write(tenant, now).await?;
        tx.staff_insert(&staff).await?;
        tx.staff_password(id, (None, &hash), SetBy::Program).await?;
        let entry = ServerEntry::new(EntryKind::StaffChanged, By::PROGRAM)
            .about(staff.alias)
            .with("role", request.role.code());
        tx.commit(Entries::one(entry)).await?;
        Ok(id)
    }
}
