//! What was said on the page takes effect: restrictions at once, visits called off, the rest for the office to answer.

use doorstep_domain::complaint::ComplaintChannel;
use doorstep_domain::measure::Micros;
use doorstep_domain::restriction::{ConsentState, RestrictionKind, RightSource};
use doorstep_domain::wish::{Manner, WishKind};
use doorstep_domain::words::Lift;
use doorstep_store::WriteTx;
use doorstep_store::entry::{By, Entries, Entry, EntryKind};
use doorstep_store::wish::Wish;
use doorstep_wire::problem::ProblemCode;

use super::{Held, NoticePage, WISHES_MAX};
use crate::complaint::Complaining;
use crate::error::AppError;
use crate::restriction::{New, keep_words, put_on};
use crate::{App, consent, day, note};

/// Something that is said on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What.
    pub kind: WishKind,
    /// In words; may be empty.
    pub words: String,
    /// Of a visit that was made: whether a badge was shown, and how it was.
    pub feedback: Option<(bool, Manner)>,
}

impl Said {
    /// The words as they are kept: what was chosen, then what was written.
    fn text(&self) -> Result<Option<String>, AppError> {
        let mut parts = Vec::new();
        if let Some((badge, manner)) = self.feedback {
            let badge = if badge { "badge-shown" } else { "no-badge" };
            parts.push(format!("{badge}, {}", manner.code()));
        }
        if !self.words.trim().is_empty() {
            parts.push(note::checked("words", &self.words)?);
        }
        let wants_words = matches!(self.kind, WishKind::Complaint | WishKind::Payment);
        if parts.is_empty() && wants_words {
            let detail = "Say it in a few words, so that the office can answer.";
            return Err(AppError::at(ProblemCode::BadRequest, "words", detail));
        }
        Ok((!parts.is_empty()).then(|| parts.join("\n")))
    }
}

impl App {
    /// Takes what was said, and shows the page as it now is.
    pub async fn page_say(
        &self,
        code: &str,
        client: &str,
        (said, pass): (&Said, Option<&str>),
    ) -> Result<NoticePage, AppError> {
        let held = self.held(code, client).await?;
        let before = self.page_of(&held, pass).await?;
        if said.kind == WishKind::Locked || said.kind.needs_identity() && before.known.is_none() {
            let detail = "First give the last four digits of the phone number that the office has.";
            return Err(AppError::at(ProblemCode::NotAllowed, "digits", detail));
        }
        let mut words = said.text()?;
        let (notice, store) = (held.notice.notice.id, self.store());
        if store.wish_count(held.tenant, notice, said.kind).await? >= WISHES_MAX {
            let detail = "This page has been used too often. Call the office that the notice names.";
            return Err(AppError::refuse(ProblemCode::TooMany, detail));
        }
        if said.kind == WishKind::Complaint {
            self.complain(&held, words.take().unwrap_or_default()).await?;
        }
        let person = held.view.case.person;
        let keys = self.store().sealing_keys(held.tenant, &[person.0]).await?;
        let now = self.now();
        let mut tx = self.store().write(held.tenant, now).await?;
        tx.ahead_lock(&[person.0], &[]).await?;
        if !tx.person_kept(person).await? {
            return Err(super::unknown());
        }
        let mut wish = held.wish(said.kind, now);
        let mut entry = held.entry(EntryKind::WishMade).reason(said.kind.code());
        entry = entry.with("wish", wish.id.to_string());
        if let Some(words) = words {
            let (event, commitment) = keep_words(&mut tx, &held.view, words, &keys).await?;
            wish.payload = Some(event);
            entry = entry.payload(event, commitment);
        }
        tx.wish_insert(&wish).await?;
        let mut entries = vec![entry.into()];
        entries.extend(self.take_effect(&mut tx, &held, &wish).await?);
        let entries = Entries::of(entries).ok_or(AppError::Fault("a wish has its entry"))?;
        tx.commit(entries).await?;
        // Whoever is on the way to this door must know within seconds.
        self.wake_devices();
        let held = self.held(code, client).await?;
        self.page_of(&held, pass).await
    }

    /// Opens a complaint, which has its words, its owner and its clock, and pauses visits until it is answered.
    async fn complain(&self, held: &Held, words: String) -> Result<(), AppError> {
        let complaining = Complaining {
            by: By::PROGRAM,
            opened_by: None,
            case: held.view.case.id,
            visit: Some(held.visit.id),
            staff: None,
            channel: ComplaintChannel::Page,
            words,
        };
        self.open_complaint_by(held.tenant, &complaining).await.map(drop)
    }

    async fn take_effect(&self, tx: &mut WriteTx, held: &Held, wish: &Wish) -> Result<Vec<Entry>, AppError> {
        let kind = match wish.kind {
            WishKind::Stop => RestrictionKind::CeaseContact,
            WishKind::Dispute => RestrictionKind::Disputed,
            WishKind::Hardship => RestrictionKind::Hardship,
            kind if kind.calls_off() => RestrictionKind::Ban,
            WishKind::WithdrawConsent => return withdraw_consents(self, tx, held).await,
            _ => return Ok(Vec::new()),
        };
        let mut new = New::of(kind, RightSource::Page, tx.now());
        if kind == RestrictionKind::Ban {
            "visit".clone_into(&mut new.ban.channels);
            new.ends = Some(day_over(held));
        }
        new.visit = Some(held.visit.id);
        new.event = wish.payload;
        let done = put_on(self, tx, &held.view, (&new, By::PROGRAM)).await?;
        Ok(done.entries)
    }
}

/// The end of the day that the notice announces, at the address.
fn day_over(held: &Held) -> Micros {
    let zone = day::zone(&held.view.address.zone);
    let date = day::local(held.visit.planned_end, &zone);
    day::end(date, &zone)
}

/// Ends all that the person agreed to in this case. What a court ordered or the office approved is not theirs to take back.
async fn withdraw_consents(app: &App, tx: &mut WriteTx, held: &Held) -> Result<Vec<Entry>, AppError> {
    let consents = tx.consent_list(&[held.view.case.person.0]).await?;
    let before = consent::of_case(&consents, &held.view);
    let theirs = consents.iter().filter(|one| {
        one.case == held.view.case.id
            && one.state == ConsentState::Given
            && matches!(one.given, Lift::Consent | Lift::WrittenConsent)
    });
    let mut entries = Vec::new();
    for one in theirs {
        if tx.consent_withdraw(one.id, RightSource::Page, None).await? {
            entries.push(consent::withdrawn(one, &held.view, RightSource::Page).into());
        }
    }
    tx.case_touch(held.view.case.id).await?;
    entries.extend(consent::withdraw_rested(app, tx, &held.view, (&before, By::PROGRAM)).await?);
    Ok(entries)
}
