//! An export in a folder. Links are listed and not followed: what they lead to is not in the export.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::PathBuf;

use doorstep_log::export::ExportReader;

/// An export in a folder.
#[derive(Clone, Debug)]
pub struct ExportFolder(pub PathBuf);

impl ExportFolder {
    /// Whether there is something of this name, whatever it is.
    pub(crate) fn has(&self, path: &str) -> bool {
        fs::symlink_metadata(self.0.join(path)).is_ok()
    }

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
        self.read_up_to(path, u64::MAX)
    }

    fn read_up_to(&self, path: &str, bytes_max: u64) -> io::Result<Vec<u8>> {
        let refused = || io::Error::new(io::ErrorKind::InvalidData, "not a regular file, or behind a link");
        let mut inside = self.0.clone();
        let mut parts = path.split('/').peekable();
        while let Some(part) = parts.next() {
            inside.push(part);
            let kind = fs::symlink_metadata(&inside)?.file_type();
            let is_right = if parts.peek().is_some() {
                kind.is_dir()
            } else {
                kind.is_file()
            };
            if !is_right {
                return Err(refused());
            }
        }
        let mut file = File::open(&inside)?;
        // Also a file of zeros without blocks on the disk has its size.
        let size = file.metadata()?.len();
        if size > bytes_max {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        file.by_ref().take(bytes_max).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn links_are_listed_and_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, b"x").unwrap();
        std::os::unix::fs::symlink(&path, folder.path().join("link")).unwrap();
        fs::create_dir(folder.path().join("b")).unwrap();
        fs::write(folder.path().join("b").join("c"), b"y").unwrap();
        let export = ExportFolder(folder.path().to_owned());
        let mut listed = export.list().unwrap();
        listed.sort();
        assert_eq!(listed, ["a", "b/c", "link"]);
        assert_eq!(export.read("b/c").unwrap(), b"y");
        assert!(export.read("link").is_err());
        // A folder that is a link leads outside as well.
        std::os::unix::fs::symlink(folder.path().join("b"), folder.path().join("d")).unwrap();
        assert!(export.read("d/c").is_err());
        assert!(export.list().unwrap().contains(&"d".to_owned()));
    }

    #[test]
    fn a_file_is_not_read_beyond_what_it_may_have() {
        let folder = tempfile::tempdir().unwrap();
        let sparse = File::create(folder.path().join("a")).unwrap();
        sparse.set_len(1 << 40).unwrap();
        fs::write(folder.path().join("b"), b"xyz").unwrap();
        let export = ExportFolder(folder.path().to_owned());
        let error = export.read_up_to("a", 1 << 20).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(export.read_up_to("b", 3).unwrap(), b"xyz");
        assert!(export.read_up_to("b", 2).is_err());
    }
}
