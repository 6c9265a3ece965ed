//! Tests of the report text over exports that were bent.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeMap;
use std::io::Cursor;

use super::*;
use doorstep_log::export::{ExportKeys, LogName, Published, Writer};
use doorstep_log::leaf::{Leaf, ServerEntry};
use doorstep_log::stamp::Stamp;
use doorstep_log::verify::{CosignedBy, StampReport, WitnessReport, verify_export};

/// Five entries in the log of changes.
fn export() -> BTreeMap<String, Vec<u8>> {
    let keys = ExportKeys::from_seed("d/t", &[7; 32]).unwrap();
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut writer = Writer::new(
        &keys,
        1_767_229_200_000,
        Cursor::new(Vec::new()),
        |path: &str, bytes: &[u8]| {
            files.entry(path.to_owned()).or_default().extend(bytes);
            Ok::<(), ()>(())
        },
    );
    for number in 0..5 {
        let entry = ServerEntry {
            ten: "t".to_owned(),
            t: "plan.published".to_owned(),
            recv_ms: number,
            ..ServerEntry::default()
        };
        writer
            .leaf(LogName::Events, Leaf::Server(entry).encode().unwrap())
            .unwrap();
    }
    writer.finish(Published::default()).unwrap();
    files
}

#[test]
fn every_finding_has_place_meaning_and_remedy_in_both_languages() {
    let mut files = export();
    let bundle = files.get_mut("events/tile/entries/000.p/5").unwrap();
    let place = bundle.windows(11).rposition(|bytes| bytes == b"\"recv_ms\":3").unwrap();
    bundle[place + 10] = b'9';
    files.insert("extra\u{202e}\u{1b}[2J".to_owned(), Vec::new());
    let report = verify_export(&files, None, None);
    for (lang, words_of) in [(Lang::En, 0), (Lang::Zh, 1)] {
        let text = report_text(lang, &report);
        for finding in &report.findings {
            let words = words(finding.code);
            let (meaning, remedy) = [(words.meaning.0, words.remedy.0), (words.meaning.1, words.remedy.1)][words_of];
            assert!(text.contains(meaning) && text.contains(remedy), "{text}");
            assert!(text.contains(&format!("[{}]", words.code)), "{text}");
        }
        assert!(
            text.contains("events 3 (events/tile/entries/000.p/5) [leaf_changed]"),
            "{text}"
        );
        assert!(!text.contains('\u{202e}') && !text.contains('\u{1b}'), "{text}");
    }
    let english = report_text(Lang::En, &report);
    assert!(
        english.starts_with(
            "NOT VERIFIED: this copy is damaged or not whole. Copy or fetch the export again first, and verify that.\n"
        ),
        "{english}"
    );
    assert!(english.contains("first wrong leaf: events 3 ("), "{english}");
    let chinese = report_text(Lang::Zh, &report);
    assert!(
        chinese.starts_with("验证未通过：此副本已损坏或不完整。请先重新复制或获取导出，再验证。\n日志属于：d/t\n"),
        "{chinese}"
    );
}

