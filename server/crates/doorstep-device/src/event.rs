//! Making events: the header is filled, signed and linked to the one before, inside the caller's transaction.
//!
//! A crash before the commit leaves no trace of the event; after it the event is in the chain and waits in the outbox.
//! Knows no visit's course.

use std::collections::BTreeMap;

use doorstep_domain::codes;
use doorstep_domain::event::EventKind;
use doorstep_log::canonical::Value;
use doorstep_log::chain::ChainHead;
use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::hash::{Hash, sha256};
use doorstep_log::leaf::{CheckpointSeen, Header, commitment};
use doorstep_log::note;
use doorstep_wire::sync::{Payload, Position};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::clock::{fill_random, new_id};
use crate::db::{Tx, hash_of};
use crate::device::Device;
use crate::error::DeviceError;
use crate::seal::{Key, Place};
use crate::upgrade::row_bytes;

/// Where an event's salt lies sealed.
const SALT: &str = "event.salt";
/// Where its payload does.
const PAYLOAD: &str = "event.payload";

codes!(
    /// How good the position in the payload is: `loc_q` of a header.
    LocationQuality, "quality of a location" {
        /// Within 50 metres.
        Good = "good",
        /// Within 200 metres.
        Fair = "fair",
        /// Worse than that.
        Poor = "poor",
        /// The platform said that it was made up, or gave no accuracy.
        Mock = "mock",
    }
);

/// Accuracies up to this many metres are good.
const GOOD_M_MAX: u32 = 50;
/// Accuracies up to this many metres are fair.
const FAIR_M_MAX: u32 = 200;

impl LocationQuality {
    fn of(position: &Position) -> Self {
        match position.accuracy_m {
            _ if position.mock => Self::Mock,
            0 => Self::Mock,
            accuracy if accuracy <= GOOD_M_MAX => Self::Good,
            accuracy if accuracy <= FAIR_M_MAX => Self::Fair,
            _ => Self::Poor,
        }
    }
}

/// What an event is about, by the names that stand for it in the log.
#[derive(Clone)]
pub(crate) struct Aliases {
    pub(crate) visit: Uuid,
    pub(crate) visit_alias: Uuid,
    pub(crate) subject_alias: Uuid,
    /// IANA time zone of the address.
    pub(crate) zone: String,
    /// Digest of the rule packs that the permit names.
    pub(crate) rules: Option<Hash>,
}

/// An event before it is signed.
pub(crate) struct Draft {
    kind: EventKind,
    about: Option<Aliases>,
    zone: String,
    payload: Option<Payload>,
    att: Vec<Hash>,
    extra: BTreeMap<String, Value>,
    urgent: bool,
}

impl Draft {
    /// An event that is about no visit.
    pub(crate) fn new(kind: EventKind) -> Self {
        Self {
            kind,
            about: None,
            zone: String::new(),
            payload: None,
            att: Vec::new(),
            extra: BTreeMap::new(),
            urgent: false,
        }
    }

    /// About a visit, in its zone and under its rules.
    pub(crate) fn about(mut self, about: &Aliases) -> Self {
        self.zone.clone_from(&about.zone);
        self.about = Some(about.clone());
        self
    }

    /// In this zone, where the event is about no visit.
    pub(crate) fn zone(mut self, zone: String) -> Self {
        self.zone = zone;
        self
    }

    /// With this content.
    pub(crate) fn payload(mut self, payload: Payload) -> Self {
        self.payload = Some(payload);
        self
    }

    /// With this capture.
    pub(crate) fn attached(mut self, hash: Hash) -> Self {
        self.att.push(hash);
        self
    }

    /// Sent alone and before all others.
    pub(crate) fn urgent(mut self) -> Self {
        self.urgent = true;
        self
    }

    /// With a count in the header.
    pub(crate) fn count(mut self, name: &str, count: i64) -> Self {
        self.extra.insert(name.to_owned(), Value::Integer(count));
        self
    }
}

