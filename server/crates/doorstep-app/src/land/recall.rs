//! Recalling what a complete file does not list.

use doorstep_domain::case::CaseStatus;
use doorstep_domain::import::RowResult;
use doorstep_store::WriteTx;
use doorstep_store::entry::{Entry, EntryKind, ServerEntry};
use doorstep_store::import::{ImportRow, RowAction};
use doorstep_wire::problem::ProblemCode;
use uuid::Uuid;

use super::{Landing, kept};
use crate::error::AppError;

impl Landing<'_> {
    /// Recalls what a complete file does not list. The caller must have named the right number.
    pub(super) async fn recall(&mut self, tx: &mut WriteTx) -> Result<(), AppError> {
        if !self.input.options.complete {
            return Ok(());
        }
        let one: Vec<_> = self.scopes.iter().copied().collect();
        let [(portfolio, agency)] = one.as_slice() else {
            let detail =
                "A complete file lists one portfolio and one agency. Split it, or import it without `complete`.";
            return Err(AppError::at(ProblemCode::BadRequest, "complete", detail));
        };
        let live = tx.case_ids_live(*portfolio, *agency).await?;
        let gone: Vec<Uuid> = live
            .iter()
            .filter(|id| !self.listed.contains(id))
            .map(|id| id.0)
            .collect();
        self.report.recalled = gone.len() as u64;
        if self.input.options.dry_run || gone.is_empty() {
            return Ok(());
        }
        if self.input.options.confirm_recall != Some(self.report.recalled) {
            let detail = format!(
                "{} cases of this portfolio are not in the file and would be recalled. Check the file; if that is right, \
                 send it again with confirm_recall={}.",
                gone.len(),
                gone.len()
            );
            return Err(AppError::refuse(ProblemCode::RecallUnconfirmed, detail));
        }
        let mut rows = Vec::new();
        let mut cases = Vec::new();
        let mut entries: Vec<Entry> = Vec::new();
        for (n, view) in tx.case_read(&gone).await?.into_iter().enumerate() {
            let before = kept(&view.case)?;
            let mut case = view.case;
            case.status = CaseStatus::Recalled;
            case.version += 1;
            case.import = self.id;
            case.updated_at = self.now;
            let entry = ServerEntry::new(EntryKind::CaseRecalled, self.input.actor.by()).about(view.person_alias);
            entries.push(
                entry
                    .with("case", case.alias.to_string())
                    .with("import", self.id.to_string())
                    .into(),
            );
            rows.push(ImportRow {
                line: -(n as i64) - 1,
                result: RowResult::Accept,
                reasons: String::new(),
                case: Some(case.id),
                action: RowAction::Recalled,
                version: Some(case.version),
                before: Some(before),
                columns_at: String::new(),
                other_lines: String::new(),
            });
            cases.push(case);
        }
        tx.case_write(&cases).await?;
        tx.import_rows_insert(self.id, rows).await?;
        tx.entries_add(entries).await?;
        Ok(())
    }
}
