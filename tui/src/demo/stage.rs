//! The demo's stage: a server in this process, one set of surroundings for each person, and commands that are carried
//! out and shown as if somebody typed them.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use doorstep_domain::measure::{Clock as _, Micros};
use doorstep_server::config::MetricsListen;
use doorstep_server::{Config, Running, Server, Start};
use jiff::civil::Date;
use serde_json::{Value, json};

use super::clock::DemoClock;
use crate::answer::Exit;
use crate::context::Context;
use crate::env::Env;
use crate::failure::Failure;
use crate::out::{Captured, Out};

/// Lines of a command's output that are shown; the rest is counted.
const LINES_MAX: usize = 16;
/// What opens the demo's devices; they hold made-up people only.
pub(super) const PIN: &str = "246813";
/// What opens the keys of partners on them.
pub(super) const PARTNER_PIN: &str = "135792";

/// How long the office works on without signing in again; sessions last somewhat longer.
const WORKING_DAY: Micros = Micros::from_seconds(10 * 3_600);

/// A command that was carried out.
pub(super) struct Done {
    pub(super) exit: Exit,
    pub(super) text: String,
}

/// The stage.
pub(super) struct Stage<'a> {
    out: &'a mut dyn Out,
    quiet: bool,
    base: Env,
    /// The data folder.
    pub(super) folder: PathBuf,
    pub(super) clock: Arc<DemoClock>,
    running: Option<Running>,
    server: Option<String>,
    /// Who works in the office, with the passwords of this demonstration, and since when they are signed in.
    office: Vec<(String, String)>,
    signed_in: Micros,
    /// What held and what did not, in order.
    checks: Vec<(String, bool)>,
    /// What the files gave no occasion for.
    not_shown: Vec<String>,
}

/// A text of a document; empty where it has none.
pub(super) fn text_of<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

/// The items of a list.
pub(super) fn items(value: &Value) -> &[Value] {
    value["items"].as_array().map_or(&[], Vec::as_slice)
}

/// A command line run inside another: boxed, because a future cannot contain itself.
fn nested<'a>(args: Vec<String>, env: &'a Env, out: &'a mut Captured) -> Pin<Box<dyn Future<Output = Exit> + 'a>> {
    Box::pin(crate::run(args, env, out))
}

impl<'a> Stage<'a> {
    pub(super) fn new(context: &'a mut Context<'_>, folder: PathBuf, clock: Arc<DemoClock>) -> Self {
        let base = Env {
            clock: Arc::<DemoClock>::clone(&clock),
            lang: context.lang,
            ..context.env.clone()
        };
        Self {
            quiet: context.json,
            out: &mut *context.out,
            base,
            folder,
            clock,
            running: None,
            server: None,
            office: Vec::new(),
            signed_in: Micros(0),
            checks: Vec::new(),
            not_shown: Vec::new(),
        }
    }

