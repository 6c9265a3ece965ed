//! `verify`: checks an export or a proof file offline. Needs no network, no configuration and no server.

use crate::answer::Answer;
use crate::context::Context;
use crate::failure::Failure;
use crate::files::{self, ExportFolder};
use crate::text::{Text, or_dash, pick};
use crate::times;
use clap::Args;
use doorstep_domain::words::Lang;
use doorstep_log::note::{VerifierKey, text_unverified};
use doorstep_log::policy::Policy;
use doorstep_log::proof::Proof;
use doorstep_log::stamp::Authorities;
use doorstep_log::verify::{Finding, Report, Severity, Trust, WitnessReport, verify_export_watched};
use jiff::tz::TimeZone;
use serde_json::json;
use std::path::{Path, PathBuf};

/// More findings than this are counted in the text; the document has them.
const FINDINGS_SHOWN_MAX: usize = 20;

/// What to verify.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The folder of an export, or a proof file
    path: PathBuf,
    /// The key that the operator published, as a line or a file with one a line
    #[arg(long, value_name = "VKEY")]
    key: Vec<String>,
    /// An older signed checkpoint that the export must extend
    #[arg(long, value_name = "FILE")]
    since: Option<PathBuf>,
    /// The witnesses that must have cosigned (C2SP tlog-policy), got from elsewhere than the operator
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The root certificate of the time-stamp authority, in PEM, got from the authority itself
    #[arg(long, value_name = "FILE")]
    tsa_ca: Option<PathBuf>,
    /// The leaf of a proof file that does not hold it itself
    #[arg(long, value_name = "FILE")]
    leaf: Option<PathBuf>,
}

/// Verifies an export or a proof file.
pub(crate) fn run(args: &VerifyArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let about = std::fs::metadata(&args.path).map_err(|source| Failure::Read {
        path: args.path.clone(),
        source,
    })?;
    let keys = keys_of(&args.key)?;
    if about.is_dir() {
        let since = args.since.as_deref().map(files::read).transpose()?;
        let policy = args.policy.as_deref().map(policy_of).transpose()?;
        let authorities = args.tsa_ca.as_deref().map(authorities_of).transpose()?;
        let trust = Trust {
            keys: keys.as_deref(),
            since: since.as_deref(),
            policy: policy.as_ref(),
            authorities: authorities.as_ref(),
        };
        let report = verify_export_watched(&ExportFolder(args.path.clone()), &trust, &mut |_| true);
        let text = report_text(context.lang, &report, &context.zone);
        return Ok(Answer::checked(&report, text, report.ok));
    }
    verify_proof(&args.path, args.leaf.as_deref(), &keys.unwrap_or_default(), context)
}

/// Keys from all values of `--key`; `None` where there are none.
pub(crate) fn keys_of(given: &[String]) -> Result<Option<Vec<VerifierKey>>, Failure> {
    let mut keys = Vec::new();
    for given in given {
        keys.extend(read_keys(given)?);
    }
    Ok((!keys.is_empty()).then_some(keys))
}

/// The policy in a file.
fn policy_of(path: &Path) -> Result<Policy, Failure> {
    Policy::parse(&files::read(path)?).map_err(|cause| Failure::Policy {
        path: path.to_owned(),
        cause,
    })
}

/// Certificates from the file of `--tsa-ca`.
fn authorities_of(path: &Path) -> Result<Authorities, Failure> {
    Authorities::from_pem(&files::read(path)?).map_err(|_| Failure::Value {
        name: "--tsa-ca",
        given: path.display().to_string(),
        expected: "a file with at least one certificate in PEM",
    })
}

/// Keys from one value of `--key`.
fn read_keys(given: &str) -> Result<Vec<VerifierKey>, Failure> {
    let wrong = || Failure::Value {
        name: "--key",
        given: given.to_owned(),
        expected: "a key line like name+hash+base64, or a file of such lines",
    };
    if let Ok(key) = VerifierKey::parse(given.trim()) {
        return Ok(vec![key]);
    }
    let bytes = std::fs::read(given).map_err(|_| wrong())?;
    let text = String::from_utf8(bytes).map_err(|_| wrong())?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let keys: Result<Vec<_>, _> = lines.map(VerifierKey::parse).collect();
    keys.ok().filter(|keys| !keys.is_empty()).ok_or_else(wrong)
}

/// The report for people.
pub(crate) fn report_text(lang: Lang, report: &Report, zone: &TimeZone) -> String {
    let mut text = Text::new(lang);
    let (english, chinese) = if report.ok {
        ("verified: nothing was altered", "已验证：未发现改动")
    } else {
        ("NOT VERIFIED", "验证未通过")
    };
    text.say(english, chinese);
    text.fact("log of", "日志属于", or_dash(report.origin.as_deref()));
    text.fact(
        "exported",
        "导出时间",
        times::maybe(report.created_ms.map(|ms| ms.saturating_mul(1000)), zone),
    );
    for log in &report.logs {
        let value = format!("{} / {}  {}", log.leaves, log.size, log.root.to_hex());
        text.fact(
            &format!("{} leaves, root", log.log),
            &format!("{} 条目、根哈希", log.log),
            value,
        );
    }
    for witnessed in &report.witnessed {
        witnesses(&mut text, witnessed, zone);
    }
    for stamps in &report.stamps {
        let at = times::at(stamps.newest.at_ms.saturating_mul(1000), zone);
        text.fact(
            &format!("{} time stamps, newest", stamps.log),
            &format!("{} 时间戳、最新", stamps.log),
            format!("{}  {at}  {}", stamps.stamps, stamps.size),
        );
    }
    let counts = &report.counts;
    text.fact("devices", "设备", counts.devices.to_string());
    text.fact("signed events", "签名记录", counts.events.to_string());
    text.fact(
        "checkpoints seen by devices",
        "设备见过的检查点",
        counts.checkpoints_seen.to_string(),
    );
    text.fact("payloads present", "现存内容", counts.payloads_present.to_string());
    text.fact("payloads erased", "已删除内容", counts.payloads_erased.to_string());
    text.fact("payloads missing", "缺失内容", counts.payloads_missing.to_string());
    text.fact("payloads opened", "公开内容", counts.payloads_opened.to_string());
    findings_said(&mut text, report);
    text.finish()
}

