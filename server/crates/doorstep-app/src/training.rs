//! Training: scenarios as data, runs through them, and what a pass is good for. Nobody is hurried, and a run that was not passed may
//! be tried again at any time. What was answered is for whoever answered; a supervisor sees whether and when it was passed.

mod debrief;
mod scenario;

use doorstep_domain::credential::{CredentialEnd, CredentialKind};
use doorstep_domain::id::{RunId, StaffId};
use doorstep_domain::training::{Grade, RunState};
use doorstep_domain::words::Lang;
use doorstep_store::credential::Credential;
use doorstep_store::entry::{By, Entries, Entry, EntryKind, ServerEntry};
use doorstep_store::staff::Staff;
use doorstep_store::training::Run;
use doorstep_wire::Page;
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::training::{
    AnswerRun, JudgedItem, RunDetail, ScenarioItem, SituationItem, StartRun, TrainingQuery, TrainingResult,
};
use jiff::ToSpan as _;
use uuid::Uuid;

use crate::actor::Actor;
use crate::credential::ended_entry;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::{App, day};

pub use scenario::{Scenario, ScenarioError, Scenarios};

/// What training of a deployment is held with.
#[derive(Debug, Clone)]
pub struct TrainingSettings {
    /// The scenarios.
    pub scenarios: Scenarios,
    /// For how many months a pass of all that are required renews the certificate.
    pub renew_months: u32,
    /// Within how many days after an incident the talk is due.
    pub debrief_days: u32,
}

impl App {
    fn training(&self) -> &TrainingSettings {
        &self.0.parts.training
    }

    fn scenario(&self, name: &str) -> Result<&Scenario, AppError> {
        let found = self.training().scenarios.get(name);
        found.ok_or_else(|| AppError::not_found("scenario"))
    }

    /// The scenarios, with the caller's own last run through each.
    pub async fn list_scenarios(&self, actor: &Actor, lang: Lang) -> Result<Page<ScenarioItem>, AppError> {
        policy::check(actor, Action::Train)?;
        let runs = self.store().run_list(actor.tenant, &[actor.staff.0]).await?;
        let item = |scenario: &Scenario| {
            let last = runs.iter().rfind(|run| run.scenario == scenario.name);
            ScenarioItem {
                name: scenario.name.clone(),
                title: scenario.title.in_lang(lang).to_owned(),
                required: scenario.required,
                last: last.map(|run| run.state.code().to_owned()),
                ended_at: last
                    .and_then(|run| run.ended_at)
                    .map(doorstep_domain::measure::Micros::get),
            }
        };
        Ok(Page {
            items: self.training().scenarios.all().map(item).collect(),
            next: None,
        })
    }

    /// Begins a run through a scenario, or goes on with the one that the caller left open.
    pub async fn start_run(&self, actor: &Actor, request: &StartRun, lang: Lang) -> Result<RunDetail, AppError> {
        policy::check(actor, Action::Train)?;
        let scenario = self.scenario(&request.scenario)?;
        let runs = self.store().run_list(actor.tenant, &[actor.staff.0]).await?;
        let stands = |run: &&Run| {
            let same = (&run.scenario, &run.version) == (&scenario.name, &scenario.version);
            same && run.state == RunState::Open
        };
        if let Some(open) = runs.iter().rfind(stands) {
            return self.run_detail(&runs, open, lang);
        }
        let now = self.now();
        let run = Run {
            id: RunId(doorstep_store::fresh_id(now)),
            staff: actor.staff,
            scenario: scenario.name.clone(),
            version: scenario.version.clone(),
            answers: Vec::new(),
            state: RunState::Open,
            started_at: now,
            ended_at: None,
        };
        let holder = self.own_row(actor).await?;
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.run_insert(&run).await?;
        tx.commit(Entries::one(run_entry(
            EntryKind::TrainingStarted,
            &holder,
            actor.by(),
            &run,
        )))
        .await?;
        self.run_detail(&runs, &run, lang)
    }

    /// A run of the caller's own.
    pub async fn show_run(&self, actor: &Actor, id: Uuid, lang: Lang) -> Result<RunDetail, AppError> {
        policy::check(actor, Action::Train)?;
        let run = self.own_run(actor, id).await?;
        let runs = self.store().run_list(actor.tenant, &[actor.staff.0]).await?;
        self.run_detail(&runs, &run, lang)
    }

