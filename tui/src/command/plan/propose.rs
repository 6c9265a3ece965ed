//! `plan propose`: asks for a plan, shows how far it is, and stops it when asked to.

use super::millionths;
use crate::client::Client;
use crate::context::Context;
use crate::failure::Failure;
use crate::text::{label, pick};
use doorstep_domain::plan::{PlanJobState, PlanPhase};
use doorstep_domain::words::Lang;
use doorstep_wire::plan::PlanRequest;
use doorstep_wire::plan::job::{PlanJob, StopPlanJob};
use doorstep_wire::plan::simulate::ComparedPlan;
use std::time::Duration;
use uuid::Uuid;

/// The first pause between looks; each is twice as long as the one before, up to the last.
const PAUSE_FIRST: Duration = Duration::from_millis(20);
const PAUSE_LAST: Duration = Duration::from_millis(250);

/// Makes a plan and gives its id, and what the plans came to that it was chosen from. Ctrl-C keeps the best plan found so far; a second one throws it away.
pub(super) async fn made(
    client: &Client,
    request: &PlanRequest,
    context: &mut Context<'_>,
) -> Result<(Uuid, Vec<ComparedPlan>), Failure> {
    let mut job: PlanJob = client.post_keyed("plan-jobs", request).await?;
    let (mut stops, mut pause) = (0_u32, PAUSE_FIRST);
    // One that is kept across looks misses no signal.
    let mut asked = Box::pin(tokio::signal::ctrl_c());
    while matches!(job.state.parse(), Ok(PlanJobState::Waiting | PlanJobState::Running)) {
        context.out.progress(&line(context.lang, &job, stops))?;
        let path = format!("plan-jobs/{}", job.id);
        tokio::select! {
            () = tokio::time::sleep(pause) => {
                pause = PAUSE_LAST.min(pause * 2);
                job = client.get(&path, &()).await?;
            }
            signal = &mut asked => {
                signal?;
                asked = Box::pin(tokio::signal::ctrl_c());
                stops += 1;
                let wish = StopPlanJob { discard: stops > 1 };
                job = client.post(&format!("{path}/stop"), &wish).await?;
            }
        }
    }
    context.out.progress("")?;
    match (job.plan, job.problem) {
        (Some(plan), _) => Ok((plan, job.compared)),
        (None, Some(problem)) => Err(Failure::Problem(Box::new(problem))),
        (None, None) => Err(Failure::Stopped),
    }
}

/// One line: percent, what it is busy with, the best plan so far, seconds.
fn line(lang: Lang, job: &PlanJob, stops: u32) -> String {
    let seconds = job.elapsed_ms / 1000;
    let phase = label::<PlanPhase>(lang, &job.phase);
    let mut line = format!("{:>3} %  {phase}  {seconds} s", job.done_permille / 10);
    if let (Some(planned), Some(best)) = (job.planned, job.best_objective) {
        let worth = millionths(best);
        let best = match lang {
            Lang::En => format!("  best so far: {planned} visits, worth {worth}"),
            Lang::Zh => format!("  当前最佳：外访 {planned} 次，价值 {worth}"),
        };
        line += &best;
    }
    line += match stops {
        0 => pick(lang, "  (Ctrl-C: stop and keep)", "  （Ctrl-C：停止并保留）"),
        1 => pick(lang, "  stopping (Ctrl-C: throw away)", "  正在停止（Ctrl-C：放弃）"),
        _ => pick(lang, "  throwing away", "  正在放弃"),
    };
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_it_is() {
        let mut job = PlanJob {
            id: Uuid::nil(),
            state: "running".to_owned(),
            phase: "search".to_owned(),
            done_permille: 456,
            elapsed_ms: 7_900,
            iterations: 1,
            best_objective: Some(12_340_000),
            planned: Some(41),
            left_out: Some(3),
            plan: None,
            problem: None,
            compared: Vec::new(),
        };
        assert_eq!(
            line(Lang::En, &job, 0),
            " 45 %  searching routes  7 s  best so far: 41 visits, worth 12.34  (Ctrl-C: stop and keep)"
        );
        job.planned = None;
        assert_eq!(
            line(Lang::Zh, &job, 1),
            " 45 %  搜索路线  7 s  正在停止（Ctrl-C：放弃）"
        );
    }
}
