//! Contacts: every attempt on any channel that counters count.

use doorstep_domain::contact::{Channel, ContactOutcome};
use doorstep_domain::id::{AddressId, CaseId, ContactId, EventId, PersonId, StaffId, TenantId};
use doorstep_domain::measure::Micros;
use doorstep_domain::step::DefaultReason;
use uuid::Uuid;

use crate::db::{Row, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// A contact that counters count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// The case.
    pub case: CaseId,
    /// The person.
    pub person: PersonId,
    /// Where, if it was a visit.
    pub address: Option<AddressId>,
    /// How.
    pub channel: Channel,
    /// When.
    pub at: Micros,
    /// What came of it.
    pub outcome: Option<ContactOutcome>,
    /// The event that reported it.
    pub event: Option<EventId>,
    /// Keyed hash of the number, by [`crate::blind::blind_number`]; `None` where it is not known.
    pub number: Option<Uuid>,
    /// Who made it, as far as that is known.
    pub staff: Option<StaffId>,
    /// The rules that forbade it when it was made, comma-separated.
    pub rules: String,
    /// Why the person says that the loan fell behind.
    pub reason: Option<DefaultReason>,
    /// The step of the strategy that it carried out, where that was noted.
    pub step: Option<String>,
}

macro_rules! contact_sql {
    ($tail:literal) => {
        concat!(
            "SELECT contact_id, case_id, person_id, address_id, channel, at, outcome, event_id, number_digest, staff_id, ",
            "rules, default_reason, step FROM contact WHERE tenant_id = $1 AND ",
            $tail
        )
    };
}

const CONTACTS_SQL: &str = contact_sql!("person_id IN ({in}) ORDER BY at, contact_id");

impl Store {
    /// All contacts of some persons, oldest first.
    pub async fn contact_list(&self, tenant: TenantId, persons: &[Uuid]) -> Result<Vec<Contact>, StoreError> {
        self.db
            .fetch_in(CONTACTS_SQL, args![tenant.0], persons)
            .await?
            .iter()
            .map(contact_of)
            .collect()
    }

    /// Contacts since an instant that a rule forbade when they were made, newest first, at most so many.
    pub async fn contact_forbidden(
        &self,
        tenant: TenantId,
        since: Micros,
        limit: i64,
    ) -> Result<Vec<Contact>, StoreError> {
        let sql = contact_sql!("rules <> '' AND at >= $2 ORDER BY at DESC, contact_id LIMIT $3");
        let rows = self.db.fetch(sql, args![tenant.0, since, limit]).await?;
        rows.iter().map(contact_of).collect()
    }
}

fn contact_of(row: &Row) -> Result<Contact, StoreError> {
    Ok(Contact {
        id: ContactId(row.id(0)?),
        case: CaseId(row.id(1)?),
        person: PersonId(row.id(2)?),
        address: row.opt_id(3)?.map(AddressId),
        channel: row.code(4)?,
        at: Micros(row.int(5)?),
        outcome: row
            .opt_text(6)?
            .map(|code| code.parse())
            .transpose()
            .map_err(|_| StoreError::Shape {
                column: 6,
                expected: "known code",
            })?,
        event: row.opt_id(7)?.map(EventId),
        number: row.opt_id(8)?,
        staff: row.opt_id(9)?.map(StaffId),
        rules: row.text(10)?,
        reason: row
            .opt_text(11)?
            .map(|code| code.parse())
            .transpose()
            .map_err(|_| StoreError::Shape {
                column: 11,
                expected: "known code",
            })?,
        step: row.opt_text(12)?,
    })
}

impl WriteTx {
    /// As [`Store::contact_list`], within the transaction.
    pub async fn contact_list(&mut self, persons: &[Uuid]) -> Result<Vec<Contact>, StoreError> {
        let values = args![self.tenant()];
        self.fetch_in(CONTACTS_SQL, values, persons)
            .await?
            .iter()
            .map(contact_of)
            .collect()
    }

    /// Adds a contact.
    pub async fn contact_insert(&mut self, contact: &Contact) -> Result<(), StoreError> {
        self.contact_insert_many(std::slice::from_ref(contact)).await
    }

    /// Adds contacts.
    pub async fn contact_insert_many(&mut self, contacts: &[Contact]) -> Result<(), StoreError> {
        let tenant = self.tenant();
        let row = |contact: &Contact| {
            args![
                tenant,
                contact.id.0,
                contact.case.0,
                contact.person.0,
                contact.address.map(|id| id.0),
                contact.channel.code(),
                contact.at,
                contact.outcome.map(ContactOutcome::code),
                contact.event.map(|id| id.0),
                contact.number,
                contact.staff.map(|id| id.0),
                contact.rules.clone(),
                contact.reason.map(DefaultReason::code),
                contact.step.clone()
            ]
        };
        self.insert_many(
            "INSERT INTO contact (tenant_id, contact_id, case_id, person_id, address_id, channel, at, outcome, event_id, \
             number_digest, staff_id, rules, default_reason, step)",
            "",
            contacts.iter().map(row).collect(),
        )
        .await
        .map(drop)
    }

    /// Adds the outcome that a later event gave to the contact of a visit that began before, unless a stricter one is known.
    pub async fn contact_outcome(&mut self, contact: ContactId, outcome: ContactOutcome) -> Result<(), StoreError> {
        let sql = "SELECT outcome FROM contact WHERE tenant_id = $1 AND contact_id = $2";
        let values = args![self.tenant(), contact.0];
        let row = self.fetch_one(sql, values).await?.ok_or(StoreError::NotFound)?;
        let known: Option<ContactOutcome> = row.opt_text(0)?.and_then(|code| code.parse().ok());
        if known.is_some_and(|known| known.strictness() >= outcome.strictness()) {
            return Ok(());
        }
        let values = args![outcome.code(), self.tenant(), contact.0];
        self.exec_one(
            "UPDATE contact SET outcome = $1 WHERE tenant_id = $2 AND contact_id = $3",
            values,
        )
        .await
    }

    /// Adds the reason for default that was told of a contact later, where none was known.
    pub async fn contact_reason(&mut self, contact: ContactId, reason: DefaultReason) -> Result<(), StoreError> {
        let values = args![reason.code(), self.tenant(), contact.0];
        let sql = "UPDATE contact SET default_reason = $1 WHERE tenant_id = $2 AND contact_id = $3 \
                   AND default_reason IS NULL";
        self.exec(sql, values).await.map(drop)
    }

    /// Forgets why a case had fallen behind. Returns how many contacts had told of a reason.
    pub async fn contact_reasons_forget(&mut self, case: CaseId) -> Result<u64, StoreError> {
        let sql = "UPDATE contact SET default_reason = NULL \
                   WHERE tenant_id = $1 AND case_id = $2 AND default_reason IS NOT NULL";
        self.exec(sql, args![self.tenant(), case.0]).await
    }

    /// Gives the contact of a visit the outcome that somebody settled, stricter or not. A visit that never began has none.
    pub async fn contact_settle(&mut self, contact: ContactId, outcome: ContactOutcome) -> Result<(), StoreError> {
        let values = args![outcome.code(), self.tenant(), contact.0];
        let sql = "UPDATE contact SET outcome = $1 WHERE tenant_id = $2 AND contact_id = $3";
        self.exec(sql, values).await.map(drop)
    }
}
