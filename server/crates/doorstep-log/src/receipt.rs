//! The receipt of a visited person as one file, `doorstep.receipt/v1`, that anybody checks offline.
//!
//! Canonical JSON with two proofs, each with its leaf and a signed checkpoint: of the event with which a device gave
//! the receipt out, and of the leaf that made the device's key known. `opening` shows what the receipt says, `erased`
//! in its place proves that nobody can show it any more. Strict: one encoding, no members beside these.

use std::collections::BTreeMap;

use crate::canonical::{self, Value};
use crate::chain::{ChainError, ChainVerifier, DeviceCertificate};
use crate::cosignature::Cosigner;
use crate::export::Opening;
use crate::hash::Hash;
use crate::leaf::{DeviceEvent, Header, Leaf, SUBJECT_ERASED, commitment};
use crate::note::{VerifierKey, lines_of, split_signed, text_unverified};
use crate::policy::Policy;
use crate::proof::Proof;
use crate::verify::TenantKeys;

/// `format` of a file.
pub const RECEIPT_FORMAT: &str = "doorstep.receipt/v1";
/// `format` of a file with a text that says more than the first version knew, so that an older reader asks for a newer one.
pub const RECEIPT_FORMAT_2: &str = "doorstep.receipt/v2";
/// `type` of the event with which a device gives a receipt out.
pub const RECEIPT_GIVEN: &str = "receipt.given";
/// Longest file, in bytes: proofs, leaves and one payload, with room.
pub const RECEIPT_BYTES_MAX: usize = 256 * 1024;

/// The file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The event, its leaf in `extra`.
    pub event: Proof,
    /// The enrolment of the device that signed it.
    pub device: Proof,
    /// The erasure of the person, where there was one.
    pub erased: Option<Proof>,
    /// What the receipt says; absent where the person was erased.
    pub opening: Option<Opening>,
    /// The keys of the tenant's logs. Whoever checks should have them from elsewhere.
    pub keys: Vec<VerifierKey>,
    /// The keys of the witnesses whose cosignatures stand under the checkpoints; they too should be known from elsewhere.
    pub witnesses: Vec<Cosigner>,
}

/// What a receipt says, as its device signed it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Said {
    /// The reference on the paper.
    pub reference: String,
    /// When the visit began, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Badge numbers of who came.
    pub staff: Vec<String>,
    /// For whom they came.
    pub office: String,
    /// Where to complain.
    pub complaints: String,
    /// By whose authority they came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
    /// What was agreed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreed: Option<Agreed>,
    /// What follows, by code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// What the person agreed to.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Agreed {
    /// How much, with its decimals.
    pub amount: String,
    /// ISO 4217 code.
    pub currency: String,
    /// By when, ISO date.
    pub day: String,
}

/// What a file proves.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Proven {
    /// The log.
    pub origin: String,
    /// Which generation of it, from 1: a later one goes on where an earlier one was closed, and only a whole export shows how.
    pub generation: u32,
    /// The event's place in it, from 0.
    pub index: u64,
    /// Leaves under the checkpoint.
    pub size: u64,
    /// Root that the checkpoint states.
    pub root: Hash,
    /// The device that signed.
    pub device: String,
    /// When the device says that it gave the receipt, milliseconds since 1970 UTC.
    pub wall_ms: i64,
    /// The offset of the zone it happened in, minutes.
    pub tz_min: i64,
    /// When the server received it, milliseconds since 1970 UTC.
    pub recv_ms: i64,
    /// What it says; `None` where the person was erased.
    pub said: Option<Said>,
    /// Whether the key came with the file: then the file vouches for itself alone.
    pub key_from_receipt: bool,
    /// The witnesses that cosigned the checkpoint of the event, under the keys in the file; who they are a policy says.
    pub cosigned: Vec<String>,
}

/// A proof within the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The event.
    Event,
    /// The enrolment of its device.
    Device,
    /// The erasure.
    Erased,
}

impl Part {
    /// Its member in the file.
    pub const fn member(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Device => "device",
            Self::Erased => "erased",
        }
    }
}

