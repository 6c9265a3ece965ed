//! Devices: one-time codes, enrolment, sessions, and the states in which they are heard.

mod partner;
mod state;

use doorstep_domain::id::{DeviceId, StaffId, TenantId};
use doorstep_domain::measure::Micros;
use doorstep_log::chain::verify_header;
use doorstep_log::device_key::DeviceKey;
use doorstep_log::hash::{base64url_decode, base64url_encode};
use doorstep_log::leaf::Algorithm;
use doorstep_log::note::SigningKey;
use doorstep_store::device::{Device, DeviceState};
use doorstep_store::entry::{By, Entries, EntryKind, LogName, ServerEntry};
use doorstep_store::org::PERMIT_KEY;
use doorstep_wire::device::{Code, CodeRequest, Enrol, Enrolled, RenewSession, RenewedSession, renewal_text};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::{SYNC_VERSION, SYNC_VERSION_MIN};
use sha2::{Digest, Sha256};

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};

/// How long an enrolment code holds: 10 minutes.
const CODE_LASTS: Micros = Micros::from_seconds(600);
/// Letters of a code: none that are easily taken for others.
const CODE_LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// Letters in a code: 50 bits, used once, throttled, for ten minutes.
const CODE_LEN: usize = 10;
/// How far a device's clock may be off when it renews its session: a day.
const RENEWAL_AGE_MAX: Micros = Micros::from_seconds(86_400);
const ATTEMPTS_MAX: i64 = 20;
const ATTEMPTS_WINDOW: Micros = Micros::from_seconds(600);

/// The enrolled key of a device.
pub(crate) fn key_of(device: &Device) -> Result<DeviceKey, AppError> {
    DeviceKey::parse(&device.alg, &device.public_key).ok_or(AppError::Fault("enrolled keys parse"))
}

/// Refuses devices whose chain has split, until an administrator has decided.
pub(crate) fn check_fork(device: &Device) -> Result<(), AppError> {
    if device.state == DeviceState::Suspended {
        check_state(device)
    } else {
        Ok(())
    }
}

/// Refuses devices that were revoked, lost or suspended, and says what the device must do.
pub(crate) fn check_state(device: &Device) -> Result<(), AppError> {
    match device.state {
        DeviceState::Active => Ok(()),
        DeviceState::Lost => Err(AppError::refuse(
            ProblemCode::DeviceRevoked,
            "The device was reported lost: it wipes the cases it holds. Bring it to an administrator.",
        )),
        DeviceState::Revoked => Err(AppError::refuse(
            ProblemCode::DeviceRevoked,
            "The device was revoked: it wipes the cases it holds. An administrator can enrol it anew.",
        )),
        DeviceState::Suspended => Err(AppError::refuse(
            ProblemCode::DeviceFork,
            "The device signed two events with one number and is suspended. Keep it; an administrator must look at it.",
        )),
    }
}

/// Refuses devices that speak a sync version which this server no longer takes, or does not know yet.
pub(crate) fn check_version(version: u32) -> Result<(), AppError> {
    if version < SYNC_VERSION_MIN {
        let detail = format!(
            "The device speaks sync version {version}; this server takes {SYNC_VERSION_MIN} and later. Update the \
             device's program; what it holds is kept and sent then."
        );
        return Err(AppError::refuse(ProblemCode::DeviceTooOld, detail));
    }
    if version > SYNC_VERSION {
        let detail = format!(
            "The device speaks sync version {version}; this server knows up to {SYNC_VERSION}. Update the server; what \
             the device holds is kept and sent then."
        );
        return Err(AppError::refuse(ProblemCode::DeviceTooNew, detail));
    }
    Ok(())
}

/// A code as it was made, however somebody typed it.
fn code_normal(code: &str) -> String {
    let letters = code.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_uppercase()).collect()
}

/// A public key as a request brings it.
fn key_given(key: &str, alg: Option<&str>) -> Result<DeviceKey, AppError> {
    let alg = Algorithm::from_name(alg.unwrap_or(Algorithm::Ed25519.name()).to_owned());
    let bytes = base64url_decode(key);
    bytes.and_then(|bytes| DeviceKey::parse(&alg, &bytes)).ok_or_else(|| {
        let detail = "An Ed25519 key of 32 bytes, or with `alg` ES256 an uncompressed point of P-256 of 65; base64url.";
        AppError::at(ProblemCode::BadRequest, "public_key", detail)
    })
}

impl App {
    /// Makes a one-time code for somebody's device.
    pub async fn make_device_code(&self, actor: &Actor, request: &CodeRequest) -> Result<Code, AppError> {
        policy::check(actor, Action::ManageDevices)?;
        let staff = self.staff_in_reach(actor, StaffId(request.staff)).await?;
        let random: [u8; CODE_LEN] = doorstep_store::random_bytes();
        let code: String = random
            .iter()
            .map(|byte| char::from(CODE_LETTERS[usize::from(byte % 32)]))
            .collect();
        let now = self.now();
        let expires = now + CODE_LASTS;
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.device_code_insert(staff.id, &code_normal(&code), expires).await?;
        let entry = ServerEntry::new(EntryKind::DeviceCode, actor.by()).about(staff.alias);
        tx.commit(Entries::one(entry)).await?;
        Ok(Code {
            code,
            expires: expires.get(),
            tenant: actor.tenant.0,
        })
    }

