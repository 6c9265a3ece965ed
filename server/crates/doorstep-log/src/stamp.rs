//! Time stamps of an outside authority (RFC 3161), requested for a hash and verified without network.
//!
//! Pure: knows hashes, bytes and trusted certificates, not what is stamped and not how to reach an authority. What holds:
//! one signer whose certificate came along, is for time stamps only (RFC 3161, 2.3) and was valid at the stamp's own
//! time under a trusted certificate; a signature over exactly what is stated; SHA-256 of exactly what was asked. Stamps
//! must name their certificate by a hash other than SHA-1 (RFC 5816). Revocation lists are not asked: that needs network.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

use crate::hash::Hash;

mod certificate;
mod der;
mod info;
mod oid;
mod signature;
mod token;

use certificate::Certificate;
use der::{Reader, only, tag};
use info::{Info, digest_oid};
use signature::DigestKind;
use token::Token;

/// The content type of a request.
pub const REQUEST_TYPE: &str = "application/timestamp-query";
/// The content type of an answer.
pub const RESPONSE_TYPE: &str = "application/timestamp-reply";
/// Answers longer than this are refused unread: a stamp with its certificates has a few kilobytes.
pub const RESPONSE_BYTES_MAX: usize = 64 * 1024;

/// A stamp that holds.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Stamp {
    /// The authority's time, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// How far that time may be off, milliseconds; `None` where the authority leaves it to its policy.
    pub accuracy_ms: Option<u64>,
    /// The policy under which it was made, `1.2.3…`.
    pub policy: String,
    /// The authority's number of the stamp, in hex digits.
    pub serial: String,
}

/// What a stamp must be of.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// SHA-256 of what was stamped.
    pub imprint: Hash,
    /// The number in the request; `None` for whoever did not ask. It proves that the answer is not an old one.
    pub nonce: Option<u64>,
    /// The only policy that is wanted, `1.2.3…`; `None` for any.
    pub policy: Option<&'a str>,
}

/// Certificates that may vouch for authorities.
#[derive(Clone, Debug)]
pub struct Authorities(Vec<CertificateDer<'static>>);

/// Why a stamp is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StampError {
    /// The bytes are no stamp in DER.
    #[error("the {0} of the stamp is malformed; ask the authority again")]
    Malformed(&'static str),
    /// The authority did not stamp.
    #[error("the authority gave no stamp, status {status}; ask it what it accepts")]
    Refused {
        /// `PKIStatus`: 2 refused, 3 waiting, and so on.
        status: u64,
    },
    /// It is of something else.
    #[error("the stamp is of other bytes; one of the two was changed")]
    Imprint,
    /// It answers another request.
    #[error("the stamp answers another request; somebody may replay an old answer")]
    Nonce,
    /// It was made under another policy.
    #[error("the stamp was made under another policy than the one wanted")]
    Policy,
    /// The certificate of the signer is not in it.
    #[error("the stamp lacks the certificate of its signer, or names another one")]
    Signer,
    /// What was signed does not fit what is stated.
    #[error("the signed attributes of the stamp do not fit what it states; it was put together from parts")]
    Attributes,
    /// The certificate is not for time stamps only.
    #[error("the certificate of the signer is not made for time stamps alone, as RFC 3161 demands")]
    Usage,
    /// The signature's algorithm is not accepted.
    #[error("the stamp is signed in a way that is not accepted; RSA and ECDSA on P-256 or P-384 with SHA-2 are")]
    Algorithm,
    /// The signature is wrong.
    #[error("the signature of the stamp does not fit; it was changed")]
    Signature,
    /// The certificate was not valid then.
    #[error("a certificate of the authority was not valid at the time of the stamp")]
    Expired,
    /// Nobody trusted vouches for the authority.
    #[error("no trusted certificate vouches for the authority; check that you hold the right one")]
    Untrusted,
    /// A certificate does not hold for another reason.
    #[error("a certificate of the authority does not hold")]
    Certificate,
    /// The trusted certificates cannot be read.
    #[error("the trusted certificates are no PEM file with at least one certificate")]
    Pem,
}

impl Authorities {
    /// Reads certificates in PEM; what else is in the file is not looked at.
    pub fn from_pem(pem: &[u8]) -> Result<Self, StampError> {
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let certificates = read.map_err(|_| StampError::Pem)?;
        let usable = certificates
            .iter()
            .all(|one| webpki::anchor_from_trusted_cert(one).is_ok());
        if certificates.is_empty() || !usable {
            return Err(StampError::Pem);
        }
        Ok(Self(certificates))
    }

    pub(crate) fn certificates(&self) -> &[CertificateDer<'static>] {
        &self.0
    }
}

/// The request for a stamp of a SHA-256, to be sent as [`REQUEST_TYPE`]. `nonce` must be random.
pub fn request(imprint: &Hash, nonce: u64) -> Vec<u8> {
    info::request(imprint, nonce)
}

/// Verifies an authority's answer, as it was sent.
pub fn verify(response: &[u8], expected: &Expected<'_>, trusted: &Authorities) -> Result<Stamp, StampError> {
    if response.len() > RESPONSE_BYTES_MAX {
        return Err(StampError::Malformed("answer"));
    }
    let token = Token::of_response(response)?;
    let info = Info::parse(token.info).ok_or(StampError::Malformed("statement"))?;
    if info.imprint != expected.imprint {
        return Err(StampError::Imprint);
    }
    if expected.nonce.is_some() && info.nonce != expected.nonce {
        return Err(StampError::Nonce);
    }
    if expected.policy.is_some_and(|policy| policy != info.policy) {
        return Err(StampError::Policy);
    }
    let digest = DigestKind::of(token.signer.digest).ok_or(StampError::Algorithm)?;
    let (bytes, certificate) = signer_certificate(&token)?;
    check_attributes(&token, digest, bytes, &certificate).ok_or(StampError::Attributes)?;
    certificate.check_usage()?;
    let bytes = CertificateDer::from(bytes);
    signature::check(&bytes, &token, digest)?;
    signature::check_path(&bytes, &token, info.at_ms, trusted)?;
    Ok(Stamp {
        at_ms: info.at_ms,
        accuracy_ms: info.accuracy_ms,
        policy: info.policy,
        serial: info.serial,
    })
}

/// The certificate that the signer names, among those that came along.
fn signer_certificate<'a>(token: &Token<'a>) -> Result<(&'a [u8], Certificate<'a>), StampError> {
    for bytes in &token.certificates {
        let certificate = Certificate::parse(bytes).ok_or(StampError::Malformed("certificate"))?;
        if certificate.is_of(&token.signer.name) {
            return Ok((bytes, certificate));
        }
    }
    Err(StampError::Signer)
}

