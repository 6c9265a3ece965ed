//! Letters: made of a template and a case, kept sealed, handed over, and counted as a contact once they left.
//!
//! The rules are asked when a letter is made and again when it leaves: between the two somebody may have died, paid or asked
//! for silence.

mod again;
mod due;
mod paper;
mod template;

use doorstep_domain::agreement::AgreementState;
use doorstep_domain::case::Flag;
use doorstep_domain::contact::{Channel, ContactOutcome};
use doorstep_domain::id::{EventId, LetterId};
use doorstep_domain::letter::{LetterKind, LetterState};
use doorstep_domain::measure::Micros;
use doorstep_domain::read::{FieldClass, Purpose};
use doorstep_domain::step::StepChannel;
use doorstep_domain::words::{Lang, word};
use doorstep_log::hash::base64url_encode;
use doorstep_papers::Paper;
use doorstep_store::agreement::Agreement;
use doorstep_store::case::CaseView;
use doorstep_store::contact::Contact;
use doorstep_store::entry::{By, Entries, EntryKind, ServerEntry};
use doorstep_store::letter::{Letter, LetterView};
use doorstep_strategy::{ASIDE, Step, Strategy};
use doorstep_wire::Page;
use doorstep_wire::letter::{LetterDetail, LetterItem, LetterQuery, MakeLetter, SetLetter};
use doorstep_wire::problem::ProblemCode;
use uuid::Uuid;

use crate::actor::Actor;
use crate::agreement::pay_at_door;
use crate::contact::erased;
use crate::contact_log::{Told, forbidding, verdict};
use crate::error::AppError;
use crate::facts::{Known, renew};
use crate::notice::languages;
use crate::policy::{self, Action};
use crate::{App, day};

pub use due::LetterFile;
pub use template::{LetterTemplateError, LetterTemplates};

/// The most letters of a list.
const LIST_MAX: i64 = 1_000;

/// A paper that is not for an agency to write.
const CREDITORS: &[LetterKind] = &[LetterKind::PreLegal, LetterKind::BureauNotice];

impl App {
    /// Makes a letter to the person of a case, if the rules let one be written now. With an idempotency key the same request
    /// again gives the same letter.
    pub async fn make_letter(
        &self,
        actor: &Actor,
        request: &MakeLetter,
        key: Option<String>,
    ) -> Result<LetterItem, AppError> {
        policy::check(actor, Action::WriteLetter)?;
        let kind = kind_of(&request.kind)?;
        if actor.agency.is_some() && CREDITORS.contains(&kind) {
            let detail = "Such a letter announces a step of the creditor; ask the creditor to write it.";
            return Err(AppError::refuse(ProblemCode::NotAllowed, detail));
        }
        let lang = request.language.as_deref().map(language_of).transpose()?;
        let now = self.now();
        let (known, blind_key) = self.known_to_contact(actor, request.case).await?;
        let hash = blind_key.blind("request", &format!("{request:?}")).as_bytes().to_vec();
        if let Some(before) = self.kept_answer(actor, key.as_deref(), &hash).await? {
            return Ok(before);
        }
        self.letter_allowed(&known, now)?;
        let strategy = self.strategy_of(actor.tenant, known.view.case.portfolio).await?;
        may_say(kind, &known, &strategy, now)?;
        let agreed = self.store().agreement_list(actor.tenant, &[request.case]).await?;
        justified(kind, (&known.view, known.of_person), (&known.contacts, &agreed))?;
        let id = LetterId(doorstep_store::fresh_id(now));
        let (language, paper) = self.letter_paper(actor, (kind, lang, id), &known, &strategy).await?;
        let printed = self.print(&paper)?;
        let letter = letter_of(&known, (id, kind, language), actor, now);
        let person = known.view.case.person;
        let keys = self.store().sealing_keys(actor.tenant, &[person.0]).await?;
        let (sealed, commitment) = keys.get(person.0)?.seal(letter.payload.0, &printed);
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.ahead_lock(&[person.0], &[]).await?;
        if !tx.person_kept(person).await? {
            return Err(erased());
        }
        if !request.again {
            again::is_first(&mut tx, &letter).await?;
        }
        tx.payload_insert(vec![(letter.payload.0, person.0, sealed)]).await?;
        tx.letter_insert(&letter).await?;
        let view = LetterView {
            letter,
            person_alias: known.view.person_alias,
            case_alias: known.view.case.alias,
        };
        let answer = item(&view);
        if let Some(key) = key {
            let text = serde_json::to_string(&answer).map_err(|_| AppError::Fault("answers serialise"))?;
            tx.answer_keep(actor.staff, &key, &hash, &text).await?;
        }
        let made = entry(&view, LetterState::Made, actor.by()).payload(view.letter.payload, commitment);
        tx.commit(Entries::one(made)).await?;
        self.notices_queued().notify_one();
        Ok(answer)
    }

