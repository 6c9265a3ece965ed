//! A data folder, its server as a process, and somebody who types commands. Knows only `init`, `serve` and how one signs
//! in.

use std::path::{Path, PathBuf};

use doorstep_store::Engine;
use doorstep_store::conformance::TestDatabase;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::postgres_database;
use crate::harness::process::{Ended, Process, command, run_to_end};

/// What the administrator sets, and what the owner chooses instead.
const FIRST_PASSWORD: &str = "first-password";
const OWN_PASSWORD: &str = "correct-horse";
/// What opens everybody's device.
pub(crate) const PIN: &str = "246813";

/// An office with its data folder.
pub(crate) struct Office {
    pub(crate) engine: Engine,
    /// Everything of this test lies in here.
    home: TempDir,
    /// The data folder; another one after a restore.
    pub(crate) folder: PathBuf,
    pub(crate) tenant: String,
    passwords: Vec<(String, String)>,
    databases: Vec<TestDatabase>,
    /// The key store, where it is a database.
    pub(crate) keys: Option<TestDatabase>,
    server: Option<Process>,
    pub(crate) address: String,
}

impl Office {
    /// Makes a data folder with `init`.
    pub(crate) async fn make(engine: Engine) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut office = Self {
            engine,
            folder: home.path().join("data"),
            home,
            tenant: String::new(),
            passwords: Vec::new(),
            databases: Vec::new(),
            keys: None,
            server: None,
            address: String::new(),
        };
        let folder = office.folder.display().to_string();
        let mut args = vec!["init", folder.as_str(), "--tenant", "Lender"];
        let (url, keys_url);
        if engine == Engine::Postgres {
            (url, keys_url) = (office.another_database().await, office.another_database().await);
            office.keys = office.databases.last().cloned();
            args.extend(["--url", url.as_str(), "--keys-url", keys_url.as_str()]);
        }
        let made = office.document("owner", &args, "");
        made["tenant"].as_str().unwrap().clone_into(&mut office.tenant);
        for login in made["logins"].as_array().unwrap() {
            let text = |name: &str| login[name].as_str().unwrap().to_owned();
            office.passwords.push((text("login"), text("password")));
        }
        assert_eq!(office.passwords.len(), 3, "{made}");
        let again = office.types("owner", &args, "");
        assert_eq!(again.code, Some(1), "a folder in use is left alone: {}", again.talk);
        office.listens_on("127.0.0.1:0");
        office
    }

    /// Makes a database that goes when the office does.
    pub(crate) async fn another_database(&mut self) -> String {
        let database = postgres_database().await;
        let url = database.url();
        self.databases.push(database);
        url
    }

    /// Makes a copy of a database, which nobody may have open, that goes when the office does.
    pub(crate) async fn copy_of(&mut self, database: &TestDatabase) -> TestDatabase {
        let copy = database.copy().await.unwrap();
        self.databases.push(copy.clone());
        copy
    }

    /// Changes where the server listens, and switches metrics off: tests beside this one have theirs.
    pub(crate) fn listens_on(&self, address: &str) {
        self.configures(&[("listen", address), ("metrics_listen", "off")]);
    }

    /// Changes settings.
    pub(crate) fn configures(&self, settings: &[(&str, &str)]) {
        let path = self.folder.join("doorstep.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let line = |line: &str| {
            let key = line.split(" = ").next().unwrap_or_default();
            let found = settings.iter().find(|(name, _)| *name == key);
            found.map_or_else(
                || format!("{line}\n"),
                |(name, value)| format!("{name} = \"{value}\"\n"),
            )
        };
        std::fs::write(path, text.lines().map(line).collect::<String>()).unwrap();
    }

    /// Starts the server on a free port.
    pub(crate) fn serve(&mut self) {
        let mut serving = command("doorstep", self.home.path());
        serving.args(["serve", "--json", "--dir"]).arg(&self.folder);
        serving.stderr(std::process::Stdio::null());
        let mut server = Process::start(serving);
        let line: Value = serde_json::from_str(&server.line_with("serving")).unwrap();
        line["serving"].as_str().unwrap().clone_into(&mut self.address);
        self.server = Some(server);
    }

    /// Starts the server again where it was, as devices know it.
    pub(crate) fn serve_again(&mut self) {
        let at = self.address.trim_start_matches("http://").to_owned();
        self.listens_on(&at);
        self.serve();
        assert!(self.address.ends_with(&at), "{} is not {at}", self.address);
    }

    /// Stops the server as a system does.
    pub(crate) fn stop(&mut self) {
        let ended = self.server.take().unwrap().terminate();
        assert_eq!(
            ended.code(),
            Some(0),
            "the server ends well when it is asked to: {ended}"
        );
    }

    /// A path beside the data folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The same as text, for a command line.
    pub(crate) fn at(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// Writes a file beside the data folder.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.at(name)
    }

    /// Runs a command as somebody: everybody has a session and a device folder of their own.
    pub(crate) fn types(&self, who: &str, args: &[&str], input: &str) -> Ended {
        self.types_into("doorstep", who, args, input)
    }

    /// The same with another program.
    pub(crate) fn types_into(&self, program: &str, who: &str, args: &[&str], input: &str) -> Ended {
        let mut typed = command(program, self.home.path());
        typed
            .env("DOORSTEP_SERVER", &self.address)
            .env("DOORSTEP_SESSION", self.path(&format!("session-{who}.json")))
            .env("DOORSTEP_DEVICE_DIR", self.path(&format!("device-{who}")))
            .env("DOORSTEP_PIN", PIN)
            .args(args);
        run_to_end(typed, input)
    }

    /// Runs a command as somebody who types another PIN; it must be refused with this code.
    pub(crate) fn wrong_pin(&self, who: &str, pin: &str, args: &[&str], exit: i32, code: &str) {
        let mut typed = command("doorstep", self.home.path());
        typed
            .env("DOORSTEP_DEVICE_DIR", self.path(&format!("device-{who}")))
            .env("DOORSTEP_PIN", pin)
            .args(args)
            .arg("--json");
        let ended = run_to_end(typed, "");
        assert_eq!(ended.code, Some(exit), "{}{}", ended.data, ended.talk);
        assert_eq!(parsed(&ended)["problem"]["code"], code, "{}", ended.data);
    }

    /// Gives a device its usual PIN again.
    pub(crate) fn changes_pin_back(&self, who: &str, pin: &str) {
        let mut typed = command("doorstep", self.home.path());
        typed
            .env("DOORSTEP_DEVICE_DIR", self.path(&format!("device-{who}")))
            .env("DOORSTEP_PIN", pin)
            .args(["device", "pin", "--new-pin-stdin"]);
        assert_eq!(run_to_end(typed, &format!("{PIN}\n")).code, Some(0));
    }

    /// Runs a command that must do what was asked, and returns its one document.
    pub(crate) fn document(&self, who: &str, args: &[&str], input: &str) -> Value {
        let ended = self.types(who, &[args, &["--json"]].concat(), input);
        assert_eq!(
            ended.code,
            Some(0),
            "{who} $ doorstep {}: {}{}",
            args.join(" "),
            ended.data,
            ended.talk
        );
        parsed(&ended)
    }

    /// The same without a standard input.
    pub(crate) fn does(&self, who: &str, args: &[&str]) -> Value {
        self.document(who, args, "")
    }

    /// Runs a restore, which must do what was asked and end with 1 exactly where it halted a log.
    pub(crate) fn does_halted(&self, who: &str, args: &[&str]) -> Value {
        let ended = self.types(who, &[args, &["--json"]].concat(), "");
        let document = parsed(&ended);
        let halted = document["halted"].as_object().unwrap().len();
        assert_eq!(
            ended.code,
            Some(i32::from(halted > 0)),
            "{who} $ doorstep {}",
            args.join(" ")
        );
        document
    }

    /// Runs a command that must be refused with this exit code and this code for programs.
    pub(crate) fn refused(&self, who: &str, args: &[&str], exit: i32, code: &str) -> Value {
        let ended = self.types(who, &[args, &["--json"]].concat(), "");
        assert_eq!(
            ended.code,
            Some(exit),
            "{who} $ doorstep {}: {}{}",
            args.join(" "),
            ended.data,
            ended.talk
        );
        let problem = parsed(&ended)["problem"].clone();
        assert_eq!(problem["code"], code, "{problem}");
        assert!(ended.talk.contains(code), "people read the code too: {}", ended.talk);
        problem
    }

    /// Signs in those whom `init` made.
    pub(crate) fn signs_in(&self) {
        for (login, password) in &self.passwords {
            let args = ["login", "--user", login, "--password-stdin"];
            let signed_in = self.document(login, &args, &format!("{password}\n"));
            assert_eq!(signed_in["me"]["tenant"], *self.tenant, "{signed_in}");
        }
    }

    /// Signs everybody in, and takes a crew of two who live at this place.
    pub(crate) fn takes_its_people(&self) {
        self.refused("admin", &["staff", "list"], 1, "not-signed-in");
        self.signs_in();
        let [lat, lon] = super::visits::place_of_work().centre;
        let member =
            |number: &str, name: &str| format!("{number},{name},field,C1,{lat},{lon},09:00-20:00,car,en,2099-12-31\n");
        let head = "staff_no,name,role,crew,home_lat,home_lon,shift,travel,languages,certificate_until\n";
        let staff = [head, &member("F01", "Kim Probe"), &member("F02", "Jo Trial")].concat();
        let file = self.file("staff.csv", &staff);
        let elsewhere = ["staff", "import", &file, "--team", "Team 2"];
        let refused = self.refused("admin", &elsewhere, 1, "not-found");
        let title = refused["title"].as_str().unwrap();
        assert!(title.contains("Team 1"), "{refused}");
        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.contains("doorstep staff teams"), "{refused}");
        let teams = self.does("admin", &["staff", "teams"]);
        assert_eq!(teams["items"][0]["name"], "Team 1", "{teams}");
        let report = self.does("admin", &["staff", "import", &file, "--team", "Team 1"]);
        assert_eq!((&report["added"], &report["crews"]), (&2.into(), &1.into()), "{report}");
        let listed = self.does("admin", &["staff", "list"]);
        assert_eq!(listed["items"].as_array().unwrap().len(), 5, "{listed}");
        for login in ["F01", "F02"] {
            self.chooses_a_password(login);
        }
    }

    /// A first password is good for choosing another, and for nothing else.
    fn chooses_a_password(&self, login: &str) {
        let set = ["staff", "password", login, "--password-stdin"];
        self.document("admin", &set, &format!("{FIRST_PASSWORD}\n"));
        let sign_in = ["login", "--user", login, "--password-stdin", "--json"];
        let first = self.types(login, &sign_in, &format!("{FIRST_PASSWORD}\n"));
        assert_eq!(first.code, Some(1), "{}", first.talk);
        assert_eq!(
            parsed(&first)["problem"]["code"],
            "password-change-needed",
            "{}",
            first.data
        );
        let choosing = ["login", "--user", login, "--new-password", "--password-stdin"];
        let signed_in = self.document(login, &choosing, &format!("{FIRST_PASSWORD}\n{OWN_PASSWORD}\n"));
        assert_eq!(signed_in["me"]["role"], "field", "{signed_in}");
        let own = ["login", "--user", login, "--password-stdin"];
        self.document(login, &own, &format!("{OWN_PASSWORD}\n"));
        assert_eq!(self.does(login, &["whoami"])["role"], "field");
    }

    /// Stops what still runs and removes everything.
    pub(crate) async fn end(mut self) {
        if self.server.is_some() {
            self.stop();
        }
        for database in self.databases {
            database.drop().await.unwrap();
        }
    }
}

/// The one document that a command wrote.
pub(crate) fn parsed(ended: &Ended) -> Value {
    serde_json::from_str(&ended.data)
        .unwrap_or_else(|error| panic!("{error}: not one document: {}{}", ended.data, ended.talk))
}

/// The text of a field that must be there.
pub(crate) fn text(document: &Value, name: &str) -> String {
    let found = document[name].as_str();
    found
        .unwrap_or_else(|| panic!("no text `{name}`: {document}"))
        .to_owned()
}

/// The items of a list.
pub(crate) fn items(document: &Value) -> &[Value] {
    document["items"]
        .as_array()
        .unwrap_or_else(|| panic!("no list: {document}"))
}

/// A file as text.
pub(crate) fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path).unwrap()
}
