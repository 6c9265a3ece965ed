//! What each finding means and what to do about it, in both languages.
//!
//! A finding's own message says what was found where; here stands what is the same for all of its code.

use doorstep_log::verify::FindingCode as Code;

mod case;
pub(crate) mod detail;
mod files;
mod told;
mod witness;

/// What a code means to the reader of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// The code as the JSON report has it.
    pub code: &'static str,
    /// What it means, in English and Chinese.
    pub meaning: (&'static str, &'static str),
    /// What to do, in English and Chinese.
    pub remedy: (&'static str, &'static str),
}

pub(crate) const COPY_AGAIN: (&str, &str) = (
    "Fetch or copy the export again. If it stays, keep both copies and ask the operator.",
    "请重新获取或复制导出文件。若问题依旧，请保留两份副本并询问运营方。",
);
const EVIDENCE: (&str, &str) = (
    "Keep this export unchanged: it is evidence. Ask the operator for an explanation, and compare older exports and checkpoints.",
    "请原样保留此导出：它是证据。请要求运营方说明，并与较早的导出和检查点比对。",
);
const ASK_KEY: (&str, &str) = (
    "Get the key from where the operator published it, and give it with --key.",
    "请从运营方公布的渠道取得公钥，并用 --key 给出。",
);
const ASK_DEVICE: (&str, &str) = (
    "Do not rely on this device's events from here on. Ask who held the device, and compare with its own copy.",
    "从此处起不要依赖该设备的记录。请查明设备由谁保管，并与设备上的副本比对。",
);

/// What the code means and what to do.
pub fn words(code: Code) -> &'static Words {
    match code {
        Code::ManifestMissing => &files::MANIFEST_MISSING,
        Code::ManifestMalformed => &files::MANIFEST_MALFORMED,
        Code::ManifestSignature => &files::MANIFEST_SIGNATURE,
        Code::KeyFromExport => &KEY_FROM_EXPORT,
        Code::KeyMalformed => &KEY_MALFORMED,
        Code::FolderUnreadable => &files::FOLDER_UNREADABLE,
        Code::FileMissing => &files::FILE_MISSING,
        Code::FileUnlisted => &files::FILE_UNLISTED,
        Code::FileChanged => &files::FILE_CHANGED,
        Code::LogAbsent => &LOG_ABSENT,
        Code::CheckpointBad => &CHECKPOINT_BAD,
        Code::RootMismatch => &ROOT_MISMATCH,
        Code::SizeMismatch => &SIZE_MISMATCH,
        Code::TileBad => &TILE_BAD,
        Code::TileMismatch => &TILE_MISMATCH,
        Code::LeafChanged => &LEAF_CHANGED,
        Code::LeafMalformed => &LEAF_MALFORMED,
        Code::LeafMisplaced => &LEAF_MISPLACED,
        Code::TenantMixed => &TENANT_MIXED,
        Code::SinceUnusable => &SINCE_UNUSABLE,
        Code::Stopped => &STOPPED,
        Code::SinceInconsistent => &SINCE_INCONSISTENT,
        Code::StampBad => &STAMP_BAD,
        Code::StampCaFromExport => &STAMP_CA_FROM_EXPORT,
        Code::StampAbsent => &STAMP_ABSENT,
        Code::StampInconsistent => &STAMP_INCONSISTENT,
        Code::TimeAfterStamp => &TIME_AFTER_STAMP,
        Code::TimeBeforeStamp => &TIME_BEFORE_STAMP,
        Code::LogEmpty => &told::LOG_EMPTY,
        Code::DeviceAlarm => &told::DEVICE_ALARM,
        Code::WitnessRefused => &told::WITNESS_REFUSED,
        Code::PayloadAfterErasure => &told::PAYLOAD_AFTER_ERASURE,
        Code::CosignatureAhead => &witness::COSIGNATURE_AHEAD,
        Code::PolicyKey => &witness::POLICY_KEY,
        Code::LogContinued => &LOG_CONTINUED,
        Code::LogForked => &LOG_FORKED,
        Code::GenerationBad => &GENERATION_BAD,
        Code::MetaBad => &META_BAD,
        Code::MetaMissing => &META_MISSING,
        Code::DeviceForked => &DEVICE_FORKED,
        Code::DeviceHead => &DEVICE_HEAD,
        Code::DeviceWithheld => &DEVICE_WITHHELD,
        Code::DeviceEnrolment => &DEVICE_ENROLMENT,
        Code::DeviceChain => &DEVICE_CHAIN,
        Code::DeviceEnded => &DEVICE_ENDED,
        Code::DeviceSawOtherTree => &DEVICE_SAW_OTHER_TREE,
        Code::CaseOnly => &case::CASE_ONLY,
        Code::CaseMalformed => &case::CASE_MALFORMED,
        Code::CaseForeign => &case::CASE_FOREIGN,
        Code::CaseGap => &case::CASE_GAP,
        Code::ProofBad => &case::PROOF_BAD,
        Code::CosignatureBad => &witness::COSIGNATURE_BAD,
        Code::QuorumUnmet => &witness::QUORUM_UNMET,
        Code::PolicyFromExport => &witness::POLICY_FROM_EXPORT,
        Code::PolicyMalformed => &witness::POLICY_MALFORMED,
        Code::PayloadMissing => &PAYLOAD_MISSING,
        Code::PayloadUnnamed => &PAYLOAD_UNNAMED,
        Code::PayloadRepeated => &PAYLOAD_REPEATED,
        Code::PayloadStray => &PAYLOAD_STRAY,
        Code::OpeningBad => &OPENING_BAD,
        Code::OpeningMismatch => &OPENING_MISMATCH,
        Code::JoinedBad => &told::JOINED_BAD,
    }
}

