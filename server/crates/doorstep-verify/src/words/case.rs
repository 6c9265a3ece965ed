//! Findings about the export of one case.

use super::{COPY_AGAIN, EVIDENCE, Words};

pub(super) const CASE_ONLY: Words = Words {
    code: "case_only",
    meaning: (
        "The export holds one case and not the whole log, so it cannot show that nothing is missing.",
        "此导出仅含一个案件而非整个日志，因此不能证明没有遗漏。",
    ),
    remedy: (
        "Where that matters, ask whoever may see the whole log to compare the two.",
        "如有必要，请可查看整个日志的人员将两者比对。",
    ),
};
pub(super) const CASE_MALFORMED: Words = Words {
    code: "case_malformed",
    meaning: (
        "What the export says of its case is missing or malformed, so its entries cannot be judged.",
        "导出对其案件的说明缺失或格式不符，无法判断其中的条目。",
    ),
    remedy: COPY_AGAIN,
};
pub(super) const CASE_FOREIGN: Words = Words {
    code: "case_foreign",
    meaning: (
        "The export of one case holds something about another case or person.",
        "单个案件的导出中含有其他案件或他人的内容。",
    ),
    remedy: (
        "Pass it on to nobody: it names somebody whom it does not concern. Tell the operator.",
        "请勿转发：其中涉及无关人员。请告知运营方。",
    ),
};
pub(super) const CASE_GAP: Words = Words {
    code: "case_gap",
    meaning: (
        "The operator's account of the device's events outside this case does not fit the device's chain: something was left out or made up.",
        "运营方对设备其他事项记录的说明与设备的链不符：有内容被遗漏或捏造。",
    ),
    remedy: EVIDENCE,
};
pub(super) const PROOF_BAD: Words = Words {
    code: "proof_bad",
    meaning: (
        "The proof of an entry does not lead to the signed head of the log; that entry is not proven.",
        "某条目的证明无法通向日志的已签名检查点；该条目未得到证明。",
    ),
    remedy: COPY_AGAIN,
};
