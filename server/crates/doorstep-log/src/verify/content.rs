//! Reads what the leaves say: device keys and chains, payload commitments, erasures, checkpoints seen.
//!
//! Gets leaves in log order, the events log first. Reads no files.

use std::collections::BTreeMap;

use super::generation::{Lineage, Loss};
use super::joined::Joins;
use super::logs::Tree;
use super::places::{warn_of_alarm, warn_of_refusal};
use super::stamps::Stamps;
use super::{DetailName, Finding, FindingCode, Report};
use crate::chain::{ChainError, ChainVerifier, DeviceCertificate};
use crate::export::{ChainGap, LogName, is_payload_eid};
use crate::hash::Hash;
use crate::leaf::{CheckpointSeen, DeviceEvent, Header, Leaf, SUBJECT_ERASED, ServerEntry};
use crate::tree::Frontier;

/// A payload that a leaf commits to.
pub(super) struct Payload {
    pub(super) log: LogName,
    pub(super) index: u64,
    pub(super) generation: u32,
    pub(super) pc: Hash,
    pub(super) subj: Vec<String>,
}

#[derive(Default)]
pub(super) struct Content {
    /// Payloads by event identity.
    pub(super) payloads: BTreeMap<String, Payload>,
    /// Aliases of erased persons, with the generation and the leaf of the events log that say so first.
    pub(super) erased: BTreeMap<String, (u32, u64)>,
    tenant: Option<String>,
    /// Who may sign for partners, and the check-ins in which they did.
    pub(super) joins: Joins,
    pub(super) chains: ChainVerifier,
    /// The time stamps of the log that leaves come from.
    pub(super) stamps: Stamps,
    /// Keys that were ended, with the leaf that ended them.
    pub(super) ended: BTreeMap<String, u64>,
    /// Keys whose chain has split and that nobody let go on, with the leaf that says so.
    pub(super) suspended: BTreeMap<String, u64>,
    /// Checkpoints that devices had verified, with the generation and the first leaf that say so.
    seen: BTreeMap<CheckpointSeen, (u32, u64)>,
    /// The generation that is read.
    generation: u32,
    /// How many of its leaves say that it continues another.
    pub(super) continues: u64,
    /// Missing numbers of devices, where that is in the nature of the export; `None`: every one is an error.
    gaps: Option<Vec<ChainGap>>,
    /// Numbers up to a head that an entry names, where the export of a case ends before it.
    pub(super) heads: Vec<ChainGap>,
}

impl Content {
    /// For the logs of the tenant with this origin, `<deployment>/<tenant>`.
    pub(super) fn of_tenant(origin: &str) -> Self {
        Self {
            tenant: origin.rsplit_once('/').map(|(_, tenant)| tenant.to_owned()),
            ..Self::default()
        }
    }

    /// For the export of a case: events of other matters are missing in it, and [`Content::gaps`] tells which.
    pub(super) fn of_case(origin: &str) -> Self {
        Self {
            gaps: Some(Vec::new()),
            ..Self::of_tenant(origin)
        }
    }

    /// Whether leaves of other matters are missing by nature.
    pub(super) const fn is_of_case(&self) -> bool {
        self.gaps.is_some()
    }

    /// The generation that is read.
    pub(super) const fn generation(&self) -> u32 {
        self.generation
    }

    /// The numbers that are missing, in the order of the log.
    pub(super) fn gaps(&self) -> &[ChainGap] {
        self.gaps.as_deref().unwrap_or_default()
    }

    /// Whether missing numbers are in the nature of the export.
    pub(super) fn has_gaps(&self) -> bool {
        self.gaps.is_some()
    }

    pub(super) fn gap(&mut self, gap: ChainGap) {
        self.gaps.get_or_insert_default().push(gap);
    }

    /// Takes up leaves that follow each other; signatures are checked together first.
    pub(super) fn take_all(&mut self, log: LogName, leaves: Vec<(u64, Leaf)>, report: &mut Report) {
        let events: Vec<&DeviceEvent> = leaves.iter().filter_map(|(_, leaf)| device_event(leaf)).collect();
        let mut vouched = self.chains.vouch(&events).into_iter();
        for (index, leaf) in leaves {
            let vouched = device_event(&leaf).and_then(|_| vouched.next()).unwrap_or(false);
            self.take(log, index, leaf, vouched, report);
        }
    }

