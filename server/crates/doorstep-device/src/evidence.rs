//! Captures: named by the hash of their bytes, sealed under the outbox key, kept beside the database before any event
//! speaks of them.
//!
//! A file is sealed in pieces, each bound to its hash, its number and whether it is the last, so that no capture is ever
//! whole in memory, and none can be shortened or mixed. A crash between keeping and recording leaves a file that nothing
//! names; the next one of the same bytes uses it.

use std::path::{Path, PathBuf};

use doorstep_log::hash::Hash;
use sha2::{Digest as _, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::clock::new_id;
use crate::device::Device;
use crate::error::DeviceError;
use crate::seal::{Key, Place, SEAL_BYTES};
use doorstep_domain::measure::Micros;

/// The largest capture, in bytes.
pub const EVIDENCE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Bytes of a piece before it is sealed.
const PIECE_BYTES: usize = 256 * 1024;
/// How the names of sealed files end. Files of before, whose name is the hash alone, lie open.
const SEALED: &str = "sealed";
/// How names end while a file is written.
const UNFINISHED: &str = "sealing";
/// How they ended when files were not sealed.
const UNFINISHED_OPEN: &str = "part";

/// A capture that lies in the device's folder.
pub(crate) struct Kept {
    pub(crate) hash: Hash,
    pub(crate) bytes: i64,
}

impl Device {
    /// Copies a file into the device's folder under its hash, sealed.
    pub(crate) async fn keep_evidence(&self, path: &Path) -> Result<Kept, DeviceError> {
        let kept = measure(path).await?;
        let folder = folder_of(&self.dir);
        let failed = |cause| file_error(&folder, cause);
        tokio::fs::create_dir_all(&folder).await.map_err(failed)?;
        let target = name_of(&folder, &kept.hash);
        if !tokio::fs::try_exists(&target).await.map_err(failed)? {
            seal_file(path, &folder, &kept.hash, &self.key, self.now()).await?;
        }
        Ok(kept)
    }

    /// The bytes of a capture that lies on this device.
    pub async fn evidence(&self, hash: &Hash) -> Result<Vec<u8>, DeviceError> {
        let path = name_of(&folder_of(&self.dir), hash);
        let failed = |cause| file_error(&path, cause);
        let sealed = tokio::fs::read(&path).await.map_err(failed)?;
        let pieces: Vec<&[u8]> = sealed.chunks(PIECE_BYTES + SEAL_BYTES).collect();
        let mut bytes = Vec::with_capacity(sealed.len());
        for (number, piece) in pieces.iter().enumerate() {
            let row = piece_row(hash, number, number + 1 == pieces.len());
            bytes.extend_from_slice(&self.key.open(Place::new("evidence.piece", &row), piece)?);
        }
        Ok(bytes)
    }
}

/// Seals the files of a device that did not seal them yet, and removes what was left of writing one.
pub(crate) async fn seal_left_open(dir: &Path, key: &Key) -> Result<(), DeviceError> {
    let folder = folder_of(dir);
    let failed = |cause| file_error(&folder, cause);
    let mut entries = match tokio::fs::read_dir(&folder).await {
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(failed)?,
    };
    while let Some(entry) = entries.next_entry().await.map_err(failed)? {
        let path = entry.path();
        let hash = entry.file_name().to_str().and_then(Hash::from_hex);
        if let Some(hash) = hash {
            seal_file(&path, &folder, &hash, key, Micros(0)).await?;
            tokio::fs::remove_file(&path).await.map_err(failed)?;
        } else if path.extension().is_some_and(|end| end == UNFINISHED_OPEN) {
            tokio::fs::remove_file(&path).await.map_err(failed)?;
        }
    }
    Ok(())
}

/// Hash and size of a file, without holding it in memory.
async fn measure(path: &Path) -> Result<Kept, DeviceError> {
    let failed = |cause| file_error(path, cause);
    let bytes = tokio::fs::metadata(path).await.map_err(failed)?.len();
    if bytes > EVIDENCE_BYTES_MAX {
        return Err(DeviceError::FileTooLarge {
            path: path.to_owned(),
            bytes,
            max: EVIDENCE_BYTES_MAX,
        });
    }
    let mut file = File::open(path).await.map_err(failed)?;
    let mut hasher = Sha256::new();
    let mut read = 0;
    loop {
        let piece = next_piece(&mut file).await.map_err(failed)?;
        if piece.is_empty() {
            break;
        }
        read += piece.len() as i64;
        hasher.update(&piece);
    }
    Ok(Kept {
        hash: Hash(hasher.finalize().into()),
        bytes: read,
    })
}

/// Seals a file into the folder. The name of the whole file appears only when all its bytes are on disk.
async fn seal_file(source: &Path, folder: &Path, hash: &Hash, key: &Key, now: Micros) -> Result<(), DeviceError> {
    let unfinished = folder.join(format!("{}.{UNFINISHED}", new_id(now)?));
    let failed = |cause| file_error(source, cause);
    let mut from = File::open(source).await.map_err(failed)?;
    let mut to = File::create(&unfinished).await.map_err(failed)?;
    let mut hasher = Sha256::new();
    let mut piece = next_piece(&mut from).await.map_err(failed)?;
    for number in 0.. {
        let next = next_piece(&mut from).await.map_err(failed)?;
        hasher.update(&piece);
        let row = piece_row(hash, number, next.is_empty());
        let sealed = key.seal(Place::new("evidence.piece", &row), &piece)?;
        to.write_all(&sealed).await.map_err(failed)?;
        if next.is_empty() {
            break;
        }
        piece = next;
    }
    if Hash(hasher.finalize().into()) != *hash {
        let _ = tokio::fs::remove_file(&unfinished).await;
        let changed = std::io::Error::other("the file changed while it was read");
        return Err(failed(changed));
    }
    to.sync_all().await.map_err(failed)?;
    tokio::fs::rename(&unfinished, name_of(folder, hash))
        .await
        .map_err(failed)
}

/// The next piece of a file; empty at its end.
async fn next_piece(file: &mut File) -> std::io::Result<Vec<u8>> {
    let mut piece = Vec::new();
    file.take(PIECE_BYTES as u64).read_to_end(&mut piece).await?;
    Ok(piece)
}

/// What a piece is bound to.
fn piece_row(hash: &Hash, number: usize, is_last: bool) -> Vec<u8> {
    let mut row = hash.0.to_vec();
    row.extend((number as u64).to_be_bytes());
    row.push(u8::from(is_last));
    row
}

fn folder_of(dir: &Path) -> PathBuf {
    dir.join("evidence")
}

fn name_of(folder: &Path, hash: &Hash) -> PathBuf {
    folder.join(format!("{}.{SEALED}", hash.to_hex()))
}

fn file_error(path: &Path, cause: std::io::Error) -> DeviceError {
    DeviceError::File {
        path: path.to_owned(),
        cause,
    }
}
