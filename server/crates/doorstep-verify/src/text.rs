//! The report for people: what was read, then every finding with its place, and once a code what it means and what to do.

use std::ops::RangeInclusive;

use doorstep_log::export::Generation;
use doorstep_log::verify::{Finding, FindingCode, Report, Severity, Verdict};

use crate::continued::{continued_said, continued_title};
use crate::facts::{against, facts, grouped};
use crate::proven::case_said;
use crate::words::COPY_AGAIN;
use crate::words::detail::details_zh;
use crate::{Lang, words};

/// How many findings of one kind are written out; the rest is counted. Programs get them all.
const SHOWN_MAX: usize = 10;

/// The report for people.
pub fn report_text(lang: Lang, report: &Report) -> String {
    facts_text(lang, report) + &findings_text(lang, report)
}

/// What it comes to, in the first line, and what was read.
pub fn facts_text(lang: Lang, report: &Report) -> String {
    let mut lines = vec![title(lang, report)];
    let continued = report.continued.iter();
    lines.extend(continued.flat_map(|continued| continued_said(lang, continued)));
    lines.extend(report.case.iter().flat_map(|case| case_said(lang, case)));
    lines.extend(facts(lang, report));
    lines.extend(against(lang, report));
    lines.join("\n") + "\n"
}

/// What stands between a label and what it labels.
pub(crate) const fn colon(lang: Lang) -> &'static str {
    match lang {
        Lang::En => ": ",
        Lang::Zh => "：",
    }
}

/// A label in one of two languages, and its value.
pub(crate) fn labelled(lang: Lang, label: (&str, &str), value: &str) -> String {
    format!("{}{}{value}", lang.pick(label.0, label.1), colon(lang))
}

fn title(lang: Lang, report: &Report) -> String {
    let title = match (report.verdict, &report.case) {
        (Verdict::Verified, None) => lang.pick("verified: nothing was altered", "已验证：未发现改动"),
        (Verdict::Verified, Some(_)) => lang.pick(
            "verified: one case, not the whole log; nothing in it was altered",
            "已验证：仅含一个案件，并非整个日志；其中未发现改动",
        ),
        (Verdict::Continued, _) => return continued_title(lang, report),
        (Verdict::NotVerified, _) if report.is_only_damage() && report.files.missing + report.files.changed == 0 => {
            lang.pick(
                "NOT VERIFIED: files were added to this copy",
                "验证未通过：此副本中被加入了文件",
            )
        }
        (Verdict::NotVerified, _) if report.is_only_damage() => lang.pick(
            "NOT VERIFIED: this copy is damaged or not whole. Copy or fetch the export again first, and verify that.",
            "验证未通过：此副本已损坏或不完整。请先重新复制或获取导出，再验证。",
        ),
        (Verdict::NotVerified, _) => lang.pick("NOT VERIFIED", "验证未通过"),
    };
    title.to_owned()
}

/// What was found, as lines: the first wrong leaf, then every finding, kind by kind; what may only follow from a file that is
/// damaged or missing stands last.
pub fn findings_text(lang: Lang, report: &Report) -> String {
    let mut lines = Vec::new();
    if let Some(finding) = first_wrong_leaf(report) {
        let found = format!("{}{}", place(finding), because(lang, finding));
        lines.push(labelled(lang, ("first wrong leaf", "第一条错误条目"), &found));
    }
    let (following, own): (Vec<_>, Vec<_>) = report
        .findings
        .iter()
        .partition(|finding| finding.follows_from.is_some());
    for (findings, follows) in [(own, false), (following, true)] {
        if follows && !findings.is_empty() {
            lines.push(
                lang.pick(
                    "what follows may come from the damaged or missing files alone, and accuses nobody:",
                    "以下各项可能仅由损坏或缺失的文件引起，不构成对任何人的指控：",
                )
                .to_owned(),
            );
        }
        for of_kind in kinds(findings) {
            lines.extend(kind_said(lang, report, &of_kind, follows));
        }
    }
    // Each line ends with its newline.
    lines.push(String::new());
    lines.join("\n")
}

/// Findings by their kind, errors first, in the order in which each kind was found first.
fn kinds(findings: Vec<&Finding>) -> Vec<Vec<&Finding>> {
    let mut kinds: Vec<Vec<&Finding>> = Vec::new();
    for finding in findings {
        let same = |kind: &&mut Vec<&Finding>| kind[0].code == finding.code && kind[0].severity == finding.severity;
        match kinds.iter_mut().find(same) {
            Some(kind) => kind.push(finding),
            None => kinds.push(vec![finding]),
        }
    }
    kinds.sort_by_key(|kind| kind[0].severity == Severity::Warning);
    kinds
}

