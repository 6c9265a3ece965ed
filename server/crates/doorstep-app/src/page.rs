//! The page of a notice: what whoever holds its code can ask and say, without an account.
//!
//! The code shows no more than that a visit was announced. Whether a badge is expected is answered; a name, an amount, the
//! creditor or that there is a debt never, before the last four digits of the phone on file were given. What asks to be left
//! in peace is taken from anybody who holds the code, because a relative may hold it; it counts at once.

mod office;
mod said;

use doorstep_domain::conflict::ContactField;
use doorstep_domain::id::{StaffId, TenantId};
use doorstep_domain::measure::Micros;
use doorstep_domain::notice::PageCode;
use doorstep_domain::read::{FieldClass, Purpose, ReadChannel};
use doorstep_domain::visit::VisitState;
use doorstep_domain::wish::{WishKind, WishState};
use doorstep_store::case::CaseView;
use doorstep_store::entry::{By, Entries, EntryKind, ServerEntry};
use doorstep_store::grant::{GrantRequest, Reader};
use doorstep_store::notice::NoticeView;
use doorstep_store::visit::Visit;
use doorstep_store::wish::Wish;
use doorstep_wire::problem::ProblemCode;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::App;
use crate::corrections::Corrections;
use crate::day;
use crate::error::AppError;
use crate::facts::{open_fields, payload_of};
use crate::notice::code_hash;

pub use said::Said;

/// Looks at pages from one address in [`ASKED_WINDOW`].
const ASKED_MAX: i64 = 120;
const ASKED_WINDOW: Micros = Micros::from_seconds(900);
/// Wrong digits after which a page is locked.
const TRIES_MAX: i64 = 5;
/// How many digits of the phone show who it is.
const DIGITS: usize = 4;
/// How long somebody who showed who they are need not do so again: 15 minutes.
const PASS_LASTS: Micros = Micros::from_seconds(900);
/// How often one page may say the same kind of thing: nobody fills the office's list, and nobody who says one thing too often
/// keeps the page from taking another, least of all a stop.
const WISHES_MAX: usize = 10;

/// A page as its holder gets it. Nothing here names anybody.
#[derive(Debug, Clone)]
pub struct NoticePage {
    /// Whether the visit is still to be made.
    pub ahead: bool,
    /// Whether the visit was made or begun, so that one can say how it was.
    pub made: bool,
    /// Whether wrong digits have locked what needs an identity.
    pub locked: bool,
    /// Whether no phone is on file by which somebody could show here who they are.
    pub phoneless: bool,
    /// What whoever showed who they are sees; `None` before that.
    pub known: Option<Known>,
}

/// What is shown to whoever showed who they are.
#[derive(Debug, Clone)]
pub struct Known {
    /// Shows it again, for a quarter of an hour.
    pub pass: String,
    /// For whom the visitors come.
    pub office: String,
    /// Where to complain; may be empty.
    pub complaints: String,
    /// When the visit is planned: local start and end, `2026-11-23 09:30`.
    pub planned: [String; 2],
}

/// What a code leads to.
pub(crate) struct Held {
    pub(crate) tenant: TenantId,
    pub(crate) notice: NoticeView,
    pub(crate) view: CaseView,
    pub(crate) visit: Visit,
}

fn unknown() -> AppError {
    AppError::refuse(
        ProblemCode::NotFound,
        "No notice has this code, or its time is over. Read it again from the notice.",
    )
}

/// Who reads for whoever holds a code: nobody of the staff.
const HOLDER: Reader = Reader {
    staff: StaffId(Uuid::nil()),
    by: By::PROGRAM,
    role: None,
    channel: ReadChannel::Receipt,
};

impl App {
    /// The page of a notice.
    pub async fn notice_page(&self, code: &str, client: &str, pass: Option<&str>) -> Result<NoticePage, AppError> {
        let held = self.held(code, client).await?;
        self.page_of(&held, pass).await
    }

    /// Whether somebody with this badge is expected on a day, and nothing more.
    pub async fn is_expected(&self, code: &str, client: &str, (badge, date): (&str, &str)) -> Result<bool, AppError> {
        let held = self.held(code, client).await?;
        let date = day::parse("day", date)?;
        let zone = day::zone(&held.view.address.zone);
        if held.visit.state == VisitState::Cancelled || day::local(held.visit.planned_start, &zone) != date {
            return Ok(false);
        }
        let crew = self.store().staff_of_crew(held.tenant, held.visit.crew).await?;
        let badge = badge.trim();
        Ok(crew
            .iter()
            .any(|staff| staff.active && staff.login.eq_ignore_ascii_case(badge)))
    }

