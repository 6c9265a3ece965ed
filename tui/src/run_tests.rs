//! Tests of whole command lines: definition and help, and commands against a server that answers from a list.

use super::*;
use clap::CommandFactory;
use serde_json::{Value, json};
use std::path::Path;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A request as the server got it.
#[derive(Debug)]
struct Got {
    line: String,
    head: String,
    body: Vec<u8>,
}

/// Answers each request with the next of `answers` and hands back what was asked.
async fn serve(answers: Vec<(u16, Value)>) -> (String, tokio::task::JoinHandle<Vec<Got>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        let mut got = Vec::new();
        for (status, answer) in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            got.push(receive(&mut stream).await);
            let body = serde_json::to_vec(&answer).unwrap();
            let head = format!(
                "HTTP/1.1 {status} x\r\nx-request-id: r-77\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all(&[head.as_bytes(), &body].concat()).await.unwrap();
        }
        got
    });
    (server, task)
}

async fn receive(stream: &mut tokio::net::TcpStream) -> Got {
    let mut bytes = Vec::new();
    let end = loop {
        stream.read_buf(&mut bytes).await.unwrap();
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap_or("0");
    let length: usize = length.parse().unwrap();
    while bytes.len() < end + length {
        stream.read_buf(&mut bytes).await.unwrap();
    }
    let line = String::from_utf8_lossy(&bytes).lines().next().unwrap().to_owned();
    Got {
        line,
        head,
        body: bytes[end..].to_vec(),
    }
}

fn me() -> Value {
    let id = "0190a1b2-c3d4-7e5f-8a6b-000000000001";
    json!({ "tenant": id, "staff": id, "role": "supervisor", "team": null, "agency": null })
}

/// An environment that is signed in at the server.
fn signed_in(folder: &Path, server: &str) -> Env {
    let file = folder.join("session.json");
    let session = json!({ "server": server, "token": "secret", "expires": 0, "me": me() });
    std::fs::write(&file, session.to_string()).unwrap();
    Env {
        session_file: file,
        ..Env::read(|_| None)
    }
}

async fn run_in(env: &Env, args: &[&str], out: &mut Captured) -> Exit {
    run(args.iter().copied(), env, out).await
}

fn report(recalled: u64, import: Option<&str>) -> Value {
    json!({
        "import": import, "state": if import.is_some() { "landed" } else { "preview" }, "encoding": "utf-8",
        "delimiter": ",", "columns": ["案件编号 → case_no"], "unknown": [], "refused": ["宗教"],
        "counts": { "accept": 2, "reject": 1 }, "created": 2, "updated": 0, "recalled": recalled,
        "rows": [{ "line": 4, "case_no": "丙-3", "result": "reject", "reasons": ["no-coordinates"],
                   "words": "缺少坐标", "case": null, "action": "none" }],
        "give_back": false
    })
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[tokio::test]
async fn help_lists_the_commands() {
    let mut out = Captured::default();
    let env = Env::read(|_| None);
    assert_eq!(run_in(&env, &["--help"], &mut out).await, Exit::Done);
    let expected = "\
Plans, routes and logs home visits, and afterwards proves what happened

Usage: doorstep [OPTIONS] [COMMAND]

Commands:
  screen       Open the screens: of field staff on an enrolled device, otherwise of the office
  keys         List what the screens can do: names, keys, and the same on the command line
  demo         Open the screens in a made-up town, or walk the whole path in it as commands
  init         Make a data folder with a tenant and its administrator
";
    assert!(out.text().starts_with(expected), "{}", out.text());
    for line in [
        "  verify       Verify an export, a proof or a receipt, offline\n",
        "      --json              One JSON document instead of text\n",
        "Exit status: 0 done, 1 refused or a check failed, 2 wrong usage, 3 server not reached.\n",
    ] {
        assert!(out.text().contains(line), "{line}{}", out.text());
    }
    let mut out = Captured::default();
    assert_eq!(run_in(&env, &["case", "lst"], &mut out).await, Exit::Usage);
    assert!(out.data.is_empty() && out.talk.contains("list"), "{}", out.talk);
}

#[tokio::test]
async fn signing_in_keeps_a_session_that_later_commands_use() {
    let folder = tempfile::tempdir().unwrap();
    let answers = vec![
        (
            201,
            json!({ "token": "secret", "expires": 1_767_229_200_000_000_i64, "me": me() }),
        ),
        (200, me()),
    ];
    let (server, task) = serve(answers).await;
    let env = Env {
        session_file: folder.path().join("state").join("session.json"),
        server: Some(server.clone()),
        ..Env::read(|_| None)
    };
    let mut out = Captured {
        input: "pass-word\n".to_owned(),
        ..Captured::default()
    };
    let exit = run_in(&env, &["login", "--user", "S1", "--password-stdin"], &mut out).await;
    assert_eq!(exit, Exit::Done, "{}", out.talk);
    assert!(!out.text().contains("secret"), "{}", out.text());
    let later = Env {
        server: None,
        ..env.clone()
    };
    let mut out = Captured::default();
    assert_eq!(
        run_in(&later, &["whoami", "--json", "--lang", "zh-CN"], &mut out).await,
        Exit::Done,
        "{}",
        out.talk
    );
    assert_eq!(serde_json::from_slice::<Value>(&out.data).unwrap(), me());
    let got = task.await.unwrap();
    assert_eq!(got[0].line, "POST /v1/sessions HTTP/1.1");
    assert_eq!(
        serde_json::from_slice::<Value>(&got[0].body).unwrap(),
        json!({ "login": "S1", "password": "pass-word" })
    );
    assert!(got[1].head.contains("authorization: bearer secret"), "{}", got[1].head);
    assert!(got[1].head.contains("accept-language: zh-cn"), "{}", got[1].head);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&env.session_file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let elsewhere = Env {
        server: Some("http://127.0.0.1:1".to_owned()),
        ..env
    };
    let mut out = Captured::default();
    assert_eq!(
        run_in(&elsewhere, &["whoami"], &mut out).await,
        Exit::Failed,
        "a token stays with its server"
    );
    assert!(out.talk.contains("not signed in"), "{}", out.talk);
}

#[tokio::test]
async fn a_complete_file_is_previewed_and_its_recall_confirmed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.csv");
    std::fs::write(&file, "案件编号\n丙-3\n").unwrap();
    let id = "0190a1b2-c3d4-7e5f-8a6b-000000000009";
    let (server, task) = serve(vec![(200, report(7, None)), (200, report(7, Some(id)))]).await;
    let env = signed_in(folder.path(), &server);
    let mut out = Captured {
        answers: ["y".to_owned()].into(),
        ..Captured::default()
    };
    let args = [
        "case",
        "import",
        file.to_str().unwrap(),
        "--complete",
        "--portfolio",
        "甲 1",
        "--as-of",
        "2026-01-02",
    ];
    assert_eq!(run_in(&env, &args, &mut out).await, Exit::Done, "{}", out.talk);
    assert!(
        out.talk.contains("Recall 7 cases that the file does not list? [y/N]"),
        "{}",
        out.talk
    );
    assert!(out.talk.contains("preview, nothing changed"), "{}", out.talk);
    assert!(
        out.text()
            .contains("Line  Case  Result    Why\n   4  丙-3  rejected  缺少坐标\n"),
        "{}",
        out.text()
    );
    let got = task.await.unwrap();
    let query = "portfolio=%E7%94%B2+1&as_of=2026-01-02";
    assert_eq!(
        got[0].line,
        format!("POST /v1/imports?dry_run=true&{query}&complete=true HTTP/1.1")
    );
    assert_eq!(
        got[1].line,
        format!("POST /v1/imports?dry_run=false&{query}&complete=true&confirm_recall=7 HTTP/1.1")
    );
    assert_eq!(got[1].body, "案件编号\n丙-3\n".as_bytes());
    assert!(got[1].head.contains("idempotency-key: "), "{}", got[1].head);
}

#[tokio::test]
async fn an_unconfirmed_recall_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.csv");
    std::fs::write(&file, "x").unwrap();
    let args = ["case", "import", file.to_str().unwrap(), "--complete", "--json"];
    for (answers, exit, code) in [
        (vec!["n".to_owned()], Exit::Failed, "declined"),
        (Vec::new(), Exit::Usage, "nobody-to-ask"),
    ] {
        let (server, task) = serve(vec![(200, report(7, None))]).await;
        let env = signed_in(folder.path(), &server);
        let mut out = Captured {
            answers: answers.into(),
            ..Captured::default()
        };
        assert_eq!(run_in(&env, &args, &mut out).await, exit);
        let document: Value = serde_json::from_slice(&out.data).unwrap();
        assert_eq!(document["problem"]["code"], code);
        assert_eq!(task.await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn refusals_and_missing_servers_have_their_own_exit() {
    let folder = tempfile::tempdir().unwrap();
    let problem = json!({
        "type": "urn:doorstep:problem:not-allowed", "title": "Not allowed", "status": 403, "code": "not-allowed",
        "detail": "Ask\u{1b}[2J a supervisor."
    });
    let (server, task) = serve(vec![(403, problem), (502, json!("proxy"))]).await;
    let env = signed_in(folder.path(), &server);
    let mut out = Captured::default();
    assert_eq!(run_in(&env, &["plan", "list"], &mut out).await, Exit::Failed);
    assert_eq!(
        (out.text().as_str(), out.talk.as_str()),
        ("", "Not allowed\nAsk[2J a supervisor.\ncode: not-allowed\n")
    );
    let mut out = Captured::default();
    assert_eq!(run_in(&env, &["plan", "list"], &mut out).await, Exit::Failed);
    assert!(out.talk.contains("not Doorstep's (status 502)"), "{}", out.talk);
    assert_eq!(task.await.unwrap().len(), 2);
    let mut out = Captured::default();
    assert_eq!(
        run_in(&env, &["plan", "list", "--lang", "zh-CN"], &mut out).await,
        Exit::Unreachable
    );
    assert!(out.talk.contains("无法连接"), "{}", out.talk);
}

#[tokio::test]
async fn a_failed_request_is_named_and_an_export_that_breaks_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let problem = json!({
        "type": "urn:doorstep:problem:internal", "title": "Something went wrong here", "status": 500,
        "code": "internal", "detail": "Tell your administrator the id."
    });
    let (server, task) = serve(vec![(500, problem), (200, json!("cut off"))]).await;
    let env = signed_in(folder.path(), &server);
    let mut out = Captured::default();
    assert_eq!(run_in(&env, &["plan", "list"], &mut out).await, Exit::Failed);
    assert!(out.talk.contains("server's log: r-77\n"), "{}", out.talk);
    let mut out = Captured::default();
    let to = folder.path().join("out");
    let to = to.to_str().unwrap();
    assert_eq!(run_in(&env, &["log", "export", to], &mut out).await, Exit::Unreachable);
    assert!(out.talk.contains("broke after 0 files"), "{}", out.talk);
    assert!(!std::path::Path::new(to).exists() && !std::path::Path::new(&format!("{to}.partial")).exists());
    assert_eq!(task.await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_list_goes_through_all_pages() {
    let folder = tempfile::tempdir().unwrap();
    let id = "0190a1b2-c3d4-7e5f-8a6b-000000000003";
    let alarm = json!({ "id": id, "visit": id, "kind": "check-out-overdue", "state": "open", "raised_at": 0 , "zone": "Asia/Shanghai"});
    let pages = vec![
        (200, json!({ "items": [alarm], "next": "n/1" })),
        (200, json!({ "items": [alarm] })),
    ];
    let (server, task) = serve(pages).await;
    let env = signed_in(folder.path(), &server);
    let mut out = Captured::default();
    assert_eq!(
        run_in(
            &env,
            &["alarms", "--lang", "zh-CN", "--zone", "Asia/Shanghai"],
            &mut out
        )
        .await,
        Exit::Done
    );
    let text = out.text();
    let row = format!("{id}  1970-01-01 08:00+08:00  待处理  逾时未签退");
    assert_eq!(text.matches(&row).count(), 2, "{text}");
    assert!(text.starts_with("警报") && text.ends_with("2 个警报\n"), "{text}");
    assert_eq!(task.await.unwrap()[1].line, "GET /v1/alarms?cursor=n%2F1 HTTP/1.1");
}

#[tokio::test]
async fn publishing_names_the_version_that_was_seen() {
    let folder = tempfile::tempdir().unwrap();
    let id = "0190a1b2-c3d4-7e5f-8a6b-000000000004";
    let plan = json!({
        "id": id, "team": id, "first_day": "2026-01-02", "days": 1, "state": "proposed", "planned": 1, "left_out": 2,
        "objective": 12_345_678, "travel": "estimate", "findings": [], "packs": "cn@1", "zone": "Asia/Shanghai", "version": 3, "created_at": 0,
        "routes": [{ "id": id, "crew": id, "crew_name": "甲组", "day": "2026-01-02", "depart": 0,
                     "back": 3_600_000_000_i64, "metres": 12_345, "driving": 900, "visits": [{
                         "visit": id, "case": id, "case_no": "丙-3", "arrive": 0, "starts": 0,
                         "ends": 600_000_000, "value": 12_000_000 }] }],
        "reasons": [{ "reason": "cn.cease", "words": "要求停止联系", "cases": 2 }]
    });
    let (server, task) = serve(vec![(200, plan.clone()), (200, plan.clone()), (200, plan)]).await;
    let env = signed_in(folder.path(), &server);
    let mut out = Captured::default();
    assert_eq!(
        run_in(&env, &["plan", "show", id], &mut out).await,
        Exit::Done,
        "{}",
        out.talk
    );
    for line in [
        "worth                  12.34\n",
        "travel times           estimated: great circle × factor\n",
        "2026-01-02 甲组: leaves 08:00, back 09:00, 12.3 km, 0:15 under way, 1 visit\n",
        "1  08:00   08:00  08:10  丙-3  12.00  0190a1b2-c3d4-7e5f-8a6b-000000000004\n",
        "             2  要求停止联系  cn.cease\n",
    ] {
        assert!(out.text().contains(line), "{line}{}", out.text());
    }
    let mut out = Captured::default();
    assert_eq!(
        run_in(&env, &["plan", "publish", id, "--yes"], &mut out).await,
        Exit::Done,
        "{}",
        out.talk
    );
    let got = task.await.unwrap();
    assert_eq!(got[2].line, format!("POST /v1/plans/{id}/publish HTTP/1.1"));
    assert!(got[2].head.contains("if-match: \"3\"\r\n"), "{}", got[2].head);
}

#[tokio::test]
async fn a_case_is_found_by_its_number_and_shown_in_its_own_zone() {
    let folder = tempfile::tempdir().unwrap();
    let id = "0190a1b2-c3d4-7e5f-8a6b-000000000005";
    let amount = json!({ "total": 900, "parts": null, "currency": "CNY", "text": "9.00",
                         "as_of": 1_767_229_200_000_000_i64, "stale": true });
    let item = json!({
        "id": id, "case_no": "丙-3", "portfolio": "P", "name": "王小明", "phone": "13800000000", "address": "文三路 1 号",
        "status": "open", "stage": "M2", "days_past_due": 41, "amount": amount, "flags": ["cease_contact"], "version": 1
    });
    let mut detail = item.clone();
    let more = json!({
        "person": id, "zone": "Asia/Shanghai", "country": "CN", "region": "Zhejiang", "address_state": "current",
        "point": [302_800_000, 1_201_500_000], "datum": "GCJ-02", "available": null, "visits_before": 1,
        "contacts": [{ "at": 1_767_229_200_000_000_i64, "channel": "call", "outcome": null }], "visits": [],
        "verdict": { "effect": "block", "findings": [{ "rule": "cn.cease", "effect": "block", "sentence": "不得外访。",
                     "citation": "第 9 条", "confidence": "Q", "until": null }], "required": [], "staff_min": 2,
                     "checked": [], "packs": ["cn@1"], "digest": "" }
    });
    detail
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let (server, task) = serve(vec![(200, json!({ "items": [item] })), (200, detail)]).await;
    let env = signed_in(folder.path(), &server);
    let mut out = Captured::default();
    let args = ["case", "show", "丙-3", "--lang", "zh-CN"];
    assert_eq!(run_in(&env, &args, &mut out).await, Exit::Done, "{}", out.talk);
    for line in [
        "金额        9.00 CNY（已过期）\n",
        "金额截至    2026-01-01 09:00+08:00\n",
        "标签        要求停止联系\n",
        "位置        30.2800000, 120.1500000 (WGS-84; 来源 GCJ-02)\n",
        "电话  2026-01-01 09:00+08:00  –\n",
        "  第 9 条 (Q)\n",
    ] {
        assert!(out.text().contains(line), "{line}{}", out.text());
    }
    assert_eq!(task.await.unwrap()[1].line, format!("GET /v1/cases/{id} HTTP/1.1"));
}

#[tokio::test]
async fn a_pin_is_asked_for_twice_and_never_by_an_option() {
    let folder = tempfile::tempdir().unwrap();
    let env = Env {
        device_dir: folder.path().join("device"),
        ..Env::read(|_| None)
    };
    let enrol = [
        "device",
        "enrol",
        "CODE",
        "--tenant",
        "0190a1b2-c3d4-7e5f-8a6b-000000000001",
    ];
    let answers: [(&[&str], Exit, &str); 4] = [
        (&[], Exit::Usage, "nobody-to-ask"),
        (&["123456"], Exit::Usage, "pin-weak"),
        (&["246813"], Exit::Usage, "nobody-to-ask"),
        (&["246813", "246814"], Exit::Failed, "passwords-differ"),
    ];
    for (typed, exit, code) in answers {
        let mut out = Captured {
            answers: typed.iter().map(|one| (*one).to_owned()).collect(),
            ..Captured::default()
        };
        assert_eq!(run_in(&env, &enrol, &mut out).await, exit, "{typed:?}: {}", out.talk);
        assert!(out.talk.contains(code), "{typed:?}: {}", out.talk);
    }
    assert!(!env.device_dir.exists(), "nothing was made");
    // Nobody is asked for the PIN of a device that is none.
    let mut out = Captured::default();
    assert_eq!(run_in(&env, &["visit", "route"], &mut out).await, Exit::Failed);
    assert!(out.talk.contains("not-enrolled"), "{}", out.talk);
}
