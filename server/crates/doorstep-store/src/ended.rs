//! When cases ended: what a purge counts from. Nobody but this program may write it, because a person whose cases are all over
//! is erased when their time is.

use doorstep_domain::id::{CaseId, PersonId, TenantId};
use doorstep_domain::measure::Micros;

use crate::db::{Row, Tx, args};
use crate::error::StoreError;
use crate::keys::KeyStore;
use crate::mac::MacKey;
use crate::store::Store;

/// The kind of the key that vouches for the ends of cases.
pub(crate) const ENDED: &str = "ended";

const OVER_SQL: &str = "SELECT case_id, person_id, ended_at, ended_mac FROM cases \
     WHERE tenant_id = $1 AND status IN ('settled', 'recalled', 'closed') ORDER BY case_id";

/// Which case of whom ended when.
fn ended_row(case: CaseId, person: PersonId, ended: Micros) -> String {
    format!("{case} {person} {}", ended.get())
}

/// Vouches for the end of a case.
pub(crate) fn ended_mac(key: &MacKey, (case, person): (CaseId, PersonId), ended: Micros) -> Vec<u8> {
    key.mac(&[ended_row(case, person, ended).as_bytes()]).to_vec()
}

/// The end of a case that is over, as this program wrote it; `None` where somebody else did.
pub(crate) fn ended_trusted(
    key: &MacKey,
    (case, person): (CaseId, PersonId),
    ended: Option<Micros>,
    mac: &[u8],
) -> Option<Micros> {
    ended.filter(|ended| key.holds(&[ended_row(case, person, *ended).as_bytes()], mac))
}

fn trusted(key: &MacKey, row: &Row) -> Result<Option<Micros>, StoreError> {
    let of = (CaseId(row.id(0)?), PersonId(row.id(1)?));
    Ok(ended_trusted(key, of, row.opt_int(2)?.map(Micros), row.bytes(3)?))
}

/// Vouches for the ends of cases in rows of a version that knew no MACs for them.
pub(crate) async fn ended_adopt(tx: &mut Tx, keys: &KeyStore, tenant: TenantId) -> Result<(), StoreError> {
    let key = keys.mac_key(tenant, ENDED).await?;
    for row in tx.fetch(OVER_SQL, args![tenant.0]).await? {
        let (Some(ended), true) = (row.opt_int(2)?.map(Micros), row.bytes(3)?.is_empty()) else {
            continue;
        };
        let of = (CaseId(row.id(0)?), PersonId(row.id(1)?));
        let sql = "UPDATE cases SET ended_mac = $1 WHERE tenant_id = $2 AND case_id = $3";
        tx.exec(sql, args![ended_mac(&key, of, ended), tenant.0, of.0.0])
            .await?;
    }
    Ok(())
}

impl Store {
    /// Cases of persons who were not erased that are over only because somebody else wrote so: no purge counts from there.
    pub async fn ends_forged(&self, tenant: TenantId) -> Result<Vec<CaseId>, StoreError> {
        let key = self.keys.mac_key(tenant, ENDED).await?;
        let sql = "SELECT c.case_id, c.person_id, c.ended_at, c.ended_mac FROM cases c \
                   JOIN person p ON p.tenant_id = c.tenant_id AND p.person_id = c.person_id \
                   WHERE c.tenant_id = $1 AND c.status IN ('settled', 'recalled', 'closed') AND p.erased_at IS NULL \
                   ORDER BY c.case_id";
        let mut forged = Vec::new();
        for row in self.db.fetch(sql, args![tenant.0]).await? {
            if trusted(&key, &row)?.is_none() {
                forged.push(CaseId(row.id(0)?));
            }
        }
        Ok(forged)
    }
}
