//! Importing case files: preview, landing, recall by a complete file, taking back.
//!
//! A file is read by a thread of its own that hands over slices of rows, so that memory stays the same for any size.
//! All rows of a file land in one transaction or none does; a preview goes the same way and changes nothing.

use std::fs::File;
use std::io::{Read as _, Seek as _};

use doorstep_domain::id::ImportId;
use doorstep_domain::import::{RowReason, RowResult};
use doorstep_domain::measure::Micros;
use doorstep_domain::money::Currency;
use doorstep_domain::words::{Lang, word, word_list};
use doorstep_store::case::Case;
use doorstep_store::entry::{Entries, Entry, EntryKind, ServerEntry};
use doorstep_store::import::{Import, ImportRow, ImportState, RowAction};
use doorstep_wire::Page;
use doorstep_wire::import::{ImportOptions, ImportReport, RowItem, TakeBackReport};
use doorstep_wire::problem::ProblemCode;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::actor::Actor;
use crate::error::AppError;
use crate::file::{
    CaseRow, Cases, ColumnUse, Encoding, FileKind, Format, GiveBack, ImportFile, Mapping, ReadOptions, RowOutcome,
    result_of,
};
use crate::land::{Landing, LandingInput};
use crate::policy::{self, Action};
use crate::{App, FileAnswer, day};

/// Rows that are handed from the reading thread at once.
const SLICE: usize = 1_000;
/// Rows that stand in a report; the rest is fetched by pages.
pub(crate) const REPORT_ROWS_MAX: usize = 1_000;

/// Whether a reason keeps a row from being taken at once.
pub(crate) fn stops(reason: RowReason) -> bool {
    !matches!(result_of(reason), RowResult::Accept | RowResult::Warn)
}

/// Reasons of a row in words, with the columns and the other lines that they are about.
pub(crate) fn words_of<Row>(reasons: &[RowReason], outcome: &RowOutcome<Row>, lang: Lang) -> String {
    let said: Vec<String> = reasons
        .iter()
        .map(|reason| outcome.said(*reason, word(lang, *reason)))
        .collect();
    let mut words = said.join(if lang == Lang::Zh { "、" } else { ", " });
    if !outcome.same_number_lines.is_empty() {
        let lines: Vec<String> = outcome.same_number_lines.iter().map(ToString::to_string).collect();
        words = format!("{words} = {}", lines.join(", "));
    }
    words
}

/// Reasons as they are stored: codes, separated by commas.
pub(crate) fn reasons_of(stored: &str) -> Vec<RowReason> {
    stored.split(',').filter_map(|code| code.parse().ok()).collect()
}

/// What the reading thread learned of the file before its rows.
pub(crate) struct FileHead {
    pub(crate) encoding: &'static str,
    pub(crate) delimiter: Option<String>,
    pub(crate) columns: Vec<String>,
    pub(crate) unknown: Vec<String>,
    pub(crate) refused: Vec<String>,
}

/// What the reading thread sends: the head, slices of rows, and at the end the rows to give back as a file.
pub(crate) enum FromFile {
    Head(FileHead),
    Rows(Vec<RowOutcome<CaseRow>>),
    GiveBack(Option<Vec<u8>>),
    Failed(AppError),
}

fn head_of(file: &ImportFile<File, Cases>) -> FileHead {
    let (encoding, delimiter) = match file.format() {
        Format::Csv { encoding, delimiter } => {
            let name = match encoding {
                Encoding::Gb18030 => "gb18030",
                Encoding::Utf8 => "utf-8",
                _ => "utf-16",
            };
            (name, Some(char::from(delimiter).to_string()))
        }
        Format::Xlsx => ("xlsx", None),
    };
    let mut head = FileHead {
        encoding,
        delimiter,
        columns: Vec::new(),
        unknown: Vec::new(),
        refused: Vec::new(),
    };
    for (name, used) in file.columns().list() {
        match used {
            ColumnUse::Field(field) => head.columns.push(format!("{name} → {}", field.code())),
            ColumnUse::Unknown => head.unknown.push(name.to_owned()),
            ColumnUse::Refused(_) => head.refused.push(name.to_owned()),
            ColumnUse::Reason => {}
        }
    }
    head
}

