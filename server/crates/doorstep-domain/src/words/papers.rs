//! What the codes of letters, leaflets, training and debriefs are called.

use super::words;
use crate::letter::{Consequence, LetterKind, LetterState};
use crate::training::{DebriefCause, DebriefState, Grade, HandedAt, RunState};

words!(LetterKind {
    Reminder => "reminder", "还款提醒";
    Statement => "statement of the amount", "金额说明";
    PreLegal => "letter before a claim", "诉前告知";
    BureauNotice => "notice before a bureau entry", "征信报送事先告知";
    AddressCheck => "question about the address", "地址核实";
});

words!(LetterState {
    Made => "waiting", "待发出";
    HandedOver => "handed over", "已交付寄送";
    Delivered => "delivered", "已送达";
    Returned => "returned", "被退回";
    Withdrawn => "withdrawn", "已撤回";
});

words!(Consequence {
    CourtClaim => "claim before a court", "向法院起诉";
    BureauEntry => "entry at a credit bureau", "征信报送";
});

words!(Grade {
    Right => "right", "正确";
    Acceptable => "acceptable", "可以接受";
    Wrong => "wrong", "错误";
});

words!(RunState {
    Open => "going on", "进行中";
    Passed => "passed", "通过";
    Failed => "not passed", "未通过";
});

words!(DebriefCause {
    Help => "call for help", "求助";
    Overdue => "overdue check-out", "签退超时";
    Aborted => "visit broken off for safety", "因安全中止外访";
});

words!(DebriefState {
    Due => "due", "待谈";
    Overdue => "overdue", "已逾期";
    Done => "held", "已谈";
});

words!(HandedAt {
    Office => "by the office", "由办公室";
    Door => "at the door", "在门口";
});
