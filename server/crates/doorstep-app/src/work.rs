//! Work lists: whom to call, write to or look at on a day, as the strategies of their portfolios say. Doorstep calls nobody by
//! itself: a dialler, a gateway or a person takes the list and brings back what came of it (`contact_log`).

use doorstep_domain::case::CaseStatus;
use doorstep_domain::codes;
use doorstep_domain::contact::Channel;
use doorstep_domain::measure::Micros;
use doorstep_domain::step::{NextAction, StepChannel, VisitAskReason};
use doorstep_rules::{Attempt, evaluate};
use doorstep_store::case::CaseScope;
use doorstep_store::entry::{Entries, EntryKind, ServerEntry};
use doorstep_store::grant::Purpose;
use doorstep_store::work::{StepDone, VisitAsk};
use doorstep_strategy::Answer;
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::work::{AskVisit, NextDetail, NextQuery, StepDoneRequest, WorkItem, WorkList, WorkQuery};
use jiff::civil::Date;
use uuid::Uuid;

use crate::actor::Actor;
use crate::error::AppError;
use crate::facts::{Crewed, Known};
use crate::file::{CsvStyle, CsvWriter};
use crate::policy::{self, Action};
use crate::restriction::code;
use crate::{App, FileAnswer, day, say};
use doorstep_domain::words::Lang;

/// For how long a visit that was asked for by name may be planned: 14 days.
const ASK_LASTS: Micros = Micros::from_seconds(14 * 86_400);

/// The columns of a file of work: those that come back with results are named as a file of contacts names them.
const COLUMNS: [&str; 17] = [
    "case_no",
    "portfolio",
    "channel",
    "step",
    "name",
    "phone",
    "address",
    "language",
    "stage",
    "why",
    "lenient",
    "at",
    "staff_no",
    "outcome",
    "reason",
    "promise_day",
    "promise_amount",
];

codes!(
    /// What a file of work is for; it decides what stands in it in full.
    WorkPurpose, "purpose of a file of work" {
        /// The persons are contacted on the channel: numbers for calls and messages, addresses for letters.
        Contact = "contact",
    }
);

/// A case whose turn it is, with why.
struct Turn {
    known: Known,
    answer: Answer,
    stage: String,
}

/// What is on a list, and how many a rule holds back.
struct Turns {
    action: NextAction,
    cases: Vec<Turn>,
    held_back: u64,
}

fn action_of(text: &str) -> Result<NextAction, AppError> {
    let listed = |action: &NextAction| !matches!(action, NextAction::Wait | NextAction::None);
    text.parse().ok().filter(listed).ok_or_else(|| {
        let all = NextAction::ALL.iter().filter(|action| listed(action));
        let codes: Vec<&str> = all.map(|action| action.code()).collect();
        let detail = format!("`channel` is one of: {}.", codes.join(", "));
        AppError::at(ProblemCode::BadRequest, "channel", detail)
    })
}

fn item(turn: &Turn) -> WorkItem {
    let next = &turn.answer.next;
    let fields = turn.known.fields.clone();
    WorkItem {
        case: turn.known.view.case.id.0,
        case_no: turn.known.case_no(),
        portfolio: turn.known.portfolio.name.clone(),
        name: fields.as_ref().map_or_else(String::new, |fields| fields.name.clone()),
        phone: fields
            .as_ref()
            .map_or_else(String::new, |fields| say::masked(&fields.phone)),
        language: fields.map_or_else(String::new, |fields| fields.language),
        stage: turn.stage.clone(),
        step: next.step.clone(),
        who: next.who.map(|who| who.code().to_owned()),
        why: next.why.code().to_owned(),
        lenient: next.lenient,
    }
}

impl App {
    /// Whose turn it is on a channel and day. Whom a rule forbids to contact now is not on the list.
    pub async fn list_work(&self, actor: &Actor, query: &WorkQuery) -> Result<WorkList, AppError> {
        policy::check(actor, Action::RecordContact)?;
        let found = self.turns(actor, query, Purpose::Case).await?;
        Ok(WorkList {
            items: found.cases.iter().map(item).collect(),
            held_back: found.held_back,
        })
    }

