//! The signed envelope of a stamp: `TimeStampResp` (RFC 3161, 2.4.2) around `SignedData` (RFC 5652) with one signer.
//!
//! Takes the parts apart and checks their form and versions; believes nothing in them.

use super::StampError;
use super::der::{Element, Reader, encode, only, tag, unsigned};
use super::info::digest_oid;
use super::oid;

/// More certificates than this are not sent with a stamp.
const CERTIFICATES_MAX: usize = 16;
/// More signed attributes than this are not sent with a stamp.
const ATTRIBUTES_MAX: usize = 16;

/// The parts of a token.
#[derive(Debug)]
pub(super) struct Token<'a> {
    /// DER of the `TSTInfo`.
    pub(super) info: &'a [u8],
    /// DER of each certificate that came along.
    pub(super) certificates: Vec<&'a [u8]>,
    pub(super) signer: Signer<'a>,
}

/// Who the signer says it is.
#[derive(Debug)]
pub(super) enum SignerName<'a> {
    /// Contents of the issuer's name, and of the serial number.
    Serial { issuer: &'a [u8], serial: &'a [u8] },
    /// Subject key identifier.
    Key(&'a [u8]),
}

/// `SignerInfo`.
#[derive(Debug)]
pub(super) struct Signer<'a> {
    pub(super) name: SignerName<'a>,
    /// Identifier of the hash algorithm.
    pub(super) digest: &'a [u8],
    /// Content of the signed attributes.
    attributes: &'a [u8],
    /// Content of the signature's `AlgorithmIdentifier`.
    pub(super) algorithm: &'a [u8],
    pub(super) signature: &'a [u8],
}

impl<'a> Token<'a> {
    /// Takes an authority's answer apart; an answer without a stamp says why in its status.
    pub(super) fn of_response(response: &'a [u8]) -> Result<Self, StampError> {
        let (status, token) = response_parts(response).ok_or(StampError::Malformed("answer"))?;
        match (status, token) {
            // Granted, or granted with modifications: what was stamped is compared either way.
            (0 | 1, Some(token)) => Self::parse(token).ok_or(StampError::Malformed("signed data")),
            (0 | 1, None) => Err(StampError::Malformed("answer")),
            (status, _) => Err(StampError::Refused { status }),
        }
    }

    fn parse(token: &'a [u8]) -> Option<Self> {
        let mut outer = Reader::new(only(token, tag::SEQUENCE)?);
        let kind = outer.expect(tag::OID)?;
        let content = outer.expect(tag::constructed(0))?;
        outer.end()?;
        let mut data = Reader::new(only(content, tag::SEQUENCE).filter(|_| kind == oid::SIGNED_DATA)?);
        // Version 3: the content is of another kind than plain data.
        if unsigned(data.expect(tag::INTEGER)?)? != 3 {
            return None;
        }
        let digests = Reader::new(data.expect(tag::SET)?);
        let info = content_info(data.sequence()?)?;
        let certificates = match data.optional(tag::constructed(0)) {
            Some(certificates) => certificates_of(Reader::new(certificates))?,
            None => Vec::new(),
        };
        // Revocation lists are not looked at.
        data.optional(tag::constructed(1));
        let signer = Signer::parse(only(data.expect(tag::SET)?, tag::SEQUENCE)?)?;
        data.end()?;
        declares(digests, signer.digest)?;
        Some(Self {
            info,
            certificates,
            signer,
        })
    }
}

/// Status, and DER of the token.
fn response_parts(response: &[u8]) -> Option<(u64, Option<&[u8]>)> {
    let mut parts = Reader::new(only(response, tag::SEQUENCE)?);
    let status = unsigned(parts.sequence()?.expect(tag::INTEGER)?)?;
    let token = if parts.is_empty() {
        None
    } else {
        Some(parts.any()?.whole)
    };
    parts.end()?;
    Some((status, token))
}

/// `EncapsulatedContentInfo`.
fn content_info(mut content: Reader<'_>) -> Option<&[u8]> {
    let kind = content.expect(tag::OID)?;
    let octets = content.expect(tag::constructed(0))?;
    content.end()?;
    only(octets, tag::OCTETS).filter(|_| kind == oid::TST_INFO)
}

fn certificates_of(mut set: Reader<'_>) -> Option<Vec<&[u8]>> {
    let mut certificates = Vec::new();
    while !set.is_empty() {
        let Element { tag: found, whole, .. } = set.any()?;
        if found != tag::SEQUENCE || certificates.len() == CERTIFICATES_MAX {
            return None;
        }
        certificates.push(whole);
    }
    Some(certificates)
}

/// The set of hash algorithms must name the one that the signer used.
fn declares(mut digests: Reader<'_>, digest: &[u8]) -> Option<()> {
    let mut found = false;
    while !digests.is_empty() {
        found |= digest_oid(digests.sequence()?)? == digest;
    }
    found.then_some(())
}

impl<'a> Signer<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut parts = Reader::new(bytes);
        let version = unsigned(parts.expect(tag::INTEGER)?)?;
        let name = match parts.any()? {
            Element {
                tag: tag::SEQUENCE,
                value,
                ..
            } if version == 1 => by_serial(Reader::new(value))?,
            Element { tag: found, value, .. } if version == 3 && found == tag::primitive(0) => SignerName::Key(value),
            _ => return None,
        };
        let digest = digest_oid(parts.sequence()?)?;
        let attributes = parts.expect(tag::constructed(0))?;
        let algorithm = parts.expect(tag::SEQUENCE)?;
        let signature = parts.expect(tag::OCTETS)?;
        // Unsigned attributes prove nothing.
        parts.optional(tag::constructed(1));
        parts.end()?;
        Some(Self {
            name,
            digest,
            attributes,
            algorithm,
            signature,
        })
    }

    /// What the signature is over: the attributes as a SET OF.
    pub(super) fn signed_bytes(&self) -> Vec<u8> {
        encode(tag::SET, self.attributes)
    }

    /// The single value of a signed attribute, which must be there exactly once.
    pub(super) fn attribute(&self, wanted: &[u8]) -> Option<Element<'a>> {
        let mut attributes = Reader::new(self.attributes);
        let mut found = None;
        for _ in 0..ATTRIBUTES_MAX {
            if attributes.is_empty() {
                return found;
            }
            let mut attribute = attributes.sequence()?;
            let kind = attribute.expect(tag::OID)?;
            let mut values = Reader::new(attribute.expect(tag::SET)?);
            attribute.end()?;
            let value = values.any()?;
            if kind == wanted {
                values.end()?;
                if found.replace(value).is_some() {
                    return None;
                }
            }
        }
        None
    }
}

/// `IssuerAndSerialNumber`.
fn by_serial(mut parts: Reader<'_>) -> Option<SignerName<'_>> {
    let issuer = parts.expect(tag::SEQUENCE)?;
    let serial = parts.expect(tag::INTEGER)?;
    parts.end()?;
    Some(SignerName::Serial { issuer, serial })
}
