//! What became of agreements: judged from payments and days, when payments land and when a day is over. What is judged again
//! with the same payments changes nothing.

use std::collections::HashMap;

use doorstep_domain::agreement::judge::{Due, Judged, Paid, Terms, judge};
use doorstep_domain::agreement::{AgreementEnd, AgreementKind, AgreementState};
use doorstep_domain::case::CaseStatus;
use doorstep_domain::id::{AgreementId, CaseId, TenantId};
use doorstep_domain::loan::PartOrder;
use doorstep_domain::measure::Minor;
use doorstep_domain::money::AmountParts;
use doorstep_store::WriteTx;
use doorstep_store::agreement::{Agreement, Ended, InstalmentRow};
use doorstep_store::case::CaseView;
use doorstep_store::entry::{By, Entries, Entry, EntryKind, ServerEntry};
use doorstep_strategy::Stages;
use doorstep_wire::daily::StepDone;
use uuid::Uuid;

use super::draft::{owed, sum};
use super::payments::{Payments, payments_of};
use super::{entry_of, make};
use crate::daily::Work;
use crate::error::AppError;
use crate::{App, restriction};

/// So many cases are judged in one transaction.
const SLICE: usize = 200;

/// Judges one agreement at the end of a day.
pub(super) fn judged(one: &Agreement, dues: &[InstalmentRow], paid: &[Paid], today: i64) -> Judged {
    let of: Vec<Due> = dues
        .iter()
        .filter(|due| due.agreement == one.id)
        .map(|due| Due {
            day: due.day,
            amount: due.amount,
        })
        .collect();
    let terms = Terms {
        from: one.made_day,
        dues: &of,
        grace_days: one.grace_days,
        missed_max: usize::try_from(one.missed_max).unwrap_or(0),
    };
    judge(&terms, paid, today)
}

impl App {
    /// Judges what is agreed in all cases as a day begins: days of grace may be over.
    pub(crate) async fn judge_agreements(&self, work: &Work) -> Result<StepDone, AppError> {
        let tenant = work.tenant;
        let cases = self.store().agreement_cases_open(tenant).await?;
        let mut changed = 0_i64;
        for slice in cases.chunks(SLICE) {
            let ids: Vec<Uuid> = slice.iter().map(|case| case.0).collect();
            let persons = self.store().case_get_many(tenant, &ids).await?;
            let mut persons: Vec<Uuid> = persons.iter().map(|view| view.case.person.0).collect();
            persons.sort_unstable();
            persons.dedup();
            let mut tx = self.store().write(tenant, self.now()).await?;
            tx.ahead_lock(&persons, &[]).await?;
            let entries = judge_cases(self, &mut tx, (tenant, &ids), (None, work.by)).await?;
            let is_judged =
                |entry: &&Entry| matches!(entry, Entry::Server(one) if one.kind == EntryKind::AgreementJudged);
            changed += entries.iter().filter(is_judged).count() as i64;
            if let Some(entries) = Entries::of(entries) {
                tx.commit(entries).await?;
            }
        }
        if changed > 0 {
            self.wake_devices();
        }
        Ok(StepDone::of("agreements", [("judged", changed)]))
    }
}

/// Judges what is agreed in some cases, whose persons are locked: at once when payments land, and when a day begins. Never for
/// a day before today, so that an old day judged again undoes nothing.
pub(crate) async fn judge_cases(
    app: &App,
    tx: &mut WriteTx,
    (tenant, cases): (TenantId, &[Uuid]),
    (day, by): (Option<i64>, By),
) -> Result<Vec<Entry>, AppError> {
    let agreements = tx.agreement_list(cases).await?;
    let mut of_case: HashMap<CaseId, Vec<Agreement>> = HashMap::new();
    for one in agreements.into_iter().filter(|one| one.state.is_judged()) {
        of_case.entry(one.case).or_default().push(one);
    }
    if of_case.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = of_case.values().flatten().map(|one| one.id.0).collect();
    let dues = tx.agreement_dues(&ids).await?;
    let with: Vec<Uuid> = of_case.keys().map(|case| case.0).collect();
    let payments = payments_of(tx, &with).await?;
    let strategies = app.strategies(tenant).await?;
    let mut views = tx.case_read(&with).await?;
    views.sort_by_key(|view| view.case.id);
    let mut entries = Vec::new();
    for view in views {
        let today = day.unwrap_or(i64::MIN).max(app.local_day(&view));
        let one = OfCase {
            app,
            view: &view,
            stages: strategies.of(view.case.portfolio).stages,
            order: strategies.of(view.case.portfolio).books.part_order(),
            dues: &dues,
            payments: &payments,
            today,
            by,
        };
        entries.extend(one.judge(tx, of_case.remove(&view.case.id).unwrap_or_default()).await?);
    }
    Ok(entries)
}

struct OfCase<'a> {
    app: &'a App,
    view: &'a CaseView,
    stages: Stages,
    /// In which order payments pay the parts.
    order: PartOrder,
    dues: &'a [InstalmentRow],
    payments: &'a Payments,
    today: i64,
    by: By,
}

