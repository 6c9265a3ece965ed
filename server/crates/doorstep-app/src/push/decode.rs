//! Reading the events of a push: bytes, signatures, headers, payloads. Knows nothing of what is stored.

use doorstep_domain::id::{Alias, EventId};
use doorstep_log::chain::verify_header;
use doorstep_log::device_key::DeviceKey;
use doorstep_log::hash::{Hash, base64url_decode, sha256};
use doorstep_log::leaf::{Header, commitment};
use doorstep_store::device::Device;
use doorstep_store::spent::{Part, Spent};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::sync::{Payload, PushEvent};

use super::plain;
use crate::device;
use crate::error::AppError;

/// The longest header that is taken: written as text it still fits a leaf, alone and as a side of a fork.
const HEADER_BYTES_MAX: usize = 11 * 1024;

/// An event that was decoded and whose signature holds.
pub(crate) struct Signed {
    pub(crate) id: EventId,
    pub(crate) header: Header,
    pub(crate) hdr: Vec<u8>,
    pub(crate) hash: Hash,
    pub(super) sig: Vec<u8>,
    pub(super) kid: String,
    /// Salt and payload as they came; empty where they did not come.
    pub(crate) content: Option<([u8; 32], Vec<u8>)>,
    /// The payload as data; empty where there is none or it cannot be read.
    pub(crate) payload: Payload,
    /// Why the content is kept apart.
    pub(super) quarantine: Option<&'static str>,
    /// Why the log may not show the header.
    pub(super) withheld: Option<&'static str>,
}

impl Signed {
    /// Whether its content did not come or cannot be read.
    pub(crate) fn is_unreadable(&self) -> bool {
        self.quarantine.is_some()
    }

    /// Keeps the header out of the log. What it calls itself counts no more; the same bytes get the same id again.
    pub(super) fn withhold(&mut self, code: &'static str) {
        let [id @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = self.hash.0;
        self.id = EventId(uuid::Builder::from_custom_bytes(id).into_uuid());
        self.withheld = Some(code);
    }

    /// The visit that the header names.
    pub(crate) fn visit(&self) -> Option<Alias> {
        self.header.visit.as_deref()?.parse().ok().map(Alias)
    }
}

fn bad(index: usize, detail: &str) -> AppError {
    AppError::at(ProblemCode::BadRequest, format!("events[{index}]"), detail)
}

/// Header and signature as bytes.
struct Raw {
    hdr: Vec<u8>,
    sig: Vec<u8>,
}

fn raw(index: usize, event: &PushEvent, device: &Device) -> Result<Raw, AppError> {
    let hdr = base64url_decode(&event.hdr).ok_or_else(|| bad(index, "`hdr` must be base64url without padding."))?;
    let sig = base64url_decode(&event.sig).ok_or_else(|| bad(index, "`sig` must be base64url without padding."))?;
    if event.alg != device.alg.name() || event.kid != device.kid {
        let detail = format!(
            "Events are signed with the key that the device enrolled: {}, {}.",
            device.kid,
            device.alg.name()
        );
        return Err(bad(index, &detail));
    }
    if hdr.len() > HEADER_BYTES_MAX {
        let detail = format!("A header has at most {HEADER_BYTES_MAX} bytes; what is longer belongs into the payload.");
        return Err(bad(index, &detail));
    }
    Ok(Raw { hdr, sig })
}

/// One signature at a time: a batch of them can hold though one of its members alone does not, and then the log would have
/// an event that no stranger can verify.
fn verified(index: usize, raw: Raw, key: &DeviceKey) -> Result<Raw, AppError> {
    if verify_header(key, &raw.hdr, &raw.sig).is_ok() {
        return Ok(raw);
    }
    let detail = "The signature does not fit the header. Nothing of this push was taken.";
    Err(AppError::at(
        ProblemCode::BadSignature,
        format!("events[{index}]"),
        detail,
    ))
}

fn decode(index: usize, Raw { hdr, sig }: Raw, event: &PushEvent, device: &Device) -> Result<Signed, AppError> {
    let header = Header::decode(&hdr).map_err(|error| bad(index, &format!("The header cannot be read: {error}.")))?;
    if header.dev != device.id.to_string() {
        return Err(bad(index, "The header names another device."));
    }
    let (content, payload, quarantine) = content_of(event, &header);
    let hash = sha256(&hdr);
    let is_plain = plain::is_plain(&header);
    let mut signed = Signed {
        id: EventId(header.eid.parse().unwrap_or_default()),
        hash,
        hdr,
        sig,
        kid: event.kid.clone(),
        header,
        content,
        payload,
        quarantine,
        withheld: None,
    };
    if !is_plain {
        signed.withhold("header-text");
    }
    Ok(signed)
}

/// The events of a push in three passes, so that each part is measured once.
pub(super) fn decoded(
    spent: &Spent,
    device: &Device,
    events: &[PushEvent],
) -> Result<Vec<Result<Signed, AppError>>, AppError> {
    let key = device::key_of(device)?;
    let parsing = Spent::now();
    let each = events.iter().enumerate();
    let raws: Vec<_> = each.map(|(index, event)| raw(index, event, device)).collect();
    spent.add(Part::Parse, parsing);
    let verifying = Spent::now();
    let raws: Vec<_> = (0..)
        .zip(raws)
        .map(|(index, raw)| verified(index, raw?, &key))
        .collect();
    spent.add(Part::Verify, verifying);
    let parsing = Spent::now();
    let each = raws.into_iter().zip(events).enumerate();
    let signed = each
        .map(|(index, (raw, event))| decode(index, raw?, event, device))
        .collect();
    spent.add(Part::Parse, parsing);
    Ok(signed)
}

type Content = (Option<([u8; 32], Vec<u8>)>, Payload, Option<&'static str>);

/// The payload, if it is the one that the header commits to. What does not fit is kept apart, the event itself counts.
fn content_of(event: &PushEvent, header: &Header) -> Content {
    let Some(pc) = header.pc else {
        return (None, Payload::default(), None);
    };
    // Kept as it came and without effect: nothing is lost, and what the log commits to has its file.
    let apart = |code| {
        let salt = event.salt.as_deref().and_then(base64url_decode);
        let bytes = event
            .payload
            .as_deref()
            .map(|text| base64url_decode(text).unwrap_or_else(|| text.into()));
        let salt = salt.and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; 32]);
        (Some((salt, bytes.unwrap_or_default())), Payload::default(), Some(code))
    };
    let (Some(salt), Some(payload)) = (&event.salt, &event.payload) else {
        return apart("payload-missing");
    };
    let salt: Option<[u8; 32]> = base64url_decode(salt).and_then(|bytes| bytes.try_into().ok());
    let (Some(salt), Some(bytes)) = (salt, base64url_decode(payload)) else {
        return apart("payload-unreadable");
    };
    if commitment(&salt, &bytes) != pc {
        return apart("payload-differs");
    }
    match serde_json::from_slice(&bytes) {
        Ok(payload) => (Some((salt, bytes)), payload, None),
        Err(_) => (Some((salt, bytes)), Payload::default(), Some("payload-unreadable")),
    }
}
