//! The crew as its device gets it: who they are, what they sign with, and what is on record of them on the day.

use doorstep_domain::id::{AgencyId, CrewId, StaffId};
use doorstep_log::hash::base64url_encode;
use doorstep_rules::Member;
use doorstep_store::device::Device;
use doorstep_store::partner::PartnerKey;
use doorstep_store::staff::Staff;
use doorstep_wire::sync::{PermitKey, PermitStaff};
use jiff::civil::Date;
use uuid::Uuid;

use crate::actor::Actor;
use crate::error::AppError;
use crate::facts::Known;
use crate::records::Records;
use crate::{App, day};

/// A crew with what its members sign with and what is on record of them.
pub(super) struct CrewOnRecord {
    /// Whose crew it is; nobody for the creditor's own.
    pub(super) agency: Option<AgencyId>,
    staff: Vec<Staff>,
    records: Records,
    devices: Vec<Device>,
    partners: Vec<PartnerKey>,
}

impl App {
    pub(super) async fn crew_on_record(&self, actor: &Actor, crew: CrewId) -> Result<CrewOnRecord, AppError> {
        let staff = self.store().staff_of_crew(actor.tenant, crew).await?;
        let records = self.records(actor.tenant, staff.iter().map(|one| one.id)).await?;
        let ids: Vec<Uuid> = staff.iter().map(|one| one.id.0).collect();
        let (devices, partners) = self.signing_keys(actor, &ids).await?;
        Ok(CrewOnRecord {
            agency: actor.agency,
            staff,
            records,
            devices,
            partners,
        })
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
            keys: self.keys_of(one.id),
        });
        each.collect()
    }

    /// The keys of somebody's own devices, and those that they keep on devices of their partners.
    fn keys_of(&self, staff: StaffId) -> Vec<PermitKey> {
        let own = self.devices.iter().filter(|device| device.staff == staff);
        let own = own.map(|device| PermitKey {
            kid: device.kid.clone(),
            alg: device.alg.name().to_owned(),
            key: base64url_encode(&device.public_key),
            dev: None,
        });
        let lent = self.partners.iter().filter(|key| key.staff == staff);
        let lent = lent.map(|key| PermitKey {
            kid: key.kid.clone(),
            alg: key.alg.name().to_owned(),
            key: base64url_encode(&key.public_key),
            dev: Some(key.device.0),
        });
        own.chain(lent).collect()
    }
}
