//! Words of agencies.

use super::words;
use crate::agency::{CopiesKept, DestructionMethod, EvaluationResult, RecallReason, RecallState};

words!(EvaluationResult {
    Pass => "passed", "合格";
    Conditions => "passed with conditions", "有条件合格";
    Fail => "failed", "不合格";
});

words!(RecallReason {
    ContractOver => "the contract is over", "合同到期";
    Conduct => "how visits were made", "外访行为不当";
    PersonAsked => "the person asked for it", "本人要求";
    OwnWork => "the creditor goes itself or not at all", "委托方自行处理";
    Mistake => "given by mistake", "误委托";
});

words!(RecallState {
    Asked => "waits for a second person", "待复核";
    Refused => "refused", "已拒绝";
    Open => "to be destroyed", "待销毁";
    Confirmed => "said to be destroyed", "已申报销毁";
    Accepted => "destruction accepted", "销毁已确认";
});

words!(DestructionMethod {
    Wiped => "wiped", "电子擦除";
    Shredded => "shredded", "纸质粉碎";
    Returned => "given back", "交还委托方";
    NoneHeld => "nothing was held", "未留存";
});

words!(CopiesKept {
    None => "no copies", "无留存副本";
    Law => "what a law has it keep", "依法留存";
});
