//! Landing the rows of a case file: comparing them with what is there, sealing, writing, all in one transaction.
//!
//! `people` and `place` find what is there, `row` decides what becomes of a row, `loan` of the rows of a loan together; `recall`
//! takes back what a complete file leaves out.

mod loan;
mod people;
mod place;
mod recall;
mod row;

use std::collections::{BTreeMap, HashMap, HashSet};

use doorstep_domain::id::{AgencyId, CaseId, EventId, ImportId, PortfolioId, TeamId};
use doorstep_domain::import::{RowReason, RowResult};
use doorstep_domain::measure::Micros;
use doorstep_domain::org::AMOUNT_AGE_MAX;
use doorstep_domain::words::Lang;
use doorstep_log::hash::hex;
use doorstep_store::WriteTx;
use doorstep_store::blind::BLIND_PERSON;
use doorstep_store::case::Case;
use doorstep_store::entry::{Entries, EntryKind, ServerEntry};
use doorstep_store::import::{Import, ImportKind, ImportState};
use doorstep_store::keys::SealingKeys;
use doorstep_store::org::{Agency, Portfolio};
use doorstep_store::seal::{BlindKey, SealingKey};
use doorstep_wire::import::{ImportOptions, ImportReport};
use doorstep_wire::problem::ProblemCode;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::file::{CaseRow, RowOutcome};
use crate::import::{FileHead, FromFile, REPORT_ROWS_MAX, empty_report};
use row::Batch;

/// What a landing works with.
pub(crate) struct LandingInput<'a> {
    pub(crate) app: &'a App,
    pub(crate) actor: &'a Actor,
    pub(crate) options: &'a ImportOptions,
    pub(crate) team: TeamId,
    pub(crate) lang: Lang,
    pub(crate) file_hash: Vec<u8>,
}

/// One landing, or the preview of one.
pub(crate) struct Landing<'a> {
    input: LandingInput<'a>,
    id: ImportId,
    now: Micros,
    report: ImportReport,
    counts: BTreeMap<RowResult, i64>,
    portfolios: HashMap<String, PortfolioId>,
    agencies: HashMap<String, Agency>,
    agency_teams: HashMap<AgencyId, TeamId>,
    /// Cases that the file names, whatever became of the row.
    listed: HashSet<CaseId>,
    /// The portfolio and agency of the file's rows; a complete file has one.
    scopes: HashSet<(PortfolioId, Option<AgencyId>)>,
}

/// The record under which an import's file of rows given back is sealed.
pub(crate) fn give_back_event(import: ImportId) -> Uuid {
    Uuid::from_u128(import.0.as_u128() ^ 1)
}

impl<'a> Landing<'a> {
    pub(crate) fn new(input: LandingInput<'a>) -> Self {
        let now = input.app.now();
        Self {
            id: ImportId(doorstep_store::fresh_id(now)),
            now,
            report: empty_report(if input.options.dry_run { "preview" } else { "landed" }),
            counts: BTreeMap::new(),
            portfolios: HashMap::new(),
            agencies: HashMap::new(),
            agency_teams: HashMap::new(),
            listed: HashSet::new(),
            scopes: HashSet::new(),
            input,
        }
    }

    /// Takes everything from the reading thread and lands it. `keep` is an idempotency key with the request's hash.
    pub(crate) async fn run(
        mut self,
        mut from: mpsc::Receiver<FromFile>,
        keep: Option<(String, Vec<u8>)>,
    ) -> Result<ImportReport, AppError> {
        let (app, actor, dry) = (self.input.app, self.input.actor, self.input.options.dry_run);
        let (blind_key, own) = self.prepare().await?;
        let mut head = None;
        let mut give_back = None;
        // What the file is shows before its first rows, and takes its time: nobody has to wait for that.
        let mut next = from.recv().await;
        while let Some(FromFile::Head(found)) = next {
            head = Some(found);
            next = from.recv().await;
        }
        // A preview goes the same way in a transaction that is dropped at the end.
        let mut tx = app.store().write_long(actor.tenant, self.now).await?;
        self.insert_import(&mut tx, ImportKind::Cases).await?;
        while let Some(message) = next {
            match message {
                FromFile::Head(found) => head = Some(found),
                FromFile::Rows(rows) => self.slice(&mut tx, &blind_key, rows).await?,
                FromFile::GiveBack(bytes) => give_back = bytes,
                FromFile::Failed(error) => return Err(error),
            }
            next = from.recv().await;
        }
        self.recall(&mut tx).await?;
        self.finish_report(head, give_back.is_some());
        let Some(own) = own.filter(|_| !dry) else {
            return Ok(self.report);
        };
        let key = own.get(self.id.0)?;
        self.commit(tx, key, give_back, keep).await
    }

