//! What the rules leave to plan with: every case is asked about on every day, with what other plans have for its person.

use std::collections::{BTreeMap, HashMap};

use doorstep_domain::case::Flag;
use doorstep_domain::id::{CaseId, PersonId};
use doorstep_domain::measure::Micros;
use doorstep_domain::place::Point;
use doorstep_domain::step::{NextAction, NextWhy};
use doorstep_domain::worth::NoVisitWorth;
use doorstep_rules::{Attempt, DayVerdict, Facts, Notice, Verdict, intervals};
use doorstep_store::job::JobWish;
use doorstep_store::pending::Pending;
use jiff::civil::Date;

use super::Terms;
use super::watch::Watch;
use crate::facts::{Crewed, Known, may_happen, waiver};
use crate::planning::{Candidate, SERVICE};
use crate::reason::Left;
use crate::strategy::Courses;
use crate::worth::{AT_THE_DOOR, Scales, Weighing, by_day};
use crate::{App, day};

/// What the rules left to plan with, and what they left out.
pub(super) struct Eligible {
    pub(super) candidates: Vec<Candidate>,
    pub(super) left: Vec<(CaseId, Left)>,
}

/// A case that the rules let be visited.
pub(super) struct Open {
    pub(super) known: Known,
    pub(super) point: Point,
    pub(super) windows: Vec<(Micros, Micros)>,
    pub(super) staff_min: u8,
}

/// What the rules say of a case on the days of a plan.
struct Answer {
    windows: Vec<(Micros, Micros)>,
    staff_min: u8,
    strictest: Option<Verdict>,
}

impl App {
    /// Asks the rules about every case on every day. `None` where it was stopped.
    pub(super) fn eligible(
        &self,
        known: Vec<Known>,
        (courses, pending): (&Courses, &[Pending]),
        terms: &Terms,
        (now, watch, scales): (Micros, &Watch, &Scales),
    ) -> Option<Eligible> {
        let all = known.len() as u64;
        let mut ahead: HashMap<PersonId, Vec<Pending>> = HashMap::new();
        for visit in pending {
            ahead.entry(visit.person).or_default().push(visit.clone());
        }
        let mut eligible = Eligible {
            candidates: Vec::new(),
            left: Vec::new(),
        };
        for (done, known) in (0..).zip(known) {
            if watch.wish() != JobWish::GoOn {
                return None;
            }
            watch.advance(done, all);
            let pending = ahead.get(&known.view.case.person).map_or(&[][..], Vec::as_slice);
            let case = known.view.case.id;
            let days = days(courses, &known, terms);
            let open = self.asked(known, (pending, days), terms, now);
            match open.and_then(|open| weighed(open, scales)) {
                Ok(candidate) => eligible.candidates.push(candidate),
                Err(left) => eligible.left.push((case, *left)),
            }
        }
        Some(eligible)
    }

    /// Rules are asked first, also about days on which the strategy has no visit: what forbids is a better reason than what
    /// is only not next.
    fn asked(
        &self,
        known: Known,
        (pending, (on, not_next)): (&[Pending], Days),
        terms: &Terms,
        now: Micros,
    ) -> Result<Open, Box<Left>> {
        let Some(point) = known.point() else {
            return Err(Box::new(Left::Erased));
        };
        let mut facts = known.facts(Attempt::visit(now, now + SERVICE), Crewed::Open, now);
        let happened = facts.contacts.len();
        facts.contacts.extend(known.ahead(pending, now));
        if terms.without_notice {
            facts.consents.push(waiver());
        }
        let is_barred = on.is_empty();
        let on = if is_barred { terms.dates().collect() } else { on };
        let mut answer = self.answer((&known, &mut facts), &on, now);
        if answer.windows.is_empty() && facts.contacts.len() > happened {
            facts.contacts.truncate(happened);
            let without = self.answer((&known, &mut facts), &on, now);
            let counted = pending.iter().filter(|visit| may_happen(visit, now));
            let nearest = counted.min_by_key(|visit| terms.distance(visit.day));
            if let (false, Some(nearest)) = (without.windows.is_empty(), nearest) {
                return Err(Box::new(Left::VisitAhead { day: nearest.day }));
            }
            answer = without;
        }
        match (answer.strictest, not_next) {
            // Not even a notice in time would let anybody come in a time of calm, so that is why.
            (Some(verdict), Some(Left::Calm { day })) if answer.windows.is_empty() && self.only_notice(&verdict) => {
                Err(Box::new(Left::Calm { day }))
            }
            (Some(verdict), _) if answer.windows.is_empty() => Err(Box::new(Left::Rules { verdict })),
            (_, Some(left)) if is_barred => Err(Box::new(left)),
            _ => Ok(Open {
                known,
                point,
                windows: answer.windows,
                staff_min: answer.staff_min,
            }),
        }
    }

    /// Whether nothing but a notice that does not leave in time forbids.
    fn only_notice(&self, verdict: &Verdict) -> bool {
        let mut forbids = verdict.findings.iter().filter(|one| one.effect.forbids());
        forbids.all(|one| self.packs().is_notice(one.rule.as_str()))
    }

