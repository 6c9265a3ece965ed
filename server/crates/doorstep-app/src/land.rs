//! Landing the rows of a case file: comparing them with what is there, sealing, writing, all in one transaction.

use std::collections::{BTreeMap, HashMap, HashSet};

use doorstep_domain::address::{AddressState, PlaceKind, Provenance};
use doorstep_domain::case::{CaseStatus, Flag};
use doorstep_domain::id::{AddressId, AgencyId, Alias, CaseId, EventId, ImportId, PersonId, PortfolioId, TeamId};
use doorstep_domain::import::{RowReason, RowResult};
use doorstep_domain::measure::Micros;
use doorstep_domain::org::AMOUNT_AGE_MAX;
use doorstep_domain::words::Lang;
use doorstep_log::hash::{Hash, hex};
use doorstep_store::WriteTx;
use doorstep_store::case::{Address, Case, CaseView};
use doorstep_store::entry::{Entries, Entry, EntryKind, ServerEntry};
use doorstep_store::import::{Import, ImportRow, ImportState, RowAction};
use doorstep_store::keys::SubjectKeys;
use doorstep_store::org::{Agency, Portfolio};
use doorstep_store::seal::Key;
use doorstep_wire::import::{ImportOptions, ImportReport};
use doorstep_wire::problem::ProblemCode;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::actor::Actor;
use crate::error::AppError;
use crate::file::{CaseRow, RowOutcome, StatedTime};
use crate::import::{FileHead, FromFile, REPORT_ROWS_MAX, empty_report, reasons_words};
use crate::{App, day};

/// Kinds of blind indexes.
pub(crate) const BLIND_CASE: &str = "case";
/// A case number of an erased person.
pub(crate) const BLIND_ERASED: &str = "erased";
/// A phone number.
pub(crate) const BLIND_PHONE: &str = "phone";
const BLIND_PERSON: &str = "person";

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
    /// Cases that the file names, whatever became of the row.
    listed: HashSet<CaseId>,
    /// The portfolio and agency of the file's rows; a complete file has one.
    scopes: HashSet<(PortfolioId, Option<AgencyId>)>,
}

/// The record under which an import's file of rows given back is sealed.
pub(crate) fn give_back_event(import: ImportId) -> Uuid {
    Uuid::from_u128(import.0.as_u128() ^ 1)
}

/// Digits of a phone number, so that the same number is found however it is written.
pub(crate) fn phone_normal(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}

/// The blind index of a case number within its portfolio.
pub(crate) fn blind_case(key: &Key, portfolio: PortfolioId, case_no: &str) -> Uuid {
    key.blind(BLIND_CASE, &format!("{portfolio}\0{}", case_no.trim().to_uppercase()))
}

