//! Staff: importing a staff file, listing colleagues, setting passwords.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;

use doorstep_domain::id::{AgencyId, CrewId, RosterId, StaffId, TeamId};
use doorstep_domain::words::Lang;
use doorstep_store::WriteTx;
use doorstep_store::entry::{Entries, Entry, EntryKind, ServerEntry};
use doorstep_store::org::Crew;
use doorstep_store::staff::{Roster, Staff, StaffFields};
use doorstep_wire::Page;
use doorstep_wire::org::{LineReason, SetPassword, StaffItem, StaffReport, TeamItem};
use doorstep_wire::problem::ProblemCode;
use uuid::Uuid;

use crate::actor::Actor;
use crate::day;
use crate::error::AppError;
use crate::file::{self, ImportFile, ReadOptions, StaffRow};
use crate::policy::{self, Action};
use crate::session::password_hash;
use crate::{App, import};

/// The most lines of a staff file.
const STAFF_MAX: usize = 20_000;

struct StaffFile {
    rows: Vec<StaffRow>,
    refused: Vec<LineReason>,
}

fn read(file: File, options: ReadOptions) -> Result<StaffFile, AppError> {
    let mut file = ImportFile::<_, file::Staff>::open(file, options)?;
    let mut found = StaffFile {
        rows: Vec::new(),
        refused: Vec::new(),
    };
    for outcome in file.rows()? {
        let outcome = outcome?;
        if found.rows.len() >= STAFF_MAX {
            let detail = format!("A staff file has at most {STAFF_MAX} rows. Split it.");
            return Err(AppError::refuse(ProblemCode::TooLarge, detail));
        }
        match outcome.row {
            Some(row) if !outcome.reasons.iter().any(|reason| import::stops(*reason)) => found.rows.push(row),
            _ => found.refused.push(LineReason {
                line: outcome.line as i64,
                reason: import::reasons_words(&outcome.reasons, Lang::En),
            }),
        }
    }
    Ok(found)
}

impl App {
    /// Imports a staff file into a team: adds and changes staff, crews and the roster.
    pub async fn import_staff(&self, actor: &Actor, file: File, team: Option<Uuid>) -> Result<StaffReport, AppError> {
        policy::check(actor, Action::ManageStaff)?;
        let now = self.now();
        let team = self.team_for(actor, team).await?;
        let mut options = ReadOptions::as_of(now);
        options.limits.bytes_max = self.0.parts.import_bytes_max;
        let found = tokio::task::spawn_blocking(move || read(file, options))
            .await
            .map_err(|_| AppError::Fault("reading the staff file broke off"))??;
        let teams = self.store().team_list(actor.tenant).await?;
        let agency = teams.iter().find(|one| one.id == team).and_then(|one| one.agency);
        let members = self.members(actor, (team, agency), &found.rows).await?;
        let mut report = StaffReport {
            added: 0,
            changed: 0,
            crews: 0,
            refused: found.refused,
            certificates_past: Vec::new(),
        };
        let today = day::number(day::local(now, &jiff::tz::TimeZone::UTC));
        let mut tx = self.store().write(actor.tenant, now).await?;
        let mut crews: BTreeMap<String, CrewId> = BTreeMap::new();
        let mut entries: Vec<Entry> = Vec::new();
        for (row, (staff, is_new)) in found.rows.iter().zip(members) {
            if is_new {
                tx.staff_insert(&staff).await?;
                report.added += 1;
            } else {
                tx.staff_update(&staff).await?;
                report.changed += 1;
            }
            if staff.certificate_until.is_some_and(|until| until < today) {
                report.certificates_past.push(staff.login.clone());
            }
            let crew = join_crew(&mut tx, &mut crews, (team, row), staff.id).await?;
            let entry = ServerEntry::new(EntryKind::StaffChanged, actor.by())
                .about(staff.alias)
                .with("role", row.role.code())
                .with("crew", crew.to_string());
            entries.push(entry.into());
        }
        report.crews = crews.len() as u64;
        if let Some(entries) = Entries::of(entries) {
            tx.commit(entries).await?;
        }
        self.wake_devices();
        Ok(report)
    }

