//! `agreement` and `pay`: what was agreed about paying, what a person says of their month, and how they pay.

mod text;

use crate::answer::Answer;
use crate::client::Client;
use crate::command::case::{find_case, opening};
use crate::command::navigate::{Ground, draw};
use crate::context::Context;
use crate::failure::Failure;
use crate::input;
use crate::text::Text;
use clap::{Args, Subcommand};
use doorstep_domain::agreement::afford::Need;
use doorstep_domain::agreement::schedule::Every;
use doorstep_domain::agreement::{AgreedBy, AgreementEnd, AgreementKind, AgreementNext, AgreementState};
use doorstep_domain::money::Currency;
use doorstep_domain::read::OutsidePurpose;
use doorstep_domain::words::Lang;
use doorstep_wire::Page;
use doorstep_wire::agreement::{
    AgreementDetail, AgreementItem, AgreementPrint, AgreementQuery, EndAgreement, MeansDetail, NoteMeans, PartsItem,
    PayItem, ProposeAgreement, ScheduleDetail,
};
use doorstep_wire::case::CaseDetail;
use doorstep_wire::read::Opening;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Commands of agreements.
#[derive(Debug, Subcommand)]
pub(crate) enum AgreementCommand {
    /// Agree with a person about paying; what goes beyond your authority waits for a second person
    Propose {
        #[command(flatten)]
        terms: TermsArgs,
        /// What was said beside it
        #[arg(long, value_name = "TEXT")]
        words: Option<String>,
        /// Let it take the place of a plan or settlement that stands
        #[arg(long)]
        replace: bool,
    },
    /// Say what something would come to, and change nothing
    Schedule {
        #[command(flatten)]
        terms: TermsArgs,
    },
    /// List agreements, the newest first
    List(ListArgs),
    /// Show one in full
    Show {
        /// Id of the agreement
        id: Uuid,
        /// Why, where it is outside your caseload; as with `case show`
        #[arg(long, value_name = "CODE")]
        purpose: Option<OutsidePurpose>,
    },
    /// End one without blame
    End {
        /// Id of the agreement
        id: Uuid,
        /// person-asked, void or mistake
        reason: AgreementEnd,
    },
    /// Note what a person says of their month, or show what they said last
    Afford(AffordArgs),
    /// Print one for the person, in their language
    Print {
        /// Id of the agreement
        id: Uuid,
        /// en or zh-CN [default: the person's]
        #[arg(long, value_name = "TAG")]
        language: Option<Lang>,
        /// Why, where it is outside your caseload
        #[arg(long, value_name = "CODE")]
        purpose: Option<OutsidePurpose>,
    },
}

/// Commands of paying.
#[derive(Debug, Subcommand)]
pub(crate) enum PayCommand {
    /// Show how the person of a case pays: only to the creditor
    Reference {
        /// Number or id of the case
        #[arg(long, value_name = "CASE")]
        case: String,
        /// Draw it as a QR code: dark for a terminal with a dark ground, light, or ascii
        #[arg(long, value_name = "GROUND")]
        qr: Option<Ground>,
        /// Why, where it is outside your caseload
        #[arg(long, value_name = "CODE")]
        purpose: Option<OutsidePurpose>,
    },
}

/// What is agreed.
#[derive(Debug, Args)]
pub(crate) struct TermsArgs {
    /// Number or id of the case
    #[arg(long, value_name = "CASE")]
    case: String,
    /// promise, plan, waiver, settlement or reward
    #[arg(long, value_name = "KIND")]
    kind: AgreementKind,
    /// How it was agreed: phone, letter or office
    #[arg(long, value_name = "HOW", default_value = "phone")]
    by: AgreedBy,
    /// What is to be paid in all [default: what is owed]
    #[arg(long, value_name = "AMOUNT")]
    amount: Option<String>,
    /// The first day of paying
    #[arg(long, value_name = "DAY")]
    first: Option<jiff::civil::Date>,
    /// How many instalments [default: 1]
    #[arg(long, value_name = "NUMBER")]
    count: Option<u16>,
    /// week, fortnight or month [default: month]
    #[arg(long, value_name = "SPAN")]
    every: Option<Every>,
    /// What a waiver or reward gives up: principal, interest, penalty or fees with an amount; may be repeated
    #[arg(long, value_name = "PART:AMOUNT")]
    off: Vec<String>,
    /// After how many instalments in time a reward is given
    #[arg(long, value_name = "NUMBER")]
    after: Option<u16>,
}

