//! `device partner`: keys of partners on this device, with which they sign at a door without a network.

use crate::answer::Answer;
use crate::command::device;
use crate::command::staff::pick_all;
use crate::command::visit::find_partner;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, or_dash, pick};
use crate::times;
use clap::Subcommand;
use serde_json::json;
use uuid::Uuid;

/// Commands of partners' keys.
#[derive(Debug, Subcommand)]
pub(crate) enum PartnerCommand {
    /// Make a key for a partner, who signs in here and chooses a PIN; needs the network once
    Add {
        /// Staff number of the partner
        login: String,
        /// Read the partner's password from the standard input; otherwise `DOORSTEP_PASSWORD`, otherwise asked for
        #[arg(long)]
        password_stdin: bool,
    },
    /// List the partners whose keys are on this device
    List,
    /// Destroy a partner's key on this device
    Remove {
        /// Staff number of the partner, or id
        login: String,
    },
    /// End a partner's key from the office: what it signs from now on does not count
    Revoke {
        /// Id of the device, as `device list` names it
        device: Uuid,
        /// Id of the key, as `device list --json` names it
        key: Uuid,
    },
}

/// Carries out a command of partners' keys.
pub(crate) async fn run(command: PartnerCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    match command {
        PartnerCommand::Add { login, password_stdin } => add(&login, password_stdin, context).await,
        PartnerCommand::List => list(context).await,
        PartnerCommand::Remove { login } => remove(&login, context).await,
        PartnerCommand::Revoke { device, key } => revoke(device, key, context).await,
    }
}

async fn add(login: &str, from_input: bool, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let device = device::open(context).await?;
    let given = context.env.password.clone().filter(|_| !from_input);
    let password = if let Some(password) = given {
        password
    } else {
        let question = format!("{} {login}:", pick(context.lang, "Password of", "密码，人员"));
        context.secret(from_input, &question)?
    };
    let pin = context.new_partner_pin()?;
    let partner = device.partner_add(login, &password, &pin).await?;
    // The permit that comes now names the key.
    device.pull().await?;
    device.close().await;
    let mut text = Text::new(context.lang);
    text.say(
        "The partner can sign on this device with their PIN, also without a network.",
        "同行人员可用其 PIN 码在本机签名，无网络时亦可。",
    );
    text.fact("staff", "人员", login);
    text.fact("key", "密钥", &partner.kid);
    let document = json!({ "staff": partner.staff, "login": login, "kid": partner.kid });
    Ok(Answer::new(&document, text.finish()))
}

async fn list(context: &mut Context<'_>) -> Result<Answer, Failure> {
    let device = device::open(context).await?;
    let partners = device.partners().await?;
    device.close().await;
    let head = [("Staff", "人员"), ("Key", "密钥"), ("Made", "建立时间")];
    let mut table = Table::new(pick_all(context, head));
    for partner in &partners {
        table.row([
            partner.login.clone().unwrap_or_else(|| partner.staff.to_string()),
            partner.kid.clone(),
            times::at(partner.added_at.get(), &context.zone),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    let items = partners.iter().map(|partner| {
        json!({
            "staff": partner.staff,
            "login": partner.login,
            "kid": partner.kid,
            "added_at": partner.added_at.get(),
        })
    });
    let document = json!({ "items": items.collect::<Vec<_>>() });
    Ok(Answer::new(&document, text.finish()))
}

async fn remove(given: &str, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let device = device::open(context).await?;
    let staff = match given.parse() {
        Ok(id) => id,
        Err(_) => find_partner(&device, given, context).await?,
    };
    let told = device.partner_remove(staff).await?;
    device.close().await;
    let mut text = Text::new(context.lang);
    text.say("The key is destroyed on this device.", "本机上的密钥已销毁。");
    let heard = if told {
        pick(context.lang, "heard it", "已得知")
    } else {
        pick(
            context.lang,
            "did not hear it: tell an administrator",
            "尚未得知：请通知管理员",
        )
    };
    text.fact("server", "服务器", or_dash(Some(heard)));
    Ok(Answer::new(&json!({ "staff": staff, "told": told }), text.finish()))
}

async fn revoke(device: Uuid, key: Uuid, context: &mut Context<'_>) -> Result<Answer, Failure> {
    context
        .client()?
        .delete(&format!("devices/{device}/partners/{key}"))
        .await?;
    let mut text = Text::new(context.lang);
    text.say("The key is ended.", "密钥已终止。");
    Ok(Answer::new(&json!({ "device": device, "key": key }), text.finish()))
}
