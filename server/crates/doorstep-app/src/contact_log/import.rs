//! Files of contacts: read by the importer's core, judged against what is there, recorded in one transaction or previewed.
//! The rows that go back stand in the answer, because nothing of them is kept; the same file again is only duplicates, so a
//! request that broke off can be repeated.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::File;

use doorstep_domain::contact::ContactOutcome;
use doorstep_domain::id::{CaseId, ContactId, PersonId, StaffId};
use doorstep_domain::import::{RowReason, RowResult};
use doorstep_domain::measure::Micros;
use doorstep_domain::step::DefaultReason;
use doorstep_domain::words::Lang;
use doorstep_store::WriteTx;
use doorstep_store::blind::{BLIND_CASE, BLIND_ERASED, blind_case, blind_number};
use doorstep_store::case::CaseView;
use doorstep_store::contact::Contact;
use doorstep_store::entry::{Entries, Entry};
use doorstep_store::grant::Purpose;
use doorstep_store::seal::BlindKey;
use doorstep_wire::contact::{ContactImportOptions, ContactImportReport};
use doorstep_wire::import::RowItem;
use uuid::Uuid;

use super::said::{Promised, Said, agreed_by, promised};
use super::{AHEAD_MAX, Told, entry, step_of};
use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::facts::{Known, renew};
use crate::file::{ContactRow, Contacts, FileKind, Mapping, Moment, ReadOptions, RowOutcome};
use crate::import::{REPORT_ROWS_MAX, WholeFile, read_whole, turn, words_of};
use crate::policy::{self, Action};
use crate::strategy::Strategies;

/// The most rows of a file: all of them are held at once, to be judged in the order of their times.
const ROWS_MAX: u64 = 20_000;

/// What a row says, and what it did.
struct Judged {
    case: Option<CaseId>,
    action: &'static str,
}

/// What a file writes.
#[derive(Default)]
struct Batch {
    contacts: Vec<Contact>,
    outcomes: Vec<(ContactId, ContactOutcome)>,
    reasons: Vec<(ContactId, DefaultReason)>,
    /// The reasons for default that were told of each case.
    heard: BTreeSet<(CaseId, DefaultReason)>,
    promises: Vec<Said>,
    entries: Vec<Entry>,
    forbidden: u64,
}

impl Batch {
    /// Takes in what somebody said at a contact.
    fn hear(&mut self, contact: &Contact, promise: Option<Promised>) {
        self.heard.extend(contact.reason.map(|reason| (contact.case, reason)));
        self.promises.extend(promise.map(|promise| Said {
            promise: promise.by(contact.id),
            agreed_by: agreed_by(contact.channel),
            staff: contact.staff,
            at: contact.at,
        }));
    }
}

/// A file being judged.
struct Judge<'a> {
    app: &'a App,
    actor: &'a Actor,
    key: &'a BlindKey,
    strategies: &'a Strategies,
    /// The staff in reach, by number.
    staff: HashMap<String, StaffId>,
    now: Micros,
    known: Vec<Known>,
    place: HashMap<CaseId, usize>,
    of_person: HashMap<PersonId, Vec<usize>>,
    batch: Batch,
}

