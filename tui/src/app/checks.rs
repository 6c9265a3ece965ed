//! What was found about the own visits of whoever carries the device. Never kept: it is asked for when it is looked at. Pure.

use doorstep_domain::quality::CheckState;
use doorstep_wire::quality::QualityItem;
use uuid::Uuid;

use super::list::ListState;

/// The list as it is shown.
#[derive(Debug, Clone, Default)]
pub(crate) struct Checks {
    /// The checks; nothing before the server answered.
    pub(crate) items: Option<Vec<QualityItem>>,
    /// The chosen one.
    pub(crate) list: ListState,
    /// The one that is open in full.
    pub(crate) opened: Option<Uuid>,
    /// Words of an appeal that waits to be confirmed.
    pub(crate) words: String,
}

impl Checks {
    /// The chosen one.
    pub(crate) fn chosen(&self) -> Option<&QualityItem> {
        self.items.as_ref()?.get(self.list.chosen)
    }
}

/// Whether it may be appealed against: once, while nobody has decided.
pub(crate) fn is_open_to_appeal(item: &QualityItem) -> bool {
    item.state == CheckState::Scored.code()
}
