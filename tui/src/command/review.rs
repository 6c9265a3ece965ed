//! `conflicts`: what the office must look at.

use crate::answer::Answer;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, counted, pick};
use crate::times;
use doorstep_wire::Page;
use doorstep_wire::visit::ConflictItem;

/// Lists events that contradict each other.
pub(crate) async fn conflicts(context: &mut Context<'_>) -> Result<Answer, Failure> {
    let page: Page<ConflictItem> = context.client()?.pages("conflicts", &()).await?;
    let head = [
        ("Found", "发现时间"),
        ("State", "状态"),
        ("Field", "字段"),
        ("Visit", "外访"),
        ("First", "先到"),
        ("Other", "另一条"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in &page.items {
        table.row([
            times::at(item.found_at, &times::zone(&item.zone)),
            state(context, &item.state),
            item.field.clone(),
            item.visit.to_string(),
            item.left.to_string(),
            item.right.to_string(),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    let count = page.items.len();
    text.say(
        &format!("{}; both sides are kept", counted(count, "conflict", "conflicts")),
        &format!("{count} 处冲突，双方记录均保留"),
    );
    Ok(Answer::new(&page, text.finish()))
}

fn state(context: &Context<'_>, code: &str) -> String {
    let words = match code {
        "open" => pick(context.lang, "open", "待处理"),
        "settled" => pick(context.lang, "settled", "已处理"),
        other => other,
    };
    words.to_owned()
}
