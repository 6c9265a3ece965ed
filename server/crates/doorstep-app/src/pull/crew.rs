//! The crew as its device gets it: who they are, and what is on record of them on the day.

use doorstep_domain::id::CrewId;
use doorstep_rules::Member;
use doorstep_store::staff::Staff;
use doorstep_wire::sync::PermitStaff;
use jiff::civil::Date;

use crate::actor::Actor;
use crate::error::AppError;
use crate::facts::Known;
use crate::records::Records;
use crate::{App, day};

/// A crew with what is on record of its members.
pub(super) struct CrewOnRecord {
    staff: Vec<Staff>,
    records: Records,
}

impl App {
    pub(super) async fn crew_on_record(&self, actor: &Actor, crew: CrewId) -> Result<CrewOnRecord, AppError> {
        let staff = self.store().staff_of_crew(actor.tenant, crew).await?;
        let records = self.records(actor.tenant, staff.iter().map(|one| one.id)).await?;
        Ok(CrewOnRecord { staff, records })
    }
}

impl CrewOnRecord {
    /// What the rules at the door of a case hear of each of them.
    pub(super) fn members(&self, known: &Known, on: Date) -> Vec<Member> {
        let staff: Vec<&Staff> = self.staff.iter().collect();
        self.records.facts(&staff, known.portfolio.id, on).members
    }

    /// The same as the permit says it.
    pub(super) fn permitted(&self, on: Date) -> Vec<PermitStaff> {
        let certified = |one: &Staff| {
            let until = self.records.certificate_until(one.id);
            one.active && until.is_none_or(|until| until >= day::number(on))
        };
        let each = self.staff.iter().map(|one| PermitStaff {
            id: one.id.0,
            login: one.login.clone(),
            certified: certified(one),
        });
        each.collect()
    }
}
