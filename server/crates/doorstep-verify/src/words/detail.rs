//! The numbers and names of findings in Chinese. In English they stand in the findings' own messages.

use doorstep_log::evidence::EvidenceVerdict;
use doorstep_log::verify::{Detail, DetailName};

use crate::text::{clean, utc};

/// Details as one line; empty where there are none.
pub(crate) fn details_zh(details: &[Detail]) -> String {
    let said = details.iter().map(|Detail { name, value }| match name {
        DetailName::Cause => cause_zh(value).to_owned(),
        DetailName::TimeMs => format!(
            "{} {}",
            name_zh(*name),
            value.parse().map_or_else(|_| value.clone(), utc)
        ),
        _ => format!("{} {}", name_zh(*name), clean(value)),
    });
    said.collect::<Vec<_>>().join("，")
}

fn name_zh(name: DetailName) -> &'static str {
    match name {
        DetailName::Cause => "原因",
        DetailName::Reason => "缘由代码",
        DetailName::Line => "行",
        DetailName::Origin => "日志",
        DetailName::Tenant => "租户",
        DetailName::Size => "声明条目数",
        DetailName::Read => "实有条目数",
        DetailName::Lost => "丢失条目数",
        DetailName::Root => "根哈希",
        DetailName::OtherLeaf => "另一条目",
        DetailName::Device => "设备",
        DetailName::Key => "设备密钥",
        DetailName::Event => "设备记录序号",
        DetailName::ToEvent => "至序号",
        DetailName::LastEvent => "已知最后序号",
        DetailName::Payload => "内容",
        DetailName::Witness => "见证方",
        DetailName::Cosigned => "已共签的见证方数",
        DetailName::TimeMs => "声称时间",
    }
}

/// Why an event does not fit its device's chain.
fn cause_zh(code: &str) -> &'static str {
    match code {
        "enrolment" => "登记缺少设备、密钥标识或有效公钥",
        "enrolled" => "该密钥标识先前已登记给另一密钥或设备",
        "withheld" => "封存记录的条目缺少设备、密钥、序号或摘要",
        "rekeyed" => "该设备先前已用另一密钥登记",
        "no-split" => "所示内容与设备先前所签并不矛盾",
        "unknown-key" => "该密钥在此记录之前未曾登记",
        "foreign-key" => "使用了另一设备的密钥",
        "algorithm" => "签名算法与登记的密钥不符",
        "signature" => "签名与内容不符：被改动，或并非此设备所签",
        "header" => "已签名的头部格式不符",
        "gap" => "中间的记录被删除",
        "link" => "未衔接前一条记录：前一条被替换",
        "repeated" => "同一记录在日志中出现两次",
        "fork" => "同一序号有两条不同记录",
        "late" => "排在其后续记录之后",
        _ => "原因不明",
    }
}

/// What a piece of evidence shows.
pub(crate) fn evidence_zh(noun: &str, verdict: EvidenceVerdict) -> &'static str {
    match (noun, verdict) {
        (_, EvidenceVerdict::Unreadable) => "设备收到的文件缺失",
        (_, EvidenceVerdict::NotSigned) => "并非该密钥所签，可能由途中他人伪造；不能证明持有密钥的一方有错",
        ("checkpoint", EvidenceVerdict::Proven) => "同一条目数签署了两个不同的根哈希：运营方保有两套历史",
        ("checkpoint", EvidenceVerdict::Consistent) => "后一检查点延续了前一检查点",
        ("checkpoint", EvidenceVerdict::Claimed) => {
            "两个检查点均有签名，但此处无法表明其一延续另一；请索取导出，并用 --since known 验证：若不成立，则日志被改写"
        }
        (_, EvidenceVerdict::Continued) => {
            "日志在恢复备份后被关闭并以新日志继续，日志自身已签名说明；据运营方所述有已签名的条目丢失；请索取导出，并用 --since known 验证"
        }
        ("acknowledgement", EvidenceVerdict::Proven) => "服务器先确认后又减少：丢弃了已签名确认的记录",
        ("acknowledgement", EvidenceVerdict::Consistent) => "两次确认先后一致",
        ("acknowledgement", EvidenceVerdict::Claimed) => "两次确认不一致，但先后次序或所属设备仅为设备陈述",
        (_, EvidenceVerdict::Proven | EvidenceVerdict::Claimed) => "该密钥确曾签署；其错误之处仅为设备陈述",
        (_, EvidenceVerdict::Consistent) => "没有不一致之处",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_and_cause_has_chinese_words() {
        let is_chinese = |text: &str| text.chars().any(|symbol| symbol > '\u{2fff}');
        for name in DetailName::ALL {
            assert!(is_chinese(name_zh(*name)), "{name:?}");
        }
        assert_ne!(cause_zh("gap"), cause_zh("something else"));
    }
}
