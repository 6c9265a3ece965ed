//! What is asked of the device, and its answers in the words of the screens.

use std::sync::Arc;
use std::time::Duration;

use doorstep_device::{Device, FinishInput, Leaving, Pin, StartInput, VisitState, VisitView, Withdrawn};
use doorstep_domain::conflict::{ContactField, Side};
use doorstep_domain::measure::Micros;
use doorstep_domain::words::Lang;
use doorstep_wire::conflict::{ConflictItem, ConflictSide};
use doorstep_wire::sync::Joined;
use uuid::Uuid;

use super::Hands;
use crate::app::day::DayShown;
use crate::app::effect::{Answered, Ask, CheckOut, ChecksAnswer, Recorded};
use crate::app::field::{Conflict, DeviceFacts, Draft, Route, Sheet, Stop, StopState, TeamAlarm, Waiting};
use crate::command::route::off_words;
use crate::command::{conflict, sheet};
use crate::failure::Failure;
use crate::said::Said;
use crate::text::pick;
use crate::times;

/// How long somebody in need waits before they are told that the call is kept.
const SOS: Duration = Duration::from_secs(5);

/// Does what is asked of the device.
pub(super) async fn carry_out(hands: &Hands, lang: Lang, ask: Ask) -> Result<Answered, Failure> {
    match ask {
        Ask::Unlock(pin) => return unlock(hands, &pin).await,
        Ask::Lock => {
            hands.drop_device().await;
            return Ok(Answered::Done);
        }
        _ => {}
    }
    let device = hands.device().await?;
    Ok(match ask {
        Ask::Route => {
            let now = hands.0.tools.clock.now();
            let (route, facts) = route(&device, now, lang).await?;
            Answered::Route(Box::new(route), Box::new(facts))
        }
        Ask::Visit(visit) => Answered::Visit(Box::new(file(&device, visit, lang).await?)),
        Ask::KeepDraft { visit, draft } => {
            let value = serde_json::to_value(&*draft).unwrap_or_default();
            device.draft_put(visit, &value).await?;
            Answered::DraftKept
        }
        Ask::Outbox => outbox(&device, lang).await?,
        Ask::Sync => {
            let pushed = device.push().await?;
            device.pull().await?;
            hands.listen(&device);
            Answered::Synced {
                acknowledged: pushed.acknowledged,
            }
        }
        Ask::Sos(position) => {
            device.sos(position).await?;
            let sent = tokio::time::timeout(SOS, device.push_urgent()).await;
            Answered::Sos {
                sent: matches!(sent, Ok(Ok(_))),
            }
        }
        Ask::Joined(visit) => Answered::Joined {
            visit,
            signed: device.visit_joined(visit).await?,
        },
        Ask::DayCounts => Answered::DayCounts(DayShown {
            stops: device.stops_held().await?,
            counts: device.day_counts().await?,
            begun: device.visits_started().await?.first().copied(),
        }),
        Ask::FetchOwnReads => {
            device.fetch_own_reads().await?;
            Answered::OwnReads(device.own_reads().await?.map(Box::new))
        }
        Ask::OwnReads => Answered::OwnReads(device.own_reads().await?.map(Box::new)),
        Ask::Kept => Answered::Kept(device.suspects().await?),
        Ask::OwnChecks => Answered::Checks(ChecksAnswer::List(device.own_checks().await?)),
        Ask::OwnCheck(check) => Answered::Checks(ChecksAnswer::One(Box::new(device.own_check(check, lang).await?))),
        Ask::Appeal(check, words) => {
            device.own_check_appeal(check, (&words, lang)).await?;
            Answered::Checks(ChecksAnswer::Appealed)
        }
        Ask::Receipt(visit) => Answered::Receipt(Box::new(device.receipt_give(visit).await?)),
        Ask::Sheet => Answered::Written(sheet::write(&device, None, false, lang).await?.0),
        Ask::ChangePin { old, new } => {
            device.change_pin(&Pin::new(&old)?, &Pin::new(&new)?).await?;
            Answered::Done
        }
        other => return record(&device, other).await,
    })
}

