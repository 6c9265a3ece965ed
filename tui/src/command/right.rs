//! `restriction` and `consent`: what narrows contacts with a person, and what widens them.

use crate::answer::Answer;
use crate::command::case::{find_case, opening};
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, counted, label, labels, or_dash, pick};
use crate::times;
use clap::{Args, Subcommand};
use doorstep_domain::address::PlaceKind;
use doorstep_domain::approval::ApprovalReason;
use doorstep_domain::contact::Channel;
use doorstep_domain::read::OutsidePurpose;
use doorstep_domain::restriction::{ConsentState, RestrictionKind, RightSource};
use doorstep_domain::words::{ConsentScope, Lang, Lift};
use doorstep_wire::Page;
use doorstep_wire::case::CaseDetail;
use doorstep_wire::right::{AddConsent, AddRestriction, ConsentItem, LiftRestriction, RestrictionItem};
use jiff::tz::TimeZone;
use uuid::Uuid;

/// Commands of restrictions.
#[derive(Debug, Subcommand)]
pub(crate) enum RestrictionCommand {
    /// List what narrows contacts in a case, also what was lifted
    List(OfCase),
    /// Put one on: it counts at once, and visits ahead that it forbids are withdrawn
    Add(AddArgs),
    /// Take one off; for most kinds a second person must agree (`approvals approve`)
    Lift(LiftArgs),
}

/// Commands of consents.
#[derive(Debug, Subcommand)]
pub(crate) enum ConsentCommand {
    /// List what was agreed to in a case
    List(OfCase),
    /// Note what the person agreed to or a court ordered, or ask a second person to override one rule
    Add(ConsentArgs),
    /// End one now
    Withdraw {
        /// Id of the consent
        consent: Uuid,
    },
}

/// Which case.
#[derive(Debug, Args)]
pub(crate) struct OfCase {
    /// Number of the case, or its id
    case: String,
    /// Why, where it is outside your caseload; as with `case show`
    #[arg(long, value_name = "CODE")]
    purpose: Option<OutsidePurpose>,
}

/// From when until when.
#[derive(Debug, Args)]
struct SpanArgs {
    /// From when, local time at the address, such as 2026-11-25 or 2026-11-25T09:00 [default: now]
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Until when, local time at the address; a day counts to its end [default: until it is lifted]
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

/// A restriction to be put on.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// Number of the case, or its id
    case: String,
    /// ban, `cease_contact`, disputed, hardship, vulnerable, represented, moratorium, bereaved, deceased, `wrong_person`,
    /// `plan_performing`, suspended or moved
    kind: RestrictionKind,
    /// Of a ban: visit, call, message or letter; again for more [default: every one]
    #[arg(long, value_name = "CODE")]
    channel: Vec<Channel>,
    /// Of a ban: home, workplace and so on; again for more [default: every one]
    #[arg(long, value_name = "CODE")]
    place: Vec<PlaceKind>,
    /// Of a ban: hours, such as "mon-fri 09:00-12:00; sun" [default: every hour]
    #[arg(long, value_name = "HOURS", default_value = "")]
    hours: String,
    #[command(flatten)]
    span: SpanArgs,
    /// What was said, and how it is known
    #[arg(long, value_name = "TEXT")]
    words: Option<String>,
}

/// A restriction to be taken off.
#[derive(Debug, Args)]
pub(crate) struct LiftArgs {
    /// Number of the case, or its id
    case: String,
    /// Its kind
    kind: RestrictionKind,
    /// Which ban
    #[arg(long, value_name = "ID")]
    id: Option<Uuid>,
    /// Why: person-asked, resolved, over, mistake or ordered
    #[arg(long, value_name = "CODE")]
    reason: ApprovalReason,
    /// What was said or found, and how it is known
    #[arg(long, value_name = "TEXT")]
    words: String,
}

