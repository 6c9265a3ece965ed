//! Letters to persons. What a letter says is a sealed payload.

use doorstep_domain::id::{Alias, CaseId, ContactId, EventId, LetterId, PersonId, StaffId, TenantId};
use doorstep_domain::letter::{LetterKind, LetterState};
use doorstep_domain::measure::Micros;
use uuid::Uuid;

use crate::db::{Row, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// A letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its id.
    pub id: LetterId,
    /// The case.
    pub case: CaseId,
    /// Whom it is for.
    pub person: PersonId,
    /// What it is for.
    pub kind: LetterKind,
    /// The language tag in which it is written; `both` where it is in every language of the program.
    pub language: String,
    /// Where it stands.
    pub state: LetterState,
    /// The sealed payload with the paper.
    pub payload: EventId,
    /// As of when the amount is right that it states.
    pub amount_as_of: Option<Micros>,
    /// Until when that amount may be stated.
    pub fresh_until: Option<Micros>,
    /// Who made it.
    pub made_by: StaffId,
    /// When.
    pub made_at: Micros,
    /// When it left the house.
    pub handed_over_at: Option<Micros>,
    /// The contact that it became when it left.
    pub contact: Option<ContactId>,
    /// When it was said to be delivered.
    pub delivered_at: Option<Micros>,
    /// When it came back.
    pub returned_at: Option<Micros>,
    /// When it was taken back.
    pub withdrawn_at: Option<Micros>,
}

/// A letter with the aliases that its entries name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterView {
    /// The letter.
    pub letter: Letter,
    /// What stands for its person in the log.
    pub person_alias: Alias,
    /// What stands for its case.
    pub case_alias: Alias,
}

macro_rules! letter_sql {
    ($tail:literal) => {
        concat!(
            "SELECT l.letter_id, l.case_id, l.person_id, l.kind, l.language, l.state, l.payload_id, l.amount_as_of, ",
            "l.fresh_until, l.made_by, l.made_at, l.handed_over_at, l.contact_id, l.delivered_at, l.returned_at, ",
            "l.withdrawn_at, p.alias, c.alias FROM letter l ",
            "JOIN person p ON p.tenant_id = l.tenant_id AND p.person_id = l.person_id ",
            "JOIN cases c ON c.tenant_id = l.tenant_id AND c.case_id = l.case_id ",
            $tail
        )
    };
}

fn view_of(row: &Row) -> Result<LetterView, StoreError> {
    Ok(LetterView {
        letter: Letter {
            id: LetterId(row.id(0)?),
            case: CaseId(row.id(1)?),
            person: PersonId(row.id(2)?),
            kind: row.code(3)?,
            language: row.text(4)?,
            state: row.code(5)?,
            payload: EventId(row.id(6)?),
            amount_as_of: row.opt_int(7)?.map(Micros),
            fresh_until: row.opt_int(8)?.map(Micros),
            made_by: StaffId(row.id(9)?),
            made_at: Micros(row.int(10)?),
            handed_over_at: row.opt_int(11)?.map(Micros),
            contact: row.opt_id(12)?.map(ContactId),
            delivered_at: row.opt_int(13)?.map(Micros),
            returned_at: row.opt_int(14)?.map(Micros),
            withdrawn_at: row.opt_int(15)?.map(Micros),
        },
        person_alias: Alias(row.id(16)?),
        case_alias: Alias(row.id(17)?),
    })
}

impl Store {
    /// Some letters by their ids.
    pub async fn letter_get_many(&self, tenant: TenantId, ids: &[Uuid]) -> Result<Vec<LetterView>, StoreError> {
        let sql = letter_sql!("WHERE l.tenant_id = $1 AND l.letter_id IN ({in}) ORDER BY l.letter_id");
        let rows = self.db.fetch_in(sql, args![tenant.0], ids).await?;
        rows.iter().map(view_of).collect()
    }

