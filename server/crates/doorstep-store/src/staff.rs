//! Staff and the roster. Names and homes are sealed under each staff member's own key.

use doorstep_domain::id::{AgencyId, Alias, CrewId, RosterId, StaffId, TeamId, TenantId};
use doorstep_domain::measure::{Micros, Seconds};
use doorstep_domain::staff::Role;
use serde::{Deserialize, Serialize};

use uuid::Uuid;

use crate::db::{Row, Sql, Tx, args};
use crate::error::StoreError;
use crate::keys::KeyStore;
use crate::mac::MacKey;
use crate::store::Store;
use crate::write::WriteTx;

/// A staff member as far as the database shows it in clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// Its id.
    pub id: StaffId,
    /// What stands for it in the log.
    pub alias: Alias,
    /// The team it belongs to.
    pub team: Option<TeamId>,
    /// The agency it belongs to; `None` for the creditor's own.
    pub agency: Option<AgencyId>,
    /// Name to sign in with; the staff number.
    pub login: String,
    /// What it may do.
    pub role: Role,
    /// Whether it may sign in.
    pub active: bool,
    /// Language tags, separated by spaces.
    pub languages: String,
    /// Name and home, sealed.
    pub sealed: Vec<u8>,
}

/// What identifies a staff member, as sealed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffFields {
    /// Full name.
    pub name: String,
    /// Latitude of where its day begins and ends, in 1e-7 degrees; `None` where unknown.
    pub home_lat_e7: Option<i64>,
    /// Longitude of the same.
    pub home_lon_e7: Option<i64>,
}

/// What somebody signs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The tenant.
    pub tenant: TenantId,
    /// The staff member.
    pub staff: StaffId,
    /// What stands for it in the log.
    pub alias: Alias,
    /// The hash of the password; `None` where none was set yet.
    pub hash: Option<String>,
    /// Whether somebody else set the password and its owner has not changed it yet.
    pub first: bool,
}

/// Who sets a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetBy {
    /// The command that makes the data folder; it shows the password once.
    Program,
    /// Whoever signs in with it.
    Owner,
    /// A colleague: it is changed at its first use.
    Colleague(StaffId),
}

/// One line of the roster: who works in which crew and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roster {
    /// Its id.
    pub id: RosterId,
    /// The crew.
    pub crew: CrewId,
    /// The staff member.
    pub staff: StaffId,
    /// Start of the shift in seconds since local midnight.
    pub shift_start: Seconds,
    /// End of the shift in seconds since local midnight.
    pub shift_end: Seconds,
}

fn staff_of(row: &Row) -> Result<Staff, StoreError> {
    Ok(Staff {
        id: StaffId(row.id(0)?),
        alias: Alias(row.id(1)?),
        team: row.opt_id(2)?.map(TeamId),
        agency: row.opt_id(3)?.map(AgencyId),
        login: row.text(4)?,
        role: row.code(5)?,
        active: row.int(6)? == 1,
        languages: row.text(7)?,
        sealed: row.blob(8)?,
    })
}

const STAFF_SQL: &str = "SELECT staff_id, alias, team_id, agency_id, login, role, active, languages, sealed, \
     password_hash, password_first, mac FROM staff WHERE tenant_id = $1 AND staff_id = $2";

/// What of somebody nobody but this program may write: who they are in the log, what they may do, what they sign in with.
fn staff_row(staff: &Staff, hash: Option<&str>, first: bool) -> String {
    let Staff {
        id,
        alias,
        team,
        agency,
        ..
    } = staff;
    let (login, role, active) = (&staff.login, staff.role, staff.active);
    format!("{id} {alias} {team:?} {agency:?} {login:?} {role} {active} {hash:?} {first}")
}

/// The row of [`STAFF_SQL`] as it is vouched for.
fn vouched(row: &Row) -> Result<(Staff, String), StoreError> {
    let staff = staff_of(row)?;
    let text = staff_row(&staff, row.opt_text(9)?.as_deref(), row.int(10)? == 1);
    Ok((staff, text))
}

/// Somebody as this program wrote them.
fn staff_trusted(key: &MacKey, row: &Row) -> Result<Staff, StoreError> {
    let (staff, text) = vouched(row)?;
    if key.holds(&[text.as_bytes()], row.bytes(11)?) {
        Ok(staff)
    } else {
        Err(StoreError::Forged("staff"))
    }
}

