//! Evidence: captures kept outside the database under the hash of their bytes. Knows nothing of visits and persons.
//!
//! The trait is what an object store on another machine can offer too: whole objects, written once, never changed.

use std::future::Future;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use doorstep_domain::id::TenantId;
use doorstep_log::hash::{Hash, sha256};

use crate::error::StoreError;

/// What a method of [`Blobs`] returns: boxed, so that a server can hold any kind of store behind `dyn Blobs`.
pub type BlobFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// The name of one capture: its tenant and the SHA-256 of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BlobKey {
    /// The tenant; equal bytes of two tenants are two captures.
    pub tenant: TenantId,
    /// SHA-256 of the bytes as stored.
    pub hash: Hash,
}

/// A store of captures. Every method may be called again after a failure.
pub trait Blobs: Send + Sync {
    /// Keeps bytes under their hash; `WrongHash` where they have another. When it returns, the bytes are durable.
    /// Keeping the same bytes twice is no error.
    fn put(&self, key: BlobKey, bytes: Vec<u8>) -> BlobFuture<'_, ()>;

    /// The bytes, compared with their hash: `NotFound` where there are none, `Altered` where they were changed.
    fn get(&self, key: BlobKey) -> BlobFuture<'_, Vec<u8>>;

    /// Whether there are bytes under the key; says nothing about their health.
    fn exists(&self, key: BlobKey) -> BlobFuture<'_, bool>;

    /// Deletes the bytes. That there were none is no error.
    fn delete(&self, key: BlobKey) -> BlobFuture<'_, ()>;
}

/// Captures as files: `FOLDER/TENANT/ab/cd/abcd…`, the hash in hexadecimal.
#[derive(Debug, Clone)]
pub struct LocalBlobs {
    folder: PathBuf,
}

impl LocalBlobs {
    /// Captures in a folder, which is made with the first of them.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn path(&self, key: BlobKey) -> PathBuf {
        let name = key.hash.to_hex();
        self.folder
            .join(key.tenant.to_string())
            .join(&name[..2])
            .join(&name[2..4])
            .join(name)
    }

    /// Runs blocking work on files beside the runtime's own threads.
    fn run<T: Send + 'static>(
        &self,
        key: BlobKey,
        work: impl FnOnce(&Path) -> Result<T, StoreError> + Send + 'static,
    ) -> BlobFuture<'_, T> {
        let path = self.path(key);
        Box::pin(async move {
            let failed = StoreError::file(&name_of(&path), std::io::ErrorKind::Interrupted.into());
            // The work is dropped only when the program ends.
            tokio::task::spawn_blocking(move || work(&path))
                .await
                .unwrap_or(Err(failed))
        })
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Writes beside the final name, makes the bytes durable, then gives them their name: whoever sees the name sees all
/// bytes. A crash leaves a file with the ending `.partial`, which the next try replaces.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    // Two writers of the same bytes must not write into one file.
    let own = uuid::Builder::from_random_bytes(crate::seal::random()).into_uuid();
    let partial = path.with_file_name(format!("{own}.partial"));
    let written = std::fs::File::create(&partial)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&partial, path))
        .and_then(|()| sync_folder(folder));
    if written.is_err() {
        // The error that counts is the one above.
        let _ = std::fs::remove_file(&partial);
    }
    written
}

/// A new name is durable when its folder is; other systems than Unix do that by themselves.
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) {
        std::fs::File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}

impl Blobs for LocalBlobs {
    fn put(&self, key: BlobKey, bytes: Vec<u8>) -> BlobFuture<'_, ()> {
        self.run(key, move |path| {
            if sha256(&bytes) != key.hash {
                return Err(StoreError::WrongHash);
            }
            write(path, &bytes).map_err(|source| StoreError::file(&name_of(path), source))
        })
    }

    fn get(&self, key: BlobKey) -> BlobFuture<'_, Vec<u8>> {
        self.run(key, move |path| {
            let bytes = std::fs::read(path).map_err(|source| match source.kind() {
                std::io::ErrorKind::NotFound => StoreError::NotFound,
                _ => StoreError::file(&name_of(path), source),
            })?;
            if sha256(&bytes) == key.hash {
                Ok(bytes)
            } else {
                Err(StoreError::Altered)
            }
        })
    }

    fn exists(&self, key: BlobKey) -> BlobFuture<'_, bool> {
        self.run(key, |path| {
            path.try_exists()
                .map_err(|source| StoreError::file(&name_of(path), source))
        })
    }

    fn delete(&self, key: BlobKey) -> BlobFuture<'_, ()> {
        self.run(key, |path| match std::fs::remove_file(path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(StoreError::file(&name_of(path), source))
            }
            _ => Ok(()),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn key(tenant: u128, bytes: &[u8]) -> BlobKey {
        BlobKey {
            tenant: TenantId(uuid::Uuid::from_u128(tenant)),
            hash: sha256(bytes),
        }
    }

    #[tokio::test]
    async fn bytes_come_back_only_whole_and_to_their_tenant() {
        let folder = tempfile::tempdir().unwrap();
        let blobs: Box<dyn Blobs> = Box::new(LocalBlobs::new(folder.path().join("evidence")));
        let photo = b"a photo".to_vec();
        let (own, other) = (key(1, &photo), key(2, &photo));
        assert!(matches!(blobs.get(own).await, Err(StoreError::NotFound)));
        blobs.put(own, photo.clone()).await.unwrap();
        blobs.put(own, photo.clone()).await.unwrap();
        assert_eq!(blobs.get(own).await.unwrap(), photo);
        assert_eq!(
            (blobs.exists(own).await.unwrap(), blobs.exists(other).await.unwrap()),
            (true, false)
        );
        blobs.delete(own).await.unwrap();
        blobs.delete(own).await.unwrap();
        assert!(!blobs.exists(own).await.unwrap());
    }

    #[tokio::test]
    async fn wrong_and_changed_bytes_are_noticed_and_leave_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = LocalBlobs::new(folder.path().to_path_buf());
        let key = key(1, b"a photo");
        assert!(matches!(
            blobs.put(key, b"another".to_vec()).await,
            Err(StoreError::WrongHash)
        ));
        assert!(!blobs.exists(key).await.unwrap());
        blobs.put(key, b"a photo".to_vec()).await.unwrap();
        let path = blobs.path(key);
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        std::fs::write(&path, b"a phot0").unwrap();
        assert!(matches!(blobs.get(key).await, Err(StoreError::Altered)));
    }

    #[tokio::test]
    async fn many_writers_of_the_same_bytes_agree() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = LocalBlobs::new(folder.path().to_path_buf());
        let bytes = vec![7; 100_000];
        let key = key(1, &bytes);
        let writers: Vec<_> = (0..8)
            .map(|_| {
                let (blobs, bytes) = (blobs.clone(), bytes.clone());
                tokio::spawn(async move { blobs.put(key, bytes).await })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap().unwrap();
        }
        assert_eq!(blobs.get(key).await.unwrap(), bytes);
    }
}
