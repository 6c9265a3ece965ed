//! What a device kept against its server, judged: the report for people.

use doorstep_log::evidence::{EvidenceFinding, EvidenceReport, EvidenceVerdict, verify_evidence};
use doorstep_log::note::VerifierKey;
use serde_json::Value;

use crate::text::{clean, colon, labelled, utc};
use crate::words::detail::{details_zh, evidence_zh};
use crate::{ExportFolder, Lang, Verified};

/// Judges such a folder.
pub(crate) fn verify(folder: &ExportFolder, keys: Option<&[VerifierKey]>, lang: Lang) -> Verified {
    let report = verify_evidence(folder, keys);
    Verified {
        holds: report.ok,
        document: serde_json::to_value(&report).unwrap_or(Value::Null),
        text: text(lang, &report),
    }
}

fn text(lang: Lang, report: &EvidenceReport) -> String {
    let title = match (&report.device, report.ok) {
        (None, _) => lang.pick(
            "NOT VERIFIED: no readable list of evidence",
            "验证未通过：证据清单无法读取",
        ),
        (Some(_), false) if !report.altered.is_empty() => {
            lang.pick("NOT VERIFIED: files were changed", "验证未通过：文件被改动")
        }
        (Some(_), false) if report.findings.is_empty() => lang.pick(
            "the list has no finding: it shows nothing",
            "清单中没有任何内容：不能说明任何事",
        ),
        (Some(_), true) => lang.pick("nothing stands against the server", "没有不利于服务器的证据"),
        (Some(_), false) => worst(lang, &report.findings),
    };
    let device = clean(report.device.as_deref().unwrap_or("–"));
    let mut lines = vec![title.to_owned(), labelled(lang, ("device", "设备"), &device)];
    if report.key_from_files {
        let warning = lang.pick(
            "warning: the keys came with the files; compare them with those that the operator published, or give --key",
            "警告：密钥来自文件本身；请与运营方公布的密钥核对，或使用 --key",
        );
        lines.push(warning.to_owned());
    }
    for path in &report.altered {
        let label = ("not as the device wrote it", "与设备所写不符");
        lines.push(labelled(lang, label, &clean(path)));
    }
    for finding in &report.findings {
        let (number, at) = (finding.number, utc(finding.seen_ms));
        let verdict = verdict(lang, finding.verdict);
        let said = match lang {
            Lang::En => finding.message.clone(),
            Lang::Zh => {
                let said = evidence_zh(&finding.noun, finding.verdict);
                [said, &details_zh(&finding.details)]
                    .join("；")
                    .trim_end_matches('；')
                    .to_owned()
            }
        };
        let about = format!("{number} {verdict} ({}, {}) {at}", finding.noun, finding.code);
        lines.push(clean(&format!("{about}{}{said}", colon(lang))));
        lines.extend(compared(finding).map(|command| format!("    {command}")));
    }
    lines.join("\n") + "\n"
}

/// The command that shows with an export whether the log goes on from what the device had verified.
fn compared(finding: &EvidenceFinding) -> Option<String> {
    let is_open = matches!(finding.verdict, EvidenceVerdict::Claimed | EvidenceVerdict::Continued);
    let number = finding.number;
    (is_open && finding.noun == "checkpoint")
        .then(|| format!("doorstep verify EXPORT --key VKEY --since {number}/known"))
}

/// What the findings come to: what is proven, what the device alone says, what the log says of itself, what nobody signed.
fn worst(lang: Lang, findings: &[EvidenceFinding]) -> &'static str {
    let has = |verdict| findings.iter().any(|finding| finding.verdict == verdict);
    if has(EvidenceVerdict::Proven) {
        lang.pick("EVIDENCE AGAINST THE SERVER", "存在不利于服务器的证据")
    } else if has(EvidenceVerdict::Claimed) {
        lang.pick(
            "NOT PROVEN: the device claims something against the server; an export can show it",
            "未证实：设备对服务器有所指称；可由导出查明",
        )
    } else if has(EvidenceVerdict::Continued) {
        lang.pick(
            "A LOG WAS CLOSED AFTER A RESTORE AND GOES ON: it says so itself; an export shows what is left",
            "日志在恢复备份后被关闭并继续：日志自身如此说明；导出可表明留存的内容",
        )
    } else {
        lang.pick(
            "SHOWS NOTHING: notes are missing, or are not signed with the key",
            "不能说明任何事：文件缺失，或并非该密钥所签",
        )
    }
}

fn verdict(lang: Lang, verdict: EvidenceVerdict) -> &'static str {
    match verdict {
        EvidenceVerdict::Proven => lang.pick("PROVEN", "已证实"),
        EvidenceVerdict::Claimed => lang.pick("claimed", "设备陈述"),
        EvidenceVerdict::Continued => lang.pick("continued", "已继续"),
        EvidenceVerdict::Consistent => lang.pick("agrees", "一致"),
        EvidenceVerdict::NotSigned => lang.pick("not signed", "非该密钥签名"),
        EvidenceVerdict::Unreadable => lang.pick("unreadable", "无法读取"),
    }
}
