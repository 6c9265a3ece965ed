//! What other packs would change for the caller's cases. Nothing is kept; that the cases were read for it is an entry, and each
//! person sees it.

use std::collections::BTreeSet;

use doorstep_domain::measure::Micros;
use doorstep_domain::org::SEARCH_SCOPE_MAX;
use doorstep_rules::{Attempt, Notice, Outcome, PackSet, evaluate, parse_pack};
use doorstep_store::grant::Purpose;
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::rules::{CaseChange, ComparePacks, OutcomeItem, PackComparison};

use crate::actor::Actor;
use crate::case::{moment, no_moment};
use crate::error::AppError;
use crate::facts::{Crewed, Known};
use crate::planning::SERVICE;
use crate::policy::{self, Action};
use crate::{App, day};

impl App {
    /// Asks the packs in force and those that are sent about every case of the caller.
    pub async fn compare_packs(&self, actor: &Actor, request: &ComparePacks) -> Result<PackComparison, AppError> {
        policy::check(actor, Action::Plan)?;
        let new = self.packs_with(request)?;
        let views = self.store().case_scope(actor.tenant, &policy::scope(actor)).await?;
        if views.len() > SEARCH_SCOPE_MAX {
            let detail = format!(
                "There are {} cases in your scope; at most {SEARCH_SCOPE_MAX} are compared. Compare on examples instead.",
                views.len()
            );
            return Err(AppError::at(ProblemCode::BadRequest, "packs", detail));
        }
        let mut known = self.know(actor, views, Purpose::Planning, None).await?;
        // Of whoever was erased nothing is known that rules could judge.
        known.retain(|one| one.fields.is_some());
        let now = self.now();
        let mut changed = Vec::new();
        for one in &known {
            changed.extend(self.change(one, &new, (request.at.as_deref(), now))?);
        }
        Ok(PackComparison {
            cases: known.len() as u64,
            changed,
            old_digest: self.packs().digest().to_string(),
            new_digest: new.digest().to_string(),
        })
    }

    /// The packs as they would be: those that are sent in the place of those of their names.
    fn packs_with(&self, request: &ComparePacks) -> Result<PackSet, AppError> {
        let refused =
            |error: doorstep_rules::PackError| AppError::at(ProblemCode::BadRequest, "packs", error.to_string());
        let sent: Vec<(&str, &str)> = request
            .packs
            .iter()
            .map(|one| (one.name.as_str(), one.text.as_str()))
            .collect();
        let mut named = BTreeSet::new();
        for (name, text) in &sent {
            named.insert(parse_pack(name, text).map_err(refused)?.id);
        }
        let kept = self.packs().further().iter();
        let kept = kept
            .filter(|one| !named.contains(one.id()))
            .map(|one| (one.id(), one.text.as_str()));
        PackSet::without(&named, &kept.chain(sent.iter().copied()).collect::<Vec<_>>()).map_err(refused)
    }

    /// `None` where the verdict stays as it is.
    fn change(
        &self,
        known: &Known,
        new: &PackSet,
        (at, now): (Option<&str>, Micros),
    ) -> Result<Option<CaseChange>, AppError> {
        let zone = day::zone(&known.view.address.zone);
        let start = match at {
            Some(text) => moment(text, &zone).ok_or_else(no_moment)?,
            None => now,
        };
        let end = start.checked_add(SERVICE).ok_or_else(no_moment)?;
        let mut facts = known.facts(Attempt::visit(start, end), Crewed::Open, now);
        // A plan announces its visits: what else the packs change would be hidden behind a notice that nobody sent yet.
        facts.notices.push(Notice {
            handed_over_at: Micros::ZERO,
        });
        let of = |packs: &PackSet| Outcome::of(&evaluate(packs, &facts));
        let (old, new) = (of(self.packs()), of(new));
        Ok((old != new).then(|| CaseChange {
            case: known.view.case.id.0,
            case_no: known.case_no(),
            old: item(&old),
            new: item(&new),
        }))
    }
}

fn item(outcome: &Outcome) -> OutcomeItem {
    let rules = outcome.rules.iter();
    OutcomeItem {
        effect: outcome.effect.code().to_owned(),
        rules: rules
            .map(|(rule, effect)| (rule.to_string(), effect.code().to_owned()))
            .collect(),
        required: outcome.required.iter().map(|one| one.code().to_owned()).collect(),
        forbidden: outcome.forbidden.iter().map(|one| one.code().to_owned()).collect(),
        min_staff: outcome.min_staff,
    }
}
