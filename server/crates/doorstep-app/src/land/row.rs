//! What becomes of one row: judged against the case that is there, sealed, collected for writing.

use doorstep_domain::address::{AddressState, PlaceKind, Provenance};
use doorstep_domain::case::{CaseStatus, Flag};
use doorstep_domain::id::{AddressId, AgencyId, EventId, PersonId, TeamId};
use doorstep_domain::import::{RowReason, RowResult};
use doorstep_log::hash::{Hash, hex};
use doorstep_store::address::Address;
use doorstep_store::blind::{BLIND_CASE, BLIND_PHONE, blind_address, blind_phone};
use doorstep_store::case::Case;
use doorstep_store::entry::{Entry, EntryKind, ServerEntry};
use doorstep_store::import::{ImportRow, RowAction};
use doorstep_store::seal::{BlindKey, SealingKey};
use uuid::Uuid;

use super::people::{Candidate, People};
use super::place::Places;
use super::{Landing, kept, reason_codes};
use crate::day;
use crate::error::AppError;
use crate::file::{CaseRow, StatedTime};
use crate::import::columns_stored;

/// What a slice of rows writes.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) places: Places,
    pub(super) cases: Vec<Case>,
    pub(super) payloads: Vec<(Uuid, Uuid, Vec<u8>)>,
    pub(super) blind: Vec<(&'static str, Uuid, Uuid)>,
    pub(super) rows: Vec<ImportRow>,
    pub(super) entries: Vec<Entry>,
}

/// The person of a row, the address to be written and the record of its sealed fields.
struct Landed {
    person: PersonId,
    address: AddressId,
    event: EventId,
    content: Vec<u8>,
}

/// What stands in the import of a row that changes nothing, or nothing yet.
fn unchanged(candidate: &Candidate) -> ImportRow {
    ImportRow {
        line: candidate.outcome.line as i64,
        result: candidate.outcome.result,
        reasons: reason_codes(&candidate.outcome.reasons),
        case: candidate.existing.as_ref().map(|view| view.case.id),
        action: RowAction::None,
        version: None,
        before: None,
        columns_at: columns_stored(&candidate.outcome.at),
        other_lines: candidate.outcome.other_lines(),
    }
}

/// Results that follow from what is there, without looking further; `None` where the row lands.
fn settled(candidate: &Candidate, content: &[u8]) -> Option<(RowResult, String)> {
    if candidate.erased {
        return Some((RowResult::Reject, reason_codes(&[RowReason::Erased])));
    }
    let case = &candidate.existing.as_ref()?.case;
    match case.status {
        CaseStatus::Open | CaseStatus::Held if case.content_hash == content => {
            Some((RowResult::Duplicate, reason_codes(&[RowReason::AlreadyThere])))
        }
        // A case that ended does not come back by a file; a person decides.
        CaseStatus::Settled | CaseStatus::Closed => Some((RowResult::Hold, reason_codes(&candidate.outcome.reasons))),
        CaseStatus::Open | CaseStatus::Held | CaseStatus::Recalled => None,
    }
}

