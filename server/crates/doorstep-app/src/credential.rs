//! What staff hold: noting it, ending it, and saying what ends soon. Nobody notes or ends their own.

use std::collections::HashMap;

use doorstep_domain::code::UnknownCode;
use doorstep_domain::credential::{CredentialEnd, CredentialKind, WARNED_DAYS};
use doorstep_domain::id::{EventId, PersonId, PortfolioId, StaffId};
use doorstep_domain::read::FieldClass;
use doorstep_store::WriteTx;
use doorstep_store::credential::Credential;
use doorstep_store::entry::{By, Entries, Entry, EntryKind, ServerEntry};
use doorstep_store::grant::Purpose;
use doorstep_store::staff::Staff;
use doorstep_wire::Page;
use doorstep_wire::credential::{CredentialItem, EndCredential, EndingItem, EndingQuery, HeldItem, NoteCredential};
use doorstep_wire::problem::ProblemCode;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::records::{Records, held};
use crate::{App, day};

/// Longest number of a credential, in characters.
const NUMBER_MAX: usize = 60;
/// The furthest end that is asked about, in days.
const AHEAD_MAX: i64 = 366;

/// What is sealed of a credential.
#[derive(Debug, Serialize, Deserialize)]
struct Sealed {
    number: String,
}

/// What a request or a row of a file says of one, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Noted {
    pub(crate) kind: CredentialKind,
    pub(crate) portfolio: Option<PortfolioId>,
    pub(crate) issued: Option<Date>,
    pub(crate) until: Option<Date>,
}

impl Noted {
    /// Whether it says what stood on record before: a file that is imported again brings nothing back that was taken away.
    pub(crate) fn is_known(&self, one: &Credential) -> bool {
        let (issued, until) = (self.issued.map(day::number), self.until.map(day::number));
        let same = (one.kind, one.portfolio, one.until) == (self.kind, self.portfolio, until);
        same && (issued.is_none() || one.issued == issued)
    }

    fn replaces(&self, one: &Credential) -> bool {
        one.ended.is_none() && (one.kind, one.portfolio) == (self.kind, self.portfolio)
    }
}

/// Ends what stood of the same kind, and notes the new one. Returns the entries.
pub(crate) async fn replace(
    tx: &mut WriteTx,
    (by, noted_by, holder): (By, StaffId, &Staff),
    noted: &Noted,
    (known, sealed, id): (&Records, Vec<u8>, Uuid),
) -> Result<Vec<Entry>, AppError> {
    let mut entries = Vec::new();
    for one in known.counting(holder.id).filter(|one| noted.replaces(one)) {
        tx.credential_end(one, noted_by, CredentialEnd::Replaced).await?;
        entries.push(ended_entry(by, holder, one, CredentialEnd::Replaced).into());
    }
    let one = Credential {
        id,
        staff: holder.id,
        kind: noted.kind,
        portfolio: noted.portfolio,
        issued: noted.issued.map(day::number),
        until: noted.until.map(day::number),
        noted_by: Some(noted_by),
        noted_at: tx.now(),
        ended: None,
        sealed,
    };
    tx.credential_insert(&one).await?;
    let mut entry = ServerEntry::new(EntryKind::CredentialNoted, by)
        .about(holder.alias)
        .with("credential", id.to_string())
        .with("kind", noted.kind.code());
    if let Some(until) = noted.until {
        entry = entry.with("until", until.to_string());
    }
    entries.push(entry.into());
    Ok(entries)
}

pub(crate) fn ended_entry(by: By, holder: &Staff, one: &Credential, why: CredentialEnd) -> ServerEntry {
    ServerEntry::new(EntryKind::CredentialEnded, by)
        .about(holder.alias)
        .with("credential", one.id.to_string())
        .with("kind", one.kind.code())
        .reason(why.code())
}

fn own() -> AppError {
    let detail = "Nobody notes or ends what they hold themselves. Ask a colleague who manages staff.";
    AppError::refuse(ProblemCode::NotAllowed, detail)
}

