//! Words of channels and outcomes.

use super::words;
use crate::contact::{Channel, ContactOutcome, MatterOutcome};
use crate::pressure::PressureBand;

words!(Channel {
    Visit => "visit", "外访";
    Call => "call", "电话";
    Message => "message", "短信";
    Letter => "letter", "信函";
});

words!(ContactOutcome {
    MetBorrower => "met the person", "见到本人";
    MetRelated => "met someone concerned", "见到相关人";
    MetUnrelated => "met someone not concerned", "见到无关第三人";
    NobodyHome => "nobody home", "无人在家";
    DoorNotOpened => "door not opened", "有人拒开门";
    AccessDenied => "access denied", "门禁或小区拒入";
    AddrInvalid => "no such address", "地址有误";
    UnknownHere => "unknown here", "查无此人";
    Moved => "moved away", "已搬离";
    AskedToLeave => "asked to leave", "被要求离开";
    AbortedSafety => "left for safety", "安全撤离";
    BlockedRule => "blocked by a rule", "合规拦截";
    Rescheduled => "rescheduled", "改约";
    Connected => "connected", "已接通";
    NoAnswer => "no answer", "无人接听";
    NumberInvalid => "no such number", "号码有误";
    Declined => "did not want contact", "拒绝沟通";
    Delivered => "delivered", "已送达";
    Returned => "returned", "退回";
});

words!(PressureBand {
    Calm => "calm", "平稳";
    Raised => "raised", "偏高";
    High => "high", "过高";
});

words!(MatterOutcome {
    Promise => "promise to pay", "承诺还款";
    PromiseKept => "promise kept", "履约";
    PromiseBroken => "promise broken", "跳票";
    Partial => "partly paid", "部分还款";
    PaidInFull => "paid in full", "结清";
    SettledInFull => "settled for less", "减免结清";
    PaidClaim => "says it is paid", "声称已还";
    PlanActive => "repayment plan being kept", "分期履行中";
    PlanBroken => "repayment plan broken", "分期违约";
    Refused => "refuses to pay", "拒绝还款";
    Dispute => "dispute", "异议";
    FraudId => "not own borrowing", "非本人借款或冒名";
    Hardship => "hardship", "经济困难";
    Vulnerable => "vulnerable", "弱势或特殊情况";
    Deceased => "deceased", "已故";
    NoCapacity => "no or limited legal capacity", "无或限制民事行为能力";
    Moratorium => "moratorium or insolvency", "暂缓期或破产程序";
    Represented => "represented", "已委托律师或顾问";
    CeaseContact => "asked for contact to stop", "要求停止联系";
    Complaint => "complaint", "投诉";
    InCustody => "in custody", "羁押";
    Abroad => "abroad", "出境";
    Skip => "lost contact", "失联";
    None => "no result", "无结果";
});
