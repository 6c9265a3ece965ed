//! `staff credential` and `staff credentials`: what staff hold, until when, and what ends soon.

use crate::answer::Answer;
use crate::command::agency::find_portfolio;
use crate::command::staff::{find_staff, pick_all};
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, label, or_dash, pick};
use clap::Subcommand;
use doorstep_domain::credential::{CredentialEnd, CredentialKind};
use doorstep_wire::Page;
use doorstep_wire::credential::{CredentialItem, EndCredential, EndingItem, NoteCredential};
use uuid::Uuid;

/// Commands of one colleague's credentials.
#[derive(Debug, Subcommand)]
pub(crate) enum CredentialCommand {
    /// Note what somebody holds, in place of what stood of the same kind; nobody notes their own
    Add {
        /// Whose
        login: String,
        #[arg(help = "certificate, training, exam, background_check, confidentiality, authority or badge")]
        kind: CredentialKind,
        /// Its number; sealed under the holder's key
        #[arg(long)]
        number: Option<String>,
        /// When it was given, attended, passed or signed [default: today]
        #[arg(long, value_name = "DATE")]
        issued: Option<String>,
        /// The last day on which it holds
        #[arg(long, value_name = "DATE")]
        until: Option<String>,
        /// The one portfolio that an authorisation letter is for [default: all]
        #[arg(long, value_name = "NAME")]
        portfolio: Option<String>,
    },
    /// List what somebody holds and held
    List {
        /// Whose
        login: String,
    },
    /// End one: it was taken away, or noted by mistake
    End {
        /// Its id, as in the list
        id: Uuid,
        /// withdrawn: its holder is without it from today; mistake: it never was
        #[arg(long)]
        reason: CredentialEnd,
    },
}

/// Carries out a command of credentials.
pub(crate) async fn run(command: CredentialCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    match command {
        CredentialCommand::Add {
            login,
            kind,
            number,
            issued,
            until,
            portfolio,
        } => {
            let staff = find_staff(&client, &login).await?;
            let request = NoteCredential {
                kind: kind.code().to_owned(),
                number,
                issued,
                until,
                portfolio: find_portfolio(&client, portfolio.as_deref()).await?,
            };
            let noted = client.post(&format!("staff/{staff}/credentials"), &request).await?;
            Ok(one(&noted, context))
        }
        CredentialCommand::List { login } => {
            let staff = find_staff(&client, &login).await?;
            let page = client.pages(&format!("staff/{staff}/credentials"), &()).await?;
            Ok(show(&page, context))
        }
        CredentialCommand::End { id, reason } => {
            let reason = reason.code().to_owned();
            let request = EndCredential { reason };
            let ended = client.post(&format!("credentials/{id}/end"), &request).await?;
            Ok(one(&ended, context))
        }
    }
}

/// What the caller holds.
pub(crate) async fn own(context: &mut Context<'_>) -> Result<Answer, Failure> {
    let page = context.client()?.pages("staff/me/credentials", &()).await?;
    Ok(show(&page, context))
}

/// What ends within so many days, or ran out.
pub(crate) async fn ending(days: i64, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let page: Page<EndingItem> = context.client()?.pages("credentials/ending", &[("days", days)]).await?;
    let head = [
        ("Number", "工号"),
        ("What", "资质"),
        ("Portfolio", "资产包"),
        ("Last day", "有效期至"),
        ("Days left", "剩余天数"),
    ];
    let mut table = Table::new(pick_all(context, head)).align_right(&[4]);
    for item in &page.items {
        let over = pick(context.lang, "ran out", "已到期").to_owned();
        table.row([
            item.login.clone(),
            label::<CredentialKind>(context.lang, &item.kind),
            or_dash(item.portfolio.as_deref()),
            item.until.clone(),
            if item.days_left < 0 {
                over
            } else {
                item.days_left.to_string()
            },
        ]);
    }
    let mut text = Text::new(context.lang);
    if page.items.is_empty() {
        text.line(pick(context.lang, "Nothing ends by then.", "期内没有到期的资质。"));
    } else {
        text.table(&table);
    }
    Ok(Answer::new(&page, text.finish()))
}

fn one(item: &CredentialItem, context: &Context<'_>) -> Answer {
    let mut text = Text::new(context.lang);
    text.table(&table(context, std::slice::from_ref(item)));
    Answer::new(item, text.finish())
}

fn show(page: &Page<CredentialItem>, context: &Context<'_>) -> Answer {
    let mut text = Text::new(context.lang);
    text.table(&table(context, &page.items));
    Answer::new(page, text.finish())
}

fn table(context: &Context<'_>, items: &[CredentialItem]) -> Table {
    let head = [
        ("What", "资质"),
        ("Number", "编号"),
        ("Portfolio", "资产包"),
        ("Given", "取得日期"),
        ("Last day", "有效期至"),
        ("Ended", "终止"),
        ("Id", "记录编号"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in items {
        let why = item.end_reason.as_ref();
        table.row([
            label::<CredentialKind>(context.lang, &item.kind),
            or_dash(item.number.as_deref()),
            or_dash(item.portfolio.as_deref()),
            or_dash(item.issued.as_deref()),
            or_dash(item.until.as_deref()),
            or_dash(why.map(|why| label::<CredentialEnd>(context.lang, why)).as_deref()),
            item.id.to_string(),
        ]);
    }
    table
}
