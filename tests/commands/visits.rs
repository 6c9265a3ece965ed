//! Commands of plans, devices and visits. The programs have the machine's clock, so the crew works where it is morning
//! now: there a visit is allowed at whatever hour the tests run.

use doorstep_domain::measure::Clock as _;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::office::{Office, items, text};

/// A place of work.
pub(crate) struct Place {
    pub(crate) zone: &'static str,
    /// Latitude and longitude in degrees.
    pub(crate) centre: [f64; 2],
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
pub(crate) fn place_of_work() -> &'static Place {
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
    pub(super) first: String,
    visits: usize,
}

/// A plan is proposed, explained and published.
pub(super) fn are_planned(office: &Office) -> Planned {
    let plan = office.does(
        "supervisor",
        &[
            "plan",
            "propose",
            "--iterations",
            "300",
            "--without-notice",
            "--compare",
            "2",
        ],
    );
    stands_simulated_days(office, &plan);
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
    // The visits begin within the hour; nobody could be told in time.
    let waived = ["--without-notice", "demonstration"];
    let published = office.does(
        "supervisor",
        &[&["plan", "publish", &id, "--yes"][..], &waived].concat(),
    );
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

/// The better of two plans was kept, and days that go as planned give it.
fn stands_simulated_days(office: &Office, plan: &Value) {
    let compared = plan["compared"].as_array().unwrap();
    let kept: Vec<&Value> = compared.iter().filter(|one| one["kept"] == true).collect();
    assert_eq!((compared.len(), kept.len()), (2, 1), "{plan}");
    assert_eq!(kept[0]["objective"], plan["objective"], "{plan}");
    let days = ["plan", "simulate", "latest", "--runs", "20", "--exact"];
    let exact = office.does("supervisor", &days);
    assert_eq!(exact["total"]["mean"], plan["objective"], "{exact}");
    let slow = ["--slow", "50", "--overrun", "50", "--met", "30", "--seed", "3"];
    let told = office.types("supervisor", &[&days[..3], &slow].concat(), "");
    assert!(told.data.contains("simulated worth"), "{}", told.data);
    let itself = ["plan", "compare", "latest", "latest", "--runs", "20"];
    let told = office.types("supervisor", &itself, "");
    assert!(
        told.data.contains("The two are not told apart"),
        "{}{}",
        told.data,
        told.talk
    );
    office.refused("supervisor", &["plan", "simulate", "yesterday's"], 1, "not-found");
}

/// Two devices carry out the same visit and disagree.
pub(super) fn are_carried_out(office: &Office, planned: &Planned) {
    for login in ["F01", "F02"] {
        let code = office.does("admin", &["device", "code", login]);
        assert_eq!(code["tenant"], *office.tenant, "{code}");
        let code = text(&code, "code");
        let alg = if login == "F02" { "es256" } else { "ed25519" };
        let enrol = ["device", "enrol", &code, "--tenant", &office.tenant, "--alg", alg];
        let enrolled = office.does(login, &enrol);
        assert_eq!(enrolled["me"]["role"], "field", "{enrolled}");
        let synced = office.does(login, &["sync"]);
        assert_eq!(synced["stops"], planned.visits, "{synced}");
        let doors = office.does(login, &["visit", "route"]);
        assert_eq!(items(&doors).len(), planned.visits, "{doors}");
        let first = &items(&doors)[0];
        assert_eq!(
            first["visit"], *planned.first,
            "doors stand in the order of the route: {doors}"
        );
    }
    is_found_and_printed(office, "F01", &planned.first);
    let devices = office.does("admin", &["device", "list"]);
    assert!(items(&devices).iter().all(|one| one["state"] == "active"), "{devices}");
    assert_eq!(items(&devices)[1]["alg"], "ES256", "{devices}");
    keeps_nothing_against_the_server(office);
    opens_with_its_pin_only(office);
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
    let route = office.does("F02", &["visit", "route"]);
    let other = items(&route)
        .iter()
        .find(|stop| stop["visit"] != *planned.first)
        .unwrap();
    let skip = [
        "visit",
        "skip",
        &text(other, "case_no"),
        "--reason",
        "the road is closed",
    ];
    let skipped = office.does("F02", &skip);
    assert!(skipped["event"].is_string(), "{skipped}");
    // Nobody calls for help by mistake, and nobody can be asked through a pipe.
    office.refused("F01", &["sos"], 2, "nobody-to-ask");
    let called = office.does("F01", &["sos", "--at", "10.5,20.25", "--yes"]);
    assert_eq!(called["sent"], true, "{called}");
    for login in ["F01", "F02"] {
        let synced = office.does(login, &["sync"]);
        assert_eq!(synced["unacknowledged"], 0, "{synced}");
    }
}

/// A day is opened and closed; the device has nothing against its server, and says so in files that verify.
fn keeps_nothing_against_the_server(office: &Office) {
    for end in ["open", "close"] {
        assert!(office.does("F02", &["day", end])["event"].is_string());
    }
    let day = office.does("F02", &["day", "show"]);
    assert!(day["opened_at"].as_i64() <= day["closed_at"].as_i64(), "{day}");
    assert_eq!((&day["begun"], &day["unacknowledged"]), (&0.into(), &2.into()), "{day}");
    assert_eq!(office.does("F02", &["device", "status"])["evidence"], 0);
    let folder = office.path("evidence-F02").display().to_string();
    assert_eq!(office.does("F02", &["device", "evidence", &folder])["kept"], 0);
    // Nothing was kept, so nothing is shown: that is no proof that all is well.
    let ended = office.types("F02", &["verify", &folder, "--json"], "");
    assert_eq!(ended.code, Some(1), "{}", ended.data);
    assert_eq!(super::office::parsed(&ended)["findings"], serde_json::json!([]));
}

/// A device opens with its PIN, and with another when its owner changed it.
fn opens_with_its_pin_only(office: &Office) {
    let route = ["visit", "route"];
    office.wrong_pin("F01", "864209", &route, 1, "wrong-pin");
    office.wrong_pin("F01", "123456", &route, 2, "pin-weak");
    office.wrong_pin("F01", "", &route, 2, "nobody-to-ask");
    let change = ["device", "pin", "--new-pin-stdin"];
    let changed = office.document("F01", &change, "a longer one\n");
    assert_eq!(changed["pin"], "changed", "{changed}");
    office.refused("F01", &route, 1, "wrong-pin");
    office.changes_pin_back("F01", "a longer one");
    office.does("F01", &route);
}

/// What is owed is shown after the person was recognised, and looking is recorded.
fn recognises(office: &Office, who: &str, visit: &str) {
    let before = office.does(who, &["visit", "show", visit]);
    assert_eq!(
        (&before["state"], &before["told"]),
        (&json!("started"), &json!(null)),
        "{before}"
    );
    assert!(!before.to_string().contains("420.50"), "{before}");
    let hears = |shown: &Value, to: &str| shown["sentences"].as_array().unwrap().iter().any(|one| one["to"] == to);
    assert!(hears(&before, "anybody") && !hears(&before, "identified"), "{before}");
    office.does(who, &["visit", "identify", visit]);
    office.refused(who, &["visit", "identify", visit], 1, "already-done");
    let after = office.does(who, &["visit", "show", visit]);
    assert_eq!(after["told"]["amount"]["text"], "420.50", "{after}");
    assert!(hears(&after, "identified"), "{after}");
}

/// The way to a door opens in a phone, and the day is on paper, both without the office.
fn is_found_and_printed(office: &Office, who: &str, visit: &str) {
    let shown = office.does(who, &["visit", "navigate", visit, "--app", "geo"]);
    let url = shown["links"][0]["url"].as_str().unwrap();
    assert!(url.starts_with("geo:"), "{shown}");
    office.refused(who, &["visit", "navigate", "NO-SUCH-CASE"], 1, "not-found");
    let sheet = office.at("day.html");
    let written = office.does(who, &["visit", "sheet", "--out", &sheet]);
    assert!(written["stops"].as_u64().unwrap() >= 1, "{written}");
    let html = super::office::read(&sheet);
    let door = &office.does(who, &["visit", "doors"])["items"][0];
    assert!(html.contains(door["address"].as_str().unwrap()), "{html}");
    // The people of this sample have no phone.
    assert!(!html.contains(door["case_no"].as_str().unwrap()), "{html}");
    // A sheet is not written over by mistake.
    office.refused(who, &["visit", "sheet", "--out", &sheet], 2, "bad-value");
}

/// The partner signs on their own device; the file says so where neither has a network.
fn partner_signs(office: &Office, visit: &str, (who, partner): (&str, &str), start: &[&str]) -> String {
    let signed = office.at("signed.json");
    let confirm = ["visit", "confirm", visit, "--out", &signed];
    let confirmed = office.does(partner, &confirm);
    assert_eq!(confirmed["sent"], true, "{confirmed}");
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&super::office::read(&signed)).unwrap(),
        confirmed["joined"]
    );
    office.refused(partner, &confirm, 2, "bad-value");
    let none = office.at("unsigned.json");
    std::fs::write(&none, "{}").unwrap();
    office.refused(who, &[start, &["--joined", &none]].concat(), 2, "bad-value");
    let keys = office.does(who, &["device", "partner", "list"]);
    assert!(items(&keys).is_empty(), "{keys}");
    office.refused(who, &["device", "partner", "remove", partner], 1, "no-partner-key");
    signed
}

