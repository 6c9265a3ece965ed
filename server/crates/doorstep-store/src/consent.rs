//! What persons agreed to, courts ordered or two of the office approved: it lifts rules, within its time.

use doorstep_domain::id::{AddressId, CaseId, EventId, PersonId, StaffId, TenantId};
use doorstep_domain::measure::Micros;
use doorstep_domain::restriction::{ConsentState, RightSource};
use doorstep_domain::words::{ConsentScope, Lift};
use uuid::Uuid;

use crate::db::{Row, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// One consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Its id.
    pub id: Uuid,
    /// The case in which it was given.
    pub case: CaseId,
    /// Whose visits it is about.
    pub person: PersonId,
    /// The address it is about; `None` for all of the person's.
    pub address: Option<AddressId>,
    /// What it is about.
    pub scope: ConsentScope,
    /// The one rule it lifts.
    pub rule: Option<String>,
    /// Who gave it, and how.
    pub given: Lift,
    /// Where it stands.
    pub state: ConsentState,
    /// From when.
    pub starts: Micros,
    /// Until when; `None` until it is withdrawn.
    pub ends: Option<Micros>,
    /// Where it comes from.
    pub source: RightSource,
    /// Who of the staff noted it.
    pub staff: Option<StaffId>,
    /// The device's event, or the payload with what was said.
    pub event: Option<EventId>,
    /// When it was noted.
    pub made_at: Micros,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Micros>,
}

fn consent_of(row: &Row) -> Result<Consent, StoreError> {
    Ok(Consent {
        id: row.id(0)?,
        case: CaseId(row.id(1)?),
        person: PersonId(row.id(2)?),
        address: row.opt_id(3)?.map(AddressId),
        scope: row.code(4)?,
        rule: row.opt_text(5)?,
        given: row.code(6)?,
        state: row.code(7)?,
        starts: Micros(row.int(8)?),
        ends: row.opt_int(9)?.map(Micros),
        source: row.code(10)?,
        staff: row.opt_id(11)?.map(StaffId),
        event: row.opt_id(12)?.map(EventId),
        made_at: Micros(row.int(13)?),
        withdrawn_at: row.opt_int(14)?.map(Micros),
    })
}

macro_rules! consent_sql {
    ($tail:literal) => {
        concat!(
            "SELECT consent_id, case_id, person_id, address_id, scope, rule, given, state, starts_at, ends_at, source, ",
            "staff_id, event_id, made_at, withdrawn_at FROM consent ",
            $tail
        )
    };
}

const OF_PERSONS: &str = consent_sql!("WHERE tenant_id = $1 AND person_id IN ({in}) ORDER BY made_at, consent_id");

impl Store {
    /// All consents of some persons, also those that hold no more, oldest first.
    pub async fn consent_list(&self, tenant: TenantId, persons: &[Uuid]) -> Result<Vec<Consent>, StoreError> {
        let rows = self.db.fetch_in(OF_PERSONS, args![tenant.0], persons).await?;
        rows.iter().map(consent_of).collect()
    }

    /// One consent.
    pub async fn consent_get(&self, tenant: TenantId, id: Uuid) -> Result<Consent, StoreError> {
        let sql = consent_sql!("WHERE tenant_id = $1 AND consent_id = $2");
        let row = self.db.fetch_one(sql, args![tenant.0, id]).await?;
        consent_of(&row.ok_or(StoreError::NotFound)?)
    }
}

impl WriteTx {
    /// As [`Store::consent_list`], within the transaction.
    pub async fn consent_list(&mut self, persons: &[Uuid]) -> Result<Vec<Consent>, StoreError> {
        let values = args![self.tenant()];
        let rows = self.fetch_in(OF_PERSONS, values, persons).await?;
        rows.iter().map(consent_of).collect()
    }

    /// Adds a consent.
    pub async fn consent_insert(&mut self, new: &Consent) -> Result<(), StoreError> {
        let row = args![
            self.tenant(),
            new.id,
            new.case.0,
            new.person.0,
            new.address.map(|id| id.0),
            new.scope.code(),
            new.rule.as_deref(),
            new.given.code(),
            new.state.code(),
            new.starts,
            new.ends,
            new.source.code(),
            new.staff.map(|id| id.0),
            new.event.map(|id| id.0),
            new.made_at
        ];
        self.insert_many(
            "INSERT INTO consent (tenant_id, consent_id, case_id, person_id, address_id, scope, rule, given, state, \
             starts_at, ends_at, source, staff_id, event_id, made_at)",
            "",
            vec![row],
        )
        .await
        .map(drop)
    }

    /// Moves a consent that waits for a second person; `Changed` where somebody else was faster.
    pub async fn consent_answer(&mut self, id: Uuid, to: ConsentState) -> Result<(), StoreError> {
        let values = args![to.code(), self.tenant(), id];
        self.exec_one(
            "UPDATE consent SET state = $1 WHERE tenant_id = $2 AND consent_id = $3 AND state = 'asked'",
            values,
        )
        .await
    }

    /// Ends a consent now; returns whether it could have lifted anything yet. One that a second person has not agreed to is
    /// refused by it: it was never given, not for one moment.
    pub async fn consent_withdraw(
        &mut self,
        id: Uuid,
        source: RightSource,
        by: Option<StaffId>,
    ) -> Result<bool, StoreError> {
        let values = args![self.now(), source.code(), by.map(|id| id.0), self.tenant(), id];
        let touched = self
            .exec(
                "UPDATE consent SET state = CASE state WHEN 'given' THEN 'withdrawn' ELSE 'refused' END, \
                 withdrawn_at = $1, withdrawn_source = $2, withdrawn_by = $3 \
                 WHERE tenant_id = $4 AND consent_id = $5 AND state IN ('asked', 'given')",
                values,
            )
            .await?;
        Ok(touched == 1)
    }
}
