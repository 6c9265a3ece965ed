//! Cases taken back from agencies, and the record of how an agency destroyed what it had of them. Nobody but this program
//! may write one.

use doorstep_domain::agency::{CopiesKept, DestructionMethod, RecallReason, RecallState};
use doorstep_domain::id::{AgencyId, DeviceId, EventId, StaffId, TeamId, TenantId};
use doorstep_domain::measure::Micros;
use uuid::Uuid;

use crate::case::CaseView;
use crate::db::{Row, args};
use crate::device::NOUN_DOOR;
use crate::entry::Housekeeping;
use crate::error::StoreError;
use crate::mac::MacKey;
use crate::store::Store;
use crate::write::WriteTx;

/// Something that somebody wrote: who, when, and the sealed words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// Who.
    pub by: StaffId,
    /// When.
    pub at: Micros,
    /// The words.
    pub words: EventId,
}

/// What an agency says of the destruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Destroyed {
    /// How.
    pub method: DestructionMethod,
    /// What it keeps all the same.
    pub copies: CopiesKept,
    /// Who said so.
    pub said: Said,
}

/// A recall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recall {
    /// Its id.
    pub id: Uuid,
    /// From whom.
    pub agency: AgencyId,
    /// The creditor's team that gets the cases.
    pub team: TeamId,
    /// Whether it takes all cases of the agency.
    pub every: bool,
    /// Why.
    pub reason: RecallReason,
    /// Where it stands.
    pub state: RecallState,
    /// Who asked for it.
    pub asked: Said,
    /// How many cases came back.
    pub cases: i64,
    /// How many visits ahead were withdrawn.
    pub visits: i64,
    /// When the cases came back.
    pub at: Option<Micros>,
    /// Until when the agency is to destroy what it had.
    pub due: Option<Micros>,
    /// What the agency said last.
    pub destroyed: Option<Destroyed>,
    /// What the creditor answered last.
    pub answered: Option<Said>,
}

fn said(row: &Row, (by, at, words): (usize, usize, usize)) -> Result<Option<Said>, StoreError> {
    let (by, at, words) = (row.opt_id(by)?, row.opt_int(at)?, row.opt_id(words)?);
    Ok(match (by, at, words) {
        (Some(by), Some(at), Some(words)) => Some(Said {
            by: StaffId(by),
            at: Micros(at),
            words: EventId(words),
        }),
        _ => None,
    })
}

fn recall_of(row: &Row) -> Result<Recall, StoreError> {
    let destroyed = match said(row, (15, 16, 17))? {
        Some(said) => Some(Destroyed {
            method: row.code(13)?,
            copies: row.code(14)?,
            said,
        }),
        None => None,
    };
    Ok(Recall {
        id: row.id(0)?,
        agency: AgencyId(row.id(1)?),
        team: TeamId(row.id(2)?),
        every: row.int(3)? != 0,
        reason: row.code(4)?,
        state: row.code(5)?,
        asked: Said {
            by: StaffId(row.id(6)?),
            at: Micros(row.int(7)?),
            words: EventId(row.id(8)?),
        },
        cases: row.int(9)?,
        visits: row.int(10)?,
        at: row.opt_int(11)?.map(Micros),
        due: row.opt_int(12)?.map(Micros),
        destroyed,
        answered: said(row, (18, 19, 20))?,
    })
}

/// All of a recall as the MAC covers it.
fn recall_row(one: &Recall) -> String {
    let told = |said: &Said| format!("{} {} {}", said.by, said.at.get(), said.words);
    let destroyed = one
        .destroyed
        .map(|one| format!("{} {} {}", one.method, one.copies, told(&one.said)));
    let (at, due) = (one.at.map(Micros::get), one.due.map(Micros::get));
    let Recall {
        id,
        agency,
        team,
        every,
        reason,
        state,
        cases,
        visits,
        ..
    } = one;
    let asked = format!("recall {id} {agency} {team} {every} {reason} {}", told(&one.asked));
    let answered = one.answered.as_ref().map(told);
    format!("{asked} {state} {cases} {visits} {at:?} {due:?} {destroyed:?} {answered:?}")
}

fn recall_mac(key: &MacKey, one: &Recall) -> Vec<u8> {
    key.mac(&[recall_row(one).as_bytes()]).to_vec()
}

const RECALLS: &str = "SELECT recall_id, agency_id, team_id, every, reason, state, asked_by, asked_at, words_id, cases, visits, \
                       recalled_at, due_at, method, copies, confirmed_by, confirmed_at, confirmed_words, answered_by, \
                       answered_at, answered_words, mac FROM agency_recall WHERE tenant_id = $1 ORDER BY asked_at, recall_id";

impl Store {
    /// All recalls of a tenant, oldest first; `Forged` where somebody else wrote one.
    pub async fn recall_list(&self, tenant: TenantId) -> Result<Vec<Recall>, StoreError> {
        let key = self.keys.mac_key(tenant, "agency").await?;
        let rows = self.db.fetch(RECALLS, args![tenant.0]).await?;
        let trusted = |row: &Row| {
            let one = recall_of(row)?;
            let holds = key.holds(&[recall_row(&one).as_bytes()], row.bytes(21)?);
            holds.then_some(one).ok_or(StoreError::Forged("agency_recall"))
        };
        rows.iter().map(trusted).collect()
    }

