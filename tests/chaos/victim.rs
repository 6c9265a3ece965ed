//! The server that is killed, and what must hold of it afterwards.

use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use doorstep_device::{Device, Enrolment, FinishInput, KeyKind, Pin, StartInput};
use doorstep_domain::contact::ContactOutcome;
use doorstep_domain::measure::Clock;
use doorstep_server::SystemClock;
use doorstep_server::config::MetricsListen;
use doorstep_server::folder::{InitOptions, Initialised, init, log_export};
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use crate::child::ServerProcess;
use crate::client::Client;
use crate::dice::Dice;
use crate::export::ExportInMemory;
use crate::samples::{csv_cells, csv_text, sample};

/// Milliseconds within which an import is cut off; long enough that some land.
const IMPORT_MS_MAX: u64 = 350;
/// Milliseconds within which planning and publishing are cut off.
const PLAN_MS_MAX: u64 = 800;
/// Milliseconds within which a push is cut off.
const PUSH_MS_MAX: u64 = 12;
/// Visits that are carried out before a push, as long as there are doors.
const VISITS_OF_ROUND: usize = 2;
/// Microseconds ahead of which a device surely gets its doors.
const IN_SIGHT: i64 = 17 * 3_600_000_000;
/// Days that are tried for a plan, from the day after tomorrow: on one of them the rules allow visits. Today and tomorrow
/// are the device's, which would lose its doors to another plan.
const DAYS_MAX: i64 = 5;

/// A data folder with its server, a supervisor and a device.
pub(crate) struct Victim {
    folder: TempDir,
    made: Initialised,
    address: String,
    server: Option<ServerProcess>,
    /// What is done to the database server in the place of a kill.
    outage: Option<String>,
    supervisor: Client,
    device: Arc<Device>,
    /// Whose device it is.
    staff: Uuid,
    /// Events that the device recorded.
    events: u64,
    /// Visits that it carried out.
    visited: usize,
    /// Rounds whose work did not come to its end before the kill.
    cut_off: u64,
}