    /// Refuses where a rule forbids a letter.
    fn letter_allowed(&self, known: &Known, now: Micros) -> Result<(), AppError> {
        let said = verdict(self.packs(), known, (Channel::Letter, now), now);
        if !said.effect.forbids() {
            return Ok(());
        }
        let detail = "A rule forbids a letter to this person now. `doorstep contact check --channel letter` says why.";
        let mut problem = AppError::refuse(ProblemCode::RuleBlocked, detail).problem();
        problem.rules = forbidding(&said);
        Err(AppError::Refused(Box::new(problem)))
    }

    async fn letter_paper(
        &self,
        actor: &Actor,
        (kind, lang, id): (LetterKind, Option<Lang>, LetterId),
        known: &Known,
        strategy: &Strategy,
    ) -> Result<(&'static str, Paper), AppError> {
        let fields = known.fields.as_ref().ok_or_else(erased)?;
        let offices = self.store().office_list(actor.tenant).await?;
        let of = |agency| offices.iter().find(|office| office.agency == agency);
        let creditor = of(None).map_or("", |office| office.name.as_str());
        // The creditor's own staff write in its name, also about a case that an agency has.
        let writer = of(actor.agency);
        let zone = day::zone(&known.view.address.zone);
        let now = self.now();
        let case = &known.view.case;
        let announced = i64::from(strategy.letters.notice_days);
        let said = &strategy.letters;
        let words = paper::Words {
            name: &fields.name,
            address: &fields.address,
            office: writer.map_or(creditor, |office| &office.name),
            creditor,
            mandate: [said.authority(Lang::En), said.authority(Lang::Zh)],
            help: [said.help(Lang::En), said.help(Lang::Zh)],
            complaints: writer.map_or("", |office| &office.complaints),
            case_no: &fields.case_no,
            portfolio: &known.portfolio.name,
            amount: paper::Amount {
                total: case.amount,
                parts: case.parts,
                currency: &case.currency,
                as_of: case.amount_as_of,
            },
            // The amount stands in the letter with its day.
            pay: pay_at_door(strategy, known, None),
            not_before: day::of_number(day::number(day::local(now, &zone)) + announced),
            now,
            zone: &zone,
            number: short(id),
        };
        let (tag, langs) = match lang {
            Some(lang) => (lang.code(), only(lang)),
            None => languages(&fields.language),
        };
        let templates = &self.0.parts.papers.letters;
        Ok((tag, paper::paper(templates, kind, langs, &words)))
    }

    /// The letters that the actor may see, newest first; they say nothing of persons.
    pub async fn list_letters(&self, actor: &Actor, query: &LetterQuery) -> Result<Page<LetterItem>, AppError> {
        policy::check(actor, Action::SeeCases)?;
        let state = query.state.as_deref().map(state_of).transpose()?;
        let mut views = match query.case {
            Some(case) => {
                let mut views = self.store().letters_of_cases(actor.tenant, &[case]).await?;
                views.reverse();
                views
            }
            None => self.store().letter_list(actor.tenant, LIST_MAX).await?,
        };
        views.retain(|view| state.is_none_or(|state| view.letter.state == state));
        let views = self.letters_in_scope(actor, views).await?;
        Ok(Page {
            items: views.iter().map(item).collect(),
            next: None,
        })
    }

