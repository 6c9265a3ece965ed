//! `device evidence`: what this device kept against its server, as files that anybody can check; and checking them.

use crate::answer::Answer;
use crate::command::device;
use crate::context::Context;
use crate::failure::Failure;
use crate::files::{self, ExportFolder};
use crate::text::{Text, or_dash, pick};
use crate::times;
use doorstep_device::Device;
use doorstep_log::evidence::{EvidenceReport, EvidenceVerdict, verify_evidence};
use doorstep_log::note::VerifierKey;
use serde_json::json;
use std::path::Path;

/// Writes what the device kept into a new folder.
pub(crate) async fn export(folder: &Path, context: &mut Context<'_>) -> Result<Answer, Failure> {
    files::refuse_existing(folder)?;
    let device = device::open(context).await?;
    let read = read(&device).await;
    let id = device.id();
    device.close().await;
    let (kept, files) = read?;
    for (path, bytes) in &files {
        let path = folder.join(path);
        let above = files::folder_of(&path);
        std::fs::create_dir_all(above).map_err(|source| Failure::Write {
            path: above.to_owned(),
            source,
        })?;
        files::write_whole(&path, bytes)?;
    }
    let mut text = Text::new(context.lang);
    text.fact("notes kept as evidence", "留作证据的签名", kept.to_string());
    text.fact("folder", "文件夹", folder.display().to_string());
    text.line(&format!("doorstep verify {} --key VKEY", folder.display()));
    let document = json!({ "device": id, "kept": kept, "folder": folder });
    Ok(Answer::new(&document, text.finish()))
}

type Files = std::collections::BTreeMap<String, Vec<u8>>;

async fn read(device: &Device) -> Result<(usize, Files), Failure> {
    let kept = device.suspect_notes().await?.len();
    Ok((kept, device.evidence_files().await?))
}

/// Judges such a folder.
pub(crate) fn verify(folder: &Path, keys: Option<&[VerifierKey]>, context: &Context<'_>) -> Answer {
    let report = verify_evidence(&ExportFolder(folder.to_owned()), keys);
    let mut text = Text::new(context.lang);
    said(&mut text, &report, context);
    Answer::checked(&report, text.finish(), report.ok)
}

fn said(text: &mut Text, report: &EvidenceReport, context: &Context<'_>) {
    let (english, chinese) = match (&report.device, report.ok) {
        (None, _) => (
            "NOT VERIFIED: no readable list of evidence",
            "验证未通过：证据清单无法读取",
        ),
        (Some(_), true) => ("nothing stands against the server", "没有不利于服务器的证据"),
        (Some(_), false) => ("EVIDENCE AGAINST THE SERVER", "存在不利于服务器的证据"),
    };
    text.say(english, chinese);
    text.fact("device", "设备", or_dash(report.device.as_deref()));
    if report.key_from_files {
        text.say(
            "warning: the keys came with the files; compare them with those that the operator published, or give --key",
            "警告：密钥来自文件本身；请与运营方公布的密钥核对，或使用 --key",
        );
    }
    for finding in &report.findings {
        let verdict = match finding.verdict {
            EvidenceVerdict::Proven => pick(context.lang, "PROVEN", "已证实"),
            EvidenceVerdict::Claimed => pick(context.lang, "claimed", "设备陈述"),
            EvidenceVerdict::Consistent => pick(context.lang, "agrees", "一致"),
            EvidenceVerdict::NotSigned => pick(context.lang, "not signed", "非该密钥签名"),
            EvidenceVerdict::Unreadable => pick(context.lang, "unreadable", "无法读取"),
        };
        let at = times::at(finding.seen_ms.saturating_mul(1_000), &context.zone);
        text.line(&format!(
            "{} {verdict} ({}, {}) {at}: {}",
            finding.number, finding.noun, finding.code, finding.message
        ));
    }
}
