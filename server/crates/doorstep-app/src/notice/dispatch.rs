//! Notices leave the house and come back: lists, batches for printing, and what became of each.

use std::collections::{HashMap, HashSet};

use doorstep_domain::case::Flag;
use doorstep_domain::contact::Channel;
use doorstep_domain::id::{CaseId, StaffId, TenantId};
use doorstep_domain::notice::{NoticeChannel, NoticeState};
use doorstep_domain::read::{FieldClass, Purpose, ReadChannel};
use doorstep_domain::visit::VisitState;
use doorstep_rules::{Attempt, Ban, evaluate};
use doorstep_store::StoreError;
use doorstep_store::case::CaseView;
use doorstep_store::entry::{By, Entries, EntryKind, ServerEntry};
use doorstep_store::grant::{GrantRequest, Reader};
use doorstep_store::notice::NoticeView;
use doorstep_store::visit::Visit;
use doorstep_wire::Page;
use doorstep_wire::notice::{NoticeBatch, NoticeDetail, NoticeFile, NoticeItem, NoticeQuery, SetNotice};
use doorstep_wire::problem::ProblemCode;
use uuid::Uuid;

use super::{Sealed, render};
use crate::actor::Actor;
use crate::error::AppError;
use crate::facts::bare;
use crate::file::{CsvStyle, CsvWriter};
use crate::policy::{self, Action};
use crate::restriction::ban_of;
use crate::{App, day};

/// The most notices of a list.
const LIST_MAX: i64 = 1_000;
/// The most notices of a batch; what is left makes the next.
const BATCH_MAX: i64 = 200;
/// What stands in a batch beside the letters.
const INDEX_FILE: &str = "notices.csv";

/// A file of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchFile {
    /// Its name: the same for the same notice, however often it is written.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// What leaves the house together.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// An index of all, and a page for each letter.
    pub files: Vec<BatchFile>,
    /// The same one by one, for a gateway.
    pub notices: Vec<NoticeDetail>,
}

/// A notice and what it says.
struct Opened {
    view: NoticeView,
    sealed: Sealed,
}

/// The entry of a notice that moved on.
pub(super) fn entry(view: &NoticeView, to: NoticeState, by: By) -> ServerEntry {
    let kind = match to {
        NoticeState::Queued => EntryKind::NoticeQueued,
        NoticeState::HandedOver => EntryKind::NoticeHandedOver,
        NoticeState::Delivered => EntryKind::NoticeDelivered,
        NoticeState::Returned => EntryKind::NoticeReturned,
        NoticeState::Withdrawn => EntryKind::NoticeWithdrawn,
    };
    let entry = ServerEntry::new(kind, by)
        .about(view.person_alias)
        .visit(view.visit_alias);
    entry.with("notice", view.notice.id.to_string())
}

impl App {
    /// The notices that the actor may see, newest first; they say nothing of persons.
    pub async fn list_notices(&self, actor: &Actor, query: &NoticeQuery) -> Result<Page<NoticeItem>, AppError> {
        policy::check(actor, Action::SeePlans)?;
        let state = query.state.as_deref().map(|code| state_of("state", code)).transpose()?;
        let views = match query.case {
            Some(case) => {
                let mut views = self.store().notices_of_cases(actor.tenant, &[case]).await?;
                views.retain(|view| state.is_none_or(|state| view.notice.state == state));
                views.reverse();
                views
            }
            None => self.store().notice_list(actor.tenant, state, LIST_MAX).await?,
        };
        let views = self.notices_in_scope(actor, views).await?;
        let called_off = self.called_off(actor.tenant, &views).await?;
        let items = views
            .iter()
            .map(|view| item(view, called_off.contains(&view.notice.id)));
        let asked = |one: &NoticeItem| query.called_off.is_none_or(|asked| one.called_off == asked);
        Ok(Page {
            items: items.filter(asked).collect(),
            next: None,
        })
    }

    /// Those of some notices that told a person of a visit that will not be made, and that nobody took back.
    async fn called_off(&self, tenant: TenantId, views: &[NoticeView]) -> Result<HashSet<Uuid>, AppError> {
        let today = self.today_number();
        let told = |state| matches!(state, NoticeState::HandedOver | NoticeState::Delivered);
        let off: Vec<&NoticeView> = views
            .iter()
            .filter(|view| view.is_off && view.notice.day >= today && told(view.notice.state))
            .collect();
        let cases: Vec<Uuid> = off.iter().map(|view| view.notice.case.0).collect();
        let visits = self.store().visit_of_cases(tenant, &cases).await?;
        let comes = |view: &NoticeView| {
            let same = |visit: &&Visit| visit.case == view.notice.case && visit.day == view.notice.day;
            visits
                .iter()
                .filter(same)
                .any(|visit| visit.state == VisitState::Planned)
        };
        let off = off.into_iter().filter(|view| !comes(view));
        Ok(off.map(|view| view.notice.id).collect())
    }

