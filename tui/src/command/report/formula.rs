//! Each figure's formula in one sentence, as pages and screens show it; docs/measures.md has more.

use doorstep_domain::report::FigureKind;
use doorstep_domain::words::Lang;

/// What is divided by what.
pub(crate) const fn formula(kind: FigureKind, lang: Lang) -> &'static str {
    let [english, chinese] = both(kind);
    match lang {
        Lang::En => english,
        Lang::Zh => chinese,
    }
}

const fn both(kind: FigureKind) -> [&'static str; 2] {
    match kind {
        FigureKind::Coverage => [
            "Cases that somebody tried to reach ÷ cases assigned.",
            "已尝试联系的案件 ÷ 在手案件。",
        ],
        FigureKind::Contact => [
            "Visits at which anybody was met ÷ visits begun.",
            "见到任何人的上门 ÷ 已开始的上门。",
        ],
        FigureKind::RightParty => [
            "Visits at which the debtor was met and identified ÷ visits begun.",
            "见到本人并核实身份的上门 ÷ 已开始的上门。",
        ],
        FigureKind::CallContact => [
            "Calls in which anybody was spoken to ÷ calls tried.",
            "接通的电话 ÷ 拨出的电话。",
        ],
        FigureKind::CallRightParty => [
            "Calls in which the debtor was spoken to ÷ calls tried.",
            "与本人通话的电话 ÷ 拨出的电话。",
        ],
        FigureKind::Promised => [
            "Visits with the debtor that ended with a promise ÷ visits at which the debtor was met.",
            "见到本人且作出承诺的上门 ÷ 见到本人的上门。",
        ],
        FigureKind::Kept => [
            "Promises, plans and settlements kept ÷ those that payments decided about in the span.",
            "履行的承诺、分期与和解 ÷ 期内已有结果的约定。",
        ],
        FigureKind::Broken => [
            "Promises, plans and settlements broken ÷ those that payments decided about in the span.",
            "违约的承诺、分期与和解 ÷ 期内已有结果的约定。",
        ],
        FigureKind::Cured => [
            "Cases settled in the span ÷ cases assigned.",
            "期间内结清的案件 ÷ 在手案件。",
        ],
        FigureKind::TimePerVisit => [
            "The crew's time at the door and planned driving ÷ visits begun.",
            "小组门前时间与计划行车时间 ÷ 已开始的上门。",
        ],
        FigureKind::WayPerVisit => [
            "Planned way of the routes ÷ visits begun.",
            "路线计划里程 ÷ 已开始的上门。",
        ],
        FigureKind::CostPerVisit => [
            "Working time and planned way at the prices of the portfolio's strategy ÷ visits begun.",
            "工时与计划里程按产品策略单价计费 ÷ 已开始的上门。",
        ],
        FigureKind::Complaints => [
            "Complaints that came in and were not withdrawn.",
            "已受理且未撤回的投诉。",
        ],
        FigureKind::Complained => [
            "Visits complained about ÷ visits begun.",
            "被投诉的上门 ÷ 已开始的上门。",
        ],
        FigureKind::RuleBlocks => [
            "Planned visits that a rule took away, and contacts made though a rule forbade them.",
            "被规则撤回的计划上门，以及违规仍发生的联系。",
        ],
        FigureKind::BlocksRespected => [
            "Planned visits that a rule took away ÷ all that rules forbade.",
            "被规则撤回的计划上门 ÷ 全部拦截。",
        ],
        FigureKind::Evening => [
            "Visits begun in the evening or at night at the address ÷ visits begun.",
            "地址当地晚间或夜间开始的上门 ÷ 已开始的上门。",
        ],
    }
}
