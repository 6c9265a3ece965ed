//! Tests of the whole router, in process and without a socket: refusals, limits, headers, the document.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use doorstep_domain::measure::{Clock, Micros};
use doorstep_wire::problem::{PROBLEM_JSON, Problem};
use tokio::sync::watch;
use tower::ServiceExt;

use super::*;
use crate::config::Config;
use crate::folder::{InitOptions, init, open_app};
use crate::http::state::Parts;
use crate::jobs::Pulse;
use crate::telemetry::metrics::Metrics;

/// Routes that answer callers without a session; every other refuses them.
const FOR_ANYBODY: &[(&str, &str)] = &[
    ("get", "/health"),
    ("get", "/ready"),
    ("post", "/v1/sessions"),
    ("post", "/v1/devices"),
    ("post", "/v1/device-sessions"),
    ("get", "/v1/receipts/{ref}"),
];

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Micros {
        Micros::from_seconds(1_800_000_000)
    }
}

/// A router over a fresh data folder.
struct Bench {
    router: Router,
    state: State,
    admin: (String, String),
    _folder: tempfile::TempDir,
}

async fn bench(change: impl FnOnce(&mut Config)) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let made = init(folder.path(), &InitOptions::named("Test"), Arc::new(Fixed))
        .await
        .unwrap();
    let mut config = Config::load(folder.path()).unwrap();
    change(&mut config);
    let app = open_app(folder.path(), &config, Arc::new(Fixed)).await.unwrap();
    let state = State::new(Parts {
        app,
        config,
        folder: folder.path().to_owned(),
        metrics: Metrics::default(),
        sequencer: Pulse::default(),
        stopping: watch::Sender::new(false).subscribe(),
    });
    let admin = (made.logins[0].login.clone(), made.logins[0].password.clone());
    Bench {
        router: router(&state),
        state,
        admin,
        _folder: folder,
    }
}

struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answered {
    /// The code of the problem that this must be.
    fn code(&self) -> String {
        assert_eq!(self.headers[header::CONTENT_TYPE], PROBLEM_JSON);
        let problem: Problem = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem.status, self.status.as_u16());
        assert!(!problem.detail.is_empty());
        problem.code
    }
}

impl Bench {
    async fn ask(&self, request: Request<Body>) -> Answered {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let body = to_bytes(body, 4 * 1024 * 1024).await.unwrap().to_vec();
        Answered {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }
    async fn get(&self, path: &str) -> Answered {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }
    async fn token(&self) -> String {
        let body = serde_json::json!({"login": self.admin.0, "password": self.admin.1});
        let answer = self
            .ask(
                Request::post("/v1/sessions")
                    .body(Body::from(body.to_string()))
                    .unwrap(),
            )
            .await;
        assert_eq!(answer.status, StatusCode::CREATED);
        let answer: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        answer["token"].as_str().unwrap().to_owned()
    }
}

#[test]
fn the_document_is_the_snapshot() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let now = document().to_pretty_json().unwrap() + "\n";
    if std::env::var_os("DOORSTEP_BLESS").is_some() {
        std::fs::write(path, &now).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        now == kept,
        "the interface changed; look at the difference after `DOORSTEP_BLESS=1 cargo test -p doorstep-server`"
    );
}

#[test]
fn every_route_names_its_problems() {
    let document = serde_json::to_value(document()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (verb, operation) in item.as_object().unwrap() {
            assert!(
                !operation["summary"].as_str().unwrap_or_default().is_empty(),
                "{verb} {path}"
            );
            let problems = operation["responses"].as_object().unwrap().values();
            let problems = problems
                .filter(|response| response["content"].get(PROBLEM_JSON).is_some())
                .count();
            assert!(problems > 0 || path == "/health", "{verb} {path}");
        }
    }
}

#[tokio::test]
async fn strangers_are_refused_by_every_route_but_a_few() {
    let bench = bench(|_| {}).await;
    let document = serde_json::to_value(document()).unwrap();
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for verb in item.as_object().unwrap().keys() {
            // Neither ids nor bodies are well formed: a stranger must not even learn that.
            let uri = path.replace(['{', '}'], "x");
            let request = Request::builder().method(verb.to_uppercase().as_str()).uri(uri);
            let answer = bench.ask(request.body(Body::from("no json")).unwrap()).await;
            if FOR_ANYBODY.contains(&(verb.as_str(), path.as_str())) {
                assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{verb} {path}");
            } else {
                assert_eq!(
                    (answer.status, answer.code().as_str()),
                    (StatusCode::UNAUTHORIZED, "not-signed-in"),
                    "{verb} {path}"
                );
            }
            asked += 1;
        }
    }
    assert!(asked > 35, "the document lost routes: {asked}");
}

#[tokio::test]
async fn a_made_up_token_is_refused() {
    let bench = bench(|_| {}).await;
    let request = Request::get("/v1/me")
        .header(header::AUTHORIZATION, "Bearer made-up")
        .body(Body::empty());
    assert_eq!(bench.ask(request.unwrap()).await.code(), "not-signed-in");
}

