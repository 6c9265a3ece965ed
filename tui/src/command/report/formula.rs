//! Each figure's formula in one sentence, as pages and screens show it; docs/measures.md has more.

use doorstep_domain::report::FigureKind;
use doorstep_domain::words::Lang;

/// What is divided by what.
pub(crate) const fn formula(kind: FigureKind, lang: Lang) -> &'static str {
    match lang {
        Lang::En => english(kind),
        Lang::Zh => chinese(kind),
    }
}

const fn english(kind: FigureKind) -> &'static str {
    match kind {
        FigureKind::Coverage => "Cases that somebody tried to reach ÷ cases assigned.",
        FigureKind::Contact => "Visits at which anybody was met ÷ visits begun.",
        FigureKind::RightParty => "Visits at which the debtor was met and identified ÷ visits begun.",
        FigureKind::CallContact => "Calls in which anybody was spoken to ÷ calls tried.",
        FigureKind::CallRightParty => "Calls in which the debtor was spoken to ÷ calls tried.",
        FigureKind::Promised => {
            "Visits with the debtor that ended with a promise ÷ visits at which the debtor was met."
        }
        FigureKind::Kept => "Promises, plans and settlements kept ÷ those that payments decided about in the span.",
        FigureKind::Broken => "Promises, plans and settlements broken ÷ those that payments decided about in the span.",
        FigureKind::Cured => "Cases settled in the span and not opened again in it ÷ cases assigned.",
        FigureKind::TimePerVisit => "The crew's time at the door and planned driving ÷ visits begun.",
        FigureKind::WayPerVisit => "Planned way of the routes ÷ visits begun.",
        FigureKind::CostPerVisit => {
            "Working time and planned way at the prices that the portfolio's strategy had then ÷ visits begun."
        }
        FigureKind::Complaints => "Complaints that came in and were not withdrawn.",
        FigureKind::Complained => "Visits complained about ÷ visits begun.",
        FigureKind::RuleBlocks => "Planned visits that a rule took away, and contacts made though a rule forbade them.",
        FigureKind::BlocksRespected => "Planned visits that a rule took away ÷ all that rules forbade.",
        FigureKind::Evening => "Visits begun in the evening or at night at the address ÷ visits begun.",
    }
}

const fn chinese(kind: FigureKind) -> &'static str {
    match kind {
        FigureKind::Coverage => "已尝试联系的案件 ÷ 在手案件。",
        FigureKind::Contact => "见到任何人的上门 ÷ 已开始的上门。",
        FigureKind::RightParty => "见到本人并核实身份的上门 ÷ 已开始的上门。",
        FigureKind::CallContact => "接通的电话 ÷ 拨出的电话。",
        FigureKind::CallRightParty => "与本人通话的电话 ÷ 拨出的电话。",
        FigureKind::Promised => "见到本人且作出承诺的上门 ÷ 见到本人的上门。",
        FigureKind::Kept => "履行的承诺、分期与和解 ÷ 期内已有结果的约定。",
        FigureKind::Broken => "违约的承诺、分期与和解 ÷ 期内已有结果的约定。",
        FigureKind::Cured => "期间内结清且未重新立案的案件 ÷ 在手案件。",
        FigureKind::TimePerVisit => "小组门前时间与计划行车时间 ÷ 已开始的上门。",
        FigureKind::WayPerVisit => "路线计划里程 ÷ 已开始的上门。",
        FigureKind::CostPerVisit => "工时与计划里程按当时产品策略的单价计费 ÷ 已开始的上门。",
        FigureKind::Complaints => "已受理且未撤回的投诉。",
        FigureKind::Complained => "被投诉的上门 ÷ 已开始的上门。",
        FigureKind::RuleBlocks => "被规则撤回的计划上门，以及违规仍发生的联系。",
        FigureKind::BlocksRespected => "被规则撤回的计划上门 ÷ 全部拦截。",
        FigureKind::Evening => "地址当地晚间或夜间开始的上门 ÷ 已开始的上门。",
    }
}
