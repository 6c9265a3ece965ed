//! Tests of the report text over exports that were bent.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeMap;
use std::io::Cursor;

use super::*;
use doorstep_log::export::{ExportKeys, LogName, Published, Writer};
use doorstep_log::leaf::{Leaf, ServerEntry};
use doorstep_log::verify::verify_export;

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
        english.starts_with("NOT VERIFIED\nlog of: d/t\nexported: 2026-01-01 01:00+00:00\n"),
        "{english}"
    );
    assert!(english.contains("first wrong leaf: events 3 ("), "{english}");
    let chinese = report_text(Lang::Zh, &report);
    assert!(chinese.starts_with("验证未通过\n日志属于: d/t\n"), "{chinese}");
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
