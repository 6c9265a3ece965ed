//! How long persons are kept: what goes when, what keeps it, and which rule says so. Shows and decides; erases nothing.

pub(crate) mod hold;
mod purge;
mod recording;

use std::collections::{BTreeMap, HashMap};

use doorstep_domain::case::{CaseStatus, Flag};
use doorstep_domain::id::{CaseId, PersonId};
use doorstep_domain::measure::Micros;
use doorstep_domain::person::PersonRole;
use doorstep_domain::retention::RetentionState;
use doorstep_rules::{PackSet, Retention, RetentionBound, RetentionFacts, RetentionOf, Subject, retention};
use doorstep_store::grant::Purpose;
use doorstep_store::recording::KeptRecording;
use doorstep_store::retention::KeptCase;
use doorstep_wire::Page;
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::retention::{RetentionCase, RetentionItem, RetentionQuery};
use jiff::civil::Date;
use uuid::Uuid;

use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::{App, day};

/// Persons on a page where the caller names no number.
const PAGE: u32 = 100;
/// The most persons on a page.
const PAGE_MAX: u32 = 500;

/// A person with all that keeps them.
struct Kept {
    person: PersonId,
    cases: Vec<(KeptCase, Retention)>,
    /// Recordings that a rule keeps longer than today.
    recordings: Vec<recording::Judged>,
    state: RetentionState,
}

impl Kept {
    /// The longest that a rule asks for.
    fn keep(&self) -> Option<&RetentionBound> {
        let bounds = self.cases.iter().filter_map(|(_, found)| found.keep_until.as_ref());
        bounds.chain(self.recorded()).max_by_key(|bound| bound.until)
    }
    /// How long rules keep the recordings.
    fn recorded(&self) -> impl Iterator<Item = &RetentionBound> {
        self.recordings.iter().filter_map(|one| one.found.keep_until.as_ref())
    }
    /// The longest that the rules allow, where they set an end for each case.
    fn may(&self) -> Option<&RetentionBound> {
        let bounds: Option<Vec<&RetentionBound>> =
            self.cases.iter().map(|(_, found)| found.may_until.as_ref()).collect();
        // What must be kept longer may be.
        bounds?
            .into_iter()
            .chain(self.recorded())
            .max_by_key(|bound| bound.until)
    }
    fn ended(&self) -> Option<Micros> {
        self.cases.iter().filter_map(|(case, _)| case.ended).max()
    }
}

/// What decides in which order: whatever keeps the longest or cannot end by itself comes first.
const ORDER: [RetentionState; 6] = [
    RetentionState::Held,
    RetentionState::Running,
    RetentionState::NoEnd,
    RetentionState::Minimum,
    RetentionState::Margin,
    RetentionState::Over,
];

/// What follows for a person from all their cases and from what else waits. The key is the person's, so one case that must
/// be kept keeps all of them.
fn judged(
    packs: &PackSet,
    (cases, recordings): (Vec<KeptCase>, Vec<KeptRecording>),
    waits: Option<RetentionState>,
    now: Micros,
) -> Option<Kept> {
    let mut recordings = recording::judged_all(packs, recordings, &cases, (None, now));
    recordings.retain(|one| one.found.state == RetentionState::Minimum);
    let person = cases.first()?.person;
    let held = cases.iter().any(|case| case.held);
    let asked = |case: KeptCase| {
        let found = retention(packs, &facts(&case, held, now));
        (case, found)
    };
    let cases: Vec<(KeptCase, Retention)> = cases.into_iter().map(asked).collect();
    // With the person's key their recordings would go.
    let kept_by_them = |state: RetentionState| state == RetentionState::Minimum && !recordings.is_empty();
    let is = |state: &&RetentionState| cases.iter().any(|(_, found)| found.state == **state) || kept_by_them(**state);
    let state = match ORDER.iter().find(is)? {
        RetentionState::Over => waits.unwrap_or(RetentionState::Over),
        other => *other,
    };
    Some(Kept {
        person,
        cases,
        recordings,
        state,
    })
}

fn facts(case: &KeptCase, held: bool, now: Micros) -> RetentionFacts {
    let zone = day::zone(&case.zone);
    let local = |at: Micros| day::local(at, &zone);
    let today = local(now);
    let ended = case.ended.map(local);
    // That a case ended is part of its record, and the last of what was done about it.
    let last = case.last.map_or(today, local);
    let (country, region) = case.place.clone();
    RetentionFacts {
        subject: Subject {
            status: case.status,
            flags: Flag::of_mask(case.flags).into_iter().collect(),
            party: PersonRole::Debtor,
            portfolio_kind: case.portfolio_kind.clone(),
            days_past_due: case.days_past_due,
            amount_stale: false,
            available: Vec::new(),
            bans: Vec::new(),
        },
        country,
        region,
        of: RetentionOf::ContactRecord,
        made: last,
        last_activity: last,
        ended,
        settled: ended.filter(|_| case.status == CaseStatus::Settled),
        held,
        today,
    }
}

/// A day as an ISO date; nothing where no end can be seen.
fn until(bound: Option<&RetentionBound>) -> Option<String> {
    let seen = bound.filter(|bound| bound.until < Date::MAX);
    seen.map(|bound| bound.until.to_string())
}

