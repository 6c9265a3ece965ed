//! Roles: every endpoint of the interface for every role, and who sees whose cases.

use doorstep_app::policy::{Action, may};
use doorstep_app::setup::StaffRequest;
use doorstep_domain::id::{AgencyId, TeamId};
use doorstep_domain::measure::Clock as _;
use doorstep_domain::staff::Role;
use doorstep_store::entry::{By, Entries, EntryKind, ServerEntry};
use doorstep_store::fresh_id;
use doorstep_store::org::Team;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::harness::{Client, Deployment, PASSWORD, csv_cells, csv_text, lines_of, sample};

stories!(
    what_the_policy_forbids_is_refused_everywhere,
    an_agency_sees_only_its_own_cases_and_the_creditor_all,
    an_agency_sees_only_its_own_plans_and_visits,
    an_agency_reaches_nobody_of_the_creditor,
    a_team_reaches_only_its_own_imports,
    a_password_that_somebody_else_set_is_changed_first,
    a_device_acts_for_nobody_in_the_office,
    guessing_locks_out_who_guesses,
);

/// An id that nothing has.
const NOTHING: &str = "00000000-0000-7000-8000-000000000000";

/// Every endpoint with the action that its policy names. `None`: for everybody who is signed in.
const ENDPOINTS: &[(&str, &str, Option<Action>)] = &[
    ("get", "/v1/agencies", Some(Action::SeeStaff)),
    ("post", "/v1/agencies", Some(Action::ManageOrg)),
    ("put", "/v1/agencies/{id}/listed", Some(Action::ManageOrg)),
    ("get", "/v1/agencies/{id}/evaluations", Some(Action::ManageOrg)),
    ("post", "/v1/agencies/{id}/evaluations", Some(Action::ManageOrg)),
    ("post", "/v1/agencies/{id}/listings", Some(Action::ManageOrg)),
    ("post", "/v1/agencies/{id}/recalls", Some(Action::RecallCases)),
    ("get", "/v1/destructions", Some(Action::SeeDestructions)),
    ("get", "/v1/destructions/{id}", Some(Action::SeeDestructions)),
    ("post", "/v1/destructions/{id}/answer", Some(Action::RecallCases)),
    (
        "post",
        "/v1/destructions/{id}/confirm",
        Some(Action::ConfirmDestruction),
    ),
    ("get", "/v1/agreements", Some(Action::SeeCases)),
    ("post", "/v1/agreements", Some(Action::Agree)),
    ("post", "/v1/agreements/schedule", Some(Action::Agree)),
    ("get", "/v1/agreements/{id}", Some(Action::SeeCases)),
    ("post", "/v1/agreements/{id}/end", Some(Action::Agree)),
    ("get", "/v1/agreements/{id}/print", Some(Action::SeeCases)),
    ("get", "/v1/cases/{id}/means", Some(Action::Agree)),
    ("post", "/v1/cases/{id}/means", Some(Action::Agree)),
    ("get", "/v1/cases/{id}/pay", Some(Action::SeeCases)),
    ("get", "/v1/alarms", Some(Action::SeeAlarms)),
    ("post", "/v1/alarms/{id}/acknowledge", Some(Action::AnswerAlarms)),
    ("post", "/v1/alarms/{id}/end", Some(Action::AnswerAlarms)),
    ("post", "/v1/alarms/{id}/extend", Some(Action::AnswerAlarms)),
    ("get", "/v1/approvals", Some(Action::AnswerApproval)),
    ("post", "/v1/approvals", Some(Action::AskApproval)),
    ("post", "/v1/approvals/{id}/answer", Some(Action::AnswerApproval)),
    ("get", "/v1/cases", Some(Action::SeeCases)),
    ("get", "/v1/cases/export", Some(Action::ExportCases)),
    ("get", "/v1/cases/{id}", Some(Action::SeeCases)),
    ("get", "/v1/calm", Some(Action::SeePlans)),
    ("post", "/v1/calm", Some(Action::SetCalm)),
    ("post", "/v1/calm/{id}/end", Some(Action::SetCalm)),
    ("get", "/v1/cases/{id}/addresses", Some(Action::SeeCases)),
    ("post", "/v1/cases/{id}/addresses", Some(Action::EditContact)),
    (
        "post",
        "/v1/cases/{id}/addresses/{address}/verify",
        Some(Action::EditContact),
    ),
    (
        "post",
        "/v1/cases/{id}/addresses/{address}/retire",
        Some(Action::EditContact),
    ),
    ("get", "/v1/cases/{id}/next", Some(Action::SeeCases)),
    ("post", "/v1/cases/{id}/steps", Some(Action::RecordContact)),
    ("post", "/v1/cases/{id}/visit-asks", Some(Action::Plan)),
    ("get", "/v1/cases/{id}/hold", Some(Action::SeeRetention)),
    ("post", "/v1/cases/{id}/hold", Some(Action::HoldCase)),
    ("post", "/v1/cases/{id}/hold/release", Some(Action::HoldCase)),
    ("get", "/v1/cases/{id}/consents", Some(Action::SeeCases)),
    ("post", "/v1/cases/{id}/consents", Some(Action::Restrict)),
    ("get", "/v1/cases/{id}/reads", Some(Action::SeeReads)),
    ("get", "/v1/cases/{id}/verdict", Some(Action::SeeCases)),
    ("get", "/v1/cases/{id}/worth", Some(Action::SeeCases)),
    ("get", "/v1/odds", Some(Action::SeeOddsHistory)),
    ("post", "/v1/odds", Some(Action::TrainOdds)),
    ("get", "/v1/odds/report", Some(Action::SeeOdds)),
    ("get", "/v1/cases/{id}/restrictions", Some(Action::SeeCases)),
    ("post", "/v1/cases/{id}/restrictions", Some(Action::Restrict)),
    (
        "post",
        "/v1/cases/{id}/restrictions/lift",
        Some(Action::LiftRestriction),
    ),
    ("get", "/v1/complaints", Some(Action::SeeComplaints)),
    ("post", "/v1/complaints", Some(Action::OpenComplaint)),
    ("get", "/v1/complaints/{id}", Some(Action::SeeComplaints)),
    ("post", "/v1/complaints/{id}/answer", Some(Action::AnswerComplaint)),
    ("post", "/v1/complaints/{id}/take", Some(Action::AnswerComplaint)),
    ("get", "/v1/conflicts", Some(Action::SeePlans)),
    ("get", "/v1/conflicts/{id}", Some(Action::SeePlans)),
    ("post", "/v1/conflicts/{id}/settle", Some(Action::SettleConflict)),
    ("post", "/v1/consents/{id}/withdraw", Some(Action::Restrict)),
    ("post", "/v1/contacts", Some(Action::RecordContact)),
    ("post", "/v1/contacts/check", Some(Action::RecordContact)),
    ("get", "/v1/contacts/forbidden", Some(Action::SeeReviews)),
    ("post", "/v1/contacts/import", Some(Action::RecordContact)),
    ("post", "/v1/device-codes", Some(Action::ManageDevices)),
    ("get", "/v1/devices", Some(Action::SeeDevices)),
    ("post", "/v1/devices/{id}/lost", Some(Action::ManageDevices)),
    ("post", "/v1/devices/{id}/partners", Some(Action::Sync)),
    (
        "delete",
        "/v1/devices/{id}/partners/{key}",
        Some(Action::EndPartnerKeys),
    ),
    ("post", "/v1/devices/{id}/resume", Some(Action::ManageDevices)),
    ("post", "/v1/devices/{id}/revoke", Some(Action::ManageDevices)),
    ("get", "/v1/evidence", Some(Action::SeeRecordings)),
    ("post", "/v1/evidence", Some(Action::ImportRecordings)),
    ("get", "/v1/evidence/due", Some(Action::SeeRecordings)),
    ("get", "/v1/evidence/{id}", Some(Action::SeeRecordings)),
    ("get", "/v1/evidence/{id}/file", Some(Action::SeeRecordings)),
    ("put", "/v1/evidence/{id}/parts/{part}", Some(Action::ImportRecordings)),
    ("get", "/v1/imports", Some(Action::SeeImports)),
    ("post", "/v1/imports", Some(Action::ImportCases)),
    ("get", "/v1/imports/{id}", Some(Action::SeeImports)),
    ("get", "/v1/imports/{id}/give-back", Some(Action::ImportCases)),
    ("get", "/v1/imports/{id}/rows", Some(Action::SeeImports)),
    ("post", "/v1/imports/{id}/take-back", Some(Action::ImportCases)),
    ("get", "/v1/live", Some(Action::SeeLive)),
    ("get", "/v1/live/wake", Some(Action::SeeLive)),
    ("post", "/v1/bundles", Some(Action::MakeBundle)),
    ("get", "/v1/debriefs", Some(Action::Train)),
    ("post", "/v1/debriefs", Some(Action::SeeTraining)),
    ("post", "/v1/debriefs/{id}/held", Some(Action::SeeTraining)),
    ("get", "/v1/leaflets", Some(Action::GiveLeaflet)),
    ("post", "/v1/leaflets/given", Some(Action::GiveLeaflet)),
    ("get", "/v1/leaflets/{name}", Some(Action::GiveLeaflet)),
    ("get", "/v1/letters", Some(Action::SeeCases)),
    ("post", "/v1/letters", Some(Action::WriteLetter)),
    ("get", "/v1/letters/{id}", Some(Action::WriteLetter)),
    ("post", "/v1/letters/{id}/state", Some(Action::WriteLetter)),
    ("get", "/v1/training", Some(Action::Train)),
    ("get", "/v1/training/results", Some(Action::Train)),
    ("post", "/v1/training/runs", Some(Action::Train)),
    ("get", "/v1/training/runs/{id}", Some(Action::Train)),
    ("post", "/v1/training/runs/{id}/answers", Some(Action::Train)),
    ("get", "/v1/log/{name}", Some(Action::SeeLog)),
    ("post", "/v1/log/{name}/continue", Some(Action::ContinueLog)),
    ("get", "/v1/log/{name}/entries", Some(Action::SeeLog)),
    ("get", "/v1/log/{name}/proofs/{index}", Some(Action::SeeLog)),
    ("get", "/v1/me", None),
    ("get", "/v1/notices", Some(Action::SeePlans)),
    ("get", "/v1/notices/batch", Some(Action::DispatchNotices)),
    ("get", "/v1/notices/{id}", Some(Action::DispatchNotices)),
    ("post", "/v1/notices/{id}/state", Some(Action::DispatchNotices)),
    ("get", "/v1/offices", Some(Action::SeeStaff)),
    ("put", "/v1/offices/complaints", Some(Action::ManageOrg)),
    ("patch", "/v1/persons/{id}/contact", Some(Action::EditContact)),
    ("post", "/v1/persons/{id}/erase", Some(Action::ErasePerson)),
    ("post", "/v1/plan-jobs", Some(Action::Plan)),
    ("get", "/v1/plan-jobs/{id}", Some(Action::SeePlans)),
    ("post", "/v1/plan-jobs/{id}/stop", Some(Action::Plan)),
    ("get", "/v1/plans", Some(Action::SeePlans)),
    ("post", "/v1/plans", Some(Action::Plan)),
    ("get", "/v1/plans/{id}", Some(Action::SeePlans)),
    ("get", "/v1/plans/{id}/diff", Some(Action::SeePlans)),
    ("get", "/v1/plans/{id}/left-out", Some(Action::SeePlans)),
    ("get", "/v1/plans/{id}/points", Some(Action::SeePlans)),
    ("post", "/v1/plans/{id}/publish", Some(Action::Plan)),
    ("post", "/v1/plans/{id}/simulate", Some(Action::Plan)),
    ("get", "/v1/plans/{id}/why/{case}", Some(Action::SeePlans)),
    ("get", "/v1/loans", Some(Action::SeeBooks)),
    ("post", "/v1/loans/import", Some(Action::ImportCases)),
    ("get", "/v1/payments", Some(Action::SeeBooks)),
    ("get", "/v1/payments/held", Some(Action::SeeBooks)),
    ("post", "/v1/payments/import", Some(Action::ImportPayments)),
    ("post", "/v1/payments/{id}/settle", Some(Action::SettlePayments)),
    ("get", "/v1/books", Some(Action::SeeBooks)),
    ("post", "/v1/daily/{day}", Some(Action::RunDaily)),
    ("post", "/v1/portfolios", Some(Action::ManageOrg)),
    ("get", "/v1/portfolios", Some(Action::SeeStaff)),
    ("put", "/v1/portfolios/{id}", Some(Action::ManageOrg)),
    ("get", "/v1/portfolios/{id}/strategy", Some(Action::SeeStaff)),
    ("put", "/v1/portfolios/{id}/strategy", Some(Action::ManageOrg)),
    ("get", "/v1/quality-checks", Some(Action::SeeQuality)),
    ("post", "/v1/quality-checks", Some(Action::DrawQuality)),
    ("get", "/v1/quality-checks/{id}", Some(Action::SeeQuality)),
    ("post", "/v1/quality-checks/{id}/decide", Some(Action::ScoreQuality)),
    ("post", "/v1/quality-checks/{id}/score", Some(Action::ScoreQuality)),
    ("get", "/v1/quality/rates", Some(Action::SeeQuality)),
    ("get", "/v1/staff/me/quality-checks", None),
    ("get", "/v1/staff/me/rates", None),
    ("get", "/v1/reports", Some(Action::SeeReports)),
    ("get", "/v1/staff/me/report", None),
    ("get", "/v1/staff/me/quality-checks/{id}", None),
    ("post", "/v1/staff/me/quality-checks/{id}/appeal", None),
    ("get", "/v1/reads/review", Some(Action::SeeReads)),
    ("post", "/v1/reads/{id}/settle", Some(Action::SettleReads)),
    ("get", "/v1/recorders", Some(Action::SeeRecorders)),
    ("post", "/v1/recorders", Some(Action::ManageRecorders)),
    ("post", "/v1/recorders/{number}/assign", Some(Action::ManageRecorders)),
    ("post", "/v1/recorders/{number}/end", Some(Action::ManageRecorders)),
    ("get", "/v1/retention", Some(Action::SeeRetention)),
    ("post", "/v1/retention/purges", Some(Action::Purge)),
    ("get", "/v1/retention/recordings", Some(Action::SeeRetention)),
    ("post", "/v1/retention/purges/{approval}", Some(Action::Purge)),
    ("post", "/v1/rules/compare", Some(Action::Plan)),
    ("get", "/v1/review", Some(Action::SeeReviews)),
    ("get", "/v1/review/{visit}", Some(Action::SeeReviews)),
    ("post", "/v1/review/{visit}", Some(Action::Review)),
    ("get", "/v1/staff", Some(Action::SeeStaff)),
    ("get", "/v1/credentials/ending", Some(Action::SeeStaff)),
    ("post", "/v1/credentials/{id}/end", Some(Action::ManageStaff)),
    ("get", "/v1/staff/me/credentials", None),
    ("get", "/v1/staff/me/flags", None),
    ("post", "/v1/staff/me/flags/{id}/answer", None),
    ("get", "/v1/staff/me/reads", None),
    ("get", "/v1/staff/{id}/credentials", Some(Action::SeeStaff)),
    ("post", "/v1/staff/{id}/credentials", Some(Action::ManageStaff)),
    ("post", "/v1/staff/import", Some(Action::ManageStaff)),
    ("put", "/v1/staff/{id}/password", Some(Action::ManageStaff)),
    ("get", "/v1/sync/pull", Some(Action::Sync)),
    ("post", "/v1/sync/push", Some(Action::Sync)),
    ("get", "/v1/sync/wake", Some(Action::Sync)),
    ("get", "/v1/teams", Some(Action::SeeStaff)),
    ("get", "/v1/log/export", Some(Action::SeeLog)),
    ("get", "/v1/wishes", Some(Action::Restrict)),
    ("post", "/v1/wishes/{id}/answer", Some(Action::Restrict)),
    ("get", "/v1/visits", Some(Action::SeePlans)),
    (
        "post",
        "/v1/visits/{visit}/recording/excuse",
        Some(Action::ExcuseRecording),
    ),
    ("get", "/v1/work", Some(Action::RecordContact)),
    ("get", "/v1/work/export", Some(Action::RecordContact)),
    ("post", "/v1/work/import", Some(Action::RecordContact)),
    // Ends the session that asks, so it comes last.
    ("delete", "/v1/sessions/current", None),
];

