//! Numbers, names and hashes of a finding by themselves, so that a report in any language can show them.

use serde::Serialize;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Detail {
    /// What it is.
    pub name: DetailName,
    /// As text: a number, a name, a hash, or a code.
    pub value: String,
}

/// What a detail is; names do not change between versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DetailName {
    /// What exactly does not hold, as a code.
    Cause,
    /// Why somebody did something, as a code.
    Reason,
    /// A line of a file, from 1.
    Line,
    /// Name of a log.
    Origin,
    /// A tenant.
    Tenant,
    /// Leaves of a tree.
    Size,
    /// Leaves that were read.
    Read,
    /// Leaves that were lost.
    Lost,
    /// Root of a tree.
    Root,
    /// Another leaf, from 0.
    OtherLeaf,
    /// A device.
    Device,
    /// A key of a device.
    Key,
    /// Number of a device's event.
    Event,
    /// Number of the last of several events.
    ToEvent,
    /// Number of the last event that is known.
    LastEvent,
    /// Identity of a payload.
    Payload,
    /// A witness.
    Witness,
    /// How many witnesses cosigned.
    Cosigned,
    /// Milliseconds since 1970 UTC.
    TimeMs,
}

impl DetailName {
    /// Every name, in the order of declaration.
    pub const ALL: &'static [Self] = &[
        Self::Cause,
        Self::Reason,
        Self::Line,
        Self::Origin,
        Self::Tenant,
        Self::Size,
        Self::Read,
        Self::Lost,
        Self::Root,
        Self::OtherLeaf,
        Self::Device,
        Self::Key,
        Self::Event,
        Self::ToEvent,
        Self::LastEvent,
        Self::Payload,
        Self::Witness,
        Self::Cosigned,
        Self::TimeMs,
    ];
}

impl Detail {
    #[allow(
        clippy::needless_pass_by_value,
        reason = "numbers, names and hashes are given as they are"
    )]
    pub(crate) fn new(name: DetailName, value: impl ToString) -> Self {
        let value = value.to_string();
        Self { name, value }
    }
}
