//! The device itself: enrolling, opening, and talking to the server with its session.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use doorstep_domain::measure::{Clock, Micros};
use doorstep_log::hash::base64url_encode;
use doorstep_wire::SYNC_VERSION;
use doorstep_wire::device::{Enrol, Enrolled, RenewSession, RenewedSession, renewal_text};
use doorstep_wire::problem::{Problem, ProblemCode};
use doorstep_wire::session::Me;
use doorstep_wire::sync::{PUSH_BYTES_MAX, PUSH_EVENTS_MAX};
use serde::de::DeserializeOwned;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::clock::DeviceClock;
use crate::db::Db;
use crate::door::{enforce_lease, wipe};
use crate::error::DeviceError;
use crate::evidence;
use crate::identity::Identity;
use crate::packs::Packs;
use crate::pin::Pin;
use crate::seal::Key;
use crate::secret::{KeyKind, Secret};
use crate::transport::{Answer, HttpTransport, Method, Request, Transport, TransportError, Waited};
use crate::vault::{Lock, unlock};

/// Seconds between polls before the server has said anything.
const NEXT_POLL_S: i64 = 60;

/// What enrolling a device needs.
#[derive(Clone)]
pub struct Enrolment {
    /// The folder of the device; made where it is missing.
    pub dir: PathBuf,
    /// The server, `https://…` or `http://` on this machine.
    pub server_url: String,
    /// The tenant.
    pub tenant: Uuid,
    /// The one-time code.
    pub code: String,
    /// Name and version of the program, for example `doorstep/0.1.0`.
    pub app: String,
    /// What opens the device from then on.
    pub pin: Pin,
    /// What kind of key it makes.
    pub key: KeyKind,
}

/// A field device whose vault is open. Cheap calls, no background work; tasks may share it (`Arc<Device>`), and two
/// processes may open the same folder.
pub struct Device {
    pub(crate) dir: PathBuf,
    pub(crate) db: Db,
    /// The outbox key.
    pub(crate) key: Key,
    pub(crate) identity: Identity,
    /// The session, which may be renewed while the device is open.
    token: Mutex<Zeroizing<String>>,
    /// The last wake-up that was heard.
    woken: Mutex<Option<String>>,
    /// The rule packs as they were last read.
    pub(crate) packs: Mutex<Arc<Packs>>,
    pub(crate) clock: DeviceClock,
    transport: Arc<dyn Transport>,
}

impl std::fmt::Debug for Device {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Device({})", self.identity.device)
    }
}

impl Device {
    /// Enrols this folder as a new device over HTTP. See [`Device::enrol_through`].
    pub async fn enrol(enrolment: Enrolment, clock: Arc<dyn Clock>) -> Result<Self, DeviceError> {
        let transport = Arc::new(HttpTransport::new(&enrolment.server_url)?);
        Self::enrol_through(enrolment, clock, transport).await
    }

    /// Makes a key, sends its public half with the one-time code, and keeps what the server answers. Where the answer
    /// is lost nothing is kept and a new code is needed; the server then lists a device that never spoke.
    pub async fn enrol_through(
        enrolment: Enrolment,
        clock: Arc<dyn Clock>,
        transport: Arc<dyn Transport>,
    ) -> Result<Self, DeviceError> {
        let db = Db::open(&enrolment.dir, true).await?;
        if Identity::exists(db.pool()).await? {
            return Err(DeviceError::AlreadyEnrolled { dir: enrolment.dir });
        }
        let secret = Secret::fresh(enrolment.key)?;
        let body = Enrol {
            tenant: enrolment.tenant,
            code: enrolment.code,
            public_key: base64url_encode(&secret.public_key()?),
            alg: (secret.kind() != KeyKind::Ed25519).then(|| secret.kind().code().to_owned()),
            app: enrolment.app.clone(),
            sync_version: SYNC_VERSION,
        };
        let request = Request {
            method: Method::Post,
            path: "/v1/devices".into(),
            query: Vec::new(),
            token: None,
            body: Some(json(&body)?),
            last_event: None,
            language: None,
        };
        let answer = transport.send(request).await.map_err(DeviceError::Network)?;
        if !is_success(&answer) {
            return Err(refusal(&answer));
        }
        let enrolled: Enrolled = parse(&answer, "POST /v1/devices")?;
        let identity = Identity::of(enrolled, secret, enrolment.server_url, enrolment.app)?;
        let key = Key::fresh()?;
        let lock = Lock::new(&enrolment.pin, &key).await?;
        let mut tx = db.begin().await?;
        lock.store(&mut tx).await?;
        identity.store(&mut tx, &key).await?;
        sqlx::query("INSERT INTO sync_state (one, max_events, max_bytes, next_poll_s) VALUES (1, $1, $2, $3)")
            .bind(PUSH_EVENTS_MAX as i64)
            .bind(PUSH_BYTES_MAX as i64)
            .bind(NEXT_POLL_S)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Self::assemble(
            Opened {
                dir: enrolment.dir,
                db,
                key,
                identity,
            },
            clock,
            transport,
        )
    }

