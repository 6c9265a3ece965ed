//! Receipts: what visited persons get, and what anybody who holds one can fetch and check. The office that they name.
//!
//! Who asks with a reference is not known and shows no more than the reference; so it is a long random secret, guessing is
//! throttled, and every look is an entry. Nothing but what stands on the receipt goes out.

use doorstep_domain::id::{AgencyId, Alias, PersonId, StaffId, TenantId};
use doorstep_domain::measure::Micros;
use doorstep_domain::read::{FieldClass, Purpose, ReadChannel};
use doorstep_domain::receipt::ReceiptRef;
use doorstep_log::canonical::Value;
use doorstep_log::cosignature::Cosigner;
use doorstep_log::export::Opening;
use doorstep_log::leaf::{DEVICE_ENROLLED, Header, Leaf, SUBJECT_ERASED};
use doorstep_log::note::VerifierKey;
use doorstep_log::proof::Proof;
use doorstep_log::receipt::{Proven, RECEIPT_GIVEN, Receipt, Said};
use doorstep_store::entry::{By, Entries, EntryKind, LogName, ServerEntry};
use doorstep_store::event::StoredEvent;
use doorstep_store::generation::LogGeneration;
use doorstep_store::grant::{GrantRequest, Reader};
use doorstep_store::receipt::{DISORDER_MS, Office};
use doorstep_store::witness::CosignedHead;
use doorstep_store::{StoreError, WriteTx};
use doorstep_wire::Page;
use doorstep_wire::org::{OfficeItem, SetComplaints};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::sync::PermitOffice;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::log::LogAltered;
use crate::policy::{self, Action};
use crate::push::Signed;

/// Requests for receipts from one address in [`ASKED_WINDOW`]; 128 bits are not guessed with that.
const ASKED_MAX: i64 = 60;
const ASKED_WINDOW: Micros = Micros::from_seconds(900);
/// Longest text that says where to complain, in characters.
const COMPLAINTS_MAX: usize = 200;

/// A receipt as its holder gets it.
#[derive(Debug, Clone)]
pub struct GivenReceipt {
    /// The `doorstep.receipt/v1` or `v2` file.
    pub file: Vec<u8>,
    /// What it proves.
    pub proven: Proven,
    /// The key of the log, which the holder should have from elsewhere.
    pub key: VerifierKey,
}

/// How long after the visit its receipt opens a page: as long as the code of a notice does.
pub(crate) const PAGE_LASTS: Micros = Micros::from_seconds(30 * 86_400);

/// What a reference is found by. The database alone leads nobody to a receipt.
pub(crate) fn ref_hash(reference: &ReceiptRef) -> Vec<u8> {
    Sha256::new()
        .chain_update(b"doorstep/receipt/v1")
        .chain_update(reference.bytes())
        .finalize()
        .to_vec()
}

/// Keeps the way to a receipt that a device gave out. Only where its payload is a receipt and nothing beside: whoever holds
/// the reference gets the whole payload.
pub(crate) async fn keep(tx: &mut WriteTx, event: &Signed) -> Result<(), AppError> {
    let is_receipt = event.header.kind == RECEIPT_GIVEN;
    let payload = event.content.as_ref().filter(|_| is_receipt);
    let said = payload.and_then(|(_, bytes)| Said::of_payload(bytes));
    let reference = said.and_then(|said| said.reference.parse().ok());
    match reference {
        Some(reference) => Ok(tx.receipt_insert(event.id, &ref_hash(&reference)).await?),
        None => Ok(()),
    }
}

fn unknown() -> AppError {
    AppError::refuse(
        ProblemCode::NotFound,
        "No receipt with this reference has arrived. Read it again from the paper; the device may also not have sent it \
         yet: try again tomorrow, then complain where the receipt says.",
    )
}

