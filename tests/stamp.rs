//! Time stamps against authorities that `openssl` plays: both must agree on what holds and on what does not.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::collections::BTreeMap;
use std::io::Cursor;

use doorstep_log::export::{ExportKeys, LogName, Published, STAMP_CA_PATH, Writer, stamp_paths};
use doorstep_log::hash::sha256;
use doorstep_log::leaf::{Leaf, ServerEntry};
use doorstep_log::stamp::{Authorities, Expected, Stamp, StampError, request, verify};
use doorstep_log::verify::{Finding, FindingCode, Report, Severity, Trust, verify_export_watched};

use crate::harness::authority::{Authority, Made, P256, P384, RSA, RSA_SHA512, SIGNER, stamped_text, true_time};

const DATA: &[u8] = b"d/t/events\n20\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
const NONCE: u64 = 0x0d00_4573_0000_0001;

fn asked(authority: &Authority) -> Vec<u8> {
    authority.answer(&request(&sha256(DATA), NONCE))
}

fn checked(answer: &[u8], data: &[u8], ca: &[u8]) -> Result<Stamp, StampError> {
    let expected = Expected {
        imprint: sha256(data),
        nonce: Some(NONCE),
        policy: Some("1.2.3.4.1"),
    };
    verify(answer, &expected, &Authorities::from_pem(ca).unwrap())
}

fn now_ms() -> i64 {
    true_time().millis()
}

fn both_agree(made: Made) {
    let before = now_ms();
    let authority = Authority::new(made);
    let (answer, ca) = (asked(&authority), authority.ca());
    let stamp = checked(&answer, DATA, &ca).unwrap();
    assert!(authority.accepts(&answer, DATA, &ca));
    assert_eq!(stamp.accuracy_ms, Some(1_000));
    assert!((before..=now_ms()).contains(&stamp.at_ms), "{stamp:?}");
    assert_eq!(checked(&answer, b"other", &ca), Err(StampError::Imprint));
    assert!(!authority.accepts(&answer, b"other", &ca));
    let other = Authority::new(made).ca();
    assert_eq!(checked(&answer, DATA, &other), Err(StampError::Untrusted));
    assert!(!authority.accepts(&answer, DATA, &other));
    // The other program does not look at every byte, so only what it refuses must be refused here, and no time may change.
    for place in (0..answer.len()).step_by(answer.len() / 40) {
        let mut changed = answer.clone();
        changed[place] ^= 0x01;
        let found = checked(&changed, DATA, &ca);
        assert!(found.is_err() || authority.accepts(&changed, DATA, &ca), "byte {place}");
    }
    for place in 0..answer.len() {
        let mut changed = answer.clone();
        changed[place] ^= 0x01;
        let found = checked(&changed, DATA, &ca);
        assert!(
            found.is_err() || found.as_ref() == Ok(&stamp),
            "byte {place}: {found:?}"
        );
    }
}

#[test]
fn both_programs_agree_on_rsa() {
    both_agree(RSA);
    both_agree(RSA_SHA512);
}

#[test]
fn both_programs_agree_on_ecdsa() {
    both_agree(P256);
    both_agree(P384);
}

#[test]
fn rsa_with_pss_holds() {
    let authority = Authority::new(RSA);
    let options = "-keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:32";
    let answer = authority.signed_anew(&asked(&authority), SIGNER, options);
    checked(&answer, DATA, &authority.ca()).unwrap();
}

#[test]
fn a_certificate_that_is_not_for_stamps_alone_is_refused() {
    let authority = Authority::new(P256);
    let (answer, ca) = (asked(&authority), authority.ca());
    for purpose in ["mail", "both", "careless"] {
        authority.key(purpose, P256);
        authority.certificate(purpose, "-days 30");
        let answer = authority.signed_anew(&answer, purpose, "");
        assert_eq!(checked(&answer, DATA, &ca), Err(StampError::Usage), "{purpose}");
        assert!(!authority.accepts(&answer, DATA, &ca), "{purpose}");
    }
    let again = authority.signed_anew(&answer, SIGNER, "");
    checked(&again, DATA, &ca).unwrap();
    let without = authority.signed_anew(&answer, SIGNER, "-nocerts");
    assert_eq!(checked(&without, DATA, &ca), Err(StampError::Signer));
}

#[test]
fn a_certificate_that_was_not_valid_at_the_time_is_refused() {
    let authority = Authority::new(RSA);
    for dates in [
        "-startdate 20200101000000Z -enddate 20210101000000Z",
        "-startdate 20900101000000Z -enddate 20910101000000Z",
    ] {
        authority.certificate(SIGNER, dates);
        let answer = asked(&authority);
        assert_eq!(checked(&answer, DATA, &authority.ca()), Err(StampError::Expired));
        assert!(!authority.accepts(&answer, DATA, &authority.ca()));
    }
}

#[test]
fn an_answer_to_another_request_is_refused() {
    let authority = Authority::new(P256);
    let answer = authority.answer(&request(&sha256(DATA), NONCE + 1));
    assert_eq!(checked(&answer, DATA, &authority.ca()), Err(StampError::Nonce));
    let refusal = authority.answer(b"no request");
    assert_eq!(
        checked(&refusal, DATA, &authority.ca()),
        Err(StampError::Refused { status: 2 })
    );
}

type Folder = BTreeMap<String, Vec<u8>>;