impl App {
    /// Previews or records a file of contacts.
    pub async fn import_contacts(
        &self,
        actor: &Actor,
        file: File,
        options: &ContactImportOptions,
        lang: Lang,
    ) -> Result<ContactImportReport, AppError> {
        policy::check(actor, Action::RecordContact)?;
        let now = self.now();
        let mut read_options = ReadOptions::at(now);
        read_options.limits.bytes_max = self.0.parts.import_bytes_max;
        read_options.limits.rows_max = ROWS_MAX;
        read_options.portfolio.clone_from(&options.portfolio);
        let pairs = options.map.as_deref().unwrap_or_default();
        let pairs: Vec<&str> = pairs
            .split(';')
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .collect();
        read_options.mapping = Mapping::parse(&pairs, FileKind::Contacts)?;
        let mut file = read_whole::<Contacts>(file, read_options).await?;
        let key = self.store().keys().blind_key(actor.tenant.0).await?;
        let views = self.cases_named(actor, &key, &mut file.rows).await?;
        let cases: Vec<Option<CaseId>> = views.iter().map(|view| Some(view.as_ref()?.case.id)).collect();
        let known = self.know_each(actor, views.into_iter().flatten().collect()).await?;
        let strategies = self.strategies(actor.tenant).await?;
        let mut tx = self.store().write_long(actor.tenant, now).await?;
        let mut judge = Judge::new((self, actor), (&key, &strategies), known, &mut tx).await?;
        let judged = judge.rows(&mut file.rows, &cases);
        let batch = judge.batch;
        let mut report = report_of(file, &judged, lang)?;
        report.recorded = batch.contacts.len() as u64;
        report.forbidden = batch.forbidden;
        if options.dry_run {
            "preview".clone_into(&mut report.state);
            return Ok(report);
        }
        tx.contact_insert_many(&batch.contacts).await?;
        for (contact, outcome) in batch.outcomes {
            tx.contact_settle(contact, outcome).await?;
        }
        let mut entries = batch.entries;
        for (contact, reason) in batch.reasons {
            tx.contact_reason(contact, reason).await?;
        }
        let of = |case: &CaseId| judge.place.get(case).map(|place| &judge.known[*place]);
        let lost = AppError::Fault("what was told is about a case of the file");
        for (case, reason) in &batch.heard {
            let Some(known) = of(case) else { return Err(lost) };
            entries.extend(self.reason_told(&mut tx, known, (*reason, actor)).await?);
        }
        for said in &batch.promises {
            let Some(known) = of(&said.promise.case) else {
                return Err(lost);
            };
            tx.promise_insert(&said.promise).await?;
            entries.extend(self.agree(actor, &mut tx, &known.view, said).await?);
        }
        if let Some(entries) = Entries::of(entries) {
            tx.commit(entries).await?;
            self.wake_devices();
        }
        Ok(report)
    }

    /// The case of each row; rows whose case cannot be told go back.
    async fn cases_named(
        &self,
        actor: &Actor,
        key: &BlindKey,
        rows: &mut [RowOutcome<ContactRow>],
    ) -> Result<Vec<Option<CaseView>>, AppError> {
        let store = self.store();
        let portfolios = store.portfolio_list(actor.tenant).await?;
        let digests_of = |row: &ContactRow| -> Vec<Uuid> {
            let meant = portfolios
                .iter()
                .filter(|one| row.portfolio.is_empty() || one.name == row.portfolio);
            meant.map(|one| blind_case(key, one.id, &row.case_no)).collect()
        };
        let digests: Vec<Vec<Uuid>> = rows
            .iter()
            .map(|outcome| outcome.row.as_ref().map_or_else(Vec::new, digests_of))
            .collect();
        let all: HashSet<Uuid> = digests.iter().flatten().copied().collect();
        let all: Vec<Uuid> = all.into_iter().collect();
        let owners: HashMap<Uuid, Uuid> = store
            .blind_find(actor.tenant, BLIND_CASE, &all)
            .await?
            .into_iter()
            .collect();
        let gone = store.blind_find(actor.tenant, BLIND_ERASED, &all).await?.into_iter();
        let gone: HashSet<Uuid> = gone.map(|(digest, _)| digest).collect();
        let ids: Vec<Uuid> = owners.values().copied().collect();
        let scope = policy::scope(actor);
        let views = store.case_get_many(actor.tenant, &ids).await?.into_iter();
        let views = views.filter(|view| crate::case::in_scope(view, &scope));
        let views: HashMap<Uuid, CaseView> = views.map(|view| (view.case.id.0, view)).collect();
        let mut found = Vec::with_capacity(rows.len());
        for (outcome, digests) in rows.iter_mut().zip(&digests) {
            let mut named = digests.iter().filter_map(|digest| views.get(owners.get(digest)?));
            let (first, second) = (named.next(), named.next());
            if outcome.row.is_some() && (first.is_none() || second.is_some()) {
                turn(
                    outcome,
                    match first {
                        Some(_) => RowReason::SeveralCases,
                        None if digests.iter().any(|digest| gone.contains(digest)) => RowReason::Erased,
                        None => RowReason::UnknownCase,
                    },
                );
            }
            found.push(first.filter(|_| second.is_none()).cloned());
        }
        Ok(found)
    }