impl App {
    /// The receipt with this reference, for whoever holds it. One that does not hold is not handed out.
    pub async fn receipt(&self, given: &str, client: &str) -> Result<GivenReceipt, AppError> {
        let counted = Sha256::digest(["receipt", client].join("\0")).to_vec();
        let asked = self.store().throttle_count(&counted, self.now(), ASKED_WINDOW).await?;
        if asked > ASKED_MAX {
            let detail = "Too many receipts were asked for from your network. Wait 15 minutes.";
            return Err(AppError::refuse(ProblemCode::TooMany, detail));
        }
        let reference: ReceiptRef = given.parse().map_err(|_| unknown())?;
        let found = self.store().receipt_find(&ref_hash(&reference)).await?;
        let (tenant, id) = found.ok_or_else(unknown)?;
        let event = self
            .store()
            .event_get_many(tenant, &[id.0])
            .await?
            .pop()
            .ok_or_else(unknown)?;
        let header = Header::decode(&event.hdr).map_err(|_| AppError::Fault("headers that were taken can be read"))?;
        let proofs = Proofs::new(self, tenant).await?;
        let not_yet = || {
            let detail = "The receipt has arrived and is not under a signed checkpoint yet. Try again in a minute.";
            AppError::refuse(ProblemCode::Busy, detail)
        };
        // Without that, whoever asks for one that waits would have every leaf looked through.
        if !proofs.reach(event.received_at).await? {
            return Err(not_yet());
        }
        let own = |leaf: &Leaf| matches!(leaf, Leaf::Device(one) if one.hdr == event.hdr);
        let given = proofs.of(event.received_at, own).await?.ok_or_else(not_yet)?;
        let (opening, erased) = self.opening(&proofs, &event, &header).await?;
        let device = proofs.of_device(&event).await?;
        let key = proofs.key;
        let receipt = Receipt {
            witnesses: who_cosigned(proofs.witnesses, &[Some(&given), Some(&device), erased.as_ref()]),
            event: given,
            device,
            erased,
            opening,
            keys: vec![key.clone()],
        };
        let proven = receipt.verify(Some(&receipt.keys)).map_err(|error| {
            tracing::error!(%error, "a receipt does not hold");
            AppError::from(LogAltered {
                origin: key.name().to_owned(),
                index: Some(receipt.event.index),
            })
        })?;
        let file = receipt
            .encode()
            .map_err(|_| AppError::Fault("receipts of our own encode"))?;
        Ok(GivenReceipt { file, proven, key })
    }

    /// What the receipt says, after an entry that somebody asked; or the proof that its person was erased.
    async fn opening(
        &self,
        proofs: &Proofs<'_>,
        event: &StoredEvent,
        header: &Header,
    ) -> Result<(Option<Opening>, Option<Proof>), AppError> {
        let alias = header.subj.first().and_then(|alias| alias.parse().ok()).map(Alias);
        let Some(alias) = alias else { return Ok((None, None)) };
        let sealed = self.store().payload_get_many(proofs.tenant, &[event.id.0]).await?.pop();
        let Some((_, subject, sealed)) = sealed else {
            return Ok((None, proofs.of_erasure(alias).await?));
        };
        let request = GrantRequest {
            // Nobody of the staff: whoever holds the receipt.
            reader: Reader {
                staff: StaffId(Uuid::nil()),
                by: By::PROGRAM,
                role: None,
                channel: ReadChannel::Receipt,
            },
            purpose: Purpose::Receipt,
            classes: &[FieldClass::Words],
            outside: None,
            persons: vec![(subject, alias)],
            plan: None,
        };
        let grant = self.store().grant(proofs.tenant, request, self.now()).await?;
        match grant.open(subject, event.id, &sealed) {
            Ok(opened) => {
                let opening = Opening {
                    eid: event.id.to_string(),
                    salt: opened.salt,
                    payload: opened.payload,
                };
                Ok((Some(opening), None))
            }
            Err(StoreError::Erased) => Ok((None, proofs.of_erasure(alias).await?)),
            Err(error) => Err(error.into()),
        }
    }

    /// Who sends crews, and where visited persons can complain.
    pub async fn list_offices(&self, actor: &Actor) -> Result<Page<OfficeItem>, AppError> {
        policy::check(actor, Action::SeeStaff)?;
        let offices = self.store().office_list(actor.tenant).await?.into_iter();
        let items = offices
            .filter(|office| policy::reaches(actor, office.agency))
            .map(|office| OfficeItem {
                agency: office.agency.map(|agency| agency.0),
                name: office.name,
                complaints: office.complaints,
            })
            .collect();
        Ok(Page { items, next: None })
    }

    /// Says where visited persons can complain. Receipts given out from the next pull on say it.
    pub async fn set_complaints(&self, actor: &Actor, request: &SetComplaints) -> Result<(), AppError> {
        policy::check(actor, Action::ManageOrg)?;
        let text = request.complaints.trim();
        if text.is_empty() || text.chars().count() > COMPLAINTS_MAX || text.chars().any(char::is_control) {
            let detail =
                format!("A phone number, an address or both, in 1 to {COMPLAINTS_MAX} characters on one line.");
            return Err(AppError::at(ProblemCode::BadRequest, "complaints", detail));
        }
        let agency = request.agency.map(AgencyId);
        let known = self.store().office_list(actor.tenant).await?;
        if !known.iter().any(|office| office.agency == agency) {
            let detail = "There is no such agency. `doorstep agency list` shows all.";
            return Err(AppError::refuse(ProblemCode::NotFound, detail));
        }
        let mut tx = self.store().write(actor.tenant, self.now()).await?;
        tx.office_complaints(agency, text).await?;
        let entry = ServerEntry::new(EntryKind::OrgChanged, actor.by()).with("complaints", 1);
        let entry = match agency {
            Some(agency) => entry.with("agency", agency.to_string()),
            None => entry,
        };
        Ok(tx.commit(Entries::one(entry)).await?)
    }

