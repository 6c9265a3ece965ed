//! What happens next with a case, when, by whom, and why nothing else does.
//!
//! Pure: the same strategy, history, facts and day give the same answer, whatever the order of the history. What protects a
//! person only ever takes steps away or puts them off. Where such a thing takes a step away, nothing heavier comes in its
//! place: a person decides.

mod judge;

#[cfg(test)]
#[path = "next/next_tests.rs"]
mod tests;

use doorstep_domain::case::Stage;
use doorstep_domain::contact::ContactOutcome;
use doorstep_domain::step::{CalmMode, DefaultReason, NextAction, NextWhy, StepChannel, StepWho};

use crate::document::Strategy;
use judge::{Judge, Judged};

/// The step of what carried out none: a letter that somebody asked for, or that asks for the address alone. It takes no try away.
pub const ASIDE: &str = "aside";

/// Something that was tried with a case, on any channel.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Past {
    /// The day, in days since 1970-01-01.
    pub day: i64,
    /// When on that day, in any unit that grows.
    pub at: i64,
    /// How.
    pub channel: StepChannel,
    /// What came of it; `None` where unknown.
    pub outcome: Option<ContactOutcome>,
    /// Whether the person refused, whatever the contact's outcome.
    pub refused: bool,
    /// The step that it carried out, where that was noted.
    pub step: Option<String>,
}

impl Past {
    /// Whether somebody asked to be left in peace.
    fn is_refusal(&self) -> bool {
        self.refused || self.outcome.is_some_and(ContactOutcome::refuses)
    }

    /// Whether the person was spoken to (`Some(true)`), was sought in vain, or neither can be said: of a letter that arrived
    /// nobody knows whether it was read.
    fn reached(&self) -> Option<bool> {
        match self.outcome? {
            ContactOutcome::Delivered => None,
            outcome => Some(outcome.contacted()),
        }
    }
}

/// Where the person is sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Whether the address may be used at all; false where the person moved or it is wrong.
    pub usable: bool,
    /// The day from which the address is known.
    pub since: i64,
    /// The day on which it was confirmed last.
    pub verified_on: Option<i64>,
    /// The day on which the phone number was given or corrected last.
    pub number_since: i64,
}

/// A rule that forbids a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forbidden {
    /// The channel.
    pub channel: StepChannel,
    /// The rule's id.
    pub rule: String,
    /// The first day on which it may be over; `None` where only a person ends it.
    pub until: Option<i64>,
}

/// What is known of a case on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFacts {
    /// Its stage.
    pub stage: Stage,
    /// The day on which it came into the stage.
    pub stage_since: i64,
    /// The day on which the oldest of what is owed fell due.
    pub due_on: i64,
    /// What is due, in minor units.
    pub amount: i64,
    /// What ends everything: a status or flag, by its code.
    pub stopped: Option<String>,
    /// What keeps the door and everything heavier away: hardship, vulnerability, a dispute, a complaint, by its code.
    pub protected: Option<String>,
    /// Why the loan fell behind, where somebody was told.
    pub reason: Option<DefaultReason>,
    /// The day up to which a promise runs.
    pub promised_until: Option<i64>,
    /// Whether an agreement was broken and none followed.
    pub broken: bool,
    /// The day of the last payment.
    pub paid_on: Option<i64>,
    /// Whether portfolio or region is calm.
    pub calm: Option<CalmMode>,
    /// Where the person is sought.
    pub place: Place,
    /// The day on which a person decided last that the case goes on.
    pub decided_on: Option<i64>,
    /// Rules that forbid a channel on the day.
    pub forbidden: Vec<Forbidden>,
}

/// What happens next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// What.
    pub action: NextAction,
    /// The step that it carries out or waits for.
    pub step: Option<String>,
    /// Who.
    pub who: Option<StepWho>,
    /// The day; `None` where no day can be named.
    pub when: Option<i64>,
    /// Why.
    pub why: NextWhy,
    /// The rule, flag or outcome behind it, by its code.
    pub because: Option<String>,
    /// Whether lenient plans are offered.
    pub lenient: bool,
}

/// A step that is not the next, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// Its name.
    pub step: String,
    /// Its stage.
    pub stage: Stage,
    /// Its channel.
    pub channel: StepChannel,
    /// Why it is not.
    pub why: NextWhy,
    /// The rule, flag or outcome behind it, by its code.
    pub because: Option<String>,
    /// The day on which it may be, where one can be named.
    pub when: Option<i64>,
}

/// What happens next, and why nothing else does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What happens next.
    pub next: Next,
    /// Every other step, in the order of the strategy.
    pub others: Vec<Other>,
}