    /// One notice with all that it says: for printing it again. An entry in the access log.
    pub async fn show_notice(&self, actor: &Actor, id: Uuid) -> Result<NoticeDetail, AppError> {
        policy::check(actor, Action::DispatchNotices)?;
        let view = self.notice_in_scope(actor, id).await?;
        let called_off = self.called_off(actor.tenant, std::slice::from_ref(&view)).await?;
        let opened = self.open_notices(actor.tenant, actor.reader(), vec![view]).await?;
        let gone = || {
            let detail = "The person was erased, and what the notice said with them.";
            AppError::refuse(ProblemCode::NotFound, detail)
        };
        let opened = opened.first().ok_or_else(gone)?;
        Ok(detail(opened, !called_off.is_empty()))
    }

    /// The notices that wait, as files; nothing changes before somebody says that they were handed over. Entries in the
    /// access log.
    pub async fn notice_batch(&self, actor: &Actor) -> Result<NoticeBatch, AppError> {
        policy::check(actor, Action::DispatchNotices)?;
        let waiting = NoticeState::Queued;
        let views = self.store().notice_list(actor.tenant, Some(waiting), LIST_MAX).await?;
        let mut views = self.notices_in_scope(actor, views).await?;
        views.retain(|view| view.is_ahead);
        views.truncate(usize::try_from(BATCH_MAX).unwrap_or_default());
        let opened = self.open_notices(actor.tenant, actor.reader(), views).await?;
        let batch = batch(&opened)?;
        let files = batch.files.into_iter().map(|file| {
            let text = String::from_utf8(file.bytes).map_err(|_| AppError::Fault("files of a batch are text"))?;
            Ok(NoticeFile { name: file.name, text })
        });
        Ok(NoticeBatch {
            files: files.collect::<Result<_, AppError>>()?,
            notices: batch.notices.into_iter().map(|one| one.item.id).collect(),
        })
    }

    /// Says what became of a notice. Saying the same again changes nothing.
    pub async fn set_notice(&self, actor: &Actor, id: Uuid, request: &SetNotice) -> Result<NoticeItem, AppError> {
        policy::check(actor, Action::DispatchNotices)?;
        let to = state_of("state", &request.state)?;
        if matches!(to, NoticeState::Queued | NoticeState::Withdrawn) {
            let detail = "Say handed_over, delivered or returned; a plan that gives way withdraws its notices itself.";
            return Err(AppError::at(ProblemCode::BadRequest, "state", detail));
        }
        let view = self.notice_in_scope(actor, id).await?;
        self.move_notice(actor.tenant, &view, to, actor.by()).await?;
        let view = self.notice_in_scope(actor, id).await?;
        let called_off = self.called_off(actor.tenant, std::slice::from_ref(&view)).await?;
        Ok(item(&view, !called_off.is_empty()))
    }

    /// What a job hands over next: of one tenant, up to a batch, without those that it could not hand over just now. Notices
    /// of visits that are not made any more, or whose person was erased, are withdrawn on the way; messages wait until the
    /// rules let one be sent.
    pub async fn notices_due(&self, failed: &HashSet<Uuid>) -> Result<Option<(TenantId, Batch)>, AppError> {
        for (tenant, _) in self.store().tenant_list().await? {
            let mut views = self.store().notice_due(tenant, LIST_MAX).await?;
            views.retain(|view| !failed.contains(&view.notice.id));
            let mut views = self.sendable(tenant, views).await?;
            views.truncate(usize::try_from(BATCH_MAX).unwrap_or_default());
            let (views, past): (Vec<_>, Vec<_>) = views.into_iter().partition(|view| view.is_ahead);
            let ids: Vec<Uuid> = views.iter().map(|view| view.notice.id).collect();
            let reader = Reader {
                staff: StaffId(Uuid::nil()),
                by: By::PROGRAM,
                role: None,
                channel: ReadChannel::Program,
            };
            let opened = self.open_notices(tenant, reader, views.clone()).await?;
            let erased = views
                .iter()
                .filter(|view| !opened.iter().any(|one| one.view.notice.id == view.notice.id));
            for view in past.iter().chain(erased) {
                self.move_notice(tenant, view, NoticeState::Withdrawn, By::PROGRAM)
                    .await?;
            }
            if !ids.is_empty() && !opened.is_empty() {
                return Ok(Some((tenant, batch(&opened)?)));
            }
        }
        Ok(None)
    }

