//! Purges: persons whose time for keeping is over are erased by destroying their keys; the log stays and verifies.
//!
//! An administrator asks, a second person agrees to exactly these persons, and each of them is judged once more in the
//! transaction that erases them. Where the configuration says so, the job does the same without asking: then the rules and
//! the configuration are what allows it, and the entries say so. A crash leaves the persons erased so far; the rest are
//! found by the next purge.

use doorstep_domain::approval::{ApprovalError, ApprovalKind, ApprovalReason, ApprovalState};
use doorstep_domain::id::{ApprovalId, PersonId, RecordingId, TenantId};
use doorstep_domain::measure::Micros;
use doorstep_domain::retention::RetentionState;
use doorstep_log::hash::sha256;
use doorstep_store::entry::{By, Detail, Entries, EntryKind, ServerEntry};
use doorstep_store::erasure::ErasureCause;
use doorstep_store::{StoreError, WriteTx};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::retention::{PurgeAsked, PurgeDone};
use uuid::Uuid;

use super::{Kept, judged};
use crate::App;
use crate::actor::Actor;
use crate::approval::approval_item;
use crate::error::AppError;
use crate::policy::{self, Action};

/// The most persons of one purge: a list that somebody can still look through.
const PERSONS_MAX: usize = 1_000;

/// Who and what goes: persons, and recordings of others.
type Due<'a> = (&'a [PersonId], &'a [RecordingId]);

/// What stands for exactly these persons and recordings: whoever adds one to the list changes it, and the approval was for
/// another.
fn subject_of(persons: &[PersonId], recordings: &[RecordingId]) -> Uuid {
    let persons = persons.iter().map(|person| person.0);
    let all = persons.chain(recordings.iter().map(|recording| recording.0));
    let bytes: Vec<u8> = all.flat_map(Uuid::into_bytes).collect();
    let mut short = [0; 16];
    short.copy_from_slice(&sha256(&bytes).0[..16]);
    uuid::Builder::from_custom_bytes(short).into_uuid()
}

/// The rules that decided, each once.
fn rules_of(kept: &Kept) -> Detail {
    let bounds = kept
        .cases
        .iter()
        .flat_map(|(_, found)| [&found.keep_until, &found.may_until]);
    let mut rules: Vec<String> = bounds.flatten().map(|bound| bound.rule.to_string()).collect();
    rules.sort_unstable();
    rules.dedup();
    Detail::List(rules)
}

impl App {
    /// Asks a second person about erasing everybody and every recording whose time for keeping is over, at most 1,000 of each
    /// at once.
    pub async fn ask_purge(&self, actor: &Actor) -> Result<PurgeAsked, AppError> {
        policy::check(actor, Action::Purge)?;
        let now = self.now();
        let mut due = self.kept(actor.tenant, now).await?;
        due.retain(|kept| kept.state == RetentionState::Over);
        let over: Vec<PersonId> = due.iter().map(|kept| kept.person).collect();
        let mut recordings = self.recordings_due(actor.tenant, &over, now).await?;
        if due.is_empty() && recordings.is_empty() {
            let detail = "Nobody's time for keeping is over. `doorstep retention list` shows what goes when.";
            return Err(AppError::refuse(ProblemCode::NothingDue, detail));
        }
        let left = due.len().saturating_sub(PERSONS_MAX) as u64;
        due.truncate(PERSONS_MAX);
        recordings.truncate(PERSONS_MAX);
        recordings.sort_unstable();
        let persons: Vec<PersonId> = due.iter().map(|kept| kept.person).collect();
        let why = (ApprovalReason::RetentionOver, now);
        let kind = ApprovalKind::RetentionPurge;
        let approval = crate::approval::asked(kind, subject_of(&persons, &recordings), actor.staff, why);
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.approval_insert(&approval).await?;
        tx.purge_persons_insert(approval.id, &persons).await?;
        tx.purge_recordings_insert(approval.id, &recordings).await?;
        let entry = crate::approval::asked_entry(&approval, actor.by())
            .with("persons", persons.len() as i64)
            .with("recordings", recordings.len() as i64);
        tx.commit(Entries::one(entry)).await?;
        let aliases = due.iter().filter_map(|kept| kept.cases.first());
        Ok(PurgeAsked {
            approval: approval_item(&approval),
            persons: aliases.map(|(case, _)| case.person_alias.0).collect(),
            recordings: recordings.iter().map(|recording| recording.0).collect(),
            left,
        })
    }

