//! What can keep the server or a command on the data folder from working; each with its remedy and an exit code.

use std::net::SocketAddr;
use std::path::PathBuf;

use doorstep_app::AppError;
use doorstep_app::export::ExportError;
use doorstep_store::StoreError;
use doorstep_wire::problem::ProblemCode;

use crate::config::ConfigError;
use crate::telemetry::FilterError;
use crate::witness::WitnessError;

/// A failure of the server or of a command on the data folder.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The filter of the log cannot be read.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// A backup is to be restored into a folder that has no keys for it.
    #[error(
        "`{0}` has no doorstep.toml: a backup holds no keys, so it is restored beside the configuration, the key file and \
         the key store of the server that made it; copy these three there first"
    )]
    NoFolderToRestore(PathBuf),
    /// The configuration names another deployment than the logs.
    #[error(
        "`deployment` in doorstep.toml is `{configured}`, but the logs were signed as `{stored}`: set it back to \
         `{stored}`; the name is fixed once there is a tenant, `doorstep init --deployment NAME` chooses it"
    )]
    OtherDeployment {
        /// What doorstep.toml says.
        configured: String,
        /// The first part of the logs' names.
        stored: String,
    },
    /// An export that should tell of the time after a backup cannot be believed.
    #[error(
        "the export in `{0}` does not verify: {1}; give one that `doorstep verify` finds sound, of this deployment"
    )]
    ExportUnusable(PathBuf, String),
    /// The configuration could not be written as text.
    #[error("the configuration cannot be written")]
    Unwritable(#[source] toml::ser::Error),
    /// Another program holds the data folder.
    #[error("the data folder is in use by {holder}; stop it first, two programs must not write to one folder")]
    Locked {
        /// What it is, as it said of itself.
        holder: String,
    },
    /// The folder already holds data.
    #[error(
        "`{0}` already holds data; choose another folder, or move that file away if it is from a set-up that broke off"
    )]
    NotEmpty(PathBuf),
    /// The database already holds tenants.
    #[error("the database already holds data of another data folder; name another database")]
    DatabaseInUse,
    /// Another program listens there.
    #[error("{address} is in use by another program; stop it, or set `{key}` in doorstep.toml to another port")]
    PortInUse {
        /// The address.
        address: SocketAddr,
        /// The setting.
        key: &'static str,
    },
    /// The address cannot be listened on.
    #[error("{address} cannot be listened on; set `{key}` in doorstep.toml to an address of this machine")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The setting.
        key: &'static str,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A file of the data folder cannot be used.
    #[error("`{path}` cannot be used; check that it is there and that this user may write to it")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The disk that takes a copy is full.
    #[error("the disk of `{0}` is full; free space there or name another place, the data itself is as it was")]
    OutFull(PathBuf),
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A use case failed.
    #[error(transparent)]
    App(#[from] AppError),
    /// The log cannot be exported.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// There are several tenants, or not the one that was named.
    #[error("name one of these tenants with --tenant: {0}")]
    WhichTenant(String),
    /// A witness cannot do its work.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// Signals cannot be waited for.
    #[error("the system does not let the program wait for signals")]
    Signal(#[source] std::io::Error),
}

impl ServerError {
    /// The exit code of a program that ends with this: 2 configuration, 3 folder in use or not empty, 4 address in use,
    /// 5 key file lost or wrong, 6 database made by a newer version, 7 storage, 1 anything else.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_)
            | Self::Filter(_)
            | Self::Unwritable(_)
            | Self::OtherDeployment { .. }
            | Self::NoFolderToRestore(_) => 2,
            Self::Locked { .. }
            | Self::NotEmpty(_)
            | Self::DatabaseInUse
            | Self::Witness(WitnessError::Exists(_) | WitnessError::OtherKey(_)) => 3,
            Self::PortInUse { .. }
            | Self::Listen { .. }
            | Self::Witness(WitnessError::Listen { .. } | WitnessError::Open) => 4,
            Self::Witness(WitnessError::Key(_) | WitnessError::KeyFile(_)) => 5,
            Self::Store(error) | Self::App(AppError::Store(error)) => match error {
                StoreError::KeyFile(_) | StoreError::WrongKey => 5,
                StoreError::NewerSchema { .. } => 6,
                _ => 7,
            },
            Self::OutFull(_) => 7,
            Self::File { .. }
            | Self::App(_)
            | Self::Export(_)
            | Self::ExportUnusable(..)
            | Self::WhichTenant(_)
            | Self::Witness(_)
            | Self::Signal(_) => 1,
        }
    }

    /// A stable code for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Locked { .. } => "folder-in-use",
            Self::NotEmpty(_) | Self::DatabaseInUse | Self::Store(StoreError::NotEmpty) => "not-empty",
            Self::PortInUse { .. } | Self::Listen { .. } => "address-in-use",
            Self::Export(ExportError::Altered(_)) => ProblemCode::LogAltered.code(),
            Self::Store(StoreError::DiskFull) | Self::OutFull(_) => ProblemCode::DiskFull.code(),
            other => match other.exit_code() {
                2 => "configuration",
                5 => "key-file",
                6 => "newer-schema",
                _ => "folder-refused",
            },
        }
    }

    /// The whole message: the error and what caused it, each said once.
    #[must_use]
    pub fn message(&self) -> String {
        crate::http::problem::causes(self)
    }

    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_operator_must_tell_apart_has_its_own_exit_code() {
        let address = SocketAddr::from(([127, 0, 0, 1], 1));
        let codes = [
            ServerError::Locked { holder: String::new() },
            ServerError::PortInUse { address, key: "listen" },
            StoreError::KeyFile(String::new()).into(),
            StoreError::NewerSchema { found: 2, known: 1 }.into(),
            StoreError::Busy.into(),
            AppError::Fault("x").into(),
        ]
        .map(|error| error.exit_code());
        assert_eq!(codes, [3, 4, 5, 6, 7, 1]);
        assert_eq!(ServerError::from(AppError::Store(StoreError::WrongKey)).exit_code(), 5);
    }
}
