//! Files of the user: written whole or not at all, readable by the user only; and the folder of an export.

use crate::failure::Failure;
use doorstep_log::export::ExportReader;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes a file beside its place and moves it there, so that a crash or a full disk leaves the old one.
///
/// The mode is 0600: what Doorstep hands out names persons.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |source: io::Error| Failure::Write {
        path: path.to_owned(),
        source,
    };
    let folder = folder_of(path);
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Refuses to write over a file, for commands that have no `--force`.
pub(crate) fn refuse_existing(path: &Path) -> Result<(), Failure> {
    expect_nothing_at(path, "a path where nothing is yet")
}

/// Refuses to write over a file unless `--force` was given.
pub(crate) fn refuse_existing_unless(force: bool, path: &Path) -> Result<(), Failure> {
    if force {
        return Ok(());
    }
    expect_nothing_at(path, "a file that does not exist yet, or --force")
}

fn expect_nothing_at(path: &Path, expected: &'static str) -> Result<(), Failure> {
    if fs::symlink_metadata(path).is_err() {
        return Ok(());
    }
    let given = path.display().to_string();
    Err(Failure::Value {
        name: "OUT",
        given,
        expected,
    })
}

/// The folder in which a path lies.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."))
}

/// Reads a whole file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|source| Failure::Read {
        path: path.to_owned(),
        source,
    })
}

/// An export in a folder. Links are listed and not followed: what they lead to is not in the export.
#[derive(Debug)]
pub(crate) struct ExportFolder(pub(crate) PathBuf);

impl ExportFolder {
    fn walk(&self, folder: &str, paths: &mut Vec<String>) -> io::Result<()> {
        for entry in fs::read_dir(self.0.join(folder))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() {
                name
            } else {
                format!("{folder}/{name}")
            };
            if entry.file_type()?.is_dir() {
                self.walk(&path, paths)?;
            } else {
                paths.push(path);
            }
        }
        Ok(())
    }
}

impl ExportReader for ExportFolder {
    fn list(&self) -> io::Result<Vec<String>> {
        let mut paths = Vec::new();
        self.walk("", &mut paths)?;
        Ok(paths)
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let path = self.0.join(path);
        if fs::symlink_metadata(&path)?.is_file() {
            fs::read(path)
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidData, "not a regular file"))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_never_by_accident() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        refuse_existing(&path).unwrap();
        write_whole(&path, b"one").unwrap();
        assert!(refuse_existing(&path).is_err());
        refuse_existing_unless(true, &path).unwrap();
        write_whole(&path, b"two").unwrap();
        assert_eq!(read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let nowhere = folder.path().join("none").join("out");
        assert!(matches!(write_whole(&nowhere, b""), Err(Failure::Write { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn files_are_private_and_links_are_not_followed() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write_whole(&path, b"x").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        symlink(&path, folder.path().join("link")).unwrap();
        fs::create_dir(folder.path().join("b")).unwrap();
        write_whole(&folder.path().join("b").join("c"), b"y").unwrap();
        let export = ExportFolder(folder.path().to_owned());
        let mut listed = export.list().unwrap();
        listed.sort();
        assert_eq!(listed, ["a", "b/c", "link"]);
        assert_eq!(export.read("b/c").unwrap(), b"y");
        assert!(export.read("link").is_err());
    }
}
