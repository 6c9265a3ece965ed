//! Plans as long work: whoever asks gets an answer at once, any process makes the plan, and everybody who may see it can
//! watch and stop it through any process.

use std::sync::Arc;
use std::time::Duration;

use doorstep_domain::id::{JobId, SessionId, StaffId, TeamId, TenantId};
use doorstep_domain::measure::Micros;
use doorstep_domain::plan::{PlanJobState, PlanPhase};
use doorstep_store::StoreError;
use doorstep_store::entry::Housekeeping;
use doorstep_store::job::{ATTEMPTS_MAX, Job, JobState, JobView, JobWish};
use doorstep_wire::plan::PlanRequest;
use doorstep_wire::plan::job::PlanJob;
use doorstep_wire::problem::{Problem, ProblemCode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::watch::{Told, Watch};
use super::{Keep, Made};
use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};

/// The kind of these jobs.
const KIND: &str = "plan";
/// How long a process that falls silent keeps a job.
const LEASE: Micros = Micros::from_seconds(15);
/// How often progress is written and wishes are read: four times a second.
const BEAT: Duration = Duration::from_millis(250);

/// What is to be done, and for whom: kept with the job, so that any process can do it.
#[derive(Debug, Serialize, Deserialize)]
struct Order {
    staff: StaffId,
    session: SessionId,
    team: TeamId,
    request: PlanRequest,
}

impl App {
    /// Asks for a plan without waiting for it.
    pub async fn add_plan_job(
        &self,
        actor: &Actor,
        request: &PlanRequest,
        key: Option<String>,
    ) -> Result<PlanJob, AppError> {
        policy::check(actor, Action::Plan)?;
        let hash = Sha256::digest(format!("plan-job {request:?}")).to_vec();
        if let Some(id) = self.kept_answer::<Uuid>(actor, key.as_deref(), &hash).await? {
            return self.show_plan_job(actor, id).await;
        }
        let order = Order {
            staff: actor.staff,
            session: actor.session,
            team: self.team_for(actor, request.team).await?,
            request: request.clone(),
        };
        let body = serde_json::to_string(&order).map_err(|_| AppError::Fault("orders serialise"))?;
        let now = self.now();
        let mut tx = self.store().write(actor.tenant, now).await?;
        let id = tx.job_add(KIND, &body, now).await?;
        if let Some(key) = key {
            let answer = serde_json::to_string(&id.0).map_err(|_| AppError::Fault("ids serialise"))?;
            tx.answer_keep(actor.staff, &key, &hash, &answer).await?;
        }
        tx.commit_housekeeping(Housekeeping::Jobs).await?;
        self.plan_jobs().notify_one();
        self.show_plan_job(actor, id.0).await
    }

    /// How far a plan is.
    pub async fn show_plan_job(&self, actor: &Actor, id: Uuid) -> Result<PlanJob, AppError> {
        policy::check(actor, Action::SeePlans)?;
        let view = self.plan_job_in_scope(actor, id).await?;
        Ok(plan_job(id, &view, self.now()))
    }

    /// Stops the making of a plan: the best one found so far is proposed, or nothing is left of it.
    pub async fn stop_plan_job(&self, actor: &Actor, id: Uuid, discard: bool) -> Result<PlanJob, AppError> {
        policy::check(actor, Action::Plan)?;
        self.plan_job_in_scope(actor, id).await?;
        let wish = if discard { JobWish::Discard } else { JobWish::Stop };
        self.store().job_wish(actor.tenant, JobId(id), wish).await?;
        self.show_plan_job(actor, id).await
    }

    async fn plan_job_in_scope(&self, actor: &Actor, id: Uuid) -> Result<JobView, AppError> {
        let unknown = || AppError::not_found("plan job");
        let view = match self.store().job_get(actor.tenant, JobId(id)).await {
            Err(StoreError::NotFound) => return Err(unknown()),
            other => other?,
        };
        if view.kind != KIND || !self.team_in_scope(actor, order_of(&view.body)?.team).await? {
            return Err(unknown());
        }
        Ok(view)
    }

    /// Makes the plan that was asked for longest ago, if one waits or lost its process. Any process may run it; it ends
    /// early, and gives the job back, when `stopping` resolves. Whether there was a job.
    pub async fn run_plan_job(&self, holder: &str, stopping: impl Future<Output = ()>) -> Result<bool, AppError> {
        let now = self.now();
        let Some(job) = self.store().job_take(KIND, holder, now, now + LEASE).await? else {
            return Ok(false);
        };
        let watch = Arc::new(Watch::new(now));
        tokio::select! {
            made = self.make_for_job(&job, holder, &watch) => self.end_plan_job(&job, holder, &watch, made).await?,
            beaten = self.beat(&job, holder, &watch) => beaten?,
            () = stopping => {
                self.store().job_end(&job, holder, false, self.now()).await?;
            }
        }
        // Work that goes on in a thread of its own ends at its next question.
        watch.wants(JobWish::Discard);
        Ok(true)
    }

