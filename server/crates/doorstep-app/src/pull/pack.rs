//! The rule packs that a device gets with its permit: what the server has beside those in every program, as text; and what is said
//! at the doors, for clients that have no packs. The permit names the digest of the packs and the hash of the sentences, so
//! they need no signature of their own.

use doorstep_log::hash::{hex, sha256};
use doorstep_rules::PackSet;
use doorstep_wire::sync::{PermitDoor, SentenceItem};
use uuid::Uuid;

use super::Thing;
use crate::error::AppError;

pub(super) const NOUN_PACK: &str = "pack";
pub(super) const NOUN_SENTENCES: &str = "sentences";

/// One thing for each such pack.
pub(super) fn things(packs: &PackSet) -> impl Iterator<Item = Thing> {
    packs.further().iter().map(|one| Thing {
        noun: NOUN_PACK,
        id: id_of(one.id()),
        digest: sha256(one.text.as_bytes()).0.to_vec(),
        body: one.text.clone(),
    })
}

/// The sentences of all packs that the doors name: one thing, and its hash.
pub(super) fn sentences(packs: &PackSet, doors: &[PermitDoor]) -> Result<(Thing, String), AppError> {
    let is_named = |name: &str| doors.iter().any(|door| door.packs.iter().any(|pack| pack == name));
    let named = packs.packs().map(|pack| (pack.reference(), pack));
    let named = named.filter(|(name, _)| is_named(name.as_str()));
    let items = named.flat_map(|(name, pack)| {
        pack.sentences.iter().map(move |sentence| SentenceItem {
            id: sentence.id.to_string(),
            pack: name.to_string(),
            when: sentence.when.code().to_owned(),
            to: sentence.to.code().to_owned(),
            how: sentence.how.code().to_owned(),
            text: sentence.text.clone(),
        })
    });
    let items: Vec<SentenceItem> = items.collect();
    let body = serde_json::to_string(&items).map_err(|_| AppError::Fault("sentences serialise"))?;
    let hash = sha256(body.as_bytes()).0;
    let thing = Thing {
        noun: NOUN_SENTENCES,
        id: id_of(NOUN_SENTENCES),
        digest: hash.to_vec(),
        body,
    };
    Ok((thing, hex(&hash)))
}

/// The beginning of the hash of its name: a new version takes the place of the one before.
fn id_of(name: &str) -> Uuid {
    let mut id = [0; 16];
    id.copy_from_slice(&sha256(name.as_bytes()).0[..16]);
    Uuid::from_bytes(id)
}