/// Records what happened: each is signed into the device's chain.
async fn record(device: &Device, ask: Ask) -> Result<Answered, Failure> {
    let (visit, what) = match ask {
        Ask::CheckIn {
            visit,
            position,
            partners,
            pin,
            identity_shown,
            anyway,
        } => {
            let fresh = device.ask_fresh().await?;
            let joined = signed_here(device, visit, pin).await?;
            let mut staff = vec![device.me().staff];
            staff.extend(partners);
            let input = StartInput {
                position,
                staff,
                joined,
                identity_shown,
                anyway,
            };
            device.visit_start(visit, input).await?;
            let as_of = fresh.as_of.filter(|_| !fresh.confirmed);
            (Some(visit), Recorded::CheckIn { as_of })
        }
        Ask::ConfirmVisit(visit) => (Some(visit), confirmed(device, visit).await?),
        Ask::Identify(visit) => {
            device.identity_confirm(visit).await?;
            (Some(visit), Recorded::Identity)
        }
        Ask::CheckOut(out) => {
            let visit = out.visit;
            device.visit_finish(visit, finish(*out)).await?;
            (Some(visit), Recorded::CheckOut)
        }
        Ask::StopCode { visit, code } => {
            device.visit_stop(visit, &code).await?;
            (Some(visit), Recorded::CheckOut)
        }
        Ask::Leave { visit, distress } => {
            let leaving = if distress { Leaving::Distress } else { Leaving::Asked };
            device.visit_leave(visit, leaving, None).await?;
            (Some(visit), Recorded::CheckOut)
        }
        Ask::Skip { visit, reason } => {
            device.skip(visit, &reason).await?;
            (Some(visit), Recorded::Skip)
        }
        Ask::Correct { visit, changes } => {
            device.contact_change(visit, &fields_of(changes)?).await?;
            (Some(visit), Recorded::Correction)
        }
        Ask::Settle { conflict, take } => {
            let take: Side = take.parse().map_err(|_| unknown("side", take))?;
            device.conflict_settle(conflict, take).await?;
            (None, Recorded::Settled)
        }
        Ask::DayOpen => {
            device.day_open().await?;
            (None, Recorded::DayOpened)
        }
        Ask::DayClose => {
            device.day_close().await?;
            (None, Recorded::DayClosed)
        }
        _ => return Ok(Answered::Done),
    };
    Ok(Answered::Recorded { visit, what })
}

/// What a partner signs here, with what they typed.
async fn signed_here(
    device: &Device,
    visit: Uuid,
    pin: Option<(Uuid, zeroize::Zeroizing<String>)>,
) -> Result<Vec<Joined>, Failure> {
    Ok(match pin {
        Some((partner, pin)) => vec![device.partner_sign(visit, partner, &Pin::new(&pin)?).await?],
        None => Vec::new(),
    })
}

/// Signs that the owner of this device is at a partner's visit, and sends it. Without a network it goes with the next exchange.
async fn confirmed(device: &Device, visit: Uuid) -> Result<Recorded, Failure> {
    device.visit_confirm(visit).await?;
    let sent = device.push().await.is_ok_and(|pushed| pushed.acknowledged > 0);
    Ok(Recorded::Joined { sent })
}

async fn unlock(hands: &Hands, pin: &str) -> Result<Answered, Failure> {
    let tools = &hands.0.tools;
    let pin = Pin::new(pin)?;
    let clock = Arc::clone(&tools.clock);
    let device = match &tools.transport {
        Some(transport) => Device::open_through(&tools.device_dir, &pin, clock, Arc::clone(transport)).await?,
        None => Device::open(&tools.device_dir, &pin, clock).await?,
    };
    *hands.0.device.write().await = Some(Arc::new(device));
    Ok(Answered::Unlocked)
}

