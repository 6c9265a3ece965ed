//! What each kind of agreement asks, and what it refuses with its remedy.

use doorstep_domain::agreement::AgreementKind;
use doorstep_domain::agreement::schedule::{Ask, Instalment, ScheduleError, months_until, schedule};
use doorstep_domain::measure::Minor;
use doorstep_domain::money::AmountParts;
use doorstep_wire::problem::ProblemCode;

use super::{Draft, Ground, Said, refused};
use crate::day;
use crate::error::AppError;

pub(super) fn promise(ground: &Ground<'_>, said: &Said, empty: &Draft) -> Result<Draft, AppError> {
    let (total, first) = (ground.total(said)?, ground.first(said)?);
    if said.count != 1 {
        let detail = "A promise is one amount on one day. Propose a plan for several.";
        return Err(refused(ProblemCode::BadRequest, "count", detail));
    }
    let most = ground.strategy.promises.days_max;
    if day::number(first) - day::number(ground.today) > i64::from(most) {
        let detail = format!("A promise lies at most {most} days ahead. Choose an earlier day, or propose a plan.");
        return Err(refused(ProblemCode::TooLong, "first", detail));
    }
    // The day that a person names is theirs: it moves to no working day.
    let due = Instalment {
        number: 1,
        day: first,
        amount: total,
        interest: Minor::ZERO,
    };
    Ok(Draft {
        dues: vec![due],
        ..empty.clone()
    })
}

pub(super) fn plan(ground: &Ground<'_>, said: &Said, empty: &Draft) -> Result<Draft, AppError> {
    let total = ground.total(said)?;
    let dues = instalments(ground, said, (total, ground.strategy.plans.rate_ppm))?;
    Ok(Draft {
        dues,
        every: (said.count > 1).then_some(said.every),
        ..empty.clone()
    })
}

pub(super) fn settlement(ground: &Ground<'_>, said: &Said, empty: &Draft) -> Result<Draft, AppError> {
    let total = ground.total(said)?;
    let off = ground.owed.total() - total;
    if said.amount.is_none() || off <= Minor::ZERO {
        let detail = "A settlement ends the matter for less than is owed: say how much. Propose a plan to pay it all.";
        return Err(refused(ProblemCode::BadRequest, "amount", detail));
    }
    let dues = instalments(ground, said, (total, 0))?;
    Ok(Draft {
        dues,
        every: (said.count > 1).then_some(said.every),
        off: ground.owed.given_up(off),
        ..empty.clone()
    })
}

/// What is given up must be there, part by part.
fn off_of(ground: &Ground<'_>, said: &Said) -> Result<AmountParts, AppError> {
    let off = said.off.unwrap_or(AmountParts::ZERO);
    if off.numbers().iter().any(|part| *part < 0) || off.total() <= Minor::ZERO {
        let detail = "Say above zero how much of which part is given up.";
        return Err(refused(ProblemCode::BadRequest, "off", detail));
    }
    if !off.within(ground.owed) {
        let owed = ground.owed.numbers().map(|part| ground.currency.plain(Minor(part)));
        let detail = format!(
            "More is given up of a part than is owed of it. Owed: principal {}, interest {}, penalty {}, fees {}.",
            owed[0], owed[1], owed[2], owed[3]
        );
        return Err(refused(ProblemCode::AboveOwed, "off", detail));
    }
    Ok(off)
}

pub(super) fn waiver(ground: &Ground<'_>, said: &Said, empty: &Draft) -> Result<Draft, AppError> {
    Ok(Draft {
        off: off_of(ground, said)?,
        ..empty.clone()
    })
}

pub(super) fn reward(ground: &Ground<'_>, said: &Said, empty: &Draft) -> Result<Draft, AppError> {
    let plan = ground.standing().find(|one| one.kind == AgreementKind::Plan);
    let plan = plan.ok_or_else(|| {
        let detail = "A reward is for keeping a plan, and none stands in this case. Agree on a plan first.";
        refused(ProblemCode::BadRequest, "kind", detail)
    })?;
    let after = said.after.filter(|after| *after > 0);
    let after = after.ok_or_else(|| {
        refused(
            ProblemCode::BadRequest,
            "after",
            "Say after how many instalments in time the reward is given.",
        )
    })?;
    Ok(Draft {
        off: off_of(ground, said)?,
        after: Some(after),
        plan: Some(plan.id),
        ..empty.clone()
    })
}

fn instalments(ground: &Ground<'_>, said: &Said, (total, rate_ppm): (Minor, u32)) -> Result<Vec<Instalment>, AppError> {
    let plans = &ground.strategy.plans;
    let first = ground.first(said)?;
    if said.count > plans.instalments_max {
        let detail = format!("At most {} instalments. Ask for fewer.", plans.instalments_max);
        return Err(refused(ProblemCode::TooLong, "count", detail));
    }
    let ask = Ask {
        total,
        first,
        count: said.count,
        every: said.every,
        remainder: plans.remainder,
        shift: plans.shift,
        rate_ppm,
        from: ground.today,
    };
    let dues = schedule(&ask, |day| ground.is_working(day)).map_err(|error| {
        let code = match error {
            ScheduleError::TooSmall => ProblemCode::TooSmall,
            ScheduleError::Count | ScheduleError::Beyond => ProblemCode::BadRequest,
        };
        refused(code, "count", format!("No such schedule: {error}."))
    })?;
    let least = plans.least_of(ground.currency);
    if dues.iter().any(|due| due.amount < least) {
        let detail = format!(
            "An instalment is at least {} {}. Ask for at most {} instalments.",
            ground.currency.plain(least),
            ground.currency.code(),
            (total.get() / least.get()).max(1)
        );
        return Err(refused(ProblemCode::TooSmall, "count", detail));
    }
    let last = dues.last().map_or(first, |due| due.day);
    if months_until(ground.today, last) > plans.months_max {
        let detail = format!(
            "The last day would be {last}, and a plan lasts at most {} months. Ask for fewer instalments or an earlier day.",
            plans.months_max
        );
        return Err(refused(ProblemCode::TooLong, "count", detail));
    }
    Ok(dues)
}
