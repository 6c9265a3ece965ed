//! Who read whose data: an index over the leaves of both logs, and what was found about reads outside a caseload.
//!
//! A row is made from a leaf alone, by the same code when the leaf is queued and when the index is made again, so that the
//! two can be compared. The log is what counts; the index only finds.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_domain::id::{Alias, DeviceId, StaffId, TenantId};
use doorstep_domain::measure::Micros;
use doorstep_domain::read::{Purpose, ReadChannel, ReadFinding, ReadReason};
use doorstep_log::canonical::Value as Json;
use doorstep_log::hash::leaf_hash;
use doorstep_log::leaf::{DeviceEvent, Leaf, ServerEntry};
use uuid::Uuid;

use crate::db::{Row, Tx, Value, args};
use crate::entry::EntryKind;
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// The kind of the device event that says that a file was opened.
const DEVICE_READ: &str = "read";
/// Leaves that are read at once when the index is made again.
const LEAVES_MAX: i64 = 2_000;
/// Bytes of a header without which it can be no `read`, so that pushes of other events are not read twice.
const READ_MARK: &[u8] = b"\"read\"";

/// A read as the index has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The beginning of its leaf's hash.
    pub id: Uuid,
    /// When it was written.
    pub at: Micros,
    /// The log that its leaf is in.
    pub log: String,
    /// The kind of its entry.
    pub kind: String,
    /// Who read, where somebody of the office did.
    pub reader: Option<Alias>,
    /// On which device, where it was on one.
    pub device: Option<DeviceId>,
    /// The reader's role then, where the leaf says it.
    pub role: String,
    /// Why.
    pub purpose: String,
    /// Why, where it was outside the reader's caseload; empty otherwise.
    pub outside: String,
    /// Whom it concerned then.
    pub about: Vec<Alias>,
    /// What of it, by code, with a comma between two.
    pub classes: String,
    /// Over which way.
    pub channel: String,
    /// When it happened.
    pub happened_at: Micros,
    /// Of how many persons.
    pub persons: i64,
}

/// What somebody else found about a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadReview {
    /// The read.
    pub read: Uuid,
    /// Who found it.
    pub staff: StaffId,
    /// What.
    pub finding: ReadFinding,
    /// Why.
    pub reason: ReadReason,
    /// When.
    pub at: Micros,
}

/// How far the index agrees with the logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReadsCheck {
    /// Reads in the logs.
    pub reads: u64,
    /// Rows that should be in the index and are not.
    pub missing: u64,
    /// Rows of the index that no leaf accounts for.
    pub extra: u64,
}

/// Rows of the index that are collected before they are written.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    entries: BTreeMap<Uuid, Read>,
    subjects: BTreeSet<(Uuid, Micros, Uuid)>,
}

impl Reads {
    /// Notes a leaf of a log, where it is a read.
    pub(crate) fn note(&mut self, log: &str, leaf: &Leaf, bytes: &[u8]) {
        let found = match leaf {
            Leaf::Server(entry) if is_read(&entry.t) => Some(of_server(entry)),
            Leaf::Device(event) if event.hdr.windows(READ_MARK.len()).any(|part| part == READ_MARK) => of_device(event),
            _ => None,
        };
        let Some((mut read, aliases)) = found else {
            return;
        };
        let hash = leaf_hash(bytes).0;
        read.id = Uuid::from_bytes(std::array::from_fn(|at| hash[at]));
        log.clone_into(&mut read.log);
        self.subjects
            .extend(aliases.into_iter().map(|alias| (alias, read.at, read.id)));
        self.entries.insert(read.id, read);
    }

    /// Writes the rows.
    pub(crate) async fn insert(self, tx: &mut Tx, tenant: Uuid) -> Result<(), StoreError> {
        let entries = self.entries.into_values().map(|read| row(tenant, read)).collect();
        let head = "INSERT INTO read_entry (tenant_id, read_id, at, log, kind, reader_id, device_id, role, purpose, \
                    outside, about, classes, channel, happened_at, persons)";
        tx.insert_many(head, "ON CONFLICT DO NOTHING", entries).await?;
        let subjects = self.subjects.into_iter();
        let subjects = subjects
            .map(|(alias, at, read)| args![tenant, alias, at, read])
            .collect();
        let head = "INSERT INTO read_subject (tenant_id, alias, at, read_id)";
        tx.insert_many(head, "ON CONFLICT DO NOTHING", subjects).await.map(drop)
    }
}

fn is_read(kind: &str) -> bool {
    [EntryKind::Access, EntryKind::Export]
        .iter()
        .any(|one| one.code() == kind)
}