fn finish(out: CheckOut) -> FinishInput {
    FinishInput {
        position: out.position,
        outcome: out.outcome,
        matter: out.matter,
        promise: out.promise,
        note: out.note,
        done: out.done,
        evidence: out.evidence,
        anyway: out.anyway,
    }
}

async fn route(device: &Device, now: Micros, lang: Lang) -> Result<(Route, DeviceFacts), Failure> {
    let held = device.route().await?;
    let mut stops: Vec<Stop> = held.stops.iter().map(|stop| stop_of(stop, lang)).collect();
    let today = |off: &&Withdrawn| {
        let day = |at: Micros| times::date(at.get(), &times::zone(&off.zone));
        day(off.starts) == day(now)
    };
    for off in held.withdrawn.iter().filter(today) {
        // In its place in the order, so that nobody wonders where it went.
        let place = stops.partition_point(|stop| stop.starts <= off.starts.get());
        stops.insert(place, off_of(off, lang));
    }
    let status = device.sync_status().await?;
    let permit = device.permit().await?;
    let me = device.me().staff;
    let crew = permit.as_ref().map_or(&[][..], |permit| &permit.staff);
    let login = crew.iter().find(|one| one.id == me).map(|one| one.login.clone());
    let begun = match stops.iter().find(|stop| stop.state == StopState::Begun) {
        Some(stop) => Some((
            stop.visit,
            device.visit_due(stop.visit).await?.map_or(stop.ends, Micros::get),
        )),
        None => None,
    };
    let alarms = device.alarms().await?.into_iter().map(|alarm| TeamAlarm {
        id: alarm.id,
        kind: alarm.kind,
        staff: alarm.staff.unwrap_or_default(),
        raised_at: alarm.raised_at,
        point: alarm.lat_e7.zip(alarm.lon_e7).map(|(lat, lon)| [lat, lon]),
    });
    let facts = DeviceFacts {
        login: login.unwrap_or_default(),
        partners: crew
            .iter()
            .filter(|one| one.id != me)
            .map(|one| (one.id, one.login.clone()))
            .collect(),
        keyed: device.partners().await?.into_iter().map(|one| one.staff).collect(),
        lease_until: status.lease_until.get(),
        permit_expires: permit.as_ref().map(|permit| permit.expires_ms * 1000),
        permit_as_of: permit.as_ref().map(|permit| permit.as_of_ms * 1000),
        waiting: usize::try_from(status.unacknowledged).unwrap_or(0),
        revoked: status.revoked,
        evidence: device.suspect_count().await?,
        alarms: alarms.collect(),
        server: device.server_url().to_owned(),
        begun,
        day: device.day().await?,
    };
    Ok((Route { stops }, facts))
}

fn stop_of(stop: &doorstep_device::Stop, lang: Lang) -> Stop {
    let gate = &stop.gate;
    Stop {
        number: stop.number,
        visit: stop.visit,
        case_no: stop.case_no.clone(),
        name: stop.name.clone(),
        address: stop.address.clone(),
        point: stop.point,
        zone: stop.zone.clone(),
        starts: stop.starts.get(),
        ends: stop.ends.get(),
        state: state_of(stop.state),
        blocked: gate
            .blocked
            .iter()
            .map(|one| (one.rule().to_owned(), one.sentence(lang)))
            .collect(),
        allowed: gate
            .allowed_ms
            .iter()
            .map(|[from, to]| [from * 1000, to * 1000])
            .collect(),
        staff_min: gate.staff_min,
        notes: stop.notes.clone(),
        required: gate.required.clone(),
        not_said: gate.not_said.clone(),
        language: stop.language.clone(),
        off: stop.withdrawn.clone(),
    }
}

/// A visit that is off: its number, its time and the rule are all that is left of it.
fn off_of(off: &Withdrawn, lang: Lang) -> Stop {
    Stop {
        visit: off.visit,
        case_no: off.case_no.clone(),
        zone: off.zone.clone(),
        starts: off.starts.get(),
        ends: off.starts.get(),
        state: StopState::Off,
        blocked: vec![(off.rule.clone(), off_words(lang, &off.rule).to_owned())],
        off: Some(off.rule.clone()),
        ..Stop::default()
    }
}