/// Endpoints that ask for no session.
const FOR_ANYBODY: &[(&str, &str)] = &[
    ("get", "/health"),
    ("get", "/ready"),
    ("post", "/v1/sessions"),
    ("post", "/v1/devices"),
    ("post", "/v1/device-sessions"),
    ("get", "/v1/receipts/{ref}"),
];

/// A path that names nothing that is there, with what its query needs.
fn place_of(path: &str) -> String {
    let place = path
        .replace("{id}", NOTHING)
        .replace("{case}", NOTHING)
        .replace("{approval}", NOTHING)
        .replace("{visit}", NOTHING)
        .replace("{address}", NOTHING)
        .replace("{key}", NOTHING);
    let place = place.replace("{name}", "events").replace("{index}", "0");
    let place = place.replace("{number}", "NONE-1").replace("{part}", "0");
    let place = place.replace("{day}", "latest");
    match path {
        "/v1/loans" => format!("{place}?number=L-0"),
        "/v1/payments" => format!("{place}?case={NOTHING}"),
        "/v1/work" | "/v1/work/export" => format!("{place}?channel=call"),
        _ if path.ends_with("/erase") => format!("{place}?approval={NOTHING}"),
        _ => place,
    }
}

/// A request that is well formed and concerns nothing that is there, so that only the policy can refuse it.
fn request_of(client: &Client, verb: &str, path: &str) -> RequestBuilder {
    let place = place_of(path);
    let request = client.request(Method::from_bytes(verb.to_uppercase().as_bytes()).unwrap(), &place);
    let body = match path {
        "/v1/log/{name}/continue" => json!({"left_size": 1}),
        "/v1/alarms/{id}/acknowledge" | "/v1/agencies/{id}/listings" | "/v1/plans/{id}/simulate" => json!({}),
        "/v1/alarms/{id}/end" => json!({"note": "all well"}),
        "/v1/alarms/{id}/extend" => json!({"minutes": 5, "reason": "reached by phone"}),
        "/v1/cases/{id}/hold" => json!({"reason": "litigation"}),
        "/v1/cases/{id}/hold/release" => json!({"reason": "over"}),
        "/v1/review/{visit}" => json!({"decision": "fine"}),
        "/v1/complaints" => json!({"case": NOTHING, "channel": "phone", "words": "too loud"}),
        "/v1/complaints/{id}/answer" => json!({"outcome": "rejected", "words": "it was the neighbour"}),
        "/v1/quality-checks" => json!({"week": "2026-W40"}),
        "/v1/quality-checks/{id}/score" => json!({"items": []}),
        "/v1/quality-checks/{id}/decide" => json!({"decision": "stands", "words": "it fits"}),
        "/v1/staff/me/flags/{id}/answer" => json!({"words": "the gate was moved"}),
        "/v1/staff/me/quality-checks/{id}/appeal" => json!({"words": "I was asked in"}),
        "/v1/bundles" => json!({"case": NOTHING}),
        "/v1/leaflets/given" => json!({"case": NOTHING, "leaflet": "rights", "language": "en"}),
        "/v1/letters" => json!({"case": NOTHING, "kind": "reminder"}),
        "/v1/training/runs" => json!({"scenario": "none"}),
        "/v1/training/runs/{id}/answers" => json!({"after": 0, "choice": 1}),
        "/v1/approvals" => json!({"kind": "person.erase", "subject": NOTHING, "reason": "person-asked"}),
        "/v1/approvals/{id}/answer" => json!({"approve": false}),
        "/v1/agencies" => json!({"name": "Somebody"}),
        "/v1/offices/complaints" => json!({"complaints": "Tel. 12345"}),
        "/v1/agencies/{id}/listed" => json!({"listed": true}),
        "/v1/payments/{id}/settle" => json!({"refuse": "it was returned"}),
        "/v1/portfolios" if verb == "post" => json!({"name": "More"}),
        "/v1/portfolios/{id}/strategy" => json!({"file": "own.toml", "document": "format = 1\n"}),
        "/v1/portfolios/{id}" => json!({"kind": "card", "amount_age_days": 30}),
        "/v1/devices/{id}/partners" => json!({"login": "F02", "password": "of nobody", "public_key": "AA"}),
        "/v1/device-codes" => json!({"staff": NOTHING}),
        "/v1/staff/{id}/password" => json!({"password": "correct-horse"}),
        "/v1/agencies/{id}/evaluations" => json!({"result": "pass", "words": "their office was seen"}),
        "/v1/staff/{id}/credentials" => json!({"kind": "training"}),
        "/v1/credentials/{id}/end" => json!({"reason": "mistake"}),
        "/v1/cases/{id}/consents" => json!({"scope": "hours", "given": "consent", "words": "said so"}),
        "/v1/cases/{id}/restrictions" => json!({"kind": "hardship"}),
        "/v1/cases/{id}/restrictions/lift" => json!({"kind": "hardship", "reason": "over", "words": "found work"}),
        "/v1/wishes/{id}/answer" => json!({"accept": false}),
        "/v1/sync/push" => json!({"sync_version": 1, "sent_wall_ms": 0, "events": []}),
        "/v1/reads/{id}/settle" => json!({"finding": "right", "reason": "duty-known"}),
        "/v1/conflicts/{id}/settle" => json!({"take": "left"}),
        "/v1/persons/{id}/contact" => json!({
            "case": NOTHING,
            "changes": [{"field": "phone", "value": "91 000 00 00", "base": 0}],
        }),
        "/v1/recorders" => json!({"number": "no number"}),
        "/v1/recorders/{number}/assign" => json!({"staff": "nobody"}),
        "/v1/visits/{visit}/recording/excuse" => json!({"words": "it broke"}),
        "/v1/evidence" => json!({
            "recorder": "NONE-1", "from": 0, "to": 1_000_000, "source": "index", "bytes": 1, "media": "mp4",
            "sha256": "0".repeat(64),
        }),
        "/v1/contacts" | "/v1/contacts/check" => json!({"case": NOTHING, "channel": "call"}),
        "/v1/letters/{id}/state" | "/v1/notices/{id}/state" => json!({"state": "delivered"}),
        "/v1/plans" | "/v1/plan-jobs" => json!({"days": 1}),
        "/v1/rules/compare" => json!({"packs": []}),
        "/v1/plan-jobs/{id}/stop" => json!({"discard": false}),
        _ => return request_of_recalls(request, path),
    };
    match (verb, path) {
        ("get", _) => request,
        (_, "/v1/portfolios/{id}/strategy") => request.header("If-Match", "\"0\"").json(&body),
        _ => request.json(&body),
    }
}

