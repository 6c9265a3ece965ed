//! What ends or restricts visits: flags, of one debt or of a person in all their cases; settled cases; lost addresses.

use doorstep_domain::address::{AddressState, Verification};
use doorstep_domain::id::{AddressId, CaseId, PersonId, TenantId};

use uuid::Uuid;

use crate::case::Case;
use crate::db::{Row, args};
use crate::ended::{ENDED, ended_mac};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

const FLAGS_SQL: &str = "SELECT person_id, flags FROM cases WHERE tenant_id = $1 AND (flags & $2) <> 0 \
     AND person_id IN ({in})";

fn flags_of(row: &Row) -> Result<(PersonId, i64), StoreError> {
    Ok((PersonId(row.id(0)?), row.int(1)?))
}

impl Store {
    /// The flags of all cases of some persons that have any of `mask`.
    pub async fn flags_of_persons(
        &self,
        tenant: TenantId,
        mask: i64,
        persons: &[Uuid],
    ) -> Result<Vec<(PersonId, i64)>, StoreError> {
        let rows = self.db.fetch_in(FLAGS_SQL, args![tenant.0, mask], persons).await?;
        rows.iter().map(flags_of).collect()
    }
}

impl WriteTx {
    /// As [`Store::flags_of_persons`], within the transaction.
    pub async fn flags_of_persons(&mut self, mask: i64, persons: &[Uuid]) -> Result<Vec<(PersonId, i64)>, StoreError> {
        let values = args![self.tenant(), mask];
        let rows = self.fetch_in(FLAGS_SQL, values, persons).await?;
        rows.iter().map(flags_of).collect()
    }

    /// Ends an open or held case as settled. Returns whether it was one.
    pub async fn case_settle(&mut self, case: &Case) -> Result<bool, StoreError> {
        let mac = ended_mac(&self.mac_key(ENDED).await?, (case.id, case.person), self.now());
        let values = args![self.now(), mac, self.tenant(), case.id.0];
        let touched = self
            .exec(
                "UPDATE cases SET status = 'settled', version = version + 1, updated_at = $1, ended_at = $1, \
                 ended_mac = $2 WHERE tenant_id = $3 AND case_id = $4 AND status IN ('open', 'held')",
                values,
            )
            .await?;
        self.stage_note(&[case.id.0]).await?;
        Ok(touched == 1)
    }

    /// Puts flags on a case that it does not have yet; flags are never taken away here. Returns whether any was new.
    pub async fn case_restrict(&mut self, case: CaseId, mask: i64) -> Result<bool, StoreError> {
        let values = args![mask, self.now(), self.tenant(), case.0];
        let touched = self
            .exec(
                "UPDATE cases SET flags = flags | $1, version = version + 1, updated_at = $2 \
                 WHERE tenant_id = $3 AND case_id = $4 AND (flags & $1) <> $1",
                values,
            )
            .await?;
        Ok(touched == 1)
    }

    /// Takes flags off some cases: what put them on was lifted.
    pub async fn case_unrestrict(&mut self, cases: &[Uuid], mask: i64) -> Result<(), StoreError> {
        for case in cases {
            let values = args![!mask, self.now(), self.tenant(), *case, mask];
            let sql = "UPDATE cases SET flags = flags & $1, version = version + 1, updated_at = $2 \
                       WHERE tenant_id = $3 AND case_id = $4 AND (flags & $5) <> 0";
            self.exec(sql, values).await?;
        }
        Ok(())
    }

    /// Counts a change of a case that stands in no column of its own.
    pub async fn case_touch(&mut self, case: CaseId) -> Result<(), StoreError> {
        let values = args![self.now(), self.tenant(), case.0];
        let sql = "UPDATE cases SET version = version + 1, updated_at = $1 WHERE tenant_id = $2 AND case_id = $3";
        self.exec_one(sql, values).await
    }

    /// Sets the state of an address that somebody was at.
    pub async fn address_state(&mut self, address: AddressId, state: AddressState) -> Result<(), StoreError> {
        // Whoever was met there confirmed it.
        let met = (state == AddressState::Current).then(|| self.now().get());
        let how = met.map(|_| Verification::Visit.code());
        let values = args![state.code(), met, how, self.tenant(), address.0];
        self.exec_one(
            "UPDATE address SET state = $1, verified_at = COALESCE($2, verified_at), \
             verified_how = COALESCE($3, verified_how) WHERE tenant_id = $4 AND address_id = $5",
            values,
        )
        .await
    }
}
