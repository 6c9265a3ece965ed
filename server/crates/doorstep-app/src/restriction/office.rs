//! Restrictions as the office lists, adds and lifts them.

use std::collections::HashMap;

use doorstep_domain::address::{AddressState, PlaceKind};
use doorstep_domain::approval::{ApprovalKind, ApprovalReason, ApprovalState};
use doorstep_domain::case::Flag;
use doorstep_domain::contact::Channel;
use doorstep_domain::id::{EventId, StaffId};
use doorstep_domain::measure::Micros;
use doorstep_domain::read::OutsidePurpose;
use doorstep_domain::restriction::{RestrictionKind, RightSource};
use doorstep_log::hash::Hash;
use doorstep_rules::parse_stated_times;
use doorstep_store::WriteTx;
use doorstep_store::approval::Approval;
use doorstep_store::case::CaseView;
use doorstep_store::entry::{Entries, ServerEntry};
use doorstep_store::grant::Purpose;
use doorstep_store::keys::SealingKeys;
use doorstep_store::restriction::{BanRow, Restriction};
use doorstep_wire::Page;
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::read::Opening;
use doorstep_wire::right::{AddRestriction, LiftRestriction, RestrictionItem};
use doorstep_wire::sync::Payload;
use uuid::Uuid;

use super::{Lifting, New, lift, put_on};
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::reads::purpose_of;
use crate::{App, note};

/// A code of a field of a request.
pub(crate) fn code<T: std::str::FromStr>(field: &str, text: &str) -> Result<T, AppError>
where
    T::Err: std::fmt::Display,
{
    text.parse()
        .map_err(|error: T::Err| AppError::at(ProblemCode::BadRequest, field, error.to_string()))
}

/// Keeps what was said under the person's key; returns its record and the commitment for the entry.
pub(crate) async fn keep_words(
    tx: &mut WriteTx,
    view: &CaseView,
    words: String,
    keys: &SealingKeys,
) -> Result<(EventId, Hash), AppError> {
    let id = doorstep_store::fresh_id(tx.now());
    let payload = Payload {
        note: Some(words),
        ..Payload::default()
    };
    let plain = serde_json::to_vec(&payload).map_err(|_| AppError::Fault("payloads serialise"))?;
    let (sealed, commitment) = keys.get(view.case.person.0)?.seal(id, &plain);
    tx.payload_insert(vec![(id, view.case.person.0, sealed)]).await?;
    Ok((EventId(id), commitment))
}

fn ban_row(request: &AddRestriction, kind: RestrictionKind) -> Result<BanRow, AppError> {
    let narrows = !(request.channels.is_empty() && request.places.is_empty() && request.hours.is_empty());
    if kind != RestrictionKind::Ban {
        if narrows || request.until.is_some() {
            let detail = "Only a `ban` has channels, places, hours or an end; leave them out, or say `ban`.";
            return Err(AppError::at(ProblemCode::BadRequest, "kind", detail));
        }
        return Ok(BanRow::default());
    }
    for channel in &request.channels {
        code::<Channel>("channels", channel)?;
    }
    for place in &request.places {
        code::<PlaceKind>("places", place)?;
    }
    let hours = parse_stated_times(&request.hours)
        .map_err(|error| AppError::at(ProblemCode::BadRequest, "hours", error.to_string()))?;
    if hours.is_empty() && !request.hours.trim().is_empty() {
        return Err(AppError::at(
            ProblemCode::BadRequest,
            "hours",
            "Name at least one span of time.",
        ));
    }
    Ok(BanRow {
        channels: request.channels.join(","),
        places: request.places.join(","),
        hours: request.hours.trim().to_owned(),
    })
}

/// From when until when, checked.
pub(crate) fn span(from: Option<i64>, until: Option<i64>, now: Micros) -> Result<(Micros, Option<Micros>), AppError> {
    let (from, until) = (from.map_or(now, Micros), until.map(Micros));
    if until.is_some_and(|until| until <= from || until <= now) {
        let detail = "`until` must be after `from` and in the future.";
        return Err(AppError::at(ProblemCode::BadRequest, "until", detail));
    }
    Ok((from, until))
}

