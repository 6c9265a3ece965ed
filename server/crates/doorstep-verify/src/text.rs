//! The report for people: what was read, then every finding with its place, and once a code what it means and what to do.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use doorstep_log::verify::{Counts, Finding, Report, Severity, Verdict, WitnessReport};

use crate::continued::{continued_said, continued_title};
use crate::proven::case_said;
use crate::words::detail::details_zh;
use crate::{Lang, words};

/// The report for people.
pub fn report_text(lang: Lang, report: &Report) -> String {
    facts_text(lang, report) + &findings_text(lang, report)
}

/// What it comes to, in the first line, and what was read.
pub fn facts_text(lang: Lang, report: &Report) -> String {
    let mut lines = vec![title(lang, report)];
    lines.extend(
        report
            .continued
            .iter()
            .flat_map(|continued| continued_said(lang, continued)),
    );
    lines.extend(report.case.iter().flat_map(|case| case_said(lang, case)));
    let mut fact = |english: &str, chinese: &str, value: &str| {
        lines.push(format!("{}: {}", lang.pick(english, chinese), clean(value)));
    };
    fact("log of", "日志属于", report.origin.as_deref().unwrap_or("–"));
    let exported = report.created_ms.map_or_else(|| "–".to_owned(), utc);
    fact("exported", "导出时间", &exported);
    for log in &report.logs {
        let value = format!("{} / {}  {}", log.leaves, log.size, log.root);
        // The last part of the origin tells generations of one log apart.
        let name = log.origin.rsplit('/').next().unwrap_or_default();
        fact(&format!("{name} leaves, root"), &format!("{name} 条目、根哈希"), &value);
    }
    for witnessed in &report.witnessed {
        let name = witnessed.origin.rsplit('/').next().unwrap_or_default();
        let said = witnesses(lang, witnessed);
        fact(&format!("{name} witnesses"), &format!("{name} 见证方"), &said);
    }
    for meta in &report.meta {
        let trusted = if meta.key_trusted {
            ""
        } else {
            lang.pick(" (the export's own key)", "（公钥取自导出本身）")
        };
        fact(
            &format!("{} head in the operator's log", meta.log),
            &format!("{} 检查点已列入运营方总日志", meta.log),
            &format!("{}, {}{trusted}", meta.origin, meta.size),
        );
    }
    for stamps in &report.stamps {
        let value = format!("{}  {}  {}", stamps.stamps, utc(stamps.newest.at_ms), stamps.size);
        fact(
            &format!("{} time stamps, newest", stamps.log),
            &format!("{} 时间戳、最新", stamps.log),
            &value,
        );
    }
    for (english, chinese, count) in counted(&report.counts) {
        fact(english, chinese, &count.to_string());
    }
    lines.join("\n") + "\n"
}

/// Who cosigned a checkpoint and when, and whether that is enough.
fn witnesses(lang: Lang, witnessed: &WitnessReport) -> String {
    let enough = if witnessed.quorum {
        lang.pick("quorum", "达到法定数")
    } else {
        lang.pick("NO QUORUM", "未达法定数")
    };
    let said = witnessed.cosignatures.iter().map(|one| {
        let at = i64::try_from(one.time_s).unwrap_or(i64::MAX).saturating_mul(1_000);
        format!("{} {}", one.witness, utc(at))
    });
    let said: Vec<String> = std::iter::once(enough.to_owned()).chain(said).collect();
    said.join("; ")
}

fn counted(counts: &Counts) -> [(&'static str, &'static str, u64); 7] {
    [
        ("devices", "设备", counts.devices),
        ("signed events", "签名记录", counts.events),
        (
            "checkpoints seen by devices",
            "设备见过的检查点",
            counts.checkpoints_seen,
        ),
        ("payloads present", "现存内容", counts.payloads_present),
        ("payloads erased", "已删除内容", counts.payloads_erased),
        ("payloads missing", "缺失内容", counts.payloads_missing),
        ("payloads opened", "公开内容", counts.payloads_opened),
    ]
}

fn title(lang: Lang, report: &Report) -> String {
    let title = match (report.verdict, &report.case) {
        (Verdict::Verified, None) => lang.pick("verified: nothing was altered", "已验证：未发现改动"),
        (Verdict::Verified, Some(_)) => lang.pick(
            "verified: one case, not the whole log; nothing in it was altered",
            "已验证：仅含一个案件，并非整个日志；其中未发现改动",
        ),
        (Verdict::Continued, _) => return continued_title(lang, report),
        (Verdict::NotVerified, _) => lang.pick("NOT VERIFIED", "验证未通过"),
    };
    title.to_owned()
}

