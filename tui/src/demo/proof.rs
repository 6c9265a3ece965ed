//! The demo's last steps: the log is exported and verified, and one changed byte is found. Knows nothing of visits.

use std::path::{Path, PathBuf};

use super::stage::Stage;
use crate::answer::Exit;
use crate::failure::Failure;

/// Exports the log and verifies it offline, then shows that one changed byte is found.
pub(super) async fn show(stage: &mut Stage<'_>) -> Result<(), Failure> {
    let fetched = stage.path("log-fetched").display().to_string();
    let done = stage.command("auditor", &["log", "export", &fetched]).await?;
    stage.check("the auditor fetches the log from the server", done.exit == Exit::Done)?;
    let verified = stage.document("auditor", &["verify", &fetched], None).await?;
    stage.check("what was fetched verifies", verified["ok"] == true)?;
    let (folder, out) = (
        stage.folder.display().to_string(),
        stage.path("log-export").display().to_string(),
    );
    let done = stage
        .command("auditor", &["log", "export", &out, "--dir", &folder])
        .await?;
    stage.check("the log is exported", done.exit == Exit::Done)?;
    let bent = flip_a_byte(Path::new(&out))?;
    let done = stage.document_of_failure("auditor", &["verify", &out]).await?;
    stage.check(
        "with one byte flipped, verify fails and names the file",
        done.contains(&bent.name),
    )?;
    std::fs::write(&bent.path, bent.was)?;
    let done = stage.command("auditor", &["verify", &out]).await?;
    stage.check("the log verifies", done.exit == Exit::Done)
}

pub(super) struct Bent {
    path: PathBuf,
    name: String,
    was: Vec<u8>,
}

/// Flips one byte in the middle of the first bundle of entries.
pub(super) fn flip_a_byte(export: &Path) -> std::io::Result<Bent> {
    let mut folder = export.join("events").join("tile").join("entries");
    let mut path = folder.clone();
    // A log of up to 255 leaves has one partial bundle in a folder of its own.
    while let Some(entry) = std::fs::read_dir(&folder)?.next() {
        path = entry?.path();
        if path.is_file() {
            break;
        }
        folder.clone_from(&path);
    }
    let was = std::fs::read(&path)?;
    let mut bytes = was.clone();
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 1;
    }
    std::fs::write(&path, bytes)?;
    let name = path.strip_prefix(export).unwrap_or(&path).display().to_string();
    Ok(Bent { path, name, was })
}
