//! The files of an export, each compared with the manifest when it is first read.
//!
//! Knows hashes and sizes, not what is in the files.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;

use super::{Finding, FindingCode, Report, VerifyProgress, VerifyStep};
use crate::export::{ExportReader, FILE_BYTES_MAX, MANIFEST_PATH, ManifestFile, PAYLOADS_FOLDER};
use crate::hash::sha256;

/// How much larger than listed a file may be and still be read.
const GROWN_BYTES_MAX: u64 = 1024 * 1024;
/// What is known of a file that the manifest lists.
struct Listed {
    file: ManifestFile,
    is_found: bool,
    /// Whether it was compared, or was found missing.
    is_judged: bool,
}

pub(super) struct Files<'a> {
    reader: &'a dyn ExportReader,
    listed: BTreeMap<String, Listed>,
    /// Listed files that differ from the manifest or are missing.
    damaged: BTreeSet<String>,
    go_on: &'a mut dyn FnMut(&VerifyProgress) -> bool,
    stopped: bool,
}

impl<'a> Files<'a> {
    pub(super) fn new(
        reader: &'a dyn ExportReader,
        listed: BTreeMap<String, ManifestFile>,
        go_on: &'a mut dyn FnMut(&VerifyProgress) -> bool,
    ) -> Self {
        let unknown = |(path, file)| {
            let listed = Listed {
                file,
                is_found: false,
                is_judged: false,
            };
            (path, listed)
        };
        Self {
            reader,
            listed: listed.into_iter().map(unknown).collect(),
            damaged: BTreeSet::new(),
            go_on,
            stopped: false,
        }
    }

    /// Tells how far it is. False from the moment on at which nobody wants the rest; the report says so once.
    pub(super) fn goes_on(&mut self, step: VerifyStep, done: u64, total: u64, report: &mut Report) -> bool {
        if !self.stopped && !(self.go_on)(&VerifyProgress { step, done, total }) {
            self.stopped = true;
            let message = "stopped before everything was checked; verify again to know".to_owned();
            report.add(Finding::error(FindingCode::Stopped, message));
        }
        !self.stopped
    }

    /// Whether nobody wants the rest.
    pub(super) const fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Listed files that were found to differ from the manifest, or to be missing.
    pub(super) const fn damaged(&self) -> &BTreeSet<String> {
        &self.damaged
    }

    /// Reports files that only the folder or only the manifest has.
    pub(super) fn compare_listing(&mut self, report: &mut Report) {
        report.files.listed = self.listed.len() as u64;
        let found = match self.reader.list() {
            Ok(paths) => paths,
            Err(cause) => {
                let message = format!("the export's files cannot be listed: {cause}");
                report.add(Finding::error(FindingCode::FolderUnreadable, message));
                return;
            }
        };
        let mut added = Vec::new();
        for path in found {
            if let Some(listed) = self.listed.get_mut(&path) {
                listed.is_found = true;
            } else if path != MANIFEST_PATH {
                added.push(path);
            }
        }
        added.sort_unstable();
        report.files.added = added.len() as u64;
        for path in added {
            let message = format!("{path} is not in the manifest; it was added after the export");
            report.add(Finding::error(FindingCode::FileUnlisted, message).file(&path));
        }
        for (path, listed) in self.listed.iter_mut().filter(|(_, listed)| !listed.is_found) {
            let message = format!("{path} is in the manifest but not in the folder; copy the export again");
            report.add(Finding::error(FindingCode::FileMissing, message).file(path));
            report.files.missing += 1;
            self.damaged.insert(path.clone());
            listed.is_judged = true;
        }
    }

    /// The listed paths that begin so.
    pub(super) fn below(&self, prefix: &str) -> Vec<String> {
        let paths = self.listed.keys().filter(|path| path.starts_with(prefix));
        paths.cloned().collect()
    }

    /// Whether the manifest lists the path.
    pub(super) fn is_listed(&self, path: &str) -> bool {
        self.listed.contains_key(path)
    }

    /// Listed paths that begin like this.
    pub(super) fn listed_under(&self, start: &str) -> Vec<String> {
        let from = self.listed.range(start.to_owned()..);
        let under = from.take_while(|(path, _)| path.starts_with(start));
        under.map(|(path, _)| path.clone()).collect()
    }

    /// Every path that the manifest lists.
    pub(super) fn listed(&self) -> impl Iterator<Item = &str> {
        self.listed.keys().map(String::as_str)
    }

    /// Bytes of a listed file, even when they differ from the manifest: the caller then says what in them
    /// is wrong. `None` when the file is not listed or cannot be read.
    pub(super) fn read(&mut self, path: &str, report: &mut Report) -> Option<Vec<u8>> {
        let listed = self.listed.get_mut(path)?;
        let first_time = !std::mem::replace(&mut listed.is_judged, true);
        let listed = listed.file;
        // A little more is read, so that what is wrong with a file that grew can be named.
        let bytes_max = listed.size.saturating_add(GROWN_BYTES_MAX).min(FILE_BYTES_MAX);
        let read = self.reader.read_up_to(path, bytes_max);
        let problem = match &read {
            Ok(bytes) if bytes.len() as u64 == listed.size && sha256(bytes) == listed.hash => None,
            Ok(_) => Some((
                FindingCode::FileChanged,
                "differs from the manifest; it was changed after the export".to_owned(),
            )),
            Err(cause) if cause.kind() == ErrorKind::FileTooLarge => Some((
                FindingCode::FileChanged,
                "is larger than the manifest says; it was changed after the export".to_owned(),
            )),
            Err(cause) => Some((FindingCode::FileMissing, format!("cannot be read: {cause}"))),
        };
        if let Some((code, problem)) = problem.filter(|_| first_time) {
            let count = match code {
                FindingCode::FileChanged => &mut report.files.changed,
                _ => &mut report.files.missing,
            };
            *count += 1;
            report.add(Finding::error(code, format!("{path} {problem}")).file(path));
            self.damaged.insert(path.to_owned());
        }
        read.ok()
    }

    /// Compares every file that nobody asked for.
    pub(super) fn read_rest(&mut self, report: &mut Report) {
        let rest = self.listed.iter().filter(|(_, listed)| !listed.is_judged);
        let rest: Vec<String> = rest.map(|(path, _)| path.clone()).collect();
        for path in rest {
            if path.starts_with(PAYLOADS_FOLDER) {
                let message = format!("{path} belongs to no leaf");
                report.add(Finding::warning(FindingCode::PayloadStray, message).file(&path));
            }
            self.read(&path, report);
        }
    }
}
