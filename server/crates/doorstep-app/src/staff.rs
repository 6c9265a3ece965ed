//! Staff: importing a staff file, listing colleagues, setting passwords.

mod list;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::File;

use doorstep_domain::id::{AgencyId, CrewId, RosterId, StaffId, TeamId};
use doorstep_domain::words::Lang;
use doorstep_store::entry::{Entries, Entry, EntryKind, ServerEntry};
use doorstep_store::grant::Purpose;
use doorstep_store::org::Crew;
use doorstep_store::staff::{Roster, SetBy, Staff, StaffFields};
use doorstep_store::{StoreError, WriteTx};
use doorstep_wire::org::{LineReason, SetPassword, StaffReport};
use doorstep_wire::problem::ProblemCode;
use uuid::Uuid;

use crate::actor::Actor;
use crate::credential::{self, Noted};
use crate::day;
use crate::error::AppError;
use crate::file::{self, ImportFile, ReadOptions, RosterPart, StaffRow};
use crate::policy::{self, Action};
use crate::records::Records;
use crate::session::password_hash;
use crate::{App, import};

/// The most lines of a staff file.
const STAFF_MAX: usize = 20_000;

/// What a row does to a staff member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    None,
    New,
    Changed,
}

/// A staff member as they stand, with their place in the roster.
struct StaffKnown {
    staff: Staff,
    line: Option<Roster>,
    crew: Option<Crew>,
}

struct StaffFile {
    rows: Vec<StaffRow>,
    refused: Vec<LineReason>,
}

fn read(file: File, options: ReadOptions, lang: Lang) -> Result<StaffFile, AppError> {
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
                reason: import::words_of(&outcome.reasons, &outcome.at, &outcome.other_lines(), lang),
            }),
        }
    }
    Ok(found)
}

impl App {
    /// Imports a staff file into a team: adds and changes staff, crews and the roster.
    pub async fn import_staff(
        &self,
        actor: &Actor,
        file: File,
        team: Option<Uuid>,
        lang: Lang,
    ) -> Result<StaffReport, AppError> {
        policy::check(actor, Action::ManageStaff)?;
        let now = self.now();
        let team = self.team_for(actor, team).await?;
        let mut options = ReadOptions::at(now);
        options.limits.bytes_max = self.0.parts.import_bytes_max;
        let found = tokio::task::spawn_blocking(move || read(file, options, lang))
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
        let records = self
            .records(actor.tenant, members.iter().map(|(staff, _)| staff.id))
            .await?;
        let today = day::local(now, &jiff::tz::TimeZone::UTC);
        let mut tx = self.store().write(actor.tenant, now).await?;
        let mut landing = Landing {
            actor,
            team,
            lang,
            records,
            crews: BTreeMap::new(),
            entries: Vec::new(),
        };
        for (row, (staff, change)) in found.rows.iter().zip(members) {
            if row.certificate_until().is_some_and(|until| until < today) {
                report.certificates_past.push(staff.login.clone());
            }
            match landing.row(&mut tx, row, &staff, change, &mut report).await? {
                Change::None => {}
                Change::New => report.added += 1,
                Change::Changed => report.changed += 1,
            }
        }
        let mut named: Vec<&str> = found
            .rows
            .iter()
            .filter_map(|row| Some(row.roster.as_ref()?.crew.as_str()))
            .collect();
        named.sort_unstable();
        named.dedup();
        let entries = landing.entries;
        report.crews = named.len() as u64;
        if let Some(entries) = Entries::of(entries) {
            tx.commit(entries).await?;
        }
        self.wake_devices();
        Ok(report)
    }

