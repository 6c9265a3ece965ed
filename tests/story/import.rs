//! Importing: what becomes of each row, what a file may change, and how it is taken back.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::harness::{Client, Deployment, csv_cells, csv_text, lines_of, sample};

stories!(
    messy_rows_become_what_is_right,
    real_files_land_whole,
    chinese_files_land_where_they_are,
    staff_files_land,
    the_same_staff_file_twice_changes_nobody,
    the_office_is_in_no_crew,
    the_same_file_twice_is_only_duplicates,
    a_preview_changes_nothing,
    a_repeated_request_is_carried_out_once,
    what_was_given_back_lands_once_corrected,
    an_export_reconciles_with_what_is_stored,
);

/// The result of every numbered row that was not simply accepted.
fn results(report: &Value) -> BTreeMap<String, Vec<String>> {
    let mut results: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in report["rows"].as_array().unwrap() {
        if let Some(number) = row["case_no"].as_str() {
            let result = row["result"].as_str().unwrap().to_owned();
            results.entry(number.to_owned()).or_default().push(result);
        }
    }
    results
}

fn counted(report: &Value) -> u64 {
    report["counts"]
        .as_object()
        .unwrap()
        .values()
        .map(|count| count.as_u64().unwrap())
        .sum()
}

async fn messy_rows_become_what_is_right(site: &mut Deployment) {
    let expected: BTreeMap<String, Value> = serde_json::from_slice(&sample("porto-messy-expected.json")).unwrap();
    let report = site.supervisor.import(sample("porto-messy.csv")).await;
    let results = results(&report);
    for (number, right) in &expected {
        let accepted = vec!["accept".to_owned()];
        let found = results.get(number).unwrap_or(&accepted);
        let allowed: Vec<&str> = right["one_of"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        assert!(
            found.iter().all(|result| allowed.contains(&result.as_str())),
            "{number}: {found:?} instead of {allowed:?}: {}",
            right["why"]
        );
        let read = right
            .get("if_read_minor")
            .filter(|_| !found.contains(&"reject".to_owned()));
        if let Some(minor) = read {
            assert_eq!(
                &site.supervisor.case(number).await["amount"]["total"],
                minor,
                "{number}"
            );
        }
    }
    let unexpected: Vec<&String> = results
        .keys()
        .filter(|number| !expected.contains_key(*number))
        .collect();
    assert!(
        unexpected.is_empty(),
        "rows that are right were not accepted: {unexpected:?}"
    );
    let nameless = report["rows"].as_array().unwrap().iter();
    let nameless = nameless.filter(|row| row["reasons"].as_array().unwrap().contains(&json!("field-missing")));
    for row in nameless {
        assert!(
            row["words"].as_str().unwrap().contains('('),
            "which field is missing: {row}"
        );
    }
    let silent = |row: &&Value| row["words"].as_str().is_none_or(|words| words.len() < 5);
    let silent: Vec<&Value> = report["rows"].as_array().unwrap().iter().filter(silent).collect();
    assert!(silent.is_empty(), "a result without its reason in words: {silent:?}");
    both_lines_of_a_conflict_are_named(&report);
    text_is_kept_as_it_is(&site.supervisor).await;
}

/// Neither row of a conflict wins silently.
fn both_lines_of_a_conflict_are_named(report: &Value) {
    let rows = report["rows"].as_array().unwrap();
    let conflict: Vec<&Value> = rows.iter().filter(|row| row["result"] == "conflict").collect();
    let lines: Vec<String> = conflict.iter().map(|row| row["line"].to_string()).collect();
    assert_eq!(lines.len(), 2, "{conflict:?}");
    for (row, own) in conflict.iter().zip(&lines) {
        let words = row["words"].as_str().unwrap();
        assert!(
            lines
                .iter()
                .filter(|line| *line != own)
                .all(|line| words.contains(line.as_str())),
            "{words} does not name the other of lines {lines:?}"
        );
        assert_eq!(row["action"], "none");
    }
}

async fn text_is_kept_as_it_is(client: &Client) {
    let long = client.case("PO-10059").await;
    assert_eq!(long["name"].as_str().unwrap().chars().count(), 300);
    let formula = client.case("PO-10027").await;
    let stored = format!("{}{}", formula["name"], formula["address"]);
    assert!(stored.contains('='), "the formula's text was changed: {stored}");
}

async fn real_files_land_whole(site: &mut Deployment) {
    let report = site.supervisor.import(sample("porto-cases.csv")).await;
    assert_eq!(report["counts"]["accept"], 600, "{report}");
    assert_eq!((&report["created"], counted(&report)), (&json!(600), 600));
    assert_eq!(report["encoding"], "utf-8");
    assert_eq!(site.supervisor.items("/v1/cases?limit=500").await.len(), 600);
    let rows = site
        .supervisor
        .items(&format!("/v1/imports/{}/rows", report["import"].as_str().unwrap()))
        .await;
    assert_eq!(rows.len(), 600, "there is a result for every row");
    assert!(
        rows.iter()
            .all(|row| row["result"] == "accept" && row["action"] == "created")
    );
}

async fn chinese_files_land_where_they_are(site: &mut Deployment) {
    let report = site.supervisor.import(sample("hangzhou-cases-gb18030.csv")).await;
    assert_eq!(
        (&report["encoding"], counted(&report)),
        (&json!("gb18030"), 400),
        "{report}"
    );
    assert_eq!(report["created"], 400, "{report}");
    let truth: BTreeMap<String, [f64; 2]> = serde_json::from_slice(&sample("hangzhou-wgs84-sample.json")).unwrap();
    for (number, point) in &truth {
        let id = site.supervisor.case(number).await["id"].as_str().unwrap().to_owned();
        let case = site.supervisor.get(&format!("/v1/cases/{id}")).await.done();
        assert_eq!(
            (&case["zone"], &case["datum"]),
            (&json!("Asia/Shanghai"), &json!("GCJ-02")),
            "{number}"
        );
        for (axis, degrees) in point.iter().enumerate() {
            // The truth has six decimals; a metre is a hundred units.
            let off = case["point"][axis].as_i64().unwrap() - (degrees * 1e7).round() as i64;
            assert!(off.abs() <= 100, "{number} is {off}e-7 degrees off");
        }
    }
    let report = site.supervisor.import(sample("hangzhou-cases.xlsx")).await;
    assert_eq!(
        (&report["encoding"], counted(&report)),
        (&json!("xlsx"), 150),
        "{report}"
    );
    assert_eq!(report["counts"].get("reject"), None, "{report}");
    assert_eq!(
        site.rows("cases").await,
        400,
        "the workbook lists cases of the first file: {report}"
    );
}

async fn staff_files_land(site: &mut Deployment) {
    let staff = site.has_porto_staff().await;
    assert_eq!(staff.iter().filter(|one| one["role"] == "field").count(), 16);
    let query = format!("/v1/staff/import?team={}", site.made.team);
    let chinese = site
        .administrator
        .upload(&query, sample("hangzhou-staff-gb18030.csv"))
        .await
        .done();
    assert_eq!(chinese["refused"], json!([]), "{chinese}");
    assert_eq!(
        (&chinese["added"], &chinese["crews"]),
        (&json!(12), &json!(6)),
        "{chinese}"
    );
}

async fn the_same_staff_file_twice_changes_nobody(site: &mut Deployment) {
    site.has_porto_staff().await;
    let query = format!("/v1/staff/import?team={}", site.made.team);
    let again = site
        .administrator
        .upload(&query, sample("porto-staff.csv"))
        .await
        .done();
    assert_eq!((&again["added"], &again["changed"]), (&json!(0), &json!(0)), "{again}");
    assert!(
        again["certificates_past"]
            .as_array()
            .unwrap()
            .iter()
            .any(|who| who.as_str().unwrap().contains("S004")),
        "S004's certificate ended on 2026-11-03: {again}"
    );
}

async fn the_same_file_twice_is_only_duplicates(site: &mut Deployment) {
    let first = site.supervisor.import(sample("porto-cases.csv")).await;
    let stored = [
        site.rows("cases").await,
        site.rows("person").await,
        site.rows("address").await,
    ];
    let version = site.supervisor.case("PO-10001").await["version"].clone();
    site.clock.forward(3_600);
    let second = site.supervisor.import(sample("porto-cases.csv")).await;
    assert_eq!(second["counts"], json!({"duplicate": first["created"]}), "{second}");
    assert_eq!((&second["created"], &second["updated"]), (&json!(0), &json!(0)));
    assert_eq!(
        [
            site.rows("cases").await,
            site.rows("person").await,
            site.rows("address").await
        ],
        stored
    );
    assert_eq!(site.supervisor.case("PO-10001").await["version"], version);
}

async fn a_preview_changes_nothing(site: &mut Deployment) {
    site.supervisor
        .import(lines_of(&sample("porto-cases.csv"), |line| line < 20))
        .await;
    let before = site.rows_of_files().await;
    for file in ["porto-messy.csv", "porto-cases.csv", "hangzhou-cases.xlsx"] {
        let preview = site
            .supervisor
            .upload("/v1/imports?dry_run=true", sample(file))
            .await
            .done();
        assert_eq!(
            (&preview["state"], &preview["import"]),
            (&json!("preview"), &Value::Null)
        );
        assert!(counted(&preview) > 0, "{preview}");
        assert_eq!(site.rows_of_files().await, before, "{file}");
    }
    let preview = site
        .supervisor
        .upload("/v1/imports?dry_run=true", sample("porto-messy.csv"))
        .await
        .done();
    let landed = site.supervisor.import(sample("porto-messy.csv")).await;
    for field in ["counts", "created", "updated", "rows", "columns", "give_back"] {
        let told = |report: &Value| match field {
            // Only a landed row has a case.
            "rows" => json!(results(report)),
            _ => report[field].clone(),
        };
        assert_eq!(told(&preview), told(&landed), "{field}");
    }
}

async fn a_repeated_request_is_carried_out_once(site: &mut Deployment) {
    let import = |file: Vec<u8>| {
        let request = site.supervisor.request(reqwest::Method::POST, "/v1/imports");
        site.supervisor
            .send(request.header("Idempotency-Key", "import-of-monday").body(file))
    };
    let first = import(sample("porto-cases.csv")).await.done();
    let before = site.rows_of_files().await;
    let second = import(sample("porto-cases.csv")).await.done();
    assert_eq!(first, second);
    assert_eq!(site.rows_of_files().await, before);
    import(sample("porto-messy.csv"))
        .await
        .problem("idempotency-key-reused");
    assert_eq!(site.rows_of_files().await, before);
}

async fn what_was_given_back_lands_once_corrected(site: &mut Deployment) {
    let report = site.supervisor.import(sample("porto-messy.csv")).await;
    assert_eq!(report["give_back"], true);
    let path = format!("/v1/imports/{}/give-back", report["import"].as_str().unwrap());
    let given_back = csv_cells(&site.supervisor.get(&path).await.file());
    let header = &given_back[0];
    let right = csv_cells(&sample("porto-cases.csv"));
    assert_eq!(header[..right[0].len()], right[0][..], "the shape of the file");
    assert_eq!(header.last().map(String::as_str), Some("doorstep_reason"));
    assert!(
        given_back[1..].iter().all(|row| !row.last().unwrap().is_empty()),
        "every row has its reason"
    );
    let numbers: BTreeSet<&String> = given_back[1..]
        .iter()
        .map(|row| &row[0])
        .filter(|number| number.starts_with("PO-"))
        .collect();
    assert!(numbers.len() >= 8, "{numbers:?}");
    let corrected = given_back[1..].iter().filter_map(|row| {
        let good = right.iter().find(|good| good[0] == row[0])?;
        Some(good.iter().chain(row.last()).cloned().collect::<Vec<String>>())
    });
    let mut rows: Vec<Vec<String>> = std::iter::once(header.clone()).chain(corrected).collect();
    rows.dedup_by(|one, other| one[0] == other[0]);
    let before = site.rows("cases").await;
    let again = site.supervisor.import(csv_text(&rows)).await;
    assert_eq!(again["counts"], json!({"accept": numbers.len()}), "{again}");
    assert_eq!(again["give_back"], false);
    assert_eq!(site.rows("cases").await, before + again["created"].as_i64().unwrap());
    assert_eq!(
        site.supervisor.items("/v1/cases?limit=500").await.len(),
        120,
        "every case of the file is there now"
    );
}

async fn an_export_reconciles_with_what_is_stored(site: &mut Deployment) {
    let report = site.supervisor.import(sample("porto-messy.csv")).await;
    let stored = site.supervisor.items("/v1/cases?limit=500").await;
    assert_eq!(report["created"].as_u64().unwrap() as usize, stored.len());
    let exported = csv_cells(&site.supervisor.get("/v1/cases/export").await.file());
    let header = &exported[0];
    let column = |name: &str| {
        header
            .iter()
            .position(|found| found == name)
            .unwrap_or_else(|| panic!("{name}: {header:?}"))
    };
    let numbers: BTreeSet<&str> = exported[1..]
        .iter()
        .map(|row| row[column("case_no")].as_str())
        .collect();
    let expected: BTreeSet<&str> = stored.iter().map(|case| case["case_no"].as_str().unwrap()).collect();
    assert_eq!(numbers, expected);
    assert_eq!(exported.len() - 1, stored.len(), "one row for each case");
    let original = csv_cells(&sample("porto-messy.csv"));
    for name in &original[0] {
        column(name);
    }
    for row in &exported[1..] {
        let case = stored
            .iter()
            .find(|case| case["case_no"] == row[column("case_no")].as_str())
            .unwrap();
        assert_eq!(case["status"], row[column("doorstep_status")].as_str(), "{row:?}");
        for cell in row {
            let number = cell
                .trim_start_matches(['+', '-'])
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.');
            assert!(!cell.starts_with(['=', '@', '\t', '\r']), "a formula: {cell}");
            assert!(number || !cell.starts_with(['+', '-']), "a formula: {cell}");
        }
    }
    let before = &original.iter().find(|row| row[0] == "PO-10000").unwrap()[..];
    let after = exported.iter().find(|row| row[0] == "PO-10000").unwrap();
    for (name, value) in original[0].iter().zip(before).filter(|(name, _)| *name != "phone") {
        assert_eq!(&after[column(name)], value, "{name} comes back as it was");
    }
}

async fn the_office_is_in_no_crew(site: &mut Deployment) {
    let query = format!("/v1/staff/import?team={}", site.made.team);
    let head = "staff_no,name,role,crew,home_lat,home_lon,shift,travel\n";
    let upload = |rows: &str| {
        let request = site.administrator.request(reqwest::Method::POST, &query);
        let request = request.header("accept-language", "zh-CN").body(format!("{head}{rows}"));
        async { site.administrator.send(request).await.done() }
    };
    let report = upload("O1,Ana,supervisor,,,,,\nO2,Rui,field,,,,,\nO3,Eva,auditor,C01,41.1,-8.6,,car\n").await;
    assert_eq!((&report["added"], &report["crews"]), (&json!(1), &json!(0)), "{report}");
    let refused: Vec<&str> = report["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["reason"].as_str().unwrap())
        .collect();
    // Who goes out needs it all; the columns that are missing are named.
    assert!(
        refused[0].contains("必填项为空") && refused[0].contains("(crew, shift, travel)"),
        "{refused:?}"
    );
    assert!(refused[1].contains("(shift)"), "{refused:?}");
    let crew = |staff: &[Value]| staff.iter().find(|one| one["login"] == "O1").unwrap()["crew"].clone();
    assert_eq!(crew(&site.administrator.items("/v1/staff").await), Value::Null);
    // Somebody of the office may go out for a while, and stay in again.
    let report = upload("O1,Ana,supervisor,C01,41.1,-8.6,09:00-17:00,car\n").await;
    assert_eq!(
        (&report["changed"], &report["crews"]),
        (&json!(1), &json!(1)),
        "{report}"
    );
    assert!(crew(&site.administrator.items("/v1/staff").await).is_string());
    let report = upload("O1,Ana,supervisor,,,,,\n").await;
    assert_eq!(report["changed"], 1, "{report}");
    assert_eq!(upload("O1,Ana,supervisor,,,,,\n").await["changed"], 0);
    assert_eq!(crew(&site.administrator.items("/v1/staff").await), Value::Null);
}
