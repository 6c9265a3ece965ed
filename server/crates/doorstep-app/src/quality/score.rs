//! Scoring a visit, appealing against it, deciding the appeal: three persons, each once.

use std::collections::BTreeMap;

use doorstep_domain::id::EventId;
use doorstep_domain::quality::{AppealDecision, CheckState, ItemFound};
use doorstep_domain::words::Lang;
use doorstep_log::hash::Hash;
use doorstep_rules::Sheet;
use doorstep_store::entry::{Entries, EntryKind, ServerEntry};
use doorstep_store::quality::Decided;
use doorstep_store::{StoreError, WriteTx};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::quality::{AppealQuality, DecideQuality, QualityDetail, ScoreQuality};
use uuid::Uuid;

use super::{Checked, Found, bad_code};
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::{App, note};

impl App {
    /// Says what was found about every item of the sheet; once, by somebody outside the line.
    pub async fn score_quality(
        &self,
        actor: &Actor,
        id: Uuid,
        request: &ScoreQuality,
        lang: Lang,
    ) -> Result<QualityDetail, AppError> {
        policy::check(actor, Action::ScoreQuality)?;
        let (found, remarks) = read_sheet(request)?;
        let mut one = self.checked_in_reach(actor, id).await?;
        self.must_stand_outside(actor, &one).await?;
        must_be(&one, CheckState::Drawn)?;
        let mut tx = self.locked(actor, &one).await?;
        let fails = found.values().filter(|found| **found == ItemFound::Fail).count();
        let mut entry = self
            .entry(actor, &one, EntryKind::QualityScored)
            .await?
            .with("fails", fails as i64);
        if !remarks.is_empty() {
            let text = serde_json::to_string(&remarks).map_err(|_| AppError::Fault("remarks serialise"))?;
            let (record, commitment) = self.keep(actor, &mut tx, &one, &text).await?;
            one.check.remarks = Some(record);
            entry = entry.payload(record, commitment);
        }
        one.check.state = CheckState::Scored;
        one.check.found = serde_json::to_string(&found).map_err(|_| AppError::Fault("findings serialise"))?;
        one.check.scored = Some((actor.staff, self.now()));
        tx.quality_update(&one.check, CheckState::Drawn).await?;
        tx.commit(Entries::one(entry)).await?;
        self.wake_office();
        self.show_quality(actor, id, lang).await
    }

    /// Appeals against what was found about the caller's own part in a visit; once. For everybody.
    pub async fn appeal_quality(
        &self,
        actor: &Actor,
        id: Uuid,
        request: &AppealQuality,
        lang: Lang,
    ) -> Result<QualityDetail, AppError> {
        let words = note::checked("words", &request.words)?;
        let mut one = self.own_check(actor, id).await?;
        must_be(&one, CheckState::Scored)?;
        let mut tx = self.locked(actor, &one).await?;
        let (record, commitment) = self.keep(actor, &mut tx, &one, &words).await?;
        one.check.state = CheckState::Appealed;
        one.check.appealed = Some((self.now(), record));
        tx.quality_update(&one.check, CheckState::Scored).await?;
        let entry = self.entry(actor, &one, EntryKind::QualityAppealed).await?;
        tx.commit(Entries::one(entry.payload(record, commitment))).await?;
        self.wake_office();
        self.show_own_quality(actor, id, lang).await
    }

