//! The session that `login` opens and later commands use: one file, readable by the user only.

use crate::failure::Failure;
use crate::files;
use doorstep_wire::session::{Me, SignedIn};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What the file holds. The token goes to the server that gave it and to no other.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    /// The server that gave the token.
    pub(crate) server: String,
    /// The token.
    pub(crate) token: String,
    /// When it ends at the latest.
    pub(crate) expires: i64,
    /// Who signed in.
    pub(crate) me: Me,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("server", &self.server)
            .field("me", &self.me)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// The session that the server opened.
    pub(crate) fn new(server: &str, signed_in: &SignedIn) -> Self {
        Self {
            server: server.to_owned(),
            token: signed_in.token.clone(),
            expires: signed_in.expires,
            me: signed_in.me.clone(),
        }
    }

    /// The session in the file; none where there is no file or it is not one (signing in again replaces it).
    pub(crate) fn load(path: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }

    /// Keeps the session.
    pub(crate) fn store(&self, path: &Path) -> Result<(), Failure> {
        let failed = |source: std::io::Error| Failure::Write {
            path: path.to_owned(),
            source,
        };
        std::fs::create_dir_all(files::folder_of(path)).map_err(failed)?;
        let bytes = serde_json::to_vec(self).map_err(|error| failed(error.into()))?;
        files::write_whole(path, &bytes)
    }

    /// Forgets the session. No file is no failure.
    pub(crate) fn remove(path: &Path) -> Result<(), Failure> {
        match std::fs::remove_file(path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(Failure::Write {
                path: path.to_owned(),
                source,
            }),
            _ => Ok(()),
        }
    }
}
