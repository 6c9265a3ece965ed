//! Gathering the facts that the rules judge: from the case, its address, its personal fields and its contacts.

use std::collections::HashMap;

use doorstep_domain::case::Flag;
use doorstep_domain::contact::Channel;
use doorstep_domain::id::{Alias, CaseId, EventId, PersonId, PortfolioId};
use doorstep_domain::measure::Micros;
use doorstep_domain::person::{PersonRole, PersonalFields};
use doorstep_domain::place::Point;
use doorstep_domain::read::{FieldClass, OutsidePurpose};
use doorstep_domain::words::{ConsentScope, Lift};
use doorstep_rules::{
    AddressFacts, AgencyFacts, Attempt, Ban, Consent, Facts, Notice, PastContact, StaffFacts, Subject,
    parse_stated_times,
};
use doorstep_store::case::CaseView;
use doorstep_store::contact::Contact;
use doorstep_store::grant::{GrantRequest, Purpose, ReadGrant};
use doorstep_store::notice::Announced;
use doorstep_store::org::Portfolio;
use doorstep_store::pending::Pending;
use doorstep_store::restriction::Restriction;
use doorstep_store::{StoreError, WriteTx};
use doorstep_wire::sync::{ContactVersions, Payload};
use jiff::civil::time;
use uuid::Uuid;

use crate::actor::Actor;
use crate::agency::WhiteList;
use crate::corrections::Corrections;
use crate::error::AppError;
use crate::pull::LEASE;
use crate::{App, consent, day, restriction};

/// A case with everything that a verdict needs. The personal fields are absent where the person was erased.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) view: CaseView,
    pub(crate) fields: Option<PersonalFields>,
    pub(crate) contacts: Vec<Contact>,
    /// What is known of the person from any of their cases, as a mask of flags.
    pub(crate) of_person: i64,
    /// What they barred.
    pub(crate) bans: Vec<Ban>,
    /// What was agreed to in this case, and holds or held at its address.
    pub(crate) consents: Vec<Consent>,
    pub(crate) portfolio: Portfolio,
    /// The notices of the case's visits that left the house and did not come back, and those that were waived.
    pub(crate) announced: Vec<Announced>,
    /// What somebody corrected; it stands in `fields` already.
    pub(crate) corrections: Corrections,
    /// The address as the file gave it, before anything was corrected; `None` where the person was erased.
    pub(crate) file_address: Option<String>,
    /// Whether the point belongs to an earlier text of the address.
    pub(crate) point_unconfirmed: bool,
    /// Whether the agency that has the case may be sent; `None` for the creditor's own staff.
    pub(crate) agency: Option<AgencyFacts>,
    /// Keyed hash of the number that is asked about; `None` where no number is, or none is known.
    pub(crate) number: Option<Uuid>,
}

/// How many staff there are, as far as is known when the question is asked.
#[derive(Debug, Clone)]
pub(crate) enum Crewed {
    /// Not decided yet: the verdict says how many are needed.
    Open,
    /// By these, with what they hold.
    By(StaffFacts),
}

impl Known {
    /// Where the address is.
    pub(crate) fn point(&self) -> Option<Point> {
        let fields = self.fields.as_ref()?;
        Point::new(fields.lat_e7, fields.lon_e7).ok()
    }

    /// The versions of the contact fields.
    pub(crate) fn versions(&self) -> ContactVersions {
        self.corrections.versions(self.point_unconfirmed)
    }

    /// The lender's number; empty where the person was erased.
    pub(crate) fn case_no(&self) -> String {
        self.fields
            .as_ref()
            .map_or_else(String::new, |fields| fields.case_no.clone())
    }