    /// Shows by the last digits of the phone on file who holds the code. Five wrong ones lock that for good. Where no phone is on
    /// file no digits can be right, so none are counted.
    pub async fn page_identify(&self, code: &str, client: &str, digits: &str) -> Result<NoticePage, AppError> {
        let held = self.held(code, client).await?;
        let (_, locked) = self.store().page_tries(held.tenant, held.notice.notice.id).await?;
        if locked.is_some() || !self.has_phone(&held).await? {
            return self.page_of(&held, None).await;
        }
        // Counted before it is looked at: who asks over many connections at once gets no more tries.
        let tries = self.page_try(&held, 1).await?;
        let right = if tries <= TRIES_MAX {
            self.knows_digits(&held, digits).await?
        } else {
            Some(false)
        };
        if right == Some(true) {
            self.page_try(&held, -1).await?;
            let until = self.now() + PASS_LASTS;
            let pass = self.pass_until(&held, until).await?;
            return self.page_of(&held, Some(&pass)).await;
        }
        if right.is_none() {
            self.page_try(&held, -1).await?;
            let page = self.page_of(&held, None).await?;
            return Ok(NoticePage {
                phoneless: true,
                ..page
            });
        }
        if tries >= TRIES_MAX {
            self.lock_page(&held).await?;
        }
        let page = self.page_of(&held, None).await?;
        if page.locked {
            return Ok(page);
        }
        let detail = "These are not the last four digits of the phone number that the office has.";
        Err(AppError::at(ProblemCode::BadRequest, "digits", detail))
    }

    /// What a code leads to; guessing is throttled.
    pub(crate) async fn held(&self, code: &str, client: &str) -> Result<Held, AppError> {
        let counted = Sha256::digest(["notice", client].join("\0")).to_vec();
        let asked = self.store().throttle_count(&counted, self.now(), ASKED_WINDOW).await?;
        if asked > ASKED_MAX {
            let detail = "Too many requests came from your network. Wait 15 minutes.";
            return Err(AppError::refuse(ProblemCode::TooMany, detail));
        }
        let code: PageCode = code.parse().map_err(|_| unknown())?;
        let found = self.store().notice_by_code(&code_hash(&code).0).await?;
        let (tenant, notice) = found.ok_or_else(unknown)?;
        if self.now() >= notice.notice.code_expires {
            return Err(unknown());
        }
        let view = self.store().case_get(tenant, notice.notice.case).await?;
        let (_, erased) = self.store().person_get(tenant, view.case.person).await?;
        if erased {
            return Err(unknown());
        }
        let visits = self.store().visit_of_cases(tenant, &[view.case.id.0]).await?;
        let visit = standing(&visits, &notice, &view).ok_or_else(unknown)?;
        Ok(Held {
            tenant,
            notice,
            view,
            visit,
        })
    }

    async fn page_of(&self, held: &Held, pass: Option<&str>) -> Result<NoticePage, AppError> {
        let (_, locked) = self.store().page_tries(held.tenant, held.notice.notice.id).await?;
        let known = match pass {
            Some(pass) if locked.is_none() && self.passes(held, pass).await? => {
                Some(self.what_is_known(held, pass).await?)
            }
            _ => None,
        };
        Ok(NoticePage {
            ahead: held.visit.state == VisitState::Planned,
            made: matches!(held.visit.state, VisitState::Started | VisitState::Finished),
            locked: locked.is_some(),
            phoneless: !self.has_phone(held).await?,
            known,
        })
    }

    async fn what_is_known(&self, held: &Held, pass: &str) -> Result<Known, AppError> {
        let offices = self.store().office_list(held.tenant).await?;
        let office = offices
            .into_iter()
            .find(|office| office.agency == held.view.case.agency);
        let zone = day::zone(&held.view.address.zone);
        let local = |at: Micros| day::clock_text(at, &zone);
        Ok(Known {
            pass: pass.to_owned(),
            office: office.as_ref().map_or_else(String::new, |office| office.name.clone()),
            complaints: office.map_or_else(String::new, |office| office.complaints),
            planned: [local(held.visit.planned_start), local(held.visit.planned_end)],
        })
    }