/// Vouches for staff in rows of a version that knew no MACs.
pub(crate) async fn staff_adopt(tx: &mut Tx, keys: &KeyStore, tenant: TenantId) -> Result<(), StoreError> {
    let key = keys.mac_key(tenant, "staff").await?;
    let sql = "SELECT staff_id FROM staff WHERE tenant_id = $1 AND length(mac) = 0";
    for row in tx.fetch(sql, args![tenant.0]).await? {
        staff_vouch(tx, &key, tenant, StaffId(row.id(0)?)).await?;
    }
    Ok(())
}

/// Vouches for a row as it now is.
async fn staff_vouch(tx: &mut Tx, key: &MacKey, tenant: TenantId, staff: StaffId) -> Result<(), StoreError> {
    let row = tx.fetch_one(STAFF_SQL, args![tenant.0, staff.0]).await?;
    let (_, text) = vouched(&row.ok_or(StoreError::NotFound)?)?;
    let mac = key.mac(&[text.as_bytes()]).to_vec();
    let sql = "UPDATE staff SET mac = $1 WHERE tenant_id = $2 AND staff_id = $3";
    tx.exec(sql, args![mac, tenant.0, staff.0]).await.map(drop)
}

impl Store {
    /// Everybody of a tenant, by login.
    pub async fn staff_list(&self, tenant: TenantId) -> Result<Vec<Staff>, StoreError> {
        let sql = "SELECT staff_id, alias, team_id, agency_id, login, role, active, languages, sealed \
                   FROM staff WHERE tenant_id = $1 ORDER BY login";
        self.db
            .fetch(sql, args![tenant.0])
            .await?
            .iter()
            .map(staff_of)
            .collect()
    }

    /// One staff member.
    pub async fn staff_get(&self, tenant: TenantId, staff: StaffId) -> Result<Staff, StoreError> {
        let row = self.db.fetch_one(STAFF_SQL, args![tenant.0, staff.0]).await?;
        staff_trusted(
            &self.keys.mac_key(tenant, "staff").await?,
            &row.ok_or(StoreError::NotFound)?,
        )
    }

    /// Some staff members; who is unknown is left out.
    pub async fn staff_get_many(&self, tenant: TenantId, ids: &[Uuid]) -> Result<Vec<Staff>, StoreError> {
        let sql = "SELECT staff_id, alias, team_id, agency_id, login, role, active, languages, sealed \
                   FROM staff WHERE tenant_id = $1 AND staff_id IN ({in})";
        let rows = self.db.fetch_in(sql, args![tenant.0], ids).await?;
        rows.iter().map(staff_of).collect()
    }

    /// What is behind a login; several tenants may use the same one. A row that somebody else wrote or changed opens nothing.
    pub async fn staff_by_login(&self, login: &str) -> Result<Vec<Credentials>, StoreError> {
        let sql = "SELECT tenant_id, staff_id FROM staff WHERE login = $1 AND active = 1";
        let mut found = Vec::new();
        for row in self.db.fetch(sql, args![login]).await? {
            let (tenant, id) = (TenantId(row.id(0)?), row.id(1)?);
            let row = self.db.fetch_one(STAFF_SQL, args![tenant.0, id]).await?;
            let row = row.ok_or(StoreError::Changed)?;
            match staff_trusted(&self.keys.mac_key(tenant, "staff").await?, &row) {
                Ok(staff) => found.push(Credentials {
                    tenant,
                    staff: staff.id,
                    alias: staff.alias,
                    hash: row.opt_text(9)?,
                    first: row.int(10)? == 1,
                }),
                Err(StoreError::Forged(_)) => {
                    tracing::error!(staff.id = %id, "a row of the staff table was changed by somebody else");
                }
                Err(other) => return Err(other),
            }
        }
        Ok(found)
    }

    /// The staff of a tenant whose rows somebody else wrote or changed: they can do nothing.
    pub async fn staff_forged(&self, tenant: TenantId) -> Result<Vec<StaffId>, StoreError> {
        let sql = "SELECT staff_id FROM staff WHERE tenant_id = $1 ORDER BY staff_id";
        let mut forged = Vec::new();
        for row in self.db.fetch(sql, args![tenant.0]).await? {
            let staff = StaffId(row.id(0)?);
            match self.staff_get(tenant, staff).await {
                Err(StoreError::Forged(_)) => forged.push(staff),
                found => drop(found?),
            }
        }
        Ok(forged)
    }

