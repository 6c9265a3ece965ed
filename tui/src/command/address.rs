//! `address list`, `address add`, `address verify`, `address retire`: where a person may be sought, and how sure that is.

use crate::answer::Answer;
use crate::command::case::{find_case, opening};
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::input;
use crate::table::Table;
use crate::text::{Text, label, or_dash, pick};
use crate::times;
use clap::{Args, Subcommand};
use doorstep_domain::address::{AddressConfidence, AddressState, PlaceKind, Provenance, Verification};
use doorstep_domain::read::OutsidePurpose;
use doorstep_wire::Page;
use doorstep_wire::work::{AddAddress, AddressItem, RetireAddress, VerifyAddress};
use jiff::tz::TimeZone;
use uuid::Uuid;

/// Commands of addresses.
#[derive(Debug, Subcommand)]
pub(crate) enum AddressCommand {
    /// List the addresses of a case's person
    List {
        #[command(flatten)]
        case: CaseArgs,
        /// Why, where it is outside your caseload; as with `case show`
        #[arg(long, value_name = "CODE")]
        purpose: Option<OutsidePurpose>,
    },
    /// Add an address; nobody goes there before it is confirmed
    Add(AddArgs),
    /// Say that an address was confirmed: it becomes the current one
    Verify {
        #[command(flatten)]
        case: CaseArgs,
        /// Its id
        address: Uuid,
        /// letter, call, person, lender-file or court
        #[arg(long, value_name = "HOW")]
        how: String,
    },
    /// Say that an address is not to be used any more
    Retire {
        #[command(flatten)]
        case: CaseArgs,
        /// Its id
        address: Uuid,
        /// moved or wrong
        #[arg(long, value_name = "STATE")]
        state: AddressState,
    },
}

/// Whose.
#[derive(Debug, Args)]
pub(crate) struct CaseArgs {
    /// Id or number of the case
    #[arg(long)]
    case: String,
}

/// A new address.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    #[command(flatten)]
    case: CaseArgs,
    /// Its text
    text: String,
    /// Where it comes from: person, contract, lender-file or court. Nothing else is taken
    #[arg(long, value_name = "SOURCE")]
    provenance: String,
    /// home, workplace or other
    #[arg(long, default_value = "home")]
    kind: PlaceKind,
    /// Where it is, in degrees: LAT,LON [default: where the case's address is]
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    at: Option<String>,
}

/// Carries out a command of addresses. What a server must refuse by name is sent as it was given.
pub(crate) async fn run(command: AddressCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let page: Page<AddressItem> = match command {
        AddressCommand::List { case, purpose } => {
            let case = find_case(&client, &case.case, purpose).await?;
            client
                .get(&format!("cases/{case}/addresses"), &opening(purpose))
                .await?
        }
        AddressCommand::Add(args) => {
            let case = find_case(&client, &args.case.case, None).await?;
            let point = args.at.as_deref().map(point).transpose()?;
            let request = AddAddress {
                text: args.text,
                provenance: args.provenance,
                kind: Some(args.kind.code().to_owned()),
                point,
            };
            client.post(&format!("cases/{case}/addresses"), &request).await?
        }
        AddressCommand::Verify { case, address, how } => {
            let case = find_case(&client, &case.case, None).await?;
            let path = format!("cases/{case}/addresses/{address}/verify");
            client.post(&path, &VerifyAddress { how }).await?
        }
        AddressCommand::Retire { case, address, state } => {
            let case = find_case(&client, &case.case, None).await?;
            let path = format!("cases/{case}/addresses/{address}/retire");
            let state = state.code().to_owned();
            client.post(&path, &RetireAddress { state }).await?
        }
    };
    Ok(answer(&page, context))
}

/// Degrees as 1e-7 degrees.
fn point(text: &str) -> Result<[i64; 2], Failure> {
    input::lat_lon(text).ok_or_else(|| Failure::Value {
        name: "--at",
        given: text.to_owned(),
        expected: (
            "LAT,LON in degrees, like 41.15,-8.61",
            "纬度,经度（度），如 41.15,-8.61",
        ),
    })
}

fn answer(page: &Page<AddressItem>, context: &Context<'_>) -> Answer {
    let lang = context.lang;
    let head = [
        ("Id", "编号"),
        ("Address", "地址"),
        ("From", "来源"),
        ("Kind", "类型"),
        ("State", "状态"),
        ("Confidence", "可信度"),
        ("Confirmed", "核实时间"),
        ("How", "核实方式"),
        ("Used", "使用中"),
        ("To be confirmed", "须核实"),
    ];
    let yes = |is: bool| if is { pick(lang, "yes", "是") } else { "-" }.to_owned();
    let mut table = Table::new(pick_all(context, head));
    for item in &page.items {
        let confirmed = item.verified_at.map(|at| times::at(at, &TimeZone::UTC));
        let how = item.verified_how.as_deref().map(|how| label::<Verification>(lang, how));
        table.row([
            item.id.to_string(),
            or_dash(item.text.as_deref()),
            label::<Provenance>(lang, &item.provenance),
            label::<PlaceKind>(lang, &item.kind),
            label::<AddressState>(lang, &item.state),
            label::<AddressConfidence>(lang, &item.confidence),
            or_dash(confirmed.as_deref()),
            or_dash(how.as_deref()),
            yes(item.used),
            yes(item.stale),
        ]);
    }
    let mut text = Text::new(lang);
    text.table(&table);
    Answer::new(page, text.finish())
}
