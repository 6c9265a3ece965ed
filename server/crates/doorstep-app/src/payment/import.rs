//! Files of payments: read by the importer's core, judged against the books, counted or held in one transaction or previewed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;

use doorstep_domain::id::{CaseId, ImportId, PortfolioId};
use doorstep_domain::import::{RowReason, RowResult};
use doorstep_domain::words::Lang;
use doorstep_store::WriteTx;
use doorstep_store::blind::{BLIND_CASE, BLIND_ERASED, blind_case};
use doorstep_store::entry::{Entries, EntryKind, ServerEntry};
use doorstep_store::import::{Import, ImportKind, ImportRow, ImportState};
use doorstep_store::seal::BlindKey;
use doorstep_wire::import::{ImportOptions, ImportReport};
use doorstep_wire::payment::PaymentImportOptions;
use uuid::Uuid;

use super::judge::{Judge, Named};
use crate::App;
use crate::actor::Actor;
use crate::agreement::judge_cases;
use crate::error::AppError;
use crate::file::{FileKind, PaymentRow, Payments, RowOutcome};
use crate::import::{REPORT_ROWS_MAX, WholeFile, empty_report, file_hash, read_whole, row_item};
use crate::policy::{self, Action};

/// The most rows of a file: all of them are held at once, to be judged in the order of their days.
const ROWS_MAX: u64 = 50_000;

impl App {
    /// Previews or lands a payment file. The same file again changes nothing.
    pub async fn import_payments(
        &self,
        actor: &Actor,
        mut file: File,
        options: &PaymentImportOptions,
        lang: Lang,
    ) -> Result<ImportReport, AppError> {
        policy::check(actor, Action::ImportPayments)?;
        let as_cases = ImportOptions {
            portfolio: options.portfolio.clone(),
            currency: options.currency.clone(),
            map: options.map.clone(),
            ..ImportOptions::default()
        };
        let mut read_options = self.read_options(&as_cases, FileKind::Payments)?;
        read_options.limits.rows_max = ROWS_MAX;
        let team = self.team_for(actor, options.team).await?;
        let hash = file_hash(&mut file)?;
        let mut file = read_whole::<Payments>(file, read_options).await?;
        let now = self.now();
        let id = ImportId(doorstep_store::fresh_id(now));
        let key = self.store().keys().blind_key(actor.tenant.0).await?;
        let mut tx = self.store().write_long(actor.tenant, now).await?;
        let named = self.payments_named(actor, &mut tx, (&key, &file.rows)).await?;
        let mut judge = Judge::new((self, actor), &mut tx, (id, &key), named).await?;
        judge.rows(&mut tx, &mut file.rows).await?;
        let give_back = file.give_back(lang)?;
        let mut report = report_of(&file, &judge, lang);
        report.give_back = give_back.is_some();
        if options.dry_run {
            "preview".clone_into(&mut report.state);
            return Ok(report);
        }
        report.import = Some(id.0);
        let import = Import {
            id,
            kind: ImportKind::Payments,
            staff: actor.staff,
            agency: actor.agency,
            team: Some(team),
            state: ImportState::Landed,
            file_hash: hash,
            created_at: now,
            counts: Vec::new(),
            give_back: None,
        };
        self.land_payments(actor, tx, (judge, import), (&file, give_back))
            .await?;
        self.wake_devices();
        Ok(report)
    }

