//! What a device gets: its crew's doors for the day and the signed permit, as changes since its cursor.

mod crew;
mod door;
mod joined;
mod pack;

use std::collections::HashSet;

use doorstep_domain::case::Flag;
use doorstep_domain::id::{CrewId, StaffId};
use doorstep_domain::measure::Micros;
use doorstep_domain::visit::VisitState;
use doorstep_log::hash::{Hash, sha256};
use doorstep_rules::{Attempt, intervals};
use doorstep_store::StoreError;
use doorstep_store::device::{Held, NOUN_DOOR};
use doorstep_store::entry::{Entries, EntryKind, LogName, ServerEntry};
use doorstep_store::grant::Purpose;
use doorstep_store::log::LogHead;
use doorstep_store::staff::Roster;
use doorstep_store::visit::Visit;
use doorstep_wire::sync::{Door, LEASE_S, Permit, PermitDoor, PermitStaff, PullAnswer, PullOp, PullQuery};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::actor::Actor;
use crate::agreement::pay_at_door;
use crate::conflict::Eyes;
use crate::device::check_version;
use crate::error::AppError;
use crate::facts::{Crewed, Known};
use crate::planning::SERVICE;
use crate::policy::{self, Action};
use crate::push::{LIMITS, not_a_device};
use crate::{App, day, say};
use crew::CrewOnRecord;
use door::{permit_door, stops_of, withdrawn_door};

/// How long a device may hold its cases without hearing from the server.
pub(crate) const LEASE: Micros = Micros::from_seconds(LEASE_S);
/// A crew sees the visits that begin within this span from now, and those that ended within it.
const SIGHT: Micros = Micros::from_seconds(18 * 3_600);

/// How exactly it is kept when a device was heard from last: asking again within 5 minutes writes nothing.
const SEEN_EVERY: Micros = Micros::from_seconds(300);

const NOUN_PERMIT: &str = "permit";
const NOUN_ALARM: &str = "alarm";
const NOUN_CONFLICT: &str = "conflict";

/// One thing that a device should hold.
struct Thing {
    noun: &'static str,
    id: Uuid,
    /// Decides whether it changed; left out what changes without meaning anything, such as the time of signing.
    digest: Vec<u8>,
    body: String,
}

impl App {
    /// What changed for this device since its cursor. A cursor that is not the newest gets everything anew.
    pub async fn pull(&self, actor: &Actor, query: &PullQuery) -> Result<PullAnswer, AppError> {
        policy::check(actor, Action::Sync)?;
        query.sync_version.map_or(Ok(()), check_version)?;
        let id = actor.device.ok_or_else(not_a_device)?;
        let now = self.now();
        let device = self.store().device_get(actor.tenant, id).await?;
        let settled = query.waiting == Some(0);
        let reset = query.cursor.as_deref() != Some(device.pull_cursor.to_string().as_str()) || device.pull_cursor == 0;
        let held = if reset {
            Vec::new()
        } else {
            self.store().device_held(actor.tenant, id).await?
        };
        let things = match self.store().roster_of_staff(actor.tenant, actor.staff).await? {
            Some(roster) => self.things(actor, &roster, &held, now).await?,
            None => Vec::new(),
        };
        let ops = changes(&held, &things);
        if ops.is_empty() && !reset && actor.agency.is_some() {
            // It asked again and has what it should: of doors that are off it has no name any more.
            let off = doors_off(&things)?;
            self.store().device_wiped(actor.tenant, id, &off, now).await?;
        }
        let mut next = device.pull_cursor;
        if !ops.is_empty() || reset {
            next += 1;
            let held: Vec<Held> = things
                .into_iter()
                .map(|thing| (thing.noun.to_owned(), thing.id, thing.digest))
                .collect();
            self.store()
                .device_held_set(actor.tenant, id, held, (next, settled), now)
                .await?;
        } else if device.seen_at + SEEN_EVERY < now || settled && device.settled_at + SEEN_EVERY < now {
            self.store().device_seen(actor.tenant, id, settled, now).await?;
        }
        let head = self.store().log_head(actor.tenant, LogName::Events).await?;
        let device = self.store().device_get(actor.tenant, id).await?;
        Ok(PullAnswer {
            consistency: self.consistency(actor, query.size, &head).await?,
            acknowledgement: self.acknowledge(actor, &device, now).await?,
            ops,
            cursor: next.to_string(),
            reset,
            continued: self.continued(actor, &head).await?,
            checkpoint: head.note,
            lease_until: (now + LEASE).get(),
            limits: LIMITS,
        })
    }

