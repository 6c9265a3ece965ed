//! Actions of the desk, what a plan without notices needs, and what is done about the rights of a person.

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
pub(super) const LAST: &[Spec] = &[
    Spec {
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
    },
    Spec {
        action: Action::Restrict,
        name: "restrict",
        word: ["restrict", "登记限制"],
        sentence: [
            "Puts a restriction on the open case: it counts at once.",
            "在已打开的案件上登记限制，立即生效。",
        ],
        keys: &[Key::Char('r')],
        places: &[Place::Cases],
        twin: "doorstep restriction add CASE KIND",
    },
    Spec {
        action: Action::Lift,
        name: "lift",
        word: ["lift", "解除限制"],
        sentence: [
            "Lifts a restriction of the open case; for most kinds a second person must agree.",
            "解除已打开案件的限制；多数须由第二人批准。",
        ],
        keys: &[Key::Char('l')],
        places: &[Place::Cases],
        twin: "doorstep restriction lift CASE KIND",
    },
    Spec {
        action: Action::Withdraw,
        name: "withdraw-consent",
        word: ["end a consent", "终止同意"],
        sentence: ["Ends a consent of the open case now.", "立即终止已打开案件的一项同意。"],
        keys: &[Key::Char('x')],
        places: &[Place::Cases],
        twin: "doorstep consent withdraw ID",
    },
];