/// One row with what was found of it before.
struct Candidate {
    outcome: RowOutcome<CaseRow>,
    portfolio: Option<PortfolioId>,
    agency: Option<AgencyId>,
    digest: Option<Uuid>,
    existing: Option<CaseView>,
    erased: bool,
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
        self.portfolios =
            app.store().portfolio_list(actor.tenant).await?.into_iter().map(|p| (p.name, p.id)).collect();
        self.agencies = app.store().agency_list(actor.tenant).await?.into_iter().map(|a| (a.name.clone(), a)).collect();
        let tenant_key = app.store().keys().tenant_key(actor.tenant.0).await?;
        let own = match dry {
            true => None,
            false => Some(app.store().keys().subjects_create(actor.tenant.0, &[self.id.0]).await?),
        };
        let mut head = None;
        let mut give_back = None;
        // A preview goes the same way in a transaction that is dropped at the end.
        let mut tx = app.store().write(actor.tenant, self.now).await?;
        self.insert_import(&mut tx).await?;
        while let Some(message) = from.recv().await {
            match message {
                FromFile::Head(found) => head = Some(found),
                FromFile::Rows(rows) => self.slice(&mut tx, &tenant_key, rows).await?,
                FromFile::GiveBack(bytes) => give_back = bytes,
                FromFile::Failed(error) => return Err(error),
            }
        }
        self.recall(&mut tx).await?;
        self.finish_report(head, give_back.is_some());
        let Some(own) = own else { return Ok(self.report) };
        let key = own.get(self.id.0)?.clone();
        self.commit(tx, &key, give_back, keep).await
    }

    async fn insert_import(&self, tx: &mut WriteTx) -> Result<(), AppError> {
        tx.import_insert(&Import {
            id: self.id,
            staff: self.input.actor.staff,
            agency: self.input.actor.agency,
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
            self.report.encoding = head.encoding.to_owned();
            self.report.delimiter = head.delimiter;
            self.report.columns = head.columns;
            self.report.unknown = head.unknown;
            self.report.refused = head.refused;
        }
        self.report.counts =
            self.counts.iter().map(|(result, n)| (result.code().to_owned(), *n as u64)).collect();
        self.report.give_back = give_back;
        if !self.input.options.dry_run {
            self.report.import = Some(self.id.0);
        }
    }

    async fn commit(
        self,
        mut tx: WriteTx,
        key: &Key,
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
        let Some(name) = name.filter(|name| !name.is_empty()) else { return Ok(None) };
        match self.agencies.get(name) {
            Some(agency) if agency.listed => Ok(Some(agency.id)),
            Some(_) => Err(AppError::at(
                ProblemCode::NotAllowed,
                "agency",
                format!("The agency `{name}` is not on the white list; cases cannot be given to it."),
            )),
            None => Err(AppError::at(
                ProblemCode::BadRequest,
                "agency",
                format!("There is no agency `{name}`. An administrator adds agencies."),
            )),
        }
    }

    async fn slice(
        &mut self,
        tx: &mut WriteTx,
        tenant_key: &Key,
        rows: Vec<RowOutcome<CaseRow>>,
    ) -> Result<(), AppError> {
        let candidates = self.look_up(tx, tenant_key, rows).await?;
        let people = self.people(tx, tenant_key, &candidates).await?;
        let mut batch = Batch::default();
        for (index, candidate) in candidates.iter().enumerate() {
            let row = self.row((index, candidate), tenant_key, &people, &mut batch)?;
            *self.counts.entry(row.result).or_default() += 1;
            if row.result != RowResult::Accept && self.report.rows.len() < REPORT_ROWS_MAX {
                let mut item = crate::import::row_item(&row, self.input.lang);
                item.case_no = Some(candidate.outcome.number.clone()).filter(|number| !number.is_empty());
                item.words = words_with_lines(&candidate.outcome, self.input.lang);
                self.report.rows.push(item);
            }
            batch.rows.push(row);
        }
        if self.input.options.dry_run {
            // Nothing of a preview is sealed or written; only the sums count.
            return Ok(());
        }
        tx.person_insert(&people.new).await?;
        tx.address_insert(&batch.addresses).await?;
        tx.payload_insert(batch.payloads).await?;
        tx.case_write(&batch.cases).await?;
        batch.blind.extend(people.blind.iter().map(|(digest, person)| (BLIND_PERSON, *digest, *person)));
        tx.blind_insert(&batch.blind).await?;
        tx.import_rows_insert(self.id, batch.rows).await?;
        tx.entries_add(batch.entries).await?;
        Ok(())
    }

    /// Finds for each row whether its number is known.
    async fn look_up(
        &mut self,
        tx: &mut WriteTx,
        tenant_key: &Key,
        rows: Vec<RowOutcome<CaseRow>>,
    ) -> Result<Vec<Candidate>, AppError> {
        let mut candidates = Vec::with_capacity(rows.len());
        for outcome in rows {
            let (mut portfolio, mut digest) = (None, None);
            if !outcome.number.is_empty() && !outcome.portfolio.is_empty() {
                let id = self.portfolio(tx, &outcome.portfolio).await?;
                portfolio = Some(id);
                digest = Some(blind_case(tenant_key, id, &outcome.number));
            }
            let agency = self.agency(outcome.row.as_ref().and_then(|row| row.agency.as_deref()))?;
            if let (Some(portfolio), Some(_)) = (portfolio, &outcome.row) {
                self.scopes.insert((portfolio, agency));
            }
            candidates.push(Candidate { outcome, portfolio, agency, digest, existing: None, erased: false });
        }
        let digests: Vec<Uuid> = candidates.iter().filter_map(|candidate| candidate.digest).collect();
        let owners: HashMap<Uuid, Uuid> = tx.blind_read(BLIND_CASE, &digests).await?.into_iter().collect();
        let erased: HashSet<Uuid> =
            tx.blind_read(BLIND_ERASED, &digests).await?.into_iter().map(|(digest, _)| digest).collect();
        let ids: Vec<Uuid> = owners.values().copied().collect();
        let mut views: HashMap<Uuid, CaseView> =
            tx.case_read(&ids).await?.into_iter().map(|view| (view.case.id.0, view)).collect();
        for candidate in &mut candidates {
            let Some(digest) = candidate.digest else { continue };
            candidate.erased = erased.contains(&digest);
            if let Some(owner) = owners.get(&digest) {
                self.listed.insert(CaseId(*owner));
                // A number stands in one row only: rows with the same number were judged before.
                candidate.existing = views.remove(owner);
            }
        }
        Ok(candidates)
    }

    /// Finds or makes the person of each row: the same phone and name are the same person.
    async fn people(
        &self,
        tx: &mut WriteTx,
        tenant_key: &Key,
        candidates: &[Candidate],
    ) -> Result<People, AppError> {
        let mut wanted: Vec<(usize, Option<Uuid>)> = Vec::new();
        let mut old: Vec<Uuid> = Vec::new();
        for (index, candidate) in candidates.iter().enumerate() {
            let Some(row) = candidate.outcome.row.as_ref().filter(|_| !candidate.erased) else { continue };
            match &candidate.existing {
                Some(view) => old.push(view.case.person.0),
                None => wanted.push((index, person_digest(tenant_key, row))),
            }
        }
        let digests: Vec<Uuid> = wanted.iter().filter_map(|(_, digest)| *digest).collect();
        let mut known: HashMap<Uuid, Uuid> = tx.blind_read(BLIND_PERSON, &digests).await?.into_iter().collect();
        let mut people = People::default();
        for (index, digest) in wanted {
            if let Some(person) = digest.and_then(|digest| known.get(&digest)) {
                old.push(*person);
                people.of.insert(index, PersonId(*person));
                continue;
            }
            let person = PersonId(doorstep_store::fresh_id(self.now));
            people.new.push((person, doorstep_store::fresh_alias()));
            people.of.insert(index, person);
            if let Some(digest) = digest {
                known.insert(digest, person.0);
                people.blind.push((digest, person.0));
            }
        }
        if self.input.options.dry_run {
            return Ok(people);
        }
        let store = self.input.app.store();
        let tenant = self.input.actor.tenant;
        let new: Vec<Uuid> = people.new.iter().map(|(person, _)| person.0).collect();
        people.keys = store.keys().subjects_create(tenant.0, &new).await?;
        people.keys.extend(store.sealing_keys(tenant, &old).await?);
        people.aliases = people.new.iter().copied().collect();
        for (person, alias) in tx.person_aliases(&old).await? {
            people.aliases.insert(person, alias);
        }
        Ok(people)
    }

    /// Decides what becomes of one row and collects what is to be written.
    fn row(
        &mut self,
        (index, candidate): (usize, &Candidate),
        tenant_key: &Key,
        people: &People,
        batch: &mut Batch,
    ) -> Result<ImportRow, AppError> {
        let outcome = &candidate.outcome;
        let plain = ImportRow {
            line: outcome.line as i64,
            result: outcome.result,
            reasons: reason_codes(&outcome.reasons),
            case: candidate.existing.as_ref().map(|view| view.case.id),
            action: RowAction::None,
            version: None,
            before: None,
        };
        if candidate.erased {
            let reasons = reason_codes(&[RowReason::Erased]);
            return Ok(ImportRow { result: RowResult::Reject, reasons, case: None, ..plain });
        }
        let (Some(row), Some(portfolio), Some(digest)) = (&outcome.row, candidate.portfolio, candidate.digest) else {
            return Ok(plain);
        };
        let content = content_digest(tenant_key, row, candidate.agency);
        let existing = candidate.existing.as_ref();
        if let Some(view) = existing {
            let live = matches!(view.case.status, CaseStatus::Open | CaseStatus::Held);
            if live && view.case.content_hash == content {
                let reasons = reason_codes(&[RowReason::AlreadyThere]);
                return Ok(ImportRow { result: RowResult::Duplicate, reasons, ..plain });
            }
            if matches!(view.case.status, CaseStatus::Settled | CaseStatus::Closed) {
                // A case that ended does not come back by a file; a person decides.
                return Ok(ImportRow { result: RowResult::Hold, ..plain });
            }
        }
        let action = if existing.is_some() { RowAction::Updated } else { RowAction::Created };
        match action {
            RowAction::Created => self.report.created += 1,
            _ => self.report.updated += 1,
        }
        if self.input.options.dry_run {
            return Ok(ImportRow { action, ..plain });
        }
        let person = existing.map(|view| view.case.person).or_else(|| people.of.get(&index).copied());
        let person = person.ok_or(AppError::Fault("every row that lands has a person"))?;
        let alias = *people.aliases.get(&person).ok_or(AppError::Fault("every person has an alias"))?;
        let event = EventId(doorstep_store::fresh_id(self.now));
        let commitment = seal_personal(row, people.keys.get(person.0)?, (person, event), batch)?;
        let address = self.address(row, person);
        let before = existing.map(|view| &view.case);
        let case = Case {
            id: before.map_or_else(|| CaseId(doorstep_store::fresh_id(self.now)), |old| old.id),
            alias: before.map_or_else(doorstep_store::fresh_alias, |old| old.alias),
            portfolio,
            agency: candidate.agency,
            team: before.map_or(self.input.team, |old| old.team),
            person,
            address: address.id,
            status: if outcome.result == RowResult::Hold { CaseStatus::Held } else { CaseStatus::Open },
            // A file never lifts a restriction: what was put on a case stays until a person lifts it.
            flags: before.map_or(0, |old| old.flags) | Flag::mask(&row.flags),
            stage: row.stage,
            days_past_due: row.days_past_due,
            due_day: row.due_date.map(day::number),
            amount: row.amount.total().get(),
            parts: row.amount.parts().map(|p| [p.principal, p.interest, p.penalty, p.fees].map(|part| part.get())),
            currency: row.amount.currency().code().to_owned(),
            amount_as_of: row.amount.as_of(),
            last_visit_day: row.last_visit.map(day::number),
            visits_before: row.visits_so_far,
            content_hash: content,
            payload: event,
            import: self.id,
            version: before.map_or(1, |old| old.version + 1),
            updated_at: self.now,
        };
        let kind = if before.is_some() { EntryKind::CaseUpdated } else { EntryKind::CaseImported };
        let entry = ServerEntry::new(kind, self.input.actor.by())
            .about(alias)
            .payload(event, commitment)
            .with("case", case.alias.to_string())
            .with("import", self.id.to_string());
        let written = ImportRow {
            case: Some(case.id),
            action,
            version: Some(case.version),
            before: before.map(kept).transpose()?,
            ..plain
        };
        self.listed.insert(case.id);
        batch.blind.push((BLIND_CASE, digest, case.id.0));
        let phone = phone_normal(&row.personal.phone);
        if phone.len() >= PHONE_DIGITS_MIN {
            batch.blind.push((BLIND_PHONE, tenant_key.blind(BLIND_PHONE, &phone), person.0));
        }
        batch.entries.push(entry.into());
        batch.addresses.push(address);
        batch.cases.push(case);
        Ok(written)
    }

    fn address(&self, row: &CaseRow, person: PersonId) -> Address {
        let place = self.input.app.whereabouts().of(row.point);
        Address {
            id: AddressId(doorstep_store::fresh_id(self.now)),
            person,
            state: AddressState::Unverified,
            provenance: Provenance::LenderFile,
            kind: PlaceKind::Home,
            cell: row.cell,
            zone: place.zone,
            country: place.country,
            region: place.region,
        }
    }

    /// Recalls what a complete file does not list. The caller must have named the right number.
    async fn recall(&mut self, tx: &mut WriteTx) -> Result<(), AppError> {
        if !self.input.options.complete {
            return Ok(());
        }
        let one: Vec<_> = self.scopes.iter().copied().collect();
        let [(portfolio, agency)] = one.as_slice() else {
            let detail = "A complete file lists one portfolio and one agency. Split it, or import it without `complete`.";
            return Err(AppError::at(ProblemCode::BadRequest, "complete", detail));
        };
        let live = tx.case_ids_live(*portfolio, *agency).await?;
        let gone: Vec<Uuid> = live.iter().filter(|id| !self.listed.contains(id)).map(|id| id.0).collect();
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
            entries.push(entry.with("case", case.alias.to_string()).with("import", self.id.to_string()).into());
            rows.push(ImportRow {
                line: -(n as i64) - 1,
                result: RowResult::Accept,
                reasons: String::new(),
                case: Some(case.id),
                action: RowAction::Recalled,
                version: Some(case.version),
                before: Some(before),
            });
            cases.push(case);
        }
        tx.case_write(&cases).await?;
        tx.import_rows_insert(self.id, rows).await?;
        tx.entries_add(entries).await?;
        Ok(())
    }
}

