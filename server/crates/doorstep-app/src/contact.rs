//! Correcting contact fields of a person, at the door and in the office: per field the last in the log counts, and where
//! two did not know of each other both are kept for a person to settle.

use doorstep_domain::address::{AddressState, Provenance};
use doorstep_domain::conflict::{ConflictState, ContactField};
use doorstep_domain::contact::MatterOutcome;
use doorstep_domain::event::EventKind;
use doorstep_domain::id::{AddressId, ConflictId, DeviceId, EventId, PersonId, StaffId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_store::WriteTx;
use doorstep_store::address::Address;
use doorstep_store::blind::{BLIND_PHONE, blind_address, blind_contact, blind_phone};
use doorstep_store::case::CaseView;
use doorstep_store::conflict::Conflict;
use doorstep_store::contact_edit::ContactEdit;
use doorstep_store::entry::{By, Entries, Entry, EntryKind, ServerEntry};
use doorstep_store::grant::Purpose;
use doorstep_store::seal::BlindKey;
use doorstep_wire::person::{ContactItem, EditContact};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::sync::{ContactChange, Payload};
use uuid::Uuid;

use crate::App;
use crate::actor::Actor;
use crate::corrections::{Corrections, put};
use crate::error::AppError;
use crate::facts::Known;
use crate::policy::{self, Action};
use crate::push::Signed;

/// A value that somebody gave for a contact field.
pub(crate) struct Given {
    pub(crate) id: EventId,
    pub(crate) field: ContactField,
    pub(crate) value: String,
    /// The highest version that whoever gave it had seen.
    pub(crate) base: i64,
    pub(crate) staff: StaffId,
    pub(crate) device: Option<DeviceId>,
    pub(crate) visit: Option<VisitId>,
    pub(crate) made_at: Micros,
}

/// What became of it.
#[derive(Default)]
pub(crate) struct Taken {
    pub(crate) version: i64,
    /// Another field was changed meanwhile.
    pub(crate) parallel: bool,
    /// Somebody else gave another value for the same field meanwhile.
    pub(crate) conflict: Option<ConflictId>,
    pub(crate) entries: Vec<Entry>,
}

impl Signed {
    /// Whether it may change more than its visit: contact fields, or what the person has a right to.
    pub(crate) fn of_case(&self) -> bool {
        let payload = &self.payload;
        let matter = payload.matter.as_deref().and_then(|code| code.parse().ok());
        let protects = |matter: MatterOutcome| {
            matter.restriction().is_some() || matter.settles() || matter == MatterOutcome::Complaint
        };
        payload.contact.is_some()
            || payload.settle.is_some()
            || matter.is_some_and(protects)
            || self.header.kind == EventKind::DoNotContact.code()
    }
}

/// Makes a value the current one of its field, as the last in the log. `together` are changes of the same request.
pub(crate) async fn take(
    tx: &mut WriteTx,
    key: &BlindKey,
    view: &CaseView,
    given: &Given,
    (by, together): (By, &[EventId]),
) -> Result<Taken, AppError> {
    let (case, person) = (view.case.id, view.case.person);
    let before = Corrections(tx.contact_edit_list(&[case.0]).await?);
    let digest = blind_contact(key, person, given.field, &given.value);
    // What came from the same device before was known to it, whatever it had pulled.
    let own =
        |edit: &&ContactEdit| given.device.is_some() && edit.device == given.device || together.contains(&edit.id);
    let unseen = before.0.iter().filter(|edit| edit.version > given.base && !own(edit));
    let rival = unseen.clone().rfind(|edit| edit.field == given.field);
    let rival = rival.filter(|edit| edit.digest != Some(digest));
    let address = match given.field {
        ContactField::Address => Some(address(tx, key, view, &given.value).await?),
        _ => None,
    };
    let edit = ContactEdit {
        id: given.id,
        case,
        person,
        field: given.field,
        version: before.revision() + 1,
        base: given.base.clamp(0, before.revision()),
        payload: given.id,
        staff: given.staff,
        device: given.device,
        visit: given.visit,
        address,
        address_before: address.map(|_| view.case.address),
        digest: Some(digest),
        made_at: given.made_at,
        received_at: tx.now(),
    };
    tx.contact_edit_insert(&edit).await?;
    tx.case_contact(case, address).await?;
    if let Some(digest) = (given.field == ContactField::Phone)
        .then(|| blind_phone(key, &given.value))
        .flatten()
    {
        tx.blind_insert(&[(BLIND_PHONE, digest, person.0)]).await?;
    }
    let mut taken = Taken {
        version: edit.version,
        parallel: unseen.clone().any(|other| other.field != given.field),
        ..Taken::default()
    };
    if let Some(rival) = rival {
        let (id, entry) = contradict(tx, view, rival, &edit, by).await?;
        taken.conflict = Some(id);
        taken.entries.push(entry);
    }
    Ok(taken)
}

/// Keeps both sides, for a person to settle.
async fn contradict(
    tx: &mut WriteTx,
    view: &CaseView,
    left: &ContactEdit,
    right: &ContactEdit,
    by: By,
) -> Result<(ConflictId, Entry), AppError> {
    let now = tx.now();
    let id = ConflictId(doorstep_store::fresh_id(now));
    tx.conflict_insert(&Conflict {
        id,
        case: view.case.id,
        visit: right.visit.or(left.visit),
        field: right.field.code().to_owned(),
        left: left.id,
        right: right.id,
        state: ConflictState::Open,
        found_at: now,
        settled: None,
    })
    .await?;
    let entry = ServerEntry::new(EntryKind::ConflictFound, by).about(view.person_alias);
    let entry = entry
        .with("case", view.case.alias.to_string())
        .with("conflict", id.to_string())
        .with("field", right.field.code())
        .with("left", left.id.to_string())
        .with("right", right.id.to_string());
    Ok((id, entry.into()))
}

/// The address with this text: one that the person has already there, with all that is known of it, or a new one that
/// nobody has confirmed. The point stays where the file put it until somebody says otherwise.
async fn address(tx: &mut WriteTx, key: &BlindKey, view: &CaseView, text: &str) -> Result<AddressId, AppError> {
    let old = &view.address;
    let digest = blind_address(key, view.case.person, text);
    let found = tx.address_find(&[digest]).await?;
    // Where two rows mean one place, that which stops visits holds.
    let known = found
        .iter()
        .filter(|one| one.cell == old.cell && one.zone == old.zone)
        .min_by_key(|one| one.state.usable());
    if let Some(known) = known {
        return Ok(known.id);
    }
    let id = AddressId(doorstep_store::fresh_id(tx.now()));
    tx.address_insert(&[Address {
        id,
        state: AddressState::Unverified,
        provenance: Provenance::Person,
        place_digest: Some(digest),
        text: None,
        verified: None,
        retired_at: None,
        ..old.clone()
    }])
    .await?;
    Ok(id)
}

/// A change as the office sent it, checked.
fn checked(change: &ContactChange, index: usize) -> Result<(ContactField, String), AppError> {
    let place = |part: &str| format!("changes[{index}].{part}");
    let field: ContactField = change
        .field
        .parse()
        .map_err(|error: doorstep_domain::code::UnknownCode| {
            AppError::at(ProblemCode::BadRequest, place("field"), error.to_string())
        })?;
    let value = field.value(&change.value).ok_or_else(|| {
        let detail =
            "A phone or address has at most 500 bytes on one line, a language is a tag like `pt` or `zh-Hans`.";
        AppError::at(ProblemCode::BadRequest, place("value"), detail)
    })?;
    Ok((field, value))
}

/// The changes of a request, checked; each field once.
fn all_checked(changes: &[ContactChange]) -> Result<Vec<(ContactField, String, i64)>, AppError> {
    let mut found: Vec<(ContactField, String, i64)> = Vec::new();
    for (index, change) in changes.iter().enumerate() {
        let (field, value) = checked(change, index)?;
        if found.iter().any(|(other, _, _)| *other == field) {
            let place = format!("changes[{index}]");
            return Err(AppError::at(ProblemCode::BadRequest, place, "Name each field once."));
        }
        found.push((field, value, change.base));
    }
    if found.is_empty() {
        let detail = "Name at least one field.";
        return Err(AppError::at(ProblemCode::BadRequest, "changes", detail));
    }
    Ok(found)
}

/// A change as it is sealed.
fn plain(field: ContactField, value: &str, base: i64) -> Result<Vec<u8>, AppError> {
    let payload = Payload {
        contact: Some(ContactChange {
            field: field.code().to_owned(),
            value: value.to_owned(),
            base,
        }),
        ..Payload::default()
    };
    serde_json::to_vec(&payload).map_err(|_| AppError::Fault("payloads serialise"))
}

impl App {
    /// Corrects contact fields of a person as one case knows them. Nothing is refused for being old: what came last in the
    /// log counts, and what it contradicts is kept beside it.
    pub async fn edit_contact(&self, actor: &Actor, person: Uuid, edit: &EditContact) -> Result<ContactItem, AppError> {
        policy::check(actor, Action::EditContact)?;
        let known = self.known_of(actor, edit.case, PersonId(person)).await?;
        let case = known.view.case.id;
        let changes = all_checked(&edit.changes)?;
        let key = self.store().keys().blind_key(actor.tenant.0).await?;
        let keys = self.store().sealing_keys(actor.tenant, &[person]).await?;
        let now = self.now();
        let mut tx = self.store().write(actor.tenant, now).await?;
        if !tx.person_kept(PersonId(person)).await? {
            // Erased since it was looked at: nothing of them comes back.
            return Err(erased());
        }
        tx.case_lock(&[case.0]).await?;
        let mut entries = Vec::new();
        let mut together = Vec::new();
        let (mut parallel, mut conflicts) = (false, Vec::new());
        for (field, value, base) in changes {
            let view = tx
                .case_read(&[case.0])
                .await?
                .pop()
                .ok_or_else(|| AppError::not_found("case"))?;
            let id = EventId(doorstep_store::fresh_id(now));
            let (sealed, commitment) = keys.get(person)?.seal(id.0, &plain(field, &value, base)?);
            tx.payload_insert(vec![(id.0, person, sealed)]).await?;
            let given = Given {
                id,
                field,
                value,
                base,
                staff: actor.staff,
                device: None,
                visit: None,
                made_at: now,
            };
            let taken = take(&mut tx, &key, &view, &given, (actor.by(), &together)).await?;
            together.push(id);
            let entry = ServerEntry::new(EntryKind::ContactChanged, actor.by())
                .about(view.person_alias)
                .payload(id, commitment)
                .with("case", view.case.alias.to_string())
                .with("field", field.code())
                .with("version", taken.version)
                .with("base", base)
                .with("parallel", i64::from(taken.parallel));
            entries.push(entry.into());
            entries.extend(taken.entries);
            parallel |= taken.parallel;
            conflicts.extend(taken.conflict.map(|id| id.0));
        }
        let entries = Entries::of(entries).ok_or(AppError::Fault("every change has its entry"))?;
        tx.commit(entries).await?;
        self.wake_devices();
        let known = self.known_of(actor, edit.case, PersonId(person)).await?;
        item(&known, parallel, conflicts)
    }

    /// The case in the caller's scope, if it is this person's and the person was not erased.
    async fn known_of(&self, actor: &Actor, case: Uuid, person: PersonId) -> Result<Known, AppError> {
        let view = self.case_in_scope(actor, case).await?;
        if view.case.person != person {
            return Err(AppError::not_found("case of this person"));
        }
        let known = self.know_whole(actor, view, Purpose::Case, None).await?;
        if known.fields.is_none() {
            return Err(erased());
        }
        Ok(known)
    }
}

pub(crate) fn erased() -> AppError {
    let detail = "The person was erased; nothing of them is kept any more.";
    AppError::refuse(ProblemCode::Erased, detail)
}

fn item(known: &Known, parallel: bool, conflicts: Vec<Uuid>) -> Result<ContactItem, AppError> {
    let fields = known.fields.clone();
    let fields = fields.ok_or(AppError::Fault("the person was there a moment ago"))?;
    Ok(ContactItem {
        person: known.view.case.person.0,
        case: known.view.case.id.0,
        phone: fields.phone,
        address: fields.address,
        language: fields.language,
        fields: known.versions(),
        parallel,
        conflicts,
    })
}

impl Known {
    /// Puts the corrected values over what the file said. `opened` gives what was sealed by its id.
    pub(crate) fn correct(&mut self, opened: impl Fn(EventId) -> Option<Payload>) {
        let Some(fields) = &mut self.fields else { return };
        let file = letters(&fields.address);
        self.file_address = Some(fields.address.clone());
        for field in ContactField::ALL {
            let edit = self.corrections.over(*field, &self.view.case);
            let change = edit.and_then(|edit| opened(edit.payload)?.contact);
            if let Some(change) = change {
                put(fields, *field, change.value);
            }
        }
        self.point_unconfirmed = letters(&fields.address) != file;
    }
}

/// What counts of an address when two texts are compared.
fn letters(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
