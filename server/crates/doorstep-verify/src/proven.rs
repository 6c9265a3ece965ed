//! What the export of one case and a receipt prove, in words for everybody. Checks nothing itself.

use std::collections::BTreeSet;

use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::note::VerifierKey;
use doorstep_log::policy::Witnessed;
use doorstep_log::proof::Proof;
use doorstep_log::receipt::{Proven, ReceiptError, Said};
use doorstep_log::verify::{CaseReport, Source};
use serde_json::json;

use crate::text::{clean, labelled, local, utc};
use crate::{Lang, Verified};

/// Lines of a report in one language.
struct Lines {
    lang: Lang,
    lines: Vec<String>,
}

impl Lines {
    const fn new(lang: Lang) -> Self {
        Self {
            lang,
            lines: Vec::new(),
        }
    }

    fn say(&mut self, english: &str, chinese: &str) {
        self.lines.push(self.lang.pick(english, chinese).to_owned());
    }

    /// A log that goes on under another number: its beginning is not shown by a single leaf.
    fn warn_of_generation(&mut self, generation: u32) {
        if generation > 1 {
            self.say(
                "warning: this log goes on after another one that was closed; nothing here shows how. Ask for an export of \
                 the whole log and verify it, or compare the root with what others hold.",
                "警告：该日志是在另一日志关闭之后继续的，此文件不能说明二者如何衔接。请索取整个日志的导出并验证，或与他人持有的根哈希比对。",
            );
        }
    }

    fn fact(&mut self, english: &str, chinese: &str, value: &str) {
        self.lines.push(labelled(self.lang, (english, chinese), &clean(value)));
    }
}

/// What an export of one case shows, and what it cannot show.
pub(crate) fn case_said(lang: Lang, case: &CaseReport) -> Vec<String> {
    let mut said = Lines::new(lang);
    said.fact("case", "案件", &case.case);
    said.fact("visits", "外访", &case.visits.to_string());
    said.fact(
        "events of its devices on other matters",
        "相关设备的其他事项记录",
        &case.events_elsewhere.to_string(),
    );
    said.fact(
        "leaves left out, they name others too",
        "未含条目（同时涉及他人）",
        &case.leaves_left_out.to_string(),
    );
    said.say(
        "Shown: each entry is in the signed log, unaltered, and signed by the device that it names.",
        "已证明：每条记录均在已签名的日志中、未被改动，并由所示设备签名。",
    );
    said.say(
        "Not shown: that nothing else happened. That the numbers left out concern other matters is the operator's \
         signed word; the whole log can confirm it.",
        "未证明：没有其他事情发生。缺号属于其他事项，是运营方签名的声明；须以整个日志核实。",
    );
    said.lines
}

/// What a receipt proves, or why it proves nothing.
pub(crate) fn receipt_said(lang: Lang, result: Result<&Proven, &ReceiptError>) -> String {
    let mut said = Lines::new(lang);
    match result {
        Ok(proven) => holds(&mut said, proven),
        Err(error) => {
            said.say("NOT VERIFIED", "验证未通过");
            said.say(&error.to_string(), fault_zh(error));
        }
    }
    said.lines.join("\n") + "\n"
}

fn holds(text: &mut Lines, proven: &Proven) {
    let at = |ms: i64| local(ms, proven.tz_min);
    match &proven.said {
        Some(said) => {
            text.say(
                "verified: this receipt was given out and is unaltered",
                "已验证：此回执确已出具，未被改动",
            );
            text.fact("date and time", "到访时间", &at(said.at_ms));
            text.fact("badge numbers of who came", "来访人员工号", &said.staff.join(", "));
            text.fact("they came for", "来访机构", &said.office);
            said_further(text, said);
            let complaints = if said.complaints.is_empty() {
                // The paper says so where the office named none.
                text.lang.pick("ask the office named above", "请向上述机构提出")
            } else {
                &said.complaints
            };
            text.fact("to object or complain", "异议与投诉", complaints);
            text.fact("reference", "回执编号", &said.reference);
        }
        None => text.say(
            "verified: a receipt was given out; what it said was erased with the data of its person",
            "已验证：回执确已出具；其内容已随当事人信息一并删除",
        ),
    }
    text.fact("log", "日志", &proven.origin);
    text.fact("leaf", "条目", &format!("{} / {}", proven.index, proven.size));
    text.warn_of_generation(proven.generation);
    text.fact("root", "根哈希", &proven.root.to_hex());
    text.fact("signed by device", "签名设备", &proven.device);
    text.fact(
        "given out, by the device's clock",
        "出具时间（设备时钟）",
        &at(proven.wall_ms),
    );
    text.fact("received by the server", "服务器接收时间", &at(proven.recv_ms));
    if !proven.cosigned.is_empty() {
        text.fact(
            "cosigned by, under the keys in the receipt (--policy says who counts)",
            "见证方，以回执所附公钥为准（由 --policy 认定）",
            &proven.cosigned.join(", "),
        );
    }
    text.say(
        "Proven: a device of the office signed exactly this, and it stands in the log under the signed checkpoint; the \
         office cannot deny or change it. Compare the lines above with the paper.",
        "已证明：该机构的设备签署了以上内容，且其位于已签名检查点所覆盖的日志中；该机构无法否认或更改。请与纸质回执核对。",
    );
    text.say(
        "Not proven: that the clock was right, or that what is said happened so.",
        "未证明：时钟准确，或所述情况属实。",
    );
    if proven.key_from_receipt {
        text.say(
            "warning: the key came with the receipt; compare it with the one that the office published (--key)",
            "警告：公钥取自回执本身；请与该机构公布的公钥核对（--key）",
        );
    }
}

