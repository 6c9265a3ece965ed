//! Flags on the caller: what was remarked about their own visits, shown to them and answered by them. Flags, positions and scores
//! never feed pay or a ranking, so no use case lists or counts the flags of somebody else; whoever reviews a visit sees its flags,
//! and beside them what was answered. An answer never changes or removes a flag.

use std::collections::{BTreeMap, HashMap, HashSet};

use doorstep_domain::event::EventFlag;
use doorstep_domain::id::{CaseId, EventId, PersonId, StaffId, VisitId};
use doorstep_domain::quality::ItemFound;
use doorstep_domain::rate::RateKind;
use doorstep_domain::read::FieldClass;
use doorstep_domain::review::{FlagSource, ReviewDecision};
use doorstep_domain::staff::Role;
use doorstep_domain::words::{Lang, word};
use doorstep_rules::Sheet;
use doorstep_store::case::CaseView;
use doorstep_store::entry::{Entries, EntryKind, ServerEntry};
use doorstep_store::flag::{FlagAnswer, Flagged};
use doorstep_store::grant::Purpose;
use doorstep_store::staff::Staff;
use doorstep_store::visit::Visit;
use doorstep_wire::Page;
use doorstep_wire::flag::{AnswerFlag, FlagAnswered, OwnFlag, OwnFlagQuery};
use doorstep_wire::problem::ProblemCode;
use uuid::Uuid;

use crate::actor::Actor;
use crate::cursor;
use crate::error::AppError;
use crate::facts::open_fields;
use crate::policy;
use crate::{App, day, note};

/// How many where the caller names no number, and the most.
const PAGE: u32 = 50;
const PAGE_MAX: u32 = 200;

/// The id of a flag: what it stands on, and its code.
fn id_of(source: Uuid, code: &str) -> String {
    format!("{source}.{code}")
}

/// What an id of a flag names.
fn named(id: &str) -> Option<(Uuid, &str)> {
    let (source, code) = id.split_once('.')?;
    Some((source.parse().ok()?, code))
}

/// The codes of the flags on an event, check or complaint.
fn codes_of(one: &Flagged) -> Vec<&str> {
    match one.source {
        FlagSource::Event => one.said.split(',').filter(|code| !code.is_empty()).collect(),
        FlagSource::Check => vec![RateKind::QualityFailure.code()],
        FlagSource::Complaint => vec![RateKind::Complaint.code()],
    }
}

/// A flag in words; a code that this program does not know stays as it is.
fn words_of(code: &str, lang: Lang) -> String {
    let of_event = code.parse::<EventFlag>().map(|flag| word(lang, flag));
    let known = of_event.or_else(|_| code.parse::<RateKind>().map(|kind| word(lang, kind)));
    known.map_or_else(|_| code.to_owned(), str::to_owned)
}

/// The items of a check that were not as they should be, in words.
fn failed_items(one: &Flagged, lang: Lang) -> Result<Vec<String>, AppError> {
    if one.source != FlagSource::Check {
        return Ok(Vec::new());
    }
    let found: BTreeMap<String, ItemFound> =
        serde_json::from_str(&one.said).map_err(|_| AppError::Fault("kept findings are ours"))?;
    let sheet = Sheet::builtin();
    let text = |id: &String| {
        let known = sheet.items().iter().find(|item| item.id == *id);
        known.map_or_else(|| id.clone(), |item| item.text(lang).to_owned())
    };
    let failed = found.iter().filter(|(_, found)| **found == ItemFound::Fail);
    Ok(failed.map(|(id, _)| text(id)).collect())
}

/// What is known about some flags of the caller.
#[derive(Default)]
struct Around {
    visits: HashMap<VisitId, Visit>,
    zones: HashMap<CaseId, String>,
    numbers: HashMap<CaseId, String>,
    decisions: HashMap<VisitId, ReviewDecision>,
    answers: HashMap<(Uuid, String), FlagAnswer>,
    words: HashMap<EventId, String>,
}