impl App {
    /// What narrows contacts in a case, also what was lifted, oldest first, with what was said.
    pub async fn list_restrictions(
        &self,
        actor: &Actor,
        case: Uuid,
        opening: &Opening,
    ) -> Result<Page<RestrictionItem>, AppError> {
        policy::check(actor, Action::SeeCases)?;
        let view = self.case_in_reach(actor, case).await?;
        let outside = purpose_of(actor, &view, opening)?;
        let rows = self
            .store()
            .restriction_list(actor.tenant, &[view.case.person.0])
            .await?;
        let words = self
            .words_of(actor, &view, rows.iter().filter_map(|row| row.event), outside)
            .await?;
        let asked = self.asked_for(actor, ApprovalKind::RestrictionLift).await?;
        let staff = self.logins(actor).await?;
        let theirs = rows
            .iter()
            .filter(|row| row.kind.of_person() || row.case == view.case.id);
        let mut items: Vec<RestrictionItem> = theirs.map(|row| item(row, &words, &asked, &staff)).collect();
        items.splice(0..0, of_file(&view, &rows));
        Ok(Page { items, next: None })
    }

    /// Puts a restriction on a case, as the person or somebody for them asked the office.
    pub async fn add_restriction(
        &self,
        actor: &Actor,
        case: Uuid,
        request: &AddRestriction,
    ) -> Result<Page<RestrictionItem>, AppError> {
        policy::check(actor, Action::Restrict)?;
        let view = self.case_in_scope(actor, case).await?;
        let kind: RestrictionKind = code("kind", &request.kind)?;
        let now = self.now();
        let ban = ban_row(request, kind)?;
        let (starts, ends) = span(request.from, request.until, now)?;
        let words = request
            .words
            .as_deref()
            .map(|text| note::checked("words", text))
            .transpose()?;
        let keys = self.store().sealing_keys(actor.tenant, &[view.case.person.0]).await?;
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.ahead_lock(&[view.case.person.0], &[]).await?;
        let mut new = New {
            ban,
            ends,
            staff: Some(actor.staff),
            ..New::of(kind, RightSource::Office, starts)
        };
        if let Some(words) = words {
            let (event, commitment) = keep_words(&mut tx, &view, words, &keys).await?;
            (new.event, new.commitment) = (Some(event), Some(commitment));
        }
        let done = put_on(self, &mut tx, &view, (&new, actor.by())).await?;
        let entries = Entries::of(done.entries).ok_or(AppError::Fault("a restriction has its entry"))?;
        tx.commit(entries).await?;
        self.wake_devices();
        self.list_restrictions(actor, case, &Opening::default()).await
    }

    /// Takes a restriction off, or asks a second person where one alone may not.
    pub async fn lift_restriction(
        &self,
        actor: &Actor,
        case: Uuid,
        request: &LiftRestriction,
    ) -> Result<Page<RestrictionItem>, AppError> {
        policy::check(actor, Action::LiftRestriction)?;
        let view = self.case_in_scope(actor, case).await?;
        let kind: RestrictionKind = code("kind", &request.kind)?;
        let reason: ApprovalReason = code("reason", &request.reason)?;
        let words = note::checked("words", &request.words)?;
        let (row, is_new) = self.to_lift(actor, &view, kind, request.id).await?;
        let keys = self.store().sealing_keys(actor.tenant, &[view.case.person.0]).await?;
        let now = self.now();
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.ahead_lock(&[view.case.person.0], &[]).await?;
        if is_new {
            tx.restriction_insert(&row).await?;
        }
        let (event, commitment) = keep_words(&mut tx, &view, words, &keys).await?;
        let entry = if kind.lifted_by_two() {
            tx.restriction_lift_asked(row.id, event).await?;
            let asked = crate::approval::asked(ApprovalKind::RestrictionLift, row.id, actor.staff, (reason, now));
            tx.approval_insert(&asked).await?;
            crate::approval::asked_entry(&asked, actor.by()).about(view.person_alias)
        } else {
            let how = Lifting {
                by: actor.by(),
                staff: Some(actor.staff),
                reason: reason.code().to_owned(),
                note: Some(event),
                approval: None,
            };
            lift(&mut tx, (&view, &row), &how).await?
        };
        tx.commit(Entries::one(entry.payload(event, commitment))).await?;
        self.wake_devices();
        self.list_restrictions(actor, case, &Opening::default()).await
    }