    /// The facts at `now` for an attempt.
    pub(crate) fn facts(&self, attempt: Attempt, staff: Crewed, now: Micros) -> Facts {
        let case = &self.view.case;
        let available = self.fields.as_ref().map_or("", |fields| fields.available.as_str());
        // Whoever died, is ill or asked to be left in peace is so for every debt.
        let known = (case.flags | self.of_person, self.bans.as_slice());
        let mut facts = bare(&self.view, &self.portfolio, known, (attempt, now));
        // Written by the import in the form that is read here; what cannot be read was held there.
        facts.subject.available = parse_stated_times(available).unwrap_or_default();
        facts.contacts = self.contacts.iter().map(|contact| self.past(contact)).collect();
        facts.contacts.extend(self.visit_before());
        facts.visits_before = case.visits_before;
        facts.consents.clone_from(&self.consents);
        let on = day::number(day::local(attempt.start, &day::zone(&self.view.address.zone)));
        facts.consents.extend(self.waived_on(on));
        facts.notices = self.handed_over_on(on);
        facts.agency = self.agency;
        facts.staff = match staff {
            Crewed::Open => StaffFacts::counted(u8::MAX, u8::MAX),
            Crewed::By(staff) => staff,
        };
        facts
    }

    /// The notice that left the house last for a day at the address, whichever plan makes the visit: whoever was told of a
    /// day is not surprised on it. One that came back told nobody.
    pub(crate) fn handed_over_on(&self, on: i64) -> Vec<Notice> {
        let announced = self.announced.iter().filter(|one| one.day == on);
        let last = announced.filter_map(|one| one.handed_over_at).max();
        last.map(|handed_over_at| Notice { handed_over_at })
            .into_iter()
            .collect()
    }

    /// That a supervisor lets a visit of this day be made without notice.
    fn waived_on(&self, on: i64) -> Vec<Consent> {
        let is_waiver = |one: &&Announced| one.day == on && one.handed_over_at.is_none();
        self.announced
            .iter()
            .find(is_waiver)
            .map(|_| waiver())
            .into_iter()
            .collect()
    }

    /// The visits to this person that other plans have, as the contacts they are going to be or may have been. They count
    /// where a plan is made or published; at the door only what happened counts, so that two plans cannot stop each other
    /// there.
    pub(crate) fn ahead(&self, pending: &[Pending], now: Micros) -> Vec<PastContact> {
        let case = &self.view.case;
        let theirs = pending.iter().filter(|visit| visit.person == case.person);
        theirs
            .filter(|visit| may_happen(visit, now))
            .map(|visit| PastContact {
                same_address: visit.address == case.address,
                same_case: visit.case == case.id,
                ..PastContact::visit(visit.starts, None)
            })
            .collect()
    }

    pub(crate) fn past(&self, contact: &Contact) -> PastContact {
        PastContact {
            at: contact.at,
            channel: contact.channel,
            outcome: contact.outcome,
            same_address: contact
                .address
                .is_some_and(|address| address == self.view.case.address || self.corrections.same_address(address)),
            same_person: true,
            same_case: contact.case == self.view.case.id,
            // Two numbers are told apart only where both are known: else they count as one.
            same_number: self.number.is_none() || contact.number.is_none() || contact.number == self.number,
            date_only: false,
        }
    }

    /// The last visit before the import, of which only the day is known.
    fn visit_before(&self) -> Option<PastContact> {
        let zone = jiff::tz::TimeZone::get(&self.view.address.zone).ok()?;
        let noon = day::of_number(self.view.case.last_visit_day?).to_datetime(time(12, 0, 0, 0));
        let at = noon.to_zoned(zone).ok()?.timestamp().as_microsecond();
        Some(PastContact {
            at: Micros(at),
            channel: Channel::Visit,
            outcome: None,
            same_address: true,
            same_person: true,
            same_case: true,
            same_number: true,
            date_only: true,
        })
    }
}

/// That a supervisor lets a visit be made without notice. It has no beginning of its own: it holds for one visit, which may
/// begin before the plan is published.
pub(crate) const fn waiver() -> Consent {
    Consent {
        scope: ConsentScope::Notice,
        given: Lift::Supervisor,
        rule: None,
        from: Micros::ZERO,
        until: None,
    }
}

