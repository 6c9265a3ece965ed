//! The page of a notice: what anybody who holds its code is told, what counts at once, and what only the person may say.

use doorstep_device::{Device, DeviceError, StartInput};
use doorstep_domain::measure::{Clock as _, Micros};
use serde_json::{Value, json};

use crate::harness::{Answered, Deployment, id_of, lines_of, sample};

stories!(
    not_today_calls_the_visit_off_and_the_crew_is_refused,
    nothing_is_named_and_five_wrong_guesses_lock,
    who_shows_who_they_are_disputes_and_proposes,
    a_badge_is_confirmed_for_its_day_and_nothing_more,
    a_corrected_phone_is_the_one_that_shows_who_it_is,
    a_stop_code_at_the_door_reaches_the_office,
    a_code_ends_and_guessing_is_slowed,
    many_guesses_at_once_are_five,
    one_thing_said_often_hinders_no_other,
    an_older_notice_speaks_of_the_visit_that_took_its_place,
);

/// Far enough for a notice to be out a day before.
const DAY: &str = "2026-11-25";

/// A visit that was announced, with what its notice says.
struct Announced {
    visit: Value,
    crew: Vec<Value>,
    staff: Vec<Value>,
    /// `/n/CODE`.
    path: String,
    /// What the letter says.
    text: String,
    /// The case in full.
    case: Value,
}

async fn announced(site: &mut Deployment) -> Announced {
    let staff = site.has_porto_staff().await;
    let cases = lines_of(&sample("porto-cases.csv"), |line| line < 120);
    site.supervisor.import(cases).await;
    let request = json!({"first_day": DAY, "iterations": 300});
    let plan = site.supervisor.post("/v1/plans", &request).await.done();
    let plan = site.publish_as(&plan, "").await.done();
    for notice in site.supervisor.items("/v1/notices?state=queued").await {
        let path = format!("/v1/notices/{}/state", notice["id"].as_str().unwrap());
        site.supervisor
            .post(&path, &json!({"state": "handed_over"}))
            .await
            .done();
    }
    let crew_of = |route: &Value| -> Vec<Value> {
        let certified = |one: &&Value| one["certificate_until"].as_str().is_none_or(|until| until >= DAY);
        let mine = staff.iter().filter(|one| one["crew"] == route["crew"]);
        mine.filter(certified).cloned().collect()
    };
    let (visit, crew, case) = with_a_phone(site, &plan, crew_of).await;
    // The morning of the day.
    let before = Micros(visit["starts"].as_i64().unwrap() - 3_600_000_000);
    site.clock.set(before);
    site.sign_everybody_in().await;
    let notices = site.supervisor.items("/v1/notices").await;
    let notice = notices.iter().find(|one| one["visit"] == visit["visit"]).unwrap();
    let path = format!("/v1/notices/{}", notice["id"].as_str().unwrap());
    let shown = site.supervisor.get(&path).await.done();
    let page = shown["page"].as_str().unwrap();
    Announced {
        path: page[page.find("/n/").unwrap()..].to_owned(),
        text: shown["text"].as_str().unwrap().to_owned(),
        case,
        visit,
        crew,
        staff,
    }
}

/// A visit of a crew of two to somebody whose phone is on file, with the crew and the case.
async fn with_a_phone(
    site: &Deployment,
    plan: &Value,
    crew_of: impl Fn(&Value) -> Vec<Value>,
) -> (Value, Vec<Value>, Value) {
    let routes = plan["routes"].as_array().unwrap();
    for route in routes.iter().filter(|route| crew_of(route).len() == 2) {
        for visit in route["visits"].as_array().unwrap() {
            let case = format!("/v1/cases/{}", visit["case"].as_str().unwrap());
            let case = site.supervisor.get(&case).await.done();
            let phone = case["phone"].as_str().unwrap();
            if phone.len() > 8 && !phone.ends_with("0000") {
                return (visit.clone(), crew_of(route), case);
            }
        }
    }
    panic!("nobody of {plan} has a phone")
}

/// What somebody without an account gets.
async fn opens(site: &Deployment, path: &str) -> Answered {
    site.anonymous.get(path).await
}

/// Sends a form as a browser does.
async fn sends(site: &Deployment, path: &str, fields: &[(&str, &str)]) -> Answered {
    let body = serde_urlencoded::to_string(fields).unwrap();
    let request = site.anonymous.request(reqwest::Method::POST, path);
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    site.anonymous.send(request.body(body)).await
}

/// What shows again who it is, out of a page.
fn pass_of(html: &str) -> String {
    let from = html.split("name=\"pass\" value=\"").nth(1).unwrap();
    from.split('"').next().unwrap().to_owned()
}