    /// A letter with its paper. An entry in the access log.
    pub async fn show_letter(&self, actor: &Actor, id: Uuid) -> Result<LetterDetail, AppError> {
        policy::check(actor, Action::WriteLetter)?;
        let view = self.letter_in_scope(actor, id).await?;
        let persons = vec![(view.letter.person, view.person_alias)];
        let classes = &[FieldClass::Identity, FieldClass::Words];
        let request = actor.reads(Purpose::Notice, classes, persons);
        let grant = self.store().grant(actor.tenant, request, self.now()).await?;
        let sealed = self
            .store()
            .payload_get_many(actor.tenant, &[view.letter.payload.0])
            .await?;
        let (_, _, sealed) = sealed.first().ok_or_else(erased)?;
        let opened = grant.open(view.letter.person, view.letter.payload, sealed)?;
        Ok(LetterDetail {
            file: file_name(&view.letter),
            pdf: base64url_encode(&opened.payload),
            item: item(&view),
        })
    }

    /// Says what became of a letter. It counts as a contact from the moment it left. Saying the same again changes nothing.
    pub async fn set_letter(&self, actor: &Actor, id: Uuid, request: &SetLetter) -> Result<LetterItem, AppError> {
        policy::check(actor, Action::WriteLetter)?;
        let to = state_of(&request.state)?;
        let view = self.letter_in_scope(actor, id).await?;
        let from = view.letter.state;
        if from == to {
            return Ok(item(&view));
        }
        if !from.may_become(to) {
            let detail = format!("The letter is {from} and cannot become {to}. `doorstep letter show` tells more.");
            return Err(AppError::refuse(ProblemCode::Changed, detail));
        }
        let now = self.now();
        let (mut known, _) = self.known_to_contact(actor, view.letter.case.0).await?;
        let strategy = self.strategy_of(actor.tenant, known.view.case.portfolio).await?;
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.case_lock(&[view.letter.case.0]).await?;
        tx.letter_move(view.letter.id, (from, to)).await?;
        let mut entries = Entries::one(entry(&view, to, actor.by()));
        match (to, view.letter.contact) {
            (LetterState::HandedOver, _) => {
                renew(&mut tx, std::slice::from_mut(&mut known)).await?;
                self.letter_allowed(&known, now)?;
                still_true(&view.letter, now)?;
                let agreed = tx.agreement_list(&[view.letter.case.0]).await?;
                justified(
                    view.letter.kind,
                    (&known.view, known.of_person),
                    (&known.contacts, &agreed),
                )?;
                let told = Told::as_step(step_of(view.letter.kind, &strategy));
                let contact = self.contact_made(&known, (Channel::Letter, now), told, Some(actor.staff));
                tx.contact_insert(&contact).await?;
                tx.letter_contact(view.letter.id, contact.id).await?;
                entries = entries.and(crate::contact_log::entry(actor, &known, &contact));
            }
            (LetterState::Delivered, Some(contact)) => tx.contact_settle(contact, ContactOutcome::Delivered).await?,
            (LetterState::Returned, Some(contact)) => tx.contact_settle(contact, ContactOutcome::Returned).await?,
            _ => {}
        }
        tx.commit(entries).await?;
        self.wake_devices();
        Ok(item(&self.letter_in_scope(actor, id).await?))
    }

    async fn letter_in_scope(&self, actor: &Actor, id: Uuid) -> Result<LetterView, AppError> {
        let views = self.store().letter_get_many(actor.tenant, &[id]).await?;
        let mut views = self.letters_in_scope(actor, views).await?;
        views.pop().ok_or_else(|| AppError::not_found("letter"))
    }

    async fn letters_in_scope(&self, actor: &Actor, views: Vec<LetterView>) -> Result<Vec<LetterView>, AppError> {
        let scope = policy::scope(actor);
        let cases: Vec<Uuid> = views.iter().map(|view| view.letter.case.0).collect();
        let cases = self.store().case_get_many(actor.tenant, &cases).await?;
        let within = |view: &LetterView| {
            let case = cases.iter().find(|case| case.case.id == view.letter.case);
            case.is_some_and(|case| crate::case::in_scope(case, &scope))
        };
        Ok(views.into_iter().filter(within).collect())
    }
}