/// By whose authority, what was agreed and what follows, as far as the receipt says it.
fn said_further(text: &mut Lines, said: &Said) {
    if let Some(authority) = &said.authority {
        text.fact("on behalf of", "委托方", authority);
    }
    if let Some(agreed) = &said.agreed {
        let agreed = format!("{} {}, {}", agreed.amount, agreed.currency, agreed.day);
        text.fact("agreed", "约定", &agreed);
    }
    if let Some(next) = &said.next {
        let (english, chinese) = match next.as_str() {
            "office" => ("the office decides", "后续由机构决定"),
            "answer" => (
                "what was said is answered, nobody comes before",
                "所述将得到答复，之前不会有人上门",
            ),
            "pause" => (
                "nobody comes until the office has looked at it",
                "机构处理之前不会有人上门",
            ),
            "another-time" => ("another time is looked for", "将另约时间"),
            other => (other, other),
        };
        text.fact("what follows", "后续", text.lang.pick(english, chinese));
    }
}

/// What a proof file proves.
pub(crate) fn proof_said(
    lang: Lang,
    (proof, checkpoint): (&Proof, &Checkpoint),
    (leaf, keys): (&[u8], &[VerifierKey]),
    witnessed: Option<&Witnessed>,
) -> Verified {
    let holds = witnessed.is_none_or(|witnessed| witnessed.is_quorum && witnessed.bad.is_empty());
    let (index, size, generation) = (proof.index, checkpoint.size, generation_of(&checkpoint.origin));
    let leaf = String::from_utf8_lossy(leaf);
    let mut said = Lines::new(lang);
    if holds {
        said.say("verified: the log holds this leaf", "已验证：日志包含此条目");
    } else {
        said.say(
            "NOT VERIFIED: the log holds this leaf, but the policy's witnesses have not cosigned its head",
            "验证未通过：日志包含此条目，但策略中的见证方未为其检查点共签",
        );
    }
    said.fact("log", "日志", &checkpoint.origin);
    let place = lang.either(
        || format!("number {index}, counted from 0, of {size} leaves"),
        || format!("第 {index} 条（从 0 起数），共 {size} 条"),
    );
    said.fact("leaf", "条目", &place);
    said.fact("root", "根哈希", &checkpoint.root.to_hex());
    for one in witnessed.iter().flat_map(|witnessed| &witnessed.cosignatures) {
        let at = i64::try_from(one.time_s).unwrap_or(i64::MAX).saturating_mul(1_000);
        said.fact("cosigned by", "共签", &format!("{} {}", one.witness, utc(at)));
    }
    said.warn_of_generation(generation);
    said.fact("checked against the key", "所用公钥", &key_lines(keys));
    if witnessed.is_none() {
        said.say(
            "no policy was given, so no witness was asked for (--policy)",
            "未给出策略，因此未要求见证方共签（--policy）",
        );
    }
    said.fact("the leaf itself", "条目内容", &clean(&leaf));
    let cosigned = |witnessed: &Witnessed| {
        let each = witnessed.cosignatures.iter();
        let each = each.map(|one| json!({ "witness": one.witness, "time_s": one.time_s }));
        json!({ "quorum": witnessed.is_quorum, "cosignatures": each.collect::<Vec<_>>() })
    };
    Verified {
        holds,
        document: json!({
            "ok": holds,
            "origin": checkpoint.origin,
            "generation": generation,
            "index": index,
            "size": size,
            "root": checkpoint.root,
            "witnessed": witnessed.map(cosigned),
            "against": {
                "keys": keys.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "policy_from": if witnessed.is_some() { Source::Given } else { Source::None },
            },
            "leaf": leaf,
        }),
        text: said.lines.join("\n") + "\n",
    }
}

fn key_lines(keys: &[VerifierKey]) -> String {
    let lines: BTreeSet<String> = keys.iter().map(ToString::to_string).collect();
    lines.into_iter().collect::<Vec<_>>().join(" ")
}

/// Which generation of a log bears this origin.
fn generation_of(origin: &str) -> u32 {
    let last = origin.rsplit('/').next().unwrap_or_default();
    let number = last.rsplit_once('-').and_then(|(_, number)| number.parse().ok());
    number.unwrap_or(1)
}

fn fault_zh(error: &ReceiptError) -> &'static str {
    match error {
        ReceiptError::Form => "此文件不是 doorstep.receipt/v1 或 v2，或已被改动；请重新获取，或更新本程序",
        ReceiptError::Proof(_) => "证明不成立：条目、路径、检查点或公钥不符；请重新获取",
        ReceiptError::Keys => "文件中的公钥不是该机构公布的公钥；文件已被改动，或出自他人",
        ReceiptError::Leaf(_) => "日志条目与回执要求不符；请重新获取",
        ReceiptError::Device(_) => "设备的签名或公钥不成立",
        ReceiptError::Edited => "回执内容并非设备所签署的内容，已被改动",
        ReceiptError::TwoTrees(_) => "各证明依据同一条目数的两个不同的树：该日志被签署为两份历史；请保留此文件",
        ReceiptError::Quorum { .. } => "文件中的检查点缺少法定数的见证方共签；请索取导出并验证之",
        ReceiptError::Missing => "回执内容缺失，且没有删除记录可以解释；请重新获取",
    }
}
