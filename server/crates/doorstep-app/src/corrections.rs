//! What somebody corrected of a case's contact fields, over what the lender's file said.
//!
//! A later file does not take a correction back, just as it lifts no restriction; only an address that the file newly
//! names stands above one that was corrected before.

use doorstep_domain::conflict::ContactField;
use doorstep_domain::id::AddressId;
use doorstep_domain::person::PersonalFields;
use doorstep_store::case::Case;
use doorstep_store::contact_edit::ContactEdit;
use doorstep_wire::sync::{ContactVersions, FieldVersion};

/// The corrections of one case, in the order of their versions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Corrections(pub(crate) Vec<ContactEdit>);

impl Corrections {
    /// The value of a field that counts; `None` where it is the file's.
    pub(crate) fn current(&self, field: ContactField) -> Option<&ContactEdit> {
        self.0.iter().rfind(|edit| edit.field == field)
    }

    /// The newest version of any field.
    pub(crate) fn revision(&self) -> i64 {
        self.0.last().map_or(0, |edit| edit.version)
    }

    /// The value of a field that stands over what the file says of a case.
    pub(crate) fn over(&self, field: ContactField, case: &Case) -> Option<&ContactEdit> {
        let edit = self.current(field)?;
        // A file has named another address since.
        let elsewhere = field == ContactField::Address && edit.address != Some(case.address);
        (!elsewhere).then_some(edit)
    }

    /// Whether an address is one that the case stood on before its text was corrected, or after: what counts visits counts
    /// them together, so that a corrected letter does not open a door anew.
    pub(crate) fn same_address(&self, address: AddressId) -> bool {
        let one = Some(address);
        self.0
            .iter()
            .any(|edit| edit.address == one || edit.address_before == one)
    }

    /// The versions, as devices and office get them.
    pub(crate) fn versions(&self, point_unconfirmed: bool) -> ContactVersions {
        let of = |field| FieldVersion {
            version: self.current(field).map_or(0, |edit| edit.version),
        };
        ContactVersions {
            phone: of(ContactField::Phone),
            address: of(ContactField::Address),
            language: of(ContactField::Language),
            point_unconfirmed,
        }
    }
}

/// Puts a corrected value in the place of the file's.
pub(crate) fn put(fields: &mut PersonalFields, field: ContactField, value: String) {
    match field {
        ContactField::Phone => fields.phone = value,
        ContactField::Address => fields.address = value,
        ContactField::Language => fields.language = value,
    }
}
