//! Tests of the export's files and lines.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::io::Cursor;

use super::*;
use crate::hash::sha256;

#[test]
fn payload_paths_take_lower_case_uuids_only() {
    let eid = "0190a1b2-c3d4-7e5f-8a6b-0123456789ab";
    assert_eq!(payload_path(eid).unwrap(), format!("payloads/01/{eid}.sealed"));
    for wrong in [
        "",
        "..",
        &eid.to_uppercase(),
        &eid.replace('-', "0"),
        &eid.replace("0190", "../a"),
        &eid[1..],
    ] {
        assert_eq!(payload_path(wrong), None, "{wrong}");
    }
    let odd = ["", "/a", "a/", "a//b", "../a", "a/./b", "a\\b", "a b", "ä"];
    assert!(odd.iter().all(|path| !is_plain_path(path)));
    assert!(is_plain_path("events/tile/0/x001/234.p/5"));
}

#[test]
fn manifests_are_strict() {
    let file = ManifestFile {
        hash: sha256(b""),
        size: 0,
    };
    let files = ["a", "b/c"].map(|path| (path.to_owned(), file)).into();
    let manifest = Manifest {
        kind: ExportKind::Whole,
        origin: "d/t".to_owned(),
        created_ms: 5,
        files,
    };
    let body = manifest.body();
    assert_eq!(Manifest::parse(&body), Ok(manifest));
    let wrong =
        |text: &str, line: usize| assert_eq!(Manifest::parse(text), Err(ManifestError::Line { line }), "{text}");
    wrong("", 1);
    wrong(&body.replace("v1", "v2"), 1);
    wrong(&body.replace("\n5\n", "\n05\n"), 3);
    wrong(&body.replace(" 0 a", " 00 a"), 4);
    wrong(&body.replace(" a\n", " ../a\n"), 4);
    wrong(&body.replace(" a\n", " MANIFEST\n"), 4);
    wrong(&body.replace(" a\n", " z\n"), 4);
    wrong(&body.replace("b/c", "a"), 5);
    wrong(&format!("{body}\n"), 6);
}

#[test]
fn openings_are_strict() {
    let opening = Opening {
        eid: "e".to_owned(),
        salt: [1; 32],
        payload: b"note".to_vec(),
    };
    let line = opening.encode().unwrap();
    assert_eq!(Opening::decode(&line), Ok(opening));
    let text = String::from_utf8(line).unwrap();
    let decode = |text: &str| Opening::decode(text.as_bytes());
    assert_eq!(
        decode(&text.replace('}', ",\"x\":1}")),
        Err(LeafError::Unknown("x".to_owned()))
    );
    assert_eq!(decode(&text.replace("AQEB", "")), Err(LeafError::Wrong("salt")));
    assert_eq!(decode("{}"), Err(LeafError::Missing("salt")));
}

#[test]
fn a_published_checkpoint_must_be_of_the_same_tree() {
    let keys = ExportKeys::from_seed("d/t", &[5; 32]).unwrap();
    let finish = |leaves: &[&[u8]], published: Option<&[u8]>| {
        let mut writer = Writer::new(&keys, 1, Cursor::new(Vec::new()), |_: &str, _: &[u8]| Ok::<(), ()>(()));
        for leaf in leaves {
            writer.leaf(LogName::Events, leaf.to_vec()).unwrap();
        }
        writer.finish(Published {
            events: published,
            access: None,
        })
    };
    let events = finish(&[b"a", b"b"], None).unwrap().events;
    let note = events.sign(&[keys.log(LogName::Events)]).unwrap();
    assert_eq!(finish(&[b"a", b"b"], Some(&note)).unwrap().events, events);
    assert!(matches!(
        finish(&[b"a"], Some(&note)),
        Err(WriteError::OtherTree { log: LogName::Events })
    ));
    assert!(matches!(
        finish(&[b"a"], Some(b"")),
        Err(WriteError::Checkpoint {
            log: LogName::Events,
            ..
        })
    ));
    let mut writer = Writer::new(&keys, 1, Cursor::new(Vec::new()), |_: &str, _: &[u8]| Ok::<(), ()>(()));
    assert!(matches!(
        writer.leaf(LogName::Access, vec![0; 20_000]),
        Err(WriteError::Leaf { index: 0, .. })
    ));
    assert!(matches!(writer.payload("../x", b""), Err(WriteError::Eid(_))));
    writer.file("policy", b"").unwrap();
    assert!(matches!(writer.file("policy", b""), Err(WriteError::Path(_))));
}
