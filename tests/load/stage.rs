//! Sets a deployment up: cases, staff, a published plan, and enrolled devices with the doors that they hold.

use std::net::TcpListener;
use std::sync::Arc;

use doorstep_domain::measure::Clock as _;
use doorstep_log::chain::public_key;
use doorstep_log::hash::base64url_encode;
use doorstep_log::leaf::Leaf;
use doorstep_server::SystemClock;
use doorstep_server::config::MetricsListen;
use doorstep_server::folder::{InitOptions, Initialised, init};
use doorstep_store::entry::LogName;
use doorstep_store::{Store, StoreConfig};
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use crate::Asked;
use crate::client::Client;
use crate::process::{ServerProcess, Shifted, family_cpu_us};
use crate::samples::sample;

/// Ten in the morning of the sample files' day in Porto, in microseconds.
const BEGIN: i64 = 1_795_428_000_000_000;
/// Leaves that are read at once.
const PAGE: u64 = 10_000;

/// An enrolled device, as the signer needs it.
#[derive(Debug, Clone)]
pub(crate) struct Device {
    pub(crate) client: Client,
    pub(crate) id: String,
    pub(crate) kid: String,
    pub(crate) seed: [u8; 32],
    /// Visit and person of each door, as aliases.
    pub(crate) doors: Vec<(String, String)>,
    /// Whose it is.
    pub(crate) staff: Uuid,
}

/// The deployment.
pub(crate) struct Stage {
    folder: TempDir,
    store: StoreConfig,
    made: Initialised,
    server: ServerProcess,
    metrics: Client,
    pub(crate) supervisor: Client,
    pub(crate) auditor: Client,
    pub(crate) clock: Shifted,
    pub(crate) devices: Vec<Device>,
}

/// What the parts have cost up to a moment.
pub(crate) struct Cost {
    /// CPU of the server, in microseconds.
    pub(crate) server_us: u64,
    /// CPU of the database, where it is another program.
    pub(crate) database_us: u64,
    /// The server's own counters.
    pub(crate) metrics: String,
}

