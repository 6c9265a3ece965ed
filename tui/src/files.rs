//! Files of the user: written whole or not at all, readable by the user only.

use crate::failure::Failure;
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
    expect_nothing_at(path, ("a path where nothing is yet", "尚无任何文件的路径"))
}

/// Refuses to write over a file unless `--force` was given.
pub(crate) fn refuse_existing_unless(force: bool, path: &Path) -> Result<(), Failure> {
    if force {
        return Ok(());
    }
    expect_nothing_at(
        path,
        (
            "a file that does not exist yet, or --force",
            "尚不存在的文件，或加 --force",
        ),
    )
}

fn expect_nothing_at(path: &Path, expected: (&'static str, &'static str)) -> Result<(), Failure> {
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

/// A folder that is written under another name and gets its own when it is whole, so that what broke off is never taken
/// for it. What is not kept goes; only a crash or a kill leaves it.
#[derive(Debug)]
pub(crate) struct PartialFolder {
    out: PathBuf,
    partial: PathBuf,
    kept: bool,
}

impl PartialFolder {
    /// Begins to write `out`, where nothing may be yet.
    pub(crate) fn begin(out: &Path) -> Result<Self, Failure> {
        refuse_existing(out)?;
        let mut name = out.file_name().unwrap_or_default().to_owned();
        name.push(".partial");
        let partial = out.with_file_name(name);
        if fs::symlink_metadata(&partial).is_ok() {
            return Err(Failure::BrokenOff { path: partial });
        }
        Ok(Self {
            out: out.to_owned(),
            partial,
            kept: false,
        })
    }

    /// Where to write.
    pub(crate) fn path(&self) -> &Path {
        &self.partial
    }

    /// Gives the folder its name.
    pub(crate) fn keep(mut self) -> Result<(), Failure> {
        let failed = |source| Failure::Write {
            path: self.out.clone(),
            source,
        };
        fs::rename(&self.partial, &self.out).map_err(failed)?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for PartialFolder {
    fn drop(&mut self) {
        if !self.kept {
            // Where that fails the remainder keeps its name, which says what it is.
            let _ = fs::remove_dir_all(&self.partial);
        }
    }
}

/// The folder in which a path lies.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."))
}

/// Reads a whole file.
#[cfg(feature = "server")]
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|source| Failure::Read {
        path: path.to_owned(),
        source,
    })
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
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let nowhere = folder.path().join("none").join("out");
        assert!(matches!(write_whole(&nowhere, b""), Err(Failure::Write { .. })));
    }

    #[test]
    fn a_folder_gets_its_name_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        for keep in [false, true] {
            let partial = PartialFolder::begin(&out).unwrap();
            fs::create_dir(partial.path()).unwrap();
            fs::write(partial.path().join("file"), b"x").unwrap();
            assert!(!out.exists());
            assert!(matches!(PartialFolder::begin(&out), Err(Failure::BrokenOff { .. })));
            if keep {
                partial.keep().unwrap();
            }
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(out.join("file").exists());
        assert!(matches!(PartialFolder::begin(&out), Err(Failure::Value { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn files_are_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write_whole(&path, b"x").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
