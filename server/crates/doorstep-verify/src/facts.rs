//! The facts of a report in words: what was read, each number with its unit, and what all of it was held against.

use doorstep_log::verify::{LogReport, MetaReport, Report, Source, StampReport, WitnessReport};

use crate::Lang;
use crate::text::{clean, labelled, utc};

/// What was read.
pub(crate) fn facts(lang: Lang, report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    let mut fact = |label: (&str, &str), value: &str| lines.push(labelled(lang, label, &clean(value)));
    fact(("log of", "日志属于"), report.origin.as_deref().unwrap_or("–"));
    let exported = report.created_ms.map_or_else(|| "–".to_owned(), utc);
    fact(("exported", "导出时间"), &exported);
    if report.files.listed > 0 {
        fact(("files", "文件"), &files(lang, report));
    }
    for log in &report.logs {
        let name = name_of(&log.origin);
        let label = (format!("log {name}"), format!("日志 {name}"));
        fact((&label.0, &label.1), &leaves(lang, report, log));
    }
    for witnessed in &report.witnessed {
        let name = name_of(&witnessed.origin);
        let label = (format!("witnesses of {name}"), format!("{name} 的见证方"));
        fact((&label.0, &label.1), &witnesses(lang, witnessed));
    }
    for meta in &report.meta {
        let label = (
            format!("{} in the operator's log", meta.log),
            format!("{} 在运营方总日志中", meta.log),
        );
        fact((&label.0, &label.1), &in_meta(lang, meta));
    }
    for stamps in &report.stamps {
        let name = name_of(&stamps.origin);
        let label = (format!("time stamps of {name}"), format!("{name} 的时间戳"));
        fact((&label.0, &label.1), &stamped(lang, stamps));
    }
    let counts = &report.counts;
    fact(
        ("devices with a key", "已登记密钥的设备"),
        &number(lang, counts.devices, "台"),
    );
    fact(
        ("events signed by devices", "设备签名的记录"),
        &number(lang, counts.events, "条"),
    );
    fact(
        (
            "checkpoints seen by devices, found in the log",
            "设备见过且与日志相符的检查点",
        ),
        &number(lang, counts.checkpoints_seen, "个"),
    );
    fact(("payloads", "内容"), &payloads(lang, report));
    lines
}

/// The last part of an origin tells a tenant's logs and their generations apart.
fn name_of(origin: &str) -> &str {
    origin.rsplit('/').next().unwrap_or_default()
}

/// A number as people read it: 30265 is 30,265.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with its unit where the language has one.
fn number(lang: Lang, number: u64, unit: &str) -> String {
    let number = grouped(number);
    lang.either(|| number.clone(), || format!("{number} {unit}"))
}

/// So many of a thing.
fn of(count: u64, one: &str, more: &str) -> String {
    let noun = if count == 1 { one } else { more };
    format!("{} {noun}", grouped(count))
}

fn files(lang: Lang, report: &Report) -> String {
    let files = &report.files;
    let [listed, missing, changed, added] = [files.listed, files.missing, files.changed, files.added].map(grouped);
    if files.missing + files.changed + files.added == 0 {
        let listed = of(files.listed, "file", "files");
        return lang.either(
            || format!("{listed} in the signed list, all there, none added"),
            || format!("已签名清单中的 {} 个文件俱在，无多余文件", grouped(files.listed)),
        );
    }
    lang.either(
        || format!("{missing} of {listed} files are missing, {changed} changed, {added} added"),
        || format!("{listed} 个文件中缺失 {missing} 个，不符 {changed} 个；另有多余文件 {added} 个"),
    )
}

fn leaves(lang: Lang, report: &Report, log: &LogReport) -> String {
    let (size, read, root) = (of(log.size, "leaf", "leaves"), grouped(log.leaves), log.root);
    let all = grouped(log.size);
    if report.case.is_some() {
        return lang.either(
            || format!("{read} of its {size} are in this export; root {root}"),
            || format!("共 {all} 条，此导出含其中 {read} 条；根哈希 {root}"),
        );
    }
    if log.leaves == log.size {
        return lang.either(
            || format!("{size}, all read; root {root}"),
            || format!("{all} 条，全部读取；根哈希 {root}"),
        );
    }
    lang.either(
        || format!("{read} of {size} could be read; root {root}"),
        || format!("共 {all} 条，可读取 {read} 条；根哈希 {root}"),
    )
}

/// Who cosigned a checkpoint and when, and whether that is enough.
fn witnesses(lang: Lang, witnessed: &WitnessReport) -> String {
    let size = grouped(witnessed.size);
    let enough = if witnessed.quorum {
        lang.either(
            || format!("quorum under the checkpoint of {size} leaves"),
            || format!("{size} 条的检查点达到法定数"),
        )
    } else {
        lang.either(
            || format!("NO QUORUM under the checkpoint of {size} leaves"),
            || format!("{size} 条的检查点未达法定数"),
        )
    };
    let said = witnessed.cosignatures.iter().map(|one| {
        let at = i64::try_from(one.time_s).unwrap_or(i64::MAX).saturating_mul(1_000);
        lang.either(
            || format!("{} cosigned at {}", one.witness, utc(at)),
            || format!("{} 于 {} 共签", one.witness, utc(at)),
        )
    });
    let said: Vec<String> = std::iter::once(enough).chain(said).collect();
    said.join(lang.pick("; ", "；"))
}

