//! Queues the notices of a plan in the transaction that publishes it, withdraws those of visits that give way, and keeps
//! where a supervisor let visits be made without.

use std::collections::HashSet;

use doorstep_domain::contact::Channel;
use doorstep_domain::id::{AgencyId, CrewId, EventId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::notice::{NoticeChannel, NoticeState, NoticeWaiver, PageCode};
use doorstep_domain::person::PersonalFields;
use doorstep_log::stop::{stop_code, stop_hash};
use doorstep_rules::{Ban, PackSet};
use doorstep_store::WriteTx;
use doorstep_store::entry::{By, Entry, EntryKind, ServerEntry};
use doorstep_store::keys::SealingKeys;
use doorstep_store::notice::{Notice, Waiver};
use doorstep_store::receipt::Office;
use doorstep_store::visit::Visit;
use uuid::Uuid;

use super::render::{Words, languages, said};
use super::{Sealed, code_hash};
use crate::actor::Actor;
use crate::error::AppError;
use crate::facts::Known;
use crate::records::Crews;
use crate::{App, day};

/// How long after the visit a page code opens its page: time to complain.
const CODE_LASTS: Micros = Micros::from_seconds(30 * 86_400);

/// What announcing the visits of a plan needs, gathered before its transaction begins.
pub(crate) struct Announcing {
    offices: Vec<Office>,
    pub(crate) crews: Crews,
    keys: SealingKeys,
    waiver: Option<NoticeWaiver>,
}

impl App {
    /// Gathers what announcing visits of some crews to some persons needs.
    pub(crate) async fn announcing(
        &self,
        actor: &Actor,
        known: &[Known],
        crews: HashSet<CrewId>,
        waiver: Option<NoticeWaiver>,
    ) -> Result<Announcing, AppError> {
        let persons: Vec<Uuid> = known.iter().map(|known| known.view.case.person.0).collect();
        Ok(Announcing {
            offices: self.store().office_list(actor.tenant).await?,
            crews: self.crews(actor.tenant, crews.into_iter()).await?,
            keys: self.store().sealing_keys(actor.tenant, &persons).await?,
            waiver,
        })
    }

    /// Queues a notice of each visit whose rules ask for one, or keeps that it is waived. Returns the entries.
    pub(crate) async fn announce(
        &self,
        actor: &Actor,
        tx: &mut WriteTx,
        announcing: &Announcing,
        visits: &[(&Known, &Visit)],
    ) -> Result<Vec<Entry>, AppError> {
        let (mut notices, mut payloads, mut waivers, mut entries) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (known, visit) in visits {
            let day = local_day(known, visit);
            if let Some(reason) = announcing.waiver {
                waivers.push(Waiver {
                    visit: visit.id,
                    case: visit.case,
                    day,
                    staff: actor.staff,
                    reason,
                    at: tx.now(),
                });
                continue;
            }
            let Some(fields) = &known.fields else { continue };
            let (notice, sealed) = self.notice_of(announcing, (known, fields), visit, tx.now())?;
            let payload = serde_json::to_vec(&sealed).map_err(|_| AppError::Fault("notices serialise"))?;
            let key = announcing.keys.get(known.view.case.person.0)?;
            let (bytes, commitment) = key.seal(notice.payload.0, &payload);
            let entry = ServerEntry::new(EntryKind::NoticeQueued, actor.by())
                .about(known.view.person_alias)
                .visit(visit.alias)
                .payload(notice.payload, commitment)
                .with("notice", notice.id.to_string())
                .with("channel", notice.channel.code());
            entries.push(entry.into());
            payloads.push((notice.payload.0, known.view.case.person.0, bytes));
            notices.push(notice);
        }
        tx.payload_insert(payloads).await?;
        tx.notice_insert(&notices).await?;
        tx.notice_waive(&waivers).await?;
        Ok(entries)
    }

    fn notice_of(
        &self,
        announcing: &Announcing,
        (known, fields): (&Known, &PersonalFields),
        visit: &Visit,
        now: Micros,
    ) -> Result<(Notice, Sealed), AppError> {
        let settings = &self.0.parts.notices;
        let code = PageCode::of_bytes(doorstep_store::random_bytes());
        let stop = stop_code(doorstep_store::random_bytes());
        let stop_hash = stop_hash(visit.alias.0.as_bytes(), &stop).ok_or(AppError::Fault("stop codes are ours"))?;
        let page = format!("{}/n/{code}", settings.page_url);
        let channel = match settings.channel {
            NoticeChannel::Message if !fields.phone.is_empty() && !bars_messages(known, now) => NoticeChannel::Message,
            NoticeChannel::Message | NoticeChannel::Letter => NoticeChannel::Letter,
        };
        let (language, langs) = languages(&fields.language);
        let office = announcing.office(known.view.case.agency);
        let written = code.to_string();
        let words = Words {
            name: &fields.name,
            office: office.map_or("", |office| &office.name),
            badges: &announcing.badges(self.packs(), known, visit),
            starts: visit.planned_start,
            ends: visit.planned_end,
            zone: &day::zone(&known.view.address.zone),
            page: &page,
            code: &written,
            stop_code: &stop,
            complaints: office.map_or("", |office| &office.complaints),
        };
        let sealed = Sealed {
            said: said(&settings.templates, channel, langs, &words),
            name: fields.name.clone(),
            phone: fields.phone.clone(),
            address: fields.address.clone(),
            page,
            code: written,
            stop_code: stop,
        };
        let notice = Notice {
            id: doorstep_store::fresh_id(now),
            visit: visit.id,
            case: visit.case,
            person: known.view.case.person,
            day: local_day(known, visit),
            channel,
            language: language.to_owned(),
            state: NoticeState::Queued,
            queued_at: now,
            handed_over_at: None,
            delivered_at: None,
            returned_at: None,
            withdrawn_at: None,
            code_hash: code_hash(&code).0.to_vec(),
            code_expires: visit.planned_end + CODE_LASTS,
            stop_hash: stop_hash.0.to_vec(),
            payload: EventId(doorstep_store::fresh_id(now)),
        };
        Ok((notice, sealed))
    }
}

/// Withdraws the notices of cancelled visits that did not leave yet. Returns the entries.
pub(crate) async fn withdraw_notices(tx: &mut WriteTx, by: By, cancelled: &[VisitId]) -> Result<Vec<Entry>, AppError> {
    let visits: Vec<Uuid> = cancelled.iter().map(|visit| visit.0).collect();
    let mut entries = Vec::new();
    for waiting in tx.notice_waiting(&visits).await? {
        let id = waiting.notice.id;
        tx.notice_move(id, NoticeState::Queued, NoticeState::Withdrawn).await?;
        entries.push(super::dispatch::entry(&waiting, NoticeState::Withdrawn, by).into());
    }
    Ok(entries)
}

impl Announcing {
    fn office(&self, agency: Option<AgencyId>) -> Option<&Office> {
        self.offices.iter().find(|office| office.agency == agency)
    }

    /// The badge numbers of who is going to come: those of the crew who are dispatched that day.
    fn badges(&self, packs: &PackSet, known: &Known, visit: &Visit) -> Vec<String> {
        let (sent, _) = self.crews.sent(packs, known, (visit.crew, day::of_number(visit.day)));
        let mut badges: Vec<String> = sent.into_iter().map(|staff| staff.login.clone()).collect();
        badges.sort_unstable();
        badges
    }
}

/// Whether the person does not want to be written to on the phone: then they get a letter.
fn bars_messages(known: &Known, now: Micros) -> bool {
    let of_messages = |ban: &Ban| ban.channels.is_empty() || ban.channels.contains(&Channel::Message);
    let stands = |ban: &&Ban| ban.until.is_none_or(|until| until > now);
    known.bans.iter().filter(stands).any(of_messages)
}

/// The day of a visit at its address.
fn local_day(known: &Known, visit: &Visit) -> i64 {
    let zone = day::zone(&known.view.address.zone);
    day::number(day::local(visit.planned_start, &zone))
}
