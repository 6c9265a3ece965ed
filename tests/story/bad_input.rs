//! Files and requests that cannot be taken: each is a problem with a stable code that says what to do, and changes nothing.

use doorstep_store::Engine;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::harness::{Deployment, lines_of, sample};

stories!(
    files_that_are_no_case_file_are_refused,
    files_that_are_no_staff_file_are_refused,
    options_that_make_no_sense_are_refused,
    a_file_of_two_gigabytes_is_refused_unread,
    unknown_columns_are_named_and_refused_ones_dropped,
    bodies_that_are_no_request_are_refused,
    a_full_disk_refuses_and_loses_nothing,
);

/// The first four bytes of a workbook with a password: an OLE container around it.
const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// Files that nobody can take, with the code of the problem.
fn unusable(like: &str) -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let right = sample(like);
    let some = |line: usize| line < 3;
    let mut binary: Vec<u8> = (0..4_096u32)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    binary[10] = 0;
    let mut damaged = lines_of(&right, |line| line < 200);
    let middle = damaged.len() / 2;
    // Neither UTF-8 nor GB18030 has this byte.
    damaged[middle] = 0xff;
    let mut locked = OLE.to_vec();
    locked.resize(8_192, 0);
    let workbook = sample("hangzhou-cases.xlsx");
    let cut = [&lines_of(&right, some)[..], b"X1,\"A field that never ends"].concat();
    vec![
        ("empty", Vec::new(), "file-unreadable"),
        ("binary", binary, "file-unreadable"),
        ("a PDF", b"%PDF-1.7 and so on".to_vec(), "file-unreadable"),
        ("cut off inside quotes", cut, "file-unreadable"),
        (
            "half a workbook",
            workbook[..workbook.len() / 2].to_vec(),
            "file-unreadable",
        ),
        ("a workbook with a password", locked, "file-locked"),
        ("a broken encoding", damaged, "file-encoding"),
        ("other columns", b"alpha,beta\n1,2\n".to_vec(), "columns-missing"),
    ]
}

async fn files_that_are_no_case_file_are_refused(site: &mut Deployment) {
    site.supervisor
        .import(lines_of(&sample("porto-cases.csv"), |line| line < 10))
        .await;
    let before = site.rows_of_files().await;
    for (what, file, code) in unusable("porto-cases.csv") {
        for query in ["", "?dry_run=true"] {
            let answer = site
                .supervisor
                .upload(&format!("/v1/imports{query}"), file.clone())
                .await;
            assert_eq!(answer.code().as_deref(), Some(code), "{what}: {}", answer.text());
            answer.problem(code);
            assert_eq!(site.rows_of_files().await, before, "{what}");
        }
    }
    // The case number's column alone is missing: it is named.
    let text = String::from_utf8(lines_of(&sample("porto-cases.csv"), |line| line < 3)).unwrap();
    let answer = site
        .supervisor
        .upload("/v1/imports", text.replacen("case_no", "Kundennr", 1))
        .await;
    let problem = answer.problem("columns-missing");
    assert!(problem["detail"].as_str().unwrap().contains("case_no"), "{problem}");
    assert_eq!(site.rows_of_files().await, before);
    let mapped = site
        .supervisor
        .upload(
            "/v1/imports?map=Kundennr%3Dcase_no",
            text.replacen("case_no", "Kundennr", 1),
        )
        .await;
    assert_eq!(
        mapped.done()["counts"]["duplicate"],
        3,
        "with the mapping it is the same file"
    );
}

async fn files_that_are_no_staff_file_are_refused(site: &mut Deployment) {
    let before = site.rows_of_files().await;
    let path = format!("/v1/staff/import?team={}", site.made.team);
    for (what, file, code) in unusable("porto-staff.csv") {
        let answer = site.administrator.upload(&path, file).await;
        assert_eq!(answer.code().as_deref(), Some(code), "{what}: {}", answer.text());
        answer.problem(code);
        assert_eq!(site.rows_of_files().await, before, "{what}");
    }
}

async fn options_that_make_no_sense_are_refused(site: &mut Deployment) {
    let before = site.rows_of_files().await;
    let file = lines_of(&sample("porto-cases.csv"), |line| line < 5);
    let queries = [
        ("map=case_no", "columns-missing"),
        ("map=no_such_column%3Dcase_no", "columns-missing"),
        ("map=name%3Dno_such_field", "columns-missing"),
        ("as_of=2026-02-31", "bad-request"),
        ("currency=EURO", "bad-request"),
        ("datum=NAD27", "bad-request"),
        ("agency=Nobody", "bad-request"),
        ("dry_run=perhaps", "bad-request"),
        ("complete=true", "bad-request"),
        ("team=00000000-0000-7000-8000-000000000000", "not-found"),
    ];
    for (query, code) in queries {
        let answer = site
            .supervisor
            .upload(&format!("/v1/imports?{query}"), file.clone())
            .await;
        assert_eq!(answer.code().as_deref(), Some(code), "{query}: {}", answer.text());
        answer.problem(code);
        assert_eq!(site.rows_of_files().await, before, "{query}");
    }
}

