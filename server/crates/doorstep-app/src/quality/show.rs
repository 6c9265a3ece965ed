//! Quality checks as those see them who score, and as whoever made the visit sees them. Notes are looked through for
//! forbidden wording when a sheet opens, under its read grant; nothing of it is kept.

use std::collections::{BTreeMap, HashMap};

use doorstep_domain::id::{EventId, PersonId, VisitId};
use doorstep_domain::quality::CheckState;
use doorstep_domain::read::{FieldClass, OutsidePurpose};
use doorstep_domain::words::Lang;
use doorstep_rules::{Sheet, Wording};
use doorstep_store::case::CaseView;
use doorstep_store::grant::{Purpose, ReadGrant};
use doorstep_store::quality::QualityCheck;
use doorstep_store::visit::Visit;
use doorstep_wire::Page;
use doorstep_wire::quality::{QualityDetail, QualityItem, QualityQuery, QualitySheetItem, WordingHit};
use uuid::Uuid;

use super::{Checked, bad_code, found_of};
use crate::actor::Actor;
use crate::complaint::Logins;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::reads::week::Week;
use crate::review::notes_of;
use crate::{App, note};

impl App {
    /// The checks of the caller's side, oldest first; never by what was found.
    pub async fn list_quality(&self, actor: &Actor, query: &QualityQuery) -> Result<Page<QualityItem>, AppError> {
        policy::check(actor, Action::SeeQuality)?;
        let state = query.state.as_deref().map(str::parse::<CheckState>).transpose();
        let state = state.map_err(bad_code("state"))?;
        let checks = self.store().quality_list(actor.tenant, (state, None)).await?;
        let reach = policy::reach(actor);
        self.quality_items(actor, checks, |view| crate::case::in_scope(view, &reach))
            .await
    }

    /// The checks of the caller's own visits that were scored. For everybody.
    pub async fn list_own_quality(&self, actor: &Actor) -> Result<Page<QualityItem>, AppError> {
        let mut checks = self
            .store()
            .quality_list(actor.tenant, (None, Some(actor.staff)))
            .await?;
        // Who knows before that a visit will be looked at could mend its record.
        checks.retain(|check| check.state != CheckState::Drawn);
        self.quality_items(actor, checks, |_| true).await
    }

    async fn quality_items(
        &self,
        actor: &Actor,
        checks: Vec<QualityCheck>,
        seen: impl Fn(&CaseView) -> bool,
    ) -> Result<Page<QualityItem>, AppError> {
        let ids: Vec<Uuid> = checks.iter().map(|check| check.visit.0).collect();
        let visits = self.store().visit_get_many(actor.tenant, &ids).await?;
        let cases: Vec<Uuid> = visits.iter().map(|visit| visit.case.0).collect();
        let views = self.store().case_get_many(actor.tenant, &cases).await?;
        let visits: HashMap<VisitId, Visit> = visits.into_iter().map(|visit| (visit.id, visit)).collect();
        let logins = self.staff_numbers(actor).await?;
        let items = checks.iter().filter_map(|check| {
            let visit = visits.get(&check.visit)?;
            let view = views.iter().find(|view| view.case.id == visit.case && seen(view))?;
            Some(item(check, (visit, view), &logins))
        });
        Ok(Page {
            items: items.collect(),
            next: None,
        })
    }

    /// A sheet with all that it is scored by. An entry in the access log.
    pub async fn show_quality(&self, actor: &Actor, id: Uuid, lang: Lang) -> Result<QualityDetail, AppError> {
        policy::check(actor, Action::SeeQuality)?;
        let one = self.checked_in_reach(actor, id).await?;
        let is_own = policy::in_caseload(actor, &one.view);
        // The check itself is the reason, and stands in the entry.
        let outside = (!is_own).then_some(OutsidePurpose::Inspection);
        let mut detail = self.quality_detail(actor, &one, (outside, lang)).await?;
        if let Some((by, _)) = one.check.scored {
            detail.scored_by = self.staff_numbers(actor).await?.of(by);
        }
        Ok(detail)
    }

    /// What was found about the caller's own part in a visit. For everybody.
    pub async fn show_own_quality(&self, actor: &Actor, id: Uuid, lang: Lang) -> Result<QualityDetail, AppError> {
        let one = self.own_check(actor, id).await?;
        if one.check.state == CheckState::Drawn {
            return Err(AppError::not_found("quality check"));
        }
        self.quality_detail(actor, &one, (None, lang)).await
    }

