//! `wish`: what visited persons said on the pages of their notices.

use crate::answer::Answer;
use crate::client::Client;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, counted, label, or_dash};
use crate::times;
use clap::{Args, Subcommand};
use doorstep_domain::wish::{WishKind, WishState};
use doorstep_wire::Page;
use doorstep_wire::wish::{AnswerWish, WishItem, WishQuery};
use uuid::Uuid;

/// Commands of wishes.
#[derive(Debug, Subcommand)]
pub(crate) enum WishCommand {
    /// List what was said, newest first
    List(ListArgs),
    /// Agree; what was offered in place of a visit calls that visit off
    Accept {
        /// Id of the wish
        wish: Uuid,
    },
    /// Do not agree
    Decline {
        /// Id of the wish
        wish: Uuid,
    },
}

/// Which wishes.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only those that are open, done, accepted or declined
    #[arg(long, value_name = "CODE")]
    state: Option<WishState>,
}

/// Carries out a command of wishes.
pub(crate) async fn run(command: WishCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let (wish, accept) = match command {
        WishCommand::List(args) => {
            let query = WishQuery {
                state: args.state.map(|state| state.code().to_owned()),
                ..WishQuery::default()
            };
            let page: Page<WishItem> = client.pages("wishes", &query).await?;
            return Ok(Answer::new(&page, render(context, &page.items)));
        }
        WishCommand::Accept { wish } => (wish, true),
        WishCommand::Decline { wish } => (wish, false),
    };
    let item = answer(&client, wish, accept).await?;
    let text = render(context, std::slice::from_ref(&item));
    Ok(Answer::new(&item, text))
}

/// Agrees, or does not.
pub(crate) async fn answer(client: &Client, wish: Uuid, accept: bool) -> Result<WishItem, Failure> {
    let answer = AnswerWish { accept };
    client.post(&format!("wishes/{wish}/answer"), &answer).await
}

fn render(context: &Context<'_>, items: &[WishItem]) -> String {
    let lang = context.lang;
    let head = [
        ("Wish", "请求"),
        ("When", "时间"),
        ("What", "内容"),
        ("State", "状态"),
        ("Case", "案件"),
        ("Words", "说明"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in items {
        table.row([
            item.id.to_string(),
            times::at(item.made_at, &context.zone),
            label::<WishKind>(lang, &item.kind),
            label::<WishState>(lang, &item.state),
            item.case.to_string(),
            or_dash(item.words.as_deref()),
        ]);
    }
    let mut text = Text::new(lang);
    text.table(&table);
    let open = items.iter().filter(|item| item.state == WishState::Open.code()).count();
    text.say(
        &format!("{} for an answer", counted(open, "waits", "wait")),
        &format!("{open} 项待答复"),
    );
    text.finish()
}
