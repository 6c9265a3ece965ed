//! Correcting what is known of a person: phone, address and language.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::sync::{ContactChange, ContactVersions};

/// Corrections of the contact fields of a person, as one case knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EditContact {
    /// The case: another creditor's or agency's case of the same person is not touched.
    pub case: Uuid,
    /// Each field at most once.
    pub changes: Vec<ContactChange>,
}

/// The contact fields of a person as one case knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactItem {
    /// The person.
    pub person: Uuid,
    /// The case.
    pub case: Uuid,
    /// Phone number; empty where there is none.
    pub phone: String,
    /// Text of the address.
    pub address: String,
    /// Language tag; empty where unknown.
    pub language: String,
    /// Their versions.
    pub fields: ContactVersions,
    /// Whether another field was changed meanwhile; both changes hold.
    pub parallel: bool,
    /// Conflicts that the change made.
    pub conflicts: Vec<Uuid>,
}