/// Why a file proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// It is no receipt, or in another encoding than the one.
    #[error("the file is no doorstep.receipt/v1 or v2, or was changed; fetch it again, or update this program")]
    Form,
    /// A proof does not lead from its leaf to a checkpoint of the log.
    #[error("the proof of `{}` does not hold: leaf, path, checkpoint or key is another; fetch it again", .0.member())]
    Proof(Part),
    /// The file names other keys than those that the reader holds.
    #[error("the keys in the file are not those that the office published; it was changed, or somebody else made it")]
    Keys,
    /// A leaf is of another kind than it must be.
    #[error("the leaf of `{}` is not what it must be; fetch the receipt again", .0.member())]
    Leaf(Part),
    /// The device's key or signature does not hold.
    #[error("the device's signature does not hold")]
    Device(#[from] ChainError),
    /// The text is not the one that the device signed.
    #[error("what the receipt says is not what the device signed; it was edited")]
    Edited,
    /// The proofs stand under different trees of one size.
    #[error("the proofs stand under two trees of {0} leaves: the log was signed as two histories; keep the file")]
    TwoTrees(u64),
    /// Too few witnesses cosigned a checkpoint.
    #[error(
        "a checkpoint in the file lacks the quorum of witnesses ({cosigned} cosigned); ask for an export, and verify that"
    )]
    Quorum {
        /// Those who did.
        cosigned: usize,
    },
    /// Neither text nor erasure.
    #[error("what the receipt says is missing and no erasure explains it; fetch it again")]
    Missing,
}

impl ReceiptError {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Form => "receipt-malformed",
            Self::Proof(_) => "receipt-proof",
            Self::Keys => "receipt-keys",
            Self::Leaf(_) => "receipt-leaf",
            Self::Device(_) => "receipt-device",
            Self::Edited => "receipt-edited",
            Self::TwoTrees(_) => "receipt-two-trees",
            Self::Quorum { .. } => "receipt-quorum",
            Self::Missing => "receipt-missing",
        }
    }
}

impl Receipt {
    /// A proof as the file holds it: under its checkpoint stand the lines of its log and of these witnesses alone.
    pub fn pared(proof: Proof, key: &VerifierKey, witnesses: &[Cosigner]) -> Result<Proof, ReceiptError> {
        let text = text_unverified(&proof.checkpoint).map_err(|_| ReceiptError::Form)?;
        let origin = text.split('\n').next().unwrap_or_default();
        let key = key.renamed(origin).map_err(|_| ReceiptError::Form)?;
        let own = lines_of(&proof.checkpoint, &key).map_err(|_| ReceiptError::Form)?;
        let found = witnesses
            .iter()
            .filter_map(|witness| witness.find(&proof.checkpoint).ok()?);
        let lines: String = found.map(|cosignature| cosignature.line).collect();
        Ok(Proof {
            checkpoint: format!("{text}\n{own}{lines}").into_bytes(),
            ..proof
        })
    }

