//! Blind indexes: keyed hashes of normalised values, for exact look-up of what is sealed; and how they are made again.
//!
//! Import and restore must agree on every byte of a normalised value, so the normal forms stand here and nowhere else.

use std::collections::HashSet;

use doorstep_domain::conflict::ContactField;
use doorstep_domain::id::{PersonId, PortfolioId};
use serde::Deserialize;
use uuid::Uuid;

use crate::db::{Tx, Value, args};
use crate::error::StoreError;
use crate::keys::KeyStore;
use crate::seal::BlindKey;

/// A case by its number within its portfolio.
pub const BLIND_CASE: &str = "case";
/// The case number of an erased person: the next file does not bring the person back.
pub const BLIND_ERASED: &str = "erased";
/// A person by phone number.
pub const BLIND_PHONE: &str = "phone";
/// What somebody gave for a contact field of a person, to tell whether two say the same.
const BLIND_CONTACT: &str = "contact";
/// A person by phone number and name: the same person in the next file.
pub const BLIND_PERSON: &str = "person";

/// An address by its person and text. It stands beside the address and not among the other indexes, because it must
/// outlive the sealed fields of a case that moved on.
const BLIND_ADDRESS: &str = "address";

/// A number that a contact went to. It stands beside the contact.
const BLIND_NUMBER: &str = "number";

/// The last digits of a number that tell it from others of one person.
const NUMBER_DIGITS: usize = 8;
/// Digits below which a phone number is no key to find anybody by.
const PHONE_DIGITS_MIN: usize = 5;
/// Payloads that are opened at once.
const PAGE_MAX: i64 = 1_000;

/// Digits of a phone number, so that the same number is found however it is written.
#[must_use]
pub fn phone_normal(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}

/// The blind index of a case number within its portfolio. Outer white space and case do not count.
#[must_use]
pub fn blind_case(blind_key: &BlindKey, portfolio: PortfolioId, case_no: &str) -> Uuid {
    blind_key.blind(BLIND_CASE, &format!("{portfolio}\0{}", case_no.trim().to_uppercase()))
}

/// The blind index of a phone number; `None` where it has too few digits to name anybody.
#[must_use]
pub fn blind_phone(blind_key: &BlindKey, phone: &str) -> Option<Uuid> {
    let phone = phone_normal(phone);
    (phone.len() >= PHONE_DIGITS_MIN).then(|| blind_key.blind(BLIND_PHONE, &phone))
}

/// The blind index of a person: the same phone and name are the same person. `None` without a phone, because then
/// nobody is taken for somebody else.
#[must_use]
pub fn blind_person(blind_key: &BlindKey, phone: &str, name: &str) -> Option<Uuid> {
    let phone = phone_normal(phone);
    let name = name.trim().to_lowercase();
    (phone.len() >= PHONE_DIGITS_MIN).then(|| blind_key.blind(BLIND_PERSON, &format!("{phone}\0{name}")))
}

/// The digest of an address of a person. Only letters and digits count, so that other spaces, commas or capitals are not
/// another address.
#[must_use]
pub fn blind_address(blind_key: &BlindKey, person: PersonId, text: &str) -> Uuid {
    let letters: String = text
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    blind_key.blind(BLIND_ADDRESS, &format!("{person}\0{letters}"))
}

/// The digest of a value of a contact field of a person: of a phone its digits count, of an address its letters and digits.
#[must_use]
pub fn blind_contact(blind_key: &BlindKey, person: PersonId, field: ContactField, value: &str) -> Uuid {
    let plain = || value.trim().to_lowercase();
    let normal = match field {
        ContactField::Phone => Some(phone_normal(value)).filter(|digits| digits.len() >= PHONE_DIGITS_MIN),
        ContactField::Address => return blind_address(blind_key, person, value),
        ContactField::Language => None,
    };
    let normal = normal.unwrap_or_else(plain);
    blind_key.blind(BLIND_CONTACT, &format!("{person}\0{field}\0{normal}"))
}

/// The digest of a phone number that was called or written to, bound to the person. The last digits decide, so that a number
/// with and without its prefix is one: counting two numbers as one lets nobody be called more often. `None` where there are
/// too few digits to tell numbers apart.
#[must_use]
pub fn blind_number(blind_key: &BlindKey, person: PersonId, number: &str) -> Option<Uuid> {
    let digits = phone_normal(number);
    let last = &digits[digits.len().saturating_sub(NUMBER_DIGITS)..];
    (digits.len() >= PHONE_DIGITS_MIN).then(|| blind_key.blind(BLIND_NUMBER, &format!("{person}\0{last}")))
}