impl Stage {
    pub(crate) async fn new(asked: &Asked) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let mut options = InitOptions::named("Load");
        if let [database, keys] = asked.urls.as_slice() {
            options = options.on(database, keys);
        }
        let [listen, metrics] = [free_port(), free_port()];
        (options.config.listen, options.config.metrics_listen) = (listen, MetricsListen::At(metrics));
        let clock = clock();
        let made = init(&data, &options, Arc::new(clock)).await.unwrap();
        let server = ServerProcess::start(&data, clock.0);
        let anonymous = Client::anonymous(&format!("http://{listen}"));
        let logins = made.logins.clone();
        let password = |login: &str| {
            let one = logins.iter().find(|one| one.login == login);
            one.unwrap().password.clone()
        };
        let mut stage = Self {
            store: options.config.store(&data),
            supervisor: anonymous.sign_in("supervisor", &password("supervisor")).await,
            auditor: anonymous.sign_in("auditor", &password("auditor")).await,
            metrics: Client::anonymous(&format!("http://{metrics}")),
            clock,
            devices: Vec::new(),
            folder,
            made,
            server,
        };
        let administrator = anonymous.sign_in("admin", &password("admin")).await;
        let staff = stage.with_a_plan(&administrator).await;
        for (number, one) in (1..).zip(staff.iter().take(asked.devices)) {
            let device = stage.enrol(&administrator, one, number).await;
            stage.devices.push(device);
        }
        assert_eq!(stage.devices.len(), asked.devices, "staff who have a route");
        stage
    }

    /// Imports the samples and publishes a plan for their day. Returns the staff who have a route in it.
    async fn with_a_plan(&self, administrator: &Client) -> Vec<Value> {
        let query = format!("/v1/staff/import?team={}", self.made.team);
        administrator.upload(&query, sample("porto-staff.csv")).await.done();
        self.supervisor.import(sample("porto-cases.csv")).await;
        let day = jiff::Timestamp::from_microsecond(BEGIN).unwrap();
        let day = day.to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
        let request = json!({"first_day": day, "iterations": 100, "without_notice": true});
        let plan = self.supervisor.post("/v1/plans", &request).await.done();
        let path = format!(
            "/v1/plans/{}/publish?without_notice=demonstration",
            plan["id"].as_str().unwrap()
        );
        let publish = self.supervisor.request(reqwest::Method::POST, &path);
        let publish = publish.header("If-Match", format!("\"{}\"", plan["version"]));
        self.supervisor.send(publish).await.done();
        let mut staff = administrator.items("/v1/staff").await;
        let routes = plan["routes"].as_array().unwrap();
        staff.retain(|one| routes.iter().any(|route| route["crew"] == one["crew"]));
        staff
    }

    async fn enrol(&self, administrator: &Client, staff: &Value, number: u8) -> Device {
        let request = json!({"staff": staff["id"]});
        let code = administrator.post("/v1/device-codes", &request).await.done();
        let seed = [number; 32];
        let body = json!({
            "tenant": code["tenant"],
            "code": code["code"],
            "public_key": base64url_encode(&public_key(&seed)),
            "app": "doorstep-load/1",
            "sync_version": doorstep_wire::SYNC_VERSION,
        });
        let enrolled = administrator.post("/v1/devices", &body).await.done();
        let client = administrator.with_token(enrolled["token"].as_str().unwrap());
        let pulled = client.get("/v1/sync/pull").await.done();
        let ops = pulled["ops"].as_array().unwrap().iter();
        let doors = ops.filter(|op| op["noun"] == "door").map(|op| {
            let door: Value = serde_json::from_str(op["body"].as_str().unwrap()).unwrap();
            let alias = |name: &str| door[name].as_str().unwrap().to_owned();
            (alias("visit_alias"), alias("subject_alias"))
        });
        Device {
            doors: doors.collect(),
            id: enrolled["device"].as_str().unwrap().to_owned(),
            kid: enrolled["kid"].as_str().unwrap().to_owned(),
            staff: staff["id"].as_str().unwrap().parse().unwrap(),
            client,
            seed,
        }
    }

    /// What was used up to now.
    pub(crate) async fn cost(&self, asked: &Asked) -> Cost {
        Cost {
            server_us: self.server.cpu_us(),
            database_us: asked.database_pid.map_or(0, family_cpu_us),
            metrics: self.metrics.get("/metrics").await.text(),
        }
    }

    /// Device and number of every event, in the order of the log with its place.
    pub(crate) async fn order(&self) -> Vec<(u64, String, u64)> {
        let store = Store::open(&self.store).await.unwrap();
        let (mut found, mut from) = (Vec::new(), 0);
        loop {
            let leaves = store
                .log_leaves(self.made.tenant, LogName::Events, from, PAGE)
                .await
                .unwrap();
            if leaves.is_empty() {
                break;
            }
            for (place, bytes) in (from..).zip(&leaves) {
                if let Leaf::Device(event) = Leaf::decode(bytes).unwrap() {
                    let header = event.header().unwrap();
                    found.push((place, header.dev, header.dseq));
                }
            }
            from += leaves.len() as u64;
        }
        store.close().await;
        assert!(self.folder.path().exists());
        found
    }
}

/// A clock that begins now at the sample files' day.
pub(crate) fn clock() -> Shifted {
    Shifted(BEGIN - SystemClock.now().get())
}

/// Devices that no server knows, to sign the bytes of a comparison.
pub(crate) fn strangers(count: usize) -> Vec<Device> {
    let one = |number: usize| {
        let id = Uuid::from_u128(number as u128);
        Device {
            client: Client::anonymous(""),
            id: id.to_string(),
            kid: format!("{id}/1"),
            seed: [number as u8; 32],
            doors: Vec::new(),
            staff: id,
        }
    };
    (1..=count).map(one).collect()
}

/// The system gives out a free port; nobody else takes it in the moment until the server does.
fn free_port() -> std::net::SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
