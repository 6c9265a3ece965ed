//! Makes a data folder: key file, databases, a tenant with its first people. The configuration is written last, so that a
//! set-up that broke off is never taken for a data folder.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use doorstep_app::App;
use doorstep_app::setup::{StaffRequest, TenantRequest};
use doorstep_domain::id::{TeamId, TenantId};
use doorstep_domain::measure::Clock;
use doorstep_domain::staff::Role;
use doorstep_store::{Store, StoreConfig, StoreError};

use super::{FolderLock, Outside, app_of, blobs_of};
use crate::config::{CONFIG_FILE, Config, ConfigError, DatabaseUrl};
use crate::error::ServerError;

/// Letters of a first password: none that look alike.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Groups of four letters in a first password: 80 random bits.
const GROUPS: usize = 4;

/// What a new data folder is made with.
#[derive(Debug, Clone)]
pub struct InitOptions {
    /// Name of the organisation.
    pub tenant: String,
    /// Name of its first team.
    pub team: String,
    /// Login of the first administrator.
    pub admin: String,
    /// Login of the first supervisor; nobody where absent.
    pub supervisor: Option<String>,
    /// Login of the first auditor; nobody where absent.
    pub auditor: Option<String>,
    /// The settings that the folder begins with.
    pub config: Config,
}

impl InitOptions {
    /// An organisation with an administrator, a supervisor and an auditor, on SQLite.
    #[must_use]
    pub fn named(tenant: &str) -> Self {
        Self {
            tenant: tenant.to_owned(),
            team: "Team 1".to_owned(),
            admin: "admin".to_owned(),
            supervisor: Some("supervisor".to_owned()),
            auditor: Some("auditor".to_owned()),
            config: Config::default(),
        }
    }
    /// The same on other databases, for example PostgreSQL's.
    #[must_use]
    pub fn on(mut self, database: &str, keys: &str) -> Self {
        self.config.database = DatabaseUrl(database.to_owned());
        self.config.keys = DatabaseUrl(keys.to_owned());
        self
    }
}

/// A login with its first password.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The login.
    pub login: String,
    /// What its owner may do.
    pub role: Role,
    /// The password. It is stored nowhere: show it once.
    pub password: String,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login")
            .field("login", &self.login)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// A data folder that was made.
#[derive(Debug, Clone)]
pub struct Initialised {
    /// The tenant.
    pub tenant: TenantId,
    /// Its first team.
    pub team: TeamId,
    /// Its first people.
    pub logins: Vec<Login>,
}

/// Makes a data folder. Refuses a folder or a database that already holds data.
pub async fn init(folder: &Path, options: &InitOptions, clock: Arc<dyn Clock>) -> Result<Initialised, ServerError> {
    let config = &options.config;
    config.check()?;
    make_private(folder)?;
    let outside = Outside {
        packs: config.packs(folder).map_err(ConfigError::from)?,
        witnesses: None,
        stamps: None,
        papers: config.paper_settings(folder)?,
        training: config.training_settings()?,
        blobs: blobs_of(folder),
    };
    let lock = FolderLock::take(folder, "doorstep init")?;
    let store_config = config.store(folder);
    for path in [folder.join(CONFIG_FILE), store_config.key_file.clone()] {
        if path.exists() {
            return Err(ServerError::NotEmpty(path));
        }
    }
    let notices = config.notice_settings(folder)?;
    let store = fresh_store(&store_config).await?;
    let app = app_of(store, config, (outside, notices), clock);
    let made = people(&app, options).await?;
    app.run_sequencer().await?;
    app.store().close().await;
    write_config(folder, config)?;
    drop(lock);
    Ok(made)
}

/// Makes the key file and opens databases that hold no tenant. Where that fails the key goes again: it wraps nothing yet,
/// and the next try must not be refused because of it.
async fn fresh_store(config: &StoreConfig) -> Result<Store, ServerError> {
    let opened = match Store::create(config).await {
        Ok(store) if store.tenant_list().await?.is_empty() => return Ok(store),
        // The key store holds keys that the new key does not open.
        Ok(_) | Err(StoreError::WrongKey) => ServerError::DatabaseInUse,
        Err(error) => error.into(),
    };
    std::fs::remove_file(&config.key_file).map_err(ServerError::file(&config.key_file))?;
    Err(opened)
}

async fn people(app: &App, options: &InitOptions) -> Result<Initialised, ServerError> {
    let request = TenantRequest {
        name: options.tenant.clone(),
        team: options.team.clone(),
    };
    let made = app.create_tenant(&request).await?;
    let wanted = [
        (Some(&options.admin), Role::Administrator, None),
        (options.supervisor.as_ref(), Role::Supervisor, Some(made.team)),
        (options.auditor.as_ref(), Role::Auditor, None),
    ];
    let mut logins = Vec::new();
    for (login, role, team) in wanted {
        let Some(login) = login else { continue };
        let password = password();
        let request = StaffRequest {
            login,
            name: login,
            role,
            team,
            agency: None,
            password: &password,
        };
        app.create_staff(made.tenant, &request).await?;
        logins.push(Login {
            login: login.clone(),
            role,
            password,
        });
    }
    Ok(Initialised {
        tenant: made.tenant,
        team: made.team,
        logins,
    })
}

/// A random password that can be read aloud.
fn password() -> String {
    let mut text = String::new();
    for (i, byte) in doorstep_store::random_bytes::<{ GROUPS * 4 }>().iter().enumerate() {
        if i > 0 && i % 4 == 0 {
            text.push('-');
        }
        let _ = write!(text, "{}", char::from(LETTERS[usize::from(*byte) % LETTERS.len()]));
    }
    text
}

/// Makes the folder so that only its owner can look into it.
pub(crate) fn make_private(folder: &Path) -> Result<(), ServerError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(ServerError::file(folder))?;
    #[cfg(unix)]
    {
        // A folder that was there before may be open to others.
        let only_owner = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(folder, only_owner).map_err(ServerError::file(folder))?;
    }
    Ok(())
}

/// Writes the configuration whole or not at all.
pub(super) fn write_config(folder: &Path, config: &Config) -> Result<(), ServerError> {
    let text = config.to_toml().map_err(ServerError::Unwritable)?;
    let path = folder.join(CONFIG_FILE);
    let head = "# Settings of this Doorstep server; doorstep.example.toml in the sources explains every key.\n";
    let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
        file.write_all(head.as_bytes())?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&path).map_err(|error| error.error)
    });
    written.map(drop).map_err(ServerError::file(&path))
}
