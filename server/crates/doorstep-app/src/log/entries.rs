//! The log on a screen: newest first, narrowed, and with what the caller may know of whom an entry concerns.
//!
//! A leaf has aliases only. Who sees all of a log gets all entries; a supervisor of a team gets those about the team's own
//! cases and visits, those that the team's staff caused, and those of the program that concern nobody.

use std::collections::{BTreeMap, HashMap, HashSet};

use doorstep_domain::id::{CaseId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_log::hash::leaf_hash;
use doorstep_log::leaf::Leaf;
use doorstep_store::case::CaseView;
use doorstep_store::generation::LogGeneration;
use doorstep_store::grant::Purpose;
use doorstep_store::staff::Staff;
use doorstep_wire::log::{LogCase, LogEntryItem, LogEntryPage, LogEntryQuery};
use uuid::Uuid;

use super::LogAltered;
use crate::App;
use crate::actor::Actor;
use crate::case::in_scope;
use crate::error::AppError;
use crate::policy::{self, Action};

/// Entries on a page where the caller names no number, and the most of them.
const PAGE: u32 = 50;
const PAGE_MAX: u32 = 200;
/// Leaves read at once, and the most that are looked at for one page.
const SLICE: u64 = 500;
const LOOKED_AT_MAX: u64 = 20_000;
/// Subjects of one entry that are shown.
const SUBJECTS_MAX: usize = 20;
/// Who caused what nobody caused.
const PROGRAM: &str = "program";

/// An entry as its leaf has it.
struct Entry {
    index: u64,
    at: Micros,
    kind: String,
    by: By,
    reason: Option<String>,
    visit: Option<Uuid>,
    subjects: Vec<Uuid>,
    hash: String,
}

/// Who caused it, as the leaf says.
enum By {
    Program,
    Staff(Uuid),
    Device(String),
}

impl Entry {
    /// `None` where it is no leaf that the log ever took.
    fn read(index: u64, leaf: &[u8]) -> Option<Self> {
        let ids = |texts: &[String]| texts.iter().filter_map(|text| text.parse().ok()).collect();
        let hash = leaf_hash(leaf).to_hex()[..16].to_owned();
        Some(match Leaf::decode(leaf).ok()? {
            Leaf::Server(entry) => Self {
                index,
                at: Micros(entry.recv_ms.saturating_mul(1_000)),
                kind: entry.t,
                by: entry.actor.parse().map_or(By::Program, By::Staff),
                reason: entry.reason,
                visit: entry.visit.and_then(|visit| visit.parse().ok()),
                subjects: ids(&entry.subj),
                hash,
            },
            Leaf::Device(event) => {
                let header = event.header().ok()?;
                Self {
                    index,
                    at: Micros(event.recv_ms.saturating_mul(1_000)),
                    kind: header.kind,
                    by: By::Device(header.dev),
                    reason: None,
                    visit: header.visit.and_then(|visit| visit.parse().ok()),
                    subjects: ids(&header.subj),
                    hash,
                }
            }
        })
    }
}

/// What the aliases of some entries stand for.
#[derive(Default)]
struct Behind {
    /// Visits by alias.
    visits: HashMap<Uuid, (VisitId, CaseId)>,
    /// Cases in the caller's scope.
    cases: BTreeMap<CaseId, CaseView>,
    /// Which of those a person's or case's alias stands for.
    subjects: HashMap<Uuid, Vec<CaseId>>,
}

impl Behind {
    /// The cases of an entry that the caller may see.
    fn of(&self, entry: &Entry) -> Vec<CaseId> {
        let visit = entry.visit.and_then(|alias| self.visits.get(&alias));
        let mut cases: Vec<CaseId> = visit.map(|(_, case)| *case).into_iter().collect();
        if cases.is_empty() {
            cases = entry
                .subjects
                .iter()
                .filter_map(|alias| self.subjects.get(alias))
                .flatten()
                .copied()
                .collect();
        }
        cases.retain(|case| self.cases.contains_key(case));
        cases.sort_unstable();
        cases.dedup();
        cases
    }
}

/// Who may see what, and what was asked for.
struct Reader {
    /// `None`: everything.
    team_only: Option<HashSet<Uuid>>,
    staff: HashMap<Uuid, String>,
    sees_cases: bool,
    kind: Option<String>,
    actor: Option<String>,
    visit: Option<Uuid>,
    case: Option<CaseId>,
    /// The aliases under which an entry can be about that case: its own, its person's and its visits'.
    aliases: Option<HashSet<Uuid>>,
}

impl Reader {
    fn actor_of(&self, entry: &Entry) -> String {
        match &entry.by {
            By::Program => PROGRAM.to_owned(),
            By::Staff(alias) => self.staff.get(alias).cloned().unwrap_or_else(|| alias.to_string()),
            By::Device(_) => "device".to_owned(),
        }
    }

    /// What can be said without knowing what stands behind the aliases.
    fn may_want(&self, entry: &Entry) -> bool {
        let is_kind = self.kind.as_ref().is_none_or(|kind| *kind == entry.kind);
        let is_actor = self.actor.as_ref().is_none_or(|wanted| {
            matches!(&entry.by, By::Device(device) if device == wanted) || self.actor_of(entry) == *wanted
        });
        let mut named = entry.visit.iter().chain(&entry.subjects);
        let is_case = self
            .aliases
            .as_ref()
            .is_none_or(|aliases| named.any(|alias| aliases.contains(alias)));
        is_kind && is_actor && is_case
    }

    fn wants(&self, entry: &Entry, behind: &Behind) -> bool {
        let cases = behind.of(entry);
        let visit = entry.visit.and_then(|alias| behind.visits.get(&alias));
        let is_visit = self
            .visit
            .is_none_or(|wanted| visit.is_some_and(|(id, _)| id.0 == wanted));
        let is_case = self.case.is_none_or(|wanted| cases.contains(&wanted));
        let mine = self.team_only.as_ref().is_none_or(|team| match &entry.by {
            _ if !cases.is_empty() => true,
            By::Staff(alias) => team.contains(alias),
            By::Program => entry.visit.is_none() && entry.subjects.is_empty(),
            By::Device(_) => false,
        });
        is_visit && is_case && mine
    }
}

impl App {
    /// A page of a log, newest first.
    pub async fn list_log_entries(
        &self,
        actor: &Actor,
        name: &str,
        query: &LogEntryQuery,
    ) -> Result<LogEntryPage, AppError> {
        policy::check(actor, Action::SeeLog)?;
        let name = super::log_name(name)?;
        let mut generations = self.generations(actor.tenant, name, query.generation).await?;
        let of = generations.pop().ok_or(AppError::Fault("a log has a generation"))?;
        let head = self.store().log_head(actor.tenant, name).await?;
        // What has its place and no checkpoint yet is shown too; it is of the present generation.
        let size = if head.origin == of.origin { head.size } else { of.size };
        let reader = self.reader(actor, query).await?;
        let limit = query.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX) as usize;
        let before = query.before.unwrap_or(size).min(size);
        let lowest = before.saturating_sub(LOOKED_AT_MAX);
        let (mut at, mut found, mut behind) = (before, Vec::new(), Behind::default());
        while at > lowest && found.len() < limit {
            let from = at.saturating_sub(SLICE).max(lowest);
            let mut entries = self.entries_of(&of, (from, at)).await?;
            entries.retain(|entry| reader.may_want(entry));
            self.look_behind(actor, &reader, &entries, &mut behind).await?;
            entries.reverse();
            at = from;
            for entry in entries {
                if found.len() == limit {
                    break;
                }
                if reader.wants(&entry, &behind) {
                    at = if found.len() + 1 == limit { entry.index } else { from };
                    found.push(entry);
                }
            }
        }
        let older = || generations.iter().rev().find(|one| one.size > 0);
        let next = match at {
            0 => older().map(|one| (one.size, one.generation)),
            _ => Some((at, of.generation)),
        };
        Ok(LogEntryPage {
            generation: of.generation,
            size,
            checkpoint_size: of.size,
            items: self.shown(actor, &reader, &behind, (&found, of.size)).await?,
            next: next.map(|(at, _)| at),
            next_generation: next.map(|(_, generation)| generation),
            looked_at: before - at,
        })
    }

    async fn reader(&self, actor: &Actor, query: &LogEntryQuery) -> Result<Reader, AppError> {
        let staff = self.store().staff_list(actor.tenant).await?;
        let team = policy::scope(actor).team;
        let of_team = |one: &&Staff| one.team == team;
        Ok(Reader {
            team_only: team.map(|_| staff.iter().filter(of_team).map(|one| one.alias.0).collect()),
            staff: staff.into_iter().map(|one| (one.alias.0, one.login)).collect(),
            sees_cases: policy::may(actor.role(), Action::SeeCases),
            kind: query.kind.clone(),
            actor: query.actor.clone(),
            visit: query.visit,
            case: query.case.map(CaseId),
            aliases: self.aliases_of(actor, query.case).await?,
        })
    }

    /// The aliases of a case; none of one that is not there or is another's, about which no entry is shown.
    async fn aliases_of(&self, actor: &Actor, case: Option<Uuid>) -> Result<Option<HashSet<Uuid>>, AppError> {
        let Some(case) = case else { return Ok(None) };
        let views = self.store().case_get_many(actor.tenant, &[case]).await?;
        let visits = self.store().visit_of_cases(actor.tenant, &[case]).await?;
        let of_case = views.iter().flat_map(|view| [view.person_alias.0, view.case.alias.0]);
        Ok(Some(of_case.chain(visits.iter().map(|visit| visit.alias.0)).collect()))
    }

    async fn entries_of(&self, of: &LogGeneration, (from, to): (u64, u64)) -> Result<Vec<Entry>, AppError> {
        let leaves = self.store().generation_leaves(of, (from, to - from)).await?;
        let altered = |index| LogAltered {
            origin: of.origin.clone(),
            index: Some(index),
        };
        (from..)
            .zip(&leaves)
            .map(|(index, leaf)| Entry::read(index, leaf).ok_or_else(|| altered(index).into()))
            .collect()
    }

    /// Finds what the aliases stand for, within the caller's scope.
    async fn look_behind(
        &self,
        actor: &Actor,
        reader: &Reader,
        entries: &[Entry],
        behind: &mut Behind,
    ) -> Result<(), AppError> {
        if !reader.sees_cases {
            return Ok(());
        }
        let aliases: HashSet<Uuid> = entries.iter().filter_map(|entry| entry.visit).collect();
        let aliases: Vec<Uuid> = aliases.into_iter().collect();
        let visits = self.store().visit_by_aliases(actor.tenant, &aliases).await?;
        let cases: Vec<Uuid> = visits.iter().map(|visit| visit.case.0).collect();
        let aliases: HashSet<Uuid> = entries.iter().flat_map(|entry| &entry.subjects).copied().collect();
        let aliases: Vec<Uuid> = aliases.into_iter().collect();
        let mut views = self.store().case_get_many(actor.tenant, &cases).await?;
        views.extend(self.store().case_by_aliases(actor.tenant, &aliases).await?);
        let scope = policy::scope(actor);
        for view in views.into_iter().filter(|view| in_scope(view, &scope)) {
            for alias in [view.person_alias.0, view.case.alias.0] {
                behind.subjects.entry(alias).or_default().push(view.case.id);
            }
            behind.cases.insert(view.case.id, view);
        }
        for visit in visits
            .into_iter()
            .filter(|visit| behind.cases.contains_key(&visit.case))
        {
            behind.visits.insert(visit.alias.0, (visit.id, visit.case));
        }
        Ok(())
    }

    /// The entries with the numbers of their cases, which are opened for it: one more read entry.
    async fn shown(
        &self,
        actor: &Actor,
        reader: &Reader,
        behind: &Behind,
        (entries, covered): (&[Entry], u64),
    ) -> Result<Vec<LogEntryItem>, AppError> {
        let cases: Vec<Vec<CaseId>> = entries
            .iter()
            .map(|entry| behind.of(entry).into_iter().take(SUBJECTS_MAX).collect())
            .collect();
        let named: HashSet<CaseId> = cases.iter().flatten().copied().collect();
        let views = named
            .iter()
            .filter_map(|case| behind.cases.get(case))
            .cloned()
            .collect();
        let known = self.know(actor, views, Purpose::Audit, None).await?;
        let numbers: HashMap<CaseId, String> = known
            .iter()
            .filter(|known| known.fields.is_some())
            .map(|known| (known.view.case.id, known.case_no()))
            .collect();
        let item = |(entry, cases): (&Entry, &Vec<CaseId>)| LogEntryItem {
            index: entry.index,
            at: entry.at.get(),
            kind: entry.kind.clone(),
            actor: reader.actor_of(entry),
            device: match &entry.by {
                By::Device(device) => Some(device.clone()),
                _ => None,
            },
            reason: entry.reason.clone(),
            visit: entry.visit.and_then(|alias| Some(behind.visits.get(&alias)?.0.0)),
            visit_alias: entry.visit.map(|alias| alias.to_string()),
            cases: cases
                .iter()
                .map(|case| LogCase {
                    id: case.0,
                    case_no: numbers.get(case).cloned(),
                })
                .collect(),
            subjects: entry.subjects.iter().take(SUBJECTS_MAX).map(Uuid::to_string).collect(),
            subjects_all: entry.subjects.len() as u64,
            leaf: entry.hash.clone(),
            covered: entry.index < covered,
        };
        Ok(entries.iter().zip(&cases).map(item).collect())
    }
}