    /// Devices that may still have a door in full of a case that is their agency's no more, with the agency. Those not heard
    /// of since `seen` have wiped it by themselves: their lease is over.
    pub async fn devices_unwiped(
        &self,
        tenant: TenantId,
        seen: Micros,
    ) -> Result<Vec<(AgencyId, DeviceId)>, StoreError> {
        let sql = "SELECT DISTINCT s.agency_id, h.device_id FROM device_held h \
                   JOIN device d ON d.tenant_id = h.tenant_id AND d.device_id = h.device_id \
                   JOIN staff s ON s.tenant_id = d.tenant_id AND s.staff_id = d.staff_id \
                   JOIN visit v ON v.tenant_id = h.tenant_id AND v.visit_id = h.noun_id \
                   JOIN cases c ON c.tenant_id = v.tenant_id AND c.case_id = v.case_id \
                   WHERE h.tenant_id = $1 AND h.noun = $2 AND h.is_full = 1 AND d.seen_at >= $3 \
                   AND s.agency_id IS NOT NULL AND (c.agency_id IS NULL OR c.agency_id <> s.agency_id)";
        let rows = self.db.fetch(sql, args![tenant.0, NOUN_DOOR, seen]).await?;
        rows.iter()
            .map(|row| Ok((AgencyId(row.id(0)?), DeviceId(row.id(1)?))))
            .collect()
    }

    /// Notes that a device has these doors without what names anybody, as it said by asking again.
    pub async fn device_wiped(
        &self,
        tenant: TenantId,
        device: DeviceId,
        doors: &[Uuid],
        now: Micros,
    ) -> Result<(), StoreError> {
        let full = "SELECT noun_id FROM device_held WHERE tenant_id = $1 AND device_id = $2 AND noun = $3 AND is_full = 1 \
                    AND noun_id IN ({in})";
        let values = args![tenant.0, device.0, NOUN_DOOR];
        let rows = self.db.fetch_in(full, values, doors).await?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut tx = self.write(tenant, now).await?;
        for row in &rows {
            let sql = "UPDATE device_held SET is_full = 0 \
                       WHERE tenant_id = $1 AND device_id = $2 AND noun = $3 AND noun_id = $4";
            tx.exec(sql, args![tenant.0, device.0, NOUN_DOOR, row.id(0)?]).await?;
        }
        tx.commit_housekeeping(Housekeeping::Caches).await
    }
}

impl WriteTx {
    /// Writes a recall, or how it stands now; `Changed` where it does not stand as `before` any more.
    pub async fn recall_write(&mut self, one: &Recall, before: Option<RecallState>) -> Result<(), StoreError> {
        if let Some(before) = before {
            let sql = "DELETE FROM agency_recall WHERE tenant_id = $1 AND recall_id = $2 AND state = $3";
            let values = args![self.tenant(), one.id, before.code()];
            self.exec_one(sql, values).await?;
        }
        let mac = recall_mac(&self.mac_key("agency").await?, one);
        let (destroyed, answered) = (one.destroyed, one.answered);
        let told = destroyed.map(|one| one.said);
        let values = args![
            self.tenant(),
            one.id,
            one.agency.0,
            one.team.0,
            i64::from(one.every),
            one.reason.code(),
            one.state.code(),
            one.asked.by.0,
            one.asked.at,
            one.asked.words.0,
            one.cases,
            one.visits,
            one.at,
            one.due,
            destroyed.map(|one| one.method.code()),
            destroyed.map(|one| one.copies.code()),
            told.map(|said| said.by.0),
            told.map(|said| said.at),
            told.map(|said| said.words.0),
            answered.map(|said| said.by.0),
            answered.map(|said| said.at),
            answered.map(|said| said.words.0),
            mac
        ];
        let sql = "INSERT INTO agency_recall (tenant_id, recall_id, agency_id, team_id, every, reason, state, asked_by, asked_at, \
                   words_id, cases, visits, recalled_at, due_at, method, copies, confirmed_by, confirmed_at, confirmed_words, \
                   answered_by, answered_at, answered_words, mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, \
                   $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)";
        self.exec(sql, values).await.map(drop)
    }

    /// Gives a case back to the creditor; `Changed` where it is that agency's no more.
    pub async fn case_return(&mut self, view: &CaseView, agency: AgencyId, team: TeamId) -> Result<(), StoreError> {
        let values = args![team.0, self.now(), self.tenant(), view.case.id.0, agency.0];
        self.exec_one(
            "UPDATE cases SET agency_id = NULL, team_id = $1, version = version + 1, updated_at = $2 \
             WHERE tenant_id = $3 AND case_id = $4 AND agency_id = $5",
            values,
        )
        .await
    }
}