    /// The staff members that rows stand for, each with what the row does to it. Keys of new ones are durable before
    /// anything is sealed with them.
    async fn members(
        &self,
        actor: &Actor,
        home: (TeamId, Option<AgencyId>),
        rows: &[StaffRow],
    ) -> Result<Vec<(Staff, Change)>, AppError> {
        let now = self.now();
        let known = self.staff_known(actor, home.0).await?;
        for row in rows {
            if known
                .get(&row.staff_no)
                .is_some_and(|known| !policy::reaches(actor, known.staff.agency))
            {
                let detail = "A staff number of the file belongs to somebody outside the agency. Give your own staff \
                              numbers of their own, for example with the agency's name before them.";
                return Err(AppError::at(ProblemCode::NotAllowed, "staff_no", detail));
            }
        }
        let (mut ids, mut new, mut old) = (Vec::with_capacity(rows.len()), Vec::new(), Vec::new());
        for row in rows {
            if let Some(known) = known.get(&row.staff_no) {
                ids.push((known.staff.id.0, known.staff.alias));
                old.push(known.staff.id.0);
            } else {
                let (id, alias) = (doorstep_store::fresh_id(now), doorstep_store::fresh_alias());
                ids.push((id, alias));
                new.push((id, Some(alias)));
            }
        }
        let mut keys = self.store().keys().subjects_create(actor.tenant.0, &new).await?;
        keys.extend(self.store().sealing_keys(actor.tenant, &old).await?);
        let named = rows.iter().filter_map(|row| Some(&known.get(&row.staff_no)?.staff));
        let opened = self.staff_opened(actor, Purpose::Import, named).await?;
        let mut members = Vec::with_capacity(rows.len());
        for (row, (id, alias)) in rows.iter().zip(&ids) {
            let old = known.get(&row.staff_no);
            let staff = staff_of(row, StaffId(*id), *alias, home, keys.get(*id)?)?;
            let change = match old {
                None => Change::New,
                Some(old) if same(old, opened.get(&old.staff.id), &staff, row) => Change::None,
                Some(_) => Change::Changed,
            };
            members.push((staff, change));
        }
        Ok(members)
    }

    async fn staff_known(&self, actor: &Actor, team: TeamId) -> Result<HashMap<String, StaffKnown>, AppError> {
        let crews: HashMap<CrewId, Crew> = self
            .store()
            .crew_list(actor.tenant, team)
            .await?
            .into_iter()
            .map(|crew| (crew.id, crew))
            .collect();
        let roster = self.store().roster_list(actor.tenant, team).await?;
        let staff = self.store().staff_list(actor.tenant).await?.into_iter();
        Ok(staff
            .map(|staff| {
                let line = roster.iter().find(|line| line.staff == staff.id).copied();
                let crew = line.and_then(|line| crews.get(&line.crew)).cloned();
                (staff.login.clone(), StaffKnown { staff, line, crew })
            })
            .collect())
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

    /// The teams whose crews the caller may watch.
    pub(crate) async fn teams_in_reach(&self, actor: &Actor) -> Result<HashSet<TeamId>, AppError> {
        let scope = policy::scope(actor);
        let teams = self.store().team_list(actor.tenant).await?;
        let mine = teams
            .iter()
            .filter(|team| scope.team.is_none_or(|own| own == team.id))
            .filter(|team| actor.agency.is_none() || team.agency == actor.agency);
        Ok(mine.map(|team| team.id).collect())
    }

    /// A staff member whom the caller may change or equip.
    pub(crate) async fn staff_in_reach(&self, actor: &Actor, staff: StaffId) -> Result<Staff, AppError> {
        match self.store().staff_get(actor.tenant, staff).await {
            Ok(found) if policy::reaches(actor, found.agency) => Ok(found),
            Ok(_) | Err(StoreError::NotFound) => Err(AppError::not_found("staff member")),
            Err(other) => Err(other.into()),
        }
    }

    /// Sets a first password, which its owner changes when signing in with it, and ends all their sessions. Who was locked
    /// out by somebody's guessing is let in with it at once, because attempts are counted for each password.
    pub async fn set_password(&self, actor: &Actor, staff: Uuid, request: &SetPassword) -> Result<(), AppError> {
        policy::check(actor, Action::ManageStaff)?;
        let target = self.staff_in_reach(actor, StaffId(staff)).await?;
        let hash = password_hash("password", &request.password).await?;
        let now = self.now();
        let mut tx = self.store().write(actor.tenant, now).await?;
        let by = if target.id == actor.staff {
            SetBy::Owner
        } else {
            SetBy::Colleague(actor.staff)
        };
        tx.staff_password(target.id, (None, &hash), by).await?;
        let entry = ServerEntry::new(EntryKind::StaffPassword, actor.by()).about(target.alias);
        Ok(tx.commit(Entries::one(entry)).await?)
    }
}

/// The rows of a staff file as they land.
struct Landing<'a> {
    actor: &'a Actor,
    team: TeamId,
    lang: Lang,
    records: Records,
    crews: BTreeMap<String, CrewId>,
    entries: Vec<Entry>,
}