fn state_of(state: Option<VisitState>) -> StopState {
    match state {
        None => StopState::Ahead,
        Some(VisitState::Started) => StopState::Begun,
        Some(VisitState::Finished) => StopState::Done,
        Some(VisitState::Skipped) => StopState::Skipped,
    }
}

async fn file(device: &Device, visit: Uuid, lang: Lang) -> Result<Sheet, Failure> {
    let view: VisitView = device.visit_view(visit).await?;
    let mut stop = view.stop.as_ref().map(|stop| stop_of(stop, lang)).unwrap_or_default();
    stop.visit = visit;
    stop.state = state_of(view.state);
    stop.required = view.required.iter().map(|task| task.code.clone()).collect();
    stop.not_said.clone_from(&view.not_said);
    let draft = view.draft.and_then(|draft| serde_json::from_value::<Draft>(draft).ok());
    let amount = view.told.as_ref().and_then(|told| told.amount.as_ref());
    Ok(Sheet {
        checked_in: view.started_at.map(Micros::get),
        due_out: view.expected_at.map(Micros::get),
        identity_shown: view.identity_shown,
        identified: view.confirmed_at.is_some(),
        amount: amount.map(|amount| crate::command::case::amount_text(lang, amount)),
        currency: amount.map(|amount| amount.currency.clone()),
        phone: view.told.map(|told| told.phone),
        draft: draft.unwrap_or_default(),
        said: view
            .sentences
            .iter()
            .map(|one| Said::of(one, lang, &stop.language))
            .collect(),
        stop,
    })
}

/// What is corrected, by field.
fn fields_of(changes: Vec<(String, String)>) -> Result<Vec<(ContactField, String)>, Failure> {
    let field = |(code, value): (String, String)| match code.parse() {
        Ok(field) => Ok((field, value)),
        Err(_) => Err(unknown("contact field", &code)),
    };
    changes.into_iter().map(field).collect()
}

fn unknown(kind: &'static str, given: &str) -> Failure {
    let given = given.to_owned();
    Failure::Unknown { kind, given }
}

/// A conflict as its two sides read.
fn conflict_of(item: &ConflictItem, lang: Lang) -> Conflict {
    let zone = times::zone(&item.zone);
    let side = |side: &ConflictSide| {
        let who = side.who.as_deref().unwrap_or(match side.source.as_str() {
            "device" => pick(lang, "a device", "设备"),
            _ => pick(lang, "the office", "办公室"),
        });
        let when = times::at(side.made_at, &zone);
        (conflict::value(lang, item, side), format!("{who} {when}"))
    };
    Conflict {
        id: item.id,
        case_no: item.case_no.clone(),
        field: conflict::field(lang, &item.field),
        left: side(&item.left),
        right: side(&item.right),
        current: item.current.clone().unwrap_or_default(),
    }
}

async fn outbox(device: &Device, lang: Lang) -> Result<Answered, Failure> {
    let route = device.route().await?;
    let case_of = |visit: Option<Uuid>| {
        let stop = route.stops.iter().find(|stop| Some(stop.visit) == visit)?;
        Some(stop.case_no.clone())
    };
    let waiting = device.outbox().await?.into_iter().map(|item| Waiting {
        case_no: case_of(item.visit),
        kind: item.kind,
        made_at: item.made_at.get(),
        state: item.state.code().to_owned(),
        code: item.code,
    });
    // What was settled here waits among the events; only the server's answer takes it off the device.
    let open = device
        .conflicts()
        .await?
        .into_iter()
        .filter(|open| open.taken.is_none());
    let conflicts = open.map(|open| conflict_of(&open.item, lang));
    Ok(Answered::Outbox(waiting.collect(), conflicts.collect()))
}
