//! The settings of notices: what they say, on which way they go, and who takes them from here.

use std::path::{Path, PathBuf};

use doorstep_app::notice::{NoticeSettings, TemplateError, Templates};
use doorstep_domain::notice::NoticeChannel;
use serde::{Deserialize, Serialize};

use super::{Config, ConfigError, is_plain};

/// What notices say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NoticesConfig {
    /// A file of templates, from the data folder; empty for those of this version.
    pub templates: PathBuf,
    /// `letter` or `message`; a message only where a phone is on file.
    pub channel: NoticeChannel,
}

impl Default for NoticesConfig {
    fn default() -> Self {
        Self {
            templates: PathBuf::new(),
            channel: NoticeChannel::Letter,
        }
    }
}

/// Who takes notices from here; nobody where neither is named: then `doorstep notice dispatch` hands them over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DispatchConfig {
    /// The folder where batches are put, from the data folder; empty for none.
    pub folder: PathBuf,
    /// The address that gets each notice by POST; empty for none.
    pub gateway: String,
    /// The file with the secret that the gateway asks for as a bearer token, from the data folder; empty for none.
    pub secret_file: PathBuf,
}

/// Why own templates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateFileError {
    /// The file cannot be read.
    #[error(transparent)]
    Unreadable(#[from] std::io::Error),
    /// A template says what none may.
    #[error(transparent)]
    Wrong(#[from] TemplateError),
}

/// Where notices go.
#[derive(Clone)]
pub(crate) enum DispatchTarget {
    /// Nowhere by themselves.
    Nobody,
    /// As files into this folder.
    Folder(PathBuf),
    /// To this address, with this secret.
    Gateway(String, Option<String>),
}

impl Config {
    /// What notices are made with, relative paths taken from the data folder.
    pub(crate) fn notice_settings(&self, folder: &Path) -> Result<NoticeSettings, ConfigError> {
        Ok(NoticeSettings {
            templates: self.templates(folder)?,
            channel: self.notices.channel,
            page_url: match self.public_url.trim_end_matches('/') {
                "" => format!("http://{}", self.listen),
                url => url.to_owned(),
            },
        })
    }

    fn templates(&self, folder: &Path) -> Result<Templates, ConfigError> {
        let own = &self.notices.templates;
        let path = folder.join(own);
        let wrong = |source: TemplateFileError| ConfigError::Templates {
            path: path.clone(),
            source: Box::new(source),
        };
        if own.as_os_str().is_empty() {
            return Templates::builtin().map_err(|error| wrong(error.into()));
        }
        let text = std::fs::read_to_string(&path).map_err(|error| wrong(error.into()))?;
        Templates::parse(&own.display().to_string(), &text).map_err(|error| wrong(error.into()))
    }

    pub(super) fn check_dispatch(&self) -> Result<(), ConfigError> {
        let wrong = |key, remedy| Err(ConfigError::Value { key, remedy });
        let dispatch = &self.dispatch;
        if dispatch.gateway.is_empty() {
            return Ok(());
        }
        if !is_plain(&dispatch.gateway) {
            return wrong(
                "dispatch.gateway",
                "an address http:// or https:// without user and password, or \"\" for none",
            );
        }
        if !dispatch.folder.as_os_str().is_empty() {
            return wrong(
                "dispatch.folder",
                "a folder or a gateway, not both: each notice goes one way",
            );
        }
        Ok(())
    }

    /// Where notices go, with the secret read.
    pub(crate) fn dispatch_target(&self, folder: &Path) -> Result<DispatchTarget, ConfigError> {
        let dispatch = &self.dispatch;
        if !dispatch.folder.as_os_str().is_empty() {
            return Ok(DispatchTarget::Folder(folder.join(&dispatch.folder)));
        }
        if dispatch.gateway.is_empty() {
            return Ok(DispatchTarget::Nobody);
        }
        if dispatch.secret_file.as_os_str().is_empty() {
            return Ok(DispatchTarget::Gateway(dispatch.gateway.clone(), None));
        }
        let secret = std::fs::read_to_string(folder.join(&dispatch.secret_file));
        let secret = secret.ok().map(|text| text.trim().to_owned());
        match secret.filter(|text| !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic())) {
            Some(secret) => Ok(DispatchTarget::Gateway(dispatch.gateway.clone(), Some(secret))),
            None => Err(ConfigError::Value {
                key: "dispatch.secret_file",
                remedy: "the file cannot be read or holds no secret of one line; put the gateway's secret there",
            }),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(text, Path::new("doorstep.toml"))
    }

    #[test]
    fn own_templates_are_read_from_the_folder_or_refused_with_file_line_and_remedy() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Config::default().notice_settings(folder.path()).is_ok());
        let config = parse("[notices]\ntemplates = \"own.toml\"").unwrap();
        let refused = || crate::ServerError::from(config.notice_settings(folder.path()).unwrap_err()).message();
        assert!(refused().contains("own.toml"), "{}", refused());
        let text = include_str!("../../packs/notices.toml");
        std::fs::write(
            folder.path().join("own.toml"),
            text.replace("您可以不开门", "法院传唤，您可以不开门"),
        )
        .unwrap();
        let line = text.lines().position(|line| line.contains("您可以不开门")).unwrap() + 1;
        for part in [
            format!("own.toml:{line}"),
            "法院".to_owned(),
            "say it without that word".to_owned(),
        ] {
            assert!(refused().contains(&part), "{part}: {}", refused());
        }
        std::fs::write(folder.path().join("own.toml"), text).unwrap();
        assert!(config.notice_settings(folder.path()).is_ok());
    }

    #[test]
    fn a_gateway_is_an_address_with_a_secret_that_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        for (text, named) in [
            ("[dispatch]\ngateway = \"ftp://h\"", "dispatch.gateway"),
            ("[dispatch]\ngateway = \"http://u:p@h\"", "dispatch.gateway"),
            (
                "[dispatch]\ngateway = \"http://h\"\nfolder = \"out\"",
                "dispatch.folder",
            ),
        ] {
            match parse(text) {
                Err(ConfigError::Value { key, .. }) => assert_eq!(key, named),
                other => panic!("{text}: {other:?}"),
            }
        }
        let config = parse("[dispatch]\ngateway = \"http://h\"\nsecret_file = \"secret\"").unwrap();
        assert!(config.dispatch_target(folder.path()).is_err());
        std::fs::write(folder.path().join("secret"), "open-sesame\n").unwrap();
        let Ok(DispatchTarget::Gateway(_, Some(secret))) = config.dispatch_target(folder.path()) else {
            panic!("a gateway")
        };
        assert_eq!(secret, "open-sesame");
    }
}