/// Which agreements.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only those of this case, by its number or id
    #[arg(long, value_name = "CASE")]
    case: Option<String>,
    /// Only those that stand so: proposed, refused, promised, kept, partial, broken or ended
    #[arg(long, value_name = "STATE")]
    state: Option<AgreementState>,
    /// Only of this kind
    #[arg(long, value_name = "KIND")]
    kind: Option<AgreementKind>,
    /// Only those for which this is to be done next: answer, wait, message or review
    #[arg(long, value_name = "STEP")]
    next: Option<AgreementNext>,
}

/// A month as the person says it.
#[derive(Debug, Args)]
pub(crate) struct AffordArgs {
    /// Number or id of the case
    #[arg(long, value_name = "CASE")]
    case: String,
    /// What comes in; without it, what the person said last is shown
    #[arg(long, value_name = "AMOUNT")]
    income: Option<String>,
    /// What goes out: housing, utilities, food, transport, health, dependants, education, duties, debts or other with an amount
    #[arg(long, value_name = "NEED:AMOUNT", requires = "income")]
    need: Vec<String>,
    /// The day of the month on which money comes in
    #[arg(long, value_name = "1-31", requires = "income")]
    pay_day: Option<u8>,
    /// What was said beside it
    #[arg(long, value_name = "TEXT", requires = "income")]
    words: Option<String>,
    /// Why, where it is outside your caseload
    #[arg(long, value_name = "CODE")]
    purpose: Option<OutsidePurpose>,
}

/// Carries out a command of agreements.
pub(crate) async fn run(command: AgreementCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let lang = context.lang;
    let detail: AgreementDetail = match command {
        AgreementCommand::Propose { terms, words, replace } => {
            let request = request(&client, &terms).await?;
            let request = ProposeAgreement {
                words,
                replace,
                ..request
            };
            client.post("agreements", &request).await?
        }
        AgreementCommand::Schedule { terms } => {
            let request = request(&client, &terms).await?;
            let found: ScheduleDetail = client.post("agreements/schedule", &request).await?;
            return Ok(Answer::new(&found, text::schedule(lang, &found)));
        }
        AgreementCommand::List(args) => {
            let page = list(&client, args).await?;
            return Ok(Answer::new(&page, text::list(lang, &page.items)));
        }
        AgreementCommand::Show { id, purpose } => client.get(&format!("agreements/{id}"), &opening(purpose)).await?,
        AgreementCommand::End { id, reason } => {
            let reason = reason.code().to_owned();
            client
                .post(&format!("agreements/{id}/end"), &EndAgreement { reason })
                .await?
        }
        AgreementCommand::Afford(args) => {
            let means = afford(&client, args).await?;
            return Ok(Answer::new(&means, text::means(lang, &means)));
        }
        AgreementCommand::Print { id, language, purpose } => {
            let query = PrintAsked {
                language: language.map(|language| language.code().to_owned()),
                opening: opening(purpose),
            };
            let print: AgreementPrint = client.get(&format!("agreements/{id}/print"), &query).await?;
            let mut out = Text::new(lang);
            print.lines.iter().for_each(|line| out.line(line));
            return Ok(Answer::new(&print, out.finish()));
        }
    };
    Ok(Answer::new(&detail, text::full(lang, &detail)))
}

/// What is asked with a print.
#[derive(Debug, serde::Serialize)]
struct PrintAsked {
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(flatten)]
    opening: Opening,
}

/// Carries out a command of paying.
pub(crate) async fn pay(command: PayCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let PayCommand::Reference { case, qr, purpose } = command;
    let client = context.client()?;
    let case = find_case(&client, &case, purpose).await?;
    let pay: PayItem = client.get(&format!("cases/{case}/pay"), &opening(purpose)).await?;
    let mut out = text::pay(context.lang, &pay);
    if let Some(ground) = qr {
        draw(pay.link.as_deref().unwrap_or(&pay.reference), ground, &mut out);
    }
    Ok(Answer::new(&pay, out.finish()))
}

