//! A day of field staff for tests of the screens: fixed ids, fixed clock, no device behind it.

use doorstep_device::{Day, DayCounts, OwnReads, Suspect};
use doorstep_domain::measure::Micros;
use doorstep_domain::words::Lang;
use doorstep_rules::{DoorSentence, PackSet};
use doorstep_wire::read::ReadItem;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::day::DayShown;
use super::field::{Conflict, DeviceFacts, Route, Sheet, Stop, StopState, Waiting};
use super::model::{Link, Model, Place};
use crate::said::Said;
use crate::text::pick;

/// Monday 23 November 2026, 10:15 in the zone of the addresses.
pub(crate) const NOW: Micros = Micros(1_795_400_100_000_000);
/// A minute.
pub(crate) const MINUTE: i64 = 60_000_000;
/// The zone of the addresses.
const ZONE: &str = "Asia/Shanghai";

/// The visit of a stop.
pub(crate) fn visit(number: usize) -> Uuid {
    Uuid::from_u128(0x1000 + number as u128)
}

/// A stop that is ahead.
pub(crate) fn stop(number: usize) -> Stop {
    let names = ["周静", "Hana Elm", "吴文", "王晓兰", "Eli Jay"];
    let starts = NOW.get() + (number as i64 - 2) * 25 * MINUTE;
    Stop {
        number,
        visit: visit(number),
        case_no: format!("DS-10{number:02}"),
        name: names[number % names.len()].to_owned(),
        address: format!("林溪镇塔前路{number}8号"),
        point: [
            300_500_000 + number as i64 * 30_000,
            1_199_500_000 + number as i64 * 20_000,
        ],
        zone: ZONE.to_owned(),
        starts,
        ends: starts + 20 * MINUTE,
        allowed: vec![[NOW.get() - 75 * MINUTE, NOW.get() + 585 * MINUTE]],
        staff_min: 1,
        required: ["badge", "recording", "outcome", "check_out"]
            .map(str::to_owned)
            .to_vec(),
        not_said: vec!["debt_to_others".to_owned()],
        language: "zh".to_owned(),
        ..Stop::default()
    }
}

/// Five stops: done, blocked, for two, plain, with a note.
pub(crate) fn stops(lang: Lang) -> Vec<Stop> {
    let mut stops: Vec<Stop> = (1..=5).map(stop).collect();
    stops[0].state = StopState::Done;
    let sentence = pick(
        lang,
        "The debt is disputed and not yet answered.",
        "债务有争议且尚未答复。",
    );
    stops[1].blocked = vec![("HOUSE-STOP-DISPUTED".to_owned(), sentence.to_owned())];
    stops[2].staff_min = 2;
    stops[4].notes = vec!["dog_at_gate".to_owned()];
    stops
}

/// The same day with the third visit off: the next ones have moved up.
pub(crate) fn with_off(lang: Lang) -> Vec<Stop> {
    let mut stops = stops(lang);
    let before = stops.remove(2);
    for (place, stop) in stops.iter_mut().enumerate() {
        stop.number = place + 1;
    }
    let rule = "RIGHTS-BANS".to_owned();
    let why = crate::command::route::off_words(lang, &rule).to_owned();
    let off = Stop {
        visit: before.visit,
        case_no: before.case_no,
        zone: before.zone,
        starts: before.starts,
        state: StopState::Off,
        blocked: vec![(rule.clone(), why)],
        off: Some(rule),
        ..Stop::default()
    };
    stops.insert(2, off);
    stops
}

/// What the device knows of itself.
pub(crate) fn facts() -> DeviceFacts {
    DeviceFacts {
        login: "F01".to_owned(),
        partners: vec![(Uuid::from_u128(0x2000), "F02".to_owned())],
        lease_until: NOW.get() + 3_000 * MINUTE,
        permit_expires: Some(NOW.get() + 600 * MINUTE),
        permit_as_of: Some(NOW.get() - 120 * MINUTE),
        waiting: 0,
        server: "https://office.example".to_owned(),
        day: Day {
            opened_at: Some(Micros(NOW.get() - 130 * MINUTE)),
            closed_at: None,
        },
        ..DeviceFacts::default()
    }
}

/// The sheet of a stop that has begun three minutes ago.
pub(crate) fn begun(number: usize) -> Sheet {
    let mut sheet = Sheet {
        stop: stop(number),
        checked_in: Some(NOW.get() - 3 * MINUTE),
        due_out: Some(NOW.get() + 17 * MINUTE),
        ..Sheet::default()
    };
    sheet.stop.state = StopState::Begun;
    sheet
}

