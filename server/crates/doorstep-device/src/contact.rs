//! Correcting what is known of a person: phone, address, language. The server says what counts; this device shows what
//! was said here until then.

use doorstep_domain::conflict::ContactField;
use doorstep_domain::event::EventKind;
use doorstep_log::hash::Hash;
use doorstep_wire::sync::{ContactChange, Payload};
use uuid::Uuid;

use crate::begun::aliases;
use crate::device::Device;
use crate::door::door_show;
use crate::error::DeviceError;
use crate::event::Draft;
use crate::vault::caseload;

impl Device {
    /// Records corrections of contact fields, each field once and each as an event of its own; returns their ids. Also
    /// neighbours tell addresses, so nobody need be recognised for it. A visit whose turn at its door has not come
    /// answers as one that is not on this device.
    pub async fn contact_change(
        &self,
        visit: Uuid,
        changes: &[(ContactField, String)],
    ) -> Result<Vec<Uuid>, DeviceError> {
        let changes = checked(changes)?;
        self.enforce_lease().await?;
        let mut tx = self.db.begin().await?;
        let mut door = self.door_to_open(&mut tx, visit).await?;
        let key = caseload(&mut tx, &self.key).await?;
        let key = key.ok_or(DeviceError::NoSuchVisit { visit })?;
        let permit = self.permit_for(&mut tx, door.visit_alias).await?;
        let about = aliases(&door, permit.and_then(|permit| Hash::from_hex(&permit.rules)));
        let mut events = Vec::new();
        for (field, value) in changes {
            let change = ContactChange {
                field: field.code().to_owned(),
                value: value.clone(),
                base: door.fields.seen(),
            };
            let payload = Payload {
                contact: Some(change),
                ..Payload::default()
            };
            let draft = Draft::new(EventKind::ContactChanged).about(&about).payload(payload);
            events.push(self.record(&mut tx, draft).await?);
            match field {
                ContactField::Phone => door.phone = value,
                ContactField::Address => door.address = value,
                ContactField::Language => door.language = value,
            }
        }
        door_show(&mut tx, &key, &door).await?;
        tx.commit().await?;
        Ok(events)
    }
}

/// The changes as they are kept; each field at most once.
fn checked(changes: &[(ContactField, String)]) -> Result<Vec<(ContactField, String)>, DeviceError> {
    let wrong = |field, remedy| DeviceError::Input { field, remedy };
    if changes.is_empty() {
        return Err(wrong("changes", "name a phone, an address or a language"));
    }
    let mut kept: Vec<(ContactField, String)> = Vec::new();
    for (field, value) in changes {
        let remedy = match field {
            ContactField::Phone => "one line of at most 500 bytes",
            ContactField::Address => "one line of at most 500 bytes, and not empty",
            ContactField::Language => "a language tag, like pt or zh-Hans",
        };
        let value = field.value(value).ok_or_else(|| wrong(field.code(), remedy))?;
        if kept.iter().any(|(other, _)| other == field) {
            return Err(wrong(field.code(), "give it once"));
        }
        kept.push((*field, value));
    }
    Ok(kept)
}
