//! What an operator with all keys could add to a log, each with the finding that names it; and what the log tells of itself.

use std::io::Cursor;

use super::*;

fn found(material: &Material) -> Vec<(FindingCode, Severity, Option<u64>)> {
    let report = verify_material(material);
    let found = report.findings.iter();
    found.map(|found| (found.code, found.severity, found.index)).collect()
}

fn named(code: FindingCode, index: u64) -> Vec<(FindingCode, Severity, Option<u64>)> {
    vec![(code, Severity::Error, Some(index))]
}

fn told(code: FindingCode, index: u64) -> Vec<(FindingCode, Severity, Option<u64>)> {
    vec![(code, Severity::Warning, Some(index))]
}

#[test]
fn a_second_key_for_a_device_is_refused_with_all_that_it_signs() {
    let mut invented = material(2);
    let key = base64url_encode(&public_key(&[9; 32]));
    let detail = [("dev", "d1"), ("kid", "k9"), ("key", key.as_str())];
    invented.events.push(server("device.enrolled", &[], &detail));
    let Leaf::Device(last) = invented.events[2].clone() else {
        return;
    };
    let next = Header {
        pc: None,
        ..header(3, sha256(&last.hdr))
    };
    let hdr = next.encode().unwrap();
    invented.events.push(Leaf::Device(DeviceEvent {
        kid: "k9".to_owned(),
        sig: sign_header(&[9; 32], &hdr).to_vec(),
        hdr,
        ..last
    }));
    let expected = [
        named(FindingCode::DeviceEnrolment, 3),
        named(FindingCode::DeviceChain, 4),
    ]
    .concat();
    assert_eq!(found(&invented), expected);
    // The same enrolment again changes nothing.
    let mut again = material(2);
    again.events.push(again.events[0].clone());
    assert_eq!(found(&again), []);
}

#[test]
fn leaves_of_another_tenant_are_named_also_where_all_are() {
    let mut foreign = Material {
        events: Vec::new(),
        access: Vec::new(),
        payloads: BTreeMap::new(),
        openings: Vec::new(),
    };
    for number in 0..2 {
        foreign.events.push(Leaf::Server(ServerEntry {
            ten: "other".to_owned(),
            t: "org.changed".to_owned(),
            recv_ms: number,
            ..ServerEntry::default()
        }));
    }
    let expected = [named(FindingCode::TenantMixed, 0), named(FindingCode::TenantMixed, 1)].concat();
    assert_eq!(found(&foreign), expected);
}

#[test]
fn a_device_is_no_forger_by_its_own_logged_event() {
    let honest = material(2);
    let Leaf::Device(second) = honest.events[2].clone() else {
        return;
    };
    let (zeros, own) = (ZERO.to_hex(), second_of(&honest).to_hex());
    let first_event = sha256(&honest.events[1].encode().unwrap()).to_hex();
    for first in [&zeros, &own, &first_event] {
        let mut framed = material(2);
        framed.events.push(device_fork(&second.hdr, &second.sig, first));
        assert_eq!(found(&framed), named(FindingCode::DeviceForked, 3), "{first}");
    }
    // Another header that contradicts nothing: the next event, in order.
    let next = header(3, second_of(&honest)).encode().unwrap();
    let mut framed = material(2);
    framed
        .events
        .push(device_fork(&next, &sign_header(&DEVICE_SEED, &next), &own));
    assert_eq!(found(&framed), named(FindingCode::DeviceForked, 3));
    let mut unsaid = material(2);
    let other = header(2, ZERO).encode().unwrap();
    unsaid
        .events
        .push(device_fork(&other, &sign_header(&DEVICE_SEED, &other), &zeros));
    assert_eq!(
        found(&unsaid),
        named(FindingCode::DeviceForked, 3),
        "against no event of its"
    );
}