    /// The restriction that is to be lifted. What only the lender's file says gets a row, so that its end is kept.
    async fn to_lift(
        &self,
        actor: &Actor,
        view: &CaseView,
        kind: RestrictionKind,
        id: Option<Uuid>,
    ) -> Result<(Restriction, bool), AppError> {
        let rows = self
            .store()
            .restriction_list(actor.tenant, &[view.case.person.0])
            .await?;
        let stands = |row: &&Restriction| {
            row.lifted.is_none() && row.kind == kind && (kind.of_person() || row.case == view.case.id)
        };
        let mut standing = rows.iter().filter(stands);
        if kind == RestrictionKind::Ban {
            let id = id.ok_or_else(|| AppError::at(ProblemCode::BadRequest, "id", "Say which ban, by its id."))?;
            let ban = standing.find(|row| row.id == id);
            return Ok((ban.ok_or_else(|| AppError::not_found("ban"))?.clone(), false));
        }
        if let Some(row) = standing.next() {
            return Ok((row.clone(), false));
        }
        let is_flagged = kind.flag().is_some_and(|flag| view.case.flags & flag.bit() != 0);
        let has_moved = kind == RestrictionKind::Moved && view.address.state == AddressState::Moved;
        if !is_flagged && !has_moved {
            return Err(AppError::not_found("restriction"));
        }
        let row = Restriction {
            id: doorstep_store::fresh_id(self.now()),
            case: view.case.id,
            person: view.case.person,
            kind,
            ban: BanRow::default(),
            starts: view.case.updated_at,
            ends: None,
            source: RightSource::File,
            staff: None,
            visit: None,
            event: None,
            made_at: view.case.updated_at,
            lifted: None,
        };
        Ok((row, true))
    }

    /// What a second person answered about lifting a restriction; on yes it ends.
    pub(crate) async fn lift_answered(
        &self,
        actor: &Actor,
        tx: &mut WriteTx,
        approval: &Approval,
    ) -> Result<ServerEntry, AppError> {
        let row = self.store().restriction_get(actor.tenant, approval.subject).await?;
        tx.ahead_lock(&[row.person.0], &[]).await?;
        let view = tx.case_read(&[row.case.0]).await?.pop();
        let view = view.ok_or_else(|| AppError::not_found("case"))?;
        still_as_asked(tx, &row, approval).await?;
        let how = Lifting {
            by: actor.by(),
            staff: Some(approval.terms.asked_by),
            reason: approval.reason.clone(),
            note: None,
            approval: Some(approval.id),
        };
        lift(tx, (&view, &row), &how).await
    }

    /// What was said, opened as part of the case.
    pub(crate) async fn words_of(
        &self,
        actor: &Actor,
        view: &CaseView,
        events: impl Iterator<Item = EventId>,
        outside: Option<OutsidePurpose>,
    ) -> Result<HashMap<Uuid, String>, AppError> {
        let events: Vec<Uuid> = events.map(|event| event.0).collect();
        let person = vec![(view.case.person, view.person_alias)];
        let said = self.payloads(actor, person, &events, (Purpose::Case, outside)).await?;
        Ok(said
            .into_iter()
            .filter_map(|(event, payload)| Some((event, payload.note?)))
            .collect())
    }