/// The facts of a case that stand in no sealed field: what is known of the person, as a mask of flags, and their bans. No
/// contacts, consents or notices are among them, so only what stops every visit can be asked of these.
pub(crate) fn bare(
    view: &CaseView,
    portfolio: &Portfolio,
    (flags, bans): (i64, &[Ban]),
    (attempt, now): (Attempt, Micros),
) -> Facts {
    let (case, address) = (&view.case, &view.address);
    Facts {
        subject: Subject {
            status: case.status,
            flags: Flag::of_mask(flags).into_iter().collect(),
            party: PersonRole::Debtor,
            portfolio_kind: portfolio.kind.clone(),
            days_past_due: case.days_past_due,
            amount_stale: now - case.amount_as_of > portfolio.amount_age_max,
            available: Vec::new(),
            bans: bans.to_vec(),
        },
        address: AddressFacts {
            country: address.country.clone(),
            region: address.region.clone(),
            zone: address.zone.clone(),
            state: address.state,
            kind: address.kind,
        },
        contacts: Vec::new(),
        visits_before: 0,
        consents: Vec::new(),
        notices: Vec::new(),
        staff: StaffFacts::counted(u8::MAX, u8::MAX),
        agency: None,
        attempt,
        closing: None,
        as_of: now,
    }
}

/// Whether a visit that nobody reported may still be made, or may have been. Its permit lasts until the crew's shift ends;
/// after that it counts until every device that was given the door has said that nothing waits in its outbox, and for as
/// long as a device may hold its cases.
pub(crate) fn may_happen(visit: &Pending, now: Micros) -> bool {
    let shift_end = visit
        .shift_end
        .map(|end| day::at(day::of_number(visit.day), end, &day::zone(&visit.zone)));
    let last = shift_end.unwrap_or(visit.ends).max(visit.ends);
    let unheard = visit.settled_at.is_some_and(|settled| settled < last);
    now < last || unheard && now < last + LEASE
}

impl App {
    /// Opens what is sealed of some cases under one grant, and gathers their contacts. Nothing is returned before the
    /// read entry is queued. `plan` names the plan where the purpose is planning.
    pub(crate) async fn know(
        &self,
        actor: &Actor,
        views: Vec<CaseView>,
        purpose: Purpose,
        plan: Option<Alias>,
    ) -> Result<Vec<Known>, AppError> {
        let mut request = actor.reads(purpose, &[FieldClass::Identity], persons_of(&views));
        request.plan = plan;
        self.know_by(actor, views, request).await
    }

    /// As [`App::know`], for whoever opens persons outside their caseload.
    pub(crate) async fn know_outside(
        &self,
        actor: &Actor,
        views: Vec<CaseView>,
        purpose: Purpose,
        outside: Option<OutsidePurpose>,
    ) -> Result<Vec<Known>, AppError> {
        let mut request = actor.reads(purpose, &[FieldClass::Identity], persons_of(&views));
        request.outside = outside;
        self.know_by(actor, views, request).await
    }

    /// As [`App::know`], for the whole record of one case, which is more than a line in a list and has an entry of its own.
    pub(crate) async fn know_whole(
        &self,
        actor: &Actor,
        view: CaseView,
        purpose: Purpose,
        outside: Option<OutsidePurpose>,
    ) -> Result<Known, AppError> {
        let views = vec![view];
        let mut request = actor.reads(purpose, &[FieldClass::Identity, FieldClass::Whole], persons_of(&views));
        request.outside = outside;
        let known = self.know_by(actor, views, request).await?.pop();
        known.ok_or(AppError::Fault("one case was asked for"))
    }

