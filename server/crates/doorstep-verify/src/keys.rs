//! Keys that the reader of a report trusts, and for which logs they may speak.

use std::path::Path;

use doorstep_log::note::{VerifierKey, text_unverified};
use doorstep_log::proof::Proof;

use crate::given::read;
use crate::{OptionProblem, VerifyError};

/// Keys from all values of `--key`; `None` where there are none.
pub fn keys_of(given: &[String]) -> Result<Option<Vec<VerifierKey>>, VerifyError> {
    let mut keys = Vec::new();
    for given in given {
        keys.extend(read_keys(given)?);
    }
    Ok((!keys.is_empty()).then_some(keys))
}

/// Keys from one value of `--key`.
fn read_keys(given: &str) -> Result<Vec<VerifierKey>, VerifyError> {
    let wrong = || VerifyError::Key {
        given: given.to_owned(),
    };
    if let Ok(key) = VerifierKey::parse(given.trim()) {
        return Ok(vec![key]);
    }
    let bytes = read(Path::new(given)).map_err(|source| {
        // A line of a key that was cut is no path.
        if given.contains('+') {
            return wrong();
        }
        VerifyError::Option {
            name: "--key",
            path: given.into(),
            problem: OptionProblem::Read(source),
        }
    })?;
    let text = String::from_utf8(bytes).map_err(|_| wrong())?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let keys: Result<Vec<_>, _> = lines.map(VerifierKey::parse).collect();
    keys.ok().filter(|keys| !keys.is_empty()).ok_or_else(wrong)
}

/// The keys of the tenant whose log the proof names: any of a tenant's keys vouches for all its logs, also for those
/// that go on under another number after a restore.
pub(crate) fn keys_for(proof: &Proof, keys: &[VerifierKey]) -> Vec<VerifierKey> {
    let text = text_unverified(&proof.checkpoint).unwrap_or_default();
    let claimed = text.lines().next().unwrap_or_default();
    let own = keys.iter().filter(|key| tenant_of(key.name()) == tenant_of(claimed));
    own.filter_map(|key| key.renamed(claimed).ok()).collect()
}

/// The part of a log's name that stands for the tenant.
fn tenant_of(name: &str) -> &str {
    let Some((tenant, last)) = name.rsplit_once('/') else {
        return name;
    };
    let log = last.split_once('-').map_or(last, |(log, _)| log);
    if matches!(log, "events" | "access") {
        tenant
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_logs_lead_to_their_tenant() {
        for (name, tenant) in [
            ("d/t/events", "d/t"),
            ("d/t/access-2", "d/t"),
            ("d/t", "d/t"),
            ("d/events", "d"),
            ("d/other", "d/other"),
            ("d", "d"),
        ] {
            assert_eq!(tenant_of(name), tenant, "{name}");
        }
    }
}