    /// The office that a member of staff comes for, as permits name it.
    pub(crate) async fn permit_office(&self, actor: &Actor) -> Result<Option<PermitOffice>, AppError> {
        let offices = self.store().office_list(actor.tenant).await?;
        let own = |office: &Office| office.agency == actor.agency;
        let creditor = offices.iter().find(|office| office.agency.is_none());
        let authority = creditor.map_or_else(String::new, |office| office.name.clone());
        Ok(offices.into_iter().find(own).map(|office| PermitOffice {
            name: office.name,
            complaints: office.complaints,
            authority,
            url: self.0.parts.public_url.clone(),
        }))
    }
}

/// The witnesses that cosigned the checkpoint of one of these proofs.
fn who_cosigned(mut witnesses: Vec<Cosigner>, proofs: &[Option<&Proof>]) -> Vec<Cosigner> {
    let cosigned = |by: &Cosigner, proof: &Proof| matches!(by.find(&proof.checkpoint), Ok(Some(_)));
    witnesses.retain(|by| proofs.iter().flatten().any(|proof| cosigned(by, proof)));
    witnesses
}

/// Proofs that lead to the newest checkpoint of a leaf's generation, each with its leaf; to the newest that a quorum of
/// witnesses cosigned, where that one has the leaf.
struct Proofs<'a> {
    app: &'a App,
    tenant: TenantId,
    key: VerifierKey,
    generations: Vec<LogGeneration>,
    witnesses: Vec<Cosigner>,
    cosigned: CosignedHead,
}

impl<'a> Proofs<'a> {
    async fn new(app: &'a App, tenant: TenantId) -> Result<Self, AppError> {
        let policy = app.witness_policy().map(|policy| policy.policy.witnesses());
        let store = app.store();
        Ok(Self {
            app,
            tenant,
            key: store.log_verifier(tenant, LogName::Events).await?,
            generations: store.log_generations(tenant, LogName::Events).await?,
            witnesses: policy
                .into_iter()
                .flatten()
                .map(|witness| witness.key.clone())
                .collect(),
            cosigned: store.log_cosigned(tenant, LogName::Events).await?,
        })
    }

    /// The head of a generation that the proof of a leaf leads to.
    fn head<'b>(&'b self, of: &'b LogGeneration, index: u64) -> (u64, &'b str) {
        let is_of = self.cosigned.note.split('\n').next() == Some(of.origin.as_str());
        if is_of && self.cosigned.size > index && !self.witnesses.is_empty() {
            (self.cosigned.size, &self.cosigned.note)
        } else {
            (of.size, &of.note)
        }
    }

    /// Whether what was received at `at` may be signed already: the newest signed leaf is not much older.
    async fn reach(&self, at: Micros) -> Result<bool, AppError> {
        let signed = self.generations.iter().rev().find(|found| found.size > 0);
        let Some(newest) = signed else { return Ok(false) };
        let leaf = self.app.store().generation_leaves(newest, (newest.size - 1, 1)).await?;
        let made_ms = leaf
            .first()
            .and_then(|leaf| Leaf::decode(leaf).ok())
            .map(|leaf| leaf.made_ms());
        // One that cannot be read says nothing; then it is looked for.
        Ok(made_ms.is_none_or(|made| made + DISORDER_MS >= at.millis()))
    }

    /// Of the leaf that was made at about `at`; `None` where none stands under a checkpoint.
    async fn of(&self, at: Micros, wanted: impl Fn(&Leaf) -> bool) -> Result<Option<Proof>, AppError> {
        let store = self.app.store();
        let found = store.log_find(&self.generations, at, wanted).await?;
        let Some((generation, index, _)) = found else {
            return Ok(None);
        };
        let head = self.head(generation, index);
        let (leaf, proof) = store.generation_proof_under(generation, head, index).await?;
        let whole = Proof {
            extra: Some(leaf),
            ..proof
        };
        let pared = Receipt::pared(whole, &self.key, &self.witnesses);
        let pared = pared.map_err(|_| AppError::Fault("checkpoints of our own can be read"))?;
        Ok(Some(pared))
    }

    async fn of_device(&self, event: &StoredEvent) -> Result<Proof, AppError> {
        let device = self.app.store().device_get(self.tenant, event.device).await?;
        let (dev, kid) = (Value::from(device.id.to_string()), Value::from(device.kid));
        let enrolled = |leaf: &Leaf| {
            matches!(leaf, Leaf::Server(entry) if entry.t == DEVICE_ENROLLED
                && entry.detail.get("dev") == Some(&dev) && entry.detail.get("kid") == Some(&kid))
        };
        let proof = self.of(device.enrolled_at, enrolled).await?;
        proof.ok_or(AppError::Fault("a device is enrolled before its events"))
    }

    async fn of_erasure(&self, alias: Alias) -> Result<Option<Proof>, AppError> {
        let person: Option<(PersonId, _)> = self.app.store().person_by_alias(self.tenant, alias).await?;
        let Some((_, Some(erased_at))) = person else {
            return Ok(None);
        };
        let alias = alias.to_string();
        let erased = |leaf: &Leaf| matches!(leaf, Leaf::Server(entry) if entry.t == SUBJECT_ERASED && entry.subj.contains(&alias));
        self.of(erased_at, erased).await
    }
}
