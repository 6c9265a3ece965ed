//! The key store: tenants', subjects' and signing keys, wrapped, in a database of its own that no main backup holds.
//!
//! Knows nothing of the main database. Destroying a subject's key erases the subject everywhere, also in old copies of
//! the main database.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use doorstep_domain::id::{Alias, TenantId};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::db::{Db, Value, args};
use crate::entry::OPERATOR;
use crate::error::StoreError;
use crate::mac::MacKey;
use crate::seal::{BlindKey, Key, SealingKey, random};

/// Keys of subjects to open with, which never leave this crate; an erased subject has none. Beside them the aliases under
/// which the subjects stand in the log, as their keys were made with.
#[derive(Debug, Default)]
pub(crate) struct OpeningKeys {
    keys: HashMap<Uuid, Key>,
    aliases: HashMap<Uuid, Alias>,
}

impl OpeningKeys {
    /// The key of one subject; `Erased` where it was destroyed.
    pub(crate) fn get(&self, subject: Uuid) -> Result<&Key, StoreError> {
        self.keys.get(&subject).ok_or(StoreError::Erased)
    }
    /// The alias of one subject, where the key store knows it.
    pub(crate) fn alias(&self, subject: Uuid) -> Option<Alias> {
        self.aliases.get(&subject).copied()
    }
    /// The same keys, able to seal only.
    pub(crate) fn sealing(self) -> SealingKeys {
        let keys = self.keys.into_iter();
        SealingKeys(keys.map(|(subject, key)| (subject, SealingKey::of(key))).collect())
    }
}

/// Keys of subjects to seal with; an erased subject has none.
#[derive(Debug, Default)]
pub struct SealingKeys(HashMap<Uuid, SealingKey>);

impl SealingKeys {
    /// The key of one subject; `Erased` where it was destroyed.
    pub fn get(&self, subject: Uuid) -> Result<&SealingKey, StoreError> {
        self.0.get(&subject).ok_or(StoreError::Erased)
    }
    /// Takes over the keys of another set.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

/// The key store.
#[derive(Debug, Clone)]
pub struct KeyStore {
    pub(crate) db: Db,
    kek: Key,
    tenants: Arc<Mutex<HashMap<Uuid, Key>>>,
    /// Signing keys that were opened. Each is made once and never exchanged, so what is kept here cannot grow stale.
    signing: Arc<Mutex<HashMap<(Uuid, String), Key>>>,
}

/// Reads the key outside the database: 32 bytes in hexadecimal, in a file that only its owner may read.
pub(crate) fn kek_read(path: &Path) -> Result<Key, StoreError> {
    let bad = || StoreError::KeyFile(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
    let text = std::fs::read_to_string(path).map_err(|_| bad())?;
    let text = text.trim();
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return Err(bad());
    }
    for (i, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).map_err(|_| bad())?;
    }
    Ok(Key::of_bytes(bytes))
}

/// Makes a new key file, readable by its owner only; refuses to replace one.
pub(crate) fn kek_create(path: &Path) -> Result<Key, StoreError> {
    use std::fmt::Write as _;
    use std::io::Write as _;
    let bytes: [u8; 32] = random();
    let mut text = String::new();
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    let written = crate::private::options()
        .create_new(true)
        .open(path)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    written.map_err(|source| StoreError::File { path: name, source })?;
    Ok(Key::of_bytes(bytes))
}

fn name_of(kind: &str, tenant: Uuid, subject: &[u8]) -> Vec<u8> {
    [kind.as_bytes(), b"\0", tenant.as_bytes(), subject].concat()
}

impl KeyStore {
    pub(crate) fn new(db: Db, kek: Key) -> Self {
        Self {
            db,
            kek,
            tenants: Arc::default(),
            signing: Arc::default(),
        }
    }

    /// The tenants' keys opened so far. Whoever held the lock only read or added one, so it is whole after a panic too.
    fn cached(&self) -> MutexGuard<'_, HashMap<Uuid, Key>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens one tenant's key, to see that the key file is the right one; an empty key store has nothing to open.
    pub(crate) async fn check(&self) -> Result<(), StoreError> {
        match self
            .db
            .fetch_one("SELECT tenant_id FROM tenant_key LIMIT 1", args![])
            .await?
        {
            Some(row) => self.tenant_key(row.id(0)?).await.map(drop),
            None => Ok(()),
        }
    }

    /// Makes the operator's key where there is none: under it stand the meta log and the tokens of sessions.
    pub(crate) async fn operator_create(&self) -> Result<(), StoreError> {
        match self.tenant_key(OPERATOR.0).await {
            Err(StoreError::NotFound) => self.tenant_create(OPERATOR.0).await,
            found => found.map(drop),
        }
    }

    /// A key that vouches for rows of one kind; the operator's for those that are looked up before their tenant is known.
    pub(crate) async fn mac_key(&self, tenant: TenantId, kind: &str) -> Result<MacKey, StoreError> {
        Ok(MacKey::of(&self.tenant_key(tenant.0).await?, kind))
    }