fn row(tenant: Uuid, read: Read) -> Vec<Value> {
    let about: Vec<String> = read.about.iter().map(ToString::to_string).collect();
    args![
        tenant,
        read.id,
        read.at,
        read.log,
        read.kind,
        read.reader.map(|alias| alias.0),
        read.device.map(|device| device.0),
        read.role,
        read.purpose,
        read.outside,
        about.join(","),
        read.classes,
        read.channel,
        read.happened_at,
        read.persons
    ]
}

fn ids<'a>(texts: impl IntoIterator<Item = &'a String>) -> Vec<Uuid> {
    texts.into_iter().filter_map(|text| text.parse().ok()).collect()
}

fn text_of(value: &Json) -> Option<&str> {
    match value {
        Json::Text(text) => Some(text),
        _ => None,
    }
}

fn of_server(entry: &ServerEntry) -> (Read, Vec<Uuid>) {
    let text = |name: &str| entry.detail.get(name).and_then(text_of).unwrap_or_default().to_owned();
    let classes = match entry.detail.get("classes") {
        Some(Json::Array(list)) => list.iter().filter_map(text_of).collect(),
        _ => Vec::new(),
    };
    let aliases = ids(entry.subj.iter().chain(&entry.visit).chain([&text("plan")]));
    let at = Micros::from_millis(entry.recv_ms);
    let outside = text("outside");
    let read = Read {
        id: Uuid::nil(),
        at,
        log: String::new(),
        kind: entry.t.clone(),
        reader: entry.actor.parse().ok().map(Alias),
        device: None,
        role: text("role"),
        purpose: entry
            .reason
            .clone()
            .unwrap_or_else(|| Purpose::Export.code().to_owned()),
        about: if outside.is_empty() {
            Vec::new()
        } else {
            aliases.iter().copied().map(Alias).collect()
        },
        outside,
        classes: classes.join(","),
        channel: text("channel"),
        happened_at: at,
        persons: match entry.detail.get("persons") {
            Some(Json::Integer(count)) => *count,
            _ => entry.subj.len() as i64,
        },
    };
    (read, aliases)
}

/// What a device opened from its own store, with or without a network.
fn of_device(event: &DeviceEvent) -> Option<(Read, Vec<Uuid>)> {
    // A header is read before its event is taken; one that cannot be read was altered since.
    let header = event.header().ok().filter(|header| header.kind == DEVICE_READ)?;
    let read = Read {
        id: Uuid::nil(),
        at: Micros::from_millis(event.recv_ms),
        log: String::new(),
        kind: header.kind,
        reader: None,
        device: header.dev.parse().ok().map(DeviceId),
        role: doorstep_domain::staff::Role::Field.code().to_owned(),
        purpose: Purpose::Visit.code().to_owned(),
        outside: String::new(),
        about: Vec::new(),
        classes: doorstep_domain::read::FieldClass::Identity.code().to_owned(),
        channel: ReadChannel::Device.code().to_owned(),
        happened_at: Micros::from_millis(header.wall_ms),
        persons: 1,
    };
    Some((read, ids(header.subj.iter().chain(&header.visit))))
}

macro_rules! read_sql {
    ($tail:literal) => {
        concat!(
            "SELECT e.read_id, e.at, e.log, e.kind, e.reader_id, e.device_id, e.role, e.purpose, e.outside, ",
            "e.about, e.classes, e.channel, e.happened_at, e.persons FROM read_entry e ",
            $tail
        )
    };
}

fn read_of(row: &Row) -> Result<Read, StoreError> {
    Ok(Read {
        id: row.id(0)?,
        at: Micros(row.int(1)?),
        log: row.text(2)?,
        kind: row.text(3)?,
        reader: row.opt_id(4)?.map(Alias),
        device: row.opt_id(5)?.map(DeviceId),
        role: row.text(6)?,
        purpose: row.text(7)?,
        outside: row.text(8)?,
        about: row
            .text(9)?
            .split(',')
            .filter_map(|text| text.parse().ok().map(Alias))
            .collect(),
        classes: row.text(10)?,
        channel: row.text(11)?,
        happened_at: Micros(row.int(12)?),
        persons: row.int(13)?,
    })
}

impl Store {
    /// Reads that concern any of some aliases, newest first: those before `(at, id)`, at most `limit`.
    pub async fn read_list(
        &self,
        tenant: TenantId,
        aliases: &[Uuid],
        before: (Micros, Uuid),
        limit: i64,
    ) -> Result<Vec<Read>, StoreError> {
        // Of each alias no more than the page: one index range each, whatever stands beyond it.
        let sql = read_sql!(
            "JOIN read_subject s ON s.tenant_id = e.tenant_id AND s.read_id = e.read_id \
             WHERE s.tenant_id = $1 AND (s.at < $2 OR s.at = $2 AND s.read_id < $3) AND s.alias = $4 \
             ORDER BY s.at DESC, s.read_id DESC LIMIT $5"
        );
        let mut found = BTreeMap::new();
        for alias in aliases {
            let values = args![tenant.0, before.0, before.1, *alias, limit];
            for row in self.db.fetch(sql, values).await? {
                let read = read_of(&row)?;
                found.insert((read.at, read.id), read);
            }
        }
        Ok(found.into_values().rev().take(limit.max(0) as usize).collect())
    }

