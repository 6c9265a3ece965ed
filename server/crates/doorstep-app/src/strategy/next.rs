//! What comes next with cases: gathers what a strategy goes by, asks it, and says it.

use std::collections::{HashMap, HashSet};

use doorstep_domain::agreement::AgreementState;
use doorstep_domain::case::{CaseStatus, Flag, Stage};
use doorstep_domain::conflict::ContactField;
use doorstep_domain::contact::MatterOutcome;
use doorstep_domain::id::{CaseId, ContactId, TenantId};
use doorstep_domain::loan::PaymentKind;
use doorstep_domain::measure::Micros;
use doorstep_domain::step::{CalmMode, DefaultReason, NextWhy, StepChannel};
use doorstep_domain::words::{Lang, word};
use doorstep_rules::{Attempt, Finding, Notice, PackSet, intervals};
use doorstep_store::address::known_since;
use doorstep_store::agreement::Agreement;
use doorstep_store::blind::blind_number;
use doorstep_store::calm::Calm;
use doorstep_store::case::CaseView;
use doorstep_store::seal::BlindKey;
use doorstep_store::visit::Promise;
use doorstep_store::work::{StepDone, VisitAsk};
use doorstep_strategy::{Answer, CaseFacts, Forbidden, Other, Past, Place, Stages, Strategy, next};
use doorstep_wire::read::Opening;
use doorstep_wire::work::{NextDetail, NextQuery, OtherStep};
use jiff::civil::Date;
use uuid::Uuid;

use super::Strategies;
use crate::actor::Actor;
use crate::error::AppError;
use crate::facts::{Crewed, Known};
use crate::planning::SERVICE;
use crate::{App, day};

/// How long a call or a message is taken to last, so that rules of hours can be asked about a day.
const MOMENT: Micros = Micros::from_seconds(60);

/// What a strategy goes by, beside what is known of each case.
pub(crate) struct Courses {
    pub(crate) strategies: Strategies,
    pub(crate) calms: Vec<Calm>,
    promises: HashMap<CaseId, Vec<Promise>>,
    /// The newest agreement of each case that was judged or holds.
    agreed: HashMap<CaseId, Agreement>,
    paid: HashMap<CaseId, i64>,
    refused: HashSet<ContactId>,
    done: HashMap<CaseId, Vec<StepDone>>,
    asks: HashMap<CaseId, Vec<VisitAsk>>,
}

impl App {
    /// Gathers what strategies go by for some cases. Opens nothing that is sealed.
    pub(crate) async fn courses(&self, tenant: TenantId, views: &[CaseView]) -> Result<Courses, AppError> {
        let store = self.store();
        let ids: Vec<Uuid> = views.iter().map(|view| view.case.id.0).collect();
        let mut courses = Courses {
            strategies: self.strategies(tenant).await?,
            calms: store.calm_list(tenant).await?,
            promises: HashMap::new(),
            agreed: HashMap::new(),
            paid: HashMap::new(),
            refused: HashSet::new(),
            done: HashMap::new(),
            asks: HashMap::new(),
        };
        for (promise, _) in store.promise_list(tenant, &ids).await? {
            courses.promises.entry(promise.case).or_default().push(promise);
        }
        for agreement in store.agreement_list(tenant, &ids).await? {
            let newer = |old: &Agreement| old.made_at <= agreement.made_at;
            if agreement.state.is_judged() && courses.agreed.get(&agreement.case).is_none_or(newer) {
                courses.agreed.insert(agreement.case, agreement);
            }
        }
        let cases: Vec<CaseId> = views.iter().map(|view| view.case.id).collect();
        for payment in store.payment_list(tenant, &cases).await? {
            if let (Some(case), PaymentKind::Payment) = (payment.case, payment.kind) {
                let last = courses.paid.entry(case).or_insert(payment.paid_on);
                *last = payment.paid_on.max(*last);
            }
        }
        for visit in store.visit_of_cases(tenant, &ids).await? {
            if visit.matter == Some(MatterOutcome::Refused) {
                courses.refused.insert(ContactId(visit.id.0));
            }
        }
        for done in store.step_done_list(tenant, &ids).await? {
            courses.done.entry(done.case).or_default().push(done);
        }
        for ask in store.visit_ask_list(tenant, &ids).await? {
            courses.asks.entry(ask.case).or_default().push(ask);
        }
        Ok(courses)
    }

