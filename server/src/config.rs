//! The configuration: one typed struct, read from `doorstep.toml` in the data folder. Unknown keys are refused with their
//! line. Knows nothing of what the settings are used for.
//!
//! Every limit of the server that an operator may want to change is here, with its unit in its name.

mod notice;
mod papers;
mod proxy;
mod rules;
mod training;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use doorstep_app::stamp::StampSettings;
use doorstep_app::witness::WitnessPolicy;
use doorstep_domain::measure::Micros;
use doorstep_log::policy::PolicyError;
use doorstep_rules::PackSet;
use doorstep_store::StoreConfig;
use serde::{Deserialize, Serialize};

pub(crate) use notice::DispatchTarget;
pub use notice::{DispatchConfig, NoticesConfig, TemplateFileError};
pub use papers::{PapersConfig, PapersError};
pub use proxy::{Network, NoNetwork};
pub use rules::{Accepted, RulesConfig, RulesError};
pub use training::TrainingConfig;

/// Name of the file in the data folder.
pub const CONFIG_FILE: &str = "doorstep.toml";
/// The largest import file that may be configured, 1 GiB: reading keeps a copy on the disk.
pub const IMPORT_BYTES_CEILING: u64 = 1024 * 1024 * 1024;

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("`{path}` cannot be read; is this a data folder? `doorstep init` makes one")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file is no TOML, has an unknown key or a value of the wrong kind.
    #[error("`{path}` line {line}: {reason}; doorstep.example.toml lists every key")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// The witnesses' policy cannot be used.
    #[error("`{path}`, named by `witness_policy` in doorstep.toml, cannot be used")]
    Policy {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: PolicyFileError,
    },
    /// Own templates of notices cannot be used.
    #[error("`{path}`, named by `notices.templates` in doorstep.toml, cannot be used")]
    Templates {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: Box<TemplateFileError>,
    },
    /// Papers cannot be made as the configuration says.
    #[error(transparent)]
    Papers(#[from] PapersError),
    /// The rule packs cannot be used.
    #[error(transparent)]
    Rules(#[from] RulesError),
    /// A value is out of its range, or two do not go together.
    #[error("`{key}` in doorstep.toml: {remedy}")]
    Value {
        /// The key.
        key: &'static str,
        /// What is wrong and what to do.
        remedy: &'static str,
    },
}

/// Why a policy file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PolicyFileError {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] std::io::Error),
    /// It is no policy.
    #[error(transparent)]
    Wrong(#[from] PolicyError),
}

/// The address of a database; it may hold a password, so it is never shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DatabaseUrl(pub String);

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = self.0.split_once(':').map_or("", |(scheme, _)| scheme);
        write!(f, "{scheme}:…")
    }
}

impl DatabaseUrl {
    /// The address with a relative SQLite path taken from the data folder.
    fn in_folder(&self, folder: &Path) -> String {
        match self.0.strip_prefix("sqlite:") {
            Some(path) => format!("sqlite:{}", folder.join(path).display()),
            None => self.0.clone(),
        }
    }
}

/// The address of the metrics listener: `IP:PORT`, or `off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsListen {
    /// No metrics are offered.
    Off,
    /// They are offered here.
    At(SocketAddr),
}

impl Serialize for MetricsListen {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Off => s.serialize_str("off"),
            Self::At(address) => s.collect_str(address),
        }
    }
}

impl<'de> Deserialize<'de> for MetricsListen {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        match text.as_str() {
            "off" => Ok(Self::Off),
            _ => text
                .parse()
                .map(Self::At)
                .map_err(|_| serde::de::Error::custom("neither an address `IP:PORT` nor `off`")),
        }
    }
}

