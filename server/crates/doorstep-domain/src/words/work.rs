//! Words of staff, visits, plans, events and approvals.

use super::words;
use crate::approval::{ApprovalKind, ApprovalReason, ApprovalState};
use crate::conflict::{ConflictKind, ConflictRule, ConflictState, ContactField, Side};
use crate::event::{EventFlag, EventKind, PushStatus};
use crate::plan::{LeftOutReason, PermitReason, PlanChange, PlanJobState, PlanPhase, PlanState};
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

words!(PlanChange {
    Dropped => "dropped", "撤下";
    Added => "added", "新增";
    MovedDay => "another day", "改日";
    MovedCrew => "another crew", "换组";
    MovedTime => "another time", "改时";
    Same => "same", "不变";
});

words!(PlanJobState {
    Waiting => "waiting", "等待中";
    Running => "running", "进行中";
    Done => "done", "已完成";
    Stopped => "stopped", "已停止";
    Failed => "failed", "失败";
});

words!(PlanPhase {
    Reading => "opening cases", "读取案件";
    Rules => "asking the rules", "核对规则";
    Travel => "travel times", "计算行程";
    Search => "searching routes", "搜索路线";
    Check => "checking the plan", "独立检查";
    Storing => "storing", "保存";
});

words!(PermitReason {
    Missing => "no permit on this device: pull first", "本设备没有许可，请先同步";
    Expired => "the permit has ended: pull a new one", "许可已到期，请同步新的许可";
    NotListed => "the permit does not cover this door", "许可不包含此次外访";
    NotAllowed => "the permit allows no visit here today", "许可不允许今日前往该处外访";
    Hours => "start and planned end must lie within the allowed times", "开始与预计结束须在允许的时段内";
    Staff => "too few staff for this door", "到场人数不足";
    AsOf => "the permit's facts are too old or the clock is wrong: pull first", "许可依据过旧或时钟有误，请先同步";
    Facts => "this program cannot read the facts: update it", "程序无法读取规则依据，请更新";
    Stopped => "what was heard at an earlier visit stops further ones to this person", "此前上门得知的情况不允许再次外访此人";
    Packs => "this program cannot read the rule packs of the server: update it", "程序无法读取服务器的规则包，请更新";
    Place => "this is not the place of the visit: go to the door, or have the office correct the address", "当前位置不是外访地点：请到门口签到，或请内勤更正地址";
    Unsigned => "the partner has not signed: confirm on their device, or with their PIN on this one", "同行人员尚未签名：请在其设备上确认，或在本机输入其 PIN 码";
});

words!(LeftOutReason {
    Erased => "the person was erased", "当事人信息已删除";
    BeyondReach => "more cases than all crews can visit", "案件数超过各组可外访的数量";
    NeedsSecondCrew => "a second crew would be needed at the same time", "需要另一组同时到场";
    NoWindow => "nothing is left of the allowed times", "允许的时间已无剩余";
    NoShift => "no crew works at the allowed times", "允许的时间内没有组值班";
    MissingSkill => "no crew then has two staff with valid certificates", "该时段没有两名持有效证书的外访员";
    WindowsTooNarrow => "shifts and allowed times share too little", "班次与允许时间重叠过短";
    Unreachable => "no way leads there and back", "无法往返到达";
    TooFar => "too far for every shift", "对任何班次都太远";
    VisitAhead => "too close to a visit that another plan has", "与另一计划中的外访间隔过近";
    PersonServed => "the same person is visited for another case", "同一人已安排另一案件的外访";
    Spacing => "another visit is too few days away", "与另一次外访间隔天数不足";
    PinImpossible => "its fixed place cannot be kept", "固定的安排无法保留";
    NotWorthIt => "not worth its cost", "成本高于价值";
    BetterNotVisited => "better not visited", "不外访更合适";
    NoRoom => "the routes are full", "路线已满";
    Stopped => "the search was stopped before this case was looked at to the end", "搜索提前停止，尚未比较完此案件";
    NoVisits => "the strategy of its portfolio makes no visits (`visits = false`)", "产品策略不安排外访（`visits = false`）";
    NotNext => "by the strategy another action comes next", "按策略下一步不是外访";
    Calm => "its portfolio or region is calm", "产品或地区处于缓催期";
    AddressStale => "the address has to be confirmed first", "须先核实地址";
});

