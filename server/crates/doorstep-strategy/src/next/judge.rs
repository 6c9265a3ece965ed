//! Judging each step by itself.

use doorstep_domain::contact::ContactOutcome;
use doorstep_domain::step::{CalmMode, DefaultReason, LostAct, NextWhy, StepAfter, StepChannel};

use super::{ASIDE, CaseFacts, Past};
use crate::document::Strategy;
use crate::steps::{ReasonWanted, Step};

/// The house keeps any channel quiet for so many days after a refusal.
const REFUSAL_QUIET: i64 = 7;

/// What is said of a step.
#[derive(Debug, Clone)]
pub(super) struct Judged<'a> {
    pub(super) step: &'a Step,
    pub(super) why: NextWhy,
    pub(super) because: Option<String>,
    /// The day on which it is or may be next.
    pub(super) when: Option<i64>,
}

impl Judged<'_> {
    /// Whether something that can be done today has to be done before the step.
    pub(super) const fn in_hand(&self) -> bool {
        matches!(
            self.why,
            NextWhy::AddressStale | NextWhy::NumberStale | NextWhy::LetterFirst
        ) && self.when.is_some()
    }

    /// Whether it still stands before the case: neither done nor of another stage nor behind another.
    pub(super) const fn is_open(&self) -> bool {
        !matches!(
            self.why,
            NextWhy::UsedUp | NextWhy::OtherStage | NextWhy::ReasonKnown | NextWhy::LighterFirst | NextWhy::StepBefore
        )
    }

    /// Whether steps that are heavier may come after it. Only what was done, or has nothing left to ask, makes room.
    const fn makes_room(&self) -> bool {
        matches!(self.why, NextWhy::UsedUp | NextWhy::OtherStage | NextWhy::ReasonKnown)
    }
}

/// What all steps are judged by.
pub(super) struct Judge<'a> {
    strategy: &'a Strategy,
    facts: &'a CaseFacts,
    day: i64,
    /// What was tried, oldest first, without refusals: whoever refuses brings no step nearer.
    tries: Vec<&'a Past>,
    refusals: Vec<&'a Past>,
    /// The tries of this stage by the number of the step that they carried out.
    of_step: Vec<Vec<&'a Past>>,
}

/// A verdict on a step: why, what is behind it, and when.
type Verdict = (NextWhy, Option<String>, Option<i64>);

const fn plain(why: NextWhy) -> Verdict {
    (why, None, None)
}

impl<'a> Judge<'a> {
    pub(super) fn new(strategy: &'a Strategy, history: &'a [Past], facts: &'a CaseFacts, day: i64) -> Self {
        let mut past: Vec<&Past> = history.iter().filter(|one| one.day <= day).collect();
        past.sort_by_key(|one| (one.day, one.at, *one));
        let (refusals, tries): (Vec<&Past>, Vec<&Past>) = past.into_iter().partition(|one| one.is_refusal());
        let of_step = assigned(strategy, facts, &tries);
        Self {
            strategy,
            facts,
            day,
            tries,
            refusals,
            of_step,
        }
    }