/// All settings of the server. `Default` is what a new data folder on this machine gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where the interface is served. Not the machine itself only with `behind_proxy`.
    pub listen: SocketAddr,
    /// Where metrics are served.
    pub metrics_listen: MetricsListen,
    /// A proxy in front ends TLS.
    pub behind_proxy: bool,
    /// The networks of the proxies whose `X-Forwarded-For` or `Forwarded` says who calls.
    pub trusted_proxies: Vec<Network>,
    /// The main database: `sqlite:PATH` or `postgres://…`.
    pub database: DatabaseUrl,
    /// The key store: another file or another database.
    pub keys: DatabaseUrl,
    /// The file with the key outside the databases.
    pub key_file: PathBuf,
    /// Name of the deployment, first part of the logs' names for strangers. Fixed once a tenant exists.
    pub deployment: String,
    /// Where visited persons reach this server, as receipts say it; empty: the address that devices have.
    pub public_url: String,
    /// A file that names witnesses and their quorum (C2SP tlog-policy), from the data folder; empty for none.
    pub witness_policy: PathBuf,
    /// The most bytes of an imported file.
    pub import_bytes_max: u64,
    /// The most requests worked on at once; more are told to try again.
    pub requests_max: usize,
    /// The most devices that wait for news at once.
    pub wakes_max: usize,
    /// Seconds that a request may take.
    pub request_s_max: u32,
    /// Seconds that an import, an export or a plan may take.
    pub long_request_s_max: u32,
    /// Seconds that open requests get to finish when the server stops.
    pub stop_s_max: u32,
    /// The time-stamp authority (RFC 3161) that is asked; empty for none.
    pub timestamp_url: String,
    /// The file with the certificates, in PEM, that may vouch for the authority.
    pub timestamp_ca: PathBuf,
    /// Seconds between time stamps of a log that grows.
    pub timestamp_every_s: u32,
    /// The weekday on which persons whose time for keeping is over are erased without anybody being asked, `mon` to `sun`;
    /// empty: only an administrator's purge erases them.
    pub purge_day: String,
    /// The hour at which that begins, 0 to 23, in UTC.
    pub purge_hour: u8,
    /// Whether the server does the work of each day by itself: ages loans and cases, and all else that is done once a day.
    /// Otherwise `doorstep daily` does.
    pub daily: bool,
    /// What is logged: `error`, `warn`, `info`, `debug`, or a filter by module as `tracing` reads it.
    pub log_level: String,
    /// What notices of visits say.
    pub notices: NoticesConfig,
    /// Who takes notices from here.
    pub dispatch: DispatchConfig,
    /// How training renews certificates, and when a talk after an incident is due.
    pub training: TrainingConfig,
    /// What papers are printed with.
    pub papers: PapersConfig,
    /// Rule packs beside those that come with the program.
    pub rules: RulesConfig,
}

impl Default for Config {
    fn default() -> Self {
        let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Self {
            listen: local(7450),
            metrics_listen: MetricsListen::At(local(7451)),
            behind_proxy: false,
            trusted_proxies: Vec::new(),
            database: DatabaseUrl("sqlite:doorstep.db".to_owned()),
            keys: DatabaseUrl("sqlite:keys.db".to_owned()),
            key_file: PathBuf::from("doorstep.key"),
            deployment: "doorstep.local".to_owned(),
            public_url: String::new(),
            witness_policy: PathBuf::new(),
            import_bytes_max: 64 * 1024 * 1024,
            requests_max: 512,
            wakes_max: 4_096,
            request_s_max: 30,
            long_request_s_max: 600,
            stop_s_max: 10,
            timestamp_url: String::new(),
            timestamp_ca: PathBuf::new(),
            timestamp_every_s: 3_600,
            purge_day: String::new(),
            purge_hour: 3,
            daily: false,
            log_level: "info".to_owned(),
            notices: NoticesConfig::default(),
            dispatch: DispatchConfig::default(),
            training: TrainingConfig::default(),
            papers: PapersConfig::default(),
            rules: RulesConfig::default(),
        }
    }
}

/// When the weekly purge runs, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PurgeTime {
    /// The weekday, Monday being 0.
    pub weekday: u8,
    /// The hour.
    pub hour: u8,
}

/// The weekdays as the configuration names them.
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Whether it is an address of the web without user and password.
fn is_plain(address: &str) -> bool {
    reqwest::Url::parse(address).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none()
    })
}

impl Config {
    /// Reads and checks the configuration of a data folder.
    pub fn load(folder: &Path) -> Result<Self, ConfigError> {
        let path = folder.join(CONFIG_FILE);
        let text = std::fs::read_to_string(&path).map_err(|source| ConfigError::Unreadable {
            path: path.clone(),
            source,
        })?;
        Self::parse(&text, &path)
    }