    fn take(&mut self, log: LogName, index: u64, leaf: Leaf, vouched: bool, report: &mut Report) {
        self.stamps.compare_time((log, index), leaf.recv_ms(), report);
        let tenant = self.tenant.get_or_insert_with(|| leaf.tenant().to_owned());
        if tenant != leaf.tenant() {
            let message = format!(
                "leaf {index} of {log} belongs to tenant {}, the log to {tenant}",
                leaf.tenant()
            );
            let finding = Finding::error(FindingCode::TenantMixed, message).leaf(log, index);
            report.add(finding.detail(DetailName::Tenant, leaf.tenant()));
        }
        let is_in_place = self.compare_place((log, index), leaf.kind(), report);
        match leaf {
            Leaf::Device(event) if is_in_place => self.take_event(index, &event, vouched, report),
            Leaf::Device(_) => {}
            Leaf::Server(entry) => {
                if is_in_place {
                    self.take_kind(index, &entry, report);
                }
                self.take_commitment(log, index, entry, report);
            }
        }
    }

    /// The last number of a device's chain that was seen.
    pub(super) fn last_of(&self, dev: &str) -> Option<u64> {
        self.chains.head(dev).map(|head| head.dseq)
    }

    pub(super) fn device_count(&self) -> usize {
        self.chains.device_count()
    }

    /// The leaves that follow are of this generation.
    pub(super) fn begin(&mut self, generation: u32) {
        self.generation = generation;
        self.continues = 0;
    }

    /// The tenant that the leaves name.
    pub(super) fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    /// The roots of a tree at the sizes that devices name: they are ordered, so one tree that grows has them all.
    fn roots_seen(&self, tree: &Tree) -> BTreeMap<u64, Hash> {
        let (mut growing, mut roots) = (Frontier::new(), BTreeMap::new());
        for seen in self.seen.keys() {
            while let Some(leaf) = tree.tiles.leaf(growing.size()).filter(|_| growing.size() < seen.size) {
                growing.append(leaf);
            }
            if growing.size() == seen.size {
                roots.insert(seen.size, growing.root());
            }
        }
        roots
    }

    /// Devices are witnesses: each checkpoint that one had verified must be of this very log, or of the part of it that
    /// the log itself says was lost.
    pub(super) fn compare_seen(&self, lineage: &Lineage, report: &mut Report) {
        let trees: Vec<_> = lineage.trees.iter().map(|tree| (tree, self.roots_seen(tree))).collect();
        let mut excused = BTreeMap::new();
        for (seen, (generation, index)) in &self.seen {
            let before = |tree: &Tree| {
                let number = tree.generation.number;
                number < *generation || (number == *generation && seen.size <= *index)
            };
            if trees
                .iter()
                .any(|(tree, roots)| before(tree) && roots.get(&seen.size) == Some(&seen.root))
            {
                report.counts.checkpoints_seen += 1;
                continue;
            }
            let losses = lineage.losses.iter().take(generation.saturating_sub(1) as usize);
            let covers = |(_, loss): &(usize, &Loss)| loss.covers((seen.size, seen.root));
            let covering: Vec<usize> = losses.enumerate().filter(covers).map(|(which, _)| which).collect();
            // What was lost was one tree too: two roots of one size are two histories.
            let is_second = |which: &usize| *excused.entry((*which, seen.size)).or_insert(seen.root) != seen.root;
            let is_split = covering.len() == 1 && covering.iter().any(is_second);
            if !covering.is_empty() && !is_split {
                let message = format!(
                    "with leaf {index} a device says it had verified a tree of {} leaves; part of it was lost in a \
                     restore, so it cannot be compared any more",
                    seen.size
                );
                let finding = Finding::warning(FindingCode::LogContinued, message);
                report.add(
                    finding
                        .leaf(LogName::Events, *index)
                        .of(*generation)
                        .detail(DetailName::Size, seen.size),
                );
                continue;
            }
            let message = format!(
                "with leaf {index} a device says it had verified a tree of {} leaves and root {}, which is not this \
                 log's: it was shown another history",
                seen.size, seen.root
            );
            let finding = Finding::error(FindingCode::DeviceSawOtherTree, message);
            let finding = finding
                .detail(DetailName::Size, seen.size)
                .detail(DetailName::Root, seen.root);
            report.add(finding.leaf(LogName::Events, *index).of(*generation));
        }
    }

