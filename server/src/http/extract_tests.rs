//! Tests of what handlers take from requests.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use axum::http::HeaderValue;

#[test]
fn the_language_with_the_highest_weight_is_taken() {
    for (asked, expected) in [
        ("", Lang::En),
        ("zh", Lang::Zh),
        ("zh-Hans-CN", Lang::Zh),
        ("fr, zh;q=0.5, en;q=0.8", Lang::En),
        ("de, zh;q=0.9, en;q=0.85", Lang::Zh),
        ("en;q=0, zh;q=0.1", Lang::Zh),
        ("zh;q=x", Lang::En),
        ("*", Lang::En),
    ] {
        assert_eq!(language(asked), expected, "{asked}");
    }
}

#[test]
fn only_a_bearer_token_counts() {
    let of = |text: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static(text));
        bearer(&headers).map(str::to_owned)
    };
    assert_eq!(of("Bearer abc"), Some("abc".to_owned()));
    assert_eq!(of("bearer  abc"), Some("abc".to_owned()));
    for wrong in ["Basic abc", "Bearer ", "Bearer", "abc"] {
        assert_eq!(of(wrong), None, "{wrong}");
    }
}

#[test]
fn malformed_json_is_refused_with_its_place() {
    let refusal = parse::<doorstep_wire::session::SignIn>(b"{\"login\": \"a\",\n \"password\": 3}").unwrap_err();
    assert_eq!(refusal.problem().code, "bad-request");
    assert_eq!(refusal.problem().place.as_deref(), Some("line 2, column 14"));
}

async fn if_match(value: Option<&'static str>) -> Result<i64, String> {
    let mut request = axum::http::Request::builder();
    if let Some(value) = value {
        request = request.header(header::IF_MATCH, value);
    }
    let (mut parts, ()) = request.body(()).unwrap().into_parts();
    let found = IfMatch::from_request_parts(&mut parts, &()).await;
    found
        .map(|found| found.0)
        .map_err(|refusal| refusal.problem().code.clone())
}

#[tokio::test]
async fn a_version_is_one_quoted_number() {
    assert_eq!(if_match(Some("\"3\"")).await, Ok(3));
    assert_eq!(if_match(None).await, Err("if-match-missing".to_owned()));
    for wrong in ["3", "*", "W/\"3\"", "\"3\", \"4\"", "\"x\""] {
        assert_eq!(if_match(Some(wrong)).await, Err("bad-request".to_owned()), "{wrong}");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_with_and_without_a_length() {
    let mut headers = HeaderMap::new();
    let refusal = read(&headers, Body::from(vec![b'x'; 11]), 10).await.unwrap_err();
    assert_eq!(refusal.problem().code, "too-large");
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("11"));
    let refusal = read(&headers, Body::empty(), 10).await.unwrap_err();
    assert_eq!(refusal.problem().code, "too-large");
    let whole = read(&HeaderMap::new(), Body::from(vec![b'x'; 10]), 10).await.unwrap();
    assert_eq!(whole.len(), 10);
}