const KEY_FROM_EXPORT: Words = Words {
    code: "key_from_export",
    meaning: (
        "No key was given, so the export vouches for itself; whoever forged it could have put in a key of their own.",
        "未给出公钥，导出只是自证；伪造者可以放入自己的公钥。",
    ),
    remedy: ASK_KEY,
};
const KEY_MALFORMED: Words = Words {
    code: "key_malformed",
    meaning: ("A line of the export's keys is no key.", "导出中的某行不是有效公钥。"),
    remedy: COPY_AGAIN,
};
const LOG_ABSENT: Words = Words {
    code: "log_absent",
    meaning: (
        "A log has no signed head; nothing about that log is proven.",
        "某个日志没有已签名的检查点；该日志的内容未得到证明。",
    ),
    remedy: COPY_AGAIN,
};
const CHECKPOINT_BAD: Words = Words {
    code: "checkpoint_bad",
    meaning: (
        "The signed head of a log does not hold: it was changed, or another key signed it.",
        "日志的检查点无效：被改动，或由其他密钥签名。",
    ),
    remedy: EVIDENCE,
};
const ROOT_MISMATCH: Words = Words {
    code: "root_mismatch",
    meaning: (
        "The entries are not those that were signed: at least one was changed, dropped, inserted or moved.",
        "条目与签名时不同：至少有一条被改动、删除、插入或移动。",
    ),
    remedy: EVIDENCE,
};
const SIZE_MISMATCH: Words = Words {
    code: "size_mismatch",
    meaning: (
        "The log does not have as many entries as were signed: some were dropped or added at its end.",
        "日志条目数与签名时不同：末尾有条目被删除或添加。",
    ),
    remedy: EVIDENCE,
};
const TILE_BAD: Words = Words {
    code: "tile_bad",
    meaning: (
        "A file of entries or hashes is missing or damaged; the entries in it cannot be checked.",
        "条目或哈希文件缺失或损坏；其中的条目无法检查。",
    ),
    remedy: COPY_AGAIN,
};
const TILE_MISMATCH: Words = Words {
    code: "tile_mismatch",
    meaning: ("Stored hashes are not those of the entries.", "存储的哈希与条目不符。"),
    remedy: EVIDENCE,
};
const LEAF_CHANGED: Words = Words {
    code: "leaf_changed",
    meaning: (
        "This entry is not the one whose hash is stored: it was changed after it was logged.",
        "此条目与存储的哈希不符：记入日志后被改动。",
    ),
    remedy: EVIDENCE,
};
const LEAF_MALFORMED: Words = Words {
    code: "leaf_malformed",
    meaning: (
        "This entry is not in the form of an entry; nobody but the operator can have written it.",
        "此条目格式不符；只有运营方能写入这样的条目。",
    ),
    remedy: EVIDENCE,
};
const LEAF_MISPLACED: Words = Words {
    code: "leaf_misplaced",
    meaning: (
        "This entry stands in a log to which its kind does not belong.",
        "此条目出现在不该出现的日志中。",
    ),
    remedy: EVIDENCE,
};
const TENANT_MIXED: Words = Words {
    code: "tenant_mixed",
    meaning: (
        "This entry belongs to another tenant than the rest of the log.",
        "此条目属于另一租户。",
    ),
    remedy: EVIDENCE,
};
const SINCE_UNUSABLE: Words = Words {
    code: "since_unusable",
    meaning: (
        "Nothing could be held against the older checkpoint: it is of no log here, its signature does not hold, or the export is of one case.",
        "无法与较早的检查点比对：它不属于这里的任何日志，签名不成立，或导出仅含一个案件。",
    ),
    remedy: (
        "Check that the file is as it was kept, that it and --key are of this tenant, and that the export is of the whole logs.",
        "请确认该文件与保存时一致，该文件与 --key 均属于此租户，且导出为完整日志。",
    ),
};
const STOPPED: Words = Words {
    code: "stopped",
    meaning: (
        "The check was stopped; what was not reached is unknown.",
        "验证被中止；未检查的部分情况不明。",
    ),
    remedy: COPY_AGAIN,
};
const SINCE_INCONSISTENT: Words = Words {
    code: "since_inconsistent",
    meaning: (
        "The log does not continue the older checkpoint: its history was cut or rewritten, or two histories exist.",
        "日志与较早的检查点不衔接：历史被截断或改写，或存在两套历史。",
    ),
    remedy: EVIDENCE,
};
const DEVICE_ENROLMENT: Words = Words {
    code: "device_enrolment",
    meaning: (
        "The enrolment of a device's key cannot be used, or exchanges a key that was enrolled before.",
        "设备密钥的登记无效，或替换了先前登记的密钥。",
    ),
    remedy: EVIDENCE,
};
const DEVICE_CHAIN: Words = Words {
    code: "device_chain",
    meaning: (
        "This event does not fit the chain that the device signed: it was forged, changed, moved or doubled, an event before it was dropped, or its key was not enrolled.",
        "此记录与设备签名的链不符：被伪造、改动、移动或重复，之前的记录被删除，或其密钥未登记。",
    ),
    remedy: EVIDENCE,
};
const DEVICE_ENDED: Words = Words {
    code: "device_ended",
    meaning: (
        "This event came in after its device's key was revoked or the device reported lost.",
        "此记录在设备密钥被撤销或设备报失之后到达。",
    ),
    remedy: ASK_DEVICE,
};
const DEVICE_SAW_OTHER_TREE: Words = Words {
    code: "device_saw_other_tree",
    meaning: (
        "The device had been shown another history than this one.",
        "该设备曾看到与此不同的历史。",
    ),
    remedy: EVIDENCE,
};
const PAYLOAD_MISSING: Words = Words {
    code: "payload_missing",
    meaning: (
        "The content of this entry is missing, and no erasure explains it.",
        "此条目的内容缺失，且没有删除记录可以解释。",
    ),
    remedy: EVIDENCE,
};
const PAYLOAD_UNNAMED: Words = Words {
    code: "payload_unnamed",
    meaning: (
        "This entry commits to a content that it does not name.",
        "此条目承诺了内容却没有指明是哪一份。",
    ),
    remedy: EVIDENCE,
};
const PAYLOAD_REPEATED: Words = Words {
    code: "payload_repeated",
    meaning: ("Two entries claim the same content.", "两条条目声称同一份内容。"),
    remedy: EVIDENCE,
};
const PAYLOAD_STRAY: Words = Words {
    code: "payload_stray",
    meaning: (
        "The export holds a content that no entry names; it proves nothing.",
        "导出含有任何条目都未指明的内容；它不能证明任何事。",
    ),
    remedy: COPY_AGAIN,
};
const OPENING_BAD: Words = Words {
    code: "opening_bad",
    meaning: (
        "A content in the clear is malformed or belongs to no entry.",
        "某份公开内容格式不符，或不属于任何条目。",
    ),
    remedy: COPY_AGAIN,
};
const OPENING_MISMATCH: Words = Words {
    code: "opening_mismatch",
    meaning: (
        "A content in the clear is not the one that the entry commits to: it was changed.",
        "公开内容与条目的承诺不符：内容被改动。",
    ),
    remedy: EVIDENCE,
};

