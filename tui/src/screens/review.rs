//! Visits with remarks: the queue by weight, and of the chosen one everything that speaks for and against it.

use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_domain::event::{EventFlag, EventKind};
use doorstep_domain::review::{ReviewDecision, ReviewReason};
use doorstep_wire::review::{ReviewDetail, ReviewItem};
use ratatui_core::layout::Rect;

use super::private;
use super::today::{split_x, split_y};
use crate::app::model::Model;
use crate::text::{label, labels, or_dash, pick};
use crate::theme::Role;
use crate::times;
use crate::widgets::frame::framed;
use crate::widgets::paint::Painter;
use crate::widgets::rows::{Row, column, number, rows};

/// From this width on the visit stands beside the queue.
const SIDE_BY_SIDE: u16 = 76;

/// Draws the screen.
pub(super) fn draw(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let Some(queue) = &model.office.review else {
        super::waiting(model, painter, area);
        return;
    };
    let (left, right) = if area.width >= SIDE_BY_SIDE {
        split_x(area, area.width / 2)
    } else {
        split_y(area, area.height / 2)
    };
    list(model, queue, painter, left);
    match &model.office.review_one {
        Some(one)
            if model
                .office
                .review_item()
                .is_some_and(|item| item.visit == one.item.visit) =>
        {
            detail(model, one, painter, right);
        }
        _ => drop(framed(painter, right, "", "")),
    }
}

fn list(model: &Model, queue: &[ReviewItem], painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let title = format!("{} {}", pick(lang, "To look at", "待复核"), queue.len());
    let inner = framed(painter, area, &title, pick(lang, "by weight", "按权重"));
    if queue.is_empty() {
        let good = painter.style(Role::Good);
        let english =
            "Nothing to look at. Visits with remarks come here: too short, far from the door, something missing.";
        painter.paragraph(
            inner,
            0,
            pick(
                lang,
                english,
                "没有待复核的外访。时间过短、距离过远或缺少记录的外访会出现在这里。",
            ),
            good,
        );
        return;
    }
    let columns = [
        number("", 4),
        column(pick(lang, "Staff", "人员"), 8),
        column(pick(lang, "Case", "案件"), 10),
        column(pick(lang, "Why", "原因"), 0),
    ];
    rows(
        painter,
        inner,
        &columns,
        (queue.len(), model.office.review_list),
        |at| {
            let Some(item) = queue.get(at) else { return Row::new([]) };
            let reasons: Vec<String> = item.reasons.iter().map(|reason| reason.code.clone()).collect();
            let row = Row::new([
                item.score.to_string(),
                item.staff.join(" "),
                item.case_no.clone(),
                labels::<ReviewReason>(lang, &reasons),
            ]);
            if item.score >= 400 { row.role(Role::Bad) } else { row }
        },
    );
}

fn detail(model: &Model, one: &ReviewDetail, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let item = &one.item;
    let inner = framed(painter, area, &item.case_no, &item.staff.join(" "));
    let zone = times::zone(&item.zone);
    let mut lines: Vec<(String, Role)> = Vec::new();
    let outcome = item.outcome.as_deref().map(|code| label::<ContactOutcome>(lang, code));
    let matter = item.matter.as_deref().map(|code| label::<MatterOutcome>(lang, code));
    let mut fact = |english: &str, chinese: &str, value: String| {
        lines.push((format!("{}: {value}", pick(lang, english, chinese)), Role::Plain));
    };
    fact("Outcome", "结果", or_dash(outcome.as_deref()));
    fact("Matter", "事项", or_dash(matter.as_deref()));
    fact("In", "签到", times::maybe(item.started_at, &zone));
    fact("Out", "签退", times::maybe(item.finished_at, &zone));
    for note in &one.notes {
        fact("Note", "备注", private(model, note));
    }
    for reason in &item.reasons {
        let text = format!("{:>4} {}", reason.weight, label::<ReviewReason>(lang, &reason.code));
        lines.push((text, Role::Warn));
    }
    for event in &one.events {
        let flags = labels::<EventFlag>(lang, &event.flags);
        let kind = label::<EventKind>(lang, &event.kind);
        lines.push((
            format!("{}  {kind}  {flags}", times::clock(event.received_at, &zone)),
            Role::Dim,
        ));
    }
    for made in &one.decisions {
        let decision = label::<ReviewDecision>(lang, &made.decision);
        let note = made.note.as_deref().unwrap_or_default();
        lines.push((format!("{decision}  {}  {note}", made.by), Role::Good));
    }
    let mut y = 0;
    for (text, role) in lines {
        if y >= inner.height {
            break;
        }
        let style = painter.style(role);
        y += painter.paragraph(inner, y, &text, style);
    }
}
