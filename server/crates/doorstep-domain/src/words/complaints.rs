//! Words of complaints and quality checks.

use super::words;
use crate::complaint::{ComplaintChannel, ComplaintOutcome, ComplaintState};
use crate::quality::{AppealDecision, CheckState, DrawnBecause, ItemFound, WordingKind};
use crate::rate::{RateBy, RateKind};
use crate::review::FlagSource;

words!(ComplaintState {
    Received => "received", "已受理";
    InProgress => "in progress", "处理中";
    Answered => "answered", "已答复";
    Withdrawn => "withdrawn", "已撤回";
    Erased => "the person was erased", "当事人信息已删除";
});

words!(ComplaintOutcome {
    Upheld => "upheld", "成立";
    Partly => "upheld in part", "部分成立";
    Rejected => "rejected", "不成立";
    Settled => "settled", "协商解决";
    Withdrawn => "withdrawn", "撤回";
});

words!(ComplaintChannel {
    Phone => "by phone", "电话";
    Letter => "in writing", "书面";
    Page => "on the page of a notice or receipt", "通知或回执页面";
    Door => "at the door", "上门时";
    Authority => "through an authority", "监管转办";
});

words!(DrawnBecause {
    Sample => "drawn by lot", "随机抽取";
    Complaint => "complaint", "投诉";
});

words!(CheckState {
    Drawn => "to be scored", "待评";
    Scored => "scored", "已评";
    Appealed => "appealed", "已申诉";
    Decided => "appeal decided", "申诉已裁定";
});

words!(ItemFound {
    Pass => "as it should be", "合格";
    Fail => "not as it should be", "不合格";
    NotApplicable => "not applicable", "不适用";
});

words!(AppealDecision {
    Stands => "the result stands", "维持结果";
    Struck => "the result is struck", "撤销结果";
});

words!(WordingKind {
    Threat => "threat", "威胁";
    Insult => "insult", "侮辱";
    FalseAuthority => "false authority", "冒充公权";
    Relatives => "demand on relatives", "向亲属追索";
});

words!(FlagSource {
    Event => "visit record", "外访记录";
    Check => "quality check", "质检";
    Complaint => "complaint", "投诉";
});

words!(RateBy {
    Staff => "staff", "工号";
    Crew => "crew", "小组";
    Portfolio => "portfolio", "产品";
    Rule => "rule", "规则";
});

words!(RateKind {
    Complaint => "complained about", "被投诉";
    QualityFailure => "quality item not as it should be", "质检不合格";
    Refused => "refused at the door", "上门被拒";
    RuleBlocked => "forbidden when it was made", "违规上门";
    EvidenceMissing => "evidence missing", "缺少凭证";
    FarFromDoor => "far from the door", "距门过远";
    PositionDoubt => "position in doubt", "位置存疑";
    ClockDoubt => "time in doubt", "时间存疑";
    NotPlanned => "not planned", "非计划";
    OtherCrew => "by another crew", "非派遣小组";
    Withdrawn => "planned visits taken away", "撤回的计划上门";
    Overridden => "lifted by two persons", "双人批准例外";
    Forbidden => "made though forbidden", "违规仍发生";
});