    /// Who set whose password after `since`: pairs of the owner and the colleague.
    pub async fn password_sets(&self, tenant: TenantId, since: Micros) -> Result<Vec<(StaffId, StaffId)>, StoreError> {
        let sql = "SELECT staff_id, set_by FROM password_set WHERE tenant_id = $1 AND set_at > $2";
        let rows = self.db.fetch(sql, args![tenant.0, since]).await?;
        rows.iter()
            .map(|row| Ok((StaffId(row.id(0)?), StaffId(row.id(1)?))))
            .collect()
    }

    /// The roster of a team's crews.
    pub async fn roster_list(&self, tenant: TenantId, team: TeamId) -> Result<Vec<Roster>, StoreError> {
        let sql = "SELECT r.roster_id, r.crew_id, r.staff_id, r.shift_start, r.shift_end FROM roster r \
                   JOIN crew c ON c.tenant_id = r.tenant_id AND c.crew_id = r.crew_id \
                   WHERE r.tenant_id = $1 AND c.team_id = $2 ORDER BY r.crew_id, r.staff_id";
        self.db
            .fetch(sql, args![tenant.0, team.0])
            .await?
            .iter()
            .map(roster_of)
            .collect()
    }

    /// The roster of all teams' crews.
    pub async fn roster_list_all(&self, tenant: TenantId) -> Result<Vec<Roster>, StoreError> {
        let sql = "SELECT roster_id, crew_id, staff_id, shift_start, shift_end FROM roster \
                   WHERE tenant_id = $1 ORDER BY crew_id, staff_id";
        self.db
            .fetch(sql, args![tenant.0])
            .await?
            .iter()
            .map(roster_of)
            .collect()
    }

    /// Everybody who travels in a crew.
    pub async fn staff_of_crew(&self, tenant: TenantId, crew: CrewId) -> Result<Vec<Staff>, StoreError> {
        let sql = "SELECT s.staff_id, s.alias, s.team_id, s.agency_id, s.login, s.role, s.active, s.languages, \
                   s.sealed FROM staff s JOIN roster r ON r.tenant_id = s.tenant_id \
                   AND r.staff_id = s.staff_id WHERE s.tenant_id = $1 AND r.crew_id = $2 ORDER BY s.login";
        let rows = self.db.fetch(sql, args![tenant.0, crew.0]).await?;
        rows.iter().map(staff_of).collect()
    }

    /// The crew that a staff member travels with.
    pub async fn roster_of_staff(&self, tenant: TenantId, staff: StaffId) -> Result<Option<Roster>, StoreError> {
        let sql = "SELECT roster_id, crew_id, staff_id, shift_start, shift_end FROM roster \
                   WHERE tenant_id = $1 AND staff_id = $2";
        self.db
            .fetch_one(sql, args![tenant.0, staff.0])
            .await?
            .as_ref()
            .map(roster_of)
            .transpose()
    }
}

fn roster_of(row: &Row) -> Result<Roster, StoreError> {
    Ok(Roster {
        id: RosterId(row.id(0)?),
        crew: CrewId(row.id(1)?),
        staff: StaffId(row.id(2)?),
        shift_start: Seconds(row.int(3)?),
        shift_end: Seconds(row.int(4)?),
    })
}

impl WriteTx {
    /// As [`Store::staff_get`], within the transaction.
    pub async fn staff_get(&mut self, staff: StaffId) -> Result<Staff, StoreError> {
        let values = args![self.tenant(), staff.0];
        let row = self.fetch_one(STAFF_SQL, values).await?;
        staff_trusted(&self.mac_key("staff").await?, &row.ok_or(StoreError::NotFound)?)
    }

    /// Vouches for somebody after a change that this program made.
    async fn staff_vouch(&mut self, staff: StaffId) -> Result<(), StoreError> {
        let (key, tenant) = (self.mac_key("staff").await?, TenantId(self.tenant()));
        staff_vouch(self.inner(), &key, tenant, staff).await
    }

