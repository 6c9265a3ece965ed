//! What the rules leave to plan with: every case is asked about on every day, with what other plans have for its person.

use std::collections::HashMap;

use doorstep_domain::id::{CaseId, PersonId};
use doorstep_domain::measure::Micros;
use doorstep_rules::{Attempt, DayVerdict, Facts, Notice, Verdict, intervals};
use doorstep_store::job::JobWish;
use doorstep_store::pending::Pending;

use super::Terms;
use super::watch::Watch;
use crate::facts::{Crewed, Known, may_happen, waiver};
use crate::planning::{Candidate, SERVICE};
use crate::reason::Left;
use crate::{App, day};

/// What the rules left to plan with, and what they left out.
pub(super) struct Eligible {
    pub(super) candidates: Vec<Candidate>,
    pub(super) left: Vec<(CaseId, Left)>,
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
        pending: &[Pending],
        terms: &Terms,
        (now, watch): (Micros, &Watch),
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
            match self.asked(known, pending, terms, now) {
                Ok(candidate) => eligible.candidates.push(candidate),
                Err(left) => eligible.left.push((case, *left)),
            }
        }
        Some(eligible)
    }

    fn asked(&self, known: Known, pending: &[Pending], terms: &Terms, now: Micros) -> Result<Candidate, Box<Left>> {
        let Some(point) = known.point() else {
            return Err(Box::new(Left::Erased));
        };
        let mut facts = known.facts(Attempt::visit(now, now + SERVICE), Crewed::Open, now);
        let happened = facts.contacts.len();
        facts.contacts.extend(known.ahead(pending, now));
        if terms.without_notice {
            facts.consents.push(waiver());
        }
        let mut answer = self.answer((&known, &mut facts), terms, now);
        if answer.windows.is_empty() && facts.contacts.len() > happened {
            facts.contacts.truncate(happened);
            let without = self.answer((&known, &mut facts), terms, now);
            let counted = pending.iter().filter(|visit| may_happen(visit, now));
            let nearest = counted.min_by_key(|visit| terms.distance(visit.day));
            if let (false, Some(nearest)) = (without.windows.is_empty(), nearest) {
                return Err(Box::new(Left::VisitAhead { day: nearest.day }));
            }
            answer = without;
        }
        match answer.strictest {
            Some(verdict) if answer.windows.is_empty() => Err(Box::new(Left::Rules { verdict })),
            _ => Ok(Candidate {
                known,
                point,
                windows: answer.windows,
                staff_min: answer.staff_min,
            }),
        }
    }

    /// The hours that the rules give to a case on the days of a plan, and how many staff they want.
    pub(super) fn hours(&self, facts: (&Known, &mut Facts), terms: &Terms, now: Micros) -> (Vec<(Micros, Micros)>, u8) {
        let answer = self.answer(facts, terms, now);
        (answer.windows, answer.staff_min)
    }

    /// A plan that is published now queues its notices now, and they can leave the house at once. So planning takes it that
    /// one does: the first visits are as far away as the rules want a notice to be, and no plan waits for its own notices.
    /// At the door only what really left counts.
    fn answer(&self, (known, facts): (&Known, &mut Facts), terms: &Terms, now: Micros) -> Answer {
        let mut answer = Answer {
            windows: Vec::new(),
            staff_min: 1,
            strictest: None,
        };
        for date in terms.dates() {
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
