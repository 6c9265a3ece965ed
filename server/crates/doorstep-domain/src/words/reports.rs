//! Words of reports.

use super::words;
use crate::report::{FigureKind, FigureUnit, ReportBy, Rolled, TargetState};

words!(ReportBy {
    Staff => "staff", "工号";
    Crew => "crew", "小组";
    Territory => "territory", "片区";
    Portfolio => "portfolio", "产品";
    Agency => "agency", "机构";
    Stage => "stage", "账龄";
});

words!(FigureKind {
    Coverage => "coverage", "覆盖率";
    Contact => "contact at visits", "上门接触率";
    RightParty => "debtor met at visits", "上门本人接触率";
    CallContact => "contact in calls", "电话接触率";
    CallRightParty => "debtor reached in calls", "电话本人接触率";
    Promised => "promised when met", "承诺率";
    Kept => "agreements kept", "履约率";
    Broken => "agreements broken", "跳票率";
    Cured => "cured", "回正率";
    TimePerVisit => "working time per visit", "每次上门工时";
    WayPerVisit => "way per visit", "每次上门路程";
    CostPerVisit => "cost per visit", "每次上门费用";
    Complaints => "complaints", "投诉";
    Complained => "visits complained about", "被投诉上门";
    RuleBlocks => "rule blocks", "合规拦截";
    BlocksRespected => "rule blocks respected", "拦截执行率";
    Evening => "evening visits", "晚间上门";
});

words!(FigureUnit {
    OfCases => "of cases", "占案件";
    OfVisits => "of visits", "占上门";
    OfCalls => "of calls", "占电话";
    OfMeetings => "of debtors met", "占见到本人";
    OfAgreements => "of agreements due", "占到期约定";
    OfBlocks => "of rule blocks", "占拦截";
    Count => "count", "次数";
    SecondsPerVisit => "seconds per visit", "秒/次上门";
    MetresPerVisit => "metres per visit", "米/次上门";
    MinorPerVisit => "minor units per visit", "最小货币单位/次上门";
});

words!(Rolled {
    New => "opened", "新增";
    M0 => "M0", "M0";
    M1 => "M1", "M1";
    M2 => "M2", "M2";
    M3 => "M3", "M3";
    M3Plus => "M3+", "M3+";
    Settled => "settled", "结清";
    Over => "taken back or closed", "撤回或关闭";
});

words!(TargetState {
    Met => "met", "达标";
    Missed => "missed", "未达标";
    Open => "open", "待定";
});
