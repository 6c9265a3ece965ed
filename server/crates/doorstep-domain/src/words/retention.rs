//! Words of keeping and letting go.

use super::words;
use crate::retention::{HoldReason, ReleaseReason, RetentionState};

words!(RetentionState {
    Running => "a case has not ended", "案件未终结";
    Held => "legal hold", "法定留存";
    Minimum => "must be kept", "须保存";
    Margin => "may still be kept", "仍可保存";
    NoEnd => "no rule says when it goes", "无删除期限规则";
    Complaint => "a complaint waits for its answer", "投诉待答复";
    Visit => "a visit is planned or under way", "有待办或进行中的外访";
    Device => "a device still holds a door", "设备上仍有该户资料";
    Over => "goes", "应删除";
});

words!(HoldReason {
    Litigation => "lawsuit", "诉讼";
    Authority => "an authority or a court asks for it", "主管部门或法院要求";
    PersonAsked => "the person asked for it", "本人要求";
    Misconduct => "misconduct is looked into", "违规调查";
});

words!(ReleaseReason {
    Over => "what it was for is over", "事由终结";
    Ordered => "a court or an authority ordered it", "法院或主管部门要求";
    Mistake => "placed by mistake", "误设";
});
