//! Which address a row means: one that the person has already, with all that is known of it, or a new one.
//!
//! What a crew found at a door holds until somebody finds otherwise there. A file that names the address again, under any
//! number and in whatever letters, names the same address; it never becomes an unknown one by that.

use std::collections::HashMap;

use doorstep_domain::id::AddressId;
use doorstep_domain::place::cells_touch;
use doorstep_store::WriteTx;
use doorstep_store::address::Address;
use doorstep_store::blind::blind_address;
use doorstep_store::case::CaseView;
use doorstep_store::seal::Key;
use uuid::Uuid;

use super::Landing;
use super::people::{Candidate, People};
use crate::error::AppError;

/// The addresses that the persons of a slice have, and those that its rows add.
#[derive(Default)]
pub(super) struct Places {
    /// By person and text; the same text may stand for places in two towns.
    known: HashMap<Uuid, Vec<Address>>,
    pub(super) new: Vec<Address>,
}

/// Whether a place in the file is where a known address with the same text is. Coordinates of one door differ from file
/// to file, so that near is the same; across a border of zones or regions other rules hold, so that it is not.
fn same_place(known: &Address, named: &Address) -> bool {
    cells_touch(known.cell, named.cell)
        && (&known.zone, &known.country, &known.region) == (&named.zone, &named.country, &named.region)
}

impl Places {
    fn add(&mut self, address: Address) {
        if let Some(digest) = address.place_digest {
            self.known.entry(digest).or_default().push(address);
        }
    }

    /// The address that a row names, where `named` is what it would be if nothing were known of it.
    pub(super) fn of(&mut self, existing: Option<&CaseView>, named: Address) -> AddressId {
        let known = named.place_digest.and_then(|digest| self.known.get(&digest));
        let mut same: Vec<&Address> = known.into_iter().flatten().collect();
        // Of an address from before there were digests the text is not known: what is near counts as the same.
        let old = existing.map(|view| &view.address);
        same.extend(old.filter(|old| old.place_digest.is_none()));
        same.retain(|address| same_place(address, &named));
        // Where two rows mean one place, that which stops visits holds.
        let found = same.iter().min_by_key(|address| address.state.usable());
        if let Some(address) = found {
            return address.id;
        }
        let id = named.id;
        self.new.push(named.clone());
        self.add(named);
        id
    }
}

impl Landing<'_> {
    /// Finds the addresses that the rows of a slice name and their persons have already.
    pub(super) async fn places(
        &self,
        tx: &mut WriteTx,
        tenant_key: &Key,
        candidates: &[Candidate],
        people: &People,
    ) -> Result<Places, AppError> {
        let mut places = Places::default();
        if self.input.options.dry_run {
            return Ok(places);
        }
        let digests: Vec<Uuid> = candidates
            .iter()
            .enumerate()
            .filter_map(|(index, candidate)| {
                let person = candidate.person(index, people)?;
                let text = &candidate.outcome.row.as_ref()?.personal.address;
                Some(blind_address(tenant_key, person, text))
            })
            .collect();
        for address in tx.address_find(&digests).await? {
            places.add(address);
        }
        Ok(places)
    }
}
