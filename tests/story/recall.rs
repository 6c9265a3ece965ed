//! Recalls: cases taken back from an agency leave its sight and its devices, and it says how it destroyed what it had.

use doorstep_domain::contact::ContactOutcome;
use reqwest::Method;
use serde_json::{Value, json};

use super::roles::{Agency, has_staff, with_agency};
use crate::harness::{Deployment, PASSWORD, checked_in, checked_out, fullest_route, id_of, lines_of, sample};

stories!(
    recalled_cases_leave_the_agency_and_its_devices,
    a_visit_that_was_under_way_is_ended_and_then_forgotten,
    what_is_not_confirmed_in_time_is_overdue,
    all_cases_of_an_agency_take_two,
);

/// An agency at work: its plan of the day, a crew of two and what they are sent to.
struct AtWork {
    agency: Agency,
    staff: [Value; 2],
    visits: Vec<Value>,
}

impl AtWork {
    fn path(&self) -> String {
        format!("/v1/agencies/{}/recalls", self.agency.id)
    }

    /// The creditor takes the cases of some visits back.
    async fn recall(&self, visits: &[Value]) -> Value {
        let cases: Vec<&Value> = visits.iter().map(|visit| &visit["case"]).collect();
        let request = json!({"cases": cases, "reason": "conduct", "words": "they rang at night"});
        self.agency.head_office.post(&self.path(), &request).await.done()
    }

    async fn devices_unwiped(&self) -> Value {
        let list = self.agency.head_office.items("/v1/destructions").await;
        list[0]["devices_unwiped"].clone()
    }

    async fn confirm(&self, recall: &Value) -> crate::harness::Answered {
        let path = format!("/v1/destructions/{}/confirm", recall["id"].as_str().unwrap());
        let said = json!({"method": "shredded", "copies_kept": "law", "words": "two route sheets; invoices stay"});
        self.agency.supervisor.post(&path, &said).await
    }
}

async fn plan(agency: &Agency) -> Value {
    let request = json!({"first_day": "2026-11-23", "iterations": 200, "without_notice": true});
    agency.supervisor.post("/v1/plans", &request).await.done()
}

/// The creditor publishes it: an agency alone leaves no notice out.
async fn publish(agency: &Agency, plan: &Value) -> crate::harness::Answered {
    let id = plan["id"].as_str().unwrap();
    let path = format!("/v1/plans/{id}/publish?without_notice=demonstration");
    let request = agency.head_office.request(Method::POST, &path);
    let request = request.header("If-Match", format!("\"{}\"", plan["version"]));
    agency.head_office.send(request).await
}

async fn with_cases(site: &Deployment) -> Agency {
    let agency = with_agency(site).await;
    has_staff(site, &agency).await;
    let file = lines_of(&sample("porto-cases.csv"), |line| line < 60);
    agency.supervisor.import(file).await;
    agency
}

async fn at_work(site: &Deployment) -> AtWork {
    let agency = with_cases(site).await;
    let plan = plan(&agency).await;
    let plan = publish(&agency, &plan).await.done();
    let everybody = site.administrator.items("/v1/staff").await;
    let (staff, visits) = fullest_route(&plan, &everybody);
    AtWork { agency, staff, visits }
}

