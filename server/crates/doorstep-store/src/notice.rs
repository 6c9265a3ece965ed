//! Notices of visits, and the visits that a supervisor lets be made without one. What a notice says is a sealed payload.

use doorstep_domain::id::{Alias, CaseId, EventId, PersonId, StaffId, TenantId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::notice::{NoticeChannel, NoticeState, NoticeWaiver};
use uuid::Uuid;

use crate::db::{Row, Sql, Value, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its id.
    pub id: Uuid,
    /// The visit that it announces.
    pub visit: VisitId,
    /// The case.
    pub case: CaseId,
    /// Whom it is for.
    pub person: PersonId,
    /// The day that it announces, at the address, in days since 1970-01-01.
    pub day: i64,
    /// On which way it goes.
    pub channel: NoticeChannel,
    /// The language tag in which it is written; `both` where the person's is none of the program's.
    pub language: String,
    /// Where it stands.
    pub state: NoticeState,
    /// When it was queued.
    pub queued_at: Micros,
    /// When it left the house, the last time.
    pub handed_over_at: Option<Micros>,
    /// When somebody said that it was delivered.
    pub delivered_at: Option<Micros>,
    /// When somebody said that it came back.
    pub returned_at: Option<Micros>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Micros>,
    /// Hash of its page code.
    pub code_hash: Vec<u8>,
    /// When the page code ends.
    pub code_expires: Micros,
    /// Hash of its stop code, bound to the visit's alias.
    pub stop_hash: Vec<u8>,
    /// The sealed payload with texts and codes.
    pub payload: EventId,
}

/// A notice with the aliases that its entries name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeView {
    /// The notice.
    pub notice: Notice,
    /// What stands for its person in the log.
    pub person_alias: Alias,
    /// What stands for its visit.
    pub visit_alias: Alias,
    /// Whether the visit is still to be made.
    pub is_ahead: bool,
    /// Whether the visit was called off.
    pub is_off: bool,
}

/// A visit without notice, by leave of a supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiver {
    /// The visit.
    pub visit: VisitId,
    /// Its case.
    pub case: CaseId,
    /// Its day at the address, in days since 1970-01-01.
    pub day: i64,
    /// Who allowed it.
    pub staff: StaffId,
    /// Why.
    pub reason: NoticeWaiver,
    /// When.
    pub at: Micros,
}

/// What the rules ask of notices of a case: that one left the house for a day, or that a supervisor waived it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Announced {
    /// The case.
    pub case: CaseId,
    /// The day that was announced, at the address, in days since 1970-01-01.
    pub day: i64,
    /// When the notice left the house; `None` for a waiver.
    pub handed_over_at: Option<Micros>,
}

fn view_of(row: &Row) -> Result<NoticeView, StoreError> {
    Ok(NoticeView {
        notice: Notice {
            id: row.id(0)?,
            visit: VisitId(row.id(1)?),
            case: CaseId(row.id(2)?),
            person: PersonId(row.id(3)?),
            day: row.int(4)?,
            channel: row.code(5)?,
            language: row.text(6)?,
            state: row.code(7)?,
            queued_at: Micros(row.int(8)?),
            handed_over_at: row.opt_int(9)?.map(Micros),
            delivered_at: row.opt_int(10)?.map(Micros),
            returned_at: row.opt_int(11)?.map(Micros),
            withdrawn_at: row.opt_int(12)?.map(Micros),
            code_hash: row.blob(13)?,
            code_expires: Micros(row.int(14)?),
            stop_hash: row.blob(15)?,
            payload: EventId(row.id(16)?),
        },
        person_alias: Alias(row.id(17)?),
        visit_alias: Alias(row.id(18)?),
        is_ahead: row.text(19)? == "planned",
        is_off: row.text(19)? == "cancelled",
    })
}

macro_rules! notice_sql {
    ($tail:literal) => {
        concat!(
            "SELECT n.notice_id, n.visit_id, n.case_id, n.person_id, n.day, n.channel, n.language, n.state, n.queued_at, ",
            "n.handed_over_at, n.delivered_at, n.returned_at, n.withdrawn_at, n.code_hash, n.code_expires, n.stop_hash, ",
            "n.payload_id, p.alias, v.alias, v.state FROM notice n ",
            "JOIN person p ON p.tenant_id = n.tenant_id AND p.person_id = n.person_id ",
            "JOIN visit v ON v.tenant_id = n.tenant_id AND v.visit_id = n.visit_id ",
            $tail
        )
    };
}

