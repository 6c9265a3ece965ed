//! What the doctor looks at in the logs: halts, every generation against its signed head, witnesses and time stamps. The
//! operator's meta log is one of them.

use doorstep_app::App;
use doorstep_domain::id::TenantId;
use doorstep_store::StoreError;
use doorstep_store::entry::{LogName, OPERATOR};
use doorstep_store::generation::LogGeneration;

use super::DoctorReport;
use crate::error::ServerError;

/// A leaf that no quorum cosigned for longer than this is a finding while a server runs.
const COSIGNED_AFTER_S_MAX: i64 = 5 * 60;

/// Looks at all logs. `serving`: whether a server works on the folder, which has checkpoints cosigned and stamped.
pub(super) async fn check(report: &mut DoctorReport, app: &App, serving: bool) -> Result<(), ServerError> {
    halted(report, app).await?;
    let mut logs = Vec::new();
    for (tenant, _) in app.store().tenant_list().await? {
        logs.extend(LogName::OF_TENANT.iter().map(|name| (tenant, *name)));
    }
    logs.push((OPERATOR, LogName::Meta));
    for (tenant, name) in logs {
        let generations = match app.store().log_generations(tenant, name).await {
            // The operator's log begins with the first checkpoint.
            Err(StoreError::NotFound) => continue,
            found => found?,
        };
        for of in &generations {
            let (ok, found) = leaves(app, tenant, of).await?;
            report.note(format!("log {}", of.origin), ok, found);
        }
        let Some(present) = generations.last() else { continue };
        if let Some((ok, found)) = witnesses(app, (tenant, name), present, serving).await? {
            report.note(format!("witnesses of {}", present.origin), ok, found);
        }
        // Checkpoints of the operator's log are not stamped; it holds those that are.
        if name != LogName::Meta
            && let Some((ok, found)) = stamp(app, tenant, name).await?
        {
            report.note(format!("time stamp {}", present.origin), ok, found);
        }
    }
    Ok(())
}

/// Holds every log against its mark in the key store.
async fn halted(report: &mut DoctorReport, app: &App) -> Result<(), ServerError> {
    let halted = app.store().log_guard_all(app.now()).await?;
    let words = match halted.as_slice() {
        [] => "every log extends the head that was signed last".to_owned(),
        some => {
            let each: Vec<String> = some.iter().map(|(origin, halt)| format!("{origin} ({halt})")).collect();
            format!(
                "{}; not signed until the tree extends what was signed before: see Halted in docs/log.md",
                each.join(", ")
            )
        }
    };
    report.note("halted logs", halted.is_empty(), words);
    Ok(())
}

/// Computes the tree anew from the leaves and compares it with the signed head.
async fn leaves(app: &App, tenant: TenantId, of: &LogGeneration) -> Result<(bool, String), ServerError> {
    Ok(match app.log_check(tenant, of).await? {
        Ok(()) if of.size == 0 => (true, "empty".to_owned()),
        Ok(()) => (true, format!("{} leaves give the signed head", of.size)),
        Err(fault) => (false, fault.to_string()),
    })
}

/// What the configured witnesses said of a log.
async fn witnesses(
    app: &App,
    (tenant, name): (TenantId, LogName),
    of: &LogGeneration,
    serving: bool,
) -> Result<Option<(bool, String)>, ServerError> {
    let Some(cosigned) = app.cosigned_item(tenant, name).await? else {
        return Ok(None);
    };
    let said = |code: fn(&doorstep_wire::log::WitnessItem) -> Option<&String>| {
        let each = cosigned.witnesses.iter();
        let each = each.filter_map(|witness| Some(format!("{} ({})", witness.name, code(witness)?)));
        each.collect::<Vec<_>>().join(", ")
    };
    let refused = said(|witness| witness.found.as_ref());
    if !refused.is_empty() {
        let found = format!(
            "refused by {refused}: the log does not extend what they cosigned; ask them for both notes, docs/log.md says what to do"
        );
        return Ok(Some((false, found)));
    }
    let silent = said(|witness| witness.failed.as_ref());
    let no_address = cosigned
        .witnesses
        .iter()
        .any(|witness| witness.failed.as_deref() == Some("no-address"));
    let waits_s = cosigned
        .waiting_since
        .map_or(0, |since| (app.now().get() - since) / 1_000_000);
    let late = serving && waits_s > COSIGNED_AFTER_S_MAX;
    let mut found = format!("a quorum cosigned {} of {} leaves", cosigned.size, of.size);
    if late {
        found = format!("{found}; the rest has waited for {waits_s} seconds");
    }
    if !silent.is_empty() {
        found = format!("{found}; without an answer: {silent}");
    }
    if late || no_address {
        found.push_str(": docs/log.md, Witnesses, says what these words mean and what to do");
    } else if cosigned.waiting_since.is_some() && !serving {
        found.push_str("; a server has to run to have them cosigned");
    }
    Ok(Some((!late && !no_address, found)))
}

/// Whether the newest time stamp of a log holds and is as fresh as it should be; nothing where nobody is asked for stamps.
async fn stamp(app: &App, tenant: TenantId, name: LogName) -> Result<Option<(bool, String)>, ServerError> {
    let Some(settings) = app.stamp_settings() else {
        return Ok(None);
    };
    let size = app.store().log_head(tenant, name).await?.note_size;
    let remedy = "check that a server runs and reaches `timestamp_url`";
    let found = match app.stamp_checked(tenant, name).await? {
        None => (size == 0, format!("none yet; {remedy}")),
        Some((kept, Err(error))) => (false, format!("of {} leaves: {error}", kept.size)),
        Some((kept, Ok(_))) => {
            let age_s = (app.now() - kept.taken_at).seconds();
            let late = size > kept.size && age_s > 2 * settings.every().seconds();
            let advice = if late {
                format!(": too old; {remedy}")
            } else {
                String::new()
            };
            (!late, format!("of {} leaves, {age_s} seconds old{advice}", kept.size))
        }
    };
    Ok(Some(found))
}
