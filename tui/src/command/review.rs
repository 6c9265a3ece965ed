//! `alarms`: what the office must look at.

use crate::answer::Answer;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, counted, pick};
use crate::times;
use doorstep_wire::Page;
use doorstep_wire::visit::AlarmItem;

/// Lists alarms.
pub(crate) async fn alarms(context: &mut Context<'_>) -> Result<Answer, Failure> {
    let page: Page<AlarmItem> = context.client()?.pages("alarms", &()).await?;
    let head = [
        ("Raised", "时间"),
        ("State", "状态"),
        ("Alarm", "警报"),
        ("Visit", "外访"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in &page.items {
        let kind = match item.kind.as_str() {
            "check-out-overdue" => pick(context.lang, "check-out overdue", "逾时未签退"),
            "other-crew" => pick(context.lang, "another crew at the door", "非本组人员到访"),
            other => other,
        };
        table.row([
            times::at(item.raised_at, &times::zone(&item.zone)),
            state(context, &item.state),
            kind.to_owned(),
            item.visit.to_string(),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    let count = page.items.len();
    text.say(&counted(count, "alarm", "alarms"), &format!("{count} 个警报"));
    Ok(Answer::new(&page, text.finish()))
}

fn state(context: &Context<'_>, code: &str) -> String {
    let words = match code {
        "open" => pick(context.lang, "open", "待处理"),
        "ended" => pick(context.lang, "ended", "已结束"),
        other => other,
    };
    words.to_owned()
}
