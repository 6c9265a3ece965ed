//! Notes of the office: free text that may name people, so it is sealed under the key of whoever wrote it, among the
//! payloads, and the log holds a commitment to it.

use std::collections::HashMap;

use doorstep_domain::id::{EventId, PersonId, StaffId};
use doorstep_log::hash::Hash;
use doorstep_store::grant::ReadGrant;
use doorstep_store::keys::SealingKeys;
use doorstep_store::{StoreError, WriteTx};
use doorstep_wire::problem::ProblemCode;
use uuid::Uuid;

use crate::error::AppError;

/// The most characters of a note.
const NOTE_MAX: usize = 2_000;

/// A note without the space around it; refused where nothing or too much is left.
pub(crate) fn checked(field: &str, text: &str) -> Result<String, AppError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > NOTE_MAX {
        let detail = format!("Say in `{field}` what was found or done, in at most {NOTE_MAX} characters.");
        return Err(AppError::at(ProblemCode::BadRequest, field, detail));
    }
    Ok(text.to_owned())
}

/// Keeps a note, and returns its record and the commitment for the entry.
pub(crate) async fn keep(
    tx: &mut WriteTx,
    writer: StaffId,
    text: &str,
    keys: &SealingKeys,
) -> Result<(EventId, Hash), AppError> {
    keep_for(tx, writer.0, text, keys).await
}

/// As [`keep`], for words about a visited person: under that person's key, so that erasing the person takes them away.
pub(crate) async fn keep_for(
    tx: &mut WriteTx,
    subject: Uuid,
    text: &str,
    keys: &SealingKeys,
) -> Result<(EventId, Hash), AppError> {
    let id = doorstep_store::fresh_id(tx.now());
    let (sealed, commitment) = keys.get(subject)?.seal(id, text.as_bytes());
    tx.payload_insert(vec![(id, subject, sealed)]).await?;
    Ok((EventId(id), commitment))
}

/// Opens notes within a grant for their writers; those whose key is gone are left out.
pub(crate) fn open(
    grant: &ReadGrant,
    notes: &[(EventId, PersonId, Vec<u8>)],
) -> Result<HashMap<EventId, String>, AppError> {
    let mut found = HashMap::new();
    for (note, writer, sealed) in notes {
        match grant.open(*writer, *note, sealed) {
            Ok(opened) => {
                let text = String::from_utf8(opened.payload).map_err(|_| AppError::Fault("notes are UTF-8"))?;
                found.insert(*note, text);
            }
            Err(StoreError::Erased) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(found)
}
