//! Time stamps in an export: whether they hold, and whether the times in the leaves can be true beside them.
//!
//! A stamp of a tree of n leaves at T proves that the first n leaves existed at T. So none of them can have been received
//! after T. And the server asks for a stamp of a tree only when nothing older waits outside it (docs/log.md), so a leaf
//! beyond n that claims a time well before T was put in later than it says. Both leave room for clocks and long requests.

use super::{DetailName, Files, Finding, FindingCode, Report, StampReport, TenantKeys};
use crate::checkpoint::Checkpoint;
use crate::export::{Generation, LogName, STAMP_CA_PATH, STAMPS_FOLDER, stamp_paths};
use crate::hash::sha256;
use crate::note;
use crate::stamp::{self, Authorities, Expected, Stamp};
use crate::tree::{HashReader, root_at};

/// How far the clocks of a server and of an authority may differ.
const CLOCKS_MS: i64 = 5 * 60 * 1_000;
/// How old an entry may be when it gets its place: the longest request that can be configured takes an hour.
const WAIT_MS: i64 = 3_600 * 1_000;

/// What the stamps of one log say.
#[derive(Default)]
pub(super) struct Stamps {
    /// Ordered by size.
    stamped: Vec<Stamped>,
    /// What stamps of earlier generations say of every leaf beyond them; after [`Stamps::end`] what these say as well.
    floor: Option<Floor>,
}

/// When a leaf outside a stamped tree can have come at the earliest.
#[derive(Clone, Copy)]
struct Floor {
    out_ms_min: i64,
    size: u64,
}

/// A stamp that holds, with what it leaves possible.
struct Stamped {
    path: String,
    checkpoint: Checkpoint,
    stamp: Stamp,
    /// No leaf in the tree can have come later: the earliest such instant of this stamp and of those after it.
    in_ms_max: i64,
    /// No leaf beyond the tree can have come earlier: the latest such instant of this stamp and of those before it.
    out_ms_min: i64,
}

impl Stamped {
    fn new(path: String, checkpoint: Checkpoint, stamp: Stamp) -> Self {
        let accuracy_ms = i64::try_from(stamp.accuracy_ms.unwrap_or(0)).unwrap_or(i64::MAX);
        let room_ms = CLOCKS_MS.saturating_add(accuracy_ms);
        Self {
            path,
            checkpoint,
            in_ms_max: stamp.at_ms.saturating_add(room_ms),
            out_ms_min: stamp.at_ms.saturating_sub(room_ms).saturating_sub(WAIT_MS),
            stamp,
        }
    }
}

/// The certificates to judge stamps by: the reader's own, otherwise those in the export, with a warning. `None` where the
/// export has no stamps, or nothing to judge them by.
pub(super) fn authorities(
    given: Option<&Authorities>,
    files: &mut Files<'_>,
    report: &mut Report,
) -> Option<Authorities> {
    if let Some(given) = given {
        return Some(given.clone());
    }
    if files.listed_under(STAMPS_FOLDER).is_empty() {
        return None;
    }
    let message =
        "the time stamps are judged by a certificate from the export itself; compare it with the authority's own";
    report.add(Finding::warning(FindingCode::StampCaFromExport, message.to_owned()).file(STAMP_CA_PATH));
    let read = Authorities::from_pem(&files.read(STAMP_CA_PATH, report).unwrap_or_default());
    read.map_err(|cause| report.add(bad(STAMP_CA_PATH, &cause.to_string())))
        .ok()
}

fn bad(path: &str, problem: &str) -> Finding {
    Finding::error(FindingCode::StampBad, format!("{path}: {problem}")).file(path)
}

impl Stamps {
    /// Reads and checks all stamps of the log that `now` is the checkpoint of.
    pub(super) fn read(
        (log, now): (Generation, &Checkpoint),
        keys: &TenantKeys,
        authorities: Option<&Authorities>,
        files: &mut Files<'_>,
        report: &mut Report,
    ) -> Self {
        let Some(authorities) = authorities else {
            return Self::default();
        };
        let (mut stamped, mut bad_ones) = (Vec::new(), 0);
        for path in files.listed_under(&format!("{STAMPS_FOLDER}{log}-")) {
            let Some(place) = path.strip_suffix(".tsr") else {
                continue;
            };
            match open(place, keys, authorities, files, report) {
                Ok(one) if one.checkpoint.origin == now.origin => stamped.push(one),
                // A log that goes on under another name: its stamps are of another tree.
                Ok(_) => {}
                Err(problem) => {
                    bad_ones += 1;
                    report.add(bad(&path, &problem).log(log.log));
                }
            }
        }
        let stamps = Self::ordered(stamped);
        stamps.summarise((log.log, bad_ones), now, report);
        stamps
    }

    fn ordered(mut stamped: Vec<Stamped>) -> Self {
        stamped.sort_by_key(|one| one.checkpoint.size);
        let mut least = i64::MAX;
        for one in stamped.iter_mut().rev() {
            least = least.min(one.in_ms_max);
            one.in_ms_max = least;
        }
        let mut most = i64::MIN;
        for one in &mut stamped {
            most = most.max(one.out_ms_min);
            one.out_ms_min = most;
        }
        Self { stamped, floor: None }
    }

