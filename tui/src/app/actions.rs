//! The table of actions: every word and key of the screens in one place. This file has what field staff do at a door and
//! with their device; `rest` what the office does, and what is the same everywhere.

use super::action::{Action, Spec};
use super::key::Key;
use super::model::Place;

mod desk;
mod measures;
mod rest;

/// Every action, in the order of help and palette.
pub(crate) fn all() -> impl Iterator<Item = &'static Spec> {
    FIELD
        .iter()
        .chain(desk::DESK)
        .chain(measures::MEASURES)
        .chain(rest::REST)
        .chain(desk::LAST)
}

/// What field staff do.
const FIELD: &[Spec] = &[
    Spec {
        action: Action::Next,
        name: "next",
        word: ["open", "打开"],
        sentence: [
            "Opens what is chosen, or takes the next step of the visit.",
            "打开所选项，或进入外访的下一步。",
        ],
        keys: &[Key::Enter],
        places: &[
            Place::Today,
            Place::Visit,
            Place::Outbox,
            Place::Checks,
            Place::Live,
            Place::Plan,
            Place::Cases,
            Place::Log,
            Place::Reads,
            Place::Desk,
            Place::Measures,
        ],
        twin: "",
    },
    Spec {
        action: Action::CheckOut,
        name: "check-out",
        word: ["check out", "签退"],
        sentence: [
            "Checks out; what is still required is listed first.",
            "签退；尚缺的必做事项会先列出。",
        ],
        keys: &[Key::Char('d')],
        places: &[Place::Visit],
        twin: "doorstep visit finish CASE",
    },
    Spec {
        action: Action::CheckIn,
        name: "check-in",
        word: ["check in", "签到"],
        sentence: [
            "Checks in at the chosen door, with place and who is there.",
            "在所选地点签到，记录位置与到场人员。",
        ],
        keys: &[Key::Char('i')],
        places: &[Place::Today, Place::Visit],
        twin: "doorstep visit start CASE",
    },
    Spec {
        action: Action::Join,
        name: "join",
        word: ["join", "同行确认"],
        sentence: [
            "Signs that you are at the door too; your partner checks in on their device.",
            "签名确认您也在场；由同行人员在其设备上签到。",
        ],
        keys: &[Key::Char('J')],
        places: &[Place::Visit],
        twin: "doorstep visit confirm CASE",
    },
    Spec {
        action: Action::Day,
        name: "day",
        word: ["the day", "当日"],
        sentence: [
            "Opens the day on this device, or closes it with its counts.",
            "在本设备上开始一天，或附上计数结束一天。",
        ],
        keys: &[Key::Char('D')],
        places: &[Place::Today],
        twin: "doorstep day open",
    },
    Spec {
        action: Action::Outcome,
        name: "outcome",
        word: ["outcome", "结果"],
        sentence: ["Says who was met at the door.", "登记在门口见到了谁。"],
        keys: &[Key::Char('o')],
        places: &[Place::Visit],
        twin: "doorstep visit finish CASE --outcome CODE",
    },
    Spec {
        action: Action::Matter,
        name: "matter",
        word: ["matter", "沟通结果"],
        sentence: ["Says what came of the matter.", "登记沟通结果。"],
        keys: &[Key::Char('r')],
        places: &[Place::Visit],
        twin: "doorstep visit finish CASE --matter CODE",
    },
    Spec {
        action: Action::Promise,
        name: "promise",
        word: ["promise", "承诺"],
        sentence: ["Notes a promise of date and amount.", "登记承诺还款的日期与金额。"],
        keys: &[Key::Char('p')],
        places: &[Place::Visit],
        twin: "doorstep visit finish CASE --promise DAY:AMOUNT",
    },
    Spec {
        action: Action::Note,
        name: "note",
        word: ["note", "备注"],
        sentence: ["Writes the note.", "填写备注。"],
        keys: &[Key::Char('t')],
        places: &[Place::Visit],
        twin: "doorstep visit finish CASE --note TEXT",
    },
    Spec {
        action: Action::Evidence,
        name: "evidence",
        word: ["evidence", "证据"],
        sentence: ["Adds a file as evidence.", "添加一个文件作为证据。"],
        keys: &[Key::Char('e')],
        places: &[Place::Visit],
        twin: "doorstep visit finish CASE --evidence FILE",
    },
    Spec {
        action: Action::Tick,
        name: "tick",
        word: ["tick", "勾选"],
        sentence: [
            "Ticks the next thing that a rule requires, or takes the tick away.",
            "勾选规则要求的下一项，或取消勾选。",
        ],
        keys: &[Key::Char(' ')],
        places: &[Place::Visit],
        twin: "doorstep visit finish CASE --done CODES",
    },
    Spec {
        action: Action::Leave,
        name: "leave",
        word: ["leave now", "立即离开"],
        sentence: [
            "Leaves at once, because you were asked to or somebody is in distress.",
            "应要求或因对方情绪异常立即离开。",
        ],
        keys: &[Key::Char('L')],
        places: &[Place::Visit],
        twin: "doorstep visit leave CASE",
    },
    Spec {
        action: Action::Skip,
        name: "skip",
        word: ["skip", "跳过"],
        sentence: ["Leaves this stop out, with the reason.", "跳过此处并说明原因。"],
        keys: &[Key::Char('x')],
        places: &[Place::Today, Place::Visit],
        twin: "doorstep visit skip CASE --reason TEXT",
    },
    Spec {
        action: Action::Navigate,
        name: "navigate",
        word: ["way there", "导航"],
        sentence: [
            "Shows links and a QR code for the phone's own navigation.",
            "显示手机导航的链接与二维码。",
        ],
        keys: &[Key::Char('l')],
        places: &[Place::Today, Place::Visit],
        twin: "doorstep visit navigate CASE",
    },
    Spec {
        action: Action::Correct,
        name: "correct",
        word: ["correct", "更正"],
        sentence: [
            "Corrects phone, address or language of the person.",
            "更正当事人的电话、地址或语言。",
        ],
        keys: &[Key::Char('c')],
        places: &[Place::Visit],
        twin: "doorstep visit correct CASE",
    },
    Spec {
        action: Action::Sheet,
        name: "sheet",
        word: ["day sheet", "路线单"],
        sentence: [
            "Writes the printable day sheet, without debts on it.",
            "生成可打印的路线单（不含任何事项信息）。",
        ],
        keys: &[Key::Char('E')],
        places: &[Place::Today],
        twin: "doorstep visit sheet",
    },
    Spec {
        action: Action::Receipt,
        name: "receipt",
        word: ["receipt", "回执"],
        sentence: [
            "Gives the person a receipt: a code for their phone, and what it says.",
            "向当事人出具回执：供手机扫描的二维码及其内容。",
        ],
        keys: &[Key::Char('R')],
        places: &[Place::Visit],
        twin: "doorstep visit receipt CASE",
    },
    Spec {
        action: Action::Words,
        name: "words",
        word: ["what to say", "该说什么"],
        sentence: [
            "Shows what is said at this door and what never is, also in the person's language.",
            "显示在此处可以说与不得说的话，包括当事人的语言。",
        ],
        keys: &[Key::Char('S')],
        places: &[Place::Visit],
        twin: "doorstep visit show CASE",
    },
    Spec {
        action: Action::Settle,
        name: "settle",
        word: ["settle", "处理"],
        sentence: [
            "Settles the chosen conflict: 1 takes the first side, 2 the other.",
            "处理所选冲突：1 取前者，2 取后者。",
        ],
        keys: &[Key::Char('a')],
        places: &[Place::Outbox],
        twin: "doorstep outbox settle ID --take left",
    },
    Spec {
        action: Action::Send,
        name: "send",
        word: ["send", "发送"],
        sentence: ["Sends what waits and fetches what changed.", "发送待发内容并获取更新。"],
        keys: &[Key::Char('s')],
        places: &[
            Place::Today,
            Place::Visit,
            Place::Outbox,
            Place::Me,
            Place::Looked,
            Place::Checks,
        ],
        twin: "doorstep sync",
    },
    Spec {
        action: Action::WhoLooked,
        name: "who-looked-at-me",
        word: ["who looked", "谁查阅"],
        sentence: [
            "Says who looked at you, when and why; also without a network.",
            "查看谁在何时因何事由查阅过您；没有网络时也可查看。",
        ],
        keys: &[Key::Char('W')],
        places: &[Place::Me],
        twin: "doorstep staff reads",
    },
    Spec {
        action: Action::Kept,
        name: "kept-evidence",
        word: ["evidence", "证据"],
        sentence: [
            "Says what this device keeps as evidence about the server, and who gets it.",
            "说明本机留存了哪些有关服务器的证据，以及应交给谁。",
        ],
        keys: &[Key::Char('e')],
        places: &[Place::Me],
        twin: "doorstep device evidence FOLDER",
    },
    Spec {
        action: Action::OwnChecks,
        name: "own-checks",
        word: ["checks", "质检"],
        sentence: [
            "Says what quality checks found about your own visits.",
            "查看质检对您本人外访的评分结果。",
        ],
        keys: &[Key::Char('Q')],
        places: &[Place::Me],
        twin: "doorstep quality list --own",
    },
    Spec {
        action: Action::Appeal,
        name: "appeal",
        word: ["appeal", "申诉"],
        sentence: [
            "Appeals against what was found, once; a third person decides.",
            "对评分结果申诉一次，由第三人裁定。",
        ],
        keys: &[Key::Char('a')],
        places: &[Place::Checks],
        twin: "doorstep quality appeal ID --words TEXT",
    },
    Spec {
        action: Action::Sort,
        name: "order",
        word: ["order", "排序"],
        sentence: ["Orders by time, by who, by why.", "按时间、查阅人、事由排序。"],
        keys: &[Key::Char('o')],
        places: &[Place::Looked],
        twin: "",
    },
    Spec {
        action: Action::ChangePin,
        name: "change-pin",
        word: ["change PIN", "修改 PIN"],
        sentence: ["Changes the PIN of this device.", "修改本设备的 PIN。"],
        keys: &[],
        places: &[Place::Me],
        twin: "doorstep device pin",
    },
    Spec {
        action: Action::Lock,
        name: "lock",
        word: ["lock", "锁定"],
        sentence: [
            "Locks the screen; the PIN opens it again.",
            "锁定屏幕，输入 PIN 后解锁。",
        ],
        keys: &[],
        places: &[
            Place::Today,
            Place::Visit,
            Place::Outbox,
            Place::Me,
            Place::Looked,
            Place::Checks,
        ],
        twin: "",
    },
    Spec {
        action: Action::Sos,
        name: "sos",
        word: ["SOS", "求助"],
        sentence: [
            "Calls partner and supervisor for help; asks once.",
            "向搭档和主管求助；会确认一次。",
        ],
        keys: &[Key::Char('!')],
        places: &[
            Place::Today,
            Place::Visit,
            Place::Outbox,
            Place::Me,
            Place::Looked,
            Place::Checks,
        ],
        twin: "doorstep sos",
    },
];

#[cfg(test)]
#[path = "actions_tests.rs"]
mod tests;