    /// Decides an appeal, as a third person: neither whose visit it is nor who scored it, and outside the line.
    pub async fn decide_quality(
        &self,
        actor: &Actor,
        id: Uuid,
        request: &DecideQuality,
        lang: Lang,
    ) -> Result<QualityDetail, AppError> {
        policy::check(actor, Action::ScoreQuality)?;
        let decision: AppealDecision = request.decision.parse().map_err(bad_code("decision"))?;
        let words = note::checked("words", &request.words)?;
        let mut one = self.checked_in_reach(actor, id).await?;
        self.must_stand_outside(actor, &one).await?;
        if one.check.scored.is_some_and(|(by, _)| by == actor.staff) {
            let detail = "You scored this visit. A third person must decide the appeal.";
            return Err(AppError::refuse(ProblemCode::NotAllowed, detail));
        }
        must_be(&one, CheckState::Appealed)?;
        let mut tx = self.locked(actor, &one).await?;
        let (record, commitment) = self.keep(actor, &mut tx, &one, &words).await?;
        one.check.state = CheckState::Decided;
        one.check.decided = Some(Decided {
            decision,
            by: actor.staff,
            at: self.now(),
            words: record,
        });
        tx.quality_update(&one.check, CheckState::Appealed).await?;
        let entry = self.entry(actor, &one, EntryKind::QualityDecided).await?;
        let entry = entry.reason(decision.code()).payload(record, commitment);
        tx.commit(Entries::one(entry)).await?;
        self.wake_office();
        self.show_quality(actor, id, lang).await
    }

    /// A transaction in which the visited person cannot be erased.
    async fn locked(&self, actor: &Actor, one: &Checked) -> Result<WriteTx, AppError> {
        let mut tx = self.store().write(actor.tenant, self.now()).await?;
        if tx.person_kept(one.view.case.person).await? {
            Ok(tx)
        } else {
            Err(StoreError::Erased.into())
        }
    }

    /// Keeps words about a visit under the key of the person who was visited.
    async fn keep(
        &self,
        actor: &Actor,
        tx: &mut WriteTx,
        one: &Checked,
        text: &str,
    ) -> Result<(EventId, Hash), AppError> {
        let person = one.view.case.person.0;
        let keys = self.store().sealing_keys(actor.tenant, &[person]).await?;
        note::keep_for(tx, person, text, &keys).await
    }

    /// An entry about a check. Its subject is the person under whose key its words are sealed, so that an erasure explains
    /// why they are gone; whose part in the visit it is stands in the detail, by alias.
    async fn entry(&self, actor: &Actor, one: &Checked, kind: EntryKind) -> Result<ServerEntry, AppError> {
        let staff = self.store().staff_get(actor.tenant, one.check.staff).await?;
        let entry = ServerEntry::new(kind, actor.by())
            .about(one.view.person_alias)
            .visit(one.visit.alias);
        Ok(entry
            .with("check", one.check.id.to_string())
            .with("staff", staff.alias.to_string()))
    }
}

fn must_be(one: &Checked, state: CheckState) -> Result<(), AppError> {
    if one.check.state == state {
        return Ok(());
    }
    let detail = format!(
        "The check is `{}`, not `{state}`: it is scored once, appealed once and decided once. \
         `doorstep quality show` says what came of it.",
        one.check.state
    );
    Err(AppError::refuse(ProblemCode::Changed, detail))
}

/// The findings and remarks of a request that has one line for each item of the sheet.
fn read_sheet(request: &ScoreQuality) -> Result<(Found, BTreeMap<String, String>), AppError> {
    let sheet = Sheet::builtin();
    let (mut found, mut remarks) = (Found::new(), BTreeMap::new());
    for line in &request.items {
        let known = sheet.items().iter().any(|item| item.id == line.id);
        let code: ItemFound = line.found.parse().map_err(bad_code("found"))?;
        if !known || found.insert(line.id.clone(), code).is_some() {
            let detail = format!(
                "`{}` is no item of the sheet, or comes twice. `doorstep quality show` has them.",
                line.id
            );
            return Err(AppError::at(ProblemCode::BadRequest, "items", detail));
        }
        if let Some(remark) = &line.remark {
            remarks.insert(line.id.clone(), note::checked("remark", remark)?);
        }
    }
    let missing: Vec<&str> = sheet.items().iter().map(|item| item.id.as_str()).collect();
    let missing: Vec<&str> = missing.into_iter().filter(|id| !found.contains_key(*id)).collect();
    if missing.is_empty() {
        return Ok((found, remarks));
    }
    let detail = format!(
        "Say `pass`, `fail` or `na` of every item; missing: {}.",
        missing.join(", ")
    );
    Err(AppError::at(ProblemCode::BadRequest, "items", detail))
}
