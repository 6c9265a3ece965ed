//! The contact log: calls, messages and letters beside the visits that devices report. The office asks before it calls; what
//! was made is taken whatever the rules say of it, because the next answer depends on what happened, and is flagged.

mod import;
mod pressure;
mod said;

use std::collections::HashMap;

use doorstep_domain::case::Flag;
use doorstep_domain::contact::{Channel, ContactOutcome};
use doorstep_domain::id::{CaseId, ContactId, StaffId};
use doorstep_domain::measure::Micros;
use doorstep_domain::restriction::{RestrictionKind, RightSource};
use doorstep_domain::step::{DefaultReason, PROTECTED};
use doorstep_domain::words::Lang;
use doorstep_rules::{Attempt, PackSet, Verdict, evaluate};
use doorstep_store::WriteTx;
use doorstep_store::blind::blind_number;
use doorstep_store::contact::Contact;
use doorstep_store::entry::{Detail, Entries, Entry, EntryKind, ServerEntry};
use doorstep_store::grant::Purpose;
use doorstep_store::seal::BlindKey;
use doorstep_strategy::Strategy;
use doorstep_wire::Page;
use doorstep_wire::contact::{CheckContact, ContactRecorded, ContactVerdict, ForbiddenContact, RecordContact};
use doorstep_wire::problem::ProblemCode;
use uuid::Uuid;

use crate::actor::Actor;
use crate::called_off::CallOff;
use crate::contact::erased;
use crate::error::AppError;
use crate::facts::{Crewed, Known, renew};
use crate::policy::{self, Action};
use crate::restriction::{New, code, put_on};
use crate::strategy::Courses;
use crate::{App, say};

/// How far ahead of the server's clock a contact may be dated: clocks differ.
const AHEAD_MAX: Micros = Micros::from_seconds(300);
/// How far back forbidden contacts are listed.
const FORBIDDEN_SINCE: Micros = Micros::from_seconds(30 * 86_400);
/// The most of them that are looked at.
const FORBIDDEN_MAX: i64 = 1_000;

/// The channel of a request: anything but a visit, which a device reports.
fn channel_of(text: &str) -> Result<Channel, AppError> {
    let channel = text.parse().ok().filter(|channel| *channel != Channel::Visit);
    channel.ok_or_else(|| {
        let detail = "`channel` is `call`, `message` or `letter`; visits are reported by the devices of crews.";
        AppError::at(ProblemCode::BadRequest, "channel", detail)
    })
}

/// The outcome of a request, where one is named.
fn outcome_of(text: Option<&str>, channel: Channel) -> Result<Option<ContactOutcome>, AppError> {
    let Some(text) = text else { return Ok(None) };
    let known = text
        .parse()
        .ok()
        .filter(|outcome: &ContactOutcome| outcome.fits(channel));
    known.map(Some).ok_or_else(|| {
        let fitting = ContactOutcome::ALL.iter().filter(|outcome| outcome.fits(channel));
        let codes: Vec<&str> = fitting.map(|outcome| outcome.code()).collect();
        let detail = format!("The outcome of a {channel} is one of: {}.", codes.join(", "));
        AppError::at(ProblemCode::BadRequest, "outcome", detail)
    })
}

/// What whoever made a contact tells of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    outcome: Option<ContactOutcome>,
    reason: Option<DefaultReason>,
    step: Option<String>,
}

impl Told {
    /// Of what was sent as a step, or as none.
    pub(crate) fn as_step(step: Option<String>) -> Self {
        Self {
            step,
            ..Self::default()
        }
    }
}

/// The step that a request names, if it is one of the strategy and on the contact's channel.
fn step_of(text: Option<&str>, strategy: &Strategy, channel: Channel) -> Result<Option<String>, AppError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let known = strategy
        .steps
        .iter()
        .any(|step| step.id == text && step.channel.contact() == Some(channel));
    known.then(|| Some(text.to_owned())).ok_or_else(|| {
        let detail = format!("The strategy of this portfolio has no step of this name on a {channel}.");
        AppError::at(ProblemCode::BadRequest, "step", detail)
    })
}