fn wrong(field: &'static str) -> impl Fn(UnknownCode) -> AppError {
    move |error| AppError::at(ProblemCode::BadRequest, field, error.to_string())
}

/// The rules' shortest age of each kind, where the tenant's cases are.
struct Ages(HashMap<CredentialKind, u32>);

impl Ages {
    /// The last day on which it holds, by itself and by the rules.
    fn last(&self, one: &Credential) -> Option<Date> {
        held(one).last_day(self.0.get(&one.kind).copied())
    }
}

impl App {
    fn today(&self) -> Date {
        day::local(self.now(), &TimeZone::UTC)
    }

    async fn ages(&self, actor: &Actor) -> Result<Ages, AppError> {
        let countries = self.store().address_countries(actor.tenant).await?;
        let age = |kind: CredentialKind| self.packs().credential_months(&countries, (kind, self.today()));
        let ages = CredentialKind::ALL.iter().filter_map(|kind| Some((*kind, age(*kind)?)));
        Ok(Ages(ages.collect()))
    }

    async fn noted(&self, actor: &Actor, request: &NoteCredential) -> Result<Noted, AppError> {
        let bad = |field, detail: &str| Err(AppError::at(ProblemCode::BadRequest, field, detail));
        let kind: CredentialKind = request.kind.parse().map_err(wrong("kind"))?;
        let date = |field, text: &Option<String>| text.as_ref().map(|text| day::parse(field, text)).transpose();
        let issued = date("issued", &request.issued)?.unwrap_or_else(|| self.today());
        let until = date("until", &request.until)?;
        if issued > self.today() {
            return bad("issued", "Note it when it was given: the day lies ahead.");
        }
        if until.is_some_and(|until| until < issued) {
            return bad(
                "until",
                "Its last day lies before the day on which it was given. Exchange them.",
            );
        }
        if let Some(portfolio) = request.portfolio {
            if kind != CredentialKind::Authority {
                return bad(
                    "portfolio",
                    "Only an authorisation letter is for one portfolio. Leave it out.",
                );
            }
            let known = self.store().portfolio_list(actor.tenant).await?;
            if known.iter().all(|one| one.id.0 != portfolio) {
                return Err(AppError::not_found("portfolio"));
            }
        }
        let long = |number: &String| number.chars().count() > NUMBER_MAX || number.chars().any(char::is_control);
        if request.number.as_ref().is_some_and(long) {
            return bad("number", "At most 60 characters on one line.");
        }
        Ok(Noted {
            kind,
            portfolio: request.portfolio.map(PortfolioId),
            issued: Some(issued),
            until,
        })
    }

    /// Notes what a colleague holds, in place of what stood of the same kind.
    pub async fn note_credential(
        &self,
        actor: &Actor,
        staff: Uuid,
        request: &NoteCredential,
    ) -> Result<CredentialItem, AppError> {
        policy::check(actor, Action::ManageStaff)?;
        let holder = self.staff_in_reach(actor, StaffId(staff)).await?;
        if holder.id == actor.staff {
            return Err(own());
        }
        let noted = self.noted(actor, request).await?;
        let (now, known) = (
            self.now(),
            self.records(actor.tenant, std::iter::once(holder.id)).await?,
        );
        let id = doorstep_store::fresh_id(now);
        let sealed = match request
            .number
            .as_deref()
            .map(str::trim)
            .filter(|number| !number.is_empty())
        {
            Some(number) => {
                let number = number.to_owned();
                let plain = serde_json::to_vec(&Sealed { number }).map_err(|_| AppError::Fault("numbers serialise"))?;
                let keys = self.store().sealing_keys(actor.tenant, &[holder.id.0]).await?;
                keys.get(holder.id.0)?.seal(id, &plain).0
            }
            None => Vec::new(),
        };
        let mut tx = self.store().write(actor.tenant, now).await?;
        let who = (actor.by(), actor.staff, &holder);
        let entries = replace(&mut tx, who, &noted, (&known, sealed, id)).await?;
        let entries = Entries::of(entries).ok_or(AppError::Fault("what is noted has an entry"))?;
        tx.commit(entries).await?;
        self.wake_devices();
        self.credential_item(actor, &holder, id).await
    }

