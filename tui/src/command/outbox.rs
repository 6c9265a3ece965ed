//! `outbox`: what waits on this device to be sent, and the conflicts of its crew's visits. Works without a network.

use crate::answer::Answer;
use crate::command::staff::pick_all;
use crate::command::{conflict, device};
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, counted, label, labels, or_dash, pick};
use crate::times;
use clap::{Args, Subcommand};
use doorstep_device::{EventState, OpenConflict, OutboxItem};
use doorstep_domain::conflict::Side;
use doorstep_domain::event::{EventFlag, EventKind};
use doorstep_domain::words::{Lang, word};
use serde_json::json;
use uuid::Uuid;

/// Lists what waits, or what its visits dispute.
#[derive(Debug, Args)]
pub(crate) struct OutboxArgs {
    #[command(subcommand)]
    command: Option<OutboxCommand>,
}

/// Commands of the outbox.
#[derive(Debug, Subcommand)]
enum OutboxCommand {
    /// List events that no signed acknowledgement covers
    List,
    /// List the open conflicts of this crew's visits
    Conflicts,
    /// Say which side of a conflict holds; it is sent with the next sync
    Settle {
        /// Id of the conflict
        conflict: Uuid,
        /// left or right
        #[arg(long, value_name = "SIDE")]
        take: Side,
    },
}

/// Carries out a command of the outbox.
pub(crate) async fn run(args: OutboxArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    match args.command.unwrap_or(OutboxCommand::List) {
        OutboxCommand::List => list(context).await,
        OutboxCommand::Conflicts => conflicts(context).await,
        OutboxCommand::Settle { conflict, take } => settle(conflict, take, context).await,
    }
}

async fn list(context: &mut Context<'_>) -> Result<Answer, Failure> {
    let device = device::open(context).await?;
    let items = device.outbox().await?;
    device.close().await;
    let head = [
        ("No.", "序号"),
        ("Made", "产生时间"),
        ("Kind", "类别"),
        ("Bytes", "字节"),
        ("State", "状态"),
        ("Code", "代码"),
        ("Remarks", "备注"),
        ("Visit", "外访"),
    ];
    let mut table = Table::new(pick_all(context, head)).align_right(&[0, 3]);
    for item in &items {
        table.row([
            item.dseq.to_string(),
            times::at(item.made_at.get(), &context.zone),
            label::<EventKind>(context.lang, &item.kind),
            item.bytes.to_string(),
            state(context.lang, item.state).to_owned(),
            or_dash(item.code.as_deref()),
            or_dash(Some(&labels::<EventFlag>(context.lang, &item.flags))),
            or_dash(item.visit.map(|visit| visit.to_string()).as_deref()),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    let count = items.len();
    text.say(
        &format!("{} not acknowledged", counted(count, "event", "events")),
        &format!("{count} 条记录尚未签收"),
    );
    let items: Vec<_> = items.iter().map(document).collect();
    Ok(Answer::new(&json!({ "items": items }), text.finish()))
}

fn document(item: &OutboxItem) -> serde_json::Value {
    json!({
        "dseq": item.dseq,
        "event": item.event,
        "kind": item.kind,
        "visit": item.visit,
        "state": item.state.code(),
        "code": item.code,
        "flags": item.flags,
        "made_at": item.made_at,
        "bytes": item.bytes,
    })
}

fn state(lang: Lang, state: EventState) -> &'static str {
    match state {
        EventState::Waiting => pick(lang, "waiting", "待发送"),
        EventState::Sent => pick(lang, "sent, not signed for", "已发送，待签收"),
        EventState::Held => pick(lang, "held until earlier ones arrive", "等待之前的记录"),
        EventState::Quarantined => pick(lang, "put aside by the server", "被服务器隔离"),
        EventState::Acknowledged => pick(lang, "acknowledged", "已签收"),
    }
}

async fn conflicts(context: &mut Context<'_>) -> Result<Answer, Failure> {
    let device = device::open(context).await?;
    let open = device.conflicts().await?;
    device.close().await;
    let items: Vec<_> = open.iter().map(|one| one.item.clone()).collect();
    let mut text = Text::new(context.lang);
    text.table(&conflict::list(context, &items));
    for OpenConflict { item, taken } in &open {
        if let Some(taken) = taken {
            let side = word(context.lang, *taken);
            text.say(
                &format!("{}: settled here ({side}), not confirmed yet", item.id),
                &format!("{}：已在本机处理（{side}），尚未确认", item.id),
            );
        }
    }
    let count = open.len();
    text.say(
        &format!("{}; both sides are kept", counted(count, "conflict", "conflicts")),
        &format!("{count} 处冲突，双方记录均保留"),
    );
    let documents: Vec<_> = open
        .iter()
        .map(|one| json!({ "conflict": one.item, "taken": one.taken.map(Side::code) }))
        .collect();
    Ok(Answer::new(&json!({ "items": documents }), text.finish()))
}

async fn settle(conflict: Uuid, take: Side, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let device = device::open(context).await?;
    let event = device.conflict_settle(conflict, take).await?;
    device.close().await;
    let mut text = Text::new(context.lang);
    text.say(
        "Recorded on this device. Send it with `doorstep sync`; it counts if nobody settled it before.",
        "已记录在本机。请用 `doorstep sync` 发送；若无人先行处理即生效。",
    );
    text.fact("event", "记录", event.to_string());
    let document = json!({ "conflict": conflict, "take": take.code(), "event": event });
    Ok(Answer::new(&document, text.finish()))
}
