//! What entries say about devices: keys that ended, chains that split, and how far a chain was known.
//!
//! An event of an ended key is stored by the server and flagged, so here it is a warning: what was recorded before the end
//! and sent after it cannot be told from what was recorded later. A head that does not fit the events is an error.

use super::content::Content;
use super::{DetailName, Finding, FindingCode, Report};
use crate::canonical::Value;
use crate::export::{ChainGap, LogName};
use crate::hash::{Hash, base64url_decode};
use crate::leaf::{
    Algorithm, DEVICE_FORK, DEVICE_LOST, DEVICE_RESUMED, DEVICE_REVOKED, DeviceEvent, Header, PARTNER_REMOVED,
    ServerEntry,
};

impl Content {
    /// Takes an entry about a device; leaves others alone.
    pub(super) fn take_device(&mut self, index: u64, entry: &ServerEntry, report: &mut Report) {
        let Some(kid) = text(entry, "kid") else { return };
        match entry.t.as_str() {
            DEVICE_REVOKED | DEVICE_LOST => {
                self.ended.entry(kid.to_owned()).or_insert(index);
                self.compare_head(index, entry, report);
            }
            PARTNER_REMOVED => {
                self.ended.entry(kid.to_owned()).or_insert(index);
            }
            DEVICE_RESUMED => {
                self.suspended.remove(kid);
                self.compare_head(index, entry, report);
            }
            DEVICE_FORK => {
                self.suspended.entry(kid.to_owned()).or_insert(index);
                self.take_fork(index, entry, report);
            }
            _ => {}
        }
    }

    /// Warns of an event whose key was ended, or suspended, before it came.
    pub(super) fn warn_of_end(&self, index: u64, event: &DeviceEvent, report: &mut Report) {
        let (end, how) = match (self.ended.get(&event.kid), self.suspended.get(&event.kid)) {
            (Some(end), _) => (end, "ended"),
            (None, Some(end)) => (end, "suspended"),
            (None, None) => return,
        };
        let message = format!(
            "leaf {index} is signed with key {}, which leaf {end} had {how}",
            event.kid
        );
        let finding = Finding::warning(FindingCode::DeviceEnded, message).leaf(LogName::Events, index);
        report.add(
            finding
                .detail(DetailName::Key, &event.kid)
                .detail(DetailName::OtherLeaf, end),
        );
    }

    /// The head that the entry names must be the one that the events before it give.
    fn compare_head(&mut self, index: u64, entry: &ServerEntry, report: &mut Report) {
        let (Some(dev), Some(Value::Integer(dseq)), Some(head)) =
            (text(entry, "dev"), entry.detail.get("dseq"), text(entry, "head"))
        else {
            // Entries of before name no head.
            return;
        };
        let found = self.chains.head(dev).unwrap_or_default();
        let named = u64::try_from(*dseq).unwrap_or(0);
        if named == found.dseq && Hash::from_hex(head) == Some(found.hash) {
            return;
        }
        // In one case the device's last events may be of other matters: whoever exports accounts for them.
        if named > found.dseq && self.is_of_case() {
            self.heads.push(ChainGap {
                dev: dev.to_owned(),
                from: found.dseq + 1,
                to: named,
            });
            return;
        }
        let message = format!(
            "leaf {index} says that event {dseq} was the last known of device {dev}, the log has {} before it: events \
             were dropped or put in",
            found.dseq
        );
        let finding = Finding::error(FindingCode::DeviceHead, message).leaf(LogName::Events, index);
        let finding = finding.detail(DetailName::Device, dev).detail(DetailName::Event, dseq);
        report.add(finding.detail(DetailName::LastEvent, found.dseq));
    }

    /// A fork counts against the device only where its key signed the second header.
    fn take_fork(&self, index: u64, entry: &ServerEntry, report: &mut Report) {
        let bytes = |name: &str| text(entry, name).and_then(base64url_decode);
        let (Some(kid), Some(hdr), Some(sig)) = (text(entry, "kid"), bytes("hdr"), bytes("sig")) else {
            report.add(fork_unseen(index, entry));
            return;
        };
        let alg = text(entry, "alg").unwrap_or(Algorithm::Ed25519.name());
        let second = DeviceEvent {
            ten: entry.ten.clone(),
            seq_hint: 0,
            recv_ms: entry.recv_ms,
            hdr,
            kid: kid.to_owned(),
            alg: Algorithm::from_name(alg.to_owned()),
            sig,
        };
        let first = text(entry, "first").and_then(Hash::from_hex);
        let splits = |header: &Header| first.is_some_and(|first| self.chains.contradicts(header, &second.hdr, first));
        let finding = match self.chains.signed(&second) {
            Ok(header) if !splits(&header) => {
                let message = format!(
                    "leaf {index} says that the chain of device {} has split at event {}, but what it shows contradicts \
                     nothing that the device signed before",
                    header.dev, header.dseq
                );
                let finding = Finding::error(FindingCode::DeviceForked, message).detail(DetailName::Cause, "no-split");
                let finding = finding.detail(DetailName::Device, &header.dev);
                finding.detail(DetailName::Event, header.dseq)
            }
            Ok(header) => {
                let message = format!(
                    "leaf {index}: device {} signed a second event {}; it was copied or tampered with, and both are in \
                     the log",
                    header.dev, header.dseq
                );
                let finding = Finding::warning(FindingCode::DeviceForked, message);
                let finding = finding.detail(DetailName::Device, &header.dev);
                finding.detail(DetailName::Event, header.dseq)
            }
            Err(cause) => {
                let message =
                    format!("leaf {index} says that a device's chain has split, but shows no such event: {cause}");
                Finding::error(FindingCode::DeviceForked, message).detail(DetailName::Cause, cause.code())
            }
        };
        report.add(finding.leaf(LogName::Events, index));
    }
}

/// What is said of a split of which the second header is not here: it may not be shown where it bears text.
fn fork_unseen(index: u64, entry: &ServerEntry) -> Finding {
    let finding = if text(entry, "second").and_then(Hash::from_hex).is_some() {
        let message = format!(
            "leaf {index} says that a device's chain has split; the second event is kept sealed, so that is the server's word"
        );
        Finding::warning(FindingCode::DeviceForked, message)
    } else {
        let message = format!("leaf {index} says that a device's chain has split, but shows no such event");
        Finding::error(FindingCode::DeviceForked, message).detail(DetailName::Cause, "no-split")
    };
    finding.leaf(LogName::Events, index)
}

fn text<'a>(entry: &'a ServerEntry, name: &str) -> Option<&'a str> {
    entry.detail.get(name).and_then(Value::as_text)
}
