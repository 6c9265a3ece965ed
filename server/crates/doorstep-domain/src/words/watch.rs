//! Words of what supervisors watch: alarms, crews, reviews.

use super::words;
use crate::alarm::{AlarmEnd, AlarmKind, AlarmState};
use crate::live::CrewState;
use crate::review::{ReviewDecision, ReviewReason};

words!(AlarmKind {
    CheckOutOverdue => "check-out overdue", "逾时未签退";
    Sos => "call for help", "紧急求助";
    OtherCrew => "another crew at the door", "非本组人员到访";
});

words!(AlarmState {
    Open => "open", "待处理";
    Acknowledged => "acknowledged", "已受理";
    Ended => "ended", "已结束";
});

words!(AlarmEnd {
    Departed => "the crew left late", "已逾时签退";
    DepartedInTime => "the crew had left in time", "已按时签退，上报延迟";
    Person => "ended by a person", "人工结束";
});

words!(CrewState {
    OffShift => "off shift", "未当班";
    NotStarted => "not started", "未出发";
    Travelling => "on the way", "途中";
    OnSite => "at a door", "外访中";
    Overdue => "overdue", "逾时";
    Silent => "silent", "失联";
    Sos => "calls for help", "求助";
    Done => "done", "已完成";
});

words!(ReviewDecision {
    Fine => "fine", "无异议";
    Back => "back to the crew", "退回补充";
    Redo => "to be made again", "重新外访";
    Escalate => "handed on", "上报";
});

words!(ReviewReason {
    RuleBlocked => "a rule forbade it", "规则禁止";
    OtherCrew => "reported by another crew", "非本组上报";
    DeviceEnded => "from a revoked or lost device", "来自已吊销或遗失的设备";
    Distance => "far from the door", "距门口过远";
    Conflict => "reports contradict", "记录冲突";
    EvidenceMissing => "required evidence missing", "缺少必需证据";
    RecordingMissing => "recording did not come", "录音录像逾期未到";
    Short => "under a minute on site", "停留不足一分钟";
    Overdue => "check-out was overdue", "曾逾时未签退";
    PositionDoubt => "position in doubt", "定位存疑";
    ClockDoubt => "clock in doubt", "时钟存疑";
    NotPlanned => "not planned", "不在计划内";
    UnknownKind => "unknown kind of event", "未知记录类型";
    NotApplied => "a change without effect", "变更未生效";
    Malformed => "made by another program", "非本程序生成";
    UnsignedPartner => "a partner did not sign", "同行人员未签名";
});