    async fn turns(&self, actor: &Actor, query: &WorkQuery, purpose: Purpose) -> Result<Turns, AppError> {
        let action = action_of(&query.channel)?;
        let now = self.now();
        let on = query.day.as_deref().map(|text| day::parse("day", text)).transpose()?;
        let mut scope = CaseScope {
            status: Some(CaseStatus::Open),
            ..policy::scope(actor)
        };
        if let Some(name) = &query.portfolio {
            let portfolios = self.store().portfolio_list(actor.tenant).await?;
            let found = portfolios.into_iter().find(|portfolio| portfolio.name == *name);
            scope.portfolio = Some(found.ok_or_else(|| AppError::not_found("portfolio"))?.id);
        }
        let views = self.store().case_scope(actor.tenant, &scope).await?;
        let courses = self.courses(actor.tenant, &views).await?;
        let key = self.store().keys().blind_key(actor.tenant.0).await?;
        let mut found = Turns {
            action,
            cases: Vec::new(),
            held_back: 0,
        };
        for mut known in self.know(actor, views, purpose, None).await? {
            let today = day::local(now, &day::zone(&known.view.address.zone));
            let on = on.unwrap_or(today);
            let answer = courses.next((self.packs(), &key), &mut known, (on, now));
            if answer.next.action != action || known.fields.is_none() {
                continue;
            }
            if on == today && self.forbidden_now(&known, action, now) {
                found.held_back += 1;
                continue;
            }
            let stage = courses.stage(&known, on);
            found.cases.push(Turn { known, answer, stage });
        }
        Ok(found)
    }

    /// Whether a rule forbids the contact that an action is, at this moment.
    fn forbidden_now(&self, known: &Known, action: NextAction, now: Micros) -> bool {
        let channel = match action {
            NextAction::Call => Channel::Call,
            NextAction::Message => Channel::Message,
            NextAction::Letter => Channel::Letter,
            _ => return false,
        };
        let attempt = Attempt {
            channel,
            start: now,
            end: now,
        };
        let facts = known.facts(attempt, Crewed::Open, now);
        evaluate(self.packs(), &facts).effect.forbids()
    }

    /// A work list as a file: numbers or addresses in full only for a stated purpose, formulas neutralised.
    pub async fn export_work(&self, actor: &Actor, query: &WorkQuery) -> Result<FileAnswer, AppError> {
        policy::check(actor, Action::RecordContact)?;
        let purpose: Option<WorkPurpose> = query.purpose.as_deref().map(|text| code("purpose", text)).transpose()?;
        let found = self.turns(actor, query, Purpose::Export).await?;
        let style = CsvStyle {
            delimiter: b',',
            byte_order_mark: true,
        };
        let mut writer = CsvWriter::new(Vec::new(), style)?;
        writer.record(COLUMNS)?;
        for turn in &found.cases {
            writer.record(cells(turn, found.action, purpose.is_some()))?;
        }
        let bytes = writer.finish()?;
        let mut entry = ServerEntry::new(EntryKind::Export, actor.by())
            .with("cases", found.cases.len() as i64)
            .with("channel", found.action.code());
        if let Some(purpose) = purpose {
            entry = entry.with("purpose", purpose.code());
        }
        let tx = self.store().write(actor.tenant, self.now()).await?;
        tx.commit(Entries::one(entry)).await?;
        Ok(FileAnswer {
            name: format!("work-{}.csv", found.action.code()),
            content_type: "text/csv; charset=utf-8".to_owned(),
            bytes,
        })
    }

    /// Notes that a step was carried out that contacts nobody. The step has to be the next one: nothing heavy happens before
    /// its time.
    pub async fn step_done(
        &self,
        actor: &Actor,
        case: Uuid,
        request: &StepDoneRequest,
        lang: Lang,
    ) -> Result<NextDetail, AppError> {
        policy::check(actor, Action::RecordContact)?;
        let view = self.case_in_scope(actor, case).await?;
        let strategy = self.strategy_of(actor.tenant, view.case.portfolio).await?;
        let step = strategy.steps.iter().find(|step| step.id == request.step);
        let step = step.ok_or_else(|| AppError::not_found("step of this strategy"))?;
        if step.channel.contact().is_some() {
            let detail =
                "This step is a contact: record it with `contact add` or a file of contacts; visits come from devices.";
            return Err(AppError::at(ProblemCode::BadRequest, "step", detail));
        }
        let next = self.next_step(actor, case, &NextQuery::default(), lang).await?;
        if next.step.as_deref() != Some(&step.id) || next.action != NextAction::from(step.channel).code() {
            let why = next.others.iter().find(|one| one.step == step.id);
            let why = why.map_or(next.words.as_str(), |one| one.words.as_str());
            let detail = format!("`{}` is not the next step of this case: {why}.", step.id);
            return Err(AppError::refuse(ProblemCode::RuleBlocked, detail));
        }
        self.keep_step(actor, &view, (&step.id, step.channel)).await?;
        self.next_step(actor, case, &NextQuery::default(), lang).await
    }