/// Reads the file and sends what it finds; ends early when nobody listens any more.
fn read(file: File, options: ReadOptions, lang: Lang, to: &mpsc::Sender<FromFile>) -> Result<(), AppError> {
    let mut file = ImportFile::<_, Cases>::open(file, options)?;
    if to.blocking_send(FromFile::Head(head_of(&file))).is_err() {
        return Ok(());
    }
    let mut back = GiveBack::new(Vec::new(), file.columns(), file.format())?;
    let mut any_back = false;
    let mut slice = Vec::with_capacity(SLICE);
    for outcome in file.rows()? {
        let outcome = outcome?;
        if outcome.goes_back() {
            any_back = true;
            back.row(&outcome, |reason| word(lang, reason).to_owned())?;
        }
        slice.push(outcome);
        if slice.len() == SLICE {
            let full = std::mem::replace(&mut slice, Vec::with_capacity(SLICE));
            if to.blocking_send(FromFile::Rows(full)).is_err() {
                return Ok(());
            }
        }
    }
    let bytes = back.finish()?;
    // Nobody listening any more means that the landing gave up; there is nothing left to tell then.
    let _ = to.blocking_send(FromFile::Rows(slice));
    let _ = to.blocking_send(FromFile::GiveBack(any_back.then_some(bytes)));
    Ok(())
}

fn file_hash(file: &mut File) -> Result<Vec<u8>, AppError> {
    let failed = |_| {
        AppError::refuse(
            ProblemCode::FileUnreadable,
            "The file broke off while it was read. Send it again.",
        )
    };
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer).map_err(failed)? {
            0 => break,
            n => hash.update(&buffer[..n]),
        }
    }
    file.rewind().map_err(failed)?;
    Ok(hash.finalize().to_vec())
}

impl App {
    fn read_options(&self, options: &ImportOptions) -> Result<ReadOptions, AppError> {
        let mut read = ReadOptions::at(self.now());
        if let Some(text) = &options.as_of {
            read.as_of = day::start(day::parse("as_of", text)?, &jiff::tz::TimeZone::UTC);
            if read.as_of > read.latest_as_of() {
                let detail = "The amounts cannot be as of a day that is still to come.";
                return Err(AppError::at(ProblemCode::BadRequest, "as_of", detail));
            }
        }
        read.limits.bytes_max = self.0.parts.import_bytes_max;
        if let Some(map) = &options.map {
            let texts: Vec<&str> = map.split(';').map(str::trim).filter(|text| !text.is_empty()).collect();
            read.mapping = Mapping::parse(&texts, FileKind::Cases)?;
        }
        if let Some(code) = &options.currency {
            let unknown = || {
                let detail = "The currency must be an ISO 4217 code such as EUR or CNY.";
                AppError::at(ProblemCode::BadRequest, "currency", detail)
            };
            read.currency = Some(Currency::of(code).ok_or_else(unknown)?);
        }
        if let Some(datum) = &options.datum {
            let unknown = |_| AppError::at(ProblemCode::BadRequest, "datum", "One of WGS-84, GCJ-02, BD-09.");
            read.datum = Some(datum.parse().map_err(unknown)?);
        }
        read.portfolio.clone_from(&options.portfolio);
        read.agency.clone_from(&options.agency);
        Ok(read)
    }