    /// Ends what a colleague holds: it was taken away, or noted by mistake.
    pub async fn end_credential(
        &self,
        actor: &Actor,
        id: Uuid,
        request: &EndCredential,
    ) -> Result<CredentialItem, AppError> {
        policy::check(actor, Action::ManageStaff)?;
        let why: CredentialEnd = request.reason.parse().map_err(wrong("reason"))?;
        if why == CredentialEnd::Replaced {
            let detail = "Note the later one: it takes the place of this one by itself.";
            return Err(AppError::at(ProblemCode::BadRequest, "reason", detail));
        }
        let one = match self.store().credential_get(actor.tenant, id).await {
            Err(doorstep_store::StoreError::NotFound) => return Err(AppError::not_found("credential")),
            found => found?,
        };
        let holder = self.staff_in_reach(actor, one.staff).await?;
        if holder.id == actor.staff {
            return Err(own());
        }
        let mut tx = self.store().write(actor.tenant, self.now()).await?;
        tx.credential_end(&one, actor.staff, why).await?;
        tx.commit(Entries::one(ended_entry(actor.by(), &holder, &one, why)))
            .await?;
        self.wake_devices();
        self.credential_item(actor, &holder, id).await
    }

    /// What a colleague holds and held, oldest first. Their record is opened for it: an entry.
    pub async fn list_credentials(&self, actor: &Actor, staff: Uuid) -> Result<Page<CredentialItem>, AppError> {
        policy::check(actor, Action::SeeStaff)?;
        let holder = self.staff_in_reach(actor, StaffId(staff)).await?;
        let items = self.credential_items(actor, &holder).await?;
        Ok(Page { items, next: None })
    }

    /// What the caller holds and held. For everybody, and for their device.
    pub async fn list_own_credentials(&self, actor: &Actor) -> Result<Page<CredentialItem>, AppError> {
        let holder = self.store().staff_get(actor.tenant, actor.staff).await?;
        let items = self.credential_items(actor, &holder).await?;
        Ok(Page { items, next: None })
    }

    async fn credential_item(&self, actor: &Actor, holder: &Staff, id: Uuid) -> Result<CredentialItem, AppError> {
        let mut items = self.credential_items(actor, holder).await?.into_iter();
        let found = items.find(|item| item.id == id);
        found.ok_or(AppError::Fault("what was just written is there"))
    }

    async fn credential_items(&self, actor: &Actor, holder: &Staff) -> Result<Vec<CredentialItem>, AppError> {
        let (person, ages) = (PersonId(holder.id.0), self.ages(actor).await?);
        let request = actor.reads(Purpose::Staff, &[FieldClass::Staff], vec![(person, holder.alias)]);
        let grant = self.store().grant(actor.tenant, request, self.now()).await?;
        let list = self.store().credential_list(actor.tenant, &[holder.id.0]).await?;
        let (portfolios, logins) = (self.portfolio_names(actor).await?, self.staff_numbers(actor).await?);
        let item = |one: &Credential| {
            let number = match one.sealed.as_slice() {
                [] => None,
                sealed => {
                    let plain = grant.open(person, EventId(one.id), sealed)?.payload;
                    let sealed: Sealed =
                        serde_json::from_slice(&plain).map_err(|_| AppError::Fault("sealed numbers are ours"))?;
                    Some(sealed.number)
                }
            };
            Ok(CredentialItem {
                id: one.id,
                kind: one.kind.code().to_owned(),
                number,
                portfolio: one.portfolio.and_then(|id| portfolios.get(&id).cloned()),
                issued: one.issued.map(day::text),
                until: ages.last(one).map(|day| day.to_string()),
                noted_by: one.noted_by.and_then(|by| logins.of(by)),
                noted_at: one.noted_at.get(),
                ended_by: one.ended.and_then(|end| logins.of(end.by)),
                ended_at: one.ended.map(|end| end.at.get()),
                end_reason: one.ended.map(|end| end.why.code().to_owned()),
            })
        };
        list.iter().map(item).collect()
    }

