//! Makes the plans that were asked for. Every process takes from the same table, so that more processes make more plans.

use std::time::Duration;

use doorstep_app::App;
use tokio::sync::watch;

use crate::http::problem::causes;

/// Plans that one process makes at a time: each takes a thread and the memory of its travel times.
pub(crate) const AT_ONCE: usize = 2;
/// The longest pause between looks: another process may have been asked, or have died.
const PAUSE: Duration = Duration::from_millis(500);

/// Runs until the server stops; a plan in the making is given back then.
pub(crate) async fn run(app: App, holder: String, mut stopping: watch::Receiver<bool>) {
    loop {
        let mut asked = stopping.clone();
        let stop = async move {
            let _ = asked.wait_for(|stopping| *stopping).await;
        };
        let made = match app.run_plan_job(&holder, stop).await {
            Ok(made) => made,
            Err(error) => {
                tracing::error!(error = %causes(&error), "a plan that was asked for could not be made");
                false
            }
        };
        if *stopping.borrow() {
            return;
        }
        if made {
            continue;
        }
        tokio::select! {
            () = app.plan_job_added() => {}
            () = tokio::time::sleep(PAUSE) => {}
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
    }
}
