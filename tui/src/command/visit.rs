//! `visit list` asks the office; `visit start` and `visit finish` work on this device, also offline. What the device shows
//! of a visit is in `route.rs`.

use crate::answer::Answer;
use crate::command::device;
use crate::command::joined::{self, ConfirmArgs, SigningArgs};
use crate::command::navigate::{self, NavigateArgs};
use crate::command::person::ContactArgs;
use crate::command::receipt::{self, GiveArgs};
use crate::command::recording;
use crate::command::route;
use crate::command::sheet::{self, SheetArgs};
use crate::command::staff::{find_staff, pick_all};
use crate::context::Context;
use crate::failure::Failure;
use crate::input;
use crate::table::Table;
use crate::text::{Text, counted, label, labels, or_dash, pick};
use crate::times;
use clap::{Args, Subcommand};
use doorstep_device::{Device, FinishInput, Fresh, Leaving, StartInput};
use doorstep_domain::contact::{Channel, ContactOutcome, MatterOutcome};
use doorstep_domain::event::EventFlag;
use doorstep_domain::measure::Micros;
use doorstep_domain::visit::VisitState;
use doorstep_domain::words::{Forbidden, Requirement};
use doorstep_wire::Page;
use doorstep_wire::sync::Position;
use doorstep_wire::visit::{VisitItem, VisitQuery};
use serde_json::json;
use std::path::PathBuf;
use uuid::Uuid;