/// What making the indexes again came to.
#[derive(Debug, Default)]
pub(crate) struct Rebuilt {
    pub(crate) indexes: u64,
    pub(crate) cases_without_number: u64,
}

/// The part of a case's sealed fields that indexes are made of. Payloads of other shapes are none of these.
#[derive(Deserialize)]
struct Indexed {
    name: String,
    phone: String,
    #[serde(default)]
    case_no: String,
    columns: Vec<(String, String)>,
}

impl Indexed {
    fn number(&self) -> Option<&str> {
        let column = || {
            self.columns
                .iter()
                .find(|(name, _)| name == "case_no")
                .map(|(_, number)| number.as_str())
        };
        Some(self.case_no.as_str())
            .filter(|number| !number.is_empty())
            .or_else(column)
    }
}

/// The phone number that somebody gave at the door or in the office.
fn corrected_phone(payload: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Corrected {
        contact: Given,
    }
    #[derive(Deserialize)]
    struct Given {
        field: String,
        value: String,
    }
    let Corrected { contact } = serde_json::from_slice(payload).ok()?;
    (contact.field == ContactField::Phone.code()).then_some(contact.value)
}

/// Makes the blind indexes of a tenant again from what its keys still open. Payloads come in the order of their time: a
/// person is known by the first name and phone, and found by every phone since.
pub(crate) async fn rebuild(tx: &mut Tx, keys: &KeyStore, tenant: Uuid) -> Result<Rebuilt, StoreError> {
    let blind_key = keys.blind_key(tenant).await?;
    let mut done = Rebuilt::default();
    let mut persons = HashSet::new();
    let mut after = Uuid::nil();
    loop {
        let page = tx
            .fetch(
                "SELECT y.event_id, y.subject_id, y.sealed, c.case_id, c.portfolio_id FROM payload y \
                 JOIN person p ON p.tenant_id = y.tenant_id AND p.person_id = y.subject_id \
                 LEFT JOIN cases c ON c.tenant_id = y.tenant_id AND c.person_id = y.subject_id \
                 AND c.payload_id = y.event_id \
                 WHERE y.tenant_id = $1 AND y.event_id > $2 AND p.erased_at IS NULL ORDER BY y.event_id LIMIT $3",
                args![tenant, after, PAGE_MAX],
            )
            .await?;
        let subjects: Vec<Uuid> = page
            .iter()
            .map(|row| row.id(1))
            .collect::<Result<HashSet<_>, _>>()?
            .into_iter()
            .collect();
        let opened = keys.subjects_get(tenant, &subjects).await?;
        let mut rows: Vec<Vec<Value>> = Vec::new();
        for row in &page {
            after = row.id(0)?;
            let person = row.id(1)?;
            let Ok(key) = opened.get(person) else { continue };
            let payload = key.open(after, &row.blob(2)?)?.payload;
            let Ok(fields) = serde_json::from_slice::<Indexed>(&payload) else {
                if let Some(digest) = corrected_phone(&payload).and_then(|phone| blind_phone(&blind_key, &phone)) {
                    rows.push(args![tenant, BLIND_PHONE, digest, person]);
                }
                continue;
            };
            if let (Some(case), Some(portfolio)) = (row.opt_id(3)?, row.opt_id(4)?) {
                match fields.number() {
                    Some(number) => {
                        let digest = blind_case(&blind_key, PortfolioId(portfolio), number);
                        rows.push(args![tenant, BLIND_CASE, digest, case]);
                    }
                    None => done.cases_without_number += 1,
                }
            }
            if let Some(digest) = blind_phone(&blind_key, &fields.phone) {
                rows.push(args![tenant, BLIND_PHONE, digest, person]);
            }
            if persons.insert(person)
                && let Some(digest) = blind_person(&blind_key, &fields.phone, &fields.name)
            {
                rows.push(args![tenant, BLIND_PERSON, digest, person]);
            }
        }
        let head = "INSERT INTO blind (tenant_id, kind, digest, owner_id)";
        done.indexes += tx.insert_many(head, "ON CONFLICT DO NOTHING", rows).await?;
        if (page.len() as i64) < PAGE_MAX {
            return Ok(done);
        }
    }
}
