//! Read grants: nothing sealed opens without one, and each is made in the transaction that queues its read entry.

use std::collections::HashSet;

use doorstep_domain::codes;
use doorstep_domain::id::{Alias, EventId, PersonId, StaffId, TenantId};
use doorstep_domain::measure::Micros;
use uuid::Uuid;

use crate::db::{Value, args};
use crate::entry::{By, Detail, Entries, Entry, EntryKind, Housekeeping, LogName, ServerEntry};
use crate::error::StoreError;
use crate::keys::SubjectKeys;
use crate::seal::Opened;
use crate::store::Store;
use crate::write::WriteTx;

/// Repeated reads of the same file by the same reader for the same purpose within this span are one entry: 5 minutes.
pub const FOLD: Micros = Micros::from_seconds(300);
/// Aliases in one entry; more make several entries, so that a leaf stays below its limit.
const ALIASES_MAX: usize = 300;

codes!(
    /// Why personal data is read.
    Purpose, "purpose" {
        /// A case was opened or listed.
        Case = "case",
        /// A plan is made: addresses and stated times in bulk.
        Planning = "planning",
        /// A crew carries out its route.
        Visit = "visit",
        /// A file is imported and compared with what is there.
        Import = "import",
        /// Cases leave as a file.
        Export = "export",
        /// An auditor opens payloads to check them against the log.
        Audit = "audit",
        /// A whole scope is opened to search its names and addresses; what is shown of it has entries of its own.
        Search = "search",
        /// A supervisor watches the day: crews, their stops, and where they were last heard of.
        Live = "live",
        /// Somebody may need help: where they were last heard of, and what was noted about it.
        Safety = "safety",
        /// A supervisor looks at a visit with remarks.
        Review = "review",
        /// Somebody who holds a receipt asked for what it says.
        Receipt = "receipt",
        /// A staff file: names of colleagues.
        Staff = "staff",
    }
);

/// A request to read.
#[derive(Debug, Clone)]
pub struct GrantRequest {
    /// Who reads.
    pub reader: StaffId,
    /// The same for the log.
    pub by: By,
    /// Why.
    pub purpose: Purpose,
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
}

/// Leave to open what is sealed for some persons. Only the store makes one.
#[derive(Debug)]
pub struct ReadGrant {
    persons: HashSet<Uuid>,
    keys: SubjectKeys,
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
            && let Some(halt) = self.log_stored(tenant, LogName::Access).await?.halted
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
        let keys = self.keys.subjects_get(tenant.0, &ids).await?;
        Ok(ReadGrant {
            persons: ids.into_iter().collect(),
            keys,
        })
    }

    /// Keys to seal with, for persons that exist. They open nothing outside this crate.
    pub async fn sealing_keys(&self, tenant: TenantId, subjects: &[Uuid]) -> Result<SubjectKeys, StoreError> {
        self.keys.subjects_get(tenant.0, subjects).await
    }

    /// Opens bytes sealed for a subject that is no person concerned by a case: a staff member's name, an import's file.
    pub async fn open_own(
        &self,
        tenant: TenantId,
        subject: Uuid,
        event: Uuid,
        sealed: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        let keys = self.keys.subjects_get(tenant.0, &[subject]).await?;
        Ok(keys.get(subject)?.open(event, sealed)?.payload)
    }
}

/// The persons of whom this reader has no entry within the span that is folded; notes that now there is one.
async fn unseen(tx: &mut WriteTx, request: &GrantRequest, ids: &[Uuid]) -> Result<Vec<(PersonId, Alias)>, StoreError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let sql = "SELECT person_id FROM read_fold WHERE tenant_id = $1 AND staff_id = $2 AND purpose = $3 \
               AND at > $4 AND person_id IN ({in})";
    let values = args![tenant, request.reader.0, request.purpose.code(), now - FOLD];
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
        .map(|(person, _)| args![tenant, request.reader.0, person.0, request.purpose.code(), now])
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
    let base = || ServerEntry::new(EntryKind::Access, request.by).reason(request.purpose.code());
    if let Some(plan) = request.plan {
        let entry = base()
            .with("plan", plan.to_string())
            .with("persons", fresh.len() as i64);
        return vec![entry.into()];
    }
    if request.is_bulk() {
        return vec![base().with("persons", fresh.len() as i64).into()];
    }
    fresh
        .chunks(ALIASES_MAX)
        .map(|slice| {
            let mut entry = base();
            entry.subjects = slice.iter().map(|(_, alias)| *alias).collect();
            entry
                .detail
                .insert("persons".to_owned(), Detail::Int(slice.len() as i64));
            entry.into()
        })
        .collect()
}