/// The instant of a request, now where it names none; no later than `latest`.
fn instant_of(at: Option<i64>, now: Micros, latest: Micros) -> Result<Micros, AppError> {
    let at = at.map_or(now, Micros);
    if at > latest || jiff::Timestamp::from_microsecond(at.get()).is_err() {
        let detail = "`at` is an instant in microseconds since 1970, and no contact of the future can be recorded.";
        return Err(AppError::at(ProblemCode::BadRequest, "at", detail));
    }
    Ok(at)
}

/// The keyed hash of a number that a request names.
fn number_of(key: &BlindKey, known: &Known, number: &str) -> Result<Uuid, AppError> {
    blind_number(key, known.view.case.person, number).ok_or_else(|| {
        let detail = "Give at least five digits of the number, or leave it out.";
        AppError::at(ProblemCode::BadRequest, "number", detail)
    })
}

/// A hardship that is told as the reason for default keeps everybody from the door: visits ahead of the case are called off, unless
/// another reason was told later. The caller has locked the person with what lies ahead of them.
async fn hardship_told(tx: &mut WriteTx, known: &Known, actor: &Actor) -> Result<Vec<Entry>, AppError> {
    if !Courses::told_of_hardship(known) {
        return Ok(Vec::new());
    }
    let (case, now) = (&known.view.case, tx.now());
    let mut off = CallOff::new(actor.by());
    for visit in tx.visit_planned_of(&[case.id.0]).await? {
        if visit.planned_end > now {
            off.visit(tx, (&visit, known.view.person_alias), PROTECTED).await?;
        }
    }
    off.done(tx).await
}

/// What the rules say of an attempt on a channel, knowing what was made before it.
pub(crate) fn verdict(packs: &PackSet, known: &Known, (channel, at): (Channel, Micros), as_of: Micros) -> Verdict {
    let attempt = Attempt {
        channel,
        start: at,
        end: at,
    };
    let mut facts = known.facts(attempt, Crewed::Open, as_of);
    facts.contacts.retain(|past| past.at <= at);
    evaluate(packs, &facts)
}

