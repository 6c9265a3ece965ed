//! A visit as this device has begun it or left it out: what closing it needs, also when its door is gone. No names.

use doorstep_domain::contact::ContactOutcome;
use doorstep_domain::measure::Micros;
use doorstep_domain::words::Requirement;
use doorstep_log::hash::Hash;
use doorstep_rules::Closing;
use doorstep_wire::sync::Door;
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use crate::db::{Tx, id_of};
use crate::error::DeviceError;
use crate::event::Aliases;
use crate::gate::Judgement;
use crate::visit::VisitState;

/// A visit that was begun or left out.
pub(crate) struct Begun {
    pub(crate) state: VisitState,
    pub(crate) about: Aliases,
    /// What must be done before check-out, by code.
    pub(crate) required: Vec<String>,
    /// What may not be said, by code.
    pub(crate) not_said: Vec<String>,
    pub(crate) identity_shown: bool,
    /// When it was checked in.
    pub(crate) started_at: Option<Micros>,
    /// When the check-out is expected.
    pub(crate) expected_at: Option<Micros>,
    /// When the person was recognised as the one who is meant.
    pub(crate) confirmed_at: Option<Micros>,
    /// What was heard there that stops further visits to the person, as a code.
    pub(crate) stops: Option<String>,
}

const CORRUPT: DeviceError = DeviceError::Corrupt { what: "visit" };

impl Begun {
    /// A visit that begins now.
    pub(crate) fn started(door: &Door, judgement: &Judgement, identity_shown: bool, now: Micros) -> Self {
        let planned = (door.ends - door.starts).max(0);
        Self {
            state: VisitState::Started,
            about: aliases(door, judgement.rules),
            required: judgement.required.clone(),
            not_said: judgement.not_said.clone(),
            identity_shown,
            started_at: Some(now),
            expected_at: Some(Micros(now.get().saturating_add(planned))),
            confirmed_at: None,
            stops: None,
        }
    }

    /// A visit that is left out.
    pub(crate) fn skipped(door: &Door, rules: Option<Hash>) -> Self {
        Self {
            state: VisitState::Skipped,
            about: aliases(door, rules),
            required: Vec::new(),
            not_said: Vec::new(),
            identity_shown: false,
            started_at: None,
            expected_at: None,
            confirmed_at: None,
            stops: None,
        }
    }

    /// The visit; `None` where it was not touched.
    pub(crate) async fn load(connection: &mut SqliteConnection, visit: Uuid) -> Result<Option<Self>, DeviceError> {
        let sql = "SELECT state, visit_alias, subject_alias, zone, rules, required, not_said, identity_shown, \
                   started_at, expected_at, confirmed_at, stops FROM visit WHERE visit = $1";
        let id = visit.as_bytes().as_slice();
        let Some(row) = sqlx::query(sql).bind(id).fetch_optional(connection).await? else {
            return Ok(None);
        };
        let state: String = row.try_get(0)?;
        let rules: Option<String> = row.try_get(4)?;
        let codes = |text: String| serde_json::from_str::<Vec<String>>(&text).map_err(|_| CORRUPT);
        let at = |index: usize| row.try_get::<Option<i64>, _>(index).map(|at| at.map(Micros));
        Ok(Some(Self {
            state: state.parse().map_err(|_| CORRUPT)?,
            about: Aliases {
                visit,
                visit_alias: id_of(row.try_get(1)?, "visit")?,
                subject_alias: id_of(row.try_get(2)?, "visit")?,
                zone: row.try_get(3)?,
                rules: rules.as_deref().and_then(Hash::from_hex),
            },
            required: codes(row.try_get(5)?)?,
            not_said: codes(row.try_get(6)?)?,
            identity_shown: row.try_get::<i64, _>(7)? != 0,
            started_at: at(8)?,
            expected_at: at(9)?,
            confirmed_at: at(10)?,
            stops: row.try_get(11)?,
        }))
    }

    /// The visit that has begun and not ended, the newest where there are several.
    pub(crate) async fn current(connection: &mut SqliteConnection) -> Result<Option<Self>, DeviceError> {
        let sql = "SELECT visit FROM visit WHERE state = 'started' ORDER BY changed_at DESC, visit LIMIT 1";
        let found: Option<Vec<u8>> = sqlx::query_scalar(sql).fetch_optional(&mut *connection).await?;
        match found {
            Some(bytes) => Self::load(connection, id_of(&bytes, "visit")?).await,
            None => Ok(None),
        }
    }

    /// Keeps it as it stands now.
    pub(crate) async fn store(&self, tx: &mut Tx, now: Micros) -> Result<(), DeviceError> {
        let codes = |codes: &[String]| serde_json::to_string(codes).map_err(|_| CORRUPT);
        sqlx::query(
            "INSERT INTO visit (visit, state, visit_alias, subject_alias, zone, rules, required, not_said, \
             identity_shown, started_at, expected_at, confirmed_at, changed_at, stops) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (visit) DO UPDATE SET \
             state = excluded.state, visit_alias = excluded.visit_alias, subject_alias = excluded.subject_alias, \
             zone = excluded.zone, rules = excluded.rules, required = excluded.required, \
             not_said = excluded.not_said, identity_shown = excluded.identity_shown, \
             started_at = excluded.started_at, expected_at = excluded.expected_at, \
             confirmed_at = excluded.confirmed_at, changed_at = excluded.changed_at, \
             stops = excluded.stops",
        )
        .bind(self.about.visit.as_bytes().as_slice())
        .bind(self.state.code())
        .bind(self.about.visit_alias.as_bytes().as_slice())
        .bind(self.about.subject_alias.as_bytes().as_slice())
        .bind(&self.about.zone)
        .bind(self.about.rules.map(Hash::to_hex))
        .bind(codes(&self.required)?)
        .bind(codes(&self.not_said)?)
        .bind(i64::from(self.identity_shown))
        .bind(self.started_at.map(Micros::get))
        .bind(self.expected_at.map(Micros::get))
        .bind(self.confirmed_at.map(Micros::get))
        .bind(now.get())
        .bind(self.stops.as_deref())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// What was recorded before the check-out: identity shown at the check-in, the person recognised.
    pub(crate) fn recorded(&self) -> impl Iterator<Item = Requirement> {
        let shown = self.identity_shown.then_some(Requirement::Badge);
        let recognised = self.confirmed_at.map(|_| Requirement::IdentityCheck);
        shown.into_iter().chain(recognised)
    }

    /// The check-out as the rules see it.
    fn closing(&self, done: &[String], met: bool) -> Closing {
        let done = done.iter().filter_map(|code| code.parse().ok());
        Closing::at_check_out(done.chain(self.recorded()), met)
    }

    /// Whether something required, by code, is there: of what this program does not know only what was done is.
    pub(crate) fn settles(&self, code: &str, done: &[String], met: bool) -> bool {
        match code.parse() {
            Ok(item) => self.closing(done, met).settles(item),
            Err(_) => done.iter().any(|done| done == code),
        }
    }

    /// What is required and missing at a check-out with this outcome.
    pub(crate) fn missing(&self, done: &[String], outcome: ContactOutcome) -> Vec<String> {
        let open = |code: &&String| !self.settles(code, done, outcome.contacted());
        self.required.iter().filter(open).cloned().collect()
    }
}

/// What an event about a door says of it.
pub(crate) fn aliases(door: &Door, rules: Option<Hash>) -> Aliases {
    Aliases {
        visit: door.visit,
        visit_alias: door.visit_alias,
        subject_alias: door.subject_alias,
        zone: door.zone.clone(),
        rules,
    }
}
