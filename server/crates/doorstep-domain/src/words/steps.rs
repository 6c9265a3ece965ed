//! Words of strategies: steps, next actions and their reasons, lost addresses, times of calm.

use super::words;
use crate::address::{AddressConfidence, RefusedSource, Verification};
use crate::step::{
    CalmMode, CalmReason, CalmState, DefaultReason, LostAct, NextAction, NextWhy, StepAfter, StepChannel, StepWho,
    VisitAskReason,
};

words!(StepChannel {
    Message => "message", "短信";
    Call => "call", "电话";
    Letter => "letter", "信函";
    Visit => "visit", "外访";
    Bundle => "legal bundle", "诉讼材料";
    Bureau => "credit bureau", "征信报送";
});

words!(StepWho {
    Office => "office", "内勤";
    Field => "field staff", "外访员";
    Agency => "agency", "外访机构";
    Legal => "legal desk", "法务";
});

words!(StepAfter {
    Stage => "days in the stage", "进入阶段后";
    Step => "days after the step before", "上一步之后";
    Outcome => "days after the outcome of the step before", "上一步有结果后";
});

words!(NextAction {
    Message => "write a message", "发短信";
    Call => "call", "打电话";
    Letter => "write a letter", "寄信";
    Visit => "visit", "上门";
    Bundle => "put the legal bundle together", "整理诉讼材料";
    Bureau => "tell the credit bureau", "报送征信";
    VerifyAddress => "have the address confirmed", "核实地址";
    VerifyNumber => "have the number confirmed", "核实电话";
    Review => "a person decides", "人工处理";
    Wait => "wait", "等待";
    None => "nothing", "无需行动";
});

words!(NextWhy {
    Due => "its time has come", "时机已到";
    Waiting => "its waiting time is not over", "等待期未满";
    StepBefore => "the step before was not tried", "上一步尚未进行";
    LighterFirst => "a lighter step comes first", "先用较轻的方式";
    Later => "another step comes first", "另有步骤在先";
    UsedUp => "tried as often as it may be", "次数已用完";
    OtherStage => "for another stage", "属于其他阶段";
    AmountSmall => "too little is due for it", "金额未达到";
    ReasonKnown => "the reason for default is known", "逾期原因已知";
    ReasonMissing => "the reason for default is not known", "逾期原因未知";
    NotBroken => "no agreement was broken", "没有违约的约定";
    Reached => "the person was reached, or too few tries failed", "已联系上或失败次数不足";
    OtherOutcome => "the last contact ended otherwise", "上次联系的结果不符";
    Protected => "what is known of the person keeps it away", "当事人情况不允许";
    Refused => "the person asked to be left in peace", "当事人近期拒绝联系";
    Paid => "something was paid lately", "近期有还款";
    Promised => "what was promised is not due yet", "承诺尚未到期";
    Rule => "a rule forbids it", "规则禁止";
    Calm => "portfolio or region is calm", "产品或地区处于缓催期";
    NoVisits => "the strategy makes no visits", "策略不安排外访";
    AddressStale => "the address has to be confirmed first", "须先核实地址";
    NumberStale => "the number has to be confirmed first", "须先核实电话";
    Rest => "it rests after what was met at the door", "上门结果后暂缓";
    LetterFirst => "a letter to the contract's address goes first", "先寄信至合同地址";
    PersonDecides => "a person decides first", "须先由人工决定";
    NoticeMissing => "its notice did not go out, or is too young", "未先行告知或告知未满期";
    Stopped => "the case is over or everything is stopped", "案件已结束或已停止";
    NothingLeft => "no step is left", "没有剩余步骤";
});

words!(LostAct {
    Verify => "confirm before it is used again", "核实后再用";
    Letter => "a letter to the contract's address first", "先寄信至合同地址";
    Rest => "rest for some days", "暂缓数日";
    Person => "a person looks at it", "转人工";
});

words!(DefaultReason {
    LostJob => "lost work or pay", "失业或收入减少";
    Illness => "illness or accident", "疾病或意外";
    Family => "death, birth or separation", "家庭变故";
    Disaster => "disaster", "灾害";
    Forgot => "forgot", "忘记还款";
    Dispute => "amount or debt contested", "对金额有异议";
    CashFlow => "money comes later than due", "周转困难";
    Technical => "a payment failed", "扣款失败";
    Other => "another reason", "其他";
});

words!(CalmMode {
    Stop => "no visits", "停止外访";
    Thin => "few visits", "减少外访";
});

words!(CalmReason {
    Disaster => "disaster", "灾害";
    Closure => "closure", "停产或封闭";
    Downturn => "downturn", "经济下行";
});

words!(CalmState {
    Asked => "waits for a second person", "待第二人批准";
    On => "approved", "已批准";
    Refused => "refused", "已拒绝";
    Ended => "ended early", "已提前结束";
});

words!(Verification {
    Letter => "by letter", "信函";
    Call => "on the phone", "电话";
    Person => "by the person", "本人";
    LenderFile => "by the lender's file", "机构资料";
    Court => "by a court", "法院";
    Visit => "met there", "上门见到";
});

words!(AddressConfidence {
    High => "high", "高";
    Medium => "medium", "中";
    Low => "low", "低";
    None => "none", "无";
});

words!(RefusedSource {
    Bought => "bought data", "购买的数据";
    Contacts => "somebody's contacts", "通讯录";
    SocialMedia => "social media", "社交媒体";
    Neighbour => "a neighbour's, colleague's or relative's word", "邻居、同事或亲属所说";
    Tracking => "tracking", "定位或跟踪";
});

words!(VisitAskReason {
    PersonAsked => "the person wants a visit", "当事人要求上门";
    Appointment => "a time was agreed", "已约定时间";
    Reviewed => "the file was reviewed", "已人工审阅";
});