    /// Makes a tenant's key; one that is there stays.
    pub(crate) async fn tenant_create(&self, tenant: Uuid) -> Result<(), StoreError> {
        let wrapped = self.kek.wrap(&name_of("tenant", tenant, b""), &Key::fresh());
        let mut tx = self.db.begin().await?;
        tx.exec(
            "INSERT INTO tenant_key (tenant_id, wrapped) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            args![tenant, wrapped],
        )
        .await?;
        tx.commit().await
    }

    /// The tenant's key; `WrongKey` where the key file is another one.
    pub(crate) async fn tenant_key(&self, tenant: Uuid) -> Result<Key, StoreError> {
        if let Some(key) = self.cached().get(&tenant) {
            return Ok(key.clone());
        }
        let row = self
            .db
            .fetch_one("SELECT wrapped FROM tenant_key WHERE tenant_id = $1", args![tenant])
            .await?;
        let wrapped = row.ok_or(StoreError::NotFound)?.blob(0)?;
        let key = self.kek.unwrap(&name_of("tenant", tenant, b""), &wrapped)?;
        self.cached().insert(tenant, key.clone());
        Ok(key)
    }

    /// The tenant's key for blind indexes, which can do nothing else.
    pub async fn blind_key(&self, tenant: Uuid) -> Result<BlindKey, StoreError> {
        Ok(BlindKey::of(self.tenant_key(tenant).await?))
    }

    /// Makes keys for new subjects. They are durable before anything is sealed with them; a crash right after leaves
    /// keys that nothing uses, which harms nobody. An alias given here stays the subject's: the main database cannot name
    /// another.
    pub async fn subjects_create(
        &self,
        tenant: Uuid,
        subjects: &[(Uuid, Option<Alias>)],
    ) -> Result<SealingKeys, StoreError> {
        let outer = self.tenant_key(tenant).await?;
        let mut keys = OpeningKeys::default();
        let mut rows: Vec<Vec<Value>> = Vec::with_capacity(subjects.len());
        for (subject, alias) in subjects {
            let key = Key::fresh();
            rows.push(args![
                tenant,
                *subject,
                outer.wrap(&name_of("subject", tenant, subject.as_bytes()), &key),
                alias.map(|alias| alias.0)
            ]);
            keys.keys.insert(*subject, key);
        }
        let mut tx = self.db.begin().await?;
        tx.insert_many(
            "INSERT INTO subject_key (tenant_id, subject_id, wrapped, alias)",
            "",
            rows,
        )
        .await?;
        tx.commit().await?;
        Ok(keys.sealing())
    }

    /// The keys of subjects; those destroyed or never made are left out.
    pub(crate) async fn subjects_get(&self, tenant: Uuid, subjects: &[Uuid]) -> Result<OpeningKeys, StoreError> {
        let outer = self.tenant_key(tenant).await?;
        let sql = "SELECT subject_id, wrapped, alias FROM subject_key WHERE tenant_id = $1 AND subject_id IN ({in})";
        let mut keys = OpeningKeys::default();
        for row in self.db.fetch_in(sql, args![tenant], subjects).await? {
            let subject = row.id(0)?;
            let name = name_of("subject", tenant, subject.as_bytes());
            keys.keys.insert(subject, outer.unwrap(&name, &row.blob(1)?)?);
            keys.aliases.extend(row.opt_id(2)?.map(|alias| (subject, Alias(alias))));
        }
        Ok(keys)
    }

    /// Makes the seed of a signing key, for example of a log; one that is there stays.
    pub(crate) async fn signing_create(&self, tenant: Uuid, name: &str) -> Result<(), StoreError> {
        let outer = self.tenant_key(tenant).await?;
        let wrapped = outer.wrap(&name_of("signing", tenant, name.as_bytes()), &Key::fresh());
        let mut tx = self.db.begin().await?;
        tx.exec(
            "INSERT INTO signing_key (tenant_id, name, wrapped) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            args![tenant, name, wrapped],
        )
        .await?;
        tx.commit().await
    }

    /// The seed of a signing key; wiped when dropped.
    pub async fn signing_seed(&self, tenant: Uuid, name: &str) -> Result<Zeroizing<[u8; 32]>, StoreError> {
        let opened = || self.signing.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (tenant, name.to_owned());
        if let Some(key) = opened().get(&place) {
            return Ok(Zeroizing::new(*key.bytes()));
        }
        let outer = self.tenant_key(tenant).await?;
        let sql = "SELECT wrapped FROM signing_key WHERE tenant_id = $1 AND name = $2";
        let row = self
            .db
            .fetch_one(sql, args![tenant, name])
            .await?
            .ok_or(StoreError::NotFound)?;
        let key = outer.unwrap(&name_of("signing", tenant, name.as_bytes()), &row.blob(0)?)?;
        let seed = Zeroizing::new(*key.bytes());
        opened().insert(place, key);
        Ok(seed)
    }
}
