//! Words of staff, visits, plans, events and approvals.

use super::words;
use crate::approval::{ApprovalKind, ApprovalState};
use crate::event::{EventFlag, EventKind, PushStatus};
use crate::plan::PlanState;
use crate::staff::{Role, Travel};
use crate::visit::VisitState;

words!(Role {
    Field => "field staff", "外访员";
    Supervisor => "supervisor", "主管";
    Auditor => "auditor", "审计员";
    Administrator => "administrator", "管理员";
});

words!(Travel {
    Car => "car", "汽车";
    Moped => "moped", "电动车";
    Bicycle => "bicycle", "自行车";
    Foot => "on foot", "步行";
});

words!(VisitState {
    Planned => "planned", "已计划";
    Started => "started", "进行中";
    Finished => "finished", "已完成";
    Cancelled => "cancelled", "已取消";
});

words!(PlanState {
    Proposed => "proposed", "待发布";
    Published => "published", "已发布";
    Superseded => "superseded", "已被取代";
});

words!(EventKind {
    DayOpen => "day opened", "开始一天";
    DayClose => "day closed", "结束一天";
    VisitEnRoute => "on the way", "前往途中";
    VisitArrived => "checked in", "签到";
    VisitOutcome => "outcome", "外访结果";
    VisitPromise => "promise", "承诺还款";
    VisitNote => "note", "催记";
    EvidenceAdded => "evidence added", "添加证据";
    VisitDeparted => "checked out", "签退";
    VisitClosed => "visit closed", "外访记录关闭";
    StopSkipped => "stop skipped", "跳过地点";
    DoNotContact => "asked not to be contacted", "要求不再联系";
    ConsentRecorded => "consent recorded", "登记同意";
    Read => "data read", "查阅信息";
    Incident => "incident", "事件上报";
    LogAlarm => "log alarm", "日志告警";
});

words!(PushStatus {
    Accepted => "accepted", "已接收";
    Duplicate => "duplicate", "重复";
    Held => "held until earlier ones arrive", "等待之前的记录";
    Quarantined => "quarantined", "隔离";
});

words!(EventFlag {
    RuleBlocked => "a rule forbade the visit", "规则禁止该外访";
    FarFromDoor => "far from the door", "距门口过远";
    ClockDoubt => "clock in doubt", "时钟存疑";
    Conflict => "conflict with another event", "与其他记录冲突";
    NotPlanned => "not planned", "不在计划内";
    PositionDoubt => "position in doubt", "定位存疑";
    UnknownKind => "unknown kind of event", "未知记录类型";
    EvidenceMissing => "required evidence missing", "缺少必需证据";
});

words!(ApprovalKind {
    PersonErase => "erase a person", "删除当事人信息";
    ImportTakeBack => "take back an import", "撤回导入";
    RestrictionLift => "lift a restriction", "解除限制";
    RuleOverride => "override a rule", "例外批准";
});

words!(ApprovalState {
    Asked => "asked", "待批准";
    Approved => "approved", "已批准";
    Refused => "refused", "已拒绝";
    Used => "used", "已使用";
});
