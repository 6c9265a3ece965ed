//! Drawing up terms: from what is asked, what is owed and the portfolio's strategy. Asks nothing else, so that nothing that is
//! known of the person can make them worse. `kinds` has what each kind asks.

mod kinds;

use doorstep_domain::agreement::afford::Weighed;
use doorstep_domain::agreement::schedule::{Every, Instalment, months_until};
use doorstep_domain::agreement::{AgreedBy, AgreementKind, AgreementState};
use doorstep_domain::id::{AgreementId, EventId, StaffId};
use doorstep_domain::measure::Minor;
use doorstep_domain::money::{AmountParts, Currency};
use doorstep_store::agreement::{Agreement, InstalmentRow, Waived};
use doorstep_store::case::CaseView;
use doorstep_strategy::{Limit, Reach, Scale, Strategy};
use doorstep_wire::agreement::{InstalmentItem, PartsItem, ProposeAgreement, ScheduleDetail};
use doorstep_wire::problem::ProblemCode;
use jiff::civil::Date;
use uuid::Uuid;

use super::means;
use crate::actor::Actor;
use crate::error::AppError;
use crate::restriction::code;
use crate::{App, day};

/// What is asked for, read.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) kind: AgreementKind,
    pub(super) agreed_by: AgreedBy,
    pub(super) currency: String,
    pub(super) amount: Option<i64>,
    pub(super) first: Option<Date>,
    pub(super) count: u16,
    pub(super) every: Every,
    pub(super) off: Option<AmountParts>,
    pub(super) after: Option<u16>,
}

/// What terms are drawn up on.
pub(super) struct Ground<'a> {
    pub(super) app: &'a App,
    pub(super) strategy: &'a Strategy,
    pub(super) view: &'a CaseView,
    pub(super) currency: Currency,
    pub(super) today: Date,
    /// The agreements of the case.
    pub(super) agreements: &'a [Agreement],
    /// What was given up in all.
    waived: AmountParts,
    /// What is owed now.
    pub(super) owed: AmountParts,
}

/// Terms that can be agreed to, as far as the debt and the strategy go.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) kind: AgreementKind,
    pub(super) currency: Currency,
    pub(super) dues: Vec<Instalment>,
    every: Option<Every>,
    pub(super) off: AmountParts,
    after: Option<u16>,
    plan: Option<AgreementId>,
}

/// Parts as the interface has them.
pub(super) const fn parts_item(parts: AmountParts) -> PartsItem {
    let [principal, interest, penalty, fees] = parts.numbers();
    PartsItem {
        principal,
        interest,
        penalty,
        fees,
    }
}

fn refused(code: ProblemCode, place: &str, detail: impl Into<String>) -> AppError {
    AppError::at(code, place, detail)
}

impl Said {
    pub(super) fn of(request: &ProposeAgreement) -> Result<Self, AppError> {
        let agreed_by = code("agreed_by", &request.agreed_by)?;
        if matches!(agreed_by, AgreedBy::Door | AgreedBy::Portfolio) {
            let detail =
                "Say how the office agreed it: phone, letter or office. What was agreed at a door comes by its device.";
            return Err(refused(ProblemCode::BadRequest, "agreed_by", detail));
        }
        let parts = |off: &PartsItem| AmountParts::of([off.principal, off.interest, off.penalty, off.fees]);
        let every = request.every.as_deref();
        Ok(Self {
            kind: code("kind", &request.kind)?,
            agreed_by,
            currency: request.currency.clone(),
            amount: request.amount,
            first: request
                .first
                .as_deref()
                .map(|text| day::parse("first", text))
                .transpose()?,
            count: request.count.unwrap_or(1),
            every: every.map_or(Ok(Every::Month), |text| code("every", text))?,
            off: request.off.as_ref().map(parts),
            after: request.after,
        })
    }
}

/// What is owed of a case by its book, in which what was paid and given up counts already.
pub(super) fn owed(view: &CaseView) -> AmountParts {
    let case = &view.case;
    case.parts
        .map_or_else(|| AmountParts::of_total(Minor(case.amount)), AmountParts::of)
}

/// Part by part.
pub(super) fn sum<'a>(waived: impl Iterator<Item = &'a Waived>) -> AmountParts {
    let add = |sum: AmountParts, one: &Waived| {
        let (left, right) = (sum.numbers(), one.parts.numbers());
        AmountParts::of([0, 1, 2, 3].map(|part| left[part].saturating_add(right[part])))
    };
    waived.fold(AmountParts::ZERO, add)
}

fn added(left: AmountParts, right: AmountParts) -> AmountParts {
    let (left, right) = (left.numbers(), right.numbers());
    AmountParts::of([0, 1, 2, 3].map(|part| left[part].saturating_add(right[part])))
}