/// What was found, as lines: the first wrong leaf, then every finding.
pub fn findings_text(lang: Lang, report: &Report) -> String {
    let mut lines = Vec::new();
    if let Some(finding) = first_wrong_leaf(report) {
        let what = lang.pick("first wrong leaf", "第一条错误条目");
        lines.push(format!("{what}: {}", place(finding)));
    }
    let mut explained = BTreeSet::new();
    for finding in &report.findings {
        lines.push(headline(lang, finding));
        let found = match lang {
            Lang::En => clean(&finding.message),
            Lang::Zh => details_zh(&finding.details),
        };
        lines.extend((!found.is_empty()).then(|| format!("    {found}")));
        let words = words(finding.code);
        if explained.insert(words.code) {
            lines.push(format!(
                "    {}: {}",
                lang.pick("it means", "含义"),
                lang.pick(words.meaning.0, words.meaning.1)
            ));
            lines.push(format!(
                "    {}: {}",
                lang.pick("what to do", "处理"),
                lang.pick(words.remedy.0, words.remedy.1)
            ));
        }
    }
    if report.findings_left_out > 0 {
        let count = report.findings_left_out;
        let (english, chinese) = (
            format!("and {count} more of the same kinds"),
            format!("另有 {count} 条"),
        );
        lines.push(lang.pick(&english, &chinese).to_owned());
    }
    // Each line ends with its newline.
    lines.push(String::new());
    lines.join("\n")
}

fn headline(lang: Lang, finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Error => lang.pick("error: ", "错误："),
        Severity::Warning => lang.pick("warning: ", "警告："),
    };
    format!("{severity}{} [{}]", place(finding), words(finding.code).code)
}

/// The error with the lowest place in a log: events before reads.
fn first_wrong_leaf(report: &Report) -> Option<&Finding> {
    let errors = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error);
    errors
        .filter(|finding| finding.index.is_some())
        .min_by_key(|finding| (finding.log, finding.index))
}

fn place(finding: &Finding) -> String {
    let leaf = finding.index.map(|index| index.to_string());
    let log = finding.log.map(|log| log.to_string());
    let file = finding.file.as_deref().map(|file| format!("({})", clean(file)));
    let parts: Vec<String> = [log, leaf, file].into_iter().flatten().collect();
    if parts.is_empty() {
        "–".to_owned()
    } else {
        parts.join(" ")
    }
}

/// Characters that are not seen but change what is: format characters of Unicode (category Cf) and the blocks reserved for them.
const UNSEEN: [RangeInclusive<char>; 18] = [
    '\u{ad}'..='\u{ad}',
    '\u{600}'..='\u{605}',
    '\u{61c}'..='\u{61c}',
    '\u{6dd}'..='\u{6dd}',
    '\u{70f}'..='\u{70f}',
    '\u{890}'..='\u{891}',
    '\u{8e2}'..='\u{8e2}',
    '\u{180e}'..='\u{180e}',
    '\u{200b}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{feff}'..='\u{feff}',
    '\u{fff0}'..='\u{fffb}',
    '\u{110bd}'..='\u{110cd}',
    '\u{13430}'..='\u{1343f}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
];

/// Text of a stranger without characters that move the cursor, turn the direction of writing or hide among others.
pub(crate) fn clean(text: &str) -> String {
    let is_unseen = |symbol: char| UNSEEN.iter().any(|range| range.contains(&symbol));
    let harmless = |symbol: &char| !is_unseen(*symbol) && (symbol.is_whitespace() || !symbol.is_control());
    let shown = |symbol: char| if symbol.is_whitespace() { ' ' } else { symbol };
    text.chars().filter(harmless).map(shown).collect()
}

/// A time in UTC to the minute.
pub(crate) fn utc(milliseconds: i64) -> String {
    local(milliseconds, 0)
}

/// A time to the minute where clocks are ahead of UTC by `offset_min`; in UTC where that is no offset in use anywhere.
pub(crate) fn local(milliseconds: i64, offset_min: i64) -> String {
    let offset = if (-1439..1440).contains(&offset_min) {
        offset_min
    } else {
        0
    };
    let minutes = milliseconds.div_euclid(60_000) + offset;
    let (days, minute) = (minutes.div_euclid(1440), minutes.rem_euclid(1440));
    // Days since 1 March of year 0, in eras of 400 years; a year that begins in March ends with its leap day.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = year + era * 400 + later;
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}{}{:02}:{:02}",
        minute / 60,
        minute % 60,
        if offset < 0 { '-' } else { '+' },
        offset.abs() / 60,
        offset.abs() % 60
    )
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