/// The same for recalls; what has no body may ask for a version.
fn request_of_recalls(request: RequestBuilder, path: &str) -> RequestBuilder {
    let body = match path {
        "/v1/agencies/{id}/recalls" => json!({"all": true, "reason": "conduct", "words": "they were loud"}),
        "/v1/agreements" | "/v1/agreements/schedule" => json!({
            "case": NOTHING, "kind": "promise", "agreed_by": "phone", "currency": "EUR", "first": "2031-01-01",
        }),
        "/v1/agreements/{id}/end" => json!({"reason": "mistake"}),
        "/v1/cases/{id}/means" => json!({"currency": "EUR", "income": 0}),
        "/v1/calm" => json!({
            "region": "CN-33", "from": "2026-11-23", "until": "2026-11-30", "mode": "stop", "reason": "disaster",
        }),
        "/v1/cases/{id}/addresses" => json!({"text": "1 Nowhere", "provenance": "contract"}),
        "/v1/cases/{id}/addresses/{address}/verify" => json!({"how": "letter"}),
        "/v1/cases/{id}/addresses/{address}/retire" => json!({"state": "moved"}),
        "/v1/cases/{id}/steps" => json!({"step": "m3plus-bundle"}),
        "/v1/cases/{id}/visit-asks" => json!({"reason": "reviewed"}),
        "/v1/destructions/{id}/answer" => json!({"accept": true, "words": "seen"}),
        "/v1/destructions/{id}/confirm" => json!({"method": "wiped", "words": "all of it"}),
        _ => return request.header("If-Match", "\"1\""),
    };
    request.json(&body)
}

