//! What a command takes from its surroundings: server, files, language, time zone, clock.
//!
//! Environment variables are read here and nowhere else, through a function, so that tests and the demo give their own.

use crate::clock::SystemClock;
use crate::theme::Theme;
use doorstep_domain::measure::Clock;
use doorstep_domain::words::Lang;
use jiff::tz::TimeZone;
use std::path::PathBuf;
use std::sync::Arc;

/// The server that is meant where nobody names one.
pub const SERVER_DEFAULT: &str = "http://127.0.0.1:7450";

/// The surroundings of a command. Options of the command line go before what stands here.
#[derive(Clone)]
pub struct Env {
    /// `DOORSTEP_SERVER`; otherwise the server of the session, otherwise [`SERVER_DEFAULT`].
    pub server: Option<String>,
    /// `DOORSTEP_SESSION`: where the session is kept, readable by the user only.
    pub session_file: PathBuf,
    /// `DOORSTEP_DEVICE_DIR`: the folder of the field device that this program can be.
    pub device_dir: PathBuf,
    /// `DOORSTEP_PASSWORD`, for scripts.
    pub password: Option<String>,
    /// `DOORSTEP_PIN`, which opens the field device, for scripts.
    pub pin: Option<String>,
    /// `DOORSTEP_PARTNER_PIN`, which opens a partner's key on the field device, for scripts.
    pub partner_pin: Option<String>,
    /// `DOORSTEP_LANG` or the system's language; English where neither is one of ours.
    pub lang: Lang,
    /// `DOORSTEP_ZONE`: the zone for times whose own zone is not known. Never the machine's; UTC otherwise.
    pub zone: TimeZone,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// What the screens take from the machine.
    pub machine: Machine,
}

/// What the screens take from the machine.
#[derive(Debug, Clone, Default)]
pub struct Machine {
    /// `DOORSTEP_LOCATION_COMMAND`: a program that prints the position as JSON; Termux's own on a telephone.
    pub location_command: Option<String>,
    /// `DOORSTEP_PHOTOS`, otherwise where telephones and desktops keep pictures.
    pub photo_dirs: Vec<PathBuf>,
    /// `DOORSTEP_STREETS`: streets for the map as GeoJSON lines; otherwise `streets.geojson` in the device's folder.
    pub streets: Option<PathBuf>,
    /// How the screens look: see [`Theme`].
    pub(crate) theme: Theme,
}

impl Machine {
    fn read(var: &impl Fn(&str) -> Option<String>, home: &std::path::Path) -> Self {
        let termux = var("TERMUX_VERSION").map(|_| "termux-location".to_owned());
        let pictures = ["storage/dcim/Camera", "Pictures"].map(|folder| home.join(folder));
        Self {
            location_command: var("DOORSTEP_LOCATION_COMMAND").or(termux),
            photo_dirs: var("DOORSTEP_PHOTOS").map_or_else(|| pictures.to_vec(), |dir| vec![dir.into()]),
            streets: var("DOORSTEP_STREETS").map(PathBuf::from),
            theme: Theme::of(var),
        }
    }
}

impl std::fmt::Debug for Env {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Env")
            .field("server", &self.server)
            .field("session_file", &self.session_file)
            .field("device_dir", &self.device_dir)
            .field("lang", &self.lang)
            .finish_non_exhaustive()
    }
}

impl Env {
    /// Reads the surroundings through `var`, which gives the value of an environment variable. Empty counts as absent.
    pub fn read(var: impl Fn(&str) -> Option<String>) -> Self {
        let var = |name: &str| var(name).filter(|value| !value.is_empty());
        let home = var("HOME")
            .or_else(|| var("USERPROFILE"))
            .map_or_else(|| PathBuf::from("."), PathBuf::from);
        let state = var("XDG_STATE_HOME").map_or_else(|| home.join(".local").join("state"), PathBuf::from);
        let data = var("XDG_DATA_HOME").map_or_else(|| home.join(".local").join("share"), PathBuf::from);
        let languages = ["DOORSTEP_LANG", "LC_ALL", "LC_MESSAGES", "LANG"];
        let lang = languages
            .iter()
            .find_map(|name| var(name))
            .and_then(|tag| tag.parse().ok());
        let zone = var("DOORSTEP_ZONE").and_then(|name| TimeZone::get(&name).ok());
        Self {
            server: var("DOORSTEP_SERVER"),
            session_file: var("DOORSTEP_SESSION")
                .map_or_else(|| state.join("doorstep").join("session.json"), PathBuf::from),
            device_dir: var("DOORSTEP_DEVICE_DIR").map_or_else(|| data.join("doorstep").join("device"), PathBuf::from),
            password: var("DOORSTEP_PASSWORD"),
            pin: var("DOORSTEP_PIN"),
            partner_pin: var("DOORSTEP_PARTNER_PIN"),
            lang: lang.unwrap_or_default(),
            zone: zone.unwrap_or(TimeZone::UTC),
            clock: Arc::new(SystemClock),
            machine: Machine::read(&var, &home),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_read_with_their_defaults() {
        let env = Env::read(|name| match name {
            "HOME" => Some("/home/ana".to_owned()),
            "LANG" => Some("zh_CN.UTF-8".to_owned()),
            "DOORSTEP_SERVER" => Some(String::new()),
            _ => None,
        });
        assert_eq!(
            env.session_file,
            PathBuf::from("/home/ana/.local/state/doorstep/session.json")
        );
        assert_eq!(env.device_dir, PathBuf::from("/home/ana/.local/share/doorstep/device"));
        assert_eq!((env.lang, env.server), (Lang::Zh, None));
        let env = Env::read(|name| match name {
            "DOORSTEP_LANG" => Some("en".to_owned()),
            "LANG" => Some("zh_CN.UTF-8".to_owned()),
            "XDG_STATE_HOME" => Some("/state".to_owned()),
            "DOORSTEP_ZONE" => Some("Asia/Shanghai".to_owned()),
            _ => None,
        });
        assert_eq!(env.session_file, PathBuf::from("/state/doorstep/session.json"));
        assert_eq!((env.lang, env.zone.iana_name()), (Lang::En, Some("Asia/Shanghai")));
    }
}
