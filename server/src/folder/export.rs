//! Exporting a tenant's logs from the data folder, for strangers to verify.

use std::path::Path;
use std::sync::Arc;

use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Clock;

use doorstep_app::App;
use doorstep_app::export::ExportError;
pub use doorstep_app::export::{CaseExport, CaseOrder, LogExport};

use super::{FolderLock, open_app};
use crate::config::Config;
use crate::error::ServerError;
use crate::jobs;

/// Writes the logs of a tenant into a new folder. The tenant may be left out where there is only one. A server on the data
/// folder goes on working meanwhile.
pub async fn log_export(
    folder: &Path,
    target: &Path,
    tenant: Option<TenantId>,
    clock: Arc<dyn Clock>,
) -> Result<LogExport, ServerError> {
    with_tenant(folder, tenant, clock, async |app, tenant| {
        app.export_log(tenant, target).await
    })
    .await
}

/// Writes one case of a tenant into a new folder, in the same way.
pub async fn case_log_export(
    folder: &Path,
    target: &Path,
    (tenant, order): (Option<TenantId>, CaseOrder),
    clock: Arc<dyn Clock>,
) -> Result<CaseExport, ServerError> {
    with_tenant(folder, tenant, clock, async |app, tenant| {
        app.export_case_log(tenant, order, target).await
    })
    .await
}

/// Does something with one tenant of a data folder on which a server may run.
async fn with_tenant<T>(
    folder: &Path,
    tenant: Option<TenantId>,
    clock: Arc<dyn Clock>,
    work: impl AsyncFnOnce(&App, TenantId) -> Result<T, ExportError>,
) -> Result<T, ServerError> {
    let config = Config::load(folder)?;
    let lock = FolderLock::beside_server(folder, "doorstep log export")?;
    let app = open_app(folder, &config, clock).await?;
    jobs::witness::ask_first(&app).await?;
    let tenants = app.store().tenant_list().await?;
    let chosen = match (tenant, tenants.as_slice()) {
        (Some(asked), _) => tenants.iter().find(|(id, _)| *id == asked).map(|(id, _)| *id),
        (None, [(only, _)]) => Some(*only),
        (None, _) => None,
    };
    let exported = if let Some(tenant) = chosen {
        work(&app, tenant).await.map_err(ServerError::from)
    } else {
        let known: Vec<String> = tenants.iter().map(|(id, _)| id.to_string()).collect();
        Err(ServerError::WhichTenant(known.join(", ")))
    };
    app.store().close().await;
    drop(lock);
    exported
}
