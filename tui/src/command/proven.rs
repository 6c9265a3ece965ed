//! What the export of one case and a receipt prove, in words for everybody. Checks nothing itself.

use crate::text::Text;
use doorstep_log::verify::CaseReport;

/// What an export of one case shows, and what it cannot show.
pub(crate) fn case_said(text: &mut Text, case: &CaseReport) {
    text.fact("case", "案件", &case.case);
    text.fact("visits", "外访", case.visits.to_string());
    text.fact(
        "events of its devices on other matters",
        "相关设备的其他事项记录",
        case.events_elsewhere.to_string(),
    );
    text.fact(
        "leaves left out, they name others too",
        "未含条目（同时涉及他人）",
        case.leaves_left_out.to_string(),
    );
    text.say(
        "Shown: each entry is in the signed log, unaltered, and signed by the device that it names.",
        "已证明：每条记录均在已签名的日志中、未被改动，并由所示设备签名。",
    );
    text.say(
        "Not shown: that nothing else happened. That the numbers left out concern other matters is the operator's \
         signed word; the whole log can confirm it.",
        "未证明：没有其他事情发生。缺号属于其他事项，是运营方签名的声明；须以整个日志核实。",
    );
}
