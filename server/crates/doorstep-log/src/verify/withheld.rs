//! Events of devices whose headers are kept sealed: each has its place in the chain, and its bytes are a payload.

use super::content::Content;
use super::{Finding, FindingCode, Report};
use crate::chain::{ChainError, WithheldEvent};
use crate::export::{ChainGap, LogName};
use crate::leaf::ServerEntry;

impl Content {
    /// Takes an entry in the place of an event; leaves others alone.
    pub(super) fn take_withheld(&mut self, index: u64, entry: &ServerEntry, report: &mut Report) {
        let Some(event) = WithheldEvent::from_entry(entry) else {
            return;
        };
        let placed = event.and_then(|event| match self.chains.withhold(&event) {
            Err(ChainError::Gap { dev, last, found }) if self.has_gaps() => {
                let (from, to) = (last + 1, found - 1);
                self.gap(ChainGap { dev, from, to });
                Ok(event)
            }
            placed => placed.map(|()| event),
        });
        let (code, message) = match &placed {
            Ok(event) => (
                FindingCode::DeviceWithheld,
                format!(
                    "leaf {index} stands for event {} of device {}, whose signed header is kept sealed ({})",
                    event.dseq,
                    event.dev,
                    entry.reason.as_deref().unwrap_or("no reason given")
                ),
            ),
            Err(cause) => (FindingCode::DeviceChain, format!("leaf {index}: {cause}")),
        };
        let finding = match placed {
            Ok(_) => Finding::warning(code, message),
            Err(_) => Finding::error(code, message),
        };
        report.add(finding.leaf(LogName::Events, index));
    }
}