    /// Enrols a device that holds a one-time code and a key of its own.
    pub async fn enrol_device(&self, request: &Enrol, client: &str) -> Result<Enrolled, AppError> {
        check_version(request.sync_version)?;
        let now = self.now();
        let throttled = Sha256::digest(format!("enrol\0{}\0{client}", request.tenant)).to_vec();
        if self.store().throttle_count(&throttled, now, ATTEMPTS_WINDOW).await? > ATTEMPTS_MAX {
            return Err(AppError::refuse(
                ProblemCode::TooMany,
                "Too many attempts. Wait ten minutes.",
            ));
        }
        let key = key_given(&request.public_key, request.alg.as_deref())?;
        let tenant = TenantId(request.tenant);
        let mut tx = self.store().write(tenant, now).await?;
        let staff = tx.device_code_use(&code_normal(&request.code)).await.map_err(|_| {
            AppError::refuse(
                ProblemCode::EnrolmentFailed,
                "The code is unknown, used or older than ten minutes. Ask an administrator for a new one.",
            )
        })?;
        let staff = tx.staff_get(staff).await?;
        let id = DeviceId(doorstep_store::fresh_id(now));
        let device = Device {
            id,
            staff: staff.id,
            kid: format!("{id}/1"),
            public_key: key.as_bytes().to_vec(),
            alg: key.algorithm(),
            state: DeviceState::Active,
            next_dseq: 1,
            head_hash: vec![0; 32],
            app: request.app.chars().filter(|c| !c.is_control()).take(80).collect(),
            enrolled_at: now,
            seen_at: now,
            settled_at: now,
            head_at: now,
            pull_cursor: 0,
        };
        tx.device_insert(&device).await?;
        let by = By {
            actor: Some(staff.alias),
            session: None,
        };
        let mut entry = ServerEntry::new(EntryKind::DeviceEnrolled, by)
            .with("dev", id.to_string())
            .with("kid", device.kid.as_str())
            .with("key", base64url_encode(&device.public_key));
        if let Some(alg) = device.alg_stated() {
            entry = entry.with("alg", alg);
        }
        tx.commit(Entries::one(entry)).await?;
        let session = self.open_session(tenant, staff.id, Some(id)).await?;
        Ok(Enrolled {
            device: id.0,
            kid: device.kid,
            token: session.token,
            expires: session.expires,
            permit_key: self.permit_key(tenant).await?.verifier().to_string(),
            log_key: self.store().log_verifier(tenant, LogName::Events).await?.to_string(),
            me: session.me,
        })
    }

    /// Opens a new session for a device that proves with its key who it is. The old ones stay until they end.
    pub async fn renew_session(&self, request: &RenewSession) -> Result<RenewedSession, AppError> {
        let (now, device) = (self.now(), request.device);
        let key = Sha256::digest(format!("renew\0{device}")).to_vec();
        if self.store().throttle_count(&key, now, ATTEMPTS_WINDOW).await? > ATTEMPTS_MAX {
            return Err(AppError::refuse(
                ProblemCode::TooMany,
                "Too many attempts. Wait ten minutes.",
            ));
        }
        let refused = || {
            let detail = "The device is unknown, its clock is more than a day off, or the signature is not its own.";
            AppError::refuse(ProblemCode::NotSignedIn, detail)
        };
        let off = now.saturating_sub(Micros::from_millis(request.sent_wall_ms));
        if off.get().unsigned_abs() > RENEWAL_AGE_MAX.get().unsigned_abs() {
            return Err(refused());
        }
        let tenant = TenantId(request.tenant);
        let found = self
            .store()
            .device_get(tenant, DeviceId(device))
            .await
            .map_err(|_| refused())?;
        let public = key_of(&found)?;
        let text = renewal_text(request.tenant, device, request.sent_wall_ms);
        let sig = base64url_decode(&request.sig).ok_or_else(refused)?;
        verify_header(&public, text.as_bytes(), &sig).map_err(|_| refused())?;
        check_state(&found)?;
        // A request that somebody copied opens nothing: its time was used before.
        let noted = self
            .store()
            .device_renewed(tenant, found.id, request.sent_wall_ms, now)
            .await;
        noted.map_err(|_| refused())?;
        let session = self.open_session(tenant, found.staff, Some(found.id)).await?;
        Ok(RenewedSession {
            token: session.token,
            expires: session.expires,
        })
    }

    /// The key that signs permits and acknowledgements, named after the deployment and tenant.
    pub(crate) async fn permit_key(&self, tenant: TenantId) -> Result<SigningKey, AppError> {
        let seed = self.store().keys().signing_seed(tenant.0, PERMIT_KEY).await?;
        let name = format!("{}/{tenant}/permit", self.0.parts.deployment);
        SigningKey::from_seed(&name, &seed).map_err(|_| AppError::Fault("the deployment's name makes a key name"))
    }
}
