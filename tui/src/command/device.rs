//! `device code`, `device enrol`, `device pin`, `device list`; and how commands open the device in its folder.

use crate::answer::Answer;
use crate::command::evidence;
use crate::command::partner::{self, PartnerCommand};
use crate::command::staff::{find_staff, pick_all};
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, label, or_dash, pick};
use crate::times;
use clap::Subcommand;
use doorstep_device::{Device, DeviceError, Enrolment, KeyKind};
use doorstep_domain::alarm::AlarmKind;
use doorstep_wire::Page;
use doorstep_wire::device::{Code, CodeRequest, DeviceItem};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use uuid::Uuid;

/// Digits of a hash in a list; the document has all.
const HASH_SHOWN: usize = 16;

/// Commands of devices.
#[derive(Debug, Subcommand)]
pub(crate) enum DeviceCommand {
    /// Make a one-time code for somebody's device; it ends after 10 minutes
    Code {
        /// Whose device it will be: login or id
        login: String,
    },
    /// Make the folder of --device-dir a field device, with a one-time code
    Enrol {
        /// The code
        code: String,
        /// The tenant, as it was named with the code
        #[arg(long, value_name = "ID")]
        tenant: Uuid,
        /// The kind of key: ES256 is what the hardware of many phones has
        #[arg(long, value_name = "ALG", default_value = "ed25519", value_parser = ["ed25519", "es256"])]
        alg: String,
    },
    /// Change the PIN of this device; the old one is `DOORSTEP_PIN` or asked for
    Pin {
        /// Read the new PIN from the standard input; otherwise asked for twice
        #[arg(long)]
        new_pin_stdin: bool,
    },
    /// Show this device: permit, lease, what waits, alarms of colleagues, evidence against the server
    #[command(visible_alias = "status")]
    Show,
    /// Write what this device kept against its server as files for `doorstep verify`
    Evidence {
        /// A new folder
        folder: PathBuf,
    },
    /// Keys of partners on this device, for doors where two staff are required
    #[command(subcommand)]
    Partner(PartnerCommand),
    /// List devices: state, when last heard of, number and hash of the last event
    List,
    /// Report a device lost: as revoked, and the log keeps the last that is known of it
    Lost {
        /// Id of the device, as `device list` names it
        device: Uuid,
    },
    /// Let a device go on that was suspended because its chain had split
    Resume {
        /// Id of the device, as `device list` names it
        device: Uuid,
    },
    /// Revoke a device: it wipes the cases it holds when it next asks
    Revoke {
        /// Id of the device, as `device list` names it
        device: Uuid,
    },
}

/// Carries out a command of devices.
pub(crate) async fn run(command: DeviceCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    match command {
        DeviceCommand::Code { login } => code(&login, context).await,
        DeviceCommand::Enrol { code, tenant, alg } => enrol(code, (tenant, &alg), context).await,
        DeviceCommand::Pin { new_pin_stdin } => change_pin(new_pin_stdin, context).await,
        DeviceCommand::Show => show(context).await,
        DeviceCommand::List => list(context).await,
        DeviceCommand::Evidence { folder } => evidence::export(&folder, context).await,
        DeviceCommand::Partner(command) => partner::run(command, context).await,
        DeviceCommand::Lost { device } => decide(device, "lost", context).await,
        DeviceCommand::Resume { device } => decide(device, "resume", context).await,
        DeviceCommand::Revoke { device } => decide(device, "revoke", context).await,
    }
}

async fn decide(device: Uuid, what: &str, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let path = format!("devices/{device}/{what}");
    context.client()?.post_empty(&path, &()).await?;
    list(context).await
}

/// The device in the folder of the context, opened with its PIN.
pub(crate) async fn open(context: &mut Context<'_>) -> Result<Device, Failure> {
    let clock = Arc::clone(&context.env.clock);
    let seen = Device::peek(&context.device_dir, Arc::clone(&clock)).await?;
    if !seen.enrolled {
        // Nobody is asked for the PIN of a device that is none.
        let dir = context.device_dir.clone();
        return Err(DeviceError::NotEnrolled { dir }.into());
    }
    let pin = if seen.needs_new_pin {
        context.talk(pick(
            context.lang,
            "This device has no PIN yet. Choose one: it opens the device from now on.\n",
            "本机尚未设置 PIN 码。请设置：以后用它打开本机。\n",
        ))?;
        context.first_pin()?
    } else {
        context.pin()?
    };
    Ok(Device::open(&context.device_dir, &pin, clock).await?)
}

async fn change_pin(from_input: bool, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let old = context.pin()?;
    let device = Device::open(&context.device_dir, &old, Arc::clone(&context.env.clock)).await?;
    let new = context.new_pin(from_input)?;
    device.change_pin(&old, &new).await?;
    let mut text = Text::new(context.lang);
    text.say("The PIN is changed.", "PIN 码已更改。");
    let document = json!({ "device": device.id(), "pin": "changed" });
    device.close().await;
    Ok(Answer::new(&document, text.finish()))
}

async fn code(login: &str, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let staff = find_staff(&client, login).await?;
    let code: Code = client.post("device-codes", &CodeRequest { staff }).await?;
    let mut text = Text::new(context.lang);
    text.fact("code, shown once", "注册码（仅显示一次）", &code.code);
    text.fact("tenant", "机构", code.tenant.to_string());
    text.fact("until", "有效至", times::at(code.expires, &context.zone));
    text.line(&format!("doorstep device enrol {} --tenant {}", code.code, code.tenant));
    Ok(Answer::new(&code, text.finish()))
}

