//! The object identifiers of time stamps, as the content bytes of their DER, and their form for people.

use super::der::{encode, tag};

/// `id-sha256`.
pub(super) const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
/// `id-sha384`.
pub(super) const SHA384: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02];
/// `id-sha512`.
pub(super) const SHA512: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03];
/// `id-signedData`.
pub(super) const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// `id-ct-TSTInfo`.
pub(super) const TST_INFO: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04];
/// `id-contentType`.
pub(super) const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
/// `id-messageDigest`.
pub(super) const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
/// `id-aa-signingCertificateV2`.
pub(super) const SIGNING_CERTIFICATE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f];
/// `id-ce-keyUsage`.
pub(super) const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
/// `id-ce-extKeyUsage`.
pub(super) const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
/// `id-ce-subjectKeyIdentifier`.
pub(super) const SUBJECT_KEY: &[u8] = &[0x55, 0x1d, 0x0e];
/// `id-kp-timeStamping`.
pub(super) const TIME_STAMPING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];

/// `1.2.840…`; `None` where the content is no well-formed identifier.
pub(super) fn dotted(content: &[u8]) -> Option<String> {
    let mut arcs: Vec<u64> = Vec::new();
    let mut arc: Option<u64> = None;
    for byte in content {
        // A leading byte 0x80 would be a digit too many.
        if arc.is_none() && *byte == 0x80 {
            return None;
        }
        let sum = arc.unwrap_or(0).checked_mul(128)? + u64::from(byte & 0x7f);
        arc = (byte & 0x80 != 0).then_some(sum);
        if arc.is_none() {
            arcs.push(sum);
        }
    }
    let (first, rest) = arcs.split_first().filter(|_| arc.is_none())?;
    let top = (first / 40).min(2);
    let mut text = format!("{top}.{}", first - top * 40);
    for arc in rest {
        text.push('.');
        text.push_str(&arc.to_string());
    }
    Some(text)
}

/// An `AlgorithmIdentifier` with NULL parameters.
pub(super) fn algorithm(oid: &[u8]) -> Vec<u8> {
    encode(tag::SEQUENCE, &[encode(tag::OID, oid), encode(tag::NULL, &[])].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_written_with_dots() {
        assert_eq!(dotted(SHA256).as_deref(), Some("2.16.840.1.101.3.4.2.1"));
        assert_eq!(dotted(TST_INFO).as_deref(), Some("1.2.840.113549.1.9.16.1.4"));
        assert_eq!(dotted(TIME_STAMPING).as_deref(), Some("1.3.6.1.5.5.7.3.8"));
        let refused: [&[u8]; 4] = [&[], &[0x2a, 0x86], &[0x2a, 0x80, 0x01], &[0xff; 11]];
        for content in refused {
            assert_eq!(dotted(content), None, "{content:?}");
        }
    }
}