    fn take_event(&mut self, index: u64, event: &DeviceEvent, vouched: bool, report: &mut Report) {
        let log = LogName::Events;
        self.warn_of_end(index, event, report);
        let accepted = self.chains.accept_vouched(event, vouched);
        let header = match accepted {
            Ok(header) => {
                report.counts.events += 1;
                Some(header)
            }
            Err(ChainError::Gap { dev, last, found }) if self.gaps.is_some() => {
                report.counts.events += 1;
                self.gap(ChainGap {
                    dev,
                    from: last + 1,
                    to: found - 1,
                });
                event.header().ok()
            }
            Err(cause) => {
                let detail = if let ChainError::Header(inner) = &cause {
                    format!(": {inner}")
                } else {
                    String::new()
                };
                let message = format!("leaf {index}: {cause}{detail}");
                let header = event.header().ok();
                let mut finding = Finding::error(FindingCode::DeviceChain, message).leaf(log, index);
                finding = finding.detail(DetailName::Cause, cause.code());
                if let Some(header) = &header {
                    finding = finding.detail(DetailName::Device, &header.dev);
                    finding = finding.detail(DetailName::Event, header.dseq);
                }
                report.add(finding);
                header
            }
        };
        if let Some(header) = header {
            self.take_header(index, header, report);
        }
    }

    fn take_header(&mut self, index: u64, header: Header, report: &mut Report) {
        warn_of_alarm(index, &header, report);
        self.joins.take_header(index, &header);
        if let Some(seen) = header.cp {
            self.seen.entry(seen).or_insert((self.generation, index));
        }
        if let Some(pc) = header.pc {
            let payload = Payload {
                log: LogName::Events,
                index,
                generation: self.generation,
                pc,
                subj: header.subj,
            };
            self.take_payload(Some(header.eid), payload, report);
        }
    }

    /// Takes what an entry means by its kind. Only those of the events log mean anything but a read.
    fn take_kind(&mut self, index: u64, entry: &ServerEntry, report: &mut Report) {
        let log = LogName::Events;
        self.joins.take_key(entry);
        if let Some(certificate) = DeviceCertificate::from_entry(entry) {
            if let Err(cause) = certificate.and_then(|certificate| self.chains.enrol(certificate)) {
                let message = format!("leaf {index} of {log}: {cause}");
                let finding = Finding::error(FindingCode::DeviceEnrolment, message).leaf(log, index);
                report.add(finding.detail(DetailName::Cause, cause.code()));
            }
        } else if entry.t == SUBJECT_ERASED {
            for alias in &entry.subj {
                let place = (self.generation, index);
                self.erased.entry(alias.clone()).or_insert(place);
            }
        } else {
            warn_of_refusal(index, entry, report);
            self.take_device(index, entry, report);
            self.take_withheld(index, entry, report);
        }
    }

    fn take_commitment(&mut self, log: LogName, index: u64, entry: ServerEntry, report: &mut Report) {
        let Some(pc) = entry.pc else { return };
        let payload = Payload {
            log,
            index,
            generation: self.generation,
            pc,
            subj: entry.subj,
        };
        self.take_payload(entry.eid, payload, report);
    }

    fn take_payload(&mut self, eid: Option<String>, payload: Payload, report: &mut Report) {
        let (log, index) = (payload.log, payload.index);
        let Some(eid) = eid.filter(|eid| is_payload_eid(eid)) else {
            let message = format!("leaf {index} of {log} commits to a payload but its eid is no lower-case UUID");
            report.add(Finding::error(FindingCode::PayloadUnnamed, message).leaf(log, index));
            return;
        };
        if let Some(earlier) = self.payloads.get(&eid) {
            let message = format!(
                "leaf {index} of {log} claims payload {eid}, which leaf {} of {} has already claimed",
                earlier.index, earlier.log
            );
            let finding = Finding::error(FindingCode::PayloadRepeated, message).leaf(log, index);
            let finding = finding.detail(DetailName::OtherLeaf, earlier.index);
            report.add(finding.detail(DetailName::Payload, eid));
            return;
        }
        self.payloads.insert(eid, payload);
    }
}

fn device_event(leaf: &Leaf) -> Option<&DeviceEvent> {
    match leaf {
        Leaf::Device(event) => Some(event),
        Leaf::Server(_) => None,
    }
}