impl Victim {
    /// Sets everything up: on two PostgreSQL databases where they are given, otherwise on SQLite.
    pub(crate) async fn new(urls: &[String], outage: Option<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let mut options = InitOptions::named("Chaos");
        if let [database, keys] = urls {
            options = options.on(database, keys);
        }
        options.config.listen = free_port();
        options.config.metrics_listen = MetricsListen::Off;
        let address = format!("http://{}", options.config.listen);
        let made = init(&data, &options, Arc::new(SystemClock)).await.unwrap();
        let server = ServerProcess::start(&data);
        let anonymous = Client::anonymous(&address);
        let password = |login: &str| {
            made.logins
                .iter()
                .find(|one| one.login == login)
                .unwrap()
                .password
                .clone()
        };
        let supervisor = anonymous.sign_in("supervisor", &password("supervisor")).await;
        let administrator = anonymous.sign_in("admin", &password("admin")).await;
        let query = format!("/v1/staff/import?team={}", made.team);
        administrator.upload(&query, sample("porto-staff.csv")).await.done();
        supervisor.import(sample("porto-messy.csv")).await;
        let staff = with_a_route(&supervisor, &administrator).await;
        let code = administrator
            .post("/v1/device-codes", &json!({"staff": staff}))
            .await
            .done();
        let enrolment = Enrolment {
            dir: folder.path().join("device"),
            server_url: address.clone(),
            tenant: made.tenant.0,
            code: code["code"].as_str().unwrap().to_owned(),
            app: "doorstep-chaos/1".to_owned(),
            pin: Pin::new("246813").unwrap(),
            key: KeyKind::Ed25519,
        };
        let device = Arc::new(Device::enrol(enrolment, Arc::new(SystemClock)).await.unwrap());
        Self {
            folder,
            made,
            address,
            server: Some(server),
            outage,
            supervisor,
            device,
            staff,
            events: 0,
            visited: 0,
            cut_off: 0,
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Lets work run, kills the server after so many milliseconds or when the work is done, and starts it again.
    async fn killed(&mut self, after_ms: u64, work: impl Future) {
        // What came of the work is what the checks find out.
        let ended = tokio::time::timeout(Duration::from_millis(after_ms), work).await;
        self.cut_off += u64::from(ended.is_err());
        if let Some(command) = &self.outage {
            self.outlasts(command).await;
            return;
        }
        if let Some(process) = self.server.take() {
            process.kill();
        }
        self.server = Some(ServerProcess::start(&self.data()));
    }

    /// The database server ends at once and is started again; the server of the folder goes on by itself.
    async fn outlasts(&self, command: &str) {
        let done = std::process::Command::new("sh").args(["-c", command]).status();
        assert!(done.unwrap().success(), "the outage failed: {command}");
        let anonymous = Client::anonymous(&self.address);
        let waits = tokio::time::timeout(Duration::from_mins(1), async {
            while anonymous.get("/ready").await.status != 200 {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        });
        waits.await.expect("the server finds its database again");
    }

    /// How many kills came in the middle of some work.
    pub(crate) const fn cut_off(&self) -> u64 {
        self.cut_off
    }

    /// An import lands whole or not at all, and lands once when it is sent again.
    pub(crate) async fn killed_at_import(&mut self, round: u64, dice: &mut Dice) -> String {
        let portfolio = format!("round-{round}");
        let mut cells = csv_cells(&sample("porto-cases.csv"));
        for row in cells.iter_mut().skip(1) {
            row[1].clone_from(&portfolio);
        }
        let (file, rows) = (csv_text(&cells), cells.len() - 1);
        let after_ms = dice.below(IMPORT_MS_MAX);
        let request = self
            .supervisor
            .request(reqwest::Method::POST, "/v1/imports")
            .body(file.clone());
        self.killed(after_ms, request.send()).await;
        let landed = self.cases_of(&portfolio).await;
        assert!(landed == 0 || landed == rows, "{landed} of {rows} rows landed");
        let again = self.supervisor.import(file).await;
        let created = again["created"].as_u64().unwrap() as usize;
        assert_eq!(landed + created, rows, "{again}");
        assert_eq!(self.cases_of(&portfolio).await, rows);
        let whole = if landed == 0 { "not at all" } else { "whole" };
        format!("killed {after_ms} ms into an import, which had landed {whole}")
    }

    /// How many cases a portfolio has; none where an import that was cut off would have made it.
    async fn cases_of(&self, portfolio: &str) -> usize {
        let query = format!("/v1/cases?limit=500&portfolio={portfolio}");
        if self.supervisor.get(&query).await.code().as_deref() == Some("not-found") {
            return 0;
        }
        self.supervisor.items(&query).await.len()
    }

    /// A plan is there with all its visits or not at all, published or not.
    pub(crate) async fn killed_at_planning(&mut self, dice: &mut Dice) -> String {
        let after_ms = dice.below(PLAN_MS_MAX);
        let client = self.supervisor.clone();
        let first = 2 + dice.below(DAYS_MAX as u64) as i64;
        let before = self.supervisor.items("/v1/plans").await.len();
        let work = async move {
            let request = json!({"first_day": day_after(first), "iterations": 50});
            let posted = client
                .request(reqwest::Method::POST, "/v1/plans")
                .json(&request)
                .send()
                .await;
            let Ok(answer) = posted else { return };
            let Ok(plan) = answer.json::<Value>().await else { return };
            let Some(id) = plan["id"].as_str() else { return };
            let path = format!("/v1/plans/{id}/publish");
            let publish = client.request(reqwest::Method::POST, &path);
            // Cut off or refused: the checks look at what is there.
            let _ = publish
                .header("If-Match", format!("\"{}\"", plan["version"]))
                .send()
                .await;
        };
        self.killed(after_ms, work).await;
        let plans = self.supervisor.items("/v1/plans").await;
        let visits = self.supervisor.items("/v1/visits").await;
        let mut live = 0;
        for plan in &plans {
            let detail = self
                .supervisor
                .get(&format!("/v1/plans/{}", plan["id"].as_str().unwrap()))
                .await
                .done();
            let routes = detail["routes"].as_array().unwrap().iter();
            let placed: Vec<&Value> = routes.flat_map(|route| route["visits"].as_array().unwrap()).collect();
            assert_eq!(placed.len() as u64, plan["planned"].as_u64().unwrap(), "{plan}");
            let made = placed
                .iter()
                .filter(|one| visits.iter().any(|visit| visit["id"] == one["visit"]))
                .count();
            let expected = if plan["state"] == "proposed" { 0 } else { placed.len() };
            assert_eq!(made, expected, "visits of a plan that is {}", plan["state"]);
            live += if plan["state"] == "proposed" { 0 } else { placed.len() };
        }
        assert_eq!(live, visits.len(), "every visit belongs to a plan that was published");
        let state = if plans.len() > before {
            plans[0]["state"].as_str().unwrap()
        } else {
            "lost whole"
        };
        format!("killed {after_ms} ms into planning, the plan is {state}")
    }

    /// Every event that the device recorded is there once after it pushes again, and every visit is what it reported.
    pub(crate) async fn killed_at_sync(&mut self, dice: &mut Dice) -> String {
        let (after_ms, days) = (dice.below(PUSH_MS_MAX), 2 + dice.below(20));
        self.device.pull().await.unwrap();
        let before = self.events;
        for _ in 0..days {
            self.device.day_open().await.unwrap();
            self.device.day_close().await.unwrap();
            self.events += 2;
        }
        let visits = self.carry_out_visits().await;
        let count = self.events - before;
        let device = Arc::clone(&self.device);
        let work = async move {
            // Cut off or not: the checks look at what is there.
            let _ = device.push().await;
            let _ = device.pull().await;
        };
        self.killed(after_ms, work).await;
        let waiting = self.device.outbox().await.unwrap().len();
        let report = self.device.push().await.unwrap();
        assert!(!report.alarm, "the device finds the server contradicting itself");
        assert_eq!((report.held, report.quarantined), (0, 0));
        assert_eq!(self.device.outbox().await.unwrap().len(), 0);
        self.device.pull().await.unwrap();
        let finished = self.supervisor.items("/v1/visits?state=finished").await;
        assert_eq!(finished.len(), self.visited, "visits lost or doubled: {finished:?}");
        format!("killed {after_ms} ms into a push of {count} events, {visits} visits, {waiting} unacknowledged")
    }

    /// Goes to some doors that the device pulled and that it has not been to. They are planned for some other hour, so
    /// each is recorded as what has happened anyway.
    async fn carry_out_visits(&mut self) -> usize {
        let mut ahead = Vec::new();
        for door in self.device.doors().await.unwrap() {
            if self.device.visit_state(door.visit).await.unwrap().is_none() {
                ahead.push(door.visit);
            }
        }
        ahead.truncate(VISITS_OF_ROUND);
        for visit in &ahead {
            let start = StartInput {
                staff: vec![self.staff],
                identity_shown: true,
                anyway: true,
                ..StartInput::default()
            };
            let started = self.device.visit_start(*visit, start).await.unwrap();
            let finish = FinishInput {
                position: None,
                outcome: ContactOutcome::NobodyHome,
                matter: None,
                promise: None,
                note: Some("nobody opened".to_owned()),
                done: started.required,
                evidence: Vec::new(),
                anyway: true,
            };
            let finished = self.device.visit_finish(*visit, finish).await.unwrap();
            self.events += 1 + finished.events.len() as u64;
        }
        self.visited += ahead.len();
        ahead.len()
    }

    /// The logs verify and hold every event of the device once. Returns how many leaves there are.
    pub(crate) async fn log_holds(&self) -> u64 {
        let target = tempfile::tempdir_in(self.folder.path()).unwrap();
        let made = log_export(
            &self.data(),
            target.path(),
            Some(self.made.tenant),
            Arc::new(SystemClock),
        )
        .await
        .unwrap();
        let report = ExportInMemory::read(target.path(), &made.keys).holds();
        assert_eq!(report.counts.events, self.events, "events lost or doubled");
        assert_eq!(report.counts.payloads_missing, 0);
        report.logs.iter().map(|log| log.size).sum()
    }

    /// Ends the server.
    pub(crate) async fn end(self) {
        let head = Client::anonymous(&self.address).get("/health").await;
        assert_eq!(head.status, 200);
        if let Some(server) = self.server {
            server.kill();
        }
        assert!(self.visited > 0 || self.events == 0, "the device carried out no visit");
        if let Some(device) = Arc::into_inner(self.device) {
            device.close().await;
        }
    }
}

/// The system gives out a free port; nobody else takes it in the moment until a server does.
pub(crate) fn free_port() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// Publishes a plan for today and tomorrow, and finds somebody whose crew has the most to do soon.
async fn with_a_route(supervisor: &Client, administrator: &Client) -> Uuid {
    let request = json!({"first_day": day_after(0), "days": 2, "iterations": 50, "without_notice": true});
    let plan = supervisor.post("/v1/plans", &request).await.done();
    let path = format!(
        "/v1/plans/{}/publish?without_notice=demonstration",
        plan["id"].as_str().unwrap()
    );
    let publish = supervisor.request(reqwest::Method::POST, &path);
    let publish = publish.header("If-Match", format!("\"{}\"", plan["version"]));
    supervisor.send(publish).await.done();
    let in_sight = SystemClock.now().get() + IN_SIGHT;
    let soon = |route: &&Value| {
        let visits = route["visits"].as_array().unwrap().iter();
        visits
            .filter(|visit| visit["starts"].as_i64().unwrap() < in_sight)
            .count()
    };
    let routes = plan["routes"].as_array().unwrap().iter();
    let crew = &routes.max_by_key(soon).unwrap()["crew"];
    let staff = administrator.items("/v1/staff").await;
    let one = staff.iter().find(|one| one["crew"] == *crew).unwrap();
    one["id"].as_str().unwrap().parse().unwrap()
}

/// The ISO date some days from now.
fn day_after(days: i64) -> String {
    let at = SystemClock.now().get() + days * 86_400_000_000;
    let day = jiff::Timestamp::from_microsecond(at).unwrap();
    day.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}