impl OfCase<'_> {
    async fn judge(&self, tx: &mut WriteTx, agreements: Vec<Agreement>) -> Result<Vec<Entry>, AppError> {
        let stops = |one: &Agreement| one.state == AgreementState::Promised && one.kind.stops_visits();
        let was = agreements.iter().any(stops);
        let mut entries = Vec::new();
        let mut in_time: HashMap<AgreementId, Judged> = HashMap::new();
        let mut now_stops = false;
        let mut why = AgreementState::Kept;
        let (paid, rewards): (Vec<_>, Vec<_>) = agreements.into_iter().partition(|one| one.kind.is_paid());
        for mut one in paid {
            let judged = judged(&one, self.dues, &self.payments.of(&one), self.today);
            in_time.insert(one.id, judged);
            let stopped = stops(&one);
            if one.state != judged.state {
                entries.extend(self.moved(tx, &mut one, (judged.state, judged.day)).await?);
            }
            now_stops |= stops(&one);
            if stopped && !stops(&one) {
                why = one.state;
            }
        }
        for mut one in rewards.into_iter().filter(|one| one.kind == AgreementKind::Reward) {
            let plan = one.plan.and_then(|plan| in_time.get(&plan));
            if let Some(plan) = plan {
                entries.extend(self.reward(tx, &mut one, plan).await?);
            }
        }
        // Also of a case that is settled now: it opens again when the loan's next instalment comes near, and no plan stands then.
        let guarded = (was, now_stops);
        entries.extend(make::guard(self.app, tx, self.view, guarded, (why.code(), self.by)).await?);
        Ok(entries)
    }

    /// Writes that an agreement stands otherwise, and does what that starts.
    async fn moved(
        &self,
        tx: &mut WriteTx,
        one: &mut Agreement,
        (to, day): (AgreementState, i64),
    ) -> Result<Vec<Entry>, AppError> {
        let from = one.state;
        one.state = to;
        one.state_day = day;
        tx.agreement_move(one).await?;
        let entry = entry_of(EntryKind::AgreementJudged, self.by, (one, self.view));
        let entry = entry.with("from", from.code()).with("to", to.code()).with("day", day);
        let mut entries: Vec<Entry> = vec![entry.into()];
        if one.kind == AgreementKind::Settlement {
            entries.extend(self.settlement(tx, one, to == AgreementState::Kept).await?);
        }
        tx.case_touch(self.view.case.id).await?;
        Ok(entries)
    }

    /// A settlement that is paid gives up what is left, also what grew since, and settles the case. Where a payment goes back
    /// while its time runs, what was given up is owed again.
    async fn settlement(&self, tx: &mut WriteTx, one: &Agreement, kept: bool) -> Result<Vec<Entry>, AppError> {
        let waived = tx.waived_list(&[one.case.0]).await?;
        let given = sum(waived.iter().filter(|row| row.agreement == one.id));
        let mut entries = Vec::new();
        if !kept {
            if given.total() != Minor::ZERO {
                let back = AmountParts::of(given.numbers().map(|part| -part));
                entries.extend(
                    make::waive(
                        (self.app, self.stages),
                        tx,
                        (self.view, one),
                        (back, self.today),
                        self.by,
                    )
                    .await?,
                );
            }
            return Ok(entries);
        }
        if given.total() == Minor::ZERO && owed(self.view).total() > Minor::ZERO {
            let (paid, books) = (self.payments.standing(one), (self.app, self.stages));
            let how = (self.order, self.today, self.by);
            entries.extend(make::give_up_rest(books, tx, (self.view, one), &paid, how).await?);
        }
        if tx.case_settle(&self.view.case).await? {
            let entry = ServerEntry::new(EntryKind::CaseRestricted, self.by).about(self.view.person_alias);
            let entry = entry
                .with("case", self.view.case.alias.to_string())
                .with("agreement", one.id.to_string());
            entries.push(entry.reason(CaseStatus::Settled.code()).into());
            entries.extend(restriction::withdraw(self.app, tx, self.view, self.by).await?.entries);
        }
        Ok(entries)
    }

    /// A reward is given once so many instalments were paid in time, and is over when the plan is broken before.
    async fn reward(&self, tx: &mut WriteTx, one: &mut Agreement, plan: &Judged) -> Result<Vec<Entry>, AppError> {
        let after = usize::try_from(one.after.unwrap_or(i64::MAX)).unwrap_or(usize::MAX);
        let dues = self.dues.iter().filter(|due| Some(due.agreement) == one.plan).count();
        // A plan of fewer instalments that was kept to its end has earned it as well.
        let earned = plan.in_time >= after.min(dues.max(1));
        let (from, waived) = (one.state, tx.waived_list(&[one.case.0]).await?);
        let given = sum(waived.iter().filter(|row| row.agreement == one.id));
        if earned && from == AgreementState::Promised {
            let off = within(one.off, owed(self.view));
            one.state = AgreementState::Kept;
            let mut entries = self.reward_moved(tx, one, from).await?;
            if off.total() > Minor::ZERO {
                entries.extend(
                    make::waive(
                        (self.app, self.stages),
                        tx,
                        (self.view, one),
                        (off, self.today),
                        self.by,
                    )
                    .await?,
                );
            }
            return Ok(entries);
        }
        let lost = matches!(plan.state, AgreementState::Broken | AgreementState::Partial);
        if !earned && given.total() == Minor::ZERO && lost && from == AgreementState::Promised {
            one.state = AgreementState::Ended;
            one.ended = Some(Ended {
                reason: AgreementEnd::Void,
                by: None,
                at: tx.now(),
            });
            return self.reward_moved(tx, one, from).await;
        }
        Ok(Vec::new())
    }

    async fn reward_moved(
        &self,
        tx: &mut WriteTx,
        one: &mut Agreement,
        from: AgreementState,
    ) -> Result<Vec<Entry>, AppError> {
        one.state_day = self.today;
        tx.agreement_move(one).await?;
        let entry = entry_of(EntryKind::AgreementJudged, self.by, (one, self.view));
        let entry = entry.with("from", from.code()).with("to", one.state.code());
        Ok(vec![entry.with("day", self.today).into()])
    }
}

/// Part by part the smaller one.
fn within(one: AmountParts, of: AmountParts) -> AmountParts {
    let (one, of) = (one.numbers(), of.numbers());
    AmountParts::of([0, 1, 2, 3].map(|part| one[part].min(of[part]).max(0)))
}
