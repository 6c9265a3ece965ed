//! Tests of the mapping from problems to HTTP.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;

#[test]
fn every_code_keeps_its_status_and_type() {
    for code in ProblemCode::ALL {
        let response = Refusal::new(*code, "Do something.").into_response();
        assert_eq!(response.status().as_u16(), code.status(), "{}", code.code());
        assert_eq!(response.headers()[header::CONTENT_TYPE], PROBLEM_JSON);
    }
}

#[test]
fn statuses_bring_the_headers_that_callers_act_on() {
    let headers = |code| Refusal::new(code, "").into_response().headers().clone();
    assert_eq!(headers(ProblemCode::NotSignedIn)[header::WWW_AUTHENTICATE], "Bearer");
    assert_eq!(headers(ProblemCode::Busy)[header::RETRY_AFTER], "1");
    assert_eq!(headers(ProblemCode::TooLarge)[header::CONNECTION], "close");
    assert!(headers(ProblemCode::NotFound).get(header::RETRY_AFTER).is_none());
}

#[test]
fn an_inner_fault_shows_nothing_of_its_cause() {
    let refusal = Refusal::from(AppError::Fault("the secret cause"));
    assert_eq!(refusal.problem().code, "internal");
    assert!(!serde_json::to_string(refusal.problem()).unwrap().contains("secret"));
}

#[test]
fn causes_are_said_once_each() {
    #[derive(Debug, thiserror::Error)]
    #[error("inner")]
    struct Inner;
    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] Inner);
    #[derive(Debug, thiserror::Error)]
    #[error(transparent)]
    struct Passed(Outer);
    assert_eq!(causes(&Passed(Outer(Inner))), "outer: inner");
}

#[test]
fn codes_of_one_status_share_a_documented_response() {
    let map = responses(&[
        &[ProblemCode::Changed],
        &[ProblemCode::FileLocked, ProblemCode::FileEncoding],
    ]);
    assert_eq!(map.keys().collect::<Vec<_>>(), ["412", "422"]);
    let RefOr::T(both) = &map["422"] else {
        unreachable!("responses are written out")
    };
    assert!(both.description.contains("`file-locked`") && both.description.contains("`file-encoding`"));
}
