//! What a job hands over next: letters that wait and that the rules still allow.

use std::collections::HashSet;

use doorstep_domain::case::Flag;
use doorstep_domain::contact::Channel;
use doorstep_domain::id::{ContactId, StaffId, TenantId};
use doorstep_domain::letter::LetterState;
use doorstep_domain::read::{FieldClass, Purpose, ReadChannel};
use doorstep_rules::{Attempt, Ban, PastContact, evaluate};
use doorstep_store::StoreError;
use doorstep_store::case::CaseView;
use doorstep_store::contact::Contact;
use doorstep_store::entry::{By, Entries};
use doorstep_store::grant::{GrantRequest, Reader};
use doorstep_store::letter::LetterView;
use uuid::Uuid;

use super::{entry, file_name, justified, step_of, still_true};
use crate::error::AppError;
use crate::facts::bare;
use crate::restriction::ban_of;
use crate::{App, consent};

/// The most letters that leave together.
const BATCH_MAX: i64 = 50;

/// A letter as a file.
#[derive(Debug, Clone)]
pub struct LetterFile {
    /// The letter.
    pub id: Uuid,
    /// The name of its file.
    pub name: String,
    /// The paper.
    pub pdf: Vec<u8>,
}

impl App {
    /// The letters that may leave now, of one tenant. What a rule forbids waits; nobody's words are opened for it.
    pub async fn letters_due(&self) -> Result<Option<(TenantId, Vec<LetterFile>)>, AppError> {
        for (tenant, _) in self.store().tenant_list().await? {
            let waiting = self.store().letter_due(tenant, BATCH_MAX).await?;
            let views = self.letters_allowed(tenant, waiting).await?;
            if views.is_empty() {
                continue;
            }
            let mut persons: Vec<_> = views
                .iter()
                .map(|view| (view.letter.person, view.person_alias))
                .collect();
            persons.sort_unstable();
            persons.dedup();
            let request = GrantRequest {
                reader: Reader {
                    staff: StaffId(Uuid::nil()),
                    by: By::PROGRAM,
                    role: None,
                    channel: ReadChannel::Program,
                },
                purpose: Purpose::Notice,
                classes: &[FieldClass::Identity, FieldClass::Words],
                outside: None,
                persons,
                plan: None,
            };
            let grant = self.store().grant(tenant, request, self.now()).await?;
            let mut files = Vec::new();
            for view in &views {
                let payload = view.letter.payload;
                let found = self.store().payload_get_many(tenant, &[payload.0]).await?;
                let Some((_, _, sealed)) = found.first() else { continue };
                match grant.open(view.letter.person, payload, sealed) {
                    Ok(opened) => files.push(LetterFile {
                        id: view.letter.id.0,
                        name: file_name(&view.letter),
                        pdf: opened.payload,
                    }),
                    Err(StoreError::Erased) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            if !files.is_empty() {
                return Ok(Some((tenant, files)));
            }
        }
        Ok(None)
    }

    /// Those of some letters that may leave now.
    async fn letters_allowed(&self, tenant: TenantId, views: Vec<LetterView>) -> Result<Vec<LetterView>, AppError> {
        let store = self.store();
        let ids: Vec<Uuid> = views.iter().map(|view| view.letter.case.0).collect();
        let cases = store.case_get_many(tenant, &ids).await?;
        let persons: Vec<Uuid> = cases.iter().map(|view| view.case.person.0).collect();
        let flags = store.flags_of_persons(tenant, Flag::mask_of_person(), &persons).await?;
        let bans = store.ban_list(tenant, &persons).await?;
        let contacts = store.contact_list(tenant, &persons).await?;
        let consents = store.consent_list(tenant, &persons).await?;
        let agreed = store.agreement_list(tenant, &ids).await?;
        let portfolios = store.portfolio_list(tenant).await?;
        let now = self.now();
        let attempt = Attempt {
            channel: Channel::Letter,
            start: now,
            end: now,
        };
        let mut written = HashSet::new();
        let mut leaving = Vec::new();
        for letter in views {
            let found = cases.iter().find(|view| view.case.id == letter.letter.case);
            let Some(view) = found else { continue };
            let person = view.case.person;
            let theirs = flags.iter().filter(|(of, _)| *of == person);
            let of_person = theirs.fold(0, |mask, (_, flags)| mask | flags) & Flag::mask_of_person();
            let bans: Vec<Ban> = bans.iter().filter(|ban| ban.person == person).map(ban_of).collect();
            let contacts: Vec<Contact> = contacts.iter().filter(|one| one.person == person).cloned().collect();
            let Some(portfolio) = portfolios.iter().find(|one| one.id == view.case.portfolio) else {
                continue;
            };
            let mut facts = bare(view, portfolio, (view.case.flags | of_person, &bans), (attempt, now));
            facts.contacts = contacts.iter().map(|contact| past(contact, view)).collect();
            facts.consents = consent::of_case(&consents, view);
            let kind = letter.letter.kind;
            let may = !evaluate(self.packs(), &facts).effect.forbids()
                && still_true(&letter.letter, now).is_ok()
                && justified(kind, (view, of_person), (&contacts, &agreed)).is_ok();
            // One at a time: the next is judged when this one counts as a contact.
            if may && written.insert(person) {
                leaving.push(letter);
            }
        }
        Ok(leaving)
    }

    /// A job handed some letters over: they count as contacts from now on.
    pub async fn letters_handed_over(&self, tenant: TenantId, ids: &[Uuid]) -> Result<(), AppError> {
        for view in self.store().letter_get_many(tenant, ids).await? {
            let letter = &view.letter;
            if !letter.state.may_become(LetterState::HandedOver) {
                continue;
            }
            let case = self.store().case_get_many(tenant, &[letter.case.0]).await?.pop();
            let case = case.ok_or(AppError::Fault("letters have cases"))?;
            let strategy = self.strategy_of(tenant, case.case.portfolio).await?;
            let mut tx = self.store().write(tenant, self.now()).await?;
            tx.case_lock(&[letter.case.0]).await?;
            tx.letter_move(letter.id, (letter.state, LetterState::HandedOver))
                .await?;
            let contact = Contact {
                id: ContactId(doorstep_store::fresh_id(self.now())),
                case: letter.case,
                person: letter.person,
                address: Some(case.case.address),
                channel: Channel::Letter,
                at: self.now(),
                outcome: None,
                event: None,
                number: None,
                staff: Some(letter.made_by),
                rules: String::new(),
                reason: None,
                step: step_of(letter.kind, &strategy),
            };
            tx.contact_insert(&contact).await?;
            tx.letter_contact(letter.id, contact.id).await?;
            tx.commit(Entries::one(entry(&view, LetterState::HandedOver, By::PROGRAM)))
                .await?;
        }
        self.wake_devices();
        Ok(())
    }
}

/// A contact as the rules judge it, without what stands in sealed fields: two numbers count as one.
fn past(contact: &Contact, view: &CaseView) -> PastContact {
    PastContact {
        at: contact.at,
        channel: contact.channel,
        outcome: contact.outcome,
        same_address: contact.address == Some(view.case.address),
        same_person: true,
        same_case: contact.case == view.case.id,
        same_number: true,
        date_only: false,
    }
}