async fn what_the_policy_forbids_is_refused_everywhere(site: &mut Deployment) {
    let staff = site.has_porto_staff().await;
    let device = site.wire(&staff[0], 1).await;
    let field = site.field_client(&staff[1]).await;
    let document: Value = serde_json::from_str(include_str!("../../server/openapi.json")).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for verb in item.as_object().unwrap().keys() {
            let known = ENDPOINTS
                .iter()
                .any(|(v, p, _)| (v, p) == (&verb.as_str(), &path.as_str()));
            let open = FOR_ANYBODY.contains(&(verb.as_str(), path.as_str()));
            assert!(
                known || open,
                "{verb} {path} is new: add it to the table with its action"
            );
        }
    }
    let roles = [
        (Role::Supervisor, "", &site.supervisor),
        (Role::Administrator, "", &site.administrator),
        (Role::Auditor, "", &site.auditor),
        (Role::Field, " by a device", &device.client),
        (Role::Field, " by password", &field),
    ];
    // A device speaks for nobody beyond the visits.
    let has_way = |how: &str, action| how != " by a device" || matches!(action, Action::Sync | Action::EndPartnerKeys);
    for (role, how, client) in roles {
        for (verb, path, action) in ENDPOINTS {
            if how == " by password" && *action == Some(Action::Sync) {
                continue; // asked with a device, which is what these are about
            }
            let (status, code) = client.status(request_of(client, verb, path)).await;
            let allowed = action.is_none_or(|action| may(role, action) && has_way(how, action));
            let told = format!("{role}{how}: {verb} {path} gives {status} {code:?}");
            assert_ne!(status, 401, "{told}");
            assert!(status < 500, "{told}");
            if allowed {
                assert_ne!(status, 403, "{told}");
            } else {
                assert_eq!((status, code.as_deref()), (403, Some("not-allowed")), "{told}");
            }
        }
    }
    for (verb, path, _) in ENDPOINTS {
        let found = site.anonymous.status(request_of(&site.anonymous, verb, path)).await;
        assert_eq!(found, (401, Some("not-signed-in".to_owned())), "{verb} {path}");
    }
}

