//! The device: permit, lease, what waits, the crew's others, alarms.

use doorstep_domain::alarm::AlarmKind;
use ratatui_core::layout::Rect;

use crate::app::model::Model;
use crate::text::{label, or_dash, pick};
use crate::theme::Role;
use crate::times;
use crate::widgets::frame::framed;
use crate::widgets::paint::Painter;

/// Draws the screen.
pub(super) fn draw(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let facts = &model.field.facts;
    let inner = framed(painter, area, pick(lang, "This device", "本设备"), "");
    let partners: Vec<&str> = facts.partners.iter().map(|(_, login)| login.as_str()).collect();
    let at = |micros: Option<i64>| times::maybe(micros.filter(|micros| *micros > 0), &model.zone);
    let lines = [
        (pick(lang, "Staff number", "工号"), or_dash(Some(&facts.login))),
        (pick(lang, "With", "搭档"), or_dash(Some(&partners.join(", ")))),
        (pick(lang, "Permit until", "许可有效至"), at(facts.permit_expires)),
        (pick(lang, "Facts as of", "数据截至"), at(facts.permit_as_of)),
        (
            pick(lang, "May hold cases until", "案件可保留至"),
            at(Some(facts.lease_until)),
        ),
        (
            pick(lang, "The day", "当日"),
            super::today::day_words(model, model.day()),
        ),
        (pick(lang, "Events to send", "待发送记录"), facts.waiting.to_string()),
        (pick(lang, "Server", "服务器"), or_dash(Some(&facts.server))),
    ];
    let (dim, plain) = (painter.style(Role::Dim), painter.style(Role::Plain));
    let mut y = 0;
    for (name, text) in &lines {
        painter.text(inner, 1, y, name, dim);
        painter.text(inner, 24, y, text, plain);
        y += 1;
    }
    if facts.revoked {
        let bad = painter.style(Role::Bad);
        let text = pick(
            lang,
            "This device was revoked: its cases are wiped, unsent events are kept. Ask the office.",
            "本设备已被吊销：案件已清除，未发送的记录仍保留。请联系内勤。",
        );
        y += painter.paragraph(inner, y + 1, text, bad) + 1;
    }
    if facts.evidence > 0 {
        let bad = painter.style(Role::Bad);
        let text = pick(
            lang,
            "What the server signed does not hold or contradicts itself; this device keeps it. Go on working. e says what happened and who gets it.",
            "服务器签署的内容不成立或前后矛盾，本机已留证。请继续工作。按 e 查看详情与移交方法。",
        );
        y += painter.paragraph(inner, y + 1, text, bad) + 1;
    }
    for alarm in &facts.alarms {
        let bad = painter.style(Role::Bad);
        let what = label::<AlarmKind>(lang, &alarm.kind);
        let text = format!("! {what}  {}  {}", alarm.staff, times::at(alarm.raised_at, &model.zone));
        y += painter.paragraph(inner, y + 1, &text, bad) + 1;
    }
    let text = pick(
        lang,
        "W says who looked at you. Q says what checks found about your visits. : finds change PIN, lock and language.",
        "按 W 查看谁查阅过您；按 Q 查看本人外访的质检结果；按 : 可修改 PIN、锁定、切换语言。",
    );
    painter.paragraph(inner, y + 1, text, dim);
}