fn in_meta(lang: Lang, meta: &MetaReport) -> String {
    let (origin, size) = (&meta.origin, meta.size);
    let key = if meta.key_trusted {
        ""
    } else {
        lang.pick(" (by a key from the export itself)", "（公钥取自导出本身）")
    };
    lang.either(
        || {
            format!(
                "this checkpoint stands in {origin}, among its first {}{key}",
                of(size, "leaf", "leaves")
            )
        },
        || format!("此检查点已列入 {origin} 的前 {} 条{key}", grouped(size)),
    )
}

fn stamped(lang: Lang, stamps: &StampReport) -> String {
    let (at, newest, all) = (utc(stamps.newest.at_ms), grouped(stamps.size), grouped(stamps.leaves));
    // A stamp of what was lost later covers more than there is.
    let after = stamps.leaves.saturating_sub(stamps.size);
    lang.either(
        || {
            format!(
                "{}; the newest, of {at}, covers {newest} of {all} leaves; {} came after it",
                of(stamps.stamps, "stamp", "stamps"),
                grouped(after)
            )
        },
        || {
            format!(
                "{} 个；最新一个于 {at}，覆盖 {all} 条中的前 {newest} 条，其后有 {} 条",
                grouped(stamps.stamps),
                grouped(after)
            )
        },
    )
}

fn payloads(lang: Lang, report: &Report) -> String {
    let counts = &report.counts;
    let [present, erased, missing, opened] = [
        counts.payloads_present,
        counts.payloads_erased,
        counts.payloads_missing,
        counts.payloads_opened,
    ]
    .map(grouped);
    lang.either(
        || format!("{present} there and sealed, {erased} erased, {missing} missing, {opened} shown in the clear"),
        || format!("封存 {present} 份，已删除 {erased} 份，缺失 {missing} 份，公开 {opened} 份"),
    )
}

/// What the export was held against, also where that is nothing: what was not asked cannot have been found.
pub(crate) fn against(lang: Lang, report: &Report) -> Vec<String> {
    if report.origin.is_none() {
        return Vec::new();
    }
    let against = &report.against;
    let mut lines = vec![lang.pick("checked against", "核对依据").to_owned() + lang.pick(":", "：")];
    let mut fact = |label: (&str, &str), value: &str| {
        lines.push(format!("    {}", labelled(lang, label, &clean(value))));
    };
    let keys = against.keys.join(" ");
    fact(("key", "公钥"), &format!("{}{keys}", key_from(lang, report)));
    let since = against.since.as_ref().map_or_else(
        || {
            let none = (
                "none; only one that was kept shows that nothing was cut or rewritten (--since)",
                "无；须有事先保存的检查点才能表明未被截断或改写（--since）",
            );
            lang.pick(none.0, none.1).to_owned()
        },
        |since| {
            let (origin, size, root) = (&since.origin, of(since.size, "leaf", "leaves"), since.root);
            let found = if since.extended {
                lang.pick("this log extends it", "本日志延续该检查点")
            } else {
                lang.pick("NOT SHOWN TO BE EXTENDED", "未能证明本日志延续该检查点")
            };
            lang.either(
                || format!("{origin} of {size}, root {root}: {found} (--since)"),
                || {
                    format!(
                        "{origin}，{} 条，根哈希 {root}：{found}（--since）",
                        grouped(since.size)
                    )
                },
            )
        },
    );
    fact(("older checkpoint", "较早的检查点"), &since);
    fact(("witnesses", "见证方"), policy_from(lang, report));
    fact(("time-stamp authority", "时间戳机构"), authorities_from(lang, report));
    if !against.accepted.is_empty() {
        let accepted = against.accepted.join(" ");
        fact(
            (
                "taken as continued (--accept-continued)",
                "已接受其继续（--accept-continued）",
            ),
            &accepted,
        );
    }
    lines
}

fn key_from(lang: Lang, report: &Report) -> &'static str {
    match report.against.keys_from {
        Source::Given => lang.pick("given (--key) ", "由您给出（--key） "),
        Source::Policy => lang.pick("of the policy given (--policy) ", "取自给出的策略（--policy） "),
        Source::Export | Source::None => lang.pick(
            "THE EXPORT'S OWN, so it vouches for itself (--key) ",
            "取自导出本身，仅为自证（--key） ",
        ),
    }
}

fn policy_from(lang: Lang, report: &Report) -> &'static str {
    let against = &report.against;
    match (against.policy_from, against.witnesses_demanded) {
        (Source::Given, true) => lang.pick("the policy given (--policy)", "给出的策略（--policy）"),
        (Source::Given, false) => lang.pick(
            "the policy given, which asks for none (--policy)",
            "给出的策略，其中未要求见证方（--policy）",
        ),
        (Source::Export | Source::Policy, true) => lang.pick(
            "the policy of the export itself; yours would be a demand (--policy)",
            "导出自带的策略；只有您给出的才作为要求（--policy）",
        ),
        (Source::Export | Source::Policy, false) => lang.pick(
            "the policy of the export itself asks for none (--policy)",
            "导出自带的策略未要求见证方（--policy）",
        ),
        (Source::None, _) => lang.pick(
            "no policy, so nobody was asked for (--policy)",
            "无策略，未要求任何见证方（--policy）",
        ),
    }
}

fn authorities_from(lang: Lang, report: &Report) -> &'static str {
    match report.against.authorities_from {
        Source::Given => lang.pick("the certificate given (--tsa-ca)", "给出的证书（--tsa-ca）"),
        Source::Export | Source::Policy => lang.pick(
            "the certificate in the export itself (--tsa-ca)",
            "导出自带的证书（--tsa-ca）",
        ),
        Source::None => lang.pick(
            "none, so no time stamp was judged (--tsa-ca)",
            "无，未判断任何时间戳（--tsa-ca）",
        ),
    }
}
