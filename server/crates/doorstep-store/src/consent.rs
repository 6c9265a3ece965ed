//! What persons agreed to, courts ordered or two of the office approved: it lifts rules, within its time. A row that somebody
//! else wrote or changed lifts nothing.

use doorstep_domain::id::{AddressId, CaseId, EventId, PersonId, StaffId, TenantId};
use doorstep_domain::measure::Micros;
use doorstep_domain::restriction::{ConsentState, RightSource};
use doorstep_domain::words::{ConsentScope, Lift};
use uuid::Uuid;

use crate::db::{Row, Tx, args};
use crate::error::StoreError;
use crate::keys::KeyStore;
use crate::mac::MacKey;
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
            "staff_id, event_id, made_at, withdrawn_at, mac FROM consent ",
            $tail
        )
    };
}

const OF_PERSONS: &str = consent_sql!("WHERE tenant_id = $1 AND person_id IN ({in}) ORDER BY made_at, consent_id");

const ONE: &str = consent_sql!("WHERE tenant_id = $1 AND consent_id = $2");

/// All of a consent: whose it is, what it lifts, for how long, and where it stands.
fn consent_row(consent: &Consent) -> String {
    let Consent {
        id,
        case,
        person,
        address,
        scope,
        rule,
        given,
        state,
        starts,
        ends,
        source,
        staff,
        event,
        made_at,
        withdrawn_at,
    } = consent;
    let made = format!("{id} {case} {person} {address:?} {source} {staff:?} {event:?} {made_at:?}");
    format!("{made} {scope} {rule:?} {given} {state} {starts:?} {ends:?} {withdrawn_at:?}")
}

fn consent_mac(key: &MacKey, consent: &Consent) -> Vec<u8> {
    key.mac(&[consent_row(consent).as_bytes()]).to_vec()
}

/// A consent as this program wrote it.
fn consent_trusted(key: &MacKey, row: &Row) -> Result<Consent, StoreError> {
    let consent = consent_of(row)?;
    if key.holds(&[consent_row(&consent).as_bytes()], row.bytes(15)?) {
        Ok(consent)
    } else {
        Err(StoreError::Forged("consent"))
    }
}

/// Those that this program wrote. One of somebody else lifts nothing, as if it were not there.
fn consents_trusted(key: &MacKey, rows: &[Row]) -> Result<Vec<Consent>, StoreError> {
    let mut consents = Vec::with_capacity(rows.len());
    for row in rows {
        match consent_trusted(key, row) {
            Ok(consent) => consents.push(consent),
            Err(StoreError::Forged(_)) => {
                tracing::error!(consent.id = %row.id(0)?, "a consent was written or changed by somebody else; it lifts nothing");
            }
            Err(other) => return Err(other),
        }
    }
    Ok(consents)
}

/// Vouches for consents in rows of a version that knew no MACs for them.
pub(crate) async fn consent_adopt(tx: &mut Tx, keys: &KeyStore, tenant: TenantId) -> Result<(), StoreError> {
    let key = keys.mac_key(tenant, "consent").await?;
    let sql = consent_sql!("WHERE tenant_id = $1 AND length(mac) = 0");
    for row in tx.fetch(sql, args![tenant.0]).await? {
        let consent = consent_of(&row)?;
        let sql = "UPDATE consent SET mac = $1 WHERE tenant_id = $2 AND consent_id = $3";
        tx.exec(sql, args![consent_mac(&key, &consent), tenant.0, consent.id])
            .await?;
    }
    Ok(())
}

impl Store {
    /// All consents of some persons that this program wrote, also those that hold no more, oldest first.
    pub async fn consent_list(&self, tenant: TenantId, persons: &[Uuid]) -> Result<Vec<Consent>, StoreError> {
        let rows = self.db.fetch_in(OF_PERSONS, args![tenant.0], persons).await?;
        consents_trusted(&self.keys.mac_key(tenant, "consent").await?, &rows)
    }

    /// One consent; `Forged` where somebody else wrote it.
    pub async fn consent_get(&self, tenant: TenantId, id: Uuid) -> Result<Consent, StoreError> {
        let row = self.db.fetch_one(ONE, args![tenant.0, id]).await?;
        let key = self.keys.mac_key(tenant, "consent").await?;
        consent_trusted(&key, &row.ok_or(StoreError::NotFound)?)
    }

    /// Consents that somebody else wrote or changed.
    pub async fn consents_forged(&self, tenant: TenantId) -> Result<Vec<Uuid>, StoreError> {
        let key = self.keys.mac_key(tenant, "consent").await?;
        let sql = consent_sql!("WHERE tenant_id = $1 ORDER BY consent_id");
        let mut forged = Vec::new();
        for row in self.db.fetch(sql, args![tenant.0]).await? {
            if matches!(consent_trusted(&key, &row), Err(StoreError::Forged(_))) {
                forged.push(row.id(0)?);
            }
        }
        Ok(forged)
    }
}

impl WriteTx {
    /// As [`Store::consent_list`], within the transaction.
    pub async fn consent_list(&mut self, persons: &[Uuid]) -> Result<Vec<Consent>, StoreError> {
        let values = args![self.tenant()];
        let rows = self.fetch_in(OF_PERSONS, values, persons).await?;
        consents_trusted(&self.mac_key("consent").await?, &rows)
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
            new.made_at,
            consent_mac(&self.mac_key("consent").await?, new)
        ];
        self.insert_many(
            "INSERT INTO consent (tenant_id, consent_id, case_id, person_id, address_id, scope, rule, given, state, \
             starts_at, ends_at, source, staff_id, event_id, made_at, mac)",
            "",
            vec![row],
        )
        .await
        .map(drop)
    }

    /// Moves a consent, as it was read, that waits for a second person; `Changed` where somebody else was faster.
    pub async fn consent_answer(&mut self, consent: &mut Consent, to: ConsentState) -> Result<(), StoreError> {
        consent.state = to;
        let mac = consent_mac(&self.mac_key("consent").await?, consent);
        let values = args![to.code(), mac, self.tenant(), consent.id];
        self.exec_one(
            "UPDATE consent SET state = $1, mac = $2 WHERE tenant_id = $3 AND consent_id = $4 AND state = 'asked'",
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
        let row = self.fetch_one(ONE, args![self.tenant(), id]).await?;
        let key = self.mac_key("consent").await?;
        let mut consent = consent_trusted(&key, &row.ok_or(StoreError::NotFound)?)?;
        let from = consent.state;
        consent.state = match from {
            ConsentState::Given => ConsentState::Withdrawn,
            ConsentState::Asked => ConsentState::Refused,
            ConsentState::Withdrawn | ConsentState::Refused => return Ok(false),
        };
        consent.withdrawn_at = Some(self.now());
        let values = args![
            consent.state.code(),
            self.now(),
            source.code(),
            by.map(|id| id.0),
            consent_mac(&key, &consent),
            self.tenant(),
            id,
            from.code()
        ];
        let touched = self
            .exec(
                "UPDATE consent SET state = $1, withdrawn_at = $2, withdrawn_source = $3, withdrawn_by = $4, mac = $5 \
                 WHERE tenant_id = $6 AND consent_id = $7 AND state = $8",
                values,
            )
            .await?;
        Ok(touched == 1)
    }
}