async fn a_file_of_two_gigabytes_is_refused_unread(site: &mut Deployment) {
    let before = site.rows_of_files().await;
    let token = site.supervisor.token();
    let address = site.address().replace("http://", "");
    let mut connection = tokio::net::TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /v1/imports HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
         Content-Length: 2147483648\r\n\r\ncase_no,"
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    // The answer comes although most of the body never does; the server then closes the connection.
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.unwrap();
    let text = String::from_utf8(answer).unwrap();
    assert!(text.starts_with("HTTP/1.1 413 "), "{text}");
    let (_, body) = text.split_once("\r\n\r\n").unwrap();
    let problem: Value = serde_json::from_str(body).unwrap();
    assert_eq!(problem["code"], "too-large");
    assert!(problem["detail"].as_str().unwrap().len() > 10, "{problem}");
    assert_eq!(site.rows_of_files().await, before);
}

async fn unknown_columns_are_named_and_refused_ones_dropped(site: &mut Deployment) {
    let text = String::from_utf8(lines_of(&sample("porto-cases.csv"), |line| line < 5)).unwrap();
    let mut lines = text.lines();
    let mut file = format!("{},shoe_size,religion,contact_list\n", lines.next().unwrap());
    for line in lines {
        file.push_str(line);
        file.push_str(",43,Pastafarian,+351999888777\n");
    }
    let report = site.supervisor.import(file).await;
    assert_eq!(report["counts"]["accept"], 5, "{report}");
    assert_eq!(report["unknown"], json!(["shoe_size"]), "{report}");
    let refused: Vec<&str> = report["refused"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(refused.iter().any(|name| name.contains("religion")), "{refused:?}");
    assert!(refused.iter().any(|name| name.contains("contact_list")), "{refused:?}");
    let exported = String::from_utf8(site.supervisor.get("/v1/cases/export").await.file()).unwrap();
    for text in ["Pastafarian", "+351999888777"] {
        assert!(!exported.contains(text), "{text} was stored");
    }
}

async fn bodies_that_are_no_request_are_refused(site: &mut Deployment) {
    let case = "00000000-0000-7000-8000-000000000000";
    let posts = [
        ("/v1/plans", json!({"days": 0}), "bad-request"),
        ("/v1/plans", json!({"days": 99}), "bad-request"),
        ("/v1/plans", json!({"first_day": "someday"}), "bad-request"),
        ("/v1/plans", json!({"iterations": -1}), "bad-request"),
        ("/v1/plans", json!({}), "nothing-to-plan"),
        (
            "/v1/approvals",
            json!({"kind": "person.eat", "subject": case, "reason": "x"}),
            "bad-request",
        ),
        (
            "/v1/approvals",
            json!({"kind": "person.erase", "subject": case, "reason": "Anna asked!"}),
            "bad-request",
        ),
        ("/v1/approvals", json!("text"), "bad-request"),
    ];
    let before = site.entries().await;
    for (path, body, code) in posts {
        let answer = site.supervisor.post(path, &body).await;
        assert_eq!(answer.code().as_deref(), Some(code), "{path} {body}: {}", answer.text());
        answer.problem(code);
    }
    let gets = [
        ("/v1/cases/not-an-id".to_owned(), "bad-request"),
        (format!("/v1/cases/{case}"), "not-found"),
        (format!("/v1/plans/{case}"), "not-found"),
        (format!("/v1/imports/{case}"), "not-found"),
        ("/v1/cases?limit=many".to_owned(), "bad-request"),
        ("/v1/cases?status=asleep".to_owned(), "bad-request"),
        ("/v1/cases?sort=shoe_size".to_owned(), "bad-request"),
        ("/v1/log/other".to_owned(), "not-found"),
        ("/v1/log/events/proofs/99999999".to_owned(), "not-found"),
        ("/v1/nothing".to_owned(), "not-found"),
    ];
    for (path, code) in gets {
        let answer = site.supervisor.get(&path).await;
        assert_eq!(answer.code().as_deref(), Some(code), "{path}: {}", answer.text());
        answer.problem(code);
    }
    assert_eq!(
        site.entries().await,
        before,
        "a refused request changes and reads nothing"
    );
}

async fn a_full_disk_refuses_and_loses_nothing(site: &mut Deployment) {
    site.supervisor
        .import(lines_of(&sample("porto-cases.csv"), |line| line < 10))
        .await;
    let before = site.rows_of_files().await;
    // Each engine is made to say what it says when its disk is full.
    let (full, free): (&[&str], &[&str]) = match site.engine {
        Engine::Sqlite => (&["PRAGMA max_page_count = 1"], &["PRAGMA max_page_count = 1073741823"]),
        Engine::Postgres => (
            &[
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS \
                 'BEGIN RAISE EXCEPTION ''No space left on device'' USING ERRCODE = ''53100''; END'",
                "CREATE TRIGGER full_disk BEFORE INSERT ON cases EXECUTE FUNCTION full_disk()",
            ],
            &["DROP TRIGGER full_disk ON cases"],
        ),
    };
    for sql in full {
        site.app().store().tamper(sql).await.unwrap();
    }
    let refused = site.supervisor.upload("/v1/imports", sample("porto-cases.csv")).await;
    assert_eq!(refused.status, 507, "{}", refused.text());
    refused.problem("disk-full");
    assert_eq!(site.rows_of_files().await, before);
    assert_eq!(site.supervisor.get("/health").await.status, 200);
    for sql in free {
        site.app().store().tamper(sql).await.unwrap();
    }
    let report = site.supervisor.import(sample("porto-cases.csv")).await;
    assert_eq!(report["counts"], json!({"accept": 590, "duplicate": 10}), "{report}");
    site.export().await.holds();
}
