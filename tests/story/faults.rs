//! A durable step that fails: lost, or done but reported as failed. Whoever asks again gets it done once.

use doorstep_store::step::{Fault, Step};
use serde_json::{Value, json};

use crate::harness::{Answered, Deployment, csv_cells, csv_text, id_of, sample};

stories!(
    a_commit_that_fails_either_way_loses_and_doubles_nothing,
    a_key_whose_destruction_fails_either_way_is_destroyed,
);

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

/// Whether nothing of a person can be opened any more.
async fn is_destroyed(site: &Deployment, person: &Value) -> bool {
    let person = id_of(person);
    let keys = site.app().store().sealing_keys(site.made.tenant, &[person]).await;
    keys.unwrap().get(person).is_err()
}

async fn a_key_whose_destruction_fails_either_way_is_destroyed(site: &mut Deployment) {
    site.supervisor.import(file("erased")).await;
    let cases = site.supervisor.items("/v1/cases?limit=500").await;
    for (number, fault) in [Fault::Lost, Fault::Done, Fault::Lost].into_iter().enumerate() {
        let case = format!("/v1/cases/{}", cases[number]["id"].as_str().unwrap());
        let person = site.supervisor.get(&case).await.done()["person"].clone();
        // A search scope is open, with the name in memory.
        let search = "/v1/cases?search=a&limit=500";
        site.supervisor.items(search).await;
        site.app().store().fail_next(Step::Destroy, fault);
        let erase = site.erasure_of(&person).await;
        site.supervisor.post(&erase, &Value::Null).await.problem("busy");
        assert!(site.app().store().has_failed());
        assert_eq!(is_destroyed(site, &person).await, fault == Fault::Done, "{fault:?}");
        assert_eq!(
            site.supervisor.get(&case).await.done()["name"],
            Value::Null,
            "{fault:?}"
        );
        let shown = site.supervisor.items(search).await;
        assert!(shown.iter().all(|one| one["id"] != cases[number]["id"]), "{fault:?}");
        if number == 2 {
            site.restart().await;
        } else {
            site.supervisor.post(&erase, &Value::Null).await.problem("erased");
        }
        assert!(is_destroyed(site, &person).await, "{fault:?}");
    }
    let export = site.export().await;
    assert_eq!(export.count("subject.erased"), 3);
    assert!(export.holds().counts.payloads_erased >= 3);
}
