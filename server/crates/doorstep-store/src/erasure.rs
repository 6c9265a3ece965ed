//! Destroying keys of persons: only of those whose erasure stands in the key store, with what allows it.
//!
//! The key store is told first, then the main database says that the person is erased, then the key goes; a crash between
//! any two leaves what the next start finishes. So whoever can write to the main database alone destroys no key: a person
//! whom only the database calls erased keeps theirs, and `doctor` says so. The one other proof of an erasure is its leaf under
//! a signed checkpoint, for a key store that was restored from a copy of an earlier time.

use std::collections::HashSet;

use doorstep_domain::id::{Alias, ApprovalId, ImportId, PersonId, TenantId};
use doorstep_domain::measure::Micros;
use doorstep_log::leaf::{Leaf, SUBJECT_ERASED};
use doorstep_log::note::SigningKey;
use uuid::Uuid;

use crate::db::args;
use crate::entry::LogName;
use crate::error::StoreError;
use crate::generation::LogGeneration;
use crate::keys::KeyStore;
use crate::log::LOG_KEY;
use crate::step::Step;
use crate::store::Store;

/// Leaves that are read at once.
const LEAVES_AT_ONCE: u64 = 1_000;

/// What allows a person's key to be destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErasureCause {
    /// A second person agreed.
    Approved(ApprovalId),
    /// The import that brought the person was taken back.
    TakenBack(ImportId),
    /// The time for keeping is over, and a second person agreed to the list.
    PurgeApproved(ApprovalId),
    /// The time for keeping is over, and the configuration lets such persons go by themselves.
    PurgeDue,
    /// An export that verifies says that the person was erased, and the data was restored with it.
    Exported,
    /// A leaf under a signed checkpoint says so, and the key store is older.
    Logged,
}

impl ErasureCause {
    fn text(self) -> String {
        match self {
            Self::Approved(id) => format!("approval/{id}"),
            Self::TakenBack(id) => format!("import/{id}"),
            Self::PurgeApproved(id) => format!("purge/{id}"),
            Self::PurgeDue => "purge".to_owned(),
            Self::Exported => "export".to_owned(),
            Self::Logged => "log".to_owned(),
        }
    }
}

/// What became of persons whom the main database calls erased.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erasures {
    /// How many keys were destroyed just now.
    pub finished: usize,
    /// Persons whose erasure nothing allows; their keys are kept.
    pub unproven: Vec<(TenantId, PersonId)>,
}

impl KeyStore {
    /// Notes who is to be erased and what allows it, before the main database says so.
    pub async fn erasure_allow(
        &self,
        tenant: TenantId,
        subjects: &[PersonId],
        cause: ErasureCause,
        now: Micros,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let rows = subjects
            .iter()
            .map(|subject| args![tenant.0, subject.0, cause.text(), now]);
        let head = "INSERT INTO erasure (tenant_id, subject_id, cause, at)";
        tx.insert_many(head, "ON CONFLICT DO NOTHING", rows.collect()).await?;
        tx.commit().await
    }

    /// Whether something allows that a subject's key is destroyed, or it was destroyed before.
    async fn erasure_allowed(&self, tenant: Uuid, subject: Uuid) -> Result<bool, StoreError> {
        let sql = "SELECT at FROM erasure WHERE tenant_id = $1 AND subject_id = $2 \
                   UNION SELECT at FROM destroyed WHERE tenant_id = $1 AND subject_id = $2";
        Ok(self.db.fetch_one(sql, args![tenant, subject]).await?.is_some())
    }

    /// Destroys a subject's key for good and remembers that it was destroyed, with the keyed hashes (digest and owner) under
    /// which files would bring the subject back.
    pub(crate) async fn subject_destroy(
        &self,
        tenant: Uuid,
        subject: Uuid,
        tombstones: &[(Uuid, Uuid)],
        now: Micros,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        tx.exec(
            "INSERT INTO destroyed (tenant_id, subject_id, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            args![tenant, subject, now],
        )
        .await?;
        let rows = tombstones
            .iter()
            .map(|(digest, owner)| args![tenant, subject, *digest, *owner]);
        let head = "INSERT INTO tombstone (tenant_id, subject_id, digest, owner_id)";
        tx.insert_many(head, "ON CONFLICT DO NOTHING", rows.collect()).await?;
        tx.exec(
            "DELETE FROM subject_key WHERE tenant_id = $1 AND subject_id = $2",
            args![tenant, subject],
        )
        .await?;
        tx.commit().await
    }

    /// Destroys the key of a subject that is no person, where its erasure was allowed here; `NotAllowed` otherwise.
    pub(crate) async fn subject_destroy_allowed(
        &self,
        tenant: Uuid,
        subject: Uuid,
        now: Micros,
    ) -> Result<(), StoreError> {
        if !self.erasure_allowed(tenant, subject).await? {
            return Err(StoreError::NotAllowed);
        }
        self.subject_destroy(tenant, subject, &[], now).await
    }