#[test]
fn every_kind_of_fork_that_a_server_records_counts() {
    let honest = material(2);
    let second = second_of(&honest);
    let other_number = Header {
        eid: eid(77),
        ..header(2, ZERO)
    };
    let other_history = header(3, ZERO);
    let other_event = Header {
        eid: eid(2),
        ..header(3, second)
    };
    for split in [other_number, other_history, other_event] {
        let hdr = split.encode().unwrap();
        let mut forked = material(2);
        let sig = sign_header(&DEVICE_SEED, &hdr);
        forked.events.push(device_fork(&hdr, &sig, &second.to_hex()));
        assert_eq!(found(&forked), told(FindingCode::DeviceForked, 3), "{split:?}");
    }
    // The very first event must follow nothing.
    let mut begins = material(0);
    let hdr = header(1, second).encode().unwrap();
    begins.openings.clear();
    let fork = device_fork(&hdr, &sign_header(&DEVICE_SEED, &hdr), &ZERO.to_hex());
    begins.events.push(fork);
    assert_eq!(found(&begins), told(FindingCode::DeviceForked, 1));
}

#[test]
fn an_erasure_counts_only_in_the_log_of_changes() {
    let mut hidden = material(2);
    hidden.payloads.remove(&eid(2));
    hidden.access.push(server("subject.erased", &["s2"], &[]));
    let expected = [
        named(FindingCode::LeafMisplaced, 2),
        named(FindingCode::PayloadMissing, 2),
    ];
    assert_eq!(found(&hidden), expected.concat());
}

#[test]
fn a_payload_that_came_after_the_erasure_is_told() {
    let mut late = material(2);
    late.payloads.remove(&eid(2));
    late.events.insert(1, server("subject.erased", &["s2"], &[]));
    assert_eq!(found(&late), told(FindingCode::PayloadAfterErasure, 3));
    assert_eq!(verify_material(&late).counts.payloads_erased, 1);
    let mut before = material(2);
    before.payloads.remove(&eid(2));
    before.events.push(server("subject.erased", &["s2"], &[]));
    assert_eq!(found(&before), []);
}

#[test]
fn each_kind_stands_in_its_log() {
    for kind in ["access", "export", "log.checkpoint"] {
        let mut odd = material(1);
        odd.events.push(server(kind, &[], &[]));
        assert_eq!(found(&odd), named(FindingCode::LeafMisplaced, 2), "{kind}");
    }
    for kind in [
        "device.lost",
        "device.revoked",
        "org.changed",
        "log.checkpoint",
        "witness.refused",
    ] {
        let mut odd = material(1);
        odd.access.push(server(kind, &[], &[("kid", "k1"), ("dev", "d1")]));
        assert_eq!(found(&odd), named(FindingCode::LeafMisplaced, 2), "{kind}");
    }
}

#[test]
fn alarms_of_devices_and_refusals_of_witnesses_are_told() {
    for kind in ["log.alarm", "log.inconsistent"] {
        let mut alarmed = material(1);
        let Leaf::Device(first) = alarmed.events[1].clone() else {
            return;
        };
        alarmed.events.push(signed(&Header {
            kind: kind.to_owned(),
            pc: None,
            ..header(2, sha256(&first.hdr))
        }));
        assert_eq!(found(&alarmed), told(FindingCode::DeviceAlarm, 2), "{kind}");
    }
    let mut refused = material(1);
    let detail = [("origin", "d/t/events"), ("witness", "w1")];
    refused.events.push(server("witness.refused", &[], &detail));
    assert_eq!(found(&refused), told(FindingCode::WitnessRefused, 2));
}

#[test]
fn who_wants_the_whole_does_not_take_a_case_for_it() {
    let keys = ExportKeys::from_seed("d/t", &LOG_SEED).unwrap();
    let mut folder = Folder::new();
    let writer = Writer::of_case(&keys, 5, Cursor::new(Vec::new()), |path: &str, bytes: &[u8]| {
        folder.entry(path.to_owned()).or_default().extend(bytes);
        Ok::<(), ()>(())
    });
    let about = crate::export::CaseAbout {
        case: "c".to_owned(),
        subj: "p".to_owned(),
        ..Default::default()
    };
    let heads = [(LogName::Events.into(), None), (LogName::Access.into(), None)];
    writer.finish_case(&about, &heads).unwrap();
    let keys = trusted();
    let trust = |whole| Trust {
        keys: Some(&keys),
        whole,
        ..Trust::default()
    };
    assert!(verify_export_watched(&folder, &trust(false), &mut |_| true).ok);
    let report = verify_export_watched(&folder, &trust(true), &mut |_| true);
    assert_eq!(errors(&report), [FindingCode::CaseOnly]);
}