/// Checks in, checks out with what was required, and sends it.
fn carries_out(office: &Office, visit: &str, (who, partner): (&str, &str), outcome: &str) {
    let finish = ["visit", "finish", visit, "--outcome", outcome];
    office.refused(who, &finish, 1, "not-started");
    // The permit names the crew; nobody needs a network for it.
    let start = ["visit", "start", visit, "--staff", partner, "--identity-shown"];
    let started = if outcome == "MET_BORROWER" {
        let signed = partner_signs(office, visit, (who, partner), &start);
        office.does(who, &[&start[..], &["--joined", &signed]].concat())
    } else {
        office.does(who, &start)
    };
    assert_eq!(started["blocked_by"], json!([]), "{started}");
    let required: Vec<&str> = started["required"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_str().unwrap())
        .collect();
    assert!(required.contains(&"check_out"), "{started}");
    office.refused(who, &finish, 1, "required-missing");
    if outcome == "MET_BORROWER" {
        recognises(office, who, visit);
    }
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
    // A phone shows where the person was identified, and nowhere else.
    let hidden = office.does("F02", &["outbox", "conflicts"]);
    assert_eq!(items(&hidden).len(), 0, "{hidden}");
    office.does("F01", &["sync"]);
    let open = office.does("F01", &["outbox", "conflicts"]);
    let phone = text(&items(&open)[0]["conflict"], "id");
    let settle = ["outbox", "settle", &phone, "--take", "left"];
    office.refused("F02", &settle, 1, "not-found");
    office.does("F01", &settle);
    office.refused("F01", &settle, 1, "conflict-settled");
    office.does("F01", &["sync"]);
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