/// An export of events received at these times, with stamps that an authority gave of other exports of the same logs.
fn export(times: &[i64], stamps: &[(u64, Vec<u8>, Vec<u8>)], ca: &[u8]) -> Folder {
    let keys = ExportKeys::from_seed("d/t", &[1; 32]).unwrap();
    let mut folder = Folder::new();
    let mut writer = Writer::new(&keys, 5, Cursor::new(Vec::new()), |path: &str, bytes: &[u8]| {
        folder.entry(path.to_owned()).or_default().extend(bytes);
        Ok::<(), ()>(())
    });
    for recv_ms in times {
        let entry = ServerEntry {
            ten: "t".to_owned(),
            t: "folder.opened".to_owned(),
            recv_ms: *recv_ms,
            actor: "program".to_owned(),
            ..ServerEntry::default()
        };
        let leaf = Leaf::Server(entry).encode().unwrap();
        writer.leaf(LogName::Events, leaf).unwrap();
    }
    for (size, response, checkpoint) in stamps {
        let paths = stamp_paths("events", *size);
        writer.file(&paths.0, response).unwrap();
        writer.file(&paths.1, checkpoint).unwrap();
    }
    if !stamps.is_empty() {
        writer.file(STAMP_CA_PATH, ca).unwrap();
    }
    writer.finish(Published::default()).unwrap();
    folder
}

/// A stamp of the events of an export.
fn stamp_of(authority: &Authority, times: &[i64]) -> (u64, Vec<u8>, Vec<u8>) {
    let checkpoint = export(times, &[], b"")["events/checkpoint"].clone();
    let answer = authority.answer(&request(&sha256(&stamped_text(&checkpoint)), NONCE));
    (times.len() as u64, answer, checkpoint)
}

fn report(folder: &Folder, ca: Option<&[u8]>) -> Report {
    let keys = ExportKeys::from_seed("d/t", &[1; 32]).unwrap();
    let (keys, ca) = (
        [keys.tenant().verifier()],
        ca.map(|ca| Authorities::from_pem(ca).unwrap()),
    );
    let trust = Trust {
        keys: Some(&keys),
        authorities: ca.as_ref(),
        ..Trust::default()
    };
    verify_export_watched(folder, &trust, &mut |_| true)
}

fn found(report: &Report, severity: Severity) -> Vec<(FindingCode, Option<u64>)> {
    // There is no operator's log in these exports.
    let here = |found: &&Finding| found.severity == severity && found.code != FindingCode::MetaMissing;
    let wanted = report.findings.iter().filter(here);
    wanted.map(|found| (found.code, found.index)).collect()
}

#[test]
fn the_verifier_holds_times_against_stamps() {
    let authority = Authority::new(P256);
    let (ca, now, hour) = (authority.ca(), now_ms(), 3_600_000);
    let times = [now - 9 * hour, now - hour, now];
    let stamps = [stamp_of(&authority, &times)];
    let sound = report(&export(&[&times[..], &[now + hour]].concat(), &stamps, &ca), Some(&ca));
    let others = sound
        .findings
        .iter()
        .filter(|found| found.code != FindingCode::MetaMissing);
    assert!(sound.ok && others.count() == 0, "{:?}", sound.findings);
    assert_eq!(
        (sound.stamps.len(), sound.stamps[0].stamps, sound.stamps[0].size),
        (1, 1, 3)
    );
    let own = report(&export(&times, &stamps, &ca), None);
    assert!(own.ok);
    assert_eq!(found(&own, Severity::Warning), [(FindingCode::StampCaFromExport, None)]);
    let none = report(&export(&times, &[], &ca), Some(&ca));
    assert!(none.ok);
    assert_eq!(found(&none, Severity::Warning), [(FindingCode::StampAbsent, None)]);
    let errors = |folder, ca| found(&report(folder, ca), Severity::Error);
    let late = export(&[&times[..], &[now - 2 * hour]].concat(), &stamps, &ca);
    assert_eq!(errors(&late, Some(&ca)), [(FindingCode::TimeBeforeStamp, Some(3))]);
    let ahead = [now, now + hour];
    let stamped_ahead = export(&ahead, &[stamp_of(&authority, &ahead)], &ca);
    assert_eq!(
        errors(&stamped_ahead, Some(&ca)),
        [(FindingCode::TimeAfterStamp, Some(1))]
    );
    let stranger = Authority::new(P256).ca();
    assert_eq!(
        errors(&export(&times, &stamps, &ca), Some(&stranger)),
        [(FindingCode::StampBad, None)]
    );
}

#[test]
fn the_verifier_names_a_history_that_is_not_the_stamped_one() {
    let authority = Authority::new(RSA);
    let (ca, now) = (authority.ca(), now_ms());
    let stamps = [stamp_of(&authority, &[now - 2, now - 1, now])];
    let errors = |times: &[i64]| found(&report(&export(times, &stamps, &ca), Some(&ca)), Severity::Error);
    assert_eq!(errors(&[now - 2, now - 1, now]), []);
    let inconsistent = [(FindingCode::StampInconsistent, None)];
    assert_eq!(errors(&[now - 2, now - 2, now]), inconsistent, "rewritten");
    assert_eq!(errors(&[now - 2, now - 1]), inconsistent, "cut");
    let renamed = [(2, stamps[0].1.clone(), stamps[0].2.clone())];
    let folder = export(&[now - 2, now - 1, now], &renamed, &ca);
    let renamed = report(&folder, Some(&ca));
    assert_eq!(found(&renamed, Severity::Error), [(FindingCode::StampBad, None)]);
}
