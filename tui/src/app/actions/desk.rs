//! Actions of the desk, and what a plan without notices needs.

use super::{Action, Key, Place, Spec};

/// Actions between those of field staff and the rest.
pub(super) const DESK: &[Spec] = &[
    Spec {
        action: Action::Agree,
        name: "agree",
        word: ["agree, take up", "同意/受理"],
        sentence: [
            "Agrees to what is chosen, takes it up, answers or scores it; asks once.",
            "同意、受理、答复或评分所选事项；会确认一次。",
        ],
        keys: &[Key::Char('a')],
        places: &[Place::Desk],
        twin: "doorstep approvals approve ID",
    },
    Spec {
        action: Action::Decline,
        name: "decline",
        word: ["decline", "不同意"],
        sentence: [
            "Does not agree to what is chosen; asks once.",
            "不同意所选事项；会确认一次。",
        ],
        keys: &[Key::Char('x')],
        places: &[Place::Desk],
        twin: "doorstep wish decline ID",
    },
    Spec {
        action: Action::Kinds,
        name: "kinds",
        word: ["one kind", "分类"],
        sentence: [
            "Shows one kind only: approvals, wishes, complaints, checks, notices; then all.",
            "只显示一类：批准、请求、投诉、质检、通知；再按显示全部。",
        ],
        keys: &[Key::Char('f')],
        places: &[Place::Desk],
        twin: "",
    },
];

/// What comes after the rest: seldom wanted.
pub(super) const LAST: &[Spec] = &[Spec {
    action: Action::ProposeBare,
    name: "propose-without-notice",
    word: ["plan without notice", "不通知的计划"],
    sentence: [
        "Makes a plan also of visits for which no notice can leave in time; publishing it needs a reason.",
        "生成计划时也排入来不及通知的外访；发布时须说明理由。",
    ],
    keys: &[Key::Char('O')],
    places: &[Place::Plan],
    twin: "doorstep plan propose --without-notice",
}];
