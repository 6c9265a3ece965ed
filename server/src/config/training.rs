//! How training renews certificates, and when the talk after an incident is due.

use doorstep_app::training::{Scenarios, TrainingSettings};
use serde::{Deserialize, Serialize};

use super::{Config, ConfigError};

/// The table `training` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainingConfig {
    /// For how many months a pass of all required scenarios renews a certificate.
    pub renew_months: u32,
    /// Within how many days after an incident the talk is due.
    pub debrief_days: u32,
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            renew_months: 12,
            debrief_days: 3,
        }
    }
}

impl Config {
    /// What training is held with.
    pub fn training_settings(&self) -> Result<TrainingSettings, ConfigError> {
        let wrong = |key, remedy| Err(ConfigError::Value { key, remedy });
        let TrainingConfig {
            renew_months,
            debrief_days,
        } = self.training;
        if !(1..=36).contains(&renew_months) {
            return wrong("training.renew_months", "a number from 1 to 36");
        }
        if !(1..=30).contains(&debrief_days) {
            return wrong("training.debrief_days", "a number from 1 to 30");
        }
        let Ok(scenarios) = Scenarios::builtin() else {
            return wrong(
                "training",
                "a scenario that comes along cannot be read; install Doorstep anew",
            );
        };
        Ok(TrainingSettings {
            scenarios,
            renew_months,
            debrief_days,
        })
    }
}
