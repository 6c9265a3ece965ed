//! Findings about witnesses and the policy that names them.

use super::{ASK_KEY, COPY_AGAIN, EVIDENCE, Words};

pub(super) const COSIGNATURE_BAD: Words = Words {
    code: "cosignature_bad",
    meaning: (
        "A cosignature in the name of a known witness does not hold: the witness did not make it for this head.",
        "以已知见证方名义所作的共签无效：见证方并未为此检查点共签。",
    ),
    remedy: EVIDENCE,
};
pub(super) const QUORUM_UNMET: Words = Words {
    code: "quorum_unmet",
    meaning: (
        "Too few witnesses cosigned this head; it may be a history that they refused.",
        "为此检查点共签的见证方不足；它可能是见证方拒绝过的历史。",
    ),
    remedy: (
        "Ask the witnesses which head of this log they cosigned last, and compare it with --since.",
        "请向见证方询问其最后共签的检查点，并用 --since 比对。",
    ),
};
pub(super) const POLICY_FROM_EXPORT: Words = Words {
    code: "policy_from_export",
    meaning: (
        "The witnesses were named by the export itself; who forged it could have named others.",
        "见证方由导出自身指定；伪造者可以另行指定。",
    ),
    remedy: (
        "Get the policy from elsewhere than the operator, and give it with --policy.",
        "请从运营方以外的渠道取得策略，并用 --policy 给出。",
    ),
};
pub(super) const POLICY_MALFORMED: Words = Words {
    code: "policy_malformed",
    meaning: (
        "The policy of the export cannot be read, so nobody can be held to it.",
        "无法读取导出中的策略，因此无法据以判断。",
    ),
    remedy: COPY_AGAIN,
};
pub(super) const COSIGNATURE_AHEAD: Words = Words {
    code: "cosignature_ahead",
    meaning: (
        "A witness dated its cosignature ahead of your clock: one of the clocks is wrong, or the witness dates as it likes.",
        "见证方共签的时间晚于您的时钟：其中一个时钟有误，或见证方任意填写时间。",
    ),
    remedy: (
        "Check your clock. If it is right, do not rely on this witness's times.",
        "请检查您的时钟。如无误，请勿依赖该见证方的时间。",
    ),
};
pub(super) const POLICY_KEY: Words = Words {
    code: "policy_key",
    meaning: (
        "The policy names another key for this log than the one you gave: one of the two does not come from the operator.",
        "策略中此日志的公钥与您给出的不同：二者之一并非来自运营方。",
    ),
    remedy: ASK_KEY,
};