async fn list(client: &Client, args: ListArgs) -> Result<Page<AgreementItem>, Failure> {
    let case = match args.case {
        Some(case) => Some(find_case(client, &case, None).await?),
        None => None,
    };
    let query = AgreementQuery {
        case,
        state: args.state.map(|code| code.code().to_owned()),
        kind: args.kind.map(|code| code.code().to_owned()),
        next: args.next.map(|code| code.code().to_owned()),
    };
    client.pages("agreements", &query).await
}

/// The case, and its currency: amounts are typed with its decimals.
async fn case_of(client: &Client, given: &str, purpose: Option<OutsidePurpose>) -> Result<(Uuid, Currency), Failure> {
    let case = find_case(client, given, purpose).await?;
    let detail: CaseDetail = client.get(&format!("cases/{case}"), &opening(purpose)).await?;
    let currency = Currency::of(&detail.item.amount.currency);
    let currency = currency.ok_or_else(|| Failure::Unknown {
        kind: "currency",
        given: detail.item.amount.currency.clone(),
    })?;
    Ok((case, currency))
}

fn amount(name: &'static str, text: &str, currency: Currency) -> Result<i64, Failure> {
    input::amount(text, currency).ok_or_else(|| Failure::Value {
        name,
        given: text.to_owned(),
        expected: (
            "an amount of the case's currency, with no more decimals than it has",
            "案件币种的金额，小数位数不得超出该币种",
        ),
    })
}

/// `NAME:AMOUNT`.
fn named(name: &'static str, text: &str, currency: Currency) -> Result<(String, i64), Failure> {
    let (code, sum) = text.split_once(':').unwrap_or((text, ""));
    Ok((code.to_owned(), amount(name, sum, currency)?))
}

fn parts(off: &[String], currency: Currency) -> Result<Option<PartsItem>, Failure> {
    let mut parts = PartsItem::default();
    for text in off {
        let (part, sum) = named("--off", text, currency)?;
        let place = match part.as_str() {
            "principal" => &mut parts.principal,
            "interest" => &mut parts.interest,
            "penalty" => &mut parts.penalty,
            "fees" => &mut parts.fees,
            _ => {
                return Err(Failure::Value {
                    name: "--off",
                    given: part,
                    expected: (
                        "principal, interest, penalty or fees",
                        "principal、interest、penalty 或 fees",
                    ),
                });
            }
        };
        *place = sum;
    }
    Ok((!off.is_empty()).then_some(parts))
}

async fn request(client: &Client, terms: &TermsArgs) -> Result<ProposeAgreement, Failure> {
    let (case, currency) = case_of(client, &terms.case, None).await?;
    let total = terms.amount.as_deref();
    Ok(ProposeAgreement {
        case,
        kind: terms.kind.code().to_owned(),
        agreed_by: terms.by.code().to_owned(),
        currency: currency.code().to_owned(),
        amount: total.map(|text| amount("--amount", text, currency)).transpose()?,
        first: terms.first.map(|day| day.to_string()),
        count: terms.count,
        every: terms.every.map(|every| every.code().to_owned()),
        off: parts(&terms.off, currency)?,
        after: terms.after,
        words: None,
        replace: false,
    })
}

async fn afford(client: &Client, args: AffordArgs) -> Result<MeansDetail, Failure> {
    let (case, currency) = case_of(client, &args.case, args.purpose).await?;
    let path = format!("cases/{case}/means");
    let Some(income) = &args.income else {
        return client.get(&path, &opening(args.purpose)).await;
    };
    let mut needs = BTreeMap::new();
    for text in &args.need {
        let (need, sum) = named("--need", text, currency)?;
        if need.parse::<Need>().is_err() {
            return Err(Failure::Value {
                name: "--need",
                given: need,
                expected: (
                    "housing, utilities, food, transport, health, dependants, education, duties, debts or other",
                    "housing、utilities、food、transport、health、dependants、education、duties、debts 或 other",
                ),
            });
        }
        needs.insert(need, sum);
    }
    let request = NoteMeans {
        currency: currency.code().to_owned(),
        income: amount("--income", income, currency)?,
        needs,
        pay_day: args.pay_day,
        words: args.words,
    };
    client.post(&path, &request).await
}