    /// Takes what the caller would do, says what it was worth, and goes on. The last required pass renews the certificate.
    pub async fn answer_run(
        &self,
        actor: &Actor,
        id: Uuid,
        request: &AnswerRun,
        lang: Lang,
    ) -> Result<RunDetail, AppError> {
        policy::check(actor, Action::Train)?;
        let before = self.own_run(actor, id).await?;
        let scenario = self.scenario(&before.scenario)?;
        if scenario.version != before.version {
            let detail = "The scenario was changed since the run began. Begin it anew: `doorstep training start`.";
            return Err(AppError::refuse(ProblemCode::Changed, detail));
        }
        if request.after != before.answers.len() || before.state != RunState::Open {
            let detail =
                "The run stands elsewhere: an answer came in between, or it ended. `doorstep training show` shows it.";
            return Err(AppError::refuse(ProblemCode::Changed, detail));
        }
        let no_choice = || {
            let detail = "There is no choice of that number. `doorstep training show` lists them from 1.";
            AppError::at(ProblemCode::BadRequest, "choice", detail)
        };
        let stands = scenario.walk(&before.answers).and_then(|walk| walk.situation);
        let offered = stands.map(|situation| situation.offered(before.id)).unwrap_or_default();
        let place = request.choice.checked_sub(1).and_then(|place| offered.get(place));
        let mut after = before.clone();
        after.answers.push(*place.ok_or_else(no_choice)?);
        let walk = scenario.walk(&after.answers).ok_or_else(no_choice)?;
        if walk.situation.is_none() {
            let wrong = walk.judged.iter().any(|choice| choice.grade == Grade::Wrong);
            after.state = if wrong { RunState::Failed } else { RunState::Passed };
            after.ended_at = Some(self.now());
        }
        self.keep_answer(actor, &before, &after).await?;
        let runs = self.store().run_list(actor.tenant, &[actor.staff.0]).await?;
        let mut detail = self.run_detail(&runs, &after, lang)?;
        if after.state == RunState::Passed && detail.left.is_empty() {
            detail.certificate_until = self.certificate_until(actor).await?;
        }
        Ok(detail)
    }

    async fn keep_answer(&self, actor: &Actor, before: &Run, after: &Run) -> Result<(), AppError> {
        let holder = self.own_row(actor).await?;
        let mut runs = self.store().run_list(actor.tenant, &[actor.staff.0]).await?;
        runs.retain(|run| run.id != after.id);
        runs.push(after.clone());
        let renews = after.state == RunState::Passed && self.required_left(&runs).is_empty();
        let known = self.records(actor.tenant, std::iter::once(actor.staff)).await?;
        let mut tx = self.store().write(actor.tenant, self.now()).await?;
        tx.run_answer(before, after).await?;
        let kind = match after.state {
            RunState::Open => EntryKind::TrainingAnswered,
            RunState::Passed | RunState::Failed => EntryKind::TrainingEnded,
        };
        let mut entries: Vec<Entry> = vec![run_entry(kind, &holder, actor.by(), after).into()];
        if renews {
            let counting: Vec<&Credential> = known.counting(holder.id).collect();
            for noted in self.renewals(&holder, &counting) {
                for one in counting
                    .iter()
                    .filter(|one| one.kind == noted.kind && one.portfolio.is_none())
                {
                    tx.credential_end(one, holder.id, CredentialEnd::Replaced).await?;
                    entries.push(ended_entry(By::PROGRAM, &holder, one, CredentialEnd::Replaced).into());
                }
                tx.credential_insert(&noted).await?;
                let mut entry = ServerEntry::new(EntryKind::CredentialNoted, By::PROGRAM)
                    .about(holder.alias)
                    .with("credential", noted.id.to_string())
                    .with("kind", noted.kind.code())
                    .reason("training");
                if let Some(until) = noted.until {
                    entry = entry.with("until", day::text(until));
                }
                entries.push(entry.into());
            }
        }
        tx.commit(Entries::of(entries).ok_or(AppError::Fault("a run has an entry"))?)
            .await?;
        if renews {
            self.wake_devices();
        }
        Ok(())
    }

    /// What a pass of all that is required is noted as: the training of today, and a certificate that lasts longer than what is
    /// held. It never shortens one, and gives none to whoever never had one: the first comes from the office.
    fn renewals(&self, holder: &Staff, counting: &[&Credential]) -> Vec<Credential> {
        let now = self.now();
        let today = day::local(now, &jiff::tz::TimeZone::UTC);
        let until = today.saturating_add(i64::from(self.training().renew_months).months());
        let until = day::number(until);
        let note = |kind, until| Credential {
            id: doorstep_store::fresh_id(now),
            staff: holder.id,
            kind,
            portfolio: None,
            issued: Some(day::number(today)),
            until,
            noted_by: None,
            noted_at: now,
            ended: None,
            sealed: Vec::new(),
        };
        let held = counting
            .iter()
            .filter(|one| one.kind == CredentialKind::Certificate && one.portfolio.is_none());
        let lasts = held.filter_map(|one| one.until).max();
        let mut notes = vec![note(CredentialKind::Training, None)];
        if lasts.is_some_and(|lasts| lasts < until) {
            notes.push(note(CredentialKind::Certificate, Some(until)));
        }
        notes
    }

    /// The last day of the caller's certificate.
    async fn certificate_until(&self, actor: &Actor) -> Result<Option<String>, AppError> {
        let known = self.records(actor.tenant, std::iter::once(actor.staff)).await?;
        let own = known
            .counting(actor.staff)
            .filter(|one| one.kind == CredentialKind::Certificate);
        Ok(own.filter_map(|one| one.until).max().map(day::text))
    }