    /// The letters of some cases, oldest first.
    pub async fn letters_of_cases(&self, tenant: TenantId, cases: &[Uuid]) -> Result<Vec<LetterView>, StoreError> {
        let sql = letter_sql!("WHERE l.tenant_id = $1 AND l.case_id IN ({in}) ORDER BY l.made_at, l.letter_id");
        let rows = self.db.fetch_in(sql, args![tenant.0], cases).await?;
        rows.iter().map(view_of).collect()
    }

    /// The letters of a tenant, newest first.
    pub async fn letter_list(&self, tenant: TenantId, limit: i64) -> Result<Vec<LetterView>, StoreError> {
        let sql = letter_sql!("WHERE l.tenant_id = $1 ORDER BY l.made_at DESC, l.letter_id LIMIT $2");
        let rows = self.db.fetch(sql, args![tenant.0, limit]).await?;
        rows.iter().map(view_of).collect()
    }

    /// The letters of a tenant that wait, those that wait longest first.
    pub async fn letter_due(&self, tenant: TenantId, limit: i64) -> Result<Vec<LetterView>, StoreError> {
        let sql = letter_sql!("WHERE l.tenant_id = $1 AND l.state = 'made' ORDER BY l.made_at, l.letter_id LIMIT $2");
        let rows = self.db.fetch(sql, args![tenant.0, limit]).await?;
        rows.iter().map(view_of).collect()
    }
}

impl WriteTx {
    /// The letters of a case as they stand within the transaction, oldest first.
    pub async fn letters_of_case(&mut self, case: CaseId) -> Result<Vec<LetterView>, StoreError> {
        let values = args![self.tenant(), case.0];
        let sql = letter_sql!("WHERE l.tenant_id = $1 AND l.case_id = $2 ORDER BY l.made_at, l.letter_id");
        self.fetch(sql, values).await?.iter().map(view_of).collect()
    }

    /// Adds a letter.
    pub async fn letter_insert(&mut self, letter: &Letter) -> Result<(), StoreError> {
        let values = args![
            self.tenant(),
            letter.id.0,
            letter.case.0,
            letter.person.0,
            letter.kind.code(),
            letter.language.as_str(),
            letter.state.code(),
            letter.payload.0,
            letter.amount_as_of,
            letter.fresh_until,
            letter.made_by.0,
            letter.made_at
        ];
        self.exec(
            "INSERT INTO letter (tenant_id, letter_id, case_id, person_id, kind, language, state, payload_id, \
             amount_as_of, fresh_until, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            values,
        )
        .await
        .map(drop)
    }

    /// Moves a letter on from a state; `Changed` where somebody else did.
    pub async fn letter_move(
        &mut self,
        id: LetterId,
        (from, to): (LetterState, LetterState),
    ) -> Result<(), StoreError> {
        let sql = match to {
            LetterState::Made => return Err(StoreError::Changed),
            LetterState::HandedOver => {
                "UPDATE letter SET state = $1, handed_over_at = $2 WHERE tenant_id = $3 AND letter_id = $4 AND state = $5"
            }
            LetterState::Delivered => {
                "UPDATE letter SET state = $1, delivered_at = $2 WHERE tenant_id = $3 AND letter_id = $4 AND state = $5"
            }
            LetterState::Returned => {
                "UPDATE letter SET state = $1, returned_at = $2 WHERE tenant_id = $3 AND letter_id = $4 AND state = $5"
            }
            LetterState::Withdrawn => {
                "UPDATE letter SET state = $1, withdrawn_at = $2 WHERE tenant_id = $3 AND letter_id = $4 AND state = $5"
            }
        };
        let values = args![to.code(), self.now(), self.tenant(), id.0, from.code()];
        self.exec_one(sql, values).await
    }

    /// Notes the contact that a letter became.
    pub async fn letter_contact(&mut self, id: LetterId, contact: ContactId) -> Result<(), StoreError> {
        let values = args![contact.0, self.tenant(), id.0];
        self.exec_one(
            "UPDATE letter SET contact_id = $1 WHERE tenant_id = $2 AND letter_id = $3",
            values,
        )
        .await
    }
}