/// A lender with an agency: callers for the agency's supervisor and for the lender's head office.
pub(super) struct Agency {
    pub(super) id: String,
    pub(super) supervisor: Client,
    pub(super) auditor: Client,
    pub(super) head_office: Client,
    pub(super) team: String,
}

pub(super) async fn with_agency(site: &Deployment) -> Agency {
    let made = site
        .administrator
        .post("/v1/agencies", &json!({"name": "Helpers"}))
        .await
        .done();
    let id = |name: &str| made[name].as_str().unwrap().parse().unwrap();
    let (agency, team) = (AgencyId(id("id")), TeamId(id("team")));
    let people = [
        ("agency-supervisor", Role::Supervisor, Some(team), Some(agency)),
        ("agency-auditor", Role::Auditor, None, Some(agency)),
        ("head-office", Role::Supervisor, None, None),
    ];
    for (login, role, team, agency) in people {
        let request = StaffRequest {
            login,
            name: login,
            role,
            team,
            agency,
            password: PASSWORD,
        };
        site.app().create_staff(site.made.tenant, &request).await.unwrap();
    }
    Agency {
        id: agency.to_string(),
        supervisor: site.anonymous.sign_in("agency-supervisor", PASSWORD).await,
        auditor: site.anonymous.sign_in("agency-auditor", PASSWORD).await,
        head_office: site.anonymous.sign_in("head-office", PASSWORD).await,
        team: team.to_string(),
    }
}