const STAMP_BAD: Words = Words {
    code: "stamp_bad",
    meaning: (
        "A time stamp does not fit its checkpoint, or no trusted authority made it; it says nothing about time.",
        "时间戳与其检查点不符，或并非由可信机构签发；它不能说明任何时间。",
    ),
    remedy: EVIDENCE,
};
const STAMP_CA_FROM_EXPORT: Words = Words {
    code: "stamp_ca_from_export",
    meaning: (
        "The time stamps were judged by certificates that came with the export; who forged it could have made both.",
        "时间戳依据导出文件自带的证书判断；伪造者可能同时伪造了两者。",
    ),
    remedy: (
        "Get the root certificate from the time-stamp authority itself, and give it with --tsa-ca.",
        "请从时间戳机构本身取得根证书，并用 --tsa-ca 给出。",
    ),
};
const STAMP_ABSENT: Words = Words {
    code: "stamp_absent",
    meaning: (
        "Nobody outside stamped this log's checkpoints; its times are the operator's word.",
        "没有外部机构为此日志的检查点盖时间戳；其中的时间仅为运营方的说法。",
    ),
    remedy: (
        "Ask the operator why no authority stamps the log.",
        "请询问运营方为何没有时间戳机构。",
    ),
};
const STAMP_INCONSISTENT: Words = Words {
    code: "stamp_inconsistent",
    meaning: (
        "An authority stamped a state of this log that this export does not extend: the log was rewritten or cut.",
        "时间戳机构曾为此日志的某一状态盖戳，而本导出并未延续它：日志曾被改写或截短。",
    ),
    remedy: EVIDENCE,
};
const TIME_AFTER_STAMP: Words = Words {
    code: "time_after_stamp",
    meaning: (
        "An entry claims a time later than a stamp that was made when it was in the log already.",
        "条目声称的时间晚于其已在日志中时所盖的时间戳。",
    ),
    remedy: EVIDENCE,
};
const TIME_BEFORE_STAMP: Words = Words {
    code: "time_before_stamp",
    meaning: (
        "An entry claims a time well before a stamp that was made when it was not in the log yet: it was dated back.",
        "条目声称的时间远早于其尚未进入日志时所盖的时间戳：它被倒填了日期。",
    ),
    remedy: EVIDENCE,
};