    /// What comes next with a case on a day, and why nothing else does. Reads the case, so it is an entry like a look at it.
    pub async fn next_step(
        &self,
        actor: &Actor,
        case: Uuid,
        query: &NextQuery,
        lang: Lang,
    ) -> Result<NextDetail, AppError> {
        let opening = Opening {
            purpose: query.purpose.clone(),
        };
        let mut known = self.open_case(actor, case, &opening).await?;
        let now = self.now();
        let today = day::local(now, &day::zone(&known.view.address.zone));
        let on = match &query.day {
            Some(text) => day::parse("day", text)?,
            None => today,
        };
        let courses = self.courses(actor.tenant, std::slice::from_ref(&known.view)).await?;
        let key = self.store().keys().blind_key(actor.tenant.0).await?;
        let answer = courses.next((self.packs(), &key), &mut known, (on, now));
        Ok(courses.detail(&known, &answer, (on, lang)))
    }
}

/// What stops everything, by its code.
fn stopped(known: &Known) -> Option<String> {
    let case = &known.view.case;
    if case.status != CaseStatus::Open {
        return Some(case.status.code().to_owned());
    }
    if known.fields.is_none() {
        return Some("erased".to_owned());
    }
    let stops = |flag: &Flag| {
        flag.restricts()
            && !matches!(
                flag,
                Flag::Disputed | Flag::Hardship | Flag::Vulnerable | Flag::Complained
            )
    };
    flag_of(known, stops)
}

/// The first flag of case or person of some kind, by its code.
fn flag_of(known: &Known, is: impl Fn(&Flag) -> bool) -> Option<String> {
    let flags = Flag::of_mask(known.view.case.flags | known.of_person);
    flags.iter().find(|flag| is(flag)).map(|flag| flag.code().to_owned())
}

/// The reason for default that was told last.
fn told(known: &Known) -> Option<DefaultReason> {
    let of_case = known
        .contacts
        .iter()
        .filter(|contact| contact.case == known.view.case.id);
    let with_reason = of_case.filter(|contact| contact.reason.is_some());
    with_reason.max_by_key(|contact| contact.at)?.reason
}

/// The first day of a stage, in days past due.
fn stage_start(stages: &Stages, stage: Stage) -> i64 {
    match stage {
        Stage::M0 => -i64::from(stages.m0_days_before),
        Stage::M1 => 1,
        Stage::M2 => i64::from(stages.m1_until) + 1,
        Stage::M3 => i64::from(stages.m2_until) + 1,
        Stage::M3Plus => i64::from(stages.m3_until) + 1,
    }
}

impl Courses {
    /// The strategy of a case.
    pub(crate) fn strategy(&self, known: &Known) -> &Strategy {
        self.strategies.of(known.view.case.portfolio)
    }

    /// What a time of calm does to a case on a day, in days since 1970-01-01; the stricter where there are two.
    pub(crate) fn calm(&self, view: &CaseView, on: i64) -> Option<CalmMode> {
        let holding = self.calms.iter().filter(|calm| calm.holds(view, on));
        let modes = holding.map(|calm| calm.mode);
        modes.min_by_key(|mode| *mode != CalmMode::Stop)
    }

    /// Whether a time of calm leaves no room for a visit of a case on a day: it stops visits, or one was lately.
    pub(crate) fn leaves_no_room(&self, known: &Known, on: Date) -> bool {
        let number = day::number(on);
        match self.calm(&known.view, number) {
            None => false,
            Some(CalmMode::Stop) => true,
            Some(CalmMode::Thin) => {
                let days = i64::from(self.strategy(known).calm.thin_days);
                let visits = self
                    .history(known)
                    .into_iter()
                    .filter(|past| past.channel == StepChannel::Visit);
                visits.map(|past| past.day).any(|last| number - last < days)
            }
        }
    }

    /// Whether the person told of a reason for default for which nobody comes to the door.
    pub(crate) fn told_of_hardship(known: &Known) -> bool {
        let reason = told(known);
        reason.is_some_and(|reason| reason.is_hardship() || reason == DefaultReason::Dispute)
    }