    /// Where everything is stopped nothing is asked of any step.
    pub(super) fn stopped(&self, code: &str) -> Vec<Judged<'a>> {
        let stopped = |step| Judged {
            step,
            why: NextWhy::Stopped,
            because: Some(code.to_owned()),
            when: None,
        };
        self.strategy.steps.iter().map(stopped).collect()
    }

    /// All steps in the order of the strategy.
    pub(super) fn steps(&self) -> Vec<Judged<'a>> {
        let mut cap = u8::MAX;
        let mut judged = Vec::with_capacity(self.strategy.steps.len());
        for (nth, step) in self.strategy.steps.iter().enumerate() {
            let (why, because, when) = if step.stage != self.facts.stage {
                plain(NextWhy::OtherStage)
            } else if step.channel.weight() > cap {
                plain(NextWhy::LighterFirst)
            } else {
                self.verdict(nth, step)
            };
            let one = Judged {
                step,
                why,
                because,
                when,
            };
            if !one.makes_room() {
                cap = cap.min(step.channel.weight());
            }
            judged.push(one);
        }
        judged
    }

    fn verdict(&self, nth: usize, step: &Step) -> Verdict {
        let found = self.used_up(nth, step).or_else(|| self.conditions(step));
        let found = found.or_else(|| self.protected(step)).or_else(|| self.paid_since(step));
        if let Some(verdict) = found {
            return verdict;
        }
        let Some(base) = self.base(nth, step) else {
            return plain(NextWhy::StepBefore);
        };
        let mut at = (NextWhy::Waiting, None, base);
        let later = |at: &mut (NextWhy, Option<String>, i64), why, because: Option<&str>, day: i64| {
            if day > at.2 {
                *at = (why, because.map(str::to_owned), day);
            }
        };
        if let Some(last) = self.of_step[nth].last() {
            later(&mut at, NextWhy::Waiting, None, last.day + i64::from(step.every_days));
        }
        for (why, day) in self.pauses(step) {
            later(&mut at, why, None, day);
        }
        if let Some((why, because, day)) = self.lost(step) {
            match day {
                Some(day) => later(&mut at, why, Some(because.code()), day),
                None => return (why, Some(because.code().to_owned()), self.ready(at.2)),
            }
        }
        for rule in self.facts.forbidden.iter().filter(|one| one.channel == step.channel) {
            match rule.until {
                Some(until) => later(&mut at, NextWhy::Rule, Some(&rule.rule), until.max(self.day + 1)),
                None => return (NextWhy::Rule, Some(rule.rule.clone()), None),
            }
        }
        let (why, because, when) = at;
        if when > self.day {
            return (why, because, Some(when));
        }
        match self.stale(step) {
            Some(why) => (why, None, Some(self.day)),
            None => (NextWhy::Due, None, Some(self.day)),
        }
    }

    /// Today, where the step's own time has come.
    fn ready(&self, when: i64) -> Option<i64> {
        (when <= self.day).then_some(self.day)
    }

    fn used_up(&self, nth: usize, step: &Step) -> Option<Verdict> {
        let used = self.of_step[nth].len();
        let max = step.times_max as usize;
        if used >= max {
            return Some(plain(NextWhy::UsedUp));
        }
        let here = |one: &&&Past| one.channel == step.channel && one.day >= self.facts.stage_since;
        let refused = self.refusals.iter().filter(here).count();
        // What was refused was tried too, but it makes no room for anything heavier.
        (used + refused >= max).then(|| plain(NextWhy::Refused))
    }

    fn conditions(&self, step: &Step) -> Option<Verdict> {
        let facts = self.facts;
        if step.reason == Some(ReasonWanted::Unknown) && facts.reason.is_some() {
            return Some(plain(NextWhy::ReasonKnown));
        }
        if step.reason == Some(ReasonWanted::Known) && facts.reason.is_none() {
            return Some(plain(NextWhy::ReasonMissing));
        }
        if step.amount_min.is_some_and(|least| facts.amount < least) {
            return Some(plain(NextWhy::AmountSmall));
        }
        if step.broken && !facts.broken {
            return Some(plain(NextWhy::NotBroken));
        }
        if self.unreached() < step.unreached_min as usize {
            return Some(plain(NextWhy::Reached));
        }
        let last = self.tries.iter().rev().find_map(|one| one.outcome);
        if !step.outcomes.is_empty() && !last.is_some_and(|last| step.outcomes.contains(&last)) {
            return Some(plain(NextWhy::OtherOutcome));
        }
        if step.channel == StepChannel::Bureau {
            return self.notice_missing(step);
        }
        None
    }

    /// How many tries in a row reached nobody, up to now; a refusal among them is a person who was reached.
    fn unreached(&self) -> usize {
        let refused = self.refusals.last().map_or(i64::MIN, |one| one.day);
        let said = self.tries.iter().rev().filter(|one| one.day > refused);
        let said = said.filter_map(|one| one.reached());
        said.take_while(|reached| !reached).count()
    }

    /// The credit bureau hears of nobody who was not told in time, by a letter that did not come back.
    fn notice_missing(&self, step: &Step) -> Option<Verdict> {
        let is_notice = |one: &&&Past| {
            let by = one
                .step
                .as_deref()
                .and_then(|id| self.strategy.steps.iter().find(|step| step.id == id));
            by.is_some_and(|by| by.notice_of == Some(step.channel)) && one.outcome != Some(ContactOutcome::Returned)
        };
        let last = self.tries.iter().rev().find(is_notice).map(|one| one.day);
        let ready = last.map(|day| day + i64::from(step.notice_days));
        match ready {
            Some(ready) if ready <= self.day => None,
            ready => Some((NextWhy::NoticeMissing, None, ready)),
        }
    }

    /// What is known of the person keeps the door and what is heavier away.
    fn protected(&self, step: &Step) -> Option<Verdict> {
        if step.channel.weight() < 2 {
            return None;
        }
        if let Some(code) = &self.facts.protected {
            return Some((NextWhy::Protected, Some(code.clone()), None));
        }
        let reason = self.facts.reason;
        let reason = reason.filter(|reason| reason.is_hardship() || *reason == DefaultReason::Dispute);
        if let Some(reason) = reason {
            return Some((NextWhy::Protected, Some(reason.code().to_owned()), None));
        }
        (self.facts.calm == Some(CalmMode::Stop)).then(|| plain(NextWhy::Calm))
    }

    /// Whoever paid after a visit gets no other one by the strategy alone for what is left. A payment moves the case back to a
    /// younger stage, whose visits would begin anew, and paying must not bring one visit more: a person decides. Where all that
    /// was due at the visit is paid, its matter is over, and what fell due since is another.
    fn paid_since(&self, step: &Step) -> Option<Verdict> {
        let paid = self.facts.paid_on.filter(|_| step.channel == StepChannel::Visit)?;
        let mut tried = self.tries.iter().chain(&self.refusals);
        let visited =
            tried.any(|one| one.channel == StepChannel::Visit && (self.facts.due_on..=paid).contains(&one.day));
        let decided = self.facts.decided_on.is_some_and(|day| day >= paid);
        (visited && !decided).then(|| (NextWhy::PersonDecides, Some("paid".to_owned()), None))
    }

    /// From which day the step's own days are over; `None` where the step that it waits for was not tried.
    fn base(&self, nth: usize, step: &Step) -> Option<i64> {
        let wait = i64::from(step.wait_days);
        if step.after == StepAfter::Stage {
            return Some(self.facts.stage_since + wait);
        }
        let mut before = nth;
        loop {
            let of_stage = before > 0 && self.strategy.steps[before - 1].stage == step.stage;
            if !of_stage {
                // All that stood before it had nothing to ask any more.
                return Some(self.facts.stage_since + wait);
            }
            before -= 1;
            let counts = |one: &&&&Past| step.after == StepAfter::Step || one.outcome.is_some();
            if let Some(last) = self.of_step[before].iter().rev().find(|one| counts(&one)) {
                return Some(last.day + wait);
            }
            let asked =
                self.strategy.steps[before].reason == Some(ReasonWanted::Unknown) && self.facts.reason.is_some();
            if !asked {
                return None;
            }
        }
    }

    /// Until when nobody is bothered, and why.
    fn pauses(&self, step: &Step) -> Vec<(NextWhy, i64)> {
        let rest = self.strategy.rest;
        let mut found = Vec::new();
        if let Some(paid) = self.facts.paid_on {
            found.push((NextWhy::Paid, paid + i64::from(rest.after_payment_days)));
        }
        if let Some(until) = self.facts.promised_until {
            found.push((NextWhy::Promised, until + 1));
        }
        if let Some(refused) = self.refusals.last() {
            let days = if step.channel.weight() > 1 {
                i64::from(rest.after_refusal_days)
            } else {
                REFUSAL_QUIET
            };
            found.push((NextWhy::Refused, refused.day + days));
        }
        let is_visit = |one: &&&&Past| one.channel == StepChannel::Visit;
        let came = self.tries.iter().chain(&self.refusals).filter(|one| is_visit(&one));
        let last_visit = came.map(|one| one.day).max();
        if let (Some(CalmMode::Thin), StepChannel::Visit, Some(last)) = (self.facts.calm, step.channel, last_visit) {
            found.push((NextWhy::Calm, last + i64::from(self.strategy.calm.thin_days)));
        }
        found
    }

    /// What follows after somebody was not found: a day until which it rests, or something that has to be done.
    fn lost(&self, step: &Step) -> Option<(NextWhy, ContactOutcome, Option<i64>)> {
        let concerned = |one: &&&Past| match step.channel {
            StepChannel::Visit => matches!(one.channel, StepChannel::Visit | StepChannel::Letter),
            StepChannel::Call | StepChannel::Message => matches!(one.channel, StepChannel::Call | StepChannel::Message),
            StepChannel::Letter | StepChannel::Bundle | StepChannel::Bureau => false,
        };
        let last = self.tries.iter().rev().filter(concerned).find(|one| {
            // A letter that arrived says nothing of the door.
            one.outcome.is_some() && one.outcome != Some(ContactOutcome::Delivered)
        })?;
        let outcome = last.outcome?;
        let rule = self.strategy.lost.iter().find(|rule| rule.on == outcome)?;
        let decided = self.facts.decided_on.is_some_and(|day| day >= last.day);
        let renewed = match step.channel {
            StepChannel::Visit => self.facts.place.verified_on.is_some_and(|day| day >= last.day),
            _ => self.facts.place.number_since > last.day,
        };
        if renewed {
            return None;
        }
        match rule.then {
            LostAct::Rest => Some((NextWhy::Rest, outcome, Some(last.day + i64::from(rule.days)))),
            LostAct::Verify if step.channel == StepChannel::Visit => Some((NextWhy::AddressStale, outcome, None)),
            LostAct::Verify => Some((NextWhy::NumberStale, outcome, None)),
            LostAct::Person if decided => None,
            LostAct::Person => Some((NextWhy::PersonDecides, outcome, None)),
            LostAct::Letter => {
                let went = |one: &&&Past| one.channel == StepChannel::Letter && one.at > last.at && one.day >= last.day;
                match self.tries.iter().find(went) {
                    Some(letter) => Some((NextWhy::Rest, outcome, Some(letter.day + i64::from(rule.days)))),
                    None => Some((NextWhy::LetterFirst, outcome, None)),
                }
            }
        }
    }

    /// Whether the address has to be confirmed before the step. A letter may go to an old address, and never to one where somebody
    /// else would open it.
    fn stale(&self, step: &Step) -> Option<NextWhy> {
        let stale = match step.channel {
            StepChannel::Visit => self.address_is_stale(),
            StepChannel::Letter => self.address_is_lost(),
            _ => false,
        };
        stale.then_some(NextWhy::AddressStale)
    }

    /// Whether the address is too old, or was never confirmed since somebody was not found there or anywhere.
    pub(super) fn address_is_stale(&self) -> bool {
        let place = self.facts.place;
        let seen = place.verified_on.unwrap_or(place.since).max(place.since.min(self.day));
        let old = self.day - seen > i64::from(self.strategy.address.verify_days);
        old || self.address_is_lost()
    }

    /// Whether the person moved, the address is wrong, or it was not confirmed since somebody was not found there.
    fn address_is_lost(&self) -> bool {
        let place = self.facts.place;
        let gone = |one: &&&Past| one.outcome.is_some_and(ContactOutcome::not_found);
        let lost = self.tries.iter().rev().find(gone).map(|one| one.day);
        let unconfirmed = lost.is_some_and(|lost| place.verified_on.is_none_or(|day| day < lost));
        !place.usable || unconfirmed
    }
}