async fn tries(device: &Device, announced: &Announced) -> DeviceError {
    let input = StartInput {
        staff: announced.crew.iter().map(|one| id_of(&one["id"])).collect(),
        identity_shown: true,
        ..StartInput::default()
    };
    device
        .visit_start(id_of(&announced.visit["visit"]), input)
        .await
        .unwrap_err()
}

async fn state_of(site: &Deployment, visit: &Value) -> Value {
    let visits = site.supervisor.items("/v1/visits").await;
    visits.iter().find(|one| one["id"] == visit["visit"]).unwrap()["state"].clone()
}

async fn not_today_calls_the_visit_off_and_the_crew_is_refused(site: &mut Deployment) {
    let announced = announced(site).await;
    let device = site.device(&announced.crew[0]).await;
    device.pull().await.unwrap();
    let stops = device.route().await.unwrap().stops.len();
    let mut woken = site.app().wake();
    woken.mark_unchanged();
    let taken = sends(site, &announced.path, &[("what", "not_today"), ("lang", "en")]).await;
    assert_eq!(taken.status, 200, "{}", taken.text());
    assert!(taken.text().contains("role=\"status\"") && taken.text().contains("It counts from now on"));
    assert!(woken.has_changed().unwrap(), "whoever is on the way is told at once");
    assert_eq!(state_of(site, &announced.visit).await, "cancelled");
    device.ask_fresh().await.unwrap();
    let route = device.route().await.unwrap();
    assert_eq!((route.stops.len(), route.withdrawn.len()), (stops - 1, 1));
    let refused = tries(&device, &announced).await;
    assert!(refused.to_string().contains("RIGHTS-BANS"), "{refused}");
    // The office sees what was said; from the next day on the person may be asked again.
    let wishes = site.supervisor.items("/v1/wishes").await;
    assert_eq!(
        (&wishes[0]["kind"], &wishes[0]["state"]),
        (&json!("not_today"), &json!("done"))
    );
    let path = format!("/v1/cases/{}/restrictions", announced.visit["case"].as_str().unwrap());
    let restricted = site.supervisor.items(&path).await;
    let said = restricted.last().unwrap();
    assert_eq!((&said["kind"], &said["source"]), (&json!("ban"), &json!("page")));
    let hours_left = (said["until"].as_i64().unwrap() - site.clock.now().get()) / 3_600_000_000;
    assert!((0..24).contains(&hours_left), "{said}");
    let export = site.export().await;
    for kind in ["wish.made", "case.restricted", "visit.withdrawn"] {
        assert_eq!(export.count(kind), 1, "{kind}");
    }
    export.holds();
}

async fn nothing_is_named_and_five_wrong_guesses_lock(site: &mut Deployment) {
    let announced = announced(site).await;
    for lang in ["en", "zh"] {
        let page = opens(site, &format!("{}?lang={lang}", announced.path)).await;
        assert_eq!(page.status, 200);
        let html = page.text();
        for field in ["name", "phone", "case_no", "address"] {
            let secret = announced.case[field].as_str().unwrap();
            assert!(!html.contains(secret), "{field} in {lang}");
        }
        for word in ["debt", "loan", "owe", "amount", "贷", "欠", "逾期", "催收", "债"] {
            assert!(!html.contains(word), "`{word}` in {lang}");
        }
        assert!(!html.contains("<script") && html.contains("lang=\""), "{lang}");
    }
    let early = [("what", "dispute"), ("words", "not mine")];
    let refused = sends(site, &announced.path, &early).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("role=\"alert\""));
    for number in 1..=5 {
        let guess = [("what", "identify"), ("digits", "0000"), ("lang", "en")];
        let guessed = sends(site, &announced.path, &guess).await.text();
        assert_eq!(guessed.contains("locked"), number == 5, "guess {number}");
    }
    let phone = announced.case["phone"].as_str().unwrap();
    let right = [("what", "identify"), ("digits", &phone[phone.len() - 4..])];
    assert!(
        !sends(site, &announced.path, &right)
            .await
            .text()
            .contains("name=\"pass\"")
    );
    let wishes = site.supervisor.items("/v1/wishes?state=open").await;
    assert_eq!(wishes.iter().filter(|wish| wish["kind"] == "locked").count(), 1);
    // What protects still works.
    let stop = sends(site, &announced.path, &[("what", "stop")]).await;
    assert_eq!(stop.status, 200);
    assert_eq!(state_of(site, &announced.visit).await, "cancelled");
}