#[test]
fn what_follows_from_damage_stands_last_and_asks_for_a_sound_copy_first() {
    let mut files = export();
    let bundle = files.get_mut("events/tile/entries/000.p/5").unwrap();
    let place = bundle.windows(11).rposition(|bytes| bytes == b"\"recv_ms\":3").unwrap();
    bundle[place + 10] = b'9';
    let report = verify_export(&files, None, None);
    assert!(report.is_only_damage() && report.errors == 3, "{report:?}");
    let english = report_text(Lang::En, &report);
    let cause = "may follow from events/tile/entries/000.p/5";
    for said in [
        "files: 0 of 5 files are missing, 1 changed, 0 added\n",
        &format!("first wrong leaf: events 3 (events/tile/entries/000.p/5); {cause}\n"),
        &format!("error: events 3 (events/tile/entries/000.p/5) [leaf_changed]; {cause}\n"),
        &format!("error: events (events/checkpoint) [root_mismatch]; {cause}\n"),
        "what to do: Copy or fetch the export again first. If the same is found in a sound copy: Keep this export unchanged",
    ] {
        assert!(english.contains(said), "{said}\n{english}");
    }
    let [changed, first, last] = ["[file_changed]", "[leaf_changed]", "[root_mismatch]"].map(|code| english.find(code));
    assert!(changed < first && first < last, "{english}");
    assert_eq!(
        english.matches("what to do: Keep this export unchanged").count(),
        0,
        "{english}"
    );
    let chinese = report_text(Lang::Zh, &report);
    for said in [
        "[leaf_changed]；可能由 events/tile/entries/000.p/5 引起",
        "请先重新复制或获取导出。若完好的副本中仍有此项：",
    ] {
        assert!(chinese.contains(said), "{chinese}");
    }
    assert!(!chinese.contains(": "), "{chinese}");
    // Signed anew by whoever holds the key, the same is nobody's accident.
    let document = serde_json::to_value(&report).unwrap();
    let found = document["findings"].as_array().unwrap();
    let of = |code: &str| &found.iter().find(|found| found["code"] == code).unwrap()["follows_from"];
    assert_eq!(of("leaf_changed"), "events/tile/entries/000.p/5");
    assert!(of("file_changed").is_null());
}

#[test]
fn of_many_findings_of_a_kind_ten_are_written_and_all_are_counted() {
    let mut files = export();
    for number in 0..2_000 {
        files.insert(format!("extra/{number:04}"), Vec::new());
    }
    files.remove("events/checkpoint");
    let report = verify_export(&files, None, None);
    assert_eq!((report.files.added, report.findings_left_out), (2_000, 1_000));
    // The many push out none of another kind.
    let document = serde_json::to_value(&report).unwrap();
    assert_eq!(document["kinds"]["file_unlisted"], 2_000);
    assert!(report.findings.iter().any(|found| found.code == FindingCode::LogAbsent));
    for (lang, more, missing) in [
        (
            Lang::En,
            "and 1,990 more [file_unlisted]; --json names up to 1,000 of a kind\n",
            "1 of 5 files are missing, 0 changed, 2,000 added",
        ),
        (
            Lang::Zh,
            "另有 1,990 条 [file_unlisted]；--json 每类至多列出 1,000 条\n",
            "5 个文件中缺失 1 个，不符 0 个；另有多余文件 2,000 个",
        ),
    ] {
        let text = report_text(lang, &report);
        assert_eq!(text.matches("[file_unlisted]").count(), SHOWN_MAX + 1, "{text}");
        assert!(text.contains(more) && text.contains(missing), "{text}");
    }
}