words!(EventKind {
    DayOpen => "day opened", "开始一天";
    DayClose => "day closed", "结束一天";
    VisitEnRoute => "on the way", "前往途中";
    VisitArrived => "checked in", "签到";
    IdentityConfirmed => "identity confirmed", "核实本人身份";
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
    ContactChanged => "contact data corrected", "更正联系信息";
    ConflictSettled => "conflict settled", "冲突已处理";
    ReceiptGiven => "receipt given", "已出具回执";
    LogAlarm => "log alarm", "日志告警";
    LogInconsistent => "log contradicts itself", "日志前后矛盾";
    VisitJoined => "joined the visit", "同行确认";
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
    OtherCrew => "reported by another crew", "非本组上报";
    EvidenceMissing => "required evidence missing", "缺少必需证据";
    Parallel => "changed beside another change", "与其他更改同时进行";
    DeviceEnded => "from a revoked or lost device", "来自已吊销或遗失的设备";
    NotApplied => "kept without effect", "已保留但未生效";
    SubjectMismatch => "names somebody else", "所指人员不符";
    Withheld => "kept sealed, wrong form", "形式不当，已密封保存";
    UnsignedPartner => "a partner did not sign", "同行人员未签名";
});

words!(ContactField {
    Phone => "phone", "电话";
    Address => "address", "地址";
    Language => "language", "语言";
});

words!(ConflictKind {
    Contact => "contact data", "联系信息";
    Outcome => "outcome", "外访结果";
    Promise => "promise", "承诺还款";
});

words!(ConflictState {
    Open => "open", "待处理";
    Settled => "settled", "已处理";
    Erased => "the person was erased", "当事人信息已删除";
});

words!(Side {
    Left => "left, the first in the log", "左侧（日志在先）";
    Right => "right, the later one", "右侧（日志在后）";
});

words!(ConflictRule {
    LastInLog => "the value that came last in the log counts", "以日志中最后的值为准";
    FirstStands => "the first report stands, the rules go by the stricter", "以首次上报为准，规则从严";
    BothCount => "both count until somebody settles it", "处理前两者均有效";
});

words!(ApprovalKind {
    PersonErase => "erase a person", "删除当事人信息";
    ImportTakeBack => "take back an import", "撤回导入";
    RestrictionLift => "lift a restriction", "解除限制";
    RuleOverride => "override a rule", "例外批准";
    RetentionPurge => "erase what is no longer to be kept", "到期删除";
    ConsentNote => "have an agency's consent count", "确认机构登记的同意";
    NoticeWaive => "visit without notice", "免予事先通知";
    AgencyRecall => "recall all cases of an agency", "撤回机构全部案件";
    AgreementMake => "agree beyond one person's authority", "超权限还款约定";
    CalmSet => "have a portfolio or region calm", "设定缓催期";
});

words!(ApprovalReason {
    PersonAsked => "the person asked for it", "本人要求";
    RetentionOver => "the time for keeping is over", "保存期限届满";
    Ordered => "a court or an authority ordered it", "法院或主管部门要求";
    Mistake => "it came in by mistake", "误录";
    NoBasis => "nothing allows keeping it any more", "已无保存依据";
    Resolved => "what it was about was dealt with", "相关事项已处理";
    Over => "the occasion is over", "情形已结束";
    Unreachable => "no notice reaches the person", "无法送达通知";
    BeyondAuthority => "beyond what one person may agree to", "超出个人权限";
    Spare => "people are to be spared", "暂缓催收";
});

words!(ApprovalState {
    Asked => "asked", "待批准";
    Approved => "approved", "已批准";
    Refused => "refused", "已拒绝";
    Used => "approved and carried out", "已批准并执行";
});