    /// The staff members that rows stand for, each with whether it is new. Keys of new ones are durable before anything
    /// is sealed with them.
    async fn members(
        &self,
        actor: &Actor,
        home: (TeamId, Option<AgencyId>),
        rows: &[StaffRow],
    ) -> Result<Vec<(Staff, bool)>, AppError> {
        let now = self.now();
        let known: HashMap<String, Staff> = self
            .store()
            .staff_list(actor.tenant)
            .await?
            .into_iter()
            .map(|staff| (staff.login.clone(), staff))
            .collect();
        let ids: Vec<Uuid> = rows
            .iter()
            .map(|row| {
                known
                    .get(&row.staff_no)
                    .map_or_else(|| doorstep_store::fresh_id(now), |staff| staff.id.0)
            })
            .collect();
        let is_new = |row: &StaffRow| !known.contains_key(&row.staff_no);
        let of = |new: bool| -> Vec<Uuid> {
            rows.iter()
                .zip(&ids)
                .filter(|(row, _)| is_new(row) == new)
                .map(|(_, id)| *id)
                .collect()
        };
        let mut keys = self.store().keys().subjects_create(actor.tenant.0, &of(true)).await?;
        keys.extend(self.store().sealing_keys(actor.tenant, &of(false)).await?);
        rows.iter()
            .zip(&ids)
            .map(|(row, id)| {
                let alias = known
                    .get(&row.staff_no)
                    .map_or_else(doorstep_store::fresh_alias, |staff| staff.alias);
                Ok((staff_of(row, StaffId(*id), alias, home, keys.get(*id)?)?, is_new(row)))
            })
            .collect()
    }

    /// The team that a request means: the one named, else the caller's own, else the only one there is.
    pub(crate) async fn team_for(&self, actor: &Actor, asked: Option<Uuid>) -> Result<TeamId, AppError> {
        let teams = self.store().team_list(actor.tenant).await?;
        let visible: BTreeSet<TeamId> = teams
            .iter()
            .filter(|team| actor.agency.is_none() || team.agency == actor.agency)
            .map(|team| team.id)
            .collect();
        let wanted = match (asked.map(TeamId), actor.team) {
            (Some(asked), Some(own)) if asked != own => return Err(AppError::not_found("team")),
            (Some(asked), _) => asked,
            (None, Some(own)) => own,
            (None, None) if visible.len() == 1 => visible.iter().next().copied().ok_or(AppError::not_found("team"))?,
            (None, None) => {
                let detail = "There are several teams. Name one with `team`; `doorstep staff list` shows them.";
                return Err(AppError::at(ProblemCode::BadRequest, "team", detail));
            }
        };
        if visible.contains(&wanted) {
            Ok(wanted)
        } else {
            Err(AppError::not_found("team"))
        }
    }

    /// The staff of the tenant, or of the caller's agency.
    pub async fn list_staff(&self, actor: &Actor) -> Result<Page<StaffItem>, AppError> {
        policy::check(actor, Action::SeeStaff)?;
        let mut names: HashMap<Uuid, (CrewId, String)> = HashMap::new();
        for team in self.store().team_list(actor.tenant).await? {
            let crews: HashMap<CrewId, String> = self
                .store()
                .crew_list(actor.tenant, team.id)
                .await?
                .into_iter()
                .map(|c| (c.id, c.name))
                .collect();
            for line in self.store().roster_list(actor.tenant, team.id).await? {
                let name = crews.get(&line.crew).cloned().unwrap_or_default();
                names.insert(line.staff.0, (line.crew, name));
            }
        }
        let mut items = Vec::new();
        for staff in self.store().staff_list(actor.tenant).await? {
            if actor.agency.is_some() && staff.agency != actor.agency {
                continue;
            }
            let fields = self.staff_fields(actor, &staff).await?;
            let crew = names.get(&staff.id.0);
            items.push(StaffItem {
                id: staff.id.0,
                login: staff.login,
                name: fields.name,
                role: staff.role.code().to_owned(),
                crew: crew.map(|(id, _)| id.0),
                crew_name: crew.map(|(_, name)| name.clone()),
                certificate_until: staff.certificate_until.map(day::text),
            });
        }
        Ok(Page { items, next: None })
    }