    async fn know_by(
        &self,
        actor: &Actor,
        views: Vec<CaseView>,
        request: GrantRequest,
    ) -> Result<Vec<Known>, AppError> {
        let ids: Vec<Uuid> = request.persons.iter().map(|(person, _)| person.0).collect();
        let grant = self.store().grant(actor.tenant, request, self.now()).await?;
        let mut corrections = self.corrections(actor, &views).await?;
        let events = sealed_of(&views, &corrections);
        let mut sealed: HashMap<Uuid, Vec<u8>> = self
            .store()
            .payload_get_many(actor.tenant, &events)
            .await?
            .into_iter()
            .map(|(event, _, bytes)| (event.0, bytes))
            .collect();
        let mut contacts: HashMap<PersonId, Vec<Contact>> = HashMap::new();
        for contact in self.store().contact_list(actor.tenant, &ids).await? {
            contacts.entry(contact.person).or_default().push(contact);
        }
        let flags = self
            .store()
            .flags_of_persons(actor.tenant, Flag::mask_of_person(), &ids);
        let of_person = by_person(flags.await?);
        let cases: Vec<Uuid> = views.iter().map(|view| view.case.id.0).collect();
        let mut announced = by_case(self.store().announced_list(actor.tenant, &cases).await?);
        let bans = self.store().ban_list(actor.tenant, &ids).await?;
        let consents = self.store().consent_list(actor.tenant, &ids).await?;
        let white = if views.iter().any(|view| view.case.agency.is_some()) {
            self.white_list(actor.tenant).await?
        } else {
            WhiteList::default()
        };
        let portfolios = self.store().portfolio_list(actor.tenant).await?.into_iter();
        let portfolios: HashMap<PortfolioId, Portfolio> = portfolios.map(|p| (p.id, p)).collect();
        views
            .into_iter()
            .map(|view| {
                let bytes = sealed.remove(&view.case.payload.0);
                let fields = bytes
                    .map(|bytes| open_fields(&grant, &view, &bytes))
                    .transpose()?
                    .flatten();
                let portfolio = portfolios.get(&view.case.portfolio).cloned();
                let mut known = Known {
                    fields,
                    of_person: of_person.get(&view.case.person).copied().unwrap_or_default(),
                    contacts: contacts.get(&view.case.person).cloned().unwrap_or_default(),
                    announced: announced.remove(&view.case.id).unwrap_or_default(),
                    bans: bans_of(&bans, &view),
                    consents: consent::of_case(&consents, &view),
                    portfolio: portfolio.ok_or(AppError::Fault("every case has its portfolio"))?,
                    corrections: corrections.remove(&view.case.id).unwrap_or_default(),
                    file_address: None,
                    point_unconfirmed: false,
                    agency: view.case.agency.map(|agency| white.facts(agency, view.case.portfolio)),
                    number: None,
                    view,
                };
                let person = known.view.case.person;
                known.correct(|event| payload_of(&grant, person, event, sealed.get(&event.0)?));
                known.stands_at(|event| grant.open(person, event, sealed.get(&event.0)?).ok());
                Ok(known)
            })
            .collect()
    }
}

impl App {
    /// What somebody corrected of some cases.
    async fn corrections(&self, actor: &Actor, views: &[CaseView]) -> Result<HashMap<CaseId, Corrections>, AppError> {
        let cases: Vec<Uuid> = views.iter().map(|view| view.case.id.0).collect();
        let mut corrections: HashMap<CaseId, Corrections> = HashMap::new();
        for edit in self.store().contact_edit_list(actor.tenant, &cases).await? {
            corrections.entry(edit.case).or_default().0.push(edit);
        }
        Ok(corrections)
    }

    /// What was said in some events about some persons, opened under one grant. What was erased is not among it.
    pub(crate) async fn payloads(
        &self,
        actor: &Actor,
        persons: Vec<(PersonId, Alias)>,
        events: &[Uuid],
        (purpose, outside): (Purpose, Option<OutsidePurpose>),
    ) -> Result<HashMap<Uuid, Payload>, AppError> {
        let mut request = actor.reads(purpose, &[FieldClass::Words], persons);
        request.outside = outside;
        let grant = self.store().grant(actor.tenant, request, self.now()).await?;
        let sealed = self.store().payload_get_many(actor.tenant, events).await?;
        let opened = sealed
            .iter()
            .filter_map(|(event, person, bytes)| Some((event.0, payload_of(&grant, *person, *event, bytes)?)));
        Ok(opened.collect())
    }
}