    /// The same without a word: somebody looks at the screens instead.
    pub(super) fn quietly(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// Shows a line.
    pub(super) fn say(&mut self, line: &str) -> Result<(), Failure> {
        if self.quiet {
            return Ok(());
        }
        Ok(self.out.data(format!("{line}\n").as_bytes())?)
    }

    /// Notes whether something held and shows it.
    pub(super) fn check(&mut self, what: &str, held: bool) -> Result<(), Failure> {
        self.checks.push((what.to_owned(), held));
        self.say(&format!("  {} {what}", if held { "✓" } else { "✗ NOT HELD:" }))
    }

    /// Notes that the files gave no occasion for a step, and says so: a step left out must not look like one that held.
    pub(super) fn not_shown(&mut self, what: &str, why: &str) -> Result<(), Failure> {
        self.not_shown.push(what.to_owned());
        self.say(&format!("  – not shown: {what}; {why}"))
    }

    /// Whether every step held.
    pub(super) fn held(&self) -> bool {
        self.checks.iter().all(|(_, held)| *held)
    }

    /// What held, what did not and what was not shown: for programs and, where people watch, as one line.
    pub(super) fn summary(&self, today: Date) -> (Value, String) {
        let checks = self.checks.iter();
        let document = json!({
            "today": today.to_string(),
            "held": self.held(),
            "checks": checks.map(|(what, held)| json!({"what": what, "held": held})).collect::<Vec<_>>(),
            "not_shown": self.not_shown,
        });
        let failed = self.checks.iter().filter(|(_, held)| !held).count();
        let not_shown = match self.not_shown.len() {
            0 => String::new(),
            count => format!(", {count} not shown"),
        };
        let text = format!("\n{} checks, {failed} not held{not_shown}.\n", self.checks.len());
        (document, text)
    }

    /// Shows a document where programs read along.
    pub(super) fn document_out(&mut self, document: &Value) -> Result<(), Failure> {
        if !self.quiet {
            return Ok(());
        }
        Ok(self.out.data(format!("{document}\n").as_bytes())?)
    }

    /// The surroundings of one person: a session and a device folder of their own.
    pub(super) fn env(&self, who: &str, password: Option<&str>) -> Env {
        Env {
            server: self.server.clone(),
            session_file: self.folder.join("people").join(format!("{who}.json")),
            device_dir: self.device_dir(who),
            password: password.map(str::to_owned),
            pin: Some(PIN.to_owned()),
            partner_pin: Some(PARTNER_PIN.to_owned()),
            ..self.base.clone()
        }
    }

    pub(super) fn device_dir(&self, who: &str) -> PathBuf {
        self.folder.join("devices").join(who)
    }

    /// Carries out a command as somebody and shows it.
    pub(super) async fn command(&mut self, who: &str, args: &[&str]) -> Result<Done, Failure> {
        self.say(&format!("\n{who} $ doorstep {}", shown(args)))?;
        let mut captured = Captured::default();
        let env = self.env(who, None);
        let exit = nested(args.iter().map(|arg| (*arg).to_owned()).collect(), &env, &mut captured).await;
        let text = format!("{}{}", captured.text(), captured.talk);
        let lines: Vec<&str> = text.lines().collect();
        for line in lines.iter().take(LINES_MAX) {
            self.say(&format!("  {line}"))?;
        }
        if lines.len() > LINES_MAX {
            self.say(&format!("  … {} more lines", lines.len() - LINES_MAX))?;
        }
        Ok(Done { exit, text })
    }

    /// Carries out a command that must succeed; the document is what programs get.
    pub(super) async fn document(
        &mut self,
        who: &str,
        args: &[&str],
        password: Option<&str>,
    ) -> Result<Value, Failure> {
        let mut captured = Captured::default();
        let env = self.env(who, password);
        let args = args.iter().copied().chain(["--json"]).map(str::to_owned).collect();
        let exit = nested(args, &env, &mut captured).await;
        let document: Value = serde_json::from_slice(&captured.data).unwrap_or(Value::Null);
        if exit != Exit::Done {
            self.say(&captured.talk)?;
            self.check(&format!("{who}: a command in the background succeeds"), false)?;
        }
        Ok(document)
    }

    /// Carries out a command with a secret on its standard input; neither is shown.
    pub(super) async fn with_input(&mut self, who: &str, args: &[&str], input: &str) -> Exit {
        let mut captured = Captured {
            input: format!("{input}\n"),
            ..Captured::default()
        };
        let env = self.env(who, None);
        nested(args.iter().map(|arg| (*arg).to_owned()).collect(), &env, &mut captured).await
    }

    /// Carries out a command that must fail, and returns what it said.
    pub(super) async fn document_of_failure(&mut self, who: &str, args: &[&str]) -> Result<String, Failure> {
        let done = self.command(who, args).await?;
        Ok(if done.exit == Exit::Failed {
            done.text
        } else {
            String::new()
        })
    }

    /// Starts the server of the folder on a free port.
    pub(super) async fn serve(&mut self) -> Result<String, Failure> {
        let mut config = Config::load(&self.folder).map_err(doorstep_server::ServerError::from)?;
        config.metrics_listen = MetricsListen::Off;
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        let clock = Arc::<DemoClock>::clone(&self.clock);
        let folder = self.folder.clone();
        let running = Server::start(Start {
            folder,
            config,
            clock,
            listener: Some(listener),
        })
        .await?;
        let server = format!("http://{}", running.addr());
        self.running = Some(running);
        self.server = Some(server.clone());
        Ok(server)
    }

    /// Where the server listens; empty before it does.
    pub(super) fn address(&self) -> &str {
        self.server.as_deref().unwrap_or_default()
    }

    /// Lets the server look for overdue check-outs now, instead of within the next seconds.
    pub(super) async fn look_for_overdue(&mut self) -> Result<(), Failure> {
        if let Some(running) = &self.running {
            // The server's own scan may have been faster; then there is nothing left to raise.
            let _ = running.app().run_overdue().await;
        }
        Ok(())
    }

    /// Stops the server.
    pub(super) async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }

    /// Serves until somebody stops it.
    pub(super) async fn serve_on(&mut self) -> Result<(), Failure> {
        if let Some(running) = self.running.take() {
            running.until_signal().await?;
        }
        Ok(())
    }

    /// Signs the office in: those whom `init` made.
    pub(super) async fn sign_in(&mut self, made: &Value) -> Result<(), Failure> {
        let logins = made["logins"].as_array().map_or(&[][..], Vec::as_slice);
        let pair = |login: &Value| {
            (
                text_of(login, "login").to_owned(),
                text_of(login, "password").to_owned(),
            )
        };
        self.office = logins.iter().map(pair).collect();
        self.sign_in_again().await
    }

    async fn sign_in_again(&mut self) -> Result<(), Failure> {
        self.signed_in = self.now();
        for (name, password) in self.office.clone() {
            self.document(&name, &["login", "--user", &name], Some(&password))
                .await?;
        }
        Ok(())
    }

    /// Puts the clock forward. The office signs in again where its sessions would not last, as in any office.
    pub(super) async fn wait_until(&mut self, at: Micros) -> Result<(), Failure> {
        self.clock.forward_to(at);
        if self.now() - self.signed_in > WORKING_DAY {
            self.sign_in_again().await?;
        }
        Ok(())
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(super) fn now(&self) -> Micros {
        self.clock.now()
    }
}

/// The command line as somebody would type it.
fn shown(args: &[&str]) -> String {
    let quoted = args.iter().map(|arg| {
        let name = Path::new(arg)
            .file_name()
            .filter(|_| arg.starts_with('/'))
            .map(|name| name.to_string_lossy());
        match name {
            Some(name) => format!("…/{name}"),
            None if arg.contains(' ') => format!("'{arg}'"),
            None => (*arg).to_owned(),
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}
