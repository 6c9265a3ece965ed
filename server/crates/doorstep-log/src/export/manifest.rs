//! The list of all files of an export, signed as one note.
//!
//! Body: `doorstep.export/v1`, or `doorstep.case-export/v1` for one case; the tenant's origin, the time of making in milliseconds, then one line
//! `<sha256 in hex> <bytes> <path>` a file, ordered by path. Knows no trees and no leaves.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use super::{MANIFEST_PATH, is_plain_path};
use crate::hash::Hash;

/// What an export claims to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportKind {
    /// Both logs from their first leaf.
    #[default]
    Whole,
    /// The leaves of one case.
    Case,
}

impl ExportKind {
    const fn heading(self) -> &'static str {
        match self {
            Self::Whole => "doorstep.export/v1",
            Self::Case => "doorstep.case-export/v1",
        }
    }

    /// The lines above those of the files.
    pub(super) fn head(self, origin: &str, created_ms: i64) -> String {
        format!("{}\n{origin}\n{created_ms}\n", self.heading())
    }
}

/// What an export consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// What it claims to be.
    pub kind: ExportKind,
    /// `<deployment>/<tenant>`, also the name of the signing key.
    pub origin: String,
    /// When the export was made, milliseconds since 1970 UTC.
    pub created_ms: i64,
    /// Every file but the manifest itself, by path.
    pub files: BTreeMap<String, ManifestFile>,
}

/// What the manifest says of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManifestFile {
    /// SHA-256 of the bytes.
    pub hash: Hash,
    /// Number of bytes.
    pub size: u64,
}

impl fmt::Display for ManifestFile {
    /// A line but for its path.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.hash, self.size)
    }
}

/// Why a manifest is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// The text is not a manifest.
    #[error("line {line} of the manifest is malformed or out of order; export again")]
    Line {
        /// 1-based line.
        line: usize,
    },
}

impl Manifest {
    /// The text to sign.
    pub fn body(&self) -> String {
        let mut body = self.kind.head(&self.origin, self.created_ms);
        for (path, file) in &self.files {
            // Writing to a String cannot fail.
            let _ = writeln!(body, "{file} {path}");
        }
        body
    }

    /// Reads [`Manifest::body`] back; refuses every other text.
    pub fn parse(body: &str) -> Result<Self, ManifestError> {
        let text = body.strip_suffix('\n').ok_or(ManifestError::Line { line: 1 })?;
        let mut lines = text.split('\n').enumerate().map(|(place, line)| (place + 1, line));
        let mut next = |line| lines.next().map(|(_, text)| text).ok_or(ManifestError::Line { line });
        let heading = next(1)?;
        let mut kinds = [ExportKind::Whole, ExportKind::Case].into_iter();
        let kind = kinds
            .find(|kind| kind.heading() == heading)
            .ok_or(ManifestError::Line { line: 1 })?;
        let origin = next(2)?.to_owned();
        let created_ms = next(3)?.parse().map_err(|_| ManifestError::Line { line: 3 })?;
        let mut files = BTreeMap::new();
        for (line, text) in lines {
            let (path, file) = parse_file(text).ok_or(ManifestError::Line { line })?;
            files.insert(path, file);
        }
        let manifest = Self {
            kind,
            origin,
            created_ms,
            files,
        };
        let again = manifest.body();
        if again == body {
            return Ok(manifest);
        }
        let differs = again
            .split('\n')
            .zip(body.split('\n'))
            .take_while(|(left, right)| left == right)
            .count();
        Err(ManifestError::Line { line: differs + 1 })
    }
}

fn parse_file(line: &str) -> Option<(String, ManifestFile)> {
    let mut parts = line.splitn(3, ' ');
    let (hash, size, path) = (parts.next()?, parts.next()?, parts.next()?);
    let file = ManifestFile {
        hash: Hash::from_hex(hash)?,
        size: size.parse().ok()?,
    };
    (is_plain_path(path) && path != MANIFEST_PATH).then(|| (path.to_owned(), file))
}
