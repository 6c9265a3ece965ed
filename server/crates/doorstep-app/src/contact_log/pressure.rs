//! The pressure meter of a case's person: gathers what the count needs from contacts and visits of all their cases.

use doorstep_domain::case::Flag;
use doorstep_domain::contact::MatterOutcome;
use doorstep_domain::measure::Micros;
use doorstep_rules::{PastContact, Refusal, pressure};
use doorstep_store::visit::Visit;
use doorstep_wire::contact::PressureItem;
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::facts::Known;

/// What was refused at a visit. A wish for contact to stop holds as long as the flag that it put on the case.
fn refusal_of(visit: &Visit, has_ceased: bool) -> Option<Refusal> {
    let at = visit.started_at.unwrap_or(visit.planned_start);
    match visit.matter? {
        MatterOutcome::CeaseContact if has_ceased => Some(Refusal::lasting(at)),
        MatterOutcome::CeaseContact | MatterOutcome::Refused => Some(Refusal::once(at)),
        _ => None,
    }
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
        let has_ceased = (case.flags | known.of_person) & Flag::CeaseContact.bit() != 0;
        let refusals: Vec<Refusal> = visits
            .iter()
            .filter_map(|visit| refusal_of(visit, has_ceased))
            .collect();
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