/// Whether a letter of this kind may be written about a case now: only a fresh amount is stated, and only true steps are named.
fn may_say(kind: LetterKind, known: &Known, strategy: &Strategy, now: Micros) -> Result<(), AppError> {
    let case = &known.view.case;
    if kind.states_amount() && now - case.amount_as_of > known.portfolio.amount_age_max {
        return Err(stale());
    }
    match kind.announces() {
        Some(step) if !strategy.letters.consequences.contains(&step) => {
            let detail = format!(
                "The strategy of the portfolio does not say that it takes this step ({}), so no letter announces it. If it \
                 really does, an administrator adds `{step}` to `consequences` under `[letters]`: `doorstep strategy set`.",
                word(Lang::En, step)
            );
            Err(AppError::at(ProblemCode::NotAllowed, "kind", detail))
        }
        _ => Ok(()),
    }
}

/// Whether a letter of this kind may be made, or leave, for what is known of the case: asked each time.
fn justified(
    kind: LetterKind,
    (view, of_person): (&CaseView, i64),
    (contacts, agreed): (&[Contact], &[Agreement]),
) -> Result<(), AppError> {
    has_ground(kind, (view, of_person), agreed)?;
    may_go(kind, view, contacts)
}

/// Whether there is anything to write for: nobody is reminded of what is paid or given up, and nobody who keeps what was agreed is
/// reminded or told of steps. Nor is anybody who is protected: in dispute, in hardship, represented, in a moratorium.
fn has_ground(kind: LetterKind, (view, of_person): (&CaseView, i64), agreed: &[Agreement]) -> Result<(), AppError> {
    if view.case.status.is_over() {
        let detail = "The case is over: it was settled, recalled or closed. Nothing is left to write about.";
        return Err(AppError::refuse(ProblemCode::CaseOver, detail));
    }
    // What keeps visitors away keeps such letters away as well: they press no less.
    let flags = Flag::of_mask(view.case.flags | of_person);
    let kept_away = flags
        .iter()
        .find(|flag| flag.restricts() && **flag != Flag::PlanPerforming);
    if let Some(flag) = kept_away.filter(|_| kind.asks_to_pay()) {
        let detail = format!(
            "The case is restricted ({flag}), and nobody is asked to pay by a letter or told of steps meanwhile. \
             `doorstep restriction list` says since when and why."
        );
        return Err(AppError::refuse(ProblemCode::RuleBlocked, detail));
    }
    let keeps =
        |one: &Agreement| one.case == view.case.id && one.state == AgreementState::Promised && one.kind.is_paid();
    if kind.asks_to_pay() && agreed.iter().any(keeps) {
        let detail = "The person keeps what was agreed with them, and is neither reminded nor told of steps while they do. A \
                      `statement` may be sent where they ask for one.";
        return Err(AppError::refuse(ProblemCode::AgreementStands, detail));
    }
    Ok(())
}

/// Whether a letter of this kind may go to the address: one that tells of a debt goes to nobody else's home.
fn may_go(kind: LetterKind, view: &CaseView, contacts: &[Contact]) -> Result<(), AppError> {
    if kind == LetterKind::AddressCheck || !is_lost(view, contacts) {
        return Ok(());
    }
    let detail = "The person was not found at the address, and whoever lives there now would open the letter. Have it confirmed \
                  (`doorstep address verify`), or write an `address-check`, which tells of nothing.";
    Err(AppError::refuse(ProblemCode::AddressLost, detail))
}

/// Whether the person moved, the address is wrong, or it was not confirmed since they were not found there.
fn is_lost(view: &CaseView, contacts: &[Contact]) -> bool {
    let address = &view.address;
    let gone = |one: &&Contact| {
        let here = one.address.is_none_or(|of| of == address.id);
        here && one.outcome.is_some_and(ContactOutcome::not_found)
    };
    let lost = contacts.iter().filter(gone).map(|one| one.at).max();
    let unconfirmed = lost.is_some_and(|lost| address.verified.is_none_or(|(at, _)| at < lost));
    !address.state.usable() || unconfirmed
}

/// Which step of the strategy a letter carries out: a notice the one that gives it, a reminder whatever letter comes next, and
/// what somebody asked for none.
fn step_of(kind: LetterKind, strategy: &Strategy) -> Option<String> {
    match kind {
        LetterKind::BureauNotice => {
            let gives = |step: &&Step| step.notice_of == Some(StepChannel::Bureau);
            strategy.steps.iter().find(gives).map(|step| step.id.clone())
        }
        LetterKind::Reminder | LetterKind::PreLegal => None,
        LetterKind::Statement | LetterKind::AddressCheck => Some(ASIDE.to_owned()),
    }
}