    /// What leads to the origin of the events log where it was continued: the first leaf of each log after the first. None
    /// where the log is damaged.
    pub(crate) async fn continued(&self, actor: &Actor, head: &LogHead) -> Result<Vec<String>, AppError> {
        if head.generation == 1 {
            return Ok(Vec::new());
        }
        let proofs = self.store().log_continuations(actor.tenant, LogName::Events).await;
        let proofs = unless_damaged(proofs)?;
        let texts = proofs.iter().map(|proof| String::from_utf8(proof.encode()));
        let texts: Result<Vec<String>, _> = texts.collect();
        texts.map_err(|_| AppError::Fault("proofs are text"))
    }

    /// Proof that the log extends the one that the device knows. Where it is shorter than that, or damaged, there is none,
    /// and the device sees it.
    async fn consistency(&self, actor: &Actor, known: Option<u64>, head: &LogHead) -> Result<Vec<String>, AppError> {
        let Some(known) = known.filter(|known| (1..head.note_size).contains(known)) else {
            return Ok(Vec::new());
        };
        let sizes = (known, head.note_size);
        let proof = self.store().log_consistency(actor.tenant, LogName::Events, sizes).await;
        Ok(unless_damaged(proof)?.into_iter().map(Hash::to_base64).collect())
    }

    pub(crate) async fn crew_visits(&self, actor: &Actor, crew: CrewId, now: Micros) -> Result<Vec<Visit>, AppError> {
        let today = day::number(day::local(now, &TimeZone::UTC));
        let mut visits = Vec::new();
        for offset in -1..=1 {
            visits.extend(self.store().visit_of_crew(actor.tenant, crew, today + offset).await?);
        }
        visits.retain(|visit| {
            let is_ahead = visit.state != VisitState::Cancelled || visit.withdrawn.is_some();
            is_ahead && visit.planned_start < now + SIGHT && visit.planned_end > now - SIGHT
        });
        Ok(visits)
    }

    async fn things(&self, actor: &Actor, roster: &Roster, held: &[Held], now: Micros) -> Result<Vec<Thing>, AppError> {
        let visits = self.crew_visits(actor, roster.crew, now).await?;
        let mut things = Vec::new();
        for notice in self.notices(actor, roster, !visits.is_empty()).await? {
            things.push(Thing {
                noun: NOUN_ALARM,
                id: notice.id,
                digest: digest(&notice)?,
                body: serde_json::to_string(&notice).map_err(|_| AppError::Fault("notices serialise"))?,
            });
        }
        let cases: Vec<Uuid> = visits.iter().map(|visit| visit.case.0).collect();
        let views = self.store().case_get_many(actor.tenant, &cases).await?;
        if views.is_empty() {
            return Ok(things);
        }
        let known = self.know(actor, views, Purpose::Visit, None).await?;
        let notices = self.store().notices_of_cases(actor.tenant, &cases).await?;
        let crew = self.crew_on_record(actor, roster.crew).await?;
        let strategies = self.strategies(actor.tenant).await?;
        let mut doors = Vec::new();
        let mut expires = now;
        let mut first_day = None;
        for (position, visit) in visits.iter().enumerate() {
            let Some(known) = known.iter().find(|known| known.view.case.id == visit.case) else {
                continue;
            };
            let Some((mut door, mut permit)) = self.door((position, visit), known, &crew, now)? else {
                continue;
            };
            permit.stops = stops_of(&notices, visit.case, now);
            if door.withdrawn.is_none() {
                let amount = door.amount.as_ref().map(|amount| amount.total);
                door.pay = pay_at_door(strategies.of(known.view.case.portfolio), known, amount);
            }
            let zone = day::zone(&door.zone);
            let date = day::local(visit.planned_start, &zone);
            expires = expires.max(day::at(date, roster.shift_end, &zone));
            first_day.get_or_insert(date);
            let bare = Door {
                facts: String::new(),
                ..door.clone()
            };
            let digest = digest(&(bare, crew.members(known, date)))?;
            let body = serde_json::to_string(&door).map_err(|_| AppError::Fault("doors serialise"))?;
            things.push(Thing {
                noun: NOUN_DOOR,
                id: visit.id.0,
                digest,
                body,
            });
            doors.push(permit);
        }
        things.extend(self.joined_things(actor, &visits, now).await?);
        // What was said of whom a visit that is off was to, is nothing for the crew any more.
        let is_off = |id: Uuid| visits.iter().any(|visit| visit.id.0 == id && visit.withdrawn.is_some());
        let given: Vec<Uuid> = things.iter().map(|thing| thing.id).filter(|id| !is_off(*id)).collect();
        things.extend(self.conflict_things(actor, roster.crew, &given, &known).await?);
        if let Some(date) = first_day {
            let terms = (roster.crew, date, expires);
            let (sentences, hash) = pack::sentences(self.packs(), &doors)?;
            let crew = crew.permitted(date);
            things.push(self.permit(actor, terms, (doors, crew, hash), held).await?);
            things.push(sentences);
            things.extend(pack::things(self.packs()));
        }
        Ok(things)
    }

