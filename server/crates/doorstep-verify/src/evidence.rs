//! What a device kept against its server, judged: the report for people.

use doorstep_log::evidence::{EvidenceReport, EvidenceVerdict, verify_evidence};
use doorstep_log::note::VerifierKey;
use serde_json::Value;

use crate::text::{clean, utc};
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
        (Some(_), true) => lang.pick("nothing stands against the server", "没有不利于服务器的证据"),
        (Some(_), false) => lang.pick("EVIDENCE AGAINST THE SERVER", "存在不利于服务器的证据"),
    };
    let device = clean(report.device.as_deref().unwrap_or("–"));
    let mut lines = vec![title.to_owned(), format!("{}: {device}", lang.pick("device", "设备"))];
    if report.key_from_files {
        let warning = lang.pick(
            "warning: the keys came with the files; compare them with those that the operator published, or give --key",
            "警告：密钥来自文件本身；请与运营方公布的密钥核对，或使用 --key",
        );
        lines.push(warning.to_owned());
    }
    for path in &report.altered {
        let label = lang.pick("not as the device wrote it", "与设备所写不符");
        lines.push(format!("{label}: {}", clean(path)));
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
        let about = clean(&format!("({}, {}) {at}: {said}", finding.noun, finding.code));
        lines.push(format!("{number} {verdict} {about}"));
    }
    lines.join("\n") + "\n"
}

fn verdict(lang: Lang, verdict: EvidenceVerdict) -> &'static str {
    match verdict {
        EvidenceVerdict::Proven => lang.pick("PROVEN", "已证实"),
        EvidenceVerdict::Claimed => lang.pick("claimed", "设备陈述"),
        EvidenceVerdict::Consistent => lang.pick("agrees", "一致"),
        EvidenceVerdict::NotSigned => lang.pick("not signed", "非该密钥签名"),
        EvidenceVerdict::Unreadable => lang.pick("unreadable", "无法读取"),
    }
}
