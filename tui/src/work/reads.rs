//! What is asked of the server about reads, and a case that may be outside the caseload.

use doorstep_domain::read::{OutsidePurpose, ReadReason};
use doorstep_wire::Page;
use doorstep_wire::case::CaseDetail;
use doorstep_wire::problem::{Problem, ProblemCode};
use doorstep_wire::read::{ReadItem, ReadQuery, ReadReviewItem, ReadReviewQuery, SettleRead};
use uuid::Uuid;

use crate::app::office::{OfficeAnswer, ReadsAnswer, Wanted};
use crate::client::Client;
use crate::command::case::{find_case, opening};
use crate::failure::Failure;

/// How many reads are shown.
const READS: u32 = 200;

/// One case in full.
pub(super) async fn case(
    client: &Client,
    wanted: Wanted,
    purpose: Option<OutsidePurpose>,
) -> Result<OfficeAnswer, Failure> {
    let id = match wanted {
        Wanted::Case(id) => id,
        Wanted::Thing(thing) => thing.case().ok_or_else(|| Failure::Unknown {
            kind: "case",
            given: thing.id().to_string(),
        })?,
        Wanted::Number(number) => match find_case(client, &number, purpose).await {
            // It may be somebody else's; the server says so only to whoever says why.
            Err(Failure::Unknown { .. }) if purpose.is_none() => {
                let problem = Problem::new(ProblemCode::PurposeNeeded, String::new());
                return Err(Failure::Problem(Box::new(problem)));
            }
            found => found?,
        },
    };
    let case: CaseDetail = client.get(&format!("cases/{id}"), &opening(purpose)).await?;
    Ok(OfficeAnswer::Case(Box::new(case)))
}

/// Who looked at a case.
pub(super) async fn of_case(client: &Client, case: Uuid) -> Result<OfficeAnswer, Failure> {
    let page = list(client, &format!("cases/{case}/reads")).await?;
    Ok(OfficeAnswer::Reads(ReadsAnswer::OfCase(page.items)))
}

/// Who looked at the caller.
pub(super) async fn own(client: &Client) -> Result<OfficeAnswer, Failure> {
    let page = list(client, "staff/me/reads").await?;
    Ok(OfficeAnswer::Reads(ReadsAnswer::Own(page.items)))
}

async fn list(client: &Client, path: &str) -> Result<Page<ReadItem>, Failure> {
    let query = ReadQuery {
        limit: Some(READS),
        cursor: None,
    };
    client.get(path, &query).await
}

/// A week's reads outside a caseload, those with a finding too; where none is named, of the newest in which one waits.
pub(super) async fn week(client: &Client, week: Option<String>) -> Result<OfficeAnswer, Failure> {
    let query = ReadReviewQuery {
        week,
        read: None,
        all: Some(true),
    };
    let week = client.get("reads/review", &query).await?;
    Ok(OfficeAnswer::Reads(ReadsAnswer::Week(Box::new(week))))
}

/// Says what was found about one.
pub(super) async fn settle(client: &Client, read: Uuid, reason: ReadReason) -> Result<OfficeAnswer, Failure> {
    let request = SettleRead {
        finding: reason.finding().code().to_owned(),
        reason: reason.code().to_owned(),
    };
    let _: ReadReviewItem = client.post(&format!("reads/{read}/settle"), &request).await?;
    Ok(OfficeAnswer::Reads(ReadsAnswer::Settled))
}
