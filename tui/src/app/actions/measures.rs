//! Actions of the screen of measures.

use super::{Action, Key, Place, Spec};

/// What is shown of a report.
pub(super) const MEASURES: &[Spec] = &[
    Spec {
        action: Action::Dimension,
        name: "told-by",
        word: ["told by", "分组"],
        sentence: [
            "Tells the figures by staff, crew, territory, portfolio, agency or stage.",
            "按工号、小组、片区、产品、机构或账龄显示指标。",
        ],
        keys: &[Key::Char('b')],
        places: &[Place::Measures],
        twin: "doorstep report --by WHAT",
    },
    Spec {
        action: Action::Figure,
        name: "figure",
        word: ["figure", "指标"],
        sentence: [
            "Shows the next figure; Enter shows all of the chosen group.",
            "显示下一项指标；按 Enter 显示所选分组的全部指标。",
        ],
        keys: &[Key::Char('f')],
        places: &[Place::Measures],
        twin: "doorstep report",
    },
    Spec {
        action: Action::Odds,
        name: "odds",
        word: ["odds", "概率"],
        sentence: [
            "Shows how good the chances are, or the figures again.",
            "显示概率的准确度，或返回指标。",
        ],
        keys: &[Key::Char('o')],
        places: &[Place::Measures],
        twin: "doorstep odds report",
    },
    Spec {
        action: Action::Longer,
        name: "longer-span",
        word: ["longer", "更长"],
        sentence: [
            "Takes a longer span: a week, four, a quarter, a year.",
            "选更长时段：一周、四周、一季、一年。",
        ],
        keys: &[Key::Char('+'), Key::Char('=')],
        places: &[Place::Measures],
        twin: "doorstep report --from DAY --to DAY",
    },
    Spec {
        action: Action::Shorter,
        name: "shorter-span",
        word: ["shorter", "更短"],
        sentence: ["Takes a shorter span.", "选更短时段。"],
        keys: &[Key::Char('-')],
        places: &[Place::Measures],
        twin: "doorstep report --from DAY --to DAY",
    },
];
