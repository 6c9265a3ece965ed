//! Times of calm: after a disaster, in a closure or a downturn visits of a portfolio or region stop or thin out. One person asks,
//! a second approves; then visits ahead are withdrawn at once, and nobody plans others on those days.

use std::collections::{BTreeSet, HashMap};

use doorstep_domain::approval::{ApprovalKind, ApprovalReason};
use doorstep_domain::contact::Channel;
use doorstep_domain::id::{CaseId, PortfolioId};
use doorstep_domain::step::{CALM, CalmMode, CalmReason, CalmState};
use doorstep_store::WriteTx;
use doorstep_store::approval::Approval;
use doorstep_store::calm::Calm;
use doorstep_store::case::CaseView;
use doorstep_store::contact::Contact;
use doorstep_store::entry::{Entries, Entry, EntryKind, ServerEntry};
use doorstep_store::visit::Visit;
use doorstep_wire::Page;
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::work::{CalmItem, SetCalm};
use uuid::Uuid;

use crate::actor::Actor;
use crate::approval::{asked, asked_entry};
use crate::called_off::CallOff;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::restriction::code;
use crate::strategy::Strategies;
use crate::{App, day};

/// The most days of a time of calm; after that somebody looks again.
const DAYS_MAX: i64 = 366;

fn bad(field: &'static str, detail: impl Into<String>) -> AppError {
    AppError::at(ProblemCode::BadRequest, field, detail)
}

/// The provinces of China by the numbers of their administrative codes, with the letters by which places know them.
const PROVINCES: &[(&str, &str)] = &[
    ("11", "BJ"),
    ("12", "TJ"),
    ("13", "HE"),
    ("14", "SX"),
    ("15", "NM"),
    ("21", "LN"),
    ("22", "JL"),
    ("23", "HL"),
    ("31", "SH"),
    ("32", "JS"),
    ("33", "ZJ"),
    ("34", "AH"),
    ("35", "FJ"),
    ("36", "JX"),
    ("37", "SD"),
    ("41", "HA"),
    ("42", "HB"),
    ("43", "HN"),
    ("44", "GD"),
    ("45", "GX"),
    ("46", "HI"),
    ("50", "CQ"),
    ("51", "SC"),
    ("52", "GZ"),
    ("53", "YN"),
    ("54", "XZ"),
    ("61", "SN"),
    ("62", "GS"),
    ("63", "QH"),
    ("64", "NX"),
    ("65", "XJ"),
];

/// A country or region by its code (`CN`, `CN-ZJ`, `CN-33`), in letters.
fn region_of(text: &str) -> Option<String> {
    let (country, part) = text.split_once('-').unwrap_or((text, ""));
    if country.len() != 2 || !country.chars().all(|c| c.is_ascii_uppercase()) {
        return None;
    }
    let letters = PROVINCES
        .iter()
        .find(|(number, letters)| *number == part || *letters == part);
    let plain = part.len() <= 3 && part.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    match (text.contains('-'), country, letters) {
        (false, ..) => Some(country.to_owned()),
        (true, "CN", letters) => letters.map(|(_, letters)| format!("CN-{letters}")),
        (true, ..) => (plain && !part.is_empty()).then(|| text.to_owned()),
    }
}

fn entry(actor: &Actor, calm: &Calm) -> ServerEntry {
    let mut entry = ServerEntry::new(EntryKind::CalmChanged, actor.by())
        .with("calm", calm.id.to_string())
        .with("state", calm.state.code())
        .with("mode", calm.mode.code())
        .with("from", day::text(calm.from))
        .with("until", day::text(calm.until))
        .with("visits", calm.visits);
    if let Some(portfolio) = calm.portfolio {
        entry = entry.with("portfolio", portfolio.to_string());
    }
    if let Some(region) = &calm.region {
        entry = entry.with("region", region.as_str());
    }
    entry.reason(calm.reason.code())
}

