//! Visits that rested on what was withdrawn: whoever takes back what they agreed to is not visited on the strength of it.

use doorstep_domain::measure::Micros;
use doorstep_rules::{Attempt, Consent, Notice, PackSet, evaluate};
use doorstep_store::WriteTx;
use doorstep_store::case::CaseView;
use doorstep_store::entry::{By, Entry};
use doorstep_store::org::Portfolio;
use uuid::Uuid;

use crate::App;
use crate::called_off::CallOff;
use crate::error::AppError;
use crate::facts::bare;

/// Withdraws the visits ahead of a case that its consents allowed `before` and those that are left do not, with their
/// notices. What a visit lacks beside that, such as a notice, was no matter of the consent.
pub(crate) async fn withdraw_rested(
    app: &App,
    tx: &mut WriteTx,
    view: &CaseView,
    (before, by): (&[Consent], By),
) -> Result<Vec<Entry>, AppError> {
    let rows = tx.consent_list(&[view.case.person.0]).await?;
    let left = super::of_case(&rows, view);
    let portfolios = tx.portfolio_list().await?;
    let portfolio = portfolios.iter().find(|one| one.id == view.case.portfolio);
    let portfolio = portfolio.ok_or(AppError::Fault("every case has its portfolio"))?;
    let now = tx.now();
    let mut off = CallOff::new(by);
    let case: [Uuid; 1] = [view.case.id.0];
    for visit in tx.visit_planned_of(&case).await? {
        let attempt = Attempt::visit(visit.planned_start, visit.planned_end);
        let asked = |consents: &[Consent]| forbidding(app.packs(), (view, portfolio), consents, (attempt, now));
        let Some(rule) = asked(&left).filter(|_| visit.planned_end > now && asked(before).is_none()) else {
            continue;
        };
        off.visit(tx, (&visit, view.person_alias), &rule).await?;
    }
    off.done(tx).await
}

/// The rule that forbids a visit with these consents, of those that ask neither contacts nor notices.
fn forbidding(
    packs: &PackSet,
    (view, portfolio): (&CaseView, &Portfolio),
    consents: &[Consent],
    (attempt, now): (Attempt, Micros),
) -> Option<String> {
    let mut facts = bare(view, portfolio, (view.case.flags, &[]), (attempt, now));
    facts.consents = consents.to_vec();
    facts.notices.push(Notice {
        handed_over_at: Micros::ZERO,
    });
    let verdict = evaluate(packs, &facts);
    let mut forbids = verdict.findings.iter().filter(|finding| finding.effect.forbids());
    forbids.next().map(|finding| finding.rule.to_string())
}