    /// Ends the generation that these are of, at this size. Stamps of what was lost later bound nothing: what waited when they
    /// were made may have got its place anew.
    pub(super) fn end(&mut self, size: u64) {
        let left = self.stamped.partition_point(|one| one.checkpoint.size <= size);
        let own = left.checked_sub(1).and_then(|at| self.stamped.get(at));
        let own = own.map(|one| Floor {
            out_ms_min: one.out_ms_min,
            size: one.checkpoint.size,
        });
        self.floor = self.floor.into_iter().chain(own).max_by_key(|floor| floor.out_ms_min);
    }

    /// These are of the generation after that of `before`: its leaves, also those that were moved, were outside every tree
    /// that was stamped before.
    pub(super) fn follow(&mut self, before: &Self) {
        self.floor = before.floor;
    }

    fn summarise(&self, (log, bad_ones): (LogName, u64), now: &Checkpoint, report: &mut Report) {
        let Some(newest) = self.stamped.last() else {
            // A stamp that does not hold is there, and named as such.
            if now.size > 0 && bad_ones == 0 {
                let message = format!("no time stamp of the {log} log: its times are the server's word alone");
                report.add(Finding::warning(FindingCode::StampAbsent, message).log(log));
            }
            return;
        };
        report.stamps.push(StampReport {
            log,
            origin: now.origin.clone(),
            leaves: now.size,
            stamps: self.stamped.len() as u64,
            size: newest.checkpoint.size,
            newest: newest.stamp.clone(),
        });
    }

    /// Whether a leaf can have been received when it says.
    pub(super) fn compare_time(&self, (log, index): (LogName, u64), recv_ms: i64, report: &mut Report) {
        let within = self.stamped.partition_point(|one| one.checkpoint.size <= index);
        let before = within.checked_sub(1).and_then(|at| self.stamped.get(at));
        if let Some(one) = self.stamped.get(within).filter(|one| recv_ms > one.in_ms_max) {
            let message = format!(
                "leaf {index} of {log} says it came at {recv_ms} ms, but the tree of {} leaves that holds it was stamped \
                 earlier: its time was set ahead",
                one.checkpoint.size
            );
            let finding = Finding::error(FindingCode::TimeAfterStamp, message).leaf(log, index);
            let finding = finding.detail(DetailName::TimeMs, recv_ms);
            report.add(finding.detail(DetailName::Size, one.checkpoint.size));
        }
        if let Some(one) = before.filter(|one| recv_ms < one.out_ms_min) {
            let message = format!(
                "leaf {index} of {log} says it came at {recv_ms} ms, but the tree of {} leaves that was stamped well after \
                 that does not hold it: it was back-dated",
                one.checkpoint.size
            );
            let finding = Finding::error(FindingCode::TimeBeforeStamp, message).leaf(log, index);
            let finding = finding.detail(DetailName::TimeMs, recv_ms);
            report.add(finding.detail(DetailName::Size, one.checkpoint.size));
        } else if let Some(floor) = self.floor.filter(|floor| recv_ms < floor.out_ms_min) {
            let message = format!(
                "leaf {index} of {log} says it came at {recv_ms} ms, but the tree of {} leaves of an earlier generation that \
                 was stamped well after that does not hold it: it was back-dated",
                floor.size
            );
            let finding = Finding::error(FindingCode::TimeBeforeStamp, message).leaf(log, index);
            let finding = finding.detail(DetailName::TimeMs, recv_ms);
            report.add(finding.detail(DetailName::Size, floor.size));
        }
    }

    /// Whether every stamped tree is a beginning of this one.
    pub(super) fn compare_trees(&self, log: LogName, tiles: &impl HashReader, report: &mut Report) {
        for one in &self.stamped {
            if root_at(tiles, one.checkpoint.size) == Ok(one.checkpoint.root) {
                continue;
            }
            let message = format!(
                "{}: the stamped tree of {} leaves is no beginning of this log: history was rewritten or cut",
                one.path, one.checkpoint.size
            );
            report.add(
                Finding::error(FindingCode::StampInconsistent, message)
                    .file(&one.path)
                    .log(log)
                    .detail(DetailName::Size, one.checkpoint.size),
            );
        }
    }
}

/// Opens one stamp and the checkpoint that it is of, two files with one name before the dot.
fn open(
    place: &str,
    keys: &TenantKeys,
    authorities: &Authorities,
    files: &mut Files<'_>,
    report: &mut Report,
) -> Result<Stamped, String> {
    let path = format!("{place}.tsr");
    let missing = || "the stamp or its checkpoint is missing".to_owned();
    let response = files.read(&path, report).ok_or_else(missing)?;
    let signed = files.read(&format!("{place}.checkpoint"), report).ok_or_else(missing)?;
    let checkpoint = keys.open_checkpoint(&signed).map_err(|cause| cause.to_string())?;
    let name = checkpoint.origin.rsplit('/').next().unwrap_or_default();
    if stamp_paths(name, checkpoint.size).0 != path {
        return Err("the file's name is not that of its checkpoint".to_owned());
    }
    let text = note::text_unverified(&signed).map_err(|cause| cause.to_string())?;
    let expected = Expected {
        imprint: sha256(text.as_bytes()),
        nonce: None,
        policy: None,
    };
    let stamp = stamp::verify(&response, &expected, authorities).map_err(|cause| cause.to_string())?;
    Ok(Stamped::new(path, checkpoint, stamp))
}

#[cfg(test)]
#[path = "stamps_tests.rs"]
mod tests;