    async fn quality_detail(
        &self,
        actor: &Actor,
        one: &Checked,
        (outside, lang): (Option<OutsidePurpose>, Lang),
    ) -> Result<QualityDetail, AppError> {
        let (check, person) = (&one.check, one.view.case.person);
        let persons = vec![(person, one.view.person_alias)];
        let mut request = actor.reads(Purpose::Quality, &[FieldClass::Words], persons);
        request.outside = outside;
        let grant = self.store().grant(actor.tenant, request, self.now()).await?;
        let notes = self.notes_to_check(actor, one, &grant).await?;
        let records = [
            check.remarks,
            check.appealed.map(|(_, words)| words),
            check.decided.map(|decided| decided.words),
        ];
        let records: Vec<Uuid> = records.into_iter().flatten().map(|id| id.0).collect();
        let said = self.store().payload_get_many(actor.tenant, &records).await?;
        let texts = note::open(&grant, &said)?;
        let flags = self.flags_of_visits(actor, std::slice::from_ref(&one.visit)).await?;
        let remarks = check.remarks.and_then(|id| texts.get(&id));
        Ok(QualityDetail {
            item: item(check, (&one.visit, &one.view), &self.staff_numbers(actor).await?),
            sheet: sheet_of(check, remarks, lang)?,
            outcome: one.visit.outcome.map(|code| code.code().to_owned()),
            matter: one.visit.matter.map(|code| code.code().to_owned()),
            flags: flags.into_values().flatten().collect(),
            hits: hits_of(&notes),
            notes,
            scored_by: None,
            appealed_at: check.appealed.map(|(at, _)| at.get()),
            appeal: check.appealed.and_then(|(_, id)| texts.get(&id).cloned()),
            decided_at: check.decided.map(|one| one.at.get()),
            decided_why: check.decided.and_then(|one| texts.get(&one.words).cloned()),
        })
    }

    /// The notes of a visit about its person.
    async fn notes_to_check(&self, actor: &Actor, one: &Checked, grant: &ReadGrant) -> Result<Vec<String>, AppError> {
        let events = self.store().event_of_visit(actor.tenant, one.visit.id).await?;
        let records: Vec<Uuid> = events.iter().map(|event| event.id.0).collect();
        let mut payloads: Vec<(EventId, PersonId, Vec<u8>)> =
            self.store().payload_get_many(actor.tenant, &records).await?;
        payloads.retain(|(_, subject, _)| *subject == one.view.case.person);
        notes_of(grant, &events, &payloads)
    }
}

/// The sheet as it is, with what was found; items of an older sheet come after it.
fn sheet_of(check: &QualityCheck, remarks: Option<&String>, lang: Lang) -> Result<Vec<QualitySheetItem>, AppError> {
    let mut found = found_of(check)?;
    let mut remarks: BTreeMap<String, String> = match remarks {
        Some(text) => serde_json::from_str(text).map_err(|_| AppError::Fault("kept remarks are ours"))?,
        None => BTreeMap::new(),
    };
    let sheet = Sheet::builtin();
    let known = sheet
        .items()
        .iter()
        .map(|item| (item.id.clone(), item.text(lang).to_owned()));
    let mut lines: Vec<(String, String)> = known.collect();
    let older = found.keys().filter(|id| !lines.iter().any(|(known, _)| known == *id));
    let older: Vec<(String, String)> = older.map(|id| (id.clone(), id.clone())).collect();
    lines.extend(older);
    let line = |(id, text): (String, String)| QualitySheetItem {
        found: found.remove(&id).map(|found| found.code().to_owned()),
        remark: remarks.remove(&id),
        id,
        text,
    };
    Ok(lines.into_iter().map(line).collect())
}

fn hits_of(notes: &[String]) -> Vec<WordingHit> {
    let wording = Wording::builtin();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let of_note = |(at, note): (usize, &String)| {
        let hits = wording.scan(note).into_iter();
        hits.map(move |hit| WordingHit {
            note: count(at),
            start: count(hit.start),
            length: count(hit.length),
            kind: hit.kind.code().to_owned(),
            text: hit.text,
        })
        .collect::<Vec<_>>()
    };
    notes.iter().enumerate().flat_map(of_note).collect()
}

fn item(check: &QualityCheck, (visit, view): (&Visit, &CaseView), logins: &Logins) -> QualityItem {
    QualityItem {
        id: check.id.0,
        visit: visit.id.0,
        case: visit.case.0,
        staff: logins.of(check.staff).unwrap_or_default(),
        week: Week::of_monday(check.week).to_string(),
        started_at: visit.started_at.map(doorstep_domain::measure::Micros::get),
        because: check.because.code().to_owned(),
        state: check.state.code().to_owned(),
        drawn_at: check.drawn_at.get(),
        scored_at: check.scored.map(|(_, at)| at.get()),
        decision: check.decided.map(|one| one.decision.code().to_owned()),
        zone: view.address.zone.clone(),
    }
}