/// The tries of the stage by step: those that name theirs, and the others in their order to the first step of the channel that
/// has tries left, or else to its last. No other counts as a notice of what follows: whoever gives one says so.
fn assigned<'a>(strategy: &Strategy, facts: &CaseFacts, tries: &[&'a Past]) -> Vec<Vec<&'a Past>> {
    let steps = &strategy.steps;
    let mut of_step: Vec<Vec<&Past>> = vec![Vec::new(); steps.len()];
    let of_stage = tries.iter().filter(|one| one.day >= facts.stage_since);
    let of_stage = of_stage.filter(|one| one.step.as_deref() != Some(ASIDE));
    let (named, others): (Vec<&Past>, Vec<&Past>) = of_stage.copied().partition(|one| {
        one.step
            .as_ref()
            .is_some_and(|id| steps.iter().any(|step| step.id == *id))
    });
    for one in named {
        if let Some(nth) = steps.iter().position(|step| one.step.as_ref() == Some(&step.id)) {
            of_step[nth].push(one);
        }
    }
    for one in others {
        let fits = |step: &Step| step.stage == facts.stage && step.channel == one.channel && step.notice_of.is_none();
        let free =
            (0..steps.len()).find(|nth| fits(&steps[*nth]) && of_step[*nth].len() < steps[*nth].times_max as usize);
        if let Some(nth) = free.or_else(|| steps.iter().rposition(fits)) {
            of_step[nth].push(one);
        }
    }
    for tries in &mut of_step {
        tries.sort_by_key(|one| (one.day, one.at));
    }
    of_step
}