    /// The version whose text it has.
    fn format(&self) -> &'static str {
        let said = self
            .opening
            .as_ref()
            .and_then(|opening| Said::of_payload(&opening.payload));
        match said {
            Some(said) if said.is_longer() => RECEIPT_FORMAT_2,
            _ => RECEIPT_FORMAT,
        }
    }

    /// The file's bytes.
    pub fn encode(&self) -> Result<Vec<u8>, ReceiptError> {
        let text = |proof: &Proof| {
            String::from_utf8(proof.encode())
                .map(Value::Text)
                .map_err(|_| ReceiptError::Form)
        };
        let keys = self.keys.iter().map(|key| Value::Text(key.to_string())).collect();
        let mut members = BTreeMap::from([
            ("format".to_owned(), Value::from(self.format())),
            ("event".to_owned(), text(&self.event)?),
            ("device".to_owned(), text(&self.device)?),
            ("keys".to_owned(), Value::Array(keys)),
        ]);
        if !self.witnesses.is_empty() {
            let witnesses = self.witnesses.iter().map(|key| Value::Text(key.to_string()));
            members.insert("witnesses".to_owned(), Value::Array(witnesses.collect()));
        }
        if let Some(erased) = &self.erased {
            members.insert("erased".to_owned(), text(erased)?);
        }
        if let Some(opening) = &self.opening {
            let line = opening.encode().map_err(|_| ReceiptError::Form)?;
            members.insert("opening".to_owned(), decoded(&line)?);
        }
        canonical::encode(&Value::Object(members)).map_err(|_| ReceiptError::Form)
    }

    /// Reads a file; what it proves is judged only by [`Receipt::verify`].
    pub fn decode(bytes: &[u8]) -> Result<Self, ReceiptError> {
        if bytes.len() > RECEIPT_BYTES_MAX {
            return Err(ReceiptError::Form);
        }
        let value = decoded(bytes)?;
        let members = value.as_object().ok_or(ReceiptError::Form)?;
        let proof = |name: &str| {
            let text = members.get(name).map(|value| value.as_text().ok_or(ReceiptError::Form));
            let read = |text: &str| Proof::parse(text.as_bytes()).map_err(|_| ReceiptError::Form);
            text.transpose()?.map(read).transpose()
        };
        let opening = |value: &Value| {
            let line = canonical::encode(value).map_err(|_| ReceiptError::Form)?;
            Opening::decode(&line).map_err(|_| ReceiptError::Form)
        };
        let key = |value: &Value| value.as_text().and_then(|line| VerifierKey::parse(line).ok());
        let keys = members
            .get("keys")
            .and_then(Value::as_array)
            .ok_or(ReceiptError::Form)?;
        let witness = |value: &Value| value.as_text().and_then(|line| Cosigner::parse(line).ok());
        let witnesses = match members.get("witnesses") {
            Some(value) => value.as_array().ok_or(ReceiptError::Form)?,
            None => &[],
        };
        let receipt = Self {
            event: proof("event")?.ok_or(ReceiptError::Form)?,
            device: proof("device")?.ok_or(ReceiptError::Form)?,
            erased: proof("erased")?,
            opening: members.get("opening").map(opening).transpose()?,
            keys: keys.iter().map(key).collect::<Option<_>>().ok_or(ReceiptError::Form)?,
            witnesses: witnesses
                .iter()
                .map(witness)
                .collect::<Option<_>>()
                .ok_or(ReceiptError::Form)?,
        };
        // What is opened was not erased; a proof that nobody looks at would be a place to hide in.
        let told_once = receipt.opening.is_none() || receipt.erased.is_none();
        // Any other member, and any other format, would come back different.
        if told_once && receipt.encode()? == bytes {
            Ok(receipt)
        } else {
            Err(ReceiptError::Form)
        }
    }

    /// Checks every step from the text to the signed head of the log. Without `trusted` the file's own keys serve, and
    /// the answer says so.
    pub fn verify(&self, trusted: Option<&[VerifierKey]>) -> Result<Proven, ReceiptError> {
        self.verify_witnessed(trusted, None)
    }

    /// The same for somebody who demands that the policy's witnesses have cosigned every checkpoint in the file.
    pub fn verify_witnessed(
        &self,
        trusted: Option<&[VerifierKey]>,
        policy: Option<&Policy>,
    ) -> Result<Proven, ReceiptError> {
        let claimed = text_unverified(&self.event.checkpoint).unwrap_or_default();
        let claimed = claimed.split('\n').next().unwrap_or_default();
        let (origin, _) = claimed.rsplit_once('/').ok_or(ReceiptError::Proof(Part::Event))?;
        let keys = TenantKeys::new(origin, trusted.unwrap_or(&self.keys));
        let (leaf, checkpoint) = proven(&self.event, Part::Event, &keys)?;
        let of_tenant = |ten: &str| origin.rsplit_once('/').is_some_and(|(_, own)| own == ten);
        let event = match leaf {
            Leaf::Device(event) if of_tenant(&event.ten) => event,
            _ => return Err(ReceiptError::Leaf(Part::Event)),
        };
        self.compare_trees(&keys)?;
        self.compare_lines()?;
        if let Some(policy) = policy {
            self.demand(policy)?;
        }
        let place = (keys.generation(&checkpoint), self.event.index);
        let certificate = self.certificate(&keys, (&event, place))?;
        let mut chain = ChainVerifier::new();
        chain.enrol(certificate)?;
        let header = match chain.accept(&event) {
            // The events before it are in the log, not in the file.
            Ok(header) => header,
            Err(ChainError::Gap { .. }) => event.header().map_err(|_| ReceiptError::Leaf(Part::Event))?,
            Err(cause) => return Err(cause.into()),
        };
        if header.kind != RECEIPT_GIVEN {
            return Err(ReceiptError::Leaf(Part::Event));
        }
        if !keys.knows(&self.keys) {
            return Err(ReceiptError::Keys);
        }
        Ok(Proven {
            said: self.said(&header, &keys, &event.ten)?,
            generation: keys.generation(&checkpoint),
            origin: checkpoint.origin,
            index: self.event.index,
            size: checkpoint.size,
            root: checkpoint.root,
            device: header.dev,
            wall_ms: header.wall_ms,
            tz_min: header.tz_min,
            recv_ms: event.recv_ms,
            key_from_receipt: trusted.is_none(),
            cosigned: self.cosigned(&self.event).map(|by| by.name().to_owned()).collect(),
        })
    }

    /// The certificate of the device, which must have been enrolled before the event.
    fn certificate(
        &self,
        keys: &TenantKeys,
        (event, place): (&DeviceEvent, (u32, u64)),
    ) -> Result<DeviceCertificate, ReceiptError> {
        let (leaf, found) = proven(&self.device, Part::Device, keys)?;
        let certificate = match leaf {
            Leaf::Server(entry) if entry.ten == event.ten => DeviceCertificate::from_entry(&entry),
            _ => None,
        };
        let certificate = certificate.ok_or(ReceiptError::Leaf(Part::Device))??;
        if (keys.generation(&found), self.device.index) < place {
            return Ok(certificate);
        }
        let kid = event.kid.clone();
        Err(ChainError::UnknownKey { kid }.into())
    }

    fn proofs(&self) -> impl Iterator<Item = (Part, &Proof)> {
        let erased = self.erased.iter().map(|erased| (Part::Erased, erased));
        [(Part::Event, &self.event), (Part::Device, &self.device)]
            .into_iter()
            .chain(erased)
    }

    /// Proofs may stand under checkpoints of different sizes, but one log has one tree of each.
    fn compare_trees(&self, keys: &TenantKeys) -> Result<(), ReceiptError> {
        let mut roots = BTreeMap::new();
        for (part, proof) in self.proofs() {
            let (_, found) = proven(proof, part, keys)?;
            let root = *roots.entry((found.origin, found.size)).or_insert(found.root);
            if root != found.root {
                return Err(ReceiptError::TwoTrees(found.size));
            }
        }
        Ok(())
    }

    /// The witnesses in the file whose cosignature under the checkpoint of a proof holds.
    fn cosigned<'a>(&'a self, proof: &'a Proof) -> impl Iterator<Item = &'a Cosigner> {
        let holds = |by: &&Cosigner| matches!(by.find(&proof.checkpoint), Ok(Some(_)));
        self.witnesses.iter().filter(holds)
    }

    /// Nothing lists the bytes of a receipt but what it proves, so a line that nobody checks could be changed unnoticed. Under
    /// its checkpoints stand the log's own line and those of the witnesses in the file, each of which has one somewhere.
    fn compare_lines(&self) -> Result<(), ReceiptError> {
        for (part, proof) in self.proofs() {
            let lines = split_signed(&proof.checkpoint).map_or(0, |(_, lines)| lines.len());
            if lines != self.cosigned(proof).count() + 1 {
                return Err(ReceiptError::Proof(part));
            }
        }
        let all = || self.proofs().flat_map(|(_, proof)| self.cosigned(proof));
        if self.witnesses.iter().all(|witness| all().any(|by| by == witness)) {
            return Ok(());
        }
        Err(ReceiptError::Form)
    }

    fn demand(&self, policy: &Policy) -> Result<(), ReceiptError> {
        for (_, proof) in self.proofs() {
            let judged = policy.judge(&proof.checkpoint);
            if !judged.is_quorum || !judged.bad.is_empty() {
                let cosigned = judged.cosignatures.len();
                return Err(ReceiptError::Quorum { cosigned });
            }
        }
        Ok(())
    }

    fn said(&self, header: &Header, keys: &TenantKeys, tenant: &str) -> Result<Option<Said>, ReceiptError> {
        if let Some(opening) = &self.opening {
            let fits = header.pc == Some(commitment(&opening.salt, &opening.payload)) && header.eid == opening.eid;
            let said = Said::of_payload(&opening.payload).filter(|_| fits);
            return said.map(Some).ok_or(ReceiptError::Edited);
        }
        let erased = self.erased.as_ref().ok_or(ReceiptError::Missing)?;
        match proven(erased, Part::Erased, keys)?.0 {
            Leaf::Server(entry)
                if entry.t == SUBJECT_ERASED
                    && entry.ten == tenant
                    && entry.subj.iter().any(|alias| header.subj.contains(alias)) =>
            {
                Ok(None)
            }
            _ => Err(ReceiptError::Leaf(Part::Erased)),
        }
    }
}