    async fn portfolio_names(&self, actor: &Actor) -> Result<HashMap<PortfolioId, String>, AppError> {
        let portfolios = self.store().portfolio_list(actor.tenant).await?.into_iter();
        Ok(portfolios.map(|one| (one.id, one.name)).collect())
    }

    /// What ends soon or ran out and was not renewed, by staff number: a reminder to renew it, and no list of who is good.
    pub async fn list_ending(&self, actor: &Actor, query: &EndingQuery) -> Result<Page<EndingItem>, AppError> {
        policy::check(actor, Action::SeeStaff)?;
        let days = query.days.unwrap_or(WARNED_DAYS);
        if !(0..=AHEAD_MAX).contains(&days) {
            return Err(AppError::at(ProblemCode::BadRequest, "days", "0 to 366 days."));
        }
        let mut staff = self.store().staff_list(actor.tenant).await?;
        staff.retain(|one| one.active && policy::reaches(actor, one.agency));
        let items = self.ending(actor, &staff, (self.today(), days)).await?;
        Ok(Page { items, next: None })
    }

    /// What ends within so many days after a day for some staff, in their order.
    pub(crate) async fn ending(
        &self,
        actor: &Actor,
        staff: &[Staff],
        (on, days): (Date, i64),
    ) -> Result<Vec<EndingItem>, AppError> {
        let records = self.records(actor.tenant, staff.iter().map(|one| one.id)).await?;
        let (ages, portfolios) = (self.ages(actor).await?, self.portfolio_names(actor).await?);
        let mut items = Vec::new();
        for one in staff {
            for (kind, portfolio, last) in latest(&records, &ages, one.id) {
                let left = last.map(|last| day::number(last) - day::number(on));
                if let (Some(last), Some(left)) = (last, left.filter(|left| *left <= days)) {
                    items.push(EndingItem {
                        staff: one.id.0,
                        login: one.login.clone(),
                        kind: kind.code().to_owned(),
                        portfolio: portfolio.and_then(|id| portfolios.get(&id).cloned()),
                        until: last.to_string(),
                        days_left: left,
                    });
                }
            }
        }
        Ok(items)
    }

    /// What some staff hold, each kind once with its last day.
    pub(crate) async fn held_items(
        &self,
        actor: &Actor,
        staff: &[Staff],
    ) -> Result<HashMap<StaffId, Vec<HeldItem>>, AppError> {
        let records = self.records(actor.tenant, staff.iter().map(|one| one.id)).await?;
        let ages = self.ages(actor).await?;
        let items = |one: &Staff| {
            let each = latest(&records, &ages, one.id).into_iter();
            let each = each.map(|(kind, _, last)| HeldItem {
                kind: kind.code().to_owned(),
                until: last.map(|last| last.to_string()),
            });
            (one.id, each.collect())
        };
        Ok(staff.iter().map(items).collect())
    }
}

/// Of each kind, and of letters for each portfolio, the one that lasts longest.
fn latest(records: &Records, ages: &Ages, staff: StaffId) -> Vec<(CredentialKind, Option<PortfolioId>, Option<Date>)> {
    let mut latest: Vec<(CredentialKind, Option<PortfolioId>, Option<Date>)> = Vec::new();
    for one in records.counting(staff) {
        let last = ages.last(one);
        match latest
            .iter_mut()
            .find(|known| (known.0, known.1) == (one.kind, one.portfolio))
        {
            Some(known) => known.2 = known.2.zip(last).map(|(known, last)| known.max(last)),
            None => latest.push((one.kind, one.portfolio, last)),
        }
    }
    latest.sort_by_key(|known| (known.0, known.1));
    latest
}
