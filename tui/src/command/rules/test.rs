//! `rules test`: what the rules of the server say of a visit of a case at a time.

use crate::answer::Answer;
use crate::command::case::{about_verdict, find_case};
use crate::context::Context;
use crate::failure::Failure;
use crate::text::Text;
use crate::times;
use clap::Args;
use doorstep_domain::read::OutsidePurpose;
use doorstep_domain::words::Effect;
use doorstep_wire::case::{CaseVerdict, VerdictQuery};

/// Which case, and when.
#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// Id or number of the case
    #[arg(long, value_name = "CASE")]
    case: String,
    /// Local time at the address like 2026-11-24T19:30, or an instant like 2026-11-24T19:30Z
    #[arg(long, value_name = "TIME")]
    at: String,
    /// Why, where it is outside your caseload; as with `case show`
    #[arg(long, value_name = "CODE")]
    purpose: Option<OutsidePurpose>,
}

pub(super) async fn test(args: &TestArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let id = find_case(&client, &args.case, args.purpose).await?;
    let query = VerdictQuery {
        at: Some(args.at.clone()),
        purpose: args.purpose.map(|purpose| purpose.code().to_owned()),
    };
    let found: CaseVerdict = client.get(&format!("cases/{id}/verdict"), &query).await?;
    let zone = times::zone(&found.zone);
    let mut text = Text::new(context.lang);
    text.fact("case", "案件", &args.case);
    text.fact("from", "开始", times::at(found.at, &zone));
    text.fact("to", "结束", times::at(found.until, &zone));
    about_verdict(&mut text, &found.verdict, &zone);
    text.fact("digest", "摘要", &found.verdict.digest);
    // An effect of a newer server forbids as far as this program knows.
    let forbids = found.verdict.effect.parse().map_or(true, Effect::forbids);
    Ok(Answer::checked(&found, text.finish(), !forbids))
}
