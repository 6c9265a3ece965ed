//! What somebody gave to be verified: one of the things that can be, or one that is often taken for it, with a word on what to
//! give instead. Looks at names and first bytes; judges nothing.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use doorstep_log::evidence::EVIDENCE_PATH;
use doorstep_log::export::{KEYS_PATH, LogName, MANIFEST_PATH};
use doorstep_log::note::VerifierKey;

use crate::given::{is_checkpoint, is_head_table, read};
use crate::{ExportFolder, Lang, VerifyError};

/// What can be verified.
pub(crate) enum Kind {
    /// A folder with an export, maybe without its list of files.
    Export(ExportFolder),
    /// A folder with a device's evidence.
    Evidence(ExportFolder),
    /// The bytes of a receipt.
    Receipt(Vec<u8>),
    /// The bytes of a proof file.
    Proof(Vec<u8>),
}

/// What is often taken for one of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrongKind {
    /// A folder in which one folder is an export.
    Around(PathBuf),
    /// A folder or file of an export or of evidence.
    Within(PathBuf),
    /// A folder that an export left when it broke off.
    BrokenOff,
    /// A data folder.
    DataFolder,
    /// Another folder.
    Folder,
    /// A file that packs others.
    Archive,
    /// A checkpoint by itself.
    Checkpoint,
    /// What `log head` prints.
    HeadTable,
    /// Public keys.
    Keys,
    /// Another file.
    File,
}

/// Finds out what the path is.
pub(crate) fn kind_of(path: &Path) -> Result<Kind, VerifyError> {
    let unreadable = |source| VerifyError::Read {
        path: path.to_owned(),
        source,
    };
    let about = fs::metadata(path).map_err(unreadable)?;
    if about.is_dir() {
        return folder(path);
    }
    if !about.is_file() {
        // A pipe would be waited for, a device has no end.
        return Err(unreadable(io::Error::other("neither a file nor a folder")));
    }
    if let Some(kind) = by_its_start(path).map_err(unreadable)? {
        return Err(wrong(path, kind));
    }
    let bytes = read(path).map_err(unreadable)?;
    match wrong_file(path, &bytes) {
        Some(kind) => Err(wrong(path, kind)),
        // Only a receipt begins so.
        None if bytes.starts_with(b"{") => Ok(Kind::Receipt(bytes)),
        None => Ok(Kind::Proof(bytes)),
    }
}

fn wrong(path: &Path, kind: WrongKind) -> VerifyError {
    VerifyError::Kind {
        path: path.to_owned(),
        kind,
    }
}

fn folder(path: &Path) -> Result<Kind, VerifyError> {
    let folder = ExportFolder(path.to_owned());
    // A list of evidence beside a manifest was put there: what is signed decides what the folder is.
    if folder.has(MANIFEST_PATH) {
        return Ok(Kind::Export(folder));
    }
    if folder.has(EVIDENCE_PATH) {
        return Ok(Kind::Evidence(folder));
    }
    if path.extension().is_some_and(|extension| extension == "partial") {
        return Err(wrong(path, WrongKind::BrokenOff));
    }
    // An export whose list of files was taken away is a finding.
    let is_export = |log: &LogName| folder.has(&log.path("checkpoint"));
    if folder.has(KEYS_PATH) || LogName::ALL.iter().any(is_export) {
        return Ok(Kind::Export(folder));
    }
    let kind = if folder.has("doorstep.toml") {
        WrongKind::DataFolder
    } else if let Some(inside) = only_inside(path) {
        WrongKind::Around(inside)
    } else {
        above(path).map_or(WrongKind::Folder, WrongKind::Within)
    };
    Err(wrong(path, kind))
}

/// Whether the list in the folder is one of ours: others call a file `MANIFEST` too.
fn is_whole(folder: &Path) -> bool {
    const START: &[u8] = b"doorstep";
    let is_ours = |list| start_of(&folder.join(list), START.len()).is_ok_and(|start| start == START);
    is_ours(MANIFEST_PATH) || is_ours(EVIDENCE_PATH)
}

/// The one folder in this one that can be verified: archives are often unpacked so.
fn only_inside(path: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(path).ok()?;
    let mut whole = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| is_whole(path));
    let first = whole.next()?;
    whole.next().is_none().then_some(first)
}

/// The export that the path lies in.
fn above(path: &Path) -> Option<PathBuf> {
    let full = fs::canonicalize(path).ok()?;
    full.ancestors()
        .skip(1)
        .find(|above| is_whole(above))
        .map(Path::to_owned)
}