    /// Gathers what every landing needs. The import's own key is none in a preview.
    async fn prepare(&mut self) -> Result<(BlindKey, Option<SealingKeys>), AppError> {
        let (app, actor) = (self.input.app, self.input.actor);
        self.portfolios = app
            .store()
            .portfolio_list(actor.tenant)
            .await?
            .into_iter()
            .map(|p| (p.name, p.id))
            .collect();
        let white = app.white_list(actor.tenant).await?;
        self.agencies = app
            .store()
            .agency_list(actor.tenant)
            .await?
            .into_iter()
            .filter(|a| white.lists(a.id))
            .map(|a| (a.name.clone(), a))
            .collect();
        let teams = app.store().team_list(actor.tenant).await?;
        self.agency_teams = teams.iter().filter_map(|team| Some((team.agency?, team.id))).collect();
        let blind_key = app.store().keys().blind_key(actor.tenant.0).await?;
        if self.input.options.dry_run {
            return Ok((blind_key, None));
        }
        let subjects = [(self.id.0, None)];
        let own = app.store().keys().subjects_create(actor.tenant.0, &subjects).await?;
        Ok((blind_key, Some(own)))
    }

    async fn insert_import(&self, tx: &mut WriteTx, kind: ImportKind) -> Result<(), AppError> {
        tx.import_insert(&Import {
            id: self.id,
            kind,
            staff: self.input.actor.staff,
            agency: self.input.actor.agency,
            team: Some(self.input.team),
            state: ImportState::Landed,
            file_hash: self.input.file_hash.clone(),
            created_at: self.now,
            counts: Vec::new(),
            give_back: None,
        })
        .await?;
        Ok(())
    }

    fn finish_report(&mut self, head: Option<FileHead>, give_back: bool) {
        if let Some(head) = head {
            head.encoding.clone_into(&mut self.report.encoding);
            self.report.delimiter = head.delimiter;
            self.report.columns = head.columns;
            self.report.unknown = head.unknown;
            self.report.refused = head.refused;
        }
        self.report.counts = self
            .counts
            .iter()
            .map(|(result, n)| (result.code().to_owned(), *n as u64))
            .collect();
        self.report.give_back = give_back;
        if !self.input.options.dry_run {
            self.report.import = Some(self.id.0);
        }
    }

    async fn commit(
        self,
        mut tx: WriteTx,
        key: &SealingKey,
        give_back: Option<Vec<u8>>,
        keep: Option<(String, Vec<u8>)>,
    ) -> Result<ImportReport, AppError> {
        let sealed = give_back.map(|bytes| key.seal(give_back_event(self.id), &bytes).0);
        let counts: Vec<(RowResult, i64)> = self.counts.iter().map(|(result, n)| (*result, *n)).collect();
        tx.import_finish(self.id, &counts, sealed).await?;
        // The file's hash is committed to, not shown: a short file could be guessed from it.
        let (payload, commitment) = key.seal(self.id.0, hex(&self.input.file_hash).as_bytes());
        tx.payload_insert(vec![(self.id.0, self.id.0, payload)]).await?;
        let mut entry = ServerEntry::new(EntryKind::ImportLanded, self.input.actor.by())
            .payload(EventId(self.id.0), commitment)
            .with("created", self.report.created as i64)
            .with("updated", self.report.updated as i64)
            .with("recalled", self.report.recalled as i64);
        for (result, n) in &counts {
            entry = entry.with(result.code(), *n);
        }
        if let Some((key, hash)) = keep {
            let answer = serde_json::to_string(&self.report).map_err(|_| AppError::Fault("reports serialise"))?;
            tx.answer_keep(self.input.actor.staff, &key, &hash, &answer).await?;
        }
        tx.commit(Entries::one(entry)).await?;
        Ok(self.report)
    }

