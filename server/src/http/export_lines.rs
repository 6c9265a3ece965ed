//! An export as one file a line, read from its folder while it is sent: nothing of it is held but a piece of one file,
//! however long the logs are.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Result};

use doorstep_log::export::MANIFEST_PATH;
use doorstep_log::hash::base64url_encode;
use tempfile::TempDir;

/// Bytes of a file that are sent at once; a number that leaves no bits over in base64.
const PIECE_BYTES: u64 = 48 * 1024;
/// Lines of the signed list above those of the files.
const HEAD_LINES: usize = 3;

/// The files of a folder, each as a line of [`doorstep_wire::log::ExportedFile`], in pieces. They come in the order of the
/// signed list, and that itself last, so that a broken transfer is never taken for a whole export. The folder goes with the
/// last of them.
pub(super) fn lines_of(folder: TempDir) -> Result<impl Iterator<Item = Result<Vec<u8>>>> {
    let list = BufReader::new(File::open(folder.path().join(MANIFEST_PATH))?).lines();
    let files = list.skip(HEAD_LINES);
    let files = files.take_while(|line| !line.as_ref().is_ok_and(String::is_empty));
    let paths = files.map(|line| line.map(|line| line.rsplit(' ').next().unwrap_or_default().to_owned()));
    let mut paths = paths.chain([Ok(MANIFEST_PATH.to_owned())]);
    let mut open: Option<Line> = None;
    Ok(std::iter::from_fn(move || {
        if open.is_none() {
            let path = match paths.next()? {
                Ok(path) => path,
                Err(error) => return Some(Err(error)),
            };
            match File::open(folder.path().join(&path)) {
                Ok(file) => open = Some(Line { file, path: Some(path) }),
                Err(error) => return Some(Err(error)),
            }
        }
        let (piece, is_last) = match open.as_mut()?.piece() {
            Ok(read) => read,
            Err(error) => return Some(Err(error)),
        };
        if is_last {
            open = None;
        }
        Some(Ok(piece))
    }))
}

/// A file of which not all is sent yet.
struct Line {
    file: File,
    /// Until the line is begun.
    path: Option<String>,
}

impl Line {
    /// The next piece of the line, and whether it is the last.
    fn piece(&mut self) -> Result<(Vec<u8>, bool)> {
        let mut bytes = Vec::new();
        (&mut self.file).take(PIECE_BYTES).read_to_end(&mut bytes)?;
        let is_last = (bytes.len() as u64) < PIECE_BYTES;
        let mut text = match self.path.take() {
            // A path of an export has no character that JSON would mark.
            Some(path) => format!("{{\"path\":\"{path}\",\"bytes\":\""),
            None => String::new(),
        };
        text.push_str(&base64url_encode(&bytes));
        if is_last {
            text.push_str("\"}\n");
        }
        Ok((text.into_bytes(), is_last))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use doorstep_wire::log::ExportedFile;

    #[test]
    fn lines_are_those_of_the_interface_and_no_piece_is_long() {
        let folder = tempfile::tempdir().unwrap();
        let long: Vec<u8> = (0..3 * PIECE_BYTES + 1).map(|place| place as u8).collect();
        let whole: Vec<u8> = (0..PIECE_BYTES).map(|place| place as u8).collect();
        let list = b"doorstep.export/v1\nd/t\n5\naa 1 a/b\nbb 2 long\ncc 3 whole\n\nsigned a b\n".to_vec();
        let files = [
            ("a/b", b"1".to_vec()),
            ("long", long),
            ("whole", whole),
            (MANIFEST_PATH, list),
        ];
        std::fs::create_dir(folder.path().join("a")).unwrap();
        let mut expected = Vec::new();
        for (path, bytes) in files {
            std::fs::write(folder.path().join(path), &bytes).unwrap();
            let file = ExportedFile {
                path: path.to_owned(),
                bytes: base64url_encode(&bytes),
            };
            expected.extend(serde_json::to_vec(&file).unwrap());
            expected.push(b'\n');
        }
        let at = folder.path().to_owned();
        let pieces: Vec<Vec<u8>> = lines_of(folder).unwrap().map(Result::unwrap).collect();
        assert!(pieces.iter().all(|piece| piece.len() < 70_000));
        assert!(pieces.concat() == expected, "the lines are others");
        assert!(!at.exists());
    }
}
