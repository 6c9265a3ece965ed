//! What the rules say of a visit of one case at some moment. It rests on what is known of the person, so it is read like the
//! case itself.

use doorstep_domain::measure::Micros;
use doorstep_domain::words::Lang;
use doorstep_rules::{Attempt, Notice, evaluate};
use doorstep_wire::case::{CaseVerdict, VerdictQuery};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::read::Opening;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::actor::Actor;
use crate::error::AppError;
use crate::facts::Crewed;
use crate::planning::SERVICE;
use crate::{App, day, say};

impl App {
    /// What the rules say of a visit at a moment, with the facts as they are known now.
    pub async fn case_verdict(
        &self,
        actor: &Actor,
        id: Uuid,
        query: &VerdictQuery,
        lang: Lang,
    ) -> Result<CaseVerdict, AppError> {
        let purpose = query.purpose.clone();
        let known = self.open_case(actor, id, &Opening { purpose }).await?;
        let now = self.now();
        let zone = &known.view.address.zone;
        let at = match &query.at {
            Some(text) => moment(text, &day::zone(zone)).ok_or_else(no_moment)?,
            None => now,
        };
        let until = at.checked_add(SERVICE).ok_or_else(no_moment)?;
        let mut facts = known.facts(Attempt::visit(at, until), Crewed::Open, now);
        // A visit that far ahead can still be announced: a notice that left now counts, as when a plan is made.
        facts.notices.push(Notice { handed_over_at: now });
        let verdict = evaluate(self.packs(), &facts);
        Ok(CaseVerdict {
            case: id,
            at: at.get(),
            until: until.get(),
            zone: zone.clone(),
            verdict: say::verdict(&verdict, lang),
        })
    }
}

/// An instant, or a local time in the zone; where the clocks are put forward the later reading.
pub(crate) fn moment(text: &str, zone: &TimeZone) -> Option<Micros> {
    let instant: Option<jiff::Timestamp> = text.parse().ok();
    let local = || {
        let local: DateTime = text.parse().ok()?;
        zone.to_ambiguous_timestamp(local).compatible().ok()
    };
    let instant = instant.or_else(local)?;
    Some(Micros(instant.as_microsecond()))
}

pub(crate) fn no_moment() -> AppError {
    AppError::at(
        ProblemCode::BadRequest,
        "at",
        "Write a local time at the address like 2026-11-24T19:30, or an instant like 2026-11-24T19:30Z.",
    )
}