/// A consent to be noted.
#[derive(Debug, Args)]
pub(crate) struct ConsentArgs {
    /// Number of the case, or its id
    case: String,
    /// hours, frequency, place, notice, or rule with `--rule`
    scope: ConsentScope,
    /// consent, `written_consent`, court, or `two_persons`, which asks a second person
    given: Lift,
    /// The one rule it lifts
    #[arg(long, value_name = "ID")]
    rule: Option<String>,
    #[command(flatten)]
    span: SpanArgs,
    /// With `two_persons`: why, a code of approvals
    #[arg(long, value_name = "CODE")]
    reason: Option<ApprovalReason>,
    /// What was said, and how it is known
    #[arg(long, value_name = "TEXT")]
    words: String,
}

impl SpanArgs {
    fn times(&self, zone: &TimeZone) -> Result<(Option<i64>, Option<i64>), Failure> {
        let from = self
            .from
            .as_deref()
            .map(|text| instant("--from", text, zone, false))
            .transpose()?;
        let until = self
            .until
            .as_deref()
            .map(|text| instant("--until", text, zone, true))
            .transpose()?;
        Ok((from, until))
    }
}

/// A local time, or the beginning or end of a day.
fn instant(name: &'static str, text: &str, zone: &TimeZone, ends: bool) -> Result<i64, Failure> {
    let day = |text: &str| {
        let day: jiff::civil::Date = text.parse().ok()?;
        let day = if ends { day.tomorrow().ok()? } else { day };
        Some(day.at(0, 0, 0, 0))
    };
    let time = if text.len() == 10 { day(text) } else { text.parse().ok() };
    let instant = time.and_then(|time| zone.to_ambiguous_timestamp(time).compatible().ok());
    let expected = (
        "a local time, such as 2026-11-25 or 2026-11-25T09:00",
        "当地时间，如 2026-11-25 或 2026-11-25T09:00",
    );
    let bad = || Failure::Value {
        name,
        given: text.to_owned(),
        expected,
    };
    instant.map(jiff::Timestamp::as_microsecond).ok_or_else(bad)
}

/// A case by its number or id, and the zone of its address.
async fn case_and_zone(context: &Context<'_>, given: &str) -> Result<(Uuid, TimeZone), Failure> {
    let client = context.client()?;
    let case = find_case(&client, given, None).await?;
    let detail: CaseDetail = client.get(&format!("cases/{case}"), &()).await?;
    Ok((case, times::zone(&detail.zone)))
}

fn codes<T: Copy>(list: &[T], code: impl Fn(T) -> &'static str) -> Vec<String> {
    list.iter().map(|one| code(*one).to_owned()).collect()
}

/// Carries out a command of restrictions.
pub(crate) async fn restriction(command: RestrictionCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let page: Page<RestrictionItem> = match command {
        RestrictionCommand::List(args) => {
            let case = find_case(&client, &args.case, args.purpose).await?;
            let path = format!("cases/{case}/restrictions");
            client.get(&path, &opening(args.purpose)).await?
        }
        RestrictionCommand::Add(args) => {
            let (case, zone) = case_and_zone(context, &args.case).await?;
            let (from, until) = args.span.times(&zone)?;
            let request = AddRestriction {
                kind: args.kind.code().to_owned(),
                channels: codes(&args.channel, Channel::code),
                places: codes(&args.place, PlaceKind::code),
                hours: args.hours,
                from,
                until,
                words: args.words,
            };
            client.post(&format!("cases/{case}/restrictions"), &request).await?
        }
        RestrictionCommand::Lift(args) => {
            let case = find_case(&client, &args.case, None).await?;
            let request = LiftRestriction {
                kind: args.kind.code().to_owned(),
                id: args.id,
                reason: args.reason.code().to_owned(),
                words: args.words,
            };
            client
                .post(&format!("cases/{case}/restrictions/lift"), &request)
                .await?
        }
    };
    let text = restrictions(context, &page.items);
    Ok(Answer::new(&page, text))
}