impl Said {
    /// Whether it says more than the first version knew.
    const fn is_longer(&self) -> bool {
        self.authority.is_some() || self.agreed.is_some() || self.next.is_some()
    }

    /// Reads the payload of the event: `{"receipt":{…}}` in canonical JSON with these members and no others; what the first
    /// version did not know may be absent.
    pub fn of_payload(payload: &[u8]) -> Option<Self> {
        let value = canonical::decode(payload).ok()?;
        let [(name, value)] = value.as_object()?.iter().collect::<Vec<_>>()[..] else {
            return None;
        };
        let is_known = |member: &String| MEMBERS.contains(&member.as_str());
        let members = value
            .as_object()
            .filter(|members| name == "receipt" && members.keys().all(is_known))?;
        let text = |name: &str| Some(members.get(name)?.as_text()?.to_owned());
        let staff = members.get("staff")?.as_array()?.iter();
        Some(Self {
            reference: text("ref")?,
            at_ms: members.get("at_ms")?.as_integer()?,
            staff: staff
                .map(|one| one.as_text().map(str::to_owned))
                .collect::<Option<_>>()?,
            office: text("office")?,
            complaints: text("complaints")?,
            authority: optional(members, "authority", |value| Some(value.as_text()?.to_owned()))?,
            agreed: optional(members, "agreed", Agreed::of)?,
            next: optional(members, "next", |value| Some(value.as_text()?.to_owned()))?,
        })
    }
}

