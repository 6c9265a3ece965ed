//! One deployment per test: data folder, databases, a real server on a free port, a clock that the story sets, and one
//! signed-in caller per role.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorstep_app::notice::{NoticeSettings, Templates};
use doorstep_app::setup::StaffRequest;
use doorstep_app::{App, AppParts};
use doorstep_domain::measure::Micros;
use doorstep_domain::notice::NoticeChannel;
use doorstep_domain::staff::Role;
use doorstep_roads::Estimate;
use doorstep_rules::PackSet;
use doorstep_server::config::MetricsListen;
use doorstep_server::folder::{InitOptions, Initialised, init, log_export};
use doorstep_server::{Config, Running, Server, Start};
use doorstep_store::blobs::LocalBlobs;
use doorstep_store::conformance::TestDatabase;
use doorstep_store::{Engine, Store};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Answered, Client, ExportInMemory, TestClock, sample};

/// The setting that names a PostgreSQL server for tests.
const SERVER: &str = "DOORSTEP_TEST_PG";
/// The password that the harness gives to staff who come by a file or by name.
pub(crate) const PASSWORD: &str = "correct-horse";

/// A server at work with its people.
pub(crate) struct Deployment {
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) made: Initialised,
    pub(crate) anonymous: Client,
    pub(crate) supervisor: Client,
    pub(crate) second_supervisor: Client,
    pub(crate) auditor: Client,
    pub(crate) administrator: Client,
    folder: TempDir,
    /// The data folder; another one after a restore.
    data: PathBuf,
    databases: Vec<TestDatabase>,
    running: Option<Running>,
}

/// A database of its own on the tests' PostgreSQL server.
pub(crate) async fn postgres_database() -> TestDatabase {
    let Ok(server) = std::env::var(SERVER) else {
        panic!("{SERVER} names no PostgreSQL server. Run ./test, which starts one, or set it to an address");
    };
    TestDatabase::create(&server).await.unwrap()
}

impl Deployment {
    /// Sets up an empty deployment on an engine and starts its server.
    pub(crate) async fn start(engine: Engine) -> Self {
        Self::start_by(engine, TestClock::monday()).await
    }

    /// The same at another time than Monday morning.
    pub(crate) async fn start_at(engine: Engine, time: Micros) -> Self {
        Self::start_by(engine, TestClock::at(time)).await
    }

