//! Words of agreements.

use super::words;
use crate::agreement::afford::{AffordWarning, Need};
use crate::agreement::schedule::{Every, Remainder, Shift};
use crate::agreement::{AgreedBy, AgreementEnd, AgreementKind, AgreementNext, AgreementState};

words!(AgreementKind {
    Promise => "promise", "承诺还款";
    Plan => "repayment plan", "分期还款";
    Waiver => "waiver", "减免";
    Settlement => "settlement", "协商结清";
    Reward => "reward for paying on time", "按时还款奖励";
});

words!(AgreementState {
    Proposed => "waits for a second person", "待复核";
    Refused => "refused", "未获批准";
    Promised => "agreed", "履行中";
    Kept => "kept", "已履行";
    Partial => "kept in part", "部分履行";
    Broken => "broken", "未履行";
    Ended => "ended", "已终止";
});

words!(AgreementEnd {
    PersonAsked => "the person asked for it", "本人要求";
    Replaced => "another took its place", "被新的约定取代";
    Void => "what it was about is gone", "事由已不存在";
    Mistake => "noted by mistake", "误登记";
});

words!(AgreedBy {
    Door => "at the door", "上门时";
    Phone => "on the phone", "电话";
    Letter => "in writing", "书面";
    Office => "in the office", "到访";
    Portfolio => "for everybody who keeps a plan", "产品统一奖励";
});

words!(AgreementNext {
    Answer => "a second person answers", "待第二人复核";
    Wait => "wait for payments", "等待还款";
    Message => "a friendly message", "发送温馨提示";
    Review => "talk about smaller instalments or a pause", "协商减少每期金额或暂缓";
    None => "nothing", "无";
});

words!(Every {
    Week => "every week", "每周";
    Fortnight => "every two weeks", "每两周";
    Month => "every month", "每月";
});

words!(Remainder {
    First => "in the first instalment", "计入首期";
    Last => "in the last instalment", "计入末期";
});

words!(Shift {
    After => "to the next working day", "顺延至下一工作日";
    Before => "to the working day before", "提前至上一工作日";
    Stay => "it stays", "不调整";
});

words!(Need {
    Housing => "housing", "住房";
    Utilities => "heating, power, water, phone", "水电燃气通信";
    Food => "food and household", "饮食日用";
    Transport => "transport", "交通";
    Health => "health", "医疗健康";
    Dependants => "children and others to care for", "赡养抚养";
    Education => "education", "教育";
    Duties => "taxes and insurance", "税费保险";
    Debts => "other debts", "其他债务";
    Other => "other", "其他";
});

words!(AffordWarning {
    NothingLeft => "nothing is left at the end of the month", "每月收支已无结余";
    AboveShare => "takes more of what is left than is safe", "占每月结余比例过高";
    BeforePayDay => "due before money comes in", "还款日早于收入到账日";
});