/// The sealed records of some cases: their fields, the texts of addresses that have their own, and what was corrected.
fn sealed_of(views: &[CaseView], corrections: &HashMap<CaseId, Corrections>) -> Vec<Uuid> {
    let mut events: Vec<Uuid> = views.iter().map(|view| view.case.payload.0).collect();
    events.extend(views.iter().filter_map(|view| view.address.text.map(|id| id.0)));
    let edits = corrections.values().flat_map(|of| of.0.iter());
    events.extend(edits.map(|edit| edit.payload.0));
    events
}

/// Whom some cases are about.
fn persons_of(views: &[CaseView]) -> Vec<(PersonId, Alias)> {
    views.iter().map(|view| (view.case.person, view.person_alias)).collect()
}

/// What is known of persons from any of their cases.
fn by_person(flags: Vec<(PersonId, i64)>) -> HashMap<PersonId, i64> {
    let mask = Flag::mask_of_person();
    let mut of_person: HashMap<PersonId, i64> = HashMap::new();
    for (person, flags) in flags {
        *of_person.entry(person).or_default() |= flags & mask;
    }
    of_person
}

fn by_case(announced: Vec<Announced>) -> HashMap<CaseId, Vec<Announced>> {
    let mut by_case: HashMap<CaseId, Vec<Announced>> = HashMap::new();
    for one in announced {
        by_case.entry(one.case).or_default().push(one);
    }
    by_case
}

/// Brings what may have changed since [`App::know`] up to date within a transaction: contacts, flags, states. What is
/// sealed does not change but with the case's version; where that is another, the caller must begin anew.
pub(crate) async fn renew(tx: &mut WriteTx, known: &mut [Known]) -> Result<(), AppError> {
    let persons: Vec<Uuid> = known.iter().map(|known| known.view.case.person.0).collect();
    let cases: Vec<Uuid> = known.iter().map(|known| known.view.case.id.0).collect();
    let mut contacts: HashMap<PersonId, Vec<Contact>> = HashMap::new();
    for contact in tx.contact_list(&persons).await? {
        contacts.entry(contact.person).or_default().push(contact);
    }
    let of_person = by_person(tx.flags_of_persons(Flag::mask_of_person(), &persons).await?);
    let mut announced = by_case(tx.announced_list(&cases).await?);
    let bans = tx.ban_list(&persons).await?;
    let consents = tx.consent_list(&persons).await?;
    let mut views: HashMap<CaseId, CaseView> = HashMap::new();
    for view in tx.case_get_many(&cases).await? {
        views.insert(view.case.id, view);
    }
    for one in known {
        let case = &one.view.case;
        let view = views.remove(&case.id).ok_or(StoreError::Changed)?;
        if view.case.payload != case.payload {
            return Err(StoreError::Changed.into());
        }
        one.contacts = contacts.get(&case.person).cloned().unwrap_or_default();
        one.of_person = of_person.get(&case.person).copied().unwrap_or_default();
        one.announced = announced.remove(&case.id).unwrap_or_default();
        one.bans = bans_of(&bans, &view);
        one.consents = consent::of_case(&consents, &view);
        one.view = view;
    }
    Ok(())
}

/// The bans of a case's person.
fn bans_of(bans: &[Restriction], view: &CaseView) -> Vec<Ban> {
    let theirs = bans.iter().filter(|ban| ban.person == view.case.person);
    theirs.map(restriction::ban_of).collect()
}

/// What somebody said, opened; `None` where it is not there any more or is no payload of an event.
pub(crate) fn payload_of(grant: &ReadGrant, person: PersonId, event: EventId, sealed: &[u8]) -> Option<Payload> {
    let opened = grant.open(person, event, sealed).ok()?;
    serde_json::from_slice(&opened.payload).ok()
}

/// The personal fields of a case; `None` where the person was erased.
pub(crate) fn open_fields(
    grant: &ReadGrant,
    view: &CaseView,
    sealed: &[u8],
) -> Result<Option<PersonalFields>, AppError> {
    match grant.open(view.case.person, view.case.payload, sealed) {
        Ok(opened) => {
            let fields = serde_json::from_slice(&opened.payload);
            fields
                .map(Some)
                .map_err(|_| AppError::Fault("sealed personal fields are ours"))
        }
        Err(doorstep_store::StoreError::Erased) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