impl Device {
    /// Signs an event and puts it at the end of the chain; returns its id.
    pub(crate) async fn record(&self, tx: &mut Tx, draft: Draft) -> Result<Uuid, DeviceError> {
        let now = self.clock.now();
        let eid = new_id(now)?;
        let content = draft.payload.as_ref().map(Committed::of).transpose()?;
        let head = head(tx).await?;
        let about = draft.about.as_ref();
        let header = Header {
            dev: self.identity.device.to_string(),
            dseq: head.dseq + 1,
            prev: head.hash,
            eid: eid.to_string(),
            kind: draft.kind.code().to_owned(),
            visit: about.map(|about| about.visit_alias.to_string()),
            subj: about.map(|about| about.subject_alias.to_string()).into_iter().collect(),
            wall_ms: now.millis(),
            mono_ms: self.clock.mono_ms(now),
            boot: self.clock.boot().to_string(),
            tz_min: self.clock.tz_min(&draft.zone, now),
            loc_q: draft
                .payload
                .as_ref()
                .and_then(|payload| payload.position.as_ref())
                .map(|position| LocationQuality::of(position).code().to_owned()),
            rules: about.and_then(|about| about.rules),
            app: self.identity.app.clone(),
            cp: checkpoint_seen(tx).await?,
            pc: content.as_ref().map(|content| content.pc),
            att: draft.att,
            extra: draft.extra,
        };
        let hdr = header.encode().map_err(DeviceError::Header)?;
        let sig = self.identity.secret.sign(&hdr)?;
        let dseq = header.dseq as i64;
        let content = content.map(|content| content.seal(&self.key, dseq)).transpose()?;
        let (salt, payload) = content.unzip();
        sqlx::query(
            "INSERT INTO event (dseq, eid, kind, visit, hdr, hdr_hash, sig, salt, payload, urgent, state, made_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting', $11)",
        )
        .bind(dseq)
        .bind(eid.as_bytes().as_slice())
        .bind(draft.kind.code())
        .bind(about.map(|about| about.visit.as_bytes().to_vec()))
        .bind(&hdr)
        .bind(sha256(&hdr).0.as_slice())
        .bind(sig.as_slice())
        .bind(salt)
        .bind(payload)
        .bind(draft.urgent)
        .bind(now.get())
        .execute(&mut **tx)
        .await?;
        Ok(eid)
    }
}

/// A payload with the salt of its commitment.
struct Committed {
    text: String,
    salt: [u8; 32],
    pc: Hash,
}

impl Committed {
    fn of(payload: &Payload) -> Result<Self, DeviceError> {
        let text = serde_json::to_string(payload).map_err(|_| DeviceError::Corrupt { what: "payload" })?;
        let mut salt = [0; 32];
        fill_random(&mut salt)?;
        let pc = commitment(&salt, text.as_bytes());
        Ok(Self { text, salt, pc })
    }

    /// Salt and payload, each sealed: the salt keeps a short payload from being guessed by its commitment.
    fn seal(&self, key: &Key, dseq: i64) -> Result<(Vec<u8>, Vec<u8>), DeviceError> {
        let row = row_bytes(dseq);
        Ok((
            key.seal(Place::new(SALT, &row), &self.salt)?,
            key.seal(Place::new(PAYLOAD, &row), self.text.as_bytes())?,
        ))
    }
}

/// Salt and payload of an event, as they are sent.
pub(crate) struct Content {
    pub(crate) salt: Zeroizing<Vec<u8>>,
    pub(crate) payload: Zeroizing<Vec<u8>>,
}

impl Content {
    /// Opens the columns `salt` and `payload` of an event, where it has any.
    pub(crate) fn open(key: &Key, row: &SqliteRow, dseq: i64) -> Result<Option<Self>, DeviceError> {
        let salt: Option<&[u8]> = row.try_get("salt")?;
        let payload: Option<&[u8]> = row.try_get("payload")?;
        let (Some(salt), Some(payload)) = (salt, payload) else {
            return Ok(None);
        };
        let row = row_bytes(dseq);
        Ok(Some(Self {
            salt: key.open(Place::new(SALT, &row), salt)?,
            payload: key.open(Place::new(PAYLOAD, &row), payload)?,
        }))
    }
}

/// Where the chain stands.
pub(crate) async fn head(tx: &mut Tx) -> Result<ChainHead, DeviceError> {
    let sql = "SELECT dseq, hdr_hash FROM event ORDER BY dseq DESC LIMIT 1";
    let Some(row) = sqlx::query(sql).fetch_optional(&mut **tx).await? else {
        return Ok(ChainHead::default());
    };
    Ok(ChainHead {
        dseq: row.try_get::<i64, _>(0)? as u64,
        hash: hash_of(row.try_get(1)?, "event")?,
    })
}

/// The last checkpoint that this device has verified. It was verified when it was stored, so it is only read here.
async fn checkpoint_seen(tx: &mut Tx) -> Result<Option<CheckpointSeen>, DeviceError> {
    let sql = "SELECT checkpoint FROM sync_state WHERE checkpoint IS NOT NULL";
    let stored: Option<String> = sqlx::query_scalar(sql).fetch_optional(&mut **tx).await?;
    Ok(stored
        .as_deref()
        .map(stored_checkpoint)
        .transpose()?
        .map(|known| CheckpointSeen {
            size: known.size,
            root: known.root,
        }))
}

/// Reads a checkpoint that was verified before it was stored.
pub(crate) fn stored_checkpoint(note: &str) -> Result<Checkpoint, DeviceError> {
    let corrupt = || DeviceError::Corrupt { what: "checkpoint" };
    let text = note::text_unverified(note.as_bytes()).map_err(|_| corrupt())?;
    Checkpoint::parse(text).map_err(|_| corrupt())
}