    async fn land_payments(
        &self,
        actor: &Actor,
        mut tx: WriteTx,
        (mut judge, import): (Judge<'_>, Import),
        (file, give_back): (&WholeFile<PaymentRow>, Option<Vec<u8>>),
    ) -> Result<(), AppError> {
        let id = import.id;
        let own = self
            .store()
            .keys()
            .subjects_create(actor.tenant.0, &[(id.0, None)])
            .await?;
        let key = own.get(id.0)?;
        tx.import_insert(&import).await?;
        let mut entries = judge.write(&mut tx, key).await?;
        let rows: Vec<ImportRow> = file
            .rows
            .iter()
            .enumerate()
            .map(|(at, row)| judge.written(at, row))
            .collect();
        let mut cases: Vec<Uuid> = rows.iter().filter_map(|row| row.case.map(|case| case.0)).collect();
        cases.sort_unstable();
        cases.dedup();
        // What was promised is judged at once: whoever paid is left in peace from this moment on.
        entries.extend(judge_cases(self, &mut tx, (actor.tenant, &cases), (None, actor.by())).await?);
        let mut counts: BTreeMap<RowResult, i64> = BTreeMap::new();
        for row in &rows {
            *counts.entry(row.result).or_default() += 1;
        }
        let counts: Vec<(RowResult, i64)> = counts.into_iter().collect();
        tx.import_rows_insert(id, rows).await?;
        let sealed = give_back.map(|bytes| key.seal(crate::land::give_back_event(id), &bytes).0);
        tx.import_finish(id, &counts, sealed).await?;
        let mut entry = ServerEntry::new(EntryKind::ImportLanded, actor.by())
            .with("import", id.to_string())
            .with("kind", ImportKind::Payments.code());
        for (result, n) in &counts {
            entry = entry.with(result.code(), *n);
        }
        entries.push(entry.into());
        let entries = Entries::of(entries).ok_or(AppError::Fault("an import leaves an entry"))?;
        Ok(tx.commit(entries).await?)
    }

    /// The case of each row, as far as it can be told within the caller's reach.
    async fn payments_named(
        &self,
        actor: &Actor,
        tx: &mut WriteTx,
        (key, rows): (&BlindKey, &[RowOutcome<PaymentRow>]),
    ) -> Result<Vec<Named>, AppError> {
        let portfolios = tx.portfolio_list().await?;
        let digests_of = |row: &PaymentRow| -> Vec<(PortfolioId, Uuid)> {
            let meant = portfolios
                .iter()
                .filter(|one| row.portfolio.is_empty() || one.name == row.portfolio);
            meant
                .map(|one| (one.id, blind_case(key, one.id, &row.case_no)))
                .collect()
        };
        let digests: Vec<Vec<(PortfolioId, Uuid)>> = rows
            .iter()
            .map(|outcome| outcome.row.as_ref().map_or_else(Vec::new, digests_of))
            .collect();
        let all: HashSet<Uuid> = digests.iter().flatten().map(|(_, digest)| *digest).collect();
        let all: Vec<Uuid> = all.into_iter().collect();
        let mut owners: HashMap<Uuid, CaseId> = HashMap::new();
        for loan in tx.loan_by_number(&all).await? {
            let ours = actor.agency.is_none() || loan.agency == actor.agency;
            if let Some(number) = loan.number.filter(|_| ours) {
                owners.insert(number, loan.case);
            }
        }
        let of_cases = tx.blind_read(BLIND_CASE, &all).await?;
        let ids: Vec<Uuid> = of_cases.iter().map(|(_, owner)| *owner).collect();
        let reach = policy::reach(actor);
        let views = tx.case_read(&ids).await?.into_iter();
        let near: HashSet<Uuid> = views
            .filter(|view| crate::case::in_scope(view, &reach))
            .map(|view| view.case.id.0)
            .collect();
        owners.extend(
            of_cases
                .iter()
                .filter(|(_, owner)| near.contains(owner))
                .map(|(digest, owner)| (*digest, CaseId(*owner))),
        );
        let gone: HashSet<Uuid> = tx
            .blind_read(BLIND_ERASED, &all)
            .await?
            .into_iter()
            .map(|(digest, _)| digest)
            .collect();
        let named = digests.iter().map(|digests| {
            let found: Vec<CaseId> = digests
                .iter()
                .filter_map(|(_, digest)| owners.get(digest).copied())
                .collect();
            match found.as_slice() {
                [case] => Named::Case(*case),
                [] if digests.iter().any(|(_, digest)| gone.contains(digest)) => Named::Nobody(RowReason::Erased),
                [] => Named::Nobody(RowReason::UnknownCase),
                _ => Named::Nobody(RowReason::SeveralCases),
            }
        });
        Ok(named.collect())
    }
}

fn report_of(file: &WholeFile<PaymentRow>, judge: &Judge<'_>, lang: Lang) -> ImportReport {
    let mut report = empty_report("landed");
    file.head.encoding.clone_into(&mut report.encoding);
    report.delimiter.clone_from(&file.head.delimiter);
    report.columns.clone_from(&file.head.columns);
    report.unknown.clone_from(&file.head.unknown);
    report.refused.clone_from(&file.head.refused);
    report.created = judge.counted();
    for (at, outcome) in file.rows.iter().enumerate() {
        *report.counts.entry(outcome.result.code().to_owned()).or_default() += 1;
        if outcome.result != RowResult::Accept && report.rows.len() < REPORT_ROWS_MAX {
            let mut item = row_item(&judge.written(at, outcome), lang);
            item.case_no = Some(outcome.number.clone()).filter(|number| !number.is_empty());
            report.rows.push(item);
        }
    }
    report
}