impl Landing<'_> {
    /// Lands a row, and says what it changed.
    async fn row(
        &mut self,
        tx: &mut WriteTx,
        row: &StaffRow,
        staff: &Staff,
        change: Change,
        report: &mut StaffReport,
    ) -> Result<Change, AppError> {
        match change {
            Change::None => {}
            Change::New => tx.staff_insert(staff).await?,
            Change::Changed => tx.staff_update(staff).await?,
        }
        if change != Change::None {
            let mut entry = ServerEntry::new(EntryKind::StaffChanged, self.actor.by())
                .about(staff.alias)
                .with("role", row.role.code());
            match &row.roster {
                Some(part) => {
                    let crew = join_crew(tx, &mut self.crews, (self.team, part), staff.id).await?;
                    entry = entry.with("crew", crew.to_string());
                }
                None => tx.roster_remove(staff.id).await?,
            }
            self.entries.push(entry.into());
        }
        let noted = self.noted(row, staff);
        if noted.is_empty() {
            return Ok(change);
        }
        if staff.id == self.actor.staff {
            let reason = match self.lang {
                Lang::En => "Nobody notes what they hold themselves. A colleague takes these columns from the file.",
                Lang::Zh => "不得登记本人的资质，请由同事导入这些列。",
            };
            report.refused.push(LineReason {
                line: row.line as i64,
                reason: reason.to_owned(),
            });
            return Ok(change);
        }
        let who = (self.actor.by(), self.actor.staff, staff);
        for one in &noted {
            let id = doorstep_store::fresh_id(tx.now());
            let entries = credential::replace(tx, who, one, (&self.records, Vec::new(), id)).await?;
            self.entries.extend(entries);
        }
        Ok(if change == Change::None {
            Change::Changed
        } else {
            change
        })
    }

    /// What a row says that is not on record yet.
    fn noted(&self, row: &StaffRow, staff: &Staff) -> Vec<Noted> {
        let each = row.holds.iter().map(|(kind, issued, until)| Noted {
            kind: *kind,
            portfolio: None,
            issued: *issued,
            until: *until,
        });
        each.filter(|noted| !self.records.ever(staff.id).any(|one| noted.is_known(one)))
            .collect()
    }
}

/// Puts a staff member into the crew and shift of their row; makes the crew where the file is the first to name it.
async fn join_crew(
    tx: &mut WriteTx,
    crews: &mut BTreeMap<String, CrewId>,
    (team, part): (TeamId, &RosterPart),
    staff: StaffId,
) -> Result<CrewId, AppError> {
    let now = tx.now();
    let crew = if let Some(crew) = crews.get(&part.crew) {
        *crew
    } else {
        let id = CrewId(doorstep_store::fresh_id(now));
        let crew = Crew {
            id,
            team,
            name: part.crew.clone(),
            travel: part.travel,
        };
        let id = tx.crew_upsert(&crew).await?;
        crews.insert(part.crew.clone(), id);
        id
    };
    tx.roster_set(&Roster {
        id: RosterId(doorstep_store::fresh_id(now)),
        crew,
        staff,
        shift_start: part.shift.start(),
        shift_end: part.shift.end(),
    })
    .await?;
    Ok(crew)
}

fn staff_of(
    row: &StaffRow,
    id: StaffId,
    alias: doorstep_domain::id::Alias,
    (team, agency): (TeamId, Option<AgencyId>),
    key: &doorstep_store::seal::SealingKey,
) -> Result<Staff, AppError> {
    let plain = serde_json::to_vec(&fields_of(row)).map_err(|_| AppError::Fault("staff fields always serialise"))?;
    Ok(Staff {
        id,
        alias,
        team: Some(team),
        agency,
        login: row.staff_no.clone(),
        role: row.role,
        active: true,
        languages: row.languages.join(" "),
        sealed: key.seal(id.0, &plain).0,
    })
}

fn fields_of(row: &StaffRow) -> StaffFields {
    StaffFields {
        name: row.name.clone(),
        home_lat_e7: row.roster.as_ref().map(|part| part.home.lat_e7()),
        home_lon_e7: row.roster.as_ref().map(|part| part.home.lon_e7()),
    }
}

/// Whether a row says nothing new.
fn same(old: &StaffKnown, fields: Option<&StaffFields>, new: &Staff, row: &StaffRow) -> bool {
    let clear = |staff: &Staff| Staff {
        sealed: Vec::new(),
        ..staff.clone()
    };
    let there = match (&old.line, &old.crew) {
        (Some(line), Some(crew)) => Some((crew.name.as_str(), crew.travel, line.shift_start, line.shift_end)),
        _ => None,
    };
    let wanted = row.roster.as_ref();
    let wanted = wanted.map(|part| (part.crew.as_str(), part.travel, part.shift.start(), part.shift.end()));
    clear(&old.staff) == clear(new) && there == wanted && fields == Some(&fields_of(row))
}