/// What happens next with a case on a day.
#[must_use]
pub fn next(strategy: &Strategy, history: &[Past], facts: &CaseFacts, day: i64) -> Answer {
    let judge = Judge::new(strategy, history, facts, day);
    let judged = match &facts.stopped {
        Some(code) => judge.stopped(code),
        None => judge.steps(),
    };
    let chosen = judged.iter().position(|one| one.why == NextWhy::Due);
    let chosen = chosen.or_else(|| judged.iter().position(judge::Judged::in_hand));
    let lenient = offers_lenient_plans(strategy, facts);
    let next = match (chosen, &facts.stopped) {
        (_, Some(code)) => ended(code),
        (Some(at), None) => taken(&judged[at]),
        (None, None) => open_end(&judged, facts),
    };
    let next = Next { lenient, ..next };
    let is_next = |at: usize, one: &Judged<'_>| {
        Some(at) == chosen || next.action == NextAction::Wait && next.step.as_deref() == Some(&one.step.id)
    };
    let others = judged.iter().enumerate().filter(|(at, one)| !is_next(*at, one));
    let others = others.map(|(_, one)| other(one, chosen.is_some())).collect();
    Answer { next, others }
}

/// Whether the address of a case has to be confirmed before anybody goes there on a day.
#[must_use]
pub fn address_is_stale(strategy: &Strategy, history: &[Past], facts: &CaseFacts, day: i64) -> bool {
    Judge::new(strategy, history, facts, day).address_is_stale()
}

/// Lenient plans are for whom calm or hardship says so.
fn offers_lenient_plans(strategy: &Strategy, facts: &CaseFacts) -> bool {
    facts.stopped.is_none()
        && (facts.calm.is_some() && strategy.calm.lenient_plans
            || facts.reason.is_some_and(DefaultReason::is_hardship)
            || facts.protected.as_deref() == Some("hardship"))
}

fn ended(code: &str) -> Next {
    Next {
        action: NextAction::None,
        step: None,
        who: None,
        when: None,
        why: NextWhy::Stopped,
        because: Some(code.to_owned()),
        lenient: false,
    }
}

/// The next action by a step whose time has come, or what has to be done before it.
fn taken(one: &Judged<'_>) -> Next {
    let (action, who) = match one.why {
        NextWhy::AddressStale => (NextAction::VerifyAddress, StepWho::Office),
        NextWhy::NumberStale => (NextAction::VerifyNumber, StepWho::Office),
        NextWhy::LetterFirst => (NextAction::Letter, StepWho::Office),
        _ => (one.step.channel.into(), one.step.who),
    };
    Next {
        action,
        step: Some(one.step.id.clone()),
        who: Some(who),
        when: one.when,
        why: one.why,
        because: one.because.clone(),
        lenient: false,
    }
}

/// What happens where no step can be taken today: the first that waits for a day, a person where something that protects
/// stands in the way or nothing is left to try, and nothing else.
fn open_end(judged: &[Judged<'_>], facts: &CaseFacts) -> Next {
    let next = |action, who, one: Option<&Judged<'_>>, why| Next {
        action,
        step: one.map(|one| one.step.id.clone()),
        who,
        when: one.and_then(|one| one.when),
        why,
        because: one.and_then(|one| one.because.clone()),
        lenient: false,
    };
    let waits = judged.iter().filter(|one| one.is_open() && one.when.is_some());
    if let Some(one) = waits.min_by_key(|one| one.when) {
        return next(NextAction::Wait, Some(one.step.who), Some(one), one.why);
    }
    let for_a_person = |one: &&Judged<'_>| {
        let asks = matches!(one.why, NextWhy::Protected | NextWhy::Refused | NextWhy::PersonDecides);
        asks || one.why == NextWhy::Rule
    };
    if let Some(one) = judged.iter().find(for_a_person) {
        return next(NextAction::Review, Some(StepWho::Office), Some(one), one.why);
    }
    let of_stage = |one: &&Judged<'_>| one.step.stage == facts.stage;
    let last = judged.iter().rfind(of_stage);
    // Where even the door was of no use, no further age of the debt makes it so: a person looks at it.
    if last.is_some_and(|one| one.why == NextWhy::UsedUp && one.step.channel.weight() > 1) {
        return next(NextAction::Review, Some(StepWho::Office), None, NextWhy::NothingLeft);
    }
    let barred = judged.iter().find(|one| of_stage(one) && one.is_open());
    let why = barred.map_or(NextWhy::NothingLeft, |one| one.why);
    next(NextAction::Wait, None, barred, why)
}

fn other(one: &Judged<'_>, chosen: bool) -> Other {
    // Two may be due on one day; the strategy names one first.
    let second = chosen && (one.why == NextWhy::Due || one.in_hand());
    Other {
        step: one.step.id.clone(),
        stage: one.step.stage,
        channel: one.step.channel,
        why: if second { NextWhy::Later } else { one.why },
        because: one.because.clone(),
        when: one.when.filter(|_| one.is_open() || second),
    }
}
