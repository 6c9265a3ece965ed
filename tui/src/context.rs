//! What a command works with: language, zone, server, session, and the way to the user. Knows no noun.

use crate::cli::Globals;
use crate::client::Client;
use crate::env::{Env, SERVER_DEFAULT};
use crate::failure::Failure;
use crate::out::Out;
use crate::session::Session;
use crate::text::pick;
use doorstep_device::Pin;
use doorstep_domain::words::Lang;
use jiff::tz::TimeZone;
use std::path::PathBuf;

/// The surroundings of one command, with its options applied.
pub(crate) struct Context<'a> {
    /// The surroundings as given.
    pub(crate) env: &'a Env,
    /// Where it writes.
    pub(crate) out: &'a mut dyn Out,
    /// The language.
    pub(crate) lang: Lang,
    /// Whether a program reads the answer.
    pub(crate) json: bool,
    /// The zone for times whose own is not known.
    pub(crate) zone: TimeZone,
    /// Where the session is kept.
    pub(crate) session_file: PathBuf,
    /// The folder of the field device.
    pub(crate) device_dir: PathBuf,
    server: Option<String>,
}

impl<'a> Context<'a> {
    /// Applies the options to the surroundings.
    pub(crate) fn new(globals: &Globals, env: &'a Env, out: &'a mut dyn Out) -> Result<Self, Failure> {
        let zone = match &globals.zone {
            None => env.zone.clone(),
            Some(name) => TimeZone::get(name).map_err(|_| Failure::Value {
                name: "--zone",
                given: name.clone(),
                expected: (
                    "a time zone like Europe/Lisbon or Asia/Shanghai",
                    "时区，如 Europe/Lisbon 或 Asia/Shanghai",
                ),
            })?,
        };
        let or = |given: &Option<PathBuf>, default: &PathBuf| given.clone().unwrap_or_else(|| default.clone());
        Ok(Self {
            env,
            out,
            lang: globals.lang.unwrap_or(env.lang),
            json: globals.json,
            zone,
            session_file: or(&globals.session, &env.session_file),
            device_dir: or(&globals.device_dir, &env.device_dir),
            server: globals.server.clone().or_else(|| env.server.clone()),
        })
    }

    /// The server that is meant.
    pub(crate) fn server(&self) -> String {
        let named = self.server.clone();
        let server = named.or_else(|| Session::load(&self.session_file).map(|session| session.server));
        let server = server.unwrap_or_else(|| SERVER_DEFAULT.to_owned());
        server.trim_end_matches('/').to_owned()
    }

    /// A client with the session of that server.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        let server = self.server();
        match Session::load(&self.session_file) {
            Some(session) if session.server == server => Client::new(&server, Some(session.token), self.lang),
            _ => Err(Failure::NotSignedIn { server }),
        }
    }

    /// A client without a session.
    pub(crate) fn client_without_session(&self) -> Result<Client, Failure> {
        Client::new(&self.server(), None, self.lang)
    }

    /// Says something that is no data.
    pub(crate) fn talk(&mut self, text: &str) -> Result<(), Failure> {
        Ok(self.out.talk(&crate::text::harmless(text))?)
    }

    /// Asks for a yes; `yes` is the answer given beforehand.
    pub(crate) fn confirm(&mut self, question: &str, yes: bool) -> Result<(), Failure> {
        if yes {
            return Ok(());
        }
        let question = format!("{question} {}", pick(self.lang, "[y/N]", "[y/N，是/否]"));
        match self.out.ask(&question, false)? {
            None => Err(Failure::NobodyToAsk),
            Some(answer) if matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "是") => Ok(()),
            Some(_) => Err(Failure::Declined),
        }
    }

    /// A secret: the first line of the standard input, or what a person types.
    pub(crate) fn secret(&mut self, from_input: bool, question: &str) -> Result<String, Failure> {
        if from_input {
            let input = self.out.input()?;
            return Ok(input.lines().next().unwrap_or_default().to_owned());
        }
        let typed = self.out.ask(question, true)?;
        typed.ok_or(Failure::NobodyToAskForPassword)
    }

    /// A new secret: the first line of the standard input, or what a person types twice.
    pub(crate) fn new_secret(&mut self, from_input: bool) -> Result<String, Failure> {
        let typed = self.secret(from_input, pick(self.lang, "New password:", "新密码："))?;
        if !from_input && self.secret(false, pick(self.lang, "Once more:", "再输一次："))? != typed {
            return Err(Failure::SecretsDiffer);
        }
        Ok(typed)
    }

    /// The PIN of the field device: of the surroundings, or what a person types.
    pub(crate) fn pin(&mut self) -> Result<Pin, Failure> {
        Ok(Pin::new(&self.pin_text()?)?)
    }

    /// The same as it is typed.
    pub(crate) fn pin_text(&mut self) -> Result<String, Failure> {
        match self.env.pin.clone() {
            Some(pin) => Ok(pin),
            None => self.ask_pin(pick(self.lang, "PIN:", "PIN 码：")),
        }
    }

    /// The PIN of a partner, who types it themselves: of the surroundings, or what a person types.
    pub(crate) fn partner_pin(&mut self, login: &str) -> Result<Pin, Failure> {
        let typed = if let Some(pin) = self.env.partner_pin.clone() {
            pin
        } else {
            let question = format!("{} {login}:", pick(self.lang, "PIN of", "PIN 码，人员"));
            self.ask_pin(&question)?
        };
        Ok(Pin::new(&typed)?)
    }

    /// A new PIN of a partner: of the surroundings, or what a person types twice.
    pub(crate) fn new_partner_pin(&mut self) -> Result<Pin, Failure> {
        match self.env.partner_pin.clone() {
            Some(pin) => Ok(Pin::new(&pin)?),
            None => self.new_pin(false),
        }
    }

    /// A PIN for a device that has none: of the surroundings, or what a person types twice.
    pub(crate) fn first_pin(&mut self) -> Result<Pin, Failure> {
        match self.env.pin.clone() {
            Some(pin) => Ok(Pin::new(&pin)?),
            None => self.new_pin(false),
        }
    }

    /// A new PIN: the first line of the standard input, or what a person types twice.
    pub(crate) fn new_pin(&mut self, from_input: bool) -> Result<Pin, Failure> {
        if from_input {
            return Ok(Pin::new(&self.secret(true, "")?)?);
        }
        let typed = self.ask_pin(pick(
            self.lang,
            "New PIN, 6 to 64 characters:",
            "新 PIN 码（6 至 64 个字符）：",
        ))?;
        let pin = Pin::new(&typed)?;
        if self.ask_pin(pick(self.lang, "Once more:", "再输一次："))? != typed {
            return Err(Failure::SecretsDiffer);
        }
        Ok(pin)
    }

    fn ask_pin(&mut self, question: &str) -> Result<String, Failure> {
        self.out.ask(question, true)?.ok_or(Failure::NobodyToAskForPin)
    }
}