/// The rules that forbid what was made, each once.
pub(crate) fn forbidding(verdict: &Verdict) -> Vec<String> {
    let forbid = verdict.findings.iter().filter(|finding| finding.effect.forbids());
    let mut rules: Vec<String> = forbid.map(|finding| finding.rule.to_string()).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

/// Rules as they are stored: separated by commas.
pub(crate) fn rules_of(stored: &str) -> Vec<String> {
    stored
        .split(',')
        .filter(|rule| !rule.is_empty())
        .map(str::to_owned)
        .collect()
}

/// What the log says of a contact. It names rules where they forbade it.
pub(crate) fn entry(actor: &Actor, known: &Known, contact: &Contact) -> Entry {
    let mut entry = ServerEntry::new(EntryKind::ContactRecorded, actor.by())
        .about(known.view.person_alias)
        .with("case", known.view.case.alias.to_string())
        .with("contact", contact.id.to_string())
        .with("channel", contact.channel.code())
        .with("at", contact.at.get());
    if let Some(outcome) = contact.outcome {
        entry = entry.with("outcome", outcome.code());
    }
    let rules = rules_of(&contact.rules);
    if !rules.is_empty() {
        entry = entry.with("rules", Detail::List(rules)).reason("rule-blocked");
    }
    entry.into()
}

fn recorded(contact: &Contact) -> ContactRecorded {
    ContactRecorded {
        id: contact.id.0,
        case: contact.case.0,
        channel: contact.channel.code().to_owned(),
        at: contact.at.get(),
        outcome: contact.outcome.map(|outcome| outcome.code().to_owned()),
        rules: rules_of(&contact.rules),
    }
}

impl App {
    /// Whether somebody may be called or written to: what the rules say of it at that instant.
    pub async fn check_contact(
        &self,
        actor: &Actor,
        request: &CheckContact,
        lang: Lang,
    ) -> Result<ContactVerdict, AppError> {
        policy::check(actor, Action::RecordContact)?;
        let now = self.now();
        let channel = channel_of(&request.channel)?;
        let at = instant_of(request.at, now, Micros::MAX)?;
        let (mut known, key) = self.known_to_contact(actor, request.case).await?;
        known.number = match (&request.number, &known.fields) {
            (Some(number), _) => Some(number_of(&key, &known, number)?),
            (None, Some(fields)) => blind_number(&key, known.view.case.person, &fields.phone),
            (None, None) => None,
        };
        let verdict = verdict(self.packs(), &known, (channel, at), now);
        Ok(ContactVerdict {
            case: request.case,
            channel: channel.code().to_owned(),
            at: at.get(),
            zone: known.view.address.zone.clone(),
            allowed: !verdict.effect.forbids(),
            verdict: say::verdict(&verdict, lang),
        })
    }

    /// Records a call, message or letter that was made or tried, whatever the rules say of it. With an idempotency key the
    /// same request again records nothing more.
    pub async fn record_contact(
        &self,
        actor: &Actor,
        request: &RecordContact,
        key: Option<String>,
    ) -> Result<ContactRecorded, AppError> {
        policy::check(actor, Action::RecordContact)?;
        let now = self.now();
        let channel = channel_of(&request.channel)?;
        let outcome = outcome_of(request.outcome.as_deref(), channel)?;
        let at = instant_of(request.at, now, now + AHEAD_MAX)?;
        let reason = request.reason.as_deref().map(|text| code("reason", text)).transpose()?;
        let (mut known, blind_key) = self.known_to_contact(actor, request.case).await?;
        let strategy = self.strategy_of(actor.tenant, known.view.case.portfolio).await?;
        let step = step_of(request.step.as_deref(), &strategy, channel)?;
        let told = Told { outcome, reason, step };
        // The hash of the request is kept for a day, and a plain one would give the number away.
        let hash = blind_key.blind("request", &format!("{request:?}")).as_bytes().to_vec();
        if let Some(before) = self.kept_answer(actor, key.as_deref(), &hash).await? {
            return Ok(before);
        }
        let number = request.number.as_deref().filter(|number| !number.trim().is_empty());
        known.number = number.map(|number| number_of(&blind_key, &known, number)).transpose()?;
        let staff = match request.staff {
            Some(staff) => self.staff_in_reach(actor, StaffId(staff)).await?.id,
            None => actor.staff,
        };
        let mut tx = self.store().write(actor.tenant, now).await?;
        if !tx.person_kept(known.view.case.person).await? {
            return Err(erased());
        }
        tx.ahead_lock(&[known.view.case.person.0], &[]).await?;
        renew(&mut tx, std::slice::from_mut(&mut known)).await?;
        let contact = self.contact_made(&known, (channel, at), told, Some(staff));
        tx.contact_insert(&contact).await?;
        let answer = recorded(&contact);
        if let Some(key) = key {
            let text = serde_json::to_string(&answer).map_err(|_| AppError::Fault("answers serialise"))?;
            tx.answer_keep(actor.staff, &key, &hash, &text).await?;
        }
        let mut entries = vec![entry(actor, &known, &contact)];
        known.contacts.push(contact.clone());
        if let Some(reason) = contact.reason {
            entries.extend(self.reason_told(&mut tx, &known, (reason, actor)).await?);
        }
        let entries = Entries::of(entries).ok_or(AppError::Fault("a contact has its entry"))?;
        tx.commit(entries).await?;
        // Rules of visits count other channels too.
        self.wake_devices();
        Ok(answer)
    }

    /// What follows at once of a reason for default that was told.
    async fn reason_told(
        &self,
        tx: &mut WriteTx,
        known: &Known,
        (reason, actor): (DefaultReason, &Actor),
    ) -> Result<Vec<Entry>, AppError> {
        match reason {
            DefaultReason::Dispute => self.dispute_told(tx, known, actor).await,
            reason if reason.is_hardship() => hardship_told(tx, known, actor).await,
            _ => Ok(Vec::new()),
        }
    }

    /// A dispute that is told as the reason for default is a dispute: it restricts the case as if the office had been asked to,
    /// and visits ahead that it forbids are withdrawn. The caller has locked the person with what lies ahead of them.
    async fn dispute_told(&self, tx: &mut WriteTx, known: &Known, actor: &Actor) -> Result<Vec<Entry>, AppError> {
        if known.view.case.flags & Flag::Disputed.bit() != 0 {
            return Ok(Vec::new());
        }
        let new = New {
            staff: Some(actor.staff),
            ..New::of(RestrictionKind::Disputed, RightSource::Office, tx.now())
        };
        Ok(put_on(self, tx, &known.view, (&new, actor.by())).await?.entries)
    }

    /// A contact as it is kept, with the rules that forbade it. Its number is the one that is known of the case here.
    pub(crate) fn contact_made(
        &self,
        known: &Known,
        (channel, at): (Channel, Micros),
        told: Told,
        staff: Option<StaffId>,
    ) -> Contact {
        let verdict = verdict(self.packs(), known, (channel, at), at);
        let case = &known.view.case;
        Contact {
            id: ContactId(doorstep_store::fresh_id(self.now())),
            case: case.id,
            person: case.person,
            address: (channel == Channel::Letter).then_some(case.address),
            channel,
            at,
            outcome: told.outcome,
            event: None,
            number: known.number,
            staff,
            rules: forbidding(&verdict).join(","),
            reason: told.reason,
            step: told.step,
        }
    }

    /// The case in the caller's scope with what a verdict needs, and the key of blind indexes.
    pub(crate) async fn known_to_contact(&self, actor: &Actor, case: Uuid) -> Result<(Known, BlindKey), AppError> {
        let view = self.case_in_scope(actor, case).await?;
        let known = self.know(actor, vec![view], Purpose::Case, None).await?.pop();
        let known = known.ok_or(AppError::Fault("one case was asked for"))?;
        if known.fields.is_none() {
            return Err(erased());
        }
        Ok((known, self.store().keys().blind_key(actor.tenant.0).await?))
    }

    /// Calls, messages and letters of the last thirty days that rules forbade when they were made, newest first. Names nobody
    /// who was contacted.
    pub async fn list_forbidden_contacts(&self, actor: &Actor) -> Result<Page<ForbiddenContact>, AppError> {
        policy::check(actor, Action::SeeReviews)?;
        let since = self.now() - FORBIDDEN_SINCE;
        let store = self.store();
        let contacts = store.contact_forbidden(actor.tenant, since, FORBIDDEN_MAX).await?;
        let cases: Vec<Uuid> = contacts.iter().map(|contact| contact.case.0).collect();
        let scope = policy::scope(actor);
        let views = store.case_get_many(actor.tenant, &cases).await?.into_iter();
        let views = views.filter(|view| crate::case::in_scope(view, &scope));
        let zones: HashMap<CaseId, String> = views.map(|view| (view.case.id, view.address.zone)).collect();
        let staff = store.staff_list(actor.tenant).await?.into_iter();
        let logins: HashMap<StaffId, String> = staff.map(|one| (one.id, one.login)).collect();
        let items = contacts.iter().filter_map(|contact| {
            Some(ForbiddenContact {
                contact: recorded(contact),
                staff: contact.staff.and_then(|staff| logins.get(&staff).cloned()),
                zone: zones.get(&contact.case)?.clone(),
            })
        });
        Ok(Page {
            items: items.collect(),
            next: None,
        })
    }
}
