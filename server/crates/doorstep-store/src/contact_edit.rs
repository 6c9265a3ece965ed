//! Corrections of contact fields: every value that somebody gave, in the order of the log. What was said is sealed.

use doorstep_domain::conflict::ContactField;
use doorstep_domain::id::{AddressId, CaseId, DeviceId, EventId, PersonId, StaffId, TenantId, VisitId};
use doorstep_domain::measure::Micros;
use uuid::Uuid;

use crate::db::{Row, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// One value of a contact field of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactEdit {
    /// The device's event, or the id of the office's change.
    pub id: EventId,
    /// The case.
    pub case: CaseId,
    /// Its person.
    pub person: PersonId,
    /// The field.
    pub field: ContactField,
    /// Counts the changes of the case's contact fields.
    pub version: i64,
    /// The version that whoever gave the value had seen.
    pub base: i64,
    /// The sealed payload with the value.
    pub payload: EventId,
    /// Who gave it.
    pub staff: StaffId,
    /// With which device; `None` for the office.
    pub device: Option<DeviceId>,
    /// At which visit.
    pub visit: Option<VisitId>,
    /// What the case's address became by it.
    pub address: Option<AddressId>,
    /// What the case's address was before it.
    pub address_before: Option<AddressId>,
    /// Keyed hash of the value; `None` once the person is erased.
    pub digest: Option<Uuid>,
    /// When it was given, by the clock of whoever gave it.
    pub made_at: Micros,
    /// When the server took it.
    pub received_at: Micros,
}

fn edit_of(row: &Row) -> Result<ContactEdit, StoreError> {
    Ok(ContactEdit {
        id: EventId(row.id(0)?),
        case: CaseId(row.id(1)?),
        person: PersonId(row.id(2)?),
        field: row.code(3)?,
        version: row.int(4)?,
        base: row.int(5)?,
        payload: EventId(row.id(6)?),
        staff: StaffId(row.id(7)?),
        device: row.opt_id(8)?.map(DeviceId),
        visit: row.opt_id(9)?.map(VisitId),
        address: row.opt_id(10)?.map(AddressId),
        address_before: row.opt_id(11)?.map(AddressId),
        digest: row.opt_id(12)?,
        made_at: Micros(row.int(13)?),
        received_at: Micros(row.int(14)?),
    })
}

macro_rules! edit_sql {
    ($tail:literal) => {
        concat!(
            "SELECT edit_id, case_id, person_id, field, version, base, payload_id, staff_id, device_id, visit_id, ",
            "address_id, address_before, value_digest, made_at, received_at FROM contact_edit ",
            $tail
        )
    };
}

/// The corrections of some cases, each case's in the order of its versions.
const OF_CASES: &str = edit_sql!("WHERE tenant_id = $1 AND case_id IN ({in}) ORDER BY case_id, version");

impl Store {
    /// The corrections of some cases, each case's in the order of its versions.
    pub async fn contact_edit_list(&self, tenant: TenantId, cases: &[Uuid]) -> Result<Vec<ContactEdit>, StoreError> {
        let rows = self.db.fetch_in(OF_CASES, args![tenant.0], cases).await?;
        rows.iter().map(edit_of).collect()
    }
}

impl WriteTx {
    /// As [`Store::contact_edit_list`], within the transaction.
    pub async fn contact_edit_list(&mut self, cases: &[Uuid]) -> Result<Vec<ContactEdit>, StoreError> {
        let values = args![self.tenant()];
        let rows = self.fetch_in(OF_CASES, values, cases).await?;
        rows.iter().map(edit_of).collect()
    }

    /// Adds a value of a contact field.
    pub async fn contact_edit_insert(&mut self, edit: &ContactEdit) -> Result<(), StoreError> {
        let row = args![
            self.tenant(),
            edit.id.0,
            edit.case.0,
            edit.person.0,
            edit.field.code(),
            edit.version,
            edit.base,
            edit.payload.0,
            edit.staff.0,
            edit.device.map(|id| id.0),
            edit.visit.map(|id| id.0),
            edit.address.map(|id| id.0),
            edit.address_before.map(|id| id.0),
            edit.digest,
            edit.made_at,
            edit.received_at
        ];
        self.insert_many(
            "INSERT INTO contact_edit (tenant_id, edit_id, case_id, person_id, field, version, base, payload_id, \
             staff_id, device_id, visit_id, address_id, address_before, value_digest, made_at, received_at)",
            "",
            vec![row],
        )
        .await
        .map(drop)
    }

    /// Counts a change of a case's contact fields, and stands the case on another address where one is named.
    pub async fn case_contact(&mut self, case: CaseId, address: Option<AddressId>) -> Result<(), StoreError> {
        let values = args![self.now(), address.map(|id| id.0), self.tenant(), case.0];
        self.exec_one(
            "UPDATE cases SET version = version + 1, updated_at = $1, address_id = COALESCE($2, address_id) \
             WHERE tenant_id = $3 AND case_id = $4",
            values,
        )
        .await
    }
}