    async fn keep_step(
        &self,
        actor: &Actor,
        view: &doorstep_store::case::CaseView,
        (step, channel): (&str, StepChannel),
    ) -> Result<(), AppError> {
        let now = self.now();
        let done = StepDone {
            id: doorstep_store::fresh_id(now),
            case: view.case.id,
            step: step.to_owned(),
            channel,
            at: now,
            staff: actor.staff,
        };
        let entry = ServerEntry::new(EntryKind::StepDone, actor.by())
            .about(view.person_alias)
            .with("case", view.case.alias.to_string())
            .with("step", step)
            .with("channel", channel.code());
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.case_lock(&[view.case.id.0]).await?;
        tx.step_done_insert(&done).await?;
        Ok(tx.commit(Entries::one(entry)).await?)
    }

    /// Asks for a visit by name: for two weeks plans take the case although by its strategy something else comes first. Rules,
    /// calm, an unconfirmed address and what protects the person hold as before.
    pub async fn ask_visit(
        &self,
        actor: &Actor,
        case: Uuid,
        request: &AskVisit,
        lang: Lang,
    ) -> Result<NextDetail, AppError> {
        policy::check(actor, Action::Plan)?;
        let reason: VisitAskReason = code("reason", &request.reason)?;
        let view = self.case_in_scope(actor, case).await?;
        let strategy = self.strategy_of(actor.tenant, view.case.portfolio).await?;
        if !strategy.visits {
            let detail = "The strategy of this portfolio makes no visits (`visits = false`).";
            return Err(AppError::refuse(ProblemCode::RuleBlocked, detail));
        }
        let now = self.now();
        let ask = VisitAsk {
            id: doorstep_store::fresh_id(now),
            case: view.case.id,
            staff: actor.staff,
            reason,
            at: now,
            until: now + ASK_LASTS,
        };
        let entry = ServerEntry::new(EntryKind::VisitAsked, actor.by())
            .about(view.person_alias)
            .with("case", view.case.alias.to_string())
            .reason(reason.code());
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.visit_ask_insert(&ask).await?;
        tx.commit(Entries::one(entry)).await?;
        self.next_step(actor, case, &NextQuery::default(), lang).await
    }
}

/// A row of a file of work. What comes back is empty, for whoever carries it out to fill in.
fn cells(turn: &Turn, action: NextAction, full: bool) -> [String; COLUMNS.len()] {
    let item = item(turn);
    let fields = turn.known.fields.as_ref();
    let on_phone = matches!(action, NextAction::Call | NextAction::Message);
    let phone = fields.filter(|_| full && on_phone).map(|fields| fields.phone.clone());
    let address = fields.filter(|_| full && action == NextAction::Letter);
    let address = address.map_or_else(String::new, |fields| fields.address.clone());
    let channel = match action {
        NextAction::VerifyAddress | NextAction::VerifyNumber | NextAction::Review => String::new(),
        action => action.code().to_owned(),
    };
    let lenient = if item.lenient { "yes" } else { "" };
    [
        item.case_no,
        item.portfolio,
        channel,
        item.step.unwrap_or_default(),
        if full { item.name } else { first_letter(&item.name) },
        phone.unwrap_or(item.phone),
        address,
        item.language,
        item.stage,
        item.why,
        lenient.to_owned(),
        String::new(),
        String::new(),
        String::new(),
        String::new(),
        String::new(),
        String::new(),
    ]
}

/// The first letter of a name: enough to tell two rows apart, not enough to name anybody.
fn first_letter(name: &str) -> String {
    name.chars()
        .next()
        .map_or_else(String::new, |first| format!("{first}•"))
}

impl crate::strategy::Courses {
    /// The stage of a case on a day, as a code.
    fn stage(&self, known: &Known, on: Date) -> String {
        self.facts(known, on).stage.code().to_owned()
    }
}