    /// Required scenarios without a pass since the present version, within the time for which a pass is good.
    fn required_left(&self, runs: &[Run]) -> Vec<String> {
        let now = self.now();
        let today = day::local(now, &jiff::tz::TimeZone::UTC);
        let since = today.saturating_sub(i64::from(self.training().renew_months).months());
        let since = day::start(since, &jiff::tz::TimeZone::UTC);
        let passed = |scenario: &Scenario| {
            runs.iter().any(|run| {
                let same = (&run.scenario, &run.version) == (&scenario.name, &scenario.version);
                same && run.state == RunState::Passed && run.ended_at.is_some_and(|at| at >= since)
            })
        };
        let required = self.training().scenarios.all().filter(|scenario| scenario.required);
        required
            .filter(|scenario| !passed(scenario))
            .map(|scenario| scenario.name.clone())
            .collect()
    }

    fn run_detail(&self, runs: &[Run], run: &Run, lang: Lang) -> Result<RunDetail, AppError> {
        let scenario = self.scenario(&run.scenario)?;
        let walk = scenario.walk(&run.answers).filter(|_| scenario.version == run.version);
        let walk = walk.ok_or_else(|| {
            let detail = "The scenario was changed since the run; what was answered belongs to the one before.";
            AppError::refuse(ProblemCode::Changed, detail)
        })?;
        let judged = |choice: &scenario::Judged<'_>| JudgedItem {
            situation: choice.situation.in_lang(lang).to_owned(),
            choice: choice.text.in_lang(lang).to_owned(),
            grade: choice.grade.code().to_owned(),
            why: choice.why.in_lang(lang).to_owned(),
            rule: choice.rule.map(str::to_owned),
        };
        Ok(RunDetail {
            id: run.id.0,
            scenario: run.scenario.clone(),
            title: scenario.title.in_lang(lang).to_owned(),
            state: run.state.code().to_owned(),
            judged: walk.judged.iter().map(judged).collect(),
            situation: walk.situation.map(|situation| SituationItem {
                text: situation.text.in_lang(lang).to_owned(),
                choices: situation
                    .offered(run.id)
                    .into_iter()
                    .map(|at| situation.choices[at].text.in_lang(lang).to_owned())
                    .collect(),
            }),
            left: self.required_left(runs),
            certificate_until: None,
        })
    }

    async fn own_run(&self, actor: &Actor, id: Uuid) -> Result<Run, AppError> {
        let run = self.store().run_get(actor.tenant, RunId(id)).await?;
        run.filter(|run| run.staff == actor.staff)
            .ok_or_else(|| AppError::not_found("training run"))
    }

    async fn own_row(&self, actor: &Actor) -> Result<Staff, AppError> {
        let found = self.store().staff_get_many(actor.tenant, &[actor.staff.0]).await?.pop();
        found.ok_or(AppError::Fault("whoever is signed in has a row"))
    }

    /// How the caller's own scenarios ended, or for a supervisor when a colleague in reach passed theirs. What was not passed is
    /// nobody else's to see: training is where mistakes cost nothing.
    pub async fn list_results(&self, actor: &Actor, query: &TrainingQuery) -> Result<Page<TrainingResult>, AppError> {
        policy::check(actor, Action::Train)?;
        let staff = match &query.staff {
            None => vec![self.own_row(actor).await?],
            Some(login) => {
                policy::check(actor, Action::SeeTraining)?;
                let all = self.store().staff_list(actor.tenant).await?.into_iter();
                let found = all.filter(|one| one.login == *login && policy::reaches(actor, one.agency));
                found.collect()
            }
        };
        let holder: &Staff = staff.first().ok_or_else(|| AppError::not_found("member of staff"))?;
        let runs = self.store().run_list(actor.tenant, &[holder.id.0]).await?;
        let is_own = holder.id == actor.staff;
        let seen = runs.iter().filter(|run| is_own || run.state == RunState::Passed);
        let result = |run: &Run| {
            Some(TrainingResult {
                staff: holder.login.clone(),
                scenario: run.scenario.clone(),
                required: self.scenario(&run.scenario).is_ok_and(|scenario| scenario.required),
                passed: run.state == RunState::Passed,
                ended_at: run.ended_at?.get(),
            })
        };
        Ok(Page {
            items: seen.filter_map(result).collect(),
            next: None,
        })
    }
}

fn run_entry(kind: EntryKind, holder: &Staff, by: By, run: &Run) -> ServerEntry {
    ServerEntry::new(kind, by)
        .about(holder.alias)
        .with("run", run.id.to_string())
        .with("scenario", run.scenario.as_str())
        .with("state", run.state.code())
}

/// The staff number of somebody.
fn login_of(staff: &[Staff], id: StaffId) -> String {
    let found = staff.iter().find(|one| one.id == id);
    found.map_or_else(String::new, |one| one.login.clone())
}
