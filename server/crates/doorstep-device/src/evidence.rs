//! Captures: named by their hash, kept beside the database before any event speaks of them.
//!
//! A crash between keeping and recording leaves a file that nothing names; the next one of the same bytes uses it.

use std::path::Path;

use doorstep_log::hash::{Hash, sha256};
use tokio::io::AsyncWriteExt as _;

use crate::clock::new_id;
use crate::device::Device;
use crate::error::DeviceError;

/// The largest capture, in bytes.
pub const EVIDENCE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A capture that lies in the device's folder.
pub(crate) struct Kept {
    pub(crate) hash: Hash,
    pub(crate) bytes: i64,
}

impl Device {
    /// Copies a file into the device's folder under its hash.
    pub(crate) async fn keep_evidence(&self, path: &Path) -> Result<Kept, DeviceError> {
        let bytes = read_limited(path).await?;
        let hash = sha256(&bytes);
        let folder = self.dir.join("evidence");
        let kept = folder.join(hash.to_hex());
        let failed = |cause| DeviceError::File {
            path: kept.clone(),
            cause,
        };
        tokio::fs::create_dir_all(&folder).await.map_err(failed)?;
        if !tokio::fs::try_exists(&kept).await.map_err(failed)? {
            // The name of the whole file appears only when all its bytes are on disk.
            let part = folder.join(format!("{}.part", new_id(self.now())?));
            let mut file = tokio::fs::File::create(&part).await.map_err(failed)?;
            file.write_all(&bytes).await.map_err(failed)?;
            file.sync_all().await.map_err(failed)?;
            tokio::fs::rename(&part, &kept).await.map_err(failed)?;
        }
        Ok(Kept {
            hash,
            bytes: bytes.len() as i64,
        })
    }
}

async fn read_limited(path: &Path) -> Result<Vec<u8>, DeviceError> {
    let failed = |cause| DeviceError::File {
        path: path.to_owned(),
        cause,
    };
    let bytes = tokio::fs::metadata(path).await.map_err(failed)?.len();
    if bytes > EVIDENCE_BYTES_MAX {
        return Err(DeviceError::FileTooLarge {
            path: path.to_owned(),
            bytes,
            max: EVIDENCE_BYTES_MAX,
        });
    }
    tokio::fs::read(path).await.map_err(failed)
}
