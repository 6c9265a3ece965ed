//! An export as one file a line, read from its folder while it is sent: nothing of it is held but a piece of one file,
//! however long the logs are.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Result};

use doorstep_log::export::MANIFEST_PATH;
use doorstep_log::hash::base64url_encode;
use tempfile::TempDir;

/// Bytes of a file that are read at once, a number that leaves no bits over in base64; and the least that is sent at once, for
/// most files are small.
const PIECE_BYTES: usize = 48 * 1024;
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
    Ok(Lines {
        folder,
        paths: paths.chain([Ok(MANIFEST_PATH.to_owned())]),
        open: None,
    })
}

/// What is left to send.
struct Lines<P> {
    folder: TempDir,
    paths: P,
    /// A file of which not all was sent.
    open: Option<File>,
}

impl<P: Iterator<Item = Result<String>>> Lines<P> {
    /// Adds the next piece of a line; false where there is none left.
    fn add_to(&mut self, text: &mut String) -> Result<bool> {
        let mut file = if let Some(file) = self.open.take() {
            file
        } else {
            let Some(path) = self.paths.next().transpose()? else {
                return Ok(false);
            };
            // A path of an export has no character that JSON would mark.
            text.extend(["{\"path\":\"", &path, "\",\"bytes\":\""]);
            File::open(self.folder.path().join(&path))?
        };
        let mut bytes = Vec::with_capacity(PIECE_BYTES);
        (&mut file).take(PIECE_BYTES as u64).read_to_end(&mut bytes)?;
        text.push_str(&base64url_encode(&bytes));
        if bytes.len() == PIECE_BYTES {
            self.open = Some(file);
        } else {
            text.push_str("\"}\n");
        }
        Ok(true)
    }
}

impl<P: Iterator<Item = Result<String>>> Iterator for Lines<P> {
    type Item = Result<Vec<u8>>;

    fn next(&mut self) -> Option<Result<Vec<u8>>> {
        let mut text = String::new();
        while text.len() < PIECE_BYTES {
            match self.add_to(&mut text) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => return Some(Err(error)),
            }
        }
        (!text.is_empty()).then(|| Ok(text.into_bytes()))
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
        let long: Vec<u8> = (0..=3 * PIECE_BYTES).map(|place| place as u8).collect();
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
        assert!(pieces.iter().all(|piece| piece.len() < 3 * PIECE_BYTES));
        assert!(pieces.concat() == expected, "the lines are others");
        assert!(!at.exists());
    }
}