async fn who_shows_who_they_are_disputes_and_proposes(site: &mut Deployment) {
    let announced = announced(site).await;
    let phone = announced.case["phone"].as_str().unwrap();
    let right = [
        ("what", "identify"),
        ("digits", &phone[phone.len() - 4..]),
        ("lang", "en"),
    ];
    let known = sends(site, &announced.path, &right).await.text();
    assert!(known.contains("Propose a date"), "{known}");
    assert!(
        !known.contains(announced.case["name"].as_str().unwrap()),
        "a name is never needed"
    );
    let pass = pass_of(&known);
    let nothing = [("what", "payment"), ("pass", &pass), ("words", "  ")];
    let refused = sends(site, &announced.path, &nothing).await;
    assert_eq!(refused.status, 422);
    let html = refused.text();
    assert!(
        html.contains("Say it in a few words") && !html.contains("First give"),
        "what is missing is said, and nothing else: {html}"
    );
    let propose = [
        ("what", "payment"),
        ("pass", &pass),
        ("words", "50 on the 1st of each month"),
    ];
    assert_eq!(sends(site, &announced.path, &propose).await.status, 200);
    assert_eq!(
        state_of(site, &announced.visit).await,
        "planned",
        "a proposal waits for the office"
    );
    let wish = site.supervisor.items("/v1/wishes?state=open").await.remove(0);
    assert_eq!(wish["words"], "50 on the 1st of each month");
    let bare = site
        .supervisor
        .items("/v1/wishes?state=open&words=false")
        .await
        .remove(0);
    assert_eq!((&bare["id"], &bare["words"]), (&wish["id"], &Value::Null));
    let of_case = format!("/v1/wishes?case={}", announced.visit["case"].as_str().unwrap());
    assert!(site.supervisor.items(&of_case).await.contains(&wish));
    let of_nobody = format!("/v1/wishes?case={}", uuid::Uuid::nil());
    assert!(site.supervisor.items(&of_nobody).await.is_empty());
    let answer = format!("/v1/wishes/{}/answer", wish["id"].as_str().unwrap());
    let accepted = site.supervisor.post(&answer, &json!({"accept": true})).await.done();
    assert_eq!(accepted["state"], "accepted");
    assert_eq!(
        state_of(site, &announced.visit).await,
        "cancelled",
        "accepted in place of the visit"
    );
    site.supervisor
        .post(&answer, &json!({"accept": false}))
        .await
        .problem("changed");
    let dispute = [("what", "dispute"), ("pass", &pass), ("words", "paid in May")];
    assert_eq!(sends(site, &announced.path, &dispute).await.status, 200);
    let case = format!("/v1/cases/{}", announced.visit["case"].as_str().unwrap());
    let case = site.supervisor.get(&case).await.done();
    assert!(case["flags"].as_array().unwrap().contains(&json!("disputed")));
    // What showed it ends after a quarter of an hour, and a made-up one shows nothing.
    site.clock.forward(901);
    let late = [("what", "hardship"), ("pass", &pass), ("words", "no work")];
    assert_eq!(sends(site, &announced.path, &late).await.status, 422);
    let log = site.export().await.log_text();
    assert!(!log.contains("paid in May") && !log.contains("50 on the 1st"));
}

async fn a_corrected_phone_is_the_one_that_shows_who_it_is(site: &mut Deployment) {
    let announced = announced(site).await;
    let case = &announced.case;
    let path = format!("/v1/persons/{}/contact", case["person"].as_str().unwrap());
    let changes = json!([{"field": "phone", "value": "+351 910 004 321", "base": 0}]);
    let request = site.supervisor.request(reqwest::Method::PATCH, &path);
    let body = json!({"case": case["id"], "changes": changes});
    site.supervisor.send(request.json(&body)).await.done();
    let old = case["phone"].as_str().unwrap();
    let gives = |digits: &str| vec![("what", "identify".to_owned()), ("digits", digits.to_owned())];
    for (digits, knows) in [(&old[old.len() - 4..], false), ("4321", true)] {
        let form = gives(digits);
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let html = sends(site, &announced.path, &form).await.text();
        assert_eq!(html.contains("name=\"pass\""), knows, "{digits}");
    }
}

async fn a_badge_is_confirmed_for_its_day_and_nothing_more(site: &mut Deployment) {
    let announced = announced(site).await;
    let asks = async |badge: &str, day: &str| {
        let form = [("what", "badge"), ("badge", badge), ("day", day), ("lang", "en")];
        sends(site, &announced.path, &form).await.text()
    };
    let badge = announced.crew[1]["login"].as_str().unwrap();
    assert!(asks(badge, DAY).await.contains("Yes: this badge"));
    assert!(asks(badge, "2026-11-26").await.contains("No: this badge"));
    assert!(asks("somebody-else", DAY).await.contains("Do not open the door"));
    assert!(asks(badge, "tomorrow").await.contains("role=\"alert\""));
    sends(site, &announced.path, &[("what", "not_today")]).await;
    assert!(asks(badge, DAY).await.contains("No: this badge") || state_of(site, &announced.visit).await == "cancelled");
}

