//! Who acts.

use doorstep_domain::id::{AgencyId, Alias, DeviceId, SessionId, StaffId, TeamId, TenantId};
use doorstep_domain::staff::Role;
use doorstep_store::entry::By;
use doorstep_wire::session::Me;

/// A signed-in staff member, as every use case gets it. Made only by [`crate::App::authenticate`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub(crate) tenant: TenantId,
    pub(crate) staff: StaffId,
    pub(crate) alias: Alias,
    pub(crate) role: Role,
    pub(crate) team: Option<TeamId>,
    pub(crate) agency: Option<AgencyId>,
    pub(crate) session: SessionId,
    pub(crate) device: Option<DeviceId>,
}

impl Actor {
    /// The role.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }
    pub(crate) const fn by(&self) -> By {
        By {
            actor: Some(self.alias),
            session: Some(self.session),
        }
    }
    /// Who this is, as shown to the caller.
    #[must_use]
    pub fn me(&self) -> Me {
        Me {
            tenant: self.tenant.0,
            staff: self.staff.0,
            role: self.role.code().to_owned(),
            team: self.team.map(|id| id.0),
            agency: self.agency.map(|id| id.0),
        }
    }
}