fn item(kept: &Kept, numbers: &HashMap<CaseId, String>) -> RetentionItem {
    let rule = |bound: Option<&RetentionBound>| bound.map(|bound| bound.rule.to_string());
    let overruled = kept.cases.iter().find_map(|(_, found)| found.overruled.as_ref());
    let of_case = |(case, found): &(KeptCase, Retention)| RetentionCase {
        case: case.case.0,
        alias: case.alias.0,
        case_no: numbers.get(&case.case).cloned(),
        status: case.status.code().to_owned(),
        state: found.state.code().to_owned(),
        ended: case.ended.map(|at| day::local(at, &day::zone(&case.zone)).to_string()),
    };
    RetentionItem {
        person: kept.person.0,
        alias: kept.cases.first().map_or(Uuid::nil(), |(case, _)| case.person_alias.0),
        state: kept.state.code().to_owned(),
        keep_until: until(kept.keep()),
        keep_rule: rule(kept.keep()),
        may_until: until(kept.may()),
        may_rule: rule(kept.may()),
        overruled: overruled.map(ToString::to_string),
        cases: kept.cases.iter().map(of_case).collect(),
    }
}

/// Which persons are asked for, and in which order.
struct Wanted {
    state: Option<RetentionState>,
    by: Option<Date>,
    by_end: bool,
}

impl Wanted {
    fn of(query: &RetentionQuery) -> Result<Self, AppError> {
        let state = query.state.as_deref().map(str::parse).transpose();
        let by_end = match query.sort.as_deref() {
            None | Some("goes") => false,
            Some("ended") => true,
            Some(_) => {
                let detail = "`sort` is `goes` or `ended`.";
                return Err(AppError::at(ProblemCode::BadRequest, "sort", detail));
            }
        };
        Ok(Self {
            state: state.map_err(crate::case::bad_code("state"))?,
            by: query.by.as_deref().map(|text| day::parse("by", text)).transpose()?,
            by_end,
        })
    }

    fn is(&self, kept: &Kept) -> bool {
        let state = match self.state {
            None => kept.state != RetentionState::Running,
            Some(state) => kept.state == state,
        };
        state && self.by.is_none_or(|by| kept.may().is_some_and(|may| may.until <= by))
    }

    fn sort(&self, found: &mut [Kept]) {
        if self.by_end {
            found.sort_by_key(|kept| (std::cmp::Reverse(kept.ended()), kept.person));
        } else {
            found.sort_by_key(|kept| (kept.may().map_or(Date::MAX, |may| may.until), kept.person));
        }
    }
}

impl App {
    /// What goes and what is kept, and why: persons with a case that ended, in the caller's scope. Erases nothing.
    pub async fn list_retention(&self, actor: &Actor, query: &RetentionQuery) -> Result<Page<RetentionItem>, AppError> {
        policy::check(actor, Action::SeeRetention)?;
        let wanted = Wanted::of(query)?;
        let skip: usize = match query.cursor.as_deref() {
            None => 0,
            Some(text) => text.parse().map_err(|_| crate::case::bad_cursor())?,
        };
        let limit = query.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX) as usize;
        let scope = policy::scope(actor);
        let mut found = self.kept(actor.tenant, self.now()).await?;
        found.retain(|kept| wanted.is(kept) && kept.cases.iter().any(|(case, _)| in_scope(case, &scope)));
        wanted.sort(&mut found);
        let next = (found.len() > skip.saturating_add(limit)).then(|| (skip + limit).to_string());
        let page: Vec<Kept> = found.into_iter().skip(skip).take(limit).collect();
        let numbers = self.numbers_of(actor, &page).await?;
        let items = page.iter().map(|kept| item(kept, &numbers)).collect();
        Ok(Page { items, next })
    }

    /// The lender's numbers of cases on a page, for those who may see cases; one entry says that they were read.
    async fn numbers_of(&self, actor: &Actor, page: &[Kept]) -> Result<HashMap<CaseId, String>, AppError> {
        if !policy::may(actor.role, Action::SeeCases) || page.is_empty() {
            return Ok(HashMap::new());
        }
        let cases = page.iter().flat_map(|kept| &kept.cases);
        let ids: Vec<Uuid> = cases.map(|(case, _)| case.case.0).collect();
        let mut views = self.store().case_get_many(actor.tenant, &ids).await?;
        let scope = policy::scope(actor);
        views.retain(|view| crate::case::in_scope(view, &scope));
        let known = self.know(actor, views, Purpose::Case, None).await?;
        Ok(known.iter().map(|one| (one.view.case.id, one.case_no())).collect())
    }

    /// Every person with a case that ended, with what keeps them, in the order of their ids.
    async fn kept(&self, tenant: doorstep_domain::id::TenantId, now: Micros) -> Result<Vec<Kept>, AppError> {
        let persons = self.store().retention_persons(tenant).await?;
        let ids: Vec<Uuid> = persons.iter().map(|person| person.0).collect();
        let waits = self.store().retention_waits(tenant, &ids, now).await?;
        let waits: HashMap<PersonId, RetentionState> = waits.into_iter().collect();
        let mut cases: BTreeMap<PersonId, Vec<KeptCase>> = BTreeMap::new();
        for case in self.store().retention_cases(tenant, &ids, now).await? {
            cases.entry(case.person).or_default().push(case);
        }
        let mut recordings: HashMap<PersonId, Vec<KeptRecording>> = HashMap::new();
        for one in self.store().retention_recordings(tenant, &ids).await? {
            recordings.entry(one.person).or_default().push(one);
        }
        let judged = cases.into_iter().filter_map(|(person, cases)| {
            let recordings = recordings.remove(&person).unwrap_or_default();
            judged(self.packs(), (cases, recordings), waits.get(&person).copied(), now)
        });
        Ok(judged.collect())
    }
}

fn in_scope(case: &KeptCase, scope: &doorstep_store::case::CaseScope) -> bool {
    scope.agency.is_none_or(|id| case.agency == Some(id)) && scope.team.is_none_or(|id| case.team == id)
}
