//! What narrows contacts with a person: rows with who, when and what lifted them. They are only added to, never removed.

use doorstep_domain::id::{ApprovalId, CaseId, EventId, PersonId, StaffId, TenantId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::restriction::{RestrictionKind, RightSource};
use uuid::Uuid;

use crate::db::{Row, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// One restriction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restriction {
    /// Its id.
    pub id: Uuid,
    /// The case in which it was said.
    pub case: CaseId,
    /// Whom it protects.
    pub person: PersonId,
    /// What it is.
    pub kind: RestrictionKind,
    /// Which contacts a ban is about.
    pub ban: BanRow,
    /// From when.
    pub starts: Micros,
    /// Until when; `None` until it is lifted.
    pub ends: Option<Micros>,
    /// Where it comes from.
    pub source: RightSource,
    /// Who of the staff noted it.
    pub staff: Option<StaffId>,
    /// At which visit.
    pub visit: Option<VisitId>,
    /// The device's event, or the payload with what was said.
    pub event: Option<EventId>,
    /// When.
    pub made_at: Micros,
    /// How it ended.
    pub lifted: Option<Lifted>,
}

/// Which contacts a ban is about, as it is stored: codes separated by commas, and stated times; empty means every one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BanRow {
    /// Channels.
    pub channels: String,
    /// Kinds of place.
    pub places: String,
    /// Hours, as times that a person stated are written.
    pub hours: String,
}

/// How a restriction ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifted {
    /// When.
    pub at: Micros,
    /// By whom; `None` where the person did it.
    pub by: Option<StaffId>,
    /// Why, as a code.
    pub reason: String,
    /// The approval of the second person.
    pub approval: Option<ApprovalId>,
}

fn restriction_of(row: &Row) -> Result<Restriction, StoreError> {
    let lifted = match row.opt_int(14)? {
        None => None,
        Some(at) => Some(Lifted {
            at: Micros(at),
            by: row.opt_id(15)?.map(StaffId),
            reason: row.opt_text(16)?.unwrap_or_default(),
            approval: row.opt_id(17)?.map(ApprovalId),
        }),
    };
    Ok(Restriction {
        id: row.id(0)?,
        case: CaseId(row.id(1)?),
        person: PersonId(row.id(2)?),
        kind: row.code(3)?,
        ban: BanRow {
            channels: row.text(4)?,
            places: row.text(5)?,
            hours: row.text(6)?,
        },
        starts: Micros(row.int(7)?),
        ends: row.opt_int(8)?.map(Micros),
        source: row.code(9)?,
        staff: row.opt_id(10)?.map(StaffId),
        visit: row.opt_id(11)?.map(VisitId),
        event: row.opt_id(12)?.map(EventId),
        made_at: Micros(row.int(13)?),
        lifted,
    })
}

macro_rules! restriction_sql {
    ($tail:literal) => {
        concat!(
            "SELECT restriction_id, case_id, person_id, kind, channels, places, hours, starts_at, ends_at, source, ",
            "staff_id, visit_id, event_id, made_at, lifted_at, lifted_by, lift_reason, approval_id FROM restriction ",
            $tail
        )
    };
}

const OF_PERSONS: &str =
    restriction_sql!("WHERE tenant_id = $1 AND person_id IN ({in}) ORDER BY made_at, restriction_id");
const BANS: &str =
    restriction_sql!("WHERE tenant_id = $1 AND kind = 'ban' AND lifted_at IS NULL AND person_id IN ({in})");

impl Store {
    /// All restrictions of some persons, also those that were lifted, oldest first.
    pub async fn restriction_list(&self, tenant: TenantId, persons: &[Uuid]) -> Result<Vec<Restriction>, StoreError> {
        let rows = self.db.fetch_in(OF_PERSONS, args![tenant.0], persons).await?;
        rows.iter().map(restriction_of).collect()
    }

    /// The bans of some persons that were not lifted.
    pub async fn ban_list(&self, tenant: TenantId, persons: &[Uuid]) -> Result<Vec<Restriction>, StoreError> {
        let rows = self.db.fetch_in(BANS, args![tenant.0], persons).await?;
        rows.iter().map(restriction_of).collect()
    }

    /// One restriction.
    pub async fn restriction_get(&self, tenant: TenantId, id: Uuid) -> Result<Restriction, StoreError> {
        let sql = restriction_sql!("WHERE tenant_id = $1 AND restriction_id = $2");
        let row = self.db.fetch_one(sql, args![tenant.0, id]).await?;
        restriction_of(&row.ok_or(StoreError::NotFound)?)
    }
}

impl WriteTx {
    /// As [`Store::ban_list`], within the transaction.
    pub async fn ban_list(&mut self, persons: &[Uuid]) -> Result<Vec<Restriction>, StoreError> {
        let values = args![self.tenant()];
        let rows = self.fetch_in(BANS, values, persons).await?;
        rows.iter().map(restriction_of).collect()
    }

    /// As [`Store::restriction_list`], within the transaction.
    pub async fn restriction_list(&mut self, persons: &[Uuid]) -> Result<Vec<Restriction>, StoreError> {
        let values = args![self.tenant()];
        let rows = self.fetch_in(OF_PERSONS, values, persons).await?;
        rows.iter().map(restriction_of).collect()
    }

    /// Adds a restriction.
    pub async fn restriction_insert(&mut self, new: &Restriction) -> Result<(), StoreError> {
        let row = args![
            self.tenant(),
            new.id,
            new.case.0,
            new.person.0,
            new.kind.code(),
            new.ban.channels.as_str(),
            new.ban.places.as_str(),
            new.ban.hours.as_str(),
            new.starts,
            new.ends,
            new.source.code(),
            new.staff.map(|id| id.0),
            new.visit.map(|id| id.0),
            new.event.map(|id| id.0),
            new.made_at
        ];
        self.insert_many(
            "INSERT INTO restriction (tenant_id, restriction_id, case_id, person_id, kind, channels, places, hours, \
             starts_at, ends_at, source, staff_id, visit_id, event_id, made_at)",
            "",
            vec![row],
        )
        .await
        .map(drop)
    }

    /// Keeps what was said when lifting it was asked for, until a second person answers.
    pub async fn restriction_lift_asked(&mut self, id: Uuid, note: EventId) -> Result<(), StoreError> {
        let values = args![note.0, self.tenant(), id];
        let sql = "UPDATE restriction SET lift_note_id = $1 \
                   WHERE tenant_id = $2 AND restriction_id = $3 AND lifted_at IS NULL";
        self.exec_one(sql, values).await
    }

    /// Marks a restriction as lifted; `Changed` where somebody else was faster.
    pub async fn restriction_lift(
        &mut self,
        id: Uuid,
        lifted: &Lifted,
        note: Option<EventId>,
    ) -> Result<(), StoreError> {
        let values = args![
            lifted.at,
            lifted.by.map(|id| id.0),
            lifted.reason.as_str(),
            lifted.approval.map(|id| id.0),
            note.map(|id| id.0),
            self.tenant(),
            id
        ];
        self.exec_one(
            "UPDATE restriction SET lifted_at = $1, lifted_by = $2, lift_reason = $3, approval_id = $4, \
             lift_note_id = COALESCE($5, lift_note_id) WHERE tenant_id = $6 AND restriction_id = $7 AND lifted_at IS NULL",
            values,
        )
        .await
    }
}
