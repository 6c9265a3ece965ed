//! The pressure meter of a case's person: gathers what the count needs from contacts and visits of all their cases.

use doorstep_domain::contact::MatterOutcome;
use doorstep_domain::measure::Micros;
use doorstep_domain::restriction::RestrictionKind;
use doorstep_rules::{PastContact, Refusal, pressure};
use doorstep_store::restriction::Restriction;
use doorstep_store::visit::Visit;
use doorstep_wire::contact::PressureItem;
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::facts::Known;

/// A visit at which the person refused.
fn refusal_at(visit: &Visit) -> Option<Refusal> {
    let at = visit.started_at.unwrap_or(visit.planned_start);
    (visit.matter? == MatterOutcome::Refused).then_some(Refusal::once(at))
}

/// A wish for contact to stop, until it is lifted.
fn refusal_by(restriction: &Restriction) -> Option<Refusal> {
    let lifted = restriction.lifted.as_ref().map(|lifted| lifted.at);
    (restriction.kind == RestrictionKind::CeaseContact).then_some(Refusal {
        at: restriction.starts,
        until: lifted.or(restriction.ends).unwrap_or(Micros::MAX),
    })
}

impl App {
    /// The meter of the person of a case.
    pub(crate) async fn pressure_on(
        &self,
        actor: &Actor,
        known: &Known,
        now: Micros,
    ) -> Result<PressureItem, AppError> {
        let case = &known.view.case;
        let store = self.store();
        let cases = store.case_of_persons(actor.tenant, &[case.person.0]).await?;
        let cases: Vec<Uuid> = cases.iter().map(|view| view.case.id.0).collect();
        let visits = store.visit_of_cases(actor.tenant, &cases).await?;
        let restrictions = store.restriction_list(actor.tenant, &[case.person.0]).await?;
        let mut refusals: Vec<Refusal> = visits.iter().filter_map(refusal_at).collect();
        refusals.extend(restrictions.iter().filter_map(refusal_by));
        let contacts: Vec<PastContact> = known.contacts.iter().map(|contact| known.past(contact)).collect();
        let zone = TimeZone::get(&known.view.address.zone).ok();
        let meter = pressure(&contacts, &refusals, zone.as_ref(), now);
        Ok(PressureItem {
            band: meter.band().code().to_owned(),
            week: meter.week,
            month: meter.month,
            evening_permille: meter.evening_permille(),
            ignored: meter.ignored,
        })
    }
}
