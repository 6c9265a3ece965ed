//! Agencies: who visits for the creditor. An agency is sent to a door only while it is on the white list for the portfolio,
//! within its contract, and evaluated in time; a rule says so, here is what it goes by.

use std::collections::HashMap;

use doorstep_domain::agency::{EVALUATED_BEFORE_END, EvaluationResult};
use doorstep_domain::credential::WARNED_DAYS;
use doorstep_domain::id::{AgencyId, EventId, PersonId, PortfolioId, TeamId, TenantId};
use doorstep_domain::read::FieldClass;
use doorstep_rules::{AgencyFacts, Kind};
use doorstep_store::agency::{Evaluation, Listing};
use doorstep_store::entry::{Entries, Entry, EntryKind, ServerEntry};
use doorstep_store::grant::Purpose;
use doorstep_store::org::{Agency, Team};
use doorstep_wire::Page;
use doorstep_wire::agency::{
    AddAgency, AgencyItem, EvaluateAgency, EvaluationItem, ListAgency, ListingItem, PutOnList,
};
use doorstep_wire::problem::ProblemCode;
use uuid::Uuid;

use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::{App, day, note};

/// Longest name of an agency, in characters.
const NAME_MAX: usize = 80;
/// For how many days an evaluation is enough where no pack in use says it: a year.
const EVALUATED_DAYS: u32 = 365;

/// The white list and the evaluations of a tenant's agencies.
#[derive(Debug, Default)]
pub(crate) struct WhiteList {
    listings: Vec<Listing>,
    evaluations: Vec<Evaluation>,
}

impl WhiteList {
    pub(crate) fn standing(&self, agency: AgencyId) -> impl Iterator<Item = &Listing> {
        let stands = move |one: &&Listing| one.agency == agency && one.ended.is_none();
        self.listings.iter().filter(stands)
    }

    /// Whether an agency is on the list at all: cases are given to no other.
    pub(crate) fn lists(&self, agency: AgencyId) -> bool {
        self.standing(agency).next().is_some()
    }

    /// The day of the last evaluation that let it go on; before the first one, the day on which it was listed.
    fn evaluated_on(&self, agency: AgencyId) -> Option<i64> {
        let passed = |one: &&Evaluation| one.agency == agency && one.result != EvaluationResult::Fail;
        let last = self.evaluations.iter().filter(passed).map(|one| one.day).max();
        // One that never was has no day to count from; only the first year of all counts from the listing.
        let first = self
            .listings
            .iter()
            .filter(|one| one.agency == agency)
            .map(|one| one.from)
            .min();
        last.or(first.flatten())
    }

    /// What the rules go by where the agency has a case of a portfolio.
    pub(crate) fn facts(&self, agency: AgencyId, portfolio: PortfolioId) -> AgencyFacts {
        let for_it = |one: &&Listing| one.portfolio.is_none_or(|of| of == portfolio);
        let listings: Vec<&Listing> = self.standing(agency).filter(for_it).collect();
        let untils: Option<Vec<i64>> = listings.iter().map(|one| one.until).collect();
        AgencyFacts {
            listed: !listings.is_empty(),
            evaluated_on: self.evaluated_on(agency).map(day::of_number),
            contract_until: untils.and_then(|untils| untils.into_iter().max()).map(day::of_number),
        }
    }
}

fn wrong(field: &'static str, detail: &str) -> AppError {
    AppError::at(ProblemCode::BadRequest, field, detail)
}

impl App {
    /// The white list and the evaluations of a tenant's agencies.
    pub(crate) async fn white_list(&self, tenant: TenantId) -> Result<WhiteList, AppError> {
        Ok(WhiteList {
            listings: self.store().listing_list(tenant).await?,
            evaluations: self.store().evaluation_list(tenant).await?,
        })
    }

    pub(crate) fn today_number(&self) -> i64 {
        day::number(day::local(self.now(), &jiff::tz::TimeZone::UTC))
    }

