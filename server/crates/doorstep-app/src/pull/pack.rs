//! The rule packs that a device gets with its permit: what the server has beside those in every program, as text. The permit
//! names the digest of all of them, so they need no signature of their own.

use doorstep_log::hash::sha256;
use doorstep_rules::PackSet;
use uuid::Uuid;

use super::Thing;

pub(super) const NOUN_PACK: &str = "pack";

/// One thing for each such pack.
pub(super) fn things(packs: &PackSet) -> impl Iterator<Item = Thing> {
    packs.further().iter().map(|one| Thing {
        noun: NOUN_PACK,
        id: id_of(one.id()),
        digest: sha256(one.text.as_bytes()).0.to_vec(),
        body: one.text.clone(),
    })
}

/// The beginning of the hash of its name: a new version takes the place of the one before.
fn id_of(name: &str) -> Uuid {
    let mut id = [0; 16];
    id.copy_from_slice(&sha256(name.as_bytes()).0[..16]);
    Uuid::from_bytes(id)
}