    /// Approvals of a kind that wait for an answer, by what they are about.
    pub(crate) async fn asked_for(&self, actor: &Actor, kind: ApprovalKind) -> Result<HashMap<Uuid, Uuid>, AppError> {
        let now = self.now();
        let approvals = self.store().approval_list(actor.tenant).await?;
        let open = approvals
            .iter()
            .filter(|one| one.kind == kind && one.terms.state == ApprovalState::Asked && now < one.terms.expires);
        Ok(open.map(|one| (one.subject, one.id.0)).collect())
    }

    pub(crate) async fn logins(&self, actor: &Actor) -> Result<HashMap<StaffId, String>, AppError> {
        let staff = self.store().staff_list(actor.tenant).await?;
        Ok(staff.into_iter().map(|one| (one.id, one.login)).collect())
    }
}

/// An approval lifts what stood when it was asked for. What was said again since is another matter, of which neither of the
/// two has decided.
async fn still_as_asked(tx: &mut WriteTx, row: &Restriction, approval: &Approval) -> Result<(), AppError> {
    let all = tx.restriction_list(&[row.person.0]).await?;
    let stands = all.iter().any(|one| one.id == row.id && one.lifted.is_none());
    let again = all.iter().any(|one| {
        row.kind != RestrictionKind::Ban
            && one.kind == row.kind
            && one.lifted.is_none()
            && one.made_at > approval.asked_at
            && (row.kind.of_person() || one.case == row.case)
    });
    if stands && !again {
        return Ok(());
    }
    let detail =
        "The restriction was lifted or said again since this was asked. Refuse it, look at the case, and ask again.";
    Err(AppError::refuse(ProblemCode::Changed, detail))
}

/// What only the lender's file says of a case: flags without a row of their own.
fn of_file(view: &CaseView, rows: &[Restriction]) -> Vec<RestrictionItem> {
    let flags = Flag::of_mask(view.case.flags).into_iter();
    let kinds = flags.filter_map(RestrictionKind::of_flag);
    let is_said = |kind: &RestrictionKind| {
        let own = |row: &Restriction| row.case == view.case.id && row.lifted.is_none();
        rows.iter().any(|row| row.kind == *kind && own(row))
    };
    kinds
        .filter(|kind| !is_said(kind))
        .map(|kind| RestrictionItem {
            id: None,
            case: view.case.id.0,
            kind: kind.code().to_owned(),
            channels: Vec::new(),
            places: Vec::new(),
            hours: String::new(),
            from: None,
            until: None,
            source: RightSource::File.code().to_owned(),
            by: None,
            visit: None,
            made_at: None,
            words: None,
            lifted_by_two: kind.lifted_by_two(),
            lifted_at: None,
            lifted_why: None,
            approval: None,
        })
        .collect()
}

fn item(
    row: &Restriction,
    words: &HashMap<Uuid, String>,
    asked: &HashMap<Uuid, Uuid>,
    staff: &HashMap<StaffId, String>,
) -> RestrictionItem {
    let list = |text: &str| {
        text.split(',')
            .filter(|code| !code.is_empty())
            .map(str::to_owned)
            .collect()
    };
    RestrictionItem {
        id: Some(row.id),
        case: row.case.0,
        kind: row.kind.code().to_owned(),
        channels: list(&row.ban.channels),
        places: list(&row.ban.places),
        hours: row.ban.hours.clone(),
        from: Some(row.starts.get()),
        until: row.ends.map(Micros::get),
        source: row.source.code().to_owned(),
        by: row.staff.and_then(|id| staff.get(&id).cloned()),
        visit: row.visit.map(|id| id.0),
        made_at: Some(row.made_at.get()),
        words: row.event.and_then(|event| words.get(&event.0).cloned()),
        lifted_by_two: row.kind.lifted_by_two(),
        lifted_at: row.lifted.as_ref().map(|lifted| lifted.at.get()),
        lifted_why: row.lifted.as_ref().map(|lifted| lifted.reason.clone()),
        approval: asked.get(&row.id).copied().filter(|_| row.lifted.is_none()),
    }
}