    /// The hours that the rules give to a case on the days of a plan, and how many staff they want.
    pub(super) fn hours(&self, facts: (&Known, &mut Facts), terms: &Terms, now: Micros) -> (Vec<(Micros, Micros)>, u8) {
        let answer = self.answer(facts, &terms.dates().collect::<Vec<_>>(), now);
        (answer.windows, answer.staff_min)
    }

    /// A plan that is published now queues its notices now, and they can leave the house at once. So planning takes it that
    /// one does: the first visits are as far away as the rules want a notice to be, and no plan waits for its own notices.
    /// At the door only what really left counts.
    fn answer(&self, (known, facts): (&Known, &mut Facts), dates: &[Date], now: Micros) -> Answer {
        let mut answer = Answer {
            windows: Vec::new(),
            staff_min: 1,
            strictest: None,
        };
        for date in dates.iter().copied() {
            facts.notices = known.handed_over_on(day::number(date));
            facts.notices.push(Notice { handed_over_at: now });
            let DayVerdict { intervals, verdict } = intervals(self.packs(), facts, date, SERVICE);
            answer.staff_min = answer.staff_min.max(verdict.min_staff);
            let rest = intervals.iter().filter(|(_, to)| *to > now);
            answer.windows.extend(rest.map(|(from, to)| (*from.max(&now), *to)));
            let stricter = |known: &Verdict| known.effect < verdict.effect;
            if answer.strictest.as_ref().is_none_or(stricter) {
                answer.strictest = Some(verdict);
            }
        }
        answer
    }
}

/// The days of a plan on which a visit of a case may be planned, and why it may not on the first of the others.
type Days = (Vec<Date>, Option<Left>);

fn days(courses: &Courses, known: &Known, terms: &Terms) -> Days {
    if !courses.strategy(known).visits {
        return (Vec::new(), Some(Left::NoVisits));
    }
    let mut open = Vec::new();
    let mut left = None;
    for date in terms.dates() {
        match barred(courses, known, date) {
            None => open.push(date),
            Some(why) => left = left.or(Some(why)),
        }
    }
    (open, left)
}

/// Why no visit of a case is planned on a day. A portfolio without a strategy of its own is planned by the rules alone; calm,
/// an address that has to be confirmed and what the person told of their reasons hold for it too.
fn barred(courses: &Courses, known: &Known, date: Date) -> Option<Left> {
    if courses.leaves_no_room(known, date) {
        let day = day::number(date);
        return Some(Left::Calm { day });
    }
    let own = courses.strategies.is_own(known.view.case.portfolio);
    // A doubt of the lender's file alone is a warning of the house rules, until a strategy makes more of it.
    let doubted = known.view.case.flags & Flag::AddressUnverified.bit() != 0;
    if courses.address_is_stale(known, date) && (own || !doubted) {
        return Some(Left::AddressStale);
    }
    if Courses::told_of_hardship(known) {
        let (action, by) = (NextAction::Review, NextWhy::Protected);
        return Some(Left::NotNext { action, by });
    }
    if !own {
        return None;
    }
    let next = courses.by_strategy(known, date).next;
    let asked = courses.is_asked(known, day::number(date));
    match (next.action, next.why) {
        (NextAction::Visit, _) => None,
        // What ends or protects is not asked away.
        (_, why) if asked && !matches!(why, NextWhy::Stopped | NextWhy::Protected | NextWhy::Refused) => None,
        (action, by) => Some(Left::NotNext { action, by }),
    }
}

/// What visits to a case are worth at the times that the rules leave. A case that is worth no visit at any of them, even without
/// a way to go, is left out here and never searched.
fn weighed(open: Open, scales: &Scales) -> Result<Candidate, Box<Left>> {
    let (candidate, no_visit) = candidate_of(open, scales);
    if let Some(best) = candidate.slots.iter().max_by_key(|slot| slot.value)
        && best.value <= best.worth.labour
    {
        let visit = best.worth;
        return Err(Box::new(Left::BetterNotVisited {
            worth: Weighing { visit, no_visit },
        }));
    }
    Ok(candidate)
}

/// A case with what visits are worth at the times that the rules leave, and what it is worth not to visit.
pub(super) fn candidate_of(open: Open, scales: &Scales) -> (Candidate, NoVisitWorth) {
    let weighed = scales.weigh(&open.known);
    let slots = open.windows.iter().flat_map(|span| weighed.slots(*span)).collect();
    let no_visit = weighed.no_visit;
    let (mut days, mut outcomes) = (BTreeMap::new(), BTreeMap::new());
    for (day, spans) in by_day(&weighed, &open.windows) {
        let visit = weighed.mean(&spans, AT_THE_DOOR);
        days.extend(visit.map(|visit| (day, Weighing { visit, no_visit })));
        outcomes.extend(weighed.mean_outcome(&spans).map(|outcome| (day, outcome)));
    }
    let candidate = Candidate {
        slots,
        days,
        outcomes,
        known: open.known,
        point: open.point,
        staff_min: open.staff_min,
    };
    (candidate, no_visit)
}
