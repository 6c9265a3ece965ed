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
    let left = office.does(
        "supervisor",
        &["plan", "left-out", "latest", "--reason", "HOUSE-STOP-DISPUTED"],
    );
    assert_eq!(left["items"][0]["case_no"], "L-1002", "{left}");
    let diff = office.does("supervisor", &["plan", "diff", "latest"]);
    assert_eq!(
        (&diff["against"], &diff["counts"]["added"]),
        (&json!([]), &json!(3)),
        "{diff}"
    );
    let points = office.does("supervisor", &["plan", "points", "latest"]);
    assert_eq!(points["visits"].as_array().unwrap().len(), 3, "{points}");
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
