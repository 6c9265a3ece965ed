//! Who acts.

use doorstep_domain::id::{AgencyId, Alias, DeviceId, PersonId, SessionId, StaffId, TeamId, TenantId};
use doorstep_domain::read::{FieldClass, Purpose, ReadChannel};
use doorstep_domain::staff::Role;
use doorstep_store::entry::By;
use doorstep_store::grant::{GrantRequest, Reader};
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
    /// The same as one who reads.
    pub(crate) const fn reader(&self) -> Reader {
        Reader {
            staff: self.staff,
            by: self.by(),
            role: Some(self.role),
            channel: if self.device.is_some() {
                ReadChannel::Sync
            } else {
                ReadChannel::Office
            },
        }
    }
    /// A request to read something of some persons, each of them once.
    pub(crate) fn reads(
        &self,
        purpose: Purpose,
        classes: &'static [FieldClass],
        mut persons: Vec<(PersonId, Alias)>,
    ) -> GrantRequest {
        persons.sort_unstable();
        persons.dedup();
        GrantRequest {
            reader: self.reader(),
            purpose,
            classes,
            outside: None,
            persons,
            plan: None,
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
