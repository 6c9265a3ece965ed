//! Commands of plans, devices and visits. The programs have the machine's clock, so the crew works where it is morning
//! now: there a visit is allowed at whatever hour the tests run.

use doorstep_domain::measure::Clock as _;
use jiff::tz::TimeZone;
use serde_json::json;

use super::office::{Office, items, text};

/// A place of work.
pub(super) struct Place {
    pub(super) zone: &'static str,
    /// Latitude and longitude in degrees.
    pub(super) centre: [f64; 2],
}

/// Places around the world, at most three hours apart, in countries for which there are house rules only.
const PLACES: [Place; 13] = [
    Place {
        zone: "Pacific/Tahiti",
        centre: [-17.55, -149.56],
    },
    Place {
        zone: "America/Tijuana",
        centre: [32.49, -116.98],
    },
    Place {
        zone: "America/Mexico_City",
        centre: [19.42, -99.15],
    },
    Place {
        zone: "America/Bogota",
        centre: [4.65, -74.08],
    },
    Place {
        zone: "America/Sao_Paulo",
        centre: [-23.56, -46.64],
    },
    Place {
        zone: "Atlantic/Cape_Verde",
        centre: [14.93, -23.52],
    },
    Place {
        zone: "Africa/Lagos",
        centre: [6.52, 3.37],
    },
    Place {
        zone: "Africa/Nairobi",
        centre: [-1.29, 36.82],
    },
    Place {
        zone: "Asia/Karachi",
        centre: [24.90, 67.08],
    },
    Place {
        zone: "Asia/Bangkok",
        centre: [13.75, 100.52],
    },
    Place {
        zone: "Asia/Tokyo",
        centre: [35.70, 139.70],
    },
    Place {
        zone: "Pacific/Noumea",
        centre: [-22.26, 166.46],
    },
    Place {
        zone: "Pacific/Auckland",
        centre: [-36.87, 174.76],
    },
];

/// The place where it is nearest to noon now: House rules allow visits from 9 to 20 o'clock there.
pub(super) fn place_of_work() -> &'static Place {
    static CHOSEN: std::sync::OnceLock<&'static Place> = std::sync::OnceLock::new();
    CHOSEN.get_or_init(|| {
        // The programs have no other clock either.
        let now = jiff::Timestamp::from_microsecond(doorstep::SystemClock.now().get()).unwrap();
        let from_noon = |place: &&Place| {
            let zone = TimeZone::get(place.zone).unwrap();
            let hour = zone.to_datetime(now).hour();
            (hour - 12).abs()
        };
        PLACES.iter().min_by_key(from_noon).unwrap()
    })
}

/// What was planned: the crew's first two visits, in order.
pub(super) struct Planned {
    first: String,
    visits: usize,
}

/// A plan is proposed, explained and published.
pub(super) fn are_planned(office: &Office) -> Planned {
    let plan = office.does("supervisor", &["plan", "propose", "--iterations", "300"]);
    assert_eq!((&plan["planned"], &plan["findings"]), (&json!(3), &json!([])), "{plan}");
    assert_eq!(
        (&plan["state"], &plan["travel"]),
        (&json!("proposed"), &json!("estimate"))
    );
    let why = office.does("supervisor", &["plan", "why", "latest", "L-1002"]);
    assert!(why["planned"].is_null(), "{why}");
    let rules: Vec<&str> = why["verdict"]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|finding| finding["rule"].as_str())
        .collect();
    assert!(rules.contains(&"HOUSE-STOP-DISPUTED"), "{why}");
    let id = text(&plan, "id");
    // Nobody can be asked through a pipe, so nothing is published by mistake.
    office.refused("supervisor", &["plan", "publish", &id], 2, "nobody-to-ask");
    let published = office.does("supervisor", &["plan", "publish", &id, "--yes"]);
    assert_eq!(published["state"], "published", "{published}");
    let plans = office.does("supervisor", &["plan", "list"]);
    assert_eq!(items(&plans).len(), 1, "{plans}");
    let shown = office.does("supervisor", &["plan", "show", "latest"]);
    let visits = shown["routes"][0]["visits"].as_array().unwrap().clone();
    Planned {
        first: text(&visits[0], "visit"),
        visits: visits.len(),
    }
}