    /// Reads outside the caseload of their readers, in a span, oldest first.
    pub async fn read_outside(&self, tenant: TenantId, (from, to): (Micros, Micros)) -> Result<Vec<Read>, StoreError> {
        let sql = read_sql!(
            "WHERE e.tenant_id = $1 AND e.outside <> '' AND e.at >= $2 AND e.at < $3 ORDER BY e.at, e.read_id"
        );
        let rows = self.db.fetch(sql, args![tenant.0, from, to]).await?;
        rows.iter().map(read_of).collect()
    }

    /// One read.
    pub async fn read_get(&self, tenant: TenantId, read: Uuid) -> Result<Read, StoreError> {
        let sql = read_sql!("WHERE e.tenant_id = $1 AND e.read_id = $2");
        let row = self.db.fetch_one(sql, args![tenant.0, read]).await?;
        read_of(&row.ok_or(StoreError::NotFound)?)
    }

    /// What was found about some reads.
    pub async fn read_reviews(&self, tenant: TenantId, reads: &[Uuid]) -> Result<Vec<ReadReview>, StoreError> {
        let sql = "SELECT read_id, staff_id, finding, reason, decided_at FROM read_review \
                   WHERE tenant_id = $1 AND read_id IN ({in})";
        let rows = self.db.fetch_in(sql, args![tenant.0], reads).await?;
        let review = |row: &Row| {
            Ok(ReadReview {
                read: row.id(0)?,
                staff: StaffId(row.id(1)?),
                finding: row.code(2)?,
                reason: row.code(3)?,
                at: Micros(row.int(4)?),
            })
        };
        rows.iter().map(review).collect()
    }

    /// Aliases of the plans that a case stands in, left out or planned: a plan's persons are opened under its alias.
    pub async fn plans_of_case(&self, tenant: TenantId, case: Uuid) -> Result<Vec<Alias>, StoreError> {
        let sql = "SELECT DISTINCT p.alias FROM plan_case c JOIN plan p ON p.tenant_id = c.tenant_id \
                   AND p.plan_id = c.plan_id WHERE c.tenant_id = $1 AND c.case_id = $2";
        let rows = self.db.fetch(sql, args![tenant.0, case]).await?;
        rows.iter().map(|row| Ok(Alias(row.id(0)?))).collect()
    }

    /// Makes the index of every tenant that has reads in its logs and none in the index, as after an update from a version
    /// that had none. Returns how many reads were found.
    pub async fn reads_finish(&self) -> Result<u64, StoreError> {
        let sql = "SELECT tenant_id FROM tenant t WHERE NOT EXISTS \
                   (SELECT 1 FROM read_entry e WHERE e.tenant_id = t.tenant_id)";
        let mut found = 0;
        for row in self.db.fetch(sql, args![]).await? {
            let mut tx = self.db.begin().await?;
            found += rebuild(&mut tx, row.id(0)?).await?;
            tx.commit().await?;
        }
        Ok(found)
    }

    /// Throws a tenant's index away and makes it again from the leaves. Returns how many reads were found.
    pub async fn reads_rebuild(&self, tenant: TenantId) -> Result<u64, StoreError> {
        let mut tx = self.db.begin().await?;
        for sql in [
            "DELETE FROM read_entry WHERE tenant_id = $1",
            "DELETE FROM read_subject WHERE tenant_id = $1",
        ] {
            tx.exec(sql, args![tenant.0]).await?;
        }
        let found = rebuild(&mut tx, tenant.0).await?;
        tx.commit().await?;
        Ok(found)
    }

    /// Compares a tenant's index with the leaves, both as of one moment.
    pub async fn reads_check(&self, tenant: TenantId) -> Result<ReadsCheck, StoreError> {
        let mut tx = self.db.snapshot().await?;
        let sql = "SELECT (SELECT count(*) FROM read_entry WHERE tenant_id = $1), \
                   (SELECT count(*) FROM read_subject WHERE tenant_id = $1)";
        let row = tx.fetch_one(sql, args![tenant.0]).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        let there = (row.int(0)? + row.int(1)?) as u64;
        let (mut check, mut right) = (ReadsCheck::default(), 0);
        let mut walk = Walk::new(tenant.0);
        while let Some(reads) = walk.next(&mut tx).await? {
            check.reads += reads.entries.len() as u64;
            let found = reads.found(&mut tx, tenant.0).await?;
            right += found;
            check.missing += (reads.entries.len() + reads.subjects.len()) as u64 - found;
        }
        check.extra = there.saturating_sub(right);
        Ok(check)
    }
}