    /// Waits until a plan is asked for through this process.
    pub async fn plan_job_added(&self) {
        self.plan_jobs().notified().await;
    }

    async fn make_for_job(&self, job: &Job, holder: &str, watch: &Arc<Watch>) -> Result<Made, AppError> {
        let order = order_of(&job.body)?;
        let actor = self.actor_of_order(job.tenant, &order).await?;
        let request = PlanRequest {
            team: Some(order.team.0),
            ..order.request
        };
        self.make_plan(&actor, &request, watch, Keep::Job(job, holder)).await
    }

    /// Whoever asked, as they are now: who lost the right to plan meanwhile gets no plan.
    async fn actor_of_order(&self, tenant: TenantId, order: &Order) -> Result<Actor, AppError> {
        let staff = self.store().staff_get(tenant, order.staff).await?;
        if !staff.active {
            let detail = "Who asked for the plan is no longer in service. Ask for it anew.";
            return Err(AppError::refuse(ProblemCode::NotAllowed, detail));
        }
        Ok(Actor {
            tenant,
            staff: staff.id,
            alias: staff.alias,
            role: staff.role,
            team: staff.team,
            agency: staff.agency,
            session: order.session,
            device: None,
        })
    }

    /// Tells how far it is and passes wishes on, until the job is another process's.
    async fn beat(&self, job: &Job, holder: &str, watch: &Watch) -> Result<(), AppError> {
        let mut beats = tokio::time::interval(BEAT);
        loop {
            beats.tick().await;
            let told = text_of(&watch.told())?;
            let until = self.now() + LEASE;
            match self.store().job_beat(job, holder, until, &told).await {
                Ok(Some(wish)) => watch.wants(wish),
                Ok(None) => return Ok(()),
                // The lease outlasts many beats; a database that stays away ends it.
                Err(StoreError::Busy) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn end_plan_job(
        &self,
        job: &Job,
        holder: &str,
        watch: &Watch,
        made: Result<Made, AppError>,
    ) -> Result<(), AppError> {
        let mut told = watch.told();
        told.ended = Some(self.now());
        match made {
            // It was closed together with its plan, or is another process's, which makes its own.
            Ok(Made::Plan(_)) | Err(AppError::Store(StoreError::Changed)) => return Ok(()),
            Ok(Made::Nothing) => told.stopped = true,
            Err(ref error) => told.problem = Some(error.problem()),
        }
        self.store()
            .job_close(job, holder, told.stopped, &text_of(&told)?)
            .await?;
        match made {
            Err(error @ (AppError::Store(_) | AppError::Fault(_))) => Err(error),
            _ => Ok(()),
        }
    }
}

fn order_of(body: &str) -> Result<Order, AppError> {
    serde_json::from_str(body).map_err(|_| AppError::Fault("kept orders are ours"))
}

pub(super) fn text_of(told: &Told) -> Result<String, AppError> {
    serde_json::to_string(told).map_err(|_| AppError::Fault("progress serialises"))
}

/// How a job is shown.
fn plan_job(id: Uuid, view: &JobView, now: Micros) -> PlanJob {
    let told: Option<Told> = serde_json::from_str(&view.progress).ok();
    let begun = told.is_some();
    let mut told = told.unwrap_or_default();
    let lost = view.state == JobState::Running
        && view.attempts >= ATTEMPTS_MAX
        && view.lease_until.is_some_and(|until| until <= now);
    if lost || view.state == JobState::Failed && told.problem.is_none() {
        let detail = "Every process that began the plan ended before it was made. Ask for fewer days or a smaller team; \
                      if that fails too, tell your administrator.";
        told.problem = Some(Problem::new(ProblemCode::Internal, detail));
    }
    let state = match view.state {
        _ if lost => PlanJobState::Failed,
        JobState::Failed => PlanJobState::Failed,
        JobState::Waiting => PlanJobState::Waiting,
        JobState::Running => PlanJobState::Running,
        JobState::Done if told.stopped || !begun => PlanJobState::Stopped,
        JobState::Done => PlanJobState::Done,
    };
    let until = told.ended.or(view.lease_until.filter(|_| lost)).unwrap_or(now);
    PlanJob {
        id,
        state: state.code().to_owned(),
        phase: told.phase.unwrap_or(PlanPhase::Reading).code().to_owned(),
        done_permille: if state == PlanJobState::Done {
            1_000
        } else {
            told.permille
        },
        elapsed_ms: if begun {
            (until - told.started).millis().max(0)
        } else {
            0
        },
        iterations: told.iterations,
        best_objective: told.best,
        planned: told.planned,
        left_out: told.left_out,
        plan: told.plan,
        problem: told.problem,
        compared: told.compared,
    }
}