async fn enrol(code: String, (tenant, alg): (Uuid, &str), context: &mut Context<'_>) -> Result<Answer, Failure> {
    let enrolment = Enrolment {
        pin: context.first_pin()?,
        dir: context.device_dir.clone(),
        server_url: context.server(),
        tenant,
        code,
        app: concat!("doorstep/", env!("CARGO_PKG_VERSION")).to_owned(),
        key: if alg == "es256" {
            KeyKind::Es256
        } else {
            KeyKind::Ed25519
        },
    };
    let device = Device::enrol(enrolment, Arc::clone(&context.env.clock)).await?;
    let mut text = Text::new(context.lang);
    text.fact("device", "设备", device.id().to_string());
    text.fact("staff", "人员", device.me().staff.to_string());
    text.fact("folder", "文件夹", context.device_dir.display().to_string());
    text.line(pick(
        context.lang,
        "Fetch its doors with `doorstep sync`.",
        "用 `doorstep sync` 获取外访任务。",
    ));
    let document = json!({ "device": device.id(), "me": device.me(), "folder": context.device_dir });
    device.close().await;
    Ok(Answer::new(&document, text.finish()))
}

/// What this device knows of itself, as the screen `Me` shows it.
async fn show(context: &mut Context<'_>) -> Result<Answer, Failure> {
    let device = open(context).await?;
    let read = async {
        Ok::<_, Failure>((
            device.sync_status().await?,
            device.permit().await?,
            device.alarms().await?,
            device.suspect_count().await?,
        ))
    };
    let read = read.await;
    let (id, server) = (device.id(), device.server_url().to_owned());
    device.close().await;
    let (status, permit, alarms, kept) = read?;
    let crew: Vec<&str> = permit
        .iter()
        .flat_map(|permit| &permit.staff)
        .map(|one| one.login.as_str())
        .collect();
    let expires = permit.as_ref().map(|permit| permit.expires_ms.saturating_mul(1_000));
    let as_of = permit.as_ref().map(|permit| permit.as_of_ms.saturating_mul(1_000));
    let mut text = Text::new(context.lang);
    text.fact("device", "设备", id.to_string());
    text.fact("server", "服务器", &server);
    text.fact("crew", "小组", or_dash(Some(&crew.join(", "))));
    text.fact("permit until", "许可有效至", times::maybe(expires, &context.zone));
    text.fact("facts as of", "数据截至", times::maybe(as_of, &context.zone));
    let lease = Some(status.lease_until.get()).filter(|lease| *lease > 0);
    text.fact(
        "may hold cases until",
        "案件可保留至",
        times::maybe(lease, &context.zone),
    );
    text.fact("events to send", "待发送记录", status.unacknowledged.to_string());
    for alarm in &alarms {
        let who = alarm.staff.clone().unwrap_or_default();
        let what = label::<AlarmKind>(context.lang, &alarm.kind);
        text.fact(
            "ALARM",
            "警报",
            format!("{what}  {who}  {}", times::at(alarm.raised_at, &context.zone)),
        );
    }
    if kept > 0 {
        text.fact("kept against the server", "对服务器不利的证据", kept.to_string());
        text.say(
            "What the server signed does not hold or contradicts what it signed before. Go on working; tell an auditor: \
             `doorstep device evidence FOLDER`.",
            "服务器的签名不成立，或与此前的签名矛盾。请继续工作，并通知审计员：`doorstep device evidence 文件夹`。",
        );
    }
    let document = json!({
        "evidence": kept,
        "device": id,
        "server": server,
        "crew": crew,
        "permit_until": expires,
        "facts_as_of": as_of,
        "lease_until": lease,
        "unacknowledged": status.unacknowledged,
        "revoked": status.revoked,
        "alarms": alarms,
    });
    Ok(Answer::new(&document, text.finish()))
}

async fn list(context: &mut Context<'_>) -> Result<Answer, Failure> {
    let page: Page<DeviceItem> = context.client()?.pages("devices", &()).await?;
    let head = [
        ("Device", "设备"),
        ("Staff", "人员"),
        ("State", "状态"),
        ("Events", "记录数"),
        ("Last hash", "末条哈希"),
        ("Heard of", "最近联系"),
        ("Program", "程序"),
    ];
    let mut table = Table::new(pick_all(context, head)).align_right(&[3]);
    for item in &page.items {
        let state = match item.state.as_str() {
            "active" if item.silent => pick(context.lang, "active, SILENT", "在用，失联"),
            "active" => pick(context.lang, "active", "在用"),
            "suspended" => pick(context.lang, "suspended", "已停用"),
            "revoked" => pick(context.lang, "revoked", "已吊销"),
            "lost" => pick(context.lang, "lost", "已遗失"),
            other => other,
        };
        table.row([
            item.id.to_string(),
            item.staff.to_string(),
            state.to_owned(),
            item.last_dseq.to_string(),
            item.head_hash.chars().take(HASH_SHOWN).collect(),
            times::at(item.seen_at, &context.zone),
            item.app.clone(),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    Ok(Answer::new(&page, text.finish()))
}
