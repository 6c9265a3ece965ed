//! Two servers on one database and one key store. Devices send to both at once, one of the two is killed and comes back,
//! again and again, and everything that either of them ever published is held together at the end: one root for each
//! size, and each checkpoint extends the one before.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use doorstep_device::{Device, Enrolment, KeyKind, Pin};
use doorstep_server::config::{DatabaseUrl, MetricsListen};
use doorstep_server::folder::{InitOptions, Initialised, init, log_export};
use doorstep_server::{Config, SystemClock};
use serde_json::json;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::child::ServerProcess;
use crate::client::Client;
use crate::dice::Dice;
use crate::export::ExportInMemory;
use crate::published::{Published, follow};
use crate::samples::sample;
use crate::victim::free_port;
use crate::way::Either;

/// Devices that send without a pause.
const DEVICES: usize = 3;
/// Milliseconds within which one of the two is killed, while both work.
const TOGETHER_MS_MAX: u64 = 700;
/// Milliseconds for which the other one is alone.
const ALONE_MS_MAX: u64 = 300;

/// One of the two servers.
struct Home {
    data: PathBuf,
    address: String,
    metrics: String,
    server: Option<ServerProcess>,
}

impl Home {
    /// Makes the data folder of a server on the databases and the key of `config`.
    fn new(data: PathBuf, mut config: Config) -> Self {
        let (listen, metrics) = (free_port(), free_port());
        (config.listen, config.metrics_listen) = (listen, MetricsListen::At(metrics));
        std::fs::create_dir_all(&data).unwrap();
        std::fs::write(data.join("doorstep.toml"), config.to_toml().unwrap()).unwrap();
        Self {
            server: Some(ServerProcess::start(&data)),
            data,
            address: format!("http://{listen}"),
            metrics: format!("http://{metrics}"),
        }
    }

    async fn start(&mut self) {
        let data = self.data.clone();
        let started = tokio::task::spawn_blocking(move || ServerProcess::start(&data));
        self.server = Some(started.await.unwrap());
    }
}

/// Both of them with what works on them.
struct Twins {
    folder: TempDir,
    made: Initialised,
    homes: [Home; 2],
    published: Arc<Published>,
    /// Set once the devices shall come to an end.
    over: Arc<AtomicBool>,
    /// Requests that a kill cut off after they had reached a server.
    cut_off: Arc<AtomicU64>,
    following: Vec<JoinHandle<()>>,
    /// Each gives the number of events that its device recorded.
    sending: Vec<JoinHandle<u64>>,
}

/// Carries out the rounds: in each, one of the two is killed and comes back.
pub(crate) async fn rounds(rounds: u64, seed: u64, urls: &[String]) {
    let mut dice = Dice::new(seed);
    let mut twins = Twins::new(urls, &mut dice).await;
    let mut mid_work = 0;
    for round in 0..rounds {
        let before = twins.cut_off.load(Ordering::Relaxed);
        let which = dice.below(2) as usize;
        let (together_ms, alone_ms) = (dice.below(TOGETHER_MS_MAX), dice.below(ALONE_MS_MAX));
        tokio::time::sleep(Duration::from_millis(together_ms)).await;
        twins.homes[which].server.take().unwrap().kill();
        tokio::time::sleep(Duration::from_millis(alone_ms)).await;
        twins.homes[which].start().await;
        twins.published.holds();
        mid_work += u64::from(twins.cut_off.load(Ordering::Relaxed) > before);
        println!(
            "round {}: killed server {which} after {together_ms} ms together, back after {alone_ms} ms; {} checkpoints seen",
            round + 1,
            twins.published.count()
        );
    }
    let told = twins.end().await;
    println!("{told}");
    println!("{rounds} rounds held (seed {seed}), {mid_work} kills came mid-work");
}