    /// Reads and checks a configuration; `path` is named in errors.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| text.floor_char_boundary(span.start));
            ConfigError::Invalid {
                path: path.to_owned(),
                line: text[..start].matches('\n').count() + 1,
                // The library's own text would quote the whole line, which may hold a password.
                reason: error.message().replace('\n', " "),
            }
        })?;
        config.check()?;
        Ok(config)
    }

    /// Checks ranges and what must go together.
    pub fn check(&self) -> Result<(), ConfigError> {
        let wrong = |key, remedy| Err(ConfigError::Value { key, remedy });
        if !self.listen.ip().is_loopback() && !self.behind_proxy {
            return wrong(
                "listen",
                "this address can be reached from other machines, but this version speaks no TLS itself; listen on \
                 127.0.0.1, or put a proxy that ends TLS in front and set `behind_proxy = true`",
            );
        }
        if self.behind_proxy && self.trusted_proxies.is_empty() {
            return wrong(
                "trusted_proxies",
                "name the addresses of the proxy, such as [\"127.0.0.1\"]: nobody else is believed who a caller is, and \
                 without it all callers would be throttled as one",
            );
        }
        let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        if self.deployment.is_empty() || self.deployment.len() > 100 || !self.deployment.chars().all(name) {
            return wrong(
                "deployment",
                "a name of 1 to 100 letters, digits, dots and hyphens, for example a host name",
            );
        }
        if !(1..=IMPORT_BYTES_CEILING).contains(&self.import_bytes_max) {
            return wrong("import_bytes_max", "from 1 to 1073741824 bytes");
        }
        if self.requests_max == 0 || self.requests_max > 65_536 {
            return wrong("requests_max", "from 1 to 65536");
        }
        if self.wakes_max == 0 || self.wakes_max > 65_536 {
            return wrong("wakes_max", "from 1 to 65536");
        }
        for (key, value) in [
            ("request_s_max", self.request_s_max),
            ("long_request_s_max", self.long_request_s_max),
            ("stop_s_max", self.stop_s_max),
        ] {
            if !(1..=3_600).contains(&value) {
                return wrong(key, "from 1 to 3600 seconds");
            }
        }
        if !self.public_url.is_empty() && !is_plain(&self.public_url) {
            return wrong(
                "public_url",
                "an address http:// or https:// without user and password, or \"\" for the one that devices have",
            );
        }
        self.check_timestamps()?;
        self.check_dispatch()?;
        if !self.purge_day.is_empty() && self.purge_time().is_none() {
            return wrong("purge_day", "mon, tue, wed, thu, fri, sat or sun, or \"\" for never");
        }
        if self.purge_hour > 23 {
            return wrong("purge_hour", "an hour from 0 to 23, in UTC");
        }
        self.rules.check()?;
        if self.database == self.keys {
            return wrong(
                "keys",
                "keys must not lie in the main database; name another file or database",
            );
        }
        Ok(())
    }

    /// When the weekly purge runs; `None` where it is switched off.
    #[must_use]
    pub fn purge_time(&self) -> Option<PurgeTime> {
        let weekday = WEEKDAYS.iter().position(|day| *day == self.purge_day)?;
        Some(PurgeTime {
            weekday: u8::try_from(weekday).ok()?,
            hour: self.purge_hour,
        })
    }

    fn check_timestamps(&self) -> Result<(), ConfigError> {
        let wrong = |key, remedy| Err(ConfigError::Value { key, remedy });
        if !(60..=604_800).contains(&self.timestamp_every_s) {
            return wrong("timestamp_every_s", "from 60 seconds to 604800, a week");
        }
        if self.timestamp_url.is_empty() {
            return Ok(());
        }
        if !is_plain(&self.timestamp_url) {
            return wrong(
                "timestamp_url",
                "an address http:// or https:// without user and password, or \"\" for none",
            );
        }
        if self.timestamp_ca.as_os_str().is_empty() {
            return wrong(
                "timestamp_ca",
                "name the file with the authority's root certificate in PEM; without it no stamp can be verified",
            );
        }
        Ok(())
    }

    /// What stamping of checkpoints needs, with relative paths taken from the data folder; `None` where nobody is asked.
    pub(crate) fn stamps(&self, folder: &Path) -> Result<Option<StampSettings>, ConfigError> {
        if self.timestamp_url.is_empty() {
            return Ok(None);
        }
        let wrong = |remedy| ConfigError::Value {
            key: "timestamp_ca",
            remedy,
        };
        let unreadable = "the file cannot be read; put the authority's root certificate there, in PEM";
        let pem = std::fs::read(folder.join(&self.timestamp_ca)).map_err(|_| wrong(unreadable))?;
        let every = Micros::from_seconds(i64::from(self.timestamp_every_s));
        StampSettings::new(pem, every)
            .map(Some)
            .map_err(|_| wrong("the file holds no certificate in PEM; ask the authority for its root certificate"))
    }

    /// The same as text for a new data folder, in the order of the example.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    /// Reads the policy that names the witnesses, where there is one.
    pub fn witnesses(&self, folder: &Path) -> Result<Option<WitnessPolicy>, ConfigError> {
        if self.witness_policy.as_os_str().is_empty() {
            return Ok(None);
        }
        let path = folder.join(&self.witness_policy);
        let read = |source| ConfigError::Policy {
            path: path.clone(),
            source,
        };
        let bytes = std::fs::read(&path).map_err(|error| read(error.into()))?;
        WitnessPolicy::parse(bytes)
            .map(Some)
            .map_err(|error| read(error.into()))
    }

    /// The rule packs in force: those that come with the program, the deployment's own, and what somebody accepted.
    pub fn packs(&self, folder: &Path) -> Result<PackSet, RulesError> {
        self.rules.packs(folder)
    }

    /// Where the store lies, with relative paths taken from the data folder.
    #[must_use]
    pub fn store(&self, folder: &Path) -> StoreConfig {
        StoreConfig {
            url: self.database.in_folder(folder),
            keys_url: self.keys.in_folder(folder),
            key_file: folder.join(&self.key_file),
        }
    }
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
