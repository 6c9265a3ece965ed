//! What is asked of the server for the office, and its answers in the words of the screens.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use doorstep_domain::plan::{PlanJobState, PlanPhase};
use doorstep_domain::words::Lang;
use doorstep_log::verify::Report;
use doorstep_verify::Given;
use doorstep_wire::Page;
use doorstep_wire::alarm::{AcknowledgeAlarm, AlarmItem, EndAlarm};
use doorstep_wire::case::{CaseItem, CaseQuery};
use doorstep_wire::live::{LiveQuery, LiveView};
use doorstep_wire::log::{LogEntryPage, LogEntryQuery};
use doorstep_wire::plan::job::{PlanJob, StopPlanJob};
use doorstep_wire::plan::look::{DiffQuery, LeftOutItem, LeftOutQuery};
use doorstep_wire::plan::{PlanDetail, PlanItem, PlanRequest};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::review::{DecideReview, ReviewItem, ReviewQuery};
use doorstep_wire::session::{SignIn, SignedIn};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Hands, desk, lock, reads, rights};
use crate::app::effect::{Answered, Topic};
use crate::app::event::Event;
use crate::app::office::{LogShown, OfficeAnswer, OfficeAsk, PlanShown};
use crate::client::Client;
use crate::command::log::{OnlineProgress, about, progress_line, verify_online};
use crate::command::plan::{millionths, publish_seen};
use crate::command::report;
use crate::failure::Failure;
use crate::session::Session;
use crate::text::label;
use crate::times;

/// How many cases a page has.
const CASES_A_PAGE: u32 = 200;
/// How many entries of the log are shown.
const ENTRIES: u32 = 200;
/// How many cases left out are listed.
const LEFT_OUT: u32 = 200;
/// The pause between looks at planning.
const LOOK: Duration = Duration::from_millis(250);
/// How long the server is waited for when it has nothing to say.
const WAKE: Duration = Duration::from_mins(10);

/// What the office's part keeps between questions.
#[derive(Default)]
pub(super) struct Desk {
    /// The planning that was begun last.
    job: std::sync::Mutex<Option<Uuid>>,
}

/// Does what is asked of the server.
pub(super) async fn carry_out(hands: &Hands, lang: Lang, ask: OfficeAsk) -> Result<Answered, Failure> {
    let client = client(hands, lang)?;
    let answer = match ask {
        OfficeAsk::Live => live(hands, client).await?,
        OfficeAsk::Alarm { id, end } => answer_alarm(&client, id, end).await?,
        OfficeAsk::Plans => OfficeAnswer::Plans(plans(&client).await?),
        OfficeAsk::Plan(id) => OfficeAnswer::Plan(Box::new(plan(&client, id).await?)),
        OfficeAsk::Propose(day, bare) => propose(hands, &client, lang, (day, bare)).await?,
        OfficeAsk::StopPlanning => {
            let job = *lock(&hands.0.office.job);
            if let Some(job) = job {
                let stop = StopPlanJob { discard: false };
                let _: PlanJob = client.post(&format!("plan-jobs/{job}/stop"), &stop).await?;
            }
            return Ok(Answered::Done);
        }
        OfficeAsk::Publish(id, version, waiver) => {
            publish_seen(&client, (id, version), (waiver, None)).await?;
            OfficeAnswer::Published
        }
        OfficeAsk::Diff(id) => {
            let diff = client.get(&format!("plans/{id}/diff"), &DiffQuery::default()).await?;
            OfficeAnswer::Diff(Box::new(diff))
        }
        OfficeAsk::Cases { search, sort, cursor } => cases(&client, search, sort, cursor).await?,
        OfficeAsk::Case(wanted, purpose) => reads::case(&client, wanted, purpose).await?,
        OfficeAsk::CaseReads(case) => reads::of_case(&client, case).await?,
        OfficeAsk::OwnReads => reads::own(&client).await?,
        OfficeAsk::Reads(week) => reads::week(&client, week).await?,
        OfficeAsk::SettleRead(read, reason) => reads::settle(&client, read, reason).await?,
        OfficeAsk::Review => {
            let page: Page<ReviewItem> = client.get("review", &ReviewQuery::default()).await?;
            OfficeAnswer::Review(page.items)
        }
        OfficeAsk::ReviewOne(visit) => {
            let one = client.get(&format!("review/{visit}"), &()).await?;
            OfficeAnswer::ReviewOne(Box::new(one))
        }
        OfficeAsk::Decide { visit, decision, note } => {
            let decision = decision.to_owned();
            let _: ReviewItem = client
                .post(&format!("review/{visit}"), &DecideReview { decision, note })
                .await?;
            OfficeAnswer::Decided
        }
        OfficeAsk::Right(step, words) => rights::carry_out(&client, step, words).await?,
        OfficeAsk::Desk(ask) => OfficeAnswer::Desk(desk::carry_out(hands, &client, ask).await?),
        OfficeAsk::Report(query) => OfficeAnswer::Report(Box::new(report::asked(&client, false, &query).await?)),
        OfficeAsk::Odds => OfficeAnswer::Odds(Box::new(client.get("odds/report", &()).await?)),
        OfficeAsk::Log => OfficeAnswer::Log(Box::new(log(&client).await?)),
        OfficeAsk::Verify => OfficeAnswer::Verified(Box::new(verify(hands, &client, lang).await?)),
    };
    Ok(Answered::Office(Box::new(answer)))
}