async fn a_stop_code_at_the_door_reaches_the_office(site: &mut Deployment) {
    let announced = announced(site).await;
    let device = site.device(&announced.crew[0]).await;
    device.pull().await.unwrap();
    // In whichever language the person is written to.
    let text = &announced.text;
    let stop = text
        .split("stop code: ")
        .nth(1)
        .or(text.split("终止码：").nth(1))
        .unwrap();
    let stop: String = stop.chars().take(9).collect();
    let visit = id_of(&announced.visit["visit"]);
    assert_eq!(
        device.visit_stop(visit, "0000-0000").await.unwrap_err().code(),
        "stop-code-unknown"
    );
    device.visit_stop(visit, &stop.to_lowercase()).await.unwrap();
    device.push().await.unwrap();
    site.sign_everybody_in().await;
    let path = format!("/v1/cases/{}/restrictions", announced.visit["case"].as_str().unwrap());
    let said = site.supervisor.items(&path).await.pop().unwrap();
    assert_eq!(
        (&said["kind"], &said["source"]),
        (&json!("cease_contact"), &json!("door"))
    );
    assert!(!site.export().await.log_text().contains(&stop));
}

async fn a_code_ends_and_guessing_is_slowed(site: &mut Deployment) {
    let announced = announced(site).await;
    assert_eq!(opens(site, "/n/0000-0000-0000-0000-0000-0000-00").await.status, 404);
    assert_eq!(opens(site, "/n/what").await.status, 404);
    assert_eq!(opens(site, &announced.path.to_lowercase()).await.status, 200);
    let too_long = "x".repeat(20_000);
    let refused = sends(site, &announced.path, &[("what", "complaint"), ("words", &too_long)]).await;
    assert_eq!(refused.status, 400);
    let mut last = 0;
    for _ in 0..120 {
        last = opens(site, &announced.path).await.status;
    }
    assert_eq!(last, 429);
    site.clock.forward(31 * 86_400 + 7_200);
    assert_eq!(opens(site, &announced.path).await.status, 404);
}

async fn many_guesses_at_once_are_five(site: &mut Deployment) {
    let announced = announced(site).await;
    let form = [("what", "identify"), ("digits", "0000"), ("lang", "en")];
    let guess = || sends(site, &announced.path, &form);
    tokio::join!(
        guess(),
        guess(),
        guess(),
        guess(),
        guess(),
        guess(),
        guess(),
        guess(),
        guess(),
        guess()
    );
    let wishes = site.supervisor.items("/v1/wishes?state=open").await;
    assert_eq!(wishes.iter().filter(|wish| wish["kind"] == "locked").count(), 1);
    // Each look at the number on file is an entry.
    let looked = site.export().await.log_text().matches("\"receipt\"").count();
    assert!((1..=5).contains(&looked), "{looked}");
}

async fn one_thing_said_often_hinders_no_other(site: &mut Deployment) {
    let announced = announced(site).await;
    let statuses = async |what: &str, times: usize| {
        let mut last = 0;
        for _ in 0..times {
            let form = [("what", what), ("words", "again")];
            last = sends(site, &announced.path, &form).await.status;
        }
        last
    };
    assert_eq!(statuses("feedback", 10).await, 200);
    assert_eq!(statuses("feedback", 1).await, 429);
    assert_eq!(statuses("complaint", 10).await, 200);
    assert_eq!(statuses("complaint", 1).await, 429);
    assert_eq!(site.supervisor.items("/v1/complaints").await.len(), 10);
    assert_eq!(statuses("stop", 1).await, 200);
}

async fn an_older_notice_speaks_of_the_visit_that_took_its_place(site: &mut Deployment) {
    let announced = announced(site).await;
    let request = json!({"first_day": DAY, "iterations": 300});
    let plan = site.supervisor.post("/v1/plans", &request).await.done();
    let plan = site.publish_as(&plan, "").await.done();
    let case = &announced.visit["case"];
    let routes = plan["routes"].as_array().unwrap();
    let visits = routes.iter().flat_map(|route| {
        let visits = route["visits"].as_array().unwrap();
        visits.iter().map(move |visit| (visit, &route["crew"]))
    });
    let (visit, crew) = visits.into_iter().find(|(visit, _)| visit["case"] == *case).unwrap();
    assert_ne!(visit["visit"], announced.visit["visit"]);
    assert_eq!(state_of(site, &announced.visit).await, "cancelled");
    let badge = announced.staff.iter().find(|one| one["crew"] == *crew).unwrap();
    let form = [
        ("what", "badge"),
        ("badge", badge["login"].as_str().unwrap()),
        ("day", DAY),
        ("lang", "en"),
    ];
    let html = sends(site, &announced.path, &form).await.text();
    assert!(html.contains("Yes: this badge"), "{html}");
    assert_eq!(sends(site, &announced.path, &[("what", "not_today")]).await.status, 200);
    assert_eq!(state_of(site, visit).await, "cancelled");
}