    /// Previews or lands a case file. With an idempotency key the same request again gives the same answer.
    pub async fn import_cases(
        &self,
        actor: &Actor,
        mut file: File,
        options: &ImportOptions,
        lang: Lang,
        key: Option<String>,
    ) -> Result<ImportReport, AppError> {
        policy::check(actor, Action::ImportCases)?;
        let read_options = self.read_options(options)?;
        let asked = match options.team {
            None => self.agency_team(actor, options.agency.as_deref()).await?,
            asked => asked,
        };
        let team = self.team_for(actor, asked).await?;
        let hash = file_hash(&mut file)?;
        let request_hash = Sha256::new()
            .chain_update(&hash)
            .chain_update(format!("{options:?}"))
            .finalize()
            .to_vec();
        if let Some(report) = self.kept_answer(actor, key.as_deref(), &request_hash).await? {
            return Ok(report);
        }
        let (to, from) = mpsc::channel(2);
        let reader = tokio::task::spawn_blocking(move || {
            if let Err(error) = read(file, read_options, lang, &to) {
                // The landing may have given up already; then nobody needs the error.
                let _ = to.blocking_send(FromFile::Failed(error));
            }
        });
        let landing = Landing::new(LandingInput {
            app: self,
            actor,
            options,
            team,
            lang,
            file_hash: hash,
        });
        let keep = key.map(|key| (key, request_hash));
        let report = landing.run(from, keep).await;
        reader
            .await
            .map_err(|_| AppError::Fault("the reading thread broke off"))?;
        let report = report?;
        if !options.dry_run {
            self.wake_devices();
        }
        Ok(report)
    }

    /// The team of the agency that a file is for, where the caller belongs to no team.
    async fn agency_team(&self, actor: &Actor, agency: Option<&str>) -> Result<Option<Uuid>, AppError> {
        let (Some(name), None) = (agency, actor.team) else {
            return Ok(None);
        };
        let agencies = self.store().agency_list(actor.tenant).await?;
        let Some(agency) = agencies.iter().find(|agency| agency.name == name) else {
            return Ok(None);
        };
        let teams = self.store().team_list(actor.tenant).await?;
        let team = teams.iter().find(|team| team.agency == Some(agency.id));
        Ok(team.map(|team| team.id.0))
    }

    /// The answer that was given to the same request before.
    pub(crate) async fn kept_answer<T: serde::de::DeserializeOwned>(
        &self,
        actor: &Actor,
        key: Option<&str>,
        request_hash: &[u8],
    ) -> Result<Option<T>, AppError> {
        let Some(key) = key else { return Ok(None) };
        match self
            .store()
            .answer_get(actor.tenant, actor.staff, key, request_hash)
            .await
        {
            Ok(None) => Ok(None),
            Ok(Some(text)) => Ok(serde_json::from_str(&text).ok()),
            Err(doorstep_store::StoreError::Changed) => Err(AppError::refuse(
                ProblemCode::KeyReused,
                "The Idempotency-Key was used with other content. Use a new key for a new request.",
            )),
            Err(error) => Err(error.into()),
        }
    }

    /// All imports, newest first.
    pub async fn list_imports(&self, actor: &Actor) -> Result<Page<ImportReport>, AppError> {
        policy::check(actor, Action::SeeImports)?;
        let imports = self.store().import_list(actor.tenant).await?;
        let mine = |import: &Import| actor.agency.is_none() || import.agency == actor.agency;
        let items = imports.iter().filter(|import| mine(import)).map(report_of).collect();
        Ok(Page { items, next: None })
    }

    /// One import with its rows that were not simply accepted.
    pub async fn show_import(&self, actor: &Actor, id: Uuid, lang: Lang) -> Result<ImportReport, AppError> {
        policy::check(actor, Action::SeeImports)?;
        let import = self.import_in_scope(actor, id).await?;
        let mut report = report_of(&import);
        report.give_back = import.give_back.is_some();
        let rows = self
            .store()
            .import_rows(actor.tenant, import.id, i64::MIN, i64::MAX)
            .await?;
        for row in &rows {
            match row.action {
                RowAction::Created => report.created += 1,
                RowAction::Updated => report.updated += 1,
                RowAction::Recalled => report.recalled += 1,
                RowAction::None => {}
            }
        }
        let notable = rows.iter().filter(|row| row.result != RowResult::Accept);
        report.rows = notable.take(REPORT_ROWS_MAX).map(|row| row_item(row, lang)).collect();
        Ok(report)
    }

    async fn import_in_scope(&self, actor: &Actor, id: Uuid) -> Result<Import, AppError> {
        let import = self.store().import_get(actor.tenant, ImportId(id)).await?;
        if actor.agency.is_some() && import.agency != actor.agency {
            return Err(AppError::not_found("import"));
        }
        Ok(import)
    }

