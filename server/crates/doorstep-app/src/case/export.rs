//! The export of cases: the imported columns with what came of each case.

use std::collections::HashMap;

use doorstep_domain::address::AddressState;
use doorstep_domain::case::{CaseStatus, Flag};
use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_domain::id::{CaseId, ImportId, VisitId};
use doorstep_domain::measure::{Micros, Minor};
use doorstep_domain::money::Currency;
use doorstep_store::entry::{Entries, EntryKind, ServerEntry};
use doorstep_store::grant::Purpose;
use doorstep_store::visit::{Promise, Visit};
use uuid::Uuid;

use crate::actor::Actor;
use crate::error::AppError;
use crate::facts::Known;
use crate::file::{CsvStyle, CsvWriter};
use crate::policy::{self, Action};
use crate::{App, FileAnswer, day, say};

/// Columns that the export adds behind the imported ones.
const ADDED: [&str; 9] = [
    "doorstep_status",
    "doorstep_outcome",
    "doorstep_matter",
    "doorstep_started_at",
    "doorstep_finished_at",
    "doorstep_promise_day",
    "doorstep_promise_amount",
    "doorstep_flags",
    "doorstep_next_step",
];

/// What came of some cases.
struct Results {
    visits: HashMap<CaseId, Vec<Visit>>,
    /// The newest promise of each case, with the visit at which it was made.
    promises: HashMap<CaseId, (Promise, Option<VisitId>)>,
    now: Micros,
}

impl App {
    /// Gives the imported columns back with outcome, promise, times and next step. Formulas are neutralised.
    pub async fn export_cases(&self, actor: &Actor, import: Option<Uuid>) -> Result<FileAnswer, AppError> {
        policy::check(actor, Action::ExportCases)?;
        let mut views = self.store().case_scope(actor.tenant, &policy::scope(actor)).await?;
        if let Some(import) = import {
            views.retain(|view| view.case.import == ImportId(import));
        }
        let ids: Vec<Uuid> = views.iter().map(|view| view.case.id.0).collect();
        let known = self.know(actor, views, Purpose::Export, None).await?;
        let mut results = Results {
            visits: HashMap::new(),
            promises: HashMap::new(),
            now: self.now(),
        };
        for visit in self.store().visit_of_cases(actor.tenant, &ids).await? {
            results.visits.entry(visit.case).or_default().push(visit);
        }
        for promise in self.store().promise_list(actor.tenant, &ids).await? {
            results.promises.insert(promise.0.case, promise);
        }
        let bytes = export_csv(&known, &results)?;
        let entry = ServerEntry::new(EntryKind::Export, actor.by()).with("cases", known.len() as i64);
        self.store()
            .write(actor.tenant, self.now())
            .await?
            .commit(Entries::one(entry))
            .await?;
        Ok(FileAnswer {
            name: "cases.csv".to_owned(),
            content_type: "text/csv; charset=utf-8".to_owned(),
            bytes,
        })
    }
}

fn export_csv(known: &[Known], results: &Results) -> Result<Vec<u8>, AppError> {
    let mut names: Vec<&str> = Vec::new();
    for one in known.iter().filter_map(|one| one.fields.as_ref()) {
        for (name, _) in &one.columns {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
    }
    let style = CsvStyle {
        delimiter: b',',
        byte_order_mark: true,
    };
    let mut writer = CsvWriter::new(Vec::new(), style)?;
    writer.record(names.iter().copied().chain(ADDED))?;
    for one in known {
        let columns: HashMap<&str, &str> = one.fields.as_ref().map_or_else(HashMap::new, |fields| {
            fields
                .columns
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect()
        });
        let mut cells: Vec<String> = names
            .iter()
            .map(|name| columns.get(name).copied().unwrap_or_default().to_owned())
            .collect();
        cells.extend(added(one, results));
        writer.record(&cells)?;
    }
    Ok(writer.finish()?)
}

/// The visit that a case is reported with: the last one that happened, before one that is only planned.
fn latest(visits: &[Visit]) -> Option<&Visit> {
    let happened = visits.iter().rev().find(|visit| visit.started_at.is_some());
    happened
        .or_else(|| visits.iter().rev().find(|visit| visit.outcome.is_some()))
        .or(visits.last())
}

fn added(known: &Known, results: &Results) -> [String; 9] {
    let case = &known.view.case;
    let visit = results.visits.get(&case.id).and_then(|visits| latest(visits));
    let (promise, made_at) = results
        .promises
        .get(&case.id)
        .map_or((None, None), |(promise, visit)| (Some(promise), *visit));
    let zone = day::zone(&known.view.address.zone);
    let time = |at: Option<Micros>| {
        at.map_or_else(String::new, |at| {
            day::timestamp(at)
                .to_zoned(zone.clone())
                .strftime("%Y-%m-%d %H:%M:%S %:z")
                .to_string()
        })
    };
    let amount = promise.and_then(|promise| {
        Currency::of(&promise.currency)
            .map(|currency| format!("{} {}", currency.plain(Minor(promise.amount)), currency.code()))
    });
    let today = day::number(day::local(results.now, &zone));
    let outcome = visit.and_then(|visit| visit.outcome);
    let matter = visit.and_then(|visit| visit.matter);
    // A promise counts until its day is over, or until a later visit came to something else.
    let latest = visit.is_none_or(|visit| made_at == Some(visit.id) || visit.matter.is_none());
    let promised = latest && promise.map_or(matter == Some(MatterOutcome::Promise), |promise| promise.day >= today);
    [
        case.status.code().to_owned(),
        outcome.map_or_else(String::new, |code| code.code().to_owned()),
        matter.map_or_else(String::new, |code| code.code().to_owned()),
        time(visit.and_then(|visit| visit.started_at)),
        time(visit.and_then(|visit| visit.finished_at)),
        promise.map_or_else(String::new, |promise| day::text(promise.day)),
        amount.unwrap_or_default(),
        say::flags(case.flags).join(" "),
        next_step(known, &Latest { outcome, promised }).to_owned(),
    ]
}

/// What the last visit and its promise leave open.
struct Latest {
    outcome: Option<ContactOutcome>,
    /// Whether a promise is waited for.
    promised: bool,
}

/// What should happen next, as a code. A restriction always ends visiting, whatever else is known.
fn next_step(known: &Known, latest: &Latest) -> &'static str {
    let case = &known.view.case;
    let restricted = Flag::of_mask(case.flags | known.of_person)
        .into_iter()
        .any(Flag::restricts);
    let lost = matches!(known.view.address.state, AddressState::Moved | AddressState::Wrong);
    match case.status {
        CaseStatus::Open if restricted => "review-restriction",
        CaseStatus::Open if latest.promised => "await-promise",
        CaseStatus::Open if lost => "verify-address",
        CaseStatus::Open if latest.outcome == Some(ContactOutcome::Rescheduled) => "agree-time",
        CaseStatus::Open => "plan",
        CaseStatus::Held => "decide",
        CaseStatus::Settled | CaseStatus::Recalled | CaseStatus::Closed => "none",
    }
}
