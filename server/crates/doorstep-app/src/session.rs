//! Signing in and out, and finding the actor behind a token.

use std::sync::OnceLock;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorstep_domain::id::{DeviceId, SessionId, StaffId, TenantId};
use doorstep_domain::measure::Micros;
use doorstep_store::StoreError;
use doorstep_store::entry::{By, Entries, EntryKind, ServerEntry};
use doorstep_store::session::Session;
use doorstep_store::staff::{Credentials, SetBy};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::session::{Me, SignIn, SignedIn};
use sha2::{Digest, Sha256};

use crate::actor::Actor;
use crate::error::AppError;
use crate::{App, device};

/// How long an office session lasts at most: 12 hours.
const OFFICE_SESSION: Micros = Micros::from_seconds(12 * 3_600);
/// How long a device's session lasts at most: 30 days.
const DEVICE_SESSION: Micros = Micros::from_seconds(30 * 86_400);
/// Attempts of one caller at one login in [`ATTEMPTS_WINDOW`].
const ATTEMPTS_MAX: i64 = 10;
/// Attempts of all callers at one login.
const ATTEMPTS_LOGIN_MAX: i64 = 60;
/// Attempts of one caller at all logins. Those that succeed do not count: an office may stand behind one address.
const ATTEMPTS_CLIENT_MAX: i64 = 60;
const ATTEMPTS_WINDOW: Micros = Micros::from_seconds(900);
/// Shortest password, in characters (OWASP ASVS 5.0, 6.2.1).
pub(crate) const PASSWORD_MIN: usize = 8;
/// Longest password, in bytes; far beyond what people use, so that nobody can make the server hash megabytes.
const PASSWORD_MAX: usize = 1_024;

/// argon2id with 46 MiB, one pass, one lane (OWASP ASVS 5.0, appendix C).
fn hasher() -> Argon2<'static> {
    let params = Params::new(47_104, 1, 1, None).expect("the parameters lie within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Checks and hashes a new password that stood in `field`. Takes tens of milliseconds; runs off the async threads.
pub(crate) async fn password_hash(field: &'static str, password: &str) -> Result<String, AppError> {
    if password.chars().count() < PASSWORD_MIN || password.len() > PASSWORD_MAX {
        return Err(AppError::at(
            ProblemCode::BadRequest,
            field,
            format!("A password has at least {PASSWORD_MIN} characters and at most {PASSWORD_MAX} bytes."),
        ));
    }
    let password = password.to_owned();
    let hashed = tokio::task::spawn_blocking(move || {
        let salt: [u8; 16] = doorstep_store::random_bytes();
        hasher()
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map(|hash| hash.to_string())
    });
    match hashed.await {
        Ok(Ok(hash)) => Ok(hash),
        _ => Err(AppError::Fault("the password could not be hashed")),
    }
}

async fn password_matches(password: String, hash: Option<String>) -> bool {
    static NOBODY: OnceLock<String> = OnceLock::new();
    let checked = tokio::task::spawn_blocking(move || {
        // An unknown login costs as much as a known one, so that the time does not tell which logins exist.
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| {
            NOBODY
                .get_or_init(|| {
                    let hashed = hasher().hash_password_with_salt(b"nobody", &[7; 16]);
                    hashed.map(|hash| hash.to_string()).unwrap_or_default()
                })
                .clone()
        });
        hasher().verify_password(password.as_bytes(), hash.as_str()).is_ok() && known
    });
    checked.await.unwrap_or(false)
}

/// A new opaque token of 256 random bits.
pub(crate) fn fresh_token() -> String {
    URL_SAFE_NO_PAD.encode(doorstep_store::random_bytes::<32>())
}

fn not_signed_in() -> AppError {
    AppError::refuse(
        ProblemCode::NotSignedIn,
        "The session is unknown or over. Sign in with `doorstep login`.",
    )
}

/// What attempts at signing in are counted under: one caller at all logins, one caller at one login, and all callers at one
/// login. So nobody locks a colleague out from another place, and guessing from many places ends as well.
struct Attempts {
    client: Vec<u8>,
    here: Vec<u8>,
    everywhere: Vec<u8>,
}

impl Attempts {
    /// A new password begins anew: attempts at a login are counted for its password.
    fn new(login: &str, hash: Option<&str>, client: &str) -> Self {
        let key = |parts: [&str; 4]| Sha256::digest(parts.join("\0")).to_vec();
        let hash = hash.unwrap_or_default();
        Self {
            client: key(["sign-in", "", "", client]),
            here: key(["sign-in", login, hash, client]),
            everywhere: key(["sign-in", login, hash, ""]),
        }
    }
}

impl App {
    /// Opens a session for login and password, and changes the password where a new one comes along. Guessing is
    /// throttled for all processes together.
    pub async fn sign_in(&self, request: &SignIn, client: &str) -> Result<SignedIn, AppError> {
        let one = self.prove_password(request, client).await?;
        let signed_in = self.open_session(one.tenant, one.staff, None).await?;
        // A password that was set while this one was checked has ended all sessions but perhaps this.
        if self.credentials(request).await?.is_none_or(|now| now.hash != one.hash) {
            self.store()
                .session_end(one.tenant, one.staff, None, self.now())
                .await?;
            return Err(not_signed_in());
        }
        Ok(signed_in)
    }

