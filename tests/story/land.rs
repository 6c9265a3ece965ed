//! Landing: what a file may not change, what becomes of rows that do not land, and what is told of them later.

use std::collections::BTreeMap;

use doorstep_domain::contact::ContactOutcome;
use serde_json::{Value, json};

use crate::harness::{Client, Deployment, checked_in, checked_out, csv_cells, csv_text, lines_of, sample};

stories!(
    a_file_lifts_no_stop_of_a_place,
    a_row_with_an_unknown_agency_goes_back_alone,
    what_was_told_of_a_row_is_told_again,
);

/// Columns of the sample file.
const NUMBER: usize = 0;
const PHONE: usize = 3;
const ADDRESS: usize = 4;
const LAT: usize = 5;
const AMOUNT: usize = 7;

/// Cases whose doors a crew found closed for good, with what stopped them.
struct Stopped {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    ids: Vec<String>,
}

impl Stopped {
    /// Visits three doors, each with another outcome after which nobody goes there again.
    async fn new(site: &Deployment) -> Self {
        let mut cells = csv_cells(&lines_of(&sample("porto-cases.csv"), |line| line < 120));
        // Without a phone nobody is taken for somebody else, also not for the same person under another number.
        for (n, row) in cells.iter_mut().enumerate().skip(1) {
            row[PHONE] = format!("+351910000{n:03}");
        }
        let day = site.crew_day(csv_text(&cells)).await;
        let device = site.device(&day.staff[0]).await;
        device.pull().await.unwrap();
        let outcomes = [
            ContactOutcome::UnknownHere,
            ContactOutcome::Moved,
            ContactOutcome::AddrInvalid,
        ];
        let (mut rows, mut ids) = (Vec::new(), Vec::new());
        for (visit, outcome) in day.visits.iter().zip(outcomes) {
            site.when_it_starts(visit);
            let started = checked_in(&device, visit, &day.staff).await;
            checked_out(&device, visit, &started, outcome).await;
            let id = visit["case"].as_str().unwrap().to_owned();
            let case = site.supervisor.get(&format!("/v1/cases/{id}")).await.done();
            let row = cells
                .iter()
                .find(|row| row[NUMBER] == case["case_no"].as_str().unwrap());
            rows.push(row.unwrap().clone());
            ids.push(id);
        }
        device.push().await.unwrap();
        assert_eq!(ids.len(), 3, "{:?}", day.visits);
        Self {
            header: cells[0].clone(),
            rows,
            ids,
        }
    }

    /// Imports the rows after a change to each.
    async fn import(&self, site: &Deployment, change: impl Fn(&mut Vec<String>)) -> Value {
        let mut rows = vec![self.header.clone()];
        for row in &self.rows {
            let mut row = row.clone();
            change(&mut row);
            rows.push(row);
        }
        site.supervisor.import(csv_text(&rows)).await
    }

    /// The addresses' states, after a look whether the rules still stop every visit there, or none.
    async fn states(&self, client: &Client, stopped: bool) -> Vec<String> {
        let mut states = Vec::new();
        for id in &self.ids {
            states.push(state(client, id, stopped).await);
        }
        states
    }
}

async fn state(client: &Client, id: &str, stopped: bool) -> String {
    let case = client.get(&format!("/v1/cases/{id}")).await.done();
    let verdict = case["verdict"]["findings"].to_string();
    for rule in ["HOUSE-STOP-ADDRESS", "HOUSE-GONE"] {
        assert_eq!(verdict.contains(rule), stopped, "{rule}: {case}");
    }
    case["address_state"].as_str().unwrap().to_owned()
}

