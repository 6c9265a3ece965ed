//! Words of cases, persons, addresses and imported rows.

use super::words;
use crate::address::{AddressState, PlaceKind, Provenance};
use crate::case::{CaseStatus, Flag, Stage};
use crate::import::{RowReason, RowResult};
use crate::person::PersonRole;
use crate::place::Datum;
use crate::restriction::{ConsentState, RestrictionKind, RightSource};
use crate::wish::{Manner, WishKind, WishState};

words!(CaseStatus {
    Open => "open", "在办";
    Held => "held for a decision", "暂停待定";
    Settled => "settled", "已结清";
    Recalled => "recalled by the creditor", "已撤案";
    Closed => "closed", "已结案";
});

words!(Flag {
    Disputed => "disputed", "有异议";
    Hardship => "financial hardship", "经济困难";
    Vulnerable => "vulnerable person", "弱势或特殊情况";
    Represented => "represented by a lawyer or adviser", "已委托律师或顾问";
    CeaseContact => "asked for contact to stop", "要求停止联系";
    PlanPerforming => "repayment plan being kept", "分期履行中";
    Deceased => "deceased", "已故";
    Moratorium => "moratorium", "暂缓期或破产程序";
    WrongPerson => "not this person's debt", "非本人借款或冒名";
    AddressUnverified => "probably lost contact, address unverified", "疑似失联，地址未核实";
    Suspended => "in custody, abroad or lost", "羁押、出境或失联";
    Bereaved => "in mourning, or another occasion to stay away", "丧期或其他不宜外访的情形";
    Complained => "complaint not answered yet", "投诉尚未答复";
    AdviserPlan => "making a plan with an adviser", "正与顾问制定还款计划";
    DogAtGate => "dog at the gate", "门口有狗";
});

words!(RestrictionKind {
    Ban => "not this way, here or then", "限制联系方式、地点或时间";
    CeaseContact => "asked for contact to stop", "要求停止联系";
    Disputed => "disputed", "有异议";
    Hardship => "financial hardship", "经济困难";
    Vulnerable => "vulnerable person", "弱势或特殊情况";
    Represented => "represented by a lawyer or adviser", "已委托律师或顾问";
    Moratorium => "moratorium", "暂缓期或破产程序";
    Bereaved => "in mourning, or another occasion to stay away", "丧期或其他不宜外访的情形";
    Deceased => "deceased", "已故";
    WrongPerson => "not this person's debt", "非本人借款或冒名";
    PlanPerforming => "repayment plan being kept", "分期履行中";
    Suspended => "in custody, abroad or lost", "羁押、出境或失联";
    Moved => "moved away", "已搬离";
    AdviserPlan => "making a plan with an adviser", "正与顾问制定还款计划";
});

words!(RightSource {
    File => "lender's file", "贷款机构文件";
    Door => "at the door", "上门时";
    Office => "office", "办公室";
    Page => "page of a notice", "通知页面";
});

words!(ConsentState {
    Asked => "waits for a second person", "待第二人批准";
    Given => "given", "有效";
    Refused => "refused", "未获批准";
    Withdrawn => "withdrawn", "已撤回";
});

words!(WishKind {
    NotToday => "nobody shall come that day", "当天请勿上门";
    OtherTime => "another time", "希望改时间";
    OtherPlace => "another place", "希望改地点";
    OtherVisitor => "a visitor of another gender", "希望由其他性别的人员上门";
    Stop => "nobody shall come any more", "请勿再上门";
    WithdrawConsent => "takes back what was agreed to", "撤回同意";
    Complaint => "complaint", "投诉";
    Feedback => "how the visit was", "外访评价";
    Dispute => "dispute", "异议";
    Hardship => "financial hardship", "经济困难";
    Payment => "a date and amount, or instalments", "提出还款日期、金额或分期";
    Call => "a call in place of the visit", "希望改为电话沟通";
    Appointment => "an appointment at the office", "希望到办公室面谈";
    Locked => "wrong digits locked the page", "验证错误，页面已锁定";
});

words!(WishState {
    Open => "waits for an answer", "待答复";
    Done => "took effect", "已生效";
    Accepted => "accepted", "已同意";
    Declined => "declined", "未同意";
    Erased => "the person was erased", "当事人信息已删除";
});

words!(Manner {
    Good => "respectful", "尊重";
    Fair => "neither good nor bad", "一般";
    Bad => "disrespectful or frightening", "不尊重或令人害怕";
});

words!(Stage {
    M0 => "M0, not overdue", "M0（未逾期）";
    M1 => "M1, 1–30 days past due", "M1（逾期1–30天）";
    M2 => "M2, 31–60 days past due", "M2（逾期31–60天）";
    M3 => "M3, 61–90 days past due", "M3（逾期61–90天）";
    M3Plus => "M3+, over 90 days past due", "M3+（逾期90天以上）";
});

words!(PersonRole {
    Debtor => "debtor", "债务人";
    Guarantor => "guarantor", "担保人";
    Contact => "contact person", "联系人";
    Representative => "representative", "代理人";
});

words!(AddressState {
    Unverified => "unverified", "未核实";
    Current => "current", "现住址";
    Moved => "moved away", "已搬离";
    Wrong => "wrong", "地址有误";
});