async fn recalled_cases_leave_the_agency_and_its_devices(site: &mut Deployment) {
    let work = at_work(site).await;
    let agency = &work.agency;
    let device = site.device(&work.staff[0]).await;
    device.pull().await.unwrap();
    let before = agency.supervisor.items("/v1/cases?limit=500").await.len();
    let refused = json!({"cases": [work.visits[0]["case"]], "reason": "conduct", "words": "no"});
    let own = agency.supervisor.post(&work.path(), &refused).await;
    own.problem("not-allowed");
    let recall = work.recall(&work.visits[..2]).await;
    let said = (&recall["state"], &recall["cases"], &recall["visits"], &recall["words"]);
    let wanted = (&json!("open"), &json!(2), &json!(2), &json!("they rang at night"));
    assert_eq!(said, wanted, "{recall}");
    assert_eq!(recall["devices_unwiped"], json!(1));
    // Whose they are no more, they do not reach, neither the case nor its visits.
    let case = format!("/v1/cases/{}", work.visits[0]["case"].as_str().unwrap());
    agency.supervisor.get(&case).await.problem("not-found");
    agency.head_office.get(&case).await.done();
    assert_eq!(agency.supervisor.items("/v1/cases?limit=500").await.len(), before - 2);
    let seen = agency.supervisor.items("/v1/visits").await;
    assert!(seen.iter().all(|one| one["id"] != work.visits[0]["visit"]), "{seen:?}");
    // Nothing is destroyed while a device has the doors; it counts as wiped when it asks again.
    let held = work.confirm(&recall).await.problem("doors-held");
    assert!(
        held["detail"].as_str().unwrap().starts_with("1 of your devices"),
        "{held}"
    );
    device.pull().await.unwrap();
    let doors = device.doors().await.unwrap();
    let off: Vec<_> = doors.iter().filter(|door| door.withdrawn.is_some()).collect();
    assert_eq!(off.len(), 2);
    for door in off {
        assert!(
            door.name.is_empty() && door.address.is_empty() && door.facts.is_empty(),
            "{door:?}"
        );
        assert_eq!(door.withdrawn.as_deref(), Some("AGENCY-RECALL"));
    }
    assert_eq!(
        work.devices_unwiped().await,
        json!(1),
        "it did not say that the answer came"
    );
    device.pull().await.unwrap();
    assert_eq!(work.devices_unwiped().await, json!(0));
    is_confirmed_and_answered(&work, &recall).await;
    let export = site.export().await;
    export.holds();
    let kinds = [
        "agency.recalled",
        "case.returned",
        "visit.withdrawn",
        "destruction.confirmed",
    ];
    assert_eq!(kinds.map(|kind| export.count(kind)), [1, 2, 2, 2]);
    assert_eq!(export.count("destruction.answered"), 2);
}

/// The agency says how, the creditor sends it back once, and then takes its word.
async fn is_confirmed_and_answered(work: &AtWork, recall: &Value) {
    let path = |verb: &str| format!("/v1/destructions/{}/{verb}", recall["id"].as_str().unwrap());
    let office = &work.agency.head_office;
    let for_them = json!({"method": "wiped", "words": "for them"});
    office.post(&path("confirm"), &for_them).await.problem("not-allowed");
    let early = json!({"accept": true, "words": "before they said so"});
    office.post(&path("answer"), &early).await.problem("changed");
    let confirmed = work.confirm(recall).await.done();
    assert_eq!(
        (&confirmed["state"], &confirmed["method"]),
        (&json!("confirmed"), &json!("shredded"))
    );
    work.confirm(recall).await.problem("changed");
    let back = json!({"accept": false, "words": "which invoices?"});
    let open = office.post(&path("answer"), &back).await.done();
    assert_eq!((&open["state"], &open["due_at"]), (&json!("open"), &recall["due_at"]));
    let shown = work.confirm(recall).await.done();
    assert_eq!(shown["answered_words"], "which invoices?", "the agency reads why");
    let taken = json!({"accept": true, "words": "seen"});
    let done = office.post(&path("answer"), &taken).await.done();
    let said = (&done["state"], &done["copies_kept"], &done["confirmed_words"]);
    assert_eq!(
        said,
        (
            &json!("accepted"),
            &json!("law"),
            &json!("two route sheets; invoices stay")
        )
    );
}

