//! What must hold of an authority's certificate beyond its path: it is for time stamps and for nothing else.
//!
//! The path itself, names, dates and signatures in it, is checked by `webpki`; this reads the few fields that webpki does
//! not hand out.

use super::StampError;
use super::der::{Reader, only, tag};
use super::oid;
use super::token::SignerName;

/// The fields of a certificate that a stamp refers to.
#[derive(Debug)]
pub(super) struct Certificate<'a> {
    /// Content of the serial number.
    pub(super) serial: &'a [u8],
    /// Content of the issuer's name.
    pub(super) issuer: &'a [u8],
    extensions: Vec<Extension<'a>>,
}

#[derive(Debug)]
struct Extension<'a> {
    oid: &'a [u8],
    critical: bool,
    value: &'a [u8],
}

impl<'a> Certificate<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut certificate = Reader::new(only(bytes, tag::SEQUENCE)?);
        let mut signed = certificate.sequence()?;
        signed.expect(tag::constructed(0))?;
        let serial = signed.expect(tag::INTEGER)?;
        signed.expect(tag::SEQUENCE)?;
        let issuer = signed.expect(tag::SEQUENCE)?;
        // Validity, subject and key.
        for _ in 0..3 {
            signed.expect(tag::SEQUENCE)?;
        }
        signed.optional(tag::primitive(1));
        signed.optional(tag::primitive(2));
        let list = signed.expect(tag::constructed(3))?;
        signed.end()?;
        Some(Self {
            serial,
            issuer,
            extensions: extensions_of(Reader::new(only(list, tag::SEQUENCE)?))?,
        })
    }

    /// Whether the signer means this certificate.
    pub(super) fn is_of(&self, signer: &SignerName<'_>) -> bool {
        match signer {
            SignerName::Serial { issuer, serial } => self.issuer == *issuer && self.serial == *serial,
            SignerName::Key(key) => self
                .extension(oid::SUBJECT_KEY)
                .is_some_and(|(_, value)| only(value, tag::OCTETS) == Some(*key)),
        }
    }

    /// RFC 3161, 2.3: one extended key usage, time stamping, and critical; a plain key usage may only be for signing.
    pub(super) fn check_usage(&self) -> Result<(), StampError> {
        let sole = |value| {
            let mut purposes = Reader::new(only(value, tag::SEQUENCE)?);
            let first = purposes.expect(tag::OID)?;
            purposes.end().map(|()| first == oid::TIME_STAMPING)
        };
        let stamping = self
            .extension(oid::EXTENDED_KEY_USAGE)
            .is_some_and(|(critical, value)| critical && sole(value) == Some(true));
        // Bits 0 and 1, digitalSignature and nonRepudiation, at least one of them and no other.
        let signing = |value| match only(value, tag::BIT_STRING) {
            Some([_, bits]) => *bits != 0 && bits.trailing_zeros() >= 6,
            _ => false,
        };
        let usable = self.extension(oid::KEY_USAGE).is_none_or(|(_, value)| signing(value));
        if stamping && usable {
            Ok(())
        } else {
            Err(StampError::Usage)
        }
    }

    fn extension(&self, wanted: &[u8]) -> Option<(bool, &'a [u8])> {
        let found = self.extensions.iter().find(|one| one.oid == wanted);
        found.map(|one| (one.critical, one.value))
    }
}

fn extensions_of(mut list: Reader<'_>) -> Option<Vec<Extension<'_>>> {
    let mut extensions = Vec::new();
    while !list.is_empty() {
        let mut extension = list.sequence()?;
        let oid = extension.expect(tag::OID)?;
        let critical = match extension.optional(tag::BOOLEAN) {
            None => false,
            Some([0xff]) => true,
            Some(_) => return None,
        };
        let value = extension.expect(tag::OCTETS)?;
        extension.end()?;
        extensions.push(Extension { oid, critical, value });
    }
    Some(extensions)
}