const HANDED_OVER: &str = "SELECT case_id, day, handed_over_at FROM notice \
     WHERE tenant_id = $1 AND state IN ('handed_over', 'delivered') AND case_id IN ({in})";
const WAIVED: &str = "SELECT case_id, day FROM notice_waiver WHERE tenant_id = $1 AND case_id IN ({in})";

fn handed_over(row: &Row) -> Result<Announced, StoreError> {
    Ok(Announced {
        case: CaseId(row.id(0)?),
        day: row.int(1)?,
        handed_over_at: row.opt_int(2)?.map(Micros),
    })
}

fn waived(row: &Row) -> Result<Announced, StoreError> {
    Ok(Announced {
        case: CaseId(row.id(0)?),
        day: row.int(1)?,
        handed_over_at: None,
    })
}

fn both_of(notices: &[Row], waivers: &[Row]) -> Result<Vec<Announced>, StoreError> {
    let notices = notices.iter().map(handed_over);
    notices.chain(waivers.iter().map(waived)).collect()
}

impl Store {
    /// The notice with a page code of this hash, and its tenant: whoever holds the code has no account.
    pub async fn notice_by_code(&self, code_hash: &[u8]) -> Result<Option<(TenantId, NoticeView)>, StoreError> {
        let sql = "SELECT tenant_id, notice_id FROM notice WHERE code_hash = $1";
        let Some(row) = self.db.fetch_one(sql, args![code_hash]).await? else {
            return Ok(None);
        };
        let tenant = TenantId(row.id(0)?);
        let found = self.notice_get_many(tenant, &[row.id(1)?]).await?.pop();
        Ok(found.map(|notice| (tenant, notice)))
    }

    /// Some notices by their ids.
    pub async fn notice_get_many(&self, tenant: TenantId, ids: &[Uuid]) -> Result<Vec<NoticeView>, StoreError> {
        let sql = notice_sql!("WHERE n.tenant_id = $1 AND n.notice_id IN ({in}) ORDER BY n.notice_id");
        let rows = self.db.fetch_in(sql, args![tenant.0], ids).await?;
        rows.iter().map(view_of).collect()
    }

    /// The notices of some cases, oldest first.
    pub async fn notices_of_cases(&self, tenant: TenantId, cases: &[Uuid]) -> Result<Vec<NoticeView>, StoreError> {
        let sql = notice_sql!("WHERE n.tenant_id = $1 AND n.case_id IN ({in}) ORDER BY n.queued_at, n.notice_id");
        let rows = self.db.fetch_in(sql, args![tenant.0], cases).await?;
        rows.iter().map(view_of).collect()
    }

    /// The notices of some visits, oldest first.
    pub async fn notice_of_visits(&self, tenant: TenantId, visits: &[Uuid]) -> Result<Vec<NoticeView>, StoreError> {
        let sql = notice_sql!("WHERE n.tenant_id = $1 AND n.visit_id IN ({in}) ORDER BY n.queued_at, n.notice_id");
        let rows = self.db.fetch_in(sql, args![tenant.0], visits).await?;
        rows.iter().map(view_of).collect()
    }

    /// Notices of a tenant, of one state where one is named, the newest first.
    pub async fn notice_list(
        &self,
        tenant: TenantId,
        state: Option<NoticeState>,
        limit: i64,
    ) -> Result<Vec<NoticeView>, StoreError> {
        let sql = Sql {
            lite: notice_sql!(
                "WHERE n.tenant_id = $1 AND ($2 IS NULL OR n.state = $2) ORDER BY n.queued_at DESC, n.notice_id LIMIT $3"
            ),
            pg: notice_sql!(
                "WHERE n.tenant_id = $1 AND ($2::TEXT IS NULL OR n.state = $2) \
                 ORDER BY n.queued_at DESC, n.notice_id LIMIT $3"
            ),
        };
        let values: Vec<Value> = args![tenant.0, state.map(NoticeState::code), limit];
        self.db.fetch(sql, values).await?.iter().map(view_of).collect()
    }