    /// The open conflicts of the crew's own visits. Of who said what only the crew is named.
    async fn conflict_things(
        &self,
        actor: &Actor,
        crew: CrewId,
        visits: &[Uuid],
        known: &[Known],
    ) -> Result<Vec<Thing>, AppError> {
        let conflicts = self.store().conflict_of_visits(actor.tenant, visits).await?;
        if conflicts.is_empty() {
            return Ok(Vec::new());
        }
        let crew = self.store().staff_of_crew(actor.tenant, crew).await?;
        let crew: HashSet<StaffId> = crew.into_iter().map(|one| one.id).collect();
        let items = self.conflict_items(actor, conflicts, known, Eyes::Crew(&crew)).await?;
        items
            .into_iter()
            .map(|item| {
                Ok(Thing {
                    noun: NOUN_CONFLICT,
                    id: item.id,
                    digest: digest(&item)?,
                    body: serde_json::to_string(&item).map_err(|_| AppError::Fault("conflicts serialise"))?,
                })
            })
            .collect()
    }

    /// A door as the crew gets it, with what is allowed there; `None` where nothing is allowed any more.
    fn door(
        &self,
        (position, visit): (usize, &Visit),
        known: &Known,
        crew: &CrewOnRecord,
        now: Micros,
    ) -> Result<Option<(Door, PermitDoor)>, AppError> {
        let (Some(fields), Some(point)) = (&known.fields, known.point()) else {
            return Ok(None);
        };
        if let Some(rule) = &visit.withdrawn {
            return Ok(Some(withdrawn_door((position, visit), known, rule)));
        }
        let case = &known.view.case;
        let is_theirs = crew.agency.is_none_or(|own| case.agency == Some(own));
        // What an agency has begun it ends; of any other case that is its own no more its devices hold nothing.
        if !is_theirs && visit.state != VisitState::Started {
            return Ok(None);
        }
        let mut facts = known.facts(
            Attempt::visit(visit.planned_start, visit.planned_end),
            Crewed::Open,
            now,
        );
        // The visit itself is no contact before it.
        facts.contacts.retain(|contact| visit.started_at != Some(contact.at));
        let zone = day::zone(&known.view.address.zone);
        let date = day::local(visit.planned_start, &zone);
        let allowed = intervals(self.packs(), &facts, date, SERVICE);
        if allowed.intervals.is_empty() && visit.state == VisitState::Planned {
            return Ok(None);
        }
        // Who of them is at the door, the device knows.
        facts.staff.members = crew.members(known, date);
        let amount = say::amount(case, known.portfolio.amount_age_max, now);
        let permit = permit_door(visit, known, &allowed, amount.stale);
        let notes = Flag::of_mask(case.flags).into_iter().filter(|flag| !flag.restricts());
        let door = Door {
            visit: visit.id.0,
            visit_alias: visit.alias.0,
            subject_alias: known.view.person_alias.0,
            case_no: known.case_no(),
            name: fields.name.clone(),
            phone: fields.phone.clone(),
            address: fields.address.clone(),
            point: [point.lat_e7(), point.lon_e7()],
            language: fields.language.clone(),
            zone: known.view.address.zone.clone(),
            position: position as i64,
            starts: visit.planned_start.get(),
            ends: visit.planned_end.get(),
            amount: (!amount.stale).then_some(amount),
            fields: known.versions(),
            notes: notes.map(|flag| flag.code().to_owned()).collect(),
            facts: serde_json::to_string(&facts).map_err(|_| AppError::Fault("facts serialise"))?,
            pay: None,
            withdrawn: None,
        };
        Ok(Some((door, permit)))
    }

