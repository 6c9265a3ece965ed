//! Words of complaints and quality checks.

use super::words;
use crate::complaint::{ComplaintChannel, ComplaintOutcome, ComplaintState};
use crate::quality::{AppealDecision, CheckState, DrawnBecause, ItemFound, WordingKind};

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
