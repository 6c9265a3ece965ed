//! What a permit says of one door, as plain data: when, by how many, where, under which packs, and what ends it offline.

use doorstep_domain::address::AddressState;
use doorstep_domain::id::CaseId;
use doorstep_domain::measure::Micros;
use doorstep_domain::notice::NoticeState;
use doorstep_domain::visit::PLACE_RADIUS_M;
use doorstep_log::hash::hex;
use doorstep_rules::DayVerdict;
use doorstep_store::notice::NoticeView;
use doorstep_store::visit::Visit;
use doorstep_wire::sync::{ContactVersions, Door, PermitDoor, PermitPlace, PermitStop};

use crate::facts::Known;

/// What stop codes of a case's notices are checked with: also of a notice whose visit gave way to another plan's.
pub(super) fn stops_of(notices: &[NoticeView], case: CaseId, now: Micros) -> Vec<PermitStop> {
    let lasts = |view: &&NoticeView| {
        let notice = &view.notice;
        notice.case == case && notice.code_expires > now && notice.state != NoticeState::Withdrawn
    };
    let stop = |view: &NoticeView| PermitStop {
        visit: view.visit_alias.0,
        hash: hex(&view.notice.stop_hash),
    };
    notices.iter().filter(lasts).map(stop).collect()
}

/// A door at which nobody is to ring any more. The crew sees that it is off and for which rule; whom it was about they need
/// not know any longer.
pub(super) fn withdrawn_door((position, visit): (usize, &Visit), known: &Known, rule: &str) -> (Door, PermitDoor) {
    let door = Door {
        visit: visit.id.0,
        visit_alias: visit.alias.0,
        subject_alias: known.view.person_alias.0,
        case_no: known.case_no(),
        name: String::new(),
        phone: String::new(),
        address: String::new(),
        point: [0, 0],
        language: String::new(),
        zone: known.view.address.zone.clone(),
        position: position as i64,
        starts: visit.planned_start.get(),
        ends: visit.planned_end.get(),
        amount: None,
        notes: Vec::new(),
        fields: ContactVersions::default(),
        facts: String::new(),
        pay: None,
        withdrawn: Some(rule.to_owned()),
    };
    let permit = PermitDoor {
        visit: visit.alias.0,
        subj: known.view.person_alias.0,
        allowed_ms: Vec::new(),
        staff_min: 1,
        required: Vec::new(),
        not_said: Vec::new(),
        rules: vec![rule.to_owned()],
        packs: Vec::new(),
        place: None,
        stops: Vec::new(),
    };
    (door, permit)
}

/// What is allowed at one door, as plain data. A stale amount may not be stated to anybody.
pub(super) fn permit_door(visit: &Visit, known: &Known, allowed: &DayVerdict, stale: bool) -> PermitDoor {
    let verdict = &allowed.verdict;
    let mut not_said: Vec<String> = verdict.forbidden.iter().map(|one| one.code().to_owned()).collect();
    if stale {
        not_said.push("amount".to_owned());
    }
    let intervals = allowed.intervals.iter();
    PermitDoor {
        visit: visit.alias.0,
        subj: known.view.person_alias.0,
        allowed_ms: intervals.map(|(from, to)| [from.millis(), to.millis()]).collect(),
        staff_min: verdict.min_staff,
        required: verdict.required.iter().map(|item| item.code().to_owned()).collect(),
        not_said,
        rules: verdict.checked.iter().map(ToString::to_string).collect(),
        packs: verdict.packs.iter().map(ToString::to_string).collect(),
        place: place_of(known),
        stops: Vec::new(),
    }
}

/// Where the visit may be made. How far from there is judged only where the person was met there or confirmed it: a point that a
/// file gave, or that belongs to an earlier text of the address, keeps no crew from a door.
fn place_of(known: &Known) -> Option<PermitPlace> {
    let address = &known.view.address;
    let point = known.point()?;
    let is_confirmed = address.state == AddressState::Current && !known.versions().point_unconfirmed;
    Some(PermitPlace {
        kind: address.kind.code().to_owned(),
        lat_e7: point.lat_e7(),
        lon_e7: point.lon_e7(),
        radius_m: is_confirmed.then_some(PLACE_RADIUS_M),
    })
}
