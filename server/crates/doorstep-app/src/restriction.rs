//! Restrictions: what a person has a right to, or what is known of them, that narrows contacts.
//!
//! Anybody puts one on at once, and visits ahead that it forbids are withdrawn in the same transaction. Taking one off
//! needs a reason and its words, and for what a person said of themselves a second person of the office.

mod lift;
mod office;

use doorstep_domain::address::AddressState;
use doorstep_domain::case::Flag;
use doorstep_domain::id::{EventId, StaffId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::restriction::{RestrictionKind, RightSource};
use doorstep_log::hash::Hash;
use doorstep_rules::{Attempt, Ban, Kind, PackSet, Verdict, evaluate, parse_stated_times};
use doorstep_store::WriteTx;
use doorstep_store::case::CaseView;
use doorstep_store::entry::{By, Entry, EntryKind, ServerEntry};
use doorstep_store::restriction::{BanRow, Restriction};
use doorstep_store::visit::Visit;
use uuid::Uuid;

use crate::App;
use crate::called_off::CallOff;
use crate::error::AppError;
use crate::facts::bare;

pub(crate) use lift::{Lifting, lift};
pub(crate) use office::{code, keep_words, span};

/// A restriction about to be put on.
pub(crate) struct New {
    pub(crate) kind: RestrictionKind,
    pub(crate) ban: BanRow,
    pub(crate) starts: Micros,
    pub(crate) ends: Option<Micros>,
    pub(crate) source: RightSource,
    /// Who of the staff noted it; nobody where the person did it on the page.
    pub(crate) staff: Option<StaffId>,
    pub(crate) visit: Option<VisitId>,
    /// The record of what was said, with its commitment where the server keeps it.
    pub(crate) event: Option<EventId>,
    pub(crate) commitment: Option<Hash>,
}

impl New {
    /// One of this kind from now on, with nothing said beside it.
    pub(crate) const fn of(kind: RestrictionKind, source: RightSource, starts: Micros) -> Self {
        Self {
            kind,
            ban: BanRow {
                channels: String::new(),
                places: String::new(),
                hours: String::new(),
            },
            starts,
            ends: None,
            source,
            staff: None,
            visit: None,
            event: None,
            commitment: None,
        }
    }
}

/// What putting a restriction on has changed.
pub(crate) struct PutOn {
    pub(crate) entries: Vec<Entry>,
    /// Visits that were withdrawn, each with the rule.
    pub(crate) withdrawn: Vec<(Visit, String)>,
}

/// Puts a restriction on a case, and withdraws the visits ahead that it forbids.
pub(crate) async fn put_on(
    app: &App,
    tx: &mut WriteTx,
    view: &CaseView,
    (new, by): (&New, By),
) -> Result<PutOn, AppError> {
    let id = doorstep_store::fresh_id(tx.now());
    let row = Restriction {
        id,
        case: view.case.id,
        person: view.case.person,
        kind: new.kind,
        ban: new.ban.clone(),
        starts: new.starts,
        ends: new.ends,
        source: new.source,
        staff: new.staff,
        visit: new.visit,
        event: new.event,
        made_at: tx.now(),
        lifted: None,
    };
    tx.restriction_insert(&row).await?;
    match new.kind.flag() {
        Some(flag) if tx.case_restrict(view.case.id, flag.bit()).await? => {}
        // Also where the lender's file has said so before: the case was touched, and no import that is taken back undoes that.
        Some(_) | None => tx.case_touch(view.case.id).await?,
    }
    if new.kind == RestrictionKind::Moved {
        tx.address_state(view.case.address, AddressState::Moved).await?;
    }
    let entry = ServerEntry::new(EntryKind::CaseRestricted, by).about(view.person_alias);
    let mut entry = entry
        .with("case", view.case.alias.to_string())
        .with("restriction", id.to_string())
        .with("source", new.source.code())
        .reason(new.kind.code());
    if let Some(event) = new.event {
        entry = match new.commitment {
            Some(commitment) => entry.payload(event, commitment),
            None => entry.with("event", event.to_string()),
        };
    }
    let mut done = withdraw(app, tx, view, by).await?;
    done.entries.insert(0, entry.into());
    Ok(done)
}

/// Withdraws the visits ahead, of all cases of the person, that what is known of them stops by now, and their notices that
/// did not leave. Hours, counts and notices are for the door: they may change until then.
pub(crate) async fn withdraw(app: &App, tx: &mut WriteTx, view: &CaseView, by: By) -> Result<PutOn, AppError> {
    let mut off = CallOff::new(by);
    let withdrawn = withdrawn_now(app, tx, view, &mut off).await?;
    let entries = off.done(tx).await?;
    Ok(PutOn { entries, withdrawn })
}

async fn withdrawn_now(
    app: &App,
    tx: &mut WriteTx,
    view: &CaseView,
    off: &mut CallOff,
) -> Result<Vec<(Visit, String)>, AppError> {
    let person = view.case.person;
    let views = tx.case_of_person(person).await?;
    let ids: Vec<Uuid> = views.iter().map(|view| view.case.id.0).collect();
    let visits = tx.visit_planned_of(&ids).await?;
    let now = tx.now();
    let ahead: Vec<Visit> = visits.into_iter().filter(|visit| visit.planned_end > now).collect();
    if ahead.is_empty() {
        return Ok(Vec::new());
    }
    let of_person = views.iter().fold(0, |mask, view| mask | view.case.flags) & Flag::mask_of_person();
    let bans: Vec<Ban> = tx.ban_list(&[person.0]).await?.iter().map(ban_of).collect();
    let portfolios = tx.portfolio_list().await?;
    let mut withdrawn = Vec::new();
    for visit in ahead {
        let Some(view) = views.iter().find(|view| view.case.id == visit.case) else {
            continue;
        };
        let portfolio = portfolios.iter().find(|one| one.id == view.case.portfolio);
        let portfolio = portfolio.ok_or(AppError::Fault("every case has its portfolio"))?;
        let attempt = Attempt::visit(visit.planned_start, visit.planned_end);
        let facts = bare(view, portfolio, (view.case.flags | of_person, &bans), (attempt, now));
        let verdict = evaluate(app.packs(), &facts);
        let Some(rule) = stopped_by(app.packs(), &verdict) else {
            continue;
        };
        if off.visit(tx, (&visit, view.person_alias), &rule).await? {
            withdrawn.push((visit, rule));
        }
    }
    Ok(withdrawn)
}

/// The strictest rule that stops a visit for what is known of the person, whatever its hour.
fn stopped_by(packs: &PackSet, verdict: &Verdict) -> Option<String> {
    let forbids = verdict.findings.iter().filter(|finding| finding.effect.forbids());
    let mut rules = forbids.map(|finding| finding.rule.as_str());
    let stops = |rule: &&str| {
        let known = packs.rule(rule);
        known.is_some_and(|(_, rule)| matches!(rule.kind, Kind::HardStop { .. } | Kind::Bans {}))
    };
    rules.find(stops).map(str::to_owned)
}

/// A ban as the rules take it. What cannot be read bars everything it could be about: it was written by this program.
pub(crate) fn ban_of(row: &Restriction) -> Ban {
    Ban {
        channels: codes_of(&row.ban.channels),
        places: codes_of(&row.ban.places),
        hours: parse_stated_times(&row.ban.hours).unwrap_or_default(),
        from: row.starts,
        until: row.ends,
    }
}

/// Codes separated by commas. Where one is not known the list is empty, which bars every one.
fn codes_of<T: std::str::FromStr>(text: &str) -> Vec<T> {
    let codes = text.split(',').filter(|code| !code.is_empty());
    codes.map(str::parse).collect::<Result<_, _>>().unwrap_or_default()
}
