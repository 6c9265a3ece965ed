//! What somebody could do to the log, each with the finding that names it. The operator's attacks are signed anew with the
//! operator's own keys: only what devices signed, saw and others kept can give them away.

use super::*;

/// A log with two devices under way, and what others kept of it before the attack.
struct Scene {
    material: Material,
    /// A checkpoint that an auditor kept.
    kept: Option<Vec<u8>>,
    /// Who signs the export after the attack.
    seed: [u8; 32],
    /// What is done to the written files, after which nothing is signed again.
    files: fn(&mut Folder),
}

/// An attack and what must be found: code, severity and, where a leaf is to blame, its index.
struct Attack {
    name: &'static str,
    does: fn(&mut Scene),
    found: &'static [(FindingCode, Severity, Option<u64>)],
}

const ERROR: Severity = Severity::Error;

/// Leaves: 0 and 1 enrol the devices; events of both in turn, with an entry of the server in their midst at 6; the event at 9
/// names a checkpoint of 8 leaves.
fn scene() -> Scene {
    let mut material = material(0);
    let key = base64url_encode(&public_key(&OTHER_SEED));
    material.events.push(server(
        "device.enrolled",
        &[],
        &[("dev", "d2"), ("kid", "k2"), ("key", &key)],
    ));
    let mut prev = [ZERO; 2];
    for number in 0..8 {
        let which = number % 2;
        let mut header = Header {
            dev: ["d1", "d2"][which].to_owned(),
            ..header(number as u64 / 2 + 1, prev[which])
        };
        header.eid = eid(number as u64 + 1);
        if number == 4 {
            material.events.push(server("plan.published", &[], &[]));
        }
        if number == 6 {
            let hashes: Vec<Hash> = material.events[..8].iter().map(hash_of).collect();
            header.cp = Some(CheckpointSeen {
                size: 8,
                root: root(&hashes),
            });
        }
        material
            .payloads
            .insert(header.eid.clone(), format!("sealed {number}").into_bytes());
        prev[which] = sha256(&header.encode().unwrap());
        material.events.push(signed_by(&header, which));
    }
    material.openings.clear();
    let kept = Some(checkpoint(&material.events[..8], &LOG_SEED));
    Scene {
        material,
        kept,
        seed: LOG_SEED,
        files: |_| {},
    }
}

const OTHER_SEED: [u8; 32] = [22; 32];

fn hash_of(leaf: &Leaf) -> Hash {
    crate::hash::leaf_hash(&leaf.encode().unwrap())
}

fn signed_by(header: &Header, which: usize) -> Leaf {
    let hdr = header.encode().unwrap();
    Leaf::Device(DeviceEvent {
        ten: "t".to_owned(),
        seq_hint: 0,
        recv_ms: 1000,
        kid: ["k1", "k2"][which].to_owned(),
        alg: Algorithm::Ed25519,
        sig: sign_header(&[DEVICE_SEED, OTHER_SEED][which], &hdr).to_vec(),
        hdr,
    })
}

/// Changes the header of an event, without the device's key.
fn bend(scene: &mut Scene, index: usize, change: fn(&mut Header)) {
    if let Leaf::Device(event) = &mut scene.material.events[index] {
        let mut header = event.header().unwrap();
        change(&mut header);
        event.hdr = header.encode().unwrap();
    }
}

/// The attacks after which nobody outside kept anything but devices: no older checkpoint is at hand.
fn alone(scene: &mut Scene) {
    scene.kept = None;
}