    /// Those of some notices that may leave now: a message is a contact like any other, and nobody is woken by one.
    async fn sendable(&self, tenant: TenantId, views: Vec<NoticeView>) -> Result<Vec<NoticeView>, AppError> {
        let is_message = |view: &&NoticeView| view.notice.channel == NoticeChannel::Message;
        let cases: Vec<Uuid> = views.iter().filter(is_message).map(|view| view.notice.case.0).collect();
        if cases.is_empty() {
            return Ok(views);
        }
        let store = self.store();
        let cases = store.case_get_many(tenant, &cases).await?;
        let persons: Vec<Uuid> = cases.iter().map(|view| view.case.person.0).collect();
        let flags = store.flags_of_persons(tenant, Flag::mask_of_person(), &persons).await?;
        let bans = store.ban_list(tenant, &persons).await?;
        let portfolios = store.portfolio_list(tenant).await?;
        let now = self.now();
        let attempt = Attempt {
            channel: Channel::Message,
            start: now,
            end: now,
        };
        let may = |view: &CaseView| {
            let person = view.case.person;
            let theirs = flags.iter().filter(|(of, _)| *of == person);
            let of_person = theirs.fold(0, |mask, (_, flags)| mask | flags) & Flag::mask_of_person();
            let bans: Vec<Ban> = bans.iter().filter(|ban| ban.person == person).map(ban_of).collect();
            let portfolio = portfolios.iter().find(|one| one.id == view.case.portfolio);
            portfolio.is_some_and(|portfolio| {
                let facts = bare(view, portfolio, (view.case.flags | of_person, &bans), (attempt, now));
                !evaluate(self.packs(), &facts).effect.forbids()
            })
        };
        let allowed: HashSet<CaseId> = cases.iter().filter(|view| may(view)).map(|view| view.case.id).collect();
        let leaves = |view: &NoticeView| !is_message(&view) || allowed.contains(&view.notice.case);
        // What is not to be sent any more is withdrawn whatever the hour.
        Ok(views
            .into_iter()
            .filter(|view| !view.is_ahead || leaves(view))
            .collect())
    }

    /// A job handed some notices over.
    pub async fn notices_handed_over(&self, tenant: TenantId, ids: &[Uuid]) -> Result<(), AppError> {
        for view in self.store().notice_get_many(tenant, ids).await? {
            // Withdrawn while it was on its way: that stands in the log, and the paper is harmless.
            if view.notice.state.may_become(NoticeState::HandedOver) {
                self.move_notice(tenant, &view, NoticeState::HandedOver, By::PROGRAM)
                    .await?;
            }
        }
        Ok(())
    }

    async fn move_notice(&self, tenant: TenantId, view: &NoticeView, to: NoticeState, by: By) -> Result<(), AppError> {
        let from = view.notice.state;
        if from == to {
            return Ok(());
        }
        if !from.may_become(to) {
            let detail = format!("The notice is {from} and cannot become {to}. `doorstep notice show` tells more.");
            return Err(AppError::refuse(ProblemCode::Changed, detail));
        }
        let mut tx = self.store().write(tenant, self.now()).await?;
        tx.notice_move(view.notice.id, from, to).await?;
        tx.commit(Entries::one(entry(view, to, by))).await?;
        // What a crew may do at the door follows from it.
        self.wake_devices();
        Ok(())
    }

    async fn notice_in_scope(&self, actor: &Actor, id: Uuid) -> Result<NoticeView, AppError> {
        let views = self.store().notice_get_many(actor.tenant, &[id]).await?;
        let mut views = self.notices_in_scope(actor, views).await?;
        views.pop().ok_or_else(|| AppError::not_found("notice"))
    }

    async fn notices_in_scope(&self, actor: &Actor, views: Vec<NoticeView>) -> Result<Vec<NoticeView>, AppError> {
        let scope = policy::scope(actor);
        let cases: Vec<Uuid> = views.iter().map(|view| view.notice.case.0).collect();
        let cases = self.store().case_get_many(actor.tenant, &cases).await?;
        let cases: HashMap<CaseId, CaseView> = cases.into_iter().map(|view| (view.case.id, view)).collect();
        let within = |view: &NoticeView| {
            let case = cases.get(&view.notice.case);
            case.is_some_and(|case| crate::case::in_scope(case, &scope))
        };
        Ok(views.into_iter().filter(within).collect())
    }

