//! Taking an import back, while nothing else touched its cases.

use doorstep_domain::id::{ImportId, PersonId};
use doorstep_domain::measure::Micros;
use doorstep_store::WriteTx;
use doorstep_store::case::Case;
use doorstep_store::entry::{Entries, Entry, EntryKind, ServerEntry};
use doorstep_store::erasure::ErasureCause;
use doorstep_store::import::{Import, ImportKind, ImportRow, ImportState, RowAction};
use doorstep_wire::import::TakeBackReport;
use doorstep_wire::problem::ProblemCode;
use uuid::Uuid;

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};

/// Money that was booked is put right by what is booked after it.
fn check_kind(import: &Import) -> Result<(), AppError> {
    if import.kind == ImportKind::Cases {
        return Ok(());
    }
    let detail = "Only imports of cases can be taken back. Send a corrected loan file, or a reversal of the payment.";
    Err(AppError::refuse(ProblemCode::ImportTouched, detail))
}

impl App {
    /// Takes an import back: removes the cases it made, restores those it changed or recalled. Refused as soon as
    /// anything else touched one of them.
    pub async fn take_back_import(&self, actor: &Actor, id: Uuid) -> Result<TakeBackReport, AppError> {
        policy::check(actor, Action::ImportCases)?;
        let import = self.import_in_scope(actor, id).await?;
        check_kind(&import)?;
        let now = self.now();
        let mut tx = self.store().write(actor.tenant, now).await?;
        if import.state == ImportState::TakenBack {
            return Err(AppError::refuse(
                ProblemCode::ImportTouched,
                "The import was taken back before.",
            ));
        }
        let touched = tx.import_touched(import.id).await?;
        if touched > 0 {
            let detail = format!(
                "{touched} of its cases were changed, planned, visited or contacted since. Correct those cases instead."
            );
            return Err(AppError::refuse(ProblemCode::ImportTouched, detail));
        }
        let rows = tx.import_rows_acting(import.id).await?;
        let of = |action: RowAction| -> Vec<Uuid> {
            rows.iter()
                .filter(|row| row.action == action)
                .filter_map(|row| row.case.map(|id| id.0))
                .collect()
        };
        let made = tx.case_read(&of(RowAction::Created)).await?;
        let persons: Vec<Uuid> = made.iter().map(|view| view.case.person.0).collect();
        tx.person_lock(&persons).await?;
        let all: Vec<Uuid> = rows.iter().filter_map(|row| row.case.map(|id| id.0)).collect();
        tx.case_lock(&all).await?;
        let mut entries: Vec<Entry> = Vec::new();
        for view in &made {
            let entry = ServerEntry::new(EntryKind::CaseTakenBack, actor.by()).about(view.person_alias);
            entries.push(
                entry
                    .with("case", view.case.alias.to_string())
                    .with("import", import.id.to_string())
                    .into(),
            );
        }
        let erased = tx.case_remove(&made).await?;
        for (_, alias) in &erased {
            let entry = ServerEntry::new(EntryKind::SubjectErased, actor.by())
                .about(*alias)
                .reason("import.taken-back");
            entries.push(entry.into());
        }
        let restored = restored_cases(&rows, now)?;
        for case in &restored {
            let entry = ServerEntry::new(EntryKind::CaseTakenBack, actor.by()).with("case", case.alias.to_string());
            entries.push(entry.with("import", import.id.to_string()).into());
        }
        tx.case_write(&restored).await?;
        tx.import_taken_back(import.id).await?;
        tx.entries_add(entries).await?;
        let entry = ServerEntry::new(EntryKind::ImportTakenBack, actor.by()).with("import", import.id.to_string());
        let erased: Vec<PersonId> = erased.iter().map(|(person, _)| *person).collect();
        self.take_back_commit(actor, (tx, entry), import.id, &erased).await?;
        self.scopes().forget_all();
        self.wake_devices();
        Ok(TakeBackReport {
            import: id,
            removed: made.len() as u64,
            restored: restored.len() as u64,
        })
    }

    /// Commits, and destroys the keys of the persons whom only this import had brought. The key store is told before.
    async fn take_back_commit(
        &self,
        actor: &Actor,
        (tx, entry): (WriteTx, ServerEntry),
        import: ImportId,
        erased: &[PersonId],
    ) -> Result<(), AppError> {
        let (now, store) = (tx.now(), self.store());
        let cause = ErasureCause::TakenBack(import);
        store.keys().erasure_allow(actor.tenant, erased, cause, now).await?;
        tx.commit(Entries::one(entry)).await?;
        for person in erased {
            store.person_key_destroy(actor.tenant, *person, now).await?;
        }
        Ok(())
    }
}

fn restored_cases(rows: &[ImportRow], now: Micros) -> Result<Vec<Case>, AppError> {
    let mut restored = Vec::new();
    for row in rows {
        let Some(before) = &row.before else { continue };
        let mut case: Case =
            serde_json::from_str(before).map_err(|_| AppError::Fault("the kept state of a case is ours"))?;
        case.version = row.version.unwrap_or(case.version) + 1;
        case.updated_at = now;
        restored.push(case);
    }
    Ok(restored)
}