    /// Whether a supervisor asked for a visit by name, so that one may be planned on a day.
    pub(crate) fn is_asked(&self, known: &Known, on: i64) -> bool {
        let zone = day::zone(&known.view.address.zone);
        let asks = self.asks.get(&known.view.case.id);
        asks.into_iter()
            .flatten()
            .any(|ask| day::number(day::local(ask.until, &zone)) >= on)
    }

    /// What was tried with a case.
    fn history(&self, known: &Known) -> Vec<Past> {
        let case = &known.view.case;
        let zone = day::zone(&known.view.address.zone);
        let on = |at: Micros| day::number(day::local(at, &zone));
        let own = known.contacts.iter().filter(|contact| contact.case == case.id);
        let mut history: Vec<Past> = own
            .map(|contact| Past {
                day: on(contact.at),
                at: contact.at.get(),
                channel: StepChannel::of(contact.channel),
                outcome: contact.outcome,
                refused: self.refused.contains(&contact.id),
                step: contact.step.clone(),
            })
            .collect();
        let done = self.done.get(&case.id).into_iter().flatten();
        history.extend(done.map(|done| Past {
            day: on(done.at),
            at: done.at.get(),
            channel: done.channel,
            outcome: None,
            refused: false,
            step: Some(done.step.clone()),
        }));
        // Of a visit before the file was imported only the day is known.
        history.extend(case.last_visit_day.map(|day| Past {
            day,
            at: day::start(day::of_number(day), &zone).get(),
            channel: StepChannel::Visit,
            outcome: None,
            refused: false,
            step: None,
        }));
        history
    }

    /// What is known of a case on a day, without what the rules say.
    pub(crate) fn facts(&self, known: &Known, on: Date) -> CaseFacts {
        let (case, address) = (&known.view.case, &known.view.address);
        let zone = day::zone(&address.zone);
        let number = day::number(on);
        let local = |at: Micros| day::number(day::local(at, &zone));
        let late = match case.due_day {
            Some(due) => number - due,
            None => case.days_past_due + number - local(case.amount_as_of),
        };
        let stages = &self.strategy(known).stages;
        let stage = stages.of(late);
        let promises = self.promises.get(&case.id);
        let last = promises.and_then(|promises| promises.iter().map(|promise| promise.day).max());
        let agreed = self.agreed.get(&case.id);
        let holds = agreed.filter(|agreed| agreed.state == AgreementState::Promised);
        let until = holds.map(|agreed| agreed.last_day + agreed.grace_days).max(last);
        // What payments say of an agreement counts before what only a day says of a promise.
        let broken = match agreed {
            Some(agreed) => matches!(agreed.state, AgreementState::Broken | AgreementState::Partial),
            None => last.is_some_and(|day| day < number),
        };
        let asked = self.asks.get(&case.id).into_iter().flatten();
        let edited = known
            .corrections
            .current(ContactField::Phone)
            .map(|edit| edit.received_at);
        let came = |id: Uuid| known_since(id).unwrap_or(case.amount_as_of);
        CaseFacts {
            stage,
            stage_since: number - (late - stage_start(stages, stage)).max(0),
            due_on: number - late,
            amount: case.amount,
            stopped: stopped(known),
            protected: flag_of(known, |flag| flag.restricts()),
            reason: told(known),
            promised_until: until.filter(|day| *day >= number),
            broken,
            paid_on: self.paid.get(&case.id).copied(),
            calm: self.calm(&known.view, number),
            place: Place {
                usable: address.state.usable() && case.flags & Flag::AddressUnverified.bit() == 0,
                since: local(came(address.id.0)),
                verified_on: address.verified.map(|(at, _)| local(at)),
                number_since: local(edited.unwrap_or_else(|| came(case.payload.0))),
            },
            decided_on: asked.map(|ask| local(ask.at)).max(),
            forbidden: Vec::new(),
        }
    }

    /// What comes next by the strategy alone; whoever plans asks the rules by themselves.
    pub(crate) fn by_strategy(&self, known: &Known, on: Date) -> Answer {
        let facts = self.facts(known, on);
        next(self.strategy(known), &self.history(known), &facts, day::number(on))
    }

