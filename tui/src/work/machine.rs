//! The machine: where it is, and where photographs are kept.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use doorstep_device::{DeviceError, EVIDENCE_BYTES_MAX};
use doorstep_wire::sync::Position;

use crate::env::Machine;
use crate::failure::Failure;

/// How long the position is waited for.
const POSITION: Duration = Duration::from_secs(10);
/// As many photographs are offered at most.
const PHOTOS_MAX: usize = 100;

/// Where the machine is, as a program says that prints JSON with `latitude`, `longitude` and `accuracy` (that of Termux
/// does). `None` where there is none, or it does not know: a visit is recorded without a position then, and says so.
pub(super) async fn position(machine: &Machine) -> Option<Position> {
    let command = machine.location_command.clone()?;
    let asked = tokio::task::spawn_blocking(move || {
        let mut words = command.split_whitespace();
        let program = words.next()?;
        let output = Command::new(program)
            .args(words)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output();
        read(&output.ok()?.stdout)
    });
    tokio::time::timeout(POSITION, asked).await.ok()?.ok()?
}

fn read(stdout: &[u8]) -> Option<Position> {
    let said: serde_json::Value = serde_json::from_slice(stdout).ok()?;
    let degrees = |name: &str, max: f64| {
        let degrees = said.get(name)?.as_f64()?;
        (degrees.abs() <= max).then(|| (degrees * 1e7).round() as i64)
    };
    let accuracy = said.get("accuracy").and_then(serde_json::Value::as_f64).unwrap_or(0.0);
    Some(Position {
        lat_e7: degrees("latitude", 90.0)?,
        lon_e7: degrees("longitude", 180.0)?,
        accuracy_m: accuracy.clamp(0.0, 1e6).ceil() as u32,
        mock: said.get("mock").and_then(serde_json::Value::as_bool).unwrap_or(false),
    })
}

/// Photographs and recordings, newest first.
pub(super) fn photos(machine: &Machine) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for dir in &machine.photo_dirs {
        let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
        for entry in entries {
            let file = entry.metadata().ok().filter(std::fs::Metadata::is_file);
            if let Some(changed) = file.and_then(|file| file.modified().ok()) {
                found.push((changed, entry.path()));
            }
        }
    }
    found.sort_by(|one, other| other.cmp(one));
    found.into_iter().map(|(_, path)| path).take(PHOTOS_MAX).collect()
}

/// A file that can be evidence: there, readable, not empty and not too large.
pub(super) fn check(path: PathBuf) -> Result<PathBuf, Failure> {
    let failed = |source| Failure::Read {
        path: path.clone(),
        source,
    };
    let file = std::fs::File::open(&path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    if !about.is_file() || about.len() == 0 {
        return Err(failed(std::io::ErrorKind::InvalidInput.into()));
    }
    if about.len() > EVIDENCE_BYTES_MAX {
        let (bytes, max) = (about.len(), EVIDENCE_BYTES_MAX);
        return Err(DeviceError::FileTooLarge { path, bytes, max }.into());
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_as_phones_say_it() {
        let said = br#"{"latitude": 30.0500001, "longitude": 119.95, "accuracy": 17.2, "provider": "gps"}"#;
        let position = read(said);
        let read_back = position.map(|one| (one.lat_e7, one.lon_e7, one.accuracy_m, one.mock));
        assert_eq!(read_back, Some((300_500_001, 1_199_500_000, 18, false)));
        assert_eq!(read(b"{\"latitude\": 91, \"longitude\": 0}"), None);
        assert_eq!(read(b"no"), None);
    }
}
