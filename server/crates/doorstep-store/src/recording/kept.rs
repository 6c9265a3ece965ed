//! Recordings as far as they decide how long something is kept.

use std::collections::BTreeMap;

use doorstep_domain::id::{CaseId, PersonId, RecordingId, TenantId};
use doorstep_domain::measure::Micros;
use uuid::Uuid;

use crate::db::{Row, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// A recording that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRecording {
    /// Its id.
    pub id: RecordingId,
    /// Who was visited.
    pub person: PersonId,
    /// When it was made, or came, whichever is later.
    pub made: Micros,
    /// The cases of the visits that it shows.
    pub cases: Vec<CaseId>,
}

const KEPT_SQL: &str = "SELECT r.recording_id, r.person_id, r.began_at, w.case_id FROM recording r \
     JOIN recording_visit w ON w.tenant_id = r.tenant_id AND w.recording_id = r.recording_id \
     WHERE r.tenant_id = $1 AND r.state = 'kept' AND r.person_id IN ({in}) ORDER BY r.recording_id, w.case_id";

/// When the sending of a recording began, as its id says.
fn came(id: RecordingId) -> Micros {
    let (seconds, _) = id.0.get_timestamp().map_or((0, 0), |at| at.to_unix());
    Micros::from_seconds(i64::try_from(seconds).unwrap_or(0))
}

fn kept_of(rows: &[Row]) -> Result<Vec<KeptRecording>, StoreError> {
    let mut found: BTreeMap<RecordingId, KeptRecording> = BTreeMap::new();
    for row in rows {
        let id = RecordingId(row.id(0)?);
        let person = PersonId(row.id(1)?);
        // Its key lies under its id, so the time in that is nobody's to change; the one in the row might be.
        let made = Micros(row.int(2)?).max(came(id));
        let one = found.entry(id).or_insert_with(|| KeptRecording {
            id,
            person,
            made,
            cases: Vec::new(),
        });
        one.cases.push(CaseId(row.id(3)?));
    }
    Ok(found.into_values().collect())
}

impl Store {
    /// Persons of whom a recording is kept, in the order of their ids.
    pub async fn recorded_persons(&self, tenant: TenantId) -> Result<Vec<PersonId>, StoreError> {
        let sql = "SELECT DISTINCT person_id FROM recording WHERE tenant_id = $1 AND state = 'kept' ORDER BY person_id";
        let rows = self.db.fetch(sql, args![tenant.0]).await?;
        rows.iter().map(|row| Ok(PersonId(row.id(0)?))).collect()
    }

    /// The recordings that are kept of some persons.
    pub async fn retention_recordings(
        &self,
        tenant: TenantId,
        persons: &[Uuid],
    ) -> Result<Vec<KeptRecording>, StoreError> {
        kept_of(&self.db.fetch_in(KEPT_SQL, args![tenant.0], persons).await?)
    }
}

impl WriteTx {
    /// As [`Store::retention_recordings`], of one person and within the transaction.
    pub async fn retention_recordings(&mut self, person: PersonId) -> Result<Vec<KeptRecording>, StoreError> {
        let values = args![self.tenant()];
        kept_of(&self.fetch_in(KEPT_SQL, values, &[person.0]).await?)
    }
}
