//! Words of reads: purposes, what was opened, and what was found about it.

use super::words;
use crate::read::{FieldClass, OutsidePurpose, Purpose, ReadChannel, ReadFinding, ReadReason};

words!(Purpose {
    Case => "case work", "案件处理";
    Planning => "planning", "制定计划";
    Visit => "visit", "外访";
    Import => "import", "导入";
    Export => "export", "导出";
    Audit => "audit", "审计";
    Search => "search", "检索";
    Live => "watching the day", "当日监看";
    Safety => "safety", "人员安全";
    Review => "review", "复核";
    Complaint => "complaint", "投诉处理";
    Quality => "quality check", "质检";
    Receipt => "receipt", "回执";
    Staff => "staff list", "员工名册";
    Notice => "notice of a visit", "上门通知";
});

words!(OutsidePurpose {
    Complaint => "complaint", "投诉";
    Hardship => "asked for help", "困难求助";
    DataRequest => "request about own data", "个人信息请求";
    Cover => "stands in for a colleague", "代同事处理";
    Safety => "somebody in danger", "人身安全";
    Authority => "authority or court", "监管或司法机关";
    Inspection => "inspection", "检查";
});

words!(FieldClass {
    Identity => "identity and address", "身份与地址";
    Whole => "whole record", "完整档案";
    Words => "what was said", "谈话与备注";
    Whereabouts => "whereabouts", "行踪";
    Staff => "staff record", "员工档案";
    File => "imported rows", "导入行";
    Recording => "recording of a visit", "外访录音录像";
});

words!(ReadChannel {
    Office => "office", "办公端";
    Sync => "sent to a device", "同步到设备";
    Device => "on a device", "设备上查看";
    Receipt => "with a receipt", "凭回执查询";
    Program => "program", "程序";
});

words!(ReadFinding {
    Right => "looked right", "正当";
    Talk => "needs a talk", "需谈话";
});

words!(ReadReason {
    DutyKnown => "it is the reader's duty", "属其职责";
    RequestSeen => "the request was seen", "已见请求凭据";
    ColleagueKnew => "the colleague knew", "经办人知情";
    NothingShows => "nothing shows the purpose", "无凭据";
    TooMuch => "more than needed", "超出所需";
    KnowsPerson => "the reader knows the person", "与当事人相识";
});
