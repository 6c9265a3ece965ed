//! Findings about what a log tells of itself, and about what cannot be missing from it.

use super::{EVIDENCE, Words};

pub(super) const LOG_EMPTY: Words = Words {
    code: "log_empty",
    meaning: (
        "The log of changes has no entry, and every tenant's begins with one: it was cut or exchanged.",
        "变更日志没有任何条目，而每个租户的日志都以一条开始：它被截断或替换。",
    ),
    remedy: EVIDENCE,
};
pub(super) const DEVICE_ALARM: Words = Words {
    code: "device_alarm",
    meaning: (
        "A device recorded that something signed by the server did not hold, took something back, or told of a log that was \
         closed and continued.",
        "设备记录到：服务器签署的内容不成立、收回了先前的内容，或告知日志被关闭并继续。",
    ),
    remedy: (
        "Have whoever holds the device write its evidence (doorstep device evidence), and verify that.",
        "请设备持有人写出其证据（doorstep device evidence）并加以验证。",
    ),
};
pub(super) const WITNESS_REFUSED: Words = Words {
    code: "witness_refused",
    meaning: (
        "A witness refused to cosign this log: it had cosigned a history that this one does not extend.",
        "见证方拒绝为此日志共签：其先前共签的历史与此不衔接。",
    ),
    remedy: (
        "Ask that witness for the notes that it kept, and compare them with this export.",
        "请向该见证方索取其保存的检查点，并与本导出比对。",
    ),
};
pub(super) const PAYLOAD_AFTER_ERASURE: Words = Words {
    code: "payload_after_erasure",
    meaning: (
        "The content of this entry is missing, and it came only after its person was erased.",
        "此条目的内容缺失，而它在当事人信息被删除之后才产生。",
    ),
    remedy: (
        "Ask the operator why there was anything to record after the erasure, and what became of the content.",
        "请询问运营方为何在删除之后仍有记录，以及该内容的去向。",
    ),
};
pub(super) const JOINED_BAD: Words = Words {
    code: "joined_bad",
    meaning: (
        "What the second staff member at a check-in is said to have signed does not hold; the first one's signature does.",
        "签到中第二名人员的签名不成立；第一名人员的签名成立。",
    ),
    remedy: (
        "Ask the office what it decided about this visit: its review shows it as unsigned.",
        "请向办公室询问对该次外访的处理：其复核中应标明未签名。",
    ),
};
