//! Leaflets that were handed over.

use doorstep_domain::id::{CaseId, PersonId, StaffId, TenantId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::training::HandedAt;
use uuid::Uuid;

use crate::db::{Row, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// A leaflet in somebody's hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafletGiven {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case: CaseId,
    /// Who got it.
    pub person: PersonId,
    /// The visit at which it was handed over.
    pub visit: Option<VisitId>,
    /// Which leaflet.
    pub leaflet: String,
    /// SHA-256 of its file, in hexadecimal: what it said then.
    pub version: String,
    /// The language tag.
    pub language: String,
    /// Where it was handed over.
    pub place: HandedAt,
    /// By whom.
    pub staff: StaffId,
    /// When.
    pub at: Micros,
}

fn given_of(row: &Row) -> Result<LeafletGiven, StoreError> {
    Ok(LeafletGiven {
        id: row.id(0)?,
        case: CaseId(row.id(1)?),
        person: PersonId(row.id(2)?),
        visit: row.opt_id(3)?.map(VisitId),
        leaflet: row.text(4)?,
        version: row.text(5)?,
        language: row.text(6)?,
        place: row.code(7)?,
        staff: StaffId(row.id(8)?),
        at: Micros(row.int(9)?),
    })
}

impl Store {
    /// What was handed over in some cases, oldest first.
    pub async fn leaflets_of_cases(&self, tenant: TenantId, cases: &[Uuid]) -> Result<Vec<LeafletGiven>, StoreError> {
        let sql = "SELECT given_id, case_id, person_id, visit_id, leaflet, version, language, place, staff_id, given_at \
                   FROM leaflet_given WHERE tenant_id = $1 AND case_id IN ({in}) ORDER BY given_at, given_id";
        let rows = self.db.fetch_in(sql, args![tenant.0], cases).await?;
        rows.iter().map(given_of).collect()
    }
}

impl WriteTx {
    /// Notes that a leaflet was handed over.
    pub async fn leaflet_insert(&mut self, given: &LeafletGiven) -> Result<(), StoreError> {
        let values = args![
            self.tenant(),
            given.id,
            given.case.0,
            given.person.0,
            given.visit.map(|id| id.0),
            given.leaflet.as_str(),
            given.version.as_str(),
            given.language.as_str(),
            given.place.code(),
            given.staff.0,
            given.at
        ];
        self.exec(
            "INSERT INTO leaflet_given (tenant_id, given_id, case_id, person_id, visit_id, leaflet, version, language, \
             place, staff_id, given_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            values,
        )
        .await
        .map(drop)
    }
}
