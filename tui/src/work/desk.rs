//! What is asked of the server about what waits on the desk. A part that the caller's role does not see is empty.

use doorstep_domain::approval::ApprovalState;
use doorstep_domain::complaint::ComplaintState;
use doorstep_domain::quality::CheckState;
use doorstep_domain::read::OutsidePurpose;
use doorstep_domain::wish::WishState;
use doorstep_wire::Page;
use doorstep_wire::agreement::AgreementQuery;
use doorstep_wire::complaint::{ComplaintItem, ComplaintQuery};
use doorstep_wire::notice::NoticeQuery;
use doorstep_wire::org::ApprovalItem;
use doorstep_wire::payment::PaymentQuery;
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::quality::{QualityItem, QualityQuery};
use doorstep_wire::wish::{WishItem, WishQuery};
use doorstep_wire::work::NextQuery;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::Hands;
use crate::app::desk::{Fetched, Opened, Standing, Thing};
use crate::app::office::{DeskAct, DeskAnswer, DeskAsk};
use crate::client::Client;
use crate::command::case::opening;
use crate::command::{approval, complaint, quality, wish};
use crate::failure::Failure;
use crate::session::Session;

/// Does what is asked.
pub(super) async fn carry_out(hands: &Hands, client: &Client, ask: DeskAsk) -> Result<DeskAnswer, Failure> {
    match ask {
        DeskAsk::List => Ok(DeskAnswer::List(Box::new(list(hands, client).await?))),
        DeskAsk::Open(thing, purpose) => {
            let opened = open(client, *thing, purpose).await?;
            Ok(DeskAnswer::Opened(Box::new(opened)))
        }
        DeskAsk::Act(id, act) => {
            answer(client, id, act).await?;
            Ok(DeskAnswer::Done)
        }
    }
}

/// All items of a list; none where the caller's role does not see it.
async fn seen<T: DeserializeOwned>(client: &Client, path: &str, query: &impl Serialize) -> Result<Vec<T>, Failure> {
    let page: Option<Page<T>> = allowed(client.pages(path, query).await)?;
    Ok(page.map_or_else(Vec::new, |page| page.items))
}

/// Nothing where the caller's role does not see it.
fn allowed<T>(answer: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match answer {
        Err(Failure::Problem(problem)) if problem.code == ProblemCode::NotAllowed.code() => Ok(None),
        answer => answer.map(Some),
    }
}

async fn list(hands: &Hands, client: &Client) -> Result<Fetched, Failure> {
    let tools = &hands.0.tools;
    let me = Session::load(&tools.session_file).map(|session| session.me.staff);
    let now = tools.clock.now().get();
    let mut approvals: Vec<ApprovalItem> = seen(client, "approvals", &()).await?;
    approvals.retain(|one| one.state == ApprovalState::Asked.code() && one.expires > now);
    let open = WishQuery {
        state: Some(WishState::Open.code().to_owned()),
        words: Some(false),
        ..WishQuery::default()
    };
    let mut complaints: Vec<ComplaintItem> = seen(client, "complaints", &ComplaintQuery::default()).await?;
    let is_open = |code: &str| matches!(code.parse(), Ok(ComplaintState::Received | ComplaintState::InProgress));
    complaints.retain(|one| is_open(&one.state));
    let mut checks: Vec<QualityItem> = seen(client, "quality-checks", &QualityQuery::default()).await?;
    checks.retain(|one| matches!(one.state.parse(), Ok(CheckState::Drawn | CheckState::Appealed)));
    Ok(Fetched {
        approvals: approvals
            .into_iter()
            .map(|one| {
                let own = Some(one.asked_by) == me;
                (one, own)
            })
            .collect(),
        wishes: seen(client, "wishes", &open).await?,
        complaints,
        checks,
        notices: seen(client, "notices", &()).await?,
    })
}

async fn open(client: &Client, thing: Thing, purpose: Option<OutsidePurpose>) -> Result<Opened, Failure> {
    Ok(match thing {
        Thing::Approval(item, _) => {
            let standing = match item.case {
                Some(case) => Some(Box::new(standing(client, case, purpose).await?)),
                None => None,
            };
            Opened::Approval(Box::new(item), standing)
        }
        Thing::Wish(item, _) => {
            let query = WishQuery {
                case: Some(item.case),
                ..WishQuery::default()
            };
            let said: Page<WishItem> = client.get("wishes", &query).await?;
            let with_words = said.items.into_iter().find(|one| one.id == item.id);
            let case = client.get(&format!("cases/{}", item.case), &opening(purpose)).await?;
            Opened::Wish(Box::new(with_words.unwrap_or(item)), Box::new(case))
        }
        Thing::Complaint(item) => {
            let path = format!("complaints/{}", item.id);
            Opened::Complaint(Box::new(client.get(&path, &opening(purpose)).await?))
        }
        Thing::Check(item) => {
            let path = format!("quality-checks/{}", item.id);
            Opened::Check(Box::new(client.get(&path, &()).await?))
        }
        Thing::Notice(item) => {
            let path = format!("notices/{}", item.id);
            Opened::Notice(Box::new(client.get(&path, &()).await?))
        }
    })
}

/// A case with what stands on it.
pub(super) async fn standing(
    client: &Client,
    case: Uuid,
    purpose: Option<OutsidePurpose>,
) -> Result<Standing, Failure> {
    let why = opening(purpose);
    let of_case = NoticeQuery {
        case: Some(case),
        ..NoticeQuery::default()
    };
    let agreed = AgreementQuery {
        case: Some(case),
        ..AgreementQuery::default()
    };
    let next = NextQuery {
        day: None,
        purpose: purpose.map(|purpose| purpose.code().to_owned()),
    };
    let detail = client.get(&format!("cases/{case}"), &why).await?;
    let restrictions: Page<_> = client.get(&format!("cases/{case}/restrictions"), &why).await?;
    let consents: Page<_> = client.get(&format!("cases/{case}/consents"), &why).await?;
    Ok(Standing {
        case: detail,
        restrictions: restrictions.items,
        consents: consents.items,
        notices: seen(client, "notices", &of_case).await?,
        next: allowed(client.get(&format!("cases/{case}/next"), &next).await)?,
        agreements: seen(client, "agreements", &agreed).await?,
        payments: seen(client, "payments", &PaymentQuery { case }).await?,
    })
}

async fn answer(client: &Client, id: Uuid, act: DeskAct) -> Result<(), Failure> {
    match act {
        DeskAct::Approve(agrees) => drop(approval::answer(client, id, agrees).await?),
        DeskAct::Accept(agrees) => drop(wish::answer(client, id, agrees).await?),
        DeskAct::Take => drop(complaint::take(client, id).await?),
        DeskAct::Answer(outcome, words) => drop(complaint::answer(client, id, (outcome, words)).await?),
        DeskAct::Score(items) => drop(quality::score(client, id, items).await?),
        DeskAct::Decide(decision, words) => drop(quality::decide(client, id, (decision, words)).await?),
    }
    Ok(())
}
