//! Importing case files: preview, landing, recall by a complete file, taking back.
//!
//! A file is read by a thread of its own that hands over slices of rows, so that the rows that land take the same memory
//! for any size. Those that go back are collected in memory, because they are sealed as one file.
//! All rows of a file land in one transaction or none does; a preview goes the same way and changes nothing.

mod loan;
mod take_back;
mod whole;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read as _, Seek as _};

use doorstep_domain::id::{EventId, ImportId, PersonId, TeamId};
use doorstep_domain::import::{RowReason, RowResult};
use doorstep_domain::money::Currency;
use doorstep_domain::words::{Lang, word};
use doorstep_store::import::{Import, ImportRow, RowAction};
use doorstep_wire::Page;
use doorstep_wire::import::{ImportOptions, ImportReport, RowItem};
use doorstep_wire::problem::ProblemCode;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::actor::Actor;
use crate::error::AppError;
use crate::file::{
    CaseRow, Cases, ColumnUse, Encoding, FileKind, Format, GiveBack, ImportFile, Mapping, ReadOptions, RowKind,
    RowOutcome, result_of, said,
};
use crate::land::{Landing, LandingInput};
use crate::policy::{self, Action};
use crate::{App, FileAnswer, day};

pub(crate) use whole::{WholeFile, read_whole};

/// Rows that are handed from the reading thread at once.
const SLICE: usize = 1_000;
/// Rows that stand in a report; the rest is fetched by pages.
pub(crate) const REPORT_ROWS_MAX: usize = 1_000;

/// Whether a reason keeps a row from being taken at once.
pub(crate) fn stops(reason: RowReason) -> bool {
    !matches!(result_of(reason), RowResult::Accept | RowResult::Warn)
}

/// Reasons of a row in words, with the columns and the other lines that they are about.
pub(crate) fn words_of(reasons: &[RowReason], at: &[(RowReason, &str)], other_lines: &str, lang: Lang) -> String {
    let said: Vec<String> = reasons
        .iter()
        .map(|reason| said(*reason, word(lang, *reason), at))
        .collect();
    let words = said.join(if lang == Lang::Zh { "、" } else { ", " });
    if other_lines.is_empty() {
        words
    } else {
        format!("{words} = {other_lines}")
    }
}

/// The columns that reasons are about, as they are stored. The names are ours, never those of the file.
pub(crate) fn columns_stored(at: &[(RowReason, &str)]) -> String {
    let pairs: Vec<String> = at.iter().map(|(reason, column)| format!("{reason}:{column}")).collect();
    pairs.join(",")
}

fn columns_of(stored: &str) -> Vec<(RowReason, &str)> {
    let pairs = stored.split(',').filter_map(|pair| pair.split_once(':'));
    pairs
        .filter_map(|(reason, column)| Some((reason.parse().ok()?, column)))
        .collect()
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

pub(crate) fn head_of<K: RowKind>(file: &ImportFile<File, K>) -> FileHead {
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

/// A row that cannot be taken goes back, or is there already.
pub(crate) fn turn<Row>(outcome: &mut RowOutcome<Row>, reason: RowReason) {
    outcome.reasons.push(reason);
    outcome.result = result_of(reason);
    outcome.row = None;
}

pub(crate) fn file_hash(file: &mut File) -> Result<Vec<u8>, AppError> {
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
    pub(crate) fn read_options(&self, options: &ImportOptions, kind: FileKind) -> Result<ReadOptions, AppError> {
        let mut read = ReadOptions::at(self.now());
        if let Some(text) = &options.as_of {
            read.as_of = day::start(day::parse("as_of", text)?, &jiff::tz::TimeZone::UTC);
            read.as_of_given = true;
            if read.as_of > read.latest_as_of() {
                let detail = "The amounts cannot be as of a day that is still to come.";
                return Err(AppError::at(ProblemCode::BadRequest, "as_of", detail));
            }
        }
        read.limits.bytes_max = self.0.parts.import_bytes_max;
        if let Some(map) = &options.map {
            let texts: Vec<&str> = map.split(';').map(str::trim).filter(|text| !text.is_empty()).collect();
            read.mapping = Mapping::parse(&texts, kind)?;
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

    /// The agencies that a row may name; `None` where the importer's own gets every row. An agency that is named for the
    /// whole file must be one of them.
    async fn agencies_of(&self, actor: &Actor, options: &ImportOptions) -> Result<Option<BTreeSet<String>>, AppError> {
        if actor.agency.is_some() {
            return Ok(None);
        }
        let agencies = self.store().agency_list(actor.tenant).await?;
        let white = self.white_list(actor.tenant).await?;
        let wanted = options.agency.as_deref().filter(|name| !name.is_empty());
        if let Some(name) = wanted {
            match agencies.iter().find(|agency| agency.name == name) {
                Some(agency) if white.lists(agency.id) => {}
                Some(_) => {
                    let detail = format!("The agency `{name}` is not on the white list; cases cannot be given to it.");
                    return Err(AppError::at(ProblemCode::NotAllowed, "agency", detail));
                }
                None => {
                    let detail = format!("There is no agency `{name}`. An administrator adds agencies.");
                    return Err(AppError::at(ProblemCode::BadRequest, "agency", detail));
                }
            }
        }
        let listed = agencies.into_iter().filter(|agency| white.lists(agency.id));
        Ok(Some(listed.map(|agency| agency.name).collect()))
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
        let mut read_options = self.read_options(options, FileKind::Cases)?;
        read_options.agencies = self.agencies_of(actor, options).await?;
        let team = self.importing_team(actor, options).await?;
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

    /// The team that gets what a file brings.
    async fn importing_team(&self, actor: &Actor, options: &ImportOptions) -> Result<TeamId, AppError> {
        let asked = match options.team {
            None => self.agency_team(actor, options.agency.as_deref()).await?,
            asked => asked,
        };
        self.team_for(actor, asked).await
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

    /// The imports in the caller's scope, newest first.
    pub async fn list_imports(&self, actor: &Actor) -> Result<Page<ImportReport>, AppError> {
        policy::check(actor, Action::SeeImports)?;
        let scope = policy::import_scope(actor);
        let imports = self.store().import_list(actor.tenant, &scope).await?;
        let items = imports.iter().map(report_of).collect();
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
        if policy::import_scope(actor).holds(&import) {
            Ok(import)
        } else {
            Err(AppError::not_found("import"))
        }
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
        let grant = self
            .store()
            .grant_file(actor.tenant, &actor.reader(), import.id, self.now())
            .await?;
        let bytes = grant.open(PersonId(import.id.0), EventId(event), &sealed)?.payload;
        Ok(FileAnswer {
            name: format!("given-back-{id}.csv"),
            content_type: "text/csv; charset=utf-8".to_owned(),
            bytes,
        })
    }
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

/// A row as it is shown, at once or later. The number of its case is personal and stands in no row that is kept; the
/// report of the import itself names it.
pub(crate) fn row_item(row: &ImportRow, lang: Lang) -> RowItem {
    let reasons = reasons_of(&row.reasons);
    RowItem {
        line: row.line,
        case_no: None,
        result: row.result.code().to_owned(),
        reasons: reasons.iter().map(|reason| reason.code().to_owned()).collect(),
        words: words_of(&reasons, &columns_of(&row.columns_at), &row.other_lines, lang),
        case: row.case.map(|id| id.0),
        action: row.action.code().to_owned(),
    }
}