/// Gives an agency field staff of its own.
pub(super) async fn has_staff(site: &Deployment, agency: &Agency) {
    let mut crew = csv_cells(&sample("porto-staff.csv"));
    for row in crew.iter_mut().skip(1) {
        row[0] = row[0].replace('S', "H");
        row[3] = row[3].replace('C', "H");
    }
    let path = format!("/v1/staff/import?team={}", agency.team);
    let report = site.administrator.upload(&path, csv_text(&crew)).await.done();
    assert_eq!(report["added"], 16, "{report}");
}

async fn an_agency_sees_only_its_own_cases_and_the_creditor_all(site: &mut Deployment) {
    let agency = with_agency(site).await;
    let own = lines_of(&sample("porto-cases.csv"), |line| line < 20);
    let given = lines_of(&sample("porto-cases.csv"), |line| (20..50).contains(&line));
    let own = site.supervisor.import(own).await;
    // What is given to an agency lands in the agency's own team.
    let given = agency
        .head_office
        .upload("/v1/imports?agency=Helpers", given)
        .await
        .done();
    assert_eq!((&own["created"], &given["created"]), (&json!(20), &json!(30)));
    let count = |cases: Vec<Value>| cases.len();
    let own_cases = site.supervisor.items("/v1/cases?limit=500").await;
    assert_eq!(count(own_cases), 20, "the team's own");
    for everything in [&agency.head_office, &site.auditor] {
        assert_eq!(
            count(everything.items("/v1/cases?limit=500").await),
            50,
            "all its agencies'"
        );
    }
    let foreign = site.supervisor.case("PO-10001").await;
    for client in [&agency.supervisor, &agency.auditor] {
        let seen = client.items("/v1/cases?limit=500").await;
        assert_eq!(seen.len(), 30);
        assert!(seen.iter().all(|case| case["case_no"].as_str().unwrap() >= "PO-10020"));
        assert_eq!(count(client.items("/v1/cases?case_no=PO-10001").await), 0);
        assert_eq!(count(client.items("/v1/cases?phone=%2B351950239688").await), 0);
        assert_eq!(count(client.items("/v1/cases?search=Bruno%20Gomes").await), 0);
        client
            .get(&format!("/v1/cases/{}", foreign["id"].as_str().unwrap()))
            .await
            .problem("not-found");
        client
            .get(&format!("/v1/imports/{}", own["import"].as_str().unwrap()))
            .await
            .problem("not-found");
        let teams = client.items("/v1/teams").await;
        assert!(
            teams.iter().all(|team| team["agency"] == agency.id.as_str()),
            "{teams:?}"
        );
        let colleagues = client.items("/v1/staff").await;
        assert!(
            colleagues
                .iter()
                .all(|one| one["login"].as_str().unwrap().starts_with("agency-")),
            "{colleagues:?}"
        );
    }
    let exported = csv_cells(&agency.supervisor.get("/v1/cases/export").await.file());
    assert_eq!(exported.len(), 31);
    let take_back = format!("/v1/imports/{}/take-back", own["import"].as_str().unwrap());
    agency
        .supervisor
        .post(&take_back, &Value::Null)
        .await
        .problem("not-found");
    the_numbers_of_others_stay_theirs(site, &agency).await;
    // What the agency imports itself is its own, whatever the file says.
    let report = agency
        .supervisor
        .import(lines_of(&sample("porto-cases.csv"), |line| (50..55).contains(&line)))
        .await;
    assert_eq!(report["created"], 5, "{report}");
    assert_eq!(count(agency.supervisor.items("/v1/cases?limit=500").await), 35);
}

/// An agency does not take a case over by sending a file with its number.
async fn the_numbers_of_others_stay_theirs(site: &Deployment, agency: &Agency) {
    let theirs = site.supervisor.items("/v1/cases?limit=500").await;
    let foreign = theirs.iter().find(|case| case["case_no"] == "PO-10001").unwrap();
    let mut cells = csv_cells(&sample("porto-cases.csv"));
    let amount = cells[0].iter().position(|name| name == "amount_due").unwrap();
    cells.retain(|row| row[0] == "case_no" || row[0] == "PO-10001");
    "1.00".clone_into(&mut cells[1][amount]);
    let report = agency.supervisor.import(csv_text(&cells)).await;
    assert_eq!(report["counts"], json!({"reject": 1}), "{report}");
    assert_eq!(report["rows"][0]["reasons"], json!(["not-yours"]), "{report}");
    assert_eq!(&site.supervisor.case("PO-10001").await, foreign);
}

async fn an_agency_sees_only_its_own_plans_and_visits(site: &mut Deployment) {
    let agency = with_agency(site).await;
    site.has_porto_staff().await;
    site.supervisor
        .import(lines_of(&sample("porto-cases.csv"), |line| line < 60))
        .await;
    let plan = site.published_plan().await;
    let visits = agency.head_office.items("/v1/visits?day=2026-11-23").await;
    assert_eq!(
        visits.len() as u64,
        plan["planned"].as_u64().unwrap(),
        "the creditor sees all"
    );
    let id = plan["id"].as_str().unwrap();
    for client in [&agency.supervisor, &agency.auditor] {
        assert_eq!(client.items("/v1/plans").await, Vec::<Value>::new());
        assert_eq!(client.items("/v1/visits?day=2026-11-23").await, Vec::<Value>::new());
        assert_eq!(client.items("/v1/alarms").await, Vec::<Value>::new());
        assert_eq!(client.items("/v1/conflicts").await, Vec::<Value>::new());
        client.get(&format!("/v1/plans/{id}")).await.problem("not-found");
        let case = plan["routes"][0]["visits"][0]["case"].as_str().unwrap();
        client
            .get(&format!("/v1/plans/{id}/why/{case}"))
            .await
            .problem("not-found");
    }
    // The agency plans its own cases with its own staff.
    has_staff(site, &agency).await;
    agency
        .supervisor
        .import(lines_of(&sample("porto-cases.csv"), |line| (60..100).contains(&line)))
        .await;
    let request = json!({"first_day": "2026-11-23", "iterations": 200, "without_notice": true});
    let own = agency.supervisor.post("/v1/plans", &request).await.done();
    assert!(own["planned"].as_u64().unwrap() > 0, "{own}");
    assert_eq!(own["planned"].as_u64().unwrap() + own["left_out"].as_u64().unwrap(), 40);
    assert_eq!(agency.supervisor.items("/v1/plans").await.len(), 1);
    assert_eq!(agency.head_office.items("/v1/plans").await.len(), 2);
}