#[tokio::test]
async fn signing_in_and_out_works_from_end_to_end() {
    let bench = bench(|_| {}).await;
    let token = format!("Bearer {}", bench.token().await);
    let me = |method: &str, path: &str| {
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, &token)
            .body(Body::empty())
            .unwrap()
    };
    let answer = bench.ask(me("GET", "/v1/me")).await;
    let who: doorstep_wire::session::Me = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(who.role, "administrator");
    assert_eq!(
        bench.ask(me("DELETE", "/v1/sessions/current")).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(bench.ask(me("GET", "/v1/me")).await.code(), "not-signed-in");
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems() {
    let bench = bench(|_| {}).await;
    assert_eq!(bench.get("/v1/nothing").await.code(), "not-found");
    assert_eq!(bench.get("/elsewhere").await.code(), "not-found");
    let answer = bench
        .ask(Request::patch("/v1/cases").body(Body::empty()).unwrap())
        .await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (405, "bad-request"));
}

#[tokio::test]
async fn every_answer_has_its_headers() {
    let bench = bench(|_| {}).await;
    for path in ["/health", "/docs", "/v1/openapi.json", "/v1/me", "/v1/nothing"] {
        let headers = bench.get(path).await.headers;
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
        assert_eq!(headers[header::CACHE_CONTROL], "no-store", "{path}");
        assert_eq!(headers[header::REFERRER_POLICY], "no-referrer", "{path}");
        assert_eq!(headers["x-request-id"].len(), 16, "{path}");
    }
}

#[tokio::test]
async fn malformed_json_is_refused_with_its_place() {
    let bench = bench(|_| {}).await;
    let answer = bench
        .ask(Request::post("/v1/sessions").body(Body::from("{\"login\": }")).unwrap())
        .await;
    assert_eq!(answer.code(), "bad-request");
    let problem: Problem = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(problem.place.as_deref(), Some("line 1, column 11"));
}

#[tokio::test]
async fn a_file_over_the_limit_is_refused_before_it_is_read() {
    let bench = bench(|config| config.import_bytes_max = 1_000).await;
    let token = format!("Bearer {}", bench.token().await);
    let import = || Request::post("/v1/staff/import").header(header::AUTHORIZATION, &token);
    // The body would fail the test if it were read.
    let unread = Body::from_stream(tokio_stream::once(Err::<&[u8], _>(std::io::Error::other(
        "it was read",
    ))));
    let answer = bench
        .ask(
            import()
                .header(header::CONTENT_LENGTH, "2147483648")
                .body(unread)
                .unwrap(),
        )
        .await;
    assert_eq!(answer.code(), "too-large");
    assert_eq!(answer.headers[header::CONNECTION], "close");
    let chunked = Body::from_stream(tokio_stream::iter(
        [600, 600].map(|length| Ok::<_, std::io::Error>(vec![b'a'; length])),
    ));
    assert_eq!(bench.ask(import().body(chunked).unwrap()).await.code(), "too-large");
}

#[tokio::test]
async fn what_is_too_much_at_once_is_told_to_try_again() {
    let bench = bench(|config| config.requests_max = 1).await;
    let place = bench.state.requests().clone().try_acquire_owned().unwrap();
    assert_eq!(bench.get("/v1/me").await.code(), "busy");
    assert_eq!(
        bench.get("/health").await.status,
        StatusCode::OK,
        "health is asked outside of the crowd"
    );
    drop(place);
    assert_eq!(bench.get("/v1/me").await.code(), "not-signed-in");
}

#[tokio::test]
async fn it_is_ready_only_while_the_sequencer_works() {
    let bench = bench(|_| {}).await;
    assert_eq!(bench.get("/ready").await.code(), "busy");
    bench.state.sequencer().beat();
    assert_eq!(bench.get("/ready").await.status, StatusCode::OK);
    bench.state.app().store().close().await;
    assert_eq!(bench.get("/ready").await.code(), "busy");
}

#[tokio::test]
async fn a_panic_shows_nothing_of_itself() {
    async fn handler() {
        panic!("Anna Schmidt, Hauptstr. 1")
    }
    let panics = Router::new()
        .route("/", get(handler))
        .layer(CatchPanicLayer::custom(layers::panicked));
    let response = panics
        .oneshot(Request::get("/").body(Body::empty()).unwrap())
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let body = to_bytes(response.into_body(), 10_000).await.unwrap();
    let problem: Problem = serde_json::from_slice(&body).unwrap();
    assert_eq!(problem.code, "internal");
    assert!(!problem.detail.contains("Schmidt"));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_takes_too_long_is_ended() {
    let slow = Router::new()
        .route("/", get(std::future::pending::<()>))
        .layer(from_fn_with_state(Duration::from_secs(30), layers::within));
    let response = slow
        .oneshot(Request::get("/").body(Body::empty()).unwrap())
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()[header::RETRY_AFTER], "1");
}

#[tokio::test]
async fn metrics_count_by_template_and_never_by_what_was_sent() {
    let bench = bench(|_| {}).await;
    bench
        .get("/v1/cases/0198c5a0-0000-7000-8000-000000000001?search=Schmidt")
        .await;
    bench.get("/v1/Schmidt").await;
    let text = bench.state.metrics().text(None, None);
    assert!(text.contains("route=\"/v1/cases/{id}\",status=\"401\""), "{text}");
    assert!(text.contains("route=\"unmatched\",status=\"404\""), "{text}");
    assert!(!text.contains("Schmidt") && !text.contains("0198c5a0"), "{text}");
}
