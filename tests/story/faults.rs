//! A change whose commit fails: lost, or done but reported as failed. Whoever asks again gets it done once.

use doorstep_store::step::{Fault, Step};
use serde_json::json;

use crate::harness::{Answered, Deployment, csv_cells, csv_text, sample};

stories!(a_commit_that_fails_either_way_loses_and_doubles_nothing,);

/// How many cases a part of the sample has.
const ROWS: usize = 20;

/// A part of the sample's cases in a portfolio of its own.
fn file(portfolio: &str) -> Vec<u8> {
    let mut cells = csv_cells(&sample("porto-cases.csv"));
    cells.truncate(1 + ROWS);
    for row in cells.iter_mut().skip(1) {
        portfolio.clone_into(&mut row[1]);
    }
    csv_text(&cells)
}

async fn sent(site: &Deployment, portfolio: &str) -> Answered {
    let request = site.supervisor.request(reqwest::Method::POST, "/v1/imports");
    site.supervisor.send(request.body(file(portfolio))).await
}

async fn a_commit_that_fails_either_way_loses_and_doubles_nothing(site: &mut Deployment) {
    let staff = site.has_porto_staff().await;
    let mut wire = site.wire(&staff[0], 1).await;
    let first = wire.event("day.open", None);
    assert_eq!(wire.statuses(&[&first]).await, ["accepted"]);
    for (fault, again) in [(Fault::Lost, "accepted"), (Fault::Done, "duplicate")] {
        let events = [wire.event("day.close", None), wire.event("day.open", None)];
        site.app().store().fail_next(Step::Commit, fault);
        wire.push(&[&events[0], &events[1]]).await.problem("busy");
        assert_eq!(wire.statuses(&[&events[0], &events[1]]).await, [again; 2], "{fault:?}");

        let (portfolio, before) = (format!("{fault:?}"), site.rows("cases").await);
        site.app().store().fail_next(Step::Commit, fault);
        sent(site, &portfolio).await.problem("busy");
        let report = sent(site, &portfolio).await.done();
        let counts = match fault {
            Fault::Lost => json!({"accept": ROWS}),
            Fault::Done => json!({"duplicate": ROWS}),
        };
        assert_eq!(report["counts"], counts, "{report}");
        assert_eq!(site.rows("cases").await - before, ROWS as i64, "{fault:?}");
    }
    let export = site.export().await;
    assert_eq!(export.holds().counts.events, 5);
    assert_eq!(export.count("case.imported"), 2 * ROWS);
}