    /// The keyed hashes, with their owners, under which files would bring an erased subject back.
    pub(crate) async fn tombstones(&self, tenant: Uuid, subject: Uuid) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
        let sql = "SELECT digest, owner_id FROM tombstone WHERE tenant_id = $1 AND subject_id = $2";
        let rows = self.db.fetch(sql, args![tenant, subject]).await?;
        rows.iter().map(|row| Ok((row.id(0)?, row.id(1)?))).collect()
    }

    /// Every subject of any tenant whose key was destroyed.
    pub(crate) async fn destroyed(&self) -> Result<Vec<(Uuid, Uuid, Micros)>, StoreError> {
        let rows = self
            .db
            .fetch("SELECT tenant_id, subject_id, at FROM destroyed", args![])
            .await?;
        rows.iter()
            .map(|row| Ok((row.id(0)?, row.id(1)?, Micros(row.int(2)?))))
            .collect()
    }
}

impl Store {
    /// Destroys keys of persons whose erasure stands in the database but not yet in the key store: what a crash between
    /// the two, or a restored key store, leaves behind. An erasure that nothing allows destroys nothing.
    pub async fn erasure_finish(&self, now: Micros) -> Result<Erasures, StoreError> {
        let sql = "SELECT tenant_id, person_id, alias FROM person WHERE erased_at IS NOT NULL";
        let rows = self.db.fetch(sql, args![]).await?;
        let gone = self.keys.destroyed().await?.into_iter();
        let gone: HashSet<(Uuid, Uuid)> = gone.map(|(tenant, subject, _)| (tenant, subject)).collect();
        let mut done = Erasures::default();
        for row in rows {
            let (tenant, person, alias) = (TenantId(row.id(0)?), PersonId(row.id(1)?), Alias(row.id(2)?));
            if gone.contains(&(tenant.0, person.0)) {
                continue;
            }
            if !self.keys.erasure_allowed(tenant.0, person.0).await? {
                if !self.erasure_logged(tenant, person, alias).await? {
                    done.unproven.push((tenant, person));
                    continue;
                }
                self.keys
                    .erasure_allow(tenant, &[person], ErasureCause::Logged, now)
                    .await?;
            }
            self.person_key_destroy(tenant, person, now).await?;
            done.finished += 1;
        }
        Ok(done)
    }

    /// Destroys a person's key, after the transaction that marked the person as erased was committed; `NotAllowed` where
    /// nothing in the key store allows it.
    pub async fn person_key_destroy(&self, tenant: TenantId, person: PersonId, now: Micros) -> Result<(), StoreError> {
        if !self.keys.erasure_allowed(tenant.0, person.0).await? {
            return Err(StoreError::NotAllowed);
        }
        let sql = "SELECT digest, owner_id FROM blind WHERE tenant_id = $1 AND kind = 'erased' AND owner_id IN \
                   (SELECT case_id FROM cases WHERE tenant_id = $1 AND person_id = $2 \
                   UNION SELECT case_id FROM loan WHERE tenant_id = $1 AND person_id = $2)";
        let rows = self.db.fetch(sql, args![tenant.0, person.0]).await?;
        let tombstones: Result<Vec<_>, StoreError> = rows.iter().map(|row| Ok((row.id(0)?, row.id(1)?))).collect();
        let tombstones = tombstones?;
        let done = self.keys.subject_destroy(tenant.0, person.0, &tombstones, now);
        self.faults.step(Step::Destroy, done).await
    }

    /// When a person was erased last, in any tenant.
    pub async fn erasure_newest(&self) -> Result<Option<Micros>, StoreError> {
        let gone = self.keys.destroyed().await?;
        Ok(gone.into_iter().map(|(.., at)| at).max())
    }

    /// Whether a leaf under a signed checkpoint says that a person was erased. The alias is the one that the key store
    /// knows, where it knows one.
    async fn erasure_logged(&self, tenant: TenantId, person: PersonId, stated: Alias) -> Result<bool, StoreError> {
        let keys = self.keys.subjects_get(tenant.0, &[person.0]).await?;
        if keys.alias(person.0).is_some_and(|alias| alias != stated) {
            return Ok(false);
        }
        for generation in self.log_generations(tenant, LogName::Events).await? {
            if self.erased_in(tenant, &generation, stated).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn erased_in(&self, tenant: TenantId, log: &LogGeneration, alias: Alias) -> Result<bool, StoreError> {
        let seed = self.keys.signing_seed(tenant.0, LOG_KEY).await?;
        let Ok(key) = SigningKey::from_seed(&log.origin, &seed) else {
            return Ok(false);
        };
        let mut at = 0;
        while at < log.size {
            let leaves = self.generation_leaves(log, (at, LEAVES_AT_ONCE)).await?;
            if leaves.is_empty() {
                return Ok(false);
            }
            for (index, leaf) in (at..).zip(&leaves) {
                // A leaf counts only as far as the signature over the tree reaches.
                if erases(leaf, alias)
                    && let Ok((leaf, proof)) = self.generation_proof(log, index).await
                    && proof.verify(&leaf, &[key.verifier()]).is_ok()
                {
                    return Ok(true);
                }
            }
            at += leaves.len() as u64;
        }
        Ok(false)
    }
}

fn erases(leaf: &[u8], alias: Alias) -> bool {
    match Leaf::decode(leaf) {
        Ok(Leaf::Server(entry)) => entry.t == SUBJECT_ERASED && entry.subj.contains(&alias.to_string()),
        _ => false,
    }
}
