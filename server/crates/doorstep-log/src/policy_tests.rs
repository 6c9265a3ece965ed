//! Tests of trust policies: the examples of the specification, what it forbids, and quorums counted by hand.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::cosignature::CosignerKey;
use crate::note::{self, SigningKey};

fn witness(number: u8) -> CosignerKey {
    CosignerKey::from_seed(&format!("w{number}"), &[number; 32]).unwrap()
}

fn lines(numbers: impl IntoIterator<Item = u8>) -> String {
    let line = |number: u8| format!("witness W{number} {}\n", witness(number).cosigner());
    numbers.into_iter().map(line).collect()
}

fn parse(text: &str) -> Result<Policy, PolicyError> {
    Policy::parse(text.as_bytes())
}

fn met(policy: &Policy, numbers: &[u8]) -> bool {
    policy.is_met(|key| numbers.iter().any(|number| witness(*number).cosigner() == *key))
}

/// The shape of the specification's example: two of three X and one of three Y.
fn example() -> String {
    let log = SigningKey::from_seed("d/t", &[40; 32]).unwrap().verifier();
    format!(
        "# who watches\n log\t{log}  https://example.org/log \n\n{}group X-witnesses 2 W1 W2 W3\n{}\
         group Y-witnesses any W4 W5 W6\n\t# both\ngroup X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n",
        lines(1..4),
        lines(4..7)
    )
}

#[test]
fn the_specifications_example_counts_groups_within_groups() {
    let policy = parse(&example()).unwrap();
    assert_eq!((policy.logs().len(), policy.witnesses().len()), (1, 6));
    assert_eq!(policy.logs()[0].url.as_deref(), Some("https://example.org/log"));
    assert_eq!(policy.logs()[0].key.name(), "d/t");
    assert!(policy.demands_witnesses());
    // Every set of witnesses, against the rule said in words.
    for set in 0_u8..64 {
        let numbers: Vec<u8> = (1..=6).filter(|number| set & (1 << (number - 1)) != 0).collect();
        let of_x = numbers.iter().filter(|number| **number <= 3).count();
        let of_y = numbers.len() - of_x;
        assert_eq!(met(&policy, &numbers), of_x >= 2 && of_y >= 1, "{numbers:?}");
    }
}

#[test]
fn small_policies_hold() {
    let none = parse("quorum none").unwrap();
    assert!(met(&none, &[]) && !none.demands_witnesses());
    let one = parse(&format!("{}quorum W1\n", lines([1]))).unwrap();
    assert!(met(&one, &[1]) && !met(&one, &[2]));
    let url = format!("{} http://127.0.0.1:1\nquorum W1\n", lines([1]).trim_end());
    assert_eq!(
        parse(&url).unwrap().witnesses()[0].url.as_deref(),
        Some("http://127.0.0.1:1")
    );
    // Names are opaque bytes: these two differ, and neither is UTF-8.
    let mut bytes = Vec::new();
    for (number, name) in [(1, b"\xff".as_slice()), (2, b"\xfe")] {
        let key = witness(number).cosigner().to_string();
        bytes.extend([b"witness ".as_slice(), name, b" ", key.as_bytes(), b"\n"].concat());
    }
    bytes.extend(b"group g 2 \xff \xfe\nquorum g\n# \xc3");
    assert!(met(&Policy::parse(&bytes).unwrap(), &[1, 2]));
}

/// The vkey line of a witness with an ML-DSA-44 key.
fn of_type_6(fill: u8, length: usize) -> String {
    let public = vec![fill; length];
    let hash = crate::hash::hex(&note::key_hash("pq", 6, &public));
    let data = crate::hash::base64_encode(&[&[6], public.as_slice()].concat());
    format!("pq+{hash}+{data}")
}

#[test]
fn a_witness_of_a_type_that_cannot_be_checked_is_one_that_never_cosigns() {
    let text = |least: &str, key: String| format!("{}witness P {key}\ngroup g {least} W1 P\nquorum g\n", lines([1]));
    let any = parse(&text("any", of_type_6(9, 1312))).unwrap();
    assert!(met(&any, &[1]) && !met(&any, &[]));
    assert_eq!(any.witnesses().len(), 1, "nobody asks it");
    let all = parse(&text("all", of_type_6(9, 1312))).unwrap();
    assert!(all.demands_witnesses() && !met(&all, &[1]));
    let refused = |text: &str, fault| {
        assert_eq!(parse(text), Err(PolicyError::Line { line: 2, fault }), "{text}");
    };
    refused(&text("any", of_type_6(9, 1311)), PolicyFault::WitnessKey);
    let other_hash = of_type_6(9, 1312).replacen('+', "+0", 1);
    refused(&text("any", other_hash), PolicyFault::WitnessKey);
    let twice = format!("witness P {0}\nwitness Q {0}\nquorum none\n", of_type_6(9, 1312));
    refused(&twice, PolicyFault::Duplicate);
}

