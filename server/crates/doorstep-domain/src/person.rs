//! Someone a case concerns. What identifies a person is sealed under the person's own key wherever it is stored.

use crate::codes;
use serde::{Deserialize, Serialize};

codes!(
    /// What a person is to a case.
    PersonRole, "role of a person" {
        /// Who owes.
        Debtor = "debtor",
        /// Who stands surety.
        Guarantor = "guarantor",
        /// Whom the debtor named; never a target of collection.
        Contact = "contact",
        /// A lawyer or adviser.
        Representative = "representative",
    }
);

/// The personal fields of a case as they are sealed: nothing of this stands in the database in clear.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PersonalFields {
    /// The lender's number of the case.
    #[serde(default)]
    pub case_no: String,
    /// Full name as imported.
    pub name: String,
    /// Phone number as imported; empty where none.
    pub phone: String,
    /// Address text as imported.
    pub address: String,
    /// Language tag of the person (`pt`, `zh`, …); empty where unknown.
    pub language: String,
    /// Latitude in 1e-7 degrees, WGS-84.
    pub lat_e7: i64,
    /// Longitude in 1e-7 degrees, WGS-84.
    pub lon_e7: i64,
    /// The datum the coordinates came in.
    pub datum: String,
    /// The coordinates as they stood in the file, latitude first.
    pub given: [String; 2],
    /// The times that the person stated, as the rules read them; empty for any lawful time.
    #[serde(default)]
    pub available: String,
    /// Every imported column as it came (after control characters were removed), for the export back.
    pub columns: Vec<(String, String)>,
}