    async fn permit(
        &self,
        actor: &Actor,
        (crew, date, expires): (CrewId, Date, Micros),
        (doors, staff, sentences): (Vec<PermitDoor>, Vec<PermitStaff>, String),
        held: &[Held],
    ) -> Result<Thing, AppError> {
        let now = self.now();
        let rules = self.packs().digest().to_string();
        let office = self.permit_office(actor).await?;
        let digest = digest(&(
            (&doors, &sentences),
            &staff,
            &rules,
            &office,
            &date.to_string(),
            expires.get(),
        ))?;
        if held
            .iter()
            .any(|(noun, id, known)| noun == NOUN_PERMIT && *id == crew.0 && *known == digest)
        {
            // The device has this permit; nothing is signed or logged again.
            return Ok(Thing {
                noun: NOUN_PERMIT,
                id: crew.0,
                digest,
                body: String::new(),
            });
        }
        let permit = Permit {
            v: 1,
            id: doorstep_store::fresh_id(now),
            ten: actor.tenant.0,
            crew: crew.0,
            day: date.to_string(),
            as_of_ms: now.millis(),
            expires_ms: expires.millis(),
            rules,
            doors,
            staff,
            office,
            sentences,
        };
        let body = self.sign_note(actor, &permit).await?;
        let entry = ServerEntry::new(EntryKind::PermitGiven, actor.by())
            .with("permit", permit.id.to_string())
            .with("crew", crew.to_string())
            .with("doors", permit.doors.len() as i64)
            .with("rules", permit.rules.as_str());
        self.store()
            .write(actor.tenant, now)
            .await?
            .commit(Entries::one(entry))
            .await?;
        Ok(Thing {
            noun: NOUN_PERMIT,
            id: crew.0,
            digest,
            body,
        })
    }
}

/// A log that is damaged keeps no crew from its doors and from what protects people there: the device gets no proof, keeps
/// that as evidence, and says so in its chain.
fn unless_damaged<T: Default>(found: Result<T, StoreError>) -> Result<T, AppError> {
    match found {
        Err(error @ (StoreError::NotFound | StoreError::Altered | StoreError::Shape { .. } | StoreError::Leaf(_))) => {
            tracing::error!(%error, "the events log is damaged: devices get no proof of it");
            Ok(T::default())
        }
        found => Ok(found?),
    }
}

/// The doors that name nobody, because the visit was withdrawn.
fn doors_off(things: &[Thing]) -> Result<Vec<Uuid>, AppError> {
    let mut off = Vec::new();
    for thing in things.iter().filter(|thing| thing.noun == NOUN_DOOR) {
        let door: Door = serde_json::from_str(&thing.body).map_err(|_| AppError::Fault("doors serialise"))?;
        if door.withdrawn.is_some() {
            off.push(thing.id);
        }
    }
    Ok(off)
}

fn digest(value: &impl serde::Serialize) -> Result<Vec<u8>, AppError> {
    let bytes = serde_json::to_vec(value).map_err(|_| AppError::Fault("what devices hold serialises"))?;
    Ok(sha256(&bytes).0.to_vec())
}

/// To whom a noun belongs: to who carries the day out, or to everybody.
fn bucket(noun: &str) -> String {
    let bucket = if [pack::NOUN_PACK, pack::NOUN_SENTENCES].contains(&noun) {
        "rule-pack"
    } else {
        "assignee"
    };
    bucket.to_owned()
}

/// Puts for what is new or changed, removes for what left the device's scope.
fn changes(held: &[Held], things: &[Thing]) -> Vec<PullOp> {
    let mut ops = Vec::new();
    for (noun, id, _) in held {
        if !things.iter().any(|thing| thing.noun == noun && thing.id == *id) {
            ops.push(PullOp {
                op: "remove".to_owned(),
                bucket: bucket(noun),
                noun: noun.clone(),
                id: *id,
                body: None,
            });
        }
    }
    for thing in things {
        let same = held
            .iter()
            .any(|(noun, id, digest)| noun == thing.noun && *id == thing.id && *digest == thing.digest);
        if !same {
            ops.push(PullOp {
                op: "put".to_owned(),
                bucket: bucket(thing.noun),
                noun: thing.noun.to_owned(),
                id: thing.id,
                body: Some(thing.body.clone()),
            });
        }
    }
    ops
}