impl Twins {
    async fn new(urls: &[String], dice: &mut Dice) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut options = InitOptions::named("Twins");
        if let [database, keys] = urls {
            options = options.on(database, keys);
        }
        let first = folder.path().join("first");
        let made = init(&first, &options, Arc::new(SystemClock)).await.unwrap();
        let mut config = Config::load(&first).unwrap();
        // The second folder must find what lies in the first.
        let store = config.store(&first);
        (config.database, config.keys) = (DatabaseUrl(store.url), DatabaseUrl(store.keys_url));
        config.key_file = store.key_file;
        let homes = [
            Home::new(first, config.clone()),
            Home::new(folder.path().join("second"), config),
        ];
        let mut twins = Self {
            folder,
            made,
            homes,
            published: Arc::default(),
            over: Arc::default(),
            cut_off: Arc::default(),
            following: Vec::new(),
            sending: Vec::new(),
        };
        twins.follow().await;
        twins.send(dice).await;
        twins
    }

    async fn signed_in(&self, login: &str) -> Client {
        let found = self.made.logins.iter().find(|one| one.login == login).unwrap();
        let anonymous = Client::anonymous(&self.homes[0].address);
        anonymous.sign_in(login, &found.password).await
    }

    /// Looks at what each of the two publishes, all the time.
    async fn follow(&mut self) {
        let auditor = self.signed_in("auditor").await;
        for (which, home) in self.homes.iter().enumerate() {
            let client = Client::anonymous(&home.address).with_token(auditor.token());
            let published = Arc::clone(&self.published);
            let metrics = Client::anonymous(&home.metrics);
            self.following
                .push(tokio::spawn(follow(published, which, client, metrics)));
        }
    }

    /// Has devices send to both without a pause.
    async fn send(&mut self, dice: &mut Dice) {
        let administrator = self.signed_in("admin").await;
        let query = format!("/v1/staff/import?team={}", self.made.team);
        administrator.upload(&query, sample("porto-staff.csv")).await.done();
        let staff = administrator.items("/v1/staff").await;
        let mut field = staff.iter().filter(|one| one["role"] == "field");
        for number in 0..DEVICES {
            let order = json!({"staff": field.next().unwrap()["id"]});
            let code = administrator.post("/v1/device-codes", &order).await.done();
            let enrolment = Enrolment {
                dir: self.folder.path().join(format!("device-{number}")),
                server_url: self.homes[0].address.clone(),
                tenant: self.made.tenant.0,
                code: code["code"].as_str().unwrap().to_owned(),
                app: "doorstep-chaos/1".to_owned(),
                pin: Pin::new("246813").unwrap(),
                key: KeyKind::Ed25519,
            };
            let addresses = [0, 1].map(|which| self.homes[which].address.as_str());
            let way = Either::new(addresses, dice.below(u64::MAX), Arc::clone(&self.cut_off));
            let clock = Arc::new(SystemClock);
            let device = Device::enrol_through(enrolment, clock, Arc::new(way)).await.unwrap();
            self.sending.push(tokio::spawn(days(device, Arc::clone(&self.over))));
        }
    }

    /// Lets everything come in, and holds the log against all that was ever published.
    async fn end(mut self) -> String {
        self.over.store(true, Ordering::Relaxed);
        let mut events = 0;
        for device in self.sending.drain(..) {
            events += device.await.unwrap();
        }
        let target = self.folder.path().join("export");
        let made = log_export(
            &self.homes[0].data,
            &target,
            Some(self.made.tenant),
            Arc::new(SystemClock),
        );
        let made = made.await.unwrap();
        let export = ExportInMemory::read(&target, &made.keys);
        let report = export.holds();
        assert_eq!(report.counts.events, events, "events lost or doubled");
        for task in self.following.drain(..) {
            task.abort();
        }
        self.published.is_one_line(&export, &made.keys);
        let placed = self.published.placed();
        assert!(
            placed.iter().all(|leaves| *leaves > 0),
            "only one of the two placed leaves: {placed:?}"
        );
        format!(
            "{events} events of {DEVICES} devices, {} checkpoints in one line",
            self.published.count()
        )
    }
}

/// Opens and closes days and sends that until it is over and everything is acknowledged.
async fn days(device: Device, over: Arc<AtomicBool>) -> u64 {
    let mut events = 0;
    while !over.load(Ordering::Relaxed) {
        device.day_open().await.unwrap();
        device.day_close().await.unwrap();
        events += 2;
        // Cut off or refused: it stays in the outbox.
        let _ = device.push().await;
        let _ = device.pull().await;
    }
    let last = tokio::time::timeout(Duration::from_mins(1), async {
        while !device.outbox().await.unwrap().is_empty() || device.pull().await.is_err() {
            let _ = device.push().await;
        }
    });
    last.await.expect("everything is acknowledged once both serve");
    assert_eq!(
        device.suspect_notes().await.unwrap(),
        [],
        "the servers contradict each other"
    );
    device.close().await;
    events
}