impl Reads {
    /// How many of these rows the index has, each as it is here.
    async fn found(&self, tx: &mut Tx, tenant: Uuid) -> Result<u64, StoreError> {
        let ids: Vec<Uuid> = self.entries.keys().copied().collect();
        let sql = read_sql!("WHERE e.tenant_id = $1 AND e.read_id IN ({in})");
        let mut found = 0;
        for row in tx.fetch_in(sql, args![tenant], &ids).await? {
            let there = read_of(&row)?;
            found += u64::from(self.entries.get(&there.id) == Some(&there));
        }
        let sql = "SELECT alias, at, read_id FROM read_subject WHERE tenant_id = $1 AND at >= $2 AND at <= $3 \
                   AND alias IN ({in})";
        let times = || self.entries.values().map(|read| read.at);
        let (Some(first), Some(last)) = (times().min(), times().max()) else {
            return Ok(found);
        };
        let aliases: BTreeSet<Uuid> = self.subjects.iter().map(|(alias, ..)| *alias).collect();
        let aliases: Vec<Uuid> = aliases.into_iter().collect();
        for row in tx.fetch_in(sql, args![tenant, first, last], &aliases).await? {
            let there = (row.id(0)?, Micros(row.int(1)?), row.id(2)?);
            found += u64::from(self.subjects.contains(&there));
        }
        Ok(found)
    }
}

/// A walk over all leaves of a tenant, a page at a time: first those that wait, because one that gets its place meanwhile is
/// then met again instead of missed. A leaf that cannot be read is no read; who verifies the log is told of it.
struct Walk {
    tenant: Uuid,
    waiting: bool,
    /// The name of the log, its generation, and the place in it.
    after: (String, i64, i64),
    done: bool,
}

impl Walk {
    const fn new(tenant: Uuid) -> Self {
        Self {
            tenant,
            waiting: true,
            after: (String::new(), -1, -1),
            done: false,
        }
    }

    async fn next(&mut self, tx: &mut Tx) -> Result<Option<Reads>, StoreError> {
        if self.done {
            return Ok(None);
        }
        let sql = if self.waiting {
            "SELECT name, 0, queue_id, leaf FROM log_queue WHERE tenant_id = $1 AND $2 <> '-' AND $3 < 0 AND queue_id > $4 \
             ORDER BY queue_id LIMIT $5"
        } else {
            "SELECT name, generation, position, leaf FROM log_leaf WHERE tenant_id = $1 AND (name > $2 OR name = $2 AND \
             (generation > $3 OR generation = $3 AND position > $4)) ORDER BY name, generation, position LIMIT $5"
        };
        let (name, generation, place) = &self.after;
        let generation = if self.waiting { -1 } else { *generation };
        let values = args![self.tenant, name.as_str(), generation, *place, LEAVES_MAX];
        let rows = tx.fetch(sql, values).await?;
        let mut reads = Reads::default();
        for row in &rows {
            let (name, bytes) = (row.text(0)?, row.blob(3)?);
            if let Ok(leaf) = Leaf::decode(&bytes) {
                reads.note(&name, &leaf, &bytes);
            }
            self.after = (name, row.int(1)?, row.int(2)?);
        }
        if (rows.len() as i64) < LEAVES_MAX {
            self.done = !self.waiting;
            self.waiting = false;
            self.after = (String::new(), -1, -1);
        }
        Ok(Some(reads))
    }
}

/// Fills a tenant's empty index from the leaves.
pub(crate) async fn rebuild(tx: &mut Tx, tenant: Uuid) -> Result<u64, StoreError> {
    let (mut walk, mut found) = (Walk::new(tenant), 0);
    while let Some(reads) = walk.next(tx).await? {
        found += reads.entries.len() as u64;
        reads.insert(tx, tenant).await?;
    }
    Ok(found)
}

impl WriteTx {
    /// Keeps what was found about a read; says false where somebody did before.
    pub async fn read_review_add(&mut self, review: &ReadReview) -> Result<bool, StoreError> {
        let values = args![
            self.tenant(),
            review.read,
            review.staff.0,
            review.finding.code(),
            review.reason.code(),
            review.at
        ];
        let sql = "INSERT INTO read_review (tenant_id, read_id, staff_id, finding, reason, decided_at) \
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
        Ok(self.exec(sql, values).await? == 1)
    }
}