    /// Opens an enrolled device that talks over HTTP; needs no network. A database of before, which had no PIN, takes
    /// this one and is sealed.
    pub async fn open(dir: &Path, pin: &Pin, clock: Arc<dyn Clock>) -> Result<Self, DeviceError> {
        let opened = Opened::load(dir, pin, clock.now()).await?;
        let transport = Arc::new(HttpTransport::new(&opened.identity.server_url)?);
        Self::assemble(opened, clock, transport)
    }

    /// Opens an enrolled device that talks through `transport`.
    pub async fn open_through(
        dir: &Path,
        pin: &Pin,
        clock: Arc<dyn Clock>,
        transport: Arc<dyn Transport>,
    ) -> Result<Self, DeviceError> {
        let opened = Opened::load(dir, pin, clock.now()).await?;
        Self::assemble(opened, clock, transport)
    }

    fn assemble(opened: Opened, clock: Arc<dyn Clock>, transport: Arc<dyn Transport>) -> Result<Self, DeviceError> {
        Ok(Self {
            dir: opened.dir,
            db: opened.db,
            key: opened.key,
            token: Mutex::new(opened.identity.token.clone()),
            woken: Mutex::new(None),
            packs: Mutex::default(),
            identity: opened.identity,
            clock: DeviceClock::new(clock)?,
            transport,
        })
    }

    /// Its id; `dev` of its headers.
    pub fn id(&self) -> Uuid {
        self.identity.device
    }

    /// Who it belongs to.
    pub fn me(&self) -> &Me {
        &self.identity.me
    }

    /// The server that it talks to.
    pub fn server_url(&self) -> &str {
        &self.identity.server_url
    }

    /// Closes the database. Dropping the device without it loses nothing.
    pub async fn close(&self) {
        self.db.close().await;
    }

    /// Waits for the server's word that there is something to pull: `true` when it came, `false` when `wait_max` went
    /// by without it. The first one comes at once, because nobody knows what was missed before.
    pub async fn wake(&self, wait_max: Duration) -> Result<bool, DeviceError> {
        let mut request = self.request(Method::Get, "/v1/sync/wake");
        let woken = self.woken.lock().unwrap_or_else(PoisonError::into_inner).clone();
        request.last_event = woken;
        match self.transport.wait(request, wait_max).await {
            Ok(Waited::Event(id)) => {
                *self.woken.lock().unwrap_or_else(PoisonError::into_inner) = id;
                Ok(true)
            }
            Ok(Waited::Refused(answer)) => Err(self.refused(&answer).await?),
            Err(TransportError::TimedOut) => Ok(false),
            Err(cause) => Err(DeviceError::Network(cause)),
        }
    }

    /// A request in this device's session.
    pub(crate) fn request(&self, method: Method, path: impl Into<Cow<'static, str>>) -> Request {
        Request {
            method,
            path: path.into(),
            query: Vec::new(),
            token: Some(self.token.lock().unwrap_or_else(PoisonError::into_inner).to_string()),
            body: None,
            last_event: None,
            language: None,
        }
    }

    /// Sends a request and returns a successful answer. A device that is told that it was revoked wipes its doors and
    /// permits before the error is returned.
    pub(crate) async fn call(&self, request: Request) -> Result<Answer, DeviceError> {
        let mut answer = self
            .transport
            .send(request.clone())
            .await
            .map_err(DeviceError::Network)?;
        // Somebody else's password that is wrong is not the end of this device's session.
        if answer.status == 401 && code_of(&answer) != ProblemCode::SignInFailed.code() && self.renew().await? {
            let token = Some(self.token.lock().unwrap_or_else(PoisonError::into_inner).to_string());
            let again = Request { token, ..request };
            answer = self.transport.send(again).await.map_err(DeviceError::Network)?;
        }
        if is_success(&answer) {
            Ok(answer)
        } else {
            Err(self.refused(&answer).await?)
        }
    }