    /// Erases the persons of an approved purge. Whoever is kept by something since then, stays.
    pub async fn run_purge(&self, actor: &Actor, approval: Uuid) -> Result<PurgeDone, AppError> {
        policy::check(actor, Action::Purge)?;
        let now = self.now();
        let mut approval = self.approval(actor, approval).await?;
        approval.terms.usable(now)?;
        let persons = self.store().purge_persons(actor.tenant, approval.id).await?;
        let recordings = self.store().purge_recordings(actor.tenant, approval.id).await?;
        if approval.kind != ApprovalKind::RetentionPurge || approval.subject != subject_of(&persons, &recordings) {
            let detail = "The approval was given for something else, or the list of it was changed since. Ask for \
                          another purge: `doorstep retention purge`.";
            return Err(AppError::refuse(ProblemCode::ApprovalNeeded, detail));
        }
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.approval_move(&mut approval, ApprovalState::Used, None)
            .await
            .map_err(|error| match error {
                StoreError::Changed => ApprovalError::NotOpen.into(),
                other => AppError::from(other),
            })?;
        let due = (persons.as_slice(), recordings.as_slice());
        let entry = begun(actor.by(), due).with("approval", approval.id.to_string());
        tx.commit(Entries::one(entry)).await?;
        self.purge(actor.tenant, due, (actor.by(), Some(approval.id))).await
    }

    /// Erases everybody whose time for keeping is over, of every tenant: what the job does where it is switched on. Returns how
    /// many.
    pub async fn run_purge_due(&self) -> Result<u64, AppError> {
        let mut erased = 0;
        for (tenant, _) in self.store().tenant_list().await? {
            let now = self.now();
            let due = self.kept(tenant, now).await?.into_iter();
            let due = due.filter(|kept| kept.state == RetentionState::Over);
            let persons: Vec<PersonId> = due.map(|kept| kept.person).take(PERSONS_MAX).collect();
            let mut recordings = self.recordings_due(tenant, &persons, now).await?;
            recordings.truncate(PERSONS_MAX);
            if persons.is_empty() && recordings.is_empty() {
                continue;
            }
            let due = (persons.as_slice(), recordings.as_slice());
            let tx = self.store().write(tenant, now).await?;
            tx.commit(Entries::one(begun(By::PROGRAM, due))).await?;
            erased += self.purge(tenant, due, (By::PROGRAM, None)).await?.erased;
        }
        Ok(erased)
    }

    async fn purge(
        &self,
        tenant: TenantId,
        (persons, recordings): Due<'_>,
        allowed: (By, Option<ApprovalId>),
    ) -> Result<PurgeDone, AppError> {
        let mut done = PurgeDone::default();
        for person in persons {
            if self.purge_person(tenant, *person, allowed).await? {
                done.erased += 1;
            } else {
                done.kept += 1;
            }
        }
        for recording in recordings {
            if self.purge_recording(tenant, *recording, allowed).await? {
                done.recordings += 1;
            } else {
                done.recordings_kept += 1;
            }
        }
        self.scopes().forget_all();
        self.wake_devices();
        Ok(done)
    }

    /// Erases one person, if nothing keeps them now. Returns whether nothing did.
    async fn purge_person(
        &self,
        tenant: TenantId,
        person: PersonId,
        (by, approval): (By, Option<ApprovalId>),
    ) -> Result<bool, AppError> {
        let (now, store) = (self.now(), self.store());
        let mut tx = store.write(tenant, now).await?;
        let kept = self.judged_within(&mut tx, person, now).await?;
        let Some(kept) = kept.filter(|kept| kept.state == RetentionState::Over) else {
            return Ok(false);
        };
        let alias = kept.cases.first().map(|(case, _)| case.person_alias);
        let alias = alias.ok_or(AppError::Fault("a person who is judged has a case"))?;
        if !tx.person_erase(person).await? {
            return Ok(false);
        }
        tx.case_close_of_person(person).await?;
        let mut entry = ServerEntry::new(EntryKind::SubjectErased, by)
            .about(alias)
            .with("rules", rules_of(&kept))
            .reason(ApprovalReason::RetentionOver.code());
        if let Some(approval) = approval {
            entry = entry.with("approval", approval.to_string());
        }
        // As with every erasure: the key store is told first, then the database says it, then the key goes.
        let cause = approval.map_or(ErasureCause::PurgeDue, ErasureCause::PurgeApproved);
        store.keys().erasure_allow(tenant, &[person], cause, now).await?;
        tx.commit(Entries::one(entry)).await?;
        store.person_key_destroy(tenant, person, now).await?;
        Ok(true)
    }

    async fn judged_within(&self, tx: &mut WriteTx, person: PersonId, now: Micros) -> Result<Option<Kept>, AppError> {
        let cases = tx.retention_cases(person).await?;
        let recordings = tx.retention_recordings(person).await?;
        let waits = tx.retention_waits(person).await?;
        let waits = waits.first().map(|(_, state)| *state);
        Ok(judged(self.packs(), (cases, recordings), waits, now))
    }
}

fn begun(by: By, (persons, recordings): Due<'_>) -> ServerEntry {
    ServerEntry::new(EntryKind::RetentionPurge, by)
        .with("persons", persons.len() as i64)
        .with("recordings", recordings.len() as i64)
        .reason(ApprovalReason::RetentionOver.code())
}
