//! The addresses of a person: several, each with where it came from and how sure it is, and one that is current. They come from
//! the person, the contract, the lender's file or a court, and from nowhere else; nobody goes to one that has to be confirmed
//! first.

use std::collections::HashMap;

use doorstep_domain::address::{AddressConfidence, AddressState, PlaceKind, Provenance, RefusedSource, Verification};
use doorstep_domain::case::Flag;
use doorstep_domain::conflict::ContactField;
use doorstep_domain::id::{AddressId, EventId};
use doorstep_domain::measure::Micros;
use doorstep_domain::place::Point;
use doorstep_domain::step::ADDRESS_CHANGED;
use doorstep_store::WriteTx;
use doorstep_store::address::Address;
use doorstep_store::blind::{blind_address, blind_contact};
use doorstep_store::case::CaseView;
use doorstep_store::contact_edit::ContactEdit;
use doorstep_store::entry::{Entries, Entry, EntryKind, ServerEntry};
use doorstep_store::grant::Purpose;
use doorstep_store::seal::Opened;
use doorstep_wire::Page;
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::read::Opening;
use doorstep_wire::sync::{ContactChange, Payload};
use doorstep_wire::work::{AddAddress, AddressItem, RetireAddress, VerifyAddress};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::actor::Actor;
use crate::called_off::CallOff;
use crate::contact::erased;
use crate::error::AppError;
use crate::facts::{Known, payload_of};
use crate::policy::{self, Action};
use crate::reads::purpose_of;
use crate::restriction;
use crate::{App, day};

/// What is sealed of an address that stands in no file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AddressText {
    /// Its text.
    pub(crate) address: String,
    /// Where it is, in 1e-7 degrees; `None` where nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) point: Option<[i64; 2]>,
}

fn bad(field: &'static str, detail: impl Into<String>) -> AppError {
    AppError::at(ProblemCode::BadRequest, field, detail)
}