fn client(hands: &Hands, lang: Lang) -> Result<Client, Failure> {
    let tools = &hands.0.tools;
    match Session::load(&tools.session_file) {
        Some(session) if session.server == tools.server => Client::new(&tools.server, Some(session.token), lang),
        _ => Err(Failure::NotSignedIn {
            server: tools.server.clone(),
        }),
    }
}

/// Signs in and keeps the session as `doorstep login` does.
pub(super) async fn sign_in(
    hands: &Hands,
    lang: Lang,
    (login, password, renewed): (String, Zeroizing<String>, Option<Zeroizing<String>>),
) -> Result<Answered, Failure> {
    let tools = &hands.0.tools;
    let request = SignIn {
        login,
        password: password.to_string(),
        tenant: None,
        new_password: renewed.map(|renewed| renewed.to_string()),
    };
    let client = Client::new(&tools.server, None, lang)?;
    let answer: Result<SignedIn, Failure> = client.post("sessions", &request).await;
    match answer {
        Err(Failure::Problem(problem)) if problem.code == ProblemCode::PasswordChangeNeeded.code() => {
            Ok(Answered::NewPasswordNeeded)
        }
        Err(failure) => Err(failure),
        Ok(signed_in) => {
            Session::new(&tools.server, &signed_in).store(&tools.session_file)?;
            Ok(Answered::SignedIn(signed_in.me.role))
        }
    }
}

async fn live(hands: &Hands, client: Client) -> Result<OfficeAnswer, Failure> {
    let live: LiveView = client.get("live", &LiveQuery::default()).await?;
    let mut alarms: Page<AlarmItem> = client.get("alarms", &()).await?;
    alarms.items.retain(|alarm| alarm.state != "ended");
    listen(hands, client);
    Ok(OfficeAnswer::Live(Box::new(live), alarms.items))
}

/// Listens for the server's word that something changed; the next look that works begins again after a break.
fn listen(hands: &Hands, client: Client) {
    let mut waker = lock(&hands.0.waker_of_office);
    if waker.as_ref().is_some_and(|task| !task.is_finished()) {
        return;
    }
    let events = hands.0.events.clone();
    let task = tokio::spawn(async move {
        let mut seen: Option<String> = None;
        while let Ok(woken) = client.woken("live/wake", seen.as_deref(), WAKE).await {
            let Some(id) = woken else { continue };
            // The first one comes at once and says nothing new.
            if seen.replace(id).is_some() && events.send(Event::Woken).is_err() {
                return;
            }
        }
    });
    *waker = Some(task.abort_handle());
}

async fn answer_alarm(client: &Client, id: Uuid, end: Option<String>) -> Result<OfficeAnswer, Failure> {
    let _: AlarmItem = if let Some(note) = end {
        client.post(&format!("alarms/{id}/end"), &EndAlarm { note }).await?
    } else {
        let body = AcknowledgeAlarm::default();
        client.post(&format!("alarms/{id}/acknowledge"), &body).await?
    };
    Ok(OfficeAnswer::AlarmAnswered)
}

async fn plans(client: &Client) -> Result<Vec<PlanItem>, Failure> {
    let page: Page<PlanItem> = client.pages("plans", &()).await?;
    let mut plans = page.items;
    plans.sort_by_key(|plan| std::cmp::Reverse(plan.created_at));
    Ok(plans)
}

async fn plan(client: &Client, id: Uuid) -> Result<PlanShown, Failure> {
    let detail: PlanDetail = client.get(&format!("plans/{id}"), &()).await?;
    let points = client.get(&format!("plans/{id}/points"), &()).await?;
    let query = LeftOutQuery {
        limit: Some(LEFT_OUT),
        ..LeftOutQuery::default()
    };
    let left_out: Page<LeftOutItem> = client.get(&format!("plans/{id}/left-out"), &query).await?;
    Ok(PlanShown {
        detail,
        points,
        left_out: left_out.items,
    })
}