impl Around {
    fn item(&self, one: &Flagged, code: &str, lang: Lang) -> Result<OwnFlag, AppError> {
        let visit = one.visit.and_then(|id| self.visits.get(&id));
        let answer = self.answers.get(&(one.id, code.to_owned()));
        let outcome = match one.source {
            FlagSource::Event => None,
            FlagSource::Check => one.decision.clone(),
            FlagSource::Complaint => Some(one.said.clone()),
        };
        let decision = one.visit.and_then(|id| self.decisions.get(&id));
        Ok(OwnFlag {
            id: id_of(one.id, code),
            source: one.source.code().to_owned(),
            code: code.to_owned(),
            what: words_of(code, lang),
            items: failed_items(one, lang)?,
            at: one.at.get(),
            visit: one.visit.map(|id| id.0),
            day: visit.map(|visit| day::text(visit.day)),
            zone: visit.and_then(|visit| self.zones.get(&visit.case).cloned()),
            case_no: visit.and_then(|visit| self.numbers.get(&visit.case).cloned()),
            decision: decision.map(|decision| decision.code().to_owned()),
            outcome,
            answer: answer.and_then(|answer| self.words.get(&answer.words).cloned()),
            answered_at: answer.map(|answer| answer.at.get()),
        })
    }
}

impl App {
    /// What is remarked about the caller, newest first. For everybody, and about nobody else.
    pub async fn list_own_flags(
        &self,
        actor: &Actor,
        query: &OwnFlagQuery,
        lang: Lang,
    ) -> Result<Page<OwnFlag>, AppError> {
        let limit = i64::from(query.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX));
        let own = (actor.tenant, actor.staff);
        let found = self
            .store()
            .flagged_list(own, cursor::before(query.cursor.as_deref())?, limit)
            .await?;
        let around = self.around_flags(actor, &found).await?;
        let mut items = Vec::new();
        for one in &found {
            for code in codes_of(one) {
                items.push(around.item(one, code, lang)?);
            }
        }
        let full = found.len() as i64 == limit;
        let last = found.last().filter(|_| full);
        Ok(Page {
            items,
            next: last.map(|last| cursor::after(last.at, last.id)),
        })
    }

    /// Answers a flag of the caller's own; once. The flag stays as it is.
    pub async fn answer_own_flag(
        &self,
        actor: &Actor,
        id: &str,
        (request, lang): (&AnswerFlag, Lang),
    ) -> Result<OwnFlag, AppError> {
        let words = note::checked("words", &request.words)?;
        let missing = || AppError::not_found("flag of yours");
        let (source, code) = named(id).ok_or_else(missing)?;
        let own = (actor.tenant, actor.staff);
        let one = self.store().flagged_get(own, source).await?;
        let one = one.filter(|one| codes_of(one).contains(&code)).ok_or_else(missing)?;
        let visits: Vec<Uuid> = one.visit.iter().map(|id| id.0).collect();
        let visit = self.store().visit_get_many(actor.tenant, &visits).await?.pop();
        let keys = self.store().sealing_keys(actor.tenant, &[actor.staff.0]).await?;
        let mut tx = self.store().write(actor.tenant, self.now()).await?;
        let (record, commitment) = note::keep(&mut tx, actor.staff, &words, &keys).await?;
        let answer = FlagAnswer {
            source,
            code: code.to_owned(),
            staff: actor.staff,
            visit: one.visit,
            words: record,
            at: tx.now(),
        };
        if !tx.flag_answer_add(&answer).await? {
            let detail =
                "You answered this before, and an answer stays as it was given. `doorstep staff flags --own` has it.";
            return Err(AppError::refuse(ProblemCode::Changed, detail));
        }
        let mut entry = ServerEntry::new(EntryKind::FlagAnswered, actor.by())
            .about(actor.alias)
            .with(one.source.code(), source.to_string())
            .reason(code)
            .payload(record, commitment);
        entry.visit = visit.map(|visit| visit.alias);
        tx.commit(Entries::one(entry)).await?;
        self.wake_office();
        let around = self.around_flags(actor, std::slice::from_ref(&one)).await?;
        around.item(&one, code, lang)
    }

    async fn around_flags(&self, actor: &Actor, found: &[Flagged]) -> Result<Around, AppError> {
        let ids: HashSet<Uuid> = found.iter().filter_map(|one| Some(one.visit?.0)).collect();
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let visits = self.store().visit_get_many(actor.tenant, &ids).await?;
        let cases: HashSet<Uuid> = visits.iter().map(|visit| visit.case.0).collect();
        let cases: Vec<Uuid> = cases.into_iter().collect();
        let mut views = self.store().case_get_many(actor.tenant, &cases).await?;
        let sources: Vec<Uuid> = found.iter().map(|one| one.id).collect();
        let own = (actor.tenant, actor.staff);
        let answers = self.store().flag_answers_by(own, &sources).await?;
        let mut around = Around {
            zones: views
                .iter()
                .map(|view| (view.case.id, view.address.zone.clone()))
                .collect(),
            visits: visits.into_iter().map(|visit| (visit.id, visit)).collect(),
            ..Around::default()
        };
        // Oldest first, so the last one stays.
        for made in self.store().review_list(actor.tenant, &ids).await? {
            around.decisions.insert(made.visit, made.decision);
        }
        let sent = self.cases_sent_to(actor).await?;
        views.retain(|view| match actor.role() {
            Role::Field => sent.contains(&view.case.id),
            _ => policy::in_caseload(actor, view),
        });
        self.open_own(actor, (&views, &answers), &mut around).await?;
        let answers = answers.into_iter();
        around.answers = answers.map(|one| ((one.source, one.code.clone()), one)).collect();
        Ok(around)
    }

    /// The cases that the crew of the caller is sent to these days: the caseload of whoever is in the field.
    async fn cases_sent_to(&self, actor: &Actor) -> Result<HashSet<CaseId>, AppError> {
        let Some(roster) = self.store().roster_of_staff(actor.tenant, actor.staff).await? else {
            return Ok(HashSet::new());
        };
        let visits = self.crew_visits(actor, roster.crew, self.now()).await?;
        Ok(visits.into_iter().map(|visit| visit.case).collect())
    }

    /// Opens the numbers of cases in the caller's caseload and their own answers; nothing, and no entry, where there are none.
    async fn open_own(
        &self,
        actor: &Actor,
        (views, answers): (&[CaseView], &[FlagAnswer]),
        around: &mut Around,
    ) -> Result<(), AppError> {
        let mut persons: Vec<_> = views.iter().map(|view| (view.case.person, view.person_alias)).collect();
        if !answers.is_empty() {
            persons.push((PersonId(actor.staff.0), actor.alias));
        }
        if persons.is_empty() {
            return Ok(());
        }
        let classes = &[FieldClass::Identity, FieldClass::Words];
        let request = actor.reads(Purpose::Quality, classes, persons);
        let grant = self.store().grant(actor.tenant, request, self.now()).await?;
        let records: Vec<Uuid> = views.iter().map(|view| view.case.payload.0).collect();
        let sealed = self.store().payload_get_many(actor.tenant, &records).await?;
        for view in views {
            let Some((.., bytes)) = sealed.iter().find(|(record, ..)| *record == view.case.payload) else {
                continue;
            };
            if let Some(fields) = open_fields(&grant, view, bytes)? {
                around.numbers.insert(view.case.id, fields.case_no);
            }
        }
        let records: Vec<Uuid> = answers.iter().map(|answer| answer.words.0).collect();
        let said = self.store().payload_get_many(actor.tenant, &records).await?;
        around.words = note::open(&grant, &said)?;
        Ok(())
    }
}