/// Carries out a command of consents.
pub(crate) async fn consent(command: ConsentCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let page: Page<ConsentItem> = match command {
        ConsentCommand::List(args) => {
            let case = find_case(&client, &args.case, args.purpose).await?;
            client
                .get(&format!("cases/{case}/consents"), &opening(args.purpose))
                .await?
        }
        ConsentCommand::Add(args) => {
            let (case, zone) = case_and_zone(context, &args.case).await?;
            let (from, until) = args.span.times(&zone)?;
            let request = AddConsent {
                scope: args.scope.code().to_owned(),
                rule: args.rule,
                given: args.given.code().to_owned(),
                from,
                until,
                reason: args.reason.map(|reason| reason.code().to_owned()),
                words: args.words,
            };
            client.post(&format!("cases/{case}/consents"), &request).await?
        }
        ConsentCommand::Withdraw { consent } => client.post(&format!("consents/{consent}/withdraw"), &()).await?,
    };
    let text = consents(context, &page.items);
    Ok(Answer::new(&page, text))
}

fn restrictions(context: &Context<'_>, items: &[RestrictionItem]) -> String {
    let lang = context.lang;
    let head = [
        ("Restriction", "限制"),
        ("What", "内容"),
        ("From", "来源"),
        ("By", "登记人"),
        ("Since", "自"),
        ("Until", "至"),
        ("State", "状态"),
        ("Words", "说明"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in items {
        table.row([
            or_dash(item.id.map(|id| id.to_string()).as_deref()),
            what(lang, item),
            label::<RightSource>(lang, &item.source),
            or_dash(item.by.as_deref()),
            times::maybe(item.from, &context.zone),
            times::maybe(item.until, &context.zone),
            stands((lang, &context.zone), item),
            or_dash(item.words.as_deref()),
        ]);
    }
    let mut text = Text::new(lang);
    text.table(&table);
    let open = items.iter().filter(|item| item.lifted_at.is_none()).count();
    text.say(
        &format!("{} in force", counted(open, "restriction", "restrictions")),
        &format!("{open} 项限制有效"),
    );
    text.finish()
}

/// A restriction with what narrows it.
pub(crate) fn what(lang: Lang, item: &RestrictionItem) -> String {
    let mut parts = vec![label::<RestrictionKind>(lang, &item.kind)];
    let lists = [
        labels::<Channel>(lang, &item.channels),
        labels::<PlaceKind>(lang, &item.places),
        item.hours.clone(),
    ];
    parts.extend(lists.into_iter().filter(|part| !part.is_empty()));
    parts.join(pick(lang, ": ", "："))
}

/// How a restriction stands.
pub(crate) fn stands((lang, zone): (Lang, &TimeZone), item: &RestrictionItem) -> String {
    match (item.lifted_at, item.approval) {
        (Some(at), _) => {
            let why = label::<ApprovalReason>(lang, item.lifted_why.as_deref().unwrap_or_default());
            let at = times::at(at, zone);
            format!("{} {at}, {why}", pick(lang, "lifted", "已解除"))
        }
        (None, Some(approval)) => {
            format!(
                "{} {approval}",
                pick(lang, "in force; waits for a second person:", "有效；待第二人批准解除：")
            )
        }
        (None, None) => pick(lang, "in force", "有效").to_owned(),
    }
}

/// What a consent is about: what it widens, or the one rule.
pub(crate) fn consented(lang: Lang, item: &ConsentItem) -> String {
    let scope = || label::<ConsentScope>(lang, &item.scope);
    item.rule.clone().unwrap_or_else(scope)
}

/// How a consent stands.
pub(crate) fn consent_stands(lang: Lang, item: &ConsentItem) -> String {
    let state = label::<ConsentState>(lang, &item.state);
    match item.approval {
        Some(approval) => format!("{state} {approval}"),
        None => state,
    }
}

fn consents(context: &Context<'_>, items: &[ConsentItem]) -> String {
    let lang = context.lang;
    let head = [
        ("Consent", "同意"),
        ("What", "内容"),
        ("Given by", "由谁作出"),
        ("State", "状态"),
        ("From", "自"),
        ("Until", "至"),
        ("Noted by", "登记人"),
        ("Words", "说明"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in items {
        table.row([
            item.id.to_string(),
            consented(lang, item),
            label::<Lift>(lang, &item.given),
            consent_stands(lang, item),
            times::at(item.from, &context.zone),
            times::maybe(item.withdrawn_at.or(item.until), &context.zone),
            or_dash(item.by.as_deref()),
            or_dash(item.words.as_deref()),
        ]);
    }
    let mut text = Text::new(lang);
    text.table(&table);
    text.finish()
}
