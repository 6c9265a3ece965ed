//! Which kinds of leaves may stand where, and leaves that tell of an alarm.

use super::content::Content;
use super::{DetailName, Finding, FindingCode, Report};
use crate::canonical::Value;
use crate::export::LogName;
use crate::leaf::{ACCESS, DEVICE_EVENT, EXPORT, Header, LOG_CHECKPOINT, LOG_CONTINUED, ServerEntry, WITNESS_REFUSED};

/// Events of a device that saw something wrong with what the server signed.
const ALARMS: [&str; 2] = ["log.alarm", "log.inconsistent"];

/// The log of a tenant that holds leaves of this kind; `None`: neither does, anywhere but at the beginning.
fn log_of(kind: &str) -> Option<LogName> {
    match kind {
        ACCESS | EXPORT => Some(LogName::Access),
        LOG_CONTINUED | LOG_CHECKPOINT => None,
        _ => Some(LogName::Events),
    }
}

impl Content {
    /// Whether a leaf of this kind may stand here. One elsewhere is named, and what it says counts for nothing: otherwise an
    /// erasure could be hidden among reads.
    pub(super) fn compare_place(&mut self, (log, index): (LogName, u64), kind: &str, report: &mut Report) -> bool {
        if kind == LOG_CONTINUED {
            let begins = self.generation() > 1 && index == self.continues;
            self.continues += 1;
            if !begins {
                let message = format!(
                    "leaf {index} of {log} says that the log continues another; only a later generation begins so"
                );
                report.add(Finding::error(FindingCode::GenerationBad, message).leaf(log, index));
            }
            // What it says is compared with the generations before.
            return false;
        }
        let is_in_place = log_of(kind) == Some(log);
        if !is_in_place {
            let what = if kind == DEVICE_EVENT {
                "a device event"
            } else {
                "of a kind"
            };
            let message = format!("leaf {index} of {log} is {what} that does not belong into this log");
            report.add(Finding::error(FindingCode::LeafMisplaced, message).leaf(log, index));
        }
        // Reads mean nothing for what else is checked.
        is_in_place && log == LogName::Events
    }
}

/// Tells of an event with which a device says that something signed does not hold.
pub(super) fn warn_of_alarm(index: u64, header: &Header, report: &mut Report) {
    if !ALARMS.contains(&header.kind.as_str()) {
        return;
    }
    let message = format!(
        "leaf {index}: device {} recorded {}: something that the server signed did not hold, or a log was continued",
        header.dev, header.kind
    );
    let finding = Finding::warning(FindingCode::DeviceAlarm, message).leaf(LogName::Events, index);
    let finding = finding.detail(DetailName::Device, &header.dev);
    report.add(finding.detail(DetailName::Reason, &header.kind));
}

/// Tells of an entry that says a witness refused a checkpoint.
pub(super) fn warn_of_refusal(index: u64, entry: &ServerEntry, report: &mut Report) {
    if entry.t != WITNESS_REFUSED {
        return;
    }
    let text = |name: &str| entry.detail.get(name).and_then(Value::as_text).unwrap_or("?");
    let message = format!(
        "leaf {index}: witness {} refused a checkpoint of {}: {}",
        text("witness"),
        text("origin"),
        entry.reason.as_deref().unwrap_or("?")
    );
    let finding = Finding::warning(FindingCode::WitnessRefused, message).leaf(LogName::Events, index);
    let finding = finding.detail(DetailName::Witness, text("witness"));
    report.add(finding.detail(DetailName::Reason, entry.reason.as_deref().unwrap_or("?")));
}
