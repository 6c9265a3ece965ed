//! A data folder, its server in this process, and people who type commands, all under one clock. Knows only `init` and how one
//! signs in.

use std::path::PathBuf;
use std::sync::Arc;

use doorstep::{Captured, Env, Exit, run};
use doorstep_domain::measure::{Clock as _, Micros};
use doorstep_server::config::MetricsListen;
use doorstep_server::{Config, Running, Server, Start};
use doorstep_store::Engine;
use doorstep_store::conformance::TestDatabase;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{TestClock, postgres_database};

/// The first midnight: Monday 2026-11-23. In Porto clocks show UTC until the end of March.
pub(crate) const MIDNIGHT: i64 = 1_795_392_000_000_000;
/// What opens everybody's device.
const PIN: &str = "246813";

/// How a command ended and what it wrote.
pub(crate) struct Ended {
    pub(crate) exit: Exit,
    pub(crate) data: String,
    pub(crate) talk: String,
}

/// The office with its data folder.
pub(crate) struct Desk {
    home: TempDir,
    pub(crate) folder: PathBuf,
    pub(crate) tenant: String,
    clock: Arc<TestClock>,
    passwords: Vec<(String, String)>,
    databases: Vec<TestDatabase>,
    running: Option<Running>,
    address: String,
}

impl Desk {
    /// Makes a data folder by `init`, before the first day.
    pub(crate) async fn make(engine: Engine) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut desk = Self {
            folder: home.path().join("data"),
            home,
            tenant: String::new(),
            clock: Arc::new(TestClock::at(Micros(MIDNIGHT))),
            passwords: Vec::new(),
            databases: Vec::new(),
            running: None,
            address: String::new(),
        };
        let folder = desk.folder.display().to_string();
        let mut args = vec!["init".to_owned(), folder, "--tenant".to_owned(), "Lender".to_owned()];
        if engine == Engine::Postgres {
            for option in ["--url", "--keys-url"] {
                let database = postgres_database().await;
                args.extend([option.to_owned(), database.url()]);
                desk.databases.push(database);
            }
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let made = desk.does("owner", &args).await;
        made["tenant"].as_str().unwrap().clone_into(&mut desk.tenant);
        for login in made["logins"].as_array().unwrap() {
            let text = |name: &str| login[name].as_str().unwrap().to_owned();
            desk.passwords.push((text("login"), text("password")));
        }
        desk.serve().await;
        desk
    }

    async fn serve(&mut self) {
        let mut config = Config::load(&self.folder).unwrap();
        config.metrics_listen = MetricsListen::Off;
        let start = Start {
            folder: self.folder.clone(),
            config,
            clock: Arc::<TestClock>::clone(&self.clock),
            listener: Some(std::net::TcpListener::bind("127.0.0.1:0").unwrap()),
        };
        let running = Server::start(start).await.unwrap();
        self.address = format!("http://{}", running.addr());
        self.running = Some(running);
    }

    /// Moves the clock to a time of a day, in minutes after midnight; never back.
    pub(crate) fn at(&self, day: i64, minute: i64) {
        let time = Micros(MIDNIGHT + (day * 1_440 + minute) * 60_000_000);
        self.at_instant(time.get());
    }

    /// Moves the clock to an instant; never back.
    pub(crate) fn at_instant(&self, instant: i64) {
        if Micros(instant) > self.clock.now() {
            self.clock.set(Micros(instant));
        }
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now().get()
    }

    /// A path beside the data folder, for a command line.
    pub(crate) fn path(&self, name: &str) -> String {
        self.home.path().join(name).display().to_string()
    }

    /// Writes a file beside the data folder.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Types a command as somebody: everybody has a session and a device of their own.
    pub(crate) async fn types(&self, who: &str, args: &[&str], input: &str) -> Ended {
        let home = self.home.path().display().to_string();
        let mut env = Env::read(|name| {
            let value = match name {
                "HOME" => home.clone(),
                "DOORSTEP_SERVER" => self.address.clone(),
                "DOORSTEP_SESSION" => self.path(&format!("session-{who}.json")),
                "DOORSTEP_DEVICE_DIR" => self.path(&format!("device-{who}")),
                "DOORSTEP_PIN" => PIN.to_owned(),
                "DOORSTEP_LANG" => "en".to_owned(),
                _ => return None,
            };
            Some(value)
        });
        env.clock = Arc::<TestClock>::clone(&self.clock);
        let mut out = Captured {
            input: input.to_owned(),
            ..Captured::default()
        };
        let exit = run(args, &env, &mut out).await;
        Ended {
            exit,
            data: out.text(),
            talk: out.talk,
        }
    }

    /// Types a command that must do what was asked, and returns its one document.
    pub(crate) async fn does(&self, who: &str, args: &[&str]) -> Value {
        self.document(who, args, "").await
    }

    /// The same with something on the standard input.
    pub(crate) async fn document(&self, who: &str, args: &[&str], input: &str) -> Value {
        let ended = self.types(who, &[args, &["--json"]].concat(), input).await;
        let told = || format!("{who} $ doorstep {}: {}{}", args.join(" "), ended.data, ended.talk);
        assert_eq!(ended.exit, Exit::Done, "{}", told());
        serde_json::from_str(&ended.data).unwrap_or_else(|error| panic!("{error}: {}", told()))
    }

    /// Sets the first password of somebody whom a staff file brought, who then chooses their own.
    pub(crate) async fn has_password(&mut self, login: &str) {
        let (first, own) = ("a first password 1", "their own password 2");
        let args = ["staff", "password", login, "--password-stdin"];
        self.document("admin", &args, &format!("{first}\n")).await;
        let args = ["login", "--user", login, "--password-stdin", "--new-password"];
        self.document(login, &args, &format!("{first}\n{own}\n")).await;
        self.passwords.push((login.to_owned(), own.to_owned()));
    }

    /// Opens a session for the day.
    pub(crate) async fn signs_in(&self, login: &str) {
        let (_, password) = self.passwords.iter().find(|(one, _)| one == login).unwrap();
        let args = ["login", "--user", login, "--password-stdin"];
        self.document(login, &args, &format!("{password}\n")).await;
    }

    /// Stops the server and removes everything.
    pub(crate) async fn end(mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
        for database in self.databases {
            database.drop().await.unwrap();
        }
    }
}

/// The items of a list.
pub(crate) fn items(document: &Value) -> &[Value] {
    document["items"]
        .as_array()
        .unwrap_or_else(|| panic!("no list: {document}"))
}

/// The text of a field that must be there.
pub(crate) fn text<'a>(document: &'a Value, name: &str) -> &'a str {
    let found = document[name].as_str();
    found.unwrap_or_else(|| panic!("no text `{name}`: {document}"))
}

/// A day of the life as an ISO date.
pub(crate) fn date(day: i64) -> String {
    let first = jiff::civil::date(2026, 11, 23);
    first.saturating_add(jiff::Span::new().days(day)).to_string()
}

/// The number of the day that an ISO date names.
pub(crate) fn number(text: &str) -> i64 {
    let day: jiff::civil::Date = text.parse().unwrap();
    i64::from(day.since(jiff::civil::date(2026, 11, 23)).unwrap().get_days())
}
