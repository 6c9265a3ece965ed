//! Joining a visit where two staff are required: what the second one signs, and which of that counts at the check-in.

use doorstep_domain::event::EventKind;
use doorstep_domain::measure::Micros;
use doorstep_log::device_key::DeviceKey;
use doorstep_log::hash::{base64url_decode, base64url_encode};
use doorstep_log::joined::{Arrival, JoinKey, JoinedError, Joining, check_joined};
use doorstep_log::leaf::Algorithm;
use doorstep_wire::sync::{Door, Joined, Payload, Permit};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use crate::begun::aliases;
use crate::db::Tx;
use crate::device::Device;
use crate::error::DeviceError;
use crate::event::Draft;
use crate::gate::rules_of;
use crate::secret::Secret;
use crate::visit::{VisitState, refuse_state};

/// Who signs, with which key.
pub(crate) struct Said<'a> {
    pub(crate) staff: Uuid,
    /// The device that checks in, where the key lies on it and is not its own.
    pub(crate) dev: Option<Uuid>,
    pub(crate) kid: &'a str,
    pub(crate) secret: &'a Secret,
}

impl Said<'_> {
    /// The signed statement about a door, now.
    pub(crate) fn of(&self, door: &Door, now: Micros) -> Result<Joined, DeviceError> {
        let joining = Joining {
            visit: door.visit_alias.to_string(),
            subj: door.subject_alias.to_string(),
            staff: self.staff.to_string(),
            dev: self.dev.map(|dev| dev.to_string()),
            at_ms: now.millis(),
            kid: self.kid.to_owned(),
        };
        let said = joining.encode().map_err(DeviceError::Joined)?;
        Ok(Joined {
            sig: base64url_encode(&self.secret.sign_joined(&said)?),
            said: String::from_utf8(said).map_err(|_| DeviceError::Joined(JoinedError::Form))?,
        })
    }
}

/// A visit that this device's owner joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// The event `visit.joined`.
    pub event: Uuid,
    /// What was signed: the partner's device takes it by sync, or as a file.
    pub joined: Joined,
}

/// What of the statements counts for a check-in.
#[derive(Default)]
pub(crate) struct Signed {
    /// Those that count: by whom, each once, and never the owner of the device, who signs the event.
    pub(crate) partners: Vec<(Uuid, Joined)>,
    /// Why one that was brought along does not.
    pub(crate) refused: Option<JoinedError>,
}

impl Signed {
    fn add(&mut self, staff: Uuid, joined: Joined) {
        if self.partners.iter().all(|(known, _)| *known != staff) {
            self.partners.push((staff, joined));
        }
    }
}

impl Device {
    /// Confirms, on this device of the partner's own, that its owner is at the visit too. May be repeated.
    pub async fn visit_confirm(&self, visit: Uuid) -> Result<Confirmed, DeviceError> {
        self.enforce_lease().await?;
        let mut tx = self.db.begin().await?;
        refuse_state(&mut tx, visit, &[VisitState::Finished]).await?;
        let door = self.door_to_open(&mut tx, visit).await?;
        let permit = self.permit_for(&mut tx, door.visit_alias).await?;
        let said = Said {
            staff: self.me().staff,
            dev: None,
            kid: &self.identity.kid,
            secret: &self.identity.secret,
        };
        let joined = said.of(&door, self.now())?;
        let payload = Payload {
            joined: vec![joined.clone()],
            ..Payload::default()
        };
        let about = aliases(&door, permit.as_ref().and_then(rules_of));
        let draft = Draft::new(EventKind::VisitJoined).about(&about).payload(payload);
        let event = self.record(&mut tx, draft).await?;
        tx.commit().await?;
        Ok(Confirmed { event, joined })
    }

    /// The partners whose statements for a visit came to this device and count now.
    pub async fn visit_joined(&self, visit: Uuid) -> Result<Vec<Uuid>, DeviceError> {
        self.enforce_lease().await?;
        let mut tx = self.db.begin().await?;
        let door = self.door_to_open(&mut tx, visit).await?;
        let permit = self.permit_for(&mut tx, door.visit_alias).await?;
        let Some(permit) = permit else { return Ok(Vec::new()) };
        let signed = self.signed(&mut tx, (&door, &permit), &[]).await?;
        Ok(signed.partners.into_iter().map(|(staff, _)| staff).collect())
    }

    /// The statements that count for a check-in now: of those that were brought along, and of those that came by sync.
    pub(crate) async fn signed(
        &self,
        connection: &mut SqliteConnection,
        (door, permit): (&Door, &Permit),
        brought: &[Joined],
    ) -> Result<Signed, DeviceError> {
        let mut signed = Signed::default();
        for joined in brought {
            match self.counts(door, permit, joined) {
                Ok(staff) => signed.add(staff, joined.clone()),
                Err(cause) => signed.refused = Some(cause),
            }
        }
        // The newest first: an older one may be near its end.
        let sql = "SELECT said, sig FROM joined WHERE visit_alias = $1 ORDER BY event DESC";
        let rows = sqlx::query(sql).bind(door.visit_alias.as_bytes().as_slice());
        for row in rows.fetch_all(connection).await? {
            let joined = Joined {
                said: row.try_get(0)?,
                sig: row.try_get(1)?,
            };
            if let Ok(staff) = self.counts(door, permit, &joined) {
                signed.add(staff, joined);
            }
        }
        signed.partners.retain(|(staff, _)| *staff != self.me().staff);
        Ok(signed)
    }

    /// Who signed a statement that counts at a door now.
    fn counts(&self, door: &Door, permit: &Permit, joined: &Joined) -> Result<Uuid, JoinedError> {
        let sig = base64url_decode(&joined.sig).ok_or(JoinedError::Form)?;
        let (visit, subj) = (door.visit_alias.to_string(), door.subject_alias.to_string());
        let dev = self.id().to_string();
        let arrival = Arrival {
            visit: &visit,
            subj: &subj,
            dev: &dev,
            at_ms: self.now().millis(),
        };
        let joining = check_joined((joined.said.as_bytes(), &sig), arrival, |said| {
            key_of(permit, &said.kid)
        })?;
        joining.staff.parse().map_err(|_| JoinedError::Form)
    }
}

/// A key that the permit lists.
fn key_of(permit: &Permit, kid: &str) -> Option<JoinKey> {
    permit.staff.iter().find_map(|one| {
        let key = one.keys.iter().find(|key| key.kid == kid)?;
        let alg = Algorithm::from_name(key.alg.clone());
        Some(JoinKey {
            staff: Some(one.id.to_string()),
            dev: key.dev.map(|dev| dev.to_string()),
            key: DeviceKey::parse(&alg, &base64url_decode(&key.key)?)?,
        })
    })
}

/// The visit that a statement is about; `None` where this program cannot read it.
pub(crate) fn about(joined: &Joined) -> Option<Uuid> {
    Joining::decode(joined.said.as_bytes()).ok()?.visit.parse().ok()
}

/// Keeps a statement that came by sync.
pub(crate) async fn joined_put(tx: &mut Tx, event: Uuid, (visit, joined): (Uuid, &Joined)) -> Result<(), DeviceError> {
    sqlx::query("INSERT OR REPLACE INTO joined (event, visit_alias, said, sig) VALUES ($1, $2, $3, $4)")
        .bind(event.as_bytes().as_slice())
        .bind(visit.as_bytes().as_slice())
        .bind(&joined.said)
        .bind(&joined.sig)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