impl App {
    /// Asks a second person to have a portfolio or region calm.
    pub async fn set_calm(&self, actor: &Actor, request: &SetCalm) -> Result<Page<CalmItem>, AppError> {
        policy::check(actor, Action::SetCalm)?;
        let mode: CalmMode = code("mode", &request.mode)?;
        let reason: CalmReason = code("reason", &request.reason)?;
        let (from, until) = (day::parse("from", &request.from)?, day::parse("until", &request.until)?);
        let (from, until) = (day::number(from), day::number(until));
        if until < from || until - from >= DAYS_MAX {
            let detail = format!("`until` is the last day: not before `from`, and at most {DAYS_MAX} days in all.");
            return Err(bad("until", detail));
        }
        let region = request.region.as_deref().filter(|text| !text.is_empty());
        let region = region
            .map(|text| {
                region_of(text).ok_or_else(|| bad("region", "A country or region by ISO 3166, like CN or CN-33."))
            })
            .transpose()?;
        if request.portfolio.is_none() && region.is_none() {
            return Err(bad("portfolio", "Name the portfolio, the region or both."));
        }
        let portfolios = self.store().portfolio_list(actor.tenant).await?;
        let known = |id: &Uuid| portfolios.iter().any(|one| one.id.0 == *id);
        if request.portfolio.is_some_and(|id| !known(&id)) {
            return Err(AppError::not_found("portfolio"));
        }
        let now = self.now();
        let calm = Calm {
            id: doorstep_store::fresh_id(now),
            portfolio: request.portfolio.map(PortfolioId),
            region,
            from,
            until,
            mode,
            reason,
            state: CalmState::Asked,
            asked: (actor.staff, now),
            answered: None,
            ended: None,
            visits: 0,
        };
        let approval = asked(
            ApprovalKind::CalmSet,
            calm.id,
            actor.staff,
            (ApprovalReason::Spare, now),
        );
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.calm_insert(&calm).await?;
        tx.approval_insert(&approval).await?;
        tx.entries_add(vec![asked_entry(&approval, actor.by()).into()]).await?;
        tx.commit(Entries::one(entry(actor, &calm))).await?;
        self.list_calm(actor).await
    }

    /// All times of calm, newest first.
    pub async fn list_calm(&self, actor: &Actor) -> Result<Page<CalmItem>, AppError> {
        policy::check(actor, Action::SeePlans)?;
        let portfolios = self.store().portfolio_list(actor.tenant).await?.into_iter();
        let names: HashMap<PortfolioId, String> = portfolios.map(|one| (one.id, one.name)).collect();
        let logins = self.staff_numbers(actor).await?;
        let waits = self.asked_for(actor, ApprovalKind::CalmSet).await?;
        let calms = self.store().calm_list(actor.tenant).await?;
        let items = calms.iter().rev().map(|calm| CalmItem {
            id: calm.id,
            portfolio: calm.portfolio.and_then(|id| names.get(&id).cloned()),
            region: calm.region.clone(),
            from: day::text(calm.from),
            until: day::text(calm.until),
            mode: calm.mode.code().to_owned(),
            reason: calm.reason.code().to_owned(),
            state: calm.state.code().to_owned(),
            asked_by: logins.of(calm.asked.0),
            answered_by: calm.answered.and_then(|(by, _)| logins.of(by)),
            ended_by: calm.ended.and_then(|(by, _)| logins.of(by)),
            visits: calm.visits,
            approval: waits.get(&calm.id).copied(),
        });
        Ok(Page {
            items: items.collect(),
            next: None,
        })
    }

    /// Ends a time of calm before its last day. Visits that were withdrawn stay so; a new plan makes others.
    pub async fn end_calm(&self, actor: &Actor, id: Uuid) -> Result<Page<CalmItem>, AppError> {
        policy::check(actor, Action::SetCalm)?;
        let mut calm = self.calm(actor, id).await?;
        if calm.state != CalmState::On {
            let detail = format!(
                "This time of calm is `{}`; only one that is on can be ended.",
                calm.state
            );
            return Err(AppError::refuse(ProblemCode::Changed, detail));
        }
        let now = self.now();
        (calm.state, calm.ended) = (CalmState::Ended, Some((actor.staff, now)));
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.calm_move(&calm, CalmState::On).await?;
        tx.commit(Entries::one(entry(actor, &calm))).await?;
        self.list_calm(actor).await
    }

    async fn calm(&self, actor: &Actor, id: Uuid) -> Result<Calm, AppError> {
        let found = self.store().calm_list(actor.tenant).await?;
        let found = found.into_iter().find(|calm| calm.id == id);
        found.ok_or(AppError::not_found("time of calm"))
    }