/// The signature is over attributes only, so they must bind the kind, the statement and the certificate.
fn check_attributes(token: &Token<'_>, digest: DigestKind, bytes: &[u8], certificate: &Certificate<'_>) -> Option<()> {
    let value = |attribute: &[u8], tag| {
        let found = token.signer.attribute(attribute)?;
        (found.tag == tag).then_some(found.value)
    };
    let kind = value(oid::CONTENT_TYPE, tag::OID)?;
    let stated = value(oid::MESSAGE_DIGEST, tag::OCTETS)?;
    let named = value(oid::SIGNING_CERTIFICATE, tag::SEQUENCE)?;
    // The list of certificates may be followed by policies, which say nothing about who signed.
    let first = Reader::new(named).sequence()?.sequence()?;
    let fits = kind == oid::TST_INFO && stated == digest.hash(token.info) && names(first, bytes, certificate)?;
    fits.then_some(())
}

/// Whether an `ESSCertIDv2` (RFC 5035) names this certificate.
fn names(mut named: Reader<'_>, bytes: &[u8], certificate: &Certificate<'_>) -> Option<bool> {
    let digest = match named.optional(tag::SEQUENCE) {
        None => DigestKind::Sha256,
        Some(algorithm) => DigestKind::of(digest_oid(Reader::new(algorithm))?)?,
    };
    let hash = named.expect(tag::OCTETS)?;
    let by_name = match named.optional(tag::SEQUENCE) {
        None => true,
        Some(both) => {
            let mut both = Reader::new(both);
            let issuer = both.expect(tag::SEQUENCE)?;
            let serial = both.expect(tag::INTEGER)?;
            both.end()?;
            // GeneralNames with one directoryName.
            let issuer = only(only(issuer, tag::constructed(4))?, tag::SEQUENCE)?;
            issuer == certificate.issuer && serial == certificate.serial
        }
    };
    named.end()?;
    Some(by_name && hash == digest.hash(bytes))
}

#[cfg(test)]
#[path = "stamp/stamp_sample.rs"]
pub(crate) mod sample;
#[cfg(test)]
#[path = "stamp/stamp_tests.rs"]
mod tests;