/// Plans a day, telling how far it is.
async fn propose(
    hands: &Hands,
    client: &Client,
    lang: Lang,
    (day, without_notice): (String, bool),
) -> Result<OfficeAnswer, Failure> {
    let request = PlanRequest {
        first_day: Some(day),
        without_notice,
        ..PlanRequest::default()
    };
    let mut job: PlanJob = client.post_keyed("plan-jobs", &request).await?;
    *lock(&hands.0.office.job) = Some(job.id);
    while matches!(job.state.parse(), Ok(PlanJobState::Waiting | PlanJobState::Running)) {
        let permille = u16::try_from(job.done_permille.min(1000)).unwrap_or(1000);
        let text = job_text(lang, &job);
        let _ = hands.0.events.send(Event::Progress {
            topic: Topic::Planning,
            permille,
            text,
        });
        tokio::time::sleep(LOOK).await;
        job = client.get(&format!("plan-jobs/{}", job.id), &()).await?;
    }
    match (job.plan, job.problem) {
        (Some(_), _) => Ok(OfficeAnswer::Proposed),
        (None, Some(problem)) => Err(Failure::Problem(Box::new(problem))),
        (None, None) => Ok(OfficeAnswer::NothingPlanned),
    }
}

fn job_text(lang: Lang, job: &PlanJob) -> String {
    let phase = label::<PlanPhase>(lang, &job.phase);
    let seconds = job.elapsed_ms / 1000;
    match (job.planned, job.best_objective, lang) {
        (Some(planned), Some(best), Lang::En) => {
            format!(
                "{phase}  {seconds} s  best so far: {planned} visits, worth {}",
                millionths(best)
            )
        }
        (Some(planned), Some(best), Lang::Zh) => {
            format!(
                "{phase}  {seconds} 秒  当前最佳：外访 {planned} 次，价值 {}",
                millionths(best)
            )
        }
        (_, _, Lang::En) => format!("{phase}  {seconds} s"),
        (_, _, Lang::Zh) => format!("{phase}  {seconds} 秒"),
    }
}

async fn cases(client: &Client, search: String, sort: &str, cursor: Option<String>) -> Result<OfficeAnswer, Failure> {
    let more = cursor.is_some();
    let query = CaseQuery {
        search: Some(search).filter(|search| !search.is_empty()),
        sort: Some(sort.to_owned()),
        limit: Some(CASES_A_PAGE),
        cursor,
        ..CaseQuery::default()
    };
    let page: Page<CaseItem> = client.get("cases", &query).await?;
    Ok(OfficeAnswer::Cases {
        items: page.items,
        next: page.next,
        more,
    })
}

async fn log(client: &Client) -> Result<LogShown, Failure> {
    let query = LogEntryQuery {
        limit: Some(ENTRIES),
        ..LogEntryQuery::default()
    };
    let page: LogEntryPage = client.get("log/events/entries", &query).await?;
    let entries = page.items.iter().map(|item| {
        [
            item.index.to_string(),
            times::at(item.at, &jiff::tz::TimeZone::UTC),
            item.kind.clone(),
            item.actor.clone(),
            about(item),
        ]
    });
    Ok(LogShown {
        size: page.size,
        checkpoint_size: page.checkpoint_size,
        entries: entries.collect(),
    })
}

/// Sets a flag when it is dropped: a task that is stopped takes its threads along.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Fetches the whole log and verifies it here, as a stranger would.
async fn verify(hands: &Hands, client: &Client, lang: Lang) -> Result<Report, Failure> {
    let stop = StopOnDrop(Arc::new(AtomicBool::new(false)));
    let events = hands.0.events.clone();
    let mut told = None;
    let mut progress = move |progress: OnlineProgress| {
        let (permille, text) = progress_text(lang, progress);
        // A line a step and a hundredth is enough for anybody.
        if told.replace((permille / 10, progress.step)) != Some((permille / 10, progress.step)) {
            let _ = events.send(Event::Progress {
                topic: Topic::Verify,
                permille,
                text,
            });
        }
    };
    let flag = Arc::clone(&stop.0);
    let tampered = hands
        .0
        .tools
        .prompter
        .as_ref()
        .and_then(|prompter| prompter.tampering());
    verify_online(client, Given::default(), &mut progress, &flag, tampered).await
}

/// How far, in thousandths, and in the words of the command.
fn progress_text(lang: Lang, progress: OnlineProgress) -> (u16, String) {
    let permille = match progress.total {
        Some(total) if total > 0 => progress.done.saturating_mul(1000) / total,
        _ => 0,
    };
    (
        u16::try_from(permille.min(1000)).unwrap_or(1000),
        progress_line(lang, progress),
    )
}
