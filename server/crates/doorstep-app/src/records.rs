//! Who may be sent to a door: what staff hold, and what the rules say of it. Nobody is sent whom a rule forbids at any of the
//! places that a team goes to; at a door only those are judged who are there.

use std::collections::HashMap;

use doorstep_domain::credential::{CredentialEnd, CredentialKind};
use doorstep_domain::id::{CrewId, PortfolioId, StaffId, TenantId};
use doorstep_domain::measure::Micros;
use doorstep_rules::{Attempt, Facts, Finding, Held, Member, PackSet, StaffFacts, fitness};
use doorstep_store::case::CaseView;
use doorstep_store::credential::Credential;
use doorstep_store::org::Portfolio;
use doorstep_store::staff::Staff;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::error::AppError;
use crate::facts::{Known, bare};
use crate::planning::SERVICE;
use crate::{App, day};

/// What is on record of some staff.
#[derive(Debug, Default)]
pub(crate) struct Records(HashMap<StaffId, Vec<Credential>>);

impl Records {
    pub(crate) fn of(list: Vec<Credential>) -> Self {
        let mut records = Self::default();
        for one in list {
            records.0.entry(one.staff).or_default().push(one);
        }
        records
    }

    /// What rules may hear of somebody: neither what a later one replaced nor what was noted by mistake.
    pub(crate) fn counting(&self, staff: StaffId) -> impl Iterator<Item = &Credential> {
        let counts = |one: &&Credential| one.ended.is_none_or(|end| end.why == CredentialEnd::Withdrawn);
        self.ever(staff).filter(counts)
    }

    /// All that ever stood on record of somebody.
    pub(crate) fn ever(&self, staff: StaffId) -> impl Iterator<Item = &Credential> {
        self.0.get(&staff).into_iter().flatten()
    }

    /// The last day of somebody's certificate; `None` where none is known, or it has no end.
    pub(crate) fn certificate_until(&self, staff: StaffId) -> Option<i64> {
        let certificates = self
            .counting(staff)
            .filter(|one| one.kind == CredentialKind::Certificate);
        let untils: Option<Vec<i64>> = certificates.map(last_of).collect();
        untils?.into_iter().max()
    }

    /// What the rules go by when these staff come to a case of a portfolio on a day.
    pub(crate) fn facts(&self, staff: &[&Staff], portfolio: PortfolioId, on: Date) -> StaffFacts {
        let count = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
        let certified = |one: &&&Staff| {
            let until = self.certificate_until(one.id);
            until.is_none_or(|until| until >= day::number(on))
        };
        StaffFacts {
            count: count(staff.len()),
            certified: count(staff.iter().filter(certified).count()),
            members: staff.iter().map(|one| self.member(one, portfolio)).collect(),
        }
    }

    fn member(&self, staff: &Staff, portfolio: PortfolioId) -> Member {
        let of_case = |one: &&Credential| one.portfolio.is_none_or(|of| of == portfolio);
        Member {
            staff: staff.login.clone(),
            held: self.counting(staff.id).filter(of_case).map(held).collect(),
        }
    }

    /// Why somebody is not sent on a day to places like these; empty where they may go.
    pub(crate) fn unfit(&self, packs: &PackSet, places: &[Place], staff: &Staff, on: Date) -> Vec<Finding> {
        let mut found: Vec<Finding> = Vec::new();
        for place in places {
            let mut facts = place.facts.clone();
            facts.staff = self.facts(&[staff], place.portfolio, on);
            let verdict = fitness(packs, &facts, on).findings.into_iter();
            for finding in verdict.filter(|one| one.effect.forbids()) {
                if found.iter().all(|known| known.sentence != finding.sentence) {
                    found.push(finding);
                }
            }
        }
        found
    }
}

/// The last day of one, as far as its own end says; what was taken away held until the day before.
pub(crate) fn last_of(one: &Credential) -> Option<i64> {
    let taken = one.ended.filter(|end| end.why == CredentialEnd::Withdrawn);
    let taken = taken.map(|end| day::number(day::local(end.at, &TimeZone::UTC)) - 1);
    match (one.until, taken) {
        (Some(until), Some(taken)) => Some(until.min(taken)),
        (until, taken) => until.or(taken),
    }
}

pub(crate) fn held(one: &Credential) -> Held {
    Held {
        kind: one.kind,
        issued: one.issued.map(day::of_number),
        until: last_of(one).map(day::of_number),
    }
}

/// A kind of place that a team goes to, as far as rules of credentials tell places apart.
pub(crate) struct Place {
    facts: Facts,
    portfolio: PortfolioId,
}

/// The kinds of place of some cases, each once.
pub(crate) fn places<'a>(cases: impl Iterator<Item = (&'a CaseView, &'a Portfolio)>, now: Micros) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for (view, portfolio) in cases {
        let is_known = |known: &Place| {
            let (address, is_due) = (&known.facts.address, known.facts.subject.days_past_due > 0);
            let here = (&view.address.country, &view.address.region);
            (&address.country, &address.region) == here
                && known.portfolio == portfolio.id
                && is_due == (view.case.days_past_due > 0)
        };
        if !places.iter().any(is_known) {
            let facts = bare(view, portfolio, (0, &[]), (Attempt::visit(now, now + SERVICE), now));
            let portfolio = portfolio.id;
            places.push(Place { facts, portfolio });
        }
    }
    places
}

/// The same of cases that are known whole.
pub(crate) fn places_of(known: &[Known], now: Micros) -> Vec<Place> {
    places(known.iter().map(|known| (&known.view, &known.portfolio)), now)
}

/// Some crews with what is on record of their members.
pub(crate) struct Crews {
    staff: HashMap<CrewId, Vec<Staff>>,
    records: Records,
}

impl Crews {
    /// Those of a crew who may go to a case on a day, and why others stay behind.
    pub(crate) fn sent(
        &self,
        packs: &PackSet,
        known: &Known,
        (crew, on): (CrewId, Date),
    ) -> (Vec<&Staff>, Vec<Finding>) {
        let places = places_of(std::slice::from_ref(known), Micros::ZERO);
        let (mut sent, mut behind) = (Vec::new(), Vec::new());
        let members = self.staff.get(&crew).into_iter().flatten();
        for one in members.filter(|one| one.active) {
            match self.records.unfit(packs, &places, one, on) {
                unfit if unfit.is_empty() => sent.push(one),
                unfit => behind.extend(unfit),
            }
        }
        (sent, behind)
    }

    /// What the rules go by when these come.
    pub(crate) fn facts(&self, staff: &[&Staff], known: &Known, on: Date) -> StaffFacts {
        self.records.facts(staff, known.portfolio.id, on)
    }
}

impl App {
    /// What is on record of some staff.
    pub(crate) async fn records(
        &self,
        tenant: TenantId,
        staff: impl Iterator<Item = StaffId>,
    ) -> Result<Records, AppError> {
        let ids: Vec<Uuid> = staff.map(|id| id.0).collect();
        Ok(Records::of(self.store().credential_list(tenant, &ids).await?))
    }

    /// Some crews with what is on record of their members.
    pub(crate) async fn crews(&self, tenant: TenantId, crews: impl Iterator<Item = CrewId>) -> Result<Crews, AppError> {
        let mut staff = HashMap::new();
        for crew in crews {
            staff.insert(crew, self.store().staff_of_crew(tenant, crew).await?);
        }
        let all = staff.values().flatten().map(|one: &Staff| one.id);
        let records = self.records(tenant, all).await?;
        Ok(Crews { staff, records })
    }
}