/// A supervisor of another team of the creditor.
pub(super) async fn of_another_team(site: &Deployment) -> Client {
    let (store, team) = (site.app().store(), TeamId(fresh_id(site.clock.now())));
    let mut tx = store.write(site.made.tenant, site.clock.now()).await.unwrap();
    tx.team_insert(&Team {
        id: team,
        agency: None,
        name: "South".to_owned(),
    })
    .await
    .unwrap();
    let entry = ServerEntry::new(EntryKind::OrgChanged, By::PROGRAM);
    tx.commit(Entries::one(entry)).await.unwrap();
    let request = StaffRequest {
        login: "south",
        name: "south",
        role: Role::Supervisor,
        team: Some(team),
        agency: None,
        password: PASSWORD,
    };
    site.app().create_staff(site.made.tenant, &request).await.unwrap();
    site.anonymous.sign_in("south", PASSWORD).await
}

async fn a_team_reaches_only_its_own_imports(site: &mut Deployment) {
    let agency = with_agency(site).await;
    let south = of_another_team(site).await;
    let messy = site.supervisor.import(sample("porto-messy.csv")).await;
    let theirs = lines_of(&sample("porto-cases.csv"), |line| (200..210).contains(&line));
    let theirs = agency.supervisor.import(theirs).await;
    for report in [&messy, &theirs] {
        let path = format!("/v1/imports/{}", report["import"].as_str().unwrap());
        south.get(&path).await.problem("not-found");
        for part in ["rows", "give-back"] {
            south.get(&format!("{path}/{part}")).await.problem("not-found");
        }
        let take_back = format!("{path}/take-back");
        south.post(&take_back, &Value::Null).await.problem("not-found");
        // The head office and those who audit it see all imports.
        for client in [&agency.head_office, &site.auditor] {
            client.get(&path).await.done();
        }
    }
    let path = |report: &Value| format!("/v1/imports/{}", report["import"].as_str().unwrap());
    site.supervisor.get(&path(&theirs)).await.problem("not-found");
    let mut counts = Vec::new();
    for client in [
        &south,
        &site.supervisor,
        &site.second_supervisor,
        &agency.supervisor,
        &agency.auditor,
        &agency.head_office,
        &site.auditor,
    ] {
        counts.push(client.items("/v1/imports").await.len());
    }
    assert_eq!(counts, [0, 1, 1, 1, 1, 2, 2]);
    let take_back = format!("{}/take-back", path(&messy));
    site.second_supervisor.post(&take_back, &Value::Null).await.done();
}

async fn an_agency_reaches_nobody_of_the_creditor(site: &mut Deployment) {
    let agency = with_agency(site).await;
    let staff = site.has_porto_staff().await;
    site.wire(&staff[0], 1).await;
    let request = StaffRequest {
        login: "agency-administrator",
        name: "agency-administrator",
        role: Role::Administrator,
        team: None,
        agency: Some(AgencyId(agency.id.parse().unwrap())),
        password: PASSWORD,
    };
    site.app().create_staff(site.made.tenant, &request).await.unwrap();
    let administrator = site.anonymous.sign_in("agency-administrator", PASSWORD).await;
    let of = |list: &[Value], login: &str| -> String {
        let found = list.iter().find(|one| one["login"] == login).unwrap();
        found["id"].as_str().unwrap().to_owned()
    };
    let everybody = site.administrator.items("/v1/staff").await;
    let theirs = of(&everybody, staff[0]["login"].as_str().unwrap());
    let own = of(&everybody, "agency-supervisor");

    // Passwords, devices and rows of the creditor's staff are out of reach; those of the agency's are not.
    let password = json!({"password": "first-password"});
    let path = |id: &str| format!("/v1/staff/{id}/password");
    let set = |id: &str| {
        let request = administrator.request(Method::PUT, &path(id)).json(&password);
        administrator.status(request)
    };
    assert_eq!(set(&theirs).await, (404, Some("not-found".to_owned())));
    // A new password also lets in who was locked out by somebody's guessing.
    let guess = json!({"login": "agency-supervisor", "password": "wrong-wrong-wrong"});
    for _ in 0..10 {
        site.anonymous
            .post("/v1/sessions", &guess)
            .await
            .problem("sign-in-failed");
    }
    site.anonymous
        .post("/v1/sessions", &guess)
        .await
        .problem("too-many-attempts");
    assert_eq!(set(&own).await.0, 204);
    let supervisor = site
        .anonymous
        .first_sign_in("agency-supervisor", "first-password", PASSWORD)
        .await;
    let code = |id: &str| json!({"staff": id});
    let codes = "/v1/device-codes";
    administrator.post(codes, &code(&theirs)).await.problem("not-found");
    administrator.post(codes, &code(&own)).await.done();
    assert!(administrator.items("/v1/devices").await.is_empty());
    let devices = site.administrator.items("/v1/devices").await;
    assert!(!devices.is_empty());
    for one in &devices {
        let path = format!("/v1/devices/{}/revoke", one["id"].as_str().unwrap());
        administrator.post(&path, &json!({})).await.problem("not-found");
    }
    let path = format!("/v1/staff/import?team={}", agency.team);
    let refused = administrator.upload(&path, sample("porto-staff.csv")).await;
    refused.problem("not-allowed");
    assert_eq!(everybody, site.administrator.items("/v1/staff").await);

    what_is_the_creditors_is_refused([&supervisor, &administrator, &agency.auditor]).await;
}