async fn a_file_lifts_no_stop_of_a_place(site: &mut Deployment) {
    let stopped = Stopped::new(site).await;
    let found = ["wrong", "moved", "wrong"];
    let client = &site.supervisor.clone();
    assert_eq!(stopped.states(client, true).await, found);
    let amount = |text: &'static str| move |row: &mut Vec<String>| text.clone_into(&mut row[AMOUNT]);
    let report = stopped.import(site, amount("77.01")).await;
    assert_eq!(report["updated"], 3, "{report}");
    assert_eq!(stopped.states(client, true).await, found, "only the amount changed");
    // The same address in other letters, a hand's breadth away.
    let written = |row: &mut Vec<String>| {
        row[ADDRESS] = format!("  {} ", row[ADDRESS].to_uppercase().replace(", ", " - "));
        row[LAT] = format!("{}1", row[LAT]);
    };
    assert_eq!(stopped.import(site, written).await["updated"], 3);
    assert_eq!(stopped.states(client, true).await, found);
    // The same place for the same person under another number is no new place.
    let renumbered = |row: &mut Vec<String>| row[NUMBER] = row[NUMBER].replace("PO-", "PX-");
    assert_eq!(stopped.import(site, renumbered).await["created"], 3);
    for (row, state_before) in stopped.rows.iter().zip(found) {
        let case = client.case(&row[NUMBER].replace("PO-", "PX-")).await;
        assert_eq!(state(client, case["id"].as_str().unwrap(), true).await, state_before);
    }
    // Another address is another place, of which nothing is known yet.
    let moved = |row: &mut Vec<String>| "Rua do Almada 7".clone_into(&mut row[ADDRESS]);
    let report = stopped.import(site, moved).await;
    assert_eq!(report["updated"], 3, "{report}");
    assert_eq!(stopped.states(client, false).await, ["unverified"; 3]);
    let path = format!("/v1/imports/{}/take-back", report["import"].as_str().unwrap());
    client.post(&path, &Value::Null).await.done();
    assert_eq!(stopped.states(client, true).await, found, "taken back");
    // What is known of the first address waits for the file that names it again.
    stopped.import(site, moved).await;
    assert_eq!(stopped.states(client, false).await, ["unverified"; 3]);
    stopped.import(site, amount("77.02")).await;
    assert_eq!(stopped.states(client, true).await, found);
    site.export().await.holds();
}

async fn a_row_with_an_unknown_agency_goes_back_alone(site: &mut Deployment) {
    for name in ["Helpers", "Former"] {
        let made = site
            .administrator
            .post("/v1/agencies", &json!({"name": name}))
            .await
            .done();
        let path = format!("/v1/agencies/{}/listed", made["id"].as_str().unwrap());
        let request = site.administrator.request(reqwest::Method::PUT, &path);
        let request = request.json(&json!({"listed": name == "Helpers"}));
        site.administrator.send(request).await;
    }
    let mut cells = csv_cells(&lines_of(&sample("porto-cases.csv"), |line| line < 4));
    for (row, agency) in cells.iter_mut().zip(["agency", "", "Helpers", "Nobody", "Former"]) {
        row.push(agency.to_owned());
    }
    let report = site.supervisor.import(csv_text(&cells)).await;
    assert_eq!(report["counts"], json!({"accept": 2, "reject": 2}), "{report}");
    for row in report["rows"].as_array().unwrap() {
        assert_eq!(row["reasons"], json!(["unknown-agency"]), "{row}");
        assert!(row["words"].as_str().unwrap().contains("(agency)"), "{row}");
    }
    let path = format!("/v1/imports/{}/give-back", report["import"].as_str().unwrap());
    let back = csv_cells(&site.supervisor.get(&path).await.file());
    let numbers: Vec<&String> = back[1..].iter().map(|row| &row[NUMBER]).collect();
    assert_eq!(numbers, ["PO-10002", "PO-10003"]);
    // Said for the whole file, it is the request that is wrong.
    let file = || lines_of(&sample("porto-cases.csv"), |line| (10..14).contains(&line));
    for (name, problem) in [("Nobody", "bad-request"), ("Former", "not-allowed")] {
        let path = format!("/v1/imports?agency={name}");
        let refused = site.supervisor.upload(&path, file()).await.problem(problem);
        assert_eq!(refused["place"], "agency", "{refused}");
    }
    assert_eq!(site.rows("cases").await, 2);
}

async fn what_was_told_of_a_row_is_told_again(site: &mut Deployment) {
    let report = site.supervisor.import(sample("porto-messy.csv")).await;
    let id = report["import"].as_str().unwrap();
    let told = |rows: &[Value]| -> BTreeMap<i64, String> {
        let notable = rows.iter().filter(|row| row["result"] != "accept");
        let said = notable.map(|row| (row["line"].as_i64().unwrap(), row["words"].as_str().unwrap().to_owned()));
        said.collect()
    };
    let first = told(report["rows"].as_array().unwrap());
    assert!(first.values().any(|words| words.contains("(name)")), "{first:?}");
    assert!(first.values().any(|words| words.contains(" = ")), "{first:?}");
    let shown = site.auditor.get(&format!("/v1/imports/{id}")).await.done();
    assert_eq!(told(shown["rows"].as_array().unwrap()), first);
    assert_eq!(
        told(&site.auditor.items(&format!("/v1/imports/{id}/rows")).await),
        first
    );
}