    async fn start_by(engine: Engine, clock: TestClock) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(clock);
        let mut options = InitOptions::named("Lender");
        let mut databases = Vec::new();
        if engine == Engine::Postgres {
            databases = vec![postgres_database().await, postgres_database().await];
            options = options.on(&databases[0].url(), &databases[1].url());
        }
        let made = init(&data(&folder), &options, Arc::<TestClock>::clone(&clock))
            .await
            .unwrap();
        let running = serve(&data(&folder), &clock).await;
        let second = StaffRequest {
            login: "second",
            name: "second",
            role: Role::Supervisor,
            team: Some(made.team),
            agency: None,
            password: PASSWORD,
        };
        running.app().create_staff(made.tenant, &second).await.unwrap();
        let anonymous = Client::anonymous(&format!("http://{}", running.addr()));
        let mut site = Self {
            engine,
            clock,
            made,
            supervisor: anonymous.clone(),
            second_supervisor: anonymous.clone(),
            auditor: anonymous.clone(),
            administrator: anonymous.clone(),
            anonymous,
            data: data(&folder),
            folder,
            databases,
            running: Some(running),
        };
        site.sign_everybody_in().await;
        site
    }

    /// Opens new sessions for everybody: after a restart, or when the story's clock has passed the end of the old ones.
    pub(crate) async fn sign_everybody_in(&mut self) {
        let password = |login: &str| {
            let found = self.made.logins.iter().find(|one| one.login == login);
            found.map_or_else(|| PASSWORD.to_owned(), |one| one.password.clone())
        };
        self.anonymous = Client::anonymous(&self.address());
        self.supervisor = self.anonymous.sign_in("supervisor", &password("supervisor")).await;
        self.second_supervisor = self.anonymous.sign_in("second", &password("second")).await;
        self.auditor = self.anonymous.sign_in("auditor", &password("auditor")).await;
        self.administrator = self.anonymous.sign_in("admin", &password("admin")).await;
    }

    /// Where the server listens.
    pub(crate) fn address(&self) -> String {
        format!("http://{}", self.running.as_ref().unwrap().addr())
    }

    /// The use cases, for what no request can bring about.
    pub(crate) fn app(&self) -> &App {
        self.running.as_ref().unwrap().app()
    }

    /// The data folder.
    pub(crate) fn folder(&self) -> PathBuf {
        self.data.clone()
    }

    /// Takes another data folder from the next start on.
    pub(crate) fn move_to(&mut self, folder: PathBuf) {
        self.data = folder;
    }

    /// A path beside the data folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Counts rows of a table, in every tenant.
    pub(crate) async fn rows(&self, table: &'static str) -> i64 {
        let store = self.app().store();
        match table {
            "cases" => store.number("SELECT count(*) FROM cases").await,
            "person" => store.number("SELECT count(*) FROM person").await,
            "address" => store.number("SELECT count(*) FROM address").await,
            "payload" => store.number("SELECT count(*) FROM payload").await,
            "import" => store.number("SELECT count(*) FROM import").await,
            "import_row" => store.number("SELECT count(*) FROM import_row").await,
            "portfolio" => store.number("SELECT count(*) FROM portfolio").await,
            "blind" => store.number("SELECT count(*) FROM blind").await,
            "staff" => store.number("SELECT count(*) FROM staff").await,
            "crew" => store.number("SELECT count(*) FROM crew").await,
            "plan" => store.number("SELECT count(*) FROM plan").await,
            "visit" => store.number("SELECT count(*) FROM visit").await,
            "device_place" => store.number("SELECT count(*) FROM device_place").await,
            "event" => store.number("SELECT count(*) FROM event").await,
            "event with flags" => store.number("SELECT count(*) FROM event WHERE flags <> ''").await,
            "promise" => store.number("SELECT count(*) FROM promise").await,
            "agreement" => store.number("SELECT count(*) FROM agreement").await,
            "visit_scene" => store.number("SELECT count(*) FROM visit_scene").await,
            "waived" => store.number("SELECT count(*) FROM waived").await,
            "calm" => store.number("SELECT count(*) FROM calm").await,
            "notice" => store.number("SELECT count(*) FROM notice").await,
            "alarm" => store.number("SELECT count(*) FROM alarm").await,
            "contact" => store.number("SELECT count(*) FROM contact").await,
            "contact with a number" => {
                let sql = "SELECT count(*) FROM contact WHERE number_digest IS NOT NULL";
                store.number(sql).await
            }
            "contact_edit" => store.number("SELECT count(*) FROM contact_edit").await,
            "conflict" => store.number("SELECT count(*) FROM conflict").await,
            other => panic!("the harness counts no rows of {other}"),
        }
        .unwrap()
    }

    /// The rows of every table that a file can fill.
    pub(crate) async fn rows_of_files(&self) -> Vec<(&'static str, i64)> {
        let tables = [
            "cases",
            "person",
            "address",
            "payload",
            "import",
            "import_row",
            "portfolio",
            "blind",
            "staff",
            "crew",
        ];
        let mut counts = Vec::new();
        for table in tables {
            counts.push((table, self.rows(table).await));
        }
        counts
    }

    /// How many leaves and queued entries there are in both logs.
    pub(crate) async fn entries(&self) -> i64 {
        let store = self.app().store();
        // The sequencer moves entries from one table to the other in one transaction.
        store
            .number(
                "SELECT (SELECT count(*) FROM log_leaf WHERE name <> 'meta') \
                 + (SELECT count(*) FROM log_queue WHERE name <> 'meta')",
            )
            .await
            .unwrap()
    }

    /// Exports the logs beside the running server, as `doorstep log export --dir` does.
    pub(crate) async fn export(&self) -> ExportInMemory {
        let target = tempfile::tempdir_in(self.folder.path()).unwrap();
        let clock = Arc::<TestClock>::clone(&self.clock);
        let made = log_export(&self.folder(), target.path(), None, clock).await.unwrap();
        ExportInMemory::read(target.path(), &made.keys)
    }

    /// Erases the person of a case, as two people agree.
    pub(crate) async fn erase_person_of(&self, case: &str) {
        let found = self.supervisor.get(&format!("/v1/cases/{case}")).await.done();
        let path = self.erasure_of(&found["person"]).await;
        self.supervisor.post(&path, &Value::Null).await.done();
    }

    /// Where a person is erased, to which a second person has agreed.
    pub(crate) async fn erasure_of(&self, person: &Value) -> String {
        let person = person.as_str().unwrap();
        let asked = json!({"kind": "person.erase", "subject": person, "reason": "person-asked"});
        let approval = self.supervisor.post("/v1/approvals", &asked).await.done();
        let approval = approval["id"].as_str().unwrap();
        let path = format!("/v1/approvals/{approval}/answer");
        self.second_supervisor
            .post(&path, &json!({"approve": true}))
            .await
            .done();
        format!("/v1/persons/{person}/erase?approval={approval}")
    }

    /// Imports the sample staff of Porto and gives everybody the harness's password.
    pub(crate) async fn has_porto_staff(&self) -> Vec<Value> {
        let query = format!("/v1/staff/import?team={}", self.made.team);
        let report = self
            .administrator
            .upload(&query, sample("porto-staff.csv"))
            .await
            .done();
        assert_eq!(report["added"], 16, "{report}");
        self.administrator.items("/v1/staff").await
    }

    /// Sets somebody's first password.
    pub(crate) async fn first_password(&self, staff: &Value, first: &str) -> Answered {
        let path = format!("/v1/staff/{}/password", staff["id"].as_str().unwrap());
        let request = self.administrator.request(reqwest::Method::PUT, &path);
        self.administrator.send(request.json(&json!({"password": first}))).await
    }

    /// Signs a member of the staff file in.
    pub(crate) async fn field_client(&self, staff: &Value) -> Client {
        self.first_password(staff, "first-password").await.done();
        let login = staff["login"].as_str().unwrap();
        self.anonymous.first_sign_in(login, "first-password", PASSWORD).await
    }

    /// The use cases as another process on the same data would have them.
    pub(crate) async fn another_process(&self) -> App {
        let config = Config::load(&self.folder()).unwrap();
        App::new(AppParts {
            witness_policy: None,
            store: Store::open(&config.store(&self.folder())).await.unwrap(),
            blobs: Arc::new(LocalBlobs::new(self.folder().join("recordings"))),
            clock: Arc::<TestClock>::clone(&self.clock),
            packs: PackSet::builtin(),
            roads: Arc::new(Estimate),
            deployment: config.deployment.clone(),
            public_url: String::new(),
            notices: NoticeSettings {
                templates: Templates::builtin().unwrap(),
                channel: NoticeChannel::Letter,
                page_url: String::new(),
            },
            papers: config.paper_settings(&self.folder()).unwrap(),
            training: config.training_settings().unwrap(),
            import_bytes_max: config.import_bytes_max,
            stamps: None,
        })
    }

    /// Stops the server; the folder and the databases stay.
    pub(crate) async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }

    /// Starts the server of the folder again.
    pub(crate) async fn restart(&mut self) {
        self.stop().await;
        self.running = Some(serve(&self.folder(), &self.clock).await);
        self.sign_everybody_in().await;
    }

    /// Makes another database that goes when the deployment does.
    pub(crate) async fn another_database(&mut self) -> String {
        let database = postgres_database().await;
        let url = database.url();
        self.databases.push(database);
        url
    }

    /// Stops the server and removes everything.
    pub(crate) async fn end(mut self) {
        self.stop().await;
        for database in self.databases {
            database.drop().await.unwrap();
        }
    }
}

fn data(folder: &TempDir) -> PathBuf {
    folder.path().join("data")
}

async fn serve(folder: &Path, clock: &Arc<TestClock>) -> Running {
    let mut config = Config::load(folder).unwrap();
    config.metrics_listen = MetricsListen::Off;
    let start = Start {
        folder: folder.to_owned(),
        config,
        clock: Arc::<TestClock>::clone(clock),
        listener: Some(std::net::TcpListener::bind("127.0.0.1:0").unwrap()),
    };
    Server::start(start).await.unwrap()
}