impl Landing<'_> {
    /// Decides what becomes of one row and collects what is to be written.
    pub(super) fn row(
        &mut self,
        (index, candidate): (usize, &Candidate),
        blind_key: &BlindKey,
        people: &People,
        batch: &mut Batch,
    ) -> Result<ImportRow, AppError> {
        let plain = unchanged(candidate);
        let Some(row) = &candidate.outcome.row else {
            return Ok(plain);
        };
        if self.is_anothers(candidate) {
            return Ok(ImportRow {
                result: RowResult::Reject,
                reasons: reason_codes(&[RowReason::NotYours]),
                ..plain
            });
        }
        let content = content_digest(blind_key, row, candidate.agency);
        if let Some((result, reasons)) = settled(candidate, &content) {
            return Ok(ImportRow {
                result,
                reasons,
                ..plain
            });
        }
        let existing = candidate.existing.as_ref().map(|view| &view.case);
        let action = if existing.is_some() {
            RowAction::Updated
        } else {
            RowAction::Created
        };
        match action {
            RowAction::Created => self.report.created += 1,
            _ => self.report.updated += 1,
        }
        if self.input.options.dry_run {
            return Ok(ImportRow { action, ..plain });
        }
        let person = candidate.person(index, people);
        let person = person.ok_or(AppError::Fault("every row that lands has a person"))?;
        let event = EventId(doorstep_store::fresh_id(self.now));
        let commitment = seal_personal(row, people.keys.get(person.0)?, (person, event), batch)?;
        let address = batch
            .places
            .of(candidate.existing.as_ref(), self.address(row, person, blind_key));
        let case = self.case(
            candidate,
            row,
            Landed {
                person,
                address,
                event,
                content,
            },
        )?;
        batch.index(candidate, row, &case, blind_key);
        batch.entries.push(self.entry(&case, people, commitment)?);
        self.listed.insert(case.id);
        let written = ImportRow {
            case: Some(case.id),
            action,
            version: Some(case.version),
            before: existing.map(kept).transpose()?,
            ..plain
        };
        batch.cases.push(case);
        Ok(written)
    }

    /// Whether the number belongs to a case that an agency's own staff may not touch: the creditor's or another agency's.
    pub(super) fn is_anothers(&self, candidate: &Candidate) -> bool {
        let own = self.input.actor.agency;
        let existing = candidate.existing.as_ref().map(|view| view.case.agency);
        let existing = existing.or_else(|| candidate.loan.as_ref().map(|loan| loan.agency));
        own.is_some() && existing.is_some_and(|agency| agency != own)
    }

    /// What the log says of a case that a row made or changed.
    fn entry(&self, case: &Case, people: &People, commitment: Hash) -> Result<Entry, AppError> {
        let alias = people.aliases.get(&case.person);
        let alias = alias.ok_or(AppError::Fault("every person has an alias"))?;
        let kind = if case.version > 1 {
            EntryKind::CaseUpdated
        } else {
            EntryKind::CaseImported
        };
        let entry = ServerEntry::new(kind, self.input.actor.by()).about(*alias);
        let entry = entry
            .payload(case.payload, commitment)
            .with("case", case.alias.to_string())
            .with("stage", case.stage.code());
        Ok(entry.with("import", self.id.to_string()).into())
    }

    /// The team that works the case: the agency's where it is given to one; otherwise the one it had, unless it comes
    /// back from an agency.
    pub(super) fn team_of(&self, agency: Option<AgencyId>, old: Option<&Case>) -> TeamId {
        match (agency, old) {
            (Some(agency), _) => self.agency_teams.get(&agency).copied().unwrap_or(self.input.team),
            (None, Some(old)) if old.agency.is_none() => old.team,
            (None, _) => self.input.team,
        }
    }

    /// The case as the row makes or changes it.
    fn case(&self, candidate: &Candidate, row: &CaseRow, landed: Landed) -> Result<Case, AppError> {
        let old = candidate.existing.as_ref().map(|view| &view.case);
        let held = candidate.outcome.result == RowResult::Hold;
        Ok(Case {
            id: candidate.case_id(self.now),
            alias: old.map_or_else(doorstep_store::fresh_alias, |old| old.alias),
            portfolio: candidate
                .portfolio
                .ok_or(AppError::Fault("a row that lands has a portfolio"))?,
            agency: candidate.agency,
            team: self.team_of(candidate.agency, old),
            person: landed.person,
            address: landed.address,
            status: if held { CaseStatus::Held } else { CaseStatus::Open },
            // A file never lifts a restriction: what was put on a case stays until a person lifts it.
            flags: old.map_or(0, |old| old.flags) | Flag::mask(&row.flags),
            stage: row.stage,
            days_past_due: row.days_past_due,
            due_day: row.due_date.map(day::number),
            amount: row.amount.total().get(),
            parts: row.amount.parts().map(|parts| {
                [parts.principal, parts.interest, parts.penalty, parts.fees].map(doorstep_domain::measure::Minor::get)
            }),
            currency: row.amount.currency().code().to_owned(),
            amount_as_of: row.amount.as_of(),
            // What counts against further visits does not shrink either, however the next file counts.
            last_visit_day: row
                .last_visit
                .map(day::number)
                .max(old.and_then(|old| old.last_visit_day)),
            visits_before: old.map_or(0, |old| old.visits_before).max(row.visits_so_far),
            content_hash: landed.content,
            payload: landed.event,
            import: self.id,
            version: old.map_or(1, |old| old.version + 1),
            updated_at: self.now,
        })
    }

    /// The address of a row as it would be if nothing were known of it.
    pub(super) fn address(&self, row: &CaseRow, person: PersonId, blind_key: &BlindKey) -> Address {
        let place = self.input.app.whereabouts().of(row.point);
        Address {
            id: AddressId(doorstep_store::fresh_id(self.now)),
            person,
            state: AddressState::Unverified,
            provenance: Provenance::LenderFile,
            kind: PlaceKind::Home,
            cell: row.cell,
            zone: place.zone,
            country: place.country,
            region: place.region,
            place_digest: Some(blind_address(blind_key, person, &row.personal.address)),
            text: None,
            verified: None,
            retired_at: None,
        }
    }
}