impl<'a> Ground<'a> {
    pub(super) fn new(
        app: &'a App,
        strategy: &'a Strategy,
        view: &'a CaseView,
        (agreements, waived): (&'a [Agreement], &'a [Waived]),
    ) -> Result<Self, AppError> {
        if view.case.status.is_over() {
            let detail = "The case is over: it was settled, recalled or closed. Nothing is left to agree about.";
            return Err(AppError::refuse(ProblemCode::CaseOver, detail));
        }
        let currency = Currency::of(&view.case.currency).ok_or(AppError::Fault("a case has a known currency"))?;
        Ok(Self {
            app,
            strategy,
            view,
            currency,
            today: day::local(app.now(), &day::zone(&view.address.zone)),
            agreements,
            waived: sum(waived.iter()),
            owed: owed(view),
        })
    }

    /// What stands of what is paid by instalments.
    pub(super) fn standing(&self) -> impl Iterator<Item = &Agreement> {
        let stands = |one: &&Agreement| one.state == AgreementState::Promised && one.kind.is_paid();
        self.agreements.iter().filter(stands)
    }

    /// Whether nothing stands that another agreement of this kind would undo. A promise gives way to what is agreed after it.
    pub(super) fn free_for(&self, kind: AgreementKind, replace: bool) -> Result<(), AppError> {
        let in_the_way = self.standing().find(|one| one.kind.stops_visits());
        match in_the_way {
            Some(one) if kind.is_paid() && !replace => {
                let detail = format!(
                    "A {} stands in this case ({}). End it first, or let this one take its place (`--replace`).",
                    one.kind, one.id
                );
                Err(AppError::refuse(ProblemCode::AgreementStands, detail))
            }
            _ => Ok(()),
        }
    }

    /// Whether an agreement that waited for a second person can still take effect.
    pub(super) fn still_holds(&self, one: &Agreement, dues: &[InstalmentRow]) -> Result<(), AppError> {
        let today = day::number(self.today);
        if dues.first().is_some_and(|due| due.day < today) {
            let detail = "Its first day is over by now. Refuse it, and propose it again with a later day.";
            return Err(refused(ProblemCode::DayPast, "first", detail));
        }
        let principal: Minor = dues.iter().map(|due| due.amount - due.interest).sum();
        if principal > self.owed.total() || one.kind != AgreementKind::Settlement && !one.off.within(self.owed) {
            let detail = "Less is owed by now than it is about. Refuse it, and propose it again.";
            return Err(refused(ProblemCode::AboveOwed, "amount", detail));
        }
        Ok(())
    }

    /// Whether the caller may agree to it. Nobody who lives from visits gives up what is the creditor's alone.
    pub(super) fn reach(&self, actor: &Actor, draft: &Draft) -> Reach {
        let reach = self.reach_of(actor.role(), draft);
        match reach {
            Reach::Alone if actor.agency.is_some() && draft.kind.gives_up() => Reach::ByTwo(Limit::Kind),
            reach => reach,
        }
    }

    pub(super) fn reach_of(&self, role: doorstep_domain::staff::Role, draft: &Draft) -> Reach {
        // What other rewards and settlements will give up counts as well, so that nothing is given up twice; not what ends when
        // this takes its place.
        let ends = |one: &Agreement| {
            let with = |plan| self.standing().any(|before| Some(before.id) == plan);
            draft.kind.is_paid() && (one.kind.is_paid() || with(one.plan))
        };
        let ahead = self.agreements.iter().filter(|one| {
            one.state == AgreementState::Promised
                && matches!(one.kind, AgreementKind::Reward | AgreementKind::Settlement)
                && !ends(one)
        });
        let before = ahead.fold(self.waived, |sum, one| added(sum, one.off));
        let last = draft.dues.last().map_or(self.today, |due| due.day);
        let scale = Scale {
            currency: self.currency,
            amount: draft.amount(),
            months: months_until(self.today, last),
            given_up: added(before, draft.off),
            owed: added(self.owed, self.waived),
        };
        self.strategy.authority.reach(role, draft.kind, &scale)
    }

    fn is_working(&self, day: Date) -> bool {
        let address = &self.view.address;
        let place = (address.country.as_deref(), address.region.as_deref());
        self.app.packs().is_working(place, day) && !self.strategy.plans.is_holiday(day)
    }

    /// The total to be paid: what was asked, or all that is owed.
    fn total(&self, said: &Said) -> Result<Minor, AppError> {
        let owed = self.owed.total();
        let total = said.amount.map_or(owed, Minor);
        if total <= Minor::ZERO {
            let detail = "Give an amount above zero.";
            return Err(refused(ProblemCode::BadRequest, "amount", detail));
        }
        if total > owed {
            let detail = format!(
                "{} {} are owed, so no more can be agreed. Ask for that or less.",
                self.currency.plain(owed),
                self.currency.code()
            );
            return Err(refused(ProblemCode::AboveOwed, "amount", detail));
        }
        Ok(total)
    }

    fn first(&self, said: &Said) -> Result<Date, AppError> {
        let first = said
            .first
            .ok_or_else(|| refused(ProblemCode::BadRequest, "first", "Say the first day of paying."))?;
        if first < self.today {
            let detail = format!("{first} is over. Choose {} or a later day.", self.today);
            return Err(refused(ProblemCode::DayPast, "first", detail));
        }
        Ok(first)
    }
}