    /// All rows of an import by pages of 500.
    pub async fn list_import_rows(
        &self,
        actor: &Actor,
        id: Uuid,
        cursor: Option<String>,
        lang: Lang,
    ) -> Result<Page<RowItem>, AppError> {
        policy::check(actor, Action::SeeImports)?;
        let import = self.import_in_scope(actor, id).await?;
        let bad = |_| AppError::at(ProblemCode::BadRequest, "cursor", "Use `next` of the page before.");
        let after = cursor.map_or(Ok(i64::MIN), |text| text.parse::<i64>().map_err(bad))?;
        let rows = self.store().import_rows(actor.tenant, import.id, after, 500).await?;
        let next = if rows.len() == 500 {
            rows.last().map(|row| row.line.to_string())
        } else {
            None
        };
        Ok(Page {
            items: rows.iter().map(|row| row_item(row, lang)).collect(),
            next,
        })
    }

    /// The rows that were given back, as a file of the same shape with the reasons in a last column.
    pub async fn give_back(&self, actor: &Actor, id: Uuid) -> Result<FileAnswer, AppError> {
        policy::check(actor, Action::ImportCases)?;
        let import = self.import_in_scope(actor, id).await?;
        let sealed = import
            .give_back
            .ok_or_else(|| AppError::not_found("file of rows given back"))?;
        let event = crate::land::give_back_event(import.id);
        let bytes = self.store().open_own(actor.tenant, import.id.0, event, &sealed).await?;
        let entry = ServerEntry::new(EntryKind::Export, actor.by()).with("import", import.id.to_string());
        self.store()
            .write(actor.tenant, self.now())
            .await?
            .commit(Entries::one(entry))
            .await?;
        Ok(FileAnswer {
            name: format!("given-back-{id}.csv"),
            content_type: "text/csv; charset=utf-8".to_owned(),
            bytes,
        })
    }

    /// Takes an import back: removes the cases it made, restores those it changed or recalled. Refused as soon as
    /// anything else touched one of them.
    pub async fn take_back_import(&self, actor: &Actor, id: Uuid) -> Result<TakeBackReport, AppError> {
        policy::check(actor, Action::ImportCases)?;
        let import = self.import_in_scope(actor, id).await?;
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
            let entry = ServerEntry::new(EntryKind::CaseTakenBack, actor.by());
            entries.push(
                entry
                    .with("case", case.alias.to_string())
                    .with("import", import.id.to_string())
                    .into(),
            );
        }
        tx.case_write(&restored).await?;
        tx.import_taken_back(import.id).await?;
        tx.entries_add(entries).await?;
        let entry = ServerEntry::new(EntryKind::ImportTakenBack, actor.by()).with("import", import.id.to_string());
        tx.commit(Entries::one(entry)).await?;
        for (person, _) in &erased {
            self.store().person_key_destroy(actor.tenant, *person, now).await?;
        }
        self.wake_devices();
        Ok(TakeBackReport {
            import: id,
            removed: made.len() as u64,
            restored: restored.len() as u64,
        })
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

pub(crate) fn empty_report(state: &str) -> ImportReport {
    ImportReport {
        import: None,
        state: state.to_owned(),
        encoding: String::new(),
        delimiter: None,
        columns: Vec::new(),
        unknown: Vec::new(),
        refused: Vec::new(),
        counts: std::collections::BTreeMap::new(),
        created: 0,
        updated: 0,
        recalled: 0,
        rows: Vec::new(),
        give_back: false,
    }
}

fn report_of(import: &Import) -> ImportReport {
    let mut report = empty_report(import.state.code());
    report.import = Some(import.id.0);
    report.counts = import
        .counts
        .iter()
        .map(|(result, n)| (result.code().to_owned(), *n as u64))
        .collect();
    report
}

pub(crate) fn row_item(row: &ImportRow, lang: Lang) -> RowItem {
    let reasons = reasons_of(&row.reasons);
    RowItem {
        line: row.line,
        case_no: None,
        result: row.result.code().to_owned(),
        reasons: reasons.iter().map(|reason| reason.code().to_owned()).collect(),
        words: word_list(lang, &reasons),
        case: row.case.map(|id| id.0),
        action: row.action.code().to_owned(),
    }
}
