//! What was said on the pages of notices, and how often somebody failed to show who they are.

use doorstep_domain::id::{CaseId, EventId, PersonId, StaffId, TenantId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::wish::{WishKind, WishState};
use uuid::Uuid;

use crate::db::{Row, Sql, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// Something said on the page of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Its id.
    pub id: Uuid,
    /// The notice.
    pub notice: Uuid,
    /// The visit that it announces.
    pub visit: VisitId,
    /// The case.
    pub case: CaseId,
    /// Whose notice it is.
    pub person: PersonId,
    /// What was said.
    pub kind: WishKind,
    /// Where it stands.
    pub state: WishState,
    /// The words, among the payloads.
    pub payload: Option<EventId>,
    /// When.
    pub made_at: Micros,
    /// When the office answered, and who.
    pub answered: Option<(Micros, StaffId)>,
}

fn wish_of(row: &Row) -> Result<Wish, StoreError> {
    let at = row.opt_int(9)?.map(Micros);
    Ok(Wish {
        id: row.id(0)?,
        notice: row.id(1)?,
        visit: VisitId(row.id(2)?),
        case: CaseId(row.id(3)?),
        person: PersonId(row.id(4)?),
        kind: row.code(5)?,
        state: row.code(6)?,
        payload: row.opt_id(7)?.map(EventId),
        made_at: Micros(row.int(8)?),
        answered: at.zip(row.opt_id(10)?.map(StaffId)),
    })
}

macro_rules! wish_sql {
    ($tail:literal) => {
        concat!(
            "SELECT wish_id, notice_id, visit_id, case_id, person_id, kind, state, payload_id, made_at, answered_at, ",
            "answered_by FROM wish ",
            $tail
        )
    };
}

impl Store {
    /// Wishes of a tenant, in one state where one is named, newest first, at most 1,000.
    pub async fn wish_list(&self, tenant: TenantId, state: Option<WishState>) -> Result<Vec<Wish>, StoreError> {
        let sql = Sql {
            lite: wish_sql!(
                "WHERE tenant_id = $1 AND ($2 IS NULL OR state = $2) ORDER BY made_at DESC, wish_id LIMIT 1000"
            ),
            pg: wish_sql!(
                "WHERE tenant_id = $1 AND ($2::TEXT IS NULL OR state = $2) ORDER BY made_at DESC, wish_id LIMIT 1000"
            ),
        };
        let rows = self.db.fetch(sql, args![tenant.0, state.map(WishState::code)]).await?;
        rows.iter().map(wish_of).collect()
    }

    /// One wish.
    pub async fn wish_get(&self, tenant: TenantId, id: Uuid) -> Result<Wish, StoreError> {
        let sql = wish_sql!("WHERE tenant_id = $1 AND wish_id = $2");
        wish_of(
            &self
                .db
                .fetch_one(sql, args![tenant.0, id])
                .await?
                .ok_or(StoreError::NotFound)?,
        )
    }

    /// How often one kind of thing was said on the page of a notice.
    pub async fn wish_count(&self, tenant: TenantId, notice: Uuid, kind: WishKind) -> Result<usize, StoreError> {
        let values = args![tenant.0, notice, kind.code()];
        let sql = "SELECT count(*) FROM wish WHERE tenant_id = $1 AND notice_id = $2 AND kind = $3";
        let row = self.db.fetch_one(sql, values).await?.ok_or(StoreError::NotFound)?;
        Ok(usize::try_from(row.int(0)?).unwrap_or(usize::MAX))
    }

    /// How often the digits of a notice were tried, those that were right left out, and since when its page is locked.
    pub async fn page_tries(&self, tenant: TenantId, notice: Uuid) -> Result<(i64, Option<Micros>), StoreError> {
        let sql = "SELECT tries, locked_at FROM notice_page WHERE tenant_id = $1 AND notice_id = $2";
        match self.db.fetch_one(sql, args![tenant.0, notice]).await? {
            Some(row) => Ok((row.int(0)?, row.opt_int(1)?.map(Micros))),
            None => Ok((0, None)),
        }
    }

    /// What shows, until `until`, that somebody who holds a code showed who they are. Nobody without the key store makes one.
    pub async fn page_pass(&self, tenant: TenantId, notice: Uuid, until: Micros) -> Result<Vec<u8>, StoreError> {
        let key = self.keys.mac_key(tenant, "page").await?;
        Ok(key.mac(&[notice.as_bytes(), &until.get().to_be_bytes()]).to_vec())
    }
}

impl WriteTx {
    /// Keeps a wish.
    pub async fn wish_insert(&mut self, wish: &Wish) -> Result<(), StoreError> {
        let row = args![
            self.tenant(),
            wish.id,
            wish.notice,
            wish.visit.0,
            wish.case.0,
            wish.person.0,
            wish.kind.code(),
            wish.state.code(),
            wish.payload.map(|id| id.0),
            wish.made_at
        ];
        self.insert_many(
            "INSERT INTO wish (tenant_id, wish_id, notice_id, visit_id, case_id, person_id, kind, state, payload_id, \
             made_at)",
            "",
            vec![row],
        )
        .await
        .map(drop)
    }

    /// Answers an open wish; `Changed` where somebody else was faster.
    pub async fn wish_answer(&mut self, id: Uuid, to: WishState, by: StaffId) -> Result<(), StoreError> {
        let values = args![to.code(), self.now(), by.0, self.tenant(), id];
        self.exec_one(
            "UPDATE wish SET state = $1, answered_at = $2, answered_by = $3 \
             WHERE tenant_id = $4 AND wish_id = $5 AND state = 'open'",
            values,
        )
        .await
    }

    /// Counts tries at the digits of a notice; returns how many there are.
    pub async fn page_try(&mut self, notice: Uuid, by: i64) -> Result<i64, StoreError> {
        let values = args![self.tenant(), notice, by];
        let sql = "INSERT INTO notice_page (tenant_id, notice_id, tries) VALUES ($1, $2, $3) \
                   ON CONFLICT (tenant_id, notice_id) DO UPDATE SET tries = notice_page.tries + excluded.tries \
                   RETURNING tries";
        let row = self.fetch_one(sql, values).await?.ok_or(StoreError::NotFound)?;
        row.int(0)
    }

    /// Locks the page of a notice; returns whether it was not locked before.
    pub async fn page_lock(&mut self, notice: Uuid) -> Result<bool, StoreError> {
        let values = args![self.now(), self.tenant(), notice];
        let sql = "UPDATE notice_page SET locked_at = $1 \
                   WHERE tenant_id = $2 AND notice_id = $3 AND locked_at IS NULL";
        Ok(self.exec(sql, values).await? == 1)
    }
}