#[test]
fn each_number_has_its_unit_and_each_generation_its_name() {
    let stamped = |origin: &str, stamps: u64, size: u64| StampReport {
        log: LogName::Events,
        origin: origin.to_owned(),
        leaves: 30_030,
        stamps,
        size,
        newest: Stamp {
            at_ms: 1_767_229_200_000,
            accuracy_ms: None,
            policy: "1.2".to_owned(),
            serial: "01".to_owned(),
        },
    };
    let mut report = verify_export(&export(), None, None);
    report.stamps = vec![stamped("d/t/events", 2, 30_030), stamped("d/t/events-2", 1, 23)];
    report.witnessed = vec![WitnessReport {
        log: Some(LogName::Events),
        origin: "d/t/events-2".to_owned(),
        size: 1_000,
        quorum: true,
        cosignatures: vec![CosignedBy {
            witness: "w1".to_owned(),
            time_s: 1_767_229_200,
        }],
    }];
    for (lang, lines) in [
        (
            Lang::En,
            [
                "files: 5 files in the signed list, all there, none added",
                "log events: 5 leaves, all read; root ",
                "time stamps of events: 2 stamps; the newest, of 2026-01-01 01:00+00:00, covers 30,030 of 30,030 leaves; 0 came after it",
                "time stamps of events-2: 1 stamp; the newest, of 2026-01-01 01:00+00:00, covers 23 of 30,030 leaves; 30,007 came after it",
                "witnesses of events-2: quorum under the checkpoint of 1,000 leaves; w1 cosigned at 2026-01-01 01:00+00:00",
            ],
        ),
        (
            Lang::Zh,
            [
                "文件：已签名清单中的 5 个文件俱在，无多余文件",
                "日志 events：5 条，全部读取；根哈希 ",
                "events 的时间戳：2 个；最新一个于 2026-01-01 01:00+00:00，覆盖 30,030 条中的前 30,030 条，其后有 0 条",
                "events-2 的时间戳：1 个；最新一个于 2026-01-01 01:00+00:00，覆盖 30,030 条中的前 23 条，其后有 30,007 条",
                "events-2 的见证方：1,000 条的检查点达到法定数；w1 于 2026-01-01 01:00+00:00 共签",
            ],
        ),
    ] {
        let text = report_text(lang, &report);
        for line in lines {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}

/// Runs of words in Latin letters: what stands in a Chinese report of them must be a name, a code or an option.
fn longest_english(text: &str) -> usize {
    let words = text.split(|symbol: char| symbol > '\u{2fff}' || symbol == '\n');
    let is_word = |word: &&str| word.chars().all(|symbol| symbol.is_ascii_alphabetic());
    words
        .map(|run| run.split(' ').filter(|word| !word.is_empty()).filter(is_word).count())
        .max()
        .unwrap_or(0)
}

#[test]
fn no_english_stands_in_a_chinese_report() {
    let folders = [
        {
            let mut files = export();
            files.remove("events/checkpoint");
            files
        },
        {
            let mut files = export();
            files.insert("events/checkpoint".to_owned(), b"nothing".to_vec());
            files.remove("keys/log.vkey");
            files
        },
        {
            let mut files = export();
            files.insert("MANIFEST".to_owned(), b"nothing".to_vec());
            files
        },
        {
            let mut files = export();
            files.insert("policy".to_owned(), b"nothing\n".to_vec());
            files.get_mut("events/tile/entries/000.p/5").unwrap()[30] ^= 1;
            files
        },
        BTreeMap::new(),
    ];
    for files in folders {
        let report = verify_export(&files, None, Some(b"nothing"));
        let text = report_text(Lang::Zh, &report);
        assert!(!report.ok && longest_english(&text) <= 2, "{text}");
        for finding in &report.findings {
            assert!(!text.contains(&finding.message), "{text}");
        }
    }
}

#[test]
fn characters_that_nobody_sees_are_left_out() {
    for unseen in [
        '\u{61c}',
        '\u{ad}',
        '\u{180e}',
        '\u{200b}',
        '\u{200d}',
        '\u{2060}',
        '\u{feff}',
        '\u{e0041}',
        '\u{7}',
    ] {
        assert_eq!(clean(&format!("a{unseen}b")), "ab", "{}", unseen.escape_unicode());
    }
    assert_eq!(clean("a\u{2028}b\tc 条"), "a b c 条");
}

#[test]
fn times_are_those_of_the_calendar() {
    for (milliseconds, expected) in [
        (0, "1970-01-01 00:00+00:00"),
        (-1, "1969-12-31 23:59+00:00"),
        (951_782_399_999, "2000-02-28 23:59+00:00"),
        (951_782_400_000, "2000-02-29 00:00+00:00"),
        (1_709_251_199_000, "2024-02-29 23:59+00:00"),
        (4_107_542_400_000, "2100-03-01 00:00+00:00"),
        (1_767_229_200_000, "2026-01-01 01:00+00:00"),
    ] {
        assert_eq!(utc(milliseconds), expected);
    }
    assert_eq!(local(951_782_399_999, 480), "2000-02-29 07:59+08:00");
    assert_eq!(local(0, -210), "1969-12-31 20:30-03:30");
    assert_eq!(local(0, i64::MIN + 1), "1970-01-01 00:00+00:00");
    // Whatever a manifest claims, the report is written.
    assert!(!utc(i64::MAX).is_empty() && !utc(i64::MIN).is_empty());
}