    pub(crate) async fn staff_fields(&self, actor: &Actor, staff: &Staff) -> Result<StaffFields, AppError> {
        let plain = self
            .store()
            .open_own(actor.tenant, staff.id.0, staff.id.0, &staff.sealed)
            .await?;
        serde_json::from_slice(&plain).map_err(|_| AppError::Fault("sealed staff fields are ours"))
    }

    /// The teams that the caller may see.
    pub async fn list_teams(&self, actor: &Actor) -> Result<Page<TeamItem>, AppError> {
        policy::check(actor, Action::SeeStaff)?;
        let teams = self.store().team_list(actor.tenant).await?;
        let items = teams
            .into_iter()
            .filter(|team| actor.agency.is_none() || team.agency == actor.agency)
            .map(|team| TeamItem {
                id: team.id.0,
                name: team.name,
                agency: team.agency.map(|id| id.0),
            })
            .collect();
        Ok(Page { items, next: None })
    }

    /// Sets a staff member's password and ends all their sessions.
    pub async fn set_password(&self, actor: &Actor, staff: Uuid, request: &SetPassword) -> Result<(), AppError> {
        policy::check(actor, Action::ManageStaff)?;
        let target = self.store().staff_get(actor.tenant, StaffId(staff)).await?;
        let hash = password_hash(&request.password).await?;
        let now = self.now();
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.staff_password(target.id, &hash).await?;
        let entry = ServerEntry::new(EntryKind::StaffPassword, actor.by()).about(target.alias);
        tx.commit(Entries::one(entry)).await?;
        Ok(self.store().session_end(actor.tenant, target.id, None, now).await?)
    }
}

/// Puts a staff member into the crew and shift of their row; makes the crew where the file is the first to name it.
async fn join_crew(
    tx: &mut WriteTx,
    crews: &mut BTreeMap<String, CrewId>,
    (team, row): (TeamId, &StaffRow),
    staff: StaffId,
) -> Result<CrewId, AppError> {
    let now = tx.now();
    let crew = if let Some(crew) = crews.get(&row.crew) {
        *crew
    } else {
        let id = CrewId(doorstep_store::fresh_id(now));
        let crew = Crew {
            id,
            team,
            name: row.crew.clone(),
            travel: row.travel,
        };
        let id = tx.crew_upsert(&crew).await?;
        crews.insert(row.crew.clone(), id);
        id
    };
    tx.roster_set(&Roster {
        id: RosterId(doorstep_store::fresh_id(now)),
        crew,
        staff,
        shift_start: row.shift.start(),
        shift_end: row.shift.end(),
    })
    .await?;
    Ok(crew)
}

fn staff_of(
    row: &StaffRow,
    id: StaffId,
    alias: doorstep_domain::id::Alias,
    (team, agency): (TeamId, Option<AgencyId>),
    key: &doorstep_store::seal::Key,
) -> Result<Staff, AppError> {
    let fields = StaffFields {
        name: row.name.clone(),
        home_lat_e7: Some(row.home.lat_e7()),
        home_lon_e7: Some(row.home.lon_e7()),
    };
    let plain = serde_json::to_vec(&fields).map_err(|_| AppError::Fault("staff fields always serialise"))?;
    Ok(Staff {
        id,
        alias,
        team: Some(team),
        agency,
        login: row.staff_no.clone(),
        role: row.role,
        active: true,
        languages: row.languages.join(" "),
        certificate_until: row.certificate_until.map(day::number),
        sealed: key.seal(id.0, &plain).0,
    })
}
