//! An export in a folder. Links are listed and not followed: what they lead to is not in the export.

use std::fs;
use std::io;
use std::path::PathBuf;

use doorstep_log::export::ExportReader;

/// An export in a folder.
#[derive(Clone, Debug)]
pub struct ExportFolder(pub PathBuf);

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
    }
}
