//! Takes a large body to the disk: an unnamed file in the data folder, which vanishes with its last handle, also when the
//! process is killed. Memory stays constant. Knows nothing of what is in the file.

use std::fs::File;
use std::io::{self, Seek};

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use doorstep_wire::problem::ProblemCode;
use tokio::io::AsyncWriteExt;
use tokio_stream::StreamExt;

use super::extract::{broken_off, content_length};
use super::problem::Refusal;
use super::state::State;

/// A body on the disk, to be read from its beginning.
pub(crate) struct Spooled(pub(crate) File);

impl FromRequest<State> for Spooled {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &State) -> Result<Self, Refusal> {
        let bytes_max = state.config().import_bytes_max;
        // A file that says it is too large is refused before a byte of it is read.
        if content_length(request.headers()).is_some_and(|length| length > bytes_max) {
            return Err(too_large(bytes_max));
        }
        let file = tempfile::tempfile_in(state.folder()).map_err(|error| disk(&error))?;
        spool(request.into_body(), file, bytes_max).await.map(Self)
    }
}

fn too_large(bytes_max: u64) -> Refusal {
    Refusal::new(
        ProblemCode::TooLarge,
        format!(
            "A file may have at most {bytes_max} bytes. Split it, or raise `import_bytes_max` in doorstep.toml. Nothing was changed."
        ),
    )
}

/// What a failed write means to the caller.
fn disk(error: &io::Error) -> Refusal {
    if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        return Refusal::new(
            ProblemCode::DiskFull,
            "There is no room for the file beside the data. Free space and send it again; nothing was lost.",
        );
    }
    tracing::error!(%error, "a body cannot be spooled to the data folder");
    Refusal::new(
        ProblemCode::Internal,
        "The file could not be kept. `doorstep doctor` shows the state of the data folder.",
    )
}

async fn spool(body: Body, file: File, bytes_max: u64) -> Result<File, Refusal> {
    let mut file = tokio::fs::File::from_std(file);
    let mut chunks = body.into_data_stream();
    let mut length = 0_u64;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| broken_off())?;
        length += chunk.len() as u64;
        if length > bytes_max {
            return Err(too_large(bytes_max));
        }
        file.write_all(&chunk).await.map_err(|error| disk(&error))?;
    }
    // Writes are carried out in the background; a full disk may show only here.
    file.flush().await.map_err(|error| disk(&error))?;
    let mut file = file.into_std().await;
    file.rewind().map_err(|error| disk(&error))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use std::io::Read;

    async fn spooled(chunks: Vec<&'static [u8]>, bytes_max: u64) -> Result<Vec<u8>, String> {
        let stream = tokio_stream::iter(chunks.into_iter().map(Ok::<_, io::Error>));
        let file = spool(Body::from_stream(stream), tempfile::tempfile().unwrap(), bytes_max).await;
        let mut file = file.map_err(|refusal| refusal.problem().code.clone())?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        Ok(bytes)
    }

    #[tokio::test]
    async fn a_body_is_read_again_from_its_beginning() {
        assert_eq!(spooled(vec![b"ab", b"", b"cd"], 4).await, Ok(b"abcd".to_vec()));
        assert_eq!(spooled(vec![], 4).await, Ok(Vec::new()));
    }

    #[tokio::test]
    async fn a_body_without_a_length_stops_at_the_limit() {
        assert_eq!(spooled(vec![b"abc", b"de"], 4).await, Err("too-large".to_owned()));
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_refused() {
        let parts = vec![
            Ok(b"ab".as_slice()),
            Err(io::Error::from(io::ErrorKind::ConnectionReset)),
        ];
        let body = Body::from_stream(tokio_stream::iter(parts));
        let refusal = spool(body, tempfile::tempfile().unwrap(), 4).await.unwrap_err();
        assert_eq!(refusal.problem().code, "bad-request");
    }

    #[tokio::test]
    async fn a_full_disk_is_told_apart() {
        // Linux has a device on which every write finds the disk full.
        if let Ok(full) = File::options().write(true).open("/dev/full") {
            let refusal = spool(Body::from(vec![b'x'; 4_096]), full, 10_000).await.unwrap_err();
            assert_eq!(refusal.problem().code, "disk-full");
        }
        assert_eq!(disk(&io::ErrorKind::StorageFull.into()).problem().code, "disk-full");
        assert_eq!(disk(&io::ErrorKind::PermissionDenied.into()).problem().code, "internal");
    }
}
