//! The interface under `/v1`: one file per noun; handlers only extract, authorise, call one use case and map the answer.
//!
//! Knows no SQL and no rule. Start with `router`, which puts the nouns together with what every request passes through.

mod agency;
mod agreement;
mod alarm;
mod answer;
mod approval;
mod bundle;
mod case;
mod client;
mod complaint;
mod conflict;
mod contact;
mod credential;
mod device;
mod docs;
mod export_lines;
mod extract;
mod flag;
mod health;
mod import;
pub(crate) mod layers;
mod leaflet;
mod letter;
mod live;
pub(crate) mod log;
mod notice;
mod notice_html;
mod notice_page;
mod odds;
mod openapi;
mod org;
mod payment;
mod person;
mod plan;
pub(crate) mod problem;
mod quality;
mod read;
mod recall;
mod receipt;
mod receipt_page;
mod recorder;
mod recording;
mod report;
mod retention;
mod review;
mod right;
mod rules;
mod session;
mod spool;
mod staff;
pub(crate) mod state;
mod sync;
mod training;
mod visit;
mod wish;
mod work;

use std::time::Duration;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::telemetry::observe;
use state::State;

fn quick_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .merge(session::routes())
        .merge(agency::routes())
        .merge(agreement::routes())
        .merge(org::routes())
        .merge(staff::routes())
        .merge(credential::routes())
        .merge(flag::routes())
        .merge(import::routes())
        .merge(case::routes())
        .merge(contact::routes())
        .merge(payment::routes())
        .merge(plan::routes())
        .merge(odds::routes())
        .merge(device::routes())
        .merge(sync::routes())
        .merge(visit::routes())
        .merge(alarm::routes())
        .merge(live::routes())
        .merge(report::routes())
        .merge(retention::routes())
        .merge(review::routes())
        .merge(right::routes())
        .merge(wish::routes())
        .merge(conflict::routes())
        .merge(complaint::routes())
        .merge(quality::routes())
        .merge(approval::routes())
        .merge(person::routes())
        .merge(read::routes())
        .merge(log::routes())
        .merge(recall::routes())
        .merge(receipt::routes())
        .merge(recorder::routes())
        .merge(recording::routes())
        .merge(notice::routes())
        .merge(work::routes())
        .merge(letter::routes())
        .merge(leaflet::routes())
        .merge(training::routes())
}

fn long_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .merge(staff::long_routes())
        .merge(import::long_routes())
        .merge(case::long_routes())
        .merge(contact::long_routes())
        .merge(payment::long_routes())
        .merge(rules::long_routes())
        .merge(plan::long_routes())
        .merge(odds::long_routes())
        .merge(retention::long_routes())
        .merge(log::long_routes())
        .merge(bundle::long_routes())
        .merge(recording::long_routes())
        .merge(work::long_routes())
}

fn routes_under(limits: [Duration; 2]) -> OpenApiRouter<State> {
    let [quick, long] = limits;
    // A stream of wake-ups answers at once and is then outside of these limits.
    OpenApiRouter::with_openapi(openapi::base())
        .merge(quick_routes().layer(from_fn_with_state(quick, layers::within)))
        .merge(long_routes().layer(from_fn_with_state(long, layers::within)))
}

/// The `OpenAPI` document of this version.
#[must_use]
pub fn document() -> OpenApi {
    routes_under([Duration::ZERO; 2]).merge(health::routes()).into_openapi()
}

/// All routes with what every request passes through.
pub(crate) fn router(state: &State) -> Router {
    let config = state.config();
    let seconds = |seconds: u32| Duration::from_secs(u64::from(seconds));
    let limits = [seconds(config.request_s_max), seconds(config.long_request_s_max)];
    let (worked, _) = routes_under(limits).split_for_parts();
    let (health, _) = health::routes().split_for_parts();
    let documents = openapi::Documents::of(document());
    let documentation = Router::new()
        .route("/v1/openapi.json", get(openapi::json))
        .route("/docs", get(openapi::page))
        .with_state(documents);
    // Outermost last: a request is observed, then gets its headers, then is caught when it panics.
    worked
        .layer(from_fn_with_state(state.clone(), layers::crowd))
        .merge(health)
        .merge(notice_page::routes())
        .with_state(state.clone())
        .merge(documentation)
        .fallback(layers::no_route)
        .method_not_allowed_fallback(layers::no_method)
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(from_fn(layers::headers))
        .layer(from_fn_with_state(state.clone(), observe::observe))
}

#[cfg(test)]
#[path = "router_tests.rs"]
mod tests;