#[test]
fn what_the_specification_forbids_is_refused_by_line() {
    use PolicyFault as F;
    let (one, two) = (lines([1]), lines([1, 2]));
    let key = witness(1).cosigner();
    let log = SigningKey::from_seed("d/t", &[40; 32]).unwrap().verifier();
    let renamed = log.renamed("d/u").unwrap();
    let cases = [
        ("quorum none\r\n".to_owned(), 1, F::Character),
        ("quorum none\x7f\n".to_owned(), 1, F::Character),
        ("wittness W1\n".to_owned(), 1, F::Keyword),
        ("Quorum none\n".to_owned(), 1, F::Keyword),
        ("quorum\n".to_owned(), 1, F::Words),
        ("quorum none # why\n".to_owned(), 1, F::Words),
        (format!("log {key}\n"), 1, F::LogKey),
        (format!("witness W {log}\n"), 1, F::WitnessKey),
        (format!("log {log} a b\n"), 1, F::Words),
        (format!("log {log}\nlog {renamed}\n"), 2, F::Duplicate),
        (format!("{one}witness V {key}\n"), 2, F::Duplicate),
        (format!("witness none {key}\n"), 1, F::Name),
        (format!("{two}group W2 any W1\n"), 3, F::Name),
        (format!("{one}group g any W1 W2\n"), 2, F::Unknown),
        (format!("{one}group g any none\n"), 2, F::Unknown),
        (format!("{one}group g any g\n"), 2, F::Unknown),
        (format!("{one}group g any W1 W1\n"), 2, F::Member),
        (format!("{two}group g any W1\ngroup h any W1 W2\n"), 4, F::Member),
        (format!("{two}group g 0 W1 W2\n"), 3, F::Threshold),
        (format!("{two}group g 3 W1 W2\n"), 3, F::Threshold),
        (format!("{two}group g 02 W1 W2\n"), 3, F::Threshold),
        (format!("{two}group g +2 W1 W2\n"), 3, F::Threshold),
        (format!("{one}group g all\n"), 2, F::Words),
        ("quorum W1\n".to_owned(), 1, F::Unknown),
        ("quorum none\nquorum none\n".to_owned(), 2, F::Quorum),
    ];
    for (text, line, fault) in cases {
        assert_eq!(parse(&text), Err(PolicyError::Line { line, fault }), "{text}");
    }
    assert_eq!(parse(&one), Err(PolicyError::NoQuorum));
}

#[test]
fn a_checkpoint_is_judged_by_the_cosignatures_that_hold() {
    let policy = parse(&format!("{}group g 2 W1 W2 W3\nquorum g\n", lines(1..4))).unwrap();
    let log = SigningKey::from_seed("d/t/events", &[40; 32]).unwrap();
    let text = "d/t/events\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
    let signed = String::from_utf8(note::sign(text, &[&log]).unwrap()).unwrap();
    let line = |number: u8, text: &str| witness(number).cosign(text, 5).unwrap();
    let judged = |lines: &[String]| policy.judge(format!("{signed}{}", lines.concat()).as_bytes());
    assert!(!judged(&[]).is_quorum);
    assert!(
        !judged(&[line(1, text), line(9, text)]).is_quorum,
        "a stranger counts for nothing"
    );
    let two = judged(&[line(3, text), line(1, text)]);
    assert!(two.is_quorum && two.bad.is_empty());
    assert_eq!(
        two.cosignatures
            .iter()
            .map(|one| one.witness.as_str())
            .collect::<Vec<_>>(),
        ["w1", "w3"]
    );
    let other = judged(&[line(1, text), line(2, "another\n")]);
    assert!(!other.is_quorum);
    assert_eq!(other.bad, [CosignatureError::Bad { name: "w2".to_owned() }]);
    let twice = judged(&[line(1, text), line(1, text)]);
    assert!(!twice.is_quorum, "one witness is one, however often it says so");
}
