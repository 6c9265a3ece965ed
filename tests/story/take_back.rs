//! Taking an import back, and files that list all cases of a portfolio.

use serde_json::{Value, json};

use crate::harness::{Answered, Deployment, csv_cells, csv_text, lines_of, sample};

stories!(
    an_import_is_taken_back_whole,
    an_import_that_was_planned_stays,
    a_complete_file_recalls_only_the_number_that_was_named,
    rejected_rows_count_as_listed,
);

/// The sample cases of one portfolio.
pub(crate) fn cards(keep: impl Fn(usize) -> bool) -> Vec<u8> {
    let cells = csv_cells(&sample("porto-cases.csv"));
    let cards = cells[1..].iter().filter(|row| row[1] == "card").enumerate();
    let kept = cards.filter(|(index, _)| keep(*index)).map(|(_, row)| row.clone());
    csv_text(&std::iter::once(cells[0].clone()).chain(kept).collect::<Vec<_>>())
}

async fn take_back(site: &Deployment, report: &Value) -> Answered {
    let path = format!("/v1/imports/{}/take-back", report["import"].as_str().unwrap());
    site.supervisor.post(&path, &Value::Null).await
}

async fn an_import_is_taken_back_whole(site: &mut Deployment) {
    let first = lines_of(&sample("porto-cases.csv"), |line| line < 30);
    site.supervisor.import(first.clone()).await;
    let before = site.supervisor.items("/v1/cases?limit=500").await;
    let changed = String::from_utf8(first).unwrap().replace(",1542.29,", ",99.99,");
    let second = lines_of(&sample("porto-cases.csv"), |line| (30..50).contains(&line));
    let file = [
        changed.as_bytes(),
        &second[second.iter().position(|byte| *byte == b'\n').unwrap() + 1..],
    ]
    .concat();
    let report = site.supervisor.import(file).await;
    assert_eq!(
        (&report["created"], &report["updated"]),
        (&json!(20), &json!(1)),
        "{report}"
    );
    assert_eq!(site.supervisor.case("PO-10000").await["amount"]["total"], 9_999);
    let taken = take_back(site, &report).await.done();
    assert_eq!((&taken["removed"], &taken["restored"]), (&json!(20), &json!(1)));
    let without_version = |cases: Vec<Value>| -> Vec<Value> {
        let mut cases = cases;
        for case in &mut cases {
            case["version"] = Value::Null;
        }
        cases.sort_by_key(|case| case["case_no"].to_string());
        cases
    };
    let after = site.supervisor.items("/v1/cases?limit=500").await;
    assert_eq!(without_version(after), without_version(before));
    take_back(site, &report).await.problem("import-touched");
    let found = site.export().await.holds();
    assert!(
        found.counts.payloads_erased > 0,
        "whom only the import had named is erased"
    );
    assert_eq!(found.counts.payloads_missing, 0);
}

async fn an_import_that_was_planned_stays(site: &mut Deployment) {
    site.has_porto_staff().await;
    let report = site
        .supervisor
        .import(lines_of(&sample("porto-cases.csv"), |line| line < 60))
        .await;
    let plan = site.published_plan().await;
    assert!(plan["planned"].as_u64().unwrap() > 0, "{plan}");
    let before = site.rows_of_files().await;
    take_back(site, &report).await.problem("import-touched");
    assert_eq!(site.rows_of_files().await, before);
    site.export().await.holds();
}

async fn a_complete_file_recalls_only_the_number_that_was_named(site: &mut Deployment) {
    let all = site.supervisor.import(cards(|_| true)).await["created"]
        .as_u64()
        .unwrap();
    let other = lines_of(&sample("porto-cases.csv"), |_| true);
    let others = site.supervisor.import(other).await["created"].as_u64().unwrap();
    let before = site.rows_of_files().await;
    let preview = site
        .supervisor
        .upload("/v1/imports?complete=true&dry_run=true", cards(|line| line >= 3))
        .await
        .done();
    assert_eq!(preview["recalled"], 3, "{preview}");
    for query in ["", "&confirm_recall=2", "&confirm_recall=4"] {
        let path = format!("/v1/imports?complete=true{query}");
        let refused = site.supervisor.upload(&path, cards(|line| line >= 3)).await;
        let problem = refused.problem("recall-unconfirmed");
        assert!(
            problem["detail"].as_str().unwrap().contains("confirm_recall=3"),
            "{problem}"
        );
    }
    assert_eq!(site.rows_of_files().await, before);
    let path = "/v1/imports?complete=true&confirm_recall=3";
    let report = site.supervisor.upload(path, cards(|line| line >= 3)).await.done();
    assert_eq!(
        (&report["recalled"], &report["counts"]["duplicate"]),
        (&json!(3), &json!(all - 3)),
        "{report}"
    );
    assert_eq!(site.supervisor.items("/v1/cases?status=recalled").await.len(), 3);
    let open = site.supervisor.items("/v1/cases?status=open&limit=500").await.len() as u64;
    assert_eq!(open, all + others - 3, "other portfolios are not touched");
    let taken = take_back(site, &report).await.done();
    assert_eq!((&taken["removed"], &taken["restored"]), (&json!(0), &json!(3)));
    assert_eq!(site.supervisor.items("/v1/cases?status=recalled").await.len(), 0);
    site.export().await.holds();
}

async fn rejected_rows_count_as_listed(site: &mut Deployment) {
    site.supervisor.import(cards(|_| true)).await;
    let mut cells = csv_cells(&cards(|_| true));
    "-1.00".clone_into(&mut cells[1][7]);
    "2026-02-31".clone_into(&mut cells[2][9]);
    let path = "/v1/imports?complete=true";
    let report = site.supervisor.upload(path, csv_text(&cells)).await.done();
    assert_eq!(report["counts"]["reject"], 2, "{report}");
    assert_eq!(
        report["recalled"], 0,
        "a row that cannot be read is listed all the same"
    );
    assert_eq!(site.supervisor.items("/v1/cases?status=recalled").await.len(), 0);
}