impl Draft {
    /// Draws terms up.
    pub(super) fn of(ground: &Ground<'_>, said: &Said) -> Result<Self, AppError> {
        if said.currency != ground.currency.code() {
            let detail = format!(
                "The case is in {}, and two currencies are never mixed. Agree in {0}.",
                ground.currency.code()
            );
            return Err(refused(ProblemCode::CurrencyMixed, "currency", detail));
        }
        let gives = matches!(said.kind, AgreementKind::Waiver | AgreementKind::Reward);
        if gives != said.off.is_some() {
            let detail = "A waiver and a reward say what is given up of which part (`off`); nothing else does.";
            return Err(refused(ProblemCode::BadRequest, "off", detail));
        }
        if gives && (said.amount.is_some() || said.first.is_some()) {
            let detail = "Nothing is paid by a waiver or a reward: leave `amount` and `first` out.";
            return Err(refused(ProblemCode::BadRequest, "amount", detail));
        }
        let empty = Self {
            kind: said.kind,
            currency: ground.currency,
            dues: Vec::new(),
            every: None,
            off: AmountParts::ZERO,
            after: None,
            plan: None,
        };
        match said.kind {
            AgreementKind::Promise => kinds::promise(ground, said, &empty),
            AgreementKind::Plan => kinds::plan(ground, said, &empty),
            AgreementKind::Settlement => kinds::settlement(ground, said, &empty),
            AgreementKind::Waiver => kinds::waiver(ground, said, &empty),
            AgreementKind::Reward => kinds::reward(ground, said, &empty),
        }
    }

    /// What is to be paid in all; what is given up where nothing is to be paid.
    pub(super) fn amount(&self) -> Minor {
        if self.kind.is_paid() {
            self.dues.iter().map(|due| due.amount).sum()
        } else {
            self.off.total()
        }
    }

    /// What a month of it comes to at most.
    pub(super) fn per_month(&self) -> Minor {
        let most = self.dues.iter().map(|due| due.amount).max().unwrap_or(Minor::ZERO);
        self.every.map_or(most, |every| every.per_month(most))
    }

    /// The agreement, standing as agreed.
    pub(super) fn agreement(&self, ground: &Ground<'_>, agreed_by: AgreedBy, staff: Option<StaffId>) -> Agreement {
        let (promises, plans) = (&ground.strategy.promises, &ground.strategy.plans);
        let (grace, missed) = match self.kind {
            AgreementKind::Promise => (promises.grace_days, 0),
            _ => (plans.grace_days, plans.missed_max),
        };
        let made = day::number(ground.today);
        let now = ground.app.now();
        Agreement {
            id: AgreementId(doorstep_store::fresh_id(now)),
            case: ground.view.case.id,
            person: ground.view.case.person,
            kind: self.kind,
            state: AgreementState::Promised,
            agreed_by,
            currency: self.currency.code().to_owned(),
            amount: self.amount(),
            made_day: made,
            last_day: self.dues.last().map_or(made, |due| day::number(due.day)),
            every: self.every,
            rate_ppm: i64::from(if self.kind == AgreementKind::Plan {
                plans.rate_ppm
            } else {
                0
            }),
            off: self.off,
            after: self.after.map(i64::from),
            plan: self.plan,
            grace_days: i64::from(grace),
            missed_max: i64::from(missed),
            staff,
            visit: None,
            event: None,
            // `make::seal_terms` names the record.
            terms: EventId(Uuid::nil()),
            approval: None,
            made_at: now,
            state_day: made,
            ended: None,
            version: 1,
        }
    }

    /// Its instalments as rows.
    pub(super) fn rows(&self, agreement: AgreementId) -> Vec<InstalmentRow> {
        let row = |due: &Instalment| InstalmentRow {
            agreement,
            number: i64::from(due.number),
            day: day::number(due.day),
            amount: due.amount,
            interest: due.interest,
        };
        self.dues.iter().map(row).collect()
    }

    pub(super) fn detail(&self, ground: &Ground<'_>, reach: Reach, weighed: Option<&Weighed>) -> ScheduleDetail {
        let (authority, limit) = match reach {
            Reach::Alone => ("alone", None),
            Reach::ByTwo(limit) => ("by-two", Some(limit)),
            Reach::Beyond(limit) => ("beyond", Some(limit)),
        };
        let due = |due: &Instalment| InstalmentItem {
            number: i64::from(due.number),
            day: due.day.to_string(),
            amount: due.amount.get(),
            interest: due.interest.get(),
        };
        ScheduleDetail {
            kind: self.kind.code().to_owned(),
            currency: self.currency.code().to_owned(),
            total: self.dues.iter().map(|due| due.amount.get()).sum(),
            instalments: self.dues.iter().map(due).collect(),
            off: parts_item(self.off),
            owed: parts_item(ground.owed),
            authority: authority.to_owned(),
            limit: limit.map(|limit| limit.to_string()),
            warnings: weighed.map_or_else(Vec::new, means::codes),
            safe: weighed.map(|weighed| weighed.safe.get()),
        }
    }
}
