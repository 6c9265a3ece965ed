//! Read grants: nothing sealed opens without one, and each is made in the transaction that queues its read entry.

use std::collections::HashSet;

use doorstep_domain::id::{Alias, EventId, ImportId, PersonId, StaffId, TenantId};
use doorstep_domain::measure::Micros;
pub use doorstep_domain::read::Purpose;
use doorstep_domain::read::{FieldClass, OutsidePurpose, ReadChannel};
use doorstep_domain::staff::Role;
use uuid::Uuid;

use crate::db::{Value, args};
use crate::entry::{By, Detail, Entries, Entry, EntryKind, Housekeeping, LogName, ServerEntry};
use crate::error::StoreError;
use crate::keys::{OpeningKeys, SealingKeys};
use crate::seal::Opened;
use crate::store::Store;
use crate::write::WriteTx;

/// Repeated reads of the same file by the same reader for the same purpose within this span are one entry: 5 minutes.
pub const FOLD: Micros = Micros::from_seconds(300);
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
    fn fold(&self) -> String {
        let classes: Vec<&str> = self.classes.iter().map(|class| class.code()).collect();
        let outside = self.outside.map_or("", OutsidePurpose::code);
        format!("{}/{}/{outside}", self.purpose, classes.join("+"))
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
    fn entry(&self, kind: EntryKind, classes: &[FieldClass]) -> ServerEntry {
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
    pub async fn grant(&self, tenant: TenantId, request: GrantRequest, now: Micros) -> Result<ReadGrant, StoreError> {
        let ids: Vec<Uuid> = request.persons.iter().map(|(person, _)| person.0).collect();
        if request.purpose == Purpose::Export
            && let Some(halt) = self.log_guard(tenant, LogName::Access, now).await?
        {
            return Err(StoreError::Halted(halt));
        }
        let mut tx = self.write(tenant, now).await?;
        let fresh = if request.is_bulk() {
            request.persons.clone()
        } else {
            unseen(&mut tx, &request, &ids).await?
        };
        match Entries::of(read_entries(&request, &fresh)) {
            Some(entries) => tx.commit(entries).await?,
            None => tx.commit_housekeeping(Housekeeping::Caches).await?,
        }
        self.granted(tenant, ids).await
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
        self.granted(tenant, vec![import.0]).await
    }

    /// The grant itself, after its entry was committed.
    async fn granted(&self, tenant: TenantId, subjects: Vec<Uuid>) -> Result<ReadGrant, StoreError> {
        let keys = self.keys.subjects_get(tenant.0, &subjects).await?;
        Ok(ReadGrant {
            persons: subjects.into_iter().collect(),
            keys,
        })
    }

    /// Keys to seal with, for persons that exist. They open nothing.
    pub async fn sealing_keys(&self, tenant: TenantId, subjects: &[Uuid]) -> Result<SealingKeys, StoreError> {
        Ok(self.keys.subjects_get(tenant.0, subjects).await?.sealing())
    }
}

/// The persons of whom this reader has no entry within the span that is folded; notes that now there is one.
async fn unseen(tx: &mut WriteTx, request: &GrantRequest, ids: &[Uuid]) -> Result<Vec<(PersonId, Alias)>, StoreError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let sql = "SELECT person_id FROM read_fold WHERE tenant_id = $1 AND staff_id = $2 AND purpose = $3 \
               AND at > $4 AND person_id IN ({in})";
    let (reader, fold) = (request.reader.staff.0, request.fold());
    let values = args![tenant, reader, fold.as_str(), now - FOLD];
    let rows = tx.fetch_in(sql, values, ids).await?;
    let seen: HashSet<Uuid> = rows.iter().map(|row| row.id(0)).collect::<Result<_, _>>()?;
    // A person named twice is one row and one alias.
    let mut named = seen;
    let unseen: Vec<_> = request
        .persons
        .iter()
        .filter(|(id, _)| named.insert(id.0))
        .copied()
        .collect();
    let rows: Vec<Vec<Value>> = unseen
        .iter()
        .map(|(person, _)| args![tenant, reader, person.0, fold.as_str(), now])
        .collect();
    tx.insert_many(
        "INSERT INTO read_fold (tenant_id, staff_id, person_id, purpose, at)",
        "ON CONFLICT (tenant_id, staff_id, person_id, purpose) DO UPDATE SET at = excluded.at",
        rows,
    )
    .await?;
    Ok(unseen)
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