/// Two devices carry out the same visit and disagree.
pub(super) fn are_carried_out(office: &Office, planned: &Planned) {
    for login in ["F01", "F02"] {
        let code = office.does("admin", &["device", "code", login]);
        assert_eq!(code["tenant"], *office.tenant, "{code}");
        let enrol = ["device", "enrol", &text(&code, "code"), "--tenant", &office.tenant];
        let enrolled = office.does(login, &enrol);
        assert_eq!(enrolled["me"]["role"], "field", "{enrolled}");
        let synced = office.does(login, &["sync"]);
        assert_eq!(synced["doors"], planned.visits, "{synced}");
        let doors = office.does(login, &["visit", "doors"]);
        assert_eq!(items(&doors).len(), planned.visits, "{doors}");
        let first = &items(&doors)[0];
        assert_eq!(
            first["visit"], *planned.first,
            "doors stand in the order of the route: {doors}"
        );
    }
    let devices = office.does("admin", &["device", "list"]);
    assert!(items(&devices).iter().all(|one| one["state"] == "active"), "{devices}");
    carries_out(office, &planned.first, ("F01", "F02"), "MET_BORROWER");
    carries_out(office, &planned.first, ("F02", "F01"), "NOBODY_HOME");
    let visits = office.does("supervisor", &["visit", "list"]);
    let mine = items(&visits).iter().find(|one| one["id"] == *planned.first).unwrap();
    assert_eq!(mine["state"], "finished", "{visits}");
    let conflicts = office.does("supervisor", &["conflicts"]);
    assert_eq!(items(&conflicts).len(), 1, "{conflicts}");
    assert_eq!(items(&conflicts)[0]["visit"], *planned.first, "{conflicts}");
    is_settled(office, &planned.first, &text(&items(&conflicts)[0], "id"));
    let alarms = office.does("supervisor", &["alarms"]);
    assert_eq!(items(&alarms).len(), 0, "both checked out: {alarms}");
}

/// Checks in, checks out with what was required, and sends it.
fn carries_out(office: &Office, visit: &str, (who, partner): (&str, &str), outcome: &str) {
    let finish = ["visit", "finish", visit, "--outcome", outcome];
    office.refused(who, &finish, 1, "not-started");
    // The permit names the crew; nobody needs a network for it.
    let start = ["visit", "start", visit, "--staff", partner, "--identity-shown"];
    let started = office.does(who, &start);
    assert_eq!(started["blocked_by"], json!([]), "{started}");
    let required: Vec<&str> = started["required"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_str().unwrap())
        .collect();
    assert!(required.contains(&"check_out"), "{started}");
    office.refused(who, &finish, 1, "required-missing");
    let done = required.join(",");
    let finished = office.does(who, &[&finish[..], &["--done", &done]].concat());
    assert_eq!(finished["missing"], json!([]), "{finished}");
    let synced = office.does(who, &["sync"]);
    assert_eq!(
        (&synced["unacknowledged"], &synced["alarm"]),
        (&json!(0), &json!(false)),
        "{synced}"
    );
    assert!(synced["push"]["acknowledged"].as_u64().unwrap() >= 2, "{synced}");
}

/// The two stories about the visit are shown and settled, and so are two about a phone number.
fn is_settled(office: &Office, visit: &str, conflict: &str) {
    let shown = office.does("supervisor", &["conflicts", "show", conflict]);
    assert_eq!(
        (&shown["left"]["who"], &shown["right"]["who"]),
        (&json!("F01"), &json!("F02"))
    );
    let settle = ["conflicts", "settle", conflict, "--take", "left"];
    let settled = office.does("supervisor", &settle);
    assert_eq!(
        (&settled["state"], &settled["current"]),
        (&json!("settled"), &json!("left"))
    );
    office.refused("supervisor", &settle, 1, "conflict-settled");
    let number = text(&settled, "case_no");
    for (login, phone) in [("F01", "+351 910 000 001"), ("F02", "+351 910 000 002")] {
        office.does(login, &["visit", "correct", visit, "--phone", phone]);
        let waiting = office.does(login, &["outbox"]);
        assert_eq!(items(&waiting)[0]["kind"], "contact.changed", "{waiting}");
        office.does(login, &["sync"]);
    }
    let open = office.does("F02", &["outbox", "conflicts"]);
    let phone = text(&items(&open)[0]["conflict"], "id");
    office.does("F02", &["outbox", "settle", &phone, "--take", "left"]);
    office.refused(
        "F02",
        &["outbox", "settle", &phone, "--take", "left"],
        1,
        "conflict-settled",
    );
    office.does("F02", &["sync"]);
    let case = office.does("supervisor", &["case", "show", &number]);
    assert_eq!(case["phone"], "+351 910 000 001", "{case}");
    let edited = office.does(
        "supervisor",
        &["person", "edit", &number, "--phone", "+351 910 000 003"],
    );
    assert_eq!(
        (&edited["phone"], &edited["conflicts"]),
        (&json!("+351 910 000 003"), &json!([]))
    );
    let open = office.does("supervisor", &["conflicts"]);
    let all = office.does("supervisor", &["conflicts", "list", "--all"]);
    assert_eq!((items(&open).len(), items(&all).len()), (0, 2));
}