/// Whether what a letter states may still be stated.
fn still_true(letter: &Letter, now: Micros) -> Result<(), AppError> {
    let over = letter.fresh_until.is_some_and(|until| until < now);
    if over { Err(stale()) } else { Ok(()) }
}

fn stale() -> AppError {
    let detail = "The amount is older than the portfolio allows and may not be stated. Bring in a newer file of the lender, \
                  then make the letter anew.";
    AppError::refuse(ProblemCode::AmountStale, detail)
}

fn letter_of(known: &Known, (id, kind, language): (LetterId, LetterKind, &str), actor: &Actor, now: Micros) -> Letter {
    let case = &known.view.case;
    let stated = kind.states_amount().then_some(case.amount_as_of);
    Letter {
        id,
        case: case.id,
        person: case.person,
        kind,
        language: language.to_owned(),
        state: LetterState::Made,
        payload: EventId(doorstep_store::fresh_id(now)),
        amount_as_of: stated,
        fresh_until: stated.map(|as_of| as_of + known.portfolio.amount_age_max),
        made_by: actor.staff,
        made_at: now,
        handed_over_at: None,
        contact: None,
        delivered_at: None,
        returned_at: None,
        withdrawn_at: None,
    }
}

/// The entry of a letter that was made or moved on.
fn entry(view: &LetterView, to: LetterState, by: By) -> ServerEntry {
    let kind = match to {
        LetterState::Made => EntryKind::LetterMade,
        LetterState::HandedOver => EntryKind::LetterHandedOver,
        LetterState::Delivered => EntryKind::LetterDelivered,
        LetterState::Returned => EntryKind::LetterReturned,
        LetterState::Withdrawn => EntryKind::LetterWithdrawn,
    };
    ServerEntry::new(kind, by)
        .about(view.person_alias)
        .with("case", view.case_alias.to_string())
        .with("letter", view.letter.id.to_string())
        .with("kind", view.letter.kind.code())
}

fn kind_of(code: &str) -> Result<LetterKind, AppError> {
    let wrong =
        |error: doorstep_domain::code::UnknownCode| AppError::at(ProblemCode::BadRequest, "kind", error.to_string());
    code.parse().map_err(wrong)
}

fn state_of(code: &str) -> Result<LetterState, AppError> {
    let wrong =
        |error: doorstep_domain::code::UnknownCode| AppError::at(ProblemCode::BadRequest, "state", error.to_string());
    code.parse().map_err(wrong)
}

pub(crate) fn language_of(tag: &str) -> Result<Lang, AppError> {
    let wrong = |error: doorstep_domain::code::UnknownCode| {
        AppError::at(ProblemCode::BadRequest, "language", error.to_string())
    };
    tag.parse().map_err(wrong)
}

const fn only(lang: Lang) -> &'static [Lang] {
    match lang {
        Lang::En => &[Lang::En],
        Lang::Zh => &[Lang::Zh],
    }
}

/// What a letter is called at its foot: enough to find it.
fn short(id: LetterId) -> String {
    let text = id.to_string();
    text.rsplit('-').next().unwrap_or_default().to_owned()
}

/// The name of its file: it says nothing of what the letter is about.
fn file_name(letter: &Letter) -> String {
    format!("{}.pdf", letter.id)
}

fn item(view: &LetterView) -> LetterItem {
    let letter = &view.letter;
    let at = |time: Option<Micros>| time.map(Micros::get);
    LetterItem {
        id: letter.id.0,
        case: letter.case.0,
        kind: letter.kind.code().to_owned(),
        language: letter.language.clone(),
        state: letter.state.code().to_owned(),
        amount_as_of: at(letter.amount_as_of),
        made_at: letter.made_at.get(),
        handed_over_at: at(letter.handed_over_at),
        delivered_at: at(letter.delivered_at),
        returned_at: at(letter.returned_at),
        withdrawn_at: at(letter.withdrawn_at),
    }
}