    /// Adds an agency with a team of its own. It is on the white list, for every portfolio, until it is taken off.
    pub async fn add_agency(&self, actor: &Actor, request: &AddAgency) -> Result<AgencyItem, AppError> {
        policy::check(actor, Action::ManageOrg)?;
        let name = request.name.trim();
        if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
            let detail = format!("A name of 1 to {NAME_MAX} characters.");
            return Err(AppError::at(ProblemCode::BadRequest, "name", detail));
        }
        let teams = self.store().team_list(actor.tenant).await?;
        let agencies = self.store().agency_list(actor.tenant).await?;
        if teams.iter().any(|team| team.name == name) || agencies.iter().any(|agency| agency.name == name) {
            return Err(wrong("name", "A team or agency has that name. Choose another."));
        }
        let now = self.now();
        let agency = Agency {
            id: AgencyId(doorstep_store::fresh_id(now)),
            name: name.to_owned(),
        };
        let team = Team {
            id: TeamId(doorstep_store::fresh_id(now)),
            agency: Some(agency.id),
            name: name.to_owned(),
        };
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.agency_insert(&agency).await?;
        tx.team_insert(&team).await?;
        let listing = self.listing(actor, agency.id, (None, None));
        tx.listing_insert(&listing).await?;
        let entry = ServerEntry::new(EntryKind::OrgChanged, actor.by()).with("agency", agency.id.to_string());
        tx.commit(Entries::one(entry.with("listed", 1))).await?;
        self.agency_item(actor, agency.id).await
    }

    fn listing(
        &self,
        actor: &Actor,
        agency: AgencyId,
        (portfolio, until): (Option<PortfolioId>, Option<i64>),
    ) -> Listing {
        Listing {
            id: doorstep_store::fresh_id(self.now()),
            agency,
            portfolio,
            from: Some(self.today_number()),
            until,
            by: Some(actor.staff),
            at: self.now(),
            ended: None,
        }
    }

    async fn agency_item(&self, actor: &Actor, id: AgencyId) -> Result<AgencyItem, AppError> {
        let mut items = self.list_agencies(actor).await?.items.into_iter();
        let found = items.find(|item| item.id == id.0);
        found.ok_or(AppError::not_found("agency"))
    }

    /// For how many days an evaluation is enough: the shortest of the rules in use.
    fn evaluated_days(&self) -> i64 {
        let days = |kind: &Kind| match kind {
            Kind::Agency { evaluated_days_max } => Some(*evaluated_days_max),
            _ => None,
        };
        let rules = self.packs().packs().flat_map(|pack| &pack.rules);
        let shortest = rules.filter_map(|rule| days(&rule.kind)).min();
        i64::from(shortest.unwrap_or(EVALUATED_DAYS))
    }

    /// All agencies; an agency's own staff see only theirs.
    pub async fn list_agencies(&self, actor: &Actor) -> Result<Page<AgencyItem>, AppError> {
        policy::check(actor, Action::SeeStaff)?;
        let teams = self.store().team_list(actor.tenant).await?;
        let white = self.white_list(actor.tenant).await?;
        let portfolios = self.store().portfolio_list(actor.tenant).await?.into_iter();
        let portfolios: HashMap<PortfolioId, String> = portfolios.map(|one| (one.id, one.name)).collect();
        let logins = self.staff_numbers(actor).await?;
        let listing = |one: &Listing| ListingItem {
            id: one.id,
            portfolio: one.portfolio.and_then(|id| portfolios.get(&id).cloned()),
            from: one.from.map(day::text),
            until: one.until.map(day::text),
            by: one.by.and_then(|by| logins.of(by)),
        };
        let (today, days) = (self.today_number(), self.evaluated_days());
        let mut items = Vec::new();
        for agency in self.store().agency_list(actor.tenant).await? {
            if actor.agency.is_some_and(|own| own != agency.id) {
                continue;
            }
            let due = white.evaluated_on(agency.id).map(|on| on + days);
            let ends = white.standing(agency.id).filter_map(|one| one.until).min();
            items.push(AgencyItem {
                team: teams
                    .iter()
                    .find(|team| team.agency == Some(agency.id))
                    .map(|team| team.id.0),
                id: agency.id.0,
                name: agency.name,
                listed: white.lists(agency.id),
                listings: white.standing(agency.id).map(listing).collect(),
                evaluation_due: due.map(day::text),
                is_due_soon: due.is_none_or(|due| due - today <= WARNED_DAYS)
                    || ends.is_some_and(|ends| ends - today <= WARNED_DAYS),
            });
        }
        Ok(Page { items, next: None })
    }

    pub(crate) async fn agency_known(&self, actor: &Actor, id: Uuid) -> Result<AgencyId, AppError> {
        let known = self.store().agency_list(actor.tenant).await?;
        let found = known.iter().find(|agency| agency.id.0 == id);
        found.map(|agency| agency.id).ok_or(AppError::not_found("agency"))
    }

    /// Puts an agency on the white list for every portfolio, or takes it off for all.
    pub async fn list_agency(&self, actor: &Actor, id: Uuid, request: &ListAgency) -> Result<(), AppError> {
        policy::check(actor, Action::ManageOrg)?;
        let agency = self.agency_known(actor, id).await?;
        if request.listed {
            let everywhere = PutOnList::default();
            return self.put_on_list(actor, id, &everywhere).await.map(drop);
        }
        let white = self.white_list(actor.tenant).await?;
        let mut tx = self.store().write(actor.tenant, self.now()).await?;
        for one in white.standing(agency) {
            tx.listing_end(one, actor.staff).await?;
        }
        tx.commit(Entries::one(listed_entry(actor, agency, false))).await?;
        self.wake_devices();
        Ok(())
    }

    /// Puts an agency on the white list for one portfolio or for all, in place of what stood of the same. One whose contract
    /// ends or ended is listed anew only after an evaluation within the 90 days before.
    pub async fn put_on_list(&self, actor: &Actor, id: Uuid, request: &PutOnList) -> Result<AgencyItem, AppError> {
        policy::check(actor, Action::ManageOrg)?;
        let agency = self.agency_known(actor, id).await?;
        let portfolio = request.portfolio.map(PortfolioId);
        let known = self.store().portfolio_list(actor.tenant).await?;
        if portfolio.is_some_and(|asked| known.iter().all(|one| one.id != asked)) {
            return Err(AppError::not_found("portfolio"));
        }
        let today = self.today_number();
        let until = request
            .until
            .as_ref()
            .map(|text| day::parse("until", text))
            .transpose()?;
        let until = until.map(day::number);
        if until.is_some_and(|until| until < today) {
            return Err(wrong("until", "The contract would be over. Name a day from today on."));
        }
        let white = self.white_list(actor.tenant).await?;
        let replaced: Vec<&Listing> = white
            .standing(agency)
            .filter(|one| one.portfolio == portfolio)
            .collect();
        let is_renewed = replaced.iter().any(|one| one.until.is_some());
        let passed = |one: &&Evaluation| one.agency == agency && one.result != EvaluationResult::Fail;
        let last = white.evaluations.iter().filter(passed).map(|one| one.day).max();
        if is_renewed && last.is_none_or(|last| last < today - EVALUATED_BEFORE_END) {
            let detail = "Before a contract is renewed the agency is evaluated, within the 90 days before. Evaluate it first: \
                          `doorstep agency evaluate`.";
            return Err(AppError::refuse(ProblemCode::NotAllowed, detail));
        }
        let mut tx = self.store().write(actor.tenant, self.now()).await?;
        for one in replaced {
            tx.listing_end(one, actor.staff).await?;
        }
        tx.listing_insert(&self.listing(actor, agency, (portfolio, until)))
            .await?;
        tx.commit(Entries::one(listed_entry(actor, agency, true))).await?;
        self.wake_devices();
        self.agency_item(actor, agency).await
    }

    /// Notes an evaluation of an agency. One that failed leaves the white list with it.
    pub async fn evaluate_agency(
        &self,
        actor: &Actor,
        id: Uuid,
        request: &EvaluateAgency,
    ) -> Result<AgencyItem, AppError> {
        policy::check(actor, Action::ManageOrg)?;
        let agency = self.agency_known(actor, id).await?;
        let result: EvaluationResult = request
            .result
            .parse()
            .map_err(|error: doorstep_domain::code::UnknownCode| wrong("result", &error.to_string()))?;
        let words = note::checked("words", &request.words)?;
        let today = self.today_number();
        let on = request.day.as_ref().map(|text| day::parse("day", text)).transpose()?;
        let on = on.map_or(today, day::number);
        if on > today {
            return Err(wrong("day", "Note it when it was made: the day lies ahead."));
        }
        let now = self.now();
        let id = doorstep_store::fresh_id(now);
        let keys = self.store().sealing_keys(actor.tenant, &[actor.staff.0]).await?;
        let one = Evaluation {
            id,
            agency,
            day: on,
            result,
            by: actor.staff,
            at: now,
            sealed: keys.get(actor.staff.0)?.seal(id, words.as_bytes()).0,
        };
        let white = self.white_list(actor.tenant).await?;
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.evaluation_insert(&one).await?;
        let entry = ServerEntry::new(EntryKind::AgencyEvaluated, actor.by()).with("agency", agency.to_string());
        let mut entries: Vec<Entry> = vec![entry.with("day", day::text(on)).reason(result.code()).into()];
        if result == EvaluationResult::Fail {
            for one in white.standing(agency) {
                tx.listing_end(one, actor.staff).await?;
            }
            entries.push(listed_entry(actor, agency, false).into());
        }
        let entries = Entries::of(entries).ok_or(AppError::Fault("an evaluation has an entry"))?;
        tx.commit(entries).await?;
        self.wake_devices();
        self.agency_item(actor, agency).await
    }

    /// The evaluations of an agency with what was written about it, oldest first. For the creditor; an entry in the access log.
    pub async fn list_evaluations(&self, actor: &Actor, id: Uuid) -> Result<Page<EvaluationItem>, AppError> {
        policy::check(actor, Action::ManageOrg)?;
        let agency = self.agency_known(actor, id).await?;
        let mut list = self.store().evaluation_list(actor.tenant).await?;
        list.retain(|one| one.agency == agency);
        let writers: Vec<Uuid> = list.iter().map(|one| one.by.0).collect();
        let writers = self.store().staff_get_many(actor.tenant, &writers).await?;
        let persons = writers.iter().map(|one| (PersonId(one.id.0), one.alias)).collect();
        let request = actor.reads(Purpose::Staff, &[FieldClass::Staff], persons);
        let grant = self.store().grant(actor.tenant, request, self.now()).await?;
        let logins = self.staff_numbers(actor).await?;
        let item = |one: &Evaluation| {
            let words = grant.open(PersonId(one.by.0), EventId(one.id), &one.sealed)?.payload;
            Ok(EvaluationItem {
                day: day::text(one.day),
                result: one.result.code().to_owned(),
                words: String::from_utf8(words).map_err(|_| AppError::Fault("sealed words are text"))?,
                by: logins.of(one.by),
                at: one.at.get(),
            })
        };
        let items: Result<_, AppError> = list.iter().map(item).collect();
        Ok(Page {
            items: items?,
            next: None,
        })
    }
}

pub(crate) fn listed_entry(actor: &Actor, agency: AgencyId, listed: bool) -> ServerEntry {
    let entry = ServerEntry::new(EntryKind::AgencyListed, actor.by()).with("agency", agency.to_string());
    entry.with("listed", i64::from(listed))
}