    /// What comes next, with what the rules forbid on the day.
    pub(crate) fn next(
        &self,
        (packs, key): (&PackSet, &BlindKey),
        known: &mut Known,
        (on, now): (Date, Micros),
    ) -> Answer {
        let phone = known.fields.as_ref().map(|fields| fields.phone.clone());
        known.number = phone.and_then(|phone| blind_number(key, known.view.case.person, &phone));
        let mut facts = self.facts(known, on);
        if facts.stopped.is_none() {
            let steps = &self.strategy(known).steps;
            // Steps of other stages are not next, whatever the rules say of their channels.
            let asked = |channel: &StepChannel| {
                steps
                    .iter()
                    .any(|step| step.stage == facts.stage && step.channel == *channel)
            };
            let channels = StepChannel::ALL.iter().copied();
            facts.forbidden = channels
                .filter(asked)
                .filter_map(|channel| forbidden(packs, known, channel, (on, now)))
                .collect();
        }
        next(self.strategy(known), &self.history(known), &facts, day::number(on))
    }

    /// Whether the address of a case has to be confirmed before a visit on a day.
    pub(crate) fn address_is_stale(&self, known: &Known, on: Date) -> bool {
        let facts = self.facts(known, on);
        doorstep_strategy::address_is_stale(self.strategy(known), &self.history(known), &facts, day::number(on))
    }

    fn detail(&self, known: &Known, answer: &Answer, (on, lang): (Date, Lang)) -> NextDetail {
        let facts = self.facts(known, on);
        let next = &answer.next;
        NextDetail {
            case: known.view.case.id.0,
            day: on.to_string(),
            stage: facts.stage.code().to_owned(),
            stage_since: day::text(facts.stage_since),
            own: self.strategies.is_own(known.view.case.portfolio),
            action: next.action.code().to_owned(),
            step: next.step.clone(),
            who: next.who.map(|who| who.code().to_owned()),
            when: next.when.map(day::text),
            why: next.why.code().to_owned(),
            words: said(lang, next.why, next.because.as_deref()),
            because: next.because.clone(),
            lenient: next.lenient,
            others: answer.others.iter().map(|one| other(one, lang)).collect(),
        }
    }
}

/// What a reason is called, with what is behind it.
fn said(lang: Lang, why: NextWhy, because: Option<&str>) -> String {
    let why = word(lang, why);
    match (because, lang) {
        (None, _) => why.to_owned(),
        (Some(because), Lang::En) => format!("{why} ({because})"),
        (Some(because), Lang::Zh) => format!("{why}（{because}）"),
    }
}

fn other(one: &Other, lang: Lang) -> OtherStep {
    OtherStep {
        step: one.step.clone(),
        stage: one.stage.code().to_owned(),
        channel: one.channel.code().to_owned(),
        why: one.why.code().to_owned(),
        words: said(lang, one.why, one.because.as_deref()),
        because: one.because.clone(),
        when: one.when.map(day::text),
    }
}

/// The rule that forbids a channel on the whole of a day, where one does. A notice of a visit can still leave, as when a plan
/// is made.
fn forbidden(packs: &PackSet, known: &Known, channel: StepChannel, (on, now): (Date, Micros)) -> Option<Forbidden> {
    let zone = day::zone(&known.view.address.zone);
    let at = day::start(on, &zone).max(now);
    let length = if channel == StepChannel::Visit { SERVICE } else { MOMENT };
    let attempt = Attempt {
        channel: channel.contact()?,
        start: at,
        end: at + length,
    };
    let mut facts = known.facts(attempt, Crewed::Open, now);
    facts.notices.push(Notice {
        handed_over_at: Micros::ZERO,
    });
    let found = intervals(packs, &facts, on, length);
    if !found.intervals.is_empty() {
        return None;
    }
    let forbids = || found.verdict.findings.iter().filter(|finding| finding.effect.forbids());
    let first: &Finding = forbids().next().or(found.verdict.findings.first())?;
    let ends: Option<Vec<Micros>> = forbids().map(|finding| finding.until).collect();
    let until = ends.and_then(|ends| ends.into_iter().max());
    Some(Forbidden {
        channel,
        rule: first.rule.to_string(),
        until: until.map(|at| day::number(day::local(at, &zone))),
    })
}
