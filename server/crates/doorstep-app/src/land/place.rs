//! Which address a row means: one that the person has already, with all that is known of it, or a new one.
//!
//! What a crew found at a door holds until somebody finds otherwise there. A file that names the address again, under any
//! number and in whatever letters, names the same address; it never becomes an unknown one by that.

use std::collections::HashMap;

use doorstep_domain::conflict::ContactField;
use doorstep_domain::id::{AddressId, CaseId};
use doorstep_domain::place::cells_touch;
use doorstep_store::WriteTx;
use doorstep_store::address::Address;
use doorstep_store::blind::blind_address;
use doorstep_store::case::CaseView;
use doorstep_store::seal::BlindKey;
use uuid::Uuid;

use super::Landing;
use super::people::{Candidate, People};
use crate::corrections::Corrections;
use crate::error::AppError;

/// The addresses that the persons of a slice have, and those that its rows add.
#[derive(Default)]
pub(super) struct Places {
    /// By person and text; the same text may stand for places in two towns.
    known: HashMap<Uuid, Vec<Address>>,
    pub(super) new: Vec<Address>,
    /// What was corrected of the cases that the file names.
    corrected: HashMap<CaseId, Corrections>,
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

    /// Where a case stands whose row names an address that it has: on the corrected one, where the row repeats what was
    /// corrected.
    fn standing(&self, view: &CaseView, named: AddressId) -> AddressId {
        let corrected = self.corrected.get(&view.case.id);
        let holds = corrected.is_some_and(|corrected| {
            corrected.over(ContactField::Address, &view.case).is_some() && corrected.same_address(named)
        });
        if holds { view.case.address } else { named }
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
            return existing.map_or(address.id, |view| self.standing(view, address.id));
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
        blind_key: &BlindKey,
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
                Some(blind_address(blind_key, person, text))
            })
            .collect();
        let existing = candidates.iter().filter_map(|candidate| candidate.existing.as_ref());
        let existing: Vec<Uuid> = existing.map(|view| view.case.id.0).collect();
        for edit in tx.contact_edit_list(&existing).await? {
            places.corrected.entry(edit.case).or_default().0.push(edit);
        }
        for address in tx.address_find(&digests).await? {
            places.add(address);
        }
        Ok(places)
    }
}
