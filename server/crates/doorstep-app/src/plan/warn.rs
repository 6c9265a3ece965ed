//! What a plan has to say of its crews: who stays behind on its days and why, and what of theirs ends soon.

use doorstep_domain::credential::{CredentialKind, WARNED_DAYS};
use doorstep_domain::id::StaffId;
use doorstep_domain::words::{Arg, ArgName, Lang, Sentence, SentenceKey};
use doorstep_store::case::CaseScope;
use doorstep_store::plan::PlanHead;
use doorstep_store::staff::Staff;

use crate::actor::Actor;
use crate::error::AppError;
use crate::records::places;
use crate::{App, day};

impl App {
    /// Sentences about the staff of a plan's team, as the record stands now; in the order of staff numbers.
    pub(super) async fn staff_warnings(
        &self,
        actor: &Actor,
        head: &PlanHead,
        lang: Lang,
    ) -> Result<Vec<String>, AppError> {
        let roster = self.store().roster_list(actor.tenant, head.team).await?;
        let rostered: Vec<StaffId> = roster.iter().map(|line| line.staff).collect();
        let mut staff = self.store().staff_list(actor.tenant).await?;
        staff.retain(|one| one.active && rostered.contains(&one.id));
        let scope = CaseScope {
            team: Some(head.team),
            agency: actor.agency,
            ..CaseScope::default()
        };
        let views = self.store().case_scope(actor.tenant, &scope).await?;
        let portfolios = self.store().portfolio_list(actor.tenant).await?;
        let of = |view| {
            let view: &doorstep_store::case::CaseView = view;
            portfolios.iter().find(|one| one.id == view.case.portfolio)
        };
        let cases = views.iter().filter_map(|view| Some((view, of(view)?)));
        let places = places(cases, self.now());
        let records = self.records(actor.tenant, rostered.into_iter()).await?;
        let last = head.first_day + head.days - 1;
        let mut said = Vec::new();
        let mut going: Vec<Staff> = Vec::new();
        for one in staff {
            let days = (head.first_day..=last).map(day::of_number);
            let unfit: Vec<_> = days
                .flat_map(|on| records.unfit(self.packs(), &places, &one, on))
                .collect();
            said.extend(unfit.iter().map(|finding| finding.sentence.render(lang)));
            if unfit.is_empty() {
                going.push(one);
            }
        }
        for item in self.ending(actor, &going, (day::of_number(last), WARNED_DAYS)).await? {
            let kind: CredentialKind = item.kind.parse().map_err(|_| AppError::Fault("kinds are ours"))?;
            let args = [
                (ArgName::Staff, Arg::Text(item.login)),
                (ArgName::Credential, Arg::Credential(kind)),
                (ArgName::Date, Arg::Text(item.until)),
            ];
            said.push(Sentence::new(SentenceKey::CredentialEnds, args).render(lang));
        }
        said.dedup();
        Ok(said)
    }
}
