//! Read grants: nothing sealed opens without one, and each is made in the transaction that queues its read entry.

use std::collections::HashSet;

use doorstep_domain::id::{Alias, EventId, ImportId, PersonId, StaffId, TenantId};
use doorstep_domain::measure::Micros;
pub use doorstep_domain::read::Purpose;
use doorstep_domain::read::{FieldClass, OutsidePurpose, ReadChannel};
use doorstep_domain::staff::Role;
use uuid::Uuid;

use crate::entry::{By, Detail, Entries, Entry, EntryKind, LogName, ServerEntry};
use crate::error::StoreError;
pub use crate::fold::FOLD;
use crate::fold::Kind;
use crate::keys::{OpeningKeys, SealingKeys};
use crate::seal::Opened;
use crate::store::Store;

/// Aliases in one entry; more make several entries, so that a leaf stays below its limit.
const ALIASES_MAX: usize = 300;

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader {
    /// The staff member.
    pub staff: StaffId,
    /// The same for the log.
    pub by: By,
    /// In which role; `None` where nobody of the staff reads.
    pub role: Option<Role>,
    /// Over which way.
    pub channel: ReadChannel,
}

/// A request to read.
#[derive(Debug, Clone)]
pub struct GrantRequest {
    /// Who reads.
    pub reader: Reader,
    /// Why.
    pub purpose: Purpose,
    /// What of it.
    pub classes: &'static [FieldClass],
    /// Why, where the persons are outside the reader's caseload.
    pub outside: Option<OutsidePurpose>,
    /// Whose data, each with its alias.
    pub persons: Vec<(PersonId, Alias)>,
    /// Where the purpose is planning: one entry names the plan and the number of persons, not each of them.
    pub plan: Option<Alias>,
}

impl GrantRequest {
    /// Whether one entry gives the number of persons and names none of them.
    fn is_bulk(&self) -> bool {
        self.plan.is_some() || self.purpose == Purpose::Search
    }

    /// What must be the same for two reads of a person to be one entry.
    fn kind(&self, tenant: TenantId) -> Kind {
        Kind {
            tenant,
            reader: self.reader.staff,
            purpose: self.purpose,
            classes: self.classes,
            outside: self.outside,
        }
    }

    /// An entry of this read that names nobody yet.
    fn entry(&self) -> ServerEntry {
        let mut entry = self.reader.entry(EntryKind::Access, self.classes);
        entry.reason = Some(self.purpose.code().to_owned());
        if let Some(outside) = self.outside {
            entry = entry.with("outside", outside.code());
        }
        entry
    }
}

impl Reader {
    pub(crate) fn entry(&self, kind: EntryKind, classes: &[FieldClass]) -> ServerEntry {
        let classes = classes.iter().map(|class| class.code().to_owned()).collect();
        let entry = ServerEntry::new(kind, self.by)
            .with("channel", self.channel.code())
            .with("classes", Detail::List(classes));
        match self.role {
            Some(role) => entry.with("role", role.code()),
            None => entry,
        }
    }
}

/// Leave to open what is sealed for some persons. Only the store makes one:
///
/// ```compile_fail
/// let grant = doorstep_store::grant::ReadGrant { persons: Default::default(), keys: Default::default() };
/// ```
///
/// and what it opens cannot be opened without it:
///
/// ```compile_fail
/// async fn open(store: &doorstep_store::Store, tenant: doorstep_domain::id::TenantId, sealed: &[u8]) {
///     let keys = store.sealing_keys(tenant, &[uuid::Uuid::nil()]).await.unwrap();
///     let _ = keys.get(uuid::Uuid::nil()).unwrap().open(uuid::Uuid::nil(), sealed);
/// }
/// ```
#[derive(Debug)]
pub struct ReadGrant {
    persons: HashSet<Uuid>,
    keys: OpeningKeys,
}

impl ReadGrant {
    /// Opens a sealed payload of a person within the grant.
    pub fn open(&self, person: PersonId, event: EventId, sealed: &[u8]) -> Result<Opened, StoreError> {
        if !self.persons.contains(&person.0) {
            return Err(StoreError::NotGranted);
        }
        self.keys.get(person.0)?.open(event.0, sealed)
    }
}

impl Store {
    /// Makes a grant together with its read entry. Where the entry cannot be queued, nothing is read.
    ///
    /// While the log of reads is halted, entries stay queued and are not signed. Who stands at a door must still see that
    /// somebody asked not to be visited, so reading goes on; but no file leaves, because a read that waits for its place
    /// could be dropped together with the queue, and a file is what nobody can take back.
    ///
    /// The entry names the aliases that the key store knows: whoever exchanges two of them in the main database has nobody's
    /// read stand as another's.
    pub async fn grant(
        &self,
        tenant: TenantId,
        mut request: GrantRequest,
        now: Micros,
    ) -> Result<ReadGrant, StoreError> {
        let ids: Vec<Uuid> = request.persons.iter().map(|(person, _)| person.0).collect();
        if request.purpose == Purpose::Export
            && let Some(halt) = self.log_guard(tenant, LogName::Access, now).await?
        {
            return Err(StoreError::Halted(halt));
        }
        let keys = self.keys.subjects_get(tenant.0, &ids).await?;
        for (person, alias) in &mut request.persons {
            *alias = keys.alias(person.0).unwrap_or(*alias);
        }
        let (kind, bulk) = (request.kind(tenant), request.is_bulk());
        let fresh = if bulk {
            request.persons.clone()
        } else {
            self.folds.unseen(kind, &request.persons, now)
        };
        if let Some(entries) = Entries::of(read_entries(&request, &fresh)) {
            self.write(tenant, now).await?.commit(entries).await?;
        }
        if !bulk {
            self.folds.note(kind, &fresh, now);
        }
        Ok(ReadGrant {
            persons: ids.into_iter().collect(),
            keys,
        })
    }

    /// Leave to open the file of an import, together with the entry that it leaves the system.
    pub async fn grant_file(
        &self,
        tenant: TenantId,
        reader: &Reader,
        import: ImportId,
        now: Micros,
    ) -> Result<ReadGrant, StoreError> {
        let entry = reader.entry(EntryKind::Export, &[FieldClass::File]);
        let entry = entry.with("import", import.to_string());
        self.write(tenant, now).await?.commit(Entries::one(entry)).await?;
        Ok(ReadGrant {
            persons: HashSet::from([import.0]),
            keys: self.keys.subjects_get(tenant.0, &[import.0]).await?,
        })
    }

    /// Keys to seal with, for persons that exist. They open nothing.
    pub async fn sealing_keys(&self, tenant: TenantId, subjects: &[Uuid]) -> Result<SealingKeys, StoreError> {
        Ok(self.keys.subjects_get(tenant.0, subjects).await?.sealing())
    }
}

fn read_entries(request: &GrantRequest, fresh: &[(PersonId, Alias)]) -> Vec<Entry> {
    if let Some(plan) = request.plan {
        let entry = request
            .entry()
            .with("plan", plan.to_string())
            .with("persons", fresh.len() as i64);
        return vec![entry.into()];
    }
    if request.is_bulk() {
        return vec![request.entry().with("persons", fresh.len() as i64).into()];
    }
    fresh
        .chunks(ALIASES_MAX)
        .map(|slice| {
            let mut entry = request.entry();
            entry.subjects = slice.iter().map(|(_, alias)| *alias).collect();
            entry
                .detail
                .insert("persons".to_owned(), Detail::Int(slice.len() as i64));
            entry.into()
        })
        .collect()
}