/// What was answered to the flags of a visit, with what of it is opened by now.
pub(crate) fn answered(
    answers: &[FlagAnswer],
    staff: &HashMap<StaffId, Staff>,
    said: &HashMap<EventId, String>,
) -> Vec<FlagAnswered> {
    let one = |answer: &FlagAnswer| FlagAnswered {
        flag: id_of(answer.source, &answer.code),
        code: answer.code.clone(),
        by: staff
            .get(&answer.staff)
            .map(|one| one.login.clone())
            .unwrap_or_default(),
        at: answer.at.get(),
        words: said.get(&answer.words).cloned(),
    };
    answers.iter().map(one).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_what_it_was_made_of() {
        let source = Uuid::from_u128(7);
        let id = id_of(source, EventFlag::FarFromDoor.code());
        assert_eq!(named(&id).unwrap(), (source, "far-from-door"));
        assert!(named(&source.to_string()).is_none() && named("x.far-from-door").is_none());
    }

    #[test]
    fn every_flag_has_words_in_both_languages() {
        for flag in EventFlag::ALL {
            assert_ne!(words_of(flag.code(), Lang::Zh), flag.code());
        }
        assert_eq!(words_of("complaint", Lang::Zh), "被投诉");
        assert_eq!(words_of("of-tomorrow", Lang::En), "of-tomorrow");
    }
}