    /// Adds a staff member.
    pub async fn staff_insert(&mut self, staff: &Staff) -> Result<(), StoreError> {
        let values = args![
            self.tenant(),
            staff.id.0,
            staff.alias.0,
            staff.team.map(|team| team.0),
            staff.agency.map(|agency| agency.0),
            staff.login.as_str(),
            staff.role.code(),
            staff.active,
            staff.languages.as_str(),
            staff.sealed.clone()
        ];
        self.exec(
            "INSERT INTO staff (tenant_id, staff_id, alias, team_id, agency_id, login, role, active, languages, \
             sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            values,
        )
        .await?;
        self.staff_vouch(staff.id).await
    }

    /// Replaces what a staff file says of somebody: role, team, languages, name and home.
    pub async fn staff_update(&mut self, staff: &Staff) -> Result<(), StoreError> {
        self.staff_get(staff.id).await?;
        let values = args![
            staff.team.map(|team| team.0),
            staff.role.code(),
            staff.active,
            staff.languages.as_str(),
            staff.sealed.clone(),
            self.tenant(),
            staff.id.0
        ];
        self.exec_one(
            "UPDATE staff SET team_id = $1, role = $2, active = $3, languages = $4, sealed = $5 \
             WHERE tenant_id = $6 AND staff_id = $7",
            values,
        )
        .await?;
        self.staff_vouch(staff.id).await
    }

    /// Sets the hash of a password and ends the sessions that were opened with the one before. `before` is the hash that
    /// it replaces, where the caller knows it; `Changed` where it is another by now.
    pub async fn staff_password(
        &mut self,
        staff: StaffId,
        (before, hash): (Option<&str>, &str),
        by: SetBy,
    ) -> Result<(), StoreError> {
        self.staff_get(staff).await?;
        let (tenant, now) = (self.tenant(), self.now());
        let colleague = match by {
            SetBy::Colleague(colleague) => Some(colleague.0),
            SetBy::Program | SetBy::Owner => None,
        };
        let values = args![hash, colleague.is_some(), tenant, staff.0, before];
        let sql = Sql {
            lite: "UPDATE staff SET password_hash = $1, password_first = $2 WHERE tenant_id = $3 AND staff_id = $4 \
                   AND ($5 IS NULL OR password_hash = $5)",
            pg: "UPDATE staff SET password_hash = $1, password_first = $2 WHERE tenant_id = $3 AND staff_id = $4 \
                 AND ($5::TEXT IS NULL OR password_hash = $5)",
        };
        if self.exec(sql, values).await? != 1 {
            return Err(StoreError::Changed);
        }
        self.staff_vouch(staff).await?;
        if let Some(colleague) = colleague {
            let sql = "INSERT INTO password_set (tenant_id, staff_id, set_by, set_at) VALUES ($1, $2, $3, $4) \
                       ON CONFLICT (tenant_id, staff_id, set_by, set_at) DO NOTHING";
            self.exec(sql, args![tenant, staff.0, colleague, now]).await?;
        }
        let sql = "DELETE FROM session WHERE tenant_id = $1 AND staff_id = $2";
        self.exec(sql, args![tenant, staff.0]).await.map(drop)
    }

    /// Takes a staff member out of the roster, where they stood in it.
    pub async fn roster_remove(&mut self, staff: StaffId) -> Result<(), StoreError> {
        let values = args![self.tenant(), staff.0];
        self.exec("DELETE FROM roster WHERE tenant_id = $1 AND staff_id = $2", values)
            .await
            .map(drop)
    }

    /// Puts a staff member into a crew and a shift, in place of where they were.
    pub async fn roster_set(&mut self, roster: &Roster) -> Result<(), StoreError> {
        let values = args![
            self.tenant(),
            roster.id.0,
            roster.crew.0,
            roster.staff.0,
            roster.shift_start.get(),
            roster.shift_end.get()
        ];
        self.exec(
            "INSERT INTO roster (tenant_id, roster_id, crew_id, staff_id, shift_start, shift_end) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant_id, staff_id) DO UPDATE SET \
             crew_id = excluded.crew_id, shift_start = excluded.shift_start, shift_end = excluded.shift_end",
            values,
        )
        .await
        .map(drop)
    }
}
