//! Reads what the leaves say: device keys and chains, payload commitments, erasures, checkpoints seen.
//!
//! Gets leaves in log order, the events log first. Reads no files.

use std::collections::{BTreeMap, BTreeSet};

use super::stamps::Stamps;
use super::{Finding, FindingCode, Report};
use crate::canonical::Value;
use crate::chain::{ChainError, ChainVerifier, DeviceCertificate};
use crate::export::{LogName, payload_path};
use crate::hash::Hash;
use crate::leaf::{
    CheckpointSeen, DEVICE_LOST, DEVICE_REVOKED, DeviceEvent, Header, Leaf, SUBJECT_ERASED, ServerEntry,
};
use crate::tree::{HashReader, root_at};

/// A payload that a leaf commits to.
pub(super) struct Payload {
    pub(super) log: LogName,
    pub(super) index: u64,
    pub(super) pc: Hash,
    pub(super) subj: Vec<String>,
}

#[derive(Default)]
pub(super) struct Content {
    /// Payloads by event identity.
    pub(super) payloads: BTreeMap<String, Payload>,
    /// Aliases of erased persons.
    pub(super) erased: BTreeSet<String>,
    tenant: Option<String>,
    chains: ChainVerifier,
    /// The time stamps of the log that leaves come from.
    pub(super) stamps: Stamps,
    /// Keys that were ended, with the leaf that ended them.
    ended: BTreeMap<String, u64>,
    /// Checkpoints that devices had verified, with the first leaf that says so.
    seen: BTreeMap<CheckpointSeen, u64>,
}

impl Content {
    pub(super) fn take(&mut self, log: LogName, index: u64, leaf: Leaf, report: &mut Report) {
        self.stamps.compare_time((log, index), leaf.recv_ms(), report);
        let tenant = self.tenant.get_or_insert_with(|| leaf.tenant().to_owned());
        if tenant != leaf.tenant() {
            let message = format!(
                "leaf {index} of {log} belongs to tenant {}, others to {tenant}",
                leaf.tenant()
            );
            report.add(Finding::error(FindingCode::TenantMixed, message).leaf(log, index));
        }
        match leaf {
            Leaf::Device(event) if log == LogName::Events => self.take_event(index, &event, report),
            Leaf::Device(_) => {
                let message = format!("leaf {index} of {log} is a device event; they belong into the events log");
                report.add(Finding::error(FindingCode::LeafMisplaced, message).leaf(log, index));
            }
            Leaf::Server(entry) => self.take_entry(log, index, entry, report),
        }
    }

    pub(super) fn device_count(&self) -> usize {
        self.chains.device_count()
    }

    /// Devices are witnesses: each checkpoint that one had verified must be of this very tree.
    pub(super) fn compare_seen(&self, tiles: &impl HashReader, report: &mut Report) {
        for (seen, index) in &self.seen {
            if seen.size <= *index && root_at(tiles, seen.size) == Ok(seen.root) {
                report.counts.checkpoints_seen += 1;
                continue;
            }
            let message = format!(
                "with leaf {index} a device says it had verified a tree of {} leaves and root {}, which is not this \
                 log's: it was shown another history",
                seen.size, seen.root
            );
            let finding = Finding::error(FindingCode::DeviceSawOtherTree, message);
            report.add(finding.leaf(LogName::Events, *index));
        }
    }

    fn take_event(&mut self, index: u64, event: &DeviceEvent, report: &mut Report) {
        let log = LogName::Events;
        if let Some(end) = self.ended.get(&event.kid) {
            let message = format!(
                "leaf {index} is signed with key {}, which leaf {end} had ended",
                event.kid
            );
            report.add(Finding::warning(FindingCode::DeviceEnded, message).leaf(log, index));
        }
        let accepted = self.chains.accept(event);
        let header = match accepted {
            Ok(header) => {
                report.counts.events += 1;
                Some(header)
            }
            Err(cause) => {
                let detail = if let ChainError::Header(inner) = &cause {
                    format!(": {inner}")
                } else {
                    String::new()
                };
                let message = format!("leaf {index}: {cause}{detail}");
                report.add(Finding::error(FindingCode::DeviceChain, message).leaf(log, index));
                event.header().ok()
            }
        };
        if let Some(header) = header {
            self.take_header(index, header, report);
        }
    }

    fn take_header(&mut self, index: u64, header: Header, report: &mut Report) {
        if let Some(seen) = header.cp {
            self.seen.entry(seen).or_insert(index);
        }
        if let Some(pc) = header.pc {
            let payload = Payload {
                log: LogName::Events,
                index,
                pc,
                subj: header.subj,
            };
            self.take_payload(Some(header.eid), payload, report);
        }
    }

    fn take_entry(&mut self, log: LogName, index: u64, entry: ServerEntry, report: &mut Report) {
        if let Some(certificate) = DeviceCertificate::from_entry(&entry) {
            if let Err(cause) = certificate.and_then(|certificate| self.chains.enrol(certificate)) {
                let message = format!("leaf {index} of {log}: {cause}");
                report.add(Finding::error(FindingCode::DeviceEnrolment, message).leaf(log, index));
            }
        } else if entry.t == DEVICE_REVOKED || entry.t == DEVICE_LOST {
            if let Some(kid) = entry.detail.get("kid").and_then(Value::as_text) {
                self.ended.entry(kid.to_owned()).or_insert(index);
            }
        } else if entry.t == SUBJECT_ERASED {
            self.erased.extend(entry.subj.iter().cloned());
        }
        if let Some(pc) = entry.pc {
            self.take_payload(
                entry.eid,
                Payload {
                    log,
                    index,
                    pc,
                    subj: entry.subj,
                },
                report,
            );
        }
    }

    fn take_payload(&mut self, eid: Option<String>, payload: Payload, report: &mut Report) {
        let (log, index) = (payload.log, payload.index);
        let Some(eid) = eid.filter(|eid| payload_path(eid).is_some()) else {
            let message = format!("leaf {index} of {log} commits to a payload but its eid is no lower-case UUID");
            report.add(Finding::error(FindingCode::PayloadUnnamed, message).leaf(log, index));
            return;
        };
        if let Some(earlier) = self.payloads.get(&eid) {
            let message = format!(
                "leaf {index} of {log} claims payload {eid}, which leaf {} of {} has already claimed",
                earlier.index, earlier.log
            );
            report.add(Finding::error(FindingCode::PayloadRepeated, message).leaf(log, index));
            return;
        }
        self.payloads.insert(eid, payload);
    }
}