/// The members of a text.
const MEMBERS: [&str; 8] = [
    "agreed",
    "at_ms",
    "authority",
    "complaints",
    "next",
    "office",
    "ref",
    "staff",
];

/// A member that may be absent; `None` where it is there and is not what it must be.
fn optional<T>(members: &BTreeMap<String, Value>, name: &str, read: impl Fn(&Value) -> Option<T>) -> Option<Option<T>> {
    match members.get(name) {
        Some(value) => read(value).map(Some),
        None => Some(None),
    }
}

impl Agreed {
    fn of(value: &Value) -> Option<Self> {
        let members = value.as_object().filter(|members| members.len() == 3)?;
        let text = |name: &str| Some(members.get(name)?.as_text()?.to_owned());
        Some(Self {
            amount: text("amount")?,
            currency: text("currency")?,
            day: text("day")?,
        })
    }
}

fn decoded(bytes: &[u8]) -> Result<Value, ReceiptError> {
    canonical::decode(bytes).map_err(|_| ReceiptError::Form)
}

/// The leaf of a proof that leads to a checkpoint of the tenant's events log.
fn proven(proof: &Proof, part: Part, keys: &TenantKeys) -> Result<(Leaf, crate::checkpoint::Checkpoint), ReceiptError> {
    let leaf = proof.extra.as_deref().ok_or(ReceiptError::Form)?;
    let verified = keys.verify_events(proof, leaf).ok_or(ReceiptError::Proof(part))?;
    let leaf = Leaf::decode(leaf).map_err(|_| ReceiptError::Leaf(part))?;
    Ok((leaf, verified))
}

#[cfg(test)]
#[path = "receipt_tests.rs"]
mod tests;