/// Digits below which a phone number is no key to find anybody by.
const PHONE_DIGITS_MIN: usize = 5;

/// The persons of a slice of rows.
#[derive(Default)]
struct People {
    /// The person of each row that makes a case.
    of: HashMap<usize, PersonId>,
    new: Vec<(PersonId, Alias)>,
    blind: Vec<(Uuid, Uuid)>,
    keys: SubjectKeys,
    aliases: HashMap<PersonId, Alias>,
}

/// What a slice of rows writes.
#[derive(Default)]
struct Batch {
    addresses: Vec<Address>,
    cases: Vec<Case>,
    payloads: Vec<(Uuid, Uuid, Vec<u8>)>,
    blind: Vec<(&'static str, Uuid, Uuid)>,
    rows: Vec<ImportRow>,
    entries: Vec<Entry>,
}

fn reason_codes(reasons: &[RowReason]) -> String {
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code()).collect();
    codes.join(",")
}

fn kept(case: &Case) -> Result<String, AppError> {
    serde_json::to_string(case).map_err(|_| AppError::Fault("cases serialise"))
}

/// The same phone and name are the same person; without a phone nobody is taken for somebody else.
fn person_digest(tenant_key: &Key, row: &CaseRow) -> Option<Uuid> {
    let phone = phone_normal(&row.personal.phone);
    let name = row.personal.name.trim().to_lowercase();
    (phone.len() >= PHONE_DIGITS_MIN).then(|| tenant_key.blind(BLIND_PERSON, &format!("{phone}\0{name}")))
}

