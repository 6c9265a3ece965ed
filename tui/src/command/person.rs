//! `person edit` and `person erase`.

use crate::answer::Answer;
use crate::command::case::find_case;
use crate::context::Context;
use crate::failure::Failure;
use crate::text::{Text, counted, or_dash, pick};
use clap::{Args, Subcommand};
use doorstep_domain::conflict::ContactField;
use doorstep_wire::case::CaseDetail;
use doorstep_wire::person::{ContactItem, EditContact};
use doorstep_wire::sync::ContactChange;
use serde_json::json;
use uuid::Uuid;

/// Commands of persons.
#[derive(Debug, Subcommand)]
pub(crate) enum PersonCommand {
    /// Correct phone, address or language of a person, as one case knows them
    Edit {
        /// Number of the case, or its id
        case: String,
        #[command(flatten)]
        fields: ContactArgs,
        /// The version that was seen, where it was read before [default: the newest]
        #[arg(long, value_name = "N")]
        base: Option<i64>,
    },
    /// Destroy a person's key: erases the person everywhere, and all proofs stay valid. Cannot be undone
    Erase {
        /// Id of the person, as `case show` names it
        person: Uuid,
        /// The approval by a second person (`approvals ask person.erase PERSON`)
        #[arg(long, value_name = "ID")]
        approval: Uuid,
    },
}

/// What may be corrected.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct ContactArgs {
    /// Phone number; empty where there is none any more
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    phone: Option<String>,
    /// Text of the address; its point stays where it is, unconfirmed
    #[arg(long, value_name = "TEXT")]
    address: Option<String>,
    /// Language tag, for example `pt`
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
}

impl ContactArgs {
    /// The fields that were given.
    pub(crate) fn changes(self) -> Vec<(ContactField, String)> {
        let given = [
            (ContactField::Phone, self.phone),
            (ContactField::Address, self.address),
            (ContactField::Language, self.language),
        ];
        given
            .into_iter()
            .filter_map(|(field, value)| Some((field, value?)))
            .collect()
    }
}

/// Carries out a command of persons.
pub(crate) async fn run(command: PersonCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    match command {
        PersonCommand::Edit { case, fields, base } => edit(&case, fields, base, context).await,
        PersonCommand::Erase { person, approval } => erase(person, approval, context).await,
    }
}

async fn edit(
    case: &str,
    fields: ContactArgs,
    base: Option<i64>,
    context: &mut Context<'_>,
) -> Result<Answer, Failure> {
    let client = context.client()?;
    let case = find_case(&client, case, None).await?;
    let detail: CaseDetail = client.get(&format!("cases/{case}"), &()).await?;
    let base = base.unwrap_or_else(|| detail.fields.seen());
    let change = |(field, value): (ContactField, String)| ContactChange {
        field: field.code().to_owned(),
        value,
        base,
    };
    let request = EditContact {
        case,
        changes: fields.changes().into_iter().map(change).collect(),
    };
    let item: ContactItem = client
        .patch(&format!("persons/{}/contact", detail.person), &request)
        .await?;
    let mut text = Text::new(context.lang);
    text.fact("phone", "电话", or_dash(Some(&item.phone)));
    text.fact("address", "地址", or_dash(Some(&item.address)));
    text.fact("language", "语言", or_dash(Some(&item.language)));
    text.fact("version", "版本", item.fields.seen().to_string());
    if item.fields.point_unconfirmed {
        text.say(
            "Nobody has confirmed where the new address is; the point is the old one.",
            "新地址的位置尚未确认，坐标仍为原地址。",
        );
    }
    if !item.conflicts.is_empty() {
        let count = item.conflicts.len();
        text.say(
            &format!(
                "{} with what somebody else said meanwhile; see `doorstep conflicts`",
                counted(count, "conflict", "conflicts")
            ),
            &format!("与他人的更改有 {count} 处冲突，请看 `doorstep conflicts`"),
        );
    }
    Ok(Answer::new(&item, text.finish()))
}

async fn erase(person: Uuid, approval: Uuid, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let path = format!("persons/{person}/erase");
    context.client()?.post_empty(&path, &[("approval", approval)]).await?;
    let text = pick(
        context.lang,
        "The person is erased; the log keeps its proofs and says so.\n",
        "当事人信息已删除；日志保留证明并载明此事。\n",
    );
    Ok(Answer::new(
        &json!({ "person": person, "erased": true }),
        text.to_owned(),
    ))
}