/// The organisation, the logs and erasing stay with the creditor, whatever the role is called.
async fn what_is_the_creditors_is_refused(clients: [&Client; 3]) {
    for (verb, path, action) in ENDPOINTS {
        let creditors = matches!(
            action,
            Some(
                Action::ManageOrg | Action::SeeLog | Action::AskApproval | Action::AnswerApproval | Action::ErasePerson
            )
        );
        for client in clients {
            if creditors {
                let (status, code) = client.status(request_of(client, verb, path)).await;
                assert_eq!((status, code.as_deref()), (403, Some("not-allowed")), "{verb} {path}");
            }
        }
    }
}

async fn a_password_that_somebody_else_set_is_changed_first(site: &mut Deployment) {
    let everybody = site.administrator.items("/v1/staff").await;
    let auditor = everybody.iter().find(|one| one["login"] == "auditor").unwrap();
    site.first_password(auditor, "first-password").await.done();
    site.auditor.get("/v1/me").await.problem("not-signed-in");
    let sign_in = |password: &str, chosen: Option<&str>| {
        let mut body = json!({"login": "auditor", "password": password});
        if let Some(chosen) = chosen {
            body["new_password"] = json!(chosen);
        }
        let anonymous = site.anonymous.clone();
        async move { anonymous.post("/v1/sessions", &body).await }
    };
    sign_in("first-password", None).await.problem("password-change-needed");
    for wrong in ["first-password", "short"] {
        let problem = sign_in("first-password", Some(wrong)).await.problem("bad-request");
        assert_eq!(problem["place"], "new_password");
    }
    sign_in("first-password", Some("my-own-choice")).await.done();
    sign_in("first-password", Some("another-one"))
        .await
        .problem("sign-in-failed");
    let session = sign_in("my-own-choice", None).await.done();
    let signed_in = site.anonymous.with_token(session["token"].as_str().unwrap());
    signed_in.get("/v1/me").await.done();
    // Everybody may choose another at any time, which ends the sessions of the old one.
    sign_in("my-own-choice", Some("my-next-choice")).await.done();
    signed_in.get("/v1/me").await.problem("not-signed-in");
    let export = site.export().await;
    export.holds();
    assert_eq!(export.count("staff.password"), 3);
}

async fn guessing_locks_out_who_guesses(site: &mut Deployment) {
    let config = site.folder().join("doorstep.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(
        &config,
        text.replace("trusted_proxies = []", "trusted_proxies = [\"127.0.0.1\"]"),
    )
    .unwrap();
    site.restart().await;
    let from = |address: &str, login: &str, password: &str| {
        let request = site.anonymous.request(Method::POST, "/v1/sessions");
        let body = json!({"login": login, "password": password});
        let request = request.header("x-forwarded-for", address.to_owned()).json(&body);
        let anonymous = site.anonymous.clone();
        async move { anonymous.status(request).await }
    };
    let refused = |code: &str, status: u16| (status, Some(code.to_owned()));
    let (wrong, too_many) = (refused("sign-in-failed", 401), refused("too-many-attempts", 429));
    for _ in 0..10 {
        assert_eq!(from("198.51.100.7", "second", "wrong-wrong").await, wrong);
    }
    assert_eq!(from("198.51.100.7", "second", PASSWORD).await, too_many);
    // Who owns the login gets in from elsewhere, the guesser's neighbours get in as well.
    assert_eq!(from("198.51.100.8", "second", PASSWORD).await.0, 201);
    // One address of a network of IPv6 is as good as another.
    for host in 0..10 {
        let address = format!("2001:db8:1:2::{host:x}");
        assert_eq!(from(&address, "second", "wrong-wrong").await, wrong);
    }
    assert_eq!(from("2001:db8:1:2:ffff::1", "second", PASSWORD).await, too_many);
    assert_eq!(from("2001:db8:1:3::1", "second", PASSWORD).await.0, 201);
    // Guessing at many logins ends as well, and so does guessing at one from many places.
    for login in 0..49 {
        assert_eq!(
            from("198.51.100.7", &format!("nobody-{login}"), "wrong-wrong").await,
            wrong
        );
    }
    assert_eq!(from("198.51.100.7", "nobody", "wrong-wrong").await, too_many);
    for place in 0..60 {
        let address = format!("203.0.113.{place}");
        assert_eq!(from(&address, "second", "wrong-wrong").await, wrong);
    }
    assert_eq!(from("203.0.113.200", "second", PASSWORD).await, too_many);
    site.clock.forward(900);
    assert_eq!(from("203.0.113.200", "second", PASSWORD).await.0, 201);
}

/// Whoever gives out enrolment codes could otherwise enrol a key of their own and act in anybody's name.
async fn a_device_acts_for_nobody_in_the_office(site: &mut Deployment) {
    let everybody = site.administrator.items("/v1/staff").await;
    for login in ["supervisor", "auditor", "admin"] {
        let staff = everybody.iter().find(|one| one["login"] == login).unwrap();
        let wire = site.wire(staff, 1).await;
        wire.client.get("/v1/me").await.done();
        for (verb, path, action) in ENDPOINTS {
            if action.is_some_and(|action| action != Action::Sync) {
                let (status, code) = wire.client.status(request_of(&wire.client, verb, path)).await;
                assert_eq!(
                    (status, code.as_deref()),
                    (403, Some("not-allowed")),
                    "{login} {verb} {path}"
                );
            }
        }
    }
    assert_eq!(
        site.export().await.count("device.code"),
        3,
        "who gave the codes out is in the log"
    );
}