fn content_digest(tenant_key: &Key, row: &CaseRow, agency: Option<AgencyId>) -> Vec<u8> {
    let agency = agency.map_or_else(String::new, |id| id.to_string());
    tenant_key.blind("content", &format!("{}\0{agency}", hex(&row.content_hash))).as_bytes().to_vec()
}

fn seal_personal(
    row: &CaseRow,
    key: &Key,
    (person, event): (PersonId, EventId),
    batch: &mut Batch,
) -> Result<Hash, AppError> {
    let mut fields = row.personal.clone();
    fields.available = stated_text(&row.available);
    let plain = serde_json::to_vec(&fields).map_err(|_| AppError::Fault("personal fields serialise"))?;
    let (sealed, commitment) = key.seal(event.0, &plain);
    batch.payloads.push((event.0, person.0, sealed));
    Ok(commitment)
}

/// Stated times in the form that the rules read: one part for each day and span.
fn stated_text(times: &[StatedTime]) -> String {
    use jiff::civil::Weekday;
    let days = [
        (Weekday::Monday, "mon"),
        (Weekday::Tuesday, "tue"),
        (Weekday::Wednesday, "wed"),
        (Weekday::Thursday, "thu"),
        (Weekday::Friday, "fri"),
        (Weekday::Saturday, "sat"),
        (Weekday::Sunday, "sun"),
    ];
    let clock = |seconds: i64| format!("{:02}:{:02}", seconds / 3600, seconds % 3600 / 60);
    let mut parts = Vec::new();
    for time in times {
        for (day, name) in days {
            if time.days.contains(day) {
                parts.push(format!("{name} {}-{}", clock(time.from.get()), clock(time.to.get())));
            }
        }
    }
    parts.join("; ")
}

fn words_with_lines(outcome: &RowOutcome<CaseRow>, lang: Lang) -> String {
    let mut words = reasons_words(&outcome.reasons, lang);
    if !outcome.same_number_lines.is_empty() {
        let lines: Vec<String> = outcome.same_number_lines.iter().map(ToString::to_string).collect();
        words = format!("{words} = {}", lines.join(", "));
    }
    words
}