    /// The notices of a tenant that wait, those that wait longest first.
    pub async fn notice_due(&self, tenant: TenantId, limit: i64) -> Result<Vec<NoticeView>, StoreError> {
        let sql =
            notice_sql!("WHERE n.tenant_id = $1 AND n.state = 'queued' ORDER BY n.queued_at, n.notice_id LIMIT $2");
        self.db
            .fetch(sql, args![tenant.0, limit])
            .await?
            .iter()
            .map(view_of)
            .collect()
    }

    /// What the rules ask of the notices of some cases.
    pub async fn announced_list(&self, tenant: TenantId, cases: &[Uuid]) -> Result<Vec<Announced>, StoreError> {
        let notices = self.db.fetch_in(HANDED_OVER, args![tenant.0], cases).await?;
        let waivers = self.db.fetch_in(WAIVED, args![tenant.0], cases).await?;
        both_of(&notices, &waivers)
    }
}

impl WriteTx {
    /// As [`Store::announced_list`], within the transaction.
    pub async fn announced_list(&mut self, cases: &[Uuid]) -> Result<Vec<Announced>, StoreError> {
        let tenant = self.tenant();
        let notices = self.fetch_in(HANDED_OVER, args![tenant], cases).await?;
        let waivers = self.fetch_in(WAIVED, args![tenant], cases).await?;
        both_of(&notices, &waivers)
    }

    /// Queues notices.
    pub async fn notice_insert(&mut self, notices: &[Notice]) -> Result<(), StoreError> {
        let tenant = self.tenant();
        let rows = notices.iter().map(|one| {
            args![
                tenant,
                one.id,
                one.visit.0,
                one.case.0,
                one.person.0,
                one.day,
                one.channel.code(),
                one.language.as_str(),
                one.state.code(),
                one.queued_at,
                one.code_hash.as_slice(),
                one.code_expires,
                one.stop_hash.as_slice(),
                one.payload.0
            ]
        });
        let rows = rows.collect();
        let head = "INSERT INTO notice (tenant_id, notice_id, visit_id, case_id, person_id, day, channel, language, state, \
                    queued_at, code_hash, code_expires, stop_hash, payload_id)";
        self.insert_many(head, "", rows).await.map(drop)
    }

    /// Keeps that visits may be made without notice.
    pub async fn notice_waive(&mut self, waivers: &[Waiver]) -> Result<(), StoreError> {
        let tenant = self.tenant();
        let rows = waivers.iter().map(|one| {
            args![
                tenant,
                one.visit.0,
                one.case.0,
                one.day,
                one.staff.0,
                one.reason.code(),
                one.at
            ]
        });
        let rows = rows.collect();
        let head = "INSERT INTO notice_waiver (tenant_id, visit_id, case_id, day, staff_id, reason, waived_at)";
        self.insert_many(head, "", rows).await.map(drop)
    }

    /// Moves a notice from the state in which it was seen to another, now; `Changed` where it moved on meanwhile.
    pub async fn notice_move(&mut self, id: Uuid, from: NoticeState, to: NoticeState) -> Result<(), StoreError> {
        let sql = match to {
            NoticeState::Queued => return Err(StoreError::Changed),
            NoticeState::HandedOver => {
                "UPDATE notice SET state = $1, handed_over_at = $2, delivered_at = NULL \
                 WHERE tenant_id = $3 AND notice_id = $4 AND state = $5"
            }
            NoticeState::Delivered => {
                "UPDATE notice SET state = $1, delivered_at = $2 WHERE tenant_id = $3 AND notice_id = $4 AND state = $5"
            }
            NoticeState::Returned => {
                "UPDATE notice SET state = $1, returned_at = $2 WHERE tenant_id = $3 AND notice_id = $4 AND state = $5"
            }
            NoticeState::Withdrawn => {
                "UPDATE notice SET state = $1, withdrawn_at = $2 WHERE tenant_id = $3 AND notice_id = $4 AND state = $5"
            }
        };
        let values = args![to.code(), self.now(), self.tenant(), id, from.code()];
        self.exec_one(sql, values).await
    }

    /// The notices of some visits that still wait, as they stand within the transaction.
    pub async fn notice_waiting(&mut self, visits: &[Uuid]) -> Result<Vec<NoticeView>, StoreError> {
        let sql = notice_sql!("WHERE n.tenant_id = $1 AND n.state = 'queued' AND n.visit_id IN ({in})");
        let values = args![self.tenant()];
        let rows = self.fetch_in(sql, values, visits).await?;
        rows.iter().map(view_of).collect()
    }
}