words!(Provenance {
    LenderFile => "lender's file", "贷款机构文件";
    Contract => "contract", "合同";
    Person => "the person themselves", "本人提供";
    Court => "court", "法院";
});

words!(PlaceKind {
    Home => "home", "住所";
    Workplace => "workplace", "工作单位";
    Other => "other place", "其他场所";
});

words!(Datum {
    Wgs84 => "WGS-84", "WGS-84（国际）";
    Gcj02 => "GCJ-02 (mainland China)", "GCJ-02（国测局）";
    Bd09 => "BD-09 (Baidu)", "BD-09（百度）";
});

words!(RowResult {
    Accept => "accepted", "已接收";
    Warn => "accepted with a remark", "接收并提示";
    Hold => "held for a decision", "暂存待定";
    Reject => "rejected", "退回";
    Duplicate => "duplicate", "重复";
    Conflict => "conflict", "冲突";
});

words!(RowReason {
    FieldMissing => "a required field is empty", "必填项为空";
    NoCoordinates => "no coordinates", "缺少坐标";
    CoordinateOutOfRange => "coordinates unreadable or out of range", "坐标无法识别或超出范围";
    CoordinatesSwapped => "latitude and longitude look swapped", "经纬度疑似颠倒";
    CoordinatesZero => "coordinates are zero", "坐标为零";
    CoordinatesFarAway => "far from all other places of the file", "与文件内其他地点相距过远";
    UnknownDatum => "datum unknown", "坐标系未知";
    AmountUnreadable => "amount unreadable", "金额无法识别";
    AmountNegative => "amount negative", "金额为负";
    UnknownCurrency => "currency unknown", "币种未知";
    DateUnreadable => "date does not exist or is unreadable", "日期不存在或无法识别";
    DateInFuture => "the date lies in the future", "日期晚于当前时间";
    NumberUnreadable => "not a whole number", "不是整数";
    UnknownFlag => "flag unknown, it may restrict visits", "标签未知，可能含有限制";
    AvailableUnreadable => "stated times unreadable", "约定时间无法识别";
    PhoneImplausible => "phone number not plausible", "手机号不合理";
    DaysDisagree => "days past due and due date disagree", "逾期天数与到期日不符";
    NumberConflict => "same number, other content in another line", "同一编号，另一行内容不同";
    AlreadyThere => "same number and content already there", "同一编号和内容已存在";
    FieldCount => "number of fields differs from the header", "字段数与表头不符";
    NotARow => "not a row of data", "非数据行";
    ControlCharacters => "control characters removed", "已去除控制字符";
    FormulaText => "text begins like a formula", "文本以公式符号开头";
    TooLong => "field too long", "字段过长";
    BadEncoding => "not in the file's encoding", "编码错误";
    UnknownAgency => "agency unknown or not on the white list", "外访机构未知或不在白名单内";
    NotYours => "the number belongs to a case outside your agency", "该编号属于本机构以外的案件";
    Erased => "the person was erased", "该当事人信息已删除";
    UnknownCase => "no case of yours has this number", "您的案件中没有此编号";
    SeveralCases => "several portfolios have this number, name one", "多个产品有此编号，请注明产品";
    UnknownChannel => "neither call, message nor letter", "不是电话、短信或信函";
    UnknownOutcome => "outcome unknown on this channel", "该渠道没有此结果";
    RuleForbade => "a rule forbade it, recorded and flagged", "规则禁止此次联系，已记录并标记";
    UnknownPortfolio => "no portfolio has this name, an administrator adds it", "没有此产品，请由管理员添加";
    CurrencyOther => "another currency than the loan or case", "币种与该笔贷款或案件不同";
    PersonDiffers => "the person stands otherwise in another row of this loan", "同一贷款的另一行当事人信息不同";
    DueOutOfOrder => "falls due before the row above it", "到期日早于上一行";
    InstalmentGap => "an instalment before it is missing", "缺少前一期";
    OlderThanKnown => "the file is older than what is known", "文件早于已有数据";
    LessThanPaid => "less than was paid or waived already", "少于已还或已减免金额";
    LoanIncomplete => "another row of this loan goes back, so all do", "同一贷款的另一行被退回，整笔退回";
    AmountZero => "a payment is above zero", "还款金额须大于零";
    UnknownPaymentKind => "neither payment nor reversal", "不是还款或冲正";
    CashToStaff => "cash to staff is never taken, pay by the official reference", "外访人员不得收取现金，请通过官方渠道还款";
    ReferenceReused => "the reference stands for other money already", "该流水号已用于另一笔款项";
    Overpaid => "more than the case owes", "超过案件欠款";
    BeforeBalance => "paid before the day of the stated balance, it may be in there", "早于余额日期，可能已计入余额";
    ReversalUnmatched => "no counted payment has this reference", "没有此流水号的已入账还款";
    ReversalDiffers => "the payment with this reference has another amount, case or currency", "与该流水号的还款金额、案件或币种不符";
    UnknownReason => "no known reason for default", "逾期原因代码未知";
    UnknownStep => "the strategy has no such step on this channel", "策略中没有该渠道的此步骤";
    UnknownStaff => "nobody of your staff has this number", "员工中没有此工号";
    PromisePast => "a promise for a day that is over", "承诺日期已过";
    PromiseImpossible => "a promise needs its day and an amount that is due", "承诺须有日期，且金额不超过欠款";
});