async fn a_visit_that_was_under_way_is_ended_and_then_forgotten(site: &mut Deployment) {
    let work = at_work(site).await;
    for one in &work.staff {
        site.chooses_password(one).await;
    }
    let device = site.device(&work.staff[0]).await;
    device.pull().await.unwrap();
    let visit = &work.visits[0];
    site.when_it_starts(visit);
    let started = checked_in(&device, visit, &work.staff).await;
    device.push().await.unwrap();
    let office = site.anonymous.sign_in("head-office", PASSWORD).await;
    let supervisor = site.anonymous.sign_in("agency-supervisor", PASSWORD).await;
    let work = AtWork {
        agency: Agency {
            supervisor,
            head_office: office,
            ..work.agency
        },
        ..work
    };
    let visit = &work.visits[0];
    let recall = work.recall(std::slice::from_ref(visit)).await;
    assert_eq!(
        (&recall["cases"], &recall["visits"]),
        (&json!(1), &json!(0)),
        "{recall}"
    );
    // Who stands at the door ends the visit with all that protects them.
    for _ in 0..2 {
        device.pull().await.unwrap();
    }
    let has = async || {
        let doors = device.doors().await.unwrap();
        doors.iter().any(|door| door.visit == id_of(&visit["visit"]))
    };
    assert!(has().await);
    work.confirm(&recall).await.problem("doors-held");
    checked_out(&device, visit, &started, ContactOutcome::NobodyHome).await;
    device.push().await.unwrap();
    for _ in 0..2 {
        device.pull().await.unwrap();
    }
    assert!(!has().await, "the device keeps nothing of it");
    work.confirm(&recall).await.done();
    let export = site.export().await;
    export.holds();
    assert_eq!(export.count("case.returned"), 1);
}

async fn what_is_not_confirmed_in_time_is_overdue(site: &mut Deployment) {
    let work = at_work(site).await;
    let device = site.device(&work.staff[0]).await;
    device.pull().await.unwrap();
    work.recall(&work.visits[..1]).await;
    let overdue = "/v1/destructions?overdue=true";
    assert!(work.agency.head_office.items(overdue).await.is_empty());
    site.clock.forward(30 * 86_400 + 1);
    for login in ["head-office", "agency-supervisor", "agency-auditor"] {
        let client = site.anonymous.sign_in(login, PASSWORD).await;
        let list = client.items(overdue).await;
        assert_eq!((list.len(), &list[0]["is_overdue"]), (1, &json!(true)), "{login}");
        // Its lease is over: what it had it wiped by itself.
        assert_eq!(list[0]["devices_unwiped"], json!(0));
    }
}

async fn all_cases_of_an_agency_take_two(site: &mut Deployment) {
    let agency = with_cases(site).await;
    let proposed = plan(&agency).await;
    let before = agency.supervisor.items("/v1/cases?limit=500").await.len();
    let path = format!("/v1/agencies/{}/recalls", agency.id);
    let both = json!({"all": true, "cases": [agency.id], "reason": "conduct", "words": "which?"});
    agency.head_office.post(&path, &both).await.problem("bad-request");
    let request = json!({"all": true, "reason": "contract-over", "words": "it ended in October"});
    let asked = agency.head_office.post(&path, &request).await.done();
    assert_eq!(
        (&asked["state"], &asked["cases"]),
        (&json!("asked"), &json!(0)),
        "{asked}"
    );
    assert!(
        agency.supervisor.items("/v1/destructions").await.is_empty(),
        "nothing happened yet"
    );
    assert_eq!(agency.supervisor.items("/v1/cases?limit=500").await.len(), before);
    let answer = format!("/v1/approvals/{}/answer", asked["approval"].as_str().unwrap());
    let agrees = json!({"approve": true});
    let alone = agency.head_office.post(&answer, &agrees).await;
    alone.problem("approval-needed");
    let waiting = site.administrator.items("/v1/approvals").await;
    let shown = (&waiting[0]["kind"], &waiting[0]["what"]);
    assert_eq!(shown, (&json!("agency.recall"), &json!("Helpers")));
    site.administrator.post(&answer, &agrees).await.done();
    assert!(agency.supervisor.items("/v1/cases?limit=500").await.is_empty());
    let list = agency.supervisor.items("/v1/destructions").await;
    let record = (&list[0]["state"], &list[0]["cases"], &list[0]["every"]);
    assert_eq!(record, (&json!("open"), &json!(before), &json!(true)));
    assert_eq!(
        site.administrator.items("/v1/agencies").await[0]["listed"],
        json!(false)
    );
    // What was planned before is nothing to publish any more.
    publish(&agency, &proposed).await.problem("plan-outdated");
    let export = site.export().await;
    export.holds();
    assert_eq!(
        (export.count("agency.recalled"), export.count("case.returned")),
        (2, before)
    );
}