    async fn portfolio(&mut self, tx: &mut WriteTx, name: &str) -> Result<PortfolioId, AppError> {
        if let Some(id) = self.portfolios.get(name) {
            return Ok(*id);
        }
        let id = PortfolioId(doorstep_store::fresh_id(self.now));
        let portfolio = Portfolio {
            id,
            name: name.to_owned(),
            kind: "consumer-loan".to_owned(),
            amount_age_max: AMOUNT_AGE_MAX,
        };
        tx.portfolio_insert(&portfolio).await?;
        let entry = ServerEntry::new(EntryKind::OrgChanged, self.input.actor.by()).with("portfolio", id.to_string());
        tx.entries_add(vec![entry.into()]).await?;
        self.portfolios.insert(name.to_owned(), id);
        Ok(id)
    }

    /// The agency that a row is given to. An agency's own staff import only for their agency.
    fn agency(&self, name: Option<&str>) -> Result<Option<AgencyId>, AppError> {
        if let Some(own) = self.input.actor.agency {
            return Ok(Some(own));
        }
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            return Ok(None);
        };
        // Rows were judged by the same list; an agency that is gone since then refuses the file.
        match self.agencies.get(name) {
            Some(agency) => Ok(Some(agency.id)),
            None => Err(AppError::at(
                ProblemCode::NotAllowed,
                "agency",
                format!("The agency `{name}` was taken from the white list just now. Import the file again."),
            )),
        }
    }

    async fn slice(
        &mut self,
        tx: &mut WriteTx,
        blind_key: &BlindKey,
        rows: Vec<RowOutcome<CaseRow>>,
    ) -> Result<(), AppError> {
        let candidates = self.look_up(tx, blind_key, rows).await?;
        let people = self.people(tx, blind_key, &candidates).await?;
        let mut batch = Batch::new(self.places(tx, blind_key, &candidates, &people).await?);
        for (index, candidate) in candidates.iter().enumerate() {
            let row = self.row((index, candidate), blind_key, &people, &mut batch)?;
            *self.counts.entry(row.result).or_default() += 1;
            if row.result != RowResult::Accept && self.report.rows.len() < REPORT_ROWS_MAX {
                let mut item = crate::import::row_item(&row, self.input.lang);
                item.case_no = Some(candidate.outcome.number.clone()).filter(|number| !number.is_empty());
                self.report.rows.push(item);
            }
            batch.rows.push(row);
        }
        if self.input.options.dry_run {
            // Nothing of a preview is sealed or written; only the sums count.
            return Ok(());
        }
        tx.person_insert(&people.new).await?;
        tx.address_insert(&batch.places.new).await?;
        tx.payload_insert(batch.payloads).await?;
        tx.case_write(&batch.cases).await?;
        batch.blind.extend(
            people
                .blind
                .iter()
                .map(|(digest, person)| (BLIND_PERSON, *digest, *person)),
        );
        tx.blind_insert(&batch.blind).await?;
        tx.import_rows_insert(self.id, batch.rows).await?;
        tx.entries_add(batch.entries).await?;
        Ok(())
    }
}

/// Codes as they are stored: separated by commas.
pub(crate) fn reason_codes(reasons: &[RowReason]) -> String {
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code()).collect();
    codes.join(",")
}

/// A case as it is kept for taking an import back.
fn kept(case: &Case) -> Result<String, AppError> {
    serde_json::to_string(case).map_err(|_| AppError::Fault("cases serialise"))
}