    /// What some notices say, after the entry that it is read. Those of erased persons are left out.
    async fn open_notices(
        &self,
        tenant: TenantId,
        reader: Reader,
        views: Vec<NoticeView>,
    ) -> Result<Vec<Opened>, AppError> {
        if views.is_empty() {
            return Ok(Vec::new());
        }
        let mut persons: Vec<_> = views
            .iter()
            .map(|view| (view.notice.person, view.person_alias))
            .collect();
        persons.sort_unstable();
        persons.dedup();
        let request = GrantRequest {
            reader,
            purpose: Purpose::Notice,
            classes: &[FieldClass::Identity, FieldClass::Words],
            outside: None,
            persons,
            plan: None,
        };
        let grant = self.store().grant(tenant, request, self.now()).await?;
        let ids: Vec<Uuid> = views.iter().map(|view| view.notice.payload.0).collect();
        let sealed = self.store().payload_get_many(tenant, &ids).await?;
        let sealed: HashMap<Uuid, Vec<u8>> = sealed.into_iter().map(|(id, _, bytes)| (id.0, bytes)).collect();
        let mut opened = Vec::new();
        for view in views {
            let Some(bytes) = sealed.get(&view.notice.payload.0) else {
                continue;
            };
            match grant.open(view.notice.person, view.notice.payload, bytes) {
                Ok(found) => {
                    let sealed = serde_json::from_slice(&found.payload);
                    let sealed = sealed.map_err(|_| AppError::Fault("sealed notices are ours"))?;
                    opened.push(Opened { view, sealed });
                }
                Err(StoreError::Erased) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(opened)
    }
}

fn state_of(field: &str, code: &str) -> Result<NoticeState, AppError> {
    let wrong =
        |error: doorstep_domain::code::UnknownCode| AppError::at(ProblemCode::BadRequest, field, error.to_string());
    code.parse().map_err(wrong)
}

fn item(view: &NoticeView, called_off: bool) -> NoticeItem {
    let notice = &view.notice;
    let at = |time: Option<doorstep_domain::measure::Micros>| time.map(doorstep_domain::measure::Micros::get);
    NoticeItem {
        id: notice.id,
        visit: notice.visit.0,
        case: notice.case.0,
        day: day::text(notice.day),
        channel: notice.channel.code().to_owned(),
        language: notice.language.clone(),
        state: notice.state.code().to_owned(),
        queued_at: notice.queued_at.get(),
        handed_over_at: at(notice.handed_over_at),
        delivered_at: at(notice.delivered_at),
        returned_at: at(notice.returned_at),
        withdrawn_at: at(notice.withdrawn_at),
        called_off,
        code_expires: notice.code_expires.get(),
    }
}

fn detail(opened: &Opened, called_off: bool) -> NoticeDetail {
    let (item, sealed) = (item(&opened.view, called_off), &opened.sealed);
    let is_letter = opened.view.notice.channel == NoticeChannel::Letter;
    NoticeDetail {
        file: is_letter.then(|| format!("{}.html", item.id)),
        html: is_letter.then(|| render::page(&sealed.name, &sealed.address, &sealed.said)),
        item,
        name: sealed.name.clone(),
        phone: sealed.phone.clone(),
        address: sealed.address.clone(),
        page: sealed.page.clone(),
        text: sealed.text(),
    }
}

/// An index that a spreadsheet opens without computing anything, and a page for each letter.
fn batch(opened: &[Opened]) -> Result<Batch, AppError> {
    // What has not left told nobody of a visit.
    let notices: Vec<NoticeDetail> = opened.iter().map(|one| detail(one, false)).collect();
    let mut index = CsvWriter::new(Vec::new(), CsvStyle::default())?;
    index.record([
        "notice", "day", "channel", "language", "name", "phone", "address", "file", "text",
    ])?;
    for one in &notices {
        let item = &one.item;
        // A letter's text stands in its file; a message has nothing else.
        let text = if one.file.is_some() { "" } else { &one.text };
        index.record([
            item.id.to_string().as_str(),
            &item.day,
            &item.channel,
            &item.language,
            &one.name,
            &one.phone,
            &one.address,
            one.file.as_deref().unwrap_or_default(),
            text,
        ])?;
    }
    let mut files = vec![BatchFile {
        name: INDEX_FILE.to_owned(),
        bytes: index.finish()?,
    }];
    for one in &notices {
        if let (Some(name), Some(html)) = (&one.file, &one.html) {
            files.push(BatchFile {
                name: name.clone(),
                bytes: html.clone().into_bytes(),
            });
        }
    }
    Ok(Batch { files, notices })
}