/// Commands of visits. On the device a visit is named by its id or by the number of its case.
#[derive(Debug, Subcommand)]
pub(crate) enum VisitCommand {
    /// List visits as the office knows them
    List {
        /// Only this day
        #[arg(long)]
        day: Option<jiff::civil::Date>,
        /// planned, started, finished or cancelled
        #[arg(long)]
        state: Option<VisitState>,
    },
    /// Today's stops in order: who is next, and what is allowed there now
    #[command(alias = "doors")]
    Route,
    /// Open the file of one visit; looking at it is recorded
    Show {
        /// Id of the visit, or number of its case
        visit: String,
    },
    /// Record that the person met is the one who is meant; what is owed is shown only then
    Identify {
        /// Id of the visit, or number of its case
        visit: String,
    },
    /// Leave a visit out
    Skip {
        /// Id of the visit, or number of its case
        visit: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Confirm on your own device that you are at the door too, where two staff are required
    Confirm(ConfirmArgs),
    /// Check in at a door
    Start(StartArgs),
    /// Check out with what came of it
    Finish(FinishArgs),
    /// Leave at once, because you were asked to or somebody is in distress: checks out without asking for anything
    Leave(LeaveArgs),
    /// End a visit by the stop code of the person's notice, also before it began and without a network
    Stop {
        /// Id of the visit, or number of its case
        visit: String,
        /// The code, such as 04HM-ASW9
        code: String,
    },
    /// Correct the person's phone, address or language, as learned at the door
    Correct {
        /// Id of the visit, or number of its case
        visit: String,
        #[command(flatten)]
        fields: ContactArgs,
    },
    /// Show links that open a door of this device in a phone's navigation
    Navigate(NavigateArgs),
    /// Write the day's stops as a page for printing
    Sheet(SheetArgs),
    /// Give the visited person a receipt; the first time is recorded
    Receipt(GiveArgs),
}

/// Where the device is.
#[derive(Debug, Args)]
pub(crate) struct PlaceArgs {
    /// Latitude and longitude in degrees, WGS-84
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    at: Option<String>,
    /// Radius in metres within which that lies
    #[arg(long, value_name = "M", requires = "at", default_value_t = 50)]
    accuracy: u32,
}

/// A check-in.
#[derive(Debug, Args)]
pub(crate) struct StartArgs {
    /// Id of the visit, or number of its case
    visit: String,
    #[command(flatten)]
    place: PlaceArgs,
    /// Who is there besides the device's owner: staff numbers of the crew, or ids
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    staff: Vec<String>,
    #[command(flatten)]
    signing: SigningArgs,
    /// Identity and authority were shown
    #[arg(long)]
    identity_shown: bool,
    /// Record it although a rule blocks it, because it has happened; it is flagged for review
    #[arg(long)]
    anyway: bool,
}

/// An outcome with which a visit can end; the codes where it is none.
fn outcome_of_visit(text: &str) -> Result<ContactOutcome, String> {
    let fits = |outcome: &ContactOutcome| outcome.fits(Channel::Visit);
    text.parse().ok().filter(fits).ok_or_else(|| {
        let codes = ContactOutcome::ALL.iter().copied().filter(fits);
        let codes: Vec<&str> = codes.map(ContactOutcome::code).collect();
        format!("one of: {}", codes.join(", "))
    })
}

/// Leaving at once.
#[derive(Debug, Args)]
pub(crate) struct LeaveArgs {
    /// Id of the visit, or number of its case
    visit: String,
    #[command(flatten)]
    place: PlaceArgs,
    /// Somebody is in distress, or does not seem to understand: no more visits until a person decides
    #[arg(long)]
    distress: bool,
}

/// A check-out.
#[derive(Debug, Args)]
pub(crate) struct FinishArgs {
    /// Id of the visit, or number of its case
    visit: String,
    #[command(flatten)]
    place: PlaceArgs,
    /// What came of the contact, for example `NOBODY_HOME`
    #[arg(long, value_name = "CODE", value_parser = outcome_of_visit)]
    outcome: ContactOutcome,
    /// What came of the matter, for example `PTP`
    #[arg(long, value_name = "CODE")]
    matter: Option<MatterOutcome>,
    /// A promise, DAY:AMOUNT or DAY:AMOUNT:CURRENCY, for example 2026-12-01:250.00
    #[arg(long, value_name = "DAY:AMOUNT")]
    promise: Option<String>,
    /// Free text
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// What was required and is done, by code
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    done: Vec<String>,
    /// A file to keep as evidence; may be repeated
    #[arg(long, value_name = "FILE")]
    evidence: Vec<PathBuf>,
    /// Record it although something required is missing; it is flagged for review
    #[arg(long)]
    anyway: bool,
}

/// Carries out a command of visits.
pub(crate) async fn run(command: VisitCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    match command {
        VisitCommand::List { day, state } => list(day, state, context).await,
        VisitCommand::Route => route::route(context).await,
        VisitCommand::Show { visit } => route::show(&visit, context).await,
        VisitCommand::Identify { visit } => route::identify(&visit, context).await,
        VisitCommand::Skip { visit, reason } => route::skip(&visit, &reason, context).await,
        VisitCommand::Confirm(args) => joined::confirm(args, context).await,
        VisitCommand::Start(args) => start(args, context).await,
        VisitCommand::Finish(args) => finish(args, context).await,
        VisitCommand::Leave(args) => leave(args, context).await,
        VisitCommand::Stop { visit, code } => stop(&visit, &code, context).await,
        VisitCommand::Correct { visit, fields } => correct(&visit, fields, context).await,
        VisitCommand::Navigate(args) => navigate::run(args, context).await,
        VisitCommand::Sheet(args) => sheet::run(args, context).await,
        VisitCommand::Receipt(args) => receipt::give(args, context).await,
    }
}

async fn list(
    day: Option<jiff::civil::Date>,
    state: Option<VisitState>,
    context: &mut Context<'_>,
) -> Result<Answer, Failure> {
    let query = VisitQuery {
        day: day.map(|day| day.to_string()),
        state: state.map(|state| state.code().to_owned()),
    };
    let page: Page<VisitItem> = context.client()?.pages("visits", &query).await?;
    let head = [
        ("Visit", "外访"),
        ("Planned", "计划"),
        ("State", "状态"),
        ("In", "签到"),
        ("Out", "签退"),
        ("Contact", "联系结果"),
        ("Matter", "事项结果"),
        ("Remarks", "备注"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for visit in &page.items {
        let outcome = visit
            .outcome
            .as_deref()
            .map(|code| label::<ContactOutcome>(context.lang, code));
        let matter = visit
            .matter
            .as_deref()
            .map(|code| label::<MatterOutcome>(context.lang, code));
        table.row([
            visit.id.to_string(),
            times::at(visit.planned_start, &times::zone(&visit.zone)),
            label::<VisitState>(context.lang, &visit.state),
            times::maybe(visit.started_at, &times::zone(&visit.zone)),
            times::maybe(visit.finished_at, &times::zone(&visit.zone)),
            or_dash(outcome.as_deref()),
            or_dash(matter.as_deref()),
            remarks(context, visit),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    let count = page.items.len();
    text.say(&counted(count, "visit", "visits"), &format!("{count} 次外访"));
    Ok(Answer::new(&page, text.finish()))
}

/// What is remarkable about a visit's events, and where its recording stands.
fn remarks(context: &Context<'_>, visit: &VisitItem) -> String {
    let flags = labels::<EventFlag>(context.lang, &visit.flags);
    let zone = times::zone(&visit.zone);
    let recording = visit
        .recording
        .as_ref()
        .map(|one| recording::standing(context.lang, one, &zone));
    let both = [Some(flags).filter(|text| !text.is_empty()), recording];
    or_dash(Some(&both.into_iter().flatten().collect::<Vec<_>>().join(", ")))
}

/// The visit with this id, or of the case with this number in the route. A visit that has begun may have lost its door.
pub(crate) async fn find_visit(device: &Device, given: &str) -> Result<Uuid, Failure> {
    if let Ok(id) = given.parse() {
        return Ok(id);
    }
    let route = device.route().await?;
    let stop = route.stops.iter().find(|stop| stop.case_no == given);
    // Of one that is off, what follows says for which rule.
    let off = || {
        route
            .withdrawn
            .iter()
            .find(|off| off.case_no == given)
            .map(|off| off.visit)
    };
    stop.map(|stop| stop.visit)
        .or_else(off)
        .ok_or_else(|| Failure::Unknown {
            kind: "visit",
            given: given.to_owned(),
        })
}

/// The position that was given.
pub(crate) fn position(place: &PlaceArgs) -> Result<Option<Position>, Failure> {
    let Some(at) = &place.at else { return Ok(None) };
    let wrong = || Failure::Value {
        name: "--at",
        given: at.clone(),
        expected: (
            "LAT,LON in degrees, like 41.15,-8.61",
            "纬度,经度（度），如 41.15,-8.61",
        ),
    };
    let [lat_e7, lon_e7] = input::lat_lon(at).ok_or_else(wrong)?;
    Ok(Some(Position {
        lat_e7,
        lon_e7,
        accuracy_m: place.accuracy,
        mock: false,
    }))
}

/// Whose staff number it is: of the crew as the permit names it, without a network; else the server is asked.
pub(crate) async fn find_partner(device: &Device, given: &str, context: &Context<'_>) -> Result<Uuid, Failure> {
    let crew = device.permit().await?.map(|permit| permit.staff).unwrap_or_default();
    match crew.iter().find(|one| one.login == given) {
        Some(one) => Ok(one.id),
        None => find_staff(&context.client()?, given).await,
    }
}

/// How fresh the facts are by which a check-in was judged.
fn fresh_text(context: &Context<'_>, fresh: Fresh) -> String {
    if fresh.confirmed {
        return pick(context.lang, "confirmed by the server just now", "服务器刚刚确认").to_owned();
    }
    let at = times::maybe(fresh.as_of.map(Micros::get), &context.zone);
    format!("{} {at}", pick(context.lang, "no network; as of", "无网络；截至"))
}

async fn stop(given: &str, code: &str, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let device = device::open(context).await?;
    let visit = find_visit(&device, given).await?;
    let events = device.visit_stop(visit, code).await?;
    device.close().await;
    let mut text = Text::new(context.lang);
    text.say(
        "Stopped; recorded on this device. Nobody comes any more until the office has heard the person. Go now.",
        "已停止并记录在本机。办公室与本人沟通前不再上门。请立即离开。",
    );
    text.fact("visit", "外访", visit.to_string());
    Ok(Answer::new(&json!({ "visit": visit, "events": events }), text.finish()))
}

async fn leave(args: LeaveArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let position = position(&args.place)?;
    let leaving = if args.distress {
        Leaving::Distress
    } else {
        Leaving::Asked
    };
    let device = device::open(context).await?;
    let visit = find_visit(&device, &args.visit).await?;
    let left = device.visit_leave(visit, leaving, position).await?;
    device.close().await;
    let mut text = Text::new(context.lang);
    text.say(
        "Left and checked out; recorded on this device. Go now.",
        "已离开并签退，已记录在本机。请立即离开。",
    );
    text.fact("visit", "外访", visit.to_string());
    let document = json!({ "visit": visit, "events": left.events, "missing": left.missing });
    Ok(Answer::new(&document, text.finish()))
}

async fn start(args: StartArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let position = position(&args.place)?;
    let device = device::open(context).await?;
    let fresh = device.ask_fresh().await?;
    let visit = find_visit(&device, &args.visit).await?;
    let mut staff = vec![device.me().staff];
    for given in &args.staff {
        staff.push(match given.parse() {
            Ok(id) => id,
            Err(_) => find_partner(&device, given, context).await?,
        });
    }
    let joined = joined::signed_here(&device, visit, &args.signing, context).await?;
    let input = StartInput {
        position,
        staff,
        joined,
        identity_shown: args.identity_shown,
        anyway: args.anyway,
    };
    let started = device.visit_start(visit, input).await?;
    device.close().await;
    let mut text = Text::new(context.lang);
    text.say("Checked in; recorded on this device.", "已签到，已记录在本机。");
    text.fact("visit", "外访", visit.to_string());
    text.fact("event", "记录", started.event.to_string());
    text.fact("facts", "依据", fresh_text(context, fresh));
    text.fact(
        "required",
        "必须完成",
        or_dash(Some(&labels::<Requirement>(context.lang, &started.required))),
    );
    text.fact(
        "not to be said",
        "不得提及",
        or_dash(Some(&labels::<Forbidden>(context.lang, &started.not_said))),
    );
    for reason in &started.blocked {
        let sentence = format!("{} [{}]", reason.sentence(context.lang), reason.rule());
        text.say(
            &format!("recorded although forbidden: {sentence}"),
            &format!("虽被禁止仍已记录：{sentence}"),
        );
    }
    let blocked: Vec<&str> = started.blocked.iter().map(doorstep_device::Blocked::rule).collect();
    let document = json!({
        "visit": visit,
        "event": started.event,
        "required": started.required,
        "not_said": started.not_said,
        "blocked_by": blocked,
        "facts": {"confirmed": fresh.confirmed, "as_of": fresh.as_of.map(Micros::get)},
    });
    Ok(Answer::new(&document, text.finish()))
}

async fn finish(args: FinishArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let position = position(&args.place)?;
    let device = device::open(context).await?;
    let visit = find_visit(&device, &args.visit).await?;
    let door = device.door(visit).await.ok();
    let currency = door.and_then(|door| door.amount).map(|amount| amount.currency);
    let wrong = |given: &str| Failure::Value {
        name: "--promise",
        given: given.to_owned(),
        expected: (
            "DAY:AMOUNT:CURRENCY, like 2026-12-01:250.00:EUR",
            "日期:金额:币种，如 2026-12-01:250.00:EUR",
        ),
    };
    let promise = match &args.promise {
        None => None,
        Some(given) => Some(input::promise(given, currency.as_deref()).ok_or_else(|| wrong(given))?),
    };
    let input = FinishInput {
        position,
        outcome: args.outcome,
        matter: args.matter,
        promise,
        note: args.note,
        done: args.done,
        evidence: args.evidence,
        anyway: args.anyway,
    };
    let finished = device.visit_finish(visit, input).await?;
    device.close().await;
    let mut text = Text::new(context.lang);
    text.say(
        "Checked out; recorded on this device. Send it with `doorstep sync`.",
        "已签退，已记录在本机。请用 `doorstep sync` 发送。",
    );
    text.fact("visit", "外访", visit.to_string());
    text.fact("events", "记录数", finished.events.len().to_string());
    if !finished.missing.is_empty() {
        text.fact(
            "required and missing",
            "缺少",
            labels::<Requirement>(context.lang, &finished.missing),
        );
    }
    let document = json!({ "visit": visit, "events": finished.events, "missing": finished.missing });
    Ok(Answer::new(&document, text.finish()))
}

async fn correct(visit: &str, fields: ContactArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let device = device::open(context).await?;
    let visit = find_visit(&device, visit).await?;
    let events = device.contact_change(visit, &fields.changes()).await?;
    device.close().await;
    let mut text = Text::new(context.lang);
    text.say(
        "Recorded on this device. Send it with `doorstep sync`.",
        "已记录在本机。请用 `doorstep sync` 发送。",
    );
    text.fact("visit", "外访", visit.to_string());
    text.fact("events", "记录数", events.len().to_string());
    Ok(Answer::new(&json!({ "visit": visit, "events": events }), text.finish()))
}
