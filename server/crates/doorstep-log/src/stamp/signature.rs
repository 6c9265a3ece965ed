//! Which signatures are accepted, and the check of one together with the path of its certificate.

use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime, alg_id};
use sha2::Digest as _;
use std::time::Duration;
use webpki::{EndEntityCert, Error, KeyUsage, ring};

use super::token::Token;
use super::{Authorities, StampError, oid};

/// A hash algorithm that a stamp may be signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DigestKind {
    Sha256,
    Sha384,
    Sha512,
}

impl DigestKind {
    pub(super) fn of(found: &[u8]) -> Option<Self> {
        match found {
            oid::SHA256 => Some(Self::Sha256),
            oid::SHA384 => Some(Self::Sha384),
            oid::SHA512 => Some(Self::Sha512),
            _ => None,
        }
    }

    pub(super) fn hash(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => sha2::Sha256::digest(bytes).to_vec(),
            Self::Sha384 => sha2::Sha384::digest(bytes).to_vec(),
            Self::Sha512 => sha2::Sha512::digest(bytes).to_vec(),
        }
    }

    /// The signatures over this hash. RSA as PKCS #1 v1.5 comes first: [`candidates`] counts on it.
    fn signatures(self) -> Vec<&'static dyn SignatureVerificationAlgorithm> {
        match self {
            Self::Sha256 => vec![
                ring::RSA_PKCS1_2048_8192_SHA256,
                ring::RSA_PKCS1_2048_8192_SHA256_ABSENT_PARAMS,
                ring::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
                ring::ECDSA_P256_SHA256,
                ring::ECDSA_P384_SHA256,
            ],
            Self::Sha384 => vec![
                ring::RSA_PKCS1_2048_8192_SHA384,
                ring::RSA_PKCS1_2048_8192_SHA384_ABSENT_PARAMS,
                ring::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
                ring::ECDSA_P256_SHA384,
                ring::ECDSA_P384_SHA384,
            ],
            Self::Sha512 => vec![
                ring::RSA_PKCS1_2048_8192_SHA512,
                ring::RSA_PKCS1_2048_8192_SHA512_ABSENT_PARAMS,
                ring::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
            ],
        }
    }

    /// The signatures that an `AlgorithmIdentifier` stands for; the key decides between several.
    fn candidates(self, algorithm: &[u8]) -> Vec<&'static dyn SignatureVerificationAlgorithm> {
        let mut all = self.signatures();
        // In SignedData the identifier of the key stands for RSA with the signer's hash (RFC 3370, 3.2).
        if algorithm == alg_id::RSA_ENCRYPTION.as_ref() {
            all.truncate(1);
        } else {
            all.retain(|known| known.signature_alg_id().as_ref() == algorithm);
        }
        all
    }
}

/// Checks the signature over the signed attributes with the certificate's key.
pub(super) fn check(certificate: &CertificateDer<'_>, token: &Token<'_>, digest: DigestKind) -> Result<(), StampError> {
    let key = EndEntityCert::try_from(certificate).map_err(|error| path_error(&error))?;
    let signed = token.signer.signed_bytes();
    for algorithm in digest.candidates(token.signer.algorithm) {
        match key.verify_signature(algorithm, &signed, token.signer.signature) {
            Ok(()) => return Ok(()),
            Err(Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)) => {}
            Err(_) => return Err(StampError::Signature),
        }
    }
    Err(StampError::Algorithm)
}

/// Checks that a trusted certificate vouches for this one at that time, over those that came along.
pub(super) fn check_path(
    certificate: &CertificateDer<'_>,
    token: &Token<'_>,
    at_ms: i64,
    trusted: &Authorities,
) -> Result<(), StampError> {
    let failed = |error: Error| path_error(&error);
    let anchors: Result<Vec<TrustAnchor<'_>>, Error> = trusted
        .certificates()
        .iter()
        .map(webpki::anchor_from_trusted_cert)
        .collect();
    let along: Vec<CertificateDer<'_>> = token.certificates.iter().map(|one| (*one).into()).collect();
    let since_1970 = Duration::from_millis(u64::try_from(at_ms).map_err(|_| StampError::Malformed("time"))?);
    EndEntityCert::try_from(certificate)
        .map_err(failed)?
        .verify_for_usage(
            webpki::ALL_VERIFICATION_ALGS,
            &anchors.map_err(failed)?,
            &along,
            UnixTime::since_unix_epoch(since_1970),
            // Certificates between may be silent about usage; the signer's own was checked to name it.
            KeyUsage::required_if_present(oid::TIME_STAMPING),
            None,
            None,
        )
        .map_err(failed)
        .map(drop)
}

fn path_error(error: &Error) -> StampError {
    match error {
        Error::CertExpired { .. } | Error::CertNotValidYet { .. } => StampError::Expired,
        // Another certificate of the issuer's name, with another key.
        Error::UnknownIssuer | Error::InvalidSignatureForPublicKey => StampError::Untrusted,
        _ => StampError::Certificate,
    }
}
