//! Words of loans, payments and books.

use super::words;
use crate::loan::{LoanSource, PaymentKind, PaymentState, PostingKind};
use crate::money::AmountPart;

words!(PaymentKind {
    Payment => "payment", "还款";
    Reversal => "reversal", "冲正";
});

words!(PaymentState {
    Counted => "counted", "已入账";
    Held => "held for a person", "待人工处理";
    Refused => "refused", "不入账";
});

words!(PostingKind {
    Due => "fell due", "到期";
    Restated => "stated anew by the lender", "贷款机构重新报送";
    Payment => "payment", "还款";
    Reversal => "reversal", "冲正";
    Waiver => "waiver", "减免";
});

words!(LoanSource {
    File => "loan file", "贷款文件";
    Case => "case file", "案件文件";
});

words!(AmountPart {
    Principal => "principal", "本金";
    Interest => "interest", "利息";
    Penalty => "penalty", "罚息";
    Fees => "fees", "费用";
});