const LOG_CONTINUED: Words = Words {
    code: "log_continued",
    meaning: (
        "The log lost entries in a restore, was closed, and goes on as a new log that names the old one; what was lost \
         cannot be checked.",
        "日志在恢复备份时丢失了条目，已被关闭，并以写明旧日志的新日志继续；丢失部分无法再核对。",
    ),
    remedy: (
        "Ask the operator what happened, and for older exports or checkpoints of the part that is lost. What was left out with \
         it cannot be told from what was lost. Take it with --accept-continued.",
        "请询问运营方事情经过，并索取丢失部分的较早导出或检查点。借此略去的内容与确实丢失的无法区分。如可接受，请用 --accept-continued。",
    ),
};
const LOG_FORKED: Words = Words {
    code: "log_forked",
    meaning: (
        "The log was signed as two histories, was closed, and goes on as a new log; what is left of it may have been \
         rewritten.",
        "日志曾被签署为两份不同的历史，已被关闭并以新日志继续；留存的内容可能被改写过。",
    ),
    remedy: (
        "Ask the witnesses for the checkpoint they hold, and whoever exported before for that export; verify it with --since.",
        "请向见证方索取其持有的检查点，向曾导出者索取当时的导出，并用 --since 核对。",
    ),
};
const GENERATION_BAD: Words = Words {
    code: "generation_bad",
    meaning: (
        "A log that claims to continue another does not say so rightly: history may be hidden between the two.",
        "声称延续另一日志的日志与事实不符：两者之间可能隐藏了历史。",
    ),
    remedy: EVIDENCE,
};
const META_BAD: Words = Words {
    code: "meta_bad",
    meaning: (
        "This checkpoint is not proven to be in the operator's own log; others may have been shown another one.",
        "未能证明此检查点已列入运营方总日志；其他人看到的可能是另一个。",
    ),
    remedy: EVIDENCE,
};

const META_MISSING: Words = Words {
    code: "meta_missing",
    meaning: (
        "Nothing shows that this checkpoint is in the operator's own log; whoever follows that log may know another one.",
        "没有证明表明此检查点已列入运营方总日志；关注总日志的人看到的可能是另一个。",
    ),
    remedy: (
        "Export again. If the proof stays away, ask the operator why, and compare the checkpoint with what others were shown.",
        "请重新导出。若仍无证明，请询问运营方原因，并与他人看到的检查点比对。",
    ),
};

const DEVICE_FORKED: Words = Words {
    code: "device_forked",
    meaning: (
        "A device signed two different events under one number, or the log says so without the device's signature.",
        "设备以同一序号签署了两条不同记录；或日志如此声称却没有设备签名。",
    ),
    remedy: ASK_DEVICE,
};
const DEVICE_WITHHELD: Words = Words {
    code: "device_withheld",
    meaning: (
        "A device signed an event in a form that no log may show. It is kept sealed; the device's next event vouches for it.",
        "设备签署的一条记录形式不当，不得写入日志；该记录已密封保存，并由该设备的下一条记录佐证。",
    ),
    remedy: (
        "Ask the operator to open it, and ask who held the device: the program that Doorstep ships makes no such events.",
        "请运营方打开该记录，并查明设备由谁保管：Doorstep 发布的程序不会产生此类记录。",
    ),
};
const DEVICE_HEAD: Words = Words {
    code: "device_head",
    meaning: (
        "What the log says of a device's last event is not what its chain says: events were dropped or added.",
        "日志所述设备最后一条记录与其链不符：有记录被删除或添加。",
    ),
    remedy: EVIDENCE,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_json_report_and_both_languages_speak() {
        for code in Code::ALL {
            let words = words(*code);
            assert_eq!(serde_json::to_value(code).ok(), Some(words.code.into()));
            for (english, chinese) in [words.meaning, words.remedy] {
                assert!(english.ends_with('.') && english.is_ascii(), "{english}");
                assert!(chinese.ends_with('。'), "{chinese}");
            }
        }
    }
}