    /// What a time of calm is about, for who is to agree.
    pub(crate) async fn calm_in_words(&self, actor: &Actor, id: Uuid) -> Result<Option<String>, AppError> {
        let calm = self.calm(actor, id).await?;
        let portfolios = self.store().portfolio_list(actor.tenant).await?;
        let name = portfolios.into_iter().find(|one| Some(one.id) == calm.portfolio);
        let mut parts: Vec<String> = name
            .map(|one| one.name)
            .into_iter()
            .chain(calm.region.clone())
            .collect();
        parts.push(format!("{} → {}", day::text(calm.from), day::text(calm.until)));
        parts.push(format!("{}, {}", calm.mode, calm.reason));
        Ok(Some(parts.join("; ")))
    }

    /// What a second person answered. On yes visits ahead are withdrawn in the same transaction.
    pub(crate) async fn calm_answered(
        &self,
        actor: &Actor,
        tx: &mut WriteTx,
        (approval, agreed): (&Approval, bool),
    ) -> Result<ServerEntry, AppError> {
        let mut calm = self.calm(actor, approval.subject).await?;
        calm.answered = Some((actor.staff, tx.now()));
        calm.state = if agreed { CalmState::On } else { CalmState::Refused };
        if agreed {
            let strategies = self.strategies(actor.tenant).await?;
            // A plan that is being published either sees the calm or has its visits found here.
            tx.plan_publishing().await?;
            let entries = withdraw(actor, tx, &mut calm, &strategies).await?;
            tx.entries_add(entries).await?;
        }
        tx.calm_move(&calm, CalmState::Asked).await?;
        Ok(entry(actor, &calm).with("approval", approval.id.to_string()))
    }
}

/// Withdraws the visits that a time of calm leaves no room for, and their notices that did not leave.
async fn withdraw(
    actor: &Actor,
    tx: &mut WriteTx,
    calm: &mut Calm,
    strategies: &Strategies,
) -> Result<Vec<Entry>, AppError> {
    let visits = tx.visit_planned_on(calm.from, calm.until).await?;
    let ids: BTreeSet<Uuid> = visits.iter().map(|visit| visit.case.0).collect();
    let views = tx.case_get_many(&ids.into_iter().collect::<Vec<_>>()).await?;
    let views: HashMap<CaseId, CaseView> = views
        .into_iter()
        .filter(|view| calm.concerns(view))
        .map(|view| (view.case.id, view))
        .collect();
    let persons: BTreeSet<Uuid> = views.values().map(|view| view.case.person.0).collect();
    let persons: Vec<Uuid> = persons.into_iter().collect();
    tx.ahead_lock(&persons, &[]).await?;
    let contacts = tx.contact_list(&persons).await?;
    let mut kept: HashMap<CaseId, i64> = HashMap::new();
    let mut off = CallOff::new(actor.by());
    for visit in &visits {
        let Some(view) = views.get(&visit.case) else { continue };
        if calm.mode == CalmMode::Thin {
            let days = i64::from(strategies.of(view.case.portfolio).calm.thin_days);
            let before = last_visit(&contacts, view, visit).max(kept.get(&visit.case).copied());
            if before.is_none_or(|before| visit.day - before >= days) {
                kept.insert(visit.case, visit.day);
                continue;
            }
        }
        off.visit(tx, (visit, view.person_alias), CALM).await?;
    }
    calm.visits = off.count() as i64;
    off.done(tx).await
}

/// The day of the last visit to a case before another.
fn last_visit(contacts: &[Contact], view: &CaseView, visit: &Visit) -> Option<i64> {
    let zone = day::zone(&view.address.zone);
    let of_case = contacts
        .iter()
        .filter(|one| one.case == visit.case && one.channel == Channel::Visit);
    let days = of_case.map(|one| day::number(day::local(one.at, &zone)));
    days.filter(|day| *day <= visit.day).max()
}

#[cfg(test)]
mod tests {
    use super::region_of;

    #[test]
    fn regions_are_known_by_letters_and_provinces_by_number_too() {
        for (text, region) in [("CN", "CN"), ("CN-33", "CN-ZJ"), ("CN-ZJ", "CN-ZJ"), ("US-MA", "US-MA")] {
            assert_eq!(region_of(text).as_deref(), Some(region), "{text}");
        }
        for text in ["", "cn", "CN-", "CN-99", "CHINA", "US-MASS", "浙江"] {
            assert_eq!(region_of(text), None, "{text}");
        }
    }
}