impl Batch {
    pub(super) fn new(places: Places) -> Self {
        Self {
            places,
            ..Self::default()
        }
    }

    /// Indexes by which the case and its person can be looked up.
    fn index(&mut self, candidate: &Candidate, row: &CaseRow, case: &Case, blind_key: &BlindKey) {
        if let Some(digest) = candidate.digest {
            self.blind.push((BLIND_CASE, digest, case.id.0));
        }
        if let Some(digest) = blind_phone(blind_key, &row.personal.phone) {
            self.blind.push((BLIND_PHONE, digest, case.person.0));
        }
    }
}

pub(super) fn content_digest(blind_key: &BlindKey, row: &CaseRow, agency: Option<AgencyId>) -> Vec<u8> {
    let agency = agency.map_or_else(String::new, |id| id.to_string());
    blind_key
        .blind("content", &format!("{}\0{agency}", hex(&row.content_hash)))
        .as_bytes()
        .to_vec()
}

pub(super) fn seal_personal(
    row: &CaseRow,
    key: &SealingKey,
    (person, event): (PersonId, EventId),
    batch: &mut Batch,
) -> Result<Hash, AppError> {
    let mut fields = row.personal.clone();
    fields.case_no.clone_from(&row.case_no);
    fields.available = stated_text(&row.available);
    let plain = serde_json::to_vec(&fields).map_err(|_| AppError::Fault("personal fields serialise"))?;
    let (sealed, commitment) = key.seal(event.0, &plain);
    batch.payloads.push((event.0, person.0, sealed));
    Ok(commitment)
}

/// Stated times in the form that the rules read: one part for each day and span.
fn stated_text(times: &[StatedTime]) -> String {
    use jiff::civil::Weekday;
    let days = [
        (Weekday::Monday, "mon"),
        (Weekday::Tuesday, "tue"),
        (Weekday::Wednesday, "wed"),
        (Weekday::Thursday, "thu"),
        (Weekday::Friday, "fri"),
        (Weekday::Saturday, "sat"),
        (Weekday::Sunday, "sun"),
    ];
    let clock = |seconds: i64| format!("{:02}:{:02}", seconds / 3600, seconds % 3600 / 60);
    let mut parts = Vec::new();
    for time in times {
        for (day, name) in days {
            if time.days.contains(day) {
                parts.push(format!("{name} {}-{}", clock(time.from.get()), clock(time.to.get())));
            }
        }
    }
    parts.join("; ")
}