/// Who cosigned a log's checkpoint, and whether that is enough.
fn witnesses(text: &mut Text, witnessed: &WitnessReport, zone: &TimeZone) {
    let enough = if witnessed.quorum {
        pick(text.lang, "quorum", "达到法定数")
    } else {
        pick(text.lang, "NO QUORUM", "未达法定数")
    };
    let said = witnessed.cosignatures.iter().map(|one| {
        let at = i64::try_from(one.time_s).unwrap_or(i64::MAX).saturating_mul(1_000_000);
        format!("{} {}", one.witness, times::at(at, zone))
    });
    let said: Vec<String> = std::iter::once(enough.to_owned()).chain(said).collect();
    text.fact(
        &format!("{} witnesses", witnessed.log),
        &format!("{} 见证方", witnessed.log),
        said.join("; "),
    );
}

/// What was found, as lines.
pub(crate) fn findings_text(lang: Lang, report: &Report) -> String {
    let mut text = Text::new(lang);
    findings_said(&mut text, report);
    text.finish()
}

fn findings_said(text: &mut Text, report: &Report) {
    if let Some(finding) = first_wrong_leaf(report) {
        let place = place(finding);
        text.say(
            &format!("first wrong leaf: {place}"),
            &format!("第一条错误条目：{place}"),
        );
    }
    for finding in report.findings.iter().take(FINDINGS_SHOWN_MAX) {
        let (english, chinese) = match finding.severity {
            Severity::Error => ("error", "错误"),
            Severity::Warning => ("warning", "警告"),
        };
        let rest = format!("{}: {}", place(finding), finding.message);
        text.say(&format!("{english}: {rest}"), &format!("{chinese}：{rest}"));
    }
    let shown = report.findings.len().min(FINDINGS_SHOWN_MAX);
    let more = report.findings.len() - shown + usize::try_from(report.findings_left_out).unwrap_or(usize::MAX);
    if more > 0 {
        text.say(
            &format!("and {more} more; see --json"),
            &format!("另有 {more} 条，见 --json"),
        );
    }
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
    let parts = [log, leaf, finding.file.clone().map(|file| format!("({file})"))];
    or_dash(Some(&parts.into_iter().flatten().collect::<Vec<_>>().join(" ")))
}

fn verify_proof(
    path: &Path,
    leaf: Option<&Path>,
    keys: &[VerifierKey],
    context: &Context<'_>,
) -> Result<Answer, Failure> {
    if keys.is_empty() {
        return Err(Failure::Missing { name: "--key" });
    }
    let proof = Proof::parse(&files::read(path)?)?;
    let leaf = match leaf {
        Some(leaf) => files::read(leaf)?,
        None => proof.extra.clone().ok_or(Failure::Missing { name: "--leaf" })?,
    };
    let checkpoint = proof.verify(&leaf, &keys_for(&proof, keys))?;
    let mut text = Text::new(context.lang);
    text.say("verified: the log holds this leaf", "已验证：日志包含此条目");
    text.fact("log", "日志", &checkpoint.origin);
    text.fact("leaf", "条目", format!("{} / {}", proof.index, checkpoint.size));
    text.fact("root", "根哈希", checkpoint.root.to_hex());
    text.line(&String::from_utf8_lossy(&leaf));
    let document = json!({
        "ok": true,
        "origin": checkpoint.origin,
        "index": proof.index,
        "size": checkpoint.size,
        "root": checkpoint.root,
        "leaf": String::from_utf8_lossy(&leaf),
    });
    Ok(Answer::new(&document, text.finish()))
}

/// The keys of the tenant whose log the proof names: any of a tenant's keys vouches for all its logs, also for those
/// that go on under another number after a restore.
fn keys_for(proof: &Proof, keys: &[VerifierKey]) -> Vec<VerifierKey> {
    let text = text_unverified(&proof.checkpoint).unwrap_or_default();
    let claimed = text.lines().next().unwrap_or_default();
    let own = keys.iter().filter(|key| tenant_of(key.name()) == tenant_of(claimed));
    own.filter_map(|key| key.renamed(claimed).ok()).collect()
}

/// The part of a log's name that stands for the tenant.
fn tenant_of(name: &str) -> &str {
    let Some((tenant, last)) = name.rsplit_once('/') else {
        return name;
    };
    let log = last.split_once('-').map_or(last, |(log, _)| log);
    if matches!(log, "events" | "access") {
        tenant
    } else {
        name
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#[path = "verify_tests.rs"]
mod tests;