    /// Whether these are the last digits of the phone on file, as somebody corrected it last, read under an entry; `None` where
    /// it has too few.
    async fn knows_digits(&self, held: &Held, digits: &str) -> Result<Option<bool>, AppError> {
        let request = GrantRequest {
            reader: HOLDER,
            purpose: Purpose::Notice,
            classes: &[FieldClass::Identity],
            outside: None,
            persons: vec![(held.view.case.person, held.view.person_alias)],
            plan: None,
        };
        let grant = self.store().grant(held.tenant, request, self.now()).await?;
        let case = &held.view.case;
        let edits = Corrections(self.store().contact_edit_list(held.tenant, &[case.id.0]).await?);
        let edit = edits.over(ContactField::Phone, case);
        let mut ids = vec![case.payload.0];
        ids.extend(edit.map(|edit| edit.payload.0));
        let (mut of_file, mut corrected) = (None, None);
        for (event, person, sealed) in self.store().payload_get_many(held.tenant, &ids).await? {
            if event == case.payload {
                of_file = open_fields(&grant, &held.view, &sealed)?.map(|fields| fields.phone);
            } else {
                corrected = payload_of(&grant, person, event, &sealed).and_then(|said| said.contact);
            }
        }
        let Some(phone) = corrected.map(|change| change.value).or(of_file) else {
            return Ok(None);
        };
        let on_file: Vec<u8> = phone.bytes().filter(u8::is_ascii_digit).collect();
        let given: Vec<u8> = digits.bytes().filter(u8::is_ascii_digit).collect();
        let last = on_file.len().checked_sub(DIGITS).map(|from| &on_file[from..]);
        Ok(last.map(|last| given.len() == DIGITS && bool::from(last.ct_eq(&given))))
    }

    /// Whether the number of a phone is on file, as the look-up by number knows; opens nothing.
    async fn has_phone(&self, held: &Held) -> Result<bool, AppError> {
        Ok(self.store().has_phone(held.tenant, held.view.case.person).await?)
    }

    /// Counts tries at the digits, or takes back that one was counted; returns how many there are.
    async fn page_try(&self, held: &Held, by: i64) -> Result<i64, AppError> {
        let mut tx = self.store().write(held.tenant, self.now()).await?;
        let tries = tx.page_try(held.notice.notice.id, by).await?;
        tx.commit_housekeeping(doorstep_store::entry::Housekeeping::Throttles)
            .await?;
        Ok(tries)
    }

    /// Locks what needs an identity, and the supervisor finds that among the wishes, once.
    async fn lock_page(&self, held: &Held) -> Result<(), AppError> {
        let mut tx = self.store().write(held.tenant, self.now()).await?;
        if !tx.page_lock(held.notice.notice.id).await? {
            return Ok(());
        }
        tx.wish_insert(&held.wish(WishKind::Locked, self.now())).await?;
        let entry = held.entry(EntryKind::WishMade).reason(WishKind::Locked.code());
        tx.commit(Entries::one(entry)).await?;
        self.wake_office();
        Ok(())
    }

    async fn pass_until(&self, held: &Held, until: Micros) -> Result<String, AppError> {
        let mac = self
            .store()
            .page_pass(held.tenant, held.notice.notice.id, until)
            .await?;
        Ok(format!("{}.{}", until.get(), doorstep_log::hash::hex(&mac)))
    }

    async fn passes(&self, held: &Held, pass: &str) -> Result<bool, AppError> {
        let until = pass
            .split_once('.')
            .and_then(|(until, _)| until.parse().ok())
            .map(Micros);
        let Some(until) = until.filter(|until| self.now() < *until) else {
            return Ok(false);
        };
        let right = self.pass_until(held, until).await?;
        Ok(bool::from(right.as_bytes().ct_eq(pass.as_bytes())))
    }
}

/// The visit that a notice stands for: the one that it announced, or where a later plan gave that another form, the one that
/// is made to the case on the same day.
fn standing(visits: &[Visit], notice: &NoticeView, view: &CaseView) -> Option<Visit> {
    let announced = visits.iter().find(|visit| visit.id == notice.notice.visit)?;
    let gave_way = announced.state == VisitState::Cancelled && announced.withdrawn.is_none();
    let zone = day::zone(&view.address.zone);
    let is_instead = |visit: &&Visit| {
        visit.state != VisitState::Cancelled && day::number(day::local(visit.planned_start, &zone)) == notice.notice.day
    };
    let instead = visits.iter().find(|visit| gave_way && is_instead(visit));
    Some(instead.unwrap_or(announced).clone())
}

impl Held {
    /// Something said on this page.
    pub(crate) fn wish(&self, kind: WishKind, now: Micros) -> Wish {
        Wish {
            id: doorstep_store::fresh_id(now),
            notice: self.notice.notice.id,
            visit: self.visit.id,
            case: self.view.case.id,
            person: self.view.case.person,
            kind,
            state: if kind.needs_answer() {
                WishState::Open
            } else {
                WishState::Done
            },
            payload: None,
            made_at: now,
            answered: None,
        }
    }

    pub(crate) fn entry(&self, kind: EntryKind) -> ServerEntry {
        ServerEntry::new(kind, By::PROGRAM)
            .about(self.view.person_alias)
            .visit(self.visit.alias)
            .with("notice", self.notice.notice.id.to_string())
    }
}
