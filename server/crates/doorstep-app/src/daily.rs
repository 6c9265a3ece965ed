//! The work of a day: a list of steps, each of which changes nothing when it runs again for the same day.
//!
//! A step takes the day that is worked and says what it did. Days that nobody ran are caught up by the next run, because each
//! step works from what is stored and not from what was done the day before.

mod age;
mod odds;

use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Micros;
use doorstep_store::entry::{By, Entries, EntryKind, ServerEntry};
use doorstep_wire::daily::{DailyReport, StepDone};
use doorstep_wire::problem::ProblemCode;
use jiff::civil::Date;

use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::{App, day};

/// The day that is worked, and for whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work {
    pub(crate) tenant: TenantId,
    /// The day, since 1970-01-01. Where a person's own day has not come so far, theirs counts.
    pub(crate) day: i64,
    /// The last day that was worked before.
    pub(crate) worked: Option<i64>,
    pub(crate) by: By,
}

impl Work {
    /// The day in a time zone: the one that is worked, unless it has not begun there.
    pub(crate) fn local(&self, now: Micros, zone: &str) -> i64 {
        self.day.min(day::number(day::local(now, &day::zone(zone))))
    }
}

impl App {
    /// Does the work of a day; without one that of the day that has begun where the first of the tenant's people live.
    pub async fn run_daily(&self, actor: &Actor, asked: Option<&str>) -> Result<DailyReport, AppError> {
        policy::check(actor, Action::RunDaily)?;
        let asked = asked.map(|text| day::parse("day", text)).transpose()?;
        self.daily(actor.tenant, asked, actor.by()).await
    }

    /// Does the work of the day for every tenant: what the server does by itself.
    pub async fn run_daily_all(&self) -> Result<(), AppError> {
        for (tenant, _) in self.store().tenant_list().await? {
            self.daily(tenant, None, By::PROGRAM).await?;
        }
        Ok(())
    }

    async fn daily(&self, tenant: TenantId, asked: Option<Date>, by: By) -> Result<DailyReport, AppError> {
        let now = self.now();
        let newest = self.newest_day(tenant, now).await?;
        let worked = self.store().daily_last(tenant).await?;
        let today = match asked.map(day::number) {
            Some(asked) if asked > newest => {
                let detail = format!("No day after {} can be worked: it has not begun.", day::text(newest));
                return Err(AppError::at(ProblemCode::BadRequest, "day", detail));
            }
            Some(asked) if worked.is_some_and(|worked| asked < worked) => {
                let last = day::text(worked.unwrap_or(asked));
                let detail =
                    format!("The work of {last} is done, and no day before it is worked again. Leave the day out.");
                return Err(AppError::at(ProblemCode::DayOver, "day", detail));
            }
            Some(asked) => asked,
            None => worked.map_or(newest, |worked| newest.max(worked)),
        };
        let work = Work {
            tenant,
            day: today,
            worked,
            by,
        };
        // One line a step; those after it see what it did.
        let steps: Vec<StepDone> = vec![
            self.age_loans(&work).await?,
            self.judge_agreements(&work).await?,
            self.retrain_odds(&work).await?,
            self.due_debriefs(&work).await?,
        ];
        let mut tx = self.store().write(tenant, now).await?;
        if tx.daily_done(today).await? {
            let mut entry = ServerEntry::new(EntryKind::DailyDone, by).with("day", day::text(today));
            for (name, count) in steps.iter().flat_map(|step| &step.counts) {
                entry = entry.with(name, *count);
            }
            tx.commit(Entries::one(entry)).await?;
        }
        Ok(DailyReport {
            day: day::text(today),
            caught_up: worked.map_or(0, |worked| (today - worked - 1).max(0)),
            steps,
        })
    }

    /// The newest day that has begun for any of a tenant's people.
    async fn newest_day(&self, tenant: TenantId, now: Micros) -> Result<i64, AppError> {
        let zones = self.store().address_zones(tenant).await?;
        let local = |zone: &String| day::number(day::local(now, &day::zone(zone)));
        let utc = day::number(day::local(now, &jiff::tz::TimeZone::UTC));
        Ok(zones.iter().map(local).max().unwrap_or(utc))
    }
}