/// A code that says where something comes from. What Doorstep takes from nobody is refused by its name.
fn source<T: std::str::FromStr>(field: &'static str, text: &str) -> Result<T, AppError>
where
    T::Err: std::fmt::Display,
{
    if let Some(refused) = RefusedSource::named(text) {
        let detail = format!(
            "`{refused}`: Doorstep takes no address from there, whoever offers it. Addresses come from the person, the contract, \
             the lender's file or a court (docs/addresses.md)."
        );
        return Err(bad(field, detail));
    }
    restriction::code(field, text)
}

/// What the log says of an address.
fn entry(kind: EntryKind, actor: &Actor, view: &CaseView, address: AddressId) -> ServerEntry {
    ServerEntry::new(kind, actor.by())
        .about(view.person_alias)
        .with("case", view.case.alias.to_string())
        .with("address", address.to_string())
}

impl App {
    /// The addresses of a case's person, in the order in which they became known.
    pub async fn list_addresses(
        &self,
        actor: &Actor,
        case: Uuid,
        opening: &Opening,
    ) -> Result<Page<AddressItem>, AppError> {
        let known = self.open_case(actor, case, opening).await?;
        let outside = purpose_of(actor, &known.view, opening)?;
        let addresses = self.store().address_list(actor.tenant, known.view.case.person).await?;
        let texts = self.texts(actor, &known, &addresses, outside).await?;
        let courses = self.courses(actor.tenant, std::slice::from_ref(&known.view)).await?;
        let zone = day::zone(&known.view.address.zone);
        let today = day::local(self.now(), &zone);
        let items = addresses.iter().map(|address| {
            let mut there = known.clone();
            there.view.address = address.clone();
            let stale = courses.address_is_stale(&there, today);
            let since = address.known_since().map(|at| day::local(at, &zone).to_string());
            let confidence = AddressConfidence::of(address.state, address.verified.is_some(), stale);
            AddressItem {
                id: address.id.0,
                text: texts.get(&address.id).cloned(),
                provenance: address.provenance.code().to_owned(),
                kind: address.kind.code().to_owned(),
                state: address.state.code().to_owned(),
                confidence: confidence.code().to_owned(),
                used: address.id == known.view.case.address,
                stale,
                since,
                verified_at: address.verified.map(|(at, _)| at.get()),
                verified_how: address.verified.map(|(_, how)| how.code().to_owned()),
                retired_at: address.retired_at.map(Micros::get),
            }
        });
        Ok(Page {
            items: items.collect(),
            next: None,
        })
    }

    /// The texts of a person's addresses, as far as they are kept: of their own, from the case, or from a correction.
    async fn texts(
        &self,
        actor: &Actor,
        known: &Known,
        addresses: &[Address],
        outside: Option<doorstep_domain::read::OutsidePurpose>,
    ) -> Result<HashMap<AddressId, String>, AppError> {
        let case = &known.view.case;
        let mut found = HashMap::new();
        let edits = known
            .corrections
            .0
            .iter()
            .filter(|edit| edit.field == ContactField::Address);
        let edits: Vec<&ContactEdit> = edits.collect();
        let mut events: Vec<Uuid> = edits.iter().map(|edit| edit.payload.0).collect();
        events.extend(addresses.iter().filter_map(|address| address.text.map(|id| id.0)));
        if !events.is_empty() {
            let mut request = actor.reads(
                Purpose::Case,
                &[doorstep_domain::read::FieldClass::Words],
                vec![(case.person, known.view.person_alias)],
            );
            request.outside = outside;
            let grant = self.store().grant(actor.tenant, request, self.now()).await?;
            for (event, person, bytes) in self.store().payload_get_many(actor.tenant, &events).await? {
                let corrected = payload_of(&grant, person, event, &bytes).and_then(|payload| payload.contact);
                for edit in edits.iter().filter(|edit| edit.payload == event) {
                    if let (Some(address), Some(change)) = (edit.address, &corrected) {
                        found.insert(address, change.value.clone());
                    }
                }
                let own = addresses.iter().find(|address| address.text == Some(event));
                if let (Some(address), Ok(opened)) = (own, grant.open(person, event, &bytes)) {
                    let text: Option<AddressText> = serde_json::from_slice(&opened.payload).ok();
                    found.extend(text.map(|text| (address.id, text.address)));
                }
            }
        }
        // What the file said stands behind the first correction.
        let first = edits.first().and_then(|edit| edit.address_before);
        if let (Some(address), Some(text)) = (first, &known.file_address) {
            found.entry(address).or_insert_with(|| text.clone());
        }
        if let Some(fields) = &known.fields {
            found.insert(case.address, fields.address.clone());
        }
        Ok(found)
    }

    /// Adds an address of a person. It is not used before somebody confirms it.
    pub async fn add_address(
        &self,
        actor: &Actor,
        case: Uuid,
        request: &AddAddress,
    ) -> Result<Page<AddressItem>, AppError> {
        policy::check(actor, Action::EditContact)?;
        let provenance: Provenance = source("provenance", &request.provenance)?;
        let kind = request
            .kind
            .as_deref()
            .map_or(Ok(PlaceKind::Home), |text| restriction::code("kind", text))?;
        let text = ContactField::Address.value(&request.text);
        let text = text.ok_or_else(|| bad("text", "An address has 1 to 500 bytes on one line."))?;
        let point = request.point.map(|[lat, lon]| Point::new(lat, lon)).transpose();
        let point = point.map_err(|_| bad("point", "Latitude and longitude in 1e-7 degrees, WGS-84."))?;
        let view = self.case_in_scope(actor, case).await?;
        let person = view.case.person;
        let key = self.store().keys().blind_key(actor.tenant.0).await?;
        let keys = self.store().sealing_keys(actor.tenant, &[person.0]).await?;
        let now = self.now();
        let id = AddressId(doorstep_store::fresh_id(now));
        let sealed_id = EventId(doorstep_store::fresh_id(now));
        let plain = AddressText {
            address: text.clone(),
            point: point.map(|point| [point.lat_e7(), point.lon_e7()]),
        };
        let plain = serde_json::to_vec(&plain).map_err(|_| AppError::Fault("addresses serialise"))?;
        let mut address = Address {
            id,
            state: AddressState::Unverified,
            provenance,
            kind,
            place_digest: Some(blind_address(&key, person, &text)),
            text: Some(sealed_id),
            verified: None,
            retired_at: None,
            ..view.address.clone()
        };
        if let Some(point) = point {
            let place = self.whereabouts().of(point);
            (address.zone, address.country, address.region) = (place.zone, place.country, place.region);
            address.cell = point.cell();
        }
        let mut tx = self.store().write(actor.tenant, now).await?;
        if !tx.person_kept(person).await? {
            return Err(erased());
        }
        let there = tx.address_find(&[blind_address(&key, person, &text)]).await?;
        if there.iter().any(|one| one.cell == address.cell) {
            let detail = "The person has this address already; confirm it with `address verify`.";
            return Err(AppError::refuse(ProblemCode::Changed, detail));
        }
        let (sealed, commitment) = keys.get(person.0)?.seal(sealed_id.0, &plain);
        tx.payload_insert(vec![(sealed_id.0, person.0, sealed)]).await?;
        tx.address_insert(std::slice::from_ref(&address)).await?;
        let entry = entry(EntryKind::AddressAdded, actor, &view, id).with("provenance", provenance.code());
        tx.commit(Entries::one(entry.payload(sealed_id, commitment))).await?;
        self.list_addresses(actor, case, &Opening::default()).await
    }

    /// Confirms an address: it becomes the person's one current address, and the case stands on it.
    pub async fn verify_address(
        &self,
        actor: &Actor,
        (case, id): (Uuid, Uuid),
        request: &VerifyAddress,
    ) -> Result<Page<AddressItem>, AppError> {
        policy::check(actor, Action::EditContact)?;
        let how: Verification = source("how", &request.how)?;
        if how == Verification::Visit {
            let detail = "That somebody was met there is what devices of crews report; say how else it was confirmed.";
            return Err(bad("how", detail));
        }
        let view = self.case_in_scope(actor, case).await?;
        let known = self.know_whole(actor, view, Purpose::Case, None).await?;
        let address = self.address_of(actor, &known, id).await?;
        let texts = self.texts(actor, &known, std::slice::from_ref(&address), None).await?;
        let text = texts.get(&address.id).cloned();
        let now = self.now();
        let (case_id, person) = (known.view.case.id, known.view.case.person);
        let key = self.store().keys().blind_key(actor.tenant.0).await?;
        let keys = self.store().sealing_keys(actor.tenant, &[person.0]).await?;
        let mut tx = self.store().write(actor.tenant, now).await?;
        if !tx.person_kept(person).await? {
            return Err(erased());
        }
        tx.ahead_lock(&[person.0], &[]).await?;
        tx.address_verify(&address, how).await?;
        let mut entries: Vec<Entry> = Vec::new();
        if address.id != known.view.case.address {
            let Some(text) = text else {
                let detail = "The text of this address is kept no more; add it again.";
                return Err(AppError::refuse(ProblemCode::Changed, detail));
            };
            let edit = moved_to(&mut tx, actor, (&known, &address), &key, &text).await?;
            let plain = edited(&text, edit.base)?;
            let (sealed, commitment) = keys.get(person.0)?.seal(edit.id.0, &plain);
            tx.payload_insert(vec![(edit.id.0, person.0, sealed)]).await?;
            let changed = ServerEntry::new(EntryKind::ContactChanged, actor.by()).about(known.view.person_alias);
            let changed = changed
                .payload(edit.id, commitment)
                .with("case", known.view.case.alias.to_string())
                .with("field", ContactField::Address.code())
                .with("version", edit.version)
                .with("base", edit.base);
            entries.push(changed.into());
            entries.extend(withdraw_there(&mut tx, actor, &known.view).await?);
        }
        // What said that the address is doubtful is answered.
        tx.case_unrestrict(&[case_id.0], Flag::AddressUnverified.bit()).await?;
        tx.case_touch(case_id).await?;
        tx.entries_add(entries).await?;
        let entry = entry(EntryKind::AddressVerified, actor, &known.view, address.id).with("how", how.code());
        tx.commit(Entries::one(entry)).await?;
        self.wake_devices();
        self.list_addresses(actor, case, &Opening::default()).await
    }

    /// Takes an address out of use. Visits ahead to it are withdrawn.
    pub async fn retire_address(
        &self,
        actor: &Actor,
        (case, id): (Uuid, Uuid),
        request: &RetireAddress,
    ) -> Result<Page<AddressItem>, AppError> {
        policy::check(actor, Action::EditContact)?;
        let state: AddressState = restriction::code("state", &request.state)?;
        if state.usable() {
            return Err(bad("state", "Say `moved` or `wrong`."));
        }
        let view = self.case_in_scope(actor, case).await?;
        let known = self.know_whole(actor, view, Purpose::Case, None).await?;
        let address = self.address_of(actor, &known, id).await?;
        let now = self.now();
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.ahead_lock(&[known.view.case.person.0], &[]).await?;
        tx.address_retire(address.id, state).await?;
        tx.case_touch(known.view.case.id).await?;
        let withdrawn = restriction::withdraw(self, &mut tx, &known.view, actor.by()).await?;
        tx.entries_add(withdrawn.entries).await?;
        let entry = entry(EntryKind::AddressRetired, actor, &known.view, address.id).reason(state.code());
        tx.commit(Entries::one(entry)).await?;
        self.wake_devices();
        self.list_addresses(actor, case, &Opening::default()).await
    }

    async fn address_of(&self, actor: &Actor, known: &Known, id: Uuid) -> Result<Address, AppError> {
        if known.fields.is_none() {
            return Err(erased());
        }
        let all = self.store().address_list(actor.tenant, known.view.case.person).await?;
        let found = all.into_iter().find(|address| address.id.0 == id);
        found.ok_or(AppError::not_found("address of this person"))
    }
}

impl Known {
    /// Puts the case where its confirmed address is, where somebody said where that is.
    pub(crate) fn stands_at(&mut self, opened: impl Fn(EventId) -> Option<Opened>) {
        let own = self.view.address.text.and_then(opened);
        let text: Option<AddressText> = own.and_then(|opened| serde_json::from_slice(&opened.payload).ok());
        if let (Some(fields), Some([lat, lon])) = (&mut self.fields, text.and_then(|text| text.point)) {
            (fields.lat_e7, fields.lon_e7) = (lat, lon);
            self.point_unconfirmed = false;
        }
    }
}

/// A corrected address as it is sealed.
fn edited(text: &str, base: i64) -> Result<Vec<u8>, AppError> {
    let payload = Payload {
        contact: Some(ContactChange {
            field: ContactField::Address.code().to_owned(),
            value: text.to_owned(),
            base,
        }),
        ..Payload::default()
    };
    serde_json::to_vec(&payload).map_err(|_| AppError::Fault("payloads serialise"))
}

/// Stands the case on a confirmed address: a change of the contact field like any other, so that devices and conflicts know it.
async fn moved_to(
    tx: &mut WriteTx,
    actor: &Actor,
    (known, address): (&Known, &Address),
    key: &doorstep_store::seal::BlindKey,
    text: &str,
) -> Result<ContactEdit, AppError> {
    let case = &known.view.case;
    let before = crate::corrections::Corrections(tx.contact_edit_list(&[case.id.0]).await?);
    let id = EventId(doorstep_store::fresh_id(tx.now()));
    let edit = ContactEdit {
        id,
        case: case.id,
        person: case.person,
        field: ContactField::Address,
        version: before.revision() + 1,
        base: before.revision(),
        payload: id,
        staff: actor.staff,
        device: None,
        visit: None,
        address: Some(address.id),
        address_before: Some(case.address),
        digest: Some(blind_contact(key, case.person, ContactField::Address, text)),
        made_at: tx.now(),
        received_at: tx.now(),
    };
    tx.contact_edit_insert(&edit).await?;
    tx.case_contact(case.id, Some(address.id)).await?;
    Ok(edit)
}

/// Withdraws the visits ahead of a case: they were planned to another place.
async fn withdraw_there(tx: &mut WriteTx, actor: &Actor, view: &CaseView) -> Result<Vec<Entry>, AppError> {
    let mut off = CallOff::new(actor.by());
    for visit in tx.visit_planned_of(&[view.case.id.0]).await? {
        off.visit(tx, (&visit, view.person_alias), ADDRESS_CHANGED).await?;
    }
    off.done(tx).await
}