/// The first findings of one kind, what they mean and what to do, and how many more there are.
fn kind_said(lang: Lang, report: &Report, findings: &[&Finding], follows: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let code = findings[0].code;
    let words = words(code);
    for (at, finding) in findings.iter().take(SHOWN_MAX).enumerate() {
        lines.push(headline(lang, finding));
        let found = match lang {
            Lang::En => clean(&finding.message),
            Lang::Zh => details_zh(&finding.details),
        };
        lines.extend((!found.is_empty()).then(|| format!("    {found}")));
        if at == 0 {
            let meaning = lang.pick(words.meaning.0, words.meaning.1);
            let remedy = remedy(lang, words.remedy, follows);
            lines.push(format!("    {}", labelled(lang, ("it means", "含义"), meaning)));
            lines.push(format!("    {}", labelled(lang, ("what to do", "处理"), &remedy)));
        }
    }
    let more = findings.len().saturating_sub(SHOWN_MAX) as u64 + left_out(report, findings[0]);
    lines.extend((more > 0).then(|| more_said(lang, report, code, more)));
    lines
}

/// How many of a finding's kind were not kept; they are counted with the first of the kind.
fn left_out(report: &Report, finding: &Finding) -> u64 {
    let kept = report.findings.iter().filter(|kept| kept.code == finding.code);
    if !kept.clone().next().is_some_and(|first| std::ptr::eq(first, finding)) {
        return 0;
    }
    let found = report.kinds.get(&finding.code).copied().unwrap_or(0);
    found.saturating_sub(kept.count() as u64)
}

/// What to do. Where something may only follow from damage, a sound copy comes first.
fn remedy(lang: Lang, remedy: (&str, &str), follows: bool) -> String {
    let said = lang.pick(remedy.0, remedy.1);
    if !follows || remedy == COPY_AGAIN {
        return said.to_owned();
    }
    let first = lang.pick(
        "Copy or fetch the export again first. If the same is found in a sound copy: ",
        "请先重新复制或获取导出。若完好的副本中仍有此项：",
    );
    format!("{first}{said}")
}

fn more_said(lang: Lang, report: &Report, code: FindingCode, more: u64) -> String {
    let (more, files) = (grouped(more), &report.files);
    let (listed, missing, changed) = (grouped(files.listed), grouped(files.missing), grouped(files.changed));
    let whole = match code {
        FindingCode::FileMissing => lang.either(
            || format!("; {missing} of {listed} files are missing"),
            || format!("；{listed} 个文件中共缺失 {missing} 个"),
        ),
        FindingCode::FileChanged => lang.either(
            || format!("; {changed} of {listed} files differ"),
            || format!("；{listed} 个文件中共有 {changed} 个不符"),
        ),
        _ => String::new(),
    };
    let code = words(code).code;
    lang.either(
        || format!("and {more} more [{code}]{whole}; --json names up to 1,000 of a kind"),
        || format!("另有 {more} 条 [{code}]{whole}；--json 每类至多列出 1,000 条"),
    )
}

/// The file that a finding may follow from.
fn because(lang: Lang, finding: &Finding) -> String {
    let file = finding.follows_from.as_deref().map(clean);
    file.map_or_else(String::new, |file| {
        lang.either(
            || format!("; may follow from {file}"),
            || format!("；可能由 {file} 引起"),
        )
    })
}

fn headline(lang: Lang, finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Error => lang.pick("error", "错误"),
        Severity::Warning => lang.pick("warning", "警告"),
    };
    let (place, code) = (place(finding), words(finding.code).code);
    format!("{severity}{}{place} [{code}]{}", colon(lang), because(lang, finding))
}

/// The error with the lowest place in a log: events before reads. One that is no more than damage only where there is no other.
fn first_wrong_leaf(report: &Report) -> Option<&Finding> {
    let errors = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error);
    errors.filter(|finding| finding.index.is_some()).min_by_key(|finding| {
        let follows = finding.follows_from.is_some();
        (follows, finding.log, finding.generation, finding.index)
    })
}

fn place(finding: &Finding) -> String {
    let leaf = finding.index.map(|index| index.to_string());
    let log = finding.log.map(|log| {
        let number = finding.generation.unwrap_or(1);
        Generation { log, number }.to_string()
    });
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