    /// Opens a new session with the device's key, because the old one ended. Says whether the server agreed.
    async fn renew(&self) -> Result<bool, DeviceError> {
        let sent_wall_ms = self.now().millis();
        let identity = &self.identity;
        let text = renewal_text(identity.tenant, identity.device, sent_wall_ms);
        let body = RenewSession {
            tenant: identity.tenant,
            device: identity.device,
            sent_wall_ms,
            sig: base64url_encode(&identity.secret.sign(text.as_bytes())?),
        };
        let request = Request {
            method: Method::Post,
            path: "/v1/device-sessions".into(),
            query: Vec::new(),
            token: None,
            body: Some(json(&body)?),
            last_event: None,
            language: None,
        };
        let answer = self.transport.send(request).await.map_err(DeviceError::Network)?;
        if answer.status == 401 {
            return Ok(false);
        }
        if !is_success(&answer) {
            // A device that was revoked while it was away learns of it here.
            return Err(self.refused(&answer).await?);
        }
        let renewed: RenewedSession = parse(&answer, "POST /v1/device-sessions")?;
        let mut tx = self.db.begin().await?;
        Identity::store_token(&mut tx, &self.key, &renewed.token).await?;
        tx.commit().await?;
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Zeroizing::new(renewed.token);
        Ok(true)
    }

    async fn refused(&self, answer: &Answer) -> Result<DeviceError, DeviceError> {
        let error = refusal(answer);
        if matches!(error, DeviceError::Revoked) {
            self.wipe_revoked().await?;
        }
        Ok(error)
    }

    /// Wipes what a revoked device may not hold. Unsent events and what was kept as evidence against the server stay.
    pub(crate) async fn wipe_revoked(&self) -> Result<(), DeviceError> {
        let mut tx = self.db.begin().await?;
        wipe(&mut tx).await?;
        // What was typed and never recorded can be recorded no more.
        for sql in ["DELETE FROM draft", "UPDATE sync_state SET revoked = 1"] {
            sqlx::query(sql).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        self.db.forget().await
    }

    /// The present instant.
    pub(crate) fn now(&self) -> Micros {
        self.clock.now()
    }
}

/// A device's folder whose vault is open.
struct Opened {
    dir: PathBuf,
    db: Db,
    key: Key,
    identity: Identity,
}

impl Opened {
    async fn load(dir: &Path, pin: &Pin, now: Micros) -> Result<Self, DeviceError> {
        let db = Db::open(dir, false).await?;
        let not_enrolled = || DeviceError::NotEnrolled { dir: dir.to_owned() };
        if !Identity::exists(db.pool()).await? {
            return Err(not_enrolled());
        }
        // The end of the lease waits for no PIN.
        enforce_lease(&db, now).await?;
        let key = unlock(&db, pin, now).await?;
        let identity = Identity::load(db.pool(), &key).await?.ok_or_else(not_enrolled)?;
        evidence::seal_left_open(dir, &key).await?;
        Ok(Self {
            dir: dir.to_owned(),
            db,
            key,
            identity,
        })
    }
}

/// A body as JSON.
pub(crate) fn json<T: serde::Serialize>(body: &T) -> Result<Vec<u8>, DeviceError> {
    serde_json::to_vec(body).map_err(|_| DeviceError::Corrupt { what: "request" })
}

/// An answer's body; unknown fields are ignored.
pub(crate) fn parse<T: DeserializeOwned>(answer: &Answer, request: &'static str) -> Result<T, DeviceError> {
    serde_json::from_slice(&answer.body).map_err(|_| DeviceError::Answer { request })
}

fn is_success(answer: &Answer) -> bool {
    (200..300).contains(&answer.status)
}

/// The code of a problem; empty where the answer is none.
fn code_of(answer: &Answer) -> String {
    let problem: Option<Problem> = serde_json::from_slice(&answer.body).ok();
    problem.map_or_else(String::new, |problem| problem.code)
}

/// What a refusal means for the device. A status says enough where a proxy answered without a problem.
fn refusal(answer: &Answer) -> DeviceError {
    let problem: Option<Problem> = serde_json::from_slice(&answer.body).ok();
    let code = problem.as_ref().map_or("", |problem| problem.code.as_str());
    if code == ProblemCode::DeviceRevoked.code() {
        return DeviceError::Revoked;
    }
    if code == ProblemCode::DeviceFork.code() {
        return DeviceError::Forked;
    }
    if code == ProblemCode::DeviceTooNew.code() {
        return DeviceError::TooNew;
    }
    match answer.status {
        401 if code != ProblemCode::SignInFailed.code() => DeviceError::SessionEnded,
        426 => DeviceError::TooOld,
        429 | 502..=504 => DeviceError::Busy,
        status => DeviceError::Refused {
            status,
            code: if code.is_empty() {
                format!("http-{status}")
            } else {
                code.to_owned()
            },
            detail: problem.map_or_else(|| "ask the operator".to_owned(), |problem| problem.detail),
        },
    }
}
