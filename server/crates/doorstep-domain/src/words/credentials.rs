//! Words of what staff hold.

use super::words;
use crate::credential::{CredentialEnd, CredentialKind};

words!(CredentialKind {
    Certificate => "certificate", "上岗证书";
    Training => "training", "培训";
    Exam => "examination", "考核";
    BackgroundCheck => "background check", "背景审查";
    Confidentiality => "confidentiality undertaking", "保密承诺书";
    Authority => "authorisation letter", "授权书";
    Badge => "badge", "工作证";
});

words!(CredentialEnd {
    Replaced => "replaced by a later one", "已更新";
    Withdrawn => "taken away or lost", "已收回或遗失";
    Mistake => "noted by mistake", "登记有误";
});