/// The first bytes of a file.
fn start_of(path: &Path, bytes: usize) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    fs::File::open(path)?.take(bytes as u64).read_to_end(&mut start)?;
    Ok(start)
}

/// Files that can be large are told by how they begin.
fn by_its_start(path: &Path) -> io::Result<Option<WrongKind>> {
    const STARTS: [&[u8]; 6] = [
        b"PK\x03\x04",
        b"\x1f\x8b",
        b"7z\xbc\xaf",
        b"\xfd7zXZ",
        b"\x28\xb5\x2f\xfd",
        b"Rar!",
    ];
    let start = start_of(path, 512)?;
    let is_tar = start.get(257..262) == Some(b"ustar");
    Ok((is_tar || STARTS.iter().any(|known| start.starts_with(known))).then_some(WrongKind::Archive))
}

/// What looks like a proof or a receipt is judged as one, wherever it lies and also where it was changed.
fn wrong_file(path: &Path, bytes: &[u8]) -> Option<WrongKind> {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    if text.contains("c2sp.org/tlog-proof") || text.contains("\nindex ") || text.contains("doorstep.receipt") {
        return None;
    }
    if let Some(folder) = above(path) {
        return Some(WrongKind::Within(folder));
    }
    if is_checkpoint(bytes) {
        return Some(WrongKind::Checkpoint);
    }
    if is_head_table(bytes) {
        return Some(WrongKind::HeadTable);
    }
    let mut lines = text.lines().peekable();
    if lines.peek().is_some() && lines.all(|line| VerifierKey::parse(line).is_ok()) {
        return Some(WrongKind::Keys);
    }
    (!bytes.starts_with(b"{")).then_some(WrongKind::File)
}

impl WrongKind {
    /// What it is and what to give instead.
    pub(crate) fn text(&self, path: &Path, lang: Lang) -> String {
        let path = path.display();
        let (english, chinese) = match self {
            Self::Around(inside) => {
                let inside = inside.display();
                return lang.either(
                    || format!("{path} is no export, but a folder around one. Give {inside}."),
                    || format!("{path} 不是导出，而是包含导出的文件夹。请给出 {inside}。"),
                );
            }
            Self::Within(folder) => {
                let folder = folder.display();
                return lang.either(
                    || format!("{path} is a part of what {folder} holds. Give that folder."),
                    || format!("{path} 只是 {folder} 中内容的一部分。请给出该文件夹。"),
                );
            }
            Self::BrokenOff => (
                "is what an export left when it broke off; it has no signed list of files. Delete it and export again.",
                "是导出中断后留下的文件夹，没有已签名的文件清单。请删除后重新导出。",
            ),
            Self::DataFolder => (
                "is a data folder, and no export. Write one with `doorstep log export OUT --dir FOLDER`, and give OUT.",
                "是数据文件夹，不是导出。请用 `doorstep log export OUT --dir FOLDER` 写出导出，再给出 OUT。",
            ),
            Self::Folder => (
                "is no export and no evidence of a device: it has neither MANIFEST nor EVIDENCE. Give the folder that has one.",
                "既不是导出也不是设备证据：其中没有 MANIFEST 或 EVIDENCE。请给出含有它们的文件夹。",
            ),
            Self::Archive => (
                "is an archive. Unpack it, and give the folder in it that has a MANIFEST.",
                "是压缩包。请先解压，再给出其中含有 MANIFEST 的文件夹。",
            ),
            Self::Checkpoint => (
                "is a signed checkpoint, which shows nothing by itself. Give the folder of an export, and this file with --since.",
                "是已签名的检查点，单独不能证明任何事。请给出导出的文件夹，并用 --since 给出此文件。",
            ),
            Self::HeadTable => (
                "is what `log head` prints. Give the folder of an export, and with --since a file that `log head --out FILE` wrote.",
                "是 `log head` 输出的表格。请给出导出的文件夹，并用 --since 给出由 `log head --out FILE` 写出的文件。",
            ),
            Self::Keys => (
                "holds public keys. Give the folder of an export, a proof or a receipt, and this file with --key.",
                "是公钥文件。请给出导出的文件夹、证明或回执，并用 --key 给出此文件。",
            ),
            Self::File => (
                "is neither a proof file nor a receipt. Give one of these, or the folder of an export.",
                "既不是证明文件也不是回执。请给出其中之一，或导出的文件夹。",
            ),
        };
        format!("{path} {}", lang.pick(english, chinese))
    }
}