    /// What is known of some cases, each once, under one grant.
    async fn know_each(&self, actor: &Actor, mut views: Vec<CaseView>) -> Result<Vec<Known>, AppError> {
        views.sort_unstable_by_key(|view| view.case.id);
        views.dedup_by_key(|view| view.case.id);
        if views.is_empty() {
            return Ok(Vec::new());
        }
        self.know(actor, views, Purpose::Import, None).await
    }
}

impl<'a> Judge<'a> {
    /// Brings what is known up to date, and keeps it so until the transaction ends.
    async fn new(
        (app, actor): (&'a App, &'a Actor),
        (key, strategies): (&'a BlindKey, &'a Strategies),
        mut known: Vec<Known>,
        tx: &mut WriteTx,
    ) -> Result<Self, AppError> {
        let mut persons: Vec<Uuid> = known.iter().map(|one| one.view.case.person.0).collect();
        persons.sort_unstable();
        persons.dedup();
        // What somebody said may take away what lies ahead of them.
        tx.ahead_lock(&persons, &[]).await?;
        let kept = tx.persons_kept(&persons).await?;
        let near = app.store().staff_list(actor.tenant).await?.into_iter();
        let near = near.filter(|one| policy::reaches(actor, one.agency));
        renew(tx, &mut known).await?;
        known.retain(|one| one.fields.is_some() && kept.contains(&one.view.case.person));
        let mut of_person: HashMap<PersonId, Vec<usize>> = HashMap::new();
        for (index, one) in known.iter().enumerate() {
            of_person.entry(one.view.case.person).or_default().push(index);
        }
        let place = known.iter().enumerate().map(|(index, one)| (one.view.case.id, index));
        Ok(Self {
            app,
            actor,
            key,
            strategies,
            staff: near.map(|one| (one.login, one.id)).collect(),
            now: tx.now(),
            place: place.collect(),
            of_person,
            known,
            batch: Batch::default(),
        })
    }

    /// Judges all rows in the order of their times: what a rule says of a call depends on the calls before it.
    fn rows(&mut self, rows: &mut [RowOutcome<ContactRow>], cases: &[Option<CaseId>]) -> Vec<Judged> {
        let mut judged: Vec<Judged> = cases
            .iter()
            .map(|case| Judged {
                case: *case,
                action: "none",
            })
            .collect();
        let mut order: Vec<(Micros, usize)> = Vec::with_capacity(rows.len());
        for (index, outcome) in rows.iter_mut().enumerate() {
            let (Some(row), Some(case)) = (&outcome.row, cases[index]) else {
                continue;
            };
            match self.place.get(&case) {
                None => turn(outcome, RowReason::Erased),
                Some(place) => match instant(row.at, &self.known[*place]) {
                    Some(at) if at <= self.now + AHEAD_MAX => order.push((at, index)),
                    Some(_) => turn(outcome, RowReason::DateInFuture),
                    None => turn(outcome, RowReason::DateUnreadable),
                },
            }
        }
        order.sort_unstable();
        for (at, index) in order {
            if let Some(place) = cases[index].and_then(|case| self.place.get(&case)) {
                judged[index].action = self.row(&mut rows[index], *place, at);
            }
        }
        judged
    }