const ATTACKS: &[Attack] = &[
    Attack {
        name: "drop an event of a device",
        does: |scene| {
            alone(scene);
            let _ = scene.material.events.remove(8);
            scene.material.payloads.remove(&eid(6));
        },
        found: &[(FindingCode::DeviceChain, ERROR, Some(9))],
    },
    Attack {
        name: "drop an entry of the server that a device's checkpoint covers",
        does: |scene| {
            alone(scene);
            let _ = scene.material.events.remove(6);
        },
        found: &[(FindingCode::DeviceSawOtherTree, ERROR, Some(8))],
    },
    Attack {
        name: "drop the same entry, an auditor having kept a checkpoint",
        does: |scene| {
            let _ = scene.material.events.remove(6);
        },
        found: &[
            (FindingCode::SinceInconsistent, ERROR, None),
            (FindingCode::DeviceSawOtherTree, ERROR, Some(8)),
        ],
    },
    Attack {
        name: "insert an event without the device's key",
        does: |scene| {
            let mut forged = header(5, ZERO);
            forged.eid = eid(70);
            let mut leaf = signed_by(&forged, 1);
            if let Leaf::Device(event) = &mut leaf {
                event.kid = "k1".to_owned();
            }
            scene.material.payloads.insert(eid(70), Vec::new());
            scene.material.events.push(leaf);
        },
        found: &[(FindingCode::DeviceChain, ERROR, Some(11))],
    },
    Attack {
        name: "insert an entry of the server into the past",
        does: |scene| {
            alone(scene);
            scene.material.events.insert(3, server("plan.published", &[], &[]));
        },
        found: &[(FindingCode::DeviceSawOtherTree, ERROR, Some(10))],
    },
    Attack {
        name: "put an event in twice",
        does: |scene| {
            let again = scene.material.events[9].clone();
            scene.material.events.push(again);
        },
        found: &[
            (FindingCode::DeviceChain, ERROR, Some(11)),
            (FindingCode::PayloadRepeated, ERROR, Some(11)),
        ],
    },
    Attack {
        name: "exchange two events of one device",
        does: |scene| {
            alone(scene);
            scene.material.events.swap(8, 10);
        },
        found: &[
            (FindingCode::DeviceChain, ERROR, Some(8)),
            (FindingCode::DeviceChain, ERROR, Some(10)),
        ],
    },
    Attack {
        name: "exchange events of two devices",
        does: |scene| {
            alone(scene);
            scene.material.events.swap(4, 5);
        },
        found: &[(FindingCode::DeviceSawOtherTree, ERROR, Some(9))],
    },
    Attack {
        name: "back-date an event",
        does: |scene| {
            alone(scene);
            bend(scene, 10, |header| header.wall_ms -= 86_400_000);
        },
        found: &[(FindingCode::DeviceChain, ERROR, Some(10))],
    },
    Attack {
        name: "back-date when the server received an event",
        does: |scene| {
            alone(scene);
            if let Leaf::Device(event) = &mut scene.material.events[4] {
                event.recv_ms -= 1;
            }
        },
        found: &[(FindingCode::DeviceSawOtherTree, ERROR, Some(9))],
    },
    Attack {
        name: "edit a payload and its commitment",
        does: |scene| {
            bend(scene, 10, |header| {
                header.pc = Some(commitment(&SALT, b"another amount"));
            });
        },
        found: &[(FindingCode::DeviceChain, ERROR, Some(10))],
    },
    Attack {
        name: "show an edited payload in the clear",
        does: |scene| {
            scene.material.openings.push(Opening {
                eid: eid(1),
                salt: SALT,
                payload: b"another amount".to_vec(),
            });
        },
        found: &[(FindingCode::OpeningMismatch, ERROR, Some(2))],
    },
    Attack {
        name: "edit a sealed payload after the export",
        does: |scene| {
            scene.files = |folder| {
                let path = crate::export::payload_path(&eid(3)).unwrap();
                folder.get_mut(&path).unwrap()[0] ^= 1;
            };
        },
        found: &[(FindingCode::FileChanged, ERROR, None)],
    },
    Attack {
        name: "drop a payload without an erasure",
        does: |scene| {
            scene.material.payloads.remove(&eid(3));
        },
        found: &[(FindingCode::PayloadMissing, ERROR, Some(4))],
    },
    Attack {
        name: "enrol another key under a name in use",
        does: |scene| {
            let key = base64url_encode(&public_key(&OTHER_SEED));
            let entry = server("device.enrolled", &[], &[("dev", "d1"), ("kid", "k1"), ("key", &key)]);
            scene.material.events.push(entry);
        },
        found: &[(FindingCode::DeviceEnrolment, ERROR, Some(11))],
    },
    Attack {
        name: "exchange a device's key in its enrolment and sign its last event with it",
        does: |scene| {
            alone(scene);
            let key = base64url_encode(&public_key(&[99; 32]));
            scene.material.events[1] = server("device.enrolled", &[], &[("dev", "d2"), ("kid", "k2"), ("key", &key)]);
            if let Leaf::Device(event) = &mut scene.material.events[10] {
                event.sig = sign_header(&[99; 32], &event.hdr).to_vec();
            }
        },
        found: &[
            (FindingCode::DeviceChain, ERROR, Some(3)),
            (FindingCode::DeviceChain, ERROR, Some(5)),
            (FindingCode::DeviceChain, ERROR, Some(8)),
            (FindingCode::DeviceChain, ERROR, Some(10)),
            (FindingCode::DeviceSawOtherTree, ERROR, Some(9)),
        ],
    },
    Attack {
        name: "drop the tail",
        does: |scene| {
            scene.kept = Some(checkpoint(&scene.material.events, &LOG_SEED));
            scene.material.events.truncate(9);
            scene.material.payloads.retain(|name, _| *name < eid(7));
        },
        found: &[(FindingCode::SinceInconsistent, ERROR, None)],
    },
    Attack {
        name: "roll back and go on otherwise",
        does: |scene| {
            scene.kept = Some(checkpoint(&scene.material.events, &LOG_SEED));
            scene.material.events.truncate(9);
            scene.material.payloads.retain(|name, _| *name < eid(7));
            let more = (0..5).map(|_| server("plan.published", &[], &[]));
            scene.material.events.extend(more);
        },
        found: &[(FindingCode::SinceInconsistent, ERROR, None)],
    },
    Attack {
        name: "show the auditor another history of the same length",
        does: |scene| {
            let mut other = scene.material.events[..8].to_vec();
            other[6] = server("plan.published", &["s9"], &[]);
            scene.kept = Some(checkpoint(&other, &LOG_SEED));
        },
        found: &[(FindingCode::SinceInconsistent, ERROR, None)],
    },
    Attack {
        name: "an event after its key was revoked",
        does: |scene| {
            alone(scene);
            let entry = server("device.revoked", &[], &[("kid", "k2")]);
            scene.material.events.insert(10, entry);
        },
        found: &[(FindingCode::DeviceEnded, Severity::Warning, Some(11))],
    },
    Attack {
        name: "an event before its key was enrolled",
        does: |scene| {
            alone(scene);
            let enrolment = scene.material.events.remove(1);
            scene.material.events.insert(2, enrolment);
            scene.material.events.swap(2, 3);
        },
        found: &[
            (FindingCode::DeviceChain, ERROR, Some(2)),
            (FindingCode::DeviceChain, ERROR, Some(5)),
            (FindingCode::DeviceSawOtherTree, ERROR, Some(9)),
        ],
    },
    Attack {
        name: "forge the whole export under a key of one's own",
        does: |scene| {
            alone(scene);
            scene.seed = [66; 32];
        },
        found: &[
            (FindingCode::ManifestSignature, ERROR, None),
            (FindingCode::CheckpointBad, ERROR, None),
            (FindingCode::CheckpointBad, ERROR, None),
        ],
    },
];

#[test]
fn every_attack_is_named() {
    for attack in ATTACKS {
        let mut scene = scene();
        (attack.does)(&mut scene);
        let mut folder = write(&scene.material, &scene.seed);
        (scene.files)(&mut folder);
        let report = verify_export(&folder, Some(&trusted()), scene.kept.as_deref());
        let found: Vec<_> = report
            .findings
            .iter()
            .map(|finding| (finding.code, finding.severity, finding.index))
            .collect();
        assert_eq!(found, attack.found, "{}: {:#?}", attack.name, report.findings);
    }
}

#[test]
fn without_an_attack_nothing_is_found() {
    let scene = scene();
    let report = verify_export(
        &write(&scene.material, &scene.seed),
        Some(&trusted()),
        scene.kept.as_deref(),
    );
    assert_eq!((report.findings, report.counts.checkpoints_seen), (Vec::new(), 1));
}
