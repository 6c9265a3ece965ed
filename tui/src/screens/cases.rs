//! Cases within one's scope: searched, sorted, page by page.

mod money;

use doorstep_domain::case::{CaseStatus, Flag};
use doorstep_domain::contact::{Channel, ContactOutcome};
use doorstep_domain::visit::VisitState;
use doorstep_domain::words::Lang;
use doorstep_wire::case::CaseItem;
use ratatui_core::layout::Rect;

use super::private;
use crate::app::desk::Standing;
use crate::app::model::Model;
use crate::app::office::CASE_SORTS;
use crate::command::case::amount_text;
use crate::command::contact::{outcome_text, pressure_text};
use crate::text::{label, labels, or_dash, pick};
use crate::theme::Role;
use crate::times;
use crate::widgets::frame::framed;
use crate::widgets::paint::{Painter, wrapped};
use crate::widgets::rows::{Row, column, number, rows};

/// Draws the screen.
pub(super) fn draw(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let cases = &model.office.cases;
    if !cases.known {
        super::waiting(model, painter, area);
        return;
    }
    let more = if cases.next.is_some() { "+" } else { "" };
    let title = format!("{} {}{more}", pick(lang, "Cases", "案件"), cases.items.len());
    let sorted = match CASE_SORTS[cases.sort % CASE_SORTS.len()] {
        "days" => pick(lang, "by days past due", "按逾期天数"),
        "amount" => pick(lang, "by amount", "按金额"),
        "updated" => pick(lang, "by last change", "按更新时间"),
        _ => pick(lang, "by name", "按姓名"),
    };
    let right = if cases.search.is_empty() {
        sorted.to_owned()
    } else {
        format!("/ {}  {sorted}", private(model, &cases.search))
    };
    let inner = framed(painter, area, &title, &right);
    if cases.items.is_empty() {
        let plain = painter.style(Role::Plain);
        let text = pick(
            lang,
            "Nothing fits. / searches for something else.",
            "没有符合的案件。按 / 重新搜索。",
        );
        painter.paragraph(inner, 0, text, plain);
        return;
    }
    let wide = inner.width > 100;
    let columns = [
        column(pick(lang, "Case", "案件"), 12),
        column(pick(lang, "Name", "姓名"), 16),
        number(pick(lang, "Days", "天数"), 5),
        number(pick(lang, "Amount", "金额"), 14),
        column(pick(lang, "Status", "状态"), 9),
        column(pick(lang, "Flags", "标记"), if wide { 24 } else { 0 }),
        column(if wide { pick(lang, "Address", "地址") } else { "" }, u16::from(!wide)),
    ];
    rows(painter, inner, &columns, (cases.items.len(), cases.list), |at| {
        cases
            .items
            .get(at)
            .map_or_else(|| Row::new([]), |case| row(model, case, wide))
    });
}

fn row(model: &Model, case: &CaseItem, wide: bool) -> Row {
    let lang = model.lang;
    let row = Row::new([
        case.case_no.clone(),
        private(model, &or_dash(case.name.as_deref())),
        case.days_past_due.to_string(),
        private(model, &format!("{} {}", case.amount.text, case.amount.currency)),
        label::<CaseStatus>(lang, &case.status),
        labels::<Flag>(lang, &case.flags),
        if wide {
            private(model, &or_dash(case.address.as_deref()))
        } else {
            String::new()
        },
    ]);
    match (case.status.as_str(), case.flags.is_empty()) {
        ("open", true) => row,
        ("open", false) => row.role(Role::Warn),
        _ => row.role(Role::Dim),
    }
}

/// Whether a visit may be made now, by the effect of the rules.
fn may_visit(lang: Lang, effect: &str) -> &'static str {
    match effect {
        "block" | "route" => pick(lang, "May a visit be made now?  NO", "现在可以外访吗？  不可以"),
        "require" => pick(
            lang,
            "May a visit be made now?  Yes, with what is needed",
            "现在可以外访吗？  可以，须满足以下要求",
        ),
        _ => pick(lang, "May a visit be made now?  Yes", "现在可以外访吗？  可以"),
    }
}

/// A case in full: its title and lines.
pub(crate) fn case_lines(model: &Model, standing: &Standing) -> (String, Vec<String>) {
    let lang = model.lang;
    let case = &standing.case;
    let item = &case.item;
    let hidden = |text: String| private(model, &text);
    let zone = times::zone(&case.zone);
    let mut lines = Vec::new();
    let mut fact = |english: &str, chinese: &str, value: String| {
        lines.push(format!("{}: {value}", pick(lang, english, chinese)));
    };
    fact("Name", "姓名", hidden(or_dash(item.name.as_deref())));
    fact("Phone", "电话", hidden(or_dash(item.phone.as_deref())));
    fact("Address", "地址", hidden(or_dash(item.address.as_deref())));
    fact("Portfolio", "产品", item.portfolio.clone());
    fact("Status", "状态", label::<CaseStatus>(lang, &item.status));
    fact("Stage", "阶段", item.stage.clone());
    fact("Days past due", "逾期天数", item.days_past_due.to_string());
    fact("Amount due", "应还金额", hidden(amount_text(lang, &item.amount)));
    fact("Flags", "标记", or_dash(Some(&labels::<Flag>(lang, &item.flags))));
    fact("Available", "方便时间", or_dash(case.available.as_deref()));
    fact("Visits before", "此前外访", case.visits_before.to_string());
    if let Some(text) = pressure_text(lang, &case.pressure) {
        fact("Pressure on the person", "联系压力", text);
    }
    lines.push(String::new());
    lines.push(may_visit(lang, &case.verdict.effect).to_owned());
    for finding in &case.verdict.findings {
        lines.push(format!(
            "- {} [{}] {}",
            finding.sentence, finding.rule, finding.citation
        ));
    }
    let money = money::lines(model, standing);
    if !money.is_empty() {
        lines.push(String::new());
        lines.extend(money);
    }
    lines.push(String::new());
    lines.extend(super::desk::rights((lang, &zone), standing));
    lines.push(String::new());
    lines.push(pick(lang, "Visits and contacts", "外访与联系").to_owned());
    for visit in &case.visits {
        let outcome = visit.outcome.as_deref().map(|code| label::<ContactOutcome>(lang, code));
        lines.push(format!(
            "- {}  {}  {}",
            times::at(visit.started_at.unwrap_or(visit.planned_start), &zone),
            label::<VisitState>(lang, &visit.state),
            outcome.unwrap_or_default()
        ));
    }
    for contact in &case.contacts {
        lines.push(format!(
            "- {}  {}  {}",
            times::at(contact.at, &zone),
            label::<Channel>(lang, &contact.channel),
            outcome_text(lang, contact)
        ));
    }
    let room = model.size.0.saturating_sub(6);
    let lines = lines.iter().flat_map(|line| wrapped(line, room)).collect();
    (item.case_no.clone(), lines)
}
