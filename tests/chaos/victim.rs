//! The server that is killed, and what must hold of it afterwards.

use std::future::Future;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use doorstep_device::{Device, Enrolment};
use doorstep_domain::measure::Clock;
use doorstep_server::SystemClock;
use doorstep_server::config::MetricsListen;
use doorstep_server::folder::{InitOptions, Initialised, init, log_export};
use serde_json::{Value, json};
use tempfile::TempDir;

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
/// Days that are tried for a plan: on one of them the rules allow visits.
const DAYS_MAX: i64 = 7;

/// A data folder with its server, a supervisor and a device.
pub(crate) struct Victim {
    folder: TempDir,
    made: Initialised,
    address: String,
    server: Option<ServerProcess>,
    supervisor: Client,
    device: Device,
    events: u64,
}

impl Victim {
    /// Sets everything up: on two PostgreSQL databases where they are given, otherwise on SQLite.
    pub(crate) async fn new(urls: &[String]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let mut options = InitOptions::named("Chaos");
        if let [database, keys] = urls {
            options = options.on(database, keys);
        }
        // The system gives out a free port; nobody else takes it in the moment until the server does.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        options.config.listen = listener.local_addr().unwrap();
        options.config.metrics_listen = MetricsListen::Off;
        drop(listener);
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
        let staff = administrator.items("/v1/staff").await;
        let field = staff.iter().find(|one| one["role"] == "field").unwrap();
        let code = administrator
            .post("/v1/device-codes", &json!({"staff": field["id"]}))
            .await
            .done();
        let enrolment = Enrolment {
            dir: folder.path().join("device"),
            server_url: address.clone(),
            tenant: made.tenant.0,
            code: code["code"].as_str().unwrap().to_owned(),
            app: "doorstep-chaos/1".to_owned(),
        };
        let device = Device::enrol(enrolment, Arc::new(SystemClock)).await.unwrap();
        supervisor.import(sample("porto-messy.csv")).await;
        Self {
            folder,
            made,
            address,
            server: Some(server),
            supervisor,
            device,
            events: 0,
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Lets work run, kills the server after so many milliseconds or when the work is done, and starts it again.
    async fn killed(server: &mut Option<ServerProcess>, data: &std::path::Path, after_ms: u64, work: impl Future) {
        // Whether the work came to its end is what the checks find out.
        let _ = tokio::time::timeout(Duration::from_millis(after_ms), work).await;
        if let Some(process) = server.take() {
            process.kill();
        }
        *server = Some(ServerProcess::start(data));
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
        Self::killed(
            &mut self.server,
            &self.folder.path().join("data"),
            after_ms,
            request.send(),
        )
        .await;
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
        let first = dice.below(DAYS_MAX as u64) as i64;
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
        Self::killed(&mut self.server, &self.folder.path().join("data"), after_ms, work).await;
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

    /// Every event that the device recorded is there once after it pushes again.
    pub(crate) async fn killed_at_sync(&mut self, dice: &mut Dice) -> String {
        let (after_ms, count) = (dice.below(PUSH_MS_MAX), 5 + dice.below(60));
        for index in 0..count {
            let recorded = if index % 2 == 0 {
                self.device.day_open().await
            } else {
                self.device.day_close().await
            };
            recorded.unwrap();
        }
        self.events += count;
        let data = self.data();
        Self::killed(&mut self.server, &data, after_ms, self.device.push()).await;
        let waiting = self.device.outbox().await.unwrap().len();
        let report = self.device.push().await.unwrap();
        assert!(!report.alarm, "the device finds the server contradicting itself");
        assert_eq!((report.held, report.quarantined), (0, 0));
        assert_eq!(self.device.outbox().await.unwrap().len(), 0);
        format!("killed {after_ms} ms into a push of {count} events, {waiting} of them unacknowledged")
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
        self.device.close().await;
    }
}

/// The ISO date some days from now.
fn day_after(days: i64) -> String {
    let at = SystemClock.now().get() + days * 86_400_000_000;
    let day = jiff::Timestamp::from_microsecond(at).unwrap();
    day.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}