    /// Who has this login, proven by the password, which is changed where a new one comes along.
    pub(crate) async fn prove_password(&self, request: &SignIn, client: &str) -> Result<Credentials, AppError> {
        let mut one = self.credentials(request).await?;
        let hash = one.as_ref().and_then(|one| one.hash.clone());
        let attempts = Attempts::new(&request.login, hash.as_deref(), client);
        self.count_attempt(&attempts).await?;
        let matches = password_matches(request.password.chars().take(PASSWORD_MAX).collect(), hash).await;
        let (Some(one), true) = (&mut one, matches) else {
            let detail =
                "Check the login (the staff number) and the password. An administrator can set a new password.";
            return Err(AppError::refuse(ProblemCode::SignInFailed, detail));
        };
        self.store().throttle_clear(&attempts.here).await?;
        self.store().throttle_clear(&attempts.everywhere).await?;
        self.store().throttle_uncount(&attempts.client).await?;
        match &request.new_password {
            Some(new) => one.hash = Some(self.choose_password(one, &request.password, new).await?),
            None if one.first => {
                let detail = "An administrator set this password. Choose one of your own: `doorstep login \
                              --new-password`, or `new_password` in the request.";
                return Err(AppError::refuse(ProblemCode::PasswordChangeNeeded, detail));
            }
            None => {}
        }
        Ok(one.clone())
    }

    /// What is behind a login; `None` where nobody has it, or people of several tenants and none is named.
    async fn credentials(&self, request: &SignIn) -> Result<Option<Credentials>, AppError> {
        let mut found = self.store().staff_by_login(&request.login).await?;
        found.retain(|one| request.tenant.is_none_or(|asked| asked == one.tenant.0));
        Ok(if found.len() == 1 { found.pop() } else { None })
    }

    async fn count_attempt(&self, attempts: &Attempts) -> Result<(), AppError> {
        let keys: [(&[u8], i64); 3] = [
            (&attempts.client, ATTEMPTS_CLIENT_MAX),
            (&attempts.here, ATTEMPTS_MAX),
            (&attempts.everywhere, ATTEMPTS_LOGIN_MAX),
        ];
        let exceeded = self.store().throttle_exceeded(&keys, self.now(), ATTEMPTS_WINDOW);
        let detail = match exceeded.await? {
            None => return Ok(()),
            Some(0) => "Too many failed attempts from your network. Wait 15 minutes.",
            Some(_) => "Too many attempts for this login. Wait 15 minutes, or ask an administrator for a new password.",
        };
        Err(AppError::refuse(ProblemCode::TooMany, detail))
    }

    /// Replaces a password by one that only its owner knows, and returns its hash. The sessions that were opened with the
    /// old one end.
    async fn choose_password(&self, one: &Credentials, old: &str, new: &str) -> Result<String, AppError> {
        if new == old {
            let detail = "The new password is the old one. Choose another.";
            return Err(AppError::at(ProblemCode::BadRequest, "new_password", detail));
        }
        let hash = password_hash("new_password", new).await?;
        let mut tx = self.store().write(one.tenant, self.now()).await?;
        tx.staff_password(one.staff, (one.hash.as_deref(), &hash), SetBy::Owner)
            .await?;
        let by = By {
            actor: Some(one.alias),
            session: None,
        };
        let entry = ServerEntry::new(EntryKind::StaffPassword, by).about(one.alias);
        tx.commit(Entries::one(entry)).await?;
        Ok(hash)
    }

    /// Opens a session for somebody who has just proven who they are.
    pub(crate) async fn open_session(
        &self,
        tenant: TenantId,
        staff: StaffId,
        device: Option<DeviceId>,
    ) -> Result<SignedIn, AppError> {
        let now = self.now();
        let token = fresh_token();
        let lasts = if device.is_some() {
            DEVICE_SESSION
        } else {
            OFFICE_SESSION
        };
        let session = Session {
            id: SessionId(doorstep_store::fresh_id(now)),
            tenant,
            staff,
            device,
            created_at: now,
            used_at: now,
            expires: now + lasts,
        };
        self.store().session_insert(&session, &token).await?;
        let actor = self.actor_of(&session).await?;
        Ok(SignedIn {
            token,
            expires: session.expires.get(),
            me: actor.me(),
        })
    }

    /// The actor behind a token. A revoked device is told so, so that it wipes what it holds.
    pub async fn authenticate(&self, token: &str) -> Result<Actor, AppError> {
        let actor = self.authenticate_caller(token).await?;
        if let Some(device) = actor.device {
            device::check_state(&self.store().device_get(actor.tenant, device).await?)?;
        }
        Ok(actor)
    }

    /// As [`App::authenticate`], also for a device that was revoked or suspended: only for a push, which hears a call for
    /// help before it refuses the rest.
    pub async fn authenticate_caller(&self, token: &str) -> Result<Actor, AppError> {
        let session = self.store().session_by_token(token).await?.ok_or_else(not_signed_in)?;
        let now = self.now();
        if session.expires <= now {
            return Err(not_signed_in());
        }
        self.actor_of(&session).await
    }

    async fn actor_of(&self, session: &Session) -> Result<Actor, AppError> {
        let staff = match self.store().staff_get(session.tenant, session.staff).await {
            Ok(staff) if staff.active => staff,
            Ok(_) => return Err(not_signed_in()),
            Err(error @ StoreError::Forged(_)) => {
                tracing::error!(staff.id = %session.staff, %error, "a session opens nothing");
                return Err(not_signed_in());
            }
            Err(other) => return Err(other.into()),
        };
        Ok(Actor {
            tenant: session.tenant,
            staff: staff.id,
            alias: staff.alias,
            role: staff.role,
            team: staff.team,
            agency: staff.agency,
            session: session.id,
            device: session.device,
        })
    }

    /// Ends the actor's session.
    pub async fn sign_out(&self, actor: &Actor) -> Result<(), AppError> {
        self.scopes().forget(actor.session);
        Ok(self
            .store()
            .session_end(actor.tenant, actor.staff, Some(actor.session), self.now())
            .await?)
    }

    /// Who is signed in.
    #[must_use]
    pub fn me(&self, actor: &Actor) -> Me {
        actor.me()
    }
}