/// What is said at a door, in the order of a visit, for a person who reads Chinese.
pub(crate) fn said(lang: Lang) -> Vec<Said> {
    let packs = PackSet::builtin();
    let ids = [
        "RIGHTS-SAY-GREETING",
        "HOUSE-NEVER-AUTHORITY",
        "HOUSE-SAY-SURE",
        "RIGHTS-SAY-OTHER",
        "HOUSE-NEVER-RELATED",
        "HOUSE-SAY-LISTEN",
        "RIGHTS-SAY-LEAVE",
    ];
    let all: Vec<&DoorSentence> = packs.packs().flat_map(|pack| &pack.sentences).collect();
    let find = |id: &&str| all.iter().find(|one| one.id.as_str() == *id);
    ids.iter()
        .filter_map(find)
        .map(|one| Said::of(one, lang, "zh"))
        .collect()
}

/// Events that wait and a conflict.
pub(crate) fn outbox() -> (Vec<Waiting>, Vec<Conflict>) {
    let waiting = |kind: &str, state: &str, minutes: i64| Waiting {
        kind: kind.to_owned(),
        case_no: Some("DS-1004".to_owned()),
        made_at: NOW.get() - minutes * MINUTE,
        state: state.to_owned(),
        code: None,
    };
    let conflict = Conflict {
        id: Uuid::from_u128(0x3000),
        case_no: "DS-1003".to_owned(),
        field: "phone".to_owned(),
        left: ("0571-0001".to_owned(), "F01 09:55".to_owned()),
        right: ("0571-0002".to_owned(), "office 09:58".to_owned()),
        current: "left".to_owned(),
    };
    let waiting = vec![
        waiting("visit.arrived", "waiting", 12),
        waiting("visit.departed", "held", 2),
    ];
    (waiting, vec![conflict])
}

/// What the end of the day would state, with so many visits begun and events unsent.
pub(crate) fn counted(begun: i64, unacknowledged: i64) -> DayShown {
    let counts = DayCounts {
        unacknowledged,
        events: 31,
        visits: 4,
        skipped: 1,
        begun,
    };
    DayShown {
        stops: 5,
        counts,
        begun: (begun > 0).then(|| visit(4)),
    }
}

/// Who looked: three reads, fetched some minutes ago; the newest by somebody outside their caseload.
pub(crate) fn reads(minutes: i64) -> OwnReads {
    let read = |number: i64, who: &str, role: &str, purpose: &str, classes: &[&str]| ReadItem {
        id: Uuid::from_u128(0x4000 + number as u128),
        log: "access".to_owned(),
        at: NOW.get() - number * 50 * MINUTE,
        happened_at: NOW.get() - number * 50 * MINUTE,
        who: Some(who.to_owned()),
        device: None,
        role: role.to_owned(),
        purpose: purpose.to_owned(),
        outside: None,
        classes: classes.iter().map(|class| (*class).to_owned()).collect(),
        channel: "office".to_owned(),
        online: true,
        persons: 12,
    };
    OwnReads {
        fetched_at: Micros(NOW.get() - minutes * MINUTE),
        items: vec![
            read(1, "super", "supervisor", "live", &["identity", "staff", "whereabouts"]),
            read(2, "audit", "auditor", "staff", &["identity", "staff"]),
            read(30, "super", "supervisor", "planning", &["staff"]),
        ],
        more: false,
    }
}

/// What is kept as evidence.
pub(crate) fn kept() -> Vec<Suspect> {
    let note = |noun: &str, code: &str, minutes: i64| Suspect {
        noun: noun.to_owned(),
        code: code.to_owned(),
        seen_at: Micros(NOW.get() - minutes * MINUTE),
    };
    vec![
        note("acknowledgement", "withdrawn", 3),
        note("checkpoint", "two-roots", 90),
    ]
}

/// A model whose device is open, with nothing read yet.
pub(crate) fn opened(lang: Lang) -> Model {
    let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
    Model {
        link: Link::Online,
        ..Model::new(lang, zone, NOW, Place::Today)
    }
}

/// The same with the day's route.
pub(crate) fn with_route(lang: Lang) -> Model {
    let mut model = opened(lang);
    model.field.route = Some(Route { stops: stops(lang) });
    model.field.facts = facts();
    model.field.stops.chosen = model.field.first_open();
    model
}