    /// What becomes of one row, and what it did.
    fn row(&mut self, outcome: &mut RowOutcome<ContactRow>, place: usize, at: Micros) -> &'static str {
        let Some(row) = outcome.row.clone() else { return "none" };
        let known = &mut self.known[place];
        known.number = blind_number(self.key, known.view.case.person, &row.number);
        let same = |one: &&Contact| {
            one.case == known.view.case.id && one.channel == row.channel && one.at == at && one.number == known.number
        };
        let before = known.contacts.iter().find(same).cloned();
        let step = match (row.step.is_empty(), self.strategies.of(known.view.case.portfolio)) {
            (true, _) => None,
            (false, strategy) => {
                if let Ok(step) = step_of(Some(&row.step), strategy, row.channel) {
                    step
                } else {
                    turn(outcome, RowReason::UnknownStep);
                    return "none";
                }
            }
        };
        let strategy = self.strategies.of(known.view.case.portfolio);
        let promise = match promised(known, &row, (at, strategy)) {
            Ok(promise) => promise,
            Err(reason) => {
                turn(outcome, reason);
                return "none";
            }
        };
        if let Some(before) = before {
            return self.again(outcome, (place, before), &row, promise);
        }
        // Whoever brings the file did not make its calls: where it names nobody, they are nobody's.
        let staff = self.staff.get(&row.staff_no).copied();
        if staff.is_none() && !row.staff_no.is_empty() {
            turn(outcome, RowReason::UnknownStaff);
            return "none";
        }
        let told = Told {
            outcome: row.outcome,
            reason: row.reason,
            step,
        };
        let contact = self.app.contact_made(known, (row.channel, at), told, staff);
        self.batch.hear(&contact, promise);
        if !contact.rules.is_empty() {
            self.batch.forbidden += 1;
            outcome.reasons.push(RowReason::RuleForbade);
            outcome.result = RowResult::Warn;
        }
        self.batch.entries.push(entry(self.actor, known, &contact));
        for other in self.of_person.get(&contact.person).into_iter().flatten() {
            self.known[*other].contacts.push(contact.clone());
        }
        self.batch.contacts.push(contact);
        "created"
    }

    /// A contact that is there already: only an outcome that was not known yet is added.
    fn again(
        &mut self,
        outcome: &mut RowOutcome<ContactRow>,
        (place, before): (usize, Contact),
        row: &ContactRow,
        promise: Option<Promised>,
    ) -> &'static str {
        match (before.outcome, row.outcome) {
            (None, Some(told)) if before.event.is_none() && !self.is_new(before.id) => {
                let contact = Contact {
                    outcome: Some(told),
                    reason: row.reason.or(before.reason),
                    ..before
                };
                self.batch.outcomes.push((contact.id, told));
                self.batch.reasons.extend(row.reason.map(|reason| (contact.id, reason)));
                self.batch.hear(&contact, promise);
                self.batch.entries.push(entry(self.actor, &self.known[place], &contact));
                for one in &mut self.known[place].contacts {
                    if one.id == contact.id {
                        one.clone_from(&contact);
                    }
                }
                "updated"
            }
            (Some(known), Some(told)) if known != told => {
                turn(outcome, RowReason::NumberConflict);
                "none"
            }
            _ => {
                turn(outcome, RowReason::AlreadyThere);
                "none"
            }
        }
    }

    /// Whether the contact comes from this file.
    fn is_new(&self, contact: ContactId) -> bool {
        self.batch.contacts.iter().any(|one| one.id == contact)
    }
}

/// The instant of a row: what clocks showed is read in the time zone of the address. `None` where that is not known.
fn instant(at: Moment, known: &Known) -> Option<Micros> {
    match at {
        Moment::Instant(at) => Some(at),
        Moment::Local(at) => {
            let zone = jiff::tz::TimeZone::get(&known.view.address.zone).ok()?;
            let zoned = zone.to_ambiguous_zoned(at).compatible().ok()?;
            Some(Micros(zoned.timestamp().as_microsecond()))
        }
    }
}

fn report_of(file: WholeFile<ContactRow>, judged: &[Judged], lang: Lang) -> Result<ContactImportReport, AppError> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut rows = Vec::new();
    for (outcome, judged) in file.rows.iter().zip(judged) {
        *counts.entry(outcome.result.code().to_owned()).or_default() += 1;
        if outcome.result != RowResult::Accept && rows.len() < REPORT_ROWS_MAX {
            rows.push(item(outcome, judged, lang));
        }
    }
    let give_back = file.give_back(lang)?.map(String::from_utf8).transpose();
    let give_back = give_back.map_err(|_| AppError::Fault("rows are given back in UTF-8"))?;
    Ok(ContactImportReport {
        state: "landed".to_owned(),
        encoding: file.head.encoding.to_owned(),
        delimiter: file.head.delimiter,
        columns: file.head.columns,
        unknown: file.head.unknown,
        refused: file.head.refused,
        counts,
        recorded: 0,
        forbidden: 0,
        rows,
        give_back,
    })
}

fn item(outcome: &RowOutcome<ContactRow>, judged: &Judged, lang: Lang) -> RowItem {
    RowItem {
        line: outcome.line as i64,
        case_no: Some(outcome.number.clone()).filter(|number| !number.is_empty()),
        result: outcome.result.code().to_owned(),
        reasons: outcome.reasons.iter().map(|reason| reason.code().to_owned()).collect(),
        words: words_of(&outcome.reasons, &outcome.at, &outcome.other_lines(), lang),
        case: judged.case.map(|case| case.0),
        action: judged.action.to_owned(),
    }
}
