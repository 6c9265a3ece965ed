//! What the office sees: who is where, plans, cases, visits to review, the log.

use super::list::ListState;
use super::model::{OFFICE_TABS, Place};

/// A question to the server.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum OfficeAsk {
    /// The live view.
    Live,
}

/// An answer of the server.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum OfficeAnswer {
    /// The live view.
    Live,
}

/// What the office sees.
#[derive(Debug, Clone, Default)]
pub(crate) struct OfficeModel {
    /// `supervisor`, `administrator` or `auditor`.
    pub(crate) role: String,
}

impl OfficeModel {
    /// The screens of the role.
    pub(crate) fn tabs(&self) -> &'static [Place] {
        if self.role == "auditor" {
            &OFFICE_TABS[4..]
        } else {
            &OFFICE_TABS
        }
    }

    /// The list of a screen with its length.
    pub(crate) fn list_mut(&mut self, _place: Place) -> Option<(&mut ListState, usize)> {
        None
    }
}
