//! What comes next with a case, what was agreed, and what was paid: the part of a case that is about money.

use doorstep_domain::agreement::{AgreementKind, AgreementNext, AgreementState};
use doorstep_domain::loan::{PaymentKind, PaymentState};
use doorstep_domain::step::NextAction;
use doorstep_domain::words::Lang;
use doorstep_wire::agreement::AgreementItem;
use doorstep_wire::payment::PaymentItem;
use doorstep_wire::work::NextDetail;

use crate::app::desk::Standing;
use crate::app::model::Model;
use crate::command::loan::money;
use crate::screens::private;
use crate::text::{label, pick};

/// So many payments are shown, the latest first; `doorstep payment list` has all.
const PAYMENTS_MAX: usize = 5;

/// The lines; none where the caller's role sees none of it.
pub(super) fn lines(model: &Model, standing: &Standing) -> Vec<String> {
    let lang = model.lang;
    let mut lines: Vec<String> = standing.next.iter().map(|next| what_is_next(lang, next)).collect();
    if !standing.agreements.is_empty() {
        lines.push(pick(lang, "Agreed about paying", "还款约定").to_owned());
        lines.extend(standing.agreements.iter().map(|one| agreed(model, one)));
    }
    if !standing.payments.is_empty() {
        lines.push(pick(lang, "Payments", "款项").to_owned());
        lines.extend(
            standing
                .payments
                .iter()
                .rev()
                .take(PAYMENTS_MAX)
                .map(|one| paid(model, one)),
        );
    }
    if let more @ 1.. = standing.payments.len().saturating_sub(PAYMENTS_MAX) {
        lines.push(match lang {
            Lang::En => format!("  and {more} before"),
            Lang::Zh => format!("  以及更早的 {more} 笔"),
        });
    }
    lines
}

fn what_is_next(lang: Lang, next: &NextDetail) -> String {
    let when = next.when.as_deref().unwrap_or_default();
    let action = label::<NextAction>(lang, &next.action);
    let head = pick(lang, "Next step", "下一步");
    format!("{head}: {action}  {when}  ({}) {}", next.stage, next.words)
}

fn agreed(model: &Model, one: &AgreementItem) -> String {
    let lang = model.lang;
    let amount = |minor: i64| private(model, &money(minor, &one.currency));
    let mut parts = vec![
        label::<AgreementKind>(lang, &one.kind),
        label::<AgreementState>(lang, &one.state),
        amount(one.amount),
    ];
    let more = [("paid", "已还", one.paid), ("behind", "未按期", one.behind)];
    let more = more.into_iter().filter(|(_, _, minor)| *minor > 0);
    parts.extend(more.map(|(english, chinese, minor)| format!("{} {}", pick(lang, english, chinese), amount(minor))));
    parts.extend(one.due.iter().map(|due| {
        let said = pick(lang, "due", "下期");
        format!("{said} {} {}", due.day, amount(due.amount))
    }));
    parts.push(label::<AgreementNext>(lang, &one.next));
    format!("- {}", parts.join("  "))
}

fn paid(model: &Model, one: &PaymentItem) -> String {
    format!(
        "- {}  {}  {}  {}",
        one.day,
        label::<PaymentKind>(model.lang, &one.kind),
        private(model, &money(one.amount, &one.currency)),
        label::<PaymentState>(model.lang, &one.state),
    )
}
